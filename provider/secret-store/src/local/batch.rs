//! Changes made under the lock, several at once: each call stages its change to one secret in memory, then all are written in
//! phases, with one sync between phases. A secret's `secret.toml` is its commit point.
//!
//! 1. New value files (no record names them yet) and the next records under a temporary name; then sync.
//! 2. Records get their name; sync. The changes have now happened.
//! 3. Where the recipients changed: values are encrypted again, then the record says that they are.
//! 4. What no record names any more is removed.
//!
//! A crash before 2 leaves files that no record names, after 2 a record that says `sealing = "in_progress"`, or files to
//! remove. The next writer learns of these secrets from the lock file and finishes them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::audit::Event;
use super::cipher::{self, OpenError};
use super::disk::{Disk, Unsynced};
use super::identity::Identities;
use super::{KIND, files, io_error, layout};
use crate::Result;
use crate::error::{Action, StoreError};
use crate::grant::AgeRecipient;
use crate::metadata::ScheduledDeletion;
use crate::name::SecretName;
use crate::record::{GrantRecord, Sealing, SecretRecord, VersionRecord};
use crate::value::SecretValue;

/// What the phases work with.
pub(super) struct Context<'a> {
    pub(super) disk: &'a Disk,
    pub(super) root: &'a Path,
    pub(super) owner: &'a AgeRecipient,
    pub(super) identities: &'a Identities,
    pub(super) now: Timestamp,
}

/// One secret being changed.
#[derive(Debug)]
pub(super) struct Staged {
    folder: PathBuf,
    /// As on disk, even when its recovery window is over.
    before: Option<SecretRecord>,
    /// As it is to be; `None` when there is none for callers.
    pub(super) record: Option<SecretRecord>,
    /// Values of new versions.
    pub(super) values: BTreeMap<u64, SecretValue>,
    /// What to write to the audit log.
    pub(super) events: Vec<Event>,
    /// Files that no record names, left by a crash.
    leftovers: Vec<PathBuf>,
}

impl Staged {
    /// Reads a secret and what a crash may have left of it.
    pub(super) fn load(context: &Context<'_>, name: &SecretName) -> Result<Self> {
        let folder = layout::folder(context.root, name);
        let before = files::read_record(&folder, name)?;
        let versions: BTreeSet<u64> =
            before.iter().flat_map(|record| &record.versions).map(|version| version.number).collect();
        let (_, names) = files::list_folder(&folder)?;
        let is_leftover = |file: &String| {
            file.ends_with(layout::UNFINISHED)
                || layout::value_number(file).is_some_and(|number| !versions.contains(&number))
        };
        let leftovers = names.iter().filter(|file| is_leftover(file)).map(|file| folder.join(file)).collect();
        let record = before.clone().filter(|record| !record.is_gone(context.now));
        Ok(Self { folder, before, record, values: BTreeMap::new(), events: Vec::new(), leftovers })
    }

    /// True when something must be written.
    pub(super) fn is_changed(&self) -> bool {
        self.record != self.before || !self.leftovers.is_empty() || self.is_unsealed()
    }

    /// True when this note in the folder of deleted secrets is about this secret as it is on disk.
    pub(super) fn is_noted_as(&self, note: &str) -> bool {
        let noted = self.before.as_ref().and_then(|before| Some((before, before.deletion?)));
        noted.is_some_and(|(before, deletion)| deletion_note(Path::new(""), before, deletion).ends_with(note))
    }

    fn is_unsealed(&self) -> bool {
        self.before.as_ref().is_some_and(|record| record.sealing == Sealing::InProgress)
    }

    /// Drops what has ended, so that every write of a secret also tidies it.
    pub(super) fn tidy(&mut self, now: Timestamp) {
        if let Some(record) = &mut self.record {
            let versions = record.versions.len();
            record.prune(now);
            if versions != record.versions.len()
                && self.before.as_ref().is_some_and(|before| before.revision == record.revision)
            {
                record.touch(now);
            }
            let ended: Vec<&GrantRecord> = record
                .grants
                .iter()
                .filter(|grant| grant.revoked_at.is_none() && !grant.is_effective(now))
                .collect();
            for grant in &ended {
                self.events.push(Event {
                    action: "end_grant".to_owned(),
                    secret: Some(record.name.to_string()),
                    grant: Some(grant.id.to_string()),
                    principal: Some(grant.principal.to_string()),
                    until: grant.expires_at,
                    ..Event::default()
                });
            }
            if !ended.is_empty() {
                record.touch(now);
            }
        }
    }
}

