//! What a rule says about a plan, and nothing about how it was reached or how it is shown: the one type that the policy engine makes,
//! `source` gives a place in a file, and every report format reads.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

/// Whether the rule is sure. Ordered: the surer first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// Tells it from other findings, in this run and the next ones.
    pub fingerprint: Fingerprint,
    /// Somebody has decided that it does not count; it stays in reports for programs.
    pub suppression: Option<Suppression>,
    /// What a policy for conftest added to its result, for programs; without the plan's sensitive values.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

impl Finding {
    /// It counts: nobody has suppressed it.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.suppression.is_none()
    }

    /// Sort key of every report: address, rule, path, certainty, message.
    #[must_use]
    pub fn order(&self) -> (&str, &str, &AttributePath, Certainty, &str) {
        (&self.address, self.rule.as_str(), &self.path, self.certainty, &self.message)
    }
}

/// Sorts findings as reports show them, and counts those that speak of the same place, so that each has a fingerprint of its own.
pub fn put_in_order(findings: &mut [Finding]) {
    findings.sort_by(|left, right| left.order().cmp(&right.order()));
    let mut seen: HashMap<Fingerprint, u32> = HashMap::new();
    for finding in findings {
        let first = Fingerprint::new(&finding.rule, &finding.address, &finding.path, 0);
        let count = seen.entry(first).or_default();
        finding.fingerprint = Fingerprint::new(&finding.rule, &finding.address, &finding.path, *count);
        *count += 1;
    }
}

/// Tells a finding from others over several runs: SHA-256 of the rule, the address and the path, and of how many findings with the same
/// three come before it. It does not depend on the order of resources, on lines, on the wording of the message, or on any value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of the finding of `rule` at `path` in `address` that comes after `earlier` others of the same three.
    #[must_use]
    pub fn new(rule: &RuleId, address: &str, path: &[PathStep], earlier: u32) -> Self {
        let mut hash = Sha256::new();
        // A byte that no text holds between the parts: `a` and `bc` are not `ab` and `c`.
        for part in [rule.as_str(), address, &display_path(path), &earlier.to_string()] {
            hash.update(part.as_bytes());
            hash.update([0xff]);
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoFingerprint);
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(index * 2..index * 2 + 2).ok_or(NoFingerprint)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NoFingerprint)?;
        }
        Ok(Self(bytes))
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 hexadecimal digits")]
pub struct NoFingerprint;

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The decision that a finding does not count, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Where the decision is written.
    pub kind: SuppressionKind,
    /// Why, in the words of whoever decided.
    pub reason: String,
    /// Who answers for it; a baseline names nobody.
    pub owner: Option<String>,
    /// The last day (UTC) on which it holds; a baseline has no end.
    pub until: Option<Date>,
    /// The file that says so, as it should be shown.
    pub file: PathBuf,
    /// Line of the file, from 1, where the decision is written by hand.
    pub line: Option<usize>,
}

/// The ways to suppress a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionKind {
    /// A `waiver` block of `secretlint.hcl`.
    Waiver,
    /// A comment in a `.tf` file.
    Inline,
    /// An entry of a baseline file.
    Baseline,
    /// A rule `exception` of a policy for conftest.
    Exception,
}

impl SuppressionKind {
    /// The spelling used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiver => "waiver",
            Self::Inline => "inline",
            Self::Baseline => "baseline",
            Self::Exception => "exception",
        }
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

    fn finding(address: &str, message: &str) -> Finding {
        let rule = RuleId::from_package("a.b");
        Finding {
            fingerprint: Fingerprint::new(&rule, address, &[], 0),
            rule,
            severity: Severity::Low,
            certainty: Certainty::Violation,
            address: address.into(),
            path: vec![name("c")],
            message: message.into(),
            labels: Vec::new(),
            help: None,
            location: None,
            suppression: None,
            metadata: serde_json::Map::new(),
        }
    }

    #[test]
    fn a_fingerprint_does_not_depend_on_order_or_wording_and_counts_equals() {
        let fingerprints = |findings: &[(&str, &str)]| {
            let mut findings: Vec<Finding> =
                findings.iter().map(|(address, message)| finding(address, message)).collect();
            put_in_order(&mut findings);
            findings.iter().map(|finding| finding.fingerprint).collect::<Vec<_>>()
        };
        let three = fingerprints(&[("x.a", "one"), ("x.b", "one"), ("x.a", "two")]);
        assert_eq!(three, fingerprints(&[("x.b", "said otherwise"), ("x.a", "two"), ("x.a", "one")]));
        assert_eq!(three.iter().collect::<std::collections::HashSet<_>>().len(), 3);
        assert_eq!(fingerprints(&[("x.a", "two")])[0], three[0]);
    }

    #[test]
    fn a_fingerprint_reads_back_and_nothing_else_is_one() {
        let fingerprint = finding("x.a", "m").fingerprint;
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        for text in ["", "abc", &"g".repeat(64), &"ä".repeat(32), &format!("+{}", "0".repeat(63))] {
            assert_eq!(text.parse::<Fingerprint>(), Err(NoFingerprint), "{text}");
        }
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
