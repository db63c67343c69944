//! What `secretlint test` found out: for a person, as the JSON that `opa test` and its coverage write, as JUnit XML, as lcov. Unlike reports on
//! plans these show values: the tests and their data are the author's own.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use serde::Serialize;

use super::human::{Look, counted, diagnostic};
use crate::policy::testing::{
    Cases, Coverage, Failure, FileCoverage, TestError, TestOutcome, TestReport, TestResult,
};

/// Which tests a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// All of them.
    All,
    /// Those that did not pass.
    NotPassed,
}

/// For a person: each test that did not pass with its expression and variables, the lines that no test evaluated, a summary.
#[must_use]
pub fn human(report: &TestReport, look: Look, shown: Shown) -> String {
    let mut text = String::new();
    for result in &report.results {
        let word = match result.outcome {
            TestOutcome::Passed if shown == Shown::NotPassed => continue,
            TestOutcome::Passed => "pass ",
            TestOutcome::Failed => "FAIL ",
            TestOutcome::Skipped => "skip ",
            TestOutcome::Error => "ERROR",
        };
        let name = name(result);
        text.push_str(&format!("{word} {name} ({}:{})\n", result.file, result.line));
        if result.outcome == TestOutcome::Failed || shown == Shown::All {
            write_cases(&result.cases, 1, &mut text);
        }
        for line in &result.printed {
            text.push_str(&format!("      {line}\n"));
        }
        for failure in &result.failures {
            text.push_str(&diagnostic(&Excerpt::of_failure(failure), look));
            for (name, value) in &failure.bindings {
                text.push_str(&format!("      {name} = {value}\n"));
            }
            text.push('\n');
        }
        if let Some(error) = &result.error {
            text.push_str(&diagnostic(&Excerpt::of_error(error), look));
            text.push('\n');
        }
    }
    if let Some(coverage) = &report.coverage {
        write_coverage(coverage, &mut text);
    }
    text.push_str(&summary(report));
    text
}

fn name(result: &TestResult) -> String {
    let path = result.path();
    path.strip_prefix("data.").map(str::to_owned).unwrap_or(path)
}

fn write_cases(cases: &Cases, depth: usize, text: &mut String) {
    for (key, case) in cases {
        let word = if case.failed { "FAIL" } else { "pass" };
        text.push_str(&format!("{}{word}  {key}\n", "      ".repeat(depth)));
        write_cases(&case.cases, depth + 1, text);
    }
}

/// The line that `tests/tools/test` reads the numbers from.
fn summary(report: &TestReport) -> String {
    let mut text = format!(
        "{}: {} passed, {} failed",
        counted(report.results.len(), "test"),
        report.count(TestOutcome::Passed),
        report.count(TestOutcome::Failed),
    );
    for (outcome, words) in
        [(TestOutcome::Skipped, "skipped"), (TestOutcome::Error, "could not be evaluated")]
    {
        let count = report.count(outcome);
        if count > 0 {
            text.push_str(&format!(", {count} {words}"));
        }
    }
    text.push('\n');
    text
}

fn write_coverage(coverage: &Coverage, text: &mut String) {
    let width = coverage.files.keys().map(String::len).max().unwrap_or_default();
    for (name, file) in coverage.files.iter().filter(|(_, file)| !file.not_covered.is_empty()) {
        let ranges: Vec<String> = ranges(file.not_covered.iter().copied())
            .into_iter()
            .map(|(start, end)| if start == end { start.to_string() } else { format!("{start}-{end}") })
            .collect();
        let counted = if ranges.len() == 1 && !ranges[0].contains('-') { "line" } else { "lines" };
        text.push_str(&format!(
            "{name:<width$}  {:5.1}%  no test reaches {counted} {}\n",
            file.percent(),
            ranges.join(", ")
        ));
    }
    text.push_str(&format!(
        "coverage: {:.1}% ({} of {})\n",
        coverage.percent(),
        coverage.covered(),
        counted(coverage.covered() + coverage.not_covered(), "line")
    ));
}

/// Lines that follow each other, as first and last.
fn ranges(lines: impl IntoIterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == line => *end = line,
            _ => ranges.push((line, line)),
        }
    }
    ranges
}

/// A place in a policy with a few words, in the shape that miette draws.
#[derive(Debug)]
struct Excerpt {
    headline: String,
    place: Option<(NamedSource<String>, std::ops::Range<usize>)>,
}

