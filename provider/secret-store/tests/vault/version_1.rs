//! KV version 1: values only, and everything else refused with the reason.

use futures::StreamExt;
use secret_store::{
    CreateSecret, Deletion, DeletionOutcome, ListFilter, Metadata, Store, StoreError, VersionLabel,
    VersionSelector,
};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::openbao::OpenBao;

use crate::kv::{created, name, open, open_at, pending, put, text};

const CURRENT: VersionSelector = VersionSelector::Label(VersionLabel::Current);

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_kept_replaced_listed_and_deleted() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv1_mount();
    let store = open(bao, &mount);
    let db = name("prod/db");
    let made = store.create(&db, created("one")).await.unwrap();
    assert_eq!(store.describe(&db).await.unwrap(), made);
    assert_eq!(bao.read(&format!("{mount}/prod/db"))["data"]["value"], "one");
    let version = store.put_version(&db, put(r#"{"value":"two"}"#)).await.unwrap();
    assert_eq!(Some(&version), made.current());
    assert_eq!(text(&store, "prod/db", &CURRENT).await, r#"{"value":"two"}"#);
    let taken = store.create(&db, created("three")).await;
    assert!(matches!(taken, Err(StoreError::AlreadyExists { .. })), "{taken:?}");
    store.create(&name("a"), created("x")).await.unwrap();
    let listed: Vec<_> = store.list(ListFilter::default()).map(|found| found.unwrap().name).collect().await;
    assert_eq!(listed, [name("a"), db.clone()]);
    assert_eq!(store.delete(&db, Deletion::Purge).await.unwrap(), DeletionOutcome::Gone);
    assert!(store.describe(&db).await.unwrap_err().is_not_found());
    assert!(store.put_version(&db, put("x")).await.unwrap_err().is_not_found());
}

/// Terraform plans resources side by side: each of them must be told the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_it_can_do_is_known_to_everybody_who_has_asked() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv1_mount();
    for _ in 0..20 {
        let store = std::sync::Arc::new(open(bao, &mount));
        let asked: Vec<_> = (0..8)
            .map(|_| {
                let store = std::sync::Arc::clone(&store);
                tokio::spawn(async move {
                    store.prepare().await.unwrap();
                    (0..500).all(|_| store.capabilities().recovery_days.is_none())
                })
            })
            .collect();
        let again = {
            let store = std::sync::Arc::clone(&store);
            // Has the server asked once more: the engine may have been mounted since.
            tokio::spawn(async move { store.describe(&name("database/static-creds/orders")).await })
        };
        for one in asked {
            assert!(one.await.unwrap(), "known, and then not");
        }
        assert!(again.await.unwrap().unwrap_err().is_not_found());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_has_no_place_for_is_refused_before_anything_is_written() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv1_mount();
    let store = open(bao, &mount);
    store.prepare().await.unwrap();
    assert_eq!(store.capabilities().recovery_days, None);
    let described = Metadata { description: Some("Orders".to_owned()), ..Metadata::default() };
    let refused = store.check_secret(&name("db"), &described).unwrap_err().to_string();
    assert_eq!(
        refused,
        "store `vault` does not support `description`: KV version 1 keeps values only; upgrade the engine with `bao kv enable-versioning`, or leave it out"
    );
    let request = CreateSecret { metadata: described, ..created("one") };
    let made = store.create(&name("db"), request).await;
    assert!(matches!(made, Err(StoreError::Unsupported { .. })), "{made:?}");
    assert!(store.describe(&name("db")).await.unwrap_err().is_not_found());
    store.create(&name("db"), created("one")).await.unwrap();
    let waiting = store.put_version(&name("db"), pending("two")).await;
    assert!(matches!(waiting, Err(StoreError::Unsupported { .. })), "{waiting:?}");
    let kept = store.delete(&name("db"), Deletion::Recoverable { days: 7 }).await;
    assert!(matches!(kept, Err(StoreError::Invalid(_))), "{kept:?}");
    assert_eq!(text(&store, "db", &CURRENT).await, "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn describing_reads_no_value_and_a_lost_answer_is_written_again() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv1_mount();
    let proxy = Proxy::to(bao.address());
    let store = open_at(proxy.address(), bao, &mount);
    proxy.add(When::request(&format!("POST /v1/{mount}/db")).times(1).loses_the_answer());
    store.create(&name("db"), created("one")).await.unwrap();
    proxy.forget();
    store.describe(&name("db")).await.unwrap();
    let requests: Vec<_> = proxy.requests().into_iter().map(|seen| (seen.path, seen.query)).collect();
    assert_eq!(requests, [(format!("/v1/{mount}/"), Some("list=true".to_owned()))]);
}
