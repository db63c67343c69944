//! Vaults, what is in them, and what is written down of who reads it.

use super::*;

const VAULT: &str = "azurerm_key_vault";
const SETTING: &str = "azurerm_monitor_diagnostic_setting";

fn vault(after: Value) -> Resource {
    resource(VAULT, "a").after(after)
}

fn secret(after: Value) -> Resource {
    resource("azurerm_key_vault_secret", "a")
        .after(after)
        .unknown(json!({ "key_vault_id": true }))
        .expressions(json!({ "key_vault_id": reference("azurerm_key_vault.a", "id") }))
}

fn purging(purges: bool) -> Value {
    let features =
        json!([{ "key_vault": [{ "purge_soft_deleted_secrets_on_destroy": { "constant_value": purges } }] }]);
    json!({ "provider_config": { "azurerm": { "name": "azurerm", "expressions": { "features": features } } } })
}

#[test]
fn a_vault_is_open_unless_something_denies() {
    let open = |after: Value| of(VAULT, after).stores.remove(0).public_network;
    assert_eq!(open(json!({ "name": "kv" })), Some(true));
    assert_eq!(open(json!({ "public_network_access_enabled": false })), Some(false));
    assert_eq!(open(json!({ "network_acls": [{ "default_action": "Deny" }] })), Some(false));
    assert_eq!(open(json!({ "network_acls": [{ "default_action": "Allow" }] })), Some(true));
}

#[test]
fn a_network_that_is_decided_at_apply_is_unknown() {
    let unknown = vault(json!({ "name": "kv" }))
        .unknown(json!({ "public_network_access_enabled": true }))
        .expressions(json!({ "public_network_access_enabled": reference("terraform_data.a", "output") }));
    let store = facts(vec![unknown]).stores.remove(0);
    assert_eq!(store.public_network, None);
    assert_eq!(store.origin.unknown, ["public_network"]);
    // The list is computed as well: that it is unknown says only that the configuration leaves it out.
    let silent = vault(json!({ "name": "kv" })).unknown(json!({ "network_acls": true }));
    assert_eq!(
        facts(vec![silent.expressions(json!({ "name": { "constant_value": "kv" } }))]).stores[0]
            .public_network,
        Some(true)
    );
}

#[test]
fn a_vault_keeps_what_is_deleted_for_ninety_days_and_lets_it_be_purged() {
    let store = of(VAULT, json!({ "name": "kv" })).stores.remove(0);
    assert_eq!((store.purge_protection, store.recovery_window_days), (Some(false), Some(90.0)));
    let protected = json!({ "purge_protection_enabled": true, "soft_delete_retention_days": 7 });
    let store = of(VAULT, protected).stores.remove(0);
    assert_eq!((store.purge_protection, store.recovery_window_days), (Some(true), Some(7.0)));
}

#[test]
fn a_provider_told_to_purge_leaves_no_window_in_a_vault_without_protection() {
    let window = |vault_after: Value, more: Value| {
        facts_with(vec![vault(vault_after), secret(json!({ "name": "db" }))], more).secrets[0]
            .recovery_window_days
    };
    assert_eq!(window(json!({}), purging(true)), Some(0.0));
    assert_eq!(window(json!({}), purging(false)), Some(90.0));
    assert_eq!(window(json!({ "purge_protection_enabled": true }), purging(true)), Some(90.0));
    // Silence purges too; the vault's missing protection says so already.
    assert_eq!(window(json!({}), json!({})), Some(90.0));
}

#[test]
fn the_window_of_a_vault_elsewhere_is_not_known() {
    let elsewhere = json!({ "key_vault_id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv" });
    let facts = facts_with(vec![resource("azurerm_key_vault_secret", "a").after(elsewhere)], purging(true));
    assert_eq!(facts.secrets[0].recovery_window_days, None);
    assert!(facts.secrets[0].origin.unknown.is_empty());
}

#[test]
fn what_is_taken_away_is_purged_where_nothing_forbids_it() {
    let removed = |protected: bool| {
        let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";
        let mut gone = resource("azurerm_key_vault_secret", "a");
        gone.change["change"]["actions"] = json!(["delete"]);
        gone.change["change"]["before"] = json!({ "name": "db", "key_vault_id": id });
        gone.change["change"]["after"] = Value::Null;
        let vault = vault(json!({ "id": id, "purge_protection_enabled": protected }));
        facts(vec![vault, gone]).removals.remove(0).recoverable
    };
    assert_eq!(removed(false), Some(false));
    assert_eq!(removed(true), Some(true));
}

