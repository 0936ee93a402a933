//! What an expression gives: SQL's three-valued logic, and NULL instead of any slip of arithmetic.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "parts that are not named are walked or answered alike"
)]

use super::{Comparison, Expr, Function, Node, Operator, Scalar, Val};
use model::Place;
use std::borrow::Cow;
use std::cmp::Ordering;
use tables::{Cell, ColumnView, Kind};

/// How a fact stands in the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactValue {
    /// It has a value.
    Known,
    /// Its source was read and does not have it.
    Missing,
    /// Nothing that could have it was read.
    NotRead,
    /// It is there, hidden by whoever made the packet.
    Masked,
    /// It is there and could not be understood.
    Unreadable,
}

/// A fact as a rule meets it on one node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FactState {
    pub(crate) state: FactValue,
    pub(crate) value: Scalar,
    /// Where it stands, or what was searched for it.
    pub(crate) place: Option<Place>,
    /// Whether the server's version does not have it.
    pub(crate) outside: bool,
}

/// A value of a `[let]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LetValue {
    pub(crate) value: Scalar,
    /// Whether NULL stands for "no row matches" rather than for something unknown.
    pub(crate) none_match: bool,
}

/// Everything that names stand for while an expression is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Env<'a> {
    pub(crate) facts: &'a [FactState],
    pub(crate) lets: &'a [Vec<LetValue>],
    pub(crate) columns: &'a [ColumnView<'a>],
    pub(crate) row: usize,
    /// In a `[let]`: the columns and the row that the rule asks.
    pub(crate) outer: Option<(&'a [ColumnView<'a>], usize)>,
}

impl<'a> Env<'a> {
    /// The same with another row.
    pub(crate) fn at(self, row: usize) -> Self {
        Self { row, ..self }
    }

    pub(crate) fn fact(&self, at: usize) -> Option<&'a FactState> {
        self.facts.get(at)
    }

    pub(crate) fn let_value(&self, at: usize, value: usize) -> Option<&'a LetValue> {
        self.lets.get(at)?.get(value)
    }

    pub(crate) fn outer_cell(&self, column: usize) -> Cell<'a> {
        let Some((columns, row)) = self.outer else { return Cell::Null };
        columns.get(column).map_or(Cell::Null, |column| column.get(row))
    }

    pub(crate) fn cell(&self, column: usize) -> Cell<'a> {
        self.columns.get(column).map_or(Cell::Null, |column| column.get(self.row))
    }
}

impl Expr {
    /// TRUE, FALSE or unknown.
    pub(crate) fn truth(&self, env: &Env<'_>) -> Option<bool> {
        match &self.node {
            // The way of most rows, without building values.
            Node::All(parts) => {
                let mut result = Some(true);
                for part in parts {
                    match part.truth(env) {
                        Some(false) => return Some(false),
                        None => result = None,
                        Some(true) => {}
                    }
                }
                result
            }
            Node::Any(parts) => {
                let mut result = Some(false);
                for part in parts {
                    match part.truth(env) {
                        Some(true) => return Some(true),
                        None => result = None,
                        Some(false) => {}
                    }
                }
                result
            }
            Node::Not(part) => part.truth(env).map(|value| !value),
            Node::Compare(op, left, right) => compare(*op, &left.eval(env), &right.eval(env)),
            Node::IsNull(part) => is_null(part, env),
            Node::IsMasked(at) => match env.fact(*at)?.state {
                FactValue::Known | FactValue::Unreadable => Some(false),
                FactValue::Masked => Some(true),
                FactValue::Missing | FactValue::NotRead => None,
            },
            Node::In(part, list) => {
                let value = part.eval(env);
                let mut result = Some(false);
                for member in list {
                    match compare(Comparison::Equal, &value, &member.eval(env)) {
                        Some(true) => return Some(true),
                        None => result = None,
                        Some(false) => {}
                    }
                }
                result
            }
            Node::Match(part, pattern) => match part.eval(env) {
                Val::Text(text) => Some(pattern.regex.is_match(&text)),
                Val::Null
                | Val::Bool(_)
                | Val::Int(_)
                | Val::Float(_)
                | Val::Version(_)
                | Val::Time(_)
                | Val::Span(_) => None,
            },
            Node::Constant(..)
            | Node::Fact(_)
            | Node::Let(..)
            | Node::Column(_)
            | Node::Row(_)
            | Node::Arithmetic(..)
            | Node::Negate(_)
            | Node::Case(..)
            | Node::Coalesce(_)
            | Node::NullIf(..)
            | Node::Call(..)
            | Node::Broken => self.eval(env).truth(),
        }
    }

