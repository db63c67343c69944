//! The harness itself, on what Terraform can do without a provider: a suite that runs the wrong program, or looks for a
//! leak in the wrong place, would pass for ever.

use rustix::process::Signal;
use secretlint_tests::canary::{Canary, is_configuration};
use secretlint_tests::on_each_terraform;

const SENTINEL: &str = "zq7-canary-value-of-the-harness";

on_each_terraform! {
    /// The program is the release that the test names.
    fn the_release_is_the_one_asked_for(terraform) {
        let version = terraform.version().number();
        terraform.run(&["version"]).succeeds().says(&format!("Terraform v{version}"));
    }

    /// Nothing of the user's own set-up reaches a test.
    fn the_environment_is_cut_off(terraform) {
        terraform.write("main.tf", r#"
            data "external" "none" { program = ["true"] }
        "#);
        terraform.init().exits_with(1).says("hashicorp/external");
        terraform.write("main.tf", r#"output "home" { value = pathexpand("~") }"#);
        terraform.apply().succeeds();
        let home = terraform.everything().join("home");
        assert_eq!(terraform.output("home"), home.display().to_string());
    }

    /// Plan, apply, no-op, destroy: exit codes and JSON are Terraform's own.
    fn a_life_cycle_is_seen_as_terraform_tells_it(terraform) {
        terraform.write("main.tf", r#"resource "terraform_data" "one" { input = "x" }"#);
        terraform.plan().exits_with(2);
        assert_eq!(terraform.plan_json()["resource_changes"][0]["address"], "terraform_data.one");
        terraform.apply_plan().succeeds();
        assert_eq!(terraform.attributes("terraform_data.one")["output"], "x");
        terraform.has_no_changes();
        terraform.destroy().succeeds();
        assert_eq!(terraform.state()["values"], serde_json::Value::Null);
    }

    /// A value that Terraform does store is found in the state, in the saved plan and in the log.
    fn a_stored_value_is_found(terraform) {
        terraform.trace();
        terraform.write("main.tf", r#"
            variable "value" {}
            resource "terraform_data" "one" { input = base64encode("-${var.value}") }
        "#);
        // Terraform logs the arguments that it was called with.
        terraform.set("TF_CLI_ARGS_plan", format!("-var=value={SENTINEL}"));
        terraform.plan();
        terraform.apply_plan().succeeds();
        let leaks = Canary::new(SENTINEL).search_folder(terraform.everything(), is_configuration);
        for file in ["work/terraform.tfstate", "work/plan.bin!tfplan", "logs/terraform.log"] {
            assert!(leaks.iter().any(|leak| leak.file == file), "not found in {file}: {leaks:?}");
        }
    }

    /// An interrupt reaches Terraform as it does at a terminal.
    fn an_interrupt_stops_an_apply(terraform) {
        terraform.write("main.tf", r#"
            resource "terraform_data" "slow" {
              provisioner "local-exec" {
                command = "echo started; sleep 60"
              }
            }
        "#);
        let mut running = terraform.start(&["apply", "-no-color", "-auto-approve"]);
        running.wait_for("(local-exec): started");
        running.signal(Signal::INT);
        running.wait().exits_with(1).says("Interrupt received");
    }
}
