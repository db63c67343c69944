//! Several processes on one secret: two stores know nothing of each other's locks.

use std::collections::BTreeSet;

use futures::future::join_all;
use secret_store::{CreateSecret, Metadata, Store, StoreError, VersionLabel, VersionSelector};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::openbao::OpenBao;

use crate::kv::{created, name, open, open_at, put, text};

async fn check_parallel_puts(left: &dyn Store, right: &dyn Store) {
    let name = name("prod/db");
    left.create(&name, created("one")).await.unwrap();
    let requests: Vec<_> = (0..8).map(|index| put(&format!("parallel {index}"))).collect();
    // Each from both: the same call, made by a process and by the one that came after it.
    let calls = requests.iter().flat_map(|request| {
        [left.put_version(&name, request.clone()), right.put_version(&name, request.clone())]
    });
    let made: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let ids: BTreeSet<_> = made.iter().map(|version| version.id.as_str().to_owned()).collect();
    assert_eq!(ids, (2..10).map(|number| number.to_string()).collect(), "eight versions, no more");
    for (pair, request) in made.chunks(2).zip(&requests) {
        assert_eq!(pair[0].id, pair[1].id);
        let read = right.read(&name, &VersionSelector::Id(pair[0].id.clone())).await.unwrap();
        assert!(read.value == request.value, "version {} has another's value", pair[0].id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_each_version_once() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv2_mount();
    check_parallel_puts(&open(bao, &mount), &open(bao, &mount)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_creators_who_race_one_wins_and_its_metadata_stays() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv2_mount();
    for round in 0..10 {
        let name = name(&format!("raced-{round}"));
        let stores: Vec<_> = (0..4).map(|_| open(bao, &mount)).collect();
        let calls = stores.iter().enumerate().map(|(index, store)| {
            let metadata = Metadata { owner: Some(format!("team-{index}")), ..Metadata::default() };
            let request = CreateSecret { metadata, ..created(&format!("value {index}")) };
            store.create(&name, request)
        });
        let made = join_all(calls).await;
        let winners: Vec<_> = (0..4).filter(|index| made[*index].is_ok()).collect();
        let [winner] = winners[..] else { panic!("{winners:?} won: {made:#?}") };
        assert!(made.iter().all(|made| matches!(made, Ok(_) | Err(StoreError::AlreadyExists { .. }))));
        let described = stores[0].describe(&name).await.unwrap();
        assert_eq!(described.metadata.owner, Some(format!("team-{winner}")));
        let current = VersionSelector::Label(VersionLabel::Current);
        assert_eq!(text(&stores[0], name.as_str(), &current).await, format!("value {winner}"));
    }
}

/// Vault: metadata has no version of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_check_metadata_still_writes_each_version_once() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv2_mount();
    let proxy = Proxy::to(bao.address());
    proxy.add(When::request(".").omits("current_metadata_version"));
    let store = open_at(proxy.address(), bao, &mount);
    let name = name("prod/db");
    let made = store.create(&name, created("one")).await.unwrap();
    let request = put("two");
    let first = store.put_version(&name, request.clone()).await.unwrap();
    assert_eq!(store.put_version(&name, request).await.unwrap(), first);
    let described = store.describe(&name).await.unwrap();
    assert_eq!(described.versions.len(), 2);
    assert_ne!(described.revision, made.revision);
    let changed = Metadata { owner: Some("team".to_owned()), ..Metadata::default() };
    let updated = store.update(&name, changed.clone(), &described.revision).await.unwrap();
    assert_eq!(updated.metadata, changed);
    let other = Metadata::default();
    let stale = store.update(&name, other, &described.revision).await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    let again = store.create(&name, created("three")).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists { .. })), "{again:?}");
}
