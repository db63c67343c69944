//! What the provider itself notes about a secret, in the store's metadata: how its value is made, when it is due, whose it is.
//! Never a value, and never a hash of one.

use secret_store::{Metadata, SecretDescription, Version, VersionId, VersionLabel};
use serde::{Deserialize, Serialize};

const GENERATOR: &str = "terraform.generator";
const FIELD: &str = "terraform.generated_field";
const RULE_FROM: &str = "terraform.generator_from";
const CLAIM: &str = "terraform.claim";
const ADOPTED: &str = "terraform.adopted";
const ROTATION: &str = "terraform.rotation";
const PUBLIC_KEY_PREFIX: &str = "terraform.public_key.";
const NEXT_KEY: &str = "terraform.next_public_key";

/// A claim: which resource's state this secret belongs to. A new one is made at every creation, also at one that finds
/// its own secret after a crash; the state that holds an older one has been superseded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Claim(pub(crate) String);

/// The provider's own rotation of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RotationNote {
    /// The schedule as the user wrote it.
    pub(crate) schedule: String,
    /// How the new value is made.
    pub(crate) strategy: String,
    /// How long the previous value stays, as the user wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep_previous_for: Option<String>,
    /// The last rotation that was asked for by `trigger`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) triggered: Option<Triggered>,
}

/// A rotation asked for by `trigger`: with the version it started from, a repeated call knows whether it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Triggered {
    /// The value of `trigger`.
    pub(crate) by: String,
    /// The version that was current when it began.
    pub(crate) from: VersionId,
}

/// A version whose public key is noted while it waits to be promoted: it may get another id then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct NextKey {
    /// The id it has while it waits.
    version: VersionId,
    /// The version it is to follow.
    from: VersionId,
}

/// Typed access to the notes of a secret.
pub(crate) trait Annotations {
    /// The generator's rule, as [`secret_store`] writes it.
    fn generator(&self) -> Option<&str>;
    /// Sets or removes the generator's rule and the JSON field it fills.
    fn set_generator(&mut self, generator: Option<String>, field: Option<&str>);
    /// The JSON field the generator fills; `None` for the whole value.
    fn generated_field(&self) -> Option<&str>;
    /// The version that was current when the rule was last changed: as long as it still is, the value by that rule is to be made.
    fn rule_changed_at(&self) -> Option<&str>;
    /// Notes it.
    fn set_rule_changed_at(&mut self, version: Option<&VersionId>);
    /// The claim.
    fn claim(&self) -> Option<Claim>;
    /// Sets the claim.
    fn set_claim(&mut self, claim: &Claim);
    /// The value was there before this provider managed the secret: a generator must not overwrite it.
    fn is_adopted(&self) -> bool;
    /// Notes that.
    fn set_adopted(&mut self);
    /// The provider's own rotation.
    fn rotation(&self) -> Option<RotationNote>;
    /// Sets or removes it.
    fn set_rotation(&mut self, rotation: Option<&RotationNote>);
    /// The public key of a version that is a private key.
    fn public_key(&self, version: &VersionId) -> Option<&str>;
    /// Sets it, dropping those of versions that are not among `live`.
    fn set_public_key(&mut self, version: &VersionId, key: String, live: &[VersionId]);
    /// Sets that of a version that waits to be promoted after the version `from`.
    fn set_next_public_key(&mut self, version: &VersionId, from: &VersionId, key: String, live: &[VersionId]);
    /// Moves the note of a public key to the id its version got at its promotion, if it got another one.
    fn settle_public_key(&mut self, versions: &[Version]);
}

/// The public key of the current version. Between a promotion and the next change of the notes it may stand under the id the version had
/// before: nothing waits any more, and the version before is the one it was to follow.
pub(crate) fn current_public_key(description: &SecretDescription) -> Option<&str> {
    let metadata = &description.metadata;
    let current = description.current()?;
    metadata.public_key(&current.id).or_else(|| {
        let waited = promoted(metadata, &description.versions)?;
        metadata.public_key(&waited.version)
    })
}

/// The version with a noted key that has been promoted since, under another id.
fn promoted(metadata: &Metadata, versions: &[Version]) -> Option<NextKey> {
    let next: NextKey = serde_json::from_str(metadata.annotations.get(NEXT_KEY)?).ok()?;
    let with = |label| versions.iter().find(|version| version.has(label));
    let waits = versions.iter().any(|version| version.id == next.version);
    let follows = with(&VersionLabel::Previous).is_some_and(|previous| previous.id == next.from);
    (!waits && follows && with(&VersionLabel::Pending).is_none()).then_some(next)
}

