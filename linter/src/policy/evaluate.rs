//! Runs the rules of a pack over one input. Each rule is asked for `findings` and, where it defines it, `undetermined`; anything but a set
//! of well-formed results ends the run.
//!
//! Rules run on their own threads, because regorus checks its time limit between steps of a policy and not inside a built-in function:
//! when even that does not answer in time, the waiting side gives up and the process ends.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, LimitError, Value};
use serde::Serialize;

use super::error::PolicyError;
use super::load::PolicyFile;
use super::memory::{self, MemoryLimit, MemoryWatch};
use super::pack::{Pack, Rule};
use super::rewrite::Rewritten;
use super::syntax::{self, EngineMessage};
use crate::facts::model::{AttributePath, PathStep};
use crate::finding::{self, Certainty, Finding, Fingerprint, Label};
use crate::problem::Problem;

/// How long a rule may run, and what all may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one set of one rule over one plan.
    pub per_rule: Duration,
    /// For the whole process, while the rules run over one plan.
    pub memory: MemoryLimit,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_rule: Duration::from_secs(10), memory: MemoryLimit::default() }
    }
}

/// What `input` is for policies that were written for another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum InputShape {
    /// The plan itself: conftest, OPA.
    #[default]
    Plan,
    /// `input.plan`, and an empty `input.run`: HCP Terraform.
    Hcp,
    /// `input.terraform`, and an empty `input.spacelift`: Spacelift.
    Spacelift,
}

/// The document that rules see as `input`. Built once and shared by all of them.
#[derive(Debug, Clone)]
pub struct Input(Value);

impl Input {
    /// The facts, with the configuration at `input.config`.
    ///
    /// # Errors
    /// Either cannot be written as JSON.
    pub fn new(facts: &impl Serialize, config: &impl Serialize) -> Result<Self, PolicyError> {
        let mut input = to_value(facts)?;
        let config = to_value(config)?;
        let object = input.as_object_mut().map_err(|error| PolicyError::Input { source: error.into() })?;
        object.insert(Value::from("config"), config);
        Ok(Self(input))
    }

    /// The raw plan, given as JSON text, in the form that policies of `shape` expect.
    ///
    /// # Errors
    /// The text is not JSON or is nested too deep.
    pub fn of_plan(plan: &str, shape: InputShape) -> Result<Self, PolicyError> {
        let plan = Value::from_json_str(plan).map_err(|error| PolicyError::Input { source: error.into() })?;
        let pair = |name: &str, context: &str| {
            let fields = [(Value::from(name), plan.clone()), (Value::from(context), Value::new_object())];
            Value::from(fields.into_iter().collect::<BTreeMap<Value, Value>>())
        };
        Ok(Self(match shape {
            InputShape::Plan => plan,
            InputShape::Hcp => pair("plan", "run"),
            InputShape::Spacelift => pair("terraform", "spacelift"),
        }))
    }

    /// Several documents as conftest combines them: an array of `{"path", "contents"}`, in the order of the paths.
    #[must_use]
    pub fn combined(mut documents: Vec<(String, Self)>) -> Self {
        documents.sort_by(|left, right| left.0.cmp(&right.0));
        let document = |(path, contents): (String, Self)| {
            let fields = [(Value::from("path"), Value::from(path)), (Value::from("contents"), contents.0)];
            Value::from(fields.into_iter().collect::<BTreeMap<Value, Value>>())
        };
        Self(Value::from(documents.into_iter().map(document).collect::<Vec<_>>()))
    }

    /// The same with the raw plan, given as JSON text, at `input.plan`.
    ///
    /// # Errors
    /// The text is not JSON or is nested too deep.
    pub fn with_plan(mut self, plan: &str) -> Result<Self, PolicyError> {
        let plan = Value::from_json_str(plan).map_err(|error| PolicyError::Input { source: error.into() })?;
        let object = self.0.as_object_mut().map_err(|error| PolicyError::Input { source: error.into() })?;
        object.insert(Value::from("plan"), plan);
        Ok(self)
    }
}

fn to_value(document: &impl Serialize) -> Result<Value, PolicyError> {
    let json =
        serde_json::to_string(document).map_err(|error| PolicyError::Input { source: error.into() })?;
    Value::from_json_str(&json).map_err(|error| PolicyError::Input { source: error.into() })
}

