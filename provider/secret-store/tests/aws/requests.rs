//! How many requests each call sends to AWS.

use secret_store::{CreateSecret, Deletion, Metadata, Promotion, PutVersion, Store, StoreError};
use secretlint_tests::proxy::Proxy;
use secretlint_tests::servers::aws::moto::Moto;

use crate::scene::{CURRENT, created, fresh, open_once, pending, put, tagged, with};

/// What a call sends, by name.
async fn requests<T>(proxy: &Proxy, call: impl Future<Output = Result<T, StoreError>>) -> Vec<String> {
    proxy.forget();
    call.await.unwrap();
    proxy.requests().into_iter().filter_map(|seen| seen.operation).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_sends_no_more_requests_than_it_must() {
    let Some(moto) = Moto::shared() else { return };
    let proxy = Proxy::to(moto.address());
    let store = open_once(&moto.api().at(proxy.address()));
    let secret = fresh("counted");
    let (describe, list, stage) = ("DescribeSecret", "ListSecretVersionIds", "UpdateSecretVersionStage");
    let empty = fresh("counted-empty");
    let request = CreateSecret { value: None, ..created("") };
    let sent = requests(&proxy, store.create(&empty, request)).await;
    assert_eq!(sent, ["CreateSecret", describe]);
    let sent = requests(&proxy, store.create(&secret, created("one"))).await;
    assert_eq!(sent, ["CreateSecret", describe, list]);
    let sent = requests(&proxy, store.describe(&secret)).await;
    assert_eq!(sent, [describe, list]);
    let sent = requests(&proxy, store.read(&secret, &CURRENT)).await;
    assert_eq!(sent, ["GetSecretValue"]);
    let sent = requests(&proxy, store.put_version(&secret, put("two"))).await;
    assert_eq!(sent, ["PutSecretValue", list]);
    let seen = store.describe(&secret).await.unwrap();
    let current = seen.current().unwrap().id.clone();
    let guarded = PutVersion { only_if_current: Some(current), ..put("three") };
    let sent = requests(&proxy, store.put_version(&secret, guarded)).await;
    assert_eq!(sent, [describe, "PutSecretValue", stage, stage, list]);
    let update = store.update(&secret, tagged(&[("a", "b")]), &seen.revision);
    let sent = requests(&proxy, update).await;
    assert_eq!(sent, [describe, "TagResource", describe, list]);
    let waiting = store.put_version(&secret, pending("four")).await.unwrap().id;
    let promote = store.promote(&secret, Promotion { version: waiting, keep_previous_for: None });
    let sent = requests(&proxy, promote).await;
    assert_eq!(sent, [describe, stage, stage, describe, list]);
    let delete = store.delete(&secret, Deletion::Recoverable { days: 7 });
    let sent = requests(&proxy, delete).await;
    assert_eq!(sent, [describe, "DeleteSecret", describe]);
    let sent = requests(&proxy, store.restore(&secret)).await;
    assert_eq!(sent, [describe, "RestoreSecret", describe, list]);
    let sent = requests(&proxy, store.delete(&secret, Deletion::Purge)).await;
    assert_eq!(sent, [describe, "DeleteSecret", describe]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_spelled_in_another_way_is_not_written_again() {
    let Some(moto) = Moto::shared() else { return };
    let key = moto.api().fresh_key();
    let (_, id) = key.split_once('/').unwrap();
    let proxy = Proxy::to(moto.address());
    let store = open_once(&moto.api().at(proxy.address()));
    let secret = fresh("respelled");
    let keyed = |key: &str, tags| Metadata { kms_key: Some(key.to_owned()), ..tagged(tags) };
    let made = store.create(&secret, with(keyed(&key, &[]))).await.unwrap();
    let update = store.update(&secret, keyed(id, &[("a", "b")]), &made.revision);
    let sent = requests(&proxy, update).await;
    assert_eq!(sent, ["DescribeSecret", "TagResource", "DescribeSecret", "ListSecretVersionIds"]);
}
