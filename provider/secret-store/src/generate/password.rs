//! Passwords from four classes of characters, each with a minimum count, minus excluded characters.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::random::Chooser;
use crate::Result;
use crate::error::Invalid;
use crate::value::SecretValue;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

/// The same symbols as the random provider's `random_password`, so that a move keeps what databases accept.
const SYMBOLS: &str = "!@#$%&*()-_=+[]{}<>:?";

/// Longest password, in characters.
const MAX_LENGTH: u32 = 4096;

/// The rules of a password. A class is its minimum count, or `None` to leave it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordRules {
    /// Number of characters, 1 to 4096.
    pub length: u32,
    /// Small letters a to z.
    pub lower: Option<u32>,
    /// Capital letters A to Z.
    pub upper: Option<u32>,
    /// Digits 0 to 9.
    pub digits: Option<u32>,
    /// Characters of `symbol_set`.
    pub symbols: Option<u32>,
    /// What counts as a symbol: printable ASCII other than letters, digits and space.
    pub symbol_set: String,
    /// Characters never used, of any class.
    pub exclude: String,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            length: 32,
            lower: Some(1),
            upper: Some(1),
            digits: Some(1),
            symbols: Some(1),
            symbol_set: SYMBOLS.to_owned(),
            exclude: String::new(),
        }
    }
}

/// A class in use: its characters after exclusion, and how many are wanted at least.
struct Class {
    field: &'static str,
    characters: Vec<u8>,
    minimum: u32,
}

