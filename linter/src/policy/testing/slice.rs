//! Pieces of a policy's text. The engine's spans say reliably where an expression begins; where one ends they are a character short for
//! strings and brackets, so ends are found here, by counting brackets outside of strings and comments.

/// The expression that begins at `start`, up to the `;`, the comma or the closing bracket that ends it.
pub(super) fn operand(text: &str, start: usize) -> &str {
    let rest = text.get(opening_quote(text, start)..).unwrap_or_default();
    let end = outside(rest, |after| after.starts_with([')', ']', '}', ';', ','])).unwrap_or(rest.len());
    rest[..end].trim_end()
}

/// Both sides of the operator of a comparison.
pub(super) fn sides<'text>(comparison: &'text str, operator: &str) -> Option<(&'text str, &'text str)> {
    let at = outside(comparison, |rest| {
        rest.strip_prefix(operator).is_some_and(|after| operator.len() > 1 || !after.starts_with('='))
    })?;
    Some((comparison[..at].trim_end(), comparison[at + operator.len()..].trim_start()))
}

/// The collection of `some x in collection`.
pub(super) fn collection(statement: &str) -> Option<&str> {
    let blank = |rest: &str| rest.starts_with(char::is_whitespace);
    let at = outside(statement, |rest| {
        blank(rest)
            && rest
                .trim_start()
                .strip_prefix("in")
                .is_some_and(|after| blank(after) || after.starts_with(['[', '{', '(']))
    })?;
    statement[at..].trim_start().strip_prefix("in").map(str::trim_start)
}

/// Where, outside of brackets, strings and comments, what follows is what is looked for.
fn outside(text: &str, is_wanted: impl Fn(&str) -> bool) -> Option<usize> {
    let mut depth = 0usize;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        if depth == 0 && is_wanted(&text[at..]) {
            return Some(at);
        }
        match character {
            '"' => skip_string(&mut characters),
            '`' => while characters.next().is_some_and(|(_, next)| next != '`') {},
            '#' => while characters.next().is_some_and(|(_, next)| next != '\n') {},
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// A statement's text without what may follow it: blanks, comments, `;`.
pub(super) fn statement(text: &str) -> &str {
    let mut end = 0;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                skip_string(&mut characters);
                end = characters.offset();
            }
            '`' => {
                while characters.next().is_some_and(|(_, next)| next != '`') {}
                end = characters.offset();
            }
            '#' => while characters.next().is_some_and(|(_, next)| next != '\n') {},
            ';' => {}
            blank if blank.is_whitespace() => {}
            other => end = at + other.len_utf8(),
        }
    }
    text.get(..end).unwrap_or(text)
}

fn skip_string(characters: &mut std::str::CharIndices<'_>) {
    while let Some((_, next)) = characters.next() {
        match next {
            '\\' => {
                characters.next();
            }
            '"' => break,
            _ => {}
        }
    }
}

/// A string's span begins after its quotation mark.
fn opening_quote(text: &str, start: usize) -> usize {
    match text.get(..start).and_then(|before| before.chars().next_back()) {
        Some('"' | '`') => start - 1,
        _ => start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operand_ends_where_its_brackets_do() {
        assert_eq!(operand("f(a, [1])]", 0), "f(a, [1])");
        assert_eq!(operand("x[\"a]b\"] }", 2), "\"a]b\"");
        assert_eq!(operand("x[\"a]b\"] }", 3), "\"a]b\"");
        assert_eq!(operand("{\"a\": `}`} ; y", 0), "{\"a\": `}`}");
    }

    #[test]
    fn a_comparison_is_taken_apart() {
        assert_eq!(sides("{\"==\": f(a == b)} == `==`", "=="), Some(("{\"==\": f(a == b)}", "`==`")));
        assert_eq!(sides("a >= b", ">"), None);
        assert_eq!(sides("[x | x > 1] > y", ">"), Some(("[x | x > 1]", "y")));
    }

    #[test]
    fn a_collection_follows_the_word_in() {
        assert_eq!(collection("some index, x in {\"in\": 1}"), Some("{\"in\": 1}"));
        assert_eq!(collection("some x in[1]"), Some("[1]"));
    }

    #[test]
    fn a_statement_is_cut_after_its_last_character() {
        assert_eq!(statement("a == \"x;\" ; # why\n\t"), "a == \"x;\"");
        assert_eq!(statement("x := `#`\n # nothing\n"), "x := `#`");
        assert_eq!(statement(""), "");
    }
}
