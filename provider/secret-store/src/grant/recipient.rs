//! The public half of an age key: `age1…`, an X25519 public key in Bech32. Parsed here so that a plan can refuse a
//! mistyped one and say where it is wrong.

use std::fmt;

use bech32::Bech32;
use bech32::primitives::decode::{CheckedHrpstring, CheckedHrpstringError};

use crate::error::Invalid;

/// Length of every X25519 recipient: `age1`, 52 characters of key, 6 of checksum.
const TEXT_LENGTH: usize = 62;

/// The letters of Bech32 (BIP 173), without `1`, `b`, `i` and `o`.
const ALPHABET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// An X25519 recipient as `age-keygen` prints it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgeRecipient(String);

impl AgeRecipient {
    /// Parses `age1…`.
    ///
    /// # Errors
    /// [`Invalid`] on field `principal`: the position of a letter Bech32 does not have, the length, or a checksum that
    /// does not fit. (A checksum alone cannot say which letter is wrong.)
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = |reason: String| Err(Invalid::new("principal", reason));
        if !text.is_ascii() || !text.starts_with("age1") {
            return invalid(
                "it is no age recipient; the embedded store grants to `age1…`, which `age-keygen` prints"
                    .to_owned(),
            );
        }
        let data = &text["age1".len()..];
        if data.contains('1') {
            return invalid(format!(
                "recipient `{text}` is of a plugin or post-quantum kind; the embedded store takes X25519 recipients, which `age-keygen` prints"
            ));
        }
        if let Some((index, letter)) = data.char_indices().find(|(_, letter)| !ALPHABET.contains(*letter)) {
            return invalid(format!(
                "recipient `{text}` has `{letter}` at position {}, which no recipient can have; copy it again",
                index + "age1".len() + 1
            ));
        }
        if text.len() != TEXT_LENGTH {
            return invalid(format!(
                "recipient `{text}` is {} characters long instead of {TEXT_LENGTH}; copy it again, whole",
                text.len()
            ));
        }
        match CheckedHrpstring::new::<Bech32>(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(CheckedHrpstringError::Checksum(_)) => invalid(format!(
                "the checksum of recipient `{text}` (its last 6 characters, positions 57 to 62) does not fit the rest: a character is mistyped; copy it again"
            )),
            Err(error) => invalid(format!("recipient `{text}` is no Bech32 text: {error}; copy it again")),
        }
    }

    /// The recipient as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgeRecipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    fn check_refused(text: &str, expected: &str) {
        let error = AgeRecipient::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?} gave: {error}");
    }

    #[test]
    fn a_recipient_that_adds_up_is_kept() {
        assert_eq!(AgeRecipient::parse(GOOD).unwrap().to_string(), GOOD);
    }

    #[test]
    fn a_mistyped_letter_breaks_the_checksum() {
        check_refused(&GOOD.replace("hjy54", "hjy55"), "does not fit the rest");
        check_refused(&GOOD.replace("8p", "8q"), "does not fit the rest");
    }

    #[test]
    fn a_letter_outside_the_alphabet_is_named_with_its_position() {
        check_refused(&GOOD.replace("ql3z", "ql3b"), "`b` at position 8");
        check_refused(&GOOD.to_ascii_uppercase(), "no age recipient");
    }

    #[test]
    fn length_and_other_kinds_are_told_apart() {
        check_refused(&GOOD[..40], "40 characters long instead of 62");
        check_refused("age1pq1qqqq", "post-quantum");
        check_refused("ssh-ed25519 AAAA", "no age recipient");
    }

    #[test]
    fn every_single_letter_change_is_caught() {
        for position in 4..GOOD.len() {
            let mut text = GOOD.as_bytes().to_vec();
            text[position] = if text[position] == b'q' { b'p' } else { b'q' };
            assert!(AgeRecipient::parse(std::str::from_utf8(&text).unwrap()).is_err(), "position {position}");
        }
    }
}
