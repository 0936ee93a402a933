//! Facts that may leave the house: figures, times, versions, and words of our own lists. Nothing
//! that an input spells gets through, but the customer's name.

use super::{DraftFacts, forbidden_in, shown};
use chrono::TimeDelta;
use model::{Change, Confidence, Report, SignalKind, Suspect, Who};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use text::{Segment, Text, escape};

/// What a cause is called towards the customer.
static CAUSES: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| toml::from_str(include_str!("../../data/causes.toml")).unwrap_or_default());

/// Lines that a customer is asked to read.
const LINES_MAX: usize = 5;
/// Times may lie that long before the start that was given: people round.
const BEFORE_MIN: i64 = 10;

/// What a customer asks for, kind by kind: those of the inputs, what it is called, and the wish.
const SOURCES: &[(&[&str], &str, &str)] = &[
    (
        &["packet"],
        "the support packet",
        "a support packet: System Console > Support menu > Download Support Packet, with server logs included",
    ),
    (&["log"], "the server logs", "the server logs of every node, from one hour before it began"),
    (
        &["slow query log", "statement statistics"],
        "the slow query log of the database",
        "the slow query log of the database, from one hour before it began",
    ),
    (
        &["metrics"],
        "the Grafana exports",
        "CSV exports of the Grafana performance dashboard, over six hours that include one hour before it began",
    ),
];

/// The facts.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct SafeFacts {
    pub(super) now: String,
    /// The newest data.
    pub(super) as_of: Option<String>,
    pub(super) customer: Option<String>,
    pub(super) severity: Option<u8>,
    pub(super) version: Option<String>,
    pub(super) database: Option<String>,
    pub(super) users: Option<String>,
    pub(super) impact_start: Option<String>,
    /// The end in the data.
    pub(super) impact_end: Option<String>,
    /// The end that a person gave.
    pub(super) resolved: Option<String>,
    pub(super) lasting: Option<String>,
    pub(super) effects: Vec<String>,
    /// The cause in words for the customer, when it is likely at least.
    pub(super) cause: Option<String>,
    pub(super) cause_id: Option<String>,
    pub(super) confidence_words: Option<&'static str>,
    pub(super) actions: Vec<String>,
    pub(super) do_not: Vec<String>,
    pub(super) dba_needed: bool,
    /// Times of mitigations that people noted.
    pub(super) mitigations: Vec<String>,
    /// What was looked at.
    pub(super) sources: Vec<&'static str>,
    /// What to ask the customer for.
    pub(super) needs: Vec<&'static str>,
}

/// The safe facts, and places in the server's public code.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PublicFacts {
    #[serde(flatten)]
    safe: SafeFacts,
    code: Vec<String>,
}

impl SafeFacts {
    pub(super) fn of(facts: &DraftFacts<'_>) -> Self {
        let record = facts.record;
        let incident = facts.report.and_then(|report| report.incident.as_ref());
        let start = record.impact_start.or(incident.map(|incident| incident.start));
        let data_end = incident.and_then(|incident| incident.end);
        let as_of = facts.report.and_then(|report| {
            report.inputs.iter().filter_map(|input| Some(input.window?.end)).max()
        });
        let until = record.resolved.or(data_end);
        let mut safe = Self {
            now: shown(facts.now),
            as_of: as_of.map(shown),
            customer: customer(facts),
            severity: record.severity,
            impact_start: start.map(shown),
            impact_end: data_end.map(shown),
            resolved: record.resolved.map(shown),
            lasting: start.zip(until).map(|(start, end)| lasting(end - start)),
            mitigations: record
                .notes
                .iter()
                .filter(|note| note.kind.untrusted() == "mitigation")
                .map(|note| shown(note.at))
                .collect(),
            ..Self::default()
        };
        if let Some(report) = facts.report {
            safe.headline(report);
            safe.effects = effects(report);
            safe.cause(report);
        }
        for (kinds, name, wish) in SOURCES {
            let there = facts.report.is_some_and(|report| {
                report.inputs.iter().any(|i| i.read && kinds.contains(&i.kind.as_str()))
            });
            if there { safe.sources.push(name) } else { safe.needs.push(wish) }
        }
        safe
    }

    pub(super) fn for_the_public(self, facts: &DraftFacts<'_>) -> PublicFacts {
        let suspect = facts.report.and_then(|report| report.suspects.first());
        let code = suspect.map(|suspect| suspect.code.as_slice()).unwrap_or_default();
        let code = code.iter().map(code_place).collect();
        PublicFacts { safe: Self { customer: None, ..self }, code }
    }

