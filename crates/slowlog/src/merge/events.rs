//! Events, waits for locks and schema changes of several logs as one.

use crate::records::{DatabaseEvent, Ddl, LockWait};
use std::collections::BTreeMap;
use text::Raw;

/// Events that are told apart in all.
const EVENTS_MAX: usize = 4_000;
/// Waits for locks that are kept in all: the first.
const LOCKS_MAX: usize = 4_000;
/// Schema changes that are kept in all: the first.
const DDL_MAX: usize = 2_000;

/// What makes an event one of its own.
type Key = (crate::EventClass, String, Raw, Option<String>, bool, Raw);

fn key(event: &DatabaseEvent) -> Key {
    (
        event.class,
        event.cause.clone(),
        event.subject.clone(),
        event.fingerprint_id.clone(),
        event.foreign,
        event.database.clone(),
    )
}

impl DatabaseEvent {
    fn absorb(&mut self, other: Self) {
        if (other.first_at, &other.place) < (self.first_at, &self.place) {
            self.place = other.place;
            self.sample = other.sample;
        }
        if self.sqlstate.is_empty() {
            self.sqlstate = other.sqlstate;
        }
        self.calls += other.calls;
        self.amount = self.amount.saturating_add(other.amount);
        self.amount_max = self.amount_max.max(other.amount_max);
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
    }
}

/// Puts an event beside the others.
fn put(sums: &mut BTreeMap<Key, DatabaseEvent>, event: DatabaseEvent) {
    match sums.entry(key(&event)) {
        std::collections::btree_map::Entry::Vacant(entry) => {
            entry.insert(event);
        }
        std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().absorb(event),
    }
}

/// Adds events; whether the budget was met. Of each class the most frequent are told apart, and as
/// many of each as there is room for: ten thousand failing statements hide no restart.
pub(crate) fn add(mine: &mut Vec<DatabaseEvent>, theirs: Vec<DatabaseEvent>) -> bool {
    let mut sums = BTreeMap::new();
    for event in std::mem::take(mine).into_iter().chain(theirs) {
        put(&mut sums, event);
    }
    let full = sums.len() > EVENTS_MAX;
    if full {
        let mut events: Vec<DatabaseEvent> = std::mem::take(&mut sums).into_values().collect();
        events.sort_by(|a, b| {
            (a.class, std::cmp::Reverse(a.calls), key(a)).cmp(&(
                b.class,
                std::cmp::Reverse(b.calls),
                key(b),
            ))
        });
        let mut ranked: Vec<(usize, DatabaseEvent)> = Vec::with_capacity(events.len());
        for event in events {
            let rank = ranked.last().filter(|(_, before)| before.class == event.class);
            ranked.push((rank.map_or(0, |(rank, _)| rank + 1), event));
        }
        ranked.sort_by_key(|(rank, event)| (*rank, event.class));
        for (nth, (_, event)) in ranked.into_iter().enumerate() {
            if nth < EVENTS_MAX {
                put(&mut sums, event);
            } else {
                let subject = Raw::new("other");
                let fingerprint = String::new();
                put(
                    &mut sums,
                    DatabaseEvent { subject, fingerprint_id: None, fingerprint, ..event },
                );
            }
        }
    }
    mine.extend(sums.into_values());
    full
}

/// Adds waits for locks; whether the budget was met.
pub(super) fn add_locks(mine: &mut Vec<LockWait>, theirs: Vec<LockWait>) -> bool {
    mine.extend(theirs);
    mine.sort_by(|a, b| (a.at, &a.place, a.waiter.pid).cmp(&(b.at, &b.place, b.waiter.pid)));
    let full = mine.len() > LOCKS_MAX;
    mine.truncate(LOCKS_MAX);
    full
}

/// Adds schema changes; whether the budget was met.
pub(super) fn add_ddl(mine: &mut Vec<Ddl>, theirs: Vec<Ddl>) -> bool {
    mine.extend(theirs);
    mine.sort_by(|a, b| (a.at, &a.place).cmp(&(b.at, &b.place)));
    let full = mine.len() > DDL_MAX;
    mine.truncate(DDL_MAX);
    full
}
