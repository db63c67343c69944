//! Adding a policy to the list of a role, user, entity or group, and taking it off, without losing what others put there.
//!
//! The server replaces the whole list and has no check-and-set for it. So it is read, merged, written and read back, one
//! change of a list at a time within this process; and once more after a pause, because another process that read the list
//! before our write may write its own after it. Whoever finds the own change missing makes it again, so that of several
//! writers none is lost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::super::client::{ApiError, Client};
use super::super::principal::{Fields, PolicyHolder, read_fields, texts};

/// How often a change is made again before it is given up.
const ATTEMPTS: u32 = 10;
/// Longer than another process takes from its reading of a list to its writing.
const SETTLING: Duration = Duration::from_millis(150);

/// One change of a list at a time.
#[derive(Debug, Default)]
pub(in super::super) struct HolderLocks(Mutex<HashMap<PolicyHolder, Arc<tokio::sync::Mutex<()>>>>);

impl HolderLocks {
    fn of(&self, holder: &PolicyHolder) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(holder.clone()).or_default())
    }
}

/// What happens to a policy on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Add,
    Remove,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    /// The list is as wanted.
    Done,
    /// Role, user, entity or group is not there (any more).
    HolderIsGone,
    /// Others keep writing the list.
    Contended,
}

/// Has the list hold a policy, or not hold it.
pub(super) async fn change(
    client: &Client,
    locks: &HolderLocks,
    holder: &PolicyHolder,
    policy: &str,
    change: Change,
) -> Result<Changed, ApiError> {
    for attempt in 0..ATTEMPTS {
        let lock = locks.of(holder);
        let written = {
            let _held = lock.lock().await;
            let Some(fields) = read_fields(client, holder.path()).await? else {
                return Ok(Changed::HolderIsGone);
            };
            match merged(&fields, holder, policy, change) {
                None => false,
                Some(body) => {
                    write(client, holder, &body).await?;
                    true
                }
            }
        };
        if !written {
            return Ok(Changed::Done);
        }
        // At once, for what came between; and after a pause, for what was on its way.
        if is_as_wanted(client, holder, policy, change).await? {
            tokio::time::sleep(SETTLING + jitter(attempt)).await;
            if is_as_wanted(client, holder, policy, change).await? {
                return Ok(Changed::Done);
            }
        }
        tokio::time::sleep(jitter(attempt)).await;
    }
    Ok(Changed::Contended)
}

/// Whether the list holds the policy; `None` when the holder is not there.
pub(super) async fn holds(
    client: &Client,
    holder: &PolicyHolder,
    policy: &str,
) -> Result<Option<bool>, ApiError> {
    let fields = read_fields(client, holder.path()).await?;
    Ok(fields.map(|fields| listed(&fields, holder).iter().any(|name| name == policy)))
}

async fn is_as_wanted(
    client: &Client,
    holder: &PolicyHolder,
    policy: &str,
    change: Change,
) -> Result<bool, ApiError> {
    let holds = holds(client, holder, policy).await?.unwrap_or(false);
    Ok(holds == (change == Change::Add))
}

async fn write(client: &Client, holder: &PolicyHolder, body: &Fields) -> Result<(), ApiError> {
    match client.put(holder.path(), body).await {
        // The same list, written twice, is the same list.
        Err(ApiError::Lost { .. }) => client.put(holder.path(), body).await,
        other => other,
    }
}

fn listed(fields: &Fields, holder: &PolicyHolder) -> Vec<String> {
    let policies = texts(fields, holder.field());
    // Roles written by old clients have their list under its old name only.
    if policies.is_empty() { texts(fields, "policies") } else { policies }
}

/// What to write; none when the list is as wanted.
fn merged(fields: &Fields, holder: &PolicyHolder, policy: &str, change: Change) -> Option<Fields> {
    let mut policies = listed(fields, holder);
    let holds = policies.iter().any(|name| name == policy);
    match change {
        Change::Add if !holds => policies.push(policy.to_owned()),
        Change::Remove if holds => policies.retain(|name| name != policy),
        Change::Add | Change::Remove => return None,
    }
    let mut body = Fields::new();
    body.insert(holder.field().to_owned(), policies.into_iter().map(Value::String).collect());
    // The jwt method sets these back to their defaults in every write that leaves them out; one of them turns glob claims
    // into literal ones.
    for carried in ["role_type", "bound_claims_type", "callback_mode"] {
        if let Some(value) = fields.get(carried).filter(|value| !value.is_null()) {
            body.insert(carried.to_owned(), value.clone());
        }
    }
    Some(body)
}

/// A random pause that grows with the attempts, so that writers who met do not meet again.
fn jitter(attempt: u32) -> Duration {
    let random = getrandom::u32().unwrap_or(0) % 50;
    Duration::from_millis(u64::from(random * (attempt + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(holder: &str, fields: Value, change: Change, expected: Option<Value>) {
        let Value::Object(fields) = fields else { panic!("an object") };
        let body = merged(&fields, &PolicyHolder::at(holder), "ours", change);
        assert_eq!(body.map(Value::Object), expected);
    }

    #[test]
    fn a_policy_is_added_behind_the_others_and_only_the_list_is_written() {
        let fields = json!({"token_policies": ["z", "a"], "token_ttl": 60});
        check(
            "auth/approle/role/x",
            fields,
            Change::Add,
            Some(json!({"token_policies": ["z", "a", "ours"]})),
        );
        let fields = json!({"policies": null, "name": "x"});
        check("identity/entity/id/x", fields, Change::Add, Some(json!({"policies": ["ours"]})));
    }

    #[test]
    fn a_list_under_its_old_name_is_kept() {
        let fields = json!({"policies": ["z"]});
        check("auth/approle/role/x", fields, Change::Add, Some(json!({"token_policies": ["z", "ours"]})));
    }

    #[test]
    fn what_is_as_wanted_is_not_written() {
        check("auth/approle/role/x", json!({"token_policies": ["ours"]}), Change::Add, None);
        check("auth/approle/role/x", json!({"token_policies": ["z"]}), Change::Remove, None);
    }

    #[test]
    fn taking_a_policy_off_leaves_the_order() {
        let fields = json!({"token_policies": ["z", "ours", "a"]});
        check("auth/approle/role/x", fields, Change::Remove, Some(json!({"token_policies": ["z", "a"]})));
    }

    #[test]
    fn what_the_jwt_method_would_reset_is_written_back() {
        let fields = json!({"token_policies": [], "role_type": "jwt", "bound_claims_type": "glob", "callback_mode": null});
        let expected = json!({"token_policies": ["ours"], "role_type": "jwt", "bound_claims_type": "glob"});
        check("auth/jwt/role/x", fields, Change::Add, Some(expected));
    }
}
