//! Whose account a principal is in. What counts as one's own is what the plan tells: the accounts its provider blocks are for, those of the
//! ARNs it manages, the account that a secret's ARN or a key's policy names. Where nothing tells, nobody is a stranger.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::facts::collected::Collected;
use crate::facts::model::Grant;
use crate::plan::Plan;

type Accounts = BTreeSet<String>;

/// Notes in every grant of AWS those principals that are in another account.
pub(crate) fn tell_foreign_principals(plan: &Plan, collected: &mut Collected) {
    let grants = &collected.facts.grants;
    if !grants.iter().any(names_an_account) {
        return;
    }
    let own = own(plan, collected);
    let mut of_documents: BTreeMap<String, Accounts> = BTreeMap::new();
    for grant in collected.facts.grants.iter().filter(|grant| grant.origin.platform == "aws") {
        let accounts = named_by(grant);
        if !accounts.is_empty() {
            of_documents.entry(grant.origin.address.clone()).or_default().extend(accounts);
        }
    }
    let none = Accounts::new();
    for grant in collected.facts.grants.iter_mut().filter(|grant| names_an_account(grant)) {
        let of_document = of_documents.get(&grant.origin.address).unwrap_or(&none);
        if own.is_empty() && of_document.is_empty() {
            continue;
        }
        let is_foreign = |principal: &&String| {
            of_principal(principal)
                .is_some_and(|account| !own.contains(account) && !of_document.contains(account))
        };
        let principals = grant.principals.as_deref().unwrap_or_default();
        grant.foreign_principals = principals.iter().filter(is_foreign).cloned().collect();
    }
}

fn names_an_account(grant: &Grant) -> bool {
    grant.origin.platform == "aws"
        && grant.effect == "allow"
        && grant.principals.iter().flatten().any(|principal| of_principal(principal).is_some())
}

/// The account of a principal: of its ARN, or the number that it is.
fn of_principal(principal: &str) -> Option<&str> {
    if is_number(principal) { Some(principal) } else { of_arn(principal) }
}

fn of_arn(arn: &str) -> Option<&str> {
    let mut parts = arn.split(':');
    (parts.next() == Some("arn")).then_some(())?;
    parts.nth(3).filter(|account| is_number(account))
}

/// Twelve digits.
pub(super) fn is_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a policy itself says of where it is: the ARN of its secret or key, or the account it hands the whole key to.
fn named_by(grant: &Grant) -> Accounts {
    let mut accounts = Accounts::new();
    if matches!(grant.kind, "resource_policy" | "key_policy") {
        accounts.extend(grant.resources.iter().filter_map(|resource| of_arn(resource)).map(str::to_owned));
    }
    let hands_over = grant.kind == "key_policy"
        && grant.effect == "allow"
        && grant.delegates_to_account
        && grant.actions_allowed.iter().any(|action| action == "kms:*");
    if hands_over {
        let principals = grant.principals.iter().flatten();
        accounts.extend(principals.filter_map(|principal| of_principal(principal)).map(str::to_owned));
    }
    accounts
}

/// The accounts a configuration works in.
fn own(plan: &Plan, collected: &Collected) -> Accounts {
    let mut own = Accounts::new();
    for (identity, address) in &collected.identities {
        let is_read = address.starts_with("data.") || address.contains(".data.");
        if !is_read && let Some(account) = of_arn(identity) {
            own.insert(account.to_owned());
        }
    }
    for provider in plan.configuration().providers.iter().filter(|provider| provider.name == "aws") {
        let expressions = plan.provider_expressions(provider);
        let ids = expressions.get("allowed_account_ids").and_then(|written| written_value(plan, written));
        let ids = ids.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        own.extend(ids.filter(|id| is_number(id)).map(str::to_owned));
        for role in expressions.get("assume_role").and_then(Value::as_array).into_iter().flatten() {
            let arn = role.get("role_arn").and_then(|written| written_value(plan, written));
            own.extend(arn.as_ref().and_then(Value::as_str).and_then(of_arn).map(str::to_owned));
        }
    }
    let asked = plan.changes().iter().filter(|change| &*change.resource_type == "aws_caller_identity");
    for change in asked {
        let account = plan.after(change).ok();
        let account = account.as_ref().and_then(|after| after.get("account_id")).and_then(Value::as_str);
        own.extend(account.filter(|id| is_number(id)).map(str::to_owned));
    }
    own
}

/// A value in a provider block: written out, or a variable's.
fn written_value(plan: &Plan, written: &Value) -> Option<Value> {
    if let Some(constant) = written.get("constant_value") {
        return Some(constant.clone());
    }
    let references = written.get("references")?.as_array()?;
    let name = references.iter().find_map(|reference| reference.as_str()?.strip_prefix("var."))?;
    let variable = plan.variables().iter().find(|variable| variable.name == name)?;
    Some(plan.variable_value(variable))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::tests::{Resource, facts, resource};

    fn foreign(resource: Resource) -> Vec<String> {
        facts(vec![resource]).grants.into_iter().flat_map(|grant| grant.foreign_principals).collect()
    }

    fn statement(principal: &str, action: &str) -> Value {
        json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action, "Resource": "*" })
    }

    fn secret_policy(arn: &str, principal: &str) -> Resource {
        let statement = statement(principal, "secretsmanager:GetSecretValue");
        resource("aws_secretsmanager_secret_policy", "a")
            .after(json!({ "secret_arn": arn, "policy": json!({ "Statement": [statement] }).to_string() }))
    }

    #[test]
    fn the_arn_of_a_secret_says_whose_it_is() {
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-a1b2c3";
        let stranger = "arn:aws:iam::210987654321:role/x";
        assert_eq!(foreign(secret_policy(arn, stranger)), [stranger]);
        assert_eq!(foreign(secret_policy(arn, "210987654321")), ["210987654321"]);
        for known in ["arn:aws:iam::123456789012:role/x", "123456789012", "*"] {
            assert!(foreign(secret_policy(arn, known)).is_empty(), "{known}");
        }
    }

    #[test]
    fn where_nothing_tells_nobody_is_a_stranger() {
        assert!(foreign(secret_policy("orders", "arn:aws:iam::210987654321:role/x")).is_empty());
    }

    #[test]
    fn a_key_that_is_handed_to_an_account_is_its_own() {
        let policy = json!({ "Statement": [
            statement("arn:aws:iam::123456789012:root", "kms:*"),
            statement("arn:aws:iam::210987654321:role/x", "kms:Decrypt"),
        ] });
        let key = resource("aws_kms_key", "k").after(json!({ "policy": policy.to_string() }));
        assert_eq!(foreign(key), ["arn:aws:iam::210987654321:role/x"]);
    }
}
