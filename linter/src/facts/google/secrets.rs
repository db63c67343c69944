//! Secret Manager. A global secret is replicated where Google likes or to named regions, each with a key of its own; a regional one stays where
//! it was made. A deleted secret is gone at once. What can be brought back for a while is a destroyed version, where `version_destroy_ttl` says so.
//! Its rotation is a reminder: a message to a topic, on which somebody has to act.

use serde_json::Value;

use super::super::collected::{Collected, Tie, TieKind, TiedTo};
use super::super::model::{AttributePath, Origin, Rotation, Secret};
use super::super::subject::{Attribute, Subject, steps};
use super::{days, is_offered, labels, tied_to, written};

const STORE: &str = "google_secret_manager";

pub(super) fn secret(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let replicas = steps!["replication", 0_usize, "user_managed", 0_usize, "replicas"];
    let mut single_region = Some(false);
    let kms_key = match subject.at(&replicas) {
        Attribute::Known(Value::Array(members)) if !members.is_empty() => {
            single_region = Some(members.len() == 1);
            origin.paths.insert("single_region".to_owned(), replicas.clone());
            key_of_replicas(subject, &mut origin, &replicas, members.len())
        }
        Attribute::Unknown => {
            single_region = None;
            origin.unknown.extend(["single_region".to_owned(), "kms_key".to_owned()]);
            origin.paths.insert("kms_key".to_owned(), replicas);
            None
        }
        _ => key(subject, &mut origin, steps!["replication", 0_usize, "auto", 0_usize]),
    };
    origin.paths.entry("single_region".to_owned()).or_insert_with(|| steps!["replication"]);
    add(subject, Secret { kms_key, single_region, ..Secret::of(origin, "secret", STORE) }, collected);
}

pub(super) fn regional_secret(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let kms_key = key(subject, &mut origin, Vec::new());
    add(subject, Secret { kms_key, ..Secret::of(origin, "secret", STORE) }, collected);
}

/// What global and regional secrets share.
fn add(subject: &Subject<'_>, mut secret: Secret, collected: &mut Collected) {
    let origin = &mut secret.origin;
    secret.name = subject.field(origin, "name", steps!["secret_id"]);
    (secret.tags, secret.owner) = labels(subject, origin);
    secret.recovery_window_days =
        days(subject, origin, "recovery_window_days", steps!["version_destroy_ttl"]).or(Some(0.0));
    if origin.unknown.iter().any(|field| field == "recovery_window_days") {
        secret.recovery_window_days = None;
    }
    secret.recovery_supported = is_offered(subject, "version_destroy_ttl");
    secret.purge_protection = purge_protection(subject, origin);
    secret.expires_at = expires_at(subject, origin);
    secret.customer_key_supported = true;
    secret.rotation_expected = true;
    secret.value_source = Some("none");
    identities(subject, collected);
    collected.facts.secrets.push(secret);
    rotation(subject, collected);
}

/// Names by which versions, grants and workloads call the secret.
fn identities(subject: &Subject<'_>, collected: &mut Collected) {
    let mut add = |identity: String| collected.identities.push((identity, subject.address().to_owned()));
    for attribute in ["id", "name", "secret_id"] {
        if let Some(text) = subject.text(attribute) {
            add(text.to_owned());
        }
    }
    if let (Some(project), Some(name)) = (subject.text("project"), subject.text("secret_id")) {
        match subject.text("location") {
            Some(location) => add(format!("projects/{project}/locations/{location}/secrets/{name}")),
            None => add(format!("projects/{project}/secrets/{name}")),
        }
    }
}

/// The key named in the `customer_managed_encryption` block below `path`.
fn key(subject: &Subject<'_>, origin: &mut Origin, mut path: AttributePath) -> Option<String> {
    path.extend(steps!["customer_managed_encryption"]);
    if !matches!(subject.at(&path), Attribute::Known(Value::Array(blocks)) if !blocks.is_empty()) {
        // Unknown blocks that the configuration does not write are the provider's to fill in.
        if subject.at(&path) == Attribute::Unknown && written(subject, &path) {
            origin.unknown.push("kms_key".to_owned());
        }
        path.truncate(path.len().saturating_sub(2));
        let shown = if path.is_empty() { steps!["customer_managed_encryption"] } else { path };
        origin.paths.insert("kms_key".to_owned(), shown);
        return None;
    }
    path.extend(steps![0_usize, "kms_key_name"]);
    subject.field_or_reference(origin, "kms_key", path)
}

