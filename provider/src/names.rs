//! Secrets as attributes name them, parsed once and reported at the attribute.

use secret_store::SecretName;
use secret_store::aws::Arn;
use tf_plugin::{Diagnostic, Diagnostics, Value};

use crate::diagnostics::{invalid, wrong};

/// The name in an attribute that is known, as it is at apply and in state.
///
/// # Errors
/// A diagnostic at the attribute.
pub(crate) fn parsed(attribute: &'static str, value: &Value<String>) -> Result<SecretName, Diagnostics> {
    Ok(parse(attribute, value.as_str().unwrap_or_default())?)
}

/// What is wrong with the name in an attribute, as far as it is known.
pub(crate) fn problem(attribute: &'static str, value: &Value<String>) -> Option<Diagnostic> {
    value.as_str().and_then(|text| parse(attribute, text).err())
}

fn parse(attribute: &'static str, text: &str) -> Result<SecretName, Diagnostic> {
    if Arn::parse(text).is_some() {
        let instead = match attribute {
            "name" => "write its name; to manage an existing secret, import it, by its ARN or its name",
            _ => "write its name, or the `id` of its resource (`secret.NAME.id`)",
        };
        return Err(wrong(
            attribute,
            format!("`{text}` is an ARN, and a secret goes by its name here: {instead}"),
        ));
    }
    SecretName::parse(text).map_err(|error| invalid(attribute, &error))
}
