//! Resources that carry a value and keep it in the state on the way: `terraform_data`, triggers, files. A value that is marked as sensitive is
//! found by its mark; here are those that are read from a secret that nothing marks.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::exposure::reads_a_secret;
use super::super::model::{AttributePath, PathStep};
use super::super::subject::{Attribute, Subject, is_marked_within, look_up, steps};
use super::exposure;

/// Attributes that carry whatever they are given, by type.
pub(super) const CARRIED: [(&str, &[&str]); 8] = [
    ("archive_file", &["source_content"]),
    ("archive_file", &["source", "*", "content"]),
    ("local_file", &["content"]),
    ("local_file", &["content_base64"]),
    ("local_file", &["sensitive_content"]),
    ("null_resource", &["triggers"]),
    ("terraform_data", &["input"]),
    ("terraform_data", &["triggers_replace"]),
];

pub(super) fn carrier(subject: &Subject<'_>, collected: &mut Collected) {
    for (_, path) in CARRIED.iter().filter(|(resource_type, _)| *resource_type == subject.resource_type()) {
        for path in instances(&subject.expressions, path) {
            // What is marked, whole or in part, is told of by its mark.
            if is_marked_within(&subject.sensitive, &path) || is_nothing_or_digest(subject, &path) {
                continue;
            }
            let targets = subject.resolve(&path).targets;
            if targets.iter().any(|target| reads_a_secret(subject.plan, target)) {
                let found =
                    exposure(subject.origin(), "in_state", path, "secret-reference", Some("reference"));
                collected.facts.exposures.push(found);
            }
        }
    }
}

/// The paths that `path` stands for, with `*` for every block that the configuration writes.
pub(super) fn instances(expressions: &Value, path: &[&str]) -> Vec<AttributePath> {
    let Some(star) = path.iter().position(|part| *part == "*") else {
        return vec![path.iter().copied().map(PathStep::from).collect()];
    };
    let (above, below) = (path.get(..star).unwrap_or_default(), path.get(star + 1..).unwrap_or_default());
    let above: AttributePath = above.iter().copied().map(PathStep::from).collect();
    let count = look_up(expressions, &above).and_then(Value::as_array).map_or(0, Vec::len);
    let below: AttributePath = below.iter().copied().map(PathStep::from).collect();
    (0..count).map(|index| [above.as_slice(), &steps![index], &below].concat()).collect()
}

/// Nothing is there, or digests only: of a value that is compared, not carried.
fn is_nothing_or_digest(subject: &Subject<'_>, path: &[PathStep]) -> bool {
    fn digests(value: &Value) -> bool {
        match value {
            Value::String(text) => {
                matches!(text.len(), 32 | 40 | 44 | 64 | 88 | 128)
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
            }
            Value::Array(items) => items.iter().all(digests),
            Value::Object(members) => members.values().all(digests),
            _ => true,
        }
    }
    match subject.at(path) {
        Attribute::Absent => true,
        Attribute::Known(value) => digests(value) && !is_marked_within(&subject.unknown, path),
        Attribute::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::tests::{facts, resource};

    fn found(resource_type: &str, attribute: &str, reference: &str, value: Value) -> Vec<String> {
        let carrier = resource(resource_type, "a")
            .after(json!({ attribute: value }))
            .expressions(json!({ attribute: { "references": [reference] } }));
        let facts = facts(vec![carrier]);
        facts.exposures.iter().map(|exposure| format!("{} {}", exposure.kind, exposure.detector)).collect()
    }

    #[test]
    fn what_is_carried_from_a_secret_is_kept_in_the_state() {
        for (resource_type, attribute) in [
            ("terraform_data", "input"),
            ("terraform_data", "triggers_replace"),
            ("null_resource", "triggers"),
            ("local_file", "content"),
            ("archive_file", "source_content"),
        ] {
            let found = found(resource_type, attribute, "var.db_password", json!("x"));
            assert_eq!(found, ["in_state secret-reference"], "{resource_type}");
        }
        assert_eq!(found("terraform_data", "input", "var.region", json!("x")), [""; 0]);
        assert_eq!(found("terraform_data", "input", "var.db_password", Value::Null), [""; 0]);
    }

    #[test]
    fn the_digest_of_a_secret_is_none() {
        let digest = json!({ "password": "5f4dcc3b5aa765d61d8327deb882cf99" });
        assert_eq!(found("null_resource", "triggers", "var.db_password", digest), [""; 0]);
    }

    #[test]
    fn a_marked_value_is_told_of_once() {
        let data = resource("terraform_data", "a")
            .after(json!({ "input": "x" }))
            .sensitive(json!({ "input": true, "output": true }))
            .unknown(json!({ "output": true }))
            .expressions(json!({ "input": { "references": ["var.db_password"] } }));
        let exposures = facts(vec![data]).exposures;
        let places: Vec<_> =
            exposures.iter().map(|found| serde_json::to_string(&found.path).unwrap()).collect();
        assert_eq!(places, [r#"["input"]"#]);
    }

    #[test]
    fn a_member_that_names_a_secret_is_told_of_and_not_the_whole_as_well() {
        let data = resource("terraform_data", "a")
            .after(json!({ "input": { "password": "correct-horse-battery" } }))
            .expressions(json!({ "input": { "references": ["var.db_password"] } }));
        let exposures = facts(vec![data]).exposures;
        let places: Vec<_> =
            exposures.iter().map(|found| serde_json::to_string(&found.path).unwrap()).collect();
        assert_eq!(places, [r#"["input","password"]"#]);
    }

    #[test]
    fn every_source_block_of_an_archive_is_looked_at() {
        let archive = resource("archive_file", "a")
            .after(json!({ "source": [{ "content": "a" }, { "content": "b" }] }))
            .expressions(json!({ "source": [{ "content": { "constant_value": "a" } }, { "content": { "references": ["var.db_password"] } }] }));
        let exposures = facts(vec![archive]).exposures;
        assert_eq!(serde_json::to_value(&exposures[0].path).unwrap(), json!(["source", 1, "content"]));
    }
}
