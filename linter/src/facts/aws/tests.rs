//! Facts of AWS resources, one behaviour each.

use serde_json::{Value, json};

use super::super::model::Facts;
use super::super::tests::{Resource, check, facts, facts_with, resource};

#[test]
fn a_secret_in_a_plain_parameter_is_in_a_store_of_settings() {
    let parameter = |kind: &str| {
        resource("aws_ssm_parameter", "a")
            .after(json!({ "name": "/orders/db_password", "type": kind, "value": "hunter2" }))
            .sensitive(json!({ "value": true }))
    };
    check(parameter("String"), &["parameter value secret-name -"]);
    check(parameter("SecureString"), &["in_state value sensitive-attribute -"]);
    let port = json!({ "name": "/orders/db_port", "type": "String", "value": "5432" });
    check(resource("aws_ssm_parameter", "a").after(port).sensitive(json!({ "value": true })), &[]);
}

#[test]
fn what_is_encrypted_to_a_pgp_key_is_no_secret_in_the_state() {
    let key = |after: Value| {
        resource("aws_iam_access_key", "a")
            .after(after)
            .unknown(json!({ "secret": true, "encrypted_secret": true, "ses_smtp_password_v4": true }))
            .sensitive(json!({ "secret": true, "ses_smtp_password_v4": true }))
    };
    check(key(json!({ "user": "ci", "pgp_key": "keybase:ops" })), &[]);
    check(key(json!({ "user": "ci" })), &["in_state secret sensitive-attribute -"]);
}

/// Facts of one resource of which every argument is written out.
fn facts_of(resource_type: &str, after: Value) -> Facts {
    facts(vec![written(resource_type, "a", after)])
}

fn written(resource_type: &str, name: &str, after: Value) -> Resource {
    let constants = |value: &Value| json!({ "constant_value": value });
    let expressions: serde_json::Map<String, Value> = after
        .as_object()
        .unwrap()
        .iter()
        .map(|(argument, value)| {
            let is_blocks = value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
            let expression = match value.as_array() {
                Some(blocks) if is_blocks => blocks
                    .iter()
                    .map(|block| {
                        let arguments = block.as_object().unwrap().iter();
                        arguments.map(|(name, value)| (name.clone(), constants(value))).collect::<Value>()
                    })
                    .collect(),
                _ => constants(value),
            };
            (argument.clone(), expression)
        })
        .collect();
    resource(resource_type, name).after(after).expressions(Value::Object(expressions))
}

#[test]
fn environments_and_scripts_under_names_of_their_own_are_found() {
    let secret = json!({ "DB_PASSWORD": "hunter2", "DB_HOST": "db" });
    let found = |resource_type: &str, after: Value, expected: &str| {
        check(resource(resource_type, "a").after(after), &[expected]);
    };
    let image = json!([{ "image_repository": [{ "image_configuration": [{ "runtime_environment_variables": secret }] }] }]);
    found(
        "aws_apprunner_service",
        json!({ "source_configuration": image }),
        "environment source_configuration.0.image_repository.0.image_configuration.0.runtime_environment_variables.DB_PASSWORD secret-name -",
    );
    found(
        "aws_amplify_app",
        json!({ "environment_variables": secret }),
        "environment environment_variables.DB_PASSWORD secret-name -",
    );
    found(
        "aws_glue_job",
        json!({ "default_arguments": { "--db_password": "hunter2", "--job-language": "python" } }),
        "environment default_arguments.--db_password secret-name -",
    );
    found(
        "aws_api_gateway_stage",
        json!({ "variables": { "api_key": "hunter2" } }),
        "environment variables.api_key secret-name -",
    );
    found(
        "aws_apigatewayv2_stage",
        json!({ "stage_variables": { "token": "hunter2" } }),
        "environment stage_variables.token secret-name -",
    );
    let setting = json!([{ "namespace": "aws:elasticbeanstalk:application:environment", "name": "DB_PASSWORD", "value": "hunter2" }]);
    found(
        "aws_elastic_beanstalk_environment",
        json!({ "setting": setting }),
        "environment setting.0.value secret-name -",
    );
    let job = json!({ "image": "x", "environment": [{ "name": "DB_PASSWORD", "value": "hunter2" }] });
    found(
        "aws_batch_job_definition",
        json!({ "container_properties": job.to_string() }),
        "environment container_properties.environment.0.value json:secret-name -",
    );
    let states = json!({ "StartAt": "Call", "States": { "Call": { "Type": "Task", "Parameters": { "x-api-key": "hunter2", "TaskToken.$": "$$.Task.Token" } } } });
    found(
        "aws_sfn_state_machine",
        json!({ "definition": states.to_string() }),
        "environment definition.States.Call.Parameters.x-api-key json:secret-name -",
    );
    use base64::Engine;
    let script = base64::engine::general_purpose::STANDARD.encode("export DB_PASSWORD=hunter2\n");
    found(
        "aws_sagemaker_notebook_instance_lifecycle_configuration",
        json!({ "on_start": script }),
        "user_data on_start base64:secret-name -",
    );
    found(
        "aws_launch_configuration",
        json!({ "user_data": "export DB_PASSWORD=hunter2\n" }),
        "user_data user_data secret-name -",
    );
}

