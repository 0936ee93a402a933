//! From the parser's tree to ours, by allow-list: names, types and functions are checked here.

mod call;
mod coerce;
mod pattern;
mod single;

pub(crate) use single::single_call;

use super::functions::Function;
use super::source::{ExprFault, Source};
use super::{Comparison, Expr, Node, Operator, Origin, Scalar, Val, interval};
use crate::fault::nearest;
use crate::schema::{self, FactInfo};
use sqlparser::ast::{self, BinaryOperator, UnaryOperator};
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

    fn column(&mut self, ident: &ast::Ident) -> Expr {
        let span = self.source.range(ident.span);
        let name = ident.value.as_str();
        let Some(table) = self.scope.table else {
            if Function::is_name(name) {
                return self.fault(&span, format!("`{name}` is a function: write `{name}(...)`"));
            }
            let near = self.near_dotted(name);
            return self.fault_near(
                &span,
                format!(
                    "`{name}` is a bare name, but the rule has no `from` table; facts are dotted"
                ),
                near,
            );
        };
        let Some(info) = table.column(name) else {
            let near = nearest(name, table.columns.iter().map(|column| column.name));
            return self.fault_near(
                &span,
                format!("no column `{name}` in table `{}`", table.name),
                near,
            );
        };
        let kind = Some(info.kind);
        let at =
            self.used.columns.iter().position(|column| column.name == name).unwrap_or_else(|| {
                self.used.columns.push(ColumnUse { name: info.name, unit: info.unit });
                self.used.columns.len() - 1
            });
        Expr { node: Node::Column(at), kind, span }
    }

    fn dotted(&mut self, idents: &[ast::Ident]) -> Expr {
        let first = idents.first().map_or(0..0, |ident| self.source.range(ident.span));
        let last = idents.last().map_or(0..0, |ident| self.source.range(ident.span));
        let span = first.start..last.end;
        let words: Vec<&str> = idents.iter().map(|ident| ident.value.as_str()).collect();
        let path = words.join(".");
        if let [name, value] = words.as_slice()
            && let Some(at) = self.scope.lets.iter().position(|one| one.name == *name)
        {
            return self.let_value(at, value, span);
        }
        if let (["row", name], Some(table)) = (words.as_slice(), self.scope.row) {
            return self.row_column(table, name, span);
        }
        let Some(info) = schema::fact(&path) else {
            let near = self.near_dotted(&path);
            let message = format!("no fact `{path}` in the catalogue");
            return self.fault_near(&span, message, near);
        };
        let at = self.used.facts.iter().position(|fact| fact.path == path).unwrap_or_else(|| {
            let FactInfo { unit, per_node, .. } = info;
            self.used.facts.push(FactUse { path: path.clone(), unit, per_node });
            self.used.facts.len() - 1
        });
        Expr { node: Node::Fact(at), kind: Some(info.kind), span }
    }

    /// `row.column`: a column of the row that the rule asks.
    fn row_column(&mut self, table: &'static TableDoc, name: &str, span: Range<usize>) -> Expr {
        let Some(info) = table.column(name) else {
            let near = nearest(name, table.columns.iter().map(|column| column.name));
            let message = format!("no column `{name}` in table `{}`", table.name);
            return self.fault_near(&span, message, near);
        };
        let at = self.used.row.iter().position(|column| column.name == name).unwrap_or_else(|| {
            self.used.row.push(ColumnUse { name: info.name, unit: info.unit });
            self.used.row.len() - 1
        });
        Expr { node: Node::Row(at), kind: Some(info.kind), span }
    }

    fn let_value(&mut self, at: usize, value: &str, span: Range<usize>) -> Expr {
        let Some(one) = self.scope.lets.get(at) else { return self.fault(&span, "no such let") };
        if let Some((idx, (_, kind, _))) =
            one.values.iter().enumerate().find(|(_, (name, ..))| name == value)
        {
            self.used.lets.insert((at, idx));
            return Expr { node: Node::Let(at, idx), kind: *kind, span };
        }
        let near = nearest(value, one.values.iter().map(|(name, ..)| name.as_str()));
        self.fault_near(&span, format!("no value `{value}` in [let.{}]", one.name), near)
    }

    fn near_dotted(&self, name: &str) -> Option<String> {
        let lets: Vec<String> = self
            .scope
            .lets
            .iter()
            .flat_map(|one| one.values.iter().map(|(value, ..)| format!("{}.{value}", one.name)))
            .collect();
        let facts = schema::fact_paths().map(|path: &str| path);
        let all: Vec<&str> = lets.iter().map(String::as_str).chain(facts).collect();
        nearest(name, all)
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

    /// Looks up `:name`.
    fn param(&mut self, written: &str, span: &Range<usize>) -> Option<Param> {
        let Some(name) = written.strip_prefix(':') else {
            self.fault(span, format!("`{written}` is not taken; parameters are written `:name`"));
            return None;
        };
        let Some(param) = self.scope.params.get(name) else {
            let near = nearest(name, self.scope.params.keys().map(String::as_str));
            self.fault_near(span, format!("no parameter `{name}` in `params`"), near);
            return None;
        };
        self.used.params.insert(name.to_owned());
        Some(param.clone())
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

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an allow-list: what is not named is refused"
    )]
    fn binary(&mut self, left: ast::Expr, op: &BinaryOperator, right: ast::Expr) -> Expr {
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

    fn between(&mut self, expr: ast::Expr, low: ast::Expr, high: ast::Expr) -> Expr {
        let expr = self.expr(expr);
        let low = self.expr(low);
        let low = self.comparison(Comparison::GreaterOrEqual, expr.clone(), low);
        let high = self.expr(high);
        let high = self.comparison(Comparison::LessOrEqual, expr, high);
        logical(true, low, high)
    }

    fn is_null(&mut self, expr: ast::Expr) -> Expr {
        let part = self.expr(expr);
        let span = part.span.clone();
        Expr { node: Node::IsNull(Box::new(part)), kind: Some(Kind::Bool), span }
    }

    fn in_list(&mut self, expr: ast::Expr, list: Vec<ast::Expr>) -> Expr {
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

    fn case(
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

impl Function {
    fn is_name(name: &str) -> bool {
        Self::find(name).is_some()
            || super::functions::SPECIAL.iter().any(|known| known.eq_ignore_ascii_case(name))
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
