//! The provider's process seen from outside: how it starts, whom it lets in, how it ends.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests may fail the test, and say what was skipped"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// What Terraform makes for each provider process: P-521, self-signed, a CA.
struct Identity {
    certificate: CertificateDer<'static>,
    pem: String,
    key: Vec<u8>,
}

fn identity() -> Identity {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = parameters.self_signed(&key).unwrap().der().clone();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&certificate);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
    Identity { certificate, pem, key: key.serialize_der() }
}

/// A running provider; killed when the test ends.
struct Running {
    child: Child,
    socket: PathBuf,
    server: CertificateDer<'static>,
    took: Duration,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(client: &Identity, folder: &Path) -> Running {
    let provider = support::example_provider();
    let started = Instant::now();
    let mut child = Command::new(provider)
        .env_clear()
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6,5")
        .env("PLUGIN_CLIENT_CERT", &client.pem)
        .env("PLUGIN_UNIX_SOCKET_DIR", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let took = started.elapsed();
    let fields: Vec<&str> = line.trim_end().split('|').collect();
    assert_eq!((fields.len(), &fields[..3], fields[4]), (6, &["1", "6", "unix"][..], "grpc"), "{line}");
    let socket = PathBuf::from(fields[3]);
    let server = CertificateDer::from(STANDARD_NO_PAD.decode(fields[5]).unwrap());
    Running { child, socket, server, took }
}

fn connector(running: &Running, client: Option<&Identity>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(running.server.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match client {
        // By hand, so that a certificate can be shown without its key.
        Some(client) => {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(client.key.clone()));
            let key = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&key).unwrap();
            let shown = CertifiedKey::new(vec![client.certificate.clone()], key);
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(shown)))
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

async fn channel(running: &Running, client: &Identity) -> Channel {
    let socket = running.socket.clone();
    let connector = connector(running, Some(client));
    Endpoint::from_static("http://localhost")
        .connect_with_connector(tower::service_fn(move |_| {
            let (socket, connector) = (socket.clone(), connector.clone());
            async move {
                let stream = UnixStream::connect(socket).await?;
                let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
                Ok::<_, std::io::Error>(TokioIo::new(connector.connect(name, stream).await?))
            }
        }))
        .await
        .unwrap()
}

/// Speaks HTTP/2 to the socket and returns what came back before it was closed.
async fn everything_answered(running: &Running, client: Option<&Identity>) -> Vec<u8> {
    let stream = UnixStream::connect(&running.socket).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut answered = Vec::new();
    // With TLS 1.3 a client believes itself connected before the server has refused its certificate.
    if let Ok(mut stream) = connector(running, client).connect(name, stream).await {
        let _ = stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
        let reading = stream.read_to_end(&mut answered);
        let _ = tokio::time::timeout(Duration::from_secs(5), reading).await;
    }
    answered
}

async fn unary(channel: &Channel, path: &'static str) -> Result<(), tonic::Status> {
    call(channel, path, ()).await
}

/// The part of `ConfigureProvider.Request` that configures the example.
#[derive(Clone, PartialEq, prost::Message)]
struct Configure {
    #[prost(message, optional, tag = "2")]
    config: Option<Msgpack>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Msgpack {
    #[prost(bytes = "vec", tag = "1")]
    msgpack: Vec<u8>,
}

async fn configure(channel: &Channel, notes: &Path) {
    let mut msgpack = Vec::new();
    rmp::encode::write_map_len(&mut msgpack, 1).unwrap();
    rmp::encode::write_str(&mut msgpack, "folder").unwrap();
    rmp::encode::write_str(&mut msgpack, notes.to_str().unwrap()).unwrap();
    let request = Configure { config: Some(Msgpack { msgpack }) };
    call(channel, "/tfplugin6.Provider/ConfigureProvider", request).await.unwrap();
}

async fn call<M: prost::Message + Default + 'static>(
    channel: &Channel,
    path: &'static str,
    request: M,
) -> Result<(), tonic::Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.map_err(|error| tonic::Status::unknown(error.to_string()))?;
    let path = tonic::codegen::http::uri::PathAndQuery::from_static(path);
    let codec = tonic_prost::ProstCodec::<M, ()>::default();
    client.unary(tonic::Request::new(request), path, codec).await.map(drop)
}

async fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn started_by_hand_it_explains_itself_and_fails() {
    let output = Command::new(support::example_provider()).env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let text = support::text_of(&output);
    assert!(text.contains("This program is a Terraform provider"), "{text}");
    assert!(text.contains("note = { source = \"example/note\" }"), "{text}");
}

#[test]
fn a_terraform_that_does_not_speak_protocol_six_is_told_so() {
    let output = Command::new(support::example_provider())
        .env_clear()
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "4,5")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(support::text_of(&output).contains("does not speak plugin protocol 6"));
}

