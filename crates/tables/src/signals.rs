//! Everything that varies over time, as signals on regular grids.

use crate::samples::{Point, Samples};
use crate::{Cell, ColumnView, Table, Tables};
use chrono::{DateTime, Utc};
use model::{Signal, SignalKind, Window};
use std::collections::{BTreeMap, BTreeSet};

/// The unit of load: time that statements ran over the time that passed.
const LOAD_UNIT: &str = "statements at once";
/// Values of a signal at most: beyond, the grid is coarser. A month of minutes fits.
const VALUES_MAX: i64 = 50_000;
/// Fingerprints that get signals, those with the most time first.
const QUERIES_MAX: usize = 200;
/// Log patterns that get signals, those with the most lines first.
const PATTERNS_MAX: usize = 300;
/// Classes and causes of database events that get signals.
const EVENTS_MAX: usize = 200;
/// Users and applications whose connections get signals.
const CONNECTIONS_MAX: usize = 50;
/// Known messages about somebody else's trouble: however many there are, users of the server notice
/// nothing, and no incident is made of them.
const OF_OTHERS: &[&str] = &[
    "bad-device-token",
    "client-gone",
    "client-metric-exceeded",
    "context-canceled",
    "extract-failed",
    "file-preview-failed",
    "link-preview-deadline",
    "link-preview-error",
    "outgoing-webhook-failed",
    "outgoing-webhook-timeout",
    "plugin-invalid-status",
    "plugin-missing",
    "session-expired",
    "tls-handshake-error",
];
/// A pattern or fingerprint with fewer calls shows no change that could be told from chance.
const CALLS_MIN: i64 = 5;

/// What a group of minutes adds up to.
#[derive(Default)]
struct Minutes {
    first_row: usize,
    width_min: i64,
    cells: Vec<(DateTime<Utc>, i64, f64)>,
}

impl Minutes {
    fn calls(&self) -> i64 {
        self.cells.iter().map(|(_, calls, _)| calls).sum()
    }
}

/// Characters of a pattern that name it.
const NAME_CHARS_MAX: usize = 80;

/// A known message's id, or the begin of the pattern.
fn pattern_name(table: Table<'_>, row: usize) -> String {
    let known = text(table, "known_id", row);
    if !known.is_empty() {
        return known;
    }
    let pattern = text(table, "pattern", row);
    match pattern.char_indices().nth(NAME_CHARS_MAX) {
        Some((end, _)) => format!("{}…", pattern.get(..end).unwrap_or_default()),
        None => pattern,
    }
}

/// The store method, or what it does to which tables; and the id, which is what else to look for.
fn query_name(table: Table<'_>, row: usize) -> String {
    let id = text(table, "fingerprint_id", row);
    let method = text(table, "store_method", row);
    if !method.is_empty() {
        return format!("{method} ({id})");
    }
    match (text(table, "kind", row), text(table, "tables", row)) {
        (_, tables) if tables.is_empty() => id,
        (kind, tables) => format!("{kind} {tables} ({id})"),
    }
}

impl Tables {
    /// Signals of series, queries, log patterns and database events, by id.
    pub fn signals(&self) -> Vec<Signal> {
        let mut signals = Vec::new();
        self.series_signals(&mut signals);
        self.query_signals(&mut signals);
        self.log_signals(&mut signals);
        self.event_signals(&mut signals);
        self.connection_signals(&mut signals);
        signals
    }

    fn series_signals(&self, signals: &mut Vec<Signal>) {
        let (Some(series), Some(samples)) = (self.table("series"), self.table("samples")) else {
            return;
        };
        let Some(samples) = Samples::of(samples) else { return };
        for row in 0..series.n_rows() {
            let text = |name| text(series, name, row);
            let id = text("series_id");
            let points = samples.points(&id);
            if points.len() < 2 {
                continue;
            }
            let step_s = match series.column("step_s").map(|column| column.get(row)) {
                Some(Cell::Int(step)) if step > 0 => step,
                _ => continue,
            };
            let Some((start, step_s, values)) = on_grid(&points, step_s) else { continue };
            let (metric, unit, subject) = (text("metric"), text("unit"), text("subject"));
            let kind = kind_of(&text("view"), &metric, !subject.is_empty());
            signals.push(Signal {
                higher_is_worse: is_worse(&metric, &unit),
                floor: floor_of(&metric, &unit, &subject),
                id,
                kind,
                metric,
                subject,
                node: text("node"),
                unit,
                start,
                step_s,
                values,
                place: series.place(row),
            });
        }
    }

