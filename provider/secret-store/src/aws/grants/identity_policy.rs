//! Policies of a role's or user's own: one inline policy per grant, with a name that is derived from secret and grant.
//!
//! To find it again from the secret, the secret has a tag per grant that names the principal. The tag is written before the policy and
//! removed after it: so no policy is without its tag, and a tag without its policy is no grant.

use std::fmt::Write as _;

use aws_sdk_secretsmanager::types::Tag;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::key::CustomerKey;
use super::principal::{AwsPrincipal, Identity, IdentityKind};
use super::{Patience, Subject, key, words};
use crate::Result;
use crate::aws::fault::Fault;
use crate::aws::notes::GRANT_PREFIX;
use crate::aws::policy::Policy;
use crate::aws::{AwsStore, KIND};
use crate::error::{Action, Invalid, StoreError};
use crate::grant::{Grant, GrantId, GrantSpec, Principal};

const MAX_TAGS: usize = 50;
const MAX_TAG_VALUE: usize = 256;

/// The grant and principal that a tag names, if it is of the index.
pub(super) fn index_entry(key: &str, value: &str) -> Option<(GrantId, Identity)> {
    let id = GrantId::parse(key.strip_prefix(GRANT_PREFIX)?).ok()?;
    Some((id, Identity::parse(&unescape(value)?)?))
}

/// The name of the policy of a grant.
fn policy_name(subject: &Subject, id: &GrantId) -> String {
    let mut name = "secretlint-".to_owned();
    for byte in Sha256::digest(subject.arn.to_string()).iter().take(6) {
        let _ = write!(name, "{byte:02x}");
    }
    let _ = write!(name, "-{id}");
    name
}

/// What a tag's value takes as it is, besides letters and digits. `=` begins an escape.
const PLAIN: &[u8] = b"_.:/+-@";

/// An ARN as a tag's value: names in it may have characters that tags may not.
fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "={byte:02X}");
        }
        escaped
    })
}

fn unescape(text: &str) -> Option<String> {
    let mut parts = text.split('=');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
}

impl AwsStore {
    /// Gives the principal a policy of its own.
    pub(super) async fn give_own_policy(
        &self,
        subject: &Subject,
        spec: &GrantSpec,
        identity: &Identity,
    ) -> Result<Grant> {
        if identity.arn.account != subject.arn.account {
            return Err(Invalid::new(
                "principal",
                format!(
                    "`{}` is in account {}, and policies can be written in the secret's account {} only; use `via = \"resource_policy\"`, and have its administrators allow it there",
                    identity.arn, identity.arn.account, subject.arn.account
                ),
            )
            .into());
        }
        let principal = AwsPrincipal::Identity(identity.clone());
        let key = self.key_for(subject, &spec.access, &principal).await?;
        self.put_own_policy(subject, spec, identity, &Vec::from_iter(key)).await
    }

    /// Gives the principal a policy that lets it use these keys.
    pub(super) async fn put_own_policy(
        &self,
        subject: &Subject,
        spec: &GrantSpec,
        identity: &Identity,
        keys: &[CustomerKey],
    ) -> Result<Grant> {
        let id = spec.id(&subject.name);
        let principal = AwsPrincipal::Identity(identity.clone());
        let site = subject.site();
        let stored = self.read_own_policy(subject, &id, identity).await?;
        let before = stored.as_ref().and_then(|policy| self.grant_in(subject, policy, identity));
        let created_at = before.map_or_else(Timestamp::now, |before| before.created_at);
        let statement = site.statement(spec, &principal, created_at)?;
        let granted = site.grant_of(&statement, &spec.principal).ok_or_else(|| {
            Invalid::new("grant", "it cannot be read back from the statement it is written as")
        })?;
        let mut policy = Policy::empty();
        policy.replace(statement, |_| false);
        if let Some(statement) = key::statement(keys, subject, spec)? {
            policy.replace(statement, |_| false);
        }
        let is_indexed = subject.index().any(|entry| entry == (id, identity.clone()));
        if !is_indexed {
            self.index(subject, &id, identity).await?;
        }
        if stored.is_some_and(|stored| stored.statements() == policy.statements()) {
            return Ok(granted);
        }
        match self.write_own_policy(subject, &id, identity, &policy).await {
            Ok(()) => self.see_own_policy(subject, &id, identity, &policy).await.map(|()| granted),
            Err(error) => {
                // What failed for good leaves nothing behind.
                if !is_indexed && !error.is_transient() {
                    self.unindex(subject, &id).await?;
                }
                Err(error)
            }
        }
    }

