//! Makes the text of a configuration file safe to show. An excerpt exists to show *where*, and the place of a leaked password is next to the
//! password, so everything a person may have written a value in is masked unless it has a shape that no secret has:
//!
//! * the content of every string and heredoc becomes `•••`, whatever its length, except
//!   a wildcard (`*`), an ARN, an IAM action of a known service (`secretsmanager:GetSecretValue`), `Allow`/`Deny`, the IAM policy versions,
//!   and a schedule (`rate(30 days)`, `cron(…)`) — and those only where the name they are assigned to does not sound like a secret;
//! * a number of six or more digits, and any number assigned to a name that sounds like a secret, becomes `•••`;
//! * the text of every comment becomes `•••`;
//! * names stay: keys, block labels, references, functions.
//!
//! For rules about values and credentials (see [`Strictness::Values`]) nothing but names stays.
//!
//! The scanner works on characters and not on a parsed file, so that it masks as much in a file that does not parse; where it is in doubt it
//! masks. Line breaks stay, so that line numbers are right.

use std::ops::Range;

use crate::finding::{Location, RuleId};

/// What replaces a text. Of one width, because the length of a secret helps to guess it.
const MASK: &str = "•••";

/// How much is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// Texts of public shapes stay.
    PublicShapes,
    /// Every text and number is masked: for findings about a value.
    Values,
}

impl Strictness {
    /// What a finding of this rule may show: rules that talk about a value must not show even a harmless-looking one next to it, and of
    /// rules that are not ours nobody knows what they talk about.
    #[must_use]
    pub fn for_rule(rule: &RuleId) -> Self {
        match rule.topic() {
            "grant" | "rotation" | "storage" | "lifecycle" => Self::PublicShapes,
            _ => Self::Values,
        }
    }
}

/// The part of a place that is a name: `password` of `password = "…"`, the first character of a text. Where an attribute ends tells how long
/// its value is.
#[must_use]
pub fn name_only(location: &Location, text: &str) -> Location {
    let marked = text.get(location.span.clone()).unwrap_or_default();
    let characters = marked
        .chars()
        .take_while(|character| character.is_alphanumeric() || "_-.".contains(*character))
        .count()
        .max(1);
    let bytes = marked.chars().take(characters).map(char::len_utf8).sum::<usize>();
    Location {
        span: location.span.start..location.span.start + bytes,
        end_line: location.line,
        end_column: location.column + characters,
        ..location.clone()
    }
}

/// A text with its values masked.
#[derive(Debug)]
pub struct Masked {
    /// The text to show.
    pub text: String,
    /// Replacements: bytes of the original, bytes of `text`; in order.
    replaced: Vec<(Range<usize>, Range<usize>)>,
}

impl Masked {
    /// Masks a configuration file, in HCL or JSON syntax.
    #[must_use]
    pub fn new(text: &str, strictness: Strictness) -> Self {
        let mut scanner = Scanner::new(text, strictness);
        scanner.expression(Until::End);
        scanner.masked
    }

    /// The bytes of [`Self::text`] that show bytes `span` of the original. A span that begins or ends inside something masked covers all
    /// of its mask.
    #[must_use]
    pub fn span(&self, span: Range<usize>) -> Range<usize> {
        let start = self.offset(span.start, |shown| shown.start);
        let end = self.offset(span.end, |shown| shown.end);
        start..end.max(start)
    }

    fn offset(&self, offset: usize, inside: impl Fn(&Range<usize>) -> usize) -> usize {
        let mut shifted = (0, 0);
        for (original, shown) in &self.replaced {
            if offset <= original.start {
                break;
            }
            if offset < original.end {
                return inside(shown);
            }
            shifted = (original.end, shown.end);
        }
        shifted.1 + (offset - shifted.0)
    }
}

/// Where a stretch of code ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// At the end of the text.
    End,
    /// At the `}` of a template.
    Brace,
}

/// What stood before, as far as it decides what a string is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The beginning of a line, of an object or of an entry: a name may come.
    Entry,
    /// Names and labels since the beginning of the line: a block's label may come.
    Header,
    /// Anything else: what comes is a value.
    Value,
}

struct Scanner<'text> {
    text: &'text str,
    position: usize,
    strictness: Strictness,
    before: Before,
    /// The last name that something was, or is about to be, assigned to.
    name: String,
    masked: Masked,
}

