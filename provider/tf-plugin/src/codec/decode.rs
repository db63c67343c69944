//! MessagePack to trees.
//!
//! Unknown is extension 0; extension 12 is an unknown with refinements ("not null", "starts with …"), which are hints
//! and dropped here. A value of dynamic type is a pair of its type, as JSON in a binary string, and the value.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode::{self, Bytes};

use super::{CodecError, MAX_DEPTH};
use crate::path::PathStep;
use crate::{Dynamic, Number, Type};

/// Reads one value of the type; all bytes must be used.
pub(crate) fn decode_msgpack(bytes: &[u8], kind: &Type) -> Result<Dynamic, CodecError> {
    let mut reader = Reader { bytes: Bytes::new(bytes), depth: 0 };
    let value = reader.value(kind)?;
    if reader.bytes.remaining_slice().is_empty() {
        Ok(value)
    } else {
        Err(CodecError::new("there are bytes after the value"))
    }
}

struct Reader<'a> {
    bytes: Bytes<'a>,
    depth: usize,
}

fn truncated<E>(_: E) -> CodecError {
    CodecError::new("the MessagePack data is truncated or malformed")
}

impl<'a> Reader<'a> {
    fn value(&mut self, kind: &Type) -> Result<Dynamic, CodecError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(CodecError::new("the value is nested too deeply"));
        }
        let value = self.value_at_depth(kind);
        self.depth -= 1;
        value
    }

    fn value_at_depth(&mut self, kind: &Type) -> Result<Dynamic, CodecError> {
        let marker = self.peek()?;
        if marker == Marker::Null {
            decode::read_nil(&mut self.bytes).map_err(truncated)?;
            return Ok(Dynamic::Null);
        }
        if self.skip_extension(marker)? {
            return Ok(Dynamic::Unknown);
        }
        match kind {
            Type::Bool => {
                decode::read_bool(&mut self.bytes).map(Dynamic::Bool).map_err(|_| expected("a bool"))
            }
            Type::Number => self.number(marker),
            Type::String => Ok(Dynamic::from(self.string()?)),
            Type::List(element) => self.elements(element).map(Dynamic::List),
            Type::Set(element) => self.elements(element).map(Dynamic::Set),
            Type::Map(element) => {
                let entries = self.entries(|reader, key| {
                    let value =
                        reader.value(element).map_err(|error| error.inside(PathStep::Key(key.to_owned())))?;
                    Ok(value)
                })?;
                Ok(Dynamic::Map(entries))
            }
            Type::Tuple(kinds) => self.tuple(kinds),
            Type::Object(attributes) => self.object(attributes),
            Type::Dynamic => self.typed(),
        }
    }

    fn peek(&self) -> Result<Marker, CodecError> {
        self.bytes.remaining_slice().first().map(|byte| Marker::from_u8(*byte)).ok_or_else(|| truncated(()))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], CodecError> {
        let rest = self.bytes.remaining_slice();
        let taken = rest.get(..length).ok_or_else(|| truncated(()))?;
        self.bytes = Bytes::new(&rest[length..]);
        Ok(taken)
    }

    /// Skips an extension value of any kind; `true` if there was one.
    fn skip_extension(&mut self, marker: Marker) -> Result<bool, CodecError> {
        let is_extension = matches!(
            marker,
            Marker::FixExt1
                | Marker::FixExt2
                | Marker::FixExt4
                | Marker::FixExt8
                | Marker::FixExt16
                | Marker::Ext8
                | Marker::Ext16
                | Marker::Ext32
        );
        if is_extension {
            let meta = decode::read_ext_meta(&mut self.bytes).map_err(truncated)?;
            self.take(usize::try_from(meta.size).map_err(truncated)?)?;
        }
        Ok(is_extension)
    }

    fn string(&mut self) -> Result<String, CodecError> {
        let length = decode::read_str_len(&mut self.bytes).map_err(|_| expected("a string"))?;
        let bytes = self.take(usize::try_from(length).map_err(truncated)?)?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| CodecError::new("a string is not UTF-8"))
    }

    /// A number comes as an integer, a float (its exact value) or a decimal string.
    fn number(&mut self, marker: Marker) -> Result<Dynamic, CodecError> {
        let number = match marker {
            Marker::F32 => {
                let value = decode::read_f32(&mut self.bytes).map_err(truncated)?;
                Number::from_exact_f64(value.into())
            }
            Marker::F64 => Number::from_exact_f64(decode::read_f64(&mut self.bytes).map_err(truncated)?),
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                Number::parse(&self.string()?)
            }
            Marker::U64 => {
                let value: u64 = decode::read_int(&mut self.bytes).map_err(truncated)?;
                Some(Number::from(value))
            }
            _ => {
                let value: i64 = decode::read_int(&mut self.bytes).map_err(|_| expected("a number"))?;
                Some(Number::from(value))
            }
        };
        number.map(Dynamic::Number).ok_or_else(|| CodecError::new("a number cannot be read"))
    }

    fn array_length(&mut self) -> Result<usize, CodecError> {
        let length = decode::read_array_len(&mut self.bytes).map_err(|_| expected("a list, set or tuple"))?;
        usize::try_from(length).map_err(truncated)
    }

    fn elements(&mut self, kind: &Type) -> Result<Vec<Dynamic>, CodecError> {
        let length = self.array_length()?;
        // A length is only a claim: memory is taken as elements arrive.
        let mut elements = Vec::with_capacity(length.min(1024));
        for index in 0..length {
            elements.push(self.value(kind).map_err(|error| error.inside(index_step(index)))?);
        }
        Ok(elements)
    }

    fn tuple(&mut self, kinds: &[Type]) -> Result<Dynamic, CodecError> {
        if self.array_length()? != kinds.len() {
            return Err(expected(&format!("a tuple of {} elements", kinds.len())));
        }
        let mut elements = Vec::with_capacity(kinds.len());
        for (index, kind) in kinds.iter().enumerate() {
            elements.push(self.value(kind).map_err(|error| error.inside(index_step(index)))?);
        }
        Ok(Dynamic::Tuple(elements))
    }

    fn entries(
        &mut self,
        mut value: impl FnMut(&mut Self, &str) -> Result<Dynamic, CodecError>,
    ) -> Result<BTreeMap<String, Dynamic>, CodecError> {
        let length = decode::read_map_len(&mut self.bytes).map_err(|_| expected("a map or an object"))?;
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let key = self.string()?;
            let read = value(self, &key)?;
            entries.insert(key, read);
        }
        Ok(entries)
    }

    fn object(&mut self, attributes: &BTreeMap<String, Type>) -> Result<Dynamic, CodecError> {
        let entries = self.entries(|reader, name| {
            let kind = attributes
                .get(name)
                .ok_or_else(|| CodecError::new(format!("the object has no attribute `{name}`")))?;
            reader.value(kind).map_err(|error| error.inside(PathStep::Attribute(name.to_owned())))
        })?;
        match attributes.keys().find(|name| !entries.contains_key(*name)) {
            Some(missing) => Err(CodecError::new(format!("the attribute `{missing}` is missing"))),
            None => Ok(Dynamic::Object(entries)),
        }
    }

    fn typed(&mut self) -> Result<Dynamic, CodecError> {
        if self.array_length()? != 2 {
            return Err(expected("a pair of a type and a value"));
        }
        let length = decode::read_bin_len(&mut self.bytes).map_err(|_| expected("a type"))?;
        let json = self.take(usize::try_from(length).map_err(truncated)?)?;
        let kind: Type =
            serde_json::from_slice(json).map_err(|_| CodecError::new("a type cannot be read"))?;
        let value = self.value(&kind)?;
        Ok(Dynamic::Typed(Box::new((kind, value))))
    }
}

fn expected(what: &str) -> CodecError {
    CodecError::new(format!("{what} was expected"))
}

pub(super) fn index_step(index: usize) -> PathStep {
    PathStep::Index(i64::try_from(index).unwrap_or(i64::MAX))
}
