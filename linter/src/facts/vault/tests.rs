//! Facts of small Vault plans, one behaviour each.

use serde_json::{Value, json};

use super::super::model::{Credential, Facts, Grant};
use super::super::tests::{Resource, facts, facts_with, resource};

fn policy(text: &str) -> Resource {
    resource("vault_policy", "a").after(json!({ "name": "app", "policy": text }))
}

/// `effect access @scope resources` of every grant.
fn grants(facts: &Facts) -> Vec<String> {
    let line = |grant: &Grant| {
        let (access, scope) = (grant.access.join(" "), grant.scope.unwrap_or("-"));
        format!("{} {access} @{scope} {}", grant.effect, grant.resources.join(" "))
    };
    facts.grants.iter().map(line).collect()
}

#[test]
fn a_policy_is_a_grant_for_each_path() {
    let text = "path \"secret/data/app/*\" {\n  capabilities = [\"read\"]\n}\npath \"secret/data/app/root\" {\n  capabilities = [\"deny\"]\n}\npath \"sys/health\" {\n  capabilities = [\"read\", \"sudo\"]\n}";
    let facts = facts(vec![policy(text)]);
    assert_eq!(
        grants(&facts),
        ["allow read @- secret/data/app/*", "deny  @- secret/data/app/root", "allow  @- sys/health"]
    );
    let concerned: Vec<bool> = facts.grants.iter().map(|grant| grant.concerns_secrets).collect();
    assert_eq!(concerned, [true, false, false]);
    assert_eq!(facts.grants[0].role.as_deref(), Some("app"));
    assert_eq!(facts.grants[2].actions_allowed, ["read", "sudo"]);
    assert_eq!(facts.grants[0].origin.paths["resources"], ["policy".into()]);
}

#[test]
fn mounts_of_the_plan_say_what_a_path_is() {
    let text = "path \"orders/*\" {\n capabilities = [\"list\"]\n}\npath \"legacy/metadata/*\" {\n capabilities = [\"read\"]\n}\npath \"ca/issue/web\" {\n capabilities = [\"update\"]\n}";
    let mount = |path: &str, kind: &str, options: Value| {
        resource("vault_mount", "m").after(json!({ "path": path, "type": kind, "options": options }))
    };
    let facts = facts(vec![
        policy(text),
        mount("orders", "kv", json!({ "version": "2" })),
        mount("legacy/", "kv", Value::Null),
        mount("ca", "pki", Value::Null),
    ]);
    assert_eq!(
        grants(&facts),
        ["allow describe @- orders/*", "allow read @- legacy/metadata/*", "allow read @secret ca/issue/web"]
    );
    let stores: Vec<_> = facts.stores.iter().map(|store| (store.name.as_deref(), store.versioned)).collect();
    assert_eq!(stores, [(Some("orders"), Some(true)), (Some("legacy/"), Some(false))]);
}

#[test]
fn a_secret_of_the_plan_is_named_by_its_address() {
    let secret = resource("vault_kv_secret_v2", "db").after(json!({ "mount": "secret", "name": "app/db" }));
    let facts = facts(vec![policy("path \"secret/data/app/db\" { capabilities = [\"read\"] }"), secret]);
    assert_eq!(grants(&facts), ["allow read @secret vault_kv_secret_v2.db"]);
}

#[test]
fn administrators_and_their_ways_up_are_told() {
    let grant = |text: &str| facts(vec![policy(text)]).grants.remove(0);
    assert!(grant("path \"*\" { capabilities = [\"sudo\"] }").administrator);
    assert!(!grant("path \"*\" { capabilities = [\"deny\"] }").administrator);
    assert_eq!(
        grant("path \"sys/policies/acl/*\" { capabilities = [\"update\"] }").escalations,
        ["sys/policies/acl/*"]
    );
    let confined = "path \"auth/token/roles/+\" {\n capabilities = [\"update\"]\n allowed_parameters = {\n \"allowed_policies\" = [\"app\"]\n }\n}";
    assert_eq!(grant(confined).escalations, Vec::<String>::new());
    assert_eq!(grant(confined).condition_keys, ["allowed_parameters"]);
}

