//! `secretlint completions` and `secretlint man`: both are made from the options themselves, so they cannot fall behind them.

use clap::{Args, Command};
use clap_complete::Shell;

use super::Outcome;
use super::terminal::Terminal;

#[derive(Debug, Args)]
pub(super) struct CompletionsOptions {
    /// Shell that the script is for.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the completion script of a shell.
pub(super) fn completions(
    options: &CompletionsOptions,
    mut command: Command,
    terminal: &Terminal,
) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "secretlint", &mut script);
    print(&script, terminal)
}

/// Prints the manual page in roff: of `secretlint` and, below it, of every command.
pub(super) fn man(command: Command, terminal: &Terminal) -> Outcome {
    let mut page = Vec::new();
    // Writing to memory does not fail.
    match clap_mangen::Man::new(command).render(&mut page) {
        Ok(()) => print(&page, terminal),
        Err(error) => {
            terminal.usage(&format!("the manual page cannot be written: {error}"), "");
            Outcome::CouldNotEvaluate
        }
    }
}

fn print(bytes: &[u8], terminal: &Terminal) -> Outcome {
    match terminal.write(&String::from_utf8_lossy(bytes), None) {
        Ok(()) => Outcome::Clean,
        Err(()) => Outcome::CouldNotEvaluate,
    }
}
