//! Role assignments: somebody has a role on a scope. A built-in role is known by name and id, a custom one by its definition in the plan.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Grant, Origin};
use super::super::subject::{Attribute, Subject, steps};
use super::role::{Power, Role};
use super::role_definition;
use super::scope::{self, Scope};
use super::{access_policy, type_of};

const GIVES_ROLES: &str = "Microsoft.Authorization/roleAssignments/write";
const SETS_POLICIES: &str = "Microsoft.KeyVault/vaults/accessPolicies/write";
const GIVES_CREDENTIALS: &str = "microsoft.directory/applications/credentials/update";

/// `azurerm_role_assignment`, and those that Privileged Identity Management makes for a time.
pub(super) fn assignment(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let principal = subject.field_or_reference(&mut origin, "principals", steps!["principal_id"]);
    let scope = scope::read(subject, &mut origin, &steps!["scope"]);
    let (name, given) = given(subject, &mut origin);
    let reason = if subject.is_set(&steps!["justification"]) { "justification" } else { "description" };
    let reason = subject.field(&mut origin, "reason", steps![reason]);
    let condition = subject.field(&mut origin, "condition_keys", steps!["condition"]);
    let conditioned = condition.is_some() || origin.unknown.iter().any(|field| field == "condition_keys");
    let expires_at = end(subject, &mut origin);
    let mut grant = Grant {
        role: name,
        principals: principal.map(|principal| vec![principal]),
        condition_keys: condition.as_deref().map(condition_keys).unwrap_or_default(),
        reason,
        expires_at,
        ..Grant::of(origin, "role_assignment")
    };
    reach(subject, &mut grant, &given, scope, conditioned);
    collected.facts.grants.push(grant);
}

/// The local roles of a managed HSM, whose scopes are paths in it: `/`, `/keys`, `/keys/NAME`.
pub(super) fn security_module_assignment(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let principal = subject.field_or_reference(&mut origin, "principals", steps!["principal_id"]);
    let module = subject.field_or_reference(&mut origin, "resources", steps!["managed_hsm_id"]);
    let one_key = subject
        .text("scope")
        .is_some_and(|scope| !scope.trim_start_matches("/keys").trim_matches('/').is_empty());
    let (name, given) = given(subject, &mut origin);
    origin.paths.insert("scope".to_owned(), steps!["scope"]);
    let mut grant = Grant {
        role: name,
        principals: principal.map(|principal| vec![principal]),
        ..Grant::of(origin, "role_assignment")
    };
    let level = if one_key { "key" } else { "store" };
    reach(subject, &mut grant, &given, Scope { level: Some(level), resource: module }, false);
    collected.facts.grants.push(grant);
}

/// Roles of Entra ID, on the whole tenant unless a scope within it is named.
pub(super) fn directory_assignment(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let principal = subject.field_or_reference(&mut origin, "principals", steps!["principal_object_id"]);
    origin.paths.insert("role".to_owned(), steps!["role_id"]);
    let role = match subject.at(&steps!["role_id"]) {
        Attribute::Known(Value::String(id)) => Role::of_definition(id),
        _ => subject.referred(&steps!["role_id"]).iter().find_map(|address| {
            let change = subject.plan.change_at(address)?;
            let role = Subject::open(subject.plan, change).ok()?;
            role.text("display_name")
                .and_then(Role::named)
                .or_else(|| role.text("template_id").and_then(Role::of_definition))
        }),
    };
    let Some(role) = role else { return };
    let narrowed = subject.is_set(&steps!["directory_scope_id"])
        && subject.text("directory_scope_id") != Some("/")
        || subject.is_set(&steps!["app_scope_id"]);
    let scope = Scope { level: (!narrowed).then_some("organization"), resource: None };
    origin.paths.insert("scope".to_owned(), steps!["role_id"]);
    let mut grant = Grant {
        role: Some(role.name.to_owned()),
        principals: principal.map(|principal| vec![principal]),
        ..Grant::of(origin, "role_assignment")
    };
    reach(subject, &mut grant, &Given::BuiltIn(role), scope, narrowed);
    collected.facts.grants.push(grant);
}

