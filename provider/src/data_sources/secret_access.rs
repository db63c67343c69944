//! Data source `secret_access`: who can use a secret, as the store has it, granted by Terraform or not.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, Context, DataSource, Diagnostics, ReadDataRequest, Schema, Type, Value};

use crate::client::Client;
use crate::diagnostics::failed;
use crate::names;
use crate::text::known;

/// The data source `secret_access`.
#[derive(Debug)]
pub(crate) struct SecretAccess;

/// A data source `secret_access` in configuration and state.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AccessModel {
    secret_id: Value<String>,
    grants: Value<Vec<GrantedModel>>,
}

/// One grant.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GrantedModel {
    id: Value<String>,
    principal: Value<String>,
    access: Value<BTreeSet<String>>,
    expires_at: Value<String>,
    reason: Value<String>,
    created_at: Value<String>,
}

#[async_trait]
impl DataSource for SecretAccess {
    type Client = Client;
    type Model = AccessModel;

    fn schema(&self) -> Schema {
        let text =
            |name: &str, description: &str| Attribute::string(name).computed().description(description);
        Schema::new()
            .description("Who can use a secret, as the store has it.")
            .attribute(
                Attribute::string("secret_id")
                    .required()
                    .description("The secret's `id`: its name in the store."),
            )
            .attribute(
                Attribute::nested_list(
                    "grants",
                    vec![
                        text("id", "Id of the grant in the store."),
                        text("principal", "The identity."),
                        Attribute::set("access", Type::String).computed().description("What it may do."),
                        text("expires_at", "End of the grant, RFC 3339."),
                        text("reason", "Why it was given."),
                        text("created_at", "When it was given, RFC 3339."),
                    ],
                )
                .computed()
                .description("The grants, sorted by id."),
            )
    }

    async fn validate(&self, config: AccessModel, _context: Context) -> Diagnostics {
        names::problem("secret_id", &config.secret_id).into_iter().collect()
    }

    async fn read(
        &self,
        client: &Client,
        request: ReadDataRequest<Self>,
    ) -> Result<(AccessModel, Diagnostics), Diagnostics> {
        let name = names::parsed("secret_id", &request.config.secret_id)?;
        let grants = client
            .store()
            .grants(&name)
            .await
            .map_err(|error| failed(&format!("read the grants of secret `{name}`"), &error))?;
        let grants = grants
            .into_iter()
            .map(|grant| GrantedModel {
                id: grant.id.to_string().into(),
                principal: known(grant.spec.principal.as_str()),
                access: Value::Known(
                    grant.spec.access.iter().map(|access| access.as_str().to_owned()).collect(),
                ),
                expires_at: Value::from_option(grant.spec.expires_at.map(|end| end.to_string())),
                reason: Value::from_option(grant.spec.reason),
                created_at: grant.created_at.to_string().into(),
            })
            .collect();
        Ok((AccessModel { grants: Value::Known(grants), ..request.config }, Diagnostics::new()))
    }
}
