//! Ephemeral `secret`: reads one version of a secret while Terraform runs. Opening it reads and nothing else: Terraform opens it at
//! plan and again at apply.

use std::collections::BTreeMap;

use async_trait::async_trait;
use secret_store::{VersionId, VersionLabel, VersionSelector, json};
use serde::{Deserialize, Serialize};
use tf_plugin::{
    Attribute, Context, Diagnostics, EphemeralResource, Exposed, OpenRequest, Opened, Schema, Type, Value,
};

use super::Sent;
use crate::client::Client;
use crate::diagnostics::{failed, invalid, wrong};
use crate::names;
use crate::text::known;

/// The ephemeral resource `secret`.
#[derive(Debug)]
pub(crate) struct EphemeralSecret;

/// An ephemeral `secret` in configuration and result.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EphemeralSecretModel {
    secret_id: Value<String>,
    version_id: Value<String>,
    version_label: Value<String>,
    value: Exposed<Sent>,
    value_base64: Exposed<Sent>,
    fields: Value<BTreeMap<String, Exposed<Sent>>>,
    version_created_at: Value<String>,
}

#[async_trait]
impl EphemeralResource for EphemeralSecret {
    type Client = Client;
    type Model = EphemeralSecretModel;
    type Private = ();

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "Reads a secret's value while Terraform runs, for a provider block, a write-only argument or a provisioner. It is in no plan and \
                 no state.\n\n\
                 Refer to the secret by `secret.NAME.id`: it is unknown until the secret exists, so Terraform waits for it.",
            )
            .attribute(Attribute::string("secret_id").required().description("The `id` of the secret."))
            .attribute(
                Attribute::string("version_id").optional_computed().description("Which version to read; default the current one."),
            )
            .attribute(Attribute::string("version_label").optional().description(
                "Which version to read, by its label: `current`, `previous`, `pending`.",
            ))
            .attribute(
                Attribute::string("value").computed().sensitive().description("The value; null if it is not text (UTF-8)."),
            )
            .attribute(Attribute::string("value_base64").computed().sensitive().description("The value in Base64."))
            .attribute(Attribute::map("fields", Type::String).computed().sensitive().description(
                "The members of a value that is a JSON object, as texts; null for any other.",
            ))
            .attribute(Attribute::string("version_created_at").computed().description("When the version was made, RFC 3339."))
    }

    async fn validate(&self, config: EphemeralSecretModel, _context: Context) -> Diagnostics {
        let mut problems = Diagnostics::new();
        problems.extend(names::problem("secret_id", &config.secret_id));
        if !config.version_id.is_null() && !config.version_label.is_null() {
            problems.push(wrong(
                "version_label",
                "`version_id` and `version_label` both name the version; keep one of them",
            ));
        }
        if let Some(text) = config.version_id.as_str() {
            problems.extend(VersionId::parse(text).err().map(|error| invalid("version_id", &error)));
        }
        if let Some(text) = config.version_label.as_str() {
            problems.extend(VersionLabel::parse(text).err().map(|error| invalid("version_label", &error)));
        }
        problems
    }

    async fn open(&self, client: &Client, request: OpenRequest<Self>) -> Result<Opened<Self>, Diagnostics> {
        let config = request.config;
        let name = names::parsed("secret_id", &config.secret_id)?;
        let selector = match (config.version_id.as_str(), config.version_label.as_str()) {
            (Some(id), _) => VersionId::parse(id).map(VersionSelector::Id),
            (None, Some(label)) => VersionLabel::parse(label).map(VersionSelector::Label),
            (None, None) => Ok(VersionSelector::Label(VersionLabel::Current)),
        }
        .map_err(|error| Diagnostics::from(invalid("version_id", &error)))?;
        let read = client
            .store()
            .read(&name, &selector)
            .await
            .map_err(|error| failed(&format!("read secret `{name}`"), &error))?;
        // What is no JSON object has no members; that is not an error here.
        let fields = json::fields(&read.value).ok().map(|fields| {
            fields.into_iter().map(|(name, value)| (name, Exposed::new(Sent::from(value)))).collect()
        });
        let value = Sent::text(&read.value).map(Exposed::new).unwrap_or_default();
        Ok(Opened::new(EphemeralSecretModel {
            version_id: known(read.version.id.as_str()),
            version_created_at: read.version.created_at.to_string().into(),
            value_base64: Exposed::new(Sent::base64(&read.value)),
            value,
            fields: Value::from_option(fields),
            ..config
        }))
    }
}
