//! Documents inside texts: JSON, YAML, HCL, dotenv files, and the parts of a cloud-init archive. What a document holds is looked at member by
//! member, so that a finding says which one, and names and texts are judged as in a resource.

use hcl_edit::expr::{Expression, ObjectKey, ObjectValue};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;
use serde_json::{Map, Value};

use super::encodings;

/// Longest text that is taken apart. A longer one is still searched for what its own text gives away, in place.
const LONGEST: usize = 16 << 20;
/// The same where a parser takes much more than the text's own size.
const LONGEST_MARKUP: usize = 1 << 20;

/// The document that a text holds, and what it is written in.
pub(super) fn parse(text: &str) -> Option<(Value, &'static str)> {
    let lines = text.len() <= LONGEST_MARKUP && text.contains('\n');
    parse_script(text)
        .or_else(|| if lines { dotenv(text).map(|document| (document, "dotenv")) } else { None })
        .or_else(|| if lines { hcl(text).map(|document| (document, "hcl")) } else { None })
}

/// The document of a place where scripts stand: one that only assigns variables is still a script.
pub(super) fn parse_script(text: &str) -> Option<(Value, &'static str)> {
    if text.len() > LONGEST {
        return None;
    }
    if let Some(document) = encodings::json(text) {
        return Some((document, "json"));
    }
    if text.len() > LONGEST_MARKUP || !text.starts_with("#cloud-config") {
        return None;
    }
    encodings::yaml(text).map(|document| (document, "yaml"))
}

/// The document of a place where manifests and values stand, which may be YAML without saying so.
pub(super) fn parse_manifest(text: &str) -> Option<(Value, &'static str)> {
    let yaml = || encodings::yaml(text).map(|document| (document, "yaml"));
    parse(text).or_else(|| if text.len() <= LONGEST_MARKUP { yaml() } else { None })
}

/// `NAME=value` on every line but blank ones and comments.
fn dotenv(text: &str) -> Option<Value> {
    let mut members = Map::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let named = |name: &str| {
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        };
        if !named(name) || value.starts_with(' ') {
            return None;
        }
        // What a shell puts in is not written here.
        let expanded = value.contains('$') || value.contains('`');
        if !expanded {
            members.insert(name.to_owned(), Value::String(value.trim_matches(['"', '\'']).to_owned()));
        }
    }
    if members.is_empty() { None } else { Some(Value::Object(members)) }
}

/// Attributes and blocks of HCL that are written out; none where the text is not HCL.
fn hcl(text: &str) -> Option<Value> {
    if !text.contains(" = ") && !text.contains("=\"") {
        return None;
    }
    let body: Body = text.parse().ok()?;
    let members = of_body(&body);
    if members.is_empty() { None } else { Some(Value::Object(members)) }
}

fn of_body(body: &Body) -> Map<String, Value> {
    let mut members = Map::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                if let Some(value) = of_expression(&attribute.value) {
                    members.insert(attribute.key.as_str().to_owned(), value);
                }
            }
            Structure::Block(block) => {
                let inner = Value::Object(of_body(&block.body));
                let blocks = members.entry(block.ident.as_str()).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(blocks) = blocks {
                    blocks.push(inner);
                }
            }
        }
    }
    members
}

/// What an expression is without being evaluated; a reference or a template with one is nothing.
fn of_expression(expression: &Expression) -> Option<Value> {
    match expression {
        Expression::String(text) => Some(Value::String(text.as_str().to_owned())),
        Expression::HeredocTemplate(heredoc) => {
            let literal = |element: &Element| element.as_literal().map(|text| text.as_str().to_owned());
            heredoc.template.iter().map(literal).collect::<Option<String>>().map(Value::String)
        }
        Expression::Array(items) => Some(Value::Array(items.iter().filter_map(of_expression).collect())),
        Expression::Object(object) => {
            let member = |(key, value): (&ObjectKey, &ObjectValue)| {
                let name = match key {
                    ObjectKey::Ident(name) => name.as_str().to_owned(),
                    ObjectKey::Expression(Expression::String(name)) => name.as_str().to_owned(),
                    ObjectKey::Expression(_) => return None,
                };
                of_expression(value.expr()).map(|value| (name, value))
            };
            Some(Value::Object(object.iter().filter_map(member).collect()))
        }
        _ => None,
    }
}

