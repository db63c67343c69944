//! `generate`: how a value is made. The attributes are shared by the resource `secret` and the ephemeral `secret_password`; which
//! rules are possible is known to the store library's [`Generator`], and its errors come back at the attribute's path.

use std::collections::BTreeSet;

use secret_store::generate::{Generator, GeneratorSpec, KeyFormat, PasswordRules};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, AttributePath, Diagnostics, Type, Value};

use crate::diagnostics::{invalid, wrong};
use crate::text::known;

const CLASSES: [&str; 4] = ["lower", "upper", "digits", "symbols"];

/// `generate = { … }`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct GenerateModel {
    pub(crate) kind: Value<String>,
    pub(crate) field: Value<String>,
    pub(crate) length: Value<i64>,
    pub(crate) classes: Value<BTreeSet<String>>,
    pub(crate) min_lower: Value<i64>,
    pub(crate) min_upper: Value<i64>,
    pub(crate) min_digits: Value<i64>,
    pub(crate) min_symbols: Value<i64>,
    pub(crate) symbol_set: Value<String>,
    pub(crate) exclude: Value<String>,
    pub(crate) separator: Value<String>,
    pub(crate) bits: Value<i64>,
    pub(crate) format: Value<String>,
}

/// The attribute `generate`.
pub(crate) fn attribute() -> Attribute {
    let mut attributes = vec![
        Attribute::string("kind").required().description(
            "`password`, `hex`, `base64`, `uuid`, `words`, or a private key: `ed25519`, `rsa`, `x25519`.",
        ),
        Attribute::string("field").optional().description(
            "Member of the JSON value to put it in, such as `password`. Without it, it is the whole value.",
        ),
        Attribute::string("separator").optional().description("Between `words`; default `-`."),
        Attribute::number("bits").optional().description("Size of an `rsa` key: 2048, 3072, 4096 or 8192; default 3072."),
        Attribute::string("format").optional().description(
            "How an `ed25519` or `x25519` key is written: `pem` (PKCS #8, default), `openssh` (`ed25519`), or `raw` (32 bytes in Base64, `x25519`).",
        ),
    ];
    attributes.extend(password_attributes(
        "Characters of a `password` (default 32), bytes of `hex` and `base64` (default 32), or number of `words` (default 6).",
    ));
    Attribute::nested_single("generate", attributes).optional().description(
        "Makes the value inside apply, from the operating system's random numbers; it goes straight to the store. Changing the rule makes a \
         new value; a value that was adopted or imported is never overwritten, rotate it instead.",
    )
}

/// The attributes that shape a password.
pub(crate) fn password_attributes(length: &str) -> Vec<Attribute> {
    let minimum = |name: &str, class: &str| {
        Attribute::number(name)
            .optional()
            .description(format!("At least so many {class}; default 1 if the class is used."))
    };
    vec![
        Attribute::number("length").optional().description(length),
        Attribute::set("classes", Type::String)
            .optional()
            .description("Kinds of characters: `lower`, `upper`, `digits`, `symbols`. Default all four."),
        minimum("min_lower", "small letters"),
        minimum("min_upper", "capital letters"),
        minimum("min_digits", "digits"),
        minimum("min_symbols", "symbols"),
        Attribute::string("symbol_set")
            .optional()
            .description("What counts as a symbol; default ``!@#$%&*()-_=+[]{}<>:?``."),
        Attribute::string("exclude").optional().description("Characters to leave out, such as `0O1lI`."),
    ]
}

impl GenerateModel {
    /// Checks the rule, if all of it is known.
    ///
    /// # Errors
    /// Diagnostics at the attributes.
    pub(crate) fn check(&self) -> Result<(), Diagnostics> {
        let texts = [&self.kind, &self.symbol_set, &self.exclude, &self.separator, &self.format];
        let numbers =
            [&self.length, &self.min_lower, &self.min_upper, &self.min_digits, &self.min_symbols, &self.bits];
        let undecided = texts.iter().any(|value| value.is_unknown())
            || numbers.iter().any(|value| value.is_unknown())
            || self.classes.is_unknown();
        if undecided { Ok(()) } else { self.generator().map(|_| ()) }
    }

