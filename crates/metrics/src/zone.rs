//! Local times to UTC: with the zone that the user names, or in file order without one.

use crate::Clock;
use crate::times::{self, Time};
use chrono::{
    DateTime, Datelike as _, MappedLocalTime, NaiveDateTime, Offset as _, TimeZone as _, Utc,
    Weekday,
};
use chrono_tz::Tz;
use model::Confidence;

/// An hour in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// Turns the times of one table into UTC, row by row, in file order.
///
/// When clocks go back an hour repeats: the order of the rows decides which of the two is meant.
pub(crate) struct Rows {
    tz: Option<Tz>,
    descending: bool,
    last_local: Option<i64>,
    last_out: Option<i64>,
    step: i64,
    added_ms: i64,
    /// Where clocks were seen to change without a known zone.
    pub(crate) changes: Vec<NaiveDateTime>,
    /// Whether any time was without a zone.
    pub(crate) any_local: bool,
}

impl Rows {
    /// For a table whose rows come in that order.
    pub(crate) fn new(tz: Option<Tz>, descending: bool) -> Self {
        Self {
            tz,
            descending,
            last_local: None,
            last_out: None,
            step: 0,
            added_ms: 0,
            changes: Vec::new(),
            any_local: false,
        }
    }

    /// The next row's time in milliseconds: UTC, or local as if it were UTC without a zone.
    pub(crate) fn next(&mut self, time: Time) -> i64 {
        let out = match (time, self.tz) {
            (Time::Utc(ms), _) => ms,
            (Time::Local(ms), Some(tz)) => self.zoned(ms, tz),
            (Time::Local(ms), None) => {
                self.any_local = true;
                self.zoneless(ms)
            }
        };
        self.last_out = Some(out);
        out
    }

    /// How the times of this table came about.
    pub(crate) fn clock(&self) -> Clock {
        if self.any_local { Clock::Local } else { Clock::Utc }
    }

    fn zoned(&self, local_ms: i64, tz: Tz) -> i64 {
        let naive = times::naive(local_ms);
        let utc = |offset_s: i32| local_ms - i64::from(offset_s) * 1000;
        match tz.offset_from_local_datetime(&naive) {
            MappedLocalTime::Single(offset) => utc(offset.fix().local_minus_utc()),
            MappedLocalTime::Ambiguous(a, b) => {
                let (a, b) = (utc(a.fix().local_minus_utc()), utc(b.fix().local_minus_utc()));
                let (early, late) = (a.min(b), a.max(b));
                match self.last_out {
                    Some(last) if self.descending => {
                        if late < last {
                            late
                        } else {
                            early
                        }
                    }
                    Some(last) => {
                        if early > last {
                            early
                        } else {
                            late
                        }
                    }
                    None if self.descending => late,
                    None => early,
                }
            }
            // An hour that does not exist there: as if the clock had not been put forward yet.
            MappedLocalTime::None => {
                let before = times::naive(local_ms - 3 * HOUR_MS);
                let offset = tz.offset_from_utc_datetime(&before);
                utc(offset.fix().local_minus_utc())
            }
        }
    }

    /// Without a zone the times stay local, in the offset of the first row: an hour that repeats
    /// goes on, and an hour that is missing at a usual night is closed.
    fn zoneless(&mut self, local_ms: i64) -> i64 {
        if let Some(last) = self.last_local
            && !self.descending
        {
            let step = local_ms - last;
            let usual = self.step.clamp(0, HOUR_MS / 4);
            if (-HOUR_MS..0).contains(&step) && usual > 0 && step + HOUR_MS <= 2 * usual {
                self.added_ms += HOUR_MS;
                self.changes.push(times::naive(last));
            } else if usual > 0 && step == usual + HOUR_MS && spring_night(local_ms, usual) {
                self.added_ms -= HOUR_MS;
                self.changes.push(times::naive(last));
            } else if step > 0 {
                self.step = step;
            }
        }
        self.last_local = Some(local_ms);
        local_ms + self.added_ms
    }
}

