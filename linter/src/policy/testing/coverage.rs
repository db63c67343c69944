//! Which lines of the policies the tests evaluated. The engine marks a line when it evaluates an expression on it, and says nothing of a file
//! it never entered; the lines that could have been evaluated are therefore counted here: those on which a statement, a value of a rule or a
//! default begins.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Engine;
use regorus::unstable::{Expr, Literal, Module, Query, Rule, RuleHead};

use crate::policy::pack::Pack;
use crate::policy::syntax::{parts, query_of};

/// Lines that an engine evaluated, by file.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeMap<String, BTreeSet<u32>>);

impl Lines {
    pub(super) fn of(engine: &Engine) -> Self {
        let files = engine.get_coverage_report().map(|report| report.files).unwrap_or_default();
        Self(files.into_iter().map(|file| (file.path, file.covered)).collect())
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (file, lines) in other.0 {
            self.0.entry(file).or_default().extend(lines);
        }
    }
}

/// The lines of policies that tests evaluated. Files of tests are not counted.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// By file, in the order of their names.
    pub files: BTreeMap<String, FileCoverage>,
}

/// The lines of one file, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// Were evaluated.
    pub covered: BTreeSet<u32>,
    /// Were not.
    pub not_covered: BTreeSet<u32>,
}

impl FileCoverage {
    /// Covered lines in percent of both.
    #[must_use]
    pub fn percent(&self) -> f64 {
        percent(self.covered.len(), self.not_covered.len())
    }
}

impl Coverage {
    /// All covered lines.
    #[must_use]
    pub fn covered(&self) -> usize {
        self.files.values().map(|file| file.covered.len()).sum()
    }

    /// All lines that could have been evaluated and were not.
    #[must_use]
    pub fn not_covered(&self) -> usize {
        self.files.values().map(|file| file.not_covered.len()).sum()
    }

    /// Covered lines in percent of all.
    #[must_use]
    pub fn percent(&self) -> f64 {
        percent(self.covered(), self.not_covered())
    }

    /// The coverage of the files that were given by the user, or of all if they are the bundled ones.
    pub(super) fn of(pack: &mut Pack, lines: &Lines) -> Self {
        let counted: Vec<Option<String>> = pack
            .parsed
            .iter()
            .map(|parsed| {
                let file = &pack.files[parsed.file];
                let holds_tests = file.is_test() || parsed.package.ends_with("_test");
                (!holds_tests).then(|| file.name.clone())
            })
            .collect();
        let of_folder: Vec<bool> = pack.parsed.iter().map(|parsed| pack.is_of_folder(parsed.file)).collect();
        let from_folders = of_folder.contains(&true);
        let nothing = BTreeSet::new();
        let mut files = BTreeMap::new();
        for (index, module) in pack.engine.get_modules().iter().enumerate() {
            let Some(Some(name)) = counted.get(index) else { continue };
            if from_folders && !of_folder[index] {
                continue;
            }
            let evaluated = lines.0.get(name).unwrap_or(&nothing);
            let mut file = FileCoverage::default();
            for place in places(module) {
                let lines = if place.lines.iter().any(|line| evaluated.contains(line)) {
                    &mut file.covered
                } else {
                    &mut file.not_covered
                };
                lines.insert(place.line);
            }
            // Two statements on one line, one of them evaluated.
            file.not_covered = &file.not_covered - &file.covered;
            files.insert(name.clone(), file);
        }
        Self { files }
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of lines are far below 2^52")]
fn percent(covered: usize, not_covered: usize) -> f64 {
    if covered + not_covered == 0 { 100.0 } else { covered as f64 * 100.0 / (covered + not_covered) as f64 }
}

/// Something that is evaluated or not.
struct Place {
    /// Where it begins.
    line: u32,
    /// The lines of which the engine marks one when it evaluates it.
    lines: BTreeSet<u32>,
}

fn places(module: &Module) -> Vec<Place> {
    let mut places = Places(Vec::new());
    for rule in &module.policy {
        match rule.as_ref() {
            Rule::Default { value, .. } => places.value(value),
            Rule::Spec { head, bodies, .. } => {
                match head {
                    RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                        assign.iter().for_each(|assign| places.value(&assign.value));
                    }
                    RuleHead::Set { key, .. } => key.iter().for_each(|key| places.value(key)),
                }
                // The engine does not say whether the value of an `else` was evaluated, only what its conditions did.
                bodies.iter().for_each(|body| places.query(&body.query));
            }
        }
    }
    places.0
}

/// The lines of which the engine reports one when it evaluates `expression`. Of a comprehension it reports the statements only.
fn marks(expression: &Expr) -> Vec<u32> {
    let inner = match expression {
        Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } => {
            query.stmts.first().map(|statement| match &statement.literal {
                Literal::SomeIn { collection, .. } => collection.span().line,
                _ => statement.span.line,
            })
        }
        _ => None,
    };
    inner.into_iter().chain([expression.span().line]).collect()
}

struct Places(Vec<Place>);

impl Places {
    fn value(&mut self, value: &Expr) {
        self.place(value.span().line, marks(value));
        self.nested(value);
    }

    fn place(&mut self, line: u32, lines: impl IntoIterator<Item = u32>) {
        self.0.push(Place { line, lines: lines.into_iter().collect() });
    }

    fn query(&mut self, query: &Query) {
        for statement in &query.stmts {
            let line = statement.span.line;
            match &statement.literal {
                // A declaration is not evaluated.
                Literal::SomeVars { .. } => {}
                Literal::SomeIn { collection, .. } => {
                    self.place(line, marks(collection).into_iter().chain([line]));
                    self.nested(collection);
                }
                Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => {
                    let operands = match expr.as_ref() {
                        Expr::AssignExpr { rhs, .. } => marks(rhs),
                        Expr::BoolExpr { lhs, rhs, .. } => [marks(lhs), marks(rhs)].concat(),
                        other => marks(other),
                    };
                    self.place(line, operands.into_iter().chain([line]));
                    self.nested(expr);
                }
                Literal::Every { domain, query, .. } => {
                    self.place(line, marks(domain).into_iter().chain([line]));
                    self.query(query);
                }
            }
        }
    }

    /// The statements of comprehensions inside of `expression`.
    fn nested(&mut self, expression: &Expr) {
        parts(expression).into_iter().for_each(|part| self.nested(part));
        query_of(expression).into_iter().for_each(|query| self.query(query));
    }
}
