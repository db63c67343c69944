//! Who the store is on the server: the ways to log in, its own short-lived token, and what happens when that ends.
//!
//! Each of them is seen by what it allows: a certificate is issued on loan, by a policy made for the test.

use std::path::Path;
use std::time::Duration;

use futures::future::join_all;
use secret_store::vault::{AuthMethod, JwtSource, VaultConfig, VaultStore};
use secret_store::{Invalid, Store, StoreError};
use secretlint_tests::certificates::Authority;
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::kubernetes::Cluster;
use secretlint_tests::servers::openbao::OpenBao;
use secretlint_tests::tokens::Issuer;
use serde_json::json;

use super::support::{Certificates, secret, store, store_by, tokens_with, told};

const MAKES_TOKENS: &str = "path \"auth/token/create\" { capabilities = [\"update\"] }";

/// A role with this policy, and how to log in with it.
fn approle(bao: &OpenBao, policy: &str, ttl: &str) -> AuthMethod {
    let mount = bao.fresh_auth_method("approle");
    bao.write(
        &format!("auth/{mount}/role/r"),
        &json!({"token_policies": [policy], "token_ttl": ttl, "token_max_ttl": "1h"}),
    );
    let role = bao.read(&format!("auth/{mount}/role/r/role-id"));
    let made = bao.write(&format!("auth/{mount}/role/r/secret-id"), &json!({}));
    AuthMethod::AppRole {
        mount,
        role_id: role["data"]["role_id"].as_str().unwrap().to_owned(),
        secret_id: Some(secret(made["data"]["secret_id"].as_str().unwrap())),
    }
}

#[track_caller]
fn invalid(result: Result<impl std::fmt::Debug, StoreError>, field: &str, text: &str) {
    match result {
        Err(StoreError::Invalid(Invalid { field: found, reason })) if found == field => {
            assert!(reason.contains(text), "{field}: {reason}");
        }
        other => panic!("expected a wrong `{field}`: {other:?}"),
    }
}

#[tokio::test]
async fn a_store_that_is_asked_nothing_sends_nothing() {
    let Some(bao) = OpenBao::shared() else { return };
    let proxy = Proxy::to(bao.address());
    let store = store(proxy.address(), "s.nosuchtoken");
    store.close().await;
    assert_eq!(proxy.requests(), []);
}

#[tokio::test]
async fn calls_at_the_same_time_log_in_once() {
    let Some(bao) = OpenBao::shared() else { return };
    let (proxy, pki) = (Proxy::to(bao.address()), Certificates::on(bao));
    let store = store_by(proxy.address(), approle(bao, &pki.policy, "20m"));
    for leased in join_all((0..10).map(|_| pki.issue(&store))).await {
        leased.unwrap();
    }
    assert_eq!(proxy.count("/login$"), 1);
    assert_eq!(proxy.requests().len(), 11, "one login, and one request for each call");
    store.close().await;
    assert_eq!(proxy.count("revoke-self"), 1);
}

#[tokio::test]
async fn a_given_token_works_by_a_short_lived_child_that_is_gone_after_close() {
    let Some(bao) = OpenBao::shared() else { return };
    let pki = Certificates::on(bao);
    let given = bao.fresh_token(&[&pki.policy, &bao.fresh_policy(MAKES_TOKENS)]);
    let store = store(bao.address(), &given);
    let leased = pki.issue(&store).await.unwrap();
    let tokens = tokens_with(bao, &pki.policy);
    let child = tokens.iter().find(|token| token["meta"]["made_by"] == "terraform-provider-secret");
    let child = child.expect("a child was made");
    assert_eq!((&child["creation_ttl"], &child["orphan"]), (&json!(1200), &json!(false)));
    assert_eq!(tokens.len(), 2, "the given one and the child");
    store.close().await;
    let gone =
        bao.request("PUT", "auth/token/lookup-accessor", Some(&json!({"accessor": child["accessor"]})));
    assert_ne!(gone.status, 200, "the child is gone");
    assert_eq!(tokens_with(bao, &pki.policy).len(), 1, "the given one stays");
    let lookup = bao.request("PUT", "sys/leases/lookup", Some(&json!({"lease_id": leased.id.0})));
    assert_eq!(lookup.status, 400, "its leases ended with it: {}", lookup.json);
}

