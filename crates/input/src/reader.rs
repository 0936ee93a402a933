//! Reading one member.

use crate::Session;
use model::Issues;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes handed to a sink at a time: large enough that calls cost nothing, small enough for the
/// second-level cache.
const PUMP_BYTES: usize = 256 << 10;

/// Issues that the stages of one reader write into.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Mutex<Issues>>);

impl Notes {
    pub(crate) fn add(&self, reason: impl Into<String>, location: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(reason, location, 0);
    }

    pub(crate) fn get(&self) -> Issues {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Ends what unpacks to more than the limits allow.
pub(crate) struct Guard {
    inner: Box<dyn Read + Send>,
    /// Packed bytes taken so far.
    taken: Arc<AtomicU64>,
    session: Session,
    notes: Notes,
    n_bytes: u64,
    bytes_max: u64,
    ended: bool,
}

impl Guard {
    pub(crate) fn new(
        inner: Box<dyn Read + Send>,
        taken: Arc<AtomicU64>,
        session: Session,
        notes: Notes,
    ) -> Self {
        let bytes_max = session.limits().member_bytes_max;
        Self { inner, taken, session, notes, n_bytes: 0, bytes_max, ended: false }
    }

    /// Without the limit of a single member.
    pub(crate) fn for_archive(mut self) -> Self {
        self.bytes_max = u64::MAX;
        self
    }

    /// Why reading must end here, if so.
    fn over(&self, total: u64) -> Option<String> {
        let limits = self.session.limits();
        let taken = self.taken.load(Ordering::Relaxed);
        if self.n_bytes > self.bytes_max {
            Some(format!("more than {} unpacked bytes: the rest is not read", self.bytes_max))
        } else if total > limits.total_bytes_max {
            Some(format!(
                "more than {} unpacked bytes in this run: the rest is not read",
                limits.total_bytes_max
            ))
        } else if self.n_bytes > limits.ratio_free_bytes
            && self.n_bytes / limits.ratio_max.max(1) > taken
        {
            Some(format!(
                "unpacks to more than {} times its size, as bombs do: the rest is not read",
                limits.ratio_max
            ))
        } else {
            None
        }
    }
}

impl Read for Guard {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let n_bytes = self.inner.read(out)?;
        self.n_bytes += n_bytes as u64;
        let total = self.session.add_unpacked(n_bytes as u64);
        if let Some(reason) = self.over(total) {
            self.notes.add(reason, format!("byte:{}", self.n_bytes));
            self.ended = true;
        }
        Ok(n_bytes)
    }
}

/// A member, unpacked, from its first byte.
///
/// Reading never fails: damage, a limit or a cancelled run ends the member early, what was read
/// before stands, and [`MemberReader::issues`] says what happened and after how many bytes.
pub struct MemberReader {
    stage: Box<dyn Read + Send>,
    session: Session,
    notes: Notes,
    n_bytes: u64,
    ended: bool,
}

impl MemberReader {
    pub(crate) fn new(stage: Box<dyn Read + Send>, session: Session, notes: Notes) -> Self {
        Self { stage, session, notes, n_bytes: 0, ended: false }
    }

    /// Bytes given so far.
    pub fn bytes_read(&self) -> u64 {
        self.n_bytes
    }

    /// What went wrong so far. Complete once reading has given 0 bytes.
    pub fn issues(&self) -> Issues {
        self.notes.get()
    }

    /// Reads to the end and hands over block after block.
    pub fn pump(&mut self, mut push: impl FnMut(&[u8])) {
        let mut block = vec![0; PUMP_BYTES];
        loop {
            let n_bytes = self.next(&mut block);
            match block.get(..n_bytes) {
                Some(bytes) if !bytes.is_empty() => push(bytes),
                Some(_) | None => return,
            }
        }
    }

    /// Fills `out` as far as one step does; 0 at the end.
    fn next(&mut self, out: &mut [u8]) -> usize {
        if self.ended || out.is_empty() {
            return 0;
        }
        if self.session.is_cancelled() {
            self.notes.add("cancelled", format!("byte:{}", self.n_bytes));
            self.ended = true;
            return 0;
        }
        let n_bytes = match self.stage.read(out) {
            Ok(n_bytes) => n_bytes,
            Err(error) => {
                self.notes
                    .add(format!("reading failed: {error}"), format!("byte:{}", self.n_bytes));
                0
            }
        };
        self.ended = n_bytes == 0;
        self.n_bytes += n_bytes as u64;
        n_bytes
    }
}

impl Read for MemberReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Ok(self.next(out))
    }
}

impl std::fmt::Debug for MemberReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemberReader").field("n_bytes", &self.n_bytes).finish_non_exhaustive()
    }
}
