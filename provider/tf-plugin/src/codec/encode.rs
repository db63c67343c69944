//! Trees to MessagePack. The tree must already fit the type (see `fit`); what does not is an error, never a guess.
//! Strings and map keys leave in Unicode normal form C, as Terraform keeps them.

use rmp::encode;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use zeroize::Zeroizing;

use super::decode::index_step;
use super::{CodecError, MAX_DEPTH};
use crate::number::{Form, Number};
use crate::path::PathStep;
use crate::{Dynamic, Type};

/// Writes one value of the type.
pub(crate) fn encode_msgpack(value: &Dynamic, kind: &Type) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    write(&mut bytes, value, kind, 0)?;
    Ok(bytes)
}

/// Writing into a `Vec` cannot fail.
fn infallible<T, E>(written: Result<T, E>) -> Result<(), CodecError> {
    written.map(drop).map_err(|_| CodecError::new("the value cannot be written"))
}

fn length(count: usize) -> Result<u32, CodecError> {
    u32::try_from(count).map_err(|_| CodecError::new("the value is too long"))
}

fn write(bytes: &mut Vec<u8>, value: &Dynamic, kind: &Type, depth: usize) -> Result<(), CodecError> {
    if depth > MAX_DEPTH {
        return Err(CodecError::new("the value is nested too deeply"));
    }
    match (value, kind) {
        (Dynamic::Null, _) => infallible(encode::write_nil(bytes)),
        (Dynamic::Unknown, _) => {
            // The plain unknown: extension type 0 with one zero byte. Refinements would become promises.
            bytes.extend_from_slice(&[0xd4, 0x00, 0x00]);
            Ok(())
        }
        (value, Type::Dynamic) => write_typed(bytes, value, depth),
        (Dynamic::Typed(typed), kind) => write(bytes, &typed.1, kind, depth),
        (Dynamic::Bool(value), Type::Bool) => infallible(encode::write_bool(bytes, *value)),
        (Dynamic::Number(number), Type::Number) => write_number(bytes, number),
        (Dynamic::String(text), Type::String) => write_string(bytes, text.as_str()),
        (Dynamic::List(elements), Type::List(element)) | (Dynamic::Set(elements), Type::Set(element)) => {
            infallible(encode::write_array_len(bytes, length(elements.len())?))?;
            for (index, value) in elements.iter().enumerate() {
                write(bytes, value, element, depth + 1).map_err(|error| error.inside(index_step(index)))?;
            }
            Ok(())
        }
        (Dynamic::Map(entries), Type::Map(element)) => {
            infallible(encode::write_map_len(bytes, length(entries.len())?))?;
            for (key, value) in entries {
                write_string(bytes, key)?;
                write(bytes, value, element, depth + 1)
                    .map_err(|error| error.inside(PathStep::Key(key.clone())))?;
            }
            Ok(())
        }
        (Dynamic::Tuple(elements) | Dynamic::List(elements), Type::Tuple(kinds))
            if elements.len() == kinds.len() =>
        {
            infallible(encode::write_array_len(bytes, length(elements.len())?))?;
            for (index, (value, kind)) in elements.iter().zip(kinds).enumerate() {
                write(bytes, value, kind, depth + 1).map_err(|error| error.inside(index_step(index)))?;
            }
            Ok(())
        }
        (Dynamic::Object(entries) | Dynamic::Map(entries), Type::Object(attributes))
            if entries.len() == attributes.len() =>
        {
            infallible(encode::write_map_len(bytes, length(entries.len())?))?;
            for (name, kind) in attributes {
                let value = entries
                    .get(name)
                    .ok_or_else(|| CodecError::new(format!("the attribute `{name}` is missing")))?;
                write_string(bytes, name)?;
                write(bytes, value, kind, depth + 1)
                    .map_err(|error| error.inside(PathStep::Attribute(name.clone())))?;
            }
            Ok(())
        }
        (value, kind) => Err(CodecError::new(format!("{} was found, {kind} was expected", value.kind()))),
    }
}

fn write_typed(bytes: &mut Vec<u8>, value: &Dynamic, depth: usize) -> Result<(), CodecError> {
    let inferred;
    let (kind, inner) = match value {
        Dynamic::Typed(typed) => (&typed.0, &typed.1),
        value => {
            inferred = infer_type(value);
            (&inferred, value)
        }
    };
    // A dynamic value of dynamic type is an unknown or a null, and those were written before.
    let json = serde_json::to_vec(kind).map_err(|_| CodecError::new("a type cannot be written"))?;
    infallible(encode::write_array_len(bytes, 2))?;
    infallible(encode::write_bin(bytes, &json))?;
    write(bytes, inner, kind, depth + 1)
}

/// The type of a tree that came without one. A list of unlike elements is a tuple, a map of unlike entries an object.
pub(super) fn infer_type(value: &Dynamic) -> Type {
    match value {
        Dynamic::Null | Dynamic::Unknown => Type::Dynamic,
        Dynamic::Bool(_) => Type::Bool,
        Dynamic::Number(_) => Type::Number,
        Dynamic::String(_) => Type::String,
        Dynamic::List(elements) => match common_type(elements.iter()) {
            Some(element) => Type::list(element),
            None => Type::Tuple(elements.iter().map(infer_type).collect()),
        },
        Dynamic::Set(elements) => Type::set(common_type(elements.iter()).unwrap_or(Type::Dynamic)),
        Dynamic::Map(entries) => match common_type(entries.values()) {
            Some(element) => Type::map(element),
            None => Type::object(entries.iter().map(|(name, value)| (name.clone(), infer_type(value)))),
        },
        Dynamic::Tuple(elements) => Type::Tuple(elements.iter().map(infer_type).collect()),
        Dynamic::Object(entries) => {
            Type::object(entries.iter().map(|(name, value)| (name.clone(), infer_type(value))))
        }
        Dynamic::Typed(typed) => typed.0.clone(),
    }
}

/// The one type of all of them, if there is one.
fn common_type<'a>(mut values: impl Iterator<Item = &'a Dynamic>) -> Option<Type> {
    let Some(first) = values.next().map(infer_type) else { return Some(Type::Dynamic) };
    values.all(|value| infer_type(value) == first).then_some(first)
}

fn write_number(bytes: &mut Vec<u8>, number: &Number) -> Result<(), CodecError> {
    match number.form() {
        Form::Integer(value) => infallible(encode::write_sint(bytes, *value)),
        Form::Unsigned(value) => infallible(encode::write_uint(bytes, *value)),
        Form::PositiveInfinity => infallible(encode::write_f64(bytes, f64::INFINITY)),
        Form::NegativeInfinity => infallible(encode::write_f64(bytes, f64::NEG_INFINITY)),
        // As text, which Terraform reads with all its digits: the nearest float would be another number.
        Form::Decimal(text) => infallible(encode::write_str(bytes, text)),
    }
}

fn write_string(bytes: &mut Vec<u8>, text: &str) -> Result<(), CodecError> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return infallible(encode::write_str(bytes, text));
    }
    let normalized: Zeroizing<String> = Zeroizing::new(text.nfc().collect());
    infallible(encode::write_str(bytes, &normalized))
}
