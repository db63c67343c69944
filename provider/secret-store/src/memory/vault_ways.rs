//! The ways of Vault and OpenBao in the store for tests: versions numbered by promotion, logins that the store itself rotates, and
//! credentials on loan. What the provider does with them is tested here before a server is.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Entry, Fault, Inner, KIND, MemoryStore, OwnRotation};
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::generate::{Generator, GeneratorSpec, PasswordRules};
use crate::json::JsonFields;
use crate::metadata::Metadata;
use crate::name::SecretName;
use crate::record::{Put, SecretRecord, version_number};
use crate::rotation::{FirstRotation, RotationSchedule, RotationSpec, RotationStatus, Rotator};
use crate::store::{Lease, LeaseId, LeaseRequest, LeaseTerm, Leases, Promotion, Renewal};
use crate::value::SecretValue;
use crate::version::{IdempotencyToken, VersionId, VersionLabel, VersionSelector};

/// How long a lease lasts.
const LEASE: SignedDuration = SignedDuration::from_mins(30);

/// The part of a name that makes it a login of the database engine.
const LOGINS: &str = "/static-creds/";

/// What is out on loan, and until when.
pub(super) type OpenLeases = BTreeMap<String, Timestamp>;

impl MemoryStore {
    /// A store with the ways of Vault. A version that is promoted gets the next number; no grant ends by itself; a name with
    /// `/static-creds/` in it is a login, made by scheduling its rotation; every path with `/creds/` in it is leased.
    #[must_use]
    pub fn like_vault() -> Self {
        let store = Self::new();
        store.lock().ways = super::Ways::Vault;
        store
    }

    /// The leases that have neither been ended nor run out, sorted.
    #[must_use]
    pub fn open_leases(&self) -> Vec<String> {
        let inner = self.lock();
        let now = inner.now();
        inner.leases.iter().filter(|(_, end)| **end > now).map(|(id, _)| id.clone()).collect()
    }

    /// How the store's own rotation of a secret was asked to begin, when its schedule was last set.
    #[must_use]
    pub fn first_rotation(&self, name: &SecretName) -> Option<FirstRotation> {
        let inner = self.lock();
        Some(inner.secrets.get(name)?.own_rotation.as_ref()?.spec.first)
    }

    /// Destroys every version, as somebody else may do. The metadata stays.
    ///
    /// # Errors
    /// `NotFound` when there is no such secret.
    pub fn destroy_versions(&self, name: &SecretName) -> Result<()> {
        let mut inner = self.lock();
        let now = inner.now();
        let entry = inner.secrets.get_mut(name).ok_or_else(|| StoreError::secret_not_found(KIND, name))?;
        entry.record.destroy_versions(now);
        entry.values.clear();
        Ok(())
    }

    /// Deletes a secret so that only somebody can bring it back: nothing says for how long.
    ///
    /// # Errors
    /// `NotFound` when there is no such secret.
    pub fn delete_outside(&self, name: &SecretName) -> Result<()> {
        let mut inner = self.lock();
        let now = inner.now();
        let entry = inner.secrets.get_mut(name).ok_or_else(|| StoreError::secret_not_found(KIND, name))?;
        entry.record.delete_without_end(now);
        Ok(())
    }

    fn leasing<T>(
        &self,
        method: &'static str,
        run: impl FnOnce(&mut OpenLeases, Timestamp) -> Result<T>,
    ) -> Result<T> {
        let mut inner = self.lock();
        inner.calls.push(super::Call { method, name: None });
        let fault = inner.fault();
        if let Some((Fault::Before, error)) = fault {
            return Err(error);
        }
        let now = inner.now();
        let answer = run(&mut inner.leases, now)?;
        fault.map_or(Ok(answer), |(_, error)| Err(error))
    }
}

impl Inner {
    /// The leases, where this store has any.
    pub(super) fn has_leases(&self) -> bool {
        self.ways == super::Ways::Vault
    }
}

impl Entry {
    /// Promotes by writing the value again under the next number. A pending version moves there; another one stays.
    pub(super) fn promote_by_number(&mut self, request: &Promotion, now: Timestamp) -> Result<()> {
        self.record.require_live()?;
        if version_number(&request.version).is_some_and(|number| self.promoted.contains(&number)) {
            return Ok(());
        }
        let selector = VersionSelector::Id(request.version.clone());
        let version = self.record.select(KIND, &selector, now)?;
        if version.labels.contains(&VersionLabel::Current) {
            return Ok(());
        }
        let (number, token) = (version.number, version.token.clone());
        let is_pending = version.labels.contains(&VersionLabel::Pending);
        let value = self.values.get(&number).cloned();
        let value = value.ok_or_else(|| StoreError::version_not_found(KIND, &self.record.name, &selector))?;
        let token = if is_pending { token } else { IdempotencyToken::random() };
        if is_pending {
            self.record.versions.retain(|version| version.number != number);
            self.promoted.insert(number);
        }
        let labels = [VersionLabel::Current];
        if let Put::New(number) = self.record.put(&token, &labels, None, request.keep_previous_for, now)? {
            self.values.insert(number, value);
        }
        Ok(())
    }

