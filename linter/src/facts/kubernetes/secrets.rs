//! Secrets of a cluster, and tokens of its service accounts. A Kubernetes Secret is kept in etcd and, where Terraform writes it, in the
//! state too, unless its value goes through `data_wo`.

use std::collections::BTreeMap;

use super::super::collected::Collected;
use super::super::model::{Credential, Origin, Secret};
use super::super::subject::{Attribute, Subject, steps};
use super::object::Part;

/// Type of a Secret that the cluster fills with a token of a service account, which never ends.
const TOKEN_TYPE: &str = "kubernetes.io/service-account-token";
const TOKEN_OF: &str = "kubernetes.io/service-account.name";

/// Arguments that hold the value, those that keep it out of the state first.
const WRITE_ONLY: [&str; 4] = ["data_wo_revision", "data_wo", "binary_data_wo_revision", "binary_data_wo"];
const VALUES: [&str; 3] = ["data", "binaryData", "stringData"];

pub(super) fn secret(subject: &Subject<'_>, collected: &mut Collected) {
    object(&Part::of_resource(subject), collected);
}

/// Adds a Secret, however it is written.
pub(super) fn object(secret: &Part<'_>, collected: &mut Collected) {
    let metadata = secret.get("metadata");
    let mut origin = secret.origin();
    let name = metadata.get("name").field(&mut origin, "name");
    let tags = labels(&metadata, &mut origin);
    let write_only = WRITE_ONLY.iter().any(|argument| secret.named(argument).is_set());
    let holds = VALUES.iter().map(|member| secret.get(member)).find(Part::is_set);
    let is_token = secret.get("type").text() == Some(TOKEN_TYPE);
    let value_source = match &holds {
        _ if write_only => Some("write_only"),
        Some(values) => {
            origin.paths.insert("value_source".to_owned(), values.path.clone());
            values.value_source()
        }
        None if is_token => Some("generated"),
        None => Some("none"),
    };
    if is_token && holds.is_none() {
        token_of_secret(secret, &metadata, collected);
    }
    collected.facts.secrets.push(Secret {
        name,
        owner: super::super::owner(&tags),
        tags,
        value_source,
        ..Secret::of(origin, "object", "kubernetes")
    });
}

/// Labels and annotations, and the owner among them.
fn labels(metadata: &Part<'_>, origin: &mut Origin) -> BTreeMap<String, String> {
    let (labels, annotations) = (metadata.get("labels"), metadata.get("annotations"));
    let mut tags = annotations.text_map();
    tags.extend(labels.text_map());
    for field in ["tags", "owner"] {
        origin.paths.insert(field.to_owned(), labels.path.clone());
    }
    let is_unknown = |part: &Part<'_>| part.attribute() == Attribute::Unknown;
    if super::super::owner(&tags).is_none() && (is_unknown(&labels) || is_unknown(&annotations)) {
        origin.unknown.extend(["tags".to_owned(), "owner".to_owned()]);
    }
    tags
}

fn token_of_secret(secret: &Part<'_>, metadata: &Part<'_>, collected: &mut Collected) {
    let mut origin = secret.origin();
    let account = metadata.get("annotations").named(TOKEN_OF).field(&mut origin, "subject");
    origin.paths.insert("ends".to_owned(), secret.get("type").path);
    collected.facts.credentials.push(Credential {
        subject: account,
        ends: Some(false),
        ..Credential::of(origin, "token")
    });
}

