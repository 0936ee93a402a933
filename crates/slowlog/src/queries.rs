//! Queries as they add up: by fingerprint, in spans of time, within a budget.

use crate::fingerprint::{Fingerprint, FingerprintId};
use crate::histogram::Histogram;
use crate::records::{OTHER_ID, Query, QueryMinute, Top};
use crate::shapes::{Map, TEXT_MAX, weight};
use crate::spans::{coarser, moment, span_of, start_of};
use model::Place;
use std::sync::Arc;
use text::Raw;

/// Fingerprints that are kept: a Mattermost server with plugins has below 2,000.
pub(crate) const QUERIES_MAX: usize = 10_000;
/// Fingerprints above the budget that are kept until the next look, so that looks are rare.
const SLACK: usize = 1_000;
/// Bytes of cells and their histograms.
const CELLS_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Bytes of the texts of fingerprints.
const TEXTS_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Longest text that is kept once the texts' budget is met.
const SHORT_TEXT_MAX: usize = 200;
/// Contexts (user, database, application, host) that are counted beside a query.
const CONTEXTS_MAX: usize = 16;
/// The cell of executions without a time.
const NO_CELL: i32 = i32::MIN;

/// One execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Execution {
    /// When it was logged, in microseconds since the epoch; `None` when the log does not say.
    pub(crate) at_us: Option<i64>,
    /// How long it took, in microseconds.
    pub(crate) us: u64,
    /// Number of the context.
    pub(crate) ctx: u32,
    /// Line in the source, from 1.
    pub(crate) line: u64,
    /// How many executions it stands for, in a sampled log; at least 1.
    pub(crate) weight: u64,
}

/// A span of time of a query.
#[derive(Clone, Debug, Default)]
struct Cell {
    cell: i32,
    calls: u64,
    total_us: u64,
    max_us: u64,
    durations: Histogram,
}

impl Cell {
    fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.max_us = self.max_us.max(other.max_us);
        self.durations.merge(&other.durations);
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + 8 * self.durations.len()
    }
}

/// A query as it adds up.
#[derive(Clone, Debug, Default)]
struct Sum {
    fingerprint: Arc<Fingerprint>,
    calls: u64,
    total_us: u64,
    squares_us2: u128,
    min_us: u64,
    max_us: u64,
    first_us: Option<i64>,
    last_us: Option<i64>,
    first_line: u64,
    max_line: u64,
    contexts: Vec<(u32, u64, u64)>,
    cells: Vec<Cell>,
    sample: Vec<u8>,
    sample_us: u64,
}

/// All queries of a source.
pub(crate) struct Queries {
    sums: Vec<Sum>,
    ids: Map<FingerprintId, u32>,
    other: Sum,
    span: i32,
    bytes: usize,
    text_bytes: usize,
    /// Whether some queries did not fit.
    pub(crate) overflowed: bool,
    /// Whether texts were cut to fit.
    pub(crate) texts_cut: bool,
}

impl Queries {
    /// No queries.
    pub(crate) fn new() -> Self {
        Self {
            sums: Vec::new(),
            ids: Map::default(),
            other: Sum::default(),
            span: 1,
            bytes: 0,
            text_bytes: 0,
            overflowed: false,
            texts_cut: false,
        }
    }

    /// The number of a fingerprint; holds until [`Queries::settle`].
    pub(crate) fn number(&mut self, fingerprint: &Arc<Fingerprint>) -> u32 {
        if let Some(number) = self.ids.get(&fingerprint.id) {
            return *number;
        }
        let number = u32::try_from(self.sums.len()).unwrap_or(u32::MAX);
        let mut kept = Arc::clone(fingerprint);
        if self.text_bytes > TEXTS_BYTES_MAX && kept.text.len() > SHORT_TEXT_MAX {
            let mut short = (**fingerprint).clone();
            short.text.truncate(short.text.floor_char_boundary(SHORT_TEXT_MAX));
            short.text.push_str(" ...");
            short.truncated = true;
            short.columns = Vec::new();
            short.tables.shrink_to_fit();
            kept = Arc::new(short);
            self.texts_cut = true;
        }
        self.text_bytes += weight(&kept);
        self.sums.push(Sum { fingerprint: kept, min_us: u64::MAX, ..Sum::default() });
        self.ids.insert(fingerprint.id, number);
        number
    }

    /// The fingerprint of a number.
    pub(crate) fn fingerprint(&self, number: u32) -> Option<&Arc<Fingerprint>> {
        self.sums.get(number as usize).map(|sum| &sum.fingerprint)
    }

    /// How many queries are told apart.
    pub(crate) fn n(&self) -> usize {
        self.sums.len()
    }

