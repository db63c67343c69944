//! What every store is held to, in one suite. A store's test is one call of [`all`] on its real server or double, plus what
//! is special to it. Behind the feature `contract`, because it panics where a store breaks a promise.
//!
//! A case makes secrets under a prefix of its own and purges them, so the suite can run against a store in use.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a broken promise fails the test that calls this")]
#![expect(clippy::disallowed_methods, reason = "the suite compares values it made itself")]

use std::future::Future;
use std::sync::Arc;

use futures::StreamExt;
use jiff::SignedDuration;

use crate::error::StoreError;
use crate::grant::Principal;
use crate::metadata::{Metadata, SecretDescription};
use crate::name::SecretName;
use crate::store::{CreateSecret, Deletion, ListFilter, PutVersion, Store};
use crate::value::SecretValue;
use crate::version::{IdempotencyToken, VersionLabel, VersionSelector};

mod deletion;
mod grants;
mod lifecycle;
mod versions;

/// Moves the clock a store goes by.
pub type Advance = Arc<dyn Fn(SignedDuration) + Send + Sync>;

/// What the suite needs to know about a store.
#[derive(Clone)]
pub struct Options {
    /// Two identities that grants can name; none when the store has no grants.
    pub principals: Option<[Principal; 2]>,
    /// Moves the clock, where the store has one that tests can move.
    pub advance: Option<Advance>,
    /// Names the store must take besides plain ones.
    pub names: Names,
}

/// Which names a store takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Everything [`SecretName`] takes.
    Any,
    /// Letters, digits, `-`, `_` and `/` only.
    Plain,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("principals", &self.principals)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// Runs the whole suite. Panics, naming the case, at the first promise that is broken.
pub async fn all(store: &dyn Store, options: &Options) {
    lifecycle::all(store, options).await;
    versions::all(store, options).await;
    deletion::all(store, options).await;
    grants::all(store, options).await;
}

/// One case: a fresh prefix, and the secrets made under it.
struct Case<'a> {
    store: &'a dyn Store,
    options: &'a Options,
    prefix: String,
}

impl<'a> Case<'a> {
    /// Runs a case and purges what it made.
    async fn run<F: Future<Output = ()>>(
        store: &'a dyn Store,
        options: &'a Options,
        title: &str,
        body: impl FnOnce(Arc<Case<'a>>) -> F,
    ) {
        let unique = IdempotencyToken::random();
        let case =
            Arc::new(Case { store, options, prefix: format!("contract/{title}-{}", &unique.as_str()[..8]) });
        body(Arc::clone(&case)).await;
        for description in case.list(crate::store::DeletedSecrets::Include).await {
            let purged = store.delete(&description.name, Deletion::Purge).await;
            assert!(purged.is_ok(), "{title}: purging `{}` afterwards: {purged:?}", description.name);
        }
        assert!(
            case.list(crate::store::DeletedSecrets::Include).await.is_empty(),
            "{title}: something is left"
        );
    }

    fn name(&self, rest: &str) -> SecretName {
        SecretName::parse(&format!("{}/{rest}", self.prefix)).unwrap()
    }

    /// A secret with one value.
    async fn create(&self, rest: &str, text: &str) -> (SecretName, SecretDescription) {
        let name = self.name(rest);
        let description = self.store.create(&name, created(Some(text), Metadata::default())).await.unwrap();
        (name, description)
    }

    async fn list(&self, deleted: crate::store::DeletedSecrets) -> Vec<SecretDescription> {
        let filter = ListFilter { prefix: Some(format!("{}/", self.prefix)), deleted };
        self.store.list(filter).map(Result::unwrap).collect().await
    }

    async fn text(&self, name: &SecretName, label: VersionLabel) -> String {
        let read = self.store.read(name, &VersionSelector::Label(label)).await.unwrap();
        read.value.expose_text().unwrap().to_owned()
    }

    async fn roles(&self, name: &SecretName) -> Vec<(Vec<VersionLabel>, String)> {
        let mut roles = Vec::new();
        for version in self.store.describe(name).await.unwrap().versions {
            let read = self.store.read(name, &VersionSelector::Id(version.id.clone())).await.unwrap();
            assert_eq!(read.version, version, "read and describe agree");
            roles.push((version.labels, read.value.expose_text().unwrap().to_owned()));
        }
        roles
    }
}

fn value(text: &str) -> SecretValue {
    SecretValue::from_text(text.to_owned())
}

fn created(text: Option<&str>, metadata: Metadata) -> CreateSecret {
    CreateSecret { metadata, value: text.map(value), token: IdempotencyToken::random() }
}

fn put(text: &str) -> PutVersion {
    PutVersion::current(value(text), IdempotencyToken::random())
}

fn pending(text: &str) -> PutVersion {
    PutVersion::pending(value(text), IdempotencyToken::random())
}

fn label(label: VersionLabel) -> VersionSelector {
    VersionSelector::Label(label)
}

/// Asserts which error a call gave.
fn expect_error<T: std::fmt::Debug>(
    result: Result<T, StoreError>,
    what: &str,
    is_expected: impl FnOnce(&StoreError) -> bool,
) {
    match result {
        Err(error) if is_expected(&error) => {}
        other => panic!("{what}: got {other:?}"),
    }
}
