//! Entra ID: passwords of applications, and the issuers outside whose tokens an application or a managed identity accepts instead of one.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Bound, Credential, Origin, PathStep, Trust};
use super::super::subject::{Attribute, Subject, steps};
use super::{count, list};

/// Seconds a password lasts where the configuration is silent: two years.
const DEFAULT_SECONDS: f64 = 2.0 * 365.0 * 86_400.0;

/// A password of an application or of its service principal. Azure ends every one.
pub(super) fn password(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let who = if subject.resource_type() == "azuread_application_password" {
        "application_id"
    } else {
        "service_principal_id"
    };
    // Before version 3 of the provider it was the id of the object.
    let who = if subject.is_set(&steps![who]) { who } else { "application_object_id" };
    let holder = subject.field_or_reference(&mut origin, "subject", steps![who]);
    let renewed = subject.is_set(&steps!["rotate_when_changed"]);
    let relative = subject.is_set(&steps!["end_date_relative"]);
    let (expires_at, ttl_seconds) = if subject.is_set(&steps!["end_date"]) {
        (subject.field(&mut origin, "expires_at", steps!["end_date"]), None)
    } else if relative {
        let written = subject.field(&mut origin, "ttl_seconds", steps!["end_date_relative"]);
        let seconds = written.as_deref().and_then(go_seconds);
        if written.is_some() && seconds.is_none() {
            let reason = "the end is not a duration such as `2160h`";
            collected.facts.unreadable.push(subject.unreadable(steps!["end_date_relative"], reason));
        }
        (None, seconds)
    } else {
        origin.paths.insert("ttl_seconds".to_owned(), Vec::new());
        (None, Some(DEFAULT_SECONDS))
    };
    origin.paths.insert("renewed".to_owned(), steps!["rotate_when_changed"]);
    let ttl_seconds = ttl_seconds.or_else(|| lasts(subject, &steps!["start_date"], expires_at.as_deref()));
    collected.facts.credentials.push(Credential {
        subject: holder,
        expires_at,
        ttl_seconds,
        ends: Some(true),
        renewed,
        ..Credential::of(origin, "application_password")
    });
}

/// An application with a password in a block of its own, which nothing renews.
pub(super) fn application(subject: &Subject<'_>, collected: &mut Collected) {
    for index in 0..count(subject, &steps!["password"]) {
        let at = |name: &str| steps!["password", index, name];
        let mut origin = subject.origin();
        let name = subject.field(&mut origin, "subject", steps!["display_name"]);
        let written = subject.is_set(&at("end_date"));
        let expires_at =
            if written { subject.field(&mut origin, "expires_at", at("end_date")) } else { None };
        let ttl_seconds = if written {
            lasts(subject, &at("start_date"), expires_at.as_deref())
        } else {
            Some(DEFAULT_SECONDS)
        };
        origin.paths.insert("ttl_seconds".to_owned(), steps!["password", index]);
        collected.facts.credentials.push(Credential {
            subject: name,
            expires_at,
            ttl_seconds,
            ends: Some(true),
            path: steps!["password", index],
            ..Credential::of(origin, "application_password")
        });
    }
}

/// From the start that is written, else from when the plan was made.
fn lasts(subject: &Subject<'_>, start: &[PathStep], end: Option<&str>) -> Option<f64> {
    let end: Timestamp = end?.parse().ok()?;
    let start: Timestamp = match subject.at(start) {
        Attribute::Known(Value::String(start)) => start.parse().ok()?,
        _ => subject.plan.timestamp()?.parse().ok()?,
    };
    Some(end.duration_since(start).as_secs_f64()).filter(|seconds| *seconds > 0.0)
}

/// Seconds of a duration as Go writes it: `2160h`, `240h30m`.
fn go_seconds(text: &str) -> Option<f64> {
    text.parse::<SignedDuration>()
        .ok()
        .map(|duration| duration.as_secs_f64())
        .filter(|seconds| *seconds > 0.0)
}

