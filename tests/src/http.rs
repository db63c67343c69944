//! HTTP for synchronous tests: what a test asks a server directly, beside the program under test. It may be called from
//! any thread, also from one that drives a runtime of its own.

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::certificates;

/// How long a server may take for one answer. OpenBao's initialisation takes seconds on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// What a server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body as JSON; `null` for an empty one, a string for one that is not JSON.
    pub json: Value,
}

impl Answer {
    /// Expects a status of the 2xx, and gives the body.
    #[track_caller]
    pub fn succeeds(self) -> Value {
        assert!((200..300).contains(&self.status), "the server answered {}: {}", self.status, self.json);
        self.json
    }
}

/// One request on a connection of its own. `address` is `http://host:port` or `https://host:port`; for the latter
/// `authority` is the certificate to trust.
///
/// # Errors
/// What kept the answer from coming: the connection, the certificate, a minute without an answer.
pub fn request(
    address: &str,
    authority: Option<&Path>,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Answer, String> {
    let (encrypted, host) = match address.split_once("://") {
        Some(("https", host)) => (true, host.to_owned()),
        Some(("http", host)) => (false, host.to_owned()),
        _ => return Err(format!("`{address}` is not an http or https address")),
    };
    let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
    let mut request = Request::builder().method(method).uri(path).header("host", &host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map_or_else(Bytes::new, |json| Bytes::from(json.to_string()));
    let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
    let tls = match (encrypted, authority) {
        (false, _) => None,
        (true, Some(authority)) => Some(certificates::client_configuration(authority)),
        (true, None) => return Err("an https address needs a certificate to trust".to_owned()),
    };
    wait(async move {
        let answered = async {
            let stream = TcpStream::connect(&host).await.map_err(|error| error.to_string())?;
            match tls {
                None => exchange(stream, request).await,
                Some(tls) => {
                    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name).to_owned();
                    let name = ServerName::try_from(name).map_err(|error| error.to_string())?;
                    let connector = tokio_rustls::TlsConnector::from(Arc::clone(&tls));
                    let stream = connector.connect(name, stream).await.map_err(|error| error.to_string())?;
                    exchange(stream, request).await
                }
            }
        };
        tokio::time::timeout(LIMIT, answered).await.map_err(|_| format!("no answer within {LIMIT:?}"))?
    })
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    let json = match serde_json::from_slice(&body) {
        Ok(json) => json,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => Value::String(String::from_utf8_lossy(&body).into_owned()),
    };
    Ok(Answer { status, json })
}

/// The runtime of the harness, for all tests of a process.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).thread_name("harness").enable_all().build().expect("a runtime starts")
    })
}

/// Runs `future` to its end. Not `block_on`, which panics on a thread that drives another runtime.
pub(crate) fn wait<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    runtime().spawn(async move { sender.send(future.await) });
    receiver.recv().expect("the harness's own task does not panic")
}
