//! IAM bindings as grants: one role for some members at one place is one grant. Three types say the same: a member, a binding with all members of a
//! role, a policy with all bindings of the place, whose document comes from `data.google_iam_policy` as JSON in the plan.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{AttributePath, Grant, Origin, PathStep};
use super::super::subject::{Attribute, Subject, steps};
use super::condition::{self, Condition};
use super::principals::{self, Circle};
use super::roles::{self, Reach};
use super::{audit, identity, written};
use crate::plan::Target;

/// A place where roles are given.
struct Place {
    /// Type of what is given at the place, without the ending that says how.
    types: &'static str,
    scope: Option<&'static str>,
    /// The attribute that names the place.
    attribute: &'static str,
}

const fn place(types: &'static str, scope: Option<&'static str>, attribute: &'static str) -> Place {
    Place { types, scope, attribute }
}

const PLACES: [Place; 8] = [
    place("google_secret_manager_secret", Some("secret"), "secret_id"),
    place("google_secret_manager_regional_secret", Some("secret"), "secret_id"),
    place("google_kms_crypto_key", Some("key"), "crypto_key_id"),
    place("google_kms_key_ring", Some("store"), "key_ring_id"),
    place("google_project", Some("project"), "project"),
    place("google_folder", Some("folder"), "folder"),
    place("google_organization", Some("organization"), "org_id"),
    place("google_service_account", None, "service_account_id"),
];

impl Place {
    fn of(resource_type: &str) -> Option<&'static Self> {
        let (types, _) = resource_type.rsplit_once("_iam_")?;
        PLACES.iter().find(|place| place.types == types)
    }

    /// What is given here holds for everything in a project or more.
    fn is_wide(&self) -> bool {
        matches!(self.scope, Some("project" | "folder" | "organization"))
    }

    /// A secret, a key or a ring of keys: whatever is given here is about secrets.
    fn is_secret(&self) -> bool {
        matches!(self.scope, Some("secret" | "key" | "store"))
    }
}

/// One role for some members, as far as it is known.
#[derive(Default)]
pub(super) struct Binding {
    pub(super) role: Option<String>,
    /// Permissions of a custom role that this plan has.
    permissions: Option<Vec<String>>,
    pub(super) principals: Vec<String>,
    /// The members are identities of this plan.
    ours: bool,
    title: Option<String>,
    description: Option<String>,
    expression: Option<String>,
    unknown: Vec<&'static str>,
    pub(super) role_path: AttributePath,
    pub(super) members_path: AttributePath,
    condition_path: AttributePath,
}

pub(super) fn member(subject: &Subject<'_>, collected: &mut Collected) {
    given(subject, "member", collected);
}

pub(super) fn binding(subject: &Subject<'_>, collected: &mut Collected) {
    given(subject, "members", collected);
}

fn given(subject: &Subject<'_>, members: &str, collected: &mut Collected) {
    let Some(place) = Place::of(subject.resource_type()) else { return };
    add(subject, place, block(subject, &Vec::new(), members), collected);
}

/// Adds the grants of a whole policy, and what it says of audits.
pub(super) fn policy(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(place) = Place::of(subject.resource_type()) else { return };
    let path = steps!["policy_data"];
    match subject.at(&path) {
        Attribute::Absent => {}
        Attribute::Known(Value::String(text)) => match serde_json::from_str::<Value>(text) {
            Ok(document) if document.is_object() => {
                let bindings = document.get("bindings").and_then(Value::as_array);
                for (index, value) in bindings.into_iter().flatten().enumerate() {
                    match of_document(value, index) {
                        Some(binding) => add(subject, place, binding, collected),
                        None => collected.facts.unreadable.push(subject.unreadable(
                            steps!["policy_data", "bindings", index],
                            "a binding of the policy is not a role with its members",
                        )),
                    }
                }
                if place.is_wide() {
                    audit::of_policy(subject, place.attribute, &document, collected);
                }
            }
            _ => collected
                .facts
                .unreadable
                .push(subject.unreadable(path, "the IAM policy is not a JSON object")),
        },
        Attribute::Known(_) => {
            collected.facts.unreadable.push(subject.unreadable(path, "the IAM policy is not a text"));
        }
        Attribute::Unknown => match planned_document(subject, &path) {
            Some(bindings) => {
                for binding in bindings {
                    add(subject, place, binding, collected);
                }
            }
            None => collected.facts.grants.push(unknown(subject, place)),
        },
    }
}

