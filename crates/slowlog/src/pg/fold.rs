//! From compact records, in file order, to what a log says: here records meet those of the same
//! session that came before.
//!
//! Chunks are made in any thread and folded in the order of the file, so that every state below
//! is the same whatever the number of threads and wherever blocks were cut.

mod bounds;
mod messages;
mod plans;
mod session;
mod statements;

use super::events::Events;
use super::locks::Locks;
use super::scan::{Chunk, Context, NO_SHAPE, NO_TIME, Rec, What};
use super::severity::PRIMARY;
use crate::contexts::Contexts;
use crate::queries::Queries;
use crate::records::{Ddl, Phases};
use crate::shapes::Map;
use crate::spans::{Load, Spans};
use model::Issues;

pub(crate) use session::{Pending, Ran, Session};

/// Sessions whose state is kept: more than a server admits.
const SESSIONS_MAX: usize = 8_192;
/// Schema changes that are listed; a migration has hundreds.
const DDL_MAX: usize = 2_000;
/// Cells of connections per span, user, database, host and application.
const CONNECTIONS_MAX: usize = 20_000;
/// Prepared statements of a session whose text is remembered.
const PREPARED_MAX: usize = 64;
/// Statements of a session that are remembered, for the sake of who blocked whom.
const RECENT: usize = 3;

/// The number of the context of whatever does not fit.
const NO_CONTEXT: u32 = 0;

/// All state of a source.
pub(crate) struct Fold {
    pub(crate) queries: Queries,
    pub(crate) sessions: Map<u32, Session>,
    pub(crate) contexts: Contexts<Context>,
    pub(crate) events: Events,
    pub(crate) locks: Locks,
    pub(crate) ddl: Vec<Ddl>,
    pub(crate) connections: Spans<u32>,
    pub(crate) load: Load,
    pub(crate) phases: Phases,
    pub(crate) untimed: u64,
    pub(crate) severities: [u64; PRIMARY],
    pub(crate) issues: Issues,
    pub(crate) label: String,
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
    pub(crate) records: u64,
    pub(crate) unknown_lines: u64,
    pub(crate) localised: u64,
    pub(crate) languages: [u64; super::languages::LANGUAGES.len()],
    pub(crate) notes: super::clock::ZoneNotes,
    pub(crate) first_us: Option<i64>,
    pub(crate) last_us: Option<i64>,
    /// Records that are older than the one before.
    pub(crate) backwards: u64,
    previous_us: i64,
    pub(crate) identity: crate::identity::Events,
    /// Messages; they tell a source where it has no statements.
    pub(crate) messages: crate::identity::Events,
    pub(crate) limits: Limits,
    /// Whether the server was told, while it wrote this log, to log a sample of statements.
    pub(crate) sampled: bool,
    /// What is to be said of times that have no year.
    pub(crate) years: Option<String>,
    /// Which process began a checkpoint last, and why.
    checkpoint: (u32, &'static str),
    /// When the server that does not yet accept connections was started.
    pub(crate) starting_us: Option<i64>,
    /// When the server was ready first, where no start stands before it.
    pub(crate) ready_us: Option<i64>,
    /// Whether a start was met.
    started: bool,
    seen: u64,
}

/// Budgets that were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) sessions: bool,
    pub(crate) ddl: bool,
}

/// A step back in time of more than this (a minute) is noted: parallel sessions may be written
/// slightly out of order.
const BACKWARDS_US: i64 = 60_000_000;

