//! Holds the stores that need no server to the contract of the trait.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use secret_store::contract::{self, Names, Options};
use secret_store::local::{Clock, IdentitySource, LocalConfig, LocalStore};
use secret_store::memory::MemoryStore;
use secret_store::{Principal, SecretValue};

const PRINCIPALS: [&str; 2] = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z",
];

fn options(advance: contract::Advance) -> Options {
    let principals = PRINCIPALS.map(|text| Principal::parse(text).unwrap());
    Options { principals: Some(principals), advance: Some(advance), names: Names::Any }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_the_contract() {
    let store = MemoryStore::new();
    let clock = store.clone();
    contract::all(&store, &options(Arc::new(move |duration| clock.advance(duration)))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_with_the_ways_of_vault_keeps_the_contract() {
    let store = MemoryStore::like_vault();
    // The suite moves the clock to see a write end grants, which this store leaves to an apply.
    contract::all(&store, &Options { advance: None, ..options(Arc::new(|_| {})) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn local_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let offset = Arc::new(AtomicI64::new(0));
    let seconds = Arc::clone(&offset);
    let mut config = LocalConfig::new(
        folder.path().join("store"),
        IdentitySource::Default(folder.path().join("home/identity.txt")),
    );
    config.clock = Clock::new(move || {
        Timestamp::now().checked_add(SignedDuration::from_secs(seconds.load(Ordering::SeqCst))).unwrap()
    });
    let store = LocalStore::open(config).unwrap();
    let advance = Arc::new(move |duration: SignedDuration| {
        offset.fetch_add(duration.as_secs(), Ordering::SeqCst);
    });
    contract::all(&store, &options(advance)).await;
    assert!(store.verify_audit().unwrap().entries > 100);
    let left: Vec<_> = std::fs::read_dir(folder.path().join("store"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["audit.jsonl", "store.toml", ".lock", ".deleted"].contains(&name.as_str()))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "everything was purged");
    assert_eq!(std::fs::read_dir(folder.path().join("store/.deleted")).unwrap().count(), 0);
}

#[test]
fn a_secret_value_is_not_printed_by_anything_that_holds_it() {
    let request = secret_store::PutVersion::current(
        SecretValue::from_text("sentinel".to_owned()),
        secret_store::IdempotencyToken::random(),
    );
    assert!(!format!("{request:?}").contains("sentinel"));
}
