//! Vault and OpenBao: policies as text, roles of auth methods, tokens, stored and rotated secrets, keys, and what is said of the server itself.
//! The provider's resources are documented at <https://registry.terraform.io/providers/hashicorp/vault/latest/docs>.

mod auth;
mod grants;
mod keys;
mod logins;
mod paths;
mod policy;
mod secrets;
mod server;
#[cfg(test)]
mod tests;
mod tokens;

pub(super) use server::{Server, tie};

use super::Extractor;
use super::registry::{HARMLESS, Known, Placed, known, placed};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("vault_policy", grants::policy),
    ("vault_token", tokens::token),
    ("vault_approle_auth_backend_role_secret_id", tokens::secret_id),
    ("vault_approle_auth_backend_role", auth::role),
    ("vault_kubernetes_auth_backend_role", auth::role),
    ("vault_aws_auth_backend_role", auth::role),
    ("vault_gcp_auth_backend_role", auth::role),
    ("vault_azure_auth_backend_role", auth::role),
    ("vault_oci_auth_backend_role", auth::role),
    ("vault_cert_auth_backend_role", auth::role),
    ("vault_ldap_auth_backend_group", auth::role),
    ("vault_ldap_auth_backend_user", auth::role),
    ("vault_okta_auth_backend_group", auth::role),
    ("vault_okta_auth_backend_user", auth::role),
    ("vault_github_team", auth::role),
    ("vault_github_user", auth::role),
    ("vault_jwt_auth_backend", auth::jwt_method),
    ("vault_jwt_auth_backend_role", auth::jwt_role),
    ("vault_kv_secret_v2", secrets::kv2),
    ("vault_kv_secret", secrets::kv1),
    ("vault_generic_secret", secrets::kv1),
    ("vault_database_secret_backend_static_role", logins::static_role),
    ("vault_ldap_secret_backend_static_role", logins::static_role),
    ("vault_ad_secret_role", logins::static_role),
    ("vault_aws_secret_backend_static_role", logins::static_role),
    ("vault_database_secret_backend_role", logins::dynamic_role),
    ("vault_database_secret_backend_connection", logins::connection),
    ("vault_aws_secret_backend", logins::cloud),
    ("vault_azure_secret_backend", logins::cloud),
    ("vault_gcp_secret_backend", logins::cloud),
    ("vault_ldap_secret_backend", logins::cloud),
    ("vault_ldap_auth_backend", logins::cloud),
    ("vault_aws_auth_backend_client", logins::cloud),
    ("vault_azure_auth_backend_config", logins::cloud),
    ("vault_gcp_auth_backend", logins::cloud),
    ("vault_pki_secret_backend_cert", keys::certificate),
    ("vault_pki_secret_backend_sign", keys::certificate),
    ("vault_pki_secret_backend_role", keys::certificate_role),
    ("vault_transit_secret_backend_key", keys::transit),
    ("vault_mount", server::mount),
    ("vault_database_secrets_mount", server::engine),
    ("vault_ad_secret_backend", server::engine),
    ("vault_kv_secret_backend_v2", server::versions),
    ("vault_audit", server::audit),
    ("vault_audit_request_header", server::setting),
    ("vault_quota_rate_limit", server::setting),
    ("vault_quota_lease_count", server::setting),
    ("vault_namespace", server::setting),
    ("vault_raft_autopilot", server::setting),
    ("vault_raft_snapshot_agent_config", server::setting),
    ("vault_plugin", server::setting),
];

