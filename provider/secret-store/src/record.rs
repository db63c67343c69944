//! What a store that keeps its own books writes down about one secret, and the rules by which it changes: labels,
//! tokens, grace, deletion, grants. Pure: no input or output, no value, no clock. `memory` and `local` share it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::grant::{Access, AccessSet, Condition, Grant, GrantId, GrantPlace, GrantSpec, Principal};
use crate::metadata::{Metadata, Revision, ScheduledDeletion, SecretDescription, SecretId};
use crate::name::SecretName;
use crate::store::{Deletion, DeletionOutcome, MoveLabel, Promotion};
use crate::version::{IdempotencyToken, Version, VersionId, VersionLabel, VersionSelector};

/// Versions without a label that are kept besides the labelled ones, newest first, as Vault's KV does.
const UNLABELLED_VERSIONS_KEPT: usize = 10;

/// Tokens of destroyed versions that are remembered, so that a late repeat of an old write is still recognised.
const RETIRED_TOKENS_KEPT: usize = 100;

/// One secret as it is written down. The order of fields is the order in `secret.toml`: plain ones before tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretRecord {
    /// Layout of this record; see [`SecretRecord::FORMAT`].
    pub(crate) format: u32,
    pub(crate) name: SecretName,
    pub(crate) id: SecretId,
    /// Grows by one with every change.
    pub(crate) revision: u64,
    /// Number of the next version; never reused.
    pub(crate) next_version: u64,
    /// The token of the creation.
    pub(crate) token: IdempotencyToken,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Set between two commits while the value files are being encrypted to other recipients.
    #[serde(default, skip_serializing_if = "is_settled")]
    pub(crate) sealing: Sealing,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deletion: Option<ScheduledDeletion>,
    #[serde(default)]
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) versions: Vec<VersionRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) grants: Vec<GrantRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) retired: Vec<RetiredVersion>,
}

/// Whether the value files are encrypted to exactly the recipients the record names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sealing {
    /// They are.
    #[default]
    Settled,
    /// A change of recipients was committed but perhaps not yet carried out: encrypt again.
    InProgress,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_settled(sealing: &Sealing) -> bool {
    *sealing == Sealing::Settled
}

/// A live version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionRecord {
    pub(crate) number: u64,
    pub(crate) token: IdempotencyToken,
    pub(crate) created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels: Vec<VersionLabel>,
}

/// A destroyed version: only what recognises a repeated write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetiredVersion {
    pub(crate) number: u64,
    pub(crate) token: IdempotencyToken,
    pub(crate) created_at: Timestamp,
}

/// A grant as written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantRecord {
    pub(crate) id: GrantId,
    pub(crate) principal: Principal,
    pub(crate) access: AccessSet,
    pub(crate) created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Set between two commits while the value files still can be read by the principal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revoked_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) conditions: Vec<Condition>,
    /// Where it is written, in a store with more than one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) via: Option<GrantPlace>,
}

impl GrantRecord {
    /// The grant as callers see it.
    pub(crate) fn grant(&self) -> Grant {
        Grant {
            id: self.id,
            spec: GrantSpec {
                principal: self.principal.clone(),
                access: self.access.clone(),
                expires_at: self.expires_at,
                reason: self.reason.clone(),
                conditions: self.conditions.clone(),
                via: self.via,
            },
            created_at: self.created_at,
        }
    }

