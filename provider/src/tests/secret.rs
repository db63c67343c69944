//! The resource `secret` without faults: what it plans, writes and keeps, and which configurations it refuses.

use std::sync::Arc;

use secret_store::json;
use secret_store::memory::MemoryStore;
use serde_json::json;
use tf_plugin::Dynamic;
use tf_plugin::testing::Stored;

use super::{current, generated, process, process_in, text};

#[tokio::test]
async fn a_generated_secret_is_created_once_and_then_left_alone() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    let stored = client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    assert_eq!(text(&stored, "id"), Some("prod/db"));
    let value = current(&store, "prod/db").await;
    let members = json::fields(&value).unwrap();
    assert_eq!(members.keys().collect::<Vec<_>>(), ["password", "username"]);
    assert_eq!(members["password"].len(), 20);
    let reads = store.calls().iter().filter(|call| call.method == "read").count();
    let again = client.converge("secret", &stored, &generated()).await.unwrap();
    assert_eq!(text(&again, "version_id"), text(&stored, "version_id"));
    assert_eq!(
        store.calls().iter().filter(|call| call.method == "read").count(),
        reads,
        "a plan reads no value"
    );
}

#[tokio::test]
async fn changing_a_public_field_keeps_the_generated_one() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    let stored = client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let before = json::fields(&current(&store, "prod/db").await).unwrap();
    let mut changed = generated();
    changed["fields"]["username"] = json!("app2");
    let plan = client.plan("secret", &stored, Some(&changed)).await.unwrap();
    assert!(plan.planned.get("version_id").is_some_and(Dynamic::is_unknown));
    let stored = client.converge("secret", &stored, &changed).await.unwrap();
    let after = json::fields(&current(&store, "prod/db").await).unwrap();
    assert!(before["password"] == after["password"] && before["username"] != after["username"]);
    assert_ne!(text(&stored, "version_id"), text(&stored, "previous_version_id"));
}

#[tokio::test]
async fn only_managed_keys_are_written_into_a_shared_object() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    let config = |user: &str, password: &str, version: &str| {
        json!({
            "name": "shared", "fields": { "username": user }, "fields_wo": { "password": password },
            "fields_wo_version": version, "managed_keys": ["username"],
        })
    };
    let stored = client.converge("secret", &Stored::default(), &config("app", "first", "1")).await.unwrap();
    // The password is there because an object without it would be of no use; from then on it is the rotator's.
    let stored = client.converge("secret", &stored, &config("app2", "second", "2")).await.unwrap();
    let members = json::fields(&current(&store, "shared").await).unwrap();
    assert!(members["username"] == secret_store::SecretValue::from_text("app2".into()));
    assert!(members["password"] == secret_store::SecretValue::from_text("first".into()));
    assert!(text(&stored, "version_id").is_some());
}

#[tokio::test]
async fn a_write_only_value_is_sent_when_its_version_changes_and_kept_nowhere() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    let config =
        |value: &str, version: &str| json!({ "name": "api", "value_wo": value, "value_wo_version": version });
    let stored = client.converge("secret", &Stored::default(), &config("SENTINEL-1", "1")).await.unwrap();
    let stored = client.converge("secret", &stored, &config("SENTINEL-2", "1")).await.unwrap();
    assert!(current(&store, "api").await == secret_store::SecretValue::from_text("SENTINEL-1".into()));
    let change = client.plan("secret", &stored, Some(&config("SENTINEL-2", "2"))).await.unwrap();
    assert_eq!(change.planned.get("value_wo"), Some(&Dynamic::Null));
    let (stored, found) = client.apply(change).await;
    assert!(found.is_empty(), "{found}");
    assert_eq!(stored.state.get("value_wo"), Some(&Dynamic::Null));
    assert!(current(&store, "api").await == secret_store::SecretValue::from_text("SENTINEL-2".into()));
}

