//! The policy of a secret as one document of several people: what of it stays, what is refused, and who wins a race.

use std::sync::atomic::{AtomicBool, Ordering};

use secret_store::{Access, Deletion, GrantId, GrantPlace, Store, StoreError};
use secretlint_tests::proxy::{Proxy, When};
use serde_json::{Value, json};

use crate::granted::{Scene, read_by, refused, to, wait};

/// Somebody else's policy, in an order and with members of its own.
fn theirs(scene: &Scene) -> Value {
    let role = scene.api.fresh_role(None);
    json!({"Version": "2012-10-17", "Id": "theirs", "Statement": [
        {"Sid": "Second", "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], "Effect": "Allow",
         "Principal": {"AWS": [role], "Service": "lambda.amazonaws.com"}, "Resource": ["*"],
         "Condition": {"StringLike": {"aws:PrincipalTag/team": ["z", "a"]}, "Bool": {"aws:SecureTransport": true}}},
        {"Effect": "Deny", "NotPrincipal": {"AWS": role}, "NotAction": "secretsmanager:Describe*", "Resource": "*"},
    ]})
}

#[test]
fn what_others_wrote_stays_as_it_is() {
    let Some(scene) = Scene::enforced() else { return };
    let theirs = theirs(&scene);
    scene.put_policy(&theirs);
    let role = scene.api.fresh_role(None);
    let grant = scene.grant(read_by(&role)).unwrap();
    let mut with_ours = scene.policy();
    let ours = with_ours["Statement"].as_array_mut().unwrap().remove(2);
    assert_eq!(with_ours, theirs);
    assert_eq!(ours["Principal"], json!({"AWS": role}));
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), std::slice::from_ref(&grant));
    wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap();
    assert_eq!(scene.policy(), theirs);
}

#[test]
fn the_last_statement_takes_the_policy_with_it() {
    let Some(scene) = Scene::enforced() else { return };
    let grant = scene.grant(read_by(&scene.api.fresh_role(None))).unwrap();
    wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap();
    assert!(scene.policy().is_null(), "{}", scene.policy());
}

#[test]
fn giving_sends_one_write_and_giving_again_none() {
    let Some(scene) = Scene::enforced() else { return };
    let proxy = Proxy::to(scene.api.address());
    let store = scene.another_store(proxy.address());
    let spec = read_by(&scene.api.fresh_role(None));
    let operations = || {
        let seen: Vec<_> = proxy.requests().into_iter().filter_map(|seen| seen.operation).collect();
        proxy.forget();
        seen
    };
    let granted = wait(store.grant(&scene.secret, spec.clone())).unwrap();
    assert_eq!(
        operations(),
        ["DescribeSecret", "GetResourcePolicy", "PutResourcePolicy", "GetResourcePolicy"]
    );
    assert_eq!(wait(store.grant(&scene.secret, spec)).unwrap(), granted);
    assert_eq!(operations(), ["DescribeSecret", "GetResourcePolicy"]);
    assert_eq!(wait(store.grants(&scene.secret)).unwrap(), std::slice::from_ref(&granted));
    assert_eq!(operations(), ["DescribeSecret", "GetResourcePolicy"]);
    wait(store.revoke(&scene.secret, &granted.id)).unwrap();
    assert_eq!(
        operations(),
        ["DescribeSecret", "GetResourcePolicy", "DeleteResourcePolicy", "GetResourcePolicy"]
    );
}

#[test]
fn writers_in_several_processes_lose_nothing() {
    let Some(scene) = Scene::enforced() else { return };
    scene.put_policy(&theirs(&scene));
    let stores: Vec<_> = (0..2).map(|_| scene.another_store(scene.api.address())).collect();
    let roles: Vec<_> = (0..8).map(|_| scene.api.fresh_role(None)).collect();
    let given =
        roles.iter().enumerate().map(|(index, role)| stores[index % 2].grant(&scene.secret, read_by(role)));
    let given = wait(futures::future::join_all(given));
    let mut ids: Vec<GrantId> = given.into_iter().map(|grant| grant.unwrap().id).collect();
    ids.sort();
    let kept: Vec<GrantId> =
        wait(scene.store.grants(&scene.secret)).unwrap().into_iter().map(|grant| grant.id).collect();
    assert_eq!(kept, ids);
    assert_eq!(scene.statements().len(), 10);
    let taken = ids.iter().enumerate().map(|(index, id)| stores[index % 2].revoke(&scene.secret, id));
    for taken in wait(futures::future::join_all(taken)) {
        taken.unwrap();
    }
    assert_eq!(scene.statements().len(), 2);
}

