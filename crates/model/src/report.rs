//! The report as all outputs show it: final wording, order and totals.

use crate::{Action, Change, Confidence, Exit, Finding, Issue, Place, Severity, Window};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use text::Text;

/// The program that wrote the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Rules that it knew.
    pub n_rules: usize,
}

/// The packet that the facts come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PacketInfo {
    /// The input's path.
    pub source: String,
    /// Which era of packet format: `5.32-9.10`, ..., `11.x`.
    pub era: String,
    /// When it was generated.
    pub generated_at: Option<DateTime<Utc>>,
    /// Who the server is licensed to.
    pub customer: Text,
    /// The headline in fixed order: version, nodes, database, users, ... as label and value.
    pub headline: Vec<(String, Text)>,
}

/// A source and what became of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckedInput {
    /// The input path and, behind `!`, the member.
    pub path: String,
    /// What sort of source: `packet`, `log`, `slow query log`, `metrics`, `not recognised`, ...
    pub kind: String,
    /// The format's name.
    pub format: String,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// Records skipped.
    pub skipped: u64,
    /// What it covers.
    pub window: Option<Window>,
    /// What it cannot show.
    pub limits: Vec<String>,
    /// What was left out, and why.
    pub issues: Vec<Issue>,
    /// Whether it was read at all.
    pub read: bool,
}

/// The window of the incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// When it began.
    pub start: DateTime<Utc>,
    /// When it ended; `None`: still going on at the last data.
    pub end: Option<DateTime<Utc>>,
    /// The last moment that any source covers.
    pub last_data: DateTime<Utc>,
    /// Whether the user gave it; otherwise it was detected.
    pub given: bool,
    /// How sure.
    pub confidence: Confidence,
    /// What the users see, and which signals carry the window.
    pub impact: Vec<Text>,
    /// How much there was to do, against the hour before it.
    pub traffic: Traffic,
}

/// How much there was to do in an incident: the median in it over that of the hour before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Traffic {
    /// Requests over HTTP; `None`: not charted.
    pub requests: Option<f64>,
    /// Calls of the database; `None`: not charted.
    pub calls: Option<f64>,
}

impl Traffic {
    /// Below this a ratio is the usual up and down of an hour.
    pub const AS_BEFORE: f64 = 1.5;

    /// Whether it is as before; `None`: not charted.
    pub fn is_as_before(self) -> Option<bool> {
        let most = self.requests.into_iter().chain(self.calls).reduce(f64::max)?;
        Some(most < Self::AS_BEFORE)
    }
}

/// What would disprove a suspect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disproof {
    /// What to look at.
    pub what: Text,
    /// Whether it was looked at (and did not disprove it).
    pub looked_at: bool,
}

/// A place in the server's code that the evidence names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspectCode {
    /// The file, with line where known; empty when the evidence names none.
    pub file: String,
    /// The function; empty when the evidence names none.
    pub function: String,
    /// Where the evidence that names it stands: a source and a place in it.
    pub place: Place,
}

/// A ranked cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspect {
    /// The cause, from the vocabulary.
    pub cause: String,
    /// What exactly.
    pub subject: Text,
    /// 0 to 1.
    pub score: f64,
    /// How sure.
    pub confidence: Confidence,
    /// When it began.
    pub onset: Option<DateTime<Utc>>,
    /// In one or two sentences.
    pub summary: Text,
    /// The chain of evidence: time, place, what.
    pub chain: Vec<(Option<DateTime<Utc>>, String, Text)>,
    /// What to do now, mildest first.
    pub actions: Vec<Action>,
    /// What not to do.
    pub do_not: Vec<Text>,
    /// Indexes into the report's findings.
    pub findings: Vec<usize>,
    /// What speaks against it.
    pub against: Vec<Text>,
    /// What would disprove it.
    pub disproof: Vec<Disproof>,
    /// Places in the code.
    pub code: Vec<SuspectCode>,
    /// What follows from it and is no cause.
    pub consequences: Vec<Text>,
    /// Findings that say no more than what follows from it: indexes into the report's findings.
    pub symptoms: Vec<usize>,
    /// How many kinds of sources agree.
    pub n_sources: usize,
}

/// Two sources that say different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// About what.
    pub what: Text,
    /// The sources.
    pub sources: Vec<String>,
    /// What each says, in the order of `sources`.
    pub values: Vec<Text>,
}

