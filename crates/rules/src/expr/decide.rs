//! Which terms decided a result, and what would have decided an unknown one.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "parts that are not named are walked or answered alike"
)]

use super::eval::{FactValue, hidden};
use super::{Env, Expr, Node};

/// Something whose value would decide an unknown result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unknown {
    /// Index of the fact.
    Fact(usize),
    /// Index of the let.
    Let(usize),
    /// Index of the column.
    Column(usize),
    /// Index of a column of the row that the rule asks, in a let.
    Row(usize),
    /// A let whose MIN or MAX has no row: known, and nothing.
    Nothing(usize),
    /// All values are known, and the computation has no result (a division by zero): bytes of the
    /// expression.
    Undefined(usize, usize),
}

/// The names in the terms that decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) facts: Vec<usize>,
    pub(crate) lets: Vec<usize>,
    pub(crate) columns: Vec<usize>,
}

impl Leaf {
    pub(crate) fn add(&mut self, other: Leaf) {
        for fact in other.facts {
            push(&mut self.facts, fact);
        }
        for one in other.lets {
            push(&mut self.lets, one);
        }
        for column in other.columns {
            push(&mut self.columns, column);
        }
    }
}

fn push(list: &mut Vec<usize>, item: usize) {
    if !list.contains(&item) {
        list.push(item);
    }
}

impl Expr {
    /// Adds the names of the terms that made this TRUE or FALSE.
    pub(crate) fn decided(&self, env: &Env<'_>, out: &mut Leaf) {
        let Some(result) = self.truth(env) else { return };
        match &self.node {
            Node::All(parts) | Node::Any(parts) => {
                for part in parts.iter().filter(|part| part.truth(env) == Some(result)) {
                    part.decided(env, out);
                }
            }
            Node::Not(part) => part.decided(env, out),
            Node::Case(arms, otherwise) => {
                for (when, then) in arms {
                    when.decided(env, out);
                    if when.truth(env) == Some(true) {
                        then.decided(env, out);
                        return;
                    }
                }
                if let Some(otherwise) = otherwise {
                    otherwise.decided(env, out);
                }
            }
            _ => self.names(env, out),
        }
    }

    /// Adds the names that the value rests on.
    pub(crate) fn names(&self, env: &Env<'_>, out: &mut Leaf) {
        match &self.node {
            Node::Fact(at) | Node::IsMasked(at) => push(&mut out.facts, *at),
            Node::Let(at, _) => push(&mut out.lets, *at),
            Node::Column(at) => push(&mut out.columns, *at),
            Node::Coalesce(parts) => {
                for part in parts {
                    part.names(env, out);
                    if !part.eval(env).is_null() || hidden(part, env) {
                        return;
                    }
                }
            }
            _ => {
                for part in self.parts() {
                    part.names(env, out);
                }
            }
        }
    }

    /// Adds what would decide this unknown result. Parts that cannot change it are left out:
    /// `FALSE AND missing` is FALSE and never comes here.
    pub(crate) fn unknowns(&self, env: &Env<'_>, out: &mut Vec<Unknown>) {
        match &self.node {
            Node::All(parts) | Node::Any(parts) => {
                for part in parts.iter().filter(|part| part.truth(env).is_none()) {
                    part.unknowns(env, out);
                }
            }
            Node::Not(part) => part.unknowns(env, out),
            Node::Case(arms, otherwise) => {
                for (when, then) in arms {
                    match when.truth(env) {
                        None => return when.unknowns(env, out),
                        Some(true) => return then.unknowns(env, out),
                        Some(false) => {}
                    }
                }
                if let Some(otherwise) = otherwise {
                    otherwise.unknowns(env, out);
                }
            }
            _ => {
                // A list of its own: what another term lacks as well is there already.
                let mut own = Vec::new();
                self.unknown_names(env, &mut own);
                if own.is_empty() {
                    own.push(Unknown::Undefined(self.span.start, self.span.end));
                }
                for one in own {
                    if !out.contains(&one) {
                        out.push(one);
                    }
                }
            }
        }
    }

    fn unknown_names(&self, env: &Env<'_>, out: &mut Vec<Unknown>) {
        let unknown = match &self.node {
            Node::Fact(at) | Node::IsMasked(at) => {
                let known = env.fact(*at).is_some_and(|fact| fact.state == FactValue::Known);
                (!known).then_some(Unknown::Fact(*at))
            }
            Node::Let(at, value) => match env.let_value(*at, *value) {
                Some(one) if !one.value.is_null() => None,
                Some(one) if one.none_match => Some(Unknown::Nothing(*at)),
                Some(_) | None => Some(Unknown::Let(*at)),
            },
            Node::Column(at) => env.cell(*at).is_null().then_some(Unknown::Column(*at)),
            Node::Row(at) => env.outer_cell(*at).is_null().then_some(Unknown::Row(*at)),
            // A part with a value is not what is missing: COALESCE(unknown, 3) is 3.
            _ if !self.eval(env).is_null() => None,
            _ => {
                for part in self.parts() {
                    part.unknown_names(env, out);
                }
                None
            }
        };
        if let Some(unknown) = unknown
            && !out.contains(&unknown)
        {
            out.push(unknown);
        }
    }

    /// Whether no version of the server that this comes from could have answered: every way to
    /// TRUE needs a fact that the version does not have.
    pub(crate) fn outside(&self, env: &Env<'_>) -> bool {
        match &self.node {
            Node::All(parts) => {
                parts.iter().any(|part| part.truth(env).is_none() && part.outside(env))
            }
            Node::Any(parts) => {
                let mut open = parts.iter().filter(|part| part.truth(env).is_none()).peekable();
                open.peek().is_some() && open.all(|part| part.outside(env))
            }
            Node::Not(part) => part.outside(env),
            _ => {
                let mut unknown = Vec::new();
                self.unknowns(env, &mut unknown);
                unknown.iter().any(|one| match one {
                    Unknown::Fact(at) => env.fact(*at).is_some_and(|fact| fact.outside),
                    Unknown::Let(_)
                    | Unknown::Column(_)
                    | Unknown::Row(_)
                    | Unknown::Nothing(_)
                    | Unknown::Undefined(..) => false,
                })
            }
        }
    }

    /// How many terms are TRUE, for the rows that came nearest.
    pub(crate) fn true_terms(&self, env: &Env<'_>) -> usize {
        match &self.node {
            Node::All(parts) | Node::Any(parts) => {
                parts.iter().map(|part| part.true_terms(env)).sum()
            }
            _ => usize::from(self.truth(env) == Some(true)),
        }
    }
}