    fn query_signals(&self, signals: &mut Vec<Signal>) {
        let Some(minutes) = self.table("query_minutes") else { return };
        let Some(window) = self.hull("query_minutes") else { return };
        let slow_only = self
            .sources("query_minutes")
            .iter()
            .any(|source| source.limits.iter().any(|limit| limit == "slow statements only"));
        let mut groups: Vec<(String, Minutes)> =
            grouped(minutes, &["fingerprint_id"], "span_min", Some("total_ms"))
                .into_iter()
                .filter(|(_, group)| group.calls() >= CALLS_MIN)
                .collect();
        let names = self.names("queries", "fingerprint_id", query_name);
        let foreign = self.foreign_queries();
        groups.retain(|(id, _)| !foreign.contains(id));
        let total = |group: &Minutes| group.cells.iter().map(|(_, _, ms)| ms).sum::<f64>();
        groups.sort_by(|(_, a), (_, b)| total(b).total_cmp(&total(a)));
        for (id, group) in groups.into_iter().take(QUERIES_MAX) {
            let place = minutes.place(group.first_row);
            let grid = Grid::new(window, group.width_min);
            let calls = grid.sum(group.cells.iter().map(|(at, calls, _)| (*at, count(*calls))));
            let times = grid.sum(group.cells.iter().map(|(at, _, ms)| (*at, *ms)));
            let seconds = f64::from(grid.step_s);
            let load = times.iter().map(|ms| Some(ms / 1e3 / seconds)).collect();
            let mean = times
                .iter()
                .zip(&calls)
                .map(|(ms, calls)| (*calls > 0.0).then(|| ms / 1e3 / calls))
                .collect();
            let calls = calls.into_iter().map(Some).collect();
            for (metric, unit, values, floor, worse) in [
                ("query-load", LOAD_UNIT, load, 0.1, true),
                ("query-calls", "count", calls, 5.0, slow_only),
                ("query-mean", "s", mean, 0.1, true),
            ] {
                let name = metric.trim_start_matches("query-");
                signals.push(Signal {
                    id: format!("query:{id}:{name}"),
                    kind: SignalKind::Query,
                    metric: metric.to_owned(),
                    subject: names.get(&id).cloned().unwrap_or_else(|| id.clone()),
                    node: String::new(),
                    unit: unit.to_owned(),
                    start: grid.start,
                    step_s: grid.step_s,
                    values,
                    higher_is_worse: worse,
                    floor,
                    place: place.clone(),
                });
            }
        }
        self.load_signal(signals, window);
    }

    fn load_signal(&self, signals: &mut Vec<Signal>, window: Window) {
        let Some(load) = self.table("load_minutes").filter(|load| load.n_rows() > 0) else {
            return;
        };
        for (_, group) in grouped(load, &[], "span_min", Some("total_ms")) {
            let grid = Grid::new(window, group.width_min);
            let seconds = f64::from(grid.step_s);
            let times = grid.sum(group.cells.iter().map(|(at, _, ms)| (*at, *ms)));
            signals.push(Signal {
                id: "database:load".to_owned(),
                kind: SignalKind::Database,
                metric: "database-load".to_owned(),
                subject: String::new(),
                node: String::new(),
                unit: LOAD_UNIT.to_owned(),
                start: grid.start,
                step_s: grid.step_s,
                values: times.iter().map(|ms| Some(ms / 1e3 / seconds)).collect(),
                higher_is_worse: true,
                floor: 0.2,
                place: load.place(group.first_row),
            });
        }
    }

    /// Ids of fingerprints of other systems' databases: whatever they do, it is no change of ours.
    fn foreign_queries(&self) -> BTreeSet<String> {
        let Some(queries) = self.table("queries") else { return BTreeSet::new() };
        let is_foreign = queries.column("foreign");
        (0..queries.n_rows())
            .filter(|row| {
                is_foreign.as_ref().is_some_and(|column| column.get(*row) == Cell::Bool(true))
            })
            .map(|row| text(queries, "fingerprint_id", row))
            .collect()
    }

