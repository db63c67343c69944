//! The ways of AWS Secrets Manager in the store for tests: whole ARNs, names that a new secret should not have, keys that are asked for,
//! tags of the configuration, and grants in one of two places. What the provider does with them is tested here before a server is.

use std::collections::BTreeMap;

use super::{KIND, MemoryStore, NO_ROTATION, Ways};
use crate::Result;
use crate::error::Invalid;
use crate::grant::GrantPlace;
use crate::metadata::Metadata;
use crate::name::SecretName;
use crate::store::{Capabilities, Support};

/// Where all secrets are.
const ARN_PREFIX: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:";

/// What AWS appends to the names of secrets.
const ARN_SUFFIX: &str = "-AbC123";

/// The key that does not exist.
const MISSING_KEY: &str = "alias/missing";

impl MemoryStore {
    /// A store with the ways of AWS. A secret `NAME` is `arn:aws:secretsmanager:eu-central-1:123456789012:secret:NAME-AbC123`; every key exists but
    /// `alias/missing`; a grant is written in the secret's policy or in the principal's; no grant is dropped at its end.
    #[must_use]
    pub fn like_aws() -> Self {
        let store = Self::new();
        store.lock().ways = Ways::Aws;
        store
    }

    /// The same content, as another configuration with these tags for every secret sees it.
    #[must_use]
    pub fn with_default_tags(mut self, tags: BTreeMap<String, String>) -> Self {
        self.default_tags = tags;
        self
    }
}

/// What differs from the plain store.
pub(super) fn capabilities(plain: Capabilities) -> Capabilities {
    Capabilities {
        recovery_days: Some(7..=30),
        native_rotation: Support::No { why: NO_ROTATION },
        version_retention: Support::No { why: "it keeps versions with a label for good; leave it out" },
        version_destruction: Support::No { why: "it removes a version in its own time" },
        grant_places: &[GrantPlace::ResourcePolicy, GrantPlace::IdentityPolicy],
        ..plain
    }
}

/// Refuses what looks like the end of an ARN.
pub(super) fn check_new_name(name: &SecretName) -> Result<()> {
    let looks_like_an_arn = name.as_str().rsplit_once('-').is_some_and(|(_, suffix)| {
        suffix.len() == ARN_SUFFIX.len() - 1 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if looks_like_an_arn {
        let reason = format!("`{name}` ends in a hyphen and six characters, as ARNs do; choose another end");
        return Err(Invalid::new("name", reason).into());
    }
    Ok(())
}

/// Refuses the key that does not exist.
pub(super) fn check_references(metadata: &Metadata) -> Result<()> {
    let is_missing = |key: &Option<String>| key.as_deref() == Some(MISSING_KEY);
    if is_missing(&metadata.kms_key) {
        return Err(Invalid::new("kms_key", format!("the key `{MISSING_KEY}` does not exist")).into());
    }
    if metadata.replicas.iter().any(|replica| is_missing(&replica.kms_key)) {
        return Err(Invalid::new("replicas", format!("the key `{MISSING_KEY}` does not exist")).into());
    }
    Ok(())
}

/// The name in an ARN, or the name itself.
pub(super) fn resolve(text: &str) -> Result<SecretName> {
    if !text.starts_with("arn:") {
        return Ok(SecretName::parse(text)?);
    }
    let name = text.strip_prefix(ARN_PREFIX).and_then(|rest| rest.strip_suffix(ARN_SUFFIX));
    let reason = || Invalid::new("name", format!("`{text}` is not the ARN of a secret in store `{KIND}`"));
    Ok(SecretName::parse(name.ok_or_else(reason)?)?)
}

/// The ARN of a secret.
pub(super) fn arn(name: &SecretName) -> String {
    format!("{ARN_PREFIX}{name}{ARN_SUFFIX}")
}