    /// True when the principal is to be able to use the secret now.
    pub(crate) fn is_effective(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

/// What a write of a version came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// A new version, whose value must now be kept under this number.
    New(u64),
    /// The token was seen before: nothing changes, this is the answer.
    Replayed(Version),
}

/// The id of a version by its number: `v3`.
pub(crate) fn version_id(number: u64) -> Result<VersionId, Invalid> {
    VersionId::parse(&format!("v{number}"))
}

/// The number in a version id such as `v3`, if it is one that [`version_id`] writes.
pub(crate) fn version_number(id: &VersionId) -> Option<u64> {
    let digits = id.as_str().strip_prefix('v')?;
    if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

impl SecretRecord {
    /// The layout this code writes; a higher number was written by a later release.
    pub(crate) const FORMAT: u32 = 1;

    /// A new secret without versions.
    pub(crate) fn new(name: SecretName, metadata: Metadata, token: IdempotencyToken, now: Timestamp) -> Self {
        Self {
            format: Self::FORMAT,
            name,
            id: SecretId(Uuid::new_v4().to_string()),
            revision: 0,
            next_version: 1,
            token,
            created_at: now,
            updated_at: now,
            sealing: Sealing::Settled,
            deletion: None,
            metadata,
            versions: Vec::new(),
            grants: Vec::new(),
            retired: Vec::new(),
        }
    }

    /// Refuses what may not be done to a secret that is deleted but recoverable.
    pub(crate) fn require_live(&self) -> Result<()> {
        match self.deletion {
            Some(deletion) => {
                Err(StoreError::ScheduledForDeletion { name: self.name.clone(), until: deletion.until })
            }
            None => Ok(()),
        }
    }

    /// Refuses to read a value of a deleted secret, or of one past its end.
    pub(crate) fn require_readable(&self, now: Timestamp) -> Result<()> {
        self.require_live()?;
        match self.metadata.expires_at {
            Some(end) if end <= now => Err(StoreError::Denied {
                name: self.name.clone(),
                action: Action::Read,
                reason: format!("it expired on {end}; rotate it and set a later `expires_at`"),
            }),
            _ => Ok(()),
        }
    }

    /// Live versions that a grant let its principal read.
    pub(crate) fn exposed_to(&self, grant: &Grant, now: Timestamp) -> Result<Vec<VersionId>, Invalid> {
        if !grant.spec.access.contains(Access::Read) {
            return Ok(Vec::new());
        }
        self.versions
            .iter()
            .filter(|version| version.is_live(now))
            .map(|version| version_id(version.number))
            .collect()
    }

    /// True when a recoverable deletion's time is over: the secret counts as gone.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        self.deletion.and_then(|deletion| deletion.until).is_some_and(|until| until <= now)
    }

    /// Notes a change: the next revision, the time of it.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.revision += 1;
        self.updated_at = now;
    }

    /// What everybody with metadata rights sees now.
    pub(crate) fn description(&self, arn_prefix: &str, now: Timestamp) -> Result<SecretDescription> {
        let versions =
            self.versions.iter().filter(|version| version.is_live(now)).map(VersionRecord::version);
        Ok(SecretDescription {
            name: self.name.clone(),
            id: self.id.clone(),
            arn: format!("{arn_prefix}{}", self.name),
            metadata: self.metadata.clone(),
            versions: versions.collect::<Result<_, _>>()?,
            deletion: self.deletion,
            rotation: None,
            created_at: self.created_at,
            updated_at: self.updated_at,
            revision: Revision(self.revision.to_string()),
        })
    }

    /// The live version a selector means now.
    pub(crate) fn select(
        &self,
        store: &'static str,
        selector: &VersionSelector,
        now: Timestamp,
    ) -> Result<&VersionRecord> {
        let wanted = |version: &&VersionRecord| match selector {
            VersionSelector::Id(id) => Some(version.number) == version_number(id),
            VersionSelector::Label(label) => version.labels.contains(label),
        };
        self.versions
            .iter()
            .filter(|version| version.is_live(now))
            .find(wanted)
            .ok_or_else(|| StoreError::version_not_found(store, &self.name, selector))
    }

    /// Replaces the metadata, if it is at the revision expected.
    pub(crate) fn update(&mut self, metadata: Metadata, expected: &Revision, now: Timestamp) -> Result<()> {
        self.require_live()?;
        let revision = self.revision.to_string();
        if revision != expected.0 {
            let reason = format!("expected revision {expected}, found {revision}");
            return Err(StoreError::Conflict { name: self.name.clone(), reason });
        }
        if self.metadata != metadata {
            self.metadata = metadata;
            self.touch(now);
        }
        Ok(())
    }