#[test]
fn a_grant_that_somebody_overwrote_at_once_is_written_again() {
    let Some(scene) = Scene::enforced() else { return };
    let theirs = theirs(&scene);
    scene.put_policy(&theirs);
    let proxy = Proxy::to(scene.api.address());
    let (arn, api, once) = (scene.arn.clone(), scene.api, AtomicBool::new(true));
    proxy.add(When::request(" PutResourcePolicy$").calls(move || {
        if once.swap(false, Ordering::SeqCst) {
            let policy = json!({"SecretId": arn, "ResourcePolicy": theirs.to_string()});
            api.does("secretsmanager", "put_resource_policy", policy);
        }
    }));
    let spec = read_by(&scene.api.fresh_role(None));
    let grant = wait(scene.another_store(proxy.address()).grant(&scene.secret, spec)).unwrap();
    assert_eq!(proxy.count(" PutResourcePolicy$"), 2);
    assert_eq!(scene.statements().len(), 3);
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), [grant]);
}

const ORPHAN: &str = "AROAEXAMPLEEXAMPLEEXA";

#[test]
fn deleted_principals_are_taken_out_of_the_policy() {
    let Some(scene) = Scene::unchecked() else { return };
    let (role, left) = (scene.api.fresh_role(None), scene.api.fresh_role(None));
    let allow = |principal: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "secretsmanager:DescribeSecret", "Resource": "*"});
    scene.put_policy(&json!({"Version": "2012-10-17", "Statement": [
        allow(json!({"AWS": ORPHAN})), allow(json!({"AWS": [ORPHAN, left]})),
    ]}));
    scene.grant(read_by(&role)).unwrap();
    let statements = scene.statements();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[0], allow(json!({"AWS": [left]})));
}

#[test]
fn a_grant_whose_principal_was_deleted_is_none_and_goes_with_the_next_write() {
    let Some(scene) = Scene::unchecked() else { return };
    let role = scene.api.fresh_role(None);
    let grant = scene.grant(read_by(&role)).unwrap();
    let mut policy = scene.policy();
    policy["Statement"][0]["Principal"] = json!({"AWS": ORPHAN});
    scene.put_policy(&policy);
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), []);
    // Made anew under its old name.
    assert_eq!(scene.grant(read_by(&role)).unwrap().id, grant.id);
    assert_eq!(scene.statements().len(), 1);
    assert_eq!(scene.statements()[0]["Principal"], json!({"AWS": role}));
    scene.put_policy(&policy);
    assert!(wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap_err().is_not_found());
    assert!(scene.policy().is_null());
}

#[test]
fn what_aws_makes_of_a_statement_is_the_same_grant() {
    let Some(scene) = Scene::enforced() else { return };
    let grant = scene.grant(read_by("123456789012")).unwrap();
    let mut policy = scene.policy();
    policy["Statement"][0]["Principal"] = json!({"AWS": "arn:aws:iam::123456789012:root"});
    policy["Statement"][0]["Resource"] = json!(["*"]);
    policy["Statement"][0]["Action"].as_array_mut().unwrap().reverse();
    scene.put_policy(&policy);
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), std::slice::from_ref(&grant));
    let proxy = Proxy::to(scene.api.address());
    let again = wait(scene.another_store(proxy.address()).grant(&scene.secret, grant.spec.clone()));
    assert_eq!(again.unwrap(), grant);
    assert_eq!(proxy.count(" PutResourcePolicy$"), 0);
}

#[test]
fn a_document_over_the_limit_is_refused_before_it_is_sent() {
    let Some(scene) = Scene::enforced() else { return };
    let role = scene.api.fresh_role(None);
    let many: Vec<String> = (0..695).map(|index| format!("secretsmanager:Future{index:05}")).collect();
    scene.put_policy(&json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": role}, "Action": many, "Resource": "*"},
    ]}));
    let before = scene.policy();
    let proxy = Proxy::to(scene.api.address());
    let store = scene.another_store(proxy.address());
    let given = wait(store.grant(&scene.secret, read_by(&role)));
    refused(given, "secret_id", "AWS takes 20480");
    assert_eq!(proxy.count(" PutResourcePolicy$"), 0);
    assert_eq!(scene.policy(), before);
    let own = wait(store.grant(&scene.secret, to(&role, Access::Read, GrantPlace::IdentityPolicy)));
    assert_eq!(own.unwrap().spec.via, Some(GrantPlace::IdentityPolicy));
}

