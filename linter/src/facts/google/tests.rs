//! Facts of small Google plans, one behaviour each: an object is what Terraform plans, its configuration what a person wrote.

use serde_json::{Value, json};

use crate::facts::model::{Facts, Grant, Secret, Trust};
use crate::facts::tests::{Resource, facts, facts_with, resource};

fn secret_with(resource_type: &str, after: Value) -> (Secret, Facts) {
    let mut facts = facts(vec![resource(resource_type, "a").after(after)]);
    (facts.secrets.remove(0), facts)
}

fn secret(after: Value) -> (Secret, Facts) {
    secret_with("google_secret_manager_secret", after)
}

fn auto(key: Option<&str>) -> Value {
    let encryption = key.map(|key| json!({ "kms_key_name": key }));
    json!([{ "auto": [{ "customer_managed_encryption": encryption.into_iter().collect::<Vec<Value>>() }], "user_managed": [] }])
}

fn replica(location: &str, key: Option<&str>) -> Value {
    let encryption = key.map(|key| json!({ "kms_key_name": key }));
    json!({ "location": location, "customer_managed_encryption": encryption.into_iter().collect::<Vec<Value>>() })
}

#[test]
fn a_secret_is_read_with_its_name_labels_key_and_times() {
    let (secret, _) = secret(json!({
        "secret_id": "orders-db", "labels": { "owner": "team-orders" }, "annotations": { "ticket": "1" },
        "replication": auto(Some("projects/p/locations/global/keyRings/r/cryptoKeys/k")),
        "version_destroy_ttl": "2592000s", "deletion_protection": true, "expire_time": "2027-01-01T00:00:00Z"
    }));
    assert_eq!(secret.name.as_deref(), Some("orders-db"));
    assert_eq!(secret.owner.as_deref(), Some("team-orders"));
    assert_eq!(secret.tags.len(), 2);
    assert_eq!(secret.kms_key.as_deref(), Some("projects/p/locations/global/keyRings/r/cryptoKeys/k"));
    assert_eq!((secret.recovery_window_days, secret.recovery_supported), (Some(30.0), true));
    assert_eq!(secret.purge_protection, Some(true));
    assert_eq!(secret.expires_at.as_deref(), Some("2027-01-01T00:00:00Z"));
    assert_eq!(secret.single_region, Some(false));
    assert!(secret.origin.unknown.is_empty());
}

#[test]
fn a_provider_that_has_no_such_argument_says_nothing_of_it() {
    let (secret, _) = secret(json!({ "secret_id": "a", "replication": [{ "automatic": true }] }));
    assert_eq!((secret.purge_protection, secret.recovery_supported), (None, false));
}

#[test]
fn an_argument_left_out_is_what_the_provider_makes_of_it() {
    let (secret, facts) = secret(json!({
        "secret_id": "a", "replication": auto(None), "version_destroy_ttl": null, "deletion_protection": null,
        "rotation": []
    }));
    assert_eq!((secret.recovery_window_days, secret.recovery_supported), (Some(0.0), true));
    assert_eq!((secret.purge_protection, secret.kms_key), (Some(false), None));
    assert!(secret.rotation_expected && facts.rotations.is_empty());
}

#[test]
fn one_replica_pins_a_secret_to_a_region_and_each_needs_a_key() {
    let replicas = |replicas: Value| {
        let (secret, _) =
            secret(json!({ "replication": [{ "auto": [], "user_managed": [{ "replicas": replicas }] }] }));
        (secret.single_region, secret.kms_key)
    };
    assert_eq!(replicas(json!([replica("europe-west3", Some("k"))])), (Some(true), Some("k".to_owned())));
    assert_eq!(
        replicas(json!([replica("europe-west3", Some("k")), replica("europe-west4", None)])),
        (Some(false), None)
    );
}

#[test]
fn a_regional_secret_was_meant_for_its_region() {
    let (secret, _) = secret_with(
        "google_secret_manager_regional_secret",
        json!({ "secret_id": "a", "location": "europe-west3", "customer_managed_encryption": [{ "kms_key_name": "k" }] }),
    );
    assert_eq!((secret.single_region, secret.kms_key.as_deref()), (None, Some("k")));
}

