//! Wrong input and wrong surroundings: the error says what, where and what to do, and nothing is lost.

use secretlint_tests::certificates::Authority;
use secretlint_tests::on_each_terraform;
use secretlint_tests::servers::openbao::OpenBao;

use crate::scene::{Scene, header};

const ONE: &str = r#"
resource "secret" "one" {
  name     = "one"
  generate = { kind = "uuid" }
}
"#;

on_each_terraform! {
    /// A token that lacks a right: the capability and the path are named.
    fn a_missing_capability_is_named_with_its_path(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let policy = format!("path \"{}/metadata/*\" {{ capabilities = [\"read\"] }}", scene.mount);
        let token = scene.bao.fresh_token(&[&scene.bao.fresh_policy(&policy)]);
        scene.configure(terraform, ONE);
        terraform.set("VAULT_TOKEN", token);
        let path = format!("{}/metadata/one", scene.mount);
        terraform.apply().exits_with(1).says("create").says(&path);
    }

    /// A token that has ended is not called a missing right.
    fn a_token_that_has_ended_is_said_to_have_ended(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, ONE);
        let token = scene.bao.fresh_token(&["root"]);
        scene.bao.api().with_token(&token).request("POST", "auth/token/revoke-self", None);
        terraform.set("VAULT_TOKEN", token);
        terraform.apply().exits_with(1).says("token");
    }

    /// A namespace, a mount, an engine that are not there or are something else.
    fn a_wrong_place_is_said_to_be_wrong(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        scene.configure(terraform, ONE);
        terraform.set("VAULT_NAMESPACE", "nowhere");
        terraform.apply().exits_with(1).says("namespace");
        terraform.set("VAULT_NAMESPACE", "");
        let engine = scene.bao.fresh_engine("transit");
        terraform.write("main.tf", format!("{}{ONE}", header("mount = \"nowhere\"")));
        terraform.apply().exits_with(1).says("The store block of the provider has a wrong `mount`: `nowhere` is not mounted");
        // What no later mount mends is told by the plan.
        terraform.write("main.tf", format!("{}{ONE}", header(&format!("mount = \"{engine}\""))));
        terraform.plan().exits_with(1).says("of type `transit`, not `kv`");
        terraform.write("main.tf", format!("{}{ONE}", header("")));
        terraform.plan().exits_with(1).says("there are several KV engines");
        scene.configure(terraform, &ONE.replace("\"one\"\n", "\"one/\"\n"));
        terraform.plan().exits_with(1).says("empty segment");
        // The mount may be written with its slash.
        terraform.write("main.tf", format!("{}{ONE}", header(&format!("mount = \"{}/\"", scene.mount))));
        terraform.apply().succeeds();
    }

    /// What KV has no place for is refused at plan, at its attribute.
    fn what_kv_cannot_do_is_refused_at_plan(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        for (argument, expected) in [
            ("kms_key = \"alias/x\"", "kms_key"),
            ("replicas = [{ region = \"eu-central-1\" }]", "replicas"),
            ("tags = { owner = \"me\" }", "owner"),
        ] {
            scene.configure(terraform, &ONE.replace("generate", &format!("{argument}\n  generate")));
            terraform.plan().exits_with(1).says(expected);
        }
    }

    /// A server whose certificate nobody vouches for.
    fn a_wrong_authority_is_said_and_the_right_one_works(terraform) {
        let Some(bao) = OpenBao::production() else { return };
        bao.write("sys/mounts/kv", &serde_json::json!({"type": "kv", "options": {"version": "2"}}));
        terraform.set("VAULT_ADDR", bao.address()).set("VAULT_TOKEN", bao.token());
        terraform.provide_secret().write("main.tf", format!("{}{ONE}", header("mount = \"kv\"")));
        terraform.apply().exits_with(1).says("ca_cert_file");
        let folder = terraform.folder().join("other");
        std::fs::create_dir_all(&folder).expect("the folder is writable");
        Authority::create(&folder);
        terraform.set("VAULT_CACERT", folder.join("ca.pem"));
        terraform.apply().exits_with(1).says("ca_cert_file");
        terraform.set("VAULT_CACERT", bao.ca_file().expect("a file"));
        terraform.apply().succeeds();
        terraform.has_no_changes();
    }
}
