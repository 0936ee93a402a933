//! When the things in a table's rows began, from the changes of their signals: what orders causes.

use crate::results::keys_of;
use crate::{Cell, Tables};
use chrono::{DateTime, TimeDelta, Utc};
use model::{Change, ChangeKind, Window};
use std::collections::BTreeMap;

/// Events of a class in the incident begin with its first when they come so many times as often as
/// before.
pub(crate) const EVENTS_TIMES: f64 = 3.0;
/// Medians that differ by this share of the larger tell two levels of a series apart.
const LEVELS_SHARE: f64 = 0.25;
/// How long before the incident a series may have begun.
const SERIES_BEFORE: TimeDelta = TimeDelta::minutes(45);
/// Points that are looked at from an onset on ...
const LOOK_POINTS: usize = 4;
/// ... of which so many are beyond the middle of the two levels.
const BEYOND_POINTS: usize = 3;

/// What events are counted by over time.
pub(crate) const EVENT_KEY: &[&str] = &["class", "cause", "foreign"];

/// What joins the columns of a key.
const JOINT: char = '\u{1f}';

/// How well a change dates a row: one that goes on before one that ended, and both before a burst.
type Rank = (bool, bool);

impl Tables {
    /// Fills the column `onset` of every table that has signals.
    pub(crate) fn set_onsets(&mut self, changes: &[Change]) {
        let id = |change: &Change, prefix: &str| {
            let (id, _) = change.signal.strip_prefix(prefix)?.rsplit_once(':')?;
            Some(id.to_owned())
        };
        self.onsets("log_patterns", &["pattern_id"], &began(changes, |c| id(c, "log:")));
        self.onsets("queries", &["fingerprint_id"], &began(changes, |c| id(c, "query:")));
        let class = |change: &Change| {
            let name = change.signal.strip_prefix("event:")?;
            let (class, cause) = name.split_once(": ").unwrap_or((name, ""));
            // The signals of events are those of Mattermost's databases.
            Some(format!("{class}{JOINT}{cause}{JOINT}"))
        };
        self.onsets("database_events", EVENT_KEY, &began(changes, class));
        let series =
            |change: &Change| change.signal.starts_with("series:").then(|| change.signal.clone());
        self.series_onsets(&differs(changes, series));
    }

    /// Fills the onset of each row: that of a rise of its own signal, never before its first record;
    /// without one the first record, unless there were records before the incident; else what
    /// stands there already.
    fn onsets(&mut self, name: &str, key: &[&str], risen: &BTreeMap<String, DateTime<Utc>>) {
        let before = match name {
            "database_events" => "class_calls_before",
            _ => "calls_before",
        };
        let Some(table) = self.tables.get_mut(name) else { return };
        let view = table.view();
        let onsets: Vec<Cell<'static>> = (0..)
            .zip(keys_of(view, key))
            .map(|(row, key)| {
                let cell = |column: &str| view.column(column).map(|column| column.get(row));
                let time = |column: &str| match cell(column) {
                    Some(Cell::Time(at)) => Some(at),
                    _ => None,
                };
                let (first, last) = (time("first_at"), time("last_at"));
                let none_before = matches!(cell(before), None | Some(Cell::Null | Cell::Int(0)));
                // A class may go on when this row of it is long over.
                let fits = |at: &DateTime<Utc>| last.is_none_or(|last| *at <= last);
                // A statement is logged when it ends.
                let began = first.map(|first| time("started_at").unwrap_or(first).min(first));
                let at = match risen.get(&key).copied() {
                    Some(at) if first.is_none_or(|first| first < at) => Some(at),
                    Some(_) => began,
                    None => began.filter(|_| none_before),
                };
                let at = at
                    .or_else(|| time("onset").map(|at| first.map_or(at, |first| first.max(at))))
                    .filter(fits);
                at.map_or(Cell::Null, Cell::Time)
            })
            .collect();
        table.set_column("onset", &onsets);
    }

    fn series_onsets(&mut self, differs: &BTreeMap<String, DateTime<Utc>>) {
        let Some(table) = self.tables.get_mut("series") else { return };
        let view = table.view();
        let onsets: Vec<Cell<'static>> = (0..)
            .zip(keys_of(view, &["series_id"]))
            .map(|(row, key)| {
                let known = view.column("onset").map_or(Cell::Null, |column| column.get(row));
                let known = if let Cell::Time(at) = known { Some(at) } else { None };
                differs.get(&key).copied().or(known).map_or(Cell::Null, Cell::Time)
            })
            .collect();
        table.set_column("onset", &onsets);
    }

