//! One request through the proxy: asked of the rules, passed on, changed, recorded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName,
    TRANSFER_ENCODING,
};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::Seen;
use super::rule::{self, Action, Body, Canned, Rule};

/// Those that are about one connection, or about the form of a body that has been read whole.
const HOP_HEADERS: [HeaderName; 3] = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];

/// The state that all connections of a proxy share.
pub(super) struct Exchange {
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
    rules: Mutex<Vec<Rule>>,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    next: u64,
    // Numbered, because the record may be emptied while a request is under way.
    seen: Vec<(u64, Seen)>,
}

/// The client gets no answer: its connection breaks.
#[derive(Debug)]
pub(super) struct Broken;

impl Exchange {
    pub(super) fn new(upstream: &str) -> Self {
        Self {
            upstream: upstream.trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            rules: Mutex::default(),
            record: Mutex::default(),
        }
    }

    pub(super) fn add(&self, rule: Rule) {
        lock(&self.rules).push(rule);
    }

    pub(super) fn clear_rules(&self) {
        lock(&self.rules).clear();
    }

    pub(super) fn requests(&self) -> Vec<Seen> {
        lock(&self.record).seen.iter().map(|(_, seen)| seen.clone()).collect()
    }

    pub(super) fn forget(&self) {
        lock(&self.record).seen.clear();
    }

    /// What the client gets for this request.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Broken> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        let asked = Asked::of(&head, &body);
        let (number, line) = self.note(&head, &asked);
        let actions = rule::actions(&mut lock(&self.rules), &line);
        let told = self.follow(&actions, number, &asked, head, body).await;
        if let Ok(response) = &told {
            self.update(number, |seen| seen.told = Some(response.status().as_u16()));
        }
        told
    }

    async fn follow(
        &self,
        actions: &[Action],
        number: u64,
        asked: &Asked,
        head: Parts,
        body: Bytes,
    ) -> Result<Response<Full<Bytes>>, Broken> {
        for action in actions {
            if let Action::Delay(time) = action {
                tokio::time::sleep(*time).await;
            }
        }
        for action in actions {
            match action {
                Action::Answer(canned) => return Ok(canned.response(asked)),
                Action::Reset => return Err(Broken),
                _ => {}
            }
        }
        let mut response = self.pass_on(head, body).await;
        self.update(number, |seen| seen.answered = Some(response.status().as_u16()));
        for action in actions {
            match action {
                Action::Omit(member) => response = without(response, member),
                Action::Call(hook) => {
                    let hook = Arc::clone(hook);
                    tokio::task::spawn_blocking(move || hook()).await.map_err(|_| Broken)?;
                }
                _ => {}
            }
        }
        for action in actions {
            match action {
                Action::LoseAnswer => return Err(Broken),
                Action::Replace(canned) => return Ok(canned.response(asked)),
                _ => {}
            }
        }
        Ok(response)
    }

    /// The server's own answer; 502 when there is none.
    async fn pass_on(&self, head: Parts, body: Bytes) -> Response<Full<Bytes>> {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder().method(head.method).uri(format!("{}{path}", self.upstream));
        if let Some(headers) = request.headers_mut() {
            *headers = end_to_end(head.headers);
            // So that an answer can be read here; a signature would not be valid without what it covers.
            if !is_signed(headers, &ACCEPT_ENCODING) {
                headers.remove(ACCEPT_ENCODING);
            }
        }
        let answered = async {
            let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
            let response = self.client.request(request).await.map_err(|error| error.to_string())?;
            let (mut head, body) = response.into_parts();
            head.headers = end_to_end(head.headers);
            let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
            Ok::<_, String>(Response::from_parts(head, Full::new(body)))
        };
        answered.await.unwrap_or_else(|error| {
            let body =
                json!({"errors": [format!("the proxy has no answer from {}: {error}", self.upstream)]});
            Canned { status: 502, headers: Vec::new(), body: Body::Json(body) }.response(&Asked::Path)
        })
    }

    /// Records a request; its number, and what patterns are matched against.
    fn note(&self, head: &Parts, asked: &Asked) -> (u64, String) {
        let seen = Seen {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            operation: asked.operation().map(str::to_owned),
            answered: None,
            told: None,
        };
        let line = seen.line();
        let mut record = lock(&self.record);
        let number = record.next;
        record.next += 1;
        record.seen.push((number, seen));
        (number, line)
    }

    fn update(&self, number: u64, change: impl FnOnce(&mut Seen)) {
        let mut record = lock(&self.record);
        if let Some((_, seen)) = record.seen.iter_mut().rev().find(|(other, _)| *other == number) {
            change(seen);
        }
    }
}

