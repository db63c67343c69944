//! Wrong input and wrong surroundings: the error names the argument, says what to do, comes as early as it can, and nothing is lost.

use secretlint_tests::on_newest_terraform;
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::terraform::Workspace;
use serde_json::json;

use crate::scene::Scene;

const ONE: &str = r#"
resource "secret" "one" {
  name     = "${local.prefix}/one"
  generate = { kind = "uuid" }
}
"#;

/// `ONE` with another argument.
fn with(argument: &str) -> String {
    ONE.replace("  generate", &format!("  {argument}\n  generate"))
}

/// Expects that the plan refuses `argument`, whose line Terraform shows, with these words; and that nothing was made.
#[track_caller]
fn refused_at_plan(scene: &Scene, terraform: &mut Workspace, argument: &str, expected: &[&str]) {
    scene.configure(terraform, &with(argument));
    let mut plan = terraform.plan().exits_with(1).says(argument);
    for text in expected {
        plan = plan.says(text);
    }
    assert!(!scene.exists("one"));
}

on_newest_terraform! {
    /// Metadata that breaks a limit of AWS is refused at plan, each at its own argument.
    fn what_breaks_a_limit_of_aws_is_refused_at_plan(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let long = "x".repeat(2049);
        refused_at_plan(&scene, terraform, &format!("description = \"{long}\""), &["2049"]);
        refused_at_plan(&scene, terraform, r#"tags = { "aws:team" = "orders" }"#, &["aws:"]);
        refused_at_plan(&scene, terraform, r#"tags = { owner = "me" }"#, &["`owner`"]);
        refused_at_plan(&scene, terraform, r#"tags = { "secretlint:creation" = "x" }"#, &["secretlint:"]);
        refused_at_plan(&scene, terraform, &format!("tags = {{ service = \"{}\" }}", "x".repeat(257)), &["256"]);
        refused_at_plan(&scene, terraform, "tags = { for number in range(51) : \"tag${number}\" => \"x\" }", &["50"]);
        refused_at_plan(&scene, terraform, "recovery_window_days = 5", &["7", "30"]);
        refused_at_plan(&scene, terraform, "recovery_window_days = 31", &["7", "30"]);
        refused_at_plan(&scene, terraform, r#"replicas = [{ region = "eu-central-1" }]"#, &["eu-central-1"]);
        refused_at_plan(&scene, terraform, r#"replicas = [{ region = "us-west-2" }, { region = "us-west-2" }]"#, &["us-west-2"]);
    }

    /// A name that AWS has no place for, or that a partial ARN would confuse with another.
    fn a_name_that_aws_does_not_take_is_refused_at_plan(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        for (name, expected) in [("${local.prefix}/one two", "`one two`"), ("${local.prefix}/one!", "!"), ("${local.prefix}-abcdef", "-abcdef")] {
            let line = format!("name     = \"{name}\"");
            scene.configure(terraform, &ONE.replace(r#"name     = "${local.prefix}/one""#, &line));
            let plan = terraform.plan().exits_with(1).says(&line);
            assert!(plan.unwrapped().contains(expected) || plan.unwrapped().contains("a-z"), "{plan}");
        }
        // Who has such a name already, keeps it.
        let name = format!("{}-abcdef", scene.prefix);
        scene.api.does("secretsmanager", "create_secret", json!({"Name": name, "SecretString": "theirs"}));
        scene.configure(terraform, "resource \"secret\" \"one\" {\n name = \"${local.prefix}-abcdef\"\n on_conflict = \"adopt\"\n}\n");
        terraform.apply().succeeds();
        terraform.has_no_changes();
    }

    /// A key that is disabled, not there, or in another region.
    fn a_key_that_cannot_be_used_is_refused_at_plan(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let key = scene.api.fresh_key();
        scene.api.disable_key(&key);
        refused_at_plan(&scene, terraform, &format!("kms_key = \"{key}\""), &["isabled"]);
        refused_at_plan(&scene, terraform, r#"kms_key = "alias/not-there""#, &["alias/not-there"]);
        refused_at_plan(&scene, terraform, r#"kms_key = "arn:aws:kms:us-west-2:123456789012:key/1b2c3d4e-0000-4000-8000-000000000000""#, &["us-west-2"]);
    }

    /// A value that is too large is not sent; the limit is said and the value is not.
    fn a_value_that_is_too_large_is_refused_without_showing_it(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let configuration = |bytes: usize| format!(r#"
            resource "secret" "one" {{
              name             = "${{local.prefix}}/one"
              value_wo         = replace(format("%0{bytes}d", 0), "0", "k")
              value_wo_version = "{bytes}"
            }}
        "#);
        scene.configure(terraform, &configuration(65_537));
        let run = terraform.apply().exits_with(1).says("65536");
        assert!(!format!("{run}").contains("kkkkkkkk"), "{run}");
        assert!(!scene.exists("one"));
        scene.configure(terraform, &configuration(65_536));
        terraform.apply().succeeds();
        assert_eq!(scene.text("one").len(), 65_536);
    }

    /// The secret has 20 labels: AWS takes no other, and the value that is read stays the old one.
    fn the_twenty_first_label_is_refused_and_the_value_stays(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let configuration = |trigger: &str| format!(r#"
            {ONE}
            resource "secret_rotation" "one" {{
              secret_id = secret.one.id
              schedule  = "30d"
              trigger   = "{trigger}"
            }}
        "#);
        scene.configure(terraform, &configuration("first"));
        terraform.apply().succeeds();
        let value = scene.text("one");
        let version = scene.versions("one").pop().expect("a version");
        let label = |number: usize, place: &str| {
            let request = json!({"SecretId": scene.name("one"), "VersionStage": format!("label{number}"), place: version});
            scene.api.does("secretsmanager", "update_secret_version_stage", request);
        };
        (1..20).for_each(|number| label(number, "MoveToVersionId"));
        scene.configure(terraform, &configuration("second"));
        terraform.apply().exits_with(1).says("20").says("label");
        assert_eq!(scene.text("one"), value);
        (1..3).for_each(|number| label(number, "RemoveFromVersionId"));
        terraform.apply().succeeds();
        assert_ne!(scene.text("one"), value);
        terraform.has_no_changes();
    }

    /// A policy that would become too long is counted before it is sent; what is there stays.
    fn a_policy_over_the_limit_is_refused_before_it_is_sent(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.api.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, ONE);
        terraform.apply().succeeds();
        let theirs: Vec<_> = (0..100).map(|number| json!({
            "Sid": format!("Theirs{number}"), "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "secretsmanager:StopReplicationToReplica", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        })).collect();
        let mut theirs = json!({"Version": "2012-10-17", "Statement": theirs});
        while theirs.to_string().len() > 20_400 {
            theirs["Statement"].as_array_mut().expect("a list").pop();
        }
        scene.api.does("secretsmanager", "put_resource_policy", json!({"SecretId": scene.name("one"), "ResourcePolicy": theirs.to_string()}));
        scene.configure(terraform, &format!(r#"
            {ONE}
            resource "secret_grant" "one" {{
              secret_id = secret.one.id
              principal = "{}"
              access    = ["read"]
            }}
        "#, scene.api.fresh_role(None)));
        proxy.forget();
        terraform.apply().exits_with(1).says("20480").says("identity_policy");
        assert_eq!(proxy.count("PutResourcePolicy"), 0);
        assert_eq!(json!(scene.statements("one")), theirs["Statement"]);
    }

    /// Credentials that have expired, are wrong or missing, and a region that nobody named.
    fn who_to_be_and_where_is_said_when_it_is_missing(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.api.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, ONE);
        for (code, expected) in [
            ("ExpiredTokenException", "expired"),
            ("UnrecognizedClientException", "access key"),
            ("InvalidSignatureException", "secret half"),
        ] {
            proxy.add(When::request("^POST /").answers(400, json!({"__type": code, "message": "no"})));
            terraform.apply().exits_with(1).says(expected);
            proxy.behave();
        }
        terraform.unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY");
        terraform.apply().exits_with(1).says("AWS_ACCESS_KEY_ID");
        scene.speak_to(terraform, proxy.address());
        terraform.unset("AWS_REGION");
        terraform.plan().exits_with(1).says("region").says("AWS_REGION");
        scene.configure_with(terraform, r#"region = "Frankfurt""#, ONE);
        terraform.plan().exits_with(1).says(r#"region = "Frankfurt""#);
        scene.configure_with(terraform, r#"region = "eu-central-1""#, ONE);
        terraform.apply().succeeds();
    }

    /// What the provider block says is checked before anything is sent, each at its own argument.
    fn a_wrong_setting_of_the_provider_is_said_at_its_argument(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        for (setting, expected) in [
            (r#"endpoint_url = "localhost:5000""#, "http"),
            (r#"max_retries = -1"#, "max_retries"),
            (r#"default_tags = { "aws:team" = "x" }"#, "aws:"),
            (r#"default_tags = { owner = "x" }"#, "owner"),
        ] {
            scene.configure_with(terraform, setting, ONE);
            terraform.plan().exits_with(1).says(setting).says(expected);
        }
        scene.configure_with(terraform, "assume_role {\n role_arn = \"arn:aws:iam::123456789012:user/me\"\n}", ONE);
        terraform.plan().exits_with(1).says("user/me");
        terraform.set("AWS_PROFILE", "nobody").unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY");
        scene.configure(terraform, ONE);
        terraform.plan();
        terraform.apply().exits_with(1).says("profile");
    }

    /// An address of another account's secret is not in this store, wherever it is written.
    fn another_accounts_address_is_refused(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, r#"
            resource "secret_grant" "one" {
              secret_id = "arn:aws:secretsmanager:eu-central-1:999999999999:secret:prod/one-AbCdEf"
              principal = "arn:aws:iam::123456789012:role/reader"
              access    = ["read"]
            }
        "#);
        terraform.plan().exits_with(1).says("secret_id");
    }

    /// Schedules that AWS does not keep: refused at validate, or at plan where it takes the store to know, each with what to write.
    fn a_schedule_that_aws_does_not_keep_is_refused_at_plan(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        for (argument, expected) in [
            (r#"schedule = "rate(3 hours)""#, "4"),
            (r#"schedule = "rate(1001 days)""#, "99"),
            (r#"schedule = "cron(30 4 * * ? *)""#, "0"),
            (r#"schedule = "cron(0 4 * * ? 2030)""#, "year"),
            (r#"schedule = "cron(0 */2 * * ? *)""#, "4"),
            (r#"schedule = "0 4 * * *""#, "cron("),
            (r#"schedule = "rate(10 weeks)""#, "days"),
        ] {
            scene.configure(terraform, &format!(r#"
                {ONE}
                resource "secret_rotation" "one" {{
                  secret_id           = secret.one.id
                  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate"
                  {argument}
                }}
            "#));
            terraform.plan().exits_with(1).says(argument).says(expected);
        }
        scene.configure(terraform, &format!(r#"
            {ONE}
            resource "secret_rotation" "one" {{
              secret_id           = secret.one.id
              rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate"
              managed             = true
              schedule            = "rate(10 days)"
            }}
        "#));
        terraform.plan().exits_with(1).says("managed").says("rotation_lambda_arn");
        assert!(!scene.exists("one"));
    }
}
