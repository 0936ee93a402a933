//! Ranked causes, from findings and changes.
//!
//! A suspect is a cause with a subject. It gains by severe and sure findings, by kinds of sources
//! that agree and by an onset near the begin of the incident; it loses when it began later or long
//! before. What another suspect explains follows from that one and does not compete with it.
//! Advice never raises a suspect.

mod advice;
mod chain;
mod effects;
mod settings;
mod subject;
mod things;

use crate::causes::{Cause, cause_of};
use chain::{chain, corroborating};
use chrono::{DateTime, TimeDelta, Utc};
use effects::{consequences, symptoms};
use model::{
    Action, Change, Confidence, Disproof, Finding, Incident, Kind, Severity, Suspect, SuspectCode,
};
use std::collections::{BTreeMap, BTreeSet};
use subject::{same_subject, same_subject_strictly, subject};
use text::Text;

/// What suspects are made of.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// Findings in order.
    pub findings: &'a [Finding],
    /// Changes in order of onset.
    pub changes: &'a [Change],
    /// The incident, if there is one.
    pub incident: Option<&'a Incident>,
    /// The kind of source (`packet`, `log`, `slow query log`, `metrics`) behind each source path.
    pub source_kinds: &'a BTreeMap<String, String>,
    /// Tables that were read: what would disprove a cause was looked at where its table was.
    pub tables_read: &'a BTreeSet<&'static str>,
    /// Plugins and types of jobs that there are: what a cause may be about.
    pub things: &'a BTreeSet<String>,
}

/// Suspects that a report lists.
const SUSPECTS_MAX: usize = 5;
/// Below this score the evidence does not carry a suspect.
const SCORE_MIN: f64 = 0.25;
/// Changes that stand in a suspect's chain of evidence.
const CORROBORATING_MAX: usize = 4;
/// Entries in a suspect's chain of evidence.
const CHAIN_MAX: usize = 12;
/// An onset within this time before the incident fits it.
const BEFORE: TimeDelta = TimeDelta::minutes(45);
/// Two onsets within this time may be in either order.
const BLUR: TimeDelta = TimeDelta::seconds(60);
/// An onset up to this time after it still fits: rates over five minutes, and queues that fill.
const AFTER: TimeDelta = TimeDelta::minutes(8);

/// Ranked causes, best first; empty: the evidence carries none.
pub fn suspects(grounds: &Grounds<'_>) -> Vec<Suspect> {
    let mut drafts = drafts(grounds);
    drafts.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.cause.depth.cmp(&b.cause.depth))
            .then(a.cause.id.cmp(b.cause.id))
            .then_with(|| a.findings.cmp(&b.findings))
    });
    let followers = followers(&drafts);
    let mut suspects: Vec<Suspect> = Vec::new();
    for (idx, draft) in drafts.iter().enumerate() {
        if followers.contains_key(&idx) || draft.score < SCORE_MIN {
            continue;
        }
        let following: Vec<&Draft<'_>> = followers
            .iter()
            .filter(|(_, leader)| **leader == idx)
            .filter_map(|(follower, _)| drafts.get(*follower))
            .collect();
        suspects.push(suspect(draft, &following, grounds));
        if suspects.len() == SUSPECTS_MAX {
            break;
        }
    }
    suspects
}

/// Takes out of the findings' warnings what the first suspect advises, or what the findings
/// themselves do where there is none: the warning of one rule must not forbid the remedy of another.
pub fn agree(findings: &mut [Finding], suspects: &[Suspect]) {
    let actions: Vec<Action> = match suspects.first() {
        Some(first) => first.actions.clone(),
        None => findings
            .iter()
            .filter(|finding| finding.severity <= Severity::Medium)
            .flat_map(|finding| finding.actions.iter().cloned())
            .collect(),
    };
    let all = findings.to_vec();
    let evidence: Vec<&Finding> = all.iter().collect();
    for finding in findings {
        let mut do_not = finding.do_not.clone();
        settings::agree(&mut do_not, &actions, &evidence);
        finding.set_do_not(do_not);
    }
}

