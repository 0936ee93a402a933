//! Entries that come one by one, out of rows or objects: put into chunks, and folded in order.

use super::chunk::{Chunk, Scan};
use super::entries::Entry;
use super::fold::Fold;
use super::header::Header;
use crate::records::SlowLog;
use chrono_tz::Tz;
use model::Parsed;

/// Entries after which what was read is handed on.
const ENTRIES_PER_CHUNK: u64 = 4_096;

/// What entries add up to.
pub(super) struct Chunked {
    scan: Scan,
    chunk: Chunk,
    n_entries: u64,
    /// The line on which the chunk begins.
    first_line: u64,
    pub(super) fold: Fold,
}

impl Chunked {
    /// Of a source that reports will call `label`, in a format.
    pub(super) fn new(
        label: &str,
        format: &'static str,
        tz: Option<Tz>,
        keep_literals: bool,
    ) -> Self {
        let mut scan = Scan::new(keep_literals);
        let chunk = scan.begin(0, Chunk::default());
        Self { scan, chunk, n_entries: 0, first_line: 1, fold: Fold::new(label, format, tz) }
    }

    /// Counts bytes of the source.
    pub(super) fn bytes(&mut self, n_bytes: usize) {
        self.chunk.bytes += n_bytes as u64;
    }

    /// Counts a line that is no entry.
    pub(super) fn unknown_line(&mut self) {
        self.chunk.rest.unknown_lines += 1;
    }

    /// Says that the next entry stands on `line`, from 1: a full chunk ends before it.
    pub(super) fn at(&mut self, line: u64) {
        if self.n_entries >= ENTRIES_PER_CHUNK {
            self.settle(line);
        }
    }

    /// Takes an entry of `line`; one without a header or without a statement is broken.
    pub(super) fn entry(&mut self, entry: Option<(Header<'_>, &[u8])>, line: u64) {
        let line = u32::try_from(line.saturating_sub(self.first_line)).unwrap_or(u32::MAX);
        match entry {
            Some((header, sql)) => {
                self.scan.entry(&mut self.chunk, &Entry { header, sql, line });
                self.n_entries += 1;
            }
            None => {
                if self.chunk.rest.broken == 0 {
                    self.chunk.rest.first_broken = line;
                }
                self.chunk.rest.broken += 1;
            }
        }
    }

    /// Hands on what was read, up to before line `next_line`.
    fn settle(&mut self, next_line: u64) {
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.rest.lines = u32::try_from(next_line - self.first_line).unwrap_or(u32::MAX);
        self.first_line = next_line;
        self.n_entries = 0;
        self.fold.take(&mut chunk);
        self.chunk = self.scan.begin(0, chunk);
    }

    /// Ends the source, of so many lines.
    pub(super) fn finish(mut self, lines: u64) -> Parsed<SlowLog> {
        self.settle(lines + 1);
        self.fold.finish()
    }
}
