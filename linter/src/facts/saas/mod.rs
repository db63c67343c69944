//! CI systems and services: what is read of their resources, by type. A value in a CI system is given to every job that may use it, so the
//! places of variables have rows; attributes that hold a service's own keys have others. Sources are the providers' pages in the registry:
//! `integrations/github`, `gitlabhq/gitlab`, `hashicorp/tfe`, `CircleCI-Public/circleci`, `buildkite/buildkite`, `microsoft/azuredevops`,
//! `DataDog/datadog`, `grafana/grafana`, `PagerDuty/pagerduty`.

#[cfg(test)]
mod tests;
mod tokens;
mod variables;

use super::Extractor;
use super::registry::{HARMLESS, Known, Placed, known, placed};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("gitlab_deploy_token", tokens::token),
    ("gitlab_project_deploy_token", tokens::token),
    ("gitlab_group_deploy_token", tokens::token),
    ("gitlab_project_access_token", tokens::token),
    ("gitlab_group_access_token", tokens::token),
    ("gitlab_personal_access_token", tokens::token),
    ("gitlab_group_service_account_access_token", tokens::token),
    ("gitlab_user_impersonation_token", tokens::token),
    ("tfe_team_token", tokens::token),
    ("tfe_organization_token", tokens::token),
    ("tfe_audit_trail_token", tokens::token),
    ("grafana_service_account_token", tokens::token),
    ("grafana_cloud_stack_service_account_token", tokens::token),
    ("grafana_api_key", tokens::token),
    ("grafana_service_account_rotating_token", tokens::token),
    ("grafana_cloud_access_policy_token", tokens::token),
    ("grafana_cloud_access_policy_rotating_token", tokens::token),
];

