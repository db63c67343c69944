//! From typed objects to one shape the server can hold: every trait of `object` has here a twin over [`Dynamic`] trees,
//! and an adapter that reads models from trees before the author's code and writes trees after it.

mod others;
mod resource;

use std::time::SystemTime;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

pub(crate) use others::{ActionAdapter, DataSourceAdapter, EphemeralAdapter, FunctionAdapter, ListAdapter};
pub(crate) use resource::ResourceAdapter;

use crate::model::{self, ModelError};
use crate::object::{
    Context, FunctionError, ImportTarget, MoveRequest, Progress, ResourceWanted, Signature, UpgradeRequest,
};
use crate::schema::IdentitySchema;
use crate::{AttributePath, Diagnostic, Diagnostics, Dynamic, Schema};

/// An object with what Terraform stores beside it, as it comes in.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) state: Dynamic,
    pub(crate) private: Vec<u8>,
    pub(crate) identity: Option<Dynamic>,
}

/// An object with what Terraform stores beside it, as it goes out. `None` leaves it to the server.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) state: Option<Dynamic>,
    pub(crate) private: Option<Vec<u8>>,
    pub(crate) identity: Option<Dynamic>,
    pub(crate) diagnostics: Diagnostics,
}

pub(crate) struct DynPlan {
    /// Null on create.
    pub(crate) prior: Dynamic,
    pub(crate) config: Dynamic,
    pub(crate) proposed: Dynamic,
    pub(crate) private: Vec<u8>,
    pub(crate) identity: Option<Dynamic>,
}

pub(crate) struct DynPlanned {
    pub(crate) state: Dynamic,
    pub(crate) requires_replace: Vec<AttributePath>,
    pub(crate) private: Option<Vec<u8>>,
    pub(crate) diagnostics: Diagnostics,
}

pub(crate) struct DynApply {
    /// Null on create.
    pub(crate) prior: Dynamic,
    pub(crate) config: Dynamic,
    pub(crate) planned: Dynamic,
    pub(crate) private: Vec<u8>,
    pub(crate) identity: Option<Dynamic>,
    pub(crate) checkpoint: CheckpointSlot,
}

pub(crate) type CheckpointSlot = std::sync::Arc<std::sync::Mutex<Option<crate::object::CheckpointRecord>>>;

/// Twin of [`Resource`](crate::Resource).
#[async_trait]
pub(crate) trait DynResource<C>: Send + Sync {
    fn schema(&self) -> Schema;
    fn identity_schema(&self) -> Option<IdentitySchema>;
    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics;
    async fn read(&self, client: &C, stored: Stored, context: Context) -> Result<Outcome, Diagnostics>;
    async fn plan(&self, client: &C, plan: DynPlan, context: Context) -> Result<DynPlanned, Diagnostics>;
    async fn plan_destroy(
        &self,
        client: &C,
        prior: Stored,
        context: Context,
    ) -> Result<Diagnostics, Diagnostics>;
    async fn apply(&self, client: &C, apply: DynApply, context: Context) -> Result<Outcome, Diagnostics>;
    async fn delete(&self, client: &C, prior: Stored, context: Context) -> Result<Diagnostics, Diagnostics>;
    async fn import(
        &self,
        client: &C,
        target: ImportTarget<Dynamic>,
        context: Context,
    ) -> Result<Outcome, Diagnostics>;
    async fn upgrade_state(&self, request: UpgradeRequest) -> Result<Dynamic, Diagnostics>;
    async fn move_state(&self, request: MoveRequest) -> Result<Option<Outcome>, Diagnostics>;
    /// The identity the author's code takes from a state, if it can.
    fn identity_of(&self, state: &Dynamic) -> Option<Dynamic>;
    /// The model's and the identity's reading and writing, for the check of schema against model.
    fn probe(&self) -> Probes;
}

/// Twin of [`DataSource`](crate::DataSource).
#[async_trait]
pub(crate) trait DynDataSource<C>: Send + Sync {
    fn schema(&self) -> Schema;
    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics;
    async fn read(
        &self,
        client: &C,
        config: Dynamic,
        context: Context,
    ) -> Result<(Dynamic, Diagnostics), Diagnostics>;
    fn probe(&self) -> Probe;
}

pub(crate) struct DynOpened {
    pub(crate) result: Dynamic,
    pub(crate) private: Option<Vec<u8>>,
    pub(crate) renew_at: Option<SystemTime>,
    pub(crate) diagnostics: Diagnostics,
}