#[test]
fn a_policy_that_is_none_is_unreadable_and_one_decided_at_apply_unknown() {
    let broken = facts(vec![policy("path \"secret/*\" {\n  capabilities = [\"read\"\n}")]);
    assert!(broken.grants.is_empty());
    assert_eq!(broken.unreadable[0].reason, "the policy does not parse at line 3, column 1");
    let later =
        resource("vault_policy", "a").after(json!({ "name": "app" })).unknown(json!({ "policy": true }));
    let later = facts(vec![later.expressions(json!({ "policy": { "references": ["local.policy"] } }))]);
    assert!(later.grants[0].concerns_secrets);
    assert!(later.grants[0].origin.unknown.contains(&"resources".to_owned()));
}

#[test]
fn a_document_read_at_apply_is_known_as_far_as_it_is_written() {
    let document = resource("vault_policy_document", "a")
        .data()
        .after(json!({ "rule": [
            { "path": "secret/data/app", "capabilities": ["read"] },
            { "capabilities": ["read"] },
        ] }))
        .unknown(json!({ "hcl": true, "rule": [{}, { "path": true }] }));
    let policy = resource("vault_policy", "a")
        .after(json!({ "name": "app" }))
        .unknown(json!({ "policy": true }))
        .expressions(json!({ "policy": { "references": ["data.vault_policy_document.a.hcl", "data.vault_policy_document.a"] } }));
    let facts = facts(vec![document, policy]);
    assert_eq!(grants(&facts), ["allow read @secret secret/data/app", "allow  @- "]);
    assert_eq!(facts.grants[1].origin.unknown, ["resources"]);
    assert!(facts.grants[1].concerns_secrets);
}

fn credential(resources: Vec<Resource>) -> (&'static str, Option<bool>, Option<f64>) {
    let Credential { kind, ends, ttl_seconds, .. } = facts(resources).credentials.remove(0);
    (kind, ends, ttl_seconds)
}

#[test]
fn a_token_ends_unless_it_is_periodic_or_roots() {
    let token = |after: Value| credential(vec![resource("vault_token", "a").after(after)]);
    assert_eq!(token(json!({ "policies": ["app"], "ttl": "24h" })), ("token", Some(true), Some(86_400.0)));
    assert_eq!(
        token(json!({ "ttl": "24h", "explicit_max_ttl": "86400" })),
        ("token", Some(true), Some(86_400.0))
    );
    assert_eq!(token(json!({ "policies": ["app"] })), ("token", Some(true), None));
    assert_eq!(token(json!({ "period": "24h" })), ("token", Some(false), None));
    assert_eq!(
        token(json!({ "period": "24h", "explicit_max_ttl": "720h" })),
        ("token", Some(true), Some(2_592_000.0))
    );
    assert_eq!(token(json!({ "policies": ["root"] })), ("root_token", Some(false), None));
}

#[test]
fn a_secret_id_ends_as_it_or_its_role_says() {
    let role = |ttl: Value| {
        resource("vault_approle_auth_backend_role", "ci")
            .after(json!({ "role_name": "ci", "secret_id_ttl": ttl }))
    };
    let id = |after: Value| {
        let name = json!({ "role_name": { "references": ["vault_approle_auth_backend_role.ci.role_name", "vault_approle_auth_backend_role.ci"] } });
        resource("vault_approle_auth_backend_role_secret_id", "a").after(after).expressions(name)
    };
    assert_eq!(
        credential(vec![id(json!({ "ttl": 3600 })), role(Value::Null)]),
        ("secret_id", Some(true), Some(3600.0))
    );
    assert_eq!(credential(vec![id(json!({})), role(json!(600))]), ("secret_id", Some(true), Some(600.0)));
    assert_eq!(
        credential(vec![id(json!({ "num_uses": 1 })), role(Value::Null)]),
        ("secret_id", Some(true), None)
    );
    assert_eq!(credential(vec![id(json!({})), role(json!(0))]), ("secret_id", Some(false), None));
    assert_eq!(credential(vec![id(json!({ "role_name": "ci" }))]), ("secret_id", None, None));
}

