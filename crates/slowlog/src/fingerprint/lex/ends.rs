//! Where strings, comments and numbers end.

use super::{ALPHA, CLASS, DIGIT, in_name};
use crate::fingerprint::Engine;
use memchr::{memchr, memchr2, memmem};

/// The byte behind the closing quote, where `at` is the first byte behind the opening one; more
/// than the length when it never closes.
#[inline]
pub(in crate::fingerprint) fn string_end(
    sql: &[u8],
    mut at: usize,
    quote: u8,
    escapes: bool,
) -> usize {
    loop {
        let Some(rest) = sql.get(at..) else { return sql.len() + 1 };
        let found = if escapes { memchr2(quote, b'\\', rest) } else { memchr(quote, rest) };
        let Some(found) = found else { return sql.len() + 1 };
        let place = at + found;
        if sql[place] == b'\\' || sql.get(place + 1) == Some(&quote) {
            at = place + 2;
        } else {
            return place + 1;
        }
    }
}

/// The end of a dollar-quoted string of PostgreSQL that begins at `start`, if one does; more
/// than the length when it never ends.
#[inline]
pub(in crate::fingerprint) fn dollar_string(
    sql: &[u8],
    start: usize,
    engine: Engine,
) -> Option<usize> {
    if engine != Engine::PostgreSql {
        return None;
    }
    let mut end = start + 1;
    if CLASS[usize::from(*sql.get(end)?)] & DIGIT != 0 {
        return None;
    }
    while CLASS[usize::from(*sql.get(end)?)] & (ALPHA | DIGIT) != 0 {
        end += 1;
    }
    if sql[end] != b'$' {
        return None;
    }
    let tag = &sql[start..=end];
    Some(match memmem::find(&sql[end + 1..], tag) {
        Some(found) => end + 1 + found + tag.len(),
        None => sql.len() + 1,
    })
}

/// The end of a comment that begins at `start`, if one does; more than the length when it never
/// ends.
#[inline]
pub(in crate::fingerprint) fn comment_end(
    sql: &[u8],
    start: usize,
    engine: Engine,
) -> Option<usize> {
    let line_end = |from: usize| memchr(b'\n', &sql[from..]).map_or(sql.len(), |at| from + at);
    match (sql[start], sql.get(start + 1)) {
        (b'#', _) if engine == Engine::MySql => Some(line_end(start)),
        (b'-', Some(b'-')) => {
            let is_comment =
                engine == Engine::PostgreSql || sql.get(start + 2).is_none_or(|&b| b <= b' ');
            is_comment.then(|| line_end(start))
        }
        (b'/', Some(b'*')) => Some(match engine {
            Engine::MySql => match memmem::find(&sql[start + 2..], b"*/") {
                Some(found) => start + 2 + found + 2,
                None => sql.len() + 1,
            },
            Engine::PostgreSql => nested_comment_end(sql, start + 2),
        }),
        _ => None,
    }
}

/// The end of a comment that nests, from behind its first `/*`.
fn nested_comment_end(sql: &[u8], mut at: usize) -> usize {
    let mut depth = 1_usize;
    loop {
        let Some(rest) = sql.get(at..) else { return sql.len() + 1 };
        let Some(found) = memchr2(b'*', b'/', rest) else { return sql.len() + 1 };
        let place = at + found;
        match (sql[place], sql.get(place + 1)) {
            (b'*', Some(b'/')) => {
                depth -= 1;
                at = place + 2;
                if depth == 0 {
                    return at;
                }
            }
            (b'/', Some(b'*')) => {
                depth += 1;
                at = place + 2;
            }
            _ => at = place + 1,
        }
    }
}

/// The end of a number that begins at `start` (with a digit, or a dot and a digit), and whether
/// it is rather a name that begins with digits, as MySQL allows.
#[inline]
pub(in crate::fingerprint) fn number_end(
    sql: &[u8],
    start: usize,
    engine: Engine,
) -> (usize, bool) {
    let digits = |mut at: usize| {
        while sql.get(at).is_some_and(|&b| b.is_ascii_digit() || b == b'_') {
            at += 1;
        }
        at
    };
    let mut end = digits(start);
    if sql.get(end) == Some(&b'.') && !sql[end..].starts_with(b"...") {
        end = digits(end + 1);
    }
    let mut has_exponent = false;
    if matches!(sql.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(sql.get(end + 1), Some(b'+' | b'-')));
        if sql.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
            has_exponent = true;
        }
    }
    let radix = sql[start] == b'0'
        && matches!(sql.get(start + 1), Some(b'x' | b'X' | b'b' | b'B' | b'o' | b'O'));
    let number = end;
    while end < sql.len() && in_name(sql[end]) {
        end += 1;
    }
    let is_name = end > number
        && engine == Engine::MySql
        && !radix
        && !has_exponent
        && !sql[start..number].contains(&b'.');
    (end, is_name)
}
