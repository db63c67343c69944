//! Grants in policies of roles and users, and the tags by which they are found again.

use secret_store::{Access, GrantPlace, GrantSpec, Store};
use secretlint_tests::proxy::{Proxy, When};
use serde_json::json;

use crate::granted::{Scene, refused, to, under, wait};

const OWN: GrantPlace = GrantPlace::IdentityPolicy;

#[test]
fn a_grant_is_one_inline_policy_and_one_tag() {
    let Some(scene) = Scene::enforced() else { return };
    let role = scene.api.fresh_role(None);
    let spec = GrantSpec {
        reason: Some("incident 7".to_owned()),
        conditions: under("IpAddress", "aws:SourceIp", "127.0.0.0/8"),
        ..to(&role, Access::Read, OWN)
    };
    let grant = scene.grant(spec.clone()).unwrap();
    assert_eq!(grant.spec, spec);
    let [(name, policy)] = scene.inline_policies(&role).try_into().unwrap();
    assert!(name.starts_with("secretlint-") && name.ends_with(&grant.id.to_string()), "{name}");
    let statement = &policy["Statement"][0];
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(statement["Resource"], json!(scene.arn));
    assert_eq!(
        statement["Action"],
        json!(["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"])
    );
    assert_eq!(statement["Condition"], json!({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}));
    assert_eq!(scene.index(), [(format!("secretlint:grant:{}", grant.id), role.clone())]);
    assert!(scene.policy().is_null(), "the policy of the secret is left alone");
    // Not among the tags of the user, and no change of the metadata.
    let described = wait(scene.store.describe(&scene.secret)).unwrap();
    assert!(described.metadata.tags.is_empty(), "{:?}", described.metadata.tags);
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), std::slice::from_ref(&grant));
    let revocation = wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap();
    assert_eq!((revocation.grant, revocation.exposed.len()), (grant.clone(), 1));
    assert_eq!((scene.inline_policies(&role), scene.index()), (vec![], vec![]));
    assert!(wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap_err().is_not_found());
}

#[test]
fn giving_again_writes_nothing_and_changing_writes_the_policy_only() {
    let Some(scene) = Scene::enforced() else { return };
    let proxy = Proxy::to(scene.api.address());
    let store = scene.another_store(proxy.address());
    let role = scene.api.fresh_role(None);
    let spec = to(&role, Access::Write, OWN);
    let operations = || {
        let seen: Vec<_> = proxy.requests().into_iter().filter_map(|seen| seen.operation).collect();
        proxy.forget();
        seen
    };
    let granted = wait(store.grant(&scene.secret, spec.clone())).unwrap();
    assert_eq!(
        operations(),
        ["DescribeSecret", "GetRolePolicy", "TagResource", "PutRolePolicy", "GetRolePolicy"]
    );
    assert_eq!(wait(store.grant(&scene.secret, spec.clone())).unwrap(), granted);
    assert_eq!(operations(), ["DescribeSecret", "GetRolePolicy"]);
    let reason = GrantSpec { reason: Some("incident 7".to_owned()), ..spec };
    let changed = wait(store.grant(&scene.secret, reason.clone())).unwrap();
    assert_eq!((changed.id, changed.created_at, changed.spec), (granted.id, granted.created_at, reason));
    assert_eq!(operations(), ["DescribeSecret", "GetRolePolicy", "PutRolePolicy", "GetRolePolicy"]);
    wait(store.grants(&scene.secret)).unwrap();
    assert_eq!(operations(), ["DescribeSecret", "GetResourcePolicy", "GetRolePolicy"]);
    let revocation = wait(store.revoke(&scene.secret, &granted.id)).unwrap();
    assert!(revocation.exposed.is_empty(), "it could not read");
    assert_eq!(operations(), ["DescribeSecret", "GetRolePolicy", "DeleteRolePolicy", "UntagResource"]);
}

#[test]
fn a_tag_without_its_policy_is_no_grant() {
    let Some(scene) = Scene::enforced() else { return };
    let role = scene.api.fresh_role(None);
    let grant = scene.grant(to(&role, Access::Read, OWN)).unwrap();
    let [(policy, _)] = scene.inline_policies(&role).try_into().unwrap();
    let name = role.rsplit('/').next().unwrap();
    scene.api.does("iam", "delete_role_policy", json!({"RoleName": name, "PolicyName": policy}));
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), []);
    assert!(wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap_err().is_not_found());
    assert_eq!(scene.index(), []);
    scene.grant(to(&role, Access::Read, OWN)).unwrap();
    scene.api.does("iam", "delete_role_policy", json!({"RoleName": name, "PolicyName": policy}));
    scene.api.does("iam", "delete_role", json!({"RoleName": name}));
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), [], "the role is gone");
    assert!(wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap_err().is_not_found());
    assert_eq!(scene.index(), []);
}

