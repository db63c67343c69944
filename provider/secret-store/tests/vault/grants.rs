//! Grants: what they allow, what they leave alone, and what is left after a fault.

mod faults;
mod identities;

use secret_store::{
    Access, AccessSet, Condition, Deletion, GrantSpec, Principal, SecretName, Store, StoreError,
};
use secretlint_tests::servers::fresh_name;
use serde_json::json;

use crate::scene::{Scene, login, name, read_by, wait};

/// An AppRole role with these policies, its principal, and the means to log in with it.
struct Role {
    path: String,
    mount: String,
    principal: String,
}

impl Role {
    fn create(scene: &Scene, policies: &[&str]) -> Self {
        let mount = scene.bao.fresh_auth_method("approle");
        let path = format!("auth/{mount}/role/app");
        scene.bao.write(&path, &json!({"token_policies": policies, "token_ttl": "1h"}));
        Self { principal: format!("approle:{mount}/app"), path, mount }
    }

    fn login(&self, scene: &Scene) -> String {
        let id = scene.bao.read(&format!("{}/role-id", self.path))["data"]["role_id"].clone();
        let secret =
            scene.bao.write(&format!("{}/secret-id", self.path), &json!({}))["data"]["secret_id"].clone();
        let body = json!({"role_id": id, "secret_id": secret});
        login(scene.bao, &format!("auth/{}/login", self.mount), &body)
    }

    fn policies(&self, scene: &Scene) -> Vec<String> {
        scene.list_at(&self.path, "token_policies")
    }
}

#[test]
fn granting_again_changes_nothing_and_another_reason_changes_the_note_only() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["z"]);
    let db = name("prod/db");
    let spec = read_by(&role.principal);
    let granted = wait(scene.store.grant(&db, spec.clone())).unwrap();
    let [policy] = scene.grant_policies().try_into().unwrap();
    let at = format!("sys/policies/acl/{policy}");
    let before = scene.bao.read(&at)["data"].clone();
    assert_eq!(wait(scene.another_store().grant(&db, spec.clone())).unwrap(), granted);
    assert_eq!(scene.bao.read(&at)["data"], before, "not even its version");
    let reason = GrantSpec { reason: Some("incident 7\n} path \"*\" {".to_owned()), ..spec };
    let changed = wait(scene.store.grant(&db, reason.clone())).unwrap();
    assert_eq!((changed.id, changed.created_at, &changed.spec), (granted.id, granted.created_at, &reason));
    assert_eq!(wait(scene.store.grants(&db)).unwrap(), [changed]);
    assert_eq!(role.policies(&scene), ["z", &policy]);
    assert_eq!(scene.grant_policies(), [policy]);
}

#[test]
fn each_access_is_what_it_says() {
    let Some(scene) = Scene::kv2() else { return };
    let db = name("prod/db");
    let get: &[&str] = &["get"];
    for (access, allowed, refused) in [
        (Access::Write, &[&["put"][..], &["patch"], &["metadata", "get"]][..], &[get, &["delete"]][..]),
        (Access::Describe, &[&["metadata", "get"]], &[get, &["put"], &["metadata", "delete"]]),
        (Access::Read, &[get, &["metadata", "get"]], &[&["put"], &["delete"], &["metadata", "put"]]),
        (Access::Rotate, &[get, &["put"], &["metadata", "get"]], &[&["metadata", "delete"]]),
    ] {
        let role = Role::create(&scene, &[]);
        let principal = Principal::parse(&role.principal).unwrap();
        let spec = GrantSpec::new(principal, AccessSet::new([access]).unwrap());
        wait(scene.store.grant(&db, spec)).unwrap();
        let token = role.login(&scene);
        let run = |subcommand: &[&str]| {
            let rest: &[&str] = match subcommand {
                ["put" | "patch"] => &["prod/db", "x=another example"],
                _ => &["prod/db"],
            };
            scene.kv(&token, subcommand, rest)
        };
        for subcommand in allowed {
            run(subcommand).succeeds();
        }
        for subcommand in refused {
            run(subcommand).exits_with(2).says("Code: 403");
        }
    }
}

