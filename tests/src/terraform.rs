//! Terraform in a scratch folder, cut off from the machine it runs on: an own home, an own CLI configuration, no
//! environment but PATH, and the providers of this workspace.
//!
//! ```no_run
//! use secretlint_tests::terraform::{Version, Workspace};
//!
//! let Some(mut terraform) = Workspace::new(Version::Newest) else { return };
//! terraform.write("main.tf", r#"resource "secret" "example" { name = "example" }"#);
//! terraform.apply().succeeds();
//! assert_eq!(terraform.state()["values"]["root_module"]["resources"][0]["type"], "secret");
//! ```

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Finished, Running, children_of};
use crate::proxy::{Proxy, When};
use crate::{programs, skip::skip};

/// The releases that the suites run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 1.11.4, of the first series with write-only arguments.
    Floor,
    /// 1.15.5, which also records the plans of `examples/rules`.
    Newest,
}

impl Version {
    /// The version number.
    pub fn number(self) -> &'static str {
        match self {
            Self::Floor => "1.11.4",
            Self::Newest => "1.15.5",
        }
    }

    /// The program, if `tests/tools/install tests` has installed it.
    pub fn program(self) -> Option<PathBuf> {
        programs::tool(&format!("terraform-{}/terraform", self.number()))
    }
}

/// How Terraform comes to its providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Providers {
    /// `dev_overrides`: no `init` is needed, and no version is checked. What most cases use.
    Overridden,
    /// A `filesystem_mirror`, as a user behind a firewall has: needs `init`, checks versions, writes the lock file.
    Mirrored,
}

/// A folder with a configuration, and a Terraform to run on it.
#[derive(Debug)]
pub struct Workspace {
    scratch: TempDir,
    version: Version,
    program: PathBuf,
    providers: Providers,
    sources: Vec<String>,
    environment: BTreeMap<OsString, OsString>,
    runs: usize,
}

impl Workspace {
    /// An empty folder for `version`, with the providers overridden. `None`, and a line that says so, where that Terraform
    /// is not installed.
    pub fn new(version: Version) -> Option<Self> {
        Self::with(version, Providers::Overridden)
    }

    /// As [`Workspace::new`], with a choice of how the providers are found.
    pub fn with(version: Version, providers: Providers) -> Option<Self> {
        let Some(program) = version.program() else {
            skip(&format!(
                "Terraform {} is not installed: run `tests/tools/install tests`",
                version.number()
            ));
            return None;
        };
        let scratch = tempfile::Builder::new().prefix("secretlint-").tempdir().expect("a scratch folder");
        let folder = scratch.path();
        for name in ["work", "home", "tmp", "logs", "records", "providers"] {
            std::fs::create_dir(folder.join(name)).expect("a scratch folder is writable");
        }
        let environment = [
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("HOME", folder.join("home").into()),
            ("TMPDIR", folder.join("tmp").into()),
            ("TF_CLI_CONFIG_FILE", folder.join("terraformrc").into()),
            ("CHECKPOINT_DISABLE", "1".into()),
        ];
        let environment = environment.map(|(name, value)| (OsString::from(name), value)).into();
        let workspace =
            Self { scratch, version, program, providers, sources: Vec::new(), environment, runs: 0 };
        workspace.write_configuration();
        Some(workspace)
    }

    /// The release that runs here.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The folder of the configuration, in which Terraform runs.
    pub fn folder(&self) -> PathBuf {
        self.scratch.path().join("work")
    }

    /// Everything that a run can have written: configuration, state, plans, logs, streams, home and temporary files.
    pub fn everything(&self) -> &Path {
        self.scratch.path()
    }

