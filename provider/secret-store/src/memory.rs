//! A store that forgets everything when it is dropped. For tests: it can be told to fail on its next call, before or
//! after the effect, its clock can be moved, and it lists the calls made.

mod aws_ways;
mod vault_ways;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream;
use jiff::{SignedDuration, Timestamp};

use crate::Result;
use crate::error::StoreError;
use crate::grant::{Grant, GrantId, GrantSpec, Revocation};
use crate::metadata::{Metadata, Revision, SecretDescription};
use crate::name::SecretName;
use crate::record::{Put, SecretRecord, version_id};
use crate::rotation::{RotationSchedule, RotationSpec, RotationStatus};
use crate::store::{
    Capabilities, CreateSecret, Deletion, DeletionOutcome, DescriptionStream, Leases, ListFilter, MoveLabel,
    Promotion, PutVersion, ReadSecret, RotateNow, Store, Support, check_recovery_days,
};
use crate::value::SecretValue;
use crate::version::{Version, VersionId, VersionLabel, VersionSelector};

const KIND: &str = "memory";
const NO_ROTATION: &str = "it has no rotator; put a pending version and promote it";

/// When a planned failure strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails and nothing changes.
    Before,
    /// The change happens, and the answer is lost.
    After,
}

/// One call made on a [`MemoryStore`], without any value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The trait's method, for example `put_version`.
    pub method: &'static str,
    /// On which secret; `None` for `list` and what is about no secret.
    pub name: Option<SecretName>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
    /// What a configuration of the store says; the content is shared, this is not.
    default_tags: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct Inner {
    secrets: BTreeMap<SecretName, Entry>,
    faults: VecDeque<(Fault, StoreError)>,
    /// Calls that succeed before the first of the faults.
    delay: usize,
    calls: Vec<Call>,
    offset: SignedDuration,
    ways: Ways,
    pace: aws_ways::Pace,
    /// How long a call waits for a rotation that it began.
    rotation_wait: std::time::Duration,
    leases: vault_ways::OpenLeases,
}

/// Whose peculiarities the store has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ways {
    /// None.
    #[default]
    Plain,
    /// AWS's; see [`MemoryStore::like_aws`].
    Aws,
    /// Vault's; see [`MemoryStore::like_vault`].
    Vault,
}

#[derive(Clone, Debug)]
struct Entry {
    record: SecretRecord,
    values: BTreeMap<u64, SecretValue>,
    /// Numbers that pending versions had before they were promoted and got another.
    promoted: BTreeSet<u64>,
    /// The store's own rotation.
    own_rotation: Option<OwnRotation>,
    /// Its address, in the ways of a platform that has a form for it.
    arn: Option<String>,
}

/// A rotation by the store itself.
#[derive(Clone, Debug)]
struct OwnRotation {
    spec: RotationSpec,
    last_rotated_at: Option<Timestamp>,
}

impl Entry {
    /// What the store says about its own rotation.
    fn rotation(&self) -> Option<RotationStatus> {
        let OwnRotation { spec, last_rotated_at } = self.own_rotation.as_ref()?;
        Some(RotationStatus {
            schedule: spec.schedule.clone(),
            window: spec.window,
            rotator: spec.rotator.clone(),
            last_rotated_at: *last_rotated_at,
            next_rotation_at: match spec.schedule {
                RotationSchedule::Every(period) => {
                    last_rotated_at.and_then(|last| last.checked_add(period).ok())
                }
                RotationSchedule::Cron(_) => None,
            },
        })
    }

    fn new(record: SecretRecord, values: BTreeMap<u64, SecretValue>) -> Self {
        Self { record, values, promoted: BTreeSet::new(), own_rotation: None, arn: None }
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next call that is not yet doomed fails with this error. Called twice, the next two calls fail, in order.
    pub fn fail_next(&self, fault: Fault, error: StoreError) {
        self.lock().faults.push_back((fault, error));
    }

    /// The call after the next `calls` ones fails with this error; those before it succeed.
    pub fn fail_after(&self, calls: usize, fault: Fault, error: StoreError) {
        let mut inner = self.lock();
        inner.delay = calls;
        inner.faults.push_back((fault, error));
    }

    /// Takes back failures that have not struck. True when there were any.
    pub fn cancel_faults(&self) -> bool {
        let mut inner = self.lock();
        inner.delay = 0;
        let planned = !inner.faults.is_empty();
        inner.faults.clear();
        planned
    }

    /// Moves the store's clock, for windows, graces and ends of grants.
    pub fn advance(&self, duration: SignedDuration) {
        let mut inner = self.lock();
        inner.offset = inner.offset.checked_add(duration).unwrap_or(SignedDuration::MAX);
    }

    /// The calls made so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    fn ways(&self) -> Ways {
        self.lock().ways
    }

