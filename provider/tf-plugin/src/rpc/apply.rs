//! Applying a change: create, update, delete. After the first remote write a state is always returned, whatever happens:
//! a new object without one would be an orphan.

use std::sync::Arc;

use super::convert;
use super::registry::{
    Entry, Registry, Unknowns, bug, find, incoming, incoming_identity, outgoing, outgoing_identity, wire,
};
use super::run::{Interrupt, failure, locked, run};
use crate::adapter::{CheckpointSlot, DynApply, DynResource, Outcome, Stored};
use crate::generated::tfplugin6 as pb;
use crate::object::{Context, Provider};
use crate::shape;
use crate::{Diagnostics, Dynamic};

use pb::apply_resource_change::{Request, Response};

/// A decoded request.
struct Change<C> {
    entry: Arc<Entry<dyn DynResource<C>>>,
    client: C,
    context: Context,
    prior: Dynamic,
    planned: Dynamic,
    config: Dynamic,
    private: Vec<u8>,
    identity: Option<Dynamic>,
    wire_identity: Option<pb::ResourceIdentityData>,
}

pub(crate) async fn apply<P: Provider>(registry: &Arc<Registry<P>>, request: Request) -> Response {
    match decode(registry, request) {
        Ok(change) if change.planned.is_null() => delete(registry, change).await,
        Ok(change) => create_or_update(registry, change).await,
        Err((diagnostics, prior)) => Response {
            diagnostics: convert::diagnostics(failure(diagnostics)),
            new_state: prior,
            ..Default::default()
        },
    }
}

/// Decodes the request. On failure nothing has happened: the prior state is given back as it came.
fn decode<P: Provider>(
    registry: &Registry<P>,
    request: Request,
) -> Result<Change<P::Client>, (Diagnostics, Option<pb::DynamicValue>)> {
    let untouched = request.prior_state.clone();
    let decoded = || {
        let entry = find(&registry.resources, "resource", &request.type_name)?;
        Ok(Change {
            client: registry.client()?,
            context: registry.context(&request.type_name, None),
            prior: incoming(request.prior_state, &entry.kind, "the prior state")?,
            planned: incoming(request.planned_state, &entry.kind, "the planned state")?,
            config: incoming(request.config, &entry.kind, "the configuration")?,
            private: request.planned_private,
            wire_identity: request.planned_identity.clone(),
            identity: incoming_identity(request.planned_identity, entry.identity.as_ref())?,
            entry,
        })
    };
    decoded().map_err(|diagnostics| (diagnostics, untouched))
}

async fn delete<P: Provider>(registry: &Arc<Registry<P>>, change: Change<P::Client>) -> Response {
    let Change { entry, client, context, prior, private, identity, wire_identity, .. } = change;
    let type_name = Arc::clone(&context.type_name);
    let stored = Stored { state: prior.clone(), private: private.clone(), identity };
    let object = Arc::clone(&entry.object);
    let deleted = run(registry, "ApplyResourceChange(delete)", &type_name, Interrupt::Asks, async move {
        object.delete(&client, stored, context).await
    })
    .await;
    match deleted {
        Ok(diagnostics) if !diagnostics.has_errors() => Response {
            new_state: wire(&Dynamic::Null, &entry.kind).ok(),
            diagnostics: convert::diagnostics(diagnostics),
            ..Default::default()
        },
        Ok(diagnostics) | Err(diagnostics) => Response {
            new_state: wire(&prior, &entry.kind).ok(),
            private,
            diagnostics: convert::diagnostics(failure(diagnostics)),
            new_identity: wire_identity,
            ..Default::default()
        },
    }
}

