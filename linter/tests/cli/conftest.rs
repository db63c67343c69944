//! Policies that were written for conftest. One test per line of its contract, and the deliberate differences.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::common::{EMPTY_PLAN, Run, Scratch};

/// A plan of one resource.
const PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.15.5","resource_changes":[{"address":"aws_x.y","mode":"managed","type":"aws_x","name":"y","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],"before":null,"after":{"name":"n"},"after_unknown":{},"before_sensitive":false,"after_sensitive":{}}}],"configuration":{"root_module":{}}}"#;

/// A plan with a sensitive value in it.
const SECRET_PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.15.5","resource_changes":[{"address":"aws_x.y","mode":"managed","type":"aws_x","name":"y","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],"before":null,"after":{"name":"n","token":"s3cr3t-t0ken"},"after_unknown":{},"before_sensitive":false,"after_sensitive":{"token":true}}}],"configuration":{"root_module":{}}}"#;

fn run(files: &[(&str, &str)], arguments: &[&str]) -> Run {
    let scratch = Scratch::new(&[&[("plan.json", PLAN)], files].concat());
    scratch.run(&[&["plan.json", "--conftest", "policy"], arguments].concat())
}

/// Rule, message and whether it counts, of every finding of a policy for conftest.
fn results(run: &Run) -> Vec<(String, String, bool)> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    let ours = findings.iter().filter(|finding| finding.get("metadata").is_some());
    ours.map(|finding| (text(&finding["rule"]), text(&finding["message"]), finding["suppression"].is_null()))
        .collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], arguments: &[&str], status: i32, expected: &[(&str, &str)]) {
    let run = run(files, &[&["--format", "json"], arguments].concat());
    let mut expected: Vec<_> =
        expected.iter().map(|(rule, message)| ((*rule).to_owned(), (*message).to_owned(), true)).collect();
    expected.sort();
    let mut found = results(&run);
    found.sort();
    assert_eq!((run.status, found), (status, expected), "{}", run.stderr);
}

/// A policy of the namespace `main`.
fn main(rules: &str) -> String {
    format!("package main\n\n{rules}\n")
}

#[track_caller]
fn check_rules(rules: &str, status: i32, expected: &[(&str, &str)]) {
    check(&[("policy/a.rego", &main(rules))], &[], status, expected);
}

#[track_caller]
fn check_error(files: &[(&str, &str)], arguments: &[&str], expected: &[&str]) {
    let run = run(files, arguments);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    let stderr: Vec<&str> =
        run.stderr.split(|c: char| c.is_whitespace() || c == '│').filter(|word| !word.is_empty()).collect();
    let stderr = stderr.join(" ");
    for part in expected {
        assert!(stderr.contains(part), "{stderr}");
    }
}

#[test]
fn deny_violation_and_warn_are_asked_with_any_suffix() {
    let rules = "deny contains \"a\"\ndeny_x1_Y contains \"b\"\nviolation contains \"c\"\nviolation_z contains \"d\"\nwarn contains \"e\"\nwarn_w contains \"f\"\n\
        denys contains \"no\"\ndeny__x contains \"no\"\nallow contains \"no\"\nnotes_deny contains \"no\"";
    check_rules(
        rules,
        1,
        &[
            ("main.deny", "a"),
            ("main.deny_x1_Y", "b"),
            ("main.violation", "c"),
            ("main.violation_z", "d"),
            ("main.warn", "e"),
            ("main.warn_w", "f"),
        ],
    );
}

#[test]
fn every_body_of_a_rule_counts() {
    check_rules(
        "deny contains \"a\" if input.resource_changes\ndeny contains \"b\" if input.nothing\ndeny contains \"c\" if true",
        1,
        &[("main.deny", "a"), ("main.deny", "c")],
    );
}

#[test]
fn the_input_is_the_raw_plan() {
    check_rules(
        "deny contains msg if { some c in input.resource_changes; msg := c.change.after.name }",
        1,
        &[("main.deny", "n")],
    );
}

#[test]
fn an_empty_message_and_no_message_are_a_pass() {
    check_rules("deny contains \"\"\nwarn contains \"x\" if input.nothing", 0, &[]);
}

