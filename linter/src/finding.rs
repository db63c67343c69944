//! What a rule says about a plan, and nothing about how it was reached or how it is shown: the one type that the policy engine makes,
//! `source` gives a place in a file, and every report format reads.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::facts::model::{AttributePath, PathStep};

/// How much a finding matters. Ordered: `Low < Medium < High < Critical`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is at risk by itself.
    Low,
    /// Weakens a protection.
    Medium,
    /// A secret can be reached by somebody who should not, or cannot be taken back.
    High,
    /// A secret is out, or everybody can read it.
    Critical,
}

impl Severity {
    /// All severities, the gravest first.
    pub const GRAVEST_FIRST: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The spelling used in METADATA, options and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::GRAVEST_FIRST.into_iter().find(|severity| severity.as_str() == text).ok_or(UnknownSeverity)
    }
}

/// The text is not one of the four severities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a severity is one of `low`, `medium`, `high`, `critical`")]
pub struct UnknownSeverity;

/// A rule's id: its package path without the vendor prefix, such as `grant.wildcard_principal`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The id of the rule in package `package` (`secretlint.grant.wildcard_principal`, with or without a leading `data.`).
    #[must_use]
    pub fn from_package(package: &str) -> Self {
        let package = package.strip_prefix("data.").unwrap_or(package);
        Self(package.strip_prefix("secretlint.").unwrap_or(package).into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Path of the rule's page and folder below `docs/rules` and `examples/rules`: `grant/wildcard_principal`.
    #[must_use]
    pub fn as_folder(&self) -> String {
        self.0.replace('.', "/")
    }

    /// The first part of the id: `grant`.
    #[must_use]
    pub fn topic(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for RuleId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Whether the rule is sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The plan breaks the rule.
    Violation,
    /// The plan does not say: the value is decided at apply, or could not be read.
    Undetermined,
}

/// One thing a rule says about one place of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule that says it.
    pub rule: RuleId,
    /// The rule's severity, or the one the configuration file sets for it.
    pub severity: Severity,
    /// Sure or not.
    pub certainty: Certainty,
    /// Address of the resource, output, variable or provider in the plan.
    pub address: String,
    /// Where in the resource; empty for the resource as a whole.
    pub path: AttributePath,
    /// One sentence, without a value.
    pub message: String,
    /// Further places in the same resource, each with a few words.
    pub labels: Vec<Label>,
    /// What to do here, where the rule knows better than its METADATA's remediation.
    pub help: Option<String>,
    /// Where it stands in the `.tf` files, once `source` has found it.
    pub location: Option<Location>,
}

impl Finding {
    /// Sort key of every report: address, rule, path, certainty, message.
    #[must_use]
    pub fn order(&self) -> (&str, &str, &AttributePath, Certainty, &str) {
        (&self.address, self.rule.as_str(), &self.path, self.certainty, &self.message)
    }
}

/// A second place that a finding points to.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Where in the resource.
    pub path: AttributePath,
    /// A few words, without a value.
    pub message: String,
    /// Where it stands in the `.tf` files, once `source` has found it.
    pub location: Option<Location>,
}

/// A place in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file, as it should be shown: relative to the folder that was searched, with that folder in front as the user gave it.
    pub file: PathBuf,
    /// Bytes of the file that are meant.
    pub span: Range<usize>,
    /// First line, from 1.
    pub line: usize,
    /// First column, from 1, in characters.
    pub column: usize,
    /// Last line, from 1.
    pub end_line: usize,
    /// Column after the last character, from 1, in characters.
    pub end_column: usize,
}

/// A path as a person writes it: `policy.Statement[0].Principal`, with keys that are no identifiers in quotes: `tags["a b"]`.
#[must_use]
pub fn display_path(path: &[PathStep]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            PathStep::Index(index) => text.push_str(&format!("[{index}]")),
            PathStep::Name(name) if is_identifier(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            PathStep::Name(name) => text.push_str(&format!("[{name:?}]")),
        }
    }
    text
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_' || character == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PathStep {
        PathStep::Name(text.to_owned())
    }

    #[test]
    fn a_rule_id_is_the_package_without_the_vendor_prefix() {
        assert_eq!(RuleId::from_package("data.secretlint.grant.wildcard").as_str(), "grant.wildcard");
        assert_eq!(RuleId::from_package("acme.naming").as_str(), "acme.naming");
        assert_eq!(RuleId::from_package("secretlint.grant.wildcard").as_folder(), "grant/wildcard");
    }

    #[test]
    fn a_path_reads_as_an_expression() {
        assert_eq!(
            display_path(&[name("policy"), name("Statement"), PathStep::Index(0), name("Principal")]),
            "policy.Statement[0].Principal"
        );
        assert_eq!(display_path(&[name("tags"), name("a b")]), "tags[\"a b\"]");
        assert_eq!(display_path(&[]), "");
    }

    #[test]
    fn severities_are_ordered_and_read_back() {
        assert!(Severity::Low < Severity::Medium && Severity::High < Severity::Critical);
        for severity in Severity::GRAVEST_FIRST {
            assert_eq!(severity.as_str().parse(), Ok(severity));
        }
        assert!("High".parse::<Severity>().is_err());
    }
}
