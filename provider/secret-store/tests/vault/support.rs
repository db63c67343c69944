//! What several suites need: a store with a token, and an engine that leases something without a database behind it.

use std::collections::BTreeMap;

use secret_store::vault::{AuthMethod, VaultConfig, VaultStore};
use secret_store::{Lease, LeaseRequest, SecretValue, Store, StoreError};
use secretlint_tests::servers::openbao::OpenBao;
use serde_json::{Value, json};

pub(crate) fn secret(text: &str) -> SecretValue {
    SecretValue::from_text(text.to_owned())
}

/// A store at this address with this token.
pub(crate) fn store(address: &str, token: &str) -> VaultStore {
    VaultStore::open(VaultConfig::new(address, secret(token))).unwrap()
}

/// A store at this address that logs in.
pub(crate) fn store_by(address: &str, auth: AuthMethod) -> VaultStore {
    let config =
        VaultConfig { address: Some(address.to_owned()), auth: Some(auth), ..VaultConfig::default() };
    VaultStore::open(config).unwrap()
}

/// Leases from `path`, read, or with parameters written to.
pub(crate) async fn lease(
    store: &dyn Store,
    path: &str,
    parameters: &[(&str, &str)],
) -> Result<Lease, StoreError> {
    let parameters: BTreeMap<_, _> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    store.leases().unwrap().lease(LeaseRequest { path: path.to_owned(), parameters }).await
}

/// The text of an error with its causes, as a user sees it.
pub(crate) fn told(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// An authority in the server that issues certificates on loan.
pub(crate) struct Certificates {
    pub(crate) mount: String,
    /// Allows to issue, and nothing else.
    pub(crate) policy: String,
}

impl Certificates {
    pub(crate) fn on(bao: &OpenBao) -> Self {
        let mount = bao.fresh_engine("pki");
        let authority = json!({"common_name": "authority", "key_type": "ec", "key_bits": 256});
        bao.write(&format!("{mount}/root/generate/internal"), &authority);
        let role = json!({"allow_any_name": true, "generate_lease": true, "key_type": "ec", "key_bits": 256, "ttl": "1h"});
        bao.write(&format!("{mount}/roles/any"), &role);
        bao.write(
            &format!("{mount}/roles/unleased"),
            &json!({"allow_any_name": true, "key_type": "ec", "key_bits": 256, "ttl": "1h"}),
        );
        let policy = bao.fresh_policy(&format!("path \"{mount}/issue/*\" {{ capabilities = [\"update\"] }}"));
        Self { mount, policy }
    }

    /// Issues one: the least that shows what a store's token may do.
    pub(crate) async fn issue(&self, store: &dyn Store) -> Result<Lease, StoreError> {
        lease(store, &format!("{}/issue/any", self.mount), &[("common_name", "test.example")]).await
    }
}

/// What the server knows of the live tokens that have this policy.
pub(crate) fn tokens_with(bao: &OpenBao, policy: &str) -> Vec<Value> {
    let listed = bao.request("LIST", "auth/token/accessors", None).succeeds();
    let accessors = listed["data"]["keys"].as_array().unwrap().clone();
    accessors
        .iter()
        .filter_map(|accessor| {
            let answer =
                bao.request("PUT", "auth/token/lookup-accessor", Some(&json!({ "accessor": accessor })));
            // One that has ended between the two requests.
            (answer.status == 200).then(|| answer.json["data"].clone())
        })
        .filter(|token| token["policies"].as_array().is_some_and(|names| names.contains(&json!(policy))))
        .collect()
}