    /// Sets an environment variable for all later commands.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) -> &mut Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Takes an environment variable away for all later commands.
    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.environment.remove(&OsString::from(name));
        self
    }

    /// Writes one file below the configuration's folder, replacing what was there.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a file stands in a folder"))
            .expect("the folder is writable");
        std::fs::write(&path, text).expect("the folder is writable");
        path
    }

    /// Copies a folder's configuration (not its plans) into this one.
    pub fn copy(&self, from: &Path) -> &Self {
        for entry in walkdir::WalkDir::new(from).sort_by_file_name() {
            let entry = entry.unwrap_or_else(|error| panic!("{} cannot be read: {error}", from.display()));
            let relative = entry.path().strip_prefix(from).expect("an entry is below its root");
            if entry.file_type().is_file() && entry.file_name() != "plan.json" {
                self.write(
                    &relative.to_string_lossy(),
                    std::fs::read(entry.path()).expect("a readable file"),
                );
            }
        }
        self
    }

    /// Serves `program` as the provider `source` (`namespace/name`).
    pub fn provide(&mut self, source: &str, program: &Path) -> &mut Self {
        let name = source.rsplit('/').next().unwrap_or(source);
        let folder = self.scratch.path().join("providers");
        let overridden = folder.join(format!("terraform-provider-{name}"));
        let mirrored = folder.join(format!("registry.terraform.io/{source}/0.1.0/{}", platform()));
        std::fs::create_dir_all(&mirrored).expect("a scratch folder is writable");
        for link in [overridden, mirrored.join(format!("terraform-provider-{name}_v0.1.0"))] {
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(program, link).expect("a scratch folder is writable");
        }
        if !self.sources.iter().any(|known| known == source) {
            self.sources.push(source.to_owned());
        }
        self.write_configuration();
        self
    }

    /// Serves this workspace's provider.
    pub fn provide_secret(&mut self) -> &mut Self {
        self.provide("secretlint/secret", &programs::provider())
    }

    /// Terraform's CLI configuration: where the providers come from, and nothing of the user's own.
    fn write_configuration(&self) {
        let text = configuration(&self.scratch.path().join("providers"), self.providers, &self.sources);
        std::fs::write(self.scratch.path().join("terraformrc"), text).expect("a scratch folder is writable");
    }

    /// Logs everything that Terraform and its providers can log, into `logs/`.
    pub fn trace(&mut self) -> &mut Self {
        self.set("TF_LOG", "TRACE");
        let path = self.scratch.path().join("logs/terraform.log");
        self.set("TF_LOG_PATH", path)
    }

    /// Runs any command to its end.
    pub fn run(&mut self, arguments: &[&str]) -> Finished {
        self.start(arguments).wait()
    }

    /// Starts any command and returns at once.
    pub fn start(&mut self, arguments: &[&str]) -> Running {
        let mut command = Command::new(&self.program);
        command.args(arguments);
        self.start_command(command, arguments.first().unwrap_or(&"terraform"), None)
    }

    /// Runs another program in this folder and environment, its output recorded like Terraform's own.
    pub fn run_program(&mut self, program: &Path, arguments: &[&str]) -> Finished {
        let mut command = Command::new(program);
        command.args(arguments);
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.start_command(command, &name, None).wait()
    }

    /// Lets scripts that run here find `program` under this name, as on a user's machine.
    pub fn offer(&mut self, name: &str, program: &Path) -> &mut Self {
        let tools = self.folder().join("bin");
        std::fs::create_dir_all(&tools).expect("a scratch folder is writable");
        std::os::unix::fs::symlink(program, tools.join(name)).expect("a scratch folder is writable");
        let mut path = tools.into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        self.set("PATH", path)
    }

    fn start_command(&mut self, mut command: Command, name: &str, input: Option<&Path>) -> Running {
        command.current_dir(self.folder()).env_clear().envs(&self.environment);
        self.runs += 1;
        let record = self.scratch.path().join("records").join(format!("{:02}-{name}", self.runs));
        Running::start(command, &record, input)
    }

    /// `terraform init`. Needed with [`Providers::Mirrored`] and for modules.
    pub fn init(&mut self) -> Finished {
        self.run(&["init", "-no-color", "-input=false"])
    }

    /// `terraform plan`, saved as `plan.bin`. Exit code 2 means that there are changes, 0 that there are none.
    pub fn plan(&mut self) -> Finished {
        self.run(&["plan", "-no-color", "-input=false", "-detailed-exitcode", "-out=plan.bin"])
    }

    /// The saved plan as JSON.
    pub fn plan_json(&mut self) -> Value {
        let text = self.run(&["show", "-json", "plan.bin"]).succeeds().stdout;
        serde_json::from_str(&text).expect("`terraform show -json` writes JSON")
    }

    /// `terraform apply` of the configuration as it is.
    pub fn apply(&mut self) -> Finished {
        self.run(&["apply", "-no-color", "-input=false", "-auto-approve"])
    }

    /// `terraform apply` of the plan that [`Workspace::plan`] saved.
    pub fn apply_plan(&mut self) -> Finished {
        self.run(&["apply", "-no-color", "-input=false", "plan.bin"])
    }

    /// `terraform destroy`.
    pub fn destroy(&mut self) -> Finished {
        self.run(&["destroy", "-no-color", "-input=false", "-auto-approve"])
    }

    /// Starts an apply and kills every provider process, as the kernel would, when a request through `proxy` like `pattern` has been
    /// answered `after` times and once more. What the next apply makes of it is the test's to see; the proxy behaves again.
    pub fn apply_killed_at(&mut self, proxy: &Proxy, pattern: &str, after: usize) -> Finished {
        let terraform: Arc<OnceLock<Pid>> = Arc::default();
        let known = Arc::clone(&terraform);
        proxy.add(When::request(pattern).after(after).times(1).calls(move || {
            for child in known.get().copied().map(children_of).unwrap_or_default() {
                let _ = kill_process(child, Signal::KILL);
            }
        }));
        let running = self.start(&["apply", "-no-color", "-input=false", "-auto-approve", "-parallelism=4"]);
        if let Some(process) = i32::try_from(running.id()).ok().and_then(Pid::from_raw) {
            let _ = terraform.set(process);
        }
        let finished = running.wait();
        proxy.behave();
        finished
    }

    /// Expects that the configuration is applied: a plan with nothing to do.
    #[track_caller]
    pub fn has_no_changes(&mut self) {
        self.plan().exits_with(0);
    }

    /// The state, as `terraform show -json` prints it.
    pub fn state(&mut self) -> Value {
        let text = self.run(&["show", "-json"]).succeeds().stdout;
        serde_json::from_str(&text).expect("`terraform show -json` writes JSON")
    }

    /// The attributes of one resource of the root module in the state.
    ///
    /// # Panics
    /// When the state has no resource with that address.
    pub fn attributes(&mut self, address: &str) -> Value {
        let state = self.state();
        let resources = state["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        let found = resources.into_iter().find(|resource| resource["address"] == address);
        found.unwrap_or_else(|| panic!("the state has no `{address}`"))["values"].take()
    }

    /// One output of the root module.
    pub fn output(&mut self, name: &str) -> Value {
        let text = self.run(&["output", "-json", name]).succeeds().stdout;
        serde_json::from_str(&text).expect("`terraform output -json` writes JSON")
    }
}

