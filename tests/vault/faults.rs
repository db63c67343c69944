//! The server fails, limits, loses answers, or the provider is killed: applied again, everything converges and nothing is twice.

use secretlint_tests::on_each_terraform;
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::openbao::OpenBao;
use serde_json::json;

use crate::scene::{Scene, header};

const MANY: &str = r#"
resource "secret" "many" {
  count    = 12
  name     = "many/${count.index}"
  generate = { kind = "password", length = 32 }
}
"#;

fn grant(principal: &str) -> String {
    format!(
        r#"
        resource "secret_grant" "many" {{
          count     = 12
          secret_id = secret.many[count.index].id
          principal = "{principal}"
          access    = ["read"]
        }}
        "#
    )
}

/// Every secret once, in its first version.
fn each_was_written_once(scene: &Scene) {
    assert_eq!(scene.count("many"), 12);
    for index in 0..12 {
        let metadata = scene.metadata(&format!("many/{index}"));
        assert_eq!(metadata["current_version"], 1, "many/{index}: {metadata}");
    }
}

on_each_terraform! {
    /// The write went through, the answer was lost: the secret is there once, in one version.
    fn a_lost_answer_makes_no_second_version(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.bao.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, MANY);
        for pattern in ["/data/many/3$", "/metadata/many/5$", "/data/many/7$"] {
            proxy.add(When::request(&format!("^(POST|PUT) .*{pattern}")).times(2).loses_the_answer());
        }
        terraform.apply();
        proxy.behave();
        terraform.apply().succeeds();
        terraform.has_no_changes();
        each_was_written_once(&scene);
    }

    /// Killed at several moments: the next apply goes on from there, with no orphan and no second version.
    fn an_apply_after_a_killed_one_converges(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let role = scene.approle(&["default"]);
        let proxy = Proxy::to(scene.bao.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, &format!("{MANY}{}", grant(&role.principal)));
        for (pattern, after) in [
            ("^(POST|PUT) .*/metadata/many/", 2),
            ("^(POST|PUT) .*/data/many/", 3),
            ("^(POST|PUT) /v1/sys/policies/acl/", 2),
            ("^(POST|PUT) /v1/auth/.*/role/", 1),
        ] {
            terraform.apply_killed_at(&proxy, pattern, after);
        }
        terraform.apply().succeeds();
        terraform.has_no_changes();
        each_was_written_once(&scene);
        assert_eq!(scene.policies().len(), 12);
        assert_eq!(role.policies(scene.bao).len(), 13, "each grant once, and `default`");
        terraform.destroy().succeeds();
        assert_eq!(scene.policies(), Vec::<String>::new());
        assert_eq!(role.policies(scene.bao), ["default"]);
    }

    /// A quota, a standby and a restart pass by: the provider waits and asks again.
    fn a_busy_server_is_asked_again(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.bao.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, MANY);
        let errors = |text: &str| json!({"errors": [text]});
        proxy.add(When::request("/metadata/many/1$").times(2).answers(429, errors("request path: rate limit quota exceeded")).with_header("retry-after", "1"));
        proxy.add(When::request("/data/many/2$").times(1).answers(503, errors("Vault is sealed")));
        proxy.add(When::request("/metadata/many/4$").times(1).answers(412, errors("required index state not present")));
        proxy.add(When::request("/metadata/many/6$").times(1).answers(473, json!({})));
        proxy.add(When::request("/data/many/8$").times(1).resets());
        terraform.apply().succeeds();
        terraform.has_no_changes();
        each_was_written_once(&scene);
    }

    /// A quota that stays: a clear error after some waiting, and nothing lost.
    fn a_quota_that_stays_is_a_clear_error(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.bao.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, MANY);
        terraform.set("VAULT_MAX_RETRIES", "1");
        proxy.add(When::request("/data/many/").answers(429, json!({"errors": ["request path: rate limit quota exceeded"]})));
        terraform.apply().exits_with(1).says("limiting");
        proxy.behave();
        terraform.apply().succeeds();
        each_was_written_once(&scene);
    }

    /// Sealed: said, with what to do; after unsealing the same apply succeeds.
    fn a_sealed_server_is_said_to_be_sealed(terraform) {
        let Some(bao) = OpenBao::production() else { return };
        bao.write("sys/mounts/kv", &json!({"type": "kv", "options": {"version": "2"}}));
        terraform.set("VAULT_ADDR", bao.address()).set("VAULT_TOKEN", bao.token());
        terraform.set("VAULT_CACERT", bao.ca_file().expect("a file")).set("VAULT_MAX_RETRIES", "1");
        terraform.provide_secret().write("main.tf", format!("{}{MANY}", header("mount = \"kv\"")));
        bao.seal();
        terraform.apply().exits_with(1).says("sealed");
        bao.unseal();
        terraform.apply().succeeds();
        terraform.has_no_changes();
    }

    /// The token ends in the middle: said, and the next apply with another one goes on.
    fn a_token_that_ends_in_the_middle_loses_nothing(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.bao.address());
        scene.configure(terraform, MANY);
        let token = scene.bao.fresh_token(&["root"]);
        let api = scene.bao.api().with_token(&token);
        terraform.set("VAULT_ADDR", proxy.address()).set("VAULT_TOKEN", &token);
        proxy.add(When::request("^(POST|PUT) .*/data/many/").after(3).times(1).calls(move || {
            api.request("POST", "auth/token/revoke-self", None);
        }));
        terraform.apply().exits_with(1).says("token");
        proxy.behave();
        scene.speak_to(terraform, proxy.address());
        terraform.apply().succeeds();
        terraform.has_no_changes();
        each_was_written_once(&scene);
    }

    /// Two configurations that want one name: one has it, the other is told so, and the value is the winner's.
    fn two_applies_on_one_secret_do_not_mix(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let header = header(&format!("mount = \"{}\"", scene.mount));
        for folder in ["left", "right"] {
            let resources = format!(r#"
                resource "secret" "one" {{
                  name     = "one"
                  owner    = "{folder}"
                  generate = {{ kind = "uuid", field = "key" }}
                }}
            "#);
            terraform.provide_secret().write(&format!("{folder}/main.tf"), format!("{header}{resources}"));
        }
        let words = ["apply", "-no-color", "-input=false", "-auto-approve"];
        let running: Vec<_> = ["-chdir=left", "-chdir=right"].iter().map(|folder| {
            let arguments: Vec<&str> = std::iter::once(*folder).chain(words).collect();
            terraform.start(&arguments)
        }).collect();
        let ended: Vec<_> = running.into_iter().map(secretlint_tests::process::Running::wait).collect();
        let winners: Vec<usize> = (0..2).filter(|index| ended[*index].code == Some(0)).collect();
        assert_eq!(winners.len(), 1, "{}\n{}", ended[0], ended[1]);
        ended[1 - winners[0]].clone().exits_with(1).says("already exists");
        let metadata = scene.metadata("one");
        assert_eq!(metadata["current_version"], 1);
        assert_eq!(metadata["custom_metadata"]["owner"], ["left", "right"][winners[0]]);
    }
}
