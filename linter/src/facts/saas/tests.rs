//! Facts of small plans of CI systems and services, one behaviour each.

use serde_json::{Value, json};

use super::super::model::{Exposure, Facts};
use super::super::tests::{Resource, facts, resource};

/// Exposures as `kind path`, with `shown` or `hidden` behind where that is said.
fn exposures(facts: &Facts) -> Vec<String> {
    let line = |exposure: &Exposure| {
        let path: Vec<String> =
            exposure.path.iter().map(|step| serde_json::to_string(step).unwrap().replace('"', "")).collect();
        let hidden = match exposure.hidden {
            Some(true) => " hidden",
            Some(false) => " shown",
            None => "",
        };
        format!("{} {}{hidden}", exposure.kind, path.join("."))
    };
    facts.exposures.iter().map(line).collect()
}

fn check(resource: Resource, expected: &[&str]) {
    assert_eq!(exposures(&facts(vec![resource])), expected);
}

#[test]
fn a_secret_of_github_is_one_unless_it_is_encrypted() {
    for kind in ["github_actions_secret", "github_dependabot_organization_secret", "github_codespaces_secret"]
    {
        let plain = json!({ "secret_name": "DEPLOY", "plaintext_value": "Rz71-harbour" });
        check(resource(kind, "a").after(plain), &["ci_variable plaintext_value"]);
        let marked = resource(kind, "a")
            .after(json!({ "secret_name": "DEPLOY", "encrypted_value": "bG9uZyBjaXBoZXJ0ZXh0IG9mIGEgc2VhbGVkIGJveA==" }))
            .sensitive(json!({ "encrypted_value": true }));
        check(marked, &[]);
    }
}

#[test]
fn a_plain_variable_holds_a_secret_by_its_name_or_text_only() {
    let variable = |name: &str, value: &str| {
        resource("github_actions_variable", "a").after(json!({ "variable_name": name, "value": value }))
    };
    check(variable("DB_PASSWORD", "Rz71-harbour"), &["ci_variable value"]);
    check(variable("URL", "postgres://orders:Rz71-harbour@db.internal/orders"), &["ci_variable value"]);
    check(variable("LOG_LEVEL", "debug"), &[]);
    let hexadecimal = "9AEE18F83AFDEB23A2C1B0C5D6E7F8091A2B3C4D";
    let written = |name: &str| {
        variable(name, hexadecimal).expressions(json!({ "value": { "constant_value": hexadecimal } }))
    };
    check(written("DEPLOY"), &["ci_variable value"]);
    check(written("GPG_FINGERPRINT"), &[]);
    check(variable("DB_PASSWORD_ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db"), &[]);
}

#[test]
fn a_provider_that_marks_every_value_says_nothing_of_a_setting() {
    let variable = |kind: &str, more: Value| {
        let mut after = json!({ "key": "LOG_LEVEL", "name": "LOG_LEVEL", "value": "debug" });
        after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        resource(kind, "a").after(after).sensitive(json!({ "value": true }))
    };
    for kind in ["gitlab_project_variable", "tfe_variable", "circleci_context_environment_variable"] {
        check(variable(kind, json!({})), &[]);
    }
    check(variable("gitlab_group_variable", json!({ "masked": true })), &["ci_variable value hidden"]);
    let named = json!({ "key": "DEPLOY_TOKEN", "value": "Rz71-harbour", "masked": false });
    check(variable("gitlab_instance_variable", named), &["ci_variable value shown"]);
    let sensitive = json!({ "sensitive": true, "value": "Rz71-harbour" });
    check(variable("tfe_variable", sensitive), &["ci_variable value hidden"]);
    check(
        variable(
            "circleci_context_environment_variable",
            json!({ "key": null, "name": "NPM_TOKEN", "value": "Rz71-harbour" }),
        ),
        &["ci_variable value"],
    );
}

#[test]
fn a_value_known_at_apply_is_judged_by_the_settings_and_the_name() {
    let variable = |key: &str, masked: bool| {
        resource("gitlab_project_variable", "a")
            .after(json!({ "key": key, "masked": masked }))
            .unknown(json!({ "value": true }))
            .sensitive(json!({ "value": true }))
            .expressions(
                json!({ "value": { "references": ["random_password.a.result", "random_password.a"] } }),
            )
    };
    check(variable("DB_PASSWORD", false), &["ci_variable value shown"]);
    check(variable("SETTING", true), &["ci_variable value hidden"]);
    check(variable("SETTING", false), &[]);
}

