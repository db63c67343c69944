//! What is known of the server when all resources are read: its mounts, its audit devices, and whether this plan is the one that sets the
//! server up. A team that mounts its own engine and writes its own policies does not; whoever sets quotas or the cluster's autopilot does.

use super::super::collected::Collected;
use super::super::model::{Audit, Facts, Origin, Store};
use super::super::subject::{Attribute, Subject, steps};
use super::paths::{Engine, Mount};
use super::{auth, grants, logins};

/// What the resources say of their server.
#[derive(Default)]
pub(in super::super) struct Server {
    mounts: Vec<Mount>,
    /// Roles of database engines.
    pub(super) database_roles: Vec<String>,
    /// Stored secrets that hold the login of a database.
    pub(super) stored_logins: Vec<String>,
    /// Auth methods for tokens: address, path and issuer.
    pub(super) issuers: Vec<(String, String, String)>,
    /// Roles of such methods: address, and the method's address or path.
    pub(super) jwt_roles: Vec<(String, String)>,
    audits: Vec<String>,
    /// Settings of the server as a whole.
    settings: Vec<Origin>,
}

impl Server {
    /// Adds what came after.
    pub(in super::super) fn append(&mut self, mut later: Self) {
        self.mounts.append(&mut later.mounts);
        self.database_roles.append(&mut later.database_roles);
        self.stored_logins.append(&mut later.stored_logins);
        self.issuers.append(&mut later.issuers);
        self.jwt_roles.append(&mut later.jwt_roles);
        self.audits.append(&mut later.audits);
        self.settings.append(&mut later.settings);
    }
}

/// Says of the facts what only the whole plan tells.
pub(in super::super) fn tie(server: Server, facts: &mut Facts) {
    grants::judge(&server.mounts, &mut facts.grants);
    logins::offer_roles(&server, &mut facts.secrets);
    auth::name_issuers(&server, facts);
    if let Some(mut origin) = server.settings.into_iter().next() {
        origin.paths.insert("audited".to_owned(), Vec::new());
        facts.stores.push(Store {
            audited: Some(!server.audits.is_empty()),
            audits: server.audits,
            ..Store::of(origin, "server")
        });
    }
}

pub(super) fn mount(subject: &Subject<'_>, collected: &mut Collected) {
    let kind = subject.text("type").unwrap_or_default();
    let version = subject.after.pointer("/options/version").and_then(serde_json::Value::as_str);
    let engine = Engine::of(kind, version);
    if let Some(path) = subject.text("path") {
        let path = path.trim_matches('/').to_owned();
        collected.vault.mounts.push(Mount { path, engine });
    }
    if matches!(engine, Engine::Kv1 | Engine::Kv2) {
        let mut origin = subject.origin();
        let name = subject.field(&mut origin, "name", steps!["path"]);
        let at = if kind == "kv-v2" { steps!["type"] } else { steps!["options", "version"] };
        let known = kind == "kv-v2" || subject.at(&steps!["options", "version"]) != Attribute::Unknown;
        if !known {
            origin.unknown.push("versioned".to_owned());
        }
        origin.paths.insert("versioned".to_owned(), if version.is_some() { at } else { steps!["type"] });
        let versioned = known.then_some(engine == Engine::Kv2);
        collected.facts.stores.push(Store { name, versioned, ..Store::of(origin, "kv_mount") });
    }
}

/// A mount made by a resource that is for one engine only, each with its engine.
const MOUNTS: [(&str, &str, Engine); 6] = [
    ("vault_database_secrets_mount", "path", Engine::Logins),
    ("vault_aws_secret_backend", "path", Engine::Logins),
    ("vault_azure_secret_backend", "path", Engine::Logins),
    ("vault_gcp_secret_backend", "path", Engine::Logins),
    ("vault_ldap_secret_backend", "path", Engine::Logins),
    ("vault_ad_secret_backend", "backend", Engine::Logins),
];

/// Notes where an engine with a resource of its own is mounted.
pub(super) fn engine(subject: &Subject<'_>, collected: &mut Collected) {
    let row = MOUNTS.iter().find(|(resource_type, ..)| *resource_type == subject.resource_type());
    if let Some((_, attribute, engine)) = row
        && let Some(path) = subject.text(attribute)
    {
        collected.vault.mounts.push(Mount { path: path.trim_matches('/').to_owned(), engine: *engine });
    }
}

/// The settings of a KV mount. One version is none to go back to.
pub(super) fn versions(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let kept = subject.number_field(&mut origin, "versioned", steps!["max_versions"]);
    if kept == Some(1.0) {
        let name = subject.field_or_reference(&mut origin, "name", steps!["mount"]);
        let versioned = Some(false);
        collected.facts.stores.push(Store { name, versioned, ..Store::of(origin, "kv_mount") });
    }
}

pub(super) fn audit(subject: &Subject<'_>, collected: &mut Collected) {
    // A device that writes nowhere is there so that the server starts.
    let discards =
        subject.after.pointer("/options/file_path").and_then(serde_json::Value::as_str) == Some("/dev/null");
    let mut origin = subject.origin();
    origin.paths.insert("enabled".to_owned(), steps!["options"]);
    origin.paths.insert("covers_secrets".to_owned(), steps!["options"]);
    if !discards {
        collected.vault.audits.push(subject.address().to_owned());
    }
    collected.facts.audits.push(Audit {
        enabled: Some(!discards),
        covers_secrets: Some(!discards),
        ..Audit::of(origin, "audit_device")
    });
}

/// A setting of the server as a whole, not of one namespace in it.
pub(super) fn setting(subject: &Subject<'_>, collected: &mut Collected) {
    let namespace = subject.at(&steps!["namespace"]);
    if namespace == Attribute::Absent
        || subject.expression(&steps!["namespace"]) == crate::plan::Expression::Absent
    {
        collected.vault.settings.push(subject.origin());
    }
}
