//! Line breaks for policies that are written more densely than today's HCL allows.
//!
//! The server reads HCL 1, in which several settings may stand on one line, with or without commas. The parser here wants
//! each on its own.

/// The same policy with a line for each setting and block. Strings, comments and lists are left as they are.
pub(super) fn one_setting_per_line(text: &str) -> String {
    let mut laid_out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    let mut in_list = 0_usize;
    let mut before = None;
    while let Some(next) = rest.chars().next() {
        let taken = token(rest, next);
        let (token, after) = rest.split_at(taken);
        rest = after;
        match next {
            '[' => in_list += 1,
            ']' => in_list = in_list.saturating_sub(1),
            ',' if in_list == 0 => {
                laid_out.push('\n');
                before = None;
                continue;
            }
            '}' if in_list == 0 => laid_out.push('\n'),
            // A name after a whole value begins the next setting.
            _ if in_list == 0 && is_name(next) && before.is_some_and(ends_value) => laid_out.push('\n'),
            _ => {}
        }
        laid_out.push_str(token);
        if in_list == 0 && matches!(next, '{' | '}') {
            laid_out.push('\n');
        }
        if !next.is_whitespace() && !is_comment(token) {
            before = token.chars().next_back();
        }
    }
    laid_out
}

fn is_name(first: char) -> bool {
    first.is_ascii_alphabetic() || first == '_'
}

/// Whether a value can end so. A name cannot end in a digit among the settings of a policy.
fn ends_value(last: char) -> bool {
    matches!(last, '"' | ']') || last.is_ascii_digit()
}

fn is_comment(token: &str) -> bool {
    token.starts_with('#') || token.starts_with("//") || token.starts_with("/*")
}

/// How many bytes the next token has: a string, a comment, a word, or one character.
fn token(text: &str, next: char) -> usize {
    let up_to = |end: Option<usize>| end.unwrap_or(text.len());
    match next {
        '"' => {
            let mut is_escaped = false;
            let closing = |(_, character): &(usize, char)| {
                let closes = *character == '"' && !is_escaped;
                is_escaped = *character == '\\' && !is_escaped;
                closes
            };
            up_to(text.char_indices().skip(1).find(closing).map(|(index, _)| index + 1))
        }
        '#' => up_to(text.find('\n')),
        '/' if text.starts_with("//") => up_to(text.find('\n')),
        '/' if text.starts_with("/*") => up_to(text.find("*/").map(|index| index + 2)),
        _ if is_name(next) || next.is_ascii_digit() => {
            up_to(text.find(|character: char| !character.is_ascii_alphanumeric() && character != '_'))
        }
        _ => next.len_utf8(),
    }
}
