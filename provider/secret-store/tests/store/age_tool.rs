//! The reference `age` tool as oracle: it opens what the store wrote, for those who may, and the store opens what it wrote.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use secret_store::{AccessSet, GrantSpec, IdempotencyToken, PutVersion, Store};

use crate::support::{Place, created, current, name, skipped, value};

/// What the tool decrypts, or `None` when it refuses.
fn decrypt(file: &Path, identity: &Path) -> Option<Vec<u8>> {
    let output = Command::new("age").arg("--decrypt").arg("-i").arg(identity).arg(file).output().unwrap();
    output.status.success().then_some(output.stdout)
}

fn is_installed() -> bool {
    let found = Command::new("age").arg("--version").output().is_ok();
    if !found {
        skipped("the tool `age` is not installed");
    }
    found
}

#[test]
fn the_tool_opens_values_for_owner_and_grantee_and_nobody_else() {
    if !is_installed() {
        return;
    }
    let place = Place::new();
    let store = place.store();
    let secret = name("prod/db");
    let (principal, grantee) = place.grantee("grantee");
    let (_, stranger) = place.grantee("stranger");
    let files = [place.root().join("prod/db/v1.age"), place.root().join("prod/db/v2.age")];
    crate::support::block(async {
        store.create(&secret, created("one\n")).await.unwrap();
        let grant = store.grant(&secret, GrantSpec::new(principal, AccessSet::read())).await.unwrap();
        store
            .put_version(&secret, PutVersion::current(value("zwei ü"), IdempotencyToken::random()))
            .await
            .unwrap();
        for (file, wanted) in files.iter().zip(["one\n", "zwei ü"]) {
            assert_eq!(decrypt(file, &place.identity()).unwrap(), wanted.as_bytes());
            assert_eq!(decrypt(file, &grantee).unwrap(), wanted.as_bytes());
            assert_eq!(decrypt(file, &stranger), None);
        }
        let read = place.store_as(&grantee).read(&secret, &current()).await.unwrap();
        assert!(read.value == value("zwei ü"));
        store.revoke(&secret, &grant.id).await.unwrap();
        for (file, wanted) in files.iter().zip(["one\n", "zwei ü"]) {
            assert_eq!(decrypt(file, &grantee), None, "revoked");
            assert_eq!(decrypt(file, &place.identity()).unwrap(), wanted.as_bytes());
        }
    });
}

#[test]
fn the_store_reads_a_value_the_tool_encrypted() {
    if !is_installed() {
        return;
    }
    let place = Place::new();
    let store = place.store();
    crate::support::block(async {
        store.create(&name("db"), created("one")).await.unwrap();
        let file = place.root().join("db/v1.age");
        fs::remove_file(&file).unwrap();
        let recipient = store.owner().unwrap().unwrap();
        let mut tool = Command::new("age")
            .args(["-r", recipient.as_str(), "-o"])
            .arg(&file)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        tool.stdin.take().unwrap().write_all(b"from the tool").unwrap();
        assert!(tool.wait().unwrap().success());
        assert!(store.read(&name("db"), &current()).await.unwrap().value == value("from the tool"));
    });
}

#[test]
fn a_store_takes_an_identity_the_tool_made() {
    if !is_installed() {
        return;
    }
    let place = Place::new();
    let identity = place.folder.path().join("keygen.txt");
    assert!(Command::new("age-keygen").arg("-o").arg(&identity).output().unwrap().status.success());
    let store = place.store_as(&identity);
    crate::support::block(store.create(&name("db"), created("one"))).unwrap();
    let printed = Command::new("age-keygen").arg("-y").arg(&identity).output().unwrap().stdout;
    assert_eq!(String::from_utf8(printed).unwrap().trim(), store.owner().unwrap().unwrap().as_str());
}
