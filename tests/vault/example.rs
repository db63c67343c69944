//! The guide and the example, as a newcomer follows them: every command of docs/guides/vault.md, in its order, on an empty server.

use std::fs;

use secretlint_tests::canary::Canary;
use secretlint_tests::guide::Guide;
use secretlint_tests::on_each_terraform;
use secretlint_tests::programs;
use secretlint_tests::servers::openbao::OpenBao;
use secretlint_tests::servers::postgres::{PASSWORD, Postgres, SUPERUSER};
use secretlint_tests::terraform::{Version, Workspace};
use serde_json::json;

use crate::scene::header;

const EXAMPLE: &str = "examples/stores/vault";

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let example = fs::read_to_string(programs::root().join(EXAMPLE).join("main.tf")).expect("the example");
    assert_eq!(Guide::read("vault").blocks("terraform")[0], example, "copy {EXAMPLE}/main.tf into the guide");
}

/// The examples of objects that the embedded store cannot apply, each on its own server.
#[test]
fn the_examples_that_need_a_database_engine_can_be_applied() {
    let mut applied = 0;
    for kind in ["resources", "ephemeral-resources"] {
        let folder = programs::root().join("examples").join(kind);
        for example in fs::read_dir(&folder).expect("a folder").flatten().map(|entry| entry.path()) {
            if !programs::needs_a_database_engine(&example) {
                continue;
            }
            let Some(mut terraform) = Workspace::new(Version::Newest) else { return };
            let Some(bao) = OpenBao::dev() else { return };
            let Some(postgres) = Postgres::start() else { return };
            set_up(&bao, &postgres);
            terraform.set("VAULT_ADDR", bao.address()).set("VAULT_TOKEN", bao.token());
            // The examples name a host that is not here.
            terraform.set("PGHOSTADDR", "127.0.0.1").set("PGPORT", postgres.port().to_string());
            terraform.provide_secret().copy(&example).write("provider.tf", header("mount = \"secret\""));
            terraform.apply().succeeds();
            terraform.has_no_changes();
            terraform.destroy().succeeds();
            applied += 1;
        }
    }
    assert!(applied >= 2, "{applied} examples were found");
}

/// What the operators of the examples' server have set up.
fn set_up(bao: &OpenBao, postgres: &Postgres) {
    postgres.administer("CREATE DATABASE orders");
    postgres.administer("CREATE ROLE orders LOGIN PASSWORD 'for a moment'");
    bao.write("sys/mounts/database", &json!({"type": "database"}));
    bao.write(
        "database/config/orders",
        &json!({
            "plugin_name": "postgresql-database-plugin", "allowed_roles": "*",
            "connection_url": postgres.connection_template(), "username": SUPERUSER, "password": PASSWORD,
        }),
    );
    let statement = "CREATE ROLE \"{{name}}\" SUPERUSER LOGIN PASSWORD '{{password}}'";
    bao.write("database/roles/migration", &json!({"db_name": "orders", "creation_statements": [statement]}));
}

on_each_terraform! {
    /// From the empty server to the destroyed configuration, by the guide's own commands.
    fn the_guide_works_as_it_stands(terraform) {
        let Some(bao) = OpenBao::dev() else { return };
        let Some(postgres) = Postgres::start() else { return };
        let Some(program) = programs::tool("openbao-2.7.2/bao") else { return };
        let Some(terraform_program) = terraform.version().program() else { return };
        terraform.provide_secret().copy(&programs::root().join(EXAMPLE));
        for (name, program) in [("bao", program), ("terraform", terraform_program), ("secretlint", programs::secretlint())] {
            terraform.offer(name, &program);
        }
        terraform.set("VAULT_ADDR", bao.address()).set("VAULT_TOKEN", bao.token());
        terraform.set("PGUSER", SUPERUSER).set("PGPASSWORD", PASSWORD);
        let port = postgres.port().to_string();
        let run = Guide::read("vault").run(terraform, |commands| commands.replace("5432", &port)).succeeds();
        assert!(run.stdout.contains("64\norders\n"), "the service read a key of 32 bytes in hexadecimal\n{run}");
        let policies = bao.request("LIST", "sys/policies/acl", None).json["data"]["keys"].to_string();
        assert!(!policies.contains("secretlint-"), "nothing of a grant is left: {policies}");
        let key = bao.request("GET", "secret/metadata/prod/orders/webhook", None);
        assert_eq!(key.json["data"]["versions"]["1"]["destroyed"], false, "soft-deleted only");
        let leaks = Canary::new(PASSWORD).search_folder(&terraform.folder(), |path| path.ends_with("guide.sh"));
        assert!(leaks.is_empty(), "{leaks:?}");
    }
}
