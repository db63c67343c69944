//! Making values: what a user asks for (`GeneratorSpec`, public, kept with the secret so that a rotation can repeat
//! it), checked once into a [`Generator`], which then cannot fail for its rules.
//!
//! Randomness is the operating system's; only RSA primes come from aws-lc's generator, which the system seeds. Choices
//! among letters and words use rejection sampling, so that each is equally likely.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::value::SecretValue;

mod keys;
mod password;
mod random;
mod text;

pub use password::PasswordRules;

/// What to make. Its serialised form holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum GeneratorSpec {
    /// Random characters.
    Password(PasswordRules),
    /// Random bytes as small hexadecimal digits, two per byte.
    Hex {
        /// Number of random bytes, 1 to 4096.
        bytes: u32,
    },
    /// Random bytes in Base64 with padding (RFC 4648, the standard alphabet).
    Base64 {
        /// Number of random bytes, 1 to 4096.
        bytes: u32,
    },
    /// A UUID version 4 with hyphens: 122 random bits.
    #[serde(deserialize_with = "no_rules")]
    Uuid,
    /// Words of the BIP 39 English list, 11 random bits each.
    Words {
        /// Number of words, 1 to 64.
        count: u32,
        /// What stands between them.
        #[serde(default = "text::hyphen")]
        separator: String,
    },
    /// An Ed25519 signing key.
    Ed25519 {
        /// How the private key is written.
        #[serde(default)]
        format: KeyFormat,
    },
    /// An RSA key, as PKCS #8 PEM, which OpenSSL and OpenSSH read.
    Rsa {
        /// Length of the modulus: 2048, 3072, 4096 or 8192.
        bits: u32,
    },
    /// An X25519 key for key agreement.
    X25519 {
        /// How the private key is written; OpenSSH has no such keys.
        #[serde(default)]
        format: KeyFormat,
    },
}

/// How a private key is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyFormat {
    /// PKCS #8 in PEM: `-----BEGIN PRIVATE KEY-----`.
    #[default]
    Pem,
    /// OpenSSH's own: `-----BEGIN OPENSSH PRIVATE KEY-----`.
    Openssh,
    /// The 32 bytes in Base64, as WireGuard writes its keys.
    Raw,
}

/// A rule that has been checked: generating can fail only for want of randomness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "GeneratorSpec", into = "GeneratorSpec")]
pub struct Generator {
    spec: GeneratorSpec,
}

/// A value that was made, and what is public about it.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The value.
    pub value: SecretValue,
    /// For key pairs, the public half in its usual forms (`public_key_pem`, `public_key_openssh`, `public_key_raw`).
    pub public: BTreeMap<String, String>,
}

impl Generator {
    /// Checks the rules.
    ///
    /// # Errors
    /// [`Invalid`] on a field such as `generate.length`, naming the rule that cannot be met.
    pub fn new(spec: GeneratorSpec) -> Result<Self, Invalid> {
        match &spec {
            GeneratorSpec::Password(rules) => rules.check()?,
            GeneratorSpec::Hex { bytes } | GeneratorSpec::Base64 { bytes } => text::check_bytes(*bytes)?,
            GeneratorSpec::Words { count, separator } => text::check_words(*count, separator)?,
            GeneratorSpec::Rsa { bits } => keys::check_rsa_bits(*bits).map(|_| ())?,
            GeneratorSpec::Ed25519 { format } => keys::check_ed25519_format(*format)?,
            GeneratorSpec::X25519 { format } => keys::check_x25519_format(*format)?,
            GeneratorSpec::Uuid => {}
        }
        Ok(Self { spec })
    }

    /// The rules, to be kept with the secret.
    #[must_use]
    pub const fn spec(&self) -> &GeneratorSpec {
        &self.spec
    }

