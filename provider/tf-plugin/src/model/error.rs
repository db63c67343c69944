//! What goes wrong between a model and a tree. The text never repeats a value: serde's own would quote the string it
//! did not expect, and that may be a secret.

use std::fmt;

use serde::de::{Expected, Unexpected};

use crate::path::PathStep;
use crate::{AttributePath, Diagnostic, Diagnostics};

/// An error with the way to where it happened.
#[derive(Debug)]
pub(crate) struct ModelError {
    pub(crate) kind: ModelErrorKind,
    message: String,
    /// From the inside out, as it is built while returning.
    steps: Vec<PathStep>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelErrorKind {
    /// The value is unknown where the model cannot hold an unknown.
    Unknown,
    /// The value is null where the model cannot hold a null.
    Null,
    /// The model expects another type.
    Type,
    /// The model has a field which the schema has not.
    Missing,
    /// The type is right, but the model's own reading refused the content.
    Content,
}

impl ModelError {
    pub(crate) fn new(kind: ModelErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), steps: Vec::new() }
    }

    pub(crate) fn unknown() -> Self {
        Self::new(ModelErrorKind::Unknown, "the value is not known yet, and it must be known here")
    }

    /// The same error, seen from one level further out.
    pub(crate) fn inside(mut self, step: PathStep) -> Self {
        self.steps.push(step);
        self
    }

    pub(crate) fn path(&self) -> AttributePath {
        AttributePath::from(self.steps.iter().rev().cloned().collect::<Vec<_>>())
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn into_diagnostics(self) -> Diagnostics {
        let path = self.path();
        let summary = match self.kind {
            ModelErrorKind::Unknown => format!("`{path}` is not known yet"),
            ModelErrorKind::Content | ModelErrorKind::Null => format!("`{path}` is not valid"),
            ModelErrorKind::Type | ModelErrorKind::Missing => {
                format!("`{path}` cannot be read: schema and model disagree")
            }
        };
        let detail = match self.kind {
            ModelErrorKind::Type | ModelErrorKind::Missing => {
                format!("{}. This is a bug in the provider; please report it to its authors.", self.message)
            }
            _ => self.message,
        };
        Diagnostic {
            attribute: (!path.is_root()).then_some(path),
            ..Diagnostic::error(summary).detail(detail)
        }
        .into()
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path(), self.message)
    }
}

impl std::error::Error for ModelError {}

impl serde::ser::Error for ModelError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(ModelErrorKind::Content, message.to_string())
    }
}

/// What was found, without its content.
fn kind_of(unexpected: &Unexpected<'_>) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "a bool",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a sequence",
        Unexpected::Map => "a map or an object",
        _ => "something else",
    }
}

impl serde::de::Error for ModelError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(ModelErrorKind::Content, message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let kind = match unexpected {
            Unexpected::Unit | Unexpected::Option => ModelErrorKind::Null,
            _ => ModelErrorKind::Type,
        };
        Self::new(kind, format!("{} was found, {expected} was expected", kind_of(&unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(
            ModelErrorKind::Content,
            format!("{} that does not fit was found, {expected} was expected", kind_of(&unexpected)),
        )
    }

    fn unknown_variant(_variant: &str, expected: &'static [&'static str]) -> Self {
        let names: Vec<String> = expected.iter().map(|name| format!("`{name}`")).collect();
        Self::new(ModelErrorKind::Content, format!("the value must be one of {}", names.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(
            ModelErrorKind::Missing,
            format!("the model has a field `{field}`, the schema has no such attribute"),
        )
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self::new(
            ModelErrorKind::Missing,
            format!("the schema has an attribute `{field}`, the model has no such field"),
        )
    }
}