impl<'text> Scanner<'text> {
    fn new(text: &'text str, strictness: Strictness) -> Self {
        let masked = Masked { text: String::with_capacity(text.len()), replaced: Vec::new() };
        Self { text, position: 0, strictness, before: Before::Entry, name: String::new(), masked }
    }

    /// Scans code. Nesting of templates is bounded by the file's size and unrolled only for `${`, one level per two characters, so it is cut.
    fn expression(&mut self, until: Until) {
        self.expression_at(until, 0);
    }

    fn expression_at(&mut self, until: Until, level: usize) {
        let mut braces = 0_usize;
        while let Some(character) = self.rest().chars().next() {
            match character {
                '"' => {
                    self.string(level);
                    continue;
                }
                '#' => self.comment_to("\n"),
                '/' if self.rest().starts_with("//") => self.comment_to("\n"),
                '/' if self.rest().starts_with("/*") => self.comment_to("*/"),
                '<' if self.rest().starts_with("<<") && self.heredoc(level) => {}
                '}' if braces == 0 && until == Until::Brace => {
                    self.keep(1);
                    return;
                }
                '{' | '}' => {
                    braces = if character == '{' { braces + 1 } else { braces.saturating_sub(1) };
                    self.keep(1);
                    self.before = Before::Entry;
                }
                '\n' => {
                    self.keep(1);
                    // A condition goes on over line breaks: its strings are values even before a colon.
                    if self.before != Before::Value || !self.is_inside_condition() {
                        self.before = Before::Entry;
                    }
                }
                ',' | '(' => {
                    self.keep(1);
                    self.before = Before::Entry;
                }
                _ if character.is_whitespace() => self.keep(character.len_utf8()),
                _ if character.is_alphabetic() || character == '_' => self.word(),
                _ if character.is_ascii_digit() => self.number(),
                _ => {
                    self.keep(character.len_utf8());
                    self.before = Before::Value;
                }
            }
        }
    }

