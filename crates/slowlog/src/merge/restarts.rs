//! A start that ends in the next file of a rotated set: one start, and not two.

use crate::records::{EventClass, SlowLog};
use chrono::{DateTime, TimeDelta, Utc};

/// The next file begins within this time: a server that recovers from a crash writes little.
const NEXT_FILE_MAX: TimeDelta = TimeDelta::hours(1);

/// Joins a start at the end of one file with the readiness at the start of the next.
pub(super) fn join(log: &mut SlowLog) {
    while let Some((started, ready)) = pair(log) {
        let mut since = None;
        if let Some(source) = log.sources.get_mut(started) {
            since = source.starting_since.take();
        }
        let at = log.sources.get_mut(ready).and_then(|source| source.ready_at.take());
        let (Some(since), Some(at)) = (since, at) else { continue };
        took(log, at - since);
        forget_ready(log, at);
    }
}

/// The sources of a start and of the readiness that ends it.
fn pair(log: &SlowLog) -> Option<(usize, usize)> {
    let mut found: Option<(TimeDelta, usize, usize)> = None;
    for (started, one) in log.sources.iter().enumerate() {
        let (Some(since), Some(window)) = (one.starting_since, one.window) else { continue };
        for (ready, next) in log.sources.iter().enumerate() {
            let (Some(at), Some(of_next)) = (next.ready_at, next.window) else { continue };
            // The end of a window is behind its last record.
            let gap = of_next.start - window.end + TimeDelta::microseconds(1);
            let follows = ready != started && at >= since && gap >= TimeDelta::zero();
            if follows && gap <= NEXT_FILE_MAX && found.is_none_or(|(least, ..)| gap < least) {
                found = Some((gap, started, ready));
            }
        }
    }
    found.map(|(_, started, ready)| (started, ready))
}

/// Notes how long a start took.
fn took(log: &mut SlowLog, span: TimeDelta) {
    let us = u64::try_from(span.num_microseconds().unwrap_or(0)).unwrap_or(0);
    let start = log
        .events
        .iter_mut()
        .find(|event| event.class == EventClass::Restart && event.cause == "start");
    if let Some(start) = start {
        start.unit = "us";
        start.amount = start.amount.saturating_add(us);
        start.amount_max = start.amount_max.max(us);
    }
}

/// Takes a readiness back that was counted as an event of its own.
fn forget_ready(log: &mut SlowLog, at: DateTime<Utc>) {
    let is_ready =
        |class: EventClass, cause: &str| class == EventClass::Restart && cause == "ready";
    let others = log.sources.iter().filter_map(|source| source.ready_at);
    let next = others.min();
    if let Some(event) = log.events.iter_mut().find(|it| is_ready(it.class, &it.cause)) {
        event.calls = event.calls.saturating_sub(1);
        if event.first_at == at {
            event.first_at = next.unwrap_or(event.last_at);
        }
    }
    log.events.retain(|it| it.calls > 0 || !is_ready(it.class, &it.cause));
    let cell = log.event_minutes.iter_mut().find(|it| {
        let end = it.minute + TimeDelta::minutes(i64::from(it.span_min));
        is_ready(it.class, &it.cause) && (it.minute..end).contains(&at)
    });
    if let Some(cell) = cell {
        cell.calls = cell.calls.saturating_sub(1);
    }
    log.event_minutes.retain(|it| it.calls > 0);
}
