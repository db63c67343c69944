//! What AWS answered that is no success, in the few kinds that a caller treats differently, and what it becomes for a user.
//!
//! The texts of AWS are shown, because they name the policy or the quota; except for requests that carry a value, whose validation
//! messages may repeat their input.

use std::error::Error;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use super::KIND;
use crate::error::{Action, Invalid, StoreError};
use crate::name::SecretName;

/// A call that failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// AWS understood, and said no. Nothing changed.
    Refused {
        /// `ResourceNotFoundException`, ….
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// Too many requests, also after repeating.
    Throttled,
    /// The identity could not be found, is not accepted, or is no longer.
    Credentials {
        /// What is wrong and what to do.
        reason: String,
        source: Option<Cause>,
    },
    /// No answer, or one that says nothing: it may have happened.
    Unreachable { reason: String, source: Option<Cause> },
}

type Cause = Arc<dyn Error + Send + Sync>;

/// Codes that mean "later". Source: the retry classifiers of the SDKs,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
const THROTTLING: [&str; 9] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "LimitExceededThrottling",
    "RequestThrottled",
    "SlowDown",
];

/// Codes that mean that the keys themselves are the trouble.
const CREDENTIALS: [(&str, &str); 8] = [
    ("ExpiredToken", "the session has expired; log in again (`aws sso login`), or get new temporary keys"),
    (
        "ExpiredTokenException",
        "the session has expired; log in again (`aws sso login`), or get new temporary keys",
    ),
    ("RequestExpired", "the request was too old when it arrived; set the clock of this machine"),
    (
        "UnrecognizedClientException",
        "AWS does not know the access key; check the keys, and that they are of this partition",
    ),
    (
        "InvalidClientTokenId",
        "AWS does not know the access key; check the keys, and that they are of this partition",
    ),
    (
        "InvalidSignatureException",
        "the secret half of the access key is wrong, or the clock of this machine is",
    ),
    ("SignatureDoesNotMatch", "the secret half of the access key is wrong, or the clock of this machine is"),
    ("IncompleteSignature", "the access key is not complete; check the keys"),
];

impl<E> From<SdkError<E, HttpResponse>> for Fault
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        if let Some(reason) = credentials_reason(&error) {
            return Self::Credentials { reason, source: error.into_source().ok().map(Arc::from) };
        }
        match error {
            SdkError::ServiceError(refused) => {
                let status = refused.raw().status().as_u16();
                let refused = refused.into_err();
                let code = refused.code().unwrap_or_default().to_owned();
                let message = refused.message().unwrap_or_default().to_owned();
                classify(code, message, status)
            }
            SdkError::TimeoutError(_) => {
                Self::Unreachable { reason: "AWS did not answer in time; try again".to_owned(), source: None }
            }
            SdkError::ConstructionFailure(_) => Self::Unreachable {
                reason: "the request could not be made from this configuration".to_owned(),
                source: error.into_source().ok().map(Arc::from),
            },
            SdkError::ResponseError(_) => Self::Unreachable {
                reason: "what answered does not speak the protocol of AWS, or broke off; check `endpoint_url` and the proxy".to_owned(),
                source: None,
            },
            other => Self::Unreachable {
                reason: "AWS could not be reached; check the network, the region, `endpoint_url` and the proxy".to_owned(),
                source: other.into_source().ok().map(Arc::from),
            },
        }
    }
}

fn classify(code: String, message: String, status: u16) -> Fault {
    if status == 429 || THROTTLING.contains(&code.as_str()) {
        return Fault::Throttled;
    }
    if let Some((_, what)) = CREDENTIALS.iter().find(|(known, _)| *known == code) {
        return Fault::Credentials { reason: (*what).to_owned(), source: None };
    }
    if status >= 500 || code.is_empty() {
        return Fault::Unreachable {
            reason: format!("AWS answered with status {status}; try again"),
            source: None,
        };
    }
    Fault::Refused { code, message }
}

/// What is wrong with the identity, when no request could be signed.
fn credentials_reason(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    let mut reason = None;
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<AssumeRoleError>() {
            return Some(role_reason(refused));
        }
        if let Some(credentials) = error.downcast_ref::<CredentialsError>() {
            let what = match credentials {
                CredentialsError::CredentialsNotLoaded(_) => {
                    "no credentials were found; set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or `AWS_PROFILE` to a profile that `~/.aws/config` has, or log in (`aws sso login`)"
                }
                CredentialsError::InvalidConfiguration(_) => "the profile or the environment is wrong",
                _ => "they could not be obtained",
            };
            reason.get_or_insert_with(|| what.to_owned());
        }
        cause = error.source();
    }
    reason
}

/// Why a role was not taken on, in AWS's words, which name the role and who asked.
fn role_reason(error: &AssumeRoleError) -> String {
    let said = error.message().or(error.code()).unwrap_or("AWS gave no reason");
    let said = said.trim_end_matches('.');
    match error.code() {
        Some("AccessDenied") => format!(
            "the role could not be assumed: {said}; its trust policy has to let the identity in use assume it (with the `external_id` that it may ask \
             for), and an identity of another account needs `sts:AssumeRole` of its own too"
        ),
        Some("ExpiredToken" | "ExpiredTokenException") => format!(
            "the role could not be assumed: {said}; log in again (`aws sso login`), or get new temporary keys"
        ),
        _ => format!("the role could not be assumed: {said}"),
    }
}

