//! A version that nobody reads yet. The engine has none such: what is written is what every reader gets. So it is staged at
//! the path beside, `<name>/.pending`, and noted in the secret's record, which is what makes it count. A promotion writes
//! it as the latest version, under a number, and takes the staged one away.
//!
//! The data that is staged carries its token, so that no other call's value can be promoted by mistake.

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::super::KIND;
use super::super::address::KvPath;
use super::super::client::ApiError;
use super::super::custom_metadata::{Pending, Record};
use super::super::failure::Failure;
use super::super::value::{self, Data};
use super::state::{self, Key, MetadataAnswer, ReadAnswer};
use super::write::NewVersion;
use super::{Kv2, not_understood};
use crate::error::StoreError;
use crate::store::PutVersion;
use crate::value::SecretValue;
use crate::version::{IdempotencyToken, Version, VersionLabel};

impl Kv2<'_> {
    /// Puts a version where it waits.
    pub(super) async fn stage(
        &self,
        key: Key,
        data: &Data,
        request: &PutVersion,
    ) -> Result<Version, Failure> {
        let now = self.store.now();
        key.require_live(self.name, now)?;
        if request.labels.iter().any(|label| *label != VersionLabel::Pending) || request.labels.is_empty() {
            return Err(StoreError::Unsupported {
                store: KIND,
                what: "a new version that is neither current nor pending".to_owned(),
                why: "in a KV engine the latest version is the current one".to_owned(),
            }
            .into());
        }
        if let Some(number) = key.notes.record.written_by(&request.token, key.current) {
            return Ok(key.numbered(number, now)?);
        }
        self.require_current(&key, request.only_if_current.as_ref())?;
        let waiting = self.path.pending();
        let (staged, latest) = self.staged_versions(&waiting).await?;
        let known = key.pending().filter(|pending| pending.token == request.token);
        if let Some(pending) = known.filter(|pending| staged.contains(&pending.staged)) {
            return Ok(waiting_version(pending)?);
        }
        let body = data.staged_body(&request.token, latest);
        let answer = self.store.client.write_once(&waiting.data(), body).await?;
        let answer: super::write::WriteAnswer =
            answer.parse().map_err(|_| not_understood(&waiting.data()))?;
        let pending = Pending {
            token: request.token.clone(),
            staged: answer.data.version,
            kind: data.kind,
            created_at: answer.data.created_time,
        };
        self.change_record(|key| {
            key.require_live(self.name, self.store.now())?;
            Ok(Some(Record { pending: Some(pending.clone()), ..key.notes.record.clone() }))
        })
        .await?;
        // What waited before has no reader any more.
        if !staged.is_empty() {
            self.on_versions(&waiting.destroy(), &staged).await?;
        }
        Ok(waiting_version(&pending)?)
    }

    /// Numbers of what is staged, and the last number given.
    async fn staged_versions(&self, waiting: &KvPath) -> Result<(Vec<u64>, u64), Failure> {
        let answer: MetadataAnswer = match self.store.client.read(&waiting.metadata()).await {
            Err(error) if error.is_not_found() => return Ok((Vec::new(), 0)),
            answer => answer?,
        };
        let staged = Key::parse(waiting, answer.data)?;
        Ok((staged.readable(Timestamp::now()).collect(), staged.current))
    }

    /// Writes what waits as the latest version. What has been promoted already stays as it is.
    pub(super) async fn promote_pending(
        &self,
        key: Key,
        token: &IdempotencyToken,
        keep_previous_for: Option<jiff::SignedDuration>,
    ) -> Result<(), Failure> {
        let noted = key.notes.record.pending.clone().filter(|pending| pending.token == *token);
        if key.notes.record.written_by(token, key.current).is_none() {
            let missing = || match state::pending_id(token) {
                Ok(id) => StoreError::version_not_found(KIND, self.name, &id),
                Err(invalid) => invalid.into(),
            };
            let pending = noted.clone().ok_or_else(missing)?;
            let data = self.staged(&pending, |data| Data::copied(data, pending.kind)).await?;
            let data = data.ok_or_else(missing)?;
            let new =
                NewVersion { data: &data, token, copy_of: None, only_if_current: None, keep_previous_for };
            self.write_version(key, new).await?;
        }
        // The note goes with the next write of the record; until then it says that there may be something left to delete.
        if noted.is_some() {
            self.store.client.delete(&self.path.pending().metadata()).await?;
        }
        Ok(())
    }

    /// Takes away what waits.
    pub(super) async fn drop_pending(&self, _seen: Key) -> Result<(), Failure> {
        self.change_record(|key| {
            let record = &key.notes.record;
            Ok(record.pending.as_ref().map(|_| Record { pending: None, ..record.clone() }))
        })
        .await?;
        Ok(self.store.client.delete(&self.path.pending().metadata()).await?)
    }

    /// The value that waits; `None` when it is not there.
    pub(super) async fn read_staged(&self, pending: &Pending) -> Result<Option<SecretValue>, Failure> {
        self.staged(pending, |data| value::decode(data, pending.kind)).await
    }

    async fn staged<T>(
        &self,
        pending: &Pending,
        look: impl FnOnce(&RawValue) -> T,
    ) -> Result<Option<T>, Failure> {
        let path = self.path.pending().data();
        let body = match self.store.client.read_version(&path, Some(pending.staged)).await {
            Err(error) if error.is_not_found() => return Ok(None),
            body => body?,
        };
        let answer: ReadAnswer<'_> =
            serde_json::from_slice(body.bytes()).map_err(|_| not_understood(&path))?;
        let data = answer.data.data.and_then(|data| value::unstaged(data, &pending.token));
        Ok(data.map(look))
    }

    /// Deletes everything at the path beside.
    pub(super) async fn delete_staged(&self) -> Result<(), ApiError> {
        self.store.client.delete(&self.path.pending().metadata()).await
    }
}

fn waiting_version(pending: &Pending) -> Result<Version, StoreError> {
    Ok(Version {
        id: state::pending_id(&pending.token)?,
        labels: vec![VersionLabel::Pending],
        created_at: pending.created_at,
        expires_at: None,
    })
}
