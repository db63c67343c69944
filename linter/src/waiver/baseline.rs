//! The baseline: the findings that were there when somebody began to use the linter, in a file, so that only new ones fail a run. It holds
//! what tells a finding from others and nothing that a plan says: no value, and no message.
//!
//! ```json
//! {
//!   "schema_version": 1,
//!   "findings": [
//!     {"address": "aws_db_instance.main", "rule": "value.literal", "path": "password", "certainty": "violation",
//!      "fingerprint": "…", "first_seen": "2026-11-22"}
//!   ]
//! }
//! ```
//! An entry that was undetermined does not cover a violation: the plan now says what nobody knew when it was accepted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::civil::Date;
use miette::Diagnostic;
use serde::{Deserialize, Serialize};

use super::own::is_own;
use super::rule_book::UNREADABLE;
use crate::finding::{Certainty, Finding, Fingerprint, Suppression, SuppressionKind, display_path};

/// Version of the form described above.
pub const SCHEMA_VERSION: u64 = 1;

/// Name of the file that is written if no other is named.
pub const FILE_NAME: &str = "secretlint-baseline.json";

/// A baseline, read or made.
#[derive(Debug, Clone)]
pub struct Baseline {
    file: PathBuf,
    entries: BTreeMap<Fingerprint, Entry>,
}

/// A finding that was there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// Address of the resource.
    pub address: String,
    /// Id of the rule.
    pub rule: String,
    /// The attribute, as reports write it; empty for the resource as a whole.
    pub path: String,
    /// Whether the rule was sure.
    pub certainty: Certainty,
    /// Tells it from others.
    pub fingerprint: Fingerprint,
    /// The day on which it was put into the file.
    pub first_seen: Date,
}

/// What became of a baseline when it was written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    /// Entries that were not there before.
    pub added: usize,
    /// Entries that stayed.
    pub kept: usize,
    /// Entries whose finding no longer occurs.
    pub removed: usize,
}

/// The baseline cannot be used. No text of the file is quoted: a plan, given by mistake, holds values.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// There is no such file.
    #[error("there is no baseline `{}`", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read the baseline `{}`", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file is no baseline.
    #[error("`{}` is no baseline of secretlint: {what}", path.display())]
    Invalid {
        /// The path.
        path: PathBuf,
        /// What is wrong, without a word of the file.
        what: String,
    },
    /// The file is one of another version.
    #[error("the baseline `{}` has schema version {found}, and this secretlint reads version {SCHEMA_VERSION}", path.display())]
    OtherVersion {
        /// The path.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
}

impl Diagnostic for BaselineError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(match self {
            Self::Missing { .. } => "`secretlint baseline PLAN… --output FILE` writes one".to_owned(),
            Self::Unreadable { .. } => "check the path".to_owned(),
            Self::Invalid { path, .. } => format!(
                "check the path; if the file is broken, restore it from version control, or remove it and run `secretlint baseline PLAN… --output {}`",
                path.display()
            ),
            Self::OtherVersion { path, found } if *found > SCHEMA_VERSION => {
                format!("`{}` was written by a newer secretlint: install that version", path.display())
            }
            Self::OtherVersion { path, .. } => format!(
                "remove `{0}` and run `secretlint baseline PLAN… --output {0}`, then compare the two",
                path.display()
            ),
        }))
    }
}

#[derive(Serialize)]
struct Written<'a> {
    schema_version: u64,
    findings: Vec<&'a Entry>,
}

