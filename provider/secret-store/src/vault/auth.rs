//! The token that requests carry: got when the first request needs one, shared by all, renewed while the process works,
//! and given back at its end.
//!
//! A token that somebody made is not used as it is: a child of it, which ends by itself twenty minutes after the process was
//! killed and takes its leases along, does the work. A login makes a token of our own already. Terraform starts several
//! providers for one command; one that is asked nothing sends nothing.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderValue;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::client::{ApiError, Client, Content, Operation};
use super::config::AuthMethod;
use crate::error::Invalid;
use crate::value::SecretValue;

mod login;

/// What a child token lives without being renewed.
const CHILD_TTL: &str = "20m";
/// How long giving the token back may keep a process from ending.
const CLOSING: Duration = Duration::from_secs(5);
/// As it is shown in the server's audit log and by `bao token lookup`.
const DISPLAY_NAME: &str = "terraform-provider-secret";

/// Whoever this process is on the server.
pub(super) struct Session {
    /// The server, asked without a token unless one is handed over.
    server: Client,
    method: AuthMethod,
    state: Mutex<State>,
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("method", &self.method.kind()).finish_non_exhaustive()
    }
}

#[derive(Default)]
enum State {
    /// Nothing was asked yet, or the token was given back.
    #[default]
    Idle,
    Open(Held),
    /// Kept, so that ten calls at once do not try a wrong password ten times, which would lock the user out.
    Refused(Refusal),
}

struct Held {
    token: HeaderValue,
    owner: Owner,
    _renewal: Option<Renewal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// Made for this process: renewed, and revoked at its end.
    Us,
    /// Somebody else's.
    User,
}

#[derive(Clone)]
enum Refusal {
    Ended(String),
    Wrong(Invalid),
}

/// The task that renews a token, until it is dropped.
struct Renewal(JoinHandle<()>);

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a request that was denied is to do.
pub(super) enum AfterDenial {
    /// The token is good: a capability is missing.
    Lacking,
    /// The token had ended. With this one.
    Again(HeaderValue),
}

/// The part of an answer that is about a token.
#[derive(Deserialize)]
struct Answer {
    auth: Option<Issued>,
}

/// A token just made or renewed.
#[derive(Debug, Deserialize)]
struct Issued {
    client_token: SecretValue,
    /// Seconds; 0 for one without an end.
    #[serde(default)]
    lease_duration: u64,
    #[serde(default)]
    renewable: bool,
    #[serde(default)]
    token_type: String,
}

#[derive(Deserialize)]
struct LookedUp {
    data: Lookup,
}

/// What `auth/token/lookup-self` says.
#[derive(Deserialize)]
struct Lookup {
    /// `team/`; absent in the root namespace.
    #[serde(default)]
    namespace_path: Option<String>,
}

impl Session {
    /// Sends nothing. `server` is a client without a session.
    pub(super) fn new(server: Client, method: AuthMethod) -> Self {
        Self { server, method, state: Mutex::default() }
    }

    /// The token for a request. The first call gets one, and calls at the same time wait for it.
    pub(super) async fn token(&self) -> Result<HeaderValue, ApiError> {
        let mut state = self.state.lock().await;
        self.opened(&mut state).await
    }

    /// Finds out why a request was denied, and gets a new token if the old one has ended.
    pub(super) async fn after_denial(&self, denied: &HeaderValue) -> Result<AfterDenial, ApiError> {
        let mut state = self.state.lock().await;
        if let State::Open(held) = &*state
            && held.token == *denied
        {
            match self.look_up(&self.server, denied).await {
                // Only a token that is good may look itself up.
                Err(ApiError::Denied { .. }) => {}
                _ => return Ok(AfterDenial::Lacking),
            }
            tracing::info!(method = self.method.kind(), "the token has ended; getting another");
            *state = State::Idle;
        }
        let token = self.opened(&mut state).await?;
        Ok(AfterDenial::Again(token))
    }

