//! Cloud KMS keys, and the clusters whose Secrets are encrypted with one. Only a symmetric key for encryption is rotated by the platform, and only
//! where a period is set.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Key, Store};
use super::super::subject::{Attribute, Subject, steps};
use super::{days, written};

/// Days for which a destroyed version can be restored where the configuration says nothing; of an imported key one.
/// <https://cloud.google.com/kms/docs/destroy-restore>
const DESTROY_DELAY_DAYS: f64 = 30.0;
const DESTROY_DELAY_DAYS_IMPORTED: f64 = 1.0;

pub(super) fn key(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let imported = subject.flag("import_only") == Some(true);
    let rotatable = !imported && subject.text("purpose").is_none_or(|purpose| purpose == "ENCRYPT_DECRYPT");
    let period = days(subject, &mut origin, "rotation_period_days", steps!["rotation_period"]);
    let is_set = subject.is_set(&steps!["rotation_period"]);
    origin.paths.insert("rotation_enabled".to_owned(), steps!["rotation_period"]);
    let window = days(subject, &mut origin, "deletion_window_days", steps!["destroy_scheduled_duration"])
        .or_else(|| {
            let is_unknown = origin.unknown.iter().any(|field| field == "deletion_window_days");
            let default = if imported { DESTROY_DELAY_DAYS_IMPORTED } else { DESTROY_DELAY_DAYS };
            (!is_unknown).then_some(default)
        });
    collected.facts.keys.push(Key {
        rotation_enabled: rotatable.then_some(is_set),
        rotation_period_days: period,
        deletion_window_days: window,
        ..Key::of(origin, "google_kms")
    });
    for identity in ["id", "self_link"] {
        if let Some(text) = subject.text(identity) {
            collected.identities.push((text.to_owned(), subject.address().to_owned()));
        }
    }
}

/// A GKE cluster: its Secrets are encrypted with a key of one's own where `database_encryption` says so.
pub(super) fn cluster(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let blocks = steps!["database_encryption"];
    let state = steps!["database_encryption", 0_usize, "state"];
    let secrets_encrypted = match (subject.at(&blocks), subject.at(&state)) {
        (_, Attribute::Known(Value::String(state))) => Some(state == "ENCRYPTED"),
        (Attribute::Unknown, _) | (_, Attribute::Unknown) if written(subject, &blocks) => {
            origin.unknown.push("secrets_encrypted".to_owned());
            None
        }
        _ => Some(false),
    };
    let path = if written(subject, &state) { state } else { blocks };
    origin.paths.insert("secrets_encrypted".to_owned(), path);
    collected.facts.stores.push(Store { name, secrets_encrypted, ..Store::of(origin, "cluster") });
}
