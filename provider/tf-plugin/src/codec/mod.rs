//! Between wire bytes and [`Dynamic`] trees. Terraform sends and receives MessagePack; states and identities from the
//! state file come as JSON. Both are read by a [`Type`], since the bytes alone cannot tell a list from a set.

mod decode;
mod encode;
mod json;

pub(crate) use decode::decode_msgpack;
pub(crate) use encode::encode_msgpack;
pub(crate) use json::decode_json;

use std::fmt;

use crate::path::PathStep;
use crate::{AttributePath, Diagnostic, Diagnostics};

/// Bytes that do not fit the type, or a tree that cannot become bytes. Never repeats a value.
#[derive(Debug)]
pub(crate) struct CodecError {
    message: String,
    /// From the inside out.
    steps: Vec<PathStep>,
}

impl CodecError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), steps: Vec::new() }
    }

    pub(crate) fn inside(mut self, step: PathStep) -> Self {
        self.steps.push(step);
        self
    }

    fn path(&self) -> AttributePath {
        AttributePath::from(self.steps.iter().rev().cloned().collect::<Vec<_>>())
    }

    /// As a message to the user about `what`, such as "the stored state".
    pub(crate) fn into_diagnostics(self, what: &str) -> Diagnostics {
        let path = self.path();
        let detail = if path.is_root() { self.message } else { format!("At {path}: {}", self.message) };
        let attribute = (!path.is_root()).then_some(path);
        Diagnostic { attribute, ..Diagnostic::error(format!("{what} cannot be read")).detail(detail) }.into()
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path(), self.message)
    }
}

impl std::error::Error for CodecError {}

/// Nesting deeper than this is refused rather than risking the stack.
const MAX_DEPTH: usize = 200;

#[cfg(test)]
mod tests;