#[tokio::test]
async fn contradicting_and_impossible_arguments_are_refused_where_they_stand() {
    let client = process(Arc::new(MemoryStore::new())).await;
    let cases = [
        (json!({ "name": "../x" }), "name"),
        (json!({ "name": "a", "value_wo": "v" }), "value_wo"),
        (json!({ "name": "a", "value_wo_version": "1" }), "value_wo_version"),
        (json!({ "name": "a", "value_wo": "v", "value_wo_version": "1", "fields": {} }), "fields"),
        (json!({ "name": "a", "generate": { "kind": "password", "length": 0 } }), "generate.length"),
        (json!({ "name": "a", "generate": { "kind": "hex" }, "fields": { "u": "x" } }), "generate.field"),
        (
            json!({ "name": "a", "generate": { "kind": "hex", "field": "u" }, "fields": { "u": "x" } }),
            "fields",
        ),
        (json!({ "name": "a", "expires_at": "tomorrow" }), "expires_at"),
        (json!({ "name": "a", "on_conflict": "replace" }), "on_conflict"),
        (json!({ "name": "a", "on_destroy": "shred" }), "on_destroy"),
        (json!({ "name": "a", "recovery_window_days": -1 }), "recovery_window_days"),
        (json!({ "name": "a", "managed_keys": ["x"] }), "managed_keys"),
    ];
    for (config, path) in cases {
        let problems = client.validate("secret", &config).await.expect_err(&config.to_string());
        let paths: Vec<String> = problems
            .iter()
            .filter_map(|problem| problem.attribute.as_ref())
            .map(ToString::to_string)
            .collect();
        assert!(paths.iter().any(|found| found.starts_with(path)), "{config}: {paths:?}");
    }
}

#[tokio::test]
async fn an_existing_name_is_an_error_unless_it_is_adopted_and_then_keeps_its_value() {
    let store = MemoryStore::new();
    let theirs = process_in("/theirs", Arc::new(store.clone())).await;
    theirs
        .converge(
            "secret",
            &Stored::default(),
            &json!({ "name": "x", "value_wo": "old", "value_wo_version": "1" }),
        )
        .await
        .unwrap();

    let ours = process_in("/ours", Arc::new(store.clone())).await;
    let config = json!({ "name": "x", "generate": { "kind": "hex" } });
    let refused = ours.converge("secret", &Stored::default(), &config).await.unwrap_err();
    assert!(refused.to_string().contains("already exists"), "{refused}");

    let mut adopting = config.clone();
    adopting["on_conflict"] = json!("adopt");
    let stored = ours.converge("secret", &Stored::default(), &adopting).await.unwrap();
    assert!(current(&store, "x").await == secret_store::SecretValue::from_text("old".into()));
    assert_eq!(text(&stored, "version_id"), Some("v1"));
}

#[tokio::test]
async fn two_resources_of_one_configuration_cannot_have_one_name() {
    let client = process(Arc::new(MemoryStore::new())).await;
    let config = json!({ "name": "x", "generate": { "kind": "hex" } });
    client.converge("secret", &Stored::default(), &config).await.unwrap();
    let refused = client.converge("secret", &Stored::default(), &config).await.unwrap_err();
    assert!(refused.to_string().contains("declared twice"), "{refused}");
}

#[tokio::test]
async fn a_deleted_secret_is_restored_with_its_value() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    let stored = client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let before = current(&store, "prod/db").await;
    let (gone, found) = client.apply(client.plan("secret", &stored, None).await.unwrap()).await;
    assert!(gone.state.is_null() && !found.has_errors(), "{found}");
    assert!(client.read("secret", &stored).await.unwrap().state.is_null());

    let refused = client.converge("secret", &Stored::default(), &generated()).await.unwrap_err();
    assert!(refused.to_string().contains("scheduled for deletion"), "{refused}");
    let mut restoring = generated();
    restoring["on_conflict"] = json!("restore");
    client.converge("secret", &Stored::default(), &restoring).await.unwrap();
    assert!(before == current(&store, "prod/db").await);
}

#[tokio::test]
async fn an_imported_secret_plans_no_new_value() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let before = current(&store, "prod/db").await;
    let imported = client.import("secret", "prod/db").await.unwrap();
    client.converge("secret", &imported, &generated()).await.unwrap();
    assert!(before == current(&store, "prod/db").await);
}