    /// Adds a version with labels, or recognises the token.
    pub(crate) fn put(
        &mut self,
        token: &IdempotencyToken,
        labels: &[VersionLabel],
        only_if_current: Option<&VersionId>,
        keep_previous_for: Option<SignedDuration>,
        now: Timestamp,
    ) -> Result<Put> {
        self.require_live()?;
        if let Some(version) = self.versions.iter().find(|version| version.token == *token) {
            return Ok(Put::Replayed(version.version()?));
        }
        if let Some(retired) = self.retired.iter().find(|retired| retired.token == *token) {
            return Ok(Put::Replayed(Version {
                id: version_id(retired.number)?,
                labels: Vec::new(),
                created_at: retired.created_at,
                expires_at: Some(retired.created_at),
            }));
        }
        if let Some(expected) = only_if_current {
            self.require_on(&VersionLabel::Current, expected)?;
        }
        let number = self.next_version;
        let is_first = !self.versions.iter().any(|version| version.labels.contains(&VersionLabel::Current));
        self.next_version += 1;
        self.versions.push(VersionRecord {
            number,
            token: token.clone(),
            created_at: now,
            expires_at: None,
            labels: Vec::new(),
        });
        if is_first || labels.contains(&VersionLabel::Current) {
            self.make_current(number, keep_previous_for, now)?;
        }
        for label in labels.iter().filter(|label| **label != VersionLabel::Current) {
            self.put_label(label, Some(number));
        }
        self.prune(now);
        self.touch(now);
        Ok(Put::New(number))
    }

    /// Puts a label on a version or takes it away.
    pub(crate) fn move_label(
        &mut self,
        store: &'static str,
        request: &MoveLabel,
        now: Timestamp,
    ) -> Result<()> {
        self.require_live()?;
        if let Some(expected) = &request.only_if_on {
            self.require_on(&request.label, expected)?;
        }
        match (&request.label, &request.to) {
            (VersionLabel::Current, None) => {
                let reason =
                    "`current` cannot be taken away; move it to another version, or delete the secret";
                Err(Invalid::new("label", reason).into())
            }
            (VersionLabel::Current, Some(version)) => {
                let promotion = Promotion { version: version.clone(), keep_previous_for: None };
                self.promote(store, &promotion, now)
            }
            (label, None) => {
                if self.versions.iter().any(|version| version.labels.contains(label)) {
                    self.put_label(label, None);
                    self.prune(now);
                    self.touch(now);
                }
                Ok(())
            }
            (label, Some(to)) => {
                let version = self.select(store, &VersionSelector::Id(to.clone()), now)?;
                let number = version.number;
                if !version.labels.contains(label) {
                    self.put_label(label, Some(number));
                    self.prune(now);
                    self.touch(now);
                }
                Ok(())
            }
        }
    }

    /// Makes a version current and the one that was current previous.
    pub(crate) fn promote(
        &mut self,
        store: &'static str,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<()> {
        self.require_live()?;
        let version = self.select(store, &VersionSelector::Id(promotion.version.clone()), now)?;
        let number = version.number;
        if !version.labels.contains(&VersionLabel::Current) {
            self.make_current(number, promotion.keep_previous_for, now)?;
            self.prune(now);
            self.touch(now);
        }
        Ok(())
    }

    /// Destroys a version that is not current.
    pub(crate) fn retire(&mut self, store: &'static str, version: &VersionId, now: Timestamp) -> Result<u64> {
        self.require_live()?;
        let found = self.select(store, &VersionSelector::Id(version.clone()), now)?;
        let number = found.number;
        if found.labels.contains(&VersionLabel::Current) {
            let reason =
                format!("`{version}` is current; promote another version first, or delete the secret");
            return Err(Invalid::new("version", reason).into());
        }
        self.forget(|candidate| candidate.number == number);
        self.touch(now);
        Ok(number)
    }

