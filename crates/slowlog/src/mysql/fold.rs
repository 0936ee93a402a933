//! From compact records, in file order, to what a slow log says.

use super::chunk::{At, Chunk, Context, Rec};
use crate::fingerprint::{Engine, FingerprintId, StatementKind};
use crate::queries::{Execution, Queries};
use crate::records::{
    DatabaseEvent, Ddl, EventClass, EventMinute, LoadMinute, Phases, Query, SlowLog, SlowSource,
    Timed, Top,
};
use crate::shapes::Map;
use crate::spans::{Load, Spans, moment};
use chrono::TimeZone;
use chrono_tz::Tz;
use model::{Coverage, Issues, Parsed, Place, Window};
use std::collections::BTreeMap;
use text::Raw;

/// Contexts that are told apart; the first is of what does not fit.
const CONTEXTS_MAX: usize = 8_192;
/// Fingerprints whose rows and locks are added up; a server has some hundreds.
const EXTRAS_MAX: usize = 20_000;
/// Schema changes that are listed; a migration has hundreds.
const DDL_MAX: usize = 2_000;
/// Events by class and fingerprint that are kept.
const EVENTS_MAX: usize = 2_000;
/// Cells of event minutes.
const EVENT_CELLS_MAX: usize = 20_000;
/// A step back in time of more than this is noted.
const BACKWARDS_US: i64 = 60_000_000;
/// Fewest entries from which the server's threshold is inferred.
const THRESHOLD_CALLS_MIN: u64 = 20;

/// What slow logs say beyond durations.
#[derive(Clone, Copy, Debug, Default)]
struct Extra {
    rows: Option<u64>,
    rows_examined: Option<u64>,
    lock_us: Option<u64>,
    full_scans: Option<u64>,
    tmp_disk_tables: Option<u64>,
}

fn add(sum: &mut Option<u64>, value: Option<u64>, weight: u64) {
    if let Some(value) = value {
        *sum = Some(sum.unwrap_or(0).saturating_add(value.saturating_mul(weight)));
    }
}

