//! The files of one module folder, parsed, and the search for a block in them.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::SourceWarning;
use super::address::Address;
use super::comments::{self, Comments};
use super::expression::Search;
use super::json;
use crate::facts::model::PathStep;

/// Larger files are generated, and reading them would cost more than a line number is worth.
const MAX_FILE_BYTES: u64 = 8 << 20;

/// A place in one of a module's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Index into [`Module::files`].
    pub(super) file: usize,
    /// Bytes of it.
    pub(super) span: Range<usize>,
}

/// The files of a module folder.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) files: Vec<File>,
}

/// A file of a module.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) text: Arc<str>,
    pub(super) syntax: Syntax,
    pub(super) comments: Comments,
}

/// The two ways to write a configuration.
#[derive(Debug)]
pub(super) enum Syntax {
    /// `.tf`, `.tofu`.
    Native(Box<Body>),
    /// `.tf.json`, `.tofu.json`: searched as text.
    Json,
}

/// A `module` block.
pub(super) struct ModuleCall {
    pub(super) place: Place,
    source: Option<String>,
}

impl ModuleCall {
    /// The folder it names relative to the caller, if it is one.
    pub(super) fn local_source(&self) -> Option<&str> {
        self.source.as_deref().filter(|source| source.starts_with("./") || source.starts_with("../"))
    }
}

/// The name is one of a configuration file.
pub(super) fn is_configuration(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|ending| name.ends_with(ending))
        && !name.starts_with('.')
}

impl Module {
    /// Reads the files of `folder` in the order of their names. What cannot be read becomes a warning.
    pub(super) fn read(folder: &Path, warnings: &mut Vec<SourceWarning>) -> Self {
        let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut paths: Vec<PathBuf> = fs::read_dir(shown)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| is_configuration(path))
            .collect();
        paths.sort();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            match File::read(&path) {
                Ok(Some(file)) => files.push(file),
                Ok(None) => {}
                Err(message) => warnings.push(SourceWarning {
                    file: super::tidy(&path),
                    message: format!("{message}; its findings have no line"),
                }),
            }
        }
        warnings.extend(files.iter().flat_map(File::unheeded));
        Self { files }
    }

    /// The call of the child module `name`.
    pub(super) fn call(&self, name: &str) -> Option<ModuleCall> {
        self.files.iter().enumerate().find_map(|(index, file)| match &file.syntax {
            Syntax::Native(body) => {
                let block = blocks(body, "module", &[name]).next()?;
                let source =
                    block.body.get_attribute("source").and_then(|attribute| match &attribute.value {
                        Expression::String(source) => Some(source.as_str().to_owned()),
                        _ => None,
                    });
                Some(ModuleCall { place: Place { file: index, span: header(block) }, source })
            }
            Syntax::Json => {
                let path = [step("module"), step(name)];
                let span = json::find(&file.text, &path).whole(path.len())?;
                let source = json::find(&file.text, &[step("module"), step(name), step("source")])
                    .whole(3)
                    .and_then(|span| file.text.get(span)?.split('"').nth(3).map(str::to_owned));
                Some(ModuleCall { place: Place { file: index, span }, source })
            }
        })
    }

    /// The calls of child modules.
    pub(super) fn calls(&self) -> Vec<(String, ModuleCall)> {
        let bodies = self.files.iter().filter_map(|file| match &file.syntax {
            Syntax::Native(body) => Some(body),
            Syntax::Json => None,
        });
        bodies
            .flat_map(|body| body.blocks())
            .filter(|block| block.has_ident("module"))
            .filter_map(|block| {
                let [label] = block.labels.as_slice() else { return None };
                Some((label.as_str().to_owned(), self.call(label.as_str())?))
            })
            .collect()
    }

    /// The innermost place of `path` in the block at `address`, and all that it is a part of, from the block. Empty in JSON, where nothing has a
    /// line of its own.
    pub(super) fn way(&self, address: &Address, path: &[PathStep]) -> Vec<Place> {
        self.files
            .iter()
            .enumerate()
            .find_map(|(index, file)| self.search(index, file, address, path))
            .map_or_else(Vec::new, Search::way)
    }

    fn search(&self, index: usize, file: &File, address: &Address, path: &[PathStep]) -> Option<Search<'_>> {
        let Syntax::Native(body) = &file.syntax else { return None };
        let labels: Vec<&str> = address.labels.iter().map(String::as_str).collect();
        let block =
            blocks(body, address.block, &labels).find(|block| has_alias(block, address.alias.as_deref()))?;
        let mut search = Search::new(self, Place { file: index, span: header(block) });
        search.body(&block.body, path);
        Some(search)
    }

    /// The innermost place of `path` in the block at `address`.
    pub(super) fn find(&self, address: &Address, path: &[PathStep]) -> Option<Place> {
        let labels: Vec<&str> = address.labels.iter().map(String::as_str).collect();
        self.files.iter().enumerate().find_map(|(index, file)| match &file.syntax {
            Syntax::Native(_) => self.search(index, file, address, path).map(Search::found),
            Syntax::Json => {
                let mut full = vec![step(address.block)];
                full.extend(labels.iter().copied().map(step));
                json::find(&file.text, &full).whole(full.len())?;
                full.extend(path.iter().cloned());
                json::find(&file.text, &full).innermost().map(|span| Place { file: index, span })
            }
        })
    }

    /// The expression of `local.NAME` and the file it is in.
    pub(super) fn local(&self, name: &str) -> Option<(usize, &Expression)> {
        self.files.iter().enumerate().find_map(|(index, file)| match &file.syntax {
            Syntax::Native(body) => blocks(body, "locals", &[])
                .find_map(|block| block.body.get_attribute(name))
                .map(|attribute| (index, &attribute.value)),
            Syntax::Json => None,
        })
    }
}

