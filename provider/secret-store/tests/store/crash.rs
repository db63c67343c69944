//! `kill -9` before every single step of the file system, and a disk that is full from every single step on: whatever the
//! step, the store stays whole, and the same call again does what it was to do, once.

use std::path::Path;
use std::process::Command;

use secret_store::local::faults::{FaultPlan, Faults};
use secret_store::local::{IdentitySource, LocalConfig, LocalStore};
use secret_store::{
    AccessSet, CreateSecret, Deletion, GrantSpec, IdempotencyToken, Metadata, Principal, Promotion,
    PutVersion, Store, StoreError, VersionId, VersionLabel, VersionSelector,
};

use crate::support::{Place, block, check_no_orphan, created, current, name, value};

const PRINCIPAL: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// Every kind of write. The number in the environment names it to the child process.
const OPERATIONS: [&str; 13] = [
    "create",
    "create_first",
    "create_again",
    "put",
    "pending",
    "promote",
    "update",
    "retire",
    "grant",
    "revoke",
    "delete",
    "restore",
    "purge",
];

fn spec() -> GrantSpec {
    GrantSpec::new(Principal::parse(PRINCIPAL).unwrap(), AccessSet::read())
}

fn token(text: &str) -> IdempotencyToken {
    IdempotencyToken::derive(&[text])
}

fn with_token(text: &str) -> CreateSecret {
    CreateSecret { token: token(text), ..created(text) }
}

/// Brings a fresh store to where the operation begins: `db` has `one` as previous and `two` as current.
async fn prepare(store: &LocalStore, operation: &str) {
    let db = name("db");
    match operation {
        "create_first" => return,
        "create" => {
            store.create(&name("other"), created("other")).await.unwrap();
            return;
        }
        _ => {}
    }
    store.create(&db, created("one")).await.unwrap();
    store.put_version(&db, PutVersion::current(value("two"), token("two"))).await.unwrap();
    match operation {
        "promote" => {
            drop(store.put_version(&db, PutVersion::pending(value("three"), token("three"))).await.unwrap())
        }
        "revoke" => drop(store.grant(&db, spec()).await.unwrap()),
        "restore" => drop(store.delete(&db, Deletion::Recoverable { days: 7 }).await.unwrap()),
        "create_again" => drop(store.delete(&db, Deletion::Purge).await.unwrap()),
        _ => {}
    }
}

/// The operation itself, always with the same token. What a caller treats as done counts as done.
async fn perform(store: &LocalStore, operation: &str) -> Result<(), StoreError> {
    let db = name("db");
    let done = |result: Result<(), StoreError>| match result {
        Err(StoreError::NotFound { .. }) => Ok(()),
        result => result,
    };
    match operation {
        "create" | "create_first" | "create_again" => store.create(&db, with_token("three")).await.map(drop),
        "put" => store.put_version(&db, PutVersion::current(value("three"), token("three"))).await.map(drop),
        "pending" => {
            store.put_version(&db, PutVersion::pending(value("three"), token("three"))).await.map(drop)
        }
        "promote" => {
            let version = VersionId::parse("v3").unwrap();
            store.promote(&db, Promotion { version, keep_previous_for: None }).await.map(drop)
        }
        "update" => {
            let metadata = Metadata { owner: Some("team".to_owned()), ..Metadata::default() };
            let seen = store.describe(&db).await?.revision;
            store.update(&db, metadata, &seen).await.map(drop)
        }
        "retire" => done(store.retire_version(&db, &VersionId::parse("v1").unwrap()).await),
        "grant" => store.grant(&db, spec()).await.map(drop),
        "revoke" => done(store.revoke(&db, &spec().id(&db)).await.map(drop)),
        "delete" => store.delete(&db, Deletion::Recoverable { days: 7 }).await.map(drop),
        "restore" => store.restore(&db).await.map(drop),
        "purge" => done(store.delete(&db, Deletion::Purge).await.map(drop)),
        other => panic!("no operation `{other}`"),
    }
}

/// What holds at any time, however the operation was broken off.
async fn check_whole(store: &LocalStore, operation: &str, context: &str) {
    let db = name("db");
    store.verify_audit().unwrap();
    match store.describe(&db).await {
        Ok(described) if described.deletion.is_none() => {
            let read = store.read(&db, &current()).await.unwrap().value;
            assert!(read == value("two") || read == value("three"), "{context}: another value is current");
            for version in described.versions {
                store.read(&db, &VersionSelector::Id(version.id)).await.unwrap();
            }
        }
        Ok(_) => assert!(matches!(operation, "delete" | "restore" | "purge"), "{context}: deleted"),
        Err(error) => {
            let may_miss = matches!(operation, "create" | "create_first" | "create_again" | "purge");
            assert!(may_miss && error.is_not_found(), "{context}: {error}");
        }
    }
}

