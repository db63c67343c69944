//! What others do to a secret with the real client `bao`, and what it sees of ours.

use std::collections::BTreeMap;

use secret_store::{
    CreateSecret, Deletion, IdempotencyToken, Metadata, Store, StoreError, VersionLabel, VersionRetention,
    VersionSelector,
};
use secretlint_tests::servers::openbao::OpenBao;

use crate::kv::{created, name, open, put, text, value};

const CURRENT: VersionSelector = VersionSelector::Label(VersionLabel::Current);

struct Scene {
    bao: &'static OpenBao,
    mount: String,
    store: secret_store::vault::VaultStore,
}

impl Scene {
    /// A secret `db` with the versions `one` and `two`.
    async fn new() -> Option<Self> {
        let bao = OpenBao::shared()?;
        let mount = bao.fresh_kv2_mount();
        let store = open(bao, &mount);
        store.create(&name("db"), created("one")).await.unwrap();
        store.put_version(&name("db"), put("two")).await.unwrap();
        Some(Self { bao, mount, store })
    }

    /// `bao kv …` on the mount.
    fn kv(&self, arguments: &[&str]) -> String {
        let position =
            arguments.iter().position(|argument| !argument.starts_with('-') && *argument != "metadata");
        let (command, rest) = arguments.split_at(position.unwrap() + 1);
        let mount = format!("-mount={}", self.mount);
        let all = [&["kv"], command, &[mount.as_str()], rest].concat();
        self.bao.cli(&all, self.bao.token()).succeeds().stdout.clone()
    }