#[test]
fn a_key_of_this_plan_is_known_by_its_address() {
    let key = json!([{ "auto": [{ "customer_managed_encryption": [{ "kms_key_name": { "references": ["google_kms_crypto_key.k.id", "google_kms_crypto_key.k"] } }] }] }]);
    let unknown = json!({ "replication": [{ "auto": [{ "customer_managed_encryption": [{ "kms_key_name": true }] }] }] });
    let secret = resource("google_secret_manager_secret", "a")
        .after(json!({ "secret_id": "a", "replication": [{ "auto": [{ "customer_managed_encryption": [{}] }], "user_managed": [] }] }))
        .unknown(unknown)
        .expressions(json!({ "replication": key }));
    let facts = facts(vec![secret, resource("google_kms_crypto_key", "k")]);
    assert_eq!(facts.secrets[0].kms_key.as_deref(), Some("google_kms_crypto_key.k"));
    assert!(facts.secrets[0].origin.unknown.is_empty());
}

#[test]
fn a_rotation_is_a_reminder_and_needs_a_topic() {
    let rotated = |topics: Value| {
        let (secret, facts) = secret(json!({
            "secret_id": "a", "replication": auto(None), "topics": topics,
            "rotation": [{ "rotation_period": "7776000s", "next_rotation_time": "2027-01-01T00:00:00Z" }]
        }));
        assert_eq!(secret.rotations, ["google_secret_manager_secret.a"]);
        let rotation = &facts.rotations[0];
        assert_eq!(rotation.strategy.as_deref(), Some("notification"));
        assert_eq!(rotation.period_days, Some(90.0));
        rotation.enabled
    };
    assert_eq!(rotated(json!([{ "name": "projects/p/topics/t" }])), Some(true));
    assert_eq!(rotated(json!([])), Some(false));
}

#[test]
fn a_period_decided_at_apply_is_unknown() {
    let secret = resource("google_secret_manager_secret", "a")
        .after(json!({ "secret_id": "a", "rotation": [{}], "topics": [{ "name": "t" }] }))
        .unknown(json!({ "rotation": [{ "rotation_period": true }] }))
        .expressions(json!({ "rotation": [{ "rotation_period": { "references": ["local.period"] } }] }));
    let rotation = &facts(vec![secret]).rotations[0];
    assert_eq!(rotation.period_days, None);
    assert!(rotation.origin.unknown.contains(&"period_days".to_owned()));
}

#[test]
fn a_version_tells_how_the_value_gets_into_its_secret() {
    let source = |after: Value, expressions: Value| {
        let secret = resource("google_secret_manager_secret", "s").after(json!({ "secret_id": "orders" }));
        let version =
            resource("google_secret_manager_secret_version", "v").after(after).expressions(expressions);
        facts(vec![secret, version]).secrets[0].value_source
    };
    let of = json!({ "references": ["google_secret_manager_secret.s.id", "google_secret_manager_secret.s"] });
    assert_eq!(
        source(
            json!({ "secret_data": "x" }),
            json!({ "secret": of, "secret_data": { "constant_value": "x" } })
        ),
        Some("literal")
    );
    assert_eq!(
        source(
            json!({ "secret_data_wo_version": 1 }),
            json!({ "secret": of, "secret_data_wo": { "references": ["var.x"] } })
        ),
        Some("write_only")
    );
    assert_eq!(source(json!({ "secret": "orders" }), json!({})), None);
}

#[test]
fn a_deleted_secret_is_gone_with_its_versions_and_a_deleted_key_is_not() {
    let removed = |resource_type: &str, before: Value| {
        let mut gone = resource(resource_type, "a");
        gone.change["change"] = json!({ "actions": ["delete"], "before": before, "after": null });
        facts(vec![gone]).removals.remove(0).recoverable
    };
    let secret = json!({ "secret_id": "a", "version_destroy_ttl": "2592000s" });
    assert_eq!(removed("google_secret_manager_secret", secret), Some(false));
    assert_eq!(removed("google_kms_crypto_key", json!({ "name": "k" })), Some(true));
}