impl Baseline {
    /// A baseline of nothing, for `file`.
    #[must_use]
    pub fn empty(file: &Path) -> Self {
        Self { file: file.to_owned(), entries: BTreeMap::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is not there, cannot be read, or is no baseline of this version.
    pub fn read(file: &Path) -> Result<Self, BaselineError> {
        let text = fs::read(file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => BaselineError::Missing { path: file.into() },
            _ => BaselineError::Unreadable { path: file.into(), source },
        })?;
        Self::parse(file, &text)
    }

    /// Reads the text of `file`.
    ///
    /// # Errors
    /// It is no baseline of this version.
    pub fn parse(file: &Path, text: &[u8]) -> Result<Self, BaselineError> {
        #[derive(Deserialize)]
        struct Version {
            schema_version: Option<u64>,
        }
        #[derive(Deserialize)]
        struct Document {
            findings: Vec<Entry>,
        }
        // The library's messages quote what they stumble over.
        let invalid = |what: &str, error: &serde_json::Error| BaselineError::Invalid {
            path: file.into(),
            what: format!("{what} at line {}, column {}", error.line(), error.column()),
        };
        let version: Version = serde_json::from_slice(text).map_err(|error| {
            invalid(if error.is_data() { "it has another form" } else { "it is not JSON" }, &error)
        })?;
        match version.schema_version {
            Some(SCHEMA_VERSION) => {}
            Some(found) => return Err(BaselineError::OtherVersion { path: file.into(), found }),
            None => {
                return Err(BaselineError::Invalid {
                    path: file.into(),
                    what: "it has no `schema_version`".into(),
                });
            }
        }
        let document: Document =
            serde_json::from_slice(text).map_err(|error| invalid("an entry has another form", &error))?;
        let entries = document.findings.into_iter().map(|entry| (entry.fingerprint, entry)).collect();
        Ok(Self { file: file.to_owned(), entries })
    }

    /// The file that it was read from or is for.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// How many findings it covers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// It covers none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts a finding into it, as seen first on `first_seen`. What somebody has suppressed in another way, what is about waivers, and what
    /// could not be read is left out.
    pub fn add(&mut self, finding: &Finding, first_seen: Date) {
        if !finding.is_active() || is_own(&finding.rule) || finding.rule.as_str() == UNREADABLE {
            return;
        }
        let entry = self.entries.entry(finding.fingerprint).or_insert_with(|| Entry {
            address: finding.address.clone(),
            rule: finding.rule.to_string(),
            path: display_path(&finding.path),
            certainty: finding.certainty,
            fingerprint: finding.fingerprint,
            first_seen,
        });
        // Of two plans the surer one counts.
        entry.certainty = entry.certainty.min(finding.certainty);
    }

    /// Takes over from `earlier` the days on which entries were first seen, and says what has changed.
    pub fn keep_dates_of(&mut self, earlier: &Self) -> Changes {
        let mut kept = 0;
        for (fingerprint, entry) in &mut self.entries {
            if let Some(before) = earlier.entries.get(fingerprint) {
                entry.first_seen = before.first_seen;
                kept += 1;
            }
        }
        Changes { added: self.entries.len() - kept, kept, removed: earlier.entries.len() - kept }
    }

    /// The entries whose finding is not in `current`, in the order of the file.
    #[must_use]
    pub fn gone(&self, current: &Self) -> Vec<&Entry> {
        let mut gone: Vec<&Entry> =
            self.entries.values().filter(|entry| !current.entries.contains_key(&entry.fingerprint)).collect();
        gone.sort();
        gone
    }

    /// Removes the entries whose finding is not in `current`.
    pub fn prune(&mut self, current: &Self) {
        self.entries.retain(|fingerprint, _| current.entries.contains_key(fingerprint));
    }

    /// The text of the file, sorted by address so that its differences can be read.
    ///
    /// # Errors
    /// None in practice: all keys are strings.
    pub fn render(&self) -> Result<String, serde_json::Error> {
        let mut findings: Vec<&Entry> = self.entries.values().collect();
        findings.sort();
        let mut text = serde_json::to_string_pretty(&Written { schema_version: SCHEMA_VERSION, findings })?;
        text.push('\n');
        Ok(text)
    }

    /// The decision of this file about a finding, if it has one.
    pub(super) fn suppression(&self, finding: &Finding) -> Option<Suppression> {
        let entry = self.entries.get(&finding.fingerprint)?;
        let is_covered = entry.certainty <= finding.certainty;
        is_covered.then(|| Suppression {
            kind: SuppressionKind::Baseline,
            reason: format!("in the baseline since {}", entry.first_seen),
            owner: None,
            until: None,
            file: self.file.clone(),
            line: None,
        })
    }
}