    async fn shown(&self) -> String {
        let described = self.store.describe(&name("db")).await.unwrap();
        let versions = described.versions.iter().map(|version| {
            let labels: Vec<_> = version.labels.iter().map(VersionLabel::as_str).collect();
            format!("{}[{}]", version.id, labels.join(","))
        });
        let versions: Vec<_> = versions.collect();
        let deletion = match described.deletion {
            None => "live",
            Some(deletion) if deletion.until.is_none() => "deleted",
            Some(_) => "scheduled",
        };
        format!("{deletion} {}", versions.join(" "))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_reads_fields_of_objects_and_other_text_under_value() {
    let Some(scene) = Scene::new().await else { return };
    assert_eq!(scene.kv(&["get", "-field=value", "db"]), "two");
    let request = put(r#"{"username":"orders","password":"p<w>&"}"#);
    scene.store.put_version(&name("db"), request).await.unwrap();
    assert_eq!(scene.kv(&["get", "-field=password", "db"]), "p<w>&");
    assert_eq!(scene.kv(&["get", "-version=2", "-field=value", "db"]), "two");
    let read = scene.store.read(&name("db"), &CURRENT).await.unwrap();
    assert!(read.value == value(r#"{"password":"p<w>&","username":"orders"}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_put_by_somebody_is_a_new_current_version() {
    let Some(scene) = Scene::new().await else { return };
    scene.kv(&["put", "db", "password=theirs"]);
    assert_eq!(scene.shown().await, "live 1[] 2[previous] 3[current]");
    assert_eq!(text(&scene.store, "db", &CURRENT).await, r#"{"password":"theirs"}"#);
    assert_eq!(text(&scene.store, "db", &VersionSelector::Label(VersionLabel::Previous)).await, "two");
    let ours = scene.store.put_version(&name("db"), put("four")).await.unwrap();
    assert_eq!(ours.id.as_str(), "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_by_somebody_is_shown_refused_and_undone() {
    let Some(scene) = Scene::new().await else { return };
    scene.kv(&["delete", "db"]);
    assert_eq!(scene.shown().await, "deleted 1[previous] 2[current]");
    for refused in [
        scene.store.read(&name("db"), &CURRENT).await.map(drop),
        scene.store.put_version(&name("db"), put("three")).await.map(drop),
        scene.store.create(&name("db"), created("three")).await.map(drop),
    ] {
        assert!(matches!(refused, Err(StoreError::ScheduledForDeletion { until: None, .. })), "{refused:?}");
    }
    scene.store.restore(&name("db")).await.unwrap();
    assert_eq!(text(&scene.store, "db", &CURRENT).await, "two");
    scene.kv(&["delete", "db"]);
    scene.kv(&["undelete", "-versions=2", "db"]);
    assert_eq!(scene.shown().await, "live 1[previous] 2[current]");
}

#[tokio::test(flavor = "multi_thread")]
async fn destroyed_versions_are_gone_also_the_latest() {
    let Some(scene) = Scene::new().await else { return };
    scene.kv(&["destroy", "-versions=1", "db"]);
    assert_eq!(scene.shown().await, "live 2[current]");
    scene.kv(&["destroy", "-versions=2", "db"]);
    assert_eq!(scene.shown().await, "live ");
    let read = scene.store.read(&name("db"), &CURRENT).await;
    assert!(read.unwrap_err().is_not_found());
    scene.store.put_version(&name("db"), put("three")).await.unwrap();
    assert_eq!(scene.shown().await, "live 3[current]");
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_undeleted_by_somebody_stays_deleted_until_it_is_restored() {
    let Some(scene) = Scene::new().await else { return };
    scene.store.delete(&name("db"), Deletion::Recoverable { days: 7 }).await.unwrap();
    let gone = scene.bao.request("GET", &format!("{}/data/db", scene.mount), None);
    assert_eq!((gone.status, &gone.json["data"]["data"]), (404, &serde_json::Value::Null));
    scene.kv(&["undelete", "-versions=1,2", "db"]);
    assert_eq!(scene.shown().await, "scheduled 1[previous] 2[current]");
    scene.store.restore(&name("db")).await.unwrap();
    assert_eq!(text(&scene.store, "db", &CURRENT).await, "two");
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_and_made_again_by_somebody_it_is_another_secret() {
    let Some(scene) = Scene::new().await else { return };
    let ours = scene.store.describe(&name("db")).await.unwrap();
    scene.kv(&["metadata", "delete", "db"]);
    assert!(scene.store.describe(&name("db")).await.unwrap_err().is_not_found());
    scene.kv(&["put", "db", "x=y"]);
    let theirs = scene.store.describe(&name("db")).await.unwrap();
    assert_ne!(theirs.id, ours.id);
    let refused = scene.store.create(&name("db"), created("three")).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_stands_in_custom_metadata_and_foreign_entries_are_tags() {
    let Some(scene) = Scene::new().await else { return };
    let metadata = Metadata {
        description: Some("Orders login".to_owned()),
        expires_at: Some("2127-06-30T00:00:00Z".parse().unwrap()),
        tags: BTreeMap::from([("service".to_owned(), "orders".to_owned())]),
        retention: VersionRetention {
            max_versions: Some(3),
            delete_version_after: Some(jiff::SignedDuration::from_hours(30)),
        },
        ..Metadata::default()
    };
    let request = CreateSecret {
        metadata: metadata.clone(),
        value: Some(value("x")),
        token: IdempotencyToken::random(),
    };
    let made = scene.store.create(&name("kept"), request).await.unwrap();
    assert_eq!(made.metadata, metadata);
    assert!(made.current().unwrap().expires_at.is_some(), "the server will delete it");
    let shown = scene.bao.read(&format!("{}/metadata/kept", scene.mount));
    assert_eq!(shown["data"]["custom_metadata"]["description"], "Orders login");
    assert_eq!(shown["data"]["custom_metadata"]["service"], "orders");
    assert_eq!(
        (&shown["data"]["max_versions"], &shown["data"]["delete_version_after"]),
        (&3.into(), &"30h0m0s".into())
    );
    scene.kv(&["metadata", "patch", "-custom-metadata=theirs=yes", "kept"]);
    let described = scene.store.describe(&name("kept")).await.unwrap();
    assert_eq!(described.metadata.tags.get("theirs").map(String::as_str), Some("yes"));
    let updated = scene.store.update(&name("kept"), metadata.clone(), &described.revision).await.unwrap();
    assert_eq!(updated.metadata, metadata);
    scene.kv(&["metadata", "put", "-custom-metadata=only=this", "kept"]);
    let described = scene.store.describe(&name("kept")).await.unwrap();
    assert_eq!((described.id, described.metadata.description), (made.id, None));
}
