//! The provider itself, and the list of everything it offers. Its block is that of the store: `stores`.

use async_trait::async_trait;
use tf_plugin::{ConfigureRequest, Context, Diagnostics, Objects, Provider, Schema};

use crate::actions::{SecretRestore, SecretRevoke, SecretRollback, SecretRotate};
use crate::client::Client;
use crate::data_sources::{SecretAccess, SecretData, Secrets};
use crate::ephemeral_resources::{EphemeralSecret, SecretLease, SecretPassword};
use crate::list_resources::{ListGrants, ListSecrets};
use crate::resources::{Secret, SecretGrant, SecretRotation};
use crate::stores::{self, StoreBlocks};

/// The provider `secretlint/secret`.
#[derive(Debug)]
pub(crate) struct SecretProvider;

#[async_trait]
impl Provider for SecretProvider {
    type Config = StoreBlocks;
    type Client = Client;

    fn schema(&self) -> Schema {
        let schema = Schema::new().description(
            "Secrets in Terraform whose values are in no plan and no state: declared, generated, rotated and granted in one way, whatever the \
             store.\n\nAt most one store block; without one, the embedded store at `.secrets`. From nothing to a granted, rotated secret: \
             [AWS Secrets Manager](guides/aws.md), [OpenBao and HashiCorp Vault](guides/vault.md).",
        );
        stores::blocks().into_iter().fold(schema, Schema::block)
    }

    fn objects(&self) -> Objects<Client> {
        Objects::new()
            .resource("secret", Secret)
            .resource("secret_rotation", SecretRotation)
            .resource("secret_grant", SecretGrant)
            .data_source("secret", SecretData)
            .data_source("secrets", Secrets)
            .data_source("secret_inventory", Secrets)
            .data_source("secret_access", SecretAccess)
            .ephemeral_resource("secret", EphemeralSecret)
            .ephemeral_resource("secret_password", SecretPassword)
            .ephemeral_resource("secret_lease", SecretLease)
            .action("secret_rotate", SecretRotate)
            .action("secret_rollback", SecretRollback)
            .action("secret_revoke", SecretRevoke)
            .action("secret_restore", SecretRestore)
            .list_resource("secret", ListSecrets)
            .list_resource("secret_grant", ListGrants)
    }

    async fn validate(&self, config: StoreBlocks, _context: Context) -> Diagnostics {
        config.check()
    }

    async fn configure(&self, request: ConfigureRequest<StoreBlocks>) -> Result<Client, Diagnostics> {
        let store = request.config.open()?;
        // Terraform starts its providers in the root module's folder and tells them nothing else about the configuration.
        let workspace = std::env::current_dir().unwrap_or_default();
        Ok(Client::new(store, &workspace.to_string_lossy()))
    }

    async fn close(&self, client: Client) {
        client.store().close().await;
    }
}