fn keys(after: Value) -> (Option<bool>, Option<f64>, Option<f64>) {
    let key = facts(vec![resource("google_kms_crypto_key", "k").after(after)]).keys.remove(0);
    (key.rotation_enabled, key.rotation_period_days, key.deletion_window_days)
}

#[test]
fn a_key_without_a_period_is_not_rotated_and_one_that_cannot_be_is_not_asked_for() {
    assert_eq!(
        keys(
            json!({ "purpose": "ENCRYPT_DECRYPT", "rotation_period": "7776000s", "destroy_scheduled_duration": "86400s" })
        ),
        (Some(true), Some(90.0), Some(1.0))
    );
    assert_eq!(keys(json!({ "rotation_period": null })), (Some(false), None, Some(30.0)));
    assert_eq!(keys(json!({ "purpose": "ASYMMETRIC_SIGN" })), (None, None, Some(30.0)));
    assert_eq!(keys(json!({ "import_only": true })), (None, None, Some(1.0)));
}

#[test]
fn a_cluster_encrypts_its_secrets_only_where_it_says_so() {
    let encrypted = |resource: Resource| facts(vec![resource]).stores.remove(0).secrets_encrypted;
    let cluster = || resource("google_container_cluster", "c");
    let state = |state: &str| json!({ "database_encryption": [{ "state": state, "key_name": "k" }] });
    assert_eq!(encrypted(cluster().after(state("ENCRYPTED"))), Some(true));
    assert_eq!(encrypted(cluster().after(state("DECRYPTED"))), Some(false));
    // Optional and computed: the plan says unknown, the configuration nothing.
    let silent = cluster().unknown(json!({ "database_encryption": true })).expressions(json!({ "name": {} }));
    assert_eq!(encrypted(silent), Some(false));
    let written = cluster()
        .unknown(json!({ "database_encryption": [{ "state": true }] }))
        .after(json!({ "database_encryption": [{}] }))
        .expressions(json!({ "database_encryption": [{ "state": { "references": ["local.state"] } }] }));
    assert_eq!(encrypted(written), None);
}

fn grants(resource: Resource) -> Vec<Grant> {
    facts(vec![resource]).grants
}

fn member(types: &str, after: Value) -> Resource {
    resource(&format!("{types}_iam_member"), "m").after(after)
}

#[test]
fn a_member_is_a_grant_with_its_place_and_role() {
    let grants = grants(member(
        "google_project",
        json!({ "project": "orders", "role": "roles/secretmanager.secretAccessor", "member": "group:ops@example.com" }),
    ));
    let [grant] = grants.as_slice() else { panic!("{grants:?}") };
    assert_eq!(
        (grant.scope, grant.role.as_deref()),
        (Some("project"), Some("roles/secretmanager.secretAccessor"))
    );
    assert_eq!(grant.principals.as_deref(), Some(["group:ops@example.com".to_owned()].as_slice()));
    assert_eq!((grant.access.as_slice(), grant.concerns_secrets), (["read"].as_slice(), true));
    assert_eq!(grant.resources, ["orders"]);
    assert!(!grant.administrator && grant.foreign_principals.is_empty() && grant.escalations.is_empty());
}

#[test]
fn a_role_that_has_nothing_to_do_with_secrets_is_no_grant() {
    let storage = json!({ "project": "orders", "role": "roles/storage.admin", "member": "allUsers" });
    assert!(grants(member("google_project", storage)).is_empty());
}

#[test]
fn the_owner_of_a_project_is_an_administrator_and_the_editor_can_only_get_more() {
    let at = |role: &str| {
        grants(member(
            "google_project",
            json!({ "project": "p", "role": role, "member": "user:ana@example.com" }),
        ))
        .remove(0)
    };
    assert!(at("roles/owner").administrator);
    let editor = at("roles/editor");
    assert!(!editor.administrator && !editor.concerns_secrets);
    assert_eq!(editor.escalations, ["iam.serviceAccounts.actAs"]);
}

