//! A secret as AWS describes it, in two calls: what it is and which labels its versions have, and when each version was made, which only
//! the list of versions says.

use std::collections::BTreeSet;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{ReplicationStatusType, SecretVersionsListEntry, StatusType, Tag};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::arn::{Arn, is_same_key};
use super::fault::Fault;
use super::limits::MANAGED_KEY;
use super::notes::{self, Notes, Tags};
use super::time::timestamp;
use super::{AwsStore, rotation};
use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::metadata::{Metadata, Replica, Revision, ScheduledDeletion, SecretDescription, SecretId};
use crate::name::SecretName;
use crate::version::{Version, VersionId, VersionLabel};

/// The label that every reader gets.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The label of a version that a rotation made.
pub(super) const PENDING: &str = "AWSPENDING";
/// The label of the version before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";
/// This store's own, on a version of a guarded write until that is finished. Never shown.
pub(super) const STAGED: &str = "secretlint-staged";

/// A secret without the times of its versions: one call.
#[derive(Debug)]
pub(super) struct Seen {
    /// As AWS said it.
    pub(super) secret: DescribeSecretOutput,
    /// Its tags.
    pub(super) tags: Tags,
    /// What they say.
    pub(super) notes: Notes,
}

/// A version with its labels as AWS calls them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StagedVersion {
    pub(super) id: VersionId,
    pub(super) stages: BTreeSet<String>,
    pub(super) created_at: Timestamp,
}

/// Which versions are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versions {
    /// Those with a label.
    Labelled,
    /// Also those that AWS removes in its own time.
    All,
}

impl AwsStore {
    /// Describes a secret in one call, also while it is deleted but recoverable.
    pub(super) async fn look(&self, name: &SecretName) -> Result<Seen> {
        let call = self.clients().await?.secrets.describe_secret().secret_id(name.as_str());
        let secret =
            call.send().await.map_err(|error| Fault::from(error).into_error(Action::Describe, name))?;
        Ok(Seen::new(secret))
    }

    /// As [`AwsStore::look`], and refuses a secret that is deleted.
    pub(super) async fn look_live(&self, name: &SecretName) -> Result<Seen> {
        let seen = self.look(name).await?;
        seen.require_live(name)?;
        Ok(seen)
    }

    /// The versions of a secret in one call, oldest first.
    pub(super) async fn versions(&self, name: &SecretName, which: Versions) -> Result<Vec<StagedVersion>> {
        let clients = self.clients().await?;
        let mut versions = Vec::new();
        let mut next = None;
        loop {
            let call = clients.secrets.list_secret_version_ids().secret_id(name.as_str()).max_results(100);
            let call = call.include_deprecated(which == Versions::All).set_next_token(next);
            let page =
                call.send().await.map_err(|error| Fault::from(error).into_error(Action::Describe, name))?;
            for entry in page.versions.unwrap_or_default() {
                versions.extend(StagedVersion::new(entry)?);
            }
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        if which == Versions::Labelled {
            versions.retain(|version| !version.stages.is_empty());
        }
        versions.sort_by(|left, right| left.age().cmp(&right.age()));
        Ok(versions)
    }

    /// Everything public about a secret: two calls, or one for a secret without versions.
    pub(super) async fn describe_secret(&self, name: &SecretName) -> Result<SecretDescription> {
        let seen = self.look(name).await?;
        self.describe_seen(name, &seen).await
    }

    /// What was seen with its versions: one more call.
    pub(super) async fn describe_seen(&self, name: &SecretName, seen: &Seen) -> Result<SecretDescription> {
        let has_versions =
            seen.secret.version_ids_to_stages.as_ref().is_some_and(|versions| !versions.is_empty());
        let versions = if has_versions { self.versions(name, Versions::Labelled).await? } else { Vec::new() };
        Ok(seen.description(name, &versions))
    }

    /// What a refused call is to the caller. Asks when a deleted secret ends, where that is why.
    pub(super) async fn told(&self, fault: Fault, action: Action, name: &SecretName) -> StoreError {
        if !fault.is_scheduled_for_deletion() {
            return fault.into_error(action, name);
        }
        // Without the right to describe it the date is not known, and the rest is still true.
        let deletion = self.look(name).await.ok().and_then(|seen| seen.deletion());
        StoreError::ScheduledForDeletion {
            name: name.clone(),
            until: deletion.and_then(|deletion| deletion.until),
        }
    }
}

impl Seen {
    fn new(secret: DescribeSecretOutput) -> Self {
        let tags = tags_of(secret.tags.as_deref().unwrap_or_default());
        let notes = notes::decode(&tags);
        Self { secret, tags, notes }
    }

