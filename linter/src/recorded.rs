//! Recorded plans: the files that policies are tried on when they are checked, compared and tested, so that a change of a rule shows what it
//! changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use miette::Diagnostic;
use walkdir::WalkDir;

use crate::config::Config;
use crate::facts::model::Facts;
use crate::finding::Finding;
use crate::plan::{Plan, PlanError, PlanSource};
use crate::policy::{Input, Limits, Pack, PolicyError};

/// Where the plans of this repository's examples are.
pub const EXAMPLES: &str = "examples/rules/**/plan.json";

/// Recorded plans cannot be found or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// The pattern is no glob.
    #[error("`{glob}` is no glob: {reason}")]
    BadGlob {
        /// As given.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No file has such a name.
    #[error("no file matches `{glob}`")]
    NoPlan {
        /// As given.
        glob: String,
    },
    /// A file is no plan, or cannot be read.
    #[error("cannot use the recorded plan `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why; quotes nothing of the plan.
        source: PlanError,
    },
}

impl Diagnostic for RecordedError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(match self {
            Self::BadGlob { .. } | Self::NoPlan { .. } => Box::new(
                "`--plans` takes a glob of plans in JSON form, in quotation marks: `--plans 'plans/**/*.json'`",
            ),
            Self::Unreadable { source, .. } => Box::new(source.help()),
        })
    }
}

/// The files that `globs` match, in the order of their names.
///
/// # Errors
/// A pattern is no glob, or matches nothing.
pub fn find(globs: &[String]) -> Result<Vec<PathBuf>, RecordedError> {
    let mut found = BTreeSet::new();
    for glob in globs {
        let pattern = GlobBuilder::new(glob)
            .literal_separator(true)
            .build()
            .map_err(|error| RecordedError::BadGlob { glob: glob.clone(), reason: error.kind().to_string() })?
            .compile_matcher();
        let before = found.len();
        let root = folder_of(glob);
        let files = WalkDir::new(&root)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| !entry.file_type().is_dir());
        found.extend(files.map(|entry| without_dot(entry.path())).filter(|path| pattern.is_match(path)));
        if found.len() == before {
            return Err(RecordedError::NoPlan { glob: glob.clone() });
        }
    }
    Ok(found.into_iter().collect())
}

/// The folder below which a glob can match: its parts before the first special character.
fn folder_of(glob: &str) -> PathBuf {
    let path = Path::new(glob);
    let is_plain = |part: &Path| !part.to_string_lossy().contains(['*', '?', '[', '{', '\\']);
    let plain: PathBuf = path
        .components()
        .map(|part| PathBuf::from(part.as_os_str()))
        .take_while(|part| is_plain(part))
        .collect();
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

/// `./plans/a.json`, as walking the current folder gives it, without the dot that no glob has.
fn without_dot(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}

/// A plan that was read, with its facts.
pub struct RecordedPlan {
    /// Its path as it was found.
    pub path: PathBuf,
    plan: Plan,
    facts: Facts,
}

impl RecordedPlan {
    /// Reads the plan at `path`.
    ///
    /// # Errors
    /// It is no plan.
    pub fn read(path: &Path) -> Result<Self, RecordedError> {
        let plan = Plan::read(&PlanSource::File(path.to_owned()))
            .map_err(|source| RecordedError::Unreadable { path: path.to_owned(), source })?;
        let facts = crate::facts::extract(&plan);
        Ok(Self { path: path.to_owned(), plan, facts })
    }

    /// What the rules of `pack` say about it, with the thresholds that hold without a configuration file. Sorted.
    ///
    /// # Errors
    /// As [`Pack::evaluate`].
    pub fn findings(&self, pack: &Pack, limits: Limits) -> Result<Vec<Finding>, PolicyError> {
        let mut input = Input::new(&self.facts, &Config::default().rule_input())?;
        if pack.uses_plan() {
            input = input.with_plan(self.plan.raw_json())?;
        }
        Ok(pack.evaluate(input, limits)?.findings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_looked_for_below_its_plain_folders_only() {
        assert_eq!(folder_of("examples/rules/**/plan.json"), Path::new("examples/rules"));
        assert_eq!(folder_of("*.json"), Path::new("."));
        assert_eq!(folder_of("/a/b.json"), Path::new("/a/b.json"));
    }
}
