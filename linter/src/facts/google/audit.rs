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
    let Some((parent, _)) = parent_of(subject) else { return };
    let service = subject.text("service").unwrap_or_default();
    let logs = steps!["audit_log_config"];
    let coverage = match subject.at(&logs) {
        Attribute::Known(Value::Array(configs)) => coverage(service, configs, "log_type", "exempted_members"),
        _ => Coverage::Nothing,
    };
    let configs = configs_of(subject, &parent);
    // The first one speaks for the parent.
    if configs.first().is_none_or(|first| first == subject.address()) {
        add_store(subject, &parent, logs.clone(), collected);
    }
    add(subject, logs, &coverage, configs, collected);
}

/// What a whole IAM policy says of audits.
pub(super) fn of_policy(subject: &Subject<'_>, parent: &str, document: &Value, collected: &mut Collected) {
    let configs =
        document.get("auditConfigs").and_then(Value::as_array).filter(|configs| !configs.is_empty());
    let Some(configs) = configs else { return };
    let mut origin = subject.origin();
    let Some(name) = subject.field_or_reference(&mut origin, "name", steps![parent]) else { return };
    add_store(subject, &name, steps!["policy_data", "auditConfigs"], collected);
    for (index, config) in configs.iter().enumerate() {
        let service = config.get("service").and_then(Value::as_str).unwrap_or_default();
        let logs = config.get("auditLogConfigs").and_then(Value::as_array);
        let logs = logs.map(Vec::as_slice).unwrap_or_default();
        let coverage = coverage(service, logs, "logType", "exemptedMembers");
        let path = steps!["policy_data", "auditConfigs", index, "auditLogConfigs"];
        add(subject, path, &coverage, vec![subject.address().to_owned()], collected);
    }
}

/// A bucket of logs that has the data accesses in it: `_Default`, where no sink sends them elsewhere, or one whose name says so.
pub(super) fn bucket(subject: &Subject<'_>, collected: &mut Collected) {
    let holds_audits = subject
        .text("bucket_id")
        .is_some_and(|name| name == "_Default" || name.to_ascii_lowercase().contains("audit"));
    if !holds_audits {
        return;
    }
    let mut origin = subject.origin();
    let retention = subject.number_field(&mut origin, "retention_days", steps!["retention_days"]);
    let is_unknown = origin.unknown.iter().any(|field| field == "retention_days");
    collected.facts.audits.push(Audit {
        covers_secrets: Some(true),
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

/// Adds the audit at `path`, if it is one of secrets, and ties it to the store that one of these resources has.
fn add(
    subject: &Subject<'_>,
    mut path: AttributePath,
    coverage: &Coverage,
    stores: Vec<String>,
    collected: &mut Collected,
) {
    let covers_secrets = match coverage {
        Coverage::Nothing => return,
        Coverage::Reads => true,
        Coverage::ReadsOfSome { place } => {
            path.extend(place.iter().cloned());
            false
        }
    };
    let mut origin = subject.origin();
    origin.paths.insert("covers_secrets".to_owned(), path);
    collected
        .facts
        .audits
        .push(Audit { covers_secrets: Some(covers_secrets), ..Audit::of(origin, "audit_config") });
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Audit,
        store: "account",
        to: TiedTo::Addresses(stores),
    });
}

/// What an audit config writes down of who reads secrets.
enum Coverage {
    Nothing,
    Reads,
    /// All reads but those of the members at `place`.
    ReadsOfSome {
        place: AttributePath,
    },
}

fn coverage(service: &str, logs: &[Value], kind: &str, exempted: &str) -> Coverage {
    if !matches!(service, "secretmanager.googleapis.com" | "allServices") {
        return Coverage::Nothing;
    }
    let is_read = |log: &&Value| log.get(kind).and_then(Value::as_str) == Some("DATA_READ");
    let Some((index, log)) = logs.iter().enumerate().find(|(_, log)| is_read(log)) else {
        return Coverage::Nothing;
    };
    match log.get(exempted).and_then(Value::as_array) {
        Some(members) if !members.is_empty() => Coverage::ReadsOfSome { place: steps![index, exempted] },
        _ => Coverage::Reads,
    }
}

/// What the audit config is for, by name or by the address of the resource that is it.
fn parent_of(subject: &Subject<'_>) -> Option<(String, AttributePath)> {
    let mut origin = subject.origin();
    PARENTS.iter().find_map(|attribute| {
        let path = steps![*attribute];
        subject.field_or_reference(&mut origin, "name", path.clone()).map(|parent| (parent, path))
    })
}

/// Addresses of the audit configs for one parent.
fn configs_of(subject: &Subject<'_>, parent: &str) -> Vec<String> {
    let is_one = |change: &&ResourceChange| {
        change.resource_type == subject.change.resource_type
            && change.exists_after()
            && Subject::open(subject.plan, change)
                .ok()
                .and_then(|other| parent_of(&other))
                .is_some_and(|(other, _)| other == parent)
    };
    let changes = subject.plan.changes().iter().filter(is_one);
    changes.map(|change| change.address.to_string()).collect()
}
