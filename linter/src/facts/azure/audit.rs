//! Diagnostic settings: what is written down of who reads a vault, and for how long the workspace keeps it.

use serde_json::Value;

use super::super::collected::{Collected, Tie, TieKind, TiedTo};
use super::super::model::{Audit, Origin};
use super::super::subject::{Attribute, Subject, steps};
use super::{count, key_vault, tied_to, type_of};

/// Days a workspace keeps logs where the configuration is silent.
const WORKSPACE_DAYS: f64 = 30.0;

/// Tables of a workspace that a vault's log goes to, the one that all resources share and its own.
const TABLES: [&str; 2] = ["AzureDiagnostics", "AZKVAuditLogs"];

pub(super) fn diagnostic_setting(subject: &Subject<'_>, collected: &mut Collected) {
    let to = match tied_to(subject, "target_resource_id") {
        TiedTo::Addresses(addresses) => {
            if !addresses.iter().any(|address| is_vault(&type_of(address))) {
                // Of a data source or a module's output nothing can be told, of any other resource everything.
                if addresses.iter().all(|address| !type_of(address).is_empty()) {
                    return;
                }
                TiedTo::Unknown
            } else {
                TiedTo::Addresses(addresses)
            }
        }
        TiedTo::Identity(id) => match vault_name(&id) {
            Some(name) => TiedTo::Identity(key_vault::identity(name)),
            None => return,
        },
        TiedTo::Unknown => TiedTo::Unknown,
    };
    let mut origin = subject.origin();
    let covers_secrets = covers_secrets(subject, &mut origin);
    if covers_secrets == Some(false) {
        // Metrics are no fault of a setting; that the vault is without a log is told of at the vault.
        return;
    }
    let retention_days = retention(subject, &mut origin);
    collected.facts.audits.push(Audit {
        covers_secrets,
        retention_days,
        ..Audit::of(origin, "diagnostic_setting")
    });
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Audit,
        store: "key_vault",
        to: if covers_secrets.is_some() { to } else { TiedTo::Unknown },
    });
}

fn is_vault(resource_type: &str) -> bool {
    matches!(resource_type, "azurerm_key_vault" | "azurerm_key_vault_managed_hardware_security_module")
}

/// The name in the id of a vault.
fn vault_name(id: &str) -> Option<&str> {
    let mut parts = id.rsplit('/');
    let name = parts.next()?;
    let kind = parts.next()?;
    let service = parts.next()?;
    let known = kind.eq_ignore_ascii_case("vaults") || kind.eq_ignore_ascii_case("managedHSMs");
    (known && service.eq_ignore_ascii_case("Microsoft.KeyVault")).then_some(name)
}

/// The log of reads is among the categories that are switched on.
fn covers_secrets(subject: &Subject<'_>, origin: &mut Origin) -> Option<bool> {
    let mut unknown = false;
    // Until version 4 of the provider a category could stand in a `log` block and be switched off there.
    for block in ["enabled_log", "log"] {
        if subject.at(&steps![block]) == Attribute::Unknown && subject.is_set(&steps![block]) {
            unknown = true;
        }
        for index in 0..count(subject, &steps![block]) {
            let at = |name: &str| steps![block, index, name];
            let is = |name: &str, names: &[&str]| match subject.at(&at(name)) {
                Attribute::Known(Value::String(text)) => {
                    names.iter().any(|known| known.eq_ignore_ascii_case(text))
                }
                _ => false,
            };
            let switched_off = matches!(subject.at(&at("enabled")), Attribute::Known(Value::Bool(false)));
            if (is("category", &["AuditEvent"]) || is("category_group", &["audit", "allLogs"]))
                && !switched_off
            {
                origin.paths.insert("covers_secrets".to_owned(), steps![block, index]);
                return Some(true);
            }
            let undecided =
                |name: &str| subject.at(&at(name)) == Attribute::Unknown && subject.is_set(&at(name));
            unknown |= undecided("category") || undecided("category_group");
        }
    }
    origin.paths.insert("covers_secrets".to_owned(), steps!["enabled_log"]);
    if unknown {
        origin.unknown.push("covers_secrets".to_owned());
        return None;
    }
    Some(false)
}

/// How long the workspace keeps the log. A log that is archived in a storage account as well is kept there, for as long as that account says.
fn retention(subject: &Subject<'_>, origin: &mut Origin) -> Option<f64> {
    origin.paths.insert("retention_days".to_owned(), steps!["log_analytics_workspace_id"]);
    if subject.is_set(&steps!["storage_account_id"]) {
        return None;
    }
    let referred = subject.referred(&steps!["log_analytics_workspace_id"]);
    let address = referred.iter().find(|address| type_of(address) == "azurerm_log_analytics_workspace")?;
    let table = table_retention(subject, address);
    if table.is_some() {
        return table;
    }
    let workspace = Subject::open(subject.plan, subject.plan.change_at(address)?).ok()?;
    if workspace.change.mode != crate::plan::Mode::Managed {
        return workspace.number(&steps!["retention_in_days"]);
    }
    let days = steps!["retention_in_days"];
    match workspace.at(&days) {
        Attribute::Unknown if workspace.is_set(&days) => {
            origin.unknown.push("retention_days".to_owned());
            None
        }
        _ => workspace.number(&days).or(Some(WORKSPACE_DAYS)),
    }
}

/// A table of the workspace that is kept for another time than the rest.
fn table_retention(subject: &Subject<'_>, workspace: &str) -> Option<f64> {
    let changes = subject.plan.changes().iter();
    changes
        .filter(|change| {
            &*change.resource_type == "azurerm_log_analytics_workspace_table" && change.exists_after()
        })
        .filter_map(|change| Subject::open(subject.plan, change).ok())
        .filter(|table| table.text("name").is_some_and(|name| TABLES.contains(&name)))
        .filter(|table| table.referred(&steps!["workspace_id"]).iter().any(|address| address == workspace))
        .find_map(|table| {
            let days = |name: &str| table.number(&steps![name]);
            days("total_retention_in_days").or_else(|| days("retention_in_days"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_vault_names_it() {
        let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/orders";
        assert_eq!(vault_name(id), Some("orders"));
        assert_eq!(vault_name("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/a"), None);
    }
}