/// `claim=values` of the only trust.
fn bounds(resources: Vec<Resource>) -> Vec<String> {
    let trust = facts(resources).trusts.remove(0);
    trust.bounds.iter().map(|bound| format!("{}={}", bound.claim, bound.values.join(","))).collect()
}

#[test]
fn a_role_says_who_may_log_in_as_it() {
    let names = json!({ "bound_service_account_names": ["*"], "bound_service_account_namespaces": ["shop"] });
    assert_eq!(
        bounds(vec![resource("vault_kubernetes_auth_backend_role", "a").after(names)]),
        ["bound_service_account_names=*", "bound_service_account_namespaces=shop"]
    );
    let approle = |after: Value| bounds(vec![resource("vault_approle_auth_backend_role", "a").after(after)]);
    assert_eq!(approle(json!({ "role_name": "ci" })), ["bind_secret_id=true"]);
    assert_eq!(approle(json!({ "bind_secret_id": false })), Vec::<String>::new());
    assert_eq!(
        approle(json!({ "bind_secret_id": false, "token_bound_cidrs": ["10.0.0.0/8"] })),
        ["token_bound_cidrs=10.0.0.0/8"]
    );
    let labels = json!({ "type": "gce", "bound_labels": ["app:shop"], "bound_projects": [] });
    assert_eq!(
        bounds(vec![resource("vault_gcp_auth_backend_role", "a").after(labels)]),
        ["bound_labels=app:shop"]
    );
    let account =
        json!({ "bound_iam_principal_arns": { "references": ["aws_iam_role.app.arn", "aws_iam_role.app"] } });
    let aws = resource("vault_aws_auth_backend_role", "a")
        .after(json!({ "role": "app" }))
        .unknown(json!({ "bound_iam_principal_arns": true }))
        .expressions(account);
    assert_eq!(bounds(vec![aws]), ["bound_iam_principal_arns=aws_iam_role.app"]);
}

#[test]
fn a_bound_decided_at_apply_is_unknown() {
    let role = resource("vault_aws_auth_backend_role", "a")
        .after(json!({ "role": "app" }))
        .unknown(json!({ "bound_account_ids": true }))
        .expressions(json!({ "bound_account_ids": { "references": ["local.accounts"] } }));
    let trust = facts(vec![role]).trusts.remove(0);
    assert!(trust.bounds.is_empty());
    assert_eq!(trust.origin.unknown, ["bounds"]);
}

#[test]
fn a_role_for_tokens_knows_its_issuer_and_claims() {
    let method = resource("vault_jwt_auth_backend", "github").after(
        json!({ "path": "github", "oidc_discovery_url": "https://token.actions.githubusercontent.com", "bound_issuer": "" }),
    );
    let role = resource("vault_jwt_auth_backend_role", "ci").after(json!({
        "backend": "github", "role_type": "jwt", "bound_audiences": ["vault"], "token_policies": ["ci"], "token_max_ttl": 900,
        "bound_claims": { "repository": "acme/shop, acme/web", "ref": "refs/heads/main" },
    }));
    let trust = facts(vec![role, method]).trusts.remove(0);
    assert_eq!(trust.kind, "oidc");
    assert_eq!(trust.issuer.as_deref(), Some("token.actions.githubusercontent.com"));
    assert_eq!((trust.policies, trust.ttl_seconds), (vec!["ci".to_owned()], Some(900.0)));
    let bounds: Vec<_> =
        trust.bounds.iter().map(|bound| (bound.claim.as_str(), bound.values.join("|"))).collect();
    assert_eq!(
        bounds,
        [
            ("aud", "vault".to_owned()),
            ("ref", "refs/heads/main".to_owned()),
            ("repository", "acme/shop|acme/web".to_owned())
        ]
    );
}

