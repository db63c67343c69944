//! Runs the tests of Rego packages as `opa test` does: a test passes if it is `true`, fails if it is undefined or anything else, is in error
//! if it could not be evaluated, and is skipped if its name begins with `todo_test_`. A test with keys (`test_x[case]`) has one result for
//! each case, also for a case that is undefined.
//!
//! `discover` finds the tests, `run` evaluates them on several threads, `probe` finds out where one failed and what its variables were,
//! `coverage` which lines were evaluated.

mod coverage;
mod discover;
mod probe;
mod run;
mod slice;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use regex::Regex;

use super::error::PolicyError;
use super::evaluate::Limits;
use super::load::{self, PolicyFile};
use super::pack::Pack;
use super::rewrite::Rewritten;
use super::syntax::offset;
pub use coverage::{Coverage, FileCoverage};

/// What is to be run, and how.
#[derive(Debug, Clone)]
pub struct TestRun {
    /// Folders or files of policies and tests.
    pub folders: Vec<PathBuf>,
    /// Only the tests whose full path (`data.team.rule_test.test_a`) this matches.
    pub only: Option<Regex>,
    /// How many tests run at once.
    pub jobs: NonZeroUsize,
    /// How long one test may take.
    pub limits: Limits,
    /// Whether lines are counted.
    pub coverage: Measure,
}

/// Whether lines are counted. It costs about a third of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// They are.
    Lines,
    /// They are not.
    Nothing,
}

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestOutcome {
    /// It is `true`.
    Passed,
    /// It is undefined or not `true`.
    Failed,
    /// Its name begins with `todo_test_`.
    Skipped,
    /// It could not be evaluated.
    Error,
}

/// One test.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// Package, with `data.` in front.
    pub package: String,
    /// Name in the package: `test_reports_star`.
    pub name: String,
    /// File that defines it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What became of it.
    pub outcome: TestOutcome,
    /// How long it took.
    pub duration: Duration,
    /// What it printed with `print(…)`.
    pub printed: Vec<String>,
    /// The cases of a test with keys.
    pub cases: Cases,
    /// Where and why it failed; more than one if several cases did.
    pub failures: Vec<Failure>,
    /// Why it could not be evaluated.
    pub error: Option<TestError>,
}

impl TestResult {
    /// Full path: `data.team.rule_test.test_a`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }
}

/// The cases of a test, by key.
pub type Cases = BTreeMap<String, Case>;

/// One case, or the cases below a key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Case {
    /// It, or one below it, is not `true`.
    pub failed: bool,
    /// Further keys.
    pub cases: Cases,
}

/// Where a test failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Keys of the case; empty for a test without cases.
    pub case: Vec<String>,
    /// The file, with its text.
    pub source: Arc<PolicyFile>,
    /// Bytes of the text: the expression that is not true.
    pub span: Range<usize>,
    /// Line of the expression, from 1.
    pub line: usize,
    /// What it is instead of true: `undefined`, or `2 == 3`.
    pub reason: String,
    /// Variables that had a value when it failed, in the order of the text.
    pub bindings: Vec<(String, String)>,
}

/// Why a test could not be evaluated.
#[derive(Debug, Clone)]
pub struct TestError {
    /// The kind, in OPA's words: `eval_builtin_error`, `eval_cancel_error`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// The file, and the bytes in it, if the engine says where.
    pub place: Option<(Arc<PolicyFile>, Range<usize>)>,
}

/// All tests, in the order of files and lines.
#[derive(Debug, Clone, Default)]
pub struct TestReport {
    /// At least one.
    pub results: Vec<TestResult>,
    /// Lines that the tests evaluated, if asked for.
    pub coverage: Option<Coverage>,
}

impl TestReport {
    /// How many tests ended so.
    #[must_use]
    pub fn count(&self, outcome: TestOutcome) -> usize {
        self.results.iter().filter(|result| result.outcome == outcome).count()
    }
}

