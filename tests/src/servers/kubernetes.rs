//! The part of a Kubernetes API that OpenBao's method `kubernetes` asks at a login: whose token is this?

use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::proxy::{Proxy, When};
use crate::tokens::Issuer;

/// A cluster with one service account.
#[derive(Debug)]
pub struct Cluster {
    api: Proxy,
    token: String,
    // Asked for, and of no use on a connection without TLS.
    authority: String,
}

impl Cluster {
    /// A cluster that recognises the service account `name` in `namespace`, whatever token it is shown.
    pub fn with_service_account(namespace: &str, name: &str) -> Self {
        let account = format!("system:serviceaccount:{namespace}:{name}");
        // Everything that is answered stands in a rule: nothing is behind this proxy.
        let api = Proxy::to("http://127.0.0.1:1");
        let review = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "status": {
                "authenticated": true, "audiences": ["kubernetes"],
                "user": {"username": account, "uid": "3e5c6f2d-0a0c-4a64-9b54-a36a2cf0b4d5", "groups": []},
            },
        });
        api.add(When::request("^POST /apis/authentication.k8s.io/v1/tokenreviews$").answers(201, review));
        let claims = json!({
            "iss": "kubernetes/serviceaccount", "sub": account, "aud": ["kubernetes"],
            "kubernetes.io": {
                "namespace": namespace,
                "serviceaccount": {"name": name, "uid": "3e5c6f2d-0a0c-4a64-9b54-a36a2cf0b4d5"},
            },
        });
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let authority =
            std::fs::read_to_string(Authority::create(scratch.path()).file()).expect("it was written");
        Self { api, token: Issuer::create().token(&claims), authority }
    }

    /// The configuration of an OpenBao auth method that asks this cluster.
    pub fn method_configuration(&self) -> Value {
        // OpenBao itself does not run in the cluster: no certificate and no token lie ready for it.
        json!({
            "kubernetes_host": self.api.address(), "token_reviewer_jwt": self.token,
            "disable_local_ca_jwt": true, "kubernetes_ca_cert": self.authority,
        })
    }

    /// The token that is mounted into the pods of the service account.
    pub fn token(&self) -> &str {
        &self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::openbao::OpenBao;

    #[test]
    fn a_service_account_logs_in_to_the_role_that_is_bound_to_it() {
        let Some(bao) = OpenBao::shared() else { return };
        let cluster = Cluster::with_service_account("shop", "orders");
        let mount = bao.fresh_auth_method("kubernetes");
        bao.write(&format!("auth/{mount}/config"), &cluster.method_configuration());
        for (role, account) in [("orders", "orders"), ("billing", "billing")] {
            let role_definition = json!({
                "bound_service_account_names": account, "bound_service_account_namespaces": "shop",
            });
            bao.write(&format!("auth/{mount}/role/{role}"), &role_definition);
        }
        let login = |role: &str| {
            bao.request(
                "PUT",
                &format!("auth/{mount}/login"),
                Some(&json!({"role": role, "jwt": cluster.token()})),
            )
        };
        let auth = &login("orders").succeeds()["auth"];
        assert_eq!(auth["metadata"]["service_account_namespace"], "shop");
        assert_eq!(login("billing").status, 403);
    }
}
