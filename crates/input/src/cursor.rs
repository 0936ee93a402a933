//! Reading parts of a compressed archive in order, in one pass.

use crate::Container;
use crate::reader::Notes;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// An unpacked archive and how far it was read.
pub(crate) struct Cursor {
    stream: Box<dyn Read + Send>,
    at: u64,
}

/// The cursor that the next reader of the same archive may go on with.
pub(crate) type Pool = Arc<Mutex<Option<Cursor>>>;

impl Cursor {
    /// `size` bytes from `offset` of the unpacked archive on.
    pub(crate) fn part(archive: &Container, offset: u64, size: u64) -> io::Result<Part> {
        if archive.packings.are_none() {
            let mut stream = archive.backing.open(&archive.session)?;
            stream.seek(SeekFrom::Start(offset))?;
            let cursor = Cursor { stream: Box::new(stream), at: offset };
            return Ok(Part { cursor: Some(cursor), rest: size, pool: None });
        }
        let pooled = archive.cursor.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut cursor = match pooled.filter(|cursor| cursor.at <= offset) {
            Some(cursor) => cursor,
            None => Cursor { stream: archive.archive_stream(&Notes::default())?, at: 0 },
        };
        let ahead = offset - cursor.at;
        let skipped = io::copy(&mut (&mut cursor.stream).take(ahead), &mut io::sink())?;
        cursor.at += skipped;
        if skipped < ahead {
            return Err(io::Error::other(
                "the archive ends before this member, or a limit was met",
            ));
        }
        Ok(Part { cursor: Some(cursor), rest: size, pool: Some(Arc::clone(&archive.cursor)) })
    }
}

/// A member of an archive; gives the archive back when it is dropped.
pub(crate) struct Part {
    cursor: Option<Cursor>,
    rest: u64,
    pool: Option<Pool>,
}

impl Read for Part {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(cursor) = &mut self.cursor else { return Ok(0) };
        let max = usize::try_from(self.rest).unwrap_or(usize::MAX).min(out.len());
        let n_bytes = cursor.stream.read(out.get_mut(..max).unwrap_or_default())?;
        if n_bytes == 0 && max > 0 {
            self.rest = 0;
            return Err(io::Error::other(
                "the archive ends inside this member, or a limit was met",
            ));
        }
        cursor.at += n_bytes as u64;
        self.rest -= n_bytes as u64;
        Ok(n_bytes)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let (Some(pool), Some(cursor)) = (&self.pool, self.cursor.take()) {
            *pool.lock().unwrap_or_else(PoisonError::into_inner) = Some(cursor);
        }
    }
}
