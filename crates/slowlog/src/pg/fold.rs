//! From compact records, in file order, to what a log says: here records meet those of the same
//! session that came before.
//!
//! Chunks are made in any thread and folded in the order of the file, so that every state below
//! is the same whatever the number of threads and wherever blocks were cut.

use super::events::Events;
use super::locks::Locks;
use super::message;
use super::scan::{Chunk, Context, NO_SHAPE, NO_TIME, Phase, Rec, What};
use super::severity::{PRIMARY, Severity};
use crate::fingerprint::StatementKind;
use crate::queries::{Execution, Queries, Renumbered};
use crate::records::{Ddl, EventClass, Phases, Work};
use crate::shapes::Map;
use crate::spans::{Load, Spans, moment};
use model::{Issues, Place};
use std::collections::BTreeSet;
use std::sync::Arc;
use text::Raw;

/// Sessions whose state is kept: more than a server admits.
const SESSIONS_MAX: usize = 8_192;
/// Contexts that are told apart.
const CONTEXTS_MAX: usize = 8_192;
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

/// A statement that a session ran.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ran {
    pub(crate) query: u32,
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
    pub(crate) writes: bool,
}

/// A primary record that waits for its DETAIL, CONTEXT and STATEMENT.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) severity: Severity,
    pub(crate) at_us: i64,
    pub(crate) line: u64,
    pub(crate) pid: u32,
    pub(crate) ctx: u32,
    pub(crate) sqlstate: [u8; 5],
    pub(crate) message: Vec<u8>,
    pub(crate) detail: Vec<u8>,
    pub(crate) context: Vec<u8>,
    pub(crate) query: Option<u32>,
    /// Why the process began the checkpoint before this record.
    checkpoint: &'static str,
}

/// What is known of a session.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) ctx: u32,
    /// The context in which its connection arrived: only the host is known then.
    arrived: u32,
    seen: u64,
    pending: Option<Box<Pending>>,
    /// A statement that was logged without its duration: query, phase, line.
    untimed: Option<(u32, Phase, u64)>,
    ddl: Option<usize>,
    /// Statements that were prepared by name: name, query.
    prepared: Vec<(Box<[u8]>, u32)>,
    /// An EXECUTE with its duration, whose DETAIL may say what it executed: record, line, context,
    /// query.
    executing: Option<(Rec, u64, u32, u32)>,
    /// A plan that was logged and may be counted by the record that follows.
    plan: Option<(u32, Rec, u64, u32)>,
    pub(crate) recent: [Option<Ran>; RECENT],
    /// The lock that it waits for.
    pub(crate) waits: Option<usize>,
    /// Whether others were seen to wait for it.
    pub(crate) blocks: bool,
}

