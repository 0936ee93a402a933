//! Times as exports write them: epochs, ISO 8601, and the dates of a browser's or a
//! spreadsheet's locale.

use chrono::{NaiveDate, NaiveDateTime};

/// A time as it stands in a cell, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// With a zone, or an epoch: UTC.
    Utc(i64),
    /// Without a zone, written as if local were UTC.
    Local(i64),
}

impl Time {
    /// The milliseconds, whatever the zone.
    pub(crate) fn ms(self) -> i64 {
        match self {
            Self::Utc(ms) | Self::Local(ms) => ms,
        }
    }
}

/// In which order day and month stand in `01/05/2024`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    /// Day first.
    DayFirst,
    /// Month first.
    MonthFirst,
}

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Reads a time; `order` decides between day and month where the text does not.
pub(crate) fn time(text: &str, order: DateOrder) -> Option<Time> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\u{feff}'));
    let text = text.strip_prefix('\'').unwrap_or(text);
    match text.as_bytes().first()? {
        b'0'..=b'9' => {}
        _ => return None,
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return epoch(text.parse().ok()?);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')) {
        return fractional(&text.replace(',', "."));
    }
    written(text, order)
}

/// Whether a time was written in powers of ten: a spreadsheet threw its digits away.
pub(crate) fn is_scientific(text: &str) -> bool {
    let text = text.trim();
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
        && exponent.trim_start_matches('+').parse::<u8>().is_ok_and(|e| (9..=19).contains(&e))
}

/// Seconds, milliseconds, microseconds or nanoseconds, by size: years 2001 to 2100.
fn epoch(number: u64) -> Option<Time> {
    let number = i64::try_from(number).ok()?;
    let ms = match number {
        1_000_000_000..=4_102_444_800 => number * 1000,
        1_000_000_000_000..=4_102_444_800_000 => number,
        1_000_000_000_000_000..=4_102_444_800_000_000 => number / 1000,
        1_000_000_000_000_000_000..=4_102_444_800_000_000_000 => number / 1_000_000,
        _ => return None,
    };
    Some(Time::Utc(ms))
}

/// Epoch seconds with a fraction, or the serial days of a spreadsheet (local time).
fn fractional(text: &str) -> Option<Time> {
    let number: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "the ranges are far inside i64")]
    if (1e9..4.2e9).contains(&number) {
        Some(Time::Utc((number * 1000.0).round() as i64))
    } else if (1e12..4.2e12).contains(&number) {
        Some(Time::Utc(number.round() as i64))
    } else if (36_526.0..73_050.0).contains(&number) && text.contains('.') {
        // Days since 1899-12-30, for the years 2000 to 2099, to the second.
        let seconds = ((number - 25_569.0) * 86_400.0).round() as i64;
        Some(Time::Local(seconds * 1000))
    } else {
        None
    }
}

/// Up to seven numbers of a written time, and what stands between and behind them.
struct Fields {
    numbers: [u32; 7],
    digits: [usize; 7],
    n: usize,
    separator: char,
}

fn written(text: &str, order: DateOrder) -> Option<Time> {
    let (clock_text, zone_s) = split_zone(text);
    let (body, half) = split_half(clock_text);
    let fields = fields(body)?;
    let [a, b, c, hour, minute, second, fraction] = fields.numbers;
    if fields.n < 5 {
        return None;
    }
    let [digits_a, _, digits_c, _, _, _, digits_fraction] = fields.digits;
    let (year, month, day) = if digits_a == 4 {
        (a, b, c)
    } else {
        let day_first = match fields.separator {
            '.' | '-' => true,
            _ if a > 12 => true,
            _ if b > 12 => false,
            _ => order == DateOrder::DayFirst,
        };
        let year = if digits_c == 2 { 2000 + c } else { c };
        if day_first { (year, b, a) } else { (year, a, b) }
    };
    let hour = match half {
        Some(pm) if (1..=12).contains(&hour) => hour % 12 + if pm { 12 } else { 0 },
        Some(_) => return None,
        None => hour,
    };
    let fraction_ms = match digits_fraction {
        0 => 0,
        n @ 1..=9 => {
            let scaled = u64::from(fraction) * 1000 / 10_u64.pow(u32::try_from(n).ok()?);
            i64::try_from(scaled).ok()?
        }
        _ => return None,
    };
    if !(2000..=2100).contains(&year) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let time = date.and_hms_opt(hour, minute, second)?;
    let local_ms = time.and_utc().timestamp_millis() + fraction_ms;
    Some(match zone_s {
        Some(offset_s) => Time::Utc(local_ms - offset_s * 1000),
        None => Time::Local(local_ms),
    })
}