#[test]
fn a_connection_of_glue_has_a_secret_where_it_has_a_password() {
    let connection = |properties: Value| {
        resource("aws_glue_connection", "a")
            .after(json!({ "connection_properties": properties }))
            .sensitive(json!({ "connection_properties": true }))
    };
    check(
        connection(json!({ "JDBC_CONNECTION_URL": "jdbc:postgresql://db/x", "SECRET_ID": "orders/db" })),
        &[],
    );
    check(
        connection(json!({ "USERNAME": "etl", "PASSWORD": "hunter2" })),
        &["in_state connection_properties.PASSWORD sensitive-attribute -"],
    );
}

#[test]
fn a_replica_is_a_second_region() {
    let secret = |after: Value| facts_of("aws_secretsmanager_secret", after).secrets.remove(0);
    let replicated = secret(json!({ "name": "a", "replica": [{ "region": "eu-west-1" }] }));
    assert_eq!(replicated.single_region, Some(false));
    let alone = secret(json!({ "name": "a" }));
    assert_eq!((alone.single_region, alone.description_supported), (None, true));
    let unknown = |expressions: Value| {
        let secret = resource("aws_secretsmanager_secret", "a").unknown(json!({ "replica": true }));
        facts(vec![secret.expressions(expressions)]).secrets.remove(0).origin.unknown
    };
    assert_eq!(unknown(json!({ "replica": { "references": ["var.regions"] } })), ["single_region"]);
    assert!(unknown(json!({})).is_empty());
}

/// A resource of the provider block `aws.ALIAS`.
fn at(alias: &str, resource_type: &str, name: &str, after: Value) -> Resource {
    let mut resource = written(resource_type, name, after);
    resource.configuration["provider_config_key"] = json!(format!("aws.{alias}"));
    resource
}

#[test]
fn a_secret_is_in_one_region_where_a_workload_runs_in_a_region_without_any() {
    let providers = json!({ "provider_config": {
        "aws.here": { "name": "aws", "alias": "here", "expressions": { "region": { "constant_value": "eu-central-1" } } },
        "aws.there": { "name": "aws", "alias": "there", "expressions": { "region": { "references": ["var.second"] } } },
        "aws.edge": { "name": "aws", "alias": "edge", "expressions": { "region": { "constant_value": "us-east-1" } } },
    }, "variables": { "second": { "value": "eu-west-1" } } });
    let single = |more: Vec<Resource>| {
        let mut resources = vec![
            at("here", "aws_secretsmanager_secret", "a", json!({ "name": "a" })),
            at("here", "aws_lambda_function", "here", json!({ "function_name": "a" })),
        ];
        resources.extend(more);
        facts_with(resources, providers.clone()).secrets[0].single_region
    };
    let function = || at("there", "aws_lambda_function", "there", json!({ "function_name": "a" }));
    assert_eq!(single(vec![function()]), Some(true));
    assert_eq!(single(vec![]), None);
    assert_eq!(
        single(vec![function(), at("there", "aws_secretsmanager_secret", "b", json!({ "name": "a" }))]),
        None
    );
    assert_eq!(
        single(vec![at("edge", "aws_acm_certificate", "b", json!({ "domain_name": "example.com" }))]),
        None
    );
    assert_eq!(single(vec![at("edge", "aws_lambda_function", "b", json!({ "publish": true }))]), None);
    let elsewhere = json!({ "function_name": "a", "region": "ap-south-1" });
    assert_eq!(single(vec![at("here", "aws_lambda_function", "b", elsewhere)]), Some(true));
}

