//! The pack: the rules that were found, checked and selected, with the engine that holds them.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use globset::{Glob, GlobMatcher};
use regorus::{Engine, PolicyLengthConfig};

use super::builtins::{self, BuiltinErrors, RegoVersion};
use super::calls;
use super::conftest::Class;
use super::error::PolicyError;
use super::load::{self, Origin, PolicyFile};
use super::metadata::{self, Metadata};
use super::reach::Reach;
use super::rewrite::Rewritten;
use super::syntax::{self, ParsedFile, RuleKind};
use crate::finding::{RuleId, Severity};
use crate::problem::Problem;

/// A rule, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// What it says about itself.
    pub metadata: Metadata,
    /// The severity its findings get: its own, or the configuration's.
    pub severity: Severity,
    /// The file that defines it.
    pub file: String,
    /// Line of its `findings`, from 1.
    pub line: u32,
    /// Full package path with `data.` in front.
    pub(super) package: String,
    /// It also defines `undetermined`.
    pub(super) may_be_undetermined: bool,
    home: Home,
    /// Where its findings count.
    pub(super) reach: Reach,
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Home {
    Bundled,
    Folder,
    /// Policies for conftest: the name of the rule in its package, and what its results are there.
    Conftest(String, Class),
}

impl Rule {
    /// A rule of a policy for conftest, at `place`.
    pub(super) fn of_conftest(
        id: RuleId,
        metadata: Metadata,
        (file, line): (String, u32),
        package: String,
        (name, class): (String, Class),
    ) -> Self {
        let severity = metadata.severity;
        let home = Home::Conftest(name, class);
        Self {
            id,
            metadata,
            severity,
            file,
            line,
            package,
            may_be_undetermined: false,
            home,
            reach: Reach::default(),
        }
    }

    /// It comes from a policy for conftest, and is asked over the raw plan.
    #[must_use]
    pub const fn is_conftest(&self) -> bool {
        matches!(self.home, Home::Conftest(..))
    }

    /// Its findings do not make a run fail unless asked for: `warn` of a policy for conftest.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        matches!(self.home, Home::Conftest(_, Class::Warning))
    }

    /// The name of the rule that is asked in its package.
    pub(super) fn rule_name(&self) -> &str {
        match &self.home {
            Home::Conftest(name, _) => name,
            Home::Bundled | Home::Folder => "findings",
        }
    }

    /// The rule is part of the binary, so it has a page in the project's documentation.
    #[must_use]
    pub const fn is_bundled(&self) -> bool {
        matches!(self.home, Home::Bundled)
    }

    fn is_called(&self, pattern: &GlobMatcher) -> bool {
        pattern.is_match(self.id.as_str())
            || self.metadata.aliases.iter().any(|alias| pattern.is_match(alias))
    }
}

/// Which rules of a pack are to be evaluated.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Globs of ids or aliases (`grant.*`); empty: all.
    pub only: Vec<String>,
    /// Globs of ids or aliases to leave out, after `only`.
    pub skip: Vec<String>,
    /// Rules that the configuration file switches off.
    pub disabled: Vec<RuleId>,
    /// Severities that the configuration file sets.
    pub severities: BTreeMap<RuleId, Severity>,
    /// Rules that it limits to some addresses.
    pub reaches: BTreeMap<RuleId, Reach>,
}

/// Rules that parse, have METADATA, and call nothing that does not exist.
pub struct Pack {
    pub(super) engine: Engine,
    pub(super) files: Vec<PolicyFile>,
    pub(super) parsed: Vec<ParsedFile>,
    rules: Vec<Rule>,
    uses_plan: bool,
}

impl Pack {
    /// Loads the bundled files, given as path and text, and those below `folders`. Tests are left out.
    ///
    /// # Errors
    /// A folder cannot be read or holds no rule, or a file is wrong.
    pub fn load(bundled: &[(&str, &str)], folders: &[PathBuf]) -> Result<Self, PolicyError> {
        let mut files = load::bundled(bundled);
        let mut of_folder = Vec::with_capacity(folders.len());
        for folder in folders {
            let start = files.len();
            files.extend(load::folder(folder)?);
            of_folder.push((folder, start..files.len()));
        }
        let folder_names: Vec<(String, Vec<String>)> = of_folder
            .into_iter()
            .map(|(folder, range)| {
                (folder.display().to_string(), files[range].iter().map(|file| file.name.clone()).collect())
            })
            .collect();
        files.retain(|file| !file.is_test());
        let pack = Self::from_files(files)?;
        for (folder, names) in folder_names {
            if !pack.rules.iter().any(|rule| names.contains(&rule.file)) {
                return Err(PolicyError::NoRule {
                    reason: format!("the files in `{folder}` define none"),
                    help:
                        "a rule is a package with METADATA that defines `findings contains finding if { … }`"
                            .into(),
                });
            }
        }
        Ok(pack)
    }

