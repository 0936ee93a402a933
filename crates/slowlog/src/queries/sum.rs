//! One query as it adds up, and its spans of time.

use super::parties::{Parties, Room, Who};
use super::{Execution, NO_CELL};
use crate::histogram::Histogram;
use crate::records::Work;
use crate::spans::span_of;

/// A span of time of a query.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) cell: i32,
    pub(super) calls: u64,
    pub(super) total_us: u64,
    pub(super) max_us: u64,
    pub(super) durations: Histogram,
    /// `None` where the log says nothing of it.
    pub(super) work: Option<Box<Work>>,
}

impl Cell {
    fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.max_us = self.max_us.max(other.max_us);
        self.durations.merge(&other.durations);
        self.work_of(other.work.as_deref(), 1);
    }

    fn work_of(&mut self, work: Option<&Work>, weight: u64) {
        if let Some(work) = work.filter(|work| !work.is_empty()) {
            self.work.get_or_insert_default().add(work, weight);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let work = if self.work.is_some() { size_of::<Work>() } else { 0 };
        size_of::<Self>() + self.durations.heap_bytes() + work
    }
}

/// A query as it adds up.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    pub(super) calls: u64,
    pub(super) total_us: u64,
    pub(super) squares_us2: u128,
    pub(super) min_us: u64,
    pub(super) max_us: u64,
    /// When the earliest began.
    pub(super) start_us: Option<i64>,
    pub(super) first_us: Option<i64>,
    pub(super) last_us: Option<i64>,
    pub(super) first_line: u64,
    pub(super) max_line: u64,
    pub(super) who: Who,
    pub(super) cells: Vec<Cell>,
    pub(super) work: Work,
}

impl Sum {
    /// Adds an execution; how many bytes that took.
    pub(super) fn add(
        &mut self,
        execution: &Execution,
        span: i32,
        parties: &Parties,
        room: &mut Room,
    ) -> usize {
        let Execution { us, weight, line, at_us, work, ctx } = *execution;
        self.who.add((ctx, weight, us.saturating_mul(weight)), parties, room);
        if self.calls == 0 {
            self.min_us = u64::MAX;
            self.first_line = line;
        }
        if self.calls == 0 || (us, std::cmp::Reverse(line)) > self.longest() {
            self.max_us = us;
            self.max_line = line;
        }
        self.first_line = self.first_line.min(line);
        let time_us = us.saturating_mul(weight);
        self.calls += weight;
        self.total_us = self.total_us.saturating_add(time_us);
        self.squares_us2 = self
            .squares_us2
            .saturating_add((u128::from(us) * u128::from(us)).saturating_mul(u128::from(weight)));
        self.min_us = self.min_us.min(us);
        if let Some(at_us) = at_us {
            let start_us = at_us.saturating_sub_unsigned(us);
            self.start_us = Some(self.start_us.map_or(start_us, |start| start.min(start_us)));
            self.first_us = Some(self.first_us.map_or(at_us, |first| first.min(at_us)));
            self.last_us = Some(self.last_us.map_or(at_us, |last| last.max(at_us)));
        }
        self.work.add(&work, weight);
        self.count_cell(at_us, span, us, weight, &work)
    }

    /// What decides which execution was the longest: among equals the first.
    fn longest(&self) -> (u64, std::cmp::Reverse<u64>) {
        (self.max_us, std::cmp::Reverse(self.max_line))
    }

    fn count_cell(
        &mut self,
        at_us: Option<i64>,
        span: i32,
        us: u64,
        weight: u64,
        work: &Work,
    ) -> usize {
        let number = at_us.map_or(NO_CELL, |at_us| span_of(at_us, span));
        let (cell, mut bytes) = self.cell(number);
        let before = cell.durations.heap_bytes();
        cell.calls += weight;
        cell.total_us = cell.total_us.saturating_add(us.saturating_mul(weight));
        cell.max_us = cell.max_us.max(us);
        if cell.durations.add_many(us, weight) {
            bytes += cell.durations.heap_bytes().saturating_sub(before);
        }
        if !work.is_empty() && cell.work.is_none() {
            bytes += size_of::<Work>();
        }
        cell.work_of(Some(work), weight);
        bytes
    }

    /// The cell of a span, and how many bytes it took to make it.
    fn cell(&mut self, number: i32) -> (&mut Cell, usize) {
        let at = match self.cells.last() {
            Some(last) if last.cell == number => self.cells.len() - 1,
            Some(last) if last.cell > number => {
                self.cells.partition_point(|kept| kept.cell < number)
            }
            _ => self.cells.len(),
        };
        let is_new = self.cells.get(at).is_none_or(|kept| kept.cell != number);
        if is_new {
            if self.cells.len() == self.cells.capacity() {
                self.cells.reserve_exact(2 + self.cells.len() / 4);
            }
            self.cells.insert(at, Cell { cell: number, ..Cell::default() });
        }
        #[expect(clippy::indexing_slicing, reason = "it is there: found or inserted above")]
        (&mut self.cells[at], if is_new { size_of::<Cell>() } else { 0 })
    }

    /// Makes spans `factor` times as long; how many bytes the cells take then.
    pub(super) fn coarsen(&mut self, factor: i32) -> usize {
        let mut cells: Vec<Cell> = Vec::new();
        for mut cell in std::mem::take(&mut self.cells) {
            if cell.cell != NO_CELL {
                cell.cell = cell.cell.div_euclid(factor);
            }
            match cells.last_mut() {
                Some(last) if last.cell == cell.cell => last.merge(&cell),
                _ => cells.push(cell),
            }
        }
        cells.shrink_to_fit();
        self.cells = cells;
        self.bytes()
    }

    /// Bytes of its cells.
    pub(super) fn bytes(&self) -> usize {
        self.cells.iter().map(Cell::bytes).sum()
    }

    /// Adds everything of another.
    pub(super) fn absorb(&mut self, other: Self, parties: &Parties, room: &mut Room) {
        if other.calls == 0 {
            return;
        }
        if self.calls == 0 {
            self.min_us = u64::MAX;
            self.first_line = other.first_line;
        }
        self.first_line = self.first_line.min(other.first_line);
        if self.calls == 0 || other.longest() > self.longest() {
            self.max_us = other.max_us;
            self.max_line = other.max_line;
        }
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.squares_us2 = self.squares_us2.saturating_add(other.squares_us2);
        self.min_us = self.min_us.min(other.min_us);
        self.start_us = [self.start_us, other.start_us].into_iter().flatten().min();
        self.first_us = [self.first_us, other.first_us].into_iter().flatten().min();
        self.last_us = self.last_us.max(other.last_us);
        self.work.add(&other.work, 1);
        self.who.absorb(other.who, parties, room);
        for cell in other.cells {
            let (kept, _) = self.cell(cell.cell);
            kept.merge(&cell);
        }
    }
}
