//! Which engines are mounted where, as far as the token is let see: the KV engine that holds the secrets, and the database
//! engines whose static roles are secrets too.
//!
//! `sys/internal/ui/mounts` is readable by every token and lists the mounts on which the token has any right at all.
//! It is read once, when the first call needs it, and again only for a database engine that may have been mounted since.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Deserialize;
use tokio::sync::Mutex;

use super::client::{ApiError, Client};
use super::{KIND, VaultStore};
use crate::Result;
use crate::error::{Invalid, StoreError};

const PATH: &str = "sys/internal/ui/mounts";

/// Which of the two KV engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KvVersion {
    /// A value per path, nothing else.
    One,
    /// Versions, metadata, check-and-set.
    Two,
}

/// What the server has mounted. Paths have no slash at their ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    kv: BTreeMap<String, KvVersion>,
    databases: Vec<String>,
    others: BTreeMap<String, String>,
}

/// The mounts, once they have been read.
#[derive(Debug, Default)]
pub(super) struct KnownMounts {
    /// Never locked for longer than a look, so that what is known can be told at any moment, also while somebody asks the server again.
    known: RwLock<Option<Arc<Mounts>>>,
    /// Held by the one who asks the server.
    asking: Mutex<()>,
}

impl KnownMounts {
    fn get(&self) -> Option<Arc<Mounts>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, mounts: Arc<Mounts>) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(mounts);
    }
}

/// The KV engine in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KvMount {
    /// Its path, without a slash at the end.
    pub(super) path: String,
    /// Which engine it is.
    pub(super) version: KvVersion,
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    secret: BTreeMap<String, Mount>,
}

#[derive(Deserialize)]
struct Mount {
    #[serde(rename = "type")]
    engine: String,
    #[serde(default)]
    options: Option<BTreeMap<String, String>>,
}

impl Mounts {
    async fn read(client: &Client) -> Result<Self, ApiError> {
        let answer: Answer = client.read(PATH).await?;
        Ok(Self::sorted(answer.data.secret))
    }

    fn sorted(mounts: BTreeMap<String, Mount>) -> Self {
        let mut sorted = Self::default();
        for (path, mount) in mounts {
            let path = path.trim_end_matches('/').to_owned();
            match mount.engine.as_str() {
                // `generic` is what version 1 was called once, and still is where it was mounted then.
                "kv" | "generic" => {
                    let version = mount.options.as_ref().and_then(|options| options.get("version"));
                    let is_two = version.is_some_and(|version| version == "2");
                    sorted.kv.insert(path, if is_two { KvVersion::Two } else { KvVersion::One });
                }
                "database" => sorted.databases.push(path),
                _ => {
                    sorted.others.insert(path, mount.engine);
                }
            }
        }
        sorted
    }

    /// The KV engine at this path, or the only one.
    fn choose(&self, wanted: Option<&str>) -> Result<KvMount, Invalid> {
        let invalid = |reason: String| Err(Invalid::new("mount", reason));
        let found = |path: &str, version| Ok(KvMount { path: path.to_owned(), version });
        let Some(wanted) = wanted.map(|wanted| wanted.trim_matches('/')) else {
            let mut engines = self.kv.iter();
            return match (engines.next(), engines.next()) {
                (Some((path, version)), None) => found(path, *version),
                (None, _) => invalid(format!(
                    "the token can see no KV engine; mount one (`bao secrets enable -version=2 kv`), or give the token a policy on a path in it{}",
                    self.namespace_hint()
                )),
                _ => invalid(format!(
                    "there are several KV engines: {}; set `mount` to one of them",
                    self.kv_list()
                )),
            };
        };
        if let Some(version) = self.kv.get(wanted) {
            return found(wanted, *version);
        }
        let is = self.databases.iter().any(|path| path == wanted).then_some("database");
        match is.or_else(|| self.others.get(wanted).map(String::as_str)) {
            Some(engine) => {
                invalid(format!("`{wanted}` is an engine of type `{engine}`, not `kv`; {}", self.kv_hint()))
            }
            None => invalid(format!(
                "`{wanted}` is not mounted, or the token has no right on anything in it; {}",
                self.kv_hint()
            )),
        }
    }

    /// Why this is the KV engine of nobody, also after more engines are mounted.
    fn never_kv(&self, wanted: Option<&str>) -> Option<Invalid> {
        let stays = match wanted.map(|wanted| wanted.trim_matches('/')) {
            None => self.kv.len() > 1,
            Some(wanted) => {
                self.others.contains_key(wanted) || self.databases.iter().any(|path| path == wanted)
            }
        };
        stays.then(|| self.choose(wanted).err()).flatten()
    }

    /// The database engine in which a path lies, and the rest of the path.
    pub(super) fn database_of<'a>(&self, path: &'a str) -> Option<(String, &'a str)> {
        let inside =
            |mount: &String| Some((mount.clone(), path.strip_prefix(mount.as_str())?.strip_prefix('/')?));
        self.databases.iter().filter_map(inside).max_by_key(|(mount, _)| mount.len())
    }

    fn kv_list(&self) -> String {
        let quoted: Vec<_> = self.kv.keys().map(|path| format!("`{path}`")).collect();
        quoted.join(", ")
    }

    fn kv_hint(&self) -> String {
        if self.kv.is_empty() {
            "the token can see no KV engine".to_owned()
        } else {
            format!("KV engines are: {}", self.kv_list())
        }
    }

    fn namespace_hint(&self) -> &'static str {
        if self.others.is_empty() { ", and check `namespace`" } else { "" }
    }
}

