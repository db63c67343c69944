//! Versions of a secret, the labels that give them a role, and the token that makes a write repeatable.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Invalid;

/// A version's id: chosen by the store, opaque, stable, never derived from the value.
///
/// `v3` in the embedded store, a number in Vault and Google, a UUID in AWS, 32 hexadecimal digits in Azure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(String);

impl VersionId {
    /// Takes an id as the store or a user gave it.
    ///
    /// # Errors
    /// [`Invalid`] on field `version` when it is empty, longer than 128 bytes, or not printable ASCII.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() || text.len() > 128 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Invalid::new(
                "version",
                "a version id is 1 to 128 printable ASCII characters without spaces",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A role a version plays. One label is on at most one version; a version may have several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum VersionLabel {
    /// What readers get. A secret that has any version has exactly one of these.
    Current,
    /// Made by a rotation, not yet promoted.
    Pending,
    /// What was current before; kept for its grace.
    Previous,
    /// Somebody's own label.
    Custom(String),
}

impl VersionLabel {
    /// Parses `current`, `pending`, `previous` or a custom label.
    ///
    /// # Errors
    /// [`Invalid`] on field `label` when it is not 1 to 64 of `a–z A–Z 0–9 _ - .`, or spells a built-in label in capitals.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "current" => return Ok(Self::Current),
            "pending" => return Ok(Self::Pending),
            "previous" => return Ok(Self::Previous),
            _ => {}
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if text.is_empty() || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(Invalid::new("label", "a label is 1 to 64 of the characters a-z A-Z 0-9 _ - ."));
        }
        if ["current", "pending", "previous"].iter().any(|label| label.eq_ignore_ascii_case(text)) {
            return Err(Invalid::new(
                "label",
                format!("write `{}` in small letters", text.to_ascii_lowercase()),
            ));
        }
        Ok(Self::Custom(text.to_owned()))
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Current => "current",
            Self::Pending => "pending",
            Self::Previous => "previous",
            Self::Custom(text) => text,
        }
    }
}

impl fmt::Display for VersionLabel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl TryFrom<String> for VersionLabel {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<VersionLabel> for String {
    fn from(label: VersionLabel) -> Self {
        match label {
            VersionLabel::Custom(text) => text,
            builtin => builtin.as_str().to_owned(),
        }
    }
}

/// Which version to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionSelector {
    /// The version with this id.
    Id(VersionId),
    /// The version that has this label now.
    Label(VersionLabel),
}

impl fmt::Display for VersionSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(formatter),
            Self::Label(label) => label.fmt(formatter),
        }
    }
}

/// A version as anybody with metadata rights sees it. Holds no value and no hash of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The store's id.
    pub id: VersionId,
    /// Its labels, sorted.
    pub labels: Vec<VersionLabel>,
    /// When it was made.
    pub created_at: Timestamp,
    /// End of its grace: from then on it reads as not found and the store may destroy it. `None`: kept until replaced.
    pub expires_at: Option<Timestamp>,
}

impl Version {
    /// True when it has the label now.
    #[must_use]
    pub fn has(&self, label: &VersionLabel) -> bool {
        self.labels.contains(label)
    }
}

/// Names one intended write, so that repeating it after a lost answer does not do it twice.
///
/// Keep it where it survives a crash (Terraform's private state) or derive it from what the write is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyToken(String);

impl IdempotencyToken {
    /// A fresh random token (UUID version 4).
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// The same parts always give the same token (UUID version 5). Never pass a secret value as a part.
    #[must_use]
    pub fn derive(parts: &[&str]) -> Self {
        Self(derive_uuid("token", parts).to_string())
    }

    /// Takes a token as it was stored.
    ///
    /// # Errors
    /// [`Invalid`] on field `token` when it is not 32 to 64 of `a–z A–Z 0–9 -` (what AWS accepts).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !(32..=64).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(Invalid::new(
                "token",
                "an idempotency token is 32 to 64 of the characters a-z A-Z 0-9 -",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IdempotencyToken {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<IdempotencyToken> for String {
    fn from(token: IdempotencyToken) -> Self {
        token.0
    }
}

/// A name-based UUID over length-prefixed parts, so that `["ab", "c"]` and `["a", "bc"]` differ.
pub(crate) fn derive_uuid(purpose: &str, parts: &[&str]) -> Uuid {
    // The namespace is this project's own random UUID; changing it would change every derived id.
    const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_21c4_7a3e_4b60_9d55_2f0c_8e17_b3a9);
    let mut text = purpose.to_owned();
    for part in parts {
        text.push_str(&format!("\u{0}{}:{part}", part.len()));
    }
    Uuid::new_v5(&NAMESPACE, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_parse_to_what_they_print() {
        for text in ["current", "pending", "previous", "blue", "release-1.2"] {
            assert_eq!(VersionLabel::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "Current", "a b", "ü"] {
            assert!(VersionLabel::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn derived_tokens_repeat_and_keep_parts_apart() {
        assert_eq!(IdempotencyToken::derive(&["a", "b"]), IdempotencyToken::derive(&["a", "b"]));
        assert_ne!(IdempotencyToken::derive(&["ab", "c"]), IdempotencyToken::derive(&["a", "bc"]));
        assert_ne!(IdempotencyToken::random(), IdempotencyToken::random());
        let token = IdempotencyToken::random();
        assert_eq!(IdempotencyToken::parse(token.as_str()).unwrap(), token);
    }
}
