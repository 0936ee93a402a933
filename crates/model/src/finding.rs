//! What a rule says, and on which evidence.

use crate::{Basis, Confidence, Kind, Level, Place, Restart, Severity, Window};
use chrono::{DateTime, Utc};
use std::fmt;
use text::Text;

/// One entry of evidence: a value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// Where it stands; source and location are never empty.
    pub place: Place,
    /// What stands there.
    pub text: Text,
    /// When it happened, where the source says so.
    pub at: Option<DateTime<Utc>>,
}

/// Who can do an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The Mattermost system administrator.
    Sysadmin,
    /// The database administrator.
    Dba,
    /// Who runs the machines, the proxy and the network.
    Sre,
    /// A Mattermost engineer.
    Mattermost,
}

impl Level for Who {
    const ALL: &'static [Self] = &[Self::Sysadmin, Self::Dba, Self::Sre, Self::Mattermost];
    fn as_str(self) -> &'static str {
        match self {
            Self::Sysadmin => "sysadmin",
            Self::Dba => "dba",
            Self::Sre => "sre",
            Self::Mattermost => "mattermost",
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What to do about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What to do, as a sentence.
    pub action: Text,
    /// Who does it.
    pub who: Option<Who>,
    /// The command to run, if there is one.
    pub command: Option<Text>,
    /// Where one gets what the command leaves open: "`<pid>`: ...".
    pub fill_in: Option<Text>,
    /// What to look at first.
    pub precheck: Option<Text>,
    /// What has to be restarted.
    pub restart: Restart,
    /// What stops working.
    pub breaks: Option<Text>,
    /// How to take it back.
    pub undo: Option<Text>,
    /// How to see that it worked.
    pub verify: Option<Text>,
}

/// A finding before it is checked: see [`Finding::new`].
#[derive(Clone, Debug)]
pub struct FindingSpec {
    /// The rule's id.
    pub rule: String,
    /// Fault or advice.
    pub kind: Kind,
    /// How bad if true.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Where the threshold comes from.
    pub basis: Basis,
    /// What is wrong, short.
    pub title: Text,
    /// What is wrong, with the figures.
    pub summary: Text,
    /// Why that is bad.
    pub why: Text,
    /// What to do, mildest first.
    pub actions: Vec<Action>,
    /// What a tired person might do and must not.
    pub do_not: Vec<Text>,
    /// What it is about: a fingerprint, a plugin, a table; empty for the whole.
    pub subject: Text,
    /// On which nodes; empty when it is not about nodes.
    pub nodes: Vec<Text>,
    /// When.
    pub window: Option<Window>,
    /// How much of the whole it concerns, 0 to 1.
    pub impact: f64,
    /// The playbook step that it fills.
    pub step: String,
    /// The root cause that it argues for.
    pub cause: Option<String>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Entries of evidence beyond those listed.
    pub evidence_more: u64,
    /// When it would be wrong.
    pub false_positives: Text,
    /// Where to read on.
    pub references: Vec<String>,
}

/// A finding: what is wrong, how bad, how sure, on which evidence, what to do.
#[derive(Clone, Debug)]
pub struct Finding(FindingSpec);

/// Refusal of a finding without evidence.
#[derive(Debug, thiserror::Error)]
#[error("rule `{rule}`: evidence {what}")]
#[non_exhaustive]
pub struct NoEvidence {
    /// The rule.
    pub rule: String,
    /// What is missing.
    pub what: &'static str,
}

impl Finding {
    /// Checks a finding: evidence must not be empty, and every entry names source and location.
    pub fn new(spec: FindingSpec) -> Result<Self, NoEvidence> {
        let refuse = |what| NoEvidence { rule: spec.rule.clone(), what };
        if spec.evidence.is_empty() {
            return Err(refuse("is missing"));
        }
        if spec.evidence.iter().any(|e| e.place.source.is_empty() || e.place.location.is_empty()) {
            return Err(refuse("has no place"));
        }
        Ok(Self(spec))
    }

    /// The order of reports: severity, confidence, impact, rule id, subject.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.severity
            .cmp(&other.severity)
            .then(self.confidence.cmp(&other.confidence))
            .then(other.impact.total_cmp(&self.impact))
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.subject.cmp(&other.subject))
            .then_with(|| self.nodes.cmp(&other.nodes))
    }

    /// The finding with another severity and confidence (escalation, overrides).
    #[must_use]
    pub fn with_levels(mut self, severity: Severity, confidence: Confidence) -> Self {
        self.0.severity = severity;
        self.0.confidence = confidence;
        self
    }

    /// Replaces what must not be done: what another finding advises is no warning.
    pub fn set_do_not(&mut self, do_not: Vec<Text>) {
        self.0.do_not = do_not;
    }
}

impl std::ops::Deref for Finding {
    type Target = FindingSpec;
    fn deref(&self) -> &FindingSpec {
        &self.0
    }
}
