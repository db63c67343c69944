//! The ways of AWS Secrets Manager in the store for tests: whole ARNs, names that a new secret should not have, keys that are asked for,
//! tags of the configuration, and grants in one of two places. What the provider does with them is tested here before a server is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::vault_ways::credential;
use super::{Entry, KIND, MemoryStore, OwnRotation, Ways};
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::grant::GrantPlace;
use crate::metadata::Metadata;
use crate::name::SecretName;
use crate::record::Put;
use crate::rotation::{FirstRotation, RotationSpec, RotationStatus, Rotator};
use crate::store::{Capabilities, RotateNow, Support};
use crate::version::{IdempotencyToken, VersionId, VersionLabel, VersionSelector};

/// Where all secrets are.
const ARN_PREFIX: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:";

/// What AWS appends to the names of secrets.
const ARN_SUFFIX: &str = "-AbC123";

/// How the names of secrets begin that a service owns, and rotates.
const OWNED_PREFIX: &str = "rds!";

/// How fast a rotation function is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pace {
    /// A rotation is finished when it was asked for.
    #[default]
    AtOnce,
    /// It leaves a version that is pending.
    Never,
}

/// The key that does not exist.
const MISSING_KEY: &str = "alias/missing";

impl MemoryStore {
    /// A store with the ways of AWS. A secret `NAME` is `arn:aws:secretsmanager:eu-central-1:123456789012:secret:NAME-AbC123`; every key exists but
    /// `alias/missing`; a grant is written in the secret's policy or in the principal's; no grant is dropped at its end.
    #[must_use]
    pub fn like_aws() -> Self {
        let store = Self::new();
        store.lock().ways = Ways::Aws;
        store
    }

    /// From now on rotation functions get stuck: each rotation leaves a version that is pending.
    pub fn break_rotation_functions(&self) {
        self.lock().pace = Pace::Never;
    }

    /// From now on each call that begins a rotation waits so long for it.
    pub fn wait_for_rotations(&self, wait: Duration) {
        self.lock().rotation_wait = wait;
    }

