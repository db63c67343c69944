//! The plan's JSON document: which kind of document it is, and its members turned into a [`Plan`].
//!
//! Two passes: the first finds the top-level members and tells a plan from a state or a log; the second reads
//! `resource_changes` and `configuration`, on two threads when the plan is big.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::change::{RawChange, ResourceChange, null_is_default};
use super::configuration::{Configuration, RawConfiguration};
use super::error::{PlanError, PlanWarning, Position};
use super::span::Span;
use super::{Plan, decode};

/// Minor versions of format 1 whose documentation this reader follows.
const NEWEST_KNOWN_MINOR: u32 = 2;

/// Below this many bytes starting a thread costs more than it saves.
const PARALLEL_ABOVE: usize = 1 << 20;

/// A planned change of an output of the root module.
#[derive(Debug)]
pub struct OutputChange {
    /// Name of the output.
    pub name: String,
    /// Planned actions.
    pub actions: Vec<String>,
    pub(super) after: Option<Span>,
    pub(super) after_unknown: Option<Span>,
    pub(super) after_sensitive: Option<Span>,
}

/// The value of a variable of the root module.
#[derive(Debug)]
pub struct Variable {
    /// Name of the variable.
    pub name: String,
    pub(super) value: Option<Span>,
}

impl Plan {
    /// Value of an output after the apply, what of it is unknown, and what of it is sensitive. Null where absent or too deep.
    pub fn output_value(&self, output: &OutputChange) -> (Value, Value, Value) {
        (
            self.expression(output.after),
            self.expression(output.after_unknown),
            self.expression(output.after_sensitive),
        )
    }

    /// Value of a variable. Null where absent or too deep.
    pub fn variable_value(&self, variable: &Variable) -> Value {
        self.expression(variable.value)
    }
}

pub(super) fn read(name: String, bytes: Vec<u8>) -> Result<Plan, PlanError> {
    let text = decode::text(&name, bytes)?;
    let start = decode::json_start(&name, &text)?;
    let reader = Reader { name: &name, text: &text };
    let body = text.get(start..).unwrap_or_default();
    let (top, end) = if body.len() > PARALLEL_ABOVE {
        std::thread::scope(|scope| {
            let depth = scope.spawn(|| reader.check_depth(start));
            let top = reader.top_level(start, body);
            // A panic in the scan is a defect of ours; the document's own parser still bounds its depth.
            depth.join().unwrap_or(Ok(()))?;
            top
        })?
    } else {
        reader.check_depth(start)?;
        reader.top_level(start, body)?
    };
    let mut warnings = reader.surroundings(start, end)?;
    let format_version = reader.format_version(&top, start, &mut warnings)?;
    if top.resource_changes.is_none() && top.planned_values.is_none() && top.configuration.is_none() {
        return Err(
            reader.not_a_plan(start, "it has none of `resource_changes`, `planned_values`, `configuration`")
        );
    }
    if top.errored == Some(true) {
        warnings.push(PlanWarning::Errored);
    } else if top.complete == Some(false) {
        warnings.push(PlanWarning::Incomplete);
    }
    if top.configuration.is_none() {
        warnings.push(PlanWarning::NoConfiguration);
    }

    let (changes, configuration) = if end - start > PARALLEL_ABOVE {
        std::thread::scope(|scope| {
            let configuration = scope.spawn(|| reader.configuration(top.configuration));
            let changes = reader.changes(top.resource_changes);
            let configuration = configuration
                .join()
                .unwrap_or_else(|_| Err(reader.not_a_plan(start, "its configuration cannot be read")));
            (changes, configuration)
        })
    } else {
        (reader.changes(top.resource_changes), reader.configuration(top.configuration))
    };
    let (changes, configuration) = (changes?, configuration?);
    let outputs = reader.outputs(top.output_changes)?;
    let variables = reader.variables(top.variables)?;
    let terraform_version = top.terraform_version.map(ToOwned::to_owned);
    let timestamp = top.timestamp.map(ToOwned::to_owned);
    let document = Span::of(&text, text.get(start..end).unwrap_or_default());
    let mut plan = Plan {
        name: String::new(),
        text: String::new(),
        document,
        format_version,
        terraform_version,
        timestamp,
        warnings,
        changes,
        configuration,
        outputs,
        variables,
        by_resource: OnceLock::new(),
    };
    plan.text = text;
    plan.name = name;
    if plan.values_are_redacted() {
        plan.warnings.push(PlanWarning::Redacted);
    }
    Ok(plan)
}

/// What Terraform, HCP Terraform and common masking filters write in place of a sensitive value.
const REDACTIONS: [&str; 6] =
    ["(sensitive value)", "(sensitive)", "REDACTED", "(redacted)", "<redacted>", "[REDACTED]"];

/// Changes with sensitive values that are looked at before a plan is called redacted.
const REDACTION_SAMPLE: usize = 500;

