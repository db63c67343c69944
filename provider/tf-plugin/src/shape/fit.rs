//! Gives a tree that a model wrote the types of the schema (a Rust `Vec` may be a list, a set or a tuple), and names every
//! place where the two disagree: that is a bug of the provider's author.

use std::collections::BTreeMap;

use super::{Body, objects_mut};
use crate::schema::{BlockNesting, NestedBlock, Schema};
use crate::{AttributePath, Dynamic, Type};

/// Where and how a value does not fit.
#[derive(Debug, PartialEq)]
pub(crate) struct Misfit {
    pub(crate) path: AttributePath,
    pub(crate) message: String,
}

/// Fits a whole object; null (no object) and unknown fit.
pub(crate) fn fit(value: Dynamic, schema: &Schema) -> Result<Dynamic, Vec<Misfit>> {
    let mut fitting = Fitting { misfits: Vec::new() };
    let mut fitted = fitting.value(value, &schema.implied_type(), &AttributePath::root());
    if matches!(fitted, Dynamic::Object(_)) {
        fill_blocks(&mut fitted, Body::of(&schema.block));
    }
    if fitting.misfits.is_empty() { Ok(fitted) } else { Err(fitting.misfits) }
}

/// Fits a value to a plain type.
pub(crate) fn fit_type(value: Dynamic, kind: &Type) -> Result<Dynamic, Vec<Misfit>> {
    let mut fitting = Fitting { misfits: Vec::new() };
    let fitted = fitting.value(value, kind, &AttributePath::root());
    if fitting.misfits.is_empty() { Ok(fitted) } else { Err(fitting.misfits) }
}

struct Fitting {
    misfits: Vec<Misfit>,
}

impl Fitting {
    fn misfit(&mut self, path: &AttributePath, message: String) -> Dynamic {
        self.misfits.push(Misfit { path: path.clone(), message });
        Dynamic::Null
    }

    fn value(&mut self, value: Dynamic, kind: &Type, path: &AttributePath) -> Dynamic {
        if *kind == Type::Dynamic {
            return value;
        }
        match (value.into_untyped(), kind) {
            (Dynamic::Null, _) => Dynamic::Null,
            (Dynamic::Unknown, _) => Dynamic::Unknown,
            (value @ Dynamic::Bool(_), Type::Bool)
            | (value @ Dynamic::Number(_), Type::Number)
            | (value @ Dynamic::String(_), Type::String) => value,
            (Dynamic::List(elements) | Dynamic::Set(elements) | Dynamic::Tuple(elements), kind) => {
                self.elements(elements, kind, path)
            }
            (Dynamic::Map(entries) | Dynamic::Object(entries), kind) => self.entries(entries, kind, path),
            (value, kind) => {
                let found = value.kind();
                self.misfit(path, format!("the model wrote {found}, the schema has {kind}"))
            }
        }
    }

    fn elements(&mut self, elements: Vec<Dynamic>, kind: &Type, path: &AttributePath) -> Dynamic {
        let mut each = |kind: &Type| {
            elements
                .iter()
                .cloned()
                .enumerate()
                .map(|(index, value)| self.value(value, kind, &path.clone().index(index)))
                .collect::<Vec<_>>()
        };
        match kind {
            Type::List(element) => Dynamic::List(each(element)),
            Type::Set(element) => {
                let mut unique: Vec<Dynamic> = Vec::new();
                for value in each(element) {
                    // Unknown elements may turn out to be different ones.
                    if !value.is_wholly_known() || !unique.contains(&value) {
                        unique.push(value);
                    }
                }
                Dynamic::Set(unique)
            }
            Type::Tuple(kinds) if kinds.len() == elements.len() => Dynamic::Tuple(
                elements
                    .into_iter()
                    .zip(kinds)
                    .enumerate()
                    .map(|(index, (value, kind))| self.value(value, kind, &path.clone().index(index)))
                    .collect(),
            ),
            _ => self.misfit(
                path,
                format!("the model wrote a sequence of {}, the schema has {kind}", elements.len()),
            ),
        }
    }

