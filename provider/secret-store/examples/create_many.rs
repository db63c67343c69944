//! How long creating secrets takes, and how much of that is the disk's: `cargo run --release --example create_many -- FOLDER [SECRETS]
//! [AT_ONCE]`. Start it several times with one folder to see processes share a store.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use futures::StreamExt;
use secret_store::local::{IdentitySource, LocalConfig, LocalStore};
use secret_store::{CreateSecret, IdempotencyToken, Metadata, SecretName, SecretValue, Store};

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "an example speaks to the person who runs it")]
async fn main() -> ExitCode {
    match run().await {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<String, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: create_many FOLDER [SECRETS] [AT_ONCE]")?);
    let secrets: usize = arguments.next().map_or(Ok(1000), |text| text.parse())?;
    let at_once: usize = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let identity = IdentitySource::Default(folder.join("identity.txt"));
    let store = LocalStore::open(LocalConfig::new(folder.join("store"), identity))?;
    let process = std::process::id();
    let names: Result<Vec<SecretName>, _> =
        (0..secrets).map(|index| SecretName::parse(&format!("p{process}/secret-{index}"))).collect();
    let names = names?;
    let began = Instant::now();
    let create = |name: &SecretName| {
        let request = CreateSecret {
            metadata: Metadata::default(),
            value: Some(SecretValue::from_text("x".repeat(32))),
            token: IdempotencyToken::random(),
        };
        let (store, name) = (store.clone(), name.clone());
        async move { store.create(&name, request).await }
    };
    let mut calls = futures::stream::iter(&names).map(create).buffer_unordered(at_once);
    while let Some(result) = calls.next().await {
        result?;
    }
    let took = began.elapsed();
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        memory.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or(" unknown").trim().to_owned();
    Ok(format!(
        "{secrets} secrets, {at_once} at once: {:.0} ms, {:.2} ms each; peak memory {peak}",
        took.as_secs_f64() * 1000.0,
        took.as_secs_f64() * 1000.0 / secrets as f64
    ))
}
