//! What a change of policies alters, for a person, for a program, and for a comment on a pull request.

use serde::Serialize;

use super::human::counted;
use crate::comparison::{Change, Comparison, Said, Tally};

/// A comment on GitHub may have 65,536 characters, one on GitLab a million; this leaves room for what a workflow puts around it.
const COMMENT_CHARACTERS: usize = 60_000;

/// For a person.
#[must_use]
pub fn human(comparison: &Comparison, revision: &str) -> String {
    let mut text = String::new();
    for (rule, changes) in &comparison.rules {
        text.push_str(&format!("{rule}: {}\n", words(Tally::of(changes))));
        for change in changes {
            let (sign, said) = line(change);
            let path = if change.path.is_empty() { String::new() } else { format!(" {}", change.path) };
            text.push_str(&format!(
                "  {sign} {}: {}{path}\n      {said}\n",
                change.plan.display(),
                change.address
            ));
        }
        text.push('\n');
    }
    for (word, rules) in [("new rule", &comparison.rules_added), ("rule removed", &comparison.rules_removed)]
    {
        for rule in rules {
            text.push_str(&format!("{word}: {rule}\n"));
        }
    }
    text.push_str(&format!(
        "{revision} → working tree, {}: {}\n",
        counted(comparison.plans, "plan"),
        total(comparison)
    ));
    text
}

fn total(comparison: &Comparison) -> String {
    if comparison.rules.is_empty() {
        return "no finding changes".to_owned();
    }
    let tally = Tally::of(comparison.rules.values().flatten());
    format!("{} in {}", words(tally), counted(comparison.rules.len(), "rule"))
}

fn words(tally: Tally) -> String {
    let parts = [(tally.added, "added"), (tally.removed, "removed"), (tally.changed, "changed")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    parts.join(", ")
}

/// The sign of a change, and what is said.
fn line(change: &Change) -> (char, String) {
    let full = |said: &Said| format!("{}{}", label(said), said.message);
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.message == after.message => {
            ('~', format!("{}→ {}{}", label(before).replace(": ", " "), label(after), after.message))
        }
        (Some(before), Some(after)) => ('~', format!("{} → {}", full(before), full(after))),
        (Some(before), None) => ('-', full(before)),
        (None, Some(after)) => ('+', full(after)),
        (None, None) => ('~', String::new()),
    }
}

fn label(said: &Said) -> String {
    match said.certainty {
        crate::finding::Certainty::Violation => format!("{}: ", said.severity),
        crate::finding::Certainty::Undetermined => format!("{}, undetermined: ", said.severity),
    }
}

/// For a program.
///
/// # Errors
/// None that is known; the caller shows what serde says.
pub fn json(comparison: &Comparison, revision: &str, commit: &str) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema_version: &'static str,
        revision: &'a str,
        commit: &'a str,
        #[serde(flatten)]
        comparison: &'a Comparison,
        findings: Tally,
    }
    let findings = Tally::of(comparison.rules.values().flatten());
    let document = Document { schema_version: "1", revision, commit, comparison, findings };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

/// For a comment on a pull request: a table of the rules, each with its findings folded, cut before it is too long for a comment.
#[must_use]
pub fn markdown(comparison: &Comparison, revision: &str) -> String {
    let mut text = format!(
        "### What this change of policies alters\n\n`{}` → working tree on {}: **{}**\n",
        code(revision),
        counted(comparison.plans, "recorded plan"),
        total(comparison)
    );
    for (word, rules) in
        [("New rules", &comparison.rules_added), ("Rules removed", &comparison.rules_removed)]
    {
        if !rules.is_empty() {
            let names: Vec<String> = rules.iter().map(|rule| format!("`{rule}`")).collect();
            text.push_str(&format!("\n{word}: {}\n", names.join(", ")));
        }
    }
    if comparison.rules.is_empty() {
        return text;
    }
    text.push_str("\n| Rule | Added | Removed | Changed |\n|---|---:|---:|---:|\n");
    for (rule, changes) in &comparison.rules {
        let tally = Tally::of(changes);
        text.push_str(&format!("| `{rule}` | {} | {} | {} |\n", tally.added, tally.removed, tally.changed));
    }
    let mut left_out = 0;
    for (rule, changes) in &comparison.rules {
        let open =
            format!("\n<details><summary><code>{rule}</code>: {}</summary>\n\n", words(Tally::of(changes)));
        let mut lines = String::new();
        for change in changes {
            let line = markdown_line(change);
            if text.len() + open.len() + lines.len() + line.len() > COMMENT_CHARACTERS {
                left_out += 1;
            } else {
                lines.push_str(&line);
            }
        }
        if !lines.is_empty() {
            text.push_str(&format!("{open}{lines}\n</details>\n"));
        }
    }
    if left_out > 0 {
        text.push_str(&format!(
            "\n{} more: run `secretlint diff {}`.\n",
            counted(left_out, "finding"),
            code(revision)
        ));
    }
    text
}

fn markdown_line(change: &Change) -> String {
    let (sign, said) = line(change);
    let word = match sign {
        '+' => "added",
        '-' => "removed",
        _ => "changed",
    };
    let place = if change.path.is_empty() {
        change.address.clone()
    } else {
        format!("{} {}", change.address, change.path)
    };
    format!(
        "- **{word}** `{}` in `{}`: {}\n",
        code(&place),
        code(&change.plan.display().to_string()),
        escaped(&said)
    )
}

/// Text inside of backticks.
fn code(text: &str) -> String {
    text.replace(['`', '\n'], "'")
}

/// Text that must not become markup: an address may hold a key that somebody chose.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' => escaped.push(' '),
            '[' | ']' | '*' | '_' | '\\' | '|' | '#' | '@' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}
