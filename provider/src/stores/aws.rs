//! `aws { … }`: AWS Secrets Manager. What the block leaves out is found by the store as every tool of AWS finds it: environment, profile,
//! SSO, web identity, container, instance. Nothing is read or sent before the first resource needs it.

use std::collections::BTreeMap;
use std::sync::Arc;

use secret_store::aws::{AssumeRole, AwsConfig, AwsStore};
use secret_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, AttributePath, Block, Diagnostics, NestedBlock, Type, Value};

use super::{decided, not_usable, retries};
use crate::diagnostics::{store_error, wrong};

/// The block's name.
pub(super) const NAME: &str = "aws";

/// A region, and who to be there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct AwsModel {
    region: Value<String>,
    profile: Value<String>,
    endpoint_url: Value<String>,
    max_retries: Value<i64>,
    default_tags: Value<BTreeMap<String, Value<String>>>,
    assume_role: Value<AssumeRoleModel>,
}

/// `assume_role { … }`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AssumeRoleModel {
    role_arn: Value<String>,
    external_id: Value<String>,
    session_name: Value<String>,
}

/// The block's schema.
pub(super) fn block() -> NestedBlock {
    let text = |name: &str, description: &str| Attribute::string(name).optional().description(description);
    let role = Block::new()
        .description("A role to work as, taken on by the identity that is found otherwise.")
        .attribute(
            Attribute::string("role_arn")
                .required()
                .description("ARN of the role, such as `arn:aws:iam::123456789012:role/terraform`."),
        )
        .attribute(text("external_id", "What the owner of the role asks of third parties."))
        .attribute(text(
            "session_name",
            "Name of the session, which CloudTrail shows; default `terraform-provider-secret`. 2 to 64 characters.",
        ));
    let block = Block::new()
        .description(
            "AWS Secrets Manager: secrets with AWS's own versions and labels, rotation by a Lambda function or by AWS, grants in the secret's policy or \
             in the principal's. Every argument may come from the usual places instead: the environment, `~/.aws/config`, SSO, web identity, the \
             container or the instance. Keys are never written here. `AWS_CA_BUNDLE` and `HTTPS_PROXY` are honoured.",
        )
        .attribute(text(
            "region",
            "The region, such as `eu-central-1`. Environment: `AWS_REGION`, `AWS_DEFAULT_REGION`; then the profile's.",
        ))
        .attribute(text("profile", "Profile of `~/.aws/config` and `~/.aws/credentials`. Environment: `AWS_PROFILE`."))
        .attribute(text(
            "endpoint_url",
            "Another address of all services, for a double of AWS or a private endpoint. Environment: `AWS_ENDPOINT_URL`, or one of a service, such as \
             `AWS_ENDPOINT_URL_SECRETS_MANAGER`.",
        ))
        .attribute(Attribute::number("max_retries").optional().description(
            "How often a request is sent again when AWS was busy or not reached; default 9. Environment: `AWS_MAX_ATTEMPTS`, then `max_attempts` of the \
             profile; with those the first attempt counts too, here it does not.",
        ))
        .attribute(Attribute::map("default_tags", Type::String).optional().description(
            "Tags of every `secret`. A tag of the same key in a resource wins; `tags_all` shows both.",
        ))
        .block(NestedBlock::single("assume_role", role));
    NestedBlock::single(NAME, block)
}

fn at(name: &str) -> AttributePath {
    AttributePath::new(NAME).attribute(name)
}

impl AwsModel {
    /// Checks what is known.
    pub(super) fn check(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        if let Some(number) = self.max_retries.known() {
            problems.extend(retries(at("max_retries"), *number).err());
        }
        for (key, value) in self.default_tags.known().into_iter().flatten() {
            if value.is_null() {
                let reason = format!("the tag `{key}` is null; leave it out, or give it a text");
                problems.push(wrong(at("default_tags").key(key), reason));
            }
        }
        if problems.is_empty() {
            // Opening sends nothing, so what is known is checked by the store itself.
            problems.extend(self.store().err().into_iter().flatten());
        }
        problems
    }

    /// Opens the store: checks everything, reads nothing, and sends nothing.
    pub(super) fn open(self) -> Result<Arc<dyn Store>, Diagnostics> {
        decided(at("region"), self.region.clone())?;
        decided(at("profile"), self.profile.clone())?;
        decided(at("endpoint_url"), self.endpoint_url.clone())?;
        decided(at("max_retries"), self.max_retries)?;
        for (key, value) in decided(at("default_tags"), self.default_tags.clone())?.into_iter().flatten() {
            decided(at("default_tags").key(key), value)?;
        }
        if let Some(role) = decided(at("assume_role"), self.assume_role.clone())? {
            for (name, value) in [
                ("role_arn", role.role_arn),
                ("external_id", role.external_id),
                ("session_name", role.session_name),
            ] {
                decided(at("assume_role").attribute(name), value)?;
            }
        }
        Ok(Arc::new(self.store()?))
    }

    /// The store that the known arguments name.
    fn store(&self) -> Result<AwsStore, Diagnostics> {
        let max_retries = self.max_retries.known().map(|number| retries(at("max_retries"), *number));
        let tags = self.default_tags.known().into_iter().flatten();
        let config = AwsConfig {
            region: self.region.known().cloned(),
            profile: self.profile.known().cloned(),
            endpoint_url: self.endpoint_url.known().cloned(),
            max_retries: max_retries.transpose()?,
            default_tags: tags
                .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
                .collect(),
            assume_role: self.assume_role.known().and_then(AssumeRoleModel::known),
            access_keys: None,
        };
        AwsStore::open(config).map_err(|error| match error {
            StoreError::Invalid(error) => not_usable(place(error.field), &error),
            error => store_error("open the store `aws`", &error).at(AttributePath::new(NAME)).into(),
        })
    }
}

impl AssumeRoleModel {
    /// The role, once its ARN is known.
    fn known(&self) -> Option<AssumeRole> {
        Some(AssumeRole {
            role_arn: self.role_arn.known()?.clone(),
            external_id: self.external_id.known().cloned(),
            session_name: self.session_name.known().cloned(),
        })
    }
}

/// Where the store's name of a setting stands in the block: `assume_role.role_arn` is in the block in it.
fn place(field: &str) -> AttributePath {
    field.split('.').fold(AttributePath::new(NAME), AttributePath::attribute)
}
