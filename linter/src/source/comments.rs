//! Comments of a `.tf` file that speak to the linter (`# secretlint:…`), and which line each is about. A comment is whatever begins with `#`,
//! `//` or `/*` outside of the texts that the parsed file has; the parser itself keeps comments only as a part of the white space around things.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, BlockLabel, Body};
use hcl_edit::visit::{self, Visit};

/// What a comment begins with that is meant for the linter.
const PREFIX: &str = "secretlint:";

/// A comment that speaks to the linter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What follows `secretlint:`.
    pub text: String,
    /// Bytes of the file, from the comment's marker.
    pub span: Range<usize>,
    /// Line of the comment's beginning, from 1.
    pub line: usize,
    /// What it is about.
    pub about: About,
    /// Name of the block it stands in or before, as in an address but without modules: `aws_db_instance.main`.
    pub block: Option<String>,
}

/// The line that a comment is about, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The comment has its own lines: what begins on the next one that is not a comment.
    NextLine(usize),
    /// The comment shares its line: what begins or ends there.
    SameLine(usize),
}

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Comments {
    pub(super) notes: Vec<Note>,
    /// Lines of comments that name `secretlint:ignore` and do not begin with it.
    pub(super) unheeded: Vec<usize>,
}

/// Reads the comments of a file.
pub(super) fn find(text: &str, body: &Body) -> Comments {
    let mut comments = Comments::default();
    if !text.contains(PREFIX) {
        return comments;
    }
    let spans = spans(text, &texts(body));
    for (index, span) in spans.iter().enumerate() {
        let comment = &text[span.clone()];
        let line = line_of(text, span.start);
        let content = comment
            .strip_prefix("/*")
            .map_or(comment, |inner| inner.strip_suffix("*/").unwrap_or(inner))
            .trim_start_matches(|next: char| next.is_whitespace() || "#/*".contains(next));
        match content.strip_prefix(PREFIX) {
            Some(said) => {
                let about = about(text, &spans, index);
                let (About::NextLine(target) | About::SameLine(target)) = about;
                let block = block_at(text, body, target);
                comments.notes.push(Note {
                    text: said.trim().to_owned(),
                    span: span.clone(),
                    line,
                    about,
                    block,
                });
            }
            None if content.contains("secretlint:ignore ") => comments.unheeded.push(line),
            None => {}
        }
    }
    comments
}

/// Where comments are, outside of `texts`, which are in order.
fn spans(text: &str, texts: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut texts = texts.iter().peekable();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        while texts.next_if(|span| span.end <= at).is_some() {}
        if let Some(inside) = texts.peek().filter(|span| span.start <= at) {
            at = inside.end;
            continue;
        }
        let length = if rest.starts_with('#') || rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        spans.push(at..at + length);
        at += length;
    }
    spans
}

/// Spans of strings, templates and labels, in order.
fn texts(body: &Body) -> Vec<Range<usize>> {
    struct Texts(Vec<Range<usize>>);
    impl Visit for Texts {
        fn visit_expr(&mut self, expression: &Expression) {
            match expression {
                // What a template computes may hold comments; nobody looks for one there.
                Expression::String(_) | Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => {
                    self.0.extend(expression.span());
                }
                _ => visit::visit_expr(self, expression),
            }
        }

        fn visit_block_label(&mut self, label: &BlockLabel) {
            self.0.extend(label.span());
        }
    }
    let mut texts = Texts(Vec::new());
    texts.visit_body(body);
    texts.0.sort_by_key(|span| span.start);
    texts.0
}

fn about(text: &str, comments: &[Range<usize>], index: usize) -> About {
    let span = &comments[index];
    let line_start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    if !text[line_start..span.start].trim().is_empty()
        || !text[span.end..line_end(span.end)].trim().is_empty()
    {
        return About::SameLine(line_of(text, span.end));
    }
    // More comments directly below belong to the same heap: a person writes the reason for something over several lines.
    let mut end = span.end;
    for next in &comments[index + 1..] {
        let between = &text[end..next.start];
        if !between.trim().is_empty() || between.matches('\n').count() > 1 {
            break;
        }
        end = next.end;
    }
    About::NextLine(line_of(text, end) + 1)
}