/// Twin of [`EphemeralResource`](crate::EphemeralResource). A renewal has a null result.
#[async_trait]
pub(crate) trait DynEphemeral<C>: Send + Sync {
    fn schema(&self) -> Schema;
    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics;
    async fn open(&self, client: &C, config: Dynamic, context: Context) -> Result<DynOpened, Diagnostics>;
    async fn renew(&self, client: &C, private: Vec<u8>, context: Context) -> Result<DynOpened, Diagnostics>;
    async fn close(&self, client: &C, private: Vec<u8>, context: Context)
    -> Result<Diagnostics, Diagnostics>;
    fn probe(&self) -> Probe;
}

/// Twin of [`Function`](crate::Function).
#[async_trait]
pub(crate) trait DynFunction: Send + Sync {
    fn signature(&self) -> Signature;
    async fn call(&self, arguments: Vec<Dynamic>) -> Result<Dynamic, FunctionError>;
}

/// Twin of [`Action`](crate::Action).
#[async_trait]
pub(crate) trait DynAction<C>: Send + Sync {
    fn schema(&self) -> Schema;
    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics;
    async fn plan(&self, client: &C, config: Dynamic, context: Context) -> Result<Diagnostics, Diagnostics>;
    async fn invoke(
        &self,
        client: &C,
        config: Dynamic,
        progress: Progress,
        context: Context,
    ) -> Result<Diagnostics, Diagnostics>;
    fn probe(&self) -> Probe;
}

pub(crate) struct DynListed {
    pub(crate) identity: Dynamic,
    pub(crate) display_name: String,
    pub(crate) resource: Option<Dynamic>,
    pub(crate) diagnostics: Diagnostics,
}

/// Twin of [`ListResource`](crate::ListResource).
#[async_trait]
pub(crate) trait DynList<C>: Send + Sync {
    fn schema(&self) -> Schema;
    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics;
    async fn list(
        &self,
        client: &C,
        request: DynListRequest,
        sink: mpsc::Sender<Result<DynListed, Diagnostics>>,
    ) -> Result<(), Diagnostics>;
    fn probe(&self) -> Probe;
}

pub(crate) struct DynListRequest {
    pub(crate) config: Dynamic,
    pub(crate) resource_wanted: ResourceWanted,
    pub(crate) limit: usize,
    pub(crate) context: Context,
}

/// Reads a tree into a model and writes it back: what the check of schema against model tries out.
pub(crate) type Probe = fn(Dynamic) -> Result<Result<Dynamic, ModelError>, ModelError>;

/// The probes of a resource.
pub(crate) struct Probes {
    pub(crate) model: Probe,
    pub(crate) identity: Probe,
}

pub(crate) fn probe_of<T: Serialize + DeserializeOwned>() -> Probe {
    |tree| model::from_dynamic::<T>(tree).map(|read| model::to_dynamic(&read))
}

fn read<T: DeserializeOwned>(tree: Dynamic) -> Result<T, Diagnostics> {
    model::from_dynamic(tree).map_err(ModelError::into_diagnostics)
}

fn write<T: Serialize>(value: &T) -> Result<Dynamic, Diagnostics> {
    model::to_dynamic(value).map_err(ModelError::into_diagnostics)
}

fn write_optional<T: Serialize>(value: Option<&T>) -> Result<Option<Dynamic>, Diagnostics> {
    value.map(write).transpose()
}

fn read_private<T: DeserializeOwned>(bytes: &[u8]) -> Result<Option<T>, Diagnostics> {
    if bytes.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(bytes).map(Some).map_err(|_| {
        Diagnostic::error("the private data of the object cannot be read")
            .detail("It was written by another version of the provider. Use that version, or remove the object from the state and import it again.")
            .into()
    })
}

/// Private data as it is stored.
pub(crate) fn encode_private<T: Serialize>(private: &T) -> Result<Vec<u8>, Diagnostics> {
    crate::object::private_bytes(private).map_err(|_| {
        Diagnostic::error("the private data of the object cannot be written")
            .detail("This is a bug in the provider; please report it to its authors.")
            .into()
    })
}

fn encode_private_optional<T: Serialize>(private: Option<&T>) -> Result<Option<Vec<u8>>, Diagnostics> {
    private.map(encode_private).transpose()
}
