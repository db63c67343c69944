//! Policies that were written for conftest, on the raw plan. What is compatible, and where the linter is stricter on purpose, is told in
//! `docs/guides/conftest.md`; the contract was read off conftest's `policy/engine.go`, `output/result.go` and `runner/test.go`.
//!
//! - `load`, here: which packages are namespaces, which of their rules are asked;
//! - `data`: data documents;
//! - `results`: what a rule returned, as findings;
//! - `redact`: takes the plan's sensitive values out of the messages.

mod data;
mod redact;
mod results;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};
use miette::Diagnostic;
use regorus::unstable::{Rule as SyntaxRule, RuleHead};
use regorus::{Engine, Value};
use serde_json::json;

use super::annotations::{self, Annotation, Scope};
use super::ask::{Failure, Question, ask_all};
use super::builtins::{self, BuiltinErrors, RegoVersion};
use super::evaluate::{self, Input, InputShape, Limits};
use super::load::{self, PolicyFile};
use super::metadata::Metadata;
use super::pack::{Pack, Rule, any_length};
use super::syntax::{self, ParsedFile, bytes};
use super::{PolicyError, calls};
use crate::finding::{Finding, RuleId, Severity};
use crate::plan::Plan;
use crate::problem::Problem;
pub use redact::Redaction;

/// What the command line says about policies for conftest.
#[derive(Debug, Clone, Default)]
pub struct ConftestOptions {
    /// Folders of policies, merged.
    pub folders: Vec<PathBuf>,
    /// Which packages are asked: globs, in which `*` spans dots.
    pub namespaces: Namespaces,
    /// Data documents: `PATH` or `key:PATH`.
    pub data: Vec<String>,
    /// The version of Rego they are written in.
    pub version: RegoVersion,
    /// What `input` is.
    pub shape: InputShape,
}

/// Which packages are asked.
#[derive(Debug, Clone)]
pub enum Namespaces {
    /// Every one that has a rule to ask.
    All,
    /// Those that match a glob.
    Matching(Vec<String>),
}

impl Default for Namespaces {
    fn default() -> Self {
        Self::Matching(vec!["main".into()])
    }
}

/// Policies for conftest cannot be used. Each ends the run with exit status 2.
#[derive(Debug, thiserror::Error)]
pub enum ConftestError {
    /// Something about the policies that is also an error for the linter's own.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A file cannot be read.
    #[error("cannot read the data document `{}`", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A data document is wrong.
    #[error("the data document `{}` cannot be used: {reason}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A namespace has no rule to ask.
    #[error("no policy to evaluate: {reason}")]
    NoNamespace {
        /// Which.
        reason: String,
        /// What there is instead.
        help: String,
    },
    /// A data document and a rule have one path.
    #[error("`{path}` is a rule and has a value in a data document")]
    Covered {
        /// The path.
        path: String,
    },
}

impl ConftestError {
    fn unreadable(path: &Path, source: std::io::Error) -> Self {
        Self::Unreadable { path: path.into(), source }
    }
}

impl Diagnostic for ConftestError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        match self {
            Self::Policy(error) => error.help(),
            Self::NoNamespace { help, .. } => Some(Box::new(help)),
            Self::Covered { .. } => Some(Box::new("rename the rule's package or the key")),
            Self::Unreadable { .. } | Self::Data { .. } => {
                Some(Box::new("`--data` takes `.json`, `.yaml` and `.yml` files, and folders of them"))
            }
        }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self {
            Self::Policy(error) => error.related(),
            _ => None,
        }
    }
}

/// Policies for conftest, loaded.
pub struct ConftestPack {
    engine: Engine,
    files: Vec<PolicyFile>,
    parsed: Vec<ParsedFile>,
    pub(super) rules: Vec<Rule>,
    shape: InputShape,
}

/// What a rule's results are for conftest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// `deny`, `violation`.
    Failure,
    /// `warn`.
    Warning,
}

impl Class {
    /// The class of a rule by its name: `(deny|violation|warn)(_[a-zA-Z0-9]+)*`.
    fn of(name: &str) -> Option<Self> {
        let mut words = name.split('_');
        let class = match words.next()? {
            "deny" | "violation" => Self::Failure,
            "warn" => Self::Warning,
            _ => return None,
        };
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        words.all(is_word).then_some(class)
    }
}

