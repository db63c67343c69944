//! Stores on a mount of their own, and what the tests put into them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use secret_store::contract::Advance;
use secret_store::local::Clock;
use secret_store::vault::{VaultConfig, VaultStore};
use secret_store::{
    CreateSecret, IdempotencyToken, Metadata, PutVersion, SecretName, SecretValue, Store, VersionSelector,
};
use secretlint_tests::servers::openbao::OpenBao;

/// The root's configuration at this address, on this mount.
pub(crate) fn config_at(address: &str, bao: &OpenBao, mount: &str) -> VaultConfig {
    VaultConfig {
        address: Some(address.to_owned()),
        token: Some(SecretValue::from_text(bao.token().to_owned())),
        mount: Some(mount.to_owned()),
        ..VaultConfig::default()
    }
}

/// A store of the root's at this address, on this mount.
pub(crate) fn open_at(address: &str, bao: &OpenBao, mount: &str) -> VaultStore {
    VaultStore::open(config_at(address, bao, mount)).unwrap()
}

/// A store of the root's on this mount.
pub(crate) fn open(bao: &OpenBao, mount: &str) -> VaultStore {
    open_at(bao.address(), bao, mount)
}

/// A clock that can be moved, and what moves it.
pub(crate) fn movable_clock() -> (Clock, Advance) {
    let offset = Arc::new(AtomicI64::new(0));
    let seconds = Arc::clone(&offset);
    let clock = Clock::new(move || {
        Timestamp::now().checked_add(SignedDuration::from_secs(seconds.load(Ordering::SeqCst))).unwrap()
    });
    let advance = Arc::new(move |duration: SignedDuration| {
        offset.fetch_add(duration.as_secs(), Ordering::SeqCst);
    });
    (clock, advance)
}

pub(crate) fn name(text: &str) -> SecretName {
    SecretName::parse(text).unwrap()
}

pub(crate) fn value(text: &str) -> SecretValue {
    SecretValue::from_text(text.to_owned())
}

pub(crate) fn created(text: &str) -> CreateSecret {
    CreateSecret {
        metadata: Metadata::default(),
        value: Some(value(text)),
        token: IdempotencyToken::random(),
    }
}

pub(crate) fn put(text: &str) -> PutVersion {
    PutVersion::current(value(text), IdempotencyToken::random())
}

pub(crate) fn pending(text: &str) -> PutVersion {
    PutVersion::pending(value(text), IdempotencyToken::random())
}

/// A value that is text.
#[expect(clippy::disallowed_methods, reason = "the tests compare values they made")]
pub(crate) async fn text(store: &dyn Store, secret: &str, version: &VersionSelector) -> String {
    let read = store.read(&name(secret), version).await.unwrap();
    read.value.expose_text().unwrap().to_owned()
}
