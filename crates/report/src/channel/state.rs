//! What a run found, small enough to be kept beside a post, and what the next run finds other.

use crate::phrase;
use model::{Level as _, OutcomeKind, Report, Severity};
use serde::{Deserialize, Serialize};
use text::{Raw, Redactor, Text, Value};

/// Characters of what is kept of a title and of a key.
const WORDS_CHARS_MAX: usize = 90;
/// Findings and causes that are kept: a post names fewer.
const ENTRIES_MAX: usize = 60;

/// A finding above low, or a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is recognised by.
    #[serde(rename = "k")]
    key: String,
    /// The rule; empty for a cause.
    #[serde(rename = "r", default)]
    rule: String,
    /// What it says.
    #[serde(rename = "t")]
    title: String,
    /// Its severity; for a cause its confidence.
    #[serde(rename = "l")]
    level: String,
}

/// What a run found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Causes first, then findings, strongest first.
    #[serde(rename = "e", default)]
    entries: Vec<Entry>,
    /// How many more there were.
    #[serde(rename = "m", default)]
    more: usize,
}

/// What is other than in the run before. Titles are cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What was not there.
    pub new: Vec<Text>,
    /// What was there, was looked for again and is not there.
    pub gone: Vec<Text>,
    /// What was there and could not be looked for again.
    pub not_visible: Vec<Text>,
}

impl Differences {
    /// Whether nothing is other.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.not_visible.is_empty()
    }
}

impl State {
    /// What this report found.
    pub fn of(report: &Report) -> Self {
        let mut entries = Vec::new();
        for suspect in &report.suspects {
            let subject = suspect.subject.plain();
            let title = if subject.is_empty() {
                suspect.cause.clone()
            } else {
                format!("{}: {subject}", suspect.cause)
            };
            entries.push(Entry {
                key: short(&format!("cause/{title}")),
                rule: String::new(),
                title: short(&title),
                level: suspect.confidence.to_string(),
            });
        }
        for finding in report.findings.iter().filter(|finding| finding.severity < Severity::Low) {
            let key = short(&format!("{}/{}", finding.rule, finding.subject.plain()));
            if entries.iter().all(|entry: &Entry| entry.key != key) {
                entries.push(Entry {
                    key,
                    rule: short(&finding.rule),
                    title: short(&finding.title.plain()),
                    level: finding.severity.to_string(),
                });
            }
        }
        let more = entries.len().saturating_sub(ENTRIES_MAX);
        entries.truncate(ENTRIES_MAX);
        Self { entries, more }
    }

    /// The state with so few entries that its JSON has at most `runes` characters.
    #[must_use]
    pub fn within(mut self, runes: usize) -> Self {
        let length = |state: &Self| {
            serde_json::to_string(state).map_or(usize::MAX, |json| json.chars().count())
        };
        while !self.entries.is_empty() && length(&self) > runes {
            self.entries.pop();
            self.more += 1;
        }
        self
    }

    /// What `report` finds other than this state.
    pub fn differences(&self, report: &Report) -> Differences {
        let now = Self::of(report);
        let mut differences = Differences::default();
        for entry in &now.entries {
            let known = self.entries.iter().any(|old| old.key == entry.key);
            if !known && !self.may_hold(entry) {
                differences.new.push(said(entry));
            }
        }
        let mut lost = false;
        let old_findings = self.entries.iter().filter(|old| !old.rule.is_empty());
        for old in old_findings.filter(|old| now.entries.iter().all(|new| new.key != old.key)) {
            if now.more > 0 && !stronger(old, now.entries.last()) {
                continue;
            }
            let outcome = report.outcomes.iter().find(|outcome| outcome.rule == old.rule);
            match outcome.map(|outcome| outcome.outcome) {
                Some(OutcomeKind::Superseded) => {}
                Some(OutcomeKind::Clear | OutcomeKind::Fired) => differences.gone.push(said(old)),
                Some(
                    OutcomeKind::Skipped
                    | OutcomeKind::NotApplicable
                    | OutcomeKind::Disabled
                    | OutcomeKind::Error,
                )
                | None => {
                    lost = true;
                    differences.not_visible.push(said(old));
                }
            }
        }
        let old_causes = self.entries.iter().filter(|old| old.rule.is_empty());
        for old in old_causes.filter(|old| now.entries.iter().all(|new| new.key != old.key)) {
            // A cause rests on findings: where some cannot be seen, it may still be there.
            if lost { &mut differences.not_visible } else { &mut differences.gone }.push(said(old));
        }
        differences
    }

    /// Whether an entry may be among those that were left out.
    fn may_hold(&self, entry: &Entry) -> bool {
        self.more > 0 && !stronger(entry, self.entries.last())
    }
}

/// Whether an entry is certainly stronger than the last one that was kept.
fn stronger(entry: &Entry, last: Option<&Entry>) -> bool {
    let rank = |entry: &Entry| {
        if entry.rule.is_empty() {
            Some(0)
        } else {
            Severity::parse(&entry.level).map(|level| level as usize + 1)
        }
    };
    match (rank(entry), last.and_then(rank)) {
        (Some(entry), Some(last)) => entry < last,
        _ => false,
    }
}

/// An entry as a line. It may have been kept on a server, where others could change it.
fn said(entry: &Entry) -> Text {
    let cleared = |words: &str| Redactor::new().clear(&Raw::new(words));
    let level = Severity::parse(&entry.level).map_or_else(
        || model::Confidence::parse(&entry.level).map_or("", |level| level.as_str()),
        |level| level.as_str(),
    );
    let mut text = Text::ours(if entry.rule.is_empty() { "cause " } else { "" });
    text.push_value(Value::trusted(cleared(&entry.title).as_str()));
    if !level.is_empty() {
        text.push_ours(format!(" ({level})"));
    }
    text
}

fn short(words: &str) -> String {
    let mut out: String = words.chars().take(WORDS_CHARS_MAX).collect();
    if out.len() < words.len() {
        out.push('…');
    }
    out
}

/// `3 more`, for lists that are cut.
pub(super) fn more(n: usize) -> String {
    format!("{} more", phrase::count(n as u64))
}