    /// What people call the things behind ids, by id.
    fn names(
        &self,
        table: &str,
        key: &str,
        name: fn(Table<'_>, usize) -> String,
    ) -> BTreeMap<String, String> {
        let Some(table) = self.table(table) else { return BTreeMap::new() };
        (0..table.n_rows()).map(|row| (text(table, key, row), name(table, row))).collect()
    }

    fn log_signals(&self, signals: &mut Vec<Signal>) {
        let Some(minutes) = self.table("log_minutes") else { return };
        let Some(window) = self.hull("log_minutes") else { return };
        let is_error = |level: &str| matches!(level, "error" | "critical" | "fatal" | "panic");
        let mut groups: Vec<(String, Minutes)> =
            grouped(minutes, &["pattern_id"], "width_min", None)
                .into_iter()
                .filter(|(_, group)| group.calls() >= CALLS_MIN)
                .collect();
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.calls()));
        let names = self.names("log_patterns", "pattern_id", pattern_name);
        let of_others: BTreeSet<String> = self
            .names("log_patterns", "pattern_id", |table, row| text(table, "known_id", row))
            .into_iter()
            .filter(|(_, known)| OF_OTHERS.contains(&known.as_str()))
            .map(|(id, _)| id)
            .collect();
        for (id, group) in groups.into_iter().take(PATTERNS_MAX) {
            let level = text(minutes, "level", group.first_row);
            signals.push(count_signal(CountSignal {
                id: format!("log:{id}:calls"),
                kind: SignalKind::Log,
                metric: "log-calls",
                subject: names.get(&id).cloned().unwrap_or_else(|| id.clone()),
                node: String::new(),
                worse: (is_error(&level) || level == "warn") && !of_others.contains(&id),
                table: minutes,
                window,
                group: &group,
            }));
        }
        // All errors of a node: many rare patterns may rise together.
        let by_level = grouped(minutes, &["node", "level", "pattern_id"], "width_min", None);
        let mut by_node: BTreeMap<String, Minutes> = BTreeMap::new();
        for (_, group) in by_level {
            let of_other = of_others.contains(&text(minutes, "pattern_id", group.first_row));
            if of_other || !is_error(&text(minutes, "level", group.first_row)) {
                continue;
            }
            let node = text(minutes, "node", group.first_row);
            let sum = by_node
                .entry(node)
                .or_insert_with(|| Minutes { first_row: group.first_row, ..Minutes::default() });
            sum.width_min = sum.width_min.max(group.width_min);
            sum.cells.extend(group.cells);
        }
        for (node, group) in by_node {
            signals.push(count_signal(CountSignal {
                id: format!("log:errors:{node}"),
                kind: SignalKind::Log,
                metric: "log-errors",
                subject: String::new(),
                node,
                worse: true,
                table: minutes,
                window,
                group: &group,
            }));
        }
    }

    fn event_signals(&self, signals: &mut Vec<Signal>) {
        let Some(minutes) = self.table("event_minutes") else { return };
        let Some(window) = self.hull("event_minutes") else { return };
        /// Classes whose number says how much is going on, not that something is wrong.
        const NEUTRAL: &[&str] =
            &["checkpoint", "autovacuum", "autoanalyze", "plan", "configuration"];
        let mut groups: Vec<(String, Minutes)> =
            grouped(minutes, &["class", "cause"], "span_min", None).into_iter().collect();
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.calls()));
        for (_, group) in groups.into_iter().take(EVENTS_MAX) {
            let class = text(minutes, "class", group.first_row);
            let cause = text(minutes, "cause", group.first_row);
            let subject =
                if cause.is_empty() { class.clone() } else { format!("{class}: {cause}") };
            signals.push(count_signal(CountSignal {
                id: format!("event:{subject}"),
                kind: SignalKind::Database,
                metric: "database-event-calls",
                subject,
                node: String::new(),
                worse: !NEUTRAL.contains(&class.as_str()),
                table: minutes,
                window,
                group: &group,
            }));
        }
    }

    fn connection_signals(&self, signals: &mut Vec<Signal>) {
        let Some(minutes) = self.table("connection_minutes") else { return };
        let Some(window) = self.hull("connection_minutes") else { return };
        let mut groups: Vec<(String, Minutes)> =
            grouped(minutes, &["user", "application"], "span_min", None).into_iter().collect();
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.calls()));
        for (_, group) in groups.into_iter().take(CONNECTIONS_MAX) {
            let user = text(minutes, "user", group.first_row);
            let application = text(minutes, "application", group.first_row);
            let subject = [user, application]
                .into_iter()
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
            signals.push(count_signal(CountSignal {
                id: format!("connections:{subject}"),
                kind: SignalKind::Pool,
                metric: "connections-authorised",
                subject,
                node: String::new(),
                worse: false,
                table: minutes,
                window,
                group: &group,
            }));
        }
    }

    /// What the sources of a table cover together.
    fn hull(&self, table: &str) -> Option<Window> {
        self.sources(table).iter().filter_map(|source| source.window).reduce(Window::hull)
    }
}

