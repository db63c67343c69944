//! `regex.globs_match`: is there a text that both patterns match? A pattern is made of characters, `.`, `[a-z]`, each with `*` or `+` behind it.

use std::collections::HashSet;

use regorus::Value;

use super::{Arguments, CallError};

pub(super) fn globs_match(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let (left, right) = (parse(arguments.text(0)?)?, parse(arguments.text(1)?)?);
    // Walks both patterns at once; a step is possible where they share a character.
    let mut open = vec![(0, 0)];
    let mut seen = HashSet::new();
    while let Some((at_left, at_right)) = open.pop() {
        if !seen.insert((at_left, at_right)) {
            continue;
        }
        match (left.get(at_left), right.get(at_right)) {
            (None, None) => return Ok(Value::from(true)),
            (one, other) => {
                if one.is_some_and(|step| step.repeats) {
                    open.push((at_left + 1, at_right));
                }
                if other.is_some_and(|step| step.repeats) {
                    open.push((at_left, at_right + 1));
                }
                if let (Some(one), Some(other)) = (one, other)
                    && one.shares_a_character(other)
                {
                    let next = |at: usize, step: &Step| if step.repeats { at } else { at + 1 };
                    open.push((next(at_left, one), next(at_right, other)));
                }
            }
        }
    }
    Ok(Value::from(false))
}

/// One character of certain ranges, or any number of them.
#[derive(Clone)]
struct Step {
    ranges: Vec<(char, char)>,
    repeats: bool,
}

impl Step {
    fn shares_a_character(&self, other: &Self) -> bool {
        self.ranges
            .iter()
            .any(|(from, to)| other.ranges.iter().any(|(start, end)| from <= end && start <= to))
    }
}

fn parse(pattern: &str) -> Result<Vec<Step>, CallError> {
    let wrong = |what: &str| CallError::Value(format!("`{pattern}` is no pattern: {what}"));
    let mut steps: Vec<Step> = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let ranges = match character {
            '.' => vec![('\0', char::MAX)],
            '\\' => {
                let escaped = characters.next().ok_or_else(|| wrong("it ends with `\\`"))?;
                vec![(escaped, escaped)]
            }
            '[' => class(&mut characters).ok_or_else(|| wrong("a `[` is not closed"))?,
            '*' | '+' => {
                let last = steps.last_mut().ok_or_else(|| wrong("nothing stands before `*` or `+`"))?;
                if character == '+' {
                    let again = Step { repeats: true, ..last.clone() };
                    steps.push(again);
                } else {
                    last.repeats = true;
                }
                continue;
            }
            plain => vec![(plain, plain)],
        };
        steps.push(Step { ranges, repeats: false });
    }
    Ok(steps)
}

/// The ranges up to `]`.
fn class(characters: &mut std::str::Chars<'_>) -> Option<Vec<(char, char)>> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    loop {
        let character = match characters.next()? {
            ']' => return Some(ranges),
            '\\' => characters.next()?,
            '-' if !ranges.is_empty() => {
                let end = characters.next()?;
                ranges.last_mut()?.1 = end;
                continue;
            }
            plain => plain,
        };
        ranges.push((character, character));
    }
}
