//! The example provider under the real Terraform: every step of a resource's life, and what must never be stored.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests may fail the test, and say what was skipped"
)]

mod support;

use std::time::{Duration, Instant};

use support::{Workspace, text_of};

const NOTE: &str = r#"
resource "note" "a" {
  name   = "a"
  text   = "hello"
  labels = { team = "x" }
}
"#;

#[test]
fn a_resource_lives_from_create_to_destroy() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.write(NOTE);

    let planned = workspace.plan(2);
    assert!(planned.contains("+ bytes = (known after apply)"), "{planned}");
    workspace.apply();
    assert_eq!(std::fs::read_to_string(workspace.note("a")).unwrap(), "hello");
    workspace.plan(0);

    workspace.write(&NOTE.replace("hello", "changed"));
    let planned = workspace.plan(2);
    assert!(planned.contains("0 to add, 1 to change, 0 to destroy"), "{planned}");
    assert!(planned.contains("~ bytes = 5 -> (known after apply)"), "{planned}");
    workspace.apply();
    assert_eq!(std::fs::read_to_string(workspace.note("a")).unwrap(), "changed");

    workspace.write(&NOTE.replace("name   = \"a\"", "name   = \"b\""));
    let planned = workspace.plan(2);
    assert!(
        planned.contains("# forces replacement") && planned.contains("1 to add, 0 to change, 1 to destroy"),
        "{planned}"
    );
    workspace.apply();
    assert!(!workspace.note("a").exists() && workspace.note("b").exists());

    workspace.run(&["apply", "-destroy", "-auto-approve", "-no-color"], 0);
    assert!(!workspace.note("b").exists());
}

#[test]
fn a_dynamic_value_keeps_its_type() {
    let Some(workspace) = Workspace::new() else { return };
    for meta in [
        "{ a = [1, \"x\", null], b = toset([\"q\"]), c = { d = 0.1 } }",
        "tolist([])",
        "tomap({ k = null })",
        "\"text\"",
        "12345678901234567890123.5",
    ] {
        workspace.write(&format!("resource \"note\" \"a\" {{\n name = \"a\"\n meta = {meta}\n}}\n"));
        workspace.apply();
        workspace.plan(0);
    }
}

#[test]
fn an_object_that_is_gone_is_planned_again() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.write(NOTE);
    workspace.apply();
    std::fs::remove_file(workspace.note("a")).unwrap();
    assert!(workspace.plan(2).contains("1 to add"));
}

#[test]
fn an_existing_object_is_imported() {
    let Some(workspace) = Workspace::new() else { return };
    std::fs::write(workspace.note("a"), "hello").unwrap();
    workspace.write("resource \"note\" \"a\" {\n name = \"a\"\n text = \"hello\"\n}\n");
    workspace.run(&["import", "-no-color", "note.a", "a"], 0);
    workspace.plan(0);
    workspace.write("resource \"note\" \"other\" {\n name = \"missing\"\n}\n");
    let text = workspace.run(&["import", "-no-color", "note.other", "missing"], 1);
    assert!(text.contains("Cannot import non-existent remote object"), "{text}");
}

#[test]
fn a_write_only_value_reaches_the_provider_and_nothing_else() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.write(
        r#"
ephemeral "note_token" "t" { length = 16 }
resource "note" "a" {
  name              = "a"
  text              = "hello"
  secret_wo         = ephemeral.note_token.t.token
  secret_wo_version = 1
}
"#,
    );
    let log = workspace.path("log");
    let planned = workspace
        .command(&["plan", "-no-color", "-out=plan"])
        .env("TF_LOG", "TRACE")
        .env("TF_LOG_PATH", &log)
        .output()
        .unwrap();
    assert!(planned.status.success(), "{}", text_of(&planned));
    let applied = workspace
        .command(&["apply", "-no-color", "plan"])
        .env("TF_LOG", "TRACE")
        .env("TF_LOG_PATH", &log)
        .output()
        .unwrap();
    assert!(applied.status.success(), "{}", text_of(&applied));
    assert_eq!(std::fs::read_to_string(workspace.note("a")).unwrap(), "hello\nsecret of 16 characters");

    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("ApplyResourceChange(create)"), "the provider's own log reaches Terraform's");
    let shown = workspace.run(&["show", "-json", "plan"], 0);
    for (place, text) in
        [("state", workspace.state()), ("log", log), ("plan", shown), ("output", text_of(&applied))]
    {
        assert!(!text.contains("SENTINEL"), "the secret is in the {place}");
    }
    workspace.plan(0);
}

