//! KV version 1: a value and nothing else. What it cannot keep is refused by the plan.

use secretlint_tests::on_each_terraform;
use serde_json::{Value, json};

use crate::scene::Scene;

/// A fresh KV version 1 on the shared server.
fn version_1(terraform: &mut secretlint_tests::terraform::Workspace) -> Option<Scene> {
    let scene = Scene::new(terraform)?;
    Some(Scene { mount: scene.bao.fresh_kv1_mount(), ..scene })
}

fn value(scene: &Scene, name: &str) -> Value {
    scene.bao.read(&format!("{}/{name}", scene.mount))["data"].clone()
}

/// Several, because they are planned side by side.
fn secrets(version: u32) -> String {
    let fields = (0..6).map(|number| {
        format!("resource \"secret\" \"fields_{number}\" {{\n name = \"app/{number}\"\n fields = {{ host = \"db{version}\" }}\n}}\n")
    });
    let written = format!(
        "resource \"secret\" \"written\" {{\n name = \"app/written\"\n value_wo = \"value {version}\"\n value_wo_version = \"{version}\"\n}}\n"
    );
    fields.chain([written]).collect()
}

on_each_terraform! {
    /// Made, changed, imported, deleted for good.
    fn a_value_lives_in_version_1(terraform) {
        let Some(scene) = version_1(terraform) else { return };
        for version in [1, 2] {
            scene.configure(terraform, &secrets(version));
            terraform.apply().succeeds();
            terraform.has_no_changes();
            for number in 0..6 {
                assert_eq!(value(&scene, &format!("app/{number}")), json!({"host": format!("db{version}")}));
            }
            assert_eq!(value(&scene, "app/written"), json!({"value": format!("value {version}")}));
        }
        terraform.run(&["state", "rm", "secret.written"]).succeeds();
        terraform.apply().exits_with(1).says("already exists");
        terraform.run(&["import", "-no-color", "secret.written", "app/written"]).succeeds();
        terraform.apply().succeeds();
        terraform.has_no_changes();
        terraform.destroy().succeeds().says("cannot be restored");
        assert_eq!(scene.bao.request("LIST", &scene.mount, None).status, 404);
    }

    /// At the attribute, with the reason, before anything is written.
    fn what_version_1_cannot_keep_is_refused_at_plan(terraform) {
        let Some(scene) = version_1(terraform) else { return };
        for (argument, said) in [
            ("description = \"Orders\"", "KV version 1 keeps values only"),
            ("tags = { service = \"orders\" }", "KV version 1 keeps values only"),
            ("expires_at = \"2036-06-30T00:00:00Z\"", "KV version 1 keeps values only"),
            ("max_versions = 3", "KV version 1 keeps values only"),
            ("recovery_window_days = 7", "only 0 is possible"),
            ("on_destroy = \"soft_delete\"", "deletes for good; write `purge`"),
        ] {
            scene.configure(terraform, &format!("resource \"secret\" \"one\" {{\n name = \"one\"\n fields = {{ a = \"b\" }}\n {argument}\n}}\n"));
            // The line of the configuration is shown with the error.
            terraform.plan().exits_with(1).says(said).says(&format!(": {argument}"));
        }
        scene.configure(terraform, "resource \"secret\" \"one\" {\n name = \"one\"\n generate = { kind = \"uuid\" }\n}\n");
        terraform.plan().exits_with(1).says("KV version 1 keeps values only");
        assert_eq!(scene.bao.request("LIST", &scene.mount, None).status, 404);
    }
}
