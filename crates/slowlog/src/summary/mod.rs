//! What one run over logs says: every query's figures, over all or in a window, what changed
//! against the rest of the time or another log, and how busy the database was.

mod change;
mod coverage;
mod figures;
mod group;
mod logging;
mod occurrences;

pub use change::{Change, Compared, Verdict};
pub use coverage::minutes_of;
pub use figures::Figures;
pub use group::{FURTHER, Group, Sort};
pub use logging::{DATABASES, HOSTINGS, SlowLogging, slow_logging};
pub use occurrences::{Occurrence, occurrences};

use crate::records::{LoadMinute, Query, SlowLog};
use change::Time;
use chrono::{DateTime, Utc};
use coverage::covered;
use figures::Collected;
use model::Window;

/// What is asked of a log.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The window that the figures are of; without one, all of the log.
    pub window: Option<Window>,
    /// What a row stands for; users, databases, applications and clients have to be asked for
    /// when the log is read ([`crate::Options::by`]), as filters have to be.
    pub group: Group,
    /// Which rows come first.
    pub sort: Sort,
}

/// One line of the answer: a query, or what it was grouped by.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The query's id, a table, a user, an application or the start of a minute. From the log
    /// for all but the first and the last.
    pub key: String,
    /// The query, where a row is one.
    pub query: Option<&'a Query>,
    /// The figures.
    pub figures: Figures,
    /// Its share of the time of all rows that were asked for, 0 to 1; `None` without time.
    pub share: Option<f64>,
    /// When the first was logged, in the whole log.
    pub first_at: Option<DateTime<Utc>>,
    /// When the last was logged, in the whole log.
    pub last_at: Option<DateTime<Utc>>,
    /// Against the rest of the time or the other log.
    pub change: Option<Change>,
}

/// How busy the database was with the statements that are asked for.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Statements that ran at once, on average: the sum of durations over the time that the log
    /// covers; `None` when it covers less than a minute.
    pub average: Option<f64>,
    /// The busiest spans, busiest first.
    pub busiest: Vec<LoadMinute>,
    /// All spans, by time.
    pub spans: Vec<LoadMinute>,
}

/// Spans that are named as the busiest.
const BUSIEST: usize = 3;

/// Minutes from which on an average over time says anything: one statement fills a second.
const MINUTES_MIN: f64 = 1.0;

/// The answer.
#[derive(Clone, Debug)]
pub struct Summary<'a> {
    /// The time that the figures are of, clipped to what the log covers; `None` when the log has
    /// no times.
    pub window: Option<Window>,
    /// How much of it the log covers, in minutes: gaps between files are left out.
    pub minutes: f64,
    /// Statements that were asked for.
    pub calls: u64,
    /// Their time, in microseconds.
    pub total_us: u64,
    /// How busy the database was.
    pub load: Load,
    /// What the figures were compared with.
    pub compared: Option<Compared>,
    /// The rows, sorted; all of them.
    pub rows: Vec<Row<'a>>,
    /// In which respects the answer is not exact, in our own words.
    pub approximations: Vec<String>,
}

/// Answers for a log, against the rest of its time where a window is asked for, or against
/// another log.
pub fn summarise<'a>(log: &'a SlowLog, baseline: Option<&'a SlowLog>, ask: &Ask) -> Summary<'a> {
    let whole = covered(log);
    let inside = match ask.window {
        Some(window) => coverage::within(&whole, window),
        None => whole.clone(),
    };
    let minutes = coverage::minutes(&inside);
    let span_min = log.minutes.iter().map(|minute| minute.span_min).max().unwrap_or(1);
    let mut approximations = Vec::new();

    let time = match ask.window {
        Some(window) => Time::Inside(window),
        None => Time::All,
    };
    let mut now = Collected::of(log, time, ask.group);
    if ask.window.is_some() && span_min > 1 {
        approximations.push(format!("the log is long: the window is exact to {span_min} minutes"));
    }
    let before = match (baseline, ask.window) {
        (Some(other), _) => Some((
            Collected::of(other, Time::All, ask.group),
            coverage::minutes(&covered(other)),
            true,
        )),
        (None, Some(window)) => Some((
            Collected::of(log, Time::Outside(window), ask.group),
            (coverage::minutes(&whole) - minutes).max(0.0),
            false,
        )),
        (None, None) => None,
    };
    let compared = before.and_then(|(before, before_minutes, other)| {
        change::compare(&mut now, before, minutes, before_minutes, other)
    });
    let total_us: u64 =
        now.rows.values().map(|row| row.figures.total_us).fold(0, u64::saturating_add);
    // A statement of two tables stands in two rows: the sum over statements is what counts.
    let (calls, all_us) = (now.calls, now.total_us);
    let mut rows: Vec<Row<'a>> = now.into_rows(if all_us > 0 { all_us } else { total_us });
    group::sort(&mut rows, ask.sort, ask.group);
    let load = load(log, ask, minutes);
    Summary {
        window: coverage::hull(&inside),
        minutes,
        calls,
        total_us: all_us,
        load,
        compared,
        rows,
        approximations,
    }
}

/// How busy it was, from what ran when.
fn load(log: &SlowLog, ask: &Ask, minutes: f64) -> Load {
    let spans: Vec<LoadMinute> = log
        .load
        .iter()
        .filter(|span| {
            ask.window.is_none_or(|window| coverage::holds(window, span.minute, span.span_min))
        })
        .cloned()
        .collect();
    let ran_us: u64 = spans.iter().map(|span| span.total_us).fold(0, u64::saturating_add);
    let mut busiest = spans.clone();
    busiest.sort_by(|a, b| {
        b.concurrency.total_cmp(&a.concurrency).then_with(|| a.minute.cmp(&b.minute))
    });
    busiest.truncate(BUSIEST);
    let average =
        (minutes >= MINUTES_MIN && !spans.is_empty()).then(|| ran_us as f64 / (minutes * 60e6));
    Load { average, busiest, spans }
}

#[cfg(test)]
mod tests;
