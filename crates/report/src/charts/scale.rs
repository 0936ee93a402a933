//! Axes: which ticks, and how values and times are written.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;
use model::Window;

/// How the values of an axis are written: all in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    /// Divides a value before it is written.
    divisor: f64,
    /// Stands behind the number.
    suffix: &'static str,
}

impl Unit {
    /// For values up to `max` of a unit.
    pub(super) fn new(unit: &str, max: f64) -> Self {
        let pick = |steps: &[(f64, &'static str)]| {
            let fit = steps.iter().rev().find(|(divisor, _)| max >= *divisor).or(steps.first());
            fit.map_or(Self { divisor: 1.0, suffix: "" }, |(divisor, suffix)| Self {
                divisor: *divisor,
                suffix,
            })
        };
        match unit {
            "s" => pick(&[(1e-6, " µs"), (1e-3, " ms"), (1.0, " s"), (600.0, " s")]).minutes(),
            "bytes" => {
                pick(&[(1.0, " B"), (1e3, " kB"), (1e6, " MB"), (1e9, " GB"), (1e12, " TB")])
            }
            "bytes/s" => pick(&[(1.0, " B/s"), (1e3, " kB/s"), (1e6, " MB/s"), (1e9, " GB/s")]),
            "ratio" => Self { divisor: 0.01, suffix: " %" },
            _ if unit.starts_with("percent") => Self { divisor: 1.0, suffix: " %" },
            "1/s" => pick(&[(1.0, "/s"), (1e4, "k/s"), (1e7, "M/s")]).thousands(),
            _ => pick(&[(1.0, ""), (1e4, "k"), (1e7, "M"), (1e10, "G")]).thousands(),
        }
    }

    /// Ten minutes and more are written in minutes.
    fn minutes(self) -> Self {
        if self.divisor >= 600.0 { Self { divisor: 60.0, suffix: " min" } } else { self }
    }

    /// `k` stands from ten thousand on, so that four digits are written out.
    fn thousands(self) -> Self {
        let divisor = if self.divisor >= 1e4 { self.divisor / 10.0 } else { self.divisor };
        Self { divisor, ..self }
    }

    /// A value with its unit, to as many digits as `step` needs.
    pub(super) fn write(self, value: f64, step: f64) -> String {
        if value == 0.0 {
            // Nothing has no thousands, and is exact.
            let unit = match self.suffix {
                "k" | "M" | "G" => "",
                "k/s" | "M/s" => "/s",
                unit => unit,
            };
            return format!("0{unit}");
        }
        let step = (step / self.divisor).abs();
        let whole = |digits: usize| {
            let scaled = step * 10_f64.powi(i32::try_from(digits).unwrap_or(0));
            (scaled - scaled.round()).abs() < 1e-6 && scaled > 0.5
        };
        let digits = (0..=6).find(|digits| whole(*digits)).unwrap_or(2);
        format!("{:.digits$}{}", value / self.divisor, self.suffix)
    }

    /// A value with its unit, to three digits.
    pub(super) fn write_short(self, value: f64) -> String {
        let scaled = (value / self.divisor).abs();
        let counted = self.suffix.is_empty() && scaled.fract() == 0.0;
        let step = if scaled >= 100.0 || counted {
            1.0
        } else if scaled >= 10.0 {
            0.1
        } else {
            0.01
        };
        self.write(value, step * self.divisor)
    }
}

/// Round values from 0 (or below) to `max`, at most `n` of them, and their distance.
pub(super) fn value_ticks(min: f64, max: f64, n: u32, unit: Unit) -> (Vec<f64>, f64) {
    let span = ((max - min) / unit.divisor).max(f64::MIN_POSITIVE);
    let rough = span / f64::from(n.max(1));
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .iter()
        .map(|s| s * power)
        .find(|s| *s >= rough * 0.999)
        .unwrap_or(rough);
    let step = step * unit.divisor;
    let first = (min / step).ceil();
    let ticks = (0..=n + 1)
        .map(|idx| (first + f64::from(idx)) * step)
        .filter(|tick| *tick <= max * 1.0001)
        .collect();
    (ticks, step)
}

/// Powers of ten between `min` and `max`, above 0; with steps between them where there are few.
pub(super) fn log_ticks(min: f64, max: f64) -> Vec<f64> {
    let decades = (max / min).log10();
    let steps: &[f64] = match decades {
        ..=1.8 => &[1.0, 2.0, 5.0],
        ..=3.2 => &[1.0, 3.0],
        _ => &[1.0],
    };
    #[expect(clippy::cast_possible_truncation, reason = "exponents of floats are small")]
    let (first, last) = (min.log10().floor() as i32, max.log10().ceil() as i32);
    (first..=last)
        .flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)))
        .filter(|tick| (min..=max).contains(tick))
        .collect()
}

/// Distances of time ticks, in seconds.
const STEPS_S: &[i64] = &[
    1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    172_800, 604_800,
];

