//! The plans beside the examples of the rules: which there are, and how one is recorded. `make plans` writes them, a test
//! records them again and compares.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::programs;
use crate::terraform::Workspace;

/// What a recorded plan says instead of the moment at which it was made.
const TIMESTAMP: &str = "2026-01-01T00:00:00Z";

/// What a configuration is an example of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Everything that the rule reports.
    Bad,
    /// The same job done well.
    Good,
}

/// One configuration of `examples/rules/<topic>/<rule>/`, or of the folder of a platform in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// The rule's id, such as `grant.wildcard_principal`.
    pub rule: String,
    /// The platform, where the example has a folder of its own for it: `google`.
    pub platform: Option<String>,
    /// Bad or good.
    pub kind: Kind,
    /// The folder of the configuration.
    pub folder: PathBuf,
}

impl Example {
    /// Where its plan is recorded.
    pub fn plan(&self) -> PathBuf {
        self.folder.join("plan.json")
    }

    /// How a person names it: `grant.wildcard_principal, bad`, `grant.public on google, good`.
    pub fn name(&self) -> String {
        let platform = self.platform.as_ref().map(|platform| format!(" on {platform}")).unwrap_or_default();
        format!("{}{platform}, {}", self.rule, if self.kind == Kind::Bad { "bad" } else { "good" })
    }
}

/// All examples of rules, in the order of their ids.
pub fn examples() -> Vec<Example> {
    let root = programs::root().join("examples/rules");
    let mut found = Vec::new();
    for topic in folders(&root) {
        for rule in folders(&topic) {
            let id = format!("{}.{}", file_name(&topic), file_name(&rule));
            let platforms = folders(&rule).into_iter().filter(|folder| !is_kind(folder));
            let platforms = platforms.map(|folder| (Some(file_name(&folder)), folder));
            for (platform, parent) in std::iter::once((None, rule.clone())).chain(platforms) {
                for (kind, name) in [(Kind::Bad, "bad"), (Kind::Good, "good")] {
                    let folder = parent.join(name);
                    if folder.join("main.tf").is_file() {
                        found.push(Example { rule: id.clone(), platform: platform.clone(), kind, folder });
                    }
                }
            }
        }
    }
    found.sort();
    found
}

/// Plans the configuration in `folder` (and the `terraform.tfstate` in it, if something there goes away) with real Terraform and returns the plan as it is kept: indented, everything in a
/// fixed order, without the time. `workspace` must be empty.
///
/// # Panics
/// When it cannot be planned, or when a path of this machine is in the plan.
pub fn record(workspace: &mut Workspace, folder: &Path) -> String {
    for source in replayed() {
        workspace.provide(&source, &programs::replay_provider());
    }
    workspace.copy(folder);
    if std::fs::read_to_string(folder.join("main.tf")).is_ok_and(|text| text.contains("secretlint/secret")) {
        workspace.provide_secret();
    }
    if folder.join("modules").is_dir() {
        workspace.run(&["get", "-no-color"]).succeeds();
    }
    let planned = workspace.plan();
    assert_eq!(planned.code, Some(2), "{} cannot be planned\n{planned}", folder.display());
    let mut plan = workspace.plan_json();
    plan["timestamp"] = Value::from(TIMESTAMP);
    // Terraform lists these in another order at every run.
    if let Some(relevant) = plan["relevant_attributes"].as_array_mut() {
        relevant.sort_by_key(Value::to_string);
    }
    let text = format!("{:#}\n", ordered(plan));
    let scratch = workspace.everything().display().to_string();
    assert!(!text.contains(&scratch), "the plan of {} names the scratch folder", folder.display());
    text
}

/// Objects with their keys in order, whichever map type the build of `serde_json` has.
fn ordered(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, ordered(value))).collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(ordered).collect()),
        other => other,
    }
}

/// The providers that a replay stands in for: one for each data file.
fn replayed() -> Vec<String> {
    let folder = programs::root().join("tests/replay/schemas");
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let source = |path: PathBuf| {
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let recorded: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        recorded["source"].as_str().unwrap_or_else(|| panic!("{} has no source", path.display())).to_owned()
    };
    files.flatten().map(|entry| source(entry.path())).collect()
}

fn is_kind(folder: &Path) -> bool {
    matches!(file_name(folder).as_str(), "bad" | "good")
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