#[test]
fn a_secret_says_what_it_is_by_its_content_type() {
    let after = json!({ "name": "db", "content_type": "password", "expiration_date": "2027-01-01T00:00:00Z", "tags": { "owner": "orders" } });
    let secret = facts(vec![secret(after)]).secrets.remove(0);
    assert_eq!(secret.description.as_deref(), Some("password"));
    assert_eq!(secret.expires_at.as_deref(), Some("2027-01-01T00:00:00Z"));
    assert_eq!(secret.owner.as_deref(), Some("orders"));
    assert!(secret.expiry_expected && secret.description_supported && !secret.rotation_expected);
}

#[test]
fn a_value_comes_as_a_literal_a_reference_or_write_only() {
    let source = |after: Value, expressions: Value| {
        facts(vec![resource("azurerm_key_vault_secret", "a").after(after).expressions(expressions)]).secrets
            [0]
        .value_source
    };
    assert_eq!(
        source(json!({ "value": "hunter2" }), json!({ "value": { "constant_value": "hunter2" } })),
        Some("literal")
    );
    let write_only = json!({ "value_wo": { "references": ["ephemeral.random_password.a.result"] } });
    assert_eq!(source(json!({ "value_wo_version": 1 }), write_only), Some("write_only"));
}

#[test]
fn a_key_rotates_where_its_policy_makes_a_new_one() {
    let key = |policy: Value| {
        of("azurerm_key_vault_key", json!({ "name": "k", "rotation_policy": policy })).keys.remove(0)
    };
    let rotated = key(json!([{ "automatic": [{ "time_after_creation": "P90D" }] }]));
    assert_eq!((rotated.rotation_enabled, rotated.rotation_period_days), (Some(true), Some(90.0)));
    let before_end = key(json!([{ "expire_after": "P1Y", "automatic": [{ "time_before_expiry": "P30D" }] }]));
    assert_eq!((before_end.rotation_period_days, before_end.expiry_expected), (Some(335.0), false));
    let notified = key(json!([{ "expire_after": "P90D", "notify_before_expiry": "P29D" }]));
    assert_eq!((notified.rotation_enabled, notified.rotation_period_days), (Some(false), None));
    let silent = key(json!([]));
    assert_eq!((silent.rotation_enabled, silent.expiry_expected), (Some(false), true));
}

#[test]
fn a_rotation_time_that_is_none_is_unreadable() {
    let policy = json!([{ "automatic": [{ "time_after_creation": "ninety days" }] }]);
    let facts = of("azurerm_key_vault_key", json!({ "rotation_policy": policy }));
    assert_eq!(facts.unreadable.len(), 1);
    assert!(facts.unreadable[0].reason.contains("ISO 8601"));
}

#[test]
fn the_policy_of_a_security_modules_key_stands_beside_it() {
    let key = || {
        resource("azurerm_key_vault_managed_hardware_security_module_key", "a").after(json!({ "name": "k" }))
    };
    let policy = resource("azurerm_key_vault_managed_hardware_security_module_key_rotation_policy", "a")
        .after(json!({ "expire_after": "P1Y", "time_after_creation": "P6M" }))
        .expressions(json!({ "managed_hsm_key_id": reference("azurerm_key_vault_managed_hardware_security_module_key.a", "id") }));
    let rotated = facts(vec![key(), policy]).keys.remove(0);
    assert_eq!((rotated.rotation_enabled, rotated.rotation_period_days), (Some(true), Some(182.5)));
    assert_eq!(facts(vec![key()]).keys[0].rotation_enabled, Some(false));
}

#[test]
fn a_certificate_renews_itself_or_tells_somebody() {
    let certificate = |action: &str| {
        let action =
            json!([{ "action": [{ "action_type": action }], "trigger": [{ "days_before_expiry": 30 }] }]);
        let policy = json!([{ "lifetime_action": action, "x509_certificate_properties": [{ "validity_in_months": 12 }] }]);
        of("azurerm_key_vault_certificate", json!({ "certificate_policy": policy })).certificates.remove(0)
    };
    assert_eq!(certificate("AutoRenew").renewed, Some(true));
    assert_eq!(certificate("EmailContacts").renewed, Some(false));
    assert_eq!(certificate("AutoRenew").validity_days, Some(365.0));
    let brought = of("azurerm_key_vault_certificate", json!({ "certificate": [{}] })).certificates.remove(0);
    assert_eq!((brought.renewed, brought.validity_days), (None, None));
}

#[test]
fn the_keys_of_a_managed_storage_account_rotate_by_a_period() {
    let account = |after: Value| of("azurerm_key_vault_managed_storage_account", after).rotations.remove(0);
    let rotated = account(json!({ "regenerate_key_automatically": true, "regeneration_period": "P90D" }));
    assert_eq!((rotated.enabled, rotated.period_days), (Some(true), Some(90.0)));
    assert_eq!(account(json!({})).enabled, Some(false));
}

