//! A rule, its test, its page and its examples are one unit.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use secretlint_tests::programs::{root, secretlint};
use secretlint_tests::recorded::{Kind, examples};

use crate::{files, none};

/// The rule files by rule id, from the paths alone.
fn rules() -> Vec<(String, PathBuf)> {
    let found = files("policies").into_iter().filter_map(|path| {
        let inner = path.strip_prefix("policies").ok()?.with_extension("");
        let id = inner.to_str()?.replace('/', ".");
        let is_rule = path.extension()? == "rego" && !id.ends_with("_test") && !id.starts_with("lib.");
        is_rule.then_some((id, path))
    });
    found.collect()
}

#[test]
fn there_are_rules() {
    assert!(rules().len() >= 14, "{:?}", rules());
}

#[test]
fn every_rule_has_its_test_page_and_examples() {
    let mut complaints = Vec::new();
    let examples = examples();
    for (id, path) in rules() {
        let folder = id.replace('.', "/");
        let wanted =
            [path.to_string_lossy().replace(".rego", "_test.rego"), format!("docs/rules/{folder}.md")];
        let of_rule: Vec<_> = examples.iter().filter(|example| example.rule == id).collect();
        if of_rule.is_empty() {
            complaints.push(format!("{id}: no example in examples/rules/{folder}"));
        }
        for example in of_rule {
            let other = if example.kind == Kind::Bad { Kind::Good } else { Kind::Bad };
            let has_other = examples.iter().any(|candidate| {
                candidate.rule == id && candidate.platform == example.platform && candidate.kind == other
            });
            if !has_other {
                complaints.push(format!("{}: there is no {other:?} one", example.name()));
            }
            if !example.plan().is_file() {
                complaints.push(format!("{}: no plan; run `make plans`", example.name()));
            }
        }
        complaints.extend(
            wanted.iter().filter(|file| !root().join(file).is_file()).map(|file| format!("{id}: no {file}")),
        );
    }
    none(complaints);
}

#[test]
fn every_example_belongs_to_a_rule() {
    let ids: BTreeSet<String> = rules().into_iter().map(|(id, _)| id).collect();
    let strays = examples().into_iter().filter(|example| !ids.contains(&example.rule));
    none(strays.map(|example| format!("{} is an example of no rule", example.folder.display())).collect());
    assert!(examples().iter().any(|example| example.kind == Kind::Bad));
}

/// The linter reads METADATA itself and lists a rule only if it is complete.
#[test]
fn the_linter_lists_exactly_these_rules() {
    let run =
        Command::new(secretlint()).args(["rules", "--format", "json"]).output().expect("secretlint runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let listed: serde_json::Value = serde_json::from_slice(&run.stdout).expect("the list is JSON");
    let listed = listed.as_array().or_else(|| listed["rules"].as_array()).expect("a list of rules");
    let listed: BTreeSet<String> =
        listed.iter().filter_map(|rule| rule["id"].as_str().map(str::to_owned)).collect();
    assert_eq!(listed, rules().into_iter().map(|(id, _)| id).collect());
}