    /// The rule.
    ///
    /// # Errors
    /// Diagnostics at the attributes, for a rule that is impossible or an argument the kind has no use for.
    pub(crate) fn generator(&self) -> Result<Generator, Diagnostics> {
        let kind = self.kind.as_str().unwrap_or_default();
        let length = |default: u32| Ok::<_, Diagnostics>(number("length", &self.length)?.unwrap_or(default));
        let (spec, used): (_, &[&str]) = match kind {
            "password" => (
                GeneratorSpec::Password(self.password_rules()?),
                &[
                    "length",
                    "classes",
                    "min_lower",
                    "min_upper",
                    "min_digits",
                    "min_symbols",
                    "symbol_set",
                    "exclude",
                ],
            ),
            "hex" => (GeneratorSpec::Hex { bytes: length(32)? }, &["length"]),
            "base64" => (GeneratorSpec::Base64 { bytes: length(32)? }, &["length"]),
            "uuid" => (GeneratorSpec::Uuid, &[]),
            "words" => {
                let separator = self.separator.as_str().unwrap_or("-").to_owned();
                (GeneratorSpec::Words { count: length(6)?, separator }, &["length", "separator"])
            }
            "ed25519" => (GeneratorSpec::Ed25519 { format: self.key_format()? }, &["format"]),
            "x25519" => (GeneratorSpec::X25519 { format: self.key_format()? }, &["format"]),
            "rsa" => (GeneratorSpec::Rsa { bits: number("bits", &self.bits)?.unwrap_or(3072) }, &["bits"]),
            other => {
                return Err(wrong(
                    at("kind"),
                    format!(
                        "`{other}` is not one of `password`, `hex`, `base64`, `uuid`, `words`, `ed25519`, `rsa`, `x25519`"
                    ),
                )
                .into());
            }
        };
        if let Some(unused) = self.given().into_iter().find(|name| !used.contains(name)) {
            return Err(wrong(at(unused), format!("kind `{kind}` has no use for it; leave it out")).into());
        }
        Generator::new(spec).map_err(|error| invalid(at(attribute_of(error.field)), &error).into())
    }

    fn password_rules(&self) -> Result<PasswordRules, Diagnostics> {
        let defaults = PasswordRules::default();
        if let Some(classes) = self.classes.known()
            && let Some(unknown) = classes.iter().find(|class| !CLASSES.contains(&class.as_str()))
        {
            return Err(wrong(
                at("classes"),
                format!("`{unknown}` is not one of `lower`, `upper`, `digits`, `symbols`"),
            )
            .into());
        }
        let class = |name: &str, attribute: &'static str, minimum: &Value<i64>| {
            let used = self.classes.known().is_none_or(|classes| classes.contains(name));
            match (used, number(attribute, minimum)?) {
                (true, minimum) => Ok(Some(minimum.unwrap_or(1))),
                (false, None | Some(0)) => Ok(None),
                (false, Some(_)) => {
                    Err(Diagnostics::from(wrong(at(attribute), format!("`classes` does not have `{name}`"))))
                }
            }
        };
        Ok(PasswordRules {
            length: number("length", &self.length)?.unwrap_or(defaults.length),
            lower: class("lower", "min_lower", &self.min_lower)?,
            upper: class("upper", "min_upper", &self.min_upper)?,
            digits: class("digits", "min_digits", &self.min_digits)?,
            symbols: class("symbols", "min_symbols", &self.min_symbols)?,
            symbol_set: self.symbol_set.known().cloned().unwrap_or(defaults.symbol_set),
            exclude: self.exclude.known().cloned().unwrap_or_default(),
        })
    }

    fn key_format(&self) -> Result<KeyFormat, Diagnostics> {
        match self.format.as_str() {
            None | Some("pem") => Ok(KeyFormat::Pem),
            Some("openssh") => Ok(KeyFormat::Openssh),
            Some("raw") => Ok(KeyFormat::Raw),
            Some(other) => {
                Err(wrong(at("format"), format!("`{other}` is not one of `pem`, `openssh`, `raw`")).into())
            }
        }
    }

    /// Names of the arguments that are set, without `kind` and `field`.
    fn given(&self) -> Vec<&'static str> {
        [
            ("length", self.length.is_null()),
            ("classes", self.classes.is_null()),
            ("min_lower", self.min_lower.is_null()),
            ("min_upper", self.min_upper.is_null()),
            ("min_digits", self.min_digits.is_null()),
            ("min_symbols", self.min_symbols.is_null()),
            ("symbol_set", self.symbol_set.is_null()),
            ("exclude", self.exclude.is_null()),
            ("separator", self.separator.is_null()),
            ("bits", self.bits.is_null()),
            ("format", self.format.is_null()),
        ]
        .into_iter()
        .filter_map(|(name, is_null)| (!is_null).then_some(name))
        .collect()
    }

    /// The attribute as it would have to be written to give this rule; for a secret that is imported. Defaults are left out, as most
    /// configurations do.
    pub(crate) fn from_generator(generator: &Generator, field: Option<&str>) -> Self {
        let mut model = Self { field: Value::from_option(field.map(str::to_owned)), ..Self::default() };
        let format = |format: &KeyFormat| match format {
            KeyFormat::Pem => Value::Null,
            KeyFormat::Openssh => known("openssh"),
            KeyFormat::Raw => known("raw"),
        };
        let kind = match generator.spec() {
            GeneratorSpec::Password(rules) => {
                model.describe_password(rules);
                "password"
            }
            GeneratorSpec::Hex { bytes } => {
                model.length = i64::from(*bytes).into();
                "hex"
            }
            GeneratorSpec::Base64 { bytes } => {
                model.length = i64::from(*bytes).into();
                "base64"
            }
            GeneratorSpec::Words { count, separator } => {
                model.length = i64::from(*count).into();
                model.separator = unless(separator != "-", separator.clone());
                "words"
            }
            GeneratorSpec::Ed25519 { format: written } => {
                model.format = format(written);
                "ed25519"
            }
            GeneratorSpec::X25519 { format: written } => {
                model.format = format(written);
                "x25519"
            }
            GeneratorSpec::Rsa { bits } => {
                model.bits = i64::from(*bits).into();
                "rsa"
            }
            _ => "uuid",
        };
        model.kind = known(kind);
        model
    }

    fn describe_password(&mut self, rules: &PasswordRules) {
        let defaults = PasswordRules::default();
        let used = [rules.lower, rules.upper, rules.digits, rules.symbols];
        let minimum = |minimum: Option<u32>| match minimum {
            Some(1) | None => Value::Null,
            Some(other) => i64::from(other).into(),
        };
        self.length = i64::from(rules.length).into();
        if used.iter().any(Option::is_none) {
            let names = CLASSES
                .iter()
                .zip(used)
                .filter(|(_, minimum)| minimum.is_some())
                .map(|(name, _)| (*name).to_owned());
            self.classes = Value::Known(names.collect());
        }
        self.min_lower = minimum(rules.lower);
        self.min_upper = minimum(rules.upper);
        self.min_digits = minimum(rules.digits);
        self.min_symbols = minimum(rules.symbols);
        self.symbol_set = unless(rules.symbol_set != defaults.symbol_set, rules.symbol_set.clone());
        self.exclude = unless(!rules.exclude.is_empty(), rules.exclude.clone());
    }
}

