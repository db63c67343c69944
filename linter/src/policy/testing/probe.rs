//! Finds out where a test failed. The engine says of a rule only that it is undefined; so rules are made of the test's own statements, the
//! first one, the first two and so on, put beside the test, and asked which of them still have an answer and what the variables are there.
//! Nothing of this happens for a test that passes, except for one with keys: there the statements that bind the keys name the cases.

use std::ops::Range;

use regorus::unstable::{AssignOp, BoolOp, Expr, Literal, LiteralStmt, Module, Ref, Rule};
use regorus::{Engine, Value};

use super::discover::{Test, case_keys};
use super::run::key_text;
use super::{Failure, Texts, slice};
use crate::policy::ask::{ask, timer};
use crate::policy::evaluate::Limits;
use crate::policy::pack::Pack;
use crate::policy::syntax::bytes;

/// Characters of a value that are shown.
const VALUE_WIDTH: usize = 240;
/// How many failed cases of one test are explained.
const EXPLAINED_CASES: usize = 20;

/// Asks the pack of the tests.
pub(super) struct Prober<'pack> {
    pack: &'pack mut Pack,
    modules: Vec<Ref<Module>>,
    texts: &'pack Texts,
}

impl<'pack> Prober<'pack> {
    pub(super) fn new(pack: &'pack mut Pack, texts: &'pack Texts, limits: Limits) -> Self {
        pack.engine.set_execution_timer_config(timer(limits));
        let modules = pack.engine.get_modules().clone();
        Self { pack, modules, texts }
    }

    /// Index of the file that defines `test`.
    pub(super) fn file_of(&self, test: &Test) -> usize {
        self.pack.parsed[test.module].file
    }

    /// The keys of every case of `test` that its statements name, whether it has a result or not.
    pub(super) fn cases(&mut self, test: &Test) -> Vec<Vec<String>> {
        let Some(body) = self.body(test) else { return Vec::new() };
        let Some(mut probes) = self.probes(test, &body) else { return Vec::new() };
        probes
            .rows(body.keys_bound_after)
            .into_iter()
            .map(|row| row.keys)
            .filter(|keys| !keys.is_empty())
            .collect()
    }

    /// Where each of the failed cases did; `[[]]` for a test without cases.
    pub(super) fn failures(&mut self, test: &Test, value: &Value, failed: &[Vec<String>]) -> Vec<Failure> {
        let place = Place { texts: self.texts, file: self.file_of(test) };
        let rule = &self.modules[test.module].policy[test.rule];
        let head = match rule.as_ref() {
            Rule::Spec { span, .. } | Rule::Default { span, .. } => bytes(span),
        };
        let text = self.modules[test.module].package.span.source.contents();
        let first_line = text.get(head.clone()).and_then(|rule| rule.find('\n'));
        let head = head.start..first_line.map_or(head.end, |length| head.start + length);
        let whole = |case: &[String], reason: String| place.failure(case, head.clone(), reason, Vec::new());
        let body = self.body(test);
        let mut probes = body.as_ref().and_then(|body| self.probes(test, body));
        failed
            .iter()
            .take(EXPLAINED_CASES)
            .map(|case| {
                let found = case.iter().try_fold(value, |value, key| {
                    value
                        .as_object()
                        .ok()?
                        .iter()
                        .find(|(name, _)| key_text(name) == *key)
                        .map(|(_, value)| value)
                });
                if let Some(value) = found.filter(|value| !matches!(value, Value::Undefined)) {
                    return whole(case, format!("this is {}, not true", shown(value)));
                }
                match (&body, &mut probes) {
                    (Some(body), Some(probes)) => probes.failure(body, case, &place),
                    _ => whole(case, "this is undefined".to_owned()),
                }
            })
            .collect()
    }

