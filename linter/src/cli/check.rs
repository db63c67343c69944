//! The default command: the stages from plan to report, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use miette::Diagnostic;

use super::conftest::{COMBINED, Conftest, ConftestArguments};
use super::outputs::Outputs;
use super::progress::{self, Watched};
use super::several;
use super::terminal::{Terminal, misspelt_subcommand};
use super::{CheckOptions, GlobalOptions, Outcome};
use crate::config::{Config, FailOn, OnUnknown, OnUnused};
use crate::facts::model::{Facts, Unreadable};
use crate::finding::{self, Certainty, Finding, Fingerprint, RuleId, Severity};
use crate::plan::{Plan, PlanError, PlanSource};
use crate::policy::{Input, Limits, MemoryLimit, Pack, PolicyError, Selection};
use crate::report::access::AccessMap;
use crate::report::human::Detail;
use crate::report::mask::{Strictness, name_only};
use crate::report::{Format, PlanReport, Report};
use crate::source::Sources;
use crate::waiver::baseline::Baseline;
use crate::waiver::term::today;
use crate::waiver::{self, Decisions, RuleBook, UNREADABLE};

pub(super) fn run(options: &CheckOptions, global: &GlobalOptions, terminal: &Terminal) -> Outcome {
    let request = Request {
        config: options.config.as_deref(),
        only: &options.rules,
        skip: &options.skip,
        source: options.source.as_deref(),
        conftest: Some(&options.conftest),
    };
    let prepared = prepare(&request, global).and_then(|prepared| prepared.with_baseline(options));
    let Prepared { config, pack, conftest, mut decisions } = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => {
            terminal.problem(problem.as_ref());
            return Outcome::CouldNotEvaluate;
        }
    };
    let outputs = match Outputs::new(options.format, &options.outputs, &options.plans) {
        Ok(outputs) => outputs,
        Err(problem) => {
            terminal.problem(&problem);
            return Outcome::CouldNotEvaluate;
        }
    };
    let settings = Settings {
        fail_on: options.fail_on.or(config.fail_on).unwrap_or(FailOn::Low),
        on_unknown: options.on_unknown.or(config.on_unknown).unwrap_or(OnUnknown::Warn),
        on_unused_waiver: config.on_unused_waiver.unwrap_or(OnUnused::Warn),
        without_effect: conftest.as_ref().map(Conftest::without_effect).unwrap_or_default(),
    };
    let evaluation = Evaluation {
        config: &config,
        pack: &pack,
        conftest: conftest.as_ref(),
        limits: limits(global),
        access: if outputs.include(Format::Html) { Access::Mapped } else { Access::LeftOut },
    };
    let watched = if options.quiet { Watched::Quiet } else { Watched::Normal };
    let bar = progress::bar(options.plans.len(), watched);
    let answers = several::each(&options.plans, |argument| {
        let answer = match evaluation.of(argument) {
            Ok((plan, inputs)) => (Ok(plan), Some(inputs)),
            Err(problem) => (Err(problem), None),
        };
        bar.inc(1);
        answer
    });
    bar.finish_and_clear();
    let mut report = Report { plans: Vec::new(), rules: pack.rules().to_vec() };
    let mut outcome = Outcome::Clean;
    for (argument, answer) in options.plans.iter().zip(answers) {
        let settled = answer.and_then(|mut plan| {
            settle(&mut plan, argument, options.source.as_deref(), &mut decisions)?;
            Ok(plan)
        });
        match settled {
            Ok(plan) => report.plans.push(plan),
            Err(problem) => {
                terminal.problem(problem.as_ref());
                outcome = Outcome::CouldNotEvaluate;
            }
        }
    }
    if let Some(findings) = conftest.as_ref().and_then(|conftest| conftest.evaluate_together(limits(global)))
    {
        let settled = findings.map_err(|error| Box::new(error) as Problem).and_then(|findings| {
            let mut plan = together(findings);
            settle(&mut plan, "-", options.source.as_deref(), &mut decisions)?;
            Ok(plan)
        });
        match settled {
            Ok(plan) => report.plans.push(plan),
            Err(problem) => {
                terminal.problem(problem.as_ref());
                outcome = Outcome::CouldNotEvaluate;
            }
        }
    }
    if report.plans.is_empty() {
        return Outcome::CouldNotEvaluate;
    }
    review(&mut report, decisions, outcome, &settings);
    let detail = match (options.quiet, options.verbose) {
        (true, _) => Detail::Quiet,
        (false, 0) => Detail::Normal,
        (false, _) => Detail::Verbose,
    };
    if outputs.write(&report, detail, terminal).is_err() {
        return Outcome::CouldNotEvaluate;
    }
    if outcome == Outcome::Clean && report.findings().any(|(_, finding)| settings.fails(finding)) {
        outcome = Outcome::Findings;
    }
    outcome
}