impl ConftestPack {
    /// Reads policies and data. Test files (`_test.rego`) are left out.
    ///
    /// # Errors
    /// See [`ConftestError`].
    pub fn load(options: &ConftestOptions) -> Result<Self, ConftestError> {
        let mut files = Vec::new();
        for folder in &options.folders {
            files.extend(load::folder(folder)?);
        }
        files.retain(|file| !file.is_test());
        let version = options.version;
        let new_engine = || {
            let mut engine = Engine::new();
            engine.set_rego_v0(version == RegoVersion::V0);
            engine.set_policy_length_config(any_length());
            // What is printed may be a value, and has no place in a report.
            engine.set_gather_prints(true);
            builtins::register(&mut engine, version, BuiltinErrors::Undefined);
            builtins::register_conftest(&mut engine);
            engine
        };
        let (mut engine, parsed) =
            syntax::parse_all(&new_engine, &files).map_err(|problems| PolicyError::Invalid { problems })?;
        let added: Vec<&str> = builtins::names(version).chain(builtins::names_of_conftest()).collect();
        let mut problems = calls::unknown_functions(&mut engine, &files, &parsed, &added);
        if version == RegoVersion::V1 {
            problems.extend(flags(&mut engine, &files, &parsed));
        }
        if !problems.is_empty() {
            return Err(PolicyError::Invalid { problems }.into());
        }
        let rules = rules(&files, &parsed, &options.namespaces)?;
        let data = data::load(&options.data)?;
        covered(&data, &parsed)?;
        let data = Value::from_json_str(&serde_json::Value::Object(data).to_string())
            .map_err(|error| PolicyError::Input { source: error.into() })?;
        engine.add_data(data).map_err(|error| PolicyError::Input { source: error.into() })?;
        Ok(Self { engine, files, parsed, rules, shape: options.shape })
    }

    /// The plan as these policies see it.
    ///
    /// # Errors
    /// It is nested too deep.
    pub fn input(&self, plan: &Plan) -> Result<Input, PolicyError> {
        Input::of_plan(plan.raw_json(), self.shape)
    }

    /// Asks the `selected` rules. `name` is the file that the input was read from; `redaction` finds its sensitive values,
    /// which takes a while and is asked only if there is something to say.
    ///
    /// # Errors
    /// A rule takes too long, fails, or returns something else than results.
    pub fn evaluate(
        &self,
        selected: &[Rule],
        input: Input,
        name: &str,
        redaction: &dyn Fn() -> Redaction,
        limits: Limits,
    ) -> Result<Vec<Finding>, PolicyError> {
        let mut engine = self.engine.clone();
        let path = Path::new(name);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = json!({"conftest": {"file": {
            "name": path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            "dir": folder.display().to_string(),
        }}});
        Value::from_json_str(&file.to_string())
            .and_then(|file| engine.add_data(file))
            .map_err(|error| PolicyError::Input { source: error.into() })?;
        let rules: Vec<&Rule> = selected.iter().filter(|rule| rule.is_conftest()).collect();
        let questions = rules
            .iter()
            .map(|rule| {
                let exception = format!("{}.exception", rule.package);
                let has_exception = self
                    .parsed
                    .iter()
                    .any(|file| file.package == rule.package && file.rule("exception").is_some());
                Question {
                    findings: format!("{}.{}", rule.package, rule.rule_name()),
                    undetermined: has_exception.then_some(exception),
                }
            })
            .collect();
        let answers = ask_all(&engine, input, questions, limits)
            .map_err(|failure| self.failed(&rules, failure, limits))?;
        let mut found = None;
        let mut findings = Vec::new();
        for (index, answer) in answers {
            let Some(rule) = rules.get(index) else { continue };
            let says_nothing = match &answer.findings {
                Value::Undefined => true,
                Value::Set(elements) => elements.is_empty(),
                _ => false,
            };
            if !says_nothing {
                let redaction = found.get_or_insert_with(redaction);
                let said =
                    results::findings(rule, &answer.findings, answer.undetermined.as_ref(), redaction)?;
                findings.extend(said.into_iter().filter(|finding| rule.reach.includes(&finding.address)));
            }
        }
        Ok(findings)
    }

    /// The engine's own words may quote the plan, so they are not shown.
    fn failed(&self, rules: &[&Rule], failure: Failure, limits: Limits) -> PolicyError {
        let Some(rule) = rules.get(failure.question()) else {
            return PolicyError::EngineStopped { rules: vec!["of a policy for conftest".into()] };
        };
        match failure {
            Failure::Engine(_, error) => {
                let find = |name: &str| {
                    let parsed = self.parsed.iter().find(|parsed| self.files[parsed.file].name == name)?;
                    Some((&self.files[parsed.file], &parsed.rewritten))
                };
                let place = format!("{}:{}", rule.file, rule.line);
                evaluate::explain(&find, evaluate::Quoting::Never, (rule.id.as_str(), &place), &error, limits)
            }
            Failure::NoAnswer(running) => evaluate::no_answer(rules, &running, limits),
            Failure::Memory(running) => evaluate::too_much_memory(rules, &running, limits),
            Failure::Stopped(running) => {
                PolicyError::EngineStopped { rules: evaluate::names(rules, &running) }
            }
            Failure::Input(source) => PolicyError::Input { source },
        }
    }
}

/// `deny if { … }`: conftest refuses it, because it is no set and would be a pass whatever it says.
fn flags(engine: &mut Engine, files: &[PolicyFile], parsed: &[ParsedFile]) -> Vec<Problem> {
    let is_flag = |rule: &SyntaxRule| match rule {
        SyntaxRule::Spec { head: RuleHead::Compr { refr, assign: None, .. }, bodies, .. }
            if !bodies.is_empty() =>
        {
            let span = refr.span();
            Class::of(span.text()).map(|_| bytes(span))
        }
        _ => None,
    };
    let mut problems = Vec::new();
    for (file, module) in parsed.iter().zip(engine.get_modules().iter()) {
        let source = &files[file.file];
        for place in module.policy.iter().filter_map(|rule| is_flag(rule)) {
            let problem = Problem::new(
                "the rule uses `if` without `contains`, so it is no set of messages",
                &source.name,
                &source.text,
                file.rewritten.original(place),
            );
            problems.push(problem.with_help("write `deny contains msg if { … }`"));
        }
    }
    problems
}

