//! The configuration as the plan records it: per module the resources with their expressions, the calls, outputs and variables.
//! An expression is either a constant or a list of references; locals are not recorded by Terraform at all. Expressions stay text until asked for.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::address::ModulePath;
use super::change::null_is_default;
use super::span::Span;

/// The root module and the provider blocks of all modules.
#[derive(Debug, Default)]
pub struct Configuration {
    /// The root module.
    pub root: ModuleConfiguration,
    /// Provider blocks.
    pub providers: Vec<ProviderConfiguration>,
}

/// What one module declares.
#[derive(Debug, Default)]
pub struct ModuleConfiguration {
    /// Resources by `type.name` or `data.type.name`.
    pub resources: BTreeMap<String, ResourceConfiguration>,
    /// Calls of other modules by name.
    pub calls: BTreeMap<String, ModuleCall>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, OutputConfiguration>,
    /// Variables by name.
    pub variables: BTreeMap<String, VariableConfiguration>,
}

/// A `resource` or `data` block.
#[derive(Debug)]
pub struct ResourceConfiguration {
    /// Key of its provider block among [`Configuration::providers`]; none in plans that do not say.
    pub provider_key: Option<String>,
    pub(super) expressions: Option<Span>,
    pub(super) for_each: Option<Span>,
    pub(super) provisioners: Option<Span>,
}

/// A `module` block and the module behind it.
#[derive(Debug)]
pub struct ModuleCall {
    /// `source` as written.
    pub source: String,
    /// The module.
    pub module: ModuleConfiguration,
    pub(super) expressions: Option<Span>,
    pub(super) for_each: Option<Span>,
}

/// An `output` block.
#[derive(Debug)]
pub struct OutputConfiguration {
    /// `sensitive` as written.
    pub sensitive: bool,
    pub(super) expression: Option<Span>,
}

/// A `variable` block.
#[derive(Debug)]
pub struct VariableConfiguration {
    /// `sensitive` as written.
    pub sensitive: bool,
    pub(super) default: Option<Span>,
}

/// A `provider` block.
#[derive(Debug)]
pub struct ProviderConfiguration {
    /// What resources call it by: `secret`, `secret.other`, `module.a:secret`.
    pub key: String,
    /// Local name, such as `aws`.
    pub name: String,
    /// `alias` as written.
    pub alias: Option<String>,
    /// Module it stands in; none for the root.
    pub module_address: Option<String>,
    pub(super) expressions: Option<Span>,
}

impl Configuration {
    /// The module at `path`; instance keys do not matter.
    pub fn module(&self, path: &ModulePath) -> Option<&ModuleConfiguration> {
        path.0
            .iter()
            .try_fold(&self.root, |module, step| module.calls.get(&step.name).map(|call| &call.module))
    }

    /// The call that makes the module at `path`; none for the root.
    pub fn call(&self, path: &ModulePath) -> Option<&ModuleCall> {
        let (parent, step) = path.parent()?;
        self.module(&parent)?.calls.get(&step.name)
    }

    pub(super) fn read(text: &str, raw: RawConfiguration<'_>) -> Self {
        let providers = raw
            .provider_config
            .into_iter()
            .map(|(key, provider)| ProviderConfiguration {
                name: provider.name.unwrap_or_else(|| {
                    key.rsplit(':').next().unwrap_or(&key).split('.').next().unwrap_or_default().to_owned()
                }),
                alias: provider.alias,
                module_address: provider.module_address.filter(|address| !address.is_empty()),
                expressions: span(text, provider.expressions),
                key,
            })
            .collect();
        Self { root: module(text, raw.root_module), providers }
    }
}

fn span(text: &str, raw: Option<&RawValue>) -> Option<Span> {
    raw.map(|raw| Span::of(text, raw.get()))
}

