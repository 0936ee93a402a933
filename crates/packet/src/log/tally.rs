//! Counts over time and of values, in bounded memory.

use super::TopMinute;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Spans that are kept per value: enough to see a share change within a packet's usual window.
const SPANS_MAX: i64 = 64;

/// Counts in spans of equal length on a grid that does not depend on where counting began.
///
/// The length is the smallest power of two of minutes at which all spans fit, so that joining
/// parts gives the same in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spans {
    /// log2 of the length in minutes.
    shift: u32,
    /// Lines by span number (minutes since the epoch, shifted right).
    cells: BTreeMap<i64, u64>,
}

impl Spans {
    /// Counts of rows that were made by [`Self::rows`].
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a TopMinute> + Clone) -> Self {
        let shift =
            rows.clone().map(|row| row.width_min.max(1).trailing_zeros()).max().unwrap_or(0);
        let mut spans = Self { shift, cells: BTreeMap::new() };
        for row in rows {
            spans.add(row.minute.timestamp().div_euclid(60), row.calls);
        }
        spans
    }

    /// Adds lines of a minute since the epoch.
    pub(super) fn add(&mut self, minute: i64, calls: u64) {
        *self.cells.entry(minute >> self.shift).or_default() += calls;
        loop {
            let first = self.cells.first_key_value().map_or(0, |(cell, _)| *cell);
            let last = self.cells.last_key_value().map_or(0, |(cell, _)| *cell);
            if last - first < SPANS_MAX {
                return;
            }
            self.shift += 1;
            let cells = std::mem::take(&mut self.cells);
            for (cell, calls) in cells {
                *self.cells.entry(cell >> 1).or_default() += calls;
            }
        }
    }

    /// The spans as rows, in order of time.
    pub(super) fn rows(&self) -> Vec<TopMinute> {
        self.cells
            .iter()
            .filter_map(|(cell, calls)| {
                Some(TopMinute {
                    minute: minute_time(cell << self.shift)?,
                    width_min: 1_u32.checked_shl(self.shift).unwrap_or(1 << 31),
                    calls: *calls,
                })
            })
            .collect()
    }
}

/// The time of a minute since the epoch.
pub(super) fn minute_time(minute: i64) -> Option<DateTime<Utc>> {
    DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::try_minutes(minute)?)
}
