//! Managed resources: validate, read, import.

use std::sync::Arc;

use super::convert;
use super::provider::either;
use super::registry::{
    Registry, Unknowns, bug, check_write_only, find, incoming, incoming_identity, outgoing,
    outgoing_identity, wire,
};
use super::run::{Interrupt, failure, run};
use crate::adapter::Stored;
use crate::generated::tfplugin6 as pb;
use crate::object::{ImportTarget, Provider};
use crate::{Diagnostic, Diagnostics, Dynamic};

pub(crate) async fn validate<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::validate_resource_config::Request,
) -> pb::validate_resource_config::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "ValidateResourceConfig", &type_name, Interrupt::Drops, async move {
        let entry = find(&this.resources, "resource", &request.type_name)?;
        let config = incoming(request.config, &entry.kind, "the configuration")?;
        let context = this.context(&request.type_name, request.client_capabilities);
        let mut diagnostics = check_write_only(&config, entry.body(), &context);
        diagnostics.extend(entry.object.validate(config, context).await);
        Ok(diagnostics)
    })
    .await;
    pb::validate_resource_config::Response { diagnostics: convert::diagnostics(either(result)) }
}

pub(crate) async fn read<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::read_resource::Request,
) -> pb::read_resource::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "ReadResource", &type_name, Interrupt::Drops, async move {
        let entry = find(&this.resources, "resource", &request.type_name)?;
        let state = incoming(request.current_state, &entry.kind, "the state")?;
        if state.is_null() {
            return Ok(pb::read_resource::Response::default());
        }
        let current_identity = request.current_identity.clone();
        let stored = Stored {
            state,
            private: request.private.clone(),
            identity: incoming_identity(request.current_identity, entry.identity.as_ref())?,
        };
        let context = this.context(&request.type_name, request.client_capabilities);
        let outcome = entry.object.read(&this.client()?, stored, context).await.map_err(failure)?;
        let state = outgoing(
            outcome.state.unwrap_or_default(),
            &entry.schema,
            Unknowns::Refused,
            &request.type_name,
        )?;
        let identity = outgoing_identity(outcome.identity, entry.identity.as_ref(), &request.type_name)?;
        Ok(pb::read_resource::Response {
            new_state: Some(wire(&state, &entry.kind)?),
            diagnostics: convert::diagnostics(outcome.diagnostics),
            private: outcome.private.unwrap_or(request.private),
            deferred: None,
            new_identity: identity.or(current_identity),
        })
    })
    .await;
    result.unwrap_or_else(|diagnostics| pb::read_resource::Response {
        diagnostics: convert::diagnostics(failure(diagnostics)),
        ..Default::default()
    })
}

pub(crate) async fn import<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::import_resource_state::Request,
) -> pb::import_resource_state::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "ImportResourceState", &type_name, Interrupt::Asks, async move {
        let entry = find(&this.resources, "resource", &request.type_name)?;
        let target = match incoming_identity(request.identity, entry.identity.as_ref())? {
            Some(identity) => ImportTarget::Identity(identity),
            None => ImportTarget::Id(request.id),
        };
        let context = this.context(&request.type_name, request.client_capabilities);
        let outcome = entry.object.import(&this.client()?, target, context).await.map_err(failure)?;
        let state = imported_state(outcome.state, &entry.schema, &request.type_name)?;
        let imported = pb::import_resource_state::ImportedResource {
            type_name: request.type_name.clone(),
            state: Some(wire(&state, &entry.kind)?),
            private: outcome.private.unwrap_or_default(),
            identity: outgoing_identity(outcome.identity, entry.identity.as_ref(), &request.type_name)?,
        };
        Ok((imported, outcome.diagnostics))
    })
    .await;
    match result {
        Ok((imported, diagnostics)) => pb::import_resource_state::Response {
            imported_resources: vec![imported],
            diagnostics: convert::diagnostics(diagnostics),
            deferred: None,
        },
        Err(diagnostics) => pb::import_resource_state::Response {
            diagnostics: convert::diagnostics(failure(diagnostics)),
            ..Default::default()
        },
    }
}

/// An imported state must exist: an object that is not there is an error of the user, not null.
fn imported_state(
    state: Option<Dynamic>,
    schema: &crate::Schema,
    type_name: &str,
) -> Result<Dynamic, Diagnostics> {
    match state {
        Some(state) if !state.is_null() => outgoing(state, schema, Unknowns::Refused, type_name),
        _ => Err(bug(type_name, "imported nothing and reported no error", &[])
            .with(Diagnostic::error("nothing was imported"))),
    }
}
