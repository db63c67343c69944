//! A secret as a whole: created, updated, deleted, restored.
//!
//! AWS recognises a creation that is repeated by the token of its first version. A secret without one, or whose first version is long gone,
//! is recognised by the tag [`notes::CREATION`]. Its metadata has no check-and-set: an update reads, compares, and writes the
//! difference, in calls of which each can be repeated.

use std::time::Duration;

use aws_sdk_secretsmanager::operation::create_secret::CreateSecretOutput;
use aws_sdk_secretsmanager::operation::create_secret::builders::CreateSecretFluentBuilder;
use aws_sdk_secretsmanager::primitives::Blob;
use jiff::Timestamp;

use super::fault::Fault;
use super::limits::MANAGED_KEY;
use super::notes::{self, CREATION};
use super::state::{self, Seen, tags_for};
use super::versions::{Handed, hand_over};
use super::{AwsStore, KIND, replicas};
use crate::Result;
use crate::error::{Action, StoreError};
use crate::metadata::{Metadata, Revision, SecretDescription, SecretId};
use crate::name::SecretName;
use crate::store::{CreateSecret, Deletion, DeletionOutcome};
use crate::version::{Version, VersionId, VersionLabel};

/// How long AWS may take to show what it has done: it is consistent in the end.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

impl AwsStore {
    pub(super) async fn create_secret(
        &self,
        name: &SecretName,
        request: CreateSecret,
    ) -> Result<SecretDescription> {
        let mut waiting = Waiting::new();
        loop {
            let call = self.creation(name, &request).await?;
            let fault = match call.send().await {
                Ok(made) => return self.created(name, &request, &made).await,
                Err(error) => Fault::from(error).without_words(),
            };
            if fault.is("ResourceExistsException") {
                return self.taken(name, &request).await;
            }
            if !fault.is_scheduled_for_deletion() {
                return Err(fault.into_error(Action::Create, name));
            }
            match self.look(name).await {
                // One that was deleted for good a moment ago.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
                Ok(seen) => seen.require_live(name)?,
            }
            if waiting.is_over() {
                return Err(still_deleting(name));
            }
            waiting.pause().await;
        }
    }

    async fn creation(&self, name: &SecretName, request: &CreateSecret) -> Result<CreateSecretFluentBuilder> {
        let metadata = &request.metadata;
        let mut tags = notes::encode(metadata);
        tags.insert(CREATION.to_owned(), request.token.as_str().to_owned());
        let copies = metadata.replicas.iter().map(replicas::wanted).collect::<Vec<_>>();
        let call = self
            .clients()
            .await?
            .secrets
            .create_secret()
            .name(name.as_str())
            .client_request_token(request.token.as_str())
            .set_description(metadata.description.clone())
            .set_kms_key_id(metadata.kms_key.clone())
            .set_tags(Some(tags_for(tags)))
            .set_add_replica_regions(Some(copies).filter(|copies| !copies.is_empty()));
        Ok(match request.value.as_ref().map(hand_over) {
            None => call,
            Some(Handed::Text(text)) => call.secret_string(text),
            Some(Handed::Bytes(bytes)) => call.secret_binary(Blob::new(bytes)),
        })
    }

    /// Describes a secret that was made just now, which AWS may take a moment to know everywhere. Where it cannot be described, what was
    /// asked for is the answer: the secret exists, and nobody would know of it after an error.
    async fn created(
        &self,
        name: &SecretName,
        request: &CreateSecret,
        made: &CreateSecretOutput,
    ) -> Result<SecretDescription> {
        let mut waiting = Waiting::new();
        let described = loop {
            match self.look(name).await {
                Err(error) if error.is_not_found() && !waiting.is_over() => waiting.pause().await,
                Err(error) => break Err(error),
                Ok(seen) => break self.described_with_copies(name, seen).await,
            }
        };
        described.or_else(|error| as_asked_for(name, request, made).ok_or(error))
    }

    /// Tells a creation that is repeated from one that finds another's secret.
    async fn taken(&self, name: &SecretName, request: &CreateSecret) -> Result<SecretDescription> {
        let seen = self.look_live(name).await?;
        if seen.notes.creation.as_ref() != Some(&request.token) {
            return Err(StoreError::AlreadyExists { store: KIND, name: name.clone() });
        }
        self.described_with_copies(name, seen).await
    }

