//! The command line: what may be typed, and the exit status. `check` runs the default command, `test`, `baseline` and `commands` the others,
//! `terminal` writes.
//!
//! Exit status: 0 clean, 1 findings at or above `--fail-on` (or a failed test), 2 could not evaluate. Nothing else, so that a pipeline can
//! tell a bad plan from a bad run.

mod baseline;
mod check;
mod commands;
mod conftest;
mod diff;
mod lint_policies;
mod new;
mod outputs;
mod progress;
mod several;
mod shell;
mod snapshots;
mod terminal;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::config::{FailOn, OnUnknown};
use crate::report::Format;
use terminal::Terminal;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let parsed = Options::command()
        .try_get_matches()
        .and_then(|matches| Options::from_arg_matches(&matches).map(|options| (matches, options)));
    let (matches, options) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return refused(&error),
    };
    let terminal = Terminal::new(options.global.color);
    if let (Some(command), Some(argument)) = (matches.subcommand_name(), argument_of_check(&matches)) {
        terminal.usage(
            &format!("`{argument}` belongs to checking a plan, and `{command}` is another command"),
            &format!("`secretlint {command} --help` lists what it takes; to check a file of that name write `./{command}`"),
        );
        return Outcome::CouldNotEvaluate.into();
    }
    let outcome = match &options.command {
        None if options.check.plans.is_empty() => {
            terminal.usage("no plan was given", "run `terraform show -json tfplan > plan.json`, then `secretlint plan.json`; `-` reads standard input");
            Outcome::CouldNotEvaluate
        }
        None => check::run(&options.check, &options.global, &terminal),
        Some(Command::Rules(rules)) => commands::rules(rules, &options.global, &terminal),
        Some(Command::Explain(explain)) => commands::explain(&explain.rule, &options.global, &terminal),
        Some(Command::Facts(facts)) => commands::facts(facts, &terminal),
        Some(Command::Test(test)) => test::run(test, &options.global, &terminal),
        Some(Command::Baseline(baseline)) => baseline::run(baseline, &options.global, &terminal),
        Some(Command::Completions(completions)) => {
            shell::completions(completions, Options::command(), &terminal)
        }
        Some(Command::Man) => shell::man(Options::command(), &terminal),
        Some(Command::New(new)) => new::run(new, &terminal),
        Some(Command::Diff(diff)) => diff::run(diff, &options.global, &terminal),
        Some(Command::LintPolicies(lint)) => lint_policies::run(lint, &options.global, &terminal),
        Some(Command::Docs(docs)) => commands::docs(docs, &terminal),
    };
    outcome.into()
}

/// Help and version are printed as clap does; a wrong argument is shown like every other problem.
fn refused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A reader that goes away is no error.
        let _printed: std::io::Result<()> = error.print();
        return Outcome::Clean.into();
    }
    // Of the options, none has been understood: not even the one for colours.
    let terminal = Terminal::new(Color::Auto);
    let text = error.render().to_string();
    let mut paragraphs = text.trim().split("\n\n").map(str::trim);
    let message = paragraphs.next().unwrap_or_default();
    let help: Vec<&str> =
        paragraphs.map(|paragraph| paragraph.strip_prefix("tip: ").unwrap_or(paragraph)).collect();
    terminal.usage(message.strip_prefix("error: ").unwrap_or(message), &help.join("\n"));
    Outcome::CouldNotEvaluate.into()
}

/// An argument of the default command that was given. Beside a subcommand it would be ignored without a word.
fn argument_of_check(matches: &ArgMatches) -> Option<String> {
    CheckOptions::augment_args(clap::Command::new("check"))
        .get_arguments()
        .find(|argument| matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine))
        .map(|argument| argument.get_long().map_or_else(|| "PLAN".to_owned(), |name| format!("--{name}")))
}

/// The three ways a run can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Clean,
    Findings,
    CouldNotEvaluate,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clean => Self::SUCCESS,
            Outcome::Findings => Self::from(1),
            Outcome::CouldNotEvaluate => Self::from(2),
        }
    }
}

/// A linter for the secrets in a Terraform plan.
///
/// Reads the JSON form of a plan (`terraform show -json tfplan > plan.json`), finds the secrets of every provider in it, and reports wildcard
/// grants, missing rotation, values in plain text and the like. Prints no value, opens no connection.
#[derive(Debug, Parser)]
#[command(name = "secretlint", version, after_help = EXIT_STATUS)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: CheckOptions,
    #[command(flatten)]
    global: GlobalOptions,
}

const EXIT_STATUS: &str = "Exit status: 0 clean, 1 findings at or above --fail-on, 2 could not evaluate.";

