//! The SDK's clients, made at the first call: a provider process that needs none of them starts without.
//!
//! All share one connection pool over rustls with AWS-LC, the certificates of `AWS_CA_BUNDLE` where that is set, and the proxy of the
//! environment.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::interceptors::InterceptorContext;
use aws_sdk_secretsmanager::config::retry::{ClassifyRetry, RetryAction, RetryPartition, TokenBucket};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_types::service_config::ServiceConfigKey;
use tokio::sync::{Mutex, OnceCell};

use super::config::{AccessKeys, AwsConfig, DEFAULT_RETRIES, check_region};
use crate::Result;
use crate::error::Invalid;

/// Longest pause between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(20);
/// How long one attempt may take. Secrets Manager answers in milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const SESSION_NAME: &str = "terraform-provider-secret";

/// The clients of one region and identity.
#[derive(Debug)]
pub(super) struct Clients {
    pub(super) secrets: aws_sdk_secretsmanager::Client,
    pub(super) iam: aws_sdk_iam::Client,
    pub(super) kms: aws_sdk_kms::Client,
    pub(super) sts: aws_sdk_sts::Client,
    /// The region that the configuration or the chain names.
    pub(super) region: String,
    /// How often a request is sent again.
    pub(super) retries: u32,
    shared: SdkConfig,
    /// Clients of other regions, for replicas.
    others: Mutex<BTreeMap<String, aws_sdk_secretsmanager::Client>>,
}

impl Clients {
    /// A client of Secrets Manager in another region.
    pub(super) async fn in_region(&self, region: &str) -> aws_sdk_secretsmanager::Client {
        let mut others = self.others.lock().await;
        let made = others.entry(region.to_owned()).or_insert_with(|| {
            let config = aws_sdk_secretsmanager::config::Builder::from(&self.shared)
                .region(Region::new(region.to_owned()))
                .retry_partition(patient())
                .retry_classifier(QuotasAreFinal);
            aws_sdk_secretsmanager::Client::from_conf(config.build())
        });
        made.clone()
    }

    /// A client of the key service in a region, for questions whose answer can be done without: it gives up soon.
    pub(super) fn keys_in_region(&self, region: &str) -> aws_sdk_kms::Client {
        let config = aws_sdk_kms::config::Builder::from(&self.shared)
            .region(Region::new(region.to_owned()))
            .retry_config(RetryConfig::standard().with_max_attempts(2));
        aws_sdk_kms::Client::from_conf(config.build())
    }
}

/// The clients, once they are made.
#[derive(Debug)]
pub(super) struct LazyClients {
    config: AwsConfig,
    made: OnceCell<Clients>,
}

impl LazyClients {
    pub(super) fn new(config: AwsConfig) -> Self {
        Self { config, made: OnceCell::new() }
    }

    /// What the user wrote.
    pub(super) fn config(&self) -> &AwsConfig {
        &self.config
    }

    /// The region, if it is known without asking anybody: from the configuration, or because the clients are made.
    pub(super) fn known_region(&self) -> Option<&str> {
        self.made.get().map(|clients| clients.region.as_str()).or(self.config.region.as_deref())
    }

    /// Makes the clients, once. Reads files and environment, and asks the instance for its region where nothing else says it; the
    /// identity is only looked for by the first request.
    ///
    /// # Errors
    /// [`Invalid`] when no region is found, or a file that the environment names cannot be read.
    pub(super) async fn get(&self) -> Result<&Clients> {
        self.made.get_or_try_init(|| make(&self.config)).await
    }
}

async fn make(config: &AwsConfig) -> Result<Clients> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client()?)
        // Without one the SDK takes what the environment says, and panics where that makes no sense.
        .retry_config(retry_config(config.max_retries.unwrap_or(DEFAULT_RETRIES)))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        );
    if let Ok(name) = AppName::new(SESSION_NAME) {
        loader = loader.app_name(name);
    }
    if let Some(region) = &config.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &config.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = &config.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(keys) = &config.access_keys {
        loader = loader.credentials_provider(credentials(keys)?);
    }
    let mut found = loader.load().await;
    let retries = match config.max_retries {
        Some(retries) => retries,
        None => usual_retries(&found)?.unwrap_or(DEFAULT_RETRIES),
    };
    found = found.into_builder().retry_config(retry_config(retries)).build();
    // An empty variable is one that is not set, for every tool of AWS.
    let region = found.region().map(|region| region.as_ref().to_owned()).filter(|region| !region.is_empty());
    let Some(region) = region else {
        return Err(Invalid::new(
            "region",
            "none is given; write `region` in the block `aws`, or set `AWS_REGION`, or give the profile one",
        )
        .into());
    };
    check_region("region", &region)?;
    let shared = match &config.assume_role {
        None => found,
        Some(role) => {
            let mut provider = AssumeRoleProvider::builder(&role.role_arn)
                .session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
                .configure(&found);
            if let Some(id) = &role.external_id {
                provider = provider.external_id(id);
            }
            let provider = SharedCredentialsProvider::new(provider.build().await);
            found.into_builder().credentials_provider(provider).build()
        }
    };
    let secrets = aws_sdk_secretsmanager::config::Builder::from(&shared).retry_partition(patient());
    let iam = aws_sdk_iam::config::Builder::from(&shared).retry_partition(patient());
    let kms = aws_sdk_kms::config::Builder::from(&shared).retry_partition(patient());
    Ok(Clients {
        secrets: aws_sdk_secretsmanager::Client::from_conf(secrets.retry_classifier(QuotasAreFinal).build()),
        iam: aws_sdk_iam::Client::from_conf(iam.retry_classifier(QuotasAreFinal).build()),
        kms: aws_sdk_kms::Client::from_conf(kms.retry_classifier(QuotasAreFinal).build()),
        sts: aws_sdk_sts::Client::new(&shared),
        region,
        retries,
        shared,
        others: Mutex::default(),
    })
}