/// The two types by which a database's login is given to its engine.
const DATABASES: &[&str] = &["vault_database_secret_backend_connection", "vault_database_secrets_mount"];
const WRITE_ONLY: Option<&str> = Some("password_wo");

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(&["vault_kv_secret_v2"], &["data_json"], Some("data_json_wo")),
    known(
        &["vault_generic_secret", "vault_kv_secret"],
        &["data_json"],
        Some("vault_kv_secret_v2 data_json_wo"),
    ),
    known(DATABASES, &["cassandra", "*", "password"], None),
    known(DATABASES, &["cassandra", "*", "pem_bundle"], None),
    known(DATABASES, &["couchbase", "*", "password"], None),
    known(DATABASES, &["elasticsearch", "*", "password"], None),
    known(DATABASES, &["hana", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["influxdb", "*", "password"], None),
    known(DATABASES, &["mongodb", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["mongodbatlas", "*", "private_key"], None),
    known(DATABASES, &["mssql", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["mysql", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["mysql_aurora", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["mysql_legacy", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["mysql_rds", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["oracle", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["postgresql", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["redis", "*", "password"], None),
    known(DATABASES, &["redis_elasticache", "*", "password"], None),
    known(DATABASES, &["redshift", "*", "password"], WRITE_ONLY),
    known(DATABASES, &["snowflake", "*", "password"], WRITE_ONLY),
    known(&["vault_database_secret_backend_static_role"], &["self_managed_password"], WRITE_ONLY),
    known(&["vault_aws_secret_backend", "vault_aws_auth_backend_client"], &["secret_key"], None),
    known(&["vault_azure_secret_backend", "vault_azure_auth_backend_config"], &["client_secret"], None),
    known(&["vault_gcp_secret_backend"], &["credentials"], Some("credentials_wo")),
    known(&["vault_gcp_auth_backend"], &["credentials"], None),
    known(
        &["vault_ldap_secret_backend", "vault_ad_secret_backend", "vault_ldap_auth_backend"],
        &["bindpass"],
        None,
    ),
    known(
        &["vault_ldap_secret_backend", "vault_ad_secret_backend", "vault_ldap_auth_backend"],
        &["client_tls_key"],
        None,
    ),
    known(
        &["vault_consul_secret_backend", "vault_nomad_secret_backend", "vault_okta_auth_backend"],
        &["token"],
        None,
    ),
    known(&["vault_consul_secret_backend", "vault_nomad_secret_backend"], &["client_key"], None),
    known(&["vault_terraform_cloud_secret_backend"], &["token"], Some("token_wo")),
    known(&["vault_rabbitmq_secret_backend"], &["password"], None),
    known(&["vault_mongodbatlas_secret_backend"], &["private_key"], None),
    known(&["vault_kubernetes_secret_backend"], &["service_account_jwt"], None),
    known(&["vault_kubernetes_auth_backend_config"], &["token_reviewer_jwt"], None),
    known(&["vault_jwt_auth_backend"], &["oidc_client_secret"], None),
    known(&["vault_ssh_secret_backend_ca"], &["private_key"], None),
    known(&["vault_pki_secret_backend_config_ca"], &["pem_bundle"], None),
    known(&["vault_pki_secret_backend_cert", "vault_pki_secret_backend_root_cert"], &["private_key"], None),
    known(&["vault_token"], &["client_token"], None),
    known(&["vault_approle_auth_backend_role_secret_id"], &["secret_id"], None),
    known(&["vault_approle_auth_backend_login"], &["client_token"], None),
    known(&["vault_approle_auth_backend_login"], &["secret_id"], None),
    known(&["vault_identity_oidc_client"], &["client_secret"], None),
    known(&["vault_secrets_sync_aws_destination"], &["secret_access_key"], None),
    known(&["vault_secrets_sync_azure_destination"], &["client_secret"], None),
    known(&["vault_secrets_sync_gcp_destination"], &["credentials"], None),
    known(
        &["vault_secrets_sync_gh_destination", "vault_secrets_sync_vercel_destination"],
        &["access_token"],
        None,
    ),
    known(&["vault_mfa_duo", "vault_identity_mfa_duo"], &["secret_key"], None),
    known(&["vault_mfa_okta", "vault_identity_mfa_okta"], &["api_token"], None),
    known(&["vault_raft_snapshot_agent_config"], &["aws_secret_access_key"], None),
    known(&["vault_raft_snapshot_agent_config"], &["azure_account_key"], None),
    known(&["vault_raft_snapshot_agent_config"], &["google_service_account_key"], None),
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] = &[
    // What was written, read back.
    placed(&["vault_kv_secret_v2", "vault_kv_secret", "vault_generic_secret"], &["data"], HARMLESS),
    // The name of a key, beside its secret half.
    placed(&["vault_aws_secret_backend", "vault_aws_auth_backend_client"], &["access_key"], HARMLESS),
    // Names of tokens, and tokens that are good for one use within minutes.
    placed(&["vault_token"], &["wrapping_accessor"], HARMLESS),
    placed(&["vault_token"], &["wrapped_token"], HARMLESS),
    placed(&["vault_approle_auth_backend_role_secret_id"], &["wrapping_token"], HARMLESS),
    placed(&["vault_approle_auth_backend_role_secret_id"], &["wrapping_accessor"], HARMLESS),
    // Where the answer is wrapped, the state has nothing else.
    Placed { when: Some(tokens::is_wrapped), ..placed(&["vault_token"], &["client_token"], HARMLESS) },
    Placed {
        when: Some(tokens::is_wrapped),
        ..placed(&["vault_approle_auth_backend_role_secret_id"], &["secret_id"], HARMLESS)
    },
];
