//! ministack, which enforces policies: of identities, of resources, of roles, with their conditions, and checks signatures.

use std::sync::OnceLock;

use rustix::process::Signal;

use super::{ACCOUNT, Api, Credentials, Faults, REGION, RUNNING, installed, python};
use crate::http;
use crate::servers::Server;

/// A running ministack. It ends, and its folder is removed, with this value or with the test process.
#[derive(Debug)]
pub struct Ministack {
    // Held for its end.
    _server: Server,
    api: Api,
}

impl Ministack {
    /// The one that all tests of this process share; each takes names of its own. `None`, and a line that says so, where ministack is
    /// not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Ministack> = OnceLock::new();
        installed()?;
        Some(SHARED.get_or_init(|| Self::start().expect("it was found just before")))
    }

    /// An empty one, for what looks at the whole account: an inventory, a reset. `None`, and a line that says so, where ministack is
    /// not installed.
    pub fn start() -> Option<Self> {
        Self::start_with(Faults::Corrected)
    }

    /// An empty one with its faults corrected or not; see [`Ministack::start`].
    pub fn start_with(faults: Faults) -> Option<Self> {
        let modules = installed()?;
        let (server, port) = Server::start("ministack", RUNNING, Signal::KILL, |folder, port| {
            let mut command = python(&modules, "ministack_server.py", folder);
            if faults == Faults::AsPublished {
                command.arg("--as-it-is");
            }
            command.env("GATEWAY_PORT", port.to_string());
            // Its default is every interface of the machine.
            command.env("BIND_HOST", "127.0.0.1").env("MINISTACK_HOST", "127.0.0.1");
            command.env("MINISTACK_ACCOUNT_ID", ACCOUNT).env("MINISTACK_REGION", REGION);
            command.env("AUTH", "true").env("LAMBDA_EXECUTOR", "local");
            // These would listen at fixed ports.
            command.env("IOT_MTLS_ENABLED", "0").env("SFTP_ENABLED", "0");
            command.env("PERSIST_STATE", "0").env("STATE_DIR", folder.join("state"));
            command.env("S3_DATA_DIR", folder.join("s3")).env("TMPDIR", folder);
            command
        });
        let credentials = Credentials::lasting("test", "test");
        Some(Self { _server: server, api: Api::new(&format!("http://127.0.0.1:{port}"), credentials) })
    }

    /// `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL`.
    pub fn address(&self) -> &str {
        self.api.address()
    }

    /// AWS as the account's root sees it.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Empties the account. Not for a shared one.
    #[track_caller]
    pub fn reset(&self) {
        let answer = http::request(self.address(), None, "POST", "/_ministack/reset", &[], None);
        answer.expect("ministack answers").succeeds();
    }
}
