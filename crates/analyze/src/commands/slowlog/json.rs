//! The answer as JSON: the same figures for a program, times in UTC, durations in milliseconds.

use super::Answer;
use super::columns::COLUMNS;
use chrono::{DateTime, SecondsFormat, Utc};
use model::Window;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value, json};
use slowlog::summary::occurrences;
use slowlog::{Ddl, LoadMinute, LockParty, LockWait, Phases, PoolerMinute, Preparing};
use std::io::{self, Write};
use text::Raw;

fn at(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn window(window: Option<Window>) -> Value {
    window.map_or(Value::Null, |window| json!({"start": at(window.start), "end": at(window.end)}))
}

fn ms(us: u64) -> f64 {
    us as f64 / 1000.0
}

fn span(span: &LoadMinute) -> Value {
    json!({
        "start": at(span.minute),
        "minutes": span.span_min,
        "calls": span.calls,
        "active": (span.concurrency * 1e6).round() / 1e6,
    })
}

/// How often each phase was timed and how long; `unpaired` are durations without a statement.
fn phases(phases: &Phases) -> Value {
    let each =
        phases.each().into_iter().filter(|(_, timed)| timed.calls > 0).map(|(name, timed)| {
            (name.to_owned(), json!({"count": timed.calls, "total_ms": ms(timed.total_us)}))
        });
    Value::Object(each.collect())
}

impl Answer<'_> {
    fn preparing(&self, one: &Preparing) -> Value {
        json!({
            "query": one.fingerprint_id.as_str(),
            "statement": self.words(&one.fingerprint),
            "count": one.timed.calls,
            "total_ms": ms(one.timed.total_us),
            "max_ms": ms(one.max_us),
        })
    }

    fn cleared(&self, raw: &Raw) -> String {
        self.redactor.clear(raw).as_str().to_owned()
    }

    fn words(&self, text: &str) -> String {
        self.cleared(&Raw::new(text))
    }

    fn party(&self, party: &LockParty) -> Value {
        json!({
            "pid": party.pid,
            "user": self.cleared(&party.user),
            "application": self.cleared(&party.application),
            "client": self.cleared(&party.client),
            "query": party.fingerprint_id,
            "statement": self.words(&party.fingerprint),
        })
    }

    fn lock(&self, lock: &LockWait) -> Value {
        json!({
            "at": at(lock.at),
            "started_at": at(lock.started_at),
            "mode": self.words(&lock.mode),
            "target": self.words(&lock.target),
            "relation": self.cleared(&lock.relation),
            "waited_ms": ms(lock.waited_us),
            "outcome": lock.outcome.as_str(),
            "waiter": self.party(&lock.waiter),
            "blocker": self.party(&lock.blocker),
            "root_pid": lock.root_pid,
            "source": self.words(&lock.place.source),
            "location": lock.place.location,
        })
    }

    fn schema_change(&self, ddl: &Ddl) -> Value {
        json!({
            "at": at(ddl.at),
            "started_at": ddl.started_at.map(at),
            "ended_at": ddl.ended_at.map(at),
            "action": ddl.action,
            "object": self.cleared(&ddl.object),
            "user": self.cleared(&ddl.user),
            "statement": self.words(&ddl.statement),
            "duration_ms": ddl.duration_us.map(ms),
            "failed": ddl.failed,
            "source": self.words(&ddl.place.source),
            "location": ddl.place.location,
        })
    }
}

