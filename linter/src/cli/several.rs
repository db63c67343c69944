//! Several plans at once: as many as there are processors, and never more than that in memory.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A thread of ours has the stack that the main thread has: reading a plan recurses as deep as the plan nests.
const STACK_BYTES: usize = 8 << 20;

/// Does `work` for every argument; the answers are in the order of the arguments.
///
/// What `work` keeps beside its answer, the plan itself, is dropped when its thread takes the next argument. At the end it is left to the
/// operating system: the process ends soon, and taking a big plan apart piece by piece would only make somebody wait.
pub(super) fn each<Argument: Sync, Answer: Send, Kept>(
    arguments: &[Argument],
    work: impl Fn(&Argument) -> (Answer, Option<Kept>) + Sync,
) -> Vec<Answer> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, Answer)>> = Mutex::default();
    let worker = || {
        let mut kept = None;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(argument) = arguments.get(index) else { break };
            drop(kept.take());
            let (answer, keep) = work(argument);
            kept = keep;
            // A poisoned lock means that another thread has panicked, which ends the scope below with that panic.
            answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, answer));
        }
        std::mem::forget(kept);
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 1..processors.min(arguments.len()) {
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            // Where no further thread can be had, this one does the work.
            if thread.spawn_scoped(scope, worker).is_err() {
                break;
            }
        }
        worker();
    });
    let mut answers = answers.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_in_the_order_of_the_arguments() {
        let arguments: Vec<u64> = (0..40).collect();
        let answers = each(&arguments, |argument| {
            std::thread::sleep(std::time::Duration::from_micros(400 - argument * 10));
            (argument * 2, Some(()))
        });
        assert_eq!(answers, arguments.iter().map(|argument| argument * 2).collect::<Vec<_>>());
        assert_eq!(each(&[] as &[u64], |_| (0, None::<()>)), Vec::<i32>::new());
    }

    #[test]
    fn no_more_is_kept_than_there_are_processors() {
        struct Counted<'a>(&'a AtomicUsize);
        impl Drop for Counted<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let alive = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        each(&[0; 200], |_| {
            most.fetch_max(alive.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            ((), Some(Counted(&alive)))
        });
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        assert!(most.into_inner() <= processors);
    }
}