/// Something that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What.
    pub what: Text,
    /// Why not.
    pub why: Text,
    /// How to get what it needs: a command or a click path.
    pub how_to_get: Text,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeKind {
    /// Its condition holds.
    Fired,
    /// Its condition does not hold.
    Clear,
    /// It could not be decided.
    Skipped,
    /// Outside the versions that it is about.
    NotApplicable,
    /// Switched off by the user.
    Disabled,
    /// Hidden by a stronger rule.
    Superseded,
    /// The rule is at fault.
    Error,
}

impl OutcomeKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Clear => "clear",
            Self::Skipped => "skipped",
            Self::NotApplicable => "not-applicable",
            Self::Disabled => "disabled",
            Self::Superseded => "superseded",
            Self::Error => "error",
        }
    }
}

/// The outcome of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeLine {
    /// The rule's id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// The playbook step.
    pub step: String,
    /// The rule's severity.
    pub severity: Severity,
    /// What became of it.
    pub outcome: OutcomeKind,
    /// For skipped: what was missing.
    pub missing: Vec<String>,
    /// What it rests on, or why.
    pub basis: Text,
}

/// How a line of the timeline came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimelineKind {
    /// A source says so.
    Observed,
    /// Concluded.
    Inferred,
    /// A person said so.
    Human,
}

impl TimelineKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Inferred => "inferred",
            Self::Human => "human",
        }
    }
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    /// When.
    pub time: DateTime<Utc>,
    /// Until when, if it lasted.
    pub end: Option<DateTime<Utc>>,
    /// How exact the time is, in seconds.
    pub precision_s: u32,
    /// On which node; empty for all.
    pub node: String,
    /// About what.
    pub subject: Text,
    /// What happened.
    pub what: Text,
    /// Which source says so.
    pub source: String,
    /// How it came about.
    pub kind: TimelineKind,
}

/// The state of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepState {
    /// Filled, nothing needs attention.
    Done,
    /// Filled, and something needs attention.
    Attention,
    /// No data.
    NoData,
    /// For a person.
    Open,
}

impl StepState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Attention => "attention",
            Self::NoData => "no-data",
            Self::Open => "open",
        }
    }
}

/// A step of the playbook as this run fills it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepFill {
    /// The step's id.
    pub step: String,
    /// Its title in the playbook.
    pub title: String,
    /// Its state.
    pub state: StepState,
    /// What it says, as paragraphs.
    pub text: Vec<Text>,
    /// The time of the newest data in it.
    pub as_of: Option<DateTime<Utc>>,
    /// The sources it comes from.
    pub sources: Vec<String>,
    /// Indexes into the report's findings.
    pub findings: Vec<usize>,
    /// What is missing, with the command that gets it.
    pub missing: Vec<Text>,
}

/// The course of one view of the playbook, for a line of blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The view.
    pub title: Text,
    /// The unit of the values.
    pub unit: String,
    /// The highest value of all series in each of some dozen stretches of time; `None`: a gap.
    pub values: Vec<Option<f64>>,
}

/// Why the exit code is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExitReason(pub String);

/// Everything that an output shows.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The program.
    pub tool: ToolInfo,
    /// The packet, if one was read.
    pub packet: Option<PacketInfo>,
    /// The exit code.
    pub exit: Exit,
    /// Why.
    pub exit_reasons: Vec<ExitReason>,
    /// Sources in the order in which they were named.
    pub inputs: Vec<CheckedInput>,
    /// The window of the incident, if there is one.
    pub incident: Option<Incident>,
    /// Ranked causes.
    pub suspects: Vec<Suspect>,
    /// Sources that disagree.
    pub disagreements: Vec<Disagreement>,
    /// Findings in order.
    pub findings: Vec<Finding>,
    /// What was checked and is fine, in short words.
    pub fine: Vec<Text>,
    /// What could not be checked.
    pub unknown: Vec<Unknown>,
    /// The outcome of every rule, by id.
    pub outcomes: Vec<OutcomeLine>,
    /// The course of the views for which there are metrics.
    pub courses: Vec<Course>,
    /// Changes in order of onset.
    pub changes: Vec<Change>,
    /// What happened, in order.
    pub timeline: Vec<TimelineEntry>,
    /// The playbook's steps.
    pub steps: Vec<StepFill>,
    /// Redactions by kind.
    pub redactions: BTreeMap<String, u64>,
}
