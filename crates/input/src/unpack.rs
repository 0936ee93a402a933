//! Decompression that keeps every byte in front of a damage.

use crate::reader::Notes;
use bzip2::read::MultiBzDecoder;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use lzma_rust2::XzReader;
use std::io::{self, BufReader, Read};
use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};

/// Packed bytes read at a time.
const FEED_BYTES: usize = 64 << 10;

/// Packed bytes on their way into a decoder. A failure of the reader is noted and ends them.
struct Feed {
    inner: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    notes: Notes,
}

impl Feed {
    fn new(inner: Box<dyn Read + Send>, notes: Notes) -> Self {
        Self { inner, buffer: vec![0; FEED_BYTES], start: 0, end: 0, ended: false, notes }
    }

    /// The bytes at hand; reads when there are none. Empty at the end.
    fn bytes(&mut self) -> &[u8] {
        if self.start == self.end && !self.ended {
            self.start = 0;
            self.end = match self.inner.read(&mut self.buffer) {
                Ok(n_bytes) => n_bytes,
                Err(error) => {
                    self.notes.add(format!("reading failed: {error}"), "");
                    0
                }
            };
            self.ended = self.end == 0;
        }
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn consume(&mut self, n_bytes: usize) {
        self.start = (self.start + n_bytes).min(self.end);
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes().first().copied();
        self.consume(1);
        byte
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut out = [0; N];
        for slot in &mut out {
            *slot = self.byte()?;
        }
        Some(out)
    }
}

/// How a step of inflating ended.
enum Step {
    /// With this many bytes, and more to come.
    Some(usize),
    /// With these as the last ones.
    Last(usize),
    /// With these, and then the packed bytes made no sense or were missing.
    Broken(usize, &'static str),
}

const TRUNCATED: &str = "the packed data ends too early; what could be unpacked was read";
const DAMAGED: &str = "the packed data is damaged; what lies before was read";

/// One step: gives at least a byte unless it is the last one.
fn inflate(feed: &mut Feed, state: &mut Decompress, out: &mut [u8]) -> Step {
    loop {
        let packed = feed.bytes();
        let at_end = packed.is_empty();
        let (in_before, out_before) = (state.total_in(), state.total_out());
        let status = state.decompress(packed, out, FlushDecompress::None);
        // Bytes count even if the step failed after them.
        let n_in = usize::try_from(state.total_in() - in_before).unwrap_or(usize::MAX);
        let n_out =
            usize::try_from(state.total_out() - out_before).unwrap_or(usize::MAX).min(out.len());
        feed.consume(n_in);
        match status {
            Ok(Status::StreamEnd) => return Step::Last(n_out),
            Ok(Status::Ok | Status::BufError) if n_out > 0 => return Step::Some(n_out),
            Ok(Status::Ok | Status::BufError) if at_end => return Step::Broken(0, TRUNCATED),
            Ok(Status::Ok | Status::BufError) if n_in == 0 => return Step::Broken(0, DAMAGED),
            Ok(Status::Ok | Status::BufError) => {}
            Err(_) => return Step::Broken(n_out, DAMAGED),
        }
    }
}

/// Raw deflate, as in zip archives.
pub(crate) struct Inflate {
    feed: Feed,
    state: Decompress,
    n_bytes: u64,
    ended: bool,
}

impl Inflate {
    pub(crate) fn new(inner: Box<dyn Read + Send>, notes: Notes) -> Self {
        Self {
            feed: Feed::new(inner, notes),
            state: Decompress::new(false),
            n_bytes: 0,
            ended: false,
        }
    }
}

impl Read for Inflate {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        let (n_bytes, ended, broken) = match inflate(&mut self.feed, &mut self.state, out) {
            Step::Some(n_bytes) => (n_bytes, false, None),
            Step::Last(n_bytes) => (n_bytes, true, None),
            Step::Broken(n_bytes, what) => (n_bytes, true, Some(what)),
        };
        self.n_bytes += n_bytes as u64;
        self.ended = ended;
        if let Some(what) = broken {
            self.feed.notes.add(what, format!("byte:{}", self.n_bytes));
        }
        Ok(n_bytes)
    }
}

/// Where a gzip reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GzipAt {
    FirstHeader,
    Body,
    Trailer,
    NextHeader,
    End,
}

