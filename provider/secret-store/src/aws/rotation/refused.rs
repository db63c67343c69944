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

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:eu-central-1:123456789012:function:rotate:live";

    fn told(code: &str, message: &str, function: Option<&str>) -> Option<Invalid> {
        let fault = Fault::Refused { code: code.to_owned(), message: message.to_owned() };
        refused(&fault, function)
    }

    #[test]
    fn a_refusal_is_told_at_the_argument_that_it_is_about() {
        let invoke = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal \
                      secretsmanager.amazonaws.com.";
        let no_function = "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN \
                           as a parameter in this call.";
        for (code, message, field, expected) in [
            (
                "AccessDeniedException",
                invoke,
                "rotation_lambda_arn",
                "--function-name rotate --qualifier live --statement-id",
            ),
            (
                "ResourceNotFoundException",
                "Resource not found for ARN 'arn:aws:lambda:…'.",
                "rotation_lambda_arn",
                "no function `rotate` in region `eu-central-1`",
            ),
            ("InvalidRequestException", no_function, "managed", "no service of AWS owns this secret"),
            (
                "InvalidRequestException",
                "No Lambda rotation function ARN is associated with this secret.",
                "managed",
                "no service of AWS owns this secret",
            ),
            (
                "InvalidParameterException",
                "The parameter ScheduleExpression is not valid.",
                "schedule",
                "The parameter ScheduleExpression is not valid.",
            ),
            (
                "ValidationException",
                "Value at 'rotationRules.duration' is not valid",
                "window",
                "AWS does not take it",
            ),
        ] {
            let invalid = told(code, message, Some(FUNCTION)).unwrap_or_else(|| panic!("{message}"));
            assert_eq!(invalid.field, field, "{invalid}");
            assert!(invalid.reason.contains(expected), "{invalid}");
        }
    }

    #[test]
    fn what_is_about_no_argument_is_left_to_others() {
        for (code, message) in [
            ("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
            (
                "AccessDeniedException",
                "User: x is not authorized to perform: lambda:InvokeFunction on resource: y",
            ),
            (
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.",
            ),
        ] {
            assert_eq!(told(code, message, Some(FUNCTION)), None, "{message}");
        }
    }

    #[test]
    fn where_to_look_depends_on_who_rotates() {
        let about = |rotator: &Rotator| {
            let version = VersionId::parse("0123-abc").unwrap();
            about_unfinished_rotation(
                "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:prod/db-AbC123",
                &version,
                rotator,
            )
        };
        let by_function = about(&Rotator::Function(FUNCTION.to_owned()));
        assert!(by_function.contains("`/aws/lambda/rotate`"), "{by_function}");
        assert!(
            by_function.contains("--region cn-north-1 ")
                && by_function.contains("--remove-from-version-id 0123-abc`")
        );
        assert!(about(&Rotator::Store).contains("The service that owns the secret"));
    }
}