impl Fold {
    pub(crate) fn new(label: &str) -> Self {
        Self {
            queries: Queries::new(),
            sessions: Map::default(),
            contexts: Contexts::default(),
            events: Events::default(),
            locks: Locks::default(),
            ddl: Vec::new(),
            connections: Spans::new(CONNECTIONS_MAX),
            load: Load::default(),
            phases: Phases::default(),
            untimed: 0,
            severities: [0; PRIMARY],
            issues: Issues::default(),
            label: label.to_owned(),
            bytes: 0,
            lines: 0,
            records: 0,
            unknown_lines: 0,
            localised: 0,
            languages: Default::default(),
            notes: super::clock::ZoneNotes::default(),
            first_us: None,
            last_us: None,
            backwards: 0,
            previous_us: NO_TIME,
            identity: crate::identity::Events::default(),
            messages: crate::identity::Events::default(),
            limits: Limits::default(),
            sampled: false,
            years: None,
            checkpoint: (0, ""),
            starting_us: None,
            ready_us: None,
            started: false,
            seen: 0,
        }
    }

    /// Takes the next chunk of the source.
    pub(crate) fn take(&mut self, chunk: &mut Chunk) {
        let base = self.lines + 1;
        let contexts: Vec<u32> =
            chunk.contexts.drain(..).map(|context| self.context(context)).collect();
        let queries: Vec<u32> =
            chunk.shapes.iter().map(|shape| self.queries.number(shape)).collect();
        for rec in &chunk.recs {
            let ctx = contexts.get(rec.ctx as usize).copied().unwrap_or(NO_CONTEXT);
            let query = queries.get(rec.shape as usize).copied().unwrap_or(NO_SHAPE);
            let (start, end) = rec.text;
            let text = chunk.text.get(start as usize..end as usize).unwrap_or_default();
            self.record(rec, base + u64::from(rec.line), ctx, query, text);
        }
        let mut samples: Vec<(u32, (u64, Vec<u8>))> = chunk.samples.drain().collect();
        samples.sort_unstable_by_key(|(shape, _)| *shape);
        for (shape, (us, text)) in samples {
            if let Some(query) = queries.get(shape as usize) {
                self.queries.sample(*query, us, text);
            }
        }
        for (reason, (count, line, skipped)) in &chunk.oddities {
            for nth in 0..*count {
                let skipped = if nth == 0 { *skipped } else { 0 };
                self.issues.add(*reason, format!("line:{}", base + u64::from(*line)), skipped);
            }
        }
        for (sum, add) in self.severities.iter_mut().zip(chunk.severities) {
            *sum += add;
        }
        self.bytes += chunk.bytes;
        self.lines += chunk.lines;
        self.records += chunk.records;
        self.unknown_lines += chunk.unknown_lines;
        self.localised += chunk.localised;
        for (sum, add) in self.languages.iter_mut().zip(chunk.languages) {
            *sum += add;
        }
        self.notes.merge(chunk.notes);
        self.settle();
    }

