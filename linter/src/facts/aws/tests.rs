//! Facts of AWS resources, one behaviour each.

use serde_json::{Value, json};

use super::super::tests::{check, resource};

#[test]
fn a_secret_in_a_plain_parameter_is_in_a_store_of_settings() {
    let parameter = |kind: &str| {
        resource("aws_ssm_parameter", "a")
            .after(json!({ "name": "/orders/db_password", "type": kind, "value": "hunter2" }))
            .sensitive(json!({ "value": true }))
    };
    check(parameter("String"), &["parameter value secret-name -"]);
    check(parameter("SecureString"), &["in_state value sensitive-attribute -"]);
    let port = json!({ "name": "/orders/db_port", "type": "String", "value": "5432" });
    check(resource("aws_ssm_parameter", "a").after(port).sensitive(json!({ "value": true })), &[]);
}

#[test]
fn what_is_encrypted_to_a_pgp_key_is_no_secret_in_the_state() {
    let key = |after: Value| {
        resource("aws_iam_access_key", "a")
            .after(after)
            .unknown(json!({ "secret": true, "encrypted_secret": true, "ses_smtp_password_v4": true }))
            .sensitive(json!({ "secret": true, "ses_smtp_password_v4": true }))
    };
    check(key(json!({ "user": "ci", "pgp_key": "keybase:ops" })), &[]);
    check(key(json!({ "user": "ci" })), &["in_state secret sensitive-attribute -"]);
}
