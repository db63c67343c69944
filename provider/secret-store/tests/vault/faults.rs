//! Every request of every call lost, refused or broken once, and the call made again: the same answer, and no second version.

use futures::future::BoxFuture;
use secret_store::{
    Deletion, DeletionOutcome, IdempotencyToken, Metadata, Promotion, Store, StoreError, VersionId,
    VersionLabel, VersionSelector,
};
use secretlint_tests::proxy::{Proxy, Rule, When};
use secretlint_tests::servers::openbao::OpenBao;
use serde_json::json;

use crate::kv::{created, name, open, open_at, pending, put, text, value};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It is carried out, and the connection breaks before the answer.
    AnswerLost,
    /// The connection breaks before the server hears of it.
    Reset,
    /// It is carried out, and something between says that the server is not available.
    CarriedOutAnd503,
    Throttled,
    Standby,
    Behind,
    OtherCluster,
}

const FAULTS: [Fault; 7] = [
    Fault::AnswerLost,
    Fault::Reset,
    Fault::CarriedOutAnd503,
    Fault::Throttled,
    Fault::Standby,
    Fault::Behind,
    Fault::OtherCluster,
];

impl Fault {
    /// Strikes the request after the first so many.
    fn at(self, index: usize) -> Rule {
        let when = When::request("/v1/.*/(metadata|data|delete|undelete|destroy)/").after(index).times(1);
        let errors = |text: &str| json!({ "errors": [text] });
        match self {
            Self::AnswerLost => when.loses_the_answer(),
            Self::Reset => when.resets(),
            Self::CarriedOutAnd503 => when.passes_then_answers(503, errors("Vault is sealed")),
            Self::Throttled => when
                .answers(429, errors("request path: rate limit quota exceeded"))
                .with_header("retry-after", "0"),
            Self::Standby => when.answers(429, json!({})),
            Self::Behind => when.answers(412, errors("required index state not present")),
            Self::OtherCluster => when.answers(473, json!({})),
        }
    }
}

/// Runs a call with each of its requests failing in each way, on a fresh secret each time, until a run has no request left
/// to fail. `state` says what is to be the same as after an undisturbed run.
async fn check<'a>(
    bao: &OpenBao,
    title: &str,
    prepare: impl AsyncFn(&dyn Store, &str),
    call: impl for<'s> Fn(&'s dyn Store, &'s str) -> BoxFuture<'s, Result<(), StoreError>>,
    state: impl AsyncFn(&dyn Store, &str) -> String,
) {
    let mount = bao.fresh_kv2_mount();
    let plain = open(bao, &mount);
    prepare(&plain, "undisturbed").await;
    call(&plain, "undisturbed").await.unwrap();
    let expected = state(&plain, "undisturbed").await;
    for fault in FAULTS {
        for index in 0.. {
            let secret = format!("{fault:?}-{index}");
            prepare(&plain, &secret).await;
            let proxy = Proxy::to(bao.address());
            let store = open_at(proxy.address(), bao, &mount);
            // The mounts are read first, undisturbed.
            let _ = store.describe(&name("nothing")).await;
            proxy.forget();
            proxy.add(fault.at(index));
            // Transient at worst; another process then makes the same call.
            let first = call(&store, &secret).await;
            let again = open(bao, &mount);
            call(&again, &secret).await.unwrap_or_else(|error| panic!("{title}, {secret}, again: {error}"));
            assert!(
                first.as_ref().err().is_none_or(StoreError::is_transient),
                "{title}, {secret}: {first:?}, {:#?}",
                proxy.requests()
            );
            assert_eq!(state(&plain, &secret).await, expected, "{title}, {secret}: {:#?}", proxy.requests());
            let requests = proxy.requests().len();
            if requests <= index {
                break;
            }
        }
    }
}

/// Labels and values of all versions, and whether it is deleted.
async fn versions(store: &dyn Store, secret: &str) -> String {
    let described = store.describe(&name(secret)).await.unwrap();
    let mut shown = format!("deleted: {}", described.deletion.is_some());
    for version in described.versions {
        let value = if described.deletion.is_some() {
            "?".to_owned()
        } else {
            text(store, secret, &VersionSelector::Id(version.id.clone())).await
        };
        let labels: Vec<_> = version.labels.iter().map(VersionLabel::as_str).collect();
        shown.push_str(&format!("; {} {labels:?} {value}", version.id));
    }
    shown
}

