//! What reaches workloads, the credentials of applications, and passwords of databases.

use super::*;

fn deliveries(facts: &Facts) -> Vec<String> {
    let line = |delivery: &super::super::super::model::Delivery| {
        format!("{} {} {:?}", delivery.kind, delivery.name.as_deref().unwrap_or("-"), delivery.refreshes)
    };
    facts.deliveries.iter().map(line).collect()
}

fn exposures(facts: &Facts) -> Vec<String> {
    let line = |exposure: &super::super::super::model::Exposure| {
        let path: Vec<String> =
            exposure.path.iter().map(|step| serde_json::to_string(step).unwrap().replace('"', "")).collect();
        format!("{} {} {}", exposure.kind, path.join("."), exposure.detector)
    };
    facts.exposures.iter().map(line).collect()
}

#[test]
fn a_setting_that_refers_to_a_vault_is_a_way_not_a_secret() {
    let settings = json!({
        "DB_PASSWORD": "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/db/)",
        "API_KEY": "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/api/0123)",
        "LOG_LEVEL": "info",
    });
    let facts = of("azurerm_linux_web_app", json!({ "app_settings": settings }));
    assert_eq!(deliveries(&facts), ["environment API_KEY Some(false)", "environment DB_PASSWORD Some(true)"]);
    assert!(facts.exposures.is_empty());
    assert!(!facts.deliveries[0].file_possible);
}

#[test]
fn a_reference_to_a_secret_of_the_plan_is_known_by_what_it_reads() {
    let app = |attribute: &str| {
        let app = resource("azurerm_linux_function_app", "a")
            .after(json!({ "app_settings": {} }))
            .unknown(json!({ "app_settings": { "DB": true } }))
            .expressions(json!({ "app_settings": reference("azurerm_key_vault_secret.s", attribute) }));
        facts(vec![resource("azurerm_key_vault_secret", "s"), app])
    };
    assert_eq!(deliveries(&app("versionless_id")), ["environment DB Some(true)"]);
    assert_eq!(deliveries(&app("id")), ["environment DB Some(false)"]);
    assert!(deliveries(&app("value")).is_empty());
}

#[test]
fn a_password_in_a_setting_is_in_an_environment() {
    let facts = of("azurerm_windows_web_app", json!({ "app_settings": { "DB_PASSWORD": "hunter2" } }));
    assert_eq!(exposures(&facts), ["environment app_settings.DB_PASSWORD secret-name"]);
}

#[test]
fn a_container_app_fills_variables_and_volumes_from_its_secrets() {
    let template = json!([{
        "container": [{ "env": [
            { "name": "DB", "secret_name": "db" },
            { "name": "API", "secret_name": "api" },
            { "name": "MODE", "value": "prod" },
        ] }],
        "volume": [{ "name": "secrets", "storage_type": "Secret" }, { "name": "tmp", "storage_type": "EmptyDir" }],
    }]);
    let secrets = json!([
        { "name": "db", "key_vault_secret_id": "https://kv.vault.azure.net/secrets/db" },
        { "name": "api", "key_vault_secret_id": "https://kv.vault.azure.net/secrets/api/0123" },
    ]);
    let facts = of("azurerm_container_app", json!({ "secret": secrets, "template": template }));
    assert_eq!(
        deliveries(&facts),
        ["environment DB Some(true)", "environment API Some(false)", "file secrets None",]
    );
    assert!(facts.deliveries.iter().all(|delivery| delivery.file_possible));
}

#[test]
fn a_script_of_a_machine_is_no_secret_by_itself() {
    let machine = |script: &str| {
        let facts = facts(vec![
            resource("azurerm_linux_virtual_machine", "a")
                .after(json!({ "custom_data": script }))
                .sensitive(json!({ "custom_data": true })),
        ]);
        exposures(&facts)
    };
    assert!(machine("#!/bin/sh\napt-get update\n").is_empty());
    let found = machine("#!/bin/sh\nexport DB_PASSWORD=hunter2hunter2\n");
    assert_eq!(found, ["user_data custom_data secret-name"]);
}

#[test]
fn a_key_that_nobody_asked_for_is_told_of_once_and_where_it_opens_something() {
    let account = |shared: Value| {
        let marked = json!({ "primary_access_key": true, "secondary_access_key": true, "primary_connection_string": true });
        let account = resource("azurerm_storage_account", "a")
            .after(json!({ "name": "s", "shared_access_key_enabled": shared }))
            .unknown(marked.clone())
            .sensitive(marked);
        exposures(&facts(vec![account]))
    };
    assert_eq!(account(json!(true)), ["in_state primary_access_key sensitive-attribute"]);
    assert!(account(json!(false)).is_empty());
}

