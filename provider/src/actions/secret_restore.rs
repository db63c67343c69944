//! Action `secret_restore`: undoes a deletion within its recovery window.

use async_trait::async_trait;
use tf_plugin::{Action, Context, Diagnostics, InvokeRequest, Schema};

use super::{OnSecret, secret_id};
use crate::client::Client;
use crate::diagnostics::failed;

/// The action `secret_restore`.
#[derive(Debug)]
pub(crate) struct SecretRestore;

#[async_trait]
impl Action for SecretRestore {
    type Client = Client;
    type Config = OnSecret;

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "Restores a deleted secret with its versions and grants, while its recovery window lasts.",
            )
            .attribute(secret_id())
    }

    async fn validate(&self, config: OnSecret, _context: Context) -> Diagnostics {
        config.check()
    }

    async fn invoke(
        &self,
        client: &Client,
        request: InvokeRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        let name = request.config.name()?;
        client
            .store()
            .restore(&name)
            .await
            .map_err(|error| failed(&format!("restore secret `{name}`"), &error))?;
        request.progress.report(format!("secret `{name}` is restored")).await;
        Ok(Diagnostics::new())
    }
}
