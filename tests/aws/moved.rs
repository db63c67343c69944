//! Moving from hashicorp/aws: a `moved` block takes a secret over without a replacement, and the plaintext leaves the state.

use secretlint_tests::canary::Canary;
use secretlint_tests::{on_each_terraform, programs};
use serde_json::{Value, json};

use crate::scene::Scene;

const SENTINEL: &str = "sentinel-7f3a9c-in-the-old-state";

/// A state as hashicorp/aws 6 writes it: the secret, and its version with the value in plain text.
fn state_of_hashicorp(scene: &Scene, arn: &str, version: &str) -> String {
    let instance = |attributes: Value| json!([{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}]);
    let provider = r#"provider["registry.terraform.io/hashicorp/aws"]"#;
    let resource = |kind: &str, attributes: Value| json!({"mode": "managed", "type": kind, "name": "orders", "provider": provider, "instances": instance(attributes)});
    let secret = json!({
        "arn": arn, "id": arn, "name": scene.name("orders"), "name_prefix": "", "description": "Orders service database login", "kms_key_id": "",
        "policy": "", "recovery_window_in_days": 7, "force_overwrite_replica_secret": false, "replica": [],
        "tags": {"service": "orders"}, "tags_all": {"service": "orders"},
    });
    let version = json!({
        "arn": arn, "id": format!("{arn}|{version}"), "secret_id": arn, "secret_string": SENTINEL, "secret_string_wo": null,
        "secret_string_wo_version": null, "secret_binary": "", "version_id": version, "version_stages": ["AWSCURRENT"], "has_secret_string_wo": null,
    });
    let resources = [
        resource("aws_secretsmanager_secret", secret),
        resource("aws_secretsmanager_secret_version", version),
    ];
    json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "5b0c7ab0-0000-4000-8000-000000000000", "outputs": {}, "resources": resources,
    })
    .to_string()
}

fn existing(scene: &Scene) -> (String, String) {
    let made = scene.api.does("secretsmanager", "create_secret", json!({
        "Name": scene.name("orders"), "SecretString": SENTINEL, "Description": "Orders service database login", "Tags": [{"Key": "service", "Value": "orders"}],
    }));
    let text = |name: &str| made[name].as_str().expect("what was made has a name").to_owned();
    (text("ARN"), text("VersionId"))
}

const MOVED: &str = r#"
resource "secret" "orders" {
  name                 = "${local.prefix}/orders"
  description          = "Orders service database login"
  tags                 = { service = "orders" }
  recovery_window_days = 7
}
"#;

on_each_terraform! {
    /// The secret moves, its version is forgotten: no replacement, no write, the value as it was, and not in the state any more.
    fn a_secret_of_hashicorp_moves_without_a_replacement_and_without_its_plaintext(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let (arn, version) = existing(&scene);
        terraform.provide("hashicorp/aws", &programs::replay_provider());
        terraform.write("terraform.tfstate", state_of_hashicorp(&scene, &arn, &version));
        scene.configure(terraform, &format!(r#"
            {MOVED}
            moved {{
              from = aws_secretsmanager_secret.orders
              to   = secret.orders
            }}
            removed {{
              from = aws_secretsmanager_secret_version.orders
              lifecycle {{
                destroy = false
              }}
            }}
        "#));
        let plan = terraform.plan();
        assert!(plan.stdout.contains("0 to add") && plan.stdout.contains("0 to destroy"), "{plan}");
        terraform.apply_plan().succeeds();
        assert_eq!(scene.describe("orders")["ARN"], arn);
        assert_eq!((scene.text("orders").as_str(), scene.versions("orders")), (SENTINEL, vec![version.clone()]));
        let state = std::fs::read(terraform.folder().join("terraform.tfstate")).expect("a state");
        assert_eq!(Canary::new(SENTINEL).search("state", &state), []);
        assert_eq!(terraform.attributes("secret.orders")["version_id"], version);
        // What Terraform itself keeps of the old state is for the user to delete, as the guide says: nothing else has it.
        let kept = |path: &std::path::Path| path.ends_with("terraform.tfstate.backup") || path.ends_with("plan.bin");
        let leaks = Canary::new(SENTINEL).search_folder(&terraform.folder(), kept);
        assert_eq!(leaks, []);
        terraform.has_no_changes();
        // It is a secret like any other from here on.
        scene.configure(terraform, &MOVED.replace("  tags ", "  owner = \"team-orders\"\n  tags "));
        terraform.apply().succeeds();
        assert_eq!((scene.tags("orders")["owner"].as_str(), scene.text("orders").as_str()), (Some("team-orders"), SENTINEL));
    }

    /// The version alone moves, where its secret was never Terraform's.
    fn a_version_of_hashicorp_moves_without_its_plaintext(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let (arn, version) = existing(&scene);
        terraform.provide("hashicorp/aws", &programs::replay_provider());
        let mut state: Value = serde_json::from_str(&state_of_hashicorp(&scene, &arn, &version)).expect("JSON");
        state["resources"].as_array_mut().expect("a list").remove(0);
        terraform.write("terraform.tfstate", state.to_string());
        scene.configure(terraform, &format!("{MOVED}moved {{\n  from = aws_secretsmanager_secret_version.orders\n  to = secret.orders\n}}\n"));
        let plan = terraform.plan();
        assert!(!plan.stdout.contains("must be replaced") && !plan.stdout.contains("will be created"), "{plan}");
        terraform.apply_plan().succeeds();
        let state = std::fs::read(terraform.folder().join("terraform.tfstate")).expect("a state");
        assert_eq!(Canary::new(SENTINEL).search("state", &state), []);
        assert_eq!((scene.text("orders").as_str(), scene.versions("orders")), (SENTINEL, vec![version]));
        terraform.has_no_changes();
    }
}
