//! `secretlint.hcl`: what a team decides once instead of writing it on every command line.
//!
//! ```hcl
//! fail_on    = "medium"                # low | medium | high | critical | none
//! on_unknown = "fail"                  # pass | warn | fail
//!
//! thresholds {
//!   rotation_max_days = 90
//!   recovery_min_days = 7
//!   owner_tags        = ["owner", "team"]
//! }
//!
//! rule "lifecycle.no_owner" {
//!   enabled = false
//! }
//! rule "rotation.too_slow" {
//!   severity = "critical"
//!   only     = ["module.prod.*"]       # addresses
//!   except   = ["module.prod.module.legacy.*"]
//! }
//!
//! on_unused_waiver = "warn"            # pass | warn | fail
//! baseline         = "secretlint-baseline.json"
//!
//! waiver {
//!   rule    = "value.literal"
//!   address = "module.legacy.aws_db_instance.main[*]"
//!   reason  = "moved to the store in Q1"
//!   owner   = "team-orders"
//!   until   = "2027-01-31"
//! }
//! ```
//! An option on the command line wins over the file. Whatever the linter does not know is an error that points to its line: a misspelt
//! setting must not silently be none.

mod rule;
mod thresholds;
mod waiver;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body};
use miette::Diagnostic;
use serde::Serialize;

use crate::finding::Severity;
use crate::problem::Problem;
use crate::waiver::term::Terms;

use self::rule::RuleSetting;
pub use self::thresholds::Thresholds;
pub use self::waiver::Waiver;

/// Name of the file that is read without being asked for, in the current folder.
pub const FILE_NAME: &str = "secretlint.hcl";

/// The lowest severity that makes the run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Every violation.
    Low,
    /// Medium and above.
    Medium,
    /// High and above.
    High,
    /// Critical only.
    Critical,
    /// None: findings are reported, the exit status is 0.
    None,
}

impl FailOn {
    /// A violation of this severity makes the run fail.
    #[must_use]
    pub fn includes(self, severity: Severity) -> bool {
        match self {
            Self::Low => true,
            Self::Medium => severity >= Severity::Medium,
            Self::High => severity >= Severity::High,
            Self::Critical => severity >= Severity::Critical,
            Self::None => false,
        }
    }
}

/// What becomes of a result that is undetermined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnUnknown {
    /// It is not reported.
    Pass,
    /// It is reported and does not change the exit status.
    Warn,
    /// It is reported and makes the run fail, like a violation.
    Fail,
}

/// What becomes of a waiver that waives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnUnused {
    /// It is not reported.
    Pass,
    /// It is reported and does not change the exit status.
    Warn,
    /// It is reported and makes the run fail if `fail_on` includes its severity.
    Fail,
}

/// The part of the configuration that rules see as `input.config`.
#[derive(Debug, Clone, Serialize)]
pub struct RuleInput<'config> {
    /// See [`Thresholds`].
    pub thresholds: &'config Thresholds,
}

/// A configuration file, read; or its defaults.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `fail_on`.
    pub fail_on: Option<FailOn>,
    /// `on_unknown`.
    pub on_unknown: Option<OnUnknown>,
    /// `thresholds`.
    pub thresholds: Thresholds,
    /// `on_unused_waiver`.
    pub on_unused_waiver: Option<OnUnused>,
    /// `baseline`, a path from the current folder.
    pub baseline: Option<PathBuf>,
    /// `waiver_warn_days` and `waiver_max_days` of `thresholds`.
    pub terms: Terms,
    /// The `waiver` blocks, in their order.
    pub waivers: Vec<Waiver>,
    rules: Vec<RuleSetting>,
    file: Option<(String, String)>,
}

/// The configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read the configuration file `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("the configuration file cannot be used")]
    Invalid {
        /// At least one.
        problems: Vec<Problem>,
    },
}

impl Diagnostic for ConfigError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        match self {
            Self::Unreadable { .. } => Some(Box::new("check the path given to `--config`")),
            Self::Invalid { .. } => None,
        }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self {
            Self::Invalid { problems } => {
                Some(Box::new(problems.iter().map(|problem| problem as &dyn Diagnostic)))
            }
            Self::Unreadable { .. } => None,
        }
    }
}

