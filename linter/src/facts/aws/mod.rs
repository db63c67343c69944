//! AWS: Secrets Manager, SSM parameters, IAM and KMS policies, database passwords and access keys. Environments and user data have no
//! extractor of their own: [`super::exposure`] knows them by the attribute they stand in, for every provider.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Extractor;
use super::collected::{Collected, Tie, TieKind, TiedTo};
use super::iam::{self, Attached};
use super::model::{Credential, Key, Origin, PathStep, Rotation, Secret};
use super::registry::{Known, Placed, known, placed};
use super::schedule;
use super::subject::{Attribute, Subject, steps};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("aws_secretsmanager_secret", secret),
    ("aws_secretsmanager_secret_version", version),
    ("aws_secretsmanager_secret_rotation", rotation),
    ("aws_secretsmanager_secret_policy", secret_policy),
    ("aws_ssm_parameter", parameter),
    ("aws_iam_role", role),
    ("aws_iam_policy", identity_policy),
    ("aws_iam_role_policy", identity_policy),
    ("aws_iam_user_policy", identity_policy),
    ("aws_iam_group_policy", identity_policy),
    ("aws_iam_role_policy_attachment", attachment),
    ("aws_iam_user_policy_attachment", attachment),
    ("aws_iam_group_policy_attachment", attachment),
    ("aws_iam_policy_attachment", attachment),
    ("aws_ssoadmin_permission_set_inline_policy", permission_set_policy),
    ("aws_ssoadmin_managed_policy_attachment", permission_set_attachment),
    ("aws_kms_key", key),
    ("aws_kms_external_key", key),
    ("aws_kms_replica_key", key),
    ("aws_kms_replica_external_key", key),
    ("aws_kms_key_policy", key_policy),
    ("aws_kms_grant", iam::key_grant),
    ("aws_iam_access_key", access_key),
    ("aws_iam_service_specific_credential", service_credential),
    ("aws_db_instance", database),
    ("aws_rds_cluster", database),
    ("aws_docdb_cluster", database),
    ("aws_redshift_cluster", database),
    ("aws_redshiftserverless_namespace", database),
    ("aws_elasticache_replication_group", database),
    ("aws_elasticache_user", database),
    ("aws_dms_endpoint", database),
];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(&["aws_secretsmanager_secret_version"], &["secret_string"], Some("secret_string_wo")),
    known(&["aws_secretsmanager_secret_version"], &["secret_binary"], None),
    Known { when: Some(is_secure_parameter), ..known(&["aws_ssm_parameter"], &["value"], Some("value_wo")) },
    known(&["aws_db_instance"], &["password"], Some("password_wo")),
    known(
        &["aws_rds_cluster", "aws_docdb_cluster", "aws_redshift_cluster"],
        &["master_password"],
        Some("master_password_wo"),
    ),
    known(&["aws_neptune_cluster", "aws_rds_global_cluster"], &["master_password"], None),
    known(&["aws_redshiftserverless_namespace"], &["admin_user_password"], Some("admin_user_password_wo")),
    known(&["aws_elasticache_replication_group"], &["auth_token"], Some("auth_token_wo")),
    known(&["aws_elasticache_user"], &["passwords"], Some("passwords_wo")),
    known(&["aws_memorydb_user"], &["authentication_mode", "*", "passwords"], None),
    known(&["aws_mq_broker"], &["user", "*", "password"], Some("password_wo")),
    known(
        &["aws_opensearch_domain", "aws_elasticsearch_domain"],
        &["advanced_security_options", "*", "master_user_options", "*", "master_user_password"],
        Some("master_user_password_wo"),
    ),
    known(&["aws_dms_endpoint", "aws_directory_service_directory"], &["password"], None),
    Known { when: Some(is_readable), ..known(&["aws_iam_access_key"], &["secret"], None) },
    Known { when: Some(is_readable), ..known(&["aws_iam_access_key"], &["ses_smtp_password_v4"], None) },
    known(&["aws_iam_service_specific_credential"], &["service_password"], None),
    Known { when: Some(is_readable), ..known(&["aws_iam_user_login_profile"], &["password"], None) },
    known(&["aws_appsync_api_key"], &["key"], None),
    known(&["aws_api_gateway_api_key"], &["value"], None),
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] =
    &[Placed { when: Some(is_plain_parameter), ..placed(&["aws_ssm_parameter"], &["value"], "parameter") }];