/// All state of a source.
pub(crate) struct Fold {
    pub(crate) queries: Queries,
    pub(crate) sessions: Map<u32, Session>,
    pub(crate) contexts: Vec<Arc<Context>>,
    context_ids: Map<Arc<Context>, u32>,
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
    pub(crate) notes: super::clock::ZoneNotes,
    pub(crate) first_us: Option<i64>,
    pub(crate) last_us: Option<i64>,
    pub(crate) backwards: u64,
    pub(crate) limits: Limits,
    /// Whether the server was told, while it wrote this log, to log a sample of statements.
    pub(crate) sampled: bool,
    /// What is to be said of times that have no year.
    pub(crate) years: Option<String>,
    /// Which process began a checkpoint last, and why.
    checkpoint: (u32, &'static str),
    /// When the server that does not yet accept connections was started.
    starting_us: Option<i64>,
    seen: u64,
}

/// Budgets that were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) contexts: bool,
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
            contexts: vec![Arc::default()],
            context_ids: Map::default(),
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
            notes: super::clock::ZoneNotes::default(),
            first_us: None,
            last_us: None,
            backwards: 0,
            limits: Limits::default(),
            sampled: false,
            years: None,
            checkpoint: (0, ""),
            starting_us: None,
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
        self.notes.merge(chunk.notes);
        self.settle();
    }

    /// Brings state within its budgets, between chunks.
    fn settle(&mut self) {
        let sessions = &self.sessions;
        #[expect(clippy::iter_over_hash_type, reason = "into a set, whatever the order")]
        let held = || {
            let mut held = BTreeSet::new();
            for session in sessions.values() {
                held.extend(session.untimed.map(|(query, _, _)| query));
                held.extend(session.plan.map(|(query, _, _, _)| query));
                held.extend(session.executing.map(|(_, _, _, query)| query));
            }
            held
        };
        if let Some(renumbered) = self.queries.settle(held) {
            for pid in keys_sorted(&self.sessions) {
                if let Some(session) = self.sessions.get_mut(&pid) {
                    session.renumber(&renumbered);
                }
            }
        }
        if self.sessions.len() > SESSIONS_MAX {
            let mut by_age: Vec<(u64, u32)> = keys_sorted(&self.sessions)
                .into_iter()
                .filter_map(|pid| self.sessions.get(&pid).map(|session| (session.seen, pid)))
                .collect();
            by_age.sort_unstable();
            by_age.truncate(by_age.len() - SESSIONS_MAX / 2);
            for (_, pid) in by_age {
                self.close(pid);
                let forgotten = self.sessions.remove(&pid);
                self.limits.sessions |=
                    forgotten.is_some_and(|session| session.waits.is_some() || session.blocks);
            }
        }
    }

    /// The number of a context.
    fn context(&mut self, context: Context) -> u32 {
        if context == Context::default() {
            return NO_CONTEXT;
        }
        if let Some(number) = self.context_ids.get(&context) {
            return *number;
        }
        if self.contexts.len() >= CONTEXTS_MAX {
            self.limits.contexts = true;
            return NO_CONTEXT;
        }
        let number = u32::try_from(self.contexts.len()).unwrap_or(NO_CONTEXT);
        let context = Arc::new(context);
        self.contexts.push(Arc::clone(&context));
        self.context_ids.insert(context, number);
        number
    }

    /// Takes a record.
    fn record(&mut self, rec: &Rec, line: u64, ctx: u32, query: u32, text: &[u8]) {
        self.seen += 1;
        if rec.at_us != NO_TIME {
            self.first_us = Some(self.first_us.map_or(rec.at_us, |first| first.min(rec.at_us)));
            if self.last_us.is_some_and(|last| last - rec.at_us > BACKWARDS_US) {
                self.backwards += 1;
                if self.backwards == 1 {
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
            What::Plan => self.plan(rec, line, ctx, query),
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
            self.sessions.get(&pid).and_then(|session| self.contexts.get(session.arrived as usize));
        match (self.contexts.get(ctx as usize), arrived) {
            (Some(who), Some(arrived)) if who.host.is_empty() && !arrived.host.is_empty() => {
                let full = Context { host: arrived.host.clone(), ..Context::clone(who) };
                self.context(full)
            }
            _ => ctx,
        }
    }

    /// Takes a duration.
    fn timed(&mut self, rec: &Rec, phase: Phase, line: u64, ctx: u32, query: u32, name: &[u8]) {
        let Some(session) = self.sessions.get_mut(&rec.pid) else { return };
        let sum = match phase {
            Phase::Statement => &mut self.phases.statement,
            Phase::Execute => &mut self.phases.execute,
            Phase::Parse => &mut self.phases.parse,
            Phase::Bind => &mut self.phases.bind,
            Phase::Fastpath => &mut self.phases.fastpath,
            Phase::Bare => match session.untimed.take() {
                Some((query, phase, started_line)) => {
                    self.untimed = self.untimed.saturating_sub(u64::from(session.ddl.is_none()));
                    if let Some(ddl) = session.ddl.take().and_then(|at| self.ddl.get_mut(at)) {
                        ddl.duration_us = Some(rec.us);
                        if rec.at_us != NO_TIME {
                            ddl.started_at =
                                Some(moment(rec.at_us.saturating_sub_unsigned(rec.us)));
                            ddl.ended_at = Some(moment(rec.at_us));
                        }
                    }
                    let sum = if phase == Phase::Execute {
                        &mut self.phases.execute
                    } else {
                        &mut self.phases.statement
                    };
                    sum.calls += 1;
                    sum.total_us += rec.us;
                    session.plan = None;
                    self.execution(rec, started_line, ctx, query);
                    return;
                }
                None => &mut self.phases.unpaired,
            },
        };
        sum.calls += 1;
        sum.total_us += rec.us;
        if !matches!(phase, Phase::Statement | Phase::Execute) {
            return;
        }
        session.untimed = None;
        if let Some((_, plan, _, _)) = &session.plan {
            // The plan's time is within that of its statement, to a rounding.
            let same = plan.us <= rec.us + 1_000
                && rec.at_us.saturating_sub(plan.at_us).abs() <= 2_000_000;
            if same {
                session.plan = None;
            } else {
                self.count_plan(rec.pid);
            }
        }
        let is_ddl = self.is_ddl(query);
        if is_ddl {
            self.ddl(rec, line, ctx, query, Some(rec.us));
        }
        if phase == Phase::Statement && !name.is_empty() {
            let query = self.prepared(rec.pid, name).unwrap_or(query);
            if let Some(session) = self.sessions.get_mut(&rec.pid) {
                session.executing = Some((*rec, line, ctx, query));
            }
            return;
        }
        self.execution(rec, line, ctx, query);
    }

    fn is_ddl(&self, query: u32) -> bool {
        self.queries.shape(query).is_some_and(|shape| shape.kind == StatementKind::Ddl)
    }

    /// Counts an execution.
    fn execution(&mut self, rec: &Rec, line: u64, ctx: u32, query: u32) {
        let at_us = (rec.at_us != NO_TIME).then_some(rec.at_us);
        let execution =
            Execution { at_us, us: rec.us, ctx, line, weight: 1, work: Work::default() };
        self.queries.add(query, &execution);
        let Some(at_us) = at_us else { return };
        self.load.add(at_us, rec.us);
        let writes = self.queries.shape(query).is_some_and(|shape| shape.writes);
        let ran =
            Ran { query, start_us: at_us.saturating_sub_unsigned(rec.us), end_us: at_us, writes };
        let Some(session) = self.sessions.get_mut(&rec.pid) else { return };
        session.recent.rotate_right(1);
        if let Some(first) = session.recent.first_mut() {
            *first = Some(ran);
        }
        session.waits = None;
        if session.blocks {
            let who = self.contexts.get(ctx as usize);
            session.blocks = self.locks.ran(rec.pid, &ran, who, &self.queries);
        }
    }

    /// Takes a statement that was logged without its duration.
    fn untimed(&mut self, rec: &Rec, phase: Phase, line: u64, ctx: u32, query: u32) {
        self.count_plan(rec.pid);
        let is_ddl = self.is_ddl(query);
        let entry = is_ddl.then(|| self.ddl(rec, line, ctx, query, None)).flatten();
        self.untimed += u64::from(!is_ddl);
        if let Some(session) = self.sessions.get_mut(&rec.pid) {
            session.untimed = Some((query, phase, line));
            session.ddl = entry;
        }
    }

    /// Takes a plan of auto_explain: counted later, unless its statement is logged too.
    fn plan(&mut self, rec: &Rec, line: u64, ctx: u32, query: u32) {
        self.phases.plan.calls += 1;
        self.phases.plan.total_us += rec.us;
        let Some(session) = self.sessions.get_mut(&rec.pid) else { return };
        if let Some((_, before, _, _)) = &session.plan {
            // A plan whose time lies within this one is of a statement inside a function.
            let inside = before.at_us.saturating_sub_unsigned(before.us)
                >= rec.at_us.saturating_sub_unsigned(rec.us)
                && before.at_us <= rec.at_us;
            if !inside {
                self.count_plan(rec.pid);
            }
        }
        if query != NO_SHAPE
            && let Some(session) = self.sessions.get_mut(&rec.pid)
        {
            session.plan = Some((query, *rec, line, ctx));
        }
    }

    /// Counts the plan that waits, since no duration of its statement followed.
    fn count_plan(&mut self, pid: u32) {
        if let Some((query, rec, line, ctx)) =
            self.sessions.get_mut(&pid).and_then(|session| session.plan.take())
        {
            self.execution(&rec, line, ctx, query);
        }
    }

    /// Lists a schema change; its place in the list.
    fn ddl(
        &mut self,
        rec: &Rec,
        line: u64,
        ctx: u32,
        query: u32,
        duration_us: Option<u64>,
    ) -> Option<usize> {
        if self.ddl.len() >= DDL_MAX {
            self.limits.ddl = true;
            return None;
        }
        let shape = self.queries.shape(query)?;
        let who = self.contexts.get(ctx as usize)?;
        let at_us = (rec.at_us != NO_TIME).then_some(rec.at_us);
        self.ddl.push(Ddl {
            at: moment(rec.at_us.max(0)),
            started_at: at_us
                .map(|at_us| moment(at_us.saturating_sub_unsigned(duration_us.unwrap_or(0)))),
            ended_at: at_us.filter(|_| duration_us.is_some()).map(moment),
            user: Raw::from_bytes(&who.user),
            database: Raw::from_bytes(&who.database),
            application: Raw::from_bytes(&who.application),
            client: Raw::from_bytes(&who.host),
            fingerprint_id: shape.id.to_string(),
            statement: shape.text.to_string(),
            action: action_of(&shape.text),
            object: Raw::new(shape.names().object.unwrap_or_default()),
            duration_us,
            failed: false,
            place: Place::line(&self.label, line),
        });
        Some(self.ddl.len() - 1)
    }

    /// Takes any other record.
    fn message(&mut self, rec: &Rec, severity: Severity, line: u64, ctx: u32, text: &[u8]) {
        if severity == Severity::Log {
            if text.starts_with(b"checkpoint starting:")
                || text.starts_with(b"restartpoint starting:")
            {
                self.checkpoint = (rec.pid, message::checkpoint_cause(text));
                return;
            }
            if text.starts_with(b"starting PostgreSQL") {
                self.starting_us = Some(rec.at_us);
            } else if text.starts_with(b"database system is ready to accept")
                && let Some(started_us) = self.starting_us.take()
            {
                // The end of a start that was counted when it began.
                let us = u64::try_from(rec.at_us.saturating_sub(started_us)).unwrap_or(0);
                if rec.at_us != NO_TIME && started_us != NO_TIME {
                    self.events.took(EventClass::Restart, "start", us);
                }
                return;
            }
            if text.starts_with(b"parameter \"log_statement_sample_rate\" changed")
                || text.starts_with(b"parameter \"log_transaction_sample_rate\" changed")
                || text.starts_with(b"parameter \"log_min_duration_sample\" changed")
            {
                self.sampled = true;
            }
            if text.starts_with(b"parse ") || text.starts_with(b"bind ") {
                return;
            }
        } else if severity <= Severity::Error
            && let Some(session) = self.sessions.get_mut(&rec.pid)
        {
            // The statement that was logged before has failed: no duration is missing.
            if session.untimed.take().is_some() && session.ddl.is_none() {
                self.untimed = self.untimed.saturating_sub(1);
            }
            if let Some(ddl) = session.ddl.take().and_then(|at| self.ddl.get_mut(at)) {
                ddl.failed = true;
                ddl.ended_at = (rec.at_us != NO_TIME).then(|| moment(rec.at_us));
            }
        }
        let mut pending = Pending {
            severity,
            at_us: rec.at_us,
            line,
            pid: rec.pid,
            ctx,
            sqlstate: rec.sqlstate,
            message: text.to_vec(),
            detail: Vec::new(),
            context: Vec::new(),
            query: None,
            checkpoint: self.checkpoint.1,
        };
        // Another process, after a restart, says nothing of this one's.
        if self.checkpoint.0 != rec.pid {
            pending.checkpoint = "";
        }
        if let Some(session) = self.sessions.get_mut(&rec.pid) {
            session.pending = Some(Box::new(pending));
        }
    }

    /// Makes of a session's pending record what it means.
    pub(crate) fn flush(&mut self, pid: u32) {
        if let Some((rec, line, ctx, query)) =
            self.sessions.get_mut(&pid).and_then(|session| session.executing.take())
        {
            self.execution(&rec, line, ctx, query);
        }
        let Some(pending) = self.sessions.get_mut(&pid).and_then(|session| session.pending.take())
        else {
            return;
        };
        if Locks::take(self, &pending) {
            return;
        }
        let text = &pending.message;
        let complete = text.starts_with(b"checkpoint complete:")
            || text.starts_with(b"restartpoint complete:");
        let found = if complete {
            Some(message::Meaning {
                class: EventClass::Checkpoint,
                cause: pending.checkpoint.to_owned(),
                subject: &[],
                amount: message::micros(
                    message::decimal_behind(text, "total=").unwrap_or(0.0),
                    1e6,
                ),
                unit: "us",
                sqlstate: "",
                of_user: false,
            })
        } else {
            message::meaning(pending.severity, text, &pending.sqlstate)
        };
        let Some(mut found) = found else { return };
        let who = self.contexts.get(pending.ctx as usize).cloned().unwrap_or_default();
        if found.of_user && found.subject.is_empty() {
            found.subject = &who.user;
        }
        if found.class == EventClass::Deadlock {
            self.deadlock(&pending);
            found.subject = message::quoted_behind(&pending.context, "relation \"");
        }
        if found.class == EventClass::Cancelled {
            Locks::cancelled(self, pending.pid, pending.at_us);
        }
        let shape = pending.query.and_then(|query| self.queries.shape(query)).cloned();
        if pending.severity == Severity::Panic && found.class != EventClass::Panic {
            let panic = message::Meaning {
                class: EventClass::Panic,
                cause: found.class.as_str().to_owned(),
                ..found.clone()
            };
            self.events.add(&panic, &pending, shape.as_deref(), &self.label);
        }
        self.events.add(&found, &pending, shape.as_deref(), &self.label);
    }

    /// Ends a session's state.
    fn close(&mut self, pid: u32) {
        self.flush(pid);
        self.count_plan(pid);
    }

    /// Ends the source: whatever still waits is taken as it is.
    pub(crate) fn end(&mut self) {
        for pid in keys_sorted(&self.sessions) {
            self.close(pid);
        }
    }
}

impl Session {
    /// Follows numbers of queries, which have changed.
    fn renumber(&mut self, renumbered: &Renumbered) {
        let numbers = [
            self.untimed.as_mut().map(|(query, _, _)| query),
            self.plan.as_mut().map(|(query, _, _, _)| query),
            self.pending.as_mut().and_then(|pending| pending.query.as_mut()),
            self.executing.as_mut().map(|(_, _, _, query)| query),
        ];
        let ran = self.recent.iter_mut().flatten().map(|ran| &mut ran.query);
        let prepared = self.prepared.iter_mut().map(|(_, query)| query);
        for number in numbers.into_iter().flatten().chain(ran).chain(prepared) {
            *number = renumbered.of(*number);
        }
    }
}

/// The keys of a map in order, so that no order of hashes is seen.
fn keys_sorted<V>(map: &Map<u32, V>) -> Vec<u32> {
    let mut keys: Vec<u32> = map.keys().copied().collect();
    keys.sort_unstable();
    keys
}

/// The verb of a schema change and the kind of its object.
fn action_of(text: &str) -> String {
    let mut words = text.split([' ', '(']).filter(|word| {
        !matches!(
            *word,
            "or" | "replace" | "unique" | "temporary" | "temp" | "unlogged" | "global" | "local"
        )
    });
    let verb = words.next().unwrap_or_default();
    let kind = words.next().unwrap_or_default();
    let mut action = if matches!(verb, "truncate") && kind != "table" {
        "truncate table".to_owned()
    } else {
        format!("{verb} {kind}")
    };
    if words.next() == Some("concurrently") {
        action.push_str(" concurrently");
    }
    action
}
