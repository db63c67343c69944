//! Passwords that resources take as an argument: of databases, caches, brokers, search domains, directories and file systems. One row per
//! type says where the password stands and what the service offers instead; one extractor reads them all.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{AttributePath, PathStep, Secret};
use super::super::subject::{Attribute, Subject, steps};
use super::sensitive::is_written_out;
use super::tags;
use crate::plan::Expression;

/// A type whose resources take a password.
struct Password {
    resource_type: &'static str,
    /// What [`Secret::store`] calls the service.
    store: &'static str,
    /// Where the password stands, with `*` for every element of a list.
    path: &'static [&'static str],
    /// The attribute that names the resource.
    name: &'static str,
    /// The service can keep the password in Secrets Manager and rotate it.
    managed: Option<Managed>,
    /// How the service does without any password, in words.
    without: Option<&'static str>,
    /// The attribute holds a password in these resources only.
    when: Option<fn(&Subject<'_>) -> bool>,
}

/// How a service is told to make, keep and rotate the password itself.
struct Managed {
    flag: &'static str,
    /// Argument for the key that the managed secret is encrypted with.
    key: Option<&'static str>,
}

const fn password(
    resource_type: &'static str,
    store: &'static str,
    path: &'static [&'static str],
    name: &'static str,
) -> Password {
    Password { resource_type, store, path, name, managed: None, without: None, when: None }
}

const MASTER_USER: Option<Managed> =
    Some(Managed { flag: "manage_master_user_password", key: Some("master_user_secret_kms_key_id") });
/// Path of the master user's password of a search domain.
const SEARCH: &[&str] =
    &["advanced_security_options", "*", "master_user_options", "*", "master_user_password"];
const IAM_USER: Option<&str> = Some("IAM authentication (`authentication_mode` of type `iam`)");
const IAM_MASTER: Option<&str> = Some("an IAM role as master user (`master_user_arn`)");

/// Sources: the provider's pages of these resources, https://registry.terraform.io/providers/hashicorp/aws/latest/docs.
const PASSWORDS: [Password; 19] = [
    Password { managed: MASTER_USER, ..password("aws_db_instance", "aws_rds", &["password"], "identifier") },
    Password {
        managed: MASTER_USER,
        ..password("aws_rds_cluster", "aws_rds", &["master_password"], "cluster_identifier")
    },
    Password {
        managed: Some(Managed { flag: "manage_master_user_password", key: None }),
        ..password("aws_docdb_cluster", "aws_docdb", &["master_password"], "cluster_identifier")
    },
    Password {
        when: Some(is_written_out),
        ..password("aws_docdbelastic_cluster", "aws_docdb", &["admin_user_password"], "name")
    },
    Password {
        managed: Some(Managed {
            flag: "manage_master_password",
            key: Some("master_password_secret_kms_key_id"),
        }),
        ..password("aws_redshift_cluster", "aws_redshift", &["master_password"], "cluster_identifier")
    },
    Password {
        managed: Some(Managed {
            flag: "manage_admin_password",
            key: Some("admin_password_secret_kms_key_id"),
        }),
        ..password(
            "aws_redshiftserverless_namespace",
            "aws_redshift",
            &["admin_user_password"],
            "namespace_name",
        )
    },
    Password {
        without: Some("IAM authentication of its users (`user_group_ids`)"),
        ..password(
            "aws_elasticache_replication_group",
            "aws_elasticache",
            &["auth_token"],
            "replication_group_id",
        )
    },
    Password {
        without: IAM_USER,
        ..password("aws_elasticache_user", "aws_elasticache", &["passwords"], "user_id")
    },
    Password {
        without: IAM_USER,
        ..password(
            "aws_elasticache_user",
            "aws_elasticache",
            &["authentication_mode", "*", "passwords"],
            "user_id",
        )
    },
    Password {
        without: IAM_USER,
        ..password(
            "aws_memorydb_user",
            "aws_memorydb",
            &["authentication_mode", "*", "passwords"],
            "user_name",
        )
    },
    password("aws_mq_broker", "aws_mq", &["user", "*", "password"], "broker_name"),
    Password {
        without: IAM_MASTER,
        ..password("aws_opensearch_domain", "aws_opensearch", SEARCH, "domain_name")
    },
    Password {
        without: IAM_MASTER,
        ..password("aws_elasticsearch_domain", "aws_opensearch", SEARCH, "domain_name")
    },
    password("aws_dms_endpoint", "aws_dms", &["password"], "endpoint_id"),
    password("aws_directory_service_directory", "aws_directory_service", &["password"], "name"),
    password(
        "aws_fsx_windows_file_system",
        "aws_fsx",
        &["self_managed_active_directory", "*", "password"],
        "dns_name",
    ),
    password("aws_lightsail_database", "aws_lightsail", &["master_password"], "relational_database_name"),
    password("aws_timestreaminfluxdb_db_instance", "aws_timestream", &["password"], "name"),
    password("aws_timestreaminfluxdb_db_cluster", "aws_timestream", &["password"], "name"),
];