/// All state of a source.
pub(crate) struct Fold {
    label: String,
    format: &'static str,
    /// The zone of times that have none.
    tz: Option<Tz>,
    queries: Queries,
    extras: Map<FingerprintId, Extra>,
    contexts: Vec<Context>,
    context_ids: Map<Context, u32>,
    database: Box<[u8]>,
    last: At,
    load: Load,
    ddl: Vec<Ddl>,
    events: BTreeMap<(EventClass, &'static str, u32), DatabaseEvent>,
    event_minutes: Spans<(EventClass, &'static str)>,
    issues: Issues,
    statement: Timed,
    min_us: u64,
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
    full: [bool; 3],
}

impl Fold {
    pub(crate) fn new(label: &str, format: &'static str, tz: Option<Tz>) -> Self {
        Self {
            label: label.to_owned(),
            format,
            tz,
            queries: Queries::new(),
            extras: Map::default(),
            contexts: vec![Context::default()],
            context_ids: Map::default(),
            database: Box::default(),
            last: At::Inherited,
            load: Load::default(),
            ddl: Vec::new(),
            events: BTreeMap::new(),
            event_minutes: Spans::new(EVENT_CELLS_MAX),
            issues: Issues::default(),
            statement: Timed::default(),
            min_us: u64::MAX,
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
            full: [false; 3],
        }
    }

    /// Notes something that cost records.
    pub(crate) fn issue(&mut self, reason: &str, line: u64, skipped: u64) {
        self.skipped += skipped;
        self.issues.add(reason, format!("line:{line}"), skipped);
    }

    /// Takes the next chunk of the source.
    pub(crate) fn take(&mut self, chunk: Chunk) {
        let base = self.lines + 1;
        let before = self.database.clone();
        let contexts: Vec<u32> = chunk
            .contexts
            .into_iter()
            .map(|mut context| {
                context.database.get_or_insert_with(|| before.clone());
                self.context(context)
            })
            .collect();
        let queries: Vec<u32> =
            chunk.shapes.iter().map(|shape| self.queries.number(shape)).collect();
        for rec in &chunk.recs {
            let ctx = contexts.get(rec.ctx as usize).copied().unwrap_or(0);
            let query = queries.get(rec.shape as usize).copied().unwrap_or(u32::MAX);
            self.record(rec, base + u64::from(rec.line), ctx, query);
        }
        let mut samples: Vec<(u32, (u64, Vec<u8>))> = chunk.samples.into_iter().collect();
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
        if let Some(database) = chunk.database {
            self.database = database;
        }
        self.bytes += chunk.bytes;
        self.lines += u64::from(chunk.rest.lines);
        self.unknown_lines += u64::from(chunk.rest.unknown_lines);
        self.queries.settle();
    }

    fn context(&mut self, context: Context) -> u32 {
        if let Some(number) = self.context_ids.get(&context) {
            return *number;
        }
        if self.contexts.len() >= CONTEXTS_MAX {
            self.full[0] = true;
            return 0;
        }
        let number = u32::try_from(self.contexts.len()).unwrap_or(0);
        self.contexts.push(context.clone());
        self.context_ids.insert(context, number);
        number
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
        self.min_us = self.min_us.min(rec.us);
        self.sampled |= rec.weight > 1;
        self.queries.add(query, &Execution { at_us, us: rec.us, ctx, line, weight: rec.weight });
        if let Some(id) = self.queries.fingerprint(query).map(|fingerprint| fingerprint.id) {
            let room = self.extras.len() < EXTRAS_MAX;
            if room || self.extras.contains_key(&id) {
                let extra = self.extras.entry(id).or_default();
                add(&mut extra.rows, rec.rows_sent, rec.weight);
                add(&mut extra.rows_examined, rec.rows_examined, rec.weight);
                add(&mut extra.lock_us, rec.lock_us, rec.weight);
                add(&mut extra.full_scans, rec.full_scan.map(u64::from), rec.weight);
                add(&mut extra.tmp_disk_tables, rec.tmp_disk_tables, rec.weight);
            }
        }
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
        for _ in 0..rec.weight {
            self.load.add(at_us, rec.us);
        }
        if rec.error != 0 {
            self.error(rec, at_us, line, query);
        }
        let is_ddl = self
            .queries
            .fingerprint(query)
            .is_some_and(|fingerprint| fingerprint.kind == StatementKind::Ddl);
        if is_ddl {
            self.ddl(rec, at_us, line, ctx, query);
        }
    }

    fn error(&mut self, rec: &Rec, at_us: i64, line: u64, query: u32) {
        let Some((class, cause)) = class_of(rec.error) else { return };
        self.event_minutes.add(at_us, (class, cause));
        let fingerprint = self.queries.fingerprint(query).cloned();
        let at = moment(at_us);
        let key = (class, cause, query);
        if let Some(event) = self.events.get_mut(&key) {
            event.calls += rec.weight;
            event.first_at = event.first_at.min(at);
            event.last_at = event.last_at.max(at);
            event.amount = event.amount.saturating_add(rec.us);
            event.amount_max = event.amount_max.max(rec.us);
            return;
        }
        if self.events.len() >= EVENTS_MAX {
            self.full[1] = true;
            return;
        }
        let text = fingerprint.as_ref().map(|f| f.text.clone()).unwrap_or_default();
        self.events.insert(
            key,
            DatabaseEvent {
                class,
                cause: cause.to_owned(),
                subject: Raw::default(),
                fingerprint_id: fingerprint.as_ref().map(|f| f.id.to_string()),
                fingerprint: text,
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
            self.full[2] = true;
            return;
        }
        let Some(fingerprint) = self.queries.fingerprint(query) else { return };
        let who = self.contexts.get(ctx as usize).cloned().unwrap_or_default();
        self.ddl.push(Ddl {
            at: moment(at_us),
            user: Raw::from_bytes(&who.user),
            database: Raw::from_bytes(who.database.as_deref().unwrap_or_default()),
            application: Raw::default(),
            client: Raw::from_bytes(&who.host),
            fingerprint_id: fingerprint.id.to_string(),
            statement: fingerprint.text.clone(),
            action: fingerprint.action(),
            object: Raw::new(fingerprint.object.clone().unwrap_or_default()),
            duration_us: Some(rec.us),
            failed: rec.error != 0,
            place: Place::line(&self.label, line),
        });
    }

    /// Everything that the source said.
    pub(crate) fn finish(mut self) -> Parsed<SlowLog> {
        let limits = self.limits();
        let window = self.first_us.zip(self.last_us).map(|(first, last)| Window {
            start: moment(first),
            end: moment(last.saturating_add(1)),
        });
        let contexts = std::mem::take(&mut self.contexts);
        let label = self.label.clone();
        let (mut queries, minutes) = std::mem::replace(&mut self.queries, Queries::new())
            .finish(&label, |list| top(&contexts, list));
        self.add_extras(&mut queries);
        let load =
            std::mem::take(&mut self.load).finish().into_iter().map(LoadMinute::of).collect();
        let span_min = self.event_minutes.span_min();
        let event_minutes = self
            .event_minutes
            .iter()
            .map(|(minute, (class, cause), calls)| EventMinute {
                class,
                cause: cause.to_owned(),
                minute,
                span_min,
                calls,
            })
            .collect();
        let records = queries.iter().map(|query| query.calls).sum::<u64>();
        let source = SlowSource {
            label: self.label.clone(),
            format: self.format,
            prefix: String::new(),
            bytes: self.bytes,
            lines: self.lines,
            records,
            unknown_lines: self.unknown_lines,
            window,
            phases: Phases { statement: self.statement, ..Phases::default() },
            threshold_us: self.threshold(),
            limits: limits.clone(),
            severities: Vec::new(),
        };
        Parsed {
            records: SlowLog {
                engine: Engine::MySql,
                sources: vec![source],
                queries,
                minutes,
                locks: Vec::new(),
                events: self.events.into_values().collect(),
                event_minutes,
                ddl: self.ddl,
                connections: Vec::new(),
                load,
            },
            issues: self.issues,
            coverage: Coverage { window, records, skipped: self.skipped, limits },
        }
    }

    fn add_extras(&self, queries: &mut [Query]) {
        let mut by_id: BTreeMap<String, Extra> = BTreeMap::new();
        let mut ids: Vec<_> = self.extras.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            if let Some(extra) = self.extras.get(&id) {
                by_id.insert(id.to_string(), *extra);
            }
        }
        for query in queries {
            if let Some(extra) = by_id.get(&query.fingerprint_id) {
                query.rows = extra.rows;
                query.rows_examined = extra.rows_examined;
                query.lock_us = extra.lock_us;
                query.full_scans = extra.full_scans;
                query.tmp_disk_tables = extra.tmp_disk_tables;
            }
        }
    }

    /// `long_query_time`, as far as the entries tell: nothing is shorter than it.
    fn threshold(&self) -> Option<u64> {
        if self.statement.calls < THRESHOLD_CALLS_MIN {
            return None;
        }
        // Down to a whole tenth of a second: people set round numbers.
        Some(self.min_us / 100_000 * 100_000)
    }

    fn limits(&mut self) -> Vec<String> {
        let mut limits = Vec::new();
        if self.threshold().is_none_or(|us| us > 0) {
            limits.push("slow statements only".to_owned());
        }
        if self.sampled {
            limits.push("sampled".to_owned());
        }
        if self.local {
            limits.push("local time without zone".to_owned());
        }
        if self.untimed > 0 {
            limits.push("some statements without time".to_owned());
        }
        for (full, limit) in self.full.iter().zip(["contexts", "events", "schema changes"]) {
            if *full {
                limits.push(format!("more {limit} than are kept"));
            }
        }
        if self.queries.overflowed {
            limits.push("more fingerprints than are kept".to_owned());
        }
        limits
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

/// The frequent values beside a query: users, databases, applications, clients.
fn top(contexts: &[Context], list: &[(u32, u64, u64)]) -> [Vec<Top>; 4] {
    let of = |field: &dyn Fn(&Context) -> Vec<u8>| {
        let mut sums: BTreeMap<Vec<u8>, (u64, u64)> = BTreeMap::new();
        for (ctx, calls, us) in list {
            if let Some(context) = contexts.get(*ctx as usize) {
                let sum = sums.entry(field(context)).or_default();
                sum.0 += calls;
                sum.1 = sum.1.saturating_add(*us);
            }
        }
        Top::list(sums)
    };
    [
        of(&|context| context.user.to_vec()),
        of(&|context| context.database.as_deref().unwrap_or_default().to_vec()),
        Vec::new(),
        of(&|context| context.host.to_vec()),
    ]
}
