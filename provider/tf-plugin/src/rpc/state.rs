//! States from the state file: upgrade to today's schema, move from another type, and the same for identities.

use std::sync::Arc;

use super::convert;
use super::registry::{Registry, Unknowns, find, outgoing, outgoing_identity, wire};
use super::run::{Interrupt, failure, run};
use crate::codec;
use crate::generated::tfplugin6 as pb;
use crate::object::{MoveRequest, Provider, RawState, UpgradeRequest};
use crate::{Diagnostic, Diagnostics, Dynamic};

fn json_of(state: Option<pb::RawState>) -> Result<Vec<u8>, Diagnostics> {
    let state = state.unwrap_or_default();
    if !state.flatmap.is_empty() {
        return Err(Diagnostic::error("the state was written by Terraform 0.11 or older")
            .detail("Upgrade step by step: run `terraform apply` once with Terraform 0.12 to 1.0 and an older provider.")
            .into());
    }
    Ok(if state.json.is_empty() { b"null".to_vec() } else { state.json })
}

pub(crate) async fn upgrade<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::upgrade_resource_state::Request,
) -> pb::upgrade_resource_state::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "UpgradeResourceState", &type_name, Interrupt::Drops, async move {
        let type_name = request.type_name.as_str();
        let entry = find(&this.resources, "resource", type_name)?;
        let json = json_of(request.raw_state)?;
        let today = entry.schema.version;
        let state = if request.version == today {
            codec::decode_json(&json, &entry.kind).map_err(|error| error.into_diagnostics("the stored state"))?
        } else if request.version > today {
            return Err(Diagnostic::error(format!("the state of `{type_name}` is newer than the provider"))
                .detail(format!(
                    "It was written under schema version {}, this provider knows up to {today}. Use a newer provider.",
                    request.version
                ))
                .into());
        } else {
            let request = UpgradeRequest {
                version: request.version,
                state: RawState::from_json(json),
                context: this.context(type_name, None),
            };
            entry.object.upgrade_state(request).await.map_err(failure)?
        };
        let state = outgoing(state, &entry.schema, Unknowns::Refused, type_name)?;
        wire(&state, &entry.kind)
    })
    .await;
    match result {
        Ok(state) => {
            pb::upgrade_resource_state::Response { upgraded_state: Some(state), diagnostics: Vec::new() }
        }
        Err(diagnostics) => pb::upgrade_resource_state::Response {
            upgraded_state: None,
            diagnostics: convert::diagnostics(failure(diagnostics)),
        },
    }
}

/// An identity of another version is read by name: new attributes are null, removed ones dropped.
pub(crate) fn upgrade_identity<P: Provider>(
    registry: &Registry<P>,
    request: pb::upgrade_resource_identity::Request,
) -> pb::upgrade_resource_identity::Response {
    let upgraded = || {
        let entry = find(&registry.resources, "resource", &request.type_name)?;
        let Some((_, kind)) = &entry.identity else {
            return Err(Diagnostic::error(format!("`{}` has no identity", request.type_name)).into());
        };
        let json = json_of(request.raw_identity)?;
        let identity =
            codec::decode_json(&json, kind).map_err(|error| error.into_diagnostics("the stored identity"))?;
        Ok(pb::ResourceIdentityData { identity_data: Some(wire(&identity, kind)?) })
    };
    match upgraded() {
        Ok(identity) => pb::upgrade_resource_identity::Response {
            upgraded_identity: Some(identity),
            diagnostics: Vec::new(),
        },
        Err(diagnostics) => pb::upgrade_resource_identity::Response {
            upgraded_identity: None,
            diagnostics: convert::diagnostics(diagnostics),
        },
    }
}

pub(crate) async fn move_state<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::move_resource_state::Request,
) -> pb::move_resource_state::Response {
    let this = Arc::clone(registry);
    let type_name = request.target_type_name.clone();
    let result = run(registry, "MoveResourceState", &type_name, Interrupt::Drops, async move {
        let type_name = request.target_type_name.as_str();
        let entry = find(&this.resources, "resource", type_name)?;
        let source = request.source_type_name.clone();
        let request = MoveRequest {
            source_provider_address: request.source_provider_address,
            source_type_name: request.source_type_name,
            source_schema_version: request.source_schema_version,
            source_state: RawState::from_json(json_of(request.source_state)?),
            source_private: request.source_private,
            source_identity: request
                .source_identity
                .filter(|identity| !identity.json.is_empty())
                .map(|identity| RawState::from_json(identity.json)),
            context: this.context(type_name, None),
        };
        let Some(outcome) = entry.object.move_state(request).await.map_err(failure)? else {
            return Err(Diagnostic::error(format!("a `{source}` cannot be moved to a `{type_name}`"))
                .detail("Remove the `moved` block, and import the object instead.")
                .into());
        };
        let state =
            outgoing(outcome.state.unwrap_or(Dynamic::Null), &entry.schema, Unknowns::Refused, type_name)?;
        Ok(pb::move_resource_state::Response {
            target_state: Some(wire(&state, &entry.kind)?),
            diagnostics: convert::diagnostics(outcome.diagnostics),
            target_private: outcome.private.unwrap_or_default(),
            target_identity: outgoing_identity(outcome.identity, entry.identity.as_ref(), type_name)?,
        })
    })
    .await;
    result.unwrap_or_else(|diagnostics| pb::move_resource_state::Response {
        diagnostics: convert::diagnostics(failure(diagnostics)),
        ..Default::default()
    })
}
