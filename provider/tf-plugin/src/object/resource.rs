//! Managed resources: what Terraform creates, updates, replaces and deletes, and remembers in state.

use async_trait::async_trait;

use super::resource_requests::{
    Applied, CreateRequest, DeleteRequest, ImportRequest, Imported, MoveRequest, Moved, PlanDestroyRequest,
    PlanRequest, Planned, ReadRequest, Refreshed, UpdateRequest, UpgradeRequest,
};
use super::{Context, Model};
use crate::schema::IdentitySchema;
use crate::{Diagnostic, Diagnostics, Schema};

/// A managed resource.
///
/// Write-only attributes are present in `config` only. Whatever the methods return, the server makes them null; no
/// resource can forget.
///
/// `Err(Diagnostics)` means "nothing was changed": a failed create is then not recorded. Once something exists
/// remotely, call [`Checkpoint::save`](super::Checkpoint::save), or return [`Applied`] with error diagnostics in it:
/// then the object is recorded and no orphan is left behind, whatever happens afterwards.
#[async_trait]
pub trait Resource: Sized + Send + Sync + 'static {
    /// The provider's client.
    type Client: Clone + Send + Sync + 'static;
    /// Configuration, plan and state.
    type Model: Model;
    /// The identity; [`NoIdentity`](super::NoIdentity) when there is none.
    type Identity: Model;
    /// Private data, stored in state next to the object and shown to nobody (not encrypted: no secrets). `()` for none.
    type Private: Model;

    /// The schema. Called once.
    fn schema(&self) -> Schema;

    /// The schema of the identity, if there is one. Called once.
    fn identity_schema(&self) -> Option<IdentitySchema> {
        None
    }

    /// The identity of an object, taken from its state. Called after every read, create, update and import that did not
    /// give one itself. Must be given when there is an identity schema.
    fn identity(&self, _state: &Self::Model) -> Option<Self::Identity> {
        None
    }

    /// Checks the configuration. Called at validate and again at plan, unconfigured; any value may be unknown, so check
    /// only what is known. Write-only values are present.
    async fn validate(&self, _config: Self::Model, _context: Context) -> Diagnostics {
        Diagnostics::new()
    }

    /// Reads the remote object. Called at the start of every plan and after an import; there is no configuration.
    /// Everything in the state is known; after an import, all is null but what the import gave.
    ///
    /// # Errors
    /// Diagnostics for the user. For an object that is gone return [`Refreshed::gone`] instead.
    async fn read(
        &self,
        client: &Self::Client,
        request: ReadRequest<Self>,
    ) -> Result<Refreshed<Self>, Diagnostics>;

    /// Plans a creation or an update. Called at plan and again at apply, where more is known; what was known in the first
    /// plan must be the same in the second, so nothing derived from a clock may be a known value here.
    ///
    /// Given is the proposed state: the configuration, and where it is null in a computed attribute, the prior value (on
    /// update) or unknown (on create). Allowed are changes to attributes that are computed and null in the
    /// configuration. Replacement paths of attributes with [`requires_replace`](crate::Attribute::requires_replace) are
    /// added by the server. On a replacement Terraform calls it twice: as an update, then as a creation.
    ///
    /// # Errors
    /// Diagnostics for the user; Terraform then stops.
    async fn plan(
        &self,
        _client: &Self::Client,
        request: PlanRequest<Self>,
    ) -> Result<Planned<Self>, Diagnostics> {
        Ok(Planned::new(request.proposed))
    }

    /// Looks at a planned deletion. There is no configuration and nothing to decide; it may warn, or refuse.
    ///
    /// # Errors
    /// Diagnostics that forbid the deletion.
    async fn plan_destroy(
        &self,
        _client: &Self::Client,
        _request: PlanDestroyRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        Ok(Diagnostics::new())
    }

    /// Creates the object. Everything in the configuration is known, write-only values are present; in the planned state
    /// only what was planned as unknown is unknown. The state returned must repeat every known planned value and fill in
    /// every unknown.
    ///
    /// # Errors
    /// Diagnostics, when nothing was created (or see [`Checkpoint`](super::Checkpoint)).
    async fn create(
        &self,
        client: &Self::Client,
        request: CreateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics>;

    /// Changes the object. As [`create`](Self::create), with the prior state.
    ///
    /// # Errors
    /// Diagnostics, when nothing was changed: the prior state is kept (or see [`Checkpoint`](super::Checkpoint)).
    async fn update(
        &self,
        client: &Self::Client,
        request: UpdateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics>;

    /// Deletes the object. There is no configuration, and no write-only value. An object that is gone already is deleted:
    /// return `Ok`.
    ///
    /// # Errors
    /// Diagnostics, when it still exists: the state is kept.
    async fn delete(
        &self,
        client: &Self::Client,
        request: DeleteRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics>;

    /// Finds an existing object by id, or by identity (Terraform ≥ 1.12). Fill in what [`read`](Self::read) needs: Terraform
    /// calls it next.
    ///
    /// # Errors
    /// Diagnostics for the user.
    async fn import(
        &self,
        _client: &Self::Client,
        request: ImportRequest<Self>,
    ) -> Result<Imported<Self>, Diagnostics> {
        Err(Diagnostic::error(format!("`{}` cannot be imported", request.context.type_name)).into())
    }

    /// Turns a state written under an older schema version into one of today. Called unconfigured, only for older
    /// versions: a state of today's version is passed on by the server, without attributes that no longer exist.
    ///
    /// # Errors
    /// Diagnostics for the user.
    async fn upgrade_state(&self, request: UpgradeRequest) -> Result<Self::Model, Diagnostics> {
        Err(Diagnostic::error(format!(
            "`{}` cannot read a state of version {}",
            request.context.type_name, request.version
        ))
        .detail("This version of the provider has no upgrade from it. Use an older version of the provider first.")
        .into())
    }

    /// Takes over an object from another resource type (`moved` blocks, Terraform ≥ 1.8). Called unconfigured. `None` when
    /// the source is none this resource can take over.
    ///
    /// # Errors
    /// Diagnostics for the user.
    async fn move_state(&self, _request: MoveRequest) -> Result<Option<Moved<Self>>, Diagnostics> {
        Ok(None)
    }
}
