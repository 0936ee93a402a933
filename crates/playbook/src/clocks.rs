//! The clocks of the playbook: what is due when, and what is overdue. Pure functions of what the
//! incident file says, the calendar of who responds, and the time.

use crate::{Calendar, Due, DueFrom, IncidentRecord, Playbook};
use chrono::{DateTime, TimeDelta, Utc};

/// Minutes between two updates to the customer, where the incident file says nothing.
pub const UPDATE_EVERY_MIN: u32 = 60;

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockState {
    /// The time is over, and no person has said that it is done.
    Overdue,
    /// It runs.
    Running,
    /// The time of watching is over; a person confirms it.
    Ended,
    /// The moment from which it runs is not known.
    NotStarted,
    /// It is not asked for.
    NotNeeded,
    /// A person has said that it is done.
    Done,
}

impl ClockState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "OVERDUE",
            Self::Running => "running",
            Self::Ended => "ended",
            Self::NotStarted => "not started",
            Self::NotNeeded => "not needed",
            Self::Done => "done",
        }
    }
}

/// A clock as it stands at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The step that it belongs to.
    pub step: String,
    /// What is due.
    pub what: String,
    /// When; `None` while the moment from which it runs is not known.
    pub due: Option<DateTime<Utc>>,
    /// How it stands.
    pub state: ClockState,
    /// What starts, stops or satisfies it.
    pub note: String,
}

/// All clocks, in the order of the playbook; the clock of updates behind the first.
pub fn clocks(
    playbook: &Playbook,
    record: &IncidentRecord,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Vec<Clock> {
    let mut clocks = Vec::new();
    for step in &playbook.steps {
        let Some(due) = &step.due else { continue };
        match due.from {
            DueFrom::Impact => {
                clocks.push(ceo(&step.id, due, record, now));
                clocks.push(update(&step.id, record, now));
            }
            DueFrom::Resolved => {
                clocks.push(after(&step.id, &step.title, due, record, calendar, now))
            }
        }
    }
    clocks
}

/// Whether a clock is overdue.
pub fn is_overdue(clocks: &[Clock]) -> bool {
    clocks.iter().any(|clock| clock.state == ClockState::Overdue)
}

fn later(at: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::minutes(i64::from(minutes))).unwrap_or(at)
}

fn running(due: DateTime<Utc>, now: DateTime<Utc>) -> ClockState {
    if now >= due { ClockState::Overdue } else { ClockState::Running }
}

/// The CEO is in the loop once the impact lasts over the given time.
fn ceo(step: &str, due: &Due, record: &IncidentRecord, now: DateTime<Utc>) -> Clock {
    let clock = |due, state, note: &str| Clock {
        step: step.to_owned(),
        what: "CEO in the loop".to_owned(),
        due,
        state,
        note: note.to_owned(),
    };
    let Some(start) = record.impact_start else {
        return clock(None, ClockState::NotStarted, "impact_start is not known");
    };
    let at = later(start, due.minutes);
    if record.last("ceo").is_some() {
        return clock(Some(at), ClockState::Done, "a person noted it");
    }
    if record.resolved.is_some_and(|resolved| resolved <= at) {
        return clock(Some(at), ClockState::NotNeeded, "resolved before");
    }
    clock(Some(at), running(at, now), "stops with: analyze incident note ceo '...'")
}

/// The customer hears something again and again while the impact lasts.
fn update(step: &str, record: &IncidentRecord, now: DateTime<Utc>) -> Clock {
    let every = record.update_every_min.unwrap_or(UPDATE_EVERY_MIN);
    let clock = |due, state, note: &str| Clock {
        step: step.to_owned(),
        what: format!("update to the customer, every {every} min"),
        due,
        state,
        note: note.to_owned(),
    };
    if record.resolved.is_some() {
        return clock(None, ClockState::NotNeeded, "resolved");
    }
    let Some(from) = record.last("update").or(record.impact_start) else {
        return clock(None, ClockState::NotStarted, "impact_start is not known");
    };
    let at = later(from, every);
    clock(Some(at), running(at, now), "begins anew with: analyze incident note update '...'")
}

/// What follows the resolution: the time of watching, and the business days.
fn after(
    step: &str,
    title: &str,
    due: &Due,
    record: &IncidentRecord,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Clock {
    let clock = |due, state, note: String| Clock {
        step: step.to_owned(),
        what: title.to_owned(),
        due,
        state,
        note,
    };
    let at = record.resolved.map(|resolved| match due.minutes {
        0 => calendar.business_days_after(resolved, due.business_days),
        minutes => later(resolved, minutes),
    });
    if record.is_done(step) {
        return clock(at, ClockState::Done, "a person noted it".to_owned());
    }
    if record.not_needed(step).is_some() {
        return clock(at, ClockState::NotNeeded, "a person said so".to_owned());
    }
    let Some(at) = at else {
        return clock(None, ClockState::NotStarted, "runs from the resolution".to_owned());
    };
    let state = if due.minutes > 0 && now >= at { ClockState::Ended } else { running(at, now) };
    clock(Some(at), state, format!("stops with: analyze incident done {step}"))
}

#[cfg(test)]
mod tests;
