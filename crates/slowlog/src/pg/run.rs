//! Blocks of a log through threads, and back in the order of the file.

use super::fold::Fold;
use super::layout::Layout;
use super::scan::{Chunk, Scan};
use super::wrapped::Unwrap;
use crate::pool::Pool;
use chrono_tz::Tz;
use memchr::memchr_iter;
use std::sync::Arc;

/// Bytes of a block. The same for any number of threads, so that what is decided per block is
/// decided alike; at most two a worker are under way.
pub(crate) const BLOCK: usize = 512 * 1024;
/// The longest start of a line that is kept while the next record is looked for.
const LINE_HEAD: usize = 4096;

/// A block on its way to a worker.
struct Job {
    number: u64,
    layout: Arc<Layout>,
    block: Vec<u8>,
    len: usize,
    lead_lines: u64,
    /// What a block before gave, to be used again.
    spare: Chunk,
}

/// A log that is being read.
pub(crate) struct Run {
    layout: Arc<Layout>,
    /// Whether the prefix was named by the user and is never changed.
    fixed: bool,
    buffer: Vec<u8>,
    block: usize,
    pool: Pool<Job, Chunk>,
    unwrap: Option<(Unwrap, Vec<u8>)>,
    /// What blocks before gave, with their buffers, to be used again.
    spare: Vec<Chunk>,
    sent: u64,
    pub(crate) fold: Fold,
    /// Whether a record was too long, and the start of the next one is looked for.
    skipping: bool,
    /// Lines that were passed over and belong before the next block.
    lead_lines: u64,
    lead_bytes: u64,
    /// Whether the line in which a block was cut has been counted already.
    counted: bool,
    too_long: u64,
    /// Prefixes that were met after the first.
    pub(crate) prefixes: u64,
}

impl Run {
    pub(crate) fn new(
        layout: Layout,
        fixed: bool,
        threads: usize,
        tz: Option<Tz>,
        keep_literals: bool,
        label: &str,
    ) -> Self {
        let pool = Pool::new(threads, || {
            let mut scan = Scan::new(tz, keep_literals);
            move |job| work(&mut scan, job)
        });
        Self {
            layout: Arc::new(layout),
            fixed,
            buffer: Vec::with_capacity(BLOCK),
            block: BLOCK,
            pool,
            unwrap: None,
            spare: Vec::new(),
            sent: 0,
            fold: Fold::new(label),
            skipping: false,
            lead_lines: 0,
            lead_bytes: 0,
            counted: false,
            too_long: 0,
            prefixes: 0,
        }
    }

    /// The layout that is read now.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Blocks of another size: for tests of what must not depend on it.
    #[cfg(test)]
    pub(crate) fn with_block(mut self, block: usize) -> Self {
        self.block = block;
        self
    }

    /// Takes a collector's head off every line first.
    pub(crate) fn unwrapping(mut self, unwrap: Unwrap) -> Self {
        self.unwrap = Some((unwrap, Vec::new()));
        self
    }

    /// Whether times have no year, and nothing tells it so far.
    pub(crate) fn wants_year(&self) -> bool {
        self.unwrap.as_ref().is_some_and(|(unwrap, _)| unwrap.wants_year())
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let Some((mut unwrap, mut lines)) = self.unwrap.take() else {
            self.push_lines(bytes);
            return;
        };
        for part in bytes.chunks(BLOCK) {
            unwrap.push(part, &mut lines);
            self.push_lines(&lines);
            lines.clear();
        }
        self.unwrap = Some((unwrap, lines));
    }

    fn push_lines(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(self.block - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() >= self.block {
                self.full();
            }
        }
    }

    /// Sends what is whole of a full buffer.
    fn full(&mut self) {
        if self.skipping {
            self.skip();
            return;
        }
        if !self.fixed
            && let Some(layout) = self.layout.follow(&self.buffer)
        {
            self.layout = Arc::new(layout);
            self.prefixes += 1;
        }
        match self.layout.cut(&self.buffer).filter(|at| *at > 0) {
            Some(at) => self.send(at),
            None => {
                // One record fills the block: its start is read, the rest passed over.
                self.too_long += 1;
                self.counted = !self.buffer.ends_with(b"\n");
                self.send(self.buffer.len());
                self.skipping = true;
            }
        }
    }

