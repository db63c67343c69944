//! `secretlint test --plans GLOB`: the findings of policies on recorded plans, kept in files beside the policies, so that a change of a rule
//! shows in a review which findings it moves. A snapshot has rule, address, path, severity, certainty and message of each finding, and no value.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use super::Outcome;
use super::commands::{cannot_serialize, deliver};
use super::terminal::Terminal;
use crate::comparison::pack_of;
use crate::finding::{Finding, display_path};
use crate::policy::{Limits, Pack, PolicyFile};
use crate::recorded::{self, RecordedPlan};
use crate::report::human::counted;

/// What to do with a snapshot that is not what the policies say today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    /// Show it, and fail.
    Fails,
    /// Write today's findings.
    IsWritten,
}

/// One finding in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    rule: String,
    address: String,
    path: String,
    severity: String,
    certainty: String,
    message: String,
}

impl Expected {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.to_string(),
            address: finding.address.clone(),
            path: display_path(&finding.path),
            severity: finding.severity.to_string(),
            certainty: match finding.certainty {
                crate::finding::Certainty::Violation => "violation".to_owned(),
                crate::finding::Certainty::Undetermined => "undetermined".to_owned(),
            },
            message: finding.message.clone(),
        }
    }

    fn line(&self) -> String {
        let path = if self.path.is_empty() { String::new() } else { format!(" {}", self.path) };
        let certainty = if self.certainty == "violation" { "" } else { ", undetermined" };
        format!("{} {}{path}\n      {}{certainty}: {}", self.rule, self.address, self.severity, self.message)
    }
}

/// Compares what the policies in `policies` say about the plans that `globs` name with the snapshots below `folder`.
pub(super) fn run(
    policies: &[PathBuf],
    globs: &[String],
    folder: &Path,
    difference: Difference,
    limits: Limits,
    terminal: &Terminal,
) -> Outcome {
    let (pack, plans) = match load(policies, globs) {
        Ok(loaded) => loaded,
        Err(problem) => {
            terminal.problem(problem.as_ref());
            return Outcome::CouldNotEvaluate;
        }
    };
    let mut text = String::new();
    let mut different = 0;
    let mut known = BTreeSet::new();
    for plan in &plans {
        let mut found: Vec<Expected> = match plan.findings(&pack, limits) {
            Ok(findings) => findings.iter().map(Expected::of).collect(),
            Err(problem) => {
                terminal.problem(&problem);
                return Outcome::CouldNotEvaluate;
            }
        };
        found.sort();
        let path = folder.join(inside(&plan.path));
        let before = match read(&path) {
            Ok(before) => before,
            Err(reason) => {
                terminal.usage(
                    &format!("the snapshot `{}` cannot be read: {reason}", path.display()),
                    "it is written by `secretlint test --plans … --update`; remove it to have it written anew",
                );
                return Outcome::CouldNotEvaluate;
            }
        };
        if before.as_ref() != Some(&found) {
            different += 1;
            text.push_str(&shown(&plan.path, before.as_deref(), &found));
            if difference == Difference::IsWritten {
                let json = match serde_json::to_string_pretty(&found) {
                    Ok(json) => json + "\n",
                    Err(error) => return cannot_serialize(&error, terminal),
                };
                if let Some(parent) = path.parent()
                    && let Err(error) = fs::create_dir_all(parent)
                {
                    terminal.usage(&format!("cannot make the folder `{}`: {error}", parent.display()), "");
                    return Outcome::CouldNotEvaluate;
                }
                if terminal.write(&json, Some(&path)).is_err() {
                    return Outcome::CouldNotEvaluate;
                }
            }
        }
        known.insert(path);
    }
    for path in stale(folder, &known) {
        different += 1;
        text.push_str(&format!("{}: no plan belongs to this snapshot any more\n", path.display()));
        if difference == Difference::IsWritten
            && let Err(error) = fs::remove_file(&path)
        {
            terminal.usage(&format!("cannot remove `{}`: {error}", path.display()), "");
            return Outcome::CouldNotEvaluate;
        }
    }
    let counted = counted(plans.len(), "plan");
    text.push_str(&match (difference, different) {
        (_, 0) => format!("{counted}: as in the snapshots\n"),
        (Difference::Fails, count) => {
            format!(
                "{counted}: {count} not as in the snapshots; `--update` accepts what the policies say now\n"
            )
        }
        (Difference::IsWritten, count) => format!("{counted}: {count} written anew\n"),
    });
    match deliver(&text, terminal) {
        Outcome::Clean if different > 0 && difference == Difference::Fails => Outcome::Findings,
        other => other,
    }
}

fn load(policies: &[PathBuf], globs: &[String]) -> Result<(Pack, Vec<RecordedPlan>), Box<dyn Diagnostic>> {
    let mut files = Vec::new();
    for folder in policies {
        files.extend(PolicyFile::read_folder(folder)?.into_iter().filter(|file| !file.is_test()));
    }
    let pack = pack_of(secretlint_policies::files(), files)?;
    let plans =
        recorded::find(globs)?.iter().map(|path| RecordedPlan::read(path)).collect::<Result<_, _>>()?;
    Ok((pack, plans))
}

/// The plan's path as one that stays inside of a folder.
fn inside(plan: &Path) -> PathBuf {
    plan.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(PathBuf::from(name)),
            Component::ParentDir => Some(PathBuf::from("up")),
            Component::RootDir | Component::Prefix(_) | Component::CurDir => None,
        })
        .collect()
}

/// The findings of a snapshot; none if there is no such file.
fn read(path: &Path) -> Result<Option<Vec<Expected>>, String> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| error.to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn shown(plan: &Path, before: Option<&[Expected]>, found: &[Expected]) -> String {
    let mut text = match before {
        Some(_) => format!("{}:\n", plan.display()),
        None => format!("{}: has no snapshot yet\n", plan.display()),
    };
    let before = before.unwrap_or_default();
    for gone in before.iter().filter(|expected| !found.contains(expected)) {
        text.push_str(&format!("  - {}\n", gone.line()));
    }
    for new in found.iter().filter(|expected| !before.contains(expected)) {
        text.push_str(&format!("  + {}\n", new.line()));
    }
    text.push('\n');
    text
}

/// Snapshots of plans that are not there any more.
fn stale(folder: &Path, known: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "json") && !known.contains(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_never_leaves_its_folder() {
        assert_eq!(inside(Path::new("../a/./b.json")), Path::new("up/a/b.json"));
        assert_eq!(inside(Path::new("/a/b.json")), Path::new("a/b.json"));
    }
}