    fn body(&self, test: &Test) -> Option<Body> {
        let module = &self.modules[test.module];
        let rule = &module.policy[test.rule];
        let Rule::Spec { bodies, .. } = rule.as_ref() else { return None };
        let query = &bodies.first()?.query;
        let text = module.package.span.source.contents();
        let whole = bytes(&query.span);
        let end = if text.get(whole.clone())?.ends_with('}') { whole.end - 1 } else { whole.end };
        let starts: Vec<usize> = query.stmts.iter().map(|statement| bytes(&statement.span).start).collect();
        let statements = query
            .stmts
            .iter()
            .enumerate()
            .map(|(index, statement)| {
                let start = starts[index];
                let until = starts.get(index + 1).copied().unwrap_or(end);
                let source = slice::statement(text.get(start..until)?);
                Some(Statement::new(statement, text, start..start + source.len()))
            })
            .collect::<Option<Vec<_>>>()?;
        let keys = if test.has_cases { case_keys(rule, text) } else { Vec::new() };
        let keys_bound_after = statements
            .iter()
            .enumerate()
            .filter(|(_, statement)| {
                statement.locals.iter().any(|local| keys.iter().any(|key| mentions(key, local)))
            })
            .map(|(index, _)| index + 1)
            // The first statement that binds a variable is the one: a later one may only use it.
            .max()
            .unwrap_or_default();
        let imports = module.imports.iter().filter_map(|import| {
            text.get(bytes(&import.span).start..)?.lines().next().map(|line| format!("{line}\n"))
        });
        Some(Body { text: text.clone(), imports: imports.collect(), statements, keys, keys_bound_after })
    }

    /// An engine with the probes of `body`; with less in them if the engine does not take everything.
    fn probes(&mut self, test: &Test, body: &Body) -> Option<Probes> {
        [Depth::Operands, Depth::Bindings, Depth::Statements].into_iter().find_map(|depth| {
            let mut engine = self.pack.engine.clone();
            engine.add_policy("probe".to_owned(), body.module(&test.package, depth)).ok()?;
            let mut probes = Probes { engine, package: test.package.clone(), depth };
            // Variables are checked at the first evaluation.
            probes.ask("secretlint_probe_0").map(|_| probes)
        })
    }
}

/// Where failures of a test are shown.
struct Place<'pack> {
    texts: &'pack Texts,
    file: usize,
}

impl Place<'_> {
    /// A failure at bytes `span` of the text that the engine has.
    fn failure(
        &self,
        case: &[String],
        span: Range<usize>,
        reason: String,
        bindings: Vec<(String, String)>,
    ) -> Failure {
        let (source, span) = self.texts.original(self.file, span);
        let line = source.text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1;
        Failure { case: case.to_vec(), source, span, line, reason, bindings }
    }
}

/// What is asked beyond the statements themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    Statements,
    Bindings,
    Operands,
}

struct Body {
    text: String,
    imports: String,
    statements: Vec<Statement>,
    /// The keys of a case, in the words of the policy.
    keys: Vec<String>,
    /// How many statements it takes until the keys have values.
    keys_bound_after: usize,
}

struct Statement {
    span: Range<usize>,
    /// Variables that it gives a value.
    locals: Vec<String>,
    /// What to look at if it fails: a name, and the expression with its `with` modifiers.
    operands: Vec<(&'static str, String)>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Expression,
    Negation,
    Iteration,
    Every,
}

impl Statement {
    fn new(statement: &LiteralStmt, text: &str, span: Range<usize>) -> Self {
        let with = statement.with_mods.first().map(|modifier| bytes(&modifier.span).start..span.end);
        let expression_end = with.as_ref().map_or(span.end, |with| with.start);
        let with = with.and_then(|with| text.get(with)).unwrap_or_default();
        let source = slice::statement(text.get(span.start..expression_end).unwrap_or_default());
        let mut locals = Vec::new();
        let mut operands = Vec::new();
        let mut operand = |name, source: &str| operands.push((name, format!("{source} {with}")));
        let kind = match &statement.literal {
            Literal::SomeVars { .. } => Kind::Iteration,
            Literal::SomeIn { key, value, .. } => {
                key.iter().for_each(|key| variables(key, &mut locals));
                variables(value, &mut locals);
                slice::collection(source).into_iter().for_each(|source| operand("in", source));
                Kind::Iteration
            }
            Literal::NotExpr { .. } => {
                source.strip_prefix("not").into_iter().for_each(|source| operand("it", source.trim_start()));
                Kind::Negation
            }
            Literal::Every { .. } => Kind::Every,
            Literal::Expr { expr, .. } => {
                match expr.as_ref() {
                    Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } => variables(lhs, &mut locals),
                    Expr::BoolExpr { op, .. } => {
                        if let Some((left, right)) = slice::sides(source, operator(op)) {
                            operand("left", left);
                            operand("right", right);
                        }
                    }
                    // It is always true, and has printed already.
                    Expr::Call { .. } if source.starts_with("print(") => {}
                    _ => operand("it", source),
                }
                Kind::Expression
            }
        };
        Self { span, locals, operands, kind }
    }
}

