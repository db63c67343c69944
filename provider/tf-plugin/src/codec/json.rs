//! JSON of the state file to trees, by type. Attributes the type does not know are dropped: they were removed from the
//! schema. Missing ones become null. Numbers keep all their digits.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{CodecError, MAX_DEPTH};
use crate::{Dynamic, Number, Type};

/// Reads one value of the type.
pub(crate) fn decode_json(json: &[u8], kind: &Type) -> Result<Dynamic, CodecError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value =
        Seed { kind, depth: 0 }.deserialize(&mut deserializer).map_err(|error| without_content(&error))?;
    deserializer.end().map_err(|error| without_content(&error))?;
    Ok(value)
}

/// The texts of serde_json may quote a value; its position does not.
fn without_content(error: &serde_json::Error) -> CodecError {
    CodecError::new(format!(
        "the JSON does not fit the schema (line {}, column {})",
        error.line(),
        error.column()
    ))
}

#[derive(Clone, Copy)]
struct Seed<'t> {
    kind: &'t Type,
    depth: usize,
}

impl<'t> Seed<'t> {
    fn of(self, kind: &'t Type) -> Self {
        Seed { kind, depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Dynamic;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Dynamic, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(D::Error::custom("nested too deeply"));
        }
        if *self.kind == Type::Number {
            let raw: Option<&RawValue> = Option::deserialize(deserializer)?;
            let Some(raw) = raw.map(RawValue::get).filter(|text| *text != "null") else {
                return Ok(Dynamic::Null);
            };
            // Numbers beyond what JSON readers can hold are written as strings.
            let text = raw.trim_matches('"');
            return Number::parse(text).map(Dynamic::Number).ok_or_else(|| D::Error::custom("not a number"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Dynamic, E> {
        if *self.kind == Type::Bool { Ok(Dynamic::Bool(value)) } else { Err(E::custom("a bool")) }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Dynamic, E> {
        match self.kind {
            Type::String => Ok(Dynamic::from(text)),
            // Terraform's own conversions between primitive types also accept these.
            Type::Bool if text == "true" => Ok(Dynamic::Bool(true)),
            Type::Bool if text == "false" => Ok(Dynamic::Bool(false)),
            _ => Err(E::custom("a string")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Dynamic, A::Error> {
        let mut elements = Vec::new();
        match self.kind {
            Type::List(element) | Type::Set(element) => {
                while let Some(value) = sequence.next_element_seed(self.of(element))? {
                    elements.push(value);
                }
                let kind = if matches!(self.kind, Type::List(_)) { Dynamic::List } else { Dynamic::Set };
                Ok(kind(elements))
            }
            Type::Tuple(kinds) => {
                for kind in kinds {
                    let Some(value) = sequence.next_element_seed(self.of(kind))? else {
                        return Err(A::Error::custom("a tuple is too short"));
                    };
                    elements.push(value);
                }
                if sequence.next_element::<IgnoredAny>()?.is_some() {
                    return Err(A::Error::custom("a tuple is too long"));
                }
                Ok(Dynamic::Tuple(elements))
            }
            _ => Err(A::Error::custom("a sequence")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Dynamic, A::Error> {
        let mut entries = BTreeMap::new();
        match self.kind {
            Type::Map(element) => {
                while let Some(key) = map.next_key::<String>()? {
                    entries.insert(key, map.next_value_seed(self.of(element))?);
                }
                Ok(Dynamic::Map(entries))
            }
            Type::Object(attributes) => {
                while let Some(name) = map.next_key::<String>()? {
                    match attributes.get(&name) {
                        Some(kind) => {
                            let value = map.next_value_seed(self.of(kind))?;
                            entries.insert(name, value);
                        }
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                for name in attributes.keys() {
                    entries.entry(name.clone()).or_insert(Dynamic::Null);
                }
                Ok(Dynamic::Object(entries))
            }
            Type::Dynamic => typed(self, map),
            _ => Err(A::Error::custom("a map or an object")),
        }
    }
}

/// A value of dynamic type is `{"type": …, "value": …}`, in either order.
fn typed<'de, A: MapAccess<'de>>(seed: Seed<'_>, mut map: A) -> Result<Dynamic, A::Error> {
    let mut kind: Option<Type> = None;
    let mut value: Option<&'de RawValue> = None;
    while let Some(name) = map.next_key::<String>()? {
        match name.as_str() {
            "type" => kind = Some(map.next_value()?),
            "value" => value = Some(map.next_value()?),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
    }
    let (Some(kind), Some(value)) = (kind, value) else {
        return Err(A::Error::custom("a dynamic value has a type and a value"));
    };
    let mut deserializer = serde_json::Deserializer::from_str(value.get());
    let inner = seed
        .of(&kind)
        .deserialize(&mut deserializer)
        .map_err(|_| A::Error::custom("a dynamic value does not fit its type"))?;
    Ok(if inner.is_null() { Dynamic::Null } else { Dynamic::Typed(Box::new((kind, inner))) })
}