#[tokio::test]
async fn a_token_that_may_have_no_child_is_used_itself_and_stays() {
    let Some(bao) = OpenBao::shared() else { return };
    let pki = Certificates::on(bao);
    let make = |body: serde_json::Value| {
        bao.write("auth/token/create", &body)["auth"]["client_token"].as_str().unwrap().to_owned()
    };
    let makes_tokens = bao.fresh_policy(MAKES_TOKENS);
    let policies = json!([pki.policy, makes_tokens]);
    for given in [
        bao.fresh_token(&[&pki.policy]),
        make(json!({"policies": policies, "type": "batch", "ttl": "1h"})),
        make(json!({"policies": policies, "num_uses": 20, "ttl": "1h"})),
    ] {
        let store = store(bao.address(), &given);
        let leased = pki.issue(&store).await;
        // A batch token has no leases of its own with it, and the server says so.
        assert!(leased.is_ok(), "{leased:?}");
        store.close().await;
        assert_eq!(bao.api().with_token(&given).request("GET", "auth/token/lookup-self", None).status, 200);
    }
}

/// Logs in, is allowed what the policy allows, and leaves no token behind.
async fn check_login(bao: &OpenBao, pki: &Certificates, auth: AuthMethod) {
    let kind = auth.kind();
    let store = store_by(bao.address(), auth);
    pki.issue(&store).await.unwrap_or_else(|error| panic!("{kind}: {}", told(&error)));
    assert_eq!(tokens_with(bao, &pki.policy).len(), 1, "{kind}: its own token and no other");
    store.close().await;
    assert_eq!(tokens_with(bao, &pki.policy).len(), 0, "{kind}: the token is revoked");
}

#[tokio::test]
async fn approle_userpass_and_jwt_log_in() {
    let Some(bao) = OpenBao::shared() else { return };
    let pki = Certificates::on(bao);
    check_login(bao, &pki, approle(bao, &pki.policy, "20m")).await;

    let mount = bao.fresh_auth_method("userpass");
    bao.write(
        &format!("auth/{mount}/users/jo.doe"),
        &json!({"password": "pässword \"1\"", "token_policies": [pki.policy]}),
    );
    let password = secret("pässword \"1\"");
    check_login(bao, &pki, AuthMethod::Userpass { mount, username: "jo.doe".to_owned(), password }).await;

    let (mount, issuer) = (bao.fresh_auth_method("jwt"), Issuer::create());
    bao.write(
        &format!("auth/{mount}/config"),
        &json!({"jwt_validation_pubkeys": [issuer.public_key_pem()], "default_role": "ci"}),
    );
    bao.write(
        &format!("auth/{mount}/role/ci"),
        &json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["bao"], "token_policies": [pki.policy]}),
    );
    let token = issuer.token(&json!({"sub": "project:main", "aud": "bao"}));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwt");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let role = Some("ci".to_owned());
    for (role, source) in [(role, JwtSource::Token(secret(&token))), (None, JwtSource::File(file))] {
        check_login(bao, &pki, AuthMethod::Jwt { mount: mount.clone(), role, source }).await;
    }
    // As a CI job has it: in a variable that GitLab's documentation names.
    let config = VaultConfig {
        address: Some(bao.address().to_owned()),
        auth: Some(AuthMethod::Jwt { mount, role: None, source: JwtSource::Ci }),
        ..VaultConfig::default()
    };
    let environment = |name: &str| (name == "VAULT_ID_TOKEN").then(|| token.clone());
    pki.issue(&VaultStore::open_in(config.clone(), &environment).unwrap()).await.unwrap();
    // As a job of GitHub Actions gets it, from a listener that answers as GitHub documents it.
    let github = Proxy::to("http://127.0.0.1:1");
    github.add(When::request("^GET /token$").answers(200, json!({"value": token, "count": 1})));
    let environment = |name: &str| match name {
        "ACTIONS_ID_TOKEN_REQUEST_URL" => Some(format!("{}/token?api-version=2", github.address())),
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN" => Some("bearer".to_owned()),
        _ => None,
    };
    pki.issue(&VaultStore::open_in(config.clone(), &environment).unwrap()).await.unwrap();
    github.behave();
    github.add(When::request("").answers(403, json!({})));
    let refused = pki.issue(&VaultStore::open_in(config, &environment).unwrap()).await;
    invalid(refused, "auth.token", "403");
}

