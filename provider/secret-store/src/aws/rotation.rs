//! Rotation by AWS itself: a schedule, and a Lambda function or AWS's own managed rotation.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;

use super::AwsStore;
use super::schedule::{Schedule, Window, every_days};
use super::time::timestamp;
use crate::Result;
use crate::error::Invalid;
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::rotation::{RotationSpec, RotationStatus, Rotator};
use crate::store::RotateNow;

/// The rotation that a secret has; `None` where it has none, or had one that was ended.
pub(super) fn status(secret: &DescribeSecretOutput) -> Option<RotationStatus> {
    if secret.rotation_enabled() != Some(true) {
        return None;
    }
    let rules = secret.rotation_rules()?;
    // AWS adds the days that an expression comes to.
    let schedule = match rules.schedule_expression() {
        Some(expression) => Schedule::rotation_schedule(expression),
        None => every_days(rules.automatically_after_days()?),
    };
    let function = secret.rotation_lambda_arn().filter(|arn| !arn.is_empty());
    Some(RotationStatus {
        schedule,
        window: rules.duration().and_then(Window::parse),
        rotator: function.map_or(Rotator::Store, |arn| Rotator::Function(arn.to_owned())),
        last_rotated_at: secret.last_rotated_date().and_then(timestamp),
        next_rotation_at: secret.next_rotation_date().and_then(timestamp),
    })
}

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
