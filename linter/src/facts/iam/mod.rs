//! AWS access policies as grants: who may do what to which secret. One statement is one grant.
//!
//! A resource policy's `Resource: "*"` means the secret (or key) it is attached to, so its grants name that address; only an identity policy's
//! `*` is a wildcard. A policy that is unknown until apply still gives a grant, with what cannot be told in `unknown`: on a secret or
//! key it concerns secrets for certain, in an identity only if it refers to one.

mod accounts;
mod actions;
mod breadth;
mod condition;
mod document;
#[cfg(test)]
mod tests;
mod trust;

pub(crate) use self::accounts::tell_foreign_principals;
use self::actions::{Listed, levels, services_of};
use self::condition::End;
use self::document::Statement;
use super::collected::Collected;
use super::model::{AttributePath, Grant};
use super::subject::{Attribute, Subject, steps};
use crate::plan::Target;

/// What a policy is attached to.
#[derive(Debug, Clone)]
pub(crate) enum Attached {
    /// A secret: its address, or its ARN where that is all there is.
    Secret(Option<String>),
    /// A key: its address.
    Key(Option<String>),
    /// A user, group or role, or a managed policy.
    Identity,
    /// A role, saying who may take it on.
    Trust,
}

impl Attached {
    fn kind(&self) -> &'static str {
        match self {
            Self::Secret(_) => "resource_policy",
            Self::Key(_) => "key_policy",
            Self::Identity => "identity_policy",
            Self::Trust => "trust_policy",
        }
    }

    /// What `*` stands for in this policy, where it is not everything.
    fn owner(&self) -> Option<&str> {
        match self {
            Self::Secret(owner) | Self::Key(owner) => owner.as_deref(),
            Self::Identity | Self::Trust => None,
        }
    }
}

/// Adds the grants of the policy document at `path`.
pub(crate) fn policy(
    subject: &Subject<'_>,
    path: &AttributePath,
    attached: &Attached,
    collected: &mut Collected,
) {
    match subject.at(path) {
        Attribute::Absent => {}
        Attribute::Known(value) => match value.as_str() {
            Some("") => {}
            Some(text) => match document::parse(text) {
                Ok(statements) => add(subject, path, attached, statements, collected),
                Err(error) => {
                    collected.facts.unreadable.push(subject.unreadable(path.clone(), error.to_string()))
                }
            },
            None => collected
                .facts
                .unreadable
                .push(subject.unreadable(path.clone(), "the policy document is not a text")),
        },
        Attribute::Unknown => match planned_document(subject, path) {
            Some(statements) => add(subject, path, attached, statements, collected),
            None if is_written(subject, path) => {
                collected.facts.grants.push(unknown(subject, path, attached));
                if matches!(attached, Attached::Trust) {
                    collected.facts.trusts.extend(trust::unknown(subject, path));
                }
            }
            None => {}
        },
    }
}

/// Adds what the statements of one document say.
fn add(
    subject: &Subject<'_>,
    path: &AttributePath,
    attached: &Attached,
    statements: Vec<Statement>,
    collected: &mut Collected,
) {
    for statement in statements {
        if matches!(attached, Attached::Trust) {
            collected.facts.trusts.extend(trust::of_statement(subject, path, &statement));
        }
        collected.facts.grants.push(grant(subject, path, attached, statement));
    }
}

/// An optional and computed policy that the configuration does not write is the platform's default, not something unknown.
fn is_written(subject: &Subject<'_>, path: &AttributePath) -> bool {
    subject.expressions.is_null() || subject.expression(path) != crate::plan::Expression::Absent
}

/// Statements of the `data.aws_iam_policy_document` that a policy is, where that is read only at apply.
fn planned_document(subject: &Subject<'_>, path: &AttributePath) -> Option<Vec<Statement>> {
    let resolution = subject.resolve(path);
    let [Target::Change { place, .. }] = resolution.targets.as_slice() else { return None };
    let change = subject.plan.changes().get(*place)?;
    if &*change.resource_type != "aws_iam_policy_document" {
        return None;
    }
    document::from_data_source(&Subject::open(subject.plan, change).ok()?)
}

