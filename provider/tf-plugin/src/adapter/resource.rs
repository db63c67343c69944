//! The adapter of [`Resource`].

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    DynApply, DynPlan, DynPlanned, DynResource, Outcome, Probes, Stored, encode_private_optional, probe_of,
    read, read_private, write, write_optional,
};
use crate::object::{
    Applied, Change, Checkpoint, Context, CreateRequest, DeleteRequest, ImportRequest, ImportTarget,
    MoveRequest, PlanDestroyRequest, PlanRequest, ReadRequest, Resource, UpdateRequest, UpgradeRequest,
};
use crate::schema::IdentitySchema;
use crate::{Diagnostics, Dynamic, Schema};

pub(crate) struct ResourceAdapter<R> {
    resource: R,
}

impl<R: Resource> ResourceAdapter<R> {
    pub(crate) fn new(resource: R) -> Self {
        Self { resource }
    }

    /// The tree of a state, and its identity if the author gave none.
    fn finish(
        &self,
        state: Option<&R::Model>,
        private: Option<&R::Private>,
        identity: Option<R::Identity>,
        diagnostics: Diagnostics,
    ) -> Result<Outcome, Diagnostics> {
        let with_identity = self.resource.identity_schema().is_some();
        let identity = identity
            .or_else(|| state.filter(|_| with_identity).and_then(|state| self.resource.identity(state)));
        Ok(Outcome {
            state: write_optional(state)?,
            private: encode_private_optional(private)?,
            identity: write_optional(identity.as_ref().filter(|_| with_identity))?,
            diagnostics,
        })
    }
}

fn read_identity<R: Resource>(identity: Option<Dynamic>) -> Result<Option<R::Identity>, Diagnostics> {
    identity.filter(|tree| !tree.is_null()).map(read).transpose()
}

#[async_trait]
impl<R: Resource> DynResource<R::Client> for ResourceAdapter<R> {
    fn schema(&self) -> Schema {
        self.resource.schema()
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        self.resource.identity_schema()
    }

    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics {
        match read(config) {
            Ok(config) => self.resource.validate(config, context).await,
            Err(diagnostics) => diagnostics,
        }
    }

    async fn read(
        &self,
        client: &R::Client,
        stored: Stored,
        context: Context,
    ) -> Result<Outcome, Diagnostics> {
        let request = ReadRequest {
            state: read(stored.state)?,
            private: read_private(&stored.private)?,
            identity: read_identity::<R>(stored.identity)?,
            context,
        };
        let refreshed = self.resource.read(client, request).await?;
        self.finish(
            refreshed.state.as_ref(),
            refreshed.private.as_ref(),
            refreshed.identity,
            refreshed.diagnostics,
        )
    }

    async fn plan(
        &self,
        client: &R::Client,
        plan: DynPlan,
        context: Context,
    ) -> Result<DynPlanned, Diagnostics> {
        let change = match plan.prior {
            Dynamic::Null => Change::Create,
            prior => Change::Update { prior: read(prior)? },
        };
        let request = PlanRequest {
            change,
            config: read(plan.config)?,
            proposed: read(plan.proposed)?,
            private: read_private(&plan.private)?,
            identity: read_identity::<R>(plan.identity)?,
            context,
        };
        let planned = self.resource.plan(client, request).await?;
        Ok(DynPlanned {
            state: write(&planned.state)?,
            requires_replace: planned.requires_replace,
            private: encode_private_optional(planned.private.as_ref())?,
            diagnostics: planned.diagnostics,
        })
    }

    async fn plan_destroy(
        &self,
        client: &R::Client,
        prior: Stored,
        context: Context,
    ) -> Result<Diagnostics, Diagnostics> {
        let request = PlanDestroyRequest {
            prior: read(prior.state)?,
            private: read_private(&prior.private)?,
            identity: read_identity::<R>(prior.identity)?,
            context,
        };
        self.resource.plan_destroy(client, request).await
    }

    async fn apply(
        &self,
        client: &R::Client,
        apply: DynApply,
        context: Context,
    ) -> Result<Outcome, Diagnostics> {
        let config = read(apply.config)?;
        let planned = read(apply.planned)?;
        let private = read_private(&apply.private)?;
        let checkpoint = Checkpoint::from_record(Arc::clone(&apply.checkpoint));
        let applied: Applied<R> = match apply.prior {
            Dynamic::Null => {
                let request = CreateRequest { config, planned, private, checkpoint, context };
                self.resource.create(client, request).await?
            }
            prior => {
                let prior = read(prior)?;
                let identity = read_identity::<R>(apply.identity)?;
                let request =
                    UpdateRequest { config, prior, planned, private, identity, checkpoint, context };
                self.resource.update(client, request).await?
            }
        };
        self.finish(applied.state.as_ref(), applied.private.as_ref(), applied.identity, applied.diagnostics)
    }

    async fn delete(
        &self,
        client: &R::Client,
        prior: Stored,
        context: Context,
    ) -> Result<Diagnostics, Diagnostics> {
        let request = DeleteRequest {
            prior: read(prior.state)?,
            private: read_private(&prior.private)?,
            identity: read_identity::<R>(prior.identity)?,
            context,
        };
        self.resource.delete(client, request).await
    }

    async fn import(
        &self,
        client: &R::Client,
        target: ImportTarget<Dynamic>,
        context: Context,
    ) -> Result<Outcome, Diagnostics> {
        let target = match target {
            ImportTarget::Id(id) => ImportTarget::Id(id),
            ImportTarget::Identity(identity) => ImportTarget::Identity(read(identity)?),
        };
        let imported = self.resource.import(client, ImportRequest { target, context }).await?;
        self.finish(Some(&imported.state), imported.private.as_ref(), imported.identity, imported.diagnostics)
    }

    async fn upgrade_state(&self, request: UpgradeRequest) -> Result<Dynamic, Diagnostics> {
        let upgraded = self.resource.upgrade_state(request).await?;
        write(&upgraded)
    }

    async fn move_state(&self, request: MoveRequest) -> Result<Option<Outcome>, Diagnostics> {
        let Some(moved) = self.resource.move_state(request).await? else { return Ok(None) };
        self.finish(Some(&moved.state), moved.private.as_ref(), moved.identity, moved.diagnostics).map(Some)
    }

    fn identity_of(&self, state: &Dynamic) -> Option<Dynamic> {
        self.resource.identity_schema()?;
        let model = read(state.clone()).ok()?;
        write(&self.resource.identity(&model)?).ok()
    }

    fn probe(&self) -> Probes {
        Probes { model: probe_of::<R::Model>(), identity: probe_of::<R::Identity>() }
    }
}
