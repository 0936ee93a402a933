//! Nodes that suffer against nodes that do not, and in what the two differ.

use crate::facts::DIFFER_BY_NATURE;
use crate::{Cell, FactState, Table, Tables, Version};
use chrono::{DateTime, TimeDelta, Utc};
use model::{Change, ChangeKind, Confidence, Window};
use std::collections::{BTreeMap, BTreeSet};

/// How long before the incident a metric may have become worse: a node is upgraded at night and
/// suffers under the morning's load.
const LOOK_BACK: TimeDelta = TimeDelta::hours(24);
/// Settings in which nodes may differ before the list says nothing any more.
const SETTINGS_MAX: usize = 12;
/// What names the version among the differences; it comes first.
const VERSION: &str = "version";

type Nodes = BTreeSet<String>;

/// What got worse on some nodes and not on others.
struct Suffering {
    sick: Nodes,
    well: Nodes,
    metric: String,
    onset: DateTime<Utc>,
}

/// What each node has of one thing.
struct Difference {
    what: String,
    by_node: BTreeMap<String, String>,
}

impl Difference {
    /// What the sick nodes have and what the others have, if that tells them apart exactly.
    fn tells_apart(&self, sick: &Nodes, well: &Nodes) -> Option<(&str, BTreeSet<&str>)> {
        let of = |nodes: &Nodes| -> BTreeSet<&str> {
            nodes.iter().filter_map(|node| self.by_node.get(node)).map(String::as_str).collect()
        };
        let (sick, well) = (of(sick), of(well));
        let value = sick.first().filter(|_| sick.len() == 1)?;
        (!well.is_empty() && !well.contains(value)).then_some((*value, well))
    }
}

impl Tables {
    /// Fills the table `node_splits`: one row for each thing that tells the nodes that suffer from
    /// the others.
    pub(crate) fn set_splits(&mut self, changes: &[Change], window: Option<Window>) {
        let suffering = window.map_or_else(Vec::new, |window| self.suffering(changes, window));
        let mut groups: BTreeMap<(Nodes, Nodes), Vec<&Suffering>> = BTreeMap::new();
        for one in &suffering {
            groups.entry((one.sick.clone(), one.well.clone())).or_default().push(one);
        }
        let differences = self.differences();
        let place = model::Place {
            source: self.facts_packet.clone().unwrap_or_default(),
            location: "nodes".to_owned(),
        };
        let data = self.fresh("node_splits");
        for ((sick, well), worse) in groups {
            let mut telling: Vec<_> = differences
                .iter()
                .filter_map(|one| Some((one, one.tells_apart(&sick, &well)?)))
                .collect();
            // Another version has other defaults: the settings follow from it.
            if telling.first().is_some_and(|(first, _)| first.what == VERSION) {
                telling.truncate(1);
            }
            let mut metrics: Vec<(DateTime<Utc>, &str)> =
                worse.iter().map(|one| (one.onset, one.metric.as_str())).collect();
            metrics.sort_unstable();
            let join =
                |nodes: &Nodes| nodes.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            for (difference, (value, others)) in &telling {
                data.push(&place, |row| {
                    row.word("what", &difference.what);
                    row.word("value", value);
                    row.word(
                        "value_others",
                        &others.iter().copied().collect::<Vec<_>>().join(", "),
                    );
                    let newer =
                        (difference.what == VERSION).then(|| is_newer(value, others)).flatten();
                    row.bool("newer", newer);
                    row.word("nodes", &join(&sick));
                    row.word("others", &join(&well));
                    let names: Vec<&str> = metrics.iter().map(|(_, metric)| *metric).collect();
                    row.word("metrics", &names.join(", "));
                    row.int("n_metrics", Some(metrics.len()));
                    row.int("n_differences", Some(telling.len()));
                    row.time("onset", metrics.first().map(|(onset, _)| *onset));
                });
            }
        }
        let sources = self.sources("changes").to_vec();
        self.sources.insert("node_splits", sources);
    }

