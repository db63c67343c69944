//! Texts as attributes have them.

use tf_plugin::Value;

/// A known text.
pub(crate) fn known(text: impl Into<String>) -> Value<String> {
    Value::Known(text.into())
}
