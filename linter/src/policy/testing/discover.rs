//! Finds the tests of a pack: rules with a segment of their name that begins with `test_`, or with `todo_test_` for those to be skipped.
//!
//! Two tests of one name would be one rule to Rego, true if either is, and a failing one would hide behind the other. As `opa test` does, the
//! second is called `test_x#01`; for the engine it is renamed in the text before that is parsed.

use std::collections::BTreeMap;
use std::ops::Range;

use regorus::unstable::{Expr, Module, Rule, RuleHead};

use super::slice;
use crate::policy::load::PolicyFile;
use crate::policy::syntax::bytes;

/// What a test's name begins with.
const TEST: &str = "test_";
/// What the name of a test that is to be skipped begins with.
const TODO: &str = "todo_test_";

/// A rule that is a test.
#[derive(Debug, Clone)]
pub(super) struct Test {
    /// Full package path with `data.` in front.
    pub(super) package: String,
    /// Name in its package: `test_a`, `suite.test_a`, `test_a#01`.
    pub(super) name: String,
    /// The same as the engine knows it.
    engine_name: String,
    /// Index into the engine's modules, which are in the order of the files.
    pub(super) module: usize,
    /// Index into the module's rules.
    pub(super) rule: usize,
    /// Line and column of the rule, from 1.
    pub(super) place: (u32, u32),
    /// Its name begins with `todo_test_`.
    pub(super) is_todo: bool,
    /// Its name is followed by keys: `test_a[case]`. Each key is a case.
    pub(super) has_cases: bool,
}

impl Test {
    /// `data.team.rule_test.test_a`.
    pub(super) fn path(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }

    /// What the engine is asked.
    pub(super) fn query(&self) -> String {
        format!("{}.{}", self.package, self.engine_name)
    }
}

/// A test that has to get another name before the engine can tell it from one above.
pub(super) struct Renamed {
    pub(super) module: usize,
    /// Bytes of the file after which `suffix` has to be put.
    pub(super) at: usize,
    pub(super) suffix: String,
}

/// The tests of `modules`, whose full package paths are `packages`, and the duplicates among them.
pub(super) fn tests<'module>(
    modules: impl Iterator<Item = (&'module str, &'module Module)>,
) -> (Vec<Test>, Vec<Renamed>) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut tests = Vec::new();
    let mut renamed = Vec::new();
    for (module_index, (package, module)) in modules.enumerate() {
        for (rule_index, rule) in module.policy.iter().enumerate() {
            let Some(found) = test_of(rule) else { continue };
            let mut test = Test {
                package: package.to_owned(),
                name: found.path.join("."),
                engine_name: found.path.join("."),
                module: module_index,
                rule: rule_index,
                place: (rule.span().line, rule.span().col),
                is_todo: found.is_todo,
                has_cases: found.has_cases,
            };
            let count = seen.entry(test.path()).or_default();
            if *count > 0 && !test.is_todo {
                let suffix = format!("__{count:02}");
                renamed.push(Renamed { module: module_index, at: found.name.end, suffix: suffix.clone() });
                test.name.push_str(&format!("#{count:02}"));
                test.engine_name.push_str(&suffix);
            }
            *count += 1;
            tests.push(test);
        }
    }
    (tests, renamed)
}

/// The files with the duplicates renamed.
pub(super) fn rename(files: &mut [PolicyFile], renamed: &[Renamed], file_of_module: impl Fn(usize) -> usize) {
    // From the end, so that places further up stay right.
    for renamed in renamed.iter().rev() {
        if let Some(file) = files.get_mut(file_of_module(renamed.module)) {
            file.text.insert_str(renamed.at, &renamed.suffix);
        }
    }
}

struct Found {
    path: Vec<String>,
    /// Bytes of the segment that makes it a test.
    name: Range<usize>,
    is_todo: bool,
    has_cases: bool,
}

fn test_of(rule: &Rule) -> Option<Found> {
    let Rule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. }, .. } = rule else {
        return None;
    };
    let mut segments = Vec::new();
    flatten(refr, &mut segments);
    let mut path = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let Segment::Ground { text, span } = segment else { return None };
        path.push(text.clone());
        let is_todo = text.starts_with(TODO);
        if is_todo || text.starts_with(TEST) {
            return Some(Found { path, name: span.clone(), is_todo, has_cases: index + 1 < segments.len() });
        }
    }
    None
}

enum Segment {
    Ground { text: String, span: Range<usize> },
    Dynamic,
}

fn flatten(expression: &Expr, segments: &mut Vec<Segment>) {
    match expression {
        Expr::Var { span, .. } => {
            segments.push(Segment::Ground { text: span.text().to_owned(), span: bytes(span) });
        }
        Expr::RefDot { refr, field, .. } => {
            flatten(refr, segments);
            segments.push(Segment::Ground { text: field.0.text().to_owned(), span: bytes(&field.0) });
        }
        Expr::RefBrack { refr, index, .. } => {
            flatten(refr, segments);
            segments.push(match index.as_ref() {
                Expr::String { span, value, .. } => match value.as_string() {
                    Ok(text) => Segment::Ground { text: text.to_string(), span: bytes(span) },
                    Err(_) => Segment::Dynamic,
                },
                _ => Segment::Dynamic,
            });
        }
        _ => segments.push(Segment::Dynamic),
    }
}

/// The keys behind a test's name, in the words of the policy: `["tc.note"]` for `test_x[tc.note]`.
pub(super) fn case_keys(rule: &Rule, text: &str) -> Vec<String> {
    let Rule::Spec { head: RuleHead::Compr { refr, .. }, .. } = rule else { return Vec::new() };
    let mut keys = Vec::new();
    let mut current: &Expr = refr;
    loop {
        let (name, key, next) = match current {
            Expr::RefDot { refr, field, .. } => {
                let name = field.0.text();
                (name.to_owned(), format!("{name:?}"), refr)
            }
            Expr::RefBrack { refr, index, .. } => {
                let name = match index.as_ref() {
                    Expr::String { value, .. } => {
                        value.as_string().map(|name| name.to_string()).unwrap_or_default()
                    }
                    _ => String::new(),
                };
                (name, slice::operand(text, bytes(index.span()).start).to_owned(), refr)
            }
            _ => break,
        };
        if name.starts_with(TEST) {
            break;
        }
        keys.push(key);
        current = next;
    }
    keys.reverse();
    keys
}