#[test]
fn only_a_key_that_kms_can_rotate_is_expected_to_be_rotated() {
    let rotated = |after: Value| facts_of("aws_kms_key", after).keys.remove(0).rotation_enabled;
    assert_eq!(rotated(json!({})), Some(false));
    assert_eq!(rotated(json!({ "enable_key_rotation": true, "multi_region": true })), Some(true));
    assert_eq!(rotated(json!({ "customer_master_key_spec": "SYMMETRIC_DEFAULT" })), Some(false));
    assert_eq!(rotated(json!({ "customer_master_key_spec": "RSA_2048" })), None);
    assert_eq!(
        rotated(json!({ "customer_master_key_spec": "HMAC_256", "key_usage": "GENERATE_VERIFY_MAC" })),
        None
    );
    assert_eq!(rotated(json!({ "custom_key_store_id": "cks-1" })), None);
    assert_eq!(rotated(json!({ "is_enabled": false })), None);
    assert_eq!(facts_of("aws_kms_external_key", json!({})).keys[0].rotation_enabled, None);
    assert_eq!(facts_of("aws_kms_replica_key", json!({})).keys[0].rotation_enabled, None);
    let undecided = resource("aws_kms_key", "a")
        .unknown(json!({ "enable_key_rotation": true }))
        .expressions(json!({ "enable_key_rotation": { "references": ["var.x"] } }));
    let key = facts(vec![undecided]).keys.remove(0);
    assert_eq!((key.rotation_enabled, key.origin.unknown), (None, vec!["rotation_enabled".to_owned()]));
}

#[test]
fn a_rotation_by_a_published_function_says_how_it_rotates() {
    let strategy = |application: &str| {
        let id = format!("arn:aws:serverlessrepo:us-east-1:297356227824:applications/{application}");
        let stack = "aws_serverlessapplicationrepository_cloudformation_stack";
        let outputs = format!("{stack}.f.outputs");
        let rotation = resource("aws_secretsmanager_secret_rotation", "a")
            .unknown(json!({ "rotation_lambda_arn": true, "rotation_enabled": true }))
            .expressions(json!({ "rotation_lambda_arn": { "references": [outputs, format!("{stack}.f")] } }));
        let stack = resource(stack, "f").after(json!({ "application_id": id }));
        facts(vec![rotation, stack]).rotations.remove(0).strategy.unwrap()
    };
    assert_eq!(strategy("SecretsManagerRDSPostgreSQLRotationSingleUser"), "single_user");
    assert_eq!(strategy("SecretsManagerRDSPostgreSQLRotationMultiUser"), "alternating_users");
    assert_eq!(strategy("SecretsManagerRotationTemplate"), "lambda");
    let other = json!({ "rotation_lambda_arn": "arn:aws:lambda:eu-west-1:123456789012:function:rotate" });
    let other = facts_of("aws_secretsmanager_secret_rotation", other).rotations.remove(0);
    assert_eq!(other.strategy.as_deref(), Some("lambda"));
}

#[test]
fn a_rotation_that_was_cancelled_elsewhere_is_off_and_one_that_is_made_is_on() {
    let enabled = |rotation: Resource| facts(vec![rotation]).rotations.remove(0).enabled;
    let made =
        resource("aws_secretsmanager_secret_rotation", "a").unknown(json!({ "rotation_enabled": true }));
    assert_eq!(enabled(made), Some(true));
    let cancelled =
        resource("aws_secretsmanager_secret_rotation", "a").after(json!({ "rotation_enabled": false }));
    assert_eq!(enabled(cancelled), Some(false));
}

/// Passwords as `store source alternative`.
fn passwords(resource_type: &str, after: Value) -> Vec<String> {
    let line = |secret: &crate::facts::model::Secret| {
        let source = secret.value_source.unwrap_or("-");
        format!("{} {source} {}", secret.store, secret.dynamic_alternative.as_deref().unwrap_or("-"))
    };
    facts_of(resource_type, after).secrets.iter().map(line).collect()
}

