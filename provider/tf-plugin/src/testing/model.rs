//! Whether schema and model agree. Rust cannot be asked which fields a struct has, so the model is tried out: for every
//! attribute a value of its type, a null and an unknown are read into the model and written back.

use std::collections::BTreeMap;

use crate::adapter::Probe;
use crate::model::ModelErrorKind;
use crate::object::Provider;
use crate::rpc::Registry;
use crate::schema::{Attribute, AttributeType, BlockNesting, NestedNesting, Presence, Schema};
use crate::shape::{self, Body};
use crate::{Dynamic, Type};

/// Every place where schema and model disagree; empty when they agree.
#[must_use]
pub fn check_models<P: Provider>(provider: P) -> Vec<String> {
    problems(&Registry::new(provider))
}

/// Where Terraform may send an unknown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknowns {
    /// In any attribute: a resource is also planned.
    Anywhere,
    /// In what the user writes.
    InConfiguration,
}

pub(super) fn problems<P: Provider>(registry: &Registry<P>) -> Vec<String> {
    let mut problems = Vec::new();
    let provider = crate::adapter::probe_of::<P::Config>();
    check("provider", &registry.schema, provider, Unknowns::InConfiguration, &mut problems);
    for (name, entry) in &registry.resources {
        let probes = entry.object.probe();
        check(&format!("resource `{name}`"), &entry.schema, probes.model, Unknowns::Anywhere, &mut problems);
        if let Some((identity, kind)) = &entry.identity {
            let sample = sample(kind);
            let object = format!("identity of `{name}`");
            try_out(&object, "", &sample, probes.identity, &mut problems, |tree| shape::fit_type(tree, kind));
            for attribute in identity.attributes.iter() {
                let mut tree = sample.clone();
                if let Some(value) = tree.get_mut(&attribute.name) {
                    *value = Dynamic::Null;
                }
                if attribute.import == crate::schema::IdentityImport::Optional {
                    let what = format!("`{}` null", attribute.name);
                    try_out(&object, &what, &tree, probes.identity, &mut problems, |tree| {
                        shape::fit_type(tree, kind)
                    });
                }
            }
        }
    }
    for (name, entry) in &registry.data_sources {
        let object = format!("data source `{name}`");
        check(&object, &entry.schema, entry.object.probe(), Unknowns::InConfiguration, &mut problems);
    }
    for (name, entry) in &registry.ephemeral_resources {
        let object = format!("ephemeral resource `{name}`");
        check(&object, &entry.schema, entry.object.probe(), Unknowns::InConfiguration, &mut problems);
    }
    for (name, entry) in &registry.actions {
        let object = format!("action `{name}`");
        check(&object, &entry.schema, entry.object.probe(), Unknowns::InConfiguration, &mut problems);
    }
    for (name, entry) in &registry.list_resources {
        let object = format!("list resource `{name}`");
        check(&object, &entry.schema, entry.object.probe(), Unknowns::InConfiguration, &mut problems);
    }
    problems
}

fn check(object: &str, schema: &Schema, probe: Probe, unknowns: Unknowns, problems: &mut Vec<String>) {
    let body = Body::of(&schema.block);
    let fit = |tree: Dynamic| shape::fit(tree, schema);
    let base = minimal(body);
    let before = problems.len();
    try_out(object, "", &base, probe, problems, fit);
    if problems.len() > before {
        // Everything below would only repeat it.
        return;
    }
    let mut attempts = Vec::new();
    variations(body, unknowns, &base, &mut attempts);
    for (what, tree) in attempts {
        try_out(object, &what, &tree, probe, problems, fit);
    }
}

fn try_out(
    object: &str,
    what: &str,
    tree: &Dynamic,
    probe: Probe,
    problems: &mut Vec<String>,
    fit: impl Fn(Dynamic) -> Result<Dynamic, Vec<shape::Misfit>>,
) {
    let mut problem = |text: String| {
        let text = format!("{object}: {text}");
        if !problems.contains(&text) {
            problems.push(text);
        }
    };
    let with = if what.is_empty() { String::new() } else { format!(" (with {what})") };
    let written = match probe(tree.clone()) {
        // A sample that the model's own reading refuses (a name, a date) says nothing about its type.
        Err(error) if error.kind == ModelErrorKind::Content => return,
        Err(error) => {
            let hint = match error.kind {
                ModelErrorKind::Unknown => "; use `Value<T>`",
                ModelErrorKind::Null => "; use `Value<T>` or `Option<T>`",
                _ => "",
            };
            return problem(format!("`{}`: {}{hint}{with}", error.path(), error.message()));
        }
        Ok(Err(error)) => {
            return problem(format!("`{}` cannot be written: {}{with}", error.path(), error.message()));
        }
        Ok(Ok(written)) => written,
    };
    if let Err(misfits) = fit(written) {
        for misfit in misfits {
            problem(format!("`{}`: {}{with}", misfit.path, misfit.message));
        }
    }
}

