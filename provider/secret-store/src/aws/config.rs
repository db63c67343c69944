//! Where AWS is and who to be there: what the provider's block `aws {}` says, else the usual chain of the AWS SDK (environment, profile,
//! SSO, web identity, container, instance). What can be wrong here is found here, before the first request.
//!
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>.

use std::collections::BTreeMap;

use super::arn::Arn;
use super::limits::check_user_tags;
use crate::error::Invalid;
use crate::value::SecretValue;

/// What a user wrote in the block `aws {}`. What is `None` comes from the usual chain, else is the default.
#[derive(Clone, Debug, Default)]
pub struct AwsConfig {
    /// `eu-central-1`. Environment: `AWS_REGION`, `AWS_DEFAULT_REGION`, then the profile.
    pub region: Option<String>,
    /// A profile of `~/.aws/config` and `~/.aws/credentials`. Environment: `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Another address for every service: `http://127.0.0.1:5000`. Environment: `AWS_ENDPOINT_URL`, or one per service.
    pub endpoint_url: Option<String>,
    /// How often a request is sent again when AWS was busy or not reached; default 9. Environment: `AWS_MAX_ATTEMPTS`, then
    /// `max_attempts` of the profile, which count the first attempt too.
    pub max_retries: Option<u32>,
    /// Tags of every secret.
    pub default_tags: BTreeMap<String, String>,
    /// A role to work as.
    pub assume_role: Option<AssumeRole>,
    /// Access keys of the caller's own, instead of the chain.
    pub access_keys: Option<AccessKeys>,
}

/// A role that the identity found by the chain takes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// `arn:aws:iam::123456789012:role/terraform`.
    pub role_arn: String,
    /// What the role's owner asks of third parties.
    pub external_id: Option<String>,
    /// What CloudTrail shows; default `terraform-provider-secret`.
    pub session_name: Option<String>,
}

/// An access key with its secret half.
#[derive(Clone, Debug)]
pub struct AccessKeys {
    /// `AKIA…`, or `ASIA…` with a session token.
    pub access_key_id: String,
    /// Its secret half.
    pub secret_access_key: SecretValue,
    /// For temporary keys.
    pub session_token: Option<SecretValue>,
}

/// How often a request is sent again without another wish. The first attempt is not among them.
pub(super) const DEFAULT_RETRIES: u32 = 9;

impl AwsConfig {
    /// Checks everything that can be wrong without asking AWS.
    ///
    /// # Errors
    /// [`Invalid`] on the setting, as the provider block calls it.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        if let Some(region) = &self.region {
            check_region("region", region)?;
        }
        if let Some(profile) = &self.profile
            && profile.trim().is_empty()
        {
            return Err(Invalid::new("profile", "it is empty; give it a name, or leave it out"));
        }
        if let Some(url) = &self.endpoint_url {
            check_endpoint(url)?;
        }
        check_user_tags("default_tags", &self.default_tags)?;
        self.assume_role.as_ref().map_or(Ok(()), AssumeRole::check)
    }
}

impl AssumeRole {
    fn check(&self) -> Result<(), Invalid> {
        let is_role = Arn::parse(&self.role_arn)
            .is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"));
        if !is_role {
            return Err(Invalid::new(
                "assume_role.role_arn",
                format!(
                    "`{}` is not the ARN of a role, such as `arn:aws:iam::123456789012:role/terraform`",
                    self.role_arn
                ),
            ));
        }
        // Both: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        let allowed = |character: char, more: &str| {
            character.is_ascii_alphanumeric() || "_+=,.@-".contains(character) || more.contains(character)
        };
        if let Some(id) = &self.external_id
            && !((2..=1224).contains(&id.len()) && id.chars().all(|character| allowed(character, ":/")))
        {
            return Err(Invalid::new(
                "assume_role.external_id",
                "it is 2 to 1,224 letters, digits and `_ + = , . @ : / -`",
            ));
        }
        if let Some(name) = &self.session_name
            && !((2..=64).contains(&name.len()) && name.chars().all(|character| allowed(character, "")))
        {
            return Err(Invalid::new(
                "assume_role.session_name",
                format!("`{name}` is not 2 to 64 letters, digits and `_ + = , . @ -`"),
            ));
        }
        Ok(())
    }
}

/// Checks the spelling of a region. Which regions there are is AWS's to say: new ones come.
pub(super) fn check_region(field: &'static str, region: &str) -> Result<(), Invalid> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if region.is_empty() || !region.bytes().all(allowed) || !region.contains('-') {
        return Err(Invalid::new(
            field,
            format!("`{region}` is not the name of a region, such as `eu-central-1`"),
        ));
    }
    Ok(())
}

fn check_endpoint(url: &str) -> Result<(), Invalid> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let is_address = rest.is_some_and(|rest| {
        let host = rest.split('/').next().unwrap_or_default();
        !host.is_empty() && !host.contains('@') && !rest.contains(char::is_whitespace)
    });
    if is_address {
        return Ok(());
    }
    // Not shown: an address may have a password in it.
    Err(Invalid::new(
        "endpoint_url",
        "it is not an address such as `https://secretsmanager.example.org`, without a user name",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(config: &AwsConfig, field: &str, expected: &str) {
        let error = config.check().unwrap_err();
        assert_eq!(error.field, field, "{error}");
        assert!(error.reason.contains(expected), "{error}");
    }

    fn role(role_arn: &str) -> AssumeRole {
        AssumeRole { role_arn: role_arn.to_owned(), external_id: None, session_name: None }
    }

    #[test]
    fn an_empty_block_and_a_full_one_pass() {
        AwsConfig::default().check().unwrap();
        let full = AwsConfig {
            region: Some("us-gov-west-1".to_owned()),
            profile: Some("prod".to_owned()),
            endpoint_url: Some("http://127.0.0.1:5000".to_owned()),
            max_retries: Some(0),
            default_tags: BTreeMap::from([("team".to_owned(), "orders".to_owned())]),
            assume_role: Some(AssumeRole {
                external_id: Some("a:b/c".to_owned()),
                session_name: Some("ci@example".to_owned()),
                ..role("arn:aws-cn:iam::123456789012:role/path/terraform")
            }),
            access_keys: None,
        };
        full.check().unwrap();
    }

    #[test]
    fn wrong_settings_are_named() {
        let region = |text: &str| AwsConfig { region: Some(text.to_owned()), ..AwsConfig::default() };
        for text in ["", "Frankfurt", "eu central 1", "eu_central_1"] {
            check_refused(&region(text), "region", "not the name of a region");
        }
        let endpoint = |text: &str| AwsConfig { endpoint_url: Some(text.to_owned()), ..AwsConfig::default() };
        for text in ["127.0.0.1:5000", "http://", "https://user:sentinel@host"] {
            check_refused(&endpoint(text), "endpoint_url", "not an address");
        }
        let assume = |role: AssumeRole| AwsConfig { assume_role: Some(role), ..AwsConfig::default() };
        for text in ["terraform", "arn:aws:iam::123456789012:user/me", "arn:aws:sts::1:role/x"] {
            check_refused(&assume(role(text)), "assume_role.role_arn", "not the ARN of a role");
        }
        let good = "arn:aws:iam::123456789012:role/terraform";
        let session = AssumeRole { session_name: Some("a b".to_owned()), ..role(good) };
        check_refused(&assume(session), "assume_role.session_name", "2 to 64");
        let external = AssumeRole { external_id: Some("x".to_owned()), ..role(good) };
        check_refused(&assume(external), "assume_role.external_id", "2 to 1,224");
    }
}