#[test]
fn data_sources_and_functions_answer() {
    let Some(workspace) = Workspace::new() else { return };
    std::fs::write(workspace.note("old"), "kept").unwrap();
    workspace.write(
        r#"
data "note" "old" { name = "old" }
output "loud" { value = provider::note::shout(data.note.old.text) }
"#,
    );
    assert!(workspace.apply().contains("loud = \"KEPT\""));
    workspace.write("output \"loud\" { value = provider::note::shout(\"\") }\n");
    let text = workspace.run(&["plan", "-no-color"], 1);
    assert!(text.contains("there is nothing to shout"), "{text}");
}

#[test]
fn an_error_names_the_line_of_the_attribute() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.write("resource \"note\" \"a\" {\n  name = \"a/b\"\n}\n");
    let text = workspace.run(&["validate", "-no-color"], 1);
    assert!(text.contains("Error: a name has no slash") && text.contains("name = \"a/b\""), "{text}");
}

#[test]
fn an_unknown_provider_configuration_does_not_stop_the_plan() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.write(
        r#"
resource "terraform_data" "folder" { input = "unused" }
provider "note" {
  alias  = "later"
  folder = terraform_data.folder.output
}
resource "note" "a" {
  provider = note.later
  name     = "a"
}
"#,
    );
    assert!(workspace.plan(2).contains("2 to add"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_running_create_and_keeps_its_state() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.write("resource \"note\" \"a\" {\n  name  = \"a\"\n  delay = 600000\n}\n");
    let started = Instant::now();
    let mut running = workspace
        .command(&["apply", "-auto-approve", "-no-color"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while !workspace.note("a").exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "the note is never written");
        assert!(running.try_wait().unwrap().is_none(), "terraform ended early");
        std::thread::sleep(Duration::from_millis(50));
    }
    let interrupted =
        std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let output = running.wait_with_output().unwrap();
    let text = text_of(&output);
    assert!(started.elapsed() < Duration::from_secs(120), "{text}");
    assert!(text.contains("interrupted while creating the note"), "{text}");
    assert!(workspace.state().contains("\"status\": \"tainted\""), "{}", workspace.state());
}

#[test]
fn an_existing_object_is_imported_by_identity() {
    let Some(workspace) = Workspace::since(12, "identities") else { return };
    std::fs::write(workspace.note("a"), "hello").unwrap();
    workspace.write(
        r#"
import {
  to       = note.a
  identity = { name = "a" }
}
resource "note" "a" {
  name = "a"
  text = "hello"
}
"#,
    );
    let text = workspace.apply();
    assert!(text.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{text}");
    assert!(workspace.state().contains("\"identity\": {"), "{}", workspace.state());
    workspace.plan(0);
}

#[test]
fn an_action_runs_after_a_create() {
    let Some(workspace) = Workspace::since(14, "actions") else { return };
    workspace.write(
        r#"
resource "note" "a" {
  name = "a"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.note_append.more]
    }
  }
}
action "note_append" "more" {
  config {
    name = "a"
    line = "appended"
  }
}
"#,
    );
    let text = workspace.apply();
    assert!(text.contains("appending"), "the progress is shown: {text}");
    assert_eq!(std::fs::read_to_string(workspace.note("a")).unwrap(), "appended");
}

#[test]
fn existing_objects_are_found_by_a_query() {
    let Some(workspace) = Workspace::since(14, "queries") else { return };
    for name in ["apple", "avocado", "banana"] {
        std::fs::write(workspace.note(name), "x").unwrap();
    }
    workspace.write("");
    let query = "list \"note\" \"all\" {\n provider = note\n config {\n prefix = \"a\"\n }\n}\n";
    std::fs::write(workspace.path("config/notes.tfquery.hcl"), query).unwrap();
    let text = workspace.run(&["query", "-no-color"], 0);
    assert!(text.contains("name=apple") && text.contains("name=avocado"), "{text}");
    assert!(!text.contains("banana"), "{text}");
}
