//! `vault_policy`: one grant per `path` block. What a path reaches depends on what is mounted there, so the rules are judged when all
//! mounts of the plan are read.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Grant, Origin};
use super::super::subject::{Attribute, Subject, steps};
use super::paths::{self, Mount};
use super::policy::{self, Rule};
use crate::plan::{Expression, Target};

/// Facts of a rule that all stand where the policy's text does.
const FIELDS: [&str; 8] = [
    "actions_allowed",
    "access",
    "resources",
    "statement",
    "effect",
    "escalations",
    "condition_keys",
    "expires_at",
];

/// A rule whose parts may be decided at apply.
#[derive(Default)]
struct Planned {
    rule: Rule,
    unknown: Vec<&'static str>,
}

pub(super) fn policy(subject: &Subject<'_>, collected: &mut Collected) {
    let path = steps!["policy"];
    let rules = match subject.at(&path) {
        Attribute::Absent => return,
        Attribute::Known(Value::String(text)) => match policy::parse(text) {
            Ok(rules) => rules.into_iter().map(|rule| Planned { rule, unknown: Vec::new() }).collect(),
            Err(error) => {
                collected.facts.unreadable.push(subject.unreadable(path, error.to_string()));
                return;
            }
        },
        Attribute::Known(_) => {
            collected.facts.unreadable.push(subject.unreadable(path, "the policy is not a text"));
            return;
        }
        Attribute::Unknown => match planned_document(subject) {
            Some(Ok(rules)) => rules,
            Some(Err(error)) => {
                collected.facts.unreadable.push(subject.unreadable(path, error.to_string()));
                return;
            }
            None => vec![Planned {
                rule: Rule::default(),
                unknown: vec!["actions_allowed", "access", "resources", "condition_keys", "effect"],
            }],
        },
    };
    for planned in rules {
        collected.facts.grants.push(grant(subject, planned));
    }
}

fn grant(subject: &Subject<'_>, planned: Planned) -> Grant {
    let Planned { rule, unknown } = planned;
    let mut origin: Origin = subject.origin();
    let role = subject.field(&mut origin, "role", steps!["name"]);
    // What is wrong with a rule stands in the policy's text, not in its name.
    origin.paths.remove("role");
    for field in FIELDS {
        origin.paths.insert(field.to_owned(), steps!["policy"]);
    }
    origin.unknown.extend(unknown.iter().map(ToString::to_string));
    let denied = rule.capabilities.iter().any(|capability| capability == "deny");
    Grant {
        role,
        effect: if denied { "deny" } else { "allow" },
        statement: (!rule.path.is_empty()).then(|| rule.path.clone()),
        actions_allowed: rule.capabilities,
        resources: if rule.path.is_empty() { Vec::new() } else { vec![rule.path] },
        // Vault holds little else than secrets: what of them is decided at apply is worth asking.
        concerns_secrets: !unknown.is_empty(),
        condition_keys: rule.conditions.into_iter().map(str::to_owned).collect(),
        expires_at: rule.expires_at,
        ..Grant::of(origin, "acl_policy")
    }
}

/// Says what the rules of the plan's policies reach.
pub(super) fn judge(mounts: &[Mount], grants: &mut [Grant]) {
    for grant in grants.iter_mut().filter(|grant| grant.kind == "acl_policy") {
        let [path] = grant.resources.as_slice() else { continue };
        let reach = paths::reach(path, &grant.actions_allowed, mounts);
        grant.concerns_secrets =
            !grant.origin.unknown.is_empty() || reach.access.iter().any(|level| *level != "describe");
        grant.scope = reach.scope;
        grant.decrypts_only = reach.decrypts_only;
        grant.access = reach.access;
        if grant.effect == "allow" {
            grant.administrator = reach.administrator;
            // Parameters that are listed keep a token or role from having any other policy.
            let confined = grant.condition_keys.iter().any(|key| key == "allowed_parameters");
            grant.escalations = if confined { Vec::new() } else { reach.escalations };
        }
    }
}

/// The rules of a `vault_policy_document` that is read only at apply, because some part of it is decided there.
fn planned_document(subject: &Subject<'_>) -> Option<Result<Vec<Planned>, policy::PolicyError>> {
    let resolution = subject.resolve(&steps!["policy"]);
    let [Target::Change { place, .. }] = resolution.targets.as_slice() else { return None };
    let change = subject.plan.changes().get(*place)?;
    if &*change.resource_type != "vault_policy_document" {
        return None;
    }
    let document = Subject::open(subject.plan, change).ok()?;
    let Attribute::Known(Value::Array(blocks)) = document.at(&steps!["rule"]) else { return None };
    Some((0..blocks.len()).map(|index| planned_rule(&document, index)).collect())
}

fn planned_rule(document: &Subject<'_>, index: usize) -> Result<Planned, policy::PolicyError> {
    let mut planned = Planned::default();
    match document.at(&steps!["rule", index, "path"]) {
        Attribute::Known(Value::String(path)) => {
            path.strip_prefix('/').unwrap_or(path).clone_into(&mut planned.rule.path);
        }
        _ => planned.unknown.push("resources"),
    }
    match document.at(&steps!["rule", index, "capabilities"]) {
        Attribute::Known(capabilities) => planned.rule.set("capabilities", capabilities)?,
        _ => planned.unknown.extend(["actions_allowed", "access", "effect"]),
    }
    for setting in [
        "allowed_parameter",
        "denied_parameter",
        "required_parameters",
        "min_wrapping_ttl",
        "max_wrapping_ttl",
    ] {
        let at = steps!["rule", index, setting];
        match document.at(&at) {
            Attribute::Known(value) => planned.rule.set(setting, value)?,
            Attribute::Unknown if document.expression(&at) != Expression::Absent => {
                planned.unknown.push("condition_keys");
            }
            _ => {}
        }
    }
    Ok(planned)
}
