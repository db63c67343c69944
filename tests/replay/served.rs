//! The recorded types as objects of a provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use tf_plugin::schema::{Block, Schema};
use tf_plugin::{
    Applied, Change, ConfigureRequest, CreateRequest, DataSource, DeleteRequest, Diagnostic, Diagnostics,
    Dynamic, EphemeralResource, NoIdentity, Objects, OpenRequest, Opened, PlanRequest, Planned, Provider,
    ReadDataRequest, ReadRequest, Refreshed, Resource, UpdateRequest, async_trait,
};

use crate::schemas::{Defaults, Recorded};
use crate::{document, planning};

/// A provider that plans what a recording tells.
pub(crate) struct Replay {
    recorded: Arc<Recorded>,
}

impl Replay {
    pub(crate) fn new(recorded: Recorded) -> Self {
        Self { recorded: Arc::new(recorded) }
    }
}

#[async_trait]
impl Provider for Replay {
    type Config = Dynamic;
    type Client = ();

    fn schema(&self) -> Schema {
        self.recorded.provider.served(&Defaults::new())
    }

    fn objects(&self) -> Objects<()> {
        let recorded = &self.recorded;
        let mut objects = Objects::new();
        for (name, schema) in &recorded.resource_schemas {
            let defaults = recorded.defaults(name);
            let replaced_by = recorded.replaced_by.get(name).cloned().unwrap_or_default();
            let schema = schema.served(&defaults);
            objects = objects.resource(name, PlannedType { schema, defaults, replaced_by });
        }
        for (name, schema) in &recorded.data_source_schemas {
            let schema = schema.served(&Defaults::new());
            if name == "aws_iam_policy_document" {
                objects = objects.data_source(name, PolicyDocument { schema });
            } else {
                let row = recorded.rows.get(name).into_iter().flatten();
                let row = row.map(|(name, value)| (name.clone(), planning::plain(value))).collect();
                objects = objects.data_source(name, Row { schema, row });
            }
        }
        for (name, schema) in &recorded.ephemeral_resource_schemas {
            objects = objects.ephemeral_resource(name, Invented { schema: schema.served(&Defaults::new()) });
        }
        objects
    }

    async fn configure(&self, _request: ConfigureRequest<Dynamic>) -> Result<(), Diagnostics> {
        Ok(())
    }
}

/// A resource type that can be planned.
struct PlannedType {
    schema: Schema,
    defaults: Defaults,
    /// Attributes that cannot be changed in place.
    replaced_by: Vec<String>,
}

#[async_trait]
impl Resource for PlannedType {
    type Client = ();
    type Model = Dynamic;
    type Identity = NoIdentity;
    type Private = ();

    fn schema(&self) -> Schema {
        self.schema.clone()
    }

    async fn read(&self, _client: &(), request: ReadRequest<Self>) -> Result<Refreshed<Self>, Diagnostics> {
        Ok(Refreshed::new(request.state))
    }

    async fn plan(&self, _client: &(), request: PlanRequest<Self>) -> Result<Planned<Self>, Diagnostics> {
        Ok(match request.change {
            Change::Create => {
                Planned::new(planning::creation(&self.schema.block, &request.config, &self.defaults))
            }
            // Terraform looks itself which of them did change.
            Change::Update { .. } => self.replaced_by.iter().map(String::as_str).fold(
                Planned::new(planning::change(&request.config, request.proposed, &self.defaults)),
                Planned::replace_for,
            ),
        })
    }

    async fn create(
        &self,
        _client: &(),
        _request: CreateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        Err(only_plans())
    }

    async fn update(
        &self,
        _client: &(),
        _request: UpdateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        Err(only_plans())
    }

    async fn delete(&self, _client: &(), _request: DeleteRequest<Self>) -> Result<Diagnostics, Diagnostics> {
        Err(only_plans())
    }
}

fn only_plans() -> Diagnostics {
    Diagnostic::error("a replayed provider only plans")
        .detail("It serves recorded schemas for the plans of examples/rules. Apply with the real provider.")
        .into()
}

/// A data source that returns what was recorded.
struct Row {
    schema: Schema,
    row: BTreeMap<String, Dynamic>,
}

#[async_trait]
impl DataSource for Row {
    type Client = ();
    type Model = Dynamic;

    fn schema(&self) -> Schema {
        self.schema.clone()
    }

    async fn read(
        &self,
        _client: &(),
        request: ReadDataRequest<Self>,
    ) -> Result<(Dynamic, Diagnostics), Diagnostics> {
        Ok((planning::result(&self.schema.block, &request.config, &self.row), Diagnostics::new()))
    }
}

/// `aws_iam_policy_document`, which needs no account and is therefore computed for real.
struct PolicyDocument {
    schema: Schema,
}

#[async_trait]
impl DataSource for PolicyDocument {
    type Client = ();
    type Model = Dynamic;

    fn schema(&self) -> Schema {
        self.schema.clone()
    }

    async fn read(
        &self,
        _client: &(),
        request: ReadDataRequest<Self>,
    ) -> Result<(Dynamic, Diagnostics), Diagnostics> {
        let row = document::read(&request.config)
            .map_err(|message| Diagnostic::error("writing IAM Policy Document").detail(message))?;
        Ok((planning::result(&self.block(), &request.config, &row), Diagnostics::new()))
    }
}

impl PolicyDocument {
    fn block(&self) -> Block {
        self.schema.block.clone()
    }
}

/// An ephemeral resource whose values are made up, the same at every run.
struct Invented {
    schema: Schema,
}

#[async_trait]
impl EphemeralResource for Invented {
    type Client = ();
    type Model = Dynamic;
    type Private = ();

    fn schema(&self) -> Schema {
        self.schema.clone()
    }

    async fn open(&self, _client: &(), request: OpenRequest<Self>) -> Result<Opened<Self>, Diagnostics> {
        Ok(Opened::new(planning::result(&self.schema.block, &request.config, &BTreeMap::new())))
    }
}
