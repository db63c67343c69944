//! `Value<T>`: what an attribute may be in Terraform. Known, null (not set), or unknown (decided later, as in
//! "known after apply"). They are three different things, and mixing them up is the most common bug of a provider.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error as _, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// By this name our own deserialiser recognises a [`Value`]; see `model::de`.
pub(crate) const VALUE_NAME: &str = "$tf_plugin::Value";
/// By this name our own serialiser recognises an unknown; see `model::ser`.
pub(crate) const UNKNOWN_NAME: &str = "$tf_plugin::Unknown";

/// A known value, null, or a value that is not known yet.
///
/// In a model (a serde struct), every attribute the user may write is a `Value<T>`: during validate and plan Terraform
/// sends unknowns. `T` is what serde can read: `String`, `bool`, `i64`, `f64`, [`Number`](crate::Number),
/// [`Dynamic`](crate::Dynamic), `Vec<T>`, `BTreeMap<String, T>`, `BTreeSet<T>`, another model.
///
/// `Value` does not work below serde's `flatten` and `untagged`, which read through a buffer of serde's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Value<T> {
    /// A value.
    Known(T),
    /// Not set, or set to `null`. As a write-only attribute outside of configuration: always this.
    #[default]
    Null,
    /// Decided later. Never in state, never during apply's result.
    Unknown,
}

impl<T> Value<T> {
    /// The value, if it is known and not null.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value itself, if it is known and not null.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Whether there is a value.
    pub const fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// Whether it is not set.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it will only be known later.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The same, by reference.
    pub const fn as_ref(&self) -> Value<&T> {
        match self {
            Self::Known(value) => Value::Known(value),
            Self::Null => Value::Null,
            Self::Unknown => Value::Unknown,
        }
    }

    /// The same with another value inside; null and unknown stay what they are.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Value<U> {
        match self {
            Self::Known(value) => Value::Known(change(value)),
            Self::Null => Value::Null,
            Self::Unknown => Value::Unknown,
        }
    }

    /// Marks the value as decided later: in a plan, "known after apply".
    pub fn set_unknown(&mut self) {
        *self = Self::Unknown;
    }

    /// `Some` for known, `None` for null.
    ///
    /// # Errors
    /// [`StillUnknown`] when it is not known yet: not possible during apply and read.
    pub fn to_option(self) -> Result<Option<T>, StillUnknown> {
        match self {
            Self::Known(value) => Ok(Some(value)),
            Self::Null => Ok(None),
            Self::Unknown => Err(StillUnknown),
        }
    }
}

impl Value<String> {
    /// A known text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Known(text.into())
    }

    /// The text, if it is known and not null.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.known().map(String::as_str)
    }
}

impl<T: PartialEq> Value<T> {
    /// Whether `planned` will certainly differ from this prior value: both are decided and they are not the same.
    /// An unknown planned value *may* differ; ask [`Value::is_unknown`] for it.
    pub fn certainly_differs_from(&self, planned: &Self) -> bool {
        !self.is_unknown() && !planned.is_unknown() && self != planned
    }
}

/// A value was asked for that Terraform has not decided yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not known yet")]
pub struct StillUnknown;

impl<T> From<T> for Value<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> Value<T> {
    /// `Some` becomes known, `None` becomes null.
    pub fn from_option(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl<T: Serialize> Serialize for Value<T> {
    /// Outside of this library's encoder (say, to JSON) null and unknown both become null.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Null => serializer.serialize_none(),
            Self::Unknown => serializer.serialize_unit_struct(UNKNOWN_NAME),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Value<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE_NAME, ValueVisitor(PhantomData))
    }
}

/// Our deserialiser answers a request for `VALUE_NAME` with a newtype (known), a unit (null) or a none (unknown).
/// Other formats, such as JSON, always answer with a newtype, hence the `Option` inside.
struct ValueVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ValueVisitor<T> {
    type Value = Value<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, null or an unknown")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Ok(Value::from_option(Option::deserialize(deserializer)?))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Unknown)
    }

    fn visit_some<D: Deserializer<'de>>(self, _: D) -> Result<Self::Value, D::Error> {
        Err(D::Error::custom("a value, null or an unknown was expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reads_and_writes_plain_json() {
        let known: Value<String> = serde_json::from_str("\"a\"").unwrap();
        assert_eq!(known, Value::Known("a".to_owned()));
        let null: Value<String> = serde_json::from_str("null").unwrap();
        assert_eq!(null, Value::Null);
        assert_eq!(serde_json::to_string(&known).unwrap(), "\"a\"");
    }

    #[test]
    fn a_missing_attribute_is_not_null() {
        #[derive(Deserialize, Debug)]
        struct Model {
            #[expect(dead_code, reason = "only its absence matters")]
            name: Value<String>,
        }
        assert!(serde_json::from_str::<Model>("{}").is_err());
    }

    #[test]
    fn only_two_decided_values_can_certainly_differ() {
        let a = Value::text("a");
        assert!(a.certainly_differs_from(&Value::text("b")));
        assert!(a.certainly_differs_from(&Value::Null));
        assert!(!a.certainly_differs_from(&Value::Unknown));
        assert!(!a.certainly_differs_from(&Value::text("a")));
    }
}
