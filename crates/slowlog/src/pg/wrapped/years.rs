//! The year of times that have none, as syslog writes them.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};

/// The latest moment that a log can be of, by something other than the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    /// No record is later.
    pub at: DateTime<Utc>,
    /// What says so, for people: `the support packet`.
    pub by: &'static str,
}

/// The year that is taken where nothing tells it: it has a 29th of February.
const NO_YEAR: i32 = 2000;

/// A log is named by the day on which it began or was rotated: it ends at most so much later.
const NAMED_DAYS: Days = Days::new(31);
/// Records with a full date tell the year of those near them.
const NEAR_DAYS: Days = Days::new(31);

/// What tells the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound {
    /// The latest day.
    until: NaiveDate,
    by: &'static str,
}

/// Gives years to days, in the order of a log.
#[derive(Debug, Default)]
pub(crate) struct Years {
    bound: Option<Bound>,
    /// The year of the last day, once one was seen, and its month.
    last: Option<(i32, u32)>,
    /// The first and the last year that was given to a record.
    given: Option<(i32, i32)>,
    /// Whether a record has no year, and nothing tells it.
    unknown: bool,
}

impl Years {
    /// By the name of the file if it holds a date, else by what others say.
    pub(crate) fn new(path: &str, until: Option<Until>) -> Self {
        let bound = of_name(path)
            .or_else(|| until.map(|until| Bound { until: until.at.date_naive(), by: until.by }));
        Self { bound, ..Self::default() }
    }

    /// Notes a record with a full date, `YYYY-MM-DD`: it outranks everything else.
    pub(crate) fn full(&mut self, text: &[u8]) {
        let date = text.get(..10).and_then(|date| std::str::from_utf8(date).ok());
        let Some(date) = date.and_then(|date| date.replace('/', "-").parse::<NaiveDate>().ok())
        else {
            return;
        };
        let until = date.checked_add_days(NEAR_DAYS).unwrap_or(date);
        if self.bound.is_none_or(|bound| bound.by != RECORDS) {
            self.bound = Some(Bound { until, by: RECORDS });
            self.last = None;
        }
    }

    /// What a look at the first bytes of the same log found.
    pub(crate) fn learn(&mut self, other: &Self) {
        if let Some(bound) = other.bound.filter(|bound| bound.by == RECORDS) {
            self.bound = Some(bound);
        }
    }

    /// Whether nothing tells the year.
    pub(crate) fn is_open(&self) -> bool {
        self.bound.is_none()
    }

    /// The year of the next day of the log; `None` for a day that is none.
    pub(crate) fn year_of(&mut self, month: u32, day: u32) -> Option<i32> {
        NaiveDate::from_ymd_opt(NO_YEAR, month, day)?;
        let year = match self.last {
            // From December to January the year turns; sessions may be written out of order.
            Some((year, 12)) if month == 1 => year + 1,
            Some((year, 1)) if month == 12 => year - 1,
            Some((year, _)) => year,
            None => self.bound.map_or(NO_YEAR, |bound| latest(bound.until, month, day)),
        };
        self.last = Some((year, month));
        Some(year)
    }

    /// Notes that a record was dated so.
    pub(crate) fn note(&mut self, year: i32) {
        self.unknown |= self.bound.is_none();
        let (first, last) = self.given.unwrap_or((year, year));
        self.given = Some((first.min(year), last.max(year)));
    }

    /// What is to be said of the years of a log, if any was given.
    pub(crate) fn limit(&self) -> Option<String> {
        let (first, last) = self.given?;
        let Some(bound) = self.bound.filter(|_| !self.unknown) else {
            return Some("times without year".to_owned());
        };
        let years = if first == last { first.to_string() } else { format!("{first} to {last}") };
        Some(format!("times without year: {years} by {}", bound.by))
    }
}

/// What records with a full date are called.
const RECORDS: &str = "records with a date";

/// The latest year in which a day is not after another.
fn latest(until: NaiveDate, month: u32, day: u32) -> i32 {
    // A 29th of February is looked for over a leap year that a century leaves out.
    (0..9)
        .map(|back| until.year() - back)
        .find(|year| NaiveDate::from_ymd_opt(*year, month, day).is_some_and(|date| date <= until))
        .unwrap_or(NO_YEAR)
}

