//! ACL policies as the server understands them: which rule counts for a path, and what it allows.
//!
//! Rules of all policies of a token are one set. An exact path comes first; among the others the one whose first wildcard
//! stands furthest right, then one without `*` at its end, then the one with fewer `+`, then the longer one. Rules of the same
//! path are added up, unless one denies. Source: <https://openbao.org/docs/concepts/policies/#priority-matching>; a property
//! test compares this with the server's own answers.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use jiff::Timestamp;
use serde_json::Value;

mod layout;

/// The capability that takes all others away.
const DENY: &str = "deny";

/// A policy that was read and understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) name: String,
    rules: Vec<Rule>,
}

/// One `path` block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rule {
    /// As written, without a leading slash.
    path: String,
    capabilities: BTreeSet<String>,
    /// When it stops counting: OpenBao's `expiration`.
    ends: Option<Timestamp>,
}

/// Why a policy cannot be judged. Its text is the server's to show: only the reason is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotUnderstood(String);

/// What a set of policies allows on one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Decision {
    /// What is allowed, by the names of the policies that allow it. Empty when nothing is, or it is denied.
    pub(super) allowed: BTreeMap<String, BTreeSet<String>>,
}

impl Policy {
    /// Parses the text of a policy, HCL or JSON.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, NotUnderstood> {
        let rules = if text.trim_start().starts_with('{') { json_rules(text)? } else { hcl_rules(text)? };
        Ok(Self { name: name.to_owned(), rules })
    }

    /// Whether any rule is about this path, allowing or denying.
    pub(super) fn mentions(&self, path: &str) -> bool {
        self.rules.iter().any(|rule| Pattern::of(&rule.path).matches(path))
    }

    /// Whether a rule is about this path for some identities only: one with `{{identity.…}}` in its path.
    pub(super) fn may_mention(&self, path: &str) -> bool {
        self.rules.iter().any(|rule| template_matches(&rule.path, path))
    }
}

/// What these policies allow on a path together, at this time.
pub(super) fn decide<'a>(
    policies: impl IntoIterator<Item = &'a Policy>,
    path: &str,
    now: Timestamp,
) -> Decision {
    let mut best: Option<Pattern<'_>> = None;
    let mut rules: Vec<(&str, &Rule)> = Vec::new();
    for policy in policies {
        for rule in policy.rules.iter().filter(|rule| rule.ends.is_none_or(|end| now <= end)) {
            let pattern = Pattern::of(&rule.path);
            if !pattern.matches(path) {
                continue;
            }
            match best.as_ref().map_or(std::cmp::Ordering::Greater, |best| pattern.cmp(best)) {
                std::cmp::Ordering::Less => continue,
                std::cmp::Ordering::Equal => {}
                std::cmp::Ordering::Greater => {
                    rules.clear();
                    best = Some(pattern);
                }
            }
            rules.push((&policy.name, rule));
        }
    }
    let mut decision = Decision::default();
    if rules.iter().any(|(_, rule)| rule.capabilities.contains(DENY)) {
        return decision;
    }
    for (policy, rule) in rules {
        if !rule.capabilities.is_empty() {
            let allowed = decision.allowed.entry(policy.to_owned()).or_default();
            allowed.extend(rule.capabilities.iter().cloned());
        }
    }
    decision
}

/// Which paths a rule is about. Greater means that it counts more; fields in the order in which they decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pattern<'a> {
    is_exact: bool,
    /// Where the first `+` or the `*` at the end is.
    first_wildcard: usize,
    has_firm_end: bool,
    wildcards: std::cmp::Reverse<usize>,
    length: usize,
    /// Without the `*` at the end.
    text: &'a str,
    has_segments: bool,
}

impl<'a> Pattern<'a> {
    fn of(path: &'a str) -> Self {
        // The server looks at nothing else, so that `a/+b` is a path of segments too, in which `+b` stands for itself.
        let has_segments = path == "+" || path.contains("/+") || path.starts_with("+/");
        let (text, has_firm_end) = match path.strip_suffix('*') {
            Some(text) => (text, false),
            None => (path, true),
        };
        let wildcards = if has_segments { text.split('/').filter(|part| *part == "+").count() } else { 0 };
        Self {
            is_exact: has_firm_end && !has_segments,
            first_wildcard: if has_segments { path.find('+').unwrap_or(0) } else { text.len() },
            has_firm_end,
            wildcards: std::cmp::Reverse(wildcards),
            length: text.len(),
            text,
            has_segments,
        }
    }

    fn matches(&self, path: &str) -> bool {
        if !self.has_segments {
            return if self.is_exact { path == self.text } else { path.starts_with(self.text) };
        }
        let (wanted, given): (Vec<_>, Vec<_>) = (self.text.split('/').collect(), path.split('/').collect());
        if given.len() < wanted.len() || self.has_firm_end && given.len() != wanted.len() {
            return false;
        }
        let last = wanted.len() - 1;
        wanted.iter().zip(&given).enumerate().all(|(index, (wanted, given))| {
            *wanted == "+"
                || wanted == given
                || !self.has_firm_end && index == last && given.starts_with(wanted)
        })
    }
}

