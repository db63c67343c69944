//! The queue in front of the lock: calls that come in while a commit is under way are committed together, so that they share
//! the lock, the audit log's sync and most of the disk's work.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use super::audit::{self, Event, Head};
use super::batch::{self, Context, Staged};
use super::disk::{Disk, Unsynced};
use super::files::{self, StoreRecord};
use super::identity::{Identities, IfMissing};
use super::lock::StoreLock;
use super::{LocalConfig, io_error, layout, not_the_owner};
use crate::Result;
use crate::error::StoreError;
use crate::grant::AgeRecipient;
use crate::name::SecretName;
use crate::record::SecretRecord;

/// How often a writer looks for deletions that other processes have scheduled.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Which notes of deleted secrets to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notes {
    /// Those whose time is over, now and then.
    Due,
    /// Every one: a crash may have left one without a deletion.
    All,
}

/// One call's change being staged.
pub(super) struct Change<'a> {
    pub(super) staged: &'a mut Staged,
    pub(super) owner: &'a AgeRecipient,
    pub(super) now: Timestamp,
}

impl Change<'_> {
    /// Has an event written to the audit log.
    pub(super) fn note(&mut self, record: &SecretRecord, event: Event) {
        self.staged.events.push(Event { secret: Some(record.name.to_string()), ..event });
    }

    /// The same, unless the record still is at this revision.
    pub(super) fn note_if_changed(&mut self, revision: u64, record: &SecretRecord, event: Event) {
        if record.revision != revision {
            self.note(record, event);
        }
    }
}

/// What the commit came to, for one call.
type Outcome = Option<StoreError>;
/// Sends the call its answer, once that is known.
type Reply = Box<dyn FnOnce(Outcome) + Send>;

