//! Every kind of identity really logs in, and the real client reads as it: this secret, and nothing else.

use secret_store::{Store, StoreError};
use secretlint_tests::servers::fresh_name;
use secretlint_tests::servers::kubernetes::Cluster;
use secretlint_tests::servers::openbao::OpenBao;
use secretlint_tests::tokens::Issuer;
use serde_json::json;

use super::Role;
use crate::scene::{Scene, login, name, read_by, store_at, wait};

/// Grants, reads as `login` gives it, revokes; and what else is on the list at `path` stays, in its order.
fn check(scene: &Scene, principal: &str, (path, field): (&str, &str), login: impl Fn() -> String) {
    let db = name("prod/db");
    let others = scene.list_at(path, field);
    let refused = |token: &str, subcommand: &[&str], rest: &[&str]| {
        scene.kv(token, subcommand, rest).exits_with(2).says("Code: 403");
    };
    refused(&login(), &["get"], &["prod/db"]);

    let granted = wait(scene.store.grant(&db, read_by(principal))).unwrap();
    assert_eq!(granted.spec, read_by(principal));
    assert_eq!(wait(scene.store.grants(&db)).unwrap(), std::slice::from_ref(&granted));
    let token = login();
    assert_eq!(scene.kv(&token, &["get"], &["-field=x", "prod/db"]).succeeds().stdout, "an example");
    scene.kv(&token, &["metadata", "get"], &["prod/db"]).succeeds();
    refused(&token, &["get"], &["prod/other"]);
    refused(&token, &["get"], &["prod/db-2"]);
    refused(&token, &["list"], &["prod"]);
    refused(&token, &["put"], &["prod/db", "x=another"]);
    refused(&token, &["delete"], &["prod/db"]);

    let revocation = wait(scene.store.revoke(&db, &granted.id)).unwrap();
    assert_eq!(revocation.grant, granted);
    assert_eq!(revocation.exposed.len(), 1, "the version it could read");
    refused(&token, &["get"], &["prod/db"]);
    refused(&login(), &["get"], &["prod/db"]);
    assert_eq!(scene.list_at(path, field), others);
    assert_eq!(wait(scene.store.grants(&db)).unwrap(), []);
    assert!(wait(scene.store.revoke(&db, &granted.id)).unwrap_err().is_not_found());
    assert_eq!(scene.grant_policies(), [""; 0]);
}

#[test]
fn an_approle_reads_this_secret_and_nothing_else() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &["zebra", "apple"]);
    check(&scene, &role.principal, (&role.path, "token_policies"), || role.login(&scene));
}

#[test]
fn a_user_reads_this_secret_and_nothing_else() {
    let Some(scene) = Scene::kv2() else { return };
    let mount = scene.bao.fresh_auth_method("userpass");
    let path = format!("auth/{mount}/users/alice");
    scene.bao.write(&path, &json!({"password": "only an example", "token_policies": ["zebra", "apple"]}));
    check(&scene, &format!("userpass:{mount}/alice"), (&path, "token_policies"), || {
        let password = json!({"password": "only an example"});
        login(scene.bao, &format!("auth/{mount}/login/alice"), &password)
    });
}

/// A user and the id of the entity behind it.
fn person(scene: &Scene) -> (impl Fn() -> String, String, String) {
    let mount = scene.bao.fresh_auth_method("userpass");
    let body = json!({"password": "only an example"});
    scene.bao.write(&format!("auth/{mount}/users/alice"), &body);
    let entity = fresh_name("alice");
    let made = scene.bao.write("identity/entity", &json!({"name": entity, "policies": ["apple", "zebra"]}));
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    let accessor = scene.bao.read("sys/auth")["data"][format!("{mount}/")]["accessor"].clone();
    let alias = json!({"name": "alice", "canonical_id": id, "mount_accessor": accessor});
    scene.bao.write("identity/entity-alias", &alias);
    let bao = scene.bao;
    (move || login(bao, &format!("auth/{mount}/login/alice"), &body), entity, id)
}

#[test]
fn an_entity_reads_this_secret_and_nothing_else() {
    let Some(scene) = Scene::kv2() else { return };
    let (login, entity, id) = person(&scene);
    check(&scene, &format!("entity:{entity}"), (&format!("identity/entity/id/{id}"), "policies"), login);
}

