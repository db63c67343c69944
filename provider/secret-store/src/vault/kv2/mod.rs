//! KV version 2. A version's id is its number in the engine (`3`, what `bao kv get -version=3` takes); `current` is always the
//! latest, because that is what every reader gets; `previous` is the one just below while it is readable.
//!
//! `state` is what one request tells about a secret; `write` makes versions; `pending` keeps one that nobody reads yet;
//! `deletion` deletes, restores and purges; `list` walks the folders.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use self::state::{Key, MetadataAnswer};
use super::address::{KvPath, PENDING};
use super::client::{ApiError, Body};
use super::custom_metadata::{self, Entries, Notes, Record};
use super::failure::Failure;
use super::value::{self, Kind};
use super::{KIND, VaultStore};
use crate::error::{Action, Invalid, StoreError};
use crate::metadata::{Metadata, Revision, SecretDescription};
use crate::name::SecretName;
use crate::store::{Capabilities, DescriptionStream, ListFilter, MoveLabel, Promotion, ReadSecret, Support};
use crate::version::{Version, VersionId, VersionLabel, VersionSelector};

mod deletion;
mod list;
mod pending;
mod state;
mod write;

/// What has been seen of an engine. Nothing here depends on the product's name.
#[derive(Debug, Default)]
pub(super) struct KvFeatures {
    /// It checks and sets metadata, not only data: its metadata has a version of its own.
    checks_metadata: AtomicBool,
    /// It does not list a folder together with the metadata of what is in it.
    lists_names_only: AtomicBool,
}

/// How long one call repeats itself while others keep writing to the same secret.
const PATIENCE: Duration = Duration::from_secs(30);

/// One secret in the engine.
pub(super) struct Kv2<'a> {
    store: &'a VaultStore,
    path: &'a KvPath,
    name: &'a SecretName,
}

/// What a write of the metadata expects to find.
enum Seen<'a> {
    /// Nothing: the secret is new.
    Nothing,
    /// This.
    Key(&'a Key),
}

#[derive(Serialize)]
struct MetadataBody<'a> {
    custom_metadata: &'a Entries,
    max_versions: u32,
    delete_version_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_cas: Option<u64>,
}

impl<'a> Kv2<'a> {
    /// The secret of this name at this path.
    pub(super) const fn new(store: &'a VaultStore, path: &'a KvPath, name: &'a SecretName) -> Self {
        Self { store, path, name }
    }

    /// Everything public about it, in one request.
    pub(super) async fn describe(&self) -> Result<SecretDescription, Failure> {
        let now = self.store.now();
        Ok(self.key().await?.description(self.path, self.name, now)?)
    }

    /// Replaces the metadata.
    pub(super) async fn update(
        &self,
        metadata: &Metadata,
        expected: &Revision,
    ) -> Result<SecretDescription, Failure> {
        let _lock = self.lock().await;
        let key = self.key().await?;
        key.require_live(self.name, self.store.now())?;
        // What stands as it was asked for already may be this very call, whose first answer was lost.
        if key.notes.metadata != *metadata {
            let found = key.revision();
            if found != *expected {
                let reason = format!("expected revision {expected}, found {found}");
                return Err(StoreError::Conflict { name: self.name.clone(), reason }.into());
            }
            let notes = Notes { metadata: metadata.clone(), record: key.notes.record.clone() };
            self.write_notes(&notes, Seen::Key(&key)).await?;
        }
        self.describe().await
    }

    /// Reads one version.
    pub(super) async fn read(&self, selector: &VersionSelector) -> Result<ReadSecret, Failure> {
        let now = self.store.now();
        if *selector == VersionSelector::Label(VersionLabel::Current)
            && let Some(read) = self.read_latest(now).await?
        {
            return Ok(read);
        }
        let key = self.key().await?;
        key.require_readable(self.name, now)?;
        let missing = || StoreError::version_not_found(KIND, self.name, selector);
        let version = key.selected(selector, now).ok_or_else(missing)?;
        if let Some(pending) = key.pending().filter(|_| version.has(&VersionLabel::Pending)) {
            let value = self.read_staged(pending).await?.ok_or_else(missing)?;
            return Ok(ReadSecret { value, version });
        }
        let number = state::version_number(&version.id).ok_or_else(missing)?;
        let body = match self.store.client.read_version(&self.path.data(), Some(number)).await {
            Err(error) if error.is_not_found() => return Err(missing().into()),
            body => body?,
        };
        let value = self.with_data(&body, |data, _| value::decode(data, key.kind_of(number)))?;
        Ok(ReadSecret { value, version })
    }

