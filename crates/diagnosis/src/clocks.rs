//! Clocks of two sources against each other, from what both of them saw.
//!
//! A statement that the database cancels stands in its log and as an error in the server's. The two
//! courses, minute by minute, are laid over each other at every shift; the shift at which they fit
//! is the offset. Bursts say it, a steady trickle does not: then several shifts fit as well.

use chrono::TimeDelta;
use model::{Confidence, Signal};

/// What two sources say about each other's clocks.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockOffset {
    /// By how many seconds the first source's clock is ahead of the second's.
    pub ahead_s: i64,
    /// How exact that is.
    pub precision_s: i64,
    /// How sure.
    pub confidence: Confidence,
    /// How many events the poorer of the two saw.
    pub n_events: u64,
}

/// Shifts that are tried, in steps of the signals: three hours either way of minutes covers a clock
/// that is off and a zone that was read wrongly by an hour or two.
const SHIFT_MAX: i64 = 180;
/// Events that either source has to have seen.
const EVENTS_MIN: f64 = 12.0;
/// Correlation of the courses at the best shift.
const FIT_MIN: f64 = 0.6;
/// Correlation from which on an offset can be sure.
const FIT_SURE: f64 = 0.85;
/// By how much the best shift has to fit better than any that is not beside it.
const LEAD_MIN: f64 = 0.12;
/// Steps beside the best shift that fit nearly as well, since events fall to both sides of a minute.
const BESIDE: i64 = 3;

