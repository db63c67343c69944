//! Saying aloud that a test did not run. `make test` counts these lines; with `CI` set they are failures, so that a
//! missing program can never look like a passing suite.

use std::io::Write as _;

/// Reports that the calling test cannot run here. The test returns after this.
///
/// # Panics
/// When `CI` is set: there, everything must run.
pub fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    if in_ci() {
        panic!("`{test}` cannot run, and nothing may be skipped in CI: {reason}");
    }
    // Straight to the stream: `eprintln!` would be captured, and a passing test shows nothing of it.
    let line = format!("SKIPPED: {test}: {reason}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}
