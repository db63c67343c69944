//! From `proto/*.proto` to Rust: protox reads the files (no protoc needed), tonic-prost-build writes the code.

use std::error::Error;
use std::path::Path;

/// Writes one Rust file per protocol package into `target`.
pub(crate) fn generate(root: &Path, target: &Path) -> Result<(), Box<dyn Error>> {
    let proto = root.join("proto");
    let descriptors = protox::compile(["tfplugin6.proto", "goplugin.proto"], [&proto])?;
    tonic_prost_build::configure()
        .build_transport(false)
        .emit_rerun_if_changed(false)
        // Messages hold secrets: without `Debug` nobody can log one.
        .skip_debug(["."])
        .out_dir(target)
        .compile_fds(descriptors)?;
    for package in ["tfplugin6", "plugin"] {
        let file = target.join(format!("{package}.rs"));
        let code = std::fs::read_to_string(&file)?;
        let mut with_purpose = format!(
            "//! Generated from `proto/` by `examples/generate.rs`; do not edit. Package `{package}`.\n\n"
        );
        with_purpose.push_str(&code);
        std::fs::write(&file, with_purpose)?;
    }
    Ok(())
}
