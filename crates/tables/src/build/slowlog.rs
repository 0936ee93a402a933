//! Tables of the database's logs.

use super::{TablesBuilder, schema, table};
use crate::clearing::Clearing;
use crate::coverage::{POOLER_ALONE, SourceCoverage};
use chrono::{DateTime, TimeDelta, Utc};
use model::Place;
use slowlog::{Engine, LockOutcome, LockParty, PoolerMinute, SlowLog, Spot, Top};
use std::collections::{BTreeMap, BTreeSet};
use text::Redactor;

/// The tables that the log of a pooler fills.
const POOLER_TABLES: &[&str] = &["database_events", "event_minutes", "pooler_minutes"];
/// Spans over which the time of one statement is spread at most: a day of minutes.
const FOREIGN_SPANS_MAX: u64 = 1_440;

/// The tables that a database log fills.
pub(crate) const TABLES: &[&str] = &[
    "queries",
    "query_minutes",
    "locks",
    "replay_waits",
    "database_events",
    "event_minutes",
    "ddl",
    "connection_minutes",
    "load_minutes",
];

impl TablesBuilder {
    /// Adds what the logs of one database say.
    pub fn slowlog(&mut self, log: &SlowLog, redactor: &Redactor) {
        let clearing = &Clearing::with(redactor);
        self.database_sources(log, clearing);
        if !log.sources.is_empty() {
            self.queries(log, clearing);
            self.locks(log, clearing);
            self.replay_waits(log, clearing);
            self.database_events(log, clearing);
            self.database_minutes(log, clearing);
        }
    }

    fn database_sources(&mut self, log: &SlowLog, clearing: &Clearing<'_>) {
        for source in &log.sources {
            let place = whole(&source.label);
            let statements = source.phases.statement.calls + source.phases.execute.calls;
            let slow_only = source.limits.iter().any(|limit| limit == "slow statements only");
            self.data(table("database_sources")).push(&place, |row| {
                row.value("label", clearing.name(&source.label));
                row.word("engine", source.engine.as_str());
                row.word("format", source.format);
                row.time("start", source.window.map(|window| window.start));
                row.time("end", source.window.map(|window| window.end));
                row.int("records", Some(source.records));
                row.int("unknown_lines", Some(source.unknown_lines));
                row.float("threshold_ms", source.threshold_us.map(ms));
                row.int("statements", Some(statements));
                let all = source.threshold_us.map(|threshold| threshold == 0 && !slow_only);
                row.bool("all_statements", all);
            });
            let coverage = SourceCoverage {
                label: source.label.clone(),
                node: String::new(),
                window: source.window,
                limits: source.limits.clone(),
                records: source.records,
            };
            let of_pooler = source.limits.iter().any(|limit| limit == POOLER_ALONE);
            let filled = if of_pooler { POOLER_TABLES } else { TABLES };
            for name in filled.iter().chain(&["database_sources"]) {
                let mut coverage = coverage.clone();
                if *name == "pooler_minutes" {
                    coverage.limits.retain(|limit| limit != POOLER_ALONE);
                }
                self.source(name, coverage);
            }
        }
    }