/// What the rules say about one input.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Sorted by [`Finding::order`]; without places in files.
    pub findings: Vec<Finding>,
}

impl Pack {
    /// Evaluates every selected rule over `input`.
    ///
    /// # Errors
    /// A rule takes too long, fails, or returns something else than results.
    pub fn evaluate(&self, input: Input, limits: Limits) -> Result<Outcome, PolicyError> {
        let answers = self.ask_all(input, limits)?;
        let mut findings = Vec::new();
        for (index, answer) in answers {
            let rule = &self.rules()[index];
            findings.extend(self.results(rule, answer)?);
        }
        finding::put_in_order(&mut findings);
        Ok(Outcome { findings })
    }

    /// The raw answers of all rules, by index; the error of the first rule that has one.
    fn ask_all(&self, input: Input, limits: Limits) -> Result<BTreeMap<usize, Answer>, PolicyError> {
        let own = self.rules().iter().enumerate().filter(|(_, rule)| !rule.is_conftest());
        let (indexes, questions): (Vec<usize>, Vec<Question>) =
            own.map(|(index, rule)| (index, Question::new(rule))).unzip();
        let answers = ask_all(&self.engine, input, questions, limits).map_err(|failure| {
            let rules: Vec<&Rule> = indexes.iter().map(|index| &self.rules()[*index]).collect();
            self.failed(&rules, failure, limits)
        })?;
        Ok(answers.into_iter().map(|(question, answer)| (indexes[question], answer)).collect())
    }

    /// `rules` are those that were asked, in their order.
    fn failed(&self, rules: &[&Rule], failure: Failure, limits: Limits) -> PolicyError {
        let rule = rules[failure.question()];
        match failure {
            Failure::Engine(_, error) => {
                let place = format!("{}:{}", rule.file, rule.line);
                self.explain(rule.id.as_str(), &place, &error, limits)
            }
            Failure::NoAnswer(_) => too_slow(rule.id.to_string(), rule.file.clone(), limits),
            Failure::Memory(running) => too_much_memory(rules, &running, limits),
            Failure::Stopped(_) => PolicyError::EngineStopped { rule: rule.id.to_string() },
            Failure::Input(source) => PolicyError::Input { source },
        }
    }

    /// An error of the engine as one of ours. `place` is where the rule or test is defined.
    pub(super) fn explain(
        &self,
        rule: &str,
        place: &str,
        error: &EngineError,
        limits: Limits,
    ) -> PolicyError {
        // Facts hold no values; the raw plan does.
        let quoting = if self.uses_plan() { Quoting::Never } else { Quoting::Allowed };
        explain(&|name| self.file(name), quoting, (rule, place), error, limits)
    }

    fn results(&self, rule: &Rule, answer: Answer) -> Result<Vec<Finding>, PolicyError> {
        let mut findings = Vec::new();
        let sets = [
            ("findings", Certainty::Violation, Some(answer.findings)),
            ("undetermined", Certainty::Undetermined, answer.undetermined),
        ];
        for (name, certainty, value) in sets {
            let Some(value) = value else { continue };
            let wrong = |what: String| PolicyError::WrongShape {
                rule: rule.id.clone(),
                file: format!("{}:{}", rule.file, rule.line),
                what: format!("in `{name}`, {what}"),
            };
            let elements = match &value {
                Value::Undefined => continue,
                Value::Set(elements) => elements,
                other => return Err(wrong(format!("the whole is {} instead of a set", kind(other)))),
            };
            for element in elements.iter() {
                findings.push(finding(rule, certainty, element).map_err(wrong)?);
            }
        }
        Ok(findings)
    }
}

/// Time beyond the limit in which a built-in function may come back on its own.
const GRACE: Duration = Duration::from_secs(2);
/// Policies recurse over nested documents; the default of a thread is a quarter of the main thread's.
pub(super) const STACK_BYTES: usize = 32 << 20;

pub(super) fn timer(limits: Limits) -> ExecutionTimerConfig {
    ExecutionTimerConfig { limit: limits.per_rule, check_interval: NonZeroU32::MIN.saturating_add(255) }
}

pub(super) fn too_slow(rule: String, file: String, limits: Limits) -> PolicyError {
    PolicyError::TooSlow { rule, file, limit: limits.per_rule }
}