#[test]
fn a_login_of_people_that_gives_no_policy_is_no_trust() {
    let role =
        |after: Value| facts(vec![resource("vault_jwt_auth_backend_role", "a").after(after)]).trusts.len();
    assert_eq!(role(json!({ "role_type": "oidc", "groups_claim": "groups" })), 0);
    assert_eq!(role(json!({ "role_type": "oidc", "token_policies": ["default"] })), 0);
    assert_eq!(role(json!({ "role_type": "oidc", "token_policies": ["admin"] })), 1);
    assert_eq!(role(json!({ "role_type": "jwt" })), 1);
}

#[test]
fn any_certificate_of_an_authority_is_no_bound_and_one_certificate_is() {
    // The bytes of basic constraints, within what only looks like a certificate.
    let pem = |constraints: &[u8]| {
        use base64::Engine as _;
        let der = [&[0x30, 0x10, 0x06, 0x03, 0x55, 0x1d, 0x13], constraints, &[0; 12]].concat();
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    };
    let role = |certificate: String| {
        bounds(vec![
            resource("vault_cert_auth_backend_role", "a").after(json!({ "certificate": certificate })),
        ])
    };
    let none = Vec::<String>::new();
    assert_eq!(role(pem(&[0x01, 0x01, 0xff, 0x04, 0x05, 0x30, 0x03, 0x01, 0x01, 0xff])), none);
    assert_eq!(role(pem(&[0x04, 0x08, 0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00])), none);
    assert_eq!(
        role(pem(&[0x01, 0x01, 0xff, 0x04, 0x02, 0x30, 0x00])),
        ["certificate=the certificate itself"]
    );
    assert_eq!(role(String::new()), ["certificate=the certificate itself"]);
}

#[test]
fn a_stored_login_could_be_made_by_a_role() {
    let role = || {
        resource("vault_database_secret_backend_role", "app")
            .after(json!({ "name": "app", "backend": "database" }))
    };
    let stored = |name: &str, data: Value| {
        let after = json!({ "mount": "secret", "name": name, "data_json": data.to_string() });
        resource("vault_kv_secret_v2", "a").after(after)
    };
    let offered = |resources: Vec<Resource>| facts(resources).secrets.remove(0).dynamic_alternative;
    let login = json!({ "username": "app", "password": "Rz71-harbour", "dbname": "orders" });
    let role_of_plan = Some("vault_database_secret_backend_role.app".to_owned());
    assert_eq!(offered(vec![stored("app", login.clone()), role()]), role_of_plan);
    assert_eq!(
        offered(vec![stored("app", json!({ "url": "postgres://db.internal/orders" })), role()]),
        role_of_plan
    );
    assert_eq!(offered(vec![stored("app", login)]), None);
    assert_eq!(offered(vec![stored("app", json!({ "api_key": "x" })), role()]), None);
    let later = |name: &str| {
        resource("vault_kv_secret_v2", "a")
            .after(json!({ "mount": "secret", "name": name }))
            .unknown(json!({ "data_json": true }))
    };
    assert_eq!(offered(vec![later("orders/postgres"), role()]), role_of_plan);
    assert_eq!(offered(vec![later("orders/stripe"), role()]), None);
}

