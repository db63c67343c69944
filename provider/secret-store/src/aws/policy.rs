//! Policy documents: understood where this crate has to, and otherwise kept as they are, because the policy of a secret is one
//! document that several people write.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>.

use std::fmt;

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::value::RawValue;

pub(super) use self::elements::{Effect, Elements, Matching, Who, is_unique_id};
use self::members::Members;

mod elements;
mod exposure;
mod members;

/// Most characters that the policy of a secret may have, white space included.
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>.
pub(super) const MAX_CHARACTERS: usize = 20_480;
/// The language of policies, in its newest edition.
const VERSION: &str = "2012-10-17";
const STATEMENT: &str = "Statement";

/// A text that is no policy: what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotAPolicy(String);

impl fmt::Display for NotAPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A policy document.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    /// What there is besides the statements: `Version`, `Id`, what somebody else put there.
    rest: Members,
    statements: Vec<Statement>,
}

/// One statement, as it was written, and what it says.
///
/// Two are equal when they say the same: AWS turns a list of one into a text, an account's number into the ARN of its root, and
/// sorts as it likes.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    members: Members,
    elements: Elements,
}

impl Policy {
    /// A policy with nothing in it.
    pub(super) fn empty() -> Self {
        let mut rest = Members::default();
        rest.set("Version", &VERSION);
        Self { rest, statements: Vec::new() }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`NotAPolicy`] for other text, and for a document that has something that no policy may have.
    pub(super) fn parse(text: &str) -> Result<Self, NotAPolicy> {
        let not_json = |error: serde_json::Error| NotAPolicy(format!("it is not a JSON object: {error}"));
        let mut rest: Members = serde_json::from_str(text).map_err(not_json)?;
        let statements = match rest.remove(STATEMENT) {
            None => Vec::new(),
            Some(raw) if raw.get().trim_start().starts_with('[') => serde_json::from_str(raw.get())
                .map_err(|error| NotAPolicy(format!("`Statement`: {error}")))?,
            Some(raw) => vec![raw],
        };
        let statements = statements.iter().enumerate().map(|(index, raw)| {
            Statement::parse(raw)
                .map_err(|reason| NotAPolicy(format!("its statement {}: {reason}", index + 1)))
        });
        Ok(Self { statements: statements.collect::<Result<_, _>>()?, rest })
    }

    /// The statements, in their order.
    pub(super) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// True when there is no statement. AWS takes no such document.
    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Puts a statement in the place of the first of those that `is_its_old_form` says it replaces, else at the end.
    pub(super) fn replace(&mut self, new: Statement, is_its_old_form: impl Fn(&Statement) -> bool) {
        let place = self.statements.iter().position(&is_its_old_form);
        self.statements.retain(|statement| !is_its_old_form(statement));
        let place = place.unwrap_or(self.statements.len());
        self.statements.insert(place, new);
    }

    /// Takes statements away.
    pub(super) fn remove(&mut self, is_one: impl Fn(&Statement) -> bool) {
        self.statements.retain(|statement| !is_one(statement));
    }

    /// Takes principals away that were deleted: AWS shows their unique ids, and refuses a document that has one. Gives those ids.
    ///
    /// A statement that was for nobody else goes with them. `NotPrincipal` is left as it is: without one of its names it would say
    /// more.
    pub(super) fn prune(&mut self) -> Vec<String> {
        let mut gone = Vec::new();
        self.statements.retain_mut(|statement| {
            let orphans = statement.elements.orphans();
            if orphans.is_empty() {
                return true;
            }
            let is_left = statement.without(&orphans);
            gone.extend(orphans);
            is_left
        });
        gone
    }

    /// The document as it is sent.
    pub(super) fn text(&self) -> String {
        // Its keys are texts and its values are JSON already: nothing in it can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Statement {
    fn parse(raw: &RawValue) -> Result<Self, String> {
        let members: Members = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
        let elements = Elements::of(&members)?;
        Ok(Self { members, elements })
    }

    /// A statement of these members, in their order.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn of(members: &[(&str, serde_json::Value)]) -> Result<Self, String> {
        let mut all = Members::default();
        for (name, value) in members {
            all.set(name, value);
        }
        let elements = Elements::of(&all)?;
        Ok(Self { members: all, elements })
    }

    /// What it says.
    pub(super) fn elements(&self) -> &Elements {
        &self.elements
    }

    /// Its name, if it has one.
    pub(super) fn sid(&self) -> Option<&str> {
        self.elements.sid.as_deref()
    }

    /// Takes these unique ids out of its principals; false when nobody is left.
    fn without(&mut self, orphans: &[String]) -> bool {
        let Some(principal) = self.members.value("Principal") else { return true };
        let Some(left) = elements::without_principals(principal, orphans) else { return false };
        self.members.set("Principal", &left);
        match Elements::of(&self.members) {
            Ok(elements) => {
                self.elements = elements;
                true
            }
            Err(_) => false,
        }
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.elements == other.elements
    }
}

impl Serialize for Statement {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members.serialize(serializer)
    }
}

impl Serialize for Policy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.rest.iter() {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry(STATEMENT, &self.statements)?;
        map.end()
    }
}

#[cfg(test)]
mod tests;