pub(super) fn too_much_memory(rules: &[&Rule], running: &[usize], limits: Limits) -> PolicyError {
    let rules =
        running.iter().filter_map(|index| rules.get(*index)).map(|rule| rule.id.to_string()).collect();
    PolicyError::TooMuchMemory { rules, limit: limits.memory }
}

/// Whether the engine's text about an error may be shown: it may quote the value it stumbled over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// No value of a plan can be in it.
    Allowed,
    /// A value of a plan may be in it.
    Never,
}

/// An error of the engine as one of ours, for the rule of this name and place. `find` finds the file that the engine names.
pub(super) fn explain<'files>(
    find: &dyn Fn(&str) -> Option<(&'files PolicyFile, &'files Rewritten)>,
    quoting: Quoting,
    (rule, defined): (&str, &str),
    error: &EngineError,
    limits: Limits,
) -> PolicyError {
    let message = match error {
        EngineError::TooSlow => return too_slow(rule.to_owned(), defined.to_owned(), limits),
        EngineError::Failed(message) => message,
    };
    let parsed = EngineMessage::parse(message);
    let text = match quoting {
        Quoting::Allowed => parsed.text,
        Quoting::Never => "a call failed here (the engine's message may quote the plan, so it is not shown)",
    };
    let place = parsed.place.and_then(|(name, line, column)| Some((find(name)?, line, column)));
    let problem = match place {
        Some(((file, rewritten), line, column)) => {
            let place = syntax::place(file, rewritten, line, column);
            Problem::new(rewritten.original_names(text), &file.name, &file.text, place)
        }
        None => Problem::new(text, defined, "", 0..0),
    };
    PolicyError::Failed { rule: rule.to_owned(), problem: Box::new(problem) }
}

/// Why questions have no answers; with the place of the question among those asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// The engine refused it.
    Engine(usize, EngineError),
    /// It was not answered in time, and could not be interrupted.
    NoAnswer(usize),
    /// The process grew too far while these ran.
    Memory(Vec<usize>),
    /// Its thread ended.
    Stopped(usize),
    /// None was asked.
    Input(Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    /// The place of the question; the first where no single one is to blame.
    pub(super) fn question(&self) -> usize {
        match self {
            Self::Engine(index, _) | Self::NoAnswer(index) | Self::Stopped(index) => *index,
            Self::Memory(running) => running.first().copied().unwrap_or_default(),
            Self::Input(_) => 0,
        }
    }
}

/// Asks an engine every question over one input, on several threads.
///
/// # Errors
/// The failure of the first question that has one.
pub(super) fn ask_all(
    engine: &Engine,
    input: Input,
    questions: Vec<Question>,
    limits: Limits,
) -> Result<BTreeMap<usize, Answer>, Failure> {
    let mut engine = engine.clone();
    engine.set_input(input.0);
    engine.set_execution_timer_config(timer(limits));
    // Analysing the policies is part of the first evaluation; doing it before the engine is cloned does it once. A query that no rule
    // answers keeps rules on the threads, where they can be given up.
    engine.eval_query("true".to_owned(), false).map_err(|error| match questions.first() {
        Some(_) => Failure::Engine(0, EngineError::Failed(format!("{error:#}"))),
        None => Failure::Input(error.into()),
    })?;
    let questions: Arc<[Question]> = questions.into();
    let next = Arc::new(AtomicUsize::new(0));
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(questions.len()).min(8);
    let (sender, receiver) = mpsc::channel();
    let watch = MemoryWatch::begin(limits.memory);
    for _ in 0..workers {
        let (questions, next, sender, mut engine) =
            (questions.clone(), next.clone(), sender.clone(), engine.clone());
        let work = move || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(question) = questions.get(index) else { break };
                let begun = sender.send(Event::Begun(index));
                let answer = question.ask(&mut engine);
                if answer.is_err() {
                    // The run ends anyway: no further rule is begun.
                    next.store(questions.len(), Ordering::Relaxed);
                }
                if begun.and_then(|()| sender.send(Event::Answered(index, answer))).is_err() {
                    break;
                }
            }
        };
        let spawned = std::thread::Builder::new().name("rules".into()).stack_size(STACK_BYTES).spawn(work);
        spawned.map_err(|error| Failure::Input(error.into()))?;
    }
    drop(sender);
    let collected = collect(&receiver, limits, watch);
    if collected.is_err() {
        // The run ends anyway, and a rule that was given up still has its thread: no further rule is begun.
        next.store(usize::MAX / 2, Ordering::Relaxed);
    }
    collected
}

