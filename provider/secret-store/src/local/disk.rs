//! Every change the store makes to the file system goes through here, so that modes are right, syncing is gathered, and a
//! test can stop the process, or fill the disk, at any single step.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Threads that sync at the same time; they only wait.
const SYNCS_AT_ONCE: usize = 16;

/// The file system, private modes applied: files 0600, folders 0700.
#[derive(Debug, Default)]
pub(super) struct Disk {
    #[cfg(feature = "fault-injection")]
    faults: super::faults::Faults,
}

/// What must reach the disk before the next phase may begin. Gathered, because the first sync of a batch does most of the
/// work for the others.
#[derive(Debug, Default)]
pub(super) struct Unsynced {
    files: Vec<File>,
    folders: BTreeSet<PathBuf>,
}

impl Disk {
    #[cfg(feature = "fault-injection")]
    pub(super) fn with_faults(faults: super::faults::Faults) -> Self {
        Self { faults }
    }

    /// Called before every change.
    #[cfg(feature = "fault-injection")]
    fn step(&self) -> io::Result<()> {
        self.faults.step()
    }

    #[cfg(not(feature = "fault-injection"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "the counterpart under fault-injection uses both"
    )]
    fn step(&self) -> io::Result<()> {
        Ok(())
    }

    /// Makes a folder with those above it.
    pub(super) fn create_folder(&self, folder: &Path, unsynced: &mut Unsynced) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.create_folder(parent, unsynced)?;
            unsynced.folder(parent);
        }
        self.step()?;
        match private_folder().create(folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
            result => result,
        }
    }

    /// Writes a file from its beginning, making it if need be.
    pub(super) fn write(&self, path: &Path, content: &[u8], unsynced: &mut Unsynced) -> io::Result<()> {
        self.step()?;
        let mut file = private_file().write(true).create(true).truncate(true).open(path)?;
        self.write_content(&mut file, content)?;
        unsynced.files.push(file);
        if let Some(folder) = path.parent() {
            unsynced.folder(folder);
        }
        Ok(())
    }

    /// Writes into an open file. Under fault injection in two halves, so that a crash can tear it.
    pub(super) fn write_content(&self, file: &mut File, content: &[u8]) -> io::Result<()> {
        let half = content.len() / 2;
        self.step()?;
        file.write_all(&content[..half])?;
        self.step()?;
        file.write_all(&content[half..])
    }

    /// Shortens an open file.
    pub(super) fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        self.step()?;
        file.set_len(length)
    }

    /// Replaces `to` by `from`, at once.
    pub(super) fn rename(&self, from: &Path, to: &Path, unsynced: &mut Unsynced) -> io::Result<()> {
        self.step()?;
        fs::rename(from, to)?;
        if let Some(folder) = to.parent() {
            unsynced.folder(folder);
        }
        Ok(())
    }

    /// Removes a file, which may be gone already.
    pub(super) fn remove_file(&self, path: &Path, unsynced: &mut Unsynced) -> io::Result<()> {
        self.step()?;
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result?,
        }
        if let Some(folder) = path.parent() {
            unsynced.folder(folder);
        }
        Ok(())
    }

    /// Removes a folder and those above it, up to the root, as long as they are empty.
    pub(super) fn remove_empty_folders(
        &self,
        root: &Path,
        folder: &Path,
        unsynced: &mut Unsynced,
    ) -> io::Result<()> {
        let mut folder = folder;
        while folder != root && folder.starts_with(root) {
            self.step()?;
            // Any failure means that it is in use or gone; both are fine.
            if fs::remove_dir(folder).is_err() {
                break;
            }
            unsynced.folders.remove(folder);
            let Some(parent) = folder.parent() else { break };
            unsynced.folder(parent);
            folder = parent;
        }
        Ok(())
    }

    /// Has everything gathered reach the disk. Many at once: the file system writes its journal once for all that wait.
    pub(super) fn sync(&self, unsynced: &mut Unsynced) -> io::Result<()> {
        let files = unsynced.files.drain(..).map(ToSync::File);
        let folders = std::mem::take(&mut unsynced.folders).into_iter().map(ToSync::Folder);
        let waiting: Vec<ToSync> = files.chain(folders).collect();
        for _ in &waiting {
            self.step()?;
        }
        let threads = waiting.len().min(SYNCS_AT_ONCE);
        if threads <= 1 {
            return waiting.into_iter().try_for_each(ToSync::sync);
        }
        let waiting = Mutex::new(waiting);
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let work = || -> io::Result<()> { std::iter::from_fn(next).try_for_each(ToSync::sync) };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            // All are waited for, and the first failure is told.
            let results: Vec<io::Result<()>> = workers
                .into_iter()
                .map(|worker| {
                    worker.join().unwrap_or_else(|_| Err(io::Error::other("a thread stopped while syncing")))
                })
                .collect();
            results.into_iter().collect()
        })
    }
}

/// One thing that must reach the disk.
#[derive(Debug)]
enum ToSync {
    File(File),
    Folder(PathBuf),
}

impl ToSync {
    fn sync(self) -> io::Result<()> {
        match self {
            Self::File(file) => file.sync_data(),
            Self::Folder(folder) => sync_folder(&folder),
        }
    }
}

impl Unsynced {
    /// An open file that was written.
    pub(super) fn file(&mut self, file: File) {
        self.files.push(file);
    }

    /// A folder whose entries changed.
    fn folder(&mut self, folder: &Path) {
        self.folders.insert(folder.to_path_buf());
    }
}

/// How files are opened: readable by their owner only.
pub(super) fn private_file() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are Unix's"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// How folders are made: usable by their owner only.
pub(super) fn private_folder() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are Unix's"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        // Removed since by a later step of the same batch.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result?.sync_all(),
    }
}

// Windows has no way to sync a folder; NTFS journals renames by itself.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
