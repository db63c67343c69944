//! What several suites need: a store in a fresh folder, identities, and a look at the files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use futures::StreamExt;
use secret_store::local::{IdentitySource, LocalConfig, LocalStore};
use secret_store::{
    CreateSecret, DeletedSecrets, IdempotencyToken, ListFilter, Metadata, Principal, SecretDescription,
    SecretName, SecretValue, Store, VersionLabel, VersionSelector,
};
use tempfile::TempDir;

/// A folder with a store and the owner's identity beside it.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub(crate) fn identity(&self) -> PathBuf {
        self.folder.path().join("home/identity.txt")
    }

    pub(crate) fn store(&self) -> LocalStore {
        open(&self.root(), IdentitySource::Default(self.identity()))
    }

    /// Another identity, in a file of its own.
    pub(crate) fn grantee(&self, label: &str) -> (Principal, PathBuf) {
        let path = self.folder.path().join(format!("{label}.txt"));
        // A store makes one: its own way of making identities is what is used here too.
        let throwaway = self.folder.path().join(format!("{label}-store"));
        let store = open(&throwaway, IdentitySource::Default(path.clone()));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| runtime.block_on(store.create(&name("x"), created("x"))).unwrap()).join().unwrap()
        });
        let owner = store.owner().unwrap().unwrap();
        (Principal::parse(owner.as_str()).unwrap(), path)
    }

    /// The same store as somebody else sees it.
    pub(crate) fn store_as(&self, identity: &Path) -> LocalStore {
        open(&self.root(), IdentitySource::File(identity.to_path_buf()))
    }
}

pub(crate) fn open(root: &Path, identity: IdentitySource) -> LocalStore {
    LocalStore::open(LocalConfig::new(root, identity)).unwrap()
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

pub(crate) const fn current() -> VersionSelector {
    VersionSelector::Label(VersionLabel::Current)
}

/// Waits for a call in a test that is no async function.
pub(crate) fn block<T>(call: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(call)
}

pub(crate) async fn all_secrets(store: &dyn Store) -> Vec<SecretDescription> {
    let filter = ListFilter { prefix: None, deleted: DeletedSecrets::Include };
    store.list(filter).map(Result::unwrap).collect().await
}

/// Fails unless the folder holds exactly what the records say: no value, note or unfinished file besides. For names that are
/// their own folders.
pub(crate) async fn check_no_orphan(root: &Path, store: &dyn Store, context: &str) {
    let mut expected =
        BTreeSet::from(["audit.jsonl".to_owned(), ".lock".to_owned(), "store.toml".to_owned()]);
    for secret in all_secrets(store).await {
        expected.insert(format!("{}/secret.toml", secret.name));
        expected.extend(secret.versions.iter().map(|version| format!("{}/{}.age", secret.name, version.id)));
        if let Some(deletion) = secret.deletion {
            expected.insert(format!(".deleted/{}-{}", deletion.until.unwrap().as_second(), secret.id));
        }
    }
    assert_eq!(files_in(root), expected, "{context}");
    assert_eq!(fs::read(root.join(".lock")).unwrap(), b"", "{context}: something is still announced");
}

/// Paths of all files and of empty folders, relative.
pub(crate) fn files_in(root: &Path) -> BTreeSet<String> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![root.to_path_buf()]);
    while let Some(folder) = waiting.pop() {
        let entries: Vec<_> = fs::read_dir(&folder).unwrap().map(Result::unwrap).collect();
        if entries.is_empty() && folder.file_name().is_some_and(|name| name != ".deleted") {
            found.insert(format!("{}/", folder.strip_prefix(root).unwrap().display()));
        }
        for entry in entries {
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else {
                found.insert(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// Says that a test could not be done here; on CI that is a failure, since there it must be possible.
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "cannot be skipped on CI: {why}");
    // Straight to the stream: what a passing test prints is swallowed, and a skip has to be counted.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("SKIPPED: {why}\n").as_bytes());
}
