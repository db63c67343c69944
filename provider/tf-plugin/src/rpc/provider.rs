//! The provider block: validate and configure.

use std::sync::Arc;

use super::convert;
use super::registry::{Registry, incoming};
use super::run::{Interrupt, failure, run};
use crate::Diagnostics;
use crate::generated::tfplugin6 as pb;
use crate::model::{self, ModelError};
use crate::object::{ConfigureRequest, Provider};

pub(crate) async fn validate<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::validate_provider_config::Request,
) -> pb::validate_provider_config::Response {
    let this = Arc::clone(registry);
    let result = run(registry, "ValidateProviderConfig", "provider", Interrupt::Drops, async move {
        let tree = incoming(request.config, &this.kind, "the provider's configuration")?;
        let config = model::from_dynamic(tree).map_err(ModelError::into_diagnostics)?;
        Ok(this.provider.validate(config, this.context("provider", None)).await)
    })
    .await;
    pb::validate_provider_config::Response { diagnostics: convert::diagnostics(either(result)) }
}

pub(crate) async fn configure<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::configure_provider::Request,
) -> pb::configure_provider::Response {
    let this = Arc::clone(registry);
    let result = run(registry, "ConfigureProvider", "provider", Interrupt::Drops, async move {
        let tree = incoming(request.config, &this.kind, "the provider's configuration")?;
        let context = this.context("provider", request.client_capabilities);
        let request = ConfigureRequest {
            config: model::from_dynamic(tree).map_err(ModelError::into_diagnostics)?,
            terraform_version: request.terraform_version,
            capabilities: context.capabilities,
            context,
        };
        let client = this.provider.configure(request).await.map_err(failure)?;
        this.set_client(client);
        Ok(Diagnostics::new())
    })
    .await;
    pb::configure_provider::Response { diagnostics: convert::diagnostics(either(result)) }
}

/// Diagnostics, from success or failure.
pub(crate) fn either(result: Result<Diagnostics, Diagnostics>) -> Diagnostics {
    result.unwrap_or_else(failure)
}
