//! Everything that the provider offers has a page and an example.

use secretlint_tests::programs::root;
use secretlint_tests::terraform::{Version, Workspace};

use crate::none;

/// The kinds of objects in `terraform providers schema -json`: where their pages and examples are.
const KINDS: [(&str, &str, &str); 3] = [
    ("resource_schemas", "resources", "resource.tf"),
    ("data_source_schemas", "data-sources", "data-source.tf"),
    ("ephemeral_resource_schemas", "ephemeral-resources", "ephemeral-resource.tf"),
];

#[test]
fn every_object_has_a_page_and_an_example() {
    let Some(mut terraform) = Workspace::new(Version::Newest) else { return };
    terraform.provide_secret().copy(&root().join("examples/provider"));
    let text = terraform.run(&["providers", "schema", "-json"]).succeeds().stdout;
    let schemas: serde_json::Value = serde_json::from_str(&text).expect("schemas are JSON");
    let schemas = &schemas["provider_schemas"]["registry.terraform.io/secretlint/secret"];
    let mut complaints = Vec::new();
    let mut count = 0;
    for (kind, folder, example) in KINDS {
        for name in schemas[kind].as_object().into_iter().flat_map(serde_json::Map::keys) {
            count += 1;
            // The page of `secret_rotation` is `rotation.md`, in the layout of the registry.
            let short = name.strip_prefix("secret_").unwrap_or(name);
            let wanted = [format!("docs/{folder}/{short}.md"), format!("examples/{folder}/{name}/{example}")];
            complaints.extend(
                wanted
                    .iter()
                    .filter(|path| !root().join(path).is_file())
                    .map(|path| format!("{name}: no {path}")),
            );
        }
    }
    none(complaints);
    assert!(count >= 7, "the provider offers only {count} objects");
}
