//! Attributes of Azure's resources that hold a secret, and places that decide what one in them is called. Nearly every resource has keys that
//! the provider reads into the state unasked; they are told of once per resource, and only where they open it.

use super::super::registry::{Known, Placed, known, placed};
use super::super::subject::Subject;
use super::delivery;

/// A row on what the provider marks although it opens nothing, or repeats another attribute's secret.
const fn silent(types: &'static [&'static str], path: &'static [&'static str]) -> Known {
    Known { when: Some(never), ..known(types, path, None) }
}

/// A row that holds in some resources only.
const fn known_when(
    types: &'static [&'static str],
    path: &'static [&'static str],
    when: fn(&Subject<'_>) -> bool,
) -> Known {
    Known { when: Some(when), ..known(types, path, None) }
}

const VIRTUAL_MACHINES: &[&str] = &[
    "azurerm_linux_virtual_machine",
    "azurerm_linux_virtual_machine_scale_set",
    "azurerm_orchestrated_virtual_machine_scale_set",
    "azurerm_windows_virtual_machine",
    "azurerm_windows_virtual_machine_scale_set",
];

const APPS: &[&str] = &[
    "azurerm_app_service",
    "azurerm_app_service_slot",
    "azurerm_function_app",
    "azurerm_function_app_flex_consumption",
    "azurerm_function_app_slot",
    "azurerm_linux_function_app",
    "azurerm_linux_function_app_slot",
    "azurerm_linux_web_app",
    "azurerm_linux_web_app_slot",
    "azurerm_logic_app_standard",
    "azurerm_windows_function_app",
    "azurerm_windows_function_app_slot",
    "azurerm_windows_web_app",
    "azurerm_windows_web_app_slot",
];

const CONTAINER_APPS: &[&str] = &["azurerm_container_app", "azurerm_container_app_job"];

const AUTOMATION_VARIABLES: &[&str] =
    &["azurerm_automation_variable_object", "azurerm_automation_variable_string"];

const STORAGE: &[&str] = &["azurerm_storage_account"];
const AKS: &[&str] = &["azurerm_kubernetes_cluster"];
const COSMOS: &[&str] = &["azurerm_cosmosdb_account"];
/// Namespaces whose root key the provider reads.
const NAMESPACES: &[&str] = &["azurerm_eventhub_namespace", "azurerm_servicebus_namespace"];
/// Accounts with two keys of the same power.
const KEYED: &[&str] = &[
    "azurerm_app_configuration",
    "azurerm_automation_account",
    "azurerm_batch_account",
    "azurerm_cognitive_account",
    "azurerm_log_analytics_workspace",
    "azurerm_maps_account",
    "azurerm_redis_cache",
    "azurerm_search_service",
    "azurerm_signalr_service",
    "azurerm_web_pubsub",
];
const REGISTRIES: &[&str] = &["azurerm_container_registry"];
/// Rules that are made for the keys in them.
const AUTHORIZATION_RULES: &[&str] = &[
    "azurerm_eventhub_authorization_rule",
    "azurerm_eventhub_namespace_authorization_rule",
    "azurerm_iothub_shared_access_policy",
    "azurerm_notification_hub_authorization_rule",
    "azurerm_relay_hybrid_connection_authorization_rule",
    "azurerm_relay_namespace_authorization_rule",
    "azurerm_servicebus_namespace_authorization_rule",
    "azurerm_servicebus_queue_authorization_rule",
    "azurerm_servicebus_topic_authorization_rule",
];

