//! Random bytes written as text, and words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bip39::Language;
use zeroize::Zeroizing;

use super::random::{self, Chooser};
use crate::Result;
use crate::error::Invalid;
use crate::value::SecretValue;

const MAX_BYTES: u32 = 4096;
const MAX_WORDS: u32 = 64;

pub(super) fn hyphen() -> String {
    "-".to_owned()
}

pub(super) fn check_bytes(bytes: u32) -> Result<(), Invalid> {
    if (1..=MAX_BYTES).contains(&bytes) {
        return Ok(());
    }
    Err(Invalid::new("generate.bytes", format!("{bytes} is not between 1 and {MAX_BYTES}")))
}

pub(super) fn check_words(count: u32, separator: &str) -> Result<(), Invalid> {
    if !(1..=MAX_WORDS).contains(&count) {
        return Err(Invalid::new("generate.count", format!("{count} is not between 1 and {MAX_WORDS}")));
    }
    if separator.len() > 16 || separator.chars().any(char::is_control) {
        return Err(Invalid::new(
            "generate.separator",
            "it is longer than 16 bytes or has control characters",
        ));
    }
    Ok(())
}

pub(super) fn hex(count: u32) -> Result<SecretValue> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bytes = random::bytes(size(count))?;
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len() * 2));
    for byte in bytes.iter() {
        text.push(HEX[usize::from(byte >> 4)]);
        text.push(HEX[usize::from(byte & 15)]);
    }
    Ok(SecretValue::from(text))
}

pub(super) fn base64(count: u32) -> Result<SecretValue> {
    let bytes = random::bytes(size(count))?;
    Ok(SecretValue::from_text(STANDARD.encode(bytes.as_slice())))
}

pub(super) fn uuid() -> Result<SecretValue> {
    let mut bytes = Zeroizing::new([0; 16]);
    random::fill(bytes.as_mut_slice())?;
    let uuid = Zeroizing::new(uuid::Builder::from_random_bytes(*bytes).into_uuid().into_bytes());
    let mut text = Zeroizing::new(vec![0; uuid::fmt::Hyphenated::LENGTH]);
    uuid::Uuid::from_bytes(*uuid).hyphenated().encode_lower(&mut text);
    Ok(SecretValue::from(text))
}

pub(super) fn words(count: u32, separator: &str) -> Result<SecretValue> {
    let list = Language::English.word_list();
    let mut chooser = Chooser::new();
    // The longest word has 8 letters; enough room, so that no copy is left behind by growing.
    let mut text = Zeroizing::new(Vec::with_capacity(size(count) * (8 + separator.len())));
    for index in 0..count {
        if index > 0 {
            text.extend_from_slice(separator.as_bytes());
        }
        text.extend_from_slice(list[chooser.below(list.len())?].as_bytes());
    }
    Ok(SecretValue::from(text))
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at what was generated")]
mod tests {
    use super::*;

    #[test]
    fn hex_has_two_small_digits_per_byte() {
        let value = hex(33).unwrap();
        assert_eq!(value.len(), 66);
        assert!(value.expose().iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    }

    #[test]
    fn base64_decodes_to_as_many_bytes() {
        assert_eq!(STANDARD.decode(base64(31).unwrap().expose()).unwrap().len(), 31);
    }

    #[test]
    fn a_uuid_is_of_version_4() {
        let value = uuid().unwrap();
        let parsed = uuid::Uuid::parse_str(value.expose_text().unwrap()).unwrap();
        assert_eq!((parsed.get_version_num(), parsed.get_variant()), (4, uuid::Variant::RFC4122));
    }

    #[test]
    fn words_come_from_the_list() {
        let value = words(24, ". ").unwrap();
        let words: Vec<&str> = value.expose_text().unwrap().split(". ").collect();
        assert_eq!(words.len(), 24);
        assert!(words.iter().all(|word| Language::English.word_list().contains(word)));
    }

    #[test]
    fn no_word_is_longer_than_the_room_reserved() {
        assert!(Language::English.word_list().iter().all(|word| word.len() <= 8));
    }
}
