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
fn a_test_that_fails_to_evaluate_does_not_hide_the_others() {
    let run =
        scratch("test_a if to_number(\"x\") == 1\n\ntest_b if true").run(&["test", "team", "--verbose"]);
    assert_snapshot!(run.whole());
}

#[test]
fn two_tests_of_one_name_are_two_tests() {
    let tests = "test_a if 1 == 2\n\ntest_a if true\n\ntest_a if {\n\tname := \"x\"\n\tname == \"y\"\n}";
    assert_snapshot!(scratch(tests).run(&["test", "team", "--verbose"]).whole());
}

#[test]
fn a_test_that_loops_is_stopped_and_the_others_run() {
    let tests = "test_a if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == 0\n}\n\ntest_b if true";
    let run = scratch(tests).run(&["test", "team", "--rule-timeout", "1"]);
    assert_eq!(run.status, 2);
    assert!(run.stdout.contains("it did not finish within 1 s"), "{}", run.stdout);
    assert!(run.stdout.contains("2 tests: 1 passed, 0 failed, 1 could not be evaluated"), "{}", run.stdout);
}

/// One failing test for each way to fail.
const FAILING: &str = r#"
test_comparison if {
	wanted := {"a", "b"}
	some name, number in {"x": 1, "y": 2}
	number > 1
	print("seen", name)
	count(rule.findings) == count(wanted) with input as {"bad": true} # why
}

test_cases[case.note] if {
	some case in [{"note": "one", "n": 1}, {"note": "two", "n": 2}, {"note": "three", "n": 3}]
	double := case.n * 2
	double == 4
}

test_nested[a][b] if {
	some a in ["q"]
	some b in ["r", "s"]
	b == "r"
}

test_ground["key"] if false

suite.test_negation if not startswith("abc", "a")

test_every if {
	every x in [1, 2] { x == 1 }
}

test_iteration if {
	some "z" in ["a", "b"]
}

test_undefined if rule.nothing.at_all

test_set contains "element"
"#;

#[test]
fn a_failed_test_shows_its_expression_and_its_variables() {
    assert_snapshot!(scratch(FAILING).run(&["test", "team"]).whole());
}

/// Times are not the same twice.
fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| {
        if line.trim_start().starts_with("\"duration\"") {
            return "    \"duration\": [NANOSECONDS]".to_owned();
        }
        match line.split_once(" time=\"") {
            Some((before, after)) => {
                format!("{before} time=\"[SECONDS]{}", &after[after.find('"').unwrap()..])
            }
            None => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_results_as_json_have_the_shape_of_opa() {
    let run =
        scratch(&format!("{FAILING}\ntodo_test_later if false\n\ntest_error if to_number(\"x\") == 1\n"))
            .run(&["test", "team", "--format", "json"]);
    assert_eq!(run.status, 2);
    serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap();
    assert_snapshot!(without_times(&run.stdout));
}

#[test]
fn the_results_as_junit() {
    let run =
        scratch(&format!("{FAILING}\ntodo_test_later if false\n\ntest_error if to_number(\"x\") == 1\n"))
            .run(&["test", "team", "--format", "junit"]);
    assert_eq!(run.status, 2);
    assert_snapshot!(without_times(&run.stdout));
}

#[test]
fn tests_are_chosen_by_their_full_path() {
    let scratch = scratch("test_a if true\n\ntest_b if false\n\nsuite.test_a if true");
    let run =
        scratch.run(&["test", "team", "--run", r"^data\.team\.rule_test\.(suite\.)?test_a$", "--verbose"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("2 tests: 2 passed, 0 failed\n"), "{}", run.stdout);
    assert_snapshot!(scratch.run(&["test", "team", "--run", "nothing"]).whole());
    assert_eq!(scratch.run(&["test", "team", "--run", "("]).status, 2);
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let scratch = scratch(FAILING);
    let one = scratch.run(&["test", "team", "--verbose", "--jobs", "1"]);
    assert_eq!(scratch.run(&["test", "team", "--verbose", "--jobs", "7"]).stdout, one.stdout);
    assert_eq!(scratch.run(&["test", "team", "--jobs", "0"]).status, 2);
}

/// A rule of which `test_reports` evaluates all but the last line.
fn half_covered() -> Scratch {
    let scratch = scratch("test_reports if count(rule.findings) == 1 with input as {\"bad\": true}");
    let rule = policy(
        "team.rule",
        "high",
        "findings contains finding if {\n\tinput.bad\n\tnames := [name |\n\t\tsome name in [\"a\"]\n\t]\n\tfinding := {\"address\": names[0], \"path\": [], \"message\": \"m\"}\n}\n\n\
         undetermined contains finding if {\n\tinput.maybe\n\tfinding := {\"address\": \"a\", \"path\": [], \"message\": \"m\"}\n}",
    );
    scratch.write("team/rule.rego", rule.as_bytes());
    scratch.write(
        "team/never.rego",
        b"package team.never\n\nimport rego.v1\n\nimport data.team.rule\n\nx := 1\n",
    );
    scratch.write(
        "team/user.rego",
        policy("team.user", "low", "import data.team.never\n\nfindings contains f if {\n\tf := never.x\n}")
            .as_bytes(),
    );
    scratch
}

#[test]
fn coverage_names_the_lines_that_no_test_reaches() {
    let scratch = half_covered();
    assert_snapshot!(scratch.run(&["test", "team", "--coverage"]).whole());
    let json = scratch.run(&["test", "team", "--coverage", "--format", "json"]);
    assert_eq!(json.status, 0);
    assert_snapshot!(json.stdout);
    assert_eq!(scratch.run(&["test", "team", "--lcov", "out.lcov"]).status, 0);
    assert_snapshot!(scratch.read("out.lcov"));
}

#[test]
fn too_little_coverage_fails() {
    let scratch = half_covered();
    assert_snapshot!(scratch.run(&["test", "team", "--threshold", "90"]).whole());
    assert_eq!(scratch.run(&["test", "team", "--threshold", "10"]).status, 0);
    assert_eq!(scratch.run(&["test", "team", "--threshold", "101"]).status, 2);
}

#[test]
fn a_failing_test_leaves_no_coverage_in_json() {
    let run = scratch("test_a if false").run(&["test", "team", "--coverage", "--format", "json"]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with('['), "{}", run.stdout);
}

#[test]
fn a_coverage_file_that_cannot_be_written_is_an_error() {
    let run = scratch("test_a if true").run(&["test", "team", "--lcov", "no/such/folder/out.lcov"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("cannot write the report to `no/such/folder/out.lcov`"), "{}", run.stderr);
}

#[test]
fn a_loop_of_links_is_followed_once() {
    let scratch = scratch("test_a if true");
    std::os::unix::fs::symlink("..", scratch.path().join("team/loop")).unwrap();
    let run = scratch.run(&["test", "team"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "1 test: 1 passed, 0 failed\n"), "{}", run.stderr);
}

#[test]
fn an_empty_folder_is_an_error() {
    let scratch = Scratch::new(&[("empty/readme.txt", "")]);
    assert_snapshot!(scratch.run(&["test", "empty"]).whole());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = scratch(&format!("{FAILING}\n{}", "test_many if false\n\n".repeat(200)));
    let mut command = scratch.command(&["test", "team", "--format", "json"]);
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
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