#[test]
fn the_policies_of_a_grant_have_no_glob_and_say_what_they_are() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &[]);
    let principal = Principal::parse(&role.principal).unwrap();
    let all = AccessSet::new([Access::Read, Access::Write, Access::Rotate, Access::Describe]).unwrap();
    wait(scene.store.grant(&name("prod/db"), GrantSpec::new(principal, all))).unwrap();
    let [policy] = scene.grant_policies().try_into().unwrap();
    let shown = scene.bao.cli(&["policy", "read", &policy], scene.bao.token()).succeeds().stdout;
    assert!(shown.starts_with("# Managed by terraform-provider-secret"), "{shown}");
    for line in shown.lines().filter(|line| line.starts_with("path")) {
        assert!(line.contains("prod/db") && !line.contains(['*', '+']), "{line}");
    }
}

#[test]
fn a_name_that_a_policy_takes_for_a_pattern_is_refused() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["z"]);
    for pattern in ["prod/*", "prod/+", "{{identity.entity.id}}"] {
        let refused = wait(scene.store.grant(&name(pattern), read_by(&role.principal))).unwrap_err();
        assert!(refused.to_string().starts_with("invalid name"), "{refused}");
    }
    assert_eq!(scene.grant_policies(), [""; 0]);
    assert_eq!(role.policies(&scene), ["z"]);
}

#[test]
fn a_name_with_quotes_and_letters_of_any_alphabet_is_granted_exactly() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &[]);
    for odd in ["a \"b\" $c #d/é%20", "a*b/c+d"] {
        scene.put(
            &odd.replace('%', "%25")
                .replace(' ', "%20")
                .replace('#', "%23")
                .replace('"', "%22")
                .replace('é', "%C3%A9"),
        );
        wait(scene.store.grant(&name(odd), read_by(&role.principal))).unwrap();
        let body = json!({"token": role.login(&scene), "paths": [format!("{}/data/{odd}", scene.mount)]});
        let answer = scene.bao.write("sys/capabilities", &body);
        assert_eq!(answer["data"]["capabilities"], json!(["read"]), "{odd}");
    }
}

#[test]
fn a_policy_of_somebody_else_is_not_overwritten() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["z"]);
    let db = name("prod/db");
    let granted = wait(scene.store.grant(&db, read_by(&role.principal))).unwrap();
    let [policy] = scene.grant_policies().try_into().unwrap();
    wait(scene.store.revoke(&db, &granted.id)).unwrap();
    let at = format!("sys/policies/acl/{policy}");
    let foreign = "path \"a\" {\n  capabilities = [\"read\"]\n}\n";
    scene.bao.write(&at, &json!({ "policy": foreign }));
    let refused = wait(scene.store.grant(&db, read_by(&role.principal))).unwrap_err();
    assert!(matches!(&refused, StoreError::Conflict { reason, .. } if reason.contains(&policy)), "{refused}");
    assert!(wait(scene.store.revoke(&db, &granted.id)).unwrap_err().is_not_found());
    assert_eq!(scene.bao.read(&at)["data"]["policy"], foreign);
    assert_eq!(role.policies(&scene), ["z"]);
    scene.bao.api().delete(&at);
}

/// Once the server has told what is mounted, a plan refuses what an apply would.
#[test]
fn what_cannot_be_granted_on_this_secret_is_refused_without_a_request() {
    let Some(scene) = Scene::kv2() else { return };
    let engine = scene.bao.fresh_engine("database");
    let login = name(&format!("{engine}/static-creds/orders"));
    let check = |name: &SecretName, access: &str| {
        let access = AccessSet::new([Access::parse(access).unwrap()]).unwrap();
        scene.store.check_grant(Some(name), &GrantSpec::new(Principal::parse("approle:app").unwrap(), access))
    };
    check(&name("prod/*"), "read").unwrap();
    wait(scene.store.prepare()).unwrap();
    let pattern = check(&name("prod/*"), "read").unwrap_err();
    assert!(
        matches!(&pattern, StoreError::Invalid(invalid) if invalid.reason.contains("pattern")),
        "{pattern}"
    );
    let written = check(&login, "write").unwrap_err();
    assert!(
        matches!(&written, StoreError::Unsupported { why, .. } if why.contains("grant `rotate`")),
        "{written}"
    );
    check(&login, "read").unwrap();
    check(&name("prod/db"), "write").unwrap();
    check(&name("later/static-creds/orders"), "read").unwrap();
}

