//! `secret_rotation` with `rotation_lambda_arn` and `managed`: AWS rotates a secret that has a `secret` resource, and Terraform sets, changes,
//! imports and ends the schedule.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use secret_store::memory::{Fault, MemoryStore};
use secret_store::{
    CreateSecret, FirstRotation, IdempotencyToken, Metadata, MoveLabel, RotateNow, RotationSchedule,
    RotationSpec, Rotator, SecretValue, Store, StoreError, VersionLabel,
};
use serde_json::{Value as Json, json};
use tf_plugin::testing::{Stored, TestClient};
use tf_plugin::{Diagnostics, Dynamic};

use super::{On, current, generated, name, process, text};

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:123456789012:function:rotate";
const OWNED: &str = "rds!db-1";

fn rotation(schedule: &str) -> Json {
    json!({ "secret_id": "prod/db", "schedule": schedule, "rotation_lambda_arn": FUNCTION })
}

fn with(mut config: Json, key: &str, value: Json) -> Json {
    config[key] = value;
    config
}

fn count(store: &MemoryStore, method: &str) -> usize {
    store.calls().iter().filter(|call| call.method == method).count()
}

/// A store with the secret `prod/db`, and its resource.
async fn with_secret() -> (MemoryStore, TestClient<On>, Stored) {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    let secret = client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    (store, client, secret)
}

async fn own(store: &MemoryStore) -> secret_store::RotationStatus {
    store.describe(&name("prod/db")).await.unwrap().rotation.unwrap()
}

#[tokio::test]
async fn a_secret_is_rotated_by_its_function_from_the_rotations_creation_to_its_end() {
    let (store, client, secret) = with_secret().await;
    let first = current(&store, "prod/db").await;
    let stored = client.converge("secret_rotation", &Stored::default(), &rotation("30d")).await.unwrap();
    assert_eq!((text(&stored, "strategy"), text(&stored, "version_id")), (Some("store"), Some("v2")));
    assert_eq!(text(&stored, "previous_version_id"), Some("v1"));
    assert!(text(&stored, "last_rotated_at").is_some() && text(&stored, "next_rotation_at").is_some());
    assert!(first != current(&store, "prod/db").await, "it rotates at once");

    // The value that the function made is no drift of the secret, nor is a later one of the rotation.
    let secret = client.read("secret", &secret).await.unwrap();
    assert_eq!(text(&secret, "version_id"), Some("v2"));
    assert!(client.plan("secret", &secret, Some(&generated())).await.unwrap().is_no_op());
    let theirs = RotateNow { token: IdempotencyToken::random(), from: None };
    store.rotate_native(&name("prod/db"), theirs).await.unwrap();
    let stored = client.read("secret_rotation", &stored).await.unwrap();
    assert_eq!(text(&stored, "version_id"), Some("v3"));
    assert!(client.plan("secret_rotation", &stored, Some(&rotation("30d"))).await.unwrap().is_no_op());

    let end = client.plan("secret_rotation", &stored, None).await.unwrap();
    assert!(end.warnings.is_empty(), "the value stays where it is used: {}", end.warnings);
    let (gone, found) = client.apply(end).await;
    assert!(gone.state.is_null() && found.is_empty(), "{found}");
    let left = store.describe(&name("prod/db")).await.unwrap();
    assert!(left.rotation.is_none() && left.current().is_some(), "the secret stays");
    let (_, again) = client.apply(client.plan("secret_rotation", &stored, None).await.unwrap()).await;
    assert!(again.is_empty(), "ending what has ended succeeds: {again}");
}