    /// The value.
    pub(crate) fn eval<'a>(&'a self, env: &Env<'a>) -> Val<'a> {
        match &self.node {
            Node::Constant(value, _) => value.borrowed(),
            Node::Fact(at) => env.fact(*at).map_or(Val::Null, |fact| fact.value.borrowed()),
            Node::Let(at, value) => {
                env.let_value(*at, *value).map_or(Val::Null, |one| one.value.borrowed())
            }
            Node::Column(at) => Val::of(env.cell(*at)),
            Node::Row(at) => Val::of(env.outer_cell(*at)),
            Node::All(_)
            | Node::Any(_)
            | Node::Not(_)
            | Node::Compare(..)
            | Node::IsNull(_)
            | Node::IsMasked(_)
            | Node::In(..)
            | Node::Match(..) => self.truth(env).map_or(Val::Null, Val::Bool),
            Node::Arithmetic(op, left, right) => arithmetic(*op, &left.eval(env), &right.eval(env)),
            Node::Negate(part) => match part.eval(env) {
                Val::Int(value) => value.checked_neg().map_or(Val::Null, Val::Int),
                Val::Span(value) => value.checked_neg().map_or(Val::Null, Val::Span),
                Val::Float(value) => Val::Float(-value),
                Val::Null | Val::Bool(_) | Val::Text(_) | Val::Version(_) | Val::Time(_) => {
                    Val::Null
                }
            },
            Node::Case(arms, otherwise) => {
                for (when, then) in arms {
                    match when.truth(env) {
                        Some(true) => return then.eval(env),
                        Some(false) => {}
                        // What an arm would give is open, and so is the whole.
                        None => return Val::Null,
                    }
                }
                otherwise.as_ref().map_or(Val::Null, |expr| expr.eval(env))
            }
            Node::Coalesce(parts) => {
                for part in parts {
                    let value = part.eval(env);
                    if !value.is_null() || hidden(part, env) {
                        return value;
                    }
                }
                Val::Null
            }
            Node::NullIf(left, right) => {
                let value = left.eval(env);
                match compare(Comparison::Equal, &value, &right.eval(env)) {
                    Some(true) => Val::Null,
                    Some(false) | None => value,
                }
            }
            Node::Call(function, args) => call(*function, args, env),
            Node::Broken => Val::Null,
        }
    }
}

/// Whether a NULL stands for something that is there or was never looked for: no default may take
/// its place.
pub(super) fn hidden(expr: &Expr, env: &Env<'_>) -> bool {
    let mut found = false;
    expr.walk(&mut |part| {
        found |= match &part.node {
            Node::Fact(at) => env.fact(*at).is_none_or(|fact| {
                matches!(fact.state, FactValue::Masked | FactValue::Unreadable | FactValue::NotRead)
            }),
            Node::Let(at, value) => {
                env.let_value(*at, *value).is_none_or(|one| one.value.is_null() && !one.none_match)
            }
            _ => false,
        };
    });
    found
}

/// IS NULL: TRUE for what a source was searched for and does not have, FALSE for a value and for
/// what is masked, unknown for what could not be read or was never looked for.
fn is_null(part: &Expr, env: &Env<'_>) -> Option<bool> {
    if let Node::Fact(at) = &part.node {
        return match env.fact(*at)?.state {
            FactValue::Known | FactValue::Masked => Some(false),
            FactValue::Missing => Some(true),
            FactValue::NotRead | FactValue::Unreadable => None,
        };
    }
    let null = part.eval(env).is_null();
    if null && hidden(part, env) { None } else { Some(null) }
}

fn compare(op: Comparison, left: &Val<'_>, right: &Val<'_>) -> Option<bool> {
    let order = left.order(right)?;
    Some(match op {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    })
}

