//! Fields of a model that hold confidential text: `WriteOnly<T>` goes from the configuration to the provider and never
//! back, `Exposed<T>` goes from the provider to Terraform (an ephemeral result) and nowhere else.
//!
//! `T` is the caller's own type. It needs `Deserialize` to be read from configuration and [`WireSecret`] to be sent to
//! Terraform; it needs no `Serialize`, so that a secret cannot be written to JSON or a log by accident.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};

use crate::Value;
use crate::dynamic::{Dynamic, Text};
use crate::model::handover;

/// By this name our own serialiser recognises an [`Exposed`].
pub(crate) const EXPOSED_NAME: &str = "$tf_plugin::Exposed";

/// A write-only attribute of a model: present in configuration (validate, plan, create, update), null everywhere else,
/// and always null when serialised, by whatever format. `Debug` shows only whether it is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WriteOnly<T>(Value<T>);

impl<T> WriteOnly<T> {
    /// The value, to read.
    pub fn value(&self) -> &Value<T> {
        &self.0
    }

    /// The value, to keep.
    pub fn into_value(self) -> Value<T> {
        self.0
    }

    /// The value, if it is known and not null.
    pub fn known(&self) -> Option<&T> {
        self.0.known()
    }

    /// Whether the user left it out.
    pub fn is_null(&self) -> bool {
        self.0.is_null()
    }

    /// Whether it will only be known at apply. Ephemeral values mostly are, at plan.
    pub fn is_unknown(&self) -> bool {
        self.0.is_unknown()
    }
}

impl<T> Default for WriteOnly<T> {
    fn default() -> Self {
        Self(Value::Null)
    }
}

impl<T> From<Value<T>> for WriteOnly<T> {
    fn from(value: Value<T>) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for WriteOnly<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redacted(&self.0, "WriteOnly", f)
    }
}

impl<T> Serialize for WriteOnly<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for WriteOnly<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}

/// A secret type of the caller that may be sent to Terraform inside an [`Exposed`] field.
///
/// The method can only be called by this library, as nobody else can make a [`WireSink`]: implementing the trait does
/// not open a way to read the secret.
pub trait WireSecret {
    /// Hands the secret's text to the encoder.
    ///
    /// # Errors
    /// [`NotText`] when the secret is not UTF-8: Terraform has no other strings.
    fn send_to(&self, sink: &mut WireSink) -> Result<(), NotText>;
}

/// Takes the text of one secret on its way to Terraform. Only this library makes one.
pub struct WireSink {
    text: Text,
}

impl WireSink {
    /// The whole text of the secret.
    pub fn send(&mut self, text: &str) {
        self.text = text.into();
    }
}

/// The secret is not UTF-8 text, and Terraform has no other strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is not UTF-8 text")]
pub struct NotText;

/// A secret in a result for Terraform: a computed attribute of an ephemeral resource. It serialises only into this
/// library's encoder; any other format gets an error. `Debug` shows only whether it is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Exposed<T>(Value<T>);

impl<T> Exposed<T> {
    /// A secret for Terraform.
    pub fn new(secret: T) -> Self {
        Self(Value::Known(secret))
    }

    /// The value, to read.
    pub fn value(&self) -> &Value<T> {
        &self.0
    }

    /// The value, to keep.
    pub fn into_value(self) -> Value<T> {
        self.0
    }
}

impl<T> Default for Exposed<T> {
    fn default() -> Self {
        Self(Value::Null)
    }
}

impl<T> From<Value<T>> for Exposed<T> {
    fn from(value: Value<T>) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Exposed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redacted(&self.0, "Exposed", f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Exposed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}

impl<T: WireSecret> Serialize for Exposed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Known(secret) => {
                let mut sink = WireSink { text: Text::default() };
                secret.send_to(&mut sink).map_err(S::Error::custom)?;
                if !handover::give(Dynamic::String(sink.text)) {
                    return Err(S::Error::custom("a secret is only serialised to Terraform"));
                }
                serializer.serialize_unit_struct(EXPOSED_NAME)
            }
            Value::Null => Value::<()>::Null.serialize(serializer),
            Value::Unknown => Value::<()>::Unknown.serialize(serializer),
        }
    }
}

fn redacted<T>(value: &Value<T>, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let state = match value {
        Value::Known(_) => "[redacted]",
        Value::Null => "Null",
        Value::Unknown => "Unknown",
    };
    write!(f, "{name}({state})")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Password(&'static str);

    impl WireSecret for Password {
        fn send_to(&self, sink: &mut WireSink) -> Result<(), NotText> {
            sink.send(self.0);
            Ok(())
        }
    }

    #[test]
    fn an_exposed_secret_does_not_become_json() {
        assert!(serde_json::to_string(&Exposed::new(Password("SENTINEL"))).is_err());
    }

    #[test]
    fn even_inside_the_encoder_another_format_sees_no_secret() {
        let _open = handover::Open::new();
        assert_eq!(serde_json::to_string(&Exposed::new(Password("SENTINEL"))).unwrap(), "null");
        assert_eq!(handover::take(), Some(Dynamic::from("SENTINEL")));
    }

    #[test]
    fn a_write_only_value_is_null_in_every_format_and_redacted_in_debug() {
        let field: WriteOnly<String> = serde_json::from_str("\"SENTINEL\"").unwrap();
        assert_eq!(field.known().map(String::as_str), Some("SENTINEL"));
        assert_eq!(serde_json::to_string(&field).unwrap(), "null");
        assert_eq!(format!("{field:?}"), "WriteOnly([redacted])");
    }
}
