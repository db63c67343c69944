//! Facts of small plans, one behaviour each. The plans are in Terraform's shape, written here because a fact's input is one resource.

use serde_json::{Value, json};

use super::model::{Exposure, Facts, Secret};
use crate::plan::Plan;

/// A resource of a plan that is being written: `resource("aws_x", "a").after(…)`.
pub(super) struct Resource {
    pub(super) change: Value,
    pub(super) configuration: Value,
}

pub(super) fn resource(resource_type: &str, name: &str) -> Resource {
    let change = json!({
        "address": format!("{resource_type}.{name}"), "mode": "managed", "type": resource_type, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": { "actions": ["create"], "before": null, "after": {}, "after_unknown": {}, "after_sensitive": {} }
    });
    let configuration = json!({ "mode": "managed", "type": resource_type, "name": name, "expressions": {} });
    Resource { change, configuration }
}

impl Resource {
    fn part(mut self, part: &str, value: Value) -> Self {
        self.change["change"][part] = value;
        self
    }

    pub(super) fn after(self, value: Value) -> Self {
        self.part("after", value)
    }

    pub(super) fn unknown(self, value: Value) -> Self {
        self.part("after_unknown", value)
    }

    pub(super) fn sensitive(self, value: Value) -> Self {
        self.part("after_sensitive", value)
    }

    pub(super) fn expressions(mut self, value: Value) -> Self {
        self.configuration["expressions"] = value;
        self
    }

    pub(super) fn data(mut self) -> Self {
        self.change["mode"] = json!("data");
        self.change["address"] = json!(format!("data.{}", self.change["address"].as_str().unwrap()));
        self.configuration["mode"] = json!("data");
        self
    }
}

/// Facts of a plan of these resources; `more` is merged into its top level.
pub(super) fn facts_with(resources: Vec<Resource>, more: Value) -> Facts {
    let mut changes = Vec::new();
    let mut blocks = Vec::new();
    for resource in resources {
        changes.push(resource.change);
        blocks.push(resource.configuration);
    }
    let mut plan = json!({ "format_version": "1.2", "resource_changes": changes, "configuration": { "root_module": { "resources": blocks } } });
    for (name, value) in more.as_object().unwrap() {
        if name == "root_module" {
            for (name, value) in value.as_object().unwrap() {
                plan["configuration"]["root_module"][name] = value.clone();
            }
        } else if name == "provider_config" {
            plan["configuration"]["provider_config"] = value.clone();
        } else {
            plan[name] = value.clone();
        }
    }
    super::extract(&Plan::from_bytes("plan.json", plan.to_string().into_bytes()).unwrap())
}

pub(super) fn facts(resources: Vec<Resource>) -> Facts {
    facts_with(resources, json!({}))
}

pub(super) fn only_secret(resources: Vec<Resource>) -> Secret {
    let mut secrets = facts(resources).secrets;
    assert_eq!(secrets.len(), 1);
    secrets.remove(0)
}

/// Exposures as `kind path detector source`.
pub(super) fn exposures(facts: &Facts) -> Vec<String> {
    let line = |exposure: &Exposure| {
        let path: Vec<String> =
            exposure.path.iter().map(|step| serde_json::to_string(step).unwrap().replace('"', "")).collect();
        let encodings: String = exposure.encodings.iter().map(|encoding| format!("{encoding}:")).collect();
        let source = exposure.value_source.unwrap_or("-");
        format!("{} {} {encodings}{} {source}", exposure.kind, path.join("."), exposure.detector)
    };
    facts.exposures.iter().map(line).collect()
}

pub(super) fn check(resource: Resource, expected: &[&str]) {
    assert_eq!(exposures(&facts(vec![resource])), expected);
}

