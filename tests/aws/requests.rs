//! What the provider asks AWS: few requests, no value in a plan, no right that an operation does not need.

use secretlint_tests::on_newest_terraform;
use secretlint_tests::proxy::Proxy;
use serde_json::json;

use crate::scene::Scene;

const MANY: &str = r#"
resource "secret" "many" {
  count    = 25
  name     = "${local.prefix}/many/${count.index}"
  owner    = "team"
  generate = { kind = "password", length = 32 }
}
"#;

on_newest_terraform! {
    /// A plan without change asks at most twice for each secret, and reads no value.
    fn a_plan_without_change_asks_at_most_twice_for_each_secret(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.api.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, MANY);
        terraform.apply().succeeds();
        assert_eq!(proxy.count("CreateSecret"), 25, "made with one call each");
        assert_eq!(proxy.count("PutSecretValue"), 0, "the value goes with it");
        assert_eq!(proxy.count("GetSecretValue"), 0);
        proxy.forget();
        terraform.has_no_changes();
        let asked = proxy.requests().len();
        assert!((25..=50).contains(&asked), "{asked} requests for 25 secrets: {:?}", proxy.requests());
        assert_eq!(proxy.count("GetSecretValue"), 0, "a plan reads no value");
        assert_eq!(proxy.count("DescribeSecret") + proxy.count("ListSecretVersionIds"), asked, "{:?}", proxy.requests());
    }

    /// An identity that may describe, and read no value, is enough to plan and to see that nothing has changed.
    fn a_plan_needs_no_right_to_read_values(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let configuration = |length: u8| format!(r#"
            resource "secret" "orders" {{
              name     = "${{local.prefix}}/orders"
              generate = {{ kind = "hex", length = {length}, field = "key" }}
              fields   = {{ username = "orders" }}
            }}
            resource "secret_rotation" "orders" {{
              secret_id = secret.orders.id
              schedule  = "30d"
            }}
        "#);
        scene.configure(terraform, &configuration(16));
        terraform.apply().succeeds();
        let describe = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"], "Resource": "*",
        }]});
        let (_, credentials) = scene.api.fresh_user(Some(&describe));
        scene.work_as(terraform, &credentials);
        terraform.has_no_changes();
        scene.configure(terraform, &configuration(32));
        terraform.plan();
        let denied = scene.api.with(&credentials).call("secretsmanager", "get_secret_value", json!({"SecretId": scene.name("orders")}));
        assert_eq!(denied.expect_err("no value").code, "AccessDeniedException");
    }

    /// Nothing at all may be done: said with the operation that is missing and the secret.
    fn a_missing_right_is_named(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let (_, nobody) = scene.api.fresh_user(None);
        scene.work_as(terraform, &nobody);
        scene.configure(terraform, r#"
            resource "secret" "orders" {
              name     = "${local.prefix}/orders"
              generate = { kind = "uuid" }
            }
        "#);
        terraform.apply().exits_with(1).says("Not allowed to create").says(&scene.name("orders")).says("secretsmanager:CreateSecret");
        scene.work_as(terraform, scene.api.credentials());
        terraform.apply().succeeds();
        scene.work_as(terraform, &nobody);
        terraform.plan().exits_with(1).says("secretsmanager:DescribeSecret");
        scene.work_as(terraform, scene.api.credentials());
        terraform.destroy().succeeds();
    }
}
