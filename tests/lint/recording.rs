//! The recorded plans are what Terraform plans today.

use std::sync::Mutex;

use secretlint_tests::recorded::{Example, examples, record};
use secretlint_tests::terraform::{Version, Workspace};

#[test]
fn recorded_plans_are_current() {
    let waiting = Mutex::new(examples());
    let stale = Mutex::new(Vec::new());
    let skipped = Mutex::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(example) = next(&waiting) {
                    let Some(mut workspace) = Workspace::new(Version::Newest) else {
                        *skipped.lock().expect("no panic holds it") = true;
                        return;
                    };
                    if std::fs::read_to_string(example.plan()).ok()
                        != Some(record(&mut workspace, &example.folder))
                    {
                        stale.lock().expect("no panic holds it").push(example.name());
                    }
                }
            });
        }
    });
    let stale = stale.into_inner().expect("no thread panicked");
    assert!(stale.is_empty(), "run `make plans`: these plans are not what Terraform plans now: {stale:#?}");
}

fn next(waiting: &Mutex<Vec<Example>>) -> Option<Example> {
    waiting.lock().expect("no panic holds it").pop()
}