/// The passwords of a resource: those it takes, and the one that the service manages for it.
pub(super) fn of_resource(subject: &Subject<'_>, collected: &mut Collected) {
    for row in PASSWORDS.iter().filter(|row| row.resource_type == subject.resource_type()) {
        if row.when.is_some_and(|when| !when(subject)) {
            continue;
        }
        if let Some(managed) = row.managed.as_ref().filter(|managed| subject.flag(managed.flag) == Some(true))
        {
            collected.facts.secrets.push(managed_password(subject, row, managed));
            continue;
        }
        for path in places(subject, row.path) {
            if let Some(value_source) = source(subject, &path) {
                collected.facts.secrets.push(own_password(subject, row, path, value_source));
            }
        }
    }
}

fn managed_password(subject: &Subject<'_>, row: &Password, managed: &Managed) -> Secret {
    let mut secret = blank(subject, row);
    let origin = &mut secret.origin;
    origin.paths.insert("value_source".to_owned(), steps![managed.flag]);
    secret.kms_key = managed.key.and_then(|key| subject.field_or_reference(origin, "kms_key", steps![key]));
    secret.customer_key_supported = managed.key.is_some();
    secret.rotation_expected = true;
    secret.rotation_managed = true;
    secret.value_source = Some("generated");
    secret
}

fn own_password(
    subject: &Subject<'_>,
    row: &Password,
    path: AttributePath,
    value_source: Option<&'static str>,
) -> Secret {
    let mut secret = blank(subject, row);
    let managed = row.managed.as_ref().filter(|_| can_be_managed(subject));
    secret.dynamic_alternative = managed.map(|managed| managed.flag).or(row.without).map(str::to_owned);
    secret.origin.paths.insert("dynamic_alternative".to_owned(), path.clone());
    secret.origin.paths.insert("value_source".to_owned(), path);
    // The plan cannot rotate an argument: `rotation_expected` stays false.
    secret.value_source = value_source;
    secret
}

fn blank(subject: &Subject<'_>, row: &Password) -> Secret {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps![row.name]);
    let (tags, owner) = tags(subject, &mut origin);
    Secret { name, owner, tags, ..Secret::of(origin, "password", row.store) }
}

/// A replica has the password of what it replicates, a member of a global cluster that of its primary, and neither RDS Custom nor the
/// first Aurora Serverless manages any.
/// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
fn can_be_managed(subject: &Subject<'_>) -> bool {
    const ELSEWHERE: [&str; 3] =
        ["replicate_source_db", "replication_source_identifier", "global_cluster_identifier"];
    !ELSEWHERE.iter().any(|attribute| subject.is_set(&steps![*attribute]))
        && !subject.text("engine").is_some_and(|engine| engine.starts_with("custom-"))
        && subject.text("engine_mode") != Some("serverless")
}

/// Paths of the passwords in this resource.
fn places(subject: &Subject<'_>, path: &[&str]) -> Vec<AttributePath> {
    path.iter().fold(vec![Vec::new()], |paths: Vec<AttributePath>, part| {
        let instances = |path: AttributePath| -> Vec<AttributePath> {
            if *part != "*" {
                return vec![[path, steps![*part]].concat()];
            }
            let count = match subject.at(&path) {
                Attribute::Known(Value::Array(items)) => items.len(),
                _ => 0,
            };
            (0..count).map(|index| [path.clone(), steps![index]].concat()).collect()
        };
        paths.into_iter().flat_map(instances).collect()
    })
}

/// How the password at `path` gets there; nothing where there is none.
fn source(subject: &Subject<'_>, path: &AttributePath) -> Option<Option<&'static str>> {
    let beside = |suffix: &str| -> AttributePath {
        let mut beside = path.clone();
        if let Some(PathStep::Name(name)) = beside.last_mut() {
            name.push_str(suffix);
        }
        beside
    };
    let write_only =
        subject.expression(&beside("_wo")) != Expression::Absent || subject.is_set(&beside("_wo_version"));
    if write_only {
        return Some(Some("write_only"));
    }
    subject.is_set(path).then(|| subject.value_source(path))
}

/// The types that have rows.
#[cfg(test)]
pub(super) fn types() -> impl Iterator<Item = &'static str> {
    PASSWORDS.iter().map(|row| row.resource_type)
}
