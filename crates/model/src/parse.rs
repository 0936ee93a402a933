//! What every parser takes and gives.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// A span of time `[start, end)` in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// The first moment.
    pub start: DateTime<Utc>,
    /// The first moment after it.
    pub end: DateTime<Utc>,
}

impl Window {
    /// The smallest window that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `at` lies inside.
    pub fn contains(self, at: DateTime<Utc>) -> bool {
        self.start <= at && at < self.end
    }
}

/// Where something stands: a source and a place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The input path and, behind `!`, the member: `bundle.zip!node-1/mattermost.log`.
    pub source: String,
    /// The place in it: `line:12`, a JSON pointer, `series@time`. Empty: the whole source.
    pub location: String,
}

impl Place {
    /// A line of a source, counted from 1.
    pub fn line(source: &str, line: u64) -> Self {
        Self { source: source.to_owned(), location: format!("line:{line}") }
    }
}

/// Something that a parser left out, said once and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Why: a lower-case fragment in our own words, without input text.
    pub reason: String,
    /// Where it was first met (`line:12`), empty for the whole source.
    pub location: String,
    /// How often.
    pub count: u64,
    /// How many records were lost by it (0: noted, nothing lost).
    pub skipped: u64,
}

/// Issues by reason: the first place of each, and the count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issues(BTreeMap<String, Issue>);

/// Distinct reasons that are kept; more are counted as one.
const REASONS_MAX: usize = 64;

impl Issues {
    /// Adds an issue that cost `skipped` records.
    pub fn add(&mut self, reason: impl Into<String>, location: impl Into<String>, skipped: u64) {
        let mut reason = reason.into();
        if self.0.len() >= REASONS_MAX && !self.0.contains_key(&reason) {
            "further kinds of issues".clone_into(&mut reason);
        }
        let entry = self.0.entry(reason.clone()).or_insert_with(|| Issue {
            reason,
            location: location.into(),
            count: 0,
            skipped: 0,
        });
        entry.count += 1;
        entry.skipped += skipped;
    }

    /// Adds all issues of a later part of the same source.
    pub fn merge(&mut self, later: Issues) {
        for (reason, issue) in later.0 {
            match self.0.get_mut(&reason) {
                Some(mine) => {
                    mine.count += issue.count;
                    mine.skipped += issue.skipped;
                }
                None => {
                    self.0.insert(reason, issue);
                }
            }
        }
    }

    /// All issues, by reason.
    pub fn iter(&self) -> impl Iterator<Item = &Issue> {
        self.0.values()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many records were lost.
    pub fn skipped(&self) -> u64 {
        self.0.values().map(|issue| issue.skipped).sum()
    }
}

/// What a source covered and what it cannot show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// From the first to the last record with a time.
    pub window: Option<Window>,
    /// Records read.
    pub records: u64,
    /// Records skipped.
    pub skipped: u64,
    /// What the source cannot show, in fixed words: `slow statements only`, `first series only`,
    /// `debug`, `sampled`, `local time without zone` ... Rules ask for them by these words.
    pub limits: Vec<String>,
}

/// What a parser gives: the records, what it left out, what it covered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed<T> {
    /// What was read.
    pub records: T,
    /// What was not.
    pub issues: Issues,
    /// What the source covered.
    pub coverage: Coverage,
}

/// A parser that is fed and never asks: bytes in, records out, no failure as a whole.
pub trait Sink {
    /// What it gives.
    type Records;
    /// Takes the next bytes of the source. Cuts may be anywhere.
    fn push(&mut self, bytes: &[u8]);
    /// Ends the source.
    fn finish(self) -> Parsed<Self::Records>;
}

/// What a recogniser may look at.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The path as a label: a hint, never more.
    pub path: &'a str,
    /// The first bytes, up to 64 KiB.
    pub bytes: &'a [u8],
    /// Whether `bytes` is the whole source.
    pub whole: bool,
}

/// A format, as data: each format crate exports a list `FORMATS`.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name that reports show: `mattermost log`, `postgresql csvlog`.
    pub name: &'static str,
    /// What sort of source it is: `packet`, `log`, `slow query log`, `metrics`, ...
    pub kind: &'static str,
    /// How sure the content is of this format: 0 (not at all) to 100. By content first; a path
    /// may add at most 5.
    pub score: fn(&Head<'_>) -> u8,
}
