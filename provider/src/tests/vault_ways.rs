//! What is special to a store like Vault: versions that get their number at promotion, limits on versions, and what somebody else does
//! to a secret behind Terraform's back.

use std::sync::Arc;

use secret_store::memory::{Fault, MemoryStore};
use secret_store::{
    Deletion, IdempotencyToken, PutVersion, SecretValue, Store, StoreError, VersionLabel, json,
};
use serde_json::{Value as Json, json as config};
use tf_plugin::Dynamic;
use tf_plugin::testing::Stored;

use super::{current, generated, name, process, text};

fn key() -> Json {
    config!({ "name": "prod/key", "generate": { "kind": "ed25519", "format": "openssh" } })
}

fn key_rotation(trigger: &str) -> Json {
    config!({ "secret_id": "prod/key", "schedule": "30d", "trigger": trigger })
}

#[tokio::test]
async fn limits_on_versions_are_set_changed_taken_away_and_seen_as_drift() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let with = |versions: Json, after: Json| {
        let mut config = generated();
        config["max_versions"] = versions;
        config["delete_version_after"] = after;
        config
    };
    let limited = with(config!(5), config!("2160h"));
    let stored = client.converge("secret", &Stored::default(), &limited).await.unwrap();
    assert_eq!(text(&stored, "delete_version_after"), Some("2160h"), "as it was written");
    let retention = store.describe(&name("prod/db")).await.unwrap().metadata.retention;
    assert_eq!(retention.max_versions, Some(5));

    let described = store.describe(&name("prod/db")).await.unwrap();
    let mut theirs = described.metadata.clone();
    theirs.retention.delete_version_after = Some(jiff::SignedDuration::from_hours(48));
    store.update(&name("prod/db"), theirs, &described.revision).await.unwrap();
    let drifted = client.read("secret", &stored).await.unwrap();
    assert_eq!(text(&drifted, "delete_version_after"), Some("2d"));
    client.converge("secret", &drifted, &limited).await.unwrap();
    let stored = client.converge("secret", &drifted, &with(Json::Null, Json::Null)).await.unwrap();
    assert_eq!(stored.state.get("max_versions"), Some(&Dynamic::Null));
    assert!(store.describe(&name("prod/db")).await.unwrap().metadata.retention.is_default());
    for (config, path) in [
        (with(config!(0), Json::Null), "max_versions"),
        (with(Json::Null, config!("soon")), "delete_version_after"),
    ] {
        let refused = client.validate("secret", &config).await.unwrap_err();
        assert_eq!(refused.iter().next().unwrap().attribute.as_ref().unwrap().to_string(), path);
    }
}

#[tokio::test]
async fn a_rotation_follows_its_version_to_the_number_it_gets() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let rotation = |trigger: &str| config!({ "secret_id": "prod/db", "schedule": "30d", "trigger": trigger });
    let stored = client.converge("secret_rotation", &Stored::default(), &rotation("a")).await.unwrap();
    let stored = client.converge("secret_rotation", &stored, &rotation("b")).await.unwrap();
    let described = store.describe(&name("prod/db")).await.unwrap();
    assert_eq!(text(&stored, "version_id"), described.current().map(|version| version.id.as_str()));
    assert_eq!(text(&stored, "version_id"), Some("v3"), "v2 was the pending one");
    assert!(described.version_with(&VersionLabel::Pending).is_none());
}

