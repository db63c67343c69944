//! Why a file could not be read as a plan, told by what the user does next, and what a plan that was read makes less certain.
//! Neither ever quotes the file: a plan holds secrets, and the JSON library's own message for a value of the wrong kind would show it.

use std::io;

use thiserror::Error;

/// A place in the input, for an excerpt or a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Byte offset in the input after decoding to UTF-8, without a byte-order mark.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
}

impl Position {
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = text.as_bytes().get(..offset).unwrap_or_default();
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        Self {
            offset,
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: before.len() - line_start + 1,
        }
    }
}

/// The input is not a plan that can be linted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file or standard input could not be read.
    #[error("cannot read plan `{name}`")]
    Io {
        /// Name of the input as the user gave it.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The input is larger than the linter takes.
    #[error("plan `{name}` is larger than {limit} bytes")]
    TooLarge {
        /// Name of the input as the user gave it.
        name: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// There is nothing in the input.
    #[error("plan `{name}` is empty")]
    Empty {
        /// Name of the input as the user gave it.
        name: String,
    },
    /// The file that `terraform plan -out` writes.
    #[error("`{name}` is a binary plan file, not its JSON form")]
    Binary {
        /// Name of the input as the user gave it.
        name: String,
    },
    /// The log that `terraform plan -json` writes.
    #[error("`{name}` is the log of `terraform plan -json`, not a plan")]
    Log {
        /// Name of the input as the user gave it.
        name: String,
    },
    /// A state file, or `terraform show -json` of a state.
    #[error("`{name}` is a state, not a plan")]
    State {
        /// Name of the input as the user gave it.
        name: String,
    },
    /// Bytes that are not text.
    #[error("`{name}` is not UTF-8 or UTF-16 text: byte {offset} cannot be decoded")]
    Encoding {
        /// Name of the input as the user gave it.
        name: String,
        /// Offset of the first byte that cannot be decoded.
        offset: usize,
    },
    /// Text that is not JSON, or JSON that ends too soon.
    #[error("`{name}` is not JSON: {reason} at line {}, column {}", position.line, position.column)]
    NotJson {
        /// Name of the input as the user gave it.
        name: String,
        /// Where.
        position: Position,
        /// What is wrong there.
        reason: String,
    },
    /// JSON of another kind, or a plan that lacks or misuses a member.
    #[error("`{name}` is not a plan: {reason} at line {}, column {}", position.line, position.column)]
    NotAPlan {
        /// Name of the input as the user gave it.
        name: String,
        /// Where.
        position: Position,
        /// What is wrong there.
        reason: String,
    },
    /// A format of the future.
    #[error("plan `{name}` has format version {version}; this linter reads 0.1 to 1.x")]
    Format {
        /// Name of the input as the user gave it.
        name: String,
        /// The version it has.
        version: String,
    },
    /// JSON nested so deeply that only an attack or an accident writes it.
    #[error("`{name}` is nested deeper than {limit} levels at line {}, column {}", position.line, position.column)]
    TooDeep {
        /// Name of the input as the user gave it.
        name: String,
        /// Where the limit is passed.
        position: Position,
        /// The limit, in levels.
        limit: usize,
    },
}

impl PlanError {
    /// What the user can do about it, as one sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Io { .. } => {
                "check that the path is right and the file can be read; `-` reads standard input"
            }
            Self::TooLarge { .. } => "split the configuration, or plan a part of it with `-target`",
            Self::Empty { .. } => {
                "the command before it may have failed; run `terraform show -json tfplan > plan.json` and look at its exit code"
            }
            Self::Binary { .. } => {
                "convert it first: `terraform show -json FILE > plan.json`, or pipe that into `secretlint -`"
            }
            Self::Log { .. } => {
                "save the plan and show it: `terraform plan -out tfplan && terraform show -json tfplan > plan.json`"
            }
            Self::State { .. } => {
                "make a plan: `terraform plan -out tfplan && terraform show -json tfplan > plan.json`"
            }
            Self::Encoding { .. } => "write the plan as UTF-8: `terraform show -json tfplan > plan.json`",
            Self::NotJson { .. } | Self::NotAPlan { .. } => {
                "the linter reads the output of `terraform show -json tfplan` or `tofu show -json tfplan`"
            }
            Self::Format { .. } => "a newer release of secretlint may read it",
            Self::TooDeep { .. } => "find the value that nests; Terraform itself writes nothing this deep",
        }
    }

    /// Where in the input it went wrong, for those errors that have a place.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::NotJson { position, .. }
            | Self::NotAPlan { position, .. }
            | Self::TooDeep { position, .. } => Some(*position),
            _ => None,
        }
    }
}

/// The plan was read, and something about it makes the result less certain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanWarning {
    /// A minor version of format 1 that is newer than this linter.
    #[error("format version {version} is newer than this linter knows; what it adds is not looked at")]
    NewerFormat {
        /// The version the plan has.
        version: String,
    },
    /// Text before or after the JSON, such as a wrapper's command line, was skipped.
    #[error("skipped text around the JSON: {before} bytes before, {after} bytes after")]
    SurroundingText {
        /// Bytes skipped before the plan.
        before: usize,
        /// Bytes skipped after the plan.
        after: usize,
    },
    /// Planning ended with errors, so changes may be missing.
    #[error("planning ended with errors, so changes may be missing from the plan")]
    Errored,
    /// The plan leaves changes for a later run (targets, deferred changes).
    #[error("the plan is not complete: some changes are left for a later run")]
    Incomplete,
    /// Values were redacted, so nothing can be said about them.
    #[error("values in the plan are redacted, so rules on values cannot decide")]
    Redacted,
    /// No configuration in the plan: literals and references cannot be told apart.
    #[error("the plan holds no configuration, so literals and references cannot be told apart")]
    NoConfiguration,
}