#[derive(Debug, Subcommand)]
enum Command {
    /// List the rules.
    Rules(RulesOptions),
    /// Say what a rule looks for, why, and what to do.
    Explain(ExplainOptions),
    /// Print what the rules see of a plan, as JSON: the `input` document for `opa eval` too.
    Facts(FactsOptions),
    /// Run the unit tests of policies.
    Test(test::TestOptions),
    /// Write the findings of today to a file, so that only new ones fail a run.
    Baseline(baseline::BaselineOptions),
    /// Print a script that completes commands and options in a shell.
    Completions(shell::CompletionsOptions),
    /// Print the manual page, for `man -l -`.
    Man,
    /// Write a new rule that works, with its tests, to be changed from there.
    New(new::NewOptions),
    /// Review policies: METADATA, helpers, tests, and whether each rule can fire.
    LintPolicies(lint_policies::LintPoliciesOptions),
    /// Show what the change of policies since a commit alters on recorded plans.
    Diff(diff::DiffOptions),
    /// Write the rules' pages.
    #[command(hide = true)]
    Docs(DocsOptions),
}

// Under what an option stands in `--help`. Each says it itself: what follows a flattened group would else be under the group's.
const RULES: &str = "Rules";
const REPORT: &str = "Report";
const VERDICT: &str = "Verdict";

#[derive(Debug, Args)]
struct GlobalOptions {
    /// Also load the policies in this folder and below; may be repeated.
    #[arg(long = "policy", value_name = "DIR", global = true, help_heading = RULES)]
    policies: Vec<PathBuf>,
    /// Seconds that one rule may take on one plan.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=86_400), global = true, help_heading = RULES)]
    rule_timeout: u32,
    /// Megabytes that the whole process may grow by while rules run over one plan.
    #[arg(long, value_name = "MEGABYTES", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..), global = true, help_heading = RULES)]
    rule_memory: u32,
    /// Use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, help_heading = REPORT)]
    color: Color,
}

#[derive(Debug, Args)]
struct CheckOptions {
    /// Plan in JSON form; `-` reads standard input.
    #[arg(value_name = "PLAN")]
    plans: Vec<String>,
    /// Evaluate only rules whose id matches this glob (`grant.*`); may be repeated.
    #[arg(long = "rule", value_name = "GLOB", help_heading = RULES)]
    rules: Vec<String>,
    /// Leave out rules whose id matches this glob; may be repeated.
    #[arg(long, value_name = "GLOB", help_heading = RULES)]
    skip: Vec<String>,
    /// Form of the report.
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = REPORT)]
    format: Format,
    /// Write the report to this file instead of standard output; `FORMAT=FILE` writes one more report in that form, and may be repeated.
    #[arg(long = "output", value_name = "[FORMAT=]FILE", help_heading = REPORT)]
    outputs: Vec<String>,
    /// Lowest severity that makes the run fail [default: low].
    #[arg(long, value_name = "SEVERITY", hide_possible_values = false, help_heading = VERDICT)]
    fail_on: Option<FailOn>,
    /// What becomes of results that are decided only at apply [default: warn].
    #[arg(long, value_name = "ACTION", help_heading = VERDICT)]
    on_unknown: Option<OnUnknown>,
    /// Folder of the configuration, for lines and excerpts [default: the plan's folder, else the current one].
    #[arg(long, value_name = "DIR", help_heading = REPORT)]
    source: Option<PathBuf>,
    /// Configuration file [default: secretlint.hcl in the current folder, if it is there].
    #[arg(long, value_name = "FILE", help_heading = VERDICT)]
    config: Option<PathBuf>,
    /// Suppress the findings in this file, written by `secretlint baseline` [default: `baseline` of the configuration file].
    #[arg(long, value_name = "FILE", help_heading = VERDICT)]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    conftest: conftest::ConftestArguments,
    /// Show violations and the summary only.
    #[arg(short, long, conflicts_with = "verbose", help_heading = REPORT)]
    quiet: bool,
    /// Also show which rules were evaluated and which findings are suppressed.
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = REPORT)]
    verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Args)]
struct RulesOptions {
    /// Form of the list.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: ListFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For a person.
    Human,
    /// For a program.
    Json,
}

#[derive(Debug, Args)]
struct ExplainOptions {
    /// Id or former id of the rule.
    #[arg(value_name = "RULE")]
    rule: String,
}

#[derive(Debug, Args)]
struct FactsOptions {
    /// Plan in JSON form; `-` reads standard input.
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Configuration file, for `input.config`.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct DocsOptions {
    /// Folder to write to: `rules.md` and `rules/<topic>/<rule>.md` below it.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Folder of the examples, `<topic>/<rule>/{bad,good}/main.tf`.
    #[arg(long, value_name = "DIR", default_value = "examples/rules")]
    examples: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_are_consistent() {
        Options::command().debug_assert();
    }
}
