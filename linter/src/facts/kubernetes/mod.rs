//! Kubernetes: Secrets, and roles with their bindings. Config maps and container environments are read by [`super::exposure`].

use serde_json::Value;

use super::Extractor;
use super::collected::Collected;
use super::model::{Grant, Secret};
use super::registry::{Known, Placed, known};
use super::subject::{Attribute, Subject, steps};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("kubernetes_secret", secret),
    ("kubernetes_secret_v1", secret),
    ("kubernetes_role", role),
    ("kubernetes_role_v1", role),
    ("kubernetes_cluster_role", role),
    ("kubernetes_cluster_role_v1", role),
    ("kubernetes_role_binding", binding),
    ("kubernetes_role_binding_v1", binding),
    ("kubernetes_cluster_role_binding", binding),
    ("kubernetes_cluster_role_binding_v1", binding),
];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(&["kubernetes_secret", "kubernetes_secret_v1"], &["data"], Some("data_wo")),
    known(&["kubernetes_secret", "kubernetes_secret_v1"], &["binary_data"], Some("binary_data_wo")),
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] = &[];

/// What a role allows, kept until its bindings are read.
pub(super) struct Role {
    pub(super) name: String,
    pub(super) access: Vec<&'static str>,
    pub(super) verbs: Vec<String>,
    pub(super) resources: Vec<String>,
}

fn secret(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["metadata", 0_usize, "name"]);
    let mut tags = subject.texts_at(&steps!["metadata", 0_usize, "annotations"]);
    tags.extend(subject.texts_at(&steps!["metadata", 0_usize, "labels"]));
    origin.paths.insert("tags".to_owned(), steps!["metadata", 0_usize, "labels"]);
    origin.paths.insert("owner".to_owned(), steps!["metadata", 0_usize, "labels"]);
    let write_only = subject.is_set(&steps!["data_wo_revision"]) || subject.is_set(&steps!["data_wo"]);
    let value_source = if write_only {
        Some("write_only")
    } else if subject.is_set(&steps!["data"]) {
        subject.value_source(&steps!["data"])
    } else if subject.is_set(&steps!["binary_data"]) {
        subject.value_source(&steps!["binary_data"])
    } else {
        Some("none")
    };
    collected.facts.secrets.push(Secret {
        name,
        owner: super::owner(&tags),
        tags,
        value_source,
        ..Secret::of(origin, "object", "kubernetes")
    });
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Levels that verbs on Secrets reach.
fn levels(verbs: &[String]) -> Vec<&'static str> {
    const VERBS: [(&str, &[&str]); 3] = [
        ("read", &["get", "list", "watch"]),
        ("write", &["create", "update", "patch"]),
        ("administer", &["delete", "deletecollection"]),
    ];
    VERBS
        .iter()
        .filter(|(_, of_level)| verbs.iter().any(|verb| verb == "*" || of_level.contains(&verb.as_str())))
        .map(|(level, _)| *level)
        .collect()
}

fn role(subject: &Subject<'_>, collected: &mut Collected) {
    let Attribute::Known(Value::Array(rules)) = subject.at(&steps!["rule"]) else { return };
    let cluster = subject.resource_type().contains("cluster");
    let name = subject.after.pointer("/metadata/0/name").and_then(Value::as_str).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        let mut origin = subject.origin();
        let mut listed = |field: &str, attribute: &str| {
            let at = steps!["rule", index, attribute];
            if subject.at(&at) == Attribute::Unknown {
                origin.unknown.push(field.to_owned());
            }
            origin.paths.insert(field.to_owned(), at);
            texts(rule.get(attribute))
        };
        let verbs = listed("actions_allowed", "verbs");
        let kinds = listed("resources", "resources");
        let names = listed("resource_names", "resource_names");
        let groups = listed("api_groups", "api_groups");
        origin.paths.insert("access".to_owned(), steps!["rule", index, "verbs"]);
        origin.paths.insert("statement".to_owned(), steps!["rule", index]);
        // The place to look at is the name list; without one the kind of object.
        let by_name = !names.is_empty();
        let at = if by_name { "resource_names" } else { "resources" };
        origin.paths.insert("resources".to_owned(), steps!["rule", index, at]);
        origin.paths.retain(|field, _| field != "resource_names" && field != "api_groups");
        origin.unknown.retain(|field| field != "resource_names" && field != "api_groups");
        let core = groups.is_empty() || groups.iter().any(|group| group.is_empty() || group == "*");
        let secrets =
            core && kinds.iter().any(|kind| kind == "secrets" || kind == "*" || kind == "secrets/*");
        let access = if secrets { levels(&verbs) } else { Vec::new() };
        let resources = if by_name { names } else { vec!["*".to_owned()] };
        if !access.is_empty() {
            collected.roles.push(Role {
                name: role_key(cluster, name),
                access: access.clone(),
                verbs: verbs.clone(),
                resources: resources.clone(),
            });
        }
        collected.facts.grants.push(Grant {
            statement: Some(index.to_string()),
            concerns_secrets: !access.is_empty(),
            access,
            actions_allowed: verbs,
            resources,
            ..Grant::of(origin, "rbac_role")
        });
    }
}

