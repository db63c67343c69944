//! The connection: rustls with aws-lc-rs, handed over as a complete configuration, so that no process-wide default has to be
//! set (a second one would panic), and what a refused certificate means for a user.
//!
//! As in the clients, `ca_cert_file` and `ca_cert_dir` *replace* the system's certificates: whoever names an authority wants
//! that one and no other. Without them the system's verifier decides.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HOST, HeaderMap, HeaderValue};
use rustls::client::WantsClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, RootCertStore,
    SignatureScheme,
};

use super::config::{Origin, Target};
use crate::error::Invalid;

const USER_AGENT: &str = concat!("secret-store/", env!("CARGO_PKG_VERSION"));

/// Whether the server has to prove who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateCheck {
    /// It has to.
    #[default]
    Verify,
    /// Anybody may answer, and gets the token. For trying things out.
    Skip,
}

/// What the settings say about the server's certificate.
pub(super) struct ServerTrust {
    pub(super) file: Option<(PathBuf, Origin)>,
    pub(super) folder: Option<(PathBuf, Origin)>,
    pub(super) check: CertificateCheck,
    pub(super) server_name: Option<(String, Origin)>,
}

/// Which certificates are trusted, and which one is shown.
#[derive(Clone, Debug)]
pub(super) struct TlsConfig {
    trust: Trust,
    identity: Option<Arc<Identity>>,
    server_name: Option<String>,
}

#[derive(Clone, Debug)]
enum Trust {
    /// The address is `http://…`: no TLS, and no time spent on the system's certificates.
    Nobody,
    System,
    Only(Arc<RootCertStore>),
    Anybody,
}

#[derive(Debug)]
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// A HTTP client, and the address to ask it for.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) http: reqwest::Client,
    /// The configured address, or with `tls_server_name` that name, which the client resolves to the configured host.
    pub(super) address: Url,
}

impl TlsConfig {
    /// Reads the files.
    pub(super) fn load(
        trust: ServerTrust,
        identity: Option<((PathBuf, Origin), (PathBuf, Origin))>,
        address: &Url,
    ) -> Result<Self, Invalid> {
        let only = match (trust.file, trust.folder) {
            (Some((file, origin)), _) => {
                let certificates = certificates("ca_cert_file", &file, &origin)?;
                Some(roots("ca_cert_file", &file, certificates)?)
            }
            (None, Some((folder, origin))) => {
                Some(roots("ca_cert_dir", &folder, certificates_in(&folder, &origin)?)?)
            }
            (None, None) => None,
        };
        let trust_in = match (address.scheme(), trust.check, only) {
            ("http", ..) => Trust::Nobody,
            (_, CertificateCheck::Skip, _) => Trust::Anybody,
            (_, CertificateCheck::Verify, Some(roots)) => Trust::Only(Arc::new(roots)),
            (_, CertificateCheck::Verify, None) => Trust::System,
        };
        let identity = identity.map(|(certificate, key)| Identity::load(&certificate, &key)).transpose()?;
        let server_name =
            trust.server_name.map(|(name, origin)| parse_server_name(name, &origin)).transpose()?;
        Ok(Self { trust: trust_in, identity: identity.map(Arc::new), server_name })
    }

    /// True when there is a certificate to show.
    pub(super) const fn has_identity(&self) -> bool {
        self.identity.is_some()
    }

    fn client(&self) -> Result<ClientConfig, Invalid> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Invalid::new("address", format!("TLS cannot be set up: {error}")))?;
        let builder: ConfigBuilder<ClientConfig, WantsClientCert> = match &self.trust {
            Trust::Nobody => builder.with_root_certificates(RootCertStore::empty()),
            Trust::Only(roots) => builder.with_root_certificates(Arc::clone(roots)),
            Trust::System => {
                let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(|error| {
                    Invalid::new(
                        "ca_cert_file",
                        format!("the system's certificates cannot be used ({error}); name the authority's"),
                    )
                })?;
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
            Trust::Anybody => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(provider)))
            }
        };
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .map_err(|error| Invalid::new("client_key_file", identity_fault(&error))),
        }
    }
}

