//! The slow log file in blocks, through threads, and back in the order of the file.

use super::FILE_FORMAT;
use super::chunk::{Chunk, Scan};
use super::entries;
use super::fold::Fold;
use crate::records::SlowLog;
use chrono_tz::Tz;
use model::{Parsed, Sink};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Bytes of a block: large enough to be worth handing on, small enough to stay in a cache.
const BLOCK_BYTES: usize = 1024 * 1024;

/// Longest entry. `max_allowed_packet` bounds it at the server; one of more than this is cut,
/// which is said.
const ENTRY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Where blocks are read.
enum Place {
    /// In the thread that pushes.
    Here(Box<Scan>),
    /// In threads of their own.
    Pool {
        jobs: SyncSender<(u64, Vec<u8>)>,
        chunks: Receiver<(u64, Chunk)>,
        workers: Vec<JoinHandle<()>>,
        /// Blocks that may be under way.
        under_way: u64,
    },
}

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
    place: Place,
    sent: u64,
    folded: u64,
    waiting: BTreeMap<u64, Chunk>,
    /// Buffers to be used again.
    spare: Vec<Vec<u8>>,
    cut: u64,
    fold: Fold,
}

impl SlowLogFile {
    /// For a source that reports will call `label`, read by so many threads.
    pub(crate) fn new(label: &str, threads: usize, tz: Option<Tz>, keep_literals: bool) -> Self {
        Self {
            buffer: Vec::with_capacity(BLOCK_BYTES),
            look_at: BLOCK_BYTES,
            place: if threads <= 1 {
                Place::Here(Box::new(Scan::new(keep_literals)))
            } else {
                pool(threads, keep_literals)
            },
            sent: 0,
            folded: 0,
            waiting: BTreeMap::new(),
            spare: Vec::new(),
            cut: 0,
            fold: Fold::new(label, FILE_FORMAT.name, tz),
        }
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
        let mut next = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(BLOCK_BYTES));
        next.clear();
        next.extend_from_slice(self.buffer.get(len..).unwrap_or_default());
        let mut block = std::mem::replace(&mut self.buffer, next);
        block.truncate(len);
        let number = self.sent;
        self.sent += 1;
        match &mut self.place {
            Place::Here(scan) => {
                let chunk = scan.block(&block);
                self.take(Chunk { buffer: block, ..chunk });
            }
            Place::Pool { jobs, under_way, .. } => {
                let under_way = *under_way;
                if jobs.send((number, block)).is_err() {
                    self.waiting.insert(number, Chunk::default());
                    self.fold.issue("a worker ended early", 0, 1);
                }
                self.collect(under_way);
            }
        }
    }

    /// Folds a chunk.
    fn take(&mut self, mut chunk: Chunk) {
        let buffer = std::mem::take(&mut chunk.buffer);
        // One that an entry of many megabytes needed is not kept.
        if (1..=2 * BLOCK_BYTES).contains(&buffer.capacity()) {
            self.spare.push(buffer);
        }
        self.fold.take(chunk);
        self.folded += 1;
    }

    /// Folds chunks in their order, and waits until at most `under_way` are not folded.
    fn collect(&mut self, under_way: u64) {
        loop {
            while let Some(chunk) = self.waiting.remove(&self.folded) {
                self.take(chunk);
            }
            let Place::Pool { chunks, .. } = &self.place else { return };
            let received = if self.sent - self.folded > under_way {
                chunks.recv().ok()
            } else {
                chunks.try_recv().ok()
            };
            let Some((number, chunk)) = received else { return };
            self.waiting.insert(number, chunk);
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
        self.collect(0);
        if let Place::Pool { jobs, workers, .. } = self.place {
            drop(jobs);
            for worker in workers {
                let _ = worker.join();
            }
        }
        // What comes next needs memory too.
        drop((self.buffer, self.spare));
        for _ in 0..self.cut {
            self.fold.issue("entry longer than 32 MiB, cut", 0, 0);
        }
        self.fold.finish()
    }
}

/// Starts worker threads.
fn pool(threads: usize, keep_literals: bool) -> Place {
    let (jobs, queue) = sync_channel::<(u64, Vec<u8>)>(threads);
    let (done, chunks) = channel();
    let queue = Arc::new(Mutex::new(queue));
    let workers = (0..threads)
        .map(|_| {
            let queue = Arc::clone(&queue);
            let done = done.clone();
            std::thread::spawn(move || {
                let mut scan = Scan::new(keep_literals);
                loop {
                    let job = match queue.lock() {
                        Ok(queue) => queue.recv(),
                        Err(_) => return,
                    };
                    let Ok((number, block)) = job else { return };
                    let chunk = scan.block(&block);
                    if done.send((number, Chunk { buffer: block, ..chunk })).is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    Place::Pool { jobs, chunks, workers, under_way: 2 * threads as u64 }
}
