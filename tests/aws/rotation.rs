//! Rotation: by the provider, where `AWSPENDING`, `AWSCURRENT` and `AWSPREVIOUS` move, and by AWS with a Lambda function.

use secretlint_tests::servers::aws::Permission;
use secretlint_tests::{on_each_terraform, on_newest_terraform};
use serde_json::{Value, json};

use crate::scene::Scene;

const KEY: &str = r#"
resource "secret" "key" {
  name     = "${local.prefix}/key"
  generate = { kind = "hex", length = 16 }
}
"#;

fn native(function: &str, arguments: &str) -> String {
    format!(
        r#"
        {KEY}
        resource "secret_rotation" "key" {{
          secret_id           = secret.key.id
          rotation_lambda_arn = "{function}"
          {arguments}
        }}
        "#
    )
}

fn rules(scene: &Scene) -> Value {
    scene.describe("key")["RotationRules"].clone()
}

on_each_terraform! {
    /// The provider rotates: another version is current, the one before stays under AWSPREVIOUS. boto3 sees both.
    fn the_provider_rotates_and_keeps_the_previous_value(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let configuration = |trigger: &str| format!(r#"
            {KEY}
            resource "secret_rotation" "key" {{
              secret_id         = secret.key.id
              schedule          = "30d"
              keep_previous_for = "24h"
              trigger           = "{trigger}"
            }}
        "#);
        scene.configure(terraform, &configuration("first"));
        terraform.apply().succeeds();
        let first = scene.text("key");
        terraform.has_no_changes();
        scene.configure(terraform, &configuration("second"));
        terraform.apply().succeeds();
        let second = scene.text("key");
        assert_ne!(first, second);
        assert_eq!(scene.read("key", "AWSPREVIOUS")["SecretString"], first.as_str());
        let stages = scene.describe("key")["VersionIdsToStages"].clone();
        assert_eq!(stages.as_object().map(serde_json::Map::len), Some(2), "nothing is pending: {stages}");
        let rotation = terraform.attributes("secret_rotation.key");
        let version = rotation["version_id"].as_str().expect("a version");
        assert_eq!(stages[version], json!(["AWSCURRENT"]));
        assert_eq!(stages[rotation["previous_version_id"].as_str().expect("a version")], json!(["AWSPREVIOUS"]));
        assert!(rotation["previous_expires_at"].is_string());
        terraform.apply().succeeds();
        terraform.has_no_changes();
        assert_eq!(scene.versions("key").len(), 2);
        // AWS itself rotates nothing.
        assert_ne!(scene.describe("key")["RotationEnabled"], true);
    }

    /// A rotation that broke off between pending and current is finished by the next apply, with the same version.
    fn a_rotation_that_broke_off_is_resumed(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = secretlint_tests::proxy::Proxy::to(scene.api.address());
        scene.speak_to(terraform, proxy.address());
        let configuration = |trigger: &str| format!(r#"
            {KEY}
            resource "secret_rotation" "key" {{
              secret_id = secret.key.id
              schedule  = "30d"
              trigger   = "{trigger}"
            }}
        "#);
        scene.configure_with(terraform, "max_retries = 0", &configuration("first"));
        terraform.apply().succeeds();
        let first = scene.text("key");
        proxy.add(secretlint_tests::proxy::When::request("UpdateSecretVersionStage").resets());
        scene.configure_with(terraform, "max_retries = 0", &configuration("second"));
        terraform.apply().exits_with(1);
        assert_eq!(scene.text("key"), first);
        let pending = scene.read("key", "AWSPENDING")["SecretString"].clone();
        proxy.behave();
        terraform.apply().succeeds();
        assert_eq!(scene.text("key"), pending.as_str().expect("a text"));
        assert_eq!(scene.versions("key").len(), 2);
        terraform.has_no_changes();
    }
}

on_newest_terraform! {
    /// AWS rotates by a Lambda: schedule and window are AWS's own settings, and change in place from days to an expression and back.
    fn aws_rotates_by_a_lambda_on_its_own_schedule(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let function = scene.api.fresh_function(Permission::Granted);
        scene.configure(terraform, &native(&function, "schedule = \"30d\"\nrotate_immediately = false"));
        terraform.apply().succeeds();
        let secret = scene.describe("key");
        assert_eq!((&secret["RotationEnabled"], &secret["RotationLambdaARN"]), (&json!(true), &json!(function)));
        assert_eq!((&rules(&scene)["AutomaticallyAfterDays"], &rules(&scene)["ScheduleExpression"]), (&json!(30), &Value::Null));
        assert_eq!(scene.versions("key").len(), 1, "it was not rotated at once");
        terraform.has_no_changes();
        for (schedule, window, rule) in [
            ("cron(0 4 ? * SUN *)", "window = \"3h\"", json!({"ScheduleExpression": "cron(0 4 ? * SUN *)", "Duration": "3h"})),
            ("cron(0 4 1 * ? *)", "", json!({"ScheduleExpression": "cron(0 4 1 * ? *)"})),
            ("10d", "", json!({"AutomaticallyAfterDays": 10})),
            ("rate(8 hours)", "window = \"2h\"", json!({"ScheduleExpression": "rate(8 hours)", "Duration": "2h"})),
        ] {
            scene.configure(terraform, &native(&function, &format!("schedule = \"{schedule}\"\n{window}\nrotate_immediately = false")));
            let plan = terraform.plan().exits_with(2);
            assert!(!plan.stdout.contains("must be replaced"), "{plan}");
            terraform.apply_plan().succeeds();
            for member in ["ScheduleExpression", "Duration"] {
                assert_eq!(rules(&scene)[member], rule[member], "{schedule}");
            }
            if rule["ScheduleExpression"].is_null() {
                assert_eq!(rules(&scene)["AutomaticallyAfterDays"], rule["AutomaticallyAfterDays"]);
            }
            terraform.has_no_changes();
        }
        scene.configure(terraform, &native(&function, "schedule = \"7d\"\nrotate_immediately = false"));
        terraform.apply().succeeds();
        assert_eq!((&rules(&scene)["AutomaticallyAfterDays"], &rules(&scene)["ScheduleExpression"]), (&json!(7), &Value::Null));
        assert_eq!(scene.versions("key").len(), 1, "no change of the schedule rotated it");
        terraform.has_no_changes();
    }

    /// It begins with a rotation unless told not to; AWS's later ones are no drift; a destroy cancels it and keeps the secret.
    fn what_aws_rotates_is_no_drift_and_a_destroy_cancels_it(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let function = scene.api.fresh_function(Permission::Granted);
        scene.configure(terraform, &native(&function, "schedule = \"rate(10 days)\""));
        terraform.apply().succeeds();
        assert_eq!(scene.versions("key").len(), 2, "it was rotated at once");
        terraform.apply().succeeds();
        terraform.has_no_changes();
        scene.api.does("secretsmanager", "rotate_secret", json!({"SecretId": scene.name("key"), "ClientRequestToken": "9f1c1f3e-0000-4000-8000-000000000001"}));
        let rotated = scene.text("key");
        terraform.has_no_changes();
        terraform.apply().succeeds();
        assert_eq!(scene.text("key"), rotated);
        assert_eq!(terraform.attributes("secret_rotation.key")["version_id"], "9f1c1f3e-0000-4000-8000-000000000001");
        scene.configure(terraform, KEY);
        terraform.apply().succeeds();
        assert_ne!(scene.describe("key")["RotationEnabled"], true);
        assert_eq!(scene.text("key"), rotated);
        terraform.has_no_changes();
    }

    /// Somebody ends the rotation, or gives it another schedule: the plan says so, and an apply sets it right.
    fn a_rotation_that_somebody_ended_or_changed_comes_back(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let function = scene.api.fresh_function(Permission::Granted);
        scene.configure(terraform, &native(&function, "schedule = \"rate(10 days)\"\nrotate_immediately = false"));
        terraform.apply().succeeds();
        let request = json!({"SecretId": scene.name("key"), "RotationRules": {"ScheduleExpression": "rate(20 days)"}, "RotateImmediately": false});
        scene.api.does("secretsmanager", "rotate_secret", request);
        terraform.plan().exits_with(2).says("\"20d\" -> \"rate(10 days)\"");
        terraform.apply().succeeds();
        assert_eq!(rules(&scene)["AutomaticallyAfterDays"], 10);
        scene.api.does("secretsmanager", "cancel_rotate_secret", json!({"SecretId": scene.name("key")}));
        terraform.plan().exits_with(2);
        terraform.apply().succeeds();
        assert_eq!(scene.describe("key")["RotationEnabled"], true);
        terraform.has_no_changes();
    }

    /// A rotation function that broke off leaves AWSPENDING on a version of its own, and AWS begins no other: the error says what to do.
    /// (A plan warns when it has been so for longer than a function can run, which a test cannot wait for.)
    fn a_stuck_rotation_is_said_to_be_stuck(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let function = scene.api.fresh_function(Permission::Granted);
        scene.configure(terraform, &native(&function, "schedule = \"rate(10 days)\"\nrotate_immediately = false"));
        terraform.apply().succeeds();
        let stuck = json!({"SecretId": scene.name("key"), "SecretString": "half done", "VersionStages": ["AWSPENDING"]});
        scene.api.does("secretsmanager", "put_secret_value", stuck);
        scene.configure(terraform, &native(&function, "schedule = \"rate(20 days)\"\nrotate_immediately = false"));
        terraform.apply().exits_with(1).says("AWSPENDING");
        let pending = scene.versions("key").into_iter().find(|version| scene.describe("key")["VersionIdsToStages"][version] == json!(["AWSPENDING"]));
        let label = json!({"SecretId": scene.name("key"), "VersionStage": "AWSPENDING", "RemoveFromVersionId": pending.expect("a version")});
        scene.api.does("secretsmanager", "update_secret_version_stage", label);
        terraform.apply().succeeds();
        assert_eq!(rules(&scene)["AutomaticallyAfterDays"], 20);
        terraform.has_no_changes();
    }

    /// A function that AWS may not invoke: said at the function, and the secret is as it was.
    fn a_lambda_without_permission_is_said_at_its_argument(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let silent = scene.api.fresh_function(Permission::Missing);
        scene.configure(terraform, &native(&silent, "schedule = \"rate(10 days)\""));
        terraform.apply().exits_with(1).says("rotation_lambda_arn").says("lambda:InvokeFunction");
        assert_ne!(scene.describe("key")["RotationEnabled"], true);
        assert_eq!(scene.versions("key").len(), 1);
        let away = "arn:aws:lambda:us-west-2:123456789012:function:rotate";
        scene.configure(terraform, &native(away, "schedule = \"rate(10 days)\""));
        terraform.plan().exits_with(1).says("rotation_lambda_arn").says("us-west-2");
    }
}