    /// Adds an execution.
    pub(crate) fn add(&mut self, number: u32, execution: &Execution) {
        let span = self.span;
        let Some(sum) = self.sums.get_mut(number as usize) else { return };
        let us = execution.us;
        if sum.calls == 0 {
            sum.first_line = execution.line;
        }
        let weight = execution.weight;
        sum.calls += weight;
        sum.total_us = sum.total_us.saturating_add(us.saturating_mul(weight));
        sum.squares_us2 = sum
            .squares_us2
            .saturating_add((u128::from(us) * u128::from(us)).saturating_mul(u128::from(weight)));
        sum.min_us = sum.min_us.min(us);
        if us > sum.max_us || sum.calls == weight {
            sum.max_us = us;
            sum.max_line = execution.line;
        }
        let cell = match execution.at_us {
            Some(at_us) => {
                sum.first_us = Some(sum.first_us.map_or(at_us, |first| first.min(at_us)));
                sum.last_us = Some(sum.last_us.map_or(at_us, |last| last.max(at_us)));
                span_of(at_us, span)
            }
            None => NO_CELL,
        };
        match sum.contexts.iter().position(|(ctx, _, _)| *ctx == execution.ctx) {
            Some(at) => {
                if let Some(entry) = sum.contexts.get_mut(at) {
                    entry.1 += weight;
                    entry.2 = entry.2.saturating_add(us.saturating_mul(weight));
                }
                if at > 0 {
                    sum.contexts.swap(at, at - 1);
                }
            }
            None if sum.contexts.len() < CONTEXTS_MAX => {
                sum.contexts.push((execution.ctx, weight, us.saturating_mul(weight)))
            }
            None => {}
        }
        let at = match sum.cells.last() {
            Some(last) if last.cell == cell => sum.cells.len() - 1,
            Some(last) if last.cell > cell => sum.cells.partition_point(|kept| kept.cell < cell),
            _ => sum.cells.len(),
        };
        if sum.cells.get(at).is_none_or(|kept| kept.cell != cell) {
            if sum.cells.len() == sum.cells.capacity() {
                sum.cells.reserve_exact(2 + sum.cells.len() / 4);
            }
            sum.cells.insert(at, Cell { cell, ..Cell::default() });
            self.bytes += size_of::<Cell>();
        }
        if let Some(cell) = sum.cells.get_mut(at) {
            cell.calls += weight;
            cell.total_us = cell.total_us.saturating_add(us.saturating_mul(weight));
            cell.max_us = cell.max_us.max(us);
            if cell.durations.add_many(us, weight) {
                self.bytes += 8;
            }
        }
    }

    /// Keeps a text with its literals as the sample, if it is the longest so far.
    pub(crate) fn sample(&mut self, number: u32, us: u64, text: Vec<u8>) {
        if let Some(sum) = self.sums.get_mut(number as usize)
            && (sum.sample.is_empty() || us > sum.sample_us)
            && self.text_bytes < TEXTS_BYTES_MAX
        {
            self.text_bytes += text.len();
            sum.sample_us = us;
            sum.sample = text;
        }
    }

    /// Brings everything within its budget. Called at fixed places of a source.
    pub(crate) fn settle(&mut self) {
        if self.sums.len() > QUERIES_MAX + SLACK {
            self.shed();
        }
        while self.bytes > CELLS_BYTES_MAX
            && let Some(longer) = coarser(self.span)
        {
            let factor = longer / self.span;
            self.span = longer;
            self.bytes = 0;
            for sum in self.sums.iter_mut().chain(std::iter::once(&mut self.other)) {
                let mut cells: Vec<Cell> = Vec::new();
                for mut cell in std::mem::take(&mut sum.cells) {
                    if cell.cell != NO_CELL {
                        cell.cell = cell.cell.div_euclid(factor);
                    }
                    match cells.last_mut() {
                        Some(last) if last.cell == cell.cell => last.merge(&cell),
                        _ => cells.push(cell),
                    }
                }
                cells.shrink_to_fit();
                self.bytes += cells.iter().map(Cell::bytes).sum::<usize>();
                sum.cells = cells;
            }
        }
    }

    /// Moves those with the least total time into the row of others; among equals the larger id.
    fn shed(&mut self) {
        self.overflowed = true;
        let mut sums = std::mem::take(&mut self.sums);
        sums.sort_by(|a, b| {
            b.total_us.cmp(&a.total_us).then_with(|| a.fingerprint.id.cmp(&b.fingerprint.id))
        });
        for sum in sums.drain(QUERIES_MAX.min(sums.len())..) {
            self.text_bytes =
                self.text_bytes.saturating_sub(weight(&sum.fingerprint) + sum.sample.len());
            self.other.absorb(sum);
        }
        self.ids.clear();
        self.bytes = self.other.cells.iter().map(Cell::bytes).sum();
        for (number, sum) in sums.iter().enumerate() {
            self.ids.insert(sum.fingerprint.id, u32::try_from(number).unwrap_or(u32::MAX));
            self.bytes += sum.cells.iter().map(Cell::bytes).sum::<usize>();
        }
        self.sums = sums;
    }

