//! Google Cloud: what is read of its resources, by type. Environments, start scripts and labels have no extractor of their own:
//! [`super::exposure`] knows them by the attribute they stand in, or by a row of [`PLACES`].

mod audit;
mod condition;
mod databases;
mod iam;
mod identity;
mod keys;
mod principals;
mod roles;
mod secrets;
mod tables;
#[cfg(test)]
mod tests;
mod workloads;

use std::collections::BTreeMap;

use serde_json::Value;

use super::Extractor;
use super::collected::TiedTo;
use super::model::{AttributePath, Origin, PathStep};
use super::schedule;
use super::subject::{Attribute, Subject, look_up, steps};
use crate::plan::Expression;
pub(super) use tables::{PLACES, SENSITIVE};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("google_secret_manager_secret", secrets::secret),
    ("google_secret_manager_regional_secret", secrets::regional_secret),
    ("google_secret_manager_secret_version", secrets::version),
    ("google_secret_manager_regional_secret_version", secrets::version),
    ("google_kms_crypto_key", keys::key),
    ("google_container_cluster", keys::cluster),
    ("google_secret_manager_secret_iam_member", iam::member),
    ("google_secret_manager_secret_iam_binding", iam::binding),
    ("google_secret_manager_secret_iam_policy", iam::policy),
    ("google_secret_manager_regional_secret_iam_member", iam::member),
    ("google_secret_manager_regional_secret_iam_binding", iam::binding),
    ("google_secret_manager_regional_secret_iam_policy", iam::policy),
    ("google_kms_crypto_key_iam_member", iam::member),
    ("google_kms_crypto_key_iam_binding", iam::binding),
    ("google_kms_crypto_key_iam_policy", iam::policy),
    ("google_kms_key_ring_iam_member", iam::member),
    ("google_kms_key_ring_iam_binding", iam::binding),
    ("google_kms_key_ring_iam_policy", iam::policy),
    ("google_project_iam_member", iam::member),
    ("google_project_iam_binding", iam::binding),
    ("google_project_iam_policy", iam::policy),
    ("google_folder_iam_member", iam::member),
    ("google_folder_iam_binding", iam::binding),
    ("google_folder_iam_policy", iam::policy),
    ("google_organization_iam_member", iam::member),
    ("google_organization_iam_binding", iam::binding),
    ("google_organization_iam_policy", iam::policy),
    ("google_service_account_iam_member", iam::member),
    ("google_service_account_iam_binding", iam::binding),
    ("google_service_account_iam_policy", iam::policy),
    ("google_project_iam_audit_config", audit::config),
    ("google_folder_iam_audit_config", audit::config),
    ("google_organization_iam_audit_config", audit::config),
    ("google_logging_project_bucket_config", audit::bucket),
    ("google_logging_folder_bucket_config", audit::bucket),
    ("google_logging_organization_bucket_config", audit::bucket),
    ("google_logging_billing_account_bucket_config", audit::bucket),
    ("google_service_account_key", identity::account_key),
    ("google_storage_hmac_key", identity::hmac_key),
    ("google_apikeys_key", identity::api_key),
    ("google_iam_workload_identity_pool_provider", identity::pool_provider),
    ("google_sql_user", databases::database),
    ("google_sql_database_instance", databases::database),
    ("google_sql_source_representation_instance", databases::database),
    ("google_alloydb_cluster", databases::database),
    ("google_alloydb_user", databases::database),
    ("google_oracle_database_autonomous_database", databases::database),
    ("google_cloud_run_service", workloads::workload),
    ("google_cloud_run_v2_service", workloads::workload),
    ("google_cloud_run_v2_job", workloads::workload),
    ("google_cloud_run_v2_worker_pool", workloads::workload),
    ("google_cloudfunctions_function", workloads::workload),
    ("google_cloudfunctions2_function", workloads::workload),
    ("google_cloudbuild_trigger", workloads::workload),
];

/// Labels and annotations, and the owner among them. `terraform_labels` holds what the provider block adds.
fn labels(subject: &Subject<'_>, origin: &mut Origin) -> (BTreeMap<String, String>, Option<String>) {
    let mut labels = BTreeMap::new();
    for attribute in ["annotations", "labels", "terraform_labels"] {
        labels.extend(subject.texts_at(&steps![attribute]));
    }
    for field in ["tags", "owner"] {
        origin.paths.insert(field.to_owned(), steps!["labels"]);
    }
    let owner = super::owner(&labels);
    let is_unknown = |attribute: &str| {
        subject.at(&steps![attribute]) == Attribute::Unknown && subject.is_set(&steps![attribute])
    };
    if owner.is_none() && (is_unknown("labels") || is_unknown("annotations")) {
        origin.unknown.extend(["tags".to_owned(), "owner".to_owned()]);
    }
    (labels, owner)
}

/// A duration in seconds, as Google writes it (`7776000s`), in days, for the fact field `field`. `0s` is none.
fn days(subject: &Subject<'_>, origin: &mut Origin, field: &str, path: AttributePath) -> Option<f64> {
    if subject.at(&path) == Attribute::Unknown && !written(subject, &path) && !subject.expressions.is_null() {
        // Optional and computed: the platform's default.
        origin.paths.insert(field.to_owned(), path);
        return None;
    }
    schedule::duration_days(&subject.field(origin, field, path)?)
}

/// The attribute is in the schema of the provider that made the plan: later ones list every attribute, null or not.
fn is_offered(subject: &Subject<'_>, attribute: &str) -> bool {
    subject.after.get(attribute).is_some()
        || subject.at(&steps![attribute]) == Attribute::Unknown
        || written(subject, &steps![attribute])
}

/// The configuration writes something at the path: an argument or a block.
fn written(subject: &Subject<'_>, path: &[PathStep]) -> bool {
    subject.expression(path) != Expression::Absent
        || matches!(look_up(&subject.expressions, path), Some(Value::Array(blocks)) if !blocks.is_empty())
}

/// Which secret the attribute names: by reference, else by its known text.
fn tied_to(subject: &Subject<'_>, attribute: &str) -> TiedTo {
    let at = steps![attribute];
    let referred = subject.referred(&at);
    if !referred.is_empty() {
        return TiedTo::Addresses(referred);
    }
    match subject.at(&at) {
        Attribute::Known(Value::String(text)) => TiedTo::Identity(text.clone()),
        _ => TiedTo::Unknown,
    }
}

/// A part of a row's path: a name, or a number for an element of a list.
fn step(part: &str) -> PathStep {
    part.parse::<usize>().map_or_else(|_| part.into(), Into::into)
}

/// The paths that a row means in this resource: `*` is every element of the list there.
fn instances(subject: &Subject<'_>, path: &[&str]) -> Vec<AttributePath> {
    let mut paths: Vec<AttributePath> = vec![Vec::new()];
    for part in path {
        paths = paths
            .into_iter()
            .flat_map(|path| {
                let steps: Vec<PathStep> = match subject.at(&path) {
                    Attribute::Known(Value::Array(items)) if *part == "*" => {
                        (0..items.len()).map(PathStep::Index).collect()
                    }
                    _ if *part == "*" => Vec::new(),
                    _ => vec![step(part)],
                };
                steps.into_iter().map(move |step| [path.as_slice(), &[step]].concat())
            })
            .collect();
    }
    paths
}
