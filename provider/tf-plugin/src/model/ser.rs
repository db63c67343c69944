//! Writing a model as a tree: a serde `Serializer` whose output is [`Dynamic`].

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{self, Error as _};

use super::dynamic::DYNAMIC_NAME;
use super::error::ModelError;
use super::handover;
use crate::number::{NUMBER_NAME, Number};
use crate::path::PathStep;
use crate::secret::EXPOSED_NAME;
use crate::value::UNKNOWN_NAME;
use crate::{AttributePath, Dynamic};

/// Writes one value.
pub(super) struct Writer;

impl ser::Serializer for Writer {
    type Ok = Dynamic;
    type Error = ModelError;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = Elements;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    fn serialize_bool(self, value: bool) -> Result<Dynamic, ModelError> {
        Ok(Dynamic::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Dynamic, ModelError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<Dynamic, ModelError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Dynamic, ModelError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Dynamic, ModelError> {
        Ok(Dynamic::Number(value.into()))
    }

    fn serialize_u8(self, value: u8) -> Result<Dynamic, ModelError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<Dynamic, ModelError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Dynamic, ModelError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Dynamic, ModelError> {
        Ok(Dynamic::Number(value.into()))
    }

    fn serialize_f32(self, value: f32) -> Result<Dynamic, ModelError> {
        Number::parse(&value.to_string())
            .map(Dynamic::Number)
            .ok_or_else(|| ModelError::custom("NaN is not a number"))
    }

    fn serialize_f64(self, value: f64) -> Result<Dynamic, ModelError> {
        Number::try_from(value).map(Dynamic::Number).map_err(ModelError::custom)
    }

    fn serialize_char(self, value: char) -> Result<Dynamic, ModelError> {
        Ok(Dynamic::from(value.to_string()))
    }

    fn serialize_str(self, text: &str) -> Result<Dynamic, ModelError> {
        Ok(Dynamic::from(text))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Dynamic, ModelError> {
        Err(ModelError::custom("Terraform has no bytes; encode them as text"))
    }

    fn serialize_none(self) -> Result<Dynamic, ModelError> {
        Ok(Dynamic::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Dynamic, ModelError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Dynamic, ModelError> {
        Ok(Dynamic::Null)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Dynamic, ModelError> {
        match name {
            UNKNOWN_NAME => Ok(Dynamic::Unknown),
            EXPOSED_NAME | DYNAMIC_NAME => handover::take()
                .ok_or_else(|| ModelError::custom("a value was announced and not handed over")),
            _ => Ok(Dynamic::Null),
        }
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Dynamic, ModelError> {
        Ok(Dynamic::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Dynamic, ModelError> {
        let inner = value.serialize(Self)?;
        if name != NUMBER_NAME {
            return Ok(inner);
        }
        inner
            .as_str()
            .and_then(Number::parse)
            .map(Dynamic::Number)
            .ok_or_else(|| ModelError::custom("a number that does not read as one"))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Dynamic, ModelError> {
        let inner =
            value.serialize(Self).map_err(|error| error.inside(PathStep::Attribute(variant.to_owned())))?;
        Ok(Dynamic::object([(variant, inner)]))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Elements, ModelError> {
        Ok(Elements { elements: Vec::with_capacity(length.unwrap_or(0)), kind: Dynamic::List, variant: None })
    }

    fn serialize_tuple(self, length: usize) -> Result<Elements, ModelError> {
        Ok(Elements { elements: Vec::with_capacity(length), kind: Dynamic::Tuple, variant: None })
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Elements, ModelError> {
        self.serialize_tuple(length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Elements, ModelError> {
        Ok(Elements { elements: Vec::with_capacity(length), kind: Dynamic::Tuple, variant: Some(variant) })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, ModelError> {
        Ok(Entries { entries: BTreeMap::new(), key: None, kind: Dynamic::Map, variant: None })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, ModelError> {
        Ok(Entries { entries: BTreeMap::new(), key: None, kind: Dynamic::Object, variant: None })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries, ModelError> {
        Ok(Entries { entries: BTreeMap::new(), key: None, kind: Dynamic::Object, variant: Some(variant) })
    }
}

/// Collects a sequence.
pub(super) struct Elements {
    elements: Vec<Dynamic>,
    kind: fn(Vec<Dynamic>) -> Dynamic,
    variant: Option<&'static str>,
}

impl Elements {
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        let step = AttributePath::root().index(self.elements.len()).steps()[0].clone();
        let element = value.serialize(Writer).map_err(|error| error.inside(step))?;
        self.elements.push(element);
        Ok(())
    }

    fn finish(self) -> Dynamic {
        in_variant(self.variant, (self.kind)(self.elements))
    }
}

fn in_variant(variant: Option<&'static str>, value: Dynamic) -> Dynamic {
    match variant {
        Some(name) => Dynamic::object([(name, value)]),
        None => value,
    }
}

impl ser::SerializeSeq for Elements {
    type Ok = Dynamic;
    type Error = ModelError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        self.add(value)
    }
    fn end(self) -> Result<Dynamic, ModelError> {
        Ok(self.finish())
    }
}

impl ser::SerializeTuple for Elements {
    type Ok = Dynamic;
    type Error = ModelError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        self.add(value)
    }
    fn end(self) -> Result<Dynamic, ModelError> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleStruct for Elements {
    type Ok = Dynamic;
    type Error = ModelError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        self.add(value)
    }
    fn end(self) -> Result<Dynamic, ModelError> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleVariant for Elements {
    type Ok = Dynamic;
    type Error = ModelError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        self.add(value)
    }
    fn end(self) -> Result<Dynamic, ModelError> {
        Ok(self.finish())
    }
}

/// Collects a map or a struct.
pub(super) struct Entries {
    entries: BTreeMap<String, Dynamic>,
    key: Option<String>,
    kind: fn(BTreeMap<String, Dynamic>) -> Dynamic,
    variant: Option<&'static str>,
}

impl Entries {
    fn add<T: Serialize + ?Sized>(&mut self, name: String, value: &T) -> Result<(), ModelError> {
        let step = || PathStep::Attribute(name.clone());
        let written = value.serialize(Writer).map_err(|error| error.inside(step()))?;
        self.entries.insert(name, written);
        Ok(())
    }

    fn finish(self) -> Dynamic {
        in_variant(self.variant, (self.kind)(self.entries))
    }
}

impl ser::SerializeMap for Entries {
    type Ok = Dynamic;
    type Error = ModelError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ModelError> {
        let Dynamic::String(text) = key.serialize(Writer)? else {
            return Err(ModelError::custom("the key of a map must be a string"));
        };
        self.key = Some(text.into_string());
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        let Some(key) = self.key.take() else {
            return Err(ModelError::custom("a value was written before its key"));
        };
        self.add(key, value)
    }

    fn end(self) -> Result<Dynamic, ModelError> {
        Ok(self.finish())
    }
}

impl ser::SerializeStruct for Entries {
    type Ok = Dynamic;
    type Error = ModelError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), ModelError> {
        self.add(name.to_owned(), value)
    }
    fn end(self) -> Result<Dynamic, ModelError> {
        Ok(self.finish())
    }
}

impl ser::SerializeStructVariant for Entries {
    type Ok = Dynamic;
    type Error = ModelError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), ModelError> {
        self.add(name.to_owned(), value)
    }
    fn end(self) -> Result<Dynamic, ModelError> {
        Ok(self.finish())
    }
}
