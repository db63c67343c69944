//! Stores on the doubles, and what the tests put into them.

use std::collections::BTreeMap;

use secret_store::aws::{AccessKeys, AwsConfig, AwsStore};
use secret_store::{
    CreateSecret, IdempotencyToken, Metadata, PutVersion, SecretName, SecretValue, Store, StoreError,
    VersionLabel, VersionSelector,
};
use secretlint_tests::servers::aws::Api;
use secretlint_tests::servers::aws::ministack::Ministack;
use secretlint_tests::servers::aws::moto::Moto;
use secretlint_tests::servers::fresh_name;
use serde_json::{Value, json};

/// A store as this identity, at the address of the double or of a proxy.
pub(crate) fn open(api: &Api) -> AwsStore {
    AwsStore::open(config(api)).unwrap()
}

/// The configuration of [`open`].
pub(crate) fn config(api: &Api) -> AwsConfig {
    let credentials = api.credentials();
    AwsConfig {
        region: Some(api.region().to_owned()),
        endpoint_url: Some(api.address().to_owned()),
        access_keys: Some(AccessKeys {
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: value(&credentials.secret_access_key),
            session_token: credentials.session_token.as_deref().map(value),
        }),
        ..AwsConfig::default()
    }
}

/// A store that repeats nothing by itself.
pub(crate) fn open_once(api: &Api) -> AwsStore {
    AwsStore::open(AwsConfig { max_retries: Some(0), ..config(api) }).unwrap()
}

/// A name that no other test has.
pub(crate) fn fresh(text: &str) -> SecretName {
    name(&format!("{}/{text}", fresh_name("test")))
}

pub(crate) fn name(text: &str) -> SecretName {
    SecretName::parse(text).unwrap()
}

pub(crate) fn value(text: &str) -> SecretValue {
    SecretValue::from_text(text.to_owned())
}

pub(crate) fn created(text: &str) -> CreateSecret {
    CreateSecret {
        metadata: Metadata::default(),
        value: Some(value(text)),
        token: IdempotencyToken::random(),
    }
}

pub(crate) fn with(metadata: Metadata) -> CreateSecret {
    CreateSecret { metadata, ..created("one") }
}

pub(crate) fn put(text: &str) -> PutVersion {
    PutVersion::current(value(text), IdempotencyToken::random())
}

pub(crate) fn pending(text: &str) -> PutVersion {
    PutVersion::pending(value(text), IdempotencyToken::random())
}

/// A value that is text.
#[expect(clippy::disallowed_methods, reason = "the tests compare values they made")]
pub(crate) async fn text(store: &dyn Store, secret: &SecretName, version: &VersionSelector) -> String {
    let read = store.read(secret, version).await.unwrap();
    read.value.expose_text().unwrap().to_owned()
}

/// The labels of all versions, also of those without any, as boto3 sees them.
pub(crate) fn stages(api: &Api, secret: &SecretName) -> BTreeMap<String, Vec<String>> {
    let request = json!({"SecretId": secret, "IncludeDeprecated": true});
    let listed = api.does("secretsmanager", "list_secret_version_ids", request);
    let version = |version: &Value| {
        let mut stages: Vec<String> =
            serde_json::from_value(version["VersionStages"].clone()).unwrap_or_default();
        stages.sort();
        (version["VersionId"].as_str().unwrap().to_owned(), stages)
    };
    listed["Versions"].as_array().unwrap().iter().map(version).collect()
}

/// What boto3 describes.
pub(crate) fn described(api: &Api, secret: &SecretName) -> Value {
    api.does("secretsmanager", "describe_secret", json!({ "SecretId": secret }))
}

/// The tags that boto3 sees.
pub(crate) fn tags(api: &Api, secret: &SecretName) -> BTreeMap<String, String> {
    let described = described(api, secret);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    described["Tags"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tag| (text(&tag["Key"]), text(&tag["Value"])))
        .collect()
}

/// An error with its causes, in all the ways it can be shown.
pub(crate) fn told(error: &StoreError) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(next) = cause {
        shown.push_str(&format!(" | {next} {next:?}"));
        cause = next.source();
    }
    shown
}

/// What readers get.
pub(crate) const CURRENT: VersionSelector = VersionSelector::Label(VersionLabel::Current);

/// Tags, or notes.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Only these tags.
pub(crate) fn tagged(tags: &[(&str, &str)]) -> Metadata {
    Metadata { tags: pairs(tags), ..Metadata::default() }
}

/// The API of each double that is installed.
pub(crate) fn doubles() -> Vec<&'static Api> {
    [Moto::shared().map(Moto::api), Ministack::shared().map(Ministack::api)].into_iter().flatten().collect()
}
