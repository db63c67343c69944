//! The rules' pages. A page and the text of `secretlint explain` are made from the rule's METADATA and its examples, and from nothing else:
//! whoever changes a rule changes its page. `secretlint docs docs` writes them; a test compares.

mod covers;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use crate::policy::{Metadata, Rule};

/// An example that a page shows cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the example `{}`", path.display())]
pub struct DocsError {
    path: PathBuf,
    source: io::Error,
}

impl Diagnostic for DocsError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(
            "every rule has a bad and a good example: `<examples>/<topic>/<rule>/{bad,good}/main.tf`, or the same in the folder of a platform",
        ))
    }
}

/// The index and the page of every rule, by path below `docs`: `rules.md`, `rules/<topic>/<rule>.md`.
///
/// # Errors
/// An example cannot be read.
pub fn rules(rules: &[Rule], examples: &Path) -> Result<BTreeMap<PathBuf, String>, DocsError> {
    let mut pages = BTreeMap::new();
    let mut shown = Vec::with_capacity(rules.len());
    for rule in rules {
        let folder = rule.id.as_folder();
        let examples = examples_in(&examples.join(&folder))?;
        pages.insert(PathBuf::from(format!("rules/{folder}.md")), page(rule, &examples));
        shown.push((rule, platforms(&examples)));
    }
    pages.insert(PathBuf::from("rules.md"), index(&shown) + &covers::section(rules));
    Ok(pages)
}

/// What a page shows of one platform: a configuration that the rule reports, and the same job done well.
struct Example {
    /// Where the configurations are about one platform only, its name.
    platform: Option<&'static str>,
    bad: String,
    good: String,
}

/// Folders of platforms in that of a rule, as pages call them.
const PLATFORMS: [(&str, &str); 8] = [
    ("aws", "AWS"),
    ("google", "Google Cloud"),
    ("azure", "Azure"),
    ("vault", "Vault and OpenBao"),
    ("kubernetes", "Kubernetes"),
    ("saas", "CI systems and services"),
    ("core", "Terraform itself"),
    ("secret", "This provider"),
];

/// Providers by which a configuration of several platforms says which those are.
const PROVIDERS: [(&str, &str); 9] = [
    ("\"hashicorp/aws\"", "aws"),
    ("\"hashicorp/google", "google"),
    ("\"hashicorp/azuread\"", "azure"),
    ("\"hashicorp/azurerm\"", "azure"),
    ("\"hashicorp/vault\"", "vault"),
    ("\"hashicorp/helm\"", "kubernetes"),
    ("\"hashicorp/kubernetes\"", "kubernetes"),
    ("\"integrations/github\"", "saas"),
    ("\"secretlint/secret\"", "secret"),
];

/// The platforms that examples show the rule on, as pages call them.
fn platforms(examples: &[Example]) -> Vec<&'static str> {
    let is_shown = |(folder, name): &(&'static str, &'static str)| {
        examples.iter().any(|example| match example.platform {
            Some(platform) => platform == *name,
            None => PROVIDERS
                .iter()
                .any(|(provider, platform)| platform == folder && example.bad.contains(provider)),
        })
    };
    PLATFORMS.into_iter().filter(is_shown).map(|(_, name)| name).collect()
}

/// The examples in the folder of a rule: its own, then those of the platforms.
fn examples_in(folder: &Path) -> Result<Vec<Example>, DocsError> {
    let read = |path: PathBuf| fs::read_to_string(&path).map_err(|source| DocsError { path, source });
    let example = |platform: Option<&'static str>, folder: &Path| {
        Ok(Example {
            platform,
            bad: read(folder.join("bad").join("main.tf"))?,
            good: read(folder.join("good").join("main.tf"))?,
        })
    };
    let mut found = Vec::new();
    for (name, platform) in PLATFORMS {
        let folder = folder.join(name);
        if folder.is_dir() {
            found.push(example(Some(platform), &folder)?);
        }
    }
    if found.is_empty() || folder.join("bad").is_dir() {
        found.insert(0, example(None, folder)?);
    }
    Ok(found)
}

