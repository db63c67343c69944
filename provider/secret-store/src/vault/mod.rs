//! OpenBao and HashiCorp Vault as a store: secrets in a KV engine, logins that the database engine rotates, grants as policies.

use std::fmt;

use async_trait::async_trait;
use futures::FutureExt;
use jiff::Timestamp;

use self::address::{Address, KvPath};
use self::client::Client;
use self::config::Target;
use self::grants::HolderLocks;
use self::kv1::Kv1;
use self::kv2::{Kv2, KvFeatures, settled};
use self::mounts::{KnownMounts, KvVersion};
use crate::Result;
use crate::error::{Action, StoreError};
use crate::grant::{AccessReport, Grant, GrantId, GrantSpec, Revocation};
use crate::local::Clock;
use crate::locks::Locks;
use crate::metadata::{Metadata, Revision, SecretDescription};
use crate::name::SecretName;
use crate::rotation::{RotationSpec, RotationStatus};
use crate::store::{
    Capabilities, CreateSecret, Deletion, DeletionOutcome, DescriptionStream, Leases, ListFilter, MoveLabel,
    Promotion, PutVersion, ReadSecret, RotateNow, Store, Support, check_recovery_days,
};
use crate::version::{Version, VersionId, VersionSelector};

mod access;
mod address;
mod auth;
mod client;
mod config;
mod custom_metadata;
mod database;
mod failure;
mod grants;
mod kv1;
mod kv2;
mod lease;
mod mounts;
mod policy;
mod principal;
mod tls;
mod value;

pub use self::config::{AuthMethod, Environment, JwtSource, VaultConfig};
pub use self::tls::CertificateCheck;

const KIND: &str = "vault";

/// A server, seen with one token.
pub struct VaultStore {
    client: Client,
    /// The KV engine that the configuration names.
    mount: Option<String>,
    mounts: KnownMounts,
    /// Secrets are written one at a time, each.
    locks: Locks,
    /// What has been seen of the KV engine.
    kv_features: KvFeatures,
    clock: Clock,
    /// Lists of policies are changed one at a time.
    holders: HolderLocks,
}

impl fmt::Debug for VaultStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VaultStore")
            .field("client", &self.client)
            .field("mount", &self.mount)
            .finish_non_exhaustive()
    }
}

impl VaultStore {
    /// A store on the server that the configuration names. Nothing is sent yet.
    ///
    /// # Errors
    /// `Invalid` for what cannot be an address, a token or a namespace.
    pub fn open(config: VaultConfig) -> Result<Self> {
        Self::open_in(config, &|_| None)
    }

    /// As [`VaultStore::open`], and what the configuration leaves open is as the environment says: `BAO_ADDR`, `VAULT_ADDR`, ….
    ///
    /// # Errors
    /// `Invalid` for a setting that is missing or wrong.
    pub fn open_in(config: VaultConfig, environment: Environment<'_>) -> Result<Self> {
        let mut target = Target::resolve(config, environment)?;
        let mount = target.mount.take();
        Ok(Self {
            client: Client::open(target)?,
            mount,
            mounts: KnownMounts::default(),
            locks: Locks::default(),
            kv_features: KvFeatures::default(),
            clock: Clock::system(),
            holders: HolderLocks::default(),
        })
    }
}

impl VaultStore {
    /// Goes by another clock for windows, graces and ends: for tests, which move it.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where the secret of this name is in the KV engine.
    async fn kv_path(&self, name: &SecretName) -> Result<KvPath> {
        match self.address(name).await? {
            Address::Kv(path) => Ok(path),
            Address::StaticRole(_) => unsupported(
                "writing a static role",
                "the database engine makes its password; schedule a rotation, or ask for one",
            ),
        }
    }
}

fn unsupported<T>(what: &str, why: &str) -> Result<T> {
    Err(StoreError::Unsupported { store: KIND, what: what.to_owned(), why: why.to_owned() })
}

/// Largest value, in bytes. The server takes a request of 32 MiB by default, and raft an entry of 1 MiB.
const MAX_VALUE_BYTES: usize = 512 << 10;

#[async_trait]
impl Store for VaultStore {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn capabilities(&self) -> Capabilities {
        let of_version_2 = Capabilities {
            max_value_bytes: MAX_VALUE_BYTES,
            recovery_days: Some(1..=3650),
            custom_labels: Support::No { why: "a KV engine has no labels; remember a version by its number" },
            customer_keys: Support::No {
                why: "the server encrypts everything with its own key; leave `kms_key` out",
            },
            replicas: Support::No {
                why: "copies are made by the server's own replication; leave `replicas` out",
            },
            ending_grants: Support::No {
                why: "a recent OpenBao ends a policy by itself, other servers do not; the first apply after `expires_at` takes the grant away",
            },
            grant_conditions: Support::No { why: "policies have no conditions; leave them out" },
            native_rotation: Support::Yes,
            version_retention: Support::Yes,
            version_destruction: Support::Yes,
            grant_places: &[],
        };
        match self.known_kv_version() {
            Some(KvVersion::One) => kv1::capabilities(of_version_2),
            _ => of_version_2,
        }
    }

    fn check_rotation(&self, name: Option<&SecretName>, rotation: &RotationSpec) -> Result<()> {
        database::check(name, rotation)
    }

    async fn prepare(&self) -> Result<()> {
        self.mounts().await.map(drop)
    }

    fn check_grant(&self, name: Option<&SecretName>, grant: &GrantSpec) -> Result<()> {
        Self::check_spec(grant)?;
        match name {
            Some(name) => self.check_permits(name, grant),
            None => Ok(()),
        }
    }