#[test]
fn a_secret_of_version_2_has_its_metadata_and_one_of_version_1_has_none() {
    let after = json!({
        "mount": "secret", "name": "app", "data_json": "{\"key\":\"x\"}",
        "custom_metadata": [{ "data": { "owner": "payments", "description": "for the shop" } }],
    });
    let secret = facts(vec![resource("vault_kv_secret_v2", "a").after(after)]).secrets.remove(0);
    assert_eq!((secret.name.as_deref(), secret.owner.as_deref()), (Some("secret/app"), Some("payments")));
    assert_eq!((secret.recovery_supported, secret.recovery_window_days), (true, None));
    let gone = json!({ "mount": "secret", "name": "app", "delete_all_versions": true });
    let secret = facts(vec![resource("vault_kv_secret_v2", "a").after(gone)]).secrets.remove(0);
    assert_eq!(secret.recovery_window_days, Some(0.0));
    let old = json!({ "path": "kv/app", "data_json": "{}" });
    let secret = facts(vec![resource("vault_kv_secret", "a").after(old)]).secrets.remove(0);
    assert_eq!((secret.store, secret.recovery_supported), ("vault_kv_v1", false));
}

#[test]
fn a_static_role_rotates_the_login_it_is() {
    let role = |after: Value| {
        let facts = facts(vec![resource("vault_database_secret_backend_static_role", "a").after(after)]);
        let (rotation, secret) = (&facts.rotations[0], &facts.secrets[0]);
        assert_eq!(secret.rotations, ["vault_database_secret_backend_static_role.a"]);
        assert_eq!(rotation.secret.as_deref(), Some("vault_database_secret_backend_static_role.a"));
        (rotation.period_days, rotation.strategy.clone().unwrap(), secret.name.clone().unwrap())
    };
    let path = "database/static-creds/app".to_owned();
    let of = |more: Value| {
        let mut after = json!({ "backend": "database", "name": "app" });
        after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        role(after)
    };
    let single = "single_user".to_owned();
    assert_eq!(of(json!({ "rotation_period": 86400 })), (Some(1.0), single.clone(), path.clone()));
    assert_eq!(of(json!({ "rotation_schedule": "0 0 * * SAT" })), (Some(7.0), single, path));
}

#[test]
fn an_engine_says_whether_it_rotates_its_own_login() {
    let connection = |more: Value| {
        let mut after = json!({ "name": "orders", "postgresql": [{ "username": "vault", "password": "x" }] });
        after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        facts(vec![resource("vault_database_secret_backend_connection", "a").after(after)])
    };
    let silent = connection(json!({}));
    assert!(silent.rotations.is_empty());
    assert_eq!(silent.secrets[0].kind, "password");
    let rotated = connection(json!({ "rotation_period": 2_592_000 }));
    assert_eq!((rotated.rotations[0].enabled, rotated.rotations[0].period_days), (Some(true), Some(30.0)));
    let disabled = connection(json!({ "rotation_period": 2_592_000, "disable_automated_rotation": true }));
    assert_eq!(disabled.rotations[0].enabled, Some(false));
    assert_eq!(disabled.rotations[0].origin.paths["enabled"], ["disable_automated_rotation".into()]);
}

#[test]
fn a_key_of_a_cloud_is_static_unless_vault_rotates_it() {
    let engine =
        |after: Value| facts(vec![resource("vault_aws_secret_backend", "a").after(after)]).credentials.len();
    assert_eq!(engine(json!({ "access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": "x" })), 1);
    assert_eq!(engine(json!({ "secret_key": "x", "rotation_period": 86400 })), 0);
    assert_eq!(engine(json!({ "role_arn": "arn:aws:iam::123456789012:role/vault" })), 0);
}

#[test]
fn certificates_and_keys_say_how_they_are_renewed() {
    let certificate = |after: Value| {
        let certificate =
            facts(vec![resource("vault_pki_secret_backend_cert", "a").after(after)]).certificates.remove(0);
        (certificate.validity_days, certificate.renewed)
    };
    assert_eq!(certificate(json!({ "ttl": "720h", "auto_renew": true })), (Some(30.0), Some(true)));
    assert_eq!(certificate(json!({})), (None, Some(false)));
    let key = |after: Value| {
        let key = facts(vec![resource("vault_transit_secret_backend_key", "a").after(after)]).keys.remove(0);
        (key.rotation_enabled, key.rotation_period_days, key.purge_protection)
    };
    assert_eq!(key(json!({})), (Some(false), None, Some(true)));
    assert_eq!(
        key(json!({ "auto_rotate_period": 7_776_000, "deletion_allowed": true })),
        (Some(true), Some(90.0), Some(false))
    );
}

