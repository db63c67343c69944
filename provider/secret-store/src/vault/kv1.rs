//! KV version 1: a value per path and nothing else. No versions, no metadata, no deletion that can be undone, no
//! check-and-set, so two who write at a time overwrite each other, and no call can be recognised as one made before.
//!
//! Whether a secret exists is found by listing its folder, which shows names and no values: a plan reads none. Its one version
//! is called `1`. When it was made nobody knows: the times are 1970.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::address::{Address, KvPath};
use super::client::ApiError;
use super::failure::Failure;
use super::kv2::not_understood;
use super::value::{self, Data};
use super::{KIND, VaultStore};
use crate::error::{Invalid, StoreError};
use crate::metadata::{Metadata, Revision, SecretDescription, SecretId};
use crate::name::SecretName;
use crate::store::{
    Capabilities, CreateSecret, Deletion, DeletionOutcome, MoveLabel, PutVersion, ReadSecret, Support,
};
use crate::version::{Version, VersionId, VersionLabel, VersionSelector, derive_uuid};

const ONLY_VERSION: &str = "1";
const NO_METADATA: &str =
    "KV version 1 keeps values only; upgrade the engine with `bao kv enable-versioning`, or leave it out";

/// One secret in the engine.
pub(super) struct Kv1<'a> {
    store: &'a VaultStore,
    path: &'a KvPath,
    name: &'a SecretName,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

/// What the other version can, without what this one cannot.
pub(super) fn capabilities(of_version_2: Capabilities) -> Capabilities {
    Capabilities { recovery_days: None, version_retention: Support::No { why: NO_METADATA }, ..of_version_2 }
}