    fn queries(&mut self, log: &SlowLog, clearing: &Clearing<'_>) {
        let all_us: u64 = log.queries.iter().map(|query| query.total_us).sum();
        let own = log.queries.iter().filter(|query| !query.foreign);
        let own_us: u64 = own.map(|query| query.total_us).sum();
        let queries = self.data(table("queries"));
        for query in &log.queries {
            let place = located(&query.max_place, &query.first_place).place();
            let total_us = if query.foreign { all_us } else { own_us };
            queries.push(&place, |row| {
                row.word("fingerprint_id", &query.fingerprint_id);
                row.word("fingerprint", &query.fingerprint);
                row.word("engine", query.engine.map_or("both", Engine::as_str));
                row.word("store_method", query.store_method.unwrap_or(""));
                row.int("calls", Some(query.calls));
                row.float("total_ms", Some(ms(query.total_us)));
                let timed = query.calls > 0;
                row.float("mean_ms", timed.then(|| query.mean_us() / 1e3));
                // The server's own statistics have totals only.
                let spread = timed && query.durations.count() > 0;
                row.float("p50_ms", spread.then(|| ms(query.quantile_us(0.5))));
                row.float("p95_ms", spread.then(|| ms(query.quantile_us(0.95))));
                row.float("p99_ms", spread.then(|| ms(query.quantile_us(0.99))));
                row.float("max_ms", timed.then(|| ms(query.max_us)));
                row.float("min_ms", timed.then(|| ms(query.min_us)));
                row.float(
                    "stddev_ms",
                    timed.then(|| query.stddev_us()).flatten().map(|us| us / 1e3),
                );
                row.float(
                    "share",
                    (total_us > 0).then(|| super::logs::ratio(query.total_us, total_us)),
                );
                row.int("rows", query.rows);
                row.int("rows_examined", query.rows_examined);
                row.float("lock_ms", query.lock_us.map(ms));
                row.int("full_scans", query.full_scans);
                row.int("tmp_disk_tables", query.tmp_disk_tables);
                row.time("started_at", query.started_at);
                row.time("first_at", query.first_at);
                row.time("last_at", query.last_at);
                row.word("tables", &query.tables.join(", "));
                row.word("columns", &query.columns);
                row.word("kind", query.kind.as_str());
                row.value_or_gap("users", joined(&query.users, clearing));
                row.value_or_gap("databases", joined(&query.databases, clearing));
                row.bool("foreign", Some(query.foreign));
                row.value_or_gap("applications", joined(&query.applications, clearing));
                row.value_or_gap("clients", joined(&query.clients, clearing));
                row.value_or_gap("sample", clearing.text(&query.sample_text()));
                row.bool("truncated", Some(query.truncated));
            });
        }
        let nowhere = Place::default();
        let places: BTreeMap<&str, First> = log
            .queries
            .iter()
            .map(|query| {
                (query.fingerprint_id.as_str(), (query.first_at, query.first_place.place()))
            })
            .collect();
        let nowhere = &(None, nowhere);
        let minutes = self.data(table("query_minutes"));
        for minute in &log.minutes {
            let first = places.get(minute.fingerprint_id.as_str()).unwrap_or(nowhere);
            minutes.push(&place_in(log, first, minute.minute, minute.span_min), |row| {
                row.word("fingerprint_id", &minute.fingerprint_id);
                row.time("minute", Some(minute.minute));
                row.int("span_min", Some(minute.span_min));
                row.int("calls", Some(minute.calls));
                row.float("total_ms", Some(ms(minute.total_us)));
                row.float("max_ms", Some(ms(minute.max_us)));
            });
        }
        let ddl = self.data(table("ddl"));
        for statement in &log.ddl {
            ddl.push(&statement.place, |row| {
                row.time("at", Some(statement.at));
                row.time("started_at", statement.started_at);
                row.time("ended_at", statement.ended_at);
                row.value_or_gap("user", clearing.text(&statement.user));
                row.value_or_gap("database", clearing.text(&statement.database));
                row.value_or_gap("application", clearing.text(&statement.application));
                row.value_or_gap("client", clearing.text(&statement.client));
                row.word("fingerprint_id", &statement.fingerprint_id);
                row.word("statement", &statement.statement);
                row.word("action", &statement.action);
                let object = clearing.text(&statement.object);
                if statement.action.starts_with("drop index")
                    && let Some(sql) = schema::build_statement(object.as_str())
                {
                    row.word("build_sql", &sql);
                }
                row.value_or_gap("object", object);
                row.float("duration_ms", statement.duration_us.map(ms));
                row.bool("failed", Some(statement.failed));
                row.bool("foreign", Some(statement.foreign));
            });
        }
    }

    fn locks(&mut self, log: &SlowLog, clearing: &Clearing<'_>) {
        let locks = self.data(table("locks"));
        for lock in log.locks.iter().filter(|lock| !lock.is_replay()) {
            locks.push(&lock.place, |row| {
                row.time("at", Some(lock.at));
                row.time("started_at", Some(lock.started_at));
                row.int("waiter_pid", lock.waiter.pid);
                let blocker = lock.blocker.pid.or(lock.blocker_pids.first().copied());
                row.int("blocker_pid", blocker);
                row.int("root_pid", lock.root_pid);
                row.value_or_gap("relation", clearing.text(&lock.relation));
                row.word("mode", &lock.mode);
                row.word("target", &lock.target);
                row.float("waited_ms", Some(ms(lock.waited_us)));
                row.word("outcome", lock.outcome.as_str());
                let id = |party: &LockParty| party.fingerprint_id.clone().unwrap_or_default();
                row.word("waiter_fingerprint_id", &id(&lock.waiter));
                row.word("blocker_fingerprint_id", &id(&lock.blocker));
                row.word("waiter_fingerprint", &lock.waiter.fingerprint);
                row.word("blocker_fingerprint", &lock.blocker.fingerprint);
                row.value_or_gap("waiter_user", clearing.text(&lock.waiter.user));
                row.value_or_gap("blocker_user", clearing.text(&lock.blocker.user));
                row.value_or_gap("waiter_application", clearing.text(&lock.waiter.application));
                row.value_or_gap("blocker_application", clearing.text(&lock.blocker.application));
                row.value_or_gap("blocker_client", clearing.text(&lock.blocker.client));
                row.time("blocker_since", lock.blocker.since);
                row.value_or_gap("waiter_database", clearing.text(&lock.waiter.database));
                row.value_or_gap("blocker_database", clearing.text(&lock.blocker.database));
                row.bool("foreign", Some(lock.foreign));
            });
        }
    }

