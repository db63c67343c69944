//! Certificates for servers on loopback: an authority that lives as long as its test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pem_rfc7468::LineEnding;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// A certificate authority and the folder that its files lie in.
#[derive(Debug)]
pub struct Authority {
    folder: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, as PEM files.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The file with the certificate.
    pub certificate: PathBuf,
    /// The file with its private key.
    pub key: PathBuf,
}

impl Authority {
    /// A new authority. Its own certificate, the one to trust, is `<folder>/ca.pem`.
    pub fn create(folder: &Path) -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).expect("no names are valid names");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        parameters.distinguished_name.push(DnType::CommonName, "authority of one test");
        let key = KeyPair::generate().expect("a key is generated");
        let issuer = CertifiedIssuer::self_signed(parameters, key).expect("an authority signs itself");
        let authority = Self { folder: folder.to_path_buf(), issuer };
        write_pem(&authority.file(), "CERTIFICATE", authority.issuer.der());
        authority
    }

    /// The certificate to trust.
    pub fn file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate for a server at 127.0.0.1 and localhost, in `<folder>/<name>.pem` and `.key`.
    pub fn server(&self, name: &str) -> Identity {
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        self.issue(name, names, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A certificate with which a client of this common name proves itself.
    pub fn client(&self, name: &str) -> Identity {
        self.issue(name, Vec::new(), ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn issue(&self, name: &str, alternatives: Vec<String>, purpose: ExtendedKeyUsagePurpose) -> Identity {
        let mut parameters = CertificateParams::new(alternatives).expect("the names are valid");
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().expect("a key is generated");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("the authority signs");
        let identity = Identity {
            certificate: self.folder.join(format!("{name}.pem")),
            key: self.folder.join(format!("{name}.key")),
        };
        write_pem(&identity.certificate, "CERTIFICATE", certificate.der());
        write_pem(&identity.key, "PRIVATE KEY", &key.serialize_der());
        identity
    }
}

/// A TLS client that trusts the certificate in `authority` alone.
pub(crate) fn client_configuration(authority: &Path) -> Arc<rustls::ClientConfig> {
    let certificate =
        CertificateDer::from_pem_file(authority).expect("the authority's file is a certificate");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).expect("the authority's certificate is valid");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(builder.expect("the provider speaks TLS").with_root_certificates(roots).with_no_client_auth())
}

fn write_pem(path: &Path, label: &str, der: &[u8]) {
    let text = pem_rfc7468::encode_string(label, LineEnding::LF, der).expect("a certificate is small");
    std::fs::write(path, text).expect("the scratch folder is writable");
}
