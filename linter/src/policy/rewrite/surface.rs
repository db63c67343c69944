//! Gaps that lie before the syntax tree: regorus does not parse template strings (`$"…{x}…"`, OPA 1.12), an `import` behind a rule, nor the
//! second body of a partial rule in Rego of version 0 (`deny[msg] { … } { … }`).

use super::edits::Edit;
use super::tokens::{Kind, Template, Token, tokens};

/// The function that a template becomes; OPA's compiler does the same with its own function of this name.
pub(in crate::policy) const TEMPLATE_FUNCTION: &str = "internal.template_string";

/// The edits that make `text` parse.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let tokens = tokens(text);
    let mut edits = Vec::new();
    for token in &tokens {
        template_edits(token, text, &mut edits);
    }
    late_imports(&tokens, text, &mut edits);
    chained_bodies(&tokens, text, &mut edits);
    edits
}

/// `$"a {x} b"` becomes `internal.template_string(["a ",{t|t:=x}," b"])`: a set that is empty where `x` is undefined.
fn template_edits(token: &Token, text: &str, edits: &mut Vec<Edit>) {
    let Kind::Template(template) = &token.kind else { return };
    let last = template.texts.len() - 1;
    let mut start = token.at.start;
    for (index, part) in template.texts.iter().enumerate() {
        let before = if index == 0 { format!("{TEMPLATE_FUNCTION}([") } else { "},".to_owned() };
        let after = if index == last { "])" } else { ",{__part__|__part__:=" };
        let end = if index == last { token.at.end } else { part.end + 1 };
        edits.push(Edit::replace(
            start..end,
            format!("{before}{}{after}", literal(template, &text[part.clone()])),
        ));
        // The next piece begins at the `}` that ends the expression.
        start = template.texts.get(index + 1).map_or(end, |next| next.start - 1);
    }
    for inner in &template.inner {
        template_edits(inner, text, edits);
    }
}

/// A piece of a template as a Rego string.
fn literal(template: &Template, part: &str) -> String {
    let part = part.replace("\\{", "{");
    if template.raw { serde_json::Value::from(part).to_string() } else { format!("\"{part}\"") }
}

/// An `import` behind a rule goes where the package is named, on the same line, so that no line moves.
fn late_imports(tokens: &[Token], text: &str, edits: &mut Vec<Edit>) {
    let is = |token: &Token, word: &str| token.kind == Kind::Word && &text[token.at.clone()] == word;
    let statement = |start: usize| {
        let more = tokens[start + 1..].iter().take_while(|token| !token.first_of_line).count();
        start..start + 1 + more
    };
    let Some(package) = tokens.iter().position(|token| is(token, "package")) else { return };
    let package_end = tokens[statement(package).end - 1].at.end;
    let mut rules_began = false;
    let mut index = statement(package).end;
    while index < tokens.len() {
        let token = &tokens[index];
        if !(token.first_of_line && token.depth == 0 && is(token, "import")) {
            rules_began = true;
            index += 1;
            continue;
        }
        let range = statement(index);
        let place = token.at.start..tokens[range.end - 1].at.end;
        if rules_began {
            let moved = format!(" {}", &text[place.clone()]);
            edits.push(Edit { at: package_end..package_end, replacement: moved, shown_at: place.start });
            edits.push(Edit::blank(place, text));
        }
        index = range.end;
    }
}

/// `head { … } { … }` becomes `head { … } head { … }`, which means the same. The head stands on one line; what does not look like this is
/// left to the parser.
fn chained_bodies(tokens: &[Token], text: &str, edits: &mut Vec<Edit>) {
    let is = |token: &Token, symbol: &str| {
        token.kind == Kind::Symbol && token.depth == 0 && &text[token.at.clone()] == symbol
    };
    for pair in tokens.windows(2) {
        let [closing, opening] = pair else { continue };
        if !is(closing, "}") || !is(opening, "{") {
            continue;
        }
        let before = tokens.iter().rposition(|token| {
            token.at.start < closing.at.start
                && token.depth == 0
                && token.first_of_line
                && token.kind == Kind::Word
        });
        let Some(start) = before else { continue };
        let Some(length) = tokens[start..].iter().position(|token| is(token, "{")) else { continue };
        let words = &tokens[start..start + length];
        let is_new_style = |token: &Token| {
            token.kind == Kind::Word
                && matches!(&text[token.at.clone()], "if" | "contains" | "else" | "default")
        };
        if let (Some(first), Some(last)) = (words.first(), words.last())
            && !words.iter().any(is_new_style)
            && !matches!(&text[last.at.clone()], "=" | ":")
        {
            let head = &text[first.at.start..last.at.end];
            edits.push(Edit::replace(opening.at.start..opening.at.start, format!(" {head} ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::edits::Layer;
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Layer::new(edits(text), text).apply(text), expected);
    }

    #[test]
    fn templates_become_calls() {
        check(r#"$"a {x} b""#, r#"internal.template_string(["a ",{__part__|__part__:=x}," b"])"#);
        check(r#"$"\{x}""#, r#"internal.template_string(["{x}"])"#);
        check("$`a\\n{x}`", r#"internal.template_string(["a\\n",{__part__|__part__:=x},""])"#);
        check(
            r#"$"{$"{x}"}""#,
            r#"internal.template_string(["",{__part__|__part__:=internal.template_string(["",{__part__|__part__:=x},""])},""])"#,
        );
        check("\"$\\\"{x}\" # $\"{x}\"", "\"$\\\"{x}\" # $\"{x}\"");
    }

    #[test]
    fn a_second_body_gets_the_head_of_the_first() {
        check("p[x] { a } { b } {\n c }\n", "p[x] { a }  p[x] { b }  p[x] {\n c }\n");
        check("p[x] {\n a\n}\n{ b }\n", "p[x] {\n a\n}\n p[x] { b }\n");
        check("p := {1} {\n", "p := {1} {\n");
        check("p if { a }\nq if { b }\n", "p if { a }\nq if { b }\n");
    }

    #[test]
    fn a_late_import_moves_to_the_package() {
        check(
            "package a\nimport data.b\nx := 1\nimport data.c as d # why\ny := 2\n",
            "package a import data.c as d\nimport data.b\nx := 1\n                   # why\ny := 2\n",
        );
        check("package a\nimport data.b\nx := 1\n", "package a\nimport data.b\nx := 1\n");
    }
}
