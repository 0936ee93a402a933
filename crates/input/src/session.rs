//! What all readers of one run share.

use crate::Limits;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Told how many bytes were just read from the disk or the pipe (packed bytes of archives).
type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// One run: its limits, its cancel flag, its progress. Clones share all of it.
#[derive(Clone)]
pub struct Session {
    limits: Arc<Limits>,
    cancelled: Arc<AtomicBool>,
    unpacked_bytes: Arc<AtomicU64>,
    heads: Arc<AtomicU64>,
    progress: Option<Progress>,
}

impl Session {
    /// A run under `limits`.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits: Arc::new(limits),
            cancelled: Arc::default(),
            unpacked_bytes: Arc::default(),
            heads: Arc::default(),
            progress: None,
        }
    }

    /// Calls `progress` with the number of bytes after every block that was read from an input.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Ends all reading at the next block (Ctrl-C).
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether [`Session::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// The flag behind [`Session::cancel`], for a signal handler.
    pub fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancelled)
    }

    /// Unpacked bytes of compressed members so far.
    pub fn unpacked_bytes(&self) -> u64 {
        self.unpacked_bytes.load(Ordering::Relaxed)
    }

    /// Adds unpacked bytes and gives the new sum.
    pub(crate) fn add_unpacked(&self, n_bytes: u64) -> u64 {
        self.unpacked_bytes.fetch_add(n_bytes, Ordering::Relaxed).saturating_add(n_bytes)
    }

    /// Counts one more head that is kept, and gives how many were kept before.
    pub(crate) fn add_head(&self) -> u64 {
        self.heads.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn report_progress(&self, n_bytes: u64) {
        if let Some(progress) = &self.progress {
            progress(n_bytes);
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("limits", &self.limits).finish_non_exhaustive()
    }
}
