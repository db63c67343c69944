//! The tree every Terraform value is, whatever its type. Wire bytes become this tree, the tree becomes a model, and back.
//! Strings in it are erased from memory when dropped, and `Debug` shows the shape only: values may be secrets.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use crate::{Number, Type};

/// A string of a value: erased from memory on drop, not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Text(Zeroizing<String>);

impl Text {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text itself, no longer erased on drop: the new owner answers for it.
    #[must_use]
    pub fn into_string(mut self) -> String {
        std::mem::take(&mut *self.0)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A value of any type. Also a model on its own, for objects whose schema is only known at run time.
///
/// Equality is that of Terraform: the order of a set does not matter, nor does the type a dynamic value came with.
#[derive(Clone, Default)]
pub enum Dynamic {
    /// Not set.
    #[default]
    Null,
    /// Decided later.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(Text),
    /// Ordered elements of one type.
    List(Vec<Dynamic>),
    /// Elements of one type; their order means nothing.
    Set(Vec<Dynamic>),
    /// Ordered elements, each of its own type.
    Tuple(Vec<Dynamic>),
    /// Elements of one type by key.
    Map(BTreeMap<String, Dynamic>),
    /// Attributes by name.
    Object(BTreeMap<String, Dynamic>),
    /// A value where the schema says "any type", together with the type it came with. Returned as it is, its type
    /// survives; the accessors below look through it.
    Typed(Box<(Type, Dynamic)>),
}

impl Dynamic {
    /// The value without the type it came with.
    #[must_use]
    pub fn untyped(&self) -> &Self {
        match self {
            Self::Typed(typed) => typed.1.untyped(),
            other => other,
        }
    }

    /// The value itself, without the type it came with.
    #[must_use]
    pub fn into_untyped(self) -> Self {
        match self {
            Self::Typed(typed) => typed.1.into_untyped(),
            other => other,
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.untyped(), Self::Null)
    }

    /// Whether it is unknown (itself; see [`Dynamic::is_wholly_known`] for its parts).
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.untyped(), Self::Unknown)
    }

    /// Whether neither it nor any part of it is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self.untyped() {
            Self::Unknown => false,
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Map(entries) | Self::Object(entries) => entries.values().all(Self::is_wholly_known),
            _ => true,
        }
    }

    /// The text, if it is a known string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self.untyped() {
            Self::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The truth value, if it is a known bool.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.untyped() {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is a known number.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match self.untyped() {
            Self::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if it is a known list, set or tuple.
    #[must_use]
    pub fn as_elements(&self) -> Option<&[Self]> {
        match self.untyped() {
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => Some(elements),
            _ => None,
        }
    }

    /// The entries, if it is a known map or object.
    #[must_use]
    pub fn as_entries(&self) -> Option<&BTreeMap<String, Self>> {
        match self.untyped() {
            Self::Map(entries) | Self::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The attribute or map entry of this name, if it is a known object or map that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_entries()?.get(name)
    }

    /// The attribute or map entry of this name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        match self {
            Self::Map(entries) | Self::Object(entries) => entries.get_mut(name),
            Self::Typed(typed) => typed.1.get_mut(name),
            _ => None,
        }
    }

    /// An object with these attributes.
    #[must_use]
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// Every unknown in it made null, as Terraform itself does with the result of a failed apply.
    #[must_use]
    pub(crate) fn unknown_as_null(self) -> Self {
        let each = |elements: Vec<Self>| elements.into_iter().map(Self::unknown_as_null).collect();
        let entry = |entries: BTreeMap<String, Self>| {
            entries.into_iter().map(|(name, value)| (name, value.unknown_as_null())).collect()
        };
        match self {
            Self::Unknown => Self::Null,
            Self::List(elements) => Self::List(each(elements)),
            Self::Set(elements) => Self::Set(each(elements)),
            Self::Tuple(elements) => Self::Tuple(each(elements)),
            Self::Map(entries) => Self::Map(entry(entries)),
            Self::Object(entries) => Self::Object(entry(entries)),
            Self::Typed(typed) => Self::Typed(Box::new((typed.0, typed.1.unknown_as_null()))),
            other => other,
        }
    }

    /// What kind of value it is, for messages; never the value.
    #[must_use]
    pub(crate) fn kind(&self) -> &'static str {
        match self.untyped() {
            Self::Null => "null",
            Self::Unknown => "an unknown",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Tuple(_) => "a tuple",
            Self::Map(_) => "a map",
            Self::Object(_) | Self::Typed(_) => "an object",
        }
    }
}

impl PartialEq for Dynamic {
    fn eq(&self, other: &Self) -> bool {
        match (self.untyped(), other.untyped()) {
            (Self::Null, Self::Null) | (Self::Unknown, Self::Unknown) => true,
            (Self::Bool(one), Self::Bool(two)) => one == two,
            (Self::Number(one), Self::Number(two)) => one == two,
            (Self::String(one), Self::String(two)) => one == two,
            (Self::Set(one), Self::Set(two)) => {
                one.len() == two.len()
                    && (one.iter().eq(two) || one.iter().all(|element| two.contains(element)))
            }
            (Self::List(one), Self::List(two)) | (Self::Tuple(one), Self::Tuple(two)) => one == two,
            (Self::Map(one), Self::Map(two)) | (Self::Object(one), Self::Object(two)) => one == two,
            _ => false,
        }
    }
}

impl From<&str> for Dynamic {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Dynamic {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<bool> for Dynamic {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Dynamic {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Number> for Dynamic {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl fmt::Debug for Dynamic {
    /// The shape: attribute names and kinds of values. No string, number or map key is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Unknown => f.write_str("Unknown"),
            Self::Bool(_) => f.write_str("Bool([redacted])"),
            Self::Number(_) => f.write_str("Number([redacted])"),
            Self::String(_) => f.write_str("String([redacted])"),
            Self::List(elements) => f.debug_tuple("List").field(elements).finish(),
            Self::Set(elements) => f.debug_tuple("Set").field(elements).finish(),
            Self::Tuple(elements) => f.debug_tuple("Tuple").field(elements).finish(),
            Self::Map(entries) => write!(f, "Map({} entries)", entries.len()),
            Self::Object(attributes) => f.debug_tuple("Object").field(attributes).finish(),
            Self::Typed(typed) => f.debug_tuple("Typed").field(&typed.1).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_shape_and_no_value() {
        let value = Dynamic::object([
            ("name", Dynamic::from("SENTINEL")),
            ("pin", Dynamic::from(4711_i64)),
            ("tags", Dynamic::Map(BTreeMap::from([("SENTINEL".to_owned(), Dynamic::from("SENTINEL"))]))),
        ]);
        let shown = format!("{value:?}");
        assert_eq!(
            shown,
            r#"Object({"name": String([redacted]), "pin": Number([redacted]), "tags": Map(1 entries)})"#
        );
    }

    #[test]
    fn an_unknown_part_makes_the_whole_not_wholly_known() {
        assert!(!Dynamic::List(vec![Dynamic::object([("a", Dynamic::Unknown)])]).is_wholly_known());
        assert!(Dynamic::List(vec![Dynamic::Null]).is_wholly_known());
    }
}
