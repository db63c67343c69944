//! Reading a model from a tree: a serde `Deserializer` over [`Dynamic`].

use std::collections::btree_map;
use std::vec;

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::dynamic::DYNAMIC_NAME;
use super::error::ModelError;
use super::handover;
use crate::Dynamic;
use crate::number::{Form, NUMBER_NAME, Number};
use crate::path::PathStep;
use crate::value::VALUE_NAME;

/// A tree being read.
pub(super) struct Reader(pub(super) Dynamic);

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, ModelError> {
    match number.form() {
        Form::Integer(value) => visitor.visit_i64(*value),
        Form::Unsigned(value) => visitor.visit_u64(*value),
        _ => visitor.visit_f64(number.to_f64()),
    }
}

impl<'de> Deserializer<'de> for Reader {
    type Error = ModelError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        match self.0.into_untyped() {
            Dynamic::Null => visitor.visit_unit(),
            Dynamic::Unknown => Err(ModelError::unknown()),
            Dynamic::Bool(value) => visitor.visit_bool(value),
            Dynamic::Number(number) => visit_number(&number, visitor),
            Dynamic::String(text) => visitor.visit_string(text.into_string()),
            Dynamic::List(elements) | Dynamic::Set(elements) | Dynamic::Tuple(elements) => {
                visitor.visit_seq(Elements { elements: elements.into_iter(), position: 0 })
            }
            Dynamic::Map(entries) => visitor.visit_map(Entries::new(entries, PathStep::Key)),
            Dynamic::Object(entries) => visitor.visit_map(Entries::new(entries, PathStep::Attribute)),
            // `into_untyped` leaves none.
            Dynamic::Typed(_) => Err(ModelError::custom("a typed value inside a typed value")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        match self.0.untyped() {
            Dynamic::Null => visitor.visit_none(),
            Dynamic::Unknown => Err(ModelError::unknown()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ModelError> {
        match (name, self.0.untyped()) {
            (VALUE_NAME, Dynamic::Null) => visitor.visit_unit(),
            (VALUE_NAME, Dynamic::Unknown) => visitor.visit_none(),
            (NUMBER_NAME, Dynamic::Number(number)) => visitor.visit_str(&number.to_string()),
            (NUMBER_NAME, Dynamic::Unknown) => Err(ModelError::unknown()),
            (NUMBER_NAME, Dynamic::String(_)) => {
                Err(ModelError::invalid_type(Unexpected::Str(""), &"a number"))
            }
            (NUMBER_NAME, _) => self.deserialize_any(visitor),
            (DYNAMIC_NAME, _) => {
                handover::give(self.0);
                visitor.visit_unit()
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        match self.0.untyped() {
            Dynamic::Number(number) => visitor.visit_f64(number.to_f64()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ModelError> {
        match self.0.into_untyped() {
            Dynamic::String(text) => {
                let plain: StringDeserializer<ModelError> = text.into_string().into_deserializer();
                plain.deserialize_enum(name, variants, visitor)
            }
            Dynamic::Unknown => Err(ModelError::unknown()),
            Dynamic::Null => Err(ModelError::invalid_type(Unexpected::Unit, &"a string")),
            _ => Err(ModelError::invalid_type(Unexpected::Map, &"a string")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char str string bytes byte_buf unit_struct
        seq tuple tuple_struct map struct identifier
    }
}

struct Elements {
    elements: vec::IntoIter<Dynamic>,
    position: i64,
}

impl<'de> SeqAccess<'de> for Elements {
    type Error = ModelError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ModelError> {
        let Some(element) = self.elements.next() else { return Ok(None) };
        let position = self.position;
        self.position += 1;
        seed.deserialize(Reader(element)).map(Some).map_err(|error| error.inside(PathStep::Index(position)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len())
    }
}

struct Entries {
    entries: btree_map::IntoIter<String, Dynamic>,
    current: Option<(String, Dynamic)>,
    step: fn(String) -> PathStep,
}

impl Entries {
    fn new(entries: std::collections::BTreeMap<String, Dynamic>, step: fn(String) -> PathStep) -> Self {
        Self { entries: entries.into_iter(), current: None, step }
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = ModelError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ModelError> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        let key: StringDeserializer<ModelError> = name.clone().into_deserializer();
        let read = seed.deserialize(key).map_err(|error| error.inside((self.step)(name.clone())))?;
        self.current = Some((name, value));
        Ok(Some(read))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ModelError> {
        let Some((name, value)) = self.current.take() else {
            return Err(ModelError::custom("a value was read before its name"));
        };
        seed.deserialize(Reader(value)).map_err(|error| error.inside((self.step)(name)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}