    /// How long a span is, in minutes.
    pub(crate) fn span_min(&self) -> u32 {
        self.span.unsigned_abs()
    }

    /// The queries, most total time first, and their spans. `top` makes the frequent values of a
    /// list of contexts.
    pub(crate) fn finish(
        mut self,
        label: &str,
        top: impl Fn(&[(u32, u64, u64)]) -> [Vec<Top>; 4],
    ) -> (Vec<Query>, Vec<QueryMinute>) {
        if self.sums.len() > QUERIES_MAX {
            self.shed();
        }
        let mut sums = std::mem::take(&mut self.sums);
        sums.retain(|sum| sum.calls > 0);
        sums.sort_by(|a, b| {
            b.total_us.cmp(&a.total_us).then_with(|| a.fingerprint.id.cmp(&b.fingerprint.id))
        });
        let other = std::mem::take(&mut self.other);
        let mut queries = Vec::with_capacity(sums.len() + 1);
        let mut minutes = Vec::with_capacity(sums.iter().map(|sum| sum.cells.len()).sum());
        let span_min = self.span.unsigned_abs();
        let last = (other.calls > 0).then_some((other, true));
        for (mut sum, is_other) in sums.into_iter().map(|sum| (sum, false)).chain(last) {
            let id = if is_other { OTHER_ID.to_owned() } else { sum.fingerprint.id.to_string() };
            let mut durations = Histogram::new();
            for cell in std::mem::take(&mut sum.cells) {
                durations.merge(&cell.durations);
                if cell.cell != NO_CELL {
                    minutes.push(QueryMinute {
                        fingerprint_id: id.clone(),
                        minute: start_of(cell.cell, self.span),
                        span_min,
                        calls: cell.calls,
                        total_us: cell.total_us,
                        max_us: cell.max_us,
                        durations: cell.durations,
                    });
                }
            }
            queries.push(sum.into_query(id, is_other, label, durations, &top));
        }
        (queries, minutes)
    }
}

impl Sum {
    /// Adds everything of another.
    fn absorb(&mut self, other: Self) {
        if self.calls == 0 {
            self.min_us = u64::MAX;
            self.first_line = other.first_line;
        }
        self.first_line = self.first_line.min(other.first_line);
        if other.max_us > self.max_us {
            self.max_us = other.max_us;
            self.max_line = other.max_line;
        }
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.squares_us2 = self.squares_us2.saturating_add(other.squares_us2);
        self.min_us = self.min_us.min(other.min_us);
        self.first_us = [self.first_us, other.first_us].into_iter().flatten().min();
        self.last_us = self.last_us.max(other.last_us);
        for cell in other.cells {
            match self.cells.binary_search_by_key(&cell.cell, |kept| kept.cell) {
                Ok(at) => {
                    if let Some(kept) = self.cells.get_mut(at) {
                        kept.merge(&cell);
                    }
                }
                Err(at) => self.cells.insert(at, cell),
            }
        }
    }

    fn into_query(
        self,
        id: String,
        is_other: bool,
        label: &str,
        durations: Histogram,
        top: impl Fn(&[(u32, u64, u64)]) -> [Vec<Top>; 4],
    ) -> Query {
        let [users, databases, applications, clients] = top(&self.contexts);
        let fingerprint = Arc::unwrap_or_clone(self.fingerprint);
        let text = if is_other { "other queries".to_owned() } else { fingerprint.text };
        let sample = if self.sample.is_empty() {
            Raw::new(text.as_str())
        } else {
            Raw::from_bytes(&self.sample)
        };
        debug_assert!(text.len() <= TEXT_MAX + 4, "the text was cut where it was cached");
        Query {
            fingerprint_id: id,
            fingerprint: text,
            kind: fingerprint.kind,
            store_method: fingerprint.store_method,
            calls: self.calls,
            total_us: self.total_us,
            squares_us2: self.squares_us2,
            min_us: self.min_us,
            max_us: self.max_us,
            durations,
            rows: None,
            rows_examined: None,
            lock_us: None,
            full_scans: None,
            tmp_disk_tables: None,
            first_at: self.first_us.map(moment),
            last_at: self.last_us.map(moment),
            tables: fingerprint.tables,
            columns: fingerprint.columns,
            users,
            databases,
            applications,
            clients,
            sample,
            first_place: Place::line(label, self.first_line),
            max_place: Place::line(label, self.max_line),
            truncated: fingerprint.truncated,
        }
    }
}