/// Takes a zone off the end: `Z`, `UTC`, `+02:00`, `+0200`, `+02`. Gives seconds east of UTC.
fn split_zone(text: &str) -> (&str, Option<i64>) {
    for mark in [" UTC", " GMT", "UTC", "Z", "z"] {
        if let Some(rest) = text.strip_suffix(mark) {
            return (rest.trim_end(), Some(0));
        }
    }
    // A sign belongs to a zone only behind a clock time.
    let Some(colon) = text.find(':') else { return (text, None) };
    let Some(at) = text.rfind(['+', '-', '\u{2212}']).filter(|at| *at > colon) else {
        return (text, None);
    };
    let (body, zone) = text.split_at_checked(at).unwrap_or((text, ""));
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i64>().ok(), Some(0)),
        4 => {
            let (h, m) = digits.split_at_checked(2).unwrap_or(("", ""));
            (h.parse().ok(), m.parse().ok())
        }
        _ => (None, None),
    };
    match (hours, minutes) {
        (Some(hours @ 0..=14), Some(minutes @ 0..=59)) => {
            let body = body.trim_end().trim_end_matches("UTC").trim_end_matches("GMT").trim_end();
            (body, Some(sign * (hours * 3600 + minutes * 60)))
        }
        _ => (text, None),
    }
}

/// Takes `AM` or `PM` off the end; `Some(true)` is the afternoon.
fn split_half(text: &str) -> (&str, Option<bool>) {
    for (mark, pm) in
        [("AM", false), ("PM", true), ("am", false), ("pm", true), ("a.m.", false), ("p.m.", true)]
    {
        if let Some(rest) = text.strip_suffix(mark) {
            return (
                rest.trim_end_matches(|c: char| c.is_whitespace() || c == '\u{202f}'),
                Some(pm),
            );
        }
    }
    (text, None)
}

/// The numbers of a date and a time, in order.
fn fields(text: &str) -> Option<Fields> {
    let mut found = Fields { numbers: [0; 7], digits: [0; 7], n: 0, separator: '\0' };
    let mut in_number = false;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            if !in_number {
                found.n += 1;
                in_number = true;
            }
            let idx = found.n.checked_sub(1)?;
            let number = found.numbers.get_mut(idx)?;
            *number = number.checked_mul(10)?.checked_add(digit)?;
            *found.digits.get_mut(idx)? += 1;
            continue;
        }
        in_number = false;
        if found.n == 1 && found.separator == '\0' {
            found.separator = c;
        }
        let fits = match found.n {
            1 | 2 => matches!(c, '-' | '/' | '.' | ' '),
            3 => matches!(c, ' ' | ',' | 'T' | 't' | '\u{a0}' | '\u{202f}' | '.' | '_'),
            4 => matches!(c, ':' | '.' | 'h' | '_'),
            5 => matches!(c, ':' | '.' | '_'),
            6 => matches!(c, '.' | ',' | ':'),
            _ => false,
        };
        if !fits {
            return None;
        }
    }
    let [a, _, _, hour, minute, second, _] = found.digits;
    let short = hour <= 2 && minute <= 2 && second <= 2;
    (short && matches!(a, 1 | 2 | 4) && matches!(found.separator, '-' | '/' | '.')).then_some(found)
}

/// Decides between day and month first from all times of a column.
///
/// Gives the order and whether the texts left it open: then spelling decides (`AM` in capitals
/// and unpadded 24-hour dates are American, anything else is not).
pub(crate) fn date_order<'a>(cells: impl Iterator<Item = &'a str>) -> (DateOrder, bool) {
    let (mut first, mut american) = (true, false);
    for cell in cells {
        let mut parts = cell.trim_matches(|c: char| c == '"' || c.is_whitespace()).split('/');
        let (Some(a), Some(b)) = (parts.next(), parts.next()) else {
            return (DateOrder::DayFirst, false);
        };
        if a.len() > 2 {
            return (DateOrder::DayFirst, false);
        }
        let (Ok(a_number), Ok(b_number)) = (a.trim().parse::<u32>(), b.trim().parse::<u32>())
        else {
            continue;
        };
        if a_number > 12 {
            return (DateOrder::DayFirst, false);
        }
        if b_number > 12 {
            return (DateOrder::MonthFirst, false);
        }
        if first {
            first = false;
            let capitals = cell.contains("AM") || cell.contains("PM");
            let half = capitals || cell.contains("am") || cell.contains("pm");
            american = capitals || !half && (a.len() == 1 || b.len() == 1) && !cell.contains(',');
        }
    }
    if first {
        return (DateOrder::DayFirst, false);
    }
    (if american { DateOrder::MonthFirst } else { DateOrder::DayFirst }, true)
}