#[test]
fn a_literal_password_is_in_the_code_and_in_the_state() {
    let database = || resource("aws_db_instance", "a").after(json!({ "password": "hunter2" }));
    let literal = json!({ "password": { "constant_value": "hunter2" } });
    check(
        database().expressions(literal),
        &["literal password sensitive-attribute literal", "in_state password sensitive-attribute literal"],
    );
    let reference = json!({ "password": { "references": ["var.password"] } });
    check(database().expressions(reference), &["in_state password sensitive-attribute reference"]);
    let local = json!({ "password": { "references": ["local.password"] } });
    check(database().expressions(local), &["in_state password sensitive-attribute -"]);
}

#[test]
fn write_only_and_managed_passwords_are_nowhere() {
    let version = json!({ "password": null, "password_wo": null, "password_wo_version": 1 });
    let expressions = json!({ "password_wo": { "references": ["ephemeral.random_password.a.result"] } });
    check(resource("aws_db_instance", "a").after(version.clone()).expressions(expressions), &[]);
    check(resource("aws_db_instance", "a").after(json!({ "manage_master_user_password": true })), &[]);
    let literal = json!({ "password_wo": { "constant_value": "hunter2" } });
    check(
        resource("aws_db_instance", "a").after(version).expressions(literal),
        &["literal password_wo sensitive-attribute literal"],
    );
}

#[test]
fn a_password_decided_at_apply_is_in_the_state() {
    let random = json!({ "password": { "references": ["random_password.a.result", "random_password.a"] } });
    check(
        resource("aws_db_instance", "a")
            .unknown(json!({ "password": true, "id": true }))
            .sensitive(json!({ "password": true }))
            .expressions(random),
        &["in_state password sensitive-attribute reference"],
    );
}

#[test]
fn marked_values_are_kept_in_state_unless_null_or_not_a_text() {
    let after =
        json!({ "a": "text", "b": null, "c": 5432, "d": true, "e": "", "f": { "g": "text" }, "h": [] });
    let marks =
        json!({ "a": true, "b": true, "c": true, "d": true, "e": true, "f": { "g": true }, "h": true });
    check(
        resource("other_thing", "a").after(after).sensitive(marks),
        &["in_state a sensitive-attribute -", "in_state f.g sensitive-attribute -"],
    );
}

#[test]
fn names_tell_secrets_of_any_provider() {
    let after = json!({ "admin_password": "hunter2", "secret_arn": "arn:aws:x", "password_length": "16", "tags": { "token": "x" } });
    check(resource("other_thing", "a").after(after), &["in_state admin_password secret-name -"]);
}

#[test]
fn a_credential_in_a_document_has_the_place_of_its_own_value() {
    let containers = json!([{ "name": "web", "environment": [
        { "name": "LOG_LEVEL", "value": "info" },
        { "name": "UPSTREAM", "value": "postgres://orders:Rz71-harbour@db.internal:5432/orders" },
    ] }]);
    check(
        resource("aws_ecs_task_definition", "a")
            .after(json!({ "container_definitions": containers.to_string() }))
            .expressions(json!({ "container_definitions": {} })),
        &["environment container_definitions.0.environment.1.value json:url-password literal"],
    );
    let cut = "{\"a\": \"postgres://orders:Rz71-harbour@db.internal:5432/orders\"";
    check(resource("other_thing", "a").after(json!({ "text": cut })), &["in_state text url-password -"]);
}

#[test]
fn a_known_value_that_is_computed_from_literals_is_one() {
    let after = json!({ "secret_string": "{\"password\":\"hunter2\"}" });
    let version =
        || resource("aws_secretsmanager_secret_version", "a").expressions(json!({ "secret_string": {} }));
    check(
        version().after(after),
        &[
            "literal secret_string sensitive-attribute literal",
            "in_state secret_string sensitive-attribute literal",
        ],
    );
    check(
        version().unknown(json!({ "secret_string": true })),
        &["in_state secret_string sensitive-attribute -"],
    );
    check(
        resource("other_thing", "a")
            .after(json!({ "block": [{ "password": "hunter2" }] }))
            .expressions(json!({ "block": [{}] })),
        &["in_state block.0.password secret-name -"],
    );
}

