//! Access policies of a Key Vault, in blocks of the vault or as resources of their own. A policy is for the whole vault; a vault that decides by
//! roles ignores its policies.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Grant, Origin, PathStep};
use super::super::subject::{Attribute, Subject, steps};
use super::list;

/// Levels in the order facts list them.
const LEVELS: [&str; 5] = ["read", "write", "rotate", "describe", "administer"];

/// One kind of object that a policy has a list of permissions for.
struct Kind {
    argument: &'static str,
    /// How its permissions are written in a fact: `secrets/Get`.
    name: &'static str,
    /// Permissions, lower case, with their level.
    permissions: &'static [(&'static str, &'static str)],
}

/// Source: the permissions of the Key Vault REST API's access policies. A permission that is left out reaches no value: to sign, to verify.
const KINDS: [Kind; 4] = [
    Kind {
        argument: "secret_permissions",
        name: "secrets",
        permissions: &[
            ("get", "read"),
            ("set", "write"),
            ("list", "describe"),
            ("backup", "administer"),
            ("delete", "administer"),
            ("purge", "administer"),
            ("recover", "administer"),
            ("restore", "administer"),
        ],
    },
    Kind {
        argument: "key_permissions",
        name: "keys",
        permissions: &[
            ("decrypt", "read"),
            ("unwrapkey", "read"),
            ("create", "write"),
            ("encrypt", "write"),
            ("import", "write"),
            ("update", "write"),
            ("wrapkey", "write"),
            ("rotate", "rotate"),
            ("setrotationpolicy", "rotate"),
            ("get", "describe"),
            ("getrotationpolicy", "describe"),
            ("list", "describe"),
            ("backup", "administer"),
            ("delete", "administer"),
            ("purge", "administer"),
            ("recover", "administer"),
            ("release", "administer"),
            ("restore", "administer"),
        ],
    },
    Kind {
        argument: "certificate_permissions",
        name: "certificates",
        permissions: &[
            ("create", "write"),
            ("import", "write"),
            ("update", "write"),
            ("get", "describe"),
            ("getissuers", "describe"),
            ("list", "describe"),
            ("listissuers", "describe"),
            ("backup", "administer"),
            ("delete", "administer"),
            ("deleteissuers", "administer"),
            ("managecontacts", "administer"),
            ("manageissuers", "administer"),
            ("purge", "administer"),
            ("recover", "administer"),
            ("restore", "administer"),
            ("setissuers", "administer"),
        ],
    },
    Kind {
        argument: "storage_permissions",
        name: "storage",
        permissions: &[
            ("get", "read"),
            ("getsas", "read"),
            ("set", "write"),
            ("setsas", "write"),
            ("update", "write"),
            ("regeneratekey", "rotate"),
            ("list", "describe"),
            ("listsas", "describe"),
            ("backup", "administer"),
            ("delete", "administer"),
            ("deletesas", "administer"),
            ("purge", "administer"),
            ("recover", "administer"),
            ("restore", "administer"),
        ],
    },
];

/// Permissions that came after `All` was spelled out; who has every other one has all that there was to have.
const LATER: [&str; 4] = ["getrotationpolicy", "release", "rotate", "setrotationpolicy"];

/// `azurerm_key_vault_access_policy`.
pub(super) fn policy(subject: &Subject<'_>, collected: &mut Collected) {
    let vault = subject.referred(&steps!["key_vault_id"]).into_iter().next();
    let tenant = vault
        .as_deref()
        .and_then(|address| subject.plan.change_at(address))
        .and_then(|change| Subject::open(subject.plan, change).ok());
    let decides_by_roles = tenant.as_ref().is_some_and(by_roles);
    if decides_by_roles {
        return;
    }
    let tenant = tenant.as_ref().and_then(|vault| vault.text("tenant_id"));
    let vault = vault.or_else(|| subject.text("key_vault_id").map(str::to_owned));
    add(subject, &[], vault, tenant, collected);
}

/// The blocks of a vault.
pub(super) fn inline(subject: &Subject<'_>, collected: &mut Collected) {
    if by_roles(subject) {
        return;
    }
    for index in 0..super::count(subject, &steps!["access_policy"]) {
        let vault = Some(subject.address().to_owned());
        add(subject, &steps!["access_policy", index], vault, subject.text("tenant_id"), collected);
    }
}

