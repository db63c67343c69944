//! Which addresses and attributes a waiver is for. `*` stands for any text, as in `--rule`, but what stands between brackets is an instance key
//! and is meant literally: `main["a*"]` is the instance `a*`. `[*]` is any one instance.

use regex::Regex;

/// An address with `*` and `[*]` in it: `module.legacy[*].aws_db_instance.*`.
#[derive(Debug, Clone)]
pub struct AddressPattern {
    text: String,
    regex: Regex,
}

/// A path with `*` and `[*]` in it: `policy.Statement[*].Principal`. It is for the attribute and for what is inside of it.
#[derive(Debug, Clone)]
pub struct PathPattern(Regex);

/// The text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing is written.
    #[error("it is empty")]
    Empty,
    /// A `[` without its `]`.
    #[error("a `[` is not closed")]
    Unclosed,
    /// Between the brackets is none of the three things that may be there.
    #[error("an instance is `[0]`, `[\"key\"]` or, for any, `[*]`")]
    Key,
    /// It has more parts than a pattern may.
    #[error("it is too long")]
    TooLong,
}

impl AddressPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is empty, or a bracket holds something else than a key.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let regex = compile(&translate(text)?)?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pattern is for `address`.
    #[must_use]
    pub fn matches(&self, address: &str) -> bool {
        self.regex.is_match(address)
    }

    /// The pattern would be for `address` if it said which instances it is for.
    #[must_use]
    pub fn lacks_instances(&self, address: &str) -> bool {
        !self.matches(address) && self.matches(&crate::plan::without_keys(address))
    }
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is empty, or a bracket holds something else than a key.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Ok(Self(compile(&format!(r"{}(?:[.\[].*)?", translate(text)?))?))
    }

    /// The pattern is for the attribute at `path`, written as [`crate::finding::display_path`] writes it.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// A number, or a string in quotes as Terraform writes it.
const ANY_KEY: &str = r#"\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]"#;

fn compile(pattern: &str) -> Result<Regex, PatternError> {
    // Every part comes from `translate`, so the only error left is the limit on size.
    Regex::new(&format!("(?s)^(?:{pattern})$")).map_err(|_| PatternError::TooLong)
}

fn translate(text: &str) -> Result<String, PatternError> {
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    let mut pattern = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '*' => {
                pattern.push_str(".*");
                1
            }
            '[' => {
                let length = key_length(rest)?;
                match &rest[1..length - 1] {
                    "*" => pattern.push_str(ANY_KEY),
                    key if is_key(key) => pattern.push_str(&regex::escape(&rest[..length])),
                    _ => return Err(PatternError::Key),
                }
                length
            }
            other => {
                pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4])));
                other.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    Ok(pattern)
}

fn is_key(text: &str) -> bool {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number || serde_json::from_str::<String>(text).is_ok()
}

/// Length of the key at the beginning of `text`, with its brackets.
fn key_length(text: &str) -> Result<usize, PatternError> {
    let (mut quoted, mut escaped) = (false, false);
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Ok(offset + 1),
            _ => {}
        }
    }
    Err(PatternError::Unclosed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, matched: &[&str], others: &[&str]) {
        let parsed = AddressPattern::parse(pattern).unwrap();
        for address in matched {
            assert!(parsed.matches(address), "`{pattern}` is not for {address}");
        }
        for address in others {
            assert!(!parsed.matches(address), "`{pattern}` is for {address}");
        }
    }

    #[test]
    fn a_star_is_any_text() {
        check(
            "aws_db_instance.*",
            &["aws_db_instance.a", "aws_db_instance.a[0]"],
            &["aws_db_instances.a", "module.m.aws_db_instance.a"],
        );
        check(
            "module.legacy.*",
            &["module.legacy.a.b", "module.legacy.module.x[0].a.b[\"c\"]"],
            &["module.legacy[0].a.b"],
        );
        check("*", &["a.b", "module.x.a.b"], &[]);
        check("*.main", &["a.main", "module.x.a.main"], &["a.main[0]"]);
    }

    #[test]
    fn what_is_no_star_is_meant_literally() {
        check("a.b", &["a.b"], &["aXb", "a.b[0]", "a.bc", "xa.b"]);
        check("a.b+", &["a.b+"], &["a.bb"]);
    }

    #[test]
    fn a_key_is_exact() {
        check(r#"a.b["c"]"#, &[r#"a.b["c"]"#], &["a.b", "a.b[0]", r#"a.b["cd"]"#]);
        check(r#"a.b["c*"]"#, &[r#"a.b["c*"]"#], &[r#"a.b["cd"]"#]);
        check(r#"a.b["x]\".y"]"#, &[r#"a.b["x]\".y"]"#], &[]);
        check("a.b[0]", &["a.b[0]"], &["a.b[1]", "a.b[00]"]);
    }

    #[test]
    fn a_star_between_brackets_is_one_instance() {
        check("a.b[*]", &["a.b[0]", r#"a.b["c"]"#, r#"a.b["x].y\"["]"#], &["a.b", r#"a.b["c"].d["e"]"#]);
        check("module.m[*].a.b", &["module.m[3].a.b"], &[r#"module.m[3].module.n["x"].a.b"#, "module.m.a.b"]);
    }

    #[test]
    fn what_is_no_pattern_is_an_error() {
        for (text, error) in [
            ("", PatternError::Empty),
            ("a.b[", PatternError::Unclosed),
            ("a.b[\"]", PatternError::Unclosed),
            ("a.b[]", PatternError::Key),
            ("a.b[c]", PatternError::Key),
            ("a.b['c']", PatternError::Key),
        ] {
            assert_eq!(AddressPattern::parse(text).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn a_missing_instance_is_recognised() {
        let pattern = AddressPattern::parse("a.b").unwrap();
        assert!(pattern.lacks_instances("a.b[0]"));
        assert!(!pattern.lacks_instances("a.b"));
        assert!(!pattern.lacks_instances("a.c[0]"));
    }

    #[test]
    fn a_path_is_for_what_is_inside_too() {
        let pattern = PathPattern::parse("policy").unwrap();
        assert!(
            pattern.matches("policy")
                && pattern.matches("policy.Statement[0]")
                && pattern.matches("policy[0]")
        );
        assert!(!pattern.matches("policy_document") && !pattern.matches("") && !pattern.matches("a.policy"));
        let pattern = PathPattern::parse("env[*].value").unwrap();
        assert!(pattern.matches("env[1].value") && !pattern.matches("env[1].name"));
    }

    proptest::proptest! {
        #[test]
        fn an_address_without_a_star_is_a_pattern_for_itself_only(name in "[a-z_]{1,8}", key in "[^*\\p{C}]{0,8}", other in "[a-z]{1,3}") {
            let address = format!("module.{name}.x.y[{}]", serde_json::Value::from(key));
            let pattern = AddressPattern::parse(&address).unwrap();
            proptest::prop_assert!(pattern.matches(&address));
            let longer = format!("{address}{other}");
            proptest::prop_assert!(!pattern.matches(&longer));
        }
    }
}
