//! `secretlint diff REV`: what the change of policies since a commit alters on recorded plans, for whoever reviews it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use miette::Diagnostic;

use super::check::limits;
use super::commands::{cannot_serialize, deliver};
use super::terminal::Terminal;
use super::{GlobalOptions, Outcome};
use crate::comparison::{self, Commit, Comparison};
use crate::policy::{Pack, PolicyError, PolicyFile};
use crate::recorded::{self, RecordedPlan};
use crate::report::policy_diff;

#[derive(Debug, Args)]
pub(super) struct DiffOptions {
    /// Branch, tag or commit to compare the working tree with. The policies are those of --policy, else of the folder `policies`.
    #[arg(value_name = "REV")]
    revision: String,
    /// Recorded plans to evaluate both on; may be repeated [default: examples/rules/**/plan.json].
    #[arg(long, value_name = "GLOB")]
    plans: Vec<String>,
    /// Form of the report.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: DiffFormat,
    /// Exit with status 1 if a finding or a rule is another.
    #[arg(long)]
    fail_on_change: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For a person.
    Human,
    /// For a comment on a pull request.
    Markdown,
    /// For a program.
    Json,
}

/// Policies of one side that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the policies {side} cannot be used")]
struct OneSide {
    side: String,
    problem: PolicyError,
}

impl Diagnostic for OneSide {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(std::iter::once(&self.problem as &dyn Diagnostic)))
    }
}

type Problem = Box<dyn Diagnostic>;

pub(super) fn run(options: &DiffOptions, global: &GlobalOptions, terminal: &Terminal) -> Outcome {
    let (comparison, commit) = match compare(options, global) {
        Ok(compared) => compared,
        Err(problem) => {
            terminal.problem(problem.as_ref());
            return Outcome::CouldNotEvaluate;
        }
    };
    let text = match options.format {
        DiffFormat::Human => Ok(policy_diff::human(&comparison, &commit.name)),
        DiffFormat::Markdown => Ok(policy_diff::markdown(&comparison, &commit.name)),
        DiffFormat::Json => policy_diff::json(&comparison, &commit.name, &commit.hash),
    };
    let outcome = match text {
        Ok(text) => deliver(&text, terminal),
        Err(error) => return cannot_serialize(&error, terminal),
    };
    match outcome {
        Outcome::Clean if options.fail_on_change && !comparison.is_empty() => Outcome::Findings,
        other => other,
    }
}

fn compare(options: &DiffOptions, global: &GlobalOptions) -> Result<(Comparison, Commit), Problem> {
    let folders =
        if global.policies.is_empty() { vec![PathBuf::from("policies")] } else { global.policies.clone() };
    let mut now = Vec::new();
    for folder in &folders {
        now.extend(PolicyFile::read_folder(folder)?.into_iter().filter(|file| !file.is_test()));
    }
    // The folder of a single file is where git looks for it.
    let place = |folder: &PathBuf| match folder.parent() {
        Some(parent) if folder.is_file() => parent.to_owned(),
        _ => folder.clone(),
    };
    let commit = Commit::resolve(&folders.first().map(place).unwrap_or_default(), &options.revision)?;
    let mut then = Vec::new();
    for folder in &folders {
        then.extend(comparison::files_of(&commit, &place(folder))?);
    }
    let globs =
        if options.plans.is_empty() { vec![recorded::EXAMPLES.to_owned()] } else { options.plans.clone() };
    let pack = |files, side: String| -> Result<Pack, Problem> {
        comparison::pack_of(secretlint_policies::files(), files)
            .map_err(|problem| Box::new(OneSide { side, problem }) as Problem)
    };
    let before = pack(then, format!("of `{}`", commit.name))?;
    let after = pack(now, "of the working tree".to_owned())?;
    let plans =
        recorded::find(&globs)?.iter().map(|path| RecordedPlan::read(path)).collect::<Result<Vec<_>, _>>()?;
    let comparison = Comparison::of(&before, &after, &plans, limits(global))?;
    Ok((comparison, commit))
}