fn secret(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let description = subject.field(&mut origin, "description", steps!["description"]);
    let kms_key = subject.field_or_reference(&mut origin, "kms_key", steps!["kms_key_id"]);
    let window = subject.number_field(&mut origin, "recovery_window_days", steps!["recovery_window_in_days"]);
    let (tags, owner) = tags(subject, &mut origin);
    for identity in ["arn", "id", "name"] {
        if let Some(text) = subject.text(identity) {
            collected.identities.push((text.to_owned(), subject.address().to_owned()));
        }
    }
    // Before version 4 of the provider a rotation was a block of the secret itself; where it is configured so, it still is one.
    let rules = steps!["rotation_rules", 0_usize, "automatically_after_days"];
    let rotated_here =
        subject.is_set(&steps!["rotation_lambda_arn"]) && subject.at(&rules) != Attribute::Absent;
    collected.facts.secrets.push(Secret {
        name,
        description,
        owner,
        tags,
        kms_key,
        customer_key_supported: true,
        // The provider's default, also where the attribute is read as null after an import.
        recovery_window_days: window.or(Some(30.0)),
        recovery_supported: true,
        rotation_expected: true,
        rotation_managed: subject.text("owning_service").is_some_and(|service| !service.is_empty()),
        value_source: Some("none"),
        ..Secret::of(origin, "secret", "aws_secretsmanager")
    });
    if rotated_here {
        add_rotation(
            subject,
            &["rotation_rules"],
            TiedTo::Addresses(vec![subject.address().to_owned()]),
            collected,
        );
    }
    let attached = Attached::Secret(Some(subject.address().to_owned()));
    iam::policy(subject, &steps!["policy"], &attached, collected);
}

fn version(subject: &Subject<'_>, collected: &mut Collected) {
    let source = if subject.is_set(&steps!["secret_string_wo"])
        || subject.is_set(&steps!["secret_string_wo_version"])
        || written(subject, "secret_string_wo")
    {
        Some("write_only")
    } else if written(subject, "secret_binary") {
        subject.value_source(&steps!["secret_binary"])
    } else {
        subject.value_source(&steps!["secret_string"])
    };
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Version(source),
        store: "aws_secretsmanager",
        to: tied_to(subject, "secret_id"),
    });
}

fn rotation(subject: &Subject<'_>, collected: &mut Collected) {
    add_rotation(subject, &["rotation_rules"], tied_to(subject, "secret_id"), collected);
}

fn add_rotation(subject: &Subject<'_>, rules: &[&str], to: TiedTo, collected: &mut Collected) {
    let mut origin = subject.origin();
    let rule = |name: &str| {
        let mut path: Vec<PathStep> = rules.iter().map(|part| PathStep::from(*part)).collect();
        path.extend(steps![0_usize, name]);
        path
    };
    let expression = rule("schedule_expression");
    let schedule = subject.field(&mut origin, "schedule", expression.clone());
    let period_days = match &schedule {
        Some(text) => match schedule::period_days(text) {
            Ok(days) => Some(days),
            Err(error) => {
                collected.facts.unreadable.push(subject.unreadable(expression.clone(), error.to_string()));
                None
            }
        },
        None => subject.number(&rule("automatically_after_days")),
    };
    if period_days.is_none()
        && (origin.unknown.iter().any(|field| field == "schedule")
            || subject.at(&rule("automatically_after_days")) == Attribute::Unknown)
    {
        origin.unknown.push("period_days".to_owned());
    }
    let at = if schedule.is_some() { expression } else { rule("automatically_after_days") };
    origin.paths.insert("period_days".to_owned(), at);
    origin.paths.insert("secret".to_owned(), steps!["secret_id"]);
    let has_lambda = subject.is_set(&steps!["rotation_lambda_arn"]);
    collected.facts.rotations.push(Rotation {
        enabled: Some(subject.flag("rotation_enabled").unwrap_or(true)),
        period_days,
        schedule,
        strategy: Some(if has_lambda { "lambda" } else { "managed" }.to_owned()),
        ..Rotation::of(origin, "secret")
    });
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Rotation,
        store: "aws_secretsmanager",
        to,
    });
}

