//! Two at once on one store: nothing is lost, nothing is overwritten.

use secretlint_tests::on_each_terraform;
use secretlint_tests::terraform::Workspace;

use crate::store::HEADER;

/// A second configuration in another folder, with the same store and the same owner.
fn configure_beside(terraform: &mut Workspace, folder: &str, resources: &str) {
    let header = HEADER.replace("\"store\"", "\"../store\"");
    terraform.provide_secret().write(&format!("{folder}/main.tf"), format!("{header}{resources}"));
}

fn many(prefix: &str) -> String {
    format!(
        r#"
        resource "secret" "many" {{
          count    = 20
          name     = "{prefix}/${{count.index}}"
          generate = {{ kind = "hex", length = 32 }}
        }}
        "#
    )
}

fn apply(folder: &str) -> Vec<String> {
    let words = ["apply", "-no-color", "-input=false", "-auto-approve"];
    std::iter::once(format!("-chdir={folder}")).chain(words.map(str::to_owned)).collect()
}

fn start(terraform: &mut Workspace, folder: &str) -> secretlint_tests::process::Running {
    let arguments = apply(folder);
    terraform.start(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

on_each_terraform! {
    /// Different secrets: both applies succeed, and all secrets are there.
    fn two_applies_on_one_store_both_succeed(terraform) {
        configure_beside(terraform, "left", &many("left"));
        configure_beside(terraform, "right", &many("right"));
        let (left, right) = (start(terraform, "left"), start(terraform, "right"));
        left.wait().succeeds();
        right.wait().succeeds();
        for folder in ["left", "right"] {
            let secrets = std::fs::read_dir(terraform.folder().join("store").join(folder)).expect("a folder");
            assert_eq!(secrets.flatten().filter(|entry| entry.path().is_dir()).count(), 20);
            let plan = format!("-chdir={folder}");
            terraform.run(&[&plan, "plan", "-no-color", "-input=false", "-detailed-exitcode"]).exits_with(0);
        }
    }

    /// The same name: one gets it, the other is told so, and its value is not touched.
    fn one_of_two_applies_gets_a_name(terraform) {
        let one = r#"
            resource "secret" "one" {
              name     = "one"
              generate = { kind = "hex", length = 32 }
            }
        "#;
        configure_beside(terraform, "left", one);
        configure_beside(terraform, "right", one);
        let (left, right) = (start(terraform, "left"), start(terraform, "right"));
        let ended = [left.wait(), right.wait()];
        let mut codes = ended.each_ref().map(|one| one.code);
        codes.sort_unstable();
        assert_eq!(codes, [Some(0), Some(1)], "{}\n{}", ended[0], ended[1]);
        let [left, right] = ended;
        let loser = if left.code == Some(1) { left } else { right };
        loser.says("already exists");
    }
}
