//! The guide and the example, as a newcomer follows them: every command of docs/guides/aws.md, in its order, on a double that enforces
//! policies.

use std::fs;

use secretlint_tests::guide::Guide;
use secretlint_tests::servers::aws::ministack::Ministack;
use secretlint_tests::servers::aws::moto::Moto;
use secretlint_tests::servers::aws::{Permission, cli};
use secretlint_tests::{on_each_terraform, on_newest_terraform, programs};
use serde_json::json;

use crate::scene::become_identity;

const EXAMPLE: &str = "examples/stores/aws";

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let example = fs::read_to_string(programs::root().join(EXAMPLE).join("main.tf")).expect("the example");
    assert_eq!(Guide::read("aws").blocks("terraform")[0], example, "copy {EXAMPLE}/main.tf into the guide");
}

on_newest_terraform! {
    /// With all that the guide leaves out: a key of the customer's, a copy, a function that rotates.
    fn the_example_can_be_applied_with_everything(terraform) {
        let Some(moto) = Moto::start() else { return };
        let api = moto.api();
        become_identity(terraform, api);
        terraform.provide_secret().copy(&programs::root().join(EXAMPLE));
        terraform.write("terraform.tfvars", format!(
            "service_role_arn = \"{}\"\nkms_key = \"{}\"\nrotation_lambda_arn = \"{}\"\nreplica_regions = [\"us-west-2\"]\n",
            api.fresh_role(None), api.fresh_key(), api.fresh_function(Permission::Granted),
        ));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        let login = api.does("secretsmanager", "describe_secret", json!({"SecretId": "prod/orders/db"}));
        assert_eq!((&login["RotationEnabled"], &login["ReplicationStatus"][0]["Region"]), (&json!(true), &json!("us-west-2")));
        terraform.destroy().succeeds();
    }
}

on_each_terraform! {
    /// From the account to the destroyed configuration, by the guide's own commands.
    fn the_guide_works_as_it_stands(terraform) {
        let Some(stack) = Ministack::start() else { return };
        let Some(aws) = cli(terraform.everything()) else { return };
        let Some(terraform_program) = terraform.version().program() else { return };
        terraform.provide_secret().copy(&programs::root().join(EXAMPLE));
        for (name, program) in [("aws", aws), ("terraform", terraform_program), ("secretlint", programs::secretlint())] {
            terraform.offer(name, &program);
        }
        become_identity(terraform, stack.api());
        let run = Guide::read("aws").run(terraform, str::to_owned).succeeds();
        assert!(run.stdout.contains("\"username\":\"orders\""), "the service read the login\n{run}");
        let policies = stack.api().does("iam", "list_role_policies", json!({"RoleName": "orders"}));
        assert_eq!(policies["PolicyNames"], json!([]), "nothing of a grant is left");
    }
}