    fn rest(&self) -> &'text str {
        &self.text[self.position..]
    }

    fn keep(&mut self, length: usize) {
        self.masked.text.push_str(&self.text[self.position..self.position + length]);
        self.position += length;
    }

    /// Replaces the next `length` bytes, line by line.
    fn mask(&mut self, length: usize) {
        let hidden = &self.text[self.position..self.position + length];
        for line in hidden.split_inclusive('\n') {
            let content = line.trim_matches(char::is_whitespace);
            if content.is_empty() {
                self.keep(line.len());
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            self.keep(indent);
            let start = self.masked.text.len();
            self.masked.text.push_str(MASK);
            self.masked
                .replaced
                .push((self.position..self.position + content.len(), start..self.masked.text.len()));
            self.position += content.len();
            self.keep(line.len() - indent - content.len());
        }
    }

    /// The last thing on the line before was `?` or `:`, so the expression goes on.
    fn is_inside_condition(&self) -> bool {
        self.masked.text.trim_end().ends_with(['?', ':'])
    }

    fn word(&mut self) {
        let length = self
            .rest()
            .find(|next: char| !(next.is_alphanumeric() || next == '_' || next == '-'))
            .unwrap_or(self.rest().len());
        let word = &self.rest()[..length];
        let after = self.rest()[length..].trim_start_matches([' ', '\t']);
        self.before = match self.before {
            // `for`, `in` and `if` of a comprehension are followed by values.
            Before::Entry | Before::Header if matches!(word, "for" | "in" | "if" | "else") => Before::Value,
            Before::Entry if is_assignment(after) => {
                word.clone_into(&mut self.name);
                Before::Value
            }
            Before::Entry => Before::Header,
            before => before,
        };
        self.keep(length);
    }

    fn number(&mut self) {
        let length = self
            .rest()
            .find(|next: char| !(next.is_alphanumeric() || next == '.' || next == '_'))
            .unwrap_or(self.rest().len());
        let digits = self.rest()[..length].bytes().filter(u8::is_ascii_digit).count();
        let is_small_and_harmless = digits < 6 && !sounds_secret(&self.name);
        if self.strictness == Strictness::PublicShapes && is_small_and_harmless {
            self.keep(length)
        } else {
            self.mask(length)
        }
        self.before = Before::Value;
    }

    fn comment_to(&mut self, end: &str) {
        let marker = if self.rest().starts_with('#') { 1 } else { 2 };
        self.keep(marker);
        let length = self.rest().find(end).unwrap_or(self.rest().len());
        self.mask(length);
        if end != "\n" && !self.rest().is_empty() {
            self.keep(end.len());
        }
    }

    /// A quoted string: a key, a label, or a text.
    fn string(&mut self, level: usize) {
        let content = &self.rest()[1..];
        let (end, is_closed) = string_end(content);
        let inside = &content[..end];
        let after = content[end..].strip_prefix('"').unwrap_or_default().trim_start_matches([' ', '\t']);
        let is_key = self.before == Before::Entry && is_assignment(after) && is_plain_name(inside);
        let is_label = self.before == Before::Header
            && is_plain_name(inside)
            && (after.starts_with('{') || after.starts_with('"'));
        let is_public = self.strictness == Strictness::PublicShapes
            && !sounds_secret(&self.name)
            && has_public_shape(inside);
        self.keep(1);
        if is_key || is_label || is_public {
            self.keep(end);
        } else if !is_closed {
            self.mask(end);
        } else {
            self.template(end, level);
        }
        if self.rest().starts_with('"') {
            self.keep(1);
        }
        if is_key {
            inside.clone_into(&mut self.name);
        }
        if !is_label {
            self.before = Before::Value;
        }
    }

    /// The next `length` bytes, which are text with `${…}` and `%{…}` in it: the text is masked, the code in between is scanned.
    fn template(&mut self, length: usize, level: usize) {
        let end = self.position + length;
        while self.position < end {
            let rest = &self.text[self.position..end];
            let next = if level < MAX_TEMPLATES { template_start(rest) } else { None };
            let Some(next) = next else {
                self.mask(rest.len());
                break;
            };
            self.mask(next);
            self.keep(2);
            let (before, name) = (self.before, self.name.clone());
            self.before = Before::Value;
            self.expression_at(Until::Brace, level + 1);
            self.before = before;
            self.name = name;
        }
    }

    /// `<<EOT` or `<<-EOT` up to its end; `false` if this is no heredoc.
    fn heredoc(&mut self, level: usize) -> bool {
        let rest = self.rest();
        let marker = rest.trim_start_matches('<').trim_start_matches('-');
        let name = marker.lines().next().unwrap_or_default().trim_end();
        if name.is_empty()
            || !name
                .chars()
                .all(|character| character.is_alphanumeric() || character == '_' || character == '-')
        {
            return false;
        }
        let Some(first_line) = rest.find('\n') else { return false };
        self.keep(first_line + 1);
        let body = self.rest();
        let mut length = 0;
        for line in body.split_inclusive('\n') {
            if line.trim() == name {
                break;
            }
            length += line.len();
        }
        self.template(length, level);
        self.before = Before::Value;
        true
    }
}

/// Deeper templates are masked whole.
const MAX_TEMPLATES: usize = 16;

/// Length of the content of a string whose opening quote has been read, and whether it ends as a string should. Without a closing quote it ends
/// with its line; a text that ends inside a template is no code that could be shown.
fn string_end(content: &str) -> (usize, bool) {
    let bytes = content.as_bytes();
    let mut position = 0;
    let mut depth = 0_usize;
    let mut in_nested_string = false;
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'\\' => position += 1,
            b'\n' if depth == 0 => return (position, false),
            b'"' if depth == 0 => return (position, true),
            b'"' => in_nested_string = !in_nested_string,
            b'$' | b'%'
                if bytes.get(position + 1) == Some(&b'{') && !is_escaped_template(bytes, position) =>
            {
                depth += 1;
                position += 1;
            }
            b'{' if depth > 0 && !in_nested_string => depth += 1,
            b'}' if depth > 0 && !in_nested_string => depth -= 1,
            _ => {}
        }
        position += 1;
    }
    (content.len(), false)
}

/// `$${` is a literal `${`.
fn is_escaped_template(bytes: &[u8], position: usize) -> bool {
    position > 0 && bytes[position - 1] == bytes[position]
}

fn template_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(1)).find(|at| {
        matches!(bytes[*at], b'$' | b'%') && bytes[*at + 1] == b'{' && !is_escaped_template(bytes, *at)
    })
}

