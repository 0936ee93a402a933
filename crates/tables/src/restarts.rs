//! Restarts of servers, as their logs and as metrics saw them.

use crate::samples::{Point, Samples};
use crate::{Cell, Table, Tables};
use chrono::{DateTime, TimeDelta, Utc};
use model::Window;
use std::collections::{BTreeMap, BTreeSet};

/// Metrics that are the time of the start.
const START_TIMES: &[&str] = &["process-start-time", "server-start-time"];
/// Metrics that begin anew with the process.
const FROM_THE_START: &[&str] = &["goroutines", "heap", "resident-memory"];
/// Goroutines of a server that runs for a while are many times those of a new one; of other
/// metrics a fall says something only behind a gap.
const FALL: f64 = 0.6;
/// The same behind a gap of samples, which a process that is down leaves.
const FALL_BEHIND_GAP: f64 = 0.8;
/// Starts within this time are one: the log, diagnostics and several metrics tell of the same.
const SAME: TimeDelta = TimeDelta::minutes(5);

/// What two sources saw of the restarts of one node.
#[derive(Clone, Debug)]
pub struct NodeRestarts {
    /// The node; empty where one side does not name it, and there is only one on either side.
    pub node: String,
    /// Starts by the node's log and its diagnostics.
    pub of_log: Vec<DateTime<Utc>>,
    /// What the log covers.
    pub log_window: Window,
    /// The last sample before each restart and the first after it.
    pub of_metrics: Vec<Window>,
    /// What the metrics cover.
    pub metrics_window: Window,
}

/// When one server was not there, by its log.
#[derive(Clone, Debug)]
pub struct NodeAbsences {
    /// The node; empty where its log does not say.
    pub node: String,
    /// From each orderly stop to the next start that came up.
    pub orderly: Vec<Window>,
    /// The first line of each start that came up, and the line at which it was up.
    pub starts: Vec<Window>,
    /// What its log covers.
    pub log_window: Window,
}

impl Tables {
    /// When the server of each log was not there.
    pub fn absences(&self) -> Vec<NodeAbsences> {
        let mut nodes: BTreeMap<String, NodeAbsences> = BTreeMap::new();
        for source in self.sources("log_minutes") {
            let Some(log_window) = source.window else { continue };
            let node = nodes.entry(source.node.clone()).or_insert_with(|| NodeAbsences {
                node: source.node.clone(),
                orderly: Vec::new(),
                starts: Vec::new(),
                log_window,
            });
            node.log_window = node.log_window.hull(log_window);
        }
        let Some(events) = self.table("server_events") else { return Vec::new() };
        let time = |name: &str, row| match events.column(name).map(|column| column.get(row)) {
            Some(Cell::Time(at)) => Some(at),
            _ => None,
        };
        let mut rows: Vec<(DateTime<Utc>, usize)> =
            (0..events.n_rows()).filter_map(|row| Some((time("at", row)?, row))).collect();
        rows.sort_unstable();
        // The stop of each node that no start has followed yet.
        let mut open: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for (at, row) in rows {
            let node = text(events, "node", row);
            let Some(absences) = nodes.get_mut(&node) else { continue };
            match text(events, "kind", row).as_str() {
                "stop" => {
                    open.entry(node).or_insert(at);
                }
                "start" => {
                    let up = time("last_at", row).map_or(at, |up| up.max(at));
                    absences.starts.push(Window { start: at, end: up });
                    let stopped = open.remove(&node);
                    absences
                        .orderly
                        .extend(stopped.map(|stopped| Window { start: stopped, end: up }));
                }
                _ => {}
            }
        }
        nodes.into_values().collect()
    }

    /// How many servers there are: the most that any source tells apart.
    pub fn n_servers(&self) -> usize {
        let distinct = |name: &str| {
            let Some(table) = self.table(name) else { return 0 };
            let nodes: BTreeSet<String> = (0..table.n_rows())
                .map(|row| text(table, "node", row))
                .filter(|node| !node.is_empty())
                .collect();
            nodes.len()
        };
        let logs: BTreeSet<&str> =
            self.sources("log_minutes").iter().map(|source| source.node.as_str()).collect();
        distinct("nodes").max(distinct("series")).max(logs.len())
    }

    /// Of each node whose metrics can tell the last sample before each restart and the first after.
    pub fn restarts_seen(&self) -> Vec<(String, Vec<Window>)> {
        self.restarts_of_metrics().into_iter().map(|(node, (seen, _))| (node, seen)).collect()
    }