/// The token of the call under test: one per secret, the same in every repetition.
fn token(secret: &str, part: &str) -> IdempotencyToken {
    IdempotencyToken::derive(&[secret, part])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_happens_once() {
    let Some(bao) = OpenBao::shared() else { return };
    fn call<'s>(store: &'s dyn Store, secret: &'s str) -> BoxFuture<'s, Result<(), StoreError>> {
        let mut request = created("one");
        request.token = token(secret, "create");
        request.metadata = Metadata { description: Some("Orders".to_owned()), ..Metadata::default() };
        Box::pin(async move { store.create(&name(secret), request).await.map(drop) })
    }
    let state = async |store: &dyn Store, secret: &str| {
        let described = store.describe(&name(secret)).await.unwrap();
        format!("{:?}; {}", described.metadata, versions(store, secret).await)
    };
    check(bao, "create", async |_, _| {}, call, state).await;
}

async fn one_version(store: &dyn Store, secret: &str) {
    store.create(&name(secret), created("one")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_happens_once() {
    let Some(bao) = OpenBao::shared() else { return };
    fn call<'s>(store: &'s dyn Store, secret: &'s str) -> BoxFuture<'s, Result<(), StoreError>> {
        let mut request = put("two");
        request.token = token(secret, "put");
        Box::pin(async move {
            let version = store.put_version(&name(secret), request).await?;
            assert_eq!((version.id.as_str(), version.labels), ("2", vec![VersionLabel::Current]));
            Ok(())
        })
    }
    check(bao, "put", one_version, call, versions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_staged_once() {
    let Some(bao) = OpenBao::shared() else { return };
    fn call<'s>(store: &'s dyn Store, secret: &'s str) -> BoxFuture<'s, Result<(), StoreError>> {
        let mut request = pending("two");
        request.token = token("any", "stage");
        Box::pin(async move { store.put_version(&name(secret), request).await.map(drop) })
    }
    check(bao, "stage", one_version, call, versions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_and_a_rollback_happen_once() {
    let Some(bao) = OpenBao::shared() else { return };
    async fn rotating(store: &dyn Store, secret: &str) {
        one_version(store, secret).await;
        let mut request = pending("two");
        request.token = token("any", "stage");
        store.put_version(&name(secret), request).await.unwrap();
    }
    fn promote<'s>(store: &'s dyn Store, secret: &'s str) -> BoxFuture<'s, Result<(), StoreError>> {
        let version = VersionId::parse(&format!("pending-{}", token("any", "stage").as_str())).unwrap();
        let promotion = Promotion { version, keep_previous_for: None };
        Box::pin(async move { store.promote(&name(secret), promotion).await.map(drop) })
    }
    check(bao, "promote", rotating, promote, versions).await;
    async fn rotated(store: &dyn Store, secret: &str) {
        one_version(store, secret).await;
        store.put_version(&name(secret), put("two")).await.unwrap();
    }
    fn back<'s>(store: &'s dyn Store, secret: &'s str) -> BoxFuture<'s, Result<(), StoreError>> {
        let promotion = Promotion { version: VersionId::parse("1").unwrap(), keep_previous_for: None };
        Box::pin(async move { store.promote(&name(secret), promotion).await.map(drop) })
    }
    check(bao, "rollback", rotated, back, versions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_and_restorations_happen_whole() {
    let Some(bao) = OpenBao::shared() else { return };
    async fn two_versions(store: &dyn Store, secret: &str) {
        one_version(store, secret).await;
        store.put_version(&name(secret), put("two")).await.unwrap();
    }
    fn delete<'s>(store: &'s dyn Store, secret: &'s str) -> BoxFuture<'s, Result<(), StoreError>> {
        Box::pin(async move {
            let outcome = store.delete(&name(secret), Deletion::Recoverable { days: 7 }).await?;
            assert!(matches!(outcome, DeletionOutcome::RecoverableUntil(Some(_))));
            Ok(())
        })
    }
    check(bao, "delete", two_versions, delete, versions).await;
    async fn deleted(store: &dyn Store, secret: &str) {
        two_versions(store, secret).await;
        delete(store, secret).await.unwrap();
    }
    fn restore<'s>(store: &'s dyn Store, secret: &'s str) -> BoxFuture<'s, Result<(), StoreError>> {
        Box::pin(async move { store.restore(&name(secret)).await.map(drop) })
    }
    check(bao, "restore", deleted, restore, versions).await;
    fn purge<'s>(store: &'s dyn Store, secret: &'s str) -> BoxFuture<'s, Result<(), StoreError>> {
        Box::pin(async move {
            match store.delete(&name(secret), Deletion::Purge).await {
                Err(error) if error.is_not_found() => Ok(()),
                purged => purged.map(drop),
            }
        })
    }
    let gone = async |store: &dyn Store, secret: &str| {
        store.describe(&name(secret)).await.unwrap_err().is_not_found().to_string()
    };
    check(bao, "purge", two_versions, purge, gone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_is_told_by_what_to_do_and_without_the_value() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv2_mount();
    let cases = [
        (503, json!({"errors": ["Vault is sealed"]}), "unseal it"),
        (429, json!({}), "standby"),
        (473, json!({}), "standby"),
        (412, json!({"errors": ["required index state not present"]}), "not caught up"),
        (403, json!({"errors": ["1 error occurred:\n\t* permission denied\n\n"]}), "capabilities"),
        (400, json!({"errors": ["no"]}), "refused"),
        (500, json!({"errors": ["internal error"]}), "may or may not have happened"),
        (200, json!({"nothing": "known"}), "not understood"),
    ];
    for (status, body, says) in cases {
        let proxy = Proxy::to(bao.address());
        let mut config = crate::kv::config_at(proxy.address(), bao, &mount);
        config.max_retries = Some(0);
        let store = secret_store::vault::VaultStore::open(config).unwrap();
        let made = format!("case-{status}-{}", says.len());
        store.create(&name(&made), created("one")).await.unwrap();
        proxy.add(When::request("(POST|PUT) /v1/.*/(metadata|data)/").answers(status, body));
        let put = store.put_version(&name(&made), put("canary-7f3a")).await;
        let error = put.err().map_or_else(|| "no error".to_owned(), |error| chain(&error));
        assert!(error.contains(says) && !error.contains("canary-7f3a"), "{status}: {error}");
        let request = secret_store::CreateSecret { value: Some(value("canary-7f3a")), ..created("") };
        let created = store.create(&name(&format!("{made}-new")), request).await;
        let error = created.err().map_or_else(String::new, |error| chain(&error));
        assert!(!error.contains("canary-7f3a"), "{status}: {error}");
    }
}

fn chain(error: &StoreError) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(next) = cause {
        shown.push_str(&format!(" | {next} {next:?}"));
        cause = next.source();
    }
    shown
}
