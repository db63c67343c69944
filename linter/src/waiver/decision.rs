//! One decision, wherever it is written: which rules, which places, until when, and how often it was needed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::civil::Date;

use super::pattern::{AddressPattern, PathPattern};
use super::term::Standing;
use crate::finding::{Finding, Location, RuleId, Suppression, SuppressionKind, display_path};
use crate::source::{About, Written};

/// A waiver, or one rule of an inline ignore.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) kind: SuppressionKind,
    /// The rule as it is written.
    pub(super) rule: String,
    /// The rules that are meant.
    pub(super) rules: BTreeSet<RuleId>,
    pub(super) scope: Scope,
    pub(super) reason: String,
    pub(super) owner: Option<String>,
    pub(super) until: Date,
    pub(super) standing: Standing,
    /// What reports show as the address of the decision's own results.
    pub(super) subject: String,
    pub(super) location: Location,
    /// How many findings it covers.
    pub(super) used: usize,
    /// The address of a finding that it would cover if it named instances.
    pub(super) nearly: Option<String>,
}

/// Where a decision holds.
#[derive(Debug)]
pub(super) enum Scope {
    /// At addresses of a plan.
    Addresses { address: AddressPattern, path: Option<PathPattern> },
    /// At what is written on a line.
    Line { file: PathBuf, about: About },
}

impl Decision {
    /// It is about this finding, which is a part of everything on `way`.
    pub(super) fn covers(&mut self, finding: &Finding, way: &[Written]) -> bool {
        if !self.rules.contains(&finding.rule) {
            return false;
        }
        match &self.scope {
            Scope::Addresses { address, path } => {
                let is_there = path.as_ref().is_none_or(|path| path.matches(&display_path(&finding.path)));
                if is_there && address.lacks_instances(&finding.address) {
                    self.nearly = Some(finding.address.clone());
                }
                is_there && address.matches(&finding.address)
            }
            Scope::Line { file, about } => way.iter().any(|written| {
                written.file == *file
                    && match *about {
                        About::NextLine(line) => written.first_line == line,
                        About::SameLine(line) => written.first_line == line || written.last_line == line,
                    }
            }),
        }
    }

    pub(super) fn suppression(&self) -> Suppression {
        Suppression {
            kind: self.kind,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            until: Some(self.until),
            file: self.location.file.clone(),
            line: Some(self.location.line),
        }
    }
}
