//! What a user gets wrong: each a clear error on the right field, found before anything is sent where it can be.

use secret_store::aws::{AwsConfig, AwsStore};
use secret_store::{
    CreateSecret, Invalid, Metadata, MoveLabel, PutVersion, Replica, SecretValue, Store, StoreError,
    VersionLabel, VersionSelector,
};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::aws::moto::Moto;
use serde_json::json;

use crate::scene::{config, created, fresh, name, open, open_once, put, told};

/// A store that nobody answers.
fn nowhere() -> AwsStore {
    AwsStore::open(AwsConfig {
        region: Some("eu-central-1".to_owned()),
        endpoint_url: Some("http://127.0.0.1:1".to_owned()),
        max_retries: Some(0),
        ..AwsConfig::default()
    })
    .unwrap()
}

#[track_caller]
fn check_invalid<T: std::fmt::Debug>(result: Result<T, StoreError>, field: &str, expected: &str) {
    match result {
        Err(StoreError::Invalid(Invalid { field: found, reason })) => {
            assert!(found == field && reason.contains(expected), "{found}: {reason}");
        }
        other => panic!("{field}, {expected}: {other:?}"),
    }
}

fn copied(region: &str) -> Metadata {
    let replica = Replica { region: region.to_owned(), kms_key: None };
    Metadata { replicas: vec![replica], ..Metadata::default() }
}

#[tokio::test]
async fn what_breaks_a_limit_is_refused_without_asking_aws() {
    let store = nowhere();
    let good = name("prod/db");
    check_invalid(store.check_secret(&name("prod/ключ"), &Metadata::default()), "name", "`к` at position 6");
    check_invalid(store.check_new_name(&name("prod/db-abcdef")), "name", "how AWS ends the ARN");
    check_invalid(
        store.check_secret(&good, &copied("eu-central-1")),
        "replicas",
        "the region of the secret itself",
    );
    let elsewhere = Metadata {
        kms_key: Some("arn:aws:kms:us-east-1:123456789012:key/1234".to_owned()),
        ..Metadata::default()
    };
    check_invalid(store.check_secret(&good, &elsewhere), "kms_key", "in region `us-east-1`");
    let large = || SecretValue::new(vec![b'x'; 65_537]);
    let request = CreateSecret { value: Some(large()), ..created("") };
    check_invalid(store.create(&good, request).await, "value", "65537 bytes");
    let request = PutVersion { value: large(), ..put("") };
    check_invalid(store.put_version(&good, request).await, "value", "65537 bytes");
    check_invalid(store.put_version(&good, put("")).await, "value", "it is empty");
    let request = PutVersion { labels: Vec::new(), ..put("x") };
    check_invalid(store.put_version(&good, request).await, "label", "without a label");
    for (label, expected) in [("AWSCURRENT", "write `current`"), ("secretlint-staged", "this store's own")] {
        let label = VersionLabel::Custom(label.to_owned());
        let request = PutVersion { labels: vec![label.clone()], ..put("x") };
        check_invalid(store.put_version(&good, request).await, "label", expected);
        let request = MoveLabel { label: label.clone(), to: None, only_if_on: None };
        check_invalid(store.move_label(&good, request).await, "label", expected);
        check_invalid(store.read(&good, &VersionSelector::Label(label)).await, "label", expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_cannot_be_used_is_refused_before_the_secret_is_made() {
    let Some(moto) = Moto::shared() else { return };
    let (api, store) = (moto.api(), open(moto.api()));
    let keyed = |key: &str| Metadata { kms_key: Some(key.to_owned()), ..Metadata::default() };
    let (good, disabled, ending) = (api.fresh_key(), api.fresh_key(), api.fresh_key());
    api.disable_key(&disabled);
    let id = |arn: &str| arn.rsplit_once('/').unwrap().1.to_owned();
    api.does("kms", "schedule_key_deletion", json!({"KeyId": id(&ending), "PendingWindowInDays": 7}));
    let signing = api.does("kms", "create_key", json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}));
    let signing = signing["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    store.check_references(&keyed(&good)).await.unwrap();
    store.check_references(&keyed(&id(&good))).await.unwrap();
    store.check_references(&Metadata::default()).await.unwrap();
    for (key, expected) in [
        (disabled, "is disabled; enable it"),
        (ending, "is scheduled for deletion"),
        (signing, "not for symmetric encryption"),
        ("1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(), "does not exist in region `eu-central-1`"),
        ("alias/nobody".to_owned(), "does not exist in region `eu-central-1`"),
    ] {
        check_invalid(store.check_references(&keyed(&key)).await, "kms_key", expected);
    }
    let mut copied = copied("eu-west-1");
    copied.replicas[0].kms_key = Some("alias/nobody".to_owned());
    check_invalid(store.check_references(&copied).await, "replicas", "does not exist in region `eu-west-1`");
    // Who may not look at the key learns it from the apply.
    let proxy = Proxy::to(moto.address());
    let through = open_once(&api.at(proxy.address()));
    proxy.add(When::request(" DescribeKey$").refuses(400, "AccessDeniedException", "no"));
    through.check_references(&keyed("alias/nobody")).await.unwrap();
    proxy.add(When::request(" CreateSecret$").refuses(400, "KMSInvalidStateException", "key is disabled"));
    let request = CreateSecret { metadata: keyed(&good), ..created("one") };
    check_invalid(through.create(&fresh("key"), request).await, "kms_key", "AWS cannot use the key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_identity_is_told_with_what_to_do() {
    let Some(moto) = Moto::shared() else { return };
    for (status, code, expected) in [
        (400, "ExpiredTokenException", "aws sso login"),
        (400, "UnrecognizedClientException", "does not know the access key"),
        (400, "InvalidSignatureException", "the secret half of the access key is wrong"),
        (400, "AccessDeniedException", "not allowed to describe secret `prod/db`: no right"),
    ] {
        let proxy = Proxy::to(moto.address());
        proxy.add(When::request(" DescribeSecret$").refuses(status, code, "no right"));
        let error = open_once(&moto.api().at(proxy.address())).describe(&name("prod/db")).await.unwrap_err();
        assert!(told(&error).contains(expected), "{code}: {}", told(&error));
    }
    let keyless = AwsConfig { profile: Some("nobody".to_owned()), access_keys: None, ..config(moto.api()) };
    let error = AwsStore::open(keyless).unwrap().describe(&name("prod/db")).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Unavailable { .. }) && told(&error).contains("credentials"),
        "{}",
        told(&error)
    );
    let error =
        AwsStore::open(AwsConfig { max_retries: Some(0), ..config(&moto.api().at("http://127.0.0.1:1")) });
    let error = error.unwrap().describe(&name("prod/db")).await.unwrap_err();
    assert!(told(&error).contains("AWS could not be reached"), "{}", told(&error));
}
