//! The resource `secret_grant` and the data source `secret_access`.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secret_store::Store;
use secret_store::memory::MemoryStore;
use serde_json::{Value as Json, json};
use tf_plugin::Dynamic;
use tf_plugin::testing::{Stored, TestClient};

use super::{On, generated, name, process, text};

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

const ROLE: &str = "arn:aws:iam::123456789012:role/orders";

fn to_role(via: Json) -> Json {
    json!({ "secret_id": "prod/db", "principal": ROLE, "access": ["read"], "via": via })
}

async fn aws() -> (MemoryStore, TestClient<On>) {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    (store, client)
}

#[tokio::test]
async fn a_grant_is_written_where_it_is_asked_for_and_another_place_replaces_it() {
    let (store, client) = aws().await;
    let usual = client.converge("secret_grant", &Stored::default(), &to_role(Json::Null)).await.unwrap();
    assert_eq!(usual.state.get("via"), Some(&Dynamic::Null));
    let named = client.plan("secret_grant", &usual, Some(&to_role(json!("resource_policy")))).await.unwrap();
    assert!(named.requires_replace.is_empty(), "the usual place by its name is the same place");
    let usual = client.converge("secret_grant", &usual, &to_role(json!("resource_policy"))).await.unwrap();
    let other = to_role(json!("identity_policy"));
    let moved = client.plan("secret_grant", &usual, Some(&other)).await.unwrap();
    assert_eq!(moved.requires_replace, ["via"]);
    let own = client.converge("secret_grant", &Stored::default(), &other).await.unwrap();
    assert_eq!(text(&own, "via"), Some("identity_policy"));
    assert_ne!(text(&own, "id"), text(&usual, "id"));
    assert_eq!(store.grants(&name("prod/db")).await.unwrap().len(), 2, "each place has its own grant");

    let found = client.read_data("secret_access", &json!({ "secret_id": "prod/db" })).await.unwrap();
    assert_eq!(found.get("not_examined"), Some(&Dynamic::List(Vec::new())));
    let Some(Dynamic::List(grants)) = found.get("grants") else { panic!("{found:?}") };
    let places: BTreeSet<_> = grants.iter().filter_map(|grant| grant.get("via")?.as_str()).collect();
    assert_eq!(places, BTreeSet::from(["identity_policy", "resource_policy"]));
}

#[tokio::test]
async fn a_place_the_store_has_not_is_refused_with_the_reason() {
    let (_, client) = aws().await;
    let refused = client.validate("secret_grant", &to_role(json!("bucket_policy"))).await.unwrap_err();
    assert!(refused.to_string().contains("`resource_policy`, `identity_policy`"), "{refused}");
    let plain = process(Arc::new(MemoryStore::new())).await;
    let config = to_role(json!("resource_policy"));
    let refused = plain.plan("secret_grant", &Stored::default(), Some(&config)).await.unwrap_err();
    assert_eq!(refused.iter().next().unwrap().attribute.as_ref().unwrap().to_string(), "via");
    assert!(refused.to_string().contains("one place for grants only"), "{refused}");
}

#[tokio::test]
async fn a_grant_is_imported_with_its_place_by_name_or_arn() {
    let (_, client) = aws().await;
    for via in [Json::Null, json!("identity_policy")] {
        client.converge("secret_grant", &Stored::default(), &to_role(via)).await.unwrap();
    }
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbC123";
    for (id, via) in [
        (format!("prod/db|{ROLE}"), Json::Null),
        (format!("{arn}|{ROLE}|read"), Json::Null),
        (format!("prod/db|{ROLE}|read|identity_policy"), json!("identity_policy")),
    ] {
        let imported = client.import("secret_grant", &id).await.unwrap();
        assert_eq!(text(&imported, "secret_id"), Some("prod/db"));
        let change = client.plan("secret_grant", &imported, Some(&to_role(via))).await.unwrap();
        assert!(change.is_no_op(), "{id}");
    }
    let identity = json!({ "secret_id": "prod/db", "principal": ROLE, "via": "identity_policy" });
    let imported = client.import_identity("secret_grant", &identity).await.unwrap();
    assert_eq!(text(&imported, "via"), Some("identity_policy"));
    let refused = client.import("secret_grant", &format!("prod/db|{ROLE}|read|identity_policy|x")).await;
    assert!(refused.unwrap_err().to_string().contains("SECRET|PRINCIPAL|ACCESS|VIA"));
}

#[tokio::test]
async fn conditions_changed_outside_are_drift_and_their_order_is_not() {
    let (store, client) = aws().await;
    let condition =
        |key: &str, values: &[&str]| json!({ "operator": "StringEquals", "key": key, "values": values });
    let mut config = to_role(Json::Null);
    config["conditions"] =
        json!([condition("aws:SourceVpce", &["vpce-2", "vpce-1"]), condition("aws:SourceVpc", &["vpc-1"])]);
    let stored = client.converge("secret_grant", &Stored::default(), &config).await.unwrap();

    let mut grant = store.grants(&name("prod/db")).await.unwrap().remove(0);
    grant.spec.conditions.reverse();
    store.grant(&name("prod/db"), grant.spec.clone()).await.unwrap();
    let read = client.read("secret_grant", &stored).await.unwrap();
    assert!(client.plan("secret_grant", &read, Some(&config)).await.unwrap().is_no_op());

    grant.spec.conditions.pop();
    store.grant(&name("prod/db"), grant.spec).await.unwrap();
    let drifted = client.read("secret_grant", &stored).await.unwrap();
    assert!(!client.plan("secret_grant", &drifted, Some(&config)).await.unwrap().is_no_op());
    client.converge("secret_grant", &drifted, &config).await.unwrap();
    assert_eq!(store.grants(&name("prod/db")).await.unwrap()[0].spec.conditions.len(), 2);
}
