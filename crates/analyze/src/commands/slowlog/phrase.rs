//! Numbers and times as people read them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use model::Window;

/// A duration in microseconds: `0.18 ms`, `23 ms`, `1.93 s`, `3 min 12 s`, `2 h 05 min`.
pub(super) fn duration(us: f64) -> String {
    let ms = us / 1000.0;
    let s = ms / 1000.0;
    // Rounded before the unit is chosen: 999.6 ms is 1.00 s.
    if ms < 0.995 {
        format!("{ms:.2} ms")
    } else if ms < 9.95 {
        format!("{ms:.1} ms")
    } else if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if s < 9.995 {
        format!("{s:.2} s")
    } else if s < 99.95 {
        format!("{s:.1} s")
    } else if s < 3_599.5 {
        let s = s.round() as u64;
        format!("{} min {:02} s", s / 60, s % 60)
    } else {
        let min = (s / 60.0).round() as u64;
        format!("{} h {:02} min", min / 60, min % 60)
    }
}

/// A count with thousands separated: `34,278`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 call`, `2 calls`.
pub(super) fn plural(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n)) }
}

/// A share of 1: `86 %`, `0.4 %`, `<0.1 %`.
pub(super) fn share(share: f64) -> String {
    let percent = share * 100.0;
    match percent.abs() {
        p if p >= 9.95 => format!("{percent:.0} %"),
        p if p >= 0.05 => format!("{percent:.1} %"),
        p if p > 0.0 => "<0.1 %".to_owned(),
        _ => "0 %".to_owned(),
    }
}

/// Bytes: `12 kB`, `3.4 MB`.
pub(super) fn bytes(n: u64) -> String {
    let n = n as f64;
    match n {
        n if n < 1e3 => format!("{n:.0} B"),
        n if n < 1e6 => format!("{:.0} kB", n / 1e3),
        n if n < 1e9 => format!("{:.1} MB", n / 1e6),
        n => format!("{:.1} GB", n / 1e9),
    }
}

/// Statements at once: `0.02`, `3.4`, `120`.
pub(super) fn active(n: f64) -> String {
    match n {
        n if n >= 99.5 => format!("{n:.0}"),
        n if n >= 9.95 => format!("{n:.1}"),
        n if n >= 0.005 || n == 0.0 => format!("{n:.2}"),
        _ => "<0.01".to_owned(),
    }
}

/// The name of the zone in which times are shown.
pub(super) fn zone(zone: Option<Tz>) -> String {
    zone.map_or_else(|| "UTC".to_owned(), |zone| zone.name().to_owned())
}

fn local(at: DateTime<Utc>, zone: Option<Tz>, format: &str) -> String {
    match zone {
        Some(zone) => at.with_timezone(&zone).format(format).to_string(),
        None => at.format(format).to_string(),
    }
}

/// `2026-11-22 06:39:00`.
pub(super) fn moment(at: DateTime<Utc>, zone: Option<Tz>) -> String {
    local(at, zone, "%Y-%m-%d %H:%M:%S")
}

/// `2026-11-22 06:39:00 to 07:12:44`, with the second date where it is another.
pub(super) fn window(window: Window, zone: Option<Tz>) -> String {
    let (start, end) = (moment(window.start, zone), moment(window.end, zone));
    match (start.get(..10), end.get(..10), end.get(11..)) {
        (Some(day), Some(other), Some(time)) if day == other => format!("{start} to {time}"),
        _ => format!("{start} to {end}"),
    }
}

/// Minutes: `44 s`, `12 min`, `4 h 29 min`, `3 d 4 h`.
pub(super) fn minutes(minutes: f64) -> String {
    let whole = minutes.round() as u64;
    match minutes {
        m if m < 1.0 => format!("{:.0} s", m * 60.0),
        m if m < 120.0 => format!("{whole} min"),
        m if m < 2880.0 => format!("{} h {:02} min", whole / 60, whole % 60),
        _ => format!("{} d {} h", whole / 1440, whole % 1440 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_change_their_unit_where_a_reader_would() {
        let shown: Vec<String> =
            [180.0, 999_600.0, 23_000.0, 1_930_000.0, 59_960_000.0, 192_000_000.0, 7_500_000_000.0]
                .map(duration)
                .to_vec();
        assert_eq!(
            shown,
            ["0.18 ms", "1.00 s", "23 ms", "1.93 s", "60.0 s", "3 min 12 s", "2 h 05 min"]
        );
    }
}
