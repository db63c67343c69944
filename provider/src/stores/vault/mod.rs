//! `vault { … }`: OpenBao or HashiCorp Vault. What the block leaves out is read from the environment by the store, as the clients `bao` and
//! `vault` read it. Nothing is sent before the first resource needs it.

mod auth;

use std::path::PathBuf;
use std::sync::Arc;

use secret_store::vault::{CertificateCheck, Environment, VaultConfig, VaultStore};
use secret_store::{SecretValue, Store, StoreError};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, AttributePath, Block, Diagnostic, Diagnostics, NestedBlock, Value, WriteOnly};

use self::auth::{AppRoleModel, CertModel, JwtModel, KubernetesModel, Method, UserpassModel};
use super::{decided, not_usable, retries};
use crate::diagnostics::{store_error, wrong};
use crate::schedule::Period;

/// The block's name.
pub(super) const NAME: &str = "vault";

/// A server, and who to be there.
///
/// What is confidential is `WriteOnly`: it goes from the configuration to the store, and is not printed or written anywhere on the way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct VaultModel {
    address: Value<String>,
    token: WriteOnly<SecretValue>,
    namespace: Value<String>,
    mount: Value<String>,
    ca_cert_file: Value<String>,
    ca_cert_dir: Value<String>,
    client_cert_file: Value<String>,
    client_key_file: Value<String>,
    tls_server_name: Value<String>,
    skip_tls_verify: Value<bool>,
    max_retries: Value<i64>,
    timeout: Value<String>,
    auth_approle: Value<AppRoleModel>,
    auth_kubernetes: Value<KubernetesModel>,
    auth_jwt: Value<JwtModel>,
    auth_userpass: Value<UserpassModel>,
    auth_cert: Value<CertModel>,
}

/// The block's schema.
pub(super) fn block() -> NestedBlock {
    let text = |name: &str, description: &str| Attribute::string(name).optional().description(description);
    let block = Block::new()
        .description(
            "OpenBao or HashiCorp Vault: secrets in a KV engine, database logins that the server rotates, credentials on lease, and grants as policies. \
             Every argument may come from the environment instead, `BAO_…` before `VAULT_…`. Log in with a token or with one of the blocks `auth_…`; \
             the provider then works with a short-lived child of that token and revokes it at the end.",
        )
        .attribute(text(
            "address",
            "The server, such as `https://vault.example.org:8200`. Environment: `BAO_ADDR`, `VAULT_ADDR`.",
        ))
        .attribute(
            text(
                "token",
                "A token. Environment: `BAO_TOKEN`, `VAULT_TOKEN`, then the file `~/.vault-token` that `bao login` writes.",
            )
            .sensitive(),
        )
        .attribute(text(
            "namespace",
            "The namespace of all requests, such as `team-a/dev`. Environment: `BAO_NAMESPACE`, `VAULT_NAMESPACE`.",
        ))
        .attribute(text(
            "mount",
            "Path of the KV engine that holds the secrets. Default: the only KV engine that the token can see.",
        ))
        .attribute(text(
            "ca_cert_file",
            "PEM file with the certificates to trust instead of the system's. Environment: `BAO_CACERT`, `VAULT_CACERT`.",
        ))
        .attribute(text(
            "ca_cert_dir",
            "Folder of such files; `ca_cert_file` goes first. Environment: `BAO_CAPATH`, `VAULT_CAPATH`.",
        ))
        .attribute(text(
            "client_cert_file",
            "PEM file with the client's certificate. Environment: `BAO_CLIENT_CERT`, `VAULT_CLIENT_CERT`.",
        ))
        .attribute(text(
            "client_key_file",
            "PEM file with its key. Environment: `BAO_CLIENT_KEY`, `VAULT_CLIENT_KEY`.",
        ))
        .attribute(text(
            "tls_server_name",
            "Name the server's certificate must have, where it is not that of the address. Environment: `BAO_TLS_SERVER_NAME`, \
             `VAULT_TLS_SERVER_NAME`.",
        ))
        .attribute(Attribute::boolean("skip_tls_verify").optional().description(
            "Talk to a server that does not prove who it is. Whoever answers gets the token: for trying things out. Environment: \
             `BAO_SKIP_VERIFY`, `VAULT_SKIP_VERIFY`.",
        ))
        .attribute(Attribute::number("max_retries").optional().description(
            "How often a request is sent again when the server was busy or not reached; default 6. Environment: `BAO_MAX_RETRIES`, \
             `VAULT_MAX_RETRIES`.",
        ))
        .attribute(text(
            "timeout",
            "How long one answer may take, such as `60s` (default). Environment: `BAO_CLIENT_TIMEOUT`, `VAULT_CLIENT_TIMEOUT`.",
        ));
    NestedBlock::single(NAME, auth::blocks().into_iter().fold(block, Block::block))
}

fn at(name: &str) -> AttributePath {
    AttributePath::new(NAME).attribute(name)
}

