//! The traits a provider implements, one per kind of Terraform object, with their requests and outcomes.
//! Read [`Provider`] first, then [`Resource`].

mod action;
mod data_source;
mod ephemeral;
mod function;
mod list_resource;
mod provider;
mod resource;
mod resource_requests;
mod schemas;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

pub use action::{Action, InvokeRequest, Progress};
pub use data_source::{DataSource, ReadDataRequest};
pub use ephemeral::{CloseRequest, EphemeralResource, OpenRequest, Opened, RenewRequest, Renewed};
pub use function::{Function, FunctionError, NullArguments, Parameter, Signature};
pub use list_resource::{ListRequest, ListResource, ListSink, Listed, ListingEnded, ResourceWanted};
pub use provider::{ConfigureRequest, Objects, Provider};
pub use resource::Resource;
pub use resource_requests::{
    Applied, Change, Checkpoint, CreateRequest, DeleteRequest, ImportRequest, ImportTarget, Imported,
    MoveRequest, Moved, PlanDestroyRequest, PlanRequest, Planned, RawState, ReadRequest, Refreshed,
    UpdateRequest, UpgradeRequest,
};
pub use schemas::ObjectSchemas;

pub(crate) use resource_requests::{CheckpointRecord, private_bytes};

/// What a schema is read into and written from: a serde struct with one field per attribute and block, most of them
/// [`Value<T>`](crate::Value). [`Dynamic`](crate::Dynamic) is one too.
pub trait Model: Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Model for T {}

/// What every request carries beside its own content.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The type name the object is registered under, such as `note`.
    pub type_name: Arc<str>,
    /// What the calling Terraform can do. All false where the protocol does not say (apply, open).
    pub capabilities: ClientCapabilities,
    /// Cancelled when the user interrupts Terraform. Finish quickly: undo or complete the remote step at hand, report
    /// what exists (see [`Checkpoint`]), return. Plan, read, validate and data sources are simply dropped.
    pub cancellation: CancellationToken,
}

/// What the calling Terraform can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// It may be answered with "deferred". This library never does: the answer is not stable in core.
    pub deferral_allowed: bool,
    /// It keeps write-only attributes out of plan and state (Terraform and OpenTofu ≥ 1.11). Where it does not, the
    /// server refuses configurations that set one.
    pub write_only_attributes_allowed: bool,
}

/// The identity of a resource that has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NoIdentity {}
