use super::*;
use proptest::prelude::*;

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

fn berlin(holidays: &str) -> Calendar {
    Calendar { zone: Tz::Europe__Berlin, holidays: Calendar::parse_holidays(holidays).unwrap() }
}

#[test]
fn one_business_day_after_a_friday_is_monday_at_the_same_time() {
    // 2026-03-06 is a Friday.
    let due = berlin("").business_days_after(utc("2026-03-06T15:00:00Z"), 1);
    assert_eq!(due, utc("2026-03-09T15:00:00Z"));
}

#[test]
fn a_resolution_at_the_weekend_counts_from_monday_to_its_end() {
    let due = berlin("").business_days_after(utc("2026-03-07T15:00:00Z"), 1);
    assert_eq!(due, utc("2026-03-09T23:00:00Z"), "midnight in Berlin at the end of Monday");
}

#[test]
fn holidays_are_skipped() {
    let calendar = berlin("# Germany\n2026-04-03 Good Friday\n2026-04-06 Easter Monday\n");
    // From Thursday: Friday and Monday are holidays.
    let due = calendar.business_days_after(utc("2026-04-02T10:00:00Z"), 1);
    assert_eq!(due, utc("2026-04-07T10:00:00Z"));
}

#[test]
fn the_time_of_the_day_stays_when_the_clocks_change_over_the_weekend() {
    // Berlin goes from UTC+1 to UTC+2 on Sunday 2026-03-29.
    let due = berlin("").business_days_after(utc("2026-03-27T15:00:00Z"), 1);
    assert_eq!(due, utc("2026-03-30T14:00:00Z"), "16:00 in Berlin on both days");
}

#[test]
fn a_time_that_the_clock_change_skips_is_the_first_after_the_gap() {
    // Cairo's clocks skip from 00:00 to 01:00 on Friday 2026-04-24.
    let calendar = Calendar { zone: Tz::Africa__Cairo, holidays: BTreeSet::new() };
    let due = calendar.business_days_after(utc("2026-04-22T22:30:20Z"), 1);
    assert_eq!(due, utc("2026-04-23T22:00:00Z"), "00:30 does not exist, 01:00 does");
}

#[test]
fn a_day_belongs_to_the_zone_of_who_responds() {
    // Friday 23:30 in London is Saturday 08:30 in Tokyo.
    let at = utc("2026-03-06T23:30:00Z");
    let tokyo = Calendar { zone: Tz::Asia__Tokyo, holidays: BTreeSet::new() };
    let london = Calendar { zone: Tz::Europe__London, holidays: BTreeSet::new() };
    assert_eq!(london.business_days_after(at, 1), utc("2026-03-09T23:30:00Z"));
    assert_eq!(tokyo.business_days_after(at, 1), utc("2026-03-09T15:00:00Z"));
}

#[test]
fn a_line_of_a_holiday_file_that_is_no_date_is_named() {
    let error = Calendar::parse_holidays("2026-01-01\n1.5.2026 May Day\n").unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}

fn calendars() -> impl Strategy<Value = Calendar> {
    let zones = prop::sample::select(vec![
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::America__New_York,
        Tz::Asia__Kolkata,
        Tz::Australia__Lord_Howe,
        Tz::Africa__Cairo,
        Tz::Pacific__Apia,
    ]);
    let days = prop::collection::btree_set(0_i64..3_000, 0..40);
    (zones, days).prop_map(|(zone, days)| {
        let first = NaiveDate::from_ymd_opt(2022, 1, 1).unwrap();
        Calendar {
            zone,
            holidays: days.into_iter().map(|day| first + TimeDelta::days(day)).collect(),
        }
    })
}

fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    // 2022 to 2030.
    (1_640_995_200_i64..1_893_456_000).prop_map(|s| DateTime::from_timestamp(s, 0).unwrap())
}

proptest! {
    #[test]
    fn a_deadline_lies_behind_its_start_and_more_days_are_never_earlier(
        calendar in calendars(), at in moments(), n in 1_u32..6
    ) {
        let due = calendar.business_days_after(at, n);
        prop_assert!(due > at);
        prop_assert!(calendar.business_days_after(at, n + 1) > due);
    }

    #[test]
    fn a_later_resolution_never_has_an_earlier_deadline(
        calendar in calendars(), at in moments(), later_s in 0_i64..2_000_000, n in 1_u32..4
    ) {
        let later = at + TimeDelta::seconds(later_s);
        prop_assert!(calendar.business_days_after(at, n) <= calendar.business_days_after(later, n));
    }

    #[test]
    fn exactly_n_business_days_begin_until_the_deadline(
        calendar in calendars(), at in moments(), n in 1_u32..6
    ) {
        // The day before the deadline's last instant: the n-th business day itself.
        let due = calendar.business_days_after(at, n);
        let day = |at: DateTime<Utc>| at.with_timezone(&calendar.zone).date_naive();
        let (first, last) = (day(at), day(due - TimeDelta::nanoseconds(1)));
        let begun = first
            .iter_days()
            .skip(1)
            .take_while(|day| *day <= last)
            .filter(|day| calendar.is_business_day(*day))
            .count();
        // A deadline at exactly midnight on a business day has not begun that day.
        let at_midnight = calendar.is_business_day(day(due)) && day(due) != last;
        prop_assert_eq!(begun + usize::from(at_midnight && calendar.is_business_day(first)), n as usize);
    }

    #[test]
    fn no_text_as_a_holiday_file_panics(text in "\\PC{0,200}") {
        let _ = Calendar::parse_holidays(&text);
    }
}

#[test]
fn a_calendar_of_holidays_alone_still_gives_a_deadline() {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let holidays = first.iter_days().take(3_900).collect();
    let at = utc("2026-03-06T15:00:00Z");
    assert!(Calendar { zone: Tz::UTC, holidays }.business_days_after(at, 1) > at);
}