impl Excerpt {
    fn of_failure(failure: &Failure) -> Self {
        let headline = if failure.case.is_empty() {
            failure.reason.clone()
        } else {
            format!("case {}: {}", failure.case.join(" / "), failure.reason)
        };
        let source = NamedSource::new(&failure.source.name, failure.source.text.clone());
        Self { headline, place: Some((source, failure.span.clone())) }
    }

    fn of_error(error: &TestError) -> Self {
        let place = error
            .place
            .as_ref()
            .map(|(file, span)| (NamedSource::new(&file.name, file.text.clone()), span.clone()));
        Self { headline: error.message.clone(), place }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.headline)
    }
}

impl std::error::Error for Excerpt {}

impl Diagnostic for Excerpt {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|(source, _)| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.place.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::new(None, span.start, span.len()))))
    }
}

/// The array that `opa test --format json` writes.
///
/// # Errors
/// None that is known; the caller shows what serde says.
pub fn json(report: &TestReport) -> Result<String, serde_json::Error> {
    let results: Vec<JsonResult> = report.results.iter().map(JsonResult::from).collect();
    serde_json::to_string_pretty(&results).map(|text| text + "\n")
}

#[derive(Serialize)]
struct JsonLocation<'a> {
    file: &'a str,
    row: u32,
    col: u32,
}

#[derive(Serialize)]
struct JsonResult<'a> {
    location: JsonLocation<'a>,
    package: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<JsonError<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fail: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skip: Option<bool>,
    /// Nanoseconds.
    duration: u64,
    /// What was printed, in Base64, as Go writes bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sub_results: BTreeMap<&'a str, JsonCase<'a>>,
}

#[derive(Serialize)]
struct JsonError<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<JsonLocation<'a>>,
}

#[derive(Serialize)]
struct JsonCase<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fail: Option<bool>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sub_results: BTreeMap<&'a str, JsonCase<'a>>,
}

impl<'a> From<&'a TestResult> for JsonResult<'a> {
    fn from(result: &'a TestResult) -> Self {
        let printed: String = result.printed.iter().map(|line| format!("{line}\n")).collect();
        Self {
            location: JsonLocation { file: &result.file, row: result.line, col: result.column },
            package: &result.package,
            name: &result.name,
            error: result.error.as_ref().map(JsonError::from),
            fail: (result.outcome == TestOutcome::Failed).then_some(true),
            skip: (result.outcome == TestOutcome::Skipped).then_some(true),
            duration: u64::try_from(result.duration.as_nanos()).unwrap_or(u64::MAX),
            output: (!printed.is_empty()).then(|| base64::engine::general_purpose::STANDARD.encode(printed)),
            sub_results: json_cases(&result.cases),
        }
    }
}

impl<'a> From<&'a TestError> for JsonError<'a> {
    fn from(error: &'a TestError) -> Self {
        let location = error.place.as_ref().map(|(file, span)| {
            let before = file.text.get(..span.start).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            JsonLocation {
                file: &file.name,
                row: number(before.matches('\n').count() + 1),
                col: number(line.chars().count() + 1),
            }
        });
        Self { code: error.code, message: &error.message, location }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn json_cases(cases: &Cases) -> BTreeMap<&str, JsonCase<'_>> {
    cases
        .iter()
        .map(|(name, case)| {
            let fail = case.failed.then_some(true);
            (name.as_str(), JsonCase { name, fail, sub_results: json_cases(&case.cases) })
        })
        .collect()
}

/// The report of `opa test --coverage --format json`.
///
/// # Errors
/// None that is known; the caller shows what serde says.
pub fn coverage_json(coverage: &Coverage) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Document<'a> {
        files: BTreeMap<&'a str, File>,
        covered_lines: usize,
        not_covered_lines: usize,
        coverage: f64,
    }
    #[derive(Serialize)]
    struct File {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        covered: Vec<Range>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        not_covered: Vec<Range>,
        covered_lines: usize,
        not_covered_lines: usize,
        coverage: f64,
    }
    #[derive(Serialize)]
    struct Range {
        start: Position,
        end: Position,
    }
    #[derive(Serialize)]
    struct Position {
        row: u32,
    }
    let as_ranges = |lines: &std::collections::BTreeSet<u32>| {
        let position = |(start, end)| Range { start: Position { row: start }, end: Position { row: end } };
        ranges(lines.iter().copied()).into_iter().map(position).collect()
    };
    let file = |file: &FileCoverage| File {
        covered: as_ranges(&file.covered),
        not_covered: as_ranges(&file.not_covered),
        covered_lines: file.covered.len(),
        not_covered_lines: file.not_covered.len(),
        coverage: hundredths(file.percent()),
    };
    let document = Document {
        files: coverage.files.iter().map(|(name, lines)| (name.as_str(), file(lines))).collect(),
        covered_lines: coverage.covered(),
        not_covered_lines: coverage.not_covered(),
        coverage: hundredths(coverage.percent()),
    };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

