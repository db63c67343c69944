//! One changed resource, opened for reading: its planned values, what of them is unknown or sensitive, and what the configuration says.
//! Extractors read attributes through it, so that unknown, null and absent stay three things and every fact knows its path.

use std::collections::BTreeMap;

use serde_json::Value;

use super::model::{AttributePath, Origin, PathStep, Unreadable};
use crate::plan::{Expression, Mode, Plan, Resolution, ResourceChange, Target};

/// Builds an [`AttributePath`] from names and indexes.
macro_rules! steps {
    ($($step:expr),* $(,)?) => { Vec::from([$($crate::facts::model::PathStep::from($step)),*]) };
}
pub(crate) use steps;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Attribute<'a> {
    /// A value that is known now.
    Known(&'a Value),
    /// Decided at apply.
    Unknown,
    /// Null, or not there.
    Absent,
}

/// A changed resource with its values.
pub(crate) struct Subject<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) change: &'p ResourceChange,
    pub(crate) after: Value,
    pub(crate) unknown: Value,
    pub(crate) sensitive: Value,
    pub(crate) expressions: Value,
}

impl<'p> Subject<'p> {
    /// Opens what a change takes away: the values before it. Nothing of them is unknown, and the configuration is no longer about them.
    pub(crate) fn open_before(plan: &'p Plan, change: &'p ResourceChange) -> Result<Self, Box<Unreadable>> {
        let read = || -> Result<Self, serde_json::Error> {
            Ok(Self {
                plan,
                change,
                after: plan.before(change)?,
                unknown: Value::Null,
                sensitive: plan.before_sensitive(change)?,
                expressions: Value::Null,
            })
        };
        read().map_err(|_| too_deep(change, "the values before the change"))
    }

    /// Opens a change; the error is the fact that it cannot be read.
    pub(crate) fn open(plan: &'p Plan, change: &'p ResourceChange) -> Result<Self, Box<Unreadable>> {
        let read = || -> Result<Self, serde_json::Error> {
            Ok(Self {
                plan,
                change,
                after: plan.after(change)?,
                unknown: plan.after_unknown(change)?,
                sensitive: plan.after_sensitive(change)?,
                expressions: plan
                    .configuration_of(change)
                    .map(|configuration| plan.expressions(configuration))
                    .unwrap_or_default(),
            })
        };
        read().map_err(|_| too_deep(change, "the planned values"))
    }

    pub(crate) fn address(&self) -> &str {
        &self.change.address
    }

    pub(crate) fn resource_type(&self) -> &str {
        &self.change.resource_type
    }

    /// The origin of a fact of this resource, without fields yet.
    pub(crate) fn origin(&self) -> Origin {
        origin(self.change)
    }

    /// What stands at `path` after the apply.
    pub(crate) fn at(&self, path: &[PathStep]) -> Attribute<'_> {
        if is_marked(&self.unknown, path) {
            return Attribute::Unknown;
        }
        match look_up(&self.after, path) {
            None | Some(Value::Null) => Attribute::Absent,
            Some(value) => Attribute::Known(value),
        }
    }

    /// A known text at a top-level attribute.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.after.get(name).and_then(Value::as_str)
    }

    /// A known flag at a top-level attribute.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.after.get(name).and_then(Value::as_bool)
    }

    /// A known number at a path; a number in a text counts.
    pub(crate) fn number(&self, path: &[PathStep]) -> Option<f64> {
        match look_up(&self.after, path)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Something is known or will be at `path`, or the configuration writes something there.
    pub(crate) fn is_set(&self, path: &[PathStep]) -> bool {
        match self.at(path) {
            Attribute::Known(Value::String(text)) => !text.is_empty(),
            Attribute::Known(_) => true,
            Attribute::Unknown => self.expression(path) != Expression::Absent,
            Attribute::Absent => false,
        }
    }

    /// What the configuration says at `path`.
    pub(crate) fn expression(&self, path: &[PathStep]) -> Expression<'_> {
        Expression::find(&self.expressions, path)
    }

    /// What the expression at `path` is built from.
    pub(crate) fn resolve(&self, path: &[PathStep]) -> Resolution {
        self.plan.resolve(self.change, self.expression(path))
    }

    /// Addresses of the resources that the expression at `path` reads.
    pub(crate) fn referred(&self, path: &[PathStep]) -> Vec<String> {
        addresses(self.plan, &self.resolve(path))
    }

    /// How the value at `path` got there, as facts call it.
    pub(crate) fn value_source(&self, path: &[PathStep]) -> Option<&'static str> {
        match self.expression(path) {
            Expression::Constant(_) => Some("literal"),
            // Unknown in spite of that, it is made anew at each apply: `uuid()`.
            Expression::Computed => matches!(self.at(path), Attribute::Known(_)).then_some("literal"),
            Expression::Absent => None,
            expression @ Expression::References(_) => {
                let resolution = self.plan.resolve(self.change, expression);
                if resolution.is_constant() {
                    Some("literal")
                } else if resolution.targets.iter().all(|target| *target == Target::Opaque) {
                    None
                } else {
                    Some("reference")
                }
            }
        }
    }

    /// Reads a text for the fact field `field`: notes its path, and notes it as unknown where it is.
    pub(crate) fn field(&self, origin: &mut Origin, field: &str, path: AttributePath) -> Option<String> {
        let value = self.at(&path);
        let text = match value {
            Attribute::Known(Value::String(text)) => {
                Some(self.shown(&path, text)).filter(|text| !text.is_empty())
            }
            Attribute::Known(Value::Number(number)) => Some(number.to_string()),
            Attribute::Unknown => {
                origin.unknown.push(field.to_owned());
                None
            }
            _ => None,
        };
        origin.paths.insert(field.to_owned(), path);
        text
    }

    /// A text as a fact may show it: a name or a description is no secret, unless it is marked as one or holds one.
    pub(crate) fn shown(&self, path: &[PathStep], text: &str) -> String {
        if is_marked(&self.sensitive, path) || !super::exposure::detectors::detect(text).is_empty() {
            return "(sensitive)".to_owned();
        }
        text.to_owned()
    }

    /// Tags, labels or annotations: the texts of the map at `path`, none where there is no map.
    pub(crate) fn texts_at(&self, path: &[PathStep]) -> BTreeMap<String, String> {
        let members = look_up(&self.after, path).and_then(Value::as_object);
        let shown = |name: &String, value: &Value| {
            let at = [path, &[PathStep::Name(name.clone())]].concat();
            (name.clone(), self.shown(&at, value.as_str().unwrap_or_default()))
        };
        members.into_iter().flatten().map(|(name, value)| shown(name, value)).collect()
    }

    /// Like [`Self::field`], but a value that is unknown because it is another resource's attribute is known by that resource's address.
    pub(crate) fn field_or_reference(
        &self,
        origin: &mut Origin,
        field: &str,
        path: AttributePath,
    ) -> Option<String> {
        if self.at(&path) == Attribute::Unknown
            && let Some(address) = self.referred(&path).into_iter().next()
        {
            origin.paths.insert(field.to_owned(), path);
            return Some(address);
        }
        if self.at(&path) == Attribute::Unknown
            && self.expression(&path) == Expression::Absent
            && !self.expressions.is_null()
        {
            // Optional and computed: the configuration is silent, the provider fills in its default.
            origin.paths.insert(field.to_owned(), path);
            return None;
        }
        self.field(origin, field, path)
    }

    /// Reads a number for the fact field `field`.
    pub(crate) fn number_field(&self, origin: &mut Origin, field: &str, path: AttributePath) -> Option<f64> {
        if self.at(&path) == Attribute::Unknown {
            origin.unknown.push(field.to_owned());
        }
        let number = self.number(&path);
        origin.paths.insert(field.to_owned(), path);
        number
    }

    /// A part of this resource that should have been understood.
    pub(crate) fn unreadable(&self, path: AttributePath, reason: impl Into<String>) -> Unreadable {
        Unreadable { origin: self.origin(), path, reason: reason.into() }
    }
}

