//! A tokenizer for what regorus' parser does not get as far as: template strings and imports in odd places. It knows where texts and comments
//! begin and end, what is nested in what, and nothing else of Rego.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, keyword or number.
    Word,
    /// `"…"` or `` `…` ``.
    Text,
    /// `$"…{x}…"` or `` $`…{x}…` ``.
    Template(Template),
    /// Any other character.
    Symbol,
}

/// A template string taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    /// Between backquotes: no escape but `\{`.
    pub(super) raw: bool,
    /// Bytes of the texts around the expressions: one more than there are expressions.
    pub(super) texts: Vec<Range<usize>>,
    /// Templates that stand inside the expressions.
    pub(super) inner: Vec<Token>,
}

/// A token and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: Range<usize>,
    /// How many brackets are open around it.
    pub(super) depth: usize,
    /// It is the first of its line.
    pub(super) first_of_line: bool,
}

/// The tokens of `text`, comments and spaces left out. A text that does not end reaches to the end of the file; the parser says so.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut scanner = Scanner { text, at: 0, depth: 0 };
    let mut tokens = Vec::new();
    while scanner.next(&mut tokens) {}
    tokens
}

struct Scanner<'text> {
    text: &'text str,
    at: usize,
    depth: usize,
}

impl Scanner<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Reads spaces, comments and one token. False: the end was reached.
    fn next(&mut self, tokens: &mut Vec<Token>) -> bool {
        let mut first_of_line = tokens.is_empty();
        loop {
            match self.byte(0) {
                None => return false,
                Some(b'\n') => {
                    first_of_line = true;
                    self.at += 1;
                }
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'#') => {
                    self.at += memchr::memchr(b'\n', &self.text.as_bytes()[self.at..])
                        .unwrap_or(self.text.len() - self.at)
                }
                Some(_) => break,
            }
        }
        let start = self.at;
        let mut depth = self.depth;
        let kind = match (self.byte(0), self.byte(1)) {
            (Some(b'"'), _) => {
                self.at += 1;
                self.quoted();
                Kind::Text
            }
            (Some(b'`'), _) => {
                self.at += 1;
                self.at += memchr::memchr(b'`', &self.text.as_bytes()[self.at..])
                    .map_or(self.text.len() - self.at, |end| end + 1);
                Kind::Text
            }
            (Some(b'$'), Some(quote @ (b'"' | b'`'))) => {
                self.at += 2;
                Kind::Template(self.template(quote))
            }
            (Some(b'{' | b'[' | b'('), _) => {
                self.depth += 1;
                self.at += 1;
                Kind::Symbol
            }
            (Some(b'}' | b']' | b')'), _) => {
                self.depth = self.depth.saturating_sub(1);
                depth = self.depth;
                self.at += 1;
                Kind::Symbol
            }
            (Some(byte), _) if is_word(byte) => {
                while self.byte(0).is_some_and(is_word) {
                    self.at += 1;
                }
                Kind::Word
            }
            _ => {
                self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                Kind::Symbol
            }
        };
        tokens.push(Token { kind, at: start..self.at, depth, first_of_line });
        true
    }

    /// Skips to behind the closing quote. A text between quotes does not span lines.
    fn quoted(&mut self) {
        loop {
            match self.byte(0) {
                None | Some(b'\n') => return,
                Some(b'\\') => self.at = (self.at + 2).min(self.text.len()),
                Some(b'"') => {
                    self.at += 1;
                    return;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn template(&mut self, quote: u8) -> Template {
        let mut template = Template { raw: quote == b'`', texts: Vec::new(), inner: Vec::new() };
        let mut start = self.at;
        loop {
            match self.byte(0) {
                None => break template.texts.push(start..self.at),
                Some(b'\\') if self.byte(1) == Some(b'{') || !template.raw => {
                    self.at = (self.at + 2).min(self.text.len());
                }
                Some(byte) if byte == quote => {
                    template.texts.push(start..self.at);
                    self.at += 1;
                    break;
                }
                Some(b'{') => {
                    template.texts.push(start..self.at);
                    self.at += 1;
                    self.expression(&mut template);
                    start = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
        template
    }

    /// Skips to behind the `}` that ends an expression inside a template.
    fn expression(&mut self, template: &mut Template) {
        let outside = self.depth;
        self.depth += 1;
        let mut tokens = Vec::new();
        while self.depth > outside && self.next(&mut tokens) {}
        template.inner.extend(tokens.into_iter().filter(|token| matches!(token.kind, Kind::Template(_))));
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|token| &text[token.at]).collect()
    }

    #[test]
    fn texts_and_comments_hide_what_is_in_them() {
        assert_eq!(
            texts("a := \"x # \\\" y\" # b \" c\n`z\n\"`.d"),
            ["a", ":", "=", "\"x # \\\" y\"", "`z\n\"`", ".", "d"]
        );
    }

    #[test]
    fn a_template_is_taken_apart() {
        let text = r#"$"a {b["}"]} \{c} {$"in {d}"}""#;
        let tokens = tokens(text);
        let [Token { kind: Kind::Template(template), .. }] = tokens.as_slice() else { panic!("{tokens:?}") };
        let parts: Vec<&str> = template.texts.iter().map(|part| &text[part.clone()]).collect();
        assert_eq!(parts, ["a ", r" \{c} ", ""]);
        assert_eq!(template.inner.len(), 1);
    }

    #[test]
    fn what_does_not_end_ends_with_the_file() {
        for text in ["\"abc", "`abc", "$\"abc", "$\"a {b", "$`a {b", "a\\", "\"\\", "$\"\\"] {
            assert!(tokens(text).iter().all(|token| token.at.end <= text.len()), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_apart_without_a_gap_in_order(text in r#"[a\n"`$\\{}\[\] #ä:]{0,60}"#) {
            let mut last = 0;
            for token in tokens(&text) {
                proptest::prop_assert!(token.at.start >= last && token.at.end <= text.len());
                proptest::prop_assert!(text.get(token.at.clone()).is_some());
                last = token.at.end;
            }
        }
    }
}