/// A federated credential of an application or of a managed identity: every claim is compared for equality.
pub(super) fn federation(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let issuer = subject.field(&mut origin, "issuer", steps!["issuer"]);
    let mut bounds = Vec::new();
    let named = subject.field(&mut origin, "bounds", steps!["subject"]);
    bounds.extend(bound("sub", named.into_iter().collect(), steps!["subject"]));
    let audiences = if subject.is_set(&steps!["audiences"]) { "audiences" } else { "audience" };
    bounds.extend(bound("aud", list(subject, &steps![audiences]), steps![audiences]));
    trust(subject, origin, issuer, bounds, collected);
}

/// The same with an expression over the claims, which may hold wildcards: `claims['sub'] matches 'repo:acme/*'`.
pub(super) fn flexible_federation(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let issuer = subject.field(&mut origin, "issuer", steps!["issuer"]);
    let expression = subject.field(&mut origin, "bounds", steps!["claims_matching_expression"]);
    let mut bounds: Vec<Bound> = Vec::new();
    if let Some(expression) = &expression {
        let found = claims(expression);
        if found.is_empty() {
            let reason = "the expression names no claim in the form `claims['sub'] eq '…'`";
            let unreadable = subject.unreadable(steps!["claims_matching_expression"], reason);
            return collected.facts.unreadable.push(unreadable);
        }
        bounds.extend(found.into_iter().map(|(claim, value)| Bound {
            claim,
            values: vec![value],
            path: steps!["claims_matching_expression"],
        }));
    }
    let audience = subject.text("audience").map(str::to_owned).into_iter().collect();
    bounds.extend(bound("aud", audience, steps!["audience"]));
    trust(subject, origin, issuer, bounds, collected);
}

fn bound(claim: &str, values: Vec<String>, path: Vec<PathStep>) -> Option<Bound> {
    (!values.is_empty()).then(|| Bound { claim: claim.to_owned(), values, path })
}

fn trust(
    subject: &Subject<'_>,
    mut origin: Origin,
    issuer: Option<String>,
    bounds: Vec<Bound>,
    collected: &mut Collected,
) {
    let identity = ["application_id", "application_object_id", "parent_id", "user_assigned_identity_id"]
        .into_iter()
        .find(|attribute| subject.is_set(&steps![*attribute]));
    let policies = identity
        .and_then(|attribute| subject.field_or_reference(&mut origin, "policies", steps![attribute]))
        .into_iter()
        .collect();
    // The scheme says nothing, and other platforms leave it out.
    let issuer = issuer.map(|issuer| issuer.trim_start_matches("https://").trim_end_matches('/').to_owned());
    collected.facts.trusts.push(Trust { issuer, bounds, policies, ..Trust::of(origin, "oidc") });
}

/// Claims and what each is compared with.
fn claims(expression: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some((_, after)) = rest.split_once("claims[") {
        let Some((claim, after)) = quoted(after) else { break };
        let Some((value, after)) = quoted(after) else { break };
        found.push((claim.to_owned(), value.to_owned()));
        rest = after;
    }
    found
}

/// The next text in single quotes, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.split_once('\'')?.1.split_once('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_from_an_expression() {
        let expression = "claims['sub'] matches 'repo:acme/*' and claims['job_workflow_ref'] eq 'acme/ci/.github/workflows/a.yml@main'";
        let found = claims(expression);
        assert_eq!(found[0], ("sub".to_owned(), "repo:acme/*".to_owned()));
        assert_eq!(found[1].0, "job_workflow_ref");
        assert!(claims("true").is_empty());
    }

    #[test]
    fn durations_are_written_as_in_go() {
        assert_eq!(go_seconds("2160h"), Some(2160.0 * 3600.0));
        assert_eq!(go_seconds("240h30m"), Some(240.5 * 3600.0));
        assert_eq!(go_seconds("two years"), None);
    }
}
