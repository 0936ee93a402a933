//! Figures of a pooler over time.

use chrono::{DateTime, Utc};

/// What a pooler reported of a span of time, and what it logged of connections.
///
/// PgBouncer reports every minute (`stats_period`), of all its pools together. Figures are sums over
/// its reports: the mean is what [`PoolerMinute::mean`] gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolerMinute {
    /// Start of the span.
    pub minute: DateTime<Utc>,
    /// Its length in minutes.
    pub span_min: u32,
    /// Clients that logged in, where logins are logged.
    pub logins: u64,
    /// Connections that were opened to the database, where these are logged.
    pub server_connections: u64,
    /// Reports of figures.
    pub reports: u64,
    /// Of these, those that say how long clients waited.
    pub wait_reports: u64,
    /// Transactions a second, added up over the reports.
    pub transactions_per_s: u64,
    /// Statements a second, added up over the reports.
    pub queries_per_s: u64,
    /// Mean time of a transaction in microseconds, added up over the reports.
    pub transaction_us: u64,
    /// Mean time of a statement in microseconds, added up over the reports.
    pub query_us: u64,
    /// Time that clients waited for a connection to the database, in microseconds, added up over
    /// the reports: each is of a second until 1.22 (a million: one client waits at any time), and of
    /// a wait from 1.23 on.
    pub wait_us: u64,
    /// The longest of these.
    pub wait_max_us: u64,
}

impl PoolerMinute {
    /// The mean over `reports` of a figure that is added up; `None` without any.
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    pub fn mean(sum: u64, reports: u64) -> Option<f64> {
        (reports > 0).then(|| sum as f64 / reports as f64)
    }
}
