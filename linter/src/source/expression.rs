//! Follows an attribute path through the blocks and expressions of HCL, as deep as they are written down.
//!
//! What stands in a plan is the result of an expression, so the way back is a guess where an expression computes: of the two sides of a
//! condition or the arguments of `merge`, the one that leads deepest is taken.
//!
//! A value that is only named where it is used (`local.x`, `var.x`) is followed to where it is written: a local value, the argument of the
//! module's call, a `.tfvars` file, a variable's default. A name that ends at something computed is not followed: there is no literal to show.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body};

use super::address::Address;
use super::json;
use super::module::{Declared, Definition, Module, Place, header};
use crate::facts::model::PathStep;

/// `local.a` may name `local.b` and so on; a configuration that Terraform accepts has no cycle, one on disk may.
const MAX_NAMES: usize = 16;

/// A module on the way to an object, from the root.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) module: Arc<Module>,
    /// The call in it that leads to the next one; none for the last.
    pub(super) call: Option<(String, Place)>,
    /// It is a copy of somebody else's code, where nobody can change a line.
    pub(super) is_remote: bool,
}

/// A place in one of the modules on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// Index of the frame.
    pub(super) level: usize,
    pub(super) place: Place,
}

/// How far a spot is on the way: steps of the path, then names that were followed.
type Rank = (usize, usize);

/// The search for a path: the innermost place so far, and what led there.
pub(super) struct Search<'module> {
    frames: &'module [Frame],
    level: usize,
    file: usize,
    names: usize,
    best: (Rank, Spot),
    /// The innermost place that no name led to.
    used: (Rank, Spot),
    /// The places on the way to where the search is.
    way: Vec<(Rank, Spot)>,
    way_to_best: Vec<Spot>,
}

/// What a search has found.
pub(super) struct Found {
    /// The innermost place.
    pub(super) spot: Spot,
    /// Where what is written there is used, if that is elsewhere.
    pub(super) used: Option<Spot>,
    /// The innermost place and all that it is a part of, from the block. Empty in JSON, where nothing has a line of its own.
    pub(super) way: Vec<Spot>,
}

/// Looks for `path` in the block at `address`, in the last of `frames`.
pub(super) fn find(frames: &[Frame], address: &Address, path: &[PathStep]) -> Option<Found> {
    let level = frames.len().checked_sub(1)?;
    let declared = frames.get(level)?.module.block(address)?;
    let (Declared::Native { place, .. } | Declared::Json { place, .. }) = &declared;
    let start = ((0, 0), Spot { level, place: place.clone() });
    let mut search = Search {
        frames,
        level,
        file: place.file,
        names: 0,
        way: vec![start.clone()],
        way_to_best: vec![start.1.clone()],
        used: start.clone(),
        best: start,
    };
    let is_json = match &declared {
        Declared::Native { body, .. } => {
            search.body_at(body, path, 0);
            false
        }
        Declared::Json { path: block, .. } => {
            search.document(block, path);
            true
        }
    };
    let elsewhere = search.best.0.1 > 0;
    Some(Found {
        used: elsewhere.then_some(search.used.1),
        spot: search.best.1,
        way: if is_json { Vec::new() } else { search.way_to_best },
    })
}