    /// The whole ARN.
    pub(super) fn arn(&self) -> &str {
        self.secret.arn().unwrap_or_default()
    }

    /// Set while it is deleted but recoverable. AWS's pages disagree whether its date is when it was deleted or when it ends, so it is
    /// taken for the end only where it lies ahead.
    pub(super) fn deletion(&self) -> Option<ScheduledDeletion> {
        let date = timestamp(self.secret.deleted_date()?)?;
        let deleted_at = self.secret.last_changed_date().and_then(timestamp).unwrap_or(date);
        Some(ScheduledDeletion { deleted_at, until: (date > Timestamp::now()).then_some(date) })
    }

    /// Refuses what may not be done to a secret that is deleted but recoverable.
    pub(super) fn require_live(&self, name: &SecretName) -> Result<()> {
        match self.deletion() {
            None => Ok(()),
            Some(deletion) => {
                Err(StoreError::ScheduledForDeletion { name: name.clone(), until: deletion.until })
            }
        }
    }

    /// Where copies are, or are to be, whatever became of them.
    pub(super) fn replication(&self) -> &[ReplicationStatusType] {
        self.secret.replication_status()
    }

    /// What users said about it.
    pub(super) fn metadata(&self) -> Metadata {
        let is_copy = |status: &&ReplicationStatusType| status.status() != Some(&StatusType::Failed);
        let mut replicas: Vec<Replica> =
            self.replication().iter().filter(is_copy).filter_map(replica).collect();
        replicas.sort();
        Metadata {
            description: self.secret.description().filter(|text| !text.is_empty()).map(str::to_owned),
            owner: self.notes.owner.clone(),
            kms_key: customer_key(self.secret.kms_key_id()),
            expires_at: self.notes.expires_at,
            tags: self.notes.tags.clone(),
            annotations: self.notes.annotations.clone(),
            replicas,
            ..Metadata::default()
        }
    }

    /// The same metadata, with the keys that it has already spelled as AWS spells them.
    pub(super) fn in_its_spelling(&self, mut metadata: Metadata) -> Metadata {
        let Some(arn) = Arn::parse(self.arn()) else { return metadata };
        let spell = |key: &mut Option<String>, present: Option<String>, region: &str| {
            if let (Some(one), Some(other)) = (&key, &present)
                && is_same_key(&arn, region, one, other)
            {
                *key = present;
            }
        };
        let present = self.metadata();
        spell(&mut metadata.kms_key, present.kms_key, &arn.region);
        for copy in &mut metadata.replicas {
            let there = present.replicas.iter().find(|there| there.region == copy.region);
            spell(&mut copy.kms_key, there.and_then(|there| there.kms_key.clone()), &copy.region);
        }
        metadata
    }

    /// What the metadata looks like now; a hash of it, and of no value.
    pub(super) fn revision(&self) -> Revision {
        revision(self.arn(), &self.metadata())
    }

    /// A version as callers see it.
    pub(super) fn version(&self, version: &StagedVersion) -> Version {
        let grace = self.notes.grace.as_ref();
        let grace = grace.filter(|grace| grace.version == version.id && version.stages.contains(PREVIOUS));
        Version { expires_at: grace.map(|grace| grace.until), ..version.version() }
    }

