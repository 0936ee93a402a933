//! The search for points that leave what their signal was like before.
//!
//! A median for every few points of every signal costs more than all else, so each step first asks
//! what is cheaper and settles most: the range of the values before, then how many of them lie on
//! the right side, and only then their median and their deviations. None of these questions turns
//! away what the exact one would find.

use super::{Found, Options, Z_BACK};
use crate::baseline::{Baseline, MAD_TO_SIGMA, median};
use model::Signal;

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
/// Points at the end of the data that say that a signal is back, where there are no more.
const BACK_POINTS_MIN: usize = 3;
/// ... of which this many must be beyond the threshold.
const BEYOND_POINTS: usize = 4;
/// A factor within which a signal is back at its baseline.
const RATIO_BACK: f64 = 1.25;
/// What rounding may add to a limit: the cheap questions must not be narrower than the exact one.
const ROUNDING: f64 = 1e-9;

/// How far away is a change.
#[derive(Clone, Copy)]
struct Limits {
    z_min: f64,
    ratio_min: f64,
    floor: f64,
}

impl Limits {
    /// Whether `value` is a change against `baseline`.
    fn is_beyond(self, baseline: &Baseline, value: f64, up: bool) -> bool {
        let z = baseline.z(value);
        let far = if up { z > self.z_min } else { z < -self.z_min };
        let difference = (value - baseline.median).abs();
        let large = if up {
            value >= baseline.median * self.ratio_min
        } else {
            value <= baseline.median / self.ratio_min
        };
        far && large && difference >= self.floor
    }

    fn count_beyond(self, baseline: &Baseline, look: &[f64], up: bool) -> usize {
        look.iter().filter(|value| self.is_beyond(baseline, **value, up)).count()
    }
}

/// What [`BEYOND_POINTS`] of the points that are looked at have in common: so many are at least
/// `low`, and so many at most `high`.
#[derive(Clone, Copy)]
struct Look {
    low: f64,
    high: f64,
}

impl Look {
    /// The second lowest and the second highest: one point may be otherwise.
    fn of(look: &[f64]) -> Self {
        let (mut lowest, mut low) = (f64::INFINITY, f64::INFINITY);
        let (mut highest, mut high) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for value in look {
            low = low.min(lowest.max(*value));
            lowest = lowest.min(*value);
            high = high.max(highest.min(*value));
            highest = highest.max(*value);
        }
        Self { low, high }
    }

    /// The highest median from which `low` may be a rise, and the lowest from which `high` may be a
    /// fall.
    fn medians(self, limits: Limits) -> (f64, f64) {
        let Self { low, high } = self;
        let rise = if low > 0.0 { low / limits.ratio_min } else { f64::INFINITY };
        let rise = rise.min(low - limits.floor);
        let fall = (high * limits.ratio_min).max(high + limits.floor);
        (rise + rise.abs() * ROUNDING, fall - fall.abs() * ROUNDING)
    }
}

/// The points before those that are looked at; their baseline serves some of the next ones.
struct Held<'p> {
    made_at: usize,
    before: &'p [f64],
    lowest: f64,
    highest: f64,
    median: Option<f64>,
    baseline: Option<Baseline>,
}

impl<'p> Held<'p> {
    fn new(made_at: usize, before: &'p [f64]) -> Self {
        let lowest = before.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = before.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { made_at, before, lowest, highest, median: None, baseline: None }
    }

    /// Whether enough of `look` may be a change against the baseline, which is not made for it.
    fn may_differ(&mut self, look: Look, limits: Limits) -> bool {
        let (rise, fall) = look.medians(limits);
        let (rises, falls) = (self.lowest <= rise, self.highest >= fall);
        if !rises && !falls {
            return false;
        }
        let before = self.before;
        let is_half = |n: usize| n * 2 >= before.len();
        let rises = rises && is_half(count(before, |value| value <= rise));
        let falls = falls && is_half(count(before, |value| value >= fall));
        if !rises && !falls {
            return false;
        }
        let Some(median) = self.median() else { return false };
        // Half of the deviations have to be so small that the distance is large.
        let is_far = |distance: f64| {
            let deviation = distance / (limits.z_min * MAD_TO_SIGMA);
            let deviation = deviation + deviation.abs() * ROUNDING;
            is_half(count(before, |value| (value - median).abs() <= deviation))
        };
        (rises && is_far(look.low - median)) || (falls && is_far(median - look.high))
    }

    fn median(&mut self) -> Option<f64> {
        if self.median.is_none() {
            self.median = median(&mut self.before.to_vec());
        }
        self.median
    }

    fn baseline(&mut self, floor: f64, is_count: bool) -> Option<Baseline> {
        if self.baseline.is_none() {
            self.baseline = Baseline::around(self.median()?, self.before, floor, is_count);
        }
        self.baseline
    }
}

fn count(values: &[f64], is_one: impl Fn(f64) -> bool) -> usize {
    values.iter().filter(|value| is_one(**value)).count()
}