fn configuration(providers: &Path, how: Providers, sources: &[String]) -> String {
    let folder = providers.display();
    match how {
        Providers::Overridden => {
            let lines = sources.iter().map(|source| format!("    \"{source}\" = \"{folder}\"\n"));
            format!("provider_installation {{\n  dev_overrides {{\n{}  }}\n}}\n", lines.collect::<String>())
        }
        Providers::Mirrored => {
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{folder}\"\n  }}\n}}\n")
        }
    }
}

/// This platform, as Terraform spells it.
fn platform() -> &'static str {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "aarch64") => "linux_arm64",
        ("macos", "aarch64") => "darwin_arm64",
        ("macos", _) => "darwin_amd64",
        _ => "linux_amd64",
    }
}

/// Declares tests that run on every release: each `fn` becomes a module of its own with one test per release.
///
/// ```text
/// on_each_terraform! {
///     /// A second apply has nothing to do.
///     fn applying_twice_changes_nothing(terraform) {
///         terraform.provide_secret().write("main.tf", "…");
///         terraform.apply().succeeds();
///         terraform.has_no_changes();
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_each_terraform {
    ($($(#[$attribute:meta])* fn $name:ident($terraform:ident) $body:block)*) => {
        $(
            $(#[$attribute])*
            mod $name {
                #[allow(unused_imports, reason = "a case may need nothing of its surroundings")]
                use super::*;

                fn case(mut workspace: $crate::terraform::Workspace) {
                    let $terraform = &mut workspace;
                    $body
                }

                #[test]
                fn terraform_1_11() {
                    if let Some(workspace) = $crate::terraform::Workspace::new($crate::terraform::Version::Floor) {
                        case(workspace);
                    }
                }

                #[test]
                fn terraform_1_15() {
                    if let Some(workspace) = $crate::terraform::Workspace::new($crate::terraform::Version::Newest) {
                        case(workspace);
                    }
                }
            }
        )*
    };
}

/// Declares tests that run on the newest release only: for what does not depend on Terraform's version. Written as
/// [`on_each_terraform!`](crate::on_each_terraform).
#[macro_export]
macro_rules! on_newest_terraform {
    ($($(#[$attribute:meta])* fn $name:ident($terraform:ident) $body:block)*) => {
        $(
            $(#[$attribute])*
            #[test]
            fn $name() {
                let workspace = $crate::terraform::Workspace::new($crate::terraform::Version::Newest);
                if let Some(mut workspace) = workspace {
                    let $terraform = &mut workspace;
                    $body
                }
            }
        )*
    };
}
