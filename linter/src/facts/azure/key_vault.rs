//! Key Vault and the secrets and certificates in it. Soft delete is always on; whether what is deleted can also be destroyed at once is
//! decided by the vault's purge protection and by the provider, which purges what it destroys unless its `features` say otherwise.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Certificate, Origin, PathStep, Rotation, Secret, Store};
use super::super::subject::{Attribute, Subject, steps};
use super::{access_policy, duration_days, switch, tags, written};
use crate::plan::{Expression, ResourceChange, Target};

/// Days a vault keeps what is deleted in it where the configuration is silent.
const SOFT_DELETE_DAYS: f64 = 90.0;

pub(super) fn vault(subject: &Subject<'_>, collected: &mut Collected) {
    store(subject, "purge_soft_delete_on_destroy", collected);
    access_policy::inline(subject, collected);
}

pub(super) fn security_module(subject: &Subject<'_>, collected: &mut Collected) {
    store(subject, "purge_soft_deleted_hardware_security_modules_on_destroy", collected);
}

fn store(subject: &Subject<'_>, feature: &str, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let public_network = public_network(subject, &mut origin);
    let purge_protection =
        switch(subject, &mut origin, "purge_protection", steps!["purge_protection_enabled"], false);
    let days =
        subject.number_field(&mut origin, "recovery_window_days", steps!["soft_delete_retention_days"]);
    let days = days.or(Some(SOFT_DELETE_DAYS));
    if let Some(name) = &name {
        collected.identities.push((identity(name), subject.address().to_owned()));
    }
    for identity in ["id", "vault_uri"] {
        if let Some(text) = subject.text(identity) {
            collected.identities.push((text.to_owned(), subject.address().to_owned()));
        }
    }
    // Of one that stays only its contents have a window to lose.
    let days = if goes_away(subject) {
        window(subject, feature, &Vault { days, protected: purge_protection })
    } else {
        days
    };
    // A setting of one that stands already may have been made elsewhere.
    let created = subject.change.actions.iter().any(|action| &**action == "create");
    origin.paths.insert("audited".to_owned(), Vec::new());
    collected.facts.stores.push(Store {
        name,
        public_network,
        purge_protection,
        recovery_window_days: days,
        audited: created.then_some(false),
        ..Store::of(origin, "key_vault")
    });
}

/// What a vault is tied by where its id is written out: names are unique in all of Azure.
pub(super) fn identity(name: &str) -> String {
    format!("key_vault:{}", name.to_ascii_lowercase())
}

/// Open to every network: nothing denies by default, and the public endpoint is not switched off.
fn public_network(subject: &Subject<'_>, origin: &mut Origin) -> Option<bool> {
    let endpoint = steps!["public_network_access_enabled"];
    let action = steps!["network_acls", 0_usize, "default_action"];
    let closed = subject.flag("public_network_access_enabled") == Some(false);
    let denied = matches!(subject.at(&action), Attribute::Known(Value::String(text)) if text.eq_ignore_ascii_case("deny"));
    let listed = subject.is_set(&steps!["network_acls"]);
    let path =
        if listed && !closed { steps!["network_acls", 0_usize, "default_action"] } else { endpoint.clone() };
    origin.paths.insert("public_network".to_owned(), path);
    if closed || denied {
        return Some(false);
    }
    let undecided = |path: &[PathStep]| subject.at(path) == Attribute::Unknown && subject.is_set(path);
    if undecided(&endpoint) || (listed && subject.at(&action) == Attribute::Unknown) {
        origin.unknown.push("public_network".to_owned());
        return None;
    }
    Some(true)
}

pub(super) fn secret(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let description = subject.field(&mut origin, "description", steps!["content_type"]);
    let expires_at = subject.field(&mut origin, "expires_at", steps!["expiration_date"]);
    let (tags, owner) = tags(subject, &mut origin);
    for identity in ["id", "versionless_id", "resource_id", "resource_versionless_id"] {
        if let Some(text) = subject.text(identity) {
            collected.identities.push((text.to_owned(), subject.address().to_owned()));
        }
    }
    origin.paths.insert("recovery_window_days".to_owned(), steps!["key_vault_id"]);
    origin.paths.insert("value_source".to_owned(), steps!["value"]);
    let write_only = written(subject, "value_wo") || subject.is_set(&steps!["value_wo_version"]);
    let vault = Vault::of(subject, "key_vault_id");
    collected.facts.secrets.push(Secret {
        name,
        description,
        description_supported: true,
        owner,
        tags,
        recovery_window_days: window(subject, "purge_soft_deleted_secrets_on_destroy", &vault),
        recovery_supported: true,
        expires_at,
        expiry_expected: true,
        value_source: if write_only { Some("write_only") } else { subject.value_source(&steps!["value"]) },
        ..Secret::of(origin, "secret", "azure_key_vault")
    });
}

/// A certificate that the vault issues says itself whether it renews it; of one that is brought along nothing is known.
pub(super) fn certificate(subject: &Subject<'_>, collected: &mut Collected) {
    let policy = |rest: &[PathStep]| [&steps!["certificate_policy", 0_usize], rest].concat();
    let mut origin = subject.origin();
    let months = policy(&steps!["x509_certificate_properties", 0_usize, "validity_in_months"]);
    let months = subject.number_field(&mut origin, "validity_days", months);
    let action = policy(&steps!["lifetime_action", 0_usize, "action", 0_usize, "action_type"]);
    let renewed = match subject.at(&action) {
        Attribute::Known(Value::String(action)) => Some(action.eq_ignore_ascii_case("AutoRenew")),
        Attribute::Unknown if subject.is_set(&action) => {
            origin.unknown.push("renewed".to_owned());
            None
        }
        _ => None,
    };
    origin.paths.insert("renewed".to_owned(), action);
    collected.facts.certificates.push(Certificate {
        validity_days: months.map(|months| months * 365.0 / 12.0),
        renewed,
        ..Certificate::of(origin)
    });
}