/// Full times inside a window, at most `n` of them.
pub(super) fn time_ticks(window: Window, n: i64) -> Vec<DateTime<Utc>> {
    let (start, end) = (window.start.timestamp(), window.end.timestamp());
    let step = STEPS_S.iter().copied().find(|step| (end - start) / step < n).unwrap_or(2_592_000);
    let first = start.div_euclid(step) * step + if start.rem_euclid(step) == 0 { 0 } else { step };
    (0..n + 1)
        .map(|idx| first + idx * step)
        .take_while(|at| *at <= end)
        .filter_map(|at| DateTime::from_timestamp(at, 0))
        .collect()
}

/// A tick's time in a zone: the date at midnight and for ticks of days, else hours and minutes.
pub(super) fn write_time(at: DateTime<Utc>, tz: Tz, seconds: bool) -> String {
    let local = at.with_timezone(&tz);
    let format = match (local.hour(), local.minute(), seconds) {
        (0, 0, false) => "%-d %b",
        (_, _, true) => "%H:%M:%S",
        _ => "%H:%M",
    };
    local.format(format).to_string()
}

/// A time beside a chart: with its date where the chart spans several.
pub(super) fn write_moment(at: DateTime<Utc>, tz: Tz, window: Window) -> String {
    let date = |at: DateTime<Utc>| at.with_timezone(&tz).date_naive();
    let several = date(window.start) != date(window.end - TimeDelta::seconds(1));
    let format = if several { "%-d %b %H:%M" } else { "%H:%M" };
    at.with_timezone(&tz).format(format).to_string()
}

/// What a zone is called at that time: `CEST`, `+0530`.
pub(super) fn zone_name(at: DateTime<Utc>, tz: Tz) -> String {
    at.with_timezone(&tz).format("%Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::{Unit, log_ticks, time_ticks, value_ticks, write_time};
    use chrono::{DateTime, TimeDelta};
    use model::Window;
    use proptest::prelude::*;

    #[test]
    fn values_are_written_in_the_unit_of_their_size() {
        assert_eq!(Unit::new("s", 0.5).write_short(0.4713), "471 ms");
        assert_eq!(Unit::new("s", 10.0).write_short(9.95), "9.95 s");
        assert_eq!(Unit::new("s", 1200.0).write_short(900.0), "15.0 min");
        assert_eq!(Unit::new("bytes", 2e9).write_short(1.32e9), "1.32 GB");
        assert_eq!(Unit::new("percent of one core", 400.0).write_short(185.0), "185 %");
        assert_eq!(Unit::new("ratio", 1.0).write_short(0.5), "50.0 %");
        assert_eq!(Unit::new("1/s", 2500.0).write_short(2500.0), "2500/s");
        assert_eq!(Unit::new("count", 20.0).write_short(20.0), "20");
        assert_eq!(Unit::new("count", 25_000.0).write_short(21_556.0), "21.6k");
    }

    #[test]
    fn zero_has_no_digits_and_no_thousands() {
        assert_eq!(Unit::new("count", 25_000.0).write(0.0, 10_000.0), "0");
        assert_eq!(Unit::new("bytes", 2e9).write(0.0, 5e8), "0 GB");
        assert_eq!(Unit::new("1/s", 50_000.0).write(0.0, 10_000.0), "0/s");
    }

    #[test]
    fn half_steps_are_written_with_their_half() {
        let unit = Unit::new("s", 10.0);
        assert_eq!((unit.write(2.5, 2.5), unit.write(5.0, 2.5)), ("2.5 s".into(), "5.0 s".into()));
        assert_eq!(unit.write(4.0, 2.0), "4 s");
    }

    #[test]
    fn ticks_are_round() {
        let (ticks, step) = value_ticks(0.0, 0.46, 5, Unit::new("s", 0.46));
        assert_eq!(ticks.len(), 5);
        assert!((step - 0.1).abs() < 1e-12);
        let start = DateTime::from_timestamp(1_714_550_460, 0).expect("a time");
        let ticks = time_ticks(Window { start, end: start + TimeDelta::hours(6) }, 9);
        assert_eq!(write_time(ticks[0], chrono_tz::UTC, false), "09:00");
        assert_eq!(write_time(ticks[0], chrono_tz::Europe::Berlin, false), "11:00");
    }

    #[test]
    fn a_logarithmic_axis_has_a_tick_for_each_power() {
        assert_eq!(log_ticks(0.0008, 14.0), [0.001, 0.01, 0.1, 1.0, 10.0]);
        assert_eq!(log_ticks(0.25, 12.0), [0.5, 1.0, 2.0, 5.0, 10.0]);
        assert_eq!(log_ticks(0.002, 0.4).len(), 5, "also between powers");
    }

    proptest! {
        #[test]
        fn any_span_gives_few_ticks(max in 1e-9_f64..1e15, seconds in 1_i64..100_000_000) {
            let unit = Unit::new("count", max);
            prop_assert!(value_ticks(0.0, max, 5, unit).0.len() <= 7);
            let start = DateTime::from_timestamp(1_714_550_460, 0).expect("a time");
            let ticks = time_ticks(Window { start, end: start + TimeDelta::seconds(seconds) }, 9);
            prop_assert!(ticks.len() <= 10);
        }
    }
}
