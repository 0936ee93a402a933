//! Changes of signals: onset, end, before, after, how sure.
//!
//! Each value is held against what the same signal was like in the 40 minutes before it, in
//! medians and median absolute deviations: robust against single spikes, and blind to drift that
//! takes hours. A change has to be far (robust z), large (ratio or floor) and to last (4 of 5
//! points). The onset is then walked back to the first point that leaves the baseline.

mod ramps;
mod search;

use crate::baseline::{Baseline, median};
use chrono::{DateTime, Utc};
use model::{Change, ChangeKind, Confidence, Signal, SignalKind};

/// What counts as a change.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Scaled deviations that a value must be away from the baseline.
    pub z_min: f64,
    /// Factor that it must be away from the baseline, up or down.
    pub ratio_min: f64,
    /// Changes kept of one signal: the largest.
    pub per_signal_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { z_min: 6.0, ratio_min: 1.5, per_signal_max: 3 }
    }
}

/// A change that lasts less is a burst or a dip.
const BURST_S: u32 = 10 * 60;
/// Scaled deviations within which a signal is back at its baseline.
const Z_BACK: f64 = 3.0;
/// Scaled deviations that a likely change is away from its baseline; a handful of events is not.
const Z_LIKELY: f64 = 5.0;
/// Count signals with fewer events in their largest minute are looked at in coarser steps.
const SPARSE_COUNT: f64 = 10.0;
/// How many steps of a sparse count are joined.
const SPARSE_JOIN: usize = 5;

/// All changes of all signals, by onset, then by signal.
pub fn changes(signals: &[Signal], options: &Options) -> Vec<Change> {
    let mut all: Vec<Change> =
        signals.iter().flat_map(|signal| of_signal(signal, options)).collect();
    all.sort_by(|a, b| {
        a.onset
            .cmp(&b.onset)
            .then_with(|| a.signal_kind.cmp(&b.signal_kind))
            .then_with(|| a.signal.cmp(&b.signal))
    });
    all
}

/// The valid points of a signal.
struct Points {
    /// Indices on the signal's grid.
    at: Vec<usize>,
    values: Vec<f64>,
}

impl Points {
    fn of(grid: &Signal) -> Self {
        let mut points = Self {
            at: Vec::with_capacity(grid.values.len()),
            values: Vec::with_capacity(grid.values.len()),
        };
        for (at, value) in (0..).zip(&grid.values) {
            if let Some(value) = value.filter(|value| value.is_finite()) {
                points.at.push(at);
                points.values.push(value);
            }
        }
        points
    }
}

/// Where a change was found.
struct Found {
    baseline: Baseline,
    up: bool,
    /// Index into the points.
    from: usize,
    /// Index of the first point after it; the number of points when it goes on.
    to: usize,
    ended: bool,
    /// Growth without a plateau.
    is_ramp: bool,
}

fn of_signal(signal: &Signal, options: &Options) -> Vec<Change> {
    if signal.step_s == 0 {
        return Vec::new();
    }
    let count = signal.unit == "count" || signal.kind == SignalKind::Log;
    let largest = signal.values.iter().flatten().copied().fold(0.0, f64::max);
    if count && largest < SPARSE_COUNT && signal.values.len() >= 4 * SPARSE_JOIN {
        let coarse = joined(signal);
        return of_points(&coarse, signal, options, true);
    }
    of_points(signal, signal, options, count)
}

/// Whether a signal's values were measured, as those of a chart are, and not counted: a score of 5
/// in each of five minutes is no score of 25.
fn is_measured(signal: &Signal) -> bool {
    const COUNTED: &[&str] = &[
        "connections-authorised",
        "database-event-calls",
        "log-calls",
        "log-errors",
        "query-calls",
    ];
    !COUNTED.contains(&signal.metric.as_str())
}

