//! Reads what a comment tells the linter: `secretlint:ignore RULE[,RULE] until=2027-01-31 reason="…" [owner="…"]`. Whatever begins like one and
//! is none is an error, because somebody believes that it is one.

use jiff::civil::Date;

use super::term::parse_date;

/// A comment that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Ids, aliases or globs of rules; at least one.
    pub rules: Vec<String>,
    /// The last day on which it holds.
    pub until: Date,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// A comment that was not understood. It quotes no more of the file than a word that should be a keyword or the id of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Malformed {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: format!("write `# {EXAMPLE}`") }
    }
}

const EXAMPLE: &str = "secretlint:ignore value.literal until=2027-01-31 reason=\"moved to the store in Q1\"";
const SETTINGS: [&str; 3] = ["until", "reason", "owner"];

impl Directive {
    /// Reads the text of a comment behind `secretlint:`.
    ///
    /// # Errors
    /// It is not as described above.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if word != "ignore" {
            return Err(Malformed::new("only `ignore` may follow `secretlint:`"));
        }
        let (rules, settings) = rules(rest)?;
        let (mut until, mut reason, mut owner) = (None, None, None);
        for (name, value) in settings_of(settings)? {
            let slot = match name {
                "until" => &mut until,
                "reason" => &mut reason,
                "owner" => &mut owner,
                _ => return Err(unknown(name)),
            };
            if slot.replace(value).is_some() {
                return Err(Malformed::new(format!("`{name}` is given twice")));
            }
        }
        let until = until.ok_or_else(|| Malformed::new("there is no `until`: an ignore needs an end"))?;
        let until =
            parse_date(&until).ok_or_else(|| Malformed::new("`until` is a date, written `2027-01-31`"))?;
        let reason =
            reason.ok_or_else(|| Malformed::new("there is no `reason`: somebody will want to know why"))?;
        if reason.trim().is_empty() {
            return Err(Malformed::new("`reason` is empty: somebody will want to know why"));
        }
        Ok(Self { rules, until, reason, owner: owner.filter(|owner| !owner.trim().is_empty()) })
    }
}

/// The ids before the first setting, which may be separated by commas with spaces.
fn rules(text: &str) -> Result<(Vec<String>, &str), Malformed> {
    let mut rules = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let length = rest.find(|next: char| next == ',' || next.is_whitespace()).unwrap_or(rest.len());
        let (rule, after) = rest.split_at(length);
        if rule.is_empty() || rule.contains('=') {
            return Err(Malformed::new("there is no rule to ignore"));
        }
        if rule.contains('"') {
            return Err(Malformed::new("the id of a rule stands without quotes"));
        }
        rules.push(rule.to_owned());
        match after.trim_start().strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return Ok((rules, after.trim_start())),
        }
    }
}

/// `name=value` and `name="value"`, with `\"` and `\\` in quotes.
fn settings_of(text: &str) -> Result<Vec<(&str, String)>, Malformed> {
    let mut settings = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once('=') else {
            return Err(Malformed::new(
                "behind the rules only `until=…`, `reason=\"…\"` and `owner=\"…\"` may stand",
            ));
        };
        let name = name.trim();
        if name.contains(char::is_whitespace) || !name.chars().all(char::is_alphanumeric) {
            return Err(Malformed::new(
                "behind the rules only `until=…`, `reason=\"…\"` and `owner=\"…\"` may stand",
            )
            .with_comma_advice(name));
        }
        let after = after.trim_start();
        let (value, remaining) = match after.strip_prefix('"') {
            Some(quoted) => quoted_value(name, quoted)?,
            None => {
                let length = after.find(char::is_whitespace).unwrap_or(after.len());
                (after[..length].to_owned(), &after[length..])
            }
        };
        settings.push((name, value));
        rest = remaining.trim_start();
    }
    Ok(settings)
}

impl Malformed {
    /// Two rules without a comma look like a rule and a setting without a value.
    fn with_comma_advice(mut self, words: &str) -> Self {
        if words.contains('.') {
            self.help =
                "separate rules by commas: `secretlint:ignore value.literal,value.in_output until=…`".into();
        }
        self
    }
}

fn quoted_value<'text>(name: &str, text: &'text str) -> Result<(String, &'text str), Malformed> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    Err(Malformed::new(format!("the text of `{name}` has no closing quote")))
}

fn unknown(name: &str) -> Malformed {
    let near = SETTINGS.into_iter().find(|known| strsim::damerau_levenshtein(known, name) <= 2);
    match near {
        Some(known) => Malformed {
            message: format!("there is no setting `{name}`"),
            help: format!("did you mean `{known}`?"),
        },
        None => Malformed::new("there is a setting that is none of `until`, `reason` and `owner`"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_directive_is_read() {
        let directive = Directive::parse(
            " ignore value.literal, grant.* until=2027-01-31 reason=\"the \\\"old\\\" one = gone in Q1\" owner=team-orders ",
        );
        assert_eq!(
            directive,
            Ok(Directive {
                rules: vec!["value.literal".into(), "grant.*".into()],
                until: date(2027, 1, 31),
                reason: "the \"old\" one = gone in Q1".into(),
                owner: Some("team-orders".into()),
            })
        );
        let directive = Directive::parse("ignore a.b\n  reason=\"x\"\n until=\"2027-01-31\"\n").unwrap();
        assert_eq!((directive.rules, directive.owner), (vec!["a.b".to_owned()], None));
    }

    #[track_caller]
    fn check(text: &str, message: &str) {
        assert_eq!(
            Directive::parse(text).map_err(|malformed| malformed.message),
            Err(message.to_owned()),
            "{text}"
        );
    }

    #[test]
    fn what_begins_like_a_directive_and_is_none_is_an_error() {
        check("", "only `ignore` may follow `secretlint:`");
        check("ingore a.b until=2027-01-31 reason=x", "only `ignore` may follow `secretlint:`");
        check("ignore", "there is no rule to ignore");
        check("ignore until=2027-01-31 reason=x", "there is no rule to ignore");
        check("ignore a.b, until=2027-01-31 reason=x", "there is no rule to ignore");
        check("ignore \"a.b\" until=2027-01-31 reason=x", "the id of a rule stands without quotes");
        check("ignore a.b reason=x", "there is no `until`: an ignore needs an end");
        check("ignore a.b until=2027-02-30 reason=x", "`until` is a date, written `2027-01-31`");
        check("ignore a.b until=never reason=x", "`until` is a date, written `2027-01-31`");
        check("ignore a.b until=2027-01-31", "there is no `reason`: somebody will want to know why");
        check(
            "ignore a.b until=2027-01-31 reason=\" \"",
            "`reason` is empty: somebody will want to know why",
        );
        check("ignore a.b until=2027-01-31 reason=\"x", "the text of `reason` has no closing quote");
        check("ignore a.b until=2027-01-31 until=2027-01-31 reason=x", "`until` is given twice");
        check("ignore a.b untill=2027-01-31 reason=x", "there is no setting `untill`");
        check(
            "ignore a.b until=2027-01-31 reason=x because",
            "behind the rules only `until=…`, `reason=\"…\"` and `owner=\"…\"` may stand",
        );
        check(
            "ignore a.b c.d until=2027-01-31 reason=x",
            "behind the rules only `until=…`, `reason=\"…\"` and `owner=\"…\"` may stand",
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(ignore )?[a-z.,=\"\\\\ ä\n]{0,40}") {
            let _parsed: Result<Directive, Malformed> = Directive::parse(&text);
        }
    }
}
