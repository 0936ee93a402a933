//! Changes of signals: onset, end, before, after, how sure.
//!
//! Each value is held against what the same signal was like in the 40 minutes before it, in
//! medians and median absolute deviations: robust against single spikes, and blind to drift that
//! takes hours. A change has to be far (robust z), large (ratio or floor) and to last (4 of 5
//! points). The onset is then walked back to the first point that leaves the baseline.

mod ramps;

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

/// How far back the baseline reaches: long enough for a median, short against a day's drift.
const BASELINE_S: u32 = 40 * 60;
/// Points that a baseline has at least.
const BASELINE_POINTS_MIN: usize = 10;
/// Points that a baseline has at most.
const BASELINE_POINTS_MAX: usize = 60;
/// How much larger than a first rise a second one on top of it has to be.
const STACKED_FACTOR: f64 = 1.4;
/// A change is looked for in this many points ...
const LOOK_POINTS: usize = 5;
/// ... of which this many must be beyond the threshold.
const BEYOND_POINTS: usize = 4;
/// A change that lasts less is a burst or a dip.
const BURST_S: u32 = 10 * 60;
/// Scaled deviations within which a signal is back at its baseline.
const Z_BACK: f64 = 3.0;
/// Scaled deviations that a likely change is away from its baseline; a handful of events is not.
const Z_LIKELY: f64 = 5.0;
/// A factor within which a signal is back at its baseline.
const RATIO_BACK: f64 = 1.25;
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

/// A valid point: its index on the signal's grid, and its value.
type Point = (usize, f64);

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

/// The signal in steps of five.
fn joined(signal: &Signal) -> Signal {
    let values = signal
        .values
        .chunks(SPARSE_JOIN)
        .map(|chunk| {
            let known: Vec<f64> = chunk.iter().flatten().copied().collect();
            (!known.is_empty()).then(|| known.iter().sum())
        })
        .collect();
    Signal { step_s: signal.step_s * 5, values, ..signal.clone() }
}

fn of_points(grid: &Signal, original: &Signal, options: &Options, count: bool) -> Vec<Change> {
    let points: Vec<Point> = (0..)
        .zip(&grid.values)
        .filter_map(|(idx, value)| value.filter(|v| v.is_finite()).map(|v| (idx, v)))
        .collect();
    let mut found = search(grid, &points, options, count);
    if found.is_empty() {
        found.extend(ramps::ramp(grid, &points));
    }
    let mut changes: Vec<Change> =
        found.iter().filter_map(|f| describe(grid, original, &points, f)).collect();
    changes.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()).then_with(|| a.onset.cmp(&b.onset)));
    changes.truncate(options.per_signal_max);
    changes
}

/// The points before those that are looked at; their baseline serves some of the next ones.
struct Held<'p> {
    made_at: usize,
    before: &'p [Point],
    lowest: f64,
    highest: f64,
    baseline: Option<Baseline>,
}

impl Held<'_> {
    /// Whether enough of `look` can be away from the baseline by the factor, whatever its median
    /// is: medians cost the most by far, and most of a signal's course is within its usual range.
    fn may_differ(&self, look: &[Point], ratio_min: f64) -> bool {
        let count = |away: &dyn Fn(f64) -> bool| look.iter().filter(|p| away(p.1)).count();
        // A ratio to a median of zero or below says nothing.
        self.lowest <= 0.0
            || count(&|value| value >= self.lowest * ratio_min) >= BEYOND_POINTS
            || count(&|value| value <= self.highest / ratio_min) >= BEYOND_POINTS
    }

    fn baseline(&mut self, floor: f64, count: bool) -> Option<Baseline> {
        if self.baseline.is_none() {
            let values: Vec<f64> = self.before.iter().map(|p| p.1).collect();
            self.baseline = Baseline::of(&values, floor, count);
        }
        self.baseline
    }
}

fn search(grid: &Signal, points: &[Point], options: &Options, count: bool) -> Vec<Found> {
    let reach = usize::try_from(BASELINE_S / grid.step_s.max(1)).unwrap_or(usize::MAX);
    let reach = reach.clamp(BASELINE_POINTS_MIN, BASELINE_POINTS_MAX);
    // Medians move slowly: one baseline serves some points.
    let stride = (reach / 8).max(1);
    let mut found = Vec::new();
    let mut at = BASELINE_POINTS_MIN;
    let mut quiet_from = 0;
    let mut held: Option<Held> = None;
    // A rise that goes on is the new level: one more is looked for on top of it, twice as large.
    let mut stacked = false;
    while at + LOOK_POINTS <= points.len() {
        if held.as_ref().is_none_or(|held| at >= held.made_at + stride) {
            let before = points.get(at.saturating_sub(reach).max(quiet_from)..at);
            held = before.filter(|before| before.len() >= BASELINE_POINTS_MIN).map(|before| {
                let lowest = before.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
                let highest = before.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
                Held { made_at: at, before, lowest, highest, baseline: None }
            });
        }
        let look = points.get(at..at + LOOK_POINTS).unwrap_or_default();
        let ratio_min =
            if stacked { options.ratio_min * STACKED_FACTOR } else { options.ratio_min };
        let Some(baseline) = held
            .as_mut()
            .filter(|held| held.may_differ(look, ratio_min))
            .and_then(|held| held.baseline(grid.floor, count))
        else {
            at += 1;
            continue;
        };
        let beyond = |up: bool| {
            look.iter()
                .filter(|p| is_beyond(&baseline, p.1, up, grid.floor, options.z_min, ratio_min))
                .count()
        };
        let appears = count
            && baseline.median == 0.0
            && appears(look, points.get(at.saturating_sub(reach).max(quiet_from)..at));
        let up = beyond(true) >= BEYOND_POINTS || appears;
        if !up && beyond(false) < BEYOND_POINTS {
            at += 1;
            continue;
        }
        // Where there was nothing, any event is away: a handful has no large z.
        let sparse = appears && beyond(true) < BEYOND_POINTS;
        let from = walk_back(points, at, quiet_from, &baseline, up, sparse);
        let (to, ended) = walk_on(points, from, &baseline, up, sparse);
        found.push(Found { baseline, up, from, to, ended, is_ramp: false });
        if !ended {
            if stacked || !up {
                break;
            }
            stacked = true;
            held = None;
            quiet_from = from;
            at = from + reach;
            continue;
        }
        quiet_from = to;
        at = to + BASELINE_POINTS_MIN;
        held = None;
    }
    found
}

