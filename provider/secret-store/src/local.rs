//! The embedded store: a folder of standard `age` files that anyone with the key can open with the `age` tool.
//!
//! ```text
//! .secrets/store.toml               who owns the store (a public key)
//! .secrets/audit.jsonl              one line per change, chained by hashes
//! .secrets/prod/db/secret.toml      metadata, labels, versions, grants: plain text, no value, no hash of one
//! .secrets/prod/db/v3.age           a value, encrypted to the owner and to everybody with a grant
//! ```
//!
//! A grant is real: its principal is a recipient of the files, and after a revoke no longer is. Only `read` can be enforced
//! so; who may write is up to the file system. Whoever can write to the folder can swap value files between secrets, which
//! age does not notice: protect it as you protect Terraform's state.
//!
//! Calls do their file work in blocking threads ([`tokio::task::spawn_blocking`]), so they need a Tokio runtime. Writes that
//! come in while one is under way are committed together, which is what makes a thousand of them quick.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::grant::{Access, AgeRecipient, Grant, GrantId, GrantSpec, Revocation};
use crate::metadata::{Metadata, Revision, SecretDescription};
use crate::name::SecretName;
use crate::record::{GrantRecord, Put, SecretRecord, version_id};
use crate::rotation::{RotationSpec, RotationStatus};
use crate::store::{
    Capabilities, CreateSecret, Deletion, DeletionOutcome, DescriptionStream, ListFilter, MoveLabel,
    Promotion, PutVersion, ReadSecret, RotateNow, Store, Support, check_recovery_days,
};
use crate::version::{Version, VersionId, VersionSelector};

mod audit;
mod batch;
mod cipher;
mod disk;
#[cfg(feature = "fault-injection")]
pub mod faults;
mod files;
mod identity;
mod layout;
mod lock;
mod writer;

pub use audit::AuditReport;
pub use identity::IdentitySource;

use audit::Event;
use identity::IfMissing;
use writer::{Change, Writer};

const KIND: &str = "local";
const ARN_PREFIX: &str = "local:";
const NO_ROTATOR: &str = "it is a folder and runs nothing; let the provider rotate at apply";
const NO_KEY: &str =
    "values are encrypted to age recipients; leave `kms_key` out and grant to a recipient instead";
const NO_RETENTION: &str = "it keeps the labelled versions and the ten newest others; a rotation's `keep_previous_for` ends the previous one";
const NO_REPLICA: &str = "it is one folder; copy or synchronise it by your own means";
const NO_CONDITION: &str = "an age recipient can decrypt or cannot; leave the conditions out";

/// Descriptions read together in one blocking call while listing.
const LIST_CHUNK: usize = 64;

/// How a local store is set up.
#[derive(Clone, Debug)]
pub struct LocalConfig {
    /// The store's folder; made by the first write.
    pub path: PathBuf,
    /// Where the owner's identity comes from.
    pub identity: IdentitySource,
    /// How long a write waits for other processes.
    pub lock_wait: Duration,
    /// What time it is.
    pub clock: Clock,
}

impl LocalConfig {
    /// A store in this folder, with the system's clock, waiting 60 seconds for other processes.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, identity: IdentitySource) -> Self {
        Self { path: path.into(), identity, lock_wait: Duration::from_secs(60), clock: Clock::system() }
    }
}

/// What time it is; tests bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock of the caller's.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Clock")
    }
}

/// A store in a folder. Clones share one writer.
#[derive(Clone, Debug)]
pub struct LocalStore {
    config: Arc<LocalConfig>,
    writer: Arc<Writer>,
}

impl LocalStore {
    /// Sets a store up. Touches no file: the folder and an identity are made by the first write.
    ///
    /// # Errors
    /// [`Invalid`] on field `path` when it is empty.
    pub fn open(config: LocalConfig) -> Result<Self, Invalid> {
        Self::with_disk(config, disk::Disk::default())
    }

