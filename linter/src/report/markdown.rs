//! For a comment on a pull request: a table of what was found, and below it, folded, the findings of each rule.
//!
//! GitHub refuses a comment of more than 65,536 characters and GitLab one of more than a million, so the report has a limit of its own: the
//! gravest findings come first, and what does not fit is counted. The first line is a marker, by which a later run finds its comment.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::human::{counted, summary};
use super::{PlanReport, Report};
use crate::finding::{Certainty, Finding, RuleId, Severity, display_path};

/// First line of the report.
pub const MARKER: &str = "<!-- secretlint -->";

/// Most characters of a report. GitHub's limit is 65,536; whoever posts it may add a line.
const LIMIT: usize = 65_000;

/// Kept free for closing tags and for what is said about findings left out.
const RESERVE: usize = 600;

/// Most characters of one text in a finding: a single one must not use up the comment.
const LONGEST_TEXT: usize = 2_000;

/// The whole report, at most 65,000 characters.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut page = Page::default();
    page.push(&format!("{MARKER}\n## secretlint: {}\n", plain(&summary(report))));
    let groups = groups(report);
    overview(&groups, &mut page);
    let mut left_out = 0;
    for (plan, rules) in by_plan(report, &groups) {
        if report.plans.len() > 1 && !rules.is_empty() {
            page.push_if_it_fits(&format!("\n### {}\n", code(&plan.name)));
        }
        for group in rules {
            left_out += details(report, group, &mut page);
        }
    }
    for plan in &report.plans {
        for warning in &plan.warnings {
            page.push_if_it_fits(&format!("\n> {}: {}\n", code(&plan.name), plain(warning)));
        }
    }
    if left_out > 0 {
        page.push(&format!(
            "\n**{} left out here**: a comment holds {LIMIT} characters. The other forms of the report have all of them.\n",
            if left_out == 1 { "1 finding is".to_owned() } else { format!("{left_out} findings are") }
        ));
    }
    page.text
}

/// The findings of one rule in one plan that count, the certain ones first.
struct Group<'a> {
    plan: usize,
    rule: &'a RuleId,
    /// That of its gravest finding.
    rank: Rank,
    findings: Vec<&'a Finding>,
}

/// Certain first, then by severity.
type Rank = (Certainty, Reverse<Severity>);

fn rank(finding: &Finding) -> Rank {
    (finding.certainty, Reverse(finding.severity))
}

fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut found: BTreeMap<(usize, &RuleId), Vec<&Finding>> = BTreeMap::new();
    for (index, plan) in report.plans.iter().enumerate() {
        for finding in plan.findings.iter().filter(|finding| finding.is_active()) {
            found.entry((index, &finding.rule)).or_default().push(finding);
        }
    }
    let mut groups: Vec<Group<'_>> = found
        .into_iter()
        .filter_map(|((plan, rule), mut findings)| {
            findings.sort_by_key(|finding| rank(finding));
            let rank = rank(findings.first().copied()?);
            Some(Group { plan, rule, rank, findings })
        })
        .collect();
    groups.sort_by_key(|group| (group.rank, group.plan, group.rule));
    groups
}

fn by_plan<'a>(report: &'a Report, groups: &'a [Group<'a>]) -> Vec<(&'a PlanReport, Vec<&'a Group<'a>>)> {
    let of_plan = |index| groups.iter().filter(move |group| group.plan == index).collect();
    report.plans.iter().enumerate().map(|(index, plan)| (plan, of_plan(index))).collect()
}