#[test]
fn an_attribute_that_is_left_out_for_its_write_only_argument_is_nothing() {
    let parameter = |expressions: Value| {
        resource("aws_ssm_parameter", "a")
            .after(json!({ "name": "/x", "type": "SecureString", "value_wo_version": 1 }))
            .unknown(json!({ "value": true }))
            .sensitive(json!({ "value": true }))
            .expressions(expressions)
    };
    check(parameter(json!({ "value_wo": { "references": ["ephemeral.secret.x.value"] } })), &[]);
    check(
        parameter(json!({ "value": { "references": ["random_password.x.result", "random_password.x"] } })),
        &["in_state value sensitive-attribute reference"],
    );
    check(
        resource("kubernetes_secret_v1", "a")
            .after(json!({ "data_wo_revision": 1 }))
            .unknown(json!({ "data": true }))
            .sensitive(json!({ "data": true }))
            .expressions(json!({ "data_wo_revision": { "constant_value": 1 } })),
        &[],
    );
}

#[test]
fn a_secret_in_several_forms_is_told_of_once() {
    check(
        resource("random_password", "a")
            .unknown(json!({ "result": true, "bcrypt_hash": true }))
            .sensitive(json!({ "result": true, "bcrypt_hash": true })),
        &["in_state result sensitive-attribute -"],
    );
    check(
        resource("aws_iam_access_key", "a").unknown(json!({ "secret": true, "ses_smtp_password_v4": true })),
        &["in_state secret sensitive-attribute -"],
    );
    check(
        resource("tls_private_key", "a").unknown(
            json!({ "private_key_pem": true, "private_key_openssh": true, "private_key_pem_pkcs8": true }),
        ),
        &["in_state private_key_pem sensitive-attribute -"],
    );
}

#[test]
fn a_secret_in_the_environment_of_a_function_or_container_is_found() {
    let variables = json!({ "variables": { "DB_PASSWORD": "hunter2", "DB_HOST": "db", "DB_SECRET_ARN": "arn:aws:secretsmanager:x" } });
    check(
        resource("aws_lambda_function", "a")
            .after(json!({ "environment": [variables.clone()] }))
            .expressions(
                json!({ "environment": [{ "variables": { "constant_value": variables["variables"] } }] }),
            ),
        &["environment environment.0.variables.DB_PASSWORD secret-name literal"],
    );
    let containers = json!([{
        "name": "web",
        "environment": [{ "name": "API_TOKEN", "value": "hunter2" }, { "name": "PORT", "value": "80" }],
        "secrets": [{ "name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:x" }]
    }]);
    check(
        resource("aws_ecs_task_definition", "a")
            .after(json!({ "container_definitions": containers.to_string() })),
        &["environment container_definitions.0.environment.0.value json:secret-name -"],
    );
    let builds = json!({ "environment": [{ "environment_variable": [
        { "name": "TOKEN", "type": "PLAINTEXT", "value": "hunter2" },
        { "name": "TOKEN", "type": "SECRETS_MANAGER", "value": "build-token" },
    ] }] });
    check(
        resource("aws_codebuild_project", "a").after(builds),
        &["environment environment.0.environment_variable.0.value secret-name -"],
    );
    let pod = json!({ "spec": [{ "container": [{ "env": [{ "name": "PASSWORD", "value": "hunter2" }] }] }] });
    check(
        resource("kubernetes_pod_v1", "a").after(pod),
        &["environment spec.0.container.0.env.0.value secret-name -"],
    );
}

