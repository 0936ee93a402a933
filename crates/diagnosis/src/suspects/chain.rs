//! The chain of evidence of a suspect.

use super::subject::words;
use super::{AFTER, CHAIN_MAX, CORROBORATING_MAX, Draft, Grounds};
use crate::wording;
use chrono::{DateTime, Utc};
use model::{Change, Confidence, Finding};
use std::collections::BTreeMap;
use text::Text;

/// Changes about the same thing that began with it: the chart of the same store method, handler or
/// plugin. One for each metric, the largest.
pub(super) fn corroborating<'a>(draft: &Draft<'_>, grounds: &Grounds<'a>) -> Vec<&'a Change> {
    let (own, all) = words(&draft.best.subject.plain(), &draft.best.summary.plain());
    let Some(from) = draft.onset.or(grounds.incident.map(|incident| incident.start)) else {
        return Vec::new();
    };
    let mut by_metric: BTreeMap<&str, &Change> = BTreeMap::new();
    for change in grounds.changes {
        let near = change.onset >= from - AFTER && change.onset <= from + AFTER + AFTER;
        let subject = words(&change.subject, "").0;
        if !near
            || change.confidence == Confidence::Possible
            || subject.is_disjoint(&all) && subject.is_disjoint(&own)
        {
            continue;
        }
        let known = by_metric.entry(change.metric.as_str()).or_insert(change);
        if change.z.abs() > known.z.abs() {
            *known = change;
        }
    }
    by_metric.into_values().take(CORROBORATING_MAX).collect()
}

/// The evidence of all findings and of the changes about the same thing, in order of time.
pub(super) fn chain(
    members: &[&Finding],
    seen: &[&Change],
) -> Vec<(Option<DateTime<Utc>>, String, Text)> {
    let mut chain: Vec<Link> = Vec::new();
    for finding in members {
        let per_finding = if members.len() > 2 { 2 } else { 4 };
        for entry in finding.evidence.iter().take(per_finding) {
            let source = format!("{} {}", entry.place.source, entry.place.location);
            // The incident's own bounds are no evidence for its cause.
            if entry.place.source == "incident" || chain.iter().any(|link| link.source == source) {
                continue;
            }
            let begin = finding.window.map(|window| window.start);
            chain.push(Link { at: entry.at, begin, source, text: entry.text.clone() });
        }
    }
    chain.truncate(CHAIN_MAX - seen.len().min(CHAIN_MAX));
    for change in seen {
        let source = format!("{} {}", change.place.source, change.place.location);
        let at = Some(change.onset);
        chain.push(Link { at, begin: at, source, text: wording::change_text(change) });
    }
    // What has no time of its own stands beside the rest of its finding.
    chain.sort_by_key(|link| link.at.or(link.begin).unwrap_or(DateTime::<Utc>::MAX_UTC));
    chain.into_iter().map(|link| (link.at, link.source, link.text)).collect()
}

/// An entry of a suspect's chain of evidence.
struct Link {
    /// When it happened.
    at: Option<DateTime<Utc>>,
    /// When its finding begins.
    begin: Option<DateTime<Utc>>,
    source: String,
    text: Text,
}
