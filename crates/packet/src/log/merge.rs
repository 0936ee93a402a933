//! Joining what several logs gave, in any order, and what only shows when they are joined.

use super::{
    BeforeStop, LogPattern, LogRecords, LogTop, RecentMessage, ServerEvent, ServerEventKind,
};
use chrono::{DateTime, Utc};
use model::Place;
use std::collections::BTreeMap;

impl LogRecords {
    /// Joins the records of another part. The result is the same in whatever order parts are
    /// joined. Nothing is left out: each part is bounded, and so is their number.
    pub fn merge(&mut self, other: Self) {
        let mut patterns: BTreeMap<String, LogPattern> = std::mem::take(&mut self.patterns)
            .into_iter()
            .map(|p| (p.pattern_id.clone(), p))
            .collect();
        for pattern in other.patterns {
            match patterns.get_mut(&pattern.pattern_id) {
                Some(mine) => mine.merge(pattern),
                None => {
                    patterns.insert(pattern.pattern_id.clone(), pattern);
                }
            }
        }
        self.patterns = patterns.into_values().collect();

        self.minutes.extend(other.minutes);
        self.minutes.sort();
        self.minutes.dedup_by(|later, first| {
            let same = (&first.pattern_id, &first.node, first.minute, first.width_min)
                == (&later.pattern_id, &later.node, later.minute, later.width_min);
            if same {
                first.calls += later.calls;
            }
            same
        });

        self.fields.extend(other.fields);
        self.fields.sort_by(|a, b| (&a.pattern_id, a.field).cmp(&(&b.pattern_id, b.field)));
        self.fields.dedup_by(|later, first| {
            let same = (&first.pattern_id, first.field) == (&later.pattern_id, later.field);
            if same {
                first.calls += later.calls;
                first.unlisted_max += later.unlisted_max;
            }
            same
        });

        self.merge_top(other.top);
        self.events.extend(other.events);
        self.events.sort_by(ServerEvent::order);
        self.sources.extend(other.sources);
        self.sources.sort_by(|a, b| (&a.label, &a.node).cmp(&(&b.label, &b.node)));
    }

    fn merge_top(&mut self, other: Vec<LogTop>) {
        self.top.extend(other);
        self.top.sort_by(|a, b| {
            (&a.pattern_id, a.field, &a.value).cmp(&(&b.pattern_id, b.field, &b.value))
        });
        self.top.dedup_by(|later, first| {
            let same = (&first.pattern_id, first.field, &first.value)
                == (&later.pattern_id, later.field, &later.value);
            if same {
                first.calls += later.calls;
                first.error += later.error;
                first.first_at = earliest(first.first_at, later.first_at);
                first.last_at = first.last_at.max(later.last_at);
                let rows = first.minutes.iter().chain(&later.minutes);
                first.minutes = super::tally::Spans::of(rows).rows();
            }
            same
        });
        self.top.sort_by(LogTop::order);
    }

    /// Patterns that came in the last seconds before unclean stops, most telling first: those
    /// before many stops that are seldom otherwise.
    pub fn before_unclean_stops(&self) -> Vec<BeforeStop> {
        let stops: Vec<&ServerEvent> =
            self.events.iter().filter(|e| e.kind == ServerEventKind::UncleanStop).collect();
        let stops_total = stops.len() as u64;
        let mut found: BTreeMap<&str, (u64, &RecentMessage)> = BTreeMap::new();
        for message in stops.iter().flat_map(|stop| &stop.before) {
            let entry = found.entry(&message.pattern_id).or_insert((0, message));
            entry.0 += 1;
            entry.1 = message;
        }
        let mut all = std::collections::BTreeSet::new();
        let mut own: BTreeMap<&str, u64> = BTreeMap::new();
        for cell in &self.minutes {
            all.insert((cell.node.as_str(), cell.minute));
            *own.entry(cell.pattern_id.as_str()).or_default() += 1;
        }
        let all = (all.len() as f64).max(1.0);
        let mut rows: Vec<BeforeStop> = found
            .into_iter()
            .map(|(pattern_id, (stops, message))| BeforeStop {
                pattern_id: pattern_id.to_owned(),
                stops,
                stops_total,
                by_chance: (own.get(pattern_id).copied().unwrap_or(0) as f64 / all).min(1.0),
                text: message.text.clone(),
                place: message.place.clone(),
            })
            .collect();
        rows.sort_by(|a, b| {
            let lift = |row: &BeforeStop| row.stops as f64 / stops_total as f64 - row.by_chance;
            lift(b).total_cmp(&lift(a)).then_with(|| a.pattern_id.cmp(&b.pattern_id))
        });
        rows
    }
}

fn earliest(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl LogPattern {
    /// The earlier of two first sightings, lines without a time last; places decide ties.
    fn first_key(&self) -> (bool, Option<DateTime<Utc>>, &Place) {
        (self.first_at.is_none(), self.first_at, &self.first_place)
    }

    fn merge(&mut self, other: Self) {
        let calls = self.calls + other.calls;
        // Ties are decided by content, so that the order of joining does not matter.
        if (other.peak_per_minute, std::cmp::Reverse(other.peak_at))
            > (self.peak_per_minute, std::cmp::Reverse(self.peak_at))
        {
            self.peak_per_minute = other.peak_per_minute;
            self.peak_at = other.peak_at;
        }
        self.last_at = self.last_at.max(other.last_at);
        if other.first_key() < self.first_key() {
            self.first_at = other.first_at;
            self.first_place = other.first_place;
            self.sample = other.sample;
            self.sample_place = other.sample_place;
            self.err_where = other.err_where;
            self.caller = other.caller;
        }
        for (node, n) in other.nodes {
            *self.nodes.entry(node).or_default() += n;
        }
        self.calls = calls;
    }
}

impl LogTop {
    /// By pattern and field, most frequent first.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        (&self.pattern_id, self.field)
            .cmp(&(&other.pattern_id, other.field))
            .then(other.calls.cmp(&self.calls))
            .then_with(|| self.value.cmp(&other.value))
    }
}

impl ServerEvent {
    /// By time, those without one first; then by place and content.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, &self.node, &self.place, self.kind, &self.subject, &self.text).cmp(&(
            other.at,
            &other.node,
            &other.place,
            other.kind,
            &other.subject,
            &other.text,
        ))
    }
}