#[test]
fn a_password_of_ones_own_names_what_the_service_offers_instead() {
    let check = |resource_type: &str, after: Value, expected: &[&str]| {
        assert_eq!(passwords(resource_type, after), expected, "{resource_type}");
    };
    check(
        "aws_db_instance",
        json!({ "password": "hunter2" }),
        &["aws_rds literal manage_master_user_password"],
    );
    check("aws_db_instance", json!({ "manage_master_user_password": true }), &["aws_rds generated -"]);
    check("aws_db_instance", json!({ "instance_class": "db.t4g.micro" }), &[]);
    check(
        "aws_rds_cluster",
        json!({ "master_password_wo": "hunter2", "master_password_wo_version": 1 }),
        &["aws_rds write_only manage_master_user_password"],
    );
    check(
        "aws_rds_cluster",
        json!({ "master_password": "hunter2", "global_cluster_identifier": "world" }),
        &["aws_rds literal -"],
    );
    check(
        "aws_db_instance",
        json!({ "password": "hunter2", "engine": "custom-sqlserver-ee" }),
        &["aws_rds literal -"],
    );
    check(
        "aws_rds_cluster",
        json!({ "master_password": "hunter2", "engine_mode": "serverless" }),
        &["aws_rds literal -"],
    );
    check(
        "aws_redshift_cluster",
        json!({ "master_password": "hunter2" }),
        &["aws_redshift literal manage_master_password"],
    );
    let users =
        json!([{ "username": "a", "password": "hunter2" }, { "username": "b", "password": "hunter3" }]);
    check("aws_mq_broker", json!({ "user": users }), &["aws_mq literal -", "aws_mq literal -"]);
    check(
        "aws_docdbelastic_cluster",
        json!({ "auth_type": "SECRET_ARN", "admin_user_password": "arn:aws:secretsmanager:x" }),
        &[],
    );
    check("aws_elasticache_user", json!({ "authentication_mode": [{ "type": "iam" }] }), &[]);
    check(
        "aws_elasticache_user",
        json!({ "passwords": ["hunter2-hunter2-hunter2"] }),
        &["aws_elasticache literal IAM authentication (`authentication_mode` of type `iam`)"],
    );
}

#[test]
fn every_row_of_passwords_has_its_extractor() {
    for resource_type in super::passwords::types() {
        assert!(super::TYPES.iter().any(|(name, _)| *name == resource_type), "{resource_type}");
    }
}

#[test]
fn a_cluster_says_whether_it_encrypts_secrets_and_audits_who_reads_them() {
    let cluster = |after: Value| {
        let store = facts_of("aws_eks_cluster", after).stores.remove(0);
        (store.secrets_encrypted, store.audited)
    };
    assert_eq!(cluster(json!({ "name": "a" })), (Some(false), Some(false)));
    let encrypted = json!([{ "resources": ["secrets"], "provider": [{ "key_arn": "arn:aws:kms:x" }] }]);
    let logs = json!(["api", "audit"]);
    let both = json!({ "name": "a", "encryption_config": encrypted, "enabled_cluster_log_types": logs });
    assert_eq!(cluster(both), (Some(true), Some(true)));
    let undecided = resource("aws_eks_cluster", "a")
        .unknown(json!({ "encryption_config": true, "enabled_cluster_log_types": true }))
        .expressions(json!({ "encryption_config": { "references": ["var.x"] } }));
    let store = facts(vec![undecided]).stores.remove(0);
    assert_eq!((store.secrets_encrypted, store.audited), (None, None));
    assert_eq!(store.origin.unknown, ["secrets_encrypted", "audited"]);
}

/// Whether a trail is on and has reads of secrets in it; nothing for a log of something else.
fn trail(mut after: Value) -> Option<(Option<bool>, Option<bool>)> {
    after["name"] = json!("a");
    let facts = facts_of("aws_cloudtrail", after);
    facts.audits.first().map(|audit| (audit.enabled, audit.covers_secrets))
}