fn module(text: &str, raw: RawModule<'_>) -> ModuleConfiguration {
    let resources = raw.resources.into_iter().map(|resource| {
        let data = if &*resource.mode == "data" { "data." } else { "" };
        let configuration = ResourceConfiguration {
            provider_key: resource.provider_config_key,
            expressions: span(text, resource.expressions),
            for_each: span(text, resource.for_each_expression),
            provisioners: span(text, resource.provisioners),
        };
        (format!("{data}{}.{}", resource.resource_type, resource.name), configuration)
    });
    let calls = raw.module_calls.into_iter().map(|(name, call)| {
        let call = ModuleCall {
            source: call.source,
            module: module(text, call.module),
            expressions: span(text, call.expressions),
            for_each: span(text, call.for_each_expression),
        };
        (name, call)
    });
    let outputs = raw.outputs.into_iter().map(|(name, output)| {
        (name, OutputConfiguration { sensitive: output.sensitive, expression: span(text, output.expression) })
    });
    let variables = raw.variables.into_iter().map(|(name, variable)| {
        (name, VariableConfiguration { sensitive: variable.sensitive, default: span(text, variable.default) })
    });
    ModuleConfiguration {
        resources: resources.collect(),
        calls: calls.collect(),
        outputs: outputs.collect(),
        variables: variables.collect(),
    }
}

/// What an expression says at some place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Expression<'a> {
    /// A literal, or built of literals only.
    Constant(&'a Value),
    /// Computed from literals only, which the plan does not record: `jsonencode({ … })` is `{}` there.
    Computed,
    /// Built from other objects.
    References(&'a [Value]),
    /// Nothing is written there.
    Absent,
}

impl<'a> Expression<'a> {
    /// Finds what is written for `path` in the `expressions` of a block. A single nested block may be recorded as an object or as a list of
    /// one; a constant map or list is entered, and references given for a whole apply to its parts.
    pub fn find(expressions: &'a Value, path: &[crate::facts::model::PathStep]) -> Self {
        use crate::facts::model::PathStep;

        let mut at = expressions;
        let mut inside_constant = false;
        // `{}` under an attribute's name is an expression without references; in a list it is a nested block that says nothing.
        let mut attribute = path.is_empty();
        for step in path {
            if !inside_constant {
                if attribute && is_empty_object(at) {
                    return Self::Computed;
                }
                if let Some(references) = at.get("references").and_then(Value::as_array) {
                    return Self::References(references);
                }
                if let Some(constant) = at.get("constant_value") {
                    at = constant;
                    inside_constant = true;
                }
            }
            let next = match step {
                PathStep::Name(name) => at.get(name).or_else(|| at.get(0).and_then(|first| first.get(name))),
                PathStep::Index(index) => match at {
                    Value::Array(items) => items.get(*index),
                    other => (*index == 0).then_some(other),
                },
            };
            match next {
                Some(next) => at = next,
                None => return Self::Absent,
            }
            attribute = matches!(step, PathStep::Name(_));
        }
        if inside_constant {
            return Self::Constant(at);
        }
        match (at.get("constant_value"), at.get("references").and_then(Value::as_array)) {
            (Some(constant), _) => Self::Constant(constant),
            (None, Some(references)) => Self::References(references),
            (None, None) if attribute && is_empty_object(at) => Self::Computed,
            (None, None) => Self::Absent,
        }
    }
}

fn is_empty_object(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty)
}

/// `configuration` as Terraform writes it.
#[derive(Deserialize, Default)]
pub(super) struct RawConfiguration<'a> {
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    provider_config: BTreeMap<String, RawProvider<'a>>,
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    root_module: RawModule<'a>,
}

#[derive(Deserialize)]
struct RawProvider<'a> {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    module_address: Option<String>,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct RawModule<'a> {
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    resources: Vec<RawResource<'a>>,
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    module_calls: BTreeMap<String, RawCall<'a>>,
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    outputs: BTreeMap<String, RawOutput<'a>>,
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    variables: BTreeMap<String, RawVariable<'a>>,
}

#[derive(Deserialize)]
struct RawResource<'a> {
    #[serde(default, deserialize_with = "null_is_default")]
    mode: Box<str>,
    #[serde(rename = "type")]
    resource_type: Box<str>,
    #[serde(default, deserialize_with = "null_is_default")]
    name: Box<str>,
    #[serde(default)]
    provider_config_key: Option<String>,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    for_each_expression: Option<&'a RawValue>,
    #[serde(borrow, default)]
    provisioners: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawCall<'a> {
    #[serde(default, deserialize_with = "null_is_default")]
    source: String,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    for_each_expression: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    module: RawModule<'a>,
}

#[derive(Deserialize)]
struct RawOutput<'a> {
    #[serde(default, deserialize_with = "null_is_default")]
    sensitive: bool,
    #[serde(borrow, default)]
    expression: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawVariable<'a> {
    #[serde(default, deserialize_with = "null_is_default")]
    sensitive: bool,
    #[serde(borrow, default)]
    default: Option<&'a RawValue>,
}
