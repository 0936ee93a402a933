//! How long the logs look: the union of what their files cover.

use crate::records::SlowLog;
use chrono::{DateTime, TimeDelta, Utc};
use model::Window;

/// A gap between two files that is taken as quiet time, in minutes: a log of slow statements may
/// be silent that long, while a missing file of a rotated set is an hour or more.
const QUIET_MIN: i64 = 60;

/// The spans that the sources cover together, by time, without overlap.
pub(super) fn covered(log: &SlowLog) -> Vec<Window> {
    let mut windows: Vec<Window> = log.sources.iter().filter_map(|source| source.window).collect();
    windows.sort_unstable();
    let mut out: Vec<Window> = Vec::new();
    for window in windows {
        match out.last_mut() {
            Some(last) if window.start <= last.end + TimeDelta::minutes(QUIET_MIN) => {
                last.end = last.end.max(window.end);
            }
            _ => out.push(window),
        }
    }
    out
}

/// The parts of the spans that lie within a window.
pub(super) fn within(spans: &[Window], window: Window) -> Vec<Window> {
    spans
        .iter()
        .map(|span| Window { start: span.start.max(window.start), end: span.end.min(window.end) })
        .filter(|span| span.start < span.end)
        .collect()
}

/// Together, in minutes.
pub(super) fn minutes(spans: &[Window]) -> f64 {
    spans.iter().copied().map(minutes_of).sum()
}

/// The length of a window in minutes.
pub fn minutes_of(window: Window) -> f64 {
    (window.end - window.start).as_seconds_f64().max(0.0) / 60.0
}

/// From the first to the last.
pub(super) fn hull(spans: &[Window]) -> Option<Window> {
    spans.iter().copied().reduce(Window::hull)
}

/// Whether a span of `span_min` minutes counts as inside: its middle does.
pub(super) fn holds(window: Window, start: DateTime<Utc>, span_min: u32) -> bool {
    window.contains(start + TimeDelta::seconds(i64::from(span_min) * 30))
}