    /// The current version in one request: the answer has the notes with it. `None` when it cannot be read that way.
    async fn read_latest(&self, now: Timestamp) -> Result<Option<ReadSecret>, Failure> {
        let body = match self.store.client.read_version(&self.path.data(), None).await {
            Err(error) if error.is_not_found() => return Ok(None),
            body => body?,
        };
        self.with_data(&body, |data, read| {
            let notes = state::notes(self.path, read.custom_metadata.as_ref())?;
            state::require_readable(&notes, self.name, now)?;
            if notes.record.deletion.is_some() {
                return Ok(None);
            }
            let kind = notes.record.write_of(read.version).map_or(Kind::Object, |write| write.kind);
            let version = Version {
                id: state::version_id(read.version)?,
                labels: vec![VersionLabel::Current],
                created_at: read.created_time,
                expires_at: read.deletion_time,
            };
            Ok(Some(ReadSecret { value: value::decode(data, kind), version }))
        })?
    }

    /// Looks at the data of a read version.
    fn with_data<T>(
        &self,
        body: &Body,
        look: impl FnOnce(&RawValue, &state::ReadMetadata) -> T,
    ) -> Result<T, Failure> {
        let answer: state::ReadAnswer<'_> =
            serde_json::from_slice(body.bytes()).map_err(|_| not_understood(&self.path.data()))?;
        let data = answer.data.data.ok_or_else(|| StoreError::secret_not_found(KIND, self.name))?;
        Ok(look(data, &answer.data.metadata))
    }

    /// Takes a label away or puts it where it may be.
    pub(super) async fn move_label(&self, request: &MoveLabel) -> Result<SecretDescription, Failure> {
        let MoveLabel { label, to, only_if_on } = request;
        let now = self.store.now();
        let key = self.key().await?;
        key.require_live(self.name, now)?;
        let on = key.selected(&VersionSelector::Label(label.clone()), now).map(|version| version.id);
        if let Some(expected) = only_if_on.as_ref().filter(|expected| on.as_ref() != Some(expected)) {
            let found = on.map_or_else(|| "on no version".to_owned(), |version| format!("on `{version}`"));
            let reason = format!("expected `{label}` on `{expected}`, found it {found}");
            return Err(StoreError::Conflict { name: self.name.clone(), reason }.into());
        }
        if on == *to {
            return Ok(key.description(self.path, self.name, now)?);
        }
        match (label, to, on) {
            (VersionLabel::Current, Some(to), _) => {
                self.promote(&Promotion { version: to.clone(), keep_previous_for: None }).await
            }
            (VersionLabel::Current, None, _) => {
                let reason =
                    "`current` cannot be taken away; move it to another version, or delete the secret";
                Err(StoreError::from(Invalid::new("label", reason)).into())
            }
            (VersionLabel::Pending | VersionLabel::Previous, None, Some(version)) => {
                self.retire(&version).await?;
                self.describe().await
            }
            (_, Some(to), _) if key.selected(&VersionSelector::Id(to.clone()), now).is_none() => {
                Err(StoreError::version_not_found(KIND, self.name, to).into())
            }
            _ => Err(StoreError::Unsupported {
                store: KIND,
                what: format!("moving the label `{label}`"),
                why: "in a KV engine the latest version is current and the one before it previous; promote a version instead"
                    .to_owned(),
            }
            .into()),
        }
    }

    /// Destroys a version that is not current.
    pub(super) async fn retire(&self, version: &VersionId) -> Result<(), Failure> {
        let _lock = self.lock().await;
        let now = self.store.now();
        let key = self.key().await?;
        key.require_live(self.name, now)?;
        let found = key
            .selected(&VersionSelector::Id(version.clone()), now)
            .ok_or_else(|| StoreError::version_not_found(KIND, self.name, version))?;
        if found.has(&VersionLabel::Current) {
            return Err(state::current_cannot_be_retired(version).into());
        }
        match state::version_number(&found.id) {
            Some(number) => Ok(self.destroy(&[number]).await?),
            None => self.drop_pending(key).await,
        }
    }

    /// Destroys the data of versions.
    async fn destroy(&self, versions: &[u64]) -> Result<(), ApiError> {
        self.on_versions(&self.path.destroy(), versions).await
    }

    async fn on_versions(&self, path: &str, versions: &[u64]) -> Result<(), ApiError> {
        self.store.client.put(path, &serde_json::json!({ "versions": versions })).await
    }

    /// What the server knows about it now. One whose time is over is not found.
    async fn key(&self) -> Result<Key, Failure> {
        match self.key_if_any().await? {
            Some(key) if !key.is_gone(self.store.now()) => Ok(key),
            _ => Err(StoreError::secret_not_found(KIND, self.name).into()),
        }
    }

    /// What the server knows about it now, also when its time is over.
    async fn key_if_any(&self) -> Result<Option<Key>, Failure> {
        let answer: MetadataAnswer = match self.store.client.read(&self.path.metadata()).await {
            Err(error) if error.is_not_found() => return Ok(None),
            answer => answer?,
        };
        let key = Key::parse(self.path, answer.data)?;
        self.store.learn(&key);
        Ok(Some(key))
    }

