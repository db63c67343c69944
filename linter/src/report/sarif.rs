//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>) for code scanning: one rule of ours is one SARIF rule, so
//! that a reader can filter and dismiss by rule. Own types instead of a generated crate: the part that is used is small, and the crate brings a
//! schema compiler.
//!
//! An undetermined result has the kind `open` ("the evaluation could not decide") and the level `none`, which is what the standard asks for with every kind
//! but `fail`. A finding without a file has a logical location, its address.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Report, page, uri};
use crate::finding::{
    Certainty, Finding, Fingerprint, Location, RuleId, Severity, Suppression, SuppressionKind, display_path,
};

/// The whole report, pretty-printed, with a line break at the end.
///
/// # Errors
/// None in practice: all keys are strings.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let rules: Vec<SarifRule> = report
        .rules
        .iter()
        .map(|rule| SarifRule {
            id: rule.id.to_string(),
            name: pascal_case(rule.id.as_str()),
            short_description: Text::new(&rule.metadata.title),
            full_description: Text::new(if rule.metadata.description.is_empty() {
                &rule.metadata.title
            } else {
                &rule.metadata.description
            }),
            help: Text::new(if rule.metadata.remediation.is_empty() {
                &rule.metadata.title
            } else {
                &rule.metadata.remediation
            }),
            help_uri: rule.is_bundled().then(|| page(&rule.id)),
            default_configuration: Configuration { level: level(rule.severity) },
            properties: RuleProperties {
                severity: rule.severity,
                security_severity: security_severity(rule.severity),
                tags: std::iter::once("security".to_owned())
                    .chain(rule.metadata.references.iter().cloned())
                    .collect(),
            },
        })
        .collect();
    let index: BTreeMap<&RuleId, usize> =
        report.rules.iter().enumerate().map(|(index, rule)| (&rule.id, index)).collect();
    let results = report
        .findings()
        .map(|(plan, finding)| result(&plan.name, finding, index.get(&finding.rule).copied()))
        .collect();
    let document = Sarif {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules,
                },
            },
            results,
            column_kind: "unicodeCodePoints",
        }],
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn result(plan: &str, finding: &Finding, rule_index: Option<usize>) -> SarifResult {
    let (kind, level) = match finding.certainty {
        Certainty::Violation => ("fail", level(finding.severity)),
        Certainty::Undetermined => ("open", "none"),
    };
    let path = display_path(&finding.path);
    let name = if path.is_empty() { finding.address.clone() } else { format!("{}, {path}", finding.address) };
    SarifResult {
        rule_id: finding.rule.to_string(),
        rule_index,
        kind,
        level,
        message: Text::new(&format!("{} (in {name})", finding.message)),
        locations: [SarifLocation {
            physical_location: finding.location.as_ref().map(PhysicalLocation::from),
            logical_locations: [LogicalLocation {
                fully_qualified_name: finding.address.clone(),
                kind: "resource",
            }],
        }],
        related_locations: finding
            .labels
            .iter()
            .filter_map(|label| {
                Some(RelatedLocation {
                    physical_location: PhysicalLocation::from(label.location.as_ref()?),
                    message: Text::new(&label.message),
                })
            })
            .collect(),
        partial_fingerprints: BTreeMap::from([("secretlint/v1", finding.fingerprint)]),
        suppressions: finding.suppression.iter().map(SarifSuppression::from).collect(),
        properties: ResultProperties { severity: finding.severity, plan: plan.to_owned(), path },
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// GitHub sorts by this number: over 9.0 critical, 7.0 high, 4.0 medium, below low.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "2.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}

/// `grant.wildcard_principal` as `GrantWildcardPrincipal`: the standard wants an identifier for a reader here.
fn pascal_case(id: &str) -> String {
    id.split(['.', '_', '-'])
        .map(|word| {
            let mut characters = word.chars();
            characters
                .next()
                .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
        })
        .collect()
}

#[derive(Serialize)]
struct Sarif {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    results: Vec<SarifResult>,
    column_kind: &'static str,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<SarifRule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRule {
    id: String,
    name: String,
    short_description: Text,
    full_description: Text,
    help: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    severity: Severity,
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
    tags: Vec<String>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

impl Text {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    kind: &'static str,
    level: &'static str,
    message: Text,
    locations: [SarifLocation; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<RelatedLocation>,
    partial_fingerprints: BTreeMap<&'static str, Fingerprint>,
    // All results of a run have this property or none: an empty list says "not suppressed".
    suppressions: Vec<SarifSuppression>,
    properties: ResultProperties,
}

#[derive(Serialize)]
struct SarifSuppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
    location: SuppressionLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SuppressionLocation {
    physical_location: SuppressionPlace,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SuppressionPlace {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<StartLine>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StartLine {
    start_line: usize,
}

impl From<&Suppression> for SarifSuppression {
    fn from(suppression: &Suppression) -> Self {
        let mut justification = suppression.reason.clone();
        let details: Vec<String> = suppression
            .owner
            .iter()
            .map(|owner| format!("owner {owner}"))
            .chain(suppression.until.map(|until| format!("until {until}")))
            .collect();
        if !details.is_empty() {
            justification.push_str(&format!(" ({})", details.join(", ")));
        }
        Self {
            kind: match suppression.kind {
                SuppressionKind::Inline => "inSource",
                SuppressionKind::Waiver | SuppressionKind::Baseline | SuppressionKind::Exception => {
                    "external"
                }
            },
            status: "accepted",
            justification,
            location: SuppressionLocation {
                physical_location: SuppressionPlace {
                    artifact_location: ArtifactLocation { uri: uri(&suppression.file) },
                    region: suppression.line.map(|start_line| StartLine { start_line }),
                },
            },
        }
    }
}

#[derive(Serialize)]
struct ResultProperties {
    severity: Severity,
    plan: String,
    path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<PhysicalLocation>,
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RelatedLocation {
    physical_location: PhysicalLocation,
    message: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

impl From<&Location> for PhysicalLocation {
    fn from(location: &Location) -> Self {
        Self {
            artifact_location: ArtifactLocation { uri: uri(&location.file) },
            region: Region {
                start_line: location.line,
                start_column: location.column,
                end_line: location.end_line,
                end_column: location.end_column,
            },
        }
    }
}
