//! Plans that are plans, with something in them that cannot be understood, or is larger than anybody meant: what it was is said, by a result
//! that `--on-unknown fail` turns into a failure, and the rest of the plan is looked at all the same.

use serde_json::{Value, json};

use crate::common::{Run, Scratch};

/// A plan with one change for each `(type, after, after_unknown)`, named `a`, `b`, ….
fn plan(changes: &[(&str, Value, Value)]) -> Value {
    let changes: Vec<Value> = changes
        .iter()
        .zip('a'..='z')
        .map(|((resource_type, after, unknown), name)| {
            json!({
                "address": format!("{resource_type}.{name}"), "mode": "managed", "type": resource_type, "name": name.to_string(),
                "provider_name": "registry.terraform.io/hashicorp/any",
                "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": unknown }
            })
        })
        .collect();
    json!({ "format_version": "1.2", "terraform_version": "1.15.5", "resource_changes": changes, "configuration": { "root_module": {} } })
}

fn lint(plan: &Value, arguments: &[&str]) -> Run {
    let scratch = Scratch::new(&[("plan.json", &plan.to_string())]);
    scratch.run(&[&["plan.json"], arguments].concat())
}

/// The finding of `rule` at `address`, with its certainty and message.
fn findings(plan: &Value) -> Vec<(String, String, String, String)> {
    let run = lint(plan, &["--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let text = |finding: &Value, member: &str| finding[member].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().into_iter().flatten();
    findings
        .map(|finding| {
            let message = text(finding, "message");
            (text(finding, "rule"), text(finding, "certainty"), text(finding, "address"), message)
        })
        .collect()
}

/// The only thing said is that `address` could not be read, for a reason that has these words; and that can be made to fail.
fn could_not_be_read(plan: &Value, address: &str, words: &str) {
    let found = findings(plan);
    let unreadable: Vec<_> = found.iter().filter(|(rule, ..)| rule == "linter.unreadable").collect();
    assert!(
        matches!(unreadable.as_slice(), [(_, certainty, at, message)]
            if certainty == "undetermined" && at == address && message.contains(words)),
        "{found:#?}"
    );
    assert_eq!(lint(plan, &["--on-unknown", "fail"]).status, 1);
}

#[test]
fn an_iam_document_that_is_not_json() {
    let policy = json!({ "name": "p", "policy": "{not json hunter2" });
    could_not_be_read(&plan(&[("aws_iam_policy", policy, json!({}))]), "aws_iam_policy.a", "not JSON");
}

#[test]
fn a_vault_policy_that_does_not_parse() {
    let policy = json!({ "name": "p", "policy": "path \"secret/*\" {\n  capabilities = [\"read\"\n" });
    could_not_be_read(&plan(&[("vault_policy", policy, json!({}))]), "vault_policy.a", "");
}

#[test]
fn what_is_beside_something_unreadable_is_looked_at() {
    let open = json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }).to_string();
    let found = findings(&plan(&[
        ("aws_iam_policy", json!({ "name": "p", "policy": "{" }), json!({})),
        ("aws_iam_policy", json!({ "name": "q", "policy": open }), json!({})),
    ]));
    assert!(
        found.iter().any(|(rule, certainty, address, _)| rule == "grant.administrator"
            && certainty == "violation"
            && address == "aws_iam_policy.b"),
        "{found:#?}"
    );
}

#[test]
fn a_policy_of_ten_thousand_statements() {
    let mut statements: Vec<Value> = (0..10_000)
        .map(|number| {
            json!({
                "Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
                "Resource": format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:service/{number}-??????")
            })
        })
        .collect();
    statements[7_777]["Resource"] = json!("*");
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let plan = plan(&[("aws_iam_policy", json!({ "name": "p", "policy": policy }), json!({}))]);
    // An engine that is built for debugging is slower by a factor that has nothing to do with the rules.
    let run = lint(&plan, &["--format", "json", "--rule-timeout", "300"]);
    let report: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    let wide: Vec<&Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "grant.wildcard_secret")
        .collect();
    assert_eq!(wide.len(), 1, "{wide:#?}");
    assert_eq!(wide[0]["path"], json!(["policy", "Statement", 7_777, "Resource"]));
}

#[test]
fn user_data_of_sixteen_megabytes() {
    let mut script = "echo filling the disk\n".repeat((16 << 20) / 22);
    script.push_str("export DB_PASSWORD=hunter2hunter2\n");
    let plan = plan(&[("aws_instance", json!({ "user_data": script }), json!({}))]);
    let run = lint(&plan, &[]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stdout.contains("value.in_user_data"), "{}", run.stdout);
    assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
}

#[test]
fn references_that_lead_in_a_circle() {
    let mut plan =
        plan(&[("aws_db_instance", json!({ "identifier": "d", "password": "chosen-by-hand" }), json!({}))]);
    plan["resource_changes"][0]["address"] = json!("module.m.aws_db_instance.a");
    plan["resource_changes"][0]["module_address"] = json!("module.m");
    plan["configuration"] = json!({ "root_module": { "module_calls": { "m": {
        "source": "./m",
        "expressions": { "password": { "references": ["module.m.password", "module.m"] } },
        "module": {
            "outputs": { "password": { "expression": { "references": ["var.password"] } } },
            "variables": { "password": {} },
            "resources": [{
                "address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a",
                "provider_config_key": "aws", "expressions": { "password": { "references": ["var.password"] } }
            }]
        }
    } } } });
    let found = findings(&plan);
    assert!(
        found.iter().any(|(rule, ..)| rule == "value.in_state" || rule == "value.write_only_available"),
        "{found:#?}"
    );
}

#[test]
fn a_change_whose_planned_values_are_null() {
    let mut plan = plan(&[
        ("aws_secretsmanager_secret", Value::Null, json!({})),
        ("kubernetes_secret_v1", Value::Null, Value::Null),
        ("aws_iam_policy", Value::Null, json!(true)),
    ]);
    let run = lint(&plan, &["--format", "json"]);
    assert!(matches!(run.status, 0 | 1) && run.stderr.is_empty(), "{run:?}");
    plan["resource_changes"][0]["change"]["actions"] = json!(["delete"]);
    let run = lint(&plan, &["--format", "json"]);
    assert!(matches!(run.status, 0 | 1) && run.stderr.is_empty(), "{run:?}");
}

#[test]
fn a_redacted_plan_says_that_values_were_not_looked_at() {
    let redacted =
        json!({ "identifier": "d", "password": "(sensitive value)", "username": "(sensitive value)" });
    let mut plan = plan(&[("aws_db_instance", redacted, json!({}))]);
    plan["resource_changes"][0]["change"]["after_sensitive"] = json!({ "password": true });
    let run = lint(&plan, &[]);
    assert!(format!("{}{}", run.stdout, run.stderr).contains("redacted"), "{run:?}");
    assert!(!run.stdout.contains("value.literal"), "{}", run.stdout);
}
