//! What rules and steps say: findings with their evidence, outcomes, what is not known.

use super::sources::WindowV1;
use super::verdict::{ActionV1, rules_of};
use super::{finite, texts, time};
use model::{Evidence, Finding, Level as _, OutcomeLine, Report, StepFill, Unknown};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct EvidenceV1 {
    source: String,
    location: String,
    text: String,
    at: Option<String>,
}

impl EvidenceV1 {
    pub(super) fn new(evidence: &Evidence) -> Self {
        Self {
            source: evidence.place.source.clone(),
            location: evidence.place.location.clone(),
            text: evidence.text.plain(),
            at: evidence.at.map(time),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FindingV1 {
    rule: String,
    kind: &'static str,
    severity: &'static str,
    confidence: &'static str,
    basis: &'static str,
    title: String,
    summary: String,
    why: String,
    actions: Vec<ActionV1>,
    do_not: Vec<String>,
    subject: String,
    nodes: Vec<String>,
    window: Option<WindowV1>,
    impact: Option<f64>,
    step: String,
    cause: Option<String>,
    evidence: Vec<EvidenceV1>,
    evidence_more: u64,
    false_positives: String,
    references: Vec<String>,
}

impl FindingV1 {
    pub(super) fn new(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            kind: finding.kind.as_str(),
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            basis: finding.basis.as_str(),
            title: finding.title.plain(),
            summary: finding.summary.plain(),
            why: finding.why.plain(),
            actions: finding.actions.iter().map(ActionV1::new).collect(),
            do_not: texts(&finding.do_not),
            subject: finding.subject.plain(),
            nodes: texts(&finding.nodes),
            window: finding.window.as_ref().map(WindowV1::new),
            impact: finite(finding.impact),
            step: finding.step.clone(),
            cause: finding.cause.clone(),
            evidence: finding.evidence.iter().map(EvidenceV1::new).collect(),
            evidence_more: finding.evidence_more,
            false_positives: finding.false_positives.plain(),
            references: finding.references.clone(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct UnknownV1 {
    what: String,
    why: String,
    how_to_get: String,
}

impl UnknownV1 {
    pub(super) fn new(unknown: &Unknown) -> Self {
        Self {
            what: unknown.what.plain(),
            why: unknown.why.plain(),
            how_to_get: unknown.how_to_get.plain(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct OutcomeV1 {
    rule: String,
    outcome: &'static str,
    missing: Vec<String>,
    basis: String,
}

impl OutcomeV1 {
    pub(super) fn new(outcome: &OutcomeLine) -> Self {
        Self {
            rule: outcome.rule.clone(),
            outcome: outcome.outcome.as_str(),
            missing: outcome.missing.clone(),
            basis: outcome.basis.plain(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct StepV1 {
    step: String,
    title: String,
    state: &'static str,
    text: String,
    as_of: Option<String>,
    sources: Vec<String>,
    findings: Vec<String>,
    missing: Vec<String>,
}

impl StepV1 {
    pub(super) fn new(step: &StepFill, report: &Report) -> Self {
        Self {
            step: step.step.clone(),
            title: step.title.clone(),
            state: step.state.as_str(),
            text: texts(&step.text).join("\n"),
            as_of: step.as_of.map(time),
            sources: step.sources.clone(),
            findings: rules_of(&step.findings, report),
            missing: texts(&step.missing),
        }
    }
}
