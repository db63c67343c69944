//! Every request of every write lost, refused or broken once, and the call made again by another process: the same answer, one version, nothing
//! left over.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use jiff::SignedDuration;
use secret_store::{
    CreateSecret, Deletion, IdempotencyToken, Metadata, MoveLabel, Promotion, PutVersion, Replica,
    SecretName, Store, StoreError, VersionId, VersionLabel,
};
use secretlint_tests::proxy::{Proxy, Rule, When};
use secretlint_tests::servers::aws::Api;
use secretlint_tests::servers::aws::moto::Moto;
use serde_json::{Value, json};

use crate::scene::{created, fresh, open, open_once, pending, put, stages, told, value};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It is carried out, and the connection breaks before the answer.
    AnswerLost,
    /// The connection breaks before AWS hears of it.
    Reset,
    Throttled,
    /// AWS has a failure of its own, before it does anything.
    Internal,
    /// It is carried out, and something between says that AWS is not available.
    CarriedOutAnd503,
}

const FAULTS: [Fault; 5] =
    [Fault::AnswerLost, Fault::Reset, Fault::Throttled, Fault::Internal, Fault::CarriedOutAnd503];

impl Fault {
    /// Strikes the request after the first so many.
    fn at(self, index: usize) -> Rule {
        let when = When::request("^POST / ").after(index).times(1);
        match self {
            Self::AnswerLost => when.loses_the_answer(),
            Self::Reset => when.resets(),
            Self::Throttled => when.refuses(400, "ThrottlingException", "Rate exceeded"),
            Self::Internal => {
                when.refuses(500, "InternalServiceError", "An error occurred on the server side.")
            }
            Self::CarriedOutAnd503 => when.passes_then_refuses(503, "ServiceUnavailable", "try later"),
        }
    }
}

type Call = for<'s> fn(&'s dyn Store, &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>>;

/// Runs a call with each of its requests failing in each way, on a fresh secret each time, until a run has no request left
/// to fail. `state` says what is to be the same as after an undisturbed run.
async fn check(
    title: &str,
    prepare: impl AsyncFn(&dyn Store, &SecretName),
    call: Call,
    state: fn(&Api, &SecretName) -> String,
) {
    let Some(moto) = Moto::shared() else { return };
    let plain = open_once(moto.api());
    let undisturbed = fresh(title);
    prepare(&plain, &undisturbed).await;
    call(&plain, &undisturbed).await.unwrap();
    let expected = state(moto.api(), &undisturbed);
    let proxy = Proxy::to(moto.address());
    let struck = open_once(&moto.api().at(proxy.address()));
    for fault in FAULTS {
        for index in 0.. {
            let secret = fresh(title);
            prepare(&plain, &secret).await;
            proxy.behave();
            proxy.forget();
            proxy.add(fault.at(index));
            // Transient at worst; another process then makes the same call.
            let first = call(&struck, &secret).await;
            let place = format!("{title}, {fault:?} at {index}");
            assert!(
                first.as_ref().err().is_none_or(StoreError::is_transient),
                "{place}: {first:?}, {:#?}",
                proxy.requests()
            );
            call(&plain, &secret).await.unwrap_or_else(|error| panic!("{place}, again: {error}"));
            assert_eq!(state(moto.api(), &secret), expected, "{place}: {:#?}", proxy.requests());
            if proxy.requests().len() <= index {
                break;
            }
            // Once AWS has said that it made the secret, the caller is not told less than that.
            let is_known = title.starts_with("create") && index > 0;
            assert_eq!(first.is_ok(), is_known, "{place}: {first:?}");
        }
    }
}

