//! Conditions: checked against IAM's own list of comparisons, because a wrong one makes AWS refuse the document, or never holds.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::error::Invalid;
use crate::grant::Condition;

/// The comparison and the key by which a grant ends.
pub(super) const END: (&str, &str) = ("DateLessThan", "aws:CurrentTime");

/// What values a comparison takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Date,
    Truth,
    Binary,
    Address,
    Arn,
}

const OPERATORS: [(&str, Kind); 27] = [
    ("StringEquals", Kind::Text),
    ("StringNotEquals", Kind::Text),
    ("StringEqualsIgnoreCase", Kind::Text),
    ("StringNotEqualsIgnoreCase", Kind::Text),
    ("StringLike", Kind::Text),
    ("StringNotLike", Kind::Text),
    ("NumericEquals", Kind::Number),
    ("NumericNotEquals", Kind::Number),
    ("NumericLessThan", Kind::Number),
    ("NumericLessThanEquals", Kind::Number),
    ("NumericGreaterThan", Kind::Number),
    ("NumericGreaterThanEquals", Kind::Number),
    ("DateEquals", Kind::Date),
    ("DateNotEquals", Kind::Date),
    ("DateLessThan", Kind::Date),
    ("DateLessThanEquals", Kind::Date),
    ("DateGreaterThan", Kind::Date),
    ("DateGreaterThanEquals", Kind::Date),
    ("Bool", Kind::Truth),
    ("BinaryEquals", Kind::Binary),
    ("IpAddress", Kind::Address),
    ("NotIpAddress", Kind::Address),
    ("ArnEquals", Kind::Arn),
    ("ArnLike", Kind::Arn),
    ("ArnNotEquals", Kind::Arn),
    ("ArnNotLike", Kind::Arn),
    ("Null", Kind::Truth),
];

/// Checks the conditions of a grant.
pub(super) fn check(conditions: &[Condition]) -> Result<(), Invalid> {
    let mut seen = BTreeSet::new();
    for condition in conditions {
        check_one(condition)?;
        let key = condition.key.to_ascii_lowercase();
        if !seen.insert((condition.operator.as_str(), key)) {
            return Err(invalid(format!(
                "`{}` is compared with `{}` twice; write all values in one condition",
                condition.key, condition.operator
            )));
        }
    }
    Ok(())
}

fn check_one(Condition { operator, key, values }: &Condition) -> Result<(), Invalid> {
    let kind = kind_of(operator)?;
    check_key(key)?;
    if key.eq_ignore_ascii_case(END.1) || key.eq_ignore_ascii_case("aws:EpochTime") {
        return Err(invalid(format!("`{key}` says when a grant ends; use `expires_at` instead")));
    }
    let is_address = ["aws:sourceip", "aws:vpcsourceip"].contains(&key.to_ascii_lowercase().as_str());
    if is_address && !matches!(kind, Kind::Address | Kind::Truth) {
        return Err(invalid(format!(
            "`{key}` is an address, which `{operator}` compares as text; use `IpAddress` or `NotIpAddress`"
        )));
    }
    if values.is_empty() {
        return Err(invalid(format!("`{operator}` of `{key}` has no value")));
    }
    for value in values {
        // A policy variable stands for something that is known when somebody asks.
        if !value.contains("${")
            && let Some(expected) = wrong(kind, value)
        {
            return Err(invalid(format!(
                "`{value}`, which `{operator}` compares `{key}` with, is not {expected}"
            )));
        }
    }
    Ok(())
}

fn kind_of(operator: &str) -> Result<Kind, Invalid> {
    let of_set = ["ForAnyValue:", "ForAllValues:"].iter().find_map(|prefix| operator.strip_prefix(prefix));
    let bare = of_set.unwrap_or(operator);
    let if_exists = bare.strip_suffix("IfExists");
    let bare = if_exists.unwrap_or(bare);
    if bare == "Null" && (of_set.is_some() || if_exists.is_some()) {
        return Err(invalid(format!(
            "`{operator}`: `Null` asks whether a key is there, so it takes no `ForAnyValue:`, `ForAllValues:` or `IfExists`"
        )));
    }
    if let Some((_, kind)) = OPERATORS.iter().find(|(name, _)| *name == bare) {
        return Ok(*kind);
    }
    let meant = OPERATORS.iter().find(|(name, _)| name.eq_ignore_ascii_case(bare));
    let hint = meant.map_or_else(
        || "such as `StringEquals`, `IpAddress` or `ArnLike`".to_owned(),
        |(name, _)| format!("`{name}`"),
    );
    Err(invalid(format!("`{operator}` is not a comparison of IAM; write one, {hint}")))
}

/// A key is the name of a service, a colon, and a name; a tag's key may follow a slash.
fn check_key(key: &str) -> Result<(), Invalid> {
    let is_key = key.split_once(':').is_some_and(|(service, name)| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let (name, tag) = name.split_once('/').map_or((name, None), |(name, tag)| (name, Some(tag)));
        let is_tag =
            |tag: &str| !tag.is_empty() && !tag.chars().any(|one| one.is_control() || "*?".contains(one));
        !service.is_empty()
            && service.bytes().all(plain)
            && !name.is_empty()
            && name.bytes().all(|byte| plain(byte) || b"_.:".contains(&byte))
            && tag.is_none_or(is_tag)
    });
    if is_key {
        return Ok(());
    }
    Err(invalid(format!(
        "`{key}` is not a condition key, such as `aws:SourceVpce`, `aws:PrincipalTag/team` or `secretsmanager:VersionStage`"
    )))
}

