//! moto, which knows the most calls and enforces no policy: any credentials may do anything.

use rustix::process::Signal;

use super::{ACCOUNT, Api, Credentials, Faults, RUNNING, installed, python};
use crate::http;
use crate::servers::Server;
use std::sync::OnceLock;

/// A running moto. It ends, and its folder is removed, with this value or with the test process.
#[derive(Debug)]
pub struct Moto {
    // Held for its end.
    _server: Server,
    api: Api,
}

impl Moto {
    /// The one that all tests of this process share; each takes names of its own. `None`, and a line that says so, where moto is not
    /// installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Moto> = OnceLock::new();
        installed()?;
        Some(SHARED.get_or_init(|| Self::start().expect("it was found just before")))
    }

    /// An empty one, for what looks at the whole account: an inventory, a reset. `None`, and a line that says so, where moto is not
    /// installed.
    pub fn start() -> Option<Self> {
        Self::start_with(Faults::Corrected)
    }

    /// An empty one with its faults corrected or not; see [`Moto::start`].
    pub fn start_with(faults: Faults) -> Option<Self> {
        let modules = installed()?;
        let (server, port) = Server::start("moto", RUNNING, Signal::KILL, |folder, port| {
            let mut command = python(&modules, "moto_server.py", folder);
            command.arg(port.to_string()).env("MOTO_ACCOUNT_ID", ACCOUNT);
            if faults == Faults::AsPublished {
                command.arg("--as-it-is");
            }
            command
        });
        let credentials = Credentials::lasting("AKIAIOSFODNN7EXAMPLE", "an-example");
        Some(Self { _server: server, api: Api::new(&format!("http://127.0.0.1:{port}"), credentials) })
    }

    /// `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL`.
    pub fn address(&self) -> &str {
        self.api.address()
    }

    /// AWS as the account's administrator sees it.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Empties the account. Not for a shared one.
    #[track_caller]
    pub fn reset(&self) {
        let answer = http::request(self.address(), None, "POST", "/moto-api/reset", &[], None);
        answer.expect("moto answers").succeeds();
    }
}
