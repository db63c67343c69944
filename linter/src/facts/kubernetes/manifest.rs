//! Objects written in the API's own words: `manifest` of `kubernetes_manifest`, YAML in `yaml_body` of `kubectl_manifest`, values of a Helm
//! release. What stands in them gives the facts that a typed resource gives.

use serde::Deserialize;
use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{AttributePath, PathStep};
use super::super::subject::{Attribute, Subject, steps};
use super::object::{Part, Spelling};
use super::rbac::{self, Reach};
use super::{external, secrets, workloads};

/// `kubernetes_manifest`.
pub(super) fn manifest(subject: &Subject<'_>, collected: &mut Collected) {
    let path = steps!["manifest"];
    if let Attribute::Known(value) = subject.at(&path) {
        object(&Part::of_manifest(subject, path, value, Spelling::Manifest), collected);
    }
}

/// `kubectl_manifest`: one or several documents of YAML.
pub(super) fn yaml_body(subject: &Subject<'_>, collected: &mut Collected) {
    let path = steps!["yaml_body"];
    let Attribute::Known(Value::String(text)) = subject.at(&path) else { return };
    match documents(text) {
        Ok(documents) => {
            let several = documents.len() > 1;
            for (index, document) in documents.iter().enumerate() {
                let mut path = path.clone();
                if several {
                    path.push(PathStep::Index(index));
                }
                object(&Part::of_manifest(subject, path, document, Spelling::Text), collected);
            }
        }
        Err(reason) => collected.facts.unreadable.push(subject.unreadable(path, reason)),
    }
}

/// `helm_release`: says only which of its values cannot be read; what they hold is for the search for values.
pub(super) fn helm_values(subject: &Subject<'_>, collected: &mut Collected) {
    let Attribute::Known(Value::Array(values)) = subject.at(&steps!["values"]) else { return };
    for (index, text) in values.iter().enumerate() {
        let path: AttributePath = steps!["values", index];
        if let Some(Err(reason)) = text.as_str().map(documents) {
            collected.facts.unreadable.push(subject.unreadable(path, reason));
        }
    }
}

/// The documents of a text in YAML, without the empty ones.
pub(super) fn documents(text: &str) -> Result<Vec<Value>, String> {
    let mut documents = Vec::new();
    for document in yaml_serde::Deserializer::from_str(text) {
        match Value::deserialize(document) {
            Ok(Value::Null) => {}
            Ok(value) => documents.push(value),
            // The library's own words may quote the text.
            Err(error) => {
                let place = error
                    .location()
                    .map(|place| format!(" (line {}, column {})", place.line(), place.column()));
                return Err(format!("it is not YAML{}", place.unwrap_or_default()));
            }
        }
    }
    Ok(documents)
}

fn object(object: &Part<'_>, collected: &mut Collected) {
    let kind = object.get("kind").text().unwrap_or_default();
    let api_version = object.get("apiVersion").text().unwrap_or_default();
    match (api_version.split('/').next().unwrap_or_default(), kind) {
        (_, "List") => {
            for item in object.each("items") {
                self::object(&item, collected);
            }
        }
        ("v1", "Secret") => secrets::object(object, collected),
        ("rbac.authorization.k8s.io", "Role") => rbac::role_object(object, Reach::Namespace, collected),
        ("rbac.authorization.k8s.io", "ClusterRole") => rbac::role_object(object, Reach::Cluster, collected),
        ("rbac.authorization.k8s.io", "RoleBinding") => {
            rbac::binding_object(object, Reach::Namespace, collected);
        }
        ("rbac.authorization.k8s.io", "ClusterRoleBinding") => {
            rbac::binding_object(object, Reach::Cluster, collected);
        }
        ("v1" | "apps" | "batch", _) => workloads::object(kind, object, collected),
        _ => external::object(api_version, kind, object, collected),
    }
}

