//! [`Dynamic`] as a model, or as a field of one: through our own format the tree passes as it is; in other formats, such
//! as JSON, it reads and writes what is natural there.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

use super::handover;
use crate::number::Form;
use crate::{Dynamic, Number};

/// By this name our own serde formats recognise a tree.
pub(crate) const DYNAMIC_NAME: &str = "$tf_plugin::Dynamic";

impl Serialize for Dynamic {
    /// Outside of this library's encoder an unknown is an error.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if handover::is_open() {
            handover::give(self.clone());
            return serializer.serialize_unit_struct(DYNAMIC_NAME);
        }
        match self.untyped() {
            Self::Null => serializer.serialize_none(),
            Self::Unknown => Err(S::Error::custom("the value is not known yet")),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => match number.form() {
                Form::Integer(value) => serializer.serialize_i64(*value),
                Form::Unsigned(value) => serializer.serialize_u64(*value),
                _ => serializer.serialize_f64(number.to_f64()),
            },
            Self::String(text) => serializer.serialize_str(text.as_str()),
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => {
                serializer.collect_seq(elements)
            }
            Self::Map(entries) | Self::Object(entries) => serializer.collect_map(entries),
            Self::Typed(typed) => typed.1.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Dynamic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(DYNAMIC_NAME, DynamicVisitor)
    }
}

struct DynamicVisitor;

impl<'de> Visitor<'de> for DynamicVisitor {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of any type")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Dynamic, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Dynamic, E> {
        // Our own reader has handed the tree over; any other format means null.
        Ok(handover::take().unwrap_or_default())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Dynamic, E> {
        Ok(Dynamic::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Dynamic, E> {
        Ok(Dynamic::Number(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Dynamic, E> {
        Ok(Dynamic::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Dynamic, E> {
        Number::try_from(value).map(Dynamic::Number).map_err(E::custom)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Dynamic, E> {
        Ok(Dynamic::from(text))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Dynamic, E> {
        Ok(Dynamic::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Dynamic, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Dynamic::Tuple(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Dynamic, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((name, value)) = map.next_entry()? {
            entries.insert(name, value);
        }
        Ok(Dynamic::Object(entries))
    }
}
