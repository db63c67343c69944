//! Generated pages are what the generators write today.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use secretlint_tests::programs::{root, secretlint};

use crate::none;

/// The files below a folder, by their path in it.
fn tree(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("a readable folder"));
    let found = entries.filter(|entry| entry.file_type().is_file()).map(|entry| {
        let path = entry.path().strip_prefix(folder).expect("below its root").to_owned();
        (path, std::fs::read_to_string(entry.path()).expect("a page is text"))
    });
    found.collect()
}

/// Guides and schemas are written by hand; everything else below `docs/` is generated.
#[test]
fn the_pages_are_current() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let programs = secretlint().parent().expect("a program stands in a folder").to_path_buf();
    let status = Command::new(root().join("tests/tools/docs"))
        .current_dir(root())
        .env("BINARIES", programs)
        .arg(scratch.path())
        .status()
        .expect("tests/tools/docs runs");
    assert!(status.success(), "tests/tools/docs failed");
    let generated = tree(scratch.path());
    let mut kept = tree(&root().join("docs"));
    kept.retain(|path, _| !path.starts_with("guides") && !path.starts_with("schemas"));
    let paths = generated.keys().chain(kept.keys()).collect::<std::collections::BTreeSet<_>>();
    let differing = paths.into_iter().filter(|path| generated.get(*path) != kept.get(*path));
    none(differing.map(|path| format!("docs/{} is not current: run `make docs`", path.display())).collect());
}
