//! Stores on the doubles, and what the tests put into them.

use secret_store::aws::{AccessKeys, AwsConfig, AwsStore};
use secret_store::{SecretName, SecretValue};
use secretlint_tests::servers::aws::Api;
use secretlint_tests::servers::fresh_name;

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
