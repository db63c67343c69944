//! `secretlint new`.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::common::Scratch;

#[test]
fn a_rule_of_one_s_own_passes_its_tests_and_the_lint() {
    let scratch = Scratch::new(&[]);
    assert_snapshot!(scratch.run(&["new", "acme.naming", "--into", "policy"]).whole());
    let tests = scratch.run(&["test", "policy", "--threshold", "100"]);
    assert_eq!((tests.status, tests.stderr.as_str()), (0, ""), "{}", tests.stdout);
    assert!(tests.stdout.ends_with("5 tests: 5 passed, 0 failed\n"), "{}", tests.stdout);
    let lint = scratch.run(&["lint-policies", "policy"]);
    assert_eq!((lint.status, lint.stderr.as_str()), (0, ""), "{}", lint.stdout);
    let rules = scratch.run(&["rules", "--policy", "policy"]);
    assert!(rules.stdout.contains("low       acme.naming"), "{}", rules.stdout);
}

#[test]
fn nothing_is_overwritten() {
    let scratch = Scratch::new(&[("policy/acme/naming_test.rego", "mine\n")]);
    assert_snapshot!(scratch.run(&["new", "acme.naming", "--into", "policy"]).whole());
    assert_eq!(scratch.read("policy/acme/naming_test.rego"), "mine\n");
    assert!(!scratch.path().join("policy/acme/naming.rego").exists());
}

#[test]
fn an_id_that_would_not_work_is_refused() {
    let scratch = Scratch::new(&[]);
    assert_snapshot!(scratch.run(&["new", "grant.Too-Broad", "--into", "policy"]).whole());
    assert_snapshot!(scratch.run(&["new", "grant.wildcard_principal", "--into", "policy"]).whole());
    assert_snapshot!(scratch.run(&["new", "acme.naming"]).whole());
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let scratch = Scratch::new(&[("policy", "a file, no folder")]);
    let run = scratch.run(&["new", "acme.naming", "--into", "policy"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("cannot write `policy/acme/naming.rego`"), "{}", run.stderr);
}

/// A copy of the policies in the layout of this repository.
fn repository() -> Scratch {
    fn copy(from: &Path, below: &Path, scratch: &Scratch) {
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                copy(&path, below, scratch);
            } else if path.extension().is_some_and(|extension| extension == "rego") {
                let name = Path::new("policies").join(path.strip_prefix(below).unwrap());
                scratch.write(name.to_str().unwrap(), &fs::read(&path).unwrap());
            }
        }
    }
    let scratch = Scratch::new(&[("examples/rules/readme.txt", "")]);
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    copy(&policies, &policies, &scratch);
    scratch
}

#[test]
fn a_rule_of_the_repository_has_examples_and_a_page() {
    let scratch = repository();
    assert_snapshot!(scratch.run(&["new", "grant.too_broad"]).whole());
    let tests = scratch.run(&["test", "policies", "--run", "too_broad"]);
    assert_eq!(
        (tests.status, tests.stdout.as_str()),
        (0, "5 tests: 5 passed, 0 failed\n"),
        "{}",
        tests.stderr
    );
    let lint = scratch.run(&["lint-policies", "policies"]);
    assert_eq!((lint.status, lint.stderr.as_str()), (0, ""), "{}", lint.stdout);
    let page = scratch.read("docs/rules/grant/too_broad.md");
    assert!(
        page.starts_with("# grant.too_broad\n") && page.contains("(../../../policies/grant/too_broad.rego)"),
        "{page}"
    );
    assert!(page.contains("prod/orders/api"), "the examples are shown\n{page}");
}
