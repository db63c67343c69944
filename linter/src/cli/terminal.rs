//! Writing to standard output, standard error and files. A reader that goes away (`secretlint … | head`) is no error; a file that cannot be
//! written is.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use miette::Diagnostic;

use super::Color;
use super::outputs::write_file;
use crate::report::human::{self, Look};

/// Name of the subcommands, for somebody who misspells one and so names a plan that is not there.
const SUBCOMMANDS: &[&str] =
    &["rules", "explain", "facts", "test", "baseline", "new", "lint-policies", "diff"];

/// How each stream is to look.
pub(super) struct Terminal {
    stdout: Look,
    stderr: Look,
}

/// A report could not be delivered.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {what}")]
struct CannotWrite {
    what: String,
    source: io::Error,
}

impl Diagnostic for CannotWrite {}

/// A message without a cause of its own.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Message {
    message: String,
    help: String,
}

impl Diagnostic for Message {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn std::fmt::Display>)
    }
}

impl Terminal {
    pub(super) fn new(color: Color) -> Self {
        let look = |is_terminal: bool| {
            let is_coloured = match color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => wish_of_the_environment().unwrap_or(is_terminal),
            };
            if is_coloured { Look::Terminal { width: width() } } else { Look::Plain }
        };
        Self { stdout: look(io::stdout().is_terminal()), stderr: look(io::stderr().is_terminal()) }
    }

    /// How a report on standard output looks; one in a file is plain.
    pub(super) const fn look(&self, output: Option<&Path>) -> Look {
        match output {
            Some(_) => Look::Plain,
            None => self.stdout,
        }
    }

    /// Writes a report to `output` or standard output. `Err` has been shown already.
    pub(super) fn write(&self, text: &str, output: Option<&Path>) -> Result<(), ()> {
        let (result, what) = match output {
            Some(path) => (write_file(path, text.as_bytes()), format!("the report to `{}`", path.display())),
            None => {
                let mut stdout = io::stdout().lock();
                (
                    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()),
                    "to standard output".to_owned(),
                )
            }
        };
        match result {
            Err(error) if output.is_none() && error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(source) => {
                self.problem(&CannotWrite { what, source });
                Err(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Shows what keeps the linter from doing its work.
    pub(super) fn problem(&self, problem: &dyn Diagnostic) {
        // There is nobody left to tell if standard error is gone; the exit status still says it.
        let _written: io::Result<()> =
            io::stderr().lock().write_all(human::diagnostic(problem, self.stderr).as_bytes());
    }

    /// Shows a message that has no error type of its own.
    pub(super) fn usage(&self, message: &str, help: &str) {
        self.problem(&Message { message: message.to_owned(), help: help.to_owned() });
    }
}

/// The subcommand that `argument` looks like.
pub(super) fn misspelt_subcommand(argument: &str) -> Option<&'static str> {
    SUBCOMMANDS.iter().copied().find(|name| strsim::damerau_levenshtein(argument, name) <= 2)
}

/// What the environment says about colours; nothing, where only the stream decides. <https://no-color.org> (present and not empty) goes
/// before <https://bixense.com/clicolors/> (`CLICOLOR_FORCE` not `0` wants colours in a pipe too, `CLICOLOR=0` wants none), and a dumb terminal shows none.
fn wish_of_the_environment() -> Option<bool> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return Some(false);
    }
    if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return Some(true);
    }
    let is_refused =
        set("CLICOLOR").is_some_and(|value| value == "0") || set("TERM").is_some_and(|value| value == "dumb");
    is_refused.then_some(false)
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}