/// Makes the call's change in memory, and says how to answer it.
type Stage = Box<dyn FnOnce(Result<Change<'_>>) -> Reply + Send>;

struct Job {
    name: SecretName,
    stage: Stage,
    is_abandoned: Box<dyn Fn() -> bool + Send>,
}

/// The one writer of a store in this process.
pub(super) struct Writer {
    config: Arc<LocalConfig>,
    disk: Disk,
    queue: Mutex<VecDeque<Job>>,
    /// Held by the call that commits for all who wait.
    turn: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State>,
}

/// What a writer remembers between commits.
#[derive(Debug, Default)]
struct State {
    identities: Option<Arc<Identities>>,
    audit_head: Option<Head>,
    next_sweep: Option<Timestamp>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Writer").field("disk", &self.disk).finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn new(config: Arc<LocalConfig>, disk: Disk) -> Self {
        let (queue, turn, state) = (Mutex::default(), Arc::default(), Mutex::default());
        Self { config, disk, queue, turn, state }
    }

    /// Stages a change of one secret and answers when it is on disk. When the call is given up before its turn, nothing
    /// happens; after that, the change happens unheard.
    pub(super) async fn submit<T: Send + 'static>(
        self: &Arc<Self>,
        name: SecretName,
        run: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, mut receiver) = oneshot::channel::<Result<T>>();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let watched = Arc::clone(&sender);
        let job = Job {
            name,
            stage: Box::new(move |change| {
                let answer = change.and_then(|mut change| run(&mut change));
                Box::new(move |outcome| {
                    let answer = match (answer, outcome) {
                        (Ok(_), Some(error)) => Err(error),
                        (answer, _) => answer,
                    };
                    if let Some(sender) = relock(&sender).take() {
                        // The caller may have given up; the change has happened all the same.
                        let _ = sender.send(answer);
                    }
                })
            }),
            is_abandoned: Box::new(move || relock(&watched).as_ref().is_none_or(oneshot::Sender::is_closed)),
        };
        relock(&self.queue).push_back(job);
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if let Ok(answer) = receiver.try_recv() {
            return answer;
        }
        let writer = Arc::clone(self);
        let committed = tokio::task::spawn_blocking(move || {
            let jobs = std::mem::take(&mut *relock(&writer.queue));
            writer.commit(jobs);
            drop(turn);
        });
        let _ = committed.await;
        receiver.await.unwrap_or_else(|_| Err(batch::interrupted()))
    }

    fn commit(&self, jobs: VecDeque<Job>) {
        let mut jobs: VecDeque<Job> = jobs.into_iter().filter(|job| !(job.is_abandoned)()).collect();
        let mut state = relock(&self.state);
        while !jobs.is_empty() {
            let mut replies = Vec::new();
            match self.commit_some(&mut state, &mut jobs, &mut replies) {
                Ok(failures) => {
                    for (name, reply) in replies {
                        reply(failures.get(&name).cloned());
                    }
                }
                Err(error) => {
                    if replies.is_empty() {
                        // Nothing was staged: it failed for all of them.
                        replies.extend(jobs.drain(..).map(|job| (job.name, (job.stage)(Err(error.clone())))));
                    }
                    for (_, reply) in replies {
                        reply(Some(error.clone()));
                    }
                }
            }
        }
    }

    /// Commits calls from the front of the queue, up to one that must see an earlier one's effect on disk. The answer has one
    /// entry per secret that failed.
    fn commit_some(
        &self,
        state: &mut State,
        jobs: &mut VecDeque<Job>,
        replies: &mut Vec<(SecretName, Reply)>,
    ) -> Result<BTreeMap<SecretName, StoreError>> {
        let root = self.config.path.as_path();
        let mut unsynced = Unsynced::default();
        self.disk.create_folder(root, &mut unsynced).map_err(|error| io_error("make", root, error))?;
        let mut lock = StoreLock::acquire(root, self.config.lock_wait)?;
        let now = self.config.clock.now();
        let (owner, identities) = self.owner(state, jobs.front().map(|job| &job.name), &mut unsynced)?;
        let context = Context { disk: &self.disk, root, owner: &owner, identities: &identities, now };
        let mut staged = BTreeMap::new();
        let interrupted = std::mem::take(&mut lock.interrupted);
        // What cannot be read cannot be finished; it stays announced, and must not keep other secrets from being written.
        let mut unsettled: BTreeSet<SecretName> =
            interrupted.iter().filter(|name| load(&context, &mut staged, name).is_err()).cloned().collect();
        let which = if interrupted.is_empty() { Notes::Due } else { Notes::All };
        self.sweep(state, &context, which, &mut staged, &mut unsynced)?;
        stage_all(&context, jobs, &mut staged, replies);
        staged.values_mut().for_each(|staged| staged.tidy(now));
        let changed = staged.iter().filter(|(_, staged)| staged.is_changed()).map(|(name, _)| name);
        let announced: BTreeSet<&SecretName> = changed.chain(&interrupted).collect();
        if announced.is_empty() {
            return Ok(BTreeMap::new());
        }
        lock.announce(announced.into_iter())?;
        let events: Vec<Event> = staged.values().flat_map(|staged| staged.events.iter().cloned()).collect();
        if !events.is_empty() {
            let appended =
                audit::append(&self.disk, root, state.audit_head.take(), events, now, &mut unsynced);
            // On an error no secret was touched yet; the announcement does no harm.
            let head = appended.map_err(|error| io_error("write", &root.join(layout::AUDIT), error))?;
            state.audit_head = Some(head);
        }
        let failures = batch::commit(&context, &staged, &mut unsynced);
        for name in interrupted.iter().filter(|name| !unsettled.contains(name)) {
            let folder = layout::folder(root, name);
            let remove = self.disk.remove_empty_folders(root, &folder, &mut unsynced);
            remove.map_err(|error| io_error("remove", &folder, error))?;
        }
        unsettled.extend(failures.keys().cloned());
        // The changes stand whether or not this works: a name announced needlessly is looked at once more.
        let _ = lock.announce(unsettled.iter());
        Ok(failures)
    }

    /// The store's owner, who must be us. The first write makes the store ours, and an identity if there is none.
    fn owner(
        &self,
        state: &mut State,
        name: Option<&SecretName>,
        unsynced: &mut Unsynced,
    ) -> Result<(AgeRecipient, Arc<Identities>)> {
        let root = self.config.path.as_path();
        let load = |state: &mut State, if_missing| match &state.identities {
            Some(identities) => Ok(Arc::clone(identities)),
            None => {
                let identities = Arc::new(self.config.identity.load(root, if_missing)?);
                state.identities = Some(Arc::clone(&identities));
                Ok::<_, StoreError>(identities)
            }
        };
        if let Some(owner) = StoreRecord::owner(root)? {
            let identities = load(state, IfMissing::Refuse)?;
            return match name {
                Some(name) if !identities.has(&owner) => Err(not_the_owner(name, &identities.origin, &owner)),
                _ => Ok((owner, identities)),
            };
        }
        let path = root.join(layout::STORE);
        if fs::metadata(root.join(layout::AUDIT)).is_ok_and(|metadata| metadata.len() > 0) {
            return Err(StoreError::Corrupt {
                what: "the store's record (it is missing, although the store was written to)".to_owned(),
                path,
                help: "restore it from a backup or version control".to_owned(),
            });
        }
        let identities = load(state, IfMissing::Make)?;
        let owner = identities.first_recipient()?;
        let text = files::to_toml(&StoreRecord::new(&owner))?;
        let unfinished = layout::unfinished(&path);
        let mut write = || -> io::Result<()> {
            self.disk.write(&unfinished, text.as_bytes(), unsynced)?;
            self.disk.sync(unsynced)?;
            self.disk.rename(&unfinished, &path, unsynced)?;
            self.disk.sync(unsynced)
        };
        write().map_err(|error| io_error("write", &path, error))?;
        Ok((owner, identities))
    }

    /// Stages the end of recoverably deleted secrets whose time is over.
    fn sweep(
        &self,
        state: &mut State,
        context: &Context<'_>,
        which: Notes,
        staged: &mut BTreeMap<SecretName, Staged>,
        unsynced: &mut Unsynced,
    ) -> Result<()> {
        if which == Notes::Due && state.next_sweep.is_some_and(|next| next > context.now) {
            return Ok(());
        }
        let folder = context.root.join(layout::DELETED);
        let (_, notes) = files::list_folder(&folder)?;
        for note in notes {
            let until = note.split_once('-').and_then(|(until, _)| until.parse::<i64>().ok());
            if which == Notes::Due && until.is_some_and(|until| until > context.now.as_second()) {
                continue;
            }
            let path = folder.join(&note);
            let name = fs::read_to_string(&path).ok().and_then(|text| SecretName::parse(&text).ok());
            let is_meant = match &name {
                Some(name) => match load(context, staged, name) {
                    Ok(staged) => staged.is_noted_as(&note),
                    // Unreadable just now: the note stays for another time.
                    Err(_) => true,
                },
                None => false,
            };
            if !is_meant {
                self.disk.remove_file(&path, unsynced).map_err(|error| io_error("remove", &path, error))?;
            }
        }
        state.next_sweep = context.now.checked_add(SWEEP_EVERY).ok();
        Ok(())
    }
}