#[test]
fn googles_own_agents_do_not_give_themselves_more() {
    let escalations = |members: Value| {
        grants(
            resource("google_project_iam_binding", "b")
                .after(json!({ "project": "p", "role": "roles/editor", "members": members })),
        )
        .iter()
        .map(|grant| grant.escalations.len())
        .sum::<usize>()
    };
    let agent = "serviceAccount:123456789012@cloudservices.gserviceaccount.com";
    let pubsub = "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com";
    assert_eq!(escalations(json!([agent, pubsub])), 0);
    assert_eq!(escalations(json!([agent, "user:ana@example.com"])), 1);
    for code_runs_as in [
        "serviceAccount:123456789012-compute@developer.gserviceaccount.com",
        "serviceAccount:123456789012@cloudbuild.gserviceaccount.com",
        "serviceAccount:service-desk@p.iam.gserviceaccount.com",
    ] {
        assert_eq!(escalations(json!([code_runs_as])), 1, "{code_runs_as}");
    }
    assert_eq!(escalations(json!([])), 1);
}

#[test]
fn what_confines_a_grant_takes_its_escalations_away() {
    let with = |expression: &str| {
        grants(member(
            "google_project",
            json!({
                "project": "p", "role": "roles/resourcemanager.projectIamAdmin", "member": "user:ana@example.com",
                "condition": [{ "title": "t", "expression": expression }]
            }),
        ))
    };
    assert_eq!(with("request.time < timestamp('2027-01-01T00:00:00Z')").len(), 1);
    assert!(
        with("api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/viewer'])")
            .is_empty()
    );
}

#[test]
fn a_condition_gives_the_end_and_the_reason() {
    let grant = grants(member(
        "google_secret_manager_secret",
        json!({
            "secret_id": "orders", "role": "roles/secretmanager.secretAccessor", "member": "user:ana@example.com",
            "condition": [{
                "title": "break-glass", "description": "incident 7",
                "expression": "request.time < timestamp(\"2027-01-01T00:00:00Z\") && resource.name.startsWith(\"projects/1/secrets/o\")"
            }]
        }),
    ))
    .remove(0);
    assert_eq!(grant.expires_at.as_deref(), Some("2027-01-01T00:00:00Z"));
    assert_eq!(grant.statement.as_deref(), Some("break-glass"));
    assert_eq!(grant.reason.as_deref(), Some("incident 7"));
    assert_eq!(grant.condition_keys, ["resource.name"]);
}

#[test]
fn a_member_of_this_plan_is_known_by_its_address_and_no_stranger() {
    let of = json!({ "references": ["google_service_account.app.email", "google_service_account.app"] });
    let member = member(
        "google_secret_manager_secret",
        json!({ "secret_id": "s", "role": "roles/secretmanager.secretAccessor" }),
    )
    .unknown(json!({ "member": true }))
    .expressions(json!({ "member": of }));
    let facts = facts(vec![member, resource("google_service_account", "app")]);
    assert_eq!(
        facts.grants[0].principals.as_deref(),
        Some(["google_service_account.app".to_owned()].as_slice())
    );
    assert!(facts.grants[0].origin.unknown.is_empty());
}

#[test]
fn a_member_that_is_anybodys_guess_is_unknown() {
    let member = member(
        "google_secret_manager_secret",
        json!({ "secret_id": "s", "role": "roles/secretmanager.secretAccessor" }),
    )
    .unknown(json!({ "member": true }))
    .expressions(json!({ "member": { "references": ["local.who"] } }));
    assert_eq!(grants(member).remove(0).origin.unknown, ["principals"]);
}

#[test]
fn an_account_of_another_project_is_a_stranger_and_one_of_googles_is_not() {
    let foreign = |project: &str, members: Value| {
        grants(
            resource("google_secret_manager_secret_iam_binding", "b").after(
                json!({ "project": project, "secret_id": "s", "role": "roles/secretmanager.secretAccessor", "members": members }),
            ),
        )
        .remove(0)
        .foreign_principals
    };
    let partner = "serviceAccount:etl@partner-data.iam.gserviceaccount.com";
    let agent = "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com";
    assert_eq!(foreign("orders", json!([partner, agent, "user:ana@example.com"])), [partner]);
    assert!(foreign("partner-data", json!([partner])).is_empty());
    assert_eq!(foreign("orders", json!(["user:ana@gmail.com"])), ["user:ana@gmail.com"]);
}

