//! Attributes of Google's resources that hold a secret, and the places in them that decide what an exposure there is called.

use super::super::registry::{HARMLESS, Known, Placed, known, placed};

/// Attributes that are known to hold a secret.
pub(in super::super) const SENSITIVE: &[Known] = &[
    known(&["google_secret_manager_secret_version"], &["secret_data"], Some("secret_data_wo")),
    known(&["google_secret_manager_regional_secret_version"], &["secret_data"], Some("secret_data_wo")),
    known(&["google_sql_user"], &["password"], Some("password_wo")),
    known(&["google_sql_database_instance"], &["root_password"], Some("root_password_wo")),
    known(&["google_sql_database_instance"], &["replica_configuration", "*", "password"], None),
    known(
        &[
            "google_sql_source_representation_instance",
            "google_alloydb_user",
            "google_netapp_active_directory",
        ],
        &["password"],
        None,
    ),
    known(&["google_alloydb_cluster"], &["initial_user", "*", "password"], None),
    known(&["google_oracle_database_autonomous_database"], &["admin_password"], None),
    known(&["google_redis_instance"], &["auth_string"], None),
    known(&["google_service_account_key"], &["private_key"], None),
    known(&["google_storage_hmac_key"], &["secret"], None),
    known(&["google_apikeys_key"], &["key_string"], None),
    known(&["google_kms_secret_ciphertext"], &["plaintext"], None),
    known(
        &["google_compute_ssl_certificate", "google_compute_region_ssl_certificate"],
        &["private_key"],
        Some("private_key_wo"),
    ),
    known(&["google_compute_vpn_tunnel"], &["shared_secret"], Some("shared_secret_wo")),
    known(
        &["google_compute_backend_bucket_signed_url_key", "google_compute_backend_service_signed_url_key"],
        &["key_value"],
        None,
    ),
    known(
        &[
            "google_compute_backend_service",
            "google_compute_region_backend_service",
            "google_app_engine_application",
        ],
        &["iap", "*", "oauth2_client_secret"],
        None,
    ),
    known(
        &["google_compute_disk", "google_compute_region_disk"],
        &["disk_encryption_key", "*", "raw_key"],
        None,
    ),
    known(&["google_compute_instance"], &["boot_disk", "*", "disk_encryption_key_raw"], None),
    known(&["google_compute_instance"], &["attached_disk", "*", "disk_encryption_key_raw"], None),
    known(&["google_compute_snapshot"], &["snapshot_encryption_key", "*", "raw_key"], None),
    known(&["google_compute_snapshot"], &["source_disk_encryption_key", "*", "raw_key"], None),
    known(&["google_compute_image"], &["image_encryption_key", "*", "raw_key"], None),
    known(&["google_certificate_manager_certificate"], &["self_managed", "*", "pem_private_key"], None),
    known(&["google_bigquery_connection"], &["cloud_sql", "*", "credential", "*", "password"], None),
    known(
        &["google_bigquery_data_transfer_config"],
        &["sensitive_params", "*", "secret_access_key"],
        Some("secret_access_key_wo"),
    ),
    known(&["google_database_migration_service_connection_profile"], &["mysql", "*", "password"], None),
    known(&["google_database_migration_service_connection_profile"], &["postgresql", "*", "password"], None),
    known(&["google_database_migration_service_connection_profile"], &["oracle", "*", "password"], None),
    known(
        &["google_database_migration_service_connection_profile"],
        &["cloudsql", "*", "settings", "*", "root_password"],
        None,
    ),
    known(&["google_datastream_connection_profile"], &["mysql_profile", "*", "password"], None),
    known(&["google_datastream_connection_profile"], &["oracle_profile", "*", "password"], None),
    known(&["google_datastream_connection_profile"], &["postgresql_profile", "*", "password"], None),
    known(&["google_datastream_connection_profile"], &["sql_server_profile", "*", "password"], None),
    known(&["google_composer_user_workloads_secret"], &["data"], None),
    known(&["google_monitoring_notification_channel"], &["sensitive_labels", "*", "auth_token"], None),
    known(&["google_monitoring_notification_channel"], &["sensitive_labels", "*", "password"], None),
    known(&["google_monitoring_notification_channel"], &["sensitive_labels", "*", "service_key"], None),
    known(
        &["google_monitoring_uptime_check_config"],
        &["http_check", "*", "auth_info", "*", "password"],
        Some("password_wo"),
    ),
    known(
        &[
            "google_identity_platform_default_supported_idp_config",
            "google_identity_platform_oauth_idp_config",
            "google_identity_platform_tenant_default_supported_idp_config",
            "google_identity_platform_tenant_oauth_idp_config",
        ],
        &["client_secret"],
        None,
    ),
    known(
        &["google_iam_workforce_pool_provider"],
        &["oidc", "*", "client_secret", "*", "value", "*", "plain_text"],
        None,
    ),
    known(
        &["google_iam_workforce_pool_provider"],
        &["extra_attributes_oauth2_client", "*", "client_secret", "*", "value", "*", "plain_text"],
        None,
    ),
    known(&["google_iam_oauth_client_credential"], &["client_secret"], None),
    known(&["google_looker_instance"], &["oauth_config", "*", "client_secret"], None),
    known(&["google_public_ca_external_account_key"], &["b64_mac_key"], None),
    known(
        &["google_storage_transfer_job"],
        &["transfer_spec", "*", "aws_s3_data_source", "*", "aws_access_key", "*", "secret_access_key"],
        None,
    ),
    known(
        &["google_storage_transfer_job"],
        &["transfer_spec", "*", "azure_blob_storage_data_source", "*", "azure_credentials", "*", "sas_token"],
        None,
    ),
    known(&["google_apigee_keystores_aliases_pkcs12"], &["password"], None),
    known(&["google_active_directory_domain_trust"], &["trust_handshake_secret"], None),
    known(&["google_firebase_app_check_debug_token"], &["token"], None),
    known(&["google_cloudbuild_bitbucket_server_config"], &["api_key"], None),
];

