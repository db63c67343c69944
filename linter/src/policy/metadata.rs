//! The `# METADATA` comment of a rule's package: title, severity, what to do. regorus drops comments, so they are read here, with the keys
//! that OPA defines (<https://www.openpolicyagent.org/docs/policy-language#annotations>) and ours below `custom`.

use serde::Deserialize;

use super::annotations;
use crate::finding::Severity;
use crate::problem::Problem;

/// What a rule says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// One line, without a full stop.
    pub title: String,
    /// Why it matters.
    pub description: String,
    /// How much.
    pub severity: Severity,
    /// What to do about a finding.
    pub remediation: String,
    /// CWE, CIS … ids.
    pub references: Vec<String>,
    /// Ids of the rules of other tools that it covers.
    pub covers: Vec<String>,
    /// Former ids; each still selects the rule.
    pub aliases: Vec<String>,
    /// Pages to read on.
    pub related_resources: Vec<Reference>,
}

/// A page to read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its address.
    pub url: String,
    /// What it is.
    pub description: Option<String>,
}

/// Reads the METADATA of the package of the file `name`. `None`: the file has no such comment in front of its package.
///
/// # Errors
/// The comment is not YAML or does not have the keys of a rule's METADATA.
pub(super) fn parse(name: &str, text: &str) -> Result<Option<Metadata>, Box<Problem>> {
    let Some(block) = package_block(text) else { return Ok(None) };
    let raw: RawMetadata =
        yaml_serde::from_str(&block.yaml).map_err(|error| Box::new(block.problem(name, text, &error)))?;
    let missing = |key: &str, example: &str| {
        let problem = Problem::new(format!("the METADATA has no `{key}`"), name, text, block.marker.clone());
        Box::new(problem.with_help(format!("add it, for example: {example}")))
    };
    if !matches!(raw.scope.as_deref(), None | Some("package" | "subpackages")) {
        let problem =
            Problem::new("the METADATA before `package` has another scope", name, text, block.marker.clone());
        return Err(Box::new(problem.with_help("leave out `scope`, or write `# scope: package`")));
    }
    let custom = raw.custom.unwrap_or_default();
    let title = raw.title.filter(|title| !title.trim().is_empty());
    Ok(Some(Metadata {
        title: title.ok_or_else(|| missing("title", "`# title: Any principal may read a secret`"))?,
        description: raw.description.unwrap_or_default().trim().to_owned(),
        severity: custom
            .severity
            .ok_or_else(|| missing("custom.severity", "`# custom:` and below it `#   severity: high`"))?,
        remediation: custom.remediation.unwrap_or_default().trim().to_owned(),
        references: custom.references,
        covers: custom.covers,
        aliases: custom.aliases,
        related_resources: raw.related_resources.into_iter().map(Reference::from).collect(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMetadata {
    scope: Option<String>,
    title: Option<String>,
    description: Option<String>,
    #[serde(default)]
    related_resources: Vec<RawReference>,
    custom: Option<RawCustom>,
    // Known to OPA, of no use to the linter; named so that a misspelt key is told from them.
    #[serde(rename = "authors")]
    _authors: Option<serde::de::IgnoredAny>,
    #[serde(rename = "organizations")]
    _organizations: Option<serde::de::IgnoredAny>,
    #[serde(rename = "schemas")]
    _schemas: Option<serde::de::IgnoredAny>,
    #[serde(rename = "entrypoint")]
    _entrypoint: Option<serde::de::IgnoredAny>,
    #[serde(rename = "compile")]
    _compile: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawReference {
    Url(String),
    Described {
        #[serde(rename = "ref")]
        url: String,
        description: Option<String>,
    },
}

impl From<RawReference> for Reference {
    fn from(raw: RawReference) -> Self {
        match raw {
            RawReference::Url(url) => Self { url, description: None },
            RawReference::Described { url, description } => Self { url, description },
        }
    }
}

// `custom` is free for a policy's author, so unknown keys are allowed here.
#[derive(Default, Deserialize)]
struct RawCustom {
    severity: Option<Severity>,
    remediation: Option<String>,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    covers: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
}

/// A METADATA comment: its YAML, and how places in the YAML map to places in the file.
struct Block {
    /// The comment without its `#` signs, line by line.
    yaml: String,
    /// Where the `# METADATA` line stands.
    marker: std::ops::Range<usize>,
    /// Where in the file each line of `yaml` begins.
    line_starts: Vec<usize>,
}

impl Block {
    fn problem(&self, name: &str, text: &str, error: &yaml_serde::Error) -> Problem {
        let (message, place) = annotations::explain(error, text, &self.line_starts);
        let span = place.unwrap_or_else(|| self.marker.clone());
        Problem::new(format!("the METADATA is wrong: {message}"), name, text, span)
    }
}

/// The METADATA of a rule's package as it stands there, for the check against its schema.
pub(super) struct Annotations {
    /// The YAML as JSON.
    pub(super) value: serde_json::Value,
    block: Block,
}

impl Annotations {
    /// The METADATA in front of the package of a file with contents `text`; none if there is none or it is no YAML.
    pub(super) fn of(text: &str) -> Option<Self> {
        let block = package_block(text)?;
        let value = yaml_serde::from_str(&block.yaml).ok()?;
        Some(Self { value, block })
    }

    /// Bytes of the file where the value at `path` (`/custom/references/0`) stands: the line of its key, or that of the last key on the way that is
    /// written out.
    pub(super) fn place(&self, path: &str) -> std::ops::Range<usize> {
        let lines: Vec<&str> = self.block.yaml.lines().collect();
        let mut at = None;
        for key in path.split('/').filter(|key| !key.is_empty()) {
            let from = at.map_or(0, |line| line + 1);
            let found = lines.iter().skip(from).position(|line| {
                line.trim_start()
                    .trim_start_matches("- ")
                    .strip_prefix(key)
                    .is_some_and(|rest| rest.starts_with(':'))
            });
            at = found.map(|line| line + from).or(at);
        }
        match at {
            Some(line) => {
                let text = lines[line];
                let indent = text.len() - text.trim_start().len();
                let start = self.block.line_starts[line];
                start + indent..start + text.trim_end().len()
            }
            None => self.block.marker.clone(),
        }
    }
}

/// The last METADATA block in front of `package`.
fn package_block(text: &str) -> Option<Block> {
    let mut offset = 0;
    let mut current: Option<Block> = None;
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let content = line.trim_end();
        if content.starts_with("package ") || content.starts_with("package\t") {
            return current;
        }
        match content.strip_prefix('#') {
            Some(comment) if comment.trim() == "METADATA" => {
                current = Some(Block {
                    yaml: String::new(),
                    marker: start..start + content.len(),
                    line_starts: Vec::new(),
                });
                inside = true;
            }
            Some(comment) if inside => {
                if let Some(block) = &mut current {
                    block.yaml.push_str(comment);
                    block.yaml.push('\n');
                    block.line_starts.push(start + 1);
                }
            }
            _ => inside = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# METADATA\n# title: A title\n# description: |\n#   Two\n#   lines\n# related_resources:\n# - https://a.example\n\
        # - ref: https://b.example\n#   description: B\n# custom:\n#   severity: high\n#   covers: [CKV_1]\npackage a.b\n";

    #[test]
    fn the_block_before_the_package_is_read() {
        let metadata = parse("a.rego", GOOD).unwrap().unwrap();
        assert_eq!(metadata.title, "A title");
        assert_eq!(metadata.description, "Two\nlines");
        assert_eq!(metadata.severity, Severity::High);
        assert_eq!(metadata.covers, ["CKV_1"]);
        assert_eq!(metadata.related_resources.len(), 2);
    }

    #[test]
    fn a_file_without_the_comment_has_none() {
        assert_eq!(parse("a.rego", "package a\n").unwrap(), None);
        assert_eq!(parse("a.rego", "# a comment\n\npackage a\n").unwrap(), None);
    }

    #[test]
    fn a_block_of_a_rule_below_is_not_the_package_s() {
        assert_eq!(parse("a.rego", "package a\n\n# METADATA\n# title: x\nallow := true\n").unwrap(), None);
    }

    fn problem(text: &str) -> (String, String) {
        let problem = parse("a.rego", text).unwrap_err();
        (problem.to_string(), text[problem.span.clone()].to_owned())
    }

    #[test]
    fn problems_point_to_their_line() {
        let (message, place) = problem("# METADATA\n# title: x\n# custom:\n#   severity: hihg\npackage a\n");
        assert!(message.contains("unknown variant `hihg`"), "{message}");
        assert_eq!(place, "hihg");
        let (message, place) = problem("\n# METADATA\n# titel: x\npackage a\n");
        assert!(message.contains("unknown field `titel`"), "{message}");
        assert_eq!(place, "titel: x");
        let (message, place) = problem("# METADATA\n# title: x\npackage a\n");
        assert_eq!(message, "the METADATA has no `custom.severity`");
        assert_eq!(place, "# METADATA");
        let (message, _) = problem("# METADATA\n# title: [x\npackage a\n");
        assert!(message.starts_with("the METADATA is wrong"), "{message}");
    }
}