    fn entries(
        &mut self,
        mut entries: BTreeMap<String, Dynamic>,
        kind: &Type,
        path: &AttributePath,
    ) -> Dynamic {
        match kind {
            Type::Map(element) => Dynamic::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let fitted = self.value(value, element, &path.clone().key(key.clone()));
                        (key, fitted)
                    })
                    .collect(),
            ),
            Type::Object(attributes) => {
                let mut fitted = BTreeMap::new();
                for (name, kind) in attributes {
                    let at = path.clone().attribute(name.clone());
                    let value = match entries.remove(name) {
                        Some(value) => self.value(value, kind, &at),
                        None => {
                            self.misfit(&at, "the schema has this attribute, the model does not".to_owned())
                        }
                    };
                    fitted.insert(name.clone(), value);
                }
                for name in entries.into_keys() {
                    let at = path.clone().attribute(name);
                    self.misfit(&at, "the model has this field, the schema does not".to_owned());
                }
                Dynamic::Object(fitted)
            }
            _ => self.misfit(path, format!("the model wrote a map or a struct, the schema has {kind}")),
        }
    }
}

/// Repeated blocks are never null, and neither is a group.
fn fill_blocks(object: &mut Dynamic, body: Body<'_>) {
    for block in body.blocks {
        let Some(value) = object.get_mut(&block.name) else { continue };
        if value.is_null() {
            *value = empty_block(block);
        } else if block.implied_type() == Type::Dynamic {
            *value = loosen(std::mem::take(value));
        }
    }
    for (name, _, inner) in body.inner() {
        let Some(value) = object.get_mut(name) else { continue };
        if matches!(value, Dynamic::Object(_)) {
            fill_blocks(value, inner);
        } else {
            objects_mut(value).into_iter().for_each(|object| fill_blocks(object, inner));
        }
    }
}

fn empty_block(block: &NestedBlock) -> Dynamic {
    let dynamic = block.implied_type() == Type::Dynamic;
    match block.nesting {
        BlockNesting::Single => Dynamic::Null,
        BlockNesting::Group => {
            let attributes =
                block.block.attributes.iter().map(|attribute| (attribute.name.clone(), Dynamic::Null));
            let blocks = block.block.blocks.iter().map(|inner| (inner.name.clone(), empty_block(inner)));
            Dynamic::object(attributes.chain(blocks))
        }
        BlockNesting::List if dynamic => Dynamic::Tuple(Vec::new()),
        BlockNesting::List => Dynamic::List(Vec::new()),
        BlockNesting::Set => Dynamic::Set(Vec::new()),
        BlockNesting::Map if dynamic => Dynamic::Object(BTreeMap::new()),
        BlockNesting::Map => Dynamic::Map(BTreeMap::new()),
    }
}

/// Repeated blocks with dynamic attributes are a tuple or an object.
fn loosen(value: Dynamic) -> Dynamic {
    match value {
        Dynamic::List(elements) => Dynamic::Tuple(elements),
        Dynamic::Map(entries) => Dynamic::Object(entries),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, Block};

    fn schema() -> Schema {
        Schema::new()
            .attribute(Attribute::string("name").required())
            .attribute(Attribute::set("zones", Type::String).optional())
            .block(NestedBlock::list("rule", Block::new().attribute(Attribute::number("port").required())))
    }

    #[test]
    fn a_sequence_takes_the_type_of_the_schema() {
        let tree = Dynamic::object([
            ("name", Dynamic::from("a")),
            ("zones", Dynamic::List(vec!["x".into(), "y".into(), "x".into()])),
            ("rule", Dynamic::Null),
        ]);
        let fitted = fit(tree, &schema()).unwrap();
        assert_eq!(fitted.get("zones"), Some(&Dynamic::Set(vec!["y".into(), "x".into()])));
        assert_eq!(fitted.get("rule"), Some(&Dynamic::List(Vec::new())), "a repeated block is never null");
    }

    #[test]
    fn every_disagreement_is_named_with_its_path() {
        let tree = Dynamic::object([
            ("name", Dynamic::from(1_i64)),
            ("extra", Dynamic::Null),
            ("rule", Dynamic::List(vec![Dynamic::object([("port", Dynamic::from("SENTINEL"))])])),
        ]);
        let misfits: Vec<String> = fit(tree, &schema())
            .unwrap_err()
            .iter()
            .map(|misfit| format!("{}: {}", misfit.path, misfit.message))
            .collect();
        assert_eq!(
            misfits,
            [
                "name: the model wrote a number, the schema has string",
                "rule[0].port: the model wrote a string, the schema has number",
                "zones: the schema has this attribute, the model does not",
                "extra: the model has this field, the schema does not",
            ]
        );
    }
}
