//! Lists the grants on the secrets of the store, also those no configuration gave.

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
use crate::resources::{SecretGrant, found_grant};

/// The list resource `secret_grant`.
#[derive(Debug)]
pub(crate) struct ListGrants;

/// Which grants.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ListGrantsModel {
    name_prefix: Value<String>,
    principal: Value<String>,
}

#[async_trait]
impl ListResource for ListGrants {
    type Client = Client;
    type Config = ListGrantsModel;
    type Resource = SecretGrant;

    fn schema(&self) -> Schema {
        Schema::new()
            .description("All grants on live secrets of the store, for `terraform query`: find those that were given by hand.")
            .attribute(Attribute::string("name_prefix").optional().description("Only secrets whose names begin with it."))
            .attribute(Attribute::string("principal").optional().description("Only grants to this identity."))
    }

    async fn list(
        &self,
        client: &Client,
        request: ListRequest<Self>,
        mut sink: ListSink<SecretGrant>,
    ) -> Result<(), Diagnostics> {
        let doing = "list the grants of the store";
        let filter =
            ListFilter { prefix: request.config.name_prefix.known().cloned(), ..ListFilter::default() };
        let mut secrets = client.store().list(filter);
        while let Some(description) = secrets.try_next().await.map_err(|error| failed(doing, &error))? {
            let grants =
                client.store().grants(&description.name).await.map_err(|error| failed(doing, &error))?;
            for grant in grants {
                let principal = grant.spec.principal.as_str();
                if request.config.principal.as_str().is_some_and(|wanted| wanted != principal) {
                    continue;
                }
                let state = found_grant(&description.name, &grant);
                let Some(identity) = SecretGrant.identity(&state) else { continue };
                let listed = Listed {
                    identity,
                    display_name: format!("{principal} on {}", description.name),
                    resource: (request.resource_wanted == ResourceWanted::Yes).then_some(state),
                    diagnostics: Vec::new(),
                };
                if sink.send(listed).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