    /// Revokes the token if it was made for this process, with the leases made with it.
    pub(super) async fn close(&self) {
        let State::Open(held) = std::mem::take(&mut *self.state.lock().await) else { return };
        if held.owner == Owner::User {
            return;
        }
        let revoked = self.server.send_as(
            Operation::Write,
            "auth/token/revoke-self",
            Some(Content::empty_object()),
            Some(&held.token),
        );
        match tokio::time::timeout(CLOSING, revoked).await {
            Ok(Ok(_)) => {}
            // It has ended already.
            Ok(Err(ApiError::Denied { .. })) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the token of this process could not be revoked"),
            Err(_) => tracing::warn!("the token of this process could not be revoked within {CLOSING:?}"),
        }
    }

    async fn opened(&self, state: &mut State) -> Result<HeaderValue, ApiError> {
        match state {
            State::Open(held) => return Ok(held.token.clone()),
            State::Refused(refusal) => return Err(refusal.clone().into()),
            State::Idle => {}
        }
        match self.open().await {
            Ok(held) => {
                let token = held.token.clone();
                *state = State::Open(held);
                Ok(token)
            }
            Err(error) => {
                match &error {
                    ApiError::TokenEnded { reason } => {
                        *state = State::Refused(Refusal::Ended(reason.clone()));
                    }
                    ApiError::Misconfigured(invalid) => {
                        *state = State::Refused(Refusal::Wrong(invalid.clone()));
                    }
                    _ => {}
                }
                Err(error)
            }
        }
    }

    async fn open(&self) -> Result<Held, ApiError> {
        match &self.method {
            AuthMethod::Token(token) => self.child_of(header(token)?).await,
            method => {
                let issued = login::log_in(&self.server, method).await?;
                self.hold(&issued)
            }
        }
    }

    /// A child of a token that somebody made; the token itself where it may have none.
    async fn child_of(&self, given: HeaderValue) -> Result<Held, ApiError> {
        #[derive(Serialize)]
        struct Create {
            ttl: &'static str,
            renewable: bool,
            display_name: &'static str,
            meta: Meta,
        }
        #[derive(Serialize)]
        struct Meta {
            made_by: &'static str,
        }
        const PATH: &str = "auth/token/create";
        let server = self.home_of(&given).await?;
        let body = Create {
            ttl: CHILD_TTL,
            renewable: true,
            display_name: DISPLAY_NAME,
            meta: Meta { made_by: DISPLAY_NAME },
        };
        let content =
            Content::encode(&body, 0).map_err(|error| unexpected(PATH, &format!("not encoded: {error}")))?;
        let why = match issued(&server, PATH, &content, Some(&given)).await {
            Ok(issued) => return self.hold(&issued),
            Err(ApiError::Denied { .. }) => {
                if let Err(ApiError::Denied { .. }) = self.look_up(&server, &given).await {
                    return Err(ApiError::TokenEnded { reason: self.ended() });
                }
                "it may not make tokens".to_owned()
            }
            // Batch tokens and those with a limited number of uses.
            Err(ApiError::Refused { messages, .. }) => messages.join("; "),
            Err(error) => return Err(error),
        };
        tracing::info!(
            why,
            "the given token is used itself, not a short-lived child of it; allow it `update` on `{PATH}`"
        );
        Ok(Held { token: given, owner: Owner::User, _renewal: None })
    }

    /// The server in the namespace that the token is of. A child in another one would have the policies of these names *there*.
    async fn home_of(&self, given: &HeaderValue) -> Result<Client, ApiError> {
        if !self.server.has_namespace() {
            return Ok(self.server.clone());
        }
        match self.look_up(&self.server, given).await {
            Ok(found) => {
                let path = found.data.namespace_path.unwrap_or_default();
                Ok(self.server.in_namespace(HeaderValue::from_str(path.trim_end_matches('/')).ok()))
            }
            // `child_of` finds out whether it has ended.
            Err(ApiError::Denied { .. }) => Ok(self.server.clone()),
            Err(error) => Err(error),
        }
    }

