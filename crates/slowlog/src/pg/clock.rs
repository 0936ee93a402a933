//! Times as logs print them, to microseconds since the epoch.

use chrono::{NaiveDate, TimeZone as _};
use chrono_tz::Tz;

/// Microseconds per second.
const SECOND_US: i64 = 1_000_000;

/// Years that a log may be of; anything else is no time.
const YEARS: std::ops::Range<i32> = 1990..2200;

/// Abbreviations of zones that mean one offset, in minutes east of UTC.
const ZONES: &[(&str, i32)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("UCT", 0),
    ("WET", 0),
    ("WEST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("MET", 60),
    ("MEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("EST", -300),
    ("EDT", -240),
    ("MST", -420),
    ("MDT", -360),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("NZST", 720),
    ("NZDT", 780),
    ("AEST", 600),
    ("AEDT", 660),
    ("ACST", 570),
    ("ACDT", 630),
    ("AWST", 480),
    ("JST", 540),
    ("KST", 540),
    ("SAST", 120),
    ("HKT", 480),
    ("PKT", 300),
    ("NST", -210),
    ("NDT", -150),
    ("ADT", -180),
    ("HDT", -540),
    ("IDT", 180),
    ("CAT", 120),
    ("EAT", 180),
    ("WAT", 60),
    ("WAST", 120),
    ("WIB", 420),
    ("WITA", 480),
    ("WIT", 540),
    ("SGT", 480),
    ("ICT", 420),
    ("BRT", -180),
    ("BRST", -120),
    ("ART", -180),
    ("CLT", -240),
    ("CLST", -180),
    ("COT", -300),
    ("PET", -300),
    ("TRT", 180),
    ("IRST", 210),
    ("NPT", 345),
    ("PHT", 480),
    ("MYT", 480),
    ("CHST", 600),
];

/// Abbreviations that mean several; the offset that is taken unless a zone is named.
const AMBIGUOUS: &[(&str, i32)] = &[
    ("BST", 60),
    ("CST", -360),
    ("IST", 330),
    ("PST", -480),
    ("AST", -240),
    ("CDT", -300),
    ("SST", -660),
    ("GST", 240),
];

/// What was noted about zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ZoneNotes {
    /// Times without any zone were met, and none was named.
    pub(crate) absent: bool,
    /// Abbreviations with several meanings, and no zone was named.
    pub(crate) ambiguous: Abbreviations,
    /// Abbreviations that are not known, and no zone was named.
    pub(crate) unknown: Abbreviations,
}

impl ZoneNotes {
    /// What is to be said of them, and for what an abbreviation was taken.
    pub(crate) fn limits(&self) -> Vec<String> {
        let mut limits = Vec::new();
        if self.absent {
            limits.push("local time without zone".to_owned());
        }
        let ambiguous: Vec<String> =
            self.ambiguous.names().iter().map(|name| taken_for(name)).collect();
        if !ambiguous.is_empty() {
            limits.push(format!("ambiguous time zone: {}", ambiguous.join(", ")));
        }
        let unknown = self.unknown.names();
        if !unknown.is_empty() {
            limits.push(format!("unknown time zone: {} as UTC", unknown.join(", ")));
        }
        limits
    }
}

/// Longest abbreviation of a zone.
const NAME_MAX: usize = 6;
/// Abbreviations of a kind that are named.
const NAMES_MAX: usize = 3;

/// The first abbreviations of a kind, in their order; a log has one or two, for summer and winter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Abbreviations([[u8; NAME_MAX]; NAMES_MAX]);

impl Abbreviations {
    fn add(&mut self, name: &[u8]) {
        let mut text = [0; NAME_MAX];
        for (slot, byte) in text.iter_mut().zip(name) {
            *slot = *byte;
        }
        if self.0.contains(&text) {
            return;
        }
        // The lowest are kept, whatever the order in which blocks are read.
        if let Some(slot) = self.0.iter_mut().find(|slot| **slot == [0; NAME_MAX]) {
            *slot = text;
        } else if let Some(highest) = self.0.iter_mut().max()
            && text < *highest
        {
            *highest = text;
        }
        self.0.sort_by_key(|name| (*name == [0; NAME_MAX], *name));
    }

    fn merge(&mut self, other: Self) {
        for name in other.0.iter().filter(|name| **name != [0; NAME_MAX]) {
            self.add(name);
        }
    }

    /// The abbreviations; empty when none was met.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = self.0.iter().filter(|name| **name != [0; NAME_MAX]);
        names.map(|name| String::from_utf8_lossy(name).trim_end_matches('\0').to_owned()).collect()
    }
}