/// All there is to a secret, as boto3 sees it: metadata, versions with labels and values, also those without labels, copies.
fn all(api: &Api, secret: &SecretName) -> String {
    let described = match api.call("secretsmanager", "describe_secret", json!({"SecretId": secret})) {
        Ok(described) => described,
        Err(refused) => return refused.code,
    };
    let tags: BTreeMap<String, String> = described["Tags"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tag| (tag["Key"].as_str().unwrap().to_owned(), tag["Value"].as_str().unwrap().to_owned()))
        .map(|(key, value)| (key, value.split(' ').next_back().unwrap_or_default().to_owned()))
        // A time, or a token of this secret.
        .map(|(key, value)| if key.starts_with("secretlint:") { (key, String::new()) } else { (key, value) })
        .collect();
    let is_deleted = !described["DeletedDate"].is_null();
    let mut versions: Vec<String> = stages(api, secret)
        .into_iter()
        .map(|(id, labels)| {
            let request = json!({"SecretId": secret, "VersionId": id});
            let value = if is_deleted {
                Value::Null
            } else {
                api.does("secretsmanager", "get_secret_value", request)["SecretString"].clone()
            };
            format!("{labels:?} {value}")
        })
        .collect();
    versions.sort();
    let copies: Vec<_> =
        described["ReplicationStatus"].as_array().into_iter().flatten().map(|copy| &copy["Region"]).collect();
    let description = &described["Description"];
    format!("{description} {tags:?} deleted: {is_deleted} copies: {copies:?} {versions:#?}")
}

/// The token of the call under test: one per secret, the same in every repetition.
fn token(secret: &SecretName, part: &str) -> IdempotencyToken {
    IdempotencyToken::derive(&[secret.as_str(), part])
}

/// The version of that token.
fn version(secret: &SecretName, part: &str) -> VersionId {
    VersionId::parse(token(secret, part).as_str()).unwrap()
}

fn orders() -> Metadata {
    Metadata {
        description: Some("Orders".to_owned()),
        owner: Some("team-orders".to_owned()),
        tags: BTreeMap::from([("service".to_owned(), "orders".to_owned())]),
        annotations: BTreeMap::from([("rule".to_owned(), "{".repeat(300))]),
        replicas: vec![Replica { region: "eu-west-1".to_owned(), kms_key: None }],
        ..Metadata::default()
    }
}

async fn nothing(_: &dyn Store, _: &SecretName) {}

async fn one_version(store: &dyn Store, secret: &SecretName) {
    let request = CreateSecret { token: token(secret, "one"), ..created("one") };
    store.create(secret, request).await.unwrap();
}

async fn two_versions(store: &dyn Store, secret: &SecretName) {
    one_version(store, secret).await;
    store.put_version(secret, PutVersion { token: token(secret, "two"), ..put("two") }).await.unwrap();
}

async fn rotating(store: &dyn Store, secret: &SecretName) {
    one_version(store, secret).await;
    store.put_version(secret, PutVersion { token: token(secret, "two"), ..pending("two") }).await.unwrap();
}