    /// Events that come more often in the incident than before begin with the first of them there,
    /// also where they are too few for a change. `first_in`: the first minute of each class and
    /// cause in the incident; `rates`: events a minute before and in it.
    pub(crate) fn event_onsets(
        &mut self,
        first_in: &BTreeMap<String, DateTime<Utc>>,
        rates: impl Fn(&str) -> [Option<f64>; 2],
    ) {
        let Some(table) = self.tables.get_mut("database_events") else { return };
        let onsets: Vec<Cell<'static>> = keys_of(table.view(), EVENT_KEY)
            .iter()
            .map(|key| match rates(key) {
                [Some(before), Some(inside)] if inside >= before * EVENTS_TIMES => {
                    first_in.get(key).map_or(Cell::Null, |at| Cell::Time(*at))
                }
                _ => Cell::Null,
            })
            .collect();
        table.set_column("onset", &onsets);
    }
}

/// When each thing rose, by the key that `key` gives for its signal. Of several rises the one that
/// goes on counts, else the latest that was no burst: a busy minute two days ago dates nothing.
fn began(
    changes: &[Change],
    key: impl Fn(&Change) -> Option<String>,
) -> BTreeMap<String, DateTime<Utc>> {
    let up = |kind| matches!(kind, ChangeKind::Rise | ChangeKind::Appears | ChangeKind::Burst);
    dated(changes.iter().filter(|change| up(change.kind)), key)
}

/// As [`began`], for changes in either direction.
fn differs(
    changes: &[Change],
    key: impl Fn(&Change) -> Option<String>,
) -> BTreeMap<String, DateTime<Utc>> {
    // A ramp is there from the first point on.
    dated(changes.iter().filter(|change| change.kind != ChangeKind::Ramp), key)
}

fn dated<'c>(
    changes: impl Iterator<Item = &'c Change>,
    key: impl Fn(&Change) -> Option<String>,
) -> BTreeMap<String, DateTime<Utc>> {
    let mut dated: BTreeMap<String, (Rank, DateTime<Utc>)> = BTreeMap::new();
    for change in changes {
        let Some(key) = key(change) else { continue };
        let short = matches!(change.kind, ChangeKind::Burst | ChangeKind::Dip);
        let rank = (change.until.is_none(), !short);
        let known = dated.entry(key).or_insert((rank, change.onset));
        if rank > known.0 {
            *known = (rank, change.onset);
        } else if rank == known.0 && rank.0 {
            known.1 = known.1.min(change.onset);
        } else if rank == known.0 {
            known.1 = known.1.max(change.onset);
        }
    }
    dated.into_iter().map(|(key, (_, at))| (key, at)).collect()
}

/// When a series left the level that it had before the incident for that in it: for differences
/// that are no change by themselves, such as a slow rise to a limit. `points` in order of time, in
/// milliseconds since 1970.
pub(crate) fn level_left(
    points: &[(i64, f64)],
    window: Window,
    before: f64,
    inside: f64,
) -> Option<DateTime<Utc>> {
    if (inside - before).abs() < LEVELS_SHARE * inside.abs().max(before.abs()) {
        return None;
    }
    let middle = f64::midpoint(before, inside);
    let beyond = |value: f64| if inside > before { value > middle } else { value < middle };
    let from_ms = (window.start - SERIES_BEFORE).timestamp_millis();
    let first = points.iter().position(|(at_ms, _)| *at_ms >= from_ms)?;
    let late = points.get(first..)?;
    late.windows(LOOK_POINTS)
        .find(|look| {
            look.first().is_some_and(|point| beyond(point.1))
                && look.iter().filter(|point| beyond(point.1)).count() >= BEYOND_POINTS
        })
        .and_then(|look| DateTime::from_timestamp_millis(look.first()?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000, 0).unwrap() + TimeDelta::minutes(n)
    }

    #[test]
    fn a_slow_rise_begins_where_it_passes_the_middle() {
        let points: Vec<(i64, f64)> = (0..200)
            .map(|n| {
                (
                    minute(n).timestamp_millis(),
                    if n < 100 { 10.0 } else { 10.0 + (n - 100) as f64 / 2.0 },
                )
            })
            .collect();
        let window = Window { start: minute(120), end: minute(199) };
        assert_eq!(level_left(&points, window, 10.0, 40.0), Some(minute(131)));
        assert_eq!(level_left(&points, window, 10.0, 11.0), None);
    }

    #[test]
    fn one_point_beyond_the_middle_is_no_begin() {
        let points: Vec<(i64, f64)> = (0..100)
            .map(|n| (minute(n).timestamp_millis(), if n == 30 || n >= 50 { 100.0 } else { 10.0 }))
            .collect();
        let window = Window { start: minute(50), end: minute(99) };
        assert_eq!(level_left(&points, window, 10.0, 100.0), Some(minute(50)));
    }
}
