//! Whether a policy lets everybody in.
//!
//! AWS decides by automated reasoning and does not publish its rules. Here only what it surely refuses is refused, before anything is
//! sent: a statement for everybody, none of whose conditions holds it to a fixed place or party.

use super::{Effect, Elements, Matching, Policy, Who};

/// Keys that hold a statement to a fixed party or place. Secrets Manager names the first four, and refers to S3 for the others:
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>.
const NARROWING: [&str; 14] = [
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceaccount",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:userid",
    "aws:vpcsourceip",
];

/// Comparisons that ask for a value. With `IfExists` or `ForAllValues:`, a request without the key passes.
const ASKING: [&str; 6] =
    ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"];

impl Policy {
    /// The statements that let everybody in, as people find them: by their name, or their number.
    pub(in crate::aws) fn open_statements(&self) -> Vec<String> {
        let open = self.statements.iter().enumerate().filter(|(_, statement)| statement.elements.is_open());
        let named = open.map(|(index, statement)| match statement.sid() {
            Some(sid) => format!("`{sid}`"),
            None => format!("number {}", index + 1),
        });
        named.collect()
    }
}

impl Elements {
    /// Whether it allows something to everybody.
    pub(in crate::aws) fn is_open(&self) -> bool {
        let everybody = match &self.principal {
            Some(Matching::Only(principals)) => principals.contains(&Who::Everybody),
            // Everybody but somebody.
            Some(Matching::AllBut(_)) => true,
            None => false,
        };
        self.effect == Effect::Allow && everybody && !self.is_narrowed()
    }

    fn is_narrowed(&self) -> bool {
        self.conditions.iter().any(|(operator, keys)| {
            let comparison = operator.strip_prefix("ForAnyValue:").unwrap_or(operator);
            ASKING.contains(&comparison)
                && keys.iter().any(|(key, values)| {
                    NARROWING.contains(&key.as_str()) && values.iter().all(|value| is_fixed(value))
                })
        })
    }
}

/// A value that not everybody can have.
fn is_fixed(value: &str) -> bool {
    let is_any = value.chars().all(|character| matches!(character, '*' | '?' | ':'));
    let is_any_address = value.ends_with("/0");
    let is_any_arn = value.starts_with("arn:")
        && value.split(':').skip(3).all(|part| part.chars().all(|character| matches!(character, '*' | '?')));
    let is_the_callers = value.contains("${");
    !(is_any || is_any_address || is_any_arn || is_the_callers)
}
