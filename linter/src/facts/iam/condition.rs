//! Which keys of a statement's condition truly narrow it. A key that is compared with everything, or only where it is there, shuts nobody out,
//! so it must not make a wildcard look harmless.

use serde_json::Value;

use super::document::texts;

/// Keys of a policy document's `Condition`: operator, then key, then values.
pub(super) fn keys_of_document(condition: &Value) -> Vec<String> {
    let operators = condition.as_object().into_iter().flatten();
    let tests = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, values)| (operator.as_str(), key.as_str(), texts(values)))
    });
    keys(tests)
}

/// Keys of the `condition` blocks of a `data.aws_iam_policy_document`. A value that is unknown is one value, not all.
pub(super) fn keys_of_blocks(blocks: Option<&Value>) -> Vec<String> {
    let blocks = blocks.and_then(Value::as_array).into_iter().flatten();
    let text = |block: &'_ Value, name: &str| block.get(name).and_then(Value::as_str).map(str::to_owned);
    let tests: Vec<(String, String, Vec<String>)> = blocks
        .filter_map(|block| {
            let values = block.get("values").map(texts).unwrap_or_default();
            Some((text(block, "test")?, text(block, "variable")?, values))
        })
        .collect();
    keys(tests.iter().map(|(operator, key, values)| (operator.as_str(), key.as_str(), values.clone())))
}

/// In lower case, because IAM compares keys so; each once.
fn keys<'a>(tests: impl Iterator<Item = (&'a str, &'a str, Vec<String>)>) -> Vec<String> {
    let mut keys: Vec<String> = tests
        .filter(|(operator, _, values)| demands(operator) && !values.iter().any(|value| is_anything(value)))
        .map(|(_, key, _)| key.to_ascii_lowercase())
        .collect();
    keys.sort();
    keys.dedup();
    keys
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
        let document = keys_of_document(&json!({ operator: { "aws:X": values } }));
        assert_eq!(!document.is_empty(), narrows, "{operator} {values}");
        let list = json!(texts(&values));
        let block = json!([{ "test": operator, "variable": "aws:X", "values": list }]);
        assert_eq!(keys_of_blocks(Some(&block)), document);
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
        assert_eq!(keys_of_document(&condition), ["aws:a"]);
        let unknown = json!([{ "test": "StringEquals", "variable": "aws:SourceVpce", "values": [null] }]);
        assert_eq!(keys_of_blocks(Some(&unknown)), ["aws:sourcevpce"]);
    }
}
