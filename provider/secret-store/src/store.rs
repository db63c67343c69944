//! The trait every store implements, with what each call promises. The contract suite holds each store to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};

use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::grant::{AccessReport, Accessor, Grant, GrantId, GrantPlace, GrantSpec, Revocation};
use crate::metadata::{Metadata, Revision, SecretDescription};
use crate::name::SecretName;
use crate::record::SecretRecord;
use crate::rotation::{RotationSpec, RotationStatus};
use crate::value::SecretValue;
use crate::version::{IdempotencyToken, Version, VersionId, VersionLabel, VersionSelector};

/// A place where secrets are kept.
///
/// Promises that hold for every call:
/// - An error other than `Throttled` and `Unavailable` means that nothing changed. After those two the effect may have
///   happened: repeat the same call with the same token, and it happens once.
/// - A call on a secret that is deleted but recoverable gives `ScheduledForDeletion`, except `describe`, `list`,
///   `delete` and `restore`.
/// - Calls may run in parallel, also from other processes.
/// - Only `read` needs the right to read values; `describe`, `list` and `grants` need metadata rights only.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// The store's short name for messages: `local`, `memory`, `aws`, ….
    fn kind(&self) -> &'static str;

    /// Learns what [`Store::capabilities`] and the checks below depend on where that is known to the server only, such as
    /// which engine keeps the secrets. Called before them; without it they speak of the store's usual kind.
    ///
    /// # Errors
    /// `Unavailable` when the server cannot be asked.
    async fn prepare(&self) -> Result<()> {
        Ok(())
    }

    /// What this store can do. No input or output.
    fn capabilities(&self) -> Capabilities;

    /// Checks a secret's name and metadata without touching the store, so that a plan can refuse what an apply would.
    ///
    /// # Errors
    /// `Unsupported` for what this store has no place for; `Invalid` for what breaks its limits.
    fn check_secret(&self, _name: &SecretName, _metadata: &Metadata) -> Result<()> {
        Ok(())
    }

    /// Checks the name of a secret that is to be made, beyond [`Store::check_secret`]: what an existing secret may be called, and a new
    /// one should not.
    ///
    /// # Errors
    /// `Invalid` on field `name`.
    fn check_new_name(&self, _name: &SecretName) -> Result<()> {
        Ok(())
    }

    /// Checks a value, or a part of one that only grows, without touching the store.
    ///
    /// # Errors
    /// `Invalid` on field `value`.
    fn check_value(&self, value: &SecretValue) -> Result<()> {
        Ok(check_size(self.kind(), self.capabilities().max_value_bytes, value)?)
    }

    /// Checks the labels of the user's own that the current version is to have, as [`Store::check_secret`].
    ///
    /// # Errors
    /// `Invalid` on field `label`.
    fn check_labels(&self, _labels: &BTreeSet<VersionLabel>) -> Result<()> {
        Ok(())
    }

    /// Asks the server whether what the metadata refers to, such as a key, exists and can be used: what a plan can know. What the caller
    /// may not ask for passes.
    ///
    /// # Errors
    /// `Invalid` on the field that refers to it.
    async fn check_references(&self, _metadata: &Metadata) -> Result<()> {
        Ok(())
    }

    /// The name that a user means who gives a name, or the platform's full address of a secret in this store (an ARN).
    ///
    /// # Errors
    /// `Invalid` on field `name`, also for an address that is not in this store.
    async fn resolve(&self, text: &str) -> Result<SecretName> {
        Ok(SecretName::parse(text)?)
    }

    /// Tags that the configuration of the store gives every secret. The caller writes them; the store only remembers them.
    fn default_tags(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// Checks a rotation by the store itself, as [`Store::check_secret`]. `name` is the secret's, where it is known: a plan may be about one that
    /// is yet to be made.
    ///
    /// # Errors
    /// `Unsupported` for a schedule or window this store has not; `Invalid` for what breaks its limits, on field `rotator` for a rotator that it has
    /// not.
    fn check_rotation(&self, _name: Option<&SecretName>, _rotation: &RotationSpec) -> Result<()> {
        match self.capabilities().native_rotation {
            Support::Yes => Ok(()),
            Support::No { why } => Err(StoreError::Unsupported {
                store: self.kind(),
                what: "rotation by itself".to_owned(),
                why: why.to_owned(),
            }),
        }
    }

    /// Checks a grant without touching the store, so that a plan can refuse what an apply would. `name` is the secret's, where it is
    /// known already.
    ///
    /// # Errors
    /// `Unsupported` for an access, end or condition this store cannot enforce; `Invalid` for a principal it does not know.
    fn check_grant(&self, name: Option<&SecretName>, grant: &GrantSpec) -> Result<()>;

    /// Makes a new secret, with its first version (labelled `current`) if a value is given: both or nothing.
    ///
    /// Repeating the call with the same token answers with the secret as it is now and changes nothing. A copy in another region that
    /// the store could not make is missing in the answer: the secret exists, and [`Store::update`] makes the copy or says why not.
    ///
    /// # Errors
    /// `AlreadyExists` or `ScheduledForDeletion` when the name is taken.
    async fn create(&self, name: &SecretName, request: CreateSecret) -> Result<SecretDescription>;

    /// Everything public about a secret, also while it is deleted but recoverable.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    async fn describe(&self, name: &SecretName) -> Result<SecretDescription>;

    /// Replaces the metadata, if it is still at the revision the caller saw.
    ///
    /// # Errors
    /// `Conflict` when it is not; then describe again.
    async fn update(
        &self,
        name: &SecretName,
        metadata: Metadata,
        expected: &Revision,
    ) -> Result<SecretDescription>;

    /// Adds a version and puts labels on it, at once. With `current` among them, the version that was current becomes
    /// `previous`. The first version of a secret always becomes current.
    ///
    /// The same token never makes a second version: the answer is then the version made first, wherever its labels are
    /// now, and the value given is dropped.
    ///
    /// # Errors
    /// `Conflict` when `only_if_current` does not hold; `Invalid` when the value is too large.
    async fn put_version(&self, name: &SecretName, request: PutVersion) -> Result<Version>;

    /// Reads one value. Has no other effect than, in some stores, an entry in an audit log.
    ///
    /// # Errors
    /// `NotFound` for a version or label that is not there (any more); `Denied` without the right, or after the secret's `expires_at`.
    async fn read(&self, name: &SecretName, version: &VersionSelector) -> Result<ReadSecret>;

    /// Puts a label on a version, or takes it away. Moving `current` makes the version it leaves `previous`, as
    /// [`Store::promote`] does without grace. Moving a label where it already is changes nothing.
    ///
    /// # Errors
    /// `Invalid` for taking `current` away; `NotFound` for the version; `Conflict` when `only_if_on` does not hold.
    async fn move_label(&self, name: &SecretName, request: MoveLabel) -> Result<SecretDescription>;

    /// The last step of a rotation, all at once: the named version becomes `current` and loses `pending` and `previous`, the one
    /// that was current becomes `previous`, until its grace ends. Also a rollback, when the version named is `previous`.
    ///
    /// Promoting the version that is current already changes nothing, so a rotation can be resumed. Where versions are
    /// numbered in the order in which they become current (Vault), the version gets its number here: the description says
    /// which is current, and the id it had before still means it to this call.
    ///
    /// # Errors
    /// `NotFound` for the version.
    async fn promote(&self, name: &SecretName, request: Promotion) -> Result<SecretDescription>;

    /// Destroys one version's value for good, with its labels. Where a store cannot destroy one ([`Capabilities::version_destruction`])
    /// it only loses its labels, and the store removes it in its own time.
    ///
    /// # Errors
    /// `Invalid` for the current version; `NotFound` for one that is gone, which a repeated call may treat as done.
    async fn retire_version(&self, name: &SecretName, version: &VersionId) -> Result<()>;

    /// Deletes a secret, recoverably or for good. Deleting recoverably what already is keeps its first date.
    ///
    /// # Errors
    /// `NotFound` when there is none, which a caller may treat as done; `Invalid` for days outside the store's range.
    async fn delete(&self, name: &SecretName, deletion: Deletion) -> Result<DeletionOutcome>;

    /// Undoes a recoverable deletion: versions, labels and grants are as before. On a live secret it changes nothing.
    ///
    /// # Errors
    /// `NotFound` when there is none, or its time is over.
    async fn restore(&self, name: &SecretName) -> Result<SecretDescription>;

    /// All secrets that pass the filter, sorted by name where the store can, as they are read: one that cannot be
    /// described is an error item, and the rest follows.
    fn list(&self, filter: ListFilter) -> DescriptionStream<'_>;

    /// Gives access, or changes the grant of the same id (see [`GrantSpec::id`]). Other grants are left alone.
    ///
    /// # Errors
    /// As [`Store::check_grant`].
    async fn grant(&self, name: &SecretName, grant: GrantSpec) -> Result<Grant>;

    /// Takes access away, and says which values the principal could read until now.
    ///
    /// # Errors
    /// `NotFound` when there is no such grant, which a caller may treat as done.
    async fn revoke(&self, name: &SecretName, grant: &GrantId) -> Result<Revocation>;

    /// The grants this crate's callers made on a secret, sorted by id, including ended ones the store still holds.
    ///
    /// # Errors
    /// `NotFound` when there is no such secret.
    async fn grants(&self, name: &SecretName) -> Result<Vec<Grant>>;

    /// Sets or, with `None`, ends rotation by the store itself.
    ///
    /// # Errors
    /// `Unsupported` where the store has none; the caller then rotates by `put_version` and `promote`.
    async fn schedule_rotation(
        &self,
        name: &SecretName,
        rotation: Option<RotationSpec>,
    ) -> Result<Option<RotationStatus>>;

    /// Has the store rotate now, if the version the caller saw still is current: repeated, it does not rotate twice.
    ///
    /// # Errors
    /// `Unsupported` where the store cannot; `Conflict` while a rotation is going on.
    async fn rotate_native(&self, name: &SecretName, request: RotateNow) -> Result<SecretDescription>;

    /// Who can use a secret, by this crate's grants or otherwise, as far as the store lets the caller see it.
    ///
    /// # Errors
    /// `NotFound` when there is no such secret; `Denied` without the right to read policies.
    async fn access(&self, name: &SecretName) -> Result<AccessReport> {
        let grants = self.grants(name).await?;
        Ok(AccessReport::complete(grants.into_iter().map(Accessor::from).collect()))
    }

    /// The store's leased credentials, if it makes such.
    fn leases(&self) -> Option<&dyn Leases> {
        None
    }

    /// Gives back what the store holds for this process, such as a token of its own. Called once, at the end; nothing is
    /// called after it, and an error has nobody to read it but a log.
    async fn close(&self) {}
}

