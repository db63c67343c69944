//! Certificates that a well-kept server does not have: shown by a listener of the test, which gets no further than the
//! handshake.

use std::sync::Arc;

use pem_rfc7468::LineEnding;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use secret_store::vault::{VaultConfig, VaultStore};
use secret_store::{Invalid, StoreError};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::support::{lease, secret};

/// What a client is told that trusts the certificate of the listener, which is valid in these years.
async fn told_by(from: i32, until: i32) -> Invalid {
    let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    parameters.not_before = date_time_ymd(from, 1, 1);
    parameters.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    let text = pem_rfc7468::encode_string("CERTIFICATE", LineEnding::LF, certificate.der()).unwrap();
    std::fs::write(&authority, text).unwrap();

    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let listening = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client ends the handshake, which is an error here.
            let _ = acceptor.accept(stream).await;
        }
    });
    let config =
        VaultConfig { ca_cert_file: Some(authority), ..VaultConfig::new(address, secret("s.token")) };
    let refused = lease(&VaultStore::open(config).unwrap(), "database/creds/ro", &[]).await;
    listening.abort();
    match refused {
        Err(StoreError::Invalid(invalid)) => invalid,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_told() {
    let expired = told_by(2019, 2020).await;
    assert!(expired.field == "address" && expired.reason.contains("has expired"), "{expired}");
    let early = told_by(2120, 2130).await;
    assert!(early.field == "address" && early.reason.contains("not valid yet"), "{early}");
}
