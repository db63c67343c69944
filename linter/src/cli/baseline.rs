//! `secretlint baseline`: writes, checks and prunes the file of findings that a team has accepted for the time being.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::check::{Access, Evaluation, Prepared, Problem, Request, limits, prepare, settle};
use super::conftest::ConftestArguments;
use super::terminal::Terminal;
use super::{GlobalOptions, Outcome};
use crate::report::human::counted;
use crate::waiver::baseline::{Baseline, BaselineError, Entry, FILE_NAME};
use crate::waiver::term::{parse_date, today};

#[derive(Debug, Args)]
pub(super) struct BaselineOptions {
    /// Plans in JSON form; `-` reads standard input.
    #[arg(value_name = "PLAN", required = true)]
    plans: Vec<String>,
    /// The baseline file [default: `baseline` of the configuration file, else secretlint-baseline.json].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write nothing; fail if the file has entries that no longer occur.
    #[arg(long, conflicts_with = "prune")]
    check: bool,
    /// Only remove entries that no longer occur.
    #[arg(long)]
    prune: bool,
    /// The day on which new entries were first seen [default: today, in UTC].
    #[arg(long, value_name = "DATE", value_parser = date, conflicts_with_all = ["check", "prune"])]
    first_seen: Option<Date>,
    /// Folder of the configuration, for inline ignores [default: the plan's folder, else the current one].
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
    /// Configuration file [default: secretlint.hcl in the current folder, if it is there].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    conftest: ConftestArguments,
}

pub(super) fn run(options: &BaselineOptions, global: &GlobalOptions, terminal: &Terminal) -> Outcome {
    match answer(options, global) {
        Ok(answer) => {
            if let Some(baseline) = &answer.write {
                let text = match baseline.render() {
                    Ok(text) => text,
                    Err(error) => {
                        terminal.usage(&format!("the baseline cannot be written as JSON: {error}"), "");
                        return Outcome::CouldNotEvaluate;
                    }
                };
                if terminal.write(&text, Some(baseline.file())).is_err() {
                    return Outcome::CouldNotEvaluate;
                }
            }
            match terminal.write(&answer.text, None) {
                Ok(()) => answer.outcome,
                Err(()) => Outcome::CouldNotEvaluate,
            }
        }
        Err(problem) => {
            terminal.problem(problem.as_ref());
            Outcome::CouldNotEvaluate
        }
    }
}

/// What the command comes to.
struct Answer {
    write: Option<Baseline>,
    text: String,
    outcome: Outcome,
}

fn answer(options: &BaselineOptions, global: &GlobalOptions) -> Result<Answer, Problem> {
    let request = Request {
        config: options.config.as_deref(),
        only: &[],
        skip: &[],
        source: options.source.as_deref(),
        conftest: Some(&options.conftest),
    };
    let prepared = prepare(&request, global)?;
    let file = options
        .output
        .clone()
        .or_else(|| prepared.config.baseline.clone())
        .unwrap_or_else(|| FILE_NAME.into());
    let earlier = match Baseline::read(&file) {
        Err(BaselineError::Missing { .. }) if !options.check && !options.prune => None,
        other => Some(other?),
    };
    let mut current = Baseline::empty(&file);
    collect(&mut current, prepared, options, global, options.first_seen.unwrap_or_else(today))?;
    let name = file.display();
    let Some(mut earlier) = earlier else {
        let text = format!("wrote {} to `{name}`\n", counted(current.len(), "finding"));
        return Ok(Answer { write: Some(current), text, outcome: Outcome::Clean });
    };
    let total = earlier.len();
    let gone = list(&earlier.gone(&current));
    let gone_count = earlier.gone(&current).len();
    if options.check {
        return Ok(match gone_count {
            0 => Answer {
                write: None,
                text: format!("all {} of `{name}` still occur\n", counted_entries(total)),
                outcome: Outcome::Clean,
            },
            count => Answer {
                write: None,
                text: format!(
                    "{gone}{count} of {} of `{name}` no longer {}: `secretlint baseline --prune` removes what is gone\n",
                    counted_entries(total),
                    if count == 1 { "occurs" } else { "occur" },
                ),
                outcome: Outcome::Findings,
            },
        });
    }
    if options.prune {
        earlier.prune(&current);
        let text = format!("{gone}removed {gone_count} of {} from `{name}`\n", counted_entries(total));
        return Ok(Answer { write: (gone_count > 0).then_some(earlier), text, outcome: Outcome::Clean });
    }
    let changes = current.keep_dates_of(&earlier);
    let text = format!(
        "wrote {} to `{name}`: {} new, {} as before, {} gone\n",
        counted(current.len(), "finding"),
        changes.added,
        changes.kept,
        changes.removed
    );
    Ok(Answer { write: Some(current), text, outcome: Outcome::Clean })
}

fn collect(
    baseline: &mut Baseline,
    prepared: Prepared,
    options: &BaselineOptions,
    global: &GlobalOptions,
    first_seen: Date,
) -> Result<(), Problem> {
    let Prepared { config, pack, conftest, mut decisions } = prepared;
    let evaluation = Evaluation {
        config: &config,
        pack: &pack,
        conftest: conftest.as_ref(),
        limits: limits(global),
        access: Access::LeftOut,
    };
    let plans: BTreeSet<&String> = options.plans.iter().collect();
    for argument in plans {
        let (mut report, inputs) = evaluation.of(argument)?;
        drop(inputs);
        settle(&mut report, argument, options.source.as_deref(), &mut decisions)?;
        for finding in &report.findings {
            baseline.add(finding, first_seen);
        }
    }
    Ok(())
}

fn list(entries: &[&Entry]) -> String {
    let line = |entry: &&Entry| {
        let place = if entry.path.is_empty() {
            entry.address.clone()
        } else {
            format!("{}, {}", entry.address, entry.path)
        };
        format!("gone: {} in {place} (first seen {})\n", entry.rule, entry.first_seen)
    };
    entries.iter().map(line).collect()
}

fn counted_entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

fn date(text: &str) -> Result<Date, &'static str> {
    parse_date(text).ok_or("a date is written 2027-01-31")
}
