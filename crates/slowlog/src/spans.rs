//! Counts over time that coarsen when there are too many of them.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Microseconds per minute.
pub(crate) const MINUTE_US: i64 = 60_000_000;

/// Lengths that a span may have, in minutes: each a multiple of the one before.
const SPANS: [i32; 9] = [1, 5, 15, 60, 240, 1_440, 10_080, 40_320, 483_840];

/// The next coarser length.
pub(crate) fn coarser(span: i32) -> Option<i32> {
    SPANS.iter().copied().find(|longer| *longer > span)
}

/// The span in which a moment lies, counted from the epoch.
pub(crate) fn span_of(at_us: i64, span: i32) -> i32 {
    i32::try_from(at_us.div_euclid(MINUTE_US * i64::from(span))).unwrap_or(if at_us < 0 {
        i32::MIN + 1
    } else {
        i32::MAX
    })
}

/// When a span starts.
pub(crate) fn start_of(cell: i32, span: i32) -> DateTime<Utc> {
    DateTime::from_timestamp(i64::from(cell) * i64::from(span) * 60, 0).unwrap_or_default()
}

/// How a limit begins that says how long spans are, by what is counted in them.
pub(crate) const QUERY_SPANS: &str = "spans of";
pub(crate) const EVENT_SPANS: &str = "events in spans of";
pub(crate) const CONNECTION_SPANS: &str = "connections in spans of";
pub(crate) const LOAD_SPANS: &str = "load in spans of";
pub(crate) const POOLER_SPANS: &str = "pooler's figures in spans of";

/// The limit of spans that are longer than a minute.
pub(crate) fn spans_limit(what: &str, span_min: u32) -> Option<String> {
    (span_min > 1).then(|| format!("{what} {span_min} minutes"))
}

/// The moment of microseconds since the epoch.
pub(crate) fn moment(at_us: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at_us).unwrap_or_default()
}

/// Counts by span and key. How long a span is depends on what was added alone, not on its order:
/// the shortest with which all fit the budget.
#[derive(Clone, Debug)]
pub(crate) struct Spans<K> {
    span: i32,
    cells_max: usize,
    cells: BTreeMap<(i32, K), u64>,
}

impl<K: Ord + Copy> Spans<K> {
    /// No counts, at most `cells_max` of them.
    pub(crate) fn new(cells_max: usize) -> Self {
        Self { span: 1, cells_max, cells: BTreeMap::new() }
    }

    /// Counts one at a moment.
    pub(crate) fn add(&mut self, at_us: i64, key: K) {
        *self.cells.entry((span_of(at_us, self.span), key)).or_insert(0) += 1;
        while self.cells.len() > self.cells_max
            && let Some(longer) = coarser(self.span)
        {
            let factor = longer / self.span;
            for ((cell, key), calls) in std::mem::take(&mut self.cells) {
                *self.cells.entry((cell.div_euclid(factor), key)).or_insert(0) += calls;
            }
            self.span = longer;
        }
    }

    /// How long a span is, in minutes.
    pub(crate) fn span_min(&self) -> u32 {
        self.span.unsigned_abs()
    }

    /// All counts by time and key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (DateTime<Utc>, K, u64)> {
        self.cells.iter().map(|((cell, key), calls)| (start_of(*cell, self.span), *key, *calls))
    }
}

/// Spans of load that are kept: 28 days of minutes.
const LOAD_MAX: usize = 40_320;

/// A statement counts as load for at most this long (50 days).
const LONGEST_US: i64 = 50 * 86_400 * 1_000_000;

/// How much ran when: each statement is spread over the time that it took.
///
/// A statement adds to the spans in which it begins and ends, and one to a level that holds for
/// the whole spans between: its cost does not depend on how long it took.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    span: i32,
    cells: BTreeMap<i32, LoadCell>,
    /// The span that was added to last, kept outside the map.
    hot: (i32, LoadCell),
}

/// A span of load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct LoadCell {
    calls: u64,
    /// Microseconds of statements that begin or end here; may be below 0 after coarsening.
    part_us: i64,
    /// How the number of statements that run throughout changes from this span on.
    level: i64,
}

impl LoadCell {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.part_us += other.part_us;
        self.level += other.level;
    }
}

impl Default for Load {
    fn default() -> Self {
        Self { span: 1, cells: BTreeMap::new(), hot: (i32::MIN, LoadCell::default()) }
    }
}

