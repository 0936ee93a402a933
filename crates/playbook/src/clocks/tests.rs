use super::*;
use crate::IncidentFile;
use proptest::prelude::*;

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

fn record(lines: &str) -> IncidentRecord {
    let record = IncidentFile::parse(lines).unwrap().record();
    assert!(record.faults.is_empty(), "{:?}", record.faults);
    record
}

fn at(lines: &str, now: &str) -> Vec<Clock> {
    let record = record(lines);
    let calendar =
        Calendar { zone: record.zone.unwrap_or(chrono_tz::Tz::UTC), ..Calendar::default() };
    clocks(Playbook::shipped(), &record, &calendar, utc(now))
}

fn of<'c>(clocks: &'c [Clock], what: &str) -> &'c Clock {
    clocks.iter().find(|clock| clock.what.contains(what)).unwrap()
}

const START: &str = "impact_start = \"2026-03-06T09:18Z\"\n";

#[test]
fn the_ceo_is_due_an_hour_after_the_start_of_impact() {
    let before = at(START, "2026-03-06T10:17:59Z");
    assert_eq!(of(&before, "CEO").state, ClockState::Running);
    let clocks = at(START, "2026-03-06T10:18:00Z");
    assert_eq!(of(&clocks, "CEO").state, ClockState::Overdue);
    assert_eq!(of(&clocks, "CEO").due, Some(utc("2026-03-06T10:18:00Z")));
    assert!(is_overdue(&clocks));
}

#[test]
fn a_note_that_the_ceo_knows_stops_the_clock() {
    let lines = format!(
        "{START}[[note]]\nat = \"2026-03-06T10:00Z\"\nkind = \"ceo\"\ntext = \"called\"\n\
         [[note]]\nat = \"2026-03-06T11:00Z\"\nkind = \"update\"\ntext = \"told\"\n"
    );
    let clocks = at(&lines, "2026-03-06T11:30:00Z");
    assert_eq!(of(&clocks, "CEO").state, ClockState::Done);
    assert!(!is_overdue(&clocks));
}

#[test]
fn an_outage_under_an_hour_needs_no_ceo() {
    let clocks = at(&format!("{START}resolved = \"2026-03-06T10:00Z\"\n"), "2026-03-06T12:00:00Z");
    assert_eq!(of(&clocks, "CEO").state, ClockState::NotNeeded);
}

#[test]
fn each_update_to_the_customer_begins_the_hour_anew() {
    let lines = format!(
        "{START}[[note]]\nat = \"2026-03-06T09:58Z\"\nkind = \"update\"\ntext = \"told\"\n"
    );
    let clocks = at(&lines, "2026-03-06T10:30:00Z");
    assert_eq!(of(&clocks, "update").due, Some(utc("2026-03-06T10:58:00Z")));
    assert_eq!(of(&clocks, "update").state, ClockState::Running);
}

#[test]
fn the_file_may_ask_for_updates_more_often() {
    let clocks = at(&format!("{START}update_every_min = 30\n"), "2026-03-06T09:49:00Z");
    assert_eq!(of(&clocks, "update").state, ClockState::Overdue);
}

#[test]
fn twenty_four_hours_of_watching_end_and_are_not_overdue() {
    let lines = format!("{START}resolved = \"2026-03-06T12:00Z\"\n");
    let clocks = at(&lines, "2026-03-07T12:00:01Z");
    let watch = of(&clocks, "24 hours");
    assert_eq!((watch.due, watch.state), (Some(utc("2026-03-07T12:00:00Z")), ClockState::Ended));
}

#[test]
fn business_days_run_from_the_resolution_in_the_zone_of_who_responds() {
    // Friday 20:00 UTC; the clocks of New York change on Sunday 2026-03-08.
    let lines = format!("zone = \"America/New_York\"\n{START}resolved = \"2026-03-06T20:00Z\"\n");
    let clocks = at(&lines, "2026-03-07T00:00:00Z");
    assert_eq!(of(&clocks, "1 business day").due, Some(utc("2026-03-09T19:00:00Z")));
    assert_eq!(of(&clocks, "2 business days").due, Some(utc("2026-03-10T19:00:00Z")));
    assert_eq!(of(&clocks, "3 business days").due, Some(utc("2026-03-11T19:00:00Z")));
}

#[test]
fn a_step_that_a_person_has_done_is_not_overdue() {
    let lines = format!(
        "{START}resolved = \"2026-03-06T10:00Z\"\n[[done]]\nstep = \"retrospective\"\nat = \"2026-03-06T15:00Z\"\n"
    );
    let clocks = at(&lines, "2026-03-20T00:00:00Z");
    assert_eq!(of(&clocks, "retrospective").state, ClockState::Done);
    assert_eq!(of(&clocks, "Draft incident summary").state, ClockState::Overdue);
}

#[test]
fn without_a_start_of_impact_nothing_runs_and_nothing_is_overdue() {
    let clocks = at("", "2026-03-20T00:00:00Z");
    assert!(clocks.iter().all(|clock| clock.state == ClockState::NotStarted), "{clocks:?}");
    assert_eq!(clocks.len(), 6);
}

proptest! {
    #[test]
    fn a_clock_is_overdue_exactly_from_its_time_on(start_s in 1_640_995_200_i64..1_893_456_000, later_s in 0_i64..200_000) {
        let start = DateTime::from_timestamp(start_s, 0).unwrap();
        let now = start + TimeDelta::seconds(later_s);
        let record = IncidentRecord { impact_start: Some(start), ..IncidentRecord::default() };
        let clocks = clocks(Playbook::shipped(), &record, &Calendar::default(), now);
        prop_assert_eq!(is_overdue(&clocks), later_s >= 3_600);
    }
}
