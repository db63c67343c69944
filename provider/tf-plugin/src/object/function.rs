//! Functions (Terraform ≥ 1.8): computations in expressions, `provider::<local name>::<name>(…)`.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Type;

/// A function. It must be pure: the same arguments, the same result, no effect. It runs in a process whose provider may
/// never be configured.
#[async_trait]
pub trait Function: Send + Sync + 'static {
    /// The arguments in order: a tuple such as `(String, i64)`, or a struct whose fields are in that order. The last one
    /// is a `Vec<T>` when the function is variadic.
    type Arguments: DeserializeOwned + Send;
    /// The result.
    type Output: Serialize + Send;

    /// Parameters, result and documentation. Called once.
    fn signature(&self) -> Signature;

    /// Computes. Arguments are known and not null unless the parameter says otherwise.
    ///
    /// # Errors
    /// What is wrong, and with which argument.
    async fn call(&self, arguments: Self::Arguments) -> Result<Self::Output, FunctionError>;
}

/// What a function takes and gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// A last parameter that takes any number of arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub result: Type,
    /// One line for the documentation.
    pub summary: String,
    /// Markdown for the documentation.
    pub description: String,
    /// What to use instead, when it is deprecated.
    pub deprecation: Option<String>,
}

/// One parameter of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// Whether null may be passed; else Terraform refuses it.
    pub nulls: NullArguments,
    /// Markdown for the documentation.
    pub description: String,
}

/// Whether a parameter accepts null. (Unknown arguments are never passed: the result is then unknown.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NullArguments {
    /// Null is refused by Terraform.
    #[default]
    Refused,
    /// Null is passed; take a `Value<T>` or an `Option<T>`.
    Accepted,
}

impl Signature {
    /// A function of no parameters.
    #[must_use]
    pub fn new(result: Type, summary: impl Into<String>) -> Self {
        Self {
            parameters: Vec::new(),
            variadic: None,
            result,
            summary: summary.into(),
            description: String::new(),
            deprecation: None,
        }
    }

    /// Adds a parameter that refuses null.
    #[must_use]
    pub fn parameter(self, name: impl Into<String>, kind: Type, description: impl Into<String>) -> Self {
        self.with(Parameter {
            name: name.into(),
            kind,
            nulls: NullArguments::Refused,
            description: description.into(),
        })
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Sets the parameter that takes all further arguments.
    #[must_use]
    pub fn variadic(mut self, name: impl Into<String>, kind: Type, description: impl Into<String>) -> Self {
        self.variadic = Some(Parameter {
            name: name.into(),
            kind,
            nulls: NullArguments::Refused,
            description: description.into(),
        });
        self
    }

    /// Markdown for the documentation.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// What is wrong. No secret value: it is shown to the user.
    pub text: String,
    /// The argument it is about, counted from 0.
    pub argument: Option<usize>,
}

impl FunctionError {
    /// An error of the call as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: None }
    }

    /// An error of one argument, counted from 0.
    pub fn at(argument: usize, text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: Some(argument) }
    }
}