#[tokio::test]
async fn terraforms_certificate_opens_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let terraform = identity();
    let running = start(&terraform, folder.path());
    println!("start to handshake: {:?}", running.took);
    let channel = channel(&running, &terraform).await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel.clone());
    let request = tonic_health::pb::HealthCheckRequest { service: "plugin".to_owned() };
    let status = health.check(request).await.unwrap().into_inner().status;
    assert_eq!(status, i32::from(tonic_health::pb::health_check_response::ServingStatus::Serving));
    unary(&channel, "/tfplugin6.Provider/GetProviderSchema").await.unwrap();
    let refused = unary(&channel, "/tfplugin6.Provider/GetStates").await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unimplemented);
}

#[tokio::test]
async fn a_process_without_the_certificate_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let terraform = identity();
    let running = start(&terraform, folder.path());
    assert!(!everything_answered(&running, Some(&terraform)).await.is_empty(), "the way of asking works");
    assert_eq!(everything_answered(&running, None).await, b"");
}

#[tokio::test]
async fn a_process_with_another_certificate_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let terraform = identity();
    let running = start(&terraform, folder.path());
    assert_eq!(everything_answered(&running, Some(&identity())).await, b"");
    // The right certificate, which is no secret, without its key.
    let thief =
        Identity { certificate: terraform.certificate.clone(), key: identity().key, pem: String::new() };
    assert_eq!(everything_answered(&running, Some(&thief)).await, b"");
}

#[tokio::test]
async fn a_process_without_tls_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(&identity(), folder.path());
    let mut stream = UnixStream::connect(&running.socket).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut answered = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answered)).await;
    // At most a TLS alert (content type 21).
    assert!(answered.is_empty() || answered[0] == 21, "{answered:x?}");
}

#[tokio::test]
async fn the_socket_is_in_a_private_folder_that_goes_with_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let terraform = identity();
    let mut running = start(&terraform, folder.path());
    let parent = running.socket.parent().unwrap().to_owned();
    assert_eq!(parent.parent(), Some(folder.path()));
    assert_eq!(std::fs::metadata(&parent).unwrap().permissions().mode() & 0o777, 0o700);
    let channel = channel(&running, &terraform).await;
    unary(&channel, "/plugin.GRPCController/Shutdown").await.unwrap();
    wait_until("the process ends after Shutdown", || running.child.try_wait().unwrap().is_some()).await;
    assert!(running.child.wait().unwrap().success());
    assert!(!parent.exists());
}

/// The marks the example puts up when it is configured and takes away when it is closed.
fn marks(notes: &Path) -> usize {
    std::fs::read_dir(notes).unwrap().count()
}

