//! From how long on statements are logged: what `log_min_duration_statement` or `long_query_time`
//! must be for the durations that are there. Logs hardly ever say.

use crate::histogram::Histogram;
use crate::records::Query;
use std::collections::{BTreeMap, BTreeSet};

/// Thresholds that people set, in milliseconds, ascending.
const THRESHOLDS_MS: &[u64] = &[
    1, 2, 5, 10, 20, 25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 700, 750, 800, 900, 1000,
    1500, 2000, 2500, 3000, 4000, 5000, 10_000, 15_000, 20_000, 30_000, 60_000,
];
/// Below this the server is taken to log every statement.
const EVERYTHING_US: u64 = 1_000;
/// Durations that are needed to infer a threshold.
const CALLS_MIN: u64 = 5;
/// How far around a threshold an edge is looked for.
const NEAR: f64 = 1.1;
/// Calls right above a threshold that are needed to see an edge there.
const EDGE_CALLS_MIN: u64 = 20;
/// How many times as many calls stand right above the edge as right below it. Durations of a
/// server that logs all of them fall off without steps upwards.
const EDGE_RATIO: u64 = 8;
/// Queries of which calls stand right above the edge: one that always takes about a second is no
/// threshold.
const EDGE_QUERIES_MIN: usize = 5;
/// Bins of a histogram are as wide as this share of their value.
const BIN: f64 = 0.02;

/// From how long on statements are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Floor {
    /// The threshold in microseconds; 0 when everything is logged, `None` when nothing can be said.
    pub(crate) threshold_us: Option<u64>,
    /// Whether some below it are logged all the same: a sample, or for another reason.
    pub(crate) sampled_below: bool,
    /// The shortest in microseconds.
    min_us: u64,
}

impl Floor {
    /// Of the queries of a source.
    pub(crate) fn of(queries: &[Box<Query>]) -> Self {
        let mut all = Histogram::new();
        for query in queries {
            all.merge(&query.durations);
        }
        Self::with(
            queries.iter().map(|query| query.calls).sum(),
            queries.iter().map(|query| query.min_us).min().unwrap_or(0),
            queries.iter().all(|query| query.total_us % 1_000_000 == 0),
            &all,
            |low, high| {
                queries.iter().filter(|query| within(&query.durations, low, high) > 0).count()
            },
        )
    }

    /// Of all calls, the shortest, whether all take whole seconds, all durations, and how many
    /// queries have one in a range.
    fn with(
        calls: u64,
        min_us: u64,
        whole_seconds: bool,
        all: &Histogram,
        queries_within: impl Fn(f64, f64) -> usize,
    ) -> Self {
        if calls < CALLS_MIN {
            return Self { threshold_us: None, sampled_below: false, min_us };
        }
        let us = |ms: &u64| ms * 1_000;
        let lowest = if min_us < EVERYTHING_US {
            0
        } else {
            THRESHOLDS_MS.iter().map(us).rfind(|us| *us <= min_us).unwrap_or(0)
        };
        // Old servers log whole seconds: a step at each of them.
        let edge = THRESHOLDS_MS
            .iter()
            .filter(|_| !whole_seconds)
            .map(us)
            .filter(|us| *us > lowest)
            .find(|us| is_edge(*us, all, &queries_within));
        Self { threshold_us: Some(edge.unwrap_or(lowest)), sampled_below: edge.is_some(), min_us }
    }

    /// Whether statements may be missing.
    pub(crate) fn is_slow_only(self, n_calls: u64) -> bool {
        n_calls > 0 && self.threshold_us.map_or(self.min_us >= EVERYTHING_US, |us| us > 0)
    }
}

/// Calls from `low` to below `high`.
fn within(durations: &Histogram, low: f64, high: f64) -> u64 {
    durations.iter().filter(|(us, _)| (low..high).contains(&(*us as f64))).map(|(_, n)| n).sum()
}

/// Whether durations begin at `us` in earnest: hardly any right below, many right above, of several
/// queries, and no more below in all than above.
fn is_edge(us: u64, all: &Histogram, queries_within: &impl Fn(f64, f64) -> usize) -> bool {
    let edge = edge_of(us);
    let above = within(all, edge, edge * NEAR);
    let below = within(all, edge / NEAR, edge);
    above >= EDGE_CALLS_MIN
        && above >= below.saturating_mul(EDGE_RATIO)
        && within(all, 0.0, edge) <= within(all, edge, f64::INFINITY)
        && queries_within(edge, edge * NEAR) >= EDGE_QUERIES_MIN
}

