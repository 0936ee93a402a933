//! Taking out what a terminal or a reader's eye would be deceived by.

use std::borrow::Cow;

/// Characters without a width, and those that turn the direction of writing.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The text without control characters, escape sequences, bidirectional controls and invisible
/// characters. Line feeds and tabs stay; every other line end becomes a line feed.
pub(crate) fn sanitise(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = after;
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {
                rest = after.strip_prefix('\n').unwrap_or(after);
                out.push('\n');
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{1B}' => rest = behind_escape(after),
            '\u{9B}' => rest = behind_csi(after),
            '\u{90}' | '\u{98}' | '\u{9D}'..='\u{9F}' => rest = behind_string(after),
            _ if c.is_control() || is_invisible(c) => {}
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether there are only printable ASCII characters, line feeds and tabs: eight bytes at a time,
/// for nearly every value is clean.
pub(crate) fn is_clean(text: &str) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = 0x80 * EACH;
    let clean = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    let (chunks, rest) = text.as_bytes().as_chunks::<8>();
    chunks.iter().all(|chunk| {
        let word = u64::from_le_bytes(*chunk);
        let below_space = word.wrapping_sub(0x20 * EACH) & !word & TOP;
        let delete = (word ^ (0x7F * EACH)).wrapping_sub(EACH) & TOP;
        (word & TOP) | below_space | delete == 0 || chunk.iter().all(clean)
    }) && rest.iter().all(clean)
}

/// What follows an escape character and its sequence (ECMA-48). An unfinished sequence loses its
/// introducer only, so that nobody can hide the rest of a text in one.
fn behind_escape(text: &str) -> &str {
    match text.bytes().next() {
        Some(b'[') => behind_csi(text.get(1..).unwrap_or_default()),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => behind_string(text.get(1..).unwrap_or_default()),
        Some(b' '..=b'/') => {
            let n = text.bytes().take_while(|byte| matches!(byte, b' '..=b'/')).count();
            let last = text.as_bytes().get(n).is_some_and(|byte| matches!(byte, b'0'..=b'~'));
            if last { text.get(n + 1..).unwrap_or_default() } else { text }
        }
        Some(b'0'..=b'~') => text.get(1..).unwrap_or_default(),
        _ => text,
    }
}

fn behind_csi(text: &str) -> &str {
    let n = text.bytes().take_while(|byte| matches!(byte, b' '..=b'?')).count();
    let ends = text.as_bytes().get(n).is_some_and(|byte| matches!(byte, b'@'..=b'~'));
    if ends { text.get(n + 1..).unwrap_or_default() } else { text }
}

fn behind_string(text: &str) -> &str {
    let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_control()) else { return text };
    let rest = text.get(at..).unwrap_or_default();
    match c {
        '\u{7}' => rest.get(1..).unwrap_or_default(),
        '\u{9C}' => rest.get(2..).unwrap_or_default(),
        '\u{1B}' => rest.strip_prefix("\u{1B}\\").unwrap_or(text),
        _ => text,
    }
}
