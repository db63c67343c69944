//! The bundled policies pass their own tests, with the linter that users run.

use std::process::Command;

use secretlint_tests::process::Running;
use secretlint_tests::programs;

#[test]
fn the_bundled_policies_pass_their_tests() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let mut command = Command::new(programs::secretlint());
    command.current_dir(programs::root()).args(["test", "policies"]);
    let run = Running::start(command, &scratch.path().join("run"), None).wait().succeeds();
    assert!(run.stdout.contains(" 0 failed"), "{run}");
}
