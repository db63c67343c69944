//! The life of a secret: made, left alone, changed, rotated, granted, imported, destroyed, restored.

use secretlint_tests::on_each_terraform;
use secretlint_tests::programs;
use secretlint_tests::terraform::{Providers, Version, Workspace};
use serde_json::json;

use crate::store::{HEADER, another_identity, configure, decrypt, owner_identity};

const ORDERS: &str = r#"
resource "secret" "orders" {
  name     = "prod/orders/db"
  owner    = "team-orders"
  generate = { kind = "password", length = 32, field = "password" }
  fields   = { username = "orders", port = "5432" }
}
"#;

on_each_terraform! {
    /// The value is made inside apply, and anybody with the identity opens it with the age tool.
    fn a_generated_value_is_in_the_store(terraform) {
        configure(terraform, ORDERS);
        terraform.plan().exits_with(2);
        terraform.apply_plan().succeeds();
        let version = terraform.attributes("secret.orders")["version_id"].as_str().expect("a version").to_owned();
        let identity = owner_identity(terraform);
        let Some(opened) = decrypt(terraform, &identity, "prod/orders/db", &version) else { return };
        let value: serde_json::Value = serde_json::from_str(&opened.succeeds().stdout).expect("a JSON value");
        assert_eq!((&value["username"], &value["port"]), (&json!("orders"), &json!("5432")));
        assert_eq!(value["password"].as_str().map(|password| password.chars().count()), Some(32));
    }

    /// A second plan has nothing to do, and a second apply leaves the value alone.
    fn applying_twice_changes_nothing(terraform) {
        configure(terraform, ORDERS);
        terraform.apply().succeeds();
        let before = terraform.attributes("secret.orders");
        terraform.has_no_changes();
        terraform.apply().succeeds();
        assert_eq!(terraform.attributes("secret.orders"), before);
    }

    /// A change of metadata makes no new version.
    fn a_description_changes_without_a_new_value(terraform) {
        configure(terraform, ORDERS);
        terraform.apply().succeeds();
        let before = terraform.attributes("secret.orders");
        configure(terraform, &ORDERS.replace("team-orders", "team-shop"));
        terraform.apply().succeeds();
        let after = terraform.attributes("secret.orders");
        assert_eq!((&after["owner"], &after["version_id"]), (&json!("team-shop"), &before["version_id"]));
        terraform.has_no_changes();
    }

    /// A write-only value is sent again only when its version says so.
    fn a_write_only_value_follows_its_version(terraform) {
        let secret = |version: &str| format!(r#"
            variable "key" {{
              type      = string
              ephemeral = true
            }}
            resource "secret" "key" {{
              name             = "key"
              value_wo         = var.key
              value_wo_version = "{version}"
            }}
        "#);
        configure(terraform, &secret("1"));
        terraform.set("TF_VAR_key", "the-first-value").apply().succeeds();
        let first = terraform.attributes("secret.key");
        terraform.set("TF_VAR_key", "the-second-value").has_no_changes();
        configure(terraform, &secret("2"));
        terraform.apply().succeeds();
        let second = terraform.attributes("secret.key");
        assert_ne!(first["version_id"], second["version_id"]);
        assert_eq!(second["previous_version_id"], first["version_id"]);
        let identity = owner_identity(terraform);
        let version = second["version_id"].as_str().expect("a version").to_owned();
        let Some(opened) = decrypt(terraform, &identity, "key", &version) else { return };
        assert_eq!(opened.succeeds().stdout, "the-second-value");
    }

    /// A secret deleted by somebody else is planned again.
    fn a_secret_deleted_outside_is_created_again(terraform) {
        configure(terraform, ORDERS);
        terraform.apply().succeeds();
        std::fs::remove_dir_all(terraform.folder().join("store")).expect("the store is a folder");
        terraform.plan().exits_with(2).says("1 to add");
        terraform.apply_plan().succeeds();
        terraform.has_no_changes();
    }

    /// A rotation that is due makes a new value at the next apply; one that is not due makes no plan.
    fn a_due_rotation_changes_the_value_once(terraform) {
        let rotated = |schedule: &str| format!(r#"{ORDERS}
            resource "secret_rotation" "orders" {{
              secret_id         = secret.orders.id
              schedule          = "{schedule}"
              keep_previous_for = "24h"
            }}
        "#);
        configure(terraform, &rotated("30d"));
        terraform.apply().succeeds();
        let before = terraform.attributes("secret_rotation.orders")["version_id"].clone();
        terraform.has_no_changes();
        std::thread::sleep(std::time::Duration::from_millis(1100));
        configure(terraform, &rotated("1s"));
        terraform.apply().succeeds();
        let after = terraform.attributes("secret_rotation.orders")["version_id"].clone();
        assert_ne!(before, after);
        configure(terraform, &rotated("30d"));
        terraform.apply().succeeds();
        assert_eq!(terraform.attributes("secret_rotation.orders")["version_id"], after);
        terraform.has_no_changes();
    }

    /// A grant gives exactly one secret to exactly one identity, and takes it away again.
    fn a_grantee_reads_what_it_was_granted_and_nothing_else(terraform) {
        let Some((identity, recipient)) = another_identity(terraform, "reporting") else { return };
        let granted = format!(r#"
            resource "secret_grant" "reporting" {{
              secret_id = secret.orders.id
              principal = "{recipient}"
              access    = ["read"]
            }}
        "#);
        let other = r#"
            resource "secret" "other" {
              name     = "other"
              generate = { kind = "hex", length = 32 }
            }
        "#;
        configure(terraform, &format!("{ORDERS}{other}{granted}"));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        let version = |terraform: &mut Workspace, address: &str| {
            terraform.attributes(address)["version_id"].as_str().expect("a version").to_owned()
        };
        let (orders, unrelated) = (version(terraform, "secret.orders"), version(terraform, "secret.other"));
        let Some(opened) = decrypt(terraform, &identity, "prod/orders/db", &orders) else { return };
        opened.succeeds();
        let Some(refused) = decrypt(terraform, &identity, "other", &unrelated) else { return };
        refused.exits_with(1);
        configure(terraform, &format!("{ORDERS}{other}"));
        terraform.apply().succeeds();
        let Some(revoked) = decrypt(terraform, &identity, "prod/orders/db", &orders) else { return };
        revoked.exits_with(1);
        terraform.has_no_changes();
    }

    /// An existing secret is taken over by name, without a new value.
    fn an_existing_secret_is_imported(terraform) {
        configure(terraform, ORDERS);
        terraform.apply().succeeds();
        let before = terraform.attributes("secret.orders");
        terraform.run(&["state", "rm", "secret.orders"]).succeeds();
        terraform.run(&["import", "-no-color", "-input=false", "secret.orders", "prod/orders/db"]).succeeds();
        terraform.apply().succeeds();
        let after = terraform.attributes("secret.orders");
        assert_eq!((&after["version_id"], &after["arn"]), (&before["version_id"], &before["arn"]));
        terraform.has_no_changes();
    }

    /// Nothing of a configuration need be known when it is planned.
    fn unknown_arguments_are_planned(terraform) {
        configure(terraform, r#"
            resource "terraform_data" "later" {
              input = { name = "later", owner = "team-later", days = 14, length = 20, tag = "x", time = "2099-01-01T00:00:00Z" }
            }
            locals { later = terraform_data.later.output }
            resource "secret" "later" {
              name                 = local.later.name
              description          = local.later.owner
              owner                = local.later.owner
              tags                 = { later = local.later.tag }
              expires_at           = local.later.time
              recovery_window_days = local.later.days
              generate             = { kind = "password", length = local.later.length }
            }
            resource "secret_rotation" "later" {
              secret_id = secret.later.id
              schedule  = "${local.later.days}d"
            }
        "#);
        terraform.plan().exits_with(2);
        terraform.apply_plan().succeeds();
        assert_eq!(terraform.attributes("secret.later")["name"], "later");
        terraform.has_no_changes();
    }

    /// A destroyed secret can be restored within its window, with its value.
    fn a_destroyed_secret_is_restored_with_its_value(terraform) {
        configure(terraform, ORDERS);
        terraform.apply().succeeds();
        let before = terraform.attributes("secret.orders");
        terraform.destroy().succeeds();
        terraform.apply().exits_with(1).says("on_conflict");
        configure(terraform, &ORDERS.replace("owner ", "on_conflict = \"restore\"\n  owner "));
        terraform.apply().succeeds();
        assert_eq!(terraform.attributes("secret.orders")["version_id"], before["version_id"]);
        terraform.has_no_changes();
    }

    /// A value is read without ever being kept, and sent on to where it is needed.
    fn an_ephemeral_value_goes_from_one_secret_to_another(terraform) {
        configure(terraform, r#"
            resource "secret" "source" {
              name     = "source"
              generate = { kind = "hex", length = 32 }
            }
            ephemeral "secret" "source" {
              secret_id = secret.source.id
            }
            resource "secret" "copy" {
              name             = "copy"
              value_wo         = ephemeral.secret.source.value
              value_wo_version = secret.source.version_id
            }
        "#);
        terraform.apply().succeeds();
        let identity = owner_identity(terraform);
        let mut values = Vec::new();
        for (address, name) in [("secret.source", "source"), ("secret.copy", "copy")] {
            let version = terraform.attributes(address)["version_id"].as_str().expect("a version").to_owned();
            let Some(opened) = decrypt(terraform, &identity, name, &version) else { return };
            values.push(opened.succeeds().stdout);
        }
        assert_eq!(values[0], values[1]);
        terraform.has_no_changes();
    }

    /// The data sources tell everything but the value.
    fn metadata_is_read_without_the_value(terraform) {
        configure(terraform, &format!(r#"{ORDERS}
            data "secret" "orders" {{
              secret_id = secret.orders.id
            }}
            output "found" {{ value = data.secret.orders }}
        "#));
        terraform.apply().succeeds();
        let found = terraform.output("found");
        assert_eq!((&found["name"], &found["owner"]), (&json!("prod/orders/db"), &json!("team-orders")));
        assert!(found.get("value").is_none());
    }
}

/// As a user behind a firewall installs it: `init` from a mirror, versions checked, a lock file written.
#[test]
fn a_mirror_serves_the_provider() {
    for version in [Version::Floor, Version::Newest] {
        let Some(mut terraform) = Workspace::with(version, Providers::Mirrored) else { return };
        terraform.provide("secretlint/secret", &programs::provider());
        terraform.write("main.tf", format!("{HEADER}{ORDERS}"));
        terraform.init().succeeds();
        assert!(terraform.folder().join(".terraform.lock.hcl").is_file());
        terraform.apply().succeeds();
        terraform.has_no_changes();
        terraform.destroy().succeeds();
    }
}

/// Terraform 1.12 and later import by identity.
#[test]
fn an_existing_secret_is_imported_by_identity() {
    let Some(mut terraform) = Workspace::new(Version::Newest) else { return };
    configure(&mut terraform, ORDERS);
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", "secret.orders"]).succeeds();
    configure(
        &mut terraform,
        &format!(
            r#"{ORDERS}
            import {{
              to       = secret.orders
              identity = {{ name = "prod/orders/db" }}
            }}"#
        ),
    );
    terraform.apply().succeeds().says("1 imported");
    configure(&mut terraform, ORDERS);
    terraform.has_no_changes();
}

/// Every example of an object is applied as it stands, and destroyed. Those that need a database engine are applied by the suite `vault`.
#[test]
fn the_examples_of_objects_can_be_applied() {
    for kind in ["resources", "data-sources", "ephemeral-resources"] {
        let folder = programs::root().join("examples").join(kind);
        let mut examples: Vec<_> = std::fs::read_dir(&folder).expect("a folder").flatten().collect();
        examples.sort_by_key(std::fs::DirEntry::path);
        for example in examples {
            if programs::needs_a_database_engine(&example.path()) {
                continue;
            }
            let Some(mut terraform) = Workspace::new(Version::Newest) else { return };
            terraform
                .provide_secret()
                .copy(&programs::root().join("examples/provider"))
                .copy(&example.path());
            terraform.apply().succeeds();
            terraform.has_no_changes();
            terraform.destroy().succeeds();
        }
    }
}
