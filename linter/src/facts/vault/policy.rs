//! ACL policies as text: HCL or JSON, `path` blocks with what may be done there. The server reads HCL 1 and still takes its first form,
//! `policy = "write"`. See <https://developer.hashicorp.com/vault/docs/concepts/policies>.

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};
use serde_json::{Map, Value};

/// One `path` block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rule {
    /// As written, without a leading slash.
    pub(super) path: String,
    /// In the order written, each once; those of `policy = "write"` where that is how it is written.
    pub(super) capabilities: Vec<String>,
    /// Settings that let only some requests through: `allowed_parameters`, `required_parameters`, `max_wrapping_ttl` …
    pub(super) conditions: Vec<&'static str>,
    /// When the rule stops counting (OpenBao's `expiration`), as written.
    pub(super) expires_at: Option<String>,
}

/// Why a policy cannot be read. Its text is not quoted: it may name what nobody else should hear of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PolicyError {
    /// Neither HCL nor JSON.
    #[error("the policy does not parse at line {line}, column {column}")]
    Syntax {
        /// Line in the policy's text.
        line: usize,
        /// Column in that line.
        column: usize,
    },
    /// It parses, and is no policy.
    #[error("the policy is not made of `path` blocks: {0}")]
    Shape(&'static str),
}

/// The rules of a policy.
pub(super) fn parse(text: &str) -> Result<Vec<Rule>, PolicyError> {
    if text.trim_start().starts_with('{') {
        let policy: Value = serde_json::from_str(text)
            .map_err(|error| PolicyError::Syntax { line: error.line(), column: error.column() })?;
        return json_rules(&policy);
    }
    let body: Body = hcl_edit::parser::parse_body(text).map_err(|error| {
        let location = error.location();
        PolicyError::Syntax { line: location.line(), column: location.column() }
    })?;
    let mut rules = Vec::new();
    for structure in &body {
        match structure {
            Structure::Block(block) if block.ident.as_str() == "path" => rules.push(block_rule(block)?),
            Structure::Attribute(attribute) if attribute.key.as_str() == "path" => {
                path_map(&plain(&attribute.value), &mut rules)?;
            }
            Structure::Attribute(attribute) if attribute.key.as_str() == "name" => {}
            _ => return Err(PolicyError::Shape("something else stands beside them")),
        }
    }
    Ok(rules)
}

impl Rule {
    fn at(path: &str) -> Self {
        Self { path: path.strip_prefix('/').unwrap_or(path).to_owned(), ..Self::default() }
    }

    /// Adds one setting of a block; those that are not about who may do what are passed over.
    pub(super) fn set(&mut self, key: &str, value: &Value) -> Result<(), PolicyError> {
        match key {
            "capabilities" => {
                let items = value.as_array().ok_or(PolicyError::Shape("`capabilities` is not a list"))?;
                for item in items {
                    let capability = item.as_str().ok_or(PolicyError::Shape("a capability is not a text"))?;
                    self.allow(capability);
                }
            }
            "policy" => {
                let capabilities: &[&str] = match value.as_str() {
                    Some("deny") => &["deny"],
                    Some("read") => &["read", "list"],
                    Some("write") => &["create", "read", "update", "delete", "list"],
                    Some("sudo") => &["create", "read", "update", "delete", "list", "sudo"],
                    _ => return Err(PolicyError::Shape("`policy` is not `deny`, `read`, `write` or `sudo`")),
                };
                for capability in capabilities {
                    self.allow(capability);
                }
            }
            "allowed_parameters" | "allowed_parameter" if !allows_all_parameters(value) => {
                self.confine("allowed_parameters");
            }
            "denied_parameters" | "denied_parameter" if !is_empty(value) => self.confine("denied_parameters"),
            "required_parameters" if !is_empty(value) => self.confine("required_parameters"),
            "min_wrapping_ttl" if !is_empty(value) => self.confine("min_wrapping_ttl"),
            "max_wrapping_ttl" if !is_empty(value) => self.confine("max_wrapping_ttl"),
            "expiration" => self.expires_at = value.as_str().map(str::to_owned),
            _ => {}
        }
        Ok(())
    }

