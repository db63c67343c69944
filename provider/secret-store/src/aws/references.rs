//! What a user refers to: a secret by its ARN, a key.

use aws_sdk_kms::error::ProvideErrorMetadata;
use aws_sdk_kms::types::{KeyMetadata, KeySpec, KeyState, KeyUsageType};

use super::AwsStore;
use super::arn::Arn;
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::metadata::Metadata;
use crate::name::SecretName;

impl AwsStore {
    /// The name that a user means who gives a name or an ARN.
    pub(super) async fn name_of(&self, text: &str) -> Result<SecretName> {
        if !text.starts_with("arn:") {
            return Ok(SecretName::parse(text)?);
        }
        let invalid = |reason: String| Err(StoreError::from(Invalid::new("name", reason)));
        let Some(arn) = Arn::parse(text) else {
            return invalid(format!(
                "`{text}` is not a whole ARN, such as `arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbC123`"
            ));
        };
        if arn.service != "secretsmanager" {
            return invalid(format!(
                "`{text}` is of the service `{}`; give the ARN of a secret, or its name",
                arn.service
            ));
        }
        let region = &self.clients().await?.region;
        if arn.region != *region {
            return invalid(format!(
                "`{text}` is in region `{}`, and the provider works in `{region}`; use a provider block with `region = \"{}\"`",
                arn.region, arn.region
            ));
        }
        let Some(name) = arn.secret_name() else {
            return invalid(format!(
                "`{text}` does not end in the hyphen and six characters of a whole ARN; give the whole one, or the name"
            ));
        };
        let name = SecretName::parse(name)?;
        let found = match self.look(&name).await {
            Ok(seen) => seen,
            Err(error) if error.is_not_found() => {
                self.check_account(text, &arn).await?;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        if found.arn() == text {
            return Ok(name);
        }
        match Arn::parse(found.arn()).filter(|found| found.account != arn.account) {
            Some(here) => invalid(of_another_account(text, &arn, &here.account)),
            None => invalid(format!(
                "`{text}` was another secret of that name, which is gone; the one that is there now is `{}`",
                found.arn()
            )),
        }
    }

    /// Refuses an ARN of another account, as far as AWS says who is asking.
    async fn check_account(&self, text: &str, arn: &Arn) -> Result<()> {
        let here = self
            .clients()
            .await?
            .sts
            .get_caller_identity()
            .send()
            .await
            .ok()
            .and_then(|caller| caller.account);
        match here.filter(|account| *account != arn.account) {
            Some(account) => Err(Invalid::new("name", of_another_account(text, arn, &account)).into()),
            None => Ok(()),
        }
    }

    /// Asks AWS whether the keys that the metadata names can be used. What AWS will not tell, or nobody answers, passes: the secret is
    /// what is to be managed, and a plan need not reach the key service.
    pub(super) async fn check_keys(&self, metadata: &Metadata) -> Result<()> {
        let region = self.clients().await?.region.clone();
        if let Some(key) = &metadata.kms_key {
            self.check_usable("kms_key", key, &region).await?;
        }
        for replica in &metadata.replicas {
            if let Some(key) = &replica.kms_key {
                self.check_usable("replicas", key, &replica.region).await?;
            }
        }
        Ok(())
    }

    async fn check_usable(&self, field: &'static str, key: &str, region: &str) -> Result<(), StoreError> {
        let client = self.clients().await?.keys_in_region(region);
        let wrong = match client.describe_key().key_id(key).send().await {
            Ok(answer) => answer.key_metadata().and_then(unusable),
            Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                Some("NotFoundException") => {
                    Some(format!("does not exist in region `{region}`; make it first, or correct the name"))
                }
                Some("InvalidArnException") => Some("has an ARN that KMS does not understand".to_owned()),
                code => {
                    tracing::debug!(key, region, code, "the key cannot be looked at");
                    None
                }
            },
        };
        match wrong {
            Some(wrong) => Err(Invalid::new(field, format!("the key `{key}` {wrong}")).into()),
            None => Ok(()),
        }
    }
}

fn of_another_account(text: &str, arn: &Arn, here: &str) -> String {
    format!(
        "`{text}` is of account {}, and the credentials in use are of account {here}; use a provider block with credentials or a role of {}",
        arn.account, arn.account
    )
}

/// Why a key cannot encrypt a secret. Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>.
fn unusable(key: &KeyMetadata) -> Option<String> {
    let state = match key.key_state() {
        Some(KeyState::Disabled) => Some("is disabled; enable it"),
        Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) => {
            Some("is scheduled for deletion; cancel the deletion, or name another key")
        }
        Some(KeyState::PendingImport) => Some("waits for its key material; import it"),
        Some(KeyState::Unavailable) => Some("is not available: its key store is disconnected; connect it"),
        _ => None,
    };
    let is_symmetric = matches!(key.key_spec(), None | Some(KeySpec::SymmetricDefault))
        && matches!(key.key_usage(), None | Some(KeyUsageType::EncryptDecrypt));
    let kind =
        (!is_symmetric).then_some("is not for symmetric encryption, which secrets need; name another key");
    state.or(kind).map(str::to_owned)
}
