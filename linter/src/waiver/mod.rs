//! Findings that somebody has decided to live with, for a while, with a reason. A decision is written in one of three places: a `waiver` block of
//! `secretlint.hcl` (`crate::config` reads it), a comment in a `.tf` file (`inline` understands it, `crate::source` finds it), or a baseline file
//! (`baseline`). [`Decisions`] applies all three to the findings of each plan, and in the end says which of them are over or were not needed.
//!
//! A suppressed finding is not dropped: it stays in the report with its [`crate::finding::Suppression`], and only the exit status and the counts leave it out.
//! What ends a run, such as the error of a rule, is no finding and cannot be waived.

pub mod baseline;
mod decision;
pub mod inline;
mod own;
pub mod pattern;
mod rule_book;
pub mod term;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use miette::Diagnostic;

use self::baseline::Baseline;
use self::decision::{Decision, Scope};
use self::inline::Directive;
use self::term::{Standing, Terms};
use crate::config::{Config, ConfigError};
use crate::finding::{Finding, Location, RuleId, SuppressionKind};
use crate::problem::Problem;
use crate::source::{self, Note, Sources, Written};

use self::own::Need;
pub use self::own::{EXPIRED, UNUSED, explanation, is_own};
pub use self::rule_book::{RuleBook, UNREADABLE};

/// All decisions that a run knows of, and what they have been good for so far.
#[derive(Debug)]
pub struct Decisions {
    rules: RuleBook,
    terms: Terms,
    today: Date,
    waivers: Vec<Decision>,
    ignores: Vec<Decision>,
    /// Comments that have been read, by file and offset: several plans may share files.
    read: HashSet<(PathBuf, usize)>,
    baseline: Option<Baseline>,
    texts: BTreeMap<PathBuf, Arc<str>>,
}

/// Comments that look like `secretlint:ignore` and cannot be followed.
#[derive(Debug, thiserror::Error)]
#[error("a comment in the configuration cannot be followed")]
pub struct IgnoreError {
    problems: Vec<IgnoreProblem>,
}

/// One of them. The line is not shown: next to a comment about a secret stands the secret.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {message}", file.display())]
struct IgnoreProblem {
    file: PathBuf,
    line: usize,
    message: String,
    help: String,
}

impl Diagnostic for IgnoreProblem {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }
}

impl Diagnostic for IgnoreError {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}

/// What there is to say about the decisions themselves once all plans have been looked at.
#[derive(Debug, Default)]
pub struct Review {
    /// `waiver.expired` and `waiver.unused`.
    pub findings: Vec<Finding>,
    /// What will need somebody's attention soon, each a sentence.
    pub warnings: Vec<String>,
    /// Texts of the files that the findings' locations name.
    pub texts: BTreeMap<PathBuf, Arc<str>>,
}

impl Decisions {
    /// The waivers of `config`, for rules that `rules` knows, on the day `today`.
    ///
    /// # Errors
    /// A waiver names a rule that does not exist, or an end beyond what the team allows.
    pub fn new(config: &Config, rules: RuleBook, today: Date) -> Result<Self, ConfigError> {
        let mut decisions = Self {
            rules,
            terms: config.terms,
            today,
            waivers: Vec::new(),
            ignores: Vec::new(),
            read: HashSet::new(),
            baseline: None,
            texts: BTreeMap::new(),
        };
        let (name, text) = config.file().unwrap_or_default();
        let mut problems: Vec<Problem> = Vec::new();
        for waiver in &config.waivers {
            let rules = decisions.rules.resolve(&waiver.rule);
            let too_late = decisions.too_late(waiver.until);
            if let Some((message, help)) = too_late {
                problems.push(config.problem(message, waiver.until_place.clone()).with_help(help));
            }
            match rules {
                Ok(rules) => decisions.waivers.push(Decision {
                    kind: SuppressionKind::Waiver,
                    rule: waiver.rule.clone(),
                    rules,
                    scope: Scope::Addresses { address: waiver.address.clone(), path: waiver.path.clone() },
                    reason: waiver.reason.clone(),
                    owner: Some(waiver.owner.clone()),
                    until: waiver.until,
                    standing: decisions.terms.standing(waiver.until, today),
                    subject: waiver.address.as_str().to_owned(),
                    location: source::location(PathBuf::from(name), text, waiver.head.clone()),
                    used: 0,
                    nearly: None,
                }),
                Err(unknown) => {
                    problems.push(
                        config.problem(unknown.message, waiver.rule_place.clone()).with_help(unknown.help),
                    );
                }
            }
        }
        if !config.waivers.is_empty() {
            decisions.texts.insert(PathBuf::from(name), text.into());
        }
        if problems.is_empty() { Ok(decisions) } else { Err(ConfigError::Invalid { problems }) }
    }

