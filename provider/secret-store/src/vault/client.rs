//! The HTTP API of Vault and OpenBao: one request, its answer, and what an answer other than success means for the caller.
//!
//! Bodies can hold values, so they live in memory that is wiped and are never logged; what is logged and put into errors is
//! the operation and the path. Source of the API: <https://openbao.org/api-docs/>.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::auth::{AfterDenial, Session};
use super::config::Target;
use super::tls;
use crate::error::Invalid;
use crate::value::SecretValue;

/// What a request does, in the words of policies: the capability that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Read,
    /// Of one version of a KV path.
    ReadVersion(u64),
    List,
    /// POST to something that may or may not exist.
    Write,
    /// POST of what must not be done twice: after an answer that leaves it open whether the server acted on it, the caller finds out.
    WriteOnce,
    Delete,
    /// What an endpoint takes, which every token may ask.
    Help,
}

impl Operation {
    /// The capability that a policy has to give for it.
    pub(super) const fn capability(self) -> &'static str {
        match self {
            Self::Read | Self::ReadVersion(_) | Self::Help => "read",
            Self::List => "list",
            Self::Write | Self::WriteOnce => "update",
            Self::Delete => "delete",
        }
    }

    fn method(self) -> Method {
        match self {
            Self::Read | Self::ReadVersion(_) | Self::List | Self::Help => Method::GET,
            Self::Write | Self::WriteOnce => Method::POST,
            Self::Delete => Method::DELETE,
        }
    }

    /// Whether doing it twice is the same as doing it once, whatever it is on.
    const fn is_repeatable(self) -> bool {
        matches!(self, Self::Read | Self::ReadVersion(_) | Self::List | Self::Help)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.capability())
    }
}

/// Why a request did not succeed, by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// 404: nothing is there. Next: make it, or treat a deletion as done.
    #[error("there is nothing at `{path}`")]
    NotFound { path: String },
    /// The token is not valid (any more), and there is no way to another one. Next: a new one from a person.
    #[error("{reason}")]
    TokenEnded { reason: String },
    /// A setting is wrong in a way that only the server knows: its certificate, the login, the namespace. Next: correct it.
    #[error(transparent)]
    Misconfigured(Invalid),
    /// 403. Next: another token, or a policy with this capability.
    #[error("the token lacks the capability `{operation}` on `{path}`, or has ended")]
    Denied { operation: Operation, path: String },
    /// 400 of a check-and-set. Next: read again.
    #[error("`{path}` changed meanwhile")]
    CasMismatch { path: String },
    /// 429, after retries. Next: wait.
    #[error("the server is limiting requests")]
    Throttled { retry_after: Option<Duration> },
    /// 503 and its kin, after retries: sealed, standby, not initialised. Nothing happened.
    #[error("the server cannot work just now: {reason}")]
    NotReady { reason: String },
    /// Another 4xx: the request is wrong. `messages` are the server's own words; it does not repeat values in them.
    #[error("the server refused `{operation}` on `{path}`: {}", messages.join("; "))]
    Refused { operation: Operation, path: String, status: u16, messages: Vec<String> },
    /// No connection was made: nothing happened.
    #[error("`{address}` cannot be reached")]
    Unreachable {
        address: String,
        #[source]
        source: reqwest::Error,
    },
    /// The connection broke after the request was sent, or the server failed inside (500, 502, 504): it may have happened.
    #[error("`{operation}` on `{path}` failed on the way or in the server{}", told(messages))]
    Lost {
        operation: Operation,
        path: String,
        messages: Vec<String>,
        #[source]
        source: Option<reqwest::Error>,
    },
    /// An answer that is not what the API documents.
    #[error("the answer to `{operation}` on `{path}` is not understood: {reason}")]
    Unexpected { operation: Operation, path: String, reason: String },
}

fn told(messages: &[String]) -> String {
    if messages.is_empty() { String::new() } else { format!(": {}", messages.join("; ")) }
}

impl ApiError {
    /// True when nothing is there.
    pub(super) const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}

