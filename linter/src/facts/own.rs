//! The resources of our own provider: `secret`, `secret_rotation`, `secret_grant`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Extractor;
use super::aws::tied_to;
use super::collected::{Collected, Tie, TieKind};
use super::core::{characters, key_strength};
use super::model::{Generator, Grant, Origin, Rotation, Secret};
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
    let purge_protection = on_destroy(subject, &mut origin);
    generator(subject, collected);
    let owner = owner.or_else(|| super::owner(&tags));
    let store = store(subject);
    collected.facts.secrets.push(Secret {
        name,
        description,
        owner,
        tags,
        kms_key,
        customer_key_supported: matches!(store, "aws" | "gcp"),
        description_supported: true,
        recovery_window_days: window,
        recovery_supported: true,
        purge_protection,
        single_region: (store == "aws" && subject.is_set(&steps!["replicas"])).then_some(false),
        expires_at,
        // A value that comes from elsewhere is rotated there; the provider cannot make the next one.
        rotation_expected: matches!(value_source, "generated" | "literal"),
        value_source: Some(value_source),
        ..Secret::of(origin, "secret", store)
    });
}

/// What the provider does when the resource goes: `soft_delete`, unless told otherwise.
fn on_destroy(subject: &Subject<'_>, origin: &mut Origin) -> Option<bool> {
    let path = steps!["on_destroy"];
    if subject.at(&path) == Attribute::Unknown && subject.is_set(&path) {
        origin.unknown.push("purge_protection".to_owned());
    }
    let purge_protection = match subject.at(&path) {
        Attribute::Known(Value::String(text)) => Some(text != "purge"),
        Attribute::Unknown if subject.is_set(&path) => None,
        _ => Some(true),
    };
    origin.paths.insert("purge_protection".to_owned(), path);
    purge_protection
}

