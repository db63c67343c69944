//! The rules core holds a provider to. Checked here first, because core's own message ("Provider produced inconsistent
//! result after apply") says neither what to do nor, often, where.

use super::{Arrangement, Body, object_at, objects, path_into};
use crate::path::PathStep;
use crate::schema::AttributeType;
use crate::{AttributePath, Dynamic};

/// Where a value is unknown.
pub(crate) fn unknown_paths(value: &Dynamic) -> Vec<AttributePath> {
    let mut paths = Vec::new();
    collect_unknown(value, &AttributePath::root(), &mut paths);
    paths
}

fn collect_unknown(value: &Dynamic, path: &AttributePath, paths: &mut Vec<AttributePath>) {
    match value.untyped() {
        Dynamic::Unknown => paths.push(path.clone()),
        Dynamic::List(elements) | Dynamic::Tuple(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect_unknown(element, &path.clone().index(index), paths);
            }
        }
        set @ Dynamic::Set(_) if !set.is_wholly_known() => paths.push(path.clone()),
        Dynamic::Map(entries) => {
            for (key, element) in entries {
                collect_unknown(element, &path.clone().key(key.clone()), paths);
            }
        }
        Dynamic::Object(entries) => {
            for (name, element) in entries {
                collect_unknown(element, &path.clone().attribute(name.clone()), paths);
            }
        }
        _ => {}
    }
}

/// Attributes of a planned state that are neither the configuration's, nor the prior state's, nor the provider's to decide.
/// Write-only values are expected to be null in all three.
pub(crate) fn broken_plan(
    prior: &Dynamic,
    config: &Dynamic,
    planned: &Dynamic,
    body: Body<'_>,
) -> Vec<AttributePath> {
    let mut broken = Vec::new();
    compare_plan(prior, config, planned, body, &AttributePath::root(), &mut broken);
    broken
}

fn compare_plan(
    prior: &Dynamic,
    config: &Dynamic,
    planned: &Dynamic,
    body: Body<'_>,
    path: &AttributePath,
    broken: &mut Vec<AttributePath>,
) {
    let null = Dynamic::Null;
    for attribute in body.attributes {
        let configured = config.get(&attribute.name).unwrap_or(&null);
        let before = prior.get(&attribute.name).unwrap_or(&null);
        let after = planned.get(&attribute.name).unwrap_or(&null);
        let providers_choice = attribute.presence.is_computed() && configured.is_null();
        let keeps_prior = !configured.is_null() && !before.is_null() && after == before;
        // A nested object is compared attribute by attribute below.
        let compared_inside = matches!(attribute.kind, AttributeType::Nested { .. })
            && !configured.is_null()
            && !configured.is_unknown()
            && !after.is_null()
            && !after.is_unknown();
        if !(after == configured
            || providers_choice
            || keeps_prior
            || compared_inside
            || attribute.write_only)
        {
            broken.push(path.clone().attribute(attribute.name.clone()));
        }
    }
    for (name, arrangement, inner) in body.inner() {
        let configured = config.get(name).unwrap_or(&null);
        let after = planned.get(name).unwrap_or(&null);
        let decided = |value: &Dynamic| !value.is_null() && !value.is_unknown();
        if !decided(configured) || !decided(after) {
            continue;
        }
        let (wanted, found) = (objects(configured, arrangement), objects(after, arrangement));
        if wanted.len() != found.len() && arrangement != Arrangement::Set {
            broken.push(path.clone().attribute(name));
            continue;
        }
        for (step, object) in found {
            let Some(wanted) = object_at(configured, arrangement, step.as_ref()) else { continue };
            let before = prior
                .get(name)
                .and_then(|prior| object_at(prior, arrangement, step.as_ref()))
                .unwrap_or(&null);
            let at = path_into(path, name, arrangement, step.as_ref());
            compare_plan(before, wanted, object, inner, &at, broken);
        }
    }
}

/// Attributes of an applied state that were planned as known and came out different.
pub(crate) fn broken_apply(planned: &Dynamic, applied: &Dynamic) -> Vec<AttributePath> {
    let mut broken = Vec::new();
    compare_apply(planned, applied, &AttributePath::root(), &mut broken);
    broken
}