/// Whether a missing hour that ends here is likely the start of daylight saving time: a Sunday
/// of March, April, September or October, right after a full hour of the night.
fn spring_night(local_ms: i64, step_ms: i64) -> bool {
    let at = times::naive(local_ms);
    let into_hour = local_ms.rem_euclid(HOUR_MS);
    at.weekday() == Weekday::Sun
        && matches!(at.month(), 3 | 4 | 9 | 10)
        && (1..=4).contains(&(local_ms.rem_euclid(24 * HOUR_MS) / HOUR_MS))
        && into_hour < step_ms
        && times::day(local_ms) == times::day(local_ms - step_ms)
}

/// An offset from UTC that was concluded, and from what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetGuess {
    /// Seconds east of UTC.
    pub offset_s: i32,
    /// How sure.
    pub confidence: Confidence,
    /// From what, in our own words.
    pub why: String,
}

/// What a local clock time is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The last sample of an export with epoch times: the export was made at or after it, within
    /// half an hour if the dashboard's range ended now.
    LastSample(DateTime<Utc>),
    /// When the packet was generated: about when the exports were made.
    PacketGenerated(DateTime<Utc>),
    /// The last record of a log: whoever collects the sources of an incident does so within the
    /// hour, but a log may have ended long before.
    LastRecord(DateTime<Utc>),
}

/// Offsets of time zones are multiples of this, but for four quarter-hour zones.
const OFFSET_STEP_S: i64 = 1800;

