//! Doubles of AWS, and AWS's own Python client to look at them with.
//!
//! ```no_run
//! use secretlint_tests::servers::aws::{moto::Moto, ministack::Ministack};
//! use serde_json::json;
//!
//! let Some(moto) = Moto::shared() else { return };
//! let made = moto.api().does("secretsmanager", "create_secret", json!({"Name": "orders", "SecretString": "an example"}));
//! let missing = moto.api().call("secretsmanager", "describe_secret", json!({"SecretId": "other"}));
//! assert_eq!(missing.unwrap_err().code, "ResourceNotFoundException");
//!
//! let Some(stack) = Ministack::shared() else { return }; // enforces policies
//! let made = stack.api().does("secretsmanager", "create_secret", json!({"Name": "orders", "SecretString": "an example"}));
//! let role = stack.api().fresh_role(Some(&json!({"Version": "2012-10-17", "Statement": [
//!     {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": made["ARN"]}]})));
//! let reader = stack.api().with(&stack.api().assume(&role));
//! reader.does("secretsmanager", "get_secret_value", json!({"SecretId": "orders"}));
//! ```
//!
//! Where a double and AWS differ, AWS is right: the Python files beside this one correct what would make right code look wrong,
//! each with the page that says so, and the suite `doubles` pins which faults there are.

mod api;
pub mod ministack;
pub mod moto;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rustix::process::Signal;

pub use api::{Api, Credentials, Permission, Refused};

use super::{Server, isolated};
use crate::{programs, skip::skip};

/// The account that both doubles play by default.
pub const ACCOUNT: &str = "123456789012";

/// The region of [`Api`]s that nobody has moved to another.
pub const REGION: &str = "eu-central-1";

/// What both doubles say, moto in one stream and ministack in the other, once they listen.
const RUNNING: &str = "Running on http://127.0.0.1";

/// Whether a double is started with its faults corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    /// With the corrections: what tests of a store run on.
    Corrected,
    /// As it is published: what the conformance test compares with.
    AsPublished,
}

/// The folder of the Python modules, or a line that says that they are missing.
fn installed() -> Option<PathBuf> {
    // A link to the interpreter that they were installed for; gone when that interpreter is.
    let python = programs::tool("aws-doubles/python");
    if python.is_none() {
        skip("moto and ministack are not installed: run `tests/tools/install tests`");
    }
    python.and_then(|python| python.parent().map(Path::to_path_buf))
}

/// One of our Python files, by the interpreter that the modules were installed for.
fn python(modules: &Path, script: &str, folder: &Path) -> Command {
    let mut command = isolated(&modules.join("python"), folder);
    command.arg(programs::root().join("tests/src/servers/aws").join(script));
    command.env("PYTHONPATH", modules);
    // No cache beside the sources, and no output that waits in a buffer.
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUNBUFFERED", "1");
    // Nothing of the user's own account.
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_CONFIG_FILE", folder.join("none"));
    command.env("AWS_SHARED_CREDENTIALS_FILE", folder.join("none"));
    command
}

/// AWS's own command `aws`, as a script in `folder`. `None`, and a line that says so, where it is not installed.
pub fn cli(folder: &Path) -> Option<PathBuf> {
    let modules = installed()?;
    let shown = modules.display();
    let script = format!(
        "#!/bin/sh\nPYTHONPATH='{shown}' PYTHONDONTWRITEBYTECODE=1 exec '{shown}/python' -m awscli \"$@\"\n"
    );
    let path = folder.join("aws-cli");
    std::fs::write(&path, script).expect("the folder is writable");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("the folder is writable");
    Some(path)
}

/// The address of the process that makes the calls by boto3: one for all doubles and tests of this process, because it takes
/// half a second to load.
fn caller() -> &'static str {
    static CALLER: OnceLock<(Server, String)> = OnceLock::new();
    let (_, address) = CALLER.get_or_init(|| {
        let modules = installed().expect("a double that runs was installed with boto3");
        let (server, port) = Server::start("boto3", "boto3 is ready", Signal::KILL, |folder, port| {
            let mut command = python(&modules, "call.py", folder);
            command.arg(port.to_string());
            command
        });
        (server, format!("http://127.0.0.1:{port}"))
    });
    address
}
