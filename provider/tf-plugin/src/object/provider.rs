//! The provider itself: its configuration block, and the list of everything it offers.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Action, ClientCapabilities, Context, DataSource, EphemeralResource, Function, ListResource, Model,
    Resource,
};
use crate::adapter::{
    ActionAdapter, DataSourceAdapter, DynAction, DynDataSource, DynEphemeral, DynFunction, DynList,
    DynResource, EphemeralAdapter, FunctionAdapter, ListAdapter, ResourceAdapter,
};
use crate::{Diagnostics, Schema};

/// A Terraform provider. Give it to [`serve`](crate::serve).
///
/// Terraform starts many short-lived processes per command (five for one `plan`), some concurrently, some of them never
/// configured: keep nothing in the process that another one needs, and start quickly.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// The provider block.
    type Config: Model;
    /// What the configured provider shares with its objects: clients, settings. Cheap to clone (an `Arc`).
    type Client: Clone + Send + Sync + 'static;

    /// The schema of the provider block. Write-only attributes are not allowed in it.
    fn schema(&self) -> Schema;

    /// Everything the provider offers. Called once, when the process starts.
    fn objects(&self) -> Objects<Self::Client>;

    /// Checks the provider block. Called at validate and at plan, possibly several times; anything may be unknown.
    async fn validate(&self, _config: Self::Config, _context: Context) -> Diagnostics {
        Diagnostics::new()
    }

    /// Makes the client. Called once per process before anything that needs the client; at plan, a value may be unknown
    /// when it depends on a resource that does not exist yet. Return a client nevertheless when you can, and let it fail
    /// at its first use; at apply everything is known.
    ///
    /// # Errors
    /// Diagnostics for the user; Terraform then stops.
    async fn configure(&self, request: ConfigureRequest<Self::Config>) -> Result<Self::Client, Diagnostics>;

    /// Gives back what a client holds for this process, such as a token of its own. Called once per client when the process
    /// ends in order: Terraform asked for its end, it was told to end by a signal, or its Terraform is gone. Not called by
    /// an interrupt of the user alone, after which Terraform still closes what is open, nor for a process that was never
    /// configured, nor when the process is killed: what must not outlive it has to end by itself as well.
    ///
    /// There is about a second for it before Terraform kills the process, and nobody reads what goes wrong.
    async fn close(&self, _client: Self::Client) {}
}

/// Terraform configures the provider.
pub struct ConfigureRequest<C> {
    /// The provider block; an unset block too is given, with null attributes.
    pub config: C,
    /// The version of the calling Terraform, such as `1.11.4`. Ask for capabilities rather than versions.
    pub terraform_version: String,
    /// What the calling Terraform can do.
    pub capabilities: ClientCapabilities,
    /// The rest.
    pub context: Context,
}

/// Everything a provider offers, by the name users write.
///
/// Type names start with the provider's local name (`note`, `note_label`); functions have bare names.
pub struct Objects<C> {
    pub(crate) resources: BTreeMap<String, Arc<dyn DynResource<C>>>,
    pub(crate) data_sources: BTreeMap<String, Arc<dyn DynDataSource<C>>>,
    pub(crate) ephemeral_resources: BTreeMap<String, Arc<dyn DynEphemeral<C>>>,
    pub(crate) functions: BTreeMap<String, Arc<dyn DynFunction>>,
    pub(crate) actions: BTreeMap<String, Arc<dyn DynAction<C>>>,
    pub(crate) list_resources: BTreeMap<String, Arc<dyn DynList<C>>>,
}

impl<C> Default for Objects<C> {
    fn default() -> Self {
        Self {
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            ephemeral_resources: BTreeMap::new(),
            functions: BTreeMap::new(),
            actions: BTreeMap::new(),
            list_resources: BTreeMap::new(),
        }
    }
}

impl<C: Clone + Send + Sync + 'static> Objects<C> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a resource.
    #[must_use]
    pub fn resource<R: Resource<Client = C>>(mut self, type_name: impl Into<String>, resource: R) -> Self {
        self.resources.insert(type_name.into(), Arc::new(ResourceAdapter::new(resource)));
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn data_source<D: DataSource<Client = C>>(mut self, type_name: impl Into<String>, source: D) -> Self {
        self.data_sources.insert(type_name.into(), Arc::new(DataSourceAdapter::new(source)));
        self
    }

    /// Adds an ephemeral resource (Terraform ≥ 1.10, OpenTofu ≥ 1.11).
    #[must_use]
    pub fn ephemeral_resource<E: EphemeralResource<Client = C>>(
        mut self,
        type_name: impl Into<String>,
        ephemeral: E,
    ) -> Self {
        self.ephemeral_resources.insert(type_name.into(), Arc::new(EphemeralAdapter::new(ephemeral)));
        self
    }

    /// Adds a function (Terraform ≥ 1.8), called as `provider::<local name>::<name>(…)`.
    #[must_use]
    pub fn function<F: Function>(mut self, name: impl Into<String>, function: F) -> Self {
        self.functions.insert(name.into(), Arc::new(FunctionAdapter::new(function)));
        self
    }

    /// Adds an action (Terraform ≥ 1.14).
    #[must_use]
    pub fn action<A: Action<Client = C>>(mut self, type_name: impl Into<String>, action: A) -> Self {
        self.actions.insert(type_name.into(), Arc::new(ActionAdapter::new(action)));
        self
    }

    /// Adds a list resource (Terraform ≥ 1.14, `terraform query`). A managed resource of the same name, with an identity
    /// schema, must be registered too.
    #[must_use]
    pub fn list_resource<L: ListResource<Client = C>>(
        mut self,
        type_name: impl Into<String>,
        list: L,
    ) -> Self {
        self.list_resources.insert(type_name.into(), Arc::new(ListAdapter::new(list)));
        self
    }
}
