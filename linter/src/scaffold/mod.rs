//! The files of a new rule: a small rule that works, its tests, its examples. Somebody who writes a rule changes one thing at a time from a
//! state in which everything passes.

use std::path::{Path, PathBuf};

const RULE: &str = include_str!("templates/rule.rego");
const TEST: &str = include_str!("templates/rule_test.rego");
const SAMPLE: &str = include_str!("templates/sample.rego");
const BAD: &str = include_str!("templates/bad.tf");
const GOOD: &str = include_str!("templates/good.tf");

/// Words that Rego keeps for itself.
const KEYWORDS: [&str; 15] = [
    "as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "not", "null",
    "package", "some", "true",
];

/// The id of a rule that is to be written: two or more words with dots between them, such as `grant.too_broad`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule(Vec<String>);

/// The text is no id for a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{id}` cannot be the id of a rule: {reason}")]
pub struct BadRuleId {
    id: String,
    reason: String,
}

impl std::str::FromStr for NewRule {
    type Err = BadRuleId;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        let bad = |reason: String| BadRuleId { id: id.to_owned(), reason };
        let words: Vec<String> = id.split('.').map(str::to_owned).collect();
        for word in &words {
            let is_identifier = word.starts_with(|first: char| first.is_ascii_lowercase())
                && word.chars().all(|character| {
                    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
                });
            if !is_identifier {
                return Err(bad("write it in lower case, as in `grant.too_broad`".into()));
            }
            if KEYWORDS.contains(&word.as_str()) || matches!(word.as_str(), "with" | "input") {
                return Err(bad(format!("`{word}` is a word of Rego")));
            }
        }
        match words.as_slice() {
            [_] => Err(bad("it has a topic and a name, as in `grant.too_broad`".into())),
            [first, ..] if matches!(first.as_str(), "lib" | "linter" | "secretlint") => {
                Err(bad(format!("`{first}` is taken by secretlint itself")))
            }
            [.., last] if last.ends_with("_test") => {
                Err(bad("a name that ends in `_test` is a test's".into()))
            }
            _ => Ok(Self(words)),
        }
    }
}

impl NewRule {
    /// The id.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.join(".")
    }

    fn folder(&self) -> PathBuf {
        self.0.iter().collect()
    }

    fn name(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }
}

/// Where the files of a rule go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// The repository of secretlint, whose root this is: rule, test and examples.
    Repository(PathBuf),
    /// A folder of somebody's own policies: rule and test.
    Own(PathBuf),
}

impl Layout {
    /// The repository of secretlint, if `folder` is its root.
    #[must_use]
    pub fn repository(folder: &Path) -> Option<Self> {
        let is_root =
            folder.join("policies/lib/result.rego").is_file() && folder.join("examples/rules").is_dir();
        is_root.then(|| Self::Repository(folder.to_owned()))
    }
}

/// The files of `rule`, by path.
#[must_use]
pub fn files(rule: &NewRule, layout: &Layout) -> Vec<(PathBuf, String)> {
    let folder = rule.folder();
    let (root, package) = match layout {
        Layout::Repository(root) => (root.join("policies"), format!("secretlint.{}", rule.id())),
        Layout::Own(root) => (root.clone(), rule.id()),
    };
    let (samples_import, sample, suffix) = match layout {
        Layout::Repository(_) => {
            ("import data.secretlint.lib.samples_test as samples\n", "samples.secret(changes)", "")
        }
        Layout::Own(_) => ("", "_secret(changes)", SAMPLE),
    };
    let fill = |template: &str| {
        [
            ("{{id}}", rule.id().as_str()),
            ("{{package}}", package.as_str()),
            ("{{rule}}", rule.name()),
            ("{{samples_import}}", samples_import),
            ("{{sample}}", sample),
        ]
        .into_iter()
        .fold(template.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
    };
    let mut files = vec![
        (root.join(&folder).with_extension("rego"), fill(RULE)),
        (root.join(&folder).with_file_name(format!("{}_test.rego", rule.name())), fill(TEST) + suffix),
    ];
    if let Layout::Repository(root) = layout {
        let examples = root.join("examples/rules").join(&folder);
        files.push((examples.join("bad/main.tf"), BAD.to_owned()));
        files.push((examples.join("good/main.tf"), GOOD.to_owned()));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(id: &str, reason: &str) {
        let error = id.parse::<NewRule>().unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn an_id_that_would_not_work_is_refused() {
        refuses("grant", "it has a topic and a name");
        refuses("Grant.x", "lower case");
        refuses("grant..x", "lower case");
        refuses("grant.too-broad", "lower case");
        refuses("../grant.x", "lower case");
        refuses("grant.default", "is a word of Rego");
        refuses("lib.x", "is taken by secretlint");
        refuses("grant.x_test", "is a test's");
        assert_eq!("acme.naming.owner".parse::<NewRule>().unwrap().id(), "acme.naming.owner");
    }

    #[test]
    fn no_placeholder_is_left() {
        let rule: NewRule = "grant.too_broad".parse().unwrap();
        for layout in [Layout::Repository("r".into()), Layout::Own("o".into())] {
            for (path, text) in files(&rule, &layout) {
                assert!(!text.contains("{{"), "{}", path.display());
            }
        }
    }
}
