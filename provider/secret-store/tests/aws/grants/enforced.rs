//! What a grant allows and what not, as ministack enforces policies, tried with the principal's own credentials.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secret_store::{Access, GrantPlace, GrantSpec, Store, StoreError};
use serde_json::json;

use crate::granted::{PLACES, Scene, read_by, to, under, wait};
use crate::scene::open;

const DENIED: Result<String, String> = Err(String::new());

/// `Err("")` when it was denied.
fn outcome(read: Result<String, String>) -> Result<String, String> {
    read.map_err(|code| if code == "AccessDeniedException" { String::new() } else { code })
}

#[test]
fn a_role_reads_exactly_the_secret_it_was_granted() {
    let Some(scene) = Scene::enforced() else { return };
    let other = Scene::enforced().unwrap();
    for via in PLACES {
        let (role, stranger) = (scene.api.fresh_role(None), scene.api.fresh_role(None));
        let [granted, ungranted] = [&role, &stranger].map(|role| scene.api.assume(role));
        assert_eq!(outcome(scene.read_as(&granted)), DENIED, "{via}: before");
        let grant = scene.grant(to(&role, Access::Read, via)).unwrap();
        assert_eq!(outcome(scene.read_as(&granted)), Ok("an example".to_owned()), "{via}");
        assert_eq!(outcome(scene.read_as(&ungranted)), DENIED, "{via}: another role");
        assert_eq!(outcome(other.read_as(&granted)), DENIED, "{via}: another secret");
        for (operation, rest) in [
            ("put_secret_value", json!({"SecretString": "theirs"})),
            ("delete_secret", json!({"ForceDeleteWithoutRecovery": true})),
            ("put_resource_policy", json!({"ResourcePolicy": "{}"})),
            ("tag_resource", json!({"Tags": [{"Key": "a", "Value": "b"}]})),
        ] {
            let refused = scene.calls(&granted, operation, rest).unwrap_err();
            assert_eq!(refused.code, "AccessDeniedException", "{via}: {operation}");
        }
        wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap();
        assert_eq!(outcome(scene.read_as(&granted)), DENIED, "{via}: afterwards");
    }
}

#[test]
fn a_user_reads_by_its_own_key() {
    let Some(scene) = Scene::enforced() else { return };
    for via in PLACES {
        let (user, key) = scene.api.fresh_user(None);
        let grant = scene.grant(to(&user, Access::Read, via)).unwrap();
        assert_eq!(outcome(scene.read_as(&key)), Ok("an example".to_owned()), "{via}");
        wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap();
        assert_eq!(outcome(scene.read_as(&key)), DENIED, "{via}");
    }
}

#[test]
fn each_access_is_what_it_says() {
    let Some(scene) = Scene::enforced() else { return };
    let put = || ("put_secret_value", json!({"SecretString": "an example"}));
    let get = || ("get_secret_value", json!({}));
    let describe = || ("describe_secret", json!({}));
    let versions = || ("list_secret_version_ids", json!({}));
    let rotate = || ("rotate_secret", json!({}));
    for via in PLACES {
        for (access, allowed, refused) in [
            (Access::Read, vec![get(), describe()], vec![put(), rotate()]),
            (Access::Write, vec![put(), describe(), versions()], vec![get(), rotate()]),
            (Access::Describe, vec![describe(), versions()], vec![get(), put(), rotate()]),
            (Access::Rotate, vec![rotate(), describe(), versions()], vec![get(), put()]),
        ] {
            let role = scene.api.fresh_role(None);
            scene.grant(to(&role, access, via)).unwrap();
            let session = scene.api.assume(&role);
            let is_denied = |(operation, rest): (&str, serde_json::Value)| {
                let answer = scene.calls(&session, operation, rest);
                answer.is_err_and(|refused| refused.code == "AccessDeniedException")
            };
            for call in allowed {
                assert!(!is_denied(call.clone()), "{via} {access}: {}", call.0);
            }
            for call in refused {
                assert!(is_denied(call.clone()), "{via} {access}: {}", call.0);
            }
        }
    }
}

#[test]
fn a_grant_ends_at_its_end() {
    let Some(scene) = Scene::enforced() else { return };
    for via in PLACES {
        let role = scene.api.fresh_role(None);
        let session = scene.api.assume(&role);
        let end = Timestamp::from_second(Timestamp::now().as_second() + 4).unwrap();
        let spec = GrantSpec {
            expires_at: Some(end),
            reason: Some("incident 7".to_owned()),
            ..to(&role, Access::Read, via)
        };
        let grant = scene.grant(spec).unwrap();
        assert_eq!(outcome(scene.read_as(&session)), Ok("an example".to_owned()), "{via}");
        std::thread::sleep(Duration::from_secs(5));
        assert_eq!(outcome(scene.read_as(&session)), DENIED, "{via}");
        // It is shown until somebody takes it away.
        let grants = wait(scene.store.grants(&scene.secret)).unwrap();
        assert_eq!(grants, std::slice::from_ref(&grant), "{via}");
        assert_eq!((grant.spec.expires_at, grant.spec.reason.as_deref()), (Some(end), Some("incident 7")));
        wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap();
    }
}

#[test]
fn a_grant_that_has_ended_already_is_refused() {
    let Some(scene) = Scene::enforced() else { return };
    let end = Timestamp::now().checked_sub(SignedDuration::from_hours(1)).unwrap();
    let end = Timestamp::from_second(end.as_second()).unwrap();
    let role = scene.api.fresh_role(None);
    let spec = GrantSpec { expires_at: Some(end), ..read_by(&role) };
    crate::granted::refused(scene.grant(spec), "expires_at", "in the past");
    assert!(scene.policy().is_null());
}