/// The local date and time of milliseconds that were written as if local were UTC.
pub(crate) fn naive(local_ms: i64) -> NaiveDateTime {
    chrono::DateTime::from_timestamp_millis(local_ms).unwrap_or_default().naive_utc()
}

/// The day, counted from 1970, of local milliseconds.
pub(crate) fn day(local_ms: i64) -> i64 {
    local_ms.div_euclid(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::{DateOrder, Time, date_order, is_scientific, time};
    use proptest::prelude::*;

    const AT: i64 = 1_714_557_600_000; // 2024-05-01 10:00:00 UTC

    fn read(text: &str) -> Option<Time> {
        time(text, DateOrder::DayFirst)
    }

    #[test]
    fn epochs_of_every_size_are_utc() {
        for text in ["1714557600", "1714557600000", "1714557600000000", "1714557600.000"] {
            assert_eq!(read(text), Some(Time::Utc(AT)), "{text}");
        }
        assert_eq!(read("5"), None);
    }

    #[test]
    fn written_times_of_many_locales_are_read() {
        for text in [
            "2024-05-01 10:00:00",
            "2024-05-01T10:00:00",
            "2024/5/1 10:00:00",
            "01.05.2024, 10:00:00",
            "01.05.2024 10:00",
            "01.05.24 10:00",
            "1.5.2024 10:00:00",
            "1-5-2024 10:00:00",
            "01/05/2024, 10:00:00",
            "01/05/2024, 10:00:00 am",
            "2024-05-01 10:00:00.000",
            "45413.4166666667",
        ] {
            assert_eq!(read(text), Some(Time::Local(AT)), "{text}");
        }
        let us = time("05/01/2024, 10:00:00\u{202f}AM", DateOrder::MonthFirst);
        assert_eq!(us, Some(Time::Local(AT)));
        let noon = time("05/01/24 12:30 PM", DateOrder::MonthFirst);
        assert_eq!(noon, Some(Time::Local(AT + 9_000_000)));
        for text in
            ["2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00Z", "2024-05-01 06:00:00-0400"]
        {
            assert_eq!(read(text), Some(Time::Utc(AT)), "{text}");
        }
        for text in ["hello", "471 ms", "10.20.30.40", "2024-13-01 10:00:00", "2024-05-01", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_above_twelve_settles_the_order_and_spelling_decides_otherwise() {
        let order = |cells: &[&str]| date_order(cells.iter().copied());
        assert_eq!(
            order(&["12/05/2024, 23:00:00", "13/05/2024, 00:00:00"]),
            (DateOrder::DayFirst, false)
        );
        assert_eq!(order(&["05/31/2024, 10:00:00"]), (DateOrder::MonthFirst, false));
        assert_eq!(order(&["05/01/2024, 10:00:00 AM"]), (DateOrder::MonthFirst, true));
        assert_eq!(order(&["01/05/2024, 10:00:00"]), (DateOrder::DayFirst, true));
        assert_eq!(order(&["5/1/2024 8:00"]), (DateOrder::MonthFirst, true));
        assert_eq!(order(&["2024-05-01 10:00:00"]), (DateOrder::DayFirst, false));
    }

    #[test]
    fn times_that_a_spreadsheet_rounded_are_told() {
        assert!(is_scientific("1.71455E+12"));
        assert!(is_scientific("1,71455E+12"));
        assert!(!is_scientific("1714557600000"));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_time_or_none(text in "\\PC*") {
            let _ = read(&text);
            let _ = is_scientific(&text);
            let _ = date_order([text.as_str()].into_iter());
        }

        #[test]
        fn any_digits_and_separators_give_a_time_or_none(text in "[0-9/.: ,+TZAPM-]{0,40}") {
            let _ = read(&text);
        }
    }
}
