//! What one reading of a secret's metadata tells: its versions, which are readable, whether it is deleted, and what was noted.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::super::address::KvPath;
use super::super::custom_metadata::{self, Entries, Notes, Pending};
use super::super::value::Kind;
use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::metadata::{Revision, ScheduledDeletion, SecretDescription, SecretId, VersionRetention};
use crate::name::SecretName;
use crate::version::{IdempotencyToken, Version, VersionId, VersionLabel, VersionSelector, derive_uuid};

/// The answer of `metadata/`.
#[derive(Deserialize)]
pub(super) struct MetadataAnswer {
    pub(super) data: KeyData,
}

/// What the server says about a path.
#[derive(Deserialize)]
pub(super) struct KeyData {
    created_time: Timestamp,
    updated_time: Timestamp,
    current_version: u64,
    /// OpenBao has it since 2.4, Vault has not.
    #[serde(default)]
    current_metadata_version: Option<u64>,
    #[serde(default)]
    custom_metadata: Option<Entries>,
    #[serde(default)]
    max_versions: u32,
    #[serde(default)]
    delete_version_after: String,
    #[serde(default)]
    versions: BTreeMap<u64, VersionData>,
}

#[derive(Clone, Debug, Deserialize)]
struct VersionData {
    created_time: Timestamp,
    /// In the future when the version is to be deleted by then.
    #[serde(default, deserialize_with = "time_or_empty")]
    deletion_time: Option<Timestamp>,
    #[serde(default)]
    destroyed: bool,
}

/// The answer of `data/`.
#[derive(Deserialize)]
pub(super) struct ReadAnswer<'a> {
    #[serde(borrow)]
    pub(super) data: ReadData<'a>,
}

/// A version's data, and what is known about it.
#[derive(Deserialize)]
pub(super) struct ReadData<'a> {
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
    pub(super) metadata: ReadMetadata,
}

/// What is known about a version that was read or written.
#[derive(Deserialize)]
pub(super) struct ReadMetadata {
    pub(super) created_time: Timestamp,
    #[serde(default)]
    pub(super) custom_metadata: Option<Entries>,
    #[serde(default, deserialize_with = "time_or_empty")]
    pub(super) deletion_time: Option<Timestamp>,
    pub(super) version: u64,
}

/// A secret as it was when its metadata was read.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) notes: Notes,
    pub(super) current: u64,
    /// For check-and-set of metadata, where the server has it.
    pub(super) metadata_version: Option<u64>,
    created_at: Timestamp,
    updated_at: Timestamp,
    versions: BTreeMap<u64, VersionData>,
}

fn time_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
}

/// The notes in a path's entries.
pub(super) fn notes(path: &KvPath, entries: Option<&Entries>) -> Result<Notes> {
    let nothing = Entries::new();
    custom_metadata::decode(entries.unwrap_or(&nothing)).map_err(|entry| StoreError::Corrupt {
        what: format!("the custom metadata `{entry}`"),
        path: PathBuf::from(path.metadata()),
        help: format!(
            "take it out with `bao kv metadata patch -mount={} -remove-custom-metadata={entry} {}` and import the secret again",
            path.mount, path.path
        ),
    })
}

/// The id of a version by its number.
pub(super) fn version_id(number: u64) -> Result<VersionId, Invalid> {
    VersionId::parse(&number.to_string())
}

