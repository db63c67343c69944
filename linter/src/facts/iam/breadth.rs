//! How much more than it says a statement gives: everything, the decryption of whatever a key protects, or a way to give oneself more.
//! Source of the ways: the service authorization reference of IAM, STS, Secrets Manager and KMS, access level "Permissions management".

use super::actions::{Listed, levels, matches};
use super::document::Statement;

/// Actions by which a holder rewrites what it may do, or becomes somebody who may more.
const ESCALATIONS: [&str; 18] = [
    "iam:addusertogroup",
    "iam:attachgrouppolicy",
    "iam:attachrolepolicy",
    "iam:attachuserpolicy",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createpolicyversion",
    "iam:passrole",
    "iam:putgrouppolicy",
    "iam:putrolepolicy",
    "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    "iam:updateassumerolepolicy",
    "iam:updateloginprofile",
    "kms:creategrant",
    "kms:putkeypolicy",
    "secretsmanager:putresourcepolicy",
    "sts:assumerole",
];

/// It allows every action on everything, and no tag of the resources confines it.
pub(super) fn is_administrator(statement: &Statement, condition_keys: &[String]) -> bool {
    let is_every = |text: &String| {
        text.bytes().any(|byte| byte == b'*') && text.bytes().all(|byte| b"*?:".contains(&byte))
    };
    statement.effect == "allow"
        && statement.negated.is_empty()
        && statement.actions.iter().any(is_every)
        && statement.resources.iter().any(is_every)
        && !condition_keys.iter().any(|key| key.starts_with("aws:resourcetag/"))
}

/// Of what it allows on secrets and keys, only decryption tells a value.
pub(super) fn decrypts_only(statement: &Statement, services: &[&str], access: &[&str]) -> bool {
    let of = |wanted: &[&str]| {
        let services: Vec<&str> =
            services.iter().copied().filter(|service| wanted.contains(service)).collect();
        levels(&statement.actions, statement.listed, &services)
    };
    statement.listed == Listed::Only
        && access.contains(&"read")
        && !access.iter().any(|level| ["rotate", "administer"].contains(level))
        && of(&["kms"]).contains(&"read")
        && of(&["secretsmanager", "ssm"]).iter().all(|level| *level == "describe")
}

/// Actions, as written, by which the holder can give itself more, where neither the resources nor a condition confine them.
pub(super) fn escalations(statement: &Statement, condition_keys: &[String]) -> Vec<String> {
    if statement.effect != "allow" {
        return Vec::new();
    }
    let wide = |action: &str| {
        statement.negated.contains(&"resources")
            || statement.resources.iter().any(|resource| is_every_object_of(action, resource))
    };
    let is_way = |action: &&str| !is_confined(action, condition_keys) && wide(action);
    let ways: Vec<&str> = ESCALATIONS.into_iter().filter(is_way).collect();
    match statement.listed {
        Listed::Only => {
            let reaches = |written: &String| {
                let pattern = written.to_ascii_lowercase();
                ways.iter().any(|way| matches(&pattern, way))
            };
            statement.actions.iter().filter(|written| reaches(written)).cloned().collect()
        }
        Listed::AllBut => {
            let excluded: Vec<String> =
                statement.actions.iter().map(|action| action.to_ascii_lowercase()).collect();
            let left = ways.into_iter().filter(|way| !excluded.iter().any(|pattern| matches(pattern, way)));
            left.map(str::to_owned).collect()
        }
    }
}

/// A condition leaves nothing harmful of the action: roles are passed to one service, or made with a boundary; grants are for AWS's own use.
fn is_confined(action: &str, condition_keys: &[String]) -> bool {
    condition_keys.iter().any(|key| match key.as_str() {
        "iam:passedtoservice" | "iam:associatedresourcearn" => action == "iam:passrole",
        "iam:permissionsboundary" | "iam:policyarn" => action.starts_with("iam:"),
        "kms:grantisforawsresource" | "kms:viaservice" => action.starts_with("kms:"),
        "sts:externalid" => action.starts_with("sts:"),
        key => key.starts_with("aws:resourcetag/") || key.starts_with("iam:resourcetag/"),
    })
}

