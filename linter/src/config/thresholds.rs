//! The `thresholds` block of `secretlint.hcl`: the numbers and names that rules compare with. A threshold is a field with its default, and a
//! row that says what it is called and counted in; `policies/lib/thresholds.rego` has the same defaults for other tools.

use hcl_edit::Span;
use hcl_edit::structure::{Attribute, Block};
use serde::Serialize;

use super::{Config, Reader};

/// Numbers and names that rules compare with; `input.config.thresholds`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Thresholds {
    /// Longest acceptable time between two rotations of a secret, in days. The default, 90, is what CIS and NIST-based benchmarks ask for.
    pub rotation_max_days: f64,
    /// Longest acceptable time between two rotations of an encryption key, in days. The default, 365, is the period of AWS KMS.
    pub key_rotation_max_days: f64,
    /// Shortest time for which the previous value must stay valid after a rotation, in hours. The default is 1.
    pub grace_min_hours: f64,
    /// Longest acceptable validity of a certificate, in days. The default, 398, is the most that browsers accepted until March 2026.
    pub certificate_max_days: f64,
    /// Shortest acceptable recovery window, in days. The default, 7, is the least that AWS accepts.
    pub recovery_min_days: f64,
    /// Farthest acceptable end of a grant that ends, in days from the plan. The default is 90.
    pub grant_max_days: f64,
    /// Longest acceptable life of a token or another credential that ends, in days. The default is 90.
    pub token_max_days: f64,
    /// Shortest time for which a log of who read which secret must be kept, in days. The default, 90, is what CloudTrail's own history and PCI
    /// DSS keep at hand.
    pub audit_retention_min_days: f64,
    /// Least entropy of a generated secret, in bits. The default is 80.
    pub generated_min_bits: f64,
    /// Tags or labels that name an owner.
    pub owner_tags: Vec<String>,
    /// Principals that rules on who may read a secret accept, as the configuration names them. None by default.
    pub allowed_principals: Vec<String>,
    /// Accounts, projects and tenants that count as one's own. None by default.
    pub trusted_accounts: Vec<String>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            rotation_max_days: 90.0,
            key_rotation_max_days: 365.0,
            grace_min_hours: 1.0,
            certificate_max_days: 398.0,
            recovery_min_days: 7.0,
            grant_max_days: 90.0,
            token_max_days: 90.0,
            audit_retention_min_days: 90.0,
            generated_min_bits: 80.0,
            owner_tags: ["owner", "Owner", "team", "Team"].map(str::to_owned).to_vec(),
            allowed_principals: Vec::new(),
            trusted_accounts: Vec::new(),
        }
    }
}

/// What may stand in the block.
const NAMES: [&str; 14] = [
    "rotation_max_days",
    "key_rotation_max_days",
    "grace_min_hours",
    "certificate_max_days",
    "recovery_min_days",
    "grant_max_days",
    "token_max_days",
    "audit_retention_min_days",
    "generated_min_bits",
    "owner_tags",
    "allowed_principals",
    "trusted_accounts",
    // Of waivers, which no rule sees.
    "waiver_warn_days",
    "waiver_max_days",
];

/// A threshold, with what it is counted in.
enum Threshold<'config> {
    Number(&'config mut f64, &'static str),
    Names(&'config mut Vec<String>),
}

impl Thresholds {
    fn named(&mut self, name: &str) -> Option<Threshold<'_>> {
        Some(match name {
            "rotation_max_days" => Threshold::Number(&mut self.rotation_max_days, "days"),
            "key_rotation_max_days" => Threshold::Number(&mut self.key_rotation_max_days, "days"),
            "grace_min_hours" => Threshold::Number(&mut self.grace_min_hours, "hours"),
            "certificate_max_days" => Threshold::Number(&mut self.certificate_max_days, "days"),
            "recovery_min_days" => Threshold::Number(&mut self.recovery_min_days, "days"),
            "grant_max_days" => Threshold::Number(&mut self.grant_max_days, "days"),
            "token_max_days" => Threshold::Number(&mut self.token_max_days, "days"),
            "audit_retention_min_days" => Threshold::Number(&mut self.audit_retention_min_days, "days"),
            "generated_min_bits" => Threshold::Number(&mut self.generated_min_bits, "bits"),
            "owner_tags" => Threshold::Names(&mut self.owner_tags),
            "allowed_principals" => Threshold::Names(&mut self.allowed_principals),
            "trusted_accounts" => Threshold::Names(&mut self.trusted_accounts),
            _ => return None,
        })
    }
}

