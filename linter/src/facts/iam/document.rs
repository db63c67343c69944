//! IAM policy documents as statements: JSON text, and the `statement` blocks of a `data.aws_iam_policy_document` whose JSON is not known yet.

use serde_json::{Map, Value};

use super::actions::Listed;
use super::condition::{self, Test};
use crate::facts::model::{AttributePath, PathStep};
use crate::facts::subject::{Attribute, Subject, steps};

/// One statement, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) label: Option<String>,
    pub(super) effect: &'static str,
    /// None where the statement names none, as in an identity policy.
    pub(super) principals: Option<Vec<String>>,
    pub(super) actions: Vec<String>,
    pub(super) listed: Listed,
    pub(super) resources: Vec<String>,
    pub(super) negated: Vec<&'static str>,
    pub(super) condition: Vec<Test>,
    /// Fact fields that are unknown until apply.
    pub(super) unknown: Vec<&'static str>,
    /// Fact fields with their places, below the attribute that holds the document.
    pub(super) places: Vec<(&'static str, AttributePath)>,
}

/// Why a document cannot be read; quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum DocumentError {
    #[error("the policy document is not JSON")]
    NotJson,
    #[error("the policy document has no statements")]
    NoStatement,
    #[error("a statement of the policy document is not an object with an effect of `Allow` or `Deny`")]
    Statement,
    #[error("a statement of the policy document has neither `Action` nor `NotAction`, or no text there")]
    NoAction,
}

/// Reads a document from its JSON text.
pub(super) fn parse(text: &str) -> Result<Vec<Statement>, DocumentError> {
    let document: Value = serde_json::from_str(text).map_err(|_| DocumentError::NotJson)?;
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements
            .iter()
            .enumerate()
            .map(|(index, value)| statement(value, steps!["Statement", index], index))
            .collect(),
        Some(value @ Value::Object(_)) => {
            statement(value, steps!["Statement"], 0).map(|statement| vec![statement])
        }
        _ => Err(DocumentError::NoStatement),
    }
}

fn statement(value: &Value, place: AttributePath, index: usize) -> Result<Statement, DocumentError> {
    let Value::Object(members) = value else { return Err(DocumentError::Statement) };
    let effect = effect(members.get("Effect").and_then(Value::as_str)).ok_or(DocumentError::Statement)?;
    let condition_place = [place.as_slice(), &steps!["Condition"]].concat();
    let mut statement = Statement {
        label: label(members.get("Sid").and_then(Value::as_str), index),
        effect,
        principals: None,
        actions: Vec::new(),
        listed: Listed::Only,
        resources: Vec::new(),
        negated: Vec::new(),
        condition: members
            .get("Condition")
            .map(|written| condition::of_document(written, &condition_place))
            .unwrap_or_default(),
        unknown: Vec::new(),
        places: vec![("statement", place.clone())],
    };
    let mut note = |field: &'static str, member: &str| {
        let mut path = place.clone();
        path.push(PathStep::from(member));
        statement.places.push((field, path));
    };
    for (field, plain, negation) in [
        ("principals", "Principal", "NotPrincipal"),
        ("actions_allowed", "Action", "NotAction"),
        ("resources", "Resource", "NotResource"),
    ] {
        note(field, if members.contains_key(negation) { negation } else { plain });
    }
    note("access", if members.contains_key("NotAction") { "NotAction" } else { "Action" });
    note("condition_keys", "Condition");
    if let Some((principals, negated)) = either(members, "Principal", "NotPrincipal") {
        statement.principals = Some(principal_names(principals));
        statement.negated.extend(negated.then_some("principals"));
    }
    if let Some((actions, negated)) = either(members, "Action", "NotAction") {
        statement.actions = texts(actions);
        statement.negated.extend(negated.then_some("actions"));
        statement.listed = if negated { Listed::AllBut } else { Listed::Only };
    }
    if statement.actions.is_empty() {
        return Err(DocumentError::NoAction);
    }
    if let Some((resources, negated)) = either(members, "Resource", "NotResource") {
        statement.resources = texts(resources);
        statement.negated.extend(negated.then_some("resources"));
    }
    Ok(statement)
}

fn either<'a>(members: &'a Map<String, Value>, plain: &str, negation: &str) -> Option<(&'a Value, bool)> {
    members
        .get(plain)
        .map(|value| (value, false))
        .or_else(|| members.get(negation).map(|value| (value, true)))
}

fn effect(text: Option<&str>) -> Option<&'static str> {
    match text {
        Some("Allow") => Some("allow"),
        Some("Deny") => Some("deny"),
        _ => None,
    }
}

