//! Members by the headers in front of their data, where the directory is missing.

use super::{Entry, EntryKind, Fields, IN_EXTRA, LOCAL, LOCAL_BYTES, extras, modified_s, name};
use crate::Session;
use crate::raw::{ReadSeek, read_at};
use memchr::memmem;

/// Bytes searched at a time.
const BLOCK_BYTES: usize = 1 << 20;
/// Longer names are no names: the bytes only look like a header.
const NAME_BYTES_MAX: u16 = 4096;
/// Methods that writers use; other numbers only look like a header.
const METHODS: &[u16] = &[0, 8, 9, 12, 14, 93, 95, 97, 98, 99];
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
const CENTRAL: &[u8] = b"PK\x01\x02";

/// Lists what can be found; ends at the limit of members or when the run is cancelled.
pub(super) fn read(archive: &mut dyn ReadSeek, len: u64, session: &Session) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(offset) = find(archive, at, session, |_, _, found| found.starts_with(LOCAL)) {
        match local(archive, offset, len, session) {
            Some((entry, next)) => {
                entries.push(entry);
                at = next;
            }
            None => at = offset + LOCAL.len() as u64,
        }
        if entries.len() as u64 > session.limits().members_max || session.is_cancelled() {
            break;
        }
    }
    entries
}

/// The entry whose local header is at `offset`, and where its bytes end.
fn local(
    archive: &mut dyn ReadSeek,
    offset: u64,
    len: u64,
    session: &Session,
) -> Option<(Entry, u64)> {
    let header = read_at(archive, offset, LOCAL_BYTES);
    let fields = Fields(&header);
    let (flags, method, n_name, n_extra) =
        (fields.u16(6), fields.u16(8), fields.u16(26), fields.u16(28));
    if header.len() < LOCAL_BYTES
        || !METHODS.contains(&method)
        || n_name == 0
        || n_name > NAME_BYTES_MAX
    {
        return None;
    }
    let names =
        read_at(archive, offset + LOCAL_BYTES as u64, usize::from(n_name) + usize::from(n_extra));
    let (raw_name, extra) = names.split_at_checked(usize::from(n_name))?;
    let start = offset + LOCAL_BYTES as u64 + u64::from(n_name) + u64::from(n_extra);
    let (mut crc, mut packed, mut size) =
        (fields.u32(14), u64::from(fields.u32(18)), u64::from(fields.u32(22)));
    if let Some((_, wide)) =
        extras(extra).find(|(id, _)| *id == 1).filter(|_| fields.u32(18) == IN_EXTRA)
    {
        (size, packed) = (Fields(wide).u64(0), Fields(wide).u64(8));
    }
    let mut cut = false;
    if flags & 8 != 0 && packed == 0 {
        // Written as a stream: the sizes follow the data.
        match descriptor(archive, start, session) {
            Some((end, sizes)) => {
                packed = end.saturating_sub(start);
                (crc, size) = sizes.unwrap_or_default();
                cut = sizes.is_none();
            }
            None => {
                packed = len.saturating_sub(start);
                cut = true;
            }
        }
    }
    if start.saturating_add(packed) > len {
        packed = len.saturating_sub(start);
        cut = true;
    }
    let folder = raw_name.ends_with(b"/");
    let entry = Entry {
        offset,
        method,
        encrypted: flags & 1 == 1,
        packed,
        size,
        crc,
        name: name(raw_name),
        modified_s: modified_s(fields.u16(10), fields.u16(12), extra),
        kind: if folder { EntryKind::Folder } else { EntryKind::File },
        overlapping: false,
        cut,
    };
    Some((entry, start.saturating_add(packed)))
}

/// The end of data that begins at `start`, with checksum and size where a descriptor gives them.
///
/// A descriptor counts if the packed size in it is the distance: packed data may well hold the
/// signature of a descriptor or a header.
fn descriptor(
    archive: &mut dyn ReadSeek,
    start: u64,
    session: &Session,
) -> Option<(u64, Option<(u32, u64)>)> {
    let mut sizes = None;
    let end = find(archive, start, session, |offset, before, found| {
        let distance = offset - start;
        let fields = Fields(found);
        if found.starts_with(DESCRIPTOR) {
            let narrow = (u64::from(fields.u32(8)), u64::from(fields.u32(12)));
            let wide = (fields.u64(8), fields.u64(16));
            let fits = [narrow, wide].into_iter().find(|(packed, _)| *packed == distance);
            sizes = fits.map(|(_, size)| (fields.u32(4), size));
            return sizes.is_some();
        }
        // Without a signature: 12 bytes in front of the next header.
        (found.starts_with(LOCAL) || found.starts_with(CENTRAL))
            && Fields(before)
                .u32(4)
                .checked_add(12)
                .is_some_and(|packed| u64::from(packed) == distance)
    })?;
    match sizes {
        Some(_) => Some((end, sizes)),
        None => Some((end - 12, None)),
    }
}

/// The next `PK` at or behind `from` that `accepts` takes: given its offset, the 12 bytes in front
/// and up to 24 bytes from there on.
fn find(
    archive: &mut dyn ReadSeek,
    from: u64,
    session: &Session,
    mut accepts: impl FnMut(u64, &[u8], &[u8]) -> bool,
) -> Option<u64> {
    const BEFORE: u64 = 12;
    const AFTER: usize = 24;
    let mut block_start = from.saturating_sub(BEFORE);
    let mut searched_to = from;
    loop {
        if session.is_cancelled() {
            return None;
        }
        let block = read_at(archive, block_start, BLOCK_BYTES);
        let at_end = block.len() < BLOCK_BYTES;
        // What is near the end is looked at with the next block.
        let usable = if at_end { block.len() } else { block.len() - AFTER };
        for at in memmem::find_iter(&block, b"PK") {
            let offset = block_start + at as u64;
            if offset < searched_to || at >= usable {
                continue;
            }
            let before = block.get(at.saturating_sub(12)..at).unwrap_or_default();
            let found = block.get(at..(at + AFTER).min(block.len())).unwrap_or_default();
            if accepts(offset, before, found) {
                return Some(offset);
            }
        }
        if at_end {
            return None;
        }
        searched_to = block_start + usable as u64;
        block_start = searched_to - BEFORE;
    }
}