/// Bindings of the `data.google_iam_policy` that a policy is, where that is read only at apply.
fn planned_document(subject: &Subject<'_>, path: &AttributePath) -> Option<Vec<Binding>> {
    let resolution = subject.resolve(path);
    let [Target::Change { place, .. }] = resolution.targets.as_slice() else { return None };
    let change = subject.plan.changes().get(*place)?;
    if &*change.resource_type != "google_iam_policy" {
        return None;
    }
    let document = Subject::open(subject.plan, change).ok()?;
    let Attribute::Known(Value::Array(bindings)) = document.at(&steps!["binding"]) else { return None };
    let bindings = (0..bindings.len()).map(|index| {
        let mut binding = block(&document, &steps!["binding", index], "members");
        for place in [&mut binding.role_path, &mut binding.members_path, &mut binding.condition_path] {
            place.clone_from(path);
        }
        binding
    });
    Some(bindings.collect())
}

/// Reads the role, the members and the condition that stand below `at`.
fn block(subject: &Subject<'_>, at: &AttributePath, members: &str) -> Binding {
    let below = |steps: AttributePath| [at.as_slice(), &steps].concat();
    let mut binding = Binding {
        role_path: below(steps!["role"]),
        members_path: below(steps![members]),
        condition_path: below(steps!["condition"]),
        ..Binding::default()
    };
    // Only for what is unknown of the fields; their paths are noted with the grant.
    let mut origin = subject.origin();
    binding.permissions = custom_permissions(subject, &binding.role_path);
    binding.role = subject.field_or_reference(&mut origin, "role", binding.role_path.clone());
    let found = principals::read(subject, &binding.members_path);
    binding.principals = found.names;
    binding.ours = found.ours;
    if found.unknown {
        binding.unknown.push("principals");
    }
    if binding.role.is_none() && !origin.unknown.is_empty() {
        binding.unknown.extend(["role", "access", "actions_allowed"]);
    }
    let condition = |part: &str| below(steps!["condition", 0_usize, part]);
    if let Attribute::Known(Value::String(text)) = subject.at(&condition("expression")) {
        binding.expression = Some(text.clone());
        binding.condition_path = condition("expression");
    } else if is_unknown(subject, &below(steps!["condition"]))
        || is_unknown(subject, &condition("expression"))
    {
        binding.unknown.extend(["condition_keys", "expires_at"]);
    }
    let text = |part: &str| match subject.at(&condition(part)) {
        Attribute::Known(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    binding.title = text("title");
    binding.description = text("description");
    binding
}

fn is_unknown(subject: &Subject<'_>, path: &[PathStep]) -> bool {
    subject.at(path) == Attribute::Unknown && (written(subject, path) || subject.expressions.is_null())
}

/// Permissions of the custom role that stands at `path` by reference.
fn custom_permissions(subject: &Subject<'_>, path: &[PathStep]) -> Option<Vec<String>> {
    let resolution = subject.resolve(path);
    let [Target::Change { place, .. }] = resolution.targets.as_slice() else { return None };
    let change = subject.plan.changes().get(*place)?;
    if !change.resource_type.ends_with("_iam_custom_role") {
        return None;
    }
    let role = Subject::open(subject.plan, change).ok()?;
    let Attribute::Known(Value::Array(permissions)) = role.at(&steps!["permissions"]) else { return None };
    Some(permissions.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Reads one binding of a policy document.
fn of_document(value: &Value, index: usize) -> Option<Binding> {
    let at = |member: &str| steps!["policy_data", "bindings", index, member];
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let condition = value.get("condition");
    let members = value.get("members").and_then(Value::as_array)?;
    Some(Binding {
        role: Some(value.get("role").and_then(Value::as_str)?.to_owned()),
        principals: members.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        title: text(condition.and_then(|condition| condition.get("title"))),
        description: text(condition.and_then(|condition| condition.get("description"))),
        expression: text(condition.and_then(|condition| condition.get("expression"))),
        role_path: at("role"),
        members_path: at("members"),
        condition_path: at("condition"),
        ..Binding::default()
    })
}

fn add(subject: &Subject<'_>, place: &Place, binding: Binding, collected: &mut Collected) {
    if place.scope.is_none() {
        identity::workload_users(subject, &binding, collected);
    }
    let role = binding.role.as_deref().unwrap_or_default();
    let known: Option<Reach> = match &binding.permissions {
        Some(permissions) => Some(roles::reach(permissions)),
        None => roles::permissions_of(role).map(roles::reach),
    };
    let is_known = known.is_some();
    let reach = known.unwrap_or_default();
    let condition = binding.expression.as_deref().map(condition::read).unwrap_or_default();
    let administrator = role == roles::OWNER && place.is_wide();
    let is_confined = condition.limits_granted_roles || condition.confines;
    // Google runs its agents itself: nobody can act as one and so use what it may do.
    let only_agents = !binding.principals.is_empty()
        && !binding.unknown.contains(&"principals")
        && binding.principals.iter().all(|principal| principals::is_service_agent(principal));
    let gives_more = place.is_wide() && !is_confined && !only_agents;
    let escalations = if gives_more { reach.escalations.clone() } else { Vec::new() };
    // A role whose permissions are defined elsewhere, at a secret: it does something there.
    let is_custom = role.starts_with("projects/") || role.starts_with("organizations/");
    let opaque = place.is_secret()
        && !is_known
        && (is_custom || role.starts_with("google_") || binding.unknown.contains(&"role"));
    // Who may be a service account has all that it has, which is not known here; told of only where it is anybody.
    let impersonated = place.scope.is_none()
        && roles::impersonates(&reach)
        && binding.principals.iter().any(|principal| principals::is_public(principal));
    // What anybody on the internet may do at a secret or a key is asked, were it only to look at it.
    let in_public = place.is_secret() && binding.principals.iter().any(|name| principals::is_public(name));
    let concerns_secrets = reach.concerns_secrets || opaque || impersonated || in_public;
    // At a project or more it may be any role.
    let undecided = place.is_wide() && binding.unknown.contains(&"role");
    if !concerns_secrets && !administrator && !undecided && escalations.is_empty() && reach.access.is_empty()
    {
        return;
    }
    let mut origin = origin(subject, place, &binding);
    let resources = subject.field_or_reference(&mut origin, "resources", steps![place.attribute]);
    origin.unknown.extend(binding.unknown.iter().map(ToString::to_string));
    if undecided {
        origin.unknown.push("administrator".to_owned());
    }
    let foreign_principals = if binding.ours {
        Vec::new()
    } else {
        let circle = match place.scope {
            Some("folder" | "organization") => Circle::Organization,
            _ => Circle::Project(resources.as_deref()),
        };
        principals::foreign(subject, &binding.principals, circle)
    };
    let Condition { keys, expires_at, .. } = condition;
    collected.facts.grants.push(Grant {
        actions_allowed: actions(role, binding.permissions),
        role: binding.role,
        statement: binding.title.clone(),
        principals: Some(binding.principals),
        access: reach.access,
        resources: resources.into_iter().collect(),
        scope: place.scope,
        concerns_secrets,
        administrator,
        decrypts_only: reach.decrypts_only,
        escalations,
        foreign_principals,
        condition_keys: keys,
        expires_at,
        reason: binding.description.or(binding.title),
        ..Grant::of(origin, "iam_binding")
    });
}

/// A custom role's permissions as written; of a predefined role only what Google's page itself writes with `*`.
fn actions(role: &str, permissions: Option<Vec<String>>) -> Vec<String> {
    permissions.unwrap_or_else(|| {
        let permissions = roles::permissions_of(role).unwrap_or_default();
        permissions.iter().filter(|name| name.contains('*')).map(ToString::to_string).collect()
    })
}

fn origin(subject: &Subject<'_>, place: &Place, binding: &Binding) -> Origin {
    let mut origin = subject.origin();
    let mut note = |fields: &[&str], path: &AttributePath| {
        for field in fields {
            origin.paths.insert((*field).to_owned(), path.clone());
        }
    };
    note(
        &["role", "access", "actions_allowed", "administrator", "decrypts_only", "escalations"],
        &binding.role_path,
    );
    note(&["principals", "foreign_principals"], &binding.members_path);
    note(&["condition_keys", "expires_at", "reason", "statement"], &binding.condition_path);
    note(&["resources", "scope"], &steps![place.attribute]);
    origin
}

/// A policy of which nothing is known but where it is.
fn unknown(subject: &Subject<'_>, place: &Place) -> Grant {
    let path = steps!["policy_data"];
    let binding = Binding {
        role_path: path.clone(),
        members_path: path.clone(),
        condition_path: path,
        unknown: vec!["principals", "role", "access", "actions_allowed", "condition_keys"],
        ..Binding::default()
    };
    let mut origin = origin(subject, place, &binding);
    let resources = subject.field_or_reference(&mut origin, "resources", steps![place.attribute]);
    origin.unknown.extend(binding.unknown.iter().map(ToString::to_string));
    if place.is_wide() {
        origin.unknown.push("administrator".to_owned());
    }
    Grant {
        resources: resources.into_iter().collect(),
        scope: place.scope,
        concerns_secrets: place.scope.is_some(),
        ..Grant::of(origin, "iam_binding")
    }
}
