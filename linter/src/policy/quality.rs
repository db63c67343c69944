//! Looks at policies as a reviewer would: METADATA against its published schema, helpers that nothing uses, rules without a test, tests that
//! cannot fail, rules that no recorded plan makes fire. What keeps policies from being loaded at all is found before this.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Module, Rule as SyntaxRule, RuleHead};

use super::error::PolicyError;
use super::evaluate::Limits;
use super::load::{self, Origin, PolicyFile};
use super::metadata::Annotations;
use super::pack::{Pack, Rule};
use super::syntax::{ParsedFile, RuleKind, bytes};
use crate::finding::{Certainty, RuleId};
use crate::problem::Problem;
use crate::recorded::RecordedPlan;

/// The schema of a rule's METADATA, as it is published.
const SCHEMA: &str = include_str!("../../../docs/schemas/metadata.schema.json");

/// What there is to say about the policies below some folders.
pub struct Review {
    /// In the order of the files and of places in them.
    pub problems: Vec<Problem>,
    /// Files that were looked at.
    pub files: usize,
    /// Rules among them.
    pub rules: usize,
}

/// Reviews the policies below `folders`, which may use the libraries of `bundled`. Each rule is tried on `plans`, if there are any.
///
/// # Errors
/// A policy does not load, or a rule fails on a plan.
pub fn review(
    bundled: &[(&str, &str)],
    folders: &[PathBuf],
    plans: &[RecordedPlan],
    limits: Limits,
) -> Result<Review, PolicyError> {
    let mut files = load::bundled(bundled);
    for folder in folders {
        // The bundled folder itself may be given: its files replace the embedded ones.
        let read = load::folder(folder)?;
        files.retain(|file| !read.iter().any(|other| package_line(&other.text) == package_line(&file.text)));
        files.extend(read);
    }
    let schema = serde_json::from_str(SCHEMA)
        .ok()
        .and_then(|schema| jsonschema::validator_for(&schema).ok())
        .ok_or_else(|| PolicyError::Input { source: "the schema of METADATA is no schema".into() })?;
    let mut pack = Pack::from_files(files)?;
    let modules: Vec<_> = pack.engine.get_modules().clone();
    let of_folder = |parsed: &&ParsedFile| pack.files[parsed.file].origin == Origin::Folder;
    let mut found = Vec::new();
    for parsed in pack.parsed.iter().filter(of_folder) {
        let file = &pack.files[parsed.file];
        if let Some(rule) = pack.rules().iter().find(|rule| rule.file == file.name) {
            metadata(parsed, file, &schema, &mut found);
            path(rule, parsed, file, folders, &mut found);
            test_file(rule, parsed, &pack, &mut found);
        }
        helpers(parsed, &pack, &mut found);
    }
    for (parsed, module) in pack.parsed.iter().zip(&modules).filter(|(parsed, _)| of_folder(parsed)) {
        assertions(module, parsed, &pack.files[parsed.file], &mut found);
    }
    silent_rules(&pack, plans, limits, &mut found)?;
    let rules = pack.rules().iter().filter(|rule| !rule.is_bundled()).count();
    found.sort_by_key(|(file, problem)| (*file, problem.span.start));
    let files = pack.parsed.iter().filter(of_folder).count();
    Ok(Review { problems: found.into_iter().map(|(_, problem)| problem).collect(), files, rules })
}

/// Problems with the index of their file, so that they can be sorted.
type Found = Vec<(usize, Problem)>;

fn push(found: &mut Found, parsed: &ParsedFile, problem: Problem) {
    found.push((parsed.file, problem));
}

fn metadata(parsed: &ParsedFile, file: &PolicyFile, schema: &jsonschema::Validator, found: &mut Found) {
    let Some(annotations) = Annotations::of(&file.text) else { return };
    for error in schema.iter_errors(&annotations.value) {
        let at = error.instance_path().to_string();
        let span = annotations.place(&at);
        let key = if at.is_empty() {
            "the METADATA".to_owned()
        } else {
            format!("`{}`", at[1..].replace('/', "."))
        };
        let problem =
            Problem::new(format!("{key} is not as it should be: {error}"), &file.name, &file.text, span)
                .with_help("what METADATA may say is in docs/schemas/metadata.schema.json");
        push(found, parsed, problem);
    }
}

