//! What of all that was exported a chart shows: each course once, and the time of the incident.

use chrono::TimeDelta;
use metrics::Series;
use model::Window;
use report::charts::ChartSpec;
use std::collections::BTreeMap;

/// By how much two exports of one course differ: formatted values have three digits.
const ROUNDING: f64 = 0.011;
/// The share of common times at which two exports of one course agree.
const SAME_SHARE: f64 = 0.95;
/// Common times that tell whether two series are the same.
const COMMON_MIN: usize = 10;

/// The series without those that are another's course once more: the same panel exported twice,
/// formatted and raw. The one with the most digits stays, else the one with the most points.
pub(super) fn without_copies<'s>(series: &[&'s Series]) -> Vec<&'s Series> {
    let mut by_name: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for (idx, series) in series.iter().enumerate() {
        let key = (series.name.as_str(), series.node.untrusted(), series.subject.untrusted());
        by_name.entry(key).or_default().push(idx);
    }
    let is_rounded = |s: &Series| s.limits.iter().any(|limit| limit == metrics::ROUNDED);
    let mut kept: Vec<usize> = Vec::with_capacity(series.len());
    for same_name in by_name.into_values() {
        let mut ranked: Vec<(usize, &Series)> =
            same_name.iter().filter_map(|idx| Some((*idx, *series.get(*idx)?))).collect();
        ranked.sort_by_key(|(idx, s)| (is_rounded(s), std::cmp::Reverse(s.points()), *idx));
        let mut own: Vec<(usize, &Series)> = Vec::new();
        for (idx, candidate) in ranked {
            if !own.iter().any(|(_, known)| is_copy(candidate, known)) {
                own.push((idx, candidate));
            }
        }
        kept.extend(own.iter().map(|(idx, _)| *idx));
    }
    kept.sort_unstable();
    kept.into_iter().filter_map(|idx| series.get(idx).copied()).collect()
}

/// Whether a series has nothing that another does not have.
fn is_copy(copy: &Series, of: &Series) -> bool {
    let mut others = of.samples.iter().peekable();
    let (mut n_common, mut n_same, mut n_own) = (0_usize, 0_usize, 0_usize);
    for sample in copy.samples.iter().filter(|sample| sample.value.is_some()) {
        while others.next_if(|other| other.at_ms < sample.at_ms).is_some() {}
        let value = others.peek().filter(|other| other.at_ms == sample.at_ms).map(|s| s.value);
        let (Some(Some(theirs)), Some(own)) = (value, sample.value) else {
            n_own += 1;
            continue;
        };
        n_common += 1;
        n_same += usize::from((own - theirs).abs() <= ROUNDING * own.abs().max(theirs.abs()));
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of points")]
    let share = n_same as f64 / n_common.max(1) as f64;
    n_common >= COMMON_MIN && n_own * 20 <= n_common && share >= SAME_SHARE
}

/// Cuts a chart to one of the times that were exported, where they lie far apart: that of the
/// incident, else the latest. Series of other times are counted.
pub(super) fn focus(spec: &mut ChartSpec, incident: Option<Window>) {
    let span = |points: &[(chrono::DateTime<chrono::Utc>, Option<f64>)]| {
        Some(Window { start: points.first()?.0, end: points.last()?.0 })
    };
    let mut windows: Vec<Window> = spec.series.iter().filter_map(|s| span(&s.points)).collect();
    windows.sort_unstable();
    let mut times: Vec<Window> = Vec::new();
    for window in windows {
        match times.last_mut() {
            // Two exports belong together when less lies between them than they cover.
            Some(last)
                if window.start - last.end <= (last.end - last.start).max(TimeDelta::hours(1)) =>
            {
                *last = last.hull(window);
            }
            _ => times.push(window),
        }
    }
    let of_incident = incident.and_then(|incident| {
        times.iter().find(|time| time.start <= incident.end && incident.start <= time.end)
    });
    let Some(time) = of_incident.or(times.last()).copied() else { return };
    if times.len() > 1 {
        let all = spec.series.len();
        spec.series.retain(|s| {
            span(&s.points).is_some_and(|w| w.start <= time.end && time.start <= w.end)
        });
        spec.n_elsewhere = all - spec.series.len();
        spec.window = time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use metrics::Sample;
    use report::charts::ChartSeries;
    use text::{Raw, Text};

    fn series(limits: &[&str], value: impl Fn(i64) -> f64) -> Series {
        let samples =
            (0..60).map(|n| Sample { at_ms: n * 60_000, value: Some(value(n)) }).collect();
        Series {
            name: "cpu-utilization".to_owned(),
            node: Raw::new("app-1"),
            samples,
            limits: limits.iter().map(|limit| (*limit).to_owned()).collect(),
            ..Series::default()
        }
    }

    #[test]
    fn the_same_panel_formatted_and_raw_is_one_line_with_all_digits() {
        let course = |n: i64| 100.0 + ((n * 37) % 23) as f64 / 7.0;
        let rounded = series(&[metrics::ROUNDED], |n| course(n).round());
        let raw = series(&[], course);
        assert_eq!(without_copies(&[&rounded, &raw]), [&raw]);
        let other = series(&[], |n| 100.0 + ((n * 11) % 29) as f64 * 3.0);
        assert_eq!(without_copies(&[&raw, &other]).len(), 2);
    }

    #[test]
    fn exports_of_other_days_are_counted_and_not_drawn() {
        let hour = |n: i64| DateTime::from_timestamp(1_770_000_000 + n * 3600, 0).unwrap();
        let of = |from: i64, to: i64| ChartSeries {
            label: Text::ours("a"),
            points: (from..=to).map(|n| (hour(n), Some(1.0))).collect(),
        };
        let spec = || ChartSpec {
            title: Text::ours("API latency"),
            unit: "s".to_owned(),
            window: Window { start: hour(0), end: hour(2_000) },
            series: vec![of(0, 6), of(7, 12), of(1_994, 2_000)],
            incident: None,
            goes_on: false,
            onset: None,
            thresholds: Vec::new(),
            customer_tz: None,
            n_elsewhere: 0,
        };
        let mut latest = spec();
        focus(&mut latest, None);
        assert_eq!((latest.window.start, latest.n_elsewhere), (hour(1_994), 2));
        let mut first = spec();
        focus(&mut first, Some(Window { start: hour(9), end: hour(10) }));
        assert_eq!(first.window, Window { start: hour(0), end: hour(12) });
        assert_eq!((first.series.len(), first.n_elsewhere), (2, 1));
    }
}
