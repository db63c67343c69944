//! Evaluates tests on several threads. regorus checks its time limit between steps of a policy and not inside a built-in function; a thread
//! that does not come back is given up, its test is an error, and another thread takes its place.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use regorus::{Engine, Value};

use super::coverage::{Coverage, Lines};
use super::discover::Test;
use super::probe::Prober;
use super::{Case, Cases, Measure, TestError, TestOutcome, TestReport, TestResult, TestRun, Texts};
use crate::policy::ask::{EngineError, STACK_BYTES, ask, ask_query, timer};
use crate::policy::error::PolicyError;
use crate::policy::evaluate::Limits;
use crate::policy::memory::{self, MemoryWatch};
use crate::policy::pack::Pack;
use crate::policy::syntax::EngineMessage;

/// Time beyond the limit in which a built-in function may come back on its own.
const GRACE: Duration = Duration::from_secs(2);

struct Answer {
    value: Result<Value, EngineError>,
    printed: Vec<String>,
    duration: Duration,
}

enum Event {
    Begun(usize),
    Answered(usize, Answer),
    /// A thread has nothing left to do; the lines it evaluated, by file.
    Ended(Lines),
}

/// Runs `tests`, which are of `pack`, and says where each that failed did.
pub(super) fn run(
    pack: &mut Pack,
    texts: &Texts,
    tests: Vec<Test>,
    plan: &TestRun,
) -> Result<TestReport, PolicyError> {
    let mut engine = pack.engine.clone();
    engine.set_execution_timer_config(timer(plan.limits));
    // Analysing the policies is part of the first evaluation; doing it before the engine is cloned does it once.
    engine
        .eval_query("true".to_owned(), false)
        .map_err(|error| PolicyError::Input { source: error.into() })?;
    engine.set_enable_coverage(plan.coverage == Measure::Lines);
    let runner = Runner {
        queries: tests
            .iter()
            .map(|test| Query { path: test.query(), has_cases: test.has_cases, is_todo: test.is_todo })
            .collect(),
        next: Arc::new(AtomicUsize::new(0)),
        engine,
    };
    let (mut answers, lines) = runner.run(plan)?;
    let mut prober = Prober::new(pack, texts, plan.limits);
    let mut report = TestReport::default();
    for (index, test) in tests.into_iter().enumerate() {
        let answer = answers.remove(&index);
        report.results.push(settle(test, answer, texts, &mut prober, plan.limits));
    }
    if let Some(lines) = lines {
        report.coverage = Some(Coverage::of(pack, &lines));
    }
    Ok(report)
}

#[derive(Clone)]
struct Query {
    path: String,
    has_cases: bool,
    is_todo: bool,
}

struct Runner {
    queries: Arc<[Query]>,
    next: Arc<AtomicUsize>,
    engine: Engine,
}

impl Runner {
    /// The answers by index of the test, none for one that is skipped, and the lines that were evaluated.
    fn run(&self, plan: &TestRun) -> Result<(BTreeMap<usize, Answer>, Option<Lines>), PolicyError> {
        let (sender, receiver) = mpsc::channel();
        let mut threads = plan.jobs.get().min(self.queries.len());
        for _ in 0..threads {
            self.start(&sender, plan.coverage)?;
        }
        let mut running: BTreeMap<usize, Instant> = BTreeMap::new();
        let mut answers = BTreeMap::new();
        let mut lines = Lines::default();
        let mut watch = MemoryWatch::begin(plan.limits.memory);
        let patience = plan.limits.per_rule.saturating_mul(2).saturating_add(GRACE);
        while threads > 0 {
            match receiver.recv_timeout(memory::INTERVAL) {
                Ok(Event::Begun(index)) => drop(running.insert(index, Instant::now())),
                Ok(Event::Answered(index, answer)) => {
                    // A test that was given up may still come back.
                    if running.remove(&index).is_some() {
                        answers.insert(index, answer);
                    }
                }
                Ok(Event::Ended(of_thread)) => {
                    threads -= 1;
                    lines.merge(of_thread);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if !running.is_empty() && watch.is_exceeded() {
                // No further test is begun: the memory is not given back before the process ends.
                self.next.store(self.queries.len(), Ordering::Relaxed);
                let rules = running.keys().filter_map(|index| self.queries.get(*index));
                return Err(PolicyError::TooMuchMemory {
                    rules: rules.map(|query| query.path.trim_start_matches("data.").to_owned()).collect(),
                    limit: plan.limits.memory,
                });
            }
            let stuck: Vec<usize> = running
                .iter()
                .filter(|(_, begun)| begun.elapsed() > patience)
                .map(|(index, _)| *index)
                .collect();
            for index in stuck {
                let begun = running.remove(&index);
                let duration = begun.map_or(patience, |begun| begun.elapsed());
                let value = Err(EngineError::TooSlow);
                answers.insert(index, Answer { value, printed: Vec::new(), duration });
                self.start(&sender, plan.coverage)?;
            }
        }
        Ok((answers, (plan.coverage == Measure::Lines).then_some(lines)))
    }

    fn start(&self, sender: &Sender<Event>, coverage: Measure) -> Result<(), PolicyError> {
        let (queries, next, sender, mut engine) =
            (self.queries.clone(), self.next.clone(), sender.clone(), self.engine.clone());
        let work = move || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(query) = queries.get(index) else { break };
                if query.is_todo {
                    continue;
                }
                if sender.send(Event::Begun(index)).is_err() {
                    return;
                }
                let start = Instant::now();
                // The engine knows a rule whose name is followed by several keys only as a part of its package.
                let value = if query.has_cases {
                    ask_query(&mut engine, &query.path)
                } else {
                    ask(&mut engine, &query.path)
                };
                let duration = start.elapsed();
                let printed = engine.take_prints().unwrap_or_default();
                if sender.send(Event::Answered(index, Answer { value, printed, duration })).is_err() {
                    return;
                }
            }
            let lines = if coverage == Measure::Lines { Lines::of(&engine) } else { Lines::default() };
            // Nobody waits any more if the run has ended.
            let _delivered: Result<(), _> = sender.send(Event::Ended(lines));
        };
        std::thread::Builder::new()
            .name("tests".into())
            .stack_size(STACK_BYTES)
            .spawn(work)
            .map(drop)
            .map_err(|error| PolicyError::Input { source: error.into() })
    }
}