    /// Loads files, tests included, as they are.
    ///
    /// # Errors
    /// A file is wrong.
    pub fn from_files(files: Vec<PolicyFile>) -> Result<Self, PolicyError> {
        let (mut engine, parsed) =
            syntax::parse_all(&new_engine, &files).map_err(|problems| PolicyError::Invalid { problems })?;
        let intruders = intruders(&files, &parsed);
        if !intruders.is_empty() {
            return Err(PolicyError::Invalid { problems: intruders });
        }
        let added: Vec<&str> = builtins::names(RegoVersion::V1).collect();
        let mut problems = calls::unknown_functions(&mut engine, &files, &parsed, &added);
        let rules = find_rules(&files, &parsed, &mut problems);
        problems.extend(idle_files(&files, &parsed, &rules));
        if !problems.is_empty() {
            return Err(PolicyError::Invalid { problems });
        }
        let uses_plan = files.iter().any(|file| names_plan(&file.text));
        Ok(Self { engine, files, parsed, rules, uses_plan })
    }

    /// The rules, in the order of their ids.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The same with more rules.
    pub(super) fn with_rules(mut self, rules: impl Iterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self.rules.sort_by(|left, right| left.id.cmp(&right.id));
        self
    }

    /// The rule with this id or alias.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules
            .iter()
            .find(|rule| rule.id.as_str() == name || rule.metadata.aliases.iter().any(|alias| alias == name))
    }

    /// Some policy looks at `input.plan`, so the raw plan must be part of the input.
    #[must_use]
    pub const fn uses_plan(&self) -> bool {
        self.uses_plan
    }

    /// Ids that are spelt like `name`, the likeliest first.
    #[must_use]
    pub fn similar(&self, name: &str) -> Vec<&str> {
        similar(name, self.rules.iter().map(|rule| rule.id.as_str()))
    }

    /// Keeps the selected rules and gives them the severities and limits of the configuration.
    ///
    /// # Errors
    /// A pattern is no glob or matches no rule, or no rule is left.
    pub fn select(&mut self, selection: &Selection) -> Result<(), PolicyError> {
        let only = self.patterns("--rule", &selection.only)?;
        let skip = self.patterns("--skip", &selection.skip)?;
        self.rules.retain(|rule| {
            (only.is_empty() || only.iter().any(|pattern| rule.is_called(pattern)))
                && !skip.iter().any(|pattern| rule.is_called(pattern))
                && !selection.disabled.contains(&rule.id)
        });
        if self.rules.is_empty() {
            return Err(PolicyError::NoRule {
                reason: "the options and the configuration file leave none".into(),
                help: "`secretlint rules` lists all rules; look at `--rule`, `--skip` and `enabled = false`"
                    .into(),
            });
        }
        for rule in &mut self.rules {
            if let Some(severity) = selection.severities.get(&rule.id) {
                rule.severity = *severity;
            }
            if let Some(reach) = selection.reaches.get(&rule.id) {
                rule.reach = reach.clone();
            }
        }
        Ok(())
    }

    fn patterns(&self, option: &str, globs: &[String]) -> Result<Vec<GlobMatcher>, PolicyError> {
        let no_rule = |glob: &str, help: String| PolicyError::NoRule {
            reason: format!("`{option} {glob}` matches none"),
            help,
        };
        globs
            .iter()
            .map(|glob| {
                let pattern = Glob::new(glob)
                    .map_err(|error| no_rule(glob, error.kind().to_string()))?
                    .compile_matcher();
                if self.rules.iter().any(|rule| rule.is_called(&pattern)) {
                    return Ok(pattern);
                }
                let similar = self.similar(glob);
                Err(no_rule(
                    glob,
                    if similar.is_empty() {
                        "`secretlint rules` lists all rules".into()
                    } else {
                        format!("did you mean `{}`?", similar.join("` or `"))
                    },
                ))
            })
            .collect()
    }

    /// The file with this index was given by the user.
    pub(super) fn is_of_folder(&self, file: usize) -> bool {
        self.files[file].origin == Origin::Folder
    }

    /// The file `name`, if it is part of the pack, and what regorus got instead of its text.
    pub(super) fn file(&self, name: &str) -> Option<(&PolicyFile, &Rewritten)> {
        let parsed = self.parsed.iter().find(|parsed| self.files[parsed.file].name == name)?;
        Some((&self.files[parsed.file], &parsed.rewritten))
    }
}

