//! Objects beside the resources: what is looked up, what is handed on, and what somebody on call does; actions and lists run where
//! Terraform has them, as their pages show them.

use std::fs;
use std::path::PathBuf;

use secretlint_tests::on_each_terraform;
use secretlint_tests::programs;
use secretlint_tests::terraform::{Version, Workspace};
use serde_json::{Value, json};

use crate::store::configure;

const SESSION_KEY: &str = r#"
resource "secret" "session_key" {
  name     = "prod/session/key"
  owner    = "team-web"
  generate = { kind = "base64", length = 32 }
}
"#;

/// The examples of one kind of object, by their type's name.
fn examples(kind: &str, file: &str) -> Vec<(String, String)> {
    let folder = programs::root().join("examples").join(kind);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).expect("the examples").map(|entry| entry.expect("an example").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no examples in {}", folder.display());
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(path.join(file)).expect(file))
        })
        .collect()
}

on_each_terraform! {
    /// The inventory names every secret, and `secret_access` everybody who can read one.
    fn the_inventory_and_the_access_list_are_complete(terraform) {
        configure(terraform, &format!(r#"{SESSION_KEY}
            resource "secret_grant" "reader" {{
              secret_id = secret.session_key.id
              principal = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
              access    = ["read"]
            }}
            data "secret_inventory" "all" {{
              depends_on = [secret_grant.reader]
            }}
            data "secret_access" "session_key" {{
              secret_id  = secret.session_key.id
              depends_on = [secret_grant.reader]
            }}
            output "names" {{ value = data.secret_inventory.all.secrets[*].name }}
            output "readers" {{ value = data.secret_access.session_key.grants[*].principal }}
        "#));
        terraform.apply().succeeds();
        assert_eq!(terraform.output("names"), json!(["prod/session/key"]));
        assert_eq!(
            terraform.output("readers"),
            json!(["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"])
        );
    }

    /// An ephemeral value reaches a write-only argument of another resource, within the same apply that makes it.
    fn a_value_is_handed_on_within_one_apply(terraform) {
        configure(terraform, &format!(r#"{SESSION_KEY}
            ephemeral "secret" "session_key" {{
              secret_id = secret.session_key.id
            }}
            resource "secret" "copy" {{
              name             = "prod/session/copy"
              value_wo         = ephemeral.secret.session_key.value
              value_wo_version = secret.session_key.version_id
            }}
        "#));
        terraform.apply().succeeds();
        terraform.has_no_changes();
    }
}

/// The current version of the secret in [`SESSION_KEY`].
fn version(terraform: &mut Workspace) -> Value {
    terraform.run(&["apply", "-refresh-only", "-auto-approve", "-no-color"]).succeeds();
    terraform.attributes("secret.session_key")["version_id"].clone()
}

/// Terraform 1.14 and later: rotate, roll back, restore, revoke.
#[test]
fn actions_rotate_roll_back_revoke_and_restore() {
    let Some(mut terraform) = Workspace::new(Version::Newest) else { return };
    let actions: String = examples("actions", "action.tf")
        .into_iter()
        .map(|(_, text)| {
            let from = text.find("action \"").expect("an action");
            text[from..].to_owned()
        })
        .collect();
    configure(&mut terraform, &format!("{SESSION_KEY}{actions}"));
    terraform.apply().succeeds();
    assert_eq!(version(&mut terraform), json!("v1"));
    let mut invoke = |action: &str| {
        terraform.run(&["apply", "-auto-approve", "-no-color", &format!("-invoke=action.{action}")])
    };
    invoke("secret_rotate.session_key").succeeds().says("version `v2` is current");
    invoke("secret_rollback.session_key").succeeds().says("is current again");
    invoke("secret_revoke.lost_laptop").succeeds().says("Nothing to revoke");
    assert_eq!(version(&mut terraform), json!("v1"));

    // Restored after it was deleted behind Terraform's back: by a second configuration.
    terraform.destroy().succeeds();
    configure(&mut terraform, &actions.replace("secret.session_key.id", "\"prod/session/key\""));
    terraform
        .run(&["apply", "-auto-approve", "-no-color", "-invoke=action.secret_restore.session_key"])
        .succeeds()
        .says("is restored");
    assert!(terraform.folder().join("store/prod/session/key/v1.age").is_file());
}

/// Terraform 1.14 and later: `terraform query` finds what no configuration manages.
#[test]
fn lists_find_what_is_in_the_store() {
    let Some(mut terraform) = Workspace::new(Version::Newest) else { return };
    configure(
        &mut terraform,
        &format!(
            r#"{SESSION_KEY}
            resource "secret_grant" "reader" {{
              secret_id = secret.session_key.id
              principal = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
              access    = ["read"]
            }}"#
        ),
    );
    terraform.apply().succeeds();
    for (_, text) in examples("list-resources", "list-resource.tfquery.hcl") {
        terraform.write("found.tfquery.hcl", text);
        terraform.run(&["query", "-no-color"]).succeeds().says("prod/session/key");
    }
}
