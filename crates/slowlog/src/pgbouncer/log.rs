//! Lines of a pooler's log, one after the other, to events and figures.

use super::figures::{Figures, Minutes};
use super::line::{Level, Line, LineReader};
use super::meaning::{meaning, said};
use super::{FORMAT, LIMIT};
use crate::fingerprint::Engine;
use crate::lines::Lines;
use crate::pg::events::Events;
use crate::pg::fold::Pending;
use crate::pg::severity::{PRIMARY, Severity, WORDS};
use crate::records::{SlowLog, SlowSource};
use crate::spans::{EVENT_SPANS, POOLER_SPANS, moment, spans_limit};
use chrono_tz::Tz;
use model::{Coverage, Issues, Parsed, Sink, Window};
use std::collections::VecDeque;
use xxhash_rust::xxh3::xxh3_64;

/// Longest line that is read; the rest of a longer one is passed over.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// Ends of connections that are remembered, each of which may be logged twice.
const ENDS_MAX: usize = 64;
/// The two lines of one end are logged within this time.
const SAME_END_US: i64 = 1_000_000;
/// A step back in time of more than this is noted.
const BACKWARDS_US: i64 = 60_000_000;

/// Reads a log of PgBouncer.
///
/// - Input: the log file, or what a container printed; from any place on.
/// - Output: events of the pooler, and its figures over time; it logs no statements.
/// - Issues: times that jump backwards, lines that are too long.
pub(crate) struct PgBouncerLog {
    lines: Lines,
    state: State,
}

struct State {
    label: String,
    reader: LineReader,
    events: Events,
    minutes: Minutes,
    issues: Issues,
    /// Ends of connections: time, connection, cause.
    ends: VecDeque<(i64, u64)>,
    severities: [u64; PRIMARY],
    records: u64,
    unknown_lines: u64,
    first_us: Option<i64>,
    last_us: Option<i64>,
    backwards: bool,
}

impl PgBouncerLog {
    pub(crate) fn new(label: &str, tz: Option<Tz>) -> Self {
        Self {
            lines: Lines::new(LINE_BYTES_MAX),
            state: State {
                label: label.to_owned(),
                reader: LineReader::new(tz),
                events: Events::default(),
                minutes: Minutes::new(),
                issues: Issues::default(),
                ends: VecDeque::new(),
                severities: [0; PRIMARY],
                records: 0,
                unknown_lines: 0,
                first_us: None,
                last_us: None,
                backwards: false,
            },
        }
    }
}

impl State {
    fn line(&mut self, text: &[u8], n_line: u64, cut: bool) {
        if cut {
            self.issues.add("line longer than is read", format!("line:{n_line}"), 0);
        }
        if text.trim_ascii().is_empty() {
            return;
        }
        let Self { reader, .. } = self;
        let Some(line) = reader.read(text) else {
            // The rest of a message of several lines begins with a tab.
            self.unknown_lines += u64::from(!text.starts_with(b"\t"));
            return;
        };
        self.records += 1;
        self.time(line.at_us, n_line);
        let severity = match line.level {
            Level::Fatal => Severity::Fatal,
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Log => Severity::Log,
            Level::Other => Severity::Debug,
        };
        if let Some(count) = self.severities.get_mut(severity as usize) {
            *count += 1;
        }
        if let Some(figures) = Figures::of(line.text) {
            self.minutes.report(line.at_us, figures);
            return;
        }
        if line.text.starts_with(b"login attempt") {
            self.minutes.login(line.at_us);
        } else if line.text.starts_with(b"new connection to server") {
            self.minutes.server_connection(line.at_us);
        } else {
            self.event(&line, severity, n_line);
        }
    }

    fn time(&mut self, at_us: i64, n_line: u64) {
        if !self.backwards && self.last_us.is_some_and(|last| last - at_us > BACKWARDS_US) {
            self.issues.add("time jumps backwards", format!("line:{n_line}"), 0);
            self.backwards = true;
        }
        self.first_us = Some(self.first_us.map_or(at_us, |first| first.min(at_us)));
        self.last_us = Some(self.last_us.map_or(at_us, |last| last.max(at_us)));
    }

    fn event(&mut self, line: &Line<'_>, severity: Severity, n_line: u64) {
        let said = said(line);
        let Some(found) = meaning(line, &said) else { return };
        if said.of_end
            && let Some(socket) = line.socket
        {
            let end = xxh3_64(socket.name) ^ xxh3_64(found.cause.as_bytes()).rotate_left(32);
            let same =
                |(at_us, known): &(i64, u64)| *known == end && line.at_us - at_us <= SAME_END_US;
            if self.ends.iter().any(same) {
                return;
            }
            self.ends.push_back((line.at_us, end));
            if self.ends.len() > ENDS_MAX {
                self.ends.pop_front();
            }
        }
        let pending = Pending::alone(severity, line.at_us, n_line, line.text);
        self.events.add(&found, &pending, b"", None, &self.label);
    }

    fn finish(self, lines: u64, bytes: u64) -> Parsed<SlowLog> {
        let window = self.first_us.zip(self.last_us).map(|(first, last)| Window {
            start: moment(first),
            end: moment(last.saturating_add(1)),
        });
        let mut limits = vec![LIMIT.to_owned()];
        limits.extend(self.reader.notes().limits());
        if self.events.overflowed {
            limits.push("further events as one".to_owned());
        }
        limits.extend(spans_limit(EVENT_SPANS, self.events.span_min()));
        limits.extend(spans_limit(POOLER_SPANS, self.minutes.span_min()));
        let severities =
            WORDS.iter().copied().zip(self.severities).filter(|(_, count)| *count > 0).collect();
        let source = SlowSource {
            label: self.label,
            engine: Engine::PostgreSql,
            format: FORMAT.name,
            bytes,
            lines,
            records: self.records,
            unknown_lines: self.unknown_lines,
            window,
            limits: limits.clone(),
            severities,
            ..SlowSource::default()
        };
        let (events, event_minutes) = self.events.finish();
        Parsed {
            records: SlowLog {
                engine: Engine::PostgreSql,
                sources: vec![source],
                events,
                event_minutes,
                pooler: self.minutes.finish(),
                ..SlowLog::default()
            },
            coverage: Coverage {
                window,
                records: self.records,
                skipped: self.issues.skipped(),
                limits,
            },
            issues: self.issues,
        }
    }
}

impl Sink for PgBouncerLog {
    type Records = SlowLog;

    fn push(&mut self, bytes: &[u8]) {
        let Self { lines, state } = self;
        lines.push(bytes, |text, n_line, cut| state.line(text, n_line, cut));
    }

    fn finish(mut self) -> Parsed<SlowLog> {
        let Self { lines, state } = &mut self;
        lines.finish(|text, n_line, cut| state.line(text, n_line, cut));
        self.state.finish(self.lines.count(), self.lines.bytes())
    }
}