/// A storage account whose keys the vault regenerates.
pub(super) fn storage_account(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let enabled = switch(subject, &mut origin, "enabled", steps!["regenerate_key_automatically"], false);
    let schedule = subject.field(&mut origin, "schedule", steps!["regeneration_period"]);
    let period_days = schedule.as_deref().and_then(duration_days);
    if schedule.is_some() && period_days.is_none() {
        let reason = "the period is not a duration in the form of ISO 8601";
        collected.facts.unreadable.push(subject.unreadable(steps!["regeneration_period"], reason));
    }
    if origin.unknown.iter().any(|field| field == "schedule") {
        origin.unknown.push("period_days".to_owned());
    }
    origin.paths.insert("period_days".to_owned(), steps!["regeneration_period"]);
    let secret = subject.field_or_reference(&mut origin, "secret", steps!["storage_account_id"]);
    collected.facts.rotations.push(Rotation {
        secret,
        enabled,
        period_days,
        schedule,
        strategy: Some("regenerate".to_owned()),
        ..Rotation::of(origin, "secret")
    });
}

/// What a vault says about the recovery of its contents, as far as it is in the plan.
#[derive(Debug, Default)]
pub(super) struct Vault {
    days: Option<f64>,
    protected: Option<bool>,
}

impl Vault {
    /// The vault that the attribute names.
    pub(super) fn of(subject: &Subject<'_>, attribute: &str) -> Self {
        let Some(change) = vault_change(subject, attribute) else { return Self::default() };
        let opened = if change.exists_after() {
            Subject::open(subject.plan, change).ok()
        } else {
            Subject::open_before(subject.plan, change).ok()
        };
        let Some(vault) = opened else { return Self::default() };
        let protected = match vault.at(&steps!["purge_protection_enabled"]) {
            Attribute::Unknown if vault.is_set(&steps!["purge_protection_enabled"]) => None,
            Attribute::Known(flag) => flag.as_bool(),
            _ => Some(false),
        };
        let days = vault.number(&steps!["soft_delete_retention_days"]).unwrap_or(SOFT_DELETE_DAYS);
        Self { days: Some(days), protected }
    }
}

/// The vault's own change: by reference, or by the id that is written out.
fn vault_change<'p>(subject: &Subject<'p>, attribute: &str) -> Option<&'p ResourceChange> {
    let is_vault = |change: &ResourceChange| {
        matches!(
            &*change.resource_type,
            "azurerm_key_vault" | "azurerm_key_vault_managed_hardware_security_module"
        )
    };
    let changes = subject.plan.changes();
    let resolution = subject.resolve(&steps![attribute]);
    let places: Vec<usize> = resolution
        .targets
        .iter()
        .filter_map(|target| match target {
            Target::Change { place, .. } => Some(*place),
            _ => None,
        })
        .filter(|place| changes.get(*place).is_some_and(is_vault))
        .collect();
    match places.as_slice() {
        [place] => return changes.get(*place),
        [] => {}
        // One of several, and which cannot be told.
        _ => return None,
    }
    let id = subject.text(attribute)?;
    changes.iter().filter(|change| is_vault(change)).find(|change| {
        let same = |value: Value| value.get("id").and_then(Value::as_str) == Some(id);
        subject.plan.after(change).is_ok_and(same) || subject.plan.before(change).is_ok_and(same)
    })
}

/// Days for which something can be brought back: none where the vault lets it be purged and the provider does so at once. Null where the vault
/// is not in the plan.
pub(super) fn window(subject: &Subject<'_>, feature: &str, vault: &Vault) -> Option<f64> {
    match (vault.protected, purges(subject, feature)) {
        (Some(true), _) | (_, Some(false)) => vault.days,
        (Some(false), Some(true)) => Some(0.0),
        _ => None,
    }
}

/// The provider purges what it destroys. It does so unless its `features` say otherwise; for what stays that silence is not held against the
/// configuration, because the vault's missing purge protection is what makes it possible and is told of there.
fn purges(subject: &Subject<'_>, feature: &str) -> Option<bool> {
    let configuration = subject.plan.configuration_of(subject.change);
    let key = configuration.and_then(|configuration| configuration.provider_key.as_deref());
    let providers = &subject.plan.configuration().providers;
    let block = match key {
        Some(key) => providers.iter().find(|provider| provider.key == key),
        None => providers.iter().find(|provider| provider.name == "azurerm"),
    };
    let Some(block) = block else { return Some(goes_away(subject)) };
    let expressions = subject.plan.provider_expressions(block);
    match Expression::find(&expressions, &steps!["features", 0_usize, "key_vault", 0_usize, feature]) {
        Expression::Constant(Value::Bool(purges)) => Some(*purges),
        Expression::Absent => Some(goes_away(subject)),
        _ => None,
    }
}

/// What is read is what the plan takes away, of which the configuration says nothing any more.
fn goes_away(subject: &Subject<'_>) -> bool {
    subject.expressions.is_null()
}