    /// Takes the policy away. `None` when there was none, or it said something else.
    pub(super) async fn take_own_policy(
        &self,
        subject: &Subject,
        id: &GrantId,
        identity: &Identity,
    ) -> Result<Option<Grant>> {
        let grant = self.own_policy_of(subject, id, identity).await?;
        self.delete_own_policy(subject, id, identity).await?;
        self.unindex(subject, id).await?;
        Ok(grant)
    }

    /// The grant that the policy of this name is, if it is there.
    pub(super) async fn own_policy_of(
        &self,
        subject: &Subject,
        id: &GrantId,
        identity: &Identity,
    ) -> Result<Option<Grant>> {
        let stored = self.read_own_policy(subject, id, identity).await?;
        let grant = stored.and_then(|policy| self.grant_in(subject, &policy, identity));
        Ok(grant.filter(|grant| grant.id == *id))
    }

    fn grant_in(&self, subject: &Subject, policy: &Policy, identity: &Identity) -> Option<Grant> {
        let principal = Principal::parse(&identity.arn.to_string()).ok()?;
        policy.statements().iter().find_map(|statement| subject.site().grant_of(statement, &principal))
    }

    async fn read_own_policy(
        &self,
        subject: &Subject,
        id: &GrantId,
        identity: &Identity,
    ) -> Result<Option<Policy>> {
        let client = &self.clients().await?.iam;
        let policy = policy_name(subject, id);
        let read = match identity.kind {
            IdentityKind::Role => {
                let request = client.get_role_policy().role_name(&identity.name).policy_name(policy);
                request.send().await.map(|answer| answer.policy_document).map_err(Fault::from)
            }
            IdentityKind::User => {
                let request = client.get_user_policy().user_name(&identity.name).policy_name(policy);
                request.send().await.map(|answer| answer.policy_document).map_err(Fault::from)
            }
        };
        match read {
            // What is no policy any more is written anew.
            Ok(document) => Ok(Policy::parse(&decoded(&document)).ok()),
            Err(fault) if is_missing(&fault) => Ok(None),
            Err(fault) => Err(fault.into_error(Action::Grant, &subject.name)),
        }
    }

    async fn write_own_policy(
        &self,
        subject: &Subject,
        id: &GrantId,
        identity: &Identity,
        policy: &Policy,
    ) -> Result<()> {
        let client = &self.clients().await?.iam;
        let name = policy_name(subject, id);
        let mut patience = Patience::new(self.waits.first, self.waits.principal);
        loop {
            let written = match identity.kind {
                IdentityKind::Role => {
                    let request = client.put_role_policy().role_name(&identity.name).policy_name(&name);
                    request.policy_document(policy.text()).send().await.map(drop).map_err(Fault::from)
                }
                IdentityKind::User => {
                    let request = client.put_user_policy().user_name(&identity.name).policy_name(&name);
                    request.policy_document(policy.text()).send().await.map(drop).map_err(Fault::from)
                }
            };
            let Err(fault) = written else { return Ok(()) };
            // A role that was just created is not known everywhere at once.
            if !is_missing(&fault) || !patience.pause().await {
                return Err(unwritten(subject, identity, fault));
            }
        }
    }

    /// Waits until IAM shows the policy: what it says may be older than what it was told.
    async fn see_own_policy(
        &self,
        subject: &Subject,
        id: &GrantId,
        identity: &Identity,
        policy: &Policy,
    ) -> Result<()> {
        let mut patience = Patience::new(self.waits.first, self.waits.principal);
        loop {
            let seen = self.read_own_policy(subject, id, identity).await?;
            if seen.is_some_and(|seen| seen.statements() == policy.statements()) {
                return Ok(());
            }
            if !patience.pause().await {
                return Err(StoreError::Unavailable {
                    store: KIND,
                    reason: format!("IAM does not show the new policy of `{}` yet; try again", identity.arn),
                    source: None,
                });
            }
        }
    }

    pub(super) async fn delete_own_policy(
        &self,
        subject: &Subject,
        id: &GrantId,
        identity: &Identity,
    ) -> Result<()> {
        let client = &self.clients().await?.iam;
        let policy = policy_name(subject, id);
        let deleted = match identity.kind {
            IdentityKind::Role => {
                let request = client.delete_role_policy().role_name(&identity.name).policy_name(policy);
                request.send().await.map(drop).map_err(Fault::from)
            }
            IdentityKind::User => {
                let request = client.delete_user_policy().user_name(&identity.name).policy_name(policy);
                request.send().await.map(drop).map_err(Fault::from)
            }
        };
        match deleted {
            Err(fault) if !is_missing(&fault) => Err(fault.into_error(Action::Grant, &subject.name)),
            _ => Ok(()),
        }
    }

