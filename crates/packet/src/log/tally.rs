//! Counts over time and of values, in bounded memory.

use super::TopMinute;
use chrono::{DateTime, TimeDelta, Utc};
use xxhash_rust::xxh3::xxh3_64;

/// Spans that are kept per value: enough to see a share change within a packet's usual window.
const SPANS_MAX: i64 = 64;

/// Values that are counted per field of a pattern: whatever has over 1/24 of the lines is found.
pub(super) const VALUES_MAX: usize = 24;

/// Cells of a minute that are kept per pattern: a week of them.
const CELLS_MAX: usize = 10_080;

/// A value longer than this is cut.
const VALUE_MAX: usize = 200;

/// Counts in spans of equal length on a grid that does not depend on where counting began.
///
/// The length is the smallest power of two of minutes at which all spans fit, so that joining
/// parts gives the same in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spans {
    /// log2 of the length in minutes.
    shift: u32,
    /// Span number (minutes since the epoch, shifted right) and lines, in order.
    cells: Vec<(i64, u64)>,
}

impl Spans {
    /// Counts of rows that were made by [`Self::rows`].
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a TopMinute> + Clone) -> Self {
        let shift =
            rows.clone().map(|row| row.width_min.max(1).trailing_zeros()).max().unwrap_or(0);
        let mut spans = Self { shift, cells: Vec::new() };
        for row in rows {
            spans.add(row.minute.timestamp().div_euclid(60), row.calls);
        }
        spans
    }

    /// Forgets everything.
    fn clear(&mut self) {
        self.shift = 0;
        self.cells.clear();
    }

    /// Adds lines of a minute since the epoch.
    pub(super) fn add(&mut self, minute: i64, calls: u64) {
        insert(&mut self.cells, minute >> self.shift, calls);
        while let (Some(first), Some(last)) = (self.cells.first(), self.cells.last())
            && last.0 - first.0 >= SPANS_MAX
        {
            self.shift += 1;
            halve(&mut self.cells);
        }
    }

    /// The spans as rows, in order of time.
    pub(super) fn rows(&self) -> Vec<TopMinute> {
        rows(&self.cells, self.shift)
    }
}

/// Lines of a pattern by minute.
#[derive(Clone, Debug, Default)]
pub(super) struct Minutes {
    shift: u32,
    cells: Vec<(i64, u64)>,
    /// The minute of the last line, and lines in it.
    current: (i64, u64),
    /// The most lines in a minute, and which.
    peak: (u64, i64),
}

impl Minutes {
    /// Adds a line; returns how many cells came or went.
    pub(super) fn add(&mut self, minute: i64, calls: u64) -> isize {
        let before = self.cells.len();
        self.current = match self.current {
            (at, count) if at == minute => (at, count + calls),
            _ => (minute, calls),
        };
        if self.current.1 > self.peak.0 {
            self.peak = (self.current.1, minute);
        }
        insert(&mut self.cells, minute >> self.shift, calls);
        while self.cells.len() > CELLS_MAX {
            self.coarsen();
        }
        self.cells.len() as isize - before as isize
    }

    /// Makes cells twice as long; returns how many are left.
    pub(super) fn coarsen(&mut self) -> usize {
        if self.shift < 20 {
            self.shift += 1;
            halve(&mut self.cells);
        }
        self.cells.len()
    }

    /// Adds all cells of another.
    pub(super) fn absorb(&mut self, other: &Self) {
        while self.shift < other.shift {
            self.shift += 1;
            halve(&mut self.cells);
        }
        for (cell, calls) in &other.cells {
            insert(&mut self.cells, (cell << other.shift) >> self.shift, *calls);
        }
        while self.cells.len() > CELLS_MAX {
            self.coarsen();
        }
        self.peak = self.peak.max(other.peak);
    }

    /// Cells.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether cells are longer than a minute.
    pub(super) fn is_coarse(&self) -> bool {
        self.shift > 0
    }

    /// The most lines in a minute and the first such minute. Exact while cells are minutes; else of
    /// lines in order of time.
    pub(super) fn peak(&self) -> (u64, i64) {
        if self.shift > 0 {
            return self.peak;
        }
        let mut peak = (0, 0);
        for (cell, calls) in &self.cells {
            if *calls > peak.0 {
                peak = (*calls, *cell);
            }
        }
        peak
    }

    /// The cells as rows, in order of time.
    pub(super) fn rows(&self) -> Vec<TopMinute> {
        rows(&self.cells, self.shift)
    }
}

fn rows(cells: &[(i64, u64)], shift: u32) -> Vec<TopMinute> {
    let row = |(cell, calls): &(i64, u64)| {
        let minute = minute_time(cell << shift)?;
        Some(TopMinute { minute, width_min: 1 << shift.min(31), calls: *calls })
    };
    cells.iter().filter_map(row).collect()
}

/// Adds to a cell; mostly the last one.
fn insert(cells: &mut Vec<(i64, u64)>, cell: i64, calls: u64) {
    match cells.last_mut() {
        Some((last, count)) if *last == cell => *count += calls,
        Some((last, _)) if *last > cell => match cells.binary_search_by_key(&cell, |c| c.0) {
            Ok(at) => {
                if let Some((_, count)) = cells.get_mut(at) {
                    *count += calls;
                }
            }
            Err(at) => cells.insert(at, (cell, calls)),
        },
        _ => cells.push((cell, calls)),
    }
}

