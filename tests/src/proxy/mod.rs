//! A proxy between the program under test and a real server, which makes the faults that no server makes when asked: a
//! throttled request, an answer that is lost after the write went through, a connection that breaks. It also says which
//! requests there were, without their bodies.
//!
//! ```no_run
//! use secretlint_tests::{proxy::{Proxy, When}, servers::openbao::OpenBao};
//!
//! let Some(bao) = OpenBao::shared() else { return };
//! let proxy = Proxy::to(bao.address());
//! proxy.add(When::request("^(PUT|POST) /v1/kv/data/").times(1).loses_the_answer());
//! // … the program under test writes to proxy.address() …
//! assert_eq!(proxy.count("^(PUT|POST) /v1/kv/data/"), 1);
//! ```

mod exchange;
mod rule;

use std::future::poll_fn;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use regex::Regex;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::http::{runtime, wait};
use exchange::Exchange;
pub use rule::{Rule, When};

/// How long [`Proxy::wait_for`] waits.
const LIMIT: Duration = Duration::from_secs(60);

/// A proxy that listens on 127.0.0.1 for plain HTTP/1.1. It and its connections end with this value.
#[derive(Debug)]
pub struct Proxy {
    address: String,
    exchange: Arc<Exchange>,
    task: AbortHandle,
}

/// A request that came through, or was stopped here. Never its body, nor a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `GET`, `PUT`, `LIST`, …
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, without its question mark.
    pub query: Option<String>,
    /// What is asked of AWS, where one path serves all: `PutSecretValue`, `AssumeRole`. `None` where the path says it.
    pub operation: Option<String>,
    /// What the server answered; `None` when it was not asked, or has not answered.
    pub answered: Option<u16>,
    /// What the client was told; `None` when it got no answer, or not yet.
    pub told: Option<u16>,
}

impl Proxy {
    /// A proxy in front of `upstream`, which is `http://host:port`.
    pub fn to(upstream: &str) -> Self {
        let exchange = Arc::new(Exchange::new(upstream));
        let listener = wait(TcpListener::bind(("127.0.0.1", 0))).expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let task = runtime().spawn(accept(listener, Arc::clone(&exchange))).abort_handle();
        Self { address: format!("http://127.0.0.1:{port}"), exchange, task }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Adds a rule, which holds from the next request on. Rules are tried in the order in which they were added: of those
    /// that decide what the client gets, the first that matches does; delays, omissions and hooks all apply.
    pub fn add(&self, rule: Rule) {
        self.exchange.add(rule);
    }

    /// Removes all rules.
    pub fn behave(&self) {
        self.exchange.clear_rules();
    }

    /// The requests so far, in the order of their arrival.
    pub fn requests(&self) -> Vec<Seen> {
        self.exchange.requests()
    }

    /// Forgets the requests so far, so that the next ones are counted from nought.
    pub fn forget(&self) {
        self.exchange.forget();
    }

    /// How many requests there were whose line matches the regular expression; see [`When::request`].
    pub fn count(&self, pattern: &str) -> usize {
        let pattern = Regex::new(pattern).expect("a valid pattern");
        self.exchange.requests().iter().filter(|seen| pattern.is_match(&seen.line())).count()
    }

    /// Waits until there were `times` requests whose line matches the regular expression; see [`When::request`].
    ///
    /// # Panics
    /// When a minute passes without them.
    #[track_caller]
    pub fn wait_for(&self, pattern: &str, times: usize) {
        let start = Instant::now();
        while self.count(pattern) < times {
            assert!(start.elapsed() < LIMIT, "no {times} requests {pattern:?}, only {:#?}", self.requests());
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    /// What patterns are matched against: `METHOD /path` or `METHOD /path OPERATION`.
    fn line(&self) -> String {
        let Self { method, path, operation, .. } = self;
        operation
            .as_ref()
            .map_or_else(|| format!("{method} {path}"), |operation| format!("{method} {path} {operation}"))
    }
}

async fn accept(listener: TcpListener, exchange: Arc<Exchange>) {
    // Ends the connections when this task is aborted.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&exchange)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, exchange: Arc<Exchange>) {
    let service = service_fn(move |request| Box::pin(Arc::clone(&exchange).answer(request)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    if ended.is_err() {
        // The client then sees a reset, and not an orderly end.
        let _ = stream.set_zero_linger();
    }
}

#[cfg(test)]
mod aws_tests;
#[cfg(test)]
mod tests;
