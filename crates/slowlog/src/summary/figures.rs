//! The figures of a row, and how they are collected from queries and their spans of time.

use super::Row;
use super::change::{Change, Time};
use super::group::{Group, keys};
use crate::histogram::Histogram;
use crate::records::{Query, SlowLog, Work};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// How often something ran and how long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Calls.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
    /// The longest, in microseconds.
    pub max_us: u64,
    /// The sum of squares, in square microseconds; `None` when it is to be had from the histogram.
    squares_us2: Option<u128>,
    /// All durations; empty for exports of statistics.
    durations: Histogram,
    /// Whether every call is in `durations`.
    counted: bool,
    /// What the statements did, where the log says so of all of them.
    pub work: Work,
}

impl Figures {
    /// The mean, in microseconds; `None` without calls.
    pub fn mean_us(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.total_us as f64 / self.calls as f64)
    }

    /// The duration below which the share `q` (0 to 1) of the calls lies, in microseconds; `None`
    /// where durations were not logged one by one.
    pub fn quantile_us(&self, q: f64) -> Option<u64> {
        (self.counted && !self.durations.is_empty())
            .then(|| self.durations.quantile(q).min(self.max_us))
    }

    /// The standard deviation, in microseconds: exact over all of a log, else from the histogram
    /// with an error of about 1 %; `None` without calls or when it cannot be told.
    pub fn stddev_us(&self) -> Option<f64> {
        let n = self.durations.count().max(1) as f64;
        match self.squares_us2 {
            Some(squares) if self.calls > 0 => {
                let mean = self.total_us as f64 / self.calls as f64;
                Some((squares as f64 / self.calls as f64 - mean * mean).max(0.0).sqrt())
            }
            _ if self.counted && !self.durations.is_empty() => {
                let (sum, squares) =
                    self.durations.iter().fold((0.0, 0.0), |(sum, squares), bin| {
                        let (us, calls) = (bin.0 as f64, bin.1 as f64);
                        (sum + us * calls, squares + us * us * calls)
                    });
                Some((squares / n - (sum / n).powi(2)).max(0.0).sqrt())
            }
            _ => None,
        }
    }

    fn of_query(query: &Query) -> Self {
        Self {
            calls: query.calls,
            total_us: query.total_us,
            max_us: query.max_us,
            squares_us2: query.has_squares().then_some(query.squares_us2),
            durations: query.durations.clone(),
            counted: query.durations.count() >= query.calls,
            work: Work {
                rows: query.rows,
                rows_examined: query.rows_examined,
                lock_us: query.lock_us,
                full_scans: query.full_scans,
                tmp_disk_tables: query.tmp_disk_tables,
            },
        }
    }

    fn add(&mut self, other: &Self) {
        if self.calls == 0 && self.durations.is_empty() {
            self.clone_from(other);
            return;
        }
        self.calls = self.calls.saturating_add(other.calls);
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.max_us = self.max_us.max(other.max_us);
        self.squares_us2 = match (self.squares_us2, other.squares_us2) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            _ => None,
        };
        self.durations.merge(&other.durations);
        self.counted &= other.counted;
        let sum = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        self.work = Work {
            rows: sum(self.work.rows, other.work.rows),
            rows_examined: sum(self.work.rows_examined, other.work.rows_examined),
            lock_us: sum(self.work.lock_us, other.work.lock_us),
            full_scans: sum(self.work.full_scans, other.work.full_scans),
            tmp_disk_tables: sum(self.work.tmp_disk_tables, other.work.tmp_disk_tables),
        };
    }
}

/// A row while it is collected.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered<'a> {
    pub(super) query: Option<&'a Query>,
    pub(super) figures: Figures,
    pub(super) first_at: Option<DateTime<Utc>>,
    pub(super) last_at: Option<DateTime<Utc>>,
    pub(super) change: Option<Change>,
}

/// What was collected from one log.
#[derive(Clone, Debug, Default)]
pub(super) struct Collected<'a> {
    /// Boxed: a map of large values leaves half of its room empty.
    pub(super) rows: BTreeMap<String, Box<Gathered<'a>>>,
    /// Over statements, each once.
    pub(super) calls: u64,
    /// Over statements, each once.
    pub(super) total_us: u64,
}

impl<'a> Collected<'a> {
    /// Collects what a log has in a time.
    pub(super) fn of(log: &'a SlowLog, time: Time, group: Group) -> Self {
        let mut out = Self::default();
        let mut within: BTreeMap<&str, Figures> = BTreeMap::new();
        if time != Time::All {
            for minute in &log.minutes {
                if time.holds(minute.minute, minute.span_min) {
                    within
                        .entry(minute.fingerprint_id.as_str())
                        .or_default()
                        .add(&of_minute(minute));
                }
            }
        }
        for query in &log.queries {
            let figures = match time {
                Time::All => Figures::of_query(query),
                Time::Inside(_) | Time::Outside(_) => {
                    within.remove(query.fingerprint_id.as_str()).unwrap_or_default()
                }
            };
            if figures.calls == 0 {
                continue;
            }
            out.calls = out.calls.saturating_add(figures.calls);
            out.total_us = out.total_us.saturating_add(figures.total_us);
            for key in keys(group, query) {
                let row = out.rows.entry(key).or_default();
                if group == Group::Fingerprint && log.by.is_none() {
                    row.query = Some(query);
                }
                row.figures.add(&figures);
                row.first_at = [row.first_at, query.first_at].into_iter().flatten().min();
                row.last_at = row.last_at.max(query.last_at);
            }
        }
        if group == Group::Minute {
            out.by_minute(log, time);
        }
        out
    }

    /// Rows by time: from the spans alone.
    fn by_minute(&mut self, log: &SlowLog, time: Time) {
        for minute in &log.minutes {
            if !time.holds(minute.minute, minute.span_min) {
                continue;
            }
            let row = self
                .rows
                .entry(minute.minute.format("%Y-%m-%dT%H:%M:%SZ").to_string())
                .or_default();
            row.figures.add(&of_minute(minute));
            row.first_at = Some(minute.minute);
            row.last_at = Some(minute.minute);
        }
    }

    /// The rows with their share of `all_us`.
    pub(super) fn into_rows(self, all_us: u64) -> Vec<Row<'a>> {
        self.rows
            .into_iter()
            .map(|(key, row)| Row {
                key,
                query: row.query,
                share: (all_us > 0).then(|| row.figures.total_us as f64 / all_us as f64),
                figures: row.figures,
                first_at: row.first_at,
                last_at: row.last_at,
                change: row.change,
            })
            .collect()
    }
}

fn of_minute(minute: &crate::records::QueryMinute) -> Figures {
    Figures {
        calls: minute.calls,
        total_us: minute.total_us,
        max_us: minute.max_us,
        durations: minute.durations.clone(),
        counted: minute.durations.count() >= minute.calls,
        work: minute.work.as_deref().copied().unwrap_or_default(),
        ..Figures::default()
    }
}