impl Fault {
    /// True when AWS refused with this code.
    pub(super) fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }

    /// True when AWS refused with this code and words that contain `text`, in any case.
    pub(super) fn says(&self, wanted: &str, text: &str) -> bool {
        matches!(self, Self::Refused { code, message } if code == wanted && message.to_ascii_lowercase().contains(&text.to_ascii_lowercase()))
    }

    /// True when AWS refused because the secret is scheduled for deletion.
    pub(super) fn is_scheduled_for_deletion(&self) -> bool {
        ["marked for deletion", "marked deleted", "scheduled for deletion"]
            .iter()
            .any(|text| self.says("InvalidRequestException", text))
    }

    /// Takes AWS's words away: those of a request that carries a value may repeat it.
    pub(super) fn without_words(self) -> Self {
        match self {
            Self::Refused { code, .. }
                if matches!(
                    code.as_str(),
                    "InvalidParameterException"
                        | "InvalidParameterValue"
                        | "ValidationException"
                        | "SerializationException"
                ) =>
            {
                Self::Refused { code, message: "a parameter of the request is not valid".to_owned() }
            }
            other => other,
        }
    }

    /// What the user is told, of a call on one secret. Deletion is the caller's to recognise, who knows its date.
    pub(super) fn into_error(self, action: Action, name: &SecretName) -> StoreError {
        match self {
            Self::Throttled => StoreError::Throttled { store: KIND, retry_after: None },
            Self::Credentials { reason, source } => StoreError::Unavailable {
                store: KIND,
                reason: format!("its credentials do not work: {reason}"),
                source,
            },
            Self::Unreachable { reason, source } => StoreError::Unavailable { store: KIND, reason, source },
            Self::Refused { code, message } => refused(&code, &message, action, name),
        }
    }
}

fn refused(code: &str, message: &str, action: Action, name: &SecretName) -> StoreError {
    let words = if message.is_empty() { code.to_owned() } else { format!("{message} ({code})") };
    match code {
        "ResourceNotFoundException" => StoreError::secret_not_found(KIND, name),
        "ResourceExistsException" => StoreError::AlreadyExists { store: KIND, name: name.clone() },
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" => {
            StoreError::Denied { name: name.clone(), action, reason: words }
        }
        "EncryptionFailure" | "DecryptionFailure" | "KMSInvalidStateException" | "DisabledException" | "NotFoundException" => {
            Invalid::new("kms_key", format!("AWS cannot use the key: {words}; see that it exists, is enabled, and lets this identity use it")).into()
        }
        "LimitExceededException" => Invalid::new("name", format!("a quota of AWS is reached: {words}")).into(),
        "PreconditionNotMetException" => {
            StoreError::Conflict { name: name.clone(), reason: words }
        }
        "InternalServiceError" | "InternalFailure" | "ServiceUnavailable" => StoreError::Unavailable {
            store: KIND,
            reason: format!("AWS had a failure of its own: {words}"),
            source: None,
        },
        _ => Invalid::new("request", format!("AWS refused it: {words}")).into(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_secretsmanager::error::ErrorMetadata;

    use super::*;

    fn name() -> SecretName {
        SecretName::parse("prod/db").unwrap()
    }

    fn told(code: &str, message: &str, status: u16) -> StoreError {
        classify(code.to_owned(), message.to_owned(), status).into_error(Action::Create, &name())
    }

    #[test]
    fn what_may_have_happened_is_told_from_what_did_not() {
        for (code, status) in [("ThrottlingException", 400), ("TooManyRequestsException", 400), ("", 429)] {
            assert!(matches!(told(code, "slow down", status), StoreError::Throttled { .. }), "{code}");
        }
        for (code, status) in
            [("", 500), ("InternalServiceError", 500), ("", 400), ("ServiceUnavailable", 503)]
        {
            assert!(told(code, "", status).is_transient(), "{code} {status}");
        }
        for code in
            ["InvalidParameterException", "InvalidRequestException", "MalformedPolicyDocumentException"]
        {
            assert!(!told(code, "no", 400).is_transient(), "{code}");
        }
    }

    #[test]
    fn a_refusal_says_what_aws_said() {
        let denied =
            told("AccessDeniedException", "User: x is not authorized to perform: y", 400).to_string();
        assert!(denied.contains("not allowed to create secret `prod/db`"), "{denied}");
        assert!(denied.contains("is not authorized to perform: y"), "{denied}");
        let expired =
            told("ExpiredTokenException", "The security token included in the request is expired", 400);
        assert!(expired.to_string().contains("aws sso login"), "{expired}");
    }

    #[test]
    fn a_role_that_may_not_be_assumed_says_what_to_change() {
        let denied = AssumeRoleError::generic(
            ErrorMetadata::builder()
                .code("AccessDenied")
                .message("User: arn:aws:iam::123456789012:user/ci is not authorized to perform: sts:AssumeRole on resource: y")
                .build(),
        );
        let error = CredentialsError::provider_error(denied);
        let reason = credentials_reason(&error).unwrap();
        assert!(reason.contains("user/ci") && reason.contains("trust policy"), "{reason}");
        let error = CredentialsError::not_loaded("nothing there");
        assert!(credentials_reason(&error).unwrap().contains("AWS_PROFILE"));
    }

    #[test]
    fn the_words_of_a_request_with_a_value_are_withheld() {
        let fault =
            classify("ValidationException".to_owned(), "Value 'sentinel' at 'secretString'".to_owned(), 400);
        let told = fault.without_words().into_error(Action::Write, &name());
        assert!(!format!("{told} {told:?}").contains("sentinel"), "{told:?}");
        let fault = classify("AccessDeniedException".to_owned(), "no kms:Decrypt".to_owned(), 400);
        assert!(fault.without_words().into_error(Action::Write, &name()).to_string().contains("kms:Decrypt"));
    }
}
