//! The list of a tar archive's members.
//!
//! Source: POSIX.1-2017 pax interchange format; GNU tar manual, "Basic Tar Format".

use crate::Session;
use crate::raw::fill;
use crate::raw::{MORE_BYTES, wants_more};
use model::Issues;
use std::io::Read;

const BLOCK: usize = 512;
/// Long names and pax records are some hundred bytes.
const META_BYTES_MAX: u64 = 64 << 10;

/// A file in the archive.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Of its first byte in the unpacked archive.
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) modified_s: Option<i64>,
    pub(crate) link: bool,
    /// Its first bytes, as stored.
    pub(crate) head: Vec<u8>,
}

/// Whether `block` begins with a header: its checksum fits and it has a name.
pub(crate) fn is_header(block: &[u8]) -> bool {
    let Some(header) = block.first_chunk::<BLOCK>() else { return false };
    let Some(declared) = number(header, 148, 8) else { return false };
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(i, byte)| if (148..156).contains(&i) { 32 } else { u64::from(*byte) })
        .sum();
    header[0] != 0 && sum == declared
}

/// An octal number of a header, or a large one in base 256.
fn number(header: &[u8; BLOCK], at: usize, len: usize) -> Option<u64> {
    let field = header.get(at..at + len)?;
    if let Some((first, rest)) = field.split_first().filter(|(first, _)| **first & 0x80 != 0) {
        let (top, low) = rest.split_at_checked(rest.len().checked_sub(8)?)?;
        let fits = first & 0x7F == 0 && top.iter().all(|byte| *byte == 0);
        return fits.then(|| low.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// What long-name and pax entries say about the next one.
#[derive(Default)]
struct Ahead {
    name: Option<String>,
    size: Option<u64>,
}

impl Ahead {
    fn pax(&mut self, mut records: &[u8]) {
        // `LENGTH KEY=VALUE\n`
        while let Some(space) = records.iter().position(|byte| *byte == b' ') {
            let Some(len) = records
                .get(..space)
                .and_then(|n| std::str::from_utf8(n).ok()?.parse::<usize>().ok())
            else {
                return;
            };
            let Some(record) = records.get(space + 1..len.saturating_sub(1)) else { return };
            if let Some(path) = record.strip_prefix(b"path=") {
                self.name = Some(text(path));
            } else if let Some(size) = record.strip_prefix(b"size=") {
                self.size = text(size).parse().ok();
            }
            let Some(rest) = records.get(len..) else { return };
            records = rest;
        }
    }
}

/// The unpacked archive while it is walked through.
struct Walk<'a> {
    stream: &'a mut dyn Read,
    offset: u64,
}

impl Walk<'_> {
    fn read(&mut self, max: usize) -> Vec<u8> {
        let mut bytes = vec![0; max];
        let (n_bytes, _) = fill(self.stream, &mut bytes);
        bytes.truncate(n_bytes);
        self.offset += n_bytes as u64;
        bytes
    }

    fn skip(&mut self, n_bytes: u64) -> bool {
        let skipped = std::io::copy(&mut (&mut *self.stream).take(n_bytes), &mut std::io::sink())
            .unwrap_or(0);
        self.offset += skipped;
        skipped == n_bytes
    }
}

/// Lists the files of an archive, in its order, with the first `head_bytes` of each.
///
/// Issues: a damaged header (the next good one is searched for), an archive that ends inside a
/// member, members beyond the limit, entries that are neither files nor folders.
pub(crate) fn entries(
    stream: &mut dyn Read,
    head_bytes: usize,
    session: &Session,
    issues: &mut Issues,
) -> Vec<Entry> {
    let mut walk = Walk { stream, offset: 0 };
    let mut entries = Vec::new();
    let mut ahead = Ahead::default();
    let mut in_damage = false;
    let mut was_zero = false;
    while !session.is_cancelled() {
        let block = walk.read(BLOCK);
        let Some(header) = block.first_chunk::<BLOCK>() else {
            if !was_zero && !in_damage {
                issues.add("the archive ends without its end mark: it may be cut off", "", 1);
            }
            break;
        };
        if header.iter().all(|byte| *byte == 0) {
            // Two of them end the archive; what follows is padding.
            if was_zero {
                break;
            }
            was_zero = true;
            continue;
        }
        was_zero = false;
        let size = number(header, 124, 12);
        let (true, Some(size)) = (is_header(header), size) else {
            if !in_damage {
                issues.add("a damaged header: members were lost up to the next good one", "", 1);
            }
            in_damage = true;
            continue;
        };
        in_damage = false;
        let padded = |size: u64| size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64);
        match header[156] {
            b'L' | b'x' if size <= META_BYTES_MAX => {
                let mut meta = walk.read(usize::try_from(padded(size)).unwrap_or(0));
                meta.truncate(usize::try_from(size).unwrap_or(0));
                if header[156] == b'L' {
                    ahead.name = Some(text(&meta));
                } else {
                    ahead.pax(&meta);
                }
                continue;
            }
            b'0' | 0 | b'7' | b'1' | b'2' => {}
            // Attributes for all, and the long name of a link.
            b'g' | b'K' => {
                walk.skip(padded(size));
                continue;
            }
            kind => {
                ahead = Ahead::default();
                if kind != b'5' {
                    issues.add("an entry that is neither file nor folder is not read", "", 0);
                }
                walk.skip(padded(size));
                continue;
            }
        }
        if entries.len() as u64 >= session.limits().members_max {
            let max = session.limits().members_max;
            issues.add(format!("more than {max} members: further ones are not listed"), "", 1);
            break;
        }
        let Ahead { name: long_name, size: long_size } = std::mem::take(&mut ahead);
        let link = matches!(header[156], b'1' | b'2');
        let size = if link { 0 } else { long_size.unwrap_or(size) };
        let short_name = || {
            let prefix = if header.get(257..262) == Some(b"ustar") && header[262] == 0 {
                text(header.get(345..500).unwrap_or_default())
            } else {
                String::new()
            };
            let name = text(header.get(..100).unwrap_or_default());
            if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
        };
        let offset = walk.offset;
        let len = usize::try_from(size).unwrap_or(usize::MAX);
        let mut head = walk.read(len.min(head_bytes));
        if wants_more(&head) {
            head.extend(walk.read(len.min(MORE_BYTES).saturating_sub(head.len())));
        }
        let read_all = walk.skip(padded(size).saturating_sub(head.len() as u64));
        let name = long_name.unwrap_or_else(short_name);
        // A folder of the oldest format is a file whose name ends in `/`.
        if !name.ends_with('/') {
            let modified_s = number(header, 136, 12).and_then(|time| i64::try_from(time).ok());
            entries.push(Entry { name, offset, size, modified_s, link, head });
        }
        if !read_all {
            issues.add("the archive ends inside a member: it was cut off", "", 1);
            break;
        }
    }
    entries
}