/// A gzip file of one or more streams (RFC 1952): rotated logs may be appended to one another.
pub(crate) struct Gunzip {
    feed: Feed,
    state: Decompress,
    crc: Crc,
    n_bytes: u64,
    at: GzipAt,
}

impl Gunzip {
    pub(crate) fn new(inner: Box<dyn Read + Send>, notes: Notes) -> Self {
        Self {
            feed: Feed::new(inner, notes),
            state: Decompress::new(false),
            crc: Crc::new(),
            n_bytes: 0,
            at: GzipAt::FirstHeader,
        }
    }

    fn note(&self, what: &str) {
        self.feed.notes.add(what, format!("byte:{}", self.n_bytes));
    }

    fn header(&mut self) -> Option<()> {
        let [id1, id2, method, flags, ..] = self.feed.array::<10>()?;
        if (id1, id2, method) != (0x1F, 0x8B, 8) {
            return None;
        }
        if flags & 4 != 0 {
            let n_extra = u16::from_le_bytes(self.feed.array()?);
            for _ in 0..n_extra {
                self.feed.byte()?;
            }
        }
        // The name and the comment, each ended by a zero byte.
        for flag in [8, 16] {
            if flags & flag != 0 {
                while self.feed.byte()? != 0 {}
            }
        }
        if flags & 2 != 0 {
            self.feed.array::<2>()?;
        }
        Some(())
    }

    fn begin(&mut self) -> GzipAt {
        let first = self.at == GzipAt::FirstHeader;
        if !first && self.feed.bytes().is_empty() {
            return GzipAt::End;
        }
        if self.header().is_some() {
            self.state.reset(false);
            self.crc.reset();
            return GzipAt::Body;
        }
        self.note(if first {
            TRUNCATED
        } else {
            "bytes after the end of the packed data are not read"
        });
        GzipAt::End
    }

    fn check(&mut self) -> GzipAt {
        match self.feed.array::<8>() {
            Some([a, b, c, d, ..]) if u32::from_le_bytes([a, b, c, d]) == self.crc.sum() => {}
            Some(_) => self.note(WRONG_CRC),
            None => self.note(TRUNCATED),
        }
        GzipAt::NextHeader
    }
}

impl Read for Gunzip {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let (n_bytes, broken) = match self.at {
                GzipAt::End => return Ok(0),
                GzipAt::FirstHeader | GzipAt::NextHeader => {
                    self.at = self.begin();
                    continue;
                }
                GzipAt::Trailer => {
                    self.at = self.check();
                    continue;
                }
                GzipAt::Body => match inflate(&mut self.feed, &mut self.state, out) {
                    Step::Some(n_bytes) => (n_bytes, None),
                    Step::Last(n_bytes) => {
                        self.at = GzipAt::Trailer;
                        (n_bytes, None)
                    }
                    Step::Broken(n_bytes, what) => {
                        self.at = GzipAt::End;
                        (n_bytes, Some(what))
                    }
                },
            };
            self.crc.update(out.get(..n_bytes).unwrap_or_default());
            self.n_bytes += n_bytes as u64;
            if let Some(what) = broken {
                self.note(what);
            }
            if n_bytes > 0 {
                return Ok(n_bytes);
            }
        }
    }
}

/// A Zstandard file of one or more frames (RFC 8878).
pub(crate) struct Unzstd {
    feed: Feed,
    decoder: Option<Decoder<'static>>,
    n_bytes: u64,
    in_frame: bool,
}

impl Unzstd {
    pub(crate) fn new(inner: Box<dyn Read + Send>, notes: Notes) -> Self {
        // A decoder is refused only for want of memory.
        let decoder = Decoder::new().ok();
        Self { feed: Feed::new(inner, notes), decoder, n_bytes: 0, in_frame: false }
    }

    fn end(&mut self, what: &str) {
        self.decoder = None;
        self.feed.notes.add(what, format!("byte:{}", self.n_bytes));
    }
}

