//! Logging in by the provider block, and what a login that fails tells.

use secretlint_tests::canary::Canary;
use secretlint_tests::on_each_terraform;
use secretlint_tests::servers::fresh_name;
use serde_json::json;

use crate::scene::{Scene, header};

const SECRET: &str = r#"
resource "secret" "one" {
  name     = "one"
  generate = { kind = "hex", length = 16 }
}
"#;

/// What it takes to keep secrets on this mount.
fn keeper(scene: &Scene) -> String {
    let paths = format!(
        r#"path "{}/*" {{ capabilities = ["create", "read", "update", "delete", "list"] }}"#,
        scene.mount
    );
    scene.bao.fresh_policy(&paths)
}

on_each_terraform! {
    /// An AppRole whose password comes from a variable: it does the work, and the token it got is revoked at the end. Where it is refused, the
    /// error says which login, and not with what.
    fn a_machine_logs_in_by_approle(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let role = scene.approle(&[&keeper(&scene)]);
        let block = |secret_id: &str| format!(
            "mount = \"{}\"\n auth_approle {{\n mount = \"{}\"\n role_id = \"{}\"\n secret_id = {secret_id}\n }}", scene.mount, role.mount, role.role_id
        );
        // The login counts, not a token that happens to be there.
        terraform.provide_secret().set("VAULT_TOKEN", "s.somebodyelse").set("TF_VAR_secret_id", &role.secret_id);
        let variable = "variable \"secret_id\" {\n ephemeral = true\n}\n";
        terraform.write("main.tf", format!("{}{variable}{SECRET}", header(&block("var.secret_id"))));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        assert_eq!(scene.metadata("one")["current_version"], 1);
        let accessors = scene.bao.request("LIST", "auth/token/accessors", None).json["data"]["keys"].clone();
        for accessor in accessors.as_array().into_iter().flatten() {
            // Another test may have revoked its own since.
            let token = scene.bao.request("POST", "auth/token/lookup-accessor", Some(&json!({"accessor": accessor}))).json;
            assert_ne!(token["data"]["path"], json!(format!("auth/{}/login", role.mount)), "the token of the login is still there");
        }
        terraform.set("TF_VAR_secret_id", "a-wrong-password");
        terraform.plan().exits_with(1).says(&format!("the login by approle at `auth/{}/login` was refused", role.mount));
        Canary::new("a-wrong-password").is_absent_from(terraform.everything(), |_| false);
        Canary::new(&role.secret_id).is_absent_from(terraform.everything(), |_| false);
    }

    /// A person with a password; `BAO_ADDR` goes before `VAULT_ADDR`.
    fn a_person_logs_in_with_a_password(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let mount = scene.bao.fresh_auth_method("userpass");
        let user = fresh_name("alice");
        scene.bao.write(&format!("auth/{mount}/users/{user}"), &json!({"password": "hers alone", "token_policies": keeper(&scene)}));
        let block = |password: &str| format!(
            "mount = \"{}\"\n auth_userpass {{\n mount = \"{mount}\"\n username = \"{user}\"\n password = \"{password}\"\n }}", scene.mount
        );
        terraform.provide_secret().set("VAULT_ADDR", "http://127.0.0.1:9").set("BAO_ADDR", scene.bao.address());
        terraform.write("main.tf", format!("{}{SECRET}", header(&block("hers alone"))));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        assert_eq!(scene.metadata("one")["current_version"], 1);
        terraform.write("main.tf", format!("{}{SECRET}", header(&block("a guess"))));
        terraform.plan().exits_with(1).says(&format!("auth/{mount}/login/{user}` was refused"));
    }
}