/// A body that was received. Wiped when dropped.
pub(super) struct Body(Zeroizing<Vec<u8>>);

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl Body {
    /// The bytes, for callers that keep values out of ordinary strings.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Parses it.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.0)
    }
}

/// A body to be sent, wiped when the last owner drops it.
#[derive(Clone)]
pub(super) struct Content(Bytes);

impl Content {
    /// Encodes it. The buffer does not grow on the way for bodies up to `capacity` bytes, so that nothing is left behind.
    pub(super) fn encode<T: Serialize>(body: &T, capacity: usize) -> Result<Self, serde_json::Error> {
        let mut buffer = Zeroizing::new(Vec::with_capacity(capacity + 1024));
        serde_json::to_writer(&mut *buffer, body)?;
        Ok(Self::from_bytes(buffer))
    }

    /// A body that is JSON already.
    pub(super) fn from_bytes(json: Zeroizing<Vec<u8>>) -> Self {
        Self(Bytes::from_owner(Wiped(json)))
    }

    /// A body that is a value: JSON built as one.
    #[expect(clippy::disallowed_methods, reason = "a store's request: the value is its body")]
    pub(super) fn from_value(value: &SecretValue) -> Self {
        Self(Bytes::from_owner(Wiped(Zeroizing::new(value.expose().to_vec()))))
    }

    /// `{}`, for requests that need no arguments.
    pub(super) const fn empty_object() -> Self {
        Self(Bytes::from_static(b"{}"))
    }
}

struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A server, in one namespace, with or without a session on it.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    address: Url,
    namespace: Option<HeaderValue>,
    max_retries: u32,
    session: Option<Arc<Session>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("address", &self.address.as_str()).finish_non_exhaustive()
    }
}

/// Waits between attempts, before the answer's own `Retry-After`.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

impl Client {
    /// The server of a configuration. Sends nothing: the first request logs in.
    pub(super) fn open(target: Target) -> Result<Self, Invalid> {
        let tls::Connection { http, address } = tls::connect(&target)?;
        let server = Self {
            http,
            address,
            namespace: target.namespace,
            max_retries: target.max_retries,
            session: None,
        };
        let session = Session::new(server.clone(), target.auth);
        Ok(Self { session: Some(Arc::new(session)), ..server })
    }

    /// Whether requests are in a namespace other than the root.
    pub(super) const fn has_namespace(&self) -> bool {
        self.namespace.is_some()
    }

    /// The same server in another namespace.
    pub(super) fn in_namespace(&self, namespace: Option<HeaderValue>) -> Self {
        Self { namespace: namespace.filter(|name| !name.is_empty()), ..self.clone() }
    }

    /// Gives the session's token back.
    pub(super) async fn close(&self) {
        if let Some(session) = &self.session {
            session.close().await;
        }
    }