/// A row for each rule over all plans.
fn overview(groups: &[Group<'_>], page: &mut Page) {
    if groups.is_empty() {
        return;
    }
    let mut rows: Vec<(&RuleId, Rank, usize)> = Vec::new();
    for group in groups {
        match rows.iter_mut().find(|(rule, rank, _)| *rule == group.rule && *rank == group.rank) {
            Some((_, _, count)) => *count += group.findings.len(),
            None => rows.push((group.rule, group.rank, group.findings.len())),
        }
    }
    page.push("\n| | rule | findings |\n|---|---|--:|\n");
    let mut listed = 0;
    for (rule, rank, count) in &rows {
        let row = format!("| {} | {} | {count} |\n", badge(*rank), code(rule.as_str()));
        listed += usize::from(page.push_if_it_fits(&row));
    }
    if listed < rows.len() {
        page.push(&format!("\n{} not in this table.\n", counted(rows.len() - listed, "more rule")));
    }
}

/// The findings of one rule, folded. Returns how many did not fit.
fn details(report: &Report, group: &Group<'_>, page: &mut Page) -> usize {
    let rule = report.rule(group.rule);
    let title = rule.map_or_else(|| group.rule.to_string(), |rule| rule.metadata.title.clone());
    let mut head = format!(
        "\n<details><summary>{} <code>{}</code> {} ({})</summary>\n\n",
        badge(group.rank),
        html(group.rule.as_str()),
        html(&title),
        group.findings.len()
    );
    if let Some(rule) = rule {
        if !rule.metadata.remediation.is_empty() {
            head.push_str(&format!("{}\n\n", plain(&rule.metadata.remediation)));
        }
        if rule.is_bundled() {
            head.push_str(&format!("[About this rule]({})\n\n", super::page(group.rule)));
        }
    }
    let closing = "\n</details>\n";
    if !page.push_if_it_fits(&head) {
        return group.findings.len();
    }
    // Counted before the findings, so that there is room for it after them.
    page.characters += closing.len();
    let fitting =
        group.findings.iter().take_while(|finding| page.push_if_it_fits(&item(finding, group.rank))).count();
    page.text.push_str(closing);
    group.findings.len() - fitting
}

fn item(finding: &Finding, rank: Rank) -> String {
    let mut item = String::from("- ");
    if self::rank(finding) != rank {
        item.push_str(&format!("{}: ", badge(self::rank(finding))));
    }
    item.push_str(&code(&finding.address));
    if !finding.path.is_empty() {
        item.push_str(&format!(", {}", code(&display_path(&finding.path))));
    }
    item.push_str(&format!(": {}", plain(&finding.message)));
    if let Some(place) = &finding.location {
        item.push_str(&format!(" ({})", code(&format!("{}:{}", place.file.display(), place.line))));
    }
    if let Some(help) = &finding.help {
        item.push_str(&format!("\n  {}", plain(help)));
    }
    item.push('\n');
    item
}

fn badge((certainty, severity): Rank) -> String {
    match (certainty, severity.0) {
        (Certainty::Undetermined, severity) => format!("undetermined ({severity})"),
        (Certainty::Violation, severity @ (Severity::Critical | Severity::High)) => {
            format!("<b>{severity}</b>")
        }
        (Certainty::Violation, severity) => severity.to_string(),
    }
}

/// A text that never grows beyond the limit.
#[derive(Default)]
struct Page {
    text: String,
    characters: usize,
}

impl Page {
    /// For what is always there and small; it uses the reserve.
    fn push(&mut self, text: &str) {
        self.characters += text.chars().count();
        self.text.push_str(text);
    }

    fn push_if_it_fits(&mut self, text: &str) -> bool {
        let fits = self.characters + text.chars().count() + RESERVE <= LIMIT;
        if fits {
            self.push(text);
        }
        fits
    }
}

fn shortened(text: &str) -> String {
    let line: String =
        text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    if line.chars().count() <= LONGEST_TEXT {
        return line;
    }
    line.chars().take(LONGEST_TEXT).chain(['…']).collect()
}

/// A text as code. It may hold backticks: the fence is longer than the longest run of them.
fn code(text: &str) -> String {
    let text = shortened(text);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest + 1);
    // A space inside each fence is not shown, and is needed where the text begins or ends with a backtick.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A sentence in which nothing is formatting, a tag, or a mention that notifies somebody, but for what stands between backticks: that is code.
fn plain(text: &str) -> String {
    let text = shortened(text);
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick is one that somebody meant.
    if parts.len().is_multiple_of(2) {
        return escaped(&text);
    }
    let parts = parts.into_iter().enumerate();
    parts.map(|(index, part)| if index.is_multiple_of(2) { escaped(part) } else { code(part) }).collect()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

fn html(text: &str) -> String {
    shortened(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "@<!-- -->")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        assert_eq!(plain("*a* <b> @team `c*`\nd"), "\\*a\\* &lt;b&gt; @<!-- -->team `c*` d");
        assert_eq!(plain("a ` b"), "a \\` b");
        assert_eq!(code("a[\"b\"]"), "`a[\"b\"]`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
    }
}
