//! A query as the rows of an export add up to it.

use super::TOPS_MAX;
use crate::records::{Query, Spot, Top};
use std::collections::BTreeMap;
use std::sync::Arc;
use text::Raw;

/// A query as it adds up.
#[derive(Debug, Default)]
pub(super) struct Sum {
    pub(super) query: Query,
    pub(super) users: BTreeMap<Vec<u8>, (u64, u64)>,
    pub(super) databases: BTreeMap<Vec<u8>, (u64, u64)>,
    /// The total of the row whose place is kept as that of the longest.
    pub(super) top_us: u64,
}

/// What a row adds.
pub(super) struct Add {
    pub(super) calls: u64,
    pub(super) total_us: u64,
    pub(super) squares_us2: u128,
    pub(super) min_us: Option<u64>,
    pub(super) max_us: Option<u64>,
    pub(super) rows: Option<u64>,
    pub(super) rows_examined: Option<u64>,
    pub(super) lock_us: Option<u64>,
    pub(super) full_scans: Option<u64>,
    pub(super) tmp_disk_tables: Option<u64>,
    pub(super) first_at: Option<chrono::DateTime<chrono::Utc>>,
    pub(super) last_at: Option<chrono::DateTime<chrono::Utc>>,
    pub(super) user: Vec<u8>,
    pub(super) database: Vec<u8>,
    pub(super) line: u64,
}

impl Sum {
    /// Adds another query, to the row of others.
    pub(super) fn absorb(&mut self, other: Self) {
        if other.top_us > self.top_us {
            self.top_us = other.top_us;
        }
        for (mine, theirs) in
            [(&mut self.users, other.users), (&mut self.databases, other.databases)]
        {
            for (value, (calls, us)) in theirs {
                count(mine, value, calls, us);
            }
        }
        self.query.absorb(other.query);
    }

    pub(super) fn add(&mut self, add: Add, label: &Arc<str>) {
        let query = &mut self.query;
        let mean_us = add.total_us / add.calls.max(1);
        let min_us = add.min_us.unwrap_or(mean_us);
        let first = query.calls == 0 && query.first_place == Spot::default();
        query.min_us = if first { min_us } else { query.min_us.min(min_us) };
        query.max_us = query.max_us.max(add.max_us.unwrap_or(mean_us));
        query.calls = query.calls.saturating_add(add.calls);
        query.total_us = query.total_us.saturating_add(add.total_us);
        query.squares_us2 = query.squares_us2.saturating_add(add.squares_us2);
        let sum = |mine: &mut Option<u64>, other: Option<u64>| {
            if let Some(other) = other {
                *mine = Some(mine.unwrap_or(0).saturating_add(other));
            }
        };
        sum(&mut query.rows, add.rows);
        sum(&mut query.rows_examined, add.rows_examined);
        sum(&mut query.lock_us, add.lock_us);
        sum(&mut query.full_scans, add.full_scans);
        sum(&mut query.tmp_disk_tables, add.tmp_disk_tables);
        query.first_at = [query.first_at, add.first_at].into_iter().flatten().min();
        query.last_at = query.last_at.max(add.last_at);
        if first {
            query.first_place = Spot::line(label, add.line);
        }
        if first || add.total_us > self.top_us {
            self.top_us = add.total_us;
            query.max_place = Spot::line(label, add.line);
        }
        for (sums, value) in [(&mut self.users, add.user), (&mut self.databases, add.database)] {
            if !value.is_empty() {
                count(sums, value, add.calls, add.total_us);
            }
        }
    }

    pub(super) fn finish(self) -> Query {
        let tops = |sums: BTreeMap<Vec<u8>, (u64, u64)>| {
            Top::list(sums.into_iter().map(|(value, sum)| (Raw::from_bytes(&value), sum)), TOPS_MAX)
        };
        Query { users: tops(self.users), databases: tops(self.databases), ..self.query }
    }
}

/// Counts a value, if there is room for it.
fn count(sums: &mut BTreeMap<Vec<u8>, (u64, u64)>, value: Vec<u8>, calls: u64, total_us: u64) {
    if sums.len() < TOPS_MAX || sums.contains_key(&value) {
        let sum = sums.entry(value).or_default();
        sum.0 = sum.0.saturating_add(calls);
        sum.1 = sum.1.saturating_add(total_us);
    }
}
