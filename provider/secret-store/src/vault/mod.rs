//! OpenBao and HashiCorp Vault as a store: secrets in a KV engine, logins that the database engine rotates, grants as policies.

#![expect(dead_code, reason = "the store over this client is being built on it")]

mod client;

const KIND: &str = "vault";
