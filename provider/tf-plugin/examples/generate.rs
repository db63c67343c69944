//! Writes `src/generated/` anew from `proto/`: `cargo run -p tf-plugin --example generate`. It needs no protoc, and a test
//! (`tests/generated.rs`) compares, so the build of the library needs neither.

use std::path::Path;

#[path = "../tests/support/generator.rs"]
mod generator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    generator::generate(root, &root.join("src/generated"))
}
