//! The last look at the facts before anybody sees them: a name, a principal or a key of a map can hold a credential by mistake, and whole
//! documents are read without asking of every text in them. What a detector recognises is withheld here, whichever extractor brought it.

use std::collections::BTreeMap;

use super::exposure::detectors;
use super::model::{AttributePath, Facts, Origin, PathStep};

/// What stands in place of a text.
const WITHHELD: &str = "(sensitive)";

/// Shorter texts hold nothing that a detector knows.
const SHORTEST: usize = 12;

/// Takes out of the facts every text that holds something recognised as a secret.
pub(super) fn recognised(facts: &mut Facts) {
    for secret in &mut facts.secrets {
        origin(&mut secret.origin);
        options([&mut secret.name, &mut secret.description, &mut secret.owner, &mut secret.kms_key]);
        options([&mut secret.expires_at]);
        tags(&mut secret.tags);
    }
    for rotation in &mut facts.rotations {
        origin(&mut rotation.origin);
        options([&mut rotation.schedule, &mut rotation.strategy]);
    }
    for grant in &mut facts.grants {
        origin(&mut grant.origin);
        options([&mut grant.role, &mut grant.statement, &mut grant.expires_at, &mut grant.reason]);
        texts(grant.principals.iter_mut().flatten());
        texts(&mut grant.actions_allowed);
        texts(&mut grant.resources);
        texts(&mut grant.escalations);
        texts(&mut grant.foreign_principals);
        texts(&mut grant.condition_keys);
    }
    for exposure in &mut facts.exposures {
        origin(&mut exposure.origin);
        path(&mut exposure.path);
    }
    for credential in &mut facts.credentials {
        origin(&mut credential.origin);
        options([&mut credential.subject, &mut credential.expires_at]);
        path(&mut credential.path);
    }
    for key in &mut facts.keys {
        options([&mut key.expires_at]);
    }
    for store in &mut facts.stores {
        options([&mut store.name]);
    }
    for delivery in &mut facts.deliveries {
        origin(&mut delivery.origin);
        options([&mut delivery.name, &mut delivery.secret]);
        path(&mut delivery.path);
    }
    for trust in &mut facts.trusts {
        origin(&mut trust.origin);
        options([&mut trust.issuer]);
        texts(&mut trust.policies);
        for bound in &mut trust.bounds {
            text(&mut bound.claim);
            texts(&mut bound.values);
            path(&mut bound.path);
        }
    }
    for unreadable in &mut facts.unreadable {
        path(&mut unreadable.path);
    }
}

fn text(text: &mut String) {
    if text.len() >= SHORTEST && !detectors::detect(text).is_empty() {
        WITHHELD.clone_into(text);
    }
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    texts.into_iter().for_each(text);
}

fn options<const COUNT: usize>(options: [&mut Option<String>; COUNT]) {
    texts(options.into_iter().flatten());
}

/// Keys too: their values are withheld where they are read.
fn tags(tags: &mut BTreeMap<String, String>) {
    if tags.keys().any(|key| !detectors::detect(key).is_empty()) {
        *tags = std::mem::take(tags)
            .into_iter()
            .map(|(mut key, value)| {
                text(&mut key);
                (key, value)
            })
            .collect();
    }
}

fn origin(origin: &mut Origin) {
    origin.paths.values_mut().for_each(path);
}

fn path(path: &mut AttributePath) {
    for step in path {
        if let PathStep::Name(name) = step {
            text(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::tests::{facts, resource};

    /// Passes through the detectors and stands nowhere else.
    const SENTINEL: &str = "postgres://orders:cnryQ7mZ2xV9@db.example/orders";

    #[track_caller]
    fn check(resource_type: &str, after: Value) {
        let facts = facts(vec![resource(resource_type, "a").after(after)]);
        let shown = serde_json::to_string(&facts).unwrap();
        assert!(shown.contains(resource_type), "no fact was read of {resource_type}");
        assert!(!shown.contains("cnryQ7mZ2xV9"), "{resource_type} shows it: {shown}");
    }

    #[test]
    fn no_fact_of_a_policy_shows_a_credential_that_stands_in_it() {
        let statement = json!({
            "Sid": SENTINEL, "Effect": "Allow", "Principal": { "AWS": [SENTINEL, "*"], "Federated": SENTINEL },
            "Action": [SENTINEL, "secretsmanager:*", "sts:AssumeRoleWithWebIdentity"], "Resource": [SENTINEL, "*"],
            "Condition": { "StringLike": { SENTINEL: [SENTINEL], "issuer.example:sub": SENTINEL } },
        });
        let document = json!({ "Statement": [statement] }).to_string();
        check("aws_secretsmanager_secret_policy", json!({ "secret_arn": "a", "policy": document }));
        check("aws_iam_role", json!({ "name": "a", "assume_role_policy": document }));
        let binding = json!({
            "role": "roles/secretmanager.admin", "members": [SENTINEL],
            "condition": { "title": SENTINEL, "description": SENTINEL, "expression": SENTINEL },
        });
        let policy = json!({ "bindings": [binding] }).to_string();
        check("google_secret_manager_secret_iam_policy", json!({ "secret_id": "a", "policy_data": policy }));
        let text = format!("path \"{SENTINEL}\" {{ capabilities = [\"read\", \"{SENTINEL}\"] }}");
        check("vault_policy", json!({ "name": "a", "policy": text }));
    }

    #[test]
    fn no_fact_shows_a_credential_that_is_the_key_of_a_map() {
        check("aws_secretsmanager_secret", json!({ "name": "a", "tags": { SENTINEL: "x" } }));
        check(
            "aws_lambda_function",
            json!({ "environment": [{ "variables": { SENTINEL: "postgres://orders:kT9vXq2LmB@db/orders" } }] }),
        );
        check(
            "vault_jwt_auth_backend_role",
            json!({ "role_name": "a", "bound_claims": { SENTINEL: SENTINEL }, "token_policies": [SENTINEL] }),
        );
    }
}
