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
async fn trusting_everybody_is_warned_of() {
    let warned = configure(vault(json!({ "token": "SENTINEL", "skip_tls_verify": true }))).await.unwrap();
    assert!(warned.contains("does not have to prove who it is"), "{warned}");
}

#[tokio::test]
async fn an_embedded_store_needs_no_block() {
    assert_eq!(configure(json!({})).await, Ok(String::new()));
}
