//! The server's own clients as oracle: what was granted can be read, and nothing else.

use secretlint_tests::on_each_terraform;

use crate::scene::Scene;

on_each_terraform! {
    /// `bao kv get` as the granted role reads exactly its secret; a revoke ends that and leaves the role's other policies alone.
    fn a_granted_role_reads_its_secret_and_no_other(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let theirs = scene.bao.fresh_policy("path \"sys/tools/random\" { capabilities = [\"update\"] }");
        let role = scene.approle(&["default", &theirs]);
        let secrets = r#"
            resource "secret" "orders" {
              name     = "prod/orders"
              generate = { kind = "hex", length = 16, field = "key" }
            }
            resource "secret" "beside" {
              for_each = toset(["prod/orders-2", "prod/orders/inner", "prod/other"])
              name     = each.key
              generate = { kind = "hex", length = 16, field = "key" }
            }
        "#;
        scene.configure(terraform, &format!(r#"
            {secrets}
            resource "secret_grant" "orders" {{
              secret_id = secret.orders.id
              principal = "{}"
              access    = ["read"]
            }}
        "#, role.principal));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        let token = role.login(scene.bao);
        let mount = format!("-mount={}", scene.mount);
        let get = |name: &str| scene.as_somebody(&token, &["kv", "get", "-field=key", &mount, name]);
        let stored = scene.data("prod/orders", None)["key"].clone();
        assert_eq!(get("prod/orders").succeeds().stdout.trim(), stored.as_str().expect("a text"));
        for other in ["prod/orders-2", "prod/orders/inner", "prod/other"] {
            get(other).exits_with(2).says("permission denied");
        }
        scene.as_somebody(&token, &["kv", "list", &mount, "prod"]).exits_with(2).says("permission denied");
        scene.as_somebody(&token, &["kv", "put", &mount, "prod/orders", "key=x"]).exits_with(2).says("permission denied");
        assert_eq!(scene.policies().len(), 1);

        scene.configure(terraform, secrets);
        terraform.apply().succeeds();
        let token = role.login(scene.bao);
        scene.as_somebody(&token, &["kv", "get", &mount, "prod/orders"]).exits_with(2).says("Code: 403");
        assert_eq!(role.policies(scene.bao), ["default", theirs.as_str()]);
        assert_eq!(scene.policies(), Vec::<String>::new());
    }

    /// `bao agent` logs in by AppRole and writes the value into a file.
    fn the_agent_renders_what_was_granted(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let role = scene.approle(&["default"]);
        scene.configure(terraform, &format!(r#"
            resource "secret" "orders" {{
              name     = "prod/orders"
              generate = {{ kind = "password", length = 24, field = "password" }}
              fields   = {{ username = "orders" }}
            }}
            resource "secret_grant" "orders" {{
              secret_id = secret.orders.id
              principal = "{}"
              access    = ["read"]
            }}
        "#, role.principal));
        terraform.apply().succeeds();
        let folder = terraform.folder();
        terraform.write("role-id", &role.role_id);
        terraform.write("secret-id", &role.secret_id);
        let path = |name: &str| folder.join(name).display().to_string();
        terraform.write("agent.hcl", format!(r#"
            exit_after_auth = true
            vault {{ address = "{address}" }}
            auto_auth {{
              method "approle" {{
                mount_path = "auth/{auth}"
                config = {{ role_id_file_path = "{role_id}", secret_id_file_path = "{secret_id}", remove_secret_id_file_after_reading = false }}
              }}
            }}
            template {{
              contents    = "{{{{ with secret \"{mount}/data/prod/orders\" }}}}{{{{ .Data.data.username }}}}:{{{{ .Data.data.password }}}}{{{{ end }}}}"
              destination = "{rendered}"
            }}
        "#, address = scene.bao.address(), auth = role.mount, role_id = path("role-id"), secret_id = path("secret-id"),
            mount = scene.mount, rendered = path("rendered")));
        scene.as_somebody("", &["agent", &format!("-config={}", path("agent.hcl"))]).succeeds();
        let rendered = std::fs::read_to_string(folder.join("rendered")).expect("the agent wrote it");
        let stored = scene.data("prod/orders", None);
        assert_eq!(rendered, format!("orders:{}", stored["password"].as_str().expect("a text")));
    }

    /// Break-glass: the end is kept, warned of, and enforced by the next apply.
    fn a_grant_that_has_ended_is_revoked_by_the_next_apply(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let role = scene.approle(&["default"]);
        let secret = r#"
            resource "secret" "orders" {
              name     = "prod/orders"
              generate = { kind = "uuid", field = "key" }
            }
        "#;
        scene.configure(terraform, secret);
        terraform.apply().succeeds();
        let end = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(25);
        scene.configure(terraform, &format!(r#"
            {secret}
            resource "secret_grant" "incident" {{
              secret_id  = secret.orders.id
              principal  = "{}"
              access     = ["read"]
              expires_at = "{end}"
              reason     = "incident 7"
            }}
        "#, role.principal));
        let run = terraform.apply().succeeds();
        assert!(run.stdout.contains("Warning"), "that the server does not end it by itself is said\n{run}");
        let policy = scene.policies().pop().expect("a policy");
        let text = scene.bao.read(&format!("sys/policies/acl/{policy}"))["data"]["policy"].to_string();
        assert!(text.contains("incident 7") && text.contains(&end.strftime("%Y-%m-%dT%H:%M").to_string()), "{text}");
        while jiff::Timestamp::now() <= end {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        terraform.plan().exits_with(2).says("incident");
        terraform.apply();
        assert_eq!(scene.policies(), Vec::<String>::new());
        assert_eq!(role.policies(scene.bao), ["default"]);
    }
}