/// See the head of this file; the third phase has two halves, with a sync between.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Prepare,
    Publish,
    Reseal,
    PublishSealed,
    Clean,
}

/// A secret on its way through the phases.
struct Commit<'a> {
    context: &'a Context<'a>,
    staged: &'a Staged,
    /// Written in phase 1.
    first: Option<SecretRecord>,
    /// Written in phase 3, when it differs.
    last: Option<SecretRecord>,
    recipients: Vec<AgeRecipient>,
}

/// Writes all staged changes. The answer has one entry per secret that failed; the others have happened.
pub(super) fn commit(
    context: &Context<'_>,
    staged: &BTreeMap<SecretName, Staged>,
    unsynced: &mut Unsynced,
) -> BTreeMap<SecretName, StoreError> {
    let mut failures = BTreeMap::new();
    let mut commits: Vec<(&SecretName, Commit<'_>)> = Vec::new();
    for (name, staged) in staged.iter().filter(|(_, staged)| staged.is_changed()) {
        match Commit::plan(context, staged) {
            Ok(commit) => commits.push((name, commit)),
            Err(error) => {
                failures.insert(name.clone(), error);
            }
        }
    }
    for phase in [Phase::Prepare, Phase::Publish, Phase::Reseal, Phase::PublishSealed, Phase::Clean] {
        commits.retain(|(name, commit)| match commit.run(phase, unsynced) {
            Ok(()) => true,
            Err(error) => {
                commit.abandon(unsynced);
                failures.insert((*name).clone(), error);
                false
            }
        });
        if let Err(error) = context.disk.sync(unsynced) {
            // Which of them reached the disk is unknown, so none may be reported as done.
            let kind = error.kind();
            for (name, commit) in commits.drain(..) {
                commit.abandon(&mut Unsynced::default());
                failures.insert(name.clone(), io_error("sync", context.root, io::Error::from(kind)));
            }
        }
    }
    failures
}

impl<'a> Commit<'a> {
    fn plan(context: &'a Context<'a>, staged: &'a Staged) -> Result<Self> {
        let Some(record) = &staged.record else {
            return Ok(Self { context, staged, first: None, last: None, recipients: Vec::new() });
        };
        if record.is_gone(context.now) {
            return Ok(Self {
                context,
                staged,
                first: Some(record.clone()),
                last: None,
                recipients: Vec::new(),
            });
        }
        let mut last = record.clone();
        last.drop_ended_grants(context.now);
        last.sealing = Sealing::Settled;
        let recipients = recipients(context.owner, &last.grants)?;
        let before = staged.before.as_ref().filter(|before| before.id == record.id);
        let sealed_for = recipients_before(context.owner, before)?;
        let has_old_values = before.is_some_and(|before| {
            last.versions.iter().any(|version| before.versions.iter().any(|old| old.number == version.number))
        });
        let must_reseal = has_old_values && (staged.is_unsealed() || sealed_for != recipients);
        let first = if must_reseal {
            // Still names those who can read until phase 3 is through.
            SecretRecord { sealing: Sealing::InProgress, ..record.clone() }
        } else {
            last.clone()
        };
        Ok(Self { context, staged, first: Some(first), last: Some(last), recipients })
    }

    fn run(&self, phase: Phase, unsynced: &mut Unsynced) -> Result<()> {
        match phase {
            Phase::Prepare => self.prepare(unsynced),
            Phase::Publish => self.publish(unsynced),
            Phase::Reseal => self.reseal(unsynced),
            Phase::PublishSealed => self.publish_sealed(unsynced),
            Phase::Clean => self.clean(unsynced),
        }
    }

    fn must_reseal(&self) -> bool {
        self.first.as_ref().is_some_and(|record| record.sealing == Sealing::InProgress)
    }

    fn is_erased(&self) -> bool {
        self.first.as_ref().is_none_or(|record| record.is_gone(self.context.now))
    }

    /// Phase 1.
    fn prepare(&self, unsynced: &mut Unsynced) -> Result<()> {
        let Some(record) = self.first.as_ref().filter(|record| self.staged.before.as_ref() != Some(*record))
        else {
            return Ok(());
        };
        let disk = self.context.disk;
        let folder = &self.staged.folder;
        disk.create_folder(folder, unsynced).map_err(|error| io_error("make", folder, error))?;
        for (number, value) in &self.staged.values {
            if !record.versions.iter().any(|version| version.number == *number) || self.is_erased() {
                continue;
            }
            let path = folder.join(layout::value_file(*number));
            let sealed = cipher::seal(value, &self.recipients)?;
            disk.write(&path, &sealed, unsynced).map_err(|error| io_error("write", &path, error))?;
        }
        if let Some(deletion) = record.deletion.filter(|_| !self.is_erased()) {
            let path = deletion_note(self.context.root, record, deletion);
            let notes = self.context.root.join(layout::DELETED);
            disk.create_folder(&notes, unsynced).map_err(|error| io_error("make", &notes, error))?;
            let write = disk.write(&path, record.name.as_str().as_bytes(), unsynced);
            write.map_err(|error| io_error("write", &path, error))?;
        }
        self.write_record(record, unsynced)
    }

    /// Phase 2.
    fn publish(&self, unsynced: &mut Unsynced) -> Result<()> {
        match &self.first {
            Some(record) if self.staged.before.as_ref() != Some(record) => self.rename_record(unsynced),
            _ => Ok(()),
        }
    }

    /// Phase 3, first half.
    fn reseal(&self, unsynced: &mut Unsynced) -> Result<()> {
        let (true, Some(last)) = (self.must_reseal(), &self.last) else { return Ok(()) };
        let old = last.versions.iter().filter(|version| !self.staged.values.contains_key(&version.number));
        let mut written = Vec::new();
        for VersionRecord { number, .. } in old {
            let path = self.staged.folder.join(layout::value_file(*number));
            let value = open_value(self.context, &last.name, *number, &path)?;
            let sealed = cipher::seal(&value, &self.recipients)?;
            let unfinished = layout::unfinished(&path);
            let write = self.context.disk.write(&unfinished, &sealed, unsynced);
            write.map_err(|error| io_error("write", &unfinished, error))?;
            written.push((unfinished, path));
        }
        // Contents must be on disk before they replace the old ones.
        self.context.disk.sync(unsynced).map_err(|error| io_error("sync", &self.staged.folder, error))?;
        for (unfinished, path) in written {
            let rename = self.context.disk.rename(&unfinished, &path, unsynced);
            rename.map_err(|error| io_error("rename", &path, error))?;
        }
        self.write_record(last, unsynced)
    }

    /// Phase 3, second half.
    fn publish_sealed(&self, unsynced: &mut Unsynced) -> Result<()> {
        if self.must_reseal() { self.rename_record(unsynced) } else { Ok(()) }
    }

    /// Phase 4. The record goes last: as long as it is there, a next writer knows that something is left.
    fn clean(&self, unsynced: &mut Unsynced) -> Result<()> {
        let disk = self.context.disk;
        let root = self.context.root;
        let remove = |path: &Path, unsynced: &mut Unsynced| {
            disk.remove_file(path, unsynced).map_err(|error| io_error("remove", path, error))
        };
        let kept = self.last.iter().flat_map(|record| &record.versions).map(|version| version.number);
        let kept: BTreeSet<u64> = kept.collect();
        let before =
            self.staged.before.iter().flat_map(|record| &record.versions).map(|version| version.number);
        for number in before.chain(self.staged.values.keys().copied()).filter(|number| !kept.contains(number))
        {
            remove(&self.staged.folder.join(layout::value_file(number)), unsynced)?;
        }
        for path in &self.staged.leftovers {
            // It may since have become a value file of this very change.
            let number = path.file_name().and_then(|name| name.to_str()).and_then(layout::value_number);
            if number.is_none_or(|number| !kept.contains(&number)) {
                remove(path, unsynced)?;
            }
        }
        let note =
            |record: &SecretRecord| record.deletion.map(|deletion| deletion_note(root, record, deletion));
        let kept_note = self.last.as_ref().and_then(note);
        if let Some(path) = self.staged.before.as_ref().and_then(note)
            && kept_note.as_ref() != Some(&path)
        {
            remove(&path, unsynced)?;
        }
        if self.is_erased() {
            remove(&self.staged.folder.join(layout::RECORD), unsynced)?;
            let folder = &self.staged.folder;
            disk.remove_empty_folders(root, folder, unsynced)
                .map_err(|error| io_error("remove", folder, error))?;
        }
        Ok(())
    }

    /// After a failure: takes away what no record names, as far as that goes. What stays, the next writer removes.
    fn abandon(&self, unsynced: &mut Unsynced) {
        let folder = &self.staged.folder;
        let on_disk = self.context.disk;
        let _ = on_disk.remove_file(&layout::unfinished(&folder.join(layout::RECORD)), unsynced);
        let Some(name) = self.staged.before.as_ref().or(self.first.as_ref()).map(|record| &record.name)
        else {
            return;
        };
        let Ok(record) = files::read_record(folder, name) else { return };
        for number in self.staged.values.keys() {
            if !record.iter().flat_map(|record| &record.versions).any(|version| version.number == *number) {
                let _ = on_disk.remove_file(&folder.join(layout::value_file(*number)), unsynced);
            }
        }
        if record.is_none() {
            let _ = on_disk.remove_empty_folders(self.context.root, folder, unsynced);
        }
    }

    fn write_record(&self, record: &SecretRecord, unsynced: &mut Unsynced) -> Result<()> {
        let path = layout::unfinished(&self.staged.folder.join(layout::RECORD));
        let text = files::to_toml(record)?;
        self.context
            .disk
            .write(&path, text.as_bytes(), unsynced)
            .map_err(|error| io_error("write", &path, error))
    }

    fn rename_record(&self, unsynced: &mut Unsynced) -> Result<()> {
        let path = self.staged.folder.join(layout::RECORD);
        let rename = self.context.disk.rename(&layout::unfinished(&path), &path, unsynced);
        rename.map_err(|error| io_error("rename", &path, error))
    }
}

/// Decrypts a value file, telling apart why it does not open.
pub(super) fn open_value(
    context: &Context<'_>,
    name: &SecretName,
    number: u64,
    path: &Path,
) -> Result<SecretValue> {
    let Some(sealed) = files::read_value_file(path)? else {
        return Err(damaged("the file is missing", number, name, path));
    };
    cipher::open(&sealed, context.identities).map_err(|error| match error {
        OpenError::Damaged => {
            damaged("it was cut short or altered, and does not decrypt", number, name, path)
        }
        OpenError::NotForUs => StoreError::Denied {
            name: name.clone(),
            action: Action::Read,
            reason: format!(
                "{} is no recipient of `{}`; use the identity of the owner {} or of a principal with a grant",
                context.identities.origin,
                path.display(),
                context.owner
            ),
        },
    })
}

/// The error for a value file that is missing or does not open.
fn damaged(what: &str, number: u64, name: &SecretName, path: &Path) -> StoreError {
    StoreError::Corrupt {
        what: format!("version `v{number}` of secret `{name}` ({what})"),
        path: path.to_path_buf(),
        help: "restore the file from a backup, or put a new version and retire this one".to_owned(),
    }
}

/// The note of a recoverable deletion; its name sorts by when the window ends.
pub(super) fn deletion_note(root: &Path, record: &SecretRecord, deletion: ScheduledDeletion) -> PathBuf {
    let until = deletion.until.unwrap_or(Timestamp::MAX);
    root.join(layout::DELETED).join(format!("{}-{}", until.as_second(), record.id))
}

/// Whom values are encrypted to: the owner, and everybody with a grant. Sorted, each once.
fn recipients(owner: &AgeRecipient, grants: &[GrantRecord]) -> Result<Vec<AgeRecipient>> {
    let principals = grants.iter().map(|grant| AgeRecipient::parse(grant.principal.as_str()));
    let mut recipients: BTreeSet<AgeRecipient> = principals.collect::<Result<_, _>>()?;
    recipients.insert(owner.clone());
    Ok(recipients.into_iter().collect())
}

fn recipients_before(owner: &AgeRecipient, before: Option<&SecretRecord>) -> Result<Vec<AgeRecipient>> {
    // Ended grants too: their principals can read until values are encrypted again.
    recipients(owner, before.map_or(&[], |record| record.grants.as_slice()))
}

/// The error when the store's own bookkeeping is at odds with itself.
pub(super) fn interrupted() -> StoreError {
    StoreError::Unavailable {
        store: KIND,
        reason: "the writer stopped before it answered; repeat the call".to_owned(),
        source: None,
    }
}
