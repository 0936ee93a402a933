//! What is new, gone, slower or more frequent, each with its share of the change.

use super::coverage::holds;
use super::figures::{Collected, Figures};
use chrono::{DateTime, Utc};
use model::Window;

/// Which spans of a log count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    All,
    Inside(Window),
    Outside(Window),
}

impl Time {
    pub(super) fn holds(self, start: DateTime<Utc>, span_min: u32) -> bool {
        match self {
            Self::All => true,
            Self::Inside(window) => holds(window, start, span_min),
            Self::Outside(window) => !holds(window, start, span_min),
        }
    }
}

/// What became of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It did not run before.
    New,
    /// It ran before and does not any more.
    Gone,
    /// Its mean is at least half as high again, and it runs more often.
    SlowerAndMoreFrequent,
    /// Its mean is at least half as high again.
    Slower,
    /// It runs at least half as often again.
    MoreFrequent,
    /// Its mean fell by a third or more.
    Faster,
    /// It runs a third less often, or less.
    LessFrequent,
    /// It did not change by that much.
    Same,
    /// Too few calls to tell.
    Unclear,
}

impl Verdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::SlowerAndMoreFrequent => "slower, more frequent",
            Self::Slower => "slower",
            Self::MoreFrequent => "more frequent",
            Self::Faster => "faster",
            Self::LessFrequent => "less frequent",
            Self::Same => "same",
            Self::Unclear => "unclear",
        }
    }
}

/// A row against before.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What became of it.
    pub verdict: Verdict,
    /// Calls before.
    pub before_calls: u64,
    /// Calls per minute before.
    pub before_per_min: f64,
    /// Calls per minute now.
    pub per_min: f64,
    /// The mean before, in microseconds; `None` without calls.
    pub before_mean_us: Option<f64>,
    /// The 95th percentile before, in microseconds; `None` where it cannot be told.
    pub before_p95_us: Option<u64>,
    /// Statements that ran at once on average: now less before.
    pub delta_load: f64,
    /// Its share of the change, -1 to 1: of all time that was added or, where that is more, of
    /// all that was taken away; below 0 where it fell. `None` when nothing changed.
    pub share: Option<f64>,
}

/// What was compared with what.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Whether before is another log; else it is the rest of the same.
    pub other_log: bool,
    /// How long before is, in minutes.
    pub before_minutes: f64,
    /// Calls before.
    pub before_calls: u64,
    /// Statements that ran at once, before.
    pub before_load: f64,
    /// Statements that ran at once, now.
    pub load: f64,
}

/// From how much on a mean or a rate is another one: below it, daily life varies as much.
const RATIO: f64 = 1.5;
/// Calls on both sides from which on a mean says anything.
const CALLS_MIN: u64 = 5;
/// Calls that must be expected before their absence says anything: chance alone gives none of
/// three in 5 % of cases.
const EXPECTED_MIN: f64 = 3.0;
/// Standard deviations (of a count) from which on a rate has changed.
const DEVIATIONS: f64 = 3.0;

/// Compares what was collected now with before; `None` when either covers no time.
pub(super) fn compare<'a>(
    now: &mut Collected<'a>,
    before: Collected<'a>,
    minutes: f64,
    before_minutes: f64,
    other_log: bool,
) -> Option<Compared> {
    if minutes <= 0.0 || before_minutes <= 0.0 {
        return None;
    }
    let compared = Compared {
        other_log,
        before_minutes,
        before_calls: before.calls,
        before_load: before.total_us as f64 / (before_minutes * 60e6),
        load: now.total_us as f64 / (minutes * 60e6),
    };
    let mut earlier = before.rows;
    for (key, row) in &mut now.rows {
        let gone = earlier.remove(key);
        let was = gone.as_ref().map_or_else(Figures::default, |row| row.figures.clone());
        if let Some(gone) = gone {
            row.first_at = [row.first_at, gone.first_at].into_iter().flatten().min();
        }
        row.change = Some(change(&row.figures, &was, minutes, before_minutes));
    }
    // What ran before only.
    for (key, mut row) in earlier {
        let was = std::mem::take(&mut row.figures);
        row.change = Some(change(&row.figures, &was, minutes, before_minutes));
        now.rows.insert(key, row);
    }
    let deltas = || now.rows.values().filter_map(|row| row.change.as_ref()).map(|c| c.delta_load);
    let added: f64 = deltas().filter(|delta| *delta > 0.0).sum();
    let taken: f64 = deltas().filter(|delta| *delta < 0.0).sum();
    // The larger side is the change; the smaller is measured by it, so that the noise of a rise
    // does not look like a fall.
    let whole = added.max(-taken);
    for change in now.rows.values_mut().filter_map(|row| row.change.as_mut()) {
        change.share = (whole > 0.0).then(|| change.delta_load / whole);
    }
    Some(compared)
}

fn change(now: &Figures, was: &Figures, minutes: f64, before_minutes: f64) -> Change {
    Change {
        verdict: verdict(now, was, minutes, before_minutes),
        before_calls: was.calls,
        before_per_min: was.calls as f64 / before_minutes,
        per_min: now.calls as f64 / minutes,
        before_mean_us: was.mean_us(),
        before_p95_us: was.quantile_us(0.95),
        delta_load: now.total_us as f64 / (minutes * 60e6)
            - was.total_us as f64 / (before_minutes * 60e6),
        share: None,
    }
}

fn verdict(now: &Figures, was: &Figures, minutes: f64, before_minutes: f64) -> Verdict {
    // How many there would be had nothing changed.
    let expected_now = was.calls as f64 * minutes / before_minutes;
    let expected_before = now.calls as f64 * before_minutes / minutes;
    match (was.calls, now.calls) {
        (0, _) if expected_before >= EXPECTED_MIN => return Verdict::New,
        (_, 0) if expected_now >= EXPECTED_MIN => return Verdict::Gone,
        (0, _) | (_, 0) => return Verdict::Unclear,
        _ => {}
    }
    let calls = now.calls as f64;
    // Both counts are chance: that of now, and that of before scaled to the time of now.
    let spread = DEVIATIONS * (calls + expected_now * minutes / before_minutes).max(1.0).sqrt();
    let more = calls >= expected_now * RATIO && calls - expected_now >= spread;
    let less = calls <= expected_now / RATIO && expected_now - calls >= spread;
    let ratio = match (now.mean_us(), was.mean_us()) {
        (Some(now), Some(was)) if was > 0.0 => now / was,
        _ => 1.0,
    };
    let enough = now.calls >= CALLS_MIN && was.calls >= CALLS_MIN;
    match (enough && ratio >= RATIO, enough && ratio <= 1.0 / RATIO) {
        (true, _) if more => Verdict::SlowerAndMoreFrequent,
        (true, _) => Verdict::Slower,
        _ if more => Verdict::MoreFrequent,
        (_, true) => Verdict::Faster,
        _ if less => Verdict::LessFrequent,
        _ if enough => Verdict::Same,
        _ => Verdict::Unclear,
    }
}
