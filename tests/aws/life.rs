//! The life of a secret in one region: made, changed, looked at, imported, deleted; and what somebody else did to it.

use secretlint_tests::{on_each_terraform, on_newest_terraform};
use serde_json::json;

use crate::scene::Scene;

const ORDERS: &str = r#"
resource "secret" "orders" {
  name                 = "${local.prefix}/orders"
  description          = "Orders service database login"
  owner                = "team-orders"
  tags                 = { service = "orders" }
  expires_at           = "2036-06-30T00:00:00Z"
  recovery_window_days = 7
  generate             = { kind = "password", length = 32, field = "password" }
  fields               = { engine = "postgres", host = "db.internal", port = "5432", dbname = "orders", username = "orders" }
}
"#;

on_each_terraform! {
    /// What the configuration says is in AWS, readable by anybody's boto3, in the shape that RDS and the rotation functions know; a
    /// second apply has nothing to do.
    fn a_secret_is_made_as_configured(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, ORDERS);
        terraform.plan().exits_with(2);
        terraform.apply_plan().succeeds();
        let fields = scene.fields("orders");
        assert_eq!(fields["password"].as_str().map(str::len), Some(32));
        for (member, value) in [("engine", "postgres"), ("host", "db.internal"), ("port", "5432"), ("dbname", "orders"), ("username", "orders")] {
            assert_eq!(fields[member], value, "{member}");
        }
        let secret = scene.describe("orders");
        assert_eq!(secret["Description"], "Orders service database login");
        assert_eq!(scene.tags("orders"), json!({"service": "orders", "owner": "team-orders", "expires_at": "2036-06-30T00:00:00Z"}));
        let state = terraform.attributes("secret.orders");
        assert_eq!(state["arn"], secret["ARN"]);
        assert_eq!(secret["VersionIdsToStages"], json!({state["version_id"].as_str().expect("a version"): ["AWSCURRENT"]}));
        terraform.has_no_changes();

        scene.configure(terraform, &ORDERS.replace("team-orders", "team-payments").replace("{ service = \"orders\" }", "{ service = \"billing\", stage = \"prod\" }"));
        terraform.apply().succeeds();
        assert_eq!(
            scene.tags("orders"),
            json!({"service": "billing", "stage": "prod", "owner": "team-payments", "expires_at": "2036-06-30T00:00:00Z"})
        );
        assert_eq!(scene.fields("orders"), fields, "the value stays");
        terraform.has_no_changes();

        scene.configure(terraform, &ORDERS.replace("db.internal", "db2.internal"));
        terraform.apply().succeeds();
        let changed = scene.fields("orders");
        assert_eq!((&changed["host"], &changed["password"]), (&json!("db2.internal"), &fields["password"]));
        assert_eq!(scene.versions("orders").len(), 2);
        terraform.has_no_changes();
        terraform.destroy().succeeds();
        assert!(scene.describe("orders")["DeletedDate"].is_string());
    }

    /// By name, by ARN and, where Terraform has it, by an identity block. Public `fields` are not imported: they are part of the value,
    /// which an import does not read.
    fn an_existing_secret_is_imported(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let resource = r#"
            resource "secret" "orders" {
              name     = "${local.prefix}/orders"
              owner    = "team-orders"
              generate = { kind = "uuid" }
            }
        "#;
        scene.configure(terraform, resource);
        terraform.apply().succeeds();
        let value = scene.text("orders");
        let arn = scene.describe("orders")["ARN"].as_str().expect("an ARN").to_owned();
        for id in [scene.name("orders"), arn.clone()] {
            terraform.run(&["state", "rm", "secret.orders"]).succeeds();
            terraform.run(&["import", "-no-color", "secret.orders", &id]).succeeds();
            assert_eq!(terraform.attributes("secret.orders")["name"], scene.name("orders"));
            terraform.has_no_changes();
        }
        terraform.run(&["state", "rm", "secret.orders"]).succeeds();
        terraform.run(&["import", "-no-color", "secret.orders", &scene.name("other")]).exits_with(1);
        let elsewhere = arn.replace("123456789012", "999999999999");
        terraform.run(&["import", "-no-color", "secret.orders", &elsewhere]).exits_with(1).says("999999999999");
        let elsewhere = arn.replace("eu-central-1", "us-west-2");
        terraform.run(&["import", "-no-color", "secret.orders", &elsewhere]).exits_with(1).says("us-west-2");

        if terraform.version() == secretlint_tests::terraform::Version::Newest {
            let block = format!("import {{\n  to = secret.orders\n  identity = {{ name = \"{}\" }}\n}}\n", scene.name("orders"));
            scene.configure(terraform, &format!("{resource}{block}"));
            terraform.apply().succeeds();
            let state = terraform.state();
            let identity = &state["values"]["root_module"]["resources"][0]["identity"];
            assert_eq!((&identity["name"], &identity["arn"]), (&json!(scene.name("orders")), &json!(arn)), "{identity}");
            assert_eq!((&identity["account_id"], &identity["region"]), (&json!("123456789012"), &json!("eu-central-1")));
            terraform.has_no_changes();
        }
        assert_eq!(scene.text("orders"), value);
    }

    /// Replaced outside: shown, kept. Deleted outside: planned again.
    fn what_happens_outside_is_seen(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, &ORDERS.replace("  owner ", "  on_conflict = \"restore\"\n  owner "));
        terraform.apply().succeeds();
        let id = json!(scene.name("orders"));
        scene.api.does("secretsmanager", "put_secret_value", json!({"SecretId": id, "SecretString": "{\"password\": \"other\"}"}));
        terraform.run(&["plan", "-no-color", "-refresh-only"]).succeeds().says("version_id");
        terraform.has_no_changes();
        assert_eq!(scene.fields("orders"), json!({"password": "other"}));

        scene.api.does("secretsmanager", "tag_resource", json!({"SecretId": id, "Tags": [{"Key": "service", "Value": "other"}]}));
        scene.api.does("secretsmanager", "update_secret", json!({"SecretId": id, "Description": "other"}));
        terraform.plan().exits_with(2).says("service").says("description");
        terraform.apply().succeeds();
        assert_eq!(scene.tags("orders")["service"], "orders");
        assert_eq!(scene.describe("orders")["Description"], "Orders service database login");

        scene.api.does("secretsmanager", "delete_secret", json!({"SecretId": id}));
        terraform.plan().exits_with(2).says("will be created");
        terraform.apply().succeeds();
        assert_eq!(scene.fields("orders")["password"], "other", "it was restored");
        terraform.has_no_changes();
    }
}