impl Plan {
    /// True when every sensitive text in the plan reads like a redaction and there is at least one: a single one could be somebody's
    /// strange password, all of them cannot.
    fn values_are_redacted(&self) -> bool {
        let mut redacted = 0_usize;
        let marked = |change: &&ResourceChange| {
            self.after_sensitive_text(change).is_some_and(|marks| marks.contains("true"))
        };
        for change in self.changes.iter().filter(marked).take(REDACTION_SAMPLE) {
            let (Ok(after), Ok(marks)) = (self.after(change), self.after_sensitive(change)) else { continue };
            match marked_texts(&after, &marks) {
                Texts::None => {}
                Texts::AllRedacted => redacted += 1,
                Texts::SomePlain => return false,
            }
        }
        redacted > 0
    }
}

enum Texts {
    None,
    AllRedacted,
    SomePlain,
}

fn marked_texts(value: &Value, marks: &Value) -> Texts {
    let parts: Vec<Texts> = match (value, marks) {
        (Value::String(text), Value::Bool(true)) if text.is_empty() => return Texts::None,
        (Value::String(text), Value::Bool(true)) => {
            return if REDACTIONS.contains(&text.as_str()) { Texts::AllRedacted } else { Texts::SomePlain };
        }
        (Value::Object(members), Value::Bool(true)) => {
            members.values().map(|part| marked_texts(part, marks)).collect()
        }
        (Value::Array(items), Value::Bool(true)) => {
            items.iter().map(|part| marked_texts(part, marks)).collect()
        }
        (Value::Object(members), Value::Object(marks)) => marks
            .iter()
            .filter_map(|(name, mark)| members.get(name).map(|part| marked_texts(part, mark)))
            .collect(),
        (Value::Array(items), Value::Array(marks)) => {
            items.iter().zip(marks).map(|(part, mark)| marked_texts(part, mark)).collect()
        }
        _ => return Texts::None,
    };
    if parts.iter().any(|part| matches!(part, Texts::SomePlain)) {
        Texts::SomePlain
    } else if parts.iter().any(|part| matches!(part, Texts::AllRedacted)) {
        Texts::AllRedacted
    } else {
        Texts::None
    }
}

