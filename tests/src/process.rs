//! A child process that cannot outlive its test, with its output in files: a leak search reads them, and a child that
//! prints megabytes never waits for a reader.

use std::fs::File;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long one command may take before its test fails. Generous: a test machine may be busy.
const LIMIT: Duration = Duration::from_secs(300);

/// A running command and everything that it started: they end with this value, also when the test panics.
#[derive(Debug)]
pub struct Running {
    child: Child,
    shown: String,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// What a command that has ended left.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The command as a person would type it.
    pub shown: String,
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Everything written to standard output.
    pub stdout: String,
    /// Everything written to standard error.
    pub stderr: String,
}

impl Running {
    /// Starts `command` with its output going to `<record>.stdout` and `<record>.stderr`, and `input` to read.
    pub fn start(command: Command, record: &Path, input: Option<&Path>) -> Self {
        let input = input.map_or_else(Stdio::null, |path| File::open(path).expect("the input exists").into());
        Self::start_with(command, record, input)
    }

    /// As [`Running::start`], with a pipe to read from that never carries anything: it closes when this process ends, however
    /// that happens, so that the command can notice.
    pub(crate) fn start_guarded(command: Command, record: &Path) -> Self {
        Self::start_with(command, record, Stdio::piped())
    }

    fn start_with(mut command: Command, record: &Path, input: Stdio) -> Self {
        let stdout = record.with_extension("stdout");
        let stderr = record.with_extension("stderr");
        let shown = shown(&command);
        command
            .stdin(input)
            .stdout(File::create(&stdout).expect("the scratch folder is writable"))
            .stderr(File::create(&stderr).expect("the scratch folder is writable"))
            // A group of its own: providers are children of Terraform, and must end with it.
            .process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("`{shown}` does not start: {error}"));
        Self { child, shown, stdout, stderr }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The processes that this one started and that still run.
    pub fn children(&self) -> Vec<Pid> {
        children_of(self.pid())
    }

    /// Sends `signal` to this process alone.
    pub fn signal(&self, signal: Signal) {
        let _ = kill_process(self.pid(), signal);
    }

    /// Waits until standard output holds `expected`.
    ///
    /// # Panics
    /// When the process ends, or five minutes pass, without it.
    #[track_caller]
    pub fn wait_for(&mut self, expected: &str) {
        let start = Instant::now();
        while !text(&self.stdout).contains(expected) {
            let ended = self.child.try_wait().expect("the child can be waited for");
            assert!(ended.is_none(), "`{}` ended before it said {expected:?}\n{}", self.shown, self.output());
            assert!(start.elapsed() < LIMIT, "`{}` never said {expected:?}\n{}", self.shown, self.output());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until either stream holds `expected`.
    ///
    /// # Errors
    /// What was printed instead, when the process ends, or five minutes pass, without it.
    pub(crate) fn comes_to_say(&mut self, expected: &str) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let ended = self.has_ended();
            let output = self.output();
            if output.contains(expected) {
                return Ok(());
            }
            if ended || start.elapsed() > LIMIT {
                return Err(output);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the child can be waited for").is_some()
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// When that takes longer than five minutes.
    pub fn wait(mut self) -> Finished {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return self.finished(status);
            }
            assert!(
                start.elapsed() < LIMIT,
                "`{}` did not end within {LIMIT:?}\n{}",
                self.shown,
                self.output()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn finished(&self, status: ExitStatus) -> Finished {
        Finished {
            shown: self.shown.clone(),
            code: status.code(),
            signal: status.signal(),
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
        }
    }

    /// What it has printed so far, on both streams.
    pub(crate) fn output(&self) -> String {
        format!("--- stdout\n{}\n--- stderr\n{}", text(&self.stdout), text(&self.stderr))
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    /// Expects exit code 0.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.exits_with(0)
    }

    /// Expects exactly this exit code.
    #[track_caller]
    pub fn exits_with(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "`{}` ended otherwise (signal {:?})\n{self}",
            self.shown,
            self.signal
        );
        self
    }

    /// Expects `text` on either stream. How words are spaced does not matter.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = self.stdout.contains(text) || self.unwrapped().contains(&words);
        assert!(found, "`{}` does not say {text:?}\n{self}", self.shown);
        self
    }

    /// Standard error as running text: Terraform breaks and frames the lines of an error.
    pub fn unwrapped(&self) -> String {
        let words = self.stderr.split_whitespace().filter(|word| !matches!(*word, "│" | "╷" | "╵"));
        words.collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr)
    }
}

/// The processes whose parent is `parent`, read from /proc.
pub fn children_of(parent: Pid) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| parent_of(*id) == Some(parent.as_raw_nonzero().get())).filter_map(Pid::from_raw).collect()
}

fn parent_of(id: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the name in parentheses, which may itself hold spaces and parentheses.
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    fn is_running(id: i32) -> bool {
        std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[test]
    fn output_and_exit_code_are_kept() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let finished =
            Running::start(shell("echo out; echo err >&2; exit 7"), &scratch.path().join("run"), None).wait();
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("out\n", "err\n"));
        finished.exits_with(7).says("out").says("err");
    }

    #[test]
    fn a_panicking_test_leaves_no_grandchild() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let record = scratch.path().join("run");
        let output = record.with_extension("stdout");
        let panicked = std::panic::catch_unwind(|| {
            let mut running = Running::start(shell("sleep 300 & echo $!; wait"), &record, None);
            running.wait_for("\n");
            panic!("as a failing test does");
        });
        assert!(panicked.is_err());
        let grandchild: i32 = text(&output).trim().parse().expect("the shell printed a process id");
        let start = Instant::now();
        while is_running(grandchild) && start.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!(!is_running(grandchild), "process {grandchild} still runs");
    }

    #[test]
    fn a_signal_is_reported() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let finished = Running::start(shell("kill -9 $$"), &scratch.path().join("run"), None).wait();
        assert_eq!((finished.code, finished.signal), (None, Some(9)));
    }

    #[test]
    fn framed_text_is_found_across_its_lines() {
        let framed = Finished {
            shown: String::new(),
            code: Some(1),
            signal: None,
            stdout: String::new(),
            stderr: "╷\n│ Error: wrong\n│ name of\n│ a secret\n╵\n".to_owned(),
        };
        framed.says("Error: wrong name of a secret");
    }
}