    /// Reads a path and parses the answer.
    pub(super) async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        self.json(Operation::Read, path, None).await
    }

    /// The keys below a path; none when there is nothing (the server answers 404 then).
    pub(super) async fn list(&self, path: &str) -> Result<Vec<String>, ApiError> {
        #[derive(serde::Deserialize)]
        struct Keys {
            data: Data,
        }
        #[derive(serde::Deserialize)]
        struct Data {
            #[serde(default)]
            keys: Option<Vec<String>>,
        }
        match self.json::<Keys>(Operation::List, path, None).await {
            Ok(keys) => Ok(keys.data.keys.unwrap_or_default()),
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The keys below a path with what is known about each.
    pub(super) async fn list_details<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        self.json(Operation::List, path, None).await
    }

    /// Reads one version of a KV path; `None` for the latest.
    pub(super) async fn read_version(&self, path: &str, version: Option<u64>) -> Result<Body, ApiError> {
        self.send(version.map_or(Operation::Read, Operation::ReadVersion), path, None).await
    }

    /// Writes what must not be written twice: see [`Operation::WriteOnce`].
    pub(super) async fn write_once(&self, path: &str, content: Content) -> Result<Body, ApiError> {
        self.send(Operation::WriteOnce, path, Some(content)).await
    }

    /// Writes a body that holds no value, and parses the answer.
    pub(super) async fn write<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ApiError> {
        let content = self.encoded(Operation::Write, path, body)?;
        self.json(Operation::Write, path, Some(content)).await
    }

    /// Writes a body that holds no value; the answer is not looked at.
    pub(super) async fn put<B: Serialize>(&self, path: &str, body: &B) -> Result<(), ApiError> {
        let content = self.encoded(Operation::Write, path, body)?;
        self.send(Operation::Write, path, Some(content)).await.map(drop)
    }

    /// Deletes a path. What is not there is deleted.
    pub(super) async fn delete(&self, path: &str) -> Result<(), ApiError> {
        match self.send(Operation::Delete, path, None).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    fn encoded<B: Serialize>(&self, operation: Operation, path: &str, body: &B) -> Result<Content, ApiError> {
        Content::encode(body, 0).map_err(|error| unexpected(operation, path, &error))
    }

    async fn json<T: DeserializeOwned>(
        &self,
        operation: Operation,
        path: &str,
        content: Option<Content>,
    ) -> Result<T, ApiError> {
        let body = self.send(operation, path, content).await?;
        // The text of a parse error may quote what it read: only its place is told.
        body.parse().map_err(|error| unexpected(operation, path, &error))
    }

    /// Sends a request with the session's token; with another one, once, if that had ended.
    pub(super) async fn send(
        &self,
        operation: Operation,
        path: &str,
        content: Option<Content>,
    ) -> Result<Body, ApiError> {
        let Some(session) = &self.session else { return self.send_as(operation, path, content, None).await };
        let token = session.token().await?;
        match self.send_as(operation, path, content.clone(), Some(&token)).await {
            Err(denied @ ApiError::Denied { .. }) => match session.after_denial(&token).await? {
                AfterDenial::Lacking => Err(denied),
                AfterDenial::Again(token) => self.send_as(operation, path, content, Some(&token)).await,
            },
            answer => answer,
        }
    }

    /// Sends a request with this token, or none; again where that is safe: when nothing happened, or when repeating changes
    /// nothing.
    pub(super) async fn send_as(
        &self,
        operation: Operation,
        path: &str,
        content: Option<Content>,
        token: Option<&HeaderValue>,
    ) -> Result<Body, ApiError> {
        let longest = PAUSES.last().into_iter().cycle();
        let retries = usize::try_from(self.max_retries).unwrap_or(usize::MAX);
        let mut pauses = PAUSES.iter().chain(longest).take(retries);
        loop {
            let error = match self.send_once(operation, path, content.clone(), token).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            let wait = match &error {
                ApiError::Throttled { retry_after } => *retry_after,
                ApiError::Unreachable { .. } => None,
                ApiError::NotReady { .. } if operation != Operation::WriteOnce => None,
                ApiError::Lost { .. } if operation.is_repeatable() => None,
                _ => return Err(error),
            };
            let Some(pause) = pauses.next() else { return Err(error) };
            let wait = wait.unwrap_or(*pause).min(Duration::from_secs(30));
            tracing::debug!(%operation, path, ?wait, "the server is asked again");
            tokio::time::sleep(wait).await;
        }
    }

    async fn send_once(
        &self,
        operation: Operation,
        path: &str,
        content: Option<Content>,
        token: Option<&HeaderValue>,
    ) -> Result<Body, ApiError> {
        let url = self.url(operation, path)?;
        let headers = self.headers(token);
        let mut request = self.http.request(operation.method(), url).headers(headers);
        if let Some(content) = content {
            request = request.body(content.0);
        }
        let lost = |source| ApiError::Lost { operation, path: path.to_owned(), messages: Vec::new(), source };
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if let Some(fault) = tls::explain(&error) => {
                return Err(ApiError::Misconfigured(fault));
            }
            Err(error) if error.is_connect() => {
                let address = self.address.to_string();
                return Err(ApiError::Unreachable { address, source: error.without_url() });
            }
            Err(error) => return Err(lost(Some(error.without_url()))),
        };
        let status = answer.status();
        let retry_after = retry_after(answer.headers());
        let mut received = Zeroizing::new(Vec::with_capacity(expected_length(&answer)));
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => {
                    received.extend_from_slice(&chunk);
                    if let Ok(mut chunk) = chunk.try_into_mut() {
                        chunk.zeroize();
                    }
                }
                Ok(None) => break,
                Err(error) => return Err(lost(Some(error.without_url()))),
            }
        }
        if status.is_success() {
            return Ok(Body(received));
        }
        Err(failure(operation, path, status, retry_after, &received))
    }

    fn url(&self, operation: Operation, path: &str) -> Result<Url, ApiError> {
        let mut url = self.address.clone();
        {
            let Ok(mut segments) = url.path_segments_mut() else {
                return Err(unexpected_text(operation, path, "the address cannot have a path"));
            };
            segments.pop_if_empty().push("v1").extend(path.split('/'));
        }
        match operation {
            Operation::List => url.set_query(Some("list=true")),
            Operation::Help => url.set_query(Some("help=1")),
            Operation::ReadVersion(version) => url.set_query(Some(&format!("version={version}"))),
            _ => {}
        }
        Ok(url)
    }

    fn headers(&self, token: Option<&HeaderValue>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        // Without it, agents in between may refuse: <https://openbao.org/docs/agent-and-proxy/>.
        headers.insert("x-vault-request", HeaderValue::from_static("true"));
        headers.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(namespace) = &self.namespace {
            headers.insert("x-vault-namespace", namespace.clone());
        }
        if let Some(token) = token {
            headers.insert("x-vault-token", token.clone());
        }
        headers
    }
}