const ON_AND_SEES: Option<(Option<bool>, Option<bool>)> = Some((Some(true), Some(true)));
const ON_AND_BLIND: Option<(Option<bool>, Option<bool>)> = Some((Some(true), Some(false)));

#[test]
fn a_trail_has_reads_of_secrets_unless_it_is_off_or_its_selectors_shut_them_out() {
    let selector = |selector: Value| trail(json!({ "event_selector": [selector] }));
    assert_eq!(trail(json!({})), ON_AND_SEES);
    assert_eq!(trail(json!({ "enable_logging": false })), Some((Some(false), Some(true))));
    assert_eq!(selector(json!({ "read_write_type": "WriteOnly" })), ON_AND_BLIND);
    let without_keys =
        json!({ "read_write_type": "All", "exclude_management_event_sources": ["kms.amazonaws.com"] });
    assert_eq!(selector(without_keys), ON_AND_SEES);
    assert_eq!(selector(json!({ "include_management_events": false })), None);
    let undecided = resource("aws_cloudtrail", "a")
        .unknown(json!({ "enable_logging": true }))
        .expressions(json!({ "enable_logging": { "references": ["var.x"] } }));
    let audit = facts(vec![undecided]).audits.remove(0);
    assert_eq!((audit.enabled, audit.origin.unknown), (None, vec!["enabled".to_owned()]));
}

#[test]
fn advanced_selectors_are_read_field_by_field() {
    let one = |mut fields: Value| {
        fields.as_array_mut().unwrap().push(json!({ "field": "eventCategory", "equals": ["Management"] }));
        trail(json!({ "advanced_event_selector": [{ "field_selector": fields }] }))
    };
    assert_eq!(one(json!([])), ON_AND_SEES);
    assert_eq!(one(json!([{ "field": "readOnly", "equals": ["false"] }])), ON_AND_BLIND);
    let sources = json!(["kms.amazonaws.com", "secretsmanager.amazonaws.com"]);
    assert_eq!(one(json!([{ "field": "eventSource", "not_equals": sources }])), ON_AND_BLIND);
    assert_eq!(one(json!([{ "field": "eventSource", "not_equals": ["kms.amazonaws.com"] }])), ON_AND_SEES);
    assert_eq!(one(json!([{ "field": "eventName", "not_starts_with": ["Get"] }])), ON_AND_BLIND);
    let data = json!([{ "field": "eventCategory", "equals": ["Data"] }]);
    assert_eq!(trail(json!({ "advanced_event_selector": [{ "field_selector": data }] })), None);
}

#[test]
fn the_trails_of_a_plan_are_for_one_account() {
    let account = |trails: Vec<Value>| {
        let trails = trails.into_iter().zip(["a", "b"]);
        let trails = trails.map(|(after, name)| written("aws_cloudtrail", name, after));
        let facts = facts(trails.collect());
        facts.stores.first().map(|store| (store.kind, store.audited, store.audits.len()))
    };
    let objects = json!({ "name": "b", "event_selector": [{ "include_management_events": false }] });
    let off = json!({ "name": "a", "enable_logging": false });
    assert_eq!(account(vec![]), None);
    assert_eq!(account(vec![objects]), None);
    assert_eq!(account(vec![off.clone()]), Some(("account", None, 1)));
    assert_eq!(account(vec![off, json!({ "name": "b" })]), Some(("account", Some(true), 2)));
}

/// Retention of the logs in a plan.
fn retention(resources: Vec<Resource>) -> Vec<Option<f64>> {
    facts(resources).audits.iter().map(|audit| audit.retention_days).collect()
}

