//! How far an Azure scope reaches: from the text of a resource id, or from the type of the resource that an expression refers to.

use serde_json::Value;

use super::super::model::{Origin, PathStep};
use super::super::subject::{Attribute, Subject};
use super::type_of;
use crate::plan::Target;

/// A scope with its level, where the level is one that rules know.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) level: Option<&'static str>,
    /// The id, or the address of the resource that it is.
    pub(super) resource: Option<String>,
}

/// Levels from the narrowest to the widest; an expression that names several is about the narrowest.
const TYPES: [(&str, &str); 10] = [
    ("azurerm_key_vault_secret", "secret"),
    ("azurerm_key_vault_key", "key"),
    ("azurerm_key_vault", "store"),
    ("azurerm_key_vault_managed_hardware_security_module", "store"),
    ("azurerm_app_configuration", "store"),
    ("azurerm_kubernetes_cluster", "cluster"),
    ("azurerm_resource_group", "resource_group"),
    ("azurerm_subscription", "subscription"),
    ("azurerm_management_group", "management_group"),
    // Its id is not a scope by itself, and its parts are put together to one: `"/subscriptions/${…subscription_id}"`.
    ("azurerm_client_config", "subscription"),
];

/// The level of a resource id; none for a resource that holds no secrets of its own.
pub(super) fn level(id: &str) -> Option<&'static str> {
    let lower = id.trim_end_matches('/').to_ascii_lowercase();
    if lower.is_empty() {
        return Some("organization");
    }
    if let Some((_, resource)) = lower.rsplit_once("/providers/microsoft.")
        && !resource.starts_with("management/")
    {
        let parts: Vec<&str> = resource.split('/').collect();
        return match parts.as_slice() {
            ["keyvault", "vaults", _, "secrets", ..] => Some("secret"),
            ["keyvault", "vaults", _, "keys", ..] => Some("key"),
            ["keyvault", "vaults" | "managedhsms", _] | ["appconfiguration", "configurationstores", _] => {
                Some("store")
            }
            ["containerservice", "managedclusters", _] => Some("cluster"),
            ["containerservice", "managedclusters", _, "namespaces", ..] => Some("namespace"),
            _ => None,
        };
    }
    let parts: Vec<&str> = lower.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["providers", "microsoft.management", "managementgroups", _] => Some("management_group"),
        ["subscriptions", _] => Some("subscription"),
        ["subscriptions", _, "resourcegroups", _] => Some("resource_group"),
        _ => None,
    }
}

/// Reads the scope at `path`, noting in `origin` where it stands and what of it is decided at apply.
pub(super) fn read(subject: &Subject<'_>, origin: &mut Origin, path: &[PathStep]) -> Scope {
    for field in ["scope", "resources"] {
        origin.paths.insert(field.to_owned(), path.to_vec());
    }
    if let Attribute::Known(Value::String(text)) = subject.at(path) {
        let named = subject.referred(path).into_iter().find(|address| level_of(address).is_some());
        // A known id is more exact than what it is made of, and the address tells the reader more than the id.
        return Scope { level: level(text), resource: named.or_else(|| Some(text.clone())) };
    }
    let mut addresses = subject.referred(path);
    addresses.sort_by_key(|address| place(address));
    let Some(narrowest) = addresses.first().filter(|address| place(address) < TYPES.len()) else {
        if addresses.is_empty() {
            origin.unknown.extend(["scope".to_owned(), "resources".to_owned()]);
        }
        return Scope { level: None, resource: addresses.into_iter().next() };
    };
    let resolution = subject.resolve(path);
    let composed = resolution
        .targets
        .iter()
        .any(|target| matches!(target, Target::Variable { .. } | Target::Opaque | Target::Constant));
    let level = level_of(narrowest);
    if composed && level == Some("store") {
        // `"${vault.id}/secrets/${var.name}"`: something in it, and what is in a text that the plan does not have.
        origin.unknown.push("scope".to_owned());
        return Scope { level: None, resource: Some(narrowest.clone()) };
    }
    Scope { level, resource: Some(narrowest.clone()) }
}

fn place(address: &str) -> usize {
    let of_type = type_of(address);
    TYPES.iter().position(|(name, _)| *name == of_type).unwrap_or(TYPES.len())
}

fn level_of(address: &str) -> Option<&'static str> {
    TYPES.get(place(address)).map(|(_, level)| *level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_how_far_it_reaches() {
        const GROUP: &str = "/subscriptions/0000/resourceGroups/rg";
        for (id, expected) in [
            ("/", Some("organization")),
            ("/providers/Microsoft.Management/managementGroups/all", Some("management_group")),
            ("/subscriptions/0000", Some("subscription")),
            (GROUP, Some("resource_group")),
            (&format!("{GROUP}/providers/Microsoft.KeyVault/vaults/kv"), Some("store")),
            (&format!("{GROUP}/providers/Microsoft.KeyVault/vaults/kv/secrets/db"), Some("secret")),
            (&format!("{GROUP}/providers/Microsoft.KeyVault/vaults/kv/keys/k"), Some("key")),
            (&format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/s"), None),
        ] {
            assert_eq!(level(id), expected, "{id}");
        }
    }
}
