//! What is not a resource: outputs, variables, module calls and provider blocks.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::exposure::{
    constant_texts, detectors, names, reads_a_secret, recognise, recognise_credential,
};
use super::super::model::{Credential, Origin, PathStep};
use super::super::subject::{self, steps};
use super::{exposure, origin};
use crate::plan::{
    Expression, ModuleConfiguration, ModulePath, OutputChange, Plan, ProviderConfiguration,
    VariableConfiguration,
};

/// Adds the facts of outputs, variables, module calls and provider blocks.
pub(super) fn extract(plan: &Plan, collected: &mut Collected) {
    for output in plan.outputs() {
        self::output(plan, output, collected);
    }
    variables(plan, &ModulePath::default(), &plan.configuration().root, collected);
    for block in &plan.configuration().providers {
        provider(plan, block, collected);
    }
}

fn output(plan: &Plan, output: &OutputChange, collected: &mut Collected) {
    if output.actions.iter().all(|action| action == "delete") && !output.actions.is_empty() {
        return;
    }
    let (after, unknown, marks) = plan.output_value(output);
    if after.is_null() && !holds_true(&unknown) {
        return;
    }
    let configuration = plan.configuration().root.outputs.get(&output.name);
    let expression =
        configuration.map(|configuration| plan.output_expression(configuration)).unwrap_or_default();
    let expression = Expression::find(&expression, &[]);
    let resolution = plan.resolve_in_module(&ModulePath::default(), expression);
    let marked = holds_true(&marks) || configuration.is_some_and(|configuration| configuration.sensitive);
    let detector = if let Some(detector) = first_detector(&after) {
        Some(detector)
    } else if resolution.targets.iter().any(|target| reads_a_secret(plan, target)) {
        Some("secret-reference")
    } else if marked && !names::names_an_address(&output.name) {
        Some("sensitive-output")
    } else if after.as_str().is_some_and(|text| {
        names::names_a_secret(&output.name) && names::could_be_a_secret(text, &output.name)
    }) {
        Some("secret-name")
    } else {
        None
    };
    if let Some(detector) = detector {
        let source = match expression {
            Expression::Constant(_) => Some("literal"),
            Expression::Computed => (!after.is_null()).then_some("literal"),
            Expression::References(_) => Some("reference"),
            Expression::Absent => None,
        };
        let origin = origin(format!("output.{}", output.name), "output", output.actions.clone());
        collected.facts.exposures.push(exposure(origin, "output", steps!["value"], detector, source));
    }
}

fn holds_true(marks: &Value) -> bool {
    match marks {
        Value::Bool(mark) => *mark,
        Value::Array(items) => items.iter().any(holds_true),
        Value::Object(members) => members.values().any(holds_true),
        _ => false,
    }
}

fn first_detector(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(text) => detectors::detect(text).into_iter().next(),
        Value::Array(items) => items.iter().find_map(first_detector),
        Value::Object(members) => members.values().find_map(first_detector),
        _ => None,
    }
}

/// Defaults that are secrets, and secrets written out in the arguments of module calls. A module's default counts where its caller passes nothing: elsewhere it is never used.
fn variables(
    plan: &Plan,
    module: &ModulePath,
    configuration: &ModuleConfiguration,
    collected: &mut Collected,
) {
    for (name, variable) in &configuration.variables {
        if !plan.call_passes(module, name) {
            default(plan, module, name, variable, collected);
        }
    }
    for (name, call) in &configuration.calls {
        let address = module.child(name, None).to_string();
        let origin = || origin(address.clone(), "module", Vec::new());
        literals(&plan.call_expressions(call), recognise, &origin, collected);
        variables(plan, &module.child(name, None), &call.module, collected);
    }
}

/// A default that is a secret, or the members of one that are.
fn default(
    plan: &Plan,
    module: &ModulePath,
    name: &str,
    variable: &VariableConfiguration,
    collected: &mut Collected,
) {
    let default = plan.variable_default(variable);
    let mut texts = Vec::new();
    constant_texts(&default, &mut steps![name], &mut texts);
    let mut add = |path: &[PathStep], detector: &str| {
        let prefix = module.to_string();
        let separator = if prefix.is_empty() { "" } else { "." };
        let origin = origin(format!("{prefix}{separator}var.{name}"), "variable", Vec::new());
        let path = [steps!["default"].as_slice(), path].concat();
        let found = exposure(origin, "variable_default", path, detector, Some("literal"));
        collected.facts.exposures.push(found);
    };
    let members = |path: &[PathStep]| path.get(1..).unwrap_or_default().to_vec();
    let mut recognised = false;
    for (path, text) in &texts {
        if let Some(detector) = recognise(text, path) {
            recognised = true;
            add(&members(path), detector);
        }
    }
    let mut marked = texts.iter().filter(|(_, text)| !text.is_empty());
    if !recognised && variable.sensitive && marked.next().is_some() {
        add(&[], "sensitive-attribute");
    }
}

/// Arguments of provider blocks that are a long-lived key of a cloud account.
const STATIC_KEYS: [(&str, &str); 6] = [
    ("aws", "secret_key"),
    ("aws", "access_key"),
    ("google", "credentials"),
    ("google-beta", "credentials"),
    ("azurerm", "client_secret"),
    ("azuread", "client_secret"),
];

fn provider(plan: &Plan, block: &ProviderConfiguration, collected: &mut Collected) {
    let mut expressions = plan.provider_expressions(block);
    let origin = || {
        let prefix = block.module_address.as_ref().map(|module| format!("{module}.")).unwrap_or_default();
        let alias = block.alias.as_ref().map(|alias| format!(".{alias}")).unwrap_or_default();
        let mut origin = origin(format!("{prefix}provider.{}{alias}", block.name), "provider", Vec::new());
        origin.platform = subject::platform(&block.name, "");
        origin
    };
    let key =
        STATIC_KEYS.iter().find(|(name, argument)| *name == block.name && is_written(&expressions, argument));
    if let Some((_, argument)) = key {
        let mut origin = origin();
        origin.paths.insert("path".to_owned(), steps![*argument]);
        collected.facts.credentials.push(Credential {
            path: steps![*argument],
            ends: Some(false),
            ..Credential::of(origin, "static_cloud_key")
        });
    }
    if block.name == "aws"
        && let Value::Object(arguments) = &mut expressions
    {
        // The id of a key is no secret; that a key is written down is told of by the credential.
        arguments.remove("access_key");
    }
    literals(&expressions, recognise_credential, &origin, collected);
}

/// How a text at a path gives itself away, if it does.
type Recognise = fn(&str, &[PathStep]) -> Option<&'static str>;

/// Adds what a block writes out although it is a secret.
fn literals(
    expressions: &Value,
    recognise: Recognise,
    origin: &dyn Fn() -> Origin,
    collected: &mut Collected,
) {
    let mut texts = Vec::new();
    constant_texts(expressions, &mut Vec::new(), &mut texts);
    for (path, text) in texts {
        if let Some(detector) = recognise(text, &path) {
            collected.facts.exposures.push(exposure(origin(), "literal", path, detector, Some("literal")));
        }
    }
}

fn is_written(expressions: &Value, argument: &str) -> bool {
    match Expression::find(expressions, &steps![argument]) {
        Expression::Constant(Value::String(text)) => !text.is_empty(),
        Expression::Constant(_) | Expression::Absent => false,
        Expression::Computed | Expression::References(_) => true,
    }
}
