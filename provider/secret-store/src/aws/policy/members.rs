//! The members of a JSON object in their order, each value as the bytes it was written in.

use std::fmt;

use serde::de::{self, MapAccess};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// The members of an object. No name is there twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_ref()))
    }

    /// A value, read.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        let (_, raw) = self.0.iter().find(|(other, _)| other == name)?;
        serde_json::from_str(raw.get()).ok()
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Box<RawValue>> {
        let place = self.0.iter().position(|(other, _)| other == name)?;
        Some(self.0.remove(place).1)
    }

    /// Sets a value, in the place of the one there is.
    pub(super) fn set(&mut self, name: &str, value: &impl Serialize) {
        // Texts, lists and maps of texts: nothing of it can fail to be JSON.
        let Ok(raw) = to_raw_value(value) else { return };
        match self.0.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = raw,
            None => self.0.push((name.to_owned(), raw)),
        }
    }
}

impl Serialize for Members {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            // Which of the two AWS would take is not known.
            if members.0.iter().any(|(other, _)| *other == name) {
                return Err(de::Error::custom(format_args!("`{name}` is there twice")));
            }
            members.0.push((name, value));
        }
        Ok(members)
    }
}
