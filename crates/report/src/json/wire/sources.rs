//! What was read, and what it shows: packet, inputs, changes, timeline.

use super::{finite, time};
use model::{Change, CheckedInput, Issue, Level as _, PacketInfo, TimelineEntry, Window};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct PacketV1 {
    source: String,
    era: String,
    generated_at: Option<String>,
    customer: String,
    headline: Vec<LabelV1>,
}

#[derive(Serialize)]
pub(super) struct LabelV1 {
    label: String,
    value: String,
}

impl PacketV1 {
    pub(super) fn new(packet: &PacketInfo) -> Self {
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
pub(super) struct WindowV1 {
    start: String,
    end: String,
}

impl WindowV1 {
    pub(super) fn new(window: &Window) -> Self {
        Self { start: time(window.start), end: time(window.end) }
    }
}

#[derive(Serialize)]
pub(super) struct IssueV1 {
    reason: String,
    place: String,
    count: u64,
    skipped: u64,
}

impl IssueV1 {
    pub(super) fn new(issue: &Issue) -> Self {
        Self {
            reason: issue.reason.clone(),
            place: issue.location.clone(),
            count: issue.count,
            skipped: issue.skipped,
        }
    }
}

#[derive(Serialize)]
pub(super) struct InputV1 {
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
    pub(super) fn new(input: &CheckedInput) -> Self {
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
pub(super) struct ChangeV1 {
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
    pub(super) fn new(change: &Change) -> Self {
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
pub(super) struct TimelineV1 {
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
    pub(super) fn new(entry: &TimelineEntry) -> Self {
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