#[test]
fn secrets_in_user_data_are_found_through_its_encodings() {
    use base64::Engine;
    let script = "#!/bin/sh\nexport DB_PASSWORD=hunter2\n";
    let encoded = base64::engine::general_purpose::STANDARD.encode(script);
    check(
        resource("aws_instance", "a").after(json!({ "user_data": script })),
        &["user_data user_data secret-name -"],
    );
    check(
        resource("aws_launch_template", "a").after(json!({ "user_data": encoded })),
        &["user_data user_data base64:secret-name -"],
    );
    for clean in [
        "#!/bin/sh\necho hello\n",
        "export DB_PASSWORD=$(aws secretsmanager get-secret-value)\n",
        "PASSWORD=${x}\n",
    ] {
        check(resource("aws_instance", "a").after(json!({ "user_data": clean })), &[]);
    }
}

#[test]
fn user_data_that_the_plan_shows_as_a_hash_is_read_from_the_configuration() {
    let hashed = || {
        resource("aws_instance", "a")
            .after(json!({ "user_data": "44c6c808e6449ee36dfcfc4ebd66c1b9634b40f2" }))
    };
    check(
        hashed().expressions(json!({ "user_data": { "constant_value": "export TOKEN=hunter2\n" } })),
        &["user_data user_data secret-name literal"],
    );
    check(
        hashed()
            .expressions(json!({ "user_data": { "references": ["var.db_password", "aws_db_instance.b"] } })),
        &["user_data user_data secret-reference reference"],
    );
}

#[test]
fn a_config_map_with_a_password_is_found_and_a_secret_is_a_secret() {
    check(
        resource("kubernetes_config_map_v1", "a")
            .after(json!({ "data": { "db_password": "hunter2", "host": "db" } })),
        &["config_map data.db_password secret-name -"],
    );
    check(
        resource("kubernetes_secret_v1", "a")
            .after(json!({ "data": { "a": "hunter2" } }))
            .sensitive(json!({ "data": true }))
            .expressions(json!({ "data": { "constant_value": { "a": "hunter2" } } })),
        &["literal data sensitive-attribute literal", "in_state data sensitive-attribute literal"],
    );
}

#[test]
fn a_plain_parameter_is_no_secret() {
    let parameter = |kind: &str| {
        resource("aws_ssm_parameter", "a")
            .after(json!({ "name": "/x", "type": kind, "value": "ami-1" }))
            .sensitive(json!({ "value": true }))
    };
    check(parameter("String"), &[]);
    check(parameter("SecureString"), &["in_state value sensitive-attribute -"]);
    assert!(facts(vec![parameter("String")]).secrets.is_empty());
    assert_eq!(facts(vec![parameter("SecureString")]).secrets[0].kind, "parameter");
}

#[test]
fn deleted_and_forgotten_resources_are_no_facts() {
    for action in ["delete", "forget"] {
        let mut gone = resource("aws_db_instance", "a").after(json!({ "password": "hunter2" }));
        gone.change["change"]["actions"] = json!([action]);
        let facts = facts(vec![gone]);
        assert!(facts.exposures.is_empty() && facts.secrets.is_empty());
    }
}

#[test]
fn a_secret_has_its_key_by_reference_even_when_that_is_unknown() {
    let secret = |unknown: Value, expressions: Value| {
        only_secret(vec![
            resource("aws_secretsmanager_secret", "a")
                .after(json!({ "name": "x" }))
                .unknown(unknown)
                .expressions(expressions),
        ])
    };
    let referred = secret(
        json!({ "kms_key_id": true }),
        json!({ "kms_key_id": { "references": ["aws_kms_key.k.arn", "aws_kms_key.k"] } }),
    );
    assert_eq!(referred.kms_key.as_deref(), Some("aws_kms_key.k"));
    assert!(referred.origin.unknown.is_empty());
    let hidden =
        secret(json!({ "kms_key_id": true }), json!({ "kms_key_id": { "references": ["local.key"] } }));
    assert_eq!((hidden.kms_key, hidden.origin.unknown), (None, vec!["kms_key".to_owned()]));
    let silent = secret(json!({ "kms_key_id": true }), json!({ "name": { "constant_value": "x" } }));
    assert_eq!((silent.kms_key, silent.origin.unknown), (None, Vec::new()));
}

