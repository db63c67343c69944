//! Plans that nobody here wrote: whatever is in them, the linter evaluates them.

use std::path::{Path, PathBuf};

use secretlint_tests::programs;

use crate::secretlint;

/// A folder of plans beside the repository, which is no part of it.
fn foreign_plans() -> Option<PathBuf> {
    let folder = programs::root().parent()?.join("shared/plans");
    folder.is_dir().then_some(folder)
}

fn is_plan(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

#[test]
fn foreign_plans_are_evaluated() {
    // Not a skip: the folder is optional, and a clone without it is complete.
    let Some(folder) = foreign_plans() else { return };
    let mut failed = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.expect("a readable folder");
        if !is_plan(entry.path()) {
            continue;
        }
        let run = secretlint(programs::root(), &["--format", "json", &entry.path().display().to_string()]);
        if !matches!(run.code, Some(0 | 1)) {
            failed.push(format!("{}: {:?}\n{}", entry.path().display(), run.code, run.stderr));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
