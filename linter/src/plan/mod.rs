//! Reading a plan: from bytes to changes and configuration, without holding more of a big plan than needed.
//!
//! The text is held once; a [`Plan`] keeps offsets into it and reads a value only when a fact needs it. `planned_values`, `prior_state` and
//! `resource_drift`, often half of a plan, are skipped. Memory mapping would be cheaper still, but a file that changes under a map is
//! undefined behaviour, and the house forbids `unsafe`.

mod address;
mod change;
mod configuration;
mod decode;
mod document;
mod error;
mod reference;
mod span;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

pub use address::{InstanceKey, ModulePath, ModuleStep, without_keys};
pub use change::{Mode, ResourceChange};
pub use configuration::{
    Configuration, Expression, ModuleCall, ModuleConfiguration, OutputConfiguration, ProviderConfiguration,
    ResourceConfiguration, VariableConfiguration,
};
pub use document::{OutputChange, Variable};
pub use error::{PlanError, PlanWarning, Position};
pub use reference::{Resolution, Target};
use span::Span;

/// Largest input that is read, in bytes; above it the linter says so instead of being killed for memory.
pub const MAX_PLAN_BYTES: u64 = 4 << 30;

/// Where a plan comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanSource {
    /// Standard input, written `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl PlanSource {
    /// Reads a command-line argument: `-` is standard input, anything else a path.
    pub fn from_argument(argument: &str) -> Self {
        if argument == "-" { Self::Stdin } else { Self::File(PathBuf::from(argument)) }
    }

    /// How messages name it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// A plan that was read. Shows none of its values in `Debug`.
pub struct Plan {
    name: String,
    text: String,
    document: Span,
    format_version: String,
    terraform_version: Option<String>,
    timestamp: Option<String>,
    warnings: Vec<PlanWarning>,
    changes: Vec<ResourceChange>,
    configuration: Configuration,
    outputs: Vec<OutputChange>,
    variables: Vec<Variable>,
    by_resource: OnceLock<HashMap<String, Vec<usize>>>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Plan")
            .field("name", &self.name)
            .field("format_version", &self.format_version)
            .field("changes", &self.changes.len())
            .finish_non_exhaustive()
    }
}

impl Plan {
    /// Reads a plan from a file or standard input.
    ///
    /// # Errors
    /// See [`PlanError`]; each variant has a [`PlanError::help`].
    pub fn read(source: &PlanSource) -> Result<Self, PlanError> {
        let name = source.name();
        let bytes = match source {
            PlanSource::Stdin => read_limited(io::stdin().lock(), 0),
            PlanSource::File(path) => File::open(path).and_then(|file| {
                let size = file.metadata().map_or(0, |metadata| metadata.len());
                read_limited(file, size)
            }),
        };
        let bytes = bytes.map_err(|source| PlanError::Io { name: name.clone(), source })?;
        if bytes.len() as u64 > MAX_PLAN_BYTES {
            return Err(PlanError::TooLarge { name, limit: MAX_PLAN_BYTES });
        }
        Self::from_bytes(name, bytes)
    }

    /// Reads a plan from bytes in memory; `name` is used in messages only.
    ///
    /// # Errors
    /// See [`PlanError`]; each variant has a [`PlanError::help`].
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, PlanError> {
        document::read(name.into(), bytes)
    }

    /// Name of the input as the user gave it, `<stdin>` for standard input.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `format_version` of the plan.
    pub fn format_version(&self) -> &str {
        &self.format_version
    }

    /// Version of Terraform or OpenTofu that made it, where told.
    pub fn terraform_version(&self) -> Option<&str> {
        self.terraform_version.as_deref()
    }

    /// When the plan was made, as it says (RFC 3339).
    pub fn timestamp(&self) -> Option<&str> {
        self.timestamp.as_deref()
    }

    /// What makes the result less certain.
    pub fn warnings(&self) -> &[PlanWarning] {
        &self.warnings
    }

    /// Values were redacted when the plan was shown.
    pub fn redacted(&self) -> bool {
        self.warnings.contains(&PlanWarning::Redacted)
    }

    /// The whole document as JSON text, for `input.plan`.
    pub fn raw_json(&self) -> &str {
        self.document.text(&self.text)
    }

    /// Every planned change, in the plan's order; deposed objects are left out.
    pub fn changes(&self) -> &[ResourceChange] {
        &self.changes
    }

    /// The configuration; empty where the plan records none.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Planned changes of the root module's outputs.
    pub fn outputs(&self) -> &[OutputChange] {
        &self.outputs
    }

    /// Values of the root module's variables.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The block that declares a change's resource.
    pub fn configuration_of(&self, change: &ResourceChange) -> Option<&ResourceConfiguration> {
        self.configuration.module(&change.module_path())?.resources.get(&change.configuration_address())
    }

    /// The change of the object at `address`.
    pub fn change_at(&self, address: &str) -> Option<&ResourceChange> {
        let static_address = address::without_keys(address);
        self.instances(&static_address).map(|(_, change)| change).find(|change| &*change.address == address)
    }

