//! Runs the `test_` rules of Rego packages, as `opa test` does: a test passes if it is `true`, fails if it is undefined or anything else,
//! and is skipped if its name begins with `todo_test_`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use regorus::Value;

use super::error::PolicyError;
use super::evaluate::{Limits, ask, timer};
use super::load;
use super::pack::Pack;
use super::syntax::RuleKind;
use crate::problem::Problem;

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestOutcome {
    /// It is `true`.
    Passed,
    /// It is undefined or not `true`.
    Failed,
    /// Its name begins with `todo_test_`.
    Skipped,
}

/// One test.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// Full name: `secretlint.grant.wildcard_principal_test.test_reports_star`.
    pub name: String,
    /// File that defines it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// What became of it.
    pub outcome: TestOutcome,
    /// What it printed with `print(…)`.
    pub printed: Vec<String>,
}

/// All tests, in the order of files and lines.
#[derive(Debug, Clone, Default)]
pub struct TestReport {
    /// At least one.
    pub results: Vec<TestResult>,
}

impl TestReport {
    /// How many tests ended so.
    #[must_use]
    pub fn count(&self, outcome: TestOutcome) -> usize {
        self.results.iter().filter(|result| result.outcome == outcome).count()
    }
}

/// Runs every test in the bundled files and below `folders`. The bundled libraries are there for all of them; the bundled tests run only if
/// they are part of `bundled`.
///
/// # Errors
/// A policy is wrong, a test fails to evaluate, two tests have one name, or there is no test.
pub fn run(bundled: &[(&str, &str)], folders: &[PathBuf], limits: Limits) -> Result<TestReport, PolicyError> {
    let mut files = load::bundled(bundled);
    for folder in folders {
        // The bundled folder itself may be given, by somebody who works on it: its files replace the embedded ones.
        let read = load::folder(folder)?;
        files.retain(|file| !read.iter().any(|other| package_line(&other.text) == package_line(&file.text)));
        files.extend(read);
    }
    let mut pack = Pack::from_files(files)?;
    let tests = tests(&pack)?;
    if tests.is_empty() {
        let places: Vec<String> = folders.iter().map(|folder| format!("`{}`", folder.display())).collect();
        let reason = if places.is_empty() {
            "the bundled policies have none".into()
        } else {
            format!("none in {}", places.join(", "))
        };
        return Err(PolicyError::NoTest { reason });
    }
    pack.engine.set_execution_timer_config(timer(limits));
    let mut report = TestReport::default();
    for test in tests {
        let (outcome, printed) = if test.todo {
            (TestOutcome::Skipped, Vec::new())
        } else {
            let answer = ask(&mut pack.engine, &format!("{}.{}", test.package, test.name));
            let printed = pack.engine.take_prints().unwrap_or_default();
            match answer {
                Ok(Value::Bool(true)) => (TestOutcome::Passed, printed),
                Ok(_) => (TestOutcome::Failed, printed),
                Err(error) => {
                    return Err(pack.explain(
                        &test.full_name(),
                        &format!("{}:{}", test.file, test.line),
                        &error,
                        limits,
                    ));
                }
            }
        };
        report.results.push(TestResult {
            name: test.full_name(),
            file: test.file,
            line: test.line,
            outcome,
            printed,
        });
    }
    Ok(report)
}

struct Test {
    package: String,
    name: String,
    file: String,
    line: u32,
    todo: bool,
}

impl Test {
    fn full_name(&self) -> String {
        format!("{}.{}", self.package.strip_prefix("data.").unwrap_or(&self.package), self.name)
    }
}

fn tests(pack: &Pack) -> Result<Vec<Test>, PolicyError> {
    let mut names = BTreeSet::new();
    let mut problems = Vec::new();
    let mut tests = Vec::new();
    for parsed in &pack.parsed {
        let file = &pack.files[parsed.file];
        for rule in parsed.rules.iter().filter(|rule| rule.kind == RuleKind::Value) {
            let todo = rule.name.starts_with("todo_test_");
            if !todo && !rule.name.starts_with("test_") {
                continue;
            }
            if !names.insert((parsed.package.clone(), rule.name.clone())) {
                // Two rules of one name are one rule that is true if either is: a failing test would hide behind a passing one.
                let message = format!("there are two tests called `{}` in this package", rule.name);
                problems.push(
                    Problem::new(message, &file.name, &file.text, rule.span.clone())
                        .with_help("give this one another name"),
                );
                continue;
            }
            tests.push(Test {
                package: parsed.package.clone(),
                name: rule.name.clone(),
                file: file.name.clone(),
                line: rule.line,
                todo,
            });
        }
    }
    if problems.is_empty() { Ok(tests) } else { Err(PolicyError::Invalid { problems }) }
}

fn package_line(text: &str) -> Option<&str> {
    text.lines().find(|line| line.starts_with("package ")).map(str::trim_end)
}