/// Characters of each class of `generate`; `symbol_set` replaces the symbols.
const CLASSES: [(&str, &str); 4] = [
    ("lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("digits", "0123456789"),
    ("symbols", "!@#$%&*()-_=+[]{}<>:?"),
];
/// The list is BIP 39's, of 2048 words.
const BITS_PER_WORD: f64 = 11.0;

/// What the provider makes the value by. It goes straight to the store and is shown nowhere.
fn generator(subject: &Subject<'_>, collected: &mut Collected) {
    let at = |attribute: &str| steps!["generate", attribute];
    let Attribute::Known(Value::String(kind)) = subject.at(&at("kind")) else { return };
    let mut origin = subject.origin();
    let read = ["length", "bits", "classes", "exclude", "symbol_set"];
    if read
        .iter()
        .any(|attribute| subject.at(&at(attribute)) == Attribute::Unknown && subject.is_set(&at(attribute)))
    {
        origin.unknown.push("entropy_bits".to_owned());
    }
    let length = |default: f64| subject.number(&at("length")).unwrap_or(default);
    let entropy_bits = match kind.as_str() {
        _ if !origin.unknown.is_empty() => None,
        "password" => Some(characters(length(32.0), alphabet(subject))),
        "hex" | "base64" => Some(length(32.0) * 8.0),
        "uuid" => Some(122.0),
        "words" => Some(length(6.0) * BITS_PER_WORD),
        // The provider's default is 3072 bits.
        key => key_strength(Some(key), subject.number(&at("bits")).or(Some(3_072.0)), None),
    };
    let counted = match kind.as_str() {
        "password" | "hex" | "base64" | "words" if subject.is_set(&at("length")) => "length",
        _ => "kind",
    };
    origin.paths.insert("entropy_bits".to_owned(), at(counted));
    collected.facts.generators.push(Generator { entropy_bits, ..Generator::of(origin, "generate") });
}

fn alphabet(subject: &Subject<'_>) -> f64 {
    let text =
        |attribute: &str| subject.after.pointer(&format!("/generate/{attribute}")).and_then(Value::as_str);
    let classes = subject.after.pointer("/generate/classes").and_then(Value::as_array);
    let is_on = |class: &str| {
        classes
            .is_none_or(|classes| classes.is_empty() || classes.iter().any(|on| on.as_str() == Some(class)))
    };
    let symbols = text("symbol_set").filter(|symbols| !symbols.is_empty());
    let excluded = text("exclude").unwrap_or_default();
    let allowed: BTreeSet<char> = CLASSES
        .iter()
        .filter(|(class, _)| is_on(class))
        .flat_map(|(class, known)| if *class == "symbols" { symbols.unwrap_or(known) } else { known }.chars())
        .filter(|character| !excluded.contains(*character))
        .collect();
    allowed.len() as f64
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
    // A login of a database has one password, which changes under those who use it.
    let strategy = if subject.is_set(&steps!["database"]) {
        origin.paths.insert("strategy".to_owned(), steps!["database"]);
        Some("single_user".to_owned())
    } else {
        strategy
    };
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::model::{Facts, Generator};
    use super::super::tests::{facts, resource};

    fn own(resource_type: &str, after: Value) -> Facts {
        let mut resource = resource(resource_type, "a").after(after);
        resource.change["provider_name"] = json!("registry.terraform.io/secretlint/secret");
        facts(vec![resource])
    }

    #[test]
    fn what_is_purged_is_not_protected() {
        let protected = |on_destroy: Value| {
            own("secret", json!({ "on_destroy": on_destroy })).secrets[0].purge_protection
        };
        assert_eq!(protected(json!("purge")), Some(false));
        for kept in [json!("soft_delete"), json!("retain"), Value::Null] {
            assert_eq!(protected(kept.clone()), Some(true), "{kept}");
        }
    }

    #[test]
    fn what_is_purged_cannot_be_brought_back() {
        let mut secret = resource("secret", "a");
        secret.change["provider_name"] = json!("registry.terraform.io/secretlint/secret");
        secret.change["change"] = json!({
            "actions": ["delete"], "before": { "name": "a", "on_destroy": "purge", "recovery_window_days": 30 }, "after": null,
        });
        assert_eq!(facts(vec![secret]).removals[0].recoverable, Some(false));
    }

    fn generated(generate: Value) -> Generator {
        own("secret", json!({ "generate": generate })).generators.remove(0)
    }

    #[test]
    fn a_generated_value_is_as_hard_to_guess_as_it_is_configured() {
        let bits = |generate: Value| generated(generate).entropy_bits.unwrap().round();
        assert_eq!(bits(json!({ "kind": "password" })), 204.0);
        assert_eq!(bits(json!({ "kind": "password", "length": 8, "classes": ["digits"] })), 27.0);
        assert_eq!(
            bits(json!({ "kind": "password", "length": 8, "classes": ["digits"], "exclude": "01" })),
            24.0
        );
        assert_eq!(
            bits(json!({ "kind": "password", "length": 8, "classes": ["symbols"], "symbol_set": "-_" })),
            8.0
        );
        assert_eq!(bits(json!({ "kind": "hex", "length": 4 })), 32.0);
        assert_eq!(bits(json!({ "kind": "words" })), 66.0);
        assert_eq!(bits(json!({ "kind": "uuid" })), 122.0);
        assert_eq!(bits(json!({ "kind": "rsa" })), 128.0);
        assert_eq!(bits(json!({ "kind": "rsa", "bits": 2048 })), 112.0);
        assert_eq!(bits(json!({ "kind": "ed25519" })), 128.0);
        assert!(!generated(json!({ "kind": "words" })).shown);
    }

    #[test]
    fn a_login_of_a_database_is_one_login() {
        let strategy = |after: Value| own("secret_rotation", after).rotations.remove(0).strategy;
        let database = json!({ "schedule": "24h", "strategy": "store", "database": { "connection": "orders", "username": "orders" } });
        assert_eq!(strategy(database).as_deref(), Some("single_user"));
        assert_eq!(
            strategy(json!({ "schedule": "30d", "strategy": "regenerate" })).as_deref(),
            Some("regenerate")
        );
    }
}
