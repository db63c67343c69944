//! The repository keeps its own rules: what belongs together is together, generated files are current, documents are true.

mod documents;
mod generated;
mod objects;
mod rules;
mod sources;

use std::path::{Path, PathBuf};
use std::process::Command;

use secretlint_tests::programs::root;

/// The files of the repository that a commit would hold, below `folder`, with their paths from the root.
fn files(folder: &str) -> Vec<PathBuf> {
    let listing = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", folder])
        .output()
        .expect("git runs");
    assert!(listing.status.success(), "{}", String::from_utf8_lossy(&listing.stderr));
    let listing = String::from_utf8(listing.stdout).expect("paths are UTF-8");
    let mut paths: Vec<_> = listing.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
    paths.retain(|path| root().join(path).exists());
    paths.sort();
    paths.dedup();
    paths
}

/// The files with this extension.
fn files_with(extension: &str) -> Vec<PathBuf> {
    let matches = |path: &PathBuf| path.extension().is_some_and(|found| found == extension);
    files(".").into_iter().filter(matches).collect()
}

fn read(path: &Path) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Expects no complaint, and shows all of them otherwise.
#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
