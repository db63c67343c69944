//! `secretlint lint-policies`: reviews policies and says what is not as it should be.

use std::path::PathBuf;

use clap::Args;
use miette::Diagnostic;

use super::check::limits;
use super::commands::deliver;
use super::terminal::Terminal;
use super::{GlobalOptions, Outcome};
use crate::policy::quality;
use crate::recorded::{self, RecordedError, RecordedPlan};
use crate::report::human::{counted, diagnostic};

#[derive(Debug, Args)]
pub(super) struct LintPoliciesOptions {
    /// Folders of policies and tests [default: those of --policy, else the current one].
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Recorded plans, on one of which each rule must find something; may be repeated [default: examples/rules/**/plan.json, if there are any].
    #[arg(long, value_name = "GLOB")]
    plans: Vec<String>,
}

pub(super) fn run(options: &LintPoliciesOptions, global: &GlobalOptions, terminal: &Terminal) -> Outcome {
    let mut folders: Vec<PathBuf> = options.folders.iter().chain(&global.policies).cloned().collect();
    if folders.is_empty() {
        folders.push(PathBuf::from("."));
    }
    let plans = match plans(&options.plans) {
        Ok(plans) => plans,
        Err(problem) => {
            terminal.problem(&problem);
            return Outcome::CouldNotEvaluate;
        }
    };
    let libraries: Vec<(&str, &str)> = secretlint_policies::files()
        .iter()
        .copied()
        .filter(|(path, _)| !path.ends_with("_test.rego"))
        .collect();
    let review = match quality::review(&libraries, &folders, &plans, limits(global)) {
        Ok(review) => review,
        Err(problem) => {
            terminal.problem(&problem);
            return Outcome::CouldNotEvaluate;
        }
    };
    let look = terminal.look(None);
    let mut text: String =
        review.problems.iter().map(|problem| diagnostic(problem as &dyn Diagnostic, look) + "\n").collect();
    let plans =
        if plans.is_empty() { "no recorded plan".to_owned() } else { counted(plans.len(), "recorded plan") };
    text.push_str(&format!(
        "{}, {}, {plans}: {}\n",
        counted(review.files, "file"),
        counted(review.rules, "rule"),
        counted(review.problems.len(), "problem")
    ));
    match deliver(&text, terminal) {
        Outcome::Clean if !review.problems.is_empty() => Outcome::Findings,
        other => other,
    }
}

/// The plans that `globs` name; without any, those of the examples, if there are some.
fn plans(globs: &[String]) -> Result<Vec<RecordedPlan>, RecordedError> {
    let paths = if globs.is_empty() {
        recorded::find(&[recorded::EXAMPLES.to_owned()]).unwrap_or_default()
    } else {
        recorded::find(globs)?
    };
    paths.iter().map(|path| RecordedPlan::read(path)).collect()
}
