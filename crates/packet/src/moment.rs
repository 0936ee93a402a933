//! The three forms in which packets write a moment.

use chrono::{DateTime, TimeZone as _, Utc};

/// Epochs below this are seconds, not milliseconds: it is 1973 in milliseconds and the year 5138
/// in seconds. Documentation and hand-made files give seconds.
const SECONDS_BELOW: i64 = 100_000_000_000;

/// The value is not a moment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotAMoment;

/// Milliseconds since 1970 (or seconds); 0 and below is none.
pub(crate) fn millis(value: i64) -> Result<Option<DateTime<Utc>>, NotAMoment> {
    if value <= 0 {
        return Ok(None);
    }
    let ms = if value < SECONDS_BELOW { value.saturating_mul(1_000) } else { value };
    Utc.timestamp_millis_opt(ms).single().map(Some).ok_or(NotAMoment)
}

/// `2026-08-26T11:00:02.4Z`, `2025-02-01T09:10:23.018+02:00`, with a space or a `T`; digits alone
/// are an epoch. 1970 and before (also the year 1, Go's zero) is none.
pub(crate) fn text(value: &str) -> Result<Option<DateTime<Utc>>, NotAMoment> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    if let Ok(epoch) = value.parse() {
        return millis(epoch);
    }
    let at = DateTime::parse_from_rfc3339(value)
        .or_else(|_| DateTime::parse_from_str(value, "%Y-%m-%d %H:%M:%S%.f %:z"))
        .or_else(|_| DateTime::parse_from_str(value, "%Y-%m-%d %H:%M:%S%.f %z"))
        .map_err(|_| NotAMoment)?
        .with_timezone(&Utc);
    // A zero written in a zone west or east of UTC is up to a day off.
    Ok(Some(at).filter(|at| at.timestamp() > 24 * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(at: Option<DateTime<Utc>>) -> Option<i64> {
        at.map(|at| at.timestamp_millis())
    }

    #[test]
    fn all_three_forms_are_read() {
        assert_eq!(ms(millis(1_678_150_801_904).unwrap()), Some(1_678_150_801_904));
        assert_eq!(ms(text("2025-02-01T09:10:23.018+02:00").unwrap()), Some(1_738_393_823_018));
        assert_eq!(ms(text("2025-02-01T07:10:23.018Z").unwrap()), Some(1_738_393_823_018));
        assert_eq!(ms(text("1738393823018").unwrap()), Some(1_738_393_823_018));
    }

    #[test]
    fn seconds_are_seen_for_what_they_are() {
        assert_eq!(ms(millis(1_622_569_200).unwrap()), Some(1_622_569_200_000));
    }

    #[test]
    fn zero_is_never_a_time() {
        assert_eq!(millis(0), Ok(None));
        assert_eq!(text("1970-01-01T00:00:00Z"), Ok(None));
        assert_eq!(text("1969-12-31T19:00:00-05:00"), Ok(None));
        assert_eq!(text("1970-01-01T05:30:00+05:30"), Ok(None));
        assert_eq!(text("0001-01-01T00:00:00Z"), Ok(None));
        assert_eq!(text(""), Ok(None));
    }

    #[test]
    fn other_text_is_no_moment() {
        assert_eq!(text("yesterday"), Err(NotAMoment));
        assert_eq!(millis(i64::MAX), Err(NotAMoment));
    }
}