/// What holds once the operation was repeated.
async fn check_done(store: &LocalStore, operation: &str, context: &str) {
    let db = name("db");
    let described = store.describe(&db).await;
    if operation == "purge" {
        assert!(described.is_err_and(|error| error.is_not_found()), "{context}");
        return;
    }
    let described = described.unwrap();
    let ids: Vec<&str> = described.versions.iter().map(|version| version.id.as_str()).collect();
    let expected: &[&str] = match operation {
        "create" | "create_first" | "create_again" => &["v1"],
        "put" | "pending" | "promote" => &["v1", "v2", "v3"],
        "retire" => &["v2"],
        _ => &["v1", "v2"],
    };
    assert_eq!(ids, expected, "{context}");
    assert_eq!(described.deletion.is_some(), operation == "delete", "{context}");
    if operation == "delete" {
        return;
    }
    let current_value = match operation {
        "create" | "create_first" | "create_again" | "put" | "promote" => "three",
        _ => "two",
    };
    assert!(store.read(&db, &current()).await.unwrap().value == value(current_value), "{context}");
    let pending = store.read(&db, &VersionSelector::Label(VersionLabel::Pending)).await;
    assert_eq!(pending.is_ok(), operation == "pending", "{context}");
    assert_eq!(store.grants(&db).await.unwrap().len(), usize::from(operation == "grant"), "{context}");
    assert_eq!(described.metadata.owner.is_some(), operation == "update", "{context}");
}

/// How many recipients the value files have: the header of an age file has one `-> X25519` line for each.
fn recipients(place: &Place, version: &str) -> usize {
    let sealed = std::fs::read(place.root().join(format!("db/{version}.age"))).unwrap();
    sealed.windows(10).filter(|window| *window == b"-> X25519 ").count()
}

async fn check_after(place: &Place, operation: &str, context: &str) {
    let store = place.store();
    if place.root().join("store.toml").exists() {
        check_whole(&store, operation, context).await;
    }
    // A write to another secret cleans up what is left, even when the operation is never repeated.
    store.create(&name("bystander"), with_token("bystander")).await.unwrap();
    check_no_orphan(&place.root(), &store, &format!("{context}, after another write")).await;
    check_whole(&store, operation, context).await;
    perform(&store, operation).await.unwrap();
    check_done(&store, operation, context).await;
    perform(&store, operation).await.unwrap();
    check_done(&store, operation, &format!("{context}, repeated twice")).await;
    check_no_orphan(&place.root(), &store, context).await;
    assert_eq!(store.verify_audit().unwrap().torn_bytes, 0, "{context}");
    if matches!(operation, "grant" | "revoke") {
        let expected = if operation == "grant" { 2 } else { 1 };
        assert_eq!([recipients(place, "v1"), recipients(place, "v2")], [expected; 2], "{context}");
    }
}

fn faulty(root: &Path, identity: &Path, plan: FaultPlan) -> LocalStore {
    let config = LocalConfig::new(root, IdentitySource::Default(identity.to_path_buf()));
    LocalStore::open_with_faults(config, Faults::new(plan)).unwrap()
}

/// Not a test of its own: the process that is killed. Does nothing unless a parent below started it.
#[test]
fn child() {
    let Ok(step) = std::env::var("SECRET_STORE_TEST_ABORT_AT") else { return };
    let variable = |name: &str| std::env::var_os(name).unwrap();
    let plan = FaultPlan::AbortAt(step.parse().unwrap());
    let store = faulty(
        variable("SECRET_STORE_TEST_ROOT").as_ref(),
        variable("SECRET_STORE_TEST_IDENTITY").as_ref(),
        plan,
    );
    let operation = variable("SECRET_STORE_TEST_OPERATION").into_string().unwrap();
    block(perform(&store, &operation)).unwrap();
}

fn killed_at_every_step(operation: &str) {
    assert!(OPERATIONS.contains(&operation));
    for step in 1.. {
        let place = Place::new();
        block(prepare(&place.store(), operation));
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::child", "--exact", "--test-threads=1"])
            .env("SECRET_STORE_TEST_ABORT_AT", step.to_string())
            .env("SECRET_STORE_TEST_ROOT", place.root())
            .env("SECRET_STORE_TEST_IDENTITY", place.identity())
            .env("SECRET_STORE_TEST_OPERATION", operation)
            .output()
            .unwrap();
        block(check_after(&place, operation, &format!("{operation} killed before step {step}")));
        if child.status.success() {
            assert!(step > 8, "{operation} took only {step} steps; are they still counted?");
            return;
        }
    }
}

fn disk_full_from_every_step(operation: &str) {
    for step in 1.. {
        let place = Place::new();
        block(prepare(&place.store(), operation));
        let store = faulty(&place.root(), &place.identity(), FaultPlan::DiskFullFrom(step));
        let result = block(perform(&store, operation));
        drop(store);
        let context = format!("{operation}, disk full from step {step}");
        match &result {
            Ok(()) => {}
            Err(StoreError::Unavailable { reason, .. }) => {
                assert!(reason.contains("the disk is full"), "{context}: {reason}")
            }
            Err(error) => panic!("{context}: {error}"),
        }
        block(check_after(&place, operation, &context));
        if result.is_ok() {
            return;
        }
    }
}

macro_rules! every_operation {
    ($($operation:ident),*) => {$(
        mod $operation {
            #[test]
            fn survives_being_killed_at_every_step() {
                super::killed_at_every_step(stringify!($operation));
            }

            #[test]
            fn survives_a_full_disk_from_every_step() {
                super::disk_full_from_every_step(stringify!($operation));
            }
        }
    )*};
}

every_operation!(
    create,
    create_first,
    create_again,
    put,
    pending,
    promote,
    update,
    retire,
    grant,
    revoke,
    delete,
    restore,
    purge
);
