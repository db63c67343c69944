//! Attributes that are known to hold a secret, with the write-only argument to use instead. Plans of Terraform before 0.15 mark
//! nothing, and no plan says which argument would keep the value out of the state; both come from the providers' schemas.

use super::super::model::PathStep;
use super::super::subject::Subject;

/// One attribute of one type (or several that share it).
pub(crate) struct Known {
    types: &'static [&'static str],
    /// Path, with `*` for every element of a list.
    pub(super) path: &'static [&'static str],
    /// What keeps the value out of the plan and the state.
    pub(super) instead: Option<&'static str>,
}

const fn known(
    types: &'static [&'static str],
    path: &'static [&'static str],
    instead: Option<&'static str>,
) -> Known {
    Known { types, path, instead }
}

const KNOWN: [Known; 40] = [
    known(&["aws_secretsmanager_secret_version"], &["secret_string"], Some("secret_string_wo")),
    known(&["aws_secretsmanager_secret_version"], &["secret_binary"], None),
    known(&["aws_ssm_parameter"], &["value"], Some("value_wo")),
    known(&["aws_db_instance"], &["password"], Some("password_wo")),
    known(
        &["aws_rds_cluster", "aws_docdb_cluster", "aws_redshift_cluster"],
        &["master_password"],
        Some("master_password_wo"),
    ),
    known(&["aws_neptune_cluster", "aws_rds_global_cluster"], &["master_password"], None),
    known(&["aws_redshiftserverless_namespace"], &["admin_user_password"], Some("admin_user_password_wo")),
    known(&["aws_elasticache_replication_group"], &["auth_token"], Some("auth_token_wo")),
    known(&["aws_elasticache_user"], &["passwords"], Some("passwords_wo")),
    known(&["aws_memorydb_user"], &["authentication_mode", "*", "passwords"], None),
    known(&["aws_mq_broker"], &["user", "*", "password"], Some("password_wo")),
    known(
        &["aws_opensearch_domain", "aws_elasticsearch_domain"],
        &["advanced_security_options", "*", "master_user_options", "*", "master_user_password"],
        Some("master_user_password_wo"),
    ),
    known(&["aws_dms_endpoint", "aws_directory_service_directory"], &["password"], None),
    known(&["aws_iam_access_key"], &["secret"], None),
    known(&["aws_iam_access_key"], &["ses_smtp_password_v4"], None),
    known(&["aws_iam_service_specific_credential"], &["service_password"], None),
    known(&["aws_iam_user_login_profile"], &["password"], None),
    known(&["aws_appsync_api_key"], &["key"], None),
    known(&["aws_api_gateway_api_key"], &["value"], None),
    known(&["random_password"], &["result"], Some("ephemeral random_password")),
    known(&["random_bytes"], &["base64"], Some("ephemeral random_bytes")),
    known(&["random_bytes"], &["hex"], Some("ephemeral random_bytes")),
    known(&["tls_private_key"], &["private_key_pem"], Some("ephemeral tls_private_key")),
    known(&["tls_private_key"], &["private_key_openssh"], Some("ephemeral tls_private_key")),
    known(&["tls_private_key"], &["private_key_pem_pkcs8"], Some("ephemeral tls_private_key")),
    known(&["local_sensitive_file"], &["content"], None),
    known(&["kubernetes_secret", "kubernetes_secret_v1"], &["data"], Some("data_wo")),
    known(&["kubernetes_secret", "kubernetes_secret_v1"], &["binary_data"], Some("binary_data_wo")),
    known(&["google_secret_manager_secret_version"], &["secret_data"], Some("secret_data_wo")),
    known(&["google_sql_user"], &["password"], Some("password_wo")),
    known(&["google_service_account_key"], &["private_key"], None),
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
    known(&["vault_kv_secret_v2"], &["data_json"], Some("data_json_wo")),
    known(&["vault_generic_secret", "vault_kv_secret"], &["data_json"], None),
    known(&["github_actions_secret", "github_dependabot_secret"], &["plaintext_value"], None),
    known(&["gitlab_project_variable", "gitlab_group_variable", "tfe_variable"], &["value"], None),
];

/// The attributes of a type.
pub(super) fn of_type(resource_type: &str) -> impl Iterator<Item = &'static Known> {
    KNOWN.iter().filter(move |known| known.types.contains(&resource_type))
}

/// The type has rows: worth opening even where nothing in its text looks like a secret.
pub(crate) fn knows_type(resource_type: &str) -> bool {
    of_type(resource_type).next().is_some()
}

/// The attribute of this type and name holds a secret.
pub(crate) fn is_known(resource_type: &str, attribute: &str) -> bool {
    of_type(resource_type)
        .any(|known| known.path.last() == Some(&attribute) || known.path.first() == Some(&attribute))
}

/// The same, and the secret is all of it, not a part of a block.
pub(crate) fn is_known_whole(resource_type: &str, attribute: &str) -> bool {
    of_type(resource_type).any(|known| known.path == [attribute])
}

/// The write-only argument for the attribute at `path`.
pub(super) fn write_only_instead(resource_type: &str, path: &[PathStep]) -> Option<&'static str> {
    let first = path.iter().find_map(|step| match step {
        PathStep::Name(name) => Some(name.as_str()),
        PathStep::Index(_) => None,
    })?;
    of_type(resource_type).find(|known| known.path == [first]).and_then(|known| known.instead)
}

impl Known {
    /// Some rows hold for some resources of the type only.
    pub(super) fn applies(&self, subject: &Subject<'_>) -> bool {
        match subject.resource_type() {
            "aws_ssm_parameter" => subject.text("type").is_none_or(|kind| kind == "SecureString"),
            "gitlab_project_variable" | "gitlab_group_variable" => subject.flag("masked") == Some(true),
            "tfe_variable" => subject.flag("sensitive") == Some(true),
            _ => true,
        }
    }
}

/// Attributes that a provider marks although most of their values are no secrets: `value` of a plain SSM parameter.
pub(super) fn is_no_secret(subject: &Subject<'_>, path: &[PathStep]) -> bool {
    subject.resource_type() == "aws_ssm_parameter"
        && matches!(path, [PathStep::Name(name)] if name == "value" || name == "insecure_value")
        && subject.text("type").is_some_and(|kind| kind != "SecureString")
}

/// Attributes that hold another attribute's secret once more, in another form: a hash beside the password, a key in a second format. One
/// secret is told of once.
const OTHER_FORMS: [(&str, &str); 5] = [
    ("aws_iam_access_key", "ses_smtp_password_v4"),
    ("random_bytes", "hex"),
    ("random_password", "bcrypt_hash"),
    ("tls_private_key", "private_key_openssh"),
    ("tls_private_key", "private_key_pem_pkcs8"),
];

/// The attribute at `path` is another form of a secret that the resource tells of elsewhere.
pub(super) fn is_another_form(resource_type: &str, path: &[PathStep]) -> bool {
    matches!(path, [PathStep::Name(name)] if OTHER_FORMS.contains(&(resource_type, name.as_str())))
}
