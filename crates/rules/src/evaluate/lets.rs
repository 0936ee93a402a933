//! The values of `[let]`s.

use super::{Group, Run};
use crate::expr::{Env, LetValue, Unknown, Val};
use crate::rule::{Aggregate, How, Let, Rule};
use chrono::{DateTime, Utc};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};
use tables::{ColumnView, Table};

/// Rows of a let that are kept as evidence.
const EVIDENCE_ROWS: usize = 3;

/// Rows whose condition is unknown that are asked for what is missing.
const ASKED_ROWS: usize = 100;

/// A `[let]` as it was computed.
#[derive(Clone, Debug)]
pub(crate) struct LetState<'a> {
    pub(crate) table: &'static str,
    /// `None` when the table was not read.
    pub(crate) view: Option<Table<'a>>,
    pub(crate) n_matched: usize,
    /// The first rows that matched.
    pub(crate) rows: Vec<usize>,
    pub(crate) values: Vec<LetValue>,
    /// When the first of the rows that matched began, in a table that says so.
    pub(crate) began: Option<DateTime<Utc>>,
    /// Why values are unknown.
    pub(crate) missing: Vec<String>,
}

/// The lets of a rule on a group of nodes. Those that name the row that is asked stay unknown: see
/// [`lets_of_row`].
pub(crate) fn lets<'a>(rule: &Rule, run: &Run<'a>, group: &Group) -> Vec<LetState<'a>> {
    rule.lets.iter().map(|one| compute(rule, one, run, group, None)).collect()
}

/// The same with those that name the row computed for it. `env`: that row.
pub(crate) fn lets_of_row<'a>(
    rule: &Rule,
    run: &Run<'a>,
    group: &Group,
    known: &[LetState<'a>],
    env: &Env<'_>,
) -> Vec<LetState<'a>> {
    let pairs = rule.lets.iter().zip(known);
    pairs
        .map(|(one, state)| {
            if one.by_row {
                compute(rule, one, run, group, Some((env.columns, env.row)))
            } else {
                state.clone()
            }
        })
        .collect()
}

fn compute<'a>(
    rule: &Rule,
    one: &Let,
    run: &Run<'a>,
    group: &Group,
    outer: Option<(&[ColumnView<'_>], usize)>,
) -> LetState<'a> {
    let unknown = LetValue { value: Val::Null, none_match: false };
    let mut out = LetState {
        table: one.table.name,
        view: run.tables.table(one.table.name),
        n_matched: 0,
        rows: Vec::new(),
        values: vec![unknown; one.values.len()],
        began: None,
        missing: Vec::new(),
    };
    let Some(table) = out.view else {
        out.missing = vec![one.table.name.to_owned()];
        return out;
    };
    if one.by_row && outer.is_none() {
        return out;
    }
    let columns: Vec<ColumnView<'_>> =
        one.columns.iter().filter_map(|column| table.column(column.name)).collect();
    let env = Env { facts: &group.facts, lets: &[], columns: &columns, row: 0, outer };
    let mut matched = Vec::new();
    let (mut n_unknown, mut why) = (0_usize, Vec::new());
    let others = super::of_others(&table, &one.columns);
    for row in (0..table.n_rows()).filter(|row| !others(*row)) {
        let env = env.at(row);
        match one.condition.as_ref().map_or(Some(true), |condition| condition.truth(&env)) {
            Some(true) => matched.push(row),
            Some(false) => {}
            None => {
                n_unknown += 1;
                if let Some(condition) = &one.condition
                    && n_unknown <= ASKED_ROWS
                {
                    condition.unknowns(&env, &mut why);
                }
            }
        }
    }
    out.n_matched = matched.len();
    out.rows = matched.iter().copied().take(EVIDENCE_ROWS).collect();
    if matched.is_empty() && n_unknown > 0 {
        // "No row matches" would be said of rows that could not be decided.
        out.missing = names(rule, one, &env, &why);
        return out;
    }
    let begins = table.column("onset").or_else(|| table.column("at"));
    out.began = begins.and_then(|column| {
        run.earliest(matched.iter().filter_map(|row| Val::of(column.get(*row)).time()))
    });
    out.values = one.values.iter().map(|value| aggregate(value, &columns, &matched)).collect();
    if !matched.is_empty() {
        let lacking = one.values.iter().zip(&out.values).filter(|(_, known)| known.value.is_null());
        out.missing = lacking
            .filter_map(|(value, _)| one.columns.get(value.column?))
            .map(|column| format!("{}.{}", one.table.name, column.name))
            .collect();
    }
    out
}

fn names(rule: &Rule, one: &Let, env: &Env<'_>, why: &[Unknown]) -> Vec<String> {
    let names = rule.let_names_of(one);
    let mut out = BTreeSet::new();
    for unknown in why {
        match unknown {
            Unknown::Fact(at) => {
                let state = env.fact(*at).map(|fact| fact.state);
                out.insert(format!("{}{}", names.fact(*at), super::facts::state_word(state)));
            }
            Unknown::Column(at) => {
                out.insert(format!("{}.{}", one.table.name, names.column(*at)));
            }
            Unknown::Row(at) => {
                let own = rule.rows.as_ref().map_or("", |rows| rows.table.name);
                out.insert(format!("{own}.{}", rule.names().column(*at)));
            }
            Unknown::Let(_) | Unknown::Nothing(_) | Unknown::Undefined(..) => {
                out.insert(one.table.name.to_owned());
            }
        }
    }
    out.into_iter().collect()
}

fn aggregate(value: &Aggregate, columns: &[ColumnView<'_>], rows: &[usize]) -> LetValue {
    let column = value.column.and_then(|at| columns.get(at));
    let cells = || {
        rows.iter().filter_map(move |row| {
            let value = Val::of(column?.get(*row));
            (!value.is_null()).then_some(value)
        })
    };
    let count = |n: usize| Val::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let result = match (value.how, column) {
        (How::Count, None) => count(rows.len()),
        (How::Count, Some(_)) => count(cells().count()),
        (How::CountDistinct, _) => {
            let distinct: HashSet<String> =
                cells().map(|cell| crate::expr::show_constant(&cell)).collect();
            count(distinct.len())
        }
        (How::Sum, _) => sum(cells(), column.map(ColumnView::kind)),
        (How::Min, _) => extreme(cells(), Ordering::Less),
        (How::Max, _) => extreme(cells(), Ordering::Greater),
    };
    // Rows that match and lack the column are no absence.
    let none_match = rows.is_empty() && matches!(value.how, How::Min | How::Max);
    LetValue { value: result.into_owned(), none_match }
}

/// The sum; 0 over no rows, NULL when it overflows.
fn sum<'v>(cells: impl Iterator<Item = Val<'v>>, kind: Option<tables::Kind>) -> Val<'static> {
    if kind == Some(tables::Kind::Float) {
        return Val::float(cells.filter_map(|cell| cell.number()).sum());
    }
    let mut total: i64 = 0;
    for cell in cells {
        let (Val::Int(number) | Val::Span(number)) = cell else { continue };
        match total.checked_add(number) {
            Some(sum) => total = sum,
            None => return Val::Null,
        }
    }
    if kind == Some(tables::Kind::Span) { Val::Span(total) } else { Val::Int(total) }
}

fn extreme<'v>(cells: impl Iterator<Item = Val<'v>>, wanted: Ordering) -> Val<'v> {
    let mut best = Val::Null;
    for cell in cells {
        if best.is_null() || cell.order(&best) == Some(wanted) {
            best = cell;
        }
    }
    best
}
