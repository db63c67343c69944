//! `secretlint lint-policies`.

use insta::assert_snapshot;

use crate::common::{EMPTY_PLAN, Scratch};

/// A pack with one of everything that is wrong.
fn bad_pack() -> Scratch {
    Scratch::new(&[
        (
            "pack/team/misnamed.rego",
            "# METADATA\n# title: A title with a full stop.\n# description: Too short\n# related_resources:\n# - http://plain.example\n# custom:\n\
             #   severity: high\n#   references: [CWE-732, something]\npackage team.rule\n\nimport rego.v1\n\nimport data.team.lib\n\n\
             findings contains finding if {\n\tinput.bad\n\tlib.used\n\tfinding := {\"address\": \"a\", \"path\": [], \"message\": \"m\"}\n}\n\n\
             # _unused is only named in a comment\n_unused(x) := x\n",
        ),
        ("pack/team/lib.rego", "package team.lib\n\nimport rego.v1\n\nused := true\n\nforgotten := 1\n"),
        (
            "pack/team/rule_test.rego",
            "package team.rule_test\n\nimport rego.v1\n\nimport data.team.rule\n\ntest_reports if {\n\tx := rule.findings with input as {\"bad\": true}\n\
             \tprint(x)\n}\n\ntest_same if {\n\tx := 1\n\tx == x\n}\n\ntest_true if true\n\ntest_real if rule.findings == set() with input as {}\n",
        ),
        ("plan.json", EMPTY_PLAN),
    ])
}

#[test]
fn everything_that_is_wrong_is_shown_at_its_line() {
    assert_snapshot!(bad_pack().run(&["lint-policies", "pack", "--plans", "*.json"]).whole());
}

#[test]
fn the_bundled_policies_have_no_problem() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let plans = format!("{root}/examples/rules/**/plan.json");
    let run = Scratch::new(&[]).run(&["lint-policies", &format!("{root}/policies"), "--plans", &plans]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.ends_with(" recorded plans: 0 problems\n"), "{}", run.stdout);
}

#[test]
fn plans_that_are_named_must_be_there_and_be_plans() {
    let scratch = bad_pack();
    assert_snapshot!(scratch.run(&["lint-policies", "pack", "--plans", "plans/*.json"]).whole());
    assert_snapshot!(scratch.run(&["lint-policies", "pack", "--plans", "[.json"]).whole());
    scratch.write("state.json", br#"{"version": 4}"#);
    assert_eq!(scratch.run(&["lint-policies", "pack", "--plans", "state.json"]).status, 2);
}

#[test]
fn metadata_that_is_no_yaml_is_shown_at_its_line() {
    let text = "# METADATA\n# title: A rule\n# custom:\n#   severity: [high\npackage team.rule\n\nimport rego.v1\n\nfindings contains {} if input.bad\n";
    assert_snapshot!(Scratch::new(&[("pack/rule.rego", text)]).run(&["lint-policies", "pack"]).whole());
}

#[test]
fn an_empty_folder_is_an_error() {
    let run = Scratch::new(&[("pack/readme.txt", "")]).run(&["lint-policies", "pack"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("there is no `.rego` file in `pack`"), "{}", run.stderr);
}
