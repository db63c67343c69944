//! One trait over the places where secrets are kept. It knows nothing of Terraform: the provider speaks to a
//! [`Store`] and never to a cloud, and a new cloud is one folder here plus one call of the contract suite.
//!
//! Read [`store`] first: the trait says what every store promises. A value lives in [`SecretValue`] and
//! nowhere else; everything in [`SecretDescription`] is public and may be printed.

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "contract")]
pub mod contract;
pub mod error;
pub mod generate;
pub mod grant;
pub mod json;
pub mod local;
#[cfg(any(feature = "aws", feature = "vault"))]
mod locks;
pub mod memory;
pub mod metadata;
pub mod name;
mod record;
pub mod rotation;
pub mod store;
pub mod value;
#[cfg(feature = "vault")]
pub mod vault;
pub mod version;

pub use error::{Action, Invalid, StoreError};
pub use grant::{
    Access, AccessReport, AccessSet, Accessor, AgeRecipient, Condition, Grant, GrantId, GrantPlace,
    GrantSpec, Principal, Revocation,
};
pub use metadata::{
    Metadata, Replica, Revision, ScheduledDeletion, SecretDescription, SecretId, VersionRetention,
};
pub use name::SecretName;
pub use rotation::{DatabaseLogin, FirstRotation, RotationSchedule, RotationSpec, RotationStatus, Rotator};
pub use store::{
    Capabilities, CreateSecret, DeletedSecrets, Deletion, DeletionOutcome, DescriptionStream, Lease, LeaseId,
    LeaseRequest, LeaseTerm, Leases, ListFilter, MoveLabel, Promotion, PutVersion, ReadSecret, Renewal,
    RotateNow, Store, Support,
};
pub use value::SecretValue;
pub use version::{IdempotencyToken, Version, VersionId, VersionLabel, VersionSelector};

/// What every call of this crate that reaches a store returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