/// Joins each two neighbours of the grid.
fn halve(cells: &mut Vec<(i64, u64)>) {
    for cell in cells.iter_mut() {
        cell.0 >>= 1;
    }
    cells.dedup_by(|later, first| {
        let same = later.0 == first.0;
        if same {
            first.1 += later.1;
        }
        same
    });
}

/// The time of a minute since the epoch.
pub(super) fn minute_time(minute: i64) -> Option<DateTime<Utc>> {
    DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::try_minutes(minute)?)
}

/// The frequent values of a field, by space-saving.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    /// Lines that had the field.
    pub(super) calls: u64,
    /// Hashes of the values, beside them so that a lookup scans little memory.
    hashes: Vec<u64>,
    /// Values.
    pub(super) counts: Vec<Count>,
    /// Whether a value found no place before there were [`VALUES_MAX`].
    cramped: bool,
}

/// A counted value.
#[derive(Clone, Debug, Default)]
pub(super) struct Count {
    /// The value, cut to [`VALUE_MAX`].
    pub(super) value: Vec<u8>,
    /// Lines, at most `error` too many.
    pub(super) calls: u64,
    /// How many too many.
    pub(super) error: u64,
    /// First and last time, in milliseconds.
    pub(super) span_ms: Option<(i64, i64)>,
    /// Lines over time.
    pub(super) spans: Spans,
}

impl Values {
    /// Counts a value; `room` is whether a place may be added. Returns whether one was.
    pub(super) fn add(&mut self, value: &[u8], at_ms: Option<i64>, room: bool) -> bool {
        let value = value.get(..VALUE_MAX).unwrap_or(value);
        self.calls += 1;
        let hash = xxh3_64(value);
        let before = self.hashes.len();
        let idx = match self.hashes.iter().position(|known| *known == hash) {
            Some(idx) => idx,
            None if before < VALUES_MAX && room => {
                self.hashes.push(hash);
                self.counts.push(Count { value: value.to_vec(), ..Count::default() });
                self.hashes.len() - 1
            }
            None => {
                self.cramped = true;
                self.replace(value, hash)
            }
        };
        let grown = self.hashes.len() > before;
        let Some(count) = self.counts.get_mut(idx) else { return grown };
        count.calls += 1;
        if let Some(ms) = at_ms {
            count.span_ms = Some(match count.span_ms {
                Some((first, last)) => (first.min(ms), last.max(ms)),
                None => (ms, ms),
            });
            count.spans.add(ms.div_euclid(60_000), 1);
        }
        grown
    }

    /// Gives the least frequent value's place to a new one.
    fn replace(&mut self, value: &[u8], hash: u64) -> usize {
        let mut idx = 0;
        let mut least = u64::MAX;
        for (at, count) in self.counts.iter().enumerate() {
            if count.calls < least {
                (idx, least) = (at, count.calls);
            }
        }
        if let (Some(slot), Some(count)) = (self.hashes.get_mut(idx), self.counts.get_mut(idx)) {
            *slot = hash;
            count.value.clear();
            count.value.extend_from_slice(value);
            count.error = count.calls;
            count.span_ms = None;
            count.spans.clear();
        }
        idx
    }

    /// A value that is not counted has at most so many lines.
    pub(super) fn unlisted_max(&self) -> u64 {
        if !self.cramped {
            return 0;
        }
        self.counts.iter().map(|count| count.calls).min().unwrap_or(self.calls)
    }

    /// The most frequent value; of equals the first in order of text.
    pub(super) fn most(&self) -> Option<&[u8]> {
        let by = |count: &&Count| (count.calls, std::cmp::Reverse(count.value.clone()));
        self.counts.iter().max_by_key(by).map(|count| count.value.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_over_a_fifth_of_the_lines_is_found_among_a_million_others() {
        let mut values = Values::default();
        for n in 0..100_000_u64 {
            if n % 5 == 0 {
                values.add(b"bot", Some(n as i64), true);
            } else {
                values.add(&n.to_le_bytes(), Some(n as i64), true);
            }
        }
        assert_eq!(values.most(), Some(&b"bot"[..]));
        let bot = values.counts.iter().find(|c| c.value == b"bot").unwrap();
        assert!(bot.calls - bot.error <= 20_000 && bot.calls >= 20_000);
        assert!(values.unlisted_max() <= 100_000 / VALUES_MAX as u64);
    }

    #[test]
    fn spans_of_parts_join_to_the_spans_of_the_whole() {
        let minutes: Vec<i64> = (0..500).map(|n| 29_000_000 + n * n % 700).collect();
        let mut whole = Spans::default();
        let mut parts = [Spans::default(), Spans::default(), Spans::default()];
        for (n, minute) in minutes.iter().enumerate() {
            whole.add(*minute, 1);
            parts[n % 3].add(*minute, 1);
        }
        let [a, b, c] = parts.map(|part| part.rows());
        assert_eq!(Spans::of(a.iter().chain(&b).chain(&c)).rows(), whole.rows());
        assert_eq!(Spans::of(c.iter().chain(&a).chain(&b)).rows(), whole.rows());
        assert_eq!(whole.rows().iter().map(|row| row.calls).sum::<u64>(), 500);
    }

    #[test]
    fn minutes_get_coarser_and_lose_nothing() {
        let mut minutes = Minutes::default();
        for n in 0..40_000 {
            minutes.add(n, 2);
        }
        assert!(minutes.is_coarse() && minutes.len() <= CELLS_MAX);
        assert_eq!(minutes.rows().iter().map(|row| row.calls).sum::<u64>(), 80_000);
        assert_eq!(minutes.peak(), (2, 0));
    }
}