fn arithmetic<'a>(op: Operator, left: &Val<'_>, right: &Val<'_>) -> Val<'a> {
    use Operator::{Add, Divide, Multiply, Remainder, Subtract};
    let checked = |a: i64, b: i64| match op {
        Add => a.checked_add(b),
        Subtract => a.checked_sub(b),
        Multiply => a.checked_mul(b),
        Remainder => a.checked_rem(b),
        Divide => None,
    };
    let exact = match (left, op, right) {
        (Val::Int(a), Add | Subtract | Multiply | Remainder, Val::Int(b)) => {
            return checked(*a, *b).map_or(Val::Null, Val::Int);
        }
        (Val::Time(a), Subtract, Val::Time(b))
        | (Val::Span(a), Add | Subtract | Remainder, Val::Span(b))
        | (Val::Span(a), Multiply, Val::Int(b))
        | (Val::Int(a), Multiply, Val::Span(b)) => checked(*a, *b).map(Val::Span),
        (Val::Time(a), Add | Subtract, Val::Span(b)) | (Val::Span(a), Add, Val::Time(b)) => {
            checked(*a, *b).map(Val::Time)
        }
        _ => None,
    };
    if let Some(value) = exact {
        return value;
    }
    let (Some(a), Some(b)) = (left.number(), right.number()) else { return Val::Null };
    if b == 0.0 && matches!(op, Divide | Remainder) {
        return Val::Null;
    }
    let value = match op {
        Add => a + b,
        Subtract => a - b,
        Multiply => a * b,
        Divide => a / b,
        Remainder => a % b,
    };
    // A span times or by a number is a span; a span by a span is a plain ratio.
    let is_span = matches!(
        (left, op, right),
        (Val::Span(_), Multiply | Divide, Val::Int(_) | Val::Float(_))
            | (Val::Float(_), Multiply, Val::Span(_))
    );
    let overflowed = matches!(
        (left, right),
        (Val::Span(_) | Val::Time(_), Val::Span(_) | Val::Time(_) | Val::Int(_))
    ) && !matches!(op, Divide);
    if overflowed {
        return Val::Null;
    }
    if is_span { span(value) } else { Val::float(value) }
}

fn span<'a>(ms: f64) -> Val<'a> {
    /// Up to here every integer has its own float.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if !ms.is_finite() || ms.abs() > EXACT_MAX {
        return Val::Null;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked: finite and within 2^53")]
    Val::Span(ms.round() as i64)
}

fn call<'a>(function: Function, args: &'a [Expr], env: &Env<'a>) -> Val<'a> {
    let arg = |idx: usize| args.get(idx).map_or(Val::Null, |arg| arg.eval(env));
    let per = |unit_ms: f64| arg(0).number().map_or(Val::Null, |ms| Val::float(ms / unit_ms));
    match function {
        Function::Abs => match arg(0) {
            Val::Int(value) => value.checked_abs().map_or(Val::Null, Val::Int),
            Val::Span(value) => value.checked_abs().map_or(Val::Null, Val::Span),
            Val::Float(value) => Val::Float(value.abs()),
            Val::Null | Val::Bool(_) | Val::Text(_) | Val::Version(_) | Val::Time(_) => Val::Null,
        },
        Function::Round => {
            let decimals = match args.get(1) {
                Some(expr) => match expr.eval(env) {
                    Val::Int(value) => i32::try_from(value.clamp(-15, 15)).unwrap_or(0),
                    _ => return Val::Null,
                },
                None => 0,
            };
            let scale = 10_f64.powi(decimals);
            arg(0).number().map_or(Val::Null, |value| Val::float((value * scale).round() / scale))
        }
        Function::Length => match arg(0) {
            Val::Text(text) => i64::try_from(text.chars().count()).map_or(Val::Null, Val::Int),
            _ => Val::Null,
        },
        Function::Lower => match arg(0) {
            Val::Text(text) => Val::Text(Cow::Owned(text.to_lowercase())),
            _ => Val::Null,
        },
        Function::Greatest => extreme(args, env, Ordering::Greater),
        Function::Least => extreme(args, env, Ordering::Less),
        Function::Days => per(86_400_000.0),
        Function::Hours => per(3_600_000.0),
        Function::Minutes => per(60_000.0),
        Function::Seconds => per(1000.0),
        Function::HourOfDay => match arg(0) {
            Val::Time(ms) => Val::Int(ms.div_euclid(3_600_000).rem_euclid(24)),
            _ => Val::Null,
        },
        Function::Version => match arg(0) {
            Val::Text(text) => Cell::parse(Kind::Version, &text)
                .map_or(Val::Null, |cell| Val::of(cell).into_owned()),
            _ => Val::Null,
        },
        Function::Major => match arg(0) {
            Val::Version(version) => Val::Int(i64::from(version.major())),
            _ => Val::Null,
        },
    }
}

fn extreme<'a>(args: &'a [Expr], env: &Env<'a>, wanted: Ordering) -> Val<'a> {
    let mut best: Option<Val<'a>> = None;
    for arg in args {
        let value = arg.eval(env);
        if value.is_null() {
            return Val::Null;
        }
        best = match best {
            Some(known) if value.order(&known) != Some(wanted) => Some(known),
            Some(_) | None => Some(value),
        };
    }
    best.unwrap_or(Val::Null)
}
