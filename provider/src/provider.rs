//! The provider block, and the list of everything the provider offers.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use secret_store::local::{IdentitySource, LocalConfig, LocalStore};
use secret_store::{Invalid, Store};
use serde::{Deserialize, Serialize};
use tf_plugin::{
    Attribute, Block, ConfigureRequest, Context, Diagnostic, Diagnostics, NestedBlock, Objects, Provider,
    Schema, Value,
};

use crate::actions::{SecretRestore, SecretRevoke, SecretRollback, SecretRotate};
use crate::client::Client;
use crate::data_sources::{SecretAccess, SecretData, Secrets};
use crate::ephemeral_resources::{EphemeralSecret, SecretPassword};
use crate::list_resources::{ListGrants, ListSecrets};
use crate::resources::{Secret, SecretGrant, SecretRotation};

/// The provider `secretlint/secret`.
#[derive(Debug)]
pub(crate) struct SecretProvider;

/// The provider block: at most one store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProviderModel {
    local: Value<LocalModel>,
}

/// The embedded store.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct LocalModel {
    path: Value<String>,
    identity_file: Value<String>,
}

#[async_trait]
impl Provider for SecretProvider {
    type Config = ProviderModel;
    type Client = Client;

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "Secrets in Terraform whose values are in no plan and no state: declared, generated, rotated and granted in one way, whatever the \
                 store.\n\nAt most one store block; without one, the embedded store at `.secrets`.",
            )
            .block(NestedBlock::single(
                "local",
                Block::new()
                    .description(
                        "The embedded store: standard `age` files in a folder. Everybody who is granted a secret opens it with the `age` tool.",
                    )
                    .attribute(
                        Attribute::string("path").optional().description("The folder; default `.secrets` in the working directory."),
                    )
                    .attribute(Attribute::string("identity_file").optional().description(
                        "File with the owner's `age` identity. Default: the text in `SECRET_IDENTITY`, or the file in `SECRET_IDENTITY_FILE`, or \
                         `terraform-provider-secret/identity.txt` in `$XDG_CONFIG_HOME` (`~/.config`), made with mode 0600 at the first write.",
                    )),
            ))
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
            .action("secret_rotate", SecretRotate)
            .action("secret_rollback", SecretRollback)
            .action("secret_revoke", SecretRevoke)
            .action("secret_restore", SecretRestore)
            .list_resource("secret", ListSecrets)
            .list_resource("secret_grant", ListGrants)
    }

    async fn validate(&self, config: ProviderModel, _context: Context) -> Diagnostics {
        let mut problems = Diagnostics::new();
        if let Some(local) = config.local.known() {
            for (name, value) in [("path", &local.path), ("identity_file", &local.identity_file)] {
                if value.as_str() == Some("") {
                    problems.push(
                        Diagnostic::error(format!("Invalid value for `local.{name}`"))
                            .detail("It is empty. Give a path, or leave the argument out.")
                            .at(tf_plugin::AttributePath::new("local").attribute(name)),
                    );
                }
            }
        }
        problems
    }

    async fn configure(&self, request: ConfigureRequest<ProviderModel>) -> Result<Client, Diagnostics> {
        let local = request.config.local.into_known().unwrap_or_default();
        let path = known_path("path", &local.path)?.unwrap_or_else(|| PathBuf::from(".secrets"));
        let identity_file = known_path("identity_file", &local.identity_file)?;
        let identity =
            IdentitySource::resolve(identity_file.as_deref(), |variable| std::env::var_os(variable))
                .map_err(|error| not_usable("identity_file", &error))?;
        let store: Arc<dyn Store> = Arc::new(
            LocalStore::open(LocalConfig::new(path, identity)).map_err(|error| not_usable("path", &error))?,
        );
        // Terraform starts its providers in the root module's folder and tells them nothing else about the configuration.
        let workspace = std::env::current_dir().unwrap_or_default();
        Ok(Client::new(store, &workspace.to_string_lossy()))
    }
}

/// An argument of the store block that does not lead to a store.
fn not_usable(name: &str, error: &Invalid) -> Diagnostics {
    crate::diagnostics::invalid(tf_plugin::AttributePath::new("local").attribute(name), error).into()
}

/// A path of the provider block. It has to be known: every process of a run must find the same store.
fn known_path(name: &str, value: &Value<String>) -> Result<Option<PathBuf>, Diagnostics> {
    match value {
        Value::Known(path) => Ok(Some(PathBuf::from(path))),
        Value::Null => Ok(None),
        Value::Unknown => Err(Diagnostic::error(format!("`local.{name}` is not known yet"))
            .detail(
                "It depends on a resource that does not exist yet, so the store cannot be found when Terraform plans. Give it as a literal or a \
                 variable.",
            )
            .at(tf_plugin::AttributePath::new("local").attribute(name))
            .into()),
    }
}
