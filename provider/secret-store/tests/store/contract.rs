//! Holds the stores that need no server to the contract of the trait.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use secret_store::contract::{self, Names, Options};
use secret_store::local::{Clock, IdentitySource, LocalConfig, LocalStore};
use secret_store::memory::MemoryStore;
use secret_store::{
    AccessSet, CreateSecret, GrantSpec, IdempotencyToken, Metadata, Principal, PutVersion, SecretName,
    SecretValue, Store,
};

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
    let clock = store.clone();
    contract::all(&store, &options(Arc::new(move |duration| clock.advance(duration)))).await;
}

/// A local store in this folder, and what moves its clock.
fn local_in(folder: &Path) -> (LocalStore, contract::Advance) {
    let offset = Arc::new(AtomicI64::new(0));
    let seconds = Arc::clone(&offset);
    let mut config =
        LocalConfig::new(folder.join("store"), IdentitySource::Default(folder.join("home/identity.txt")));
    config.clock = Clock::new(move || {
        Timestamp::now().checked_add(SignedDuration::from_secs(seconds.load(Ordering::SeqCst))).unwrap()
    });
    let advance = Arc::new(move |duration: SignedDuration| {
        offset.fetch_add(duration.as_secs(), Ordering::SeqCst);
    });
    (LocalStore::open(config).unwrap(), advance)
}

#[tokio::test(flavor = "multi_thread")]
async fn local_takes_an_ended_grant_away_with_the_next_write() {
    let folder = tempfile::tempdir().unwrap();
    let (store, advance) = local_in(folder.path());
    let name = SecretName::parse("db").unwrap();
    let value = || SecretValue::from_text("an example".to_owned());
    let token = IdempotencyToken::random();
    store
        .create(&name, CreateSecret { metadata: Metadata::default(), value: Some(value()), token })
        .await
        .unwrap();
    let end = Timestamp::now().checked_add(SignedDuration::from_hours(1)).unwrap();
    let spec = GrantSpec::new(Principal::parse(PRINCIPALS[0]).unwrap(), AccessSet::read());
    store.grant(&name, GrantSpec { expires_at: Some(end), ..spec }).await.unwrap();
    assert_eq!(store.grants(&name).await.unwrap().len(), 1);
    advance(SignedDuration::from_hours(2));
    store.put_version(&name, PutVersion::current(value(), IdempotencyToken::random())).await.unwrap();
    assert_eq!(store.grants(&name).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn local_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (store, advance) = local_in(folder.path());
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
