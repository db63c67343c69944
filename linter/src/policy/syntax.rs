//! What the linter needs of a parsed policy: the names of its package and rules and where they stand. The only file, with `calls`, that
//! touches regorus' syntax tree, which regorus keeps in its `unstable` module.

use regorus::Engine;
use regorus::unstable::{Expr, Module, Query, Rule as SyntaxRule, RuleHead, Span};

use super::annotations;
use super::load::PolicyFile;
use super::rewrite::{self, FileTree, Rewritten};
use crate::problem::Problem;

/// A parsed file: what of it matters here.
#[derive(Debug)]
pub(super) struct ParsedFile {
    /// Index into the files that were loaded.
    pub(super) file: usize,
    /// Full package path with `data.` in front.
    pub(super) package: String,
    /// The rules it defines, in the order of the file; a rule with several bodies may appear more than once.
    pub(super) rules: Vec<RuleName>,
    /// What regorus got instead of the file's text.
    pub(super) rewritten: Rewritten,
}

/// The name of a rule and where it is defined.
#[derive(Debug, Clone)]
pub(super) struct RuleName {
    pub(super) name: String,
    /// Line, from 1.
    pub(super) line: u32,
    /// Bytes of the file.
    pub(super) span: std::ops::Range<usize>,
    /// Set, value or function.
    pub(super) kind: RuleKind,
}

/// What a rule head makes of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleKind {
    /// `name contains value`.
    Set,
    /// `name := value`, `name if …`, `name[key] := value`.
    Value,
    /// `name(arguments) := value`.
    Function,
}

impl ParsedFile {
    /// The first definition of the rule `name`.
    pub(super) fn rule(&self, name: &str) -> Option<&RuleName> {
        self.rules.iter().find(|rule| rule.name == name)
    }
}

/// Gives `files` to an engine, after closing the gaps it has, and lists what they define.
///
/// # Errors
/// Files that do not parse, or whose METADATA is wrong: one problem for each place.
pub(super) fn parse_all(
    new_engine: &dyn Fn() -> Engine,
    files: &[PolicyFile],
) -> Result<(Engine, Vec<ParsedFile>), Vec<Problem>> {
    let mut rewritten: Vec<Rewritten> = files.iter().map(|file| Rewritten::new(&file.text)).collect();
    let mut engine = new_engine();
    let packages = add_all(&mut engine, files, &rewritten)?;
    let mut problems = Vec::new();
    let modules = engine.get_modules();
    let mut trees: Vec<FileTree<'_>> = Vec::with_capacity(files.len());
    for (((file, package), module), rewritten) in files.iter().zip(&packages).zip(modules).zip(&mut rewritten)
    {
        // Of the rewritten text, because the places in the tree are.
        let annotations = match annotations::parse(&file.name, rewritten.text(&file.text)) {
            Ok(annotations) => annotations,
            Err(found) => {
                problems.extend(found);
                Vec::new()
            }
        };
        let rewritten = std::mem::take(rewritten);
        trees.push(FileTree { name: &file.name, package, module, text: &file.text, annotations, rewritten });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let changed = rewrite::rewrite_trees(&mut trees);
    let rewritten: Vec<Rewritten> = trees.into_iter().map(|tree| tree.rewritten).collect();
    if changed {
        engine = new_engine();
        add_all(&mut engine, files, &rewritten)?;
    }
    let modules = engine.get_modules();
    let parsed = packages
        .into_iter()
        .zip(modules)
        .zip(rewritten)
        .enumerate()
        .map(|(file, ((package, module), rewritten))| {
            let rules = rule_names(module, &rewritten);
            ParsedFile { file, package, rules, rewritten }
        })
        .collect();
    Ok((engine, parsed))
}

/// The packages of the files, in their order.
fn add_all(
    engine: &mut Engine,
    files: &[PolicyFile],
    rewritten: &[Rewritten],
) -> Result<Vec<String>, Vec<Problem>> {
    let mut packages = Vec::with_capacity(files.len());
    let mut problems = Vec::new();
    for (file, rewritten) in files.iter().zip(rewritten) {
        let text = rewritten.text(&file.text);
        match add(engine, &file.name, text) {
            Ok(Ok(package)) => packages.push(package),
            Ok(Err(message)) => problems.push(parse_problem(file, rewritten, &message)),
            Err(LostInLongLine) => {
                let start = long_line(&file.text).unwrap_or_default();
                let problem =
                    Problem::new("the policy does not parse", &file.name, &file.text, start..start + 1);
                problems.push(problem.with_help(format!(
                    "the line has more than {NAMEABLE_COLUMNS} characters, too many to say where in it; break it, or move its data to a data document"
                )));
            }
        }
    }
    if problems.is_empty() { Ok(packages) } else { Err(problems) }
}

/// regorus formats the place of an error with a width of 16 bits, and panics if the column has more.
const NAMEABLE_COLUMNS: usize = u16::MAX as usize;

/// The engine met an error and could not say where.
struct LostInLongLine;

/// The package of the policy, or the engine's message.
fn add(engine: &mut Engine, name: &str, text: &str) -> Result<Result<String, String>, LostInLongLine> {
    let mut add =
        || engine.add_policy(name.to_owned(), text.to_owned()).map_err(|error| format!("{error:#}"));
    if long_line(text).is_none() {
        return Ok(add());
    }
    // The panic is told as a problem, so the usual report of one would only confuse.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let added = std::panic::catch_unwind(std::panic::AssertUnwindSafe(add));
    std::panic::set_hook(hook);
    added.map_err(|_| LostInLongLine)
}

/// Where the first line begins in which the engine could not name every column.
fn long_line(text: &str) -> Option<usize> {
    let mut start = 0;
    text.split_inclusive('\n').find_map(|line| {
        let here = start;
        start += line.len();
        (line.len() > NAMEABLE_COLUMNS).then_some(here)
    })
}

fn rule_names(module: &Module, rewritten: &Rewritten) -> Vec<RuleName> {
    module
        .policy
        .iter()
        .map(|rule| {
            let (reference, kind) = match rule.as_ref() {
                SyntaxRule::Spec { head: RuleHead::Set { refr, .. }, .. } => (refr, RuleKind::Set),
                SyntaxRule::Spec { head: RuleHead::Compr { refr, .. }, .. } => (refr, RuleKind::Value),
                SyntaxRule::Spec { head: RuleHead::Func { refr, .. }, .. } => (refr, RuleKind::Function),
                SyntaxRule::Default { refr, args, .. } if args.is_empty() => (refr, RuleKind::Value),
                SyntaxRule::Default { refr, .. } => (refr, RuleKind::Function),
            };
            let span = reference.span();
            RuleName {
                name: span.text().to_owned(),
                line: span.line,
                span: rewritten.original(bytes(span)),
                kind,
            }
        })
        .collect()
}

/// The expressions that stand directly in an expression, in the order of the text: operands, elements, arguments, what a comprehension
/// collects. Not the name of a called function, nor what is in the query of a comprehension (see [`query_of`]).
pub(super) fn parts(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => Vec::new(),
        Expr::Array { items, .. } | Expr::Set { items, .. } | Expr::Call { params: items, .. } => {
            items.iter().map(|item| &**item).collect()
        }
        Expr::Object { fields, .. } => fields.iter().flat_map(|(_, key, value)| [&**key, &**value]).collect(),
        Expr::ArrayCompr { term, .. } | Expr::SetCompr { term, .. } => vec![term],
        Expr::ObjectCompr { key, value, .. } => vec![key, value],
        Expr::UnaryExpr { expr, .. } => vec![expr],
        Expr::RefDot { refr, .. } => vec![refr],
        Expr::RefBrack { refr, index, .. } => vec![refr, index],
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => vec![lhs, rhs],
        Expr::Membership { key, value, collection, .. } => {
            key.iter().chain([value, collection]).map(|part| &**part).collect()
        }
    }
}