fn settle(
    test: Test,
    answer: Option<Answer>,
    texts: &Texts,
    prober: &mut Prober<'_>,
    limits: Limits,
) -> TestResult {
    let (line, column) = test.place;
    let mut result = TestResult {
        package: test.package.clone(),
        name: test.name.clone(),
        file: texts.name(prober.file_of(&test)).to_owned(),
        line,
        column,
        outcome: TestOutcome::Skipped,
        duration: Duration::ZERO,
        printed: Vec::new(),
        cases: Cases::new(),
        failures: Vec::new(),
        error: None,
    };
    let Some(answer) = answer else {
        if !test.is_todo {
            result.outcome = TestOutcome::Error;
            result.error = Some(stopped());
        }
        return result;
    };
    result.duration = answer.duration;
    result.printed = answer.printed;
    let value = match answer.value {
        Ok(value) => value,
        Err(error) => {
            result.outcome = TestOutcome::Error;
            result.error = Some(explain(&error, texts, limits));
            return result;
        }
    };
    if test.has_cases {
        result.cases = cases(&value);
        for missing in prober.cases(&test) {
            insert_missing(&mut result.cases, &missing);
        }
        let passed = !matches!(value, Value::Undefined) && result.cases.values().all(|case| !case.failed);
        result.outcome = if passed { TestOutcome::Passed } else { TestOutcome::Failed };
        if !passed {
            let failed = failed_cases(&result.cases);
            result.failures = prober.failures(&test, &value, &failed);
        }
    } else if value == Value::Bool(true) {
        result.outcome = TestOutcome::Passed;
    } else {
        result.outcome = TestOutcome::Failed;
        result.failures = prober.failures(&test, &value, &[Vec::new()]);
    }
    result
}

/// The cases of an object of results.
fn cases(value: &Value) -> Cases {
    let Ok(object) = value.as_object() else { return Cases::new() };
    object
        .iter()
        .map(|(key, value)| {
            let below = cases(value);
            let failed = match value {
                Value::Bool(passed) => !passed,
                Value::Object(_) => below.values().any(|case| case.failed),
                _ => true,
            };
            (key_text(key), Case { failed, cases: below })
        })
        .collect()
}

/// A key as a person writes it: a string without quotation marks.
pub(super) fn key_text(key: &Value) -> String {
    match key {
        Value::String(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// Adds a case that no result was given for: it is undefined, so it failed.
fn insert_missing(cases: &mut Cases, path: &[String]) {
    let Some((key, rest)) = path.split_first() else { return };
    let is_new = !cases.contains_key(key);
    let case = cases.entry(key.clone()).or_default();
    if rest.is_empty() {
        case.failed |= is_new;
    } else {
        insert_missing(&mut case.cases, rest);
        case.failed |= case.cases.values().any(|case| case.failed);
    }
}

/// The full keys of the cases that failed.
fn failed_cases(cases: &Cases) -> Vec<Vec<String>> {
    let mut failed = Vec::new();
    for (key, case) in cases.iter().filter(|(_, case)| case.failed) {
        if case.cases.is_empty() {
            failed.push(vec![key.clone()]);
        }
        for mut rest in failed_cases(&case.cases) {
            rest.insert(0, key.clone());
            failed.push(rest);
        }
    }
    failed
}

fn explain(error: &EngineError, texts: &Texts, limits: Limits) -> TestError {
    let message = match error {
        EngineError::TooSlow => {
            return TestError {
                code: "eval_cancel_error",
                message: format!(
                    "it did not finish within {} s (`--rule-timeout SECONDS` allows more)",
                    limits.per_rule.as_secs_f64()
                ),
                place: None,
            };
        }
        EngineError::Failed(message) => message,
    };
    let parsed = EngineMessage::parse(message);
    let place = parsed.place.and_then(|(name, line, column)| texts.at(name, line, column));
    TestError { code: "eval_builtin_error", message: parsed.text.to_owned(), place }
}

fn stopped() -> TestError {
    let message = "the policy engine stopped while it evaluated this test; this is a defect of secretlint or of its engine: please report it";
    TestError { code: "eval_internal_error", message: message.to_owned(), place: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_without_a_result_has_failed() {
        let mut found = cases(&Value::from_json_str(r#"{"a": true, "b": {"c": true}}"#).unwrap());
        for missing in [vec!["a".to_owned()], vec!["b".into(), "d".into()], vec!["e".into(), "f".into()]] {
            insert_missing(&mut found, &missing);
        }
        assert!(!found["a"].failed && found["b"].failed && found["e"].failed);
        assert_eq!(failed_cases(&found), [vec!["b", "d"], vec!["e", "f"]]);
    }

    #[test]
    fn only_true_has_passed() {
        let found =
            cases(&Value::from_json_str(r#"{"a": false, "b": 1, "c": null, "d": {"e": false}}"#).unwrap());
        assert_eq!(failed_cases(&found).len(), 4);
    }
}
