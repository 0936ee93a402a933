//! Times as slow logs write them.

use chrono::NaiveDate;

/// Microseconds per second.
const SECOND_US: i64 = 1_000_000;

/// A time of day with or without its zone, in microseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// With a zone.
    Utc(i64),
    /// As the server's clock showed it, read as if it were UTC.
    Local(i64),
}

/// `2016-07-20T18:13:25.123456Z`, `...+02:00`, `2016-07-20 18:13:25.123456`, `071015 21:43:52`,
/// `071015  9:05:01`. What follows it is ignored.
pub(crate) fn stamp(text: &[u8]) -> Option<Stamp> {
    match text.iter().position(|&b| b == b'-' || b == b' ')? {
        4 => {
            let date = date(digits(text, 0, 4)?, digits(text, 5, 7)?, digits(text, 8, 10)?)?;
            let (us, end) = clock(text, 11)?;
            let local = date.checked_add(us)?;
            match text.get(end) {
                Some(b'Z') => Some(Stamp::Utc(local)),
                Some(sign @ (b'+' | b'-')) => {
                    let hours = digits(text, end + 1, end + 3)?;
                    let colon = usize::from(text.get(end + 3) == Some(&b':'));
                    let minutes = digits(text, end + 3 + colon, end + 5 + colon)?;
                    let offset = i64::from(hours * 60 + minutes) * 60 * SECOND_US;
                    Some(Stamp::Utc(if *sign == b'+' { local - offset } else { local + offset }))
                }
                _ => Some(Stamp::Local(local)),
            }
        }
        6 => {
            let year = digits(text, 0, 2)?;
            let year = if year < 70 { 2000 + year } else { 1900 + year };
            let date = date(year, digits(text, 2, 4)?, digits(text, 4, 6)?)?;
            let space = usize::from(text.get(7) == Some(&b' '));
            let start = if space == 1 { 8 } else { 7 };
            let (us, _) = if space == 1 { clock_short(text, start)? } else { clock(text, start)? };
            Some(Stamp::Local(date.checked_add(us)?))
        }
        _ => None,
    }
}

/// Midnight of a day.
fn date(year: u32, month: u32, day: u32) -> Option<i64> {
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

/// `18:13:25[.123456]` from `at`; gives microseconds and the end.
fn clock(text: &[u8], at: usize) -> Option<(i64, usize)> {
    rest_of_clock(text, digits(text, at, at + 2)?, at + 2)
}

/// `9:05:01` from `at`.
fn clock_short(text: &[u8], at: usize) -> Option<(i64, usize)> {
    rest_of_clock(text, digits(text, at, at + 1)?, at + 1)
}

fn rest_of_clock(text: &[u8], hours: u32, at: usize) -> Option<(i64, usize)> {
    let minutes = digits(text, at + 1, at + 3)?;
    let seconds = digits(text, at + 4, at + 6)?;
    if hours > 23 || minutes > 59 || seconds > 60 || text.get(at) != Some(&b':') {
        return None;
    }
    let us = i64::from((hours * 60 + minutes) * 60 + seconds) * SECOND_US;
    if text.get(at + 6) != Some(&b'.') {
        return Some((us, at + 6));
    }
    let (fraction, len) = fraction(text.get(at + 7..).unwrap_or_default());
    Some((us + i64::try_from(fraction).ok()?, at + 7 + len))
}

fn digits(text: &[u8], start: usize, end: usize) -> Option<u32> {
    let mut number = 0;
    for byte in text.get(start..end)? {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    Some(number)
}

/// Digits behind a point as microseconds, and how many there are.
fn fraction(text: &[u8]) -> (u64, usize) {
    let mut us = 0;
    let mut len = 0;
    while let Some(byte) = text.get(len).filter(|byte| byte.is_ascii_digit()) {
        if len < 6 {
            us = us * 10 + u64::from(byte - b'0');
        }
        len += 1;
    }
    for _ in len..6 {
        us *= 10;
    }
    (us, len)
}

/// `12.345678` seconds in microseconds.
pub(crate) fn seconds(text: &[u8]) -> Option<u64> {
    decimal(text).filter(|us| *us <= LONGEST_US)
}

/// `1673931766` or `1673931766.123456` seconds since the epoch, in microseconds.
pub(crate) fn epoch(text: &[u8]) -> Option<i64> {
    // Up to the year 9999.
    i64::try_from(decimal(text)?).ok().filter(|us| *us < 253_402_300_800 * SECOND_US)
}

fn decimal(text: &[u8]) -> Option<u64> {
    let point = text.iter().position(|&b| b == b'.').unwrap_or(text.len());
    let whole = super::header::number(text.get(..point)?)?;
    let us = match text.get(point + 1..) {
        Some(rest) if !rest.is_empty() => {
            let (us, len) = fraction(rest);
            if len != rest.len() {
                return None;
            }
            us
        }
        _ => 0,
    };
    whole.checked_mul(1_000_000)?.checked_add(us)
}

/// Longest time that is believed: ten years. Servers have logged wrapped counters.
pub(super) const LONGEST_US: u64 = 10 * 366 * 86_400 * 1_000_000;

/// `00:00:01.234567`, as the column `query_time` of the table has it; hours may have more digits.
pub(crate) fn interval(text: &[u8]) -> Option<u64> {
    let colon = text.iter().position(|&b| b == b':')?;
    let hours = super::header::number(text.get(..colon)?)?;
    let minutes = u64::from(digits(text, colon + 1, colon + 3)?);
    let secs = seconds(text.get(colon + 4..)?)?;
    if minutes > 59 || secs >= 60_000_000 || text.get(colon + 3) != Some(&b':') {
        return None;
    }
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    minutes.checked_mul(60_000_000)?.checked_add(secs).filter(|us| *us <= LONGEST_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_time_is_read() {
        let at = 1_469_038_405_123_456;
        assert_eq!(stamp(b"2016-07-20T18:13:25.123456Z"), Some(Stamp::Utc(at)));
        assert_eq!(stamp(b"2016-07-20T20:13:25.123456+02:00"), Some(Stamp::Utc(at)));
        assert_eq!(stamp(b"2016-07-20 18:13:25.123456"), Some(Stamp::Local(at)));
        assert_eq!(stamp(b"160720 18:13:25"), Some(Stamp::Local(1_469_038_405_000_000)));
        assert_eq!(stamp(b"160720  8:13:25 "), Some(Stamp::Local(1_469_002_405_000_000)));
        assert_eq!(stamp(b"yesterday"), None);
        assert_eq!(stamp(b"2016-13-20T18:13:25Z"), None);
        assert_eq!(stamp(b"160720 18"), None);
    }

    #[test]
    fn durations_are_exact() {
        assert_eq!(seconds(b"0.000110"), Some(110));
        assert_eq!(seconds(b"2"), Some(2_000_000));
        assert_eq!(seconds(b"18446744073709.550781"), None);
        assert_eq!(seconds(b"1.x"), None);
        assert_eq!(interval(b"00:00:00.000137"), Some(137));
        assert_eq!(interval(b"01:02:03"), Some(3_723_000_000));
        assert_eq!(interval(b"838:59:59"), Some(3_020_399_000_000));
        assert_eq!(interval(b"1:2"), None);
    }
}
