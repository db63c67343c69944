//! Credentials on loan: a login that the database engine makes for one run, or whatever else is leased at a path.
//!
//! A lease belongs to the token that asked for it. When this process is killed, its token ends within twenty minutes, and
//! its leases with it; see `auth.rs`.

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::client::{ApiError, Body, Content, Operation};
use super::database::Fault;
use super::{KIND, VaultStore};
use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::json::{self, JsonFields};
use crate::name::SecretName;
use crate::store::{Lease, LeaseId, LeaseRequest, LeaseTerm, Leases, Renewal};
use crate::value::SecretValue;

/// The answer of a path that leases.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    lease_id: String,
    #[serde(default)]
    lease_duration: u64,
    #[serde(default)]
    renewable: bool,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Named<'a> {
    lease_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync: Option<bool>,
}

#[async_trait]
impl Leases for VaultStore {
    async fn lease(&self, request: LeaseRequest) -> Result<Lease> {
        let path = parse_path(&request.path)?;
        // A reading whose answer was lost is repeated. The credential that nobody got ends with this process's token.
        let answer = if request.parameters.is_empty() {
            self.client.send(Operation::Read, path, None).await
        } else {
            let mut fields = JsonFields::new();
            request.parameters.iter().for_each(|(name, value)| fields.set_public(name, value));
            let content = Content::from_value(&fields.object()?);
            self.client.send(Operation::Write, path, Some(content)).await
        };
        let body = answer.map_err(|error| refused(path, error))?;
        let lease = parse_lease(path, &body)?;
        tracing::debug!(path, seconds = lease.term.duration.as_secs(), "leased");
        Ok(lease)
    }

    async fn renew(&self, lease: &LeaseId) -> Result<LeaseTerm> {
        const PATH: &str = "sys/leases/renew";
        let body = Named { lease_id: &lease.0, sync: None };
        let answer: Result<Term, _> = self.client.write(PATH, &body).await;
        match answer {
            Ok(answer) => Ok(term(answer.lease_duration, answer.renewable)),
            Err(ApiError::Refused { messages, .. }) => {
                let says = |text: &str| messages.iter().any(|message| message.contains(text));
                if says("not renewable") {
                    return Err(StoreError::Unsupported {
                        store: KIND,
                        what: format!("renewing a lease of `{}`", origin(lease)),
                        why: "it ends at its end; lease anew".to_owned(),
                    });
                }
                if says("lease not found") || says("lease expired") {
                    return Err(ended(lease));
                }
                Err(Invalid::new("lease", format!("it cannot be renewed: {}", messages.join("; "))).into())
            }
            Err(ApiError::NotFound { .. }) => Err(ended(lease)),
            Err(error) => Err(error.without_secret()),
        }
    }

    async fn end(&self, lease: &LeaseId) -> Result<()> {
        const PATH: &str = "sys/leases/revoke";
        // Without `sync` the answer comes before the credential has stopped working.
        let body = Named { lease_id: &lease.0, sync: Some(true) };
        let mut answer = self.client.put(PATH, &body).await;
        if let Err(ApiError::Lost { messages, .. }) = &answer
            && messages.is_empty()
        {
            answer = self.client.put(PATH, &body).await;
        }
        match answer {
            Ok(()) | Err(ApiError::NotFound { .. }) => Ok(()),
            Err(ApiError::Refused { messages, .. })
                if messages.iter().any(|message| message.contains("lease not found")) =>
            {
                Ok(())
            }
            Err(error) => Err(error.without_secret()),
        }
    }
}

#[derive(Deserialize)]
struct Term {
    #[serde(default)]
    lease_duration: u64,
    #[serde(default)]
    renewable: bool,
}

fn term(seconds: u64, renewable: bool) -> LeaseTerm {
    let duration = SignedDuration::try_from(Duration::from_secs(seconds)).unwrap_or(SignedDuration::MAX);
    LeaseTerm { duration, renewal: if renewable { Renewal::Possible } else { Renewal::Impossible } }
}

/// The path that a lease came from: its id without the random end.
fn origin(lease: &LeaseId) -> &str {
    lease.0.rsplit_once('/').map_or(lease.0.as_str(), |(path, _)| path)
}

fn ended(lease: &LeaseId) -> StoreError {
    StoreError::NotFound { store: KIND, what: format!("the lease of `{}` (it has ended)", origin(lease)) }
}

