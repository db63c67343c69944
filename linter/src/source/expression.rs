//! Follows an attribute path through the blocks and expressions of HCL, as deep as they are written down.
//!
//! What stands in a plan is the result of an expression, so the way back is a guess where an expression computes: of the two sides of a
//! condition or the arguments of `merge`, the one that leads deepest is taken.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body};

use super::json;
use super::module::{Module, Place, header};
use crate::facts::model::PathStep;

/// `local.a` may name `local.b` and so on; a configuration that Terraform accepts has no cycle, one on disk may.
const MAX_LOCALS: usize = 16;

/// The search for a path: the innermost place so far, and how many steps of the path led there.
pub(super) struct Search<'module> {
    module: &'module Module,
    file: usize,
    best: Place,
    best_depth: usize,
    /// The places on the way to where the search is, each with its depth.
    way: Vec<(usize, Place)>,
    way_to_best: Vec<Place>,
    locals: usize,
}

impl<'module> Search<'module> {
    /// A search that ends at `start` if nothing of the path is found.
    pub(super) fn new(module: &'module Module, start: Place) -> Self {
        Self {
            module,
            file: start.file,
            way: vec![(0, start.clone())],
            way_to_best: vec![start.clone()],
            best: start,
            best_depth: 0,
            locals: 0,
        }
    }

    /// Follows `path` from the body of a block.
    pub(super) fn body(&mut self, body: &Body, path: &[PathStep]) {
        self.body_at(body, path, 0);
    }

    /// The innermost place.
    pub(super) fn found(self) -> Place {
        self.best
    }

    /// The innermost place and all that it is a part of, from the start.
    pub(super) fn way(self) -> Vec<Place> {
        self.way_to_best
    }

    fn offer(&mut self, depth: usize, span: Range<usize>) {
        let place = Place { file: self.file, span };
        // What another branch of the search has left behind is no part of this way.
        self.way.retain(|(earlier, _)| *earlier < depth);
        self.way.push((depth, place.clone()));
        if depth > self.best_depth {
            self.best_depth = depth;
            self.best = place;
            self.way_to_best = self.way.iter().map(|(_, place)| place.clone()).collect();
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
        let Some(step) = path.get(depth) else { return };
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

    /// `local.NAME` and what follows it.
    fn traversal(&mut self, traversal: &Traversal, path: &[PathStep], depth: usize) {
        let Expression::Variable(root) = &traversal.expr else { return };
        let mut operators = traversal.operators.iter();
        let Some(TraversalOperator::GetAttr(name)) = operators.next().map(|operator| operator.value()) else {
            return;
        };
        if root.as_str() != "local" || operators.next().is_some() || self.locals >= MAX_LOCALS {
            return;
        }
        let Some((file, expression)) = self.module.local(name.as_str()) else { return };
        let caller = std::mem::replace(&mut self.file, file);
        self.locals += 1;
        self.expression(expression, path, depth);
        self.file = caller;
    }

    fn json(&mut self, span: Range<usize>, path: &[PathStep], depth: usize) {
        let text = &self.module.files[self.file].text;
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

fn key_name(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str()),
        ObjectKey::Expression(Expression::String(name)) => Some(name.as_str()),
        ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str()),
        ObjectKey::Expression(_) => None,
    }
}
