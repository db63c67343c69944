//! Creating, describing, updating and listing.

use std::collections::BTreeMap;

use super::*;
use crate::metadata::Revision;
use crate::store::DeletedSecrets;

pub(super) async fn all(store: &dyn Store, options: &Options) {
    Case::run(store, options, "create", creating_describes_what_was_asked_for).await;
    Case::run(store, options, "replay", repeating_a_creation_changes_nothing).await;
    Case::run(store, options, "taken", a_taken_name_is_refused).await;
    Case::run(store, options, "missing", what_is_missing_is_not_found).await;
    Case::run(store, options, "update", a_stale_update_is_refused).await;
    Case::run(store, options, "list", listing_filters_and_sorts).await;
    Case::run(store, options, "names", unusual_names_stay_apart).await;
}

async fn creating_describes_what_was_asked_for(case: Arc<Case<'_>>) {
    let metadata = Metadata {
        description: Some("Orders, \"quoted\"\nand = [unusual] ключ".to_owned()),
        owner: Some("team-orders".to_owned()),
        tags: BTreeMap::from([("service".to_owned(), "orders".to_owned())]),
        annotations: BTreeMap::from([("generator".to_owned(), r#"{"kind":"uuid"}"#.to_owned())]),
        ..Metadata::default()
    };
    let name = case.name("db");
    let request = CreateSecret {
        metadata: metadata.clone(),
        value: Some(value("one")),
        token: IdempotencyToken::random(),
    };
    let made = case.store.create(&name, request).await.unwrap();
    assert_eq!((&made.name, &made.metadata, made.deletion), (&name, &metadata, None));
    assert_eq!(made.versions.len(), 1);
    assert_eq!(made.current().unwrap().labels, [VersionLabel::Current]);
    assert_eq!(case.store.describe(&name).await.unwrap(), made);
    assert_eq!(case.text(&name, VersionLabel::Current).await, "one");
    let empty = case.name("metadata-only");
    let made = case.store.create(&empty, created(None, Metadata::default())).await.unwrap();
    assert!(made.versions.is_empty());
    expect_error(
        case.store.read(&empty, &label(VersionLabel::Current)).await,
        "no value yet",
        StoreError::is_not_found,
    );
}

async fn repeating_a_creation_changes_nothing(case: Arc<Case<'_>>) {
    let name = case.name("db");
    let request = created(Some("one"), Metadata::default());
    let made = case.store.create(&name, request.clone()).await.unwrap();
    assert_eq!(case.store.create(&name, request.clone()).await.unwrap(), made);
    case.store.put_version(&name, put("two")).await.unwrap();
    let again = case.store.create(&name, request).await.unwrap();
    assert_eq!((again.id, again.versions.len()), (made.id, 2));
    assert_eq!(case.text(&name, VersionLabel::Current).await, "two");
}

async fn a_taken_name_is_refused(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    let second = case.store.create(&name, created(Some("two"), Metadata::default())).await;
    expect_error(second, "creating twice", |error| matches!(error, StoreError::AlreadyExists { .. }));
    assert_eq!(case.store.describe(&name).await.unwrap(), made);
    assert_eq!(case.text(&name, VersionLabel::Current).await, "one");
}

async fn what_is_missing_is_not_found(case: Arc<Case<'_>>) {
    let name = case.name("nothing");
    let store = case.store;
    let missing = StoreError::is_not_found;
    expect_error(store.describe(&name).await, "describe", missing);
    expect_error(store.read(&name, &label(VersionLabel::Current)).await, "read", missing);
    expect_error(store.put_version(&name, put("one")).await, "put_version", missing);
    expect_error(
        store.update(&name, Metadata::default(), &Revision("1".to_owned())).await,
        "update",
        missing,
    );
    expect_error(store.delete(&name, Deletion::Purge).await, "delete", missing);
    expect_error(store.restore(&name).await, "restore", missing);
    expect_error(store.grants(&name).await, "grants", missing);
}

async fn a_stale_update_is_refused(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    let described = |text: &str| Metadata { description: Some(text.to_owned()), ..Metadata::default() };
    let updated = case.store.update(&name, described("first"), &made.revision).await.unwrap();
    assert_eq!(updated.metadata, described("first"));
    assert_ne!(updated.revision, made.revision);
    assert_eq!(updated.versions, made.versions, "metadata and versions are apart");
    let stale = case.store.update(&name, described("second"), &made.revision).await;
    expect_error(stale, "a stale revision", |error| matches!(error, StoreError::Conflict { .. }));
    assert_eq!(case.store.describe(&name).await.unwrap(), updated);
}

async fn listing_filters_and_sorts(case: Arc<Case<'_>>) {
    for rest in ["b/two", "a", "b", "a/one"] {
        case.create(rest, "x").await;
    }
    let names: Vec<_> =
        case.list(DeletedSecrets::Exclude).await.into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["a", "a/one", "b", "b/two"].map(|rest| case.name(rest)));
    let filter = ListFilter { prefix: Some(format!("{}/b", case.prefix)), ..ListFilter::default() };
    let found: Vec<_> = case.store.list(filter).map(|found| found.unwrap().name).collect().await;
    assert_eq!(found, ["b", "b/two"].map(|rest| case.name(rest)));
    if case.store.capabilities().recovery_days.is_some() {
        case.store.delete(&case.name("a"), Deletion::Recoverable { days: 7 }).await.unwrap();
        assert_eq!(case.list(DeletedSecrets::Exclude).await.len(), 3);
        assert_eq!(case.list(DeletedSecrets::Include).await.len(), 4);
        assert_eq!(case.list(DeletedSecrets::Only).await.len(), 1);
    }
}

async fn unusual_names_stay_apart(case: Arc<Case<'_>>) {
    let plain = ["db", "db/replica", "db/replica/two", "DB", "Db"];
    let unusual = [
        "schlüssel",
        "ключ/鍵",
        "ß",
        "ss",
        "SS",
        "con",
        "v1.age",
        "secret.toml",
        "db/v1.age",
        "db/secret.toml",
        "a b",
        "50%",
        "%35",
        "...",
        ".hidden",
        "x.tmp",
        "İ",
        "i̇",
    ];
    let wanted = plain.iter().chain(if case.options.names == Names::Any { unusual.as_slice() } else { &[] });
    let wanted: Vec<&str> = wanted.copied().collect();
    for rest in &wanted {
        case.create(rest, &format!("value of {rest}")).await;
    }
    for rest in &wanted {
        assert_eq!(case.text(&case.name(rest), VersionLabel::Current).await, format!("value of {rest}"));
    }
    assert_eq!(case.list(DeletedSecrets::Exclude).await.len(), wanted.len());
    case.store.delete(&case.name("db"), Deletion::Purge).await.unwrap();
    assert_eq!(case.text(&case.name("db/replica"), VersionLabel::Current).await, "value of db/replica");
    let room = SecretName::MAX_BYTES - case.prefix.len() - 1;
    case.create(&"x".repeat(room), "long").await;
    assert_eq!(case.text(&case.name(&"x".repeat(room)), VersionLabel::Current).await, "long");
}
