//! Where the server is and who to be there: what the provider's block `vault {}` says, else the environment as the client
//! `bao` reads it. Everything that can be wrong here is found here, before the first request.
//!
//! `BAO_*` is asked before `VAULT_*`. Sources: <https://openbao.org/docs/commands/#environment-variables>,
//! <https://developer.hashicorp.com/vault/docs/commands#environment-variables>.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;

use self::method::resolve_auth;
pub use self::method::{AuthMethod, JwtSource};
use super::tls::{CertificateCheck, ServerTrust, TlsConfig};
use crate::error::Invalid;
use crate::value::SecretValue;

mod method;

/// Reads one environment variable; `None` when it is not set. A parameter, because tests have an environment of their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a user wrote in the block `vault {}`. What is `None` comes from the environment, else is the default.
#[derive(Clone, Debug, Default)]
pub struct VaultConfig {
    /// `https://vault.example.org:8200`. Environment: `BAO_ADDR`, `VAULT_ADDR`.
    pub address: Option<String>,
    /// A token. Environment: `BAO_TOKEN`, `VAULT_TOKEN`, then the file `~/.vault-token` that `bao login` writes.
    pub token: Option<SecretValue>,
    /// The namespace all requests are in: `team-a/dev`. Environment: `BAO_NAMESPACE`, `VAULT_NAMESPACE`.
    pub namespace: Option<String>,
    /// The mount of the KV engine, where names begin with none. There is no variable for it.
    pub mount: Option<String>,
    /// A PEM file with the certificates to trust *instead of* the system's. Environment: `BAO_CACERT`, `VAULT_CACERT`.
    pub ca_cert_file: Option<PathBuf>,
    /// A folder of such files; `ca_cert_file` goes first. Environment: `BAO_CAPATH`, `VAULT_CAPATH`.
    pub ca_cert_dir: Option<PathBuf>,
    /// A PEM file with the client's certificate chain. Environment: `BAO_CLIENT_CERT`, `VAULT_CLIENT_CERT`.
    pub client_cert_file: Option<PathBuf>,
    /// A PEM file with its key, unencrypted. Environment: `BAO_CLIENT_KEY`, `VAULT_CLIENT_KEY`.
    pub client_key_file: Option<PathBuf>,
    /// The name the server's certificate has to have, where it is not the address's. Environment: `BAO_TLS_SERVER_NAME`,
    /// `VAULT_TLS_SERVER_NAME`.
    pub tls_server_name: Option<String>,
    /// Whether the server has to prove who it is. Environment: `BAO_SKIP_VERIFY`, `VAULT_SKIP_VERIFY`.
    pub certificate_check: Option<CertificateCheck>,
    /// How to log in. `None`: with a token.
    pub auth: Option<AuthMethod>,
    /// How often a request is sent again when nothing happened. Environment: `BAO_MAX_RETRIES`, `VAULT_MAX_RETRIES`.
    pub max_retries: Option<u32>,
    /// How long one answer may take. Environment: `BAO_CLIENT_TIMEOUT`, `VAULT_CLIENT_TIMEOUT` (`60s`, or seconds).
    pub timeout: Option<Duration>,
}

/// A server and an identity on it, complete and checked.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) address: Url,
    pub(super) namespace: Option<HeaderValue>,
    pub(super) mount: Option<String>,
    pub(super) tls: TlsConfig,
    pub(super) auth: AuthMethod,
    pub(super) max_retries: u32,
    pub(super) timeout: Duration,
}

/// Retries by default: about ten seconds in all, with the pauses of [`super::client`].
const DEFAULT_RETRIES: u32 = 6;
/// The clients' own default.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

impl VaultConfig {
    /// The server at this address, used with this token.
    #[must_use]
    pub fn new(address: impl Into<String>, token: SecretValue) -> Self {
        Self { address: Some(address.into()), token: Some(token), ..Self::default() }
    }
}

