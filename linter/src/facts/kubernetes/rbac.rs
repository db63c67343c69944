//! Roles and bindings. A role says what may be done and nobody who may do it; a binding gives it to subjects, in one namespace or in
//! all of them. What a binding gives is known when all roles of the plan are.

use std::collections::BTreeMap;

use super::super::collected::Collected;
use super::super::model::{Grant, Origin};
use super::super::subject::{Attribute, Subject};
use super::object::Part;

/// What a role allows on Secrets, kept until its bindings are read.
pub(in super::super) struct Role {
    /// See [`role_key`].
    key: String,
    labels: BTreeMap<String, String>,
    /// Labels of the roles whose rules the cluster adds to this one.
    aggregates: Vec<BTreeMap<String, String>>,
    access: Vec<&'static str>,
    verbs: Vec<String>,
    resources: Vec<String>,
}

/// How far a role or binding reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Namespace,
    Cluster,
}

impl Reach {
    fn scope(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Cluster => "cluster",
        }
    }
}

/// The roles that every cluster has and that reach Secrets: name, levels, verbs on Secrets, and what it lets its holder do beyond them where
/// it is bound in the whole cluster. <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>
struct BuiltIn {
    name: &'static str,
    access: &'static [&'static str],
    verbs: &'static [&'static str],
    escalations: &'static [&'static str],
    administrator: bool,
}

const BUILT_IN: [BuiltIn; 3] = [
    BuiltIn {
        name: "cluster-admin",
        access: &["read", "write", "rotate", "describe", "administer"],
        verbs: &["*"],
        escalations: &[],
        administrator: true,
    },
    BuiltIn {
        name: "admin",
        access: &["read", "write", "administer"],
        verbs: &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
        escalations: &["impersonate serviceaccounts", "create serviceaccounts/token", "create rolebindings"],
        administrator: false,
    },
    BuiltIn {
        name: "edit",
        access: &["read", "write", "administer"],
        verbs: &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
        escalations: &["impersonate serviceaccounts", "create serviceaccounts/token"],
        administrator: false,
    },
];

/// Labels by which a role joins one of the roles that every cluster has; `admin` has what `edit` has, `edit` what `view` has.
const JOINS: [(&str, &[&str]); 3] = [
    ("admin", &["aggregate-to-admin", "aggregate-to-edit", "aggregate-to-view"]),
    ("edit", &["aggregate-to-edit", "aggregate-to-view"]),
    ("view", &["aggregate-to-view"]),
];