/// A cause with a subject before it is ranked.
struct Draft<'a> {
    cause: &'static Cause,
    /// Indexes into the findings, strongest first.
    findings: Vec<usize>,
    best: &'a Finding,
    onset: Option<DateTime<Utc>>,
    sources: BTreeSet<String>,
    score: f64,
}

/// A cause and the indexes of its findings.
type Group = (&'static Cause, Vec<usize>);

fn drafts<'a>(grounds: &Grounds<'a>) -> Vec<Draft<'a>> {
    let mut groups: Vec<Group> = Vec::new();
    for (idx, finding) in grounds.findings.iter().enumerate() {
        if finding.kind == Kind::Advice || finding.severity > Severity::Medium {
            continue;
        }
        let Some(cause) = finding.cause.as_deref().and_then(cause_of) else { continue };
        let same = groups.iter_mut().find(|(other, members)| {
            other.id == cause.id
                && (!cause.is_by_subject()
                    || members.iter().any(|&member| {
                        grounds.findings.get(member).is_some_and(|f| same_subject(f, finding))
                    }))
        });
        match same {
            Some((_, members)) => members.push(idx),
            None => groups.push((cause, vec![idx])),
        }
    }
    things::join(groups, grounds)
        .into_iter()
        .filter_map(|(cause, findings)| draft(cause, findings, grounds))
        .collect()
}

fn draft<'a>(
    cause: &'static Cause,
    mut findings: Vec<usize>,
    grounds: &Grounds<'a>,
) -> Option<Draft<'a>> {
    let get = |idx: usize| grounds.findings.get(idx);
    findings.sort_by(|&a, &b| {
        let strength = |idx| get(idx).map_or(0.0, strength);
        strength(b).total_cmp(&strength(a)).then(a.cmp(&b))
    });
    let best = get(*findings.first()?)?;
    let members: Vec<&Finding> = findings.iter().filter_map(|&idx| get(idx)).collect();
    let sources: BTreeSet<String> = members
        .iter()
        .flat_map(|finding| &finding.evidence)
        .map(|entry| source_kind(&entry.place.source, grounds))
        .collect();
    // A weak finding with a bad date must not date the whole.
    let onset = members
        .iter()
        .filter(|finding| strength(finding) >= 0.5 * strength(best))
        .filter_map(|finding| finding.window)
        .map(|window| window.start)
        .min();
    let mut score = strength(best);
    // Independent findings for the same thing add up, each less than the one before.
    for (nth, finding) in (1..).zip(members.iter().skip(1)).take(4) {
        score += strength(finding) * 0.25 / f64::from(nth);
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of sources")]
    let agreement = sources.len().saturating_sub(1) as f64;
    score += 0.12 * agreement;
    let draft = Draft { cause, findings, best, onset, sources, score };
    let early = onset.zip(grounds.incident).filter(|(onset, it)| *onset < it.start - BEFORE);
    let begins = match early {
        Some((_, incident)) if grows_with(&draft, incident, grounds) => Some(incident.start),
        _ => onset,
    };
    score *= timing(begins, grounds.incident);
    score *= match cause.depth {
        0 => 1.1,
        1 => 1.0,
        2 => 0.9,
        _ => 0.75,
    };
    // A small share of the whole speaks against a cause; without a share nothing is known of it.
    score *= if best.impact > 0.0 { 0.6 + 0.4 * best.impact.min(1.0) } else { 0.9 };
    Some(Draft { score, ..draft })
}

fn strength(finding: &Finding) -> f64 {
    let severity = match finding.severity {
        Severity::Critical => 1.0,
        Severity::High => 0.8,
        Severity::Medium => 0.5,
        Severity::Low | Severity::Info => 0.0,
    };
    let confidence = match finding.confidence {
        Confidence::Certain => 1.0,
        Confidence::Likely => 0.8,
        Confidence::Possible => 0.5,
    };
    severity * confidence
}

