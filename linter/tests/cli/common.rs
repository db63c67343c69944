//! Runs the binary in a scratch folder, with an environment that no developer's settings reach.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Everything a person sees, in the form of a snapshot.
    pub(crate) fn whole(&self) -> String {
        let text =
            format!("exit status {}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr);
        let text = text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        let text = text.replace(&format!("({} rules in", bundled_rules()), "([BUNDLED] rules in");
        text.replace(&format!("({} rules in", bundled_rules() + 2), "([BUNDLED + 2] rules in")
    }
}

/// Number of the rules that the linter brings along, so that a test need not change with each new one.
pub(crate) fn bundled_rules() -> usize {
    let is_rule = |path: &str| !path.starts_with("lib/") && !path.ends_with("_test.rego");
    secretlint_policies::files().iter().filter(|(path, _)| is_rule(path)).count()
}

/// A scratch folder with files in it.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let scratch = Self(TempDir::new().unwrap());
        for (name, text) in files {
            scratch.write(name, text.as_bytes());
        }
        scratch
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secretlint"));
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with_input(arguments, b"")
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A run that does not read its input closes it early.
        let _written: std::io::Result<()> = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        Run {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A plan without a change.
pub(crate) const EMPTY_PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.15.5","resource_changes":[],"configuration":{"root_module":{}}}"#;

/// A policy of one rule that says what `body` makes of `finding`.
pub(crate) fn policy(package: &str, severity: &str, body: &str) -> String {
    format!(
        "# METADATA\n# title: A rule of a test\n# custom:\n#   severity: {severity}\n#   remediation: Do the other thing.\npackage {package}\n\n\
         import rego.v1\n\n{body}\n"
    )
}

/// A rule that finds the attribute `path` of `address`.
pub(crate) fn finds(package: &str, severity: &str, address: &str, path: &str) -> String {
    let body = format!(
        "findings contains finding if {{\n\tfinding := {{\"address\": {address:?}, \"path\": {path}, \"message\": \"this is wrong\"}}\n}}"
    );
    policy(package, severity, &body)
}
