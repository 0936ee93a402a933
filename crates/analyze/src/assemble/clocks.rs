//! Clocks of nodes against the database's: what both logs saw says by how much they are off.

use super::sighted;
use chrono::{DateTime, TimeDelta, Utc};
use diagnosis::ClockOffset;
use model::{Confidence, TimelineEntry, TimelineKind, Unknown};
use tables::{Saw, Tables};
use text::{Raw, Redactor, Text};

/// Clocks that differ by less are right: the courses are counted by minutes.
const OFF_MIN_S: i64 = 60;

/// The clock of a node against the database's.
#[derive(Clone, Debug)]
pub(crate) struct ClockNote {
    /// The node; empty when its log does not say.
    pub(crate) node: String,
    /// By how much the node is ahead of the database.
    pub(crate) offset: ClockOffset,
    /// What both saw.
    pub(crate) what: &'static str,
    /// Whether the database's times were moved onto the nodes' clock.
    pub(crate) applied: bool,
    /// The first time at which both saw it, on the node's clock.
    pub(crate) at: DateTime<Utc>,
}

/// The offset of each node: of several kinds of events the one that says it surest.
pub(crate) fn offsets(tables: &Tables) -> Vec<ClockNote> {
    let mut notes: Vec<ClockNote> = Vec::new();
    for shared in tables.shared_events() {
        let Some(offset) = diagnosis::clock_offset(&shared.of_node, &shared.of_database) else {
            continue;
        };
        let first = shared.of_node.values.iter().position(|value| value.is_some_and(|v| v > 0.0));
        let at = first.map_or(shared.of_node.start, |idx| shared.of_node.time(idx));
        let note = ClockNote { node: shared.node, offset, what: shared.what, applied: false, at };
        surest(&mut notes, note);
    }
    // Restarts are few: they say something of nodes of which no course of events does.
    for sightings in tables.sightings().into_iter().filter(|s| s.saw == Saw::NodeDatabase) {
        let Some(offset) = sighted::offset_of(&sightings) else { continue };
        let Some(at) = sightings.of_other.iter().map(|seen| seen.start).min() else { continue };
        let what = "restarts of the database";
        if notes.iter().all(|note| note.node != sightings.node) {
            let node = sightings.node;
            surest(&mut notes, ClockNote { node, offset, what, applied: false, at });
        }
    }
    notes
}

/// Keeps of each node the note that is surest, then the one of most events.
fn surest(notes: &mut Vec<ClockNote>, note: ClockNote) {
    let Some(known) = notes.iter_mut().find(|known| known.node == note.node) else {
        return notes.push(note);
    };
    let rank = |note: &ClockNote| (note.offset.confidence, std::cmp::Reverse(note.offset.n_events));
    if rank(&note) < rank(known) {
        *known = note;
    }
}

/// By how much the database's times have to be moved: only when it is sure, large, and the same on
/// every node, so that it is the database's clock (or its zone) that differs.
pub(crate) fn shift_of_database(notes: &[ClockNote]) -> Option<TimeDelta> {
    let first = notes.first()?.offset.ahead_s;
    let same = notes.iter().all(|note| {
        note.offset.confidence == Confidence::Certain
            && (note.offset.ahead_s - first).abs() <= note.offset.precision_s
    });
    (same && first.abs() >= OFF_MIN_S).then(|| TimeDelta::seconds(first))
}

fn words(note: &ClockNote, redactor: &Redactor) -> Text {
    let ahead_s = note.offset.ahead_s;
    let mut text = Text::ours("the clock of ");
    if note.node.is_empty() {
        text.push_ours("the server's log");
    } else {
        text.push_value(redactor.clear(&Raw::new(note.node.as_str())));
    }
    text.push_ours(format!(
        " is {} s {} the database log's (to {} s, {}, from {} {} that both saw)",
        ahead_s.abs(),
        if ahead_s > 0 { "ahead of" } else { "behind" },
        note.offset.precision_s,
        note.offset.confidence,
        note.offset.n_events,
        note.what,
    ));
    text
}

/// Clocks that are off, as entries of the timeline.
pub(crate) fn entries(notes: &[ClockNote], redactor: &Redactor) -> Vec<TimelineEntry> {
    let off = notes.iter().filter(|note| note.offset.ahead_s.abs() >= OFF_MIN_S);
    off.map(|note| {
        let mut what = words(note, redactor);
        what.push_ours(if note.applied {
            "; the database's times are moved onto it"
        } else {
            "; times are shown as logged"
        });
        TimelineEntry {
            time: note.at,
            end: None,
            precision_s: u32::try_from(note.offset.precision_s).unwrap_or(60),
            node: note.node.clone(),
            subject: Text::ours("clock"),
            what,
            source: "server's and database's logs".to_owned(),
            kind: TimelineKind::Inferred,
        }
    })
    .collect()
}

/// Clocks that are off, as what cannot be relied on.
pub(crate) fn unknown(notes: &[ClockNote], redactor: &Redactor) -> Vec<Unknown> {
    let off = notes.iter().filter(|note| note.offset.ahead_s.abs() >= OFF_MIN_S && !note.applied);
    off.map(|note| Unknown {
        what: Text::ours("the order of what the server and the database logged"),
        why: words(note, redactor),
        how_to_get: Text::ours("on every node and the database host: date -u; timedatectl"),
    })
    .collect()
}
