//! The findings of the page: by plan, then by rule, each with the lines of the file it speaks of, masked.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use maud::{Markup, html};

use super::prose;
use crate::finding::{Certainty, Finding, RuleId, display_path};
use crate::report::human::counted;
use crate::report::mask::{Masked, Strictness};
use crate::report::{PlanReport, Report, page};

/// Lines shown before and after those that are meant.
const CONTEXT: usize = 2;

/// Most lines of one excerpt: an attribute may span a whole document.
const MOST_LINES: usize = 14;

/// The findings and the form that filters them.
pub(super) fn section(report: &Report) -> Markup {
    let is_any = report.findings().next().is_some();
    html! {
        h2 id="findings" tabindex="-1" { "Findings" }
        @if is_any { (filter(report)) } @else { p { "No rule found anything." } }
        @for (index, plan) in report.plans.iter().enumerate() {
            section class="plan" aria-label=(plan.name) {
                @if report.plans.len() > 1 { h2 { (plan.name) } }
                @for warning in &plan.warnings {
                    p { span class="badge medium" { "warning" } " " (warning) }
                }
                (groups(report, plan, index))
            }
        }
    }
}

/// Hidden until the script that it needs has run.
fn filter(report: &Report) -> Markup {
    let kinds: BTreeSet<&str> = report.findings().map(|(_, finding)| kind(finding)).collect();
    let rules: BTreeSet<&RuleId> = report.findings().map(|(_, finding)| &finding.rule).collect();
    let order = ["critical", "high", "medium", "low", "undetermined", "suppressed"];
    html! {
        form hidden aria-label="Filter the findings" {
            fieldset {
                legend { "Show" }
                @for kind in order.into_iter().filter(|kind| kinds.contains(kind)) {
                    label { input type="checkbox" name="kind" value=(kind) checked; " " (kind) }
                }
            }
            label {
                span class="name" { "Rule" }
                select name="rule" {
                    option value="" { "all" }
                    @for rule in rules { option { (rule) } }
                }
            }
            // A form has all its fields, whether or not there is something to choose: the script reads them.
            label hidden[report.plans.len() < 2] {
                span class="name" { "Plan" }
                select name="plan" {
                    option value="" { "all" }
                    @for (index, plan) in report.plans.iter().enumerate() {
                        option value=(index) { (plan.name) }
                    }
                }
            }
            label { span class="name" { "Text" } input type="search" name="words"; }
            output id="status" aria-live="polite" {}
        }
    }
}

/// What the filter and the colours go by.
fn kind(finding: &Finding) -> &'static str {
    match finding.certainty {
        _ if !finding.is_active() => "suppressed",
        Certainty::Undetermined => "undetermined",
        Certainty::Violation => finding.severity.as_str(),
    }
}

fn groups(report: &Report, plan: &PlanReport, index: usize) -> Markup {
    let mut by_rule: BTreeMap<&RuleId, Vec<&Finding>> = BTreeMap::new();
    for finding in &plan.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let rank = |finding: &&Finding| (!finding.is_active(), finding.certainty, Reverse(finding.severity));
    let mut groups: Vec<_> = by_rule
        .into_iter()
        .filter_map(|(rule, findings)| {
            let gravest = findings.iter().copied().min_by_key(rank)?;
            Some((rank(&gravest), rule, gravest, findings))
        })
        .collect();
    groups.sort_by_key(|(rank, rule, ..)| (*rank, *rule));
    let mut masks = HashMap::new();
    html! {
        @for (_, id, gravest, findings) in &groups {
            details class={ "rule " (kind(gravest)) } open {
                summary {
                    span class="badge" { (kind(gravest)) } " "
                    h3 { (report.rule(id).map_or("Not read", |rule| rule.metadata.title.as_str())) }
                    " " span class="quiet" { code { (id) } ", " (counted(findings.len(), "finding")) }
                }
                (about(report, id))
                @for finding in findings { (article(plan, index, finding, &mut masks)) }
            }
        }
    }
}