impl Load {
    /// Adds a statement that ended at `end_us` after `us`.
    pub(crate) fn add(&mut self, end_us: i64, us: u64) {
        let us = i64::try_from(us).unwrap_or(LONGEST_US).min(LONGEST_US);
        let width = MINUTE_US * i64::from(self.span);
        let start_us = end_us.saturating_sub(us);
        let (first, last) = (span_of(start_us, self.span), span_of(end_us, self.span));
        if first == last {
            self.at(last, LoadCell { calls: 1, part_us: us, level: 0 });
            return;
        }
        let end_part = end_us.rem_euclid(width);
        let start_part = width - start_us.rem_euclid(width);
        self.at(last, LoadCell { calls: 1, part_us: end_part, level: -1 });
        self.at(first, LoadCell { calls: 0, part_us: start_part, level: 0 });
        self.at(first.saturating_add(1), LoadCell { calls: 0, part_us: 0, level: 1 });
    }

    fn at(&mut self, cell: i32, add: LoadCell) {
        if self.hot.0 != cell {
            self.flush();
            self.hot.0 = cell;
        }
        self.hot.1.add(add);
    }

    fn flush(&mut self) {
        let (cell, add) = std::mem::replace(&mut self.hot, (i32::MIN, LoadCell::default()));
        if add != LoadCell::default() {
            self.cells.entry(cell).or_default().add(add);
        }
        while self.cells.len() > LOAD_MAX
            && let Some(longer) = coarser(self.span)
        {
            self.coarsen(longer);
        }
    }

    /// Makes spans longer; what each holds in time stays exact.
    fn coarsen(&mut self, longer: i32) {
        let factor = longer / self.span;
        let width = MINUTE_US * i64::from(self.span);
        for (cell, load) in std::mem::take(&mut self.cells) {
            let into = cell.div_euclid(factor);
            // A level that begins within the longer span holds for the rest of it only.
            let rest = i64::from(factor - cell.rem_euclid(factor));
            let target = self.cells.entry(into).or_default();
            target.calls += load.calls;
            target.part_us += load.part_us + load.level * rest * width;
            if load.level != 0 {
                self.cells.entry(into + 1).or_default().level += load.level;
            }
        }
        self.span = longer;
    }

    /// How long a span is, in minutes.
    pub(crate) fn span_min(&self) -> u32 {
        self.span.unsigned_abs()
    }

    /// Start, length in minutes, calls that ended, microseconds that ran; by time. Spans in which
    /// nothing ran are left out.
    pub(crate) fn finish(mut self) -> Vec<(DateTime<Utc>, u32, u64, u64)> {
        self.flush();
        let width = MINUTE_US * i64::from(self.span);
        let mut out = Vec::new();
        let mut level = 0i64;
        let mut previous = None::<i32>;
        for (cell, load) in &self.cells {
            if let Some(previous) = previous.filter(|_| level != 0) {
                // Whole spans in between, as many as the budget allows.
                let room = (LOAD_MAX * 2).saturating_sub(out.len());
                for between in (previous + 1..*cell).take(room) {
                    out.push((
                        start_of(between, self.span),
                        self.span.unsigned_abs(),
                        0,
                        u64::try_from(level * width).unwrap_or(0),
                    ));
                }
            }
            level += load.level;
            let total = u64::try_from(load.part_us + level * width).unwrap_or(0);
            if total > 0 || load.calls > 0 {
                out.push((start_of(*cell, self.span), self.span.unsigned_abs(), load.calls, total));
            }
            previous = Some(*cell);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_statement_counts_in_every_minute_that_it_ran() {
        let mut load = Load::default();
        load.add(10 * MINUTE_US + 30_000_000, 150_000_000);
        let spans: Vec<(i64, u64, u64)> = load
            .finish()
            .into_iter()
            .map(|(at, _, calls, us)| (at.timestamp() / 60, calls, us))
            .collect();
        assert_eq!(spans, [(8, 0, 60_000_000), (9, 0, 60_000_000), (10, 1, 30_000_000)]);
    }

    proptest! {
        #[test]
        fn coarsening_loses_no_time(statements in prop::collection::vec((0i64..100_000_000_000, 0u64..10_000_000_000), 0..40)) {
            let build = || {
                let mut load = Load::default();
                for (end, us) in &statements {
                    load.add(*end, *us);
                }
                load.flush();
                load
            };
            let sum = |load: Load| load.finish().iter().map(|(_, _, calls, us)| (*calls, *us)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
            let mut coarse = build();
            coarse.coarsen(5);
            coarse.coarsen(60);
            prop_assert_eq!(sum(build()), sum(coarse));
            prop_assert_eq!(sum(build()), (statements.len() as u64, statements.iter().map(|(_, us)| us).sum::<u64>()));
        }
    }
}
