//! Policies as AWS and people write them.

use serde_json::{Value, json};

use super::*;

fn parse(document: &Value) -> Policy {
    Policy::parse(&document.to_string()).unwrap()
}

fn of(statement: Value) -> Policy {
    parse(&json!({"Version": "2012-10-17", "Statement": [statement]}))
}

fn allow(principal: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
}

fn with(mut statement: Value, name: &str, value: Value) -> Value {
    statement[name] = value;
    statement
}

const ROLE: &str = "arn:aws:iam::123456789012:role/app";

#[test]
fn what_is_not_understood_stays_as_it_was_written() {
    let text = r#"{"Id":"theirs","Version":"2012-10-17","x":[1.50,{"b":1,"a":2}],"Statement":[{"Sid":"z","Resource":"*","Effect":"Deny","NotPrincipal":{"AWS":["b","a"]},"NotAction":["x:*"],"Later":{"k":1.0}},{"Effect":"Allow","Principal":"*","Action":"a:b","NotResource":"c"}]}"#;
    assert_eq!(Policy::parse(text).unwrap().text().len(), text.len());
    // `Statement` comes last; all else is where it was, digit by digit.
    assert_eq!(Policy::parse(text).unwrap().text(), text);
}

#[test]
fn one_statement_needs_no_list() {
    let policy = parse(&json!({"Version": "2012-10-17", "Statement": allow(json!("*"))}));
    assert_eq!(policy.statements().len(), 1);
}

