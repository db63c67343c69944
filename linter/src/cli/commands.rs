//! The other commands: `rules`, `explain`, `facts`, `docs`.

use std::fs;

use serde::Serialize;

use super::check::read;
use super::terminal::Terminal;
use super::{DocsOptions, FactsOptions, GlobalOptions, ListFormat, Outcome, RulesOptions};
use crate::config::{Config, RuleInput};
use crate::docs;
use crate::facts::model::Facts;
use crate::finding::{RuleId, Severity};
use crate::policy::{Pack, Rule};
use crate::report::page;
use crate::waiver;

pub(super) fn rules(options: &RulesOptions, global: &GlobalOptions, terminal: &Terminal) -> Outcome {
    let Some(pack) = load(global, terminal) else { return Outcome::CouldNotEvaluate };
    let text = match options.format {
        ListFormat::Human => {
            let width = pack.rules().iter().map(|rule| rule.id.as_str().len()).max().unwrap_or_default();
            let line = |rule: &Rule| {
                format!(
                    "{:<8}  {:<width$}  {}\n",
                    rule.severity.as_str(),
                    rule.id.as_str(),
                    rule.metadata.title
                )
            };
            pack.rules().iter().map(line).collect()
        }
        ListFormat::Json => {
            let rules: Vec<ListedRule> = pack.rules().iter().map(ListedRule::from).collect();
            match serde_json::to_string_pretty(&rules) {
                Ok(text) => text + "\n",
                Err(error) => return cannot_serialize(&error, terminal),
            }
        }
    };
    deliver(&text, terminal)
}

#[derive(Serialize)]
struct ListedRule<'rule> {
    id: &'rule RuleId,
    severity: Severity,
    title: &'rule str,
    references: &'rule [String],
    covers: &'rule [String],
    aliases: &'rule [String],
    file: &'rule str,
    url: Option<String>,
}

impl<'rule> From<&'rule Rule> for ListedRule<'rule> {
    fn from(rule: &'rule Rule) -> Self {
        Self {
            id: &rule.id,
            severity: rule.severity,
            title: &rule.metadata.title,
            references: &rule.metadata.references,
            covers: &rule.metadata.covers,
            aliases: &rule.metadata.aliases,
            file: &rule.file,
            url: rule.is_bundled().then(|| page(&rule.id)),
        }
    }
}

pub(super) fn explain(name: &str, global: &GlobalOptions, terminal: &Terminal) -> Outcome {
    if let Some(text) = waiver::explanation(name) {
        return deliver(text, terminal);
    }
    let Some(pack) = load(global, terminal) else { return Outcome::CouldNotEvaluate };
    match pack.rule(name) {
        Some(rule) => deliver(&docs::explanation(rule), terminal),
        None => {
            let similar = pack.similar(name);
            let help = if similar.is_empty() {
                "`secretlint rules` lists all rules".to_owned()
            } else {
                format!("did you mean `{}`?", similar.join("` or `"))
            };
            terminal.usage(&format!("there is no rule `{name}`"), &help);
            Outcome::CouldNotEvaluate
        }
    }
}

pub(super) fn facts(options: &FactsOptions, terminal: &Terminal) -> Outcome {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        facts: &'a Facts,
        config: RuleInput<'a>,
    }
    let config = match Config::read(options.config.as_deref()) {
        Ok(config) => config,
        Err(problem) => {
            terminal.problem(&problem);
            return Outcome::CouldNotEvaluate;
        }
    };
    let plan = match read(&options.plan) {
        Ok(plan) => plan,
        Err(problem) => {
            terminal.problem(problem.as_ref());
            return Outcome::CouldNotEvaluate;
        }
    };
    let facts = crate::facts::extract(&plan);
    match serde_json::to_string_pretty(&Document { facts: &facts, config: config.rule_input() }) {
        Ok(text) => deliver(&(text + "\n"), terminal),
        Err(error) => cannot_serialize(&error, terminal),
    }
}

pub(super) fn docs(options: &DocsOptions, terminal: &Terminal) -> Outcome {
    let pages = Pack::load(secretlint_policies::files(), &[])
        .map(|pack| docs::rules(pack.rules(), &options.examples));
    let pages = match pages {
        Ok(Ok(pages)) => pages,
        Ok(Err(problem)) => {
            terminal.problem(&problem);
            return Outcome::CouldNotEvaluate;
        }
        Err(problem) => {
            terminal.problem(&problem);
            return Outcome::CouldNotEvaluate;
        }
    };
    for (path, text) in pages {
        let path = options.folder.join(path);
        if let Some(parent) = path.parent()
            && let Err(error) = fs::create_dir_all(parent)
        {
            terminal.usage(&format!("cannot make the folder `{}`: {error}", parent.display()), "");
            return Outcome::CouldNotEvaluate;
        }
        if terminal.write(&text, Some(&path)).is_err() {
            return Outcome::CouldNotEvaluate;
        }
    }
    Outcome::Clean
}

fn load(global: &GlobalOptions, terminal: &Terminal) -> Option<Pack> {
    Pack::load(secretlint_policies::files(), &global.policies)
        .inspect_err(|problem| terminal.problem(problem))
        .ok()
}

pub(super) fn deliver(text: &str, terminal: &Terminal) -> Outcome {
    match terminal.write(text, None) {
        Ok(()) => Outcome::Clean,
        Err(()) => Outcome::CouldNotEvaluate,
    }
}

pub(super) fn cannot_serialize(error: &serde_json::Error, terminal: &Terminal) -> Outcome {
    terminal.usage(&format!("the output cannot be written as JSON: {error}"), "");
    Outcome::CouldNotEvaluate
}