fn label(sid: Option<&str>, index: usize) -> Option<String> {
    Some(sid.filter(|sid| !sid.is_empty()).map_or_else(|| index.to_string(), str::to_owned))
}

/// A text or a list of texts.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// `"*"`, or a map from a kind of principal to names.
fn principal_names(value: &Value) -> Vec<String> {
    match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| texts(names).into_iter().map(|name| principal(kind, name)))
            .collect(),
        other => texts(other),
    }
}

fn principal(kind: &str, name: String) -> String {
    match kind {
        "Service" => format!("service:{name}"),
        "Federated" => format!("federated:{name}"),
        "CanonicalUser" => format!("canonical:{name}"),
        _ => name,
    }
}

/// Reads the statement blocks of a `data.aws_iam_policy_document`; none where even their number is unknown.
pub(super) fn from_data_source(document: &Subject<'_>) -> Option<Vec<Statement>> {
    let Attribute::Known(Value::Array(blocks)) = document.at(&steps!["statement"]) else { return None };
    // Documents merged in add statements that are not listed here.
    for merged in ["source_policy_documents", "override_policy_documents", "source_json", "override_json"] {
        if document.is_set(&steps![merged]) {
            return None;
        }
    }
    Some(blocks.iter().enumerate().map(|(index, block)| data_statement(document, block, index)).collect())
}

/// The address is one of AWS's own resources. What another one hands on (`terraform_data`, a remote state) can be anything.
fn tells_whose_arn(address: &str) -> bool {
    address.split('.').any(|part| part.starts_with("aws_") || part.starts_with("awscc_"))
}

fn data_statement(document: &Subject<'_>, block: &Value, index: usize) -> Statement {
    let list = |name: &str| block.get(name).map(texts).unwrap_or_default();
    let unknown = |name: &str| {
        document.at(&steps!["statement", index, name]) == Attribute::Unknown
            || has_unknown(document, index, name)
    };
    let pick = |plain: &'static str, negation: &'static str| {
        if list(negation).is_empty() && !unknown(negation) { (plain, false) } else { (negation, true) }
    };
    let (actions, actions_negated) = pick("actions", "not_actions");
    let (resources, resources_negated) = pick("resources", "not_resources");
    let (principals, principals_negated) = match block.get("not_principals").and_then(Value::as_array) {
        Some(blocks) if !blocks.is_empty() => ("not_principals", true),
        _ => ("principals", false),
    };
    let mut statement = Statement {
        label: label(block.get("sid").and_then(Value::as_str), index),
        effect: effect(block.get("effect").and_then(Value::as_str)).unwrap_or("allow"),
        principals: block.get(principals).and_then(Value::as_array).filter(|blocks| !blocks.is_empty()).map(
            |blocks| {
                blocks
                    .iter()
                    .flat_map(|block| {
                        let kind = block.get("type").and_then(Value::as_str).unwrap_or_default();
                        block
                            .get("identifiers")
                            .map(texts)
                            .unwrap_or_default()
                            .into_iter()
                            .map(|name| principal(kind, name))
                    })
                    .collect()
            },
        ),
        actions: list(actions),
        listed: if actions_negated { Listed::AllBut } else { Listed::Only },
        resources: list(resources),
        negated: [
            (principals_negated, "principals"),
            (actions_negated, "actions"),
            (resources_negated, "resources"),
        ]
        .into_iter()
        .filter_map(|(negated, name)| negated.then_some(name))
        .collect(),
        condition: condition::of_blocks(block.get("condition")),
        unknown: Vec::new(),
        places: Vec::new(),
    };
    if unknown(actions) {
        statement.unknown.extend(["actions_allowed", "access"]);
    }
    if unknown(principals) {
        statement.unknown.push("principals");
    }
    if unknown(resources) {
        // The ARN is decided at apply, but whose ARN it is stands in the configuration.
        let referred = document.referred(&steps!["statement", index, resources]);
        if referred.is_empty() || !referred.iter().all(|address| tells_whose_arn(address)) {
            statement.unknown.push("resources");
        } else {
            statement.resources.extend(referred);
        }
    }
    statement
}

/// Some part of a block's attribute is unknown.
fn has_unknown(document: &Subject<'_>, index: usize, name: &str) -> bool {
    fn any(marks: &Value) -> bool {
        match marks {
            Value::Bool(mark) => *mark,
            Value::Array(items) => items.iter().any(any),
            Value::Object(members) => members.values().any(any),
            _ => false,
        }
    }
    crate::facts::subject::look_up(&document.unknown, &steps!["statement", index, name]).is_some_and(any)
}
