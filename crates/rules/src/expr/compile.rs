//! From the parser's tree to ours, by allow-list: names, types and functions are checked here.

mod call;
mod coerce;
mod names;
mod operators;
mod pattern;
mod single;

pub(crate) use single::single_call;

use super::functions::Function;
use super::source::{ExprFault, Source};
use super::{Expr, Node, Origin, Scalar, Val, interval};
use sqlparser::ast::{self, UnaryOperator};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tables::{Kind, TableDoc};

/// What names may stand in an expression.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    /// The table of bare names.
    pub(crate) table: Option<&'static TableDoc>,
    pub(crate) params: &'s BTreeMap<String, Param>,
    pub(crate) lets: &'s [LetNames],
    /// In a `[let]` of a table rule: the rule's table, whose row is named `row.column`.
    pub(crate) row: Option<&'static TableDoc>,
}

/// A parameter: one value, or several for IN.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Param {
    One(Scalar),
    Many(Vec<Scalar>),
}

/// A `[let]` as names see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LetNames {
    pub(crate) name: String,
    /// Name, kind and unit of each value.
    pub(crate) values: Vec<(String, Option<Kind>, &'static str)>,
}

/// A fact that a rule uses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FactUse {
    pub(crate) path: String,
    pub(crate) unit: &'static str,
    pub(crate) per_node: bool,
}

/// A column that an expression uses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ColumnUse {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
}

/// What the expressions of a rule used so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    pub(crate) facts: Vec<FactUse>,
    pub(crate) columns: Vec<ColumnUse>,
    /// In a `[let]`: columns of the rule's own table.
    pub(crate) row: Vec<ColumnUse>,
    pub(crate) params: BTreeSet<String>,
    pub(crate) lets: BTreeSet<(usize, usize)>,
}

/// Compiles an expression that is TRUE, FALSE or unknown.
pub(crate) fn condition(
    text: &str,
    scope: Scope<'_>,
    used: &mut Used,
) -> Result<Expr, Vec<ExprFault>> {
    compile(text, scope, used, true)
}

/// Compiles an expression that gives any value.
pub(crate) fn value(text: &str, scope: Scope<'_>, used: &mut Used) -> Result<Expr, Vec<ExprFault>> {
    compile(text, scope, used, false)
}

fn compile(
    text: &str,
    scope: Scope<'_>,
    used: &mut Used,
    truth: bool,
) -> Result<Expr, Vec<ExprFault>> {
    let (source, parsed) = Source::parse(text).map_err(|fault| vec![fault])?;
    let mut compiler = Compiler { source, scope, used, faults: Vec::new() };
    let expr = compiler.expr(parsed);
    if truth {
        compiler.want_truth(&expr);
    }
    if compiler.faults.is_empty() { Ok(expr) } else { Err(compiler.faults) }
}

pub(super) struct Compiler<'s, 't, 'u> {
    source: Source<'t>,
    scope: Scope<'s>,
    used: &'u mut Used,
    faults: Vec<ExprFault>,
}

