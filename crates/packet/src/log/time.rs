//! Times of log lines: Go layouts, ISO 8601, epochs.

/// A time as a line gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Milliseconds since the epoch, UTC.
    pub(super) ms: i64,
    /// The zone that the text names, in seconds east of UTC; none when it names none.
    pub(super) offset_s: Option<i32>,
}

/// Years that a log may be from: outside of them a number is no time.
const YEARS: std::ops::RangeInclusive<i64> = 2000..=2199;

/// A time in `2006-01-02 15:04:05.000 Z07:00` and its kin: `T` or space between, `-` or `/` in the
/// date, `.` or `,` before the fraction, zone as `Z`, `UTC`, `+02:00`, `+0200`, `+02` or missing.
/// All of `text` must be the time.
pub(super) fn parse(text: &[u8]) -> Option<Stamp> {
    let (stamp, rest) = parse_prefix(text)?;
    rest.is_empty().then_some(stamp)
}

/// A time at the start of `text`, and what follows it.
pub(super) fn parse_prefix(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (date, rest) = text.split_first_chunk::<19>()?;
    let &[y1, y2, y3, y4, s1, m1, m2, s2, d1, d2, sep, h1, h2, c1, i1, i2, c2, e1, e2] = date;
    let separated = matches!((s1, s2), (b'-', b'-') | (b'/', b'/'))
        && matches!(sep, b' ' | b'T' | b't')
        && c1 == b':'
        && c2 == b':';
    if !separated {
        return None;
    }
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(i1, i2)?, two(e1, e2)?);
    let real = YEARS.contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !real {
        return None;
    }
    let (millis, rest) = fraction(rest);
    let (offset_s, rest) = zone(rest);
    let local_s = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let ms = (local_s - i64::from(offset_s.unwrap_or(0))) * 1_000 + millis;
    Some((Stamp { ms, offset_s }, rest))
}

/// A time as a number: seconds (with a fraction), milliseconds, microseconds or nanoseconds since
/// the epoch, told apart by size.
pub(super) fn parse_epoch(text: &[u8]) -> Option<Stamp> {
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let ms = match number {
        n if (9e8..8e9).contains(&n) => n * 1e3,
        n if (9e11..8e12).contains(&n) => n,
        n if (9e14..8e15).contains(&n) => n / 1e3,
        n if (9e17..8e18).contains(&n) => n / 1e6,
        _ => return None,
    };
    Some(Stamp { ms: ms.round() as i64, offset_s: None })
}

fn two(a: u8, b: u8) -> Option<i64> {
    (a.is_ascii_digit() && b.is_ascii_digit())
        .then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
}

/// Milliseconds of a fraction of a second, and what follows.
fn fraction(rest: &[u8]) -> (i64, &[u8]) {
    let [b'.' | b',', digits @ ..] = rest else { return (0, rest) };
    let len = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let millis = (0..3).fold(0, |sum, idx| {
        let digit = if idx < len { digits.get(idx).copied().unwrap_or(b'0') } else { b'0' };
        sum * 10 + i64::from(digit - b'0')
    });
    (millis, digits.get(len..).unwrap_or_default())
}

/// The zone in seconds east, and what follows. A space before it belongs to it.
fn zone(rest: &[u8]) -> (Option<i32>, &[u8]) {
    let text = rest.strip_prefix(b" ").unwrap_or(rest);
    match text {
        [b'Z' | b'z', after @ ..] if !starts_word(after) => (Some(0), after),
        [b'U', b'T', b'C', after @ ..] if !starts_word(after) => (Some(0), after),
        [sign @ (b'+' | b'-'), h1, h2, after @ ..] => {
            let Some(hours) = two(*h1, *h2) else { return (None, rest) };
            let (minutes, after) = match after {
                [b':', a, b, after @ ..] if two(*a, *b).is_some() => (two(*a, *b), after),
                [a, b, after @ ..] if two(*a, *b).is_some() => (two(*a, *b), after),
                _ => (Some(0), after),
            };
            let seconds = (hours * 3_600 + minutes.unwrap_or(0) * 60) as i32;
            (Some(if *sign == b'-' { -seconds } else { seconds }), after)
        }
        _ => (None, rest),
    }
}

fn starts_word(rest: &[u8]) -> bool {
    rest.first().is_some_and(u8::is_ascii_alphanumeric)
}

/// Days since the epoch of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let month_of_year = (month + 9) % 12;
    let day_of_year = (153 * month_of_year + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Option<i64> {
        parse(text.as_bytes()).map(|stamp| stamp.ms)
    }

    #[test]
    fn utc_and_offset_forms_give_the_same_moment() {
        let utc = chrono::DateTime::parse_from_rfc3339("2022-01-03T14:45:55.364Z").unwrap();
        for text in [
            "2022-01-03 15:45:55.364 +01:00",
            "2022-01-03 14:45:55.364 Z",
            "2022-01-03T14:45:55.364Z",
            "2022-01-03T15:45:55.364+0100",
            "2022/01/03 10:15:55,364 -04:30",
            "2022-01-03T14:45:55.364999999Z",
            "2022-01-03 14:45:55.364 UTC",
        ] {
            assert_eq!(ms(text), Some(utc.timestamp_millis()), "{text}");
        }
        assert_eq!(parse(b"2022-01-03 15:45:55.364 -04:00").unwrap().offset_s, Some(-14_400));
        assert_eq!(parse(b"2022-01-03 15:45:55").unwrap().offset_s, None);
    }

    #[test]
    fn every_day_agrees_with_the_calendar() {
        let mut day = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        while day < chrono::NaiveDate::from_ymd_opt(2101, 1, 1).unwrap() {
            let text = format!("{day} 00:00:00.000 Z");
            let expected = day.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_millis();
            assert_eq!(ms(&text), Some(expected), "{text}");
            day = day.succ_opt().unwrap();
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "2022-13-03 15:45:55", "2022-01-03 15:45", "0022-01-03 15:45:55", "x"] {
            assert_eq!(ms(text), None, "{text}");
        }
        assert_eq!(parse_epoch(b"1610350000.123456").unwrap().ms, 1_610_350_000_123);
        assert_eq!(parse_epoch(b"1610350000123").unwrap().ms, 1_610_350_000_123);
        assert_eq!(parse_epoch(b"12"), None);
        assert_eq!(parse_epoch(b"NaN"), None);
    }
}
