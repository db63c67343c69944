//! Where a secret's value comes from, read out of the configuration: generated, given, a JSON object of members, or nobody's
//! business here. The rules that forbid a mixture are checked when the origin is read, so that an origin that exists makes sense.

use std::collections::{BTreeMap, BTreeSet};

use secret_store::generate::Generator;
use secret_store::json::JsonFields;
use secret_store::{Invalid, SecretValue};
use tf_plugin::{AttributePath, Diagnostic, Diagnostics, Value};

use super::model::SecretModel;
use crate::diagnostics::wrong;

/// Where the value comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// The value is somebody else's.
    External,
    /// The whole value is generated.
    Generated(Generator),
    /// The whole value is given.
    Given(SecretValue),
    /// A JSON object.
    Object(ObjectOrigin),
}

/// The members of a JSON value.
#[derive(Debug)]
pub(super) struct ObjectOrigin {
    /// Public members.
    pub(super) fields: BTreeMap<String, String>,
    /// Confidential members.
    pub(super) confidential: BTreeMap<String, SecretValue>,
    /// A member that is generated.
    pub(super) generated: Option<(String, Generator)>,
    /// Members this resource owns, if it shares the object with somebody; `None`: it owns all.
    pub(super) managed_keys: Option<BTreeSet<String>>,
}

impl Origin {
    /// Reads the origin of a configuration in which everything is known.
    ///
    /// # Errors
    /// As [`check`]; a diagnostic too for a value that is still unknown.
    pub(super) fn of(config: &SecretModel) -> Result<Self, Diagnostics> {
        let problems = check(config);
        if problems.has_errors() {
            return Err(problems);
        }
        if let Some(value) = config.value_wo.known() {
            return Ok(Self::Given(value.clone()));
        }
        let generate = match config.generate.known() {
            None => None,
            Some(generate) => Some((generate.field.known().cloned(), generate.generator()?)),
        };
        let has_members = config.fields.is_known() || config.fields_wo.known().is_some();
        match generate {
            Some((None, generator)) => Ok(Self::Generated(generator)),
            None if !has_members => Ok(Self::External),
            generate => Ok(Self::Object(ObjectOrigin {
                fields: known_members(config.fields.known()),
                confidential: config
                    .fields_wo
                    .known()
                    .into_iter()
                    .flatten()
                    .filter_map(|(name, value)| Some((name.clone(), value.known()?.clone())))
                    .collect(),
                generated: generate.and_then(|(field, generator)| Some((field?, generator))),
                managed_keys: config.managed_keys.known().cloned(),
            })),
        }
    }
}

/// How a generated part is made, and where it goes: what the store notes for rotations.
#[derive(Debug)]
pub(super) struct Rule {
    /// How it is made.
    pub(super) generator: Generator,
    /// The member of the JSON value; `None` for the whole value.
    pub(super) field: Option<String>,
}

impl Rule {
    /// The rule of a configuration or plan, if all of it is known.
    pub(super) fn known(model: &SecretModel) -> Option<Self> {
        let generate = model.generate.known().filter(|generate| !generate.field.is_unknown())?;
        generate.check().ok()?;
        Some(Self { generator: generate.generator().ok()?, field: generate.field.known().cloned() })
    }
}

impl Origin {
    /// The argument that gives the value, or the confidential part of it.
    pub(super) fn argument(&self) -> Option<&'static str> {
        match self {
            Self::External => None,
            Self::Given(_) => Some("value_wo"),
            Self::Generated(_) => Some("generate"),
            Self::Object(object) if !object.confidential.is_empty() => Some("fields_wo"),
            Self::Object(object) if !object.fields.is_empty() => Some("fields"),
            Self::Object(_) => Some("generate"),
        }
    }

    /// What the configuration itself gives of the value: all of it, or the members that an apply certainly writes. A value has at least that size.
    pub(super) fn given(&self) -> Result<Option<SecretValue>, Invalid> {
        match self {
            Self::External | Self::Generated(_) => Ok(None),
            Self::Given(value) => Ok(Some(value.clone())),
            Self::Object(object) => {
                let is_owned =
                    |name: &str| object.managed_keys.as_ref().is_none_or(|keys| keys.contains(name));
                let mut members = JsonFields::new();
                for (name, text) in object.fields.iter().filter(|(name, _)| is_owned(name)) {
                    members.set_public(name, text);
                }
                for (name, value) in object.confidential.iter().filter(|(name, _)| is_owned(name)) {
                    members.set(name, value.clone());
                }
                members.object().map(Some)
            }
        }
    }

    /// The rule of the part that is generated.
    pub(super) fn rule(&self) -> Option<Rule> {
        match self {
            Self::Generated(generator) => Some(Rule { generator: generator.clone(), field: None }),
            Self::Object(ObjectOrigin { generated: Some((field, generator)), .. }) => {
                Some(Rule { generator: generator.clone(), field: Some(field.clone()) })
            }
            Self::External | Self::Given(_) | Self::Object(_) => None,
        }
    }
}

