//! Table rules: a condition that is asked of every row.

use super::finding::Draft;
use super::{Group, LetState, Run, Verdict, lets_of_row, undecided};
use crate::expr::{Env, LetValue, Unknown, Val};
use crate::rule::{Rows, Rule};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use tables::{Cell, ColumnView};

/// Rows whose result is unknown that are asked for what would decide them.
const ASKED_ROWS: usize = 100;

pub(crate) fn table_rule(
    rule: &Rule,
    rows: &Rows,
    run: &Run<'_>,
    group: &Group,
    lets: &[LetState<'_>],
    env: Env<'_>,
) -> Verdict {
    let Some(table) = run.tables.table(rows.table.name) else {
        return Verdict::Skipped { missing: vec![rows.table.name.to_owned()] };
    };
    let columns: Vec<ColumnView<'_>> =
        rule.columns.iter().filter_map(|column| table.column(column.name)).collect();
    let env = Env { columns: &columns, ..env };
    let known: &[String] = run.tables.facts().nodes();
    let mine = |row: usize| match rows.node {
        Some(at) if group.split => {
            let Cell::Text(node) = env.at(row).cell(at) else { return group.rest };
            if known.iter().any(|one| one == node) {
                group.nodes.iter().any(|one| one == node)
            } else {
                group.rest
            }
        }
        Some(_) | None => true,
    };
    let others = super::of_others(&table, &rule.columns);
    let mut matched = Vec::new();
    let (mut n_rows, mut n_unknown) = (0_usize, 0_usize);
    let mut unknown: Vec<Unknown> = Vec::new();
    let mut open = None;
    let by_row = rule.lets.iter().any(|one| one.by_row);
    for row in (0..table.n_rows()).filter(|row| mine(*row) && !others(*row)) {
        n_rows += 1;
        let env = env.at(row);
        // Most rows are decided without the lets that have to be computed for each.
        let mut truth = rule.condition.truth(&env);
        let own = match truth {
            None if by_row => Some(lets_of_row(rule, run, group, lets, &env)),
            _ => None,
        };
        let values = own.as_deref().map(values_of);
        let env = Env { lets: values.as_deref().unwrap_or(env.lets), ..env };
        if values.is_some() {
            truth = rule.condition.truth(&env);
        }
        match truth {
            Some(true) => matched.push(row),
            Some(false) => {}
            None => {
                n_unknown += 1;
                if n_unknown <= ASKED_ROWS {
                    open.get_or_insert(row);
                    rule.condition.unknowns(&env, &mut unknown);
                }
            }
        }
    }
    unknown.sort();
    unknown.dedup();
    let note = if n_unknown > 0 {
        format!("{n_unknown} of {n_rows} rows undecidable")
    } else {
        String::new()
    };
    if !matched.is_empty() {
        return fired(rule, rows, run, group, lets, env, table, matched, note);
    }
    if let Some(row) = open {
        // A fact or a table that is missing leaves rows open whatever their columns say.
        let not_of_row =
            unknown.iter().any(|one| matches!(one, Unknown::Fact(_) | Unknown::Let(_)));
        if n_unknown == n_rows || not_of_row {
            let env = env.at(row);
            let own = lets_of_row(rule, run, group, lets, &env);
            let values = values_of(&own);
            return undecided(rule, run, &own, Env { lets: &values, ..env }, &unknown);
        }
    }
    match run.gap(rows.table.name) {
        Some(gap) => Verdict::Skipped { missing: vec![gap] },
        None => Verdict::Clear { note },
    }
}

#[expect(clippy::too_many_arguments, reason = "the second half of `table_rule`")]
fn fired(
    rule: &Rule,
    rows: &Rows,
    run: &Run<'_>,
    group: &Group,
    lets: &[LetState<'_>],
    env: Env<'_>,
    table: tables::Table<'_>,
    mut matched: Vec<usize>,
    note: String,
) -> Verdict {
    let value = |row: usize, at: usize| Val::of(env.at(row).cell(at));
    if !rows.order.is_empty() {
        matched.sort_by(|a, b| {
            rows.order
                .iter()
                .map(|(at, descending)| by_value(&value(*a, *at), &value(*b, *at), *descending))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
                .then(a.cmp(b))
        });
    }
    // One finding per subject (and what else keeps findings apart), in the order of its first row.
    let mut by_key: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut parts: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
    for row in matched {
        let key: Vec<String> = std::iter::once(rows.subject)
            .chain(rows.group.iter().copied())
            .map(|at| crate::expr::show_constant(&value(row, at)))
            .collect();
        let next = parts.len();
        let at = *by_key.entry(key.clone()).or_insert(next);
        match parts.get_mut(at) {
            Some((_, members)) => members.push(row),
            None => parts.push((key, vec![row])),
        }
    }
    let rest = parts.split_off(rows.limit.min(parts.len()));
    let more_impact = rest
        .iter()
        .flat_map(|(_, members)| members)
        .filter_map(|row| value(*row, rows.impact?).number())
        .sum();
    let drafts = parts
        .into_iter()
        .map(|(key, members)| {
            // Texts and escalations take the lets of the first row.
            let first = env.at(members.first().copied().unwrap_or(0));
            let own = lets_of_row(rule, run, group, lets, &first);
            let values = values_of(&own);
            let env = Env { lets: &values, ..env };
            Draft::of_rows(rule, rows, run, group, &own, env, table, &members, key)
        })
        .collect();
    Verdict::Fired { drafts, more: rest.len(), more_impact, note }
}

/// The values of lets, as conditions meet them.
fn values_of(lets: &[LetState<'_>]) -> Vec<Vec<LetValue>> {
    lets.iter().map(|one| one.values.clone()).collect()
}

/// The order of two cells; gaps come last either way.
fn by_value(a: &Val<'_>, b: &Val<'_>, descending: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let order = a.order(b).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
    }
}