/// The query of a comprehension.
pub(super) fn query_of(expression: &Expr) -> Option<&Query> {
    match expression {
        Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } => {
            Some(query)
        }
        _ => None,
    }
}

/// The bytes of the text that a span of the syntax tree covers.
pub(super) fn bytes(span: &Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

/// A message of regorus, which carries its own excerpt, taken apart into place and text.
pub(super) struct EngineMessage<'text> {
    /// File it names, line and column from 1.
    pub(super) place: Option<(&'text str, usize, usize)>,
    /// The text without place and excerpt.
    pub(super) text: &'text str,
}

impl<'text> EngineMessage<'text> {
    pub(super) fn parse(message: &'text str) -> Self {
        let place = message.split("--> ").nth(1).and_then(|rest| {
            let mut parts = rest.lines().next()?.rsplitn(3, ':');
            let column = parts.next()?.trim().parse().ok()?;
            let line = parts.next()?.parse().ok()?;
            Some((parts.next()?, line, column))
        });
        let text = message.rsplit("error: ").next().unwrap_or(message).trim();
        Self { place, text }
    }
}

/// The byte offset of `line` and `column`, both from 1.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text[line_start.min(text.len())..].lines().next().unwrap_or_default();
    line_start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(index, _)| index)
}

/// The character of `file` that an engine's message means by `line` and `column`.
pub(super) fn place(
    file: &PolicyFile,
    rewritten: &Rewritten,
    line: usize,
    column: usize,
) -> std::ops::Range<usize> {
    let start = rewritten.original_offset(offset(rewritten.text(&file.text), line, column));
    let rest = file.text.get(start..).unwrap_or_default();
    start..start + rest.chars().next().filter(|first| *first != '\n').map_or(0, char::len_utf8)
}

fn parse_problem(file: &PolicyFile, rewritten: &Rewritten, message: &str) -> Problem {
    let parsed = EngineMessage::parse(message);
    let place = parsed.place.map_or(0..0, |(_, line, column)| place(file, rewritten, line, column));
    let text = format!("the policy does not parse: {}", rewritten.original_names(parsed.text));
    Problem::new(text, &file.name, &file.text, place)
        .with_help("the linter reads Rego v1 (`import rego.v1`, `if`, `contains`)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_message_is_taken_apart() {
        let message = "\n--> a:b.rego:3:7\n  |\n3 | x\n  | ^\nerror: expecting identifier";
        let parsed = EngineMessage::parse(message);
        assert_eq!(parsed.place, Some(("a:b.rego", 3, 7)));
        assert_eq!(parsed.text, "expecting identifier");
    }

    #[test]
    fn an_offset_counts_characters_in_the_line() {
        assert_eq!(offset("ä\nöx\n", 2, 2), 5);
        assert_eq!(offset("a\n", 9, 9), 2);
    }
}