/// An object with everything required set, everything else null, and no blocks.
fn minimal(body: Body<'_>) -> Dynamic {
    let attributes = body.attributes.iter().map(|attribute| {
        let value =
            if attribute.presence == Presence::Required { sample_of(attribute) } else { Dynamic::Null };
        (attribute.name.clone(), value)
    });
    let blocks = body.blocks.iter().map(|block| {
        let value = match block.nesting {
            BlockNesting::Single => Dynamic::Null,
            BlockNesting::Group => minimal(Body::of(&block.block)),
            BlockNesting::List => Dynamic::List(Vec::new()),
            BlockNesting::Set => Dynamic::Set(Vec::new()),
            BlockNesting::Map => Dynamic::Map(BTreeMap::new()),
        };
        (block.name.clone(), value)
    });
    Dynamic::object(attributes.chain(blocks))
}

/// `base` with one attribute changed each, at every depth.
fn variations(body: Body<'_>, unknowns: Unknowns, base: &Dynamic, attempts: &mut Vec<(String, Dynamic)>) {
    let mut with = |what: String, name: &str, value: Dynamic| {
        let mut tree = base.clone();
        if let Some(place) = tree.get_mut(name) {
            *place = value;
        }
        attempts.push((what, tree));
    };
    for attribute in body.attributes {
        let name = attribute.name.as_str();
        with(format!("`{name}` set"), name, sample_of(attribute));
        if unknowns == Unknowns::Anywhere || attribute.presence.is_configurable() {
            with(format!("`{name}` unknown"), name, Dynamic::Unknown);
        }
        if let AttributeType::Nested { nesting, attributes } = &attribute.kind {
            let inner = Body { attributes, blocks: &[] };
            let mut inside = Vec::new();
            variations(inner, unknowns, &minimal(inner), &mut inside);
            for (what, object) in inside {
                with(format!("{what} in `{name}`"), name, arrange(*nesting, object));
            }
        }
    }
    for block in body.blocks {
        let name = block.name.as_str();
        let inner = Body::of(&block.block);
        let mut inside = vec![("nothing".to_owned(), minimal(inner))];
        variations(inner, unknowns, &minimal(inner), &mut inside);
        for (what, object) in inside {
            let value = match block.nesting {
                BlockNesting::Single | BlockNesting::Group => object,
                BlockNesting::List => Dynamic::List(vec![object]),
                BlockNesting::Set => Dynamic::Set(vec![object]),
                BlockNesting::Map => Dynamic::Map(BTreeMap::from([("key".to_owned(), object)])),
            };
            with(format!("{what} in block `{name}`"), name, value);
        }
        if !matches!(block.nesting, BlockNesting::Group | BlockNesting::Single) {
            // A `dynamic` block over something that is not known yet.
            with(format!("block `{name}` unknown"), name, Dynamic::Unknown);
        }
    }
}

fn arrange(nesting: NestedNesting, object: Dynamic) -> Dynamic {
    match nesting {
        NestedNesting::Single => object,
        NestedNesting::List => Dynamic::List(vec![object]),
        NestedNesting::Set => Dynamic::Set(vec![object]),
        NestedNesting::Map => Dynamic::Map(BTreeMap::from([("key".to_owned(), object)])),
    }
}

fn sample_of(attribute: &Attribute) -> Dynamic {
    match &attribute.kind {
        AttributeType::Plain(kind) => sample(kind),
        AttributeType::Nested { nesting, attributes } => {
            arrange(*nesting, minimal(Body { attributes, blocks: &[] }))
        }
    }
}

/// Some value of a type. Strings are digits, so that fields which parse a number from a string read it too.
fn sample(kind: &Type) -> Dynamic {
    match kind {
        Type::Bool => Dynamic::Bool(true),
        Type::Number => Dynamic::from(1_i64),
        Type::String | Type::Dynamic => Dynamic::from("1"),
        Type::List(element) => Dynamic::List(vec![sample(element)]),
        Type::Set(element) => Dynamic::Set(vec![sample(element)]),
        Type::Map(element) => Dynamic::Map(BTreeMap::from([("key".to_owned(), sample(element))])),
        Type::Tuple(elements) => Dynamic::Tuple(elements.iter().map(sample).collect()),
        Type::Object(attributes) => {
            Dynamic::object(attributes.iter().map(|(name, kind)| (name.clone(), sample(kind))))
        }
    }
}
