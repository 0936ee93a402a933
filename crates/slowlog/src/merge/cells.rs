//! Counts over time of several logs as one: of one length, within one budget.

use crate::records::{ConnectionMinute, EventMinute, LoadMinute, QueryMinute, Work};
use crate::spans::coarser;
use chrono::{DateTime, Utc};
use std::cmp::Ordering;

/// Bytes of the spans of queries that are kept in all.
const MINUTES_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Spans of events, of connections and of load that are kept in all, each.
const CELLS_MAX: usize = 60_000;

/// Something that counts within a span of time.
pub(super) trait Cell: Sized {
    /// The order by what it counts, besides when.
    fn order(&self, other: &Self) -> Ordering;
    fn when(&self) -> (DateTime<Utc>, u32);
    fn put(&mut self, minute: DateTime<Utc>, span_min: u32);
    fn add(&mut self, other: &Self);
    /// Whether so many of them are too many.
    fn too_many(cells: &[Self]) -> bool {
        cells.len() > CELLS_MAX
    }
}

impl Cell for QueryMinute {
    fn order(&self, other: &Self) -> Ordering {
        self.fingerprint_id.cmp(&other.fingerprint_id)
    }
    fn when(&self) -> (DateTime<Utc>, u32) {
        (self.minute, self.span_min)
    }
    fn put(&mut self, minute: DateTime<Utc>, span_min: u32) {
        (self.minute, self.span_min) = (minute, span_min);
    }
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.max_us = self.max_us.max(other.max_us);
        self.durations.merge(&other.durations);
        if let Some(work) = &other.work {
            self.work.get_or_insert_default().add(work, 1);
        }
    }
    fn too_many(cells: &[Self]) -> bool {
        let bytes = |cell: &Self| {
            let work = if cell.work.is_some() { size_of::<Work>() } else { 0 };
            size_of::<Self>() + cell.durations.heap_bytes() + work
        };
        cells.iter().map(bytes).sum::<usize>() > MINUTES_BYTES_MAX
    }
}

impl Cell for EventMinute {
    fn order(&self, other: &Self) -> Ordering {
        (self.class, &self.cause).cmp(&(other.class, &other.cause))
    }
    fn when(&self) -> (DateTime<Utc>, u32) {
        (self.minute, self.span_min)
    }
    fn put(&mut self, minute: DateTime<Utc>, span_min: u32) {
        (self.minute, self.span_min) = (minute, span_min);
    }
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
    }
}

impl Cell for ConnectionMinute {
    fn order(&self, other: &Self) -> Ordering {
        let who = |it: &Self| [&it.user, &it.database, &it.application, &it.host].map(Clone::clone);
        who(self).cmp(&who(other))
    }
    fn when(&self) -> (DateTime<Utc>, u32) {
        (self.minute, self.span_min)
    }
    fn put(&mut self, minute: DateTime<Utc>, span_min: u32) {
        (self.minute, self.span_min) = (minute, span_min);
    }
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
    }
}

impl Cell for LoadMinute {
    fn order(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
    fn when(&self) -> (DateTime<Utc>, u32) {
        (self.minute, self.span_min)
    }
    fn put(&mut self, minute: DateTime<Utc>, span_min: u32) {
        (self.minute, self.span_min) = (minute, span_min);
    }
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
    }
}

/// The start of the span of `span_min` minutes in which `at` lies.
fn floor(at: DateTime<Utc>, span_min: u32) -> DateTime<Utc> {
    let span_s = i64::from(span_min.max(1)) * 60;
    DateTime::from_timestamp(at.timestamp().div_euclid(span_s) * span_s, 0).unwrap_or(at)
}

/// Adds up cells where they stand: of one length, the longest that any has or that the budget asks
/// for, by what they count and then by time. Gives the length in minutes if the budget was met.
pub(super) fn add<C: Cell>(mine: &mut Vec<C>, theirs: Vec<C>) -> Option<u32> {
    mine.reserve_exact(theirs.len());
    mine.extend(theirs);
    let mut span_min = mine.iter().map(|cell| cell.when().1).max().unwrap_or(1);
    let mut met = None;
    loop {
        for cell in mine.iter_mut() {
            cell.put(floor(cell.when().0, span_min), span_min);
        }
        mine.sort_unstable_by(|a, b| a.order(b).then_with(|| a.when().0.cmp(&b.when().0)));
        mine.dedup_by(|later, kept| {
            let same = later.when().0 == kept.when().0 && later.order(kept).is_eq();
            if same {
                kept.add(later);
            }
            same
        });
        match i32::try_from(span_min).ok().and_then(coarser) {
            Some(longer) if C::too_many(mine) => {
                span_min = longer.unsigned_abs();
                met = Some(span_min);
            }
            _ => break,
        }
    }
    mine.shrink_to_fit();
    met
}
