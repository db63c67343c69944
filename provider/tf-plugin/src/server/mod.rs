//! The process: from `main` to the handshake line, the listening, and a clean end.

mod control;
mod handshake;
mod listener;
mod logging;
mod tls;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic::transport::Server;

use crate::generated::plugin::grpc_broker_server::GrpcBrokerServer;
use crate::generated::plugin::grpc_controller_server::GrpcControllerServer;
use crate::generated::plugin::grpc_stdio_server::GrpcStdioServer;
use crate::generated::tfplugin6::provider_server::ProviderServer;
use crate::object::Provider;
use crate::rpc::{Registry, Service};
use handshake::{Handshake, Start};
use listener::Listener;

/// Both ways, as other providers have it; a big schema or state passes, a runaway one does not.
const MAX_MESSAGE_BYTES: usize = 256 << 20;

/// What an end leaves time for: first the calls that still run, then the provider's own [`close`](Provider::close).
#[derive(Clone, Copy)]
struct Grace {
    /// For running calls, from the moment of the end.
    calls: Duration,
    /// For everything, from the same moment.
    all: Duration,
}

/// Terraform asked for the end of the process; it kills after two seconds.
const GRACE_AFTER_SHUTDOWN: Grace =
    Grace { calls: Duration::from_millis(1000), all: Duration::from_millis(1900) };

/// The process itself is told to end, or Terraform has died: a write at hand is finished.
const GRACE_AFTER_SIGNAL: Grace = Grace { calls: Duration::from_secs(30), all: Duration::from_secs(40) };

/// How a provider is served.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    address: String,
    log_targets: Vec<String>,
}

impl ServeOptions {
    /// For the provider of this source address, such as `registry.terraform.io/secretlint/secret`.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), log_targets: Vec::new() }
    }

    /// Adds a `tracing` target (a crate or module) whose events go to Terraform's log. Without any, only this library's own
    /// do: the log of an HTTP or cloud library may hold secrets.
    #[must_use]
    pub fn log_target(mut self, target: impl Into<String>) -> Self {
        self.log_targets.push(target.into());
        self
    }
}

