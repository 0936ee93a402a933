//! An expression as text.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "parts that are not named are walked or answered alike"
)]

use super::{Expr, Node, Origin, Val};

/// What names an expression's indexes stand for.
#[derive(Clone, Copy)]
pub(crate) struct Names<'n> {
    pub(crate) facts: &'n [super::compile::FactUse],
    pub(crate) columns: &'n [super::compile::ColumnUse],
    pub(crate) lets: &'n [super::compile::LetNames],
    /// In a let: the columns of the row that the rule asks.
    pub(crate) row: &'n [super::compile::ColumnUse],
}

impl Names<'_> {
    pub(crate) fn fact(&self, at: usize) -> &str {
        self.facts.get(at).map_or("?", |fact| fact.path.as_str())
    }

    pub(crate) fn column(&self, at: usize) -> &str {
        self.columns.get(at).map_or("?", |column| column.name)
    }

    pub(crate) fn let_value(&self, at: usize, value: usize) -> String {
        self.lets.get(at).map_or_else(
            || "?".to_owned(),
            |one| {
                let value = one.values.get(value).map_or("?", |(name, ..)| name.as_str());
                format!("{}.{value}", one.name)
            },
        )
    }
}

impl Expr {
    /// The expression, brackets where they are needed.
    pub(crate) fn show(&self, names: &Names<'_>) -> String {
        let list = |parts: &[Expr]| {
            parts.iter().map(|part| part.show(names)).collect::<Vec<_>>().join(", ")
        };
        match &self.node {
            Node::Constant(value, Origin::Written) => constant(value),
            Node::Constant(_, Origin::Param(name)) => name.clone(),
            Node::Fact(at) => names.fact(*at).to_owned(),
            Node::Let(at, value) => names.let_value(*at, *value),
            Node::Column(at) => names.column(*at).to_owned(),
            Node::Row(at) => {
                format!("row.{}", names.row.get(*at).map_or("?", |column| column.name))
            }
            Node::Compare(op, left, right) => {
                format!("{} {} {}", left.inner(names), op.as_str(), right.inner(names))
            }
            Node::All(parts) => {
                parts.iter().map(|part| part.inner(names)).collect::<Vec<_>>().join(" AND ")
            }
            Node::Any(parts) => {
                parts.iter().map(|part| part.inner(names)).collect::<Vec<_>>().join(" OR ")
            }
            Node::Not(part) => format!("NOT {}", part.inner(names)),
            Node::IsNull(part) => format!("{} IS NULL", part.inner(names)),
            Node::IsMasked(at) => format!("IS_MASKED({})", names.fact(*at)),
            Node::In(part, members) => format!("{} IN ({})", part.inner(names), list(members)),
            Node::Match(part, pattern) => {
                let written = match &pattern.origin {
                    Origin::Written => quoted(&pattern.written),
                    Origin::Param(name) => name.clone(),
                };
                format!("{} {} {written}", part.inner(names), pattern.word)
            }
            Node::Arithmetic(op, left, right) => {
                format!("{} {} {}", left.inner(names), op.as_str(), right.inner(names))
            }
            Node::Negate(part) => format!("-{}", part.inner(names)),
            Node::Case(arms, otherwise) => {
                let mut out = String::from("CASE");
                for (when, then) in arms {
                    out.push_str(&format!(" WHEN {} THEN {}", when.show(names), then.show(names)));
                }
                if let Some(otherwise) = otherwise {
                    out.push_str(&format!(" ELSE {}", otherwise.show(names)));
                }
                out + " END"
            }
            Node::Coalesce(parts) => format!("COALESCE({})", list(parts)),
            Node::NullIf(left, right) => {
                format!("NULLIF({}, {})", left.show(names), right.show(names))
            }
            Node::Call(function, args) => format!("{}({})", function.name(), list(args)),
            Node::Broken => "?".to_owned(),
        }
    }

    /// The expression as part of another one.
    fn inner(&self, names: &Names<'_>) -> String {
        let text = self.show(names);
        match &self.node {
            Node::All(_)
            | Node::Any(_)
            | Node::Not(_)
            | Node::Compare(..)
            | Node::Arithmetic(..)
            | Node::In(..)
            | Node::Match(..)
            | Node::IsNull(_) => {
                let comparison = matches!(
                    self.node,
                    Node::Compare(..) | Node::In(..) | Node::Match(..) | Node::IsNull(_)
                );
                if comparison { text } else { format!("({text})") }
            }
            _ => text,
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A constant as it would be written.
pub(crate) fn constant(value: &Val<'_>) -> String {
    match value {
        Val::Null => "NULL".to_owned(),
        Val::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        Val::Int(value) => value.to_string(),
        Val::Float(value) => value.to_string(),
        Val::Text(value) => quoted(value),
        Val::Version(value) => format!("'{value}'"),
        Val::Time(_) => value
            .time()
            .map_or_else(|| "?".to_owned(), |at| format!("'{}'", at.format("%Y-%m-%dT%H:%M:%SZ"))),
        Val::Span(ms) => format!("INTERVAL '{ms} ms'"),
    }
}