impl<'module> Search<'module> {
    fn module(&self) -> Option<&'module Module> {
        let frames: &'module [Frame] = self.frames;
        frames.get(self.level).map(|frame| &*frame.module)
    }

    fn offer(&mut self, depth: usize, span: Range<usize>) {
        let rank = (depth, self.names);
        let spot = Spot { level: self.level, place: Place { file: self.file, span } };
        // What another branch of the search has left behind is no part of this way.
        self.way.retain(|(earlier, _)| *earlier < rank);
        self.way.push((rank, spot.clone()));
        if rank > self.best.0 {
            self.best = (rank, spot.clone());
            self.way_to_best = self.way.iter().map(|(_, spot)| spot.clone()).collect();
        }
        if self.names == 0 && rank > self.used.0 {
            self.used = (rank, spot);
        }
    }

    fn body_at(&mut self, body: &Body, path: &[PathStep], depth: usize) {
        let Some(PathStep::Name(name)) = path.get(depth) else { return };
        if let Some(attribute) = body.get_attribute(name) {
            let key = attribute.key.span().unwrap_or_default();
            let value = attribute.value.span().unwrap_or_else(|| key.clone());
            self.offer(depth + 1, key.start..value.end.max(key.end));
            self.expression(&attribute.value, path, depth + 1);
            return;
        }
        let (index, next) = match path.get(depth + 1) {
            Some(PathStep::Index(index)) => (*index, depth + 2),
            _ => (0, depth + 1),
        };
        let blocks: Vec<&Block> = body
            .blocks()
            .filter(|block| {
                block.has_ident(name)
                    || (block.has_ident("dynamic") && block.has_exact_labels(&[name.as_str()]))
            })
            .collect();
        // A dynamic block stands for any number of blocks, so an index beyond the last block belongs to it.
        let Some(block) = blocks
            .iter()
            .take(index + 1)
            .find(|block| block.has_ident("dynamic"))
            .or_else(|| blocks.get(index))
            .or_else(|| blocks.last())
        else {
            return;
        };
        self.offer(next, header(block));
        if block.has_ident("dynamic") {
            if let Some(content) = block.body.get_blocks("content").next() {
                self.body_at(&content.body, path, next);
            }
        } else {
            self.body_at(&block.body, path, next);
        }
    }

    fn expression(&mut self, expression: &Expression, path: &[PathStep], depth: usize) {
        let Some(step) = path.get(depth) else {
            return match expression {
                Expression::Traversal(traversal) => self.traversal(traversal, path, depth),
                Expression::Parenthesis(inner) => self.expression(inner.inner(), path, depth),
                _ => {}
            };
        };
        match expression {
            Expression::Object(object) => {
                let PathStep::Name(name) = step else {
                    // IAM allows one object where a list is meant; facts always number statements.
                    return self.expression(expression, path, depth + 1);
                };
                let entry = object
                    .iter()
                    .find(|(key, _)| key_name(key).is_some_and(|key| key == name))
                    .or_else(|| {
                        object
                            .iter()
                            .find(|(key, _)| key_name(key).is_some_and(|key| key.eq_ignore_ascii_case(name)))
                    });
                if let Some((key, value)) = entry {
                    let start = key.span().unwrap_or_default();
                    let end = value.expr().span().unwrap_or_else(|| start.clone());
                    self.offer(depth + 1, start.start..end.end.max(start.end));
                    self.expression(value.expr(), path, depth + 1);
                }
            }
            Expression::Array(array) => {
                let (index, next) = match step {
                    PathStep::Index(index) => (*index, depth + 1),
                    PathStep::Name(_) => (0, depth),
                };
                if let Some(element) = array.get(index) {
                    if let Some(span) = element.span() {
                        self.offer(next, span);
                    }
                    self.expression(element, path, next);
                }
            }
            Expression::Parenthesis(inner) => self.expression(inner.inner(), path, depth),
            Expression::Conditional(conditional) => {
                self.expression(&conditional.true_expr, path, depth);
                self.expression(&conditional.false_expr, path, depth);
            }
            Expression::FuncCall(call) => self.call(call, path, depth),
            Expression::ForExpr(for_expression) => {
                // Every element is written by the one value expression.
                if let Some(span) = for_expression.value_expr.span() {
                    self.offer(depth + 1, span);
                }
                self.expression(&for_expression.value_expr, path, depth + 1);
            }
            Expression::Traversal(traversal) => self.traversal(traversal, path, depth),
            Expression::HeredocTemplate(heredoc) => {
                if let Some(span) = heredoc.span() {
                    self.json(span, path, depth);
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &FuncCall, path: &[PathStep], depth: usize) {
        match call.name.name.as_str() {
            "jsonencode" | "yamlencode" | "base64encode" | "base64gzip" | "jsondecode" | "sensitive"
            | "nonsensitive" | "tomap" | "toset" | "tolist" | "trimspace" | "try" | "coalesce" | "merge" => {
                // The last argument of `merge` wins; a deeper place found first stays.
                let arguments: Vec<&Expression> = call.args.iter().collect();
                for argument in arguments.into_iter().rev() {
                    self.expression(argument, path, depth);
                }
            }
            "concat" | "flatten" => {
                let Some(PathStep::Index(index)) = path.get(depth) else { return };
                let lists: Vec<&Expression> = match call.args.iter().next() {
                    Some(Expression::Array(array)) if call.name.name.as_str() == "flatten" => {
                        array.iter().collect()
                    }
                    _ => call.args.iter().collect(),
                };
                let mut remaining = *index;
                for list in lists {
                    // Behind a list whose length is not written down no position is certain.
                    let Expression::Array(array) = list else { return };
                    if let Some(element) = array.get(remaining) {
                        if let Some(span) = element.span() {
                            self.offer(depth + 1, span);
                        }
                        return self.expression(element, path, depth + 1);
                    }
                    remaining -= array.len();
                }
            }
            _ => {}
        }
    }

    /// `local.NAME` or `var.NAME`, and what of the value is meant: `.key`, `[0]`.
    fn traversal(&mut self, traversal: &Traversal, path: &[PathStep], depth: usize) {
        let Expression::Variable(root) = &traversal.expr else { return };
        let mut operators = traversal.operators.iter().map(|operator| operator.value());
        let Some(TraversalOperator::GetAttr(name)) = operators.next() else { return };
        let members: Option<Vec<PathStep>> = operators.map(member).collect();
        let Some(members) = members else { return };
        self.name(root.as_str(), name.as_str(), &members, path, depth);
    }

    /// Goes on where the name is given its value. `members` are the steps into that value before the rest of the path.
    fn name(&mut self, root: &str, name: &str, members: &[PathStep], path: &[PathStep], depth: usize) {
        if self.names >= MAX_NAMES {
            return;
        }
        let Some((level, definition)) = self.definition(root, name) else { return };
        let (Definition::Native { place, .. } | Definition::Json { place }) = &definition;
        // The steps into the named value take the place of those that led to the name.
        let longer =
            [path.get(..depth).unwrap_or_default(), members, path.get(depth..).unwrap_or_default()].concat();
        let (path, depth) = if members.is_empty() { (path, depth) } else { (longer.as_slice(), depth) };
        let caller = (self.level, self.file);
        (self.level, self.file) = (level, place.file);
        self.names += 1;
        match definition {
            Definition::Native { place, expression } => {
                let ends_here = path.len() == depth;
                if ends_here && is_written_out(expression) {
                    self.offer(depth, place.span);
                } else {
                    self.expression(expression, path, depth);
                }
            }
            Definition::Json { place } => self.in_json(place.span, path, depth),
        }
        self.names -= 1;
        (self.level, self.file) = caller;
    }

    /// Where `local.NAME` or `var.NAME` of the current module is given its value, with the index of that module's frame.
    fn definition(&self, root: &str, name: &str) -> Option<(usize, Definition<'module>)> {
        let module = self.module()?;
        match root {
            "local" => module.local(name).map(|definition| (self.level, definition)),
            "var" => {
                let default = || module.default(name).map(|definition| (self.level, definition));
                let Some(above) = self.level.checked_sub(1) else {
                    return module.given(name).map(|definition| (self.level, definition)).or_else(default);
                };
                let frames: &'module [Frame] = self.frames;
                let caller = frames.get(above)?;
                let (call, _) = caller.call.as_ref()?;
                let argument = caller.module.argument(call, name).map(|definition| (above, definition));
                argument.or_else(default)
            }
            _ => None,
        }
    }

    /// Follows `path` in a `.tf.json` file, below the block at `block`.
    fn document(&mut self, block: &[PathStep], path: &[PathStep]) {
        let Some(text) = self.text() else { return };
        let found = json::find(text, &[block, path].concat());
        let depth = found.depth().saturating_sub(block.len());
        let Some(span) = found.innermost().filter(|_| depth > 0) else { return };
        self.offer(depth, span.clone());
        self.template(span, path, depth);
    }

    /// Follows the rest of `path` in the value of a member of a JSON file: `"name": value`.
    fn in_json(&mut self, member: Range<usize>, path: &[PathStep], depth: usize) {
        let Some(text) = self.text() else { return };
        let Some(value) = text.get(member.clone()).and_then(json::after_key) else { return };
        let start = member.end - value.len();
        let rest = path.get(depth..).unwrap_or_default();
        let found = json::find(value, rest);
        let matched = found.depth();
        match found.innermost() {
            Some(inner) => {
                let span = start + inner.start..start + inner.end;
                self.offer(depth + matched, span.clone());
                self.template(span, path, depth + matched);
            }
            None if rest.is_empty() && !value.contains("${") => self.offer(depth, member),
            None => self.template(member, path, depth),
        }
    }

    /// Goes on from a text of a JSON file that is nothing but a name: `"${local.x}"`.
    fn template(&mut self, span: Range<usize>, path: &[PathStep], depth: usize) {
        let Some(text) = self.text().and_then(|text| text.get(span)) else { return };
        let Some(inner) = text.strip_suffix("}\"").and_then(|text| text.rsplit_once("\"${")) else { return };
        let Some((root, name)) = inner.1.split_once('.') else { return };
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if is_name {
            self.name(root, name, &[], path, depth);
        }
    }

    fn text(&self) -> Option<&'module str> {
        self.module()?.files.get(self.file).map(|file| &*file.text)
    }

    fn json(&mut self, span: Range<usize>, path: &[PathStep], depth: usize) {
        let Some(text) = self.text() else { return };
        let Some(heredoc) = text.get(span.clone()) else { return };
        let Some(first_line) = heredoc.find('\n') else { return };
        let (Some(document), Some(rest)) = (heredoc.get(first_line + 1..), path.get(depth..)) else { return };
        let found = json::find(document, rest);
        let matched = found.depth();
        if let Some(inner) = found.innermost() {
            let start = span.start + first_line + 1;
            self.offer(depth + matched, start + inner.start..start + inner.end);
        }
    }
}

/// A step into a value as the path has it; none for what is computed.
fn member(operator: &TraversalOperator) -> Option<PathStep> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(PathStep::Name(name.as_str().to_owned())),
        TraversalOperator::Index(Expression::String(name)) => Some(PathStep::Name(name.as_str().to_owned())),
        TraversalOperator::Index(Expression::Number(index)) => {
            index.as_u64().and_then(|index| usize::try_from(index).ok()).map(PathStep::Index)
        }
        _ => None,
    }
}

/// The expression is a value, not a way to get one.
fn is_written_out(expression: &Expression) -> bool {
    match expression {
        Expression::String(_)
        | Expression::Number(_)
        | Expression::Bool(_)
        | Expression::Array(_)
        | Expression::Object(_)
        | Expression::StringTemplate(_)
        | Expression::HeredocTemplate(_) => true,
        Expression::Parenthesis(inner) => is_written_out(inner.inner()),
        Expression::FuncCall(call) => {
            matches!(call.name.name.as_str(), "jsonencode" | "yamlencode" | "base64encode" | "sensitive")
                && call.args.iter().all(is_written_out)
        }
        _ => false,
    }
}

fn key_name(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str()),
        ObjectKey::Expression(Expression::String(name)) => Some(name.as_str()),
        ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str()),
        ObjectKey::Expression(_) => None,
    }
}
