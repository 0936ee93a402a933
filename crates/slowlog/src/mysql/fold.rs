//! From compact records, in file order, to what a slow log says.

mod finish;

use super::chunk::{At, Chunk, Context, Rec};
use crate::asked::{Filter, Party};
use crate::contexts::Contexts;
use crate::fingerprint::{FingerprintId, StatementKind};
use crate::queries::{Execution, Queries};
use crate::records::{DatabaseEvent, Ddl, EventClass, Timed};
use crate::spans::{Load, Spans, moment};
use chrono::TimeZone;
use chrono_tz::Tz;
use model::{Issues, Place};
use std::collections::{BTreeMap, BTreeSet};
use text::Raw;

/// Schema changes that are listed; a migration has hundreds.
const DDL_MAX: usize = 2_000;
/// Events by class and fingerprint that are kept.
const EVENTS_MAX: usize = 2_000;
/// Cells of event minutes.
const EVENT_CELLS_MAX: usize = 20_000;
/// A step back in time of more than this is noted.
const BACKWARDS_US: i64 = 60_000_000;

/// All state of a source.
pub(crate) struct Fold {
    label: String,
    format: &'static str,
    /// The zone of times that have none.
    tz: Option<Tz>,
    queries: Queries,
    contexts: Contexts<Context>,
    database: Box<[u8]>,
    last: At,
    load: Load,
    ddl: Vec<Ddl>,
    events: BTreeMap<(EventClass, &'static str, Option<FingerprintId>), DatabaseEvent>,
    event_minutes: Spans<(EventClass, &'static str)>,
    issues: Issues,
    statement: Timed,
    /// Entries, each once, whatever it stands for.
    records: u64,
    identity: crate::identity::Events,
    first_us: Option<i64>,
    last_us: Option<i64>,
    bytes: u64,
    lines: u64,
    unknown_lines: u64,
    untimed: u64,
    skipped: u64,
    local: bool,
    sampled: bool,
    backwards: bool,
    full: [bool; 2],
}

impl Fold {
    pub(crate) fn new(label: &str, format: &'static str, tz: Option<Tz>) -> Self {
        Self {
            label: label.to_owned(),
            format,
            tz,
            queries: Queries::new(),
            contexts: Contexts::default(),
            database: Box::default(),
            last: At::Inherited,
            load: Load::default(),
            ddl: Vec::new(),
            events: BTreeMap::new(),
            event_minutes: Spans::new(EVENT_CELLS_MAX),
            issues: Issues::default(),
            statement: Timed::default(),
            records: 0,
            identity: crate::identity::Events::default(),
            first_us: None,
            last_us: None,
            bytes: 0,
            lines: 0,
            unknown_lines: 0,
            untimed: 0,
            skipped: 0,
            local: false,
            sampled: false,
            backwards: false,
            full: [false; 2],
        }
    }

    /// Counts only what passes a filter, under its fingerprint or under who ran it.
    pub(crate) fn ask(&mut self, filter: &Filter, by: Option<Party>) {
        self.queries.ask(filter, by);
    }

    /// Notes something that cost records.
    pub(crate) fn issue(&mut self, reason: &str, line: u64, skipped: u64) {
        self.skipped += skipped;
        self.issues.add(reason, format!("line:{line}"), skipped);
    }

    /// Takes the next chunk of the source.
    pub(crate) fn take(&mut self, chunk: &mut Chunk) {
        let base = self.lines + 1;
        let before = self.database.clone();
        let contexts: Vec<u32> = chunk
            .contexts
            .drain(..)
            .map(|mut context| {
                context.database.get_or_insert_with(|| before.clone());
                self.contexts.number(context, &mut self.queries)
            })
            .collect();
        let queries: Vec<u32> =
            chunk.shapes.iter().map(|shape| self.queries.number(shape)).collect();
        for rec in &chunk.recs {
            let ctx = contexts.get(rec.ctx as usize).copied().unwrap_or(0);
            let query = queries.get(rec.shape as usize).copied().unwrap_or(u32::MAX);
            self.record(rec, base + u64::from(rec.line), ctx, query);
        }
        let mut samples: Vec<(u32, (u64, Vec<u8>))> = chunk.samples.drain().collect();
        samples.sort_unstable_by_key(|(shape, _)| *shape);
        for (shape, (us, text)) in samples {
            if let Some(query) = queries.get(shape as usize) {
                self.queries.sample(*query, us, text);
            }
        }
        for _ in 0..chunk.rest.broken {
            let line = base + u64::from(chunk.rest.first_broken);
            self.issue("entry without a duration or a statement", line, 1);
        }
        if let Some(database) = chunk.database.take() {
            self.database = database;
        }
        self.bytes += chunk.bytes;
        self.lines += u64::from(chunk.rest.lines);
        self.unknown_lines += u64::from(chunk.rest.unknown_lines);
        // Every entry has its duration: nothing waits for one.
        self.queries.settle(BTreeSet::new);
    }

    fn record(&mut self, rec: &Rec, line: u64, ctx: u32, query: u32) {
        let at = if rec.at == At::Inherited { self.last } else { rec.at };
        self.last = at;
        let at_us = match at {
            At::Known(us) => Some(us),
            At::Local(us) => {
                self.local |= self.tz.is_none();
                Some(self.tz.and_then(|tz| to_utc(us, tz)).unwrap_or(us))
            }
            At::Inherited => None,
        };
        self.statement.calls += rec.weight;
        self.statement.total_us =
            self.statement.total_us.saturating_add(rec.us.saturating_mul(rec.weight));
        self.sampled |= rec.weight > 1;
        let Rec { us, weight, work, .. } = *rec;
        self.records += 1;
        let id = self.queries.shape(query).map_or(0, |shape| shape.id.number());
        self.identity.add(at_us.unwrap_or_default(), 0, us, id);
        let is_asked_for =
            self.queries.add(query, &Execution { at_us, us, ctx, line, weight, work });
        let Some(at_us) = at_us else {
            self.untimed += 1;
            return;
        };
        if self.last_us.is_some_and(|last| last - at_us > BACKWARDS_US) {
            // Once: a file that was put together from several goes on like this.
            if !self.backwards {
                self.issues.add("time jumps backwards", format!("line:{line}"), 0);
            }
            self.backwards = true;
        }
        self.first_us = Some(self.first_us.map_or(at_us, |first| first.min(at_us)));
        self.last_us = Some(self.last_us.map_or(at_us, |last| last.max(at_us)));
        for _ in 0..if is_asked_for { rec.weight } else { 0 } {
            self.load.add(at_us, rec.us);
        }
        if rec.error != 0 {
            self.error(rec, at_us, line, query);
        }
        if self.queries.shape(query).is_some_and(|shape| shape.kind == StatementKind::Ddl) {
            self.ddl(rec, at_us, line, ctx, query);
        }
    }

    fn error(&mut self, rec: &Rec, at_us: i64, line: u64, query: u32) {
        let Some((class, cause)) = class_of(rec.error) else { return };
        self.event_minutes.add(at_us, (class, cause));
        let shape = self.queries.shape(query).cloned();
        let at = moment(at_us);
        let key = (class, cause, shape.as_ref().map(|shape| shape.id));
        if let Some(event) = self.events.get_mut(&key) {
            event.calls += rec.weight;
            event.first_at = event.first_at.min(at);
            event.last_at = event.last_at.max(at);
            event.amount = event.amount.saturating_add(rec.us);
            event.amount_max = event.amount_max.max(rec.us);
            return;
        }
        if self.events.len() >= EVENTS_MAX {
            self.full[0] = true;
            return;
        }
        self.events.insert(
            key,
            DatabaseEvent {
                class,
                cause: cause.to_owned(),
                subject: Raw::default(),
                fingerprint_id: shape.as_ref().map(|shape| shape.id.to_string()),
                fingerprint: shape.map(|shape| shape.text.to_string()).unwrap_or_default(),
                // Slow logs have few errors and say of none in which database: not told apart.
                database: Raw::default(),
                foreign: false,
                calls: rec.weight,
                amount: rec.us,
                amount_max: rec.us,
                unit: "us",
                sqlstate: String::new(),
                first_at: at,
                last_at: at,
                sample: Raw::new(format!("error {}", rec.error)),
                place: Place::line(&self.label, line),
            },
        );
    }

    fn ddl(&mut self, rec: &Rec, at_us: i64, line: u64, ctx: u32, query: u32) {
        if self.ddl.len() >= DDL_MAX {
            self.full[1] = true;
            return;
        }
        let Some(shape) = self.queries.shape(query) else { return };
        let who = self.contexts.get(ctx).cloned().unwrap_or_default();
        self.ddl.push(Ddl {
            at: moment(at_us),
            started_at: Some(moment(at_us.saturating_sub_unsigned(rec.us))),
            ended_at: Some(moment(at_us)),
            user: Raw::from_bytes(&who.user),
            database: Raw::from_bytes(who.database.as_deref().unwrap_or_default()),
            application: Raw::default(),
            client: Raw::from_bytes(&who.host),
            fingerprint_id: shape.id.to_string(),
            statement: shape.text.to_string(),
            action: crate::fingerprint::action(&shape.text),
            object: Raw::new(shape.names().object.unwrap_or_default()),
            duration_us: Some(rec.us),
            failed: rec.error != 0,
            foreign: false,
            place: Place::line(&self.label, line),
        });
    }
}

/// A time by the server's clock in UTC. Of an hour that repeats, the first; one that a zone left
/// out has none.
fn to_utc(local_us: i64, tz: Tz) -> Option<i64> {
    let local = moment(local_us).naive_utc();
    Some(tz.from_local_datetime(&local).earliest()?.timestamp_micros())
}

/// What an error of the server means, where slow logs carry its number.
fn class_of(error: u64) -> Option<(EventClass, &'static str)> {
    Some(match error {
        1205 => (EventClass::Cancelled, "lock timeout"),
        1213 | 1614 => (EventClass::Deadlock, ""),
        1317 | 1927 | 1053 => (EventClass::Cancelled, "user request"),
        1969 | 3024 => (EventClass::Cancelled, "statement timeout"),
        1021 | 1114 => (EventClass::DiskFull, "table"),
        1037 | 1038 | 1041 => (EventClass::OutOfMemory, ""),
        1040 | 1203 | 1226 => (EventClass::Refused, "too many clients"),
        1034 | 1035 | 1194 | 1195 => (EventClass::Corruption, "table"),
        _ => return None,
    })
}
