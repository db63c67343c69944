//! Who can use a secret: by its policy, by the policies of roles and users, and what of that cannot be known.

use std::collections::BTreeSet;

use secret_store::{Access, AccessReport, Accessor, GrantPlace, Store};
use secretlint_tests::servers::aws::moto::Moto;
use serde_json::{Value, json};

use crate::granted::{PLACES, Scene, to, wait};
use crate::scene::{open, open_once};

fn report(scene: &Scene) -> AccessReport {
    wait(scene.store.access(&scene.secret)).unwrap()
}

/// What a report has about one principal.
fn about<'a>(report: &'a AccessReport, principal: &str) -> Vec<&'a Accessor> {
    report.accessors.iter().filter(|accessor| accessor.principal == principal).collect()
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

const GET: &str = "secretsmanager:GetSecretValue";

fn names(actions: &[&str]) -> BTreeSet<String> {
    actions.iter().map(|action| format!("secretsmanager:{action}")).collect()
}

#[test]
fn grants_are_shown_as_such_in_either_place() {
    let Some(scene) = Scene::enforced() else { return };
    for via in PLACES {
        let role = scene.api.fresh_role(None);
        let grant = scene.grant(to(&role, Access::Read, via)).unwrap();
        let report = report(&scene);
        let [shown] = about(&report, &role)[..] else { panic!("{via}: {report:?}") };
        assert_eq!(shown.grant, Some(grant.id), "{via}");
        assert_eq!(shown.access, BTreeSet::from([Access::Read, Access::Describe]), "{via}");
        assert_eq!(shown.capabilities, names(&["GetSecretValue", "DescribeSecret"]), "{via}");
    }
}

#[test]
fn policies_of_roles_users_and_groups_are_found_by_simulation() {
    let Some(scene) = Scene::enforced() else { return };
    let allow = |actions: Value, resource: &str| {
        policy(&[json!({"Effect": "Allow", "Action": actions, "Resource": resource})])
    };
    let reader = scene.api.fresh_role(Some(&allow(json!(GET), &scene.arn)));
    let administrator = scene.api.fresh_role(Some(&allow(json!("*"), "*")));
    let elsewhere = scene.api.fresh_role(Some(&allow(json!(GET), &format!("{}x", scene.arn))));
    let (user, _) = scene.api.fresh_user(Some(&allow(json!(["secretsmanager:Put*"]), "*")));
    let report = report(&scene);
    let [shown] = about(&report, &reader)[..] else { panic!("{report:?}") };
    assert_eq!((shown.through.as_deref(), shown.grant), (Some("identity policies"), None));
    assert_eq!(shown.capabilities, names(&["GetSecretValue"]));
    let [shown] = about(&report, &administrator)[..] else { panic!("{report:?}") };
    assert_eq!(shown.access.len(), 4);
    assert!(shown.capabilities.contains("secretsmanager:DeleteSecret"), "{shown:?}");
    let [shown] = about(&report, &user)[..] else { panic!("{report:?}") };
    assert_eq!(shown.capabilities, names(&["PutResourcePolicy", "PutSecretValue"]));
    assert_eq!(about(&report, &elsewhere), [] as [&Accessor; 0]);
}

#[test]
fn statements_of_others_are_read_and_denials_taken_into_account() {
    let Some(scene) = Scene::enforced() else { return };
    let [one, two, three] = [(); 3].map(|()| scene.api.fresh_role(None));
    let allows_all = policy(&[json!({"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"})]);
    let denied = scene.api.fresh_role(Some(&allows_all));
    let account = "123456789012";
    scene.put_policy(&policy(&[
        json!({"Sid": "Readers", "Effect": "Allow", "Principal": {"AWS": [one, two]}, "Resource": "*",
               "Action": ["secretsmanager:Get*", "secretsmanager:DescribeSecret"]}),
        json!({"Effect": "Allow", "Principal": {"AWS": three, "Service": "lambda.amazonaws.com"}, "Resource": "*",
               "Action": GET, "Condition": {"StringEquals": {"aws:SourceAccount": account}}}),
        json!({"Sid": "Elsewhere", "Effect": "Allow", "Principal": {"AWS": three}, "Action": "*", "Resource": "arn:aws:s3:::x"}),
        json!({"Sid": "Never", "Effect": "Deny", "Principal": {"AWS": [two, denied]}, "Action": GET, "Resource": "*"}),
        json!({"Sid": "Outside", "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:Delete*", "Resource": "*",
               "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}),
        json!({"Effect": "Deny", "NotPrincipal": {"AWS": one}, "Action": "secretsmanager:PutSecretValue", "Resource": "*"}),
    ]));
    let report = report(&scene);
    let capabilities = |principal: &str| about(&report, principal)[0].capabilities.clone();
    assert_eq!(capabilities(&one), names(&["GetSecretValue", "GetResourcePolicy", "DescribeSecret"]));
    assert_eq!(about(&report, &one)[0].through.as_deref(), Some("Readers"));
    assert_eq!(capabilities(&two), names(&["GetResourcePolicy", "DescribeSecret"]));
    assert!(!capabilities(&denied).contains(GET), "a denial holds for policies of roles, too");
    assert!(capabilities(&denied).contains("secretsmanager:PutSecretValue"), "{report:?}");
    for principal in [three.as_str(), "lambda.amazonaws.com"] {
        let [shown] = about(&report, principal)[..] else { panic!("{report:?}") };
        let through = "a statement of the resource policy (under conditions: aws:SourceAccount)";
        assert_eq!(shown.through.as_deref(), Some(through));
    }
    assert_eq!(
        report.not_examined,
        [
            "statement `Outside` of the resource policy denies secretsmanager:DeleteResourcePolicy, secretsmanager:DeleteSecret to everybody, under conditions: those who are listed may be refused".to_owned(),
            format!("statement 6 of the resource policy denies secretsmanager:PutSecretValue to everybody but `{one}`: those who are listed may be refused"),
        ]
    );
}

#[test]
fn who_may_not_ask_iam_is_told_what_is_missing() {
    let Some(scene) = Scene::enforced() else { return };
    let (_, key) = scene.api.fresh_user(Some(&policy(&[
        json!({"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}),
    ])));
    let role = scene.api.fresh_role(None);
    let grant = scene.grant(to(&role, Access::Read, GrantPlace::ResourcePolicy)).unwrap();
    let store = open(&scene.api.with(&key));
    let report = wait(store.access(&scene.secret)).unwrap();
    assert_eq!(about(&report, &role)[0].grant, Some(grant.id));
    let [said] = &report.not_examined[..] else { panic!("{report:?}") };
    assert!(said.starts_with("the policies of roles and users: this identity needs iam:ListRoles"), "{said}");
}

#[test]
fn without_a_simulation_the_policy_of_the_secret_is_shown() {
    let Some(moto) = Moto::shared() else { return };
    let scene = Scene::on(moto.api(), json!({}));
    let role = scene.api.fresh_role(None);
    scene.grant(to(&role, Access::Read, GrantPlace::ResourcePolicy)).unwrap();
    let report = wait(open_once(moto.api()).access(&scene.secret)).unwrap();
    assert_eq!(about(&report, &role).len(), 1);
    let [said] = &report.not_examined[..] else { panic!("{report:?}") };
    assert!(said.starts_with("the policies of roles and users: "), "{said}");
}
