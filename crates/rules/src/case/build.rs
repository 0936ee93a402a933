//! The tables of a case.

use super::{Case, series};
use crate::compile::scalar;
use crate::evaluate::Options;
use crate::expr::Val;
use crate::spec::SourceSpec;
use chrono::{DateTime, Utc};
use model::{Change, Level, Place, Window};
use tables::{Cell, Given, Kind, SourceCoverage, Tables, TablesBuilder};
use toml::Value;

/// Facts and tables of a case, and its incident. The message says what is wrong with the case.
pub(super) fn build(case: &Case) -> Result<(Tables, Options), String> {
    let spec = &case.spec;
    let mut builder = TablesBuilder::new();
    let place = |path: &str| Place { source: "case".to_owned(), location: format!("/{path}") };
    let mut fact = |path: &str, node: Option<&str>, given: Given<'_>| {
        builder.fact(path, node, given, place(path), false).map_err(|error| error.to_string())
    };
    if let Some(version) = &spec.version {
        fact("server.version", None, Given::Value(Cell::Text(version.get_ref())))?;
    }
    for (path, value) in &spec.facts {
        let value = scalar(value.get_ref())?;
        fact(path.get_ref(), None, Given::Value(cell(&value)))?;
    }
    for (node, facts) in &spec.nodes {
        for (path, value) in facts {
            let value = scalar(value.get_ref())?;
            fact(path.get_ref(), Some(node), Given::Value(cell(&value)))?;
        }
    }
    for path in &spec.masked {
        fact(path.get_ref(), None, Given::Masked)?;
    }
    for path in &spec.unreadable {
        fact(path.get_ref(), None, Given::Unreadable)?;
    }
    for (table, rows) in &spec.tables {
        let table = table.get_ref().as_str();
        let source =
            spec.sources.iter().find(|(name, _)| name.get_ref() == table).map(|(_, source)| source);
        let source = coverage(source)?;
        builder.read(table, source).map_err(|error| error.to_string())?;
        for row in rows {
            let values: Vec<(&str, Val<'static>)> = row
                .iter()
                .map(|(column, value)| Ok((column.get_ref().as_str(), scalar(value.get_ref())?)))
                .collect::<Result<_, String>>()?;
            let cells: Vec<(&str, Cell<'_>)> =
                values.iter().map(|(name, value)| (*name, cell(value))).collect();
            builder.row(table, &cells).map_err(|error| error.to_string())?;
        }
    }
    let signals = spec
        .series
        .iter()
        .enumerate()
        .map(|(idx, one)| series::signal(idx, one, time))
        .collect::<Result<Vec<_>, _>>()?;
    if !signals.is_empty() {
        builder.read("changes", coverage(None)?).map_err(|error| error.to_string())?;
        for change in diagnosis::changes(&signals, &diagnosis::Options::default()) {
            add_change(&mut builder, &change)?;
        }
    }
    let incident = match &spec.incident {
        Some(window) => {
            Some(Window { start: time(window.start.get_ref())?, end: time(window.end.get_ref())? })
        }
        None => None,
    };
    let traffic = spec
        .incident
        .as_ref()
        .map(|spec| model::Traffic { requests: spec.requests_ratio, calls: spec.calls_ratio });
    let options = Options { incident, traffic: traffic.unwrap_or_default() };
    Ok((builder.build(), options))
}

fn coverage(source: Option<&SourceSpec>) -> Result<SourceCoverage, String> {
    let mut out = SourceCoverage::covering("case", None);
    if let Some(source) = source {
        out.limits.clone_from(&source.limits);
        if let (Some(start), Some(end)) = (&source.start, &source.end) {
            out.window = Some(Window { start: time(start.get_ref())?, end: time(end.get_ref())? });
        }
    }
    Ok(out)
}

fn time(value: &Value) -> Result<DateTime<Utc>, String> {
    let value = scalar(value)?;
    let at = if let Val::Text(text) = &value {
        Cell::parse(Kind::Time, text).and_then(|cell| Val::of(cell).time())
    } else {
        value.time()
    };
    at.ok_or_else(|| "a time is written 2026-03-05T09:18:00Z".to_owned())
}

fn cell<'v>(value: &'v Val<'_>) -> Cell<'v> {
    match value {
        Val::Null => Cell::Null,
        Val::Bool(value) => Cell::Bool(*value),
        Val::Int(value) => Cell::Int(*value),
        Val::Float(value) => Cell::Float(*value),
        Val::Text(value) => Cell::Text(value),
        Val::Version(value) => Cell::Version(*value),
        Val::Time(_) => value.time().map_or(Cell::Null, Cell::Time),
        Val::Span(value) => Cell::Span(*value),
    }
}

fn add_change(builder: &mut TablesBuilder, change: &Change) -> Result<(), String> {
    let mut cells: Vec<(&str, Cell<'_>)> = vec![
        ("signal", Cell::Text(&change.signal)),
        ("signal_kind", Cell::Text(series::kind_word(change.signal_kind))),
        ("metric", Cell::Text(&change.metric)),
        ("kind", Cell::Text(change.kind.as_str())),
        ("onset", Cell::Time(change.onset)),
        ("last_at", Cell::Time(change.last_at)),
        ("before", Cell::Float(change.before)),
        ("after", Cell::Float(change.after)),
        ("z", Cell::Float(change.z)),
        ("persistence", Cell::Float(change.persistence)),
        ("higher_is_worse", Cell::Bool(change.higher_is_worse)),
        ("confidence", Cell::Text(change.confidence.as_str())),
    ];
    for (name, word) in
        [("subject", &change.subject), ("node", &change.node), ("unit", &change.unit)]
    {
        if !word.is_empty() {
            cells.push((name, Cell::Text(word)));
        }
    }
    if let Some(until) = change.until {
        cells.push(("until", Cell::Time(until)));
    }
    if let Some(ratio) = change.ratio {
        cells.push(("ratio", Cell::Float(ratio)));
    }
    builder.row("changes", &cells).map_err(|error| error.to_string())
}