/// `=` or `:` follows, and not `==` or `::`.
fn is_assignment(after: &str) -> bool {
    let mut next = after.chars();
    match (next.next(), next.next()) {
        (Some('='), second) => second != Some('='),
        (Some(':'), second) => second != Some(':'),
        _ => false,
    }
}

/// A key or label that is certainly a name and not a text.
fn is_plain_name(text: &str) -> bool {
    text.len() <= 80
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "_-./: @".contains(character))
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "pass",
        "pwd",
        "secret",
        "token",
        "key",
        "credential",
        "private",
        "auth",
        "pin",
        "cert",
        "default",
        "value",
        "content",
        "data",
        "phrase",
    ]
    .iter()
    .any(|part| name.contains(part))
}

fn has_public_shape(text: &str) -> bool {
    let of = |allowed: &'static str| {
        move |character: char| character.is_ascii_alphanumeric() || allowed.contains(character)
    };
    if matches!(text, "*" | "Allow" | "Deny" | "2012-10-17" | "2008-10-17") {
        return true;
    }
    if let Some(arn) = text.strip_prefix("arn:") {
        // References to other resources are part of many ARNs; what they are made of is code.
        return arn.chars().all(of(":/_*.+=,@-${}[]"));
    }
    if let Some((service, action)) = text.split_once(':') {
        let is_action = action == "*"
            || (action.starts_with(|first: char| first.is_ascii_uppercase()) && action.chars().all(of("*")));
        return SERVICES.contains(&service) && is_action;
    }
    ["rate(", "cron("].iter().any(|schedule| text.starts_with(schedule))
        && text.ends_with(')')
        && text.len() <= 60
        && text.chars().all(of("()*/?,-# "))
}

