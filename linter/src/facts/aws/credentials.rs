//! Long-lived credentials of IAM users: access keys and passwords of single services.

use super::super::collected::Collected;
use super::super::model::Credential;
use super::super::subject::{Subject, steps};

/// An access key; one that is switched off is on its way out.
pub(super) fn access_key(subject: &Subject<'_>, collected: &mut Collected) {
    if subject.text("status") == Some("Inactive") {
        return;
    }
    credential(subject, "static_cloud_key", collected);
}

/// A password that IAM makes for one service, such as CodeCommit.
pub(super) fn of_one_service(subject: &Subject<'_>, collected: &mut Collected) {
    credential(subject, "service_specific", collected);
}

fn credential(subject: &Subject<'_>, kind: &'static str, collected: &mut Collected) {
    let mut origin = subject.origin();
    let attribute = if kind == "static_cloud_key" { "user" } else { "user_name" };
    let who = subject.field_or_reference(&mut origin, "subject", steps![attribute]);
    collected.facts.credentials.push(Credential { subject: who, ..Credential::of(origin, kind) });
}
