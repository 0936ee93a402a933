//! Types: what may be compared and computed with what.

use super::{Compiler, constant};
use crate::expr::{Comparison, Expr, Node, Operator, Val};
use sqlparser::ast;
use tables::{Cell, Kind};

impl Compiler<'_, '_, '_> {
    /// Reports a part that is not TRUE, FALSE or unknown.
    pub(super) fn want_truth(&mut self, expr: &Expr) {
        if matches!(expr.node, Node::Broken) {
            return;
        }
        let what = match expr.kind {
            Some(Kind::Bool) => return,
            Some(kind) => kind.as_str(),
            None => "NULL",
        };
        self.fault(
            &expr.span,
            format!("this is {what}, not a condition; compare it with something"),
        );
    }

    pub(super) fn comparison(&mut self, op: Comparison, mut left: Expr, mut right: Expr) -> Expr {
        let span = left.span.start..right.span.end;
        let ordered = !matches!(op, Comparison::Equal | Comparison::NotEqual);
        for side in [&left, &right] {
            if matches!(side.node, Node::Constant(Val::Null, _)) {
                let message = "a comparison with NULL is never true; use IS NULL";
                return self.fault(&side.span.clone(), message);
            }
        }
        self.unify(&mut left, &mut right, true);
        if ordered && left.kind == Some(Kind::Bool) && right.kind == Some(Kind::Bool) {
            return self.fault(&span, "true and false have no order");
        }
        if ordered && left.kind == Some(Kind::Text) && right.kind == Some(Kind::Text) {
            for side in [&left, &right] {
                if let Node::Constant(Val::Text(text), _) = &side.node
                    && text.starts_with(|c: char| c.is_ascii_digit())
                {
                    let message =
                        format!("'{text}' would be compared as text; use VERSION(...) or a number");
                    return self.fault(&side.span.clone(), message);
                }
            }
        }
        let node = Node::Compare(op, Box::new(left), Box::new(right));
        Expr { node, kind: Some(Kind::Bool), span }
    }

    /// Brings two sides to kinds that can be compared; reports when there are none.
    pub(super) fn unify(&mut self, left: &mut Expr, right: &mut Expr, report: bool) -> bool {
        let (Some(a), Some(b)) = (left.kind, right.kind) else { return true };
        if a == b || (is_number(a) && is_number(b)) {
            return true;
        }
        if self.read_as(right, a) || self.read_as(left, b) {
            return true;
        }
        if let Some((text, kind)) = unread(left, b).or_else(|| unread(right, a)) {
            let span = if a == Kind::Text { left.span.clone() } else { right.span.clone() };
            let example = match kind {
                Kind::Version => "'11.0'",
                Kind::Time => "'2026-03-05T09:18:00Z'",
                Kind::Bool => "TRUE",
                Kind::Int | Kind::Float | Kind::Text | Kind::Span => "a number without quotes",
            };
            self.fault(&span, format!("'{text}' is no {}; write {example}", kind.as_str()));
            return false;
        }
        if report {
            let span = left.span.start..right.span.end;
            self.fault(&span, format!("cannot compare {} with {}", a.as_str(), b.as_str()));
        }
        false
    }

    /// Reads a written text as a version, a time or a span, where the other side is one.
    fn read_as(&mut self, expr: &mut Expr, kind: Kind) -> bool {
        let Node::Constant(Val::Text(text), origin) = &expr.node else { return false };
        let value = match kind {
            Kind::Version | Kind::Time => {
                Cell::parse(kind, text).map(|cell| Val::of(cell).into_owned())
            }
            Kind::Span => crate::expr::interval::parse(text).map(Val::Span),
            Kind::Bool | Kind::Int | Kind::Float | Kind::Text => None,
        };
        let Some(value) = value else { return false };
        *expr = constant(value, origin.clone(), expr.span.clone());
        true
    }

    /// One kind for several values; reports the first that does not fit.
    pub(super) fn common<'e>(
        &mut self,
        values: impl Iterator<Item = &'e mut Expr>,
        word: &str,
    ) -> Option<Kind> {
        let mut first: Option<&mut Expr> = None;
        let mut kind = None;
        for value in values {
            match first.as_deref_mut() {
                Some(known) => {
                    if !self.unify(known, value, false) {
                        let (a, b) = (known.kind, value.kind);
                        let name = |kind: Option<Kind>| kind.map_or("NULL", Kind::as_str);
                        let message =
                            format!("{word} gives {} here and {} before", name(b), name(a));
                        self.fault(&value.span, message);
                    }
                    if value.kind == Some(Kind::Float) && kind == Some(Kind::Int) {
                        kind = value.kind;
                    }
                }
                None => {
                    if value.kind.is_some() {
                        kind = value.kind;
                        first = Some(value);
                    }
                }
            }
        }
        kind
    }

    pub(super) fn arithmetic(&mut self, op: Operator, left: ast::Expr, right: ast::Expr) -> Expr {
        let (mut left, mut right) = (self.expr(left), self.expr(right));
        // A written time or span beside a time: '2026-01-01T00:00:00Z'.
        if let (Some(Kind::Time), Some(Kind::Text)) = (left.kind, right.kind) {
            self.read_as(&mut right, Kind::Time);
        } else if let (Some(Kind::Text), Some(Kind::Time)) = (left.kind, right.kind) {
            self.read_as(&mut left, Kind::Time);
        }
        let span = left.span.start..right.span.end;
        let (Some(a), Some(b)) = (left.kind, right.kind) else {
            return Expr {
                node: Node::Arithmetic(op, Box::new(left), Box::new(right)),
                kind: None,
                span,
            };
        };
        let Some(kind) = result(op, a, b) else {
            let message = format!("cannot compute {} {} {}", a.as_str(), op.as_str(), b.as_str());
            return self.fault(&span, message);
        };
        Expr { node: Node::Arithmetic(op, Box::new(left), Box::new(right)), kind: Some(kind), span }
    }
}

/// A written text that could not be read as the other side's kind.
fn unread(expr: &Expr, kind: Kind) -> Option<(String, Kind)> {
    let Node::Constant(Val::Text(text), _) = &expr.node else { return None };
    (kind != Kind::Text).then(|| (text.to_string(), kind))
}

/// Numbers, and spans as numbers of milliseconds.
fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Int | Kind::Float | Kind::Span)
}

/// The kind of a computation; `None` when there is none.
fn result(op: Operator, a: Kind, b: Kind) -> Option<Kind> {
    use Operator::{Add, Divide, Multiply, Remainder, Subtract};
    let plain = |kind| matches!(kind, Kind::Int | Kind::Float);
    Some(match (a, op, b) {
        (a, Divide, b) if plain(a) && plain(b) => Kind::Float,
        (Kind::Int, _, Kind::Int) => Kind::Int,
        (a, Add | Subtract | Multiply | Remainder, b) if plain(a) && plain(b) => Kind::Float,
        (Kind::Time, Subtract, Kind::Time) => Kind::Span,
        (Kind::Time, Add | Subtract, Kind::Span) | (Kind::Span, Add, Kind::Time) => Kind::Time,
        (Kind::Span, Add | Subtract | Remainder, Kind::Span) => Kind::Span,
        (Kind::Span, Divide, Kind::Span) => Kind::Float,
        (Kind::Span, Multiply | Divide, b) if plain(b) => Kind::Span,
        (a, Multiply, Kind::Span) if plain(a) => Kind::Span,
        _ => return None,
    })
}
