//! Who can use a secret, as the store tells it.

use secret_store::{Access, Accessor, Store};
use secretlint_tests::servers::fresh_name;
use serde_json::json;

use crate::scene::{Scene, name, read_by, wait};

/// The lines about these policies: `principal: access (capabilities) through policy`.
fn lines(accessors: &[Accessor], policies: &[&str]) -> Vec<String> {
    let is_about = |through: &str| policies.iter().any(|policy| through.starts_with(policy));
    let about = accessors.iter().filter(|accessor| accessor.through.as_deref().is_some_and(is_about));
    let line = |accessor: &Accessor| {
        let access: Vec<_> = accessor.access.iter().map(|access| access.as_str()).collect();
        let capabilities: Vec<_> = accessor.capabilities.iter().map(String::as_str).collect();
        let through = accessor.through.as_deref().unwrap_or_default();
        format!("{}: {} ({}) through {through}", accessor.principal, access.join(" "), capabilities.join(" "))
    };
    about.map(line).collect()
}

#[test]
fn everyone_who_holds_a_policy_on_the_secret_is_named() {
    let Some(scene) = Scene::kv2() else { return };
    let bao = scene.bao;
    let mount = &scene.mount;
    let policy = |path: &str, capabilities: &str| {
        bao.fresh_policy(&format!("path \"{mount}/{path}\" {{ capabilities = [{capabilities}] }}"))
    };
    let reads = policy("data/prod/*", "\"read\"");
    let describes = policy("metadata/+/db", "\"read\", \"list\"");
    let denies = policy("data/prod/db", "\"deny\"");
    let elsewhere = policy("data/dev/*", "\"read\"");
    let lists = policy("metadata/prod/", "\"list\"");
    let alone = bao.fresh_policy(
        &json!({"path": {format!("{mount}/destroy/*"): {"capabilities": ["update"]}}}).to_string(),
    );

    let approle = bao.fresh_auth_method("approle");
    let role = |name: &str, policies: &[&str]| {
        bao.write(&format!("auth/{approle}/role/{name}"), &json!({ "token_policies": policies }));
    };
    role("reader", &[&reads, &describes, &lists]);
    role("denied", &[&reads, &denies]);
    role("elsewhere", &[&elsewhere]);
    let users = bao.fresh_auth_method("userpass");
    bao.write(
        &format!("auth/{users}/users/alice"),
        &json!({"password": "example", "token_policies": [reads]}),
    );
    let cluster = bao.fresh_auth_method("kubernetes");
    let bound = json!({"bound_service_account_names": ["orders"], "bound_service_account_namespaces": ["prod"], "token_policies": [describes]});
    bao.write(&format!("auth/{cluster}/role/app"), &bound);
    let (entity, group) = (fresh_name("entity"), fresh_name("group"));
    let made = bao.write("identity/entity", &json!({"name": entity, "policies": [describes]}));
    let members = json!({"name": group, "policies": [reads], "member_entity_ids": [made["data"]["id"]]});
    bao.write("identity/group", &members);

    let accessors = wait(scene.store.access(&name("prod/db"))).unwrap().accessors;
    let mut expected = vec![
        format!("approle:{approle}/reader: describe (metadata:read) through {describes}"),
        format!("approle:{approle}/reader: read (read) through {reads}"),
        format!("entity:{entity}: describe (metadata:read) through {describes}"),
        format!("entity:{entity}: read (read) through {reads} (group:{group})"),
        format!("group:{group}: read (read) through {reads}"),
        format!("kubernetes:{cluster}/prod/orders: describe (metadata:read) through {describes}"),
        format!("tokens with policy `{alone}`:  (destroy:update) through {alone}"),
        format!("userpass:{users}/alice: read (read) through {reads}"),
    ];
    expected.sort();
    let mut found = lines(&accessors, &[&reads, &describes, &denies, &elsewhere, &lists, &alone]);
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(
        lines(&accessors, &["root"]),
        ["tokens with policy `root`: read write rotate describe (root) through root"]
    );
}

#[test]
fn a_grant_of_ours_is_told_with_its_id_and_end() {
    let Some(scene) = Scene::kv2() else { return };
    let approle = scene.bao.fresh_auth_method("approle");
    scene.bao.write(&format!("auth/{approle}/role/app"), &json!({}));
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let principal = format!("approle:{approle}/app");
    let spec = secret_store::GrantSpec { expires_at: Some(end), ..read_by(&principal) };
    let granted = wait(scene.store.grant(&name("prod/db"), spec)).unwrap();
    let accessors = wait(scene.store.access(&name("prod/db"))).unwrap().accessors;
    let [line] =
        accessors.iter().filter(|accessor| accessor.grant.is_some()).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(
        (line.principal.as_str(), line.grant, line.expires_at),
        (principal.as_str(), Some(granted.id), Some(end))
    );
    assert_eq!(line.access, [Access::Read, Access::Describe].into());
}

#[test]
fn what_cannot_be_judged_is_told() {
    let Some(scene) = Scene::kv2() else { return };
    let template = scene.bao.fresh_policy(&format!(
        "path \"{}/data/{{{{identity.entity.name}}}}/db\" {{ capabilities = [\"read\"] }}",
        scene.mount
    ));
    // A quoted name: the server's HCL takes it, newer HCL does not.
    let quoted = scene.bao.fresh_policy("path \"a\" { \"capabilities\" = [\"read\"] }");
    let accessors = wait(scene.store.access(&name("prod/db"))).unwrap().accessors;
    let unknown = |policy: &str| {
        let about = accessors.iter().filter(|accessor| accessor.through.as_deref() == Some(policy));
        about.map(|accessor| accessor.principal.clone()).collect::<Vec<_>>()
    };
    let [said] = unknown(&template).try_into().unwrap();
    assert!(said.starts_with(&format!("unknown: policy `{template}` has a path with a template")), "{said}");
    let [said] = unknown(&quoted).try_into().unwrap();
    assert!(said.starts_with(&format!("unknown: policy `{quoted}` does not parse")), "{said}");
}

#[test]
fn a_missing_secret_is_not_found() {
    let Some(scene) = Scene::kv2() else { return };
    assert!(wait(scene.store.access(&name("prod/none"))).unwrap_err().is_not_found());
}