impl Body {
    /// A module that asks for the answers after every number of statements.
    fn module(&self, package: &str, depth: Depth) -> String {
        let package = package.strip_prefix("data.").unwrap_or(package);
        let mut module = format!("package {package}\n\nimport rego.v1\n");
        module.push_str(&self.imports.replace("import rego.v1\n", ""));
        for count in 0..=self.statements.len().saturating_sub(1).max(self.keys_bound_after) {
            let keys = if count >= self.keys_bound_after { self.keys.join(", ") } else { String::new() };
            let locals: Vec<String> = self.statements[..count]
                .iter()
                .flat_map(|statement| &statement.locals)
                .filter(|_| depth >= Depth::Bindings)
                .map(|local| format!("[{local:?}, {local}]"))
                .collect();
            let before: String = self.statements[..count]
                .iter()
                .filter_map(|statement| self.text.get(statement.span.clone()))
                .map(|source| format!("\t{source}\n"))
                .collect();
            module.push_str(&format!(
                "\nsecretlint_probe_{count} contains [[{keys}], [{}]] if {{\n\ttrue\n{before}}}\n",
                locals.join(", ")
            ));
            let Some(statement) = self.statements.get(count).filter(|_| depth == Depth::Operands) else {
                continue;
            };
            for (name, operand) in &statement.operands {
                module.push_str(&format!(
                    "\nsecretlint_{name}_{count} contains [[{keys}], [[{name:?}, secretlint_value]]] if {{\n{before}\tsecretlint_value := {operand}\n}}\n"
                ));
            }
        }
        module
    }
}

/// One answer of a probe.
struct Row {
    keys: Vec<String>,
    bindings: Vec<(String, String)>,
}

struct Probes {
    engine: Engine,
    package: String,
    depth: Depth,
}

impl Probes {
    fn ask(&mut self, name: &str) -> Option<Value> {
        let value = ask(&mut self.engine, &format!("{}.{name}", self.package)).ok();
        // What a statement printed has been shown with the test itself.
        let _printed_again = self.engine.take_prints();
        value
    }

    /// The answers that are left after `count` statements.
    fn rows(&mut self, count: usize) -> Vec<Row> {
        self.rows_of(&format!("secretlint_probe_{count}"))
    }

    fn rows_of(&mut self, name: &str) -> Vec<Row> {
        let Some(Value::Set(rows)) = self.ask(name) else { return Vec::new() };
        rows.iter()
            .filter_map(|row| {
                let [keys, bindings] = row.as_array().ok()?.as_slice() else { return None };
                let bindings = bindings.as_array().ok()?.iter().filter_map(|pair| {
                    match pair.as_array().ok()?.as_slice() {
                        [Value::String(name), value] => Some((name.to_string(), shown(value))),
                        _ => None,
                    }
                });
                let keys = keys.as_array().ok()?.iter().map(key_text);
                Some(Row { keys: keys.collect(), bindings: bindings.collect() })
            })
            .collect()
    }

    fn failure(&mut self, body: &Body, case: &[String], place: &Place<'_>) -> Failure {
        let of_case = |row: &Row| row.keys.is_empty() || row.keys == case;
        let mut bindings = Vec::new();
        let mut failed = body.statements.len().saturating_sub(1);
        for count in 0..body.statements.len() {
            match self.rows(count).into_iter().find(of_case) {
                Some(row) => bindings = row.bindings,
                None => {
                    failed = count.saturating_sub(1);
                    break;
                }
            }
        }
        let Some(statement) = body.statements.get(failed) else {
            return place.failure(case, 0..0, "this is undefined".into(), bindings);
        };
        let mut operands = Vec::new();
        if self.depth == Depth::Operands {
            for (name, _) in &statement.operands {
                let rows = self.rows_of(&format!("secretlint_{name}_{failed}"));
                let value = rows.into_iter().find(of_case).and_then(|row| row.bindings.into_iter().next());
                operands.push(value.unwrap_or_else(|| ((*name).to_owned(), "undefined".to_owned())));
            }
        }
        let reason = reason(statement.kind, &operands);
        // A single operand is the reason already.
        operands.retain(|(name, _)| name != "it");
        bindings.extend(operands);
        place.failure(case, statement.span.clone(), reason, bindings)
    }
}

