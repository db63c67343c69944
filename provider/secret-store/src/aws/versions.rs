//! Versions and their labels, which AWS calls staging labels.

use super::AwsStore;
use crate::Result;
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::store::{MoveLabel, Promotion, PutVersion, ReadSecret};
use crate::version::{Version, VersionId, VersionSelector};

impl AwsStore {
    pub(super) async fn put(&self, _name: &SecretName, _request: PutVersion) -> Result<Version> {
        later()
    }

    pub(super) async fn read_value(
        &self,
        _name: &SecretName,
        _version: &VersionSelector,
    ) -> Result<ReadSecret> {
        later()
    }

    pub(super) async fn put_label(
        &self,
        _name: &SecretName,
        _request: MoveLabel,
    ) -> Result<SecretDescription> {
        later()
    }

    pub(super) async fn make_current(
        &self,
        _name: &SecretName,
        _request: Promotion,
    ) -> Result<SecretDescription> {
        later()
    }

    pub(super) async fn unlabel(&self, _name: &SecretName, _version: &VersionId) -> Result<()> {
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