/// The method asks a double of the cluster whose token it is: what a real cluster would answer is not exercised.
#[tokio::test]
async fn a_pod_logs_in_with_the_token_that_is_mounted_into_it() {
    let Some(bao) = OpenBao::shared() else { return };
    let (pki, cluster) = (Certificates::on(bao), Cluster::with_service_account("apps", "terraform"));
    let mount = bao.fresh_auth_method("kubernetes");
    bao.write(&format!("auth/{mount}/config"), &cluster.method_configuration());
    bao.write(
        &format!("auth/{mount}/role/terraform"),
        &json!({
            "bound_service_account_names": ["terraform"], "bound_service_account_namespaces": ["apps"],
            "token_policies": [pki.policy],
        }),
    );
    let folder = tempfile::tempdir().unwrap();
    let token_path = folder.path().join("token");
    let auth = AuthMethod::Kubernetes { mount, role: "terraform".to_owned(), token_path: token_path.clone() };
    invalid(pki.issue(&store_by(bao.address(), auth.clone())).await, "auth.token_path", "cannot be read");
    std::fs::write(&token_path, cluster.token()).unwrap();
    check_login(bao, &pki, auth).await;
}

#[tokio::test]
async fn a_refused_login_says_so_once_and_is_not_tried_by_every_call() {
    let Some(bao) = OpenBao::shared() else { return };
    let (proxy, pki) = (Proxy::to(bao.address()), Certificates::on(bao));
    let AuthMethod::AppRole { mount, role_id, .. } = approle(bao, &pki.policy, "20m") else { panic!() };
    let wrong = |mount: &str| AuthMethod::AppRole {
        mount: mount.to_owned(),
        role_id: role_id.clone(),
        secret_id: Some(secret("sentinel-of-a-login")),
    };
    let store = store_by(proxy.address(), wrong(&mount));
    for refused in join_all((0..5).map(|_| pki.issue(&store))).await {
        assert!(!told(refused.as_ref().unwrap_err()).contains("sentinel"));
        invalid(refused, "auth", "login by approle at");
    }
    assert_eq!(proxy.count("/login$"), 1);
    invalid(pki.issue(&store_by(bao.address(), wrong("nowhere"))).await, "auth", "auth/nowhere/login");
}

#[tokio::test]
async fn a_token_that_has_ended_is_told_from_a_missing_capability() {
    let Some(bao) = OpenBao::shared() else { return };
    let pki = Certificates::on(bao);
    let ended = pki.issue(&store(bao.address(), "s.nosuchtoken")).await.unwrap_err();
    assert!(told(&ended).contains("the token has ended"), "{}", told(&ended));

    let powerless = store(bao.address(), &bao.fresh_token(&["default"]));
    let lacking = told(&pki.issue(&powerless).await.unwrap_err());
    assert!(
        lacking.contains(&format!("{}/issue/any", pki.mount)) && lacking.contains("capabilities"),
        "{lacking}"
    );
    assert!(!lacking.contains("has ended"), "{lacking}");

    let makes_tokens = bao.fresh_policy(MAKES_TOKENS);
    for policies in [vec![pki.policy.as_str()], vec![pki.policy.as_str(), makes_tokens.as_str()]] {
        let given = bao.fresh_token(&policies);
        let store = store(bao.address(), &given);
        pki.issue(&store).await.unwrap();
        bao.write("auth/token/revoke", &json!({ "token": given }));
        let ended = told(&pki.issue(&store).await.unwrap_err());
        assert!(ended.contains("the token has ended") && !ended.contains(&given), "{ended}");
    }
}