/// Runs the tests in the bundled files and below the folders. The bundled libraries are there for all of them; the bundled tests run only if
/// they are part of `bundled`.
///
/// # Errors
/// A policy is wrong, or there is no test. A test that fails to evaluate is a result, not an error.
pub fn run(bundled: &[(&str, &str)], plan: &TestRun) -> Result<TestReport, PolicyError> {
    let mut files = load::bundled(bundled);
    for folder in &plan.folders {
        // The bundled folder itself may be given, by somebody who works on it: its files replace the embedded ones.
        let read = load::folder(folder)?;
        files.retain(|file| !read.iter().any(|other| package_line(&other.text) == package_line(&file.text)));
        files.extend(read);
    }
    let originals = files.iter().cloned().map(Arc::new).collect();
    let mut pack = Pack::from_files(files)?;
    let (mut tests, mut renamed) = find(&mut pack);
    for renamed in &mut renamed {
        renamed.at = pack.parsed[renamed.module].rewritten.original_offset(renamed.at);
    }
    let file_of_module: Vec<usize> = pack.parsed.iter().map(|parsed| parsed.file).collect();
    if !renamed.is_empty() {
        let mut files = pack.files;
        discover::rename(&mut files, &renamed, |module| file_of_module[module]);
        pack = Pack::from_files(files)?;
    }
    let texts = Texts::new(originals, &renamed, &file_of_module, &pack);
    if tests.is_empty() {
        let places: Vec<String> =
            plan.folders.iter().map(|folder| format!("`{}`", folder.display())).collect();
        let reason = if places.is_empty() {
            "the bundled policies have none".into()
        } else {
            format!("none in {}", places.join(", "))
        };
        return Err(PolicyError::NoTest { reason });
    }
    if let Some(only) = &plan.only {
        let found = tests.len();
        tests.retain(|test| only.is_match(&test.path()));
        if tests.is_empty() {
            return Err(PolicyError::NoTest { reason: format!("`--run {only}` matches none of {found}") });
        }
    }
    run::run(&mut pack, &texts, tests, plan)
}

/// The files as their authors wrote them. The engine has them with a few tests renamed, which moves what follows in the file.
struct Texts {
    originals: Vec<Arc<PolicyFile>>,
    /// For each file: where something was put in, counted in the original, and how many bytes.
    insertions: Vec<Vec<(usize, usize)>>,
    /// For each file: its text with the tests renamed, and what regorus got instead.
    engine: Vec<(Arc<str>, Rewritten)>,
}

impl Texts {
    fn new(
        originals: Vec<Arc<PolicyFile>>,
        renamed: &[discover::Renamed],
        file_of_module: &[usize],
        pack: &Pack,
    ) -> Self {
        let mut insertions = vec![Vec::new(); originals.len()];
        for renamed in renamed {
            insertions[file_of_module[renamed.module]].push((renamed.at, renamed.suffix.len()));
        }
        let engine = pack
            .parsed
            .iter()
            .map(|parsed| (pack.files[parsed.file].text.as_str().into(), parsed.rewritten.clone()))
            .collect();
        Self { originals, insertions, engine }
    }

    fn name(&self, file: usize) -> &str {
        &self.originals[file].name
    }

    /// The original of `file`, and where in it stands what the engine has at `span`.
    fn original(&self, file: usize, span: Range<usize>) -> (Arc<PolicyFile>, Range<usize>) {
        let back = |place: usize| {
            let mut moved = 0;
            for (at, length) in &self.insertions[file] {
                if at + moved < place {
                    moved = (moved + length).min(place - at);
                }
            }
            place - moved
        };
        let span = self.engine[file].1.original(span);
        (self.originals[file].clone(), back(span.start)..back(span.end))
    }

    /// The character at `line` and `column`, both from 1, of the file `name` as the engine has it.
    fn at(&self, name: &str, line: usize, column: usize) -> Option<(Arc<PolicyFile>, Range<usize>)> {
        let index = self.originals.iter().position(|file| file.name == name)?;
        let (text, rewritten) = &self.engine[index];
        let start = offset(rewritten.text(text), line, column);
        let (file, span) = self.original(index, start..start);
        let start = span.start;
        let length = file.text.get(start..)?.chars().next().map_or(0, char::len_utf8);
        Some((file, start..start + length))
    }
}

fn find(pack: &mut Pack) -> (Vec<discover::Test>, Vec<discover::Renamed>) {
    let packages: Vec<String> = pack.parsed.iter().map(|file| file.package.clone()).collect();
    let modules = pack.engine.get_modules();
    discover::tests(packages.iter().map(String::as_str).zip(modules.iter().map(AsRef::as_ref)))
}

fn package_line(text: &str) -> Option<&str> {
    text.lines().find(|line| line.starts_with("package ")).map(str::trim_end)
}