fn reason(kind: Kind, operands: &[(String, String)]) -> String {
    let undefined = operands.iter().find(|(_, value)| value == "undefined").map(|(name, _)| name.as_str());
    match (kind, undefined) {
        (Kind::Iteration, _) => "nothing in there matches".into(),
        (Kind::Every, _) => "this does not hold for every element".into(),
        (Kind::Negation, Some(_)) => "this is undefined".into(),
        (Kind::Negation, None) => match operands.first() {
            Some((_, value)) => format!("what must not be so is {value}"),
            None => "what must not be so is so".into(),
        },
        (Kind::Expression, Some("left")) => "the left side is undefined".into(),
        (Kind::Expression, Some("right")) => "the right side is undefined".into(),
        (Kind::Expression, Some(_)) => "this is undefined".into(),
        (Kind::Expression, None) => match operands {
            [(_, value)] => format!("this is {value}"),
            [] => "this is false or undefined".into(),
            _ => "this is false".into(),
        },
    }
}

const fn operator(operator: &BoolOp) -> &'static str {
    match operator {
        BoolOp::Lt => "<",
        BoolOp::Le => "<=",
        BoolOp::Eq => "==",
        BoolOp::Ge => ">=",
        BoolOp::Gt => ">",
        BoolOp::Ne => "!=",
    }
}

/// The variables of a pattern: `x`, `[x, _]`, `{"a": x}`.
fn variables(pattern: &Expr, found: &mut Vec<String>) {
    match pattern {
        Expr::Var { span, .. } if span.text() != "_" => found.push(span.text().to_owned()),
        Expr::Array { items, .. } => items.iter().for_each(|item| variables(item, found)),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, value)| variables(value, found)),
        _ => {}
    }
}

/// `expression` names the variable `name`.
fn mentions(expression: &str, name: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    expression.match_indices(name).any(|(at, _)| {
        !expression[..at].ends_with(|before: char| is_word(before) || before == '.' || before == '"')
            && !expression[at + name.len()..].starts_with(is_word)
    })
}

/// A value in the words of Rego, cut to a width. Tests are the author's own, so nothing is masked.
fn shown(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    match text.char_indices().nth(VALUE_WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn write_value(value: &Value, text: &mut String) {
    if text.len() > VALUE_WIDTH * 4 {
        return;
    }
    let list = |open: &str, close: &str, items: &mut dyn Iterator<Item = &Value>, text: &mut String| {
        text.push_str(open);
        for (index, item) in items.enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            write_value(item, text);
        }
        text.push_str(close);
    };
    match value {
        Value::Array(items) => list("[", "]", &mut items.iter(), text),
        Value::Set(items) if items.is_empty() => text.push_str("set()"),
        Value::Set(items) => list("{", "}", &mut items.iter(), text),
        Value::Object(fields) => {
            text.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                write_value(key, text);
                text.push_str(": ");
                write_value(value, text);
            }
            text.push('}');
        }
        Value::Undefined => text.push_str("undefined"),
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reads_as_in_rego_and_is_cut() {
        let value = Value::from_json_str(r#"{"a": [1, null], "b": "x"}"#).unwrap();
        assert_eq!(shown(&value), r#"{"a": [1, null], "b": "x"}"#);
        assert_eq!(shown(&Value::new_set()), "set()");
        let long = Value::from("ä".repeat(1000));
        assert_eq!(shown(&long).chars().count(), VALUE_WIDTH + 1);
    }

    #[test]
    fn a_variable_is_told_from_a_longer_name_a_field_and_a_string() {
        assert!(mentions("case.note", "case") && mentions("f(x)", "x"));
        assert!(
            !mentions("cases.note", "case") && !mentions("a.case", "case") && !mentions("\"case\"", "case")
        );
    }
}
