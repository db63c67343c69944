//! The provider driven without Terraform, over the same calls and the same encoding: what it plans, that it converges after a failure
//! at any step of the store, and that no value is in a plan or a state. The real Terraform is in the `tests` crate.

mod aws_rotation;
mod aws_ways;
mod faults;
mod grant;
mod lease;
mod native_rotation;
mod rotation;
mod secret;
mod stores;
mod vault_ways;

use std::sync::Arc;

use async_trait::async_trait;
use secret_store::memory::MemoryStore;
use secret_store::{SecretName, Store, VersionLabel, VersionSelector};
use serde_json::{Value as Json, json};
use tf_plugin::testing::{Stored, TestClient, assert_schema_matches_model};
use tf_plugin::{ConfigureRequest, Diagnostics, Dynamic, Objects, Provider, Schema};

use crate::client::Client;
use crate::provider::SecretProvider;
use crate::stores::StoreBlocks;

/// The provider on a store of the test's choice: one process of Terraform's.
struct On(Client);

#[async_trait]
impl Provider for On {
    type Config = StoreBlocks;
    type Client = Client;

    fn schema(&self) -> Schema {
        SecretProvider.schema()
    }

    fn objects(&self) -> Objects<Client> {
        SecretProvider.objects()
    }

    async fn configure(&self, _request: ConfigureRequest<StoreBlocks>) -> Result<Client, Diagnostics> {
        Ok(self.0.clone())
    }

    async fn close(&self, client: Client) {
        SecretProvider.close(client).await;
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
            "secret_rotation",
            json!({
                "secret_id": unknown, "schedule": unknown, "window": unknown, "rotation_lambda_arn": unknown, "managed": unknown,
                "rotate_immediately": unknown,
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
async fn the_store_is_closed_when_the_process_ends_and_not_by_an_interrupt() {
    let store = MemoryStore::new();
    let client = process(Arc::new(store.clone())).await;
    let closed = || store.calls().iter().filter(|call| call.method == "close").count();
    client.stop();
    assert_eq!(closed(), 0);
    client.end().await;
    assert_eq!(closed(), 1);
}