/// Depth is all that can stop the values of a plan that was read from being read.
fn too_deep(change: &ResourceChange, what: &str) -> Box<Unreadable> {
    let reason = format!("{what} are nested too deeply to be read");
    Box::new(Unreadable { origin: origin(change), path: Vec::new(), reason })
}

/// Addresses of the resources among the targets, each once.
pub(crate) fn addresses(plan: &Plan, resolution: &Resolution) -> Vec<String> {
    let mut addresses: Vec<String> = resolution
        .targets
        .iter()
        .filter_map(|target| match target {
            Target::Change { place, .. } => {
                plan.changes().get(*place).map(|change| change.address.to_string())
            }
            Target::Outside { address, .. } => Some(address.clone()),
            Target::Variable { .. } | Target::Constant | Target::Opaque => None,
        })
        .collect();
    addresses.dedup();
    addresses
}

/// The value at `path`. A single nested block may be an object where the path counts it as a list.
pub(crate) fn look_up<'a>(value: &'a Value, path: &[PathStep]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        PathStep::Name(name) => value.get(name),
        PathStep::Index(index) => value.get(index),
    })
}

/// A tree of marks (`after_unknown`, `after_sensitive`) has `true` at the path or above it.
pub(crate) fn is_marked(marks: &Value, path: &[PathStep]) -> bool {
    let mut at = marks;
    for step in path {
        if *at == Value::Bool(true) {
            return true;
        }
        let next = match step {
            PathStep::Name(name) => at.get(name),
            PathStep::Index(index) => at.get(index),
        };
        match next {
            Some(next) => at = next,
            None => return false,
        }
    }
    *at == Value::Bool(true)
}

/// A tree of marks has `true` at the path, above it or below it: a map with one member that is decided at apply.
pub(crate) fn is_marked_within(marks: &Value, path: &[PathStep]) -> bool {
    fn any(marks: &Value) -> bool {
        match marks {
            Value::Bool(mark) => *mark,
            Value::Array(items) => items.iter().any(any),
            Value::Object(members) => members.values().any(any),
            _ => false,
        }
    }
    is_marked(marks, path) || look_up(marks, path).is_some_and(any)
}

fn origin(change: &ResourceChange) -> Origin {
    Origin {
        address: change.address.to_string(),
        resource_type: change.resource_type.to_string(),
        mode: match change.mode {
            Mode::Managed => "managed",
            Mode::Data => "data",
            Mode::Other => "other",
        },
        platform: platform(&change.resource_type, &change.provider_name),
        actions: change.actions.iter().map(ToString::to_string).collect(),
        unknown: Vec::new(),
        paths: BTreeMap::new(),
    }
}

/// The platform a resource belongs to, by the prefix that its provider's types share.
pub(crate) fn platform(resource_type: &str, provider_name: &str) -> &'static str {
    let prefix = resource_type.split('_').next().unwrap_or_default();
    match prefix {
        "secret" if provider_name.ends_with("/secret") || provider_name.is_empty() => "secret",
        "aws" | "awscc" => "aws",
        "google" => "google",
        "azurerm" | "azuread" | "azapi" => "azure",
        "vault" => "vault",
        "kubernetes" | "kubectl" | "helm" => "kubernetes",
        "github" | "gitlab" | "tfe" | "circleci" | "buildkite" | "azuredevops" | "datadog" | "grafana"
        | "pagerduty" => "saas",
        _ => "core",
    }
}
