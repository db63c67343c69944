//! The baseline: written, applied, checked, pruned, and refused when it is none.

use insta::assert_snapshot;

use crate::common::{EMPTY_PLAN, Run, Scratch, finds, policy};

/// Findings in the order given, each an address and an attribute; equal ones differ in their message.
fn rules(places: &[(&str, &str)]) -> String {
    let clauses: String = places
        .iter()
        .enumerate()
        .map(|(index, (address, path))| {
            format!("findings contains {{\"address\": \"{address}\", \"path\": [\"{path}\"], \"message\": \"wrong {index}\"}}\n\n")
        })
        .collect();
    policy("team.written", "high", clauses.trim_end())
}

const TWO: [(&str, &str); 2] = [("a_b.c", "password"), ("a_b.d[\\\"x\\\"]", "password")];

fn scratch(places: &[(&str, &str)]) -> Scratch {
    // Only the rule of the test is on: `baseline` has no `--rule`.
    Scratch::new(&[("plan.json", EMPTY_PLAN), ("team/written.rego", &rules(places))])
}

fn check(scratch: &Scratch, more: &[&str]) -> Run {
    scratch.run(&[&["plan.json", "--policy", "team", "--rule", "team.*"], more].concat())
}

fn baseline(scratch: &Scratch, more: &[&str]) -> Run {
    scratch.run(&[&["baseline", "plan.json", "--policy", "team"], more].concat())
}

const WRITE: [&str; 2] = ["--first-seen", "2026-11-22"];
const APPLY: [&str; 2] = ["--baseline", "secretlint-baseline.json"];

#[test]
fn a_baseline_is_written_and_applied() {
    let scratch = scratch(&TWO);
    assert_eq!(check(&scratch, &[]).status, 1);
    assert_snapshot!("written", baseline(&scratch, &WRITE).whole());
    assert_snapshot!("file", scratch.read("secretlint-baseline.json"));
    assert_snapshot!("applied", check(&scratch, &[&APPLY[..], &["-v"]].concat()).whole());
    scratch.write("secretlint.hcl", b"baseline = \"secretlint-baseline.json\"\n");
    assert_eq!(check(&scratch, &[]).status, 0);
}

#[test]
fn only_what_is_new_fails_a_run() {
    let scratch = scratch(&TWO);
    baseline(&scratch, &WRITE);
    scratch.write("team/written.rego", rules(&[TWO[1], ("a_b.new", "password"), TWO[0]]).as_bytes());
    let run = check(&scratch, &APPLY);
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("in a_b.new, password"), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("1 finding: 1 high (1 rule in 1 plan); 2 suppressed: 2 by the baseline\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_baseline_survives_moved_lines_and_another_order() {
    let scratch = scratch(&TWO);
    scratch.write(
        "main.tf",
        b"resource \"a_b\" \"c\" {\n  password = \"x\"\n}\nresource \"a_b\" \"d\" {\n  password = \"x\"\n}\n",
    );
    baseline(&scratch, &WRITE);
    scratch.write("main.tf", b"\n# moved\nresource \"a_b\" \"d\" {\n  password = \"x\"\n}\n\nresource \"a_b\" \"c\" {\n  user = 1\n  password = \"y\"\n}\n");
    scratch.write("team/written.rego", rules(&[TWO[1], TWO[0]]).as_bytes());
    assert_eq!(check(&scratch, &APPLY).status, 0);
    let run = baseline(&scratch, &["--check"]);
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (0, "all 2 entries of `secretlint-baseline.json` still occur\n")
    );
}

#[test]
fn equal_findings_are_counted() {
    let scratch = scratch(&[TWO[0], TWO[0]]);
    baseline(&scratch, &WRITE);
    assert_eq!(check(&scratch, &APPLY).status, 0);
    scratch.write("team/written.rego", rules(&[TWO[0], TWO[0], TWO[0]]).as_bytes());
    let run = check(&scratch, &APPLY);
    assert!(run.stdout.contains("1 finding: 1 high (1 rule in 1 plan); 2 suppressed"), "{}", run.stdout);
    scratch.write("team/written.rego", rules(&[TWO[0]]).as_bytes());
    assert_eq!(check(&scratch, &APPLY).status, 0);
    assert_eq!(baseline(&scratch, &["--check"]).status, 1);
}

#[test]
fn what_no_longer_occurs_is_found_and_pruned() {
    let scratch = scratch(&TWO);
    baseline(&scratch, &WRITE);
    scratch.write("team/written.rego", rules(&[TWO[1], ("a_b.new", "password")]).as_bytes());
    assert_snapshot!("check", baseline(&scratch, &["--check"]).whole());
    assert_snapshot!("prune", baseline(&scratch, &["--prune"]).whole());
    // What is new is not accepted by the way.
    assert_eq!(check(&scratch, &APPLY).status, 1);
    assert_eq!(baseline(&scratch, &["--check"]).status, 0);
    let again = baseline(&scratch, &["--first-seen", "2026-12-24"]);
    assert_eq!(again.stdout, "wrote 2 findings to `secretlint-baseline.json`: 1 new, 1 as before, 0 gone\n");
    let file = scratch.read("secretlint-baseline.json");
    assert_eq!((file.matches("2026-11-22").count(), file.matches("2026-12-24").count()), (1, 1), "{file}");
}

