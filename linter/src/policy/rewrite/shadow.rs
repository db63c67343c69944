//! Variables that `some` declares under a name that means something else around them: a rule of the package, an import, a variable of an
//! enclosing query. OPA's compiler gives each a name of its own; regorus answers "used before definition", or takes the other meaning
//! without a word. Here they get a name of their own before regorus sees them.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{AssignOp, Expr, Literal, Module, Query, Rule, RuleHead};

use super::edits::Edit;
use crate::policy::syntax::{bytes, parts, query_of};

/// Renamed variables: the new name and the old one.
pub(super) type Renamed = BTreeMap<String, String>;

/// The edits for one module of a package that defines `rules`.
pub(super) fn edits(module: &Module, text: &str, rules: &BTreeSet<String>) -> (Vec<Edit>, Renamed) {
    let mut taken = rules.clone();
    taken.extend(module.imports.iter().filter_map(|import| {
        let name = import.r#as.as_ref().map(|alias| alias.text().to_owned());
        name.or_else(|| last_part(&import.refr))
    }));
    let mut walk = Walk { text, taken, scopes: Vec::new(), names: BTreeMap::new(), edits: Vec::new() };
    for rule in &module.policy {
        walk.rule(rule);
    }
    let renamed = walk.names.into_iter().map(|(old, new)| (new, old)).collect();
    (walk.edits, renamed)
}

/// The first name of a rule's reference.
pub(super) fn first_part(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Var { span, .. } => Some(span.text().to_owned()),
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => first_part(refr),
        _ => None,
    }
}

fn last_part(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Var { span, .. } => Some(span.text().to_owned()),
        Expr::RefDot { field, .. } => Some(field.0.text().to_owned()),
        Expr::RefBrack { index, .. } => match index.as_ref() {
            Expr::String { value, .. } => value.as_string().ok().map(ToString::to_string),
            _ => None,
        },
        _ => None,
    }
}

#[derive(Default)]
struct Scope {
    /// Whatever is declared here.
    declared: BTreeSet<String>,
    /// What of it gets another name.
    renamed: BTreeSet<String>,
}

struct Walk<'text> {
    text: &'text str,
    taken: BTreeSet<String>,
    scopes: Vec<Scope>,
    /// Old name → new name; one for the whole file, so that a rule's bodies and its head agree.
    names: BTreeMap<String, String>,
    edits: Vec<Edit>,
}

impl Walk<'_> {
    fn rule(&mut self, rule: &Rule) {
        let Rule::Spec { head, bodies, .. } = rule else { return };
        let mut arguments = Scope::default();
        if let RuleHead::Func { args, .. } = head {
            args.iter().for_each(|argument| variables(argument, &mut arguments.declared));
        }
        self.scopes.push(arguments);
        for (index, body) in bodies.iter().enumerate() {
            self.enter(&body.query, Scope::default());
            if index == 0 {
                match head {
                    RuleHead::Compr { refr, assign, .. } => {
                        self.indexes(refr);
                        assign.iter().for_each(|assign| self.expression(&assign.value));
                    }
                    RuleHead::Set { refr, key, .. } => {
                        self.indexes(refr);
                        key.iter().for_each(|key| self.expression(key));
                    }
                    RuleHead::Func { assign, .. } => {
                        assign.iter().for_each(|assign| self.expression(&assign.value));
                    }
                }
            }
            body.assign.iter().for_each(|assign| self.expression(&assign.value));
            self.statements(&body.query);
            self.scopes.pop();
        }
        if bodies.is_empty() {
            match head {
                RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                    assign.iter().for_each(|assign| self.expression(&assign.value));
                }
                RuleHead::Set { key, .. } => key.iter().for_each(|key| self.expression(key)),
            }
        }
        self.scopes.pop();
    }

    /// Opens the scope of a query: what it declares holds everywhere in it.
    fn enter(&mut self, query: &Query, mut scope: Scope) {
        let mut some = BTreeSet::new();
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { vars, .. } => some.extend(vars.iter().map(|name| name.text().to_owned())),
                Literal::SomeIn { key, value, .. } => {
                    key.iter().for_each(|key| variables(key, &mut some));
                    variables(value, &mut some);
                }
                Literal::Expr { expr, .. } => {
                    if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } = expr.as_ref() {
                        variables(lhs, &mut scope.declared);
                    }
                }
                Literal::NotExpr { .. } | Literal::Every { .. } => {}
            }
        }
        for name in &some {
            if self.taken.contains(name) || self.scopes.iter().any(|outer| outer.declared.contains(name)) {
                self.name(name);
                scope.renamed.insert(name.clone());
            }
        }
        scope.declared.extend(some);
        self.scopes.push(scope);
    }

    fn name(&mut self, old: &str) {
        if self.names.contains_key(old) {
            return;
        }
        let mut new = format!("{old}__local");
        while self.text.contains(&new) {
            new.push('_');
        }
        self.names.insert(old.to_owned(), new);
    }

    fn variable(&mut self, name: &str, at: std::ops::Range<usize>) {
        let declared_by = self.scopes.iter().rev().find(|scope| scope.declared.contains(name));
        if declared_by.is_some_and(|scope| scope.renamed.contains(name))
            && let Some(new) = self.names.get(name)
        {
            self.edits.push(Edit::replace(at, new.clone()));
        }
    }

    fn query(&mut self, query: &Query) {
        self.enter(query, Scope::default());
        self.statements(query);
        self.scopes.pop();
    }

    fn statements(&mut self, query: &Query) {
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { vars, .. } => {
                    vars.iter().for_each(|name| self.variable(name.text(), bytes(name)));
                }
                Literal::SomeIn { key, value, collection, .. } => {
                    key.iter().for_each(|key| self.expression(key));
                    self.expression(value);
                    self.expression(collection);
                }
                Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expression(expr),
                Literal::Every { key, value, domain, query, .. } => {
                    self.expression(domain);
                    let declared = key.iter().chain([value]).map(|name| name.text().to_owned()).collect();
                    self.scopes.push(Scope { declared, renamed: BTreeSet::new() });
                    self.query(query);
                    self.scopes.pop();
                }
            }
            for modifier in &statement.with_mods {
                self.expression(&modifier.r#as);
            }
        }
    }

    /// The bracketed parts of a rule's reference; its names are no variables.
    fn indexes(&mut self, reference: &Expr) {
        match reference {
            Expr::RefDot { refr, .. } => self.indexes(refr),
            Expr::RefBrack { refr, index, .. } => {
                self.indexes(refr);
                self.expression(index);
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expr) {
        if let Expr::Var { span, .. } = expression {
            self.variable(span.text(), bytes(span));
        }
        let query = query_of(expression);
        query.into_iter().for_each(|query| self.enter(query, Scope::default()));
        parts(expression).into_iter().for_each(|part| self.expression(part));
        if let Some(query) = query {
            self.statements(query);
            self.scopes.pop();
        }
    }
}

/// The variables that a pattern binds: `x`, `[x, y]`, `{"a": x}`.
fn variables(pattern: &Expr, into: &mut BTreeSet<String>) {
    match pattern {
        Expr::Var { span, .. } if span.text() != "_" => drop(into.insert(span.text().to_owned())),
        Expr::Array { items, .. } => items.iter().for_each(|item| variables(item, into)),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, value)| variables(value, into)),
        _ => {}
    }
}
