//! Azure and Entra ID: what is read of their resources, by type.

use super::Extractor;
use super::registry::{Known, Placed, known};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(&["azurerm_key_vault_secret"], &["value"], Some("value_wo")),
    known(
        &["azurerm_mssql_server"],
        &["administrator_login_password"],
        Some("administrator_login_password_wo"),
    ),
    known(
        &["azurerm_postgresql_flexible_server", "azurerm_mysql_flexible_server"],
        &["administrator_password"],
        Some("administrator_password_wo"),
    ),
    known(&["azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine"], &["admin_password"], None),
    known(&["azuread_application_password", "azuread_service_principal_password"], &["value"], None),
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] = &[];