/// A part of an archive.
#[derive(Debug, PartialEq)]
pub(super) struct Part<'t> {
    pub(super) text: &'t str,
    pub(super) is_base64: bool,
}

/// The parts of a MIME archive, as cloud-init takes it; none of a text that is no archive.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    const MOST: usize = 32;
    let mut head_end = text.len().min(4096);
    while !text.is_char_boundary(head_end) {
        head_end -= 1;
    }
    let head = text.get(..head_end).unwrap_or_default();
    let boundary =
        head.split_once("multipart/").and_then(|(_, rest)| rest.split_once("boundary=")).map(|(_, rest)| {
            rest.trim_start_matches('"').split(['"', '\r', '\n', ';']).next().unwrap_or_default()
        });
    let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else { return Vec::new() };
    let delimiter = format!("--{boundary}");
    text.split(delimiter.as_str()).skip(1).take(MOST).filter_map(part).collect()
}

fn part(text: &str) -> Option<Part<'_>> {
    let (head, text) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n"))?;
    let is_base64 = head.to_ascii_lowercase().contains("content-transfer-encoding: base64");
    Some(Part { text, is_base64 })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: Option<(Value, &str)>) {
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn settings_are_read_line_by_line() {
        let expected = json!({ "DB_PASSWORD": "hunter2", "LOG": "info" });
        check("# orders\nexport DB_PASSWORD='hunter2'\nLOG=info\n", Some((expected, "dotenv")));
        check("A=$(date)\nB=1\n", Some((json!({ "B": "1" }), "dotenv")));
        check("#!/bin/sh\necho a=b\n", None);
    }

    #[test]
    fn configuration_is_read_attribute_by_attribute() {
        let text = "storage \"x\" {\n  password = \"hunter2\"\n  user = var.user\n}\nlist = [\"a\"]\nmap = { token = \"t\", \"b\" = \"c\" }\n";
        let expected = json!({ "storage": [{ "password": "hunter2" }], "list": ["a"], "map": { "token": "t", "b": "c" } });
        check(text, Some((expected, "hcl")));
        check("key = {\n", None);
    }

    #[test]
    fn cloud_config_says_that_it_is_yaml() {
        let text = "#cloud-config\nwrite_files:\n- path: /etc/x\n  content: hunter2\n";
        let expected = json!({ "write_files": [{ "path": "/etc/x", "content": "hunter2" }] });
        check(text, Some((expected.clone(), "yaml")));
        let silent = text.trim_start_matches("#cloud-config\n");
        check(silent, None);
        assert_eq!(parse_manifest(silent), Some((expected, "yaml")));
    }

    #[test]
    fn a_long_text_is_not_taken_apart() {
        let long = format!("{{\"a\": \"{}\"}}", "x".repeat(LONGEST));
        check(&long, None);
        check(&format!("A=1\nB={}\n", "x".repeat(LONGEST_MARKUP)), None);
    }

    #[test]
    fn parts_of_an_archive_are_told_apart() {
        let text = "Content-Type: multipart/mixed; boundary=\"B\"\nMIME-Version: 1.0\n\n--B\nContent-Type: text/x-shellscript\n\necho a\n--B\nContent-Transfer-Encoding: base64\n\nZWNobyBi\n--B--\n";
        let expected =
            [Part { text: "echo a\n", is_base64: false }, Part { text: "ZWNobyBi\n", is_base64: true }];
        assert_eq!(parts(text), expected);
        assert!(parts("no archive").is_empty());
    }
}
