//! What an exposure is called, and what is said of it: small plans, one behaviour each.

use serde_json::{Value, json};

use super::super::tests::{check, facts, resource};

/// A token that is recognised by its text alone, put together so that none stands here.
fn token() -> String {
    format!("ghp_{}", "a1".repeat(18))
}

#[test]
fn a_write_only_argument_is_named_where_the_schema_in_use_has_it() {
    let alternative = |after: Value| {
        let found = facts(vec![resource("aws_db_instance", "a").after(after)]);
        found.exposures[0].write_only_alternative.clone()
    };
    assert_eq!(
        alternative(json!({ "password": "hunter2", "password_wo": null })).as_deref(),
        Some("password_wo")
    );
    assert_eq!(alternative(json!({ "password": "hunter2" })), None);
}

#[test]
fn an_ephemeral_resource_is_named_although_no_plan_shows_it() {
    let random = resource("random_password", "a").unknown(json!({ "result": true })).expressions(json!({}));
    let found = facts(vec![random]);
    assert_eq!(found.exposures[0].write_only_alternative.as_deref(), Some("ephemeral random_password"));
}

#[test]
fn tags_labels_and_descriptions_are_places_of_their_own() {
    let after = json!({
        "tags": { "hook": token() }, "metadata": [{ "annotations": { "note": token() } }],
        "description": token(), "name": token(), "other": token(),
    });
    check(
        resource("other_thing", "a").after(after),
        &[
            "tag description github-pat -",
            "tag metadata.0.annotations.note github-pat -",
            "tag name github-pat -",
            "in_state other github-pat -",
            "tag tags.hook github-pat -",
        ],
    );
}

#[test]
fn a_label_is_judged_by_its_text_and_never_by_its_name_or_mark() {
    let after = json!({ "tags": { "token": "orders", "password": "" }, "password_description": "hunter2" });
    check(resource("other_thing", "a").after(after), &[]);
    check(
        resource("other_thing", "a")
            .after(json!({ "tags": { "token": "orders" } }))
            .sensitive(json!({ "tags": { "token": true } })),
        &["in_state tags.token sensitive-attribute -"],
    );
}

#[test]
fn environments_and_scripts_of_any_provider_are_known_by_name() {
    for name in ["app_settings", "config_vars", "secure_environment_variables", "env_vars"] {
        let after = json!({ name: { "DB_PASSWORD": "hunter2" } });
        let expected = format!("environment {name}.DB_PASSWORD secret-name -");
        check(resource("other_thing", "a").after(after), &[&expected]);
    }
    check(
        resource("other_stage", "a").after(json!({ "variables": { "DB_PASSWORD": "hunter2" } })),
        &["environment variables.DB_PASSWORD secret-name -"],
    );
    check(
        resource("other_machine", "a").after(json!({ "startup_script": "export DB_PASSWORD=hunter2\n" })),
        &["user_data startup_script secret-name -"],
    );
}