/// The manifest is a Secret: everything in it is one.
pub(super) fn is_secret(subject: &Subject<'_>) -> bool {
    let is_core = |object: &Value| object.get("kind").and_then(Value::as_str) == Some("Secret");
    match subject.resource_type() {
        "kubernetes_manifest" => subject.after.get("manifest").is_some_and(is_core),
        _ => subject
            .text("yaml_body")
            .and_then(|text| documents(text).ok())
            .is_some_and(|documents| documents.iter().any(|object| is_core(object) && holds_values(object))),
    }
}

fn holds_values(object: &Value) -> bool {
    ["data", "stringData"]
        .iter()
        .any(|member| object.get(member).and_then(Value::as_object).is_some_and(|data| !data.is_empty()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::model::Facts;
    use super::super::super::tests::{facts, resource};
    use super::documents;

    fn manifest(manifest: Value) -> Facts {
        facts(vec![resource("kubernetes_manifest", "a").after(json!({ "manifest": manifest }))])
    }

    fn yaml(text: &str) -> Facts {
        let body = resource("kubectl_manifest", "a").after(json!({ "yaml_body": text }));
        facts(vec![body.sensitive(json!({ "yaml_body": true }))])
    }

    fn places(facts: &Facts) -> Vec<String> {
        let steps = |path: &[super::PathStep]| serde_json::to_string(path).unwrap();
        facts
            .exposures
            .iter()
            .map(|exposure| format!("{} {}", exposure.kind, steps(&exposure.path)))
            .collect()
    }

    #[test]
    fn a_secret_in_a_manifest_is_a_secret_and_all_its_values_are_exposed() {
        let facts = manifest(json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "db" },
            "data": { "config": "aGVsbG8=" }, "stringData": { "user": "orders" },
        }));
        assert_eq!(facts.secrets[0].name.as_deref(), Some("db"));
        assert_eq!(
            places(&facts),
            [r#"manifest ["manifest","data"]"#, r#"manifest ["manifest","stringData"]"#]
        );
    }

    #[test]
    fn an_encrypted_secret_is_none() {
        let facts = manifest(json!({
            "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": { "name": "db" },
            "spec": { "encryptedData": { "password": "AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq" } },
        }));
        assert_eq!(places(&facts), [""; 0]);
    }

    #[test]
    fn a_role_and_a_workload_in_a_manifest_are_read() {
        let role = manifest(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": { "name": "reader" },
            "rules": [{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["list"] }],
        }));
        assert_eq!(
            (role.grants[0].access.as_slice(), role.grants[0].scope),
            (["read"].as_slice(), Some("cluster"))
        );
        let paths = &role.grants[0].origin.paths["resources"];
        assert_eq!(serde_json::to_value(paths).unwrap(), json!(["manifest", "rules", 0, "resources"]));
        let deployment = manifest(json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "template": { "spec": { "containers": [{
                "env": [{ "name": "PASSWORD", "valueFrom": { "secretKeyRef": { "name": "db", "key": "password" } } }],
            }] } } },
        }));
        assert_eq!(deployment.deliveries[0].kind, "environment");
        assert!(deployment.exposures.is_empty());
    }

    #[test]
    fn a_binding_of_a_manifest_finds_the_role_of_a_resource() {
        let facts = facts(vec![
            resource("kubernetes_cluster_role_v1", "a").after(json!({
                "metadata": [{ "name": "reader" }],
                "rule": [{ "api_groups": [""], "resources": ["secrets"], "verbs": ["get"] }],
            })),
            resource("kubernetes_manifest", "b").after(json!({ "manifest": {
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "b", "namespace": "orders" },
                "roleRef": { "kind": "ClusterRole", "name": "reader" },
                "subjects": [{ "kind": "Group", "name": "system:authenticated" }],
            } })),
        ]);
        let binding = &facts.grants[1];
        assert_eq!((binding.access.as_slice(), binding.scope), (["read"].as_slice(), Some("namespace")));
    }

    #[test]
    fn every_document_of_a_yaml_body_is_read() {
        let facts = yaml(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  x: y\n---\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: b\n",
        );
        let names: Vec<_> = facts.secrets.iter().filter_map(|secret| secret.name.as_deref()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(places(&facts), [r#"manifest ["yaml_body"]"#]);
    }

    #[test]
    fn a_yaml_body_without_a_secret_is_none_although_the_provider_marks_it() {
        let facts = yaml("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: orders\n");
        assert_eq!(places(&facts), [""; 0]);
    }

    #[test]
    fn yaml_that_does_not_parse_is_told_without_a_word_of_it() {
        let facts = yaml("kind: Secret\nstringData: {password: hunter2\n");
        assert_eq!(facts.unreadable.len(), 1);
        assert!(!facts.unreadable[0].reason.contains("hunter2"), "{}", facts.unreadable[0].reason);
        let release = resource("helm_release", "a").after(json!({ "values": ["a: {b", "a: b"] }));
        assert_eq!(super::super::super::tests::facts(vec![release]).unreadable.len(), 1);
    }

    fn release(after: Value) -> Vec<String> {
        places(&facts(vec![resource("helm_release", "a").after(after)]))
    }

    #[test]
    fn secrets_among_the_values_of_a_release_are_found() {
        let set = json!({ "set": [{ "name": "auth.password", "value": "hunter2" }, { "name": "replicas", "value": "2" }] });
        assert_eq!(release(set), [r#"manifest ["set",0,"value"]"#]);
        let values = "auth:\n  database: orders\n  password: hunter2\n";
        assert_eq!(release(json!({ "values": [values] })), [r#"manifest ["values",0,"auth","password"]"#]);
        let sensitive = json!({ "set_sensitive": [{ "name": "auth.password", "value": "hunter2" }] });
        assert_eq!(release(sensitive.clone()), [r#"in_state ["set_sensitive",0,"value"]"#]);
        let marked =
            resource("helm_release", "a").after(sensitive).sensitive(json!({ "set_sensitive": true }));
        assert_eq!(places(&facts(vec![marked])), [r#"in_state ["set_sensitive",0,"value"]"#]);
    }

    #[test]
    fn a_secret_beside_the_key_in_it_is_the_name_of_an_object() {
        let chart = "psql:\n  password:\n    secret: orders-db\n    key: password\n";
        assert_eq!(release(json!({ "values": [chart] })), [""; 0]);
        let alone = "oauth:\n  secret: hunter2\n";
        assert_eq!(release(json!({ "values": [alone] })), [r#"manifest ["values",0,"oauth","secret"]"#]);
        let pair = "s3:\n  secret: Rz71-harbour\n  key: orders\n";
        assert_eq!(release(json!({ "values": [pair] })), [r#"manifest ["values",0,"s3","secret"]"#]);
        let token = format!("psql:\n  secret: ghp_{}\n  key: password\n", "a1".repeat(18));
        assert_eq!(release(json!({ "values": [token] })), [r#"manifest ["values",0,"psql","secret"]"#]);
    }

    #[test]
    fn values_that_name_a_secret_are_let_be() {
        let values = "auth:\n  existingSecret: orders-db\n  secretKeys:\n    adminPasswordKey: admin-password\n  existingSecretPasswordKey: password\ntls:\n  secretName: orders-tls\nimagePullSecrets:\n  - name: registry\n";
        assert_eq!(release(json!({ "values": [values] })), [""; 0]);
        let set = json!({ "set": [{ "name": "auth.existingSecret", "value": "orders-db" }] });
        assert_eq!(release(set), [""; 0]);
    }

    #[test]
    fn documents_may_be_lists_and_empty() {
        assert_eq!(documents("---\n").unwrap().len(), 0);
        assert_eq!(documents("a: 1\n---\nb: 2\n").unwrap().len(), 2);
        assert!(documents("a: [").is_err());
    }
}