    async fn look_up(&self, server: &Client, token: &HeaderValue) -> Result<LookedUp, ApiError> {
        const PATH: &str = "auth/token/lookup-self";
        let body = server.send_as(Operation::Read, PATH, None, Some(token)).await?;
        body.parse().map_err(|_| unexpected(PATH, "no description of a token"))
    }

    fn hold(&self, issued: &Issued) -> Result<Held, ApiError> {
        let token = header(&issued.client_token)?;
        let term = Duration::from_secs(issued.lease_duration);
        let is_renewed = issued.renewable && !term.is_zero();
        let renewal = is_renewed.then(|| Renewal::start(self.server.clone(), token.clone(), term));
        // A batch token can be neither renewed nor revoked: it ends by itself.
        let owner = if issued.token_type == "batch" { Owner::User } else { Owner::Us };
        Ok(Held { token, owner, _renewal: renewal })
    }

    fn ended(&self) -> String {
        "the token has ended, was revoked, or is not one of this server (`auth/token/lookup-self` is refused); get a new one, \
         for example with `bao login`, and run it again"
            .to_owned()
    }
}

impl Renewal {
    /// Renews when two thirds of the term are over, which leaves time for a second and a third attempt.
    fn start(server: Client, token: HeaderValue, mut term: Duration) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep((term * 2 / 3).max(Duration::from_secs(1))).await;
                let content = Content::empty_object();
                let renewed = issued(&server, "auth/token/renew-self", &content, Some(&token)).await;
                match renewed {
                    // At its longest life a token gets no more; the first request after it finds out.
                    Ok(renewed) if renewed.lease_duration == 0 => return,
                    Ok(renewed) => term = Duration::from_secs(renewed.lease_duration),
                    Err(error @ (ApiError::Denied { .. } | ApiError::Refused { .. })) => {
                        tracing::warn!(%error, "the token of this process cannot be renewed");
                        return;
                    }
                    Err(error) => {
                        tracing::debug!(%error, "renewing the token is tried again");
                        term /= 3;
                    }
                }
            }
        }))
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Ended(reason) => Self::TokenEnded { reason },
            Refusal::Wrong(invalid) => Self::Misconfigured(invalid),
        }
    }
}

/// Asks for a token. Once more after a lost answer: a token that was made and lost ends by itself.
async fn issued(
    server: &Client,
    path: &str,
    content: &Content,
    token: Option<&HeaderValue>,
) -> Result<Issued, ApiError> {
    let mut answer = server.send_as(Operation::Write, path, Some(content.clone()), token).await;
    if let Err(ApiError::Lost { .. }) = answer {
        answer = server.send_as(Operation::Write, path, Some(content.clone()), token).await;
    }
    let answer: Answer = answer?.parse().map_err(|_| unexpected(path, "it has no token"))?;
    answer.auth.ok_or_else(|| unexpected(path, "it has no token; is a second factor asked for?"))
}

/// A token as a request carries it. The header's memory is wiped with its last copy.
#[expect(clippy::disallowed_methods, reason = "a store's request: the token goes into its header")]
fn header(token: &SecretValue) -> Result<HeaderValue, ApiError> {
    let wiped = zeroize::Zeroizing::new(token.expose().to_vec());
    let mut header = HeaderValue::from_maybe_shared(Bytes::from_owner(WipedToken(wiped))).map_err(|_| {
        ApiError::Misconfigured(Invalid::new("token", "it has a character that no token has; copy it again"))
    })?;
    header.set_sensitive(true);
    Ok(header)
}

struct WipedToken(zeroize::Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for WipedToken {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn unexpected(path: &str, reason: &str) -> ApiError {
    ApiError::Unexpected { operation: Operation::Write, path: path.to_owned(), reason: reason.to_owned() }
}
