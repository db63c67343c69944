//! The bundled policies pass their own tests and the review of policies, with the linter that users run.

mod differential;

use std::process::Command;

use secretlint_tests::process::{Finished, Running};
use secretlint_tests::programs;

#[test]
fn the_bundled_policies_pass_their_tests() {
    let run = secretlint(&["test", "policies"]);
    assert!(run.stdout.contains(" 0 failed"), "{run}");
}

/// All of them when this was written; a rule whose lines no test reaches is not finished.
#[test]
fn the_tests_reach_nearly_every_line_of_the_bundled_policies() {
    secretlint(&["test", "policies", "--threshold", "95"]);
}

/// METADATA, helpers, tests, and for each rule a recorded plan in which it finds something.
#[test]
fn a_review_of_the_bundled_policies_finds_nothing() {
    let run = secretlint(&["lint-policies", "policies"]);
    assert!(run.stdout.ends_with(" recorded plans: 0 problems\n"), "{run}");
}

/// Runs it in the root of this repository. It must end with status 0.
fn secretlint(arguments: &[&str]) -> Finished {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let mut command = Command::new(programs::secretlint());
    command.current_dir(programs::root()).args(arguments);
    Running::start(command, &scratch.path().join("run"), None).wait().succeeds()
}