/// A path below `/v1/` that can lease something.
fn parse_path(text: &str) -> Result<&str, Invalid> {
    let invalid = |reason: &str| Err(Invalid::new("path", format!("`{text}` {reason}")));
    let example = "such as `database/creds/readonly`";
    if text.is_empty() {
        return Err(Invalid::new("path", format!("it is empty; write the path to read, {example}")));
    }
    if text.starts_with('/') || text.starts_with("v1/") {
        return invalid(&format!(
            "begins with a slash or `v1/`; write the path as `bao read` takes it, {example}"
        ));
    }
    if text.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return invalid(&format!("has an empty segment or dots; write it {example}"));
    }
    if text.chars().any(|character| character.is_control() || matches!(character, '?' | '#')) {
        return invalid("has a control character, `?` or `#`");
    }
    match text.split('/').next() {
        Some("auth" | "sys" | "identity" | "cubbyhole") => invalid(&format!(
            "belongs to the server itself, which leases nothing there; name an engine's path, {example}"
        )),
        _ => Ok(text),
    }
}

/// Takes an answer apart. The members go from the body, which is wiped, into values, which are.
fn parse_lease(path: &str, body: &Body) -> Result<Lease> {
    let unexpected = || ApiError::Unexpected {
        operation: Operation::Read,
        path: path.to_owned(),
        reason: "it has no lease".to_owned(),
    };
    let answer: Answer<'_> = body.parse().map_err(|_| unexpected().without_secret())?;
    if answer.lease_id.is_empty() {
        return Err(nothing_leased(path));
    }
    let mut value = JsonFields::new();
    if let Some(data) = answer.data {
        let data = SecretValue::new(data.get().as_bytes().to_vec());
        for (name, member) in json::fields(&data).map_err(|_| unexpected().without_secret())? {
            value.set(&name, member);
        }
    }
    let term = term(answer.lease_duration, answer.renewable);
    Ok(Lease { id: LeaseId(answer.lease_id), value, term })
}

fn nothing_leased(path: &str) -> StoreError {
    let hint = if path.contains("/static-creds/") {
        "a static role's login is a secret that stays: read it as the secret of this name"
    } else if path.contains("/issue/") || path.contains("/sign/") {
        "a certificate is not taken back at its end; have the role make leases (`generate_lease = true`), or leave it to another resource"
    } else {
        "what is there is no credential on loan; if it is a secret, read it as one"
    };
    Invalid::new("path", format!("`{path}` answers without a lease: {hint}")).into()
}

fn refused(path: &str, error: ApiError) -> StoreError {
    let invalid = |reason: String| Invalid::new("path", format!("`{path}`: {reason}")).into();
    match error {
        ApiError::NotFound { .. } => invalid("there is nothing on the server".to_owned()),
        ApiError::Refused { status: 404, .. } => {
            invalid("there is no engine or nothing of the engine's on the server".to_owned())
        }
        ApiError::Refused { status: 405, operation, .. } => invalid(match operation {
            Operation::Read => {
                format!("it is not read but written to ({}); give it its `parameters`", Method::POST)
            }
            _ => "it takes no parameters; leave `parameters` out".to_owned(),
        }),
        ApiError::Refused { messages, .. } => invalid(messages.join("; ")),
        ApiError::Lost { messages, .. } if !messages.is_empty() => match Fault::of(&messages) {
            Fault::Statement { code } => invalid(format!(
                "the database refuses the role's statements ({code}); its own log says more. The text is not shown here, because it may repeat the password"
            )),
            fault => StoreError::Unavailable {
                store: KIND,
                reason: format!("`{path}`: {}", fault.plain()),
                source: None,
            },
        },
        // A path is spelt as a name is, and so a missing right is told as for a secret: trying again helps nobody.
        error => match SecretName::parse(path) {
            Ok(name) => error.during(Action::Read, &name),
            Err(_) => error.without_secret(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(path: &str, expected: &str) {
        let error = parse_path(path).unwrap_err().to_string();
        assert!(error.starts_with("invalid path: ") && error.contains(expected), "{path}: {error}");
    }

    #[test]
    fn paths_that_lease_nothing_are_refused_without_a_request() {
        check_refused("", "it is empty");
        check_refused("/database/creds/ro", "begins with a slash");
        check_refused("v1/database/creds/ro", "begins with a slash or `v1/`");
        check_refused("database//ro", "empty segment");
        check_refused("database/creds/ro/", "empty segment");
        check_refused("database/../sys/raw", "dots");
        check_refused("database/creds/ro?x=1", "`?`");
        check_refused("auth/token/create", "belongs to the server itself");
        check_refused("sys/wrapping/wrap", "belongs to the server itself");
    }

    #[test]
    fn a_lease_is_named_without_its_secret_end_in_messages() {
        assert_eq!(origin(&LeaseId("database/creds/ro/lx0gXTkW".to_owned())), "database/creds/ro");
    }
}