    /// Values after the apply as JSON text; none where the object is deleted.
    pub fn after_text(&self, change: &ResourceChange) -> Option<&str> {
        change.after.map(|span| span.text(&self.text))
    }

    /// Sensitivity marks of the values after the apply as JSON text.
    pub fn after_sensitive_text(&self, change: &ResourceChange) -> Option<&str> {
        change.after_sensitive.map(|span| span.text(&self.text))
    }

    /// Values after the apply. Null where there are none.
    ///
    /// # Errors
    /// The value is nested deeper than the parser goes.
    pub fn after(&self, change: &ResourceChange) -> Result<Value, serde_json::Error> {
        self.value(change.after)
    }

    /// Values before the apply. Null where there are none.
    ///
    /// # Errors
    /// The value is nested deeper than the parser goes.
    pub fn before(&self, change: &ResourceChange) -> Result<Value, serde_json::Error> {
        self.value(change.before)
    }

    /// What is unknown until apply: `true` in the places of `after` that are decided later.
    ///
    /// # Errors
    /// The value is nested deeper than the parser goes.
    pub fn after_unknown(&self, change: &ResourceChange) -> Result<Value, serde_json::Error> {
        self.value(change.after_unknown)
    }

    /// Which values after the apply are sensitive: `true` in their places.
    ///
    /// # Errors
    /// The value is nested deeper than the parser goes.
    pub fn after_sensitive(&self, change: &ResourceChange) -> Result<Value, serde_json::Error> {
        self.value(change.after_sensitive)
    }

    /// Which values before the apply are sensitive.
    ///
    /// # Errors
    /// The value is nested deeper than the parser goes.
    pub fn before_sensitive(&self, change: &ResourceChange) -> Result<Value, serde_json::Error> {
        self.value(change.before_sensitive)
    }

    /// Paths that force the replacement.
    ///
    /// # Errors
    /// The value is nested deeper than the parser goes.
    pub fn replace_paths(&self, change: &ResourceChange) -> Result<Value, serde_json::Error> {
        self.value(change.replace_paths)
    }

    /// The expressions of a resource block. Null where the plan has none.
    pub fn expressions(&self, resource: &ResourceConfiguration) -> Value {
        self.expression(resource.expressions)
    }

    /// The expressions of a resource block name this argument somewhere: a cheap answer before they are parsed.
    pub(crate) fn expressions_mention(&self, resource: &ResourceConfiguration, argument: &str) -> bool {
        let quoted = format!("\"{argument}\"");
        resource.expressions.is_some_and(|span| {
            memchr::memmem::find(span.text(&self.text).as_bytes(), quoted.as_bytes()).is_some()
        })
    }

    /// The provisioners of a resource block, each with its `type` and `expressions`. Null where it has none.
    pub fn provisioners(&self, resource: &ResourceConfiguration) -> Value {
        self.expression(resource.provisioners)
    }

    /// The expressions of a provider block. Null where the plan has none.
    pub fn provider_expressions(&self, provider: &ProviderConfiguration) -> Value {
        self.expression(provider.expressions)
    }

    /// The arguments of a module call. Null where the plan has none.
    pub fn call_expressions(&self, call: &ModuleCall) -> Value {
        self.expression(call.expressions)
    }

    /// The expression of an output. Null where the plan has none.
    pub fn output_expression(&self, output: &OutputConfiguration) -> Value {
        self.expression(output.expression)
    }

    /// The default of a variable. Null where it has none.
    pub fn variable_default(&self, variable: &VariableConfiguration) -> Value {
        self.expression(variable.default)
    }

    /// Text at a span, parsed; the texts of this plan are JSON, so only depth can stop it.
    fn value(&self, span: Option<Span>) -> Result<Value, serde_json::Error> {
        span.map_or(Ok(Value::Null), |span| serde_json::from_str(span.text(&self.text)))
    }

    /// An expression that nests too deeply to be read is as good as none: what it says cannot be told.
    fn expression(&self, span: Option<Span>) -> Value {
        self.value(span).unwrap_or_default()
    }

    /// Instances of the resource whose address without any keys is `static_address`, with their place in [`Plan::changes`].
    fn instances(&self, static_address: &str) -> impl Iterator<Item = (usize, &ResourceChange)> {
        let by_resource = self.by_resource.get_or_init(|| {
            let mut by_resource: HashMap<String, Vec<usize>> = HashMap::with_capacity(self.changes.len());
            for (place, change) in self.changes.iter().enumerate() {
                by_resource.entry(address::without_keys(&change.address)).or_default().push(place);
            }
            by_resource
        });
        by_resource
            .get(static_address)
            .into_iter()
            .flatten()
            .filter_map(|place| self.changes.get(*place).map(|change| (*place, change)))
    }
}

fn read_limited(input: impl Read, size: u64) -> io::Result<Vec<u8>> {
    // One byte more than the size lets the last read see the end without growing the buffer.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_PLAN_BYTES)).unwrap_or_default() + 1);
    input.take(MAX_PLAN_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