/// The first key of the replicas, if each has one: where one has none, the value lies under Google's own key there.
fn key_of_replicas(
    subject: &Subject<'_>,
    origin: &mut Origin,
    replicas: &AttributePath,
    count: usize,
) -> Option<String> {
    let mut first = None;
    for index in 0..count {
        let replica = [replicas.as_slice(), &steps![index]].concat();
        let key = key(subject, origin, replica.clone());
        if key.is_none() {
            if !origin.unknown.iter().any(|field| field == "kms_key") {
                origin.paths.insert("kms_key".to_owned(), replica);
            }
            return None;
        }
        first = first.or(key);
    }
    first
}

/// Terraform refuses to delete a secret with this flag. Null where the provider has none.
fn purge_protection(subject: &Subject<'_>, origin: &mut Origin) -> Option<bool> {
    let path = steps!["deletion_protection"];
    let is_unknown = subject.at(&path) == Attribute::Unknown;
    origin.paths.insert("purge_protection".to_owned(), path);
    if is_unknown {
        origin.unknown.push("purge_protection".to_owned());
        return None;
    }
    is_offered(subject, "deletion_protection")
        .then(|| subject.flag("deletion_protection").unwrap_or_default())
}

/// `expire_time`, or `ttl` seconds after the apply.
fn expires_at(subject: &Subject<'_>, origin: &mut Origin) -> Option<String> {
    let until = subject.field_or_reference(origin, "expires_at", steps!["expire_time"]);
    if until.is_none() && subject.is_set(&steps!["ttl"]) {
        origin.unknown.retain(|field| field != "expires_at");
        origin.unknown.push("expires_at".to_owned());
        origin.paths.insert("expires_at".to_owned(), steps!["ttl"]);
    }
    until
}

fn rotation(subject: &Subject<'_>, collected: &mut Collected) {
    let block = steps!["rotation", 0_usize];
    let is_there = match subject.at(&steps!["rotation"]) {
        Attribute::Known(Value::Array(blocks)) => !blocks.is_empty(),
        Attribute::Unknown => written(subject, &steps!["rotation"]),
        _ => false,
    };
    if !is_there {
        return;
    }
    let mut origin = subject.origin();
    let at = |attribute: &str| [block.as_slice(), &steps![attribute]].concat();
    let schedule = subject.field(&mut origin, "schedule", at("rotation_period"));
    let period_days = days(subject, &mut origin, "period_days", at("rotation_period"));
    origin.paths.insert("secret".to_owned(), steps!["rotation"]);
    // Without a topic there is nobody to tell.
    origin.paths.insert("enabled".to_owned(), steps!["topics"]);
    let enabled = match subject.at(&steps!["topics"]) {
        Attribute::Known(Value::Array(topics)) => Some(!topics.is_empty()),
        Attribute::Unknown if written(subject, &steps!["topics"]) => {
            origin.unknown.push("enabled".to_owned());
            None
        }
        _ => Some(false),
    };
    collected.facts.rotations.push(Rotation {
        enabled,
        period_days,
        schedule,
        strategy: Some("notification".to_owned()),
        ..Rotation::of(origin, "secret")
    });
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Rotation,
        store: STORE,
        to: TiedTo::Addresses(vec![subject.address().to_owned()]),
    });
}

pub(super) fn version(subject: &Subject<'_>, collected: &mut Collected) {
    let is_write_only = written(subject, &steps!["secret_data_wo"])
        || subject.is_set(&steps!["secret_data_wo"])
        || subject.is_set(&steps!["secret_data_wo_version"]) && !written(subject, &steps!["secret_data"]);
    let source =
        if is_write_only { Some("write_only") } else { subject.value_source(&steps!["secret_data"]) };
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Version(source),
        store: STORE,
        to: tied_to(subject, "secret"),
    });
}