/// The resource names every object that the action is about: `*`, `arn:aws:iam::123456789012:role/*`.
fn is_every_object_of(action: &str, resource: &str) -> bool {
    let service = match action.split(':').next().unwrap_or_default() {
        "sts" => "iam",
        service => service,
    };
    let is_wild = |text: &str| text.contains('*') && text.bytes().all(|byte| b"*?/:".contains(&byte));
    let lower = resource.to_ascii_lowercase();
    match lower.splitn(6, ':').collect::<Vec<&str>>().as_slice() {
        ["arn", _, of, _, _, object] => {
            let name = ["role", "user", "group", "policy", "secret", "key"]
                .iter()
                .find_map(|kind| object.strip_prefix(kind))
                .unwrap_or(object);
            matches(of, service) && is_wild(name)
        }
        ["arn", .., last] => is_wild(last),
        _ => is_wild(&lower),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::model::Grant;
    use crate::facts::tests::{facts, resource};

    fn grant(statement: serde_json::Value) -> Grant {
        let policy = json!({ "policy": json!({ "Statement": statement }).to_string() });
        facts(vec![resource("aws_iam_role_policy", "a").after(policy)]).grants.remove(0)
    }

    #[test]
    fn everything_on_everything_is_an_administrator() {
        let check = |action: serde_json::Value, target: &str, expected: bool| {
            let grant = grant(json!({ "Effect": "Allow", "Action": action, "Resource": target }));
            assert_eq!(grant.administrator, expected, "{action} on {target}");
        };
        check(json!("*"), "*", true);
        check(json!(["s3:GetObject", "*:*"]), "*", true);
        check(json!("*"), "arn:aws:s3:::bucket/*", false);
        check(json!("secretsmanager:*"), "*", false);
        check(json!("?"), "*", false);
        let denied = grant(json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }));
        assert!(!denied.administrator);
        let tagged = grant(json!({
            "Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": { "StringEquals": { "aws:ResourceTag/team": "orders" } }
        }));
        assert!(!tagged.administrator);
        let restricted = grant(json!({
            "Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } }
        }));
        assert!(restricted.administrator);
    }

    #[test]
    fn a_way_to_more_is_one_that_nothing_confines() {
        let check = |action: &str, target: &str, expected: &[&str]| {
            let grant = grant(json!({ "Effect": "Allow", "Action": action, "Resource": target }));
            assert_eq!(grant.escalations, expected, "{action} on {target}");
        };
        check("iam:PassRole", "*", &["iam:PassRole"]);
        check("iam:PassRole", "arn:aws:iam::123456789012:role/*", &["iam:PassRole"]);
        check("iam:PassRole", "arn:aws:iam::123456789012:role/orders-*", &[]);
        check("iam:*", "*", &["iam:*"]);
        check("iam:Put*", "arn:aws:iam::*:role/*", &["iam:Put*"]);
        check("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/${aws:username}", &[]);
        check("iam:List*", "*", &[]);
        check("sts:AssumeRole", "*", &["sts:AssumeRole"]);
        check("sts:AssumeRole", "arn:aws:iam::123456789012:role/deploy", &[]);
        check("secretsmanager:PutResourcePolicy", "*", &["secretsmanager:PutResourcePolicy"]);
        check("secretsmanager:PutResourcePolicy", "arn:aws:secretsmanager:*:*:secret:prod/orders/*", &[]);
        check("kms:PutKeyPolicy", "arn:aws:s3:::*", &[]);
        check("s3:*", "*", &[]);
    }

    #[test]
    fn a_condition_confines_its_own_actions_only() {
        let with = |actions: serde_json::Value, condition: serde_json::Value| {
            grant(json!({ "Effect": "Allow", "Action": actions, "Resource": "*", "Condition": condition }))
                .escalations
        };
        let passed = json!({ "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } });
        assert!(with(json!("iam:PassRole"), passed.clone()).is_empty());
        assert_eq!(with(json!("sts:AssumeRole"), passed), ["sts:AssumeRole"]);
        let own = json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } });
        assert!(with(json!("kms:CreateGrant"), own).is_empty());
        let bounded =
            json!({ "StringEquals": { "iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/b" } });
        assert!(with(json!(["iam:PutRolePolicy", "iam:AttachRolePolicy"]), bounded).is_empty());
    }

    #[test]
    fn everything_but_some_actions_has_the_ways_that_are_left() {
        let grant = grant(json!({ "Effect": "Allow", "NotAction": ["iam:*", "kms:*"], "Resource": "*" }));
        assert_eq!(grant.escalations, ["secretsmanager:putresourcepolicy", "sts:assumerole"]);
    }

    #[test]
    fn who_only_decrypts_reads_no_store() {
        let check = |actions: serde_json::Value, expected: bool| {
            let grant = grant(json!({ "Effect": "Allow", "Action": actions, "Resource": "*" }));
            assert_eq!(grant.decrypts_only, expected, "{actions}");
        };
        check(json!("kms:Decrypt"), true);
        check(json!(["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]), true);
        check(json!(["kms:Decrypt", "secretsmanager:ListSecrets"]), true);
        check(json!(["kms:Decrypt", "secretsmanager:GetSecretValue"]), false);
        check(json!("kms:*"), false);
        check(json!("kms:Encrypt"), false);
        check(json!("secretsmanager:GetSecretValue"), false);
    }

    #[test]
    fn the_date_in_a_condition_is_the_end_of_the_grant() {
        let grant = grant(json!({
            "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
            "Condition": { "DateLessThan": { "aws:CurrentTime": "2026-12-01T00:00:00Z" } }
        }));
        assert_eq!(grant.expires_at.as_deref(), Some("2026-12-01T00:00:00Z"));
        let path = serde_json::to_value(&grant.origin.paths["expires_at"]).unwrap();
        assert_eq!(path, json!(["policy", "Statement", "Condition"]));
    }
}
