//! Asks an engine for the values of rules, on several threads, within limits of time and memory.
//!
//! Rules run on their own threads, because regorus checks its time limit between steps of a policy and not inside a built-in function:
//! when even that does not answer in time, the waiting side gives up and the process ends.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, LimitError, Value};

use super::evaluate::{Input, Limits};
use super::memory::{self, MemoryWatch};
use super::pack::Rule;

/// Time beyond the limit in which a built-in function may come back on its own.
const GRACE: Duration = Duration::from_secs(2);
/// Policies recurse over nested documents; the default of a thread is a quarter of the main thread's.
pub(super) const STACK_BYTES: usize = 32 << 20;

pub(super) fn timer(limits: Limits) -> ExecutionTimerConfig {
    ExecutionTimerConfig { limit: limits.per_rule, check_interval: NonZeroU32::MIN.saturating_add(255) }
}

/// Why questions have no answers; with the place of the question among those asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// The engine refused it.
    Engine(usize, EngineError),
    /// These were not answered in time, and could not be interrupted.
    NoAnswer(Vec<usize>),
    /// The process grew too far while these ran.
    Memory(Vec<usize>),
    /// The threads of these ended.
    Stopped(Vec<usize>),
    /// None was asked.
    Input(Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    /// The place of the question; the first where no single one is to blame.
    pub(super) fn question(&self) -> usize {
        match self {
            Self::Engine(index, _) => *index,
            Self::NoAnswer(running) | Self::Stopped(running) | Self::Memory(running) => {
                running.first().copied().unwrap_or_default()
            }
            Self::Input(_) => 0,
        }
    }
}

/// Asks an engine every question over one input, on several threads.
///
/// # Errors
/// The failure of the first question that has one.
pub(super) fn ask_all(
    engine: &Engine,
    input: Input,
    questions: Vec<Question>,
    limits: Limits,
) -> Result<BTreeMap<usize, Answer>, Failure> {
    let mut engine = engine.clone();
    engine.set_input(input.0);
    engine.set_execution_timer_config(timer(limits));
    // Analysing the policies is part of the first evaluation; doing it before the engine is cloned does it once. A query that no rule
    // answers keeps rules on the threads, where they can be given up.
    engine.eval_query("true".to_owned(), false).map_err(|error| match questions.first() {
        Some(_) => Failure::Engine(0, EngineError::Failed(format!("{error:#}"))),
        None => Failure::Input(error.into()),
    })?;
    let questions: Arc<[Question]> = questions.into();
    let next = Arc::new(AtomicUsize::new(0));
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(questions.len()).min(8);
    let together = questions.len().div_ceil(workers.max(1) * 2).clamp(1, TOGETHER);
    let (sender, receiver) = mpsc::channel();
    let watch = MemoryWatch::begin(limits.memory);
    for number in 0..workers {
        let (questions, next, sender, mut engine) =
            (questions.clone(), next.clone(), sender.clone(), engine.clone());
        let work = move || {
            let mut worker = Worker { number, questions: &questions, engine: &mut engine, sender: &sender };
            loop {
                let start = next.fetch_add(together, Ordering::Relaxed);
                if start >= questions.len() {
                    break;
                }
                match worker.answer(start..questions.len().min(start + together)) {
                    Next::GoOn => {}
                    // The run ends anyway: no further rule is begun.
                    Next::Stop => next.store(questions.len(), Ordering::Relaxed),
                }
            }
        };
        let spawned = std::thread::Builder::new().name("rules".into()).stack_size(STACK_BYTES).spawn(work);
        spawned.map_err(|error| Failure::Input(error.into()))?;
    }
    drop(sender);
    let collected = collect(&receiver, limits, watch);
    if collected.is_err() {
        // The run ends anyway, and a rule that was given up still has its thread: no further rule is begun.
        next.store(questions.len(), Ordering::Relaxed);
    }
    collected
}

/// So many questions are asked at once at most, because the engine forgets what a library has worked out between two evaluations: of a big
/// plan that is most of the time. Few enough that a failure is soon traced to its rule.
const TOGETHER: usize = 16;

/// A thread that asks.
struct Worker<'run> {
    number: usize,
    questions: &'run [Question],
    engine: &'run mut Engine,
    sender: &'run mpsc::Sender<Event>,
}

enum Next {
    GoOn,
    Stop,
}

