//! `secret_rotation` with `database`: the store rotates a login by itself, and Terraform sets, changes, imports and ends the schedule.

use std::sync::Arc;

use jiff::SignedDuration;
use secret_store::memory::{Fault, MemoryStore};
use secret_store::{RotateNow, RotationSchedule, Store, StoreError};
use serde_json::{Value as Json, json};
use tf_plugin::Dynamic;
use tf_plugin::testing::Stored;

use super::{current, generated, name, process, text};

const LOGIN: &str = "database/static-creds/orders";

fn rotation(schedule: &str, trigger: Option<&str>) -> Json {
    json!({
        "secret_id": LOGIN, "schedule": schedule, "trigger": trigger,
        "database": { "connection": "postgres", "username": "orders" },
    })
}

fn unavailable() -> StoreError {
    StoreError::Unavailable { store: "memory", reason: "the test said so".to_owned(), source: None }
}

fn count(store: &MemoryStore, method: &str) -> usize {
    store.calls().iter().filter(|call| call.method == method).count()
}

async fn period(store: &MemoryStore) -> RotationSchedule {
    store.describe(&name(LOGIN)).await.unwrap().rotation.unwrap().schedule
}

#[tokio::test]
async fn a_login_is_rotated_by_the_store_from_its_creation_to_its_end() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored =
        client.converge("secret_rotation", &Stored::default(), &rotation("24h", None)).await.unwrap();
    assert_eq!(text(&stored, "strategy"), Some("store"));
    assert!(text(&stored, "next_rotation_at").is_some() && text(&stored, "last_rotated_at").is_some());
    assert_eq!(stored.state.get("previous_version_id"), Some(&Dynamic::Null));

    let stored = client.converge("secret_rotation", &stored, &rotation("rate(30 days)", None)).await.unwrap();
    assert_eq!(text(&stored, "schedule"), Some("rate(30 days)"));
    assert_eq!(period(&store).await, RotationSchedule::Every(SignedDuration::from_hours(720)));
    assert_eq!(text(&stored, "version_id"), Some("v1"), "another period is no reason to rotate");

    let end = client.plan("secret_rotation", &stored, None).await.unwrap();
    assert!(end.warnings.to_string().contains("`orders` keeps its last password"), "{}", end.warnings);
    let (gone, found) = client.apply(end).await;
    assert!(gone.state.is_null() && found.is_empty(), "{found}");
    assert!(store.describe(&name(LOGIN)).await.unwrap_err().is_not_found(), "nothing is left behind");
    let (_, again) = client.apply(client.plan("secret_rotation", &stored, None).await.unwrap()).await;
    assert!(again.is_empty(), "ending what has ended succeeds: {again}");
}

#[tokio::test]
async fn a_changed_trigger_rotates_once() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored =
        client.converge("secret_rotation", &Stored::default(), &rotation("24h", Some("a"))).await.unwrap();
    assert_eq!(count(&store, "rotate_native"), 0, "a new login has a new password already");
    let before = current(&store, LOGIN).await;
    let stored = client.converge("secret_rotation", &stored, &rotation("24h", Some("b"))).await.unwrap();
    assert_eq!(text(&stored, "version_id"), Some("v2"));
    assert!(before != current(&store, LOGIN).await);
    assert_eq!(count(&store, "schedule_rotation"), 1, "an unchanged schedule is not written again");
    client.converge("secret_rotation", &stored, &rotation("24h", Some("b"))).await.unwrap();
    client.converge("secret_rotation", &stored, &rotation("24h", None)).await.unwrap();
    assert_eq!(count(&store, "rotate_native"), 1);
}

#[tokio::test]
async fn a_rotation_by_the_store_between_plan_and_apply_contradicts_no_plan() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored =
        client.converge("secret_rotation", &Stored::default(), &rotation("24h", None)).await.unwrap();
    let change = client.plan("secret_rotation", &stored, Some(&rotation("48h", None))).await.unwrap();
    let token = secret_store::IdempotencyToken::random();
    store.rotate_native(&name(LOGIN), RotateNow { token, from: None }).await.unwrap();
    let (stored, found) = client.apply(change).await;
    assert!(found.is_empty(), "{found}");
    assert_eq!(text(&stored, "version_id"), Some("v2"));
}

#[tokio::test]
async fn an_asked_rotation_is_not_made_again_when_the_store_has_rotated_since_the_plan() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored =
        client.converge("secret_rotation", &Stored::default(), &rotation("24h", None)).await.unwrap();
    let change = client.plan("secret_rotation", &stored, Some(&rotation("24h", Some("now")))).await.unwrap();
    let token = secret_store::IdempotencyToken::random();
    store.rotate_native(&name(LOGIN), RotateNow { token, from: None }).await.unwrap();
    let (stored, found) = client.apply(change).await;
    assert!(found.is_empty(), "{found}");
    assert_eq!(text(&stored, "version_id"), Some("v2"), "the password the user wanted to be rid of is gone");
}