    /// Makes a value. It blocks: an RSA key of up to 4096 bits takes about a second, one of 8192 bits ten and more, so call
    /// it for them where blocking is allowed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the operating system gives no random bytes.
    pub fn generate(&self) -> Result<Generated> {
        let plain = |value| Generated { value, public: BTreeMap::new() };
        match &self.spec {
            GeneratorSpec::Password(rules) => rules.generate().map(plain),
            GeneratorSpec::Hex { bytes } => text::hex(*bytes).map(plain),
            GeneratorSpec::Base64 { bytes } => text::base64(*bytes).map(plain),
            GeneratorSpec::Uuid => text::uuid().map(plain),
            GeneratorSpec::Words { count, separator } => text::words(*count, separator).map(plain),
            GeneratorSpec::Ed25519 { format } => keys::ed25519(*format),
            GeneratorSpec::Rsa { bits } => keys::rsa(*bits),
            GeneratorSpec::X25519 { format } => keys::x25519(*format),
        }
    }
}

impl TryFrom<GeneratorSpec> for Generator {
    type Error = Invalid;

    fn try_from(spec: GeneratorSpec) -> Result<Self, Invalid> {
        Self::new(spec)
    }
}

impl From<Generator> for GeneratorSpec {
    fn from(generator: Generator) -> Self {
        generator.spec
    }
}

/// For a kind without rules: refuses all, which `deny_unknown_fields` does not do for a variant without fields.
fn no_rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NoRules {}

    NoRules::deserialize(deserializer).map(|NoRules {}| ())
}

