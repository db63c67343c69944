//! Several at once: two runs on one account, two stores and two regions in one configuration.

use secretlint_tests::on_newest_terraform;
use secretlint_tests::process::{Finished, Running};
use secretlint_tests::terraform::Workspace;
use serde_json::{Value, json};

use crate::scene::Scene;

/// Applies two folders at the same time.
fn both(terraform: &mut Workspace) -> Vec<Finished> {
    let words = ["apply", "-no-color", "-input=false", "-auto-approve"];
    let running: Vec<Running> = ["-chdir=left", "-chdir=right"]
        .iter()
        .map(|folder| {
            let arguments: Vec<&str> = std::iter::once(*folder).chain(words).collect();
            terraform.start(&arguments)
        })
        .collect();
    running.into_iter().map(Running::wait).collect()
}

on_newest_terraform! {
    /// Two configurations that want one name: one has it, the other is told so, and the value is the winner's.
    fn two_applies_on_one_secret_do_not_mix(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        for folder in ["left", "right"] {
            let resources = format!(r#"
                resource "secret" "one" {{
                  name     = "${{local.prefix}}/one"
                  owner    = "{folder}"
                  generate = {{ kind = "uuid", field = "key" }}
                }}
            "#);
            terraform.provide_secret().write(&format!("{folder}/main.tf"), format!("{}{resources}", scene.header("")));
        }
        let ended = both(terraform);
        let winners: Vec<usize> = (0..2).filter(|index| ended[*index].code == Some(0)).collect();
        assert_eq!(winners.len(), 1, "{}\n{}", ended[0], ended[1]);
        ended[1 - winners[0]].clone().exits_with(1).says("already exists");
        assert_eq!(scene.versions("one").len(), 1);
        assert_eq!(scene.tags("one")["owner"], ["left", "right"][winners[0]]);
    }

    /// Two configurations that grant on one secret at the same time: the policy has no check-and-set, and yet every grant is there.
    fn two_applies_that_grant_on_one_secret_do_not_lose_a_grant(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.api.does("secretsmanager", "create_secret", json!({"Name": scene.name("one"), "SecretString": "theirs"}));
        for folder in ["left", "right"] {
            let resources = format!(r#"
                resource "secret_grant" "one" {{
                  count     = 4
                  secret_id = "${{local.prefix}}/one"
                  principal = "arn:aws:iam::123456789012:role/{folder}${{count.index}}"
                  access    = ["read"]
                }}
            "#);
            terraform.provide_secret().write(&format!("{folder}/main.tf"), format!("{}{resources}", scene.header("")));
        }
        for ended in both(terraform) {
            ended.succeeds();
        }
        let statements = scene.statements("one");
        assert_eq!(statements.len(), 8, "{statements:?}");
        for folder in ["left", "right"] {
            terraform.run(&[&format!("-chdir={folder}"), "plan", "-no-color", "-detailed-exitcode"]).exits_with(0);
        }
    }

    /// One configuration, three stores: two regions of AWS and the embedded store, with one name in all of them.
    fn regions_and_stores_stand_beside_each_other(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, r#"
            provider "secret" {
              alias = "america"
              aws {
                region = "us-west-2"
              }
            }
            provider "secret" {
              alias = "here"
              local {
                path = "secrets"
              }
            }
            resource "secret" "europe" {
              name     = "${local.prefix}/one"
              owner    = "europe"
              generate = { kind = "uuid" }
            }
            resource "secret" "america" {
              provider = secret.america
              name     = "${local.prefix}/one"
              owner    = "america"
              generate = { kind = "uuid" }
            }
            ephemeral "secret" "europe" {
              secret_id = secret.europe.id
            }
            resource "secret" "here" {
              provider         = secret.here
              name             = "${local.prefix}/one"
              value_wo         = ephemeral.secret.europe.value
              value_wo_version = secret.europe.version_id
            }
        "#);
        terraform.apply().succeeds();
        terraform.has_no_changes();
        let there = scene.api.in_region("us-west-2");
        let read = |api: &secretlint_tests::servers::aws::Api| api.does("secretsmanager", "get_secret_value", json!({"SecretId": scene.name("one")}));
        let (europe, america) = (read(&scene.api), read(&there));
        assert_ne!(europe["SecretString"], america["SecretString"]);
        assert!(america["ARN"].as_str().is_some_and(|arn| arn.contains(":us-west-2:")), "{}", america["ARN"]);
        assert_ne!(terraform.attributes("secret.here")["version_id"], Value::Null);
        terraform.destroy().succeeds();
        assert!(there.does("secretsmanager", "describe_secret", json!({"SecretId": scene.name("one")}))["DeletedDate"].is_string());
    }
}