/// Machines whose metadata any process on them can read, and everybody who may look at them.
const MACHINES: &[&str] = &[
    "google_compute_instance",
    "google_compute_instance_from_template",
    "google_compute_instance_template",
    "google_compute_project_metadata",
    "google_compute_region_instance_template",
    "google_notebooks_instance",
];

const RUN: &[&str] = &["google_cloud_run_v2_service", "google_cloud_run_v2_worker_pool"];
const RUN_JOBS: &[&str] = &["google_cloud_run_v2_job"];

/// Places that decide what an exposure in them is called.
pub(in super::super) const PLACES: &[Placed] = &[
    // Names of secrets, not their values.
    placed(&["google_secret_manager_secret_version"], &["secret"], HARMLESS),
    placed(&["google_secret_manager_regional_secret_version"], &["secret"], HARMLESS),
    placed(RUN, &["template", "*", "volumes", "*", "secret"], HARMLESS),
    placed(RUN, &["template", "*", "containers", "*", "env", "*", "value_source"], HARMLESS),
    placed(RUN_JOBS, &["template", "*", "template", "*", "volumes", "*", "secret"], HARMLESS),
    placed(
        RUN_JOBS,
        &["template", "*", "template", "*", "containers", "*", "env", "*", "value_source"],
        HARMLESS,
    ),
    placed(
        &["google_cloud_run_service"],
        &["template", "*", "spec", "*", "volumes", "*", "secret"],
        HARMLESS,
    ),
    placed(
        &["google_cloud_run_service"],
        &["template", "*", "spec", "*", "containers", "*", "env", "*", "value_from"],
        HARMLESS,
    ),
    placed(&["google_cloudfunctions_function"], &["secret_environment_variables"], HARMLESS),
    placed(&["google_cloudfunctions_function"], &["secret_volumes"], HARMLESS),
    placed(
        &["google_cloudfunctions2_function"],
        &["service_config", "*", "secret_environment_variables"],
        HARMLESS,
    ),
    placed(&["google_cloudfunctions2_function"], &["service_config", "*", "secret_volumes"], HARMLESS),
    placed(&["google_cloudbuild_trigger"], &["build", "*", "available_secrets"], HARMLESS),
    placed(&["google_cloudbuild_trigger"], &["build", "*", "step", "*", "secret_env"], HARMLESS),
    placed(&["google_cloudbuild_trigger"], &["webhook_config", "*", "secret"], HARMLESS),
    // A reference to a version in Secret Manager.
    placed(
        &["google_datastream_connection_profile"],
        &["mysql_profile", "*", "secret_manager_stored_password"],
        HARMLESS,
    ),
    placed(
        &["google_datastream_connection_profile"],
        &["oracle_profile", "*", "secret_manager_stored_password"],
        HARMLESS,
    ),
    placed(
        &["google_datastream_connection_profile"],
        &["postgresql_profile", "*", "secret_manager_stored_password"],
        HARMLESS,
    ),
    placed(
        &["google_datastream_connection_profile"],
        &["sql_server_profile", "*", "secret_manager_stored_password"],
        HARMLESS,
    ),
    placed(MACHINES, &["metadata"], "user_data"),
    placed(&["google_compute_project_metadata_item"], &["value"], "user_data"),
    placed(&["google_workbench_instance"], &["gce_setup", "*", "metadata"], "user_data"),
    placed(&["google_container_cluster"], &["node_config", "*", "metadata"], "user_data"),
    placed(&["google_container_node_pool"], &["node_config", "*", "metadata"], "user_data"),
    placed(
        &["google_app_engine_standard_app_version", "google_app_engine_flexible_app_version"],
        &["env_variables"],
        "environment",
    ),
    placed(&["google_cloudfunctions_function"], &["build_environment_variables"], "environment"),
    placed(
        &["google_composer_environment"],
        &["config", "*", "software_config", "*", "env_variables"],
        "environment",
    ),
    placed(
        &["google_composer_environment"],
        &["config", "*", "software_config", "*", "airflow_config_overrides"],
        "environment",
    ),
    placed(&["google_composer_user_workloads_config_map"], &["data"], "config_map"),
    placed(&["google_dataflow_job", "google_dataflow_flex_template_job"], &["parameters"], "environment"),
    placed(&["google_workflows_workflow"], &["user_env_vars"], "environment"),
    placed(&["google_cloudbuild_trigger"], &["substitutions"], "ci_variable"),
    placed(&["google_cloudbuild_trigger"], &["build", "*", "substitutions"], "ci_variable"),
    placed(
        &[
            "google_parameter_manager_parameter_version",
            "google_parameter_manager_regional_parameter_version",
        ],
        &["parameter_data"],
        "parameter",
    ),
];
