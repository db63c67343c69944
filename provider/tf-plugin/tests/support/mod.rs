//! A scratch folder with the example provider installed for a real Terraform, and ways to run both.
#![allow(dead_code, reason = "every test file uses another part of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Once;
use std::time::SystemTime;

use tempfile::TempDir;

/// The example provider. `cargo test` builds it beside the tests; `cargo test --test …` does not, hence the look at its age.
pub(crate) fn example_provider() -> PathBuf {
    static BUILD: Once = Once::new();
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let binary = profile.join("examples").join(format!("note{}", std::env::consts::EXE_SUFFIX));
    BUILD.call_once(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = newest(&root.join("src")).max(newest(&root.join("examples")));
        let built = std::fs::metadata(&binary).and_then(|binary| binary.modified()).ok();
        if built < sources {
            let arguments = ["build", "--quiet", "--package", "tf-plugin", "--example", "note"];
            let status = Command::new(env!("CARGO")).args(arguments).current_dir(root).status().unwrap();
            assert!(status.success(), "the example does not build");
        }
    });
    binary
}

/// When something in a folder was last changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { newest(&path) } else { path.metadata().unwrap().modified().ok() })
        .max()?
}

/// The Terraform to test with: the variable `TERRAFORM`, or the one on PATH. Without any the test says that it was skipped,
/// and fails where `CI` is set.
pub(crate) fn terraform() -> Option<PathBuf> {
    let named = std::env::var_os("TERRAFORM").map(PathBuf::from);
    let found = named.or_else(|| {
        std::env::split_paths(&std::env::var_os("PATH")?)
            .map(|folder| folder.join("terraform"))
            .find(|file| file.is_file())
    });
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "no terraform on PATH and none in the variable TERRAFORM");
        skipped("no terraform on PATH and none in the variable TERRAFORM");
    }
    found
}

/// A folder with a Terraform configuration, notes in `notes/`, and the example provider.
pub(crate) struct Workspace {
    terraform: PathBuf,
    folder: TempDir,
}

impl Workspace {
    /// `None` when there is no Terraform.
    pub(crate) fn new() -> Option<Self> {
        let terraform = terraform()?;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["bin", "notes", "config"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        std::fs::copy(example_provider(), root.join("bin/terraform-provider-note")).unwrap();
        let overrides = format!(
            "provider_installation {{\n dev_overrides {{ \"example/note\" = \"{}\" }}\n direct {{}}\n}}\n",
            root.join("bin").display()
        );
        std::fs::write(root.join("terraformrc"), overrides).unwrap();
        Some(Self { terraform, folder })
    }

    /// A workspace for what only newer versions have; an older Terraform skips the test and says so.
    pub(crate) fn since(minor: u32, what: &str) -> Option<Self> {
        let workspace = Self::new()?;
        let output = workspace.command(&["version", "-json"]).output().unwrap();
        let version: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let version = version["terraform_version"].as_str().unwrap().to_owned();
        let found: u32 = version.split('.').nth(1).unwrap().parse().unwrap();
        if found >= minor {
            return Some(workspace);
        }
        skipped(&format!("Terraform {version} has no {what}"));
        None
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn note(&self, name: &str) -> PathBuf {
        self.path("notes").join(format!("{name}.txt"))
    }

    /// Writes the configuration: this text after the provider block.
    pub(crate) fn write(&self, body: &str) {
        let head = format!(
            "terraform {{\n required_providers {{\n note = {{ source = \"example/note\" }}\n }}\n}}\n\
             provider \"note\" {{ folder = \"{}\" }}\n",
            self.path("notes").display()
        );
        std::fs::write(self.path("config/main.tf"), head + body).unwrap();
    }

    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(&self.terraform);
        command
            .current_dir(self.path("config"))
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", self.path("terraformrc"))
            .env("TF_IN_AUTOMATION", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs Terraform and returns what it printed; fails the test unless it exits with `code`.
    pub(crate) fn run(&self, arguments: &[&str], code: i32) -> String {
        let output = self.command(arguments).output().unwrap();
        let text = text_of(&output);
        assert_eq!(output.status.code(), Some(code), "terraform {}\n{text}", arguments.join(" "));
        text
    }

    pub(crate) fn apply(&self) -> String {
        self.run(&["apply", "-auto-approve", "-no-color"], 0)
    }

    /// 0: nothing to do, 2: changes.
    pub(crate) fn plan(&self, code: i32) -> String {
        self.run(&["plan", "-no-color", "-detailed-exitcode"], code)
    }

    pub(crate) fn state(&self) -> String {
        std::fs::read_to_string(self.path("config/terraform.tfstate")).unwrap()
    }
}

/// Both streams of a finished command, without the spaces that align columns.
pub(crate) fn text_of(output: &Output) -> String {
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Says that a test did not run. Straight to the stream: what a passing test prints is swallowed, and a skip has to be counted.
fn skipped(why: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("SKIPPED: {why}\n").as_bytes());
}