    /// A store that fails as planned, for tests.
    ///
    /// # Errors
    /// As [`LocalStore::open`].
    #[cfg(feature = "fault-injection")]
    pub fn open_with_faults(config: LocalConfig, faults: faults::Faults) -> Result<Self, Invalid> {
        Self::with_disk(config, disk::Disk::with_faults(faults))
    }

    fn with_disk(config: LocalConfig, disk: disk::Disk) -> Result<Self, Invalid> {
        if config.path.as_os_str().is_empty() {
            return Err(Invalid::new("path", "it is empty; name a folder such as `.secrets`"));
        }
        // A path of one component has no parent to make it in or to sync; and the process may change its folder.
        let path = std::path::absolute(&config.path).map_err(|error| {
            Invalid::new("path", format!("it leads nowhere: {error}; name a folder such as `.secrets`"))
        })?;
        let config = Arc::new(LocalConfig { path, ..config });
        Ok(Self { writer: Arc::new(Writer::new(Arc::clone(&config), disk)), config })
    }

    /// The store's owner, once something was written to it: the public key every value is encrypted to.
    ///
    /// # Errors
    /// `Corrupt` or `Unavailable` when `store.toml` cannot be read.
    pub fn owner(&self) -> Result<Option<AgeRecipient>> {
        files::StoreRecord::owner(&self.config.path)
    }

    /// Checks the audit log's chain from the first entry to the last.
    ///
    /// # Errors
    /// `Corrupt`, naming the first line that does not fit.
    pub fn verify_audit(&self) -> Result<AuditReport> {
        audit::verify(&self.config.path)
    }

    /// Runs a reading function in a blocking thread.
    async fn blocking<T: Send + 'static>(
        &self,
        run: impl FnOnce(&LocalConfig) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let config = Arc::clone(&self.config);
        tokio::task::spawn_blocking(move || run(&config)).await.unwrap_or_else(|_| Err(batch::interrupted()))
    }

    /// Runs a change of an existing secret and describes it afterwards.
    async fn change<T: Send + 'static>(
        &self,
        name: &SecretName,
        run: impl FnOnce(&mut Change<'_>, &mut SecretRecord) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let missing = name.clone();
        self.writer
            .submit(name.clone(), move |change| {
                // A copy, so that a refused change leaves no trace of itself.
                let record = change.staged.record.clone();
                let mut record = record.ok_or_else(|| StoreError::secret_not_found(KIND, &missing))?;
                let answer = run(change, &mut record)?;
                change.staged.record = Some(record);
                Ok(answer)
            })
            .await
    }
}

