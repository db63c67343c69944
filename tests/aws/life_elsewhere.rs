//! What else belongs to a secret of AWS: tags of the provider block, copies in other regions, keys of the customer's.

use secretlint_tests::on_newest_terraform;
use serde_json::{Value, json};

use crate::scene::Scene;

/// The regions of the copies and their keys, as AWS has them.
fn replicas(scene: &Scene) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let replicas = scene.describe("one")["ReplicationStatus"].as_array().cloned().unwrap_or_default();
    let mut replicas: Vec<_> =
        replicas.iter().map(|one| (text(&one["Region"]), text(&one["KmsKeyId"]))).collect();
    replicas.sort();
    replicas
}

fn regions(scene: &Scene) -> Vec<String> {
    replicas(scene).into_iter().map(|(region, _)| region).collect()
}

fn one(arguments: &str) -> String {
    format!(
        r#"
        resource "secret" "one" {{
          name     = "${{local.prefix}}/one"
          generate = {{ kind = "uuid" }}
          {arguments}
        }}
        "#
    )
}

on_newest_terraform! {
    /// Every secret has the tags of the provider block; its own win, and a change of either is one change.
    fn default_tags_are_on_every_secret(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let defaults = r#"default_tags = { team = "orders", stage = "prod" }"#;
        scene.configure_with(terraform, defaults, &one(r#"tags = { stage = "test" }"#));
        terraform.apply().succeeds();
        assert_eq!(scene.tags("one"), json!({"team": "orders", "stage": "test"}));
        let state = terraform.attributes("secret.one");
        assert_eq!(state["tags"], json!({"stage": "test"}));
        assert_eq!(state["tags_all"], json!({"team": "orders", "stage": "test"}));
        terraform.has_no_changes();
        scene.configure_with(terraform, r#"default_tags = { team = "payments" }"#, &one(""));
        terraform.plan().exits_with(2).says("tags_all");
        terraform.apply_plan().succeeds();
        assert_eq!(scene.tags("one"), json!({"team": "payments"}));
        terraform.has_no_changes();
        // Somebody takes one away: it comes back.
        scene.api.does("secretsmanager", "untag_resource", json!({"SecretId": scene.name("one"), "TagKeys": ["team"]}));
        terraform.plan().exits_with(2);
        terraform.apply().succeeds();
        assert_eq!(scene.tags("one"), json!({"team": "payments"}));
        terraform.has_no_changes();
    }

    /// Copies are added, given another key and removed without a new secret or version; a destroy removes them first.
    fn replicas_come_and_go_in_place(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, &one(r#"replicas = [{ region = "us-west-2" }]"#));
        terraform.apply().succeeds();
        assert_eq!(regions(&scene), ["us-west-2"]);
        terraform.has_no_changes();
        let arn = terraform.attributes("secret.one")["arn"].clone();

        scene.configure(terraform, &one(r#"replicas = [{ region = "us-west-2" }, { region = "eu-west-1" }]"#));
        terraform.apply().succeeds();
        assert_eq!(regions(&scene), ["eu-west-1", "us-west-2"]);
        terraform.has_no_changes();

        let key = scene.api.in_region("us-west-2").fresh_key();
        scene.configure(terraform, &one(&format!(r#"replicas = [{{ region = "us-west-2", kms_key = "{key}" }}, {{ region = "eu-west-1" }}]"#)));
        terraform.plan().exits_with(2);
        terraform.apply_plan().succeeds();
        assert!(replicas(&scene).contains(&("us-west-2".to_owned(), key.clone())), "{:?}", replicas(&scene));
        terraform.has_no_changes();

        scene.configure(terraform, &one(r#"replicas = [{ region = "eu-west-1" }]"#));
        terraform.apply().succeeds();
        assert_eq!(regions(&scene), ["eu-west-1"]);
        terraform.has_no_changes();
        assert_eq!(terraform.attributes("secret.one")["arn"], arn, "it was never replaced");
        assert_eq!(scene.versions("one").len(), 1);

        terraform.destroy().succeeds();
        assert!(scene.describe("one")["DeletedDate"].is_string());
        let copy = scene.api.in_region("eu-west-1").call("secretsmanager", "describe_secret", json!({"SecretId": scene.name("one")}));
        assert!(copy.is_err(), "the copy is gone: {copy:?}");
    }

    /// Copies that somebody removed are seen and come back.
    fn a_replica_that_somebody_removed_comes_back(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, &one(r#"replicas = [{ region = "us-west-2" }]"#));
        terraform.apply().succeeds();
        scene.api.does("secretsmanager", "remove_regions_from_replication", json!({"SecretId": scene.name("one"), "RemoveReplicaRegions": ["us-west-2"]}));
        terraform.plan().exits_with(2).says("replicas");
        terraform.apply().succeeds();
        assert_eq!(regions(&scene), ["us-west-2"]);
        terraform.has_no_changes();
    }

    /// A key by its ARN or id, changed in place, and taken away again: AWS's own key is none.
    fn the_key_changes_in_place(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let (first, second) = (scene.api.fresh_key(), scene.api.fresh_key());
        let id = second.rsplit_once('/').expect("a key's ARN").1.to_owned();
        for key in [first, id] {
            scene.configure(terraform, &one(&format!("kms_key = \"{key}\"")));
            terraform.apply().succeeds();
            assert_eq!(scene.describe("one")["KmsKeyId"], key);
            terraform.has_no_changes();
        }
        scene.configure(terraform, &one(""));
        terraform.apply().succeeds();
        let left = scene.describe("one")["KmsKeyId"].clone();
        assert!(left.is_null() || left == "alias/aws/secretsmanager", "{left}");
        terraform.has_no_changes();
        assert_eq!(scene.versions("one").len(), 1);
    }
}
