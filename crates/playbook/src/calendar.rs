//! Business days, in the time zone of who responds.

use chrono::{
    DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Days that are looked at for the next business day: a file that makes every day a holiday must
/// not make the search endless.
const SEARCH_DAYS_MAX: u32 = 3 * 366;
/// Holidays that are kept: over a century of them.
pub const HOLIDAYS_MAX: usize = 4_000;

/// Why a holiday file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HolidayError {
    /// A line that begins with no date.
    #[error("holiday file, line {0}: write one day a line, as in 2026-12-25 Christmas")]
    NoDate(usize),
    /// More days than are kept.
    #[error("holiday file: over {HOLIDAYS_MAX} days")]
    TooMany,
}

/// Which days are business days, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The zone in which days begin and end.
    pub zone: Tz,
    /// Days on which nobody works, besides Saturdays and Sundays.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { zone: Tz::UTC, holidays: BTreeSet::new() }
    }
}

impl Calendar {
    /// Reads a holiday file: a date on each line, words behind it; `#` begins a comment.
    pub fn parse_holidays(text: &str) -> Result<BTreeSet<NaiveDate>, HolidayError> {
        let mut days = BTreeSet::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.split('#').next().unwrap_or_default().trim();
            let Some(word) = text.split_whitespace().next() else { continue };
            let day = NaiveDate::parse_from_str(word, "%Y-%m-%d")
                .map_err(|_| HolidayError::NoDate(line))?;
            days.insert(day);
            if days.len() > HOLIDAYS_MAX {
                return Err(HolidayError::TooMany);
            }
        }
        Ok(days)
    }

    /// Whether people work on that day.
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.holidays.contains(&day)
    }

    /// The moment that is `n` business days after `at`.
    ///
    /// From a moment on a business day: the same time of the day, `n` business days later. From a
    /// moment on another day: the end of the `n`-th business day that follows. A time that a
    /// change of the clock skips is the first one after the gap; one that happens twice is the
    /// earlier.
    pub fn business_days_after(&self, at: DateTime<Utc>, n: u32) -> DateTime<Utc> {
        if n == 0 {
            return at;
        }
        let local = at.with_timezone(&self.zone).naive_local();
        let mut day = local.date();
        let from_business_day = self.is_business_day(day);
        let (mut left, mut looked) = (n, 0);
        while left > 0 && looked < SEARCH_DAYS_MAX {
            let Some(next) = day.checked_add_days(Days::new(1)) else { return at };
            day = next;
            looked += 1;
            if self.is_business_day(day) {
                left -= 1;
            }
        }
        let due = if from_business_day {
            day.and_time(local.time())
        } else {
            let Some(next) = day.checked_add_days(Days::new(1)) else { return at };
            next.and_time(chrono::NaiveTime::MIN)
        };
        self.moment(due)
    }

    /// A local time as a moment.
    pub fn moment(&self, local: NaiveDateTime) -> DateTime<Utc> {
        moment(self.zone, local)
    }
}

/// A local time as a moment: behind a gap the first that exists, of two the earlier.
pub(crate) fn moment(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    if let Some(at) = zone.from_local_datetime(&local).earliest() {
        return at.with_timezone(&Utc);
    }
    // Gaps are at most a day (where the date line moved). A gap ends on a whole minute, so the
    // first minute that exists is where it ends.
    let minute = local - TimeDelta::seconds(i64::from(chrono::Timelike::second(&local)));
    (1..=24 * 60)
        .filter_map(|minutes| minute.checked_add_signed(TimeDelta::minutes(minutes)))
        .find_map(|later| zone.from_local_datetime(&later).earliest())
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests;