impl Config {
    /// Reads `path`, or `secretlint.hcl` in the current folder if no path is given and it is there.
    ///
    /// # Errors
    /// The file cannot be read or is wrong.
    pub fn read(path: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match path {
            Some(path) => path,
            None if Path::new(FILE_NAME).exists() => Path::new(FILE_NAME),
            None => return Ok(Self::default()),
        };
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.into(), source })?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Reads the text of the file `name`.
    ///
    /// # Errors
    /// The text is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        let body = hcl_edit::parser::parse_body(text).map_err(|error| {
            let offset = error.location().offset();
            let problem =
                Problem::new(format!("does not parse: {}", error.message()), name, text, offset..offset + 1);
            ConfigError::Invalid { problems: vec![problem] }
        })?;
        let mut reader = Reader { name, text, problems: Vec::new() };
        let mut config = Self { file: Some((name.to_owned(), text.to_owned())), ..Self::default() };
        reader.top(&body, &mut config);
        if reader.problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError::Invalid { problems: reader.problems })
        }
    }

    /// Name and text of the file that was read.
    #[must_use]
    pub fn file(&self) -> Option<(&str, &str)> {
        self.file.as_ref().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// A problem at a place of the file.
    #[must_use]
    pub fn problem(&self, message: impl Into<String>, place: Range<usize>) -> Problem {
        let (name, text) = self.file().unwrap_or_default();
        Problem::new(message, name, text, place)
    }

    /// What rules see of it.
    #[must_use]
    pub const fn rule_input(&self) -> RuleInput<'_> {
        RuleInput { thresholds: &self.thresholds }
    }
}

fn did_you_mean(candidates: &[&str], otherwise: &str) -> String {
    if candidates.is_empty() {
        otherwise.to_owned()
    } else {
        format!("did you mean `{}`?", candidates.join("` or `"))
    }
}

/// What may stand outside of blocks, and the blocks.
const TOP: [&str; 7] =
    ["fail_on", "on_unknown", "thresholds", "rule", "on_unused_waiver", "baseline", "waiver"];

struct Reader<'text> {
    name: &'text str,
    text: &'text str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn top(&mut self, body: &Body, config: &mut Config) {
        for attribute in body.attributes() {
            match attribute.key.as_str() {
                "fail_on" => config.fail_on = self.choice(attribute),
                "on_unknown" => config.on_unknown = self.choice(attribute),
                "on_unused_waiver" => config.on_unused_waiver = self.choice(attribute),
                "baseline" => config.baseline = self.path(attribute),
                _ => self.unknown(attribute.key.as_str(), attribute.key.span(), &TOP),
            }
        }
        for block in body.blocks() {
            match block.ident.as_str() {
                "thresholds" => self.thresholds(block, config),
                "rule" => self.rule(block, config),
                "waiver" => self.waiver(block, config),
                other => self.unknown(other, block.ident.span(), &TOP),
            }
        }
    }

    fn no_blocks(&mut self, block: &Block) {
        for inner in block.body.blocks() {
            self.unknown(inner.ident.as_str(), inner.ident.span(), &[]);
        }
    }

    fn texts(&mut self, attribute: &Attribute) -> Option<Vec<String>> {
        let texts = attribute.value.as_array().and_then(|array| {
            array.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        if texts.is_none() {
            self.wrong(attribute, "a list of strings");
        }
        texts
    }

    /// A path that is relative to the folder of the configuration file.
    fn path(&mut self, attribute: &Attribute) -> Option<PathBuf> {
        let path = attribute.value.as_str().filter(|text| !text.is_empty());
        if path.is_none() {
            self.wrong(attribute, "the path of a file");
        }
        Some(Path::new(self.name).parent().unwrap_or(Path::new("")).join(path?))
    }

    fn choice<T: ValueEnum>(&mut self, attribute: &Attribute) -> Option<T> {
        let choice = attribute.value.as_str().and_then(|text| T::from_str(text, false).ok());
        if choice.is_none() {
            let names: Vec<String> = T::value_variants()
                .iter()
                .filter_map(ValueEnum::to_possible_value)
                .map(|value| format!("\"{}\"", value.get_name()))
                .collect();
            self.wrong(attribute, &format!("one of {}", names.join(", ")));
        }
        choice
    }

    fn wrong(&mut self, attribute: &Attribute, expected: &str) {
        let place = place_of(&attribute.value).unwrap_or_default();
        self.problem(place, &format!("`{}` is {expected}", attribute.key.as_str()), "");
    }

    fn unknown(&mut self, name: &str, place: Option<Range<usize>>, known: &[&str]) {
        let best =
            known.iter().map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate)).min();
        let help = match best {
            Some((distance, candidate)) if distance <= 3 => format!("did you mean `{candidate}`?"),
            Some(_) => format!("known here: `{}`", known.join("`, `")),
            None => String::new(),
        };
        self.problem(place.unwrap_or_default(), &format!("there is no setting `{name}` here"), &help);
    }

    fn problem(&mut self, place: Range<usize>, message: &str, help: &str) {
        let problem = Problem::new(message, self.name, self.text, place);
        self.problems.push(if help.is_empty() { problem } else { problem.with_help(help) });
    }
}

