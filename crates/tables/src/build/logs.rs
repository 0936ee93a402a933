//! Tables of the server's logs.

use super::{TablesBuilder, table};
use crate::clearing::Clearing;
use crate::coverage::SourceCoverage;
use chrono::{DateTime, TimeDelta, Utc};
use packet::log::{LogKind, LogLevel, LogRecords, LogSource, ServerEventKind};
use std::collections::BTreeMap;
use text::Redactor;

/// The tables that a log fills.
const TABLES: &[&str] =
    &["log_patterns", "log_minutes", "log_top", "server_events", "stop_messages"];

impl TablesBuilder {
    /// Adds what logs say. Several parts have to be joined first (`LogRecords::merge`).
    pub fn logs(&mut self, logs: &LogRecords, redactor: &Redactor) {
        let clearing = &Clearing::with(redactor);
        self.log_sources(&logs.sources, clearing);
        if logs.sources.is_empty() {
            return;
        }
        let patterns = self.data(table("log_patterns"));
        for pattern in &logs.patterns {
            patterns.push(&pattern.first_place, |row| {
                row.word("pattern_id", &pattern.pattern_id);
                row.word("known_id", pattern.known_id.unwrap_or(""));
                row.value("pattern", clearing.text(&pattern.pattern));
                row.word("level", pattern.level.as_str());
                row.word("origin", pattern.origin.as_str());
                row.value_or_gap("err_where", clearing.text(&pattern.err_where));
                row.value_or_gap("caller", clearing.text(&pattern.caller));
                row.int("calls", Some(pattern.calls));
                row.time("first_at", pattern.first_at);
                row.time("last_at", pattern.last_at);
                row.int("peak_per_minute", Some(pattern.peak_per_minute));
                row.time("peak_at", pattern.peak_at);
                let nodes: Vec<text::Raw> =
                    pattern.nodes.keys().map(|node| text::Raw::new(node.as_str())).collect();
                row.value_or_gap("nodes", clearing.joined(&nodes, ", "));
                row.int("n_nodes", Some(pattern.nodes.len()));
                row.value("sample", clearing.text(&pattern.sample));
                row.time("certificate_until", certificate_until(pattern.sample.untrusted()));
            });
        }
        let places: BTreeMap<&str, &model::Place> = logs
            .patterns
            .iter()
            .map(|pattern| (pattern.pattern_id.as_str(), &pattern.first_place))
            .collect();
        let first_at: BTreeMap<&str, DateTime<Utc>> = logs
            .patterns
            .iter()
            .filter_map(|pattern| Some((pattern.pattern_id.as_str(), pattern.first_at?)))
            .collect();
        let nowhere = model::Place::default();
        let place_of = |id: &str| places.get(id).copied().unwrap_or(&nowhere);
        let minutes = self.data(table("log_minutes"));
        for minute in &logs.minutes {
            let end = minute.minute + TimeDelta::minutes(i64::from(minute.width_min));
            let first = place_of(&minute.pattern_id);
            // The line of the first is known; of all later ones the file of the node and the time.
            let of_node = || {
                let sources = logs.sources.iter().filter(|source| source.node == minute.node);
                let in_minute = |source: &&LogSource| {
                    source.window.is_some_and(|it| it.start < end && minute.minute < it.end)
                };
                let fits = |source: &&LogSource| source.kind == LogKind::Mattermost;
                sources
                    .clone()
                    .filter(in_minute)
                    .find(fits)
                    .or_else(|| sources.clone().find(in_minute))
            };
            let is_first =
                first_at.get(minute.pattern_id.as_str()).is_none_or(|at| *at >= minute.minute);
            let source = of_node().map_or(first.source.as_str(), |source| source.label.as_str());
            let place = if is_first && source == first.source {
                first.clone()
            } else {
                super::from_time(source, minute.minute)
            };
            minutes.push(&place, |row| {
                row.word("pattern_id", &minute.pattern_id);
                row.value_or_gap("node", clearing.name(&minute.node));
                row.word("level", minute.level.as_str());
                row.time("minute", Some(minute.minute));
                row.int("width_min", Some(minute.width_min));
                row.int("calls", Some(minute.calls));
            });
        }
        let lines: BTreeMap<(&str, &str), u64> = logs
            .fields
            .iter()
            .map(|field| ((field.pattern_id.as_str(), field.field), field.calls))
            .collect();
        let top = self.data(table("log_top"));
        for value in &logs.top {
            top.push(place_of(&value.pattern_id), |row| {
                row.word("pattern_id", &value.pattern_id);
                row.word("field", value.field);
                row.value("value", clearing.named(value.field, &value.value));
                row.int("calls", Some(value.calls));
                row.int("error", Some(value.error));
                let lines = lines.get(&(value.pattern_id.as_str(), value.field));
                row.float("share", lines.map(|lines| ratio(value.calls, *lines)));
                row.time("first_at", value.first_at);
                row.time("last_at", value.last_at);
            });
        }
        self.tables.top_spans.extend(logs.top.iter().map(|value| value.minutes.clone()));
        self.server_events(logs, clearing);
    }