/// Drops what was not asked for, and adds what there is to say about waivers. They belong to no plan, so they are listed with the first.
fn review(report: &mut Report, decisions: Decisions, outcome: Outcome, settings: &Settings) {
    if settings.on_unknown == OnUnknown::Pass {
        for plan in &mut report.plans {
            plan.findings.retain(|finding| finding.certainty == Certainty::Violation);
        }
    }
    let evaluated: BTreeSet<RuleId> = report.rules.iter().map(|rule| rule.id.clone()).collect();
    let review = decisions.review(Some(&evaluated).filter(|_| outcome == Outcome::Clean));
    let Some(plan) = report.plans.first_mut() else { return };
    plan.warnings.extend(review.warnings);
    plan.findings.extend(review.findings.into_iter().filter(|finding| {
        settings.on_unused_waiver != OnUnused::Pass || finding.rule.as_str() != waiver::UNUSED
    }));
    finding::put_in_order(&mut plan.findings);
    for (file, text) in review.texts {
        plan.texts.entry(file).or_insert(text);
    }
}

/// The time limit for a rule.
pub(super) fn limits(global: &GlobalOptions) -> Limits {
    Limits {
        per_rule: Duration::from_secs(global.rule_timeout.into()),
        memory: MemoryLimit::of_megabytes(global.rule_memory),
    }
}

/// What the command line and the configuration file decide together.
struct Settings {
    fail_on: FailOn,
    on_unknown: OnUnknown,
    on_unused_waiver: OnUnused,
    /// Rules that only warn.
    without_effect: BTreeSet<RuleId>,
}

impl Settings {
    fn fails(&self, finding: &Finding) -> bool {
        match finding.certainty {
            _ if !finding.is_active() || self.without_effect.contains(&finding.rule) => false,
            _ if finding.rule.as_str() == waiver::UNUSED && self.on_unused_waiver != OnUnused::Fail => false,
            Certainty::Violation => self.fail_on.includes(finding.severity),
            Certainty::Undetermined => self.on_unknown == OnUnknown::Fail,
        }
    }
}

pub(super) type Problem = Box<dyn Diagnostic + Send + Sync>;

/// What a command says about rules and files.
pub(super) struct Request<'options> {
    pub(super) config: Option<&'options Path>,
    pub(super) only: &'options [String],
    pub(super) skip: &'options [String],
    pub(super) source: Option<&'options Path>,
    pub(super) conftest: Option<&'options ConftestArguments>,
}

/// What is the same for every plan.
pub(super) struct Prepared {
    pub(super) config: Config,
    pub(super) pack: Pack,
    pub(super) conftest: Option<Conftest>,
    pub(super) decisions: Decisions,
}

impl Prepared {
    fn with_baseline(self, options: &CheckOptions) -> Result<Self, Problem> {
        let Some(file) = options.baseline.as_deref().or(self.config.baseline.as_deref()) else {
            return Ok(self);
        };
        let baseline = Baseline::read(file)?;
        Ok(Self { decisions: self.decisions.with_baseline(baseline), ..self })
    }
}