impl Target {
    /// What the block says, else the environment. Reads the files named, and sends nothing.
    ///
    /// The error is on the setting that is missing or wrong, named as in the block `vault {}`; where its value came from the
    /// environment, the reason names the variable.
    pub(super) fn resolve(settings: VaultConfig, environment: Environment<'_>) -> Result<Self, Invalid> {
        let variables = Variables(environment);
        let (address, origin) = variables.or(settings.address, "ADDR").ok_or_else(no_address)?;
        let address = parse_address(&address, &origin)?;
        let namespace = match variables.or(settings.namespace, "NAMESPACE") {
            Some((namespace, origin)) => parse_namespace(&namespace, &origin)?,
            None => None,
        };
        let mount = settings.mount.map(|mount| parse_mount("mount", &mount)).transpose()?;
        let tls = resolve_tls(
            ServerTrust {
                file: variables.path(settings.ca_cert_file, "CACERT"),
                folder: variables.path(settings.ca_cert_dir, "CAPATH"),
                check: match settings.certificate_check {
                    Some(check) => check,
                    None => variables.certificate_check()?,
                },
                server_name: variables.or(settings.tls_server_name, "TLS_SERVER_NAME"),
            },
            variables.path(settings.client_cert_file, "CLIENT_CERT"),
            variables.path(settings.client_key_file, "CLIENT_KEY"),
            &address,
        )?;
        let auth = resolve_auth(settings.auth, settings.token, &variables)?;
        if matches!(auth, AuthMethod::Cert { .. }) && !tls.has_identity() {
            return Err(Invalid::new(
                "client_cert_file",
                "to log in with a certificate, name it here and its key in `client_key_file`",
            ));
        }
        let max_retries = match settings.max_retries {
            Some(retries) => retries,
            None => variables.number("max_retries", "MAX_RETRIES")?.unwrap_or(DEFAULT_RETRIES),
        };
        let timeout = match settings.timeout {
            Some(timeout) => timeout,
            None => variables.duration("timeout", "CLIENT_TIMEOUT")?.unwrap_or(DEFAULT_TIMEOUT),
        };
        if timeout.is_zero() {
            return Err(Invalid::new("timeout", "it is zero, in which no server answers; write `60s`"));
        }
        Ok(Self { address, namespace, mount, tls, auth, max_retries, timeout })
    }
}

/// Where a setting's text came from, for messages.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// The block.
    Block,
    /// This variable.
    Variable(String),
}

impl Origin {
    /// Puts the variable's name in front of a reason.
    pub(super) fn tell(&self, reason: &str) -> String {
        match self {
            Self::Block => reason.to_owned(),
            Self::Variable(name) => format!("{name}: {reason}"),
        }
    }
}

/// The environment, by the part of a name that both clients share. An empty variable is one that is not set.
struct Variables<'a>(Environment<'a>);

impl Variables<'_> {
    fn named(&self, suffix: &str) -> Option<(String, Origin)> {
        ["BAO_", "VAULT_"].iter().find_map(|prefix| {
            let name = format!("{prefix}{suffix}");
            let text = (self.0)(&name).filter(|text| !text.is_empty())?;
            Some((text, Origin::Variable(name)))
        })
    }

    fn or(&self, written: Option<String>, suffix: &str) -> Option<(String, Origin)> {
        written.map(|text| (text, Origin::Block)).or_else(|| self.named(suffix))
    }

    fn path(&self, written: Option<PathBuf>, suffix: &str) -> Option<(PathBuf, Origin)> {
        let named = || self.named(suffix).map(|(text, origin)| (PathBuf::from(text), origin));
        written.map(|path| (path, Origin::Block)).or_else(named)
    }

    fn number(&self, field: &'static str, suffix: &str) -> Result<Option<u32>, Invalid> {
        let Some((text, origin)) = self.named(suffix) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Invalid::new(field, origin.tell(&format!("`{text}` is no whole number from 0 on; write `3`")))
        })
    }

    fn duration(&self, field: &'static str, suffix: &str) -> Result<Option<Duration>, Invalid> {
        let Some((text, origin)) = self.named(suffix) else { return Ok(None) };
        let parsed = match text.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => text.parse::<jiff::SignedDuration>().ok().and_then(|span| span.try_into().ok()),
        };
        parsed.map(Some).ok_or_else(|| {
            Invalid::new(field, origin.tell(&format!("`{text}` is no duration; write `60s`, or seconds")))
        })
    }

    /// As Go's `strconv.ParseBool` reads it, which both clients use.
    fn certificate_check(&self) -> Result<CertificateCheck, Invalid> {
        let Some((text, origin)) = self.named("SKIP_VERIFY") else { return Ok(CertificateCheck::Verify) };
        match text.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(CertificateCheck::Skip),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(CertificateCheck::Verify),
            _ => Err(Invalid::new(
                "skip_tls_verify",
                origin.tell(&format!("`{text}` is neither `true` nor `false`")),
            )),
        }
    }
}