    fn server_events(&mut self, logs: &LogRecords, clearing: &Clearing<'_>) {
        let events = self.data(table("server_events"));
        for event in &logs.events {
            events.push(&event.place, |row| {
                row.time("at", event.at);
                row.value_or_gap("node", clearing.name(&event.node));
                row.word("kind", event.kind.as_str());
                row.value_or_gap("subject", clearing.text(&event.subject));
                row.value("text", clearing.text(&event.text));
                row.int("calls", Some(event.count));
                row.time("last_at", event.last_at);
            });
        }
        let messages = self.data(table("stop_messages"));
        let stops = logs.events.iter().filter(|event| {
            matches!(event.kind, ServerEventKind::Stop | ServerEventKind::UncleanStop)
        });
        for (event, message) in
            stops.flat_map(|event| event.before.iter().map(move |message| (event, message)))
        {
            messages.push(&message.place, |row| {
                row.time("at", event.at);
                row.value_or_gap("node", clearing.name(&event.node));
                row.word("kind", event.kind.as_str());
                row.word("pattern_id", &message.pattern_id);
                row.time("message_at", Some(message.at));
                row.word("level", message.level.as_str());
                row.value("text", clearing.text(&message.text));
            });
        }
    }

    fn log_sources(&mut self, sources: &[LogSource], clearing: &Clearing<'_>) {
        let main = sources.iter().any(|source| source.kind == LogKind::Mattermost);
        for source in sources {
            let place = model::Place { source: source.label.clone(), location: "whole".to_owned() };
            let count = |wanted: fn(LogLevel) -> bool| {
                let calls = source.levels.iter().filter(|(level, _)| wanted(**level));
                calls.map(|(_, calls)| *calls).sum::<u64>()
            };
            self.data(table("log_sources")).push(&place, |row| {
                row.value("label", clearing.name(&source.label));
                row.value_or_gap("node", clearing.name(&source.node));
                row.word("kind", source.kind.as_str());
                row.word("format", source.format);
                row.time("start", source.window.map(|window| window.start));
                row.time("end", source.window.map(|window| window.end));
                row.int("records", Some(source.records));
                row.int("skipped", Some(source.skipped));
                row.int("errors", Some(count(LogLevel::is_error)));
                row.int("warnings", Some(count(|level| level == LogLevel::Warn)));
                row.int(
                    "debug_lines",
                    Some(count(|level| matches!(level.as_str(), "debug" | "trace"))),
                );
                row.bool("debug", Some(source.debug));
                row.int("span_s", Some(source.span_s));
            });
            let coverage = SourceCoverage {
                label: source.label.clone(),
                node: clearing.name(&source.node).as_str().to_owned(),
                window: source.window,
                limits: source.limits.clone(),
                records: source.records,
            };
            self.source("log_sources", coverage.clone());
            // An audit log that covers little must not make the server's log look short.
            if !main || source.kind == LogKind::Mattermost {
                for name in TABLES {
                    self.source(name, coverage.clone());
                }
            }
        }
    }
}

/// When a refused certificate ended: `current time 2024-02-15T00:02:53Z is after
/// 2024-02-14T23:59:59Z`. Of a pattern the time is taken out, and it is what decides.
fn certificate_until(line: &str) -> Option<DateTime<Utc>> {
    let (_, rest) = line.split_once("certificate has expired")?;
    let (_, until) = rest.split_once(" is after ")?;
    let end =
        until.find(|c: char| !(c.is_ascii_digit() || "-:.TZ+".contains(c))).unwrap_or(until.len());
    let until = until.get(..end)?.trim_end_matches('.');
    DateTime::parse_from_rfc3339(until).ok().map(|at| at.with_timezone(&Utc))
}

/// `part / whole` of counts.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::certificate_until;

    #[test]
    fn the_end_of_a_certificate_is_read_from_the_line() {
        let line = "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2024-02-15T00:02:53Z is after 2024-02-14T23:59:59Z";
        let until = certificate_until(line).map(|at| at.to_string());
        assert_eq!(until.as_deref(), Some("2024-02-14 23:59:59 UTC"));
        let quoted = format!("{{\"error\":\"{line}\"}}");
        assert!(certificate_until(&quoted).is_some());
        let early = "certificate has expired or is not yet valid: current time 2024-02-15T00:02:53Z is before 2024-02-16T00:00:00Z";
        assert_eq!(certificate_until(early), None);
        assert_eq!(certificate_until("is after nine"), None);
    }
}