    fn allow(&mut self, capability: &str) {
        if !self.capabilities.iter().any(|known| known == capability) {
            self.capabilities.push(capability.to_owned());
        }
    }

    fn confine(&mut self, condition: &'static str) {
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
    }
}

/// `{"*" = []}`: any parameter with any value, which confines nothing. Terraform's data source writes it as a list of blocks.
fn allows_all_parameters(value: &Value) -> bool {
    let open = |key: &str, values: &Value| key == "*" && values.as_array().is_some_and(Vec::is_empty);
    match value {
        Value::Object(parameters) => {
            parameters.is_empty() || parameters.iter().any(|(key, values)| open(key, values))
        }
        Value::Array(blocks) => {
            let key = |block: &Value| block.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
            let values = |block: &Value| block.get("value").cloned().unwrap_or_default();
            blocks.is_empty() || blocks.iter().any(|block| open(&key(block), &values(block)))
        }
        _ => true,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty() || text == "0",
        _ => false,
    }
}

fn block_rule(block: &Block) -> Result<Rule, PolicyError> {
    let [label] = block.labels.as_slice() else {
        return Err(PolicyError::Shape("one has no path, or more than one"));
    };
    let mut rule = Rule::at(label.as_str());
    for structure in &block.body {
        match structure {
            Structure::Attribute(attribute) => rule.set(attribute.key.as_str(), &plain(&attribute.value))?,
            // HCL 1 makes no difference between `allowed_parameters { … }` and `allowed_parameters = { … }`.
            Structure::Block(block) => {
                let attributes = block.body.attributes();
                let members: Map<String, Value> = attributes
                    .map(|attribute| (attribute.key.as_str().to_owned(), plain(&attribute.value)))
                    .collect();
                rule.set(block.ident.as_str(), &Value::Object(members))?;
            }
        }
    }
    Ok(rule)
}

fn json_rules(policy: &Value) -> Result<Vec<Rule>, PolicyError> {
    let members = policy.as_object().ok_or(PolicyError::Shape("it is no object"))?;
    let mut rules = Vec::new();
    for (key, value) in members {
        match key.as_str() {
            "path" => path_map(value, &mut rules)?,
            "name" => {}
            _ => return Err(PolicyError::Shape("something else stands beside them")),
        }
    }
    Ok(rules)
}

/// `{"secret/*": {"capabilities": […]}}`, or a list of such; a block may stand in a list of one.
fn path_map(value: &Value, rules: &mut Vec<Rule>) -> Result<(), PolicyError> {
    let maps = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    for map in maps {
        let paths = map.as_object().ok_or(PolicyError::Shape("`path` is no block"))?;
        for (path, settings) in paths {
            let mut rule = Rule::at(path);
            for settings in settings.as_array().map_or(std::slice::from_ref(settings), Vec::as_slice) {
                let settings = settings.as_object().ok_or(PolicyError::Shape("a path has no settings"))?;
                for (key, value) in settings {
                    rule.set(key, value)?;
                }
            }
            rules.push(rule);
        }
    }
    Ok(())
}

