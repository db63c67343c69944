//! Keys of a Key Vault and of a managed HSM. A vault's key has its rotation in a block of its own; a managed HSM's in another resource.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Key, Origin, PathStep};
use super::super::subject::{Attribute, Subject, steps};
use super::duration_days;
use super::key_vault::{Vault, window};

pub(super) fn key(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let policy = steps!["rotation_policy", 0_usize];
    let rotation = rotation(subject, subject, &mut origin, &policy, collected);
    add(subject, origin, rotation, collected);
}

/// The policy is a resource that names the key.
pub(super) fn security_module_key(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let policies = subject.plan.changes().iter().filter(|change| {
        &*change.resource_type == "azurerm_key_vault_managed_hardware_security_module_key_rotation_policy"
            && change.exists_after()
    });
    let opened: Vec<Subject<'_>> =
        policies.filter_map(|change| Subject::open(subject.plan, change).ok()).collect();
    let of_this = |policy: &&Subject<'_>| {
        let named = policy.referred(&steps!["managed_hsm_key_id"]);
        named.iter().any(|address| address == subject.address())
            || (policy.text("managed_hsm_key_id").is_some()
                && policy.text("managed_hsm_key_id") == subject.text("id"))
    };
    let rotation = match opened.iter().find(of_this) {
        Some(policy) => rotation(subject, policy, &mut origin, &[], collected),
        None => {
            let told = |policy: &Subject<'_>| !policy.referred(&steps!["managed_hsm_key_id"]).is_empty();
            if !opened.iter().all(told) {
                origin.unknown.push("rotation_enabled".to_owned());
            }
            Rotated { enabled: opened.iter().all(told).then_some(false), ..Rotated::default() }
        }
    };
    add(subject, origin, rotation, collected);
}

/// What a rotation policy says.
#[derive(Default)]
struct Rotated {
    enabled: Option<bool>,
    period_days: Option<f64>,
    /// New versions get an end.
    ends: bool,
}

/// Reads the policy at `at` of the resource `of`. A policy that only tells somebody that a key is about to expire rotates nothing.
fn rotation(
    subject: &Subject<'_>,
    of: &Subject<'_>,
    origin: &mut Origin,
    at: &[PathStep],
    collected: &mut Collected,
) -> Rotated {
    let inside = |rest: &[PathStep]| [at, rest].concat();
    // In the resource of its own the two times stand beside the end.
    let automatic = if at.is_empty() { Vec::new() } else { inside(&steps!["automatic", 0_usize]) };
    let creation = [automatic.clone(), steps!["time_after_creation"]].concat();
    let expiry = [automatic, steps!["time_before_expiry"]].concat();
    let end = inside(&steps!["expire_after"]);
    if at.is_empty() {
        origin.paths.insert("rotation_enabled".to_owned(), Vec::new());
    } else {
        origin.paths.insert("rotation_enabled".to_owned(), steps!["rotation_policy"]);
        origin.paths.insert("rotation_period_days".to_owned(), creation.clone());
    }
    if of.at(&steps!["rotation_policy"]) == Attribute::Unknown && of.is_set(&steps!["rotation_policy"]) {
        origin.unknown.extend(["rotation_enabled".to_owned(), "rotation_period_days".to_owned()]);
        return Rotated::default();
    }
    let mut unreadable = Vec::new();
    let mut days = |path: &[PathStep]| match of.at(path) {
        Attribute::Known(Value::String(text)) => {
            let days = duration_days(text);
            if days.is_none() {
                unreadable.push(path.to_vec());
            }
            days
        }
        _ => None,
    };
    let (after_creation, before_expiry, ends) = (days(&creation), days(&expiry), days(&end));
    for path in unreadable {
        let reason = "the time is not a duration in the form of ISO 8601";
        collected.facts.unreadable.push(of.unreadable(path, reason));
    }
    let set = |path: &[PathStep]| of.is_set(path);
    let enabled = set(&creation) || set(&expiry);
    let unknown = |path: &[PathStep]| of.at(path) == Attribute::Unknown && of.is_set(path);
    if unknown(&creation) || (unknown(&expiry) && after_creation.is_none()) {
        origin.unknown.push("rotation_period_days".to_owned());
    }
    if enabled && after_creation.is_none() && subject.address() == of.address() {
        origin.paths.insert("rotation_period_days".to_owned(), expiry.clone());
    }
    let from_end = ends.zip(before_expiry).map(|(end, before)| (end - before).max(0.0));
    Rotated { enabled: Some(enabled), period_days: after_creation.or(from_end), ends: set(&end) }
}

fn add(subject: &Subject<'_>, mut origin: Origin, rotation: Rotated, collected: &mut Collected) {
    let expires_at = subject.field(&mut origin, "expires_at", steps!["expiration_date"]);
    let in_module = subject.is_set(&steps!["managed_hsm_id"]);
    let (vault, feature) = if in_module {
        ("managed_hsm_id", "purge_soft_deleted_hardware_security_module_keys_on_destroy")
    } else {
        ("key_vault_id", "purge_soft_deleted_keys_on_destroy")
    };
    origin.paths.insert("deletion_window_days".to_owned(), steps![vault]);
    let vault = Vault::of(subject, vault);
    collected.facts.keys.push(Key {
        rotation_enabled: rotation.enabled,
        rotation_period_days: rotation.period_days,
        deletion_window_days: window(subject, feature, &vault),
        expires_at,
        expiry_expected: !rotation.ends,
        ..Key::of(origin, "azure_key_vault")
    });
}
