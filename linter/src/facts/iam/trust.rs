//! Roles that trust the tokens of an issuer: which claims a statement of the trust policy demands. Without the issuer's ARN, which is often
//! decided at apply, the keys of the condition still name it: `token.actions.githubusercontent.com:sub`.

use super::actions::{Listed, matches};
use super::document::Statement;
use crate::facts::model::{AttributePath, Bound, Origin, Trust};
use crate::facts::subject::{Subject, steps};

const WITH_A_TOKEN: &str = "sts:assumerolewithwebidentity";

/// The trust of one statement of a role's trust policy, where it is in an issuer of tokens.
pub(super) fn of_statement(
    subject: &Subject<'_>,
    path: &AttributePath,
    statement: &Statement,
) -> Option<Trust> {
    let opens = statement.effect == "allow"
        && statement.listed == Listed::Only
        && statement.actions.iter().any(|action| matches(&action.to_ascii_lowercase(), WITH_A_TOKEN));
    if !opens {
        return None;
    }
    let principals = statement.principals.as_deref().unwrap_or_default();
    let named = principals.iter().find_map(|principal| issuer(principal));
    let unknown = statement.unknown.contains(&"principals");
    if named.is_none() && !unknown {
        return None;
    }
    let from_key = || {
        let mut keys = statement.condition.iter().filter_map(|test| test.key.rsplit_once(':'));
        keys.find(|(issuer, _)| issuer.contains('.')).map(|(issuer, _)| issuer.to_owned())
    };
    let mut origin = subject.origin();
    let issuer = named.or_else(from_key);
    if issuer.is_none() {
        origin.unknown.push("issuer".to_owned());
    }
    let place = |field: &str| {
        let place = statement.places.iter().find(|(name, _)| *name == field);
        [path.as_slice(), place.map(|(_, place)| place.as_slice()).unwrap_or_default()].concat()
    };
    origin.paths.insert("issuer".to_owned(), place("principals"));
    let shown = if statement.condition.is_empty() { "principals" } else { "condition_keys" };
    origin.paths.insert("bounds".to_owned(), place(shown));
    let mut bounds = Vec::new();
    for test in statement.condition.iter().filter(|test| test.demands()) {
        if test.values.is_empty() {
            origin.unknown.push("bounds".to_owned());
            continue;
        }
        let claim = test.key.rsplit(':').next().unwrap_or_default().to_owned();
        let path = [path.as_slice(), test.place.as_slice()].concat();
        bounds.push(Bound { claim, values: test.values.clone(), path });
    }
    origin.unknown.dedup();
    Some(Trust { issuer, bounds, ..trust(subject, origin) })
}

/// The trust of a document that is unknown as a whole, where it reads an OIDC provider.
pub(super) fn unknown(subject: &Subject<'_>, path: &AttributePath) -> Option<Trust> {
    let referred = subject.referred(path);
    if !referred.iter().any(|address| address.contains("aws_iam_openid_connect_provider.")) {
        return None;
    }
    let mut origin = subject.origin();
    for field in ["bounds", "issuer"] {
        origin.paths.insert(field.to_owned(), path.clone());
        origin.unknown.push(field.to_owned());
    }
    Some(trust(subject, origin))
}

fn trust(subject: &Subject<'_>, mut origin: Origin) -> Trust {
    let ttl_seconds = subject.number_field(&mut origin, "ttl_seconds", steps!["max_session_duration"]);
    Trust { ttl_seconds, ..Trust::of(origin, "oidc") }
}