impl Identity {
    fn load(certificate: &(PathBuf, Origin), key: &(PathBuf, Origin)) -> Result<Self, Invalid> {
        let chain = certificates("client_cert_file", &certificate.0, &certificate.1)?;
        let (path, origin) = key;
        let key = PrivateKeyDer::from_pem_file(path).map_err(|error| {
            let reason = match error {
                rustls::pki_types::pem::Error::Io(error) => {
                    format!("`{}` cannot be read: {error}", path.display())
                }
                _ => format!(
                    "`{}` has no unencrypted private key in PEM (`-----BEGIN PRIVATE KEY-----`)",
                    path.display()
                ),
            };
            Invalid::new("client_key_file", origin.tell(&reason))
        })?;
        Ok(Self { chain, key })
    }
}

fn identity_fault(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InconsistentKeys(_) => "the key is not that of `client_cert_file`".to_owned(),
        error => format!("the certificate and its key cannot be used: {error}"),
    }
}

fn parse_server_name(name: String, origin: &Origin) -> Result<String, Invalid> {
    match ServerName::try_from(name.as_str()) {
        Ok(ServerName::DnsName(_)) => Ok(name),
        _ => Err(Invalid::new(
            "tls_server_name",
            origin
                .tell(&format!("`{name}` is no host name; write it as `vault.example.org`, without a port")),
        )),
    }
}

/// The certificates in one PEM file; at least one.
fn certificates(
    field: &'static str,
    path: &Path,
    origin: &Origin,
) -> Result<Vec<CertificateDer<'static>>, Invalid> {
    let invalid = |reason: String| Invalid::new(field, origin.tell(&reason));
    let text = std::fs::read(path)
        .map_err(|error| invalid(format!("`{}` cannot be read: {error}", path.display())))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(invalid(format!(
            "`{}` has no certificate in PEM (`-----BEGIN CERTIFICATE-----`)",
            path.display()
        ))),
    }
}

fn certificates_in(folder: &Path, origin: &Origin) -> Result<Vec<CertificateDer<'static>>, Invalid> {
    let unreadable = |error: io::Error| {
        let reason = format!("`{}` cannot be read: {error}", folder.display());
        Invalid::new("ca_cert_dir", origin.tell(&reason))
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        // Kubernetes mounts a volume as links beside a hidden folder that they lead into.
        if path.is_file() {
            found.extend(certificates("ca_cert_dir", &path, origin)?);
        }
    }
    if found.is_empty() {
        let reason = format!("there is no file in `{}`", folder.display());
        return Err(Invalid::new("ca_cert_dir", origin.tell(&reason)));
    }
    Ok(found)
}

fn roots(
    field: &'static str,
    path: &Path,
    certificates: Vec<CertificateDer<'static>>,
) -> Result<RootCertStore, Invalid> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).map_err(|error| {
            Invalid::new(
                field,
                format!("a certificate in `{}` is none to trust others by: {error}", path.display()),
            )
        })?;
    }
    Ok(roots)
}

/// The client for a configuration. Sends nothing.
pub(super) fn connect(config: &Target) -> Result<Connection, Invalid> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(config.tls.client()?)
        .user_agent(USER_AGENT)
        .timeout(config.timeout)
        .connect_timeout(config.timeout.min(Duration::from_secs(10)))
        .redirect(reqwest::redirect::Policy::custom(follow));
    let mut address = config.address.clone();
    if let (Some(name), Some(host)) = (&config.tls.server_name, config.address.host_str()) {
        // The name goes into the URL, and so into the handshake (SNI) and the check; the connection goes to the host, and
        // so does the header.
        let host = host.trim_matches(['[', ']']).to_owned();
        let header = match config.address.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        let header = HeaderValue::from_str(&header)
            .map_err(|_| Invalid::new("address", format!("`{host}` is no host")))?;
        address
            .set_host(Some(name))
            .map_err(|error| Invalid::new("tls_server_name", format!("`{name}`: {error}")))?;
        builder = builder
            .default_headers(HeaderMap::from_iter([(HOST, header)]))
            .dns_resolver(Arc::new(Instead { host }))
            // A proxy would resolve the name by itself.
            .no_proxy();
    }
    let http = builder.build().map_err(|error| {
        Invalid::new("address", format!("no client can be made: {}", error.without_url()))
    })?;
    Ok(Connection { http, address })
}

