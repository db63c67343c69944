//! Where the server is and who asks: what `provider "secret" { vault { … } }` says.

use crate::value::SecretValue;

/// How to reach a server, and which of its KV engines holds the secrets.
#[derive(Clone, Debug)]
pub struct VaultConfig {
    /// `https://vault.example.org:8200`.
    pub address: String,
    /// The token that every request carries.
    pub token: SecretValue,
    /// The namespace, where the server has such.
    pub namespace: Option<String>,
    /// The path of the KV engine; `None` for the only one there is.
    pub mount: Option<String>,
}

impl VaultConfig {
    /// The server at this address, used with this token, and its only KV engine.
    #[must_use]
    pub fn new(address: impl Into<String>, token: SecretValue) -> Self {
        Self { address: address.into(), token, namespace: None, mount: None }
    }
}