#[test]
fn only_a_plan_that_sets_the_server_up_is_asked_for_an_audit_device() {
    let servers = |resources: Vec<Resource>| {
        let facts = facts(resources);
        let servers = facts.stores.iter().filter(|store| store.kind == "server");
        servers.map(|store| (store.origin.address.clone(), store.audited)).collect::<Vec<_>>()
    };
    let quota = || resource("vault_quota_rate_limit", "all").after(json!({ "name": "all", "rate": 100 }));
    let mount = resource("vault_mount", "kv").after(json!({ "path": "kv", "type": "kv" }));
    let device = |path: &str| {
        resource("vault_audit", "file").after(json!({ "type": "file", "options": { "file_path": path } }))
    };
    assert_eq!(servers(vec![mount]), []);
    let address = "vault_quota_rate_limit.all".to_owned();
    assert_eq!(servers(vec![quota()]), [(address.clone(), Some(false))]);
    assert_eq!(servers(vec![quota(), device("/var/log/vault.log")]), [(address.clone(), Some(true))]);
    assert_eq!(servers(vec![quota(), device("/dev/null")]), [(address, Some(false))]);
    let inner = resource("vault_namespace", "team")
        .after(json!({ "path": "team", "namespace": "payments" }))
        .expressions(json!({ "namespace": { "constant_value": "payments" } }));
    assert_eq!(servers(vec![inner]), []);
    assert_eq!(servers(vec![device("stdout")]), []);
}

#[test]
fn one_version_is_none_to_go_back_to() {
    let stores = |kept: u32| {
        let config =
            resource("vault_kv_secret_backend_v2", "a").after(json!({ "mount": "kv", "max_versions": kept }));
        facts(vec![config]).stores.len()
    };
    assert_eq!((stores(1), stores(0), stores(5)), (1, 0, 0));
}

/// Exposures as `kind detector path`.
fn exposures(facts: &Facts) -> Vec<String> {
    let line = |exposure: &super::super::model::Exposure| {
        let path: Vec<String> =
            exposure.path.iter().map(|step| serde_json::to_string(step).unwrap().replace('"', "")).collect();
        format!("{} {} {}", exposure.kind, exposure.detector, path.join("."))
    };
    facts.exposures.iter().map(line).collect()
}

#[test]
fn the_login_of_a_connection_is_found_and_its_template_is_none() {
    let url = "postgresql://{{username}}:{{password}}@db.internal:5432/orders";
    let connection = |block: Value| {
        facts(vec![
            resource("vault_database_secret_backend_connection", "a").after(json!({ "postgresql": [block] })),
        ])
    };
    assert_eq!(exposures(&connection(json!({ "connection_url": url }))), Vec::<String>::new());
    let kept = connection(
        json!({ "connection_url": url, "username": "vault", "password": "Rz71-harbour", "password_wo": null }),
    );
    assert_eq!(exposures(&kept), ["in_state sensitive-attribute postgresql.0.password"]);
    assert_eq!(kept.exposures[0].write_only_alternative.as_deref(), Some("password_wo"));
}

#[test]
fn a_token_in_the_provider_block_is_found() {
    let block = json!({ "vault": { "name": "vault", "expressions": { "token": { "constant_value": "Rz71-harbour-Qx99-lantern" } } } });
    let facts = facts_with(Vec::new(), json!({ "provider_config": block }));
    assert_eq!(facts.exposures.len(), 1);
    assert_eq!(facts.exposures[0].origin.address, "provider.vault");
}
