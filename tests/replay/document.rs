//! `aws_iam_policy_document`: the JSON text that the AWS provider makes of its blocks, byte for byte, because linters read
//! that text. Facts from the provider's `internal/service/iam` (policy_model.go, policy_document_data_source.go):
//! one element stands alone, several are sorted backwards, the principal `*` of type `*` is a bare string, `&{` becomes
//! `${`, and Go's writer escapes `<`, `>` and `&`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tf_plugin::Dynamic;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Document {
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(rename = "Statement", skip_serializing_if = "Vec::is_empty")]
    statements: Vec<Statement>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Statement {
    #[serde(skip_serializing_if = "String::is_empty")]
    sid: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    effect: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Texts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_action: Option<Texts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Texts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_resource: Option<Texts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Principals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_principal: Option<Principals>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<String, BTreeMap<String, Texts>>,
}

/// One text stands alone in the document, several stand in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Principals {
    Anyone(String),
    ByType(BTreeMap<String, Texts>),
}

/// The computed attributes of the data source: `json`, `minified_json` and `id`.
///
/// # Errors
/// The real provider's own complaint.
pub(crate) fn read(config: &Dynamic) -> Result<BTreeMap<String, Dynamic>, String> {
    let mut merged = Document::default();
    for (index, text) in texts(config, "source_policy_documents").iter().enumerate() {
        let source = parse(text).map_err(|error| format!("merging source document {index}: {error}"))?;
        if let Some(sid) =
            source.statements.iter().map(|statement| &statement.sid).find(|sid| merged.has(sid))
        {
            return Err(format!(
                "merging source document {index}: duplicate Sid ({sid}) in source_policy_documents"
            ));
        }
        merged.merge(source);
    }
    merged.merge(own_document(config)?);
    for (index, text) in texts(config, "override_policy_documents").iter().enumerate() {
        merged.merge(parse(text).map_err(|error| format!("merging override document {index}: {error}"))?);
    }
    let write =
        |written: serde_json::Result<String>| written.map(|text| escape(&text)).map_err(|e| e.to_string());
    let json = write(serde_json::to_string_pretty(&merged))?;
    let minified = write(serde_json::to_string(&merged))?;
    let id = crc32fast::hash(json.as_bytes()).to_string();
    let row = [("json", json), ("minified_json", minified), ("id", id)];
    Ok(row.map(|(name, text)| (name.to_owned(), Dynamic::from(text))).into())
}

fn parse(text: &str) -> serde_json::Result<Document> {
    serde_json::from_str(text)
}

fn own_document(config: &Dynamic) -> Result<Document, String> {
    let version = text(config, "version").unwrap_or_else(|| "2012-10-17".to_owned());
    let mut document =
        Document { version, id: text(config, "policy_id").unwrap_or_default(), statements: Vec::new() };
    for block in elements(config, "statement") {
        let statement = statement(block);
        if document.has(&statement.sid) {
            return Err(format!(
                "duplicate Sid ({}). Remove the Sid or ensure the Sid is unique.",
                statement.sid
            ));
        }
        document.statements.push(statement);
    }
    Ok(document)
}

fn statement(block: &Dynamic) -> Statement {
    Statement {
        sid: text(block, "sid").unwrap_or_default(),
        effect: text(block, "effect").unwrap_or_else(|| "Allow".to_owned()),
        action: backwards(texts(block, "actions")),
        not_action: backwards(texts(block, "not_actions")),
        resource: backwards(texts(block, "resources")).map(variables),
        not_resource: backwards(texts(block, "not_resources")).map(variables),
        principal: principals(block, "principals"),
        not_principal: principals(block, "not_principals"),
        condition: conditions(block),
    }
}

fn principals(block: &Dynamic, name: &str) -> Option<Principals> {
    let blocks = elements(block, name);
    let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for principal in blocks {
        let kind = text(principal, "type").unwrap_or_default();
        let mut identifiers = texts(principal, "identifiers");
        identifiers.sort_unstable_by(|left, right| right.cmp(left));
        by_type.entry(kind).or_default().extend(identifiers);
    }
    if by_type.is_empty() {
        return None;
    }
    if blocks.len() == 1 && by_type.get("*").is_some_and(|identifiers| identifiers == &["*"]) {
        return Some(Principals::Anyone("*".to_owned()));
    }
    let listed = by_type.into_iter().map(|(kind, identifiers)| (kind, variables(collapse(identifiers))));
    Some(Principals::ByType(listed.collect()))
}

fn conditions(block: &Dynamic) -> BTreeMap<String, BTreeMap<String, Texts>> {
    let mut listed: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for condition in elements(block, "condition") {
        let test = text(condition, "test").unwrap_or_default();
        let variable = text(condition, "variable").unwrap_or_default();
        // The order of these may matter: they are not sorted.
        listed.entry(test).or_default().entry(variable).or_default().extend(texts(condition, "values"));
    }
    let collapsed = listed.into_iter().map(|(test, by_variable)| {
        let by_variable = by_variable.into_iter().map(|(name, values)| (name, variables(collapse(values))));
        (test, by_variable.collect())
    });
    collapsed.collect()
}

impl Document {
    /// Whether a statement has this Sid. The empty one never counts.
    fn has(&self, sid: &str) -> bool {
        !sid.is_empty() && self.statements.iter().any(|statement| statement.sid == sid)
    }

