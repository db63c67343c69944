//! An account as the place that keeps secrets: CloudTrail writes down who reads one. A trail of objects in S3 beside the trail of the
//! account is normal, so the trails of a plan are judged together; and a plan without any says nothing, since the trail of an organisation
//! stands elsewhere.

use super::super::collected::Collected;
use super::super::model::{Audit, Store};

/// Adds the account, where the plan has trails of it.
pub(super) fn extract(collected: &mut Collected) {
    let facts = &mut collected.facts;
    let trails: Vec<&Audit> =
        facts.audits.iter().filter(|audit| audit.kind == "trail" && audit.origin.platform == "aws").collect();
    let [first, ..] = trails.as_slice() else { return };
    let writes_down =
        |trail: &Audit| Some(trail.enabled? && trail.covers_secrets?).or_else(|| certainly_not(trail));
    let answers: Vec<Option<bool>> = trails.iter().map(|trail| writes_down(trail)).collect();
    let audited = match answers.as_slice() {
        answers if answers.contains(&Some(true)) => Some(true),
        answers if answers.contains(&None) => None,
        _ => Some(false),
    };
    let mut origin = first.origin.clone();
    let decisive = if first.enabled == Some(false) { "enabled" } else { "covers_secrets" };
    let path = origin.paths.get(decisive).cloned().unwrap_or_default();
    origin.paths.insert("audited".to_owned(), path);
    origin.unknown.clear();
    if audited.is_none() {
        origin.unknown.push("audited".to_owned());
    }
    let audits = trails.iter().map(|trail| trail.origin.address.clone()).collect();
    facts.stores.push(Store { audited, audits, ..Store::of(origin, "account") });
}

/// Switched off or blind for certain, whatever the other of the two is.
fn certainly_not(trail: &Audit) -> Option<bool> {
    (trail.enabled == Some(false) || trail.covers_secrets == Some(false)).then_some(false)
}
