//! Cells of answers as values.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone as _, Utc};
use chrono::{Duration, NaiveDate};

/// Whether a cell holds no value: clients print nothing, `NULL` or `\N`.
pub(crate) fn is_null(cell: &str) -> bool {
    matches!(cell.trim(), "" | "NULL" | "\\N" | "[NULL]" | "(null)" | "<null>" | "¤")
}

/// Yes or no, in the words of both databases and of clients.
pub(crate) fn boolean(cell: &str) -> Option<bool> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "1" | "on" | "yes" | "[v]" => Some(true),
        "f" | "false" | "0" | "off" | "no" | "[ ]" => Some(false),
        _ => None,
    }
}

/// A whole number; one with a fraction of zeros is whole too.
pub(crate) fn int(cell: &str) -> Option<i64> {
    let cell = cell.trim();
    cell.parse().ok().or_else(|| {
        let (whole, fraction) = cell.split_once('.')?;
        let zeros = fraction.bytes().all(|byte| byte == b'0');
        zeros.then(|| whole.parse().ok()).flatten()
    })
}

/// A finite number.
pub(crate) fn float(cell: &str) -> Option<f64> {
    cell.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// A moment; one without a zone is taken for UTC.
///
/// - `2026-03-05 09:18:00.123456+00` of psql and pgAdmin, `+0530`, `+05:30`;
/// - `2026-03-05 09:18:00.123 +0100` of DBeaver, `2026-03-05T09:18:00Z` of JSON.
pub(crate) fn time(cell: &str) -> Option<DateTime<Utc>> {
    let cell = cell.trim();
    let (date, rest) = cell.split_at_checked(10)?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let rest = rest.strip_prefix([' ', 'T'])?;
    let clock_end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'));
    let (clock, zone) = rest.split_at(clock_end.unwrap_or(rest.len()));
    let clock = chrono::NaiveTime::parse_from_str(clock, "%H:%M:%S%.f")
        .or_else(|_| chrono::NaiveTime::parse_from_str(clock, "%H:%M"))
        .ok()?;
    let at = NaiveDateTime::new(date, clock);
    match zone.trim() {
        "" | "Z" | "UTC" | "GMT" => Some(Utc.from_utc_datetime(&at)),
        zone => offset(zone)?.from_local_datetime(&at).single().map(|at| at.with_timezone(&Utc)),
    }
}

/// `+00`, `-03`, `+0530`, `+05:30`.
fn offset(zone: &str) -> Option<FixedOffset> {
    let (sign, digits) = zone.split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" | "−" => -1,
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let (hours, rest) = digits.split_at_checked(2)?;
    let minutes: i32 = if rest.is_empty() { 0 } else { rest.get(..2)?.parse().ok()? };
    FixedOffset::east_opt(sign * (hours.parse::<i32>().ok()? * 3600 + minutes * 60))
}

/// Seconds in a unit of an interval; months count 30 days, as PostgreSQL itself does.
fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit.trim_end_matches(',') {
        "year" | "years" => 365.25 * 86_400.0,
        "mon" | "mons" | "month" | "months" => 30.0 * 86_400.0,
        "day" | "days" => 86_400.0,
        "hour" | "hours" => 3_600.0,
        "min" | "mins" | "minute" | "minutes" => 60.0,
        "sec" | "secs" | "second" | "seconds" => 1.0,
        "ms" | "msec" | "milliseconds" => 1e-3,
        _ => return None,
    })
}

/// An interval in milliseconds: `1 day 02:03:04.5`, `00:00:05`, `-00:00:01`, `@ 5 mins 3 secs`,
/// `0 years 0 mons 0 days 0 hours 5 mins 3.2 secs`, `P1DT2H3M4S`.
pub(crate) fn interval_ms(cell: &str) -> Option<i64> {
    let cell = cell.trim();
    if let Some(iso) = cell.strip_prefix('P') {
        return iso_ms(iso);
    }
    let mut seconds = 0.0;
    let mut words = cell.trim_start_matches("@ ").split_whitespace().peekable();
    let mut any = false;
    while let Some(word) = words.next() {
        if word.contains(':') {
            seconds += clock_s(word)?;
        } else if word == "ago" {
            seconds = -seconds;
        } else {
            let number = float(word)?;
            let unit = words.next()?;
            seconds += number * seconds_of(unit)?;
        }
        any = true;
    }
    any.then(|| ms(seconds)).flatten()
}

