//! Writes a plan of a given size to standard output, to measure the linter with:
//! `cargo run --example generate_plan -- CHANGES [BYTES_PER_CHANGE] > plan.json`. 80,000 changes of 1,300 bytes are the 100 MB plan.

#[path = "../benches/support/generated_plan.rs"]
mod generated_plan;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use generated_plan::{Size, write_plan};

fn main() -> ExitCode {
    let numbers: Option<Vec<usize>> =
        std::env::args().skip(1).map(|argument| argument.parse().ok()).collect();
    let size = match numbers.as_deref() {
        Some([changes]) => Size { changes: *changes, bytes_per_change: 1_250 },
        Some([changes, bytes_per_change]) => Size { changes: *changes, bytes_per_change: *bytes_per_change },
        _ => return complain("usage: generate_plan CHANGES [BYTES_PER_CHANGE]"),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match write_plan(&mut out, size).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("cannot write the plan: {error}")),
    }
}

fn complain(message: &str) -> ExitCode {
    // Nothing is left to do where even the complaint cannot be written.
    let _ = writeln!(io::stderr(), "{message}");
    ExitCode::from(2)
}