#[tokio::test]
async fn a_schedule_changed_outside_is_planned_back() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored =
        client.converge("secret_rotation", &Stored::default(), &rotation("24h", None)).await.unwrap();
    let theirs = store.describe(&name(LOGIN)).await.unwrap().rotation.unwrap();
    let spec = secret_store::RotationSpec {
        schedule: RotationSchedule::Every(SignedDuration::from_hours(1)),
        window: None,
        rotator: theirs.rotator,
        first: secret_store::FirstRotation::WhenDue,
    };
    store.schedule_rotation(&name(LOGIN), Some(spec)).await.unwrap();
    let drifted = client.read("secret_rotation", &stored).await.unwrap();
    assert_eq!(text(&drifted, "schedule"), Some("1h"));
    client.converge("secret_rotation", &drifted, &rotation("24h", None)).await.unwrap();
    assert_eq!(period(&store).await, RotationSchedule::Every(SignedDuration::from_hours(24)));

    store.schedule_rotation(&name(LOGIN), None).await.unwrap();
    let gone = client.read("secret_rotation", &stored).await.unwrap();
    assert!(gone.state.is_null(), "a role that was deleted is made again");
}

#[tokio::test]
async fn both_kinds_of_rotation_are_imported_by_id_and_by_identity() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret_rotation", &Stored::default(), &rotation("24h", None)).await.unwrap();
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let driven = json!({ "secret_id": "prod/db", "schedule": "30d" });
    client.converge("secret_rotation", &Stored::default(), &driven).await.unwrap();
    for (id, config) in [(LOGIN, rotation("1d", None)), ("prod/db", driven)] {
        let by_id = client.import("secret_rotation", id).await.unwrap();
        let by_identity =
            client.import_identity("secret_rotation", &json!({ "secret_id": id })).await.unwrap();
        assert_eq!(by_id.state, by_identity.state);
        let change = client.plan("secret_rotation", &by_id, Some(&config)).await.unwrap();
        assert!(change.is_no_op(), "{id}: an imported rotation plans no change");
    }
    assert_eq!(count(&store, "rotate_native"), 0);
    assert_eq!(text(&client.import("secret_rotation", LOGIN).await.unwrap(), "version_id"), Some("v1"));
}

#[tokio::test]
async fn a_role_for_another_login_is_not_taken_over() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret_rotation", &Stored::default(), &rotation("24h", None)).await.unwrap();
    let mut theirs = rotation("12h", None);
    theirs["database"]["username"] = json!("somebody");
    let refused = client.converge("secret_rotation", &Stored::default(), &theirs).await.unwrap_err();
    assert!(refused.to_string().contains("login `orders`"), "{refused}");
    assert_eq!(period(&store).await, RotationSchedule::Every(SignedDuration::from_hours(24)));
}

#[tokio::test]
async fn another_login_or_another_kind_of_rotation_replaces_it() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let stored =
        client.converge("secret_rotation", &Stored::default(), &rotation("24h", None)).await.unwrap();
    let mut other = rotation("24h", None);
    other["database"]["username"] = json!("orders2");
    let change = client.plan("secret_rotation", &stored, Some(&other)).await.unwrap();
    assert_eq!(change.requires_replace, ["database.username"]);
    let driven = json!({ "secret_id": LOGIN, "schedule": "24h" });
    let change = client.plan("secret_rotation", &stored, Some(&driven)).await.unwrap();
    assert!(change.requires_replace.contains(&"database".to_owned()), "{:?}", change.requires_replace);
}

