//! For programs. The form is stable: a field is added at any time, and removed or changed only with a higher `schema_version`.
//!
//! ```json
//! {
//!   "schema_version": 1,
//!   "tool": {"name": "secretlint", "version": "…"},
//!   "plans": [{"name": "plan.json", "warnings": ["…"]}],
//!   "rules": [{"id": "…", "title": "…", "severity": "high", "url": "…"}],
//!   "findings": [{
//!     "plan": "plan.json", "rule": "grant.wildcard_principal", "severity": "high", "certainty": "violation",
//!     "address": "aws_x.y", "path": ["policy", "Statement", 0], "message": "…", "help": "…",
//!     "location": {"file": "main.tf", "line": 1, "column": 1, "end_line": 1, "end_column": 5},
//!     "labels": [{"path": [], "message": "…", "location": null}],
//!     "fingerprint": "…",
//!     "suppression": {"kind": "waiver", "reason": "…", "owner": "…", "until": "2027-01-31", "file": "secretlint.hcl", "line": 3}
//!   }],
//!   "summary": {"critical": 0, "high": 1, "medium": 0, "low": 0, "undetermined": 0, "suppressed": 0}
//! }
//! ```
//! `certainty` is `violation` or `undetermined`; `help`, `url` and `location` are null where there is none; `fingerprint` stays the same while
//! rule, address and path do. `suppression` is null for a finding that counts; its `kind` is `waiver`, `inline`, `baseline` or `exception`, and `owner`, `until`
//! and `line` are null where the kind has none. The summary counts a suppressed finding as `suppressed` and as nothing else.

use serde::Serialize;

use super::{Counts, Report, page};
use crate::facts::model::PathStep;
use crate::finding::{Certainty, Fingerprint, Location, RuleId, Severity, Suppression, SuppressionKind};

/// Version of the form described above.
pub const SCHEMA_VERSION: u32 = 1;

/// The whole report, pretty-printed, with a line break at the end.
///
/// # Errors
/// None in practice: all keys are strings.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        plans: report.plans.iter().map(|plan| Plan { name: &plan.name, warnings: &plan.warnings }).collect(),
        rules: report
            .rules
            .iter()
            .map(|rule| Rule {
                id: &rule.id,
                title: &rule.metadata.title,
                severity: rule.severity,
                url: rule.is_bundled().then(|| page(&rule.id)),
            })
            .collect(),
        findings: report
            .findings()
            .map(|(plan, finding)| JsonFinding {
                plan: &plan.name,
                rule: &finding.rule,
                severity: finding.severity,
                certainty: finding.certainty,
                address: &finding.address,
                path: &finding.path,
                message: &finding.message,
                help: finding
                    .help
                    .as_deref()
                    .or_else(|| report.rule(&finding.rule).map(|rule| rule.metadata.remediation.as_str()))
                    .filter(|help| !help.is_empty()),
                location: finding.location.as_ref().map(JsonLocation::from),
                labels: finding
                    .labels
                    .iter()
                    .map(|label| JsonLabel {
                        path: &label.path,
                        message: &label.message,
                        location: label.location.as_ref().map(JsonLocation::from),
                    })
                    .collect(),
                fingerprint: finding.fingerprint,
                suppression: finding.suppression.as_ref().map(JsonSuppression::from),
                metadata: &finding.metadata,
            })
            .collect(),
        summary: report.counts(),
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    plans: Vec<Plan<'a>>,
    rules: Vec<Rule<'a>>,
    findings: Vec<JsonFinding<'a>>,
    summary: Counts,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Plan<'a> {
    name: &'a str,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a RuleId,
    title: &'a str,
    severity: Severity,
    url: Option<String>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    plan: &'a str,
    rule: &'a RuleId,
    severity: Severity,
    certainty: Certainty,
    address: &'a str,
    path: &'a [PathStep],
    message: &'a str,
    help: Option<&'a str>,
    location: Option<JsonLocation>,
    labels: Vec<JsonLabel<'a>>,
    fingerprint: Fingerprint,
    suppression: Option<JsonSuppression<'a>>,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    metadata: &'a serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    path: &'a [PathStep],
    message: &'a str,
    location: Option<JsonLocation>,
}

#[derive(Serialize)]
struct JsonLocation {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl From<&Location> for JsonLocation {
    fn from(location: &Location) -> Self {
        Self {
            file: location.file.to_string_lossy().replace('\\', "/"),
            line: location.line,
            column: location.column,
            end_line: location.end_line,
            end_column: location.end_column,
        }
    }
}

#[derive(Serialize)]
struct JsonSuppression<'a> {
    kind: SuppressionKind,
    reason: &'a str,
    owner: Option<&'a str>,
    until: Option<String>,
    file: String,
    line: Option<usize>,
}

impl<'a> From<&'a Suppression> for JsonSuppression<'a> {
    fn from(suppression: &'a Suppression) -> Self {
        Self {
            kind: suppression.kind,
            reason: &suppression.reason,
            owner: suppression.owner.as_deref(),
            until: suppression.until.map(|date| date.to_string()),
            file: suppression.file.to_string_lossy().replace('\\', "/"),
            line: suppression.line,
        }
    }
}