    /// Marks as deleted. The first date stands.
    pub(crate) fn delete(&mut self, deletion: Deletion, now: Timestamp) -> Result<DeletionOutcome> {
        match (deletion, self.deletion) {
            (Deletion::Purge, _) => {
                self.deletion = Some(ScheduledDeletion { deleted_at: now, until: Some(now) });
                self.touch(now);
                Ok(DeletionOutcome::Gone)
            }
            (Deletion::Recoverable { .. }, Some(earlier)) => {
                Ok(DeletionOutcome::RecoverableUntil(earlier.until))
            }
            (Deletion::Recoverable { days }, None) => {
                let until =
                    add(now, SignedDuration::from_hours(24 * i64::from(days)), "recovery_window_days")?;
                self.deletion = Some(ScheduledDeletion { deleted_at: now, until: Some(until) });
                self.touch(now);
                Ok(DeletionOutcome::RecoverableUntil(Some(until)))
            }
        }
    }

    /// Undoes a deletion.
    pub(crate) fn restore(&mut self, now: Timestamp) {
        if self.deletion.take().is_some() {
            self.touch(now);
        }
    }

    /// Gives access or changes the grant of the same id. Nothing changes when it stands as asked already.
    pub(crate) fn grant(&mut self, spec: GrantSpec, now: Timestamp) -> Result<Grant> {
        self.require_live()?;
        let id = spec.id(&self.name);
        let found = self.grants.iter_mut().find(|grant| grant.id == id);
        let created_at = found.as_ref().map_or(now, |grant| grant.created_at);
        let wanted = GrantRecord {
            id,
            principal: spec.principal,
            access: spec.access,
            created_at,
            expires_at: spec.expires_at,
            reason: spec.reason,
            revoked_at: None,
            conditions: spec.conditions,
            via: spec.via,
        };
        let grant = wanted.grant();
        match found {
            Some(grant) if *grant == wanted => {}
            Some(grant) => {
                *grant = wanted;
                self.touch(now);
            }
            None => {
                self.grants.push(wanted);
                self.grants.sort_by_key(|grant| grant.id);
                self.touch(now);
            }
        }
        Ok(grant)
    }

    /// Marks a grant as revoked; [`SecretRecord::drop_ended_grants`] takes it out once it has no effect any more.
    pub(crate) fn revoke(&mut self, store: &'static str, id: &GrantId, now: Timestamp) -> Result<Grant> {
        self.require_live()?;
        let name = self.name.clone();
        let grant = self.grants.iter_mut().find(|grant| grant.id == *id).ok_or_else(|| {
            StoreError::NotFound { store, what: format!("grant `{id}` on secret `{name}`") }
        })?;
        grant.revoked_at = Some(grant.revoked_at.unwrap_or(now));
        let revoked = grant.grant();
        self.touch(now);
        Ok(revoked)
    }

    /// Takes out revoked and ended grants; returns them.
    pub(crate) fn drop_ended_grants(&mut self, now: Timestamp) -> Vec<GrantRecord> {
        let (kept, ended) =
            std::mem::take(&mut self.grants).into_iter().partition(|grant| grant.is_effective(now));
        self.grants = kept;
        ended
    }

    /// Takes out revoked grants, and leaves ended ones to whoever asks for them.
    pub(crate) fn drop_revoked_grants(&mut self) {
        self.grants.retain(|grant| grant.revoked_at.is_none());
    }

    /// Forgets every version, as somebody else may make a store do.
    pub(crate) fn destroy_versions(&mut self, now: Timestamp) {
        self.forget(|_| true);
        self.touch(now);
    }

