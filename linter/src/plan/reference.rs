//! What an expression refers to: from `secret_id` of a rotation to the instance of the secret it names, through module arguments and
//! outputs as far as they are static. Terraform records the references of an expression, not the expression, so the answer is a set.

use serde_json::Value;

use super::address::{InstanceKey, ModulePath, key_of, split, split_key};
use super::configuration::Expression;
use super::span::Span;
use super::{Plan, ResourceChange};
use crate::facts::model::PathStep;

/// Chains of module arguments and outputs longer than this are given up; they end by themselves in a valid configuration.
const MAX_STEPS: usize = 32;

/// One object that an expression is built from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// An instance in this plan, as its place in [`Plan::changes`].
    Change {
        /// Place in [`Plan::changes`].
        place: usize,
        /// Attribute that is read, where the reference names one.
        attribute: Option<String>,
    },
    /// An object that the plan does not change: a data source read before, or a resource outside the targets.
    Outside {
        /// Address as far as it is known.
        address: String,
        /// Attribute that is read, where the reference names one.
        attribute: Option<String>,
    },
    /// A variable of the root module.
    Variable {
        /// Its name.
        name: String,
    },
    /// A literal that came through a module's argument or default.
    Constant,
    /// Something Terraform does not record: a local, an element of a `for_each` that is not a resource.
    Opaque,
}

/// Everything an expression is built from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The objects, each once.
    pub targets: Vec<Target>,
    /// Several instances of one resource are listed, because which one is meant cannot be told.
    pub ambiguous: bool,
}

impl Resolution {
    /// It is built from literals only.
    pub fn is_constant(&self) -> bool {
        !self.targets.is_empty() && self.targets.iter().all(|target| *target == Target::Constant)
    }
}

/// Where an expression stands.
#[derive(Clone)]
struct Scope {
    module: ModulePath,
    key: Option<InstanceKey>,
    for_each: Option<Span>,
}

impl Plan {
    /// Resolves an expression of the block that declares `change`.
    pub fn resolve(&self, change: &ResourceChange, expression: Expression<'_>) -> Resolution {
        let scope = Scope {
            module: change.module_path(),
            key: change.index.clone(),
            for_each: self.configuration_of(change).and_then(|configuration| configuration.for_each),
        };
        self.resolve_in(&scope, expression)
    }

    /// Resolves an expression that stands in a module outside any resource: an output, a provider block.
    pub fn resolve_in_module(&self, module: &ModulePath, expression: Expression<'_>) -> Resolution {
        self.resolve_in(&Scope { module: module.clone(), key: None, for_each: None }, expression)
    }

    /// The block that calls `module` passes the variable `name`. False for the root module, which no block calls.
    pub fn call_passes(&self, module: &ModulePath, name: &str) -> bool {
        self.configuration()
            .call(module)
            .is_some_and(|call| self.expression(call.expressions).get(name).is_some())
    }

    fn resolve_in(&self, scope: &Scope, expression: Expression<'_>) -> Resolution {
        let mut resolution = Resolution::default();
        self.follow(scope, expression, MAX_STEPS, &mut resolution);
        resolution.targets.sort();
        resolution.targets.dedup();
        resolution
    }

    fn follow(&self, scope: &Scope, expression: Expression<'_>, steps: usize, found: &mut Resolution) {
        let references = match expression {
            Expression::Constant(_) | Expression::Computed => return found.targets.push(Target::Constant),
            Expression::Absent => return,
            Expression::References(references) => references,
        };
        if steps == 0 {
            return found.targets.push(Target::Opaque);
        }
        let names: Vec<&str> = references.iter().filter_map(Value::as_str).collect();
        let follows_key = names.iter().any(|name| name.starts_with("each.") || *name == "count.index");
        for name in &names {
            // Terraform lists `aws_x.y.id` and, for good measure, `aws_x.y`.
            let covered = names.iter().any(|longer| {
                longer.strip_prefix(name).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
            });
            if !covered {
                self.follow_name(scope, &split(name), follows_key, steps, found);
            }
        }
    }