/// What `secretlint explain` prints.
#[must_use]
pub fn explanation(rule: &Rule) -> String {
    let metadata = &rule.metadata;
    let mut text = format!("{} ({})\n{}\n", rule.id, rule.severity, metadata.title);
    for (heading, body) in [("Why", &metadata.description), ("What to do", &metadata.remediation)] {
        if !body.is_empty() {
            text.push_str(&format!("\n{heading}:\n{}\n", wrap(body, 100, "  ")));
        }
    }
    for (heading, list) in [
        ("References", &metadata.references),
        ("Covers", &metadata.covers),
        ("Former ids", &metadata.aliases),
    ] {
        if !list.is_empty() {
            text.push_str(&format!("\n{heading}: {}\n", list.join(", ")));
        }
    }
    if !metadata.related_resources.is_empty() {
        text.push_str("\nRead on:\n");
        for reference in &metadata.related_resources {
            text.push_str(&format!("  {}\n", reference.url));
        }
    }
    text.push_str(&format!("\nDefined in {}:{}\n", rule.file, rule.line));
    if rule.is_bundled() {
        text.push_str(&format!("Page: {}\n", crate::report::page(&rule.id)));
    }
    text
}

fn index(rules: &[(&Rule, Vec<&'static str>)]) -> String {
    let mut text = String::from(
        "# Rules\n\nThe rules that `secretlint` brings along, by topic. A rule's id selects it (`--rule grant.*`, `--skip lifecycle.no_owner`) and \
         names it in\n[`secretlint.hcl`](guides/configuration.md); `secretlint explain RULE` shows its page in the terminal. A finding that cannot be corrected today can be \
         [waived for a while](guides/waivers.md).\n",
    );
    let mut topics: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (rule, platforms) in rules {
        topics.entry(rule.id.topic()).or_default().push((rule, platforms));
    }
    for (topic, rules) in topics {
        text.push_str(&format!(
            "\n## {topic}\n\n| Rule | Severity | What it reports | Shown on |\n|---|---|---|---|\n"
        ));
        for (rule, platforms) in rules {
            let line = format!(
                "| [`{}`](rules/{}.md) | {} | {} | {} |\n",
                rule.id,
                rule.id.as_folder(),
                rule.severity,
                rule.metadata.title,
                platforms.join(", ")
            );
            text.push_str(&line);
        }
    }
    text
}

/// The page of a rule that has one bad and one good example.
#[must_use]
pub fn page_of_one(rule: &Rule, bad: &str, good: &str) -> String {
    page(rule, &[Example { platform: None, bad: bad.to_owned(), good: good.to_owned() }])
}

/// The page of a rule, with the text of its examples.
fn page(rule: &Rule, examples: &[Example]) -> String {
    let Metadata {
        title,
        description,
        severity,
        remediation,
        references,
        covers,
        aliases,
        related_resources,
    } = &rule.metadata;
    let mut text = format!("# {}\n\n**{title}** · severity **{severity}**\n", rule.id);
    text.push_str(&section("Why it matters", description));
    for Example { platform, bad, good } in examples {
        let of = platform.map(|platform| format!(": {platform}")).unwrap_or_default();
        for (heading, configuration) in [("Bad", bad), ("Good", good)] {
            text.push_str(&format!("\n## {heading}{of}\n\n```hcl\n{}\n```\n", configuration.trim_end()));
        }
    }
    text.push_str(&section("What to do", remediation));
    let mut lists = Vec::new();
    for (heading, list) in [("Standards", references), ("Covers", covers), ("Former ids", aliases)] {
        if !list.is_empty() {
            lists.push(format!(
                "- {heading}: {}\n",
                list.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
            ));
        }
    }
    for reference in related_resources {
        let name = reference.description.as_deref().unwrap_or(&reference.url);
        lists.push(format!("- [{name}]({})\n", reference.url));
    }
    if !lists.is_empty() {
        text.push_str(&format!("\n## References\n\n{}", lists.concat()));
    }
    text.push_str(&format!(
        "\n## Switch it off, limit it or change its severity\n\nIn [`secretlint.hcl`](../../guides/configuration.md#rules):\n\n```hcl\nrule \"{}\" {{\n  enabled = false # or: severity = \"low\", or: only = [\"module.prod.*\"]\n}}\n```\n\n\
         To live with one finding for a while, [write a waiver](../../guides/waivers.md).\n\nThe rule is [`{}`](../../../{}).\n",
        rule.id, rule.file, rule.file
    ));
    text
}

fn section(heading: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("\n## {heading}\n\n{}\n", wrap(body, 120, "")) }
}

/// Breaks lines at `width` columns, keeping paragraphs and lists as they are.
fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut current = indent.to_owned();
        for word in line.split_whitespace() {
            let is_first = current.trim().is_empty();
            if !is_first && current.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::replace(&mut current, indent.to_owned()));
                current.push_str(word);
            } else {
                if !is_first {
                    current.push(' ');
                }
                current.push_str(word);
            }
        }
        lines.push(current.trim_end().to_owned());
    }
    lines.join("\n")
}
