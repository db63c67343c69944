//! Action `secret_rollback`: the previous version becomes current again, for a rotation whose value does not work.

use async_trait::async_trait;
use secret_store::{Promotion, VersionLabel};
use tf_plugin::{Action, Context, Diagnostic, Diagnostics, InvokeRequest, Schema};

use super::{OnSecret, secret_id};
use crate::client::Client;
use crate::diagnostics::failed;

/// The action `secret_rollback`.
#[derive(Debug)]
pub(crate) struct SecretRollback;

#[async_trait]
impl Action for SecretRollback {
    type Client = Client;
    type Config = OnSecret;

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "Makes the previous version of a secret current again, while the store keeps it. The version that was current becomes the previous one, \
                 so doing it twice changes nothing in the end.",
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
        let doing = format!("roll secret `{name}` back");
        let description = client.store().describe(&name).await.map_err(|error| failed(&doing, &error))?;
        let Some(previous) = description.version_with(&VersionLabel::Previous) else {
            return Err(Diagnostic::error(format!("Could not {doing}"))
                .detail("It has no previous version, or the grace of that version is over.")
                .at("secret_id")
                .into());
        };
        let promotion = Promotion { version: previous.id.clone(), keep_previous_for: None };
        let newer = client.store().promote(&name, promotion).await.map_err(|error| failed(&doing, &error))?;
        let was = &previous.id;
        let report = match newer.current() {
            // Where versions are numbered as they become current, the value comes back under another number.
            Some(current) if current.id != *was => {
                format!(
                    "the value of version `{was}` of secret `{name}` is current again, as version `{}`",
                    current.id
                )
            }
            _ => format!("version `{was}` of secret `{name}` is current again"),
        };
        request.progress.report(report).await;
        Ok(Diagnostics::new())
    }
}