/// Which secret the attribute names: by reference, else by its known text.
pub(super) fn tied_to(subject: &Subject<'_>, attribute: &str) -> TiedTo {
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

fn secret_policy(subject: &Subject<'_>, collected: &mut Collected) {
    let owner = subject
        .referred(&steps!["secret_arn"])
        .into_iter()
        .next()
        .or_else(|| subject.text("secret_arn").map(str::to_owned));
    iam::policy(subject, &steps!["policy"], &Attached::Secret(owner), collected);
}

fn parameter(subject: &Subject<'_>, collected: &mut Collected) {
    if subject.text("type").is_some_and(|kind| kind != "SecureString") {
        return;
    }
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let description = subject.field(&mut origin, "description", steps!["description"]);
    // Without a key of one's own the provider writes the name of the one AWS manages.
    let kms_key = subject
        .field_or_reference(&mut origin, "kms_key", steps!["key_id"])
        .filter(|key| !matches!(key.as_str(), "alias/aws/ssm"));
    let (tags, owner) = tags(subject, &mut origin);
    let write_only = written(subject, "value_wo") || subject.is_set(&steps!["value_wo_version"]);
    collected.facts.secrets.push(Secret {
        name,
        description,
        owner,
        tags,
        kms_key,
        customer_key_supported: true,
        value_source: if write_only { Some("write_only") } else { subject.value_source(&steps!["value"]) },
        ..Secret::of(origin, "parameter", "aws_ssm")
    });
}

fn role(subject: &Subject<'_>, collected: &mut Collected) {
    iam::policy(subject, &steps!["assume_role_policy"], &Attached::Trust, collected);
    if let Some(Value::Array(policies)) = subject.after.get("inline_policy") {
        for index in 0..policies.len() {
            iam::policy(subject, &steps!["inline_policy", index, "policy"], &Attached::Identity, collected);
        }
    }
    if let Some(Value::Array(arns)) = subject.after.get("managed_policy_arns") {
        for index in 0..arns.len() {
            iam::managed(subject, &steps!["managed_policy_arns", index], collected);
        }
    }
}

fn identity_policy(subject: &Subject<'_>, collected: &mut Collected) {
    iam::policy(subject, &steps!["policy"], &Attached::Identity, collected);
}

fn attachment(subject: &Subject<'_>, collected: &mut Collected) {
    iam::managed(subject, &steps!["policy_arn"], collected);
}

fn permission_set_policy(subject: &Subject<'_>, collected: &mut Collected) {
    iam::policy(subject, &steps!["inline_policy"], &Attached::Identity, collected);
}

fn permission_set_attachment(subject: &Subject<'_>, collected: &mut Collected) {
    iam::managed(subject, &steps!["managed_policy_arn"], collected);
}

fn key(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let rotates = matches!(subject.resource_type(), "aws_kms_key")
        .then(|| subject.flag("enable_key_rotation").unwrap_or(false));
    if subject.at(&steps!["enable_key_rotation"]) == Attribute::Unknown
        && subject.is_set(&steps!["enable_key_rotation"])
    {
        origin.unknown.push("rotation_enabled".to_owned());
    }
    origin.paths.insert("rotation_enabled".to_owned(), steps!["enable_key_rotation"]);
    let period = subject.number(&steps!["rotation_period_in_days"]);
    origin.paths.insert("rotation_period_days".to_owned(), steps!["rotation_period_in_days"]);
    let window = subject.number_field(&mut origin, "deletion_window_days", steps!["deletion_window_in_days"]);
    collected.facts.keys.push(Key {
        rotation_enabled: rotates,
        // KMS rotates yearly where nothing else is said.
        rotation_period_days: period.or(if rotates == Some(true) { Some(365.0) } else { None }),
        deletion_window_days: window.or(Some(30.0)),
        ..Key::of(origin, "aws_kms")
    });
    let attached = Attached::Key(Some(subject.address().to_owned()));
    iam::policy(subject, &steps!["policy"], &attached, collected);
}

fn key_policy(subject: &Subject<'_>, collected: &mut Collected) {
    let owner = subject
        .referred(&steps!["key_id"])
        .into_iter()
        .next()
        .or_else(|| subject.text("key_id").map(str::to_owned));
    iam::policy(subject, &steps!["policy"], &Attached::Key(owner), collected);
}

fn access_key(subject: &Subject<'_>, collected: &mut Collected) {
    credential(subject, "static_cloud_key", collected);
}

fn service_credential(subject: &Subject<'_>, collected: &mut Collected) {
    credential(subject, "service_specific", collected);
}

fn credential(subject: &Subject<'_>, kind: &'static str, collected: &mut Collected) {
    let mut origin = subject.origin();
    let attribute = if kind == "static_cloud_key" { "user" } else { "user_name" };
    let who = subject.field_or_reference(&mut origin, "subject", steps![attribute]);
    collected.facts.credentials.push(Credential { subject: who, ..Credential::of(origin, kind) });
}

/// A service whose resource takes a master password.
struct Database {
    resource_type: &'static str,
    store: &'static str,
    password: &'static str,
    /// Flag that lets the service keep the password in Secrets Manager and rotate it.
    managed: Option<&'static str>,
    managed_key: Option<&'static str>,
    name: &'static str,
}

const fn database_type(
    resource_type: &'static str,
    store: &'static str,
    password: &'static str,
    managed: Option<&'static str>,
    managed_key: Option<&'static str>,
    name: &'static str,
) -> Database {
    Database { resource_type, store, password, managed, managed_key, name }
}

const MANAGED: Option<&str> = Some("manage_master_user_password");
const MANAGED_KEY: Option<&str> = Some("master_user_secret_kms_key_id");

const DATABASES: [Database; 8] = [
    database_type("aws_db_instance", "aws_rds", "password", MANAGED, MANAGED_KEY, "identifier"),
    database_type(
        "aws_rds_cluster",
        "aws_rds",
        "master_password",
        MANAGED,
        MANAGED_KEY,
        "cluster_identifier",
    ),
    database_type("aws_docdb_cluster", "aws_docdb", "master_password", MANAGED, None, "cluster_identifier"),
    database_type(
        "aws_redshift_cluster",
        "aws_redshift",
        "master_password",
        Some("manage_master_password"),
        Some("master_password_secret_kms_key_id"),
        "cluster_identifier",
    ),
    database_type(
        "aws_redshiftserverless_namespace",
        "aws_redshift",
        "admin_user_password",
        Some("manage_admin_password"),
        Some("admin_password_secret_kms_key_id"),
        "namespace_name",
    ),
    database_type(
        "aws_elasticache_replication_group",
        "aws_elasticache",
        "auth_token",
        None,
        None,
        "replication_group_id",
    ),
    database_type("aws_elasticache_user", "aws_elasticache", "passwords", None, None, "user_id"),
    database_type("aws_dms_endpoint", "aws_dms", "password", None, None, "endpoint_id"),
];

fn database(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(database) = DATABASES.iter().find(|database| database.resource_type == subject.resource_type())
    else {
        return;
    };
    let managed = database.managed.is_some_and(|flag| subject.flag(flag) == Some(true));
    let write_only_name = format!("{}_wo", database.password);
    let write_only = written(subject, &write_only_name)
        || subject.is_set(&steps![format!("{write_only_name}_version").as_str()]);
    let password = steps![database.password];
    if !managed && !write_only && !subject.is_set(&password) {
        return;
    }
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps![database.name]);
    let (tags, owner) = tags(subject, &mut origin);
    let kms_key = match database.managed_key {
        Some(attribute) if managed => subject.field_or_reference(&mut origin, "kms_key", steps![attribute]),
        _ => None,
    };
    origin.paths.insert("value_source".to_owned(), password.clone());
    collected.facts.secrets.push(Secret {
        name,
        owner,
        tags,
        kms_key,
        customer_key_supported: managed && database.managed_key.is_some(),
        // A password argument cannot be rotated by the plan; one that the service manages is.
        rotation_expected: managed,
        rotation_managed: managed,
        value_source: if managed {
            Some("generated")
        } else if write_only {
            Some("write_only")
        } else {
            subject.value_source(&password)
        },
        ..Secret::of(origin, "password", database.store)
    });
}

/// The configuration writes this argument; the only trace a write-only one leaves.
fn written(subject: &Subject<'_>, attribute: &str) -> bool {
    subject.expression(&steps![attribute]) != crate::plan::Expression::Absent
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

/// A parameter of another type holds a setting.
fn is_secure_parameter(subject: &Subject<'_>) -> bool {
    subject.text("type").is_none_or(|kind| kind == "SecureString")
}

/// See [`is_secure_parameter`].
fn is_plain_parameter(subject: &Subject<'_>) -> bool {
    !is_secure_parameter(subject)
}

/// Given somebody's PGP key, the provider encrypts what it makes to it and leaves the attribute for the plain text empty.
fn is_readable(subject: &Subject<'_>) -> bool {
    !subject.is_set(&steps!["pgp_key"])
}

#[cfg(test)]
mod tests;
