//! Whole plans: no value of a plan is in its facts, whatever it is, and plans that other people published are read.

use std::path::Path;

use base64::Engine;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::model::Facts;
use crate::plan::{Plan, PlanSource};

/// A plan with `secret` in every place where a value can stand.
fn plan_of(secret: &str) -> Value {
    let change = |resource_type: &str, after: Value, sensitive: Value, expressions: Value| {
        let change = json!({
            "address": format!("{resource_type}.a"), "mode": "managed", "type": resource_type, "name": "a",
            "change": { "actions": ["update"], "before": after, "after": after, "after_unknown": {}, "after_sensitive": sensitive }
        });
        (change, json!({ "mode": "managed", "type": resource_type, "name": "a", "expressions": expressions }))
    };
    let base64 =
        base64::engine::general_purpose::STANDARD.encode(format!("#!/bin/sh\nexport DB_PASSWORD={secret}\n"));
    let url = format!("postgres://user:{secret}@host/db");
    let nothing = json!({});
    let resources = [
        change(
            "aws_db_instance",
            json!({ "identifier": "x", "password": secret }),
            json!({ "password": true }),
            json!({ "password": { "constant_value": secret } }),
        ),
        change(
            "aws_secretsmanager_secret",
            json!({ "name": "x", "description": secret, "tags": { "owner": secret } }),
            json!({ "description": true, "tags": { "owner": true } }),
            nothing.clone(),
        ),
        change(
            "aws_secretsmanager_secret_version",
            json!({ "secret_id": "x", "secret_string": json!({ "password": secret }).to_string() }),
            nothing.clone(),
            nothing.clone(),
        ),
        change(
            "aws_lambda_function",
            json!({ "environment": [{ "variables": { "TOKEN": secret, "DATABASE": url } }] }),
            nothing.clone(),
            nothing.clone(),
        ),
        change(
            "aws_instance",
            json!({ "user_data": base64, "user_data_base64": base64 }),
            nothing.clone(),
            json!({ "user_data": { "constant_value": base64 } }),
        ),
        change(
            "aws_iam_role_policy",
            json!({ "policy": format!("{{\"password\": \"{secret}\"}}") }),
            nothing.clone(),
            nothing.clone(),
        ),
        change("aws_iam_user_policy", json!({ "policy": secret }), nothing.clone(), nothing.clone()),
        change(
            "aws_secretsmanager_secret_rotation",
            json!({ "rotation_rules": [{ "schedule_expression": format!("cron({secret})") }] }),
            json!({ "rotation_rules": [{ "schedule_expression": true }] }),
            nothing.clone(),
        ),
        change(
            "kubernetes_config_map",
            json!({ "data": { "password": secret, "settings.json": json!({ "token": secret }).to_string() } }),
            nothing.clone(),
            nothing.clone(),
        ),
        change(
            "kubernetes_secret",
            json!({ "metadata": [{ "name": "x" }], "data": { "a": secret } }),
            json!({ "data": true }),
            json!({ "data": { "constant_value": { "a": secret } } }),
        ),
        change(
            "other_thing",
            json!({ "secret": secret, "list": [{ "token": secret }] }),
            json!({ "list": true }),
            nothing.clone(),
        ),
    ];
    let (changes, blocks): (Vec<Value>, Vec<Value>) = resources.into_iter().unzip();
    json!({
        "format_version": "1.2",
        "variables": { "password": { "value": secret } },
        "output_changes": { "password": { "actions": ["create"], "after": secret, "after_sensitive": true } },
        "resource_changes": changes,
        "prior_state": { "secret": secret },
        "configuration": {
            "provider_config": { "aws": { "name": "aws", "expressions": { "secret_key": { "constant_value": secret } } } },
            "root_module": {
                "resources": blocks,
                "outputs": { "password": { "sensitive": true, "expression": { "constant_value": secret } } },
                "variables": { "password": { "default": secret } },
                "module_calls": { "m": { "source": "./m", "expressions": { "token": { "constant_value": secret } } } }
            }
        }
    })
}

fn facts_of(plan: &Value) -> Facts {
    super::extract(&Plan::from_bytes("plan.json", plan.to_string().into_bytes()).unwrap())
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

proptest! {
    // Each case reads a whole plan.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_value_is_in_the_facts(secret in "[A-Za-z0-9]{8,12}[!#+_.-][A-Za-z0-9]{8,24}") {
        let facts = facts_of(&plan_of(&secret));
        let shown = format!("{} {facts:?}", serde_json::to_string(&facts).unwrap());
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&secret);
        for form in [secret.clone(), hex(&secret), base64[..base64.len() - 1].to_owned()] {
            prop_assert!(!shown.contains(&form));
        }
        // The property is worth something only while the values are seen.
        prop_assert!(facts.exposures.len() >= 12, "{}", facts.exposures.len());
    }

    #[test]
    fn no_value_of_any_kind_stops_extraction(value in any_json(), resource_type in resource_types()) {
        let mut plan = plan_of("hunter2hunter2");
        for change in plan["resource_changes"].as_array_mut().unwrap() {
            change["type"] = json!(resource_type);
            change["change"]["after"] = value.clone();
            change["change"]["after_unknown"] = value.clone();
            change["change"]["after_sensitive"] = value.clone();
        }
        facts_of(&plan);
    }
}

fn resource_types() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "secret",
        "secret_rotation",
        "secret_grant",
        "aws_secretsmanager_secret",
        "aws_secretsmanager_secret_rotation",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_kms_key",
        "aws_kms_grant",
        "aws_db_instance",
        "aws_mq_broker",
        "kubernetes_role",
        "kubernetes_role_binding",
        "kubernetes_secret",
        "aws_instance",
    ])
}

/// JSON whose names are those that extractors look for.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zA-Z0-9{}\\[\\]:/@$. ]{0,30}".prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "policy",
        "Statement",
        "metadata",
        "rule",
        "subject",
        "role_ref",
        "rotation_rules",
        "schedule_expression",
        "inline_policy",
        "user",
        "password",
        "name",
        "value",
        "access",
        "data",
        "environment",
        "user_data",
        "tags",
        "operations",
    ]);
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Plans that other people published; the folder is beside the workspace where they are at hand.
#[test]
fn published_plans_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/plans");
    let Ok(entries) = std::fs::read_dir(&folder) else { return };
    let mut read = 0;
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.extension().is_some_and(|extension| extension == "json") {
            let plan = Plan::read(&PlanSource::File(path.clone())).unwrap();
            let facts = super::extract(&plan);
            assert!(facts.unreadable.is_empty(), "{}", path.display());
            assert_eq!(facts.resource_count, plan.changes().len());
            read += 1;
        }
    }
    assert!(read > 0, "the folder is there and holds no plan");
}
