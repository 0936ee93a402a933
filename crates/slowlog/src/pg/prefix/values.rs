//! Values of single escapes.

use super::Field;

/// The least length of a field: an address with port ends at its parenthesis, whatever colons it
/// holds.
pub(super) fn field_min(field: Field, rest: &[u8]) -> usize {
    if field != Field::Remote {
        return 0;
    }
    let host = rest
        .iter()
        .take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'_' | b'%')
        })
        .count();
    if rest.get(host) != Some(&b'(') {
        return 0;
    }
    let digits = rest
        .get(host + 1..)
        .map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
    if rest.get(host + 1 + digits) == Some(&b')') { host + digits + 2 } else { 0 }
}

/// Whether a value is digits, maybe behind a sign.
pub(super) fn is_number(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Blanks that pad a number on its right to `width`.
pub(super) fn spaces_to(head: &[u8], pos: usize, width: usize, used: usize) -> usize {
    let room = width.saturating_sub(used);
    head.get(pos..)
        .map_or(0, |rest| rest.iter().take(room).take_while(|byte| **byte == b' ').count())
}

/// The host of `host(port)`.
pub(crate) fn host_of(remote: &[u8]) -> &[u8] {
    memchr::memrchr(b'(', remote).and_then(|at| remote.get(..at)).unwrap_or(remote)
}

/// The process id in a session id `6b028e04.30e8`.
pub(crate) fn pid_of_session(session: &[u8]) -> Option<u32> {
    let dot = memchr::memrchr(b'.', session)?;
    let text = std::str::from_utf8(session.get(dot + 1..)?).ok()?;
    u32::from_str_radix(text, 16).ok()
}

/// A number at the start: the number, and its length.
pub(crate) fn number(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0u32;
    let mut len = 0;
    for byte in bytes.iter().take(10) {
        if !byte.is_ascii_digit() {
            break;
        }
        value = value.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?;
        len += 1;
    }
    (len > 0).then_some((value, len))
}

/// `1795329530.893` at the start: microseconds since the epoch, and its length.
pub(crate) fn epoch(bytes: &[u8]) -> Option<(i64, usize)> {
    let seconds_len = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(9..=11).contains(&seconds_len) || bytes.get(seconds_len) != Some(&b'.') {
        return None;
    }
    let seconds: i64 = std::str::from_utf8(bytes.get(..seconds_len)?).ok()?.parse().ok()?;
    let millis = bytes.get(seconds_len + 1..seconds_len + 4)?;
    let millis: i64 = std::str::from_utf8(millis).ok()?.parse().ok()?;
    Some((seconds * 1_000_000 + millis * 1000, seconds_len + 4))
}
