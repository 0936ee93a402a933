//! The figures of a row, and how they are collected from queries and their spans of time.

use super::change::{Change, Time};
use super::coverage::holds;
use super::filter::{Filter, Part};
use super::group::{Group, keys};
use super::{Ask, Row};
use crate::histogram::Histogram;
use crate::records::{LoadMinute, Query, SlowLog, Work};
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
    /// Whether percentiles, the longest and the deviation are of more calls than are counted
    /// here.
    pub approximate: bool,
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
            Some(squares) if self.calls > 0 && !self.approximate => {
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
            squares_us2: Some(query.squares_us2),
            durations: query.durations.clone(),
            counted: query.durations.count() >= query.calls,
            approximate: false,
            work: Work {
                rows: query.rows,
                rows_examined: query.rows_examined,
                lock_us: query.lock_us,
                full_scans: query.full_scans,
                tmp_disk_tables: query.tmp_disk_tables,
            },
        }
    }

    /// The same with a part of the calls: the rest stays that of all.
    fn partly(mut self, query: &Query, part: Part) -> Self {
        let Part::Some { calls, total_us } = part else { return self };
        let scaled = |value: u64, part: u64, whole: u64| {
            if whole == 0 { 0 } else { (value as f64 * part as f64 / whole as f64).round() as u64 }
        };
        self.calls = scaled(self.calls, calls, query.calls);
        self.total_us = scaled(self.total_us, total_us, query.total_us);
        self.approximate = true;
        self.work = Work::default();
        self
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
        self.approximate |= other.approximate;
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
    /// Queries of which a part was asked for.
    pub(super) partial: u64,
    /// Whether such parts had to be combined.
    pub(super) combined: bool,
}

impl<'a> Collected<'a> {
    /// Collects what a log has in a time.
    pub(super) fn of(log: &'a SlowLog, time: Time, filter: &Filter, group: Group) -> Self {
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
        let mut parts: BTreeMap<&str, (&Query, Part)> = BTreeMap::new();
        for query in &log.queries {
            let Some(part) = filter.part(query) else { continue };
            parts.insert(query.fingerprint_id.as_str(), (query, part));
            let figures = match time {
                Time::All => Figures::of_query(query),
                Time::Inside(_) | Time::Outside(_) => {
                    within.remove(query.fingerprint_id.as_str()).unwrap_or_default()
                }
            };
            if figures.calls == 0 {
                continue;
            }
            let figures = figures.partly(query, part);
            if part != Part::Whole {
                out.partial += 1;
                out.combined |= filter.n_beside() > 1;
            }
            out.calls = out.calls.saturating_add(figures.calls);
            out.total_us = out.total_us.saturating_add(figures.total_us);
            for (key, share) in keys(group, query) {
                let row = out.rows.entry(key).or_default();
                if group == Group::Fingerprint {
                    row.query = Some(query);
                }
                row.figures.add(&figures.clone().partly(query, share));
                row.first_at = [row.first_at, query.first_at].into_iter().flatten().min();
                row.last_at = row.last_at.max(query.last_at);
            }
        }
        if group == Group::Minute {
            out.by_minute(log, time, &parts);
        }
        out
    }

    /// Rows by time: from the spans alone.
    fn by_minute(&mut self, log: &SlowLog, time: Time, parts: &BTreeMap<&str, (&Query, Part)>) {
        for minute in &log.minutes {
            let Some((query, part)) = parts.get(minute.fingerprint_id.as_str()) else { continue };
            if !time.holds(minute.minute, minute.span_min) {
                continue;
            }
            let row = self
                .rows
                .entry(minute.minute.format("%Y-%m-%dT%H:%M:%SZ").to_string())
                .or_default();
            row.figures.add(&of_minute(minute).partly(query, *part));
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

/// Load from when statements ended, for some of them.
pub(super) fn ended(log: &SlowLog, ask: &Ask) -> Vec<LoadMinute> {
    let mut parts: BTreeMap<&str, (&Query, Part)> = BTreeMap::new();
    for query in &log.queries {
        if let Some(part) = ask.filter.part(query) {
            parts.insert(query.fingerprint_id.as_str(), (query, part));
        }
    }
    let mut spans: BTreeMap<(DateTime<Utc>, u32), Figures> = BTreeMap::new();
    for minute in &log.minutes {
        let Some((query, part)) = parts.get(minute.fingerprint_id.as_str()) else { continue };
        if ask.window.is_none_or(|window| holds(window, minute.minute, minute.span_min)) {
            spans
                .entry((minute.minute, minute.span_min))
                .or_default()
                .add(&of_minute(minute).partly(query, *part));
        }
    }
    spans
        .into_iter()
        .map(|((minute, span_min), figures)| LoadMinute {
            minute,
            span_min,
            calls: figures.calls,
            total_us: figures.total_us,
            concurrency: figures.total_us as f64 / (f64::from(span_min.max(1)) * 60e6),
        })
        .collect()
}
