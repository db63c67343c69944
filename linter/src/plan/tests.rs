//! Behaviour of the reader on plans, on things that are not plans, and of references between the objects of a plan.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::facts::model::PathStep;

fn read(bytes: impl Into<Vec<u8>>) -> Result<Plan, PlanError> {
    Plan::from_bytes("plan.json", bytes.into())
}

fn small() -> Value {
    json!({
        "format_version": "1.2",
        "terraform_version": "1.14.0",
        "planned_values": {},
        "resource_changes": [{
            "address": "aws_x.y[0]", "mode": "managed", "type": "aws_x", "name": "y", "index": 0,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": { "actions": ["create"], "before": null, "after": { "a": 1 }, "after_unknown": { "id": true } }
        }],
        "configuration": { "root_module": {} }
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Result<Plan, PlanError> {
    let mut plan = small();
    change(&mut plan);
    read(plan.to_string())
}

#[test]
fn reads_a_change_with_its_values() {
    let plan = read(small().to_string()).unwrap();
    let change = &plan.changes()[0];
    assert_eq!(&*change.address, "aws_x.y[0]");
    assert_eq!(change.index, Some(InstanceKey::Number(0)));
    assert_eq!(plan.after(change).unwrap(), json!({ "a": 1 }));
    assert_eq!(plan.after_unknown(change).unwrap(), json!({ "id": true }));
    assert_eq!(plan.before(change).unwrap(), Value::Null);
    assert_eq!(plan.change_at("aws_x.y[0]").map(|found| &*found.name), Some("y"));
    assert!(plan.change_at("aws_x.y[1]").is_none());
    assert!(plan.warnings().is_empty());
}

#[test]
fn deposed_objects_are_left_out_and_deleted_ones_are_told() {
    let plan = with(|plan| {
        let mut deposed = plan["resource_changes"][0].clone();
        deposed["deposed"] = json!("abcd1234");
        let mut deleted = plan["resource_changes"][0].clone();
        deleted["change"]["actions"] = json!(["delete"]);
        plan["resource_changes"].as_array_mut().unwrap().extend([deposed, deleted]);
    })
    .unwrap();
    let kept: Vec<bool> = plan.changes().iter().map(ResourceChange::exists_after).collect();
    assert_eq!(kept, [true, false]);
}

#[test]
fn byte_order_marks_and_utf16_are_read() {
    let text = small().to_string();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat(),
        [b"\xFF\xFE".as_slice(), &little].concat(),
        [b"\xFE\xFF".as_slice(), &big].concat(),
        little.clone(),
        big.clone(),
    ] {
        let plan = read(bytes).unwrap();
        assert_eq!(plan.raw_json(), text);
    }
    assert!(matches!(read(little[..little.len() - 1].to_vec()), Err(PlanError::Encoding { .. })));
}

#[test]
fn every_format_of_version_one_and_before_is_read() {
    for version in ["0.1", "0.2", "1.0", "1.1", "1.2"] {
        assert!(with(|plan| plan["format_version"] = json!(version)).unwrap().warnings().is_empty());
    }
    let newer = with(|plan| plan["format_version"] = json!("1.7")).unwrap();
    assert_eq!(newer.warnings(), [PlanWarning::NewerFormat { version: "1.7".to_owned() }]);
    let future = with(|plan| plan["format_version"] = json!("2.0")).unwrap_err();
    assert_eq!(future.to_string(), "plan `plan.json` has format version 2.0; this linter reads 0.1 to 1.x");
}

#[test]
fn text_around_the_json_is_skipped_with_a_warning() {
    let text = r#"{"format_version":"1.2","resource_changes":[],"configuration":{}}"#;
    let noisy = format!(
        "[command]/usr/bin/terraform show -json {{x}}\n2026-11-21T10:00:00Z {text}\n::debug::exit 0\n"
    );
    let plan = read(noisy).unwrap();
    assert_eq!(plan.raw_json(), text);
    assert_eq!(plan.warnings(), [PlanWarning::SurroundingText { before: 63, after: 15 }]);
}

#[test]
fn a_second_document_is_refused() {
    let text = small().to_string();
    let error = read(format!("{text}\n{text}")).unwrap_err();
    assert!(
        matches!(error, PlanError::NotJson { position: Position { line: 2, column: 1, .. }, .. }),
        "{error}"
    );
}

#[test]
fn states_and_warnings_of_the_plan_itself_are_told() {
    let errored = with(|plan| plan["errored"] = json!(true)).unwrap();
    assert_eq!(errored.warnings(), [PlanWarning::Errored]);
    let incomplete = with(|plan| plan["complete"] = json!(false)).unwrap();
    assert_eq!(incomplete.warnings(), [PlanWarning::Incomplete]);
    let bare = with(|plan| drop(plan.as_object_mut().unwrap().remove("configuration"))).unwrap();
    assert_eq!(bare.warnings(), [PlanWarning::NoConfiguration]);
}

#[test]
fn redacted_plans_are_told_from_strange_passwords() {
    let redacted = |texts: &[&str]| {
        with(|plan| {
            let after: Vec<Value> = texts.iter().map(|text| json!({ "password": text })).collect();
            let change = &mut plan["resource_changes"][0]["change"];
            change["after_sensitive"] =
                json!({ "list": texts.iter().map(|_| json!({ "password": true })).collect::<Vec<_>>() });
            change["after"] = json!({ "list": after });
        })
        .unwrap()
        .redacted()
    };
    assert!(redacted(&["(sensitive value)", "REDACTED"]));
    assert!(!redacted(&["(sensitive value)", "hunter2"]));
    assert!(!redacted(&[]));
}

#[test]
fn what_is_not_a_plan_is_named_with_help() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "plan `plan.json` is empty"),
        (b" \n", "plan `plan.json` is empty"),
        (b"PK\x03\x04....", "`plan.json` is a binary plan file, not its JSON form"),
        (b"not json", "`plan.json` is not JSON: there is no JSON object in it at line 1, column 1"),
        (b"[1, 2]", "`plan.json` is not a plan: the document is not an object at line 1, column 1"),
        (b"{}", "`plan.json` is not a plan: it has no `format_version` at line 1, column 1"),
        (b"{\n  \"format_version\": }", "`plan.json` is not JSON: expected value at line 2, column 21"),
        (b"{\"format_version\": \"1.2\"", "`plan.json` is not JSON: it ends too soon at line 1, column 24"),
        (b"{\"format_version\": \"1.2\", \"values\": {}}", "`plan.json` is a state, not a plan"),
        (
            b"{\"version\": 4, \"serial\": 1, \"lineage\": \"x\", \"resources\": []}",
            "`plan.json` is a state, not a plan",
        ),
        (
            b"{\"@level\":\"info\",\"@message\":\"x\"}\n{\"@level\":\"info\"}",
            "`plan.json` is the log of `terraform plan -json`, not a plan",
        ),
        (b"\xC3\x28", "`plan.json` is not UTF-8 or UTF-16 text: byte 0 cannot be decoded"),
        (
            b"{\"format_version\": \"1.2\"}",
            "`plan.json` is not a plan: it has none of `resource_changes`, `planned_values`, `configuration` at line 1, column 1",
        ),
    ];
    for (bytes, expected) in cases {
        let error = read(*bytes).unwrap_err();
        assert_eq!(error.to_string(), *expected);
        assert!(!error.help().is_empty());
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_not_quoted() {
    let error =
        with(|plan| plan["resource_changes"][0]["address"] = json!({ "hunter2": "hunter2" })).unwrap_err();
    assert!(matches!(error, PlanError::NotAPlan { .. }));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let error = with(|plan| plan["resource_changes"] = json!("hunter2")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn nesting_ten_thousand_deep_is_an_error() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = small()
            .to_string()
            .replace("{\"a\":1}", &format!("{{\"a\":{}1{}}}", open.repeat(10_000), close.repeat(10_000)));
        let error = read(text).unwrap_err();
        assert!(matches!(error, PlanError::TooDeep { .. }), "{error}");
    }
    let brackets_in_text =
        with(|plan| plan["resource_changes"][0]["change"]["after"] = json!("[\\\"".repeat(10_000)));
    assert!(brackets_in_text.is_ok());
}

#[test]
fn a_plan_shows_no_value_in_debug() {
    let plan = with(|plan| plan["resource_changes"][0]["change"]["after"] = json!("hunter2")).unwrap();
    assert!(!format!("{plan:?} {:?}", plan.changes()).contains("hunter2"));
}

#[test]
fn a_missing_file_is_an_input_error() {
    let source = PlanSource::from_argument("no/such/plan.json");
    assert!(matches!(Plan::read(&source), Err(PlanError::Io { name, .. }) if name == "no/such/plan.json"));
    assert_eq!(PlanSource::from_argument("-"), PlanSource::Stdin);
}

/// A plan of rotations and secrets; `addresses` are in the plan, `configuration` says how they refer to each other.
fn referring(addresses: &[&str], configuration: Value) -> Plan {
    let changes: Vec<Value> = addresses
        .iter()
        .map(|address| {
            let parts = address::split(address);
            let (resource, module) = (&parts[parts.len() - 2..], &parts[..parts.len() - 2]);
            let (name, key) = address::split_key(resource[1]);
            let index = key.map(|key| serde_json::from_str::<Value>(key).unwrap());
            let module = (!module.is_empty()).then(|| module.join("."));
            json!({
                "address": address, "module_address": module, "mode": "managed", "type": resource[0], "name": name, "index": index,
                "change": { "actions": ["create"], "after": {} }
            })
        })
        .collect();
    let plan = json!({ "format_version": "1.2", "resource_changes": changes, "configuration": { "root_module": configuration } });
    read(plan.to_string()).unwrap()
}

/// Resolves `secret_id` of the object at `from`; objects are named by address, others by kind.
fn resolved(plan: &Plan, from: &str) -> Vec<String> {
    let change = plan.change_at(from).unwrap();
    let expressions = plan.expressions(plan.configuration_of(change).unwrap());
    let expression = Expression::find(&expressions, &[PathStep::Name("secret_id".to_owned())]);
    plan.resolve(change, expression)
        .targets
        .iter()
        .map(|target| match target {
            Target::Change { place, .. } => plan.changes()[*place].address.to_string(),
            Target::Outside { address, .. } => format!("outside {address}"),
            Target::Variable { name } => format!("var {name}"),
            Target::Constant => "constant".to_owned(),
            Target::Opaque => "opaque".to_owned(),
        })
        .collect()
}

fn resource(resource_type: &str, name: &str, secret_id: &Value) -> Value {
    json!({ "mode": "managed", "type": resource_type, "name": name, "expressions": { "secret_id": secret_id } })
}

#[test]
fn a_reference_in_the_same_module_resolves() {
    let references = json!({ "references": ["secret.a.id", "secret.a"] });
    let plan = referring(
        &["secret.a", "rotation.r"],
        json!({ "resources": [resource("rotation", "r", &references)] }),
    );
    assert_eq!(resolved(&plan, "rotation.r"), ["secret.a"]);
}

#[test]
fn instance_keys_match_where_both_follow_the_same_key() {
    let addresses = [
        "secret.a[\"x\"]",
        "secret.a[\"y\"]",
        "rotation.r[\"x\"]",
        "rotation.r[\"y\"]",
        "rotation.s",
        "rotation.t",
    ];
    let plan = referring(
        &addresses,
        json!({ "resources": [
            resource("rotation", "r", &json!({ "references": ["secret.a", "each.key"] })),
            resource("rotation", "s", &json!({ "references": ["secret.a[\"y\"].id", "secret.a[\"y\"]", "secret.a"] })),
            resource("rotation", "t", &json!({ "references": ["secret.a"] })),
        ] }),
    );
    assert_eq!(resolved(&plan, "rotation.r[\"x\"]"), ["secret.a[\"x\"]"]);
    assert_eq!(resolved(&plan, "rotation.s"), ["secret.a[\"y\"]"]);
    assert_eq!(resolved(&plan, "rotation.t"), ["secret.a[\"x\"]", "secret.a[\"y\"]"]);
}

#[test]
fn each_value_of_a_resource_with_for_each_resolves() {
    let mut rotation = resource("rotation", "r", &json!({ "references": ["each.value.id", "each.value"] }));
    rotation["for_each_expression"] = json!({ "references": ["secret.a"] });
    let plan = referring(
        &["secret.a[\"x\"]", "secret.a[\"y\"]", "rotation.r[\"x\"]"],
        json!({ "resources": [rotation] }),
    );
    assert_eq!(resolved(&plan, "rotation.r[\"x\"]"), ["secret.a[\"x\"]"]);
}

#[test]
fn references_go_through_module_outputs_and_arguments() {
    let secret_module =
        json!({ "outputs": { "id": { "expression": { "references": ["secret.a.id", "secret.a"] } } } });
    let rotation_module =
        json!({ "resources": [resource("rotation", "r", &json!({ "references": ["var.secret"] }))] });
    let plan = referring(
        &["module.s[\"eu\"].secret.a", "module.s[\"us\"].secret.a", "module.r[\"us\"].rotation.r"],
        json!({ "module_calls": {
            "s": { "source": "./s", "module": secret_module },
            "r": {
                "source": "./r", "module": rotation_module,
                "expressions": { "secret": { "references": ["module.s", "each.key", "module.s[each.key].id"] } }
            },
        } }),
    );
    assert_eq!(resolved(&plan, "module.r[\"us\"].rotation.r"), ["module.s[\"us\"].secret.a"]);
    let plan = referring(
        &["module.s.secret.a", "module.r.rotation.r"],
        json!({ "module_calls": {
            "s": { "source": "./s", "module": { "outputs": { "id": { "expression": { "references": ["secret.a.id", "secret.a"] } } } } },
            "r": {
                "source": "./r",
                "module": { "resources": [resource("rotation", "r", &json!({ "references": ["var.secret"] }))] },
                "expressions": { "secret": { "references": ["module.s.id", "module.s"] } }
            },
        } }),
    );
    assert_eq!(resolved(&plan, "module.r.rotation.r"), ["module.s.secret.a"]);
    assert_eq!(plan.configuration().call(&ModulePath::parse("module.s").unwrap()).unwrap().source, "./s");
}

#[test]
fn literals_variables_and_strangers_are_told_apart() {
    let check = |expression: Value, expected: &[&str]| {
        let plan =
            referring(&["rotation.r"], json!({ "resources": [resource("rotation", "r", &expression)] }));
        assert_eq!(resolved(&plan, "rotation.r"), expected);
    };
    check(json!({ "constant_value": "x" }), &["constant"]);
    check(json!({ "references": ["var.id"] }), &["var id"]);
    check(json!({ "references": ["local.id"] }), &["opaque"]);
    check(json!({ "references": ["module.a", "each.key"] }), &["opaque"]);
    check(json!({ "references": ["data.secret.a.id", "data.secret.a"] }), &["outside data.secret.a"]);
    check(json!({}), &["constant"]);
}

#[test]
fn nested_blocks_and_constant_collections_are_entered() {
    let expressions = json!({
        "environment": [{ "variables": { "constant_value": { "A": "b" } } }],
        "single": { "inner": { "references": ["var.x"] } },
    });
    let path = |names: &[&str]| -> Vec<PathStep> {
        names
            .iter()
            .map(|name| name.parse().map_or_else(|_| PathStep::Name((*name).to_owned()), PathStep::Index))
            .collect()
    };
    assert_eq!(
        Expression::find(&expressions, &path(&["environment", "0", "variables", "A"])),
        Expression::Constant(&json!("b"))
    );
    assert!(matches!(
        Expression::find(&expressions, &path(&["single", "0", "inner", "deep"])),
        Expression::References(_)
    ));
    assert_eq!(Expression::find(&expressions, &path(&["environment", "0", "missing"])), Expression::Absent);
}

proptest! {
    #[test]
    fn no_bytes_stop_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(bytes);
    }

    #[test]
    fn no_cut_or_changed_plan_stops_the_reader(cut in 0_usize..400, at in 0_usize..400, byte in any::<u8>()) {
        let mut bytes = small().to_string().into_bytes();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes.truncate(cut);
        if let Ok(plan) = read(bytes) {
            for change in plan.changes() {
                let _ = (plan.after(change), plan.configuration_of(change), plan.change_at(&change.address));
            }
        }
    }
}
