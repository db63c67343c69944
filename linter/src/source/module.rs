//! The files of one module folder, parsed, and the search for a block in them.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body};

use super::SourceWarning;
use super::address::Address;
use super::comments::{self, Comments};
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
    /// It gives values to variables (`terraform.tfvars`) and declares nothing.
    is_values: bool,
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

/// What is written for a local value, a variable or an argument.
pub(super) enum Definition<'module> {
    /// In HCL: the bytes from the name to the value's end, and the value.
    Native { place: Place, expression: &'module Expression },
    /// In JSON: the bytes from the name to the value's end.
    Json { place: Place },
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

/// The name is one of a file whose values Terraform takes without being asked.
fn is_values(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    matches!(&*name, "terraform.tfvars" | "terraform.tfvars.json")
        || [".auto.tfvars", ".auto.tfvars.json"].iter().any(|ending| name.ends_with(ending))
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
            .filter(|path| is_configuration(path) || is_values(path))
            .collect();
        paths.sort_by_key(|path| {
            // A later file of values overrides an earlier one, and `terraform.tfvars` is the first.
            let first = path.file_stem().is_some_and(|stem| {
                stem.to_string_lossy().starts_with("terraform.tfvars") || stem == "terraform"
            });
            (is_values(path), !(is_values(path) && first), path.clone())
        });
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

    /// The block at `address`, with the file it is in.
    pub(super) fn block(&self, address: &Address) -> Option<Declared<'_>> {
        let labels: Vec<&str> = address.labels.iter().map(String::as_str).collect();
        self.files.iter().enumerate().find_map(|(index, file)| match &file.syntax {
            Syntax::Native(body) => blocks(body, address.block, &labels)
                .find(|block| has_alias(block, address.alias.as_deref()))
                .map(|block| Declared::Native {
                    place: Place { file: index, span: header(block) },
                    body: &block.body,
                }),
            Syntax::Json => {
                let mut path = vec![step(address.block)];
                path.extend(labels.iter().copied().map(step));
                let span = json::find(&file.text, &path).whole(path.len())?;
                Some(Declared::Json { place: Place { file: index, span }, path })
            }
        })
    }

    /// What `local.NAME` is.
    pub(super) fn local(&self, name: &str) -> Option<Definition<'_>> {
        self.definition(
            |body| blocks(body, "locals", &[]).find_map(|block| block.body.get_attribute(name)),
            &["locals", name],
        )
    }

    /// What the call of the child module `call` passes to its variable `argument`.
    pub(super) fn argument(&self, call: &str, argument: &str) -> Option<Definition<'_>> {
        self.definition(
            |body| blocks(body, "module", &[call]).find_map(|block| block.body.get_attribute(argument)),
            &["module", call, argument],
        )
    }

    /// The default of the variable `name`.
    pub(super) fn default(&self, name: &str) -> Option<Definition<'_>> {
        self.definition(
            |body| blocks(body, "variable", &[name]).find_map(|block| block.body.get_attribute("default")),
            &["variable", name, "default"],
        )
    }

    /// The value that a file of values gives to the root module's variable `name`.
    pub(super) fn given(&self, name: &str) -> Option<Definition<'_>> {
        let values = self.files.iter().enumerate().filter(|(_, file)| file.is_values);
        values
            .rev()
            .find_map(|(index, file)| file.definition(index, |body| body.get_attribute(name), &[name]))
    }

    fn definition<'module>(
        &'module self,
        attribute: impl Fn(&'module Body) -> Option<&'module Attribute>,
        path: &[&str],
    ) -> Option<Definition<'module>> {
        let declarations = self.files.iter().enumerate().filter(|(_, file)| !file.is_values);
        declarations.into_iter().find_map(|(index, file)| file.definition(index, &attribute, path))
    }
}

/// A block that was found.
pub(super) enum Declared<'module> {
    /// In HCL: its head, and its body.
    Native { place: Place, body: &'module Body },
    /// In JSON: all of it, and the path that leads to it.
    Json { place: Place, path: Vec<PathStep> },
}

impl File {
    fn definition<'module>(
        &'module self,
        index: usize,
        attribute: impl Fn(&'module Body) -> Option<&'module Attribute>,
        path: &[&str],
    ) -> Option<Definition<'module>> {
        match &self.syntax {
            Syntax::Native(body) => attribute(body).map(|attribute| {
                let key = attribute.key.span().unwrap_or_default();
                let end = attribute.value.span().map_or(key.end, |value| value.end);
                let place = Place { file: index, span: key.start..end.max(key.end) };
                Definition::Native { place, expression: &attribute.value }
            }),
            Syntax::Json => {
                let path: Vec<PathStep> = path.iter().copied().map(step).collect();
                let span = json::find(&self.text, &path).whole(path.len())?;
                Some(Definition::Json { place: Place { file: index, span } })
            }
        }
    }

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
        Ok(Some(Self {
            path: path.to_owned(),
            is_values: is_values(path),
            text: text.into(),
            syntax,
            comments,
        }))
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