    fn replay_waits(&mut self, log: &SlowLog, clearing: &Clearing<'_>) {
        let waits = self.data(table("replay_waits"));
        for wait in log.locks.iter().filter(|lock| lock.is_replay()) {
            waits.push(&wait.place, |row| {
                let holder = &wait.blocker;
                row.time("at", Some(wait.at));
                row.time("started_at", Some(wait.started_at));
                let ended = wait.outcome == LockOutcome::Acquired;
                let waited = TimeDelta::microseconds(i64::try_from(wait.waited_us).unwrap_or(0));
                row.time("ended_at", ended.then_some(wait.started_at + waited));
                row.word("conflict", &wait.mode);
                row.float("waited_ms", Some(ms(wait.waited_us)));
                row.int("holder_pid", holder.pid);
                row.value_or_gap("holder_user", clearing.text(&holder.user));
                row.value_or_gap("holder_application", clearing.text(&holder.application));
                row.value_or_gap("holder_client", clearing.text(&holder.client));
                row.value_or_gap("holder_database", clearing.text(&holder.database));
                row.word("fingerprint_id", holder.fingerprint_id.as_deref().unwrap_or(""));
                row.word("fingerprint", &holder.fingerprint);
                row.time("since", holder.since);
            });
        }
    }

    fn database_events(&mut self, log: &SlowLog, clearing: &Clearing<'_>) {
        let events = self.data(table("database_events"));
        for event in &log.events {
            events.push(&event.place, |row| {
                row.word("class", event.class.as_str());
                row.word("cause", &event.cause);
                row.value_or_gap("subject", clearing.text(&event.subject));
                row.word("fingerprint_id", event.fingerprint_id.as_deref().unwrap_or(""));
                row.word("fingerprint", &event.fingerprint);
                row.value_or_gap("database", clearing.text(&event.database));
                row.bool("foreign", Some(event.foreign));
                row.int("calls", Some(event.calls));
                let measured = !event.unit.is_empty();
                row.int("amount", measured.then_some(event.amount));
                row.int("amount_max", measured.then_some(event.amount_max));
                row.word("unit", event.unit);
                row.word("sqlstate", &event.sqlstate);
                row.time("first_at", Some(event.first_at));
                row.time("last_at", Some(event.last_at));
                row.value_or_gap("sample", clearing.text(&event.sample));
            });
        }
        let places: BTreeMap<(&str, &str, bool), First> = log
            .events
            .iter()
            .rev()
            .map(|event| {
                let first = (Some(event.first_at), event.place.clone());
                ((event.class.as_str(), event.cause.as_str(), event.foreign), first)
            })
            .collect();
        let nowhere = log.sources.first().map(|source| whole(&source.label)).unwrap_or_default();
        let nowhere = &(None, nowhere);
        let minutes = self.data(table("event_minutes"));
        for minute in &log.event_minutes {
            let key = (minute.class.as_str(), minute.cause.as_str(), minute.foreign);
            let first = places.get(&key).unwrap_or(nowhere);
            minutes.push(&place_in(log, first, minute.minute, minute.span_min), |row| {
                row.word("class", minute.class.as_str());
                row.word("cause", &minute.cause);
                row.bool("foreign", Some(minute.foreign));
                row.time("minute", Some(minute.minute));
                row.int("span_min", Some(minute.span_min));
                row.int("calls", Some(minute.calls));
            });
        }
    }

