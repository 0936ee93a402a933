//! The pooler's figures over time: its own, of every minute, and what it logged of connections.

use crate::records::PoolerMinute;
use crate::spans::{coarser, span_of, start_of};
use std::collections::BTreeMap;

/// Spans that are kept: 28 days of minutes.
const CELLS_MAX: usize = 40_320;

/// A line of figures: `stats: 784 xacts/s, 785 queries/s, in 403910 B/s, out 1893441 B/s, xact 6107
/// us, query 6103 us, wait 110 us`, in the forms of 1.0 to 1.25.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) transactions_per_s: u64,
    pub(super) queries_per_s: u64,
    pub(super) transaction_us: u64,
    pub(super) query_us: u64,
    /// `None` before 1.8.
    pub(super) wait_us: Option<u64>,
}

impl Figures {
    /// Reads the text of a line; `None` when it has no figures.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let rest = text.strip_prefix(b"stats: ").or_else(|| text.strip_prefix(b"Stats: "))?;
        let rest = std::str::from_utf8(rest).ok()?;
        let mut figures = Self::default();
        let mut any = false;
        // Words, of which a number stands before its unit or behind its name.
        let mut before = ["", ""];
        for word in rest.split([' ', ',']).filter(|word| !word.is_empty()) {
            let [name, number] = before;
            match (name, number.parse::<u64>(), word) {
                (_, Ok(number), "xacts/s") => figures.transactions_per_s = number,
                (_, Ok(number), "queries/s" | "req/s") => {
                    figures.queries_per_s = number;
                    any = true;
                }
                ("xact", Ok(number), "us") => figures.transaction_us = number,
                ("query", Ok(number), "us") => figures.query_us = number,
                ("wait" | "time", Ok(number), "us") => figures.wait_us = Some(number),
                _ => {}
            }
            before = [number, word];
        }
        any.then_some(figures)
    }
}

/// What adds up in a span.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    logins: u64,
    server_connections: u64,
    reports: u64,
    wait_reports: u64,
    sum: Figures,
    wait_max_us: u64,
}

impl Cell {
    fn add(&mut self, other: &Self) {
        self.logins += other.logins;
        self.server_connections += other.server_connections;
        self.reports += other.reports;
        self.wait_reports += other.wait_reports;
        self.wait_max_us = self.wait_max_us.max(other.wait_max_us);
        let add = |mine: &mut u64, theirs: u64| *mine = mine.saturating_add(theirs);
        add(&mut self.sum.transactions_per_s, other.sum.transactions_per_s);
        add(&mut self.sum.queries_per_s, other.sum.queries_per_s);
        add(&mut self.sum.transaction_us, other.sum.transaction_us);
        add(&mut self.sum.query_us, other.sum.query_us);
        add(self.sum.wait_us.get_or_insert(0), other.sum.wait_us.unwrap_or(0));
    }
}

/// All spans of a source.
#[derive(Debug)]
pub(super) struct Minutes {
    span: i32,
    cells: BTreeMap<i32, Cell>,
}

impl Minutes {
    pub(super) fn new() -> Self {
        Self { span: 1, cells: BTreeMap::new() }
    }

    /// Adds a line of figures.
    pub(super) fn report(&mut self, at_us: i64, figures: Figures) {
        let wait_us = figures.wait_us.unwrap_or(0);
        let wait_reports = u64::from(figures.wait_us.is_some());
        let cell = Cell {
            reports: 1,
            wait_reports,
            sum: figures,
            wait_max_us: wait_us,
            ..Cell::default()
        };
        self.add(at_us, &cell);
    }

    /// Counts a client that logs in.
    pub(super) fn login(&mut self, at_us: i64) {
        self.add(at_us, &Cell { logins: 1, ..Cell::default() });
    }

    /// Counts a connection that is opened to the database.
    pub(super) fn server_connection(&mut self, at_us: i64) {
        self.add(at_us, &Cell { server_connections: 1, ..Cell::default() });
    }

    fn add(&mut self, at_us: i64, cell: &Cell) {
        self.cells.entry(span_of(at_us, self.span)).or_default().add(cell);
        while self.cells.len() > CELLS_MAX
            && let Some(longer) = coarser(self.span)
        {
            let factor = longer / self.span;
            for (at, cell) in std::mem::take(&mut self.cells) {
                self.cells.entry(at.div_euclid(factor)).or_default().add(&cell);
            }
            self.span = longer;
        }
    }

    /// How long a span is, in minutes.
    pub(super) fn span_min(&self) -> u32 {
        self.span.unsigned_abs()
    }

    /// The spans by time.
    pub(super) fn finish(self) -> Vec<PoolerMinute> {
        let span = self.span;
        let of = |(at, cell): (i32, Cell)| PoolerMinute {
            minute: start_of(at, span),
            span_min: span.unsigned_abs(),
            logins: cell.logins,
            server_connections: cell.server_connections,
            reports: cell.reports,
            wait_reports: cell.wait_reports,
            transactions_per_s: cell.sum.transactions_per_s,
            queries_per_s: cell.sum.queries_per_s,
            transaction_us: cell.sum.transaction_us,
            query_us: cell.sum.query_us,
            wait_us: cell.sum.wait_us.unwrap_or(0),
            wait_max_us: cell.wait_max_us,
        };
        self.cells.into_iter().map(of).collect()
    }
}
