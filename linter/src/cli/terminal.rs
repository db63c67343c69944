//! Writing to standard output, standard error and files. A reader that goes away (`secretlint … | head`) is no error; a file that cannot be
//! written is.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use miette::Diagnostic;

use super::Color;
use crate::report::human::{self, Look};

/// Name of the subcommands, for somebody who misspells one and so names a plan that is not there.
const SUBCOMMANDS: [&str; 5] = ["rules", "explain", "facts", "test", "baseline"];

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
            // https://no-color.org: present and not empty.
            let is_wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|value| value != "dumb");
            match color {
                Color::Always => Look::Terminal { width: width() },
                Color::Auto if is_terminal && is_wanted => Look::Terminal { width: width() },
                Color::Auto | Color::Never => Look::Plain,
            }
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
            Some(path) => (fs::write(path, text), format!("the report to `{}`", path.display())),
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
    SUBCOMMANDS.into_iter().find(|name| strsim::damerau_levenshtein(argument, name) <= 2)
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}
