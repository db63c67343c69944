//! Data source `secret_access`: who can use a secret, as the store has it, granted by Terraform or not.

use std::collections::BTreeSet;

use async_trait::async_trait;
use secret_store::Accessor;
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
    accessors: Value<Vec<AccessorModel>>,
    not_examined: Value<Vec<String>>,
}

/// Somebody who can use the secret.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AccessorModel {
    principal: Value<String>,
    access: Value<BTreeSet<String>>,
    capabilities: Value<BTreeSet<String>>,
    through: Value<String>,
    grant_id: Value<String>,
    expires_at: Value<String>,
}

impl From<Accessor> for AccessorModel {
    fn from(accessor: Accessor) -> Self {
        Self {
            principal: known(accessor.principal),
            access: Value::Known(
                accessor.access.into_iter().map(|access| access.as_str().to_owned()).collect(),
            ),
            capabilities: Value::Known(accessor.capabilities),
            through: Value::from_option(accessor.through),
            grant_id: Value::from_option(accessor.grant.map(|grant| grant.to_string())),
            expires_at: Value::from_option(accessor.expires_at.map(|end| end.to_string())),
        }
    }
}

/// One grant.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GrantedModel {
    id: Value<String>,
    principal: Value<String>,
    access: Value<BTreeSet<String>>,
    expires_at: Value<String>,
    reason: Value<String>,
    via: Value<String>,
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
            .description(
                "Who can use a secret, as the store has it: the grants that Terraform gave, and in `accessors` everybody the store's own rules \
                 let in, as far as the identity in use may see them.",
            )
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
                        text("via", "Where it is written, in a store with more than one place."),
                        text("created_at", "When it was given, RFC 3339."),
                    ],
                )
                .computed()
                .description("The grants, sorted by id."),
            )
            .attribute(
                Attribute::nested_list(
                    "accessors",
                    vec![
                        text("principal", "Who, in the store's own terms."),
                        Attribute::set("access", Type::String)
                            .computed()
                            .description("What it may do, in the words of `secret_grant`."),
                        Attribute::set("capabilities", Type::String)
                            .computed()
                            .description("What it may do, in the store's own words, such as `update`."),
                        text("through", "What gives it: a policy, a statement, a role; null when only a grant does."),
                        text("grant_id", "Id of the grant that gives it, if one does."),
                        text("expires_at", "When that ends, RFC 3339."),
                    ],
                )
                .computed()
                .description("Everybody who can use the secret, by a grant of Terraform's or otherwise, sorted."),
            )
            .attribute(Attribute::list("not_examined", Type::String).computed().description(
                "What else may let somebody in and could not be examined, a sentence each; empty when `accessors` is complete.",
            ))
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
                via: Value::from_option(grant.spec.via.map(|place| place.to_string())),
                created_at: grant.created_at.to_string().into(),
            })
            .collect();
        let report = client
            .store()
            .access(&name)
            .await
            .map_err(|error| failed(&format!("find out who can use secret `{name}`"), &error))?;
        let mut accessors = report.accessors;
        accessors.sort();
        let state = AccessModel {
            not_examined: Value::Known(report.not_examined),
            grants: Value::Known(grants),
            accessors: Value::Known(accessors.into_iter().map(AccessorModel::from).collect()),
            ..request.config
        };
        Ok((state, Diagnostics::new()))
    }
}
