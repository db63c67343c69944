//! The `rule` blocks of `secretlint.hcl`: whether a rule runs, how much its findings weigh, and where it applies. Whether there is such a
//! rule is asked when the rules are known.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block};

use super::{Config, ConfigError, Reader, did_you_mean, place_of};
use crate::finding::Severity;
use crate::policy::{Pack, Reach, Selection};
use crate::waiver::pattern::AddressPattern;

#[derive(Debug, Clone)]
pub(super) struct RuleSetting {
    name: String,
    place: Range<usize>,
    enabled: bool,
    severity: Option<Severity>,
    reach: Reach,
}

impl Config {
    /// Adds what the file says about rules to a selection.
    ///
    /// # Errors
    /// The file names a rule that `pack` does not have, or one rule twice.
    pub fn apply(&self, pack: &Pack, selection: &mut Selection) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        let mut seen = Vec::new();
        for setting in &self.rules {
            let Some(rule) = pack.rule(&setting.name) else {
                let problem =
                    self.problem(format!("there is no rule `{}`", setting.name), setting.place.clone());
                problems.push(problem.with_help(did_you_mean(
                    &pack.similar(&setting.name),
                    "`secretlint rules` lists all rules",
                )));
                continue;
            };
            if seen.contains(&&rule.id) {
                let problem =
                    self.problem(format!("rule `{}` has two blocks", rule.id), setting.place.clone());
                problems.push(problem.with_help("write what you want of it in one of them"));
                continue;
            }
            seen.push(&rule.id);
            if !setting.enabled {
                selection.disabled.push(rule.id.clone());
            }
            if let Some(severity) = setting.severity {
                selection.severities.insert(rule.id.clone(), severity);
            }
            if !setting.reach.is_everywhere() {
                selection.reaches.insert(rule.id.clone(), setting.reach.clone());
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError::Invalid { problems }) }
    }
}

impl Reader<'_> {
    pub(super) fn rule(&mut self, block: &Block, config: &mut Config) {
        let [label] = block.labels.as_slice() else {
            let place = block.ident.span().unwrap_or_default();
            return self.problem(
                place,
                "a `rule` block has one label",
                "write the rule's id: `rule \"rotation.too_slow\" { … }`",
            );
        };
        let (mut enabled, mut severity, mut only, mut except) = (true, None, Vec::new(), Vec::new());
        for attribute in block.body.attributes() {
            match attribute.key.as_str() {
                "enabled" => match attribute.value.as_bool() {
                    Some(written) => enabled = written,
                    None => self.wrong(attribute, "`true` or `false`"),
                },
                "severity" => severity = self.choice(attribute),
                "only" => only = self.addresses(attribute),
                "except" => except = self.addresses(attribute),
                other => {
                    self.unknown(other, attribute.key.span(), &["enabled", "severity", "only", "except"]);
                }
            }
        }
        self.no_blocks(block);
        config.rules.push(RuleSetting {
            name: label.as_str().to_owned(),
            place: label.span().unwrap_or_default(),
            enabled,
            severity,
            reach: Reach::new(only, except),
        });
    }

    /// A list of addresses, at least one: an empty one would be a rule that is switched off, or not limited, in silence.
    fn addresses(&mut self, attribute: &Attribute) -> Vec<AddressPattern> {
        const EXAMPLE: &str = "\"module.prod.*\"";
        match attribute.value.as_array() {
            Some(array) if !array.is_empty() => {
                array.iter().filter_map(|element| self.address(attribute, element)).collect()
            }
            _ => {
                self.wrong(
                    attribute,
                    &format!("a list of addresses such as [{EXAMPLE}], and not an empty one"),
                );
                Vec::new()
            }
        }
    }

    fn address(&mut self, attribute: &Attribute, element: &Expression) -> Option<AddressPattern> {
        let name = attribute.key.as_str();
        let place = place_of(element).unwrap_or_default();
        match element.as_str().map(AddressPattern::parse) {
            Some(Ok(pattern)) => Some(pattern),
            Some(Err(error)) => {
                let help = "write it like \"module.prod.*\" or \"aws_db_instance.main[*]\"";
                self.problem(place, &format!("an address of `{name}` cannot be read: {error}"), help);
                None
            }
            None => {
                self.problem(place, &format!("an address of `{name}` is a text"), "");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(result: Result<(), ConfigError>) -> String {
        match result {
            Err(ConfigError::Invalid { problems }) => problems[0].to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check(body: &str, message: &str, place: &str) {
        let text = format!("rule \"a.b\" {{\n  {body}\n}}\n");
        let Err(ConfigError::Invalid { problems }) = Config::parse("s.hcl", &text) else {
            panic!("accepted: {text}")
        };
        assert_eq!((problems[0].to_string().as_str(), &text[problems[0].span.clone()]), (message, place));
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_at_its_place() {
        let list = "a list of addresses such as [\"module.prod.*\"], and not an empty one";
        check("only = []", &format!("`only` is {list}"), "[]");
        check("except = \"a.b\"", &format!("`except` is {list}"), "\"a.b\"");
        check("only = [\"a.b\", 1]", "an address of `only` is a text", "1");
        check(
            "except = [\"a.b[c]\"]",
            "an address of `except` cannot be read: an instance is `[0]`, `[\"key\"]` or, for any, `[*]`",
            "\"a.b[c]\"",
        );
        check("exept = [\"a.b\"]", "there is no setting `exept` here", "exept");
        check("enabled = 1", "`enabled` is `true` or `false`", "1");
    }

    fn pack() -> Pack {
        Pack::load(secretlint_policies::files(), &[]).unwrap()
    }

    #[test]
    fn a_rule_is_given_what_its_block_says() {
        let text = "rule \"rotation.missing\" {\n  severity = \"low\"\n  only = [\"module.prod.*\"]\n}\nrule \"rotation.too_slow\" {\n  enabled = false\n}\n";
        let mut selection = Selection::default();
        Config::parse("s.hcl", text).unwrap().apply(&pack(), &mut selection).unwrap();
        assert_eq!(selection.disabled.len(), 1);
        assert_eq!(selection.severities.values().collect::<Vec<_>>(), [&Severity::Low]);
        let reaches: Vec<&Reach> = selection.reaches.values().collect();
        let [reach] = reaches.as_slice() else { panic!("{reaches:?}") };
        assert!(reach.includes("module.prod.a.b") && !reach.includes("module.test.a.b"));
    }

    #[test]
    fn a_rule_has_one_block() {
        let text = "rule \"rotation.missing\" {\n}\nrule \"rotation.missing\" {\n}\n";
        let config = Config::parse("s.hcl", text).unwrap();
        let said = problem(config.apply(&pack(), &mut Selection::default()));
        assert_eq!(said, "rule `rotation.missing` has two blocks");
    }

    #[test]
    fn a_rule_that_does_not_exist_is_an_error() {
        let config = Config::parse("s.hcl", "rule \"rotation.mising\" {\n}\n").unwrap();
        let said = problem(config.apply(&pack(), &mut Selection::default()));
        assert_eq!(said, "there is no rule `rotation.mising`");
    }
}
