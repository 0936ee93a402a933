//! What is concluded: the incident, its suspects, what to do, where sources disagree.

use super::{texts, time};
use model::{Action, Disagreement, Incident, Level, Report, Suspect};
use serde::Serialize;
use text::Text;

#[derive(Serialize)]
pub(super) struct IncidentV1 {
    start: String,
    end: Option<String>,
    last_data: String,
    how: &'static str,
    confidence: &'static str,
    impact: Vec<String>,
}

impl IncidentV1 {
    pub(super) fn new(incident: &Incident) -> Self {
        Self {
            start: time(incident.start),
            end: incident.end.map(time),
            last_data: time(incident.last_data),
            how: if incident.given { "given" } else { "detected" },
            confidence: incident.confidence.as_str(),
            impact: texts(&incident.impact),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ActionV1 {
    #[serde(rename = "do")]
    action: String,
    who: Option<&'static str>,
    command: Option<String>,
    fill_in: Option<String>,
    precheck: Option<String>,
    restart: &'static str,
    breaks: Option<String>,
    undo: Option<String>,
    verify: Option<String>,
}

impl ActionV1 {
    pub(super) fn new(action: &Action) -> Self {
        let plain = |text: &Option<Text>| text.as_ref().map(Text::plain);
        Self {
            action: action.action.plain(),
            who: action.who.map(Level::as_str),
            command: plain(&action.command),
            fill_in: plain(&action.fill_in),
            precheck: plain(&action.precheck),
            restart: action.restart.as_str(),
            breaks: plain(&action.breaks),
            undo: plain(&action.undo),
            verify: plain(&action.verify),
        }
    }
}

#[derive(Serialize)]
pub(super) struct SuspectV1 {
    cause: String,
    subject: String,
    score: f64,
    confidence: &'static str,
    onset: Option<String>,
    summary: String,
    chain: Vec<ChainV1>,
    actions: Vec<ActionV1>,
    do_not: Vec<String>,
    findings: Vec<String>,
    against: Vec<String>,
    disproof: Vec<DisproofV1>,
    code: Vec<CodeV1>,
    consequences: Vec<String>,
    symptoms: Vec<String>,
    sources: usize,
}

#[derive(Serialize)]
pub(super) struct ChainV1 {
    time: Option<String>,
    source: String,
    text: String,
}

#[derive(Serialize)]
pub(super) struct DisproofV1 {
    what: String,
    looked_at: bool,
}

#[derive(Serialize)]
pub(super) struct CodeV1 {
    file: String,
    function: String,
    source: String,
    location: String,
}

/// The ids of the rules behind indexes into the report's findings.
pub(super) fn rules_of(findings: &[usize], report: &Report) -> Vec<String> {
    findings.iter().filter_map(|&idx| report.findings.get(idx)).map(|f| f.rule.clone()).collect()
}

impl SuspectV1 {
    pub(super) fn new(suspect: &Suspect, report: &Report) -> Self {
        Self {
            cause: suspect.cause.clone(),
            subject: suspect.subject.plain(),
            score: suspect.score,
            confidence: suspect.confidence.as_str(),
            onset: suspect.onset.map(time),
            summary: suspect.summary.plain(),
            chain: suspect
                .chain
                .iter()
                .map(|(at, source, text)| ChainV1 {
                    time: at.map(time),
                    source: source.clone(),
                    text: text.plain(),
                })
                .collect(),
            actions: suspect.actions.iter().map(ActionV1::new).collect(),
            do_not: texts(&suspect.do_not),
            findings: rules_of(&suspect.findings, report),
            against: texts(&suspect.against),
            disproof: suspect
                .disproof
                .iter()
                .map(|d| DisproofV1 { what: d.what.plain(), looked_at: d.looked_at })
                .collect(),
            code: suspect
                .code
                .iter()
                .map(|code| CodeV1 {
                    file: code.file.clone(),
                    function: code.function.clone(),
                    source: code.place.source.clone(),
                    location: code.place.location.clone(),
                })
                .collect(),
            consequences: texts(&suspect.consequences),
            symptoms: rules_of(&suspect.symptoms, report),
            sources: suspect.n_sources,
        }
    }
}

#[derive(Serialize)]
pub(super) struct DisagreementV1 {
    what: String,
    sources: Vec<String>,
    values: Vec<String>,
}

impl DisagreementV1 {
    pub(super) fn new(disagreement: &Disagreement) -> Self {
        Self {
            what: disagreement.what.plain(),
            sources: disagreement.sources.clone(),
            values: texts(&disagreement.values),
        }
    }
}
