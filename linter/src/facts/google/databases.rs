//! Passwords that databases take as an argument: one row per type.

use super::super::collected::Collected;
use super::super::model::{AttributePath, Secret};
use super::super::subject::{Attribute, Subject, steps};
use super::{labels, written};
use crate::plan::Target;

/// A type whose resource takes a password.
struct Database {
    resource_type: &'static str,
    store: &'static str,
    /// Block around the password, if any.
    block: Option<&'static str>,
    password: &'static str,
    name: &'static str,
    /// How to log in without a password, where that is possible.
    login: Option<Login>,
}

/// A login by IAM.
#[derive(Clone, Copy)]
struct Login {
    /// Attribute that names the instance, whose engine decides.
    instance: &'static str,
    alternative: &'static str,
}

const fn database_type(
    resource_type: &'static str,
    store: &'static str,
    password: &'static str,
    name: &'static str,
) -> Database {
    Database { resource_type, store, block: None, password, name, login: None }
}

const DATABASES: [Database; 6] = [
    Database {
        login: Some(Login {
            instance: "instance",
            alternative: "IAM authentication, `type = \"CLOUD_IAM_SERVICE_ACCOUNT\"`",
        }),
        ..database_type("google_sql_user", "google_sql", "password", "name")
    },
    database_type("google_sql_database_instance", "google_sql", "root_password", "name"),
    database_type("google_sql_source_representation_instance", "google_sql", "password", "name"),
    Database {
        block: Some("initial_user"),
        ..database_type("google_alloydb_cluster", "google_alloydb", "password", "cluster_id")
    },
    database_type("google_alloydb_user", "google_alloydb", "password", "user_id"),
    database_type(
        "google_oracle_database_autonomous_database",
        "google_oracle",
        "admin_password",
        "autonomous_database_id",
    ),
];

pub(super) fn database(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(database) = DATABASES.iter().find(|database| database.resource_type == subject.resource_type())
    else {
        return;
    };
    let at = |attribute: &str| -> AttributePath {
        let mut path = database.block.map(|block| steps![block, 0_usize]).unwrap_or_default();
        path.extend(steps![attribute]);
        path
    };
    let password = at(database.password);
    let write_only_argument = format!("{}_wo", database.password);
    let write_only = written(subject, &at(&write_only_argument))
        || subject.is_set(&at(&format!("{write_only_argument}_version")));
    if !write_only && !subject.is_set(&password) {
        return;
    }
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps![database.name]);
    let (tags, owner) = labels(subject, &mut origin);
    for field in ["value_source", "dynamic_alternative"] {
        origin.paths.insert(field.to_owned(), password.clone());
    }
    collected.facts.secrets.push(Secret {
        name,
        owner,
        tags,
        dynamic_alternative: database
            .login
            .filter(|login| takes_iam_logins(subject, login.instance))
            .map(|login| login.alternative.to_owned()),
        value_source: if write_only { Some("write_only") } else { subject.value_source(&password) },
        ..Secret::of(origin, "password", database.store)
    });
}

/// The instance is one of this plan, and of an engine that knows IAM: all but SQL Server do.
fn takes_iam_logins(subject: &Subject<'_>, instance: &str) -> bool {
    let resolution = subject.resolve(&steps![instance]);
    let [Target::Change { place, .. }] = resolution.targets.as_slice() else { return false };
    let instance =
        subject.plan.changes().get(*place).and_then(|change| Subject::open(subject.plan, change).ok());
    instance.is_some_and(|instance| match instance.at(&steps!["database_version"]) {
        Attribute::Known(version) => version
            .as_str()
            .is_some_and(|version| version.starts_with("POSTGRES") || version.starts_with("MYSQL")),
        _ => false,
    })
}