/// Whether a path with `{{…}}` could mean this one, whatever the template stands for.
fn template_matches(pattern: &str, path: &str) -> bool {
    let Some((start, rest)) = pattern.split_once("{{") else { return false };
    let fixed = |text: &str| text.find(['+', '*']).map_or(text.len(), |index| index);
    let Some((_, end)) = rest.rsplit_once("}}") else { return path.starts_with(start) };
    if fixed(start) < start.len() || fixed(end) < end.len() {
        // Wildcards beside the template: what stands before the first of both decides.
        return path.starts_with(&start[..fixed(start)]);
    }
    path.len() >= start.len() + end.len() && path.starts_with(start) && path.ends_with(end)
}

fn rule(path: &str) -> Rule {
    Rule { path: path.strip_prefix('/').unwrap_or(path).to_owned(), ..Rule::default() }
}

impl Rule {
    /// Adds one setting of a `path` block; those that are not about who may do what are passed over.
    fn set(&mut self, key: &str, value: &Value) -> Result<(), NotUnderstood> {
        let wrong =
            || NotUnderstood(format!("`{key}` of path `{}` is not what the server documents", self.path));
        match key {
            "capabilities" => {
                let items = value.as_array().ok_or_else(wrong)?;
                for item in items {
                    self.capabilities.insert(item.as_str().ok_or_else(wrong)?.to_owned());
                }
            }
            // The first form of policies, which the server still reads.
            "policy" => {
                let capabilities: &[&str] = match value.as_str().ok_or_else(wrong)? {
                    "deny" => &[DENY],
                    "read" => &["read", "list"],
                    "write" => &["create", "read", "update", "delete", "list"],
                    "sudo" => &["create", "read", "update", "delete", "list", "sudo"],
                    _ => return Err(wrong()),
                };
                self.capabilities.extend(capabilities.iter().map(|capability| (*capability).to_owned()));
            }
            // What cannot be read as a time does not end: rather an access too many than one not told.
            "expiration" => self.ends = value.as_str().and_then(|text| text.parse().ok()),
            _ => {}
        }
        Ok(())
    }
}

fn hcl_rules(text: &str) -> Result<Vec<Rule>, NotUnderstood> {
    let body: Body = hcl_edit::parser::parse_body(text)
        .or_else(|_| hcl_edit::parser::parse_body(&layout::one_setting_per_line(text)))
        .map_err(|error| NotUnderstood(error.message().to_owned()))?;
    let mut rules = Vec::new();
    for structure in &body {
        match structure {
            Structure::Block(block) if block.ident.as_str() == "path" => {
                let [label] = block.labels.as_slice() else {
                    return Err(NotUnderstood("a `path` block has no path, or more than one".to_owned()));
                };
                let mut rule = rule(label.as_str());
                for attribute in block.body.attributes() {
                    rule.set(attribute.key.as_str(), &plain(&attribute.value))?;
                }
                rules.push(rule);
            }
            Structure::Attribute(attribute) if attribute.key.as_str() == "path" => {
                rules.extend(path_map(&plain(&attribute.value))?);
            }
            Structure::Attribute(attribute) if attribute.key.as_str() == "name" => {}
            Structure::Block(block) => return Err(unknown(block.ident.as_str())),
            Structure::Attribute(attribute) => return Err(unknown(attribute.key.as_str())),
        }
    }
    Ok(rules)
}

fn json_rules(text: &str) -> Result<Vec<Rule>, NotUnderstood> {
    let policy: Value = serde_json::from_str(text).map_err(|error| NotUnderstood(error.to_string()))?;
    let mut rules = Vec::new();
    for (key, value) in policy.as_object().into_iter().flatten() {
        match key.as_str() {
            "path" => rules.extend(path_map(value)?),
            "name" => {}
            other => return Err(unknown(other)),
        }
    }
    Ok(rules)
}

fn unknown(key: &str) -> NotUnderstood {
    NotUnderstood(format!("`{key}` is not part of a policy"))
}

/// `{"secret/*": {"capabilities": […]}}`, or a list of such.
fn path_map(value: &Value) -> Result<Vec<Rule>, NotUnderstood> {
    let mut rules = Vec::new();
    match value {
        Value::Array(items) => {
            for item in items {
                rules.extend(path_map(item)?);
            }
        }
        Value::Object(paths) => {
            for (path, settings) in paths {
                let mut rule = rule(path);
                // A block may stand in a list of one.
                let all = settings.as_array().map_or(std::slice::from_ref(settings), Vec::as_slice);
                for settings in all {
                    let settings = settings.as_object();
                    let settings =
                        settings.ok_or_else(|| NotUnderstood(format!("path `{path}` has no block")))?;
                    for (key, value) in settings {
                        rule.set(key, value)?;
                    }
                }
                rules.push(rule);
            }
        }
        _ => return Err(NotUnderstood("`path` is not a block".to_owned())),
    }
    Ok(rules)
}

/// An expression without variables, as JSON; what has some is null.
fn plain(expression: &Expression) -> Value {
    match expression {
        Expression::Bool(value) => Value::Bool(*value.value()),
        Expression::String(text) => Value::String(text.value().clone()),
        Expression::Number(number) => Value::String(number.value().to_string()),
        Expression::Array(items) => items.iter().map(plain).collect(),
        Expression::Object(object) => Value::Object(plain_object(object)),
        _ => Value::Null,
    }
}

fn plain_object(object: &Object) -> serde_json::Map<String, Value> {
    let key = |key: &ObjectKey| match key {
        ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
        ObjectKey::Expression(expression) => plain(expression).as_str().map(str::to_owned),
    };
    object.iter().filter_map(|(name, value)| Some((key(name)?, plain(value.expr())))).collect()
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
