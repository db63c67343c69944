//! `moved` from the resources of the provider `aws`: what names and describes the secret is taken over, its value is not. Their states
//! hold the value in plain text; it is skipped where the state is read, so it never is in this process's memory as anything else than the
//! state that Terraform sent.
//!
//! Source: the schemas of `aws_secretsmanager_secret` and `aws_secretsmanager_secret_version`, provider 4 to 6, all of schema version 0.

use std::collections::BTreeMap;

use secret_store::aws::Arn;
use serde::Deserialize;
use tf_plugin::{Diagnostic, Diagnostics, MoveRequest, Moved, Value};

use super::Secret;
use super::model::{OnConflict, OnDestroy, ReplicaModel, SecretModel};
use crate::text::known;

/// A state of either resource, as far as it is wanted here. `secret_string` and `secret_binary` are left out on purpose.
#[derive(Deserialize)]
struct AwsSecret {
    arn: Option<String>,
    name: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    recovery_window_in_days: Option<i64>,
    #[serde(default)]
    replica: Option<Vec<AwsReplica>>,
    tags: Option<BTreeMap<String, String>>,
    tags_all: Option<BTreeMap<String, String>>,
    /// Of a version: the ARN or the name of its secret.
    secret_id: Option<String>,
    /// Of a version.
    version_id: Option<String>,
}

#[derive(Deserialize)]
struct AwsReplica {
    region: String,
    kms_key_id: Option<String>,
}

/// The state here of an object that was managed there; `None` for other sources.
pub(super) fn take_over(request: &MoveRequest) -> Result<Option<Moved<Secret>>, Diagnostics> {
    let is_aws = request.source_provider_address.rsplit('/').next() == Some("aws");
    let is_secret = matches!(
        request.source_type_name.as_str(),
        "aws_secretsmanager_secret" | "aws_secretsmanager_secret_version"
    );
    if !(is_aws && is_secret) {
        return Ok(None);
    }
    let source: AwsSecret = request.source_state.json()?;
    Ok(Some(Moved::new(source.model().ok_or_else(|| no_name(&request.source_type_name))?)))
}

fn no_name(type_name: &str) -> Diagnostics {
    Diagnostic::error(format!("The state of the `{type_name}` does not name its secret"))
        .detail("It has neither a name nor an ARN. Remove the `moved` block, and import the secret by its name instead.")
        .into()
}

impl AwsSecret {
    fn model(self) -> Option<SecretModel> {
        let arn = written(self.arn).or_else(|| {
            let id = self.secret_id.clone()?;
            Arn::parse(&id).map(|_| id)
        });
        let in_arn = arn.as_deref().and_then(Arn::parse).and_then(|arn| arn.secret_name().map(str::to_owned));
        let name = written(self.name).or(in_arn).or_else(|| written(self.secret_id))?;
        let tags = |tags: Option<BTreeMap<String, String>>| {
            let tags = tags.filter(|tags| !tags.is_empty());
            Value::from_option(
                tags.map(|tags| tags.into_iter().map(|(key, value)| (key, known(value))).collect()),
            )
        };
        let replicas: Vec<_> = self.replica.into_iter().flatten().map(AwsReplica::model).collect();
        Some(SecretModel {
            id: known(name.as_str()),
            name: known(name),
            arn: Value::from_option(arn),
            description: Value::from_option(written(self.description)),
            kms_key: Value::from_option(written(self.kms_key_id)),
            tags: tags(self.tags),
            tags_all: tags(self.tags_all),
            replicas: if replicas.is_empty() { Value::Null } else { Value::Known(replicas) },
            recovery_window_days: Value::from_option(self.recovery_window_in_days),
            version_id: Value::from_option(written(self.version_id)),
            on_conflict: known(OnConflict::DEFAULT),
            on_destroy: known(OnDestroy::DEFAULT),
            ..SecretModel::default()
        })
    }
}

impl AwsReplica {
    fn model(self) -> ReplicaModel {
        ReplicaModel { region: known(self.region), kms_key: Value::from_option(written(self.kms_key_id)) }
    }
}

/// The provider `aws` writes what is not there as an empty text.
fn written(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
