//! What a rule of a policy for conftest returned, as findings. A set or an array of texts, or of objects with a text `msg`; anything else,
//! which conftest takes for a pass, is an error.

use std::path::PathBuf;

use regorus::Value;
use serde_json::Map;

use super::super::error::PolicyError;
use super::super::evaluate::kind;
use super::super::pack::Rule;
use super::redact::Redaction;
use crate::finding::{Certainty, Finding, Fingerprint, Location, Suppression, SuppressionKind};

/// The findings in the value of `rule`; `exception` is the value of its namespace's rule of that name.
pub(super) fn findings(
    rule: &Rule,
    value: &Value,
    exception: Option<&Value>,
    redaction: &Redaction,
) -> Result<Vec<Finding>, PolicyError> {
    let wrong = |what: String| PolicyError::WrongConftestShape {
        rule: rule.id.clone(),
        file: format!("{}:{}", rule.file, rule.line),
        what,
    };
    let elements: Vec<&Value> = match value {
        Value::Undefined => Vec::new(),
        Value::Set(elements) => elements.iter().collect(),
        Value::Array(elements) => elements.iter().collect(),
        other => return Err(wrong(format!("the whole is {} instead of a set", kind(other)))),
    };
    let suppression = exception.and_then(|exception| excepted(rule, exception));
    let mut findings = Vec::with_capacity(elements.len());
    for element in elements {
        if let Some(mut finding) = finding(rule, element, redaction).map_err(wrong)? {
            finding.suppression.clone_from(&suppression);
            findings.push(finding);
        }
    }
    Ok(findings)
}

/// The name by which an exception means a rule: without `deny_`, `violation_` or `warn_`; nothing is left of a bare `deny`.
fn suffix(rule: &Rule) -> &str {
    rule.rule_name().split_once('_').map_or("", |(_, suffix)| suffix)
}

/// `data.<namespace>.exception[_][_] == "<suffix>"`.
fn excepted(rule: &Rule, exception: &Value) -> Option<Suppression> {
    let suffix = Value::from(suffix(rule));
    let holds = |list: &Value| match list {
        Value::Array(names) => names.contains(&suffix),
        Value::Set(names) => names.contains(&suffix),
        Value::Object(fields) => fields.iter().any(|(_, name)| *name == suffix),
        _ => false,
    };
    let hit = match exception {
        Value::Set(lists) => lists.iter().any(holds),
        Value::Array(lists) => lists.iter().any(holds),
        Value::Object(fields) => fields.iter().any(|(_, list)| holds(list)),
        _ => false,
    };
    hit.then(|| Suppression {
        kind: SuppressionKind::Exception,
        reason: format!("{}.exception[_][_] == {suffix}", rule.package),
        owner: None,
        until: None,
        file: PathBuf::from(&rule.file),
        line: None,
    })
}

/// `None`: the message is empty, which is a pass.
fn finding(rule: &Rule, element: &Value, redaction: &Redaction) -> Result<Option<Finding>, String> {
    let mut metadata = Map::new();
    let (message, location) = match element {
        Value::String(message) => (message.to_string(), None),
        Value::Object(fields) => {
            let message = match fields.get(&Value::from("msg")) {
                Some(Value::String(message)) => message.to_string(),
                Some(other) => {
                    return Err(format!("`msg` of an element is {} instead of a string", kind(other)));
                }
                None => return Err("an element is an object without `msg`".into()),
            };
            for (key, value) in fields.iter() {
                let key =
                    key.as_string().map_err(|_| format!("a key is {} instead of a string", kind(key)))?;
                if !matches!(key.as_ref(), "msg" | "_loc") {
                    let value = value.to_json_str().ok().and_then(|text| serde_json::from_str(&text).ok());
                    metadata.insert(key.to_string(), value.unwrap_or_default());
                }
            }
            (message, fields.get(&Value::from("_loc")).map(location).transpose()?)
        }
        other => return Err(format!("an element is {} instead of a string or an object", kind(other))),
    };
    if message.is_empty() {
        return Ok(None);
    }
    let address = metadata.get("address").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    metadata.insert("query".into(), format!("{}.{}", rule.package, rule.rule_name()).into());
    let serde_json::Value::Object(metadata) = redaction.apply_to(metadata.into()) else {
        return Err("its metadata is no object".into());
    };
    let address = redaction.apply(&address);
    let location = location.map(|place| Location {
        file: PathBuf::from(redaction.apply(&place.file.to_string_lossy())),
        ..place
    });
    Ok(Some(Finding {
        rule: rule.id.clone(),
        severity: rule.severity,
        certainty: Certainty::Violation,
        fingerprint: Fingerprint::new(&rule.id, &address, &[], 0),
        address,
        path: Vec::new(),
        message: redaction.apply(&message),
        labels: Vec::new(),
        help: None,
        location,
        suppression: None,
        metadata,
    }))
}

/// `_loc: {"file": text, "line": number}`. The columns are not told, so it is the whole line.
fn location(value: &Value) -> Result<Location, String> {
    let fields = value.as_object().map_err(|_| format!("`_loc` is {} instead of an object", kind(value)))?;
    let file = match fields.get(&Value::from("file")) {
        Some(Value::String(file)) => file.to_string(),
        Some(other) => return Err(format!("`_loc.file` is {} instead of a string", kind(other))),
        None => return Err("`_loc` has no `file`".into()),
    };
    let line = match fields.get(&Value::from("line")) {
        Some(line @ Value::Number(_)) => line.as_u64().ok().and_then(|line| usize::try_from(line).ok()),
        Some(other) => return Err(format!("`_loc.line` is {} instead of a number", kind(other))),
        None => Some(1),
    };
    let line = line.filter(|line| *line > 0).ok_or("`_loc.line` is no line number")?;
    Ok(Location { file: PathBuf::from(file), span: 0..0, line, column: 1, end_line: line, end_column: 1 })
}
