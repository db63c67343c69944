//! For a person at a terminal or in a build log: each finding with its severity, rule, address, an excerpt of the configuration and what to
//! do, and one line of summary at the end.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::Path;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    Severity as Level, SourceCode, SourceSpan, SpanContents,
};

use super::mask::{Masked, Strictness};
use super::{PlanReport, Report, page};
use crate::finding::{Certainty, Finding, Location, Severity, SuppressionKind, display_path};

/// Whether colours and links are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Colours, and links where the terminal shows them.
    Terminal {
        /// Width in columns.
        width: usize,
    },
    /// Neither: for a file, a pipe or `NO_COLOR`.
    Plain,
}

/// What is shown beyond the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Violations and the summary only.
    Quiet,
    /// Also undetermined results and warnings.
    Normal,
    /// Also the rules that were evaluated and the findings that are suppressed.
    Verbose,
}

/// Width of text that goes to no terminal.
const PLAIN_WIDTH: usize = 120;

/// The whole report.
#[must_use]
pub fn render(report: &Report, look: Look, detail: Detail) -> String {
    let mut text = String::new();
    let many = report.plans.len() > 1;
    let mut masks = Masks::default();
    let mut explained = BTreeSet::new();
    for plan in &report.plans {
        if many {
            text.push_str(&format!("{}:\n\n", plan.name));
        }
        if detail != Detail::Quiet {
            for warning in &plan.warnings {
                text.push_str(&format!("warning: {warning}\n"));
            }
            if !plan.warnings.is_empty() {
                text.push('\n');
            }
        }
        for finding in plan.findings.iter().filter(|finding| finding.is_active()) {
            if finding.certainty == Certainty::Violation || detail != Detail::Quiet {
                let advice = if explained.insert(&finding.rule) { Advice::Full } else { Advice::SaidBefore };
                text.push_str(&one(report, plan, finding, look, advice, &mut masks));
                text.push('\n');
            }
        }
    }
    if detail == Detail::Verbose {
        text.push_str("rules evaluated:\n");
        for rule in &report.rules {
            text.push_str(&format!(
                "  {:<8} {} ({}:{})\n",
                rule.severity.as_str(),
                rule.id,
                rule.file,
                rule.line
            ));
        }
        text.push('\n');
        text.push_str(&suppressed(report));
    }
    text.push_str(&summary(report));
    text.push('\n');
    text
}

/// The findings that do not count, each with whose decision that is.
fn suppressed(report: &Report) -> String {
    let mut text = String::new();
    let many = report.plans.len() > 1;
    for (plan, finding) in report.findings() {
        let Some(suppression) = &finding.suppression else { continue };
        if text.is_empty() {
            text.push_str("suppressed:\n");
        }
        let plan = if many { format!("{}: ", plan.name) } else { String::new() };
        let until = suppression.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let owner = suppression.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
        let line = suppression.line.map(|line| format!(":{line}")).unwrap_or_default();
        text.push_str(&format!(
            "  {:<8} {} {plan}{}\n           by the {} in {}{line}{until}{owner}: {}\n",
            finding.severity.as_str(),
            finding.rule,
            place(finding),
            decision(suppression.kind, 1),
            suppression.file.display(),
            suppression.reason,
        ));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

const fn decision(kind: SuppressionKind, count: usize) -> &'static str {
    match (kind, count) {
        (SuppressionKind::Waiver, 1) => "waiver",
        (SuppressionKind::Waiver, _) => "waivers",
        (SuppressionKind::Inline, 1) => "inline ignore",
        (SuppressionKind::Inline, _) => "inline ignores",
        (SuppressionKind::Exception, 1) => "exception",
        (SuppressionKind::Exception, _) => "exceptions",
        (SuppressionKind::Baseline, _) => "baseline",
    }
}

/// A diagnostic of the linter itself: a plan or policy that cannot be read.
#[must_use]
pub fn diagnostic(problem: &dyn Diagnostic, look: Look) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _written: fmt::Result = handler(look).render_report(&mut text, problem);
    text
}

fn handler(look: Look) -> GraphicalReportHandler {
    match look {
        Look::Terminal { width } => {
            GraphicalReportHandler::new_themed(GraphicalTheme::unicode()).with_width(width.clamp(60, 160))
        }
        Look::Plain => GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_width(PLAIN_WIDTH)
            .with_links(false),
    }
    .with_context_lines(2)
    .with_show_related_as_nested(true)
    .with_break_words(false)
}

/// Masked texts by file, so that each is masked once.
#[derive(Default)]
struct Masks(HashMap<(std::path::PathBuf, Strictness), std::sync::Arc<Masked>>);

impl Masks {
    fn of(
        &mut self,
        plan: &PlanReport,
        file: &Path,
        strictness: Strictness,
    ) -> Option<std::sync::Arc<Masked>> {
        let text = plan.texts.get(file)?;
        let entry = self.0.entry((file.to_owned(), strictness));
        Some(entry.or_insert_with(|| std::sync::Arc::new(Masked::new(text, strictness))).clone())
    }
}

/// The advice and the page of a rule are shown with its first finding: twenty findings of one rule need one explanation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Advice {
    Full,
    SaidBefore,
}