/// The public key that the state of the secret shows.
async fn shown_key(store: &MemoryStore) -> String {
    let client = process(Arc::new(store.clone())).await;
    text(&client.import("secret", "prod/key").await.unwrap(), "public_key").unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_public_key_follows_its_version_also_when_the_run_is_interrupted_at_any_call() {
    for fault in [Fault::Before, Fault::After] {
        for failing in 0.. {
            let store = MemoryStore::like_vault();
            let client = process(Arc::new(store.clone())).await;
            client.converge("secret", &Stored::default(), &key()).await.unwrap();
            let first = shown_key(&store).await;
            let stored =
                client.converge("secret_rotation", &Stored::default(), &key_rotation("a")).await.unwrap();
            let change = client.plan("secret_rotation", &stored, Some(&key_rotation("b"))).await.unwrap();
            store.fail_after(
                failing,
                fault,
                StoreError::Unavailable { store: "memory", reason: "the test said so".into(), source: None },
            );
            let (after, found) = client.apply(change).await;
            let failed = !store.cancel_faults();
            let rotated =
                store.describe(&name("prod/key")).await.unwrap().current().unwrap().id.as_str() != "v1";
            if rotated {
                let shown = shown_key(&store).await;
                assert!(
                    shown.starts_with("ssh-ed25519 ") && shown != first,
                    "call {failing}: {shown}, {found}"
                );
            }
            let after = client.read("secret_rotation", &after).await.unwrap();
            let done = client.converge("secret_rotation", &after, &key_rotation("b")).await.unwrap_or_else(
                |problems| panic!("call {failing}, {fault:?}: {problems}\nfirst run: {found}"),
            );
            assert_eq!(text(&done, "version_id"), Some("v3"), "call {failing}, {fault:?}");
            // Only a run that lost the key before it was noted cannot show it any more; it never shows another one's.
            let shown = shown_key(&store).await;
            assert_ne!(shown, first, "call {failing}, {fault:?}");
            if !failed {
                assert!(!shown.is_empty());
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_rollback_brings_the_value_back_under_a_new_number_with_its_fields() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let given = |value: &str| config!({ "name": "api", "value_wo": value, "value_wo_version": value });
    let stored = client.converge("secret", &Stored::default(), &given("one")).await.unwrap();
    let stored = client.converge("secret", &stored, &given("two")).await.unwrap();
    let lines = client.invoke("secret_rollback", &config!({ "secret_id": "api" })).await.unwrap();
    assert!(
        lines.iter().any(|line| line.contains("version `v1`") && line.contains("as version `v3`")),
        "{lines:?}"
    );
    assert!(current(&store, "api").await == SecretValue::from_text("one".into()));
    let drifted = client.read("secret", &stored).await.unwrap();
    assert_eq!(
        (text(&drifted, "version_id"), text(&drifted, "previous_version_id")),
        (Some("v3"), Some("v2"))
    );
    let change = client.plan("secret", &drifted, Some(&given("two"))).await.unwrap();
    assert!(change.is_no_op(), "what somebody rolled back stays");
}

#[tokio::test]
async fn the_rotate_action_uses_the_stores_rotation_where_there_is_one() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let login = "database/static-creds/orders";
    let rotation = config!({
        "secret_id": login, "schedule": "24h", "database": { "connection": "postgres", "username": "orders" },
    });
    client.converge("secret_rotation", &Stored::default(), &rotation).await.unwrap();
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    for secret in [login, "prod/db"] {
        let before = current(&store, secret).await;
        client.invoke("secret_rotate", &config!({ "secret_id": secret })).await.unwrap();
        assert!(before != current(&store, secret).await, "{secret}");
    }
    let native = store.calls().iter().filter(|call| call.method == "rotate_native").count();
    assert_eq!(native, 1);
    let refused = client.invoke("secret_rollback", &config!({ "secret_id": login })).await.unwrap_err();
    assert!(refused.to_string().contains("no previous version"), "{refused}");
}

#[tokio::test]
async fn a_value_replaced_outside_is_shown_and_kept() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored = client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let theirs = SecretValue::from_text(r#"{"username":"app","password":"theirs"}"#.into());
    let put = PutVersion::current(theirs.clone(), IdempotencyToken::random());
    store.put_version(&name("prod/db"), put).await.unwrap();
    let drifted = client.read("secret", &stored).await.unwrap();
    assert_eq!(text(&drifted, "version_id"), Some("v2"));
    client.converge("secret", &drifted, &generated()).await.unwrap();
    assert!(current(&store, "prod/db").await == theirs);
}

#[tokio::test]
async fn a_secret_deleted_outside_is_planned_again_and_restored_if_asked() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored = client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let before = current(&store, "prod/db").await;
    store.delete_outside(&name("prod/db")).unwrap();
    let gone = client.read("secret", &stored).await.unwrap();
    assert!(gone.state.is_null());

    let client = process(Arc::new(store.clone())).await;
    let refused = client.converge("secret", &gone, &generated()).await.unwrap_err();
    assert!(refused.to_string().contains("on_conflict = \"restore\""), "{refused}");
    let mut restoring = generated();
    restoring["on_conflict"] = config!("restore");
    client.converge("secret", &gone, &restoring).await.unwrap();
    assert!(before == current(&store, "prod/db").await);
}

#[tokio::test]
async fn a_secret_purged_outside_is_made_again() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored = client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let before = current(&store, "prod/db").await;
    store.delete(&name("prod/db"), Deletion::Purge).await.unwrap();
    let gone = client.read("secret", &stored).await.unwrap();
    assert!(gone.state.is_null());
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &gone, &generated()).await.unwrap();
    assert!(before != current(&store, "prod/db").await);
}

