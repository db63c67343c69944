//! Cut off anywhere, a grant or a revoke leaves no access without its note, and the same call made again finishes it. Writers of
//! the same list do not lose each other's entries.

use std::collections::BTreeSet;

use secret_store::{GrantSpec, Store};
use secretlint_tests::proxy::{Proxy, When};
use serde_json::json;

use super::Role;
use crate::scene::{Scene, name, read_by, store_at, wait};

/// Changes on the server are what matters: reading is cut off nowhere.
const CHANGES: &str = "^(POST|PUT|DELETE) /v1/(sys/policies|auth/approle|identity)";

/// Asserts that whatever is on the role's list has its note.
fn assert_every_access_has_its_note(scene: &Scene, role: &Role) {
    let notes: BTreeSet<_> = scene.grant_policies().into_iter().collect();
    for policy in role.policies(scene).into_iter().filter(|policy| policy.starts_with("secretlint-")) {
        assert!(notes.contains(&policy), "{policy} has no note");
    }
}

#[test]
fn a_grant_that_is_cut_off_anywhere_is_finished_by_the_same_call() {
    let Some(scene) = Scene::kv2() else { return };
    let db = name("prod/db");
    for done in 0..2 {
        let role = Role::create(&scene, &["z"]);
        let proxy = Proxy::to(scene.bao.address());
        let store = store_at(proxy.address(), &scene.mount);
        // An answer that is not tried again stands for the end of the process.
        proxy.add(When::request(CHANGES).after(done).answers(403, json!({"errors": []})));
        wait(store.grant(&db, read_by(&role.principal))).unwrap_err();
        assert_every_access_has_its_note(&scene, &role);
        assert_eq!(scene.grant_policies().len(), done);
        let granted = wait(scene.store.grant(&db, read_by(&role.principal))).unwrap();
        assert_eq!(wait(scene.store.grants(&db)).unwrap(), std::slice::from_ref(&granted));
        assert_eq!(role.policies(&scene), ["z", &scene.grant_policies()[0]]);

        proxy.behave();
        proxy.add(When::request(CHANGES).after(done).answers(403, json!({"errors": []})));
        wait(store.revoke(&db, &granted.id)).unwrap_err();
        assert_every_access_has_its_note(&scene, &role);
        wait(scene.store.revoke(&db, &granted.id)).unwrap();
        assert_eq!(role.policies(&scene), ["z"]);
        assert_eq!(scene.grant_policies(), [""; 0]);
    }
}

#[test]
fn an_answer_that_was_lost_does_not_matter() {
    let Some(scene) = Scene::kv2() else { return };
    let db = name("prod/db");
    let role = Role::create(&scene, &["z"]);
    let proxy = Proxy::to(scene.bao.address());
    let store = store_at(proxy.address(), &scene.mount);
    for path in ["^(POST|PUT) /v1/sys/policies", "^(POST|PUT) /v1/auth/approle"] {
        proxy.add(When::request(path).times(1).loses_the_answer());
    }
    let granted = wait(store.grant(&db, read_by(&role.principal))).unwrap();
    assert_eq!(wait(store.grants(&db)).unwrap(), std::slice::from_ref(&granted));
    assert_eq!(role.policies(&scene).len(), 2);
    proxy.behave();
    proxy.add(When::request("^DELETE /v1/sys/policies").times(1).loses_the_answer());
    proxy.add(When::request("^(POST|PUT) /v1/auth/approle").times(1).loses_the_answer());
    wait(store.revoke(&db, &granted.id)).unwrap();
    assert_eq!(role.policies(&scene), ["z"]);
    assert_eq!(scene.grant_policies(), [""; 0]);
}

#[test]
fn grants_to_one_role_at_once_from_several_processes_are_all_there() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["z"]);
    let names: Vec<_> = (0..12).map(|number| name(&format!("prod/{number}"))).collect();
    names.iter().for_each(|name| scene.put(name.as_str()));
    // Two stores know nothing of each other, as two processes do not.
    let stores = [scene.another_store(), scene.another_store()];
    let granted = wait(futures::future::join_all(
        names.iter().enumerate().map(|(index, name)| stores[index % 2].grant(name, read_by(&role.principal))),
    ));
    let granted: Vec<_> = granted.into_iter().map(Result::unwrap).collect();
    let expected: BTreeSet<_> = scene.grant_policies().into_iter().collect();
    let policies = role.policies(&scene);
    assert_eq!(policies[0], "z");
    assert_eq!(policies[1..].iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(expected.len(), 12);

    let pairs = names.iter().zip(&granted).enumerate();
    let revoked = wait(futures::future::join_all(
        pairs.map(|(index, (name, grant))| stores[index % 2].revoke(name, &grant.id)),
    ));
    assert!(revoked.iter().all(Result::is_ok), "{revoked:?}");
    assert_eq!(role.policies(&scene), ["z"]);
    assert_eq!(scene.grant_policies(), [""; 0]);
}

