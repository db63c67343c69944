//! `secret_rotation` driven by the provider, and the public keys that go with rotated private ones.

use std::sync::Arc;

use secret_store::json;
use secret_store::memory::MemoryStore;
use serde_json::json;
use tf_plugin::testing::Stored;

use super::{current, generated, process, text};

#[tokio::test]
async fn a_rotation_happens_when_it_is_due_or_asked_for_and_only_then() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let first = current(&store, "prod/db").await;
    let config = |schedule: &str, trigger: Option<&str>| json!({ "secret_id": "prod/db", "schedule": schedule, "keep_previous_for": "1h", "trigger": trigger });
    let stored = client.converge("secret_rotation", &Stored::default(), &config("30d", None)).await.unwrap();
    assert_eq!(text(&stored, "version_id"), Some("v1"));

    let stored = client.converge("secret_rotation", &stored, &config("30d", Some("leaked"))).await.unwrap();
    assert_eq!((text(&stored, "version_id"), text(&stored, "previous_version_id")), (Some("v2"), Some("v1")));
    let second = current(&store, "prod/db").await;
    assert!(first != second);
    let (first, second) = (json::fields(&first).unwrap(), json::fields(&second).unwrap());
    assert!(first["username"] == second["username"]);

    let change = client.plan("secret_rotation", &stored, Some(&config("30d", Some("leaked")))).await.unwrap();
    assert!(change.is_no_op());
}

#[tokio::test]
async fn a_rotation_without_a_rule_says_what_is_missing() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    let config = json!({ "name": "x", "value_wo": "v", "value_wo_version": "1" });
    client.converge("secret", &Stored::default(), &config).await.unwrap();
    let rotation = json!({ "secret_id": "x", "schedule": "30d" });
    let refused = client.converge("secret_rotation", &Stored::default(), &rotation).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be rotated"), "{refused}");
}
