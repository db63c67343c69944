//! What a statement's condition demands: which keys truly narrow it, and until when it holds. A key that is compared with everything, or only where it is there, shuts nobody out,
//! so it must not make a wildcard look harmless.

use serde_json::Value;

use super::document::texts;
use crate::facts::model::AttributePath;
use crate::facts::subject::steps;

/// One comparison of a statement's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    /// `StringLike`, `ForAnyValue:StringEquals`, as written.
    pub(super) operator: String,
    /// What is compared, in lower case, because IAM compares keys so.
    pub(super) key: String,
    /// What it is compared with, as far as that is known.
    pub(super) values: Vec<String>,
    /// Where it stands, below the attribute that holds the document.
    pub(super) place: AttributePath,
}

impl Test {
    /// It shuts somebody out: those without the key, or with none of the values.
    pub(super) fn narrows(&self) -> bool {
        self.demands() && !self.values.iter().any(|value| is_anything(value))
    }

    /// It holds only for requests that have the key.
    pub(super) fn demands(&self) -> bool {
        demands(&self.operator)
    }
}

/// The comparisons of a policy document's `Condition`, which stands at `place`: operator, then key, then values.
pub(super) fn of_document(condition: &Value, place: &AttributePath) -> Vec<Test> {
    let operators = condition.as_object().into_iter().flatten();
    let tests = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, values)| Test {
            operator: operator.clone(),
            key: key.to_ascii_lowercase(),
            values: texts(values),
            place: [place.as_slice(), &steps![operator.as_str(), key.as_str()]].concat(),
        })
    });
    tests.collect()
}

/// The `condition` blocks of a `data.aws_iam_policy_document`. A value that is unknown is left out.
pub(super) fn of_blocks(blocks: Option<&Value>) -> Vec<Test> {
    let blocks = blocks.and_then(Value::as_array).into_iter().flatten();
    let text = |block: &'_ Value, name: &str| block.get(name).and_then(Value::as_str).map(str::to_owned);
    blocks
        .filter_map(|block| {
            Some(Test {
                operator: text(block, "test")?,
                key: text(block, "variable")?.to_ascii_lowercase(),
                values: block.get("values").map(texts).unwrap_or_default(),
                place: Vec::new(),
            })
        })
        .collect()
}

/// The keys that narrow a statement, each once. A value that is unknown is one value, not all.
pub(super) fn keys(tests: &[Test]) -> Vec<String> {
    let mut keys: Vec<String> =
        tests.iter().filter(|test| test.narrows()).map(|test| test.key.clone()).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Until when a statement holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// As far as its condition goes, for ever.
    Never,
    /// Until this time, RFC 3339.
    At(String),
    /// Until a time that is decided at apply.
    Unknown,
}

/// The end that a `DateLessThan` on the current time sets; of several the first, since all have to hold.
pub(super) fn end(tests: &[Test]) -> End {
    let limits = tests.iter().filter(|test| {
        test.key == "aws:currenttime" && test.operator.to_ascii_lowercase().starts_with("datelessthan")
    });
    let mut end = End::Never;
    for limit in limits {
        // Several values are alternatives, of which the last decides.
        match (limit.values.iter().filter_map(|value| time(value)).max(), &end) {
            (None, End::Never) if limit.values.is_empty() => end = End::Unknown,
            (Some(time), End::At(earlier)) if *earlier <= time => {}
            (Some(time), _) => end = End::At(time),
            (None, _) => {}
        }
    }
    end
}

/// A time as IAM takes it, with the time of day that a date alone leaves out. Seconds since 1970 are left out.
fn time(value: &str) -> Option<String> {
    let is_date = |text: &str| {
        text.len() == 10
            && text.bytes().enumerate().all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    };
    match value.split_once('T') {
        None => is_date(value).then(|| format!("{value}T00:00:00Z")),
        Some((date, _)) => is_date(date).then(|| value.to_owned()),
    }
}

/// The operator holds only for requests that have the key with one of the values. A negation holds for all but some, `Null` says nothing of
/// the value, and `…IfExists` and `ForAllValues:` hold for a request without the key.
fn demands(operator: &str) -> bool {
    let operator = operator.to_ascii_lowercase();
    !operator.starts_with("forallvalues:")
        && !operator.ends_with("ifexists")
        && !operator.contains("not")
        && operator != "null"
}

