//! An account as the place that keeps secrets: CloudTrail writes down who reads one. A trail of objects in S3 beside the trail of the
//! account is normal, so the trails of a plan belong together. That none of them has the reads does not say that nothing has: the trail of an
//! organisation stands elsewhere. Whether a trail itself is off or blind is told of the trail.

use super::super::collected::Collected;
use super::super::model::{Audit, Store};

/// Adds the account, where the plan has trails of it.
pub(super) fn extract(collected: &mut Collected) {
    let facts = &mut collected.facts;
    let trails: Vec<&Audit> =
        facts.audits.iter().filter(|audit| audit.kind == "trail" && audit.origin.platform == "aws").collect();
    let [first, ..] = trails.as_slice() else { return };
    let writes_down = |trail: &&Audit| trail.enabled == Some(true) && trail.covers_secrets == Some(true);
    let audited = trails.iter().any(writes_down).then_some(true);
    let mut origin = first.origin.clone();
    origin.unknown.clear();
    let audits = trails.iter().map(|trail| trail.origin.address.clone()).collect();
    facts.stores.push(Store { audited, audits, ..Store::of(origin, "account") });
}
