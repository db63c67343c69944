//! Every `# METADATA` comment of a file, as OPA reads it (<https://www.openpolicyagent.org/docs/policy-language#annotations>): what
//! `rego.metadata.rule()` and `rego.metadata.chain()` answer. `metadata` reads what *this* linter wants of a rule's package.

use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::problem::Problem;

/// What an annotation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The definition below it.
    Rule,
    /// Every definition of the rule of that name.
    Document,
    /// The package.
    Package,
    /// The package and those below it.
    Subpackages,
}

/// A METADATA comment.
#[derive(Debug, Clone)]
pub(super) struct Annotation {
    pub(super) scope: Scope,
    /// As OPA shows it, with `scope`.
    pub(super) value: Value,
    /// Where the comment ends; what it annotates begins behind it.
    pub(super) end: usize,
    /// It stands before `package`.
    pub(super) of_package: bool,
}

/// All METADATA comments of the file `name`.
///
/// # Errors
/// One of them is not YAML, or is no object, or has a `scope` that is none: one problem for each.
pub(super) fn parse(name: &str, text: &str) -> Result<Vec<Annotation>, Vec<Problem>> {
    let mut annotations = Vec::new();
    let mut problems = Vec::new();
    for block in blocks(text) {
        match annotation(&block, text) {
            Ok(annotation) => annotations.extend(annotation),
            Err((message, place)) => problems.push(
                Problem::new(format!("the METADATA is wrong: {message}"), name, text, place).with_help(
                    "the comment below `# METADATA` is YAML up to the first line that is no comment",
                ),
            ),
        }
    }
    if problems.is_empty() { Ok(annotations) } else { Err(problems) }
}

/// What an error of YAML in a comment says, and which bytes of the file it is about: the rest of its line. `line_starts` are those of the
/// comment's lines, behind their `#`.
pub(super) fn explain(
    error: &yaml_serde::Error,
    text: &str,
    line_starts: &[usize],
) -> (String, Option<Range<usize>>) {
    let message = error.to_string();
    // The library appends its own place, which counts from the comment's first line.
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    let place = error.location().and_then(|location| {
        // What is still open at the end is missed behind it.
        let line = location.line().checked_sub(1)?.min(line_starts.len().checked_sub(1)?);
        let line_start = line_starts[line];
        let line_end = text[line_start..].find('\n').map_or(text.len(), |length| line_start + length);
        let start = line_start + location.column().saturating_sub(1);
        Some(if start < line_end { start..line_end } else { line_start..line_end })
    });
    (message, place)
}

fn annotation(block: &Block, text: &str) -> Result<Option<Annotation>, (String, Range<usize>)> {
    let wrong = |message: &str| (message.to_owned(), block.marker.clone());
    let value: Value = yaml_serde::from_str(&block.yaml).map_err(|error| {
        let (message, place) = explain(&error, text, &block.line_starts);
        (message, place.unwrap_or_else(|| block.marker.clone()))
    })?;
    let mut fields = match value {
        Value::Null => Map::new(),
        Value::Object(fields) => fields,
        _ => return Err(wrong("it is no YAML mapping")),
    };
    let scope = match fields.get("scope").map(|scope| scope.as_str()) {
        None if block.of_package => Scope::Package,
        // OPA lets an entrypoint be a whole document only.
        None if fields.get("entrypoint") == Some(&Value::Bool(true)) => Scope::Document,
        None | Some(Some("rule")) => Scope::Rule,
        Some(Some("document")) => Scope::Document,
        Some(Some("package")) => Scope::Package,
        Some(Some("subpackages")) => Scope::Subpackages,
        Some(_) => return Err(wrong("`scope` is one of `rule`, `document`, `package`, `subpackages`")),
    };
    let word = match scope {
        Scope::Rule => "rule",
        Scope::Document => "document",
        Scope::Package => "package",
        Scope::Subpackages => "subpackages",
    };
    fields.insert("scope".into(), word.into());
    if let Some(Value::Array(authors)) = fields.get_mut("authors") {
        authors.iter_mut().for_each(author);
    }
    if let Some(Value::Array(resources)) = fields.get_mut("related_resources") {
        for resource in resources {
            if let Value::String(address) = resource {
                *resource = json!({"ref": address});
            }
        }
    }
    Ok(Some(Annotation { scope, value: Value::Object(fields), end: block.end, of_package: block.of_package }))
}

/// `Name <address>` as an object.
fn author(author: &mut Value) {
    let Value::String(text) = author else { return };
    let (name, address) = match text.split_once('<') {
        Some((name, address)) => (name.trim(), address.trim().trim_end_matches('>')),
        None => (text.trim(), ""),
    };
    let mut fields = Map::new();
    for (key, value) in [("name", name), ("email", address)] {
        if !value.is_empty() {
            fields.insert(key.into(), value.into());
        }
    }
    *author = Value::Object(fields);
}

struct Block {
    yaml: String,
    marker: Range<usize>,
    line_starts: Vec<usize>,
    end: usize,
    of_package: bool,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut offset = 0;
    let mut inside = false;
    let mut behind_package = false;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let content = line.trim_end();
        behind_package |= content.starts_with("package ") || content.starts_with("package\t");
        match (content.strip_prefix('#'), blocks.last_mut()) {
            (Some(comment), _) if comment.trim() == "METADATA" => {
                blocks.push(Block {
                    yaml: String::new(),
                    marker: start..start + content.len(),
                    line_starts: Vec::new(),
                    end: offset,
                    of_package: !behind_package,
                });
                inside = true;
            }
            (Some(comment), Some(block)) if inside => {
                block.yaml.push_str(comment);
                block.yaml.push('\n');
                block.line_starts.push(start + 1);
                block.end = offset;
            }
            _ => inside = false,
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_read_as_opa_reads_them() {
        let text = "# METADATA\n# title: P\npackage p\n\n# METADATA\n# authors: [A B <a@b.c>]\n# related_resources:\n# - https://x\nx := 1\n";
        let annotations = parse("a.rego", text).unwrap();
        assert_eq!(annotations[0].value, json!({"scope": "package", "title": "P"}));
        assert_eq!(
            annotations[1].value,
            json!({"scope": "rule", "authors": [{"name": "A B", "email": "a@b.c"}], "related_resources": [{"ref": "https://x"}]})
        );
        assert!(annotations[0].of_package && !annotations[1].of_package);
    }

    #[test]
    fn what_is_no_yaml_points_to_its_comment() {
        let problems = parse("a.rego", "package p\n# METADATA\n# title: [x\nx := 1\n").unwrap_err();
        assert!(problems[0].to_string().starts_with("the METADATA is wrong: "), "{}", problems[0]);
        let problems = parse("a.rego", "package p\n# METADATA\n# scope: all\nx := 1\n").unwrap_err();
        assert!(problems[0].to_string().contains("`scope` is one of"), "{}", problems[0]);
    }
}
