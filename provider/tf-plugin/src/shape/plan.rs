//! The default plan, and which attributes make it a replacement.

use super::{Arrangement, Body, object_at, objects, path_into};
use crate::path::PathStep;
use crate::{AttributePath, Dynamic};

/// Marks as unknown every computed attribute that has no value yet in a new object: the whole one on create, and on update
/// each nested object that was not there before.
pub(crate) fn mark_new_computed_unknown(proposed: &mut Dynamic, prior: Option<&Dynamic>, body: Body<'_>) {
    if prior.is_none() {
        for attribute in body.attributes.iter().filter(|attribute| attribute.presence.is_computed()) {
            if let Some(value) = proposed.get_mut(&attribute.name)
                && value.is_null()
            {
                *value = Dynamic::Unknown;
            }
        }
    }
    for (name, arrangement, inner) in body.inner() {
        let prior = prior.and_then(|prior| prior.get(name));
        let Some(value) = proposed.get_mut(name) else { continue };
        mark_inside(value, prior, arrangement, inner);
    }
}

fn mark_inside(value: &mut Dynamic, prior: Option<&Dynamic>, arrangement: Arrangement, inner: Body<'_>) {
    match (arrangement, value) {
        (arrangement, Dynamic::Typed(typed)) => mark_inside(&mut typed.1, prior, arrangement, inner),
        (Arrangement::Single, value @ Dynamic::Object(_)) => {
            let prior = prior.and_then(|prior| object_at(prior, arrangement, None));
            mark_new_computed_unknown(value, prior, inner);
        }
        (Arrangement::List, Dynamic::List(elements) | Dynamic::Tuple(elements)) => {
            for (index, element) in elements.iter_mut().enumerate() {
                let step = PathStep::Index(i64::try_from(index).unwrap_or(i64::MAX));
                let prior = prior.and_then(|prior| object_at(prior, arrangement, Some(&step)));
                mark_new_computed_unknown(element, prior, inner);
            }
        }
        (Arrangement::Map, Dynamic::Map(entries) | Dynamic::Object(entries)) => {
            for (key, element) in entries {
                let prior =
                    prior.and_then(|prior| object_at(prior, arrangement, Some(&PathStep::Key(key.clone()))));
                mark_new_computed_unknown(element, prior, inner);
            }
        }
        // Core has found the prior counterparts of a set's elements already; those without one are new when there was no
        // set before, and cannot be told from the others when there was.
        (Arrangement::Set, Dynamic::Set(elements)) if prior.is_none_or(Dynamic::is_null) => {
            for element in elements {
                mark_new_computed_unknown(element, None, inner);
            }
        }
        _ => {}
    }
}

/// The attributes declared `requires_replace` that differ, or may differ, between prior and planned.
pub(crate) fn replace_paths(prior: &Dynamic, planned: &Dynamic, body: Body<'_>) -> Vec<AttributePath> {
    let mut paths = Vec::new();
    collect(prior, planned, body, &AttributePath::root(), &mut paths);
    paths
}

fn collect(
    prior: &Dynamic,
    planned: &Dynamic,
    body: Body<'_>,
    path: &AttributePath,
    paths: &mut Vec<AttributePath>,
) {
    let null = Dynamic::Null;
    for attribute in body.attributes.iter().filter(|attribute| attribute.requires_replace) {
        let before = prior.get(&attribute.name).unwrap_or(&null);
        let after = planned.get(&attribute.name).unwrap_or(&null);
        if before != after {
            paths.push(path.clone().attribute(attribute.name.clone()));
        }
    }
    for (name, arrangement, inner) in body.inner() {
        let (Some(before), Some(after)) = (prior.get(name), planned.get(name)) else { continue };
        for (step, object) in objects(after, arrangement) {
            let Some(counterpart) = object_at(before, arrangement, step.as_ref()) else { continue };
            collect(counterpart, object, inner, &path_into(path, name, arrangement, step.as_ref()), paths);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, Block};

    fn block() -> Block {
        Block::new()
            .attribute(Attribute::string("name").required().requires_replace())
            .attribute(Attribute::string("id").computed())
            .attribute(
                Attribute::nested_list(
                    "replica",
                    vec![
                        Attribute::string("region").required().requires_replace(),
                        Attribute::string("arn").computed(),
                    ],
                )
                .optional(),
            )
    }

    fn replica(region: &str, arn: Dynamic) -> Dynamic {
        Dynamic::object([("region", Dynamic::from(region)), ("arn", arn)])
    }

    fn object(name: &str, id: Dynamic, replicas: Vec<Dynamic>) -> Dynamic {
        Dynamic::object([("name", Dynamic::from(name)), ("id", id), ("replica", Dynamic::List(replicas))])
    }

    #[test]
    fn on_create_computed_nulls_become_unknown_at_every_depth() {
        let mut proposed = object("a", Dynamic::Null, vec![replica("r", Dynamic::Null)]);
        mark_new_computed_unknown(&mut proposed, None, Body::of(&block()));
        assert_eq!(proposed, object("a", Dynamic::Unknown, vec![replica("r", Dynamic::Unknown)]));
    }

    #[test]
    fn on_update_only_a_new_element_has_unknowns() {
        let prior = object("a", Dynamic::Null, vec![replica("r", Dynamic::Null)]);
        let mut proposed =
            object("a", Dynamic::Null, vec![replica("r", Dynamic::Null), replica("s", Dynamic::Null)]);
        mark_new_computed_unknown(&mut proposed, Some(&prior), Body::of(&block()));
        let expected =
            object("a", Dynamic::Null, vec![replica("r", Dynamic::Null), replica("s", Dynamic::Unknown)]);
        assert_eq!(proposed, expected);
    }

    #[test]
    fn a_changed_attribute_that_requires_replacement_is_named() {
        let prior = object("a", "1".into(), vec![replica("r", "x".into())]);
        let same = replace_paths(&prior, &prior, Body::of(&block()));
        assert_eq!(same, []);
        let planned = object("b", "1".into(), vec![replica("q", "x".into())]);
        let shown: Vec<String> =
            replace_paths(&prior, &planned, Body::of(&block())).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["name", "replica[0].region"]);
    }
}
