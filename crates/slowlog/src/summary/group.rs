//! What a row stands for, and which rows come first.

use super::{Figures, Row};
use crate::asked::Party;
use crate::records::{OTHER_ID, Query};
use std::cmp::{Ordering, Reverse};

/// What a row stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// A query without its literals.
    #[default]
    Fingerprint,
    /// A table; a statement counts in every table that it names.
    Table,
    /// A user.
    User,
    /// A database, or a schema of MySQL.
    Database,
    /// An application.
    Application,
    /// A client's host.
    Client,
    /// A minute, or a longer span where the log is long; a statement counts where it ended.
    Minute,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Fingerprint,
        Self::Table,
        Self::User,
        Self::Database,
        Self::Application,
        Self::Client,
        Self::Minute,
    ];

    /// By whom a log has to be read for it ([`crate::Options::by`]).
    pub fn party(self) -> Option<Party> {
        match self {
            Self::User => Some(Party::User),
            Self::Database => Some(Party::Database),
            Self::Application => Some(Party::Application),
            Self::Client => Some(Party::Client),
            Self::Fingerprint | Self::Table | Self::Minute => None,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fingerprint => "fingerprint",
            Self::Table => "table",
            Self::User => "user",
            Self::Database => "database",
            Self::Application => "application",
            Self::Client => "client",
            Self::Minute => "minute",
        }
    }
}

/// Which rows come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Most time.
    #[default]
    Total,
    /// Most calls.
    Calls,
    /// Longest on average.
    Mean,
    /// Highest 95th percentile.
    P95,
    /// Highest 99th percentile.
    P99,
    /// Longest single call.
    Max,
    /// Most rows examined, or sent where that is not logged.
    Rows,
    /// Largest change of time, up or down.
    Change,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Total,
        Self::Calls,
        Self::Mean,
        Self::P95,
        Self::P99,
        Self::Max,
        Self::Rows,
        Self::Change,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Calls => "calls",
            Self::Mean => "mean",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Max => "max",
            Self::Rows => "rows",
            Self::Change => "change",
        }
    }
}

/// What stands for a value that the log does not have.
const NONE: &str = "";

/// What the row of those is called that did not fit, where rows are no queries.
pub const FURTHER: &str = "(further)";

/// The rows in which a query counts.
pub(super) fn keys(group: Group, query: &Query) -> Vec<String> {
    match group {
        Group::Fingerprint => vec![query.fingerprint_id.to_string()],
        Group::Table if query.fingerprint_id == OTHER_ID => vec![FURTHER.to_owned()],
        Group::Table if query.tables.is_empty() => vec![NONE.to_owned()],
        Group::Table => query.tables.clone(),
        Group::User | Group::Database | Group::Application | Group::Client => {
            let is_further = query.fingerprint_id == OTHER_ID;
            vec![if is_further { FURTHER.to_owned() } else { query.fingerprint.clone() }]
        }
        Group::Minute => Vec::new(),
    }
}

/// Sorts rows; equal ones by time, then by key. Minutes are in order of time unless another order
/// is asked for.
pub(super) fn sort(rows: &mut [Row<'_>], sort: Sort, group: Group) {
    if group == Group::Minute && sort == Sort::Total {
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        return;
    }
    let high = |a: Option<f64>, b: Option<f64>| -> Ordering {
        b.unwrap_or(-1.0).total_cmp(&a.unwrap_or(-1.0))
    };
    let work_rows = |figures: &Figures| figures.work.rows_examined.or(figures.work.rows);
    rows.sort_by(|a, b| {
        let (x, y) = (&a.figures, &b.figures);
        let order = match sort {
            Sort::Total => Ordering::Equal,
            Sort::Calls => y.calls.cmp(&x.calls),
            Sort::Mean => high(x.mean_us(), y.mean_us()),
            Sort::P95 => y.quantile_us(0.95).cmp(&x.quantile_us(0.95)),
            Sort::P99 => y.quantile_us(0.99).cmp(&x.quantile_us(0.99)),
            Sort::Max => y.max_us.cmp(&x.max_us),
            Sort::Rows => work_rows(y).cmp(&work_rows(x)),
            Sort::Change => high(
                a.change.as_ref().map(|change| change.delta_load.abs()),
                b.change.as_ref().map(|change| change.delta_load.abs()),
            ),
        };
        order
            .then_with(|| Reverse(x.total_us).cmp(&Reverse(y.total_us)))
            .then_with(|| a.key.cmp(&b.key))
    });
}