/// A client for addresses that have nothing to do with the server, such as a CI system's: with the system's certificates.
pub(super) fn public_client() -> Result<reqwest::Client, Invalid> {
    let tls = TlsConfig { trust: Trust::System, identity: None, server_name: None };
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.client()?)
        .user_agent(USER_AGENT)
        .timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Invalid::new("auth.token", format!("no client can be made: {error}")))
}

/// A standby sends its clients to the active node, with their token: as in the clients once or twice, and never from
/// `https` to `http`.
fn follow(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let encrypted = attempt.previous().iter().any(|url| url.scheme() == "https");
    if attempt.previous().len() > 2 {
        attempt.error("the server's nodes send the request in a circle")
    } else if encrypted && attempt.url().scheme() != "https" {
        attempt.error("the server sends the request to an unencrypted address")
    } else {
        attempt.follow()
    }
}

/// Resolves every name to the addresses of one host.
struct Instead {
    host: String,
}

impl Resolve for Instead {
    fn resolve(&self, _name: Name) -> Resolving {
        let host = self.host.clone();
        Box::pin(async move {
            // The port is not looked at: the client puts in the URL's.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

/// Takes any certificate. The signatures are checked still: whoever answers has the key of the certificate shown.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Which setting is wrong when a connection failed for its certificates; `None` when that was not the reason.
pub(super) fn explain(error: &reqwest::Error) -> Option<Invalid> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(fault) = as_tls(error) {
            return fault_of(fault);
        }
        cause = error.source();
    }
    None
}

/// An `io::Error` hides what it carries from `source`, and carries another one at times.
fn as_tls<'a>(mut error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    while let Some(carried) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        error = carried;
    }
    error.downcast_ref()
}

fn fault_of(error: &rustls::Error) -> Option<Invalid> {
    let (field, reason) = match error {
        rustls::Error::InvalidCertificate(fault) => return Some(certificate_fault(fault)),
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked),
        ) => (
            "client_cert_file",
            format!("the server refuses the client's certificate, or wants one ({alert:?})"),
        ),
        rustls::Error::InvalidMessage(_) => (
            "address",
            "what answers there does not speak TLS; if it is to be so, write `http://…`".to_owned(),
        ),
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => (
            "tls_server_name",
            "the server knows no host of this name; name one it has in `tls_server_name`".to_owned(),
        ),
        _ => return None,
    };
    Some(Invalid::new(field, reason))
}

fn certificate_fault(fault: &CertificateError) -> Invalid {
    match fault {
        // The signature is bad where another authority has the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Invalid::new(
            "ca_cert_file",
            "the server's certificate is signed by an authority that is not trusted; name the authority's certificate in `ca_cert_file`",
        ),
        CertificateError::NotValidForName => Invalid::new("tls_server_name", wrong_name("")),
        CertificateError::NotValidForNameContext { expected, presented } => Invalid::new(
            "tls_server_name",
            wrong_name(&format!(" (asked for {}; it is for {})", expected.to_str(), presented.join(", "))),
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Invalid::new(
            "address",
            format!("the server's certificate has expired ({fault}); the server needs a new one"),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Invalid::new(
            "address",
            format!("the server's certificate is not valid yet ({fault}); are both clocks right?"),
        ),
        // The server's own certificate, self-signed, named as the authority.
        CertificateError::Other(_) => Invalid::new(
            "ca_cert_file",
            format!(
                "the server's certificate cannot be trusted: {fault}; `ca_cert_file` names the authority that signed it"
            ),
        ),
        fault => Invalid::new("ca_cert_file", format!("the server's certificate cannot be trusted: {fault}")),
    }
}

fn wrong_name(detail: &str) -> String {
    format!(
        "the server's certificate is for another host name{detail}; write that one into `address`, or name it in `tls_server_name`"
    )
}