    // A panic in another test thread leaves plain data behind, which is still whole.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one call: notes it, fails as planned, and drops a half-done change when it errs.
    fn call<T>(
        &self,
        method: &'static str,
        name: &SecretName,
        run: impl FnOnce(&mut Option<Entry>, Timestamp) -> Result<T>,
    ) -> Result<T> {
        let mut inner = self.lock();
        inner.calls.push(Call { method, name: Some(name.clone()) });
        let fault = inner.fault();
        if let Some((Fault::Before, error)) = fault {
            return Err(error);
        }
        let now = inner.now();
        let mut entry = inner.secrets.get(name).filter(|entry| !entry.record.is_gone(now)).cloned();
        let answer = run(&mut entry, now)?;
        match entry.filter(|entry| !entry.record.is_gone(now)) {
            Some(mut entry) => {
                if inner.ways == Ways::Plain {
                    entry.record.drop_ended_grants(now);
                } else {
                    entry.record.drop_revoked_grants();
                }
                let record = &entry.record;
                entry
                    .values
                    .retain(|number, _| record.versions.iter().any(|version| version.number == *number));
                inner.secrets.insert(name.clone(), entry);
            }
            None => {
                inner.secrets.remove(name);
            }
        }
        match fault {
            Some((_, error)) => Err(error),
            None => Ok(answer),
        }
    }
}

impl Inner {
    /// The failure planned for this call.
    fn fault(&mut self) -> Option<(Fault, StoreError)> {
        match self.delay.checked_sub(1) {
            Some(delay) => {
                self.delay = delay;
                None
            }
            None => self.faults.pop_front(),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::now().checked_add(self.offset).unwrap_or(Timestamp::MAX)
    }
}

fn found<'a>(entry: &'a mut Option<Entry>, name: &SecretName) -> Result<&'a mut Entry> {
    entry.as_mut().ok_or_else(|| StoreError::secret_not_found(KIND, name))
}

fn describe(entry: &Entry, now: Timestamp) -> Result<SecretDescription> {
    let description = entry.record.description("memory:", now)?;
    let arn = entry.arn.clone().unwrap_or(description.arn);
    Ok(SecretDescription { rotation: entry.rotation(), arn, ..description })
}

fn unsupported<T>(what: &str) -> Result<T> {
    Err(StoreError::Unsupported { store: KIND, what: what.to_owned(), why: NO_ROTATION.to_owned() })
}

#[async_trait]
impl Store for MemoryStore {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn capabilities(&self) -> Capabilities {
        let plain = Capabilities {
            max_value_bytes: 65_536,
            recovery_days: Some(1..=365),
            custom_labels: Support::Yes,
            customer_keys: Support::Yes,
            replicas: Support::Yes,
            ending_grants: Support::Yes,
            grant_conditions: Support::Yes,
            native_rotation: Support::No { why: NO_ROTATION },
            version_retention: Support::Yes,
            version_destruction: Support::Yes,
            grant_places: &[],
        };
        match self.ways() {
            Ways::Plain => plain,
            Ways::Aws => aws_ways::capabilities(plain),
            Ways::Vault => Capabilities {
                customer_keys: Support::No { why: "it has one key of its own; leave `kms_key` out" },
                replicas: Support::No { why: "it has one place; leave `replicas` out" },
                ending_grants: Support::No { why: "the first apply after the end takes the grant away" },
                native_rotation: Support::Yes,
                ..plain
            },
        }
    }

    fn check_new_name(&self, name: &SecretName) -> Result<()> {
        match self.ways() {
            Ways::Aws => aws_ways::check_new_name(name),
            Ways::Plain | Ways::Vault => Ok(()),
        }
    }