/// Attributes that are known to hold a secret.
pub(in super::super) const SENSITIVE: &[Known] = &[
    known(&["azurerm_key_vault_secret"], &["value"], Some("value_wo")),
    known(&["azurerm_mssql_server"], &[LOGIN], Some("administrator_login_password_wo")),
    known(&["azurerm_postgresql_server"], &[LOGIN], Some("administrator_login_password_wo")),
    known(
        &["azurerm_postgresql_flexible_server", "azurerm_mysql_flexible_server"],
        &["administrator_password"],
        Some("administrator_password_wo"),
    ),
    known(&["azurerm_mssql_job_credential"], &["password"], Some("password_wo")),
    known(
        &[
            "azurerm_mssql_managed_instance",
            "azurerm_mysql_server",
            "azurerm_mariadb_server",
            "azurerm_cosmosdb_postgresql_cluster",
        ],
        &[LOGIN],
        None,
    ),
    known(&["azurerm_synapse_workspace"], &["sql_administrator_login_password"], None),
    known(&["azurerm_cosmosdb_cassandra_cluster"], &["default_admin_password"], None),
    known(&["azurerm_mongo_cluster"], &["administrator_password"], None),
    known(VIRTUAL_MACHINES, &["admin_password"], None),
    // Marked as a whole whatever is in it; a secret in a script is found by its text.
    silent(VIRTUAL_MACHINES, &["custom_data"]),
    silent(VIRTUAL_MACHINES, &["user_data_base64"]),
    known(&["azuread_application_password", "azuread_service_principal_password"], &["value"], None),
    known(&["azuread_application"], &["password", "*", "value"], None),
    known(&["azuread_user"], &["password"], None),
    known(&["azurerm_container_group"], &["image_registry_credential", "*", "password"], None),
    known(&["azurerm_automation_credential"], &["password"], None),
    known(&["azurerm_key_vault_certificate"], &["certificate", "*", "contents"], None),
    silent(&["azurerm_key_vault_certificate"], &["certificate", "*", "password"]),
    known(&["azurerm_storage_account_local_user"], &["password"], None),
    known(&["azurerm_container_registry_token_password"], &["password1", "*", "value"], None),
    known_when(STORAGE, &["primary_access_key"], |subject| is_on(subject, "shared_access_key_enabled")),
    known_when(COSMOS, &["primary_key"], |subject| is_off(subject, "local_authentication_disabled")),
    known_when(NAMESPACES, &["default_primary_key"], |subject| {
        is_on(subject, "local_auth_enabled") && is_on(subject, "local_authentication_enabled")
    }),
    known_when(REGISTRIES, &["admin_password"], |subject| subject.flag("admin_enabled") == Some(true)),
    known_when(AKS, &["kube_config_raw"], |subject| is_off(subject, "local_account_disabled")),
    known(AUTHORIZATION_RULES, &["primary_key"], None),
    silent(AUTHORIZATION_RULES, &["primary_connection_string"]),
    silent(AUTHORIZATION_RULES, &["primary_connection_string_alias"]),
    silent(AUTHORIZATION_RULES, &["secondary_connection_string"]),
    silent(AUTHORIZATION_RULES, &["secondary_connection_string_alias"]),
    silent(AUTHORIZATION_RULES, &["secondary_key"]),
    silent(STORAGE, &["primary_blob_connection_string"]),
    silent(STORAGE, &["primary_connection_string"]),
    silent(STORAGE, &["secondary_access_key"]),
    silent(STORAGE, &["secondary_blob_connection_string"]),
    silent(STORAGE, &["secondary_connection_string"]),
    silent(COSMOS, &["primary_mongodb_connection_string"]),
    silent(COSMOS, &["primary_readonly_key"]),
    silent(COSMOS, &["primary_readonly_mongodb_connection_string"]),
    silent(COSMOS, &["primary_readonly_sql_connection_string"]),
    silent(COSMOS, &["primary_sql_connection_string"]),
    silent(COSMOS, &["secondary_key"]),
    silent(COSMOS, &["secondary_mongodb_connection_string"]),
    silent(COSMOS, &["secondary_readonly_key"]),
    silent(COSMOS, &["secondary_readonly_mongodb_connection_string"]),
    silent(COSMOS, &["secondary_readonly_sql_connection_string"]),
    silent(COSMOS, &["secondary_sql_connection_string"]),
    silent(NAMESPACES, &["default_primary_connection_string"]),
    silent(NAMESPACES, &["default_primary_connection_string_alias"]),
    silent(NAMESPACES, &["default_secondary_connection_string"]),
    silent(NAMESPACES, &["default_secondary_connection_string_alias"]),
    silent(NAMESPACES, &["default_secondary_key"]),
    silent(AKS, &["kube_admin_config"]),
    silent(AKS, &["kube_admin_config_raw"]),
    silent(AKS, &["kube_config"]),
    // Keys of accounts that the configuration never asks for; whether they open anything is decided by switches of many names.
    silent(KEYED, &["dsc_primary_access_key"]),
    silent(KEYED, &["dsc_secondary_access_key"]),
    silent(KEYED, &["primary_access_key"]),
    silent(KEYED, &["primary_connection_string"]),
    silent(KEYED, &["primary_key"]),
    silent(KEYED, &["primary_read_key"]),
    silent(KEYED, &["primary_shared_key"]),
    silent(KEYED, &["primary_write_key"]),
    silent(KEYED, &["secondary_access_key"]),
    silent(KEYED, &["secondary_connection_string"]),
    silent(KEYED, &["secondary_key"]),
    silent(KEYED, &["secondary_read_key"]),
    silent(KEYED, &["secondary_shared_key"]),
    silent(KEYED, &["secondary_write_key"]),
    silent(&["azurerm_application_insights"], &["connection_string"]),
    silent(&["azurerm_application_insights"], &["instrumentation_key"]),
    // What proves to Azure whose a domain is stands in its public records.
    silent(APPS, &["custom_domain_verification_id"]),
    silent(CONTAINER_APPS, &["custom_domain_verification_id"]),
    silent(&["azurerm_container_app_environment"], &["custom_domain_verification_id"]),
    silent(APPS, &["site_credential"]),
    silent(&["azurerm_static_web_app"], &["api_key"]),
    // Nothing secret is in a setting by itself; one that is a secret has a name or a text that says so.
    silent(APPS, &["app_settings"]),
    // A set is marked as a whole for the one argument in it that can hold a value, or the reference to one.
    known_when(APPS, &["connection_string"], |subject| delivery::holds_value(subject, "connection_string")),
    known_when(CONTAINER_APPS, &["secret"], |subject| delivery::holds_value(subject, "secret")),
    silent(&["azurerm_logic_app_workflow"], &["parameters"]),
    silent(&["azurerm_logic_app_workflow"], &["workflow_parameters"]),
];