async fn with_all_metadata(store: &dyn Store, secret: &SecretName) {
    let request = CreateSecret { metadata: orders(), ..created("one") };
    store.create(secret, request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_happens_once() {
    fn call<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        let request = CreateSecret { metadata: orders(), token: token(secret, "create"), ..created("one") };
        Box::pin(async move {
            let made = store.create(secret, request).await?;
            assert_eq!(made.metadata, orders());
            Ok(())
        })
    }
    check("create", nothing, call, all).await;
    fn empty<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        let request = CreateSecret { value: None, token: token(secret, "create"), ..created("") };
        Box::pin(async move { store.create(secret, request).await.map(drop) })
    }
    check("create-empty", nothing, empty, all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_happens_whole() {
    // As the provider does: what is to change is found by describing.
    fn call<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        Box::pin(async move {
            let seen = store.describe(secret).await?;
            let wanted = Metadata {
                description: Some("Orders, again".to_owned()),
                owner: None,
                tags: BTreeMap::from([("stage".to_owned(), "prod".to_owned())]),
                annotations: BTreeMap::from([("rule".to_owned(), "{".repeat(100))]),
                replicas: vec![Replica { region: "us-east-1".to_owned(), kms_key: None }],
                ..Metadata::default()
            };
            let updated = store.update(secret, wanted.clone(), &seen.revision).await?;
            assert_eq!(updated.metadata, wanted);
            Ok(())
        })
    }
    check("update", with_all_metadata, call, all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_happens_once() {
    fn call<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        let request = PutVersion { token: token(secret, "put"), ..put("two") };
        Box::pin(async move {
            let made = store.put_version(secret, request).await?;
            assert_eq!((made.id, made.labels), (version(secret, "put"), vec![VersionLabel::Current]));
            Ok(())
        })
    }
    check("put", one_version, call, all).await;
    fn graceful<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        let keep_previous_for = Some(SignedDuration::from_hours(1));
        let request = PutVersion { token: token(secret, "put"), keep_previous_for, ..put("two") };
        Box::pin(async move {
            store.put_version(secret, request).await?;
            let described = store.describe(secret).await?;
            assert!(described.version_with(&VersionLabel::Previous).unwrap().expires_at.is_some());
            Ok(())
        })
    }
    check("put-with-grace", one_version, graceful, all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarded_put_happens_once() {
    fn call<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        let request = PutVersion {
            token: token(secret, "put"),
            labels: vec![VersionLabel::Current, VersionLabel::Custom("blue".to_owned())],
            only_if_current: Some(version(secret, "one")),
            ..put("two")
        };
        Box::pin(async move { store.put_version(secret, request).await.map(drop) })
    }
    check("put-guarded", one_version, call, all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_and_a_rollback_happen_once() {
    fn promote<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        let keep_previous_for = Some(SignedDuration::from_hours(1));
        let promotion = Promotion { version: version(secret, "two"), keep_previous_for };
        Box::pin(async move {
            let described = store.promote(secret, promotion).await?;
            assert!(described.version_with(&VersionLabel::Previous).unwrap().expires_at.is_some());
            Ok(())
        })
    }
    check("promote", rotating, promote, all).await;
    fn back<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        let promotion = Promotion { version: version(secret, "one"), keep_previous_for: None };
        Box::pin(async move { store.promote(secret, promotion).await.map(drop) })
    }
    check("rollback", two_versions, back, all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_move_once() {
    fn call<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        let request = MoveLabel {
            label: VersionLabel::Custom("blue".to_owned()),
            to: Some(version(secret, "two")),
            only_if_on: None,
        };
        Box::pin(async move { store.move_label(secret, request).await.map(drop) })
    }
    async fn labelled(store: &dyn Store, secret: &SecretName) {
        two_versions(store, secret).await;
        let label = VersionLabel::Custom("blue".to_owned());
        let request = MoveLabel { label, to: Some(version(secret, "one")), only_if_on: None };
        store.move_label(secret, request).await.unwrap();
    }
    check("label", labelled, call, all).await;
    fn retire<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        Box::pin(async move {
            match store.retire_version(secret, &version(secret, "one")).await {
                Err(error) if error.is_not_found() => Ok(()),
                retired => retired,
            }
        })
    }
    check("retire", labelled, retire, all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_and_restorations_happen_whole() {
    fn delete<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        Box::pin(async move { store.delete(secret, Deletion::Recoverable { days: 7 }).await.map(drop) })
    }
    check("delete", with_all_metadata, delete, all).await;
    async fn deleted(store: &dyn Store, secret: &SecretName) {
        two_versions(store, secret).await;
        delete(store, secret).await.unwrap();
    }
    fn restore<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        Box::pin(async move { store.restore(secret).await.map(drop) })
    }
    check("restore", deleted, restore, all).await;
    fn purge<'s>(store: &'s dyn Store, secret: &'s SecretName) -> BoxFuture<'s, Result<(), StoreError>> {
        Box::pin(async move {
            match store.delete(secret, Deletion::Purge).await {
                Err(error) if error.is_not_found() => Ok(()),
                purged => purged.map(drop),
            }
        })
    }
    check("purge", with_all_metadata, purge, all).await;
    check("purge-deleted", deleted, purge, all).await;
}

/// The store's own repetition: a burst of throttled requests, lost answers and failures that nobody sees.
#[tokio::test(flavor = "multi_thread")]
async fn the_store_repeats_what_went_wrong_by_itself() {
    let Some(moto) = Moto::shared() else { return };
    let proxy = Proxy::to(moto.address());
    let store = open(&moto.api().at(proxy.address()));
    for operation in ["CreateSecret", "PutSecretValue", "UpdateSecretVersionStage", "DeleteSecret"] {
        let when = || When::request(&format!(" {operation}$"));
        proxy.add(when().times(1).loses_the_answer());
        proxy.add(when().times(1).refuses(400, "ThrottlingException", "Rate exceeded"));
    }
    proxy.add(When::request(" DescribeSecret$").times(3).refuses(
        400,
        "ThrottlingException",
        "Rate exceeded",
    ));
    proxy.add(When::request(" ListSecretVersionIds$").times(1).refuses(500, "InternalServiceError", "once"));
    let secret = fresh("repeated");
    let made = store.create(&secret, created("one")).await.unwrap();
    let guarded = PutVersion { only_if_current: Some(made.current().unwrap().id.clone()), ..put("two") };
    let put = store.put_version(&secret, guarded).await.unwrap();
    assert_eq!(put.labels, [VersionLabel::Current]);
    let mut labels: Vec<_> = stages(moto.api(), &secret).into_values().collect();
    labels.sort();
    assert_eq!(labels, [vec!["AWSCURRENT"], vec!["AWSPREVIOUS"]], "two versions, and nothing staged");
    store.delete(&secret, Deletion::Purge).await.unwrap();
    assert!(proxy.count(" PutSecretValue$") == 3, "{:#?}", proxy.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarded_put_that_loses_a_race_leaves_nothing() {
    let Some(moto) = Moto::shared() else { return };
    for after in ["DescribeSecret", "PutSecretValue"] {
        let secret = fresh("race");
        let made = open(moto.api()).create(&secret, created("one")).await.unwrap();
        let proxy = Proxy::to(moto.address());
        let (api, name) = (moto.api().clone(), secret.clone());
        let theirs = move || {
            let request = json!({"SecretId": name, "SecretString": "theirs"});
            api.does("secretsmanager", "put_secret_value", request);
        };
        proxy.add(When::request(&format!(" {after}$")).times(1).calls(theirs));
        let guarded = PutVersion { only_if_current: Some(made.current().unwrap().id.clone()), ..put("mine") };
        let store = open_once(&moto.api().at(proxy.address()));
        for attempt in ["first", "repeated"] {
            let lost = store.put_version(&secret, guarded.clone()).await;
            assert!(matches!(lost, Err(StoreError::Conflict { .. })), "{after}, {attempt}: {lost:?}");
            let read = moto.api().does("secretsmanager", "get_secret_value", json!({"SecretId": secret}));
            assert_eq!(read["SecretString"], "theirs");
            let staged: Vec<_> = stages(moto.api(), &secret).into_values().flatten().collect();
            assert!(!staged.contains(&"secretlint-staged".to_owned()), "{staged:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_error_shows_a_value() {
    let Some(moto) = Moto::shared() else { return };
    let plain = open(moto.api());
    let canary = "canary-7f3a";
    let cases = [
        (400, "ValidationException", "Value 'canary-7f3a' at 'secretString' failed to satisfy constraint"),
        (400, "InvalidParameterException", "canary-7f3a"),
        (400, "SerializationException", "canary-7f3a"),
        (400, "InvalidRequestException", "no"),
        (400, "AccessDeniedException", "no"),
        (400, "EncryptionFailure", "no"),
        (400, "LimitExceededException", "no"),
        (500, "InternalServiceError", "canary-7f3a"),
        (429, "", "canary-7f3a"),
    ];
    for (status, code, message) in cases {
        let secret = fresh("canary");
        plain.create(&secret, created("one")).await.unwrap();
        let proxy = Proxy::to(moto.address());
        proxy.add(When::request("(PutSecretValue|CreateSecret)$").refuses(status, code, message));
        let store = open_once(&moto.api().at(proxy.address()));
        let put = store.put_version(&secret, put(canary)).await.unwrap_err();
        let request = CreateSecret { value: Some(value(canary)), ..created("") };
        let created = store.create(&fresh("canary"), request).await.unwrap_err();
        for error in [put, created] {
            assert!(!told(&error).contains(canary), "{status} {code}: {}", told(&error));
        }
    }
    // An answer that is not AWS's.
    let proxy = Proxy::to(moto.address());
    proxy.add(When::request("GetSecretValue$").answers(200, json!({"SecretString": {"nested": canary}})));
    let secret = fresh("canary");
    plain.create(&secret, created("one")).await.unwrap();
    let store = open_once(&moto.api().at(proxy.address()));
    let selector = secret_store::VersionSelector::Label(VersionLabel::Current);
    let error = store.read(&secret, &selector).await.unwrap_err();
    assert!(!told(&error).contains(canary), "{}", told(&error));
}