#[tokio::test]
async fn the_schedule_changes_in_place_between_all_its_forms_without_a_rotation() {
    let (store, client, _) = with_secret().await;
    let mut stored = client.converge("secret_rotation", &Stored::default(), &rotation("30d")).await.unwrap();
    let windowed = |schedule: &str, window: &str| with(rotation(schedule), "window", json!(window));
    for config in [
        rotation("cron(0 8 1 * ? *)"),
        windowed("cron(0  8 1 * ? *)", "3h"),
        windowed("rate(12 hours)", "2h"),
        windowed("10d", "4h"),
        rotation("10d"),
        rotation("rate(1000 days)"),
    ] {
        let change = client.plan("secret_rotation", &stored, Some(&config)).await.unwrap();
        assert!(change.requires_replace.is_empty(), "{config}");
        stored = client.converge("secret_rotation", &stored, &config).await.unwrap();
        assert_eq!(text(&stored, "schedule"), config["schedule"].as_str(), "as it was written");
        let window =
            config["window"].as_str().map(|text| SignedDuration::from_hours(text[..1].parse().unwrap()));
        assert_eq!(own(&store).await.window, window);
    }
    assert_eq!(text(&stored, "version_id"), Some("v2"), "another schedule is no reason to rotate");
    let writes = count(&store, "schedule_rotation");
    client.converge("secret_rotation", &stored, &rotation("1000d")).await.unwrap();
    assert_eq!(
        count(&store, "schedule_rotation"),
        writes,
        "the same schedule in other words is not written again"
    );
}

#[tokio::test]
async fn the_value_can_stay_until_it_is_due() {
    let (store, client, _) = with_secret().await;
    let config = with(rotation("30d"), "rotate_immediately", json!(false));
    let stored = client.converge("secret_rotation", &Stored::default(), &config).await.unwrap();
    assert_eq!(store.first_rotation(&name("prod/db")), Some(FirstRotation::WhenDue));
    assert_eq!(text(&stored, "version_id"), Some("v1"));
    assert_eq!(stored.state.get("last_rotated_at"), Some(&Dynamic::Null));
    // It mattered once.
    let stored = client.converge("secret_rotation", &stored, &rotation("30d")).await.unwrap();
    assert_eq!(text(&stored, "version_id"), Some("v1"));
    assert_eq!(count(&store, "schedule_rotation"), 1);
}

#[tokio::test]
async fn a_changed_trigger_and_the_action_rotate_once_each() {
    let (store, client, _) = with_secret().await;
    let triggered = |trigger: &str| with(rotation("30d"), "trigger", json!(trigger));
    let stored = client.converge("secret_rotation", &Stored::default(), &triggered("a")).await.unwrap();
    let stored = client.converge("secret_rotation", &stored, &triggered("b")).await.unwrap();
    assert_eq!((text(&stored, "version_id"), text(&stored, "previous_version_id")), (Some("v3"), Some("v2")));
    client.converge("secret_rotation", &stored, &triggered("b")).await.unwrap();
    let lines = client.invoke("secret_rotate", &json!({ "secret_id": "prod/db" })).await.unwrap();
    assert!(lines.iter().any(|line| line.contains("`v4` is current")), "{lines:?}");
    assert_eq!(count(&store, "rotate_native"), 2);
}

#[tokio::test]
async fn a_rotation_changed_outside_is_planned_back() {
    let (store, client, _) = with_secret().await;
    let config = with(rotation("30d"), "window", json!("3h"));
    let stored = client.converge("secret_rotation", &Stored::default(), &config).await.unwrap();
    let theirs = RotationSpec {
        schedule: RotationSchedule::Cron("cron(0 3 ? * MON *)".to_owned()),
        window: Some(SignedDuration::from_hours(1)),
        rotator: Rotator::Function(format!("{FUNCTION}-of-theirs")),
        first: FirstRotation::WhenDue,
    };
    store.schedule_rotation(&name("prod/db"), Some(theirs)).await.unwrap();
    let drifted = client.read("secret_rotation", &stored).await.unwrap();
    assert_eq!(text(&drifted, "schedule"), Some("cron(0 3 ? * MON *)"));
    assert_eq!(text(&drifted, "window"), Some("1h"));
    assert_eq!(
        text(&drifted, "rotation_lambda_arn"),
        Some("arn:aws:lambda:eu-central-1:123456789012:function:rotate-of-theirs")
    );
    let change = client.plan("secret_rotation", &drifted, Some(&config)).await.unwrap();
    assert!(change.requires_replace.is_empty(), "another function takes over in place");
    client.converge("secret_rotation", &drifted, &config).await.unwrap();
    assert_eq!(own(&store).await.rotator, Rotator::Function(FUNCTION.to_owned()));

    store.schedule_rotation(&name("prod/db"), None).await.unwrap();
    let gone = client.read("secret_rotation", &stored).await.unwrap();
    assert!(gone.state.is_null(), "a rotation that was ended is made again");
}