    /// Writes the metadata and the record, if nobody has since they were seen, where the server can make sure of that.
    async fn write_notes(&self, notes: &Notes, seen: Seen<'_>) -> Result<(), Failure> {
        let retention = notes.metadata.retention;
        let after = retention.delete_version_after.map_or(0, |after| after.as_secs());
        let body = MetadataBody {
            custom_metadata: &custom_metadata::encode(notes)?,
            max_versions: retention.max_versions.unwrap_or(0),
            delete_version_after: format!("{after}s"),
            metadata_cas: match seen {
                Seen::Nothing => Some(0),
                Seen::Key(key) => key.metadata_version,
            },
        };
        Ok(self.store.client.put(&self.path.metadata(), &body).await?)
    }

    /// Changes the record, again from what is there then if somebody else was faster. `None` changes nothing.
    async fn change_record(
        &self,
        change: impl Fn(&Key) -> Result<Option<Record>, StoreError>,
    ) -> Result<Key, Failure> {
        let start = tokio::time::Instant::now();
        loop {
            let mut key = self.key().await?;
            let Some(record) = change(&key)? else { return Ok(key) };
            let notes = Notes { record, ..key.notes.clone() };
            match self.write_notes(&notes, Seen::Key(&key)).await {
                Ok(()) => {
                    key.notes = notes;
                    return Ok(key);
                }
                Err(Failure::Api(ApiError::CasMismatch { .. })) if start.elapsed() < PATIENCE => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn lock(&self) -> tokio::sync::OwnedMutexGuard<()> {
        self.store.locks.of(&self.path.metadata()).await
    }
}

impl VaultStore {
    /// Whether the engine is known to check and set metadata.
    fn checks_metadata(&self) -> bool {
        self.kv_features.checks_metadata.load(Ordering::Relaxed)
    }

    fn learn(&self, key: &Key) {
        self.kv_features.checks_metadata.store(key.metadata_version.is_some(), Ordering::Relaxed);
    }
}

/// Refuses a name that the engine does not take, or that means something else here.
pub(super) fn check_name(name: &SecretName) -> Result<(), StoreError> {
    let invalid = |reason: String| Err(Invalid::new("name", reason).into());
    if name.segments().last() == Some(PENDING) {
        return invalid(format!(
            "its last segment is `{PENDING}`, where this store keeps versions that wait"
        ));
    }
    // The server answers 400 to what Go does not call printable: <https://pkg.go.dev/unicode#IsPrint>.
    let is_refused = |character: &char| {
        character.is_whitespace() && *character != ' '
            || matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
    };
    match name.as_str().chars().find(is_refused) {
        Some(character) => {
            invalid(format!("it has the character U+{:04X}, which the server refuses", u32::from(character)))
        }
        None => Ok(()),
    }
}

/// Refuses metadata that the engine has no place for.
pub(super) fn check_metadata(metadata: &Metadata, capabilities: &Capabilities) -> Result<(), StoreError> {
    let unsupported = |what: &str, support: Support| match support {
        Support::Yes => Ok(()),
        Support::No { why } => {
            Err(StoreError::Unsupported { store: KIND, what: what.to_owned(), why: why.to_owned() })
        }
    };
    if metadata.kms_key.is_some() {
        unsupported("`kms_key`", capabilities.customer_keys)?;
    }
    if !metadata.replicas.is_empty() {
        unsupported("`replicas`", capabilities.replicas)?;
    }
    Ok(custom_metadata::check(metadata)?)
}

/// The secrets of the engine in use.
pub(super) async fn list(store: &VaultStore, filter: ListFilter) -> DescriptionStream<'_> {
    match store.kv_mount().await {
        Ok(mount) => list::Walk::new(store, mount, filter).start().await,
        Err(error) => stream::iter([Err(error)]).boxed(),
    }
}

/// An answer that is not what the API documents.
pub(super) fn not_understood(path: &str) -> StoreError {
    StoreError::Unavailable {
        store: KIND,
        reason: format!("the answer to reading `{path}` is not understood"),
        source: None,
    }
}

/// Runs a call again while its outcome is unknown: every call of this store finds out for itself what the last one did.
pub(super) async fn settled<T, F: Future<Output = Result<T, Failure>>>(
    action: Action,
    name: &SecretName,
    call: impl Fn() -> F,
) -> Result<T, StoreError> {
    for pause in [Duration::from_millis(50), Duration::from_millis(500), Duration::from_secs(2)] {
        match call().await {
            Err(Failure::Api(ApiError::Lost { .. } | ApiError::NotReady { .. })) => {
                tokio::time::sleep(pause).await;
            }
            settled => return settled.map_err(|failure| failure.during(action, name)),
        }
    }
    call().await.map_err(|failure| failure.during(action, name))
}
