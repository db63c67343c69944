//! How services, jobs, functions and builds get their secrets: one row per place where a secret can be named. A variable is filled when an instance
//! starts; a mounted file of the version `latest` is read anew each time it is opened.
//! <https://cloud.google.com/run/docs/configuring/services/secrets>

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{AttributePath, Delivery};
use super::super::subject::{Attribute, Subject};
use super::{instances, step};

/// A block that names a secret.
struct Named {
    types: &'static [&'static str],
    kind: &'static str,
    /// The block that stands for one variable or volume, `*` being every element of a list.
    block: &'static [&'static str],
    /// Below it: what the variable or volume is called.
    name: &'static str,
    /// Below it: the secret.
    secret: &'static [&'static str],
    /// Below it: the version.
    version: &'static [&'static str],
    /// A file would do as well.
    file_possible: FilePossible,
}

#[derive(Clone, Copy, PartialEq)]
enum FilePossible {
    Yes,
    No,
}

const SERVICES: &[&str] = &["google_cloud_run_v2_service", "google_cloud_run_v2_worker_pool"];
const JOBS: &[&str] = &["google_cloud_run_v2_job"];
const KNATIVE: &[&str] = &["google_cloud_run_service"];
const FUNCTIONS: &[&str] = &["google_cloudfunctions_function"];
const FUNCTIONS_2: &[&str] = &["google_cloudfunctions2_function"];

const VALUE_SOURCE: &[&str] = &["value_source", "0", "secret_key_ref", "0", "secret"];
const VALUE_SOURCE_VERSION: &[&str] = &["value_source", "0", "secret_key_ref", "0", "version"];

const fn variable(types: &'static [&'static str], block: &'static [&'static str]) -> Named {
    Named {
        types,
        kind: "environment",
        block,
        name: "name",
        secret: VALUE_SOURCE,
        version: VALUE_SOURCE_VERSION,
        file_possible: FilePossible::Yes,
    }
}

const fn volume(types: &'static [&'static str], block: &'static [&'static str]) -> Named {
    Named {
        types,
        kind: "file",
        block,
        name: "name",
        secret: &["secret", "0", "secret"],
        version: &["secret", "0", "items", "0", "version"],
        file_possible: FilePossible::Yes,
    }
}

const NAMED: [Named; 11] = [
    variable(SERVICES, &["template", "0", "containers", "*", "env", "*"]),
    volume(SERVICES, &["template", "0", "volumes", "*"]),
    variable(JOBS, &["template", "0", "template", "0", "containers", "*", "env", "*"]),
    volume(JOBS, &["template", "0", "template", "0", "volumes", "*"]),
    Named {
        secret: &["value_from", "0", "secret_key_ref", "0", "name"],
        version: &["value_from", "0", "secret_key_ref", "0", "key"],
        ..variable(KNATIVE, &["template", "0", "spec", "0", "containers", "*", "env", "*"])
    },
    Named {
        secret: &["secret", "0", "secret_name"],
        version: &["secret", "0", "items", "0", "key"],
        ..volume(KNATIVE, &["template", "0", "spec", "0", "volumes", "*"])
    },
    function_variable(FUNCTIONS, &["secret_environment_variables", "*"]),
    function_volume(FUNCTIONS, &["secret_volumes", "*"]),
    function_variable(FUNCTIONS_2, &["service_config", "0", "secret_environment_variables", "*"]),
    function_volume(FUNCTIONS_2, &["service_config", "0", "secret_volumes", "*"]),
    Named {
        name: "env",
        secret: &["version_name"],
        version: &["version_name"],
        file_possible: FilePossible::No,
        ..variable(
            &["google_cloudbuild_trigger"],
            &["build", "0", "available_secrets", "0", "secret_manager", "*"],
        )
    },
];

const fn function_variable(types: &'static [&'static str], block: &'static [&'static str]) -> Named {
    Named { name: "key", secret: &["secret"], version: &["version"], ..variable(types, block) }
}

const fn function_volume(types: &'static [&'static str], block: &'static [&'static str]) -> Named {
    Named {
        name: "mount_path",
        secret: &["secret"],
        version: &["versions", "0", "version"],
        ..volume(types, block)
    }
}

pub(super) fn workload(subject: &Subject<'_>, collected: &mut Collected) {
    for row in NAMED.iter().filter(|row| row.types.contains(&subject.resource_type())) {
        for block in instances(subject, row.block) {
            deliver(subject, row, &block, collected);
        }
    }
}

fn deliver(subject: &Subject<'_>, row: &Named, block: &AttributePath, collected: &mut Collected) {
    let below = |parts: &[&str]| -> AttributePath {
        block.iter().cloned().chain(parts.iter().map(|part| step(part))).collect()
    };
    let path = below(row.secret);
    if !subject.is_set(&path) {
        return;
    }
    let mut delivery = Delivery::of(subject.origin(), row.kind, path.clone());
    delivery.name = match subject.at(&below(&[row.name])) {
        Attribute::Known(Value::String(name)) => Some(name.clone()),
        _ => None,
    };
    delivery.secret = subject.field_or_reference(&mut delivery.origin, "secret", path);
    delivery.file_possible = row.file_possible == FilePossible::Yes;
    delivery.refreshes = (row.kind == "file").then(|| is_latest(subject, &below(row.version)));
    delivery.origin.paths.insert("refreshes".to_owned(), below(row.version));
    collected.facts.deliveries.push(delivery);
}

/// Whoever names no version gets the latest.
fn is_latest(subject: &Subject<'_>, version: &AttributePath) -> bool {
    match subject.at(version) {
        Attribute::Known(Value::String(version)) => version.is_empty() || version == "latest",
        Attribute::Absent => true,
        Attribute::Unknown => !super::written(subject, version),
        Attribute::Known(_) => false,
    }
}