impl VaultModel {
    /// Checks what is known.
    pub(super) fn check(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        for (name, value) in [
            ("address", &self.address),
            ("mount", &self.mount),
            ("ca_cert_file", &self.ca_cert_file),
            ("ca_cert_dir", &self.ca_cert_dir),
            ("client_cert_file", &self.client_cert_file),
            ("client_key_file", &self.client_key_file),
            ("tls_server_name", &self.tls_server_name),
        ] {
            if value.as_str() == Some("") {
                problems.push(wrong(at(name), "it is empty; give it a text, or leave the argument out"));
            }
        }
        if let Some(number) = self.max_retries.known() {
            problems.extend(retries(at("max_retries"), *number).err());
        }
        if let Some(text) = self.timeout.as_str() {
            problems
                .extend(text.parse::<Period>().err().map(|error| wrong(at("timeout"), error.to_string())));
        }
        if self.skip_tls_verify.known() == Some(&true) {
            problems.push(
                Diagnostic::warning("The server does not have to prove who it is")
                    .detail(
                        "With `skip_tls_verify` whoever answers at the address gets the token and every value. Name the server's certificate in \
                         `ca_cert_file` instead.",
                    )
                    .at(at("skip_tls_verify")),
            );
        }
        problems.extend(self.check_auth());
        problems
    }

    /// Opens the store: checks everything, reads the files that are named, and sends nothing.
    pub(super) fn open(self, environment: Environment<'_>) -> Result<Arc<dyn Store>, Diagnostics> {
        let method = self.written_methods().first().copied();
        let path = |name: &str, value| Ok::<_, Diagnostics>(decided(at(name), value)?.map(PathBuf::from));
        let check = decided(at("skip_tls_verify"), self.skip_tls_verify)?;
        let timeout = decided(at("timeout"), self.timeout)?.map(|text| text.parse::<Period>()).transpose();
        let timeout = timeout.map_err(|error| Diagnostics::from(wrong(at("timeout"), error.to_string())))?;
        let config = VaultConfig {
            address: decided(at("address"), self.address)?,
            token: decided(at("token"), self.token.into_value())?,
            namespace: decided(at("namespace"), self.namespace)?,
            mount: decided(at("mount"), self.mount)?,
            ca_cert_file: path("ca_cert_file", self.ca_cert_file)?,
            ca_cert_dir: path("ca_cert_dir", self.ca_cert_dir)?,
            client_cert_file: path("client_cert_file", self.client_cert_file)?,
            client_key_file: path("client_key_file", self.client_key_file)?,
            tls_server_name: decided(at("tls_server_name"), self.tls_server_name)?,
            certificate_check: check
                .map(|skip| if skip { CertificateCheck::Skip } else { CertificateCheck::Verify }),
            auth: auth::method(
                self.auth_approle,
                self.auth_kubernetes,
                self.auth_jwt,
                self.auth_userpass,
                self.auth_cert,
            )?,
            max_retries: decided(at("max_retries"), self.max_retries)?
                .map(|number| retries(at("max_retries"), number))
                .transpose()?,
            timeout: timeout.and_then(|period| period.duration().try_into().ok()),
        };
        match VaultStore::open_in(config, environment) {
            Ok(store) => Ok(Arc::new(store)),
            Err(StoreError::Invalid(error)) => Err(not_usable(place(error.field, method), &error)),
            Err(error) => {
                Err(store_error("open the store `vault`", &error).at(AttributePath::new(NAME)).into())
            }
        }
    }

    /// The blocks `auth_…` that are given.
    fn written_methods(&self) -> Vec<Method> {
        [
            (Method::AppRole, self.auth_approle.is_null()),
            (Method::Kubernetes, self.auth_kubernetes.is_null()),
            (Method::Jwt, self.auth_jwt.is_null()),
            (Method::Userpass, self.auth_userpass.is_null()),
            (Method::Cert, self.auth_cert.is_null()),
        ]
        .into_iter()
        .filter(|(_, is_null)| !is_null)
        .map(|(method, _)| method)
        .collect()
    }

    fn check_auth(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        let written = self.written_methods();
        if let [first, others @ ..] = written.as_slice() {
            for other in others {
                let reason = format!(
                    "`{}` and `{}` both say how to log in; keep one of them",
                    first.block(),
                    other.block()
                );
                problems.push(wrong(at(other.block()), reason));
            }
            if !self.token.is_null() {
                let reason =
                    format!("`token` and `{}` both say how to log in; keep one of them", first.block());
                problems.push(wrong(at("token"), reason));
            }
        }
        if let Some(jwt) = self.auth_jwt.known() {
            problems.extend(jwt.check());
        }
        problems
    }
}

/// Where the store's name of a setting stands in the block: `auth.…` is in the block of the method that is used.
fn place(field: &str, method: Option<Method>) -> AttributePath {
    match (field.split_once('.'), method) {
        (Some(("auth", field)), Some(method)) => at(method.block()).attribute(field),
        _ => at(field),
    }
}
