//! The time in which no server served anybody: a gap in the traffic of all nodes, with a restart in
//! it.
//!
//! A gap alone is none: monitoring that fails leaves the same one. A restart alone is none either:
//! the other nodes serve. Where the traffic was exported it decides; the log of a node that is alone
//! says the same from its stop to the next start. A restart of a minute is a restart.

use crate::incident::{incident, last_data};
use crate::restarts::seen_in;
use chrono::{DateTime, TimeDelta, Utc};
use model::{Change, Confidence, Incident, Signal, SignalKind, Traffic, Window};
use text::Text;

/// From here on it is a downtime and no restart.
const LONG: TimeDelta = TimeDelta::minutes(5);
/// The share of values that a series of traffic has at least: one that is empty half of the time
/// says nothing by another gap.
const DENSE_MIN: f64 = 0.6;
/// Rates need some samples before they have a value again.
const SLACK: TimeDelta = TimeDelta::minutes(3);
/// The share of a node's absence in which its traffic may be seen: rates look back some minutes.
const SEEN_MAX: f64 = 0.25;

/// When one server was not there.
#[derive(Clone, Debug)]
pub struct Absences {
    /// The server; empty where its log does not say.
    pub node: String,
    /// From the orderly stop to the start that came up.
    pub orderly: Vec<Window>,
    /// The first line of a start and the line at which it was up; with an orderly stop or without.
    pub starts: Vec<Window>,
    /// What its log covers.
    pub log_window: Window,
}

/// What is known of when servers were there.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    /// By the log of each server.
    pub of_logs: Vec<Absences>,
    /// By metrics: of each server the last sample before each restart and the first after it. Only
    /// servers whose metrics can tell.
    pub of_metrics: Vec<(String, Vec<Window>)>,
    /// How many servers there are.
    pub n_nodes: usize,
}

/// A time in which nobody was served.
#[derive(Clone, Debug, PartialEq)]
pub struct Downtime {
    /// From when to when.
    pub window: Window,
    /// How sure.
    pub confidence: Confidence,
    /// Series of traffic that stopped; none: none was exported.
    pub n_series: usize,
    /// Servers whose logs say so.
    pub n_logs: usize,
    /// Servers whose metrics show the restart.
    pub n_metrics: usize,
}

/// What begins so soon after a downtime is said together with it.
const AFTER: TimeDelta = TimeDelta::minutes(15);

/// The incident that changes and downtime show; `None`: neither does. What is merely possible gives
/// way to a downtime. What is surer keeps its window: the downtime before it may have been planned,
/// and what came with it is to be looked for behind it.
pub fn detected(changes: &[Change], signals: &[Signal], presence: &Presence) -> Option<Incident> {
    let of_changes = incident(changes, signals);
    let Some(down) = downtime(presence, signals) else { return of_changes };
    match of_changes {
        Some(mut incident) if incident.confidence < Confidence::Possible => {
            let near = down.window.start <= incident.end.unwrap_or(incident.last_data)
                && incident.start <= down.window.end + AFTER;
            if near {
                incident.impact.insert(0, down.words());
            }
            Some(incident)
        }
        _ => {
            let last_data = last_data(changes, signals).unwrap_or(down.window.end);
            Some(down.incident(last_data))
        }
    }
}

/// The longest time in which nobody was served; `None`: there was none, or it is not known.
pub fn downtime(presence: &Presence, signals: &[Signal]) -> Option<Downtime> {
    let traffic: Vec<&Signal> = signals.iter().filter(|signal| is_traffic(signal)).collect();
    let mut found = silences(&traffic)
        .into_iter()
        .filter_map(|(silence, n_series)| with_restart(presence, silence, n_series))
        .chain(by_logs(presence, &traffic))
        .filter(|downtime| downtime.window.end - downtime.window.start >= LONG)
        .collect::<Vec<_>>();
    found.sort_by_key(|downtime| (downtime.window.end - downtime.window.start, downtime.n_series));
    found.pop()
}