/// How a request says what it wants.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// By its method and path alone.
    Path,
    /// By the header `X-Amz-Target`, as AWS's JSON protocols do.
    Target(String),
    /// By `Action=` in its body, as AWS's query protocol does.
    Form(String),
}

impl Asked {
    fn of(head: &Parts, body: &[u8]) -> Self {
        if let Some(target) = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
            let operation = target.rsplit_once('.').map_or(target, |(_, operation)| operation);
            return Self::Target(operation.to_owned());
        }
        let form = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if form.is_some_and(|form| form.starts_with("application/x-www-form-urlencoded")) {
            let body = String::from_utf8_lossy(body);
            if let Some(action) = body.split('&').find_map(|field| field.strip_prefix("Action=")) {
                return Self::Form(action.to_owned());
            }
        }
        Self::Path
    }

    fn operation(&self) -> Option<&str> {
        match self {
            Self::Path => None,
            Self::Target(operation) | Self::Form(operation) => Some(operation),
        }
    }
}

impl Canned {
    fn response(&self, asked: &Asked) -> Response<Full<Bytes>> {
        let (form, body) = match (&self.body, asked) {
            (Body::Json(json), _) => ("application/json", json.to_string()),
            (Body::AwsError { code, message }, Asked::Form(_)) => (
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                     <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
                ),
            ),
            (Body::AwsError { code, message }, _) => {
                ("application/x-amz-json-1.1", json!({"__type": code, "message": message}).to_string())
            }
        };
        let mut response = Response::builder()
            .status(StatusCode::from_u16(self.status).expect("the rule's status is a valid one"))
            .header(CONTENT_TYPE, form);
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        response.body(Full::new(Bytes::from(body))).expect("the rule's headers are valid")
    }
}

impl std::error::Error for Broken {}

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection is broken on purpose")
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Exchange").field("upstream", &self.upstream).finish_non_exhaustive()
    }
}

/// Whether AWS's signature of the request covers this header.
fn is_signed(headers: &HeaderMap, name: &HeaderName) -> bool {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = authorization.split("SignedHeaders=").nth(1).and_then(|rest| rest.split(',').next());
    signed.is_some_and(|signed| signed.split(';').any(|signed| signed == name.as_str()))
}

fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in HOP_HEADERS {
        headers.remove(name);
    }
    headers
}

/// The answer without the members of this name, if it is JSON.
fn without(response: Response<Full<Bytes>>, member: &str) -> Response<Full<Bytes>> {
    let (head, body) = response.into_parts();
    // A body that has been read whole is one piece.
    let bytes = body.into_inner().unwrap_or_default();
    let bytes = match serde_json::from_slice::<Value>(&bytes) {
        Ok(mut json) => {
            omit(&mut json, member);
            Bytes::from(json.to_string())
        }
        Err(_) => bytes,
    };
    Response::from_parts(head, Full::new(bytes))
}

fn omit(json: &mut Value, member: &str) {
    match json {
        Value::Object(members) => {
            members.remove(member);
            members.values_mut().for_each(|value| omit(value, member));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|value| omit(value, member)),
        _ => {}
    }
}

/// A test that panicked while it held the lock has failed already.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
