//! Cloud Audit Logs. Reading a secret is a data access of type `DATA_READ`, which Google writes down only where an audit config says so. Where a plan has
//! no audit config that is decided elsewhere, and nothing is said of the project; where it has one, the project's has to cover Secret Manager.
//! <https://cloud.google.com/secret-manager/docs/audit-logging>

use serde_json::Value;

use super::super::collected::{Collected, Tie, TieKind, TiedTo};
use super::super::model::{AttributePath, Audit, Store};
use super::super::subject::{Attribute, Subject, steps};
use crate::plan::ResourceChange;

/// Attributes that name what an audit config is for.
const PARENTS: [&str; 3] = ["project", "folder", "org_id"];

/// Days for which a bucket keeps logs where nothing else is said.
/// <https://cloud.google.com/logging/quotas#logs_retention_periods>
const RETENTION_DAYS: f64 = 30.0;

pub(super) fn config(subject: &Subject<'_>, collected: &mut Collected) {
    let Some((parent, path)) = parent_of(subject) else { return };
    let service = subject.text("service").unwrap_or_default();
    let logs = steps!["audit_log_config"];
    let covering = match subject.at(&logs) {
        Attribute::Known(Value::Array(configs)) => covers(service, configs, "log_type", "exempted_members"),
        _ => Coverage::default(),
    };
    let (subject_is_first, others) = siblings(subject, &parent);
    let mut origin = subject.origin();
    let mut at = logs;
    at.extend(covering.exempting.map(|index| steps![index, "exempted_members"]).unwrap_or_default());
    origin.paths.insert("covers_secrets".to_owned(), at);
    if subject_is_first {
        add_store(subject, &parent, path, collected);
    }
    add(
        subject,
        Audit { covers_secrets: Some(covering.all), ..Audit::of(origin, "audit_config") },
        others,
        collected,
    );
}

/// What a whole IAM policy says of audits. Without any configs it switches those off that the project has.
pub(super) fn of_policy(subject: &Subject<'_>, parent: &str, document: &Value, collected: &mut Collected) {
    let Some(configs) =
        document.get("auditConfigs").and_then(Value::as_array).filter(|configs| !configs.is_empty())
    else {
        return;
    };
    let mut origin = subject.origin();
    let Some(name) = subject.field_or_reference(&mut origin, "name", steps![parent]) else { return };
    add_store(subject, &name, steps![parent], collected);
    for (index, config) in configs.iter().enumerate() {
        let service = config.get("service").and_then(Value::as_str).unwrap_or_default();
        let logs =
            config.get("auditLogConfigs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let covering = covers(service, logs, "logType", "exemptedMembers");
        let mut origin = subject.origin();
        origin.paths.insert("covers_secrets".to_owned(), steps!["policy_data", "auditConfigs", index]);
        let audit = Audit { covers_secrets: Some(covering.all), ..Audit::of(origin, "audit_config") };
        add(subject, audit, vec![subject.address().to_owned()], collected);
    }
}

/// A bucket of logs. Data accesses go to `_Default` where no sink sends them elsewhere.
pub(super) fn bucket(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let holds_audits = subject
        .text("bucket_id")
        .is_some_and(|name| name == "_Default" || name.to_ascii_lowercase().contains("audit"));
    let retention = subject.number_field(&mut origin, "retention_days", steps!["retention_days"]);
    let is_unknown = origin.unknown.iter().any(|field| field == "retention_days");
    collected.facts.audits.push(Audit {
        covers_secrets: holds_audits.then_some(true),
        retention_days: retention.or((!is_unknown).then_some(RETENTION_DAYS)),
        ..Audit::of(origin, "log_group")
    });
}

fn add_store(subject: &Subject<'_>, name: &str, path: AttributePath, collected: &mut Collected) {
    let mut origin = subject.origin();
    origin.paths.insert("name".to_owned(), path.clone());
    origin.paths.insert("audited".to_owned(), path);
    collected.facts.stores.push(Store {
        name: Some(name.to_owned()),
        audited: Some(false),
        ..Store::of(origin, "account")
    });
}

/// Adds an audit, and ties it to the store that one of these resources has, if it covers secrets.
fn add(subject: &Subject<'_>, audit: Audit, stores: Vec<String>, collected: &mut Collected) {
    if audit.covers_secrets == Some(true) {
        collected.ties.push(Tie {
            from: subject.address().to_owned(),
            kind: TieKind::Audit,
            store: "account",
            to: TiedTo::Addresses(stores),
        });
    }
    collected.facts.audits.push(audit);
}

#[derive(Default)]
struct Coverage {
    /// Every read of a secret is written down.
    all: bool,
    /// The log that leaves somebody out.
    exempting: Option<usize>,
}

fn covers(service: &str, logs: &[Value], kind: &str, exempted: &str) -> Coverage {
    if !matches!(service, "secretmanager.googleapis.com" | "allServices") {
        return Coverage::default();
    }
    let reads =
        logs.iter().enumerate().find(|(_, log)| log.get(kind).and_then(Value::as_str) == Some("DATA_READ"));
    let Some((index, log)) = reads else { return Coverage::default() };
    let leaves_out = log.get(exempted).and_then(Value::as_array).is_some_and(|members| !members.is_empty());
    Coverage { all: !leaves_out, exempting: leaves_out.then_some(index) }
}

/// What the audit config is for, by name or by the address of the resource that is it.
fn parent_of(subject: &Subject<'_>) -> Option<(String, AttributePath)> {
    let mut origin = subject.origin();
    PARENTS.iter().find_map(|attribute| {
        let path = steps![*attribute];
        subject.field_or_reference(&mut origin, "name", path.clone()).map(|parent| (parent, path))
    })
}

/// The audit configs for the same parent, and whether this is the first of them: it speaks for the parent.
fn siblings(subject: &Subject<'_>, parent: &str) -> (bool, Vec<String>) {
    let is_sibling = |change: &&ResourceChange| {
        change.resource_type == subject.change.resource_type
            && Subject::open(subject.plan, change)
                .ok()
                .and_then(|other| parent_of(&other))
                .is_some_and(|(other, _)| other == parent)
    };
    let all: Vec<String> = subject
        .plan
        .changes()
        .iter()
        .filter(|change| change.exists_after())
        .filter(is_sibling)
        .map(|change| change.address.to_string())
        .collect();
    (all.first().is_none_or(|first| first == subject.address()), all)
}
