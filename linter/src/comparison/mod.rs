//! What a change of policies alters: the findings of two packs on the same plans, taken apart into those that one side has and the other has
//! not, and those that say something else.

mod git;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::finding::{Certainty, Finding, Severity, display_path};
use crate::policy::{Limits, Pack, PolicyError, PolicyFile};
use crate::recorded::RecordedPlan;
pub use git::{Commit, GitError};

/// The policies below `folders`, with the bundled ones around them. If a folder is that of the bundled policies itself, it takes their place.
///
/// # Errors
/// A policy does not load.
pub fn pack_of(bundled: &[(&str, &str)], files: Vec<PolicyFile>) -> Result<Pack, PolicyError> {
    let is_the_bundled_pack =
        files.iter().any(|file| file.text.lines().any(|line| line.starts_with("package secretlint.lib.")));
    let bundled: Vec<PolicyFile> = if is_the_bundled_pack {
        Vec::new()
    } else {
        let rules = bundled.iter().filter(|(path, _)| !path.ends_with("_test.rego"));
        rules.map(|(path, text)| PolicyFile::bundled(path, text)).collect()
    };
    Pack::from_files(bundled.into_iter().chain(files).collect())
}

/// The policies that `commit` has below `folder`. Names in messages begin with the commit.
///
/// # Errors
/// git fails.
pub fn files_of(commit: &Commit, folder: &Path) -> Result<Vec<PolicyFile>, GitError> {
    let name = |path: &str| format!("{}:{}", commit.name, folder.join(path).display());
    let files = commit.policies(folder)?.into_iter();
    Ok(files
        .map(|(path, bytes)| PolicyFile::of_user(name(&path), &String::from_utf8_lossy(&bytes)))
        .collect())
}

/// What one side says at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Said {
    /// How much it matters.
    pub severity: Severity,
    /// Sure or not.
    pub certainty: Certainty,
    /// The sentence.
    pub message: String,
}

/// A finding that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The plan.
    pub plan: PathBuf,
    /// Address of the resource.
    pub address: String,
    /// Where in it, as a person writes it; empty for the whole.
    pub path: String,
    /// What was said before; none if it is new.
    pub before: Option<Said>,
    /// What is said now; none if it is gone.
    pub after: Option<Said>,
}

/// What two packs say differently.
#[derive(Debug, Default, Serialize)]
pub struct Comparison {
    /// By rule.
    pub rules: BTreeMap<String, Vec<Change>>,
    /// Rules that only the earlier pack has.
    pub rules_removed: Vec<String>,
    /// Rules that only the later pack has.
    pub rules_added: Vec<String>,
    /// How many plans were looked at.
    pub plans: usize,
}

/// How many findings changed in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Only said now.
    pub added: usize,
    /// Only said before.
    pub removed: usize,
    /// Said with another message or severity.
    pub changed: usize,
}

impl Tally {
    /// Counts `changes`.
    #[must_use]
    pub fn of<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Self {
        let mut tally = Self::default();
        for change in changes {
            match (&change.before, &change.after) {
                (None, _) => tally.added += 1,
                (Some(_), None) => tally.removed += 1,
                (Some(_), Some(_)) => tally.changed += 1,
            }
        }
        tally
    }
}

impl Comparison {
    /// Evaluates both packs on all plans.
    ///
    /// # Errors
    /// A rule fails; which pack's, the error says by the names of its files.
    pub fn of(
        before: &Pack,
        after: &Pack,
        plans: &[RecordedPlan],
        limits: Limits,
    ) -> Result<Self, PolicyError> {
        let ids = |pack: &Pack| pack.rules().iter().map(|rule| rule.id.to_string()).collect::<Vec<_>>();
        let (old, new) = (ids(before), ids(after));
        let mut comparison = Self {
            rules_removed: old.iter().filter(|id| !new.contains(id)).cloned().collect(),
            rules_added: new.iter().filter(|id| !old.contains(id)).cloned().collect(),
            plans: plans.len(),
            ..Self::default()
        };
        for plan in plans {
            comparison.add(&plan.path, plan.findings(before, limits)?, plan.findings(after, limits)?);
        }
        Ok(comparison)
    }

    /// Nothing is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.rules_added.is_empty() && self.rules_removed.is_empty()
    }

    fn add(&mut self, plan: &Path, before: Vec<Finding>, after: Vec<Finding>) {
        // By rule, address and path: what was said before, and what is said now.
        let mut places: BTreeMap<[String; 3], [Vec<Said>; 2]> = BTreeMap::new();
        for (finding, is_after) in before
            .into_iter()
            .map(|finding| (finding, false))
            .chain(after.into_iter().map(|finding| (finding, true)))
        {
            let key = [finding.rule.to_string(), finding.address, display_path(&finding.path)];
            let [before, after] = places.entry(key).or_default();
            let said =
                Said { severity: finding.severity, certainty: finding.certainty, message: finding.message };
            if is_after { after.push(said) } else { before.push(said) }
        }
        for ([rule, address, path], [mut before, mut after]) in places {
            before.retain(|said| match after.iter().position(|other| other == said) {
                Some(same) => {
                    after.remove(same);
                    false
                }
                None => true,
            });
            let mut before = before.into_iter();
            let mut after = after.into_iter();
            loop {
                let (before, after) = (before.next(), after.next());
                if before.is_none() && after.is_none() {
                    break;
                }
                let change = Change {
                    plan: plan.to_owned(),
                    address: address.clone(),
                    path: path.clone(),
                    before,
                    after,
                };
                self.rules.entry(rule.clone()).or_default().push(change);
            }
        }
    }
}
