//! The promise, on the production server: the value is in no plan, state, log or error, and not in the server's own audit log.

use secretlint_tests::canary::{Canary, is_configuration};
use secretlint_tests::on_each_terraform;
use secretlint_tests::servers::openbao::OpenBao;
use serde_json::json;

use crate::scene::header;

const SENTINEL: &str = r#"sentinel/<7f3a9c>&"b1"+d0%e5"#;

on_each_terraform! {
    /// A value that the user brings, and one that an ephemeral resource reads back, through a whole life at the most talkative level.
    fn a_value_is_nowhere(terraform) {
        let Some(bao) = OpenBao::production() else { return };
        bao.write("sys/mounts/kv", &json!({"type": "kv", "options": {"version": "2"}}));
        terraform.set("VAULT_ADDR", bao.address()).set("VAULT_TOKEN", bao.token());
        terraform.set("VAULT_CACERT", bao.ca_file().expect("a file")).set("TF_VAR_key", SENTINEL);
        let configuration = |version: &str| format!(r#"
            {}
            variable "key" {{
              type      = string
              ephemeral = true
            }}
            resource "secret" "whole" {{
              name             = "whole"
              value_wo         = var.key
              value_wo_version = "{version}"
            }}
            resource "secret" "field" {{
              name              = "field"
              fields            = {{ username = "orders" }}
              fields_wo         = {{ password = var.key }}
              fields_wo_version = "{version}"
            }}
            ephemeral "secret" "field" {{
              secret_id = secret.field.id
            }}
            resource "secret" "copy" {{
              name             = "copy"
              value_wo         = ephemeral.secret.field.fields["password"]
              value_wo_version = secret.field.version_id
            }}
        "#, header("mount = \"kv\""));
        terraform.provide_secret().trace();
        for version in ["1", "2"] {
            terraform.write("main.tf", configuration(version));
            terraform.plan().exits_with(2);
            terraform.plan_json();
            terraform.apply_plan().succeeds();
            terraform.has_no_changes();
        }
        terraform.state();
        assert_eq!(bao.read("kv/data/copy")["data"]["data"]["value"], SENTINEL, "it did arrive");
        assert_eq!(bao.read("kv/data/field")["data"]["data"]["password"], SENTINEL);
        // An error on the way: the server refuses the write.
        bao.write("kv/config", &json!({"max_versions": 3}));
        bao.seal();
        terraform.set("VAULT_MAX_RETRIES", "1").write("main.tf", configuration("3"));
        terraform.apply().exits_with(1);
        bao.unseal();
        Canary::new(SENTINEL).is_absent_from(terraform.everything(), is_configuration);
        let audit = bao.audit_log().expect("an audit log");
        let text = std::fs::read(&audit).expect("a readable log");
        assert!(text.len() > 1000, "the server did log");
        let leaks = Canary::new(SENTINEL).search("audit log", &text);
        assert!(leaks.is_empty(), "{leaks:?}");
        let token = Canary::new(bao.token()).search_folder(terraform.everything(), |path| path.starts_with("home"));
        assert!(token.is_empty(), "the token leaked: {token:?}");
    }
}
