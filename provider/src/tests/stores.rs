//! The provider block: which store it opens, and what it refuses before anything is sent.

use serde_json::{Value as Json, json};
use tf_plugin::testing::TestClient;

use crate::provider::SecretProvider;

async fn configure(config: Json) -> Result<String, String> {
    let client = TestClient::new(SecretProvider);
    let configured = client.configure(config).await;
    configured.map(|warnings| warnings.to_string()).map_err(|problems| {
        let paths = problems.iter().filter_map(|problem| problem.attribute.as_ref()).map(ToString::to_string);
        format!("{}: {problems}", paths.collect::<Vec<_>>().join(" "))
    })
}

/// A server that nobody is asked to be: opening the store sends nothing.
fn vault(more: Json) -> Json {
    let mut block = json!({ "address": "https://vault.invalid:8200" });
    block.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "vault": block })
}

#[tokio::test]
async fn every_way_to_log_in_is_taken() {
    let ways = [
        json!({ "token": "SENTINEL" }),
        json!({ "auth_approle": { "role_id": "r", "secret_id": "SENTINEL" } }),
        json!({ "auth_kubernetes": { "role": "ci", "mount": "k8s/prod" } }),
        json!({ "auth_jwt": { "token": "SENTINEL", "role": "ci" } }),
        json!({ "auth_jwt": { "token_file": "/run/token" } }),
        json!({ "auth_userpass": { "username": "ann", "password": "SENTINEL" } }),
        json!({ "token": "SENTINEL", "namespace": "team/a", "mount": "kv", "max_retries": 0, "timeout": "10s" }),
    ];
    for way in ways {
        let configured =
            configure(vault(way.clone())).await.unwrap_or_else(|problem| panic!("{way}: {problem}"));
        assert!(configured.is_empty(), "{way}: {configured}");
    }
}

#[tokio::test]
async fn what_contradicts_itself_or_cannot_be_is_refused_where_it_stands() {
    let approle = json!({ "role_id": "r" });
    let cases = [
        (json!({ "local": {}, "vault": { "address": "https://v" } }), "vault", "`local` and `vault`"),
        (
            vault(json!({ "auth_approle": approle, "auth_cert": {} })),
            "vault.auth_cert",
            "`auth_approle` and `auth_cert`",
        ),
        (
            vault(json!({ "token": "SENTINEL", "auth_approle": approle })),
            "vault.token",
            "`token` and `auth_approle`",
        ),
        (
            vault(json!({ "auth_jwt": { "token": "SENTINEL", "token_file": "/t" } })),
            "vault.auth_jwt.token_file",
            "`token` and `token_file`",
        ),
        (vault(json!({ "auth_approle": { "role_id": "" } })), "vault.auth_approle.role_id", "empty"),
        (
            vault(json!({ "auth_jwt": { "token_variable": "NOT_SET_ANYWHERE" } })),
            "vault.auth_jwt.token_variable",
            "NOT_SET_ANYWHERE",
        ),
        (vault(json!({ "auth_cert": {} })), "vault.client_cert_file", "certificate"),
        (vault(json!({ "token": "SENTI\nNEL" })), "vault.token", "line break"),
        (vault(json!({ "token": "SENTINEL", "max_retries": -1 })), "vault.max_retries", "-1"),
        (vault(json!({ "token": "SENTINEL", "timeout": "long" })), "vault.timeout", "long"),
        (vault(json!({ "token": "SENTINEL", "mount": "" })), "vault.mount", "empty"),
        (
            vault(json!({ "token": "SENTINEL", "ca_cert_file": "/nowhere.pem" })),
            "vault.ca_cert_file",
            "/nowhere.pem",
        ),
        (
            json!({ "vault": { "address": "vault.example.org", "token": "SENTINEL" } }),
            "vault.address",
            "https://",
        ),
        (
            json!({ "vault": { "address": "${unknown}", "token": "SENTINEL" } }),
            "vault.address",
            "not known yet",
        ),
        (json!({ "local": { "path": "${unknown}" } }), "local.path", "not known yet"),
        (json!({ "local": { "path": "" } }), "local.path", "empty"),
    ];
    for (config, path, expected) in cases {
        let problem = configure(config.clone()).await.expect_err(&config.to_string());
        assert!(problem.starts_with(path), "{config}: {problem}");
        assert!(problem.contains(expected), "{config}: {problem}");
        assert!(!problem.contains("SENTI") && !problem.contains("NEL\n"), "{config}: {problem}");
    }
}

