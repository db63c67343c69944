//! Making versions so that the same call, repeated after any crash or lost answer, makes one.
//!
//! The server has no idempotency tokens and no transactions over metadata and data. So a write first *notes its intent* in the
//! metadata (this token makes version n + 1), then writes the data with check-and-set on n. A note of a version that is
//! there counts as carried out. Whoever finds another's intent waits for it, and takes over when it does not come.
//! A write by somebody else that lands exactly between an intent and a crash counts as ours: the value there stays.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::time::Instant;

use super::super::KIND;
use super::super::client::ApiError;
use super::super::custom_metadata::{Attempt, Notes, Record, Write};
use super::super::failure::Failure;
use super::super::value::Data;
use super::state::{self, Key, ReadMetadata};
use super::{Kv2, PATIENCE, Seen};
use crate::error::StoreError;
use crate::metadata::SecretDescription;
use crate::record::add;
use crate::store::{CreateSecret, Promotion, PutVersion};
use crate::version::{IdempotencyToken, Version, VersionId, VersionLabel};

/// How long another's intent is waited for before it counts as abandoned.
const INTENT_PATIENCE: Duration = Duration::from_secs(10);

/// A version to be written as the latest.
pub(super) struct NewVersion<'a> {
    pub(super) data: &'a Data,
    pub(super) token: &'a IdempotencyToken,
    pub(super) copy_of: Option<u64>,
    pub(super) only_if_current: Option<&'a VersionId>,
    pub(super) keep_previous_for: Option<SignedDuration>,
}

/// The answer to writing data.
#[derive(Deserialize)]
pub(super) struct WriteAnswer {
    pub(super) data: ReadMetadata,
}