impl File {
    /// `None`: too large to be looked at.
    fn read(path: &Path) -> Result<Option<Self>, String> {
        let metadata = fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
        if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES {
            return Ok(None);
        }
        let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
        let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let (syntax, comments) = if is_json {
            // The library's message quotes no text, only what it expected and where.
            serde_json::from_str::<serde::de::IgnoredAny>(&text).map_err(|error| {
                format!("does not parse as JSON at line {}, column {}", error.line(), error.column())
            })?;
            (Syntax::Json, Comments::default())
        } else {
            // The parser's own display quotes the line, which may hold a secret.
            let body = hcl_edit::parser::parse_body(&text).map_err(|error| {
                let location = error.location();
                format!("does not parse as HCL at line {}, column {}", location.line(), location.column())
            })?;
            let comments = comments::find(&text, &body);
            (Syntax::Native(Box::new(body)), comments)
        };
        Ok(Some(Self { path: path.to_owned(), text: text.into(), syntax, comments }))
    }

    /// What looks as if it were meant to suppress a finding and does not.
    fn unheeded(&self) -> Vec<SourceWarning> {
        let warning = |message: String| SourceWarning { file: super::tidy(&self.path), message };
        if matches!(self.syntax, Syntax::Json) && self.text.contains("secretlint:ignore") {
            return vec![warning(
                "says `secretlint:ignore`, but JSON has no comments, so nothing is ignored: write a `waiver` in secretlint.hcl".into(),
            )];
        }
        let unheeded = self.comments.unheeded.iter();
        unheeded
            .map(|line| {
                warning(format!(
                    "names `secretlint:ignore` in the comment on line {line}, but the comment does not begin with it, so nothing is ignored"
                ))
            })
            .collect()
    }
}

fn step(name: &str) -> PathStep {
    PathStep::Name(name.to_owned())
}

fn blocks<'body, 'name>(
    body: &'body Body,
    kind: &'name str,
    labels: &'name [&'name str],
) -> impl Iterator<Item = &'body Block> + use<'body, 'name> {
    body.blocks().filter(move |block| block.has_ident(kind) && block.has_exact_labels(labels))
}

fn has_alias(block: &Block, alias: Option<&str>) -> bool {
    let Some(alias) = alias else { return true };
    block.body.get_attribute("alias").is_some_and(|attribute| attribute.value.as_str() == Some(alias))
}

/// The head of a block, without its body: `resource "a" "b"`.
pub(super) fn header(block: &Block) -> Range<usize> {
    let start = block.ident.span().unwrap_or_default();
    let end = block.labels.last().and_then(Span::span).map_or(start.end, |label| label.end);
    start.start..end
}