impl PasswordRules {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        if !(1..=MAX_LENGTH).contains(&self.length) {
            let reason = format!("{} is not between 1 and {MAX_LENGTH}", self.length);
            return Err(Invalid::new("generate.length", reason));
        }
        if let Some(character) = self.symbol_set.chars().find(|character| !character.is_ascii_punctuation()) {
            let reason = format!(
                "`{}` is no symbol; use printable ASCII other than letters, digits and space",
                character.escape_debug()
            );
            return Err(Invalid::new("generate.symbol_set", reason));
        }
        let classes = self.classes();
        if classes.is_empty() {
            return Err(Invalid::new("generate", "all four classes are left out; use at least one"));
        }
        if let Some(class) = classes.iter().find(|class| class.characters.is_empty() && class.minimum > 0) {
            let reason = format!(
                "at least {} wanted, but `exclude` leaves none of them; exclude fewer",
                class.minimum
            );
            return Err(Invalid::new(class.field, reason));
        }
        if classes.iter().all(|class| class.characters.is_empty()) {
            return Err(Invalid::new("generate.exclude", "it leaves no character at all; exclude fewer"));
        }
        let wanted: u64 = classes.iter().map(|class| u64::from(class.minimum)).sum();
        if wanted > u64::from(self.length) {
            let reason = format!(
                "the minimum counts of the classes add up to {wanted}, more than the length {}; raise it or lower them",
                self.length
            );
            return Err(Invalid::new("generate.length", reason));
        }
        Ok(())
    }

    /// The characters each class demands first, the rest from all of them, then shuffled.
    pub(super) fn generate(&self) -> Result<SecretValue> {
        let classes = self.classes();
        let alphabet: Vec<u8> = classes.iter().flat_map(|class| class.characters.iter().copied()).collect();
        let mut chooser = Chooser::new();
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        let mut password = Zeroizing::new(Vec::with_capacity(length));
        for class in &classes {
            for _ in 0..class.minimum {
                password.push(class.characters[chooser.below(class.characters.len())?]);
            }
        }
        while password.len() < length {
            password.push(alphabet[chooser.below(alphabet.len())?]);
        }
        for last in (1..password.len()).rev() {
            password.swap(last, chooser.below(last + 1)?);
        }
        Ok(SecretValue::from(password))
    }

    fn classes(&self) -> Vec<Class> {
        let class = |field, minimum: Option<u32>, characters: &str| {
            minimum.map(|minimum| {
                let mut characters: Vec<u8> =
                    characters.bytes().filter(|byte| !self.exclude.as_bytes().contains(byte)).collect();
                // A symbol written twice would be twice as likely.
                characters.sort_unstable();
                characters.dedup();
                Class { field, characters, minimum }
            })
        };
        [
            class("generate.lower", self.lower, LOWER),
            class("generate.upper", self.upper, UPPER),
            class("generate.digits", self.digits, DIGITS),
            class("generate.symbols", self.symbols, &self.symbol_set),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at what was generated")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_impossible(rules: &PasswordRules, expected: &str) {
        let error = rules.check().unwrap_err().to_string();
        assert!(error.contains(expected), "{rules:?} gave: {error}");
    }

    #[test]
    fn impossible_rules_are_refused() {
        let rules = PasswordRules::default();
        check_impossible(
            &PasswordRules { length: 0, ..rules.clone() },
            "generate.length: 0 is not between 1 and 4096",
        );
        check_impossible(
            &PasswordRules { length: 3, ..rules.clone() },
            "add up to 4, more than the length 3",
        );
        check_impossible(
            &PasswordRules { lower: Some(u32::MAX), upper: Some(u32::MAX), ..rules.clone() },
            "add up to 8589934592",
        );
        check_impossible(
            &PasswordRules { exclude: DIGITS.to_owned(), ..rules.clone() },
            "invalid generate.digits",
        );
        check_impossible(&PasswordRules { symbol_set: "a".to_owned(), ..rules.clone() }, "`a` is no symbol");
        check_impossible(
            &PasswordRules { symbol_set: String::new(), ..rules.clone() },
            "invalid generate.symbols",
        );
        let none = PasswordRules { lower: None, upper: None, digits: None, symbols: None, ..rules.clone() };
        check_impossible(&none, "all four classes");
        let empty = PasswordRules { digits: Some(0), exclude: DIGITS.to_owned(), ..none };
        check_impossible(&empty, "no character at all");
    }

    #[test]
    fn every_position_can_hold_every_class() {
        let rules = PasswordRules { length: 4, ..PasswordRules::default() };
        let mut seen = [[false; 4]; 4];
        for _ in 0..2000 {
            for (position, byte) in rules.generate().unwrap().expose().iter().enumerate() {
                let class = [
                    u8::is_ascii_lowercase,
                    u8::is_ascii_uppercase,
                    u8::is_ascii_digit,
                    u8::is_ascii_punctuation,
                ]
                .iter()
                .position(|is_member| is_member(byte));
                seen[position][class.unwrap()] = true;
            }
        }
        assert_eq!(seen, [[true; 4]; 4]);
    }

    proptest! {
        #[test]
        fn whatever_passes_the_check_is_met(
            length in 1_u32..80,
            lower in proptest::option::of(0_u32..10),
            upper in proptest::option::of(0_u32..10),
            digits in proptest::option::of(0_u32..10),
            symbols in proptest::option::of(0_u32..10),
            exclude in "[a-fA-F0-4!-*]{0,12}",
        ) {
            let rules = PasswordRules { length, lower, upper, digits, symbols, exclude: exclude.clone(), ..PasswordRules::default() };
            if rules.check().is_ok() {
                let value = rules.generate().unwrap();
                let text = value.expose_text().unwrap();
                prop_assert_eq!(text.len(), length as usize);
                prop_assert!(!text.chars().any(|character| exclude.contains(character)));
                for (minimum, is_member) in [
                    (lower, char::is_ascii_lowercase as fn(&char) -> bool),
                    (upper, char::is_ascii_uppercase),
                    (digits, char::is_ascii_digit),
                    (symbols, char::is_ascii_punctuation),
                ] {
                    let count = text.chars().filter(is_member).count();
                    match minimum {
                        Some(minimum) => prop_assert!(count >= minimum as usize),
                        None => prop_assert_eq!(count, 0),
                    }
                }
            }
        }
    }
}
