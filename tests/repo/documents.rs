//! Documents name files that exist.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use secretlint_tests::programs::root;

use crate::{files_with, none, read};

static LINK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\]\(([^)\s#]+)(#[^)]*)?\)").expect("a valid pattern"));
static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"`([^`\n]+)`").expect("a valid pattern"));
static PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$").expect("a valid pattern"));

#[test]
fn every_link_leads_to_a_file() {
    let mut complaints = Vec::new();
    for document in files_with("md") {
        let text = read(&document);
        for link in LINK.captures_iter(&text).map(|found| found[1].to_owned()) {
            let target = root().join(document.parent().unwrap_or(Path::new(""))).join(&link);
            if !link.contains("://") && !link.starts_with("mailto:") && !target.exists() {
                complaints.push(format!("{}: the link `{link}` leads nowhere", document.display()));
            }
        }
    }
    none(complaints);
}

#[test]
fn every_path_in_a_document_exists() {
    let mut complaints = Vec::new();
    for document in files_with("md") {
        let text = read(&document);
        for code in CODE.captures_iter(&text).map(|found| found[1].to_owned()) {
            if is_path_of_ours(&code) && !exists(&document, &code) {
                complaints.push(format!("{}: `{code}` does not exist", document.display()));
            }
        }
    }
    none(complaints);
}

/// Whether code in a document means a file here: a path whose first part is something in the root. Placeholders are
/// written in capitals (`policies/TOPIC/RULE.rego`); what a command makes is not in the repository.
fn is_path_of_ours(code: &str) -> bool {
    let Some((first, rest)) = code.split_once('/') else { return false };
    let placeholder = |part: &str| {
        let stem = part.split('.').next().unwrap_or(part).trim_end_matches("_test");
        stem.len() > 1 && stem.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !is_document(part)
    };
    PATH.is_match(code)
        && !first.starts_with('.')
        && first != "target"
        && root().join(first).is_dir()
        && !rest.split('/').any(placeholder)
}

/// The documents that are written in capitals are no placeholders.
fn is_document(part: &str) -> bool {
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].contains(&part)
}

fn exists(document: &Path, path: &str) -> bool {
    let beside: PathBuf = document.parent().unwrap_or(Path::new("")).join(path);
    root().join(path).exists() || root().join(beside).exists()
}

#[test]
fn a_path_is_told_from_a_placeholder() {
    assert!(is_path_of_ours("tests/repo/main.rs"));
    assert!(is_path_of_ours("tests/README.md"));
    assert!(!is_path_of_ours("policies/TOPIC/RULE.rego"));
    assert!(!is_path_of_ours("docs/guides/STORE.md"));
    assert!(!is_path_of_ours("policies/TOPIC/RULE_test.rego"));
    assert!(!is_path_of_ours("hashicorp/aws"));
    assert!(!is_path_of_ours("main.tf"));
}
