//! Ephemeral resources: validate, open, renew, close.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::convert;
use super::provider::either;
use super::registry::{Registry, Unknowns, bug, find, incoming, outgoing, wire};
use super::run::{Interrupt, failure, run};
use crate::Diagnostics;
use crate::generated::tfplugin6 as pb;
use crate::object::Provider;
use crate::shape;

pub(crate) async fn validate<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::validate_ephemeral_resource_config::Request,
) -> pb::validate_ephemeral_resource_config::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "ValidateEphemeralResourceConfig", &type_name, Interrupt::Drops, async move {
        let entry = find(&this.ephemeral_resources, "ephemeral resource", &request.type_name)?;
        let config = incoming(request.config, &entry.kind, "the configuration")?;
        Ok(entry.object.validate(config, this.context(&request.type_name, None)).await)
    })
    .await;
    pb::validate_ephemeral_resource_config::Response { diagnostics: convert::diagnostics(either(result)) }
}

pub(crate) async fn open<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::open_ephemeral_resource::Request,
) -> pb::open_ephemeral_resource::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "OpenEphemeralResource", &type_name, Interrupt::Asks, async move {
        let type_name = request.type_name.as_str();
        let entry = find(&this.ephemeral_resources, "ephemeral resource", type_name)?;
        let config = incoming(request.config, &entry.kind, "the configuration")?;
        let context = this.context(type_name, request.client_capabilities);
        let opened = entry.object.open(&this.client()?, config.clone(), context).await.map_err(failure)?;
        let result = outgoing(opened.result, &entry.schema, Unknowns::Refused, type_name)?;
        let broken = shape::unfilled_result(&config, &result, entry.body());
        if !broken.is_empty() {
            return Err(bug(type_name, "did not repeat its configuration in its result", &broken));
        }
        Ok(pb::open_ephemeral_resource::Response {
            diagnostics: convert::diagnostics(opened.diagnostics),
            renew_at: opened.renew_at.map(Into::into),
            result: Some(wire(&result, &entry.kind)?),
            private: opened.private,
            deferred: None,
        })
    })
    .await;
    result.unwrap_or_else(|diagnostics| pb::open_ephemeral_resource::Response {
        diagnostics: convert::diagnostics(failure(diagnostics)),
        ..Default::default()
    })
}

pub(crate) async fn renew<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::renew_ephemeral_resource::Request,
) -> pb::renew_ephemeral_resource::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "RenewEphemeralResource", &type_name, Interrupt::Asks, async move {
        let entry = find(&this.ephemeral_resources, "ephemeral resource", &request.type_name)?;
        let private = request.private.unwrap_or_default();
        let context = this.context(&request.type_name, None);
        let renewed = entry.object.renew(&this.client()?, private.clone(), context).await.map_err(failure)?;
        Ok(pb::renew_ephemeral_resource::Response {
            diagnostics: convert::diagnostics(renewed.diagnostics),
            renew_at: renewed.renew_at.map(Into::into),
            private: Some(renewed.private.unwrap_or(private)),
        })
    })
    .await;
    result.unwrap_or_else(|diagnostics| pb::renew_ephemeral_resource::Response {
        diagnostics: convert::diagnostics(failure(diagnostics)),
        ..Default::default()
    })
}

pub(crate) async fn close<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::close_ephemeral_resource::Request,
) -> pb::close_ephemeral_resource::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result: Result<Diagnostics, Diagnostics> =
        run(registry, "CloseEphemeralResource", &type_name, Interrupt::Asks, async move {
            let entry = find(&this.ephemeral_resources, "ephemeral resource", &request.type_name)?;
            let mut context = this.context(&request.type_name, None);
            // Closing is what an interrupted run still has to do.
            context.cancellation = CancellationToken::new();
            entry.object.close(&this.client()?, request.private.unwrap_or_default(), context).await
        })
        .await;
    pb::close_ephemeral_resource::Response { diagnostics: convert::diagnostics(either(result)) }
}
