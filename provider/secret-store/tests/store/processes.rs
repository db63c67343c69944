//! Several processes on one store, and a real disk that is full.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use secret_store::local::{IdentitySource, LocalConfig, LocalStore};
use secret_store::{Store, StoreError};

use crate::support::{
    Place, all_secrets, block, check_no_orphan, created, current, name, open, skipped, value,
};

const SECRETS: usize = 40;

/// Not a test of its own: one of several processes. Does nothing unless a parent below started it.
#[test]
fn child() {
    let Some(root) = std::env::var_os("SECRET_STORE_TEST_MANY") else { return };
    let identity = std::env::var_os("SECRET_STORE_TEST_IDENTITY").unwrap();
    let prefix = std::env::var("SECRET_STORE_TEST_PREFIX").unwrap();
    let store = open(root.as_ref(), IdentitySource::Default(identity.into()));
    block(async {
        let names: Vec<_> = (0..SECRETS).map(|index| name(&format!("{prefix}/{index}"))).collect();
        let calls = names.iter().map(|secret| store.create(secret, created(secret.as_str())));
        for result in futures::future::join_all(calls).await {
            result.unwrap();
        }
    });
}

fn start(place: &Place, prefix: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["processes::child", "--exact"])
        .env("SECRET_STORE_TEST_MANY", place.root())
        .env("SECRET_STORE_TEST_IDENTITY", place.identity())
        .env("SECRET_STORE_TEST_PREFIX", prefix)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn two_processes_at_once_write_one_whole_store() {
    let place = Place::new();
    let children = ["left", "right"].map(|prefix| start(&place, prefix));
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let store = place.store();
    block(async {
        let secrets = all_secrets(&store).await;
        assert_eq!(secrets.len(), 2 * SECRETS);
        for secret in &secrets {
            assert!(store.read(&secret.name, &current()).await.unwrap().value == value(secret.name.as_str()));
        }
        check_no_orphan(&place.root(), &store, "two processes").await;
        assert_eq!(store.verify_audit().unwrap().entries, 2 * SECRETS as u64);
    });
}

#[test]
fn a_lock_that_is_held_too_long_is_named() {
    let place = Place::new();
    block(place.store().create(&name("db"), created("one"))).unwrap();
    let held = fs::File::open(place.root().join(".lock")).unwrap();
    held.lock().unwrap();
    let mut config = LocalConfig::new(place.root(), IdentitySource::Default(place.identity()));
    config.lock_wait = Duration::from_millis(200);
    let store = LocalStore::open(config).unwrap();
    let began = Instant::now();
    let error = block(store.create(&name("other"), created("x"))).unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(20));
    let text = error.to_string();
    assert!(
        matches!(error, StoreError::Unavailable { .. })
            && text.contains("store/.lock")
            && text.contains("0.2 seconds"),
        "{text}"
    );
    assert!(block(store.read(&name("db"), &current())).is_ok(), "reading needs no lock");
    drop(held);
    block(store.create(&name("other"), created("x"))).unwrap();
}

/// A file system of its own, as long as this lives.
struct Mount<'a>(&'a Path);

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_real_full_disk_loses_nothing() {
    let place = Place::new();
    let root = place.root();
    fs::create_dir(&root).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "none"]).arg(&root).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        // Elsewhere the injected faults stand for it; only root may mount.
        skipped("no tmpfs can be mounted here");
        return;
    }
    let mount = Mount(&root);
    let store = place.store();
    block(async {
        let mut kept = Vec::new();
        let error = loop {
            let secret = name(&format!("s{}", kept.len()));
            match store.create(&secret, created(&"x".repeat(4000))).await {
                Ok(_) => kept.push(secret),
                Err(error) => break error,
            }
        };
        assert!(!kept.is_empty() && error.to_string().contains("the disk is full"), "{error}");
        for secret in &kept {
            assert!(store.read(secret, &current()).await.unwrap().value == value(&"x".repeat(4000)));
        }
        assert_eq!(all_secrets(&store).await.len(), kept.len());
        store.verify_audit().unwrap();
        fs::remove_file(root.join("s0/v1.age")).unwrap();
        fs::remove_file(root.join("s1/v1.age")).unwrap();
    });
    drop(mount);
}