#[tokio::test]
async fn another_kind_of_rotator_replaces_the_rotation() {
    let (_store, client, _) = with_secret().await;
    let stored = client.converge("secret_rotation", &Stored::default(), &rotation("30d")).await.unwrap();
    let driven = json!({ "secret_id": "prod/db", "schedule": "30d" });
    let managed = with(driven.clone(), "managed", json!(true));
    let plan = async |config: Json| client.plan("secret_rotation", &stored, Some(&config)).await.unwrap();
    assert_eq!(plan(driven.clone()).await.requires_replace, ["rotation_lambda_arn"]);
    assert_eq!(plan(managed).await.requires_replace, ["managed", "rotation_lambda_arn"]);

    let (gone, _) = client.apply(client.plan("secret_rotation", &stored, None).await.unwrap()).await;
    let stored = client.converge("secret_rotation", &gone, &driven).await.unwrap();
    assert_eq!(text(&stored, "strategy"), Some("regenerate"));
    let change = client.plan("secret_rotation", &stored, Some(&rotation("30d"))).await.unwrap();
    assert_eq!(change.requires_replace, ["rotation_lambda_arn"]);
}

#[tokio::test]
async fn each_kind_of_rotation_is_imported_as_what_it_is() {
    let (store, client, _) = with_secret().await;
    let windowed = with(rotation("cron(0 3 ? * MON *)"), "window", json!("2h"));
    client.converge("secret_rotation", &Stored::default(), &windowed).await.unwrap();
    let owned = CreateSecret {
        metadata: Metadata::default(),
        value: Some(SecretValue::from_text("one".to_owned())),
        token: IdempotencyToken::random(),
    };
    store.create(&name(OWNED), owned).await.unwrap();
    let managed = json!({ "secret_id": OWNED, "schedule": "7d", "managed": true });
    client.converge("secret_rotation", &Stored::default(), &managed).await.unwrap();
    let driven = json!({ "secret_id": "prod/other", "schedule": "30d" });
    client
        .converge("secret", &Stored::default(), &with(generated(), "name", json!("prod/other")))
        .await
        .unwrap();
    client.converge("secret_rotation", &Stored::default(), &driven).await.unwrap();
    for config in [windowed, managed, driven] {
        let imported = client.import("secret_rotation", config["secret_id"].as_str().unwrap()).await.unwrap();
        let change = client.plan("secret_rotation", &imported, Some(&config)).await.unwrap();
        assert!(change.is_no_op(), "{config}");
    }
    let mut ordinary = rotation("7d");
    ordinary["managed"] = json!(true);
    ordinary["rotation_lambda_arn"] = Json::Null;
    let refused = client.converge("secret_rotation", &Stored::default(), &ordinary).await.unwrap_err();
    assert!(refused.to_string().contains("rotated already"), "{refused}");
}

#[tokio::test]
async fn a_rotation_by_another_function_is_not_taken_over() {
    let (store, client, _) = with_secret().await;
    client.converge("secret_rotation", &Stored::default(), &rotation("30d")).await.unwrap();
    let theirs = with(rotation("7d"), "rotation_lambda_arn", json!(format!("{FUNCTION}2")));
    let refused = client.converge("secret_rotation", &Stored::default(), &theirs).await.unwrap_err();
    assert!(refused.to_string().contains(&format!("by the function `{FUNCTION}`")), "{refused}");
    assert_eq!(own(&store).await.schedule, RotationSchedule::Every(SignedDuration::from_hours(720)));
    let mut driven = rotation("7d");
    driven["rotation_lambda_arn"] = Json::Null;
    let refused = client.converge("secret_rotation", &Stored::default(), &driven).await.unwrap_err();
    assert!(refused.to_string().contains("rotated by the store"), "{refused}");
}