#[async_trait]
impl Store for LocalStore {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_value_bytes: 65_536,
            recovery_days: Some(1..=365),
            custom_labels: Support::Yes,
            customer_keys: Support::No { why: NO_KEY },
            replicas: Support::No { why: NO_REPLICA },
            ending_grants: Support::No {
                why: "it runs nothing by itself; an ended grant is taken away by the next write to its secret",
            },
            grant_conditions: Support::No { why: NO_CONDITION },
            native_rotation: Support::No { why: NO_ROTATOR },
            version_retention: Support::No { why: NO_RETENTION },
            version_destruction: Support::Yes,
            grant_places: &[],
        }
    }

    fn check_grant(&self, _name: Option<&SecretName>, grant: &GrantSpec) -> Result<()> {
        if let Some(access) = grant.access.iter().find(|access| *access != Access::Read) {
            let why = match access {
                Access::Describe => {
                    "metadata is plain text to whoever can read the folder; grant `read` only"
                }
                _ => "who may change files is up to the file system; grant `read` only",
            };
            return Err(unsupported(format!("granting `{access}`"), why));
        }
        if !grant.conditions.is_empty() {
            return Err(unsupported("conditions on a grant".to_owned(), NO_CONDITION));
        }
        AgeRecipient::parse(grant.principal.as_str())?;
        Ok(())
    }

    async fn create(&self, name: &SecretName, request: CreateSecret) -> Result<SecretDescription> {
        if let Some(value) = &request.value {
            self.check_value(value)?;
        }
        check_metadata(&request.metadata)?;
        let secret = name.clone();
        let run = move |change: &mut Change<'_>| {
            if let Some(record) = &change.staged.record {
                record.require_live()?;
                return if record.token == request.token {
                    record.description(ARN_PREFIX, change.now)
                } else {
                    Err(StoreError::AlreadyExists { store: KIND, name: secret })
                };
            }
            let mut record = SecretRecord::new(secret, request.metadata, request.token.clone(), change.now);
            if let Some(value) = request.value
                && let Put::New(number) = record.put(&request.token, &[], None, None, change.now)?
            {
                change.staged.values.insert(number, value);
            }
            let version = record.versions.first().map(|version| format!("v{}", version.number));
            change.note(&record, Event { action: "create".to_owned(), version, ..Event::default() });
            let description = record.description(ARN_PREFIX, change.now);
            change.staged.record = Some(record);
            description
        };
        self.writer.submit(name.clone(), run).await
    }

    async fn describe(&self, name: &SecretName) -> Result<SecretDescription> {
        let name = name.clone();
        self.blocking(move |config| existing(config, &name)?.description(ARN_PREFIX, config.clock.now()))
            .await
    }

    async fn update(
        &self,
        name: &SecretName,
        metadata: Metadata,
        expected: &Revision,
    ) -> Result<SecretDescription> {
        check_metadata(&metadata)?;
        let expected = expected.clone();
        self.change(name, move |change, record| {
            let revision = record.revision;
            record.update(metadata, &expected, change.now)?;
            change.note_if_changed(
                revision,
                record,
                Event { action: "update".to_owned(), ..Event::default() },
            );
            record.description(ARN_PREFIX, change.now)
        })
        .await
    }

    async fn put_version(&self, name: &SecretName, request: PutVersion) -> Result<Version> {
        self.check_value(&request.value)?;
        self.change(name, move |change, record| {
            let PutVersion { value, labels, token, only_if_current, keep_previous_for } = request;
            match record.put(&token, &labels, only_if_current.as_ref(), keep_previous_for, change.now)? {
                Put::Replayed(version) => Ok(version),
                Put::New(number) => {
                    let id = version_id(number)?;
                    let version =
                        record.select(KIND, &VersionSelector::Id(id.clone()), change.now)?.version()?;
                    change.staged.values.insert(number, value);
                    let version_text = Some(id.to_string());
                    let event =
                        Event { action: "put_version".to_owned(), version: version_text, ..Event::default() };
                    change.note(record, event);
                    Ok(version)
                }
            }
        })
        .await
    }

    async fn read(&self, name: &SecretName, version: &VersionSelector) -> Result<ReadSecret> {
        let (name, version) = (name.clone(), version.clone());
        self.blocking(move |config| read(config, &name, &version)).await
    }

    async fn move_label(&self, name: &SecretName, request: MoveLabel) -> Result<SecretDescription> {
        self.change(name, move |change, record| {
            let revision = record.revision;
            record.move_label(KIND, &request, change.now)?;
            let version = request.to.as_ref().map(ToString::to_string);
            let reason = Some(format!("label {}", request.label));
            let event = Event { action: "move_label".to_owned(), version, reason, ..Event::default() };
            change.note_if_changed(revision, record, event);
            record.description(ARN_PREFIX, change.now)
        })
        .await
    }

    async fn promote(&self, name: &SecretName, request: Promotion) -> Result<SecretDescription> {
        self.change(name, move |change, record| {
            let revision = record.revision;
            record.promote(KIND, &request, change.now)?;
            let version = Some(request.version.to_string());
            let event = Event { action: "promote".to_owned(), version, ..Event::default() };
            change.note_if_changed(revision, record, event);
            record.description(ARN_PREFIX, change.now)
        })
        .await
    }

    async fn retire_version(&self, name: &SecretName, version: &VersionId) -> Result<()> {
        let version = version.clone();
        self.change(name, move |change, record| {
            record.retire(KIND, &version, change.now)?;
            let version = Some(version.to_string());
            change.note(record, Event { action: "retire_version".to_owned(), version, ..Event::default() });
            Ok(())
        })
        .await
    }

    async fn delete(&self, name: &SecretName, deletion: Deletion) -> Result<DeletionOutcome> {
        check_recovery_days(deletion, &self.capabilities())?;
        self.change(name, move |change, record| {
            let revision = record.revision;
            let outcome = record.delete(deletion, change.now)?;
            let (action, until) = match outcome {
                DeletionOutcome::RecoverableUntil(until) => ("delete", until),
                DeletionOutcome::Gone => ("purge", None),
            };
            change.note_if_changed(
                revision,
                record,
                Event { action: action.to_owned(), until, ..Event::default() },
            );
            Ok(outcome)
        })
        .await
    }

    async fn restore(&self, name: &SecretName) -> Result<SecretDescription> {
        self.change(name, |change, record| {
            let revision = record.revision;
            record.restore(change.now);
            change.note_if_changed(
                revision,
                record,
                Event { action: "restore".to_owned(), ..Event::default() },
            );
            record.description(ARN_PREFIX, change.now)
        })
        .await
    }

    fn list(&self, filter: ListFilter) -> DescriptionStream<'_> {
        let wanted = filter.prefix.clone().unwrap_or_default();
        let names = self.blocking(move |config| {
            let (names, errors) = files::secret_names(&config.path);
            let names = names.into_iter().filter(|name| name.as_str().starts_with(&wanted)).map(Ok);
            Ok(errors.into_iter().map(Err).chain(names).collect::<Vec<Result<SecretName>>>())
        });
        stream::once(names)
            .map_ok(|names| stream::iter(names).chunks(LIST_CHUNK).map(Ok))
            .try_flatten()
            .then(move |chunk: Result<Vec<Result<SecretName>>>| {
                let filter = filter.clone();
                async move {
                    let chunk = match chunk {
                        Ok(chunk) => chunk,
                        Err(error) => return vec![Err(error)],
                    };
                    let described = self.blocking(move |config| Ok(describe_all(config, &filter, chunk)));
                    described.await.unwrap_or_else(|error| vec![Err(error)])
                }
            })
            .flat_map(stream::iter)
            .boxed()
    }

    async fn grant(&self, name: &SecretName, grant: GrantSpec) -> Result<Grant> {
        self.check_grant(Some(name), &grant)?;
        self.change(name, move |change, record| {
            if grant.principal.as_str() == change.owner.as_str() {
                let reason = "it owns the store and reads every secret anyway; grant to another identity";
                return Err(Invalid::new("principal", reason).into());
            }
            if grant.expires_at.is_some_and(|end| end <= change.now) {
                return Err(
                    Invalid::new("expires_at", "it is in the past; the grant would never hold").into()
                );
            }
            let revision = record.revision;
            let granted = record.grant(grant, change.now)?;
            let event = grant_event("grant", &granted);
            change.note_if_changed(revision, record, event);
            Ok(granted)
        })
        .await
    }

    async fn revoke(&self, name: &SecretName, grant: &GrantId) -> Result<Revocation> {
        let id = *grant;
        self.change(name, move |change, record| {
            let grant = record.revoke(KIND, &id, change.now)?;
            change.note(record, grant_event("revoke", &grant));
            Ok(Revocation { exposed: record.exposed_to(&grant, change.now)?, grant })
        })
        .await
    }

    async fn grants(&self, name: &SecretName) -> Result<Vec<Grant>> {
        let name = name.clone();
        self.blocking(move |config| {
            let record = existing(config, &name)?;
            record.require_live()?;
            Ok(record.grants.iter().map(GrantRecord::grant).collect())
        })
        .await
    }

    async fn schedule_rotation(
        &self,
        name: &SecretName,
        rotation: Option<RotationSpec>,
    ) -> Result<Option<RotationStatus>> {
        let name = name.clone();
        self.blocking(move |config| existing(config, &name)?.require_live()).await?;
        match rotation {
            Some(_) => Err(unsupported("scheduling rotation".to_owned(), NO_ROTATOR)),
            None => Ok(None),
        }
    }

    async fn rotate_native(&self, name: &SecretName, _request: RotateNow) -> Result<SecretDescription> {
        let name = name.clone();
        self.blocking(move |config| existing(config, &name)?.require_live()).await?;
        Err(unsupported("rotating by itself".to_owned(), NO_ROTATOR))
    }
}

