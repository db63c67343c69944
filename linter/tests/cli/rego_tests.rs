//! `secretlint test`.

use insta::assert_snapshot;

use crate::common::{Scratch, policy};

fn scratch(tests: &str) -> Scratch {
    let rule = policy(
        "team.rule",
        "high",
        "findings contains finding if {\n\tinput.bad\n\tfinding := {\"address\": \"a\", \"path\": [], \"message\": \"m\"}\n}",
    );
    let tests = format!("package team.rule_test\n\nimport rego.v1\n\nimport data.team.rule\n\n{tests}\n");
    Scratch::new(&[("team/rule.rego", &rule), ("team/rule_test.rego", &tests)])
}

#[test]
fn tests_pass_fail_and_are_skipped() {
    let scratch = scratch(
        "test_reports if {\n\tcount(rule.findings) == 1 with input as {\"bad\": true}\n}\n\n\
         test_accepts if {\n\tprint(\"seen\", input)\n\tcount(rule.findings) == 1 with input as {\"bad\": false}\n}\n\n\
         test_not_true := 1\n\n\
         todo_test_later if false\n",
    );
    assert_snapshot!(scratch.run(&["test", "team", "--verbose"]).whole());
    let quiet = scratch.run(&["test"]);
    assert_eq!(quiet.status, 1);
    assert!(!quiet.stdout.contains("test_reports"), "{}", quiet.stdout);
}

#[test]
fn all_passed_is_success() {
    let run = scratch("test_a if true").run(&["test", "team"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "1 test: 1 passed, 0 failed\n"));
}

#[test]
fn no_test_is_an_error() {
    assert_snapshot!(scratch("").run(&["test", "team"]).whole());
}

#[test]
fn a_test_that_fails_to_evaluate_is_an_error() {
    assert_snapshot!(scratch("test_a if to_number(\"x\") == 1").run(&["test", "team"]).whole());
}

#[test]
fn two_tests_of_one_name_are_an_error() {
    assert_snapshot!(scratch("test_a if false\n\ntest_a if true").run(&["test", "team"]).whole());
}

#[test]
fn a_test_that_loops_is_stopped() {
    let tests = "test_a if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == 0\n}";
    let run = scratch(tests).run(&["test", "team", "--rule-timeout", "1"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("did not finish within 1 s"), "{}", run.stderr);
}

#[test]
fn the_bundled_tests_pass() {
    let run = Scratch::new(&[]).run(&["test", "--bundled"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.ends_with(" passed, 0 failed\n"), "{}", run.stdout);
}

#[test]
fn the_folder_of_the_bundled_policies_replaces_them() {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
    let run = Scratch::new(&[]).run(&["test", policies]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
}