/// Where durations begin that a threshold lets through, to a bin of a histogram.
fn edge_of(us: u64) -> f64 {
    us as f64 * (1.0 - BIN)
}

/// What tells the threshold, as statements come in: where some of them are left out, their queries
/// do not tell it.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    calls: u64,
    min_us: Option<u64>,
    fractions: bool,
    all: Histogram,
    /// Right above each threshold: queries, up to as many as are needed.
    near: BTreeMap<u64, BTreeSet<u32>>,
}

impl Seen {
    /// Adds calls of a query.
    pub(crate) fn add(&mut self, us: u64, calls: u64, query: u32) {
        self.calls += calls;
        self.min_us = Some(self.min_us.map_or(us, |min_us| min_us.min(us)));
        self.fractions |= !us.is_multiple_of(1_000_000);
        self.all.add_many(us, calls);
        let below = us as f64 / (1.0 - BIN);
        let upto = THRESHOLDS_MS.partition_point(|ms| (ms * 1_000) as f64 <= below);
        for ms in THRESHOLDS_MS.get(..upto).into_iter().flatten().rev() {
            if us as f64 >= edge_of(ms * 1_000) * NEAR {
                break;
            }
            let queries = self.near.entry(ms * 1_000).or_default();
            if queries.len() < EDGE_QUERIES_MIN {
                queries.insert(query);
            }
        }
    }

    /// From how long on statements are logged.
    pub(crate) fn floor(&self) -> Floor {
        Floor::with(self.calls, self.min_us.unwrap_or(0), !self.fractions, &self.all, |low, _| {
            let at = |us: u64| (edge_of(us) - low).abs() < 0.5;
            self.near.iter().filter(|(us, _)| at(**us)).map(|(_, found)| found.len()).sum()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Queries with these durations in microseconds, dealt out to seven of them.
    #[expect(clippy::vec_box, reason = "see `SlowLog::queries`")]
    fn queries(durations_us: impl Iterator<Item = u64>) -> Vec<Box<Query>> {
        let mut queries = vec![Box::new(Query { min_us: u64::MAX, ..Query::default() }); 7];
        for (n, us) in durations_us.enumerate() {
            add(&mut queries[n % 7], us);
        }
        queries
    }

    fn add(query: &mut Query, us: u64) {
        query.calls += 1;
        query.total_us += us;
        query.min_us = query.min_us.min(us);
        query.durations.add(us);
    }

    /// Durations that fall off as those of servers do, from `from_us` on.
    fn tail(from_us: u64, n: u64) -> impl Iterator<Item = u64> {
        (1..=n).map(move |rank| from_us * n / rank).filter(move |us| *us < from_us * 50)
    }

    #[test]
    fn the_shortest_tells_the_threshold() {
        assert_eq!(Floor::of(&queries(tail(1_000_003, 300))).threshold_us, Some(1_000_000));
        assert_eq!(Floor::of(&queries(tail(250_010, 300))).threshold_us, Some(250_000));
        let every = Floor::of(&queries(tail(90, 20_000)));
        assert_eq!((every.threshold_us, every.sampled_below), (Some(0), false));
        assert_eq!(Floor::of(&queries(tail(1_000_000, 3))).threshold_us, None);
    }

    #[test]
    fn an_edge_above_the_shortest_is_a_threshold_with_a_sample_below() {
        let floor = Floor::of(&queries(tail(1_000_003, 600).chain(tail(100_007, 40))));
        assert_eq!((floor.threshold_us, floor.sampled_below), (Some(1_000_000), true));
    }

    #[test]
    fn steps_that_are_none_of_a_threshold() {
        // A query that always takes a second.
        let mut all = queries(tail(90, 60));
        for n in 0..60 {
            add(&mut all[0], 1_000_000 + n * 500);
        }
        let floor = Floor::of(&all);
        assert_eq!((floor.threshold_us, floor.sampled_below), (Some(0), false));
        // Whole seconds.
        let floor = Floor::of(&queries((0..900).map(|n| (1 + n % 3) * 1_000_000)));
        assert_eq!((floor.threshold_us, floor.sampled_below), (Some(1_000_000), false));
    }
}
