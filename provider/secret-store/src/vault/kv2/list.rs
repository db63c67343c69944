//! Walking the folders of an engine, sorted by name and as the answers come. Where the server lists a folder together with
//! the metadata of what is in it (OpenBao), that is one request per folder; elsewhere it is one more per secret.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde::Deserialize;

use super::super::VaultStore;
use super::super::address::{KvPath, PENDING};
use super::super::client::ApiError;
use super::super::kv1;
use super::super::mounts::{KvMount, KvVersion};
use super::Kv2;
use super::state::{Key, KeyData};
use crate::Result;
use crate::error::Action;
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::store::{DeletedSecrets, ListFilter};

/// Requests under way at a time, for each level of folders.
const CONCURRENCY: usize = 8;

/// A walk through an engine.
#[derive(Clone)]
pub(super) struct Walk<'a> {
    store: &'a VaultStore,
    mount: Arc<KvMount>,
    filter: Arc<ListFilter>,
}

#[derive(Deserialize)]
struct Details {
    data: DetailsData,
}

#[derive(Deserialize)]
struct DetailsData {
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    key_info: BTreeMap<String, serde_json::Value>,
}

/// What is in a folder: a key, which ends in `/` for a folder, and the metadata where the server gave it along.
type Entry = (String, Option<KeyData>);

enum Found {
    Secret(Option<Box<Result<SecretDescription>>>),
    Folder(String, Result<Vec<Entry>>),
}

impl<'a> Walk<'a> {
    /// A walk through this engine past what the filter lets through.
    pub(super) fn new(store: &'a VaultStore, mount: KvMount, filter: ListFilter) -> Self {
        Self { store, mount: Arc::new(mount), filter: Arc::new(filter) }
    }

    /// From the folder in which every name with the wanted prefix is.
    pub(super) async fn start(self) -> BoxStream<'a, Result<SecretDescription>> {
        let prefix = self.filter.prefix.as_deref().unwrap_or_default();
        let folder = prefix.rfind('/').and_then(|end| prefix.get(..=end)).unwrap_or_default().to_owned();
        let entries = self.folder(&folder).await;
        self.below(folder, entries)
    }

    fn below(self, folder: String, entries: Result<Vec<Entry>>) -> BoxStream<'a, Result<SecretDescription>> {
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => return stream::iter([Err(error)]).boxed(),
        };
        let walk = self.clone();
        let found = stream::iter(entries).map(move |(key, data)| {
            let path = format!("{folder}{key}");
            let walk = walk.clone();
            async move {
                if path.ends_with('/') {
                    let entries =
                        if walk.may_hold(&path) { walk.folder(&path).await } else { Ok(Vec::new()) };
                    Found::Folder(path, entries)
                } else {
                    Found::Secret(walk.secret(&path, data).await.map(Box::new))
                }
            }
        });
        found
            .buffered(CONCURRENCY)
            .flat_map(move |found| match found {
                Found::Secret(found) => stream::iter(found.map(|found| *found)).boxed(),
                Found::Folder(path, entries) => self.clone().below(path, entries),
            })
            .boxed()
    }

    /// Whether names with the wanted prefix can be in this folder.
    fn may_hold(&self, folder: &str) -> bool {
        let prefix = self.filter.prefix.as_deref().unwrap_or_default();
        folder.starts_with(prefix) || prefix.starts_with(folder)
    }

    async fn secret(&self, path: &str, data: Option<KeyData>) -> Option<Result<SecretDescription>> {
        let prefix = self.filter.prefix.as_deref().unwrap_or_default();
        if !path.starts_with(prefix) || path.ends_with(&format!("/{PENDING}")) || path == PENDING {
            return None;
        }
        match self.described(path, data).await {
            Ok(description) => {
                let description = description?;
                let wanted = match self.filter.deleted {
                    DeletedSecrets::Exclude => description.deletion.is_none(),
                    DeletedSecrets::Include => true,
                    DeletedSecrets::Only => description.deletion.is_some(),
                };
                wanted.then_some(Ok(description))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// One secret; `None` when it is gone.
    async fn described(&self, path: &str, data: Option<KeyData>) -> Result<Option<SecretDescription>> {
        let name = SecretName::parse(path)?;
        let kv_path =
            KvPath { mount: self.mount.path.clone(), version: self.mount.version, path: path.to_owned() };
        if kv_path.version == KvVersion::One {
            return Ok(Some(kv1::description(&kv_path, &name)?));
        }
        let now = self.store.now();
        let key = match data {
            Some(data) => Some(Key::parse(&kv_path, data)?),
            None => Kv2::new(self.store, &kv_path, &name)
                .key_if_any()
                .await
                .map_err(|failure| failure.during(Action::List, &name))?,
        };
        match key {
            Some(key) if !key.is_gone(now) => Ok(Some(key.description(&kv_path, &name, now)?)),
            _ => Ok(None),
        }
    }

    /// What is in a folder, sorted so that the whole walk is.
    async fn folder(&self, folder: &str) -> Result<Vec<Entry>> {
        let mut entries = match self.detailed(folder).await? {
            Some(entries) => entries,
            None => {
                let path = match self.mount.version {
                    KvVersion::One => format!("{}/{folder}", self.mount.path),
                    KvVersion::Two => format!("{}/metadata/{folder}", self.mount.path),
                };
                let keys = self.store.client.list(&path).await.map_err(ApiError::without_secret)?;
                if !keys.is_empty() {
                    // It lists something where there is nothing with details: this server has none.
                    self.store.kv_features.lists_names_only.store(true, Ordering::Relaxed);
                }
                keys.into_iter().map(|key| (key, None)).collect()
            }
        };
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(entries)
    }

    /// What is in a folder with its metadata; `None` when there is nothing, or the server or the token cannot.
    async fn detailed(&self, folder: &str) -> Result<Option<Vec<Entry>>> {
        if self.mount.version == KvVersion::One
            || self.store.kv_features.lists_names_only.load(Ordering::Relaxed)
        {
            return Ok(None);
        }
        let path = format!("{}/detailed-metadata/{folder}", self.mount.path);
        let answer: Details = match self.store.client.list_details(&path).await {
            Ok(answer) => answer,
            Err(ApiError::NotFound { .. } | ApiError::Denied { .. } | ApiError::Refused { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error.without_secret()),
        };
        let mut details = answer.data.key_info;
        let entries = answer.data.keys.into_iter().map(|key| {
            let data = details.remove(&key).and_then(|data| serde_json::from_value(data).ok());
            (key, data)
        });
        Ok(Some(entries.collect()))
    }
}
