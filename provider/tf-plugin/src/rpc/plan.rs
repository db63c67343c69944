//! Planning a change of a managed resource.

use std::sync::Arc;

use super::convert;
use super::registry::{
    Registry, Unknowns, bug, check_write_only, find, incoming, incoming_identity, outgoing, wire,
};
use super::run::{Interrupt, failure, run};
use crate::Diagnostics;
use crate::adapter::{DynPlan, Stored};
use crate::generated::tfplugin6 as pb;
use crate::object::Provider;
use crate::shape;

use pb::plan_resource_change::{Request, Response};

pub(crate) async fn plan<P: Provider>(registry: &Arc<Registry<P>>, request: Request) -> Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "PlanResourceChange", &type_name, Interrupt::Drops, async move {
        change(&this, request).await
    })
    .await;
    result.unwrap_or_else(|diagnostics| Response {
        diagnostics: convert::diagnostics(failure(diagnostics)),
        ..Default::default()
    })
}

async fn change<P: Provider>(registry: &Registry<P>, request: Request) -> Result<Response, Diagnostics> {
    let type_name = request.type_name.as_str();
    let entry = find(&registry.resources, "resource", type_name)?;
    let context = registry.context(type_name, request.client_capabilities);
    let prior = incoming(request.prior_state, &entry.kind, "the prior state")?;
    let mut proposed = incoming(request.proposed_new_state, &entry.kind, "the proposed state")?;
    let prior_identity = request.prior_identity.clone();
    let identity = incoming_identity(request.prior_identity, entry.identity.as_ref())?;
    let client = registry.client()?;

    if proposed.is_null() {
        let stored = Stored { state: prior, private: request.prior_private.clone(), identity };
        let diagnostics = if stored.state.is_null() {
            Diagnostics::new()
        } else {
            entry.object.plan_destroy(&client, stored, context).await.map_err(failure)?
        };
        return Ok(Response {
            planned_state: Some(wire(&proposed, &entry.kind)?),
            planned_private: request.prior_private,
            diagnostics: convert::diagnostics(diagnostics),
            planned_identity: prior_identity,
            ..Default::default()
        });
    }

    let config = incoming(request.config, &entry.kind, "the configuration")?;
    check_write_only(&config, entry.body(), &context).ok_or_errors(())?;
    shape::null_write_only(&mut proposed, entry.body());
    let existing = (!prior.is_null()).then_some(&prior);
    shape::mark_new_computed_unknown(&mut proposed, existing, entry.body());

    let plan = DynPlan {
        prior: prior.clone(),
        config: config.clone(),
        proposed,
        private: request.prior_private.clone(),
        identity,
    };
    let planned = entry.object.plan(&client, plan, context).await.map_err(failure)?;
    let state = outgoing(planned.state, &entry.schema, Unknowns::Allowed, type_name)?;
    let broken = shape::broken_plan(&prior, &config, &state, entry.body());
    if !broken.is_empty() {
        let what = "planned a value that is neither the configured one nor the provider's to decide";
        return Err(bug(type_name, what, &broken));
    }
    let mut requires_replace = planned.requires_replace;
    if let Some(prior) = existing {
        requires_replace.extend(shape::replace_paths(prior, &state, entry.body()));
    } else {
        // There is nothing to replace yet.
        requires_replace.clear();
    }
    requires_replace.sort();
    requires_replace.dedup();
    Ok(Response {
        planned_state: Some(wire(&state, &entry.kind)?),
        requires_replace: requires_replace.iter().map(convert::path).collect(),
        planned_private: planned.private.unwrap_or(request.prior_private),
        diagnostics: convert::diagnostics(planned.diagnostics),
        // The identity of an object does not change; that of a new one is known after it is made.
        planned_identity: if existing.is_some() { prior_identity } else { None },
        ..Default::default()
    })
}
