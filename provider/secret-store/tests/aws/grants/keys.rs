//! What a grant needs of a customer-managed key. moto keeps the grants of KMS; no double asks a key when a secret is read.

use secret_store::{Access, AccessSet, GrantPlace, GrantSpec, Metadata, Store};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::aws::moto::Moto;
use serde_json::{Value, json};

use crate::granted::{Scene, read_by, refused, to, wait};

/// What a grant of KMS says, without what is different each time.
fn essence(grant: &Value) -> Value {
    json!([grant["Name"], grant["GranteePrincipal"], grant["Operations"], grant["Constraints"]])
}

#[test]
fn a_grant_brings_the_use_of_the_key_for_this_secret_only() {
    let Some((scene, key)) = Scene::with_key() else { return };
    for (access, operations) in [
        (Access::Read, Some(json!(["Decrypt"]))),
        (Access::Write, Some(json!(["Decrypt", "GenerateDataKey"]))),
        (Access::Rotate, None),
        (Access::Describe, None),
    ] {
        let role = scene.api.fresh_role(None);
        let grant = scene.grant(to(&role, access, GrantPlace::ResourcePolicy)).unwrap();
        let expected = operations.map(|operations| {
            let constraints = json!({"EncryptionContextSubset": {"SecretARN": scene.arn}});
            json!([format!("secretlint-{}", grant.id), role, operations, constraints])
        });
        let grants = scene.key_grants(&key);
        assert_eq!(grants.iter().map(essence).collect::<Vec<_>>(), Vec::from_iter(expected), "{access}");
        // Again: the same.
        scene.grant(grant.spec.clone()).unwrap();
        assert_eq!(scene.key_grants(&key), grants, "{access}");
        wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap();
        assert_eq!(scene.key_grants(&key), [Value::Null; 0], "{access}");
    }
}

#[test]
fn an_account_may_use_the_key_as_its_root() {
    let Some((scene, key)) = Scene::with_key() else { return };
    scene.grant(read_by("123456789012")).unwrap();
    let [grant] = scene.key_grants(&key).try_into().unwrap();
    assert_eq!(grant["GranteePrincipal"], "arn:aws:iam::123456789012:root");
}

#[test]
fn a_key_is_found_by_its_alias_and_its_id() {
    let Some(moto) = Moto::shared() else { return };
    let key = moto.api().fresh_key();
    let alias = format!("alias/{}", secretlint_tests::servers::fresh_name("key"));
    moto.api().does("kms", "create_alias", json!({"AliasName": alias, "TargetKeyId": key}));
    for name in [alias.as_str(), key.rsplit('/').next().unwrap()] {
        let scene = Scene::on(moto.api(), json!({"KmsKeyId": name}));
        let grant = scene.grant(read_by(&scene.api.fresh_role(None))).unwrap();
        assert_eq!(scene.key_grants(&key).len(), 1, "{name}");
        wait(scene.store.revoke(&scene.secret, &grant.id)).unwrap();
        assert_eq!(scene.key_grants(&key).len(), 0, "{name}");
    }
}

#[test]
fn an_own_policy_allows_the_key_through_secrets_manager_only() {
    let Some((scene, key)) = Scene::with_key() else { return };
    let role = scene.api.fresh_role(None);
    let spec = GrantSpec {
        expires_at: Some("2127-06-30T00:00:00Z".parse().unwrap()),
        access: AccessSet::new([Access::Read, Access::Write]).unwrap(),
        ..to(&role, Access::Read, GrantPlace::IdentityPolicy)
    };
    let grant = scene.grant(spec).unwrap();
    let [(_, policy)] = scene.inline_policies(&role).try_into().unwrap();
    assert_eq!(
        policy["Statement"][1],
        json!({
            "Sid": "SecretlintKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key,
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com",
                    "kms:EncryptionContext:SecretARN": scene.arn,
                },
                "DateLessThan": {"aws:CurrentTime": "2127-06-30T00:00:00Z"},
            },
        })
    );
    assert_eq!(scene.key_grants(&key), [Value::Null; 0]);
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), [grant]);
}

#[test]
fn without_a_customers_key_nothing_is_asked_of_kms() {
    let Some(moto) = Moto::shared() else { return };
    for key in [json!({}), json!({"KmsKeyId": "alias/aws/secretsmanager"})] {
        let scene = Scene::on(moto.api(), key);
        let proxy = Proxy::to(moto.api().address());
        let store = scene.another_store(proxy.address());
        let grant = wait(store.grant(&scene.secret, read_by(&scene.api.fresh_role(None)))).unwrap();
        wait(store.revoke(&scene.secret, &grant.id)).unwrap();
        assert_eq!(proxy.count(" (DescribeKey|ListGrants|CreateGrant|RevokeGrant)$"), 0);
    }
}

