//! Secrets as attributes name them, parsed once and reported at the attribute.

use secret_store::SecretName;
use tf_plugin::{Diagnostic, Diagnostics, Value};

use crate::diagnostics::invalid;

/// The name in an attribute that is known, as it is at apply and in state.
///
/// # Errors
/// A diagnostic at the attribute.
pub(crate) fn parsed(attribute: &'static str, value: &Value<String>) -> Result<SecretName, Diagnostics> {
    SecretName::parse(value.as_str().unwrap_or_default()).map_err(|error| invalid(attribute, &error).into())
}

/// What is wrong with the name in an attribute, as far as it is known.
pub(crate) fn problem(attribute: &'static str, value: &Value<String>) -> Option<Diagnostic> {
    value.as_str().and_then(|text| SecretName::parse(text).err()).map(|error| invalid(attribute, &error))
}
