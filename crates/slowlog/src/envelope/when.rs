//! Times as envelopes and the records in them have them.

use crate::mysql::portal_time;
use crate::pg::clock::Clock;
use chrono::DateTime;

/// Bytes of a record that are searched for its time.
const SEARCHED: usize = 512;

/// A time of an envelope, in microseconds since the epoch: a date, or a count of seconds,
/// milliseconds, microseconds or nanoseconds.
pub(super) fn parse(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    if let Ok(number) = std::str::from_utf8(text).unwrap_or_default().parse::<i64>() {
        return match text.len() {
            10 => number.checked_mul(1_000_000),
            13 => number.checked_mul(1_000),
            16 => Some(number),
            19 => Some(number / 1_000),
            _ => None,
        };
    }
    let (at_us, len) = match Clock::new(None).parse(text) {
        Some(found) => found,
        None => (portal_time(text)?, text.len()),
    };
    (len == text.len()).then_some(at_us)
}

/// As a line of a log would begin with it.
pub(super) fn shown(at_us: i64) -> String {
    DateTime::from_timestamp_micros(at_us)
        .map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M:%S%.6f UTC ").to_string())
}

/// The time of a record by itself: at its start, or where slow logs and JSON have it.
pub(super) fn in_record(text: &[u8]) -> Option<i64> {
    let text = text.get(..text.len().min(SEARCHED)).unwrap_or_default();
    let behind = |needle: &[u8]| {
        let at = memchr::memmem::find(text, needle)? + needle.len();
        text.get(at..)
    };
    let at_start = |text: &[u8]| Clock::new(None).parse(text).map(|(at_us, _)| at_us);
    if let Some(at_us) = at_start(text) {
        return Some(at_us);
    }
    if text.starts_with(b"{") {
        let value = behind(b"\"timestamp\"").or_else(|| behind(b"\"log_time\""))?;
        let value = value.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let len = value.iter().position(|byte| matches!(byte, b'"' | b',' | b'}'))?;
        return parse(value.get(..len)?);
    }
    if let Some(at_us) = text.strip_prefix(b"# Time: ").and_then(at_start) {
        return Some(at_us);
    }
    let digits = behind(b"SET timestamp=")?;
    let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    parse(digits.get(..len)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_373_507_006_000;

    #[test]
    fn every_count_and_every_date_is_a_moment() {
        for text in [
            "1795373507006",
            "1795373507006000",
            "1795373507006000000",
            "2026-11-22T18:51:47.006Z",
            "2026-11-22 18:51:47.006",
            "2026-11-22T20:51:47.006+0200",
            "11/22/2026, 06:51:47.006 PM",
        ] {
            assert_eq!(parse(text.as_bytes()), Some(AT), "{text}");
        }
        for text in ["", "12", "2026-11-22T18:51:47 and more", "soon"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(shown(AT), "2026-11-22 18:51:47.006000 UTC ");
    }

    #[test]
    fn a_record_is_dated_by_what_it_holds() {
        for text in [
            "2026-11-22 18:51:47.006 UTC [1] LOG:  x",
            "{\"a\":1,\"timestamp\":\"2026-11-22 18:51:47.006 UTC\"}",
            "# Time: 2026-11-22T18:51:47.006Z\n# User@Host: u",
        ] {
            assert_eq!(in_record(text.as_bytes()), Some(AT), "{text}");
        }
        assert_eq!(
            in_record(b"# User@Host: u\nSET timestamp=1795373507;\nselect 1;"),
            Some(AT - 6_000)
        );
        assert_eq!(in_record(b"\tFROM posts"), None);
    }
}