#[test]
fn who_cannot_be_given_the_key_is_refused_before_anything_is_written() {
    let Some((scene, key)) = Scene::with_key() else { return };
    refused(scene.grant(read_by("lambda.amazonaws.com")), "principal", "the policy of the key");
    let managed = Scene::on(scene.api, json!({}));
    let other = "arn:aws:iam::210987654321:role/app";
    refused(managed.grant(read_by(other)), "principal", "customer-managed `kms_key`");
    assert!(scene.policy().is_null() && managed.policy().is_null());
    // With a key of the customer's another account can be let in.
    scene.grant(read_by(other)).unwrap();
    assert_eq!(scene.key_grants(&key)[0]["GranteePrincipal"], other);
    // Who needs no key can be granted to in any case.
    managed.grant(to(other, Access::Describe, GrantPlace::ResourcePolicy)).unwrap();
}

#[test]
fn a_statement_that_is_refused_leaves_no_use_of_the_key() {
    let Some((scene, key)) = Scene::with_key() else { return };
    let proxy = Proxy::to(scene.api.address());
    proxy.add(When::request(" PutResourcePolicy$").refuses(400, "PublicPolicyException", "It is public."));
    let store = scene.another_store(proxy.address());
    let given = wait(store.grant(&scene.secret, read_by(&scene.api.fresh_role(None))));
    refused(given, "secret_id", "It is public.");
    assert_eq!(scene.key_grants(&key), [Value::Null; 0]);
}

#[test]
fn a_principal_that_kms_does_not_know_yet_is_waited_for() {
    let Some((scene, key)) = Scene::with_key() else { return };
    let proxy = Proxy::to(scene.api.address());
    let store = scene.another_store(proxy.address());
    let unknown = |times| {
        When::request(" CreateGrant$").times(times).refuses(400, "InvalidArnException", "ARN: no such role")
    };
    proxy.add(unknown(2));
    wait(store.grant(&scene.secret, read_by(&scene.api.fresh_role(None)))).unwrap();
    assert_eq!(scene.key_grants(&key).len(), 1);
    proxy.add(unknown(1000));
    let given = wait(store.grant(&scene.secret, read_by(&scene.api.fresh_role(None))));
    refused(given, "principal", "no such role");
    assert_eq!((scene.key_grants(&key).len(), scene.statements().len()), (1, 1));
}

#[test]
fn a_purged_secret_leaves_no_use_of_the_key() {
    let Some((scene, key)) = Scene::with_key() else { return };
    let other = Scene::on(scene.api, json!({"KmsKeyId": key}));
    other.grant(read_by(&scene.api.fresh_role(None))).unwrap();
    scene.grant(read_by(&scene.api.fresh_role(None))).unwrap();
    assert_eq!(scene.key_grants(&key).len(), 2);
    wait(scene.store.delete(&scene.secret, secret_store::Deletion::Purge)).unwrap();
    let [left] = scene.key_grants(&key).try_into().unwrap();
    assert_eq!(left["Constraints"]["EncryptionContextSubset"]["SecretARN"], other.arn);
}

/// Gives the secret another key.
fn rekey(scene: &Scene, key: Option<&str>) -> Result<(), secret_store::StoreError> {
    let described = wait(scene.store.describe(&scene.secret)).unwrap();
    let metadata = Metadata { kms_key: key.map(str::to_owned), ..described.metadata };
    wait(scene.store.update(&scene.secret, metadata, &described.revision)).map(drop)
}