/// Services whose actions may be shown: `user:Password` must not pass for one.
const SERVICES: [&str; 24] = [
    "acm",
    "apigateway",
    "autoscaling",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "eks",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "organizations",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(original: &str, expected: &str) {
        assert_eq!(Masked::new(original, Strictness::PublicShapes).text, expected);
    }

    #[test]
    fn a_literal_is_masked_at_one_width() {
        check("password = \"hunter2\"", "password = \"•••\"");
        check("password = \"a much longer hunter2\"", "password = \"•••\"");
        check("x = \"\"", "x = \"\"");
        check("x = \"a\\\"hunter2\"", "x = \"•••\"");
    }

    #[test]
    fn names_stay() {
        check("resource \"a_b\" \"c\" {", "resource \"a_b\" \"c\" {");
        check("x = { \"a-key\" = \"v\", other : \"v\" }", "x = { \"a-key\" = \"•••\", other : \"•••\" }");
        check("x = var.a[\"hunter2\"]", "x = var.a[\"•••\"]");
        check("{\"resource\": {\"a\": \"hunter2\"}}", "{\"resource\": {\"a\": \"•••\"}}");
    }

    #[test]
    fn public_shapes_stay_unless_the_name_sounds_secret() {
        check("Principal = \"*\"", "Principal = \"*\"");
        check(
            "Action = [\"secretsmanager:GetSecretValue\", \"kms:*\"]",
            "Action = [\"secretsmanager:GetSecretValue\", \"kms:*\"]",
        );
        check("Resource = \"arn:aws:s3:::b/${var.x}/*\"", "Resource = \"arn:aws:s3:::b/${var.x}/*\"");
        check("schedule = \"rate(30 days)\"", "schedule = \"rate(30 days)\"");
        check("url = \"postgres:Hunter2\"", "url = \"•••\"");
        check("password = \"*\"", "password = \"•••\"");
        check("default = \"rate(30 days)\"", "default = \"•••\"");
    }

    #[test]
    fn a_conditional_does_not_make_a_text_a_key() {
        check("x = a ? \"hunter2\" : \"b\"", "x = a ? \"•••\" : \"•••\"");
        check("x = (a ?\n  \"hunter2\" :\n  \"b\")", "x = (a ?\n  \"•••\" :\n  \"•••\")");
        check(
            "x = [for a in b : \"hunter2\" if a != \"hunter2\"]",
            "x = [for a in b : \"•••\" if a != \"•••\"]",
        );
        check("x = \"hunter2\" == var.y", "x = \"•••\" == var.y");
    }

    #[test]
    fn heredocs_are_masked_line_by_line() {
        check(
            "x = <<-EOT\n  hunter2 ${var.a}\n\n  b\nEOT\ny = 1",
            "x = <<-EOT\n  ••• ${var.a}\n\n  •••\nEOT\ny = 1",
        );
        check("x = <<EOT\nhunter2", "x = <<EOT\n•••");
    }

    #[test]
    fn templates_keep_their_code_and_lose_their_text() {
        check("x = \"pre-${lookup(a, \"hunter2\")}-post\"", "x = \"•••${lookup(a, \"•••\")}•••\"");
        check("x = \"$${hunter2}\"", "x = \"•••\"");
        check("x = \"a ${unterminated hunter2", "x = \"•••");
    }

    #[test]
    fn comments_are_masked() {
        check(
            "# was hunter2\nx = 1 // hunter2\n/* hunter2\n  b */ y = 2",
            "# •••\nx = 1 // •••\n/* •••\n  ••• */ y = 2",
        );
    }

    #[test]
    fn numbers_are_masked_where_they_may_be_a_value() {
        check("port = 5432\npin = 1234\nx = 123456", "port = 5432\npin = •••\nx = •••");
        assert_eq!(Masked::new("days = 30", Strictness::Values).text, "days = •••");
    }

    /// A text with values in it, and the values: whatever is written around a value, it is masked.
    fn written() -> impl Strategy<Value = (String, String)> {
        let form = proptest::sample::select(vec![
            "a = \"VALUE\"\n",
            "a = [\"VALUE\", \"x\"]\n",
            "a = { b = \"VALUE\", \"c\" : \"VALUE\" }\n",
            "a = x ? \"VALUE\" : \"VALUE\"\n",
            "a = (x ?\n  \"VALUE\"\n  :\n  \"VALUE\")\n",
            "a = f(x, \"VALUE\")\n",
            "a = \"${f(\"VALUE\")}VALUE%{ if x }VALUE%{ endif }\"\n",
            "a = <<EOT\nVALUE\n  ${x}VALUE\nEOT\n",
            "a = <<-EOT\n  {\"k\": \"VALUE\"}\n  EOT\n",
            "# VALUE\n",
            "a = 1 // VALUE\n",
            "/* VALUE\n VALUE */\n",
            "b \"c\" \"d\" {\n",
            "}\n",
            "a = x == \"VALUE\" ? 1 : 2\n",
            "a = [for k, v in m : \"VALUE\" if v != \"VALUE\"]\n",
            "{\"resource\": {\"a\": [\"VALUE\", {\"b\": \"VALUE\"}]}}\n",
            "a = \"unterminated VALUE\n",
            "a = \"unterminated ${f(VALUE\n",
        ]);
        let value = "Zq[A-Za-z0-9+/=!&_.:@-]{6,24}";
        (proptest::collection::vec(form, 1..12), value)
            .prop_map(|(forms, value)| (forms.concat().replace("VALUE", &value), value))
    }

    proptest! {
        #[test]
        fn no_value_survives((text, value) in written()) {
            for strictness in [Strictness::PublicShapes, Strictness::Values] {
                let masked = Masked::new(&text, strictness);
                prop_assert!(!masked.text.contains(&value), "{}", masked.text);
                prop_assert_eq!(masked.text.lines().count(), text.lines().count());
            }
        }

        #[test]
        fn any_text_is_masked_without_a_panic(text in "\\PC{0,80}", start in 0..80_usize, length in 0..20_usize) {
            let masked = Masked::new(&text, Strictness::Values);
            let span = masked.span(start.min(text.len())..(start + length).min(text.len()));
            prop_assert!(span.end <= masked.text.len());
        }
    }

    #[test]
    fn spans_follow_the_text() {
        let original = "a = \"hunter2\"\nb = \"*\"\nc = \"xx\"";
        let masked = Masked::new(original, Strictness::PublicShapes);
        let shown = |part: &str| {
            let start = original.find(part).unwrap();
            &masked.text[masked.span(start..start + part.len())]
        };
        assert_eq!(shown("b = \"*\""), "b = \"*\"");
        assert_eq!(shown("a = \"hunter2\""), "a = \"•••\"");
        assert_eq!(shown("\"hunter2\""), "\"•••\"");
        assert_eq!(shown("unter"), "•••");
        assert_eq!(shown("c ="), "c =");
    }
}