#[test]
fn the_members_of_a_group_read_this_secret_and_nothing_else() {
    let Some(scene) = Scene::kv2() else { return };
    let (login, _, id) = person(&scene);
    let group = fresh_name("team");
    let body = json!({"name": group, "policies": ["apple", "zebra"], "member_entity_ids": [id]});
    let made = scene.bao.write("identity/group", &body);
    let path = format!("identity/group/id/{}", made["data"]["id"].as_str().unwrap());
    check(&scene, &format!("group:{group}"), (&path, "policies"), login);
    assert_eq!(scene.list_at(&path, "member_entity_ids"), [id]);
}

#[test]
fn a_ci_job_reads_this_secret_and_nothing_else() {
    let Some(scene) = Scene::kv2() else { return };
    let mount = scene.bao.fresh_auth_method("jwt");
    let issuer = Issuer::create();
    let keys = json!({"jwt_validation_pubkeys": [issuer.public_key_pem()]});
    scene.bao.write(&format!("auth/{mount}/config"), &keys);
    let path = format!("auth/{mount}/role/ci");
    scene.bao.write(
        &path,
        &json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["bao"], "token_policies": ["zebra", "apple"],
            "bound_claims_type": "glob", "bound_claims": {"sub": "repo:example/*"}, "callback_mode": "direct"}),
    );
    let before = scene.bao.read(&path)["data"].clone();
    let token = issuer.token(&json!({"sub": "repo:example/orders", "aud": "bao"}));
    check(&scene, &format!("jwt:{mount}/ci"), (&path, "token_policies"), || {
        login(scene.bao, &format!("auth/{mount}/login"), &json!({"role": "ci", "jwt": token}))
    });
    // A write that leaves these out has the server set them back, and `repo:example/*` would mean a star.
    assert_eq!(scene.bao.read(&path)["data"], before);
}

#[test]
fn a_service_account_reads_this_secret_and_nothing_else() {
    let Some(scene) = Scene::kv2() else { return };
    let cluster = Cluster::with_service_account("prod", "orders");
    let mount = scene.bao.fresh_auth_method("kubernetes");
    scene.bao.write(&format!("auth/{mount}/config"), &cluster.method_configuration());
    let wide = json!({"bound_service_account_names": ["*"], "bound_service_account_namespaces": ["prod"]});
    scene.bao.write(&format!("auth/{mount}/role/wide"), &wide);
    let path = format!("auth/{mount}/role/app");
    scene.bao.write(
        &path,
        &json!({"bound_service_account_names": ["orders"], "bound_service_account_namespaces": ["prod"],
            "token_policies": ["zebra", "apple"]}),
    );
    check(&scene, &format!("kubernetes:{mount}/prod/orders"), (&path, "token_policies"), || {
        let body = json!({"role": "app", "jwt": cluster.token()});
        login(scene.bao, &format!("auth/{mount}/login"), &body)
    });
}

#[test]
fn a_role_of_certificates_gets_the_policy_and_keeps_the_rest() {
    let Some(scene) = Scene::kv2() else { return };
    let mount = scene.bao.fresh_auth_method("cert");
    let folder = tempfile::tempdir().unwrap();
    let authority = secretlint_tests::certificates::Authority::create(folder.path()).file();
    let path = format!("auth/{mount}/certs/web");
    let certificate = std::fs::read_to_string(authority).unwrap();
    let role = json!({"certificate": certificate, "token_policies": ["z"], "allowed_common_names": ["web"]});
    scene.bao.write(&path, &role);
    let before = scene.bao.read(&path)["data"].clone();
    let granted = wait(scene.store.grant(&name("prod/db"), read_by(&format!("cert:{mount}/web")))).unwrap();
    assert_eq!(scene.list_at(&path, "token_policies").len(), 2);
    wait(scene.store.revoke(&name("prod/db"), &granted.id)).unwrap();
    assert_eq!(scene.bao.read(&path)["data"], before);
}