#[tokio::test]
async fn where_there_is_a_way_to_another_token_the_call_goes_on() {
    let Some(bao) = OpenBao::shared() else { return };
    let pki = Certificates::on(bao);
    let given = bao.fresh_token(&[&pki.policy, &bao.fresh_policy(MAKES_TOKENS)]);
    let by_token = store(bao.address(), &given);
    let by_role = store_by(bao.address(), approle(bao, &pki.policy, "20m"));
    for store in [&by_token, &by_role] {
        pki.issue(store).await.unwrap();
        let before = tokens_with(bao, &pki.policy);
        let own =
            before.iter().filter(|token| token["path"] != "auth/token/create" || !token["meta"].is_null());
        for token in own {
            bao.write("auth/token/revoke-accessor", &json!({"accessor": token["accessor"]}));
        }
        pki.issue(store).await.unwrap();
        store.close().await;
    }
}

#[tokio::test]
async fn the_token_is_renewed_while_the_process_works() {
    let Some(bao) = OpenBao::shared() else { return };
    let (proxy, pki) = (Proxy::to(bao.address()), Certificates::on(bao));
    let store = store_by(proxy.address(), approle(bao, &pki.policy, "3s"));
    pki.issue(&store).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    pki.issue(&store).await.unwrap();
    assert!(proxy.count("renew-self") >= 2, "{:?}", proxy.requests());
    assert_eq!(proxy.count("/login$"), 1);
    store.close().await;
    proxy.forget();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(proxy.requests(), [], "nothing is renewed after the end");
}

#[tokio::test]
async fn a_lost_answer_to_a_login_is_asked_for_again() {
    let Some(bao) = OpenBao::shared() else { return };
    let (proxy, pki) = (Proxy::to(bao.address()), Certificates::on(bao));
    proxy.add(When::request("/login$").times(1).loses_the_answer());
    pki.issue(&store_by(proxy.address(), approle(bao, &pki.policy, "20m"))).await.unwrap();
    assert_eq!(proxy.count("/login$"), 2);
}

#[tokio::test]
async fn a_namespace_that_does_not_exist_is_told() {
    let Some(bao) = OpenBao::shared() else { return };
    let pki = Certificates::on(bao);
    let config = VaultConfig {
        namespace: Some("ghost/team".to_owned()),
        ..VaultConfig::new(bao.address(), secret(bao.token()))
    };
    invalid(pki.issue(&VaultStore::open(config).unwrap()).await, "namespace", "does not exist on the server");
}

/// A child made *in* the namespace would have only `default`: the policies of these names there.
#[tokio::test]
async fn a_token_of_the_root_keeps_its_rights_in_a_namespace() {
    let Some(bao) = OpenBao::shared() else { return };
    bao.request("PUT", "sys/namespaces/team-of-auth", Some(&json!({}))).succeeds();
    let team = bao.api().in_namespace("team-of-auth");
    team.write("sys/mounts/pki", &json!({"type": "pki"}));
    team.write("pki/root/generate/internal", &json!({"common_name": "authority", "key_type": "ec"}));
    team.write(
        "pki/roles/any",
        &json!({"allow_any_name": true, "generate_lease": true, "key_type": "ec", "ttl": "1h"}),
    );
    let pki = Certificates { mount: "pki".to_owned(), policy: "root".to_owned() };
    let config = VaultConfig {
        namespace: Some("team-of-auth/".to_owned()),
        ..VaultConfig::new(bao.address(), secret(bao.token()))
    };
    let store = VaultStore::open(config).unwrap();
    pki.issue(&store).await.unwrap();
    let made = tokens_with(bao, "root");
    let is_ours = |token: &&serde_json::Value| token["meta"]["made_by"] == "terraform-provider-secret";
    assert!(made.iter().any(|token| is_ours(&token)), "the child is one of the root namespace");
    store.close().await;
}

