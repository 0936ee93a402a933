//! Facts for who responds: everything that the report and the incident file say, escaped for
//! Markdown.

use super::safe::{SafeFacts, code_place};
use super::{DraftFacts, shown};
use chrono::TimeDelta;
use model::{Action, Level as _, Report, Suspect, TimelineEntry, TimelineKind};
use serde::Serialize;
use text::{Raw, Text, escape};

/// Lines of the timeline in a draft: a page; the report has all.
const TIMELINE_MAX: usize = 60;
/// How long before the incident the timeline of a draft begins.
const BEFORE_MIN: i64 = 60;
/// Suspects and unknowns in a draft.
const LISTED_MAX: usize = 12;

#[derive(Debug, Serialize)]
struct Row {
    group: String,
    label: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct NoteLine {
    at: String,
    kind: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct NotNeededLine {
    step: String,
    because: String,
}

#[derive(Debug, Serialize)]
struct SuspectLines {
    cause: String,
    confidence: &'static str,
    n_sources: usize,
    summary: String,
    chain: Vec<String>,
    against: Vec<String>,
    disproof: Vec<String>,
    actions: Vec<String>,
    code: Vec<String>,
}

/// The facts.
#[derive(Debug, Default, Serialize)]
pub(super) struct InsideFacts {
    #[serde(flatten)]
    safe: SafeFacts,
    rows: Vec<Row>,
    impact_lines: Vec<String>,
    suspects: Vec<SuspectLines>,
    verify: Vec<String>,
    timeline: Vec<String>,
    timeline_more: usize,
    unknown: Vec<String>,
    inputs: Vec<String>,
    notes: Vec<NoteLine>,
    not_needed: Vec<NotNeededLine>,
    roles: Vec<String>,
    links: Vec<String>,
    clocks: Vec<String>,
}

impl InsideFacts {
    pub(super) fn of(safe: SafeFacts, facts: &DraftFacts<'_>) -> Self {
        let record = facts.record;
        let cleared = |raw: &Raw| escape::markdown(facts.redactor.clear(raw).as_str());
        let or_empty = |raw: &Raw| Some(cleared(raw)).filter(|words| !words.is_empty());
        let pairs = |pairs: &[(String, Raw)]| {
            pairs
                .iter()
                .map(|(key, value)| {
                    let value = or_empty(value).unwrap_or_else(|| "not named yet".to_owned());
                    format!("{}: {value}", escape::markdown(key))
                })
                .collect()
        };
        let mut inside = Self {
            safe,
            rows: facts
                .system
                .rows
                .iter()
                .map(|row| Row {
                    group: row.group.to_owned(),
                    label: escape::markdown(&row.label),
                    value: markdown(&row.value),
                })
                .collect(),
            notes: record
                .notes
                .iter()
                .map(|note| NoteLine {
                    at: shown(note.at),
                    kind: cleared(&note.kind),
                    text: cleared(&note.text),
                })
                .collect(),
            not_needed: record
                .not_needed
                .iter()
                .map(|entry| NotNeededLine {
                    step: escape::markdown(&entry.step),
                    because: cleared(&entry.because),
                })
                .collect(),
            roles: pairs(&record.roles),
            links: record
                .links
                .iter()
                .filter(|(_, link)| !link.is_empty())
                .map(|(key, link)| {
                    format!(
                        "{}: {}",
                        escape::markdown(key),
                        escape::code_span(facts.redactor.clear(link).as_str())
                    )
                })
                .collect(),
            clocks: facts
                .clocks
                .iter()
                .map(|clock| {
                    let due = clock.due.map_or_else(String::new, |due| format!("{}, ", shown(due)));
                    format!("{}: {due}{}", clock.what, clock.state.as_str())
                })
                .collect(),
            ..Self::default()
        };
        if let Some(report) = facts.report {
            inside.report(report);
        }
        inside
    }

    fn report(&mut self, report: &Report) {
        let incident = report.incident.as_ref();
        self.impact_lines =
            incident.map(|i| i.impact.iter().map(markdown).collect()).unwrap_or_default();
        self.suspects = report.suspects.iter().take(LISTED_MAX).map(suspect_lines).collect();
        self.verify = report
            .suspects
            .first()
            .map(|s| s.actions.iter().filter_map(|a| a.verify.as_ref()).map(markdown).collect())
            .unwrap_or_default();
        let near = |entry: &&TimelineEntry| {
            entry.kind == TimelineKind::Human
                || incident.is_none_or(|i| entry.time >= i.start - TimeDelta::minutes(BEFORE_MIN))
        };
        let lines: Vec<&TimelineEntry> = report.timeline.iter().filter(near).collect();
        self.timeline_more = lines.len().saturating_sub(TIMELINE_MAX);
        self.timeline = lines.iter().take(TIMELINE_MAX).map(|entry| timeline_line(entry)).collect();
        self.unknown = report
            .unknown
            .iter()
            .take(LISTED_MAX)
            .map(|unknown| {
                format!("{}: {}", markdown(&unknown.what), markdown(&unknown.how_to_get))
            })
            .collect();
        self.inputs = report
            .inputs
            .iter()
            .filter(|input| input.read && input.kind != "packet member")
            .map(|input| format!("{} ({})", escape::code_span(&input.path), input.format))
            .collect();
    }
}

fn markdown(text: &Text) -> String {
    text.render(escape::markdown)
}

fn timeline_line(entry: &TimelineEntry) -> String {
    let node = if entry.node.is_empty() {
        String::new()
    } else {
        format!(" {}", escape::code_span(&entry.node))
    };
    format!(
        "{}{node} {} ({})",
        entry.time.format("%Y-%m-%d %H:%M:%S"),
        markdown(&entry.what),
        entry.kind.as_str()
    )
}

fn suspect_lines(suspect: &Suspect) -> SuspectLines {
    SuspectLines {
        cause: suspect.cause.clone(),
        confidence: suspect.confidence.as_str(),
        n_sources: suspect.n_sources,
        summary: markdown(&suspect.summary),
        chain: suspect
            .chain
            .iter()
            .map(|(at, source, what)| {
                let at = at.map_or_else(String::new, |at| format!("{} ", at.format("%H:%M:%S")));
                format!("{at}{}: {}", escape::code_span(source), markdown(what))
            })
            .collect(),
        against: suspect.against.iter().map(markdown).collect(),
        disproof: suspect
            .disproof
            .iter()
            .map(|d| {
                format!(
                    "{} ({})",
                    markdown(&d.what),
                    if d.looked_at { "looked at" } else { "not looked at" }
                )
            })
            .collect(),
        actions: suspect.actions.iter().map(action_line).collect(),
        code: suspect.code.iter().map(code_place).collect(),
    }
}

fn action_line(action: &Action) -> String {
    let who = action.who.map_or_else(String::new, |who| format!("{}: ", who.as_str()));
    let command = action
        .command
        .as_ref()
        .map_or_else(String::new, |command| format!(" {}", escape::code_span(&command.plain())));
    format!("{who}{}{command}", markdown(&action.action))
}
