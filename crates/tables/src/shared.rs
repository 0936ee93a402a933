//! What two sources saw of the same events, as courses that can be laid over each other.

use crate::{Cell, Tables};
use chrono::{DateTime, TimeDelta, Utc};
use model::{Place, Signal, SignalKind, Window};
use std::collections::BTreeMap;

/// Known messages of the server, and the class of the database's events that is behind them.
const SAME: &[(&[&str], &str, &str)] = &[
    (&["statement-timeout", "store-deadline-exceeded"], "cancelled", "cancelled statements"),
    (&["too-many-clients", "connection-slots-reserved"], "refused", "refused connections"),
    (&["db-recovery-mode"], "refused", "connections that a starting database refused"),
    (&["deadlock-detected"], "deadlock", "deadlocks"),
    (&["conflict-with-recovery"], "replication-conflict", "conflicts with replication"),
    (&["db-authentication-failed"], "authentication", "refused logins"),
    (&["no-space-left"], "disk-full", "a full disk"),
];

/// Minutes of one source that are laid over another's at most: a week.
const MINUTES_MAX: usize = 10_080;

/// Events that a node and the database both saw.
#[derive(Clone, Debug)]
pub struct SharedEvents {
    /// Which, in words.
    pub what: &'static str,
    /// The node; empty when the log does not say.
    pub node: String,
    /// The node's log.
    pub of_node: Signal,
    /// The database's log.
    pub of_database: Signal,
}

type Counts = BTreeMap<DateTime<Utc>, i64>;

impl Tables {
    /// Events that the server's logs and the database's log both count by minute, for each node.
    pub fn shared_events(&self) -> Vec<SharedEvents> {
        let known = self.known_ids();
        let mut shared = Vec::new();
        for (ids, class, what) in SAME {
            let mut by_node: BTreeMap<String, Counts> = BTreeMap::new();
            self.each_minute(
                "log_minutes",
                "width_min",
                &["pattern_id", "node"],
                |key, at, calls| {
                    let [pattern, node] = key else { return };
                    if known.get(*pattern).is_some_and(|id| ids.contains(&id.as_str())) {
                        let counts = by_node.entry((*node).to_owned()).or_default();
                        *counts.entry(at).or_default() += calls;
                    }
                },
            );
            let mut database = Counts::new();
            self.each_minute("event_minutes", "span_min", &["class"], |key, at, calls| {
                if key.first() == Some(class) {
                    *database.entry(at).or_default() += calls;
                }
            });
            let Some(of_database) = course(&database, hull(self, "event_minutes")) else {
                continue;
            };
            for (node, counts) in by_node {
                if let Some(of_node) = course(&counts, hull(self, "log_minutes")) {
                    let of_database = of_database.clone();
                    shared.push(SharedEvents { what, node, of_node, of_database });
                }
            }
        }
        shared
    }

    /// Moves every time of the database's log, whose clock is off.
    pub fn shift_database(&mut self, by: TimeDelta) {
        for name in crate::build::slowlog::TABLES {
            self.shift(name, by);
        }
        self.database_shift = by;
    }

    /// Moves every time of a table, and of its sources.
    pub(crate) fn shift(&mut self, name: &str, by: TimeDelta) {
        if let Some(table) = self.tables.get_mut(name) {
            table.shift_times(by);
        }
        for source in self.sources.get_mut(name).into_iter().flatten() {
            source.window = source
                .window
                .map(|window| Window { start: window.start + by, end: window.end + by });
        }
    }

    pub(crate) fn known_ids(&self) -> BTreeMap<String, String> {
        let Some(patterns) = self.table("log_patterns") else { return BTreeMap::new() };
        let text = |name: &str, row| match patterns.column(name).map(|column| column.get(row)) {
            Some(Cell::Text(text)) => text.to_owned(),
            _ => String::new(),
        };
        (0..patterns.n_rows()).map(|row| (text("pattern_id", row), text("known_id", row))).collect()
    }

    /// Calls `see` for every whole minute of a table of minutes, with the texts of `key`.
    pub(crate) fn each_minute(
        &self,
        name: &str,
        width: &str,
        key: &[&str],
        mut see: impl FnMut(&[&str], DateTime<Utc>, i64),
    ) {
        let Some(table) = self.table(name) else { return };
        let columns: Vec<_> = key.iter().filter_map(|name| table.column(name)).collect();
        let (Some(minute), Some(calls), Some(width)) =
            (table.column("minute"), table.column("calls"), table.column(width))
        else {
            return;
        };
        for row in 0..table.n_rows() {
            // Coarser cells say nothing about a clock.
            let (Cell::Time(at), Cell::Int(calls), Cell::Int(1)) =
                (minute.get(row), calls.get(row), width.get(row))
            else {
                continue;
            };
            let words: Vec<&str> = columns
                .iter()
                .map(|column| if let Cell::Text(text) = column.get(row) { text } else { "" })
                .collect();
            see(&words, at, calls);
        }
    }
}

fn hull(tables: &Tables, name: &str) -> Option<Window> {
    tables.sources(name).iter().filter_map(|source| source.window).reduce(Window::hull)
}

/// Counts by minute over what the sources cover; the last week of it.
fn course(counts: &Counts, window: Option<Window>) -> Option<Signal> {
    let window = window?;
    let first = window.start.timestamp().div_euclid(60) * 60;
    let last = window.end.timestamp().div_euclid(60) * 60;
    let n_minutes = usize::try_from((last - first) / 60 + 1).ok()?;
    let cut = n_minutes.saturating_sub(MINUTES_MAX);
    let start = DateTime::from_timestamp(first + i64::try_from(cut).ok()? * 60, 0)?;
    let values = (0..n_minutes - cut)
        .map(|nth| {
            let at = start + TimeDelta::minutes(i64::try_from(nth).unwrap_or(0));
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
            Some(counts.get(&at).copied().unwrap_or(0) as f64)
        })
        .collect();
    Some(Signal {
        id: String::new(),
        kind: SignalKind::Log,
        metric: String::new(),
        subject: String::new(),
        node: String::new(),
        unit: "count".to_owned(),
        start,
        step_s: 60,
        values,
        higher_is_worse: true,
        floor: 0.0,
        place: Place::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::SAME;

    #[test]
    fn messages_that_have_a_counterpart_are_known() {
        for id in SAME.iter().flat_map(|(ids, ..)| ids.iter()) {
            assert!(packet::log::KNOWN.iter().any(|known| known.id == *id), "{id}");
        }
    }
}
