//! A secret as a whole: created, described, updated, deleted, restored.

use super::AwsStore;
use crate::Result;
use crate::metadata::{Metadata, Revision, SecretDescription};
use crate::name::SecretName;
use crate::store::{CreateSecret, Deletion, DeletionOutcome};

impl AwsStore {
    pub(super) async fn create_secret(
        &self,
        _name: &SecretName,
        _request: CreateSecret,
    ) -> Result<SecretDescription> {
        later()
    }

    pub(super) async fn describe_secret(&self, _name: &SecretName) -> Result<SecretDescription> {
        later()
    }

    pub(super) async fn update_secret(
        &self,
        _name: &SecretName,
        _metadata: Metadata,
        _expected: &Revision,
    ) -> Result<SecretDescription> {
        later()
    }

    pub(super) async fn delete_secret(
        &self,
        _name: &SecretName,
        _deletion: Deletion,
    ) -> Result<DeletionOutcome> {
        later()
    }

    pub(super) async fn restore_secret(&self, _name: &SecretName) -> Result<SecretDescription> {
        later()
    }

    /// The name that a user means who gives a name or an ARN.
    pub(super) async fn name_of(&self, _text: &str) -> Result<SecretName> {
        later()
    }

    /// Asks AWS whether the keys that the metadata names can be used.
    pub(super) async fn check_keys(&self, _metadata: &Metadata) -> Result<()> {
        later()
    }
}

fn later<T>() -> Result<T> {
    Err(crate::error::StoreError::Unsupported {
        store: super::KIND,
        what: "this".to_owned(),
        why: "it is being built".to_owned(),
    })
}
