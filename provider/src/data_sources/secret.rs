//! Data source `secret`: what is known about one secret without the right to read its value. The description of a secret is
//! shared with the inventory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use secret_store::{SecretDescription, VersionLabel};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, Context, DataSource, Diagnostics, ReadDataRequest, Schema, Type, Value};

use crate::annotations::{Annotations, current_public_key};
use crate::client::Client;
use crate::diagnostics::failed;
use crate::names;
use crate::schedule::{Schedule, schedule_text};
use crate::text::known;

/// The data source `secret`.
#[derive(Debug)]
pub(crate) struct SecretData;

/// A data source `secret` in configuration and state.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SecretDataModel {
    secret_id: Value<String>,
    name: Value<String>,
    arn: Value<String>,
    description: Value<String>,
    owner: Value<String>,
    tags: Value<BTreeMap<String, Value<String>>>,
    kms_key: Value<String>,
    expires_at: Value<String>,
    created_at: Value<String>,
    updated_at: Value<String>,
    version_id: Value<String>,
    version_created_at: Value<String>,
    previous_version_id: Value<String>,
    rotation_schedule: Value<String>,
    next_rotation_at: Value<String>,
    deleted_until: Value<String>,
    public_key: Value<String>,
}

/// The attributes that describe a secret, without its `secret_id`.
pub(super) fn attributes() -> Vec<Attribute> {
    let text = |name: &str, description: &str| Attribute::string(name).computed().description(description);
    vec![
        text("name", "Name in the store."),
        text("arn", "Full address of the secret in its platform."),
        text("description", "What it is for."),
        text("owner", "Who answers for it."),
        Attribute::map("tags", Type::String).computed().description("Tags."),
        text("kms_key", "Customer-managed key that encrypts it."),
        text("expires_at", "When it expires, RFC 3339."),
        text("created_at", "When it was made, RFC 3339."),
        text("updated_at", "When anything about it last changed, RFC 3339."),
        text("version_id", "Id of the current version."),
        text("version_created_at", "When the current version was made, RFC 3339: the age of the value."),
        text("previous_version_id", "Id of the version before, while the store keeps it."),
        text("rotation_schedule", "How often it is rotated; null when nobody does."),
        text("next_rotation_at", "When the next rotation is due, RFC 3339."),
        text("deleted_until", "Until when a deleted secret can be restored, RFC 3339; null for a live one."),
        text("public_key", "Public half of a generated key."),
    ]
}

impl SecretDataModel {
    /// What is known about a secret.
    pub(super) fn of(description: &SecretDescription) -> Self {
        let metadata = &description.metadata;
        let time = |time: Option<Timestamp>| Value::from_option(time.map(|time| time.to_string()));
        let current = description.current();
        let rotation = metadata.rotation();
        let by_store = description.rotation.as_ref();
        let next = match by_store {
            Some(status) => status.next_rotation_at,
            None => rotation.as_ref().zip(current).and_then(|(note, version)| {
                Schedule::parse(&note.schedule, Timestamp::now()).ok()?.next_after(version.created_at)
            }),
        };
        let schedule = by_store.map(|status| schedule_text(&status.schedule));
        Self {
            secret_id: known(description.name.as_str()),
            name: known(description.name.as_str()),
            arn: known(description.arn.as_str()),
            description: Value::from_option(metadata.description.clone()),
            owner: Value::from_option(metadata.owner.clone()),
            tags: Value::Known(
                metadata.tags.iter().map(|(key, value)| (key.clone(), known(value.as_str()))).collect(),
            ),
            kms_key: Value::from_option(metadata.kms_key.clone()),
            expires_at: time(metadata.expires_at),
            created_at: time(Some(description.created_at)),
            updated_at: time(Some(description.updated_at)),
            version_id: Value::from_option(current.map(|version| version.id.to_string())),
            version_created_at: time(current.map(|version| version.created_at)),
            previous_version_id: Value::from_option(
                description.version_with(&VersionLabel::Previous).map(|version| version.id.to_string()),
            ),
            rotation_schedule: Value::from_option(schedule.or_else(|| rotation.map(|note| note.schedule))),
            next_rotation_at: time(next),
            deleted_until: time(description.deletion.and_then(|deletion| deletion.until)),
            public_key: Value::from_option(current_public_key(description).map(str::to_owned)),
        }
    }
}

#[async_trait]
impl DataSource for SecretData {
    type Client = Client;
    type Model = SecretDataModel;

    fn schema(&self) -> Schema {
        let schema = Schema::new()
            .description(
                "What is known about a secret without its value: reading it needs no right to read values.",
            )
            .attribute(
                Attribute::string("secret_id")
                    .required()
                    .description("The secret's `id`: its name in the store."),
            );
        attributes().into_iter().fold(schema, Schema::attribute)
    }

    async fn validate(&self, config: SecretDataModel, _context: Context) -> Diagnostics {
        names::problem("secret_id", &config.secret_id).into_iter().collect()
    }

    async fn read(
        &self,
        client: &Client,
        request: ReadDataRequest<Self>,
    ) -> Result<(SecretDataModel, Diagnostics), Diagnostics> {
        let name = names::parsed("secret_id", &request.config.secret_id)?;
        let description = client
            .store()
            .describe(&name)
            .await
            .map_err(|error| failed(&format!("read the metadata of secret `{name}`"), &error))?;
        Ok((SecretDataModel::of(&description), Diagnostics::new()))
    }
}
