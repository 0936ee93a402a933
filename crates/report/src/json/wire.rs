//! The wire types of the JSON report, version 1.

use crate::Style;
use chrono::{DateTime, SecondsFormat, Utc};
use model::{
    Action, Change, CheckedInput, Disagreement, Evidence, Finding, Incident, Issue, Level,
    OutcomeLine, PacketInfo, Report, StepFill, Suspect, TimelineEntry, Unknown, Window,
};
use serde::Serialize;
use std::collections::BTreeMap;
use text::Text;

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

#[derive(Serialize)]
struct PacketV1 {
    source: String,
    era: String,
    generated_at: Option<String>,
    customer: String,
    headline: Vec<LabelV1>,
}

#[derive(Serialize)]
struct LabelV1 {
    label: String,
    value: String,
}

impl PacketV1 {
    fn new(packet: &PacketInfo) -> Self {
        Self {
            source: packet.source.clone(),
            era: packet.era.clone(),
            generated_at: packet.generated_at.map(time),
            customer: packet.customer.plain(),
            headline: packet
                .headline
                .iter()
                .map(|(label, value)| LabelV1 { label: label.clone(), value: value.plain() })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct WindowV1 {
    start: String,
    end: String,
}

impl WindowV1 {
    fn new(window: &Window) -> Self {
        Self { start: time(window.start), end: time(window.end) }
    }
}

#[derive(Serialize)]
struct IssueV1 {
    reason: String,
    place: String,
    count: u64,
    skipped: u64,
}

impl IssueV1 {
    fn new(issue: &Issue) -> Self {
        Self {
            reason: issue.reason.clone(),
            place: issue.location.clone(),
            count: issue.count,
            skipped: issue.skipped,
        }
    }
}

#[derive(Serialize)]
struct InputV1 {
    path: String,
    kind: String,
    format: String,
    read: bool,
    bytes: u64,
    records: u64,
    skipped: u64,
    window: Option<WindowV1>,
    limits: Vec<String>,
    issues: Vec<IssueV1>,
}

impl InputV1 {
    fn new(input: &CheckedInput) -> Self {
        Self {
            path: input.path.clone(),
            kind: input.kind.clone(),
            format: input.format.clone(),
            read: input.read,
            bytes: input.bytes,
            records: input.records,
            skipped: input.skipped,
            window: input.window.as_ref().map(WindowV1::new),
            limits: input.limits.clone(),
            issues: input.issues.iter().map(IssueV1::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct IncidentV1 {
    start: String,
    end: Option<String>,
    last_data: String,
    how: &'static str,
    confidence: &'static str,
    impact: Vec<String>,
}

impl IncidentV1 {
    fn new(incident: &Incident) -> Self {
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
struct ActionV1 {
    #[serde(rename = "do")]
    action: String,
    who: Option<&'static str>,
    command: Option<String>,
    precheck: Option<String>,
    restart: &'static str,
    breaks: Option<String>,
    undo: Option<String>,
    verify: Option<String>,
}

impl ActionV1 {
    fn new(action: &Action) -> Self {
        let plain = |text: &Option<Text>| text.as_ref().map(Text::plain);
        Self {
            action: action.action.plain(),
            who: action.who.map(Level::as_str),
            command: plain(&action.command),
            precheck: plain(&action.precheck),
            restart: action.restart.as_str(),
            breaks: plain(&action.breaks),
            undo: plain(&action.undo),
            verify: plain(&action.verify),
        }
    }
}

#[derive(Serialize)]
struct SuspectV1 {
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
struct ChainV1 {
    time: Option<String>,
    source: String,
    text: String,
}

#[derive(Serialize)]
struct DisproofV1 {
    what: String,
    looked_at: bool,
}

#[derive(Serialize)]
struct CodeV1 {
    file: String,
    function: String,
    source: String,
    location: String,
}

/// The ids of the rules behind indexes into the report's findings.
fn rules_of(findings: &[usize], report: &Report) -> Vec<String> {
    findings.iter().filter_map(|&idx| report.findings.get(idx)).map(|f| f.rule.clone()).collect()
}

impl SuspectV1 {
    fn new(suspect: &Suspect, report: &Report) -> Self {
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
struct DisagreementV1 {
    what: String,
    sources: Vec<String>,
    values: Vec<String>,
}

impl DisagreementV1 {
    fn new(disagreement: &Disagreement) -> Self {
        Self {
            what: disagreement.what.plain(),
            sources: disagreement.sources.clone(),
            values: texts(&disagreement.values),
        }
    }
}

#[derive(Serialize)]
struct EvidenceV1 {
    source: String,
    location: String,
    text: String,
    at: Option<String>,
}

impl EvidenceV1 {
    fn new(evidence: &Evidence) -> Self {
        Self {
            source: evidence.place.source.clone(),
            location: evidence.place.location.clone(),
            text: evidence.text.plain(),
            at: evidence.at.map(time),
        }
    }
}

#[derive(Serialize)]
struct FindingV1 {
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
    fn new(finding: &Finding) -> Self {
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
struct UnknownV1 {
    what: String,
    why: String,
    how_to_get: String,
}

impl UnknownV1 {
    fn new(unknown: &Unknown) -> Self {
        Self {
            what: unknown.what.plain(),
            why: unknown.why.plain(),
            how_to_get: unknown.how_to_get.plain(),
        }
    }
}

#[derive(Serialize)]
struct OutcomeV1 {
    rule: String,
    outcome: &'static str,
    missing: Vec<String>,
    basis: String,
}

impl OutcomeV1 {
    fn new(outcome: &OutcomeLine) -> Self {
        Self {
            rule: outcome.rule.clone(),
            outcome: outcome.outcome.as_str(),
            missing: outcome.missing.clone(),
            basis: outcome.basis.plain(),
        }
    }
}

#[derive(Serialize)]
struct ChangeV1 {
    signal: String,
    metric: String,
    subject: String,
    node: String,
    unit: String,
    kind: &'static str,
    onset: String,
    until: Option<String>,
    before: Option<f64>,
    after: Option<f64>,
    ratio: Option<f64>,
    z: Option<f64>,
    persistence: f64,
    confidence: &'static str,
    source: String,
    location: String,
}

impl ChangeV1 {
    fn new(change: &Change) -> Self {
        Self {
            signal: change.signal.clone(),
            metric: change.metric.clone(),
            subject: change.subject.clone(),
            node: change.node.clone(),
            unit: change.unit.clone(),
            kind: change.kind.as_str(),
            onset: time(change.onset),
            until: change.until.map(time),
            before: finite(change.before),
            after: finite(change.after),
            ratio: change.ratio.and_then(finite),
            z: finite(change.z),
            persistence: change.persistence,
            confidence: change.confidence.as_str(),
            source: change.place.source.clone(),
            location: change.place.location.clone(),
        }
    }
}

#[derive(Serialize)]
struct TimelineV1 {
    time: String,
    end: Option<String>,
    precision_s: u32,
    node: String,
    subject: String,
    what: String,
    source: String,
    kind: &'static str,
}

impl TimelineV1 {
    fn new(entry: &TimelineEntry) -> Self {
        Self {
            time: time(entry.time),
            end: entry.end.map(time),
            precision_s: entry.precision_s,
            node: entry.node.clone(),
            subject: entry.subject.plain(),
            what: entry.what.plain(),
            source: entry.source.clone(),
            kind: entry.kind.as_str(),
        }
    }
}

#[derive(Serialize)]
struct StepV1 {
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
    fn new(step: &StepFill, report: &Report) -> Self {
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