impl Read for Unzstd {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(decoder) = &mut self.decoder else { return Ok(0) };
            let packed = self.feed.bytes();
            let at_end = packed.is_empty();
            if at_end && !self.in_frame {
                return Ok(0);
            }
            let mut from = InBuffer::around(packed);
            let mut into = OutBuffer::around(&mut *out);
            let result = decoder.run(&mut from, &mut into);
            let (n_in, n_out) = (from.pos(), into.pos());
            self.feed.consume(n_in);
            self.n_bytes += n_out as u64;
            let was_in_frame = self.in_frame;
            match result {
                Ok(hint) => self.in_frame = hint != 0,
                Err(_) if !was_in_frame && self.n_bytes > 0 => {
                    self.end("bytes after the end of the packed data are not read");
                }
                Err(_) => self.end(DAMAGED),
            }
            if n_out > 0 {
                return Ok(n_out);
            }
            if self.decoder.is_some() && at_end {
                self.end(TRUNCATED);
            } else if self.decoder.is_some() && n_in == 0 {
                self.end(DAMAGED);
            }
        }
    }
}

/// Memory that unpacking an xz file may take, in KiB: `xz -9` asks for 64 MiB.
const XZ_MEMORY_KIB_MAX: u32 = 72 << 10;
/// Bytes that are unpacked at a time by those that give none of a step that fails.
const STEP_BYTES: usize = 1 << 10;

/// What a foreign reader gives, up to its first failure: none is read again behind that.
struct UntilFailure<R> {
    inner: Option<R>,
    n_bytes: u64,
    notes: Notes,
}

impl<R: Read> Read for UntilFailure<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(inner) = self.inner.as_mut().filter(|_| !out.is_empty()) else { return Ok(0) };
        let step = out.len().min(STEP_BYTES);
        match inner.read(out.get_mut(..step).unwrap_or_default()) {
            Ok(n_bytes) => {
                self.n_bytes += n_bytes as u64;
                Ok(n_bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.inner = None;
                let what = if error.kind() == io::ErrorKind::UnexpectedEof {
                    TRUNCATED
                } else if error.kind() == io::ErrorKind::OutOfMemory {
                    XZ_MEMORY
                } else {
                    DAMAGED
                };
                self.notes.add(what, format!("byte:{}", self.n_bytes));
                Ok(0)
            }
        }
    }
}

const XZ_MEMORY: &str = "unpacking takes more than 72 MiB of memory: unpack it with `unxz`";

/// An xz file of one or more streams.
pub(crate) struct Unxz(UntilFailure<XzReader<Box<dyn Read + Send>>>);

impl Unxz {
    pub(crate) fn new(inner: Box<dyn Read + Send>, notes: Notes) -> Self {
        let inner: Box<dyn Read + Send> = Box::new(BufReader::with_capacity(FEED_BYTES, inner));
        let reader = XzReader::new_mem_limit(inner, true, XZ_MEMORY_KIB_MAX);
        Self(UntilFailure { inner: Some(reader), n_bytes: 0, notes })
    }
}

impl Read for Unxz {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

/// A bzip2 file of one or more streams.
pub(crate) struct Bunzip2(UntilFailure<MultiBzDecoder<Box<dyn Read + Send>>>);

impl Bunzip2 {
    pub(crate) fn new(inner: Box<dyn Read + Send>, notes: Notes) -> Self {
        let reader = MultiBzDecoder::new(inner);
        Self(UntilFailure { inner: Some(reader), n_bytes: 0, notes })
    }
}

impl Read for Bunzip2 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

const WRONG_CRC: &str = "the checksum differs: the data is used and may be damaged";

/// Compares what an archive declares with what was read.
pub(crate) struct Checked<R> {
    inner: R,
    crc: Crc,
    n_bytes: u64,
    declared: Option<(u32, u64)>,
    notes: Notes,
}

impl<R: Read> Checked<R> {
    pub(crate) fn new(inner: R, crc: u32, size: u64, notes: Notes) -> Self {
        Self { inner, crc: Crc::new(), n_bytes: 0, declared: Some((crc, size)), notes }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.inner.read(out)?;
        self.crc.update(out.get(..n_bytes).unwrap_or_default());
        self.n_bytes += n_bytes as u64;
        if n_bytes == 0
            && !out.is_empty()
            && let Some((crc, size)) = self.declared.take()
        {
            if size != self.n_bytes {
                self.notes.add(
                    "the size differs from the declared one",
                    format!("byte:{}", self.n_bytes),
                );
            } else if crc != self.crc.sum() {
                self.notes.add(WRONG_CRC, "");
            }
        }
        Ok(n_bytes)
    }
}