#[test]
fn whose_project_it_is_has_to_be_told() {
    let partner = "serviceAccount:etl@partner-data.iam.gserviceaccount.com";
    let member = || {
        member(
            "google_secret_manager_secret",
            json!({ "secret_id": "s", "role": "roles/secretmanager.secretAccessor", "member": partner }),
        )
    };
    assert!(grants(member()).remove(0).foreign_principals.is_empty());
    let provider = json!({ "provider_config": { "google": { "name": "google", "expressions": { "project": { "constant_value": "orders" } } } } });
    assert_eq!(facts_with(vec![member()], provider).grants[0].foreign_principals, [partner]);
}

#[test]
fn a_custom_role_of_this_plan_is_judged_by_its_permissions() {
    let role = resource("google_project_iam_custom_role", "r")
        .after(json!({ "role_id": "reader", "permissions": ["secretmanager.versions.access", "storage.objects.get"] }));
    let member = member("google_project", json!({ "project": "p", "member": "user:ana@example.com" }))
        .unknown(json!({ "role": true }))
        .expressions(json!({ "role": { "references": ["google_project_iam_custom_role.r.id", "google_project_iam_custom_role.r"] } }));
    let grant = facts(vec![role, member]).grants.remove(0);
    assert_eq!(grant.access, ["read"]);
    assert_eq!(grant.actions_allowed.len(), 2);
    assert_eq!(grant.role.as_deref(), Some("google_project_iam_custom_role.r"));
}

#[test]
fn a_custom_role_of_elsewhere_does_something_at_a_secret() {
    let at = |types: &str, place: &str| {
        grants(member(
            types,
            json!({ place: "x", "role": "projects/p/roles/mine", "member": "user:ana@example.com" }),
        ))
    };
    assert!(at("google_secret_manager_secret", "secret_id").remove(0).concerns_secrets);
    assert!(at("google_project", "project").is_empty());
}

#[test]
fn each_binding_of_a_policy_is_a_grant() {
    let document = json!({ "bindings": [
        { "role": "roles/cloudkms.admin", "members": ["allAuthenticatedUsers"] },
        { "role": "roles/cloudkms.cryptoKeyDecrypter", "members": ["group:ops@example.com"] },
    ] });
    let policy = resource("google_kms_crypto_key_iam_policy", "p")
        .after(json!({ "crypto_key_id": "k", "policy_data": document.to_string() }));
    let grants = grants(policy);
    assert_eq!(grants.len(), 2);
    assert_eq!(grants[0].principals.as_deref(), Some(["allAuthenticatedUsers".to_owned()].as_slice()));
    assert!(grants[1].decrypts_only);
    let path = serde_json::to_value(&grants[1].origin.paths["principals"]).unwrap();
    assert_eq!(path, json!(["policy_data", "bindings", 1, "members"]));
}

#[test]
fn a_policy_that_is_not_json_is_unreadable_and_one_decided_at_apply_is_a_grant_of_unknowns() {
    let policy = || resource("google_secret_manager_secret_iam_policy", "p");
    let broken = facts(vec![policy().after(json!({ "secret_id": "s", "policy_data": "{" }))]);
    assert!(broken.grants.is_empty());
    assert_eq!(broken.unreadable[0].reason, "the IAM policy is not a JSON object");
    let unknown = policy().after(json!({ "secret_id": "s" })).unknown(json!({ "policy_data": true }));
    let grant = grants(unknown).remove(0);
    assert!(grant.concerns_secrets && grant.principals.is_none());
    assert!(grant.origin.unknown.contains(&"principals".to_owned()));
}

