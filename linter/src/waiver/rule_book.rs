//! Which rules a decision means: an id, a former id or a glob of them, among all rules there are, also those that this run leaves out.

use std::collections::BTreeSet;

use globset::Glob;

use super::own::is_own;
use crate::finding::RuleId;
use crate::policy::{self, Rule};

/// Id of the results that the linter itself gives for what it could not read. Not a rule: it cannot be switched off.
pub const UNREADABLE: &str = "linter.unreadable";

/// The ids of all rules, with their former ones.
#[derive(Debug, Clone)]
pub struct RuleBook(Vec<(RuleId, Vec<String>)>);

/// No rule is called so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownRule {
    pub(super) message: String,
    pub(super) help: String,
}

impl RuleBook {
    /// The book of these rules.
    #[must_use]
    pub fn new(rules: &[Rule]) -> Self {
        Self(rules.iter().map(|rule| (rule.id.clone(), rule.metadata.aliases.clone())).collect())
    }

    /// The rules that `name` means; at least one. What could not be read is meant only by its full id, so that no `*` hides a blind spot.
    pub(super) fn resolve(&self, name: &str) -> Result<BTreeSet<RuleId>, UnknownRule> {
        let id = RuleId::from_package(name);
        if name == UNREADABLE {
            return Ok(BTreeSet::from([id]));
        }
        if is_own(&id) {
            return Err(UnknownRule {
                message: format!("`{name}` cannot be waived: it is about waivers"),
                help: "correct or remove the waiver that it is about".into(),
            });
        }
        let unknown = |help: String| UnknownRule { message: format!("there is no rule `{name}`"), help };
        let glob = Glob::new(name).map_err(|error| unknown(error.kind().to_string()))?.compile_matcher();
        let meant: BTreeSet<RuleId> = self
            .0
            .iter()
            .filter(|(id, aliases)| {
                glob.is_match(id.as_str()) || aliases.iter().any(|alias| glob.is_match(alias))
            })
            .map(|(id, _)| id.clone())
            .collect();
        if !meant.is_empty() {
            return Ok(meant);
        }
        let similar = policy::similar(name, self.0.iter().map(|(id, _)| id.as_str()));
        Err(unknown(if similar.is_empty() {
            "`secretlint rules` lists all rules".into()
        } else {
            format!("did you mean `{}`?", similar.join("` or `"))
        }))
    }

    #[cfg(test)]
    pub(super) fn of(ids: &[(&str, &[&str])]) -> Self {
        Self(
            ids.iter()
                .map(|(id, aliases)| {
                    (RuleId::from_package(id), aliases.iter().map(|alias| (*alias).to_owned()).collect())
                })
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(name: &str) -> Result<Vec<String>, (String, String)> {
        let book = RuleBook::of(&[
            ("grant.wildcard", &[]),
            ("grant.public", &["grant.open"]),
            ("value.literal", &[]),
        ]);
        book.resolve(name)
            .map(|rules| rules.iter().map(ToString::to_string).collect())
            .map_err(|unknown| (unknown.message, unknown.help))
    }

    #[test]
    fn a_rule_is_meant_by_id_former_id_or_glob() {
        assert_eq!(resolve("value.literal"), Ok(vec!["value.literal".into()]));
        assert_eq!(resolve("grant.open"), Ok(vec!["grant.public".into()]));
        assert_eq!(resolve("grant.*"), Ok(vec!["grant.public".into(), "grant.wildcard".into()]));
        assert_eq!(resolve("*").map(|rules| rules.len()), Ok(3));
        assert_eq!(resolve("linter.unreadable"), Ok(vec!["linter.unreadable".into()]));
    }

    #[test]
    fn what_is_no_rule_is_an_error() {
        assert_eq!(
            resolve("value.litteral"),
            Err(("there is no rule `value.litteral`".into(), "did you mean `value.literal`?".into()))
        );
        assert_eq!(
            resolve("nothing.*"),
            Err(("there is no rule `nothing.*`".into(), "`secretlint rules` lists all rules".into()))
        );
        assert_eq!(
            resolve("waiver.expired").unwrap_err().0,
            "`waiver.expired` cannot be waived: it is about waivers"
        );
        assert!(resolve("linter.*").is_err() && resolve("[").is_err());
    }
}
