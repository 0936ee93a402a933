//! What a member is, by its first bytes.

use crate::container::{At, Packings, unpacked};
use crate::magic::{self, Magic};
use crate::raw::head;
use crate::reader::Notes;
use crate::{Member, Packing, Session, Unopened, utf16};
use model::Issues;
use std::io;

/// Bytes at the start of a member that recognisers see.
pub(crate) const HEAD_BYTES: usize = 64 << 10;
/// Members of a run whose head is kept whole: 64 MiB of heads. Later ones keep less.
const FULL_HEADS_MAX: u64 = 1024;
/// Enough to recognise what was seen a thousand times before.
const SHORT_HEAD_BYTES: usize = 4 << 10;

/// What a member turns out to be.
#[derive(Debug, Default)]
pub(crate) struct Sniffed {
    pub(crate) packings: Packings,
    /// An archive of this kind.
    pub(crate) archive: Option<&'static str>,
    unsupported: Option<&'static str>,
    /// Unpacked.
    head: Vec<u8>,
    whole: bool,
}

/// Looks at the first bytes as stored; unpacks them for the head.
pub(crate) fn sniff(stored: &[u8], whole: bool, session: &Session) -> Sniffed {
    let mut sniffed = Sniffed { whole, ..Sniffed::default() };
    let packing = match magic::of(stored) {
        Magic::Zip => {
            sniffed.archive = Some("zip");
            return sniffed;
        }
        Magic::Tar => {
            sniffed.archive = Some("tar");
            return sniffed;
        }
        Magic::Unsupported(remedy) => {
            sniffed.unsupported = Some(remedy);
            return sniffed;
        }
        other @ (Magic::Gzip | Magic::Zstd | Magic::Xz | Magic::Bzip2 | Magic::Data) => {
            packing_of(other)
        }
    };
    let head_max = if session.add_head() < FULL_HEADS_MAX { HEAD_BYTES } else { SHORT_HEAD_BYTES };
    if packing == Packing::Plain {
        sniffed.head = stored.get(..stored.len().min(head_max)).unwrap_or_default().to_vec();
        sniffed.whole = whole && stored.len() <= head_max;
        return sniffed;
    }
    let look = |packings| {
        let bytes = io::Cursor::new(stored.to_vec());
        head(&mut unpacked(Box::new(bytes), packings, &Notes::default()), head_max)
    };
    let mut packings = Packings([packing, Packing::Plain]);
    let (mut head, mut ended) = look(packings);
    let inner = packing_of(magic::of(&head));
    if inner != Packing::Plain {
        packings = Packings([packing, inner]);
        (head, ended) = look(packings);
    }
    sniffed.packings = packings;
    sniffed.whole = whole && ended;
    sniffed.archive = match (magic::of(&head), packings) {
        (Magic::Tar, Packings([Packing::Zstd, Packing::Plain])) => Some("tar.zst"),
        (Magic::Tar, Packings([Packing::Xz, Packing::Plain])) => Some("tar.xz"),
        (Magic::Tar, Packings([Packing::Bzip2, Packing::Plain])) => Some("tar.bz2"),
        (Magic::Tar, _) => Some("tar.gz"),
        (Magic::Zip, _) => Some("packed zip"),
        // What is packed more often is not opened.
        (other, _) if packing_of(other) != Packing::Plain => Some("file packed three times"),
        _ => None,
    };
    if sniffed.archive.is_none() && is_binary(&head) {
        sniffed.packings = Packings::default();
        // A format that is packed by itself, such as a profile: given as it is stored.
        sniffed.head = stored.get(..stored.len().min(head_max)).unwrap_or_default().to_vec();
        sniffed.whole = whole && stored.len() <= head_max;
        return sniffed;
    }
    sniffed.head = head;
    sniffed
}

/// The packing of a file that begins so.
pub(crate) fn packing_of(magic: Magic) -> Packing {
    match magic {
        Magic::Gzip => Packing::Gzip,
        Magic::Zstd => Packing::Zstd,
        Magic::Xz => Packing::Xz,
        Magic::Bzip2 => Packing::Bzip2,
        Magic::Zip | Magic::Tar | Magic::Unsupported(_) | Magic::Data => Packing::Plain,
    }
}

/// Whether unpacked bytes are no text: control characters that no log has, unless UTF-16.
fn is_binary(head: &[u8]) -> bool {
    let utf16 = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    let start = head.get(..head.len().min(SHORT_HEAD_BYTES)).unwrap_or_default();
    let n_controls =
        start.iter().filter(|byte| matches!(byte, 0..=8 | 11 | 12 | 14..=26 | 28..=31)).count();
    // A log that was cut off by a crash may begin with some zeros; a profile has one in ten.
    !utf16 && n_controls * 20 > start.len()
}

impl Sniffed {
    /// A member that stands by itself.
    pub(crate) fn member(self, name: String, source: String, at: At) -> Member {
        let mut member = Member {
            path_bytes: name.len(),
            name,
            source,
            size: None,
            modified_s: None,
            packings: self.packings,
            utf16: text::utf16_of(&self.head),
            head: self.head,
            whole: self.whole,
            unopened: None,
            issues: Issues::default(),
            at,
        };
        if let Some(encoding) = member.utf16 {
            member.head = utf16::head(&member.head, encoding);
        }
        if let Some(remedy) = self.unsupported {
            member.unopened = Some(Unopened::Unsupported(remedy));
            member.issues.add(remedy, "", 0);
        }
        member
    }

    /// A member inside an archive: an archive in it is not opened.
    pub(crate) fn nested(mut self, name: String, source: String, at: At) -> Member {
        let archive = self.archive;
        if archive.is_some() {
            self.head = Vec::new();
        }
        let mut member = self.member(name, source, at);
        if let Some(kind) = archive {
            member.unopened = Some(Unopened::NestedArchive(kind));
            member.issues.add(
                "an archive inside an archive is not opened: unpack it and name it",
                "",
                0,
            );
        }
        member
    }
}