impl Downtime {
    /// The incident that it is.
    pub fn incident(&self, last_data: DateTime<Utc>) -> Incident {
        Incident {
            start: self.window.start,
            end: Some(self.window.end),
            last_data: last_data.max(self.window.end),
            given: false,
            confidence: self.confidence,
            impact: vec![self.words()],
            traffic: Traffic::default(),
        }
    }

    /// In words, with what says so.
    pub fn words(&self) -> Text {
        let lasted = self.window.end - self.window.start;
        let time = |at: DateTime<Utc>| at.format("%H:%M:%S");
        let mut text = format!(
            "No server served anybody for {} min, from {} to {} UTC:",
            lasted.num_minutes(),
            time(self.window.start),
            time(self.window.end)
        );
        let logs = match self.n_logs {
            0 => None,
            1 => Some("a server's log has the stop and the start".to_owned()),
            n => Some(format!("the logs of {n} servers have stop and start")),
        };
        let metrics = match self.n_metrics {
            0 => None,
            1 => Some("metrics show the restart".to_owned()),
            n => Some(format!("metrics show the restart of {n} servers")),
        };
        let series = match self.n_series {
            0 => None,
            1 => Some("the series of traffic stops".to_owned()),
            n => Some(format!("all {n} series of traffic stop")),
        };
        let basis: Vec<String> = [series, logs, metrics].into_iter().flatten().collect();
        text.push(' ');
        text.push_str(&basis.join(", "));
        Text::ours(text)
    }
}

/// Requests and calls of the database, from charts, that are there nearly always.
fn is_traffic(signal: &Signal) -> bool {
    let kind = matches!(signal.kind, SignalKind::Http | SignalKind::Api | SignalKind::Store);
    let known = signal.values.iter().filter(|value| is_seen(**value)).count();
    #[expect(clippy::cast_precision_loss, reason = "counts of points")]
    let dense = known as f64 >= DENSE_MIN * signal.values.len() as f64;
    // A rate of errors is nothing while all is well.
    kind && dense && known > 0 && !signal.metric.contains("error")
}

/// A sum over no series is 0.
fn is_seen(value: Option<f64>) -> bool {
    value.is_some_and(|value| value != 0.0)
}

/// The times in which every series that covers them has no value, and how many those are.
fn silences(traffic: &[&Signal]) -> Vec<(Window, usize)> {
    let mut silences: Vec<(Window, usize)> = Vec::new();
    let gaps: Vec<(&Signal, Vec<Window>)> =
        traffic.iter().map(|signal| (*signal, gaps(signal))).collect();
    for (_, of_one) in &gaps {
        for gap in of_one {
            let middle = gap.start + (gap.end - gap.start) / 2;
            if silences.iter().any(|(known, _)| known.start <= middle && middle <= known.end) {
                continue;
            }
            // Every series that covers the middle has to have a gap there.
            let covering = gaps.iter().filter(|(signal, _)| covers(signal, middle));
            let mut all: Option<Vec<Window>> = Some(Vec::new());
            for (_, windows) in covering {
                let there = windows.iter().find(|w| w.start <= middle && middle <= w.end);
                all = all.zip(there).map(|(mut all, window)| {
                    all.push(*window);
                    all
                });
            }
            let Some(all) = all else { continue };
            let start = all.iter().map(|window| window.start).max();
            let end = all.iter().map(|window| window.end).min();
            if let (Some(start), Some(end)) = (start, end)
                && start < end
            {
                silences.push((Window { start, end }, all.len()));
            }
        }
    }
    silences
}

fn covers(signal: &Signal, at: DateTime<Utc>) -> bool {
    signal.start <= at && at <= signal.time(signal.values.len().saturating_sub(1))
}

/// Between two values with nothing in between: from the first step without one to the first with.
fn gaps(signal: &Signal) -> Vec<Window> {
    let mut gaps = Vec::new();
    let mut last: Option<usize> = None;
    for (idx, value) in signal.values.iter().enumerate() {
        if !is_seen(*value) {
            continue;
        }
        if let Some(before) = last.filter(|before| idx > before + 2) {
            let window = Window { start: signal.time(before + 1), end: signal.time(idx) };
            if window.end - window.start >= LONG - SLACK {
                gaps.push(window);
            }
        }
        last = Some(idx);
    }
    gaps
}

