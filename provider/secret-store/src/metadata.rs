//! Everything public about a secret: safe to print, to put in a plan, and to compare for drift.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::name::SecretName;
use crate::rotation::RotationStatus;
use crate::version::{Version, VersionLabel, VersionSelector};

/// What a user says about a secret besides its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it, for example a team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The store's customer-managed key that encrypts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// From then on it should not be used; the embedded store refuses to read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The user's own labels on the whole secret.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The provider's own notes, such as the generator's rule or a public key. Never a value, never a hash of one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Copies in other regions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replicas: Vec<Replica>,
    /// How many versions are kept, and for how long.
    #[serde(skip_serializing_if = "VersionRetention::is_default")]
    pub retention: VersionRetention,
}

/// Limits on versions that the store itself enforces. What is `None` is the store's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VersionRetention {
    /// How many are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_versions: Option<u32>,
    /// How long after it is made a version is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_version_after: Option<SignedDuration>,
}

impl VersionRetention {
    /// True when the store's defaults hold.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A copy in another region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Replica {
    /// The platform's region name.
    pub region: String,
    /// The key that encrypts the copy, in that region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
}

/// The store's own identity of a secret. Deleting a secret for good and making it again under the same name gives another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretId(pub String);

impl fmt::Display for SecretId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Which state of a secret's metadata was seen (an etag): differs after every change of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub String);

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A deletion that can still be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledDeletion {
    /// When it was asked for.
    pub deleted_at: Timestamp,
    /// When the secret is gone for good; `None` where the store keeps it until somebody purges it.
    pub until: Option<Timestamp>,
}

/// A secret as metadata rights show it: no value, no hash of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretDescription {
    /// Its name.
    pub name: SecretName,
    /// The store's identity of it.
    pub id: SecretId,
    /// The platform's full address of it (an ARN in AWS, `local:<name>` in the embedded store).
    pub arn: String,
    /// What users said about it.
    pub metadata: Metadata,
    /// Live versions, oldest first.
    pub versions: Vec<Version>,
    /// Set while it is deleted but recoverable.
    pub deletion: Option<ScheduledDeletion>,
    /// The store's own rotation, when it has been scheduled.
    pub rotation: Option<RotationStatus>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// The metadata's state, for [`crate::Store::update`].
    pub revision: Revision,
}

impl SecretDescription {
    /// The version that has a label now.
    #[must_use]
    pub fn version_with(&self, label: &VersionLabel) -> Option<&Version> {
        self.versions.iter().find(|version| version.has(label))
    }

    /// The version readers get, if there is any.
    #[must_use]
    pub fn current(&self) -> Option<&Version> {
        self.version_with(&VersionLabel::Current)
    }

    /// The version a selector means now.
    #[must_use]
    pub fn select(&self, selector: &VersionSelector) -> Option<&Version> {
        match selector {
            VersionSelector::Id(id) => self.versions.iter().find(|version| version.id == *id),
            VersionSelector::Label(label) => self.version_with(label),
        }
    }
}