#[tokio::test]
async fn a_stuck_rotation_is_a_warning_after_a_quarter_of_an_hour() {
    let (store, client, _) = with_secret().await;
    let stored = client.converge("secret_rotation", &Stored::default(), &rotation("30d")).await.unwrap();
    store.break_rotation_functions();
    let minutes = SignedDuration::from_mins;
    let warning = async || client.read_with_warnings("secret_rotation", &stored).await.unwrap().1.to_string();
    store.advance(minutes(-14));
    let begin = RotateNow { token: IdempotencyToken::random(), from: None };
    let begun = store.rotate_native(&name("prod/db"), begin).await.unwrap();
    let pending = begun.version_with(&VersionLabel::Pending).unwrap().id.clone();
    assert_eq!(warning().await, "", "it may be going on");

    let give_up = MoveLabel { label: VersionLabel::Pending, to: None, only_if_on: Some(pending) };
    store.move_label(&name("prod/db"), give_up).await.unwrap();
    store.advance(minutes(-2));
    let begin = RotateNow { token: IdempotencyToken::random(), from: None };
    let begun = store.rotate_native(&name("prod/db"), begin).await.unwrap();
    store.advance(minutes(16));
    let pending = begun.version_with(&VersionLabel::Pending).unwrap().id.clone();
    let told = warning().await;
    for expected in [
        "A rotation of secret `prod/db` is not finished".to_owned(),
        "`/aws/lambda/rotate`".to_owned(),
        format!(
            "--secret-id arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbC123 --version-stage AWSPENDING --remove-from-version-id {pending}"
        ),
    ] {
        assert!(told.contains(&expected), "{told}");
    }
    let change = client.plan("secret_rotation", &stored, Some(&rotation("30d"))).await.unwrap();
    assert!(change.is_no_op(), "there is nothing that Terraform could do");
    let refused = client.converge("secret_rotation", &stored, &rotation("7d")).await.unwrap_err();
    assert!(refused.to_string().contains("still pending"), "{refused}");
}

