//! The committed protocol code is what the generator writes today.

use std::path::Path;

#[path = "support/generator.rs"]
mod generator;

#[test]
fn generated_code_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fresh = tempfile::tempdir().unwrap();
    generator::generate(root, fresh.path()).unwrap();
    for package in ["tfplugin6.rs", "plugin.rs"] {
        let committed = std::fs::read_to_string(root.join("src/generated").join(package)).unwrap();
        let generated = std::fs::read_to_string(fresh.path().join(package)).unwrap();
        assert!(
            committed == generated,
            "{package} is out of date: run `cargo run -p tf-plugin --example generate`"
        );
    }
}