/// The text has `input.plan` in it, and not only `input.planned_at`.
fn names_plan(text: &str) -> bool {
    let is_name = |rest: &str| rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    text.contains("input[\"plan\"]") || text.split("input.plan").skip(1).any(|rest| !is_name(rest))
}

/// An engine for policies of the linter's own kind: an error of a built-in function ends the run.
fn new_engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_policy_length_config(any_length());
    engine.set_gather_prints(true);
    builtins::register(&mut engine, RegoVersion::V1, BuiltinErrors::Stop);
    engine
}

/// regorus' own limits (lines of 1024 columns, files of a megabyte) are for policies that arrive over a network; here a long line is
/// somebody's table or a test's JSON.
pub(super) fn any_length() -> PolicyLengthConfig {
    PolicyLengthConfig {
        max_col: NonZeroU32::MAX,
        // Places in a file are 32 bits wide in the engine.
        max_file_bytes: NonZeroUsize::MIN.saturating_add(u32::MAX as usize / 2),
        max_lines: NonZeroUsize::MAX,
    }
}

/// Those of `ids` that are spelt like `name`, the likeliest first.
pub(crate) fn similar<'id>(name: &str, ids: impl Iterator<Item = &'id str>) -> Vec<&'id str> {
    let mut scored: Vec<(usize, &str)> = ids
        .map(|id| (strsim::damerau_levenshtein(name, id), id))
        .filter(|(distance, id)| *distance <= 3.max(id.len() / 3))
        .collect();
    scored.sort_unstable();
    let nearest = scored.first().map_or(0, |(distance, _)| *distance);
    scored
        .into_iter()
        .take_while(|(distance, _)| *distance <= nearest + 1)
        .take(3)
        .map(|(_, id)| id)
        .collect()
}

/// A package is a rule if it defines `findings`. Its METADATA may stand in any one of its files.
fn find_rules(files: &[PolicyFile], parsed: &[ParsedFile], problems: &mut Vec<Problem>) -> Vec<Rule> {
    let mut metadata_of: BTreeMap<&str, Metadata> = BTreeMap::new();
    // A library's METADATA needs no severity, so only the packages of rules are read.
    for file in parsed.iter().filter(|file| !is_test_package(&file.package) && is_rule(parsed, &file.package))
    {
        let source = &files[file.file];
        match metadata::parse(&source.name, &source.text) {
            Ok(Some(metadata)) => {
                if metadata_of.insert(&file.package, metadata).is_some() {
                    let start = source.text.find("# METADATA").unwrap_or_default();
                    let message = format!("package `{}` has METADATA in two files", short(&file.package));
                    problems.push(
                        Problem::new(message, &source.name, &source.text, start..start + "# METADATA".len())
                            .with_help(
                                "keep one; if this is a rule of your own, give its package another name",
                            ),
                    );
                }
            }
            Ok(None) => {}
            Err(problem) => problems.push(*problem),
        }
    }
    let mut rules: BTreeMap<RuleId, Rule> = BTreeMap::new();
    for file in parsed.iter().filter(|file| !is_test_package(&file.package)) {
        let Some(findings) = file.rule("findings") else { continue };
        let source = &files[file.file];
        let problem_at = |name: &super::syntax::RuleName, message: String| {
            Problem::new(message, &source.name, &source.text, name.span.clone())
        };
        for name in file.rules.iter().filter(|rule| matches!(rule.name.as_str(), "findings" | "undetermined"))
        {
            if name.kind != RuleKind::Set {
                let message = format!("`{}` must be a set", name.name);
                problems.push(
                    problem_at(name, message)
                        .with_help(format!("write `{} contains finding if {{ … }}`", name.name)),
                );
            }
        }
        let id = RuleId::from_package(&file.package);
        let Some(metadata) = metadata_of.get(file.package.as_str()) else {
            let failed = problems.iter().any(|problem| problem.is_in(&source.name));
            if !failed {
                problems.push(
                    problem_at(findings, format!("rule `{id}` has no METADATA"))
                        .with_help("put it before `package`: `# METADATA`, `# title: …`, `# custom:`, `#   severity: low | medium | high | critical`"),
                );
            }
            continue;
        };
        rules.entry(id.clone()).or_insert_with(|| Rule {
            id,
            metadata: metadata.clone(),
            severity: metadata.severity,
            file: source.name.clone(),
            line: findings.line,
            package: file.package.clone(),
            may_be_undetermined: parsed
                .iter()
                .any(|other| other.package == file.package && other.rule("undetermined").is_some()),
            home: if source.origin == Origin::Bundled { Home::Bundled } else { Home::Folder },
            reach: Reach::default(),
        });
    }
    rules.into_values().collect()
}

