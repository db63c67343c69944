//! Every grant comes back from its statement, and nothing else does.

use proptest::prelude::*;

use super::*;
use crate::aws::policy::Policy;

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbC123";

/// The grant read back from a document as AWS gives it.
fn read_back(name: &SecretName, spec: &GrantSpec, change: impl Fn(&mut Value)) -> Option<Grant> {
    let arn = Arn::parse(ARN).unwrap();
    let site = Site { name, arn: &arn };
    let principal = AwsPrincipal::parse(&spec.principal, Some("aws")).unwrap();
    let statement = site.statement(spec, &principal, Timestamp::from_second(1_763_000_000).unwrap()).unwrap();
    let mut policy = Policy::empty();
    policy.replace(statement, |_| false);
    let mut document: Value = serde_json::from_str(&policy.text()).unwrap();
    change(&mut document["Statement"][0]);
    let policy = Policy::parse(&document.to_string()).unwrap();
    match spec.via {
        Some(GrantPlace::IdentityPolicy) => site.grant_of(&policy.statements()[0], &spec.principal),
        _ => site.grant(&policy.statements()[0]),
    }
}

fn name() -> SecretName {
    SecretName::parse("prod/db").unwrap()
}

fn spec(principal: &str) -> GrantSpec {
    GrantSpec::new(Principal::parse(principal).unwrap(), AccessSet::read())
}

const ROLE: &str = "arn:aws:iam::123456789012:role/app";

fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    let operator =
        prop::sample::select(vec!["StringEquals", "StringLikeIfExists", "ForAnyValue:StringEquals"]);
    let key =
        prop::sample::select(vec!["aws:SourceVpce", "aws:PrincipalTag/Team", "secretsmanager:VersionStage"]);
    let values = prop::collection::vec(".{0,12}", 1..4);
    prop::collection::btree_map((operator, key), values, 0..4).prop_map(|all| {
        let one = |((operator, key), values): ((&str, &str), Vec<String>)| Condition {
            operator: operator.to_owned(),
            key: key.to_owned(),
            values,
        };
        all.into_iter().map(one).collect()
    })
}

fn grants() -> impl Strategy<Value = GrantSpec> {
    let principal = prop::sample::select(vec![
        ROLE,
        "arn:aws:iam::123456789012:role/path/app",
        "arn:aws:iam::123456789012:user/me",
        "123456789012",
        "arn:aws:iam::210987654321:root",
        "arn:aws:sts::123456789012:assumed-role/app/session",
        "lambda.amazonaws.com",
    ]);
    let end = prop::option::of(0_i64..4_000_000_000);
    let reason = prop::option::of("\\PC{1,40}");
    (principal, 0_usize..15, end, reason, conditions(), any::<bool>()).prop_map(
        |(principal, access, end, reason, conditions, own)| {
            let principal = Principal::parse(principal).unwrap();
            let is_identity = principal.as_str().contains(":role/") || principal.as_str().contains(":user/");
            GrantSpec {
                access: access_sets().nth(access).unwrap(),
                expires_at: end.map(|end| Timestamp::from_second(end).unwrap()),
                reason,
                conditions,
                via: (own && is_identity).then_some(GrantPlace::IdentityPolicy),
                principal,
            }
        },
    )
}

proptest! {
    #[test]
    fn every_grant_comes_back(spec in grants()) {
        let spec = in_normal_form(spec);
        let grant = read_back(&name(), &spec, |_| {}).unwrap();
        prop_assert_eq!(&grant.spec, &spec);
        prop_assert_eq!((grant.id, grant.created_at.as_second()), (spec.id(&name()), 1_763_000_000));
    }
}

#[test]
fn a_statement_has_everything_and_no_more() {
    let all = GrantSpec {
        expires_at: Some("2027-06-30T00:00:00Z".parse().unwrap()),
        reason: Some("hi".to_owned()),
        conditions: vec![Condition {
            operator: "StringEquals".to_owned(),
            key: "aws:SourceVpce".to_owned(),
            values: vec!["vpce-1".to_owned()],
        }],
        ..spec(ROLE)
    };
    let id = all.id(&name()).uuid().simple().to_string();
    let seen = std::cell::RefCell::new(Value::Null);
    read_back(&name(), &all, |statement| *seen.borrow_mut() = statement.clone()).unwrap();
    assert_eq!(
        seen.into_inner(),
        json!({
            "Sid": format!("Secretlint{id}At1763000000Why6869"),
            "Effect": "Allow",
            "Principal": {"AWS": ROLE},
            "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            "Resource": "*",
            "Condition": {
                "DateLessThan": {"aws:CurrentTime": "2027-06-30T00:00:00Z"},
                "StringEquals": {"aws:SourceVpce": "vpce-1"},
            },
        })
    );
}

