//! The wire types of the JSON report, version 1.

mod findings;
mod sources;
mod verdict;

use crate::Style;
use chrono::{DateTime, SecondsFormat, Utc};
use findings::{FindingV1, OutcomeV1, StepV1, UnknownV1};
use model::Report;
use serde::Serialize;
use sources::{ChangeV1, InputV1, PacketV1, TimelineV1};
use std::collections::BTreeMap;
use text::Text;
use verdict::{DisagreementV1, IncidentV1, SuspectV1};

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn texts(texts: &[Text]) -> Vec<String> {
    texts.iter().map(Text::plain).collect()
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[derive(Serialize)]
pub(super) struct ReportV1 {
    schema: &'static str,
    tool: ToolV1,
    packet: Option<PacketV1>,
    exit: ExitV1,
    inputs: Vec<InputV1>,
    incident: Option<IncidentV1>,
    suspects: Vec<SuspectV1>,
    disagreements: Vec<DisagreementV1>,
    findings: Vec<FindingV1>,
    fine: Vec<String>,
    unknown: Vec<UnknownV1>,
    outcomes: Vec<OutcomeV1>,
    changes: Vec<ChangeV1>,
    timeline: Vec<TimelineV1>,
    steps: Vec<StepV1>,
    redactions: BTreeMap<String, u64>,
}

impl ReportV1 {
    pub(super) fn new(report: &Report, style: &Style) -> Self {
        Self {
            schema: "analyze.report/1",
            tool: ToolV1 {
                name: report.tool.name.clone(),
                version: report.tool.version.clone(),
                rules: report.tool.n_rules,
            },
            packet: report.packet.as_ref().map(PacketV1::new),
            exit: ExitV1 {
                code: report.exit as u8,
                reasons: report.exit_reasons.iter().map(|reason| reason.0.clone()).collect(),
            },
            inputs: report.inputs.iter().map(InputV1::new).collect(),
            incident: report.incident.as_ref().map(IncidentV1::new),
            suspects: report
                .suspects
                .iter()
                .map(|suspect| SuspectV1::new(suspect, report))
                .collect(),
            disagreements: report.disagreements.iter().map(DisagreementV1::new).collect(),
            findings: report.findings.iter().map(FindingV1::new).collect(),
            fine: texts(&report.fine),
            unknown: report.unknown.iter().map(UnknownV1::new).collect(),
            outcomes: report.outcomes.iter().map(OutcomeV1::new).collect(),
            changes: report.changes.iter().map(ChangeV1::new).collect(),
            timeline: report.timeline.iter().map(TimelineV1::new).collect(),
            steps: report
                .steps
                .iter()
                .filter(|step| style.step.as_ref().is_none_or(|wanted| *wanted == step.step))
                .map(|step| StepV1::new(step, report))
                .collect(),
            redactions: report.redactions.clone(),
        }
    }
}

#[derive(Serialize)]
struct ToolV1 {
    name: String,
    version: String,
    rules: usize,
}

#[derive(Serialize)]
struct ExitV1 {
    code: u8,
    reasons: Vec<String>,
}
