//! The `waiver` blocks of `secretlint.hcl`. What a block says is read here; whether its rule exists and its end is not too far is asked
//! when the rules and the day are known, in [`crate::waiver`].

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::structure::{Attribute, Block};
use jiff::civil::Date;

use super::{Config, Reader, place_of};
use crate::waiver::pattern::{AddressPattern, PathPattern, PatternError};
use crate::waiver::term::parse_date;

/// A `waiver` block.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Id, alias or glob of the rules.
    pub rule: String,
    /// The addresses it is for.
    pub address: AddressPattern,
    /// The attributes it is for, if not all.
    pub path: Option<PathPattern>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub until: Date,
    /// Bytes of the word `waiver`.
    pub head: Range<usize>,
    /// Bytes of the rule.
    pub rule_place: Range<usize>,
    /// Bytes of the date.
    pub until_place: Range<usize>,
}

const MANDATORY: [&str; 5] = ["rule", "address", "reason", "owner", "until"];

impl Reader<'_> {
    pub(super) fn waiver(&mut self, block: &Block, config: &mut Config) {
        let head = block.ident.span().unwrap_or_default();
        if let Some(label) = block.labels.first() {
            self.problem(
                label.span().unwrap_or_default(),
                "a `waiver` block takes no label",
                "write the rule inside: `rule = \"value.literal\"`",
            );
        }
        let (mut rule, mut address, mut path, mut reason, mut owner, mut until) =
            (None, None, None, None, None, None);
        for attribute in block.body.attributes() {
            let place = place_of(&attribute.value).unwrap_or_default();
            match attribute.key.as_str() {
                "rule" => rule = self.text(attribute).map(|text| (text, place)),
                "address" => {
                    address = self.pattern(
                        attribute,
                        AddressPattern::parse,
                        "\"module.legacy.aws_db_instance.main[*]\"",
                    );
                }
                "path" => {
                    path = self.pattern(attribute, PathPattern::parse, "\"policy.Statement[*].Principal\"")
                }
                "reason" => reason = self.text(attribute),
                "owner" => owner = self.text(attribute),
                "until" => {
                    until = attribute.value.as_str().and_then(parse_date).map(|date| (date, place));
                    if until.is_none() {
                        self.wrong(attribute, "a date, written `\"2027-01-31\"`");
                    }
                }
                other => self.unknown(
                    other,
                    attribute.key.span(),
                    &["rule", "address", "path", "reason", "owner", "until"],
                ),
            }
        }
        self.no_blocks(block);
        let missing: Vec<&str> =
            MANDATORY.into_iter().filter(|name| !block.body.has_attribute(name)).collect();
        if !missing.is_empty() {
            return self.problem(
                head,
                &format!("this waiver has no `{}`", missing.join("`, no `")),
                "a waiver says what is waived (`rule`, `address`), why (`reason`), who answers for it (`owner`) and its last day (`until`)",
            );
        }
        let (Some((rule, rule_place)), Some(address), Some(reason), Some(owner), Some((until, until_place))) =
            (rule, address, reason, owner, until)
        else {
            // What is wrong has been said above.
            return;
        };
        config.waivers.push(Waiver {
            rule,
            address,
            path,
            reason,
            owner,
            until,
            head,
            rule_place,
            until_place,
        });
    }

    fn text(&mut self, attribute: &Attribute) -> Option<String> {
        let text = attribute.value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
        if text.is_none() {
            self.wrong(attribute, "a text, and not an empty one");
        }
        text
    }

    fn pattern<T>(
        &mut self,
        attribute: &Attribute,
        parse: impl Fn(&str) -> Result<T, PatternError>,
        example: &str,
    ) -> Option<T> {
        let name = attribute.key.as_str();
        match attribute.value.as_str().map(parse) {
            Some(Ok(pattern)) => Some(pattern),
            Some(Err(error)) => {
                let place = place_of(&attribute.value).unwrap_or_default();
                self.problem(
                    place,
                    &format!("`{name}` cannot be read: {error}"),
                    &format!("write it like {example}"),
                );
                None
            }
            None => {
                self.wrong(attribute, &format!("a text such as {example}"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{Config, ConfigError};

    const WHOLE: &str = r#"waiver {
  rule    = "value.literal"
  address = "module.legacy.aws_db_instance.main[\"a\"]"
  reason  = "moved to the store in Q1"
  owner   = "team-orders"
  until   = "2027-01-31"
  path    = "password"
}
"#;

    #[test]
    fn a_waiver_is_read() {
        let config = Config::parse("s.hcl", WHOLE).unwrap();
        let [waiver] = config.waivers.as_slice() else { panic!("{:?}", config.waivers) };
        assert_eq!((waiver.rule.as_str(), waiver.until), ("value.literal", date(2027, 1, 31)));
        assert_eq!(
            (waiver.reason.as_str(), waiver.owner.as_str()),
            ("moved to the store in Q1", "team-orders")
        );
        assert!(waiver.address.matches("module.legacy.aws_db_instance.main[\"a\"]"));
        assert!(
            waiver.path.as_ref().is_some_and(|path| path.matches("password") && !path.matches("username"))
        );
        assert_eq!(
            (&WHOLE[waiver.head.clone()], &WHOLE[waiver.until_place.clone()]),
            ("waiver", "\"2027-01-31\"")
        );
    }

    #[track_caller]
    fn check(from: &str, to: &str, message: &str, place: &str) {
        assert!(WHOLE.contains(from), "{from}");
        let text = WHOLE.replace(from, to);
        let Err(ConfigError::Invalid { problems }) = Config::parse("s.hcl", &text) else {
            panic!("accepted: {text}")
        };
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!((problems[0].to_string().as_str(), &text[problems[0].span.clone()]), (message, place));
    }

    #[test]
    fn everything_about_a_waiver_is_mandatory_but_the_path() {
        assert!(Config::parse("s.hcl", &WHOLE.replace("  path    = \"password\"\n", "")).is_ok());
        for name in super::MANDATORY {
            let text: String = WHOLE
                .lines()
                .filter(|line| !line.trim_start().starts_with(name))
                .map(|line| format!("{line}\n"))
                .collect();
            let Err(ConfigError::Invalid { problems }) = Config::parse("s.hcl", &text) else {
                panic!("{text}")
            };
            assert_eq!(problems[0].to_string(), format!("this waiver has no `{name}`"));
            assert_eq!(&text[problems[0].span.clone()], "waiver");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_at_its_place() {
        check(
            "\"2027-01-31\"",
            "\"31.1.2027\"",
            "`until` is a date, written `\"2027-01-31\"`",
            "\"31.1.2027\"",
        );
        check("\"2027-01-31\"", "20270131", "`until` is a date, written `\"2027-01-31\"`", "20270131");
        check("\"team-orders\"", "\" \"", "`owner` is a text, and not an empty one", "\" \"");
        check(
            "main[\\\"a\\\"]",
            "main[a]",
            "`address` cannot be read: an instance is `[0]`, `[\"key\"]` or, for any, `[*]`",
            "\"module.legacy.aws_db_instance.main[a]\"",
        );
        check("\"password\"", "\"a[\"", "`path` cannot be read: a `[` is not closed", "\"a[\"");
        check("\"password\"", "1", "`path` is a text such as \"policy.Statement[*].Principal\"", "1");
        check("path ", "paht ", "there is no setting `paht` here", "paht");
        check("waiver {", "waiver \"x\" {", "a `waiver` block takes no label", "\"x\"");
    }
}