#[tokio::test]
async fn every_argument_of_aws_is_taken_and_nothing_is_asked_for() {
    let blocks = [
        json!({}),
        json!({ "region": "eu-central-1" }),
        json!({
            "region": "eu-central-1", "profile": "prod", "endpoint_url": "http://127.0.0.1:5000", "max_retries": 0,
            "default_tags": { "team": "orders" },
            "assume_role": {
                "role_arn": "arn:aws:iam::123456789012:role/terraform", "external_id": "a:b/c", "session_name": "ci",
            },
        }),
    ];
    for block in blocks {
        let configured = configure(json!({ "aws": block.clone() })).await;
        assert_eq!(configured, Ok(String::new()), "{block}");
    }
}

#[tokio::test]
async fn what_aws_cannot_be_is_refused_where_it_stands() {
    let role = |role: Json| json!({ "aws": { "region": "eu-central-1", "assume_role": role } });
    let arn = "arn:aws:iam::123456789012:role/terraform";
    let cases = [
        (json!({ "aws": {}, "vault": { "address": "https://v" } }), "vault", "`aws` and `vault`"),
        (json!({ "aws": { "region": "Frankfurt" } }), "aws.region", "such as `eu-central-1`"),
        (json!({ "aws": { "region": "" } }), "aws.region", "not the name of a region"),
        (json!({ "aws": { "profile": " " } }), "aws.profile", "empty"),
        (json!({ "aws": { "endpoint_url": "localhost:5000" } }), "aws.endpoint_url", "not an address"),
        (json!({ "aws": { "endpoint_url": "https://me:SENTINEL@h" } }), "aws.endpoint_url", "not an address"),
        (json!({ "aws": { "max_retries": -1 } }), "aws.max_retries", "-1"),
        (json!({ "aws": { "default_tags": { "team": null } } }), "aws.default_tags[\"team\"]", "is null"),
        (role(json!({ "role_arn": "terraform" })), "aws.assume_role.role_arn", "not the ARN of a role"),
        (role(json!({ "role_arn": arn, "external_id": "x" })), "aws.assume_role.external_id", "2 to 1,224"),
        (role(json!({ "role_arn": arn, "session_name": "a b" })), "aws.assume_role.session_name", "2 to 64"),
        (json!({ "aws": { "region": "${unknown}" } }), "aws.region", "not known yet"),
        (role(json!({ "role_arn": "${unknown}" })), "aws.assume_role.role_arn", "not known yet"),
        (
            json!({ "aws": { "default_tags": { "team": "${unknown}" } } }),
            "aws.default_tags[\"team\"]",
            "not known yet",
        ),
    ];
    for (config, path, expected) in cases {
        let problem = configure(config.clone()).await.expect_err(&config.to_string());
        assert!(problem.starts_with(path), "{config}: {problem}");
        assert!(problem.contains(expected) && !problem.contains("SENTINEL"), "{config}: {problem}");
    }
}

#[tokio::test]
async fn trusting_everybody_is_warned_of() {
    let warned = configure(vault(json!({ "token": "SENTINEL", "skip_tls_verify": true }))).await.unwrap();
    assert!(warned.contains("does not have to prove who it is"), "{warned}");
}

#[tokio::test]
async fn an_embedded_store_needs_no_block() {
    assert_eq!(configure(json!({})).await, Ok(String::new()));
}
