//! What happened once and two sources saw, to compare their clocks by: a restart of the database in
//! its own log, in the errors of the nodes and in the chart of its connections; a server that left
//! its cluster or came back, in its own log and in those of the others.

use crate::samples::Samples;
use crate::{Cell, Table, Tables};
use chrono::{DateTime, TimeDelta, Utc};
use model::Window;
use std::collections::BTreeMap;

/// Known messages of a server that has lost its database.
const LOST_DATABASE: &[&str] =
    &["db-recovery-mode", "db-ping-failed", "bad-connection", "connection-reset"];
/// Minutes of one kind within this time are one thing that happened.
const SAME: TimeDelta = TimeDelta::minutes(10);
/// What falls below this share of its last value has lost its connections.
const LOST_SHARE: f64 = 0.1;

/// Who saw what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saw {
    /// A node lost the database when that restarted.
    NodeDatabase,
    /// The chart of the database's connections broke off when that restarted.
    ChartDatabase,
    /// A node's log has the stop or start of this other one.
    NodeNode(String),
}

/// Times of the same things by two sources.
#[derive(Clone, Debug)]
pub struct Sightings {
    /// Who saw what.
    pub saw: Saw,
    /// The node that saw it; empty where its log does not say, and for charts.
    pub node: String,
    /// When, by the one whose it is: the database's log, the log of the node that restarted.
    pub of_own: Vec<DateTime<Utc>>,
    /// What that log covers.
    pub own_window: Window,
    /// When, by the other: between these times.
    pub of_other: Vec<Window>,
    /// What that one covers.
    pub other_window: Window,
}

impl Tables {
    /// Everything that two sources saw, of each pair of them.
    pub fn sightings(&self) -> Vec<Sightings> {
        let mut all = self.database_restarts();
        all.extend(self.cluster_changes());
        all
    }

    fn database_restarts(&self) -> Vec<Sightings> {
        let Some(own_window) = self.hull_of("event_minutes", None) else { return Vec::new() };
        let mut minutes: Vec<DateTime<Utc>> = Vec::new();
        self.each_minute("event_minutes", "span_min", &["class"], |key, at, _| {
            if key.first() == Some(&"restart") {
                minutes.push(at);
            }
        });
        // The minute is known, not the second.
        let of_own: Vec<DateTime<Utc>> =
            begins(minutes).into_iter().map(|at| at + TimeDelta::seconds(30)).collect();
        if of_own.is_empty() {
            return Vec::new();
        }
        let mut all = Vec::new();
        let known = self.known_ids();
        let mut lost: BTreeMap<String, Vec<DateTime<Utc>>> = BTreeMap::new();
        self.each_minute("log_minutes", "width_min", &["pattern_id", "node"], |key, at, _| {
            let [pattern, node] = key else { return };
            if known.get(*pattern).is_some_and(|id| LOST_DATABASE.contains(&id.as_str())) {
                lost.entry((*node).to_owned()).or_default().push(at);
            }
        });
        for (node, minutes) in lost {
            let Some(other_window) = self.hull_of("log_minutes", Some(&node)) else { continue };
            let minute = |at| Window { start: at, end: at + TimeDelta::minutes(1) };
            let of_other = begins(minutes).into_iter().map(minute).collect();
            let of_own = of_own.clone();
            all.push(Sightings {
                saw: Saw::NodeDatabase,
                node,
                of_own,
                own_window,
                of_other,
                other_window,
            });
        }
        if let Some((of_other, other_window)) = self.lost_connections() {
            all.push(Sightings {
                saw: Saw::ChartDatabase,
                node: String::new(),
                of_own,
                own_window,
                of_other,
                other_window,
            });
        }
        all
    }

