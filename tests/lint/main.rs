//! The linter as a person runs it: the built program, on plans that real Terraform wrote.

mod ci;
mod examples;
mod foreign;
mod huge;
mod page;
mod recording;
mod unknown;

use std::path::Path;
use std::process::Command;

use secretlint_tests::process::{Finished, Running};
use secretlint_tests::programs;

/// Runs `secretlint` in `folder`, as a person who stands there would.
fn secretlint(folder: &Path, arguments: &[&str]) -> Finished {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let mut command = Command::new(programs::secretlint());
    command.current_dir(folder).env_clear().env("HOME", scratch.path()).env("COLUMNS", "100").args(arguments);
    Running::start(command, &scratch.path().join("run"), None).wait()
}

/// The rule ids in a report of `--format json`.
fn rules_reported(report: &str) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(report).expect("the report is JSON");
    let findings = report["findings"].as_array().expect("the report lists findings");
    findings.iter().filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
}
