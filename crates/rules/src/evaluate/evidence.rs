//! Evidence, derived from the terms that decided.

use super::{Group, LetState, Run};
use crate::expr::{FactState, FactValue, Leaf, Names, Val};
use crate::format;
use crate::phrase::Phrase;
use crate::rule::{Let, Rule};
use crate::schema::dating_columns;
use chrono::{DateTime, TimeDelta, Utc};
use model::{Evidence, Place};
use tables::Table;
use text::Text;

/// Entries of evidence that a finding lists; the rest is counted.
pub(crate) const EVIDENCE_MAX: usize = 10;

/// Columns of a row that are shown.
const COLUMNS_MAX: usize = 8;

/// Below this two times are one: started and logged, of what took no time.
const SAME_TIME: TimeDelta = TimeDelta::seconds(1);

/// Sources that an absence cites; the rest is counted.
const SOURCES_MAX: usize = 3;

/// Entries for the facts and lets of the terms that decided.
pub(crate) fn of_names(
    rule: &Rule,
    run: &Run<'_>,
    group: &Group,
    lets: &[LetState<'_>],
    leaf: &Leaf,
) -> (Vec<Evidence>, u64) {
    let names = rule.names();
    let mut out = Vec::new();
    let mut more = 0;
    for at in &leaf.facts {
        let Some(state) = group.facts.get(*at) else { continue };
        let unit = rule.facts.get(*at).map_or("", |fact| fact.unit);
        let place = state.place.clone().unwrap_or_default();
        out.push(Evidence { place, text: fact_text(names.fact(*at), unit, state), at: None });
    }
    for at in &leaf.lets {
        let (Some(state), Some(one)) = (lets.get(*at), rule.lets.get(*at)) else { continue };
        let shown = of_let(rule, run, one, state);
        more += u64::try_from(state.n_matched.saturating_sub(shown.len())).unwrap_or(0);
        out.extend(shown);
    }
    (out, more)
}

/// A fact as evidence shows it.
pub(crate) fn fact_text(path: &str, unit: &str, fact: &FactState) -> Text {
    let text = Text::ours(format!("{path} "));
    match fact.state {
        FactValue::Known => text.with_ours("= ").with_text(format::value(&fact.value, unit)),
        FactValue::Missing | FactValue::NotRead => text.with_ours("is not there"),
        FactValue::Masked => text.with_ours("is there and masked"),
        FactValue::Unreadable => text.with_ours("is there and unreadable"),
    }
}

/// The first rows of a let; without any, the sources that were searched and what for.
fn of_let(rule: &Rule, run: &Run<'_>, one: &Let, state: &LetState<'_>) -> Vec<Evidence> {
    let names = rule.let_names_of(one);
    if let Some(table) = state.view
        && state.n_matched > 0
    {
        let mut columns: Vec<(&str, &str)> =
            one.columns.iter().map(|column| (column.name, column.unit)).collect();
        if columns.is_empty() {
            columns =
                one.table.columns.iter().take(3).map(|column| (column.name, column.unit)).collect();
        }
        return state.rows.iter().map(|row| of_row(table, *row, &columns)).collect();
    }
    let wanted = match &one.condition {
        Some(condition) => format!("no row of {} where {}", one.table.name, condition.show(&names)),
        None => format!("no row of {}", one.table.name),
    };
    absence(run, one.table.name, &wanted)
}

/// What was searched, and what for.
fn absence(run: &Run<'_>, table: &str, wanted: &str) -> Vec<Evidence> {
    let sources = run.tables.sources(table);
    let mut out: Vec<Evidence> = sources
        .iter()
        .take(SOURCES_MAX)
        .map(|source| {
            let location = source.window.map_or_else(
                || "whole source".to_owned(),
                |window| {
                    format!(
                        "{} to {}",
                        window.start.format("%Y-%m-%dT%H:%M:%SZ"),
                        window.end.format("%Y-%m-%dT%H:%M:%SZ")
                    )
                },
            );
            let place = Place { source: source.label.clone(), location };
            Evidence {
                place,
                text: Text::ours(format!("{wanted} ({} records searched)", source.records)),
                at: None,
            }
        })
        .collect();
    if out.is_empty() {
        let place = Place { source: table.to_owned(), location: "whole table".to_owned() };
        out.push(Evidence { place, text: Text::ours(wanted), at: None });
    }
    out
}

/// A row as evidence; the time that dates it is not said again in its text.
pub(crate) fn of_row(table: Table<'_>, row: usize, columns: &[(&str, &str)]) -> Evidence {
    let at = dating_columns(table.doc())
        .iter()
        .find_map(|name| Val::of(table.column(name)?.get(row)).time());
    let place = row_place(table, row);
    let Some(phrase) = Phrase::of(table.doc().name) else {
        return Evidence { place, text: row_text(table, row, columns, at), at };
    };
    let Some(mut text) = phrase.show(table, row) else {
        return Evidence { place, text: row_text(table, row, columns, at), at };
    };
    // What decided and is not in the phrase stands behind it.
    let others: Vec<(&str, &str)> =
        columns.iter().copied().filter(|(name, _)| !phrase.covers(name)).collect();
    if let Some(more) = pairs(table, row, &others, at) {
        text.push_ours("; ");
        text.push_text(more);
    }
    Evidence { place, text, at }
}

/// Where a row stands; a row without a place is cited by its number.
pub(crate) fn row_place(table: Table<'_>, row: usize) -> Place {
    let mut place = table.place(row);
    if place.source.is_empty() {
        table.doc().name.clone_into(&mut place.source);
    }
    if place.location.is_empty() {
        place.location = format!("row:{}", row + 1);
    }
    place
}

/// `calls = 493, share = 86 %`; gaps, what is false and the time that is `said` elsewhere are left out.
pub(crate) fn row_text(
    table: Table<'_>,
    row: usize,
    columns: &[(&str, &str)],
    said: Option<DateTime<Utc>>,
) -> Text {
    pairs(table, row, columns, said)
        .unwrap_or_else(|| Text::ours(format!("a row of {}", table.doc().name)))
}

fn pairs(
    table: Table<'_>,
    row: usize,
    columns: &[(&str, &str)],
    said: Option<DateTime<Utc>>,
) -> Option<Text> {
    let mut out = Text::new();
    for (name, unit) in columns.iter().take(COLUMNS_MAX) {
        let Some(view) = table.column(name) else { continue };
        let value = Val::of(view.get(row));
        // What is not so decides many rules and tells a reader nothing.
        let says_nothing = value.is_null() || matches!(value, Val::Bool(false));
        let is_said =
            matches!((value.time(), said), (Some(a), Some(b)) if (a - b).abs() < SAME_TIME);
        if says_nothing || is_said || matches!(*name, "source" | "location") {
            continue;
        }
        if !out.is_empty() {
            out.push_ours(", ");
        }
        out.push_ours(format!("{name} = "));
        out.push_text(format::value(&value, unit));
    }
    (!out.is_empty()).then_some(out)
}

/// Columns with units, by the rule's indexes; the subject first.
pub(crate) fn columns<'n>(
    names: &Names<'n>,
    first: usize,
    others: &[usize],
) -> Vec<(&'n str, &'n str)> {
    std::iter::once(first)
        .chain(others.iter().copied().filter(|at| *at != first))
        .filter_map(|at| names.columns.get(at))
        .map(|column| (column.name, column.unit))
        .collect()
}
