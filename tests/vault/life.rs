//! The life of a secret in KV: made, changed, rotated, looked at, imported, deleted; and what somebody else did to it.

use secretlint_tests::on_each_terraform;
use serde_json::{Value, json};

use crate::scene::Scene;

const ORDERS: &str = r#"
resource "secret" "orders" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  tags        = { service = "orders" }
  expires_at  = "2036-06-30T00:00:00Z"
  generate    = { kind = "password", length = 32, field = "password" }
  fields      = { username = "orders" }
}
"#;

on_each_terraform! {
    /// What the configuration says is in the server, readable by anybody who knows KV; a second apply has nothing to do.
    fn a_secret_is_made_as_configured(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, ORDERS);
        terraform.plan().exits_with(2);
        terraform.apply_plan().succeeds();
        let data = scene.data("prod/orders/db", None);
        assert_eq!((&data["username"], data["password"].as_str().map(str::len)), (&json!("orders"), Some(32)));
        let notes = scene.metadata("prod/orders/db")["custom_metadata"].clone();
        assert_eq!(notes["description"], "Orders service database login");
        assert_eq!((&notes["owner"], &notes["service"]), (&json!("team-orders"), &json!("orders")));
        assert_eq!(terraform.attributes("secret.orders")["version_id"], "1");
        terraform.has_no_changes();
        scene.configure(terraform, &ORDERS.replace("team-orders", "team-payments").replace("\"orders\" }\n  exp", "\"billing\" }\n  exp"));
        terraform.apply().succeeds();
        let notes = scene.metadata("prod/orders/db")["custom_metadata"].clone();
        assert_eq!((&notes["owner"], &notes["service"]), (&json!("team-payments"), &json!("billing")));
        assert_eq!(scene.data("prod/orders/db", None), data, "the value stays");
        terraform.has_no_changes();
        terraform.destroy().succeeds();
    }

    /// `max_versions` and `delete_version_after` are the server's own limits.
    fn limits_on_versions_are_the_servers_own(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, r#"
            resource "secret" "one" {
              name                 = "one"
              max_versions         = 3
              delete_version_after = "720h"
              generate             = { kind = "hex", length = 16 }
            }
        "#);
        terraform.apply().succeeds();
        let metadata = scene.metadata("one");
        assert_eq!((&metadata["max_versions"], &metadata["delete_version_after"]), (&json!(3), &json!("720h0m0s")));
        terraform.has_no_changes();
    }

    /// A rotation writes the next version; the one before stays for its grace. `bao kv get` sees both.
    fn a_rotation_is_the_next_version(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let configuration = |trigger: &str| format!(r#"
            {ORDERS}
            resource "secret_rotation" "orders" {{
              secret_id         = secret.orders.id
              schedule          = "30d"
              keep_previous_for = "24h"
              trigger           = "{trigger}"
            }}
        "#);
        scene.configure(terraform, &configuration("first"));
        terraform.apply().succeeds();
        let first = scene.data("prod/orders/db", None);
        scene.configure(terraform, &configuration("second"));
        terraform.apply().succeeds();
        let second = scene.data("prod/orders/db", None);
        assert_ne!(first["password"], second["password"]);
        assert_eq!(first["username"], second["username"]);
        assert_eq!(scene.data("prod/orders/db", Some(1)), first);
        let rotation = terraform.attributes("secret_rotation.orders");
        assert_eq!((&rotation["version_id"], &rotation["previous_version_id"]), (&json!("2"), &json!("1")));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        assert_eq!(scene.metadata("prod/orders/db")["current_version"], 2);
    }

    /// A merge: the keys that somebody else's rotator owns stay as they are.
    fn managed_keys_leave_the_others_alone(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.bao.write(&format!("{}/data/app", scene.mount), &json!({"data": {"password": "theirs", "host": "old"}}));
        let configuration = |host: &str| format!(r#"
            resource "secret" "app" {{
              name         = "app"
              on_conflict  = "adopt"
              fields       = {{ host = "{host}" }}
              managed_keys = ["host"]
            }}
        "#);
        scene.configure(terraform, &configuration("new"));
        terraform.apply().succeeds();
        assert_eq!(scene.data("app", None), json!({"password": "theirs", "host": "new"}));
        scene.bao.write(&format!("{}/data/app", scene.mount), &json!({"data": {"password": "rotated", "host": "new"}}));
        scene.configure(terraform, &configuration("newer"));
        terraform.apply().succeeds();
        assert_eq!(scene.data("app", None), json!({"password": "rotated", "host": "newer"}));
    }

    /// Soft-deleted by a destroy, restored with its value by `on_conflict = "restore"`; a purge leaves nothing.
    fn a_deleted_secret_can_be_restored_or_purged(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, ORDERS);
        terraform.apply().succeeds();
        let data = scene.data("prod/orders/db", None);
        terraform.destroy().succeeds();
        assert_eq!(scene.bao.request("GET", &format!("{}/data/prod/orders/db", scene.mount), None).status, 404);
        terraform.apply().exits_with(1).says("scheduled for deletion");
        scene.configure(terraform, &ORDERS.replace("  owner ", "  on_conflict = \"restore\"\n  owner "));
        terraform.apply().succeeds();
        assert_eq!(scene.data("prod/orders/db", None), data);
        scene.configure(terraform, &ORDERS.replace("  owner ", "  on_destroy = \"purge\"\n  owner "));
        terraform.apply().succeeds();
        terraform.destroy().succeeds();
        assert_eq!(scene.bao.request("GET", &format!("{}/metadata/prod/orders/db", scene.mount), None).status, 404);
    }

    /// Replaced outside: shown, kept. Deleted outside: planned again. Nothing of it reads a value.
    fn what_happens_outside_is_seen_without_reading_a_value(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, ORDERS);
        terraform.apply().succeeds();
        // A token that cannot read values is enough to plan.
        let policy = format!(
            "path \"{0}/metadata/*\" {{ capabilities = [\"read\", \"list\"] }}\npath \"{0}/data/*\" {{ capabilities = [\"deny\"] }}", scene.mount
        );
        let reader = scene.bao.fresh_token(&[&scene.bao.fresh_policy(&policy)]);
        terraform.set("VAULT_TOKEN", &reader);
        terraform.has_no_changes();
        scene.as_somebody(scene.bao.token(), &["kv", "put", &format!("-mount={}", scene.mount), "prod/orders/db", "password=other"]).succeeds();
        terraform.run(&["plan", "-no-color", "-refresh-only"]).succeeds().says("version_id");
        terraform.has_no_changes();
        assert_eq!(scene.data("prod/orders/db", None), json!({"password": "other"}));
        scene.as_somebody(scene.bao.token(), &["kv", "metadata", "delete", &format!("-mount={}", scene.mount), "prod/orders/db"]).succeeds();
        terraform.plan().exits_with(2);
        terraform.set("VAULT_TOKEN", scene.bao.token());
        terraform.apply().succeeds();
        assert_eq!(scene.metadata("prod/orders/db")["current_version"], 1);
    }

    /// By name, with the rule by which its value is made; the next plan has nothing to do. Public `fields` are not imported: they are
    /// part of the value, which an import does not read.
    fn an_existing_secret_is_imported(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, &ORDERS.replace("  fields      = { username = \"orders\" }\n", ""));
        terraform.apply().succeeds();
        terraform.run(&["state", "rm", "secret.orders"]).succeeds();
        terraform.run(&["import", "-no-color", "secret.orders", "prod/orders/db"]).succeeds();
        terraform.has_no_changes();
        terraform.run(&["import", "-no-color", "secret.orders", "prod/other"]).exits_with(1);
    }

    /// The inventory lists folders too; `secret_access` names who can read.
    fn the_inventory_and_the_readers_are_listed(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let role = scene.approle(&["default"]);
        scene.configure(terraform, &format!(r#"
            {ORDERS}
            resource "secret" "two" {{
              name     = "prod/two"
              generate = {{ kind = "uuid" }}
            }}
            resource "secret_grant" "orders" {{
              secret_id = secret.orders.id
              principal = "{}"
              access    = ["read"]
            }}
            data "secret_inventory" "all" {{
              depends_on = [secret.orders, secret.two]
            }}
            data "secret_access" "orders" {{
              secret_id  = secret.orders.id
              depends_on = [secret_grant.orders]
            }}
            output "names" {{ value = [for one in data.secret_inventory.all.secrets : one.name] }}
            output "readers" {{ value = [for one in data.secret_access.orders.accessors : one.principal if contains(one.access, "read")] }}
        "#, role.principal));
        terraform.apply().succeeds();
        assert_eq!(terraform.output("names"), json!(["prod/orders/db", "prod/two"]));
        let readers = terraform.output("readers");
        assert!(readers.as_array().is_some_and(|all| all.contains(&Value::from(role.principal.clone()))), "{readers}");
        terraform.has_no_changes();
    }
}