fn retry_config(retries: u32) -> RetryConfig {
    RetryConfig::standard().with_max_attempts(retries.saturating_add(1)).with_max_backoff(MAX_BACKOFF)
}

/// What environment or profile say. They count attempts, of which the first is no retry.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
fn usual_retries(found: &SdkConfig) -> Result<Option<u32>, Invalid> {
    const VARIABLE: &str = "AWS_MAX_ATTEMPTS";
    let key = ServiceConfigKey::builder()
        .service_id("Secrets Manager")
        .env(VARIABLE)
        .profile("max_attempts")
        .build()
        .ok();
    let said = key.and_then(|key| found.service_config()?.load_config(key)).filter(|text| !text.is_empty());
    let Some(text) = said else { return Ok(None) };
    match text.trim().parse::<u32>().ok().and_then(|attempts| attempts.checked_sub(1)) {
        Some(retries) => Ok(Some(retries)),
        None => {
            let is_variable = std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty());
            let field = if is_variable { VARIABLE } else { "profile" };
            Err(Invalid::new(
                field,
                format!("its number of attempts is `{text}`; it is 1 or more, the first one counts"),
            ))
        }
    }
}

/// The SDK gives up on repeating when too many requests of a process failed. Here a burst of throttled requests is an ordinary apply of
/// many secrets: each request has its own number of attempts, and the backoff is what slows them down.
fn patient() -> RetryPartition {
    RetryPartition::custom(SESSION_NAME).token_bucket(TokenBucket::unlimited()).build()
}

/// The SDK takes `LimitExceededException` for throttling and repeats for a minute or more. For these services it is a quota, such as 20 labels
/// per secret, which no waiting changes.
#[derive(Debug)]
struct QuotasAreFinal;

impl ClassifyRetry for QuotasAreFinal {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        const CODE: &[u8] = b"LimitExceededException";
        let refused = context.response().filter(|response| response.status().is_client_error());
        let body = refused.and_then(|response| response.body().bytes()).unwrap_or_default();
        if body.windows(CODE.len()).any(|part| part == CODE) {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "quotas are final"
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the SDK signs requests with the key, and takes it as a text only"
)]
fn credentials(keys: &AccessKeys) -> Result<Credentials> {
    let not_text = || Invalid::new("access_keys", "an access key is text");
    let secret = keys.secret_access_key.expose_text().ok_or_else(not_text)?.to_owned();
    let token =
        keys.session_token.as_ref().map(|token| token.expose_text().map(str::to_owned).ok_or_else(not_text));
    Ok(Credentials::new(&keys.access_key_id, secret, token.transpose()?, None, "the caller's own"))
}

/// One pool of connections for all clients.
fn http_client() -> Result<SharedHttpClient> {
    let trust = match std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) {
        None => TrustStore::default(),
        Some(path) => {
            let pem = std::fs::read(&path).map_err(|error| {
                let path = path.display();
                Invalid::new(
                    "AWS_CA_BUNDLE",
                    format!("the file `{path}` that it names cannot be read: {error}"),
                )
            })?;
            TrustStore::empty().with_pem_certificate(pem)
        }
    };
    let context = TlsContext::builder().with_trust_store(trust).build().map_err(|error| {
        Invalid::new("AWS_CA_BUNDLE", format!("its certificates cannot be used: {error}"))
    })?;
    Ok(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(context.clone()).build()
    }))
}

#[cfg(test)]
mod tests {
    use aws_types::service_config::LoadServiceConfig;

    use super::*;

    /// An environment, or a profile, that says this.
    #[derive(Debug)]
    struct Said(Option<&'static str>);

    impl LoadServiceConfig for Said {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            assert_eq!((key.env(), key.profile()), ("AWS_MAX_ATTEMPTS", "max_attempts"));
            self.0.map(str::to_owned)
        }
    }

    fn retries(said: Option<&'static str>) -> Result<Option<u32>, Invalid> {
        let found = SdkConfig::builder().service_config(Said(said)).build();
        usual_retries(&found)
    }

    #[test]
    fn the_attempts_of_environment_or_profile_are_one_more_than_the_retries() {
        for (said, expected) in [
            (None, None),
            (Some(""), None),
            (Some("1"), Some(0)),
            (Some("3"), Some(2)),
            (Some(" 10 "), Some(9)),
        ] {
            assert_eq!(retries(said), Ok(expected), "{said:?}");
        }
    }

    #[test]
    fn a_number_of_attempts_that_makes_no_sense_is_an_error_and_no_panic() {
        for said in ["0", "-1", "many", "99999999999"] {
            let error = retries(Some(said)).unwrap_err();
            assert!(error.reason.contains(&format!("`{said}`")), "{error}");
        }
    }
}