#[test]
fn who_does_not_exist_is_told_with_what_is_like_it_and_how_to_make_it() {
    let Some(scene) = Scene::kv2() else { return };
    let role = Role::create(&scene, &[]);
    let users = scene.bao.fresh_auth_method("userpass");
    let cluster = scene.bao.fresh_auth_method("kubernetes");
    let wide = json!({"bound_service_account_names": ["orders"], "bound_service_account_namespaces": ["prod", "dev"]});
    scene.bao.write(&format!("auth/{cluster}/role/wide"), &wide);
    let group = fresh_name("team-orders");
    scene.bao.write("identity/group", &json!({ "name": group }));
    let mount = &role.mount;
    for (principal, expected) in [
        (
            format!("approle:{mount}/apq"),
            format!(
                "no role `apq` at `auth/{mount}`; perhaps `app` is meant; make it with `bao write auth/{mount}/role/apq …`"
            ),
        ),
        (
            format!("userpass:{users}/bob"),
            format!(
                "no user `bob` at `auth/{users}`; make it with `bao write auth/{users}/users/bob password=…`"
            ),
        ),
        // Another test may have made a group that is like it too.
        (format!("group:{group}s"), format!("perhaps `{group}`")),
        (
            "entity:nobody-like-this".to_owned(),
            "make it with `bao write identity/entity name=nobody-like-this`".to_owned(),
        ),
        (format!("kubernetes:{cluster}/prod/orders"), "the roles `wide` at".to_owned()),
        (
            format!("kubernetes:{cluster}/test/orders"),
            "bound_service_account_names=orders bound_service_account_namespaces=test".to_owned(),
        ),
        (format!("userpass:{mount}/bob"), format!("`auth/{mount}` is of type `approle`, not `userpass`")),
        ("approle:nowhere/app".to_owned(), "is mounted at `auth/nowhere`, but at".to_owned()),
    ] {
        let error = wait(scene.store.grant(&name("prod/db"), read_by(&principal))).unwrap_err().to_string();
        assert!(error.starts_with("invalid principal") && error.contains(&expected), "{principal}: {error}");
    }
    assert_eq!(scene.grant_policies(), [""; 0]);
}

#[test]
fn without_a_mount_it_is_the_usual_one_or_the_only_one() {
    let Some(bao) = OpenBao::dev() else { return };
    let store = store_at(bao.address(), "secret");
    bao.write("secret/data/db", &json!({"data": {"x": "an example"}}));
    let bound = |principal: &str| {
        let granted = wait(store.grant(&name("db"), read_by(principal)))?;
        Ok::<_, StoreError>(wait(store.revoke(&name("db"), &granted.id))?.grant.spec.principal.to_string())
    };
    let enable =
        |mount: &str, method: &str| bao.write(&format!("sys/auth/{mount}"), &json!({"type": method}));
    let refused = bound("approle:app").unwrap_err().to_string();
    assert!(
        refused
            .contains("no auth method of type `approle` is mounted; mount it with `bao auth enable approle`"),
        "{refused}"
    );
    enable("team/approle", "approle");
    bao.write("auth/team/approle/role/app", &json!({}));
    bound("approle:app").unwrap();
    enable("other", "approle");
    let refused = bound("approle:app").unwrap_err().to_string();
    assert!(refused.contains("but at `other`, `team/approle`; write such as `approle:other/…`"), "{refused}");
    enable("approle", "approle");
    bao.write("auth/approle/role/app", &json!({}));
    bound("approle:app").unwrap();

    enable("cluster", "kubernetes");
    let role =
        json!({"bound_service_account_names": ["orders"], "bound_service_account_namespaces": ["prod"]});
    bao.write("auth/cluster/role/one", &role);
    bao.write("auth/cluster/role/two", &role);
    let granted = wait(store.grant(&name("db"), read_by("kubernetes:prod/orders"))).unwrap();
    // It may log in by either.
    for role in ["one", "two"] {
        let policies = bao.read(&format!("auth/cluster/role/{role}"))["data"]["token_policies"].clone();
        assert_eq!(policies.as_array().unwrap().len(), 1, "{role}: {policies}");
    }
    wait(store.revoke(&name("db"), &granted.id)).unwrap();
    assert_eq!(bao.read("auth/cluster/role/two")["data"]["token_policies"], json!([]));
}