/// What production has: TLS, client certificates, and an audit log.
#[tokio::test]
async fn certificates_are_checked_and_shown_and_the_audit_log_holds_no_value() {
    let Some(bao) = OpenBao::production() else { return };
    let pki = Certificates::on(&bao);
    let given = bao.fresh_token(&[&pki.policy, &bao.fresh_policy(MAKES_TOKENS)]);
    let config = || VaultConfig {
        ca_cert_file: bao.ca_file().map(Path::to_path_buf),
        max_retries: Some(0),
        ..VaultConfig::new(bao.address(), secret(&given))
    };
    let issue = async |config: VaultConfig| pki.issue(&VaultStore::open(config)?).await;
    issue(config()).await.unwrap();

    // A wrong authority, none, and a folder with the right one.
    let (folder, foreign) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let wrong = Authority::create(foreign.path());
    invalid(
        issue(VaultConfig { ca_cert_file: Some(wrong.file()), ..config() }).await,
        "ca_cert_file",
        "not trusted",
    );
    let system = VaultConfig { ca_cert_file: None, ..config() };
    assert!(told(&issue(system).await.unwrap_err()).contains("ca_cert_file"));
    std::fs::copy(bao.ca_file().unwrap(), folder.path().join("one.pem")).unwrap();
    let by_folder =
        VaultConfig { ca_cert_file: None, ca_cert_dir: Some(folder.path().to_owned()), ..config() };
    issue(by_folder).await.unwrap();
    let unchecked = VaultConfig {
        ca_cert_file: None,
        certificate_check: Some(secret_store::vault::CertificateCheck::Skip),
        ..config()
    };
    issue(unchecked).await.unwrap();

    // Host names.
    issue(VaultConfig { tls_server_name: Some("localhost".to_owned()), ..config() }).await.unwrap();
    let other = VaultConfig { tls_server_name: Some("vault.example.org".to_owned()), ..config() };
    invalid(issue(other).await, "tls_server_name", "is for another host name");

    // The wrong protocol, either way.
    let plain = VaultConfig { address: Some(bao.address().replace("https", "http")), ..config() };
    invalid(issue(plain).await, "address", "speaks TLS there");
    if let Some(dev) = OpenBao::shared() {
        let encrypted = VaultConfig { address: Some(dev.address().replace("http", "https")), ..config() };
        invalid(issue(encrypted).await, "address", "does not speak TLS");
    }

    // A client's certificate.
    let authority = Authority::create(folder.path());
    let client = authority.client("terraform");
    let mount = bao.fresh_auth_method("cert");
    let certificate = std::fs::read_to_string(authority.file()).unwrap();
    bao.write(
        &format!("auth/{mount}/certs/ops"),
        &json!({"certificate": certificate, "token_policies": [pki.policy]}),
    );
    let by_certificate = VaultConfig {
        token: None,
        auth: Some(AuthMethod::Cert { mount, role: Some("ops".to_owned()) }),
        client_cert_file: Some(client.certificate),
        client_key_file: Some(client.key),
        ..config()
    };
    issue(by_certificate.clone()).await.unwrap();
    let stranger = Authority::create(foreign.path()).client("stranger");
    let refused = VaultConfig {
        client_cert_file: Some(stranger.certificate),
        client_key_file: Some(stranger.key),
        ..by_certificate
    };
    invalid(issue(refused).await, "auth", "login by cert");

    let sentinel = "sentinel-of-the-audit";
    let mount = bao.fresh_auth_method("userpass");
    bao.write(
        &format!("auth/{mount}/users/jo"),
        &json!({"password": sentinel, "token_policies": [pki.policy]}),
    );
    let password = secret(sentinel);
    let auth = AuthMethod::Userpass { mount, username: "jo".to_owned(), password };
    issue(VaultConfig { token: None, auth: Some(auth), ..config() }).await.unwrap();
    let log = std::fs::read_to_string(bao.audit_log().unwrap()).unwrap();
    assert!(log.contains("/login/jo") && log.contains("auth/token/create"));
    for value in [sentinel, given.as_str()] {
        assert!(!log.contains(value), "a value is in the audit log");
    }
}