    /// The restarts of each node that both its log and metrics could see.
    pub fn restarts(&self) -> Vec<NodeRestarts> {
        let logs = self.starts_of_logs();
        let metrics = self.restarts_of_metrics();
        let pair = |node: &str, log: &(Vec<_>, Window), seen: &(Vec<_>, Window)| NodeRestarts {
            node: node.to_owned(),
            of_log: log.0.clone(),
            log_window: log.1,
            of_metrics: seen.0.clone(),
            metrics_window: seen.1,
        };
        let named: Vec<NodeRestarts> = logs
            .iter()
            .filter_map(|(node, log)| Some(pair(node, log, metrics.get(node)?)))
            .collect();
        if !named.is_empty() {
            return named;
        }
        // One node on either side is the same, whatever each calls it.
        let alone = (logs.len() == 1 && metrics.len() == 1)
            .then(|| logs.values().zip(metrics.values()).next())
            .flatten();
        alone.map(|(log, seen)| pair("", log, seen)).into_iter().collect()
    }

    /// Moves every time of metrics, whose clock is off or whose zone was not known; it is then.
    pub fn shift_metrics(&mut self, by: TimeDelta) {
        for name in ["series", "samples"] {
            self.shift(name, by);
            for source in self.sources.get_mut(name).into_iter().flatten() {
                source.limits.retain(|limit| limit != ::metrics::LOCAL_TIME);
            }
        }
    }

    fn starts_of_logs(&self) -> BTreeMap<String, (Vec<DateTime<Utc>>, Window)> {
        let mut nodes: BTreeMap<String, (Vec<DateTime<Utc>>, Window)> = BTreeMap::new();
        for source in self.sources("log_minutes") {
            if let Some(window) = source.window {
                let entry = nodes.entry(source.node.clone()).or_insert((Vec::new(), window));
                entry.1 = entry.1.hull(window);
            }
        }
        let mut add = |table: Table<'_>, row: usize, column: &str| {
            let at = table.column(column).map(|column| column.get(row));
            if let (Some(Cell::Time(at)), Some((starts, _))) =
                (at, nodes.get_mut(&text(table, "node", row)))
            {
                starts.push(at);
            }
        };
        if let Some(events) = self.table("server_events") {
            for row in (0..events.n_rows()).filter(|row| text(events, "kind", *row) == "start") {
                add(events, row, "at");
            }
        }
        if let Some(table) = self.table("nodes") {
            (0..table.n_rows()).for_each(|row| add(table, row, "started_at"));
        }
        for (starts, _) in nodes.values_mut() {
            starts.sort_unstable();
            starts.dedup_by(|later, first| *later - *first <= SAME);
        }
        nodes
    }

    fn restarts_of_metrics(&self) -> BTreeMap<String, (Vec<Window>, Window)> {
        let mut nodes: BTreeMap<String, (Vec<Window>, Window)> = BTreeMap::new();
        let (Some(series), Some(samples)) = (self.table("series"), self.table("samples")) else {
            return nodes;
        };
        let Some(samples) = Samples::of(samples) else { return nodes };
        for row in 0..series.n_rows() {
            let metric = text(series, "metric", row);
            let (is_time, is_level) =
                (START_TIMES.contains(&metric.as_str()), FROM_THE_START.contains(&metric.as_str()));
            let total = series.column("total").map(|column| column.get(row));
            if !is_time && !is_level || total == Some(Cell::Bool(true)) {
                continue;
            }
            let points: Vec<(i64, f64)> = samples
                .points(&text(series, "series_id", row))
                .into_iter()
                .filter_map(|(at_ms, value): Point| Some((at_ms, value?)))
                .collect();
            let step_ms = match series.column("step_s").map(|column| column.get(row)) {
                Some(Cell::Int(step_s)) => step_s * 1000,
                _ => 0,
            };
            let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
            let Some(window) = span(first.0, last.0) else { continue };
            let restarted = |before: f64, after: f64, gap_ms: i64| match is_time {
                true => after > before + 1.0,
                false if step_ms > 0 && gap_ms >= 2 * step_ms => after < before * FALL_BEHIND_GAP,
                false => metric == "goroutines" && after < before * FALL,
            };
            let seen = points.windows(2).filter_map(|pair| match pair {
                [(from, before), (to, after)] if restarted(*before, *after, to - from) => {
                    span(*from, *to)
                }
                _ => None,
            });
            let node = nodes.entry(text(series, "node", row)).or_insert((Vec::new(), window));
            node.1 = node.1.hull(window);
            node.0.extend(seen);
        }
        for (seen, _) in nodes.values_mut() {
            seen.sort_unstable();
            // Of several that saw the same the narrowest says most.
            seen.dedup_by(|later, first| {
                let same = later.start - first.end <= SAME;
                if same && later.end - later.start < first.end - first.start {
                    *first = *later;
                }
                same
            });
        }
        nodes
    }
}

fn span(from_ms: i64, to_ms: i64) -> Option<Window> {
    Some(Window {
        start: DateTime::from_timestamp_millis(from_ms)?,
        end: DateTime::from_timestamp_millis(to_ms)?,
    })
}

fn text(table: Table<'_>, name: &str, row: usize) -> String {
    match table.column(name).map(|column| column.get(row)) {
        Some(Cell::Text(text)) => text.to_owned(),
        _ => String::new(),
    }
}
