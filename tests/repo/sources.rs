//! What every source file keeps to.

use std::path::Path;

use secretlint_tests::programs::root;

use crate::{files, files_with, none, read};

fn is_generated(path: &Path) -> bool {
    path.components().any(|component| component.as_os_str() == "generated")
}

#[test]
fn every_rust_file_says_first_why_it_exists() {
    let silent =
        files_with("rs").into_iter().filter(|path| !is_generated(path) && !read(path).starts_with("//! "));
    none(silent.map(|path| format!("{} does not open with `//! `", path.display())).collect());
}

#[test]
fn no_file_is_too_long_to_hold_in_the_head() {
    let long = files_with("rs").into_iter().filter(|path| !is_generated(path)).filter_map(|path| {
        let lines = read(&path).lines().count();
        (lines > 800).then(|| format!("{} has {lines} lines: split it by meaning", path.display()))
    });
    none(long.collect());
}

#[test]
fn no_test_is_switched_off() {
    // In two parts, so that this file is not found.
    let switch = concat!("#[", "ignore");
    let found = files_with("rs").into_iter().filter(|path| read(path).contains(switch));
    none(found.map(|path| format!("{} has a test that never runs", path.display())).collect());
}

/// A path of the machine that something was written on means nothing anywhere else.
#[test]
fn no_file_names_a_path_of_one_machine() {
    let here = format!("{}/", root().display());
    let mut complaints = Vec::new();
    for path in files(".") {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if line.contains(&here) {
                complaints.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    none(complaints);
}