    fn follow_name(
        &self,
        scope: &Scope,
        parts: &[&str],
        follows_key: bool,
        steps: usize,
        found: &mut Resolution,
    ) {
        match parts {
            ["path" | "terraform" | "count" | "self", ..] | ["each", "key", ..] => {}
            ["var", name, rest @ ..] => self.follow_variable(scope, name, rest, steps, found),
            ["module", call, output, ..] => {
                let (name, _) = split_key(call);
                let key = key_of(call).or_else(|| scope.key.clone().filter(|_| follows_key));
                let module = scope.module.child(name, key.clone());
                let (output, _) = split_key(output);
                match self.configuration().module(&module).and_then(|module| module.outputs.get(output)) {
                    Some(output) => {
                        let expression = self.output_expression(output);
                        let scope = Scope { module, key, for_each: None };
                        self.follow(&scope, Expression::find(&expression, &[]), steps - 1, found);
                    }
                    None => found.targets.push(Target::Opaque),
                }
            }
            ["each", "value", ..] => {
                let expression = self.expression(scope.for_each);
                match Expression::find(&expression, &[]) {
                    Expression::References(references)
                        if !references
                            .iter()
                            .filter_map(Value::as_str)
                            .any(|name| name.starts_with("each.")) =>
                    {
                        // The element of the same key, when the collection is a resource with `for_each` itself.
                        for name in references.iter().filter_map(Value::as_str) {
                            self.follow_name(scope, &split(name), true, steps - 1, found);
                        }
                    }
                    Expression::Constant(_) | Expression::Computed => found.targets.push(Target::Constant),
                    _ => found.targets.push(Target::Opaque),
                }
            }
            ["data", resource_type, name, rest @ ..] => {
                self.follow_resource(scope, &format!("data.{resource_type}"), name, rest, follows_key, found);
            }
            // Of `module.a[each.key].id` Terraform records the module only: which output is read is lost.
            ["local" | "module", ..] | [] | [_] => found.targets.push(Target::Opaque),
            [resource_type, name, rest @ ..] => {
                self.follow_resource(scope, resource_type, name, rest, follows_key, found);
            }
        }
    }

    fn follow_variable(
        &self,
        scope: &Scope,
        name: &str,
        rest: &[&str],
        steps: usize,
        found: &mut Resolution,
    ) {
        let (name, _) = split_key(name);
        let Some((parent, step)) = scope.module.parent() else {
            return found.targets.push(Target::Variable { name: name.to_owned() });
        };
        let Some(call) = self.configuration().call(&scope.module) else {
            return found.targets.push(Target::Opaque);
        };
        let expressions = self.expression(call.expressions);
        let mut path = vec![PathStep::Name(name.to_owned())];
        path.extend(rest.iter().map(|part| PathStep::Name(split_key(part).0.to_owned())));
        match Expression::find(&expressions, &path) {
            Expression::Absent => {
                let default = call.module.variables.get(name).map(|variable| self.variable_default(variable));
                found.targets.push(match default {
                    Some(default) if !default.is_null() => Target::Constant,
                    _ => Target::Opaque,
                });
            }
            expression => {
                let scope = Scope { module: parent, key: step.key.clone(), for_each: call.for_each };
                self.follow(&scope, expression, steps - 1, found);
            }
        }
    }

    fn follow_resource(
        &self,
        scope: &Scope,
        resource_type: &str,
        name: &str,
        rest: &[&str],
        follows_key: bool,
        found: &mut Resolution,
    ) {
        let attribute = rest.first().map(|part| split_key(part).0.to_owned());
        let (bare_name, _) = split_key(name);
        let static_module = super::address::without_keys(&scope.module.to_string());
        let separator = if static_module.is_empty() { "" } else { "." };
        let static_address = format!("{static_module}{separator}{resource_type}.{bare_name}");
        let in_module: Vec<(usize, &ResourceChange)> = self
            .instances(&static_address)
            .filter(|(_, change)| same_module(&scope.module, &change.module_path()))
            .collect();
        let wanted = key_of(name);
        let chosen: Vec<usize> = match (&wanted, &scope.key) {
            (Some(key), _) => with_key(&in_module, key),
            (None, Some(key)) if follows_key && !with_key(&in_module, key).is_empty() => {
                with_key(&in_module, key)
            }
            _ => in_module.iter().map(|(place, _)| *place).collect(),
        };
        if chosen.is_empty() {
            return found.targets.push(Target::Outside { address: static_address, attribute });
        }
        found.ambiguous |= chosen.len() > 1;
        found
            .targets
            .extend(chosen.into_iter().map(|place| Target::Change { place, attribute: attribute.clone() }));
    }
}

fn with_key(instances: &[(usize, &ResourceChange)], key: &InstanceKey) -> Vec<usize> {
    instances
        .iter()
        .filter(|(_, change)| change.index.as_ref() == Some(key))
        .map(|(place, _)| *place)
        .collect()
}

/// A step without a key in `wanted` takes any instance: which one is meant may not be known.
fn same_module(wanted: &ModulePath, actual: &ModulePath) -> bool {
    wanted.0.len() == actual.0.len()
        && wanted.0.iter().zip(&actual.0).all(|(wanted, actual)| {
            wanted.name == actual.name && (wanted.key.is_none() || wanted.key == actual.key)
        })
}