fn open_to_everybody() -> Value {
    json!({"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
}

#[test]
fn nothing_is_added_to_a_policy_that_lets_everybody_in() {
    let Some(scene) = Scene::enforced() else { return };
    scene.put_policy(&json!({"Version": "2012-10-17", "Statement": [open_to_everybody()]}));
    let proxy = Proxy::to(scene.api.address());
    let spec = read_by(&scene.api.fresh_role(None));
    let given = wait(scene.another_store(proxy.address()).grant(&scene.secret, spec));
    refused(given, "secret_id", "statement `Open` allows something to everybody");
    assert_eq!(proxy.count(" PutResourcePolicy$"), 0);
}

#[test]
fn what_aws_finds_public_is_refused_and_can_still_be_revoked() {
    let Some(scene) = Scene::enforced() else { return };
    let proxy = Proxy::to(scene.api.address());
    let store = scene.another_store(proxy.address());
    let public = || {
        let words = "The resource policy grants broad access to the secret.";
        When::request(" PutResourcePolicy$").times(1).refuses(400, "PublicPolicyException", words)
    };
    proxy.add(public());
    let [first, second] = [(); 2].map(|()| read_by(&scene.api.fresh_role(None)));
    refused(wait(store.grant(&scene.secret, first.clone())), "secret_id", "broad access");
    assert!(scene.policy().is_null());
    let first = wait(store.grant(&scene.secret, first)).unwrap();
    wait(store.grant(&scene.secret, second)).unwrap();
    proxy.add(public());
    wait(store.revoke(&scene.secret, &first.id)).unwrap();
    assert_eq!(scene.statements().len(), 1);
}

#[test]
fn what_is_no_policy_is_not_overwritten() {
    let Some(scene) = Scene::unchecked() else { return };
    let wrong = json!({"SecretId": scene.arn, "ResourcePolicy": "not JSON"});
    scene.api.does("secretsmanager", "put_resource_policy", wrong);
    let proxy = Proxy::to(scene.api.address());
    let store = scene.another_store(proxy.address());
    let spec = read_by(&scene.api.fresh_role(None));
    let damaged = |error: StoreError| {
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        let told = error.to_string();
        assert!(told.contains("not a JSON object") && told.contains("nothing was overwritten"), "{told}");
    };
    damaged(wait(store.grants(&scene.secret)).unwrap_err());
    damaged(wait(store.revoke(&scene.secret, &spec.id(&scene.secret))).unwrap_err());
    damaged(wait(store.grant(&scene.secret, spec)).unwrap_err());
    assert_eq!(proxy.count(" (Put|Delete)ResourcePolicy$"), 0);
}

const UNSUPPORTED: &str = "This resource policy contains an unsupported principal.";

#[test]
fn a_principal_that_was_just_created_is_waited_for() {
    let Some(scene) = Scene::enforced() else { return };
    let proxy = Proxy::to(scene.api.address());
    let unknown = |times| {
        When::request(" PutResourcePolicy$").times(times).refuses(
            400,
            "MalformedPolicyDocumentException",
            UNSUPPORTED,
        )
    };
    proxy.add(unknown(3));
    let store = scene.another_store(proxy.address());
    let role = scene.api.fresh_role(None);
    wait(store.grant(&scene.secret, read_by(&role))).unwrap();
    assert_eq!(scene.statements().len(), 1);
    proxy.add(unknown(1000));
    let nobody = "arn:aws:iam::123456789012:role/nobody";
    refused(wait(store.grant(&scene.secret, read_by(nobody))), "principal", UNSUPPORTED);
    assert_eq!(scene.statements().len(), 1);
}

#[test]
fn other_faults_of_a_document_are_said_at_once() {
    let Some(scene) = Scene::enforced() else { return };
    let proxy = Proxy::to(scene.api.address());
    let malformed = "Syntax error in the policy.";
    proxy.add(When::request(" PutResourcePolicy$").refuses(
        400,
        "MalformedPolicyDocumentException",
        malformed,
    ));
    let store = scene.another_store(proxy.address());
    let spec = read_by(&scene.api.fresh_role(None));
    refused(wait(store.grant(&scene.secret, spec)), "conditions", malformed);
    assert_eq!(proxy.count(" PutResourcePolicy$"), 1);
}

#[test]
fn a_secret_that_is_deleted_or_missing_has_no_grants() {
    let Some(scene) = Scene::enforced() else { return };
    let spec = read_by(&scene.api.fresh_role(None));
    let missing = crate::scene::fresh("none");
    assert!(wait(scene.store.grant(&missing, spec.clone())).unwrap_err().is_not_found());
    assert!(wait(scene.store.grants(&missing)).unwrap_err().is_not_found());
    assert!(wait(scene.store.revoke(&missing, &spec.id(&missing))).unwrap_err().is_not_found());
    let grant = scene.grant(spec.clone()).unwrap();
    wait(scene.store.delete(&scene.secret, Deletion::Recoverable { days: 7 })).unwrap();
    let is_scheduled = |error: StoreError| matches!(error, StoreError::ScheduledForDeletion { .. });
    assert!(is_scheduled(wait(scene.store.grants(&scene.secret)).unwrap_err()));
    assert!(is_scheduled(wait(scene.store.grant(&scene.secret, spec)).unwrap_err()));
    assert!(is_scheduled(wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap_err()));
    wait(scene.store.restore(&scene.secret)).unwrap();
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), [grant]);
}