    fn check_labels(&self, labels: &BTreeSet<VersionLabel>) -> Result<()> {
        match self.ways() {
            Ways::Aws => aws_ways::check_labels(labels),
            Ways::Plain | Ways::Vault => Ok(()),
        }
    }

    async fn check_references(&self, metadata: &Metadata) -> Result<()> {
        self.lock().calls.push(Call { method: "check_references", name: None });
        match self.ways() {
            Ways::Aws => aws_ways::check_references(metadata),
            Ways::Plain | Ways::Vault => Ok(()),
        }
    }

    async fn resolve(&self, text: &str) -> Result<SecretName> {
        match self.ways() {
            Ways::Aws => aws_ways::resolve(text),
            Ways::Plain | Ways::Vault => Ok(SecretName::parse(text)?),
        }
    }

    fn default_tags(&self) -> BTreeMap<String, String> {
        self.default_tags.clone()
    }

    fn check_rotation(&self, name: Option<&SecretName>, rotation: &RotationSpec) -> Result<()> {
        match self.ways() {
            Ways::Plain => unsupported("rotation by itself"),
            Ways::Aws => aws_ways::check_rotation(rotation),
            Ways::Vault => vault_ways::check_rotation(name, rotation),
        }
    }

    fn check_grant(&self, _name: Option<&SecretName>, _grant: &GrantSpec) -> Result<()> {
        Ok(())
    }

    async fn create(&self, name: &SecretName, request: CreateSecret) -> Result<SecretDescription> {
        if let Some(value) = &request.value {
            self.check_value(value)?;
        }
        let arn = (self.ways() == Ways::Aws).then(|| aws_ways::arn(name));
        self.call("create", name, |entry, now| {
            if let Some(entry) = entry {
                entry.record.require_live()?;
                return if entry.record.token == request.token {
                    describe(entry, now)
                } else {
                    Err(StoreError::AlreadyExists { store: KIND, name: name.clone() })
                };
            }
            let mut record = SecretRecord::new(name.clone(), request.metadata, request.token.clone(), now);
            let mut values = BTreeMap::new();
            if let Some(value) = request.value
                && let Put::New(number) = record.put(&request.token, &[], None, None, now)?
            {
                values.insert(number, value);
            }
            describe(entry.insert(Entry { arn, ..Entry::new(record, values) }), now)
        })
    }

    async fn describe(&self, name: &SecretName) -> Result<SecretDescription> {
        self.call("describe", name, |entry, now| describe(found(entry, name)?, now))
    }

    async fn update(
        &self,
        name: &SecretName,
        metadata: Metadata,
        expected: &Revision,
    ) -> Result<SecretDescription> {
        self.call("update", name, |entry, now| {
            let entry = found(entry, name)?;
            entry.record.update(metadata, expected, now)?;
            describe(entry, now)
        })
    }

    async fn put_version(&self, name: &SecretName, request: PutVersion) -> Result<Version> {
        self.check_value(&request.value)?;
        self.call("put_version", name, |entry, now| {
            let entry = found(entry, name)?;
            let put = entry.record.put(
                &request.token,
                &request.labels,
                request.only_if_current.as_ref(),
                request.keep_previous_for,
                now,
            )?;
            match put {
                Put::Replayed(version) => Ok(version),
                Put::New(number) => {
                    entry.values.insert(number, request.value);
                    let id = VersionSelector::Id(version_id(number)?);
                    Ok(entry.record.select(KIND, &id, now)?.version()?)
                }
            }
        })
    }

    async fn read(&self, name: &SecretName, version: &VersionSelector) -> Result<ReadSecret> {
        self.call("read", name, |entry, now| {
            let entry = found(entry, name)?;
            entry.record.require_readable(now)?;
            let record = entry.record.select(KIND, version, now)?;
            let value = entry.values.get(&record.number);
            let value = value.ok_or_else(|| StoreError::version_not_found(KIND, name, version))?;
            Ok(ReadSecret { value: value.clone(), version: record.version()? })
        })
    }

    async fn move_label(&self, name: &SecretName, request: MoveLabel) -> Result<SecretDescription> {
        self.call("move_label", name, |entry, now| {
            let entry = found(entry, name)?;
            entry.record.move_label(KIND, &request, now)?;
            describe(entry, now)
        })
    }