#[test]
fn a_secret_has_a_recovery_window_and_an_owner() {
    let secret = only_secret(vec![
        resource("aws_secretsmanager_secret", "a")
            .after(json!({ "name": "x", "recovery_window_in_days": 0, "tags": { "Owner": "team-x" } })),
    ]);
    assert_eq!(secret.recovery_window_days, Some(0.0));
    assert_eq!(secret.owner.as_deref(), Some("team-x"));
    let silent = only_secret(vec![resource("aws_secretsmanager_secret", "a").after(json!({ "name": "x" }))]);
    assert_eq!((silent.recovery_window_days, silent.owner), (Some(30.0), None));
}

fn rotated(rotation: Resource) -> Facts {
    facts(vec![
        resource("aws_secretsmanager_secret", "a")
            .after(json!({ "name": "x", "arn": "arn:aws:secretsmanager:x" })),
        resource("aws_secretsmanager_secret", "b").after(json!({ "name": "y" })),
        rotation,
    ])
}

#[test]
fn rotations_find_their_secret_by_reference_or_by_known_arn() {
    let rules = json!([{ "automatically_after_days": 30, "schedule_expression": "" }]);
    let by_reference = rotated(
        resource("aws_secretsmanager_secret_rotation", "r")
            .after(json!({ "rotation_rules": rules }))
            .unknown(json!({ "secret_id": true }))
            .expressions(json!({ "secret_id": { "references": ["aws_secretsmanager_secret.a.id", "aws_secretsmanager_secret.a"] } })),
    );
    let by_arn = rotated(
        resource("aws_secretsmanager_secret_rotation", "r")
            .after(json!({ "rotation_rules": rules, "secret_id": "arn:aws:secretsmanager:x" })),
    );
    for facts in [by_reference, by_arn] {
        assert_eq!(facts.secrets[0].rotations, ["aws_secretsmanager_secret_rotation.r"]);
        assert!(facts.secrets[1].rotations.is_empty());
        assert_eq!(facts.rotations[0].secret.as_deref(), Some("aws_secretsmanager_secret.a"));
        assert_eq!(facts.rotations[0].period_days, Some(30.0));
    }
}

#[test]
fn a_rotation_of_who_knows_what_may_be_any_secrets() {
    let facts = rotated(
        resource("aws_secretsmanager_secret_rotation", "r")
            .after(json!({ "rotation_rules": [{ "schedule_expression": "cron(0 8 1 * ? *)" }] }))
            .unknown(json!({ "secret_id": true }))
            .expressions(json!({ "secret_id": { "references": ["local.secret"] } })),
    );
    assert!(facts.secrets.iter().all(|secret| secret.rotation_maybe && secret.rotations.is_empty()));
    assert_eq!((facts.rotations[0].secret.as_deref(), facts.rotations[0].period_days), (None, Some(31.0)));
}

#[test]
fn a_schedule_that_cannot_be_read_is_told() {
    let facts = rotated(
        resource("aws_secretsmanager_secret_rotation", "r")
            .after(json!({ "secret_id": "arn:aws:secretsmanager:x", "rotation_rules": [{ "schedule_expression": "hunter2" }] })),
    );
    assert_eq!(facts.unreadable.len(), 1);
    assert_eq!(facts.unreadable[0].reason, "the schedule is not a rate, a cron expression or a duration");
}