fn role_key(cluster: bool, name: &str) -> String {
    format!("{}:{name}", if cluster { "clusterrole" } else { "role" })
}

fn binding(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    origin.paths.insert("principals".to_owned(), steps!["subject"]);
    origin.paths.insert("resources".to_owned(), steps!["role_ref", 0_usize, "name"]);
    origin.paths.insert("access".to_owned(), steps!["role_ref", 0_usize, "name"]);
    if subject.at(&steps!["subject"]) == Attribute::Unknown {
        origin.unknown.push("principals".to_owned());
    }
    let subjects = subject.after.get("subject").and_then(Value::as_array);
    let mut principals = Vec::new();
    for (index, entry) in subjects.into_iter().flatten().enumerate() {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        if subject.at(&steps!["subject", index, "name"]) == Attribute::Unknown {
            if !origin.unknown.iter().any(|field| field == "principals") {
                origin.unknown.push("principals".to_owned());
            }
            continue;
        }
        principals.push(match text("kind") {
            "ServiceAccount" => format!("serviceaccount:{}/{}", text("namespace"), text("name")),
            kind => format!("{}:{}", kind.to_ascii_lowercase(), text("name")),
        });
    }
    let role_ref = subject.after.pointer("/role_ref/0");
    let text =
        |name: &str| role_ref.and_then(|role| role.get(name)).and_then(Value::as_str).unwrap_or_default();
    let role = role_key(text("kind") == "ClusterRole", text("name"));
    if subject.at(&steps!["role_ref", 0_usize, "name"]) == Attribute::Unknown {
        origin.unknown.extend(["resources".to_owned(), "access".to_owned()]);
    }
    collected.bindings.push((subject.address().to_owned(), role.clone()));
    collected.facts.grants.push(Grant {
        statement: Some(role),
        principals: Some(principals),
        ..Grant::of(origin, "rbac_binding")
    });
}

/// Gives every binding what its role allows: a role of this plan, or one of the roles every cluster has.
pub(super) fn tie(roles: &[Role], bindings: &[(String, String)], grants: &mut [Grant]) {
    let all = ["*".to_owned()];
    let built_in = |name: &str| -> Option<Vec<&'static str>> {
        match name {
            "clusterrole:cluster-admin" => Some(vec!["read", "write", "rotate", "describe", "administer"]),
            "clusterrole:admin" | "clusterrole:edit" => Some(vec!["read", "write", "administer"]),
            _ => None,
        }
    };
    for grant in grants.iter_mut().filter(|grant| grant.kind == "rbac_binding") {
        let Some((_, name)) = bindings.iter().find(|(address, _)| *address == grant.origin.address) else {
            continue;
        };
        if let Some(access) = built_in(name) {
            grant.access = access;
            grant.resources = all.to_vec();
            if name == "clusterrole:cluster-admin" {
                grant.actions_allowed = all.to_vec();
            }
        }
        for role in roles.iter().filter(|role| role.name == *name) {
            for level in &role.access {
                if !grant.access.contains(level) {
                    grant.access.push(level);
                }
            }
            grant.actions_allowed.extend(role.verbs.iter().cloned());
            grant.resources.extend(role.resources.iter().cloned());
        }
        for texts in [&mut grant.actions_allowed, &mut grant.resources] {
            texts.sort();
            texts.dedup();
        }
        grant.concerns_secrets = !grant.access.is_empty();
    }
}
