//! Copies of a secret in other regions. AWS makes them by itself, some seconds later, and says there what went wrong.

use std::fmt::Write as _;

use aws_sdk_secretsmanager::types::{ReplicaRegionType, ReplicationStatusType, StatusType};

use super::AwsStore;
use super::fault::Fault;
use super::limits::MANAGED_KEY;
use super::secret::Waiting;
use super::state::{Seen, replica};
use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::metadata::Replica;
use crate::name::SecretName;

/// A copy as AWS is asked for it.
pub(super) fn wanted(replica: &Replica) -> ReplicaRegionType {
    ReplicaRegionType::builder().region(&replica.region).set_kms_key_id(replica.kms_key.clone()).build()
}

fn has_failed(status: &ReplicationStatusType) -> bool {
    status.status() == Some(&StatusType::Failed)
}

impl AwsStore {
    /// Makes the copies be as wanted: some go, some come, some get another key.
    pub(super) async fn write_copies(&self, name: &SecretName, seen: &Seen, after: &[Replica]) -> Result<()> {
        let is_wanted = |status: &&ReplicationStatusType| {
            after.iter().any(|replica| Some(replica.region.as_str()) == status.region())
        };
        let gone: Vec<String> = seen
            .replication()
            .iter()
            .filter(|status| !is_wanted(status))
            .filter_map(|status| status.region.clone())
            .collect();
        if !gone.is_empty() {
            self.remove_regions(name, gone, Action::Update).await?;
        }
        let mut added = Vec::new();
        for replica in after {
            let status =
                seen.replication().iter().find(|status| status.region() == Some(replica.region.as_str()));
            match status.filter(|status| !has_failed(status)).and_then(self::replica) {
                Some(before) if before == *replica => {}
                Some(_) => self.change_key(name, replica).await?,
                None => added.push(replica),
            }
        }
        if !added.is_empty() {
            self.add_regions(name, &added).await?;
        }
        if !(added.is_empty() && after.is_empty()) {
            let seen = self.look(name).await?;
            self.wait_for_copies(name, seen, after).await?;
        }
        Ok(())
    }

    /// Waits until no copy is being made, whatever became of them.
    pub(super) async fn settled_copies(&self, name: &SecretName, mut seen: Seen) -> Result<Seen> {
        let mut waiting = Waiting::new();
        let is_being_made = |status: &ReplicationStatusType| status.status() == Some(&StatusType::InProgress);
        while seen.replication().iter().any(is_being_made) && !waiting.is_over() {
            waiting.pause().await;
            seen = self.look(name).await?;
        }
        Ok(seen)
    }

    /// Waits until the copies wanted are there.
    ///
    /// # Errors
    /// `Invalid` on `replicas` when one of those wanted has failed, with AWS's reason.
    async fn wait_for_copies(&self, name: &SecretName, seen: Seen, wanted: &[Replica]) -> Result<()> {
        let seen = self.settled_copies(name, seen).await?;
        let mut failed = String::new();
        for status in seen.replication().iter().filter(|status| has_failed(status)) {
            let region = status.region().unwrap_or_default();
            if wanted.iter().any(|replica| replica.region == region) {
                let why = status.status_message().unwrap_or("AWS does not say why");
                // Writing to a text cannot fail.
                let _ = write!(failed, "; in `{region}`: {why}");
            }
        }
        if failed.is_empty() {
            return Ok(());
        }
        let reason = format!(
            "secret `{name}` is there, but AWS could not copy it{failed}; remove what is in the way, then apply again"
        );
        Err(Invalid::new("replicas", reason).into())
    }

    async fn add_regions(&self, name: &SecretName, added: &[&Replica]) -> Result<()> {
        let regions = added.iter().copied().map(wanted).collect();
        let call = self.clients().await?.secrets.replicate_secret_to_regions().secret_id(name.as_str());
        match call.set_add_replica_regions(Some(regions)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.copies_told(Fault::from(error), Action::Update, name).await),
        }
    }

    async fn remove_regions(&self, name: &SecretName, regions: Vec<String>, action: Action) -> Result<()> {
        let call = self.clients().await?.secrets.remove_regions_from_replication().secret_id(name.as_str());
        match call.set_remove_replica_regions(Some(regions)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.copies_told(Fault::from(error), action, name).await),
        }
    }

    /// A copy's key is the one thing that is changed where the copy is.
    async fn change_key(&self, name: &SecretName, replica: &Replica) -> Result<()> {
        let client = self.clients().await?.in_region(&replica.region).await;
        let key = replica.kms_key.as_deref().unwrap_or(MANAGED_KEY);
        match client.update_secret().secret_id(name.as_str()).kms_key_id(key).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.copies_told(Fault::from(error), Action::Update, name).await),
        }
    }

    /// Removes all copies and waits until they are gone.
    pub(super) async fn remove_copies(&self, name: &SecretName, seen: &Seen) -> Result<()> {
        let regions: Vec<String> =
            seen.replication().iter().filter_map(|status| status.region.clone()).collect();
        if regions.is_empty() {
            return Ok(());
        }
        self.remove_regions(name, regions, Action::Delete).await?;
        let mut waiting = Waiting::new();
        while !waiting.is_over() {
            if self.look(name).await?.replication().is_empty() {
                return Ok(());
            }
            waiting.pause().await;
        }
        Err(StoreError::Unavailable {
            store: super::KIND,
            reason: format!(
                "AWS is still removing the copies of secret `{name}` in other regions; try again in a few minutes"
            ),
            source: None,
        })
    }

    /// As [`AwsStore::told`]; what AWS says against a parameter is about the copies.
    async fn copies_told(&self, fault: Fault, action: Action, name: &SecretName) -> StoreError {
        match self.told(fault, action, name).await {
            StoreError::Invalid(Invalid { field: "request" | "kms_key", reason }) => {
                Invalid::new("replicas", reason).into()
            }
            other => other,
        }
    }
}
