//! `parse_config`, `parse_config_file`, `parse_combined_config_files`: functions that conftest adds to OPA. They read what the libraries of
//! this program read: JSON, YAML, TOML. Another format is an error that says so.

use std::fs;
use std::path::Path;

use regorus::Value;

use super::{Arguments, CallError};

/// What is read, by conftest's name of its parser and by the extension of a file.
const FORMATS: &str = "`json`, `yaml` and `toml`";

/// `parse_config(parser, text)`.
pub(super) fn parse_config(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    parse(arguments.text(0)?, arguments.text(1)?)
}

/// `parse_config_file(path)`; the folder of the calling policy is the second argument, which `rewrite` adds.
pub(super) fn parse_config_file(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    file(arguments.text(0)?, arguments.text(1)?)
}

/// `parse_combined_config_files(paths)`, likewise.
pub(super) fn parse_combined_config_files(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let Value::Array(paths) = arguments.value(0) else { return Err(arguments.wrong(0, "an array of paths")) };
    let mut documents = Vec::with_capacity(paths.len());
    for path in paths.iter() {
        let Value::String(path) = path else { return Err(arguments.wrong(0, "an array of paths")) };
        let fields = [
            (Value::from("path"), Value::from(path.to_string())),
            (Value::from("contents"), file(path, arguments.text(1)?)?),
        ];
        documents.push(Value::from(fields.into_iter().collect::<std::collections::BTreeMap<_, _>>()));
    }
    Ok(Value::from(documents))
}

fn file(path: &str, folder: &str) -> Result<Value, CallError> {
    let path = Path::new(folder).join(path);
    let text = fs::read_to_string(&path)
        .map_err(|error| CallError::Value(format!("cannot read `{}`: {error}", path.display())))?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    parse(extension, &text)
}

fn parse(parser: &str, text: &str) -> Result<Value, CallError> {
    // The library's message may quote the text, which may be part of a plan.
    let wrong = |line: Option<usize>| {
        let line = line.map_or_else(String::new, |line| format!(", line {line}"));
        CallError::Value(format!("`parse_config`: the text is no {parser}{line}"))
    };
    let document: serde_json::Value = match parser {
        "json" | "tfstate" => serde_json::from_str(text).map_err(|error| wrong(Some(error.line())))?,
        "yaml" | "yml" => yaml(text).map_err(wrong)?,
        "toml" => toml::from_str(text).map_err(|_| wrong(None))?,
        other => {
            return Err(CallError::Value(format!(
                "`parse_config`: the format `{other}` is not read, only {FORMATS}"
            )));
        }
    };
    Value::from_json_str(&document.to_string()).map_err(|_| wrong(None))
}

/// One document, or an array of several.
pub(in crate::policy) fn yaml(text: &str) -> Result<serde_json::Value, Option<usize>> {
    use serde::Deserialize;
    let mut documents = yaml_serde::Deserializer::from_str(text)
        .map(|document| {
            serde_json::Value::deserialize(document)
                .map_err(|error| error.location().map(|location| location.line()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(if documents.len() == 1 { documents.remove(0) } else { serde_json::Value::Array(documents) })
}