#[test]
fn write_only_values_are_nowhere() {
    let variable = resource("tfe_variable", "a")
        .after(json!({ "key": "DB_PASSWORD", "sensitive": true, "value": null, "value_wo": null }))
        .expressions(json!({ "value_wo": { "references": ["var.password"] } }));
    check(variable, &[]);
}

#[test]
fn a_variable_group_tells_secrets_from_settings_and_names_of_a_vault() {
    let group = json!({ "name": "shop", "variable": [
        { "name": "REGION", "value": "eu" },
        { "name": "DB_PASSWORD", "value": "Rz71-harbour" },
        { "name": "API", "secret_value": "Qx99-lantern", "is_secret": true },
    ], "secret_variable": [{ "name": "KEY", "value": "Tr55-anchor" }] });
    check(
        resource("azuredevops_variable_group", "a").after(group),
        &[
            "ci_variable variable.2.secret_value",
            "ci_variable secret_variable.0.value",
            "ci_variable variable.1.value",
        ],
    );
    let linked =
        json!({ "key_vault": [{ "name": "kv" }], "variable": [{ "name": "DB-PASSWORD", "value": "" }] });
    check(resource("azuredevops_variable_group", "a").after(linked), &[]);
}

#[test]
fn keys_of_services_are_kept_in_state() {
    let data_source =
        json!({ "name": "mimir", "secure_json_data_encoded": "{\"basicAuthPassword\":\"Rz71-harbour\"}" });
    check(resource("grafana_data_source", "a").after(data_source), &["in_state secure_json_data_encoded"]);
    check(resource("datadog_api_key", "a").unknown(json!({ "key": true })), &["in_state key"]);
    let variable = |secret: bool| {
        resource("datadog_webhook_custom_variable", "a")
            .after(json!({ "name": "HOST", "value": "Rz71-harbour", "is_secret": secret }))
    };
    check(variable(true), &["in_state value"]);
    check(variable(false), &[]);
}

/// `ends`, `expires_at`, `ttl_seconds` and `renewed` of the only token.
fn token(kind: &str, after: Value) -> (Option<bool>, Option<String>, Option<f64>, bool) {
    let token = facts(vec![resource(kind, "a").after(after)]).credentials.remove(0);
    assert_eq!(token.kind, "token");
    (token.ends, token.expires_at, token.ttl_seconds, token.renewed)
}

#[test]
fn a_token_ends_where_something_says_so() {
    assert_eq!(token("gitlab_deploy_token", json!({ "name": "ci" })), (Some(false), None, None, false));
    let day = json!({ "expires_at": "2026-12-31" });
    let end = Some("2026-12-31T00:00:00Z".to_owned());
    assert_eq!(token("gitlab_project_access_token", day), (Some(true), end.clone(), None, false));
    let time = json!({ "expired_at": "2026-12-31T00:00:00Z" });
    assert_eq!(token("tfe_team_token", time), (Some(true), end, None, false));
    let rotated = json!({ "rotation_configuration": { "expiration_days": 30, "rotate_before_days": 7 } });
    assert_eq!(token("gitlab_group_access_token", rotated), (Some(true), None, None, true));
    assert_eq!(token("grafana_service_account_token", json!({})), (Some(false), None, None, false));
    let seconds = json!({ "seconds_to_live": 3600 });
    assert_eq!(token("grafana_service_account_token", seconds), (Some(true), None, Some(3600.0), false));
    let within = json!({ "expire_after": "30d" });
    assert_eq!(
        token("grafana_cloud_access_policy_rotating_token", within),
        (Some(true), None, Some(2_592_000.0), true)
    );
}

#[test]
fn an_end_decided_at_apply_is_unknown() {
    let later = resource("gitlab_deploy_token", "a")
        .after(json!({ "name": "ci" }))
        .unknown(json!({ "expires_at": true }))
        .expressions(json!({ "expires_at": { "references": ["time_offset.a.rfc3339", "time_offset.a"] } }));
    let token = facts(vec![later]).credentials.remove(0);
    assert_eq!((token.ends, token.expires_at), (None, None));
    assert_eq!(token.origin.unknown, ["expires_at", "ends"]);
}
