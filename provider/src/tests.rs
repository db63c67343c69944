//! The provider driven without Terraform, over the same calls and the same encoding: what it plans, that it converges after a failure
//! at any step of the store, and that no value is in a plan or a state. The real Terraform is in the `tests` crate.

use std::sync::Arc;

use async_trait::async_trait;
use secret_store::json;
use secret_store::local::faults::{FaultPlan, Faults};
use secret_store::local::{IdentitySource, LocalConfig, LocalStore};
use secret_store::memory::MemoryStore;
use secret_store::{SecretName, Store, VersionLabel, VersionSelector};
use serde_json::{Value as Json, json};
use tf_plugin::testing::{Stored, TestClient, assert_schema_matches_model};
use tf_plugin::{ConfigureRequest, Diagnostics, Dynamic, Objects, Provider, Schema};

use crate::client::Client;
use crate::provider::{ProviderModel, SecretProvider};

/// The provider on a store of the test's choice: one process of Terraform's.
struct On(Client);

#[async_trait]
impl Provider for On {
    type Config = ProviderModel;
    type Client = Client;

    fn schema(&self) -> Schema {
        SecretProvider.schema()
    }

    fn objects(&self) -> Objects<Client> {
        SecretProvider.objects()
    }

    async fn configure(&self, _request: ConfigureRequest<ProviderModel>) -> Result<Client, Diagnostics> {
        Ok(self.0.clone())
    }
}

/// A new process that works for the configuration in folder `workspace`.
async fn process_in(workspace: &str, store: Arc<dyn Store>) -> TestClient<On> {
    let client = TestClient::new(On(Client::new(store, workspace)));
    let warnings = client.configure(json!({})).await.unwrap();
    assert!(warnings.is_empty(), "{warnings}");
    client
}

async fn process(store: Arc<dyn Store>) -> TestClient<On> {
    process_in("/work", store).await
}

fn name(text: &str) -> SecretName {
    SecretName::parse(text).unwrap()
}

fn text<'s>(stored: &'s Stored, attribute: &str) -> Option<&'s str> {
    stored.state.get(attribute).and_then(Dynamic::as_str)
}

async fn current(store: &dyn Store, secret: &str) -> secret_store::SecretValue {
    let selector = VersionSelector::Label(VersionLabel::Current);
    store.read(&name(secret), &selector).await.unwrap().value
}

fn generated() -> Json {
    json!({
        "name": "prod/db", "owner": "team", "recovery_window_days": 7,
        "generate": { "kind": "password", "length": 20, "field": "password" },
        "fields": { "username": "app" },
    })
}

