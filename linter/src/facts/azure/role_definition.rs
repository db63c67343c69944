//! Custom roles. One block of permissions is one grant, to whoever the role is assigned to.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::Grant;
use super::super::subject::{Attribute, Subject, steps};
use super::operations::Permissions;
use super::{count, list, scope};

pub(super) fn definition(subject: &Subject<'_>, collected: &mut Collected) {
    let wide = ["resource_group", "subscription", "management_group", "organization"];
    for index in 0..count(subject, &steps!["permissions"]) {
        let mut origin = subject.origin();
        let name = subject.field(&mut origin, "role", steps!["name"]);
        // What is wide about a custom role stands in its permissions.
        origin.paths.remove("role");
        let scope = scope::read(subject, &mut origin, &steps!["scope"]);
        let at = |argument: &str| steps!["permissions", index, argument];
        let block = block(subject, index);
        for argument in ["actions", "data_actions"] {
            if subject.at(&at(argument)) == Attribute::Unknown && subject.is_set(&at(argument)) {
                origin.unknown.extend(["access".to_owned(), "actions_allowed".to_owned()]);
            }
        }
        let access = block.access();
        let broad = |actions: &[String]| actions.iter().any(|action| action.contains('*'));
        let data = !block.data_actions.is_empty() && (block.actions.is_empty() || broad(&block.data_actions));
        let place = at(if data && !block.is_everything() { "data_actions" } else { "actions" });
        for field in ["access", "actions_allowed", "administrator", "escalations"] {
            origin.paths.insert(field.to_owned(), place.clone());
        }
        origin.paths.insert("statement".to_owned(), steps!["permissions", index]);
        // What is allowed on a vault alone is told of where the vault's role is given.
        let reaches_far = scope.level.is_none_or(|level| wide.contains(&level));
        let administrator = block.is_everything() && reaches_far;
        let escalations = block.escalations();
        collected.facts.grants.push(Grant {
            role: name,
            concerns_secrets: administrator || !access.is_empty(),
            access: if administrator { vec!["administer"] } else { access },
            decrypts_only: block.decrypts_only(),
            administrator,
            escalations: if reaches_far { escalations } else { Vec::new() },
            actions_allowed: [block.actions, block.data_actions].concat(),
            resources: scope.resource.into_iter().collect(),
            scope: scope.level,
            statement: Some(index.to_string()),
            ..Grant::of(origin, "rbac_role")
        });
    }
}

/// Everything that a role's blocks allow together.
pub(super) fn permissions(subject: &Subject<'_>) -> Permissions {
    (0..count(subject, &steps!["permissions"])).map(|index| block(subject, index)).fold(
        Permissions::default(),
        |mut all, block| {
            all.actions.extend(block.actions);
            all.not_actions.extend(block.not_actions);
            all.data_actions.extend(block.data_actions);
            all.not_data_actions.extend(block.not_data_actions);
            all
        },
    )
}

fn block(subject: &Subject<'_>, index: usize) -> Permissions {
    let listed = |argument: &str| match subject.at(&steps!["permissions", index]) {
        Attribute::Known(Value::Object(_)) => list(subject, &steps!["permissions", index, argument]),
        _ => Vec::new(),
    };
    Permissions {
        actions: listed("actions"),
        not_actions: listed("not_actions"),
        data_actions: listed("data_actions"),
        not_data_actions: listed("not_data_actions"),
    }
}