/// Rounded as OPA rounds it.
fn hundredths(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}

/// Line coverage in the form of `lcov`, which editors and coverage services read.
#[must_use]
pub fn lcov(coverage: &Coverage) -> String {
    let mut text = String::new();
    for (name, file) in &coverage.files {
        text.push_str(&format!("TN:\nSF:{name}\n"));
        let mut lines: Vec<(u32, u8)> = file.covered.iter().map(|line| (*line, 1)).collect();
        lines.extend(file.not_covered.iter().map(|line| (*line, 0)));
        lines.sort_unstable();
        for (line, count) in &lines {
            text.push_str(&format!("DA:{line},{count}\n"));
        }
        text.push_str(&format!("LF:{}\nLH:{}\nend_of_record\n", lines.len(), file.covered.len()));
    }
    text
}

/// JUnit XML: one suite for each package, one case for each test and for each case of a test with keys.
#[must_use]
pub fn junit(report: &TestReport) -> String {
    let mut packages: BTreeMap<&str, Vec<&TestResult>> = BTreeMap::new();
    for result in &report.results {
        packages.entry(&result.package).or_default().push(result);
    }
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (package, results) in packages {
        let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count();
        let time: f64 = results.iter().map(|result| result.duration.as_secs_f64()).sum();
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{time:.6}\">\n",
            xml(package),
            results.len(),
            count(TestOutcome::Failed),
            count(TestOutcome::Error),
            count(TestOutcome::Skipped),
        ));
        results.iter().for_each(|result| junit_case(result, &mut text));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn junit_case(result: &TestResult, text: &mut String) {
    let open = format!(
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6}\"",
        xml(&result.package),
        xml(&result.name),
        xml(&result.file),
        result.line,
        result.duration.as_secs_f64()
    );
    text.push_str(&open);
    let mut inner = String::new();
    if let Some(first) = result.failures.first() {
        let mut details = String::new();
        for failure in &result.failures {
            let case = if failure.case.is_empty() {
                String::new()
            } else {
                format!(" [{}]", failure.case.join(" / "))
            };
            details
                .push_str(&format!("{}:{}{case}: {}\n", failure.source.name, failure.line, failure.reason));
            for (name, value) in &failure.bindings {
                details.push_str(&format!("  {name} = {value}\n"));
            }
        }
        inner.push_str(&format!(
            "      <failure message=\"{}\">{}</failure>\n",
            xml(&first.reason),
            xml(&details)
        ));
    } else if result.outcome == TestOutcome::Failed {
        inner.push_str("      <failure message=\"a case failed\"/>\n");
    }
    if let Some(error) = &result.error {
        inner.push_str(&format!(
            "      <error type=\"{}\" message=\"{}\"/>\n",
            error.code,
            xml(&error.message)
        ));
    }
    if result.outcome == TestOutcome::Skipped {
        inner.push_str("      <skipped/>\n");
    }
    if !result.printed.is_empty() {
        inner.push_str(&format!("      <system-out>{}</system-out>\n", xml(&result.printed.join("\n"))));
    }
    if inner.is_empty() {
        text.push_str("/>\n");
    } else {
        text.push_str(&format!(">\n{inner}    </testcase>\n"));
    }
}

/// Text as XML takes it, in attributes too; characters that XML has no place for are left out.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_follow_each_other_are_one_range() {
        assert_eq!(ranges([1, 2, 3, 5, 7, 8]), [(1, 3), (5, 5), (7, 8)]);
        assert_eq!(ranges([]), []);
    }

    #[test]
    fn xml_takes_every_text() {
        assert_eq!(xml("a < \"b\" & \u{7}c"), "a &lt; &quot;b&quot; &amp; c");
    }
}
