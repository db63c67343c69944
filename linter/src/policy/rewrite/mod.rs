//! Closes gaps between regorus and OPA by rewriting a policy before regorus sees it. What a user meets (a finding, an error, a coverage
//! report) still points to the line and column that the user wrote.
//!
//! Two passes, because the second needs a syntax tree and the first makes that there is one:
//!
//! 1. `surface`, over tokens: template strings, an `import` behind a rule;
//! 2. over regorus' own syntax tree: `shadow`, variables that hide a rule or an import; `metadata_calls`, `rego.metadata.*`.
//!
//! A file in which nothing is to be done is passed on as it is.

mod edits;
mod metadata_calls;
mod shadow;
mod surface;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use regorus::unstable::{Module, Rule, RuleHead};

use super::annotations::Annotation;
use super::builtins::WITH_FOLDER;
use super::calls::calls_of_rule;
use edits::Layer;
use metadata_calls::Annotated;
pub(super) use surface::TEMPLATE_FUNCTION;

/// A policy's text as regorus gets it, and the way back to what the user wrote.
#[derive(Debug, Clone, Default)]
pub(super) struct Rewritten {
    /// `None`: nothing was changed.
    text: Option<String>,
    layers: Vec<Layer>,
    /// New name → old name of variables.
    renamed: BTreeMap<String, String>,
}

impl Rewritten {
    /// The first pass.
    pub(super) fn new(text: &str) -> Self {
        let mut rewritten = Self::default();
        rewritten.add(surface::edits(text), text);
        rewritten
    }

    /// The text for regorus; `original` is what the user wrote.
    pub(super) fn text<'text>(&'text self, original: &'text str) -> &'text str {
        self.text.as_deref().unwrap_or(original)
    }

    /// Bytes of what the user wrote, for bytes of what regorus got.
    pub(super) fn original(&self, span: Range<usize>) -> Range<usize> {
        let start = self.original_offset(span.start);
        if span.is_empty() {
            return start..start;
        }
        // The last byte rather than the end: behind an insertion the two come from different places.
        start..(self.original_offset(span.end - 1) + 1).max(start)
    }

    /// The same for one place.
    pub(super) fn original_offset(&self, offset: usize) -> usize {
        self.layers.iter().rev().fold(offset, |offset, layer| layer.before(offset))
    }

    /// A message of regorus with the names that the user knows.
    pub(super) fn original_names(&self, message: &str) -> String {
        self.renamed.iter().fold(message.to_owned(), |message, (new, old)| message.replace(new, old))
    }

    fn add(&mut self, edits: Vec<edits::Edit>, original: &str) {
        let layer = Layer::new(edits, self.text(original));
        if !layer.is_empty() {
            self.text = Some(layer.apply(self.text(original)));
            self.layers.push(layer);
        }
    }
}

/// A file after the first pass.
pub(super) struct FileTree<'file> {
    pub(super) name: &'file str,
    /// Full path of its package, with `data.` in front.
    pub(super) package: &'file str,
    pub(super) module: &'file Module,
    /// What the user wrote.
    pub(super) text: &'file str,
    /// Of the text after the first pass.
    pub(super) annotations: Vec<Annotation>,
    pub(super) rewritten: Rewritten,
}

/// The second pass. `true`: some text has changed, so regorus must read all of them anew.
pub(super) fn rewrite_trees(files: &mut [FileTree<'_>]) -> bool {
    let mut rules: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter() {
        let names =
            file.module.policy.iter().filter_map(|rule| {
                shadow::first_part(match rule.as_ref() {
                    Rule::Spec {
                        head:
                            RuleHead::Set { refr, .. }
                            | RuleHead::Compr { refr, .. }
                            | RuleHead::Func { refr, .. },
                        ..
                    }
                    | Rule::Default { refr, .. } => refr,
                })
            });
        rules.entry(file.package).or_default().extend(names);
    }
    let asks_metadata = |file: &FileTree<'_>| file.text.contains("rego.metadata.");
    let annotated: Vec<Annotated<'_>> = if files.iter().any(asks_metadata) {
        files
            .iter()
            .map(|file| Annotated {
                package: file.package.split('.').skip(1).map(str::to_owned).collect(),
                module: file.module,
                annotations: &file.annotations,
            })
            .collect()
    } else {
        Vec::new()
    };
    let none = BTreeSet::new();
    let changes: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(index, file)| {
            let text = file.rewritten.text(file.text);
            let (mut edits, renamed) =
                shadow::edits(file.module, text, rules.get(file.package).unwrap_or(&none));
            if asks_metadata(file) {
                edits.extend(metadata_calls::edits(&annotated, index));
            }
            edits.extend(folder_arguments(file));
            (edits, renamed)
        })
        .collect();
    drop(annotated);
    let mut changed = false;
    for (file, (edits, renamed)) in files.iter_mut().zip(changes) {
        changed |= !edits.is_empty();
        file.rewritten.add(edits, file.text);
        file.rewritten.renamed = renamed;
    }
    changed
}

/// conftest's functions that read a file look for it beside the policy; a function cannot see who calls it, so the call says it.
fn folder_arguments(file: &FileTree<'_>) -> Vec<edits::Edit> {
    if !WITH_FOLDER.iter().any(|function| file.text.contains(function)) {
        return Vec::new();
    }
    let folder = Path::new(file.name).parent().unwrap_or(Path::new("")).display().to_string();
    let argument = format!(",{}", serde_json::Value::from(folder));
    let calls = file.module.policy.iter().flat_map(|rule| calls_of_rule(rule));
    calls
        .filter(|call| WITH_FOLDER.contains(&call.name.as_str()) && !call.whole.is_empty())
        .map(|call| edits::Edit::replace(call.whole.end - 1..call.whole.end - 1, argument.clone()))
        .collect()
}