fn source_kind(source: &str, grounds: &Grounds<'_>) -> String {
    let known = grounds.source_kinds.get(source).cloned();
    known.unwrap_or_else(|| source.split('!').next().unwrap_or(source).to_owned())
}

/// How well an onset fits the incident.
fn timing(onset: Option<DateTime<Utc>>, incident: Option<&Incident>) -> f64 {
    match (onset, incident) {
        (Some(onset), Some(incident)) => {
            if onset > incident.start + AFTER {
                0.7
            } else if onset >= incident.start - BEFORE {
                1.2
            } else {
                0.8
            }
        }
        (None, Some(_)) => 0.85,
        (_, None) => 1.0,
    }
}

/// Which drafts follow from which: by index, the follower and its leader.
fn followers(drafts: &[Draft<'_>]) -> BTreeMap<usize, usize> {
    let mut followers: BTreeMap<usize, usize> = BTreeMap::new();
    for (idx, draft) in drafts.iter().enumerate() {
        let leader = drafts.iter().enumerate().find(|(other_idx, other)| {
            *other_idx != idx
                && !followers.contains_key(other_idx)
                && other.cause.explains.contains(&draft.cause.id)
                && !(draft.cause.explains.contains(&other.cause.id) && draft.score >= other.score)
                && other.score >= SCORE_MIN
                && other.score >= needed(other.onset, draft.onset) * draft.score
        });
        if let Some((leader, _)) = leader {
            followers.insert(idx, leader);
        }
    }
    followers
}

/// The share of a consequence's score that its cause needs: little when it began first, much when
/// it seems to have begun after it, for clocks and rates over five minutes blur the order. Infinite
/// when it cannot be behind it.
fn needed(cause: Option<DateTime<Utc>>, consequence: Option<DateTime<Utc>>) -> f64 {
    match (cause, consequence) {
        (Some(cause), Some(consequence)) if cause > consequence + AFTER => f64::INFINITY,
        (Some(cause), Some(consequence)) if cause > consequence + BLUR => 0.9,
        _ => 0.5,
    }
}

fn suspect(draft: &Draft<'_>, following: &[&Draft<'_>], grounds: &Grounds<'_>) -> Suspect {
    // What follows and is about the same thing speaks for the cause as well.
    let (same, following): (Vec<&Draft<'_>>, Vec<&Draft<'_>>) = following
        .iter()
        .copied()
        .partition(|follower| same_subject_strictly(draft.best, follower.best));
    let mut findings = draft.findings.clone();
    findings.extend(same.iter().flat_map(|follower| follower.findings.iter().copied()));
    let mut sources = draft.sources.clone();
    sources.extend(same.iter().flat_map(|follower| follower.sources.iter().cloned()));
    let seen = corroborating(draft, grounds);
    sources.extend(seen.iter().map(|change| source_kind(&change.place.source, grounds)));
    let own: Vec<&Finding> =
        draft.findings.iter().filter_map(|&idx| grounds.findings.get(idx)).collect();
    let members: Vec<&Finding> =
        findings.iter().filter_map(|&idx| grounds.findings.get(idx)).collect();
    let mut summary = subject::with_node(draft.best);
    for other in own.iter().skip(1).filter(|other| other.rule != draft.best.rule).take(1) {
        summary.push_ours(" ");
        summary.push_text(other.summary.clone());
    }
    let about = things::first_named(&own, grounds).unwrap_or(draft.best);
    let subject = subject(about, &own);
    let mut do_not: Vec<Text> =
        own.iter().flat_map(|finding| finding.do_not.iter().cloned()).collect();
    if do_not.is_empty() {
        do_not.extend(draft.cause.do_not.iter().map(|words| Text::ours(*words)));
    }
    let actions = advice::actions(&own);
    settings::agree(&mut do_not, &actions, &own);
    advice::once(&mut do_not);
    let confidence = confidence(draft, sources.len(), grounds);
    Suspect {
        cause: draft.cause.id.to_owned(),
        subject,
        score: (draft.score / 2.0).clamp(0.0, 1.0),
        confidence,
        onset: draft.onset,
        summary,
        chain: chain(&members, &seen),
        actions,
        do_not,
        findings,
        against: against(draft, sources.len(), grounds),
        disproof: draft
            .cause
            .disproof
            .iter()
            .map(|(what, table)| Disproof {
                what: Text::ours(*what),
                looked_at: !table.is_empty() && grounds.tables_read.contains(table),
            })
            .collect(),
        code: code(&members),
        consequences: consequences(draft, &following, grounds),
        symptoms: symptoms(draft, &following, confidence, grounds),
        n_sources: sources.len(),
    }
}