    fn merge(&mut self, other: Self) {
        if !other.id.is_empty() {
            self.id = other.id;
        }
        if other.version > self.version {
            self.version = other.version;
        }
        for statement in other.statements {
            let same = self.statements.iter_mut().find(|own| !own.sid.is_empty() && own.sid == statement.sid);
            match same {
                Some(own) => *own = statement,
                None => self.statements.push(statement),
            }
        }
    }
}

/// Several texts in backward order, one alone, none absent.
fn backwards(mut texts: Vec<String>) -> Option<Texts> {
    texts.sort_unstable_by(|left, right| right.cmp(left));
    (!texts.is_empty()).then(|| collapse(texts))
}

fn collapse(mut texts: Vec<String>) -> Texts {
    if texts.len() == 1 { Texts::One(texts.remove(0)) } else { Texts::Many(texts) }
}

fn variables(texts: Texts) -> Texts {
    match texts {
        Texts::One(text) => Texts::One(text.replace("&{", "${")),
        Texts::Many(texts) => Texts::Many(texts.iter().map(|text| text.replace("&{", "${")).collect()),
    }
}

fn escape(json: &str) -> String {
    json.replace('<', r"\u003c").replace('>', r"\u003e").replace('&', r"\u0026")
}

fn elements<'a>(block: &'a Dynamic, name: &str) -> &'a [Dynamic] {
    block.get(name).and_then(Dynamic::as_elements).unwrap_or_default()
}

fn text(block: &Dynamic, name: &str) -> Option<String> {
    block.get(name).and_then(Dynamic::as_str).map(str::to_owned)
}

fn texts(block: &Dynamic, name: &str) -> Vec<String> {
    elements(block, name).iter().filter_map(Dynamic::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(values: &[&str]) -> Dynamic {
        Dynamic::List(values.iter().map(|value| Dynamic::from(*value)).collect())
    }

    fn principal(kind: &str, identifiers: &[&str]) -> Dynamic {
        Dynamic::object([("type", kind.into()), ("identifiers", strings(identifiers))])
    }

    fn one(statement: Vec<(&str, Dynamic)>) -> String {
        let config = Dynamic::object([("statement", Dynamic::List(vec![Dynamic::object(statement)]))]);
        minified(&config)
    }

    fn minified(config: &Dynamic) -> String {
        read(config).expect("a document")["minified_json"].as_str().expect("text").to_owned()
    }

    #[test]
    fn the_document_is_written_as_the_provider_writes_it() {
        let config = Dynamic::object([(
            "statement",
            Dynamic::List(vec![Dynamic::object([
                ("sid", Dynamic::from("Read")),
                ("actions", strings(&["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"])),
                ("resources", strings(&["*"])),
            ])]),
        )]);
        let expected = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Sid\": \"Read\",\n      \
                        \"Effect\": \"Allow\",\n      \"Action\": [\n        \"secretsmanager:GetSecretValue\",\n        \
                        \"secretsmanager:DescribeSecret\"\n      ],\n      \"Resource\": \"*\"\n    }\n  ]\n}";
        let row = read(&config).expect("a document");
        assert_eq!(row["json"].as_str(), Some(expected));
    }

    #[test]
    fn the_principal_of_everybody_is_a_bare_star_only_for_the_type_star() {
        let anyone = one(vec![("principals", Dynamic::Set(vec![principal("*", &["*"])]))]);
        assert_eq!(anyone, r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*"}]}"#);
        let any_account = one(vec![("principals", Dynamic::Set(vec![principal("AWS", &["*"])]))]);
        assert_eq!(
            any_account,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"}}]}"#
        );
    }

    #[test]
    fn conditions_keep_their_order_and_are_grouped_by_test() {
        let condition = |variable: &str, values: &[&str]| {
            Dynamic::object([
                ("test", Dynamic::from("StringEquals")),
                ("variable", variable.into()),
                ("values", strings(values)),
            ])
        };
        let conditions = vec![condition("aws:b", &["y", "x"]), condition("aws:a", &["&{aws:username}"])];
        assert_eq!(
            one(vec![("condition", Dynamic::Set(conditions))]),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Condition":{"StringEquals":{"aws:a":"${aws:username}","aws:b":["y","x"]}}}]}"#
        );
    }

    #[test]
    fn an_override_replaces_the_statement_with_its_sid() {
        let replaced = r#"{"Statement":[{"Sid":"Read","Effect":"Deny","Action":["a","b"]}]}"#;
        let config = Dynamic::object([
            ("statement", Dynamic::List(vec![Dynamic::object([("sid", Dynamic::from("Read"))])])),
            ("override_policy_documents", strings(&[replaced])),
        ]);
        assert_eq!(
            minified(&config),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Deny","Action":["a","b"]}]}"#
        );
    }

    #[test]
    fn a_sid_used_twice_is_refused_as_by_the_provider() {
        let block = Dynamic::object([("sid", Dynamic::from("Read"))]);
        let config = Dynamic::object([("statement", Dynamic::List(vec![block.clone(), block]))]);
        let message = read(&config).expect_err("a duplicate");
        assert!(message.starts_with("duplicate Sid (Read)"), "{message}");
    }
}