impl Worker<'_> {
    /// Asks these questions: all at once within the time of one, and each by itself if that gives no answer. So whatever goes wrong is the
    /// fault of one rule, and every rule has its time.
    fn answer(&mut self, range: Range<usize>) -> Next {
        if range.len() > 1 {
            if self.begin(range.clone()).is_err() {
                return Next::Stop;
            }
            if let Some(answers) = ask_together(self.engine, &self.questions[range.clone()]) {
                let delivered = self.sender.send(Event::Answered(self.number, range.zip(answers).collect()));
                return if delivered.is_ok() { Next::GoOn } else { Next::Stop };
            }
        }
        for index in range {
            if self.begin(index..index + 1).is_err() {
                return Next::Stop;
            }
            let event = match self.questions[index].ask(self.engine) {
                Ok(answer) => Event::Answered(self.number, vec![(index, answer)]),
                Err(error) => Event::Failed(self.number, index, error),
            };
            let failed = matches!(event, Event::Failed(..));
            if self.sender.send(event).is_err() || failed {
                return Next::Stop;
            }
        }
        Next::GoOn
    }

    fn begin(&self, range: Range<usize>) -> Result<(), mpsc::SendError<Event>> {
        self.sender.send(Event::Begun(self.number, range))
    }
}

fn collect(
    receiver: &mpsc::Receiver<Event>,
    limits: Limits,
    mut watch: MemoryWatch,
) -> Result<BTreeMap<usize, Answer>, Failure> {
    // By thread.
    let mut running: BTreeMap<usize, Range<usize>> = BTreeMap::new();
    let mut answers = BTreeMap::new();
    let mut failures: BTreeMap<usize, EngineError> = BTreeMap::new();
    let patience = limits.per_rule.saturating_mul(2).saturating_add(GRACE);
    let mut heard = Instant::now();
    loop {
        let event = receiver.recv_timeout(memory::INTERVAL);
        if event.is_ok() {
            heard = Instant::now();
        }
        match event {
            Ok(Event::Begun(worker, range)) => drop(running.insert(worker, range)),
            Ok(Event::Answered(worker, answered)) => {
                running.remove(&worker);
                answers.extend(answered);
            }
            Ok(Event::Failed(worker, index, error)) => {
                running.remove(&worker);
                failures.insert(index, error);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if heard.elapsed() < patience => {}
            Err(RecvTimeoutError::Timeout) if running.is_empty() => break,
            Err(RecvTimeoutError::Timeout) => return Err(Failure::NoAnswer(all(running))),
        }
        if !running.is_empty() && watch.is_exceeded() {
            return Err(Failure::Memory(all(running)));
        }
    }
    if let Some((index, error)) = failures.into_iter().next() {
        return Err(Failure::Engine(index, error));
    }
    if running.is_empty() { Ok(answers) } else { Err(Failure::Stopped(all(running))) }
}

fn all(running: BTreeMap<usize, Range<usize>>) -> Vec<usize> {
    let mut all: Vec<usize> = running.into_values().flatten().collect();
    all.sort_unstable();
    all
}

/// What a thread says; its number comes first.
enum Event {
    Begun(usize, Range<usize>),
    Answered(usize, Vec<(usize, Answer)>),
    Failed(usize, usize, EngineError),
}

/// The values of the rules that a [`Question`] names.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) findings: Value,
    pub(super) undetermined: Option<Value>,
}

/// Full paths of the rules whose values are wanted together.
pub(super) struct Question {
    pub(super) findings: String,
    pub(super) undetermined: Option<String>,
}

impl Question {
    /// What a rule of the linter's own kind is asked.
    pub(super) fn new(rule: &Rule) -> Self {
        let undetermined = rule.may_be_undetermined.then(|| format!("{}.undetermined", rule.package));
        Self { findings: format!("{}.findings", rule.package), undetermined }
    }

    /// Its paths mean the same in a query: a package may have a name that is no word of the language.
    fn is_query(&self) -> bool {
        let is_plain = |path: &str| path.chars().all(|one| one.is_ascii_alphanumeric() || "._".contains(one));
        is_plain(&self.findings) && self.undetermined.as_deref().is_none_or(is_plain)
    }

    fn ask(&self, engine: &mut Engine) -> Result<Answer, EngineError> {
        let findings = ask(engine, &self.findings)?;
        let undetermined = self.undetermined.as_ref().map(|name| ask(engine, name)).transpose()?;
        Ok(Answer { findings, undetermined })
    }
}

/// The answers to all of them, or none if there is not one to each.
fn ask_together(engine: &mut Engine, questions: &[Question]) -> Option<Vec<Answer>> {
    // In a comprehension, what is undefined is an empty array.
    let value_of = |path: &str| format!("[value | value := {path}]");
    let lists = questions.iter().map(|question| {
        let undetermined = question.undetermined.as_deref().map_or_else(|| "[]".to_owned(), value_of);
        format!("[{}, {undetermined}]", value_of(&question.findings))
    });
    if !questions.iter().all(Question::is_query) {
        return None;
    }
    let query = format!("[{}]", lists.collect::<Vec<_>>().join(", "));
    let value = ask_query(engine, &query).ok()?;
    let pairs = value.as_array().ok()?;
    let one = |list: &Value| Some(list.as_array().ok()?.first().cloned().unwrap_or(Value::Undefined));
    let answers = pairs.iter().zip(questions).map(|(pair, question)| {
        let [findings, undetermined] = pair.as_array().ok()?.as_slice() else { return None };
        let undetermined = match question.undetermined {
            Some(_) => Some(one(undetermined)?),
            None => None,
        };
        Some(Answer { findings: one(findings)?, undetermined })
    });
    let answers: Vec<Answer> = answers.collect::<Option<_>>()?;
    (answers.len() == questions.len()).then_some(answers)
}

