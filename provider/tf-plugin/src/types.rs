//! The types of Terraform values (cty), and their JSON form, in which schemas and dynamic values name them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A number of any size and precision.
    Number,
    /// Text.
    String,
    /// Any type; the value carries its own.
    Dynamic,
    /// Ordered elements of one type.
    List(Box<Type>),
    /// Elements of one type without order and repetition.
    Set(Box<Type>),
    /// Elements of one type by key.
    Map(Box<Type>),
    /// A fixed number of elements, each with its type.
    Tuple(Vec<Type>),
    /// Named attributes, each with its type.
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// `list(element)`.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// `set(element)`.
    #[must_use]
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// `map(element)`.
    #[must_use]
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// `object({ name = type, … })`.
    #[must_use]
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, kind)| (name.into(), kind)).collect())
    }

    /// Whether some part of it is [`Type::Dynamic`].
    #[must_use]
    pub fn contains_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.contains_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::contains_dynamic),
            Self::Object(attributes) => attributes.values().any(Self::contains_dynamic),
        }
    }

    /// Whether it is a bool, a number or a string.
    #[must_use]
    pub const fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }
}

impl fmt::Display for Type {
    /// As a Terraform type expression, for messages: `list(string)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Dynamic => f.write_str("any"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (position, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if position > 0 { ", " } else { "" })?;
                }
                f.write_str("])")
            }
            Self::Object(attributes) => {
                f.write_str("object({")?;
                for (position, (name, kind)) in attributes.iter().enumerate() {
                    write!(f, "{}{name} = {kind}", if position > 0 { ", " } else { "" })?;
                }
                f.write_str("})")
            }
        }
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn pair<S: Serializer, T: Serialize + ?Sized>(
            serializer: S,
            kind: &str,
            of: &T,
        ) -> Result<S::Ok, S::Error> {
            let mut sequence = serializer.serialize_seq(Some(2))?;
            sequence.serialize_element(kind)?;
            sequence.serialize_element(of)?;
            sequence.end()
        }
        match self {
            Self::Bool => serializer.serialize_str("bool"),
            Self::Number => serializer.serialize_str("number"),
            Self::String => serializer.serialize_str("string"),
            Self::Dynamic => serializer.serialize_str("dynamic"),
            Self::List(element) => pair(serializer, "list", element),
            Self::Set(element) => pair(serializer, "set", element),
            Self::Map(element) => pair(serializer, "map", element),
            Self::Tuple(elements) => pair(serializer, "tuple", elements),
            Self::Object(attributes) => pair(serializer, "object", attributes),
        }
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypeVisitor)
    }
}

struct TypeVisitor;

impl<'de> Visitor<'de> for TypeVisitor {
    type Value = Type;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"a Terraform type such as "string" or ["list","string"]"#)
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Type, E> {
        match name {
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            "dynamic" => Ok(Type::Dynamic),
            other => Err(E::custom(format!("`{other}` is not a Terraform type"))),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Type, A::Error> {
        let missing = || A::Error::custom("a Terraform type has a kind and a content");
        let kind: String = sequence.next_element()?.ok_or_else(missing)?;
        let parsed = match kind.as_str() {
            "list" => Type::List(sequence.next_element()?.ok_or_else(missing)?),
            "set" => Type::Set(sequence.next_element()?.ok_or_else(missing)?),
            "map" => Type::Map(sequence.next_element()?.ok_or_else(missing)?),
            "tuple" => Type::Tuple(sequence.next_element()?.ok_or_else(missing)?),
            "object" => {
                let attributes = sequence.next_element()?.ok_or_else(missing)?;
                // A third element lists optional attributes; it matters to conversions in core, not to values.
                let _: Option<Vec<String>> = sequence.next_element()?;
                Type::Object(attributes)
            }
            other => return Err(A::Error::custom(format!("`{other}` is not a Terraform type"))),
        };
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(json: &str, shown: &str) {
        let parsed: Type = serde_json::from_str(json).unwrap();
        assert_eq!(parsed.to_string(), shown);
        assert_eq!(serde_json::to_string(&parsed).unwrap(), json);
    }

    #[test]
    fn types_have_the_json_form_of_cty() {
        round_trip(r#""string""#, "string");
        round_trip(r#"["list","dynamic"]"#, "list(any)");
        round_trip(r#"["tuple",["bool","number"]]"#, "tuple([bool, number])");
        round_trip(
            r#"["object",{"a":["map","string"],"b":["set","bool"]}]"#,
            "object({a = map(string), b = set(bool)})",
        );
    }

    #[test]
    fn optional_attributes_of_an_object_type_are_accepted() {
        let parsed: Type = serde_json::from_str(r#"["object",{"a":"string"},["a"]]"#).unwrap();
        assert_eq!(parsed, Type::object([("a", Type::String)]));
    }

    #[test]
    fn an_unknown_type_is_refused() {
        assert!(serde_json::from_str::<Type>(r#""text""#).is_err());
        assert!(serde_json::from_str::<Type>(r#"["array","string"]"#).is_err());
        assert!(serde_json::from_str::<Type>(r#"["list"]"#).is_err());
    }
}