#[test]
fn a_version_tells_how_the_value_gets_there() {
    let source = |version: Resource| {
        let reference =
            json!({ "references": ["aws_secretsmanager_secret.a.id", "aws_secretsmanager_secret.a"] });
        let mut version = version;
        version.configuration["expressions"]["secret_id"] = reference;
        facts(vec![resource("aws_secretsmanager_secret", "a").after(json!({ "name": "x" })), version]).secrets
            [0]
        .value_source
    };
    let version = || resource("aws_secretsmanager_secret_version", "v");
    assert_eq!(
        source(version().expressions(json!({ "secret_string": { "constant_value": "x" } }))),
        Some("literal")
    );
    assert_eq!(
        source(version().expressions(json!({ "secret_string": { "references": ["var.x"] } }))),
        Some("reference")
    );
    assert_eq!(
        source(version().expressions(json!({ "secret_string_wo": { "references": ["var.x"] } }))),
        Some("write_only")
    );
}

#[test]
fn a_managed_database_password_rotates_by_itself() {
    let managed = only_secret(vec![
        resource("aws_rds_cluster", "a")
            .after(json!({ "manage_master_user_password": true, "cluster_identifier": "x" })),
    ]);
    assert!(managed.rotation_managed && managed.customer_key_supported);
    let plain =
        only_secret(vec![resource("aws_rds_cluster", "a").after(json!({ "master_password": "hunter2" }))]);
    assert!(!plain.rotation_managed && !plain.rotation_expected && !plain.customer_key_supported);
    assert!(facts(vec![resource("aws_rds_cluster", "a").after(json!({}))]).secrets.is_empty());
}

#[test]
fn our_own_resources_are_read() {
    let own = |resource_type: &str, name: &str| {
        let mut resource = resource(resource_type, name);
        resource.change["provider_name"] = json!("registry.terraform.io/secretlint/secret");
        resource
    };
    let reference = json!({ "secret_id": { "references": ["secret.a.id", "secret.a"] } });
    let facts = facts(vec![
        own("secret", "a")
            .after(json!({ "name": "prod/db", "owner": "team-x", "recovery_window_days": 7, "generate": { "kind": "password" } }))
            .unknown(json!({ "id": true }))
            .expressions(json!({ "generate": { "kind": { "constant_value": "password" } } })),
        own("secret_rotation", "a")
            .after(json!({ "schedule": "30d", "strategy": "regenerate", "keep_previous_for": "1h" }))
            .unknown(json!({ "secret_id": true }))
            .expressions(reference.clone()),
        own("secret_grant", "a")
            .after(json!({ "principal": "age1x", "access": ["read"], "reason": "incident" }))
            .unknown(json!({ "secret_id": true }))
            .expressions(reference),
    ]);
    let secret = &facts.secrets[0];
    assert_eq!(
        (secret.store, secret.value_source, secret.owner.as_deref()),
        ("local", Some("generated"), Some("team-x"))
    );
    assert_eq!(secret.rotations, ["secret_rotation.a"]);
    let rotation = &facts.rotations[0];
    assert_eq!((rotation.period_days, rotation.keep_previous_seconds), (Some(30.0), Some(3600.0)));
    let grant = &facts.grants[0];
    assert_eq!(grant.resources, ["secret.a"]);
    assert_eq!((grant.kind, &grant.access[..], grant.concerns_secrets), ("grant", &["read"][..], true));
    assert!(grant.origin.unknown.is_empty() && facts.exposures.is_empty());
}