fn one(
    report: &Report,
    plan: &PlanReport,
    finding: &Finding,
    look: Look,
    advice: Advice,
    masks: &mut Masks,
) -> String {
    let strictness = Strictness::for_rule(&finding.rule);
    let excerpt = finding.location.as_ref().and_then(|location| {
        let masked = masks.of(plan, &location.file, strictness)?;
        let mut labels = vec![label(&masked, location, label_text(finding), Primary::Yes)];
        for more in &finding.labels {
            if let Some(place) = more.location.as_ref().filter(|place| place.file == location.file) {
                labels.push(label(&masked, place, more.message.clone(), Primary::No));
            }
        }
        Some(Excerpt { name: location.file.display().to_string(), masked, labels })
    });
    let mut lines = vec![headline(finding)];
    // A policy for conftest need not say which object it is about.
    if !finding.address.is_empty() {
        lines.push(place(finding));
    }
    // The place is part of the excerpt; without one it is part of the text.
    if excerpt.is_none() {
        lines.extend(
            finding.location.iter().map(|place| format!("at {}:{}", place.file.display(), place.line)),
        );
        lines.extend(
            finding.labels.iter().map(|label| format!("{}: {}", display_path(&label.path), label.message)),
        );
    }
    let rule = report.rule(&finding.rule);
    let general = rule.filter(|_| advice == Advice::Full);
    let help = finding.help.clone().or_else(|| general.map(|rule| rule.metadata.remediation.clone()));
    let shown = Shown {
        text: lines.join("\n"),
        code: finding.rule.to_string(),
        level: match (finding.certainty, finding.severity) {
            (Certainty::Undetermined, _) | (_, Severity::Low) => Level::Advice,
            (_, Severity::Medium) => Level::Warning,
            (_, Severity::High | Severity::Critical) => Level::Error,
        },
        url: general.filter(|rule| rule.is_bundled()).map(|rule| page(&rule.id)),
        help: help.filter(|help| !help.is_empty()),
        excerpt,
    };
    diagnostic(&shown, look)
}

fn headline(finding: &Finding) -> String {
    match finding.certainty {
        Certainty::Violation => format!("{}: {}", finding.severity, finding.message),
        Certainty::Undetermined => format!("undetermined ({}): {}", finding.severity, finding.message),
    }
}

fn place(finding: &Finding) -> String {
    if finding.path.is_empty() {
        format!("in {}", finding.address)
    } else {
        format!("in {}, {}", finding.address, display_path(&finding.path))
    }
}

fn label_text(finding: &Finding) -> String {
    if finding.path.is_empty() { "here".to_owned() } else { display_path(&finding.path) }
}

/// Which label decides what part of the file is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Primary {
    Yes,
    No,
}

fn label(masked: &Masked, location: &Location, text: String, primary: Primary) -> LabeledSpan {
    let span = masked.span(location.span.clone());
    let span = SourceSpan::new(span.start.into(), span.len());
    match primary {
        Primary::Yes => LabeledSpan::new_primary_with_span(Some(text), span),
        Primary::No => LabeledSpan::new_with_span(Some(text), span),
    }
}

/// The last line: what was found, by how many rules, in how many plans.
#[must_use]
pub fn summary(report: &Report) -> String {
    let counts = report.counts();
    let parts: Vec<String> = [
        (counts.critical, "critical"),
        (counts.high, "high"),
        (counts.medium, "medium"),
        (counts.low, "low"),
        (counts.undetermined, "undetermined"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, name)| format!("{count} {name}"))
    .collect();
    let violations = counts.critical + counts.high + counts.medium + counts.low;
    let found = match (violations, parts.is_empty()) {
        (_, true) => "no findings".to_owned(),
        (0, false) => format!("no findings, {}", parts.join(", ")),
        (1, false) => format!("1 finding: {}", parts.join(", ")),
        (_, false) => format!("{violations} findings: {}", parts.join(", ")),
    };
    let suppressed = match counts.suppressed {
        0 => String::new(),
        count => format!("; {count} suppressed: {}", suppressed_by(report)),
    };
    format!(
        "{found} ({} in {}){suppressed}",
        counted(report.rules.len(), "rule"),
        counted(report.plans.len(), "plan")
    )
}

/// `2 by waivers, 1 by the baseline`.
fn suppressed_by(report: &Report) -> String {
    let mut counts: BTreeMap<SuppressionKind, usize> = BTreeMap::new();
    for (_, finding) in report.findings() {
        if let Some(suppression) = &finding.suppression {
            *counts.entry(suppression.kind).or_default() += 1;
        }
    }
    let parts = counts.into_iter().map(|(kind, count)| {
        let article = match (kind, count) {
            (SuppressionKind::Baseline, _) => "the ",
            (SuppressionKind::Inline, 1) => "an ",
            (SuppressionKind::Waiver, 1) => "a ",
            (_, _) => "",
        };
        format!("{count} by {article}{}", decision(kind, count))
    });
    parts.collect::<Vec<_>>().join(", ")
}

pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A finding in the shape that miette draws.
#[derive(Debug)]
struct Shown {
    text: String,
    code: String,
    level: Level,
    url: Option<String>,
    help: Option<String>,
    excerpt: Option<Excerpt>,
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Level> {
        Some(self.level)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.url.as_ref().map(|url| Box::new(url) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        Some(Box::new(excerpt.labels.iter().cloned()))
    }
}

/// A masked file and what of it is marked.
#[derive(Debug)]
struct Excerpt {
    name: String,
    masked: std::sync::Arc<Masked>,
    labels: Vec<LabeledSpan>,
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.masked.text.read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}