#[tokio::test]
async fn a_rotation_that_goes_on_is_a_warning_of_the_apply_that_began_it() {
    let (store, client, _) = with_secret().await;
    store.break_rotation_functions();
    let change = client.plan("secret_rotation", &Stored::default(), Some(&rotation("30d"))).await.unwrap();
    let (stored, found) = client.apply(change).await;
    assert!(found.to_string().contains("The rotation of secret `prod/db` goes on"), "{found}");
    assert_eq!(text(&stored, "version_id"), Some("v1"));
    let again = client.plan("secret_rotation", &stored, Some(&rotation("30d"))).await.unwrap();
    assert!(again.is_no_op());
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused_at_its_attribute() {
    let (_store, client, _) = with_secret().await;
    let of = |key: &str, value: Json| with(rotation("30d"), key, value);
    let driven =
        |key: &str, value: Json| with(json!({ "secret_id": "prod/db", "schedule": "30d" }), key, value);
    let login = json!({ "connection": "postgres", "username": "orders" });
    let cases = [
        (of("managed", json!(true)), "managed", "`rotation_lambda_arn` is given already"),
        (of("database", login.clone()), "rotation_lambda_arn", "`database` is given already"),
        (driven("managed", json!(false)), "managed", "leave it out"),
        (of("keep_previous_for", json!("1h")), "keep_previous_for", "AWSPREVIOUS"),
        (of("strategy", json!("regenerate")), "strategy", "With `rotation_lambda_arn` the store"),
        (
            driven("rotate_immediately", json!(true)),
            "rotate_immediately",
            "the provider rotates at the first apply",
        ),
        (driven("database", login.clone()), "database", "rotates by functions"),
        (
            with(driven("database", login), "rotate_immediately", json!(false)),
            "rotate_immediately",
            "`first_rotation`",
        ),
        (rotation("3h"), "schedule", "at most every 4 hours"),
        (rotation("0 3 * * 1"), "schedule", "write `cron(0 3 ? * MON *)`"),
        (rotation("cron(0 3 ? * MON)"), "schedule", "it has 5 fields"),
        (rotation("cron(0 3 * * MON *)"), "schedule", "only one of them says the days"),
        (rotation("cron(0 0/2 * * ? *)"), "schedule", "hours lie 2 hours apart"),
        (of("window", json!("90m")), "window", "whole hours"),
        (with(rotation("cron(0 22 * * ? *)"), "window", json!("3h")), "window", "write `2h` or less"),
    ];
    for (config, path, expected) in cases {
        let problems = client.plan("secret_rotation", &Stored::default(), Some(&config)).await;
        let problems = problems.expect_err(&config.to_string());
        let at_path = problems.iter().filter(|problem| {
            problem.attribute.as_ref().is_some_and(|attribute| attribute.to_string() == path)
        });
        let told: Vec<String> = at_path.map(|problem| problem.detail.clone()).collect();
        assert!(told.iter().any(|detail| detail.contains(expected)), "{config}: {problems}");
    }
    // What AWS's own parser takes and others do not.
    for schedule in ["cron(0 /8 * * ? *)", "cron(0 0 ? 1/11 2#1 *)", "cron(0 0 SUNL * ? *)"] {
        client.plan("secret_rotation", &Stored::default(), Some(&rotation(schedule))).await.unwrap();
        let unknown = with(rotation(schedule), "rotation_lambda_arn", json!("${unknown}"));
        client.plan("secret_rotation", &Stored::default(), Some(&unknown)).await.unwrap();
    }
}

#[tokio::test]
async fn a_store_without_such_a_rotator_says_so_at_plan() {
    let cases: [(Arc<dyn Store>, &str); 2] = [
        (Arc::new(MemoryStore::new()), "Leave `rotation_lambda_arn` out"),
        (Arc::new(MemoryStore::like_vault()), "it rotates database logins only"),
    ];
    for (store, expected) in cases {
        let client = process(store).await;
        let config = with(rotation("30d"), "secret_id", json!("database/static-creds/orders"));
        let refused = client.plan("secret_rotation", &Stored::default(), Some(&config)).await.unwrap_err();
        let [problem] = refused.iter().collect::<Vec<_>>()[..] else { panic!("{refused}") };
        assert_eq!(problem.attribute.as_ref().unwrap().to_string(), "rotation_lambda_arn");
        assert!(problem.detail.contains(expected), "{refused}");
    }
}

#[tokio::test]
async fn a_rotation_of_a_secret_that_is_yet_to_be_made_is_checked_with_the_store() {
    let client = process(Arc::new(MemoryStore::like_vault())).await;
    let config = with(rotation("30d"), "secret_id", json!("${unknown}"));
    let refused = client.plan("secret_rotation", &Stored::default(), Some(&config)).await.unwrap_err();
    assert!(refused.to_string().contains("it rotates database logins only"), "{refused}");
}

#[tokio::test]
async fn what_another_resource_makes_may_be_unknown_at_plan() {
    let (store, client, _) = with_secret().await;
    let stored = client.converge("secret_rotation", &Stored::default(), &rotation("30d")).await.unwrap();
    for key in ["rotation_lambda_arn", "schedule", "window", "rotate_immediately"] {
        let config = with(rotation("30d"), key, json!("${unknown}"));
        client.plan("secret_rotation", &Stored::default(), Some(&config)).await.unwrap();
        let change = client.plan("secret_rotation", &stored, Some(&config)).await.unwrap();
        assert!(change.planned.get("version_id").is_some_and(Dynamic::is_unknown), "{key}");
    }
    assert_eq!(count(&store, "schedule_rotation"), 1);
}

/// Applies, and is interrupted by the user while the store waits for a rotation that never ends.
async fn interrupted(
    store: &MemoryStore,
    client: &TestClient<On>,
    prior: &Stored,
    config: &Json,
) -> (Stored, Diagnostics) {
    let change = client.plan("secret_rotation", prior, Some(config)).await.unwrap();
    store.break_rotation_functions();
    store.wait_for_rotations(Duration::from_secs(600));
    let stop = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.stop();
    };
    let both = async { tokio::join!(client.apply(change), stop).0 };
    tokio::time::timeout(Duration::from_secs(30), both).await.expect("it ends soon after the interrupt")
}

