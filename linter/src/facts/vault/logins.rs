//! Logins that an engine rotates or makes: static roles of databases and directories, the login an engine itself uses, and the dynamic roles
//! that make a stored login needless.

use std::collections::HashSet;

use super::super::collected::{Collected, Tie, TieKind, TiedTo};
use super::super::model::{Credential, Origin, PathStep, Rotation, Secret};
use super::super::schedule;
use super::super::subject::{Attribute, Subject, steps};
use super::server::{self, Server};
use super::tokens;
use crate::plan::Expression;

/// A resource that says how often an engine changes a password.
struct StaticRole {
    resource_type: &'static str,
    /// Seconds.
    period: &'static str,
    mount: &'static str,
    name: &'static str,
    /// The password of the one user that workloads log in as; else a credential beside which the previous one goes on working.
    strategy: &'static str,
}

const STATIC_ROLES: [StaticRole; 4] = [
    StaticRole {
        resource_type: "vault_database_secret_backend_static_role",
        period: "rotation_period",
        mount: "backend",
        name: "name",
        strategy: "single_user",
    },
    StaticRole {
        resource_type: "vault_ldap_secret_backend_static_role",
        period: "rotation_period",
        mount: "mount",
        name: "role_name",
        strategy: "single_user",
    },
    StaticRole {
        resource_type: "vault_ad_secret_role",
        period: "ttl",
        mount: "backend",
        name: "role",
        strategy: "single_user",
    },
    StaticRole {
        resource_type: "vault_aws_secret_backend_static_role",
        period: "rotation_period",
        mount: "backend",
        name: "name",
        strategy: "managed",
    },
];

/// A login that workloads share and the engine rotates.
pub(super) fn static_role(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(row) = STATIC_ROLES.iter().find(|row| row.resource_type == subject.resource_type()) else {
        return;
    };
    let mut origin = subject.origin();
    let mount = subject.text(row.mount).unwrap_or_default().trim_matches('/').to_owned();
    let name = subject.field(&mut origin, "name", steps![row.name]);
    let path = name.map(|name| format!("{mount}/static-creds/{name}"));
    if let Some(path) = &path {
        collected.identities.push((path.clone(), subject.address().to_owned()));
    }
    collected.facts.secrets.push(Secret {
        name: path,
        rotation_expected: true,
        value_source: Some("generated"),
        ..Secret::of(origin, "password", "vault_database")
    });
    rotation(subject, row.period, row.strategy, collected);
}

/// A role whose login is made when it is asked for.
pub(super) fn dynamic_role(subject: &Subject<'_>, collected: &mut Collected) {
    collected.vault.database_roles.push(subject.address().to_owned());
}

/// Says of stored database logins that a role could make them.
pub(super) fn offer_roles(server: &Server, secrets: &mut [Secret]) {
    let Some(role) = server.database_roles.first() else { return };
    let logins: HashSet<&str> = server.stored_logins.iter().map(String::as_str).collect();
    for secret in secrets.iter_mut().filter(|secret| matches!(secret.store, "vault_kv" | "vault_kv_v1")) {
        if logins.contains(secret.origin.address.as_str()) {
            secret.dynamic_alternative = Some(role.clone());
        }
    }
}

/// Plugins of the database engine that take a password, by the name of their block.
pub(super) const PLUGINS: [&str; 16] = [
    "cassandra",
    "couchbase",
    "elasticsearch",
    "hana",
    "influxdb",
    "mongodb",
    "mssql",
    "mysql",
    "mysql_aurora",
    "mysql_legacy",
    "mysql_rds",
    "oracle",
    "postgresql",
    "redis",
    "redshift",
    "snowflake",
];

/// The login by which the engine manages a database.
pub(super) fn connection(subject: &Subject<'_>, collected: &mut Collected) {
    for plugin in PLUGINS {
        let block = steps![plugin, 0_usize];
        let argument = |name: &str| [block.clone(), vec![PathStep::from(name)]].concat();
        let write_only = subject.is_set(&argument("password_wo_version"))
            || subject.expression(&argument("password_wo")) != Expression::Absent;
        if !write_only && !subject.is_set(&argument("password")) {
            continue;
        }
        let mut origin = subject.origin();
        let name = subject.field(&mut origin, "name", steps!["name"]);
        collected.facts.secrets.push(Secret {
            name,
            value_source: if write_only {
                Some("write_only")
            } else {
                subject.value_source(&argument("password"))
            },
            ..Secret::of(origin, "password", "vault_database")
        });
        root_rotation(subject, collected);
    }
}