/// The number in an id that [`version_id`] writes.
pub(super) fn version_number(id: &VersionId) -> Option<u64> {
    let text = id.as_str();
    let is_plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

const PENDING_ID: &str = "pending-";

/// The id of a version that waits.
pub(super) fn pending_id(token: &IdempotencyToken) -> Result<VersionId, Invalid> {
    VersionId::parse(&format!("{PENDING_ID}{}", token.as_str()))
}

/// The token in an id that [`pending_id`] writes.
pub(super) fn pending_token(id: &VersionId) -> Option<IdempotencyToken> {
    IdempotencyToken::parse(id.as_str().strip_prefix(PENDING_ID)?).ok()
}

/// The error for retiring what readers get.
pub(super) fn current_cannot_be_retired(version: &VersionId) -> StoreError {
    Invalid::new(
        "version",
        format!("`{version}` is current; promote another version first, or delete the secret"),
    )
    .into()
}

/// Refuses to read a value of a deleted secret, or of one past its end.
pub(super) fn require_readable(notes: &Notes, name: &SecretName, now: Timestamp) -> Result<()> {
    match notes.metadata.expires_at {
        Some(end) if end <= now => Err(StoreError::Denied {
            name: name.clone(),
            action: Action::Read,
            reason: format!("it expired on {end}; rotate it and set a later `expires_at`"),
        }),
        _ => Ok(()),
    }
}

impl Key {
    /// Understands what the server says.
    pub(super) fn parse(path: &KvPath, data: KeyData) -> Result<Self> {
        let mut notes = notes(path, data.custom_metadata.as_ref())?;
        notes.metadata.retention = VersionRetention {
            max_versions: Some(data.max_versions).filter(|count| *count > 0),
            delete_version_after: data
                .delete_version_after
                .parse()
                .ok()
                .filter(|after: &SignedDuration| !after.is_zero()),
        };
        Ok(Self {
            notes,
            current: data.current_version,
            metadata_version: data.current_metadata_version,
            created_at: data.created_time,
            updated_at: data.updated_time,
            versions: data.versions,
        })
    }

    /// Whether there is such a version, deleted or not.
    pub(super) fn keeps(&self, number: u64) -> bool {
        self.versions.get(&number).is_some_and(|version| !version.destroyed)
    }

    /// What a version's data stands for.
    pub(super) fn kind_of(&self, number: u64) -> Kind {
        self.notes.record.write_of(number).map_or(Kind::Object, |write| write.kind)
    }

    /// The deletion that can be undone: ours, or somebody's who deleted the latest version.
    pub(super) fn deletion(&self, now: Timestamp) -> Option<ScheduledDeletion> {
        if let Some(deletion) = &self.notes.record.deletion {
            return Some(ScheduledDeletion { deleted_at: deletion.at, until: Some(deletion.until) });
        }
        let latest = self.versions.get(&self.current).filter(|version| !version.destroyed)?;
        let deleted_at = latest.deletion_time.filter(|deleted_at| *deleted_at <= now)?;
        Some(ScheduledDeletion { deleted_at, until: None })
    }

    /// True when a deletion's time is over.
    pub(super) fn is_gone(&self, now: Timestamp) -> bool {
        self.notes.record.deletion.as_ref().is_some_and(|deletion| deletion.until <= now)
    }

    /// Refuses what may not be done to a secret that is deleted but recoverable.
    pub(super) fn require_live(&self, name: &SecretName, now: Timestamp) -> Result<()> {
        match self.deletion(now) {
            Some(deletion) => {
                Err(StoreError::ScheduledForDeletion { name: name.clone(), until: deletion.until })
            }
            None => Ok(()),
        }
    }

    /// Refuses to read a value of a deleted secret, or of one past its end.
    pub(super) fn require_readable(&self, name: &SecretName, now: Timestamp) -> Result<()> {
        self.require_live(name, now)?;
        require_readable(&self.notes, name, now)
    }

    /// Numbers of the versions that the server gives to a reader, oldest first.
    pub(super) fn readable(&self, now: Timestamp) -> impl Iterator<Item = u64> + '_ {
        let is_readable = move |version: &VersionData| {
            !version.destroyed && version.deletion_time.is_none_or(|deleted| deleted > now)
        };
        self.versions.iter().filter(move |(_, version)| is_readable(version)).map(|(number, _)| *number)
    }

    /// Numbers of versions whose grace is over but which the server still gives to a reader.
    pub(super) fn overdue(&self, now: Timestamp) -> Vec<u64> {
        self.readable(now).filter(|number| self.grace_of(*number).is_some_and(|end| end <= now)).collect()
    }

    fn grace_of(&self, number: u64) -> Option<Timestamp> {
        // Noted before the version above it is written, so it may be of one that stayed current.
        if number < self.current { self.notes.record.grace.get(&number).copied() } else { None }
    }

    /// The version that waits. One that has been promoted may still be noted.
    pub(super) fn pending(&self) -> Option<&Pending> {
        let record = &self.notes.record;
        let pending = record.pending.as_ref()?;
        record.written_by(&pending.token, self.current).is_none().then_some(pending)
    }

    /// The versions that count, oldest first: of a deleted secret those that a restoration would bring back.
    pub(super) fn live(&self, now: Timestamp) -> Result<Vec<Version>, Invalid> {
        let deletion = self.notes.record.deletion.as_ref();
        let foreign = deletion.is_none() && self.deletion(now).is_some();
        let counts = |number: u64, version: &VersionData| {
            let is_deleted = version.deletion_time.is_some_and(|deleted| deleted <= now);
            let comes_back = deletion.is_some_and(|deletion| deletion.versions.contains(&number))
                || foreign && number == self.current;
            !version.destroyed
                && (comes_back || !is_deleted)
                && self.grace_of(number).is_none_or(|end| end > now)
        };
        let versions = self.versions.iter().filter(|(number, version)| counts(**number, version));
        let mut live = versions
            .map(|(number, version)| self.version(*number, version, now))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(pending) = self.pending() {
            live.push(Version {
                id: pending_id(&pending.token)?,
                labels: vec![VersionLabel::Pending],
                created_at: pending.created_at,
                expires_at: None,
            });
        }
        Ok(live)
    }

    fn version(&self, number: u64, version: &VersionData, now: Timestamp) -> Result<Version, Invalid> {
        let label = if number == self.current {
            Some(VersionLabel::Current)
        } else if number + 1 == self.current {
            Some(VersionLabel::Previous)
        } else {
            None
        };
        let deletion = version.deletion_time.filter(|deleted| *deleted > now);
        let expires_at = [self.grace_of(number), deletion].into_iter().flatten().min();
        Ok(Version {
            id: version_id(number)?,
            labels: label.into_iter().collect(),
            created_at: version.created_time,
            expires_at,
        })
    }

    /// The version of this number as it is now, also when it is gone.
    pub(super) fn numbered(&self, number: u64, now: Timestamp) -> Result<Version, Invalid> {
        let live = self.live(now)?.into_iter().find(|version| version_number(&version.id) == Some(number));
        if let Some(version) = live {
            return Ok(version);
        }
        let created_at = self.versions.get(&number).map_or(self.created_at, |version| version.created_time);
        Ok(Version { id: version_id(number)?, labels: Vec::new(), created_at, expires_at: Some(created_at) })
    }

    /// The version that a selector means now. An id from before a promotion means what it became.
    pub(super) fn selected(&self, selector: &VersionSelector, now: Timestamp) -> Option<Version> {
        let mut live = self.live(now).ok()?.into_iter();
        match selector {
            VersionSelector::Label(label) => live.find(|version| version.has(label)),
            VersionSelector::Id(id) => {
                let promoted = pending_token(id)
                    .and_then(|token| self.notes.record.written_by(&token, self.current))
                    .and_then(|number| version_id(number).ok());
                let id = promoted.as_ref().unwrap_or(id);
                live.find(|version| version.id == *id)
            }
        }
    }

    /// Which state of the metadata this is. Without a number from the server, it is made from what can change.
    pub(super) fn revision(&self) -> Revision {
        match self.metadata_version {
            Some(version) => Revision(format!("m{version}")),
            None => {
                let entries = custom_metadata::encode(&self.notes).unwrap_or_default();
                let text = format!("{entries:?}{:?}", self.notes.metadata.retention);
                let digest = Sha256::digest(text.as_bytes());
                Revision(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
            }
        }
    }

    /// What everybody with metadata rights sees.
    pub(super) fn description(
        &self,
        path: &KvPath,
        name: &SecretName,
        now: Timestamp,
    ) -> Result<SecretDescription> {
        let created_at = self.created_at.to_string();
        // The server's own time of creation, in nanoseconds: another one after a deletion for good, and nobody can lose it.
        let id = derive_uuid("vault", &[&path.mount, &path.path, &created_at]);
        Ok(SecretDescription {
            name: name.clone(),
            id: SecretId(id.to_string()),
            arn: format!("vault:{}/{}", path.mount, path.path),
            metadata: self.notes.metadata.clone(),
            versions: self.live(now)?,
            deletion: self.deletion(now),
            rotation: None,
            created_at: self.created_at,
            updated_at: self.updated_at,
            revision: self.revision(),
        })
    }
}
