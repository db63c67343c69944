//! Data source `secrets`, also called `secret_inventory`: all secrets of the store, with what a reviewer asks of each: whose is it, how
//! old is its value, who rotates it, when does it end.

use async_trait::async_trait;
use futures::TryStreamExt as _;
use jiff::Timestamp;
use secret_store::{DeletedSecrets, ListFilter};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, Context, DataSource, Diagnostics, ReadDataRequest, Schema, Value};

use super::secret::{SecretDataModel, attributes};
use crate::client::Client;
use crate::diagnostics::{failed, wrong};
use crate::schedule::Period;

/// The data source `secrets`.
#[derive(Debug)]
pub(crate) struct Secrets;

/// A data source `secrets` in configuration and state.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SecretsModel {
    name_prefix: Value<String>,
    owner: Value<String>,
    older_than: Value<String>,
    deleted: Value<String>,
    secrets: Value<Vec<SecretDataModel>>,
}

#[async_trait]
impl DataSource for Secrets {
    type Client = Client;
    type Model = SecretsModel;

    fn schema(&self) -> Schema {
        let mut elements = vec![
            Attribute::string("secret_id").computed().description("The secret's `id`, for other resources."),
        ];
        elements.extend(attributes());
        Schema::new()
            .description(
                "The inventory: all secrets of the store, sorted by name, without their values. Database logins that the store rotates are not in it.\n\n\
                 It has two names. Terraform takes the provider from the first word of a type, which for `secrets` is not `secret`: a block of that \
                 type needs `provider = secret`. `secret_inventory` is the same and needs nothing.",
            )
            .attribute(Attribute::string("name_prefix").optional().description("Only names that begin with it, such as `prod/`."))
            .attribute(Attribute::string("owner").optional().description("Only those of this owner."))
            .attribute(Attribute::string("older_than").optional().description(
                "Only those whose current value is older, such as `90d`.",
            ))
            .attribute(Attribute::string("deleted").optional().description(
                "Deleted secrets that can be restored: `exclude` (default), `include`, or `only`.",
            ))
            .attribute(Attribute::nested_list("secrets", elements).computed().description("The secrets."))
    }

    async fn validate(&self, config: SecretsModel, _context: Context) -> Diagnostics {
        let mut problems = Diagnostics::new();
        if let Some(text) = config.older_than.as_str() {
            problems.extend(text.parse::<Period>().err().map(|error| wrong("older_than", error.to_string())));
        }
        if let Some(text) = config.deleted.as_str() {
            problems.extend(deleted(text).err().map(|reason| wrong("deleted", reason)));
        }
        problems
    }

    async fn read(
        &self,
        client: &Client,
        request: ReadDataRequest<Self>,
    ) -> Result<(SecretsModel, Diagnostics), Diagnostics> {
        let config = request.config;
        let deleted = deleted(config.deleted.as_str().unwrap_or("exclude"))
            .map_err(|reason| Diagnostics::from(wrong("deleted", reason)))?;
        let older_than = config
            .older_than
            .as_str()
            .map(str::parse::<Period>)
            .transpose()
            .map_err(|error| Diagnostics::from(wrong("older_than", error.to_string())))?;
        let filter = ListFilter { prefix: config.name_prefix.known().cloned(), deleted };
        let mut found: Vec<_> = client
            .store()
            .list(filter)
            .try_collect()
            .await
            .map_err(|error| failed("list the secrets of the store", &error))?;
        let now = Timestamp::now();
        found.retain(|description| {
            let owned = config
                .owner
                .as_str()
                .is_none_or(|owner| description.metadata.owner.as_deref() == Some(owner));
            let old = older_than.is_none_or(|age| {
                description
                    .current()
                    .is_some_and(|version| now.duration_since(version.created_at) > age.duration())
            });
            owned && old
        });
        found.sort_by(|one, other| one.name.cmp(&other.name));
        let secrets = Value::Known(found.iter().map(SecretDataModel::of).collect());
        Ok((SecretsModel { secrets, ..config }, Diagnostics::new()))
    }
}

fn deleted(text: &str) -> Result<DeletedSecrets, String> {
    match text {
        "exclude" => Ok(DeletedSecrets::Exclude),
        "include" => Ok(DeletedSecrets::Include),
        "only" => Ok(DeletedSecrets::Only),
        other => Err(format!("`{other}` is not one of `exclude`, `include`, `only`")),
    }
}
