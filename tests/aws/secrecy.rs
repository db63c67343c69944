//! The promise: the value is in no plan, state, log or error, and neither is the secret half of the access key.

use secretlint_tests::canary::{Canary, is_configuration};
use secretlint_tests::on_each_terraform;
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::aws::Credentials;

use crate::scene::Scene;

const SENTINEL: &str = r#"sentinel/<7f3a9c>&"b1"+d0%e5"#;
const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYsentinelKEY";

on_each_terraform! {
    /// A value that the user brings, and one that an ephemeral resource reads back, through a whole life at the most talkative level, with
    /// refusals that repeat the value, a rotation, grants and a killed provider on the way.
    fn a_value_is_nowhere(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.api.address());
        let credentials = Credentials::lasting("AKIAIOSFODNN7EXAMPLE", KEY);
        scene.work_as(terraform, &credentials);
        terraform.set("AWS_ENDPOINT_URL", proxy.address()).set("TF_VAR_key", SENTINEL);
        let configuration = |version: &str| format!(r#"
            variable "key" {{
              type      = string
              ephemeral = true
            }}
            resource "secret" "whole" {{
              name             = "${{local.prefix}}/whole"
              value_wo         = var.key
              value_wo_version = "{version}"
            }}
            resource "secret" "field" {{
              name              = "${{local.prefix}}/field"
              fields            = {{ username = "orders" }}
              fields_wo         = {{ password = var.key }}
              fields_wo_version = "{version}"
            }}
            ephemeral "secret" "field" {{
              secret_id = secret.field.id
            }}
            resource "secret" "copy" {{
              name             = "${{local.prefix}}/copy"
              value_wo         = ephemeral.secret.field.fields["password"]
              value_wo_version = secret.field.version_id
            }}
            resource "secret" "made" {{
              name     = "${{local.prefix}}/made"
              generate = {{ kind = "password", length = 32 }}
            }}
            resource "secret_rotation" "made" {{
              secret_id = secret.made.id
              schedule  = "30d"
              trigger   = "{version}"
            }}
            resource "secret_grant" "field" {{
              secret_id = secret.field.id
              principal = "{}"
              access    = ["read"]
            }}
        "#, "arn:aws:iam::123456789012:role/orders");
        terraform.trace();
        let mut made = Vec::new();
        for version in ["1", "2"] {
            scene.configure(terraform, &configuration(version));
            terraform.plan().exits_with(2);
            terraform.plan_json();
            terraform.apply_plan().succeeds();
            made.push(scene.text("made"));
        }
        terraform.state();
        assert_eq!(scene.text("copy"), SENTINEL, "it did arrive");
        assert_eq!(scene.fields("field")["password"], SENTINEL);

        // Errors on the way: AWS repeats what it refuses; AWS fails; nobody answers in its language; the provider is killed.
        let repeated = format!("Value '{SENTINEL}' at 'secretString' failed to satisfy constraint");
        for (version, status, code) in [("3", 400, "ValidationException"), ("4", 400, "InvalidParameterException"), ("5", 400, "AccessDeniedException")] {
            let message = if code == "AccessDeniedException" { "User is not authorized to perform: secretsmanager:PutSecretValue" } else { &repeated };
            proxy.add(When::request(" (PutSecretValue|UpdateSecret)$").refuses(status, code, message));
            scene.configure(terraform, &configuration(version));
            terraform.apply().exits_with(1);
            proxy.behave();
        }
        proxy.add(When::request(" (PutSecretValue|GetSecretValue)$").after(1).times(2).loses_the_answer());
        terraform.apply_killed_at(&proxy, " PutSecretValue$", 1);
        terraform.apply().succeeds();
        terraform.has_no_changes();
        made.push(scene.text("made"));
        terraform.destroy().succeeds();

        Canary::new(SENTINEL).is_absent_from(terraform.everything(), is_configuration);
        Canary::new(KEY).is_absent_from(terraform.everything(), |_| false);
        for value in made {
            Canary::new(&value).is_absent_from(terraform.everything(), |_| false);
        }
        let log = std::fs::metadata(terraform.everything().join("logs/terraform.log")).expect("a log");
        assert!(log.len() > 100_000, "it was talkative: {} bytes", log.len());
    }
}
