//! `secretlint new RULE`: writes the files of a rule that works, to be changed from there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Outcome;
use super::commands::deliver;
use super::terminal::Terminal;
use crate::docs;
use crate::policy::Pack;
use crate::scaffold::{Layout, NewRule, files};

#[derive(Debug, Args)]
pub(super) struct NewOptions {
    /// Id of the rule: topic and name, such as `grant.too_broad`.
    #[arg(value_name = "RULE")]
    rule: NewRule,
    /// Folder of your own policies [default: the repository of secretlint, if this is its root].
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

pub(super) fn run(options: &NewOptions, terminal: &Terminal) -> Outcome {
    let layout = match &options.into {
        Some(folder) => Some(Layout::Own(folder.clone())),
        None => Layout::repository(Path::new("")),
    };
    let Some(layout) = layout else {
        terminal.usage(
            "there is no folder to write the rule to",
            "name the folder of your policies: `secretlint new RULE --into policy`",
        );
        return Outcome::CouldNotEvaluate;
    };
    let id = options.rule.id();
    match Pack::load(secretlint_policies::files(), &[]) {
        Ok(pack) if pack.rule(&id).is_some() => {
            terminal.usage(
                &format!("there is a rule `{id}` already"),
                "secretlint brings it along; choose another id",
            );
            return Outcome::CouldNotEvaluate;
        }
        Ok(_) => {}
        Err(problem) => {
            terminal.problem(&problem);
            return Outcome::CouldNotEvaluate;
        }
    }
    let mut files = files(&options.rule, &layout);
    if let Layout::Repository(root) = &layout {
        match page(&id, &files) {
            Some(page) => {
                files.push((root.join("docs/rules").join(id.replace('.', "/")).with_extension("md"), page));
            }
            None => {
                terminal.usage("the rule's page cannot be made", "run `make docs` once the rule is there");
                return Outcome::CouldNotEvaluate;
            }
        }
    }
    let existing: Vec<String> = files
        .iter()
        .filter(|(path, _)| path.exists())
        .map(|(path, _)| format!("`{}`", path.display()))
        .collect();
    if !existing.is_empty() {
        terminal.usage(
            &format!("nothing was written, because this exists already: {}", existing.join(", ")),
            "choose another id, or remove the files of the rule first",
        );
        return Outcome::CouldNotEvaluate;
    }
    let mut text = String::new();
    for (path, contents) in &files {
        if let Err(error) = write(path, contents) {
            terminal.usage(&format!("cannot write `{}`: {error}", path.display()), "");
            return Outcome::CouldNotEvaluate;
        }
        text.push_str(&format!("wrote {}\n", path.display()));
    }
    text.push_str(&match &layout {
        Layout::Repository(_) => "\nNext: change the test, then the rule; `cargo run -p secretlint -- test policies` runs them. Then the examples; `make plans`\n\
            records their plans, `make docs` writes the page and the list of rules.\n".to_owned(),
        Layout::Own(folder) => format!(
            "\nNext: change the test, then the rule. `secretlint test {folder}` runs the tests, `secretlint lint-policies {folder}` looks at the policies,\n\
             `secretlint --policy {folder} plan.json` uses them.\n",
            folder = folder.display()
        ),
    });
    deliver(&text, terminal)
}

/// The page of the rule whose files these are.
fn page(id: &str, files: &[(PathBuf, String)]) -> Option<String> {
    let text =
        |ending: &str| files.iter().find(|(path, _)| path.ends_with(ending)).map(|(_, text)| text.as_str());
    let path = format!("{}.rego", id.replace('.', "/"));
    let mut bundled = secretlint_policies::files().to_vec();
    bundled.push((&path, text(&path)?));
    let pack = Pack::load(&bundled, &[]).ok()?;
    Some(docs::page_of_one(pack.rule(id)?, text("bad/main.tf")?, text("good/main.tf")?))
}

/// Writes a file that must not be there yet.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