#[test]
fn a_document_that_is_read_at_apply_is_known_by_its_blocks() {
    let of = json!({ "references": ["google_service_account.app.member", "google_service_account.app"] });
    let document = resource("google_iam_policy", "d")
        .data()
        .after(json!({ "binding": [{ "role": "roles/secretmanager.secretAccessor", "members": [null], "condition": [] }] }))
        .unknown(json!({ "binding": [{ "members": [true] }], "policy_data": true }))
        .expressions(json!({ "binding": [{ "members": of }] }));
    let policy = resource("google_secret_manager_secret_iam_policy", "p")
        .after(json!({ "secret_id": "s" }))
        .unknown(json!({ "policy_data": true }))
        .expressions(json!({ "policy_data": { "references": ["data.google_iam_policy.d.policy_data", "data.google_iam_policy.d"] } }));
    let facts = facts(vec![document, policy, resource("google_service_account", "app")]);
    assert_eq!(facts.grants.len(), 1);
    assert_eq!(facts.grants[0].role.as_deref(), Some("roles/secretmanager.secretAccessor"));
    assert_eq!(
        facts.grants[0].principals.as_deref(),
        Some(["google_service_account.app".to_owned()].as_slice())
    );
}

#[test]
fn being_a_service_account_concerns_secrets_only_where_anybody_can() {
    let token = |member_name: &str| {
        grants(member(
            "google_service_account",
            json!({ "service_account_id": "a", "role": "roles/iam.serviceAccountTokenCreator", "member": member_name }),
        ))
    };
    assert!(token("group:ops@example.com").is_empty());
    assert!(token("allUsers").remove(0).concerns_secrets);
}

fn trust(after: Value) -> Trust {
    facts(vec![resource("google_iam_workload_identity_pool_provider", "p").after(after)]).trusts.remove(0)
}

#[test]
fn a_provider_trusts_whom_its_condition_lets_in() {
    let github =
        json!([{ "issuer_uri": "https://token.actions.githubusercontent.com", "allowed_audiences": [] }]);
    let open = trust(json!({ "oidc": github, "attribute_condition": null }));
    assert_eq!((open.kind, open.issuer.as_deref()), ("oidc", Some("token.actions.githubusercontent.com")));
    assert!(open.bounds.is_empty());
    let bound =
        trust(json!({ "oidc": github, "attribute_condition": "assertion.repository_owner == 'example'" }));
    assert_eq!(
        (bound.bounds[0].claim.as_str(), bound.bounds[0].values.as_slice()),
        ("repository_owner", ["example".to_owned()].as_slice())
    );
    let aws = trust(json!({ "aws": [{ "account_id": "123456789012" }] }));
    assert_eq!((aws.kind, aws.bounds[0].claim.as_str()), ("cloud", "account"));
}

#[test]
fn a_workload_identity_user_is_bound_by_its_name() {
    let pool = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci";
    let member = member(
        "google_service_account",
        json!({ "service_account_id": "deploy", "role": "roles/iam.workloadIdentityUser", "member": format!("principalSet:{pool}/attribute.repository/example/orders") }),
    );
    let trusts = facts(vec![member]).trusts;
    assert_eq!(
        (trusts[0].bounds[0].claim.as_str(), trusts[0].policies.as_slice()),
        ("repository", ["deploy".to_owned()].as_slice())
    );
}

#[test]
fn a_key_of_a_service_account_is_a_static_credential_and_an_api_key_only_if_it_acts_for_one() {
    let kinds = |resource_type: &str, after: Value| {
        let credentials = facts(vec![resource(resource_type, "k").after(after)]).credentials;
        credentials.iter().map(|credential| credential.kind).collect::<Vec<_>>()
    };
    assert_eq!(
        kinds("google_service_account_key", json!({ "service_account_id": "a" })),
        ["static_cloud_key"]
    );
    assert_eq!(
        kinds("google_storage_hmac_key", json!({ "service_account_email": "a" })),
        ["static_cloud_key"]
    );
    assert!(kinds("google_apikeys_key", json!({ "name": "maps" })).is_empty());
    assert_eq!(kinds("google_apikeys_key", json!({ "service_account_email": "a" })), ["static_cloud_key"]);
}

