//! Runs the rules of a pack over one input. Each rule is asked for `findings` and, where it defines it, `undetermined`; anything but a set
//! of well-formed results ends the run. `ask` has the threads and the limits.

use std::collections::BTreeMap;
use std::time::Duration;

use regorus::Value;
use serde::Serialize;

use super::ask::{Answer, EngineError, Failure, Question, ask_all};
use super::error::PolicyError;
use super::load::PolicyFile;
use super::memory::MemoryLimit;
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
pub struct Input(pub(super) Value);

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
    pub(super) fn failed(&self, rules: &[&Rule], failure: Failure, limits: Limits) -> PolicyError {
        let rule = rules[failure.question()];
        match failure {
            Failure::Engine(_, error) => {
                let place = format!("{}:{}", rule.file, rule.line);
                self.explain(rule.id.as_str(), &place, &error, limits)
            }
            Failure::NoAnswer(running) => no_answer(rules, &running, limits),
            Failure::Memory(running) => too_much_memory(rules, &running, limits),
            Failure::Stopped(running) => PolicyError::EngineStopped { rules: names(rules, &running) },
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
        findings.retain(|finding| rule.reach.includes(&finding.address));
        Ok(findings)
    }
}

pub(super) fn too_slow(rule: String, file: String, limits: Limits) -> PolicyError {
    PolicyError::TooSlow { rule, file, limit: limits.per_rule }
}

pub(super) fn too_much_memory(rules: &[&Rule], running: &[usize], limits: Limits) -> PolicyError {
    PolicyError::TooMuchMemory { rules: names(rules, running), limit: limits.memory }
}

pub(super) fn no_answer(rules: &[&Rule], running: &[usize], limits: Limits) -> PolicyError {
    match running.first().and_then(|index| rules.get(*index)) {
        Some(rule) if running.len() == 1 => too_slow(rule.id.to_string(), rule.file.clone(), limits),
        _ => PolicyError::NoAnswer { rules: names(rules, running), limit: limits.per_rule },
    }
}

/// The ids of the rules at these places.
pub(super) fn names(rules: &[&Rule], places: &[usize]) -> Vec<String> {
    places.iter().filter_map(|place| rules.get(*place)).map(|rule| rule.id.to_string()).collect()
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
