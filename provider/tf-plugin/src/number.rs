//! Terraform's numbers, without loss: they are arbitrary-precision decimals there, and neither `i64` nor `f64` here.
//! One number has one form in this type, so that equality is equality of the number.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number as Terraform has it. Compare with `==`: 1, 1.0 and "1" are the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Form);

/// The one form of a number: the first of these that can hold it exactly.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    Integer(i64),
    Unsigned(u64),
    PositiveInfinity,
    NegativeInfinity,
    /// Canonical decimal text: sign, digits, optional fraction without trailing zeros, no exponent.
    Decimal(String),
}

/// More digits than this in a written-out number are refused: `1e999999999` would otherwise fill the memory.
const MAX_DIGITS: usize = 4096;

impl Number {
    /// Reads decimal text such as `12`, `-0.1` or `1e30`; `None` when it is not a number (or longer than 4096 digits).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "Inf" | "+Inf" => return Some(Self(Form::PositiveInfinity)),
            "-Inf" => return Some(Self(Form::NegativeInfinity)),
            _ => {}
        }
        let canonical = canonical_decimal(text)?;
        if let Ok(integer) = canonical.parse::<i64>() {
            return Some(Self(Form::Integer(integer)));
        }
        if let Ok(unsigned) = canonical.parse::<u64>() {
            return Some(Self(Form::Unsigned(unsigned)));
        }
        Some(Self(Form::Decimal(canonical)))
    }

    /// A float as Terraform sends it in binary: its exact value, not its shortest text. `None` for NaN.
    pub(crate) fn from_exact_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return Self::try_from(value).ok();
        }
        // Every finite f64 has an exact decimal expansion (at most 1074 fraction digits), and Rust prints all of it.
        Self::parse(&format!("{value:.1100}"))
    }

    pub(crate) fn form(&self) -> &Form {
        &self.0
    }

    /// The integer, if it is one and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Form::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The unsigned integer, if it is one and fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Form::Integer(value) => u64::try_from(value).ok(),
            Form::Unsigned(value) => Some(value),
            _ => None,
        }
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            #[expect(clippy::cast_precision_loss, reason = "the nearest f64 is what is asked for")]
            Form::Integer(value) => *value as f64,
            #[expect(clippy::cast_precision_loss, reason = "the nearest f64 is what is asked for")]
            Form::Unsigned(value) => *value as f64,
            Form::PositiveInfinity => f64::INFINITY,
            Form::NegativeInfinity => f64::NEG_INFINITY,
            // Canonical decimal text always parses.
            Form::Decimal(text) => text.parse().unwrap_or(f64::NAN),
        }
    }
}

/// Canonical decimal text: no exponent, no leading or trailing zeros, no `-0`.
fn canonical_decimal(text: &str) -> Option<String> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits_only(whole) || !digits_only(fraction) {
        return None;
    }
    let mut digits = format!("{whole}{fraction}");
    // Where the decimal point stands, counted in digits from the left.
    let mut point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let leading = digits.len() - digits.trim_start_matches('0').len();
    digits.drain(..leading);
    point = point.checked_sub(i64::try_from(leading).ok()?)?;
    digits.truncate(digits.trim_end_matches('0').len());
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    let count = i64::try_from(digits.len()).ok()?;
    if usize::try_from(point.unsigned_abs()).ok()? > MAX_DIGITS || digits.len() > MAX_DIGITS {
        return None;
    }
    let zeros = |number: i64| "0".repeat(usize::try_from(number).unwrap_or(0));
    let body = if point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else if point >= count {
        format!("{digits}{}", zeros(point - count))
    } else {
        let (left, right) = digits.split_at(usize::try_from(point).ok()?);
        format!("{left}.{right}")
    };
    Some(if negative { format!("-{body}") } else { body })
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Integer(value) => write!(f, "{value}"),
            Form::Unsigned(value) => write!(f, "{value}"),
            Form::PositiveInfinity => f.write_str("Inf"),
            Form::NegativeInfinity => f.write_str("-Inf"),
            Form::Decimal(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Number {
    /// Redacted: a number may be a PIN.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number([redacted])")
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Form::Integer(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self(Form::Unsigned(value)), Self::from)
    }
}

impl TryFrom<f64> for Number {
    type Error = NotANumber;
    /// The number a person means by this float: its shortest text, so that `0.1` is Terraform's `0.1`, which no
    /// binary float is.
    fn try_from(value: f64) -> Result<Self, NotANumber> {
        if value.is_nan() {
            return Err(NotANumber);
        }
        if value.is_infinite() {
            return Ok(Self(if value > 0.0 { Form::PositiveInfinity } else { Form::NegativeInfinity }));
        }
        Self::parse(&value.to_string()).ok_or(NotANumber)
    }
}

/// NaN: Terraform has no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("NaN is not a number in Terraform")]
pub struct NotANumber;

/// By this name our own serde formats recognise a number.
pub(crate) const NUMBER_NAME: &str = "$tf_plugin::Number";

impl Serialize for Number {
    /// As decimal text, by a name this library's encoder knows; other formats get a string.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NUMBER_NAME, &self.to_string())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl<'de> serde::de::Visitor<'de> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_newtype_struct<D: serde::Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Number, D::Error> {
                deserializer.deserialize_any(self)
            }
            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Number, E> {
                Ok(value.into())
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Number, E> {
                Ok(value.into())
            }
            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Number, E> {
                Number::try_from(value).map_err(E::custom)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                // The text itself may be confidential, so the error does not repeat it.
                Number::parse(text).ok_or_else(|| E::custom("the text is not a number"))
            }
        }
        deserializer.deserialize_newtype_struct(NUMBER_NAME, NumberVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Number::parse(text).map(|number| number.to_string()).as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn one_number_has_one_form() {
        check("1.0", "1");
        check("-0", "0");
        check("007", "7");
        check("1e3", "1000");
        check("1.50e-3", "0.0015");
        check("18446744073709551615", "18446744073709551615");
        check("123456789012345678901234567890.5", "123456789012345678901234567890.5");
        assert_eq!(Number::parse("0.5"), Number::from_exact_f64(0.5));
        assert_eq!(Number::parse("3"), Number::from_exact_f64(3.0));
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["", "-", ".", "1.2.3", "0x10", "1e", "NaN", " 1", "1e999999999"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
        assert!(Number::try_from(f64::NAN).is_err());
    }

    #[test]
    fn a_float_written_by_a_person_keeps_its_decimal_meaning() {
        assert_eq!(Number::try_from(0.1).unwrap(), Number::parse("0.1").unwrap());
    }

    #[test]
    fn debug_shows_no_digit() {
        assert_eq!(format!("{:?}", Number::from(1234_i64)), "Number([redacted])");
    }
}
