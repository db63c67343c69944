//! Grants to those who are not a role: an entity, a group.

use secretlint_tests::on_each_terraform;
use secretlint_tests::servers::fresh_name;
use serde_json::json;

use crate::scene::Scene;

on_each_terraform! {
    /// A person reads what her entity and her group were granted, from the login that she has, and no more after the end; the policies they had stay.
    fn an_entity_and_a_group_read_what_they_are_granted(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let bao = scene.bao;
        let mount = bao.fresh_auth_method("userpass");
        bao.write(&format!("auth/{mount}/users/alice"), &json!({"password": "hers alone"}));
        let (entity, group) = (fresh_name("alice"), fresh_name("team"));
        let made = bao.write("identity/entity", &json!({"name": entity, "policies": ["others"]}));
        let id = made["data"]["id"].clone();
        let accessor = bao.read("sys/auth")["data"][format!("{mount}/")]["accessor"].clone();
        bao.write("identity/entity-alias", &json!({"name": "alice", "canonical_id": id, "mount_accessor": accessor}));
        bao.write("identity/group", &json!({"name": group, "type": "internal", "member_entity_ids": [id], "policies": ["others"]}));
        let login = bao.write(&format!("auth/{mount}/login/alice"), &json!({"password": "hers alone"}));
        let token = login["auth"]["client_token"].as_str().expect("a login gives a token").to_owned();
        let reads = |name: &str| {
            scene.as_somebody(&token, &["kv", "get", &format!("-mount={}", scene.mount), name]).code == Some(0)
        };

        let secrets = r#"
            resource "secret" "hers" {
              name     = "hers"
              generate = { kind = "uuid" }
            }
            resource "secret" "theirs" {
              name     = "theirs"
              generate = { kind = "uuid" }
            }
        "#;
        let grant = |secret: &str, principal: &str| format!(
            "resource \"secret_grant\" \"{secret}\" {{\n secret_id = secret.{secret}.id\n principal = \"{principal}\"\n access = [\"read\"]\n}}\n"
        );
        let (hers, theirs) = (grant("hers", &format!("entity:{entity}")), grant("theirs", &format!("group:{group}")));
        scene.configure(terraform, &format!("{secrets}{hers}"));
        terraform.apply().succeeds();
        assert!(reads("hers") && !reads("theirs"));
        scene.configure(terraform, &format!("{secrets}{hers}{theirs}"));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        assert!(reads("hers") && reads("theirs"));
        terraform.destroy().succeeds();
        assert!(!reads("hers") && !reads("theirs"));
        for path in [format!("identity/entity/name/{entity}"), format!("identity/group/name/{group}")] {
            assert_eq!(bao.read(&path)["data"]["policies"], json!(["others"]), "{path}");
        }
        assert!(scene.policies().is_empty());
    }
}
