//! The slow log file in blocks, through threads, and back in the order of the file.

use super::FILE_FORMAT;
use super::chunk::{Chunk, Scan};
use super::entries;
use super::fold::Fold;
use crate::asked::{Filter, Party};
use crate::pool::Pool;
use crate::records::SlowLog;
use chrono_tz::Tz;
use model::{Parsed, Sink};

/// Bytes of a block: large enough to be worth handing on, small enough to stay in a cache.
const BLOCK_BYTES: usize = 512 * 1024;

/// Longest entry. `max_allowed_packet` bounds it at the server; one of more than this is cut,
/// which is said.
const ENTRY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Reads a slow log file.
///
/// - Input: the file as the server wrote it, from any place on: what stands before the first
///   entry is counted as unknown.
/// - Output: queries by fingerprint, load over time, schema changes, and errors where the log
///   has their numbers.
/// - Issues: entries without a `Query_time` or a statement; entries longer than a limit.
/// - Source: MySQL 8.4 manual 7.4.5; MariaDB and Percona Server on their extensions.
pub(crate) struct SlowLogFile {
    buffer: Vec<u8>,
    /// Length of the buffer at which it is worth to look for an entry again.
    pub(super) look_at: usize,
    /// Takes a block, and a chunk to be used again.
    pool: Pool<(Vec<u8>, Chunk), Chunk>,
    /// What blocks before gave, with their buffers, to be used again.
    spare: Vec<Chunk>,
    cut: u64,
    fold: Fold,
}

impl SlowLogFile {
    /// For a source that reports will call `label`, read by so many threads.
    pub(crate) fn new(label: &str, threads: usize, tz: Option<Tz>, keep_literals: bool) -> Self {
        Self {
            buffer: Vec::with_capacity(BLOCK_BYTES),
            look_at: BLOCK_BYTES,
            pool: Pool::new(threads, || {
                let mut scan = Scan::new(keep_literals);
                move |(block, spare): (Vec<u8>, Chunk)| {
                    let chunk = scan.block(&block, spare);
                    Chunk { buffer: block, ..chunk }
                }
            }),
            spare: Vec::new(),
            cut: 0,
            fold: Fold::new(label, FILE_FORMAT.name, tz),
        }
    }

    /// Counts only what passes a filter, under its fingerprint or under who ran it.
    pub(crate) fn ask(&mut self, filter: &Filter, by: Option<Party>) {
        self.fold.ask(filter, by);
    }

    /// Sends what is whole in the buffer.
    fn full(&mut self) {
        match entries::last_entry(&self.buffer) {
            Some(end) => {
                self.send(end);
                // An entry may begin anywhere in what is left.
                self.look_at = BLOCK_BYTES.max(2 * self.buffer.len());
            }
            None if self.buffer.len() >= ENTRY_BYTES_MAX => {
                self.cut += 1;
                self.send(self.buffer.len());
                self.look_at = BLOCK_BYTES;
            }
            None => self.look_at = (2 * self.buffer.len()).min(ENTRY_BYTES_MAX),
        }
    }

    /// Sends the first `len` bytes of the buffer to be read.
    fn send(&mut self, len: usize) {
        let mut spare = self.spare.pop().unwrap_or_default();
        let mut next = std::mem::take(&mut spare.buffer);
        next.clear();
        if next.capacity() < BLOCK_BYTES {
            next.reserve_exact(BLOCK_BYTES);
        }
        next.extend_from_slice(self.buffer.get(len..).unwrap_or_default());
        let mut block = std::mem::replace(&mut self.buffer, next);
        block.truncate(len);
        self.pool.send((block, spare));
        while let Some(chunk) = self.pool.next() {
            self.take(chunk);
        }
    }

    /// Folds a chunk.
    fn take(&mut self, mut chunk: Chunk) {
        self.fold.take(&mut chunk);
        // A buffer that an entry of many megabytes needed is not kept, and what it gave neither.
        if chunk.buffer.capacity() <= 2 * BLOCK_BYTES {
            self.spare.push(chunk);
        }
    }
}

impl Sink for SlowLogFile {
    type Records = SlowLog;

    fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.look_at.saturating_sub(self.buffer.len()).max(1).min(bytes.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, b""));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() >= self.look_at {
                self.full();
            }
        }
    }

    fn finish(mut self) -> Parsed<SlowLog> {
        if !self.buffer.is_empty() {
            self.send(self.buffer.len());
        }
        while let Some(chunk) = self.pool.rest() {
            self.take(chunk);
        }
        self.pool.end();
        for _ in 0..self.pool.lost {
            self.fold.issue("a worker ended early", 0, 1);
        }
        // What comes next needs memory too.
        drop((self.buffer, self.spare, self.pool));
        for _ in 0..self.cut {
            self.fold.issue("entry longer than 32 MiB, cut", 0, 0);
        }
        self.fold.finish()
    }
}