#[test]
fn each_of_our_resources_is_in_the_store_of_its_own_provider_block() {
    let own = |name: &str, key: &str, after: Value| {
        let mut secret = resource("secret", name).after(after);
        secret.change["provider_name"] = json!("registry.terraform.io/secretlint/secret");
        secret.configuration["provider_config_key"] = json!(key);
        secret
    };
    let block = |key: &str, alias: Value, store: &str| json!({ "name": "secret", "alias": alias, "expressions": { store: [{}], "key": key } });
    let providers = json!({
        "secret": block("secret", Value::Null, "vault"),
        "secret.cloud": block("secret.cloud", json!("cloud"), "aws"),
    });
    let tagged =
        json!({ "name": "a", "tags": { "service": "x" }, "tags_all": { "service": "x", "team": "orders" } });
    let mut grant = resource("secret_grant", "a").after(json!({
        "principal": "arn:aws:iam::123456789012:role/app", "access": ["read"],
        "conditions": [{ "operator": "StringEquals", "key": "aws:SourceVpce", "values": ["vpce-1"] }],
    }));
    grant.change["provider_name"] = json!("registry.terraform.io/secretlint/secret");
    let facts = facts_with(
        vec![
            own("a", "secret.cloud", tagged),
            own("b", "secret", json!({ "name": "b" })),
            own("c", "module.c:secret", json!({ "name": "c" })),
            grant,
        ],
        json!({ "provider_config": providers }),
    );
    let stores: Vec<_> = facts.secrets.iter().map(|secret| secret.store).collect();
    assert_eq!(stores, ["aws", "vault", "vault"]);
    assert!(facts.secrets[0].customer_key_supported && !facts.secrets[1].customer_key_supported);
    assert_eq!(facts.secrets[0].owner.as_deref(), Some("orders"), "by a tag that the provider block gives");
    assert_eq!(facts.grants[0].condition_keys, ["aws:sourcevpce"]);
}

#[test]
fn roles_and_bindings_of_kubernetes_reach_secrets() {
    let role = |name: &str, rule: Value| {
        resource("kubernetes_cluster_role_v1", name)
            .after(json!({ "metadata": [{ "name": name }], "rule": [rule] }))
    };
    let binding = |name: &str, role: &str| {
        resource("kubernetes_cluster_role_binding_v1", name).after(json!({
            "role_ref": [{ "kind": "ClusterRole", "name": role }],
            "subject": [{ "kind": "Group", "name": "system:authenticated", "namespace": "" }, { "kind": "ServiceAccount", "name": "x", "namespace": "y" }],
        }))
    };
    let facts = facts(vec![
        role("reader", json!({ "api_groups": [""], "resources": ["secrets"], "verbs": ["get"] })),
        role("pods", json!({ "api_groups": [""], "resources": ["pods"], "verbs": ["*"] })),
        binding("b", "reader"),
        binding("c", "pods"),
        binding("d", "cluster-admin"),
    ]);
    let concerns: Vec<bool> = facts.grants.iter().map(|grant| grant.concerns_secrets).collect();
    assert_eq!(concerns, [true, false, true, false, true]);
    assert_eq!(facts.grants[0].resources, ["*"]);
    assert_eq!(facts.grants[2].access, ["read"]);
    assert_eq!(
        facts.grants[2].principals.as_deref(),
        Some(["group:system:authenticated".to_owned(), "serviceaccount:y/x".to_owned()].as_slice())
    );
}

#[test]
fn outputs_of_secrets_are_found() {
    let output = |name: &str, change: Value, configuration: Value| {
        let database =
            resource("aws_db_instance", "a").unknown(json!({ "password": true, "endpoint": true }));
        let mut outputs = json!({});
        outputs[name] = configuration;
        let mut changes = json!({});
        changes[name] = change;
        let more = json!({ "output_changes": changes, "root_module": { "outputs": outputs } });
        let facts = facts_with(vec![database], more);
        facts
            .exposures
            .iter()
            .filter(|exposure| exposure.kind == "output")
            .map(|exposure| format!("{} {}", exposure.origin.address, exposure.detector))
            .collect::<Vec<_>>()
    };
    let unknown = json!({ "actions": ["create"], "after_unknown": true });
    let reference = |attribute: &str| json!({ "expression": { "references": [format!("aws_db_instance.a.{attribute}"), "aws_db_instance.a"] } });
    assert_eq!(output("login", unknown.clone(), reference("password")), ["output.login secret-reference"]);
    assert!(output("login", unknown.clone(), reference("endpoint")).is_empty());
    assert_eq!(
        output(
            "x",
            json!({ "actions": ["create"], "after": "y", "after_sensitive": true }),
            json!({ "sensitive": true })
        ),
        ["output.x sensitive-output"]
    );
    let hidden = |name: &str, expression: Value| {
        output(
            name,
            json!({ "actions": ["create"], "after_unknown": true, "after_sensitive": true }),
            expression,
        )
    };
    for name in ["cluster_endpoint", "db_name", "cluster_master_username", "cluster_ca_certificate"] {
        assert!(hidden(name, reference("endpoint")).is_empty(), "{name}");
    }
    assert_eq!(
        hidden("cluster_endpoint", reference("password")),
        ["output.cluster_endpoint secret-reference"]
    );
    assert_eq!(hidden("cluster", reference("endpoint")), ["output.cluster sensitive-output"]);
    assert_eq!(
        output("api_token", json!({ "actions": ["create"], "after": "hunter2" }), json!({})),
        ["output.api_token secret-name"]
    );
    assert!(
        output("token_url", json!({ "actions": ["create"], "after": "https://x" }), json!({})).is_empty()
    );
    assert!(
        output(
            "x",
            json!({ "actions": ["delete"], "after": null, "after_sensitive": true }),
            json!({ "sensitive": true })
        )
        .is_empty()
    );
}