/// AWS-managed policies that reach secrets, or let the holder give itself what does, with what they allow on every resource. Source: the AWS managed policy reference.
const MANAGED: [(&str, &[&str], Listed); 6] = [
    ("AdministratorAccess", &["*"], Listed::Only),
    ("IAMFullAccess", &["iam:*", "organizations:Describe*", "organizations:List*"], Listed::Only),
    ("PowerUserAccess", &["iam:*", "organizations:*", "account:*"], Listed::AllBut),
    ("SecretsManagerReadWrite", &["secretsmanager:*"], Listed::Only),
    ("AmazonSSMFullAccess", &["ssm:*"], Listed::Only),
    ("AmazonSSMReadOnlyAccess", &["ssm:Describe*", "ssm:Get*", "ssm:List*"], Listed::Only),
];

/// Adds the grant of an AWS-managed policy whose ARN stands at `path`; other ARNs say nothing about what they allow.
pub(crate) fn managed(subject: &Subject<'_>, path: &AttributePath, collected: &mut Collected) {
    let Attribute::Known(value) = subject.at(path) else { return };
    let Some((account, name)) = value.as_str().and_then(|arn| arn.split_once(":policy/")) else { return };
    if !account.ends_with(":iam::aws") {
        return;
    }
    let name = name.rsplit('/').next().unwrap_or(name);
    let Some((_, actions, listed)) = MANAGED.iter().find(|(managed, ..)| *managed == name) else { return };
    let statement = Statement {
        label: Some(name.to_owned()),
        effect: "allow",
        principals: None,
        actions: actions.iter().map(ToString::to_string).collect(),
        listed: *listed,
        resources: vec!["*".to_owned()],
        negated: if *listed == Listed::AllBut { vec!["actions"] } else { Vec::new() },
        condition: Vec::new(),
        unknown: Vec::new(),
        places: Vec::new(),
    };
    let mut grant = grant(subject, path, &Attached::Identity, statement);
    for field in ["actions_allowed", "resources", "access", "statement"] {
        grant.origin.paths.insert(field.to_owned(), path.clone());
    }
    collected.facts.grants.push(grant);
}

/// Adds the grant of an `aws_kms_grant`.
pub(crate) fn key_grant(subject: &Subject<'_>, collected: &mut Collected) {
    let operations = subject.after.get("operations").and_then(serde_json::Value::as_array);
    let actions = operations.into_iter().flatten().filter_map(serde_json::Value::as_str);
    let mut origin = subject.origin();
    let principal = subject.field_or_reference(&mut origin, "principals", steps!["grantee_principal"]);
    let key = subject.field_or_reference(&mut origin, "resources", steps!["key_id"]);
    let statement = Statement {
        label: subject.text("name").map(str::to_owned),
        effect: "allow",
        principals: principal.map(|principal| vec![principal]),
        actions: actions.map(|operation| format!("kms:{operation}")).collect(),
        listed: Listed::Only,
        resources: key.clone().into_iter().collect(),
        negated: Vec::new(),
        condition: Vec::new(),
        unknown: Vec::new(),
        places: Vec::new(),
    };
    let mut grant = grant(subject, &steps!["operations"], &Attached::Key(key), statement);
    origin.paths.insert("actions_allowed".to_owned(), steps!["operations"]);
    origin.paths.insert("access".to_owned(), steps!["operations"]);
    grant.origin = origin;
    collected.facts.grants.push(grant);
}

