//! What else happened, by class, within a window.

use super::coverage::holds;
use crate::records::{EventClass, SlowLog};
use model::Window;
use std::collections::BTreeMap;

/// A class of events in the time that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// What happened.
    pub class: EventClass,
    /// How often.
    pub calls: u64,
    /// By cause, most frequent first; the cause may be empty.
    pub causes: Vec<(String, u64)>,
    /// The largest amount that was measured, where all of the class lies in the window.
    pub amount_max: Option<u64>,
    /// The sum, likewise.
    pub amount: Option<u64>,
    /// The unit of both: `bytes`, `us`, or empty.
    pub unit: &'static str,
}

/// All classes that occurred, in the order of [`EventClass`]; a span of time counts where its
/// middle lies.
pub fn occurrences(log: &SlowLog, window: Option<Window>) -> Vec<Occurrence> {
    let mut counts: BTreeMap<EventClass, BTreeMap<&str, u64>> = BTreeMap::new();
    for minute in &log.event_minutes {
        if window.is_none_or(|window| holds(window, minute.minute, minute.span_min)) {
            *counts.entry(minute.class).or_default().entry(minute.cause.as_str()).or_default() +=
                minute.calls;
        }
    }
    // Events of a log without times have no minutes.
    for event in log.events.iter().filter(|event| window.is_none() && event.calls > 0) {
        let timed = log.event_minutes.iter().any(|minute| minute.class == event.class);
        if !timed {
            *counts.entry(event.class).or_default().entry(event.cause.as_str()).or_default() +=
                event.calls;
        }
    }
    counts
        .into_iter()
        .map(|(class, causes)| {
            let mut causes: Vec<(String, u64)> =
                causes.into_iter().map(|(cause, calls)| (cause.to_owned(), calls)).collect();
            causes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let of_class = || log.events.iter().filter(move |event| event.class == class);
            let inside = of_class().all(|event| {
                window.is_none_or(|w| w.contains(event.first_at) && w.contains(event.last_at))
            });
            let unit =
                of_class().map(|event| event.unit).find(|unit| !unit.is_empty()).unwrap_or("");
            let known = inside && !unit.is_empty();
            Occurrence {
                class,
                calls: causes.iter().map(|(_, calls)| calls).sum(),
                amount_max: of_class().map(|event| event.amount_max).max().filter(|_| known),
                amount: known
                    .then(|| of_class().map(|event| event.amount).fold(0, u64::saturating_add)),
                unit,
                causes,
            }
        })
        .collect()
}
