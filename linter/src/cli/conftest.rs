//! Policies for conftest beside the linter's own: their options, and their turn in a check.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use clap::Args;

use crate::finding::{Finding, RuleId};
use crate::plan::Plan;
use crate::policy::{
    ConftestError, ConftestOptions, ConftestPack, Input, InputShape, Limits, Namespaces, Pack, PolicyError,
    Redaction, RegoVersion, Rule,
};

/// Name of the report on plans that were evaluated together.
pub(super) const COMBINED: &str = "Combined";

#[derive(Debug, Args)]
#[command(next_help_heading = "Policies written for conftest")]
pub(super) struct ConftestArguments {
    /// Evaluate the policies for conftest in this folder and below on the raw plan; may be repeated.
    #[arg(long = "conftest", value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Package whose rules are asked, as a glob; may be repeated [default: main].
    #[arg(long = "namespace", value_name = "GLOB", requires = "folders")]
    namespaces: Vec<String>,
    /// Ask the rules of every package.
    #[arg(long, requires = "folders", conflicts_with = "namespaces")]
    all_namespaces: bool,
    /// Data document, or folder of them, that policies see as `data`; `key:PATH` puts it below a key; may be repeated.
    #[arg(long, value_name = "PATH", requires = "folders")]
    data: Vec<String>,
    /// Evaluate all plans as one input, an array of {path, contents}.
    #[arg(long, requires = "folders")]
    combine: bool,
    /// Version of Rego that the policies are written in.
    #[arg(long, value_name = "VERSION", default_value = "v1", requires = "folders")]
    rego_version: RegoVersion,
    /// What `input` is: the plan, or what HCP Terraform or Spacelift make of it.
    #[arg(long, value_name = "SHAPE", default_value = "plan", requires = "folders")]
    input_shape: InputShape,
    /// Results of `warn` rules make the run fail too.
    #[arg(long, requires = "folders")]
    fail_on_warn: bool,
}

/// Policies for conftest, and what was collected for a combined evaluation.
pub(super) struct Conftest {
    pack: ConftestPack,
    selected: Vec<Rule>,
    fail_on_warn: bool,
    together: Option<Mutex<Together>>,
}

#[derive(Default)]
struct Together {
    documents: Vec<(String, Input)>,
    redaction: Redaction,
}

impl Conftest {
    /// Loads the policies, if the command line names any, and adds their rules to `pack`.
    pub(super) fn load(
        arguments: &ConftestArguments,
        pack: Pack,
    ) -> Result<(Pack, Option<Self>), ConftestError> {
        if arguments.folders.is_empty() {
            return Ok((pack, None));
        }
        let namespaces = match (arguments.all_namespaces, arguments.namespaces.as_slice()) {
            (true, _) => Namespaces::All,
            (false, []) => Namespaces::default(),
            (false, globs) => Namespaces::Matching(globs.to_vec()),
        };
        let conftest = ConftestPack::load(&ConftestOptions {
            folders: arguments.folders.clone(),
            namespaces,
            data: arguments.data.clone(),
            version: arguments.rego_version,
            shape: arguments.input_shape,
        })?;
        let pack = pack.with_conftest(&conftest);
        let together = arguments.combine.then(Mutex::default);
        Ok((
            pack,
            Some(Self {
                pack: conftest,
                selected: Vec::new(),
                fail_on_warn: arguments.fail_on_warn,
                together,
            }),
        ))
    }

    /// The rules that are left after `--rule`, `--skip` and the configuration file.
    pub(super) fn select(&mut self, rules: &[Rule]) {
        self.selected = rules.iter().filter(|rule| rule.is_conftest()).cloned().collect();
    }

    /// The rules whose findings do not make the run fail.
    pub(super) fn without_effect(&self) -> BTreeSet<RuleId> {
        if self.fail_on_warn {
            return BTreeSet::new();
        }
        self.selected.iter().filter(|rule| rule.is_warning()).map(|rule| rule.id.clone()).collect()
    }

    /// What the policies say about a plan; nothing yet if plans are evaluated together.
    pub(super) fn evaluate(&self, plan: &Plan, limits: Limits) -> Result<Vec<Finding>, PolicyError> {
        let input = self.pack.input(plan)?;
        match &self.together {
            Some(together) => {
                let redaction = Redaction::of(plan.raw_json());
                let mut together = together.lock().unwrap_or_else(PoisonError::into_inner);
                together.documents.push((plan.name().to_owned(), input));
                together.redaction.extend(redaction);
                Ok(Vec::new())
            }
            None => {
                let redaction = || Redaction::of(plan.raw_json());
                self.pack.evaluate(&self.selected, input, plan.name(), &redaction, limits)
            }
        }
    }

    /// What they say about all plans together, with `--combine`.
    pub(super) fn evaluate_together(&self, limits: Limits) -> Option<Result<Vec<Finding>, PolicyError>> {
        let together = self.together.as_ref()?;
        let together = std::mem::take(&mut *together.lock().unwrap_or_else(PoisonError::into_inner));
        let input = Input::combined(together.documents);
        let redaction = || together.redaction.clone();
        Some(self.pack.evaluate(&self.selected, input, COMBINED, &redaction, limits))
    }
}
