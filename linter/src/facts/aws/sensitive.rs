//! Attributes of AWS resources that hold a secret, with the write-only argument that keeps the value out of the plan and the state. From
//! the schemas of the provider hashicorp/aws, https://registry.terraform.io/providers/hashicorp/aws/latest/docs.

use super::super::registry::{Known, known};
use super::super::subject::{Subject, steps};

/// Attributes that are known to hold a secret.
pub(crate) const SENSITIVE: &[Known] = &[
    known(&["aws_secretsmanager_secret_version"], &["secret_string"], Some("secret_string_wo")),
    known(&["aws_secretsmanager_secret_version"], &["secret_binary"], None),
    Known { when: Some(is_secure_parameter), ..known(&["aws_ssm_parameter"], &["value"], Some("value_wo")) },
    known(&["aws_db_instance"], &["password"], Some("password_wo")),
    known(
        &["aws_rds_cluster", "aws_docdb_cluster", "aws_redshift_cluster"],
        &["master_password"],
        Some("master_password_wo"),
    ),
    Known {
        when: Some(is_written_out),
        ..known(&["aws_docdbelastic_cluster"], &["admin_user_password"], None)
    },
    known(&["aws_lightsail_database"], &["master_password"], None),
    known(&["aws_timestreaminfluxdb_db_instance", "aws_timestreaminfluxdb_db_cluster"], &["password"], None),
    known(&["aws_redshiftserverless_namespace"], &["admin_user_password"], Some("admin_user_password_wo")),
    known(&["aws_elasticache_replication_group"], &["auth_token"], Some("auth_token_wo")),
    known(&["aws_elasticache_user"], &["passwords"], Some("passwords_wo")),
    known(&["aws_elasticache_user"], &["authentication_mode", "*", "passwords"], None),
    known(&["aws_memorydb_user"], &["authentication_mode", "*", "passwords"], None),
    known(&["aws_mq_broker"], &["user", "*", "password"], Some("password_wo")),
    known(
        &["aws_opensearch_domain", "aws_elasticsearch_domain"],
        &["advanced_security_options", "*", "master_user_options", "*", "master_user_password"],
        Some("master_user_password_wo"),
    ),
    known(&["aws_dms_endpoint", "aws_directory_service_directory"], &["password"], None),
    Known { when: Some(is_readable), ..known(&["aws_iam_access_key"], &["secret"], None) },
    Known { when: Some(is_readable), ..known(&["aws_iam_access_key"], &["ses_smtp_password_v4"], None) },
    known(&["aws_iam_service_specific_credential"], &["service_password"], None),
    Known { when: Some(is_readable), ..known(&["aws_iam_user_login_profile"], &["password"], None) },
    known(&["aws_mq_broker"], &["ldap_server_metadata", "*", "service_account_password"], None),
    known(&["aws_dms_endpoint"], &["kafka_settings", "*", "sasl_password"], None),
    known(&["aws_dms_endpoint"], &["redis_settings", "*", "auth_password"], None),
    known(&["aws_directory_service_radius_settings"], &["shared_secret"], None),
    known(&["aws_directory_service_trust"], &["trust_password"], None),
    known(&["aws_fsx_windows_file_system"], &["self_managed_active_directory", "*", "password"], None),
    known(&["aws_fsx_ontap_file_system"], &["fsx_admin_password"], None),
    known(&["aws_fsx_ontap_storage_virtual_machine"], &["svm_admin_password"], None),
    known(&["aws_storagegateway_gateway"], &["smb_guest_password"], None),
    known(&["aws_storagegateway_gateway"], &["smb_active_directory_settings", "*", "password"], None),
    known(
        &["aws_datasync_location_smb", "aws_datasync_location_fsx_windows_file_system"],
        &["password"],
        None,
    ),
    known(&["aws_datasync_location_object_storage"], &["secret_key"], None),
    known(&["aws_emr_cluster"], &["kerberos_attributes", "*", "kdc_admin_password"], None),
    known(&["aws_emr_cluster"], &["kerberos_attributes", "*", "ad_domain_join_password"], None),
    known(&["aws_emr_cluster"], &["kerberos_attributes", "*", "cross_realm_trust_principal_password"], None),
    known(&["aws_quicksight_data_source"], &["credentials", "*", "credential_pair", "*", "password"], None),
    known(&["aws_glue_connection"], &["connection_properties", "PASSWORD"], None),
    known(&["aws_cognito_user"], &["password"], None),
    known(&["aws_cognito_user"], &["temporary_password"], None),
    known(&["aws_cognito_identity_provider"], &["provider_details", "client_secret"], None),
    known(&["aws_cognito_user_pool_client"], &["client_secret"], None),
    known(&["aws_cloudwatch_event_connection"], &["auth_parameters", "*", "basic", "*", "password"], None),
    known(&["aws_cloudwatch_event_connection"], &["auth_parameters", "*", "api_key", "*", "value"], None),
    known(
        &["aws_cloudwatch_event_connection"],
        &["auth_parameters", "*", "oauth", "*", "client_parameters", "*", "client_secret"],
        None,
    ),
    known(&["aws_kinesis_firehose_delivery_stream"], &["redshift_configuration", "*", "password"], None),
    known(
        &["aws_kinesis_firehose_delivery_stream"],
        &["http_endpoint_configuration", "*", "access_key"],
        None,
    ),
    known(&["aws_kinesis_firehose_delivery_stream"], &["splunk_configuration", "*", "hec_token"], None),
    known(&["aws_kms_custom_key_store"], &["key_store_password"], None),
    known(&["aws_kms_external_key"], &["key_material_base64"], None),
    known(&["aws_kms_ciphertext"], &["plaintext"], Some("plaintext_wo")),
    known(&["aws_bedrockagentcore_api_key_credential_provider"], &["api_key"], Some("api_key_wo")),
    known(&["aws_transfer_host_key"], &["host_key_body"], Some("host_key_body_wo")),
    known(&["aws_iam_server_certificate", "aws_acm_certificate"], &["private_key"], None),
    known(&["aws_iot_certificate"], &["private_key"], None),
    Known { when: Some(is_readable), ..known(&["aws_lightsail_key_pair"], &["private_key"], None) },
    known(&["aws_api_gateway_domain_name"], &["certificate_private_key"], None),
    known(&["aws_codebuild_source_credential"], &["token"], None),
    known(&["aws_codepipeline_webhook"], &["authentication_configuration", "*", "secret_token"], None),
    known(&["aws_amplify_app"], &["access_token"], None),
    known(&["aws_amplify_app"], &["oauth_token"], None),
    known(&["aws_amplify_app", "aws_amplify_branch"], &["basic_auth_credentials"], None),
    known(&["aws_sns_platform_application"], &["platform_credential"], None),
    known(&["aws_pinpoint_gcm_channel"], &["api_key"], None),
    known(&["aws_vpn_connection"], &["tunnel1_preshared_key"], None),
    known(&["aws_vpn_connection"], &["tunnel2_preshared_key"], None),
    known(
        &[
            "aws_dx_bgp_peer",
            "aws_dx_private_virtual_interface",
            "aws_dx_public_virtual_interface",
            "aws_dx_transit_virtual_interface",
        ],
        &["bgp_auth_key"],
        None,
    ),
    known(&["aws_grafana_workspace_api_key"], &["key"], None),
    known(&["aws_grafana_workspace_service_account_token"], &["key"], None),
    known(&["aws_appsync_api_key"], &["key"], None),
    known(&["aws_api_gateway_api_key"], &["value"], None),
];

/// A parameter of another type holds a setting.
fn is_secure_parameter(subject: &Subject<'_>) -> bool {
    subject.text("type").is_none_or(|kind| kind == "SecureString")
}

/// See [`is_secure_parameter`].
pub(super) fn is_plain_parameter(subject: &Subject<'_>) -> bool {
    !is_secure_parameter(subject)
}

/// Given somebody's PGP key, the provider encrypts what it makes to it and leaves the attribute for the plain text empty.
fn is_readable(subject: &Subject<'_>) -> bool {
    !subject.is_set(&steps!["pgp_key"])
}

/// With `SECRET_ARN` the attribute names the secret that holds the password.
pub(super) fn is_written_out(subject: &Subject<'_>) -> bool {
    subject.text("auth_type").is_none_or(|kind| kind != "SECRET_ARN")
}
