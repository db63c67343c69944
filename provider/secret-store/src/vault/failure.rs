//! What a failed request is to the caller of the store. The one place where the server's errors become [`StoreError`]s.

use std::sync::Arc;

use super::KIND;
use super::client::{ApiError, Operation};
use crate::error::{Action, Invalid, StoreError};
use crate::name::SecretName;

/// Why a call on a secret did not succeed, before it is told to the caller: a request that failed may be worth another one.
#[derive(Debug)]
pub(super) enum Failure {
    /// A request failed.
    Api(ApiError),
    /// The store itself has decided.
    Store(StoreError),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Store(invalid.into())
    }
}

impl Failure {
    /// What it is to the caller who was doing this to this secret.
    pub(super) fn during(self, action: Action, name: &SecretName) -> StoreError {
        match self {
            Self::Api(error) => error.during(action, name),
            Self::Store(error) => error,
        }
    }
}

impl ApiError {
    /// While this was being done to this secret.
    pub(super) fn during(self, action: Action, name: &SecretName) -> StoreError {
        match self {
            Self::NotFound { .. } => StoreError::secret_not_found(KIND, name),
            Self::Denied { operation, path } => {
                StoreError::Denied { name: name.clone(), action, reason: lacking(operation, &path) }
            }
            Self::TokenEnded { reason } => StoreError::Denied { name: name.clone(), action, reason },
            Self::CasMismatch { path } => StoreError::Conflict {
                name: name.clone(),
                reason: format!("`{path}` was written by somebody else"),
            },
            other => other.without_secret(),
        }
    }

    /// While something was done that is about no secret in particular.
    pub(super) fn without_secret(self) -> StoreError {
        let unavailable = |reason: String| StoreError::Unavailable { store: KIND, reason, source: None };
        match self {
            Self::NotFound { path } => StoreError::NotFound { store: KIND, what: format!("`{path}`") },
            Self::Denied { operation, path } => unavailable(lacking(operation, &path)),
            Self::TokenEnded { reason } => unavailable(reason),
            Self::Misconfigured(invalid) => invalid.into(),
            Self::CasMismatch { path } => {
                unavailable(format!("`{path}` keeps being written by somebody else; try again"))
            }
            Self::Throttled { retry_after } => StoreError::Throttled { store: KIND, retry_after },
            Self::NotReady { reason } => unavailable(reason),
            Self::Refused { .. } => Invalid::new("request", self.to_string()).into(),
            Self::Unreachable { address, source } => StoreError::Unavailable {
                store: KIND,
                reason: format!(
                    "`{address}` cannot be reached; check the address, the network and that the server runs"
                ),
                source: Some(Arc::new(source)),
            },
            Self::Lost { ref operation, ref path, .. } => {
                let reason = format!(
                    "the answer to `{operation}` on `{path}` was lost, so it may or may not have happened; do the same again"
                );
                StoreError::Unavailable { store: KIND, reason, source: Some(Arc::new(self)) }
            }
            Self::Unexpected { .. } => unavailable(self.to_string()),
        }
    }
}

/// The session has found out before that the token itself is good.
fn lacking(operation: Operation, path: &str) -> String {
    let capabilities = match operation {
        Operation::Read | Operation::ReadVersion(_) | Operation::Help => r#""read""#,
        Operation::List => r#""list""#,
        Operation::Write | Operation::WriteOnce => r#""create", "update""#,
        Operation::Delete => r#""delete""#,
    };
    format!(
        "none of the token's policies has `path \"{path}\" {{ capabilities = [{capabilities}] }}`; add that, or use another token"
    )
}
