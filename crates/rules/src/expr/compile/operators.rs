//! What joins parts to one: operators, IN, BETWEEN, CASE, AND and OR.

use super::{Compiler, Param, constant, not};
use crate::expr::{Comparison, Expr, Node, Operator, Origin};
use sqlparser::ast::{self, BinaryOperator};
use tables::Kind;

impl Compiler<'_, '_, '_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an allow-list: what is not named is refused"
    )]
    pub(super) fn binary(
        &mut self,
        left: ast::Expr,
        op: &BinaryOperator,
        right: ast::Expr,
    ) -> Expr {
        match op {
            BinaryOperator::And | BinaryOperator::Or => {
                let (left, right) = (self.expr(left), self.expr(right));
                self.want_truth(&left);
                self.want_truth(&right);
                logical(*op == BinaryOperator::And, left, right)
            }
            BinaryOperator::Eq => self.compare(Comparison::Equal, left, right),
            BinaryOperator::NotEq => self.compare(Comparison::NotEqual, left, right),
            BinaryOperator::Lt => self.compare(Comparison::Less, left, right),
            BinaryOperator::LtEq => self.compare(Comparison::LessOrEqual, left, right),
            BinaryOperator::Gt => self.compare(Comparison::Greater, left, right),
            BinaryOperator::GtEq => self.compare(Comparison::GreaterOrEqual, left, right),
            BinaryOperator::Plus => self.arithmetic(Operator::Add, left, right),
            BinaryOperator::Minus => self.arithmetic(Operator::Subtract, left, right),
            BinaryOperator::Multiply => self.arithmetic(Operator::Multiply, left, right),
            BinaryOperator::Divide => self.arithmetic(Operator::Divide, left, right),
            BinaryOperator::Modulo => self.arithmetic(Operator::Remainder, left, right),
            BinaryOperator::PGRegexMatch => self.pattern(left, right, "~"),
            BinaryOperator::PGRegexIMatch => self.pattern(left, right, "~*"),
            BinaryOperator::PGRegexNotMatch => not(self.pattern(left, right, "~")),
            BinaryOperator::PGRegexNotIMatch => not(self.pattern(left, right, "~*")),
            other => {
                let left = self.expr(left);
                let span = self.source.word(&other.to_string(), left.span.end);
                self.expr(right);
                self.fault(&span, format!("the operator {other} is not part of the language"))
            }
        }
    }

    fn compare(&mut self, op: Comparison, left: ast::Expr, right: ast::Expr) -> Expr {
        let (left, right) = (self.expr(left), self.expr(right));
        self.comparison(op, left, right)
    }

    pub(super) fn between(&mut self, expr: ast::Expr, low: ast::Expr, high: ast::Expr) -> Expr {
        let expr = self.expr(expr);
        let low = self.expr(low);
        let low = self.comparison(Comparison::GreaterOrEqual, expr.clone(), low);
        let high = self.expr(high);
        let high = self.comparison(Comparison::LessOrEqual, expr, high);
        logical(true, low, high)
    }

    pub(super) fn is_null(&mut self, expr: ast::Expr) -> Expr {
        let part = self.expr(expr);
        let span = part.span.clone();
        Expr { node: Node::IsNull(Box::new(part)), kind: Some(Kind::Bool), span }
    }

    pub(super) fn in_list(&mut self, expr: ast::Expr, list: Vec<ast::Expr>) -> Expr {
        let mut part = self.expr(expr);
        let mut members = Vec::with_capacity(list.len());
        for member in list {
            if let ast::Expr::Value(ast::Value::Placeholder(written)) = &member {
                let span = self.source.word(written, 0);
                let name = written.trim_start_matches(':');
                if let Some(Param::Many(values)) = self.scope.params.get(name) {
                    self.used.params.insert(name.to_owned());
                    let origin = Origin::Param(written.clone());
                    members.extend(
                        values
                            .iter()
                            .map(|value| constant(value.clone(), origin.clone(), span.clone())),
                    );
                    continue;
                }
            }
            members.push(self.expr(member));
        }
        for member in &mut members {
            self.unify(&mut part, member, true);
        }
        let span = part.span.start..members.last().map_or(part.span.end, |member| member.span.end);
        Expr { node: Node::In(Box::new(part), members), kind: Some(Kind::Bool), span }
    }

    pub(super) fn case(
        &mut self,
        operand: Option<Box<ast::Expr>>,
        conditions: Vec<ast::Expr>,
        results: Vec<ast::Expr>,
        otherwise: Option<Box<ast::Expr>>,
    ) -> Expr {
        let operand = operand.map(|operand| self.expr(*operand));
        let mut arms: Vec<(Expr, Expr)> = Vec::new();
        for (when, then) in conditions.into_iter().zip(results) {
            let when = self.expr(when);
            let when = match &operand {
                Some(operand) => self.comparison(Comparison::Equal, operand.clone(), when),
                None => {
                    self.want_truth(&when);
                    when
                }
            };
            arms.push((when, self.expr(then)));
        }
        let mut otherwise = otherwise.map(|expr| Box::new(self.expr(*expr)));
        let values = arms.iter_mut().map(|(_, then)| then).chain(otherwise.as_deref_mut());
        let kind = self.common(values, "CASE");
        let start = arms.first().map_or(0, |(when, _)| when.span.start);
        let end = otherwise
            .as_deref()
            .or(arms.last().map(|(_, then)| then))
            .map_or(start, |expr| expr.span.end);
        Expr { node: Node::Case(arms, otherwise), kind, span: start..end }
    }
}

/// AND or OR of two parts; chains become one list.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other part stays one part")]
fn logical(all: bool, left: Expr, right: Expr) -> Expr {
    let span = left.span.start..right.span.end;
    let mut parts = Vec::new();
    for part in [left, right] {
        match part.node {
            Node::All(inner) if all => parts.extend(inner),
            Node::Any(inner) if !all => parts.extend(inner),
            node => parts.push(Expr { node, kind: part.kind, span: part.span }),
        }
    }
    let node = if all { Node::All(parts) } else { Node::Any(parts) };
    Expr { node, kind: Some(Kind::Bool), span }
}
