//! Names of secrets, parsed once at the edge: what passes here is safe to show, to compare and to map to a path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::is_nfc;

use crate::error::Invalid;

/// A secret's name: one or more segments separated by `/`, for example `prod/orders/db`.
///
/// At most [`SecretName::MAX_BYTES`] bytes in all. No leading, trailing or doubled `/`, no segment `.` or `..`, no control
/// characters, no surrounding white space; Unicode is allowed in its composed form (NFC). A store may narrow this further.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretName(String);

impl SecretName {
    /// Longest name, in bytes of UTF-8. 255 is the smallest limit of the large stores (Google Secret Manager).
    pub const MAX_BYTES: usize = 255;

    /// Parses a name as a user wrote it.
    ///
    /// # Errors
    /// [`Invalid`] on field `name`, saying what is wrong, at which character, and what to write.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = |reason: String| Err(Invalid::new("name", reason));
        if text.is_empty() {
            return invalid("it is empty; write a name such as `prod/orders/db`".to_owned());
        }
        if text.len() > Self::MAX_BYTES {
            return invalid(format!(
                "it is {} bytes long, more than {}; shorten it (a letter outside ASCII counts two to four bytes)",
                text.len(),
                Self::MAX_BYTES
            ));
        }
        if let Some((index, character)) =
            text.chars().enumerate().find(|(_, character)| character.is_control())
        {
            return invalid(format!(
                "it has the control character U+{:04X} at position {}; remove it",
                u32::from(character),
                index + 1
            ));
        }
        if let Some((index, character)) =
            text.chars().enumerate().find(|(_, character)| is_invisible(*character))
        {
            return invalid(format!(
                "it has the invisible character U+{:04X} at position {}; remove it",
                u32::from(character),
                index + 1
            ));
        }
        if text.trim() != text {
            return invalid(format!("`{text}` begins or ends with white space; remove it"));
        }
        if text.contains('\\') {
            return invalid(format!("`{text}` has a backslash; separate segments with `/`"));
        }
        if !is_nfc(text) {
            return invalid(format!(
                "`{text}` is not in Unicode normal form NFC; write its letters composed"
            ));
        }
        for (index, segment) in text.split('/').enumerate() {
            let place = index + 1;
            match segment {
                "" => {
                    return invalid(format!(
                        "`{text}` has an empty segment (number {place}); remove the leading, trailing or doubled `/`"
                    ));
                }
                "." | ".." => {
                    return invalid(format!(
                        "`{text}` has the segment `{segment}` (number {place}); write it without"
                    ));
                }
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts between the slashes; at least one, none empty.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

/// Format characters that make two names look the same (zero-width, bidirectional overrides, byte-order mark).
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl FromStr for SecretName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl TryFrom<String> for SecretName {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<SecretName> for String {
    fn from(name: SecretName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(text: &str, expected: &str) {
        let error = SecretName::parse(text).unwrap_err().to_string();
        assert!(error.starts_with("invalid name: ") && error.contains(expected), "{text:?} gave: {error}");
    }

    #[test]
    fn ordinary_and_unicode_names_are_kept_as_written() {
        for text in [
            "a",
            "prod/orders/db",
            "with space",
            "schlüssel/пароль/鍵",
            "a..b",
            "...",
            "v1.age",
            "secret.toml",
            "UPPER",
        ] {
            assert_eq!(SecretName::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn the_longest_name_passes_and_one_more_byte_does_not() {
        assert!(SecretName::parse(&"x".repeat(255)).is_ok());
        check_refused(&"x".repeat(256), "256 bytes long, more than 255");
        check_refused(&"x".repeat(300), "300 bytes long");
    }

    #[test]
    fn path_tricks_are_refused() {
        check_refused("..", "the segment `..` (number 1)");
        check_refused("prod/../etc", "the segment `..` (number 2)");
        check_refused("./prod", "the segment `.`");
        check_refused("/prod", "empty segment (number 1)");
        check_refused("prod/", "empty segment (number 2)");
        check_refused("prod//db", "empty segment (number 2)");
        check_refused("prod\\db", "backslash");
        check_refused("", "it is empty");
    }

    #[test]
    fn control_and_invisible_characters_are_named_with_their_position() {
        check_refused("a\0b", "U+0000 at position 2");
        check_refused("ä\nb", "U+000A at position 2");
        check_refused("\u{202e}b", "U+202E at position 1");
        check_refused(" a", "white space");
    }

    #[test]
    fn decomposed_unicode_is_refused() {
        check_refused("schlu\u{308}ssel", "NFC");
    }
}
