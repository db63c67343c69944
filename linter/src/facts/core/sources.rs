//! Data sources that send or keep a secret, and provisioners. A data source that is read while planning is no change of the plan, so both are
//! read in the configuration: what is written out there, and what is read from a secret.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::exposure::{assigns_a_secret, constant_texts, names, reads_a_secret, recognise};
use super::super::model::{Origin, PathStep};
use super::super::subject;
use super::{carriers, exposure, origin};
use crate::plan::{Expression, ModuleConfiguration, ModulePath, Plan};

/// Attributes of data sources that may carry a secret: sent to a server, given to a program, kept in the state.
const CARRIED: [(&str, &[&str]); 7] = [
    ("archive_file", &["source", "*", "content"]),
    ("archive_file", &["source_content"]),
    ("external", &["query"]),
    ("external", &["program"]),
    ("http", &["request_body"]),
    ("http", &["request_headers"]),
    ("http", &["url"]),
];

/// Headers that carry a credential whatever it looks like.
const HEADERS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// Adds what data sources and provisioners of all modules carry.
pub(super) fn extract(plan: &Plan, collected: &mut Collected) {
    module(plan, &ModulePath::default(), &plan.configuration().root, collected);
}

fn module(plan: &Plan, path: &ModulePath, configuration: &ModuleConfiguration, collected: &mut Collected) {
    for (name, block) in &configuration.resources {
        let address = || {
            let prefix = path.to_string();
            if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") }
        };
        match name.strip_prefix("data.").and_then(|rest| rest.split_once('.')) {
            Some((source, _)) if CARRIED.iter().any(|(known, _)| *known == source) => {
                let origin = block_origin(address(), "data", source);
                data_source(plan, path, &plan.expressions(block), &origin, collected);
            }
            Some(_) => {}
            None => {
                let provisioners = plan.provisioners(block);
                if !provisioners.is_null() {
                    let resource_type = name.split('.').next().unwrap_or_default();
                    self::provisioners(
                        &provisioners,
                        &block_origin(address(), "managed", resource_type),
                        collected,
                    );
                }
            }
        }
    }
    for (name, call) in &configuration.calls {
        module(plan, &path.child(name, None), &call.module, collected);
    }
}

fn block_origin(address: String, mode: &'static str, resource_type: &str) -> Origin {
    Origin {
        resource_type: resource_type.to_owned(),
        platform: subject::platform(resource_type, ""),
        ..origin(address, mode, Vec::new())
    }
}

fn data_source(
    plan: &Plan,
    module: &ModulePath,
    expressions: &Value,
    origin: &Origin,
    collected: &mut Collected,
) {
    for (_, path) in CARRIED.iter().filter(|(source, _)| *source == origin.resource_type) {
        for path in carriers::instances(expressions, path) {
            let expression = Expression::find(expressions, &path);
            if let Expression::Constant(value) = expression {
                let mut texts = Vec::new();
                constant_texts(value, &mut path.clone(), &mut texts);
                for (path, text) in texts {
                    if let Some(detector) = written_out(text, &path) {
                        let found = exposure(origin.clone(), "literal", path, detector, Some("literal"));
                        collected.facts.exposures.push(found);
                    }
                }
            } else if plan
                .resolve_in_module(module, expression)
                .targets
                .iter()
                .any(|target| reads_a_secret(plan, target))
            {
                let found = exposure(origin.clone(), "in_state", path, "secret-reference", Some("reference"));
                collected.facts.exposures.push(found);
            }
        }
    }
}

/// How a text gives itself away, a header by its name too.
fn written_out(text: &str, path: &[PathStep]) -> Option<&'static str> {
    let header = match path.last() {
        Some(PathStep::Name(name)) => HEADERS.contains(&name.to_ascii_lowercase().as_str()),
        _ => false,
    };
    recognise(text, path)
        .or((header && names::could_be_a_secret(text, "password")).then_some("secret-name"))
        .or(assigns_a_secret(text).then_some("secret-name"))
}