impl Compiler<'_, '_, '_> {
    fn fault(&mut self, span: &Range<usize>, message: impl Into<String>) -> Expr {
        self.fault_near(span, message, None)
    }

    fn fault_near(
        &mut self,
        span: &Range<usize>,
        message: impl Into<String>,
        nearest: Option<String>,
    ) -> Expr {
        self.faults.push(ExprFault { span: span.clone(), message: message.into(), nearest });
        Expr { node: Node::Broken, kind: None, span: span.clone() }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an allow-list: what is not named is refused"
    )]
    fn expr(&mut self, parsed: ast::Expr) -> Expr {
        match parsed {
            ast::Expr::Identifier(ident) => self.column(&ident),
            ast::Expr::CompoundIdentifier(idents) => self.dotted(&idents),
            ast::Expr::Nested(inner) => self.expr(*inner),
            ast::Expr::Value(value) => self.literal(value),
            ast::Expr::Interval(interval) => self.interval(interval),
            ast::Expr::BinaryOp { left, op, right } => self.binary(*left, &op, *right),
            ast::Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                let part = self.expr(*expr);
                self.want_truth(&part);
                not(part)
            }
            ast::Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.expr(*expr),
            ast::Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.negate(*expr),
            ast::Expr::IsNull(expr) => self.is_null(*expr),
            ast::Expr::IsNotNull(expr) => not(self.is_null(*expr)),
            ast::Expr::InList { expr, list, negated } => {
                let part = self.in_list(*expr, list);
                if negated { not(part) } else { part }
            }
            ast::Expr::Between { expr, negated, low, high } => {
                let part = self.between(*expr, *low, *high);
                if negated { not(part) } else { part }
            }
            ast::Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                let part = self.pattern(*expr, *pattern, "LIKE");
                if negated { not(part) } else { part }
            }
            ast::Expr::ILike { negated, any: false, expr, pattern, escape_char: None } => {
                let part = self.pattern(*expr, *pattern, "ILIKE");
                if negated { not(part) } else { part }
            }
            ast::Expr::Case { operand, conditions, results, else_result } => {
                self.case(operand, conditions, results, else_result)
            }
            ast::Expr::Function(function) => self.call(function),
            other => {
                let span = self.place_of(&other);
                let what = refusal(&other);
                self.fault(&span, what)
            }
        }
    }

    /// The place of a part that is refused: its first name or literal that can be found.
    fn place_of(&self, parsed: &ast::Expr) -> Range<usize> {
        let text = parsed.to_string();
        let word =
            text.split(|c: char| !c.is_alphanumeric() && c != '_').find(|word| !word.is_empty());
        self.source.word(word.unwrap_or_default(), 0)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an allow-list: what is not named is refused"
    )]
    fn literal(&mut self, value: ast::Value) -> Expr {
        match value {
            ast::Value::Number(written, _) => {
                let span = self.source.literal(&written);
                let value = match (written.parse::<i64>(), written.parse::<f64>()) {
                    (Ok(whole), _) => Val::Int(whole),
                    (_, Ok(number)) if number.is_finite() && written.contains(['.', 'e', 'E']) => {
                        Val::Float(number)
                    }
                    _ => return self.fault(&span, format!("the number {written} is out of range")),
                };
                constant(value, Origin::Written, span)
            }
            ast::Value::SingleQuotedString(written) => {
                let span = self.source.literal(&written);
                constant(Val::Text(written.into()), Origin::Written, span)
            }
            ast::Value::Boolean(value) => {
                let span = self.source.word(if value { "true" } else { "false" }, 0);
                constant(Val::Bool(value), Origin::Written, span)
            }
            ast::Value::Null => constant(Val::Null, Origin::Written, self.source.word("null", 0)),
            ast::Value::Placeholder(written) => {
                let span = self.source.word(&written, 0);
                match self.param(&written, &span) {
                    Some(Param::One(value)) => constant(value, Origin::Param(written), span),
                    Some(Param::Many(_)) => {
                        self.fault(&span, format!("`{written}` is a list: only IN takes one"))
                    }
                    None => Expr { node: Node::Broken, kind: None, span },
                }
            }
            other => {
                let span = self.source.word(&other.to_string(), 0);
                self.fault(&span, format!("the literal {other} is not taken; write '...' for text"))
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an allow-list: what is not named is refused"
    )]
    fn interval(&mut self, parsed: ast::Interval) -> Expr {
        let ast::Interval { value, leading_field, last_field, .. } = parsed;
        let written = match *value {
            ast::Expr::Value(ast::Value::SingleQuotedString(text)) => text,
            ast::Expr::Value(ast::Value::Number(number, _)) => number,
            other => {
                let span = self.place_of(&other);
                return self.fault(&span, "INTERVAL takes a text such as '5 minutes'");
            }
        };
        let span = self.source.literal(&written);
        let ms = match (&leading_field, last_field) {
            (None, None) => interval::parse(&written),
            (Some(unit), None) => interval::of(&written, &unit.to_string()),
            _ => None,
        };
        match ms {
            Some(ms) => constant(Val::Span(ms), Origin::Written, span),
            None => self.fault(
                &span,
                format!("'{written}' is no length of time; write INTERVAL '5 minutes'"),
            ),
        }
    }
}

/// Why a part of SQL is refused.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "words for the likely ones, a general word for the rest"
)]
fn refusal(parsed: &ast::Expr) -> String {
    let what = match parsed {
        ast::Expr::Subquery(_) | ast::Expr::InSubquery { .. } | ast::Expr::Exists { .. } => {
            "subqueries are not part of the language; use a [let]"
        }
        ast::Expr::Cast { .. } | ast::Expr::Convert { .. } => {
            "casts are not part of the language; types come from the catalogue"
        }
        ast::Expr::IsTrue(_)
        | ast::Expr::IsNotTrue(_)
        | ast::Expr::IsFalse(_)
        | ast::Expr::IsNotFalse(_) => {
            "IS TRUE and IS FALSE would hide what is unknown; write the condition itself"
        }
        ast::Expr::Extract { .. } => {
            "EXTRACT is not part of the language; use HOUR_OF_DAY or MINUTES"
        }
        ast::Expr::Like { .. } | ast::Expr::ILike { .. } => "LIKE takes one pattern and no ESCAPE",
        _ => "this is not part of the language",
    };
    what.to_owned()
}

fn constant(value: Scalar, origin: Origin, span: Range<usize>) -> Expr {
    let kind = value.kind();
    Expr { node: Node::Constant(value, origin), kind, span }
}

fn not(part: Expr) -> Expr {
    let span = part.span.clone();
    Expr { node: Node::Not(Box::new(part)), kind: Some(Kind::Bool), span }
}
