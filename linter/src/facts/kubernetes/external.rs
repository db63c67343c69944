//! Objects of operators that bring secrets from a store outside the cluster: External Secrets, the operator of Vault, the CSI driver. They hold
//! names, never values.

use super::super::collected::Collected;
use super::super::model::Delivery;
use super::object::Part;

/// An operator's kind that copies a secret into a Kubernetes Secret.
struct Copier {
    group: &'static str,
    kind: &'static str,
    /// Where the object says what to copy.
    spec: &'static [&'static str],
    /// Within that, the name of the Kubernetes Secret.
    target: &'static [&'static str],
    /// Within that, the name of the secret in its store.
    source: &'static [&'static str],
    /// Within that, how often it looks for a new value.
    interval: &'static str,
}

const COPIERS: [Copier; 4] = [
    Copier {
        group: "external-secrets.io",
        kind: "ExternalSecret",
        spec: &["spec"],
        target: &["target", "name"],
        source: &["secretStoreRef", "name"],
        interval: "refreshInterval",
    },
    Copier {
        group: "external-secrets.io",
        kind: "ClusterExternalSecret",
        spec: &["spec", "externalSecretSpec"],
        target: &["target", "name"],
        source: &["secretStoreRef", "name"],
        interval: "refreshInterval",
    },
    Copier {
        group: "secrets.hashicorp.com",
        kind: "VaultStaticSecret",
        spec: &["spec"],
        target: &["destination", "name"],
        source: &["path"],
        interval: "refreshAfter",
    },
    // Made for a time and renewed before it is over, whatever is said.
    Copier {
        group: "secrets.hashicorp.com",
        kind: "VaultDynamicSecret",
        spec: &["spec"],
        target: &["destination", "name"],
        source: &["path"],
        interval: "",
    },
];

const PROVIDER_CLASS: (&str, &str) = ("secrets-store.csi.x-k8s.io", "SecretProviderClass");

/// Adds what an operator's object brings; `api_version` is `group/version`.
pub(super) fn object(api_version: &str, kind: &str, object: &Part<'_>, collected: &mut Collected) {
    let group = api_version.split('/').next().unwrap_or_default();
    if let Some(copier) = COPIERS.iter().find(|copier| copier.group == group && copier.kind == kind) {
        copied(copier, object, collected);
    } else if (group, kind) == PROVIDER_CLASS {
        provider_class(object, collected);
    }
}

fn copied(copier: &Copier, object: &Part<'_>, collected: &mut Collected) {
    let spec = object.find(copier.spec);
    let mut origin = object.origin();
    let target = spec.find(copier.target);
    let target = if target.is_set() { target } else { object.find(&["metadata", "name"]) };
    let name = target.field(&mut origin, "name");
    let secret = spec.find(copier.source).field(&mut origin, "secret");
    let interval = spec.get(copier.interval);
    let policy = spec.get("refreshPolicy");
    let decided_by = if policy.is_set() { &policy } else { &interval };
    origin.paths.insert("refreshes".to_owned(), decided_by.path.clone());
    let refreshes = match (policy.text(), interval.text()) {
        (Some("CreatedOnce" | "OnChange"), _) => Some(false),
        (_, Some(interval)) => Some(!is_zero(interval)),
        // An hour for External Secrets; the operator of Vault decides by its own settings.
        (_, None) => (copier.interval != "refreshAfter").then_some(true),
    };
    collected.facts.deliveries.push(Delivery {
        name,
        secret,
        refreshes,
        ..Delivery::of(origin, "object", spec.path.clone())
    });
}

/// `0`, `0s`, `0h0m`.
fn is_zero(interval: &str) -> bool {
    interval.bytes().any(|byte| byte == b'0') && !interval.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// What the CSI driver mounts, and the Kubernetes Secrets it makes from that for those who want a variable.
fn provider_class(class: &Part<'_>, collected: &mut Collected) {
    for copy in class.get("spec").each("secretObjects") {
        let mut origin = class.origin();
        let name = copy.get("secretName").field(&mut origin, "name");
        let secret = class.find(&["metadata", "name"]).field(&mut origin, "secret");
        collected.facts.deliveries.push(Delivery {
            name,
            secret,
            file_possible: true,
            ..Delivery::of(origin, "object", copy.path.clone())
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::tests::{facts, resource};

    fn delivered(manifest: Value) -> Vec<(Option<String>, Option<String>, Option<bool>)> {
        let facts = facts(vec![resource("kubernetes_manifest", "a").after(json!({ "manifest": manifest }))]);
        let deliveries = facts.deliveries.into_iter();
        assert!(facts.exposures.is_empty(), "{:?}", facts.exposures);
        deliveries.map(|delivery| (delivery.name, delivery.secret, delivery.refreshes)).collect()
    }

    fn external_secret(spec: Value) -> Value {
        json!({
            "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": { "name": "db", "namespace": "orders" },
            "spec": spec,
        })
    }

    #[test]
    fn an_external_secret_refreshes_unless_it_says_it_does_not() {
        let named = |name: &str, refreshes: Option<bool>| {
            vec![(Some(name.to_owned()), Some("vault".to_owned()), refreshes)]
        };
        let check = |more: Value, refreshes: bool| {
            let mut spec = json!({
                "secretStoreRef": { "name": "vault", "kind": "ClusterSecretStore" },
                "data": [{ "secretKey": "password", "remoteRef": { "key": "orders-db", "property": "password" } }],
            });
            for (name, value) in more.as_object().unwrap() {
                spec[name] = value.clone();
            }
            assert_eq!(delivered(external_secret(spec)), named("db", Some(refreshes)), "{more}");
        };
        check(json!({}), true);
        check(json!({ "refreshInterval": "1h" }), true);
        check(json!({ "refreshInterval": "0" }), false);
        check(json!({ "refreshInterval": "0s" }), false);
        check(json!({ "refreshInterval": "1h", "refreshPolicy": "CreatedOnce" }), false);
    }

    #[test]
    fn the_operator_of_vault_refreshes_where_it_is_told_to() {
        let secret = |kind: &str, refresh: Value| {
            let object = json!({
                "apiVersion": "secrets.hashicorp.com/v1beta1", "kind": kind, "metadata": { "name": "db" },
                "spec": { "path": "orders/db", "destination": { "name": "orders-db" }, "refreshAfter": refresh },
            });
            delivered(object).remove(0).2
        };
        assert_eq!(secret("VaultStaticSecret", json!("30s")), Some(true));
        assert_eq!(secret("VaultStaticSecret", Value::Null), None);
        assert_eq!(secret("VaultDynamicSecret", Value::Null), Some(true));
    }

    #[test]
    fn a_provider_class_makes_the_objects_it_lists() {
        let class = json!({
            "apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass", "metadata": { "name": "vault" },
            "spec": {
                "provider": "vault",
                "parameters": { "objects": "- objectName: password\n  secretPath: secret/data/db\n  secretKey: password\n" },
                "secretObjects": [{ "secretName": "db", "type": "Opaque", "data": [{ "objectName": "password", "key": "password" }] }],
            },
        });
        assert_eq!(delivered(class), [(Some("db".to_owned()), Some("vault".to_owned()), None)]);
    }
}
