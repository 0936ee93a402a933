//! What follows from a suspect and is no cause.

use super::{AFTER, BLUR, Draft, Grounds};
use crate::causes::cause_of;
use crate::wording;
use chrono::TimeDelta;
use model::{Change, Confidence, Kind};
use std::collections::BTreeSet;
use text::Text;

/// What ended so long before the newest data has passed.
const PASSED: TimeDelta = TimeDelta::hours(1);

/// Suspects that it explains, and signals above it in the chain that changed after it.
pub(super) fn consequences(
    draft: &Draft<'_>,
    following: &[&Draft<'_>],
    grounds: &Grounds<'_>,
) -> Vec<Text> {
    let mut consequences: Vec<Text> = Vec::new();
    // One line for each cause that follows, whatever it is about.
    let mut said: Vec<(&str, usize)> = Vec::new();
    for follower in following {
        match said.iter().find(|(cause, _)| *cause == follower.cause.id) {
            Some((_, at)) => {
                if let Some(text) = consequences.get_mut(*at) {
                    text.push_ours("; ");
                    text.push_text(follower.best.title.clone());
                }
            }
            None => {
                said.push((follower.cause.id, consequences.len()));
                let mut text = Text::ours(format!("{}: ", follower.cause.title));
                text.push_text(follower.best.title.clone());
                consequences.push(text);
            }
        }
    }
    let Some(incident) = grounds.incident else { return consequences };
    let from = draft.onset.unwrap_or(incident.start) - AFTER;
    // What came and went while the cause stays is another disturbance.
    let passed = |change: &Change| {
        incident.end.is_none()
            && change.until.is_some_and(|until| incident.last_data - until > PASSED)
    };
    let mut metrics = BTreeSet::new();
    for change in grounds.changes.iter().filter(|change| {
        change.onset >= from && change.confidence < Confidence::Possible && !passed(change)
    }) {
        if change.subject.is_empty() && metrics.insert(change.metric.as_str()) && metrics.len() <= 6
        {
            consequences.push(wording::change_text(change));
        }
    }
    consequences
}

/// Findings that say no more than that: those of the suspects that it explains, and symptoms
/// without a cause of their own that began with it or later. Indexes into the findings.
pub(super) fn symptoms(
    draft: &Draft<'_>,
    following: &[&Draft<'_>],
    confidence: Confidence,
    grounds: &Grounds<'_>,
) -> Vec<usize> {
    // What is only possible explains nothing away.
    if confidence == Confidence::Possible {
        return Vec::new();
    }
    let mut symptoms: BTreeSet<usize> =
        following.iter().flat_map(|follower| follower.findings.iter().copied()).collect();
    if let Some(onset) = draft.onset {
        let later = grounds.findings.iter().enumerate().filter(|(_, finding)| {
            finding.kind == Kind::Fault
                && finding.cause.as_deref().and_then(cause_of).is_none()
                && finding.window.is_some_and(|window| window.start >= onset - BLUR)
        });
        symptoms.extend(later.map(|(idx, _)| idx));
    }
    symptoms.into_iter().filter(|idx| !draft.findings.contains(idx)).collect()
}
