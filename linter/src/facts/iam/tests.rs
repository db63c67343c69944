//! Grants of policy documents: what a statement reaches, what `*` means where, and what stays unknown.

use serde_json::{Value, json};

use crate::facts::model::Grant;
use crate::facts::tests::{Resource, facts, resource};

fn policy(statement: &Value) -> Value {
    json!({ "policy": json!({ "Version": "2012-10-17", "Statement": statement }).to_string() })
}

fn grants(resource: Resource) -> Vec<Grant> {
    facts(vec![resource]).grants
}

fn identity(statement: &Value) -> Grant {
    grants(resource("aws_iam_role_policy", "a").after(policy(statement))).remove(0)
}

#[test]
fn an_identity_policy_concerns_secrets_when_action_and_resource_meet() {
    let check = |action: &str, target: &str, expected: bool| {
        let grant = identity(&json!({ "Effect": "Allow", "Action": action, "Resource": target }));
        assert_eq!(grant.concerns_secrets, expected, "{action} on {target}");
    };
    check("secretsmanager:GetSecretValue", "*", true);
    check("secretsmanager:Get*", "arn:aws:secretsmanager:*:*:secret:prod/*", true);
    check("*", "*", true);
    check("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/x", true);
    check("ssm:GetParameter*", "arn:aws:ssm:*:*:parameter/*", true);
    check("*", "arn:aws:s3:::bucket/*", false);
    check("s3:*", "*", false);
    check("iam:PassRole", "*", false);
    check("secretsmanager:ListSecrets", "*", false);
    check("kms:Decrypt", "arn:aws:secretsmanager:*:*:secret:prod/*", false);
    check("ssm:*", "arn:aws:ssm:*:*:document/*", false);
}

#[test]
fn every_form_of_a_statement_is_read() {
    let grant = identity(&json!({
        "Sid": "All", "Effect": "Deny", "NotAction": ["s3:*"], "NotResource": "arn:aws:s3:::x",
        "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o" }, "Bool": { "aws:SecureTransport": "true" } }
    }));
    assert_eq!((grant.effect, grant.statement.as_deref()), ("deny", Some("All")));
    assert_eq!(grant.negated, ["actions", "resources"]);
    assert_eq!(grant.condition_keys, ["aws:principalorgid", "aws:securetransport"]);
    assert_eq!(grant.access, ["read", "write", "rotate", "describe", "administer"]);
    assert!(grant.concerns_secrets && grant.principals.is_none());
    let path = serde_json::to_value(&grant.origin.paths["actions_allowed"]).unwrap();
    assert_eq!(path, json!(["policy", "Statement", "NotAction"]));
}

#[test]
fn the_star_of_a_resource_policy_is_the_secret_itself() {
    let statement = json!([{ "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*" }]);
    let grant = grants(
        resource("aws_secretsmanager_secret_policy", "a")
            .after(policy(&statement))
            .unknown(json!({ "secret_arn": true }))
            .expressions(json!({ "secret_arn": { "references": ["aws_secretsmanager_secret.s.arn", "aws_secretsmanager_secret.s"] } })),
    )
    .remove(0);
    assert_eq!(grant.kind, "resource_policy");
    assert_eq!(grant.resources, ["aws_secretsmanager_secret.s"]);
    assert_eq!(grant.principals.as_deref(), Some(["*".to_owned()].as_slice()));
    assert_eq!(grant.access, ["read"]);
    let path = serde_json::to_value(&grant.origin.paths["principals"]).unwrap();
    assert_eq!(path, json!(["policy", "Statement", 0, "Principal"]));
}

#[test]
fn the_accounts_root_in_a_key_policy_only_delegates() {
    let key = |principal: Value| {
        let statement =
            json!({ "Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*" });
        grants(resource("aws_kms_key", "k").after(policy(&statement))).remove(0)
    };
    let root = key(json!({ "AWS": "arn:aws:iam::123456789012:root" }));
    assert!(root.delegates_to_account && root.concerns_secrets);
    assert_eq!(
        (root.kind, root.resources.as_slice()),
        ("key_policy", ["aws_kms_key.k".to_owned()].as_slice())
    );
    assert!(key(json!({ "AWS": ["123456789012"] })).delegates_to_account);
    assert!(!key(json!({ "AWS": "*" })).delegates_to_account);
    assert!(
        !key(json!({ "AWS": ["arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/x"] }))
            .delegates_to_account
    );
    assert_eq!(
        key(json!({ "Service": "lambda.amazonaws.com", "Federated": "x" })).principals.unwrap(),
        ["federated:x", "service:lambda.amazonaws.com"]
    );
}

#[test]
fn an_unknown_policy_is_a_grant_with_unknown_parts() {
    let unknown = |resource_type: &str, references: Value| {
        grants(
            resource(resource_type, "a")
                .unknown(json!({ "policy": true }))
                .expressions(json!({ "policy": { "references": references } })),
        )
    };
    let on_secret = unknown("aws_secretsmanager_secret_policy", json!(["local.policy"])).remove(0);
    assert!(on_secret.concerns_secrets);
    assert!(on_secret.origin.unknown.contains(&"principals".to_owned()));
    let stranger =
        unknown("aws_iam_role_policy", json!(["aws_s3_bucket.b.arn", "aws_s3_bucket.b"])).remove(0);
    assert!(!stranger.concerns_secrets && !stranger.origin.unknown.contains(&"principals".to_owned()));
    let reader = unknown(
        "aws_iam_role_policy",
        json!(["aws_secretsmanager_secret.s.arn", "aws_secretsmanager_secret.s"]),
    );
    assert!(reader[0].concerns_secrets);
    let default = grants(
        resource("aws_secretsmanager_secret", "a")
            .after(json!({ "name": "x" }))
            .unknown(json!({ "policy": true }))
            .expressions(json!({ "name": {} })),
    );
    assert!(default.is_empty(), "a computed policy nobody wrote is no grant");
}

