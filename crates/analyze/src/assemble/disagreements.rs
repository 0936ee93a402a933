//! Sources that say different things: it lowers trust, and is often the clue.

use model::Disagreement;
use std::collections::{BTreeMap, BTreeSet};
use tables::{Cell, DIFFER_BY_NATURE, Engine, FactState, Table, Tables};
use text::{Raw, Redactor, Text, Value};

/// Facts that are listed one by one; more are counted.
const LISTED_MAX: usize = 12;
/// Open connections in a chart and in the packet may differ by this factor: they are taken minutes
/// apart.
const CONNECTIONS_FACTOR: f64 = 2.0;
/// Fewer connections than this are no disagreement.
const CONNECTIONS_MIN: f64 = 20.0;
/// Times and counts of two sources may differ by this factor: thresholds, sampling, windows.
const VOLUME_FACTOR: f64 = 5.0;
/// Fewer events than this are no disagreement.
const EVENTS_MIN: i64 = 50;

/// All disagreements, those of the packet first.
pub(crate) fn disagreements(tables: &Tables, redactor: &Redactor) -> Vec<Disagreement> {
    let mut found = between_nodes(tables, redactor);
    found.extend(engines(tables, redactor));
    found.extend(instances(tables));
    found.extend(connections(tables));
    found.extend(deadlines(tables));
    found.extend(times(tables));
    found
}

/// Settings and facts on which the nodes of the packet differ.
fn between_nodes(tables: &Tables, redactor: &Redactor) -> Vec<Disagreement> {
    let facts = tables.facts();
    facts
        .disagreements()
        .into_iter()
        .filter(|doc| !DIFFER_BY_NATURE.contains(&doc.path))
        .take(LISTED_MAX)
        .map(|doc| {
            let mut sources = Vec::new();
            let mut values = Vec::new();
            for reading in facts.values(doc.path) {
                let value = match reading.state {
                    FactState::Value(cell) => cell.to_string(),
                    FactState::Masked => "hidden".to_owned(),
                    FactState::Unreadable => "not readable".to_owned(),
                    FactState::Missing | FactState::NotApplicable => continue,
                };
                let place = reading.place.map_or_else(String::new, |place| place.source.clone());
                sources.push(reading.node.map_or(place, str::to_owned));
                values.push(Text::value(redactor.clear_named(doc.path, &Raw::new(value))));
            }
            Disagreement {
                what: Text::ours(format!("nodes differ in {}", doc.path)),
                sources,
                values,
            }
        })
        .collect()
}

/// Sources that speak of another database than the others: then one of them is somebody else's, and
/// what was taken for a command of this database may be one of the other.
fn engines(tables: &Tables, redactor: &Redactor) -> Option<Disagreement> {
    let readings = tables.engine_readings();
    let first = readings.first()?;
    if readings.iter().all(|reading| reading.engine == first.engine) {
        return None;
    }
    let taken = tables.engine().map_or("both, each with its name", Engine::label);
    Some(Disagreement {
        what: Text::ours(format!("which database it is; commands are those of {taken}")),
        sources: readings.iter().map(|reading| reading.source.clone()).collect(),
        values: readings
            .iter()
            .map(|reading| Text::value(redactor.clear(&Raw::new(reading.says.as_str()))))
            .collect(),
    })
}

fn text<'t>(table: &Table<'t>, column: &str, row: usize) -> &'t str {
    if let Some(Cell::Text(text)) = table.column(column).map(|column| column.get(row)) {
        text
    } else {
        ""
    }
}

fn number(table: &Table<'_>, column: &str, row: usize) -> Option<f64> {
    let cell = table.column(column)?.get(row);
    #[expect(clippy::cast_precision_loss, reason = "compared within a factor")]
    if let Cell::Int(value) = cell {
        return Some(value as f64);
    }
    if let Cell::Float(value) = cell { Some(value) } else { None }
}

/// Names from tables: cleared there, escaped by each output.
fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Text {
    let all: Vec<&str> = names.into_iter().collect();
    Text::value(Value::trusted(&all.join(", ")))
}

/// Nodes in charts that the packet lacks: a node that is absent from the packet is often the dead
/// one.
fn instances(tables: &Tables) -> Option<Disagreement> {
    let series = tables.table("series")?;
    let charted: BTreeSet<&str> = (0..series.n_rows())
        .map(|row| text(&series, "node", row))
        .filter(|node| !node.is_empty())
        .collect();
    let packet: BTreeSet<&str> = tables.facts().nodes().iter().map(String::as_str).collect();
    // Names of one kind (pods) and of another (addresses) cannot be compared, counts can.
    if packet.is_empty() || charted.len() <= packet.len() {
        return None;
    }
    let source = (series.n_rows() > 0).then(|| text(&series, "source", 0).to_owned())?;
    Some(Disagreement {
        what: Text::ours(
            "more nodes in the charts than in the packet: one that is absent from the packet may be down",
        ),
        sources: vec![source, "packet".to_owned()],
        values: vec![names(charted), names(packet)],
    })
}