/// Refuses metadata, for which there is no place.
pub(super) fn check_metadata(metadata: &Metadata) -> Result<(), StoreError> {
    let given = [
        ("`description`", metadata.description.is_some()),
        ("`owner`", metadata.owner.is_some()),
        ("`kms_key`", metadata.kms_key.is_some()),
        ("`expires_at`", metadata.expires_at.is_some()),
        ("`tags`", !metadata.tags.is_empty()),
        (
            "notes about the secret, which `generate` and `secret_rotation` need",
            !metadata.annotations.is_empty(),
        ),
        ("`replicas`", !metadata.replicas.is_empty()),
        ("limits on versions", !metadata.retention.is_default()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((what, _)) => Err(unsupported(what)),
        None => Ok(()),
    }
}

fn unsupported(what: &str) -> StoreError {
    StoreError::Unsupported { store: KIND, what: what.to_owned(), why: NO_METADATA.to_owned() }
}

/// What there is to say about any secret that is there.
pub(super) fn description(path: &KvPath, name: &SecretName) -> Result<SecretDescription, Invalid> {
    let address = format!("vault:{}/{}", path.mount, path.path);
    Ok(SecretDescription {
        name: name.clone(),
        id: SecretId(derive_uuid("vault", &[&path.mount, &path.path]).to_string()),
        arn: address,
        metadata: Metadata::default(),
        versions: vec![only_version()?],
        deletion: None,
        rotation: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        revision: Revision(ONLY_VERSION.to_owned()),
    })
}

fn only_version() -> Result<Version, Invalid> {
    Ok(Version {
        id: VersionId::parse(ONLY_VERSION)?,
        labels: vec![VersionLabel::Current],
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
    })
}

impl<'a> Kv1<'a> {
    /// The secret of this name at this path.
    pub(super) const fn new(store: &'a VaultStore, path: &'a KvPath, name: &'a SecretName) -> Self {
        Self { store, path, name }
    }

    /// Makes a new secret, if the name is free when looked at.
    pub(super) async fn create(&self, request: &CreateSecret) -> Result<SecretDescription, Failure> {
        let _lock = self.lock().await;
        let Some(value) = &request.value else { return Err(unsupported("a secret without a value").into()) };
        if self.exists().await? {
            return Err(StoreError::AlreadyExists { store: KIND, name: self.name.clone() }.into());
        }
        self.write(&Data::encode_alone(value)).await?;
        Ok(description(self.path, self.name)?)
    }

    /// Whether it is there.
    pub(super) async fn describe(&self) -> Result<SecretDescription, Failure> {
        self.require().await?;
        Ok(description(self.path, self.name)?)
    }

    /// Replaces the value.
    pub(super) async fn put(&self, request: &PutVersion) -> Result<Version, Failure> {
        let _lock = self.lock().await;
        self.require().await?;
        if request.labels != [VersionLabel::Current] || request.keep_previous_for.is_some() {
            return Err(unsupported("a version beside the current one").into());
        }
        if let Some(expected) = request.only_if_current.as_ref().filter(|id| id.as_str() != ONLY_VERSION) {
            let reason = format!("expected `current` on `{expected}`, found it on `{ONLY_VERSION}`");
            return Err(StoreError::Conflict { name: self.name.clone(), reason }.into());
        }
        self.write(&Data::encode_alone(&request.value)).await?;
        Ok(only_version()?)
    }

    /// Reads the value.
    pub(super) async fn read(&self, selector: &VersionSelector) -> Result<ReadSecret, Failure> {
        let is_there = match selector {
            VersionSelector::Label(label) => *label == VersionLabel::Current,
            VersionSelector::Id(id) => id.as_str() == ONLY_VERSION,
        };
        if !is_there {
            return Err(StoreError::version_not_found(KIND, self.name, selector).into());
        }
        let body = self.store.client.read_version(&self.path.data(), None).await?;
        let answer: Answer<'_> =
            serde_json::from_slice(body.bytes()).map_err(|_| not_understood(&self.path.data()))?;
        Ok(ReadSecret { value: value::decode_alone(answer.data), version: only_version()? })
    }

    /// A label is where it is, or nowhere.
    pub(super) async fn move_label(&self, request: &MoveLabel) -> Result<SecretDescription, Failure> {
        match (&request.label, &request.to) {
            (VersionLabel::Current, Some(to)) => self.promote(to).await,
            (VersionLabel::Current, None) => {
                Err(Invalid::new("label", "`current` cannot be taken away; delete the secret").into())
            }
            (_, None) => self.describe().await,
            (label, Some(_)) => Err(unsupported(&format!("the label `{label}`")).into()),
        }
    }

    /// The only version is current.
    pub(super) async fn promote(&self, version: &VersionId) -> Result<SecretDescription, Failure> {
        let description = self.describe().await?;
        if version.as_str() == ONLY_VERSION {
            Ok(description)
        } else {
            Err(StoreError::version_not_found(KIND, self.name, version).into())
        }
    }

    /// The only version cannot go without the secret.
    pub(super) async fn retire(&self, version: &VersionId) -> Result<(), Failure> {
        self.promote(version).await?;
        Err(Invalid::new("version", "it is the only one; delete the secret").into())
    }

    /// Deletes it for good.
    pub(super) async fn delete(&self, _deletion: Deletion) -> Result<DeletionOutcome, Failure> {
        let _lock = self.lock().await;
        self.require().await?;
        self.store.revoke_all(self.name, &Address::Kv(self.path.clone())).await?;
        self.store.client.delete(&self.path.data()).await?;
        Ok(DeletionOutcome::Gone)
    }

    /// Writes the value; again when the answer is lost, because it then is the same.
    async fn write(&self, data: &Data) -> Result<(), Failure> {
        let path = self.path.data();
        match self.store.client.write_once(&path, data.bare_body()).await {
            Err(ApiError::Lost { .. } | ApiError::NotReady { .. }) => {
                self.store.client.write_once(&path, data.bare_body()).await?;
                Ok(())
            }
            written => Ok(written.map(drop)?),
        }
    }

    async fn require(&self) -> Result<(), Failure> {
        if self.exists().await? { Ok(()) } else { Err(StoreError::secret_not_found(KIND, self.name).into()) }
    }

    async fn exists(&self) -> Result<bool, ApiError> {
        let (folder, leaf) = match self.path.path.rsplit_once('/') {
            Some((folder, leaf)) => (format!("{}/{folder}/", self.path.mount), leaf),
            None => (format!("{}/", self.path.mount), self.path.path.as_str()),
        };
        Ok(self.store.client.list(&folder).await?.iter().any(|key| key == leaf))
    }

    async fn lock(&self) -> tokio::sync::OwnedMutexGuard<()> {
        self.store.locks.of(&self.path.data()).await
    }
}
