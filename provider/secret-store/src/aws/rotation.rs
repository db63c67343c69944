//! Rotation by AWS itself: a schedule, and a Lambda function of the user's, or the service that owns the secret ("managed rotation").
//!
//! - AWS rotates while nobody waits for it: `RotateSecret` only begins. So a call here waits, for a while, until another version is current.
//! - The token of a rotation is the id of the version that it makes. A version with it is the proof that the rotation was begun, so a
//!   lost answer makes no second one.
//! - A rotation that failed leaves `AWSPENDING` on its version, and AWS refuses the next one until that is gone.
//! - Cancelling keeps the function on the secret. Without one in the request AWS would take that again, so managed rotation is only asked for
//!   where a service owns the secret.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html>,
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html>.

mod calls;
mod function;
mod refused;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::RotationRulesType;
use jiff::SignedDuration;

use self::function::Function;
pub use self::refused::about_unfinished_rotation;
use super::schedule::{Schedule, Window, every_days};
use super::time::timestamp;
use crate::error::Invalid;
use crate::rotation::{RotationSchedule, RotationSpec, RotationStatus, Rotator};

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
    Some(RotationStatus {
        schedule,
        window: rules.duration().and_then(Window::parse),
        rotator: function(secret).map_or(Rotator::Store, |arn| Rotator::Function(arn.to_owned())),
        last_rotated_at: secret.last_rotated_date().and_then(timestamp),
        next_rotation_at: secret.next_rotation_date().and_then(timestamp),
    })
}

fn function(secret: &DescribeSecretOutput) -> Option<&str> {
    secret.rotation_lambda_arn().filter(|arn| !arn.is_empty())
}

/// Checks a rotation without asking AWS. `region` is the store's, where it is known.
pub(super) fn check(rotation: &RotationSpec, region: Option<&str>) -> Result<(), Invalid> {
    match &rotation.rotator {
        Rotator::Store => {}
        Rotator::Function(arn) => Function::parse(arn)?.check_region(region)?,
        Rotator::DatabaseLogin(_) | Rotator::Announce(_) => {
            return Err(Invalid::new(
                "rotator",
                "Secrets Manager has no database engine of its own, and announces nothing: it rotates by a Lambda function (`rotation_lambda_arn`), or a service of AWS \
                 rotates its own secrets (`managed = true`)",
            ));
        }
    }
    check_schedule(&rotation.schedule, rotation.window)
}

/// Checks a schedule and the window after it by what AWS documents. No input or output.
///
/// # Errors
/// [`Invalid`] on field `schedule` or `window`.
pub fn check_schedule(schedule: &RotationSchedule, window: Option<SignedDuration>) -> Result<(), Invalid> {
    rules(schedule, window).map(drop)
}

fn rules(schedule: &RotationSchedule, window: Option<SignedDuration>) -> Result<RotationRulesType, Invalid> {
    let schedule = Schedule::of(schedule)?;
    let window = window.map(|length| schedule.window(length)).transpose()?;
    Ok(schedule.rules(window))
}
