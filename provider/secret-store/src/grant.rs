//! Who may use a secret: principals, kinds of access, and one grant as one statement in the store.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Invalid;
use crate::name::SecretName;
use crate::version::{VersionId, derive_uuid};

mod recipient;

pub use recipient::AgeRecipient;

/// One identity that access is given to, in the store's own spelling: an `age1…` recipient, an ARN, an entity, ….
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Principal(String);

impl Principal {
    /// Parses one principal. What begins with `age1` must be a whole recipient; the rest is checked by the store that
    /// understands it, in [`crate::Store::check_grant`].
    ///
    /// # Errors
    /// [`Invalid`] on field `principal` for wildcards, white space, control characters, more than 2048 bytes, or a
    /// recipient that does not add up.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = |reason: &str| Err(Invalid::new("principal", reason));
        if text.is_empty() {
            return invalid("it is empty; name exactly one identity");
        }
        if text.contains('*') {
            return invalid("it has a wildcard `*`; a grant names exactly one identity");
        }
        if text.len() > 2048 {
            return invalid("it is longer than 2048 bytes");
        }
        // Checked before the characters are: a private key must be refused without any part of it being shown.
        if text.trim_start().get(..15).is_some_and(|start| start.eq_ignore_ascii_case("AGE-SECRET-KEY-")) {
            return invalid("it is a private key; give its public recipient, which `age-keygen -y` prints");
        }
        if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return invalid("it has white space or control characters; name exactly one identity");
        }
        if text.starts_with("age1") {
            AgeRecipient::parse(text)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// The principal as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Principal {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        principal.0
    }
}

/// What a principal may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Read values.
    Read,
    /// Add versions.
    Write,
    /// Rotate.
    Rotate,
    /// Read metadata.
    Describe,
}

impl Access {
    /// Parses `read`, `write`, `rotate` or `describe`.
    ///
    /// # Errors
    /// [`Invalid`] on field `access` for anything else.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "rotate" => Ok(Self::Rotate),
            "describe" => Ok(Self::Describe),
            other => Err(Invalid::new(
                "access",
                format!("`{other}` is not one of `read`, `write`, `rotate`, `describe`"),
            )),
        }
    }

    /// The access as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Rotate => "rotate",
            Self::Describe => "describe",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One or more kinds of access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<Access>", into = "BTreeSet<Access>")]
pub struct AccessSet(BTreeSet<Access>);

impl AccessSet {
    /// Collects kinds of access.
    ///
    /// # Errors
    /// [`Invalid`] on field `access` when there is none.
    pub fn new(accesses: impl IntoIterator<Item = Access>) -> Result<Self, Invalid> {
        let set: BTreeSet<Access> = accesses.into_iter().collect();
        if set.is_empty() {
            return Err(Invalid::new(
                "access",
                "it is empty; name at least one of `read`, `write`, `rotate`, `describe`",
            ));
        }
        Ok(Self(set))
    }

    /// Reading only.
    #[must_use]
    pub fn read() -> Self {
        Self(BTreeSet::from([Access::Read]))
    }

    /// True when it has this kind.
    #[must_use]
    pub fn contains(&self, access: Access) -> bool {
        self.0.contains(&access)
    }

    /// The kinds, in the order of [`Access`].
    pub fn iter(&self) -> impl Iterator<Item = Access> {
        self.0.iter().copied()
    }
}

impl TryFrom<BTreeSet<Access>> for AccessSet {
    type Error = Invalid;

    fn try_from(set: BTreeSet<Access>) -> Result<Self, Invalid> {
        Self::new(set)
    }
}

impl From<AccessSet> for BTreeSet<Access> {
    fn from(set: AccessSet) -> Self {
        set.0
    }
}

/// A condition in the store's own language, for example `StringEquals aws:SourceVpc vpc-1`. Order carries no meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Condition {
    /// The comparison, in the store's spelling.
    pub operator: String,
    /// What is compared.
    pub key: String,
    /// What it may be.
    pub values: Vec<String>,
}

/// Where a grant is written, in stores that have more than one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantPlace {
    /// The policy of the secret.
    ResourcePolicy,
    /// A policy of the principal.
    IdentityPolicy,
}

impl GrantPlace {
    /// Parses `resource_policy` or `identity_policy`.
    ///
    /// # Errors
    /// [`Invalid`] on field `via` for anything else.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "resource_policy" => Ok(Self::ResourcePolicy),
            "identity_policy" => Ok(Self::IdentityPolicy),
            other => Err(Invalid::new(
                "via",
                format!("`{other}` is not one of `resource_policy`, `identity_policy`"),
            )),
        }
    }

    /// The place as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResourcePolicy => "resource_policy",
            Self::IdentityPolicy => "identity_policy",
        }
    }
}

impl fmt::Display for GrantPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A grant as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantSpec {
    /// To whom.
    pub principal: Principal,
    /// To do what.
    pub access: AccessSet,
    /// Until when (break-glass), if not for good.
    pub expires_at: Option<Timestamp>,
    /// Why, for the audit log.
    pub reason: Option<String>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
    /// Written where; `None`: in the store's first place.
    pub via: Option<GrantPlace>,
}

