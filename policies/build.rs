//! Lists the pack's `.rego` files for `src/lib.rs` to embed. A list made by hand would forget a rule without a sound; `include_dir` would
//! embed this crate's sources too, and does not notice a new file on a stable compiler.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let mut paths = Vec::new();
    println!("cargo::rerun-if-changed=build.rs");
    for entry in fs::read_dir(&root)? {
        let folder = entry?.path();
        // Every folder beside `src` is a topic, or `lib`.
        if folder.is_dir() && !folder.ends_with("src") && !folder.ends_with("target") {
            println!("cargo::rerun-if-changed={}", folder.display());
            collect(&folder, &mut paths)?;
        }
    }
    paths.sort();

    let mut list = String::from("&[\n");
    for path in &paths {
        let name = path.strip_prefix(&root).map_err(Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string())
            .map_err(Error::other)?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&variable("OUT_DIR")?).join("files.rs"), list)
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rego") {
            paths.push(path);
        }
    }
    Ok(())
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|error| Error::other(format!("{name}: {error}")))
}
