//! The promise: the value is in no plan, state, log, error or report. Everything that a run leaves is searched for it, at
//! the most talkative log level.

use secretlint_tests::canary::{Canary, is_configuration};
use secretlint_tests::on_each_terraform;
use secretlint_tests::programs;
use secretlint_tests::terraform::Workspace;

use crate::store::{another_identity, configure, decrypt, owner_identity};

/// A value that every encoder writes differently.
const SENTINEL: &str = r#"sentinel/<7f3a9c>&"b1"+d0%e5"#;

/// Everything but the configuration and the files that hold the secrets' keys and nothing else.
fn is_excepted(path: &std::path::Path) -> bool {
    is_configuration(path) || path.starts_with("home/.config")
}

/// Runs what a careful user runs, with all logging on, up to the destroy.
fn whole_life(terraform: &mut Workspace) {
    terraform.trace();
    terraform.plan().exits_with(2);
    terraform.plan_json();
    let folder = terraform.folder();
    let text = terraform.run(&["show", "-json", "plan.bin"]).succeeds().stdout;
    std::fs::write(folder.join("plan.json"), text).expect("the folder is writable");
    for format in ["human", "json", "sarif"] {
        let report = terraform.run_program(&programs::secretlint(), &["--format", format, "plan.json"]);
        assert_ne!(report.code, Some(2), "{report}");
    }
    terraform.run_program(&programs::secretlint(), &["facts", "plan.json"]).succeeds();
    terraform.apply_plan().succeeds();
    terraform.has_no_changes();
    terraform.state();
    terraform.run(&["output", "-json"]).succeeds();
    terraform.run(&["show", "-no-color"]).succeeds();
    terraform.run(&["refresh", "-no-color"]).succeeds();
}

on_each_terraform! {
    /// A value that the user brings.
    fn a_write_only_value_is_nowhere(terraform) {
        configure(terraform, r#"
            variable "key" {
              type      = string
              ephemeral = true
            }
            resource "secret" "whole" {
              name             = "whole"
              value_wo         = var.key
              value_wo_version = "1"
            }
            resource "secret" "field" {
              name              = "field"
              fields            = { username = "orders" }
              fields_wo         = { password = var.key }
              fields_wo_version = "1"
            }
            output "version" { value = secret.whole.version_id }
        "#);
        terraform.set("TF_VAR_key", SENTINEL);
        whole_life(terraform);
        // It did arrive: a search that finds nothing where nothing was sent proves nothing.
        let identity = owner_identity(terraform);
        let version = terraform.output("version").as_str().expect("a version").to_owned();
        Canary::new(SENTINEL).is_absent_from(terraform.everything(), is_excepted);
        let Some(opened) = decrypt(terraform, &identity, "whole", &version) else { return };
        assert_eq!(opened.succeeds().stdout, SENTINEL);
    }

    /// A value that the provider makes, reads, rotates and grants.
    fn a_generated_value_is_nowhere(terraform) {
        let Some((_, recipient)) = another_identity(terraform, "reporting") else { return };
        let configuration = |schedule: &str| format!(r#"
            resource "secret" "orders" {{
              name     = "orders"
              generate = {{ kind = "password", length = 40, field = "password" }}
              fields   = {{ username = "orders" }}
            }}
            resource "secret_rotation" "orders" {{
              secret_id         = secret.orders.id
              schedule          = "{schedule}"
              keep_previous_for = "24h"
            }}
            resource "secret_grant" "reporting" {{
              secret_id = secret.orders.id
              principal = "{recipient}"
              access    = ["read"]
            }}
            ephemeral "secret" "orders" {{
              secret_id = secret.orders.id
            }}
            resource "secret" "copy" {{
              name             = "copy"
              value_wo         = ephemeral.secret.orders.value
              value_wo_version = secret.orders.version_id
            }}
            output "version" {{ value = secret_rotation.orders.version_id }}
        "#);
        configure(terraform, &configuration("30d"));
        whole_life(terraform);
        let mut versions = vec![terraform.output("version")];
        std::thread::sleep(std::time::Duration::from_millis(1100));
        configure(terraform, &configuration("1s"));
        terraform.apply().succeeds();
        versions.push(terraform.output("version"));
        assert_ne!(versions[0], versions[1]);
        let identity = owner_identity(terraform);
        let mut canaries = Vec::new();
        for version in versions {
            let version = version.as_str().expect("a version").to_owned();
            let Some(opened) = decrypt(terraform, &identity, "orders", &version) else { return };
            let value: serde_json::Value = serde_json::from_str(&opened.succeeds().stdout).expect("a JSON value");
            canaries.push(Canary::new(value["password"].as_str().expect("a password")));
        }
        terraform.destroy().succeeds();
        // The age tool's own output, just made, is the one place where the values are meant to be.
        let is_opened = |path: &std::path::Path| path.to_string_lossy().ends_with("-age.stdout");
        for canary in canaries {
            canary.is_absent_from(terraform.everything(), |path| is_excepted(path) || is_opened(path));
        }
    }

    /// Errors are where values slip out: each of these fails with the value in hand.
    fn a_value_is_in_no_error(terraform) {
        let secret = |more: &str| format!(r#"
            variable "key" {{
              type      = string
              ephemeral = true
            }}
            resource "secret" "failing" {{
              name             = "failing"
              value_wo         = var.key
              value_wo_version = "1"
              {more}
            }}
        "#);
        terraform.trace().set("TF_VAR_key", SENTINEL);
        configure(terraform, &secret(r#"generate = { kind = "hex", length = 32 }"#));
        terraform.plan().exits_with(1);
        configure(terraform, &secret(r#"managed_keys = ["username"]"#));
        terraform.plan();
        terraform.apply();
        configure(terraform, &secret(""));
        std::fs::create_dir_all(terraform.folder().join("store")).expect("the folder is writable");
        std::fs::write(terraform.folder().join("store/failing"), "not a folder").expect("the folder is writable");
        terraform.apply().exits_with(1);
        Canary::new(SENTINEL).is_absent_from(terraform.everything(), is_excepted);
    }

    /// The key that opens everything is in its file and nowhere else.
    fn the_owner_identity_is_nowhere_else(terraform) {
        configure(terraform, r#"
            resource "secret" "one" {
              name     = "one"
              generate = { kind = "uuid" }
            }
        "#);
        whole_life(terraform);
        let identity = std::fs::read_to_string(owner_identity(terraform)).expect("the store made an identity");
        let key = identity.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).expect("a key");
        Canary::new(key.trim()).is_absent_from(terraform.everything(), is_excepted);
    }
}