impl Reader<'_> {
    pub(super) fn thresholds(&mut self, block: &Block, config: &mut Config) {
        for attribute in block.body.attributes() {
            let name = attribute.key.as_str();
            match (name, config.thresholds.named(name)) {
                ("waiver_warn_days", _) => self.whole_days(attribute, &mut config.terms.warn_days),
                ("waiver_max_days", _) => self.whole_days(attribute, &mut config.terms.max_days),
                (_, Some(Threshold::Number(number, unit))) => self.number(attribute, unit, number),
                (_, Some(Threshold::Names(names))) => {
                    if let Some(written) = self.texts(attribute) {
                        *names = written;
                    }
                }
                (_, None) => self.unknown(name, attribute.key.span(), &NAMES),
            }
        }
        self.no_blocks(block);
    }

    fn number(&mut self, attribute: &Attribute, unit: &str, number: &mut f64) {
        match attribute
            .value
            .as_number()
            .and_then(hcl_edit::Number::as_f64)
            .filter(|number| number.is_finite() && *number >= 0.0)
        {
            Some(written) => *number = written,
            None => self.wrong(attribute, &format!("a number of {unit}, 0 or more")),
        }
    }

    fn whole_days(&mut self, attribute: &Attribute, days: &mut u32) {
        let number = attribute.value.as_number().and_then(hcl_edit::Number::as_u64);
        match number.and_then(|number| u32::try_from(number).ok()) {
            Some(number) => *days = number,
            None => self.wrong(attribute, "a whole number of days, 0 or more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::ConfigError;
    use super::*;

    fn read(line: &str) -> Result<Thresholds, String> {
        match Config::parse("s.hcl", &format!("thresholds {{\n  {line}\n}}\n")) {
            Ok(config) => Ok(config.thresholds),
            Err(ConfigError::Invalid { problems }) => Err(problems[0].to_string()),
            Err(other) => Err(other.to_string()),
        }
    }

    #[test]
    fn every_threshold_is_read_by_the_name_that_rules_see() {
        let seen = serde_json::to_value(Thresholds::default()).unwrap();
        let fields: BTreeSet<&str> = seen.as_object().unwrap().keys().map(String::as_str).collect();
        let names = NAMES.into_iter().filter(|name| !name.starts_with("waiver_")).collect();
        assert_eq!(fields, names);
        for name in names {
            let (written, expected) = if seen[name].is_array() {
                (r#"["one", "two"]"#, serde_json::json!(["one", "two"]))
            } else {
                ("4711", serde_json::json!(4711.0))
            };
            let thresholds = serde_json::to_value(read(&format!("{name} = {written}")).unwrap()).unwrap();
            for (field, value) in thresholds.as_object().unwrap() {
                assert_eq!(value, if field == name { &expected } else { &seen[field] }, "{field} of {name}");
            }
        }
    }

    #[test]
    fn without_the_linter_the_rules_have_the_same_defaults() {
        let (_, policy) = secretlint_policies::files()
            .iter()
            .find(|(path, _)| *path == "lib/thresholds.rego")
            .expect("the library of thresholds is bundled");
        let defaults: serde_json::Map<String, serde_json::Value> = policy
            .lines()
            .filter_map(|line| line.strip_prefix("default ")?.split_once(" := "))
            .map(|(name, value)| (name.to_owned(), serde_json::from_str(value).unwrap()))
            .collect();
        let own = serde_json::to_value(Thresholds::default()).unwrap();
        assert_eq!(defaults.len(), own.as_object().unwrap().len());
        for (name, value) in &defaults {
            let same = match value.as_f64() {
                Some(number) => own[name].as_f64() == Some(number),
                None => &own[name] == value,
            };
            assert!(same, "{name}: {value}, {}", own[name]);
        }
    }

    #[test]
    fn a_threshold_of_another_kind_is_an_error_that_says_what_it_is_counted_in() {
        for (line, message) in [
            ("grace_min_hours = \"1h\"", "`grace_min_hours` is a number of hours, 0 or more"),
            ("generated_min_bits = -1", "`generated_min_bits` is a number of bits, 0 or more"),
            ("key_rotation_max_days = true", "`key_rotation_max_days` is a number of days, 0 or more"),
            ("trusted_accounts = \"123456789012\"", "`trusted_accounts` is a list of strings"),
            ("allowed_principals = [1]", "`allowed_principals` is a list of strings"),
            ("grant_max = 1", "there is no setting `grant_max` here"),
        ] {
            assert_eq!(read(line).unwrap_err(), message);
        }
    }
}