    fn check_secret(&self, name: &SecretName, metadata: &Metadata) -> Result<()> {
        kv2::check_name(name)?;
        if let Some(invalid) = self.known_wrong_mount() {
            return Err(invalid.into());
        }
        match self.known_kv_version() {
            Some(KvVersion::One) => kv1::check_metadata(metadata),
            _ => kv2::check_metadata(metadata, &self.capabilities()),
        }
    }

    async fn create(&self, name: &SecretName, request: CreateSecret) -> Result<SecretDescription> {
        if let Some(value) = &request.value {
            self.check_value(value)?;
        }
        let path = self.kv_path(name).await?;
        self.check_secret(name, &request.metadata)?;
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Create, name, || kv2.create(&request)).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Create, name, || kv1.create(&request)).await
            }
        }
    }

    async fn describe(&self, name: &SecretName) -> Result<SecretDescription> {
        let path = match self.address(name).await? {
            Address::StaticRole(role) => return self.describe_login(name, &role).await,
            Address::Kv(path) => path,
        };
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Describe, name, || kv2.describe()).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Describe, name, || kv1.describe()).await
            }
        }
    }

    async fn update(
        &self,
        name: &SecretName,
        metadata: Metadata,
        expected: &Revision,
    ) -> Result<SecretDescription> {
        let path = self.kv_path(name).await?;
        self.check_secret(name, &metadata)?;
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Update, name, || kv2.update(&metadata, expected)).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Update, name, || kv1.describe()).await
            }
        }
    }

    async fn put_version(&self, name: &SecretName, request: PutVersion) -> Result<Version> {
        self.check_value(&request.value)?;
        let path = self.kv_path(name).await?;
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Write, name, || kv2.put(&request)).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Write, name, || kv1.put(&request)).await
            }
        }
    }

    async fn read(&self, name: &SecretName, version: &VersionSelector) -> Result<ReadSecret> {
        let path = match self.address(name).await? {
            Address::StaticRole(role) => return self.read_login(name, &role, version).await,
            Address::Kv(path) => path,
        };
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Read, name, || kv2.read(version)).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Read, name, || kv1.read(version)).await
            }
        }
    }

    async fn move_label(&self, name: &SecretName, request: MoveLabel) -> Result<SecretDescription> {
        let path = self.kv_path(name).await?;
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Write, name, || kv2.move_label(&request)).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Write, name, || kv1.move_label(&request)).await
            }
        }
    }

    async fn promote(&self, name: &SecretName, request: Promotion) -> Result<SecretDescription> {
        let path = self.kv_path(name).await?;
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Write, name, || kv2.promote(&request)).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Write, name, || kv1.promote(&request.version)).await
            }
        }
    }

    async fn retire_version(&self, name: &SecretName, version: &VersionId) -> Result<()> {
        let path = self.kv_path(name).await?;
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Write, name, || kv2.retire(version)).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Write, name, || kv1.retire(version)).await
            }
        }
    }

    async fn delete(&self, name: &SecretName, deletion: Deletion) -> Result<DeletionOutcome> {
        let path = self.kv_path(name).await?;
        check_recovery_days(deletion, &self.capabilities())?;
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Delete, name, || kv2.delete(deletion)).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Delete, name, || kv1.delete(deletion)).await
            }
        }
    }

    async fn restore(&self, name: &SecretName) -> Result<SecretDescription> {
        let path = self.kv_path(name).await?;
        match path.version {
            KvVersion::Two => {
                let kv2 = Kv2::new(self, &path, name);
                settled(Action::Delete, name, || kv2.restore()).await
            }
            KvVersion::One => {
                let kv1 = Kv1::new(self, &path, name);
                settled(Action::Delete, name, || kv1.describe()).await
            }
        }
    }

    fn list(&self, filter: ListFilter) -> DescriptionStream<'_> {
        Box::pin(kv2::list(self, filter).flatten_stream())
    }

    async fn grant(&self, name: &SecretName, grant: GrantSpec) -> Result<Grant> {
        self.give(name, grant).await
    }

    async fn revoke(&self, name: &SecretName, grant: &GrantId) -> Result<Revocation> {
        self.take(name, grant).await
    }

    async fn grants(&self, name: &SecretName) -> Result<Vec<Grant>> {
        self.given(name).await
    }

    async fn access(&self, name: &SecretName) -> Result<AccessReport> {
        self.accessors(name).await.map(AccessReport::complete)
    }

    async fn schedule_rotation(
        &self,
        name: &SecretName,
        rotation: Option<RotationSpec>,
    ) -> Result<Option<RotationStatus>> {
        if let Some(spec) = &rotation {
            self.check_rotation(Some(name), spec)?;
        }
        match (self.address(name).await?, rotation) {
            (Address::StaticRole(role), Some(spec)) => {
                self.schedule_login(name, &role, &spec).await.map(Some)
            }
            (Address::StaticRole(role), None) => self.release_login(name, &role).await.map(|()| None),
            (Address::Kv(_), Some(_)) => Err(database::no_engine(name)),
            (Address::Kv(_), None) => Ok(None),
        }
    }

    async fn rotate_native(&self, name: &SecretName, request: RotateNow) -> Result<SecretDescription> {
        match self.address(name).await? {
            Address::StaticRole(role) => self.rotate_login(name, &role, &request).await,
            Address::Kv(_) => Err(database::no_engine(name)),
        }
    }

    fn leases(&self) -> Option<&dyn Leases> {
        Some(self)
    }

    async fn close(&self) {
        self.client.close().await;
    }
}
