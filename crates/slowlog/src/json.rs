//! Objects of JSON, one to a line, read where they stand: no tree, no copies but of escaped texts.

use memchr::{memchr, memchr2};

/// A string as it stands in JSON, without its quotes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Text<'a> {
    /// With its escapes.
    pub(crate) raw: &'a [u8],
    escaped: bool,
}

/// The inside of a string that begins here, up to its closing quote.
pub(crate) fn string_at(bytes: &[u8]) -> &[u8] {
    let mut at = 0;
    while let Some(len) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += len;
        if bytes.get(at) == Some(&b'"') {
            return bytes.get(..at).unwrap_or_default();
        }
        at += 2;
    }
    bytes
}

/// Deepest nesting of a line that is read.
const DEPTH_MAX: u32 = 32;

/// Reads the keys and values of an object, nested ones too, and gives what stands behind it; `None`
/// when it is no whole object.
#[inline]
pub(crate) fn walk<'a>(
    bytes: &'a [u8],
    mut each: impl FnMut(&'a [u8], Text<'a>),
) -> Option<&'a [u8]> {
    let mut at = 1;
    // One bit per level: whether it is an array.
    let mut arrays = 0u32;
    let mut depth = 1u32;
    let mut key: Option<&[u8]> = None;
    if bytes.first() != Some(&b'{') {
        return None;
    }
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at += 1;
                let start = at;
                let mut escaped = false;
                loop {
                    at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
                    if bytes.get(at) == Some(&b'"') {
                        break;
                    }
                    escaped = true;
                    at += 2;
                }
                let raw = bytes.get(start..at)?;
                at += 1;
                match key {
                    None if arrays & 1 == 0 => key = Some(raw),
                    _ => {
                        if let Some(key) = key {
                            each(key, Text { raw, escaped });
                        }
                    }
                }
            }
            b':' | b' ' | b'\t' | b'\r' => at += 1,
            b',' => {
                if arrays & 1 == 0 {
                    key = None;
                }
                at += 1;
            }
            open @ (b'{' | b'[') => {
                if depth >= DEPTH_MAX {
                    return None;
                }
                depth += 1;
                arrays = arrays << 1 | u32::from(open == b'[');
                key = None;
                at += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                arrays >>= 1;
                key = None;
                at += 1;
                if depth == 0 {
                    return bytes.get(at..);
                }
            }
            _ => {
                let start = at;
                at += bytes
                    .get(at..)?
                    .iter()
                    .position(|byte| matches!(byte, b',' | b'}' | b']' | b' '))?;
                if let Some(key) = key {
                    each(key, Text { raw: bytes.get(start..at)?, escaped: false });
                }
            }
        }
    }
}

/// Takes escapes out.
pub(crate) fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at + 1).copied();
        rest = rest.get(at + 2..).unwrap_or_default();
        match escape {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'u') => {
                let unit = hex4(rest);
                rest = rest.get(4..).unwrap_or_default();
                let mut code = unit.unwrap_or(0xfffd);
                if (0xd800..0xdc00).contains(&code)
                    && rest.starts_with(b"\\u")
                    && let Some(low) =
                        rest.get(2..).and_then(hex4).filter(|low| (0xdc00..0xe000).contains(low))
                {
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    rest = rest.get(6..).unwrap_or_default();
                }
                let char = char::from_u32(code).unwrap_or('\u{fffd}');
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out.extend_from_slice(rest);
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(bytes.get(..4)?).ok()?, 16).ok()
}

/// The text, without escapes.
#[inline]
pub(crate) fn plain<'a>(text: Text<'a>, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if text.escaped {
        unescape(text.raw, buffer);
        buffer
    } else {
        text.raw
    }
}

/// Whether nothing but what stands between the objects of an array is behind one: more objects on
/// its line are for the reader of arrays.
pub(crate) fn is_end(behind: &[u8]) -> bool {
    behind.iter().all(|byte| matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r'))
}