fn about(report: &Report, id: &RuleId) -> Markup {
    let Some(rule) = report.rule(id) else { return html! {} };
    html! {
        div class="about" {
            @if !rule.metadata.remediation.is_empty() { p { (prose(&rule.metadata.remediation)) } }
            @if rule.is_bundled() { p { a href=(page(id)) { "About this rule" } } }
        }
    }
}

type Masks = HashMap<(std::path::PathBuf, Strictness), Masked>;

fn article(plan: &PlanReport, index: usize, finding: &Finding, masks: &mut Masks) -> Markup {
    let kind = kind(finding);
    html! {
        article class=(kind) data-kind=(kind) data-rule=(finding.rule) data-plan=(index) {
            p {
                span class="badge" { (kind) } " "
                strong { (prose(&finding.message)) }
            }
            p {
                "in " code { (finding.address) }
                @if !finding.path.is_empty() { ", " code { (display_path(&finding.path)) } }
                @if let Some(place) = &finding.location {
                    " (" code { (place.file.display()) ":" (place.line) ":" (place.column) } ")"
                }
            }
            (excerpt(plan, finding, masks))
            @for label in &finding.labels {
                p { code { (display_path(&label.path)) } ": " (prose(&label.message)) }
            }
            @if let Some(help) = &finding.help { p { b { "What to do: " } (prose(help)) } }
            @if let Some(suppression) = &finding.suppression {
                p {
                    b { "Suppressed" } " by a " (suppression.kind.as_str()) " in " code { (suppression.file.display()) }
                    @if let Some(line) = suppression.line { ", line " (line) }
                    ": " (suppression.reason)
                    @if let Some(owner) = &suppression.owner { ", owner " (owner) }
                    @if let Some(until) = suppression.until { ", until " (until) }
                }
            }
            p class="fingerprint" { "Fingerprint " code { (finding.fingerprint) } }
        }
    }
}

fn excerpt(plan: &PlanReport, finding: &Finding, masks: &mut Masks) -> Markup {
    let Some((place, masked)) = finding.location.as_ref().and_then(|place| {
        Some((place, masked(plan, &place.file, Strictness::for_rule(&finding.rule), masks)?))
    }) else {
        return html! {};
    };
    let meant = place.line..=place.end_line.max(place.line);
    let first = place.line.saturating_sub(CONTEXT).max(1);
    let last = (meant.end() + CONTEXT).min(first + MOST_LINES - 1);
    let lines = masked.text.lines().enumerate().map(|(index, line)| (index + 1, line));
    html! {
        pre class="excerpt" tabindex="0" aria-label={ "Lines of " (place.file.display()) } {
            @for (number, line) in lines.skip(first - 1).take(last + 1 - first) {
                span class=[meant.contains(&number).then_some("here")] { i { (number) } (line) }
            }
        }
    }
}

/// The masked text of a file, which is masked once for all its findings.
fn masked<'a>(
    plan: &PlanReport,
    file: &Path,
    strictness: Strictness,
    masks: &'a mut Masks,
) -> Option<&'a Masked> {
    let text = plan.texts.get(file)?;
    Some(masks.entry((file.to_owned(), strictness)).or_insert_with(|| Masked::new(text, strictness)))
}

/// What was looked for: a report without findings says nothing without it.
pub(super) fn rules(report: &Report) -> Markup {
    html! {
        h2 { "Rules that were evaluated" }
        div class="table" {
            table {
                thead { tr { th scope="col" { "Rule" } th scope="col" { "Severity" } th scope="col" { "What it looks for" } th scope="col" { "Findings" } } }
                tbody {
                    @for rule in &report.rules {
                        tr {
                            td {
                                @if rule.is_bundled() { a href=(page(&rule.id)) { code { (rule.id) } } } @else { code { (rule.id) } }
                            }
                            td { (rule.severity) }
                            td { (prose(&rule.metadata.title)) }
                            td { (report.findings().filter(|(_, finding)| finding.rule == rule.id).count()) }
                        }
                    }
                }
            }
        }
    }
}