#[test]
fn variable_defaults_module_arguments_and_provider_blocks_are_read() {
    let facts = facts_with(
        Vec::new(),
        json!({
            "root_module": {
                "variables": {
                    "db_password": { "default": "hunter2" }, "region": { "default": "eu" }, "api_token": { "default": "" },
                    "login": { "default": "x", "sensitive": true }, "secret_arn": { "default": "arn:aws:x" }, "password": {}
                },
                "module_calls": { "db": {
                    "source": "./db", "expressions": { "password": { "constant_value": "hunter2" } },
                    "module": { "variables": { "password": { "default": "unused" }, "token": { "default": "hunter2" } } }
                } }
            },
            "provider_config": {
                "aws": { "name": "aws", "expressions": { "access_key": { "constant_value": "AKIAIOSFODNN7EXAMPLE" }, "secret_key": { "references": ["var.x"] } } },
                "other": { "name": "other", "expressions": { "token": { "constant_value": "hunter2" } } }
            }
        }),
    );
    let found: Vec<String> = facts
        .exposures
        .iter()
        .map(|exposure| format!("{} {} {}", exposure.origin.address, exposure.kind, exposure.detector))
        .collect();
    assert_eq!(
        found,
        [
            "var.db_password variable_default secret-name",
            "var.login variable_default sensitive-attribute",
            "module.db literal secret-name",
            "module.db.var.token variable_default secret-name",
            "provider.other literal secret-name",
        ]
    );
    assert_eq!(facts.credentials.len(), 1);
    assert_eq!(facts.credentials[0].origin.address, "provider.aws");
}

#[test]
fn the_key_of_a_provider_block_is_one_credential_and_one_literal() {
    let expressions = json!({
        "access_key": { "constant_value": "AKIAIOSFODNN7EXAMPLE" },
        "secret_key": { "constant_value": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }
    });
    let facts = facts_with(
        Vec::new(),
        json!({ "provider_config": { "aws": { "name": "aws", "expressions": expressions } } }),
    );
    assert_eq!(exposures(&facts), ["literal secret_key secret-name literal"]);
    assert_eq!(facts.credentials.len(), 1);
    assert_eq!(serde_json::to_value(&facts.credentials[0].path).unwrap(), json!(["secret_key"]));
}

#[test]
fn access_keys_are_static_credentials() {
    let facts = facts(vec![
        resource("aws_iam_access_key", "a").after(json!({ "user": "ci" })).unknown(json!({ "secret": true })),
    ]);
    assert_eq!(
        (facts.credentials[0].kind, facts.credentials[0].subject.as_deref()),
        ("static_cloud_key", Some("ci"))
    );
    assert_eq!(exposures(&facts), ["in_state secret sensitive-attribute -"]);
}
