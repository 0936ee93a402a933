//! Counts over time of several logs as one: of one length, within one budget.

use crate::records::{ConnectionMinute, EventMinute, LoadMinute, PoolerMinute, QueryMinute, Work};
use crate::spans::coarser;
use chrono::{DateTime, Utc};
use std::cmp::Ordering;

/// Bytes of the spans of queries that are kept in all.
const MINUTES_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Spans of events, of connections, of load and of a pooler's figures that are kept in all, each.
const CELLS_MAX: usize = 60_000;

/// Something that counts within a span of time.
pub(crate) trait Cell: Sized {
    /// The order by what it counts, besides when.
    fn order(&self, other: &Self) -> Ordering;
    fn when(&self) -> (DateTime<Utc>, u32);
    fn put(&mut self, minute: DateTime<Utc>, span_min: u32);
    fn add(&mut self, other: &Self);
    /// Whether so many of them are too many.
    fn too_many(cells: &[Self], more: &[Self]) -> bool {
        cells.len() + more.len() > CELLS_MAX
    }
}

/// When a cell is: each has its minute and its span in the same fields.
macro_rules! in_span {
    () => {
        fn when(&self) -> (DateTime<Utc>, u32) {
            (self.minute, self.span_min)
        }
        fn put(&mut self, minute: DateTime<Utc>, span_min: u32) {
            (self.minute, self.span_min) = (minute, span_min);
        }
    };
}

impl Cell for QueryMinute {
    fn order(&self, other: &Self) -> Ordering {
        self.fingerprint_id.cmp(&other.fingerprint_id)
    }
    in_span!();
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.max_us = self.max_us.max(other.max_us);
        self.durations.merge(&other.durations);
        if let Some(work) = &other.work {
            self.work.get_or_insert_default().add(work, 1);
        }
    }
    fn too_many(cells: &[Self], more: &[Self]) -> bool {
        let bytes = |cell: &Self| {
            let work = if cell.work.is_some() { size_of::<Work>() } else { 0 };
            size_of::<Self>() + cell.durations.heap_bytes() + work
        };
        cells.iter().chain(more).map(bytes).sum::<usize>() > MINUTES_BYTES_MAX
    }
}

impl Cell for EventMinute {
    fn order(&self, other: &Self) -> Ordering {
        (self.class, &self.cause, self.foreign, &self.database).cmp(&(
            other.class,
            &other.cause,
            other.foreign,
            &other.database,
        ))
    }
    in_span!();
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
    }
}

impl Cell for ConnectionMinute {
    fn order(&self, other: &Self) -> Ordering {
        let who = |it: &Self| [&it.user, &it.database, &it.application, &it.host].map(Clone::clone);
        who(self).cmp(&who(other))
    }
    in_span!();
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
    }
}

impl Cell for LoadMinute {
    fn order(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
    in_span!();
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
    }
}

impl Cell for PoolerMinute {
    fn order(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
    in_span!();
    fn add(&mut self, other: &Self) {
        self.logins += other.logins;
        self.server_connections += other.server_connections;
        self.reports += other.reports;
        self.wait_reports += other.wait_reports;
        for (mine, theirs) in [
            (&mut self.transactions_per_s, other.transactions_per_s),
            (&mut self.queries_per_s, other.queries_per_s),
            (&mut self.transaction_us, other.transaction_us),
            (&mut self.query_us, other.query_us),
            (&mut self.wait_us, other.wait_us),
        ] {
            *mine = mine.saturating_add(theirs);
        }
        self.wait_max_us = self.wait_max_us.max(other.wait_max_us);
    }
}

/// The start of the span of `span_min` minutes in which `at` lies.
fn floor(at: DateTime<Utc>, span_min: u32) -> DateTime<Utc> {
    let span_s = i64::from(span_min.max(1)) * 60;
    DateTime::from_timestamp(at.timestamp().div_euclid(span_s) * span_s, 0).unwrap_or(at)
}

/// Adds up cells that have become the same.
pub(crate) fn settled<C: Cell>(cells: &mut Vec<C>) {
    let span_min = cells.iter().map(|cell| cell.when().1).max().unwrap_or(1);
    settle(cells, span_min);
}

/// Adds up cells where they stand: of one length, the longest that any has or that the budget asks
/// for, by what they count and then by time. Gives the length in minutes.
///
/// Those that both have are added before the rest is appended: two full lists never stand beside
/// their sum.
pub(super) fn add<C: Cell>(mine: &mut Vec<C>, mut theirs: Vec<C>) -> u32 {
    let longest = |cells: &[C]| cells.iter().map(|cell| cell.when().1).max().unwrap_or(1);
    let mut span_min = longest(mine).max(longest(&theirs));
    settle(mine, span_min);
    settle(&mut theirs, span_min);
    absorb(mine, &mut theirs);
    // What is left is of no cell of mine, so the sum is as large as both.
    while C::too_many(mine, &theirs)
        && let Some(longer) = i32::try_from(span_min).ok().and_then(coarser)
    {
        span_min = longer.unsigned_abs();
        settle(mine, span_min);
        settle(&mut theirs, span_min);
        absorb(mine, &mut theirs);
    }
    mine.shrink_to_fit();
    mine.reserve_exact(theirs.len());
    mine.append(&mut theirs);
    mine.sort_unstable_by(in_order);
    span_min
}

fn in_order<C: Cell>(a: &C, b: &C) -> Ordering {
    a.order(b).then_with(|| a.when().0.cmp(&b.when().0))
}

/// Brings cells to spans of one length, in order, each once.
fn settle<C: Cell>(cells: &mut Vec<C>, span_min: u32) {
    for cell in cells.iter_mut() {
        cell.put(floor(cell.when().0, span_min), span_min);
    }
    cells.sort_unstable_by(in_order);
    cells.dedup_by(|later, kept| {
        let same = in_order(later, kept).is_eq();
        if same {
            kept.add(later);
        }
        same
    });
}

/// Adds those of `theirs` that `mine` has too; the others stay. Both are in order.
fn absorb<C: Cell>(mine: &mut [C], theirs: &mut Vec<C>) {
    let mut rest = mine.iter_mut().peekable();
    theirs.retain(|cell| {
        while rest.next_if(|kept| in_order::<C>(kept, cell).is_lt()).is_some() {}
        match rest.peek_mut() {
            Some(kept) if in_order::<C>(kept, cell).is_eq() => {
                kept.add(cell);
                false
            }
            _ => true,
        }
    });
}
