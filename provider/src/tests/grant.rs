//! The resource `secret_grant` and the data source `secret_access`.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secret_store::Store;
use secret_store::memory::MemoryStore;
use serde_json::json;
use tf_plugin::Dynamic;
use tf_plugin::testing::Stored;

use super::{generated, name, process, text};

#[tokio::test]
async fn wildcards_are_refused_at_validate_with_their_path() {
    let client = process(Arc::new(MemoryStore::new())).await;
    let cases = [
        (json!({ "secret_id": "a", "principal": "*", "access": ["read"] }), "principal"),
        (json!({ "secret_id": "prod/*", "principal": "p", "access": ["read"] }), "secret_id"),
        (json!({ "secret_id": "a", "principal": "p", "access": ["*"] }), "access"),
    ];
    for (config, path) in cases {
        let problems = client.validate("secret_grant", &config).await.unwrap_err();
        assert_eq!(problems.iter().next().unwrap().attribute.as_ref().unwrap().to_string(), path);
    }
}

#[tokio::test]
async fn the_end_of_a_grant_that_only_an_apply_enforces_is_said_before_and_kept() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let grant = |end: Timestamp| {
        json!({
            "secret_id": "prod/db", "principal": "entity:alice", "access": ["read"],
            "expires_at": end.to_string(), "reason": "incident 7",
        })
    };
    let now = Timestamp::now();
    let late = grant(now + SignedDuration::from_hours(24 * 30));
    let change = client.plan("secret_grant", &Stored::default(), Some(&late)).await.unwrap();
    assert!(change.warnings.to_string().contains("does not end grants by itself"), "{}", change.warnings);
    let (stored, _) = client.apply(change).await;
    let stored = client.read("secret_grant", &stored).await.unwrap();
    let change = client.plan("secret_grant", &stored, Some(&late)).await.unwrap();
    assert!(change.is_no_op() && change.warnings.is_empty(), "said once: {}", change.warnings);

    let soon = grant(now + SignedDuration::from_secs(2));
    let (stored, _) = client.apply(client.plan("secret_grant", &stored, Some(&soon)).await.unwrap()).await;
    let change = client.plan("secret_grant", &stored, Some(&soon)).await.unwrap();
    assert!(change.is_no_op() && !change.warnings.is_empty(), "a near end is said again");
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;

    let stored = client.read("secret_grant", &stored).await.unwrap();
    assert_eq!(text(&stored, "status"), Some("active"), "the store still holds it");
    let change = client.plan("secret_grant", &stored, Some(&soon)).await.unwrap();
    assert!(change.warnings.to_string().contains("has expired"), "{}", change.warnings);
    let (stored, found) = client.apply(change).await;
    assert!(!found.has_errors(), "{found}");
    assert_eq!(text(&stored, "status"), Some("expired"));
    assert!(store.grants(&name("prod/db")).await.unwrap().is_empty());
    let stored = client.read("secret_grant", &stored).await.unwrap();
    assert!(client.plan("secret_grant", &stored, Some(&soon)).await.unwrap().is_no_op());
}

#[tokio::test]
async fn a_store_that_ends_grants_by_itself_says_nothing() {
    let client = process(Arc::new(MemoryStore::new())).await;
    let end = Timestamp::now() + SignedDuration::from_hours(1);
    let grant =
        json!({ "secret_id": "a", "principal": "p", "access": ["read"], "expires_at": end.to_string() });
    let change = client.plan("secret_grant", &Stored::default(), Some(&grant)).await.unwrap();
    assert!(change.warnings.is_empty(), "{}", change.warnings);
}

#[tokio::test]
async fn everybody_with_access_is_listed_beside_the_grants() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    for principal in ["entity:bob", "entity:alice"] {
        let grant = json!({ "secret_id": "prod/db", "principal": principal, "access": ["read", "describe"] });
        client.converge("secret_grant", &Stored::default(), &grant).await.unwrap();
    }
    let found = client.read_data("secret_access", &json!({ "secret_id": "prod/db" })).await.unwrap();
    let Some(Dynamic::List(accessors)) = found.get("accessors") else { panic!("{found:?}") };
    let who: Vec<_> = accessors.iter().filter_map(|one| one.get("principal")?.as_str()).collect();
    assert_eq!(who, ["entity:alice", "entity:bob"]);
    let Some(Dynamic::List(grants)) = found.get("grants") else { panic!("{found:?}") };
    let ids: Vec<_> = grants.iter().filter_map(|grant| grant.get("id")).collect();
    assert!(accessors.iter().all(|one| one.get("grant_id").is_some_and(|id| ids.contains(&id))));
}
