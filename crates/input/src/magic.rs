//! What bytes are, by their first ones.

/// What a head shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Magic {
    /// A zip archive, also an empty one.
    Zip,
    /// A tar archive.
    Tar,
    /// A gzip file.
    Gzip,
    /// A Zstandard file.
    Zstd,
    /// An xz file.
    Xz,
    /// A bzip2 file.
    Bzip2,
    /// Packed in a way that is not supported, with the remedy.
    Unsupported(&'static str),
    /// Anything else.
    Data,
}

/// Starts of formats that are recognised and not read.
const UNSUPPORTED: &[(&[u8], &str)] = &[
    (b"\x04\x22\x4D\x18", "lz4 is not supported: unpack it with `unlz4`"),
    (b"7z\xBC\xAF\x27\x1C", "7-Zip is not supported: unpack it with `7z x` and name the folder"),
    (b"Rar!\x1A\x07", "RAR is not supported: unpack it with `unrar x` and name the folder"),
    (b"PK\x07\x08", "zip archives in several parts are not supported: join them with `zip -s 0`"),
];

/// What `head` is the start of.
pub(crate) fn of(head: &[u8]) -> Magic {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Magic::Zip;
    }
    // Method 8 is the only one there is; three flag bits are reserved and zero.
    if head.starts_with(&[0x1F, 0x8B, 8]) && head.get(3).is_some_and(|flags| flags & 0xE0 == 0) {
        return Magic::Gzip;
    }
    // A frame, or a skippable frame before it.
    if head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD])
        || matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
    {
        return Magic::Zstd;
    }
    if head.starts_with(b"\xFD7zXZ\0") {
        return Magic::Xz;
    }
    // Text may begin with `BZh`; what follows is a digit and a block of the number pi.
    if head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY") {
        return Magic::Bzip2;
    }
    if let Some((_, remedy)) = UNSUPPORTED.iter().find(|(start, _)| head.starts_with(start)) {
        return Magic::Unsupported(remedy);
    }
    if crate::tar::is_header(head) { Magic::Tar } else { Magic::Data }
}