/// `02:03:04.5`, `-00:00:01`, `26:00:00`.
fn clock_s(word: &str) -> Option<f64> {
    let (negative, word) = match word.strip_prefix('-') {
        Some(word) => (true, word),
        None => (false, word.trim_start_matches('+')),
    };
    let mut parts = word.split(':');
    let (hours, minutes) = (float(parts.next()?)?, float(parts.next()?)?);
    let seconds = parts.next().map_or(Some(0.0), float)?;
    if parts.next().is_some() {
        return None;
    }
    let all = hours * 3_600.0 + minutes * 60.0 + seconds;
    Some(if negative { -all } else { all })
}

/// What follows the `P` of ISO 8601.
fn iso_ms(text: &str) -> Option<i64> {
    let mut seconds = 0.0;
    let mut number = String::new();
    let mut in_time = false;
    for c in text.chars() {
        if c == 'T' {
            in_time = true;
        } else if c.is_ascii_digit() || matches!(c, '.' | '-') {
            number.push(c);
        } else {
            let unit = match (c, in_time) {
                ('Y', false) => "years",
                ('M', false) => "months",
                ('D', false) => "days",
                ('H', true) => "hours",
                ('M', true) => "minutes",
                ('S', true) => "seconds",
                _ => return None,
            };
            seconds += float(&number)? * seconds_of(unit)?;
            number.clear();
        }
    }
    number.is_empty().then(|| ms(seconds)).flatten()
}

/// Seconds as milliseconds; `None` beyond some thousand years.
pub(crate) fn ms(seconds: f64) -> Option<i64> {
    const MAX_S: f64 = 1e11;
    #[expect(clippy::cast_possible_truncation, reason = "checked: far below 2^53")]
    let whole = (seconds * 1e3).round() as i64;
    (seconds.is_finite() && seconds.abs() < MAX_S)
        .then_some(whole)
        .filter(|ms| Duration::try_milliseconds(*ms).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_in_every_style() {
        for (text, ms) in [
            ("00:00:05.123", 5_123),
            ("1 day 02:03:04", 93_784_000),
            ("2 days", 172_800_000),
            ("-00:00:01", -1_000),
            ("@ 5 mins 3.2 secs", 303_200),
            ("@ 5 mins ago", -300_000),
            ("0 years 0 mons 0 days 1 hours 5 mins 3.2 secs", 3_903_200),
            ("P1DT2H3M4.5S", 93_784_500),
            ("1 mon", 2_592_000_000),
            ("00:05", 300_000),
        ] {
            assert_eq!(interval_ms(text), Some(ms), "{text}");
        }
        for text in ["", "soon", "5", "5 parsecs", "1:2:3:4", "P5", "1e300 days"] {
            assert_eq!(interval_ms(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_with_their_zone() {
        let utc = time("2026-03-05 09:18:00.5+00").unwrap();
        for text in [
            "2026-03-05 10:18:00.500 +0100",
            "2026-03-05T09:18:00.5Z",
            "2026-03-05 14:48:00.5+05:30",
            "2026-03-05 09:18:00.5",
        ] {
            assert_eq!(time(text), Some(utc), "{text}");
        }
        for text in [
            "infinity",
            "2026-03-05",
            "2026-13-05 00:00:00",
            "2026-03-05 09:18:00 CEST",
            "ä2026-03-05 09",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_and_words_of_both_databases_are_read() {
        assert_eq!(
            (int("12"), int("12.000"), int("-1"), int("1.5")),
            (Some(12), Some(12), Some(-1), None)
        );
        assert_eq!((float("1.5"), float("NaN"), float("1e400")), (Some(1.5), None, None));
        assert_eq!((boolean("t"), boolean("OFF"), boolean("?")), (Some(true), Some(false), None));
        assert!(is_null("NULL") && is_null(" ") && !is_null("0"));
    }
}
