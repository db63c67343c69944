//! Turns the resources of a plan into the model that rules are written against.

pub mod model;

use crate::plan::Plan;
use model::Facts;

/// The facts of a plan.
#[must_use]
pub fn extract(plan: &Plan) -> Facts {
    Facts {
        format_version: plan.format_version().to_owned(),
        terraform_version: plan.terraform_version().map(str::to_owned),
        redacted: plan.redacted(),
        resource_count: plan.changes().len(),
        ..Facts::default()
    }
}
