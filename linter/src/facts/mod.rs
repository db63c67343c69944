//! Turns the resources of a plan into the model that rules are written against.
//!
//! One extractor per resource type makes secrets, rotations, grants, credentials and keys; [`exposure`] looks at every resource for values
//! where they must not be. Most resources of a big plan have to do with neither and are never parsed. The resources of a plan are independent, so
//! two threads share them; ties between them are made at the end.

mod aws;
mod azure;
mod blank;
mod collected;
mod core;
mod exposure;
mod google;
mod iam;
mod kubernetes;
pub mod model;
mod own;
mod registry;
mod removal;
mod saas;
mod schedule;
mod subject;
#[cfg(test)]
mod tests;
mod vault;
#[cfg(test)]
mod whole_plan_tests;
mod withhold;

// So that a message of a policy shows none of them.
pub(crate) use exposure::recognise;
pub(crate) use exposure::sensitive::is_known_whole;

use std::collections::BTreeMap;

use self::collected::Collected;
use self::model::Facts;
use self::subject::Subject;
use crate::plan::{Mode, Plan, ResourceChange};

/// Reads one resource and adds its facts.
type Extractor = fn(&Subject<'_>, &mut Collected);

/// Below this many changes starting a thread costs more than it saves.
const PARALLEL_ABOVE: usize = 2_000;

/// Everything the rules see of a plan. Of resources that go away
/// only that they do is told ([`model::Removal`]): the other rules are about what the plan leaves behind.
pub fn extract(plan: &Plan) -> Facts {
    let changes = plan.changes();
    let mut collected = if changes.len() > PARALLEL_ABOVE {
        let (first, second) = changes.split_at(changes.len() / 2);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| resources(plan, second));
            let mut collected = resources(plan, first);
            match second.join() {
                Ok(second) => collected.append(second),
                // A panic is a defect of ours and must not pass as a clean plan.
                Err(panic) => std::panic::resume_unwind(panic),
            }
            collected
        })
    } else {
        resources(plan, changes)
    };
    core::extract(plan, &mut collected);
    aws::extract(plan, &mut collected);
    let mut facts = collected.tie();
    withhold::recognised(&mut facts);
    facts.format_version = plan.format_version().to_owned();
    facts.terraform_version = plan.terraform_version().map(str::to_owned);
    facts.planned_at = plan.timestamp().map(str::to_owned);
    facts.redacted = plan.redacted();
    facts.resource_count = changes.len();
    facts
}

fn resources(plan: &Plan, changes: &[ResourceChange]) -> Collected {
    let mut collected = Collected::default();
    for change in changes {
        if change.exists_after() {
            resource(plan, change, &mut collected);
        }
        if removal::takes_away(change) {
            removal::extract(plan, change, &mut collected);
        }
    }
    collected
}

fn resource(plan: &Plan, change: &ResourceChange, collected: &mut Collected) {
    let extractor = extractor(change);
    let sensitive = plan.after_sensitive_text(change);
    let scanned = change.mode == Mode::Managed
        && (exposure::sensitive::knows_type(&change.resource_type)
            || plan.after_text(change).is_some_and(|after| exposure::may_hold_a_secret(after, sensitive)));
    if extractor.is_none() && !scanned {
        return;
    }
    match Subject::open(plan, change) {
        Err(unreadable) => collected.facts.unreadable.push(*unreadable),
        Ok(subject) => {
            let before = collected.facts.exposures.len();
            if let Some(extract) = extractor {
                extract(&subject, collected);
            }
            core::feeds::note(&subject, collected);
            if scanned {
                exposure::scan(&subject, collected);
                exposure::tell_once(&mut collected.facts.exposures, before);
            }
        }
    }
}

fn extractor(change: &ResourceChange) -> Option<Extractor> {
    let resource_type = &*change.resource_type;
    match change.mode {
        Mode::Managed => {
            registry::extractor(resource_type, subject::platform(resource_type, &change.provider_name))
        }
        Mode::Data => registry::data_extractor(resource_type),
        Mode::Other => None,
    }
}

/// The owner among tags or labels.
fn owner(tags: &BTreeMap<String, String>) -> Option<String> {
    ["owner", "Owner", "team", "Team"]
        .iter()
        .find_map(|name| tags.get(*name))
        .filter(|owner| !owner.is_empty())
        .cloned()
}