/// Has each call stage its change, up to one on a secret that was purged in this very commit.
fn stage_all(
    context: &Context<'_>,
    jobs: &mut VecDeque<Job>,
    staged: &mut BTreeMap<SecretName, Staged>,
    replies: &mut Vec<(SecretName, Reply)>,
) {
    while let Some(job) = jobs.pop_front() {
        let loaded = load(context, staged, &job.name);
        let is_purged =
            |staged: &Staged| staged.record.as_ref().is_some_and(|record| record.is_gone(context.now));
        if loaded.as_ref().is_ok_and(|staged| is_purged(staged)) {
            jobs.push_front(job);
            return;
        }
        let change = loaded.map(|staged| Change { staged, owner: context.owner, now: context.now });
        replies.push((job.name, (job.stage)(change)));
    }
}

fn load<'a>(
    context: &Context<'_>,
    staged: &'a mut BTreeMap<SecretName, Staged>,
    name: &SecretName,
) -> Result<&'a mut Staged> {
    match staged.entry(name.clone()) {
        Entry::Occupied(entry) => Ok(entry.into_mut()),
        Entry::Vacant(entry) => Ok(entry.insert(Staged::load(context, name)?)),
    }
}

// A panic elsewhere leaves plain data behind, which is still whole; what was lost answers with its dropped channel.
fn relock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