/// The issuer that a federated principal stands for; a SAML provider is none.
fn issuer(principal: &str) -> Option<String> {
    let federated = principal.strip_prefix("federated:")?;
    match federated.split_once(":oidc-provider/") {
        Some((_, issuer)) => Some(issuer.to_owned()),
        // `accounts.google.com`, `cognito-identity.amazonaws.com` and their kin, which AWS knows by name.
        None => (!federated.starts_with("arn:")).then(|| federated.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::model::Trust;
    use crate::facts::tests::{facts, resource};

    fn trusts(statement: Value) -> Vec<Trust> {
        let policy = json!({ "assume_role_policy": json!({ "Statement": [statement] }).to_string() });
        facts(vec![resource("aws_iam_role", "a").after(policy)]).trusts
    }

    fn github(condition: Value) -> Vec<Trust> {
        trusts(json!({
            "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
            "Principal": { "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
        }))
    }

    #[test]
    fn a_condition_on_a_claim_is_a_bound() {
        let trust = github(json!({
            "StringEquals": { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
            "StringLike": { "token.actions.githubusercontent.com:sub": ["repo:example/orders:*", "repo:example/*"] }
        }))
        .remove(0);
        assert_eq!(
            (trust.kind, trust.issuer.as_deref()),
            ("oidc", Some("token.actions.githubusercontent.com"))
        );
        let bounds: Vec<(&str, usize)> =
            trust.bounds.iter().map(|bound| (bound.claim.as_str(), bound.values.len())).collect();
        assert_eq!(bounds, [("aud", 1), ("sub", 2)]);
        let path = serde_json::to_value(&trust.bounds[1].path).unwrap();
        assert_eq!(
            path,
            json!([
                "assume_role_policy",
                "Statement",
                0,
                "Condition",
                "StringLike",
                "token.actions.githubusercontent.com:sub"
            ])
        );
    }

    #[test]
    fn a_condition_that_holds_without_the_claim_is_no_bound() {
        for operator in ["StringNotLike", "StringLikeIfExists", "ForAllValues:StringLike"] {
            let trust = github(
                json!({ operator: { "token.actions.githubusercontent.com:sub": "repo:example/orders:*" } }),
            );
            assert!(trust[0].bounds.is_empty(), "{operator}");
        }
    }

    #[test]
    fn other_trust_policies_trust_no_issuer() {
        let saml = json!({ "Federated": "arn:aws:iam::123456789012:saml-provider/corporate" });
        for (effect, action, principal) in [
            ("Allow", "sts:AssumeRoleWithSAML", saml.clone()),
            ("Allow", "sts:*", saml),
            ("Allow", "sts:AssumeRole", json!({ "Service": "ec2.amazonaws.com" })),
            ("Deny", "sts:AssumeRoleWithWebIdentity", json!({ "Federated": "accounts.google.com" })),
        ] {
            assert!(trusts(json!({ "Effect": effect, "Action": action, "Principal": principal })).is_empty());
        }
        let google = trusts(json!({
            "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": { "Federated": "accounts.google.com" }
        }));
        assert_eq!(google[0].issuer.as_deref(), Some("accounts.google.com"));
    }

    #[test]
    fn an_unknown_issuer_is_named_by_its_claims() {
        let document = resource("aws_iam_policy_document", "d")
            .data()
            .after(json!({ "statement": [{
                "effect": "Allow", "actions": ["sts:AssumeRoleWithWebIdentity"], "resources": [],
                "principals": [{ "type": "Federated", "identifiers": [null] }],
                "condition": [
                    { "test": "StringEquals", "variable": "token.actions.githubusercontent.com:aud", "values": ["sts.amazonaws.com"] },
                    { "test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": [null] }
                ]
            }] }))
            .unknown(json!({ "json": true, "statement": [{ "principals": [{ "identifiers": [true] }] }] }));
        let role = resource("aws_iam_role", "a")
            .unknown(json!({ "assume_role_policy": true }))
            .expressions(json!({ "assume_role_policy": { "references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"] } }));
        let trust = facts(vec![document, role]).trusts.remove(0);
        assert_eq!(trust.issuer.as_deref(), Some("token.actions.githubusercontent.com"));
        assert_eq!(trust.origin.unknown, ["bounds"]);
        assert_eq!(trust.bounds.len(), 1);
    }

    #[test]
    fn an_unknown_document_that_reads_an_oidc_provider_is_an_unknown_trust() {
        let role = |references: Value| {
            resource("aws_iam_role", "a")
                .unknown(json!({ "assume_role_policy": true }))
                .expressions(json!({ "assume_role_policy": { "references": references } }))
        };
        let provider = json!(["aws_iam_openid_connect_provider.p.arn", "aws_iam_openid_connect_provider.p"]);
        let trust = facts(vec![role(provider)]).trusts.remove(0);
        assert_eq!(trust.origin.unknown, ["bounds", "issuer"]);
        assert!(facts(vec![role(json!(["aws_iam_role.b.arn", "aws_iam_role.b"]))]).trusts.is_empty());
    }
}