/// One kind of source alone carries `likely` at most; an onset that does not fit `possible`.
fn confidence(draft: &Draft<'_>, n_sources: usize, grounds: &Grounds<'_>) -> Confidence {
    let mut confidence = draft.best.confidence;
    if n_sources < 2 {
        confidence = confidence.max(Confidence::Likely);
    }
    // Three kinds of sources that say the same of the same thing leave little else.
    let fits = grounds.incident.is_some_and(|incident| {
        draft.onset.is_some_and(|onset| {
            onset >= incident.start - BEFORE && onset <= incident.start + AFTER
        })
    });
    let grave = draft.best.severity <= Severity::High;
    if n_sources >= 3 && fits && grave && confidence == Confidence::Likely && draft.cause.depth == 0
    {
        confidence = Confidence::Certain;
    }
    match (draft.onset, grounds.incident) {
        (Some(onset), Some(incident)) if onset > incident.start + AFTER => Confidence::Possible,
        (_, None) if draft.best.severity > Severity::High => Confidence::Possible,
        _ => confidence,
    }
}

fn against(draft: &Draft<'_>, n_sources: usize, grounds: &Grounds<'_>) -> Vec<Text> {
    let mut against = Vec::new();
    if let (Some(onset), Some(incident)) = (draft.onset, grounds.incident) {
        if onset > incident.start + AFTER {
            against.push(Text::ours(format!(
                "it began at {}, after the incident ({})",
                onset.format("%H:%M UTC"),
                incident.start.format("%H:%M UTC")
            )));
        } else if onset < incident.start - BEFORE && !grows_with(draft, incident, grounds) {
            against.push(Text::ours(format!(
                "it was there from {} on, long before the incident",
                onset.format("%Y-%m-%d %H:%M UTC")
            )));
        }
    }
    if n_sources < 2 {
        against.push(Text::ours("one kind of source alone speaks for it"));
    }
    against
}

/// Whether what speaks for a cause is what the incident was dated by: a thing that was there before
/// and then grew, such as errors at night that the morning multiplies, is not of another time.
fn grows_with(draft: &Draft<'_>, incident: &Incident, grounds: &Grounds<'_>) -> bool {
    let own: Vec<&Finding> =
        draft.findings.iter().filter_map(|&idx| grounds.findings.get(idx)).collect();
    grounds.changes.iter().any(|change| {
        !change.subject.is_empty()
            && change.onset >= incident.start - BLUR
            && change.onset <= incident.start + AFTER
            && change.higher_is_worse
            && own.iter().any(|finding| finding.subject.plain() == change.subject)
    })
}

/// Places in the code that the evidence itself names: `file.go:123` with or without a function.
fn code(members: &[&Finding]) -> Vec<SuspectCode> {
    let mut code = BTreeMap::new();
    for entry in members.iter().flat_map(|finding| &finding.evidence) {
        for word in entry.text.plain().split(|c: char| c.is_whitespace() || "\"'(),;=".contains(c))
        {
            let Some((file, line)) = word.rsplit_once(".go:") else { continue };
            let line: String = line.chars().take_while(char::is_ascii_digit).collect();
            if !file.is_empty() && !line.is_empty() {
                code.entry(format!("{file}.go:{line}")).or_insert(&entry.place);
            }
        }
    }
    code.into_iter()
        .map(|(file, place)| SuspectCode { file, function: String::new(), place: place.clone() })
        .collect()
}

#[cfg(test)]
mod tests;
