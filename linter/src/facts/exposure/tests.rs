//! What an exposure is called, and what is said of it: small plans, one behaviour each.

use serde_json::{Value, json};

use super::super::tests::{check, facts, facts_with, resource};

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

/// A text that is random as far as anybody can tell.
fn random() -> String {
    ["q7Rz2mXk9L", "wTb4VnYp3H", "sDf6"].concat()
}

#[test]
fn connection_strings_have_a_detector_of_their_own() {
    let after = json!({ "value": "Server=db.internal;Database=orders;User Id=app;Password=Rz71-harbour" });
    check(resource("other_thing", "a").after(after), &["in_state value connection-string-password -"]);
}

#[test]
fn random_texts_count_where_credentials_stand_and_are_written_out() {
    let setting = |name: &str| json!({ "environment": [{ "variables": { name: random() } }] });
    let written =
        |name: &str| json!({ "environment": [{ "variables": { "constant_value": { name: random() } } }] });
    check(
        resource("aws_lambda_function", "a").after(setting("SALT")).expressions(written("SALT")),
        &["environment environment.0.variables.SALT high-entropy literal"],
    );
    check(
        resource("aws_lambda_function", "a")
            .after(setting("IMAGE_DIGEST"))
            .expressions(written("IMAGE_DIGEST")),
        &[],
    );
    let reference =
        json!({ "environment": [{ "variables": { "references": ["aws_s3_object.code.etag"] } }] });
    check(resource("aws_lambda_function", "a").after(setting("SALT")).expressions(reference), &[]);
    check(resource("other_thing", "a").after(json!({ "salt": random() })), &[]);
}

#[test]
fn documents_are_read_member_by_member() {
    check(
        resource("local_file", "a").after(json!({ "content": "LOG=info\nDB_PASSWORD=hunter2\n" })),
        &["in_state content.DB_PASSWORD dotenv:secret-name -"],
    );
    check(
        resource("local_file", "a").after(json!({ "content": "database {\n  password = \"hunter2\"\n}\n" })),
        &["in_state content.database.0.password hcl:secret-name -"],
    );
    let config = "#cloud-config\nwrite_files:\n- path: /etc/orders.env\n  encoding: b64\n  content: REJfUEFTU1dPUkQ9aHVudGVyMgo=\n";
    check(
        resource("other_machine", "a").after(json!({ "user_data": config })),
        &["user_data user_data.write_files.0.content yaml:base64:secret-name -"],
    );
}

#[test]
fn parts_of_a_cloud_init_archive_are_scripts() {
    let archive = "Content-Type: multipart/mixed; boundary=\"B\"\n\n--B\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\nIyEvYmluL3NoCmV4cG9ydCBEQl9QQVNTV09SRD1odW50ZXIyCg==\n--B--\n";
    check(
        resource("other_machine", "a").after(json!({ "user_data": archive })),
        &["user_data user_data base64:secret-name -"],
    );
}

#[test]
fn a_big_script_is_searched_to_its_end() {
    let mut script = "#!/bin/sh\necho nothing to see here, and a lot of it\n".repeat(40 << 10);
    script.push_str("export DB_PASSWORD=hunter2\n");
    check(
        resource("other_machine", "a").after(json!({ "user_data": script })),
        &["user_data user_data secret-name -"],
    );
}

#[test]
fn a_token_in_any_attribute_is_found_although_no_name_is_telling() {
    let thing = resource("other_thing", "a").after(json!({ "note": format!("line\n{}\nline", token()) }));
    check(thing, &["in_state note github-pat -"]);
}

#[test]
fn random_texts_in_provider_blocks_are_credentials() {
    let found = |argument: &str| {
        let block = json!({ "name": "other", "expressions": { argument: { "constant_value": random() } } });
        let facts = facts_with(Vec::new(), json!({ "provider_config": { "other": block } }));
        facts.exposures.iter().map(|exposure| exposure.detector.clone()).collect::<Vec<_>>()
    };
    assert_eq!(found("salt"), ["high-entropy"]);
    assert!(found("client_id").is_empty());
}