#[test]
fn conditions_are_refused_with_the_reason() {
    let Some(scene) = Scene::kv2() else { return };
    let condition =
        Condition { operator: "StringEquals".to_owned(), key: "ip".to_owned(), values: Vec::new() };
    let spec = GrantSpec { conditions: vec![condition], ..read_by("approle:app") };
    let refused = scene.store.check_grant(None, &spec).unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unsupported { why, .. } if why.contains("bound_claims")),
        "{refused}"
    );
    assert!(!scene.store.capabilities().grant_conditions.is_yes());
}

#[test]
fn openbao_ends_a_grant_by_itself_and_it_stays_listed() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &[]);
    let db = name("prod/db");
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(4);
    let spec = GrantSpec { expires_at: Some(end), ..read_by(&role.principal) };
    let granted = wait(scene.store.grant(&db, spec)).unwrap();
    let token = role.login(&scene);
    scene.kv(&token, &["get"], &["prod/db"]).succeeds();
    while jiff::Timestamp::now() <= end {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    scene.kv(&token, &["get"], &["prod/db"]).exits_with(2).says("Code: 403");
    assert_eq!(wait(scene.store.grants(&db)).unwrap(), std::slice::from_ref(&granted));
    assert_eq!(wait(scene.store.revoke(&db, &granted.id)).unwrap().grant, granted);
}

#[test]
fn a_grant_that_somebody_took_off_its_role_is_not_there_and_can_be_made_again() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["z"]);
    let db = name("prod/db");
    let granted = wait(scene.store.grant(&db, read_by(&role.principal))).unwrap();
    scene.bao.write(&role.path, &json!({"token_policies": ["z"]}));
    assert_eq!(wait(scene.store.grants(&db)).unwrap(), []);
    assert_eq!(wait(scene.store.grant(&db, read_by(&role.principal))).unwrap(), granted);
    assert_eq!(wait(scene.store.grants(&db)).unwrap(), [granted]);
}

#[test]
fn a_grant_to_a_role_that_was_deleted_is_shown_and_revoked() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &[]);
    let db = name("prod/db");
    let granted = wait(scene.store.grant(&db, read_by(&role.principal))).unwrap();
    scene.bao.api().delete(&role.path);
    assert_eq!(wait(scene.store.grants(&db)).unwrap(), std::slice::from_ref(&granted));
    wait(scene.store.revoke(&db, &granted.id)).unwrap();
    assert_eq!(scene.grant_policies(), [""; 0]);
}

#[test]
fn an_end_in_the_past_is_refused() {
    let Some(scene) = Scene::kv2() else { return };
    let spec = GrantSpec { expires_at: Some(jiff::Timestamp::UNIX_EPOCH), ..read_by("approle:app") };
    let refused = wait(scene.store.grant(&name("prod/db"), spec)).unwrap_err();
    assert!(refused.to_string().starts_with("invalid expires_at: it is in the past"), "{refused}");
}

#[test]
fn a_purge_takes_the_grants_of_its_secret_and_no_others_away() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["z"]);
    for secret in ["prod/db", "prod/db-2"] {
        wait(scene.store.grant(&name(secret), read_by(&role.principal))).unwrap();
    }
    wait(scene.store.delete(&name("prod/db"), Deletion::Purge)).unwrap();
    let [left] = scene.grant_policies().try_into().unwrap();
    assert_eq!(role.policies(&scene), ["z", &left]);
    assert_eq!(wait(scene.store.grants(&name("prod/db-2"))).unwrap().len(), 1);
}

#[test]
fn a_renamed_entity_loses_its_grant_all_the_same() {
    let Some(scene) = Scene::kv2() else { return };
    let (before, after) = (fresh_name("before"), fresh_name("after"));
    scene.bao.write("identity/entity", &json!({"name": before, "policies": ["z"]}));
    let db = name("prod/db");
    let granted = wait(scene.store.grant(&db, read_by(&format!("entity:{before}")))).unwrap();
    let id = scene.bao.read(&format!("identity/entity/name/{before}"))["data"]["id"].clone();
    let path = format!("identity/entity/id/{}", id.as_str().unwrap());
    scene.bao.write(&path, &json!({ "name": after }));
    wait(scene.store.revoke(&db, &granted.id)).unwrap();
    assert_eq!(scene.list_at(&path, "policies"), ["z"]);
}
