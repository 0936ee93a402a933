//! The clock and the times that a user writes.

use crate::args::TimeArgs;
use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;

/// A zone by its IANA name.
pub(crate) fn zone(name: &str) -> Result<Tz> {
    name.parse::<Tz>().map_err(|_| {
        anyhow::anyhow!("--tz: no zone `{name}`; write an IANA name such as Europe/Berlin or UTC")
    })
}

/// A time as people write it: RFC 3339, with a space, without seconds, without zone (then `zone`,
/// else UTC).
pub(crate) fn parse_time(text: &str, zone: Option<Tz>) -> Result<DateTime<Utc>> {
    let text = text.trim();
    let normal = text.replacen(' ', "T", 1);
    for candidate in [normal.clone(), normal.replacen('Z', ":00Z", 1)] {
        if let Ok(at) = DateTime::parse_from_rfc3339(&candidate) {
            return Ok(at.with_timezone(&Utc));
        }
    }
    for form in ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"] {
        if let Ok(at) = DateTime::parse_from_str(&normal, form) {
            return Ok(at.with_timezone(&Utc));
        }
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&normal, form).ok())
        .or_else(|| NaiveDate::parse_from_str(&normal, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0));
    let Some(naive) = naive else {
        bail!("`{text}` is no time; write 2026-03-01T09:18Z, or 2026-03-01 09:18 with --tz");
    };
    match zone {
        None => Ok(naive.and_utc()),
        Some(zone) => zone
            .from_local_datetime(&naive)
            .earliest()
            .map(|at| at.with_timezone(&Utc))
            .with_context(|| format!("`{text}` does not exist in {} (clock change)", zone.name())),
    }
}

/// A window as a user gives it: the end may be open.
pub(crate) type Given = (DateTime<Utc>, Option<DateTime<Utc>>);

/// The time: `ANALYZE_NOW`, so that results can be repeated, or the system's clock.
pub(crate) fn now() -> Result<DateTime<Utc>> {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for the time")]
    let (given, system) = (std::env::var("ANALYZE_NOW").unwrap_or_default(), Utc::now());
    if given.is_empty() { Ok(system) } else { parse_time(&given, None).context("ANALYZE_NOW") }
}

/// The window that `--incident`, or `--since` and `--until`, give; the end may be open.
pub(crate) fn incident(asked: &TimeArgs, zone: Option<Tz>) -> Result<Option<Given>> {
    let texts = (asked.incident.as_deref(), asked.since.as_deref(), asked.until.as_deref());
    let (start, end) = match texts {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            bail!("--incident and --since/--until say the same; give one of them")
        }
        (Some(text), None, None) => match text.split_once("..") {
            Some((start, end)) => (start, Some(end).filter(|end| !end.trim().is_empty())),
            None => (text, None),
        },
        (None, Some(since), until) => (since, until),
        (None, None, Some(_)) => bail!("--until needs --since"),
        (None, None, None) => return Ok(None),
    };
    let start = parse_time(start, zone).context("begin of the incident")?;
    let end = end.map(|end| parse_time(end, zone)).transpose().context("end of the incident")?;
    if end.is_some_and(|end| end <= start) {
        bail!("the incident ends before it begins; write START..END");
    }
    Ok(Some((start, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    fn window(text: &str) -> TimeArgs {
        TimeArgs { incident: Some(text.to_owned()), ..TimeArgs::default() }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for text in [
            "2026-03-01T09:18:00Z",
            "2026-03-01T09:18Z",
            "2026-03-01 09:18Z",
            "2026-03-01 09:18",
            "2026-03-01T10:18+01:00",
            "2026-03-01 10:18:00+0100",
        ] {
            assert_eq!(parse_time(text, None).unwrap(), utc("2026-03-01T09:18:00Z"), "{text}");
        }
    }

    #[test]
    fn a_time_without_zone_is_in_the_given_zone() {
        let berlin = zone("Europe/Berlin").unwrap();
        assert_eq!(
            parse_time("2026-07-01 09:18", Some(berlin)).unwrap(),
            utc("2026-07-01T07:18:00Z")
        );
    }

    #[test]
    fn an_incident_may_have_no_end() {
        let (start, end) = incident(&window("2026-03-01T09:18Z.."), None).unwrap().unwrap();
        assert_eq!((start, end), (utc("2026-03-01T09:18:00Z"), None));
    }

    #[test]
    fn a_wrong_time_says_what_to_write() {
        let error = incident(&window("yesterday"), None).unwrap_err();
        assert!(
            format!("{error:#}").contains("`yesterday` is no time; write 2026-03-01T09:18Z"),
            "{error:#}"
        );
    }

    #[test]
    fn an_incident_that_ends_before_it_begins_is_refused() {
        assert!(incident(&window("2026-03-01T10:00Z..2026-03-01T09:00Z"), None).is_err());
    }
}
