//! The policies of an earlier commit, read by the `git` program: the only process that the linter starts. Nothing is checked out and nothing is
//! written.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use miette::Diagnostic;

/// A commit's files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no such program.
    #[error("`git` cannot be started")]
    NoGit {
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The folder belongs to no repository.
    #[error("`{}` is not in a git repository", folder.display())]
    NoRepository {
        /// The folder of policies.
        folder: PathBuf,
    },
    /// The repository has no such commit.
    #[error("the repository has no commit `{revision}`")]
    UnknownRevision {
        /// As given.
        revision: String,
    },
    /// git says something else.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// What was asked.
        command: String,
        /// What git wrote.
        message: String,
    },
}

impl Diagnostic for GitError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let text = match self {
            Self::NoGit { .. } => {
                "install git, or put it on the PATH: `secretlint diff` reads the earlier policies with it"
            }
            Self::NoRepository { .. } => "run it in a clone; `--policy DIR` names the folder of the policies",
            Self::UnknownRevision { .. } => {
                "a branch, a tag or a commit is meant; in a shallow clone fetch it first: `git fetch --depth 1 origin REV`"
            }
            Self::Failed { .. } => return None,
        };
        Some(Box::new(text))
    }
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// As the user called it.
    pub name: String,
    /// Its full hash.
    pub hash: String,
}

impl Commit {
    /// The commit that `revision` means in the repository of `folder`.
    ///
    /// # Errors
    /// As [`GitError`] says.
    pub fn resolve(folder: &Path, revision: &str) -> Result<Self, GitError> {
        let inside = git(folder, &["rev-parse", "--is-inside-work-tree"], &[])?;
        if !inside.status.success() {
            let message = text(&inside.stderr);
            return Err(if message.contains("not a git repository") {
                GitError::NoRepository { folder: folder.to_owned() }
            } else {
                GitError::Failed { command: "rev-parse".into(), message }
            });
        }
        // `--end-of-options`: a revision that begins with `-` is a wrong revision and no option.
        let wanted = format!("{revision}^{{commit}}");
        let found = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted], &[])?;
        let hash = text(&found.stdout);
        if !found.status.success() || hash.is_empty() {
            return Err(GitError::UnknownRevision { revision: revision.to_owned() });
        }
        Ok(Self { name: revision.to_owned(), hash })
    }

    /// The `.rego` files that the commit has below `folder`, tests left out: path below `folder` and bytes, in the order of the paths.
    ///
    /// # Errors
    /// git fails.
    pub fn policies(&self, folder: &Path) -> Result<Vec<(String, Vec<u8>)>, GitError> {
        let listed =
            succeeded("ls-tree", git(folder, &["ls-tree", "-r", "-z", &self.hash, "--", "."], &[])?)?;
        let entries: Vec<(String, String)> = listed
            .split(|byte| *byte == 0)
            .filter_map(|entry| {
                // <mode> SP <type> SP <hash> TAB <path>
                let entry = String::from_utf8_lossy(entry);
                let (about, path) = entry.split_once('\t')?;
                let mut about = about.split(' ');
                let is_file = about.next()?.starts_with("100");
                let hash = about.nth(1)?.to_owned();
                let is_policy = is_file && path.ends_with(".rego") && !path.ends_with("_test.rego");
                is_policy.then(|| (path.to_owned(), hash))
            })
            .collect();
        let request: String = entries.iter().map(|(_, hash)| format!("{hash}\n")).collect();
        let contents = succeeded("cat-file", git(folder, &["cat-file", "--batch"], request.as_bytes())?)?;
        let mut rest = contents.as_slice();
        let mut files = Vec::with_capacity(entries.len());
        for (path, _) in entries {
            let Some((text, after)) = blob(rest) else {
                let message = format!("the answer for `{path}` is cut off");
                return Err(GitError::Failed { command: "cat-file --batch".into(), message });
            };
            files.push((path, text.to_vec()));
            rest = after;
        }
        Ok(files)
    }
}

/// One answer of `git cat-file --batch`: `<hash> blob <size>`, a line feed, the bytes, a line feed.
fn blob(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let header = std::str::from_utf8(&answer[..end]).ok()?;
    let size: usize = header.rsplit(' ').next()?.parse().ok()?;
    let body = answer.get(end + 1..)?;
    Some((body.get(..size)?, body.get(size + 1..)?))
}

fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> Result<Output, GitError> {
    let start = |source| GitError::NoGit { source };
    let mut child = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // Messages are read here, and nothing is locked for somebody who only looks.
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        // git answers while it reads: whoever writes first and reads later waits for ever once a pipe is full.
        scope.spawn(move || {
            // git may end before it has read everything; what it then says is the error.
            let _written: Option<std::io::Result<()>> = stdin.map(|mut stdin| stdin.write_all(input));
        });
        child.wait_with_output().map_err(start)
    })
}

fn succeeded(command: &str, output: Output) -> Result<Vec<u8>, GitError> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(GitError::Failed { command: command.to_owned(), message: text(&output.stderr) })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart_by_its_size() {
        assert_eq!(blob(b"abc blob 3\nx\ny\nrest"), Some((&b"x\ny"[..], &b"rest"[..])));
        assert_eq!(blob(b"abc missing\n"), None);
        assert_eq!(blob(b"abc blob 30\nx\n"), None);
    }
}