fn audit_config(name: &str, service: &str, log: Value) -> Resource {
    let after = json!({ "project": "orders", "service": service, "audit_log_config": [log] });
    resource("google_project_iam_audit_config", name).after(after)
}

#[test]
fn a_project_is_audited_if_any_of_its_configs_covers_the_reading_of_secrets() {
    let audited = |resources: Vec<Resource>| {
        let stores = facts(resources).stores;
        assert_eq!(stores.len(), 1);
        stores[0].audited
    };
    let reads = || json!({ "log_type": "DATA_READ", "exempted_members": [] });
    let writes = || json!({ "log_type": "DATA_WRITE" });
    let storage = || audit_config("storage", "storage.googleapis.com", reads());
    assert_eq!(audited(vec![storage()]), Some(false));
    assert_eq!(
        audited(vec![storage(), audit_config("secrets", "secretmanager.googleapis.com", reads())]),
        Some(true)
    );
    assert_eq!(audited(vec![audit_config("all", "allServices", writes())]), Some(false));
    let exempted = || json!({ "log_type": "DATA_READ", "exempted_members": ["user:ana@example.com"] });
    let facts = facts(vec![audit_config("all", "allServices", exempted())]);
    // Somebody is left out, which the log itself is blamed for.
    assert_eq!((facts.stores[0].audited, facts.audits[0].covers_secrets), (Some(true), Some(false)));
}

#[test]
fn a_whole_policy_says_what_is_audited() {
    let audited = |document: Value| {
        let policy = resource("google_project_iam_policy", "p")
            .after(json!({ "project": "orders", "policy_data": document.to_string() }));
        facts(vec![policy]).stores.first().and_then(|store| store.audited)
    };
    let logs = |kind: &str| json!({ "auditConfigs": [{ "service": "allServices", "auditLogConfigs": [{ "logType": kind }] }] });
    assert_eq!(audited(logs("DATA_READ")), Some(true));
    assert_eq!(audited(logs("ADMIN_READ")), Some(false));
    assert_eq!(audited(json!({ "bindings": [] })), None);
}

#[test]
fn a_bucket_of_audit_logs_keeps_them_for_a_month_where_nothing_is_said() {
    let kept = |after: Value| {
        let audits = facts(vec![resource("google_logging_project_bucket_config", "b").after(after)]).audits;
        audits.first().map(|audit| (audit.retention_days, audit.covers_secrets))
    };
    assert_eq!(
        kept(json!({ "bucket_id": "_Default", "retention_days": 400 })),
        Some((Some(400.0), Some(true)))
    );
    assert_eq!(kept(json!({ "bucket_id": "audit-eu" })), Some((Some(30.0), Some(true))));
    assert_eq!(kept(json!({ "bucket_id": "app-logs" })), None);
}

#[test]
fn a_password_argument_is_a_secret_and_an_iam_login_needs_none() {
    let user = |expressions: Value| {
        resource("google_sql_user", "u")
            .after(json!({ "name": "app", "password": "x" }))
            .expressions(expressions)
    };
    let instance = |version: &str| {
        resource("google_sql_database_instance", "i").after(json!({ "database_version": version }))
    };
    let of = || json!({ "instance": { "references": ["google_sql_database_instance.i.name", "google_sql_database_instance.i"] }, "password": { "constant_value": "x" } });
    let alternative =
        |version: &str| facts(vec![user(of()), instance(version)]).secrets.remove(0).dynamic_alternative;
    assert!(alternative("POSTGRES_16").is_some());
    assert!(alternative("SQLSERVER_2022_STANDARD").is_none());
    let iam = resource("google_sql_user", "u")
        .after(json!({ "name": "app", "type": "CLOUD_IAM_SERVICE_ACCOUNT", "password": null }));
    assert!(facts(vec![iam]).secrets.is_empty());
}

