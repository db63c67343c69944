//! Action `secret_rotate`: a new value now, due or not, in the same four steps as a rotation that is due.

use async_trait::async_trait;
use tf_plugin::{Action, Context, Diagnostics, InvokeRequest, Schema};

use super::{OnSecret, secret_id};
use crate::client::Client;
use crate::diagnostics::failed;
use crate::resources::{Rotated, rotate_now};

/// The action `secret_rotate`.
#[derive(Debug)]
pub(crate) struct SecretRotate;

#[async_trait]
impl Action for SecretRotate {
    type Client = Client;
    type Config = OnSecret;

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "Gives a secret a new value now: by the store, where its `secret_rotation` has a `database`, `rotation_lambda_arn` or `managed`, else by its `generate` \
                 rule. A previous value that the provider replaced keeps the grace of that `secret_rotation`, if it has one. AWS is waited for up to a minute; a \
                 rotation that takes longer goes on, with a warning.",
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
        request.progress.report(format!("rotating secret `{name}`")).await;
        let rotated = rotate_now(client, &name, &request.context)
            .await
            .map_err(|error| failed(&format!("rotate secret `{name}`"), &error))?;
        match rotated {
            Rotated::GoesOn(warning) => Ok(warning.into()),
            Rotated::Done(current) => {
                if let Some(version) = current {
                    request.progress.report(format!("version `{version}` is current")).await;
                }
                Ok(Diagnostics::new())
            }
        }
    }
}
