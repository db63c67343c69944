//! `secretlint test`: runs the unit tests of policies and reports them in one of three forms.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use regex::Regex;

use super::check::limits;
use super::commands::{cannot_serialize, deliver};
use super::snapshots::{self, Difference};
use super::terminal::Terminal;
use super::{GlobalOptions, Outcome};
use crate::policy::testing::{self, Measure, TestOutcome, TestReport, TestRun};
use crate::report::test_run::{self, Shown};

#[derive(Debug, Args)]
pub(super) struct TestOptions {
    /// Folders of policies and tests [default: those of --policy, else the current one].
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Run the tests of the bundled policies.
    #[arg(long)]
    bundled: bool,
    /// Run only the tests whose full path (`data.team.rule_test.test_a`) matches.
    #[arg(long = "run", value_name = "REGEX")]
    only: Option<Regex>,
    /// Form of the report.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: TestFormat,
    /// How many tests run at once [default: one for each processor].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Also say which lines of the policies were evaluated.
    #[arg(long)]
    coverage: bool,
    /// Fail if less than this part of the lines was evaluated; implies --coverage.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    threshold: Option<f64>,
    /// Write the coverage to this file, in the form of lcov; implies --coverage.
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Instead of unit tests, compare what the policies find in these recorded plans with the snapshots; may be repeated.
    #[arg(long, value_name = "GLOB", conflicts_with_all = ["only", "format", "coverage", "threshold", "lcov", "bundled"])]
    plans: Vec<String>,
    /// Folder of the snapshots [default: `snapshots` in the first folder of policies].
    #[arg(long, value_name = "DIR", requires = "plans")]
    snapshots: Option<PathBuf>,
    /// Write the snapshots anew where they are not as they should be.
    #[arg(long, requires = "plans")]
    update: bool,
    /// Show passed tests too.
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestFormat {
    /// For a person.
    Human,
    /// What `opa test --format json` writes; with --coverage what that writes.
    Json,
    /// JUnit XML, for build servers.
    Junit,
}

fn percent(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|number| (0.0..=100.0).contains(number))
        .ok_or_else(|| "a number from 0 to 100".to_owned())
}

pub(super) fn run(options: &TestOptions, global: &GlobalOptions, terminal: &Terminal) -> Outcome {
    let mut folders: Vec<PathBuf> = options.folders.iter().chain(&global.policies).cloned().collect();
    if folders.is_empty() && !options.bundled {
        folders.push(PathBuf::from("."));
    }
    if !options.plans.is_empty() {
        let beside = || folders.first().cloned().unwrap_or_default().join("snapshots");
        let snapshots = options.snapshots.clone().unwrap_or_else(beside);
        let difference = if options.update { Difference::IsWritten } else { Difference::Fails };
        return snapshots::run(&folders, &options.plans, &snapshots, difference, limits(global), terminal);
    }
    let files: Vec<(&str, &str)> = secretlint_policies::files()
        .iter()
        .copied()
        .filter(|(path, _)| options.bundled || !path.ends_with("_test.rego"))
        .collect();
    let is_measured = options.coverage || options.threshold.is_some() || options.lcov.is_some();
    let plan = TestRun {
        folders,
        only: options.only.clone(),
        jobs: options.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
        limits: limits(global),
        coverage: if is_measured { Measure::Lines } else { Measure::Nothing },
    };
    match testing::run(&files, &plan) {
        Ok(report) => deliver_report(&report, options, terminal),
        Err(problem) => {
            terminal.problem(&problem);
            Outcome::CouldNotEvaluate
        }
    }
}

fn deliver_report(report: &TestReport, options: &TestOptions, terminal: &Terminal) -> Outcome {
    let failed = report.count(TestOutcome::Failed) > 0;
    let in_error = report.count(TestOutcome::Error) > 0;
    // As in OPA: a report on coverage would be of no use while a test fails.
    let coverage = report.coverage.as_ref().filter(|_| !failed && !in_error);
    let text = match (options.format, coverage) {
        (TestFormat::Human, _) => {
            let shown = if options.verbose { Shown::All } else { Shown::NotPassed };
            Ok(test_run::human(report, terminal.look(None), shown))
        }
        (TestFormat::Json, Some(coverage)) => test_run::coverage_json(coverage),
        (TestFormat::Json, None) => test_run::json(report),
        (TestFormat::Junit, _) => Ok(test_run::junit(report)),
    };
    let text = match text {
        Ok(text) => text,
        Err(error) => return cannot_serialize(&error, terminal),
    };
    let mut outcome = deliver(&text, terminal);
    if let (Some(coverage), Some(path)) = (&report.coverage, &options.lcov)
        && terminal.write(&test_run::lcov(coverage), Some(path)).is_err()
    {
        outcome = Outcome::CouldNotEvaluate;
    }
    let covered = coverage.map(testing::Coverage::percent);
    let too_little = options.threshold.zip(covered).filter(|(threshold, covered)| covered < threshold);
    if let Some((threshold, covered)) = too_little {
        terminal.usage(
            &format!("the tests evaluate {covered:.1}% of the lines, less than {threshold}%"),
            "write a test for the lines that the report names, or remove what nothing needs",
        );
    }
    match outcome {
        Outcome::Clean if in_error => Outcome::CouldNotEvaluate,
        Outcome::Clean if failed || too_little.is_some() => Outcome::Findings,
        other => other,
    }
}
