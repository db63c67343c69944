//! What each call sends. The table stands in the README of this crate.

use futures::StreamExt;
use secret_store::{
    Deletion, IdempotencyToken, ListFilter, Metadata, Promotion, Store, VersionId, VersionLabel,
    VersionSelector,
};
use secretlint_tests::proxy::Proxy;
use secretlint_tests::servers::openbao::OpenBao;

use crate::kv::{created, name, open_at, pending, put};

/// `GET metadata`, `POST data`, …, one per request since the last time.
fn sent(proxy: &Proxy, mount: &str) -> String {
    let shown = proxy.requests().into_iter().map(|seen| {
        let path =
            seen.path.trim_start_matches("/v1/").trim_start_matches(mount).trim_start_matches('/').to_owned();
        let part = path.split('/').next().unwrap_or_default().to_owned();
        let beside = if path.ends_with("/.pending") { ".pending " } else { "" };
        let method = if seen.query.as_deref() == Some("list=true") { "LIST" } else { seen.method.as_str() };
        format!("{method} {beside}{part}")
    });
    let shown: Vec<_> = shown.collect();
    proxy.forget();
    shown.join(", ")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_sends_what_the_readme_says() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv2_mount();
    let proxy = Proxy::to(bao.address());
    let store = open_at(proxy.address(), bao, &mount);
    let current = VersionSelector::Label(VersionLabel::Current);
    store.create(&name("first"), created("one")).await.unwrap();
    proxy.forget();
    let made = store.create(&name("db"), created("one")).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET metadata, POST metadata, POST data, GET metadata");
    store.describe(&name("db")).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET metadata");
    store.read(&name("db"), &current).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET data");
    store.put_version(&name("db"), put("two")).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET metadata, POST metadata, POST data");
    store.read(&name("db"), &VersionSelector::Label(VersionLabel::Previous)).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET metadata, GET data");
    let waiting = store.put_version(&name("db"), pending("three")).await.unwrap();
    assert_eq!(
        sent(&proxy, &mount),
        "GET metadata, GET .pending metadata, POST .pending data, GET metadata, POST metadata"
    );
    let promotion = Promotion { version: waiting.id, keep_previous_for: None };
    let described = store.promote(&name("db"), promotion).await.unwrap();
    assert_eq!(
        sent(&proxy, &mount),
        "GET metadata, GET .pending data, POST metadata, POST data, DELETE .pending metadata, GET metadata"
    );
    let owned = Metadata { owner: Some("team".to_owned()), ..Metadata::default() };
    store.update(&name("db"), owned, &described.revision).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET metadata, POST metadata, GET metadata");
    store.retire_version(&name("db"), &made.current().unwrap().id).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET metadata, POST destroy");
    let back = Promotion { version: VersionId::parse("2").unwrap(), keep_previous_for: None };
    store.promote(&name("db"), back).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET metadata, GET data, POST metadata, POST data, GET metadata");
    store.delete(&name("db"), Deletion::Recoverable { days: 7 }).await.unwrap();
    assert_eq!(sent(&proxy, &mount), "GET metadata, POST metadata, POST delete");
    store.restore(&name("db")).await.unwrap();
    assert_eq!(
        sent(&proxy, &mount),
        "GET metadata, POST undelete, GET metadata, POST metadata, GET metadata"
    );
    for folder in ["a", "b/c"] {
        let request = secret_store::CreateSecret { token: IdempotencyToken::random(), ..created("x") };
        store.create(&name(&format!("{folder}/db")), request).await.unwrap();
    }
    proxy.forget();
    assert_eq!(store.list(ListFilter::default()).count().await, 4);
    assert_eq!(sent(&proxy, &mount), ["LIST detailed-metadata"; 4].join(", "), "one for each folder");
    store.delete(&name("db"), Deletion::Purge).await.unwrap();
    let purge = sent(&proxy, &mount);
    assert!(
        purge.starts_with("GET metadata, LIST ")
            && purge.ends_with("DELETE .pending metadata, DELETE metadata"),
        "{purge}"
    );
}