    async fn described_with_copies(&self, name: &SecretName, seen: Seen) -> Result<SecretDescription> {
        let seen = self.settled_copies(name, seen).await?;
        self.describe_seen(name, &seen).await
    }

    pub(super) async fn update_secret(
        &self,
        name: &SecretName,
        metadata: Metadata,
        expected: &Revision,
    ) -> Result<SecretDescription> {
        let _alone = self.locks.of(name.as_str()).await;
        let seen = self.look_live(name).await?;
        let found = seen.revision();
        if found != *expected {
            let reason = format!("expected revision {expected}, found {found}");
            return Err(StoreError::Conflict { name: name.clone(), reason });
        }
        self.end_grace(name, &seen).await?;
        let metadata = seen.in_its_spelling(metadata);
        if seen.metadata() == metadata {
            return self.describe_seen(name, &seen).await;
        }
        let new_key = metadata.kms_key.as_deref();
        let is_rekeyed = seen.metadata().kms_key.as_deref() != new_key;
        if is_rekeyed {
            self.give_new_key(name, &seen, new_key).await?;
        }
        self.write_details(name, &seen.metadata(), &metadata).await?;
        if is_rekeyed {
            self.take_old_key(name, &seen, new_key).await?;
        }
        self.write_tags(name, &seen, &metadata).await?;
        self.write_copies(name, &seen, &metadata.replicas).await?;
        self.describe_secret(name).await
    }