    /// Where open connections fall to nothing or have no value: between the last value before and
    /// the first step without.
    fn lost_connections(&self) -> Option<(Vec<Window>, Window)> {
        let (series, samples) = (self.table("series")?, Samples::of(self.table("samples")?)?);
        let mut seen: Vec<Window> = Vec::new();
        let mut covered: Option<Window> = None;
        for row in 0..series.n_rows() {
            let is_one = text(series, "view", row) == "connections"
                && text(series, "unit", row) == "count"
                && text(series, "metric", row).contains("connections");
            if !is_one {
                continue;
            }
            let points = samples.points(&text(series, "series_id", row));
            let at = |ms: i64| DateTime::from_timestamp_millis(ms);
            let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
            let (Some(start), Some(end)) = (at(first.0), at(last.0)) else { continue };
            let window = Window { start, end };
            covered = Some(covered.map_or(window, |known| known.hull(window)));
            for pair in points.windows(2) {
                let [(from, Some(before)), (to, after)] = pair else { continue };
                let gone = after.is_none_or(|after| after < before * LOST_SHARE);
                if let (true, Some(start), Some(end)) = (gone && *before > 0.0, at(*from), at(*to))
                {
                    seen.push(Window { start, end });
                }
            }
        }
        seen.sort_unstable();
        seen.dedup_by(|later, first| later.start - first.start <= SAME);
        covered.filter(|_| !seen.is_empty()).map(|window| (seen, window))
    }

    /// Stops and starts of each node, and the lines in which the others say that it left or joined.
    fn cluster_changes(&self) -> Vec<Sightings> {
        let Some(events) = self.table("server_events") else { return Vec::new() };
        let mut lives: BTreeMap<String, Vec<DateTime<Utc>>> = BTreeMap::new();
        let mut told: Vec<(String, String, DateTime<Utc>)> = Vec::new();
        for row in 0..events.n_rows() {
            let Some(Cell::Time(at)) = events.column("at").map(|column| column.get(row)) else {
                continue;
            };
            let node = text(events, "node", row);
            match text(events, "kind", row).as_str() {
                "start" | "stop" | "unclean-stop" if !node.is_empty() => {
                    lives.entry(node).or_default().push(at);
                }
                "cluster-node" => {
                    let line =
                        format!("{} {}", text(events, "subject", row), text(events, "text", row));
                    told.push((node, line, at));
                }
                _ => {}
            }
        }
        let mut pairs: BTreeMap<(String, String), Vec<Window>> = BTreeMap::new();
        for (node, line, at) in &told {
            let of = lives.keys().filter(|name| *name != node && names(line, name));
            for name in of {
                let moment = Window { start: *at, end: *at + TimeDelta::seconds(1) };
                pairs.entry((node.clone(), name.clone())).or_default().push(moment);
            }
        }
        pairs
            .into_iter()
            .filter_map(|((node, of), mut of_other)| {
                of_other.sort_unstable();
                Some(Sightings {
                    own_window: self.hull_of("log_minutes", Some(&of))?,
                    other_window: self.hull_of("log_minutes", Some(&node))?,
                    of_own: lives.get(&of)?.clone(),
                    saw: Saw::NodeNode(of),
                    node,
                    of_other,
                })
            })
            .collect()
    }

    /// What the sources of a table cover together, of one node or of all.
    fn hull_of(&self, table: &str, node: Option<&str>) -> Option<Window> {
        let of_node = |source: &&crate::SourceCoverage| node.is_none_or(|node| source.node == node);
        self.sources(table).iter().filter(of_node).filter_map(|s| s.window).reduce(Window::hull)
    }
}

/// The first of minutes that follow one another.
fn begins(mut minutes: Vec<DateTime<Utc>>) -> Vec<DateTime<Utc>> {
    minutes.sort_unstable();
    minutes.dedup();
    let mut begins: Vec<DateTime<Utc>> = Vec::new();
    let mut last: Option<DateTime<Utc>> = None;
    for minute in minutes {
        if last.is_none_or(|last| minute - last > SAME) {
            begins.push(minute);
        }
        last = Some(minute);
    }
    begins
}

/// Whether a text has a name as a word of its own: `app-1` is not in `app-10`.
fn names(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

fn text(table: Table<'_>, name: &str, row: usize) -> String {
    match table.column(name).map(|column| column.get(row)) {
        Some(Cell::Text(text)) => text.to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        assert!(names("node left app-1:8074", "app-1"));
        assert!(!names("node left app-10", "app-1"));
        assert!(!names("node left web-app-1", "app-1"));
    }

    #[test]
    fn minutes_that_follow_one_another_are_one_thing() {
        let minute = |n: i64| DateTime::from_timestamp(1_770_000_000 + n * 60, 0).unwrap();
        let found = begins([3, 4, 9, 40, 41].map(minute).to_vec());
        assert_eq!(found, [3, 40].map(minute));
    }

    #[test]
    fn messages_of_a_lost_database_are_known() {
        for id in LOST_DATABASE {
            assert!(packet::log::KNOWN.iter().any(|known| known.id == *id), "{id}");
        }
    }
}