fn no_address() -> Invalid {
    Invalid::new(
        "address",
        "it is not set; write the server's address, such as `https://vault.example.org:8200`, here or in BAO_ADDR or VAULT_ADDR",
    )
}

fn parse_address(text: &str, origin: &Origin) -> Result<Url, Invalid> {
    let invalid = |reason: String| Invalid::new("address", origin.tell(&reason));
    if !text.contains("://") {
        return Err(invalid(format!("`{text}` has no scheme; write `https://{text}`")));
    }
    let url = Url::parse(text).map_err(|error| invalid(format!("`{text}` is no URL: {error}")))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(invalid(format!(
            "its scheme `{}` is not spoken; write `https://…`, or `http://…` for a server on this machine",
            url.scheme()
        )));
    }
    // The text may hold a password here, so it is not repeated.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "it has a user name or password in it; log in with `auth` or `token`".to_owned(),
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(format!("`{text}` has a `?` or `#` part; leave it out")));
    }
    let path = url.path().trim_end_matches('/');
    if path == "/v1" || path.ends_with("/v1") || path.contains("/v1/") {
        return Err(invalid(format!("`{text}` ends in the API's own path; write it without `/v1…`")));
    }
    Ok(url)
}

fn parse_namespace(text: &str, origin: &Origin) -> Result<Option<HeaderValue>, Invalid> {
    let trimmed = text.trim_matches('/');
    // `root` is how the clients spell "none".
    if trimmed.is_empty() || trimmed == "root" {
        return Ok(None);
    }
    let printable = trimmed.bytes().all(|byte| byte.is_ascii_graphic());
    match HeaderValue::from_str(trimmed) {
        Ok(value) if printable && !trimmed.contains("//") => Ok(Some(value)),
        _ => Err(Invalid::new(
            "namespace",
            origin.tell(&format!("`{text}` is no namespace's path; write it as `team/project`")),
        )),
    }
}

/// A mount's path without slashes around it, as `bao secrets list` shows it with one at the end.
pub(super) fn parse_mount(field: &'static str, text: &str) -> Result<String, Invalid> {
    let trimmed = text.strip_suffix('/').unwrap_or(text);
    let is_plain = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && !segment.chars().any(|character| {
                character.is_control() || matches!(character, '?' | '#' | '%' | '\\' | '*' | '+')
            })
    };
    if trimmed.split('/').all(is_plain) {
        return Ok(trimmed.to_owned());
    }
    Err(Invalid::new(
        field,
        format!("`{text}` is no mount's path; write it without a leading slash, such as `secret`"),
    ))
}

fn resolve_tls(
    trust: ServerTrust,
    certificate: Option<(PathBuf, Origin)>,
    key: Option<(PathBuf, Origin)>,
    address: &Url,
) -> Result<TlsConfig, Invalid> {
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (Some((path, _)), None) => {
            return Err(Invalid::new(
                "client_key_file",
                format!("`client_cert_file` is `{}`, and its key is missing; name its file", path.display()),
            ));
        }
        (None, Some((path, _))) => {
            return Err(Invalid::new(
                "client_cert_file",
                format!(
                    "`client_key_file` is `{}`, and its certificate is missing; name its file",
                    path.display()
                ),
            ));
        }
    };
    TlsConfig::load(trust, identity, address)
}

#[cfg(test)]
mod tests;