/// A silence in which the servers restarted; `None`: nothing says so, it is the monitoring's.
fn with_restart(presence: &Presence, silence: Window, n_series: usize) -> Option<Downtime> {
    let around = Window { start: silence.start - SLACK, end: silence.end + SLACK };
    let inside = |window: &Window| window.start <= around.end && around.start <= window.end;
    let ends_inside = |window: &&Window| window.end >= around.start && window.end <= around.end;
    // A log that begins later cannot say.
    let logs: Vec<&Absences> = presence
        .of_logs
        .iter()
        .filter(|node| node.log_window.start <= silence.start && silence.end <= node.log_window.end)
        .collect();
    let n_logs = logs.iter().filter(|node| node.starts.iter().any(inside)).count();
    let n_metrics = presence.of_metrics.iter().filter(|(_, seen)| seen_in(seen, around)).count();
    // A server whose log runs through was not restarted: then the monitoring failed. Metrics count
    // where no log covers it: a heap is not always smaller afterwards.
    let by_logs = n_logs > 0 && n_logs == logs.len();
    let by_metrics = logs.is_empty() && n_metrics > 0 && n_metrics == presence.of_metrics.len();
    if !by_logs && !by_metrics {
        return None;
    }
    // Logs are to the second: the last to stop and the first to come up.
    let orderly: Vec<Window> =
        logs.iter().filter_map(|node| node.orderly.iter().find(ends_inside).copied()).collect();
    let exact = (n_logs > 0 && orderly.len() == n_logs)
        .then(|| together(orderly.iter().copied()))
        .flatten()
        .filter(|exact| exact.start >= around.start && exact.end <= around.end);
    let up = logs
        .iter()
        .flat_map(|node| node.starts.iter().filter(ends_inside))
        .map(|start| start.end)
        .min();
    let window = exact.unwrap_or(Window { start: silence.start, end: up.unwrap_or(silence.end) });
    let confidence = if exact.is_some() && n_logs >= presence.n_nodes {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    (window.start < window.end).then_some(Downtime {
        window,
        confidence,
        n_series,
        n_logs,
        n_metrics,
    })
}

/// Where no traffic was exported: all servers' logs, from the last stop to the first start.
fn by_logs(presence: &Presence, traffic: &[&Signal]) -> Vec<Downtime> {
    let [first, others @ ..] = presence.of_logs.as_slice() else { return Vec::new() };
    if presence.of_logs.len() < presence.n_nodes {
        return Vec::new();
    }
    let overlaps = |a: &Window, b: &Window| a.start < b.end && b.start < a.end;
    first
        .orderly
        .iter()
        .filter_map(|window| {
            let mut all = vec![*window];
            for node in others {
                all.push(*node.orderly.iter().find(|other| overlaps(other, window))?);
            }
            together(all.into_iter())
        })
        .filter(|window| traffic.iter().all(|signal| !flows(signal, *window)))
        .map(|window| Downtime {
            window,
            confidence: Confidence::Likely,
            n_series: 0,
            n_logs: presence.of_logs.len(),
            n_metrics: 0,
        })
        .collect()
}

/// Whether a series has values in a time in which nobody should have been served.
fn flows(signal: &Signal, window: Window) -> bool {
    let inside = (0..)
        .zip(&signal.values)
        .map(|(idx, value)| (signal.time(idx), value))
        .filter(|(at, _)| window.start < *at && *at < window.end);
    let (mut n_steps, mut n_seen) = (0_usize, 0_usize);
    for (_, value) in inside {
        n_steps += 1;
        n_seen += usize::from(is_seen(*value));
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of points")]
    let share = n_seen as f64 / n_steps.max(1) as f64;
    share > SEEN_MAX
}

/// What all windows have in common.
fn together(windows: impl Iterator<Item = Window>) -> Option<Window> {
    windows
        .reduce(|a, b| Window { start: a.start.max(b.start), end: a.end.min(b.end) })
        .filter(|window| window.start < window.end)
}

#[cfg(test)]
mod tests;