#[tokio::test]
async fn versions_destroyed_outside_are_made_again_however_often() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let configs = [
        generated(),
        config!({ "name": "prod/db", "generate": { "kind": "hex" }, "on_conflict": "adopt" }),
        config!({ "name": "prod/db", "fields": { "username": "app" }, "on_conflict": "adopt" }),
    ];
    for config in configs {
        let client_of_this = process(Arc::new(store.clone())).await;
        let mut stored = client_of_this.converge("secret", &Stored::default(), &config).await.unwrap();
        for _ in 0..2 {
            store.destroy_versions(&name("prod/db")).unwrap();
            stored = client.read("secret", &stored).await.unwrap();
            assert_eq!(stored.state.get("version_id"), Some(&Dynamic::Null));
            let change = client.plan("secret", &stored, Some(&config)).await.unwrap();
            assert!(change.planned.get("version_id").is_some_and(Dynamic::is_unknown), "{config}");
            stored = client.converge("secret", &stored, &config).await.unwrap();
            assert!(!current(&store, "prod/db").await.is_empty());
        }
        store.delete(&name("prod/db"), Deletion::Purge).await.unwrap();
    }
}

#[tokio::test]
async fn a_write_only_value_that_was_destroyed_says_how_to_send_it_again() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let given = |version: &str| config!({ "name": "api", "value_wo": "v", "value_wo_version": version });
    let stored = client.converge("secret", &Stored::default(), &given("1")).await.unwrap();
    store.destroy_versions(&name("api")).unwrap();
    let stored = client.read("secret", &stored).await.unwrap();
    let change = client.plan("secret", &stored, Some(&given("1"))).await.unwrap();
    assert!(change.is_no_op());
    let warning = change.warnings.to_string();
    assert!(warning.contains("has no value") && warning.contains("Change `value_wo_version`"), "{warning}");
    client.converge("secret", &stored, &given("2")).await.unwrap();
    assert!(current(&store, "api").await == SecretValue::from_text("v".into()));
}

#[tokio::test]
async fn a_rule_given_to_a_secret_without_a_value_makes_one() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored = client.converge("secret", &Stored::default(), &config!({ "name": "later" })).await.unwrap();
    let config = config!({ "name": "later", "generate": { "kind": "hex", "field": "token" } });
    client.converge("secret", &stored, &config).await.unwrap();
    let members = json::fields(&current(&store, "later").await).unwrap();
    assert_eq!(members["token"].len(), 64);
}

#[tokio::test]
async fn what_the_store_has_no_place_for_is_refused_at_plan() {
    let client = process(Arc::new(MemoryStore::like_vault())).await;
    for (key, value) in [("kms_key", config!("alias/x")), ("replicas", config!([{ "region": "eu" }]))] {
        let mut config = generated();
        config[key] = value;
        let refused = client.plan("secret", &Stored::default(), Some(&config)).await.unwrap_err();
        assert_eq!(refused.iter().next().unwrap().attribute.as_ref().unwrap().to_string(), key);
    }
}