fn place_of(expression: &Expression) -> Option<Range<usize>> {
    expression.span()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file_is_read() {
        let config = Config::parse(
            "s.hcl",
            "fail_on = \"high\"\non_unknown = \"fail\"\nthresholds {\n  rotation_max_days = 30\n  owner_tags = [\"o\"]\n}\nrule \"a.b\" {\n  enabled = false\n}\n",
        )
        .unwrap();
        assert_eq!((config.fail_on, config.on_unknown), (Some(FailOn::High), Some(OnUnknown::Fail)));
        assert_eq!(
            config.thresholds,
            Thresholds { rotation_max_days: 30.0, owner_tags: vec!["o".into()], ..Thresholds::default() }
        );
        assert_eq!(config.rules.len(), 1);
    }

    #[track_caller]
    fn check(text: &str, message: &str, place: &str) {
        let Err(ConfigError::Invalid { problems }) = Config::parse("s.hcl", text) else {
            panic!("accepted: {text}")
        };
        assert_eq!((problems[0].to_string().as_str(), &text[problems[0].span.clone()]), (message, place));
    }

    #[test]
    fn whatever_is_not_known_is_an_error_at_its_place() {
        check("fail_at = \"high\"", "there is no setting `fail_at` here", "fail_at");
        check(
            "fail_on = \"hi\"",
            "`fail_on` is one of \"low\", \"medium\", \"high\", \"critical\", \"none\"",
            "\"hi\"",
        );
        check(
            "thresholds {\n  rotation_max_days = \"x\"\n}",
            "`rotation_max_days` is a number of days, 0 or more",
            "\"x\"",
        );
        check("thresholds {\n  owner_tags = [1]\n}", "`owner_tags` is a list of strings", "[1]");
        check("rule {\n}", "a `rule` block has one label", "rule");
        check("rules \"a\" {\n}", "there is no setting `rules` here", "rules");
    }

    #[test]
    fn the_terms_of_waivers_are_whole_days() {
        let config = Config::parse("team/s.hcl", "baseline = \"b.json\"\non_unused_waiver = \"fail\"\nthresholds {\n  waiver_warn_days = 3\n  waiver_max_days = 90\n}\n").unwrap();
        assert_eq!(config.terms, Terms { warn_days: 3, max_days: 90 });
        assert_eq!(config.on_unused_waiver, Some(OnUnused::Fail));
        assert_eq!(config.baseline.as_deref(), Some(Path::new("team/b.json")));
        check(
            "thresholds {\n  waiver_max_days = 1.5\n}",
            "`waiver_max_days` is a whole number of days, 0 or more",
            "1.5",
        );
        check("baseline = 1", "`baseline` is the path of a file", "1");
    }

    #[test]
    fn a_threshold_of_severity_includes_what_is_above() {
        assert!(FailOn::Medium.includes(Severity::High) && !FailOn::Medium.includes(Severity::Low));
        assert!(!FailOn::None.includes(Severity::Critical));
    }
}
