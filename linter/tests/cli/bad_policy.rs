//! Policies that cannot be used. Each ends the run with exit status 2 and says what and where: a policy never fails silently.

use insta::assert_snapshot;

use crate::common::{EMPTY_PLAN, Scratch, policy};

fn run(policies: &[(&str, &str)], arguments: &[&str]) -> String {
    let scratch = Scratch::new(policies);
    scratch.write("plan.json", EMPTY_PLAN.as_bytes());
    let run = scratch.run(&[&["plan.json", "--policy", "team"], arguments].concat());
    assert_eq!(run.status, 2, "{run:?}");
    assert_eq!(run.stdout, "");
    run.stderr
}

fn run_one(text: &str) -> String {
    run(&[("team/rule.rego", text)], &[])
}

#[test]
fn a_policy_that_does_not_parse_is_shown_at_its_place() {
    assert_snapshot!(run_one(
        "package team.rule\n\nimport rego.v1\n\nfindings contains x if {\n\tx := [1, 2\n}\n"
    ));
}

#[test]
fn a_call_of_an_unknown_function_is_found_without_being_reached() {
    let body = "findings contains finding if {\n\tinput.nothing\n\tfinding := {\"address\": crypto.sha256(\"a\"), \"path\": [], \"message\": startwith(\"a\", \"b\")}\n}";
    assert_snapshot!(run_one(&policy("team.rule", "high", body)));
}

#[test]
fn a_misspelt_function_of_a_library_is_found() {
    let body = "import data.secretlint.lib.result\n\nfindings contains result.att(secret, [], \"x\") if {\n\tsome secret in input.secrets\n}";
    assert_snapshot!(run_one(&policy("team.rule", "high", body)));
}

#[test]
fn a_rule_that_loops_for_minutes_is_stopped() {
    let body = "findings contains finding if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == 0\n\tfinding := {}\n}";
    let text = policy("team.rule", "high", body);
    let started = std::time::Instant::now();
    assert_snapshot!(run(&[("team/rule.rego", &text)], &["--rule-timeout", "1"]));
    assert!(started.elapsed().as_secs() < 60, "the limit of one second took {:?}", started.elapsed());
}

/// Ten kilobytes for each of a million numbers.
const HUGE_SET: &str =
    "count({text | some i in numbers.range(1, 1000000); text := sprintf(\"%010000d\", [i])})";

#[test]
fn a_rule_that_takes_too_much_memory_is_stopped_and_named() {
    let body = format!("findings contains finding if {{\n\t{HUGE_SET} == 0\n\tfinding := {{}}\n}}");
    let text = policy("team.rule", "high", &body);
    let arguments = ["--rule", "team.rule", "--rule-memory", "100", "--rule-timeout", "600"];
    assert_snapshot!(run(&[("team/rule.rego", &text)], &arguments));
}

