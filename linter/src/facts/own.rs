//! The resources of our own provider: `secret`, `secret_rotation`, `secret_grant`.

use serde_json::Value;

use super::Extractor;
use super::aws::tied_to;
use super::collected::{Collected, Tie, TieKind};
use super::model::{Grant, Rotation, Secret};
use super::schedule;
use super::subject::{Attribute, Subject, steps};
use crate::plan::Expression;

/// The types that are read, each with what reads it.
pub(super) const TYPES: &[(&str, Extractor)] =
    &[("secret", secret), ("secret_rotation", rotation), ("secret_grant", grant)];

/// Name of this platform's stores in ties; all of them are one to a rotation that cannot be told.
const STORES: [&str; 5] = ["local", "aws", "vault", "gcp", "azure"];

fn secret(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let description = subject.field(&mut origin, "description", steps!["description"]);
    let owner = subject.field(&mut origin, "owner", steps!["owner"]);
    let kms_key = subject.field_or_reference(&mut origin, "kms_key", steps!["kms_key"]);
    let expires_at = subject.field(&mut origin, "expires_at", steps!["expires_at"]);
    let window = subject.number_field(&mut origin, "recovery_window_days", steps!["recovery_window_days"]);
    origin.paths.insert("tags".to_owned(), steps!["tags"]);
    // With what the provider block adds to every secret, where the plan says so.
    let mut tags = subject.texts_at(&steps!["tags"]);
    tags.extend(subject.texts_at(&steps!["tags_all"]));
    if owner.is_none() && subject.at(&steps!["tags"]) == Attribute::Unknown {
        origin.unknown.extend(["tags".to_owned(), "owner".to_owned()]);
    }
    for identity in ["id", "arn", "name"] {
        if let Some(text) = subject.text(identity) {
            collected.identities.push((text.to_owned(), subject.address().to_owned()));
        }
    }
    let written = |attribute: &str| {
        subject.expression(&steps![attribute]) != Expression::Absent || subject.is_set(&steps![attribute])
    };
    let value_source = if written("generate") {
        "generated"
    } else if ["value_wo", "fields_wo", "value_wo_version", "fields_wo_version"].into_iter().any(written) {
        "write_only"
    } else if written("fields") {
        "literal"
    } else {
        "none"
    };
    let purged = subject.text("on_destroy") == Some("purge");
    let owner = owner.or_else(|| super::owner(&tags));
    let store = store(subject);
    collected.facts.secrets.push(Secret {
        name,
        description,
        owner,
        tags,
        kms_key,
        customer_key_supported: matches!(store, "aws" | "gcp"),
        recovery_window_days: if purged { Some(0.0) } else { window },
        recovery_supported: true,
        expires_at,
        // A value that comes from elsewhere is rotated there; the provider cannot make the next one.
        rotation_expected: matches!(value_source, "generated" | "literal"),
        value_source: Some(value_source),
        ..Secret::of(origin, "secret", store)
    });
}

/// The store that the resource's own provider block names; `local` without one.
fn store(subject: &Subject<'_>) -> &'static str {
    let providers = &subject.plan.configuration().providers;
    let key =
        subject.plan.configuration_of(subject.change).and_then(|resource| resource.provider_key.as_deref());
    // A module that is handed its provider names a key of its own, which no block has.
    let block = providers
        .iter()
        .find(|provider| Some(provider.key.as_str()) == key)
        .or_else(|| providers.iter().find(|provider| provider.name == "secret" && provider.alias.is_none()))
        .or_else(|| providers.iter().find(|provider| provider.name == "secret"));
    let expressions = block.map(|provider| subject.plan.provider_expressions(provider)).unwrap_or_default();
    STORES.into_iter().find(|store| expressions.get(store).is_some()).unwrap_or("local")
}

fn rotation(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let schedule = subject.field(&mut origin, "schedule", steps!["schedule"]);
    let strategy = subject.field(&mut origin, "strategy", steps!["strategy"]);
    let grace = subject.field(&mut origin, "keep_previous_seconds", steps!["keep_previous_for"]);
    origin.paths.insert("secret".to_owned(), steps!["secret_id"]);
    origin.paths.insert("period_days".to_owned(), steps!["schedule"]);
    let period_days = schedule.as_deref().and_then(|text| match schedule::period_days(text) {
        Ok(days) => Some(days),
        Err(error) => {
            collected.facts.unreadable.push(subject.unreadable(steps!["schedule"], error.to_string()));
            None
        }
    });
    if origin.unknown.iter().any(|field| field == "schedule") {
        origin.unknown.push("period_days".to_owned());
    }
    collected.facts.rotations.push(Rotation {
        period_days,
        schedule,
        strategy,
        keep_previous_seconds: grace
            .as_deref()
            .and_then(schedule::duration_days)
            .map(|days| (days * 86_400.0).round()),
        ..Rotation::of(origin, "secret")
    });
    let store = store(subject);
    let to = tied_to(subject, "secret_id");
    collected.ties.push(Tie { from: subject.address().to_owned(), kind: TieKind::Rotation, store, to });
}

fn grant(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let principal = subject.field_or_reference(&mut origin, "principals", steps!["principal"]);
    let secret = subject.field_or_reference(&mut origin, "resources", steps!["secret_id"]);
    let expires_at = subject.field(&mut origin, "expires_at", steps!["expires_at"]);
    let reason = subject.field(&mut origin, "reason", steps!["reason"]);
    origin.paths.insert("access".to_owned(), steps!["access"]);
    origin.paths.insert("actions_allowed".to_owned(), steps!["access"]);
    if subject.at(&steps!["access"]) == Attribute::Unknown {
        origin.unknown.extend(["access".to_owned(), "actions_allowed".to_owned()]);
    }
    let listed = subject.after.get("access").and_then(Value::as_array);
    let written: Vec<String> =
        listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let levels = ["read", "write", "rotate", "describe", "administer"];
    let access =
        levels.into_iter().filter(|level| written.iter().any(|text| text == level || text == "*")).collect();
    let conditions = subject.after.get("conditions").and_then(Value::as_array).into_iter().flatten();
    let condition_keys = conditions.filter_map(|condition| condition.get("key")?.as_str());
    let referred = subject.referred(&steps!["secret_id"]).into_iter().next();
    collected.facts.grants.push(Grant {
        principals: principal.map(|principal| vec![principal]),
        access,
        actions_allowed: written,
        resources: referred.or(secret).into_iter().collect(),
        concerns_secrets: true,
        condition_keys: condition_keys.map(str::to_ascii_lowercase).collect(),
        expires_at,
        reason,
        ..Grant::of(origin, "grant")
    });
}
