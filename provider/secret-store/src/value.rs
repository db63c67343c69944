//! The one type a secret value lives in: wiped on drop, silent in Debug, compared in constant time, not printable
//! and not serialisable. Its bytes leave it only through [`SecretValue::expose`], which clippy forbids except where
//! a reason stands beside the call.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret value: any bytes, usually UTF-8 text.
#[derive(Clone)]
pub struct SecretValue {
    bytes: Zeroizing<Vec<u8>>,
}

impl SecretValue {
    /// Takes the bytes over; they are wiped when the value is dropped.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Zeroizing::new(bytes) }
    }

    /// Takes a text over without copying it.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        Self::new(text.into_bytes())
    }

    /// The bytes. For a store's request, the cipher and the wire encoder only; forbidden by `clippy.toml` elsewhere.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as text, or `None` for a binary value. Forbidden by `clippy.toml` like [`SecretValue::expose`].
    #[must_use]
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// Number of bytes; stores have limits on it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// True for a value of no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// Constant-time in the bytes; the length is not hidden.
impl PartialEq for SecretValue {
    fn eq(&self, other: &Self) -> bool {
        self.bytes.as_slice().ct_eq(other.bytes.as_slice()).into()
    }
}

impl Eq for SecretValue {}

impl From<Zeroizing<Vec<u8>>> for SecretValue {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes }
    }
}

impl<'de> Deserialize<'de> for SecretValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;

        impl Visitor<'_> for ValueVisitor {
            type Value = SecretValue;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a secret text or bytes")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretValue, E> {
                Ok(SecretValue::new(text.as_bytes().to_vec()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<SecretValue, E> {
                Ok(SecretValue::from_text(text))
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<SecretValue, E> {
                Ok(SecretValue::new(bytes.to_vec()))
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<SecretValue, E> {
                Ok(SecretValue::new(bytes))
            }
        }

        deserializer.deserialize_string(ValueVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let value = SecretValue::from_text("hunter2-sentinel".to_owned());
        assert_eq!(format!("{value:?} {:#?}", Some(&value)), "[redacted] Some(\n    [redacted],\n)");
    }

    #[test]
    fn equality_looks_at_bytes_and_length() {
        let value = |text: &str| SecretValue::from_text(text.to_owned());
        assert_eq!(value("same"), value("same"));
        assert_ne!(value("same"), value("sama"));
        assert_ne!(value("same"), value("same "));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test looks at what deserialising kept")]
    fn deserialises_from_text() {
        let value: SecretValue = serde_json::from_str(r#""pä\nss""#).unwrap();
        assert_eq!(value.expose(), "pä\nss".as_bytes());
    }

    #[test]
    fn a_wrong_type_is_refused_without_showing_it() {
        let error = serde_json::from_str::<SecretValue>("[1]").unwrap_err();
        assert!(error.to_string().contains("expected a secret text or bytes"), "{error}");
    }
}