#[test]
fn a_document_read_at_apply_is_known_by_its_blocks() {
    let document = resource("aws_iam_policy_document", "d")
        .data()
        .after(json!({ "statement": [{
            "sid": "Read", "effect": "Allow", "actions": ["secretsmanager:GetSecretValue"], "resources": [null],
            "principals": [], "condition": [{ "test": "StringEquals", "variable": "aws:SourceVpce", "values": ["x"] }]
        }] }))
        .unknown(json!({ "json": true, "statement": [{ "resources": [true], "actions": [false] }] }))
        .expressions(json!({ "statement": [{ "resources": { "references": ["aws_secretsmanager_secret.s.arn", "aws_secretsmanager_secret.s"] } }] }));
    let policy = resource("aws_iam_role_policy", "a")
        .unknown(json!({ "policy": true }))
        .expressions(json!({ "policy": { "references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"] } }));
    let grants = facts(vec![document, policy]).grants;
    assert_eq!(grants.len(), 1);
    let grant = &grants[0];
    assert_eq!(grant.resources, ["aws_secretsmanager_secret.s"]);
    assert_eq!((&grant.access[..], grant.concerns_secrets), (&["read"][..], true));
    assert_eq!(grant.condition_keys, ["aws:sourcevpce"]);
    assert!(grant.origin.unknown.is_empty());
}

#[test]
fn managed_policies_by_arn_are_grants() {
    let attach = |arn: &str| {
        grants(resource("aws_iam_role_policy_attachment", "a").after(json!({ "policy_arn": arn })))
    };
    assert_eq!(attach("arn:aws:iam::aws:policy/AdministratorAccess")[0].actions_allowed, ["*"]);
    assert!(attach("arn:aws-us-gov:iam::aws:policy/SecretsManagerReadWrite")[0].concerns_secrets);
    assert!(attach("arn:aws:iam::aws:policy/AmazonS3FullAccess").is_empty());
    assert_eq!(attach("arn:aws:iam::aws:policy/IAMFullAccess")[0].escalations, ["iam:*"]);
    assert!(attach("arn:aws:iam::123456789012:policy/AdministratorAccess").is_empty());
}

#[test]
fn inline_and_trust_policies_of_a_role_are_read() {
    let grants = grants(resource("aws_iam_role", "a").after(json!({
        "assume_role_policy": json!({ "Statement": { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" } }).to_string(),
        "inline_policy": [{ "name": "x", "policy": json!({ "Statement": [{ "Effect": "Allow", "Action": "kms:*", "Resource": "*" }] }).to_string() }]
    })));
    let kinds: Vec<(&str, bool)> = grants.iter().map(|grant| (grant.kind, grant.concerns_secrets)).collect();
    assert_eq!(kinds, [("trust_policy", false), ("identity_policy", true)]);
}

#[test]
fn a_statement_without_an_action_is_unreadable_not_harmless() {
    for statement in [
        json!({ "Effect": "Allow", "Resource": "*" }),
        json!({ "Effect": "Allow", "action": "*", "resource": "*" }),
        json!({ "Effect": "Allow", "Action": { "AWS": "*" }, "Resource": "*" }),
    ] {
        let facts = facts(vec![resource("aws_iam_policy", "a").after(policy(&statement))]);
        assert_eq!((facts.grants.len(), facts.unreadable.len()), (0, 1), "{statement}");
    }
}

#[test]
fn what_is_not_a_document_is_unreadable_without_a_quote() {
    for text in
        ["hunter2", "{}", r#"{"Statement": ["hunter2"]}"#, r#"{"Statement": [{"Effect": "hunter2"}]}"#]
    {
        let facts = facts(vec![resource("aws_iam_policy", "a").after(json!({ "policy": text }))]);
        assert_eq!(facts.unreadable.len(), 1, "{text}");
        assert!(!facts.unreadable[0].reason.contains("hunter2"));
    }
    assert!(
        facts(vec![resource("aws_iam_policy", "a").after(json!({ "policy": "" }))]).unreadable.is_empty()
    );
}

/// Each statement is read once, whatever is in the others.
#[test]
fn a_policy_with_ten_thousand_statements_is_read_in_a_moment() {
    let statements: Vec<Value> = (0..10_000)
        .map(|number| {
            json!({
                "Effect": "Allow", "Action": ["secretsmanager:GetSecretValue", "iam:Pass*"],
                "Principal": { "AWS": format!("arn:aws:iam::{:012}:role/x", number) },
                "Resource": format!("arn:aws:secretsmanager:*:123456789012:secret:{number}/*"),
                "Condition": { "StringLike": { "aws:PrincipalOrgID": "o-*" } }
            })
        })
        .collect();
    let policy = policy(&json!(statements));
    let started = std::time::Instant::now();
    let grants = grants(resource("aws_secretsmanager_secret_policy", "a").after(policy));
    assert_eq!(grants.len(), 10_000);
    assert!(started.elapsed().as_secs() < 10, "took {:?}", started.elapsed());
    assert!(grants.iter().all(|grant| grant.foreign_principals.len() == 1 && !grant.administrator));
}