    async fn promote(&self, name: &SecretName, request: Promotion) -> Result<SecretDescription> {
        let ways = self.ways();
        self.call("promote", name, |entry, now| {
            let entry = found(entry, name)?;
            match ways {
                Ways::Plain | Ways::Aws => entry.record.promote(KIND, &request, now)?,
                Ways::Vault => entry.promote_by_number(&request, now)?,
            }
            describe(entry, now)
        })
    }

    async fn retire_version(&self, name: &SecretName, version: &VersionId) -> Result<()> {
        self.call("retire_version", name, |entry, now| {
            found(entry, name)?.record.retire(KIND, version, now).map(|_| ())
        })
    }

    async fn delete(&self, name: &SecretName, deletion: Deletion) -> Result<DeletionOutcome> {
        check_recovery_days(deletion, &self.capabilities())?;
        self.call("delete", name, |entry, now| found(entry, name)?.record.delete(deletion, now))
    }

    async fn restore(&self, name: &SecretName) -> Result<SecretDescription> {
        self.call("restore", name, |entry, now| {
            let entry = found(entry, name)?;
            entry.record.restore(now);
            describe(entry, now)
        })
    }

    fn list(&self, filter: ListFilter) -> DescriptionStream<'_> {
        let mut inner = self.lock();
        inner.calls.push(Call { method: "list", name: None });
        if let Some((_, error)) = inner.fault() {
            return stream::iter([Err(error)]).boxed();
        }
        let now = inner.now();
        let shown = |entry: &&Entry| !entry.record.is_gone(now) && filter.accepts(&entry.record);
        let descriptions: Vec<_> =
            inner.secrets.values().filter(shown).map(|entry| describe(entry, now)).collect();
        stream::iter(descriptions).boxed()
    }

    async fn grant(&self, name: &SecretName, grant: GrantSpec) -> Result<Grant> {
        self.call("grant", name, |entry, now| found(entry, name)?.record.grant(grant, now))
    }

    async fn revoke(&self, name: &SecretName, grant: &GrantId) -> Result<Revocation> {
        self.call("revoke", name, |entry, now| {
            let entry = found(entry, name)?;
            let grant = entry.record.revoke(KIND, grant, now)?;
            Ok(Revocation { exposed: entry.record.exposed_to(&grant, now)?, grant })
        })
    }

    async fn grants(&self, name: &SecretName) -> Result<Vec<Grant>> {
        self.call("grants", name, |entry, _| {
            let entry = found(entry, name)?;
            entry.record.require_live()?;
            Ok(entry.record.grants.iter().map(crate::record::GrantRecord::grant).collect())
        })
    }

    async fn schedule_rotation(
        &self,
        name: &SecretName,
        rotation: Option<RotationSpec>,
    ) -> Result<Option<RotationStatus>> {
        let (ways, pace) = (self.ways(), self.lock().pace);
        let scheduled = self.call("schedule_rotation", name, |entry, now| match ways {
            Ways::Vault => vault_ways::schedule(entry, name, rotation, now),
            Ways::Aws => aws_ways::schedule(found(entry, name)?, rotation, pace, now),
            Ways::Plain => {
                found(entry, name)?;
                if rotation.is_some() { unsupported("scheduling rotation") } else { Ok(None) }
            }
        });
        self.wait_for_rotation().await;
        scheduled
    }

    async fn rotate_native(&self, name: &SecretName, request: RotateNow) -> Result<SecretDescription> {
        let (ways, pace) = (self.ways(), self.lock().pace);
        let rotated = self.call("rotate_native", name, |entry, now| {
            let entry = found(entry, name)?;
            match ways {
                Ways::Vault => vault_ways::rotate(entry, request.from.as_ref(), now)?,
                Ways::Aws => aws_ways::rotate(entry, &request, pace, now)?,
                Ways::Plain => return unsupported("rotating by itself"),
            }
            describe(entry, now)
        });
        self.wait_for_rotation().await;
        rotated
    }

    fn leases(&self) -> Option<&dyn Leases> {
        self.lock().has_leases().then_some(self as &dyn Leases)
    }

    async fn close(&self) {
        self.lock().calls.push(Call { method: "close", name: None });
    }
}