/// The changes in `points`, in order. `is_count`: the signal counts events.
pub(super) fn search(
    grid: &Signal,
    points: &[f64],
    options: &Options,
    is_count: bool,
) -> Vec<Found> {
    let reach = usize::try_from(BASELINE_S / grid.step_s.max(1)).unwrap_or(usize::MAX);
    let reach = reach.clamp(BASELINE_POINTS_MIN, BASELINE_POINTS_MAX);
    // Medians move slowly: one baseline serves some points.
    let stride = (reach / 8).max(1);
    let mut limits =
        Limits { z_min: options.z_min, ratio_min: options.ratio_min, floor: grid.floor };
    let mut found = Vec::new();
    let mut at = BASELINE_POINTS_MIN;
    let mut quiet_from = 0;
    let mut held: Option<Held> = None;
    // A rise that goes on is the new level: one more is looked for on top of it, twice as large.
    let mut stacked = false;
    while at + LOOK_POINTS <= points.len() {
        if held.as_ref().is_none_or(|held| at >= held.made_at + stride) {
            held = points
                .get(at.saturating_sub(reach).max(quiet_from)..at)
                .filter(|before| before.len() >= BASELINE_POINTS_MIN)
                .map(|before| Held::new(at, before));
        }
        let look = points.get(at..at + LOOK_POINTS).unwrap_or_default();
        let new =
            is_count && appears(look, points.get(at.saturating_sub(reach).max(quiet_from)..at));
        let Some(baseline) = held.as_mut().and_then(|held| {
            let may = new || held.may_differ(Look::of(look), limits);
            if may { held.baseline(grid.floor, is_count) } else { None }
        }) else {
            at += 1;
            continue;
        };
        let n_up = limits.count_beyond(&baseline, look, true);
        let appears = new && baseline.median == 0.0;
        let up = n_up >= BEYOND_POINTS || appears;
        if !up && limits.count_beyond(&baseline, look, false) < BEYOND_POINTS {
            at += 1;
            continue;
        }
        // Where there was nothing, any event is away: a handful has no large z.
        let sparse = appears && n_up < BEYOND_POINTS;
        let from = walk_back(points, at, quiet_from, &baseline, up, sparse);
        let (to, ended) = walk_on(points, from, &baseline, up, sparse);
        found.push(Found { baseline, up, from, to, ended, is_ramp: false });
        if !ended {
            if stacked || !up {
                break;
            }
            stacked = true;
            limits.ratio_min *= STACKED_FACTOR;
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

/// Events where there were none: most of the next steps have some, and they are no handful.
fn appears(look: &[f64], before: Option<&[f64]>) -> bool {
    let some = count(look, |value| value > 0.0);
    let sum: f64 = look.iter().sum();
    some + 2 >= LOOK_POINTS && sum >= 5.0 && before.unwrap_or_default().iter().sum::<f64>() <= 1.0
}

/// The first point of the run that is away from the baseline.
fn walk_back(
    points: &[f64],
    at: usize,
    quiet_from: usize,
    baseline: &Baseline,
    up: bool,
    sparse: bool,
) -> usize {
    let away = |idx: usize| {
        points.get(idx).is_some_and(|value| {
            if sparse {
                return *value > baseline.median;
            }
            let z = baseline.z(*value);
            if up { z > Z_BACK } else { z < -Z_BACK }
        })
    };
    // Forward to the first point that is itself away: one of five may not be.
    // A handful of events where there were none is away in no single point, and none is earlier
    // than the first of them.
    let off = |idx: usize| {
        points.get(idx).is_some_and(|value| {
            if up { *value > baseline.median } else { *value < baseline.median }
        })
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
    points: &[f64],
    from: usize,
    baseline: &Baseline,
    up: bool,
    sparse: bool,
) -> (usize, bool) {
    let is_back = |value: &f64| {
        if sparse {
            return *value <= baseline.median;
        }
        let near = if up {
            *value <= baseline.median * RATIO_BACK
        } else {
            *value * RATIO_BACK >= baseline.median
        };
        near || baseline.z(*value).abs() < Z_BACK
    };
    let rest = points.get(from + 1..).unwrap_or_default();
    let back = rest.windows(LOOK_POINTS).position(|look| {
        look.first().is_some_and(is_back)
            && look.iter().filter(|value| is_back(value)).count() >= BEYOND_POINTS
    });
    if let Some(idx) = back {
        return (from + 1 + idx, true);
    }
    // The last points are too few to look at, but it is back for longer than it ever was before.
    let back = points.iter().rev().take_while(|value| is_back(value)).count();
    let mut longest = 0;
    let mut run = 0;
    for value in points.get(from..points.len() - back).unwrap_or_default() {
        run = if is_back(value) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    if (BACK_POINTS_MIN..=LOOK_POINTS).contains(&back) && back > longest + 1 {
        return (points.len() - back, true);
    }
    (points.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values of many sizes, with ties, zeros and negative ones.
    fn values(n: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
        let value = prop_oneof![
            4 => (-3.0_f64..5.0).prop_map(f64::exp),
            2 => (0_i32..4).prop_map(f64::from),
            1 => -10.0_f64..10.0,
            1 => Just(1e300),
        ];
        proptest::collection::vec(value, n)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn the_cheap_questions_turn_nothing_away_that_is_a_change(
            before in values(10..60),
            look in values(5..6),
            scale in 0.01_f64..300.0,
            floor in prop_oneof![Just(0.0), 0.0_f64..20.0],
            is_count in any::<bool>(),
        ) {
            let limits = Limits { z_min: 6.0, ratio_min: 1.5, floor };
            let look: Vec<f64> = look.into_iter().map(|value| value * scale).collect();
            let exact = Baseline::of(&before, floor, is_count).unwrap();
            let is_change = [true, false]
                .iter()
                .any(|up| limits.count_beyond(&exact, &look, *up) >= BEYOND_POINTS);
            let mut held = Held::new(0, &before);
            let may = held.may_differ(Look::of(&look), limits);
            prop_assert!(may || !is_change);
            prop_assert_eq!(held.baseline(floor, is_count), Some(exact));
        }
    }
}