/// The value is everything: wildcards only, all addresses, or an ARN in any account.
fn is_anything(value: &str) -> bool {
    let is_wild = |text: &str| text.contains('*') && text.bytes().all(|byte| byte == b'*' || byte == b'?');
    match value.splitn(6, ':').collect::<Vec<&str>>().as_slice() {
        ["arn", _, _, _, "", object] => is_wild(object),
        ["arn", _, _, _, account, _] => is_wild(account),
        _ => is_wild(value) || value.ends_with("/0"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(operator: &str, values: Value, narrows: bool) {
        let document = keys(&of_document(&json!({ operator: { "aws:X": values } }), &Vec::new()));
        assert_eq!(!document.is_empty(), narrows, "{operator} {values}");
        let list = json!(texts(&values));
        let block = json!([{ "test": operator, "variable": "aws:X", "values": list }]);
        assert_eq!(keys(&of_blocks(Some(&block))), document);
    }

    #[test]
    fn an_operator_that_demands_a_value_narrows() {
        check("StringEquals", json!("o-a1b2c3"), true);
        check("StringLike", json!(["o-a1*", "o-b2*"]), true);
        check("ForAnyValue:StringLike", json!("o-a1b2c3/r-ab12/*"), true);
        check("ArnLike", json!("arn:aws:iam::123456789012:role/*"), true);
        check("ArnEquals", json!("arn:aws:s3:::bucket"), true);
        check("IpAddress", json!(["203.0.113.0/24"]), true);
        check("Bool", json!("true"), true);
    }

    #[test]
    fn an_operator_that_holds_without_the_key_or_for_all_but_some_does_not_narrow() {
        for operator in [
            "StringNotEquals",
            "StringNotLike",
            "ArnNotLike",
            "NotIpAddress",
            "StringEqualsIfExists",
            "ForAllValues:StringEquals",
            "ForAnyValue:StringNotEquals",
            "Null",
        ] {
            check(operator, json!("o-a1b2c3"), false);
        }
    }

    #[test]
    fn a_value_that_is_everything_does_not_narrow() {
        check("StringLike", json!("*"), false);
        check("StringLike", json!(["o-a1b2c3", "?*"]), false);
        check("IpAddress", json!("0.0.0.0/0"), false);
        check("IpAddress", json!(["::/0"]), false);
        check("ArnLike", json!("arn:aws:iam::*:role/deploy"), false);
        check("ArnLike", json!("arn:aws:s3:::*"), false);
    }

    #[test]
    fn a_key_counts_once_if_one_of_its_tests_narrows() {
        let condition =
            json!({ "StringNotEquals": { "aws:a": "x", "aws:b": "x" }, "StringEquals": { "aws:A": "y" } });
        assert_eq!(keys(&of_document(&condition, &Vec::new())), ["aws:a"]);
        let unknown = json!([{ "test": "StringEquals", "variable": "aws:SourceVpce", "values": [null] }]);
        assert_eq!(keys(&of_blocks(Some(&unknown))), ["aws:sourcevpce"]);
    }

    #[test]
    fn a_statement_ends_with_the_first_of_its_dates() {
        let end_of = |condition: Value| end(&of_document(&condition, &Vec::new()));
        let at = |text: &str| End::At(text.to_owned());
        let one = json!({ "DateLessThan": { "aws:CurrentTime": "2026-12-01T00:00:00Z" } });
        assert_eq!(end_of(one), at("2026-12-01T00:00:00Z"));
        let two = json!({
            "DateLessThan": { "aws:CurrentTime": "2026-12-24" },
            "DateLessThanEquals": { "aws:CurrentTime": "2026-12-01T00:00:00Z" }
        });
        assert_eq!(end_of(two), at("2026-12-01T00:00:00Z"));
        assert_eq!(end_of(json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-12-01" } })), End::Never);
        assert_eq!(end_of(json!({ "DateLessThan": { "aws:TokenIssueTime": "2026-12-01" } })), End::Never);
        assert_eq!(end_of(json!({ "DateLessThan": { "aws:CurrentTime": "soon" } })), End::Never);
        let unknown = json!([{ "test": "DateLessThan", "variable": "aws:CurrentTime", "values": [null] }]);
        assert_eq!(end(&of_blocks(Some(&unknown))), End::Unknown);
    }
}
