//! What a case needs: a KV engine of its own on the shared server, a store on it, and somebody to grant access to.

use std::future::Future;
use std::sync::OnceLock;

use secret_store::vault::{VaultConfig, VaultStore};
use secret_store::{AccessSet, GrantSpec, Principal, SecretName, SecretValue};
use secretlint_tests::process::Finished;
use secretlint_tests::servers::openbao::OpenBao;
use serde_json::{Value, json};

/// A KV engine with some secrets, and a store on it.
pub(crate) struct Scene {
    pub(crate) bao: &'static OpenBao,
    pub(crate) mount: String,
    pub(crate) store: VaultStore,
}

/// Waits for the store. The harness is synchronous, so each call is waited for by itself.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap()).block_on(future)
}

pub(crate) fn name(text: &str) -> SecretName {
    SecretName::parse(text).unwrap()
}

/// Reading only, by this principal.
pub(crate) fn read_by(principal: &str) -> GrantSpec {
    GrantSpec::new(Principal::parse(principal).unwrap(), AccessSet::read())
}

impl Scene {
    /// `None`, and a line that says so, where OpenBao is not installed.
    pub(crate) fn kv2() -> Option<Self> {
        let bao = OpenBao::shared()?;
        let mount = bao.fresh_kv2_mount();
        let store = store_at(bao.address(), &mount);
        let scene = Self { bao, mount, store };
        for name in ["prod/db", "prod/db-2", "prod/other"] {
            scene.put(name);
        }
        Some(scene)
    }

    /// A secret written by somebody else than the store.
    pub(crate) fn put(&self, name: &str) {
        self.bao.write(&format!("{}/data/{name}", self.mount), &json!({"data": {"x": "an example"}}));
    }

    /// Another store on the same engine, as another process has.
    pub(crate) fn another_store(&self) -> VaultStore {
        store_at(self.bao.address(), &self.mount)
    }

    /// `bao kv SUBCOMMAND … -mount=MOUNT …`
    pub(crate) fn kv(&self, token: &str, subcommand: &[&str], rest: &[&str]) -> Finished {
        let mount = format!("-mount={}", self.mount);
        let arguments = [&["kv"], subcommand, &[mount.as_str()], rest].concat();
        self.bao.cli(&arguments, token)
    }

    /// A list of texts in what a path answers.
    pub(crate) fn list_at(&self, path: &str, field: &str) -> Vec<String> {
        serde_json::from_value(self.bao.read(path)["data"][field].clone()).unwrap()
    }

    /// The policies of grants on this engine.
    pub(crate) fn grant_policies(&self) -> Vec<String> {
        let keys = self.bao.request("LIST", "sys/policies/acl", None).succeeds()["data"]["keys"].clone();
        let names: Vec<String> = serde_json::from_value(keys).unwrap();
        let ours = |name: &String| {
            // Another test may have deleted its own since the list was made.
            let policy = self.bao.request("GET", &format!("sys/policies/acl/{name}"), None).json;
            let text = policy["data"]["policy"].as_str();
            text.is_some_and(|text| text.contains(&format!("\"mount\":\"{}\"", self.mount)))
        };
        names.into_iter().filter(|name| name.starts_with("secretlint-")).filter(ours).collect()
    }
}

/// A store on this engine of the server, or proxy, at this address, with the root token.
pub(crate) fn store_at(address: &str, mount: &str) -> VaultStore {
    let token = SecretValue::from_text("root".to_owned());
    VaultStore::open(VaultConfig { mount: Some(mount.to_owned()), ..VaultConfig::new(address, token) })
        .unwrap()
}

/// The token of a login.
pub(crate) fn login(bao: &OpenBao, path: &str, body: &Value) -> String {
    let answer = bao.api().with_token("").write(path, body);
    answer["auth"]["client_token"].as_str().expect("a login gives a token").to_owned()
}