/// Secrets of GitHub, wherever they are used.
const GITHUB_SECRETS: &[&str] = &[
    "github_actions_secret",
    "github_actions_environment_secret",
    "github_actions_organization_secret",
    "github_dependabot_secret",
    "github_dependabot_organization_secret",
    "github_codespaces_secret",
    "github_codespaces_organization_secret",
    "github_codespaces_user_secret",
];
/// Variables that are shown to whoever may see the settings.
const GITHUB_VARIABLES: &[&str] = &[
    "github_actions_variable",
    "github_actions_environment_variable",
    "github_actions_organization_variable",
];
const GITLAB_VARIABLES: &[&str] = &[
    "gitlab_project_variable",
    "gitlab_group_variable",
    "gitlab_instance_variable",
    "gitlab_pipeline_schedule_variable",
];
const TFE_VARIABLES: &[&str] = &["tfe_variable", "tfe_test_variable", "tfe_policy_set_parameter"];
/// Always hidden, and used for settings as well.
const CIRCLECI_VARIABLES: &[&str] = &[
    "circleci_context_environment_variable",
    "circleci_project_environment_variable",
    "circleci_environment_variable",
];
const GROUP: &[&str] = &["azuredevops_variable_group"];
const GITLAB_TOKENS: &[&str] = &[
    "gitlab_deploy_token",
    "gitlab_project_deploy_token",
    "gitlab_group_deploy_token",
    "gitlab_project_access_token",
    "gitlab_group_access_token",
    "gitlab_personal_access_token",
    "gitlab_group_service_account_access_token",
    "gitlab_user_impersonation_token",
    "gitlab_cluster_agent_token",
    "gitlab_pipeline_trigger",
    "gitlab_project_hook",
    "gitlab_group_hook",
    "gitlab_system_hook",
];
const MADE_TOKENS: &[&str] = &[
    "tfe_agent_token",
    "tfe_audit_trail_token",
    "tfe_organization_token",
    "tfe_team_token",
    "buildkite_agent_token",
    "buildkite_cluster_agent_token",
    "circleci_runner_token",
    "grafana_cloud_access_policy_token",
    "grafana_cloud_access_policy_rotating_token",
];
const MADE_KEYS: &[&str] = &[
    "datadog_api_key",
    "datadog_application_key",
    "datadog_service_account_application_key",
    "grafana_api_key",
    "grafana_service_account_token",
    "grafana_service_account_rotating_token",
    "grafana_cloud_stack_service_account_token",
];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(GITHUB_SECRETS, &["plaintext_value"], None),
    known(GITHUB_SECRETS, &["value"], None),
    Known { when: Some(variables::is_secret), ..known(GITHUB_VARIABLES, &["value"], None) },
    known(
        &["github_repository_webhook", "github_organization_webhook"],
        &["configuration", "*", "secret"],
        None,
    ),
    Known { when: Some(variables::is_secret), ..known(GITLAB_VARIABLES, &["value"], None) },
    known(GITLAB_TOKENS, &["token"], None),
    known(&["gitlab_integration_github", "gitlab_project_integration_github"], &["token"], None),
    known(&["gitlab_integration_jira", "gitlab_project_integration_jira"], &["password"], None),
    known(&["gitlab_integration_jenkins", "gitlab_project_integration_jenkins"], &["password"], None),
    known(&["gitlab_integration_slack", "gitlab_integration_mattermost"], &["webhook"], None),
    known(&["gitlab_runner"], &["authentication_token"], None),
    known(&["gitlab_user_runner"], &["token"], None),
    known(&["gitlab_application"], &["secret"], None),
    Known { when: Some(variables::is_secret), ..known(TFE_VARIABLES, &["value"], Some("value_wo")) },
    known(MADE_TOKENS, &["token"], None),
    known(&["tfe_notification_configuration"], &["token"], Some("token_wo")),
    known(&["tfe_oauth_client"], &["oauth_token"], None),
    known(&["tfe_oauth_client"], &["private_key"], None),
    known(&["tfe_oauth_client"], &["secret"], None),
    known(&["tfe_ssh_key"], &["key"], Some("key_wo")),
    known(&["tfe_organization_run_task"], &["hmac_key"], Some("hmac_key_wo")),
    known(&["tfe_saml_settings"], &["private_key"], Some("private_key_wo")),
    Known { when: Some(variables::is_secret), ..known(CIRCLECI_VARIABLES, &["value"], None) },
    known(&["buildkite_cluster_secret"], &["value"], Some("value_wo")),
    known(GROUP, &["variable", "*", "secret_value"], None),
    known(GROUP, &["secret_variable", "*", "value"], None),
    known(&["azuredevops_serviceendpoint_azurerm"], &["credentials", "*", "serviceprincipalkey"], None),
    known(&["azuredevops_serviceendpoint_aws"], &["secret_access_key"], None),
    known(&["azuredevops_serviceendpoint_dockerregistry"], &["docker_password"], None),
    known(
        &["azuredevops_serviceendpoint_generic", "azuredevops_serviceendpoint_generic_git"],
        &["password"],
        None,
    ),
    known(&["azuredevops_serviceendpoint_bitbucket"], &["password"], None),
    known(&["azuredevops_serviceendpoint_gcp_terraform"], &["private_key"], None),
    known(&["azuredevops_serviceendpoint_github"], &["auth_personal", "*", "personal_access_token"], None),
    known(&["azuredevops_serviceendpoint_kubernetes"], &["service_account", "*", "token"], None),
    known(&["azuredevops_serviceendpoint_kubernetes"], &["kubeconfig", "*", "kube_config"], None),
    known(
        &["azuredevops_serviceendpoint_sonarqube", "azuredevops_serviceendpoint_sonarcloud"],
        &["token"],
        None,
    ),
    known(MADE_KEYS, &["key"], None),
    known(&["datadog_integration_azure"], &["client_secret"], None),
    known(&["datadog_integration_gcp"], &["private_key"], None),
    known(&["datadog_integration_aws"], &["secret_access_key"], None),
    known(&["datadog_integration_pagerduty"], &["api_token"], None),
    known(&["datadog_integration_pagerduty_service_object"], &["service_key"], None),
    known(&["datadog_integration_opsgenie_service_object"], &["opsgenie_api_key"], None),
    known(
        &["datadog_integration_cloudflare_account", "datadog_integration_fastly_account"],
        &["api_key"],
        None,
    ),
    known(&["datadog_integration_confluent_account"], &["api_secret"], None),
    Known {
        when: Some(variables::is_hidden),
        ..known(&["datadog_webhook_custom_variable", "datadog_synthetics_global_variable"], &["value"], None)
    },
    known(&["grafana_data_source", "grafana_data_source_config"], &["secure_json_data_encoded"], None),
    known(&["grafana_data_source", "grafana_data_source_config"], &["http_headers"], None),
    known(&["grafana_contact_point"], &["slack", "*", "token"], None),
    known(&["grafana_contact_point"], &["slack", "*", "url"], None),
    known(&["grafana_contact_point"], &["pagerduty", "*", "integration_key"], None),
    known(&["grafana_contact_point"], &["opsgenie", "*", "api_key"], None),
    known(&["pagerduty_service_integration"], &["integration_key"], None),
    known(&["pagerduty_extension_servicenow"], &["snow_password"], None),
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] = &[
    // Encrypted for the repository before Terraform sees it.
    placed(GITHUB_SECRETS, &["encrypted_value"], HARMLESS),
    placed(GITHUB_SECRETS, &["value_encrypted"], HARMLESS),
    placed(GITHUB_SECRETS, &["plaintext_value"], "ci_variable"),
    placed(GITHUB_SECRETS, &["value"], "ci_variable"),
    placed(GITHUB_VARIABLES, &["value"], "ci_variable"),
    Placed { when: Some(variables::is_plain), ..placed(GITLAB_VARIABLES, &["value"], HARMLESS) },
    Placed { hidden_by: Some("masked"), ..placed(GITLAB_VARIABLES, &["value"], "ci_variable") },
    Placed { when: Some(variables::is_plain), ..placed(TFE_VARIABLES, &["value"], HARMLESS) },
    Placed { hidden_by: Some("sensitive"), ..placed(TFE_VARIABLES, &["value"], "ci_variable") },
    Placed { when: Some(variables::is_plain), ..placed(CIRCLECI_VARIABLES, &["value"], HARMLESS) },
    placed(CIRCLECI_VARIABLES, &["value"], "ci_variable"),
    placed(&["buildkite_cluster_secret"], &["value"], "ci_variable"),
    placed(&["buildkite_pipeline"], &["steps"], "ci_variable"),
    placed(GROUP, &["variable", "*", "value"], "ci_variable"),
    placed(GROUP, &["variable", "*", "secret_value"], "ci_variable"),
    placed(GROUP, &["secret_variable", "*", "value"], "ci_variable"),
    // Terraform marks the whole set where one attribute in it is sensitive, whatever is in it.
    placed(GROUP, &["variable"], HARMLESS),
    placed(GROUP, &["secret_variable"], HARMLESS),
    placed(&["azuredevops_build_definition"], &["variable", "*", "value"], "ci_variable"),
    placed(&["azuredevops_build_definition"], &["variable", "*", "secret_value"], "ci_variable"),
];