fn collect(
    receiver: &mpsc::Receiver<Event>,
    limits: Limits,
    mut watch: MemoryWatch,
) -> Result<BTreeMap<usize, Answer>, Failure> {
    let mut running = BTreeMap::new();
    let mut answers = BTreeMap::new();
    let mut failures: BTreeMap<usize, EngineError> = BTreeMap::new();
    let patience = limits.per_rule.saturating_mul(2).saturating_add(GRACE);
    let mut heard = Instant::now();
    loop {
        let event = receiver.recv_timeout(memory::INTERVAL);
        if event.is_ok() {
            heard = Instant::now();
        }
        match event {
            Ok(Event::Begun(index)) => {
                running.insert(index, ());
            }
            Ok(Event::Answered(index, answer)) => {
                running.remove(&index);
                match answer {
                    Ok(answer) => drop(answers.insert(index, answer)),
                    Err(error) => drop(failures.insert(index, error)),
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if heard.elapsed() < patience => {}
            Err(RecvTimeoutError::Timeout) => {
                let Some(index) = running.keys().next().copied() else { break };
                return Err(Failure::NoAnswer(index));
            }
        }
        if !running.is_empty() && watch.is_exceeded() {
            return Err(Failure::Memory(running.into_keys().collect()));
        }
    }
    if let Some((index, error)) = failures.into_iter().next() {
        return Err(Failure::Engine(index, error));
    }
    match running.into_keys().next() {
        Some(index) => Err(Failure::Stopped(index)),
        None => Ok(answers),
    }
}

enum Event {
    Begun(usize),
    Answered(usize, Result<Answer, EngineError>),
}

/// The values of the rules that a [`Question`] names.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) findings: Value,
    pub(super) undetermined: Option<Value>,
}

/// Full paths of the rules whose values are wanted together.
pub(super) struct Question {
    pub(super) findings: String,
    pub(super) undetermined: Option<String>,
}

impl Question {
    fn new(rule: &Rule) -> Self {
        let undetermined = rule.may_be_undetermined.then(|| format!("{}.undetermined", rule.package));
        Self { findings: format!("{}.findings", rule.package), undetermined }
    }

    fn ask(&self, engine: &mut Engine) -> Result<Answer, EngineError> {
        let findings = ask(engine, &self.findings)?;
        let undetermined = self.undetermined.as_ref().map(|name| ask(engine, name)).transpose()?;
        Ok(Answer { findings, undetermined })
    }
}

/// The engine did not give a value.
#[derive(Debug)]
pub(super) enum EngineError {
    TooSlow,
    Failed(String),
}

pub(super) fn ask(engine: &mut Engine, name: &str) -> Result<Value, EngineError> {
    engine
        .eval_rule(name.to_owned())
        .map_err(|error| engine_error(error.downcast_ref(), format!("{error:#}")))
}

/// The same for what the engine does not know as one rule: a part of a package.
pub(super) fn ask_query(engine: &mut Engine, query: &str) -> Result<Value, EngineError> {
    let answer = engine
        .eval_query(query.to_owned(), false)
        .map_err(|error| engine_error(error.downcast_ref(), format!("{error:#}")))?;
    let first = answer.result.into_iter().next().and_then(|result| result.expressions.into_iter().next());
    Ok(first.map_or(Value::Undefined, |expression| expression.value))
}

fn engine_error(limit: Option<&LimitError>, message: String) -> EngineError {
    match limit {
        Some(LimitError::TimeLimitExceeded { .. }) => EngineError::TooSlow,
        // The limit may also come wrapped in the text of the expression it struck.
        _ if message.contains("execution exceeded time limit") => EngineError::TooSlow,
        _ => EngineError::Failed(message),
    }
}

fn finding(rule: &Rule, certainty: Certainty, element: &Value) -> Result<Finding, String> {
    let fields =
        element.as_object().map_err(|_| format!("an element is {} instead of an object", kind(element)))?;
    let mut finding = Finding {
        rule: rule.id.clone(),
        severity: rule.severity,
        certainty,
        address: String::new(),
        path: Vec::new(),
        message: String::new(),
        labels: Vec::new(),
        help: None,
        location: None,
        fingerprint: Fingerprint::new(&rule.id, "", &[], 0),
        suppression: None,
        metadata: serde_json::Map::new(),
    };
    let mut missing = vec!["message", "path", "address"];
    for (key, value) in fields.iter() {
        let key = key.as_string().map_err(|_| format!("a key is {} instead of a string", kind(key)))?;
        missing.retain(|name| *name != key.as_ref());
        match key.as_ref() {
            "address" => finding.address = string(key, value)?,
            "path" => finding.path = path(key, value)?,
            "message" => finding.message = string(key, value)?,
            "help" => finding.help = Some(string(key, value)?),
            "labels" => {
                let labels = value
                    .as_array()
                    .map_err(|_| format!("`labels` is {} instead of an array", kind(value)))?;
                finding.labels = labels.iter().map(label).collect::<Result<_, _>>()?;
            }
            other => return Err(format!("an element has the key `{other}`, which means nothing here")),
        }
    }
    match missing.pop() {
        Some(key) => Err(format!("an element has no `{key}`")),
        None if finding.message.trim().is_empty() => Err("an element's `message` is empty".into()),
        None => Ok(finding),
    }
}

fn label(value: &Value) -> Result<Label, String> {
    let fields = value.as_object().map_err(|_| format!("a label is {} instead of an object", kind(value)))?;
    let field = |name: &str| fields.get(&Value::from(name)).ok_or_else(|| format!("a label has no `{name}`"));
    Ok(Label {
        path: path("path", field("path")?)?,
        message: string("message", field("message")?)?,
        location: None,
    })
}

fn string(key: &str, value: &Value) -> Result<String, String> {
    value
        .as_string()
        .map(|text| text.to_string())
        .map_err(|_| format!("`{key}` is {} instead of a string", kind(value)))
}

fn path(key: &str, value: &Value) -> Result<AttributePath, String> {
    let steps = value.as_array().map_err(|_| format!("`{key}` is {} instead of an array", kind(value)))?;
    steps
        .iter()
        .map(|step| match step {
            Value::String(name) => Ok(PathStep::Name(name.to_string())),
            Value::Number(_) => match step.as_u64().ok().and_then(|index| usize::try_from(index).ok()) {
                Some(index) => Ok(PathStep::Index(index)),
                None => Err(format!("a number in `{key}` is not an index")),
            },
            other => Err(format!("a step of `{key}` is {} instead of a string or a number", kind(other))),
        })
        .collect()
}

pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Set(_) => "a set",
        Value::Object(_) => "an object",
        Value::Undefined => "undefined",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_never_answers_is_given_up() {
        let (sender, receiver) = mpsc::channel();
        sender.send(Event::Begun(3)).unwrap();
        let limits = Limits { per_rule: Duration::from_millis(10), ..Limits::default() };
        let error = collect(&receiver, limits, MemoryWatch::begin(limits.memory))
            .expect_err("the sender still holds the channel open");
        assert!(matches!(error, Failure::NoAnswer(3)), "{error:?}");
        drop(sender);
        let pack = Pack::load(secretlint_policies::files(), &[]).unwrap();
        let rules: Vec<&Rule> = pack.rules().iter().collect();
        let error = pack.failed(&rules, error, limits);
        assert!(
            matches!(&error, PolicyError::TooSlow { rule, .. } if rule == pack.rules()[3].id.as_str()),
            "{error:?}"
        );
    }

    #[test]
    fn a_thread_that_ends_without_an_answer_is_an_error() {
        let (sender, receiver) = mpsc::channel();
        sender.send(Event::Begun(0)).unwrap();
        drop(sender);
        let limits = Limits::default();
        let error =
            collect(&receiver, limits, MemoryWatch::begin(limits.memory)).expect_err("nothing was answered");
        let pack = Pack::load(secretlint_policies::files(), &[]).unwrap();
        let error = pack.failed(&[&pack.rules()[0]], error, limits);
        assert!(matches!(error, PolicyError::EngineStopped { .. }), "{error:?}");
    }
}