fn unless(differs: bool, text: String) -> Value<String> {
    if differs { text.into() } else { Value::Null }
}

fn at(name: &str) -> AttributePath {
    AttributePath::new("generate").attribute(name)
}

fn number(name: &str, value: &Value<i64>) -> Result<Option<u32>, Diagnostics> {
    value
        .known()
        .map(|number| {
            u32::try_from(*number).map_err(|_| {
                wrong(at(name), format!("{number} is not a number from 0 to {}", u32::MAX)).into()
            })
        })
        .transpose()
}

/// The attribute a rule of the generator is written in.
fn attribute_of(field: &str) -> &str {
    match field.rsplit('.').next().unwrap_or("kind") {
        "bytes" | "count" => "length",
        "lower" => "min_lower",
        "upper" => "min_upper",
        "digits" => "min_digits",
        "symbols" => "min_symbols",
        other => other,
    }
}

/// The rule as it is noted in a secret's metadata.
pub(crate) fn to_note(generator: &Generator) -> Option<String> {
    serde_json::to_string(generator).ok()
}

/// The rule noted in a secret's metadata.
pub(crate) fn from_note(note: &str) -> Option<Generator> {
    serde_json::from_str(note).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password() -> GenerateModel {
        GenerateModel { kind: known("password"), ..GenerateModel::default() }
    }

    fn check_error(model: &GenerateModel, path: &str, expected: &str) {
        let problems = model.check().expect_err("the rule is impossible");
        let problem = problems.iter().next().unwrap();
        assert_eq!(problem.attribute.as_ref().map(ToString::to_string).as_deref(), Some(path));
        assert!(problem.detail.contains(expected), "{}", problem.detail);
    }

    #[test]
    fn impossible_rules_are_refused_at_their_attribute() {
        check_error(&GenerateModel { length: 0.into(), ..password() }, "generate.length", "0 is not between");
        check_error(
            &GenerateModel { length: (-1).into(), ..password() },
            "generate.length",
            "-1 is not a number",
        );
        check_error(&GenerateModel { bits: 2048.into(), ..password() }, "generate.bits", "has no use for it");
        check_error(&GenerateModel { kind: known("pasword"), ..password() }, "generate.kind", "not one of");
        check_error(
            &GenerateModel { length: 5.into(), min_digits: 9.into(), ..password() },
            "generate.length",
            "",
        );
        let rsa = GenerateModel { kind: known("rsa"), bits: 512.into(), ..GenerateModel::default() };
        check_error(&rsa, "generate.bits", "512");
        let classes = Value::Known(BTreeSet::from(["greek".to_owned()]));
        check_error(&GenerateModel { classes, ..password() }, "generate.classes", "greek");
    }

    #[test]
    fn unknown_parts_are_checked_later() {
        assert!(GenerateModel { length: Value::Unknown, ..password() }.check().is_ok());
    }

    #[test]
    fn what_is_imported_is_the_rule_that_was_written() {
        let written = GenerateModel { length: 20.into(), exclude: known("0O"), ..password() };
        let rule = written.generator().unwrap();
        assert_eq!(GenerateModel::from_generator(&rule, None), written);
        assert_eq!(from_note(&to_note(&rule).unwrap()), Some(rule));
    }
}
