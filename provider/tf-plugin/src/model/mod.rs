//! Between models (serde structs of the provider's author) and [`Dynamic`] trees: a serde format of our own, because no
//! other one can tell null from unknown.

mod de;
mod dynamic;
mod error;
pub(crate) mod handover;
mod ser;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use error::{ModelError, ModelErrorKind};

use crate::Dynamic;

/// Reads a model from a tree, which is consumed so that no copy of a secret stays behind.
pub(crate) fn from_dynamic<T: DeserializeOwned>(value: Dynamic) -> Result<T, ModelError> {
    let _open = handover::Open::new();
    T::deserialize(de::Reader(value))
}

/// Writes a model as a tree. The tree has serde's idea of the types; `fit` then gives it those of the schema.
pub(crate) fn to_dynamic<T: Serialize>(model: &T) -> Result<Dynamic, ModelError> {
    let _open = handover::Open::new();
    model.serialize(ser::Writer)
}

#[cfg(test)]
mod tests;