/// Serves a provider until Terraform ends it: the whole `main` of a provider.
///
/// Started by Terraform it talks over a private Unix socket with mutual TLS. Started with `--debug` it prints the
/// `TF_REATTACH_PROVIDERS` with which a Terraform in another terminal uses this very process (for a debugger), without
/// TLS. Started otherwise it explains itself and fails.
///
/// ```no_run
/// # use tf_plugin::{ConfigureRequest, Diagnostics, Objects, Provider, Schema, ServeOptions, async_trait, serve};
/// # struct Note;
/// # #[async_trait]
/// # impl Provider for Note {
/// #     type Config = tf_plugin::Dynamic;
/// #     type Client = ();
/// #     fn schema(&self) -> Schema { Schema::new() }
/// #     fn objects(&self) -> Objects<()> { Objects::new() }
/// #     async fn configure(&self, _: ConfigureRequest<Self::Config>) -> Result<(), Diagnostics> { Ok(()) }
/// # }
/// fn main() -> std::process::ExitCode {
///     serve(Note, ServeOptions::new("registry.terraform.io/example/note"))
/// }
/// ```
pub fn serve<P: Provider>(provider: P, options: ServeOptions) -> ExitCode {
    let debug = std::env::args().skip(1).any(|argument| argument == "--debug" || argument == "-debug");
    let start =
        if debug { Ok(Start::Debug) } else { Start::from_environment(|name| std::env::var(name).ok()) };
    let result = match start {
        Ok(Start::ByHand) => {
            complain(&handshake::explanation(&options.address));
            return ExitCode::FAILURE;
        }
        Ok(Start::Plugin(handshake)) => run(provider, &options, Some(handshake)),
        Ok(Start::Debug) => run(provider, &options, None),
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the provider cannot be served: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// To the user, or to Terraform's log.
fn complain(text: &str) {
    // Nobody is left to tell if even this fails.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Why a provider could not be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("the environment variable {variable} is not usable: {reason}")]
    Environment { variable: &'static str, reason: String },
    #[error("no socket could be opened")]
    Listen(#[source] io::Error),
    #[error("no TLS could be set up: {0}")]
    Tls(String),
    #[error("the operating system refused: {0}")]
    System(#[from] io::Error),
    #[error("the connection to Terraform failed: {0}")]
    Transport(#[from] tonic::transport::Error),
}

fn run<P: Provider>(
    provider: P,
    options: &ServeOptions,
    handshake: Option<Handshake>,
) -> Result<(), ServeError> {
    logging::install(&options.log_targets);
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    let result = runtime.block_on(listen(provider, options, handshake));
    // Whatever still runs had its time.
    runtime.shutdown_background();
    result
}

async fn listen<P: Provider>(
    provider: P,
    options: &ServeOptions,
    handshake: Option<Handshake>,
) -> Result<(), ServeError> {
    // First of all, so that a Ctrl-C in the terminal, which reaches the whole process group, does not end us mid-write.
    let ending = Ending::default();
    ending.watch(handshake.is_some())?;

    let registry = Arc::new(Registry::new(provider));
    let (tls, certificate) =
        match handshake.as_ref().and_then(|handshake| handshake.client_certificate.as_ref()) {
            Some(client) => {
                let (acceptor, certificate) = tls::acceptor(client)?;
                (Some(acceptor), Some(certificate))
            }
            None => (None, None),
        };
    // Held until the end: dropping it removes the socket and its folder.
    let listener = Listener::open(handshake.as_ref()).await.map_err(ServeError::Listen)?;
    let line = if handshake.is_some() {
        handshake::line(&listener.address, certificate.as_deref())
    } else {
        handshake::reattach(&options.address, &listener.address)
    };
    let (connections, socket) = listener.accept(tls);

    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("plugin", tonic_health::ServingStatus::Serving).await;
    let control = control::Control { shutdown: ending.shutdown.clone() };
    let served = Server::builder()
        .add_service(
            ProviderServer::new(Service(Arc::clone(&registry)))
                .max_decoding_message_size(MAX_MESSAGE_BYTES)
                .max_encoding_message_size(MAX_MESSAGE_BYTES),
        )
        .add_service(GrpcControllerServer::new(control.clone()))
        .add_service(GrpcBrokerServer::new(control.clone()))
        .add_service(GrpcStdioServer::new(control))
        .add_service(health_service)
        .serve_with_incoming_shutdown(connections, ending.shutdown.clone().cancelled_owned());

    {
        let mut stdout = io::stdout().lock();
        stdout.write_all(line.as_bytes())?;
        stdout.flush()?;
    }
    let stop = registry.stop.clone();
    // Runs beside the serving, so that the time it takes a call to end counts.
    let all_time = tokio::spawn({
        let ending = ending.clone();
        async move { ending.time_is_over(|grace| grace.all).await }
    });
    let result = tokio::select! {
        served = served => served.map_err(ServeError::from),
        () = async { ending.begun(stop).await; ending.time_is_over(|grace| grace.calls).await } => Ok(()),
    };
    drop(socket);
    // A server that failed has not been asked to end: that is an end too.
    ending.shutdown.cancel();
    tokio::select! {
        () = registry.close() => {}
        _ = all_time => tracing::warn!(target: "tf_plugin", "the provider was not closed in time"),
    }
    result
}

/// When and how the process ends.
#[derive(Clone, Default)]
struct Ending {
    /// No new calls.
    shutdown: CancellationToken,
    /// The process itself was told to end, or its Terraform is gone: running calls are asked to finish.
    told: CancellationToken,
}

impl Ending {
    /// Resolves when the end begins; running calls are then asked to finish, if Terraform has not done so.
    async fn begun(&self, stop: CancellationToken) {
        self.shutdown.cancelled().await;
        if self.told.is_cancelled() {
            stop.cancel();
        }
    }

    /// Resolves so long after the end has begun.
    async fn time_is_over(&self, part: impl Fn(Grace) -> Duration) {
        self.shutdown.cancelled().await;
        let grace = if self.told.is_cancelled() { GRACE_AFTER_SIGNAL } else { GRACE_AFTER_SHUTDOWN };
        tokio::time::sleep(part(grace)).await;
    }

    #[cfg(unix)]
    fn watch(&self, started_by_terraform: bool) -> io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let ending = self.clone();
        let parent = std::os::unix::process::parent_id();
        tokio::spawn(async move {
            let mut look_at_parent = tokio::time::interval(Duration::from_secs(5));
            loop {
                tokio::select! {
                    // Terraform gets the same Ctrl-C and calls StopProvider. By hand, it means the end.
                    _ = interrupt.recv() => if started_by_terraform { continue },
                    _ = terminate.recv() => {}
                    _ = look_at_parent.tick() => {
                        // A killed Terraform cannot say goodbye; its orphans get another parent.
                        if !started_by_terraform || std::os::unix::process::parent_id() == parent { continue }
                    }
                }
                ending.told.cancel();
                ending.shutdown.cancel();
                return;
            }
        });
        Ok(())
    }

    #[cfg(not(unix))]
    fn watch(&self, started_by_terraform: bool) -> io::Result<()> {
        let ending = self.clone();
        tokio::spawn(async move {
            loop {
                if tokio::signal::ctrl_c().await.is_err() || !started_by_terraform {
                    break;
                }
            }
            ending.told.cancel();
            ending.shutdown.cancel();
        });
        Ok(())
    }
}
