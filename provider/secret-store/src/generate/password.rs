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

/// How many whole passwords are drawn before the minimum counts are met by construction.
const DRAWS: u32 = 128;

/// The rules of a password. A class is its minimum count, or `None` to leave it out.
///
/// Keep them in a form that can write null, such as JSON: in one that drops it, a class left out would come back as one of
/// the defaults.
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

impl Class {
    /// True when the password has at least the minimum of this class. `characters` is sorted.
    fn is_met_by(&self, password: &[u8]) -> bool {
        let wanted = usize::try_from(self.minimum).unwrap_or(usize::MAX);
        let members = password.iter().filter(|byte| self.characters.binary_search(byte).is_ok());
        members.take(wanted).count() == wanted
    }
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

    /// Draws whole passwords until one meets the minimum counts: each password the rules admit is then equally likely.
    ///
    /// Where the minimums leave so few that [`DRAWS`] draws miss them all, the characters each class demands are placed
    /// first, the rest come from all classes, and the whole is shuffled: every admissible password is still possible, but
    /// those with more than the minimum are somewhat likelier.
    pub(super) fn generate(&self) -> Result<SecretValue> {
        let classes = self.classes();
        let alphabet: Vec<u8> = classes.iter().flat_map(|class| class.characters.iter().copied()).collect();
        let mut chooser = Chooser::new();
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        let mut password = Zeroizing::new(Vec::with_capacity(length));
        for _ in 0..DRAWS {
            password.clear();
            fill_up(&mut password, length, &alphabet, &mut chooser)?;
            if classes.iter().all(|class| class.is_met_by(&password)) {
                return Ok(SecretValue::from(password));
            }
        }
        password.clear();
        for class in &classes {
            for _ in 0..class.minimum {
                password.push(class.characters[chooser.below(class.characters.len())?]);
            }
        }
        fill_up(&mut password, length, &alphabet, &mut chooser)?;
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

/// Adds characters of the alphabet up to the length. The room is reserved by the caller.
fn fill_up(password: &mut Vec<u8>, length: usize, alphabet: &[u8], chooser: &mut Chooser) -> Result<()> {
    while password.len() < length {
        password.push(alphabet[chooser.below(alphabet.len())?]);
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at what was generated")]
mod tests {
    use std::collections::BTreeMap;

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

    /// Chi-squared of the passwords' counts against all being equally likely.
    fn chi_squared(rules: &PasswordRules, admissible: u32, draws: u32) -> f64 {
        let mut counts = BTreeMap::new();
        for _ in 0..draws {
            *counts.entry(rules.generate().unwrap().expose().to_vec()).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), usize::try_from(admissible).unwrap(), "some password never came");
        let expected = f64::from(draws) / f64::from(admissible);
        counts.values().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
    }

    #[test]
    fn every_admissible_password_is_equally_likely() {
        // a, b, 0 and 1 at two places, at least one letter: 4 * 4 - 2 * 2 = 12 passwords. With 11 degrees of freedom 55 is
        // exceeded by chance about once in 10^7 runs; placing the letter first and drawing the rest gives about 1,500.
        let rules = PasswordRules {
            length: 2,
            lower: Some(1),
            upper: None,
            digits: Some(0),
            symbols: None,
            exclude: "cdefghijklmnopqrstuvwxyz23456789".to_owned(),
            ..PasswordRules::default()
        };
        let statistic = chi_squared(&rules, 12, 12_000);
        assert!(statistic < 55.0, "chi-squared {statistic}");
    }

    #[test]
    fn rules_that_drawing_can_never_meet_are_met_by_construction() {
        let rules = PasswordRules { length: 4096, digits: Some(4093), ..PasswordRules::default() };
        rules.check().unwrap();
        let value = rules.generate().unwrap();
        assert_eq!(value.expose().iter().filter(|byte| byte.is_ascii_digit()).count(), 4093);
    }

    #[test]
    fn a_symbol_written_twice_is_not_twice_as_likely() {
        let rules = PasswordRules {
            length: 1,
            lower: None,
            upper: None,
            digits: None,
            symbol_set: "!!!!!-".to_owned(),
            ..PasswordRules::default()
        };
        // One degree of freedom: 30 is exceeded by chance about once in 2 * 10^7 runs.
        let statistic = chi_squared(&rules, 2, 10_000);
        assert!(statistic < 30.0, "chi-squared {statistic}");
    }

    #[test]
    fn excluding_what_is_in_no_class_changes_nothing() {
        let rules = PasswordRules { exclude: "é 🔑\u{0}".to_owned(), ..PasswordRules::default() };
        rules.check().unwrap();
        assert_eq!(rules.generate().unwrap().len(), 32);
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
