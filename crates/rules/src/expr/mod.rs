//! Conditions and values: one SQL expression, compiled into a typed tree of our own.

mod compile;
mod decide;
mod eval;
mod functions;
mod interval;
mod show;
mod source;
mod val;

pub(crate) use compile::{
    ColumnUse, FactUse, LetNames, Param, Scope, Used, condition, single_call, value,
};
pub(crate) use decide::{Leaf, Unknown};
pub(crate) use eval::{Env, FactState, FactValue, LetValue};
pub(crate) use functions::Function;
pub use functions::functions;
pub(crate) use show::{Names, constant as show_constant};
pub(crate) use source::ExprFault;
pub(crate) use val::{Scalar, Val};

/// Milliseconds of a length of time as rules write it.
pub(crate) fn interval_ms(text: &str) -> Option<i64> {
    interval::parse(text)
}

use regex::Regex;
use std::ops::Range;
use tables::Kind;

/// A typed expression. `kind` is `None` for NULL alone.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) node: Node,
    pub(crate) kind: Option<Kind>,
    /// Bytes of the expression's text.
    pub(crate) span: Range<usize>,
}

/// Where a constant comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    Written,
    Param(String),
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Constant(Scalar, Origin),
    /// Index into the rule's facts.
    Fact(usize),
    /// Index of the let and of its value.
    Let(usize, usize),
    /// Index into the table's columns in use.
    Column(usize),
    /// In a `[let]`: index into the rule's columns, of the row that the rule asks.
    Row(usize),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Not(Box<Expr>),
    IsNull(Box<Expr>),
    /// A fact that is present and unreadable by design.
    IsMasked(usize),
    In(Box<Expr>, Vec<Expr>),
    Match(Box<Expr>, Pattern),
    Arithmetic(Operator, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    Coalesce(Vec<Expr>),
    NullIf(Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    /// Stands where a fault was reported; never evaluated.
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// LIKE or a regular expression, as written and as compiled.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) word: &'static str,
    pub(crate) written: String,
    pub(crate) origin: Origin,
    pub(crate) regex: Regex,
}

impl Expr {
    /// The direct parts, in order.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Constant(..)
            | Node::Fact(_)
            | Node::Let(..)
            | Node::Column(_)
            | Node::Row(_)
            | Node::IsMasked(_)
            | Node::Broken => Vec::new(),
            Node::Compare(_, left, right)
            | Node::Arithmetic(_, left, right)
            | Node::NullIf(left, right) => vec![left, right],
            Node::All(parts) | Node::Any(parts) | Node::Coalesce(parts) | Node::Call(_, parts) => {
                parts.iter().collect()
            }
            Node::Not(part) | Node::IsNull(part) | Node::Negate(part) | Node::Match(part, _) => {
                vec![part]
            }
            Node::In(part, list) => std::iter::once(part.as_ref()).chain(list).collect(),
            Node::Case(arms, otherwise) => arms
                .iter()
                .flat_map(|(when, then)| [when, then])
                .chain(otherwise.as_deref())
                .collect(),
        }
    }

    /// Calls `see` for every node, outermost first.
    pub(crate) fn walk<'e>(&'e self, see: &mut dyn FnMut(&'e Expr)) {
        see(self);
        for part in self.parts() {
            part.walk(see);
        }
    }
}

#[cfg(test)]
mod tests;