    /// Description and key.
    async fn write_details(&self, name: &SecretName, before: &Metadata, after: &Metadata) -> Result<()> {
        let mut call = self.clients().await?.secrets.update_secret().secret_id(name.as_str());
        if before.description != after.description {
            call = call.description(after.description.as_deref().unwrap_or_default());
        }
        if before.kms_key != after.kms_key {
            call = call.kms_key_id(after.kms_key.as_deref().unwrap_or(MANAGED_KEY));
        }
        if (&before.description, &before.kms_key) == (&after.description, &after.kms_key) {
            return Ok(());
        }
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.told(Fault::from(error), Action::Update, name).await),
        }
    }

    /// Tags, and what is kept in them. What no metadata becomes stays.
    async fn write_tags(&self, name: &SecretName, seen: &Seen, metadata: &Metadata) -> Result<()> {
        let wanted = notes::encode(metadata);
        let gone: Vec<String> = seen
            .tags
            .keys()
            .filter(|key| !notes::is_apart(key) && !wanted.contains_key(*key))
            .cloned()
            .collect();
        let changed: Vec<_> =
            wanted.into_iter().filter(|(key, value)| seen.tags.get(key) != Some(value)).collect();
        // First what makes room: a secret has 50 tags at most.
        if !gone.is_empty() {
            self.remove_tags(name, gone, Action::Update).await?;
        }
        if !changed.is_empty() {
            self.set_tags(name, changed, Action::Update).await?;
        }
        Ok(())
    }

    /// Sets tags, and leaves the others alone.
    pub(super) async fn set_tags(
        &self,
        name: &SecretName,
        tags: impl IntoIterator<Item = (String, String)>,
        action: Action,
    ) -> Result<()> {
        let call = self.clients().await?.secrets.tag_resource().secret_id(name.as_str());
        match call.set_tags(Some(tags_for(tags))).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.told(Fault::from(error), action, name).await),
        }
    }

    /// Removes tags; those that are not there are no error.
    pub(super) async fn remove_tags(
        &self,
        name: &SecretName,
        keys: Vec<String>,
        action: Action,
    ) -> Result<()> {
        let call = self.clients().await?.secrets.untag_resource().secret_id(name.as_str());
        match call.set_tag_keys(Some(keys)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.told(Fault::from(error), action, name).await),
        }
    }

    pub(super) async fn delete_secret(
        &self,
        name: &SecretName,
        deletion: Deletion,
    ) -> Result<DeletionOutcome> {
        let _alone = self.locks.of(name.as_str()).await;
        let seen = self.look(name).await?;
        if let (Deletion::Recoverable { .. }, Some(earlier)) = (deletion, seen.deletion()) {
            return Ok(DeletionOutcome::RecoverableUntil(earlier.until));
        }
        // AWS refuses to delete a secret with copies; a deleted one has none.
        if seen.deletion().is_none() {
            self.remove_copies(name, &seen).await?;
        }
        if deletion == Deletion::Purge {
            self.leave_nothing(name, &seen).await?;
        }
        let call = self.clients().await?.secrets.delete_secret().secret_id(name.as_str());
        let call = match deletion {
            Deletion::Recoverable { days } => call.recovery_window_in_days(i64::from(days)),
            Deletion::Purge => call.force_delete_without_recovery(true),
        };
        let refused = call.send().await.err().map(Fault::from);
        match (deletion, refused) {
            (Deletion::Purge, None) => self.wait_until_gone(name).await,
            // Somebody else deleted it meanwhile, or an answer was lost on the way.
            (Deletion::Recoverable { .. }, Some(fault)) if !fault.is_scheduled_for_deletion() => {
                Err(fault.into_error(Action::Delete, name))
            }
            (Deletion::Recoverable { .. }, _) => {
                let deletion = self.look(name).await?.deletion();
                Ok(DeletionOutcome::RecoverableUntil(deletion.and_then(|deletion| deletion.until)))
            }
            (Deletion::Purge, Some(fault)) => Err(fault.into_error(Action::Delete, name)),
        }
    }

    /// AWS deletes in the background; until then the name is not free.
    async fn wait_until_gone(&self, name: &SecretName) -> Result<DeletionOutcome> {
        let mut waiting = Waiting::new();
        loop {
            match self.look(name).await {
                Err(error) if error.is_not_found() => return Ok(DeletionOutcome::Gone),
                Err(error) => return Err(error),
                Ok(_) if waiting.is_over() => return Err(still_deleting(name)),
                Ok(_) => waiting.pause().await,
            }
        }
    }

    pub(super) async fn restore_secret(&self, name: &SecretName) -> Result<SecretDescription> {
        let _alone = self.locks.of(name.as_str()).await;
        let seen = self.look(name).await?;
        if seen.deletion().is_none() {
            return self.describe_seen(name, &seen).await;
        }
        let call = self.clients().await?.secrets.restore_secret().secret_id(name.as_str());
        call.send().await.map_err(|error| Fault::from(error).into_error(Action::Delete, name))?;
        self.describe_secret(name).await
    }
}

/// A secret as it was asked for, with the time of this machine: what is known of it before it has been described. `None` when AWS did not
/// say what it made.
fn as_asked_for(
    name: &SecretName,
    request: &CreateSecret,
    made: &CreateSecretOutput,
) -> Option<SecretDescription> {
    let arn = made.arn()?;
    let now = Timestamp::now();
    let version = |id| Version { id, labels: vec![VersionLabel::Current], created_at: now, expires_at: None };
    let first = request.value.as_ref().and(made.version_id()).and_then(|id| VersionId::parse(id).ok());
    Some(SecretDescription {
        name: name.clone(),
        id: SecretId(arn.to_owned()),
        arn: arn.to_owned(),
        metadata: request.metadata.clone(),
        versions: first.map(version).into_iter().collect(),
        deletion: None,
        rotation: None,
        created_at: now,
        updated_at: now,
        revision: state::revision(arn, &request.metadata),
    })
}

fn still_deleting(name: &SecretName) -> StoreError {
    StoreError::Unavailable {
        store: KIND,
        reason: format!("AWS is still deleting a secret `{name}`; try again in a few minutes"),
        source: None,
    }
}

/// Waits for AWS to become consistent: longer each time, and not for ever.
pub(super) struct Waiting {
    until: tokio::time::Instant,
    pause: Duration,
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self { until: tokio::time::Instant::now() + PATIENCE, pause: FIRST_PAUSE }
    }

    pub(super) fn is_over(&self) -> bool {
        tokio::time::Instant::now() >= self.until
    }

    pub(super) async fn pause(&mut self) {
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}