    fn rotate_login(&mut self, now: Timestamp) -> Result<()> {
        let Some(login) = &mut self.own_rotation else {
            return Err(Invalid::new("name", "it has no schedule of the store's own").into());
        };
        login.last_rotated_at = Some(now);
        let username = match &login.spec.rotator {
            Rotator::DatabaseLogin(login) => login.username.clone(),
            _ => String::new(),
        };
        let value = credential(&username)?;
        // The database knows one password: the version before is worth nothing.
        self.record.destroy_versions(now);
        self.values.clear();
        let labels = [VersionLabel::Current];
        if let Put::New(number) = self.record.put(&IdempotencyToken::random(), &labels, None, None, now)? {
            self.values.insert(number, value);
        }
        Ok(())
    }
}

/// A login's JSON object with a new password.
pub(super) fn credential(username: &str) -> Result<SecretValue> {
    Ok(login_fields(username)?.object()?)
}

fn login_fields(username: &str) -> Result<JsonFields> {
    let password = Generator::new(GeneratorSpec::Password(PasswordRules::default()))?.generate()?.value;
    let mut fields = JsonFields::new();
    fields.set_public("username", username);
    fields.set("password", password);
    Ok(fields)
}

/// Refuses what is no login, or not rotated by its database engine.
pub(super) fn check_rotation(name: Option<&SecretName>, spec: &RotationSpec) -> Result<()> {
    if let Some(name) = name.filter(|name| !name.as_str().contains(LOGINS)) {
        let reason =
            format!("`{name}` is no login of a database engine; name it as `database/static-creds/ROLE`");
        return Err(Invalid::new("name", reason).into());
    }
    let unsupported = |what: &str, why: &str| {
        Err(StoreError::Unsupported { store: KIND, what: what.to_owned(), why: why.to_owned() })
    };
    match (&spec.rotator, &spec.schedule, spec.window) {
        (Rotator::DatabaseLogin(_), RotationSchedule::Every(_), Some(_)) => {
            unsupported("a window after a period", "only a cron schedule has one; leave `window` out")
        }
        (Rotator::DatabaseLogin(_), _, _) => Ok(()),
        _ => Err(Invalid::new("rotator", "it rotates database logins only; give `database`").into()),
    }
}

/// Sets, changes or ends the rotation of a login. A login comes and goes with its schedule.
pub(super) fn schedule(
    entry: &mut Option<Entry>,
    name: &SecretName,
    spec: Option<RotationSpec>,
    now: Timestamp,
) -> Result<Option<RotationStatus>> {
    let Some(spec) = spec else {
        if entry.as_ref().is_none_or(|entry| entry.own_rotation.is_none()) {
            return Err(StoreError::secret_not_found(KIND, name));
        }
        *entry = None;
        return Ok(None);
    };
    check_rotation(Some(name), &spec)?;
    if let Some(entry) = entry {
        if let Some(login) = &mut entry.own_rotation {
            login.spec = spec;
        }
        return Ok(entry.rotation());
    }
    let record = SecretRecord::new(name.clone(), Metadata::default(), IdempotencyToken::random(), now);
    let made = entry.insert(Entry::new(record, BTreeMap::new()));
    made.own_rotation = Some(OwnRotation { spec, last_rotated_at: Some(now) });
    made.rotate_login(now)?;
    Ok(made.rotation())
}

/// Rotates a login, if the version it was asked for still is current.
pub(super) fn rotate(entry: &mut Entry, from: Option<&VersionId>, now: Timestamp) -> Result<()> {
    let current = VersionSelector::Label(VersionLabel::Current);
    let current = entry.record.select(KIND, &current, now)?.number;
    if from.is_some_and(|from| version_number(from) != Some(current)) {
        return Ok(());
    }
    entry.rotate_login(now)
}

#[async_trait]
impl Leases for MemoryStore {
    async fn lease(&self, request: LeaseRequest) -> Result<Lease> {
        self.leasing("lease", |leases, now| {
            let Some((_, role)) = request.path.split_once("/creds/") else {
                let reason = format!("`{}` leads to nothing that is leased", request.path);
                return Err(Invalid::new("path", reason).into());
            };
            let id = format!("{}/{}", request.path, Uuid::new_v4());
            leases.insert(id.clone(), now.checked_add(LEASE).unwrap_or(Timestamp::MAX));
            let value = login_fields(&format!("v-{role}"))?;
            let term = LeaseTerm { duration: LEASE, renewal: Renewal::Possible };
            Ok(Lease { id: LeaseId(id), value, term })
        })
    }

    async fn renew(&self, lease: &LeaseId) -> Result<LeaseTerm> {
        self.leasing("renew", |leases, now| match leases.get_mut(&lease.0).filter(|end| **end > now) {
            Some(end) => {
                *end = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
                Ok(LeaseTerm { duration: LEASE, renewal: Renewal::Possible })
            }
            None => Err(StoreError::NotFound { store: KIND, what: format!("lease `{}`", lease.0) }),
        })
    }

    async fn end(&self, lease: &LeaseId) -> Result<()> {
        self.leasing("end", |leases, _| {
            leases.remove(&lease.0);
            Ok(())
        })
    }
}
