//! KMS keys. Only symmetric keys whose material KMS made itself are rotated by it; a replica follows its primary key.

use super::super::collected::Collected;
use super::super::iam::{self, Attached};
use super::super::model::{Key, Origin};
use super::super::subject::{Attribute, Subject, steps};
use super::{WhenSilent, flag_or};

/// A key, and its policy.
pub(super) fn key(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let rotation_enabled = rotation(subject, &mut origin);
    let period = subject.number(&steps!["rotation_period_in_days"]);
    if rotation_enabled == Some(true)
        && subject.at(&steps!["rotation_period_in_days"]) == Attribute::Unknown
        && subject.is_set(&steps!["rotation_period_in_days"])
    {
        origin.unknown.push("rotation_period_days".to_owned());
    }
    let default_period = (rotation_enabled == Some(true)).then_some(365.0);
    origin.paths.insert("rotation_period_days".to_owned(), steps!["rotation_period_in_days"]);
    let window = subject.number_field(&mut origin, "deletion_window_days", steps!["deletion_window_in_days"]);
    let window_unknown = origin.unknown.iter().any(|field| field == "deletion_window_days");
    let period_unknown = origin.unknown.iter().any(|field| field == "rotation_period_days");
    collected.facts.keys.push(Key {
        rotation_enabled,
        // KMS rotates yearly where nothing else is said.
        rotation_period_days: period.or(default_period.filter(|_| !period_unknown)),
        // The longest, also KMS's default.
        deletion_window_days: window.or((!window_unknown).then_some(30.0)),
        ..Key::of(origin, "aws_kms")
    });
    let attached = Attached::Key(Some(subject.address().to_owned()));
    iam::policy(subject, &steps!["policy"], &attached, collected);
}

/// Whether KMS rotates the key. Null for one that it cannot rotate: asymmetric, for HMAC, with imported material, in a store of one's own,
/// a replica; and for one that is switched off. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
fn rotation(subject: &Subject<'_>, origin: &mut Origin) -> Option<bool> {
    origin.paths.insert("rotation_enabled".to_owned(), steps!["enable_key_rotation"]);
    if subject.resource_type() != "aws_kms_key" {
        return None;
    }
    for (attribute, rotated) in
        [("customer_master_key_spec", "SYMMETRIC_DEFAULT"), ("key_usage", "ENCRYPT_DECRYPT")]
    {
        let path = steps![attribute];
        match subject.at(&path) {
            Attribute::Known(value) if value != rotated => return None,
            Attribute::Unknown if subject.is_set(&path) => {
                origin.unknown.push("rotation_enabled".to_owned());
                return None;
            }
            _ => {}
        }
    }
    if subject.is_set(&steps!["custom_key_store_id"]) || subject.flag("is_enabled") == Some(false) {
        return None;
    }
    flag_or(subject, origin, "rotation_enabled", "enable_key_rotation", WhenSilent::Off)
}

/// The policy of a key, as a resource of its own.
pub(super) fn policy(subject: &Subject<'_>, collected: &mut Collected) {
    let owner = subject
        .referred(&steps!["key_id"])
        .into_iter()
        .next()
        .or_else(|| subject.text("key_id").map(str::to_owned));
    iam::policy(subject, &steps!["policy"], &Attached::Key(owner), collected);
}