impl Kv2<'_> {
    /// Makes a new secret.
    pub(in super::super) async fn create(
        &self,
        request: &CreateSecret,
    ) -> Result<SecretDescription, Failure> {
        let _lock = self.lock().await;
        let data = request.value.as_ref().map(Data::encode);
        let start = Instant::now();
        // Check-and-set on metadata alone does not tell: that of a secret that somebody just put has no version either.
        let mut found = self.key_if_any().await?;
        loop {
            if let Some(key) = found {
                if key.is_gone(self.store.now()) {
                    self.purge_now().await?;
                } else {
                    return self.create_again(&key, request, data.as_ref()).await;
                }
            }
            match self.write_notes(&first_notes(request, data.as_ref()), Seen::Nothing).await {
                Ok(()) => break,
                Err(Failure::Api(ApiError::CasMismatch { .. })) if start.elapsed() < PATIENCE => {}
                Err(failure) => return Err(failure),
            }
            found = self.key_if_any().await?;
        }
        let made = if self.store.checks_metadata() { None } else { Some(self.key().await?) };
        // Without check-and-set on metadata somebody may have written theirs over ours.
        if let Some(made) = made
            && made.notes.record.token.as_ref() != Some(&request.token)
        {
            return Err(StoreError::AlreadyExists { store: KIND, name: self.name.clone() }.into());
        }
        self.write_first(request, data.as_ref()).await
    }

    /// A name that is taken: by this call, made before, or by somebody else.
    async fn create_again(
        &self,
        key: &Key,
        request: &CreateSecret,
        data: Option<&Data>,
    ) -> Result<SecretDescription, Failure> {
        let now = self.store.now();
        key.require_live(self.name, now)?;
        if key.notes.record.token.as_ref() != Some(&request.token) {
            return Err(StoreError::AlreadyExists { store: KIND, name: self.name.clone() }.into());
        }
        if key.current == 0 {
            return self.write_first(request, data).await;
        }
        Ok(key.description(self.path, self.name, now)?)
    }

    async fn write_first(
        &self,
        request: &CreateSecret,
        data: Option<&Data>,
    ) -> Result<SecretDescription, Failure> {
        if let Some(data) = data {
            match self.store.client.write_once(&self.path.data(), data.body(0)).await {
                // Another repetition of this creation was faster.
                Ok(_) | Err(ApiError::CasMismatch { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let key = self.key().await?;
        if key.notes.record.token.as_ref() != Some(&request.token) {
            return Err(StoreError::AlreadyExists { store: KIND, name: self.name.clone() }.into());
        }
        Ok(key.description(self.path, self.name, self.store.now())?)
    }

    /// Adds a version.
    pub(in super::super) async fn put(&self, request: &PutVersion) -> Result<Version, Failure> {
        let _lock = self.lock().await;
        let key = self.key().await?;
        let data = Data::encode(&request.value);
        let waits = !request.labels.contains(&VersionLabel::Current);
        if waits && key.current > 0 {
            return self.stage(key, &data, request).await;
        }
        let version = NewVersion {
            data: &data,
            token: &request.token,
            copy_of: None,
            only_if_current: request.only_if_current.as_ref(),
            keep_previous_for: request.keep_previous_for,
        };
        self.write_version(key, version).await
    }

    /// Makes a version the latest.
    pub(in super::super) async fn promote(&self, request: &Promotion) -> Result<SecretDescription, Failure> {
        let _lock = self.lock().await;
        let now = self.store.now();
        let key = self.key().await?;
        key.require_live(self.name, now)?;
        if let Some(token) = state::pending_token(&request.version) {
            self.promote_pending(key, &token, request.keep_previous_for).await?;
            return self.describe().await;
        }
        let missing = || StoreError::version_not_found(KIND, self.name, &request.version);
        let number = state::version_number(&request.version).ok_or_else(missing)?;
        let repeats = key.notes.record.write_of(key.current).and_then(|write| write.copy_of);
        if number == key.current || repeats == Some(number) {
            return Ok(key.description(self.path, self.name, now)?);
        }
        if !key.live(now)?.iter().any(|version| version.id == request.version) {
            return Err(missing().into());
        }
        let body = match self.store.client.read_version(&self.path.data(), Some(number)).await {
            Err(error) if error.is_not_found() => return Err(missing().into()),
            body => body?,
        };
        let data = self.with_data(&body, |data, _| Data::copied(data, key.kind_of(number)))?;
        let seen = state::version_id(key.current)?;
        let copy = NewVersion {
            data: &data,
            token: &IdempotencyToken::random(),
            copy_of: Some(number),
            only_if_current: Some(&seen),
            keep_previous_for: request.keep_previous_for,
        };
        self.write_version(key, copy).await?;
        self.describe().await
    }

    /// Writes the latest version: note the intent, write, and again if somebody else was faster.
    pub(super) async fn write_version(&self, key: Key, new: NewVersion<'_>) -> Result<Version, Failure> {
        let start = Instant::now();
        let mut key = key;
        let attempt = Attempt::random();
        // Where another attempt at this very call had noted its intent: who then wrote the version wrote our value.
        let mut shared = None;
        // The version that we noted and somebody else wrote: our note of it is wrong and has to go.
        let mut beaten = None;
        loop {
            let now = self.store.now();
            key.require_live(self.name, now)?;
            let mut record = key.notes.record.clone();
            if let Some(version) = beaten.filter(|version| shared != Some(*version)) {
                let is_wrong = |write: &Write| {
                    write.version == version
                        && write.token.as_ref() == Some(new.token)
                        && write.attempt.as_ref() == Some(&attempt)
                };
                record.writes.retain(|write| !is_wrong(write));
            }
            if let Some(number) = record.written_by(new.token, key.current) {
                return Ok(key.numbered(number, now)?);
            }
            self.require_current(&key, new.only_if_current)?;
            let next = key.current + 1;
            if let Some(write) = record.write_of(next) {
                let is_same_call = write.token.as_ref() == Some(new.token);
                if !is_same_call && start.elapsed() < INTENT_PATIENCE {
                    wait_a_little(start).await;
                    key = self.key().await?;
                    continue;
                }
                if is_same_call && write.attempt.as_ref() != Some(&attempt) {
                    shared = Some(next);
                }
            }
            self.intend(&mut record, &key, &new, &attempt)?;
            if record != key.notes.record {
                let notes = Notes { record, ..key.notes.clone() };
                match self.write_notes(&notes, Seen::Key(&key)).await {
                    Ok(()) => {}
                    Err(Failure::Api(ApiError::CasMismatch { .. })) if start.elapsed() < PATIENCE => {
                        key = self.key().await?;
                        continue;
                    }
                    Err(failure) => return Err(failure),
                }
            }
            if key.metadata_version.is_none() {
                // This server does not check: whose intent it is shows only afterwards.
                let noted = self.key().await?;
                let ours = noted.notes.record.write_of(next).and_then(|write| write.attempt.as_ref());
                if ours != Some(&attempt) && noted.current < next {
                    wait_a_little(start).await;
                    key = noted;
                    continue;
                }
            }
            let body = new.data.body(key.current);
            match self.store.client.write_once(&self.path.data(), body).await {
                Ok(answer) => {
                    self.destroy_overdue(&key, now).await;
                    let answer: WriteAnswer =
                        answer.parse().map_err(|_| super::not_understood(&self.path.data()))?;
                    return Ok(Version {
                        id: state::version_id(answer.data.version)?,
                        labels: vec![VersionLabel::Current],
                        created_at: answer.data.created_time,
                        expires_at: answer.data.deletion_time,
                    });
                }
                Err(ApiError::CasMismatch { .. }) if start.elapsed() < PATIENCE => {
                    beaten = Some(next);
                    key = self.key().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(super) fn require_current(&self, key: &Key, expected: Option<&VersionId>) -> Result<(), StoreError> {
        match expected {
            Some(expected) if state::version_number(expected) != Some(key.current) => {
                let reason = format!("expected `current` on `{expected}`, found it on `{}`", key.current);
                Err(StoreError::Conflict { name: self.name.clone(), reason })
            }
            _ => Ok(()),
        }
    }

    fn intend(
        &self,
        record: &mut Record,
        key: &Key,
        new: &NewVersion<'_>,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let now = self.store.now();
        let next = key.current + 1;
        let write = Write {
            version: next,
            kind: new.data.kind,
            token: Some(new.token.clone()),
            attempt: Some(attempt.clone()),
            copy_of: new.copy_of,
        };
        if record.write_of(next) != Some(&write) {
            record.intend(write, |number| number <= key.current && key.keeps(number));
        }
        record.grace.remove(&key.current);
        if let Some(grace) = new.keep_previous_for.filter(|_| key.current > 0) {
            record.grace.insert(key.current, add(now, grace, "keep_previous_for")?);
        }
        // What has been promoted needs not be remembered as waiting.
        if record.pending.as_ref().is_some_and(|pending| {
            pending.token != *new.token && record.written_by(&pending.token, key.current).is_some()
        }) {
            record.pending = None;
        }
        Ok(())
    }

    /// Destroys versions whose grace is over. They read as not found already, so a failure only leaves it to the next write.
    async fn destroy_overdue(&self, key: &Key, now: Timestamp) {
        let overdue = key.overdue(now);
        if overdue.is_empty() {
            return;
        }
        if let Err(error) = self.destroy(&overdue).await {
            tracing::warn!(secret = %self.name, %error, "versions past their grace could not be destroyed");
        }
    }
}

fn first_notes(request: &CreateSecret, data: Option<&Data>) -> Notes {
    let write = data.map(|data| Write {
        version: 1,
        kind: data.kind,
        token: Some(request.token.clone()),
        attempt: None,
        copy_of: None,
    });
    let record = Record {
        token: Some(request.token.clone()),
        writes: write.into_iter().collect(),
        ..Record::default()
    };
    Notes { metadata: request.metadata.clone(), record }
}

/// Longer and longer, up to 50 ms, each time a little differently.
async fn wait_a_little(start: Instant) {
    let elapsed = start.elapsed();
    let spread = Duration::from_micros(u64::from(elapsed.subsec_nanos() % 5_000));
    tokio::time::sleep((elapsed / 4).clamp(Duration::from_millis(3), Duration::from_millis(50)) + spread)
        .await;
}