    /// Marks as deleted until somebody restores or purges it.
    pub(crate) fn delete_without_end(&mut self, now: Timestamp) {
        self.deletion = Some(ScheduledDeletion { deleted_at: now, until: None });
        self.touch(now);
    }

    /// Forgets versions whose grace is over and unlabelled ones beyond what is kept.
    pub(crate) fn prune(&mut self, now: Timestamp) {
        self.forget(|version| !version.is_live(now));
        let unlabelled: Vec<u64> = self
            .versions
            .iter()
            .rev()
            .filter(|version| version.labels.is_empty())
            .map(|version| version.number)
            .collect();
        if let Some(newest_forgotten) = unlabelled.get(UNLABELLED_VERSIONS_KEPT).copied() {
            self.forget(|version| version.labels.is_empty() && version.number <= newest_forgotten);
        }
    }

    fn forget(&mut self, is_forgotten: impl Fn(&VersionRecord) -> bool) {
        let (gone, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.versions).into_iter().partition(is_forgotten);
        self.versions = kept;
        self.retired.extend(gone.into_iter().map(|version| RetiredVersion {
            number: version.number,
            token: version.token,
            created_at: version.created_at,
        }));
        let surplus = self.retired.len().saturating_sub(RETIRED_TOKENS_KEPT);
        self.retired.drain(..surplus);
    }

    fn require_on(&self, label: &VersionLabel, expected: &VersionId) -> Result<()> {
        let found = self.versions.iter().find(|version| version.labels.contains(label));
        if found.map(|version| version.number) == version_number(expected) && found.is_some() {
            return Ok(());
        }
        let found =
            found.map_or_else(|| "on no version".to_owned(), |version| format!("on `v{}`", version.number));
        let reason = format!("expected `{label}` on `{expected}`, found it {found}");
        Err(StoreError::Conflict { name: self.name.clone(), reason })
    }

    fn make_current(&mut self, number: u64, grace: Option<SignedDuration>, now: Timestamp) -> Result<()> {
        let expires_at = grace.map(|grace| add(now, grace, "keep_previous_for")).transpose()?;
        let left = self
            .versions
            .iter()
            .find(|version| version.labels.contains(&VersionLabel::Current))
            .map(|version| version.number);
        self.put_label(&VersionLabel::Current, Some(number));
        for version in &mut self.versions {
            if version.number == number {
                version.expires_at = None;
                version
                    .labels
                    .retain(|label| !matches!(label, VersionLabel::Pending | VersionLabel::Previous));
            }
        }
        if left.is_some() {
            self.put_label(&VersionLabel::Previous, left);
        }
        for version in self.versions.iter_mut().filter(|version| Some(version.number) == left) {
            version.expires_at = expires_at;
        }
        Ok(())
    }

    fn put_label(&mut self, label: &VersionLabel, on: Option<u64>) {
        for version in &mut self.versions {
            version.labels.retain(|candidate| candidate != label);
            if Some(version.number) == on {
                version.labels.push(label.clone());
                version.labels.sort();
            }
        }
    }
}

impl VersionRecord {
    /// True until its grace ends.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }

