//! One writer at a time, across processes: the operating system's lock on `.lock`, which ends with its process, so that
//! none is ever stale. The file's content names the secrets being changed: what a next writer finds there, a crash left.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use super::disk::private_file;
use super::layout::LOCK;
use super::{KIND, io_error};
use crate::Result;
use crate::error::StoreError;
use crate::name::SecretName;

/// The lock, held until dropped.
#[derive(Debug)]
pub(super) struct StoreLock {
    file: File,
    path: PathBuf,
    /// Secrets that a crashed writer was changing.
    pub(super) interrupted: Vec<SecretName>,
}

impl StoreLock {
    /// Takes the lock, waiting for other processes at most so long.
    pub(super) fn acquire(root: &Path, wait: Duration) -> Result<Self> {
        let path = root.join(LOCK);
        let open = private_file().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open.map_err(|error| io_error("open", &path, error))?;
        let file = match file.try_lock() {
            Ok(()) => file,
            Err(TryLockError::WouldBlock) => wait_for(file, &path, wait)?,
            Err(TryLockError::Error(error)) => return Err(io_error("lock", &path, error)),
        };
        let mut lock = Self { file, path, interrupted: Vec::new() };
        lock.interrupted = lock.read_names()?;
        Ok(lock)
    }

    /// Notes which secrets are about to change; none when all changes are whole.
    pub(super) fn announce<'a>(&mut self, names: impl Iterator<Item = &'a SecretName>) -> Result<()> {
        let text: String = names.map(|name| format!("{name}\n")).collect();
        // Written before it is shortened, so that on a full disk the old names are not lost.
        let mut write = || {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(text.as_bytes())?;
            self.file.set_len(text.len() as u64)
        };
        write().map_err(|error: io::Error| io_error("write", &self.path, error))
    }

    // A note torn by a crash names a secret that was not touched yet, or half a name that is none: both do no harm.
    fn read_names(&mut self) -> Result<Vec<SecretName>> {
        let mut text = String::new();
        let read = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.read_to_string(&mut text));
        match read {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(Vec::new()),
            Err(error) => return Err(io_error("read", &self.path, error)),
            Ok(_) => {}
        }
        Ok(text.lines().filter_map(|line| SecretName::parse(line).ok()).collect())
    }
}

/// Waits in a thread of its own, because waiting for a file's lock cannot be given up. If it comes too late, that thread
/// lets it go at once.
fn wait_for(file: File, path: &Path, wait: Duration) -> Result<File> {
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let result = file.lock().map(|()| file);
        // Nobody listens any more: the file closes here, and with it the lock.
        let _ = sender.send(result);
    });
    match receiver.recv_timeout(wait) {
        Ok(result) => result.map_err(|error| io_error("lock", path, error)),
        Err(_) => Err(StoreError::Unavailable {
            store: KIND,
            reason: format!(
                "another process has held the lock `{}` for {} seconds; wait for it, or find it with `fuser` and stop it (the lock ends with its process, so do not delete the file)",
                path.display(),
                wait.as_secs_f32()
            ),
            source: None,
        }),
    }
}
