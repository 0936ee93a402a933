//! Events as they add up: by class, cause, subject and fingerprint.

use super::fold::Pending;
use super::message::{self, Meaning};
use super::scan::NO_TIME;
use crate::records::{DatabaseEvent, EventClass, EventMinute};
use crate::shapes::Shape;
use crate::spans::{Spans, moment};
use model::Place;
use std::collections::BTreeMap;
use text::Raw;

/// Events that are told apart; the rest is counted by class and cause.
const EVENTS_MAX: usize = 4_000;
/// Causes that are told apart.
const CAUSES_MAX: usize = 500;
/// Cells of events over time.
const MINUTES_MAX: usize = 30_000;

/// What makes an event one of its own: class, cause, subject, fingerprint, database.
type Key = (EventClass, String, Vec<u8>, String, Vec<u8>);

/// What is counted over time: class, cause, database.
type Cause = (EventClass, String, Vec<u8>);

/// Which event a wait for a lock is counted as.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waited {
    pub(crate) cause: String,
    pub(crate) subject: Vec<u8>,
    pub(crate) fingerprint_id: String,
    pub(crate) database: Vec<u8>,
}

/// Everything that happened in a source.
pub(crate) struct Events {
    events: BTreeMap<Key, DatabaseEvent>,
    causes: BTreeMap<Cause, u32>,
    minutes: Spans<u32>,
    /// Whether some were not told apart.
    pub(crate) overflowed: bool,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            events: BTreeMap::new(),
            causes: BTreeMap::new(),
            minutes: Spans::new(MINUTES_MAX),
            overflowed: false,
        }
    }
}

impl Events {
    /// Adds an event. `database`: of the session that it happened to.
    pub(crate) fn add(
        &mut self,
        found: &Meaning<'_>,
        pending: &Pending,
        database: &[u8],
        shape: Option<&Shape>,
        label: &str,
    ) {
        let id = shape.map_or_else(String::new, |shape| shape.id.to_string());
        let mut key =
            (found.class, found.cause.clone(), found.subject.to_vec(), id, database.to_vec());
        if self.events.len() >= EVENTS_MAX && !self.events.contains_key(&key) {
            self.overflowed = true;
            key.2 = b"other".to_vec();
            key.3 = String::new();
        }
        if pending.at_us != NO_TIME {
            self.count(found.class, &key.1, database, pending.at_us);
        }
        let at = moment(if pending.at_us == NO_TIME { 0 } else { pending.at_us });
        let event =
            self.events.entry(key).or_insert_with_key(|(class, cause, subject, id, database)| {
                DatabaseEvent {
                    class: *class,
                    cause: cause.clone(),
                    subject: Raw::from_bytes(subject),
                    fingerprint_id: (!id.is_empty()).then(|| id.clone()),
                    fingerprint: if id.is_empty() {
                        String::new()
                    } else {
                        shape.map(|shape| shape.text.to_string()).unwrap_or_default()
                    },
                    database: Raw::from_bytes(database),
                    foreign: false,
                    calls: 0,
                    amount: 0,
                    amount_max: 0,
                    unit: found.unit,
                    sqlstate: sqlstate(&pending.sqlstate, found.sqlstate),
                    first_at: at,
                    last_at: at,
                    sample: Raw::new(message::cleared(&pending.message)),
                    place: Place::line(label, pending.line),
                }
            });
        event.calls += 1;
        event.amount = event.amount.saturating_add(found.amount);
        event.amount_max = event.amount_max.max(found.amount);
        event.first_at = event.first_at.min(at);
        event.last_at = event.last_at.max(at);
    }

    /// Notes that an event that is counted already took so much longer, and how long in all.
    pub(crate) fn lasted(&mut self, wait: &Waited, more_us: u64, all_us: u64) {
        let Waited { cause, subject, fingerprint_id, database } = wait.clone();
        let key = (EventClass::LockWait, cause, subject, fingerprint_id, database);
        if let Some(event) = self.events.get_mut(&key) {
            event.amount = event.amount.saturating_add(more_us);
            event.amount_max = event.amount_max.max(all_us);
        }
    }

    /// Notes how long the last event of a cause took, where its end is logged by itself.
    pub(crate) fn took(&mut self, class: EventClass, cause: &str, us: u64) {
        let key = (class, cause.to_owned(), Vec::new(), String::new(), Vec::new());
        if let Some(event) = self.events.get_mut(&key) {
            event.unit = "us";
            event.amount = event.amount.saturating_add(us);
            event.amount_max = event.amount_max.max(us);
        }
    }

    fn count(&mut self, class: EventClass, cause: &str, database: &[u8], at_us: i64) {
        let next = u32::try_from(self.causes.len()).unwrap_or(u32::MAX);
        let mut key = (class, cause.to_owned(), database.to_vec());
        if self.causes.len() >= CAUSES_MAX && !self.causes.contains_key(&key) {
            key.1 = "other".to_owned();
        }
        let number = *self.causes.entry(key).or_insert(next);
        self.minutes.add(at_us, number);
    }

    /// How long a span of the counts over time is, in minutes.
    pub(crate) fn span_min(&self) -> u32 {
        self.minutes.span_min()
    }

    /// The events by class, cause, subject and fingerprint, and their counts over time.
    pub(crate) fn finish(self) -> (Vec<DatabaseEvent>, Vec<EventMinute>) {
        let mut names: Vec<Cause> =
            vec![(EventClass::Error, String::new(), Vec::new()); self.causes.len()];
        for (name, number) in self.causes {
            if let Some(slot) = names.get_mut(number as usize) {
                *slot = name;
            }
        }
        let span_min = self.minutes.span_min();
        let mut minutes: Vec<EventMinute> = self
            .minutes
            .iter()
            .filter_map(|(minute, number, calls)| {
                let (class, cause, database) = names.get(number as usize)?.clone();
                let database = Raw::from_bytes(&database);
                Some(EventMinute {
                    class,
                    cause,
                    database,
                    foreign: false,
                    minute,
                    span_min,
                    calls,
                })
            })
            .collect();
        minutes.sort_by(|a, b| {
            let order = |it: &EventMinute| (it.class, it.cause.clone(), it.database.clone());
            order(a).cmp(&order(b)).then(a.minute.cmp(&b.minute))
        });
        (self.events.into_values().collect(), minutes)
    }
}

/// The code of the log, or the one that the text implies.
fn sqlstate(code: &[u8; 5], implied: &str) -> String {
    if code.iter().all(|byte| matches!(byte, 0 | b'0')) {
        return implied.to_owned();
    }
    String::from_utf8_lossy(code).into_owned()
}
