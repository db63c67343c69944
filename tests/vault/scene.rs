//! A workspace with the provider on a fresh KV mount of the shared OpenBao.

use secretlint_tests::process::Finished;
use secretlint_tests::servers::fresh_name;
use secretlint_tests::servers::openbao::OpenBao;
use secretlint_tests::terraform::Workspace;
use serde_json::{Value, json};

/// A server, and a KV mount that no other test uses.
pub(crate) struct Scene {
    pub(crate) bao: &'static OpenBao,
    pub(crate) mount: String,
}

impl Scene {
    /// The shared server with a fresh mount, of which the workspace's environment tells. `None` where OpenBao is not installed.
    pub(crate) fn new(terraform: &mut Workspace) -> Option<Self> {
        let bao = OpenBao::shared()?;
        let scene = Self { bao, mount: bao.fresh_kv2_mount() };
        scene.speak_to(terraform, bao.address());
        Some(scene)
    }

    /// Lets the provider speak to the server through `address`, with the root token.
    pub(crate) fn speak_to(&self, terraform: &mut Workspace, address: &str) {
        terraform.set("VAULT_ADDR", address).set("VAULT_TOKEN", self.bao.token());
    }

    /// Serves the provider and writes `main.tf`: the provider on this mount, then `resources`.
    pub(crate) fn configure(&self, terraform: &mut Workspace, resources: &str) {
        let header = header(&format!(r#"mount = "{}""#, self.mount));
        terraform.provide_secret().write("main.tf", format!("{header}{resources}"));
    }

    /// The metadata of a secret as the server has it.
    pub(crate) fn metadata(&self, name: &str) -> Value {
        self.bao.read(&format!("{}/metadata/{name}", self.mount))["data"].clone()
    }

    /// The value of a secret, or of one version, as the server has it.
    pub(crate) fn data(&self, name: &str, version: Option<u64>) -> Value {
        let query = version.map_or_else(String::new, |version| format!("?version={version}"));
        self.bao.read(&format!("{}/data/{name}{query}", self.mount))["data"]["data"].clone()
    }

    /// How many secrets there are directly below a folder.
    pub(crate) fn count(&self, folder: &str) -> usize {
        let answer = self.bao.request("LIST", &format!("{}/metadata/{folder}", self.mount), None);
        answer.json["data"]["keys"].as_array().map_or(0, Vec::len)
    }

    /// The policies of our grants on this mount.
    pub(crate) fn policies(&self) -> Vec<String> {
        let names = self.bao.request("LIST", "sys/policies/acl", None).json["data"]["keys"].clone();
        let names = names.as_array().cloned().unwrap_or_default();
        let ours = |name: &&str| {
            name.starts_with("secretlint-") && {
                // Another test may have deleted its own since the list was made.
                let policy = self.bao.request("GET", &format!("sys/policies/acl/{name}"), None);
                policy.json["data"]["policy"].as_str().is_some_and(|text| text.contains(&self.mount))
            }
        };
        names.iter().filter_map(Value::as_str).filter(ours).map(str::to_owned).collect()
    }

    /// The real client as somebody with `token`.
    pub(crate) fn as_somebody(&self, token: &str, arguments: &[&str]) -> Finished {
        self.bao.cli(arguments, token)
    }

    /// A fresh AppRole: its name (with the mount in front), and a login as it.
    pub(crate) fn approle(&self, policies: &[&str]) -> AppRole {
        let mount = self.bao.fresh_auth_method("approle");
        let role = fresh_name("orders");
        let path = format!("auth/{mount}/role/{role}");
        self.bao.write(&path, &json!({"token_policies": policies, "token_ttl": "1h"}));
        let role_id = self.bao.read(&format!("{path}/role-id"))["data"]["role_id"].clone();
        let secret_id = self.bao.write(&format!("{path}/secret-id"), &json!({}))["data"]["secret_id"].clone();
        let text = |value: Value| value.as_str().expect("a text").to_owned();
        AppRole {
            principal: format!("approle:{mount}/{role}"),
            path,
            mount,
            role_id: text(role_id),
            secret_id: text(secret_id),
        }
    }
}

/// A role that a service logs in with.
pub(crate) struct AppRole {
    /// As `secret_grant` names it.
    pub(crate) principal: String,
    /// Where the server keeps it.
    pub(crate) path: String,
    pub(crate) mount: String,
    pub(crate) role_id: String,
    pub(crate) secret_id: String,
}

impl AppRole {
    /// Logs in, for a token with the policies that the role has now.
    pub(crate) fn login(&self, bao: &OpenBao) -> String {
        let path = format!("auth/{}/login", self.mount);
        let answer = bao.write(&path, &json!({"role_id": self.role_id, "secret_id": self.secret_id}));
        answer["auth"]["client_token"].as_str().expect("a login gives a token").to_owned()
    }

    /// The policies that the role gives now.
    pub(crate) fn policies(&self, bao: &OpenBao) -> Vec<String> {
        let policies = bao.read(&self.path)["data"]["token_policies"].clone();
        policies.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// The start of every configuration, with the arguments of the store block.
pub(crate) fn header(arguments: &str) -> String {
    format!(
        r#"
        terraform {{
          required_providers {{
            secret = {{ source = "secretlint/secret" }}
          }}
        }}
        provider "secret" {{
          vault {{
            {arguments}
          }}
        }}
        "#
    )
}
