//! Rotation by AWS itself: a schedule, and a Lambda function or AWS's own managed rotation.

use super::AwsStore;
use crate::Result;
use crate::error::Invalid;
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::rotation::{RotationSpec, RotationStatus};
use crate::store::RotateNow;

/// Checks a rotation without asking AWS. `region` is the store's, where it is known.
pub(super) fn check(_rotation: &RotationSpec, _region: Option<&str>) -> Result<(), Invalid> {
    Ok(())
}

impl AwsStore {
    pub(super) async fn set_rotation(
        &self,
        _name: &SecretName,
        _spec: RotationSpec,
    ) -> Result<RotationStatus> {
        later()
    }

    pub(super) async fn cancel_rotation(&self, _name: &SecretName) -> Result<()> {
        later()
    }

    pub(super) async fn rotate(&self, _name: &SecretName, _request: RotateNow) -> Result<SecretDescription> {
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