/// An expression without variables; what has some is null.
fn plain(expression: &Expression) -> Value {
    match expression {
        Expression::Bool(value) => Value::Bool(*value.value()),
        Expression::String(text) => Value::String(text.value().clone()),
        Expression::Number(number) => Value::String(number.value().to_string()),
        Expression::Array(items) => items.iter().map(plain).collect(),
        Expression::Object(members) => {
            let key = |key: &ObjectKey| match key {
                ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
                ObjectKey::Expression(expression) => plain(expression).as_str().map(str::to_owned),
            };
            let member = |(name, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                Some((key(name)?, plain(value.expr())))
            };
            Value::Object(members.iter().filter_map(member).collect())
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<(String, String, Vec<&'static str>)> {
        let rules = parse(text).unwrap();
        rules.into_iter().map(|rule| (rule.path, rule.capabilities.join(" "), rule.conditions)).collect()
    }

    fn check(text: &str, expected: &[(&str, &str)]) {
        let actual = rules(text);
        let actual: Vec<(&str, &str)> =
            actual.iter().map(|(path, capabilities, _)| (path.as_str(), capabilities.as_str())).collect();
        assert_eq!(actual, expected, "{text}");
    }

    #[test]
    fn each_path_is_a_rule_with_its_capabilities() {
        check(
            "# for the app\npath \"secret/data/app/*\" {\n  capabilities = [\"read\", \"list\",]\n}\n\npath \"/sys/health\" { capabilities = [\"sudo\"] }\n",
            &[("secret/data/app/*", "read list"), ("sys/health", "sudo")],
        );
        check("", &[]);
    }

    #[test]
    fn the_first_form_is_spelled_out() {
        check("path \"a\" { policy = \"write\" }", &[("a", "create read update delete list")]);
        check("path \"a\" { policy = \"sudo\" }", &[("a", "create read update delete list sudo")]);
        check("path \"a\" { policy = \"deny\" }", &[("a", "deny")]);
        check(
            "path \"a\" {\n policy = \"read\"\n capabilities = [\"read\", \"update\"]\n}",
            &[("a", "read list update")],
        );
    }

    #[test]
    fn json_says_the_same() {
        let one = r#"{"path": {"secret/*": {"capabilities": ["read"]}, "a": {"policy": "read"}}}"#;
        let mut expected = rules(one);
        expected.sort();
        assert_eq!(
            expected,
            [("a".into(), "read list".into(), Vec::new()), ("secret/*".into(), "read".into(), Vec::new())]
        );
        check(
            r#"{"path": [{"a": [{"capabilities": ["read"]}]}, {"b": {"capabilities": []}}]}"#,
            &[("a", "read"), ("b", "")],
        );
        check("path = { \"a\" = { capabilities = [\"read\"] } }", &[("a", "read")]);
    }

    #[test]
    fn parameters_and_wrapping_are_conditions() {
        let text = "path \"a\" {\n capabilities = [\"update\"]\n allowed_parameters = { \"policies\" = [\"app\"] }\n required_parameters = [\"ttl\"]\n denied_parameters {\n \"period\" = []\n }\n min_wrapping_ttl = \"1m\"\n max_wrapping_ttl = 90\n}";
        let text = text.replace(
            "denied_parameters {\n \"period\" = []\n }",
            "denied_parameters = {\n \"period\" = []\n }",
        );
        assert_eq!(
            rules(&text)[0].2,
            [
                "allowed_parameters",
                "required_parameters",
                "denied_parameters",
                "min_wrapping_ttl",
                "max_wrapping_ttl"
            ]
        );
        let block =
            "path \"a\" {\n capabilities = [\"update\"]\n allowed_parameters {\n bar = [\"zip\"]\n }\n}";
        assert_eq!(rules(block)[0].2, ["allowed_parameters"]);
        let open = "path \"a\" {\n capabilities = [\"update\"]\n allowed_parameters = { \"*\" = [] }\n required_parameters = []\n}";
        assert_eq!(rules(open)[0].2, Vec::<&str>::new());
    }

    #[test]
    fn an_end_is_kept_as_written() {
        let text = "path \"a\" {\n capabilities = [\"read\"]\n expiration = \"2027-01-01T00:00:00Z\"\n}";
        assert_eq!(parse(text).unwrap()[0].expires_at.as_deref(), Some("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_policy_is_told_without_its_text() {
        let reason = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(
            reason("path \"secret/*\" {\n  capabilities = [\"read\"\n}"),
            "the policy does not parse at line 3, column 1"
        );
        assert!(reason("{\"path\": ").starts_with("the policy does not parse at line 1"));
        for text in [
            "path { capabilities = [] }",
            "rule \"a\" {}",
            "path \"a\" { capabilities = \"read\" }",
            "path \"a\" { policy = \"all\" }",
            "{\"paths\": {}}",
            "{\"path\": 1}",
        ] {
            assert!(matches!(parse(text), Err(PolicyError::Shape(_))), "{text}");
        }
    }
}
