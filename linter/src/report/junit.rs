//! JUnit XML, for the list of tests that CI systems show. There is no standard; this is what Jenkins, GitLab and Azure DevOps read, and what
//! <https://github.com/testmoapp/junitxml> describes.
//!
//! A plan is a suite. A rule that says nothing about it is a test that passed; each finding is a test of its own, failed if it is certain
//! and skipped if it is decided only at apply or suppressed. Written with an XML library alone: a JUnit library brings dates and random ids,
//! and a report must be the same every time.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{PlanReport, Report};
use crate::finding::{Certainty, Finding, display_path};

/// The whole report, with a line break at the end.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn render(report: &Report) -> io::Result<String> {
    let suites: Vec<Suite<'_>> = report.plans.iter().map(|plan| Suite::new(report, plan)).collect();
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let total = |count: fn(&Suite<'_>) -> usize| suites.iter().map(count).sum::<usize>().to_string();
    writer
        .create_element("testsuites")
        .with_attribute(("name", env!("CARGO_PKG_NAME")))
        .with_attribute(("tests", total(|suite| suite.cases.len()).as_str()))
        .with_attribute(("failures", total(|suite| suite.count(Verdict::Failed)).as_str()))
        .with_attribute(("skipped", total(|suite| suite.count(Verdict::Skipped)).as_str()))
        .with_attribute(("errors", "0"))
        .write_inner_content(|writer| suites.iter().try_for_each(|suite| suite.write(writer)))?;
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    Ok(text)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    Skipped,
}

struct Suite<'a> {
    plan: &'a PlanReport,
    cases: Vec<Case<'a>>,
}

struct Case<'a> {
    rule: &'a str,
    name: String,
    verdict: Verdict,
    finding: Option<&'a Finding>,
}

impl<'a> Suite<'a> {
    fn new(report: &'a Report, plan: &'a PlanReport) -> Self {
        let mut cases: Vec<Case<'a>> = plan.findings.iter().map(Case::of_finding).collect();
        let silent = report.rules.iter().filter(|rule| plan.findings.iter().all(|one| one.rule != rule.id));
        cases.extend(silent.map(|rule| Case {
            rule: rule.id.as_str(),
            name: rule.metadata.title.clone(),
            verdict: Verdict::Passed,
            finding: None,
        }));
        cases.sort_by(|left, right| (left.rule, &left.name).cmp(&(right.rule, &right.name)));
        Self { plan, cases }
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.cases.iter().filter(|case| case.verdict == verdict).count()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        writer
            .create_element("testsuite")
            .with_attribute(("name", clean(&self.plan.name).as_str()))
            .with_attribute(("tests", self.cases.len().to_string().as_str()))
            .with_attribute(("failures", self.count(Verdict::Failed).to_string().as_str()))
            .with_attribute(("skipped", self.count(Verdict::Skipped).to_string().as_str()))
            .with_attribute(("errors", "0"))
            .write_inner_content(|writer| self.cases.iter().try_for_each(|case| case.write(writer)))?;
        Ok(())
    }
}

impl<'a> Case<'a> {
    fn of_finding(finding: &'a Finding) -> Self {
        let path = display_path(&finding.path);
        let verdict = match finding.certainty {
            Certainty::Violation if finding.is_active() => Verdict::Failed,
            _ => Verdict::Skipped,
        };
        let name =
            if path.is_empty() { finding.address.clone() } else { format!("{}, {path}", finding.address) };
        Self { rule: finding.rule.as_str(), name, verdict, finding: Some(finding) }
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let name = clean(&self.name);
        let element = writer
            .create_element("testcase")
            .with_attribute(("classname", self.rule))
            .with_attribute(("name", name.as_str()));
        let Some(finding) = self.finding else {
            element.write_empty()?;
            return Ok(());
        };
        let place = finding.location.as_ref();
        let element = match place {
            Some(place) => element
                .with_attribute(("file", clean(&place.file.to_string_lossy()).as_str()))
                .with_attribute(("line", place.line.to_string().as_str())),
            None => element,
        };
        element.write_inner_content(|writer| {
            let message = clean(&self.message(finding));
            if self.verdict == Verdict::Skipped {
                writer
                    .create_element("skipped")
                    .with_attribute(("message", message.as_str()))
                    .write_empty()?;
                return Ok(());
            }
            let text = match place {
                Some(place) => format!("{}:{}: {message}", place.file.display(), place.line),
                None => message.clone(),
            };
            writer
                .create_element("failure")
                .with_attribute(("type", finding.severity.as_str()))
                .with_attribute(("message", message.as_str()))
                .write_text_content(BytesText::new(&clean(&text)))?;
            Ok(())
        })?;
        Ok(())
    }

    fn message(&self, finding: &Finding) -> String {
        match (&finding.suppression, finding.certainty) {
            (Some(suppression), _) => {
                format!(
                    "{} (suppressed by a {}: {})",
                    finding.message,
                    suppression.kind.as_str(),
                    suppression.reason
                )
            }
            (None, Certainty::Undetermined) => format!("undetermined: {}", finding.message),
            (None, Certainty::Violation) => finding.message.clone(),
        }
    }
}

/// XML 1.0 has no way to write most control characters, not even escaped.
fn clean(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' | '\n' | '\r' => character,
            control if control.is_control() => '\u{fffd}',
            '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            other => other,
        })
        .collect()
}
