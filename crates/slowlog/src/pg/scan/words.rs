//! Pieces of messages: durations, names, plans.

use super::Phase;

/// Appends a text without the tab that stderr puts before each continued line.
pub(super) fn untab(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, b"\n\t") {
        out.extend_from_slice(rest.get(..=at).unwrap_or_default());
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// The phase that a command tag tells, for a duration without text.
pub(super) fn phase_of_tag(tag: &[u8]) -> Phase {
    match tag {
        b"PARSE" => Phase::Parse,
        b"BIND" => Phase::Bind,
        _ => Phase::Bare,
    }
}

/// Microseconds of `1.234 ms` and what follows.
pub(super) fn duration(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut us = 0u64;
    let mut at = 0;
    let mut fraction = None::<u32>;
    for byte in text.iter().take(24) {
        match byte {
            b'0'..=b'9' => {
                let digit = u64::from(byte - b'0');
                match &mut fraction {
                    None => us = us.checked_mul(10)?.checked_add(digit)?,
                    Some(places) if *places < 3 => {
                        us = us.checked_mul(10)?.checked_add(digit)?;
                        *places += 1;
                    }
                    Some(_) => {}
                }
            }
            b'.' if fraction.is_none() => fraction = Some(0),
            _ => break,
        }
        at += 1;
    }
    let rest = text.get(at..)?.strip_prefix(b" ms")?;
    for _ in fraction.unwrap_or(0)..3 {
        us = us.checked_mul(10)?;
    }
    (at > 0).then_some((us, rest))
}

/// What follows `WORD NAME: `.
pub(super) fn behind_name(text: &[u8]) -> Option<&[u8]> {
    let at = memchr::memchr_iter(b':', text)
        .find(|at| matches!(text.get(at + 1), Some(b' ' | b'\n')))?;
    text.get(at + 2..)
}

/// What follows a word in any case and blanks.
pub(super) fn behind_word<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = text.split_at_checked(word.len())?;
    (head.eq_ignore_ascii_case(word) && rest.first()?.is_ascii_whitespace())
        .then(|| rest.trim_ascii_start())
}

/// The name at the start of a text, with or without quotes, and what follows.
pub(super) fn name_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = match text.strip_prefix(b"\"") {
        Some(quoted) => {
            let (name, rest) = quoted.split_at_checked(memchr::memchr(b'"', quoted)?)?;
            (name, rest.get(1..)?)
        }
        None => text.split_at_checked(
            text.iter()
                .position(|byte| {
                    !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..))
                })
                .unwrap_or(text.len()),
        )?,
    };
    (!name.is_empty()).then_some((name, rest))
}

/// The name and the statement of `PREPARE name [(types)] AS statement`.
pub(super) fn prepared(sql: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = name_of(behind_word(sql.trim_ascii_start(), b"prepare")?)?;
    let mut rest = rest.trim_ascii_start();
    if rest.first() == Some(&b'(') {
        rest = rest.get(memchr::memchr(b')', rest)? + 1..)?.trim_ascii_start();
    }
    Some((name, behind_word(rest, b"as")?))
}

/// The name in `EXECUTE name [(values)]`.
pub(super) fn executed(sql: &[u8]) -> Option<&[u8]> {
    name_of(behind_word(sql.trim_ascii_start(), b"execute")?).map(|(name, _)| name)
}

/// The word behind a key.
pub(super) fn word_after<'a>(text: &'a [u8], key: &[u8]) -> &'a [u8] {
    let Some(rest) = memchr::memmem::find(text, key).and_then(|at| text.get(at + key.len()..))
    else {
        return &[];
    };
    let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Where the tree of a text plan begins behind its query: the first line with `(cost=` or
/// `(actual `, or `Query Parameters:`.
pub(super) fn plan_start(text: &[u8]) -> usize {
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let is_plan = memchr::memmem::find(line, b"  (cost=").is_some()
            || memchr::memmem::find(line, b" (actual ").is_some()
            || line.trim_ascii_start().starts_with(b"Query Parameters: ");
        if start > 0 && is_plan {
            return start;
        }
        start += line.len();
    }
    text.len()
}