    /// The version as callers see it.
    pub(crate) fn version(&self) -> Result<Version, Invalid> {
        Ok(Version {
            id: version_id(self.number)?,
            labels: self.labels.clone(),
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

/// A time so much later than now; `field` is what asked for it.
pub(crate) fn add(
    now: Timestamp,
    duration: SignedDuration,
    field: &'static str,
) -> Result<Timestamp, Invalid> {
    if duration.is_negative() {
        return Err(Invalid::new(field, "it is negative; write zero or more"));
    }
    now.checked_add(duration).map_err(|_| Invalid::new(field, "it reaches beyond the year 9999; write less"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn record() -> SecretRecord {
        let name = SecretName::parse("prod/db").unwrap();
        SecretRecord::new(name, Metadata::default(), IdempotencyToken::random(), at(0))
    }

    fn put(record: &mut SecretRecord, label: VersionLabel, now: Timestamp) -> u64 {
        match record.put(&IdempotencyToken::random(), &[label], None, None, now).unwrap() {
            Put::New(number) => number,
            Put::Replayed(version) => panic!("a fresh token was replayed as {version:?}"),
        }
    }

    fn roles(record: &SecretRecord) -> String {
        let describe = |version: &VersionRecord| {
            let labels: Vec<&str> = version.labels.iter().map(VersionLabel::as_str).collect();
            format!("v{}[{}]", version.number, labels.join(","))
        };
        record.versions.iter().map(describe).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_rotation_moves_three_labels() {
        let mut record = record();
        put(&mut record, VersionLabel::Current, at(0));
        put(&mut record, VersionLabel::Pending, at(1));
        assert_eq!(roles(&record), "v1[current] v2[pending]");
        let promotion = Promotion {
            version: version_id(2).unwrap(),
            keep_previous_for: Some(SignedDuration::from_secs(60)),
        };
        record.promote("memory", &promotion, at(2)).unwrap();
        assert_eq!(roles(&record), "v1[previous] v2[current]");
        let before = record.clone();
        record.promote("memory", &promotion, at(3)).unwrap();
        assert_eq!(record, before, "a repeated promotion changes nothing");
        put(&mut record, VersionLabel::Custom("blue".to_owned()), at(62));
        assert_eq!(roles(&record), "v2[current] v3[blue]", "the grace of v1 is over");
    }

    #[test]
    fn a_rollback_swaps_current_and_previous() {
        let mut record = record();
        put(&mut record, VersionLabel::Current, at(0));
        put(&mut record, VersionLabel::Current, at(1));
        let back = Promotion { version: version_id(1).unwrap(), keep_previous_for: None };
        record.promote("memory", &back, at(2)).unwrap();
        assert_eq!(roles(&record), "v1[current] v2[previous]");
    }

    #[test]
    fn the_first_version_is_current_even_when_put_as_pending() {
        let mut record = record();
        put(&mut record, VersionLabel::Pending, at(0));
        assert_eq!(roles(&record), "v1[current,pending]");
    }

    #[test]
    fn a_token_is_recognised_after_its_version_is_gone() {
        let mut record = record();
        let token = IdempotencyToken::random();
        record.put(&token, &[VersionLabel::Current], None, None, at(0)).unwrap();
        put(&mut record, VersionLabel::Current, at(1));
        record.retire("memory", &version_id(1).unwrap(), at(2)).unwrap();
        let again = record.put(&token, &[VersionLabel::Current], None, None, at(3)).unwrap();
        assert!(matches!(again, Put::Replayed(version) if version.id.as_str() == "v1"));
        assert_eq!(roles(&record), "v2[current]");
    }

    #[test]
    fn old_unlabelled_versions_are_forgotten() {
        let mut record = record();
        for second in 0..40 {
            put(&mut record, VersionLabel::Current, at(second));
        }
        assert_eq!(record.versions.len(), UNLABELLED_VERSIONS_KEPT + 2);
        assert_eq!(record.versions.first().map(|version| version.number), Some(29));
    }

    #[test]
    fn version_ids_have_one_spelling() {
        for text in ["v01", "v", "1", "v-1", "v+1", "v99999999999999999999999"] {
            assert_eq!(version_number(&VersionId::parse(text).unwrap()), None, "{text}");
        }
        assert_eq!(version_number(&version_id(7).unwrap()), Some(7));
    }

    #[test]
    fn a_negative_or_endless_grace_is_refused() {
        let mut record = record();
        put(&mut record, VersionLabel::Current, at(0));
        for grace in [SignedDuration::from_secs(-1), SignedDuration::MAX] {
            let put =
                record.put(&IdempotencyToken::random(), &[VersionLabel::Current], None, Some(grace), at(1));
            assert!(matches!(put, Err(StoreError::Invalid(_))), "{grace:?}");
        }
    }
}