    fn headline(&mut self, report: &Report) {
        let Some(packet) = &report.packet else { return };
        for (label, value) in &packet.headline {
            let value = value.plain();
            // Versions and counts only: what an input spells could be anything.
            let is_version = !value.is_empty()
                && value.len() <= 24
                && value.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
            match label.as_str() {
                "Mattermost" if is_version => self.version = Some(value),
                "PostgreSQL" | "MySQL" if is_version => {
                    self.database = Some(format!("{label} {value}"))
                }
                "PostgreSQL" | "MySQL" => self.database = Some(label.clone()),
                "" if value.ends_with(" users")
                    && value.starts_with(|c: char| c.is_ascii_digit()) =>
                {
                    self.users = Some(value);
                }
                _ => {}
            }
        }
    }

    fn cause(&mut self, report: &Report) {
        let Some(suspect) = report.suspects.first() else { return };
        if suspect.confidence > Confidence::Likely {
            return;
        }
        let Some(words) = CAUSES.get(&suspect.cause) else { return };
        self.cause = Some(words.clone());
        self.cause_id = Some(suspect.cause.clone());
        self.confidence_words = Some(match suspect.confidence {
            Confidence::Certain => "we have found the cause",
            Confidence::Likely | Confidence::Possible => {
                "our present assessment, not yet confirmed"
            }
        });
        self.steps(suspect);
    }

    fn steps(&mut self, suspect: &Suspect) {
        for action in &suspect.actions {
            self.dba_needed |= action.who == Some(Who::Dba);
            let Some(words) = our_words(&action.action) else { continue };
            let who = match action.who {
                Some(Who::Dba) => "your DBA: ",
                Some(Who::Sysadmin) => "your Mattermost administrator: ",
                Some(Who::Sre) => "your operations team: ",
                Some(Who::Mattermost) => "Mattermost: ",
                None => "",
            };
            if self.actions.len() < LINES_MAX {
                self.actions.push(format!("{who}{words}"));
            }
        }
        self.do_not = suspect.do_not.iter().filter_map(our_words).take(LINES_MAX).collect();
    }
}

/// A sentence that holds no value and nothing that must not be sent.
fn our_words(text: &Text) -> Option<String> {
    let all_ours = text.segments().iter().all(|segment| matches!(segment, Segment::Ours(_)));
    let words = text.plain();
    (all_ours && !words.contains('\n') && forbidden_in(&words).is_empty()).then_some(words)
}

fn customer(facts: &DraftFacts<'_>) -> Option<String> {
    let written = facts.redactor.clear(&facts.record.customer);
    let name = if written.as_str().trim().is_empty() {
        facts.report?.packet.as_ref()?.customer.plain()
    } else {
        written.as_str().to_owned()
    };
    Some(escape::markdown(name.trim())).filter(|name| !name.is_empty())
}

/// `2 h 5 min`.
pub(super) fn lasting(span: TimeDelta) -> String {
    let minutes = span.num_minutes().max(0);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// What users notice, from the changes of the incident.
fn effects(report: &Report) -> Vec<String> {
    let Some(incident) = &report.incident else { return Vec::new() };
    let begin = incident.start - TimeDelta::minutes(BEFORE_MIN);
    let end = incident.end.unwrap_or(incident.last_data);
    let during: Vec<&Change> = report
        .changes
        .iter()
        .filter(|change| change.onset >= begin && change.onset <= end)
        .filter(|change| change.confidence < Confidence::Possible && change.higher_is_worse)
        .filter(|change| {
            change.after.is_finite() && change.before.is_finite() && change.after > change.before
        })
        .collect();
    let of =
        |kind: SignalKind| during.iter().copied().filter(move |change| change.signal_kind == kind);
    let mut effects = Vec::new();
    let slow = of(SignalKind::Api)
        .filter(|change| change.unit == "s" && change.metric.contains("latency"))
        .max_by(|a, b| a.after.total_cmp(&b.after).then_with(|| b.signal.cmp(&a.signal)));
    if let Some(change) = slow {
        effects.push(format!(
            "Mattermost answers slowly: the slowest requests take about {} instead of {}",
            seconds(change.after),
            seconds(change.before)
        ));
    }
    if of(SignalKind::Websocket).any(|change| change.metric.contains("reconnect")) {
        effects
            .push("clients lose their connection and reconnect more often than usual".to_owned());
    }
    if of(SignalKind::Log).next().is_some() {
        effects.push("some actions end with an error".to_owned());
    }
    effects
}

fn seconds(s: f64) -> String {
    if s < 1.0 { format!("{:.0} ms", s * 1000.0) } else { format!("{s:.1} s") }
}

/// A place in the code, as far as the evidence names it.
pub(super) fn code_place(place: &model::SuspectCode) -> String {
    let named = [&place.file, &place.function].into_iter().filter(|words| !words.is_empty());
    named.map(|words| escape::code_span(words)).collect::<Vec<_>>().join(" ")
}
