//! Secrets, keys and stores that a plan takes away. What reads a resource that stays reads the values before the change too, so a type whose
//! secrets are known needs nothing more for its removals to be known.

use serde_json::Value;

use super::collected::Collected;
use super::model::{AttributePath, PathStep, Removal};
use super::registry;
use super::subject::{self, Subject};
use crate::plan::{Mode, Plan, ResourceChange};

/// Stores whose window is for a version that is destroyed: a secret that is deleted is gone with all of them.
const DELETED_AT_ONCE: [&str; 1] = ["google_secret_manager"];

/// Kinds of stores with which everything that is in them goes at once.
const EMPTIED_AT_ONCE: [&str; 1] = ["kv_mount"];

/// The change deletes an object, for good or to put another in its place. One that is only forgotten stays where it is.
pub(super) fn takes_away(change: &ResourceChange) -> bool {
    change.mode == Mode::Managed && change.actions.iter().any(|action| &**action == "delete")
}

/// Adds what the change takes away.
pub(super) fn extract(plan: &Plan, change: &ResourceChange, collected: &mut Collected) {
    let platform = subject::platform(&change.resource_type, &change.provider_name);
    let Some(extractor) = registry::extractor(&change.resource_type, platform) else { return };
    let subject = match Subject::open_before(plan, change) {
        Ok(subject) => subject,
        Err(unreadable) => return collected.facts.unreadable.push(*unreadable),
    };
    let mut before = Collected::default();
    extractor(&subject, &mut before);
    let replaced = change.actions.iter().any(|action| &**action == "create");
    let replaced_by =
        if replaced { paths(&plan.replace_paths(change).unwrap_or_default()) } else { Vec::new() };
    let mut add = |mut removal: Removal| {
        removal.replaced = replaced;
        removal.replaced_by.clone_from(&replaced_by);
        collected.facts.removals.push(removal);
    };
    for secret in before.facts.secrets {
        // Our own provider purges by itself where it is told to; elsewhere somebody would have to.
        let purged = secret.origin.platform == "secret" && secret.purge_protection == Some(false);
        let at_once = DELETED_AT_ONCE.contains(&secret.store);
        let is_kept = secret.recovery_supported && secret.recovery_window_days != Some(0.0) && !at_once;
        add(Removal {
            recoverable: Some(is_kept && !purged),
            recovery_window_days: secret.recovery_window_days.filter(|_| !at_once),
            holds_value: secret.value_source != Some("none") || secret.kind == "secret",
            ..Removal::of(secret.origin, secret.kind, secret.store)
        });
    }
    for key in before.facts.keys {
        add(Removal {
            recoverable: key.deletion_window_days.map(|days| days > 0.0).or(key.purge_protection),
            recovery_window_days: key.deletion_window_days,
            ..Removal::of(key.origin, "key", key.store)
        });
    }
    for store in before.facts.stores {
        let is_kept = store.recovery_window_days.map(|days| days > 0.0).or(store.purge_protection);
        add(Removal {
            recoverable: if EMPTIED_AT_ONCE.contains(&store.kind) { Some(false) } else { is_kept },
            recovery_window_days: store.recovery_window_days,
            ..Removal::of(store.origin, store.kind, store.kind)
        });
    }
}

fn paths(replace_paths: &Value) -> Vec<AttributePath> {
    let step = |step: &Value| match step {
        Value::String(name) => Some(PathStep::Name(name.clone())),
        Value::Number(index) => {
            index.as_u64().and_then(|index| usize::try_from(index).ok()).map(PathStep::Index)
        }
        _ => None,
    };
    let paths = replace_paths.as_array().into_iter().flatten();
    paths.filter_map(Value::as_array).map(|path| path.iter().filter_map(step).collect()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::tests::{facts_with, resource};

    #[test]
    fn a_removal_that_cannot_be_read_is_said_to_be_unreadable() {
        let nested = (0..200).fold(json!("x"), |inner, _| json!([inner]));
        let mut secret = resource("aws_secretsmanager_secret", "a");
        secret.change["change"]["actions"] = json!(["delete"]);
        secret.change["change"]["after"] = json!(null);
        secret.change["change"]["before"] = json!({ "name": "a", "tags": { "x": nested } });
        let facts = facts_with(vec![secret], json!({}));
        let [unreadable] = facts.unreadable.as_slice() else { panic!("{:?}", facts.unreadable) };
        assert_eq!(unreadable.origin.address, "aws_secretsmanager_secret.a");
        assert!(unreadable.reason.contains("nested too deeply"), "{}", unreadable.reason);
    }

    #[test]
    fn a_mount_of_vault_goes_with_all_that_is_in_it() {
        let mut mount = resource("vault_mount", "kv");
        let options = json!({ "path": "kv", "type": "kv", "options": { "version": "2" } });
        mount.change["change"]["actions"] = json!(["delete"]);
        mount.change["change"]["after"] = json!(null);
        mount.change["change"]["before"] = options;
        let facts = facts_with(vec![mount], json!({}));
        let [removal] = facts.removals.as_slice() else { panic!("{:?}", facts.removals) };
        assert_eq!((removal.kind, removal.recoverable, removal.replaced), ("kv_mount", Some(false), false));
    }
}
