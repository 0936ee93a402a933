//! The incident channel: what each post says. One post for the whole, and one for each step of the
//! playbook that the data fills; whoever sends them decides how they become messages.
//!
//! Everything here is made of [`text::Line`]s: evidence stands in code, and nothing in it can
//! mention, link or embed.

mod replies;
mod root;
mod state;

pub use replies::is_clock;
pub use state::{Differences, Entry, State};

use crate::labels::Labels;
use crate::{Style, phrase};
use chrono::{DateTime, Utc};
use model::Report;
use playbook::{Clock, IncidentRecord, Playbook};
use text::{Document, Line, Raw, Redactor, Segment, Text, Value};

/// The part that is the first post of the thread.
pub const ROOT: &str = "report";
/// Steps whose posts are pinned: what the channel needs to find again.
const PINNED: &[&str] = &[
    "share-system-information",
    "share-grafana-screenshots",
    "share-support-bundle",
    "share-slow-query-logs",
    "pin-data",
];
/// Steps that get a post when the data fills them, in this order: the call first, for what is to
/// be done at once stands there.
const STEPS: &[&str] = &[
    "start-call",
    "share-system-information",
    "share-grafana-screenshots",
    "share-support-bundle",
    "share-slow-query-logs",
    "pin-data",
    "review-configuration",
    "review-grafana",
    "review-support-bundle",
    "review-slow-query-logs",
    "summarise-findings",
];

/// What the posts are made of.
#[derive(Clone, Copy, Debug)]
pub struct ChannelFacts<'a> {
    /// The report, its steps filled.
    pub report: &'a Report,
    /// The steps.
    pub playbook: &'a Playbook,
    /// What people wrote; empty without an incident file.
    pub record: &'a IncidentRecord,
    /// The clocks; none without an incident file.
    pub clocks: &'a [Clock],
    /// How times are shown.
    pub style: &'a Style,
    /// The number of this run among those that brought something else.
    pub run: u32,
    /// What is other than in the run before; `None`: there was none.
    pub differences: Option<&'a Differences>,
    /// How many charts are attached in the thread.
    pub n_charts: usize,
    /// Whether the whole report is attached in the thread.
    pub report_attached: bool,
    /// Whether the posts can be changed later; through a webhook they cannot.
    pub lasting: bool,
}

/// What stands in a post, or in several where it is long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPart {
    /// Which: [`ROOT`], or the id of a step.
    pub id: String,
    /// Whether it is pinned.
    pub pin: bool,
    /// What it says.
    pub document: Document,
}

/// The posts, the first of the thread first.
pub fn channel(facts: &ChannelFacts<'_>) -> Vec<ChannelPart> {
    let words = Words::new(facts);
    let mut parts =
        vec![ChannelPart { id: ROOT.to_owned(), pin: true, document: root::root(facts, &words) }];
    for id in STEPS {
        let Some(filled) = facts.report.steps.iter().find(|filled| filled.step == *id) else {
            continue;
        };
        let document = if *id == "start-call" {
            replies::start_call(facts, &words, filled)
        } else {
            replies::step(facts, &words, filled)
        };
        if let Some(document) = document {
            parts.push(ChannelPart { id: (*id).to_owned(), pin: PINNED.contains(id), document });
        }
    }
    parts
}

/// Names of inputs without the folders of who runs this: for files that are posted.
pub fn without_folders(report: &Report, written: &str) -> String {
    let labels = Labels::of(report);
    let mut paths: Vec<&str> = report
        .inputs
        .iter()
        .map(|input| input.path.split('!').next().unwrap_or_default())
        .collect();
    // The longest first: one path may begin another.
    paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    paths.dedup();
    let json =
        |words: &str| serde_json::to_string(words).unwrap_or_default().trim_matches('"').to_owned();
    let mut written = written.to_owned();
    for path in paths.into_iter().filter(|path| path.contains('/')) {
        let short = labels.file(path);
        written = written.replace(path, &short);
        written = written.replace(&text::escape::markdown(path), &text::escape::markdown(&short));
        written = written.replace(&json(path), &json(&short));
    }
    written
}

/// The time of the newest data.
pub fn as_of(report: &Report) -> Option<DateTime<Utc>> {
    let newest = || report.inputs.iter().filter_map(|input| input.window).map(|it| it.end).max();
    report.incident.as_ref().map(|incident| incident.last_data).or_else(newest)
}

/// How texts of a report become lines: sources by their short names, strings cleared.
struct Words<'a> {
    labels: Labels,
    report: &'a Report,
    style: &'a Style,
    redactor: Redactor,
}

impl<'a> Words<'a> {
    fn new(facts: &ChannelFacts<'a>) -> Self {
        Self {
            labels: Labels::of(facts.report),
            report: facts.report,
            style: facts.style,
            redactor: Redactor::new(),
        }
    }

    /// A string of the report or of people as a value. What is cleared already stays as it is.
    fn value(&self, words: &str) -> Value {
        self.redactor.clear(&Raw::new(words))
    }

    /// What a person wrote.
    fn raw(&self, raw: &Raw) -> Value {
        self.redactor.clear(raw)
    }

    /// A text in which sources have their short names.
    fn text(&self, text: &Text) -> Text {
        let mut out = Text::new();
        for segment in text.segments() {
            match segment {
                Segment::Ours(words) => out.push_ours(self.shortened(words)),
                Segment::Value(value) => {
                    let known = self.report.inputs.iter().any(|input| input.path == value.as_str());
                    out.push_value(if known {
                        self.value(&self.labels.short(value.as_str()))
                    } else {
                        value.clone()
                    });
                }
            }
        }
        out
    }

    /// Words in which a path may stand, without its folders.
    fn shortened(&self, words: &str) -> String {
        let mut words = words.to_owned();
        if words.contains('/') {
            for path in self.report.inputs.iter().map(|input| input.path.as_str()) {
                if path.contains('/') && words.contains(path) {
                    words = words.replace(path, &self.labels.short(path));
                }
            }
        }
        words
    }

    fn line(&self, text: &Text) -> Line {
        Line::new().text(&self.text(text))
    }

    /// A place as code: `packet!config.json /SqlSettings`.
    fn place(&self, place: &str) -> Line {
        Line::new().code(&self.value(&self.labels.short_place(place)))
    }

    /// Evidence as code, whole.
    fn evidence(&self, text: &Text) -> Line {
        Line::new().code(&self.value(&text.plain()))
    }

    fn clock(&self, at: DateTime<Utc>) -> String {
        phrase::clock(at, self.style).get(..5).unwrap_or_default().to_owned()
    }

    fn second(&self, at: DateTime<Utc>) -> String {
        phrase::clock(at, self.style)
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        let moment = phrase::moment(at, self.style);
        moment.get(..16).unwrap_or(&moment).to_owned()
    }

    fn zone(&self) -> String {
        phrase::zone(self.style)
    }
}

#[cfg(test)]
mod tests;