/// Failures of the generator itself, which are nobody's input.
fn unavailable(reason: &str, source: Option<Arc<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable { store: "generator", reason: reason.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use proptest::prelude::*;

    use super::*;

    fn any_format() -> impl Strategy<Value = KeyFormat> {
        prop::sample::select(vec![KeyFormat::Pem, KeyFormat::Openssh, KeyFormat::Raw])
    }

    /// Rules of every kind, possible and impossible. RSA is left out: a key takes too long to be made often.
    fn any_spec() -> impl Strategy<Value = GeneratorSpec> {
        let minimum = || prop::option::of(0_u32..20);
        let classes = (minimum(), minimum(), minimum(), minimum());
        let password = (0_u32..100, classes, "[!-/:-@]{0,6}", "[ -~é]{0,8}").prop_map(
            |(length, (lower, upper, digits, symbols), symbol_set, exclude)| {
                let rules = PasswordRules { length, lower, upper, digits, symbols, symbol_set, exclude };
                GeneratorSpec::Password(rules)
            },
        );
        prop_oneof![
            4 => password,
            1 => (0_u32..5000).prop_map(|bytes| GeneratorSpec::Hex { bytes }),
            1 => (0_u32..5000).prop_map(|bytes| GeneratorSpec::Base64 { bytes }),
            1 => Just(GeneratorSpec::Uuid),
            2 => (0_u32..70, ".{0,6}").prop_map(|(count, separator)| GeneratorSpec::Words { count, separator }),
            1 => any_format().prop_map(|format| GeneratorSpec::Ed25519 { format }),
            1 => any_format().prop_map(|format| GeneratorSpec::X25519 { format }),
        ]
    }

    /// What the kind says of its values; [`password`] has the rules of passwords in its own tests.
    #[expect(clippy::disallowed_methods, reason = "the test looks at what was generated")]
    fn obeys(spec: &GeneratorSpec, made: &Generated) -> bool {
        let Some(text) = made.value.expose_text() else { return false };
        let size = |count: u32| usize::try_from(count).unwrap();
        match spec {
            GeneratorSpec::Password(rules) => text.len() == size(rules.length),
            GeneratorSpec::Hex { bytes } => {
                text.len() == 2 * size(*bytes) && text.bytes().all(|byte| b"0123456789abcdef".contains(&byte))
            }
            GeneratorSpec::Base64 { bytes } => {
                let decoded = base64::engine::general_purpose::STANDARD.decode(text);
                decoded.is_ok_and(|decoded| decoded.len() == size(*bytes))
            }
            GeneratorSpec::Uuid => uuid::Uuid::parse_str(text).is_ok_and(|uuid| uuid.get_version_num() == 4),
            GeneratorSpec::Words { count, separator } => {
                let between = separator.len() * (size(*count) - 1);
                (3 * size(*count)..=8 * size(*count)).contains(&(text.len() - between))
            }
            GeneratorSpec::Ed25519 { .. } | GeneratorSpec::X25519 { .. } | GeneratorSpec::Rsa { .. } => {
                made.public.len() == 2 && made.public.values().all(|public| !text.contains(public.as_str()))
            }
        }
    }

    proptest! {
        #[test]
        fn what_passes_the_check_survives_being_stored_and_is_made(spec in any_spec()) {
            let stored = serde_json::to_string(&spec).unwrap();
            let loaded = serde_json::from_str::<Generator>(&stored);
            match Generator::new(spec.clone()) {
                Ok(generator) => {
                    prop_assert_eq!(&loaded.unwrap(), &generator);
                    prop_assert!(obeys(&spec, &generator.generate().unwrap()), "{}", stored);
                }
                Err(error) => prop_assert!(loaded.unwrap_err().to_string().contains(&error.to_string())),
            }
        }
    }

    fn check_impossible(json: &str, expected: &str) {
        let error = serde_json::from_str::<Generator>(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{json} gave: {error}");
    }

    #[test]
    fn a_rule_survives_being_stored() {
        for json in [
            r#"{"kind":"password","length":40,"symbols":null,"exclude":"0O"}"#,
            r#"{"kind":"hex","bytes":16}"#,
            r#"{"kind":"uuid"}"#,
            r#"{"kind":"words","count":6}"#,
            r#"{"kind":"ed25519","format":"openssh"}"#,
            r#"{"kind":"rsa","bits":2048}"#,
        ] {
            let generator: Generator = serde_json::from_str(json).unwrap();
            let again: Generator = serde_json::from_str(&serde_json::to_string(&generator).unwrap()).unwrap();
            assert_eq!(again, generator);
        }
    }

    #[test]
    fn impossible_rules_name_the_rule() {
        check_impossible(
            r#"{"kind":"hex","bytes":0}"#,
            "invalid generate.bytes: 0 is not between 1 and 4096",
        );
        check_impossible(r#"{"kind":"base64","bytes":5000}"#, "5000 is not between 1 and 4096");
        check_impossible(r#"{"kind":"words","count":0}"#, "invalid generate.count: 0");
        check_impossible(r#"{"kind":"rsa","bits":512}"#, "invalid generate.bits: 512");
        check_impossible(r#"{"kind":"x25519","format":"openssh"}"#, "invalid generate.format");
        check_impossible(r#"{"kind":"ed25519","format":"raw"}"#, "invalid generate.format");
        check_impossible(r#"{"kind":"hex","bytes":8,"length":9}"#, "unknown field");
    }

    #[test]
    fn nothing_is_accepted_that_its_kind_does_not_use() {
        for json in [
            r#"{"kind":"uuid","length":9}"#,
            r#"{"kind":"password","bits":2048}"#,
            r#"{"kind":"password","separator":"-"}"#,
            r#"{"kind":"rsa","bits":2048,"format":"raw"}"#,
            r#"{"kind":"words","count":6,"exclude":"a"}"#,
            r#"{"kind":"ed25519","bits":256}"#,
        ] {
            check_impossible(json, "unknown field");
        }
        check_impossible(r#"{"kind":"dsa"}"#, "unknown variant `dsa`");
        check_impossible(r#"{"length":32}"#, "missing field `kind`");
    }

    #[test]
    fn a_value_that_was_made_is_silent_in_debug() {
        let generator = Generator::new(GeneratorSpec::Ed25519 { format: KeyFormat::Pem }).unwrap();
        let shown = format!("{:#?}", generator.generate().unwrap());
        assert!(
            shown.contains("[redacted]") && shown.contains("PUBLIC KEY") && !shown.contains("PRIVATE"),
            "{shown}"
        );
    }

    #[test]
    fn no_value_is_made_twice() {
        for json in [
            r#"{"kind":"password"}"#,
            r#"{"kind":"hex","bytes":16}"#,
            r#"{"kind":"uuid"}"#,
            r#"{"kind":"base64","bytes":16}"#,
            r#"{"kind":"words","count":6}"#,
            r#"{"kind":"ed25519"}"#,
            r#"{"kind":"x25519","format":"raw"}"#,
        ] {
            let generator: Generator = serde_json::from_str(json).unwrap();
            assert_ne!(generator.generate().unwrap().value, generator.generate().unwrap().value, "{json}");
        }
    }
}