#[tokio::test]
async fn an_interrupt_ends_the_wait_for_a_first_rotation_and_keeps_its_state() {
    let (store, client, _) = with_secret().await;
    let (stored, problems) = interrupted(&store, &client, &Stored::default(), &rotation("30d")).await;
    assert!(!problems.has_errors() && problems.to_string().contains("goes on"), "{problems}");
    assert_eq!(text(&stored, "schedule"), Some("30d"));
    assert_eq!(own(&store).await.rotator, Rotator::Function(FUNCTION.to_owned()));
}

#[tokio::test]
async fn a_rotation_that_was_set_and_whose_answer_was_lost_is_in_the_state() {
    let (store, client, _) = with_secret().await;
    let change = client.plan("secret_rotation", &Stored::default(), Some(&rotation("30d"))).await.unwrap();
    let lost =
        StoreError::Unavailable { store: "memory", reason: "the test said so".to_owned(), source: None };
    // After the description of the secret comes the schedule.
    store.fail_after(1, Fault::After, lost);
    let (stored, problems) = client.apply(change).await;
    assert!(!store.cancel_faults() && !problems.has_errors(), "{problems}");
    assert_eq!(text(&stored, "schedule"), Some("30d"));
    assert_eq!(count(&store, "schedule_rotation"), 1);
}

#[tokio::test]
async fn an_interrupted_rotation_is_asked_for_again() {
    let (store, client, _) = with_secret().await;
    let triggered = |trigger: &str| with(rotation("30d"), "trigger", json!(trigger));
    let stored = client.converge("secret_rotation", &Stored::default(), &triggered("a")).await.unwrap();
    let (stored, problems) = interrupted(&store, &client, &stored, &triggered("b")).await;
    assert!(problems.to_string().contains("interrupted"), "{problems}");
    assert_eq!(text(&stored, "trigger"), Some("a"));
}

/// Lets the n-th call on the store fail, before or after its effect, for every n until none is left; then runs again.
async fn converges_after_a_failed_call(from: Option<&Json>, to: &Json, fault: Fault, expected: &str) {
    for failing in 0.. {
        let (store, client, _) = with_secret().await;
        let prior = match from {
            Some(config) => client.converge("secret_rotation", &Stored::default(), config).await.unwrap(),
            None => Stored::default(),
        };
        let change = client.plan("secret_rotation", &prior, Some(to)).await.unwrap();
        let unavailable =
            StoreError::Unavailable { store: "memory", reason: "the test said so".to_owned(), source: None };
        store.fail_after(failing, fault, unavailable);
        let (after, found) = client.apply(change).await;
        let failed = !store.cancel_faults();
        let after =
            if after.state.is_null() { after } else { client.read("secret_rotation", &after).await.unwrap() };
        let stored = client
            .converge("secret_rotation", &after, to)
            .await
            .unwrap_or_else(|problems| panic!("call {failing}, {fault:?}: {problems}\nfirst run: {found}"));
        assert_eq!(text(&stored, "version_id"), Some(expected), "call {failing}, {fault:?}: {found}");
        if !failed {
            return;
        }
    }
}

#[tokio::test]
async fn a_creation_that_failed_at_any_call_converges_and_rotates_once() {
    for fault in [Fault::Before, Fault::After] {
        converges_after_a_failed_call(None, &rotation("30d"), fault, "v2").await;
    }
}

#[tokio::test]
async fn a_change_that_failed_at_any_call_converges_and_rotates_once() {
    let triggered = |schedule: &str, trigger: &str| with(rotation(schedule), "trigger", json!(trigger));
    for fault in [Fault::Before, Fault::After] {
        converges_after_a_failed_call(Some(&triggered("30d", "a")), &triggered("7d", "b"), fault, "v3").await;
    }
}
