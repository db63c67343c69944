//! Data sources: validate and read.

use std::sync::Arc;

use super::convert;
use super::provider::either;
use super::registry::{Registry, Unknowns, bug, find, incoming, outgoing, wire};
use super::run::{Interrupt, failure, run};
use crate::generated::tfplugin6 as pb;
use crate::object::Provider;
use crate::shape;

pub(crate) async fn validate<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::validate_data_resource_config::Request,
) -> pb::validate_data_resource_config::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "ValidateDataResourceConfig", &type_name, Interrupt::Drops, async move {
        let entry = find(&this.data_sources, "data source", &request.type_name)?;
        let config = incoming(request.config, &entry.kind, "the configuration")?;
        Ok(entry.object.validate(config, this.context(&request.type_name, None)).await)
    })
    .await;
    pb::validate_data_resource_config::Response { diagnostics: convert::diagnostics(either(result)) }
}

pub(crate) async fn read<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::read_data_source::Request,
) -> pb::read_data_source::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "ReadDataSource", &type_name, Interrupt::Drops, async move {
        let type_name = request.type_name.as_str();
        let entry = find(&this.data_sources, "data source", type_name)?;
        let config = incoming(request.config, &entry.kind, "the configuration")?;
        let context = this.context(type_name, request.client_capabilities);
        let (state, diagnostics) =
            entry.object.read(&this.client()?, config.clone(), context).await.map_err(failure)?;
        let state = outgoing(state, &entry.schema, Unknowns::Refused, type_name)?;
        let broken = shape::unfilled_result(&config, &state, entry.body());
        if !broken.is_empty() {
            return Err(bug(type_name, "did not repeat its configuration in its result", &broken));
        }
        Ok((wire(&state, &entry.kind)?, diagnostics))
    })
    .await;
    match result {
        Ok((state, diagnostics)) => pb::read_data_source::Response {
            state: Some(state),
            diagnostics: convert::diagnostics(diagnostics),
            deferred: None,
        },
        Err(diagnostics) => pb::read_data_source::Response {
            diagnostics: convert::diagnostics(failure(diagnostics)),
            ..Default::default()
        },
    }
}
