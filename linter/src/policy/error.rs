//! Why a policy could not be loaded or evaluated. Every variant ends the run with exit status 2; they differ in what the reader does next.

use std::path::PathBuf;
use std::time::Duration;

use miette::Diagnostic;

use super::memory::MemoryLimit;
use crate::finding::RuleId;
use crate::problem::Problem;

/// A policy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A folder or file given by `--policy` cannot be read.
    #[error("cannot read the policies in `{}`", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A folder given by `--policy` holds no `.rego` file.
    #[error("there is no `.rego` file in `{}`", path.display())]
    NoFile {
        /// The folder.
        path: PathBuf,
    },
    /// Files of policies are wrong: each problem points to its place.
    #[error("{}", problems_headline(problems.len()))]
    Invalid {
        /// At least one.
        problems: Vec<Problem>,
    },
    /// No rule is left to evaluate.
    #[error("no rule to evaluate: {reason}")]
    NoRule {
        /// Which option left none.
        reason: String,
        /// What to do.
        help: String,
    },
    /// No test is there to run.
    #[error("no test to run: {reason}")]
    NoTest {
        /// Where none was found.
        reason: String,
    },
    /// A rule ran longer than it may.
    #[error("rule `{rule}` ({}) did not finish within {} s", file, limit.as_secs_f64())]
    TooSlow {
        /// The rule, or the test, by its full name.
        rule: String,
        /// Where it is defined.
        file: String,
        /// The limit.
        limit: Duration,
    },
    /// The process grew further than it may while rules ran.
    #[error("the memory of secretlint grew by more than {} MB while {} ran", limit.megabytes(), listed(rules))]
    TooMuchMemory {
        /// The rules, or the tests, that were running, by their full names; at least one.
        rules: Vec<String>,
        /// The limit.
        limit: MemoryLimit,
    },
    /// Rules that ran together did not answer, and could not be interrupted.
    #[error("one of the rules {} did not finish within {} s", listed(rules), limit.as_secs_f64())]
    NoAnswer {
        /// The rules, by their ids; at least two.
        rules: Vec<String>,
        /// The limit.
        limit: Duration,
    },
    /// A rule failed while it ran.
    #[error("rule `{rule}` failed while it was evaluated")]
    Failed {
        /// The rule, or the test, by its full name.
        rule: String,
        /// Where and why.
        problem: Box<Problem>,
    },
    /// A rule's result is not what a rule must return.
    #[error("rule `{rule}` ({file}) returned a result of the wrong shape: {what}")]
    WrongShape {
        /// The rule.
        rule: RuleId,
        /// Where it is defined.
        file: String,
        /// Which part, and what it is instead; never a value.
        what: String,
    },
    /// A result of a rule for conftest is not what such a rule must return.
    #[error("rule `{rule}` ({file}) returned a result of the wrong shape: {what}")]
    WrongConftestShape {
        /// The rule.
        rule: RuleId,
        /// Where it is defined.
        file: String,
        /// Which part, and what it is instead; never a value.
        what: String,
    },
    /// The thread that evaluates rules ended without an answer.
    #[error("the policy engine stopped while it evaluated {}", listed(rules))]
    EngineStopped {
        /// The rules that were running.
        rules: Vec<String>,
    },
    /// The facts or the plan cannot be handed to the engine.
    #[error("the input for the rules cannot be built")]
    Input {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn problems_headline(count: usize) -> String {
    if count == 1 {
        "a policy cannot be used".to_owned()
    } else {
        format!("policies cannot be used: {count} problems")
    }
}

fn listed(names: &[String]) -> String {
    format!("`{}`", names.join("`, `"))
}

impl Diagnostic for PolicyError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let text: String = match self {
            Self::Unreadable { .. } => "`--policy` takes a folder of `.rego` files, or one such file".into(),
            Self::NoFile { .. } => "`--policy` takes a folder of `.rego` files; folders below it are searched too".into(),
            Self::NoRule { help, .. } => help.clone(),
            Self::NoTest { .. } => {
                "a test is a rule whose name begins with `test_`, usually in a file `<rule>_test.rego`; `--bundled` runs the bundled tests".into()
            }
            Self::TooSlow { .. } => {
                "look for nested loops over large collections, or allow more time with `--rule-timeout SECONDS`".into()
            }
            Self::NoAnswer { .. } => "it is in a single call that takes very long; `--rule ID` tells which rule it is".into(),
            Self::TooMuchMemory { .. } => {
                "look for a set or a comprehension that pairs everything with everything, or allow more with `--rule-memory MEGABYTES`".into()
            }
            Self::WrongShape { .. } => SHAPE_HELP.into(),
            Self::WrongConftestShape { .. } => CONFTEST_SHAPE_HELP.into(),
            Self::EngineStopped { .. } => "this is a defect of secretlint or of its policy engine; please report it with the policy".into(),
            Self::Invalid { .. } | Self::Failed { .. } | Self::Input { .. } => return None,
        };
        Some(Box::new(text))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self {
            Self::Invalid { problems } => {
                Some(Box::new(problems.iter().map(|problem| problem as &dyn Diagnostic)))
            }
            Self::Failed { problem, .. } => Some(Box::new(std::iter::once(&**problem as &dyn Diagnostic))),
            _ => None,
        }
    }
}

const SHAPE_HELP: &str = "`findings` and `undetermined` are sets of objects `{\"address\": string, \"path\": [string or number, …], \
    \"message\": string}`, optionally with `\"labels\": [{\"path\": […], \"message\": string}, …]` and `\"help\": string`; \
    `result.at(fact, path, message)` of `data.secretlint.lib.result` makes one";

const CONFTEST_SHAPE_HELP: &str = "`deny`, `violation` and `warn` are sets of strings, or of objects `{\"msg\": string, …}`, optionally with \
    `\"_loc\": {\"file\": string, \"line\": number}`: `deny contains msg if { … }`. conftest takes anything else for a pass";
