//! What a run found, in the form somebody asked for, a file for each: `human` for a terminal, `json` for programs, `sarif` for code
//! scanning, and so on. All read the same [`Report`], so they cannot disagree, and none of them can print a value: findings carry none, and
//! excerpts of files go through `mask`.

pub mod access;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod mask;
pub mod policy_diff;
pub mod sarif;
pub mod test_run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::access::AccessMap;
use self::human::{Detail, Look};
use crate::finding::{Certainty, Finding, RuleId, Severity};
use crate::policy::Rule;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person.
    Human,
    /// For a program; see `schema_version` in it.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for a CI system's list of tests.
    Junit,
    /// Commands that GitHub Actions shows as annotations.
    Github,
    /// Code quality report of GitLab.
    Gitlab,
    /// For a comment on a pull request.
    Markdown,
    /// One page with a picture of who may read what.
    Html,
}

/// A report cannot be put into its form.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// As JSON.
    #[error("it cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// As XML.
    #[error("it cannot be written as XML")]
    Xml(#[from] std::io::Error),
}

/// Where the pages of the bundled rules are published.
const PAGES: &str = "https://github.com/secretlint/terraform-provider-secret/blob/main/docs/rules";

/// Address of a bundled rule's page.
#[must_use]
pub fn page(rule: &RuleId) -> String {
    format!("{PAGES}/{}.md", rule.as_folder())
}

/// Everything a run found out.
#[derive(Debug)]
pub struct Report {
    /// The plans, in the order they were given.
    pub plans: Vec<PlanReport>,
    /// The rules that were evaluated, in the order of their ids.
    pub rules: Vec<Rule>,
}

/// What the rules say about one plan.
#[derive(Debug)]
pub struct PlanReport {
    /// Name of the plan as it was given.
    pub name: String,
    /// What makes the result less certain, each a sentence.
    pub warnings: Vec<String>,
    /// In the order of [`Finding::order`].
    pub findings: Vec<Finding>,
    /// Texts of the files that locations name.
    pub texts: BTreeMap<PathBuf, Arc<str>>,
    /// Who may do what with which secret, where some report shows it.
    pub access: Option<AccessMap>,
}

/// How many findings there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Violations by severity.
    pub critical: usize,
    /// Violations by severity.
    pub high: usize,
    /// Violations by severity.
    pub medium: usize,
    /// Violations by severity.
    pub low: usize,
    /// Results that are not certain.
    pub undetermined: usize,
    /// Findings that do not count because somebody said so; in none of the other numbers.
    pub suppressed: usize,
}

impl Report {
    /// The report in one form, with a line break at the end. `look` and `detail` are for a person and change nothing else.
    ///
    /// # Errors
    /// None in practice: what is written holds nothing that JSON or XML cannot.
    pub fn render(&self, format: Format, look: Look, detail: Detail) -> Result<String, RenderError> {
        Ok(match format {
            Format::Human => human::render(self, look, detail),
            Format::Json => json::render(self)?,
            Format::Sarif => sarif::render(self)?,
            Format::Junit => junit::render(self)?,
            Format::Github => github::render(self),
            Format::Gitlab => gitlab::render(self)?,
            Format::Markdown => markdown::render(self),
            Format::Html => html::render(self),
        })
    }

    /// The rule with this id; the linter's own reports, such as that of an unreadable document, have none.
    #[must_use]
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| &rule.id == id)
    }

    /// All findings of all plans, with the plan each belongs to.
    pub fn findings(&self) -> impl Iterator<Item = (&PlanReport, &Finding)> {
        self.plans.iter().flat_map(|plan| plan.findings.iter().map(move |finding| (plan, finding)))
    }

    /// Counts over all plans.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for (_, finding) in self.findings() {
            let count = match (finding.certainty, finding.severity) {
                _ if !finding.is_active() => &mut counts.suppressed,
                (Certainty::Undetermined, _) => &mut counts.undetermined,
                (Certainty::Violation, Severity::Critical) => &mut counts.critical,
                (Certainty::Violation, Severity::High) => &mut counts.high,
                (Certainty::Violation, Severity::Medium) => &mut counts.medium,
                (Certainty::Violation, Severity::Low) => &mut counts.low,
            };
            *count += 1;
        }
        counts
    }
}

/// A path in the form URIs and other machines want: with `/`, whatever the platform.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for part in path.to_string_lossy().replace('\\', "/").chars() {
        match part {
            ' ' => uri.push_str("%20"),
            '%' => uri.push_str("%25"),
            '#' => uri.push_str("%23"),
            '?' => uri.push_str("%3F"),
            other => uri.push(other),
        }
    }
    uri
}