fn expected_length(answer: &reqwest::Response) -> usize {
    // One allocation for ordinary answers; growth would leave an unwiped copy behind.
    answer.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(64 << 10).min(64 << 20)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What a status other than success means. Source: <https://openbao.org/api-docs/#http-status-codes>.
fn failure(
    operation: Operation,
    path: &str,
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &[u8],
) -> ApiError {
    #[derive(serde::Deserialize)]
    struct Errors {
        #[serde(default)]
        errors: Vec<String>,
    }
    let messages = serde_json::from_slice::<Errors>(body).map(|body| body.errors).unwrap_or_default();
    let path = path.to_owned();
    let says = |text: &str| messages.iter().any(|message| message.contains(text));
    match status.as_u16() {
        400 if says("check-and-set") && !says("required") => ApiError::CasMismatch { path },
        400 if body.starts_with(b"Client sent an HTTP request to an HTTPS server") => {
            ApiError::Misconfigured(Invalid::new("address", "the server speaks TLS there; write `https://…`"))
        }
        403 => ApiError::Denied { operation, path },
        404 if says("namespace not found") => ApiError::Misconfigured(Invalid::new(
            "namespace",
            "it does not exist on the server; write it from the root on (`team/project`), or create it",
        )),
        404 if messages.is_empty() => ApiError::NotFound { path },
        // A node that has not caught up with what another node was told.
        412 => ApiError::NotReady { reason: "this node has not caught up with the leader (412)".to_owned() },
        429 if says("standby") || messages.is_empty() && retry_after.is_none() => {
            ApiError::NotReady { reason: "this node is a standby (429)".to_owned() }
        }
        429 => ApiError::Throttled { retry_after },
        472 | 473 => {
            ApiError::NotReady { reason: format!("this node is a standby of another cluster ({status})") }
        }
        503 if says("sealed") => ApiError::NotReady { reason: "it is sealed; unseal it".to_owned() },
        503 => ApiError::NotReady {
            reason: format!("it is sealed, starting or without a leader: {}", messages.join("; ")),
        },
        500..=599 => ApiError::Lost { operation, path, messages, source: None },
        status => ApiError::Refused { operation, path, status, messages },
    }
}

fn unexpected(operation: Operation, path: &str, error: &serde_json::Error) -> ApiError {
    let reason = format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column());
    unexpected_text(operation, path, &reason)
}

fn unexpected_text(operation: Operation, path: &str, reason: &str) -> ApiError {
    ApiError::Unexpected { operation, path: path.to_owned(), reason: reason.to_owned() }
}