/// The engine did not give a value.
#[derive(Debug)]
pub(super) enum EngineError {
    TooSlow,
    Failed(String),
}

pub(super) fn ask(engine: &mut Engine, name: &str) -> Result<Value, EngineError> {
    engine
        .eval_rule(name.to_owned())
        .map_err(|error| engine_error(error.downcast_ref(), format!("{error:#}")))
}

/// The same for what the engine does not know as one rule: a part of a package.
pub(super) fn ask_query(engine: &mut Engine, query: &str) -> Result<Value, EngineError> {
    let answer = engine
        .eval_query(query.to_owned(), false)
        .map_err(|error| engine_error(error.downcast_ref(), format!("{error:#}")))?;
    let first = answer.result.into_iter().next().and_then(|result| result.expressions.into_iter().next());
    Ok(first.map_or(Value::Undefined, |expression| expression.value))
}

fn engine_error(limit: Option<&LimitError>, message: String) -> EngineError {
    match limit {
        Some(LimitError::TimeLimitExceeded { .. }) => EngineError::TooSlow,
        // The limit may also come wrapped in the text of the expression it struck.
        _ if message.contains("execution exceeded time limit") => EngineError::TooSlow,
        _ => EngineError::Failed(message),
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::PolicyError;
    use super::super::pack::Pack;
    use super::*;

    #[test]
    fn a_rule_that_never_answers_is_given_up() {
        let (sender, receiver) = mpsc::channel();
        sender.send(Event::Begun(0, 3..4)).unwrap();
        let limits = Limits { per_rule: Duration::from_millis(10), ..Limits::default() };
        let error = collect(&receiver, limits, MemoryWatch::begin(limits.memory))
            .expect_err("the sender still holds the channel open");
        assert!(matches!(&error, Failure::NoAnswer(places) if *places == [3]), "{error:?}");
        drop(sender);
        let pack = Pack::load(secretlint_policies::files(), &[]).unwrap();
        let rules: Vec<&Rule> = pack.rules().iter().collect();
        let error = pack.failed(&rules, error, limits);
        assert!(
            matches!(&error, PolicyError::TooSlow { rule, .. } if rule == pack.rules()[3].id.as_str()),
            "{error:?}"
        );
    }

    #[test]
    fn a_thread_that_ends_without_an_answer_is_an_error() {
        let (sender, receiver) = mpsc::channel();
        sender.send(Event::Begun(0, 0..1)).unwrap();
        drop(sender);
        let limits = Limits::default();
        let error =
            collect(&receiver, limits, MemoryWatch::begin(limits.memory)).expect_err("nothing was answered");
        let pack = Pack::load(secretlint_policies::files(), &[]).unwrap();
        let error = pack.failed(&[&pack.rules()[0]], error, limits);
        assert!(matches!(error, PolicyError::EngineStopped { .. }), "{error:?}");
    }

    fn questions(names: &[&str]) -> Vec<Question> {
        names.iter().map(|name| Question { findings: format!("data.{name}"), undetermined: None }).collect()
    }

    fn engine(policy: &str) -> Engine {
        let mut engine = Engine::new();
        engine.add_policy("p.rego".into(), policy.into()).unwrap();
        engine
    }

    const POLICY: &str = "package p\n\na contains 1\n\nb contains 2 if false\n\nc := x if { some x in [3] }\n\nd := 4 if false\n\n\
        e contains x if { x := to_number(\"x\") }\n";

    #[test]
    fn rules_say_together_what_they_say_alone() {
        let mut engine = engine(POLICY);
        let mut questions = questions(&["p.a", "p.b", "p.c", "p.d"]);
        questions[0].undetermined = Some("data.p.d".into());
        let together = ask_together(&mut engine, &questions).unwrap();
        for (question, answer) in questions.iter().zip(together) {
            let alone = question.ask(&mut engine).unwrap();
            assert_eq!(
                (answer.findings, answer.undetermined),
                (alone.findings, alone.undetermined),
                "{}",
                question.findings
            );
        }
    }

    #[test]
    fn the_failure_of_one_among_many_is_its_own() {
        let all = questions(&["p.a", "p.b", "p.c", "p.d", "p.a", "p.e", "p.b", "p.c"]);
        let error = ask_all(&engine(POLICY), Input(Value::new_object()), all, Limits::default());
        assert!(matches!(&error, Err(Failure::Engine(5, EngineError::Failed(_)))), "{error:?}");
    }

    #[test]
    fn a_path_that_is_no_query_is_asked_alone() {
        assert!(ask_together(&mut engine("package p\n"), &questions(&["p[\"a-b\"].c"])).is_none());
    }
}