async fn create_or_update<P: Provider>(registry: &Arc<Registry<P>>, change: Change<P::Client>) -> Response {
    let Change { entry, client, context, prior, planned, config, private, identity, wire_identity } = change;
    let type_name = Arc::clone(&context.type_name);
    let rpc = if prior.is_null() { "ApplyResourceChange(create)" } else { "ApplyResourceChange(update)" };
    let checkpoint = CheckpointSlot::default();
    let request = DynApply {
        prior: prior.clone(),
        config,
        planned: planned.clone(),
        private: private.clone(),
        identity,
        checkpoint: Arc::clone(&checkpoint),
    };
    let object = Arc::clone(&entry.object);
    let result = run(registry, rpc, &type_name, Interrupt::Asks, async move {
        object.apply(&client, request, context).await
    })
    .await;
    let record = locked(&checkpoint);
    let (recorded, recorded_private) =
        record.map_or((None, None), |record| (Some(record.state), record.private));

    let mut finished = match result {
        Ok(outcome) => finish(&entry, outcome, recorded, recorded_private, &prior, &planned, &type_name),
        Err(diagnostics) => Finished {
            state: last_known(&entry, recorded, &prior, &planned, &type_name),
            private: recorded_private,
            identity: None,
            diagnostics: failure(diagnostics),
        },
    };
    if finished.identity.is_none() && !finished.state.is_null() {
        finished.identity = entry.object.identity_of(&finished.state);
    }
    let identity = match outgoing_identity(finished.identity, entry.identity.as_ref(), &type_name) {
        Ok(identity) => identity.or(wire_identity),
        Err(diagnostics) => {
            finished.diagnostics.extend(diagnostics);
            wire_identity
        }
    };
    if entry.identity.is_some()
        && identity.is_none()
        && !finished.state.is_null()
        && !finished.diagnostics.has_errors()
    {
        finished.diagnostics.extend(bug(&type_name, "has an identity schema and gave no identity", &[]));
    }
    let new_state = wire(&finished.state, &entry.kind).unwrap_or_else(|diagnostics| {
        finished.diagnostics.extend(diagnostics);
        pb::DynamicValue::default()
    });
    Response {
        new_state: Some(new_state),
        private: finished.private.unwrap_or(private),
        diagnostics: convert::diagnostics(finished.diagnostics),
        legacy_type_system: false,
        new_identity: identity,
    }
}

struct Finished {
    state: Dynamic,
    private: Option<Vec<u8>>,
    identity: Option<Dynamic>,
    diagnostics: Diagnostics,
}

/// The author's code has returned: check what it returned, and keep a state in any case.
fn finish<C>(
    entry: &Entry<dyn DynResource<C>>,
    outcome: Outcome,
    recorded: Option<Dynamic>,
    recorded_private: Option<Vec<u8>>,
    prior: &Dynamic,
    planned: &Dynamic,
    type_name: &str,
) -> Finished {
    let mut diagnostics = outcome.diagnostics;
    let private = outcome.private.or(recorded_private);
    let given = outcome.state.is_some();
    if !given && !diagnostics.has_errors() {
        diagnostics.extend(bug(type_name, "returned neither a state nor an error", &[]));
    }
    let fitted = match outcome.state {
        Some(state) => outgoing(state, &entry.schema, Unknowns::Allowed, type_name),
        None => Ok(last_known(entry, recorded.clone(), prior, planned, type_name)),
    };
    let state = match fitted {
        Ok(state) if given && !diagnostics.has_errors() => {
            let unknown = shape::unknown_paths(&state);
            let broken = shape::broken_apply(planned, &state);
            if !unknown.is_empty() {
                diagnostics.extend(bug(
                    type_name,
                    "left values unknown that must be known after apply",
                    &unknown,
                ));
            } else if !broken.is_empty() {
                diagnostics.extend(bug(type_name, "planned one value and applied another", &broken));
            }
            state
        }
        Ok(state) => state,
        Err(misfit) => {
            diagnostics.extend(misfit);
            // Something was made, so something must be recorded: as much as the plan knew.
            let state = last_known(entry, recorded, prior, planned, type_name);
            if state.is_null() { planned.clone() } else { state }
        }
    };
    Finished { state: state.unknown_as_null(), private, identity: outcome.identity, diagnostics }
}

/// What is known to exist when the author's code failed: the last checkpoint, or what there was before.
fn last_known<C>(
    entry: &Entry<dyn DynResource<C>>,
    recorded: Option<Dynamic>,
    prior: &Dynamic,
    planned: &Dynamic,
    type_name: &str,
) -> Dynamic {
    let Some(recorded) = recorded else { return prior.clone() };
    outgoing(recorded, &entry.schema, Unknowns::Allowed, type_name)
        .unwrap_or_else(|_| planned.clone())
        .unknown_as_null()
}