/// A token that Terraform asks the cluster for; an hour where nothing is said.
pub(super) fn token_request(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let account = subject.field(&mut origin, "subject", steps!["metadata", 0_usize, "name"]);
    let asked = steps!["spec", 0_usize, "expiration_seconds"];
    let ttl_seconds = subject.number_field(&mut origin, "ttl_seconds", asked);
    let is_unknown = origin.unknown.iter().any(|field| field == "ttl_seconds");
    collected.facts.credentials.push(Credential {
        subject: account,
        ttl_seconds: ttl_seconds.or(if is_unknown { None } else { Some(3_600.0) }),
        ends: Some(true),
        ..Credential::of(origin, "token")
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::model::Secret;
    use super::super::super::tests::{facts, resource};

    fn secret(after: Value, expressions: Value) -> Secret {
        let secret = resource("kubernetes_secret_v1", "a").after(after).expressions(expressions);
        facts(vec![secret]).secrets.remove(0)
    }

    #[test]
    fn a_secret_tells_how_its_value_gets_there() {
        let metadata = json!([{ "name": "db", "labels": { "owner": "team-orders" } }]);
        let with = |more: Value| {
            let mut after = more;
            after["metadata"] = metadata.clone();
            after
        };
        let literal = secret(
            with(json!({ "data": { "password": "hunter2" } })),
            json!({ "data": { "constant_value": { "password": "hunter2" } } }),
        );
        assert_eq!((literal.value_source, literal.name.as_deref()), (Some("literal"), Some("db")));
        assert_eq!(literal.owner.as_deref(), Some("team-orders"));
        let read = json!({ "data": { "references": ["aws_x.a.password", "aws_x.a"] } });
        assert_eq!(
            secret(with(json!({ "data": { "password": "x" } })), read).value_source,
            Some("reference")
        );
        let binary = json!({ "binary_data": { "constant_value": { "key": "aGVsbG8=" } } });
        assert_eq!(
            secret(with(json!({ "binary_data": { "key": "aGVsbG8=" } })), binary).value_source,
            Some("literal")
        );
        for revision in ["data_wo_revision", "binary_data_wo_revision"] {
            assert_eq!(secret(with(json!({ revision: 1 })), json!({})).value_source, Some("write_only"));
        }
        assert_eq!(secret(with(json!({})), json!({})).value_source, Some("none"));
    }

    #[test]
    fn a_value_whose_members_are_decided_at_apply_is_kept_in_the_state() {
        let secret = resource("kubernetes_secret_v1", "a")
            .after(json!({ "data": {} }))
            .unknown(json!({ "data": { "password": true } }))
            .expressions(
                json!({ "data": { "references": ["random_password.a.result", "random_password.a"] } }),
            );
        let facts = facts(vec![resource("random_password", "a"), secret]);
        assert_eq!(facts.secrets[0].value_source, Some("reference"));
        assert_eq!(
            (facts.exposures[0].kind, facts.exposures[0].value_source),
            ("in_state", Some("reference"))
        );
    }

    #[test]
    fn an_owner_that_is_decided_at_apply_is_unknown() {
        let secret = resource("kubernetes_secret", "a")
            .after(json!({ "metadata": [{ "name": "db", "labels": null }] }))
            .unknown(json!({ "metadata": [{ "labels": true }] }));
        assert!(facts(vec![secret]).secrets[0].origin.unknown.contains(&"owner".to_owned()));
    }

    #[test]
    fn a_token_in_a_secret_never_ends_and_one_that_is_asked_for_does() {
        let facts = facts(vec![
            resource("kubernetes_secret_v1", "ci").after(json!({
                "metadata": [{ "name": "ci", "annotations": { "kubernetes.io/service-account.name": "deployer" } }],
                "type": "kubernetes.io/service-account-token",
            })),
            resource("kubernetes_token_request_v1", "ci")
                .after(json!({ "metadata": [{ "name": "deployer" }], "spec": [{ "expiration_seconds": 86400 }] })),
            resource("kubernetes_token_request_v1", "short").after(json!({ "metadata": [{ "name": "deployer" }] })),
        ]);
        let ends: Vec<_> =
            facts.credentials.iter().map(|credential| (credential.ends, credential.ttl_seconds)).collect();
        assert_eq!(ends, [(Some(false), None), (Some(true), Some(86_400.0)), (Some(true), Some(3_600.0))]);
        assert!(facts.credentials.iter().all(|credential| credential.subject.as_deref() == Some("deployer")));
    }
}
