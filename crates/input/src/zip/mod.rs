//! The list of a zip archive's members, also where its directory is missing or damaged.
//!
//! Read here and not by a library, for an archive that was cut off or overwritten is the one that
//! a server in trouble gives: its members are then found by the headers in front of their data.
//! Source: PKWARE APPNOTE 6.3.10.

mod directory;
mod scan;

use crate::Session;
use crate::raw::{ReadSeek, read_at};
use model::Issues;
use std::io::{self, Read, Seek as _, SeekFrom};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Folder,
    Link,
}

/// An entry of the archive as it declares itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Of its local header, from the start of the file.
    pub(crate) offset: u64,
    pub(crate) method: u16,
    pub(crate) encrypted: bool,
    pub(crate) packed: u64,
    pub(crate) size: u64,
    pub(crate) crc: u32,
    pub(crate) name: String,
    pub(crate) modified_s: Option<i64>,
    pub(crate) kind: EntryKind,
    /// Refused: begins before the one in front of it ends.
    pub(crate) overlapping: bool,
    /// The sizes and the checksum are unknown: the archive ends inside it.
    pub(crate) cut: bool,
}

impl Entry {
    /// The packed bytes: from the archive's reader, behind the local header.
    pub(crate) fn data(
        &self,
        mut archive: Box<dyn ReadSeek>,
    ) -> io::Result<io::Take<Box<dyn ReadSeek>>> {
        let local = read_at(&mut *archive, self.offset, LOCAL_BYTES);
        let fields = Fields(&local);
        if !local.starts_with(LOCAL) || local.len() < LOCAL_BYTES {
            return Err(io::Error::other("no member begins where the directory says"));
        }
        let names = u64::from(fields.u16(26)) + u64::from(fields.u16(28));
        let start = self.offset.saturating_add(LOCAL_BYTES as u64).saturating_add(names);
        archive.seek(SeekFrom::Start(start))?;
        Ok(archive.take(self.packed))
    }
}

/// Lists the entries of an archive of `len` bytes, in the order of its directory.
///
/// Issues: a missing or damaged directory (then the local headers are used), entries beyond the
/// limit, entries that overlap (they are marked).
pub(crate) fn entries(
    archive: &mut dyn ReadSeek,
    len: u64,
    session: &Session,
    issues: &mut Issues,
) -> Vec<Entry> {
    let mut found = directory::read(archive, len, session, issues);
    if !found.complete {
        let scanned = scan::read(archive, len, session);
        if scanned.len() >= found.entries.len() {
            found.entries = scanned;
        }
        let reason = "the directory of the archive is missing or damaged: members were found by their headers";
        issues.add(reason, "", 1);
    }
    let max = usize::try_from(session.limits().members_max).unwrap_or(usize::MAX);
    let n_over = found.entries.len().saturating_sub(max) as u64 + found.n_over;
    if n_over > 0 {
        let reason = format!("more than {max} members: further ones are not listed");
        issues.add(reason, "", n_over);
        found.entries.truncate(max);
    }
    mark_overlaps(&mut found.entries);
    found.entries
}

/// Marks every entry whose bytes begin inside another one: bombs share one block of packed bytes
/// between many members; nothing else does.
fn mark_overlaps(entries: &mut [Entry]) {
    let mut order: Vec<&mut Entry> = entries.iter_mut().collect();
    order.sort_by_key(|entry| entry.offset);
    let mut end = 0;
    for entry in order {
        if entry.offset < end {
            entry.overlapping = true;
        } else {
            // The name may be sanitised by now; the header alone is enough to tell bombs.
            end = entry.offset.saturating_add(LOCAL_BYTES as u64).saturating_add(entry.packed);
        }
    }
}

/// Signature of a local header.
const LOCAL: &[u8] = b"PK\x03\x04";
/// Bytes of a local header without name and extra fields.
const LOCAL_BYTES: usize = 30;
/// A size that stands in a 64-bit extra field.
const IN_EXTRA: u32 = u32::MAX;

/// Little-endian fields of a header. What lies beyond its end is 0.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> [u8; N] {
        let bytes = self.0.get(at..).and_then(|rest| rest.first_chunk());
        bytes.copied().unwrap_or([0; N])
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.bytes(at))
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes(at))
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.bytes(at))
    }
}

/// The extra fields of a header: `(id, bytes)`.
fn extras(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let fields = Fields(extra);
        let (id, len) = (fields.u16(0), usize::from(fields.u16(2)));
        let bytes = extra.get(4..4 + len)?;
        extra = extra.get(4 + len..)?;
        Some((id, bytes))
    })
}

/// Seconds since 1970 of the extended timestamp, else of the MS-DOS date as if it were UTC.
fn modified_s(dos_time: u16, dos_date: u16, extra: &[u8]) -> Option<i64> {
    let extended = extras(extra).find_map(|(id, bytes)| match bytes {
        [flags, rest @ ..] if id == 0x5455 && flags & 1 == 1 && rest.len() >= 4 => {
            Some(i64::from(i32::from_le_bytes(Fields(rest).bytes(0))))
        }
        _ => None,
    });
    extended.or_else(|| {
        let (year, month, day) = (
            1980 + i64::from(dos_date >> 9),
            i64::from(dos_date >> 5 & 15),
            i64::from(dos_date & 31),
        );
        if !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        // Days from the civil calendar, counted from March so that the leap day comes last.
        let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
        let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
        let time = i64::from(dos_time);
        Some(days * 86_400 + (time >> 11) * 3600 + (time >> 5 & 63) * 60 + (time & 31) * 2)
    })
}

/// A name as text: UTF-8 where it is, else with U+FFFD.
fn name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
