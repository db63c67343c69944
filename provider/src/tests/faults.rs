//! The embedded store fails at every one of its steps, and the next run converges: no second version, no orphan.

use std::sync::Arc;

use secret_store::local::faults::{FaultPlan, Faults};
use secret_store::local::{IdentitySource, LocalConfig, LocalStore};
use secret_store::{Store, VersionLabel, json};
use serde_json::json;
use tf_plugin::testing::Stored;

use super::{current, generated, name, process, text};

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