#[test]
fn conditions_are_enforced() {
    let Some(scene) = Scene::enforced() else { return };
    for via in PLACES {
        for (conditions, expected) in [
            (under("IpAddress", "aws:SourceIp", "127.0.0.0/8"), true),
            (under("IpAddress", "aws:SourceIp", "203.0.113.0/24"), false),
            (under("NotIpAddress", "aws:SourceIp", "127.0.0.1"), false),
            (under("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"), false),
            (under("StringEqualsIfExists", "aws:SourceVpce", "vpce-0123456789abcdef0"), true),
            (under("StringEquals", "aws:PrincipalTag/team", "orders"), true),
            (under("StringEquals", "aws:PrincipalTag/team", "billing"), false),
        ] {
            let role = scene.api.fresh_role(None);
            let name = role.rsplit('/').next().unwrap();
            let tags = json!({"RoleName": name, "Tags": [{"Key": "team", "Value": "orders"}]});
            scene.api.does("iam", "tag_role", tags);
            let spec = GrantSpec { conditions: conditions.clone(), ..to(&role, Access::Read, via) };
            let grant = scene.grant(spec).unwrap();
            assert_eq!(grant.spec.conditions, conditions);
            let read = scene.read_as(&scene.api.assume(&role));
            assert_eq!(read.is_ok(), expected, "{via} {conditions:?}: {read:?}");
        }
    }
}

#[test]
fn a_changed_grant_holds_as_changed() {
    let Some(scene) = Scene::enforced() else { return };
    for via in PLACES {
        let role = scene.api.fresh_role(None);
        let session = scene.api.assume(&role);
        let granted = scene.grant(to(&role, Access::Read, via)).unwrap();
        assert!(scene.read_as(&session).is_ok(), "{via}");
        let elsewhere = under("IpAddress", "aws:SourceIp", "203.0.113.0/24");
        let narrower = GrantSpec { conditions: elsewhere, ..to(&role, Access::Read, via) };
        let changed = scene.grant(narrower).unwrap();
        assert_eq!((changed.id, changed.created_at), (granted.id, granted.created_at), "{via}");
        assert_eq!(outcome(scene.read_as(&session)), DENIED, "{via}");
        wait(scene.store.revoke(&scene.secret, &granted.id)).unwrap();
    }
}

#[test]
fn the_same_principal_may_have_a_grant_in_either_place() {
    let Some(scene) = Scene::enforced() else { return };
    let role = scene.api.fresh_role(None);
    let session = scene.api.assume(&role);
    let [in_policy, own] = PLACES.map(|via| scene.grant(to(&role, Access::Read, via)).unwrap());
    assert_ne!(in_policy.id, own.id);
    assert_eq!(own.spec.via, Some(GrantPlace::IdentityPolicy));
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap().len(), 2);
    wait(scene.store.revoke(&scene.secret, &in_policy.id)).unwrap();
    assert!(scene.read_as(&session).is_ok());
    wait(scene.store.revoke(&scene.secret, &own.id)).unwrap();
    assert_eq!(outcome(scene.read_as(&session)), DENIED);
}

#[test]
fn the_rights_that_the_readme_names_are_enough() {
    let Some(scene) = Scene::enforced() else { return };
    let role = scene.api.fresh_role(None);
    let (user, _) = scene.api.fresh_user(None);
    let rights = |actions: &[&str], resource: &str| json!({"Effect": "Allow", "Action": actions, "Resource": resource});
    let always = rights(&["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"], &scene.arn);
    let in_policy =
        rights(&["secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"], &scene.arn);
    let tags = rights(&["secretsmanager:TagResource", "secretsmanager:UntagResource"], &scene.arn);
    let of_role = rights(&["iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"], &role);
    let of_user = rights(&["iam:GetUserPolicy", "iam:PutUserPolicy", "iam:DeleteUserPolicy"], &user);
    for (spec, statements) in [
        (to(&role, Access::Read, GrantPlace::ResourcePolicy), vec![in_policy]),
        (to(&role, Access::Read, GrantPlace::IdentityPolicy), vec![tags.clone(), of_role]),
        (to(&user, Access::Read, GrantPlace::IdentityPolicy), vec![tags, of_user]),
    ] {
        let statements: Vec<_> = std::iter::once(always.clone()).chain(statements).collect();
        let (_, key) = scene.api.fresh_user(Some(&json!({"Version": "2012-10-17", "Statement": statements})));
        let store = open(&scene.api.with(&key)).impatient();
        let grant = wait(store.grant(&scene.secret, spec.clone())).unwrap();
        assert_eq!(wait(store.grants(&scene.secret)).unwrap(), std::slice::from_ref(&grant));
        wait(store.revoke(&scene.secret, &grant.id)).unwrap();
        // Without the last statement they are not.
        let fewer = &statements[..statements.len() - 1];
        let (_, key) = scene.api.fresh_user(Some(&json!({"Version": "2012-10-17", "Statement": fewer})));
        let denied = wait(open(&scene.api.with(&key)).impatient().grant(&scene.secret, spec)).unwrap_err();
        assert!(matches!(denied, StoreError::Denied { .. }), "{denied:?}");
        assert!(scene.policy().is_null() && scene.index().is_empty(), "{denied}");
    }
}