#[test]
fn variables_and_files_that_are_filled_from_a_secret_are_deliveries() {
    let service = resource("google_cloud_run_v2_service", "s").after(json!({ "template": [{
        "containers": [{ "env": [
            { "name": "MODE", "value": "prod" },
            { "name": "DB_PASSWORD", "value_source": [{ "secret_key_ref": [{ "secret": "orders-db", "version": "3" }] }] },
        ] }],
        "volumes": [{ "name": "keys", "secret": [{ "secret": "orders-keys", "items": [{ "path": "k", "version": "latest" }] }] }],
    }] }));
    let facts = facts(vec![service]);
    let deliveries = &facts.deliveries;
    let seen: Vec<_> = deliveries
        .iter()
        .map(|delivery| {
            (delivery.kind, delivery.name.as_deref(), delivery.secret.as_deref(), delivery.refreshes)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("environment", Some("DB_PASSWORD"), Some("orders-db"), None),
            ("file", Some("keys"), Some("orders-keys"), Some(true)),
        ]
    );
    assert!(deliveries[0].file_possible);
    assert!(facts.exposures.is_empty(), "the name of a secret is no value");
}

#[test]
fn functions_and_builds_name_their_secrets_in_their_own_ways() {
    let delivered = |resource_type: &str, after: Value| {
        let deliveries = facts(vec![resource(resource_type, "f").after(after)]).deliveries;
        deliveries
            .iter()
            .map(|delivery| (delivery.kind, delivery.file_possible, delivery.refreshes))
            .collect::<Vec<_>>()
    };
    let variable = json!({ "key": "K", "secret": "s", "version": "latest" });
    let volume =
        json!({ "mount_path": "/etc/s", "secret": "s", "versions": [{ "path": "p", "version": "2" }] });
    assert_eq!(
        delivered(
            "google_cloudfunctions2_function",
            json!({ "service_config": [{ "secret_environment_variables": [variable], "secret_volumes": [volume] }] })
        ),
        [("environment", true, None), ("file", true, Some(false))]
    );
    let build = json!({ "build": [{ "available_secrets": [{ "secret_manager": [{ "env": "TOKEN", "version_name": "projects/p/secrets/s/versions/1" }] }] }] });
    assert_eq!(delivered("google_cloudbuild_trigger", build), [("environment", false, None)]);
}

#[test]
fn what_stands_in_metadata_is_user_data_and_what_stands_in_substitutions_a_variable_of_the_build() {
    let kinds = |resource_type: &str, after: Value| {
        let exposures = facts(vec![resource(resource_type, "r").after(after)]).exposures;
        exposures.iter().map(|exposure| exposure.kind).collect::<Vec<_>>()
    };
    assert_eq!(
        kinds("google_compute_instance", json!({ "metadata": { "db_password": "Rz71-harbour-Kq" } })),
        ["user_data"]
    );
    assert_eq!(
        kinds("google_cloudbuild_trigger", json!({ "substitutions": { "_DB_PASSWORD": "Rz71-harbour-Kq" } })),
        ["ci_variable"]
    );
    assert_eq!(
        kinds(
            "google_parameter_manager_parameter_version",
            json!({ "parameter_data": "{\"db_password\":\"Rz71-harbour-Kq\"}" })
        ),
        ["parameter"]
    );
}

#[test]
fn a_role_at_a_project_that_is_decided_at_apply_may_be_any() {
    let undecided = |resource_type: &str, attribute: &str| {
        let facts = facts(vec![
            resource(resource_type, "a")
                .after(json!({ "project": "orders", "member": "user:ana@example.com" }))
                .unknown(json!({ attribute: true }))
                .expressions(json!({ attribute: { "references": ["var.given"] } })),
        ]);
        facts.grants[0].origin.unknown.contains(&"administrator".to_owned())
    };
    assert!(undecided("google_project_iam_member", "role"));
    assert!(undecided("google_project_iam_policy", "policy_data"));
}

#[test]
fn whatever_the_public_may_do_at_a_key_concerns_it() {
    let given = |member: &str| {
        let given = json!({ "key_ring_id": "r", "role": "roles/cloudkms.viewer", "member": member });
        let facts = facts(vec![resource("google_kms_key_ring_iam_member", "a").after(given)]);
        facts.grants[0].concerns_secrets
    };
    assert!(given("allUsers"));
    assert!(!given("user:ana@example.com"));
}