impl VaultStore {
    /// What is mounted, read from the server by the first call.
    pub(super) async fn mounts(&self) -> Result<Arc<Mounts>> {
        if let Some(mounts) = self.mounts.get() {
            return Ok(mounts);
        }
        let _asking = self.mounts.asking.lock().await;
        match self.mounts.get() {
            Some(mounts) => Ok(mounts),
            None => self.read_mounts().await,
        }
    }

    /// What is mounted now, for an engine that was not there before.
    pub(super) async fn mounts_now(&self) -> Result<Arc<Mounts>> {
        let _asking = self.mounts.asking.lock().await;
        self.read_mounts().await
    }

    async fn read_mounts(&self) -> Result<Arc<Mounts>> {
        let mounts = Mounts::read(&self.client).await.map_err(|error| match error {
            ApiError::Denied { .. } => StoreError::Unavailable {
                store: KIND,
                reason: format!(
                    "the token is not valid (any more) here, because every valid one may read `{PATH}`; use another token, and check `namespace`"
                ),
                source: None,
            },
            other => other.without_secret(),
        })?;
        let mounts = Arc::new(mounts);
        self.mounts.set(Arc::clone(&mounts));
        Ok(mounts)
    }

    /// What is mounted, if the server has been asked already.
    pub(super) fn known_mounts(&self) -> Option<Arc<Mounts>> {
        self.mounts.get()
    }

    /// The KV engine that holds the secrets, if the server has been asked already and it is there.
    pub(super) fn known_kv_mount(&self) -> Option<KvMount> {
        self.known_mounts()?.choose(self.mount.as_deref()).ok()
    }

    /// Which of the two that one is.
    pub(super) fn known_kv_version(&self) -> Option<KvVersion> {
        self.known_kv_mount().map(|mount| mount.version)
    }

    /// What is wrong with the choice of the engine whatever is mounted later, if the server has been asked already.
    pub(super) fn known_wrong_mount(&self) -> Option<Invalid> {
        self.known_mounts()?.never_kv(self.mount.as_deref())
    }

    /// The KV engine that holds the secrets.
    pub(super) async fn kv_mount(&self) -> Result<KvMount> {
        Ok(self.mounts().await?.choose(self.mount.as_deref())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounts(kv: &[(&str, KvVersion)]) -> Mounts {
        Mounts {
            kv: kv.iter().map(|(path, version)| ((*path).to_owned(), *version)).collect(),
            databases: vec!["database".to_owned(), "team/database".to_owned()],
            others: BTreeMap::from([("sys".to_owned(), "system".to_owned())]),
        }
    }

    fn refused(mounts: &Mounts, wanted: Option<&str>) -> String {
        mounts.choose(wanted).unwrap_err().to_string()
    }

    #[test]
    fn engines_are_sorted_by_type_and_version() {
        let answer = r#"{"data": {"secret": {
            "a/": {"type": "kv", "options": {"version": "2"}}, "b/": {"type": "kv", "options": null},
            "c/": {"type": "generic"}, "d/e/": {"type": "database"}, "f/": {"type": "pki"}}}}"#;
        let answer: Answer = serde_json::from_str(answer).unwrap();
        let sorted = Mounts::sorted(answer.data.secret);
        assert_eq!(
            sorted.kv.into_values().collect::<Vec<_>>(),
            [KvVersion::Two, KvVersion::One, KvVersion::One]
        );
        assert_eq!(sorted.databases, ["d/e"]);
        assert_eq!(sorted.others, BTreeMap::from([("f".to_owned(), "pki".to_owned())]));
    }

    #[test]
    fn the_only_engine_is_chosen_and_a_slash_at_the_end_is_accepted() {
        let one = mounts(&[("secret", KvVersion::Two)]);
        let expected = KvMount { path: "secret".to_owned(), version: KvVersion::Two };
        for wanted in [None, Some("secret"), Some("secret/"), Some("/secret/")] {
            assert_eq!(one.choose(wanted).unwrap(), expected, "{wanted:?}");
        }
    }

    #[test]
    fn what_is_no_kv_engine_is_refused_with_those_that_are() {
        let two = mounts(&[("apps", KvVersion::One), ("secret", KvVersion::Two)]);
        assert!(refused(&two, None).contains("several KV engines: `apps`, `secret`; set `mount`"));
        assert!(
            refused(&two, Some("database"))
                .contains("type `database`, not `kv`; KV engines are: `apps`, `secret`")
        );
        assert!(refused(&two, Some("sys")).contains("type `system`, not `kv`"));
        assert!(refused(&two, Some("other")).contains("`other` is not mounted"));
        assert!(refused(&mounts(&[]), None).contains("can see no KV engine"));
    }

    #[test]
    fn only_what_no_later_mount_mends_is_told_early() {
        let two = mounts(&[("apps", KvVersion::One), ("secret", KvVersion::Two)]);
        let told = |mounts: &Mounts, wanted| mounts.never_kv(wanted).map(|invalid| invalid.reason);
        assert!(told(&two, None).is_some_and(|reason| reason.contains("several KV engines")));
        assert!(told(&two, Some("database")).is_some_and(|reason| reason.contains("type `database`")));
        assert_eq!(told(&two, Some("later")), None, "the same run may mount it");
        assert_eq!(told(&mounts(&[]), None), None);
        assert_eq!(told(&two, Some("apps")), None);
    }

    #[test]
    fn the_innermost_database_engine_counts() {
        let mounts = mounts(&[]);
        assert_eq!(
            mounts.database_of("team/database/static-creds/app"),
            Some(("team/database".to_owned(), "static-creds/app"))
        );
        assert_eq!(mounts.database_of("database/creds/app"), Some(("database".to_owned(), "creds/app")));
        assert_eq!(mounts.database_of("databases/creds/app"), None);
        assert_eq!(mounts.database_of("database"), None);
    }
}