fn grant(subject: &Subject<'_>, path: &AttributePath, attached: &Attached, statement: Statement) -> Grant {
    let mut origin = subject.origin();
    for field in ["principals", "actions_allowed", "access", "resources", "condition_keys", "statement"] {
        let place =
            statement.places.iter().find(|(name, _)| *name == field).map(|(_, place)| place.as_slice());
        origin.paths.insert(field.to_owned(), [path.as_slice(), place.unwrap_or_default()].concat());
    }
    origin.unknown = statement.unknown.iter().map(ToString::to_string).collect();
    let unknown = |field: &str| statement.unknown.contains(&field);
    let all = ["secretsmanager", "ssm", "kms"];
    let services: Vec<&str> = match attached {
        Attached::Secret(_) => vec!["secretsmanager"],
        Attached::Key(_) => vec!["kms"],
        Attached::Trust => Vec::new(),
        Attached::Identity if statement.negated.contains(&"resources") || unknown("resources") => {
            all.to_vec()
        }
        Attached::Identity => all
            .into_iter()
            .filter(|service| {
                statement.resources.iter().any(|resource| services_of(resource).contains(service))
            })
            .collect(),
    };
    let access = levels(&statement.actions, statement.listed, &services);
    let reaches = access.iter().any(|level| *level != "describe");
    let concerns_secrets = match attached {
        Attached::Trust => false,
        Attached::Secret(_) | Attached::Key(_) => reaches || unknown("actions_allowed"),
        Attached::Identity => {
            let named = statement
                .resources
                .iter()
                .any(|resource| !resource.starts_with('*') && !services_of(resource).is_empty());
            reaches || (unknown("actions_allowed") && named)
        }
    };
    let expires_at = match condition::end(&statement.condition) {
        End::Never => None,
        End::Unknown => {
            origin.unknown.push("expires_at".to_owned());
            None
        }
        End::At(time) => Some(time),
    };
    if !statement.condition.is_empty()
        && let Some(place) = origin.paths.get("condition_keys").cloned()
    {
        origin.paths.insert("expires_at".to_owned(), place);
    }
    let condition_keys = condition::keys(&statement.condition);
    let is_identity = matches!(attached, Attached::Identity);
    let administrator = is_identity && breadth::is_administrator(&statement, &condition_keys);
    let escalations =
        if is_identity { breadth::escalations(&statement, &condition_keys) } else { Vec::new() };
    let decrypts_only = concerns_secrets && breadth::decrypts_only(&statement, &services, &access);
    let resources = statement
        .resources
        .into_iter()
        .map(|resource| match attached.owner() {
            Some(owner) if resource == "*" => owner.to_owned(),
            _ => resource,
        })
        .collect();
    let delegates_to_account = !statement.negated.contains(&"principals")
        && statement
            .principals
            .as_ref()
            .is_some_and(|names| !names.is_empty() && names.iter().all(|name| is_account(name)));
    Grant {
        effect: statement.effect,
        statement: statement.label,
        principals: statement.principals,
        access,
        actions_allowed: statement.actions,
        resources,
        concerns_secrets,
        administrator,
        decrypts_only,
        escalations,
        negated: statement.negated,
        condition_keys,
        delegates_to_account,
        expires_at,
        ..Grant::of(origin, attached.kind())
    }
}

/// A policy of which nothing is known but where it is attached.
fn unknown(subject: &Subject<'_>, path: &AttributePath, attached: &Attached) -> Grant {
    let mut origin = subject.origin();
    let mut fields = vec!["actions_allowed", "access", "condition_keys", "effect"];
    if !matches!(attached, Attached::Identity) {
        fields.push("principals");
    }
    let referred = subject.referred(path);
    let resources: Vec<String> = match attached.owner() {
        Some(owner) => vec![owner.to_owned()],
        None => {
            fields.push("resources");
            Vec::new()
        }
    };
    for field in ["principals", "actions_allowed", "access", "resources", "condition_keys", "statement"] {
        origin.paths.insert(field.to_owned(), path.clone());
    }
    origin.unknown = fields.into_iter().map(str::to_owned).collect();
    let concerns_secrets = match attached {
        Attached::Secret(_) | Attached::Key(_) => true,
        Attached::Identity => referred.iter().any(|address| !services_of(address).is_empty()),
        Attached::Trust => false,
    };
    Grant { resources, concerns_secrets, ..Grant::of(origin, attached.kind()) }
}

/// An account as a principal: its number, or its root's ARN.
fn is_account(principal: &str) -> bool {
    let number = principal
        .strip_prefix("arn:")
        .and_then(|rest| rest.split_once(":iam::"))
        .and_then(|(_, rest)| rest.strip_suffix(":root"))
        .unwrap_or(principal);
    accounts::is_number(number)
}