const LOGIN: &str = "administrator_login_password";

/// Places that decide what an exposure in them is called.
pub(in super::super) const PLACES: &[Placed] = &[
    placed(APPS, &["connection_string"], "environment"),
    placed(&["azurerm_static_web_app"], &["app_settings"], "environment"),
    placed(&["azurerm_batch_pool"], &["start_task", "*", "common_environment_properties"], "environment"),
    placed(&["azurerm_batch_job"], &["common_environment_properties"], "environment"),
    placed(VIRTUAL_MACHINES, &["custom_data"], "user_data"),
    placed(&["azurerm_app_configuration_key"], &["value"], "parameter"),
    Placed {
        hidden_by: Some("encrypted"),
        when: Some(is_readable_variable),
        ..placed(AUTOMATION_VARIABLES, &["value"], "parameter")
    },
    Placed {
        when: Some(is_readable_named_value),
        ..placed(&["azurerm_api_management_named_value"], &["value"], "parameter")
    },
    placed(&["azurerm_logic_app_workflow"], &["parameters"], "parameter"),
    placed(&["azurerm_data_factory"], &["global_parameter"], "parameter"),
    placed(&["azurerm_data_factory_pipeline"], &["parameters"], "parameter"),
    placed(&["azurerm_data_factory_pipeline"], &["variables"], "parameter"),
];

fn never(_: &Subject<'_>) -> bool {
    false
}

/// On unless the configuration says otherwise.
fn is_on(subject: &Subject<'_>, switch: &str) -> bool {
    subject.flag(switch) != Some(false)
}

/// Off unless the configuration says otherwise.
fn is_off(subject: &Subject<'_>, switch: &str) -> bool {
    subject.flag(switch) != Some(true)
}

fn is_readable_variable(subject: &Subject<'_>) -> bool {
    subject.flag("encrypted") != Some(true)
}

fn is_readable_named_value(subject: &Subject<'_>) -> bool {
    subject.flag("secret") != Some(true)
}
