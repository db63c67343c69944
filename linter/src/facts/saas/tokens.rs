//! Tokens that a service makes for Terraform and that can end by themselves. Kinds that no service lets end are not read: there is nothing to
//! set.

use jiff::civil::Date;

use super::super::collected::Collected;
use super::super::model::{Credential, Origin, PathStep};
use super::super::schedule;
use super::super::subject::{Attribute, Subject, steps};

/// What says when a token ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// A day or a time.
    At(&'static str),
    /// A number of seconds; none and 0 are never.
    After(&'static str),
    /// A duration such as `30d`.
    Within(&'static str),
}

/// Who makes the next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Somebody.
    Unsaid,
    /// Terraform, when the end comes near.
    Made,
    /// Terraform, where this block says so.
    Block(&'static str),
}

struct Token {
    resource_type: &'static str,
    end: End,
    next: Next,
}

const fn token_type(resource_type: &'static str, end: End, next: Next) -> Token {
    Token { resource_type, end, next }
}

const ROTATED: Next = Next::Block("rotation_configuration");

const TOKENS: [Token; 17] = [
    token_type("gitlab_deploy_token", End::At("expires_at"), Next::Unsaid),
    token_type("gitlab_project_deploy_token", End::At("expires_at"), Next::Unsaid),
    token_type("gitlab_group_deploy_token", End::At("expires_at"), Next::Unsaid),
    token_type("gitlab_project_access_token", End::At("expires_at"), ROTATED),
    token_type("gitlab_group_access_token", End::At("expires_at"), ROTATED),
    token_type("gitlab_personal_access_token", End::At("expires_at"), ROTATED),
    token_type("gitlab_group_service_account_access_token", End::At("expires_at"), ROTATED),
    token_type("gitlab_user_impersonation_token", End::At("expires_at"), Next::Unsaid),
    token_type("tfe_team_token", End::At("expired_at"), Next::Unsaid),
    token_type("tfe_organization_token", End::At("expired_at"), Next::Unsaid),
    token_type("tfe_audit_trail_token", End::At("expired_at"), Next::Unsaid),
    token_type("grafana_service_account_token", End::After("seconds_to_live"), Next::Unsaid),
    token_type("grafana_cloud_stack_service_account_token", End::After("seconds_to_live"), Next::Unsaid),
    token_type("grafana_api_key", End::After("seconds_to_live"), Next::Unsaid),
    token_type("grafana_service_account_rotating_token", End::After("seconds_to_live"), Next::Made),
    token_type("grafana_cloud_access_policy_token", End::At("expires_at"), Next::Unsaid),
    token_type("grafana_cloud_access_policy_rotating_token", End::Within("expire_after"), Next::Made),
];

/// A token of a type that has a row.
pub(super) fn token(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(row) = TOKENS.iter().find(|row| row.resource_type == subject.resource_type()) else { return };
    let mut origin = subject.origin();
    let who = subject.field(&mut origin, "subject", steps!["name"]);
    let renewed = match row.next {
        Next::Unsaid => false,
        Next::Made => true,
        Next::Block(block) => subject.is_set(&steps![block]),
    };
    let mut credential = Credential { subject: who, renewed, ..Credential::of(origin, "token") };
    match row.end {
        End::At(name) => ends_at(subject, name, &mut credential),
        End::After(name) => {
            let seconds = subject.number(&steps![name]).filter(|seconds| *seconds > 0.0);
            ends_after(subject, name, seconds, &mut credential);
        }
        End::Within(name) => {
            let days = subject.text(name).and_then(schedule::duration_days);
            ends_after(subject, name, days.map(|days| (days * 86_400.0).round()), &mut credential);
        }
    }
    if renewed {
        credential.ends = Some(true);
    }
    collected.facts.credentials.push(credential);
}

fn ends_at(subject: &Subject<'_>, name: &str, credential: &mut Credential) {
    let at = steps![name];
    let end = match subject.at(&at) {
        Attribute::Known(value) => value.as_str().filter(|text| !text.is_empty()).map(as_time),
        Attribute::Unknown if subject.is_set(&at) => {
            note_unknown(&mut credential.origin, &["expires_at", "ends"]);
            credential.origin.paths.insert("expires_at".to_owned(), at);
            return;
        }
        _ => None,
    };
    credential.ends = Some(end.is_some());
    credential.expires_at = end;
    credential.origin.paths.insert("expires_at".to_owned(), at);
}

fn ends_after(subject: &Subject<'_>, name: &str, seconds: Option<f64>, credential: &mut Credential) {
    let at: Vec<PathStep> = steps![name];
    if subject.at(&at) == Attribute::Unknown && subject.is_set(&at) {
        note_unknown(&mut credential.origin, &["ttl_seconds", "ends"]);
    } else {
        credential.ends = Some(seconds.is_some());
        credential.ttl_seconds = seconds;
    }
    credential.origin.paths.insert("ttl_seconds".to_owned(), at);
}

fn note_unknown(origin: &mut Origin, fields: &[&str]) {
    origin.unknown.extend(fields.iter().map(ToString::to_string));
}

/// GitLab takes a day, which ends the token when it begins.
fn as_time(text: &str) -> String {
    match text.parse::<Date>() {
        Ok(_) if text.len() == 10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    }
}