    /// The whole description.
    pub(super) fn description(&self, name: &SecretName, versions: &[StagedVersion]) -> SecretDescription {
        let created_at = self.secret.created_date().and_then(timestamp).unwrap_or_default();
        SecretDescription {
            name: name.clone(),
            id: SecretId(self.arn().to_owned()),
            arn: self.arn().to_owned(),
            metadata: self.metadata(),
            versions: versions.iter().map(|version| self.version(version)).collect(),
            deletion: self.deletion(),
            rotation: rotation::status(&self.secret),
            created_at,
            updated_at: self.secret.last_changed_date().and_then(timestamp).unwrap_or(created_at),
            revision: self.revision(),
        }
    }
}

/// What a secret's metadata looks like; a hash of it, and of no value.
pub(super) fn revision(arn: &str, metadata: &Metadata) -> Revision {
    // A struct of texts always has a JSON form.
    let text = serde_json::to_vec(metadata).unwrap_or_default();
    let hash = Sha256::new().chain_update(arn).chain_update("\n").chain_update(text).finalize();
    Revision(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl StagedVersion {
    /// `None` for an entry without an id, which AWS never sends.
    fn new(entry: SecretVersionsListEntry) -> Result<Option<Self>, Invalid> {
        let Some(id) = entry.version_id else { return Ok(None) };
        Ok(Some(Self {
            id: VersionId::parse(&id)?,
            stages: entry.version_stages.unwrap_or_default().into_iter().collect(),
            created_at: entry.created_date.as_ref().and_then(timestamp).unwrap_or_default(),
        }))
    }

    /// True when it has this label now.
    pub(super) fn has(&self, stage: &str) -> bool {
        self.stages.contains(stage)
    }

    /// As callers see it, but for its grace.
    pub(super) fn version(&self) -> Version {
        Version {
            id: self.id.clone(),
            labels: labels(self.stages.iter().map(String::as_str)),
            created_at: self.created_at,
            expires_at: None,
        }
    }

    /// What orders versions: the time, which is the same for two in one second, then the order in which they come to be.
    fn age(&self) -> (Timestamp, u8, &VersionId) {
        let role = if self.has(CURRENT) {
            2
        } else if self.has(PENDING) {
            3
        } else {
            u8::from(!self.has(PREVIOUS))
        };
        (self.created_at, role, &self.id)
    }
}

/// The labels that stages mean, sorted. A version that is current is not pending any more, though a rotation function may leave both.
pub(super) fn labels<'a>(stages: impl Iterator<Item = &'a str>) -> Vec<VersionLabel> {
    let mut labels: Vec<VersionLabel> = stages.filter_map(label).collect();
    if labels.contains(&VersionLabel::Current) {
        labels.retain(|label| *label != VersionLabel::Pending);
    }
    labels.sort();
    labels.dedup();
    labels
}

/// `None` for this store's own, and for one that somebody else set and that is no label here.
fn label(stage: &str) -> Option<VersionLabel> {
    match stage {
        CURRENT => Some(VersionLabel::Current),
        PENDING => Some(VersionLabel::Pending),
        PREVIOUS => Some(VersionLabel::Previous),
        STAGED => None,
        other => match VersionLabel::parse(other) {
            Ok(VersionLabel::Custom(text)) => Some(VersionLabel::Custom(text)),
            _ => None,
        },
    }
}

/// What AWS calls a label.
///
/// # Errors
/// [`Invalid`] for a label that means something else there.
pub(super) fn stage(label: &VersionLabel) -> Result<&str, Invalid> {
    match label {
        VersionLabel::Current => Ok(CURRENT),
        VersionLabel::Pending => Ok(PENDING),
        VersionLabel::Previous => Ok(PREVIOUS),
        VersionLabel::Custom(text) => match text.as_str() {
            CURRENT | PENDING | PREVIOUS => {
                let plain = text.trim_start_matches("AWS").to_ascii_lowercase();
                Err(Invalid::new("label", format!("write `{plain}` for AWS's `{text}`")))
            }
            STAGED => Err(Invalid::new("label", format!("`{STAGED}` is this store's own; choose another"))),
            text => Ok(text),
        },
    }
}

/// A copy with a key of the customer's, if it has one. AWS names the key that it keeps itself for copies, and leaves it out for secrets.
pub(super) fn replica(status: &ReplicationStatusType) -> Option<Replica> {
    Some(Replica { region: status.region()?.to_owned(), kms_key: customer_key(status.kms_key_id()) })
}

fn customer_key(key: Option<&str>) -> Option<String> {
    let is_managed = |key: &&str| *key == MANAGED_KEY || key.ends_with(&format!(":{MANAGED_KEY}"));
    key.filter(|key| !key.is_empty() && !is_managed(key)).map(str::to_owned)
}

/// Tags as a map. AWS never sends one without a key.
fn tags_of(tags: &[Tag]) -> Tags {
    let pair = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    tags.iter().filter_map(pair).collect()
}

/// Tags as AWS takes them.
pub(super) fn tags_for(tags: impl IntoIterator<Item = (String, String)>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
