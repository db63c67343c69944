//! The provider is killed, or the machine loses power: the next apply finishes the work.

use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use secretlint_tests::canary::{Canary, is_configuration};
use secretlint_tests::on_each_terraform;
use secretlint_tests::terraform::Workspace;
use serde_json::Value;

use crate::store::configure;

const MANY: &str = r#"
resource "secret" "many" {
  count    = 40
  name     = "many/${count.index}"
  generate = { kind = "password", length = 32 }
}
"#;

/// How many secrets the store has.
fn count(terraform: &Workspace) -> usize {
    std::fs::read_dir(terraform.folder().join("store/many")).map_or(0, |entries| entries.flatten().count())
}

/// Starts an apply, kills the provider once the store has `number` secrets, and lets Terraform come to its end.
fn kill_the_provider_at(terraform: &mut Workspace, number: usize) {
    let running = terraform.start(&["apply", "-no-color", "-input=false", "-auto-approve", "-parallelism=4"]);
    let start = Instant::now();
    while count(terraform) < number {
        assert!(start.elapsed() < Duration::from_secs(60), "the apply does not come to {number} secrets");
        std::thread::sleep(Duration::from_micros(200));
    }
    let children = running.children();
    assert!(!children.is_empty(), "no provider runs");
    for child in children {
        let _ = kill_process(child, Signal::KILL);
    }
    running.wait().exits_with(1);
}

on_each_terraform! {
    /// Killed at several moments of an apply; each next apply goes on from there and the end is the same.
    fn an_apply_after_a_killed_one_converges(terraform) {
        configure(terraform, MANY);
        for number in [1, 6, 13, 27] {
            kill_the_provider_at(terraform, number);
        }
        terraform.apply().succeeds();
        terraform.has_no_changes();
        let state = terraform.state();
        let resources = state["values"]["root_module"]["resources"].as_array().expect("resources");
        assert_eq!(resources.iter().filter(|one| one["values"]["version_id"] != Value::Null).count(), 40);
        terraform.destroy().succeeds();
    }

    /// What a killed provider leaves, half-written files and logs included, does not hold the value.
    fn a_value_is_nowhere_after_a_crash(terraform) {
        configure(terraform, r#"
            variable "key" {
              type      = string
              ephemeral = true
            }
            resource "secret" "many" {
              count            = 40
              name             = "many/${count.index}"
              value_wo         = var.key
              value_wo_version = "1"
            }
        "#);
        let sentinel = "sentinel-of-a-crash-7f3a9c";
        terraform.trace().set("TF_VAR_key", sentinel);
        for number in [1, 9, 22] {
            kill_the_provider_at(terraform, number);
        }
        Canary::new(sentinel).is_absent_from(terraform.everything(), is_configuration);
        terraform.apply().succeeds();
        terraform.has_no_changes();
        Canary::new(sentinel).is_absent_from(terraform.everything(), is_configuration);
    }
}
