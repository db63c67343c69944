//! Facts of Azure resources, one behaviour each.

mod access;
mod stores;
mod workloads;

use serde_json::{Value, json};

use super::super::model::{Facts, Grant};
use super::super::tests::{Resource, facts, facts_with, resource};

/// Facts of one resource with these values.
fn of(resource_type: &str, after: Value) -> Facts {
    facts(vec![resource(resource_type, "a").after(after)])
}

fn only_grant(resources: Vec<Resource>) -> Grant {
    let mut grants = facts(resources).grants;
    assert_eq!(grants.len(), 1);
    grants.remove(0)
}

/// A reference in the form in which a plan records it.
fn reference(address: &str, attribute: &str) -> Value {
    json!({ "references": [format!("{address}.{attribute}"), address] })
}
