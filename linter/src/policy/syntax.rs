//! What the linter needs of a parsed policy: the names of its package and rules and where they stand. The only file, with `calls`, that
//! touches regorus' syntax tree, which regorus keeps in its `unstable` module.

use regorus::Engine;
use regorus::unstable::{Module, Rule as SyntaxRule, RuleHead, Span};

use super::load::PolicyFile;
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

/// Adds `files` to `engine` and lists what they define.
pub(super) fn parse_all(engine: &mut Engine, files: &[PolicyFile]) -> Result<Vec<ParsedFile>, Vec<Problem>> {
    let mut packages = Vec::with_capacity(files.len());
    let mut problems = Vec::new();
    for (index, file) in files.iter().enumerate() {
        match engine.add_policy(file.name.clone(), file.text.clone()) {
            Ok(package) => packages.push((index, package)),
            Err(error) => problems.push(parse_problem(file, &format!("{error:#}"))),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let modules = engine.get_modules();
    Ok(packages
        .into_iter()
        .zip(modules.iter())
        .map(|((file, package), module)| ParsedFile { file, package, rules: rule_names(module) })
        .collect())
}

fn rule_names(module: &Module) -> Vec<RuleName> {
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
            RuleName { name: span.text().to_owned(), line: span.line, span: bytes(span), kind }
        })
        .collect()
}

/// The bytes of the file that a span of the syntax tree covers.
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

fn parse_problem(file: &PolicyFile, message: &str) -> Problem {
    let parsed = EngineMessage::parse(message);
    let start = parsed.place.map_or(0, |(_, line, column)| offset(&file.text, line, column));
    let width = file.text[start..].chars().next().filter(|first| *first != '\n').map_or(0, char::len_utf8);
    Problem::new(
        format!("the policy does not parse: {}", parsed.text),
        &file.name,
        &file.text,
        start..start + width,
    )
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
