//! A query, how it ran, and its spans of time.

use super::{QueryId, Spot, Top};
use crate::fingerprint::{Engine, StatementKind};
use crate::histogram::Histogram;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use text::Raw;

/// The id of the row that holds what did not fit the budget of fingerprints.
pub const OTHER_ID: &str = "q:other";

/// A query with its literals taken out, and how it ran.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// `q:` and 12 hexadecimal digits; [`OTHER_ID`] for what did not fit.
    pub fingerprint_id: QueryId,
    /// The text without literals, cut at a budget.
    pub fingerprint: String,
    /// Which database ran it; `None` when both did.
    pub engine: Option<Engine>,
    /// What kind of statement.
    pub kind: StatementKind,
    /// The feature of Mattermost that it belongs to, if that is sure: `PostStore.Search`.
    pub store_method: Option<&'static str>,
    /// Executions that were logged.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
    /// The sum of squares, in square microseconds: for the standard deviation; 0 where it is not
    /// known, as in statistics of MySQL.
    pub squares_us2: u128,
    /// The shortest, in microseconds.
    pub min_us: u64,
    /// The longest, in microseconds.
    pub max_us: u64,
    /// All durations in microseconds, with an error below 1 %.
    pub durations: Histogram,
    /// Rows sent or returned, where the log says so.
    pub rows: Option<u64>,
    /// Rows examined, where the log says so.
    pub rows_examined: Option<u64>,
    /// Time in locks, in microseconds, where the log says so.
    pub lock_us: Option<u64>,
    /// Executions that read a whole table, where the log says so.
    pub full_scans: Option<u64>,
    /// Temporary tables on disk, where the log says so.
    pub tmp_disk_tables: Option<u64>,
    /// When the earliest began: the time of the log, which is its end, less its duration.
    pub started_at: Option<DateTime<Utc>>,
    /// When the first was logged.
    pub first_at: Option<DateTime<Utc>>,
    /// When the last was logged.
    pub last_at: Option<DateTime<Utc>>,
    /// Tables that it names, in lower case, sorted.
    pub tables: Vec<String>,
    /// Columns that it names, in lower case, sorted, with `, ` between them.
    pub columns: Box<str>,
    /// Users, most calls first.
    pub users: Vec<Top>,
    /// Databases, most calls first.
    pub databases: Vec<Top>,
    /// Whether it ran only in databases of other systems: see [`SlowLog::settle_owners`].
    ///
    /// [`SlowLog::settle_owners`]: crate::SlowLog::settle_owners
    pub foreign: bool,
    /// Applications, most calls first.
    pub applications: Vec<Top>,
    /// Client hosts, most calls first.
    pub clients: Vec<Top>,
    /// The text of the longest with its literals, where they were asked for: see
    /// [`Query::sample_text`].
    pub sample: Option<Raw>,
    /// Where the first stands.
    pub first_place: Spot,
    /// Where the longest stands.
    pub max_place: Spot,
    /// Whether the text was cut in the log or by the budget.
    pub truncated: bool,
}

impl Query {
    /// The text of the longest; literals taken out unless they were asked for.
    pub fn sample_text(&self) -> Cow<'_, Raw> {
        match &self.sample {
            Some(sample) => Cow::Borrowed(sample),
            None => Cow::Owned(Raw::new(self.fingerprint.as_str())),
        }
    }

    /// The lists of frequent values beside it.
    pub(crate) fn tops_mut(&mut self) -> [&mut Vec<Top>; 4] {
        [&mut self.users, &mut self.databases, &mut self.applications, &mut self.clients]
    }

    /// The mean duration in microseconds; 0 without calls.
    pub fn mean_us(&self) -> f64 {
        if self.calls == 0 { 0.0 } else { self.total_us as f64 / self.calls as f64 }
    }

    /// Whether the sum of squares is known: of durations above 0 it is above 0.
    pub(crate) fn has_squares(&self) -> bool {
        self.squares_us2 > 0 || self.total_us == 0
    }

    /// The standard deviation of the durations in microseconds; `None` without calls, and where it
    /// is not known.
    pub fn stddev_us(&self) -> Option<f64> {
        let mean = self.mean_us();
        let variance = || self.squares_us2 as f64 / self.calls as f64 - mean * mean;
        (self.calls > 0 && self.has_squares()).then(|| variance().max(0.0).sqrt())
    }

    /// The duration in microseconds below which the share `q` (0 to 1) of the calls lies; never
    /// outside `min_us` to `max_us`.
    pub fn quantile_us(&self, q: f64) -> u64 {
        self.durations.quantile(q).clamp(self.min_us.min(self.max_us), self.max_us)
    }
}

/// A fingerprint in a span of time. A call counts where it was logged, which is its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryMinute {
    /// The query's id.
    pub fingerprint_id: QueryId,
    /// Start of the span.
    pub minute: DateTime<Utc>,
    /// Its length in minutes: 1, or more where the budget was met.
    pub span_min: u32,
    /// Calls.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
    /// The longest, in microseconds.
    pub max_us: u64,
    /// All durations, in microseconds.
    pub durations: Histogram,
    /// What the statements did, where the log says so.
    pub work: Option<Box<Work>>,
}

/// What statements did besides taking time; `None` where the log does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Rows sent or returned.
    pub rows: Option<u64>,
    /// Rows examined.
    pub rows_examined: Option<u64>,
    /// Time in locks, in microseconds.
    pub lock_us: Option<u64>,
    /// Executions that read a whole table.
    pub full_scans: Option<u64>,
    /// Temporary tables on disk.
    pub tmp_disk_tables: Option<u64>,
}

impl Work {
    /// Adds the work of a statement that stands for `weight` of its kind.
    pub fn add(&mut self, other: &Self, weight: u64) {
        let add = |sum: &mut Option<u64>, value: Option<u64>| {
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or(0).saturating_add(value.saturating_mul(weight)));
            }
        };
        add(&mut self.rows, other.rows);
        add(&mut self.rows_examined, other.rows_examined);
        add(&mut self.lock_us, other.lock_us);
        add(&mut self.full_scans, other.full_scans);
        add(&mut self.tmp_disk_tables, other.tmp_disk_tables);
    }

    /// Whether the log says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A fingerprint within a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryWindow {
    /// The query's id.
    pub fingerprint_id: QueryId,
    /// Calls.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
    /// The longest, in microseconds.
    pub max_us: u64,
    /// Mean, in microseconds; `None` without calls.
    pub mean_us: Option<f64>,
    /// The 95th percentile, in microseconds; `None` without calls.
    pub p95_us: Option<u64>,
    /// Its share of the time of all queries in the window, 0 to 1; `None` without any.
    pub share: Option<f64>,
}