fn known_members(members: Option<&BTreeMap<String, Value<String>>>) -> BTreeMap<String, String> {
    members
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.known()?.clone())))
        .collect()
}

/// Checks what is known of the origin; unknown values are checked again at apply.
pub(super) fn check(config: &SecretModel) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let has = |present: bool, name: &'static str| present.then_some(name);
    let members: Vec<&str> = [
        has(!config.fields.is_null(), "fields"),
        has(!config.fields_wo.is_null(), "fields_wo"),
        has(!config.generate.is_null(), "generate"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !config.value_wo.is_null() {
        for other in &members {
            problems.push(wrong(
                *other,
                format!("`{other}` and `value_wo` both give the value; keep one of them"),
            ));
        }
    }
    together(
        &mut problems,
        ("value_wo", config.value_wo.is_null()),
        ("value_wo_version", config.value_wo_version.is_null()),
    );
    together(
        &mut problems,
        ("fields_wo", config.fields_wo.is_null()),
        ("fields_wo_version", config.fields_wo_version.is_null()),
    );
    if let Some(generate) = config.generate.known() {
        if let Err(diagnostics) = generate.check() {
            problems.extend(diagnostics);
        }
        let has_others = !config.fields.is_null() || !config.fields_wo.is_null();
        if generate.field.is_null() && has_others {
            problems.push(wrong(
                AttributePath::new("generate").attribute("field"),
                "with `fields` or `fields_wo` the value is a JSON object: name the member to generate, for example `field = \"password\"`",
            ));
        }
    }
    duplicate_members(config, &mut problems);
    null_members(config, &mut problems);
    if !config.managed_keys.is_null()
        && config.fields.is_null()
        && config.fields_wo.is_null()
        && config.generate.is_null()
    {
        problems.push(wrong(
            "managed_keys",
            "there is nothing to manage without `fields`, `fields_wo` or `generate` with a `field`",
        ));
    }
    if let Some(keys) = config.managed_keys.known() {
        for key in keys.iter().filter(|key| !all_known_without(config, key)) {
            problems.push(wrong(
                "managed_keys",
                format!("`{key}` is in none of `fields`, `fields_wo` and `generate.field`, so there is nothing to write to it"),
            ));
        }
    }
    problems
}

/// Two arguments that only make sense together.
fn together(
    problems: &mut Diagnostics,
    (value, value_is_null): (&str, bool),
    (version, version_is_null): (&str, bool),
) {
    match (value_is_null, version_is_null) {
        (false, true) => problems.push(
            Diagnostic::error(format!("Missing argument `{version}`"))
                .detail(format!(
                    "`{value}` is write-only, so Terraform cannot see that it changed: set `{version}` to any text, and change it to \
                     send `{value}` again."
                ))
                .at(value),
        ),
        (true, false) => problems.push(
            Diagnostic::error(format!("Missing argument `{value}`"))
                .detail(format!("`{version}` says when `{value}` is sent, and there is no `{value}`."))
                .at(version),
        ),
        _ => {}
    }
}

fn duplicate_members(config: &SecretModel, problems: &mut Diagnostics) {
    let generated = config.generate.known().and_then(|generate| generate.field.as_str());
    let public = config.fields.known();
    let confidential = config.fields_wo.known();
    if let Some(field) = generated {
        for (name, taken) in [
            ("fields", public.is_some_and(|fields| fields.contains_key(field))),
            ("fields_wo", confidential.is_some_and(|fields| fields.contains_key(field))),
        ] {
            if taken {
                problems.push(wrong(
                    AttributePath::new(name).key(field),
                    format!("`{field}` is generated (`generate.field`) and given here; keep one of them"),
                ));
            }
        }
    }
    if let (Some(public), Some(confidential)) = (public, confidential) {
        for name in public.keys().filter(|name| confidential.contains_key(*name)) {
            problems.push(wrong(
                AttributePath::new("fields").key(name),
                format!("`{name}` is in `fields` and in `fields_wo`; keep one of them"),
            ));
        }
    }
}

fn null_members(config: &SecretModel, problems: &mut Diagnostics) {
    let public = config
        .fields
        .known()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_null())
        .map(|(name, _)| ("fields", name));
    let confidential = config
        .fields_wo
        .known()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_null())
        .map(|(name, _)| ("fields_wo", name));
    for (attribute, name) in public.chain(confidential) {
        problems.push(wrong(
            AttributePath::new(attribute).key(name),
            "it is null; leave the member out, or give it a text",
        ));
    }
}

/// False when the key is certainly no member; true too where that cannot be told yet.
fn all_known_without(config: &SecretModel, key: &str) -> bool {
    let undecided = config.fields.is_unknown()
        || config.fields_wo.is_unknown()
        || config.generate.is_unknown()
        || config.generate.known().is_some_and(|generate| generate.field.is_unknown());
    undecided
        || config.fields.known().is_some_and(|fields| fields.contains_key(key))
        || config.fields_wo.known().is_some_and(|fields| fields.contains_key(key))
        || config.generate.known().is_some_and(|generate| generate.field.as_str() == Some(key))
}