    /// The same with a baseline.
    #[must_use]
    pub fn with_baseline(mut self, baseline: Baseline) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Suppresses what is decided of the findings of one plan. `sources` is the configuration it was made from, if there is one.
    ///
    /// # Errors
    /// A comment of the configuration cannot be followed.
    pub fn apply(
        &mut self,
        findings: &mut [Finding],
        mut sources: Option<&mut Sources>,
    ) -> Result<(), IgnoreError> {
        if let Some(sources) = sources.as_deref_mut() {
            self.read_notes(sources)?;
        }
        for finding in findings.iter_mut().filter(|finding| !is_own(&finding.rule)) {
            let way = self.way(finding, sources.as_deref_mut());
            // The decision nearest to the code is the one that is named; all that apply have been needed.
            for decision in self.ignores.iter_mut().chain(&mut self.waivers) {
                if !decision.covers(finding, &way) {
                    continue;
                }
                decision.used += 1;
                if decision.standing != Standing::Expired && finding.suppression.is_none() {
                    finding.suppression = Some(decision.suppression());
                }
            }
            if finding.suppression.is_none() {
                finding.suppression =
                    self.baseline.as_ref().and_then(|baseline| baseline.suppression(finding));
            }
        }
        Ok(())
    }

    /// What is to be said about the decisions, after all plans. `evaluated` are the rules that were asked: a decision about another rule may
    /// be needed the next time. `None`: a plan could not be read, so nobody knows what is needed.
    #[must_use]
    pub fn review(self, evaluated: Option<&BTreeSet<RuleId>>) -> Review {
        let mut review = Review { texts: self.texts, ..Review::default() };
        for decision in self.ignores.iter().chain(&self.waivers) {
            let was_asked = |rule: &RuleId| {
                rule.as_str() == UNREADABLE || evaluated.is_some_and(|evaluated| evaluated.contains(rule))
            };
            let need = match decision.used {
                0 if evaluated.is_some() && decision.rules.iter().all(was_asked) => Need::None,
                _ => Need::Perhaps,
            };
            match decision.standing {
                Standing::Expired => review.findings.push(own::expired(decision, need)),
                _ if need == Need::None => review.findings.push(own::unused(decision)),
                Standing::EndsSoon => review.warnings.push(own::ends_soon(decision)),
                Standing::Holds => {}
            }
        }
        review
    }

    /// Where in the files the finding stands, if any comment could be about it.
    fn way(&self, finding: &Finding, sources: Option<&mut Sources>) -> Vec<Written> {
        match sources {
            Some(sources) if self.ignores.iter().any(|ignore| ignore.rules.contains(&finding.rule)) => {
                sources.way(&finding.address, &finding.path)
            }
            _ => Vec::new(),
        }
    }

    fn too_late(&self, until: Date) -> Option<(String, String)> {
        let latest = self.terms.latest(self.today);
        (until > latest).then(|| {
            (
                format!("`until` is more than {} days away", self.terms.max_days),
                format!("the latest day that may be named today is {latest}; the threshold `waiver_max_days` in secretlint.hcl says so"),
            )
        })
    }

    fn read_notes(&mut self, sources: &mut Sources) -> Result<(), IgnoreError> {
        let mut problems = Vec::new();
        for (location, note) in sources.notes() {
            if !self.read.insert((location.file.clone(), location.span.start)) {
                continue;
            }
            if let Some(text) = sources.text(&location.file) {
                self.texts.insert(location.file.clone(), text);
            }
            let problem = |message: String, help: String| IgnoreProblem {
                file: location.file.clone(),
                line: note.line,
                message,
                help,
            };
            match Directive::parse(&note.text) {
                Ok(directive) => {
                    if let Some((message, help)) = self.too_late(directive.until) {
                        problems.push(problem(message, help));
                        continue;
                    }
                    for rule in &directive.rules {
                        match self.rules.resolve(rule) {
                            Ok(rules) => {
                                self.ignores.push(self.ignore(&directive, rule, rules, &note, &location))
                            }
                            Err(unknown) => problems.push(problem(unknown.message, unknown.help)),
                        }
                    }
                }
                Err(malformed) => problems.push(problem(malformed.message, malformed.help)),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(IgnoreError { problems }) }
    }

    fn ignore(
        &self,
        directive: &Directive,
        rule: &str,
        rules: BTreeSet<RuleId>,
        note: &Note,
        location: &Location,
    ) -> Decision {
        Decision {
            kind: SuppressionKind::Inline,
            rule: rule.to_owned(),
            rules,
            scope: Scope::Line { file: location.file.clone(), about: note.about },
            reason: directive.reason.clone(),
            owner: directive.owner.clone(),
            until: directive.until,
            standing: self.terms.standing(directive.until, self.today),
            subject: note.block.clone().unwrap_or_else(|| location.file.display().to_string()),
            location: location.clone(),
            used: 0,
            nearly: None,
        }
    }
}

#[cfg(test)]
mod tests;