/// Verbs by which the holder can have more than the role says.
/// <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks>
struct Escalation {
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
    /// In one namespace it is what its administrator is there for.
    only_in: Option<Reach>,
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ESCALATIONS: [Escalation; 4] = [
    Escalation {
        group: RBAC,
        resources: &["clusterroles", "roles"],
        verbs: &["bind", "escalate"],
        only_in: None,
    },
    Escalation {
        group: "",
        resources: &["users", "groups", "serviceaccounts"],
        verbs: &["impersonate"],
        only_in: None,
    },
    Escalation { group: "", resources: &["serviceaccounts/token"], verbs: &["create"], only_in: None },
    // The API server lets nobody give more than they have; they still hand on what they have, to whom they like.
    Escalation {
        group: RBAC,
        resources: &["clusterrolebindings", "rolebindings"],
        verbs: &["create", "update", "patch"],
        only_in: Some(Reach::Cluster),
    },
];

pub(super) fn role(subject: &Subject<'_>, collected: &mut Collected) {
    role_object(&Part::of_resource(subject), Reach::Namespace, collected);
}

pub(super) fn cluster_role(subject: &Subject<'_>, collected: &mut Collected) {
    role_object(&Part::of_resource(subject), Reach::Cluster, collected);
}

pub(super) fn role_binding(subject: &Subject<'_>, collected: &mut Collected) {
    binding_object(&Part::of_resource(subject), Reach::Namespace, collected);
}

pub(super) fn cluster_role_binding(subject: &Subject<'_>, collected: &mut Collected) {
    binding_object(&Part::of_resource(subject), Reach::Cluster, collected);
}

/// Adds a Role or ClusterRole, however it is written: a grant for each rule.
pub(super) fn role_object(role: &Part<'_>, reach: Reach, collected: &mut Collected) {
    let metadata = role.get("metadata");
    let selectors = role.get("aggregationRule").each("clusterRoleSelectors");
    let mut known = Role {
        key: role_key(reach, namespace(&metadata), metadata.get("name").text().unwrap_or_default()),
        labels: metadata.get("labels").text_map(),
        aggregates: selectors.map(|selector| selector.get("matchLabels").text_map()).collect(),
        access: Vec::new(),
        verbs: Vec::new(),
        resources: Vec::new(),
    };
    if role.get("rules").attribute() == Attribute::Unknown {
        collected.facts.grants.push(undecided(role, reach));
    }
    for (index, rule) in role.each("rules").enumerate() {
        let grant = rule_of_role(&rule, index, reach);
        for level in &grant.access {
            if !known.access.contains(level) {
                known.access.push(level);
            }
        }
        if grant.concerns_secrets {
            known.verbs.extend(grant.actions_allowed.iter().cloned());
            known.resources.extend(grant.resources.iter().cloned());
        }
        collected.facts.grants.push(grant);
    }
    collected.roles.push(known);
}

/// A role whose rules are decided at apply: which may be about Secrets.
fn undecided(role: &Part<'_>, reach: Reach) -> Grant {
    let mut origin = role.origin();
    for field in ["actions_allowed", "access"] {
        origin.paths.insert(field.to_owned(), role.get("rules").path);
        origin.unknown.push(field.to_owned());
    }
    Grant {
        resources: vec!["*".to_owned()],
        scope: Some(reach.scope()),
        concerns_secrets: true,
        ..Grant::of(origin, "rbac_role")
    }
}

fn rule_of_role(rule: &Part<'_>, index: usize, reach: Reach) -> Grant {
    let mut origin = rule.origin();
    let verbs = rule.get("verbs").list_field(&mut origin, "actions_allowed");
    origin.paths.insert("access".to_owned(), rule.get("verbs").path);
    origin.paths.insert("escalations".to_owned(), rule.get("verbs").path);
    origin.paths.insert("statement".to_owned(), rule.path.clone());
    // The place to look at is the name list; without one the kind of object.
    let named = rule.get("resourceNames");
    let names = if named.is_set() { named.list_field(&mut origin, "resources") } else { Vec::new() };
    let kinds = if named.is_set() {
        rule.get("resources").texts()
    } else {
        rule.get("resources").list_field(&mut origin, "resources")
    };
    let groups = rule.get("apiGroups").texts();
    let in_group = |wanted: &str| {
        (wanted.is_empty() && groups.is_empty()) || groups.iter().any(|group| group == wanted || group == "*")
    };
    let all = |texts: &[String]| texts.iter().any(|text| text == "*");
    let secrets =
        in_group("") && kinds.iter().any(|kind| matches!(kind.as_str(), "secrets" | "*" | "secrets/*"));
    let is_unknown = |field: &str| origin.unknown.iter().any(|unknown| unknown == field);
    // Kinds that are decided at apply may be Secrets.
    let perhaps = !secrets && !named.is_set() && in_group("") && is_unknown("resources");
    let access = if secrets || perhaps { levels(&verbs) } else { Vec::new() };
    let undecided = secrets && is_unknown("actions_allowed");
    let administrator = all(&groups) && all(&kinds) && all(&verbs) && !named.is_set();
    let escalations = if administrator || named.is_set() {
        Vec::new()
    } else {
        escalations(&verbs, &kinds, reach, &in_group)
    };
    let every_one = || vec!["*".to_owned()];
    Grant {
        statement: Some(index.to_string()),
        concerns_secrets: !access.is_empty() || undecided,
        access,
        actions_allowed: verbs,
        resources: match (named.is_set(), perhaps) {
            (true, _) => names,
            (false, true) => Vec::new(),
            (false, false) => every_one(),
        },
        scope: Some(reach.scope()),
        administrator,
        escalations,
        ..Grant::of(origin, "rbac_role")
    }
}

/// Levels that verbs on Secrets reach. A list or a watch shows the values too.
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

fn escalations(
    verbs: &[String],
    kinds: &[String],
    reach: Reach,
    in_group: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    // `*/token` is that part of every kind of object.
    let has = |texts: &[String], wanted: &str| {
        let part = wanted.split_once('/').map(|(_, part)| part);
        texts
            .iter()
            .any(|text| text == wanted || text == "*" || (part.is_some() && text.strip_prefix("*/") == part))
    };
    let mut found = Vec::new();
    for row in ESCALATIONS.iter().filter(|row| row.only_in.is_none_or(|only| only == reach)) {
        if !in_group(row.group) {
            continue;
        }
        for resource in row.resources.iter().filter(|resource| has(kinds, resource)) {
            for verb in row.verbs.iter().filter(|verb| has(verbs, verb)) {
                found.push(format!("{verb} {resource}"));
            }
        }
    }
    found
}

/// Adds a RoleBinding or ClusterRoleBinding, however it is written.
pub(super) fn binding_object(binding: &Part<'_>, reach: Reach, collected: &mut Collected) {
    let mut origin = binding.origin();
    let principals = principals(binding, &mut origin);
    let role_ref = binding.get("roleRef");
    let name = role_ref.get("name");
    for field in ["resources", "access", "role", "administrator", "escalations"] {
        origin.paths.insert(field.to_owned(), name.path.clone());
    }
    if name.attribute() == Attribute::Unknown {
        let fields = ["resources", "access", "administrator"];
        origin.unknown.extend(fields.map(str::to_owned));
    }
    let of_cluster = role_ref.get("kind").text() == Some("ClusterRole");
    let reach_of_role = if of_cluster { Reach::Cluster } else { Reach::Namespace };
    let metadata = binding.get("metadata");
    let key = role_key(reach_of_role, namespace(&metadata), name.text().unwrap_or_default());
    collected.facts.grants.push(Grant {
        statement: Some(key),
        role: name.text().map(str::to_owned),
        principals: Some(principals),
        scope: Some(reach.scope()),
        ..Grant::of(origin, "rbac_binding")
    });
}

fn principals(binding: &Part<'_>, origin: &mut Origin) -> Vec<String> {
    let subjects = binding.get("subjects");
    origin.paths.insert("principals".to_owned(), subjects.path.clone());
    let mut unknown = subjects.attribute() == Attribute::Unknown;
    let mut principals = Vec::new();
    for entry in binding.each("subjects") {
        let text = |name: &str| entry.get(name).text().filter(|text| !text.is_empty());
        if entry.get("name").attribute() == Attribute::Unknown {
            unknown = true;
            continue;
        }
        let name = text("name").unwrap_or_default();
        principals.push(match text("kind").unwrap_or_default() {
            "ServiceAccount" => format!("serviceaccount:{}/{name}", text("namespace").unwrap_or("default")),
            // The name under which the API server knows a service account as a user.
            "User" if name.starts_with("system:serviceaccount:") => {
                let account = name.trim_start_matches("system:serviceaccount:");
                format!("serviceaccount:{}", account.replacen(':', "/", 1))
            }
            kind => format!("{}:{name}", kind.to_ascii_lowercase()),
        });
    }
    if unknown {
        origin.unknown.push("principals".to_owned());
    }
    principals
}

/// How a binding finds its role: a Role in its own namespace, a ClusterRole anywhere.
fn role_key(reach: Reach, namespace: &str, name: &str) -> String {
    match reach {
        Reach::Namespace => format!("role:{namespace}/{name}"),
        Reach::Cluster => format!("clusterrole:{name}"),
    }
}

fn namespace<'a>(metadata: &Part<'a>) -> &'a str {
    metadata.get("namespace").text().filter(|text| !text.is_empty()).unwrap_or("default")
}