#[test]
fn a_policy_that_somebody_altered_is_no_grant_and_is_written_anew() {
    let Some(scene) = Scene::enforced() else { return };
    let role = scene.api.fresh_role(None);
    let grant = scene.grant(to(&role, Access::Read, OWN)).unwrap();
    let [(policy, mut document)] = scene.inline_policies(&role).try_into().unwrap();
    document["Statement"][0]["Resource"] = json!("*");
    let name = role.rsplit('/').next().unwrap();
    let put = json!({"RoleName": name, "PolicyName": policy, "PolicyDocument": document.to_string()});
    scene.api.does("iam", "put_role_policy", put);
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), []);
    assert_eq!(scene.grant(to(&role, Access::Read, OWN)).unwrap().id, grant.id);
    let [(_, document)] = scene.inline_policies(&role).try_into().unwrap();
    assert_eq!(document["Statement"][0]["Resource"], json!(scene.arn));
}

#[test]
fn a_role_that_is_not_there_leaves_no_tag() {
    let Some(scene) = Scene::enforced() else { return };
    for nobody in ["arn:aws:iam::123456789012:role/nobody", "arn:aws:iam::123456789012:user/nobody"] {
        refused(scene.grant(to(nobody, Access::Read, OWN)), "principal", "does not exist");
        assert_eq!(scene.index(), []);
    }
}

#[test]
fn a_role_that_was_just_created_is_waited_for() {
    let Some(scene) = Scene::enforced() else { return };
    let proxy = Proxy::to(scene.api.address());
    let words = "The role with name app cannot be found.";
    proxy.add(When::request(" PutRolePolicy$").times(2).refuses(404, "NoSuchEntity", words));
    let role = scene.api.fresh_role(None);
    let store = scene.another_store(proxy.address());
    wait(store.grant(&scene.secret, to(&role, Access::Read, OWN))).unwrap();
    assert_eq!(scene.inline_policies(&role).len(), 1);
}

#[test]
fn a_policy_that_iam_does_not_show_yet_is_waited_for() {
    let Some(scene) = Scene::enforced() else { return };
    let proxy = Proxy::to(scene.api.address());
    let words = "The role policy cannot be found.";
    proxy.add(When::request(" GetRolePolicy$").times(3).refuses(404, "NoSuchEntity", words));
    let role = scene.api.fresh_role(None);
    wait(scene.another_store(proxy.address()).grant(&scene.secret, to(&role, Access::Read, OWN))).unwrap();
    assert_eq!((proxy.count(" GetRolePolicy$"), proxy.count(" PutRolePolicy$")), (4, 1));
    proxy.add(When::request(" GetRolePolicy$").refuses(404, "NoSuchEntity", words));
    let given =
        wait(scene.another_store(proxy.address()).grant(&scene.secret, to(&role, Access::Write, OWN)));
    assert!(given.unwrap_err().is_transient());
}

#[test]
fn who_cannot_have_a_policy_of_its_own_is_refused() {
    let Some(scene) = Scene::enforced() else { return };
    for (principal, field, expected) in [
        ("123456789012", "via", "an account has no policy of its own"),
        ("lambda.amazonaws.com", "via", "a service has no policy of its own"),
        ("arn:aws:sts::123456789012:assumed-role/app/one", "via", "the role of the session"),
        ("arn:aws:iam::210987654321:role/app", "principal", "is in account 210987654321"),
        ("arn:aws:iam::123456789012:role/aws-service-role/a.amazonaws.com/b", "principal", "service-linked"),
        ("arn:aws-cn:iam::123456789012:role/app", "principal", "across partitions"),
    ] {
        refused(scene.grant(to(principal, Access::Read, OWN)), field, expected);
    }
    let long = format!("arn:aws:iam::123456789012:role/{}/app", "a".repeat(300));
    refused(scene.grant(to(&long, Access::Read, OWN)), "via", "does not fit into a tag");
    assert_eq!(scene.index(), []);
}

#[test]
fn the_limits_of_a_role_are_said() {
    let Some(scene) = Scene::enforced() else { return };
    let proxy = Proxy::to(scene.api.address());
    let store = scene.another_store(proxy.address());
    let role = scene.api.fresh_role(None);
    for (code, words, expected) in [
        ("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role app", "10,240 characters"),
        ("UnmodifiableEntity", "Cannot perform the operation on the protected role", "lets nobody change"),
    ] {
        proxy.add(When::request(" PutRolePolicy$").times(1).refuses(409, code, words));
        refused(wait(store.grant(&scene.secret, to(&role, Access::Read, OWN))), "principal", expected);
        assert_eq!(scene.index(), [], "{code}");
    }
    let tags: Vec<_> = (0..50).map(|index| json!({"Key": format!("t{index}"), "Value": "x"})).collect();
    scene.api.does("secretsmanager", "tag_resource", json!({"SecretId": scene.arn, "Tags": tags}));
    refused(scene.grant(to(&role, Access::Read, OWN)), "via", "has 50 tags");
}

#[test]
fn a_purged_secret_leaves_no_policy_behind() {
    let Some(scene) = Scene::enforced() else { return };
    let role = scene.api.fresh_role(None);
    scene.grant(to(&role, Access::Read, OWN)).unwrap();
    wait(scene.store.delete(&scene.secret, secret_store::Deletion::Purge)).unwrap();
    assert_eq!(scene.inline_policies(&role), []);
}