fn line_of(text: &str, offset: usize) -> usize {
    super::position(text, offset).0
}

/// The block at the top of the file that covers `line`.
fn block_at(text: &str, body: &Body, line: usize) -> Option<String> {
    let block = body.blocks().find(|block| {
        block.span().is_some_and(|span| (line_of(text, span.start)..=line_of(text, span.end)).contains(&line))
    })?;
    Some(name_of(block))
}

fn name_of(block: &Block) -> String {
    let labels = block.labels.iter().map(BlockLabel::as_str);
    let kind = match block.ident.as_str() {
        "resource" => None,
        "variable" => Some("var"),
        other => Some(other),
    };
    kind.into_iter().chain(labels).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(text: &str) -> Vec<(String, usize, About)> {
        let body = hcl_edit::parser::parse_body(text).unwrap();
        find(text, &body).notes.into_iter().map(|note| (note.text, note.line, note.about)).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, usize, About)]) {
        let expected: Vec<_> =
            expected.iter().map(|(said, line, about)| ((*said).to_owned(), *line, *about)).collect();
        assert_eq!(notes(text), expected, "{text}");
    }

    #[test]
    fn a_comment_is_about_the_line_below_or_its_own() {
        check("# secretlint:a\na = 1\n", &[("a", 1, About::NextLine(2))]);
        check("a = 1 # secretlint:a\n", &[("a", 1, About::SameLine(1))]);
        check(
            "a = 1 // secretlint:a\nb = 1 //secretlint:b",
            &[("a", 1, About::SameLine(1)), ("b", 2, About::SameLine(2))],
        );
        check("/* secretlint:a */\na = 1\n", &[("a", 1, About::NextLine(2))]);
        check("/* secretlint:a\n b */ a = 1\n", &[("a\n b", 1, About::SameLine(2))]);
        check("b \"c\" {\n  a = [\n    1, # secretlint:a\n  ]\n}\n", &[("a", 3, About::SameLine(3))]);
    }

    #[test]
    fn comments_below_each_other_are_about_the_same() {
        check(
            "# secretlint:a\n// secretlint:b\n# and more\na = 1\n",
            &[("a", 1, About::NextLine(4)), ("b", 2, About::NextLine(4))],
        );
        check("# secretlint:a\n\n# more\na = 1\n", &[("a", 1, About::NextLine(2))]);
        check("# secretlint:a", &[("a", 1, About::NextLine(2))]);
    }

    #[test]
    fn what_stands_in_a_text_is_no_comment() {
        check("a = \"# secretlint:a\"\n", &[]);
        check("a = \"${x} # secretlint:a\"\n", &[]);
        check(
            "a = <<EOT\n# secretlint:a\n// secretlint:b\nEOT\nb = 1 # secretlint:c\n",
            &[("c", 5, About::SameLine(5))],
        );
        check("a \"# secretlint:a\" {}\n", &[]);
        check("a = { \"# secretlint:a\" = \"//\" } # secretlint:b\n", &[("b", 1, About::SameLine(1))]);
        check("a = \"http://x\" # see secretlint:ignore\n", &[]);
    }

    #[test]
    fn a_comment_that_only_mentions_the_linter_is_told_apart() {
        let text = "# nothing; secretlint:ignore a.b until=2027-01-31 reason=x\na = 1\n";
        let body = hcl_edit::parser::parse_body(text).unwrap();
        assert_eq!(find(text, &body), Comments { notes: vec![], unheeded: vec![1] });
    }

    #[test]
    fn a_note_knows_its_block() {
        let text = "# secretlint:a\nresource \"a_b\" \"c\" {\n  d = 1 # secretlint:b\n}\nmodule \"m\" { # secretlint:c\n}\n\n# secretlint:d\n";
        let body = hcl_edit::parser::parse_body(text).unwrap();
        let blocks: Vec<_> = find(text, &body).notes.into_iter().map(|note| note.block).collect();
        assert_eq!(blocks, [Some("a_b.c".into()), Some("a_b.c".into()), Some("module.m".into()), None]);
    }
}