/// Gives every binding what its role allows: a role of this plan, or one that every cluster has.
///
/// A role of this plan that is too broad is told of where it is declared; its bindings have only what it allows on Secrets.
pub(in super::super) fn tie(roles: &[Role], grants: &mut [Grant]) {
    for grant in grants.iter_mut().filter(|grant| grant.kind == "rbac_binding") {
        let Some(key) = grant.statement.clone() else { continue };
        if let Some(built_in) = BUILT_IN.iter().find(|built_in| is_key_of(&key, built_in.name)) {
            grant.access = built_in.access.to_vec();
            grant.resources = vec!["*".to_owned()];
            grant.actions_allowed = built_in.verbs.iter().map(|verb| (*verb).to_owned()).collect();
            grant.administrator = built_in.administrator;
            if grant.scope == Some(Reach::Cluster.scope()) {
                grant.escalations = built_in.escalations.iter().map(|action| (*action).to_owned()).collect();
            }
        }
        for role in roles.iter().filter(|role| role.is_part_of(&key, roles)) {
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

fn is_key_of(key: &str, cluster_role: &str) -> bool {
    key.strip_prefix("clusterrole:") == Some(cluster_role)
}

impl Role {
    /// The rules of this role are in the role that `key` names: it is that one, or the cluster aggregates it there by its labels.
    fn is_part_of(&self, key: &str, roles: &[Self]) -> bool {
        if self.access.is_empty() {
            return false;
        }
        let is_cluster_role = self.key.starts_with("clusterrole:");
        let joins = || {
            JOINS.iter().any(|(name, labels)| {
                is_key_of(key, name)
                    && labels.iter().any(|label| {
                        let value = self.labels.get(&format!("{RBAC}/{label}"));
                        value.is_some_and(|value| value == "true")
                    })
            })
        };
        let selected = || {
            roles.iter().filter(|role| role.key == key).any(|role| {
                role.aggregates.iter().any(|selector| {
                    !selector.is_empty()
                        && selector.iter().all(|(name, value)| self.labels.get(name) == Some(value))
                })
            })
        };
        self.key == key || (is_cluster_role && (joins() || selected()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::model::Grant;
    use super::super::super::tests::{Resource, facts, resource};

    fn cluster_role(name: &str, rules: Value) -> Resource {
        resource("kubernetes_cluster_role_v1", name)
            .after(json!({ "metadata": [{ "name": name }], "rule": rules }))
    }

    fn rule(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Value {
        json!({ "api_groups": groups, "resources": resources, "verbs": verbs })
    }

    fn cluster_binding(role: &str) -> Resource {
        resource("kubernetes_cluster_role_binding_v1", role).after(json!({
            "role_ref": [{ "kind": "ClusterRole", "name": role }],
            "subject": [{ "kind": "Group", "name": "developers" }],
        }))
    }

    fn only(resource: Resource) -> Grant {
        facts(vec![resource]).grants.remove(0)
    }

    #[test]
    fn everything_on_everything_is_an_administrator_and_all_of_the_core_is_not() {
        let everything = only(cluster_role("a", json!([rule(&["*"], &["*"], &["*"])])));
        assert!(everything.administrator && everything.concerns_secrets && everything.escalations.is_empty());
        assert_eq!(everything.scope, Some("cluster"));
        let core = only(cluster_role("a", json!([rule(&[""], &["*"], &["get"])])));
        assert!(!core.administrator && core.concerns_secrets);
        let in_namespace = only(
            resource("kubernetes_role_v1", "a")
                .after(json!({ "metadata": [{ "name": "a" }], "rule": [rule(&["*"], &["*"], &["*"])] })),
        );
        assert_eq!((in_namespace.administrator, in_namespace.scope), (true, Some("namespace")));
    }

    #[test]
    fn verbs_that_give_more_are_escalations() {
        let check = |rule: Value, expected: &[&str]| {
            assert_eq!(only(cluster_role("a", json!([rule]))).escalations, expected);
        };
        let rbac = "rbac.authorization.k8s.io";
        check(
            rule(&[rbac], &["clusterroles"], &["bind", "escalate"]),
            &["bind clusterroles", "escalate clusterroles"],
        );
        check(rule(&[rbac], &["clusterroles"], &["get", "create"]), &[]);
        check(rule(&[rbac], &["rolebindings"], &["create"]), &["create rolebindings"]);
        check(rule(&[""], &["serviceaccounts"], &["impersonate"]), &["impersonate serviceaccounts"]);
        check(rule(&[""], &["serviceaccounts/token"], &["create"]), &["create serviceaccounts/token"]);
        check(rule(&[""], &["*/token"], &["create"]), &["create serviceaccounts/token"]);
        check(rule(&["apps"], &["users"], &["impersonate"]), &[]);
        let mut named = rule(&[rbac], &["clusterroles"], &["bind"]);
        named["resource_names"] = json!(["view"]);
        check(named, &[]);
    }

    #[test]
    fn who_hands_on_rights_in_one_namespace_administers_it() {
        let role = resource("kubernetes_role_v1", "a").after(json!({
            "metadata": [{ "name": "a" }],
            "rule": [rule(&["rbac.authorization.k8s.io"], &["rolebindings"], &["create"])],
        }));
        assert!(only(role).escalations.is_empty());
    }

    #[test]
    fn a_binding_reaches_as_far_as_it_stands_not_as_its_role() {
        let binding = resource("kubernetes_role_binding_v1", "a").after(json!({
            "metadata": [{ "name": "a", "namespace": "orders" }],
            "role_ref": [{ "kind": "ClusterRole", "name": "edit" }],
            "subject": [{ "kind": "ServiceAccount", "name": "default" }, { "kind": "User", "name": "system:serviceaccount:ci:deployer" }],
        }));
        let binding = only(binding);
        assert_eq!((binding.scope, binding.administrator), (Some("namespace"), false));
        assert!(binding.concerns_secrets && binding.escalations.is_empty());
        assert_eq!(
            binding.principals.unwrap(),
            ["serviceaccount:default/default", "serviceaccount:ci/deployer"]
        );
        let binding = only(cluster_binding("edit"));
        assert_eq!(binding.escalations, ["impersonate serviceaccounts", "create serviceaccounts/token"]);
        assert!(only(cluster_binding("cluster-admin")).administrator);
        assert!(!only(cluster_binding("view")).concerns_secrets);
    }

    #[test]
    fn a_role_of_another_namespace_is_another_role() {
        let role = |namespace: &str, verb: &str| {
            resource("kubernetes_role_v1", namespace).after(json!({
                "metadata": [{ "name": "reader", "namespace": namespace }], "rule": [rule(&[""], &["secrets"], &[verb])],
            }))
        };
        let binding = resource("kubernetes_role_binding_v1", "a").after(json!({
            "metadata": [{ "name": "a", "namespace": "orders" }],
            "role_ref": [{ "kind": "Role", "name": "reader" }],
            "subject": [{ "kind": "Group", "name": "orders" }],
        }));
        let facts = facts(vec![role("orders", "get"), role("payments", "delete"), binding]);
        assert_eq!(facts.grants[2].access, ["read"]);
    }

    #[test]
    fn aggregated_roles_have_the_rules_of_others() {
        let reader = || {
            resource("kubernetes_cluster_role_v1", "reader").after(json!({
                "metadata": [{ "name": "reader", "labels": {
                    "rbac.authorization.k8s.io/aggregate-to-view": "true", "for": "support",
                } }],
                "rule": [rule(&[""], &["secrets"], &["get"])],
            }))
        };
        let support = resource("kubernetes_cluster_role_v1", "support").after(json!({
            "metadata": [{ "name": "support" }],
            "aggregation_rule": [{ "cluster_role_selectors": [{ "match_labels": { "for": "support" } }] }],
        }));
        let facts = facts(vec![reader(), support, cluster_binding("support"), cluster_binding("view")]);
        assert_eq!(facts.grants[1].access, ["read"]);
        assert_eq!(facts.grants[2].access, ["read"]);
    }

    #[test]
    fn what_is_decided_at_apply_is_unknown() {
        let role = cluster_role("a", json!([{ "api_groups": [""], "resources": ["secrets"], "resource_names": null, "verbs": ["get"] }]))
            .unknown(json!({ "rule": [{ "resource_names": true }] }));
        let grant = only(role);
        assert!(grant.origin.unknown.contains(&"resources".to_owned()) && grant.resources.is_empty());
        let binding = cluster_binding("view").unknown(json!({ "subject": [{ "name": true }] }));
        assert_eq!(only(binding).origin.unknown, ["principals"]);
        let binding = cluster_binding("").unknown(json!({ "role_ref": [{ "name": true }] }));
        assert_eq!(only(binding).origin.unknown, ["resources", "access", "administrator"]);
    }

    #[test]
    fn rules_verbs_and_kinds_that_are_decided_at_apply_concern_secrets_as_far_as_they_may() {
        let check = |rules: Value, unknown: Value, concerns: bool, field: &str| {
            let grant = only(cluster_role("a", rules).unknown(json!({ "rule": unknown })));
            assert_eq!(grant.concerns_secrets, concerns, "{unknown}");
            assert!(grant.origin.unknown.contains(&field.to_owned()), "{unknown}");
        };
        let secrets = || json!([{ "api_groups": [""], "resources": ["secrets"] }]);
        check(secrets(), json!([{ "verbs": true }]), true, "actions_allowed");
        let pods = json!([{ "api_groups": [""], "resources": ["pods"] }]);
        check(pods, json!([{ "verbs": true }]), false, "actions_allowed");
        let kinds = json!([{ "api_groups": [""], "verbs": ["get"] }]);
        check(kinds, json!([{ "resources": true }]), true, "resources");
        let kinds = json!([{ "api_groups": ["apps"], "verbs": ["get"] }]);
        check(kinds, json!([{ "resources": true }]), false, "resources");
        check(Value::Null, json!(true), true, "actions_allowed");
    }
}