    /// Drops bytes up to the start of the next record.
    fn skip(&mut self) {
        let keep = match self.layout.next_start(&self.buffer) {
            Some(at) => {
                self.skipping = false;
                at
            }
            None => {
                // A line that is not whole may yet turn out to begin a record.
                let last = memchr::memrchr(b'\n', &self.buffer).unwrap_or(self.buffer.len());
                if self.buffer.len() - last > LINE_HEAD { self.buffer.len() } else { last }
            }
        };
        let dropped = self.buffer.get(..keep).unwrap_or_default();
        let lines = memchr_iter(b'\n', dropped).count() as u64;
        if lines > 0 {
            self.lead_lines += lines - u64::from(std::mem::take(&mut self.counted));
        }
        self.lead_bytes += dropped.len() as u64;
        self.buffer.drain(..keep);
    }

    /// Sends the first `len` bytes of the buffer to be scanned.
    fn send(&mut self, len: usize) {
        let mut spare = self.spare.pop().unwrap_or_default();
        let mut next = std::mem::take(&mut spare.buffer);
        next.clear();
        if next.capacity() < self.block {
            next.reserve_exact(self.block);
        }
        next.extend_from_slice(self.buffer.get(len..).unwrap_or_default());
        let block = std::mem::replace(&mut self.buffer, next);
        let lead_lines = std::mem::take(&mut self.lead_lines);
        let layout = Arc::clone(&self.layout);
        let number = self.sent;
        self.sent += 1;
        self.pool.send(Job { number, layout, block, len, lead_lines, spare });
        while let Some(chunk) = self.pool.next() {
            self.take(chunk);
        }
    }

    /// Folds a chunk.
    fn take(&mut self, mut chunk: Chunk) {
        self.fold.lines += std::mem::take(&mut chunk.lead_lines);
        self.fold.take(&mut chunk);
        self.spare.push(chunk);
    }

    /// Ends the log: everything is read and folded.
    pub(crate) fn end(&mut self) {
        if let Some((mut unwrap, mut lines)) = self.unwrap.take() {
            unwrap.end(&mut lines);
            self.push_lines(&lines);
            self.fold.years = unwrap.limit();
            if unwrap.n_others > 0 {
                self.fold.issues.add("lines of other programs: passed over", "", 0);
            }
        }
        if self.skipping {
            self.skip();
            if self.skipping {
                self.lead_bytes += self.buffer.len() as u64;
                self.buffer.clear();
            }
        }
        if !self.buffer.is_empty() {
            if !self.fixed
                && let Some(layout) = self.layout.follow(&self.buffer)
            {
                self.layout = Arc::new(layout);
                self.prefixes += 1;
            }
            let len = self.buffer.len();
            self.send(len);
        }
        while let Some(chunk) = self.pool.rest() {
            self.take(chunk);
        }
        self.pool.end();
        for _ in 0..self.pool.lost {
            self.fold.issues.add("a worker ended early", "", 1);
        }
        // What comes next needs memory too.
        self.buffer = Vec::new();
        self.spare = Vec::new();
        self.fold.lines += std::mem::take(&mut self.lead_lines);
        self.fold.bytes += self.lead_bytes;
        for _ in 0..self.too_long {
            self.fold.issues.add("record longer than a block: only its start was read", "", 0);
        }
        self.fold.end();
    }
}

/// Scans a block.
fn work(scan: &mut Scan, job: Job) -> Chunk {
    scan.begin(job.spare);
    let block = job.block.get(..job.len).unwrap_or_default();
    scan.chunk.bytes = block.len() as u64;
    // A byte order mark is no text.
    let text =
        if job.number == 0 { block.strip_prefix(b"\xef\xbb\xbf").unwrap_or(block) } else { block };
    job.layout.scan(text, scan);
    let mut chunk = scan.end();
    chunk.lead_lines = job.lead_lines;
    chunk.buffer = job.block;
    chunk
}