/// What is taken for an abbreviation that means several zones, in words: `IST as UTC+05:30`.
pub(crate) fn taken_for(name: &str) -> String {
    let minutes = AMBIGUOUS.iter().find(|(zone, _)| *zone == name).map_or(0, |(_, m)| *m);
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{name} as UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

impl ZoneNotes {
    /// Adds those of another part.
    pub(crate) fn merge(&mut self, other: Self) {
        self.absent |= other.absent;
        self.ambiguous.merge(other.ambiguous);
        self.unknown.merge(other.unknown);
    }
}

/// Reads times; remembers the last second, since neighbours share it.
#[derive(Debug)]
pub(crate) struct Clock {
    tz: Option<Tz>,
    second: [u8; 19],
    second_us: i64,
    zone: Vec<u8>,
    offset_us: i64,
    /// What was noted so far.
    pub(crate) notes: ZoneNotes,
}

impl Clock {
    /// A clock that reads times without a sure zone as of `tz`, else as UTC.
    pub(crate) fn new(tz: Option<Tz>) -> Self {
        Self {
            tz,
            second: [0; 19],
            second_us: 0,
            zone: Vec::new(),
            offset_us: 0,
            notes: ZoneNotes::default(),
        }
    }

    /// Reads `YYYY-MM-DD HH:MM:SS[.fff][ ZONE]` (or with `T`) at the start of `bytes`: the
    /// moment, and how many bytes it took.
    pub(crate) fn parse(&mut self, bytes: &[u8]) -> Option<(i64, usize)> {
        let second: &[u8; 19] = bytes.first_chunk()?;
        let same_second = *second == self.second;
        if !same_second {
            self.second_us = civil(second)?.checked_mul(SECOND_US)?;
            self.second = *second;
        }
        let mut pos = 19;
        let mut fraction_us = 0;
        if matches!(bytes.get(pos), Some(b'.' | b','))
            && bytes.get(pos + 1).is_some_and(u8::is_ascii_digit)
        {
            pos += 1;
            let mut unit = 100_000;
            while let Some(digit) = bytes.get(pos).filter(|byte| byte.is_ascii_digit()) {
                fraction_us += i64::from(digit - b'0') * unit;
                unit /= 10;
                pos += 1;
            }
        }
        let zone_start = pos;
        pos += zone_len(bytes.get(pos..)?);
        let zone = bytes.get(zone_start..pos)?;
        if !same_second || zone != self.zone {
            self.zone.clear();
            self.zone.extend_from_slice(zone);
            self.offset_us = self.offset_us(zone);
        }
        Some((self.second_us - self.offset_us + fraction_us, pos))
    }

    /// The offset of a printed zone at the current second.
    fn offset_us(&mut self, zone: &[u8]) -> i64 {
        let name = zone.trim_ascii();
        if let Some(minutes) = numeric_zone(name) {
            return i64::from(minutes) * 60 * SECOND_US;
        }
        let find = |list: &[(&str, i32)]| {
            list.iter()
                .find(|(zone, _)| zone.as_bytes().eq_ignore_ascii_case(name))
                .map(|(_, minutes)| *minutes)
        };
        if let Some(minutes) = find(ZONES) {
            return i64::from(minutes) * 60 * SECOND_US;
        }
        if let Some(tz) = self.tz {
            return self.named_offset_us(tz);
        }
        if let Some(minutes) = find(AMBIGUOUS) {
            self.notes.ambiguous.add(name);
            return i64::from(minutes) * 60 * SECOND_US;
        }
        if name.is_empty() {
            self.notes.absent = true;
        } else {
            self.notes.unknown.add(name);
        }
        0
    }

    /// The offset of the zone that the user named; the earlier one where an hour repeats.
    fn named_offset_us(&self, tz: Tz) -> i64 {
        let Some(local) = chrono::DateTime::from_timestamp_micros(self.second_us) else { return 0 };
        let local = local.naive_utc();
        tz.from_local_datetime(&local)
            .earliest()
            .map_or(0, |at| self.second_us.saturating_sub(at.timestamp_micros()))
    }
}

/// Seconds since the epoch of `YYYY-MM-DD HH:MM:SS`, read as UTC.
fn civil(text: &[u8; 19]) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        text.get(range)?.iter().try_fold(0u32, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'))
        })
    };
    let separators = [(4, b"-/"), (7, b"-/"), (10, b" T"), (13, b"::"), (16, b"::")];
    if !separators.iter().all(|(at, set)| text.get(*at).is_some_and(|byte| set.contains(byte))) {
        return None;
    }
    let year = i32::try_from(number(0..4)?).ok()?;
    if !YEARS.contains(&year) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?)?;
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let days = i64::from(chrono::Datelike::num_days_from_ce(&date)) - 719_163;
    Some(days * 86_400 + i64::from(hour * 3600 + minute * 60 + second))
}