/// What is given.
enum Given {
    BuiltIn(&'static Role),
    /// Levels of a custom role of the plan, whose breadth is told of where it is defined.
    Custom {
        access: Vec<&'static str>,
        decrypts_only: bool,
    },
    /// A role of which nothing is known: a custom one from elsewhere, or one without business with secrets.
    Other,
}

/// The role and its name, noting where it stands and whether it is decided at apply.
fn given(subject: &Subject<'_>, origin: &mut Origin) -> (Option<String>, Given) {
    let (name, id) = (steps!["role_definition_name"], steps!["role_definition_id"]);
    if subject.is_set(&name) {
        origin.paths.insert("role".to_owned(), name.clone());
        return match subject.text("role_definition_name") {
            Some(name) => match Role::named(name) {
                Some(role) => (Some(role.name.to_owned()), Given::BuiltIn(role)),
                None => (Some(name.to_owned()), defined(subject, &steps!["role_definition_name"])),
            },
            None => {
                let custom = defined(subject, &name);
                if matches!(custom, Given::Other) {
                    origin.unknown.push("role".to_owned());
                }
                (None, custom)
            }
        };
    }
    origin.paths.insert("role".to_owned(), id.clone());
    if let Some(text) = subject.text("role_definition_id") {
        return match Role::of_definition(text) {
            Some(role) => (Some(role.name.to_owned()), Given::BuiltIn(role)),
            None => (Some(text.to_owned()), defined(subject, &id)),
        };
    }
    for address in subject.referred(&id) {
        let change = subject.plan.change_at(&address);
        let Some(definition) = change.and_then(|change| Subject::open(subject.plan, change).ok()) else {
            continue;
        };
        // The data source of a role that is read only at apply names it.
        if let Some(role) = definition.text("name").and_then(Role::named) {
            return (Some(role.name.to_owned()), Given::BuiltIn(role));
        }
    }
    let custom = defined(subject, &id);
    if matches!(custom, Given::Other) {
        origin.unknown.push("role".to_owned());
    }
    (None, custom)
}

/// The custom role of this plan that the attribute refers to.
fn defined(subject: &Subject<'_>, path: &[super::PathStep]) -> Given {
    let referred = subject.referred(path);
    let definition = referred.iter().find_map(|address| {
        let change = subject.plan.change_at(address)?;
        (&*change.resource_type == "azurerm_role_definition" && type_of(address) == "azurerm_role_definition")
            .then(|| Subject::open(subject.plan, change).ok())
            .flatten()
    });
    match definition {
        Some(definition) => {
            let permissions = role_definition::permissions(&definition);
            Given::Custom { access: permissions.access(), decrypts_only: permissions.decrypts_only() }
        }
        None => Given::Other,
    }
}

/// Fills in what the role means on the scope.
fn reach(subject: &Subject<'_>, grant: &mut Grant, given: &Given, scope: Scope, conditioned: bool) {
    let level = scope.level;
    let wide = matches!(
        level,
        Some("resource_group" | "subscription" | "management_group" | "organization" | "cluster")
    );
    let on_secrets = matches!(level, Some("secret" | "key" | "store"));
    grant.scope = level;
    grant.resources = scope.resource.into_iter().collect();
    for field in ["access", "actions_allowed", "administrator", "escalations"] {
        if let Some(path) = grant.origin.paths.get("role").cloned() {
            grant.origin.paths.insert(field.to_owned(), path);
        }
    }
    let undecided = grant.origin.unknown.iter().any(|field| field == "scope");
    match given {
        Given::BuiltIn(role) => {
            // A role on anything else, a storage account or a network, reaches no secret of a vault.
            let reaches =
                wide || on_secrets || level == Some("namespace") || undecided || role.is_for_vaults();
            grant.concerns_secrets = reaches && !role.access.is_empty();
            grant.access = if reaches { role.access.to_vec() } else { Vec::new() };
            match role.power {
                Power::Levels => {}
                Power::Decrypts => grant.decrypts_only = true,
                // To unwrap the keys of its own data is what a service is for, in the vault it is given.
                Power::Unwraps => grant.decrypts_only = wide,
                Power::Owns if wide => grant.administrator = !conditioned,
                Power::Owns if on_secrets && !conditioned => grant.escalations = vec![GIVES_ROLES.to_owned()],
                Power::GivesRoles if (wide || on_secrets) && !conditioned => {
                    grant.escalations = vec![GIVES_ROLES.to_owned()];
                }
                Power::SetsAccessPolicies if wide || asks_policies(subject, grant) => {
                    grant.escalations = vec![SETS_POLICIES.to_owned()];
                }
                Power::Contributes
                    if matches!(level, Some("subscription" | "management_group" | "organization"))
                        || asks_policies(subject, grant) =>
                {
                    grant.escalations = vec![SETS_POLICIES.to_owned()];
                }
                Power::GivesCredentials if level == Some("organization") => {
                    grant.escalations = vec![GIVES_CREDENTIALS.to_owned()];
                }
                Power::Owns
                | Power::GivesRoles
                | Power::Contributes
                | Power::SetsAccessPolicies
                | Power::GivesCredentials => {}
            }
        }
        Given::Custom { access, decrypts_only } => {
            grant.concerns_secrets = !access.is_empty() && (wide || on_secrets || undecided);
            if grant.concerns_secrets {
                grant.access.clone_from(access);
                grant.decrypts_only = *decrypts_only;
            }
        }
        Given::Other => {
            let is_undecided = grant.origin.unknown.iter().any(|field| field == "role");
            if is_undecided && (wide || on_secrets || undecided) {
                let question = if wide { "administrator" } else { "escalations" };
                grant.origin.unknown.extend([question, "access", "actions_allowed"].map(str::to_owned));
            }
        }
    }
    if grant.concerns_secrets
        && let Some(role) = &grant.role
    {
        grant.actions_allowed = vec![role.clone()];
    }
}

/// The scope is a vault of this plan that asks access policies, which who may change the vault may change.
fn asks_policies(subject: &Subject<'_>, grant: &Grant) -> bool {
    grant.scope == Some("store")
        && grant.resources.iter().any(|address| {
            let change = subject.plan.change_at(address);
            change.filter(|change| &*change.resource_type == "azurerm_key_vault").is_some_and(|change| {
                Subject::open(subject.plan, change).is_ok_and(|vault| !access_policy::by_roles(&vault))
            })
        })
}

/// The attributes that a condition looks at, lower case: of `@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] …` what stands
/// in the brackets.
fn condition_keys(condition: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for part in condition.split('@').skip(1) {
        let Some((source, rest)) = part.split_once('[') else { continue };
        let known = ["request", "resource", "principal", "environment"];
        if !known.contains(&source.trim().to_ascii_lowercase().as_str()) {
            continue;
        }
        let Some((key, _)) = rest.split_once(']') else { continue };
        let key = key.trim().to_ascii_lowercase();
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if keys.is_empty() {
        // It restricts the actions alone.
        keys.push("action".to_owned());
    }
    keys
}

/// The end of an assignment that Privileged Identity Management makes.
fn end(subject: &Subject<'_>, origin: &mut Origin) -> Option<String> {
    if subject.resource_type() == "azurerm_role_assignment" {
        return None;
    }
    let expiration = |name: &str| steps!["schedule", 0_usize, "expiration", 0_usize, name];
    let written = subject.field(origin, "expires_at", expiration("end_date_time"));
    if written.is_some() || origin.unknown.iter().any(|field| field == "expires_at") {
        return written;
    }
    let days = subject.number(&expiration("duration_days"));
    let hours = subject.number(&expiration("duration_hours"));
    let length = days.map(|days| days * 24.0).or(hours);
    let Some(length) = length else {
        origin.paths.insert("expires_at".to_owned(), steps!["schedule"]);
        return None;
    };
    let name = if days.is_some() { "duration_days" } else { "duration_hours" };
    origin.paths.insert("expires_at".to_owned(), expiration(name));
    let start = match subject.at(&steps!["schedule", 0_usize, "start_date_time"]) {
        Attribute::Known(Value::String(text)) => text.parse::<Timestamp>().ok(),
        _ => subject.plan.timestamp().and_then(|text| text.parse().ok()),
    };
    let length = SignedDuration::try_from_secs_f64(length * 3600.0).ok()?;
    match start.and_then(|start| start.checked_add(length).ok()) {
        Some(end) => Some(end.to_string()),
        None => {
            // It has an end, and when is not in the plan.
            origin.unknown.push("expires_at".to_owned());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_known_by_what_it_looks_at() {
        let condition = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {4633458b-17de-408a-b874-0445c86b69e6}))";
        assert_eq!(condition_keys(condition), ["microsoft.authorization/roleassignments:roledefinitionid"]);
        assert_eq!(condition_keys("(!(ActionMatches{'x'}))"), ["action"]);
    }
}