/// Credentials that a store makes for one run and takes back: a database login, a token.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Has the store make a credential.
    ///
    /// # Errors
    /// `Invalid` on field `path` when it leads to nothing that is leased; `Denied` without the right.
    async fn lease(&self, request: LeaseRequest) -> Result<Lease>;

    /// Prolongs it by its own time to live.
    ///
    /// # Errors
    /// `NotFound` when it has ended; `Unsupported` when it cannot be prolonged.
    async fn renew(&self, lease: &LeaseId) -> Result<LeaseTerm>;

    /// Ends it now: the credential stops working.
    ///
    /// # Errors
    /// Ending a lease that has ended is no error.
    async fn end(&self, lease: &LeaseId) -> Result<()>;
}

/// What to lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseRequest {
    /// Where, in the store's own terms: `database/creds/readonly`.
    pub path: String,
    /// Arguments of the path, for engines that take some; with any, the path is written to instead of read.
    pub parameters: std::collections::BTreeMap<String, String>,
}

/// The store's name of a lease.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct LeaseId(pub String);

/// A credential on loan.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Its name.
    pub id: LeaseId,
    /// What was made: the members of the answer.
    pub value: crate::json::JsonFields,
    /// For how long.
    pub term: LeaseTerm,
}

/// How long a lease lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTerm {
    /// From now on.
    pub duration: SignedDuration,
    /// Whether [`Leases::renew`] can prolong it.
    pub renewal: Renewal,
}

