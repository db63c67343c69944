//! Secrets of key-value engines. Version 2 keeps earlier versions and metadata beside them; version 1 keeps the value and nothing else.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::Secret;
use super::super::subject::{Attribute, Subject, steps};
use crate::plan::Expression;

pub(super) fn kv2(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let mount = subject.text("mount").unwrap_or("secret").trim_matches('/').to_owned();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let metadata = steps!["custom_metadata", 0_usize, "data"];
    let tags: BTreeMap<String, String> = subject.texts_at(&metadata);
    for field in ["tags", "owner"] {
        origin.paths.insert(field.to_owned(), metadata.clone());
    }
    if subject.at(&metadata) == Attribute::Unknown {
        origin.unknown.extend(["tags".to_owned(), "owner".to_owned()]);
    }
    let write_only = subject.is_set(&steps!["data_json_wo_version"])
        || subject.expression(&steps!["data_json_wo"]) != Expression::Absent;
    if let Some(name) = &name {
        // As a policy names it.
        let path = format!("{mount}/data/{}", name.trim_matches('/'));
        collected.identities.push((path, subject.address().to_owned()));
    }
    note_login(subject, name.as_deref(), collected);
    // Terraform deletes the last version only, which can be undeleted; with `delete_all_versions` all of them are gone.
    let gone_at_once = subject.flag("delete_all_versions") == Some(true);
    origin.paths.insert("recovery_window_days".to_owned(), steps!["delete_all_versions"]);
    collected.facts.secrets.push(Secret {
        name: name.map(|name| format!("{mount}/{name}")),
        description: tags.get("description").cloned(),
        owner: super::super::owner(&tags),
        tags,
        recovery_window_days: gone_at_once.then_some(0.0),
        recovery_supported: true,
        value_source: if write_only {
            Some("write_only")
        } else {
            subject.value_source(&steps!["data_json"])
        },
        ..Secret::of(origin, "secret", "vault_kv")
    });
}

/// Version 1, or a path of which the version is not said.
pub(super) fn kv1(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["path"]);
    if let Some(path) = &name {
        collected.identities.push((path.trim_matches('/').to_owned(), subject.address().to_owned()));
    }
    note_login(subject, name.as_deref(), collected);
    collected.facts.secrets.push(Secret {
        name,
        value_source: subject.value_source(&steps!["data_json"]),
        ..Secret::of(origin, "secret", "vault_kv_v1")
    });
}

fn note_login(subject: &Subject<'_>, name: Option<&str>, collected: &mut Collected) {
    let is_login = match subject.text("data_json").and_then(|text| serde_json::from_str(text).ok()) {
        Some(Value::Object(fields)) => fields_of_login(&fields),
        _ => name.is_some_and(names_database),
    };
    if is_login {
        collected.vault.stored_logins.push(subject.address().to_owned());
    }
}

/// A user, a password and a place to go with them, or an address that has all three.
fn fields_of_login(fields: &serde_json::Map<String, Value>) -> bool {
    let has = |words: &[&str]| {
        fields.keys().any(|field| {
            let field = field.to_ascii_lowercase();
            words.iter().any(|word| field == *word || field.ends_with(&format!("_{word}")))
        })
    };
    let database_address = |text: &str| {
        const SCHEMES: [&str; 7] = [
            "postgres://",
            "postgresql://",
            "mysql://",
            "mariadb://",
            "mongodb://",
            "mongodb+srv://",
            "sqlserver://",
        ];
        SCHEMES.iter().any(|scheme| text.trim_start_matches("jdbc:").starts_with(scheme))
    };
    let login = has(&["username", "user", "login"]) && has(&["password", "passwd", "pass"]);
    (login && has(&["dbname", "database", "db", "engine", "dsn", "jdbc_url", "port"]))
        || fields.values().filter_map(Value::as_str).any(database_address)
}

fn names_database(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["db", "database", "postgres", "postgresql", "mysql", "mariadb", "mongodb", "mssql", "rds"];
    name.to_ascii_lowercase().split(['/', '-', '_', '.']).any(|word| WORDS.contains(&word))
}