/// The rules to ask, in the order of their ids.
fn rules(
    files: &[PolicyFile],
    parsed: &[ParsedFile],
    namespaces: &Namespaces,
) -> Result<Vec<Rule>, ConftestError> {
    let mut all: BTreeMap<RuleId, Rule> = BTreeMap::new();
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for file in parsed {
        let namespace = file.package.strip_prefix("data.").unwrap_or(&file.package);
        let source = &files[file.file];
        // Checked when the file was parsed.
        let comments = annotations::parse(&source.name, &source.text).unwrap_or_default();
        for definition in &file.rules {
            let name = definition.name.split(['[', '.']).next().unwrap_or_default();
            let Some(class) = Class::of(name) else { continue };
            found.insert(namespace);
            let id = RuleId::from_package(&format!("{namespace}.{name}"));
            all.entry(id.clone()).or_insert_with(|| {
                let metadata = metadata(&comments, definition.span.start, namespace, name, class);
                let place = (source.name.clone(), definition.line);
                Rule::of_conftest(id, metadata, place, file.package.clone(), (name.to_owned(), class))
            });
        }
    }
    let known = || {
        if found.is_empty() {
            "no file has a rule `deny`, `violation` or `warn`".to_owned()
        } else {
            let names: Vec<&str> = found.iter().copied().collect();
            format!("the namespaces with rules are `{}`; `--all-namespaces` asks all", names.join("`, `"))
        }
    };
    let in_namespace = |rule: &Rule, pattern: &GlobMatcher| {
        pattern.is_match(rule.package.strip_prefix("data.").unwrap_or(&rule.package))
    };
    if let Namespaces::Matching(globs) = namespaces {
        let mut patterns = Vec::with_capacity(globs.len());
        for glob in globs {
            let none = |reason: String| ConftestError::NoNamespace { reason, help: known() };
            let pattern = Glob::new(glob)
                .map_err(|error| none(format!("`--namespace {glob}`: {}", error.kind())))?
                .compile_matcher();
            if !all.values().any(|rule| in_namespace(rule, &pattern)) {
                return Err(none(format!("the namespace `{glob}` has no rule")));
            }
            patterns.push(pattern);
        }
        all.retain(|_, rule| patterns.iter().any(|pattern| in_namespace(rule, pattern)));
    }
    if all.is_empty() {
        return Err(ConftestError::NoNamespace { reason: "no namespace has a rule".into(), help: known() });
    }
    Ok(all.into_values().collect())
}

/// What the comment before a rule says of it, or else what its name says.
fn metadata(
    comments: &[Annotation],
    definition: usize,
    namespace: &str,
    name: &str,
    class: Class,
) -> Metadata {
    let own = comments
        .iter()
        .filter(|comment| comment.end <= definition && matches!(comment.scope, Scope::Rule | Scope::Document))
        .max_by_key(|comment| comment.end)
        // Only blank lines between the comment and the rule: else it is about another rule.
        .filter(|comment| comment.end + 2 >= definition);
    let field = |path: &[&str]| {
        own.and_then(|comment| path.iter().try_fold(&comment.value, |value, key| value.get(key)))
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let title = field(&["title"]);
    Metadata {
        title: if title.is_empty() {
            format!("`{name}` of the conftest namespace `{namespace}`")
        } else {
            title
        },
        description: field(&["description"]),
        severity: field(&["custom", "severity"]).to_lowercase().parse().unwrap_or(match class {
            Class::Failure => Severity::High,
            Class::Warning => Severity::Low,
        }),
        remediation: field(&["custom", "remediation"]),
        references: Vec::new(),
        covers: Vec::new(),
        aliases: Vec::new(),
        related_resources: Vec::new(),
    }
}

/// OPA refuses a rule whose path a data document has too; which of the two counts would be anybody's guess.
fn covered(
    data: &serde_json::Map<String, serde_json::Value>,
    parsed: &[ParsedFile],
) -> Result<(), ConftestError> {
    for file in parsed {
        for rule in &file.rules {
            let path = format!("{}.{}", file.package, rule.name);
            let mut names = path.split(['.', '[']).skip(1);
            let Some(first) = names.next() else { continue };
            let mut value = data.get(first);
            for name in names {
                value = value.and_then(|value| value.get(name));
            }
            if value.is_some() {
                return Err(ConftestError::Covered { path });
            }
        }
    }
    Ok(())
}

impl Pack {
    /// Adds the rules of policies for conftest, so that they can be selected and reported like others.
    #[must_use]
    pub fn with_conftest(self, conftest: &ConftestPack) -> Self {
        self.with_rules(conftest.rules.iter().cloned())
    }
}
