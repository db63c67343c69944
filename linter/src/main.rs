//! Entry point of the `secretlint` command. Everything is in the library, where tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    secretlint::cli::run()
}
