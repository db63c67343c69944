//! Deleting, restoring and purging. A recoverable deletion is noted first and then carried out, a restoration the other way
//! round: whenever one is interrupted the secret counts as deleted, and the same call finishes it.

use jiff::SignedDuration;

use super::super::KIND;
use super::super::address::Address;
use super::super::custom_metadata::{Deleted, Record};
use super::super::failure::Failure;
use super::Kv2;
use crate::error::StoreError;
use crate::metadata::SecretDescription;
use crate::record::add;
use crate::store::{Deletion, DeletionOutcome};

impl Kv2<'_> {
    /// Deletes it, one way or the other.
    pub(in super::super) async fn delete(&self, deletion: Deletion) -> Result<DeletionOutcome, Failure> {
        match deletion {
            Deletion::Recoverable { days } => self.delete_recoverably(days).await,
            Deletion::Purge => self.purge().await,
        }
    }

    /// Deletes the versions so that they can be brought back for so many days. The first date stands.
    async fn delete_recoverably(&self, days: u16) -> Result<DeletionOutcome, Failure> {
        let _lock = self.lock().await;
        let now = self.store.now();
        let window = SignedDuration::from_hours(24 * i64::from(days));
        let until = add(now, window, "recovery_window_days")?;
        let key = self
            .change_record(|key| {
                if key.deletion(now).is_some() {
                    return Ok(None);
                }
                let deletion = Deleted { at: now, until, versions: key.readable(now).collect() };
                Ok(Some(Record { deletion: Some(deletion), ..key.notes.record.clone() }))
            })
            .await?;
        let Some(deletion) = &key.notes.record.deletion else {
            return Ok(DeletionOutcome::RecoverableUntil(None));
        };
        let readable: Vec<u64> =
            key.readable(now).filter(|number| deletion.versions.contains(number)).collect();
        if !readable.is_empty() {
            self.on_versions(&self.path.delete(), &readable).await?;
        }
        Ok(DeletionOutcome::RecoverableUntil(Some(deletion.until)))
    }

    /// Brings back what a deletion took.
    pub(in super::super) async fn restore(&self) -> Result<SecretDescription, Failure> {
        let _lock = self.lock().await;
        let now = self.store.now();
        let key = self.key().await?;
        if key.deletion(now).is_none() {
            return Ok(key.description(self.path, self.name, now)?);
        }
        let versions = match &key.notes.record.deletion {
            Some(deletion) => deletion.versions.clone(),
            None => vec![key.current],
        };
        if !versions.is_empty() {
            self.on_versions(&self.path.undelete(), &versions).await?;
        }
        self.change_record(|key| {
            let record = &key.notes.record;
            Ok(record.deletion.as_ref().map(|_| Record { deletion: None, ..record.clone() }))
        })
        .await?;
        self.describe().await
    }

    /// Destroys everything, and takes the grants away first.
    async fn purge(&self) -> Result<DeletionOutcome, Failure> {
        let _lock = self.lock().await;
        if self.key_if_any().await?.is_none() {
            return Err(StoreError::secret_not_found(KIND, self.name).into());
        }
        self.store.revoke_all(self.name, &Address::Kv(self.path.clone())).await?;
        self.purge_now().await?;
        Ok(DeletionOutcome::Gone)
    }

    /// The path beside goes first: once the secret's own is gone nobody looks for it.
    pub(super) async fn purge_now(&self) -> Result<(), Failure> {
        self.delete_staged().await?;
        Ok(self.store.client.delete(&self.path.metadata()).await?)
    }
}