/// The offset between the clocks of two counts of the same events; `None` where they do not say.
pub fn clock_offset(a: &Signal, b: &Signal) -> Option<ClockOffset> {
    if a.step_s != b.step_s || a.step_s == 0 {
        return None;
    }
    let step_s = i64::from(a.step_s);
    let (a_course, b_course) = (course(a), course(b));
    let n_events = a_course.iter().sum::<f64>().min(b_course.iter().sum());
    if n_events < EVENTS_MIN {
        return None;
    }
    // Roots: one large minute must not decide alone.
    let roots = |course: Vec<f64>| -> Vec<f64> { course.into_iter().map(f64::sqrt).collect() };
    let (a_course, b_course) = (roots(a_course), roots(b_course));
    let apart = (a.start - b.start).num_seconds().div_euclid(step_s);
    let fits: Vec<(i64, f64)> = (-SHIFT_MAX..=SHIFT_MAX)
        // `shift` steps ahead: what b sees at t, a writes down at t + shift.
        .map(|shift| (shift, correlation(&a_course, &b_course, apart - shift)))
        .collect();
    let best = fits.iter().copied().max_by(|x, y| {
        // Of equal shifts the smaller one: clocks are mostly right.
        x.1.total_cmp(&y.1).then(y.0.abs().cmp(&x.0.abs()))
    })?;
    let rival = fits
        .iter()
        .filter(|(shift, _)| (shift - best.0).abs() > BESIDE)
        .map(|(_, fit)| *fit)
        .fold(0.0, f64::max);
    if best.1 < FIT_MIN || best.1 - rival < LEAD_MIN || best.0.abs() == SHIFT_MAX {
        return None;
    }
    let fit_at =
        |shift: i64| fits.iter().find(|(known, _)| *known == shift).map_or(0.0, |(_, fit)| *fit);
    #[expect(clippy::cast_precision_loss, reason = "at most some hundred steps")]
    let exact = best.0 as f64 + vertex(fit_at(best.0 - 1), best.1, fit_at(best.0 + 1));
    #[expect(clippy::cast_possible_truncation, reason = "at most some hundred steps")]
    let ahead_s = (exact * f64::from(a.step_s)).round() as i64;
    let confidence = if best.1 >= FIT_SURE && best.1 - rival >= 2.0 * LEAD_MIN {
        Confidence::Certain
    } else if best.1 - rival >= 2.0 * LEAD_MIN {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let n_events = n_events as u64;
    Some(ClockOffset { ahead_s, precision_s: step_s / 2, confidence, n_events })
}

impl ClockOffset {
    /// What has to be added to times of the second source so that they are on the first's clock.
    pub fn shift(&self) -> TimeDelta {
        TimeDelta::seconds(self.ahead_s)
    }
}

/// The counts, gaps as nothing.
fn course(signal: &Signal) -> Vec<f64> {
    signal
        .values
        .iter()
        .map(|value| value.filter(|v| v.is_finite()).unwrap_or(0.0).max(0.0))
        .collect()
}

/// Pearson's correlation of two courses where `b[i + lead]` belongs to `a[i]`, over their hull:
/// outside of its own span a source saw nothing.
fn correlation(a: &[f64], b: &[f64], lead: i64) -> f64 {
    let (a_len, b_len) = (signed(a.len()), signed(b.len()));
    let (from, to) = (0.max(-lead), a_len.min(b_len - lead));
    // Half of the shorter has to be in both.
    if (to - from) * 2 < a_len.min(b_len) {
        return 0.0;
    }
    let (mut n, mut sum_a, mut sum_b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for idx in from..to {
        let at = |list: &[f64], idx: i64| {
            usize::try_from(idx).ok().and_then(|idx| list.get(idx)).copied().unwrap_or(0.0)
        };
        let (x, y) = (at(a, idx), at(b, idx + lead));
        n += 1.0;
        sum_a += x;
        sum_b += y;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    let spread = (n * aa - sum_a * sum_a) * (n * bb - sum_b * sum_b);
    if spread <= f64::EPSILON { 0.0 } else { (n * ab - sum_a * sum_b) / spread.sqrt() }
}

fn signed(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

/// Where a parabola through three neighbours has its vertex, from the middle one.
fn vertex(left: f64, middle: f64, right: f64) -> f64 {
    let bend = left - 2.0 * middle + right;
    if bend.abs() < 1e-12 { 0.0 } else { (0.5 * (left - right) / bend).clamp(-0.5, 0.5) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use model::{Place, SignalKind};
    use proptest::prelude::*;

    fn counts(start_min: i64, values: Vec<f64>) -> Signal {
        Signal {
            id: "s".into(),
            kind: SignalKind::Log,
            metric: "m".into(),
            subject: String::new(),
            node: String::new(),
            unit: "count".into(),
            start: DateTime::from_timestamp(1_770_000_000 + start_min * 60, 0).unwrap(),
            step_s: 60,
            values: values.into_iter().map(Some).collect(),
            higher_is_worse: true,
            floor: 0.0,
            place: Place { source: "x".into(), location: "y".into() },
        }
    }

    /// Events at seconds, counted by minute on a clock that is `ahead_s` ahead.
    fn by_minute(events: &[i64], ahead_s: i64, n_minutes: usize) -> Signal {
        let mut values = vec![0.0; n_minutes];
        for at in events {
            let minute = (at + ahead_s).div_euclid(60);
            if let Some(slot) = usize::try_from(minute).ok().and_then(|m| values.get_mut(m)) {
                *slot += 1.0;
            }
        }
        counts(0, values)
    }

    /// Some bursts of uneven size.
    fn bursts(seed: u64) -> Vec<i64> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let mut events = Vec::new();
        for _ in 0..4 {
            let (start, len, n) = (3600 + next(14_000), 60 + next(400), 20 + next(150));
            for _ in 0..n {
                events.push(i64::try_from(start + next(len)).unwrap());
            }
        }
        events
    }

    proptest! {
        #[test]
        fn the_offset_of_a_clock_is_found_within_a_minute(seed in any::<u64>(), ahead_s in -3000_i64..3000) {
            let events = bursts(seed);
            let (a, b) = (by_minute(&events, ahead_s, 360), by_minute(&events, 0, 360));
            if let Some(found) = clock_offset(&a, &b) {
                prop_assert!((found.ahead_s - ahead_s).abs() <= 60, "{found:?} is not {ahead_s}");
                let back = clock_offset(&b, &a).expect("the same the other way round");
                prop_assert!((back.ahead_s + found.ahead_s).abs() <= 60);
            }
        }

        #[test]
        fn no_values_panic(a in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..200), b in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..200), apart in -400_i64..400) {
            let (mut x, mut y) = (counts(0, Vec::new()), counts(apart, Vec::new()));
            (x.values, y.values) = (a, b);
            let _ = clock_offset(&x, &y);
        }
    }

    #[test]
    fn clocks_that_agree_have_no_offset() {
        let events = bursts(7);
        let found = clock_offset(&by_minute(&events, 0, 360), &by_minute(&events, 0, 360)).unwrap();
        assert_eq!((found.ahead_s, found.confidence), (0, Confidence::Certain));
    }

    #[test]
    fn a_steady_trickle_says_nothing() {
        let steady = || counts(0, vec![3.0; 300]);
        assert_eq!(clock_offset(&steady(), &steady()), None);
    }

    #[test]
    fn a_handful_of_events_says_nothing() {
        let few = || by_minute(&[4000, 4001, 9000], 0, 300);
        assert_eq!(clock_offset(&few(), &few()), None);
    }
}