impl Annotations for Metadata {
    fn generator(&self) -> Option<&str> {
        self.annotations.get(GENERATOR).map(String::as_str)
    }

    fn set_generator(&mut self, generator: Option<String>, field: Option<&str>) {
        set(self, GENERATOR, generator);
        set(self, FIELD, field.map(str::to_owned));
    }

    fn generated_field(&self) -> Option<&str> {
        self.annotations.get(FIELD).map(String::as_str)
    }

    fn rule_changed_at(&self) -> Option<&str> {
        self.annotations.get(RULE_FROM).map(String::as_str)
    }

    fn set_rule_changed_at(&mut self, version: Option<&VersionId>) {
        set(self, RULE_FROM, version.map(ToString::to_string));
    }

    fn claim(&self) -> Option<Claim> {
        self.annotations.get(CLAIM).cloned().map(Claim)
    }

    fn set_claim(&mut self, claim: &Claim) {
        set(self, CLAIM, Some(claim.0.clone()));
    }

    fn is_adopted(&self) -> bool {
        self.annotations.contains_key(ADOPTED)
    }

    fn set_adopted(&mut self) {
        set(self, ADOPTED, Some("true".to_owned()));
    }

    fn rotation(&self) -> Option<RotationNote> {
        serde_json::from_str(self.annotations.get(ROTATION)?).ok()
    }

    fn set_rotation(&mut self, rotation: Option<&RotationNote>) {
        set(self, ROTATION, rotation.and_then(|rotation| serde_json::to_string(rotation).ok()));
    }

    fn public_key(&self, version: &VersionId) -> Option<&str> {
        self.annotations.get(&format!("{PUBLIC_KEY_PREFIX}{version}")).map(String::as_str)
    }

    fn set_public_key(&mut self, version: &VersionId, key: String, live: &[VersionId]) {
        self.annotations.retain(|name, _| {
            name.strip_prefix(PUBLIC_KEY_PREFIX)
                .is_none_or(|of| live.iter().any(|version| version.as_str() == of))
        });
        self.annotations.insert(format!("{PUBLIC_KEY_PREFIX}{version}"), key);
    }

    fn set_next_public_key(
        &mut self,
        version: &VersionId,
        from: &VersionId,
        key: String,
        live: &[VersionId],
    ) {
        self.set_public_key(version, key, live);
        let next = NextKey { version: version.clone(), from: from.clone() };
        set(self, NEXT_KEY, serde_json::to_string(&next).ok());
    }

    fn settle_public_key(&mut self, versions: &[Version]) {
        let Some(next) = promoted(self, versions) else { return };
        let key = self.annotations.remove(&format!("{PUBLIC_KEY_PREFIX}{}", next.version));
        let current = versions.iter().find(|version| version.has(&VersionLabel::Current));
        if let (Some(key), Some(current)) = (key, current) {
            self.annotations.entry(format!("{PUBLIC_KEY_PREFIX}{}", current.id)).or_insert(key);
        }
        set(self, NEXT_KEY, None);
    }
}

fn set(metadata: &mut Metadata, key: &str, value: Option<String>) {
    match value {
        Some(value) => metadata.annotations.insert(key.to_owned(), value),
        None => metadata.annotations.remove(key),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_as_they_were_written_and_others_are_left_alone() {
        let mut metadata = Metadata::default();
        metadata.annotations.insert("cost-center".into(), "42".into());
        let note = RotationNote {
            schedule: "30d".into(),
            strategy: "regenerate".into(),
            keep_previous_for: None,
            triggered: None,
        };
        metadata.set_rotation(Some(&note));
        metadata.set_generator(Some("{}".into()), Some("password"));
        assert_eq!(metadata.rotation(), Some(note));
        assert_eq!((metadata.generator(), metadata.generated_field()), (Some("{}"), Some("password")));
        metadata.set_rotation(None);
        metadata.set_generator(None, None);
        assert_eq!(metadata.annotations.keys().collect::<Vec<_>>(), ["cost-center"]);
    }

    #[test]
    fn public_keys_of_versions_that_are_gone_are_dropped() {
        let version = |text| VersionId::parse(text).unwrap();
        let mut metadata = Metadata::default();
        metadata.set_public_key(&version("v1"), "one".into(), &[version("v1")]);
        metadata.set_public_key(&version("v2"), "two".into(), &[version("v2")]);
        assert_eq!(metadata.public_key(&version("v1")), None);
        assert_eq!(metadata.public_key(&version("v2")), Some("two"));
    }
}
