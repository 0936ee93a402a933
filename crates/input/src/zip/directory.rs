//! The central directory at the end of the archive.

use super::{Entry, EntryKind, Fields, IN_EXTRA, extras, modified_s, name};
use crate::Session;
use crate::raw::{ReadSeek, read_at};
use memchr::memmem;
use model::Issues;

/// The directory of the members that are allowed is far smaller: 10,000 with names of 100 bytes
/// are 1.5 MB.
const DIRECTORY_BYTES_MAX: u64 = 64 << 20;
/// The end record, its comment of up to 65,535 bytes, and the two records of 64-bit archives.
const TAIL_BYTES: u64 = 22 + 65_535 + 20 + 56;
const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_BYTES: usize = 46;

/// What the directory gave.
#[derive(Default)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    /// Entries beyond the limit.
    pub(super) n_over: u64,
    /// Whether every entry that the end record promises was there.
    pub(super) complete: bool,
}

/// Where the directory is, by the end record.
struct End {
    start: u64,
    len: u64,
    n_entries: u64,
    /// Bytes that something put in front of the archive.
    shift: u64,
}

pub(super) fn read(
    archive: &mut dyn ReadSeek,
    len: u64,
    session: &Session,
    issues: &mut Issues,
) -> Directory {
    let Some(end) = end(archive, len, issues) else { return Directory::default() };
    if end.len > DIRECTORY_BYTES_MAX {
        issues.add(
            format!("the directory of the archive is larger than {DIRECTORY_BYTES_MAX} bytes"),
            "",
            0,
        );
        return Directory::default();
    }
    let bytes = read_at(archive, end.start, usize::try_from(end.len).unwrap_or(0));
    let mut directory = Directory::default();
    let mut rest = bytes.as_slice();
    let mut n_seen = 0;
    while let Some((entry, after)) = entry(rest, end.shift) {
        rest = after;
        n_seen += 1;
        // One beyond the limit is enough for the caller to see that it was met.
        if directory.entries.len() as u64 <= session.limits().members_max {
            directory.entries.push(entry);
        } else {
            directory.n_over += 1;
        }
    }
    // The count is kept in 16 bits by old writers.
    directory.complete = n_seen & 0xFFFF == end.n_entries & 0xFFFF && rest.is_empty();
    directory
}

fn end(archive: &mut dyn ReadSeek, len: u64, issues: &mut Issues) -> Option<End> {
    let tail_start = len.saturating_sub(TAIL_BYTES);
    let tail = read_at(archive, tail_start, usize::try_from(TAIL_BYTES.min(len)).unwrap_or(0));
    // The last one whose comment fits is the right one: a comment may hold the signature.
    let mut searched = tail.as_slice();
    let (at, record) = loop {
        let at = memmem::rfind(searched, END)?;
        let record = tail.get(at..)?;
        let comment = usize::from(Fields(record).u16(20));
        if record.len() >= END_BYTES + comment {
            break (at, record);
        }
        searched = searched.get(..at)?;
    };
    let fields = Fields(record);
    if fields.u16(4) != 0 && fields.u16(4) != u16::MAX {
        issues.add("a part of an archive in several parts: join them with `zip -s 0`", "", 0);
    }
    let (mut n_entries, mut n_bytes, mut offset) =
        (u64::from(fields.u16(10)), u64::from(fields.u32(12)), u64::from(fields.u32(16)));
    let mut end_at = tail_start + at as u64;
    let locator = at.checked_sub(20).and_then(|start| tail.get(start..at));
    if let Some(locator) = locator.filter(|locator| locator.starts_with(b"PK\x06\x07")) {
        let wide = read_at(archive, Fields(locator).u64(8), 56);
        if wide.starts_with(b"PK\x06\x06") && wide.len() == 56 {
            let wide = Fields(&wide);
            (n_entries, n_bytes, offset) = (wide.u64(32), wide.u64(40), wide.u64(48));
            end_at = Fields(locator).u64(8);
        }
    }
    // The directory ends where the end record begins, whatever was put in front of the archive.
    let start = end_at.checked_sub(n_bytes)?;
    let declared = read_at(archive, offset, 4);
    if n_entries == 0 || (declared == CENTRAL && offset.checked_add(n_bytes)? <= end_at) {
        return Some(End { start: offset, len: n_bytes, n_entries, shift: 0 });
    }
    Some(End { start, len: n_bytes, n_entries, shift: start.checked_sub(offset)? })
}

fn entry(bytes: &[u8], shift: u64) -> Option<(Entry, &[u8])> {
    if !bytes.starts_with(CENTRAL) || bytes.len() < CENTRAL_BYTES {
        return None;
    }
    let fields = Fields(bytes);
    let name_end = CENTRAL_BYTES + usize::from(fields.u16(28));
    let extra_end = name_end + usize::from(fields.u16(30));
    let end = extra_end + usize::from(fields.u16(32));
    let raw_name = bytes.get(CENTRAL_BYTES..name_end)?;
    let extra = bytes.get(name_end..extra_end)?;
    let rest = bytes.get(end..)?;
    let (mut packed, mut size, mut offset) =
        (u64::from(fields.u32(20)), u64::from(fields.u32(24)), u64::from(fields.u32(42)));
    if let Some((_, wide)) = extras(extra).find(|(id, _)| *id == 1) {
        // In this order, and only those that do not fit.
        let mut at = 0;
        for (value, narrow) in [
            (&mut size, fields.u32(24)),
            (&mut packed, fields.u32(20)),
            (&mut offset, fields.u32(42)),
        ] {
            if narrow == IN_EXTRA && wide.len() >= at + 8 {
                *value = Fields(wide).u64(at);
                at += 8;
            }
        }
    }
    let unix_mode = if fields.u16(4) >> 8 == 3 { fields.u32(38) >> 16 & 0o170_000 } else { 0 };
    let kind = match unix_mode {
        0o120_000 => EntryKind::Link,
        _ if raw_name.ends_with(b"/") => EntryKind::Folder,
        _ => EntryKind::File,
    };
    let entry = Entry {
        offset: offset.checked_add(shift)?,
        method: fields.u16(10),
        encrypted: fields.u16(8) & 1 == 1,
        packed,
        size,
        crc: fields.u32(16),
        name: name(raw_name),
        modified_s: modified_s(fields.u16(12), fields.u16(14), extra),
        kind,
        overlapping: false,
        cut: false,
    };
    Some((entry, rest))
}
