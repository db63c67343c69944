//! Data documents: what policies see as `data`, read as OPA's loader reads them (`v1/loader/loader.go`).
//!
//! Of a folder, every `.json`, `.yaml` and `.yml` file below it counts. The names of the folders between the given one and the file are the
//! path of its content; the given folder's own name and the file's are not. `a.b:path` puts what is read below `data.a.b`. Two documents may
//! add to one object; a key that both give a value is an error.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::super::builtins::yaml;
use super::ConftestError;

/// The documents at `arguments`, merged.
///
/// # Errors
/// A file cannot be read, is no JSON or YAML, is no object where it must be one, or two give one key.
pub(super) fn load(arguments: &[String]) -> Result<Map<String, Value>, ConftestError> {
    let mut root = Object::default();
    for argument in arguments {
        let (prefix, path) = split_prefix(argument);
        let path = Path::new(path);
        let metadata = fs::metadata(path).map_err(|source| ConftestError::unreadable(path, source))?;
        if metadata.is_dir() {
            root.folder(path, &prefix, &mut BTreeSet::new())?;
        } else if is_data(path) {
            root.file(path, &prefix)?;
        } else {
            return Err(ConftestError::Data {
                path: path.into(),
                reason: "a data document has the extension `.json`, `.yaml` or `.yml`".into(),
            });
        }
    }
    Ok(root.fields)
}

/// `a.b:path`. `C:\…` is a path of Windows.
fn split_prefix(argument: &str) -> (Vec<String>, &str) {
    match argument.split_once(':') {
        Some((prefix, path))
            if !(prefix.contains(['/', '\\']) || prefix.len() == 1 && path.starts_with('\\')) =>
        {
            let prefix = prefix.strip_prefix("data.").unwrap_or(prefix);
            (prefix.split('.').map(str::to_owned).collect(), path)
        }
        _ => (Vec::new(), argument),
    }
}

fn is_data(path: &Path) -> bool {
    matches!(path.extension().and_then(|extension| extension.to_str()), Some("json" | "yaml" | "yml"))
}

#[derive(Default)]
struct Object {
    fields: Map<String, Value>,
    /// Files that were merged, for the message about a conflict.
    files: Vec<(PathBuf, Value)>,
}

impl Object {
    fn folder(
        &mut self,
        folder: &Path,
        keys: &[String],
        visited: &mut BTreeSet<PathBuf>,
    ) -> Result<(), ConftestError> {
        let unreadable = |source| ConftestError::unreadable(folder, source);
        if !visited.insert(fs::canonicalize(folder).map_err(unreadable)?) {
            return Ok(());
        }
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(unreadable)?;
        entries.sort();
        for path in entries {
            let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                let keys: Vec<String> = keys.iter().cloned().chain([name]).collect();
                self.folder(&path, &keys, visited)?;
            } else if is_data(&path) {
                self.file(&path, keys)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, keys: &[String]) -> Result<(), ConftestError> {
        let wrong = |reason: String| ConftestError::Data { path: path.into(), reason };
        let text = fs::read_to_string(path).map_err(|source| ConftestError::unreadable(path, source))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let content = if path.extension().is_some_and(|extension| extension == "json") {
            serde_json::from_str(text)
                .map_err(|error| wrong(format!("it is no JSON: line {}", error.line())))?
        } else {
            yaml(text).map_err(|line| {
                wrong(
                    line.map_or_else(|| "it is no YAML".into(), |line| format!("it is no YAML: line {line}")),
                )
            })?
        };
        let content = keys
            .iter()
            .rev()
            .fold(content, |content, key| Value::Object([(key.clone(), content)].into_iter().collect()));
        let Value::Object(fields) = &content else {
            return Err(wrong(
                "its content is no object, so it has no place in `data`; put it in a folder, or name a place: `--data key:PATH`".into(),
            ));
        };
        if let Err(key) = merge(&mut self.fields, fields.clone(), "data") {
            let other = self.files.iter().find(|(_, other)| {
                other
                    .as_object()
                    .is_some_and(|other| merge(&mut other.clone(), fields.clone(), "data").is_err())
            });
            let other = other
                .map_or_else(String::new, |(path, _)| format!(", which `{}` gives already", path.display()));
            return Err(wrong(format!("it gives `{key}` a value{other}")));
        }
        self.files.push((path.to_owned(), content));
        Ok(())
    }
}

/// Adds `more` to `fields`; the path of a key that has a value in both is the error.
fn merge(fields: &mut Map<String, Value>, more: Map<String, Value>, path: &str) -> Result<(), String> {
    for (key, value) in more {
        let path = format!("{path}.{key}");
        match (fields.get_mut(&key), value) {
            (None, value) => drop(fields.insert(key, value)),
            (Some(Value::Object(there)), Value::Object(more)) => merge(there, more, &path)?,
            (Some(_), _) => return Err(path),
        }
    }
    Ok(())
}
