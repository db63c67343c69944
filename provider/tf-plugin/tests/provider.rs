//! The example provider without Terraform: through the test client, which uses the same RPCs and the same encoding.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests may fail the test, and say what was skipped"
)]

#[path = "../examples/note.rs"]
#[allow(dead_code, reason = "the example is a program of its own")]
mod note;

use note::Note;
use serde_json::json;
use tf_plugin::Dynamic;
use tf_plugin::testing::{Stored, TestClient, assert_schema_matches_model};

async fn client(folder: &tempfile::TempDir) -> TestClient<Note> {
    let client = TestClient::new(Note);
    let warnings = client.configure(json!({ "folder": folder.path() })).await.unwrap();
    assert!(warnings.is_empty());
    client
}

#[test]
fn the_example_is_sound() {
    assert_schema_matches_model(Note);
}

#[tokio::test]
async fn a_resource_converges_is_updated_replaced_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let client = client(&folder).await;
    let config = json!({ "name": "a", "text": "hello" });
    let stored = client.converge("note", &Stored::default(), &config).await.unwrap();
    assert_eq!(stored.state.get("bytes"), Some(&Dynamic::from(5_i64)));

    let update =
        client.plan("note", &stored, Some(&json!({ "name": "a", "text": "changed" }))).await.unwrap();
    assert!(update.planned.get("bytes").is_some_and(Dynamic::is_unknown));
    assert_eq!(update.requires_replace, [""; 0]);
    let replacement =
        client.plan("note", &stored, Some(&json!({ "name": "b", "text": "hello" }))).await.unwrap();
    assert_eq!(replacement.requires_replace, ["name"]);

    let deletion = client.plan("note", &stored, None).await.unwrap();
    let (gone, diagnostics) = client.apply(deletion).await;
    assert!(gone.state.is_null() && diagnostics.is_empty());
    assert!(client.read("note", &stored).await.unwrap().state.is_null());
}

#[tokio::test]
async fn a_write_only_value_is_null_in_plan_and_state() {
    let folder = tempfile::tempdir().unwrap();
    let client = client(&folder).await;
    let config = json!({ "name": "a", "secret_wo": "SENTINEL", "secret_wo_version": 1 });
    let change = client.plan("note", &Stored::default(), Some(&config)).await.unwrap();
    assert_eq!(change.planned.get("secret_wo"), Some(&Dynamic::Null));
    let (stored, diagnostics) = client.apply(change).await;
    assert!(diagnostics.is_empty(), "{diagnostics}");
    assert_eq!(stored.state.get("secret_wo"), Some(&Dynamic::Null));
    let written = std::fs::read_to_string(folder.path().join("a.txt")).unwrap();
    assert_eq!(written, "\nsecret of 8 characters");
}

#[tokio::test]
async fn everything_unknown_can_be_validated_and_planned() {
    let folder = tempfile::tempdir().unwrap();
    let client = client(&folder).await;
    let config = json!({ "name": "${unknown}", "text": "${unknown}", "labels": "${unknown}", "secret_wo": "${unknown}" });
    assert!(client.validate("note", &config).await.unwrap().is_empty());
    let change = client.plan("note", &Stored::default(), Some(&config)).await.unwrap();
    assert!(change.planned.get("text").is_some_and(Dynamic::is_unknown));
}

#[tokio::test]
async fn a_state_of_todays_version_loses_attributes_that_no_longer_exist() {
    let client = TestClient::new(Note);
    let state = json!({ "name": "a", "text": "t", "removed": { "x": [1] }, "bytes": 1, "id": "i" });
    let upgraded = client.upgrade("note", 0, &state).await.unwrap();
    assert_eq!(upgraded.get("text").and_then(Dynamic::as_str), Some("t"));
    assert_eq!(upgraded.get("removed"), None);
    assert!(client.upgrade("note", 1, &state).await.is_err(), "a newer state is refused");
}

#[tokio::test]
async fn ephemeral_data_and_function_answer() {
    let folder = tempfile::tempdir().unwrap();
    let client = client(&folder).await;
    let opened = client.open("note_token", &json!({ "length": 4 })).await.unwrap();
    assert_eq!(opened.result.get("token").and_then(Dynamic::as_str), Some("SENT"));
    assert_eq!(opened.renew_at, None);
    client.close("note_token", opened.private).await.unwrap();
    std::fs::write(folder.path().join("old.txt"), "kept").unwrap();
    let data = client.read_data("note", &json!({ "name": "old" })).await.unwrap();
    assert_eq!(data.get("text").and_then(Dynamic::as_str), Some("kept"));
    assert_eq!(client.call("shout", &["ho"]).await.unwrap().as_str(), Some("HO"));
}

#[tokio::test]
async fn the_end_closes_every_client_and_an_interrupt_none() {
    let folder = tempfile::tempdir().unwrap();
    let in_use = || std::fs::read_dir(folder.path()).unwrap().count();
    let client = client(&folder).await;
    assert!(client.configure(json!({ "folder": folder.path() })).await.unwrap().is_empty());
    assert_eq!(in_use(), 2, "each client holds its own mark");
    client.stop();
    assert_eq!(in_use(), 2, "an interrupted Terraform still has to close what is open");
    client.end().await;
    assert_eq!(in_use(), 0);
    client.end().await;
}