#[test]
fn grants_follow_the_secret_to_another_key() {
    let Some((scene, old)) = Scene::with_key() else { return };
    let new = scene.api.fresh_key();
    let [role, own] = [(); 2].map(|()| scene.api.fresh_role(None));
    scene.grant(read_by(&role)).unwrap();
    scene.grant(to(&role, Access::Describe, GrantPlace::ResourcePolicy)).unwrap();
    scene.grant(to(&own, Access::Read, GrantPlace::IdentityPolicy)).unwrap();
    let grants = wait(scene.store.grants(&scene.secret)).unwrap();
    let own_key = || scene.inline_policies(&own)[0].1["Statement"][1]["Resource"].clone();
    for (from, to) in [(&old, &new), (&new, &old)] {
        rekey(&scene, Some(to)).unwrap();
        assert_eq!((scene.key_grants(from).len(), scene.key_grants(to).len()), (0, 1));
        assert_eq!(scene.key_grants(to)[0]["GranteePrincipal"], role);
        assert_eq!(own_key(), json!(to));
    }
    rekey(&scene, None).unwrap();
    assert_eq!(scene.key_grants(&old), [Value::Null; 0]);
    assert_eq!(own_key(), Value::Null);
    rekey(&scene, Some(&new)).unwrap();
    assert_eq!((scene.key_grants(&new).len(), own_key()), (1, json!(new)));
    assert_eq!(wait(scene.store.grants(&scene.secret)).unwrap(), grants);
}

#[test]
fn another_name_of_the_same_key_takes_nothing_away() {
    let Some((scene, key)) = Scene::with_key() else { return };
    let [role, own] = [(); 2].map(|()| scene.api.fresh_role(None));
    scene.grant(read_by(&role)).unwrap();
    scene.grant(to(&own, Access::Read, GrantPlace::IdentityPolicy)).unwrap();
    let (grants, policies) = (scene.key_grants(&key), scene.inline_policies(&own));
    assert_eq!(grants.len(), 1);
    let alias = format!("alias/{}", secretlint_tests::servers::fresh_name("key"));
    scene.api.does("kms", "create_alias", json!({"AliasName": alias, "TargetKeyId": key}));
    rekey(&scene, Some(&alias)).unwrap();
    assert_eq!((scene.key_grants(&key), scene.inline_policies(&own)), (grants, policies));
}

#[test]
fn a_key_that_is_gone_can_be_left() {
    let Some((scene, old)) = Scene::with_key() else { return };
    let new = scene.api.fresh_key();
    let role = scene.api.fresh_role(None);
    scene.grant(to(&role, Access::Read, GrantPlace::IdentityPolicy)).unwrap();
    let proxy = Proxy::to(scene.api.address());
    // First asked about is the new key, then the old one.
    let store = scene.another_store(proxy.address());
    let described = wait(store.describe(&scene.secret)).unwrap();
    let metadata = Metadata { kms_key: Some(new.clone()), ..described.metadata };
    proxy.add(When::request(" DescribeKey$").after(1).times(1).refuses(
        400,
        "NotFoundException",
        "Key does not exist",
    ));
    wait(store.update(&scene.secret, metadata, &described.revision)).unwrap();
    assert_eq!(scene.inline_policies(&role)[0].1["Statement"][1]["Resource"], json!(new));
    assert_ne!(old, new);
}

#[test]
fn between_two_keys_both_can_be_used() {
    let Some((scene, old)) = Scene::with_key() else { return };
    let new = scene.api.fresh_key();
    let [role, own] = [(); 2].map(|()| scene.api.fresh_role(None));
    scene.grant(read_by(&role)).unwrap();
    scene.grant(to(&own, Access::Read, GrantPlace::IdentityPolicy)).unwrap();
    let proxy = Proxy::to(scene.api.address());
    proxy.add(When::request(" UpdateSecret$").refuses(400, "InvalidRequestException", "Not now."));
    let store = scene.another_store(proxy.address());
    let described = wait(store.describe(&scene.secret)).unwrap();
    let metadata = Metadata { kms_key: Some(new.clone()), ..described.metadata };
    wait(store.update(&scene.secret, metadata, &described.revision)).unwrap_err();
    assert_eq!((scene.key_grants(&old).len(), scene.key_grants(&new).len()), (1, 1));
    let policy = scene.inline_policies(&own)[0].1.clone();
    assert_eq!(policy["Statement"][1]["Resource"], json!([old, new]));
    rekey(&scene, Some(&new)).unwrap();
    assert_eq!((scene.key_grants(&old).len(), scene.key_grants(&new).len()), (0, 1));
}

#[test]
fn a_key_that_shuts_somebody_out_is_refused() {
    let Some((scene, key)) = Scene::with_key() else { return };
    scene.grant(read_by("arn:aws:iam::210987654321:role/app")).unwrap();
    refused(rekey(&scene, None), "kms_key", "a grant on the secret would not work with it");
    let described = wait(scene.store.describe(&scene.secret)).unwrap();
    assert_eq!(described.metadata.kms_key, Some(key));
}