/// A rule is found by its id: `grant.wildcard_principal` stands in `grant/wildcard_principal.rego`.
fn path(rule: &Rule, parsed: &ParsedFile, file: &PolicyFile, folders: &[PathBuf], found: &mut Found) {
    let path = Path::new(&file.name);
    let inner =
        folders.iter().find_map(|folder| path.strip_prefix(folder).ok()).unwrap_or(path).with_extension("");
    let words: Vec<String> = inner.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let package = parsed.package.strip_prefix("data.").unwrap_or(&parsed.package);
    let agrees = package.rsplit('.').zip(words.iter().rev()).all(|(left, right)| left == right);
    // A single file was given: its name is all there is.
    if !agrees && !words.is_empty() {
        let wanted = format!("{}.rego", rule.id.as_folder());
        let span = package_span(&file.text);
        push(
            found,
            parsed,
            Problem::new(
                format!("the rule `{}` is not where its id says", rule.id),
                &file.name,
                &file.text,
                span,
            )
            .with_help(format!("move it to `{wanted}`, or name the package after the file")),
        );
    }
}

fn test_file(rule: &Rule, parsed: &ParsedFile, pack: &Pack, found: &mut Found) {
    let file = &pack.files[parsed.file];
    let wanted = file.name.trim_end_matches(".rego").to_owned() + "_test.rego";
    if !pack.files.iter().any(|other| other.name == wanted) {
        push(
            found,
            parsed,
            Problem::new(
                format!("the rule `{}` has no test", rule.id),
                &file.name,
                &file.text,
                package_span(&file.text),
            )
            .with_help(format!(
                "write `{wanted}`: what the rule reports, what it accepts, what is unknown until apply"
            )),
        );
    }
}

/// Rules and functions that nothing asks for.
fn helpers(parsed: &ParsedFile, pack: &Pack, found: &mut Found) {
    let file = &pack.files[parsed.file];
    let is_evaluated = |name: &str| matches!(name, "findings" | "undetermined") || is_test_name(name);
    let is_entry = |name: &str| {
        let first = name.split(['[', '.']).next().unwrap_or_default();
        ["deny", "warn", "violation", "exception"].iter().any(|entry| first.starts_with(entry))
    };
    let mut seen = BTreeSet::new();
    for rule in &parsed.rules {
        let name = rule.name.split(['[', '.']).next().unwrap_or_default();
        if is_evaluated(&rule.name) || is_entry(name) || !seen.insert(name.to_owned()) {
            continue;
        }
        let definitions: Vec<usize> = parsed
            .rules
            .iter()
            .filter(|other| other.name.split(['[', '.']).next() == Some(name))
            .map(|other| other.span.start)
            .collect();
        let used_here = pack.parsed.iter().filter(|other| other.package == parsed.package).any(|other| {
            let heads: &[usize] = if other.file == parsed.file { &definitions } else { &[] };
            uses(&pack.files[other.file].text, name, heads)
        });
        let is_private = name.starts_with('_');
        // Tests of a library do not make anybody need it; tests of a rule may look into it.
        let used_elsewhere = !is_private
            && pack.parsed.iter().any(|other| {
                other.package != parsed.package && uses_member(&pack.files[other.file].text, name)
            });
        if !used_here && !used_elsewhere {
            let what = if rule.kind == RuleKind::Function { "function" } else { "rule" };
            push(
                found,
                parsed,
                Problem::new(
                    format!("nothing uses the {what} `{name}`"),
                    &file.name,
                    &file.text,
                    rule.span.clone(),
                )
                .with_help("remove it, or use it"),
            );
        }
    }
}

fn is_test_name(name: &str) -> bool {
    name.split(['[', '.', '"']).any(|part| part.starts_with("test_") || part.starts_with("todo_test_"))
}

