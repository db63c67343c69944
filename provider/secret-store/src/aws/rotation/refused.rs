//! What AWS says against a rotation, and what a user is told: which argument is wrong, and what to run.

use super::function::Function;
use crate::aws::arn::Arn;
use crate::aws::fault::Fault;
use crate::error::Invalid;
use crate::rotation::Rotator;
use crate::version::VersionId;

/// What to know and to do about a rotation that AWS began and did not finish: `version` still is pending. `secret` is its ARN.
#[must_use]
pub fn about_unfinished_rotation(secret: &str, version: &VersionId, rotator: &Rotator) -> String {
    let region = Arn::parse(secret).map(|arn| format!(" --region {}", arn.region)).unwrap_or_default();
    let why = match rotator {
        Rotator::Function(arn) => match Function::parse(arn) {
            Ok(function) => {
                format!(
                    "Why it fails is in the log of its function, the CloudWatch group `/aws/lambda/{}`.",
                    function.name
                )
            }
            Err(_) => "Why it fails is in the CloudWatch log of its function.".to_owned(),
        },
        _ => "The service that owns the secret says why, in its own console.".to_owned(),
    };
    format!(
        "The version `{version}` is still pending, and until it is not, AWS repeats that rotation and begins no other. {why} To give the version up, run `aws \
         secretsmanager update-secret-version-stage{region} --secret-id {secret} --version-stage AWSPENDING --remove-from-version-id {version}`."
    )
}

/// Why a secret has no managed rotation.
pub(super) const NOT_OWNED: &str = "no service of AWS owns this secret, so none rotates it: RDS, Aurora, Redshift, DocumentDB and ECS Service Connect do with secrets that they \
     made; give a function (`rotation_lambda_arn`) for all others, or leave both out and let the provider rotate";

/// What AWS says of a function that it may not invoke, or that is not there.
pub(super) const CANNOT_INVOKE: &str = "cannot invoke the specified Lambda function";

/// What a refusal means that is about an argument. `None`: something else.
pub(super) fn refused(fault: &Fault, function: Option<&str>) -> Option<Invalid> {
    let function = function.and_then(|arn| Function::parse(arn).ok());
    if fault.says("AccessDeniedException", CANNOT_INVOKE) {
        let reason = match function {
            Some(function) => format!(
                "there is no such function, or it does not let Secrets Manager invoke it; allow it with `{}`, or by an `aws_lambda_permission` that this rotation \
                 depends on",
                function.permission()
            ),
            None => "its function is gone, or does not let Secrets Manager invoke it".to_owned(),
        };
        return Some(Invalid::new("rotation_lambda_arn", reason));
    }
    if fault.is("ResourceNotFoundException")
        && !fault.says("ResourceNotFoundException", "specified secret")
        && let Some(function) = function
    {
        let reason = format!("there is no function `{}` in region `{}`", function.name, function.region);
        return Some(Invalid::new("rotation_lambda_arn", reason));
    }
    if fault.says("InvalidRequestException", "Lambda function ARN")
        || fault.says("InvalidRequestException", "Lambda rotation function ARN")
    {
        return Some(Invalid::new("managed", NOT_OWNED));
    }
    // AWS knows rules that it does not document; it is told which of them at the argument that they are about.
    let about = [
        ("Duration", "window"),
        ("ScheduleExpression", "schedule"),
        ("schedule expression", "schedule"),
        ("AutomaticallyAfterDays", "schedule"),
        ("RotationLambdaARN", "rotation_lambda_arn"),
        ("Lambda", "rotation_lambda_arn"),
    ];
    let codes = ["InvalidParameterException", "ValidationException"];
    let said = |text: &str| codes.iter().any(|code| fault.says(code, text));
    let (_, field) = about.into_iter().find(|(text, _)| said(text))?;
    let Fault::Refused { message, .. } = fault else { return None };
    Some(Invalid::new(field, format!("AWS does not take it: {message}")))
}