impl GrantSpec {
    /// For good, without conditions.
    #[must_use]
    pub fn new(principal: Principal, access: AccessSet) -> Self {
        Self { principal, access, expires_at: None, reason: None, conditions: Vec::new(), via: None }
    }

    /// The id this grant has on a secret: the same secret, principal and access always give the same, in the same place.
    ///
    /// So granting again with another end, reason or condition changes the grant, and another access is another grant.
    #[must_use]
    pub fn id(&self, name: &SecretName) -> GrantId {
        let accesses: Vec<&str> = self.access.iter().map(Access::as_str).collect();
        let accesses = accesses.join(",");
        let mut parts = vec![name.as_str(), self.principal.as_str(), &accesses];
        // The usual place is not named, so that naming it does not make another grant.
        if self.via == Some(GrantPlace::IdentityPolicy) {
            parts.push(GrantPlace::IdentityPolicy.as_str());
        }
        GrantId(derive_uuid("grant", &parts))
    }
}

/// The deterministic id of a grant: a statement's Sid, a policy's name, a role assignment's GUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(Uuid);

impl GrantId {
    /// Parses what [`GrantId`] prints.
    ///
    /// # Errors
    /// [`Invalid`] on field `grant` when it is no UUID.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Uuid::parse_str(text)
            .map(Self)
            .map_err(|_| Invalid::new("grant", format!("`{text}` is not the id of a grant (a UUID)")))
    }

    /// The UUID, for stores that name statements otherwise (AWS Sids have no hyphens).
    #[must_use]
    pub const fn uuid(&self) -> &Uuid {
        &self.0
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// A grant as the store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// What was granted.
    pub spec: GrantSpec,
    /// When it was first given.
    pub created_at: Timestamp,
}

/// Somebody who can use a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accessor {
    /// Who, in the store's own terms: a principal as grants name it, or `token policy` holders as the store shows them.
    pub principal: String,
    /// What it can do, as far as this crate has words for it.
    pub access: BTreeSet<Access>,
    /// What the store itself calls those rights: `read`, `update`, `sudo`, ….
    pub capabilities: BTreeSet<String>,
    /// What gives it: a policy, a statement, a role; `None` when it is one of this crate's grants only.
    pub through: Option<String>,
    /// The grant of this crate that gives it, if one does.
    pub grant: Option<GrantId>,
    /// When that ends.
    pub expires_at: Option<Timestamp>,
}

/// Who can use a secret, and what of that could not be found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessReport {
    /// Who.
    pub accessors: Vec<Accessor>,
    /// What else may let somebody in and could not be examined, with the reason: each a sentence for the user.
    pub not_examined: Vec<String>,
}

impl AccessReport {
    /// Everybody is known.
    #[must_use]
    pub const fn complete(accessors: Vec<Accessor>) -> Self {
        Self { accessors, not_examined: Vec::new() }
    }
}

impl From<Grant> for Accessor {
    fn from(grant: Grant) -> Self {
        Self {
            principal: grant.spec.principal.as_str().to_owned(),
            access: grant.spec.access.iter().collect(),
            capabilities: BTreeSet::new(),
            through: None,
            grant: Some(grant.id),
            expires_at: grant.spec.expires_at,
        }
    }
}

/// What a revoke did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The grant that is gone.
    pub grant: Grant,
    /// Live versions the principal could read until now. It may have kept them: rotate the secret.
    pub exposed: Vec<VersionId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    fn check_refused(text: &str, expected: &str) {
        let error = Principal::parse(text).unwrap_err().to_string();
        assert!(
            error.starts_with("invalid principal: ") && error.contains(expected),
            "{text:?} gave: {error}"
        );
    }

    #[test]
    fn principals_of_any_store_are_kept_as_written() {
        for text in
            [RECIPIENT, "arn:aws:iam::123456789012:role/app", "entity/orders", "serviceAccount:a@b.iam"]
        {
            assert_eq!(Principal::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn wildcards_blanks_and_private_keys_are_refused() {
        check_refused("*", "wildcard");
        check_refused("arn:aws:iam::*:role/app", "wildcard");
        check_refused("", "empty");
        check_refused("a b", "white space");
        check_refused("AGE-SECRET-KEY-1SENTINEL", "private key");
        let error = Principal::parse("AGE-SECRET-KEY-1SENTINEL").unwrap_err().to_string();
        assert!(!error.contains("SENTINEL"), "{error}");
    }

    #[test]
    fn a_grant_id_depends_on_secret_principal_and_access_only() {
        let name = SecretName::parse("prod/db").unwrap();
        let spec = GrantSpec::new(Principal::parse(RECIPIENT).unwrap(), AccessSet::read());
        let longer = GrantSpec { reason: Some("incident 7".to_owned()), ..spec.clone() };
        assert_eq!(spec.id(&name), longer.id(&name));
        let other = SecretName::parse("prod/other").unwrap();
        assert_ne!(spec.id(&name), spec.id(&other));
        let both =
            GrantSpec { access: AccessSet::new([Access::Read, Access::Describe]).unwrap(), ..spec.clone() };
        assert_ne!(spec.id(&name), both.id(&name));
        assert_eq!(GrantId::parse(&spec.id(&name).to_string()).unwrap(), spec.id(&name));
    }
}
