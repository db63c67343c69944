//! One Kubernetes object, whichever way the configuration writes it: in the blocks of a typed resource (`spec[0].template[0].spec[0]`), or
//! in the API's own words in a manifest. What reads objects says the API's words and gets the path that stands in the plan.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::super::exposure::detectors;
use super::super::model::{AttributePath, Origin, PathStep};
use super::super::subject::{Attribute, Subject, is_marked, is_marked_within};

/// How an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// The provider's blocks: snake case, a single object is a list of one.
    Blocks,
    /// The API's words, in an attribute of any type.
    Manifest,
    /// The API's words, in a text that was parsed: the plan knows the text as a whole only.
    Text,
}

/// Blocks that are called otherwise than in the API; for the rest the words are put into snake case.
const BLOCKS: [(&str, &str); 6] = [
    ("containers", "container"),
    ("initContainers", "init_container"),
    ("rules", "rule"),
    ("subjects", "subject"),
    ("volumes", "volume"),
    ("volumeMounts", "volume_mount"),
];

static NOTHING: Value = Value::Null;

/// A part of an object, with the place where it stands.
#[derive(Clone)]
pub(super) struct Part<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) path: AttributePath,
    value: &'a Value,
    spelling: Spelling,
}

impl<'a> Part<'a> {
    /// The object that a typed resource declares.
    pub(super) fn of_resource(subject: &'a Subject<'_>) -> Self {
        Self { subject, path: Vec::new(), value: &subject.after, spelling: Spelling::Blocks }
    }

    /// An object in the API's words, which stands at `path`.
    pub(super) fn of_manifest(
        subject: &'a Subject<'_>,
        path: AttributePath,
        value: &'a Value,
        spelling: Spelling,
    ) -> Self {
        Self { subject, path, value, spelling }
    }

    /// A fact's origin, without fields yet.
    pub(super) fn origin(&self) -> Origin {
        self.subject.origin()
    }

    /// The member of this name, in the API's words.
    pub(super) fn get(&self, name: &str) -> Self {
        self.named(&self.spelled(name))
    }

    /// The member of this name, as it is written: a key of a map.
    pub(super) fn named(&self, name: &str) -> Self {
        let mut path = self.path.clone();
        let block = match self.value {
            Value::Array(items) if self.spelling == Spelling::Blocks => {
                path.push(PathStep::Index(0));
                items.first().unwrap_or(&NOTHING)
            }
            value => value,
        };
        path.push(PathStep::from(name));
        Self { path, value: block.get(name).unwrap_or(&NOTHING), ..*self }
    }

    /// The member at the end of these names.
    pub(super) fn find(&self, names: &[&str]) -> Self {
        names.iter().fold(self.clone(), |part, name| part.get(name))
    }

    /// The items of the list of this name.
    pub(super) fn each(&self, name: &str) -> impl Iterator<Item = Self> + use<'a> {
        let list = self.get(name);
        let items = list.value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().enumerate().map(move |(index, value)| {
            let path = [list.path.as_slice(), &[PathStep::Index(index)]].concat();
            Self { path, value, ..list }
        })
    }

    /// What stands here after the apply.
    pub(super) fn attribute(&self) -> Attribute<'a> {
        if self.spelling != Spelling::Text && is_marked(&self.subject.unknown, &self.path) {
            return Attribute::Unknown;
        }
        if self.value.is_null() { Attribute::Absent } else { Attribute::Known(self.value) }
    }

    /// Something stands here, or will.
    pub(super) fn is_set(&self) -> bool {
        if self.spelling != Spelling::Text && is_marked_within(&self.subject.unknown, &self.path) {
            return true;
        }
        match self.attribute() {
            Attribute::Absent | Attribute::Unknown => false,
            Attribute::Known(Value::Array(items)) => !items.is_empty(),
            Attribute::Known(Value::Object(members)) => !members.is_empty(),
            Attribute::Known(_) => true,
        }
    }

    /// The text here.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// The texts of the list here.
    pub(super) fn texts(&self) -> Vec<String> {
        let items = self.value.as_array();
        items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The texts of the map here, as a fact may show them: labels and annotations.
    pub(super) fn text_map(&self) -> BTreeMap<String, String> {
        let members = self.value.as_object();
        let shown = |name: &String, value: &Value| {
            let path = [self.path.as_slice(), &[PathStep::Name(name.clone())]].concat();
            (name.clone(), self.shown(&path, value.as_str().unwrap_or_default()))
        };
        members.into_iter().flatten().map(|(name, value)| shown(name, value)).collect()
    }

    /// Reads the text here for the fact field `field`. One that is decided at apply is known by the one resource it comes from.
    pub(super) fn field(&self, origin: &mut Origin, field: &str) -> Option<String> {
        origin.paths.insert(field.to_owned(), self.path.clone());
        match self.attribute() {
            Attribute::Known(Value::String(text)) if !text.is_empty() => Some(self.shown(&self.path, text)),
            Attribute::Unknown => match self.subject.referred(&self.path).as_slice() {
                [address] => Some(address.clone()),
                _ => {
                    self.note_unknown(origin, field);
                    None
                }
            },
            _ => None,
        }
    }

    /// Reads the texts of the list here for the fact field `field`.
    pub(super) fn list_field(&self, origin: &mut Origin, field: &str) -> Vec<String> {
        origin.paths.insert(field.to_owned(), self.path.clone());
        let has_unknown = || self.items().any(|item| item.attribute() == Attribute::Unknown);
        if self.attribute() == Attribute::Unknown || has_unknown() {
            self.note_unknown(origin, field);
        }
        self.texts()
    }

    /// A name as a fact may show it. A provider that marks a whole text says nothing about the names in it.
    fn shown(&self, path: &[PathStep], text: &str) -> String {
        match self.spelling {
            Spelling::Text if detectors::detect(text).is_empty() => text.to_owned(),
            _ => self.subject.shown(path, text),
        }
    }

    /// How the value here got there.
    pub(super) fn value_source(&self) -> Option<&'static str> {
        let whole = self.path.get(..1).unwrap_or_default();
        self.subject.value_source(if self.spelling == Spelling::Text { whole } else { &self.path })
    }

    /// The name of a typed resource's attribute, or the manifest's: `template` for both, `env_from` or `envFrom`.
    fn spelled<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if self.spelling != Spelling::Blocks {
            return Cow::Borrowed(name);
        }
        match BLOCKS.iter().find(|(word, _)| *word == name) {
            Some((_, block)) => Cow::Borrowed(block),
            None => Cow::Owned(snake_case(name)),
        }
    }

    fn items(&self) -> impl Iterator<Item = Self> {
        let items = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().enumerate().map(|(index, value)| {
            let path = [self.path.as_slice(), &[PathStep::Index(index)]].concat();
            Self { path, value, ..*self }
        })
    }

    fn note_unknown(&self, origin: &mut Origin, field: &str) {
        if !origin.unknown.iter().any(|noted| noted == field) {
            origin.unknown.push(field.to_owned());
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