    /// What [`MemoryStore::wait_for_rotations`] said.
    pub(super) async fn wait_for_rotation(&self) {
        let wait = self.lock().rotation_wait;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// The same content, as another configuration with these tags for every secret sees it.
    #[must_use]
    pub fn with_default_tags(mut self, tags: BTreeMap<String, String>) -> Self {
        self.default_tags = tags;
        self
    }
}

/// What differs from the plain store.
pub(super) fn capabilities(plain: Capabilities) -> Capabilities {
    Capabilities {
        recovery_days: Some(7..=30),
        native_rotation: Support::Yes,
        version_retention: Support::No { why: "it keeps versions with a label for good; leave it out" },
        version_destruction: Support::No { why: "it removes a version in its own time" },
        grant_places: &[GrantPlace::ResourcePolicy, GrantPlace::IdentityPolicy],
        ..plain
    }
}

/// Refuses what looks like the end of an ARN.
pub(super) fn check_new_name(name: &SecretName) -> Result<()> {
    let looks_like_an_arn = name.as_str().rsplit_once('-').is_some_and(|(_, suffix)| {
        suffix.len() == ARN_SUFFIX.len() - 1 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if looks_like_an_arn {
        let reason = format!("`{name}` ends in a hyphen and six characters, as ARNs do; choose another end");
        return Err(Invalid::new("name", reason).into());
    }
    Ok(())
}

/// Refuses the key that does not exist.
pub(super) fn check_references(metadata: &Metadata) -> Result<()> {
    let is_missing = |key: &Option<String>| key.as_deref() == Some(MISSING_KEY);
    if is_missing(&metadata.kms_key) {
        return Err(Invalid::new("kms_key", format!("the key `{MISSING_KEY}` does not exist")).into());
    }
    if metadata.replicas.iter().any(|replica| is_missing(&replica.kms_key)) {
        return Err(Invalid::new("replicas", format!("the key `{MISSING_KEY}` does not exist")).into());
    }
    Ok(())
}

/// The name in an ARN, or the name itself.
pub(super) fn resolve(text: &str) -> Result<SecretName> {
    if !text.starts_with("arn:") {
        return Ok(SecretName::parse(text)?);
    }
    let name = text.strip_prefix(ARN_PREFIX).and_then(|rest| rest.strip_suffix(ARN_SUFFIX));
    let reason = || Invalid::new("name", format!("`{text}` is not the ARN of a secret in store `{KIND}`"));
    Ok(SecretName::parse(name.ok_or_else(reason)?)?)
}

/// The ARN of a secret.
pub(super) fn arn(name: &SecretName) -> String {
    format!("{ARN_PREFIX}{name}{ARN_SUFFIX}")
}

/// Refuses more labels than fit beside AWS's own.
pub(super) fn check_labels(labels: &BTreeSet<VersionLabel>) -> Result<()> {
    match labels.len() {
        0..20 => Ok(()),
        count => Err(Invalid::new("label", format!("{count} labels are too many")).into()),
    }
}

/// Refuses a rotator that AWS has not.
pub(super) fn check_rotation(spec: &RotationSpec) -> Result<()> {
    match spec.rotator {
        Rotator::Function(_) | Rotator::Store => Ok(()),
        _ => Err(Invalid::new("rotator", "it rotates by functions, and what a service owns").into()),
    }
}

/// Sets, changes or ends a rotation.
pub(super) fn schedule(
    entry: &mut Entry,
    spec: Option<RotationSpec>,
    pace: Pace,
    now: Timestamp,
) -> Result<Option<RotationStatus>> {
    entry.record.require_live()?;
    let Some(spec) = spec else {
        entry.own_rotation = None;
        return Ok(None);
    };
    check_rotation(&spec)?;
    if spec.rotator == Rotator::Store && !entry.record.name.as_str().starts_with(OWNED_PREFIX) {
        return Err(Invalid::new("managed", "no service owns this secret").into());
    }
    refuse_while_pending(entry, now)?;
    let first = spec.first;
    let last_rotated_at = entry.own_rotation.as_ref().and_then(|rotation| rotation.last_rotated_at);
    entry.own_rotation = Some(OwnRotation { spec, last_rotated_at });
    if first == FirstRotation::Now {
        begin(entry, &IdempotencyToken::random(), pace, now)?;
    }
    Ok(entry.rotation())
}

/// Rotates, if the version it was asked for still is current.
pub(super) fn rotate(entry: &mut Entry, request: &RotateNow, pace: Pace, now: Timestamp) -> Result<()> {
    entry.record.require_live()?;
    if entry.own_rotation.is_none() {
        return Err(Invalid::new("name", "it has no schedule of the store's own").into());
    }
    if request.from.is_some() && request.from != with_label(entry, VersionLabel::Current, now)? {
        return Ok(());
    }
    refuse_while_pending(entry, now)?;
    begin(entry, &request.token, pace, now)
}

fn begin(entry: &mut Entry, token: &IdempotencyToken, pace: Pace, now: Timestamp) -> Result<()> {
    let label = match pace {
        Pace::AtOnce => VersionLabel::Current,
        Pace::Never => VersionLabel::Pending,
    };
    if let Put::New(number) = entry.record.put(token, &[label], None, None, now)? {
        entry.values.insert(number, credential("app")?);
    }
    if let (Pace::AtOnce, Some(rotation)) = (pace, &mut entry.own_rotation) {
        rotation.last_rotated_at = Some(now);
    }
    Ok(())
}

fn refuse_while_pending(entry: &Entry, now: Timestamp) -> Result<()> {
    match with_label(entry, VersionLabel::Pending, now)? {
        None => Ok(()),
        Some(version) => Err(StoreError::Conflict {
            name: entry.record.name.clone(),
            reason: format!("its version `{version}` is still pending"),
        }),
    }
}

fn with_label(entry: &Entry, label: VersionLabel, now: Timestamp) -> Result<Option<VersionId>> {
    match entry.record.select(KIND, &VersionSelector::Label(label), now) {
        Ok(version) => Ok(Some(version.version()?.id)),
        Err(_) => Ok(None),
    }
}