fn is_beyond(
    baseline: &Baseline,
    value: f64,
    up: bool,
    floor: f64,
    z_min: f64,
    ratio_min: f64,
) -> bool {
    let z = baseline.z(value);
    let far = if up { z > z_min } else { z < -z_min };
    let difference = (value - baseline.median).abs();
    let large = if up {
        value >= baseline.median * ratio_min
    } else {
        value <= baseline.median / ratio_min
    };
    far && large && difference >= floor
}

/// Events where there were none: most of the next steps have some, and they are no handful.
fn appears(look: &[Point], before: Option<&[Point]>) -> bool {
    let before: f64 = before.unwrap_or_default().iter().map(|p| p.1).sum();
    let some = look.iter().filter(|p| p.1 > 0.0).count();
    let sum: f64 = look.iter().map(|p| p.1).sum();
    before <= 1.0 && some + 2 >= LOOK_POINTS && sum >= 5.0
}

/// The first point of the run that is away from the baseline.
fn walk_back(
    points: &[Point],
    at: usize,
    quiet_from: usize,
    baseline: &Baseline,
    up: bool,
    sparse: bool,
) -> usize {
    let away = |idx: usize| {
        points.get(idx).is_some_and(|p| {
            if sparse {
                return p.1 > baseline.median;
            }
            let z = baseline.z(p.1);
            if up { z > Z_BACK } else { z < -Z_BACK }
        })
    };
    // Forward to the first point that is itself away: one of five may not be.
    // A handful of events where there were none is away in no single point, and none is earlier
    // than the first of them.
    let off = |idx: usize| {
        points
            .get(idx)
            .is_some_and(|p| if up { p.1 > baseline.median } else { p.1 < baseline.median })
    };
    let mut from = (at..at + LOOK_POINTS)
        .find(|&idx| away(idx))
        .or_else(|| (at..at + LOOK_POINTS).find(|&idx| off(idx)))
        .unwrap_or(at);
    while from > quiet_from && away(from - 1) {
        from -= 1;
    }
    from
}

/// The first point from which on the signal is back, and whether there is one.
fn walk_on(
    points: &[Point],
    from: usize,
    baseline: &Baseline,
    up: bool,
    sparse: bool,
) -> (usize, bool) {
    let is_back = |p: &Point| {
        if sparse {
            return p.1 <= baseline.median;
        }
        let z = baseline.z(p.1);
        let near = if up {
            p.1 <= baseline.median * RATIO_BACK
        } else {
            p.1 * RATIO_BACK >= baseline.median
        };
        z.abs() < Z_BACK || near
    };
    let mut at = from + 1;
    while at + LOOK_POINTS <= points.len() {
        let look = points.get(at..at + LOOK_POINTS).unwrap_or_default();
        if look.first().is_some_and(is_back)
            && look.iter().filter(|p| is_back(p)).count() >= BEYOND_POINTS
        {
            return (at, true);
        }
        at += 1;
    }
    (points.len(), false)
}

fn describe(grid: &Signal, original: &Signal, points: &[Point], found: &Found) -> Option<Change> {
    let span = points.get(found.from..found.to)?;
    let (first, last) = (span.first()?, points.last()?);
    let mut values: Vec<f64> = span.iter().map(|p| p.1).collect();
    let beyond = values.iter().filter(|v| found.baseline.z(**v).abs() > Z_BACK).count();
    #[expect(clippy::cast_precision_loss, reason = "a share of points")]
    let persistence = beyond as f64 / values.len().max(1) as f64;
    let after = median(&mut values)?;
    let before = found.baseline.median;
    let z = found.baseline.z(after);
    let ratio = (before.abs() > f64::EPSILON * 16.0).then(|| after / before);
    let lasted_s = u32::try_from(span.len()).unwrap_or(u32::MAX).saturating_mul(grid.step_s);
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
    let until = found.ended.then(|| points.get(found.to).map(|p| grid.time(p.0))).flatten();
    Some(Change {
        signal: original.id.clone(),
        signal_kind: original.kind,
        metric: original.metric.clone(),
        subject: original.subject.clone(),
        node: original.node.clone(),
        unit: original.unit.clone(),
        kind,
        onset: onset(grid, original, first.0, found),
        until,
        last_at: grid.time(last.0),
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
    let usual = found.baseline.median / SPARSE_JOIN as f64;
    let from = idx * SPARSE_JOIN;
    (from..from + SPARSE_JOIN)
        .find(|&at| original.values.get(at).copied().flatten().is_some_and(|value| value > usual))
        .map_or_else(|| grid.time(idx), |at| original.time(at))
}

#[cfg(test)]
mod tests;
