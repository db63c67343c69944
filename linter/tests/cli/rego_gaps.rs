//! What OPA accepts and regorus does not: each case failed, or gave another answer without a word, before `policy/rewrite` closed the gap.

use insta::assert_snapshot;

use crate::common::{EMPTY_PLAN, Scratch, policy};

/// A test package with `rules` in which the query `expected` must hold.
#[track_caller]
fn check(rules: &str, expected: &str) {
    let text = format!("package a_test\n\nimport rego.v1\n\n{rules}\n\ntest_it if {{\n\t{expected}\n}}\n");
    let run = Scratch::new(&[("p/a_test.rego", &text)]).run(&["test", "p"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{text}\n{}", run.stdout);
}

#[test]
fn a_variable_may_be_called_like_a_rule() {
    check("r := 5\nd contains r if some r in [1]", "d == {1}; r == 5");
    check("r := 5", "y := [r | some r in [1]]; y == [1]");
    check("r := 5\nd contains v if some r, v in [7]", "d == {7}");
    check("r contains 5\nh := {r: v | some r, v in [1]}", "h == {0: 1}");
    check("r := 5\nk := [r | some [r] in [[1]]]", "k == [1]");
    check("r := 5\nd contains r if { some r; [7, 8][r] == 8 }", "d == {1}");
    check(
        "r := 5\nd contains x if { some r in [1]; x := {\"r\": r, \"in\": [r, f(r)]} }\nf(r) := r + 1",
        r#"d == {{"r": 1, "in": [1, 2]}}"#,
    );
    check("r := 5\nf(x) := y if { some r in [x]; y := r }", "f(3) == 3");
    check("r := 5\nd contains 1 if { every x in [1] { some r in [x]; r == x } }", "d == {1}");
    check("name(x) := x\nd contains name(name) if some name in [1]", "d == {1}");
}

#[test]
fn a_variable_may_be_called_like_an_import() {
    let library = "package lib.r\n\nimport rego.v1\n\nx := 1\n";
    let text = "package a_test\n\nimport rego.v1\nimport data.lib.r\n\ntest_it if {\n\tr.x == 1\n\t[2] == [r | some r in [2]]\n}\n";
    let run = Scratch::new(&[("p/a_test.rego", text), ("p/lib.rego", library)]).run(&["test", "p"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
}

#[test]
fn an_inner_variable_may_be_called_like_an_outer_one() {
    check("", "some i; [7, 1][i] == 1; y := [i | some i; [4, 5][i]]; y == [0, 1]; i == 1");
    check("", "x := 2; y := [x | some x in [1]]; y == [1]; x == 2");
    check("f(x) := [x | some x in [1]]", "f(2) == [1]");
    check("", "some x in [1]; y := [z | some x in [2]; z := x]; y == [2]; x == 1");
}

#[test]
fn a_rule_is_still_seen_where_no_variable_hides_it() {
    check("r := 5\nd contains r if some r in [1]\ne contains r if true", "d == {1}; e == {5}");
    check("r := 5\nd := 1 if { some r in [2]; r == 1 } else := r", "d == 5");
}

#[test]
fn template_strings_are_filled_in() {
    check("n := \"x\"", r#"$"a {n} b" == "a x b""#);
    check("", r#"$"{1 + 2} {[1, "b"]} {null} {true} {input.no}" == "3 [1, \"b\"] null true <undefined>""#);
    check("", r#"$"\{x} \"{"}"}\"" == "{x} \"}\"""#);
    check("", "$`a\\n {1}` == \"a\\\\n 1\"");
    check("", r#"some x in ["p"]; $"{x} {$"<{x}>"}" == "p <p>""#);
    check("r := 5", r#"y := [$"{r}" | some r in [1]]; y == ["1"]"#);
    check("", "x := $`line {1}\nline {2}`; x == \"line 1\\nline 2\"");
}

#[test]
fn metadata_of_a_rule_is_known_to_it() {
    let rules = "# METADATA\n# title: First\n# custom:\n#   code: A1\nd contains x if x := rego.metadata.rule().custom.code\n\n\
        # METADATA\n# title: Second\nd contains rego.metadata.rule().title if true\n\nd contains count(rego.metadata.rule()) if true\n\n\
        c := rego.metadata.chain()";
    check(rules, r#"d == {"A1", "Second", 0}; c[0] == {"path": ["a_test", "c"]}"#);
}

#[test]
fn the_chain_of_metadata_leads_outward() {
    let text = "# METADATA\n# title: The package\npackage a.b_test\n\nimport rego.v1\n\n\
        # METADATA\n# scope: document\n# title: The document\n\n# METADATA\n# title: The rule\nx := [entry.annotations.title | some entry in rego.metadata.chain()]\n\n\
        test_it if {\n\tprint(x)\n\tx == [\"The rule\", \"The document\", \"The package\", \"Above\"]\n}\n";
    let above = "# METADATA\n# scope: subpackages\n# title: Above\npackage a\n";
    let run = Scratch::new(&[("p/b_test.rego", text), ("p/a_test.rego", above)]).run(&["test", "p"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
}

#[test]
fn an_import_may_follow_a_rule() {
    let text = "package a_test\n\nimport rego.v1\n\nx := 1\n\nimport data.lib.names as n\n\ntest_it if n.y + x == 2\n";
    let library = "package lib.names\n\ny := 1\n";
    let run = Scratch::new(&[("p/a_test.rego", text), ("p/lib.rego", library)]).run(&["test", "p"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
}

#[test]
fn a_line_of_a_megabyte_is_read() {
    check(&format!("long := \"{}\"", "x".repeat(1 << 20)), "count(long) == 1048576");
}

#[test]
fn an_error_in_a_line_of_a_megabyte_is_shown_in_little() {
    let text = format!("package a_test\n\nlong := \"{}\" ]\n", "x".repeat(1 << 20));
    let run = Scratch::new(&[("p/a_test.rego", &text)]).run(&["test", "p"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.len() < 2000, "{} bytes", run.stderr.len());
    assert!(run.stderr.contains("a_test.rego:3:1)"), "{}", run.stderr);
    assert!(run.stderr.contains("the line has more than 65535 characters"), "{}", run.stderr);
}

fn error(text: &str) -> String {
    let scratch = Scratch::new(&[("team/rule.rego", text), ("plan.json", EMPTY_PLAN)]);
    let run = scratch.run(&["plan.json", "--policy", "team"]);
    assert_eq!(run.status, 2, "{run:?}");
    run.stderr
}

#[test]
fn a_place_in_a_rewritten_line_is_the_user_s() {
    let body = "findings contains finding if {\n\tsome rule in [1]\n\tfinding := {\"address\": $\"{rule} {to_number(\"x\")}\", \"path\": [], \"message\": \"m\"}\n}\n\nrule := 1";
    assert_snapshot!(error(&policy("team.rule", "high", body)));
    let body = "findings contains finding if {\n\tfinding := {\"address\": $\"{1} {nothing(\"x\")}\", \"path\": [], \"message\": \"m\"}\n}";
    assert_snapshot!(error(&policy("team.rule", "high", body)));
    let body = "findings contains 1 if {\n\tx := $\"{1} \" [\n}";
    assert_snapshot!(error(&policy("team.rule", "high", body)));
}

#[test]
fn metadata_that_is_no_yaml_is_an_error_wherever_it_stands() {
    let body = "findings contains 1 if {\n\tinput.nothing\n}\n\n# METADATA\n# title: [x\n_helper := 1";
    assert_snapshot!(error(&policy("team.rule", "high", body)));
}