/// `name` stands in the code of `text` elsewhere than at `heads`.
fn uses(text: &str, name: &str, heads: &[usize]) -> bool {
    words(text, name).any(|at| !heads.contains(&at) && !text[..at].ends_with('.'))
}

/// `something.name` stands in the code of `text`.
fn uses_member(text: &str, name: &str) -> bool {
    words(text, name).any(|at| text[..at].ends_with('.'))
}

/// Where `name` stands as a whole word outside of comments.
fn words<'text>(text: &'text str, name: &'text str) -> impl Iterator<Item = usize> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let line = text[..*at].rsplit('\n').next().unwrap_or_default();
        !line.trim_start().starts_with('#')
            && !text[..*at].ends_with(is_word)
            && !text[at + name.len()..].starts_with(is_word)
    })
}

/// Tests that are true whatever the policies say.
fn assertions(module: &Module, parsed: &ParsedFile, file: &PolicyFile, found: &mut Found) {
    for rule in &module.policy {
        let SyntaxRule::Spec { head: RuleHead::Compr { refr, .. }, bodies, .. } = rule.as_ref() else {
            continue;
        };
        let head = refr.span();
        let name = head.text();
        if !name.split(['[', '.']).any(|part| part.starts_with("test_")) {
            continue;
        }
        let asserts = bodies.iter().any(|body| body.query.stmts.iter().any(can_fail));
        if !asserts {
            push(
                found,
                parsed,
                Problem::new(format!("the test `{name}` asserts nothing: it cannot fail"), &file.name, &file.text, bytes(head))
                    .with_help("compare what the rule says with what it should say: `rule.findings == {…} with input as {…}`"),
            );
        }
    }
}

fn can_fail(statement: &LiteralStmt) -> bool {
    match &statement.literal {
        Literal::SomeVars { .. } => false,
        Literal::SomeIn { .. } | Literal::NotExpr { .. } | Literal::Every { .. } => true,
        Literal::Expr { expr, .. } => match expr.as_ref() {
            Expr::AssignExpr { op: AssignOp::ColEq, .. } | Expr::Bool { .. } => {
                matches!(expr.as_ref(), Expr::Bool { span, .. } if span.text() == "false")
            }
            Expr::String { .. } | Expr::RawString { .. } | Expr::Number { .. } | Expr::Null { .. } => false,
            Expr::Call { fcn, .. } => fcn.span().text() != "print",
            Expr::BoolExpr { lhs, rhs, .. } => lhs.span().text() != rhs.span().text(),
            _ => true,
        },
    }
}

/// Rules that say nothing about any plan.
fn silent_rules(
    pack: &Pack,
    plans: &[RecordedPlan],
    limits: Limits,
    found: &mut Found,
) -> Result<(), PolicyError> {
    if plans.is_empty() {
        return Ok(());
    }
    let mut fired: BTreeSet<RuleId> = BTreeSet::new();
    for plan in plans {
        let findings = plan.findings(pack, limits)?;
        let violations = findings.into_iter().filter(|finding| finding.certainty == Certainty::Violation);
        fired.extend(violations.map(|finding| finding.rule));
    }
    for rule in pack.rules().iter().filter(|rule| !rule.is_bundled() && !fired.contains(&rule.id)) {
        let Some(parsed) = pack.parsed.iter().find(|parsed| pack.files[parsed.file].name == rule.file) else {
            continue;
        };
        let file = &pack.files[parsed.file];
        let span = parsed.rule("findings").map_or(0..0, |findings| findings.span.clone());
        push(
            found,
            parsed,
            Problem::new(
                format!("the rule `{}` finds nothing in any of {} recorded plans", rule.id, plans.len()),
                &file.name,
                &file.text,
                span,
            )
            .with_help(
                "record a plan that it must refuse; a rule that has never fired may be one that cannot",
            ),
        );
    }
    Ok(())
}

fn package_line(text: &str) -> Option<&str> {
    text.lines().find(|line| line.starts_with("package ")).map(str::trim_end)
}

fn package_span(text: &str) -> std::ops::Range<usize> {
    package_line(text).and_then(|line| Some(text.find(line)?..text.find(line)? + line.len())).unwrap_or(0..0)
}