/// The date in the name of a file, or the year: `2024-02-11`, `20240211`, `2024`.
fn of_name(path: &str) -> Option<Bound> {
    let name = path.rsplit(['/', '\\', '!']).next().unwrap_or(path).as_bytes();
    let digits = |from: usize, n: usize| -> Option<u32> {
        let text = name.get(from..from + n)?;
        text.iter().all(u8::is_ascii_digit).then_some(())?;
        std::str::from_utf8(text).ok()?.parse().ok()
    };
    let alone = |at: Option<usize>| {
        at.and_then(|at| name.get(at)).is_none_or(|byte| !byte.is_ascii_digit())
    };
    let date = (0..name.len()).filter(|at| alone(at.checked_sub(1))).find_map(|at| {
        let year = i32::try_from(digits(at, 4)?).ok().filter(|year| (2000..2100).contains(year))?;
        let day = if matches!(name.get(at + 4), Some(b'-' | b'_' | b'.')) {
            digits(at + 5, 2).zip(digits(at + 8, 2))
        } else {
            digits(at + 4, 2).zip(digits(at + 6, 2))
        };
        match day.and_then(|(month, day)| NaiveDate::from_ymd_opt(year, month, day)) {
            Some(date) => date.checked_add_days(NAMED_DAYS),
            None if alone(Some(at + 4)) => NaiveDate::from_ymd_opt(year, 12, 31),
            None => None,
        }
    })?;
    Some(Bound { until: date, by: "the file's name" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(date: &str) -> Option<Until> {
        let date: NaiveDate = date.parse().unwrap();
        Some(Until { at: date.and_hms_opt(12, 0, 0).unwrap().and_utc(), by: "the charts" })
    }

    #[test]
    fn a_day_is_of_the_latest_year_that_is_not_later_and_the_year_turns() {
        let mut years = Years::new("syslog", until("2026-01-03"));
        assert_eq!(years.year_of(12, 30), Some(2025));
        assert_eq!(years.year_of(1, 1), Some(2026));
        assert_eq!(years.year_of(12, 31), Some(2025), "a session out of order");
        assert_eq!(years.year_of(1, 2), Some(2026));
        years.note(2025);
        years.note(2026);
        assert_eq!(
            years.limit().as_deref(),
            Some("times without year: 2025 to 2026 by the charts")
        );
        assert_eq!(Years::new("x", until("2026-09-22")).year_of(9, 22), Some(2026));
        assert_eq!(Years::new("x", until("2026-09-22")).year_of(2, 29), Some(2024));
    }

    #[test]
    fn a_date_in_the_name_tells_the_year_and_a_date_in_a_record_outranks_it() {
        for (path, year) in [
            ("a-1999/postgres-2024-02-11.log", 2024),
            ("syslog-20240301", 2024),
            ("messages.2023.gz", 2023),
            ("syslog.1", 2026),
            ("db-55202411", 2026),
        ] {
            let mut years = Years::new(path, until("2026-09-22"));
            assert_eq!(years.year_of(2, 11), Some(year), "{path}");
        }
        // Rotated on New Year: what is in it is of the year before.
        assert_eq!(Years::new("syslog-20260101", None).year_of(12, 25), Some(2025));
        let mut years = Years::new("syslog-20240301", None);
        years.full(b"2021-03-01 10:00:00 UTC");
        assert_eq!(years.year_of(2, 11), Some(2021));
        years.note(2021);
        assert_eq!(
            years.limit().as_deref(),
            Some("times without year: 2021 by records with a date")
        );
    }

    #[test]
    fn without_anything_the_year_is_said_to_be_absent() {
        let mut years = Years::new("syslog", None);
        assert!(years.is_open());
        assert_eq!(years.limit(), None);
        let year = years.year_of(2, 29).unwrap();
        years.note(year);
        assert_eq!(years.limit().as_deref(), Some("times without year"));
        assert_eq!(years.year_of(2, 30), None);
    }
}