/// Whether a lease can be prolonged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// It can.
    Possible,
    /// It ends at its end.
    Impossible,
}

/// What [`Store::list`] gives: descriptions as they are read.
pub type DescriptionStream<'a> = BoxStream<'a, Result<SecretDescription>>;

/// Whether a store has a feature, and if not, why: the text of the `Unsupported` error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It has.
    Yes,
    /// It has not.
    No {
        /// Why, and what to do instead.
        why: &'static str,
    },
}

impl Support {
    /// True for [`Support::Yes`].
    #[must_use]
    pub const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// What a store can do, for checks at plan time and for the documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Largest value, in bytes.
    pub max_value_bytes: usize,
    /// Days a deleted secret may stay recoverable; `None` when deletion is always for good.
    pub recovery_days: Option<RangeInclusive<u16>>,
    /// Labels besides the built-in three.
    pub custom_labels: Support,
    /// Customer-managed keys (`kms_key`).
    pub customer_keys: Support,
    /// Copies in other regions.
    pub replicas: Support,
    /// Grants that the store itself ends at their `expires_at`.
    pub ending_grants: Support,
    /// Conditions on grants.
    pub grant_conditions: Support,
    /// Rotation by the store itself.
    pub native_rotation: Support,
    /// Limits on how many versions are kept, and for how long.
    pub version_retention: Support,
    /// Destroying one version.
    pub version_destruction: Support,
    /// Where a grant can be written, if there is a choice; the first is what a grant without a choice gets. Empty: one place.
    pub grant_places: &'static [GrantPlace],
}

