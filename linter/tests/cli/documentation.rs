//! The rules' pages: those in the repository are those that the rules make.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::Scratch;

fn files(folder: &Path, base: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, base, found)
        } else {
            found.insert(path.strip_prefix(base).unwrap().to_owned());
        }
    }
}

#[test]
fn the_pages_in_the_repository_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let scratch = Scratch::new(&[]);
    let examples = root.join("examples/rules").display().to_string();
    let run = scratch.run(&["docs", "docs", "--examples", &examples]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let (mut written, mut committed) = (BTreeSet::new(), BTreeSet::new());
    files(&scratch.path().join("docs"), &scratch.path().join("docs"), &mut written);
    files(&root.join("docs/rules"), &root.join("docs"), &mut committed);
    committed.insert("rules.md".into());
    assert_eq!(written, committed, "run `secretlint docs docs` in the root of the repository");
    for file in written {
        let current = fs::read_to_string(root.join("docs").join(&file)).unwrap();
        let made = scratch.read(&format!("docs/{}", file.display()));
        assert_eq!(
            current,
            made,
            "{}: run `secretlint docs docs` in the root of the repository",
            file.display()
        );
    }
}

#[test]
fn a_missing_example_is_an_error() {
    let run = Scratch::new(&[]).run(&["docs", "docs", "--examples", "nowhere"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("cannot read the example `nowhere/"), "{}", run.stderr);
}
