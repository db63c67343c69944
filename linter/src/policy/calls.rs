//! Finds calls of functions that do not exist. regorus notices such a call only when evaluation reaches it, so a policy that guards it
//! with a condition that is rarely true would pass every test and fail in production, or never.

use std::collections::BTreeSet;

use regorus::Engine;
use regorus::unstable::{BUILTINS, Expr, Literal, Module, Query, Rule, RuleAssign, RuleHead};

use super::load::PolicyFile;
use super::syntax::{ParsedFile, RuleKind, bytes, parts, query_of};
use crate::problem::Problem;

/// One problem for each call that leads nowhere.
pub(super) fn unknown_functions(
    engine: &mut Engine,
    files: &[PolicyFile],
    parsed: &[ParsedFile],
    added: &[&'static str],
) -> Vec<Problem> {
    let functions: BTreeSet<String> = parsed
        .iter()
        .flat_map(|file| {
            let functions = file.rules.iter().filter(|rule| rule.kind == RuleKind::Function);
            functions.map(move |rule| format!("{}.{}", file.package, rule.name))
        })
        .collect();
    let mut problems = Vec::new();
    for (file, module) in parsed.iter().zip(engine.get_modules().iter()) {
        let scope = Scope { package: &file.package, imports: imports(module), functions: &functions, added };
        for call in module.policy.iter().flat_map(|rule| calls_of_rule(rule)) {
            if !scope.knows(&call.name) {
                let source = &files[file.file];
                let problem = Problem::new(
                    format!("there is no function `{}`", call.name),
                    &source.name,
                    &source.text,
                    file.rewritten.original(call.span),
                );
                problems.push(problem.with_help(scope.advice(&call.name)));
            }
        }
    }
    problems
}

/// A call of a function by name.
pub(super) struct Call {
    /// As it is written: `regex.match`.
    pub(super) name: String,
    /// Bytes of the name, in the text that regorus got.
    pub(super) span: std::ops::Range<usize>,
    /// Bytes of the call, arguments included.
    pub(super) whole: std::ops::Range<usize>,
}

/// What a name means in one file.
struct Scope<'pack> {
    package: &'pack str,
    /// Alias → full path.
    imports: Vec<(String, String)>,
    functions: &'pack BTreeSet<String>,
    /// Functions of ours that the engine has.
    added: &'pack [&'static str],
}

impl Scope<'_> {
    fn knows(&self, name: &str) -> bool {
        let resolved = self.resolve(name);
        self.functions.contains(&resolved)
            || self.functions.contains(&format!("{}.{name}", self.package))
            || BUILTINS.contains_key(resolved.as_str())
            || self.added.contains(&resolved.as_str())
            || name == "print"
    }

    fn resolve(&self, name: &str) -> String {
        let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        match (self.imports.iter().find(|(alias, _)| alias == first), rest) {
            (Some((_, path)), Some(rest)) => format!("{path}.{rest}"),
            (Some((_, path)), None) => path.clone(),
            (None, _) => name.to_owned(),
        }
    }

    /// The existing name that is most like `name`, or why there is none.
    fn advice(&self, name: &str) -> String {
        let own = self.functions.iter().filter_map(|function| {
            if let Some(local) = function.strip_prefix(self.package).and_then(|rest| rest.strip_prefix('.')) {
                return Some(local.to_owned());
            }
            self.imports.iter().find_map(|(alias, path)| {
                function
                    .strip_prefix(path.as_str())
                    .filter(|rest| rest.starts_with('.'))
                    .map(|rest| format!("{alias}{rest}"))
            })
        });
        let best = BUILTINS
            .keys()
            .copied()
            .chain(self.added.iter().copied())
            .map(str::to_owned)
            .chain(own)
            .map(|candidate| (strsim::damerau_levenshtein(name, &candidate), candidate))
            .min();
        match best {
            Some((distance, candidate)) if distance <= 2.max(name.len() / 4) => format!("did you mean `{candidate}`?"),
            _ if ["http.", "opa.", "net.lookup", "io.jwt.", "crypto.", "rego.", "providers."].iter().any(|prefix| name.starts_with(prefix)) => {
                "OPA has this function, secretlint has not: a policy sees the plan and nothing else (no network, no environment)".into()
            }
            _ => "it is neither a built-in function of the engine nor defined or imported in the policies that were loaded".into(),
        }
    }
}

fn imports(module: &Module) -> Vec<(String, String)> {
    module
        .imports
        .iter()
        .filter_map(|import| {
            let path = path_of(&import.refr)?;
            let last = path.rsplit('.').next()?.to_owned();
            Some((import.r#as.as_ref().map_or(last, |alias| alias.text().to_owned()), path))
        })
        .collect()
}

/// `a.b["c"]` as `a.b.c`; `None` if it is not such a reference.
fn path_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Var { span, .. } => Some(span.text().to_owned()),
        Expr::RefDot { refr, field, .. } => Some(format!("{}.{}", path_of(refr)?, field.0.text())),
        Expr::RefBrack { refr, index, .. } => match index.as_ref() {
            Expr::String { span, .. } => Some(format!("{}.{}", path_of(refr)?, span.text())),
            _ => None,
        },
        _ => None,
    }
}

/// Every call in a rule.
pub(super) fn calls_of_rule(rule: &Rule) -> Vec<Call> {
    let mut walk = Walk { calls: Vec::new() };
    walk.rule(rule);
    walk.calls
}

struct Walk {
    calls: Vec<Call>,
}

impl Walk {
    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::Default { value, .. } => self.expression(value),
            Rule::Spec { head, bodies, .. } => {
                match head {
                    RuleHead::Compr { refr, assign, .. } => {
                        self.expression(refr);
                        self.assignment(assign.as_ref());
                    }
                    RuleHead::Set { refr, key, .. } => {
                        self.expression(refr);
                        key.iter().for_each(|key| self.expression(key));
                    }
                    RuleHead::Func { assign, .. } => self.assignment(assign.as_ref()),
                }
                for body in bodies {
                    self.assignment(body.assign.as_ref());
                    self.query(&body.query);
                }
            }
        }
    }

    fn assignment(&mut self, assignment: Option<&RuleAssign>) {
        if let Some(assignment) = assignment {
            self.expression(&assignment.value);
        }
    }

    fn query(&mut self, query: &Query) {
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { .. } => {}
                Literal::SomeIn { key, value, collection, .. } => {
                    key.iter().for_each(|key| self.expression(key));
                    self.expression(value);
                    self.expression(collection);
                }
                Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expression(expr),
                Literal::Every { domain, query, .. } => {
                    self.expression(domain);
                    self.query(query);
                }
            }
            for modifier in &statement.with_mods {
                self.expression(&modifier.r#as);
            }
        }
    }

    fn expression(&mut self, expression: &Expr) {
        if let Expr::Call { fcn, .. } = expression
            && let Some(name) = path_of(fcn)
        {
            self.calls.push(Call { name, span: bytes(fcn.span()), whole: bytes(expression.span()) });
        }
        parts(expression).into_iter().for_each(|part| self.expression(part));
        query_of(expression).into_iter().for_each(|query| self.query(query));
    }
}