struct CountSignal<'a> {
    id: String,
    kind: SignalKind,
    metric: &'static str,
    subject: String,
    node: String,
    worse: bool,
    table: Table<'a>,
    window: Window,
    group: &'a Minutes,
}

/// A signal of counts: zero where the sources cover a minute and nothing was logged.
fn count_signal(spec: CountSignal<'_>) -> Signal {
    let grid = Grid::new(spec.window, spec.group.width_min);
    let sums = grid.sum(spec.group.cells.iter().map(|(at, calls, _)| (*at, count(*calls))));
    Signal {
        id: spec.id,
        kind: spec.kind,
        metric: spec.metric.to_owned(),
        subject: spec.subject,
        node: spec.node,
        unit: "count".to_owned(),
        start: grid.start,
        step_s: grid.step_s,
        values: sums.into_iter().map(Some).collect(),
        higher_is_worse: spec.worse,
        floor: 3.0,
        place: spec.table.place(spec.group.first_row),
    }
}

/// A regular grid of whole minutes.
struct Grid {
    start: DateTime<Utc>,
    step_s: u32,
    n_values: usize,
}

impl Grid {
    fn new(window: Window, width_min: i64) -> Self {
        let mut step_s = width_min.clamp(1, 1 << 20) * 60;
        let first = window.start.timestamp().div_euclid(60) * 60;
        let span_s = (window.end.timestamp() - first).max(0);
        step_s *= span_s / (step_s * VALUES_MAX) + 1;
        let n_values = usize::try_from(span_s / step_s + 1).unwrap_or(1);
        let start = DateTime::from_timestamp(first, 0).unwrap_or(window.start);
        Self { start, step_s: u32::try_from(step_s).unwrap_or(u32::MAX), n_values }
    }

    /// The sums of each step; what lies outside is left out.
    fn sum(&self, cells: impl Iterator<Item = (DateTime<Utc>, f64)>) -> Vec<f64> {
        let mut sums = vec![0.0; self.n_values];
        for (at, value) in cells {
            let idx = (at - self.start).num_seconds().div_euclid(i64::from(self.step_s));
            if let Some(sum) = usize::try_from(idx).ok().and_then(|idx| sums.get_mut(idx)) {
                *sum += value;
            }
        }
        sums
    }
}

/// Points on a grid of `step_s`; two of one step give the later. `None` without points.
fn on_grid(points: &[Point], step_s: i64) -> Option<(DateTime<Utc>, u32, Vec<Option<f64>>)> {
    let (start_ms, end_ms) = (points.first()?.0, points.last()?.0);
    let start = DateTime::from_timestamp_millis(start_ms)?;
    let span_s = (end_ms.saturating_sub(start_ms) / 1000).max(0);
    let step_s = step_s * (span_s / (step_s.max(1) * VALUES_MAX) + 1);
    let n_values = usize::try_from(span_s / step_s + 1).ok()?;
    let mut values = vec![None; n_values + 1];
    let half_ms = step_s / 2 * 1000;
    for (at_ms, value) in points {
        let from_ms = at_ms.saturating_sub(start_ms).saturating_add(half_ms);
        let idx = from_ms.div_euclid(1000).div_euclid(step_s);
        if let (Some(slot), Some(value)) =
            (usize::try_from(idx).ok().and_then(|idx| values.get_mut(idx)), value)
        {
            *slot = Some(*value);
        }
    }
    while values.last() == Some(&None) {
        values.pop();
    }
    Some((start, u32::try_from(step_s).ok()?, values))
}

