//! Lists the live secrets of the store.

use async_trait::async_trait;
use futures::TryStreamExt as _;
use secret_store::ListFilter;
use serde::{Deserialize, Serialize};
use tf_plugin::{
    Attribute, Diagnostics, ListRequest, ListResource, ListSink, Listed, Resource as _, ResourceWanted,
    Schema, Value,
};

use crate::client::Client;
use crate::diagnostics::failed;
use crate::resources::{Secret, found_secret};

/// The list resource `secret`.
#[derive(Debug)]
pub(crate) struct ListSecrets;

/// Which secrets.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ListSecretsModel {
    name_prefix: Value<String>,
    owner: Value<String>,
}

#[async_trait]
impl ListResource for ListSecrets {
    type Client = Client;
    type Config = ListSecretsModel;
    type Resource = Secret;

    fn schema(&self) -> Schema {
        Schema::new()
            .description("All live secrets of the store, for `terraform query`: find what no configuration manages, and import it.")
            .attribute(Attribute::string("name_prefix").optional().description("Only names that begin with it."))
            .attribute(Attribute::string("owner").optional().description("Only those of this owner."))
    }

    async fn list(
        &self,
        client: &Client,
        request: ListRequest<Self>,
        mut sink: ListSink<Secret>,
    ) -> Result<(), Diagnostics> {
        let filter =
            ListFilter { prefix: request.config.name_prefix.known().cloned(), ..ListFilter::default() };
        let mut secrets = client.store().list(filter);
        while let Some(description) =
            secrets.try_next().await.map_err(|error| failed("list the secrets of the store", &error))?
        {
            let owner = request.config.owner.as_str();
            if owner.is_some_and(|owner| description.metadata.owner.as_deref() != Some(owner)) {
                continue;
            }
            let state = found_secret(client, &description);
            let Some(identity) = Secret.identity(&state) else { continue };
            let listed = Listed {
                identity,
                display_name: description.name.to_string(),
                resource: (request.resource_wanted == ResourceWanted::Yes).then_some(state),
                diagnostics: Vec::new(),
            };
            if sink.send(listed).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}