/// Writes one object.
pub(super) fn write(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (summary, log) = (&answer.summary, &answer.read.log);
    let asked = answer.asked.window(answer.read);
    let inside = |moment: DateTime<Utc>| asked.is_none_or(|window| window.contains(moment));
    let sources: Vec<Value> = log
        .sources
        .iter()
        .map(|source| {
            json!({
                "path": answer.words(&source.label),
                "format": source.format,
                "prefix": answer.words(&source.prefix),
                "bytes": source.bytes,
                "lines": source.lines,
                "records": source.records,
                "unknown_lines": source.unknown_lines,
                "window": window(source.window),
                "threshold_ms": source.threshold_us.map(ms),
                "limits": source.limits,
                "same_as": source.same_as.as_ref().map(|other| answer.words(other)),
                "overlaps": source.overlaps.iter().map(|(other, n)| {
                    json!({"path": answer.words(other), "events": n})
                }).collect::<Vec<_>>(),
                "phases": phases(&source.phases),
            })
        })
        .collect();
    let unread: Vec<String> =
        answer.read.unread.iter().map(|unread| answer.words(&unread.path)).collect();
    let issues: Vec<Value> = answer
        .read
        .issues
        .iter()
        .map(|(path, issue)| {
            json!({
                "path": answer.words(path),
                "reason": issue.reason,
                "location": issue.location,
                "count": issue.count,
                "skipped": issue.skipped,
            })
        })
        .collect();
    let events: Vec<Value> = occurrences(log, asked)
        .into_iter()
        .map(|one| {
            let causes: Vec<Value> = one
                .causes
                .iter()
                .map(|(cause, calls)| json!({"cause": cause, "count": calls}))
                .collect();
            json!({
                "class": one.class.as_str(),
                "count": one.calls,
                "causes": causes,
                "amount": one.amount,
                "amount_max": one.amount_max,
                "unit": one.unit,
            })
        })
        .collect();
    let document = json!({
        "schema": 1,
        "tool": {"name": "analyze", "version": env!("CARGO_PKG_VERSION")},
        "engine": if answer.read.mixed { "both" } else { log.engine.as_str() },
        "sources": sources,
        "not_read": unread,
        "issues": issues,
        "limits": answer.read.limits,
        "approximations": summary.approximations,
        "window": window(summary.window),
        "minutes": (summary.minutes * 1e3).round() / 1e3,
        "calls": summary.calls,
        "total_ms": ms(summary.total_us),
        "load": {
            "average": summary.load.average,
            "busiest": summary.load.busiest.iter().map(span).collect::<Vec<_>>(),
            "spans": summary.load.spans.iter().map(span).collect::<Vec<_>>(),
        },
        "preparing": log.preparing.iter().map(|one| answer.preparing(one)).collect::<Vec<_>>(),
        "compared": summary.compared.as_ref().map(|compared| json!({
            "with": if compared.other_log { "baseline" } else { "rest of the log" },
            "minutes": compared.before_minutes,
            "calls": compared.before_calls,
            "load_before": compared.before_load,
            "load": compared.load,
        })),
        "group": answer.asked.group.as_str(),
        "sort": answer.asked.sort.as_str(),
        "n_rows": summary.rows.len(),
        "rows": null,
        "events": events,
        "locks": log.locks.iter().filter(|l| inside(l.at)).map(|l| answer.lock(l)).collect::<Vec<_>>(),
        "pooler": log.pooler.iter().filter(|m| inside(m.minute)).map(pooler).collect::<Vec<_>>(),
        "schema_changes":
            log.ddl.iter().filter(|d| asked.is_none_or(|window| d.ran_in(window))).map(|d| answer.schema_change(d)).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &Document { answer, fields: &document })?;
    writeln!(out)
}

/// A pooler's figures of a span.
fn pooler(minute: &PoolerMinute) -> Value {
    let mean = |sum: u64| PoolerMinute::mean(sum, minute.reports);
    let mean_ms = |sum: u64| mean(sum).map(|us| us / 1e3);
    let wait_us = PoolerMinute::mean(minute.wait_us, minute.wait_reports);
    json!({
        "minute": at(minute.minute),
        "span_min": minute.span_min,
        "logins": minute.logins,
        "server_connections": minute.server_connections,
        "transactions_per_s": mean(minute.transactions_per_s),
        "queries_per_s": mean(minute.queries_per_s),
        "transaction_ms": mean_ms(minute.transaction_us),
        "query_ms": mean_ms(minute.query_us),
        "wait_ms": wait_us.map(|us| us / 1e3),
        "wait_max_ms": wait_us.map(|_| ms(minute.wait_max_us)),
    })
}

/// The whole object, whose rows are made one by one as they are written: there may be thousands.
struct Document<'a> {
    answer: &'a Answer<'a>,
    fields: &'a Value,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.fields.as_object().into_iter().flatten();
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in fields {
            match name.as_str() {
                "rows" => map.serialize_entry(name, &Rows(self.answer))?,
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

/// All rows.
struct Rows<'a>(&'a Answer<'a>);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows().iter().map(|row| {
            let fields: Map<String, Value> = COLUMNS
                .iter()
                .map(|column| (column.name.to_owned(), (column.of)(row, &self.0.redactor).json()))
                .collect();
            Value::Object(fields)
        }))
    }
}