pub(super) fn prepare(request: &Request<'_>, global: &GlobalOptions) -> Result<Prepared, Problem> {
    if let Some(source) = request.source.filter(|source| !source.is_dir()) {
        return Err(Box::new(NoFolder { path: source.to_owned() }));
    }
    let config = Config::read(request.config)?;
    let pack = Pack::load(secretlint_policies::files(), &global.policies)?;
    let (mut pack, mut conftest) = match request.conftest {
        Some(arguments) => Conftest::load(arguments, pack)?,
        None => (pack, None),
    };
    let mut selection =
        Selection { only: request.only.to_vec(), skip: request.skip.to_vec(), ..Selection::default() };
    config.apply(&pack, &mut selection)?;
    // A waiver may be for a rule that this run leaves out, so all rules are known to it.
    let decisions = Decisions::new(&config, RuleBook::new(pack.rules()), today())?;
    pack.select(&selection)?;
    if let Some(conftest) = &mut conftest {
        conftest.select(pack.rules());
    }
    Ok(Prepared { config, pack, conftest, decisions })
}

/// Whether some report shows who may read what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Mapped,
    LeftOut,
}

/// What several plans can be evaluated with at once.
pub(super) struct Evaluation<'run> {
    pub(super) config: &'run Config,
    pub(super) pack: &'run Pack,
    pub(super) conftest: Option<&'run Conftest>,
    pub(super) limits: Limits,
    pub(super) access: Access,
}

impl Evaluation<'_> {
    /// What the rules say about a plan, not yet settled, and what it was made from.
    pub(super) fn of(&self, argument: &str) -> Result<(PlanReport, (Plan, Facts)), Problem> {
        let plan = read(argument)?;
        let facts = crate::facts::extract(&plan);
        let mut findings = evaluate(&plan, &facts, self.config, self.pack, self.limits)?;
        if let Some(conftest) = self.conftest {
            findings.extend(conftest.evaluate(&plan, self.limits)?);
            finding::put_in_order(&mut findings);
        }
        let report = PlanReport {
            name: plan.name().to_owned(),
            warnings: plan.warnings().iter().map(ToString::to_string).collect(),
            findings,
            texts: BTreeMap::new(),
            access: (self.access == Access::Mapped).then(|| AccessMap::new(&facts)),
        };
        Ok((report, (plan, facts)))
    }
}

/// Says of each finding where it stands and whether it counts. One plan after the other, in the order given: a decision remembers what it
/// has been used for.
pub(super) fn settle(
    report: &mut PlanReport,
    argument: &str,
    source: Option<&Path>,
    decisions: &mut Decisions,
) -> Result<(), Problem> {
    read_named_lines(report);
    let mut sources = configuration_folder(argument, source).map(|folder| Sources::open(&folder));
    decisions.apply(&mut report.findings, sources.as_mut())?;
    if let Some(sources) = &mut sources {
        locate(report, sources);
    }
    Ok(())
}

/// The report on what policies for conftest say about all plans together.
fn together(mut findings: Vec<Finding>) -> PlanReport {
    finding::put_in_order(&mut findings);
    PlanReport {
        name: COMBINED.to_owned(),
        warnings: Vec::new(),
        findings,
        texts: BTreeMap::new(),
        access: None,
    }
}

/// Reads the plan that a command-line argument names.
pub(super) fn read(argument: &str) -> Result<Plan, Problem> {
    Plan::read(&PlanSource::from_argument(argument)).map_err(|error| {
        let is_missing =
            matches!(&error, PlanError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound);
        let subcommand = misspelt_subcommand(argument).filter(|_| is_missing);
        Box::new(UnreadablePlan { error, subcommand }) as Problem
    })
}