#[test]
fn a_setting_in_a_store_of_settings_is_a_parameter() {
    let facts =
        of("azurerm_app_configuration_key", json!({ "key": "db_password", "value": "hunter2hunter2" }));
    assert_eq!(exposures(&facts), ["parameter value secret-name"]);
    let variable = |encrypted: bool| {
        exposures(&of(
            "azurerm_automation_variable_string",
            json!({ "name": "db_password", "value": "hunter2hunter2", "encrypted": encrypted }),
        ))
    };
    assert_eq!(variable(false), ["parameter value secret-name"]);
}

#[test]
fn a_password_has_an_alternative_where_entra_is_not_the_only_way() {
    let password = |after: Value| facts(vec![resource("azurerm_mssql_server", "a").after(after)]).secrets;
    let plain = password(json!({ "name": "sql", "administrator_login_password": "x" }));
    assert_eq!((plain[0].kind, plain[0].store), ("password", "azure_sql"));
    assert_eq!(
        plain[0].dynamic_alternative.as_deref(),
        Some("Entra ID authentication (`azuread_authentication_only = true`)")
    );
    assert!(
        password(json!({ "azuread_administrator": [{ "azuread_authentication_only": true }] })).is_empty()
    );
    let machine =
        facts(vec![resource("azurerm_windows_virtual_machine", "a").after(json!({ "admin_password": "x" }))])
            .secrets;
    assert_eq!(machine[0].dynamic_alternative, None);
}

#[test]
fn an_applications_password_ends_after_two_years_unless_it_says_when() {
    let password = |after: Value| of("azuread_application_password", after).credentials.remove(0);
    let silent = password(json!({ "application_id": "/applications/a" }));
    assert_eq!(
        (silent.kind, silent.ends, silent.ttl_seconds),
        ("application_password", Some(true), Some(63_072_000.0))
    );
    assert_eq!(password(json!({ "end_date_relative": "2160h" })).ttl_seconds, Some(7_776_000.0));
    let dated = password(json!({ "start_date": "2026-11-01T00:00:00Z", "end_date": "2026-12-01T00:00:00Z" }));
    assert_eq!(
        (dated.expires_at.as_deref(), dated.ttl_seconds),
        (Some("2026-12-01T00:00:00Z"), Some(2_592_000.0))
    );
    assert!(!silent.renewed && password(json!({ "rotate_when_changed": { "rotation": "x" } })).renewed);
}

#[test]
fn an_application_carries_a_password_of_its_own() {
    let facts = of(
        "azuread_application",
        json!({ "display_name": "orders", "password": [{ "display_name": "ci" }] }),
    );
    assert_eq!(facts.credentials[0].ttl_seconds, Some(63_072_000.0));
    assert!(
        of("azuread_application", json!({ "display_name": "orders", "password": [] })).credentials.is_empty()
    );
}

#[test]
fn a_federated_credential_trusts_tokens_of_an_issuer() {
    let after = json!({ "issuer": "https://token.actions.githubusercontent.com", "subject": "repo:acme/app:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"] });
    let trust = of("azuread_application_federated_identity_credential", after).trusts.remove(0);
    assert_eq!((trust.kind, trust.issuer.as_deref()), ("oidc", Some("token.actions.githubusercontent.com")));
    let bounds: Vec<(&str, &str)> =
        trust.bounds.iter().map(|bound| (bound.claim.as_str(), bound.values[0].as_str())).collect();
    assert_eq!(bounds, [("sub", "repo:acme/app:ref:refs/heads/main"), ("aud", "api://AzureADTokenExchange")]);
    let flexible = json!({ "issuer": "https://gitlab.com", "claims_matching_expression": "claims['sub'] matches 'project_path:acme/*'" });
    let trust = of("azuread_application_flexible_federated_identity_credential", flexible).trusts.remove(0);
    assert_eq!(trust.bounds[0].values, ["project_path:acme/*"]);
}

#[test]
fn a_set_that_is_marked_as_a_whole_is_a_secret_for_the_values_in_it() {
    let found = |resource_type: &str, block: &str, element: Value| {
        let marked =
            resource(resource_type, "a").after(json!({ block: [element] })).sensitive(json!({ block: true }));
        exposures(&facts(vec![marked]))
    };
    let app = |value: &str| {
        found("azurerm_linux_web_app", "connection_string", json!({ "name": "a", "value": value }))
    };
    assert_eq!(app("hunter2"), ["environment connection_string sensitive-attribute"]);
    assert!(app("@Microsoft.KeyVault(VaultName=kv;SecretName=a)").is_empty());
    let of_vault = json!({ "name": "a", "key_vault_secret_id": "https://kv.vault.azure.net/secrets/a" });
    assert!(found("azurerm_container_app", "secret", of_vault).is_empty());
    let written = json!({ "name": "a", "value": "hunter2" });
    assert_eq!(found("azurerm_container_app", "secret", written), ["in_state secret sensitive-attribute"]);
}