fn existing(config: &LocalConfig, name: &SecretName) -> Result<SecretRecord> {
    let folder = layout::folder(&config.path, name);
    files::read_record(&folder, name)?
        .filter(|record| !record.is_gone(config.clock.now()))
        .ok_or_else(|| StoreError::secret_not_found(KIND, name))
}

fn describe_all(
    config: &LocalConfig,
    filter: &ListFilter,
    names: Vec<Result<SecretName>>,
) -> Vec<Result<SecretDescription>> {
    let describe = |name: Result<SecretName>| -> Result<Option<SecretDescription>> {
        match existing(config, &name?) {
            Ok(record) if filter.accepts(&record) => {
                record.description(ARN_PREFIX, config.clock.now()).map(Some)
            }
            Ok(_) => Ok(None),
            // Deleted since its folder was seen.
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    };
    names.into_iter().filter_map(|name| describe(name).transpose()).collect()
}

fn read(config: &LocalConfig, name: &SecretName, version: &VersionSelector) -> Result<ReadSecret> {
    let identities = config.identity.load(&config.path, IfMissing::Refuse)?;
    let owner = files::StoreRecord::owner(&config.path)?.map_or_else(|| identities.first_recipient(), Ok)?;
    let disk = disk::Disk::default();
    let mut record = existing(config, name)?;
    loop {
        let now = config.clock.now();
        let context =
            batch::Context { disk: &disk, root: &config.path, owner: &owner, identities: &identities, now };
        record.require_readable(now)?;
        let found = record.select(KIND, version, now)?;
        let path = layout::folder(&config.path, name).join(layout::value_file(found.number));
        match batch::open_value(&context, name, found.number, &path) {
            Ok(value) => return Ok(ReadSecret { value, version: found.version()? }),
            Err(error) => {
                // A writer may have retired the version, or replaced the secret, after its record was read.
                let again = existing(config, name)?;
                if again.revision == record.revision && again.id == record.id {
                    return Err(error);
                }
                record = again;
            }
        }
    }
}

fn check_metadata(metadata: &Metadata) -> Result<()> {
    if metadata.kms_key.is_some() {
        return Err(unsupported("`kms_key`".to_owned(), NO_KEY));
    }
    if !metadata.retention.is_default() {
        return Err(unsupported("`max_versions` and `delete_version_after`".to_owned(), NO_RETENTION));
    }
    if !metadata.replicas.is_empty() {
        return Err(unsupported("`replicas`".to_owned(), NO_REPLICA));
    }
    Ok(())
}

fn grant_event(action: &str, grant: &Grant) -> Event {
    Event {
        action: action.to_owned(),
        grant: Some(grant.id.to_string()),
        principal: Some(grant.spec.principal.to_string()),
        until: grant.spec.expires_at,
        reason: grant.spec.reason.clone(),
        ..Event::default()
    }
}

fn unsupported(what: String, why: &str) -> StoreError {
    StoreError::Unsupported { store: KIND, what, why: why.to_owned() }
}

/// What failed where, and what to do about it.
fn io_error(verb: &str, path: &Path, error: io::Error) -> StoreError {
    let help = match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied; let the user who runs this use it".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full; free some space, then repeat the call".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the file system is read-only; put the store elsewhere".to_owned()
        }
        io::ErrorKind::NotADirectory => "a part of the path is a file; choose another `path`".to_owned(),
        kind => kind.to_string(),
    };
    StoreError::Unavailable {
        store: KIND,
        reason: format!("cannot {verb} `{}`: {help}", path.display()),
        source: Some(Arc::new(error)),
    }
}

/// The error for an identity that does not own the store.
fn not_the_owner(name: &SecretName, origin: &str, owner: &AgeRecipient) -> StoreError {
    StoreError::Denied {
        name: name.clone(),
        action: Action::Write,
        reason: format!("the store is owned by {owner}, and {origin} is another; use the owner's identity"),
    }
}