#[test]
fn schemas_and_models_agree() {
    assert_schema_matches_model(SecretProvider);
}

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
async fn anything_may_be_unknown_at_plan() {
    let client = process(Arc::new(MemoryStore::new())).await;
    let unknown = "${unknown}";
    let configs = [
        (
            "secret",
            json!({
                "name": unknown, "description": unknown, "owner": unknown, "tags": unknown, "expires_at": unknown,
                "recovery_window_days": unknown, "on_conflict": unknown, "on_destroy": unknown, "generate": unknown,
                "fields": unknown, "fields_wo": unknown, "fields_wo_version": unknown, "managed_keys": unknown,
            }),
        ),
        ("secret", json!({ "name": "a", "value_wo": unknown, "value_wo_version": unknown })),
        (
            "secret",
            json!({ "name": "a", "generate": { "kind": unknown, "length": unknown, "field": unknown }, "fields": { "u": unknown } }),
        ),
        (
            "secret_rotation",
            json!({
                "secret_id": unknown, "schedule": unknown, "strategy": unknown, "keep_previous_for": unknown, "trigger": unknown,
            }),
        ),
        (
            "secret_grant",
            json!({ "secret_id": unknown, "principal": unknown, "access": unknown, "expires_at": unknown, "reason": unknown }),
        ),
    ];
    for (kind, config) in configs {
        let warnings = client
            .validate(kind, &config)
            .await
            .unwrap_or_else(|problems| panic!("{kind} {config}: {problems}"));
        assert!(warnings.is_empty(), "{kind} {config}: {warnings}");
        client
            .plan(kind, &Stored::default(), Some(&config))
            .await
            .unwrap_or_else(|problems| panic!("{kind} {config}: {problems}"));
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

/// A local store in `folder` with a failure planned in it.
fn local(folder: &tempfile::TempDir, plan: FaultPlan) -> Arc<dyn Store> {
    let identity = IdentitySource::Default(folder.path().join("home/identity.txt"));
    let config = LocalConfig::new(folder.path().join("store"), identity);
    Arc::new(LocalStore::open_with_faults(config, Faults::new(plan)).unwrap())
}

/// What a run leaves behind for the next one.
#[derive(Clone, Copy, Debug)]
enum Left {
    /// The state it returned, errors and all.
    State,
    /// Nothing: Terraform itself was killed before it could write.
    Nothing,
}

/// Lets the store fail from its n-th step on, for every n until nothing fails, and then runs again: the second run converges, with one
/// version per value and without an orphan.
async fn converges_after_a_failure_at_every_step(left: Left) {
    let config = generated();
    for step in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let failing = process(local(&folder, FaultPlan::DiskFullFrom(step))).await;
        let change = failing.plan("secret", &Stored::default(), Some(&config)).await.unwrap();
        let (after, found) = failing.apply(change).await;
        let store = local(&folder, FaultPlan::None);
        let client = process(Arc::clone(&store)).await;
        let prior = match left {
            Left::State => client.read("secret", &after).await.unwrap(),
            Left::Nothing => Stored::default(),
        };
        let stored = client
            .converge("secret", &prior, &config)
            .await
            .unwrap_or_else(|problems| panic!("step {step}, {left:?}: {problems}\nfirst run: {found}"));
        let description = store.describe(&name("prod/db")).await.unwrap();
        assert_eq!(description.versions.len(), 1, "step {step}, {left:?}");
        assert_eq!(text(&stored, "version_id"), Some("v1"), "step {step}, {left:?}");
        if !found.has_errors() {
            return;
        }
    }
}

#[tokio::test]
async fn a_creation_that_failed_at_any_step_converges_from_its_state() {
    converges_after_a_failure_at_every_step(Left::State).await;
}

#[tokio::test]
async fn a_creation_whose_state_was_lost_at_any_step_finds_its_own_secret() {
    converges_after_a_failure_at_every_step(Left::Nothing).await;
}

#[tokio::test]
async fn a_changed_rule_makes_one_new_value_however_often_it_is_interrupted() {
    let changed = {
        let mut config = generated();
        config["generate"]["length"] = json!(24);
        config
    };
    for left in [Left::State, Left::Nothing] {
        for step in 1.. {
            let folder = tempfile::tempdir().unwrap();
            let store = local(&folder, FaultPlan::None);
            let client = process(Arc::clone(&store)).await;
            let stored = client.converge("secret", &Stored::default(), &generated()).await.unwrap();

            let failing = process(local(&folder, FaultPlan::DiskFullFrom(step))).await;
            let change = failing.plan("secret", &stored, Some(&changed)).await.unwrap();
            let (after, found) = failing.apply(change).await;
            let prior = match left {
                Left::State => after,
                Left::Nothing => stored,
            };
            let prior = client.read("secret", &prior).await.unwrap();
            let done = client
                .converge("secret", &prior, &changed)
                .await
                .unwrap_or_else(|problems| panic!("step {step}, {left:?}: {problems}\nfirst run: {found}"));
            assert_eq!(text(&done, "version_id"), Some("v2"), "step {step}, {left:?}");
            let members = json::fields(&current(&*store, "prod/db").await).unwrap();
            assert_eq!(members["password"].len(), 24, "step {step}, {left:?}");
            if !found.has_errors() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_rotation_that_failed_at_any_step_is_finished_by_the_next_run() {
    let config =
        |trigger: Option<&str>| json!({ "secret_id": "prod/db", "schedule": "30d", "trigger": trigger });
    for step in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let store = local(&folder, FaultPlan::None);
        let client = process(Arc::clone(&store)).await;
        client.converge("secret", &Stored::default(), &generated()).await.unwrap();
        let stored = client.converge("secret_rotation", &Stored::default(), &config(None)).await.unwrap();

        let failing = process(local(&folder, FaultPlan::DiskFullFrom(step))).await;
        let change = failing.plan("secret_rotation", &stored, Some(&config(Some("now")))).await.unwrap();
        let (after, found) = failing.apply(change).await;

        let client = process(Arc::clone(&store)).await;
        let after = client.read("secret_rotation", &after).await.unwrap();
        let done = client
            .converge("secret_rotation", &after, &config(Some("now")))
            .await
            .unwrap_or_else(|problems| panic!("step {step}: {problems}\nfirst run: {found}"));
        assert_eq!(text(&done, "version_id"), Some("v2"), "step {step}");
        let description = store.describe(&name("prod/db")).await.unwrap();
        assert!(description.version_with(&VersionLabel::Pending).is_none(), "step {step}");
        if !found.has_errors() {
            return;
        }
    }
}