#[tokio::test]
async fn a_configured_provider_is_closed_within_the_time_terraform_gives() {
    let folder = tempfile::tempdir().unwrap();
    let notes = tempfile::tempdir().unwrap();
    let terraform = identity();
    let mut running = start(&terraform, folder.path());
    let channel = channel(&running, &terraform).await;
    configure(&channel, notes.path()).await;
    assert_eq!(marks(notes.path()), 1);
    unary(&channel, "/tfplugin6.Provider/StopProvider").await.unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(marks(notes.path()), 1, "an interrupt alone does not close it");
    assert!(running.child.try_wait().unwrap().is_none());

    let asked = Instant::now();
    unary(&channel, "/plugin.GRPCController/Shutdown").await.unwrap();
    // The channel stays open, as that of a Terraform that hangs: the time for it is limited.
    wait_until("the process ends after Shutdown", || running.child.try_wait().unwrap().is_some()).await;
    assert!(
        asked.elapsed() < Duration::from_secs(2),
        "Terraform would have killed it: {:?}",
        asked.elapsed()
    );
    assert_eq!(marks(notes.path()), 0);
}

#[tokio::test]
async fn a_configured_provider_is_closed_when_its_process_is_told_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let notes = tempfile::tempdir().unwrap();
    let terraform = identity();
    let mut running = start(&terraform, folder.path());
    let channel = channel(&running, &terraform).await;
    configure(&channel, notes.path()).await;
    drop(channel);
    let sent = Command::new("kill").args(["-TERM", &running.child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    wait_until("the process ends after SIGTERM", || running.child.try_wait().unwrap().is_some()).await;
    assert_eq!(marks(notes.path()), 0);
}

#[tokio::test]
async fn an_interrupt_is_ignored_and_a_termination_ends_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(&identity(), folder.path());
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, &running.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    };
    signal("-INT");
    std::thread::sleep(Duration::from_millis(300));
    signal("-TERM");
    wait_until("the process ends after SIGTERM", || running.child.try_wait().unwrap().is_some()).await;
    assert!(running.child.wait().unwrap().success(), "it was SIGTERM that ended it, in order");
    assert!(!running.socket.parent().unwrap().exists());
}

#[tokio::test]
async fn a_killed_terraform_takes_its_provider_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let terraform = identity();
    // A shell in Terraform's place starts the provider and is then killed.
    let mut shell = Command::new("sh")
        .args(["-c", "\"$0\" & echo $!; wait"])
        .arg(support::example_provider())
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_CLIENT_CERT", &terraform.pem)
        .env("PLUGIN_UNIX_SOCKET_DIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
    let mut socket = None;
    while socket.is_none() {
        let line = lines.next().unwrap().unwrap();
        socket = line.split('|').nth(3).map(PathBuf::from);
    }
    let socket_folder = socket.unwrap().parent().unwrap().to_owned();
    assert!(socket_folder.exists());
    shell.kill().unwrap();
    shell.wait().unwrap();
    wait_until("the provider ends after its Terraform", || !socket_folder.exists()).await;
}

#[test]
fn debug_prints_how_to_reattach_and_ends_on_interrupt() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(support::example_provider())
        .arg("--debug")
        .env_clear()
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let line = lines.map(Result::unwrap).find(|line| line.contains("TF_REATTACH_PROVIDERS=")).unwrap();
    let json = line.split_once("='").and_then(|(_, rest)| rest.strip_suffix('\'')).unwrap();
    let reattach: serde_json::Value = serde_json::from_str(json).unwrap();
    let provider = &reattach["registry.terraform.io/example/note"];
    assert_eq!(provider["Pid"], child.id());
    assert_eq!(provider["ProtocolVersion"], 6);

    // A Terraform in another terminal uses this very process.
    if let Some(workspace) = support::Workspace::new() {
        workspace.write("resource \"note\" \"a\" {\n name = \"a\"\n}\n");
        let output = workspace
            .command(&["apply", "-auto-approve", "-no-color"])
            .env("TF_REATTACH_PROVIDERS", json)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", support::text_of(&output));
        assert!(workspace.note("a").exists());
        assert!(child.try_wait().unwrap().is_none(), "it outlives the Terraform that used it");
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert!(child.wait().unwrap().success());
}