    /// Takes a record.
    fn record(&mut self, rec: &Rec, line: u64, ctx: u32, query: u32, text: &[u8]) {
        self.seen += 1;
        if rec.at_us != NO_TIME {
            self.first_us = Some(self.first_us.map_or(rec.at_us, |first| first.min(rec.at_us)));
            // Against the record before: what is older than the latest is no jump of its own.
            let before_us = std::mem::replace(&mut self.previous_us, rec.at_us);
            if before_us != NO_TIME && before_us > rec.at_us {
                self.backwards += 1;
                if before_us.saturating_sub(rec.at_us) > BACKWARDS_US {
                    self.issues.add("time jumps backwards", format!("line:{line}"), 0);
                }
            }
            self.last_us = Some(self.last_us.map_or(rec.at_us, |last| last.max(rec.at_us)));
        }
        let session = self.sessions.entry(rec.pid).or_default();
        session.seen = self.seen;
        if ctx != NO_CONTEXT {
            session.ctx = ctx;
        }
        let ctx = if ctx == NO_CONTEXT { session.ctx } else { ctx };
        match rec.what {
            What::Detail => {
                if let Some(pending) = &mut session.pending {
                    pending.detail = text.to_vec();
                }
                return;
            }
            What::Context => {
                session.plans.in_context();
                if let Some(pending) = &mut session.pending {
                    pending.context = text.to_vec();
                }
                return;
            }
            What::StatementOf => {
                if let Some(pending) = &mut session.pending {
                    pending.query = (query != NO_SHAPE).then_some(query);
                }
                return;
            }
            What::Executed => {
                if let Some((rec, line, ctx, _)) = session.executing.take() {
                    self.execution(&rec, line, ctx, query);
                } else if let Some(untimed) = &mut session.untimed {
                    untimed.0 = query;
                }
                return;
            }
            What::Timed(_)
            | What::Untimed(_)
            | What::Plan
            | What::Prepared
            | What::Message(_)
            | What::Received
            | What::Authorised => {}
        }
        if rec.what != What::Plan {
            session.plans.other();
        }
        if session.pending.is_some() || session.executing.is_some() {
            self.flush(rec.pid);
        }
        match rec.what {
            What::Timed(phase) => self.timed(rec, phase, line, ctx, query, text),
            What::Untimed(phase) => {
                let query = self.prepared(rec.pid, text).unwrap_or(query);
                self.untimed(rec, phase, line, ctx, query);
            }
            What::Prepared => self.prepare(rec.pid, text, query),
            What::Plan => {
                self.misestimate(rec, line, ctx, query, text);
                self.plan(rec, line, ctx, query);
            }
            What::Message(severity) => self.message(rec, severity, line, ctx, text),
            What::Received => {
                self.close(rec.pid);
                if let Some(session) = self.sessions.get_mut(&rec.pid) {
                    *session = Session { ctx, arrived: ctx, seen: self.seen, ..Session::default() };
                }
            }
            What::Authorised => {
                if rec.at_us != NO_TIME {
                    let ctx = self.with_host_of(ctx, rec.pid);
                    self.connections.add(rec.at_us, ctx);
                    if let Some(session) = self.sessions.get_mut(&rec.pid) {
                        session.ctx = ctx;
                    }
                }
            }
            What::Detail | What::Context | What::StatementOf | What::Executed => {}
        }
    }

    /// Remembers what a session prepared by a name.
    fn prepare(&mut self, pid: u32, name: &[u8], query: u32) {
        let Some(session) = self.sessions.get_mut(&pid) else { return };
        session.prepared.retain(|(known, _)| **known != *name);
        if session.prepared.len() >= PREPARED_MAX {
            session.prepared.remove(0);
        }
        session.prepared.push((name.into(), query));
    }

    /// What a session prepared by a name.
    fn prepared(&self, pid: u32, name: &[u8]) -> Option<u32> {
        let prepared = &self.sessions.get(&pid).filter(|_| !name.is_empty())?.prepared;
        prepared.iter().find(|(known, _)| **known == *name).map(|(_, query)| *query)
    }

    /// A context with the host that the session's arrival named, if it has none itself.
    fn with_host_of(&mut self, ctx: u32, pid: u32) -> u32 {
        let arrived =
            self.sessions.get(&pid).and_then(|session| self.contexts.get(session.arrived));
        match (self.contexts.get(ctx), arrived) {
            (Some(who), Some(arrived)) if who.host.is_empty() && !arrived.host.is_empty() => {
                let full = Context { host: arrived.host.clone(), ..Context::clone(who) };
                self.context(full)
            }
            _ => ctx,
        }
    }

    /// Ends a session's state.
    fn close(&mut self, pid: u32) {
        self.flush(pid);
        self.count_plans_all(pid);
    }

    /// Ends the source: whatever still waits is taken as it is.
    pub(crate) fn end(&mut self) {
        for pid in keys_sorted(&self.sessions) {
            self.close(pid);
        }
    }
}

/// The keys of a map in order, so that no order of hashes is seen.
fn keys_sorted<V>(map: &Map<u32, V>) -> Vec<u32> {
    let mut keys: Vec<u32> = map.keys().copied().collect();
    keys.sort_unstable();
    keys
}