fn compare_apply(
    planned: &Dynamic,
    applied: &Dynamic,
    path: &AttributePath,
    broken: &mut Vec<AttributePath>,
) {
    let step = |step: PathStep| {
        let mut steps = path.steps().to_vec();
        steps.push(step);
        AttributePath::from(steps)
    };
    match (planned.untyped(), applied.untyped()) {
        (Dynamic::Unknown, _) => {}
        (Dynamic::Object(before), Dynamic::Object(after)) if before.len() == after.len() => {
            for (name, value) in before {
                let found = after.get(name).unwrap_or(&Dynamic::Null);
                compare_apply(value, found, &step(PathStep::Attribute(name.clone())), broken);
            }
        }
        (Dynamic::Map(before), Dynamic::Map(after)) if before.keys().eq(after.keys()) => {
            for (key, value) in before {
                let found = after.get(key).unwrap_or(&Dynamic::Null);
                compare_apply(value, found, &step(PathStep::Key(key.clone())), broken);
            }
        }
        (Dynamic::List(before), Dynamic::List(after)) | (Dynamic::Tuple(before), Dynamic::Tuple(after))
            if before.len() == after.len() =>
        {
            for (index, (value, found)) in before.iter().zip(after).enumerate() {
                compare_apply(value, found, &path.clone().index(index), broken);
            }
        }
        // Elements with unknown parts cannot be matched to what became of them.
        (set @ Dynamic::Set(_), Dynamic::Set(_)) if !set.is_wholly_known() => {}
        (before, after) if before == after => {}
        _ => broken.push(path.clone()),
    }
}

/// Attributes of a result (data source, ephemeral) that repeat neither the configuration nor are the provider's to fill.
pub(crate) fn unfilled_result(config: &Dynamic, result: &Dynamic, body: Body<'_>) -> Vec<AttributePath> {
    broken_plan(&Dynamic::Null, config, result, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, Block};

    fn block() -> Block {
        Block::new()
            .attribute(Attribute::string("name").required())
            .attribute(Attribute::string("zone").optional_computed())
            .attribute(Attribute::string("note").optional())
            .attribute(Attribute::nested_list("rule", vec![Attribute::string("port").required()]).optional())
    }

    fn object(name: &str, zone: Dynamic, note: Dynamic, ports: &[&str]) -> Dynamic {
        let rules = ports.iter().map(|port| Dynamic::object([("port", Dynamic::from(*port))])).collect();
        Dynamic::object([
            ("name", Dynamic::from(name)),
            ("zone", zone),
            ("note", note),
            ("rule", Dynamic::List(rules)),
        ])
    }

    fn check_plan(planned: Dynamic, expected: &[&str]) {
        let config = object("a", Dynamic::Null, Dynamic::Null, &["1"]);
        let broken = broken_plan(&Dynamic::Null, &config, &planned, Body::of(&block()));
        assert_eq!(broken.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_plan_may_only_decide_what_is_computed_and_not_configured() {
        check_plan(object("a", "z".into(), Dynamic::Null, &["1"]), &[]);
        check_plan(object("a", Dynamic::Unknown, Dynamic::Null, &["1"]), &[]);
        check_plan(object("b", Dynamic::Null, Dynamic::Null, &["1"]), &["name"]);
        check_plan(object("a", Dynamic::Null, "n".into(), &["1"]), &["note"]);
        check_plan(object("a", Dynamic::Null, Dynamic::Null, &["2"]), &["rule[0].port"]);
        check_plan(object("a", Dynamic::Null, Dynamic::Null, &["1", "2"]), &["rule"]);
    }

    #[test]
    fn an_apply_repeats_what_was_planned_and_fills_in_the_rest() {
        let planned = object("a", Dynamic::Unknown, Dynamic::Null, &["1"]);
        assert_eq!(broken_apply(&planned, &object("a", "z".into(), Dynamic::Null, &["1"])), []);
        let broken = broken_apply(&planned, &object("a", "z".into(), "n".into(), &["2"]));
        assert_eq!(broken.iter().map(ToString::to_string).collect::<Vec<_>>(), ["note", "rule[0].port"]);
    }

    #[test]
    fn unknowns_are_found_wherever_they_are() {
        let value = object("a", Dynamic::Unknown, Dynamic::Null, &["1"]);
        assert_eq!(unknown_paths(&value), [AttributePath::new("zone")]);
    }
}