#[test]
fn what_was_undetermined_when_it_was_accepted_does_not_cover_a_violation() {
    let place = "{\"address\": \"a_b.c\", \"path\": [\"d\"], \"message\": \"m\"}";
    let unsure = format!(
        "findings contains finding if {{\n\tfinding := input.nothing\n}}\n\nundetermined contains {place}"
    );
    let sure = format!("findings contains {place}");
    let scratch =
        Scratch::new(&[("plan.json", EMPTY_PLAN), ("team/r.rego", &policy("team.r", "high", &unsure))]);
    let strict = [&APPLY[..], &["--on-unknown", "fail"]].concat();
    baseline(&scratch, &WRITE);
    assert_eq!(check(&scratch, &strict).status, 0);
    scratch.write("team/r.rego", policy("team.r", "high", &sure).as_bytes());
    assert_eq!(check(&scratch, &strict).status, 1);
    baseline(&scratch, &WRITE);
    scratch.write("team/r.rego", policy("team.r", "high", &unsure).as_bytes());
    assert_eq!(check(&scratch, &strict).status, 0);
}

#[test]
fn what_is_waived_is_not_put_into_a_baseline() {
    let scratch = scratch(&TWO);
    let waiver = "waiver {\n  rule = \"team.*\"\n  address = \"a_b.c\"\n  reason = \"r\"\n  owner = \"o\"\n  until = \"2199-01-31\"\n}\n";
    scratch.write(
        "secretlint.hcl",
        format!("thresholds {{\n  waiver_max_days = 100000\n}}\n{waiver}").as_bytes(),
    );
    assert_eq!(baseline(&scratch, &WRITE).stdout, "wrote 1 finding to `secretlint-baseline.json`\n");
}

#[test]
fn what_is_no_baseline_is_refused_and_left_alone() {
    let entry = "{\"schema_version\": 1, \"findings\": [{\"rule\": \"hunter2\"}]}";
    let scratch = scratch(&TWO);
    for (name, text) in [
        ("not_json", "hunter2"),
        ("other_form", "[\"hunter2\"]"),
        ("no_version", EMPTY_PLAN),
        ("newer", "{\"schema_version\": 2}"),
        ("older", "{\"schema_version\": 0}"),
        ("entry", entry),
    ] {
        scratch.write("b.json", text.as_bytes());
        let run = check(&scratch, &["--baseline", "b.json"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{text}");
        assert_snapshot!(format!("refused_{name}"), run.stderr);
        for more in [&[][..], &["--check"], &["--prune"]] {
            assert_eq!(baseline(&scratch, &[&["--output", "b.json"], more].concat()).status, 2, "{text}");
            assert_eq!(scratch.read("b.json"), text);
        }
    }
    let run = check(&scratch, &["--baseline", "missing.json"]);
    assert_snapshot!("refused_missing", run.stderr);
    assert_eq!((run.status, baseline(&scratch, &["--check"]).status), (2, 2));
}

#[test]
fn a_baseline_holds_no_value_and_no_message() {
    let value = "canary-Q7mZ2xV9";
    let plan = EMPTY_PLAN.replace(
        "\"resource_changes\":[]",
        &format!(
            r#""resource_changes":[{{"address":"aws_db_instance.c","mode":"managed","type":"aws_db_instance","name":"c",
            "provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["create"],"before":null,
            "after":{{"password":"{value}"}},"after_unknown":{{}}}}}}]"#
        ),
    );
    let main = format!("resource \"aws_db_instance\" \"c\" {{\n  password = \"{value}\" # {value}\n}}\n");
    let scratch = Scratch::new(&[
        ("plan.json", &plan),
        ("main.tf", &main),
        ("team/r.rego", &finds("team.r", "high", "aws_db_instance.c", "[\"password\"]")),
    ]);
    let run = baseline(&scratch, &WRITE);
    assert_eq!(run.status, 0, "{run:?}");
    let file = scratch.read("secretlint-baseline.json");
    assert!(file.contains("aws_db_instance.c") && file.contains("team.r"), "{file}");
    for text in [&file, &run.whole(), &check(&scratch, &[&APPLY[..], &["-v"]].concat()).whole()] {
        assert!(!text.contains("Q7mZ2xV9"), "{text}");
    }
    assert!(!file.contains("this is wrong"), "{file}");
    // A plan that is given where a baseline belongs is not quoted.
    let mistaken = check(&scratch, &["--baseline", "plan.json"]);
    assert!(mistaken.status == 2 && !mistaken.whole().contains("Q7mZ2xV9"), "{mistaken:?}");
}
