//! The code quality report of GitLab (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>), shown in a merge request
//! with what is new against the target branch.
//!
//! GitLab compares by `fingerprint` and drops a second entry with the same one. Ours speaks of a resource, and two plans of one run may have
//! the same resource: with more than one plan its name is part of the fingerprint.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Report;
use crate::finding::{Certainty, Finding, Severity, display_path};

/// The findings that count, pretty-printed, with a line break at the end.
///
/// # Errors
/// None in practice: all keys are strings.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let is_single = report.plans.len() == 1;
    let issues: Vec<Issue> = report
        .findings()
        .filter(|(_, finding)| finding.is_active())
        .map(|(plan, finding)| {
            let plan_name = (!is_single).then_some(plan.name.as_str());
            Issue {
                description: description(finding),
                check_name: finding.rule.to_string(),
                fingerprint: fingerprint(finding, plan_name),
                severity: severity(finding),
                location: IssueLocation::of(finding, &plan.name),
            }
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&issues)?;
    text.push('\n');
    Ok(text)
}

fn description(finding: &Finding) -> String {
    let path = display_path(&finding.path);
    let comma = if path.is_empty() { "" } else { ", " };
    let unsure = match finding.certainty {
        Certainty::Violation => "",
        Certainty::Undetermined => "undetermined: ",
    };
    format!("{unsure}{} (in {}{comma}{path})", finding.message, finding.address)
}

fn fingerprint(finding: &Finding, plan: Option<&str>) -> String {
    let Some(plan) = plan else { return finding.fingerprint.to_string() };
    let mut hash = Sha256::new();
    hash.update(finding.fingerprint.to_string());
    hash.update(plan);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// GitLab has five levels and no "undetermined": the lowest of them is left for it.
const fn severity(finding: &Finding) -> &'static str {
    match (finding.certainty, finding.severity) {
        (Certainty::Undetermined, _) => "info",
        (_, Severity::Low) => "minor",
        (_, Severity::Medium) => "major",
        (_, Severity::High) => "critical",
        (_, Severity::Critical) => "blocker",
    }
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation,
}

#[derive(Serialize)]
struct IssueLocation {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

impl IssueLocation {
    /// GitLab shows nothing without a path and a line: a finding without a file is shown at the plan.
    fn of(finding: &Finding, plan: &str) -> Self {
        match &finding.location {
            Some(place) => Self {
                path: place.file.to_string_lossy().replace('\\', "/"),
                lines: Lines { begin: place.line, end: place.end_line },
            },
            None => Self { path: plan.replace('\\', "/"), lines: Lines { begin: 1, end: 1 } },
        }
    }
}
