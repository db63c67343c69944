//! What the schema says about a value, applied in one place for every object of every provider: does it fit, what in it
//! is write-only, what is unknown, what a default plan is, and whether a plan or an apply broke Terraform's rules.

mod fit;
mod plan;
mod rules;
mod write_only;

pub(crate) use fit::{Misfit, fit, fit_type};
pub(crate) use plan::{mark_new_computed_unknown, replace_paths};
pub(crate) use rules::{broken_apply, broken_plan, unfilled_result, unknown_paths};
pub(crate) use write_only::{null_write_only, set_write_only};

use crate::path::PathStep;
use crate::schema::{Attribute, AttributeType, Block, BlockNesting, NestedBlock, NestedNesting};
use crate::{AttributePath, Dynamic};

/// The inside of a block or of a nested attribute's object.
#[derive(Clone, Copy)]
pub(crate) struct Body<'s> {
    pub(crate) attributes: &'s [Attribute],
    pub(crate) blocks: &'s [NestedBlock],
}

impl<'s> Body<'s> {
    pub(crate) fn of(block: &'s Block) -> Self {
        Self { attributes: &block.attributes, blocks: &block.blocks }
    }

    fn of_nested(attributes: &'s [Attribute]) -> Self {
        Self { attributes, blocks: &[] }
    }

    /// Everything in it that has a body of its own: nested attributes and blocks.
    pub(crate) fn inner(self) -> impl Iterator<Item = (&'s str, Arrangement, Body<'s>)> {
        let attributes = self.attributes.iter().filter_map(|attribute| match &attribute.kind {
            AttributeType::Plain(_) => None,
            AttributeType::Nested { nesting, attributes } => {
                Some((attribute.name.as_str(), Arrangement::from(*nesting), Body::of_nested(attributes)))
            }
        });
        let blocks = self
            .blocks
            .iter()
            .map(|block| (block.name.as_str(), Arrangement::from(block.nesting), Body::of(&block.block)));
        attributes.chain(blocks)
    }
}

/// How the objects of a nested attribute or block are arranged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrangement {
    Single,
    List,
    Set,
    Map,
}

impl From<NestedNesting> for Arrangement {
    fn from(nesting: NestedNesting) -> Self {
        match nesting {
            NestedNesting::Single => Self::Single,
            NestedNesting::List => Self::List,
            NestedNesting::Set => Self::Set,
            NestedNesting::Map => Self::Map,
        }
    }
}

impl From<BlockNesting> for Arrangement {
    fn from(nesting: BlockNesting) -> Self {
        match nesting {
            BlockNesting::Single | BlockNesting::Group => Self::Single,
            BlockNesting::List => Self::List,
            BlockNesting::Set => Self::Set,
            BlockNesting::Map => Self::Map,
        }
    }
}

/// The objects inside a nested attribute or block, to change.
fn objects_mut(value: &mut Dynamic) -> Vec<&mut Dynamic> {
    match value {
        Dynamic::Typed(typed) => objects_mut(&mut typed.1),
        Dynamic::List(elements) | Dynamic::Set(elements) | Dynamic::Tuple(elements) => {
            elements.iter_mut().collect()
        }
        Dynamic::Map(entries) => entries.values_mut().collect(),
        _ => Vec::new(),
    }
}

/// The object inside `value` at the given place, if there is one.
fn object_at<'v>(
    value: &'v Dynamic,
    arrangement: Arrangement,
    step: Option<&PathStep>,
) -> Option<&'v Dynamic> {
    let found = match (arrangement, step) {
        (Arrangement::Single, _) => Some(value.untyped()),
        (Arrangement::List, Some(PathStep::Index(index))) => {
            value.as_elements()?.get(usize::try_from(*index).ok()?)
        }
        (Arrangement::Map, Some(PathStep::Key(key))) => value.get(key),
        // An element of a set has no place by which to find its counterpart.
        _ => None,
    };
    found.filter(|object| !object.is_null() && !object.is_unknown())
}

/// The objects inside a nested attribute or block, each with its step.
fn objects(value: &Dynamic, arrangement: Arrangement) -> Vec<(Option<PathStep>, &Dynamic)> {
    match (arrangement, value.untyped()) {
        (Arrangement::Single, object @ Dynamic::Object(_)) => vec![(None, object)],
        (Arrangement::Map, Dynamic::Map(entries) | Dynamic::Object(entries)) => {
            entries.iter().map(|(key, object)| (Some(PathStep::Key(key.clone())), object)).collect()
        }
        (Arrangement::List | Arrangement::Set, value) => value
            .as_elements()
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(index, object)| (Some(PathStep::Index(i64::try_from(index).unwrap_or(i64::MAX))), object))
            .collect(),
        _ => Vec::new(),
    }
}

/// `path`, then `name`, then the step of an object in it. The elements of a set are named by the set itself.
fn path_into(
    path: &AttributePath,
    name: &str,
    arrangement: Arrangement,
    step: Option<&PathStep>,
) -> AttributePath {
    let mut steps = path.clone().attribute(name).steps().to_vec();
    if arrangement != Arrangement::Set {
        steps.extend(step.cloned());
    }
    AttributePath::from(steps)
}