fn evaluate(
    plan: &Plan,
    facts: &Facts,
    config: &Config,
    pack: &Pack,
    limits: Limits,
) -> Result<Vec<Finding>, PolicyError> {
    let mut input = Input::new(facts, &config.rule_input())?;
    if pack.uses_plan() {
        input = input.with_plan(plan.raw_json())?;
    }
    let mut findings = pack.evaluate(input, limits)?.findings;
    findings.extend(facts.unreadable.iter().map(unreadable));
    finding::put_in_order(&mut findings);
    Ok(findings)
}

fn unreadable(fact: &Unreadable) -> Finding {
    let rule = RuleId::from_package(UNREADABLE);
    Finding {
        fingerprint: Fingerprint::new(&rule, &fact.origin.address, &fact.path, 0),
        rule,
        severity: Severity::Medium,
        certainty: Certainty::Undetermined,
        address: fact.origin.address.clone(),
        path: fact.path.clone(),
        message: format!("this could not be read, so no rule has looked at it: {}", fact.reason),
        labels: Vec::new(),
        help: Some("correct it, or report it if the platform accepts it as it is".into()),
        location: None,
        suppression: None,
        metadata: serde_json::Map::new(),
    }
}

fn locate(report: &mut PlanReport, sources: &mut Sources) {
    sources.locate_all(&mut report.findings);
    for finding in &mut report.findings {
        let strictness = Strictness::for_rule(&finding.rule);
        let labels = finding.labels.iter_mut().map(|label| &mut label.location);
        for place in std::iter::once(&mut finding.location).chain(labels).flatten() {
            let Some(text) = sources.text(&place.file) else { continue };
            if strictness == Strictness::Values {
                *place = name_only(place, &text);
            }
            report.texts.insert(place.file.clone(), text);
        }
    }
    let warnings = sources.warnings().iter();
    report
        .warnings
        .extend(warnings.map(|warning| format!("`{}` {}", warning.file.display(), warning.message)));
}

/// Policies for conftest name a file and a line; an excerpt needs its text.
fn read_named_lines(report: &mut PlanReport) {
    for place in report.findings.iter_mut().filter_map(|finding| finding.location.as_mut()) {
        if !report.texts.contains_key(&place.file) {
            // A file that is not here is still named, without an excerpt.
            let Ok(text) = std::fs::read_to_string(&place.file) else { continue };
            report.texts.insert(place.file.clone(), text.into());
        }
        let Some(text) = report.texts.get(&place.file) else { continue };
        let start: usize = text.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
        let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        place.span = start + indent..start + line.trim_end().len().max(indent);
        place.column = line[..indent].chars().count() + 1;
        place.end_column = line.trim_end().chars().count().max(indent) + 1;
    }
}

/// The folder given, else the plan's, else the current one; the last two only if they hold a configuration.
fn configuration_folder(argument: &str, source: Option<&Path>) -> Option<PathBuf> {
    if let Some(source) = source {
        return Some(source.to_owned());
    }
    let beside = match PlanSource::from_argument(argument) {
        PlanSource::Stdin => None,
        PlanSource::File(path) => path.parent().map(Path::to_owned),
    };
    let beside = beside.map(|folder| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder });
    beside.into_iter().chain([PathBuf::from(".")]).find(|folder| Sources::is_configuration(folder))
}

/// A plan that cannot be linted. The excerpt that other errors have is left out: a plan holds secrets.
#[derive(Debug)]
struct UnreadablePlan {
    error: PlanError,
    subcommand: Option<&'static str>,
}

impl std::fmt::Display for UnreadablePlan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(formatter)
    }
}

impl std::error::Error for UnreadablePlan {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl Diagnostic for UnreadablePlan {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(match self.subcommand {
            Some(name) => {
                Box::new(format!("there is no such file; did you mean the command `secretlint {name}`?"))
            }
            None => Box::new(self.error.help()),
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a folder", path.display())]
struct NoFolder {
    path: PathBuf,
}

impl Diagnostic for NoFolder {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new("`--source` takes the folder that holds the configuration's `.tf` files"))
    }
}