#[test]
fn an_audit_log_is_kept_as_long_as_the_place_it_is_written_to_keeps_it() {
    let trail = || {
        resource("aws_cloudtrail", "a").unknown(json!({ "s3_bucket_name": true })).expressions(
            json!({ "s3_bucket_name": { "references": ["aws_s3_bucket.a.id", "aws_s3_bucket.a"] } }),
        )
    };
    let bucket = || resource("aws_s3_bucket", "a").unknown(json!({ "id": true }));
    let lifecycle = |bucket: &str, prefix: &str| {
        let rule = json!([{ "status": "Enabled", "filter": [{ "prefix": prefix }], "expiration": [{ "days": 30 }] }]);
        resource("aws_s3_bucket_lifecycle_configuration", "a")
            .after(json!({ "rule": rule }))
            .unknown(json!({ "bucket": true }))
            .expressions(json!({ "bucket": { "references": [format!("{bucket}.id"), bucket] } }))
    };
    assert_eq!(retention(vec![trail(), bucket(), lifecycle("aws_s3_bucket.a", "")]), [None, Some(30.0)]);
    assert_eq!(retention(vec![trail(), bucket(), lifecycle("aws_s3_bucket.a", "tmp/")]), [None]);
    assert_eq!(retention(vec![trail(), bucket(), lifecycle("aws_s3_bucket.b", "")]), [None]);
    let cluster = |logs: Value| {
        let group = json!({ "name": "/aws/eks/a/cluster", "retention_in_days": 7 });
        vec![
            written("aws_eks_cluster", "a", json!({ "name": "a", "enabled_cluster_log_types": logs })),
            written("aws_cloudwatch_log_group", "a", group),
        ]
    };
    assert_eq!(retention(cluster(json!(["audit"]))), [Some(7.0)]);
    assert_eq!(retention(cluster(json!(["api"]))), []);
    let lake = json!({ "name": "a", "retention_period": 30 });
    assert_eq!(retention(vec![written("aws_cloudtrail_event_data_store", "a", lake)]), [Some(30.0)]);
    let group = json!({ "name": "/aws/lambda/a", "retention_in_days": 7 });
    assert_eq!(retention(vec![written("aws_cloudwatch_log_group", "a", group)]), []);
}

#[test]
fn a_certificate_that_is_brought_is_renewed_by_nobody() {
    let renewed = |resource_type: &str, after: Value| {
        let facts = facts_of(resource_type, after);
        facts.certificates.first().map(|certificate| (certificate.renewed, certificate.validity_days))
    };
    let acm = |after: Value| renewed("aws_acm_certificate", after);
    assert_eq!(acm(json!({ "certificate_body": "-----BEGIN CERTIFICATE-----" })), Some((Some(false), None)));
    assert_eq!(
        acm(json!({ "domain_name": "a.example", "validation_method": "DNS" })),
        Some((Some(true), None))
    );
    assert_eq!(acm(json!({ "domain_name": "a.example", "validation_method": "EMAIL" })), Some((None, None)));
    let made = resource("aws_iam_server_certificate", "a")
        .after(json!({ "certificate_body": "-----BEGIN CERTIFICATE-----" }))
        .expressions(json!({ "certificate_body": { "references": ["acme_certificate.a.certificate_pem", "acme_certificate.a"] } }));
    assert_eq!(facts(vec![made]).certificates[0].renewed, None);
    let private = |template: &str| {
        let validity = json!([{ "type": "YEARS", "value": "2" }]);
        renewed("aws_acmpca_certificate", json!({ "template_arn": template, "validity": validity }))
    };
    assert_eq!(
        private("arn:aws:acm-pca:::template/EndEntityCertificate/V1"),
        Some((Some(false), Some(730.5)))
    );
    assert_eq!(private("arn:aws:acm-pca:::template/RootCACertificate/V1"), None);
}

#[test]
fn an_access_key_that_is_switched_off_is_no_credential() {
    let count = |after: Value| facts_of("aws_iam_access_key", after).credentials.len();
    assert_eq!(count(json!({ "user": "ci" })), 1);
    assert_eq!(count(json!({ "user": "ci", "status": "Inactive" })), 0);
}

#[test]
fn a_secret_in_a_set_that_is_marked_whole_is_told_of_once() {
    check(
        resource("aws_mq_broker", "a")
            .after(json!({ "user": [{ "username": "a", "password": "hunter2" }] }))
            .sensitive(json!({ "user": true })),
        &["in_state user.0.password sensitive-attribute -"],
    );
}

#[test]
fn a_tag_is_told_of_once_and_one_of_the_provider_block_too() {
    let url = "postgres://orders:Rz71-harbour@db.internal:5432/orders";
    check(
        resource("aws_instance", "a")
            .after(json!({ "tags": { "a": url }, "tags_all": { "a": url, "b": url } })),
        &["tag tags.a url-password -", "tag tags_all.b url-password -"],
    );
}