/// The signal in steps of five: counts added up, of what was measured the largest.
fn joined(signal: &Signal) -> Signal {
    let values = signal
        .values
        .chunks(SPARSE_JOIN)
        .map(|chunk| {
            let known = chunk.iter().flatten().copied();
            if is_measured(signal) {
                return known.max_by(f64::total_cmp);
            }
            known.fold(None, |sum: Option<f64>, value| Some(sum.unwrap_or(0.0) + value))
        })
        .collect();
    Signal { step_s: signal.step_s * 5, values, ..signal.clone() }
}

fn of_points(grid: &Signal, original: &Signal, options: &Options, count: bool) -> Vec<Change> {
    let points = Points::of(grid);
    let mut found = search::search(grid, &points.values, options, count);
    if found.is_empty() {
        found.extend(ramps::ramp(grid, &points.values));
    }
    let mut changes: Vec<Change> =
        found.iter().filter_map(|f| describe(grid, original, &points, f)).collect();
    changes.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()).then_with(|| a.onset.cmp(&b.onset)));
    changes.truncate(options.per_signal_max);
    changes
}

fn describe(grid: &Signal, original: &Signal, points: &Points, found: &Found) -> Option<Change> {
    let mut values = points.values.get(found.from..found.to)?.to_vec();
    let (first, last) = (*points.at.get(found.from)?, *points.at.last()?);
    let beyond = values.iter().filter(|v| found.baseline.z(**v).abs() > Z_BACK).count();
    #[expect(clippy::cast_precision_loss, reason = "a share of points")]
    let persistence = beyond as f64 / values.len().max(1) as f64;
    let after = median(&mut values)?;
    let before = found.baseline.median;
    let z = found.baseline.z(after);
    let ratio = (before.abs() > f64::EPSILON * 16.0).then(|| after / before);
    let lasted_s = u32::try_from(values.len()).unwrap_or(u32::MAX).saturating_mul(grid.step_s);
    let short = found.ended && lasted_s <= BURST_S;
    let kind = match (found.up, short) {
        (true, _) if found.is_ramp => ChangeKind::Ramp,
        (true, false) if before == 0.0 => ChangeKind::Appears,
        (true, false) => ChangeKind::Rise,
        (true, true) => ChangeKind::Burst,
        (false, false) if after == 0.0 => ChangeKind::Vanishes,
        (false, false) => ChangeKind::Fall,
        (false, true) => ChangeKind::Dip,
    };
    let strength = ratio.map_or(f64::INFINITY, |r| if r >= 1.0 { r } else { 1.0 / r.max(1e-9) });
    let confidence = if found.is_ramp {
        Confidence::Possible
    } else if z.abs() > 10.0 && strength >= 3.0 && persistence >= 0.8 {
        Confidence::Certain
    } else if strength >= 2.0 && persistence >= 0.6 && z.abs() >= Z_LIKELY {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let until = found.ended.then(|| points.at.get(found.to).map(|at| grid.time(*at))).flatten();
    Some(Change {
        signal: original.id.clone(),
        signal_kind: original.kind,
        metric: original.metric.clone(),
        subject: original.subject.clone(),
        node: original.node.clone(),
        unit: original.unit.clone(),
        kind,
        onset: onset(grid, original, first, found),
        until,
        last_at: grid.time(last),
        before,
        after,
        ratio,
        z,
        persistence,
        higher_is_worse: original.higher_is_worse,
        confidence,
        place: original.place.clone(),
    })
}

/// The onset on the original grid: joined steps hide in which of them it began.
fn onset(grid: &Signal, original: &Signal, idx: usize, found: &Found) -> DateTime<Utc> {
    if grid.step_s == original.step_s || !found.up {
        return grid.time(idx);
    }
    let joined = if is_measured(original) { 1.0 } else { SPARSE_JOIN as f64 };
    let usual = found.baseline.median / joined;
    let from = idx * SPARSE_JOIN;
    (from..from + SPARSE_JOIN)
        .find(|&at| original.values.get(at).copied().flatten().is_some_and(|value| value > usual))
        .map_or_else(|| grid.time(idx), |at| original.time(at))
}

#[cfg(test)]
mod tests;