#[test]
fn a_test_that_takes_too_much_memory_is_stopped_and_named() {
    let rule = policy("team.rule", "high", "findings contains {} if false");
    let test = format!("package team.rule_test\n\nimport rego.v1\n\ntest_huge if {HUGE_SET} == 0\n");
    let scratch = Scratch::new(&[("team/rule.rego", &rule), ("team/rule_test.rego", &test)]);
    let run = scratch.run(&["test", "team", "--rule-memory", "100", "--rule-timeout", "600"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert_snapshot!(run.stderr);
}

#[test]
fn a_rule_that_fails_while_it_runs_is_named() {
    let body = "findings contains finding if {\n\tfinding := {\"address\": to_number(\"x\"), \"path\": [], \"message\": \"m\"}\n}";
    assert_snapshot!(run_one(&policy("team.rule", "high", body)));
}

#[test]
fn what_an_engine_says_about_a_plan_is_not_shown() {
    let body = "findings contains finding if {\n\tfinding := {\"address\": to_number(input.plan.terraform_version), \"path\": [], \"message\": \"m\"}\n}";
    let stderr = run_one(&policy("team.rule", "high", body));
    assert!(stderr.contains("failed while it was evaluated") && !stderr.contains("1.15.5"), "{stderr}");
}

#[track_caller]
fn check_shape(finding: &str, expected: &str) {
    let body = format!("findings contains finding if {{\n\tfinding := {finding}\n}}");
    let stderr = run_one(&policy("team.rule", "high", &body)).replace(['\n', '│'], " ");
    let words: Vec<&str> = stderr.split_whitespace().collect();
    let stderr = words.join(" ");
    assert!(
        stderr.contains("rule `team.rule` (team/rule.rego:10) returned a result of the wrong shape"),
        "{stderr}"
    );
    assert!(stderr.contains(expected), "{stderr}");
    assert!(stderr.contains("`result.at(fact, path, message)`"), "{stderr}");
}

#[test]
fn results_of_a_wrong_shape_are_errors() {
    check_shape(r#""just a text""#, "in `findings`, an element is a string instead of an object");
    check_shape(r#"{"address": "a", "path": []}"#, "an element has no `message`");
    check_shape(r#"{"path": [], "message": "m"}"#, "an element has no `address`");
    check_shape(r#"{"address": "a", "path": "p", "message": "m"}"#, "`path` is a string instead of an array");
    check_shape(r#"{"address": 1, "path": [], "message": "m"}"#, "`address` is a number instead of a string");
    check_shape(
        r#"{"address": "a", "path": [null], "message": "m"}"#,
        "a step of `path` is null instead of a string or a number",
    );
    check_shape(r#"{"address": "a", "path": [-1], "message": "m"}"#, "a number in `path` is not an index");
    check_shape(r#"{"address": "a", "path": [], "message": " "}"#, "an element's `message` is empty");
    check_shape(
        r#"{"address": "a", "path": [], "message": "m", "msg": 1}"#,
        "has the key `msg`, which means nothing here",
    );
    check_shape(r#"{"address": "a", "path": [], "message": "m", "labels": [{}]}"#, "a label has no `path`");
}

#[test]
fn findings_that_are_no_set_are_an_error() {
    assert_snapshot!(run_one(&policy("team.rule", "high", "findings := [1]")));
}

#[test]
fn metadata_is_checked() {
    assert_snapshot!(run_one(
        "# METADATA\n# title: x\n# custom:\n#   severity: hihg\npackage team.rule\n\nimport rego.v1\n\nfindings contains 1\n"
    ));
    assert_snapshot!(run_one("package team.rule\n\nimport rego.v1\n\nfindings contains 1\n"));
}

#[test]
fn a_policy_that_nothing_evaluates_is_an_error() {
    let good = policy("team.rule", "high", "findings contains finding if {\n\tfinding := input.nothing\n}");
    let misspelt = policy("team.other", "high", "finding contains 1 if {\n\tinput.nothing\n}");
    let conftest = "package main\n\nimport rego.v1\n\ndeny contains msg if {\n\tmsg := \"no\"\n}\n";
    assert_snapshot!(run(
        &[("team/a.rego", &good), ("team/b.rego", &misspelt), ("team/c.rego", conftest)],
        &[]
    ));
}

#[test]
fn a_library_of_the_user_s_own_is_fine() {
    let rule = policy(
        "team.rule",
        "high",
        "import data.team.lib.names\n\nfindings contains finding if {\n\tnames.bad\n\tfinding := {}\n}",
    );
    let scratch = Scratch::new(&[
        ("team/rule.rego", &rule),
        ("team/lib/names.rego", "package team.lib.names\n\nimport rego.v1\n\nbad if input.nothing\n"),
        ("plan.json", EMPTY_PLAN),
    ]);
    let run = scratch.run(&["plan.json", "--policy", "team"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}

#[test]
fn a_folder_without_a_rule_is_an_error() {
    let tests_only = "package team.rule_test\n\nimport rego.v1\n\ntest_x if true\n";
    assert_snapshot!(run(&[("team/rule_test.rego", tests_only)], &[]));
    assert_snapshot!(run(&[("team/readme.txt", "nothing")], &[]));
    assert_snapshot!(run(&[], &[]));
}

#[test]
fn a_folder_that_links_to_itself_is_read_once() {
    let scratch = Scratch::new(&[("plan.json", EMPTY_PLAN)]);
    let rule = policy("team.rule", "high", "findings contains finding if {\n\tfinding := input.nothing\n}");
    scratch.write("team/deep/rule.rego", rule.as_bytes());
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", scratch.path().join("team/deep/loop")).unwrap();
    let run = scratch.run(&["plan.json", "--policy", "team", "--rule", "team.*", "--verbose"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("no findings (1 rule in 1 plan)"), "{}", run.stdout);
}

#[test]
fn two_rules_of_one_name_are_an_error() {
    let rule = policy("team.rule", "high", "findings contains finding if {\n\tfinding := input.nothing\n}");
    assert_snapshot!(run(&[("team/a.rego", &rule), ("team/b.rego", &rule)], &[]));
}

#[test]
fn a_policy_that_is_not_utf8_is_an_error() {
    let scratch = Scratch::new(&[("plan.json", EMPTY_PLAN)]);
    scratch.write("team/rule.rego", b"package a\n# \xff\n");
    let run = scratch.run(&["plan.json", "--policy", "team"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("a policy file must be UTF-8"), "{}", run.stderr);
}

#[test]
fn a_file_in_a_bundled_package_is_refused() {
    let clause = "package secretlint.grant.wildcard_principal\n\nimport rego.v1\n\nfindings contains finding if {\n\tfinding := {\"address\": \"a.b\", \"path\": [], \"message\": \"m\"}\n}\n";
    assert_snapshot!(run_one(clause));
}

#[test]
fn a_file_around_or_beside_a_bundled_package_is_refused() {
    let body = "findings contains {\"address\": \"a.b\", \"path\": [], \"message\": \"m\"} if input.secrets";
    for package in [
        "secretlint.grant",
        "secretlint.lib.result",
        "secretlint.lib.result.more",
        "grant.wildcard_principal",
    ] {
        let stderr = run_one(&policy(package, "high", body));
        assert!(
            stderr.contains(&format!("package `{package}` would change the bundled package")),
            "{stderr}"
        );
    }
}