/// The members that decide what kind of document it is, and those that are read further.
#[derive(Deserialize)]
struct TopLevel<'a> {
    #[serde(borrow, default)]
    format_version: Option<&'a RawValue>,
    #[serde(borrow, default)]
    terraform_version: Option<&'a str>,
    #[serde(borrow, default)]
    timestamp: Option<&'a str>,
    #[serde(borrow, default)]
    resource_changes: Option<&'a RawValue>,
    #[serde(default)]
    planned_values: Option<IgnoredAny>,
    #[serde(borrow, default)]
    configuration: Option<&'a RawValue>,
    #[serde(borrow, default)]
    output_changes: Option<&'a RawValue>,
    #[serde(borrow, default)]
    variables: Option<&'a RawValue>,
    #[serde(default)]
    errored: Option<bool>,
    #[serde(default)]
    complete: Option<bool>,
    #[serde(default)]
    values: Option<IgnoredAny>,
    #[serde(default)]
    serial: Option<IgnoredAny>,
    #[serde(default)]
    lineage: Option<IgnoredAny>,
    #[serde(default, rename = "@level")]
    log_level: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct RawOutputChange<'a> {
    #[serde(default, deserialize_with = "null_is_default")]
    actions: Vec<String>,
    #[serde(borrow, default)]
    after: Option<&'a RawValue>,
    #[serde(borrow, default)]
    after_unknown: Option<&'a RawValue>,
    #[serde(borrow, default)]
    after_sensitive: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawVariableValue<'a> {
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    name: &'a str,
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn check_depth(self, start: usize) -> Result<(), PlanError> {
        match decode::too_deep(self.text.get(start..).unwrap_or_default()) {
            None => Ok(()),
            Some(offset) => Err(PlanError::TooDeep {
                name: self.name.to_owned(),
                position: Position::of(self.text, start + offset),
                limit: decode::MAX_DEPTH,
            }),
        }
    }

    /// The top-level members and the offset at which the document ends.
    fn top_level(self, start: usize, body: &'a str) -> Result<(TopLevel<'a>, usize), PlanError> {
        let mut documents = serde_json::Deserializer::from_str(body).into_iter::<TopLevel<'a>>();
        let top = match documents.next() {
            Some(Ok(top)) => top,
            Some(Err(error)) => return Err(self.json_error(start, body, &error, "the document")),
            None => return Err(PlanError::Empty { name: self.name.to_owned() }),
        };
        if top.log_level.is_some() {
            return Err(PlanError::Log { name: self.name.to_owned() });
        }
        Ok((top, start + documents.byte_offset()))
    }

    /// Text around the document is a warning, another document is an error.
    fn surroundings(self, start: usize, end: usize) -> Result<Vec<PlanWarning>, PlanError> {
        let before = self.text.get(..start).unwrap_or_default().trim().len();
        let rest = self.text.get(end..).unwrap_or_default();
        let after = rest.trim().len();
        if rest.trim_start().starts_with(['{', '[', '}', ']']) {
            return Err(PlanError::NotJson {
                name: self.name.to_owned(),
                position: Position::of(self.text, end + rest.len() - rest.trim_start().len()),
                reason: "something follows the end of the document".to_owned(),
            });
        }
        if before == 0 && after == 0 {
            return Ok(Vec::new());
        }
        Ok(vec![PlanWarning::SurroundingText { before, after }])
    }

    fn format_version(
        self,
        top: &TopLevel<'_>,
        start: usize,
        warnings: &mut Vec<PlanWarning>,
    ) -> Result<String, PlanError> {
        let is_plan = top.resource_changes.is_some() || top.planned_values.is_some();
        if !is_plan && (top.values.is_some() || (top.serial.is_some() && top.lineage.is_some())) {
            return Err(PlanError::State { name: self.name.to_owned() });
        }
        let Some(raw) = top.format_version else {
            return Err(self.not_a_plan(start, "it has no `format_version`"));
        };
        let at = Span::of(self.text, raw.get());
        let version: String = serde_json::from_str(at.text(self.text))
            .map_err(|_| self.not_a_plan(start, "its `format_version` is not a text"))?;
        let mut numbers = version.splitn(2, '.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(0 | 1)), None) | (Some(Ok(0)), Some(Ok(_))) => {}
            (Some(Ok(1)), Some(Ok(minor))) => {
                if minor > NEWEST_KNOWN_MINOR {
                    warnings.push(PlanWarning::NewerFormat { version: version.clone() });
                }
            }
            (Some(Ok(_)), _) => return Err(PlanError::Format { name: self.name.to_owned(), version }),
            _ => return Err(self.not_a_plan(start, "its `format_version` is not a version")),
        }
        Ok(version)
    }

    fn changes(self, raw: Option<&'a RawValue>) -> Result<Vec<ResourceChange>, PlanError> {
        let changes: Vec<RawChange<'a>> = self.member(raw, "`resource_changes`")?;
        Ok(changes.into_iter().filter_map(|change| ResourceChange::read(self.text, change)).collect())
    }

    fn configuration(self, raw: Option<&'a RawValue>) -> Result<Configuration, PlanError> {
        let configuration: RawConfiguration<'a> = self.member(raw, "`configuration`")?;
        Ok(Configuration::read(self.text, configuration))
    }

    fn outputs(self, raw: Option<&'a RawValue>) -> Result<Vec<OutputChange>, PlanError> {
        let outputs: BTreeMap<String, RawOutputChange<'a>> = self.member(raw, "`output_changes`")?;
        let span = |raw: Option<&RawValue>| raw.map(|raw| Span::of(self.text, raw.get()));
        Ok(outputs
            .into_iter()
            .map(|(name, output)| OutputChange {
                name,
                actions: output.actions,
                after: span(output.after),
                after_unknown: span(output.after_unknown),
                after_sensitive: span(output.after_sensitive),
            })
            .collect())
    }

    fn variables(self, raw: Option<&'a RawValue>) -> Result<Vec<Variable>, PlanError> {
        let variables: BTreeMap<String, RawVariableValue<'a>> = self.member(raw, "`variables`")?;
        Ok(variables
            .into_iter()
            .map(|(name, variable)| Variable {
                name,
                value: variable.value.map(|raw| Span::of(self.text, raw.get())),
            })
            .collect())
    }

    fn member<T: Default + Deserialize<'a>>(
        self,
        raw: Option<&'a RawValue>,
        what: &str,
    ) -> Result<T, PlanError> {
        let Some(raw) = raw else { return Ok(T::default()) };
        let text = raw.get();
        let start = text.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        serde_json::from_str(text).map_err(|error| self.json_error(start, text, &error, what))
    }

    /// Turns a parser's error into ours. The parser's text is used for syntax only: for a value of the wrong kind it quotes the value.
    fn json_error(self, start: usize, body: &str, error: &serde_json::Error, what: &str) -> PlanError {
        let position = Position::of(self.text, start + offset_of(body, error.line(), error.column()));
        let name = self.name.to_owned();
        match error.classify() {
            Category::Data => PlanError::NotAPlan {
                name,
                position,
                reason: format!("{what} does not have the shape of a plan's"),
            },
            Category::Eof => PlanError::NotJson { name, position, reason: "it ends too soon".to_owned() },
            Category::Syntax | Category::Io => {
                let text = error.to_string();
                let reason = text.split(" at line ").next().unwrap_or_default();
                PlanError::NotJson { name, position, reason: reason.to_owned() }
            }
        }
    }

    fn not_a_plan(self, start: usize, reason: &str) -> PlanError {
        PlanError::NotAPlan {
            name: self.name.to_owned(),
            position: Position::of(self.text, start),
            reason: reason.to_owned(),
        }
    }
}

/// Byte offset of a line and column as the parser counts them, both from 1.
fn offset_of(body: &str, line: usize, column: usize) -> usize {
    let line_start = match line.checked_sub(2) {
        None => 0,
        Some(newline) => {
            memchr::memchr_iter(b'\n', body.as_bytes()).nth(newline).map_or(0, |offset| offset + 1)
        }
    };
    (line_start + column.saturating_sub(1)).min(body.len())
}