/// Files of a user that would extend or change what is bundled: Rego joins all files of a package, so one clause more can silence a rule
/// or make it say something else. A rule whose id is taken would not run at all.
fn intruders(files: &[PolicyFile], parsed: &[ParsedFile]) -> Vec<Problem> {
    let of = |origin: Origin| parsed.iter().filter(move |file| files[file.file].origin == origin);
    let above = |upper: &str, lower: &str| {
        lower.strip_prefix(upper).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let taken = |package: &str| {
        of(Origin::Bundled).map(|file| file.package.as_str()).find(|bundled| {
            above(package, bundled)
                || above(bundled, package)
                || RuleId::from_package(bundled) == RuleId::from_package(package)
        })
    };
    of(Origin::Folder)
        .filter_map(|file| {
            let bundled = taken(&file.package)?;
            let source = &files[file.file];
            let message = format!(
                "package `{}` would change the bundled package `{}`",
                short(&file.package),
                short(bundled)
            );
            let help = "give the package another name, such as `acme.naming`; to leave a bundled rule out, use `--skip` or \
                `enabled = false` in `secretlint.hcl`";
            Some(Problem::new(message, &source.name, &source.text, package_span(&source.text)).with_help(help))
        })
        .collect()
}

/// The line that names the package.
fn package_span(text: &str) -> std::ops::Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("package") {
            return start..start + line.trim_end().len();
        }
        start += line.len();
    }
    0..0
}

/// Files of a user that nothing evaluates: a misspelt `findings`, a conftest policy, a library that nobody imports.
fn idle_files(files: &[PolicyFile], parsed: &[ParsedFile], rules: &[Rule]) -> Vec<Problem> {
    parsed
        .iter()
        .filter(|file| files[file.file].origin == Origin::Folder && !is_test_package(&file.package))
        // A file may hold the METADATA of its package and nothing else.
        .filter(|file| !(file.rules.is_empty() && files[file.file].text.contains("# METADATA")))
        .filter(|file| !is_rule(parsed, &file.package) && !rules.iter().any(|rule| rule.package == file.package))
        .filter(|file| {
            !parsed.iter().any(|other| other.package != file.package && mentions(&files[other.file].text, &file.package))
        })
        .map(|file| {
            let source = &files[file.file];
            let help = if file.rules.iter().any(|rule| ["deny", "warn", "violation"].iter().any(|name| rule.name.starts_with(name))) {
                "this looks like a policy for conftest: give its folder with `--conftest` instead of `--policy`"
            } else {
                "a rule defines `findings contains finding if { … }`; a library is imported by a rule"
            };
            Problem::new(
                format!("nothing evaluates package `{}`: it defines no `findings` and no other package uses it", short(&file.package)),
                &source.name,
                &source.text,
                package_span(&source.text),
            )
            .with_help(help)
        })
        .collect()
}

/// `text` names `package` or something above it that contains it (`import data.acme.lib` for `data.acme.lib.names`).
fn mentions(text: &str, package: &str) -> bool {
    let mut path = package;
    while path.contains('.') {
        let named = text.match_indices(path).any(|(at, _)| {
            !text[at + path.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_')
        });
        if named {
            return true;
        }
        path = path.rsplit_once('.').map_or("", |(parent, _)| parent);
    }
    false
}

fn is_rule(parsed: &[ParsedFile], package: &str) -> bool {
    parsed.iter().any(|file| file.package == package && file.rule("findings").is_some())
}

fn is_test_package(package: &str) -> bool {
    package.ends_with("_test")
}

fn short(package: &str) -> &str {
    package.strip_prefix("data.").unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_policy_that_names_the_plan_is_given_it() {
        assert!(names_plan("x := input.plan") && names_plan("some c in input.plan.resource_changes"));
        assert!(names_plan("input[\"plan\"]") && names_plan("input.planned_at > input.plan.timestamp"));
        assert!(
            !names_plan("x := input.planned_at") && !names_plan("input.plans") && !names_plan("input.plan_x")
        );
    }

    #[test]
    fn the_bundled_rules_do_not_need_the_plan_itself() {
        assert!(!Pack::load(secretlint_policies::files(), &[]).unwrap().uses_plan());
    }
}
