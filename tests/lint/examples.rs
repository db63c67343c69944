//! Every rule fires on its bad example and is silent on its good one, and the whole report reads as its snapshot.

use std::collections::BTreeSet;

use secretlint_tests::recorded::{Example, Kind, examples};
use secretlint_tests::scrub::scrub;

use crate::{rules_reported, secretlint};

fn reported(example: &Example, code: i32) -> BTreeSet<String> {
    let run = secretlint(&example.folder, &["--format", "json", "plan.json"]).exits_with(code);
    rules_reported(&run.stdout).into_iter().collect()
}

#[test]
fn a_rule_fires_on_its_bad_example() {
    for example in examples().iter().filter(|example| example.kind == Kind::Bad) {
        let rules = reported(example, 1);
        assert!(rules.contains(&example.rule), "{} reports {rules:?}", example.name());
    }
}

#[test]
fn every_rule_is_silent_on_a_good_example() {
    for example in examples().iter().filter(|example| example.kind == Kind::Good) {
        assert_eq!(reported(example, 0), BTreeSet::new(), "{}", example.name());
    }
}

#[test]
fn the_report_for_a_person() {
    for example in examples().into_iter().filter(|example| example.kind == Kind::Bad) {
        let run = secretlint(&example.folder, &["plan.json"]);
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(snapshot_name(&example), report(&run));
        });
    }
}

#[test]
fn the_reports_for_programs() {
    let example = examples().into_iter().find(|example| example.rule == "grant.wildcard_principal");
    let example = example.expect("the example that the documentation shows");
    for format in ["json", "sarif"] {
        let run = secretlint(&example.folder, &["--format", format, "plan.json"]).exits_with(1);
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{}.{format}", snapshot_name(&example)), report(&run));
        });
    }
}

fn report(run: &secretlint_tests::process::Finished) -> String {
    format!("exit code {}\n{}{}", run.code.unwrap_or(-1), scrub(&run.stdout), scrub(&run.stderr))
}

fn snapshot_name(example: &Example) -> String {
    let platform = example.platform.as_ref().map(|platform| format!(".{platform}")).unwrap_or_default();
    format!("{}{platform}.bad", example.rule)
}