on_newest_terraform! {
    /// Scheduled for deletion by a destroy, for the days that the configuration says; a purge leaves nothing.
    fn a_destroyed_secret_waits_for_its_deletion_or_is_gone(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, ORDERS);
        terraform.apply().succeeds();
        let value = scene.text("orders");
        terraform.destroy().succeeds();
        assert!(scene.exists("orders") && scene.describe("orders")["DeletedDate"].is_string());
        terraform.apply().exits_with(1).says("scheduled for deletion").says("restore");
        scene.configure(terraform, &ORDERS.replace("  owner ", "  on_conflict = \"restore\"\n  owner "));
        terraform.apply().succeeds();
        assert_eq!(scene.text("orders"), value);
        terraform.has_no_changes();
        scene.configure(terraform, &ORDERS.replace("_days = 7", "_days = 0"));
        terraform.apply().succeeds();
        terraform.destroy().succeeds();
        assert!(!scene.exists("orders"), "0 days: at once");
        scene.configure(terraform, &ORDERS.replace("  owner ", "  on_destroy = \"purge\"\n  owner "));
        terraform.apply().succeeds();
        assert_ne!(scene.text("orders"), value);
        terraform.destroy().succeeds();
        assert!(!scene.exists("orders"));
    }

    /// A stranger's secret of the same name is left alone; adopted, it keeps its value.
    fn an_existing_secret_is_not_taken_over_unless_the_configuration_says_so(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.api.does("secretsmanager", "create_secret", json!({"Name": scene.name("orders"), "SecretString": "{\"password\": \"theirs\"}"}));
        scene.configure(terraform, ORDERS);
        terraform.apply().exits_with(1).says("already exists").says("import");
        assert_eq!(scene.fields("orders"), json!({"password": "theirs"}));
        assert_eq!(scene.describe("orders")["Tags"], json!(null));
        let adopting = ORDERS.replace("  owner ", "  on_conflict = \"adopt\"\n  managed_keys = [\"engine\", \"host\", \"port\", \"dbname\", \"username\"]\n  owner ");
        scene.configure(terraform, &adopting);
        terraform.apply().succeeds();
        let fields = scene.fields("orders");
        assert_eq!((&fields["password"], &fields["host"]), (&json!("theirs"), &json!("db.internal")));
        assert_eq!(scene.tags("orders")["owner"], "team-orders");
        terraform.has_no_changes();
    }

    /// Only the metadata is Terraform's; the value is somebody else's, who may bring it later.
    fn a_secret_without_a_value_waits_for_somebody_elses(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, r#"
            resource "secret" "shell" {
              name  = "${local.prefix}/shell"
              owner = "team-orders"
            }
        "#);
        terraform.apply().succeeds();
        assert_eq!(scene.versions("shell"), Vec::<String>::new());
        terraform.has_no_changes();
        scene.api.does("secretsmanager", "put_secret_value", json!({"SecretId": scene.name("shell"), "SecretString": "theirs"}));
        terraform.has_no_changes();
        terraform.apply().succeeds();
        assert_eq!(scene.text("shell"), "theirs");
        assert_eq!(terraform.attributes("secret.shell")["version_id"], scene.versions("shell")[0]);
    }

    /// Bytes that are no text are copied as they are, and are no `value`.
    fn a_binary_value_is_read_as_it_is(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.api.does("secretsmanager", "create_secret", json!({"Name": scene.name("binary"), "SecretBinary": "AP+A/g=="}));
        scene.configure(terraform, r#"
            resource "secret" "binary" {
              name        = "${local.prefix}/binary"
              on_conflict = "adopt"
            }
            ephemeral "secret" "binary" {
              secret_id = secret.binary.id
            }
            resource "secret" "copy" {
              name             = "${local.prefix}/copy"
              value_wo         = "${ephemeral.secret.binary.value == null ? "no text" : "text"} ${ephemeral.secret.binary.value_base64}"
              value_wo_version = secret.binary.version_id
            }
        "#);
        terraform.apply().succeeds();
        assert_eq!(scene.text("copy"), "no text AP+A/g==");
        assert_eq!(scene.read("binary", "AWSCURRENT")["SecretBinary"], "AP+A/g==");
        terraform.has_no_changes();
    }

    /// A label of somebody's own is kept, read by, and no drift.
    fn a_version_is_read_by_any_label(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let configuration = |version: &str| format!(r#"
            resource "secret" "one" {{
              name             = "${{local.prefix}}/one"
              value_wo         = "value {version}"
              value_wo_version = "{version}"
            }}
        "#);
        scene.configure(terraform, &configuration("1"));
        terraform.apply().succeeds();
        let first = scene.versions("one").pop().expect("a version");
        scene.api.does("secretsmanager", "update_secret_version_stage", json!({"SecretId": scene.name("one"), "VersionStage": "blue", "MoveToVersionId": first}));
        terraform.has_no_changes();
        scene.configure(terraform, &configuration("2"));
        terraform.apply().succeeds();
        assert_eq!(scene.text("one"), "value 2");
        assert_eq!(scene.read("one", "blue")["SecretString"], "value 1");
        assert_eq!(scene.read("one", "AWSPREVIOUS")["SecretString"], "value 1");
        let reading = ["version_label = \"blue\"", "version_label = \"previous\"", ""].iter().enumerate().map(|(index, version)| format!(r#"
            ephemeral "secret" "read{index}" {{
              secret_id = secret.one.id
              {version}
            }}
            resource "secret" "copy{index}" {{
              name             = "${{local.prefix}}/copy{index}"
              value_wo         = ephemeral.secret.read{index}.value
              value_wo_version = secret.one.version_id
            }}
        "#));
        let reading: String = reading.collect();
        scene.configure(terraform, &format!("{}{reading}", configuration("2")));
        terraform.apply().succeeds();
        assert_eq!([0, 1, 2].map(|index| scene.text(&format!("copy{index}"))), ["value 1", "value 1", "value 2"]);
        terraform.has_no_changes();
    }

    /// A merge: the keys that somebody else's rotator owns stay as they are.
    fn managed_keys_leave_the_others_alone(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let put = |text: &str| scene.api.does("secretsmanager", "put_secret_value", json!({"SecretId": scene.name("app"), "SecretString": text}));
        scene.api.does("secretsmanager", "create_secret", json!({"Name": scene.name("app")}));
        put(r#"{"password": "theirs", "host": "old"}"#);
        let configuration = |host: &str| format!(r#"
            resource "secret" "app" {{
              name         = "${{local.prefix}}/app"
              on_conflict  = "adopt"
              fields       = {{ host = "{host}" }}
              managed_keys = ["host"]
            }}
        "#);
        scene.configure(terraform, &configuration("new"));
        terraform.apply().succeeds();
        assert_eq!(scene.fields("app"), json!({"password": "theirs", "host": "new"}));
        put(r#"{"password": "rotated", "host": "new"}"#);
        scene.configure(terraform, &configuration("newer"));
        terraform.apply().succeeds();
        assert_eq!(scene.fields("app"), json!({"password": "rotated", "host": "newer"}));
        terraform.has_no_changes();
    }

    /// The inventory lists what begins with a prefix, and the metadata of one secret is read without its value.
    fn the_inventory_is_listed(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, &format!(r#"
            {ORDERS}
            resource "secret" "two" {{
              name     = "${{local.prefix}}/two"
              generate = {{ kind = "uuid" }}
            }}
            data "secret_inventory" "all" {{
              name_prefix = "${{local.prefix}}/"
              depends_on  = [secret.orders, secret.two]
            }}
            data "secret" "orders" {{
              secret_id = secret.orders.id
            }}
            output "names" {{ value = data.secret_inventory.all.secrets[*].name }}
            output "owner" {{ value = data.secret.orders.owner }}
        "#));
        terraform.apply().succeeds();
        assert_eq!(terraform.output("names"), json!([scene.name("orders"), scene.name("two")]));
        assert_eq!(terraform.output("owner"), "team-orders");
        terraform.has_no_changes();
    }
}
