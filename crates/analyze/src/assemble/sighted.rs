//! Clocks by what happened once: restarts of the database in charts, and servers that left or
//! joined their cluster. Said, and never applied: too few of them are ever seen to move times by.

use chrono::{DateTime, Utc};
use diagnosis::{ClockOffset, Restarts};
use model::{TimelineEntry, TimelineKind, Unknown};
use tables::{Saw, Sightings, Tables};
use text::{Raw, Redactor, Text};

/// Clocks that differ by less are right: charts are sampled once a minute, and gossip takes a while.
const OFF_MIN_S: i64 = 120;

/// Two clocks that are off.
#[derive(Clone, Debug)]
pub(crate) struct Sighted {
    saw: Saw,
    node: String,
    offset: ClockOffset,
    /// The first of what both saw, by the one whose it is.
    at: DateTime<Utc>,
}

/// The offset that two sources show; `None` where they do not, or agree.
pub(super) fn offset_of(sightings: &Sightings) -> Option<ClockOffset> {
    diagnosis::sighting_offset(&Restarts {
        of_log: sightings.of_own.clone(),
        log_window: sightings.own_window,
        of_metrics: sightings.of_other.clone(),
        metrics_window: sightings.other_window,
    })
}

/// The clocks that are off, without those of nodes against the database's, which are compared with
/// what else both logs saw.
pub(crate) fn sighted(tables: &Tables) -> Vec<Sighted> {
    let others = tables.sightings().into_iter().filter(|s| s.saw != Saw::NodeDatabase);
    others
        .filter_map(|sightings| {
            let offset = offset_of(&sightings).filter(|o| o.ahead_s.abs() >= OFF_MIN_S)?;
            let at = sightings.of_own.iter().min().copied()?;
            Some(Sighted { saw: sightings.saw, node: sightings.node, offset, at })
        })
        .collect()
}

fn words(sighted: &Sighted, redactor: &Redactor) -> Text {
    let name = |node: &str| redactor.clear(&Raw::new(node));
    let (mut text, what) = match &sighted.saw {
        Saw::NodeNode(_) => {
            let mut text = Text::ours("the clock of ");
            text.push_value(name(&sighted.node));
            (text, "starts and stops that both logged")
        }
        Saw::ChartDatabase | Saw::NodeDatabase => {
            (Text::ours("the clock of the metrics"), "restarts of the database that both saw")
        }
    };
    let side = if sighted.offset.ahead_s > 0 { "ahead of" } else { "behind" };
    text.push_ours(format!(" is {} s {side} ", sighted.offset.ahead_s.abs()));
    match &sighted.saw {
        Saw::NodeNode(of) => {
            text.push_ours("that of ");
            text.push_value(name(of));
        }
        Saw::ChartDatabase | Saw::NodeDatabase => text.push_ours("the database log's"),
    }
    text.push_ours(format!(
        " (to {} s, {}, from {} {what})",
        sighted.offset.precision_s, sighted.offset.confidence, sighted.offset.n_events
    ));
    text
}

/// As entries of the timeline.
pub(crate) fn entries(all: &[Sighted], redactor: &Redactor) -> Vec<TimelineEntry> {
    let entry = |sighted: &Sighted| {
        let mut what = words(sighted, redactor);
        what.push_ours("; times are shown as logged");
        TimelineEntry {
            time: sighted.at,
            end: None,
            precision_s: u32::try_from(sighted.offset.precision_s).unwrap_or(60),
            node: sighted.node.clone(),
            subject: Text::ours("clock"),
            what,
            source: match sighted.saw {
                Saw::NodeNode(_) => "logs of two servers".to_owned(),
                Saw::ChartDatabase | Saw::NodeDatabase => "metrics and database log".to_owned(),
            },
            kind: TimelineKind::Inferred,
        }
    };
    all.iter().map(entry).collect()
}

/// As what cannot be relied on.
pub(crate) fn unknown(all: &[Sighted], redactor: &Redactor) -> Vec<Unknown> {
    let line = |sighted: &Sighted| Unknown {
        what: Text::ours("the order of what these two sources show"),
        why: words(sighted, redactor),
        how_to_get: Text::ours("on every node and the database host: date -u; timedatectl"),
    };
    all.iter().map(line).collect()
}