/// A new secret.
#[derive(Clone, Debug)]
pub struct CreateSecret {
    /// What is known about it.
    pub metadata: Metadata,
    /// Its first value, if it is to have one now.
    pub value: Option<SecretValue>,
    /// Names this creation (and its first version).
    pub token: IdempotencyToken,
}

/// A new version.
#[derive(Clone, Debug)]
pub struct PutVersion {
    /// The value.
    pub value: SecretValue,
    /// Labels it gets, taken from whichever version had them.
    pub labels: Vec<VersionLabel>,
    /// Names this version.
    pub token: IdempotencyToken,
    /// Only if this version still is current: for read, change, write.
    pub only_if_current: Option<VersionId>,
    /// When the labels move `current`: how long the version it leaves stays readable; `None`: until it is replaced.
    pub keep_previous_for: Option<SignedDuration>,
}

impl PutVersion {
    /// A version that becomes current at once.
    #[must_use]
    pub fn current(value: SecretValue, token: IdempotencyToken) -> Self {
        Self::labelled(value, VersionLabel::Current, token)
    }

    /// The first step of a rotation: a version nobody reads yet.
    #[must_use]
    pub fn pending(value: SecretValue, token: IdempotencyToken) -> Self {
        Self::labelled(value, VersionLabel::Pending, token)
    }

    fn labelled(value: SecretValue, label: VersionLabel, token: IdempotencyToken) -> Self {
        Self { value, labels: vec![label], token, only_if_current: None, keep_previous_for: None }
    }
}

/// A value that was read, and which version it is.
#[derive(Clone, Debug)]
pub struct ReadSecret {
    /// The value.
    pub value: SecretValue,
    /// The version.
    pub version: Version,
}

/// A label that moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveLabel {
    /// Which.
    pub label: VersionLabel,
    /// Onto this version; `None` takes it away.
    pub to: Option<VersionId>,
    /// Only if the label is on this version now.
    pub only_if_on: Option<VersionId>,
}

/// The end of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// The version to become current.
    pub version: VersionId,
    /// How long the version that was current stays readable; `None`: until it is replaced.
    pub keep_previous_for: Option<SignedDuration>,
}

/// A rotation by the store, now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotateNow {
    /// Names this rotation.
    pub token: IdempotencyToken,
    /// The version to be replaced; another one that is current by now is the answer.
    pub from: Option<VersionId>,
}

/// How a secret is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It can be restored for so many days.
    Recoverable {
        /// Days, within [`Capabilities::recovery_days`].
        days: u16,
    },
    /// For good, now; also when it is already recoverably deleted.
    Purge,
}

/// What became of a deleted secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionOutcome {
    /// It can be restored until then; `None`: until somebody purges it.
    RecoverableUntil(Option<Timestamp>),
    /// It is gone, and its name free.
    Gone,
}

/// Which secrets to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Names that begin with this text, for example `prod/`.
    pub prefix: Option<String>,
    /// Whether recoverably deleted ones are among them.
    pub deleted: DeletedSecrets,
}

/// Whether a list has recoverably deleted secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeletedSecrets {
    /// Live ones only.
    #[default]
    Exclude,
    /// Both.
    Include,
    /// Deleted ones only.
    Only,
}

impl ListFilter {
    /// Whether a record is among what was asked for.
    pub(crate) fn accepts(&self, record: &SecretRecord) -> bool {
        let wanted = match self.deleted {
            DeletedSecrets::Exclude => record.deletion.is_none(),
            DeletedSecrets::Include => true,
            DeletedSecrets::Only => record.deletion.is_some(),
        };
        wanted && self.prefix.as_ref().is_none_or(|prefix| record.name.as_str().starts_with(prefix.as_str()))
    }
}

/// Refuses a value that is larger than the store takes.
pub(crate) fn check_size(kind: &str, limit: usize, value: &SecretValue) -> Result<(), Invalid> {
    if value.len() <= limit {
        return Ok(());
    }
    let size = value.len();
    Err(Invalid::new(
        "value",
        format!("it has {size} bytes, and store `{kind}` keeps at most {limit}; split it"),
    ))
}

/// Refuses a recovery window outside the store's range.
pub(crate) fn check_recovery_days(deletion: Deletion, capabilities: &Capabilities) -> Result<(), Invalid> {
    match (deletion, &capabilities.recovery_days) {
        (Deletion::Recoverable { days }, Some(range)) if !range.contains(&days) => Err(Invalid::new(
            "recovery_window_days",
            format!("{days} is not between {} and {}; to delete at once, purge", range.start(), range.end()),
        )),
        (Deletion::Recoverable { .. }, None) => {
            Err(Invalid::new("recovery_window_days", "this store deletes for good at once; purge instead"))
        }
        _ => Ok(()),
    }
}