/// Secrets that a provisioner's script or settings write out. What it reads from elsewhere Terraform hides, and keeps nowhere.
fn provisioners(provisioners: &Value, origin: &Origin, collected: &mut Collected) {
    for (index, provisioner) in provisioners.as_array().into_iter().flatten().enumerate() {
        let Some(expressions) = provisioner.get("expressions") else { continue };
        let mut texts = Vec::new();
        let mut path = vec![PathStep::from("provisioner"), PathStep::Index(index)];
        constant_texts(expressions, &mut path, &mut texts);
        for (path, text) in texts {
            if let Some(detector) = written_out(text, &path) {
                let found = exposure(origin.clone(), "literal", path, detector, Some("literal"));
                collected.facts.exposures.push(found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::tests::facts_with;

    fn found(block: Value) -> Vec<String> {
        let facts = facts_with(Vec::new(), json!({ "root_module": { "resources": [block] } }));
        let line = |exposure: &super::super::super::model::Exposure| {
            let path = serde_json::to_string(&exposure.path).unwrap();
            format!("{} {} {path} {}", exposure.origin.address, exposure.kind, exposure.detector)
        };
        facts.exposures.iter().map(line).collect()
    }

    fn data(source: &str, expressions: Value) -> Vec<String> {
        found(json!({ "mode": "data", "type": source, "name": "a", "expressions": expressions }))
    }

    #[test]
    fn a_request_with_a_secret_is_found() {
        let headers =
            |headers: Value| data("http", json!({ "request_headers": { "constant_value": headers } }));
        assert_eq!(
            headers(json!({ "X-Api-Key": "hunter2", "Accept": "application/json" })),
            [r#"data.http.a literal ["request_headers","X-Api-Key"] secret-name"#]
        );
        assert_eq!(
            headers(json!({ "Authorization": "Bearer hunter2" })),
            [r#"data.http.a literal ["request_headers","Authorization"] secret-name"#]
        );
        assert_eq!(headers(json!({ "Accept": "text/plain" })), [""; 0]);
        let read = json!({ "request_headers": { "references": ["var.api_token"] } });
        assert_eq!(data("http", read), [r#"data.http.a in_state ["request_headers"] secret-reference"#]);
        let plain = json!({ "url": { "references": ["var.region"] } });
        assert_eq!(data("http", plain), [""; 0]);
    }

    #[test]
    fn a_program_that_is_given_a_secret_is_found() {
        let query = json!({ "program": { "constant_value": ["python3", "look.py"] }, "query": { "references": ["random_password.x.result", "random_password.x"] } });
        assert_eq!(data("external", query), [r#"data.external.a in_state ["query"] secret-reference"#]);
        let literal = json!({ "query": { "constant_value": { "password": "hunter2" } } });
        assert_eq!(
            data("external", literal),
            [r#"data.external.a literal ["query","password"] secret-name"#]
        );
    }

    #[test]
    fn an_archive_with_a_secret_is_found() {
        let source = json!({ "source": [{ "filename": { "constant_value": ".env" }, "content": { "constant_value": "DB_PASSWORD=hunter2\n" } }] });
        assert_eq!(
            data("archive_file", source),
            [r#"data.archive_file.a literal ["source",0,"content"] secret-name"#]
        );
    }

    #[test]
    fn a_provisioner_that_writes_a_secret_out_is_found() {
        let block = |command: &str| {
            found(json!({
                "mode": "managed", "type": "null_resource", "name": "a", "expressions": {},
                "provisioners": [{ "type": "local-exec", "expressions": { "command": { "constant_value": command } } }],
            }))
        };
        assert_eq!(
            block("login --user x --password hunter2"),
            [r#"null_resource.a literal ["provisioner",0,"command"] secret-name"#]
        );
        assert_eq!(block("login --password \"$PASSWORD\""), [""; 0]);
    }
}
