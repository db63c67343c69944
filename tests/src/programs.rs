//! Where the programs under test are: built from this workspace, or installed by `tests/tools/install`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of this repository.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        manifest
            .parent()
            .expect("the tests crate stands in the repository")
            .canonicalize()
            .expect("it exists")
    })
}

/// The provider `secretlint/secret`.
pub fn provider() -> PathBuf {
    built("terraform-provider-secret")
}

/// The linter.
pub fn secretlint() -> PathBuf {
    built("secretlint")
}

/// The provider that serves recorded schemas under other providers' names.
pub fn replay_provider() -> PathBuf {
    built("terraform-provider-replay")
}

/// A pinned program that `tests/tools/install tests` puts into place, or `None` if that was not done.
pub fn tool(relative: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SECRETLINT_TOOLS").map_or_else(|| root().join(".tools"), PathBuf::from);
    let program = folder.join(relative);
    program.exists().then_some(program)
}

/// A program on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Whether the example in this folder leads to a database engine, which the embedded store has not.
pub fn needs_a_database_engine(example: &Path) -> bool {
    let files = std::fs::read_dir(example).into_iter().flatten().flatten();
    files
        .map(|file| std::fs::read_to_string(file.path()).unwrap_or_default())
        .any(|text| text.contains("\"database/"))
}

/// A program of this workspace, in the folder of the test program that asks for it.
///
/// `cargo test` builds the programs of the packages that it tests and no others, so a test of this package would run
/// against yesterday's provider: the first question builds them, unless `SECRETLINT_BUILT` says that this was done.
fn built(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let program = std::env::current_exe().expect("a running program has a path");
        let folder = program.parent().expect("it stands in a folder");
        let folder =
            if folder.ends_with("deps") { folder.parent().expect("deps has a parent") } else { folder };
        if std::env::var_os("SECRETLINT_BUILT").is_none() {
            build(if folder.ends_with("release") { "release" } else { "dev" });
        }
        folder.to_path_buf()
    });
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run the tests with `make test` or `cargo test`",
        program.display()
    );
    program
}

fn build(profile: &str) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = ["terraform-provider-secret", "secretlint", "secretlint-tests"];
    let mut command = Command::new(cargo);
    command.current_dir(root()).args(["build", "--quiet", "--bins", "--profile", profile]);
    for package in packages {
        command.args(["--package", package]);
    }
    let status = command.status().expect("cargo runs");
    assert!(status.success(), "the programs under test do not build");
}
