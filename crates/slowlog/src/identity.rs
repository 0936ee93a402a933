//! Which events a source holds, in little memory: so that the same ones, given twice, are noticed.
//!
//! People send the same log as a file and packed, rotated files that overlap, and what one server
//! wrote as text and as CSV. Each event is a number, made of its time, process, duration and text;
//! a source keeps how many there are, their sum, the lowest of them, its first and its last.

use std::collections::{BTreeSet, BinaryHeap, VecDeque};

/// The lowest numbers that are kept: of two sources they tell how much they share, to about 3 % of
/// the larger.
const LOWEST_MAX: usize = 1_024;
/// Numbers at each end of a source that are kept: rotated files overlap there.
const ENDS_MAX: usize = 128;
/// Shared samples from which on they tell the size of an overlap.
const SAMPLES_MIN: f64 = 8.0;
/// Shared numbers from which on two sources are said to overlap: fewer may be chance.
const SHARED_MIN: u64 = 3;

/// The events of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    n: u64,
    sum: u64,
    lowest: Vec<u64>,
    first: Vec<u64>,
    last: Vec<u64>,
    /// Whether times or processes are too coarse to tell one event from another.
    is_coarse: bool,
}

/// Events as they come in.
#[derive(Debug, Default)]
pub(crate) struct Events {
    n: u64,
    sum: u64,
    lowest: BinaryHeap<u64>,
    first: Vec<u64>,
    last: VecDeque<u64>,
    is_fine: bool,
}

/// Mixes a number into another.
fn mixed(hash: u64, value: u64) -> u64 {
    let mut x = (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ x >> 32
}

impl Events {
    /// Adds an event: when, in microseconds; of which process; how long it took; what it was.
    pub(crate) fn add(&mut self, at_us: i64, pid: u32, us: u64, what: u64) {
        // Text logs have thousandths at best.
        let at_ms = at_us.div_euclid(1_000);
        self.is_fine |= pid != 0 || at_ms % 1_000 != 0;
        let hash = [at_ms.cast_unsigned(), u64::from(pid), us, what].into_iter().fold(1, mixed);
        self.n += 1;
        self.sum = self.sum.wrapping_add(hash);
        if self.lowest.len() < LOWEST_MAX {
            self.lowest.push(hash);
        } else if self.lowest.peek().is_some_and(|highest| hash < *highest) {
            self.lowest.pop();
            self.lowest.push(hash);
        }
        if self.first.len() < ENDS_MAX {
            self.first.push(hash);
        }
        if self.last.len() >= ENDS_MAX {
            self.last.pop_front();
        }
        self.last.push_back(hash);
    }

    /// These, or others where there are none. What one server writes in two formats differs in a
    /// few messages; its statements are the same.
    pub(crate) fn or(self, others: Self) -> Self {
        if self.n > 0 { self } else { others }
    }

    pub(crate) fn finish(self) -> Identity {
        let mut lowest = self.lowest.into_sorted_vec();
        lowest.dedup();
        Identity {
            n: self.n,
            sum: self.sum,
            lowest,
            first: self.first,
            last: self.last.into(),
            is_coarse: !self.is_fine,
        }
    }
}

/// What two sources share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shared {
    Nothing,
    /// Every event of either is in the other.
    All,
    /// About so many.
    Some(u64),
}

impl Identity {
    /// What this and another share.
    pub(crate) fn shared(&self, other: &Self) -> Shared {
        if self.n == 0 || other.n == 0 {
            return Shared::Nothing;
        }
        if (self.n, self.sum) == (other.n, other.sum) && self.lowest == other.lowest {
            return Shared::All;
        }
        // Below this, both have all their numbers.
        let known_to = |it: &Self| {
            let is_whole = it.n as usize <= LOWEST_MAX;
            it.lowest.last().copied().filter(|_| !is_whole).unwrap_or(u64::MAX)
        };
        let to = known_to(self).min(known_to(other));
        let mine: BTreeSet<u64> = self.lowest.iter().copied().filter(|it| *it <= to).collect();
        let both = other.lowest.iter().filter(|it| mine.contains(it)).count() as f64;
        let of_all = both * (u64::MAX as f64 / to.max(1) as f64);
        let at_ends = ends(&self.last, &other.first).max(ends(&other.last, &self.first));
        // A short overlap stands at the ends as a whole; a handful of samples say less.
        let is_short = (1..ENDS_MAX as u64).contains(&at_ends) && both < SAMPLES_MIN;
        let found = if is_short { at_ends } else { at_ends.max(of_all.round() as u64) };
        let found = found.min(self.n).min(other.n);
        let coarse = self.is_coarse || other.is_coarse;
        let enough = if coarse { self.n.min(other.n).div_ceil(2) } else { 0 };
        if found >= SHARED_MIN.max(enough) { Shared::Some(found) } else { Shared::Nothing }
    }
}

/// How many numbers two ends share.
fn ends(one: &[u64], other: &[u64]) -> u64 {
    let one: BTreeSet<&u64> = one.iter().collect();
    other.iter().filter(|it| one.contains(it)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(events: impl Iterator<Item = u64>) -> Identity {
        let mut out = Events::default();
        for event in events {
            out.add(event.cast_signed() * 1_000_007, 7, event, 1);
        }
        out.finish()
    }

    #[test]
    fn the_same_events_are_the_same_in_any_order_and_others_are_not() {
        assert_eq!(of(0..5_000).shared(&of((0..5_000).rev())), Shared::All);
        assert_eq!(of(0..5_000).shared(&of(5_000..10_000)), Shared::Nothing);
        assert_eq!(of(0..0).shared(&of(0..0)), Shared::Nothing);
    }

    #[test]
    fn a_short_overlap_of_rotated_files_is_found() {
        assert_eq!(of(0..100_000).shared(&of(99_980..200_000)), Shared::Some(20));
        assert_eq!(of(0..60).shared(&of(50..100)), Shared::Some(10));
    }

    proptest! {
        #[test]
        fn the_size_of_an_overlap_is_about_right(n in 3_000u64..60_000, percent in 10u64..100) {
            let overlap = n * percent / 100;
            let found = of(0..n).shared(&of(n - overlap..2 * n - overlap));
            let Shared::Some(found) = found else { panic!("{found:?}") };
            let off = found.abs_diff(overlap) as f64;
            prop_assert!(off < overlap as f64 * 0.5 + n as f64 * 0.03, "{found} for {overlap} of {n}");
        }
    }
}
