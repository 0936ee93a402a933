//! What happens every day at the same hour: a nightly export, a dump, a report.

use crate::baseline::median;
use chrono::{DateTime, TimeDelta, Utc};
use model::{Change, Signal, SignalKind};

/// Days back that are looked at.
const DAYS_MAX: i32 = 7;
/// Earlier days on which it was the same: one may be chance.
const DAYS_MIN: usize = 2;
/// The share of the covered days on which it was the same.
const DAYS_SHARE: f64 = 0.6;
/// The share of the difference that an earlier day has to have.
const SIZE_SHARE: f64 = 0.5;
/// How much earlier or later it may be on another day.
const SHIFT: TimeDelta = TimeDelta::minutes(20);
/// How much of a long change is compared.
const COMPARED_MAX: TimeDelta = TimeDelta::hours(2);

/// Whether a signal did the same at this hour on at least two earlier days. Latency and what else
/// users notice are never usual: a server that is slow every morning is slow.
pub(crate) fn is_usual(change: &Change, signal: Option<&Signal>) -> bool {
    if matches!(
        change.signal_kind,
        SignalKind::Api | SignalKind::Store | SignalKind::Websocket | SignalKind::Pool
    ) {
        return false;
    }
    let Some(signal) = signal else { return false };
    let end = change.until.unwrap_or(change.last_at).min(change.onset + COMPARED_MAX);
    let difference = change.after - change.before;
    let (mut covered, mut same) = (0_usize, 0_usize);
    for days in 1..=DAYS_MAX {
        let back = TimeDelta::days(i64::from(days));
        let mut values = between(signal, change.onset - back - SHIFT, end - back + SHIFT);
        // The upper half of the day's values: the span may begin before it and end after it.
        values.sort_by(|a, b| if difference > 0.0 { b.total_cmp(a) } else { a.total_cmp(b) });
        values.truncate(values.len().div_ceil(2));
        let Some(level) = median(&mut values) else { continue };
        covered += 1;
        if (level - change.before) / difference >= SIZE_SHARE {
            same += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a week at most")]
    let share = same as f64 / covered.max(1) as f64;
    same >= DAYS_MIN && share >= DAYS_SHARE
}

/// The values from one time to another, both included.
fn between(signal: &Signal, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<f64> {
    let step_ms = i64::from(signal.step_s).max(1) * 1000;
    let steps = |at: DateTime<Utc>| (at - signal.start).num_milliseconds();
    // The first step at or behind the begin, and the first behind the end.
    let first = usize::try_from((steps(from) + step_ms - 1).div_euclid(step_ms)).unwrap_or(0);
    let behind = usize::try_from(steps(to).div_euclid(step_ms) + 1).unwrap_or(0);
    let range = first.min(signal.values.len())..behind.min(signal.values.len());
    signal.values.get(range).unwrap_or_default().iter().flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::{Options, changes};
    use chrono::TimeZone as _;
    use model::Place;

    /// Four days in steps of five minutes, with a job from midnight for an hour on the days given.
    fn signal(kind: SignalKind, days: &[usize]) -> Signal {
        let of_day = 288;
        let values = (0..4 * of_day)
            .map(|i| {
                let busy = i % of_day < 12 && days.contains(&(i / of_day));
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let noise = ((i * 37) % 11) as f64 / 50.0;
                Some(if busy { 9.0 + noise } else { 1.0 + noise })
            })
            .collect();
        Signal {
            id: "s".to_owned(),
            kind,
            metric: "query-load".to_owned(),
            subject: String::new(),
            node: String::new(),
            unit: "s".to_owned(),
            start: Utc.with_ymd_and_hms(2026, 3, 2, 0, 0, 0).unwrap(),
            step_s: 300,
            values,
            higher_is_worse: true,
            floor: 0.1,
            place: Place::default(),
        }
    }

    fn last_is_usual(signal: &Signal) -> bool {
        let all = changes(std::slice::from_ref(signal), &Options::default());
        let last = all.iter().max_by_key(|change| change.onset).expect("the last day differs");
        is_usual(last, Some(signal))
    }

    #[test]
    fn what_runs_every_night_is_usual() {
        assert!(last_is_usual(&signal(SignalKind::Query, &[0, 1, 2, 3])));
    }

    #[test]
    fn what_ran_once_before_or_never_is_not() {
        assert!(!last_is_usual(&signal(SignalKind::Query, &[2, 3])));
        assert!(!last_is_usual(&signal(SignalKind::Query, &[3])));
    }

    #[test]
    fn what_users_notice_is_never_usual() {
        assert!(!last_is_usual(&signal(SignalKind::Api, &[0, 1, 2, 3])));
    }
}