/// Engines and auth methods that are given a key of a cloud account, each with the argument that is the secret half of it.
const CLOUD_KEYS: [(&str, &str); 6] = [
    ("vault_aws_secret_backend", "secret_key"),
    ("vault_azure_secret_backend", "client_secret"),
    ("vault_gcp_secret_backend", "credentials"),
    ("vault_aws_auth_backend_client", "secret_key"),
    ("vault_azure_auth_backend_config", "client_secret"),
    ("vault_gcp_auth_backend", "credentials"),
];

/// An engine or auth method that speaks to a cloud.
pub(super) fn cloud(subject: &Subject<'_>, collected: &mut Collected) {
    server::engine(subject, collected);
    let row = CLOUD_KEYS.iter().find(|(resource_type, _)| *resource_type == subject.resource_type());
    let rotated = root_rotation(subject, collected);
    if let Some((_, argument)) = row
        && subject.is_set(&steps![*argument])
        && rotated == Rotated::No
    {
        let mut origin = subject.origin();
        origin.paths.insert("path".to_owned(), steps![*argument]);
        collected.facts.credentials.push(Credential {
            path: steps![*argument],
            ends: Some(false),
            ..Credential::of(origin, "static_cloud_key")
        });
    }
}

/// Whether an engine rotates its own login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rotated {
    Yes,
    No,
}

/// The rotation of the login that the engine itself uses, where anything is said of it.
fn root_rotation(subject: &Subject<'_>, collected: &mut Collected) -> Rotated {
    let said = ["rotation_period", "rotation_schedule"].into_iter().any(|name| {
        let at = steps![name];
        subject.at(&at) != Attribute::Absent && subject.is_set(&at) && subject.number(&at) != Some(0.0)
    });
    let disabled = subject.flag("disable_automated_rotation") == Some(true);
    if said || disabled {
        rotation(subject, "rotation_period", "managed", collected);
    }
    if said && !disabled { Rotated::Yes } else { Rotated::No }
}

/// Adds the rotation that a resource says of its own login.
fn rotation(subject: &Subject<'_>, period: &str, strategy: &str, collected: &mut Collected) {
    let mut origin = subject.origin();
    let schedule = subject.field(&mut origin, "schedule", steps!["rotation_schedule"]);
    let (period_days, at) = match &schedule {
        Some(text) => match schedule::period_days(text) {
            Ok(days) => (Some(days), "rotation_schedule"),
            Err(error) => {
                let unreadable = subject.unreadable(steps!["rotation_schedule"], error.to_string());
                collected.facts.unreadable.push(unreadable);
                (None, "rotation_schedule")
            }
        },
        None => (seconds(subject, &mut origin, period).map(|seconds| seconds / 86_400.0), period),
    };
    origin.unknown.retain(|field| field != "schedule" || schedule.is_none() && period_days.is_none());
    origin.paths.insert("period_days".to_owned(), steps![at]);
    let disabled = subject.flag("disable_automated_rotation") == Some(true);
    let at = if disabled { "disable_automated_rotation" } else { at };
    origin.paths.insert("enabled".to_owned(), steps![at]);
    origin.paths.insert("strategy".to_owned(), steps![at]);
    collected.facts.rotations.push(Rotation {
        enabled: Some(!disabled && period_days != Some(0.0)),
        period_days: period_days.filter(|days| *days > 0.0),
        schedule,
        strategy: Some(strategy.to_owned()),
        ..Rotation::of(origin, "secret")
    });
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Rotation,
        store: "vault_database",
        to: TiedTo::Addresses(vec![subject.address().to_owned()]),
    });
}

fn seconds(subject: &Subject<'_>, origin: &mut Origin, argument: &str) -> Option<f64> {
    let at = steps![argument];
    if subject.at(&at) == Attribute::Unknown && subject.is_set(&at) {
        origin.unknown.push("period_days".to_owned());
    }
    subject.number(&at).or_else(|| tokens::seconds(subject.text(argument)?))
}