fn setting(after: Value, target: Value) -> Resource {
    resource(SETTING, "a")
        .after(after)
        .unknown(json!({ "target_resource_id": true }))
        .expressions(json!({ "target_resource_id": target }))
}

fn reads() -> Value {
    json!({ "enabled_log": [{ "category": "AuditEvent" }] })
}

#[test]
fn a_vault_is_audited_by_a_setting_for_it() {
    let audited = |resources: Vec<Resource>| {
        let store = facts(resources).stores.remove(0);
        (store.audited, store.origin.unknown.contains(&"audited".to_owned()))
    };
    let of_vault = || reference("azurerm_key_vault.a", "id");
    assert_eq!(audited(vec![vault(json!({}))]), (Some(false), false));
    assert_eq!(audited(vec![vault(json!({})), setting(reads(), of_vault())]), (Some(true), false));
    let group = json!({ "enabled_log": [{ "category_group": "allLogs" }] });
    assert_eq!(audited(vec![vault(json!({})), setting(group, of_vault())]), (Some(true), false));
    let metrics = json!({ "enabled_metric": [{ "category": "AllMetrics" }] });
    assert_eq!(audited(vec![vault(json!({})), setting(metrics, of_vault())]), (Some(false), false));
    let of_another = reference("azurerm_storage_account.a", "id");
    let account = resource("azurerm_storage_account", "a");
    assert_eq!(audited(vec![vault(json!({})), account, setting(reads(), of_another)]), (Some(false), false));
}

#[test]
fn a_setting_for_something_that_is_not_told_may_be_for_any_vault() {
    let target = json!({ "references": ["local.targets", "each.key"] });
    let store = facts(vec![vault(json!({})), setting(reads(), target)]).stores.remove(0);
    assert_eq!(store.audited, None);
    assert_eq!(store.origin.unknown, ["audited"]);
}

#[test]
fn a_setting_names_a_vault_by_the_end_of_its_id() {
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/Orders";
    let written = resource(SETTING, "a")
        .after(json!({ "target_resource_id": id, "enabled_log": [{ "category_group": "audit" }] }));
    let store = facts(vec![vault(json!({ "name": "orders" })), written]).stores.remove(0);
    assert_eq!(store.audited, Some(true));
}

#[test]
fn of_a_vault_that_stands_already_an_audit_may_be_elsewhere() {
    let mut standing = vault(json!({}));
    standing.change["change"]["actions"] = json!(["no-op"]);
    assert_eq!(facts(vec![standing]).stores[0].audited, None);
}

#[test]
fn the_workspace_says_how_long_a_log_is_kept() {
    let kept = |workspace: Value, more: Vec<Resource>| {
        let workspace = resource("azurerm_log_analytics_workspace", "a").after(workspace);
        let sink = reference("azurerm_log_analytics_workspace.a", "id");
        let setting = resource(SETTING, "a").after(reads()).expressions(
            json!({ "target_resource_id": reference("azurerm_key_vault.a", "id"), "log_analytics_workspace_id": sink }),
        );
        facts([vec![vault(json!({})), workspace, setting], more].into_iter().flatten().collect())
            .audits
            .remove(0)
            .retention_days
    };
    assert_eq!(kept(json!({ "retention_in_days": 365 }), vec![]), Some(365.0));
    assert_eq!(kept(json!({}), vec![]), Some(30.0));
    let table = resource("azurerm_log_analytics_workspace_table", "a")
        .after(json!({ "name": "AZKVAuditLogs", "total_retention_in_days": 730 }))
        .expressions(json!({ "workspace_id": reference("azurerm_log_analytics_workspace.a", "id") }));
    assert_eq!(kept(json!({}), vec![table]), Some(730.0));
}

#[test]
fn a_cluster_encrypts_its_secrets_with_a_key_of_ones_own_or_does_not() {
    let cluster = |after: Value| of("azurerm_kubernetes_cluster", after);
    assert_eq!(cluster(json!({})).stores[0].secrets_encrypted, Some(false));
    let key = json!({ "key_management_service": [{ "key_vault_key_id": "k" }] });
    assert_eq!(cluster(key).stores[0].secrets_encrypted, Some(true));
    assert!(cluster(json!({})).deliveries.is_empty());
    let driver = |on: bool| json!({ "key_vault_secrets_provider": [{ "secret_rotation_enabled": on }] });
    assert_eq!(cluster(driver(true)).deliveries[0].refreshes, Some(true));
    assert_eq!(cluster(driver(false)).deliveries[0].refreshes, Some(false));
}
