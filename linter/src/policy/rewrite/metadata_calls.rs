//! `rego.metadata.rule()` and `rego.metadata.chain()`, which ask which rule they stand in. A function added to regorus cannot know that, so
//! the calls become the answers.

use regorus::unstable::{Expr, Module};
use serde_json::{Value, json};

use super::edits::Edit;
use crate::policy::annotations::{Annotation, Scope};
use crate::policy::calls::{Call, calls_of_rule};
use crate::policy::syntax::bytes;

/// A parsed file with its annotations.
pub(super) struct Annotated<'file> {
    /// Parts of the package's path, without `data`.
    pub(super) package: Vec<String>,
    pub(super) module: &'file Module,
    pub(super) annotations: &'file [Annotation],
}

/// The edits for `files[index]`.
pub(super) fn edits(files: &[Annotated<'_>], index: usize) -> Vec<Edit> {
    let file = &files[index];
    let mut edits = Vec::new();
    for rule in &file.module.policy {
        for Call { name, whole, .. } in calls_of_rule(rule) {
            let answer = match name.as_str() {
                "rego.metadata.rule" => annotation_of(file, bytes(rule.span()).start)
                    .map_or_else(|| json!({}), |annotation| annotation.value.clone()),
                "rego.metadata.chain" => chain(files, file, rule),
                _ => continue,
            };
            edits.push(Edit::replace(whole, answer.to_string()));
        }
    }
    edits
}

/// The annotation of scope `rule` that stands directly before the rule that begins at `start`.
fn annotation_of<'file>(file: &Annotated<'file>, start: usize) -> Option<&'file Annotation> {
    before(file, start).find(|annotation| annotation.scope == Scope::Rule)
}

/// The annotations between the rule that begins at `start` and the one before it.
fn before<'file>(file: &Annotated<'file>, start: usize) -> impl Iterator<Item = &'file Annotation> {
    let starts = file.module.policy.iter().map(|rule| bytes(rule.span()).start);
    let previous = starts.filter(|other| *other < start).max().unwrap_or_default();
    file.annotations.iter().filter(move |annotation| {
        !annotation.of_package && annotation.end <= start && annotation.end > previous
    })
}

fn chain(files: &[Annotated<'_>], file: &Annotated<'_>, rule: &regorus::unstable::Rule) -> Value {
    let path = path_of_rule(file, rule);
    let start = bytes(rule.span()).start;
    let mut chain = vec![match annotation_of(file, start) {
        Some(annotation) => json!({"path": path, "annotations": annotation.value}),
        None => json!({"path": path}),
    }];
    let entry =
        |path: &[String], annotation: &Annotation| json!({"path": path, "annotations": annotation.value});
    for other in files.iter().filter(|other| other.package == file.package) {
        for definition in
            other.module.policy.iter().filter(|definition| path_of_rule(other, definition) == path)
        {
            let documents = before(other, bytes(definition.span()).start);
            chain.extend(
                documents
                    .filter(|annotation| annotation.scope == Scope::Document)
                    .map(|annotation| entry(&path, annotation)),
            );
        }
    }
    for length in (1..=file.package.len()).rev() {
        let package = &file.package[..length];
        for scope in [Scope::Package, Scope::Subpackages] {
            if scope == Scope::Package && length < file.package.len() {
                continue;
            }
            let annotations =
                files.iter().filter(|other| other.package == package).flat_map(|other| other.annotations);
            chain.extend(
                annotations
                    .filter(|annotation| annotation.scope == scope)
                    .map(|annotation| entry(package, annotation)),
            );
        }
    }
    Value::Array(chain)
}

fn path_of_rule(file: &Annotated<'_>, rule: &regorus::unstable::Rule) -> Vec<String> {
    use regorus::unstable::{Rule, RuleHead};
    let reference = match rule {
        Rule::Spec {
            head: RuleHead::Set { refr, .. } | RuleHead::Compr { refr, .. } | RuleHead::Func { refr, .. },
            ..
        }
        | Rule::Default { refr, .. } => refr,
    };
    let mut path = file.package.clone();
    path.extend(names(reference));
    path
}

/// The names of a rule's reference up to its first variable.
fn names(reference: &Expr) -> Vec<String> {
    match reference {
        Expr::Var { span, .. } => vec![span.text().to_owned()],
        Expr::RefDot { refr, field, .. } => {
            let mut path = names(refr);
            path.push(field.0.text().to_owned());
            path
        }
        Expr::RefBrack { refr, index, .. } => {
            let mut path = names(refr);
            if let Expr::String { value, .. } = index.as_ref() {
                path.extend(value.as_string().ok().map(ToString::to_string));
            }
            path
        }
        _ => Vec::new(),
    }
}