/// Concludes the offset of a local clock from a moment whose UTC time is known.
///
/// `exported` is the local time of the export, as its file name says. `None` when they are too far
/// apart to say anything.
pub fn infer_offset(exported: NaiveDateTime, reference: Reference) -> Option<OffsetGuess> {
    let (utc, why) = match reference {
        Reference::LastSample(at) => {
            (at, "time of export in a file name against the last sample of the same file")
        }
        Reference::PacketGenerated(at) => {
            (at, "time of export in a file name against the time of the support packet")
        }
        Reference::LastRecord(at) => {
            (at, "time of export in a file name against the last record of the logs")
        }
    };
    let difference_s = exported.and_utc().timestamp() - utc.timestamp();
    let (offset_s, off_s) = match reference {
        Reference::LastSample(_) => {
            let offset_s = difference_s.div_euclid(OFFSET_STEP_S) * OFFSET_STEP_S;
            (offset_s, difference_s - offset_s)
        }
        Reference::PacketGenerated(_) | Reference::LastRecord(_) => {
            let nearest = |step: i64| (difference_s + step / 2).div_euclid(step) * step;
            let (hour, half) = (nearest(3600), nearest(OFFSET_STEP_S));
            // Few zones lie on a half hour: it has to fit closely.
            let offset_s = if (difference_s - half).abs() <= 300 { half } else { hour };
            (offset_s, (difference_s - offset_s).abs())
        }
    };
    if !(-12 * 3600..=14 * 3600).contains(&offset_s) {
        return None;
    }
    let whole_hour = offset_s % 3600 == 0;
    let confidence = match reference {
        _ if !whole_hour => Confidence::Possible,
        Reference::LastSample(_) if off_s <= 900 => Confidence::Likely,
        Reference::PacketGenerated(_) if off_s <= 600 => Confidence::Likely,
        Reference::LastSample(_) | Reference::PacketGenerated(_) | Reference::LastRecord(_) => {
            Confidence::Possible
        }
    };
    Some(OffsetGuess { offset_s: i32::try_from(offset_s).ok()?, confidence, why: why.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{Reference, Rows, infer_offset};
    use crate::Clock;
    use crate::times::{DateOrder, Time, time};
    use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
    use chrono_tz::Tz;
    use model::Confidence;

    fn local(text: &str) -> Time {
        time(text, DateOrder::DayFirst).expect("a time")
    }

    fn run(tz: Option<Tz>, texts: &[&str]) -> Vec<String> {
        let mut rows = Rows::new(tz, false);
        texts
            .iter()
            .map(|text| super::times::naive(rows.next(local(text))).format("%H:%M").to_string())
            .collect()
    }

    #[test]
    fn an_hour_that_repeats_is_told_apart_by_the_order_of_rows() {
        let texts = [
            "2024-10-27 01:58:00",
            "2024-10-27 02:59:00",
            "2024-10-27 02:00:00",
            "2024-10-27 03:00:00",
        ];
        assert_eq!(
            run(Some(chrono_tz::Europe::Berlin), &texts),
            ["23:58", "00:59", "01:00", "02:00"]
        );
        let texts = [
            "2024-10-27 02:58:00",
            "2024-10-27 02:59:00",
            "2024-10-27 02:00:00",
            "2024-10-27 02:01:00",
        ];
        assert_eq!(run(None, &texts), ["02:58", "02:59", "03:00", "03:01"]);
    }

    #[test]
    fn a_missing_hour_of_a_spring_night_is_closed_and_any_other_stays_a_gap() {
        let spring = ["2024-03-31 01:58:00", "2024-03-31 01:59:00", "2024-03-31 03:00:00"];
        assert_eq!(run(None, &spring), ["01:58", "01:59", "02:00"]);
        assert_eq!(run(Some(chrono_tz::Europe::Berlin), &spring), ["00:58", "00:59", "01:00"]);
        let gap = ["2024-05-01 01:58:00", "2024-05-01 01:59:00", "2024-05-01 03:00:00"];
        assert_eq!(run(None, &gap), ["01:58", "01:59", "03:00"]);
    }

    #[test]
    fn times_with_a_zone_need_no_guess() {
        let mut rows = Rows::new(None, false);
        rows.next(local("2024-05-01T10:00:00+02:00"));
        assert_eq!(rows.clock(), Clock::Utc);
        rows.next(local("2024-05-01 10:00:00"));
        assert_eq!(rows.clock(), Clock::Local);
    }

    fn naive(hour: u32, minute: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2024, 5, 1)
            .and_then(|d| d.and_hms_opt(hour, minute, 0))
            .expect("a time")
    }

    fn utc(hour: u32, minute: u32) -> DateTime<Utc> {
        naive(hour, minute).and_utc()
    }

    #[test]
    fn an_export_made_minutes_after_its_last_sample_gives_the_offset() {
        let guess =
            infer_offset(naive(16, 12), Reference::LastSample(utc(14, 0))).expect("a guess");
        assert_eq!((guess.offset_s, guess.confidence), (7200, Confidence::Likely));
        let guess = infer_offset(naive(10, 4), Reference::LastSample(utc(14, 0))).expect("a guess");
        assert_eq!(guess.offset_s, -14_400);
        let india =
            infer_offset(naive(19, 42), Reference::LastSample(utc(14, 0))).expect("a guess");
        assert_eq!((india.offset_s, india.confidence), (19_800, Confidence::Possible));
        assert_eq!(infer_offset(naive(16, 12), Reference::LastSample(DateTime::UNIX_EPOCH)), None);
    }

    #[test]
    fn a_packet_half_an_hour_away_is_no_reason_for_a_rare_zone() {
        let guess = infer_offset(naive(13, 25), Reference::PacketGenerated(utc(11, 5)));
        let guess = guess.expect("a guess");
        assert_eq!((guess.offset_s, guess.confidence), (7200, Confidence::Possible));
    }

    #[test]
    fn the_end_of_a_log_is_no_more_than_a_possible_reference() {
        let guess = infer_offset(naive(13, 5), Reference::LastRecord(utc(11, 2)));
        let guess = guess.expect("a guess");
        assert_eq!((guess.offset_s, guess.confidence), (7200, Confidence::Possible));
    }

    #[test]
    fn a_packet_made_before_or_after_the_export_gives_the_offset() {
        for minute in [2, 9] {
            let guess = infer_offset(naive(13, 5), Reference::PacketGenerated(utc(11, minute)));
            assert_eq!(guess.expect("a guess").offset_s, 7200);
        }
    }
}
