//! Action `secret_revoke`: takes every access of one identity to one secret away, whoever gave it.

use async_trait::async_trait;
use secret_store::{GrantId, Principal};
use serde::{Deserialize, Serialize};
use tf_plugin::{Action, Attribute, Context, Diagnostic, Diagnostics, InvokeRequest, Schema, Value};

use super::secret_id;
use crate::client::Client;
use crate::diagnostics::{failed, invalid};
use crate::names;

/// The action `secret_revoke`.
#[derive(Debug)]
pub(crate) struct SecretRevoke;

/// Whose access to what.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RevokeModel {
    secret_id: Value<String>,
    principal: Value<String>,
}

#[async_trait]
impl Action for SecretRevoke {
    type Client = Client;
    type Config = RevokeModel;

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "Revokes all grants of one identity on a secret at once, by Terraform or not. A `secret_grant` that is still configured is given again by \
                 the next apply, so remove it as well. Rotate the secret afterwards: what the identity has read it may have kept.",
            )
            .attribute(secret_id())
            .attribute(Attribute::string("principal").required().description("The identity, as the grants name it."))
    }

    async fn validate(&self, config: RevokeModel, _context: Context) -> Diagnostics {
        let mut problems = Diagnostics::new();
        problems.extend(names::problem("secret_id", &config.secret_id));
        if let Some(text) = config.principal.as_str() {
            problems.extend(Principal::parse(text).err().map(|error| invalid("principal", &error)));
        }
        problems
    }

    async fn invoke(
        &self,
        client: &Client,
        request: InvokeRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        let name = names::parsed("secret_id", &request.config.secret_id)?;
        let principal = request.config.principal.as_str().unwrap_or_default();
        let doing = format!("revoke access to secret `{name}`");
        let grants = client.store().grants(&name).await.map_err(|error| failed(&doing, &error))?;
        let theirs: Vec<GrantId> = grants
            .iter()
            .filter(|grant| grant.spec.principal.as_str() == principal)
            .map(|grant| grant.id)
            .collect();
        if theirs.is_empty() {
            return Ok(Diagnostic::warning("Nothing to revoke")
                .detail(format!("`{principal}` has no grant on secret `{name}`."))
                .at("principal")
                .into());
        }
        for grant in &theirs {
            match client.store().revoke(&name, grant).await {
                Err(error) if !error.is_not_found() => return Err(failed(&doing, &error)),
                _ => {}
            }
        }
        request
            .progress
            .report(format!("{} grants on secret `{name}` revoked; rotate it now", theirs.len()))
            .await;
        Ok(Diagnostics::new())
    }
}