/// How many bytes at the start are a zone: ` UTC`, `Z`, ` +03`, `+05:30`.
fn zone_len(bytes: &[u8]) -> usize {
    let space = usize::from(bytes.first() == Some(&b' '));
    let rest = bytes.get(space..).unwrap_or_default();
    let capitals = rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    // Guam's `ChST` is the only one with a small letter.
    let letters = if rest.starts_with(b"ChST") { 4 } else { capitals };
    if letters > 0 {
        // `LOG:` after a time without zone is no zone.
        let is_zone = letters <= 6
            && !(letters > 1
                && rest.get(letters) == Some(&b':')
                && rest.get(letters + 1) == Some(&b' '));
        return if is_zone && (space == 1 || rest.starts_with(b"Z")) { space + letters } else { 0 };
    }
    if matches!(rest.first(), Some(b'+' | b'-')) {
        let digits = |from: usize| {
            rest.get(from..from + 2).is_some_and(|pair| pair.iter().all(u8::is_ascii_digit))
        };
        if digits(1) {
            let minutes = if rest.get(3) == Some(&b':') && digits(4) {
                3
            } else if digits(3) {
                2
            } else {
                0
            };
            return space + 3 + minutes;
        }
    }
    0
}

/// Minutes east of UTC of `+03`, `+0530`, `-03:30`.
fn numeric_zone(name: &[u8]) -> Option<i32> {
    let (sign, rest) = match name.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let mut digits =
        rest.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| i32::from(byte - b'0'));
    let mut next = || digits.next().unwrap_or(0);
    let hours = next() * 10 + next();
    let minutes = next() * 10 + next();
    Some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(i64, usize)> {
        Clock::new(None).parse(text.as_bytes())
    }

    #[test]
    fn zones_are_read_as_printed() {
        let utc = 1_795_329_540_096_000;
        assert_eq!(read("2026-11-22 06:39:00.096 UTC [1]"), Some((utc, 27)));
        assert_eq!(read("2026-11-22 07:39:00.096 CET [1]"), Some((utc, 27)));
        assert_eq!(read("2026-11-22 09:39:00.096 +03 [1]"), Some((utc, 27)));
        assert_eq!(read("2026-11-22T06:39:00.096Z x"), Some((utc, 24)));
        assert_eq!(read("2026-11-22 06:39:00 UTC-6b02"), Some((utc - 96_000, 23)));
        assert_eq!(read("2026-11-22 06:39:00.096123+00:00 x").map(|(at, _)| at), Some(utc + 123));
    }

    #[test]
    fn a_named_zone_decides_what_an_abbreviation_leaves_open() {
        let mut clock = Clock::new(Some(chrono_tz::Asia::Shanghai));
        let (at, _) = clock.parse(b"2026-11-22 14:39:00 CST ").unwrap();
        assert_eq!(at, 1_795_329_540_000_000);
        let mut clock = Clock::new(None);
        clock.parse(b"2026-11-22 14:39:00 CST ").unwrap();
        assert_eq!(clock.notes.ambiguous.names(), ["CST"]);
        assert_eq!(taken_for("IST"), "IST as UTC+05:30");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "2026-13-22 06:39:00 UTC",
            "2026-11-22 x6:39:00 UTC",
            "2026-11-22",
            "",
            "20261122 06:39:00.1234",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
