//! Finds the place of a path in a JSON text, without building the document: a heredoc with an IAM policy, a `.tf.json` file. Tolerates the
//! `${…}` of Terraform templates inside strings and stops quietly where the text is not JSON.

use std::ops::Range;

use crate::facts::model::PathStep;

/// Deeper documents are left alone, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 128;

/// The innermost place that was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    depth: usize,
    span: Option<Range<usize>>,
}

impl Found {
    /// How many steps of the path it covers.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// The innermost place, unless no step was found.
    pub(super) fn innermost(self) -> Option<Range<usize>> {
        self.span
    }

    /// The place, if all `steps` were found.
    pub(super) fn whole(self, steps: usize) -> Option<Range<usize>> {
        self.span.filter(|_| self.depth >= steps)
    }
}

/// Looks for `path` in the first JSON value of `text`.
pub(super) fn find(text: &str, path: &[PathStep]) -> Found {
    let mut scanner =
        Scanner { bytes: text.as_bytes(), position: 0, path, found: Found { depth: 0, span: None } };
    scanner.value(Some(0), 0);
    scanner.found
}

/// The value of `"key": value`; the text as it is where it has no key.
pub(super) fn after_key(member: &str) -> Option<&str> {
    let mut scanner =
        Scanner { bytes: member.as_bytes(), position: 0, path: &[], found: Found { depth: 0, span: None } };
    if scanner.peek()? != b'"' {
        return Some(member);
    }
    scanner.string()?;
    if scanner.peek() != Some(b':') {
        return Some(member);
    }
    scanner.advance()?;
    scanner.peek()?;
    member.get(scanner.position..)
}

struct Scanner<'text> {
    bytes: &'text [u8],
    position: usize,
    path: &'text [PathStep],
    found: Found,
}

impl Scanner<'_> {
    /// Reads one value. `matched` is the number of steps that led here, `None` off the path. The result is `None` where the text ends or is
    /// not JSON.
    fn value(&mut self, matched: Option<usize>, level: usize) -> Option<()> {
        if level > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(matched, level),
            b'[' => self.array(matched, level),
            b'"' => self.string().map(drop),
            _ => {
                let rest = self.bytes.get(self.position..)?;
                let length = rest.iter().take_while(|byte| !b",]} \t\r\n:".contains(byte)).count();
                self.position += length;
                (length > 0).then_some(())
            }
        }
    }

    fn object(&mut self, matched: Option<usize>, level: usize) -> Option<()> {
        // One object where the path has a list's index stands for the list of that one object.
        let matched = match matched.and_then(|matched| self.path.get(matched)) {
            Some(PathStep::Index(_)) => matched.map(|matched| matched + 1),
            _ => matched,
        };
        self.position += 1;
        loop {
            match self.peek()? {
                b'}' => return self.advance(),
                b',' => self.advance()?,
                b'"' => {
                    let start = self.position;
                    let key = self.string()?;
                    let is_wanted = matched.is_some_and(|matched| match self.path.get(matched) {
                        Some(PathStep::Name(name)) => self.bytes.get(key.clone()) == Some(name.as_bytes()),
                        _ => false,
                    });
                    (self.peek()? == b':').then(|| self.advance())??;
                    let next = matched.filter(|_| is_wanted).map(|matched| matched + 1);
                    self.peek()?;
                    self.value(next, level + 1)?;
                    self.offer(next, start);
                }
                _ => return None,
            }
        }
    }

    fn array(&mut self, matched: Option<usize>, level: usize) -> Option<()> {
        self.position += 1;
        let mut index = 0;
        loop {
            match self.peek()? {
                b']' => return self.advance(),
                b',' => self.advance()?,
                _ => {
                    let start = self.position;
                    let next = matched.and_then(|matched| match self.path.get(matched)? {
                        PathStep::Index(wanted) => (*wanted == index).then_some(matched + 1),
                        // `.tf.json` writes a block's body as an object or as a list of objects.
                        PathStep::Name(_) => Some(matched),
                    });
                    self.value(next, level + 1)?;
                    if next > matched {
                        self.offer(next, start);
                    }
                    index += 1;
                }
            }
        }
    }

    /// Reads a string and gives the bytes between its quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.position + 1;
        let mut position = start;
        let mut template_depth = 0_usize;
        loop {
            match (*self.bytes.get(position)?, self.bytes.get(position + 1)) {
                (b'$' | b'%', Some(b'{')) => {
                    template_depth += 1;
                    position += 2;
                }
                (b'{', _) if template_depth > 0 => {
                    template_depth += 1;
                    position += 1;
                }
                (b'}', _) if template_depth > 0 => {
                    template_depth -= 1;
                    position += 1;
                }
                (b'\\', _) => position += 2,
                (b'"', _) if template_depth == 0 => {
                    self.position = position + 1;
                    return Some(start..position);
                }
                // A string inside the template, as in `${a["}"]}`.
                (b'"', _) => {
                    let rest = self.bytes.get(position + 1..)?;
                    position += rest.iter().position(|byte| *byte == b'"')? + 2;
                }
                _ => position += 1,
            }
        }
    }

    fn offer(&mut self, matched: Option<usize>, start: usize) {
        if let Some(depth) = matched.filter(|depth| *depth > self.found.depth) {
            self.found = Found { depth, span: Some(start..self.position) };
        }
    }

    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.position).is_some_and(u8::is_ascii_whitespace) {
            self.position += 1;
        }
        self.bytes.get(self.position).copied()
    }

    const fn advance(&mut self) -> Option<()> {
        self.position += 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(path: &str) -> Vec<PathStep> {
        path.split('.')
            .map(|step| step.parse().map_or_else(|_| PathStep::Name(step.to_owned()), PathStep::Index))
            .collect()
    }

    fn check(text: &str, path: &str, expected: &str) {
        let found = find(text, &steps(path)).innermost().map_or("", |span| &text[span]);
        assert_eq!(found, expected, "{path} in {text}");
    }

    #[test]
    fn the_innermost_place_is_found() {
        let text = r#"{"Statement": [{"Effect": "Allow"}, {"Principal": {"AWS": ["a", "*"]}}], "x": 1}"#;
        check(text, "Statement.1.Principal.AWS.1", "\"*\"");
        check(text, "Statement.1.Principal.AWS", "\"AWS\": [\"a\", \"*\"]");
        check(text, "Statement.1.Action", "{\"Principal\": {\"AWS\": [\"a\", \"*\"]}}");
        check(text, "nothing", "");
        check(text, "x", "\"x\": 1");
    }

    #[test]
    fn a_template_inside_a_string_is_skipped() {
        check(
            r#"{"Resource": "${aws_x.y["}"].arn}", "Principal": "*"}"#,
            "Principal",
            "\"Principal\": \"*\"",
        );
    }

    #[test]
    fn one_object_stands_for_a_list_of_it() {
        check(r#"{"Statement": {"Principal": "*"}}"#, "Statement.0.Principal", "\"Principal\": \"*\"");
    }

    #[test]
    fn text_that_is_no_json_ends_the_search() {
        check("{\"a\": ", "a", "");
        check("%{ if x }{", "a", "");
        check(&"[".repeat(5000), "0.0", "");
    }
}