/// Another process read the list before our write, and writes its own after it: at once, or while we look again.
#[test]
fn a_list_that_somebody_wrote_over_ours_gets_ours_again() {
    let Some(scene) = Scene::kv2() else { return };
    for (request, after) in [("^(POST|PUT) /v1/auth/approle", 0), ("^GET /v1/auth/approle", 2)] {
        let role = Role::create(&scene, &["z"]);
        let proxy = Proxy::to(scene.bao.address());
        let store = store_at(proxy.address(), &scene.mount);
        let (bao, path) = (scene.bao, role.path.clone());
        let stale = json!({"token_policies": ["z", "theirs"]});
        proxy.add(When::request(request).after(after).times(1).calls(move || {
            bao.write(&path, &stale);
        }));
        let granted = wait(store.grant(&name("prod/db"), read_by(&role.principal))).unwrap();
        assert_eq!(role.policies(&scene), ["z", "theirs", &scene.grant_policies()[0]], "{request}");
        wait(store.revoke(&name("prod/db"), &granted.id)).unwrap();
        assert_eq!(role.policies(&scene), ["z", "theirs"]);
    }
}

/// Vault has no `expiration` in policies and refuses it with these words.
#[test]
fn where_policies_have_no_end_the_end_is_in_the_note_only() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &[]);
    let proxy = Proxy::to(scene.bao.address());
    let refusal = "failed to parse policy: path \"a\": invalid key \"expiration\" on line 6";
    let policies = "^(POST|PUT) /v1/sys/policies";
    proxy.add(When::request(policies).times(1).answers(400, json!({"errors": [refusal]})));
    let store = store_at(proxy.address(), &scene.mount);
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let spec = GrantSpec { expires_at: Some(end), ..read_by(&role.principal) };
    let granted = wait(store.grant(&name("prod/db"), spec.clone())).unwrap();
    assert_eq!(granted.spec, spec);
    let [policy] = scene.grant_policies().try_into().unwrap();
    let text = scene.bao.read(&format!("sys/policies/acl/{policy}"))["data"]["policy"].clone();
    assert!(!text.as_str().unwrap().contains("expiration ="), "{text}");
    proxy.forget();
    assert_eq!(wait(store.grant(&name("prod/db"), spec)).unwrap(), granted);
    assert_eq!(proxy.count(policies), 0, "what is there is as wanted");
}

#[test]
fn a_missing_right_is_named_with_its_path() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["z"]);
    let proxy = Proxy::to(scene.bao.address());
    proxy.add(When::request("^GET /v1/sys/policies").answers(403, json!({"errors": []})));
    let store = store_at(proxy.address(), &scene.mount);
    let error = wait(store.grants(&name("prod/db"))).unwrap_err().to_string();
    assert!(error.contains("not allowed to change the grants of secret `prod/db`"), "{error}");
    assert!(error.contains("path \"sys/policies/acl\" { capabilities = [\"list\"] }"), "{error}");
    assert_eq!(role.policies(&scene), ["z"]);
}

/// Figures for the documentation: how many requests a call needs, beside those of describing the secret.
#[test]
fn a_call_needs_few_requests() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["z"]);
    let proxy = Proxy::to(scene.bao.address());
    let store = store_at(proxy.address(), &scene.mount);
    let db = name("prod/db");
    wait(store.describe(&db)).unwrap();
    let requests = |expected: usize, what: &str| {
        let describing = proxy.count("/metadata/prod/db$");
        let seen = proxy.requests();
        proxy.forget();
        assert_eq!(seen.len() - describing, expected, "{what}: {seen:#?}");
    };
    proxy.forget();
    let granted = wait(store.grant(&db, read_by(&role.principal))).unwrap();
    requests(7, "granting");
    wait(store.grant(&db, read_by(&role.principal))).unwrap();
    requests(3, "granting again");
    wait(store.grants(&db)).unwrap();
    requests(3, "listing one grant");
    wait(store.revoke(&db, &granted.id)).unwrap();
    requests(6, "revoking");
}
