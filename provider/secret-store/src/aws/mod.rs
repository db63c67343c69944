//! AWS Secrets Manager as a store: secrets with AWS's own versions and labels, rotation by Lambda or by AWS, grants in the secret's
//! policy or in the principal's, and keys of the customer's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use async_trait::async_trait;

use self::clients::{Clients, LazyClients};
use crate::Result;
use crate::grant::{AccessReport, Grant, GrantId, GrantPlace, GrantSpec, Revocation};
use crate::locks::Locks;
use crate::metadata::{Metadata, Revision, SecretDescription};
use crate::name::SecretName;
use crate::rotation::{RotationSpec, RotationStatus};
use crate::store::{
    Capabilities, CreateSecret, Deletion, DeletionOutcome, DescriptionStream, ListFilter, MoveLabel,
    Promotion, PutVersion, ReadSecret, RotateNow, Store, Support, check_recovery_days,
};
use crate::value::SecretValue;
use crate::version::{Version, VersionId, VersionLabel, VersionSelector};

mod access;
mod arn;
mod clients;
mod config;
mod fault;
mod grants;
mod limits;
mod list;
mod notes;
mod policy;
mod references;
mod replicas;
mod rotation;
mod schedule;
mod secret;
mod state;
mod time;
mod versions;

pub use self::arn::{Arn, is_same_key};
pub use self::config::{AccessKeys, AssumeRole, AwsConfig};
pub use self::rotation::{about_unfinished_rotation, check_schedule};

const KIND: &str = "aws";

/// Secrets Manager in one region, seen by one identity.
pub struct AwsStore {
    clients: LazyClients,
    /// Secrets are written one at a time, each: their policies have no check-and-set.
    locks: Locks,
    waits: grants::Waits,
}

impl fmt::Debug for AwsStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AwsStore").field("config", self.clients.config()).finish_non_exhaustive()
    }
}

impl AwsStore {
    /// A store of what the configuration and the usual chain of the AWS SDK name. Nothing is read or sent yet.
    ///
    /// # Errors
    /// `Invalid` for a setting that cannot be right.
    pub fn open(config: AwsConfig) -> Result<Self> {
        config.check()?;
        Ok(Self {
            clients: LazyClients::new(config),
            locks: Locks::default(),
            waits: grants::Waits::default(),
        })
    }

    /// The same store, which does not wait long for principals that AWS does not know yet: for tests.
    #[cfg(feature = "contract")]
    #[must_use]
    pub fn impatient(mut self) -> Self {
        self.waits = grants::Waits::short();
        self
    }

    async fn clients(&self) -> Result<&Clients> {
        self.clients.get().await
    }
}

#[async_trait]
impl Store for AwsStore {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn prepare(&self) -> Result<()> {
        self.clients().await.map(drop)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_value_bytes: limits::MAX_VALUE_BYTES,
            recovery_days: Some(7..=30),
            custom_labels: Support::Yes,
            customer_keys: Support::Yes,
            replicas: Support::Yes,
            ending_grants: Support::Yes,
            grant_conditions: Support::Yes,
            native_rotation: Support::Yes,
            version_retention: Support::No { why: limits::NO_RETENTION },
            version_destruction: Support::No {
                why: "AWS removes a version by itself, some time after its last label is taken away",
            },
            grant_places: &[GrantPlace::ResourcePolicy, GrantPlace::IdentityPolicy],
        }
    }

    fn check_secret(&self, name: &SecretName, metadata: &Metadata) -> Result<()> {
        limits::check_name(name)?;
        limits::check_metadata(metadata, self.clients.known_region())?;
        Ok(())
    }

    fn check_new_name(&self, name: &SecretName) -> Result<()> {
        Ok(limits::check_new_name(name)?)
    }

    fn check_value(&self, value: &SecretValue) -> Result<()> {
        Ok(limits::check_value(value)?)
    }

    fn check_labels(&self, labels: &BTreeSet<VersionLabel>) -> Result<()> {
        Ok(limits::check_labels(labels)?)
    }

    async fn check_references(&self, metadata: &Metadata) -> Result<()> {
        self.check_keys(metadata).await
    }

    async fn resolve(&self, text: &str) -> Result<SecretName> {
        self.name_of(text).await
    }

    fn default_tags(&self) -> BTreeMap<String, String> {
        self.clients.config().default_tags.clone()
    }

    fn check_rotation(&self, _name: Option<&SecretName>, rotation: &RotationSpec) -> Result<()> {
        Ok(rotation::check(rotation, self.clients.known_region())?)
    }

    fn check_grant(&self, _name: Option<&SecretName>, grant: &GrantSpec) -> Result<()> {
        Ok(grants::check(grant, self.clients.known_region())?)
    }

    async fn create(&self, name: &SecretName, request: CreateSecret) -> Result<SecretDescription> {
        if let Some(value) = &request.value {
            self.check_value(value)?;
        }
        self.check_secret(name, &request.metadata)?;
        self.create_secret(name, request).await
    }

    async fn describe(&self, name: &SecretName) -> Result<SecretDescription> {
        self.describe_secret(name).await
    }

    async fn update(
        &self,
        name: &SecretName,
        metadata: Metadata,
        expected: &Revision,
    ) -> Result<SecretDescription> {
        self.check_secret(name, &metadata)?;
        self.update_secret(name, metadata, expected).await
    }

    async fn put_version(&self, name: &SecretName, request: PutVersion) -> Result<Version> {
        self.check_value(&request.value)?;
        self.put(name, request).await
    }

    async fn read(&self, name: &SecretName, version: &VersionSelector) -> Result<ReadSecret> {
        self.read_value(name, version).await
    }

    async fn move_label(&self, name: &SecretName, request: MoveLabel) -> Result<SecretDescription> {
        self.put_label(name, request).await
    }

    async fn promote(&self, name: &SecretName, request: Promotion) -> Result<SecretDescription> {
        self.make_current(name, request).await
    }

    async fn retire_version(&self, name: &SecretName, version: &VersionId) -> Result<()> {
        self.unlabel(name, version).await
    }

    async fn delete(&self, name: &SecretName, deletion: Deletion) -> Result<DeletionOutcome> {
        check_recovery_days(deletion, &self.capabilities())?;
        self.delete_secret(name, deletion).await
    }

    async fn restore(&self, name: &SecretName) -> Result<SecretDescription> {
        self.restore_secret(name).await
    }

    fn list(&self, filter: ListFilter) -> DescriptionStream<'_> {
        self.list_secrets(filter)
    }

    async fn grant(&self, name: &SecretName, grant: GrantSpec) -> Result<Grant> {
        self.check_grant(Some(name), &grant)?;
        self.give(name, grant).await
    }

    async fn revoke(&self, name: &SecretName, grant: &GrantId) -> Result<Revocation> {
        self.take(name, grant).await
    }

    async fn grants(&self, name: &SecretName) -> Result<Vec<Grant>> {
        self.given(name).await
    }

    async fn access(&self, name: &SecretName) -> Result<AccessReport> {
        self.accessors(name).await
    }

    async fn schedule_rotation(
        &self,
        name: &SecretName,
        rotation: Option<RotationSpec>,
    ) -> Result<Option<RotationStatus>> {
        match rotation {
            Some(spec) => {
                self.check_rotation(Some(name), &spec)?;
                self.set_rotation(name, spec).await.map(Some)
            }
            None => self.cancel_rotation(name).await.map(|()| None),
        }
    }

    async fn rotate_native(&self, name: &SecretName, request: RotateNow) -> Result<SecretDescription> {
        self.rotate(name, request).await
    }
}