#[tokio::test]
async fn what_the_store_or_a_database_cannot_do_is_refused_at_its_attribute() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::like_vault());
    let with = |key: &str, value: Json| {
        let mut config = rotation("24h", None);
        config[key] = value;
        config
    };
    let cases = [
        (with("keep_previous_for", json!("1h")), "keep_previous_for", "only one is valid"),
        (with("strategy", json!("regenerate")), "strategy", "the store makes"),
        (with("schedule", json!("cron(0 3 ? * 2 *)")), "schedule", "five fields"),
        (with("window", json!("1h")), "schedule", "window"),
        (with("window", json!("soon")), "window", "soon"),
        (
            with("database", json!({ "connection": "c", "username": "u", "first_rotation": "later" })),
            "database.first_rotation",
            "`when_due`",
        ),
        (with("secret_id", json!("prod/db")), "secret_id", "static-creds"),
        (with("database", Json::Null), "", ""),
    ];
    let client = process(Arc::clone(&store)).await;
    for (config, path, expected) in cases {
        let planned = client.plan("secret_rotation", &Stored::default(), Some(&config)).await;
        if path.is_empty() {
            assert!(planned.is_ok(), "{config}");
            continue;
        }
        let problems = planned.expect_err(&config.to_string());
        let found: Vec<String> = problems
            .iter()
            .filter_map(|problem| problem.attribute.as_ref())
            .map(ToString::to_string)
            .collect();
        assert!(found.contains(&path.to_owned()), "{config}: {problems}");
        assert!(problems.to_string().contains(expected), "{config}: {problems}");
    }
    let plain = process(Arc::new(MemoryStore::new())).await;
    let refused =
        plain.plan("secret_rotation", &Stored::default(), Some(&rotation("24h", None))).await.unwrap_err();
    assert!(refused.to_string().contains("does not rotate by itself"), "{refused}");
    let windowed = json!({ "secret_id": "prod/db", "schedule": "0 3 * * 1", "window": "1h" });
    let refused = client.plan("secret_rotation", &Stored::default(), Some(&windowed)).await.unwrap_err();
    assert!(refused.to_string().contains("there is no window"), "{refused}");
}

#[tokio::test]
async fn a_cron_schedule_takes_a_window() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let mut config = rotation("0 3  * * 1", None);
    config["window"] = json!("2h");
    let stored = client.converge("secret_rotation", &Stored::default(), &config).await.unwrap();
    assert_eq!(text(&stored, "schedule"), Some("0 3  * * 1"));
    assert_eq!(period(&store).await, RotationSchedule::Cron("0 3 * * 1".to_owned()));
}

#[tokio::test]
async fn the_password_of_a_login_in_use_can_wait_until_it_is_due() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let mut config = rotation("24h", None);
    config["database"]["first_rotation"] = json!("when_due");
    config["database"]["statements"] = json!(["ALTER ROLE x"]);
    client.converge("secret_rotation", &Stored::default(), &config).await.unwrap();
    assert_eq!(store.first_rotation(&name(LOGIN)), Some(secret_store::FirstRotation::WhenDue));
}

#[tokio::test]
async fn the_login_may_be_unknown_at_plan() {
    let client = process(Arc::new(MemoryStore::like_vault())).await;
    for (key, value) in [
        ("database", json!("${unknown}")),
        (
            "database",
            json!({ "connection": "${unknown}", "username": "${unknown}", "statements": ["${unknown}"] }),
        ),
        ("secret_id", json!("${unknown}")),
        ("schedule", json!("${unknown}")),
    ] {
        let mut config = rotation("24h", None);
        config[key] = value;
        client.plan("secret_rotation", &Stored::default(), Some(&config)).await.unwrap();
    }
}

/// Lets the n-th call on the store fail, before or after its effect, for every n until none is left; then runs again.
async fn converges_after_a_failed_call(from_trigger: Option<&str>, to: &Json, fault: Fault) {
    for failing in 0.. {
        let store = MemoryStore::like_vault();
        let client = process(Arc::new(store.clone())).await;
        let prior = match from_trigger {
            Some(trigger) => {
                let config = rotation("24h", Some(trigger));
                client.converge("secret_rotation", &Stored::default(), &config).await.unwrap()
            }
            None => Stored::default(),
        };
        let change = client.plan("secret_rotation", &prior, Some(to)).await.unwrap();
        store.fail_after(failing, fault, unavailable());
        let (after, found) = client.apply(change).await;
        let failed = !store.cancel_faults();
        let after =
            if after.state.is_null() { after } else { client.read("secret_rotation", &after).await.unwrap() };
        let stored = client
            .converge("secret_rotation", &after, to)
            .await
            .unwrap_or_else(|problems| panic!("call {failing}, {fault:?}: {problems}\nfirst run: {found}"));
        let expected = if from_trigger.is_some() { "v2" } else { "v1" };
        assert_eq!(text(&stored, "version_id"), Some(expected), "call {failing}, {fault:?}: {found}");
        let (gone, _) = client.apply(client.plan("secret_rotation", &stored, None).await.unwrap()).await;
        assert!(gone.state.is_null());
        if !failed {
            return;
        }
    }
}

#[tokio::test]
async fn a_creation_that_failed_at_any_call_converges() {
    for fault in [Fault::Before, Fault::After] {
        converges_after_a_failed_call(None, &rotation("24h", None), fault).await;
    }
}

#[tokio::test]
async fn an_asked_rotation_that_failed_at_any_call_converges_and_is_made_once() {
    for fault in [Fault::Before, Fault::After] {
        converges_after_a_failed_call(Some("a"), &rotation("48h", Some("b")), fault).await;
    }
}