#[test]
fn what_is_no_policy_is_said_to_be_none() {
    for (text, expected) in [
        ("", "not a JSON object"),
        ("[]", "not a JSON object"),
        (r#"{"Statement":"all"}"#, "statement 1"),
        (r#"{"Statement":[{"Effect":"Allow"}]}"#, "no `Action`"),
        (r#"{"Statement":[{"Effect":"allow","Action":"a:b"}]}"#, "`Effect` is neither"),
        (r#"{"Statement":[{"Effect":"Allow","Action":7}]}"#, "`Action` is not text"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"a:b","NotAction":"c:d"}]}"#, "both `Action` and"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Principal":"app"}]}"#, "neither `*` nor"),
        (r#"{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"a:b"}]}"#, "twice"),
        (r#"{"Statement":[],"Statement":[]}"#, "twice"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Condition":[]}]}"#, "`Condition`"),
    ] {
        let error = Policy::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn statements_that_say_the_same_are_equal() {
    let same = |one: Value, other: Value| {
        assert_eq!(of(one.clone()).statements(), of(other.clone()).statements(), "{one} {other}");
    };
    same(allow(json!({"AWS": "123456789012"})), allow(json!({"AWS": "arn:aws:iam::123456789012:root"})));
    same(allow(json!({"AWS": [ROLE]})), allow(json!({"AWS": ROLE})));
    same(allow(json!({"AWS": [ROLE, "123456789012"]})), allow(json!({"AWS": ["123456789012", ROLE]})));
    same(allow(json!("*")), allow(json!({"AWS": "*"})));
    let base = || allow(json!({"AWS": ROLE}));
    same(with(base(), "Action", json!(["secretsmanager:getsecretvalue"])), base());
    same(
        with(base(), "Condition", json!({"Bool": {"aws:SecureTransport": true}})),
        with(base(), "Condition", json!({"Bool": {"aws:securetransport": ["true"]}})),
    );
    same(with(base(), "Later", json!({"a": 1, "b": 2})), with(base(), "Later", json!({"b": 2, "a": 1})));
    let other = |one: Value| assert_ne!(of(one).statements(), of(base()).statements());
    other(with(base(), "Sid", json!("x")));
    other(with(base(), "Effect", json!("Deny")));
    other(with(base(), "Later", json!(1)));
    other(with(base(), "Condition", json!({"Bool": {"aws:SecureTransport": true}})));
    other(allow(json!({"AWS": "arn:aws:iam::123456789012:role/App"})));
    other(allow(json!({"Service": ROLE})));
}

#[test]
fn a_statement_takes_the_place_of_its_old_form() {
    let statement = |sid: &str| with(allow(json!({"AWS": ROLE})), "Sid", json!(sid));
    let mut policy =
        parse(&json!({"Statement": [statement("a"), statement("old"), statement("b"), statement("old")]}));
    let new = of(statement("new")).statements()[0].clone();
    policy.replace(new.clone(), |old| old.sid() == Some("old"));
    let sids = |policy: &Policy| {
        policy.statements().iter().map(|one| one.sid().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(sids(&policy), ["a", "new", "b"]);
    policy.replace(new, |_| false);
    assert_eq!(sids(&policy), ["a", "new", "b", "new"]);
    policy.remove(|one| one.sid() == Some("new"));
    assert_eq!(sids(&policy), ["a", "b"]);
}

#[test]
fn deleted_principals_are_taken_out_and_nothing_else() {
    let orphan = "AROAEXAMPLEEXAMPLEEXA";
    let mut policy = parse(&json!({"Statement": [
        with(allow(json!({"AWS": orphan})), "Sid", json!("gone")),
        with(allow(json!({"AWS": [orphan, ROLE], "Service": "lambda.amazonaws.com"})), "Sid", json!("left")),
        with(allow(json!({"AWS": [orphan], "Service": "lambda.amazonaws.com"})), "Sid", json!("service")),
        with(allow(json!({"AWS": "AIDAEXAMPLEEXAMPLEEXA"})), "Effect", json!("Deny")),
        {"Sid": "but", "Effect": "Deny", "NotPrincipal": {"AWS": [orphan]}, "Action": "*", "Resource": "*"},
        allow(json!({"AWS": "AROA"})),
    ]}));
    assert_eq!(policy.prune(), [orphan, orphan, orphan, "AIDAEXAMPLEEXAMPLEEXA"]);
    let left: Value = serde_json::from_str(&policy.text()).unwrap();
    assert_eq!(
        left["Statement"],
        json!([
            with(allow(json!({"AWS": [ROLE], "Service": "lambda.amazonaws.com"})), "Sid", json!("left")),
            with(allow(json!({"Service": "lambda.amazonaws.com"})), "Sid", json!("service")),
            {"Sid": "but", "Effect": "Deny", "NotPrincipal": {"AWS": [orphan]}, "Action": "*", "Resource": "*"},
            allow(json!({"AWS": "AROA"})),
        ])
    );
    assert_eq!(policy.prune(), [""; 0]);
}

#[test]
fn a_policy_is_open_when_nothing_holds_it_to_a_fixed_place_or_party() {
    let open = |statement: Value| !of(statement).open_statements().is_empty();
    let under = |condition: Value| with(allow(json!("*")), "Condition", condition);
    for statement in [
        allow(json!("*")),
        allow(json!({"AWS": "*"})),
        allow(json!({"AWS": [ROLE, "*"]})),
        json!({"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "a:b", "Resource": "*"}),
        under(json!({"Bool": {"aws:SecureTransport": "true"}})),
        under(json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}})),
        under(json!({"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}})),
        under(json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}})),
        under(json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})),
        under(json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::/0"]}})),
        under(json!({"StringLike": {"aws:PrincipalOrgID": "*"}})),
        under(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}})),
        under(json!({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}})),
    ] {
        assert!(open(statement.clone()), "{statement}");
    }
    for statement in [
        allow(json!({"AWS": ROLE})),
        allow(json!({"AWS": "123456789012"})),
        with(allow(json!("*")), "Effect", json!("Deny")),
        under(json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}})),
        under(json!({"StringEquals": {"AWS:PrincipalOrgID": "o-1"}})),
        under(json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}})),
        under(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
        under(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}})),
    ] {
        assert!(!open(statement.clone()), "{statement}");
    }
    let named =
        parse(&json!({"Statement": [with(allow(json!("*")), "Sid", json!("Open")), allow(json!("*"))]}));
    assert_eq!(named.open_statements(), ["`Open`", "number 2"]);
}
