//! Bytes as they are stored: files, memory, pipes, counted.

use crate::container::{Packings, unpacked};
use crate::magic::{self, Magic};
use crate::reader::Notes;
use crate::sniff::packing_of;
use crate::{Packing, Session};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What can be read out of order.
pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Where the bytes of a container are.
#[derive(Clone)]
pub(crate) enum Backing {
    /// A file; a folder has none of its own.
    Path(PathBuf),
    /// Bytes in memory.
    Memory(Arc<[u8]>),
    /// A pipe, until it is taken.
    Stream(Arc<Mutex<Option<Box<dyn Read + Send>>>>),
}

impl Backing {
    /// A handle of its own on the bytes, from the first on.
    pub(crate) fn open(&self, session: &Session) -> io::Result<Box<dyn ReadSeek>> {
        match self {
            Self::Path(path) => {
                let inner = open_file(path)?;
                Ok(Box::new(Tracked { inner, session: session.clone() }))
            }
            Self::Memory(bytes) => Ok(Box::new(io::Cursor::new(Arc::clone(bytes)))),
            Self::Stream(_) => Err(io::Error::from(io::ErrorKind::NotSeekable)),
        }
    }

    /// The bytes from the first on; a pipe gives them once.
    pub(crate) fn stream(&self, session: &Session) -> io::Result<Box<dyn Read + Send>> {
        let Self::Stream(stream) = self else { return Ok(Box::new(self.open(session)?)) };
        let taken = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.ok_or_else(|| io::Error::other("a pipe can be read once"))
    }
}

/// The only place that opens files.
#[expect(clippy::disallowed_methods, reason = "this crate is the reader of files")]
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Reports what is read as progress, and ends when the run is cancelled.
pub(crate) struct Tracked<R> {
    pub(crate) inner: R,
    pub(crate) session: Session,
}

impl<R: Read> Read for Tracked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.session.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        let n_bytes = read_some(&mut self.inner, out)?;
        self.session.report_progress(n_bytes as u64);
        Ok(n_bytes)
    }
}

impl<R: Seek> Seek for Tracked<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Counts what is read, for the ratio of unpacked to packed bytes.
pub(crate) struct Counted<R> {
    pub(crate) inner: R,
    pub(crate) n_bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.inner.read(out)?;
        self.n_bytes.fetch_add(n_bytes as u64, Ordering::Relaxed);
        Ok(n_bytes)
    }
}

/// One read that a signal does not break off.
fn read_some(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Reads until `out` is full or the input ends or fails; gives how many bytes, and the failure.
pub(crate) fn fill(
    reader: &mut (impl Read + ?Sized),
    out: &mut [u8],
) -> (usize, Option<io::Error>) {
    let mut n_bytes = 0;
    while let Some(rest) = out.get_mut(n_bytes..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(n) => n_bytes += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (n_bytes, Some(error)),
        }
    }
    (n_bytes, None)
}

/// Reads up to `max` bytes, and tells whether the input ended before.
pub(crate) fn head(reader: &mut (impl Read + ?Sized), max: usize) -> (Vec<u8>, bool) {
    // One more, to see whether there is one more.
    let mut bytes = vec![0; max + 1];
    let (n_bytes, error) = fill(reader, &mut bytes);
    let whole = n_bytes <= max && error.is_none();
    bytes.truncate(n_bytes.min(max));
    bytes.shrink_to_fit();
    (bytes, whole)
}

/// Bytes of a bzip2 file within which its first block ends: nothing can be unpacked before.
pub(crate) const MORE_BYTES: usize = 1 << 20;

/// Whether the first bytes are not enough to see what is packed in them.
pub(crate) fn wants_more(head: &[u8]) -> bool {
    if magic::of(head) == Magic::Bzip2 {
        return true;
    }
    let packing = packing_of(magic::of(head));
    if packing == Packing::Plain {
        return false;
    }
    // Packed again: what is inside shows at once.
    let bytes = Box::new(io::Cursor::new(head.to_vec()));
    let packings = Packings([packing, Packing::Plain]);
    let mut start = [0; 10];
    fill(&mut unpacked(bytes, packings, &Notes::default()), &mut start);
    magic::of(&start) == Magic::Bzip2
}

/// The same for what may be packed.
pub(crate) fn stored_head(reader: &mut (impl Read + ?Sized), max: usize) -> (Vec<u8>, bool) {
    let mut bytes = vec![0; max + 1];
    let (n_bytes, error) = fill(reader, &mut bytes);
    bytes.truncate(n_bytes);
    let (mut max, mut failed) = (max, error.is_some());
    if n_bytes > max && wants_more(&bytes) {
        max = MORE_BYTES;
        bytes.resize(max + 1, 0);
        let rest = bytes.get_mut(n_bytes..).unwrap_or_default();
        let (more, error) = fill(reader, rest);
        failed = error.is_some();
        bytes.truncate(n_bytes + more);
    }
    let whole = bytes.len() <= max && !failed;
    bytes.truncate(max);
    bytes.shrink_to_fit();
    (bytes, whole)
}

/// Reads up to `max` bytes at `offset`; fewer at the end or on a failure.
pub(crate) fn read_at(reader: &mut dyn ReadSeek, offset: u64, max: usize) -> Vec<u8> {
    if reader.seek(SeekFrom::Start(offset)).is_err() {
        return Vec::new();
    }
    let mut bytes = vec![0; max];
    let (n_bytes, _) = fill(reader, &mut bytes);
    bytes.truncate(n_bytes);
    bytes
}