/// The vault asks role assignments, not access policies.
pub(super) fn by_roles(vault: &Subject<'_>) -> bool {
    ["rbac_authorization_enabled", "enable_rbac_authorization"]
        .iter()
        .any(|flag| vault.flag(flag) == Some(true))
}

fn add(
    subject: &Subject<'_>,
    at: &[PathStep],
    vault: Option<String>,
    vault_tenant: Option<&str>,
    collected: &mut Collected,
) {
    let inside = |argument: &str| [at, &steps![argument]].concat();
    let mut origin = subject.origin();
    let principal = subject.field_or_reference(&mut origin, "principals", inside("object_id"));
    let permitted = permitted(subject, at, &mut origin);
    let tenant = match subject.at(&inside("tenant_id")) {
        Attribute::Known(Value::String(tenant)) => Some(tenant.as_str()),
        _ => None,
    };
    let foreign = tenant.zip(vault_tenant).is_some_and(|(own, of_vault)| !own.eq_ignore_ascii_case(of_vault));
    let foreign_principals = if foreign {
        origin.paths.insert("foreign_principals".to_owned(), inside("tenant_id"));
        principal.iter().cloned().collect()
    } else {
        Vec::new()
    };
    if vault.is_none() {
        origin.unknown.push("resources".to_owned());
    }
    origin.paths.insert("resources".to_owned(), steps!["key_vault_id"]);
    origin.paths.insert("statement".to_owned(), at.to_vec());
    let unknown = origin.unknown.iter().any(|field| field == "actions_allowed");
    collected.facts.grants.push(Grant {
        principals: principal.map(|principal| vec![principal]),
        concerns_secrets: unknown || !permitted.access.is_empty(),
        access: permitted.access,
        decrypts_only: permitted.decrypts && !permitted.reads,
        actions_allowed: permitted.actions,
        resources: vault.into_iter().collect(),
        scope: Some("store"),
        foreign_principals,
        ..Grant::of(origin, "access_policy")
    });
}

/// What the lists of one policy permit.
#[derive(Default)]
struct Permitted {
    access: Vec<&'static str>,
    actions: Vec<String>,
    decrypts: bool,
    /// It reads values themselves.
    reads: bool,
}

fn permitted(subject: &Subject<'_>, at: &[PathStep], origin: &mut Origin) -> Permitted {
    let mut permitted = Permitted::default();
    let mut place = None;
    for kind in &KINDS {
        let path = [at, &steps![kind.argument]].concat();
        if subject.at(&path) == Attribute::Unknown && subject.is_set(&path) {
            origin.unknown.extend(["access".to_owned(), "actions_allowed".to_owned()]);
            place.get_or_insert((false, path));
            continue;
        }
        let written = list(subject, &path);
        if written.is_empty() {
            continue;
        }
        let lower: Vec<String> = written.iter().map(|permission| permission.to_ascii_lowercase()).collect();
        let has = |name: &str| lower.iter().any(|permission| permission == name || permission == "all");
        let all = kind.permissions.iter().all(|(name, _)| has(name) || LATER.contains(name));
        let reached = kind.permissions.iter().filter(|(name, _)| has(name)).map(|(_, level)| *level);
        permitted.access.extend(reached);
        permitted.decrypts |= kind.name == "keys" && has("decrypt");
        permitted.reads |= matches!(kind.name, "secrets" | "storage") && has("get");
        // Everything on certificates or on storage accounts is not everything on what a vault is for.
        let everything = all && matches!(kind.name, "secrets" | "keys");
        if everything {
            permitted.actions.push("*".to_owned());
        } else {
            permitted.actions.extend(written.iter().map(|permission| format!("{}/{permission}", kind.name)));
        }
        // The place to look at is the list that permits everything; without one the first list.
        match &place {
            Some((true, _)) => {}
            Some((false, _)) if !everything => {}
            _ => place = Some((everything, path)),
        }
    }
    let reached = std::mem::take(&mut permitted.access);
    permitted.access = LEVELS.into_iter().filter(|level| reached.contains(level)).collect();
    permitted.actions.dedup();
    let path = place.map_or_else(|| at.to_vec(), |(_, path)| path);
    for field in ["access", "actions_allowed"] {
        origin.paths.insert(field.to_owned(), path.clone());
    }
    permitted
}
