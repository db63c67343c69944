//! Azure and Entra ID: what is read of their resources, by type.
//!
//! A Key Vault is opened in two ways, by access policies on it and by role assignments on it or on anything above it; both become grants.
//! What of a vault's contents can be brought back is decided by the vault and by the provider's `features` together.

mod access_policy;
mod audit;
mod cluster;
mod delivery;
mod entra;
mod key;
mod key_vault;
mod operations;
mod password;
mod places;
mod role;
mod role_assignment;
mod role_definition;
mod scope;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Span;
use serde_json::Value;

use super::Extractor;
use super::collected::TiedTo;
use super::model::{Origin, PathStep};
use super::subject::{Attribute, Subject, steps};
use crate::plan::without_keys;

pub(super) use places::{PLACES, SENSITIVE};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("azurerm_key_vault", key_vault::vault),
    ("azurerm_key_vault_managed_hardware_security_module", key_vault::security_module),
    ("azurerm_key_vault_secret", key_vault::secret),
    ("azurerm_key_vault_certificate", key_vault::certificate),
    ("azurerm_key_vault_managed_storage_account", key_vault::storage_account),
    ("azurerm_key_vault_key", key::key),
    ("azurerm_key_vault_managed_hardware_security_module_key", key::security_module_key),
    ("azurerm_key_vault_access_policy", access_policy::policy),
    ("azurerm_role_assignment", role_assignment::assignment),
    ("azurerm_pim_active_role_assignment", role_assignment::assignment),
    ("azurerm_pim_eligible_role_assignment", role_assignment::assignment),
    (
        "azurerm_key_vault_managed_hardware_security_module_role_assignment",
        role_assignment::security_module_assignment,
    ),
    ("azuread_directory_role_assignment", role_assignment::directory_assignment),
    ("azurerm_role_definition", role_definition::definition),
    ("azurerm_linux_web_app", delivery::app),
    ("azurerm_linux_web_app_slot", delivery::app),
    ("azurerm_windows_web_app", delivery::app),
    ("azurerm_windows_web_app_slot", delivery::app),
    ("azurerm_linux_function_app", delivery::app),
    ("azurerm_linux_function_app_slot", delivery::app),
    ("azurerm_windows_function_app", delivery::app),
    ("azurerm_windows_function_app_slot", delivery::app),
    ("azurerm_function_app_flex_consumption", delivery::app),
    ("azurerm_logic_app_standard", delivery::app),
    ("azurerm_static_web_app", delivery::app),
    ("azurerm_app_service", delivery::app),
    ("azurerm_app_service_slot", delivery::app),
    ("azurerm_function_app", delivery::app),
    ("azurerm_function_app_slot", delivery::app),
    ("azurerm_container_app", delivery::container_app),
    ("azurerm_container_app_job", delivery::container_app),
    ("azurerm_mssql_server", password::password),
    ("azurerm_mssql_managed_instance", password::password),
    ("azurerm_postgresql_flexible_server", password::password),
    ("azurerm_postgresql_server", password::password),
    ("azurerm_mysql_flexible_server", password::password),
    ("azurerm_mysql_server", password::password),
    ("azurerm_mariadb_server", password::password),
    ("azurerm_synapse_workspace", password::password),
    ("azurerm_cosmosdb_postgresql_cluster", password::password),
    ("azurerm_cosmosdb_cassandra_cluster", password::password),
    ("azurerm_mongo_cluster", password::password),
    ("azurerm_linux_virtual_machine", password::password),
    ("azurerm_linux_virtual_machine_scale_set", password::password),
    ("azurerm_windows_virtual_machine", password::password),
    ("azurerm_windows_virtual_machine_scale_set", password::password),
    ("azuread_application_password", entra::password),
    ("azuread_service_principal_password", entra::password),
    ("azuread_application", entra::application),
    ("azuread_application_federated_identity_credential", entra::federation),
    ("azurerm_federated_identity_credential", entra::federation),
    ("azuread_application_flexible_federated_identity_credential", entra::flexible_federation),
    ("azurerm_kubernetes_cluster", cluster::cluster),
    ("azurerm_monitor_diagnostic_setting", audit::diagnostic_setting),
];

/// Tags and the owner among them.
fn tags(subject: &Subject<'_>, origin: &mut Origin) -> (BTreeMap<String, String>, Option<String>) {
    let tags = subject.texts_at(&steps!["tags"]);
    origin.paths.insert("tags".to_owned(), steps!["tags"]);
    origin.paths.insert("owner".to_owned(), steps!["tags"]);
    let owner = super::owner(&tags);
    if owner.is_none() && subject.at(&steps!["tags"]) == Attribute::Unknown {
        origin.unknown.extend(["tags".to_owned(), "owner".to_owned()]);
    }
    (tags, owner)
}

/// The configuration writes this argument; the only trace a write-only one leaves.
fn written(subject: &Subject<'_>, attribute: &str) -> bool {
    subject.expression(&steps![attribute]) != crate::plan::Expression::Absent
}

/// A switch that the provider takes for `default` where the configuration is silent. Notes `field` as unknown where it is decided at apply.
fn switch(
    subject: &Subject<'_>,
    origin: &mut Origin,
    field: &str,
    path: Vec<PathStep>,
    default: bool,
) -> Option<bool> {
    let answer = match subject.at(&path) {
        Attribute::Known(value) => value.as_bool().or(Some(default)),
        Attribute::Unknown if subject.is_set(&path) => {
            origin.unknown.push(field.to_owned());
            None
        }
        Attribute::Unknown | Attribute::Absent => Some(default),
    };
    origin.paths.insert(field.to_owned(), path);
    answer
}

/// Texts of the list or set at `path`; none where it is not known.
fn list(subject: &Subject<'_>, path: &[PathStep]) -> Vec<String> {
    match subject.at(path) {
        Attribute::Known(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// Number of blocks or elements at `path`.
fn count(subject: &Subject<'_>, path: &[PathStep]) -> usize {
    match subject.at(path) {
        Attribute::Known(Value::Array(items)) => items.len(),
        _ => 0,
    }
}

/// Which resource the attribute names: by reference, else by its known text.
fn tied_to(subject: &Subject<'_>, attribute: &str) -> TiedTo {
    let at = steps![attribute];
    let referred = subject.referred(&at);
    if !referred.is_empty() {
        return TiedTo::Addresses(referred);
    }
    match subject.at(&at) {
        Attribute::Known(Value::String(text)) => TiedTo::Identity(text.clone()),
        _ => TiedTo::Unknown,
    }
}

/// The type in an address: `azurerm_key_vault` of `module.a["b"].data.azurerm_key_vault.main[0]`.
fn type_of(address: &str) -> String {
    let address = without_keys(address);
    address.rsplit('.').nth(1).unwrap_or_default().to_owned()
}

/// Days of an ISO 8601 duration as Azure writes it: `P90D`, `P2Y`, `P1M`.
fn duration_days(text: &str) -> Option<f64> {
    let span: Span = text.parse().ok()?;
    let days = f64::from(span.get_years()) * 365.0
        + f64::from(span.get_months()) * 365.0 / 12.0
        + f64::from(span.get_weeks()) * 7.0
        + f64::from(span.get_days())
        + f64::from(span.get_hours()) / 24.0;
    (days > 0.0).then_some(days)
}
