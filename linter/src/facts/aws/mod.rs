//! AWS. What holds a secret, opens one, rotates one or writes down who reads one, each in a module of its own. Environments and user data
//! mostly have no row: [`super::exposure`] knows them by the attribute they stand in, for every provider.

mod accounts;
mod certificates;
mod clusters;
mod credentials;
mod identities;
mod keys;
mod logs;
mod parameters;
mod passwords;
mod places;
mod regions;
mod secrets;
mod sensitive;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::Extractor;
use super::collected::Collected;
use super::iam;
use super::model::Origin;
use super::subject::{Attribute, Subject, steps};
use crate::plan::Plan;

pub(super) use self::places::PLACES;
pub(super) use self::secrets::tied_to;
pub(super) use self::sensitive::SENSITIVE;

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("aws_secretsmanager_secret", secrets::secret),
    ("aws_secretsmanager_secret_version", secrets::version),
    ("aws_secretsmanager_secret_rotation", secrets::rotation),
    ("aws_secretsmanager_secret_policy", secrets::policy),
    ("aws_ssm_parameter", parameters::parameter),
    ("aws_iam_role", identities::role),
    ("aws_iam_policy", identities::policy),
    ("aws_iam_role_policy", identities::policy),
    ("aws_iam_user_policy", identities::policy),
    ("aws_iam_group_policy", identities::policy),
    ("aws_iam_role_policy_attachment", identities::attachment),
    ("aws_iam_user_policy_attachment", identities::attachment),
    ("aws_iam_group_policy_attachment", identities::attachment),
    ("aws_iam_policy_attachment", identities::attachment),
    ("aws_ssoadmin_permission_set_inline_policy", identities::permission_set_policy),
    ("aws_ssoadmin_managed_policy_attachment", identities::permission_set_attachment),
    ("aws_kms_key", keys::key),
    ("aws_kms_external_key", keys::key),
    ("aws_kms_replica_key", keys::key),
    ("aws_kms_replica_external_key", keys::key),
    ("aws_kms_key_policy", keys::policy),
    ("aws_kms_grant", iam::key_grant),
    ("aws_iam_access_key", credentials::access_key),
    ("aws_iam_service_specific_credential", credentials::of_one_service),
    ("aws_iam_server_certificate", certificates::server_certificate),
    ("aws_acm_certificate", certificates::acm_certificate),
    ("aws_acmpca_certificate", certificates::private_certificate),
    ("aws_cloudtrail", logs::trail),
    ("aws_cloudtrail_event_data_store", logs::event_data_store),
    ("aws_cloudwatch_log_group", logs::log_group),
    ("aws_eks_cluster", clusters::cluster),
    ("aws_db_instance", passwords::of_resource),
    ("aws_rds_cluster", passwords::of_resource),
    ("aws_docdb_cluster", passwords::of_resource),
    ("aws_docdbelastic_cluster", passwords::of_resource),
    ("aws_redshift_cluster", passwords::of_resource),
    ("aws_redshiftserverless_namespace", passwords::of_resource),
    ("aws_elasticache_replication_group", passwords::of_resource),
    ("aws_elasticache_user", passwords::of_resource),
    ("aws_memorydb_user", passwords::of_resource),
    ("aws_mq_broker", passwords::of_resource),
    ("aws_opensearch_domain", passwords::of_resource),
    ("aws_elasticsearch_domain", passwords::of_resource),
    ("aws_dms_endpoint", passwords::of_resource),
    ("aws_directory_service_directory", passwords::of_resource),
    ("aws_fsx_windows_file_system", passwords::of_resource),
    ("aws_lightsail_database", passwords::of_resource),
    ("aws_timestreaminfluxdb_db_instance", passwords::of_resource),
    ("aws_timestreaminfluxdb_db_cluster", passwords::of_resource),
];

/// Adds what only the whole plan tells: whether an account's trails together write down who reads its secrets, and which regions it works in.
pub(super) fn extract(plan: &Plan, collected: &mut Collected) {
    accounts::extract(collected);
    regions::extract(plan, collected);
    iam::tell_foreign_principals(plan, collected);
}

/// The configuration writes this argument; the only trace a write-only one leaves.
fn written(subject: &Subject<'_>, attribute: &str) -> bool {
    subject.expression(&steps![attribute]) != crate::plan::Expression::Absent
}

/// Reads a flag for the fact field `field`: null and noted as unknown where the configuration leaves it to the apply, the provider's
/// default where it says nothing.
fn flag_or(
    subject: &Subject<'_>,
    origin: &mut Origin,
    field: &str,
    attribute: &str,
    when_silent: WhenSilent,
) -> Option<bool> {
    let path = steps![attribute];
    let flag = match subject.at(&path) {
        Attribute::Known(value) => value.as_bool(),
        Attribute::Unknown if subject.is_set(&path) => {
            origin.unknown.push(field.to_owned());
            None
        }
        Attribute::Unknown | Attribute::Absent => Some(when_silent == WhenSilent::On),
    };
    origin.paths.insert(field.to_owned(), path);
    flag
}

/// What a switch is where the configuration is silent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhenSilent {
    On,
    Off,
}

/// Something in a tree of marks is marked.
fn any_marked(marks: &serde_json::Value) -> bool {
    match marks {
        serde_json::Value::Bool(marked) => *marked,
        serde_json::Value::Array(items) => items.iter().any(any_marked),
        serde_json::Value::Object(members) => members.values().any(any_marked),
        _ => false,
    }
}

/// Tags and the owner among them; `tags_all` holds what the provider block adds.
fn tags(subject: &Subject<'_>, origin: &mut Origin) -> (BTreeMap<String, String>, Option<String>) {
    let mut tags = subject.texts_at(&steps!["tags"]);
    tags.extend(subject.texts_at(&steps!["tags_all"]));
    origin.paths.insert("tags".to_owned(), steps!["tags"]);
    origin.paths.insert("owner".to_owned(), steps!["tags"]);
    let owner = super::owner(&tags);
    let unknown = subject.at(&steps!["tags"]) == Attribute::Unknown
        || (subject.at(&steps!["tags_all"]) == Attribute::Unknown && has_default_tags(subject));
    if owner.is_none() && unknown {
        origin.unknown.extend(["tags".to_owned(), "owner".to_owned()]);
    }
    (tags, owner)
}

fn has_default_tags(subject: &Subject<'_>) -> bool {
    subject.plan.configuration().providers.iter().any(|provider| {
        provider.name == "aws" && subject.plan.provider_expressions(provider).get("default_tags").is_some()
    })
}