/// What a value should be and is not.
fn wrong(kind: Kind, value: &str) -> Option<&'static str> {
    match kind {
        Kind::Text => None,
        Kind::Number => value.parse::<f64>().is_err().then_some("a number"),
        Kind::Date => {
            let is_date = value.parse::<Timestamp>().is_ok() || value.parse::<u64>().is_ok();
            (!is_date).then_some("a time, such as `2027-06-30T00:00:00Z`")
        }
        Kind::Truth => (!["true", "false"].contains(&value)).then_some("`true` or `false`"),
        Kind::Binary => STANDARD.decode(value).is_err().then_some("Base64"),
        Kind::Address => (!is_cidr(value)).then_some("an address or range, such as `203.0.113.0/24`"),
        Kind::Arn => (!value.starts_with("arn:")).then_some("an ARN (wildcards are allowed)"),
    }
}

/// An address, or the first of a range and the length of its prefix.
fn is_cidr(text: &str) -> bool {
    let (address, prefix) =
        text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    prefix.is_none_or(|prefix| {
        prefix.bytes().all(|byte| byte.is_ascii_digit())
            && prefix.parse::<u8>().is_ok_and(|bits| bits <= longest)
    })
}

/// The conditions and the end as a statement has them.
pub(super) fn to_json(conditions: &[Condition], end: Option<Timestamp>) -> Option<serde_json::Value> {
    let mut operators: BTreeMap<&str, serde_json::Map<String, serde_json::Value>> = BTreeMap::new();
    for Condition { operator, key, values } in conditions {
        let values: BTreeSet<&String> = values.iter().collect();
        let values = match values.iter().next() {
            Some(one) if values.len() == 1 => serde_json::json!(one),
            _ => serde_json::json!(values),
        };
        operators.entry(operator).or_default().insert(key.clone(), values);
    }
    if let Some(end) = end {
        operators.entry(END.0).or_default().insert(END.1.to_owned(), end.to_string().into());
    }
    (!operators.is_empty()).then(|| serde_json::json!(operators))
}

fn invalid(reason: String) -> Invalid {
    Invalid::new("conditions", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(operator: &str, key: &str, value: &str) -> Condition {
        Condition { operator: operator.to_owned(), key: key.to_owned(), values: vec![value.to_owned()] }
    }

    #[test]
    fn conditions_that_iam_knows_pass() {
        for condition in [
            one("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"),
            one("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
            one("NotIpAddressIfExists", "aws:SourceIp", "2001:db8::/32"),
            one("IpAddress", "aws:VpcSourceIp", "10.0.0.1"),
            one("StringEquals", "aws:PrincipalTag/cost center", "7"),
            one("StringEquals", "aws:PrincipalTag/team", "${aws:ResourceTag/team}"),
            one("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/*"),
            one("ForAllValues:StringEqualsIfExists", "secretsmanager:VersionStage", "AWSCURRENT"),
            one("Bool", "aws:SecureTransport", "true"),
            one("Null", "aws:SourceVpc", "false"),
            one("DateGreaterThan", "aws:TokenIssueTime", "2027-06-30T00:00:00Z"),
            one("NumericLessThan", "aws:MultiFactorAuthAge", "3600"),
            one("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app-*"),
            one("BinaryEquals", "aws:x", "aGk="),
        ] {
            check(std::slice::from_ref(&condition)).unwrap_or_else(|error| panic!("{condition:?}: {error}"));
        }
    }

    #[test]
    fn conditions_that_cannot_hold_are_refused() {
        for (condition, expected) in [
            (one("stringequals", "aws:SourceVpc", "vpc-1"), "`StringEquals`"),
            (one("Equals", "aws:SourceVpc", "vpc-1"), "not a comparison of IAM"),
            (one("ForSomeValue:StringEquals", "aws:SourceVpc", "vpc-1"), "not a comparison of IAM"),
            (one("NullIfExists", "aws:SourceVpc", "true"), "takes no"),
            (one("IpAddress", "aws:SourceIp", "203.0.113.0/33"), "an address or range"),
            (one("IpAddress", "aws:SourceIp", "203.0.113"), "an address or range"),
            (one("IpAddress", "aws:SourceIp", "203.0.113.0/+4"), "an address or range"),
            (one("StringLike", "aws:SourceIp", "203.*"), "use `IpAddress`"),
            (one("DateLessThan", "aws:CurrentTime", "2027-06-30T00:00:00Z"), "use `expires_at`"),
            (one("StringEquals", "SourceVpc", "vpc-1"), "not a condition key"),
            (one("StringEquals", "aws:", "vpc-1"), "not a condition key"),
            (one("StringEquals", "aws:PrincipalTag/", "x"), "not a condition key"),
            (one("Bool", "aws:SecureTransport", "yes"), "`true` or `false`"),
            (one("NumericEquals", "aws:MultiFactorAuthAge", "an hour"), "a number"),
            (one("DateLessThan", "aws:TokenIssueTime", "tomorrow"), "a time"),
            (one("ArnLike", "aws:PrincipalArn", "app"), "an ARN"),
        ] {
            let error = check(std::slice::from_ref(&condition)).unwrap_err();
            assert_eq!(error.field, "conditions");
            assert!(error.reason.contains(expected), "{condition:?}: {error}");
        }
        let twice =
            [one("StringEquals", "aws:SourceVpc", "vpc-1"), one("StringEquals", "aws:sourcevpc", "vpc-2")];
        assert!(check(&twice).unwrap_err().reason.contains("twice"));
        let none = Condition { values: Vec::new(), ..one("StringEquals", "aws:SourceVpc", "x") };
        assert!(check(&[none]).unwrap_err().reason.contains("has no value"));
    }
}