    fn database_minutes(&mut self, log: &SlowLog, clearing: &Clearing<'_>) {
        let place = log.sources.first().map(|source| whole(&source.label)).unwrap_or_default();
        let connections = self.data(table("connection_minutes"));
        for minute in &log.connections {
            connections.push(&place, |row| {
                row.time("minute", Some(minute.minute));
                row.int("span_min", Some(minute.span_min));
                row.value_or_gap("user", clearing.text(&minute.user));
                row.value_or_gap("database", clearing.text(&minute.database));
                row.value_or_gap("host", clearing.text(&minute.host));
                row.value_or_gap("application", clearing.text(&minute.application));
                row.int("calls", Some(minute.calls));
            });
        }
        let foreign = foreign_load(log);
        let load = self.data(table("load_minutes"));
        for minute in &log.load {
            let place = place_in(log, &(None, place.clone()), minute.minute, minute.span_min);
            load.push(&place, |row| {
                row.time("minute", Some(minute.minute));
                row.int("span_min", Some(minute.span_min));
                row.int("calls", Some(minute.calls));
                row.float("total_ms", Some(ms(minute.total_us)));
                let others = foreign.as_ref().map(|by| by.get(&minute.minute).copied());
                let others = others.map(|us| ms(us.unwrap_or(0).min(minute.total_us)));
                row.float("foreign_ms", others);
                row.float("concurrency", Some(minute.concurrency));
            });
        }
        if log.pooler.is_empty() {
            return;
        }
        let pooler = self.data(table("pooler_minutes"));
        for minute in &log.pooler {
            let mean = |sum: u64| PoolerMinute::mean(sum, minute.reports);
            let mean_ms = |sum: u64| mean(sum).map(|us| us / 1e3);
            pooler.push(&place, |row| {
                row.time("minute", Some(minute.minute));
                row.int("span_min", Some(minute.span_min));
                row.int("logins", Some(minute.logins));
                row.int("server_connections", Some(minute.server_connections));
                row.int("reports", Some(minute.reports));
                row.float("transactions_per_s", mean(minute.transactions_per_s));
                row.float("queries_per_s", mean(minute.queries_per_s));
                row.float("transaction_ms", mean_ms(minute.transaction_us));
                row.float("query_ms", mean_ms(minute.query_us));
                let wait_us = PoolerMinute::mean(minute.wait_us, minute.wait_reports);
                row.float("wait_ms", wait_us.map(|us| us / 1e3));
                row.float("wait_max_ms", wait_us.map(|_| ms(minute.wait_max_us)));
            });
        }
    }
}

/// When something was first, and where that stands.
type First = (Option<DateTime<Utc>>, Place);

/// The place of what is counted in a span: the line where its first is in it, else the file that
/// covers the span, from that time on. A file without times covers none.
fn place_in(log: &SlowLog, first: &First, minute: DateTime<Utc>, span_min: u32) -> Place {
    let end = minute + TimeDelta::minutes(i64::from(span_min));
    let (first_at, place) = first;
    if first_at.is_some_and(|at| at >= minute) {
        return place.clone();
    }
    let covers = |window: model::Window| window.start < end && minute < window.end;
    let mut sources = log.sources.iter().filter(|source| source.window.is_some_and(covers));
    let same = sources.clone().find(|source| source.label == place.source);
    match same.or_else(|| sources.next()) {
        Some(source) => super::from_time(&source.label, minute),
        None => place.clone(),
    }
}

/// How long statements of other systems' databases ran in each span of load, in microseconds: those
/// that ended in a minute are taken to have run, each for their mean time, up to it. `None` where
/// there are none.
fn foreign_load(log: &SlowLog) -> Option<BTreeMap<DateTime<Utc>, u64>> {
    let foreign: BTreeSet<&str> = log
        .queries
        .iter()
        .filter(|query| query.foreign)
        .map(|query| query.fingerprint_id.as_str())
        .collect();
    if foreign.is_empty() {
        return None;
    }
    let span_min = log.load.first().map_or(1, |load| load.span_min.max(1));
    let width_us = u64::from(span_min) * 60_000_000;
    let mut by_span: BTreeMap<DateTime<Utc>, u64> = BTreeMap::new();
    let minutes = log.minutes.iter();
    for minute in minutes.filter(|it| foreign.contains(it.fingerprint_id.as_str())) {
        let start = minute.minute.timestamp().div_euclid(i64::from(span_min) * 60);
        let mean_us = minute.total_us / minute.calls.max(1);
        let spans = (mean_us.div_ceil(width_us)).clamp(1, FOREIGN_SPANS_MAX);
        for back in 0..spans {
            let at_s = (start - back.cast_signed()) * i64::from(span_min) * 60;
            let Some(at) = DateTime::from_timestamp(at_s, 0) else { continue };
            *by_span.entry(at).or_default() += minute.total_us / spans;
        }
    }
    Some(by_span)
}

fn joined(tops: &[Top], clearing: &Clearing<'_>) -> text::Value {
    clearing.joined(tops.iter().map(|top| &*top.value), ", ")
}

fn whole(label: &str) -> Place {
    Place { source: label.to_owned(), location: "whole".to_owned() }
}

fn located<'p>(best: &'p Spot, other: &'p Spot) -> &'p Spot {
    if best.location().is_empty() { other } else { best }
}

#[expect(clippy::cast_precision_loss, reason = "2^53 us are 285 years")]
pub(crate) fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}