    /// Metrics that surely got worse on some nodes, and not even possibly on others.
    fn suffering(&self, changes: &[Change], window: Window) -> Vec<Suffering> {
        let mut by_metric: BTreeMap<(&str, &str), Vec<&Change>> = BTreeMap::new();
        for change in changes {
            let up = matches!(
                change.kind,
                ChangeKind::Rise | ChangeKind::Appears | ChangeKind::Ramp | ChangeKind::Burst
            );
            let lasts = change.onset < window.end
                && change.until.is_none_or(|until| until > window.start)
                && change.onset > window.start - LOOK_BACK;
            if up && lasts && change.higher_is_worse && !change.node.is_empty() {
                let key = (change.metric.as_str(), change.subject.as_str());
                by_metric.entry(key).or_default().push(change);
            }
        }
        let measured = self.measured_nodes();
        by_metric
            .into_iter()
            .filter_map(|((metric, subject), changes)| {
                let sure = |change: &&&Change| change.confidence < Confidence::Possible;
                let sick: Nodes = changes.iter().filter(sure).map(|c| c.node.clone()).collect();
                let worse: Nodes = changes.iter().map(|change| change.node.clone()).collect();
                let all = measured.get(metric)?;
                let well: Nodes = all.difference(&worse).cloned().collect();
                if sick != worse || well.is_empty() {
                    return None;
                }
                let onset = changes.iter().map(|change| change.onset).min()?;
                let words = metric.replace('-', " ");
                let metric =
                    if subject.is_empty() { words } else { format!("{words} of {subject}") };
                Some(Suffering { sick, well, metric, onset })
            })
            .collect()
    }

    /// The nodes for which each metric was measured.
    fn measured_nodes(&self) -> BTreeMap<String, Nodes> {
        let mut measured: BTreeMap<String, Nodes> = BTreeMap::new();
        if let Some(series) = self.table("series") {
            for row in 0..series.n_rows() {
                let node = word(series, "node", row);
                if !node.is_empty() {
                    measured.entry(word(series, "metric", row)).or_default().insert(node);
                }
            }
        }
        if let Some(logs) = self.table("log_sources") {
            let of_server =
                (0..logs.n_rows()).filter(|row| word(logs, "kind", *row) == "mattermost");
            let nodes =
                of_server.map(|row| word(logs, "node", row)).filter(|node| !node.is_empty());
            measured.entry("log-errors".to_owned()).or_default().extend(nodes);
        }
        measured
    }

    /// In what nodes of the packet differ: their version, and settings that should be the same.
    fn differences(&self) -> Vec<Difference> {
        let mut differences = Vec::new();
        if let Some(nodes) = self.table("nodes") {
            let version = |row| match nodes.column("version").map(|column| column.get(row)) {
                Some(Cell::Version(version)) => Some(version.to_string()),
                _ => None,
            };
            let by_node: BTreeMap<String, String> = (0..nodes.n_rows())
                .filter_map(|row| Some((word(nodes, "node", row), version(row)?)))
                .collect();
            differences.push(Difference { what: VERSION.to_owned(), by_node });
        }
        let settings = self
            .facts
            .disagreements()
            .into_iter()
            .filter(|doc| !DIFFER_BY_NATURE.contains(&doc.path))
            .take(SETTINGS_MAX);
        for doc in settings {
            let by_node = self
                .facts
                .values(doc.path)
                .into_iter()
                .filter_map(|fact| match (fact.node, fact.state) {
                    // Texts of settings may hold names and addresses: switches and numbers tell enough.
                    (Some(_), FactState::Value(Cell::Text(_))) => None,
                    (Some(node), FactState::Value(cell)) => {
                        let value = format!("{cell} {}", doc.unit);
                        Some((node.to_owned(), value.trim_end().to_owned()))
                    }
                    _ => None,
                })
                .collect();
            differences.push(Difference { what: doc.path.to_owned(), by_node });
        }
        differences
    }
}

/// Whether a version is above all others; `None` for what is no version.
fn is_newer(value: &str, others: &BTreeSet<&str>) -> Option<bool> {
    let value = Version::parse(value)?;
    let others: Option<Vec<Version>> = others.iter().map(|one| Version::parse(one)).collect();
    Some(others?.iter().all(|one| value > *one))
}

fn word(table: Table<'_>, column: &str, row: usize) -> String {
    match table.column(column).map(|column| column.get(row)) {
        Some(Cell::Text(text)) => text.to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