/// The rows of a table of minutes by the texts of some columns, without those of other systems'
/// databases and without their time.
fn grouped(
    table: Table<'_>,
    key: &[&str],
    width: &str,
    amount: Option<&str>,
) -> BTreeMap<String, Minutes> {
    let mut groups: BTreeMap<String, Minutes> = BTreeMap::new();
    let keys: Vec<ColumnView<'_>> = key.iter().filter_map(|name| table.column(name)).collect();
    let (Some(minute), Some(calls), Some(width)) =
        (table.column("minute"), table.column("calls"), table.column(width))
    else {
        return groups;
    };
    let amount = amount.and_then(|name| table.column(name));
    let (foreign, foreign_ms) = (table.column("foreign"), table.column("foreign_ms"));
    let mut name = String::new();
    for row in 0..table.n_rows() {
        let (Cell::Time(at), Cell::Int(calls)) = (minute.get(row), calls.get(row)) else {
            continue;
        };
        if foreign.as_ref().is_some_and(|column| column.get(row) == Cell::Bool(true)) {
            continue;
        }
        name.clear();
        for (idx, column) in keys.iter().enumerate() {
            if idx > 0 {
                name.push('\u{1f}');
            }
            name.push_str(column.value(row).map_or("", |value| value.as_str()));
        }
        if !groups.contains_key(&name) {
            groups.insert(name.clone(), Minutes { first_row: row, ..Minutes::default() });
        }
        let Some(group) = groups.get_mut(&name) else { continue };
        let amount = match amount.map(|column| column.get(row)) {
            Some(Cell::Float(amount)) => amount,
            _ => 0.0,
        };
        let amount = match foreign_ms.as_ref().map(|column| column.get(row)) {
            Some(Cell::Float(others)) => (amount - others).max(0.0),
            _ => amount,
        };
        if let Cell::Int(width) = width.get(row) {
            group.width_min = group.width_min.max(width);
        }
        group.cells.push((at, calls, amount));
    }
    groups
}

fn text(table: Table<'_>, name: &str, row: usize) -> String {
    let column = table.column(name);
    column
        .and_then(|column| column.value(row))
        .map(|value| value.as_str().to_owned())
        .unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn count(calls: i64) -> f64 {
    calls as f64
}

/// What a series measures, from its view and metric.
fn kind_of(view: &str, metric: &str, has_subject: bool) -> SignalKind {
    let timed = metric.contains("latency") || metric.contains("duration");
    match view {
        "db-calls" | "store-latency" if has_subject => SignalKind::Query,
        "db-calls" | "store-latency" => SignalKind::Store,
        "api-latency" | "errors" => SignalKind::Api,
        "api-requests" if timed => SignalKind::Api,
        "http-requests" | "api-requests" => SignalKind::Http,
        "cpu" | "memory" | "process" => SignalKind::Process,
        "connections" => SignalKind::Pool,
        "replica-lag" => SignalKind::Database,
        "websocket" => SignalKind::Websocket,
        "cluster" => SignalKind::Cluster,
        "service" => SignalKind::Service,
        _ => SignalKind::Other,
    }
}

/// Whether more of a metric is worse, or only different.
fn is_worse(metric: &str, unit: &str) -> bool {
    const WORSE: &[&str] = &[
        "error",
        "lag",
        "wait",
        "fail",
        "cpu",
        "memory",
        "goroutine",
        "latency",
        "duration",
        "dropped",
    ];
    unit == "s" || WORSE.iter().any(|word| metric.contains(word))
}

/// The smallest difference of a metric that an engineer would look at.
fn floor_of(metric: &str, unit: &str, subject: &str) -> f64 {
    match unit {
        "s" if metric.contains("lag") => 5.0,
        // Medians are far below the 99th percentile.
        "s" if subject.is_empty() && metric.ends_with("-p50") => 0.02,
        "s" if subject.is_empty() => 0.1,
        "s" => 0.05,
        "1/s" if metric.contains("error") => 0.1,
        "1/s" => 1.0,
        "bytes" => 1e8,
        "percent" | "percent of one core" => 20.0,
        "ratio" => 0.05,
        _ if metric.contains("goroutine") => 500.0,
        _ if metric.contains("connection") => 10.0,
        _ if metric == "jobs-active" || metric == "cluster-health" => 1.0,
        _ => 5.0,
    }
}

#[cfg(test)]
mod tests {
    use super::OF_OTHERS;

    #[test]
    fn what_is_left_to_others_is_known() {
        let known = |id: &&str| packet::log::KNOWN.iter().any(|known| known.id == *id);
        let unknown: Vec<_> = OF_OTHERS.iter().filter(|id| !known(id)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