#[test]
fn an_account_comes_back_as_it_was_written() {
    for written in ["123456789012", "arn:aws:iam::123456789012:root"] {
        for shown in ["123456789012", "arn:aws:iam::123456789012:root"] {
            let grant = read_back(&name(), &spec(written), |statement| {
                statement["Principal"] = json!({"AWS": [shown]})
            });
            assert_eq!(grant.unwrap().spec.principal.as_str(), written);
        }
    }
}

#[test]
fn a_statement_that_somebody_altered_is_no_grant() {
    let altered = |change: &dyn Fn(&mut Value)| read_back(&name(), &spec(ROLE), change).is_none();
    assert!(!altered(&|_| {}));
    assert!(altered(&|statement| statement["Principal"] = json!({"AWS": "AROAEXAMPLEEXAMPLEEXA"})));
    assert!(altered(&|statement| statement["Principal"] = json!({"AWS": [ROLE, "123456789012"]})));
    assert!(altered(&|statement| statement["Principal"] = json!("*")));
    assert!(altered(&|statement| statement["Action"] = json!("secretsmanager:*")));
    assert!(altered(&|statement| statement["Action"] = json!("secretsmanager:GetSecretValue")));
    assert!(altered(&|statement| statement["Effect"] = json!("Deny")));
    assert!(altered(&|statement| statement["Resource"] = json!("arn:aws:secretsmanager:*:*:secret:other-*")));
    assert!(altered(&|statement| statement["Later"] = json!(true)));
    assert!(altered(&|statement| statement["Sid"] = json!("Secretlint")));
    let many_ends =
        json!({"DateLessThan": {"aws:CurrentTime": ["2027-06-30T00:00:00Z", "2028-06-30T00:00:00Z"]}});
    assert!(altered(&|statement| statement["Condition"] = many_ends.clone()));
    let other = SecretName::parse("prod/other").unwrap();
    let seen = std::cell::RefCell::new(Value::Null);
    read_back(&other, &spec(ROLE), |statement| *seen.borrow_mut() = statement.clone()).unwrap();
    assert!(altered(&|statement| *statement = seen.borrow().clone()), "copied from another secret");
}

#[test]
fn the_name_of_a_statement_is_read_as_it_is_written() {
    let id = spec(ROLE).id(&name());
    for reason in [None, Some("incident 7 – „ä“".to_owned())] {
        let sid = Sid { id, created_at: Timestamp::from_second(0).unwrap(), reason };
        assert_eq!(Sid::parse(&sid.to_string()), Some(sid.clone()));
        assert!(sid.to_string().bytes().all(|byte| byte.is_ascii_alphanumeric()), "{sid}");
    }
    let simple = id.uuid().simple();
    for text in [
        "Secretlint".to_owned(),
        format!("Secretlint{simple}"),
        format!("Secretlint{simple}Atx"),
        format!("Secretlint{simple}At1Why6"),
        format!("Secretlint{simple}At1Whyff"),
        format!("Secretlint{simple}At1Whyzz"),
        format!("Other{simple}At1"),
        "Secretlintäääääääääääääääää".to_owned(),
    ] {
        assert_eq!(Sid::parse(&text), None, "{text}");
    }
}

#[test]
fn what_does_not_fit_into_a_statement_is_refused() {
    let refused = |spec: GrantSpec| check(&spec).unwrap_err().to_string();
    let long = refused(GrantSpec { reason: Some("ä".repeat(129)), ..spec(ROLE) });
    assert!(long.starts_with("invalid reason: it has 258 bytes"), "{long}");
    let fraction =
        refused(GrantSpec { expires_at: Some("2027-06-30T00:00:00.5Z".parse().unwrap()), ..spec(ROLE) });
    assert!(fraction.starts_with("invalid expires_at: "), "{fraction}");
    check(&GrantSpec { reason: Some("ä".repeat(128)), ..spec(ROLE) }).unwrap();
}
