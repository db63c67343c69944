//! Administrators' passwords of databases and virtual machines. Most services let their administrators be identities of Entra ID alone, and then
//! have no password.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::Secret;
use super::super::subject::{Attribute, Subject, steps};
use super::{tags, written};

/// A type whose resource takes an administrator's password.
struct Administered {
    resource_type: &'static str,
    store: &'static str,
    password: &'static str,
    /// Path of the switch that leaves identities of Entra ID as the only way in.
    entra_only: &'static [&'static str],
}

const fn administered(
    resource_type: &'static str,
    store: &'static str,
    password: &'static str,
    entra_only: &'static [&'static str],
) -> Administered {
    Administered { resource_type, store, password, entra_only }
}

const LOGIN: &str = "administrator_login_password";

const ADMINISTERED: [Administered; 15] = [
    administered(
        "azurerm_mssql_server",
        "azure_sql",
        LOGIN,
        &["azuread_administrator", "0", "azuread_authentication_only"],
    ),
    administered(
        "azurerm_mssql_managed_instance",
        "azure_sql",
        LOGIN,
        &["azure_active_directory_administrator", "0", "azuread_authentication_only_enabled"],
    ),
    administered(
        "azurerm_postgresql_flexible_server",
        "azure_postgresql",
        "administrator_password",
        &["authentication", "0", "active_directory_auth_enabled"],
    ),
    administered("azurerm_postgresql_server", "azure_postgresql", LOGIN, &[]),
    administered("azurerm_mysql_flexible_server", "azure_mysql", "administrator_password", &[]),
    administered("azurerm_mysql_server", "azure_mysql", LOGIN, &[]),
    administered("azurerm_mariadb_server", "azure_mariadb", LOGIN, &[]),
    administered(
        "azurerm_synapse_workspace",
        "azure_synapse",
        "sql_administrator_login_password",
        &["azuread_authentication_only"],
    ),
    administered("azurerm_cosmosdb_postgresql_cluster", "azure_cosmosdb", LOGIN, &[]),
    administered("azurerm_cosmosdb_cassandra_cluster", "azure_cosmosdb", "default_admin_password", &[]),
    administered("azurerm_mongo_cluster", "azure_cosmosdb", "administrator_password", &[]),
    administered("azurerm_linux_virtual_machine", "azure_vm", "admin_password", &[]),
    administered("azurerm_linux_virtual_machine_scale_set", "azure_vm", "admin_password", &[]),
    administered("azurerm_windows_virtual_machine", "azure_vm", "admin_password", &[]),
    administered("azurerm_windows_virtual_machine_scale_set", "azure_vm", "admin_password", &[]),
];

pub(super) fn password(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(row) = ADMINISTERED.iter().find(|row| row.resource_type == subject.resource_type()) else {
        return;
    };
    let write_only_name = format!("{}_wo", row.password);
    let write_only = written(subject, &write_only_name)
        || subject.is_set(&steps![format!("{write_only_name}_version").as_str()]);
    let password = steps![row.password];
    if !write_only && !subject.is_set(&password) {
        return;
    }
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let (tags, owner) = tags(subject, &mut origin);
    let dynamic_alternative = alternative(row, subject);
    let place = if write_only { steps![write_only_name.as_str()] } else { password.clone() };
    for field in ["value_source", "dynamic_alternative"] {
        origin.paths.insert(field.to_owned(), place.clone());
    }
    collected.facts.secrets.push(Secret {
        name,
        owner,
        tags,
        dynamic_alternative,
        // A password argument cannot be rotated by the plan.
        rotation_expected: false,
        value_source: if write_only { Some("write_only") } else { subject.value_source(&password) },
        ..Secret::of(origin, "password", row.store)
    });
}

/// Identities of Entra ID, where the service takes them and not already does.
fn alternative(row: &Administered, subject: &Subject<'_>) -> Option<String> {
    let path: Vec<super::PathStep> = row
        .entra_only
        .iter()
        .map(|step| if *step == "0" { super::PathStep::Index(0) } else { super::PathStep::from(*step) })
        .collect();
    let switch = row.entra_only.last()?;
    match subject.at(&path) {
        Attribute::Known(Value::Bool(true)) => None,
        Attribute::Unknown if subject.is_set(&path) => None,
        _ => Some(format!("Entra ID authentication (`{switch} = true`)")),
    }
}