/// Open connections to the primary: the chart's last value against the sum over the nodes.
fn connections(tables: &Tables) -> Option<Disagreement> {
    let series = tables.table("series")?;
    let row = (0..series.n_rows()).find(|&row| {
        text(&series, "metric", row) == "db-connections"
            && text(&series, "subject", row).contains("master")
    })?;
    let charted = number(&series, "last", row)?;
    let nodes = tables.table("nodes")?;
    let open: Vec<f64> = (0..nodes.n_rows())
        .filter_map(|row| number(&nodes, "database_master_connections", row))
        .collect();
    let sum: f64 = open.iter().sum();
    if open.is_empty()
        || charted.max(sum) < CONNECTIONS_MIN
        || !differ(charted, sum, CONNECTIONS_FACTOR)
    {
        return None;
    }
    Some(Disagreement {
        what: Text::ours(
            "open connections to the primary, in the chart's last point and in the packet",
        ),
        sources: vec![text(&series, "source", row).to_owned(), "packet".to_owned()],
        values: vec![
            Text::ours(format!("{charted:.0}")),
            Text::ours(format!("{sum:.0} over {} nodes", open.len())),
        ],
    })
}

fn differ(a: f64, b: f64, factor: f64) -> bool {
    a.max(b) > a.min(b).max(1.0) * factor
}

/// Store calls that ran into their deadline, against statements that the database cancelled.
fn deadlines(tables: &Tables) -> Option<Disagreement> {
    let (patterns, events) = (tables.table("log_patterns")?, tables.table("database_events")?);
    let application: Vec<f64> = (0..patterns.n_rows())
        .filter(|&row| text(&patterns, "known_id", row) == "store-deadline-exceeded")
        .filter_map(|row| number(&patterns, "calls_in", row))
        .collect();
    let application: f64 = application.iter().sum();
    // The number of a class and cause stands in each of its rows. A log without any cancelled
    // statement may not log errors at all.
    let mut by_cause: BTreeMap<&str, f64> = BTreeMap::new();
    for row in 0..events.n_rows() {
        let cause = text(&events, "cause", row);
        if text(&events, "class", row) == "cancelled"
            && matches!(cause, "user request" | "statement timeout")
        {
            by_cause.insert(cause, number(&events, "class_calls_in", row)?);
        }
    }
    let database: f64 = by_cause.values().sum();
    if by_cause.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a small constant")]
    let enough = application.max(database) >= EVENTS_MIN as f64;
    if !enough || !differ(application, database, VOLUME_FACTOR) {
        return None;
    }
    Some(Disagreement {
        what: Text::ours(
            "deadlines in the application against statements that the database cancelled, in the incident: requests \
             that never reach the database wait for a connection",
        ),
        sources: vec!["mattermost.log".to_owned(), "database log".to_owned()],
        values: vec![Text::ours(format!("{application:.0}")), Text::ours(format!("{database:.0}"))],
    })
}

/// Time of a store method in the charts (calls times mean) against its time in the slow query log,
/// per minute of the incident.
fn times(tables: &Tables) -> Vec<Disagreement> {
    let (Some(series), Some(queries)) = (tables.table("series"), tables.table("queries")) else {
        return Vec::new();
    };
    let mut calls: BTreeMap<&str, f64> = BTreeMap::new();
    let mut means: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for row in 0..series.n_rows() {
        let (method, Some(median)) =
            (text(&series, "subject", row), number(&series, "incident_median", row))
        else {
            continue;
        };
        match (text(&series, "metric", row), text(&series, "unit", row)) {
            ("store-method-calls", "count per 5 min") => {
                calls.insert(method, median / 5.0);
            }
            ("store-method-duration", "s") => {
                means.insert(method, (median, row));
            }
            _ => {}
        }
    }
    let mut logged: BTreeMap<&str, f64> = BTreeMap::new();
    for row in 0..queries.n_rows() {
        let per_minute =
            number(&queries, "per_minute_in", row).zip(number(&queries, "mean_in_ms", row));
        if let (method, Some((calls, mean_ms))) = (text(&queries, "store_method", row), per_minute)
            && !method.is_empty()
        {
            *logged.entry(method).or_default() += calls * mean_ms / 1000.0;
        }
    }
    let mut found = Vec::new();
    for (method, logged_s) in logged {
        let (Some(calls), Some((mean_s, row))) = (calls.get(method), means.get(method)) else {
            continue;
        };
        let charted_s = calls * mean_s;
        // A threshold log lacks what is fast: only means of seconds can be compared.
        if *mean_s < 1.0 || !differ(charted_s, logged_s, VOLUME_FACTOR) {
            continue;
        }
        let mut what = Text::ours("seconds a minute spent in ");
        what.push_text(names([method]));
        what.push_ours(": calls times mean in the charts against the slow query log");
        found.push(Disagreement {
            what,
            sources: vec![text(&series, "source", *row).to_owned(), "slow query log".to_owned()],
            values: vec![
                Text::ours(format!("{charted_s:.0}")),
                Text::ours(format!("{logged_s:.0}")),
            ],
        });
    }
    found
}