    async fn index(&self, subject: &Subject, id: &GrantId, identity: &Identity) -> Result<()> {
        let key = format!("{GRANT_PREFIX}{id}");
        if subject.tags.len() >= MAX_TAGS && !subject.tags.contains_key(&key) {
            return Err(Invalid::new(
                "via",
                format!("the secret has {MAX_TAGS} tags, and each grant by `identity_policy` takes one; use `resource_policy`, or remove a tag"),
            )
            .into());
        }
        let value = escape(&identity.arn.to_string());
        if value.len() > MAX_TAG_VALUE {
            return Err(Invalid::new(
                "via",
                format!("the ARN `{}` does not fit into a tag of the secret ({MAX_TAG_VALUE} characters), where this grant would be noted; use `resource_policy`", identity.arn),
            )
            .into());
        }
        let client = &self.clients().await?.secrets;
        let request = client.tag_resource().secret_id(subject.arn.to_string());
        let sent = request.tags(Tag::builder().key(key).value(value).build()).send().await;
        sent.map(drop).map_err(|error| Fault::from(error).into_error(Action::Grant, &subject.name))
    }

    async fn unindex(&self, subject: &Subject, id: &GrantId) -> Result<()> {
        let client = &self.clients().await?.secrets;
        let request = client.untag_resource().secret_id(subject.arn.to_string());
        let sent = request.tag_keys(format!("{GRANT_PREFIX}{id}")).send().await;
        sent.map(drop).map_err(|error| Fault::from(error).into_error(Action::Grant, &subject.name))
    }
}

/// IAM gives documents percent-encoded.
fn decoded(document: &str) -> String {
    if document.trim_start().starts_with('{') {
        return document.to_owned();
    }
    percent_decode_str(document).decode_utf8_lossy().into_owned()
}

fn is_missing(fault: &Fault) -> bool {
    fault.is("NoSuchEntity") || fault.is("NoSuchEntityException")
}

fn unwritten(subject: &Subject, identity: &Identity, fault: Fault) -> StoreError {
    if is_missing(&fault) {
        return Invalid::new("principal", format!("`{}` does not exist: {}", identity.arn, words(&fault)))
            .into();
    }
    if fault.is("LimitExceeded") || fault.is("LimitExceededException") {
        return Invalid::new(
            "principal",
            format!(
                "the inline policies of `{}` would get longer than AWS allows (10,240 characters for a role, 2,048 for a user): {}; use `via = \"resource_policy\"`",
                identity.arn,
                words(&fault)
            ),
        )
        .into();
    }
    if fault.is("MalformedPolicyDocument") || fault.is("MalformedPolicyDocumentException") {
        return Invalid::new("conditions", format!("AWS does not take the policy: {}", words(&fault))).into();
    }
    if fault.is("UnmodifiableEntity") || fault.is("UnmodifiableEntityException") {
        let reason = format!("AWS lets nobody change the policies of `{}`: {}", identity.arn, words(&fault));
        return Invalid::new("principal", reason).into();
    }
    fault.into_error(Action::Grant, &subject.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_survives_being_a_tag() {
        for arn in [
            "arn:aws:iam::123456789012:role/app",
            "arn:aws:iam::123456789012:role/a,b=c/app@x+y.z_",
            "arn:aws:iam::123456789012:user/division(1)/me",
        ] {
            let value = escape(arn);
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/=+-@ ".contains(&byte);
            assert!(value.bytes().all(allowed), "{value}");
            assert_eq!(unescape(&value).as_deref(), Some(arn));
        }
        for broken in ["a=", "a=4", "a=zz", "=FF"] {
            assert_eq!(unescape(broken), None, "{broken}");
        }
    }

    #[test]
    fn documents_are_read_as_iam_and_as_its_doubles_give_them() {
        assert_eq!(decoded("%7B%22Version%22%3A%222012-10-17%22%7D"), r#"{"Version":"2012-10-17"}"#);
        assert_eq!(decoded(r#"{"a":"100%25"}"#), r#"{"a":"100%25"}"#);
    }
}