#[test]
fn warnings_do_not_fail_unless_asked_to() {
    let policy = main("warn contains \"w\"");
    check(&[("policy/a.rego", &policy)], &[], 0, &[("main.warn", "w")]);
    check(&[("policy/a.rego", &policy)], &["--fail-on-warn"], 1, &[("main.warn", "w")]);
}

#[test]
fn an_array_of_results_is_accepted() {
    check_rules("deny := [\"a\", {\"msg\": \"b\"}]", 1, &[("main.deny", "a"), ("main.deny", "b")]);
}

#[test]
fn further_keys_are_metadata_and_loc_is_the_place() {
    let rules = "deny contains {\"msg\": \"m\", \"_loc\": {\"file\": \"main.tf\", \"line\": 2}, \"code\": [1], \"address\": \"aws_x.y\"}";
    let files = [("policy/a.rego", &*main(rules)), ("main.tf", "# first\n  resource \"aws_x\" \"y\" {}\n")];
    let run = run(&files, &["--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(finding["metadata"], json!({"address": "aws_x.y", "code": [1], "query": "data.main.deny"}));
    assert_eq!(
        (&finding["location"]["file"], &finding["location"]["line"], &finding["location"]["column"]),
        (&json!("main.tf"), &json!(2), &json!(3))
    );
    assert_eq!((&finding["address"], &finding["severity"]), (&json!("aws_x.y"), &json!("high")));
}

#[test]
fn a_person_sees_place_message_and_rule() {
    let rules = "# METADATA\n# title: Names are long\n# custom:\n#   severity: critical\n#   remediation: Think of a longer one.\n\
        deny_name contains {\"msg\": \"`n` is short\", \"_loc\": {\"file\": \"main.tf\", \"line\": 1}} if true\n\nwarn contains \"w\"";
    let scratch = Scratch::new(&[
        ("plan.json", EMPTY_PLAN),
        ("policy/a.rego", &main(rules)),
        ("main.tf", "resource \"aws_x\" \"y\" {\n}\n"),
    ]);
    assert_snapshot!(scratch.run(&["plan.json", "--conftest", "policy"]).whole());
}

#[test]
fn an_exception_suppresses_all_results_of_its_rule() {
    let rules = "deny_a contains \"a\"\ndeny_b contains \"b\"\nwarn_a contains \"w\"\nexception contains rules if {\n\tinput.resource_changes\n\trules := [\"a\"]\n}";
    let run = run(&[("policy/a.rego", &main(rules))], &["--format", "json"]);
    let expected = [("main.deny_a", "a", false), ("main.deny_b", "b", true), ("main.warn_a", "w", false)];
    let expected = expected.map(|(rule, message, counts)| (rule.to_owned(), message.to_owned(), counts));
    assert_eq!((run.status, results(&run)), (1, expected.to_vec()));
    assert!(run.stdout.contains("data.main.exception[_][_] == \\\"a\\\""), "{}", run.stdout);
}

#[test]
fn an_empty_exception_means_the_bare_deny() {
    let rules = "deny contains \"a\"\nexception contains [\"\"] if true";
    let run = run(&[("policy/a.rego", &main(rules))], &["--format", "json"]);
    assert_eq!((run.status, results(&run)), (0, vec![("main.deny".into(), "a".into(), false)]));
}

#[test]
fn namespaces_are_chosen_by_name_glob_or_all() {
    let files = [
        ("policy/a.rego", "package main\n\ndeny contains \"main\"\n"),
        ("policy/b.rego", "package team.aws.iam\n\ndeny contains \"iam\"\n"),
        ("policy/c.rego", "package team.gcp\n\ndeny contains \"gcp\"\n"),
    ];
    check(&files, &[], 1, &[("main.deny", "main")]);
    check(&files, &["--namespace", "team.gcp"], 1, &[("team.gcp.deny", "gcp")]);
    check(&files, &["--namespace", "team.*"], 1, &[("team.aws.iam.deny", "iam"), ("team.gcp.deny", "gcp")]);
    check(
        &files,
        &["--namespace", "main", "--namespace", "*gcp"],
        1,
        &[("main.deny", "main"), ("team.gcp.deny", "gcp")],
    );
    check(
        &files,
        &["--all-namespaces"],
        1,
        &[("main.deny", "main"), ("team.aws.iam.deny", "iam"), ("team.gcp.deny", "gcp")],
    );
    check_error(
        &files,
        &["--namespace", "other"],
        &["the namespace `other` has no rule", "`main`, `team.aws.iam`, `team.gcp`"],
    );
}

#[test]
fn several_folders_are_merged() {
    let files =
        [("policy/a.rego", &*main("deny contains \"a\"")), ("more/b.rego", &*main("deny contains \"b\""))];
    check(&files, &["--conftest", "more"], 1, &[("main.deny", "a"), ("main.deny", "b")]);
}

#[test]
fn rego_of_version_0_is_read_when_told_so() {
    let policy = "package main\n\ndeny[msg] { input.resource_changes[_].change.after.name == \"n\"; msg = \"old\" }\n\ndeny[msg] { any([true]); msg := \"any\" } { false; msg := \"no\" }\n";
    check(
        &[("policy/a.rego", policy)],
        &["--rego-version", "v0"],
        1,
        &[("main.deny", "any"), ("main.deny", "old")],
    );
    check_error(&[("policy/a.rego", policy)], &[], &["the policy does not parse"]);
}

#[test]
fn data_documents_are_merged_by_folder() {
    let files = [
        (
            "policy/a.rego",
            &*main(
                "deny contains msg if { some x in [data.top, data.sub.deep.x, data.y[0], data.pre.fix.z]; msg := x }",
            ),
        ),
        ("d/a.json", r#"{"top": "t"}"#),
        ("d/sub/deep/b.yaml", "x: s\n"),
        ("d/sub/ignored.txt", "no"),
        ("e/list.yml", "z: p\n"),
        ("y/list.json", "[\"l\"]"),
    ];
    check(
        &files,
        &["--data", "d", "--data", "pre.fix:e/list.yml", "--data", "y:y/list.json"],
        1,
        &[("main.deny", "t"), ("main.deny", "s"), ("main.deny", "l"), ("main.deny", "p")].map(|pair| pair),
    );
}

#[test]
fn wrong_data_documents_are_errors() {
    let policy = ("policy/a.rego", &*main("deny contains \"a\" if data.k"));
    check_error(
        &[policy, ("d/a.json", r#"{"k": {"x": 1}}"#), ("d/b.yaml", "k: {x: 2}\n")],
        &["--data", "d"],
        &[
            "the data document `d/b.yaml` cannot be used: it gives `data.k.x` a value, which `d/a.json` gives already",
        ],
    );
    check_error(&[policy, ("d/a.json", "[1]")], &["--data", "d"], &["its content is no object"]);
    check_error(
        &[policy, ("d/a.json", "{\n\n\"k\": }")],
        &["--data", "d/a.json"],
        &["it is no JSON: line 3"],
    );
    check_error(&[policy, ("d/a.yaml", "k: [x\n")], &["--data", "d"], &["it is no YAML"]);
    check_error(&[policy], &["--data", "gone"], &["cannot read the data document `gone`"]);
    check_error(
        &[policy, ("d/a.json", r#"{"main": {"deny": 1}}"#)],
        &["--data", "d"],
        &["`data.main.deny` is a rule and has a value in a data document"],
    );
}

#[test]
fn the_name_of_the_file_is_data() {
    let policy = main("deny contains concat(\" \", [data.conftest.file.dir, data.conftest.file.name])");
    check(&[("policy/a.rego", &policy)], &[], 1, &[("main.deny", ". plan.json")]);
    let scratch = Scratch::new(&[("in/here/plan.json", PLAN), ("policy/a.rego", &policy)]);
    let run = scratch.run(&["in/here/plan.json", "--conftest", "policy", "--format", "json"]);
    assert_eq!(results(&run), [("main.deny".to_owned(), "in/here plan.json".to_owned(), true)]);
}

#[test]
fn plans_are_combined_in_the_order_of_their_paths() {
    let policy = main(
        "deny contains msg if { some i, c in input; msg := sprintf(\"%d %s %s\", [i, c.path, c.contents.format_version]) }",
    );
    let scratch = Scratch::new(&[("b.json", PLAN), ("a.json", EMPTY_PLAN), ("policy/a.rego", &policy)]);
    let run = scratch.run(&["b.json", "a.json", "--combine", "--conftest", "policy", "--format", "json"]);
    let expected =
        ["0 a.json 1.2", "1 b.json 1.2"].map(|message| ("main.deny".to_owned(), message.to_owned(), true));
    assert_eq!((run.status, results(&run)), (1, expected.to_vec()), "{run:?}");
    assert!(run.stdout.contains("\"plan\": \"Combined\""), "{}", run.stdout);
}

#[test]
fn configurations_are_parsed_by_policies() {
    let rules = "deny contains msg if { msg := parse_config(\"yaml\", \"a: yaml\").a }\n\
        deny contains msg if { msg := parse_config(\"json\", \"{\\\"a\\\": \\\"json\\\"}\").a }\n\
        deny contains msg if { msg := parse_config(\"toml\", \"a = 'toml'\").a }\n\
        deny contains msg if { msg := parse_config_file(\"../files/x.yaml\").a }\n\
        deny contains msg if { some f in parse_combined_config_files([\"../files/x.yaml\"]); msg := sprintf(\"%s %s\", [f.path, f.contents.a]) }";
    let files = [("policy/a.rego", &*main(rules)), ("files/x.yaml", "a: file\n")];
    let expected =
        ["yaml", "json", "toml", "file", "../files/x.yaml file"].map(|message| ("main.deny", message));
    check(&files, &[], 1, &expected);
    check_error(
        &[("policy/a.rego", &main("deny contains parse_config(\"ini\", \"a=1\").a"))],
        &[],
        &["rule `main.deny` failed while it was evaluated"],
    );
    check_error(
        &[("policy/a.rego", &main("deny contains parse_config_file(\"gone.yaml\").a"))],
        &[],
        &["failed while it was evaluated"],
    );
}

#[test]
fn the_input_has_the_shape_of_other_platforms() {
    let rules = "deny contains \"hcp\" if { input.plan.resource_changes; is_object(input.run) }\ndeny contains \"spacelift\" if { input.terraform.resource_changes; is_object(input.spacelift) }";
    let files = [("policy/a.rego", &*main(rules))];
    check(&files, &["--input-shape", "hcp"], 1, &[("main.deny", "hcp")]);
    check(&files, &["--input-shape", "spacelift"], 1, &[("main.deny", "spacelift")]);
    check(&files, &["--input-shape", "plan"], 0, &[]);
}

#[test]
fn an_error_of_a_builtin_is_undefined_as_in_conftest() {
    check_rules(
        "deny contains \"a\" if to_number(\"x\") == 1\ndeny contains \"b\" if not to_number(\"x\")\ndeny contains \"c\" if net.cidr_merge([\"x\"])",
        1,
        &[("main.deny", "b")],
    );
}

#[test]
fn severities_are_configured_and_rules_selected_as_others_are() {
    let files = [
        ("policy/a.rego", &*main("deny contains \"a\"\nwarn contains \"w\"")),
        ("secretlint.hcl", "rule \"main.deny\" {\n  severity = \"low\"\n}\n"),
    ];
    check(&files, &["--fail-on", "medium"], 0, &[("main.deny", "a"), ("main.warn", "w")]);
    check(&files, &["--skip", "main.deny"], 0, &[("main.warn", "w")]);
    check(&files, &["--rule", "main.*"], 1, &[("main.deny", "a"), ("main.warn", "w")]);
}

#[test]
fn a_sensitive_value_is_in_no_report() {
    let rules = "deny contains {\"msg\": sprintf(\"token %s\", [t]), \"t\": [t], \"address\": t} if { some c in input.resource_changes; t := c.change.after.token }\n\
        deny_b64 contains base64.encode(input.resource_changes[0].change.after.token)\n\
        deny_all contains json.marshal(input)\n\
        deny_place contains {\"msg\": \"m\", \"_loc\": {\"file\": input.resource_changes[0].change.after.token, \"line\": 1}}\n\
        warn contains $\"{input}\"";
    for format in ["human", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"] {
        let run = run(&[("plan.json", SECRET_PLAN), ("policy/a.rego", &main(rules))], &["--format", format]);
        assert_eq!(run.status, 1, "{run:?}");
        assert!(run.stdout.contains("token (sensitive value)"), "{}", run.stdout);
        for form in ["s3cr3t-t0ken", "czNjcjN0LXQwa2Vu"] {
            assert!(!run.stdout.contains(form) && !run.stderr.contains(form), "{format}: {run:?}");
        }
    }
}

#[test]
fn a_failing_rule_does_not_quote_the_plan() {
    let rules = "deny contains msg if { some c in input.resource_changes; msg := parse_config(\"json\", c.change.after.token) }";
    let run = run(&[("plan.json", SECRET_PLAN), ("policy/a.rego", &main(rules))], &[]);
    assert!(run.status == 2 && !run.stderr.contains("s3cr3t"), "{run:?}");
}

#[test]
fn results_of_a_wrong_shape_are_errors() {
    let check = |rules: &str, expected: &str| {
        check_error(
            &[("policy/a.rego", &main(rules))],
            &[],
            &["rule `main.deny` (policy/a.rego:3) returned a result of the wrong shape", expected],
        );
    };
    check("deny := true", "the whole is a boolean instead of a set");
    check("deny := \"x\"", "the whole is a string instead of a set");
    check("deny := {\"msg\": \"x\"}", "the whole is an object instead of a set");
    check("deny contains 1", "an element is a number instead of a string or an object");
    check("deny contains {\"message\": \"x\"}", "an element is an object without `msg`");
    check("deny contains {\"msg\": 1}", "`msg` of an element is a number instead of a string");
    check(
        "deny contains {\"msg\": \"x\", \"_loc\": {\"file\": \"f\", \"line\": \"1\"}}",
        "`_loc.line` is a string instead of a number",
    );
}

#[test]
fn a_rule_that_is_no_set_is_refused_at_load() {
    check_error(
        &[("policy/a.rego", &main("deny if input.nothing"))],
        &[],
        &["the rule uses `if` without `contains`"],
    );
}

#[test]
fn an_unknown_function_is_refused_at_load() {
    check_error(
        &[("policy/a.rego", &main("deny contains \"a\" if { input.nothing; http.send({}) }"))],
        &[],
        &["there is no function `http.send`"],
    );
    check_error(
        &[("policy/a.rego", &main("deny contains \"a\" if parse_confg(\"json\", \"\")"))],
        &[],
        &["did you mean `parse_config`?"],
    );
    check_error(
        &[("policy/a.rego", &main("deny contains \"a\" if any([true])"))],
        &[],
        &["there is no function `any`"],
    );
}

#[test]
fn folders_that_say_nothing_are_errors() {
    check_error(&[("policy/readme.md", "x")], &[], &["there is no `.rego` file in `policy`"]);
    check_error(&[], &[], &["cannot read the policies in `policy`"]);
    check_error(
        &[("policy/a.rego", "package main\n\nallow := true\n")],
        &[],
        &["the namespace `main` has no rule", "no file has a rule `deny`, `violation` or `warn`"],
    );
    check_error(
        &[("policy/a.rego", "package main\n\nallow := true\n")],
        &["--all-namespaces"],
        &["no namespace has a rule"],
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_links_to_itself_is_read_once() {
    let scratch = Scratch::new(&[
        ("plan.json", PLAN),
        ("policy/deep/a.rego", &main("deny contains data.k")),
        ("data/deep/a.json", r#"{"k": "v"}"#),
    ]);
    std::os::unix::fs::symlink("..", scratch.path().join("policy/deep/loop")).unwrap();
    std::os::unix::fs::symlink("..", scratch.path().join("data/deep/loop")).unwrap();
    let run = scratch.run(&["plan.json", "--conftest", "policy", "--data", "data", "--format", "json"]);
    assert_eq!((run.status, results(&run)), (0, Vec::new()), "{run:?}");
}

#[test]
fn a_rule_that_loops_is_stopped() {
    let rules = "deny contains \"a\" if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == 0\n}";
    check_error(
        &[("policy/a.rego", &main(rules))],
        &["--rule-timeout", "1"],
        &["rule `main.deny` (policy/a.rego:3) did not finish within 1 s"],
    );
}

#[test]
fn options_of_conftest_need_a_folder() {
    let scratch = Scratch::new(&[("plan.json", PLAN)]);
    let run = scratch.run(&["plan.json", "--namespace", "main"]);
    assert!(run.status == 2 && run.stderr.contains("--conftest"), "{run:?}");
}
