//! From the state of a fold to records.

use super::Fold;
use crate::fingerprint::Engine;
use crate::floor::Floor;
use crate::queries::Finished;
use crate::records::{EventMinute, LoadMinute, Phases, SlowLog, SlowSource};
use crate::spans::{EVENT_SPANS, LOAD_SPANS, QUERY_SPANS, moment, spans_limit};
use model::{Coverage, Parsed, Window};
use text::Raw;

impl Fold {
    /// Everything that the source said.
    pub(crate) fn finish(mut self) -> Parsed<SlowLog> {
        let label = self.label.clone();
        let by = self.queries.by();
        let Finished { queries, minutes, preparing, floor, offered } =
            self.queries.finish(&label, Engine::MySql);
        let limits = self.limits(floor, self.load.span_min());
        let window = self.first_us.zip(self.last_us).map(|(first, last)| Window {
            start: moment(first),
            end: moment(last.saturating_add(1)),
        });
        let load =
            std::mem::take(&mut self.load).finish().into_iter().map(LoadMinute::of).collect();
        let span_min = self.event_minutes.span_min();
        let event_minutes = self
            .event_minutes
            .iter()
            .map(|(minute, (class, cause), calls)| EventMinute {
                class,
                cause: cause.to_owned(),
                database: Raw::default(),
                foreign: false,
                minute,
                span_min,
                calls,
            })
            .collect();
        let records = self.records;
        let source = SlowSource {
            label: self.label.clone(),
            engine: Engine::MySql,
            format: self.format,
            prefix: String::new(),
            bytes: self.bytes,
            lines: self.lines,
            records,
            unknown_lines: self.unknown_lines,
            window,
            phases: Phases { statement: self.statement, ..Phases::default() },
            identity: std::mem::take(&mut self.identity).finish(),
            same_as: None,
            overlaps: Vec::new(),
            threshold_us: floor.threshold_us,
            limits: limits.clone(),
            ..SlowSource::default()
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
                pooler: Vec::new(),
                preparing,
                by,
                offered,
            },
            issues: self.issues,
            coverage: Coverage { window, records, skipped: self.skipped, limits },
        }
    }

    fn limits(&mut self, floor: Floor, load_span_min: u32) -> Vec<String> {
        let mut limits = Vec::new();
        if floor.is_slow_only(self.statement.calls) {
            limits.push("slow statements only".to_owned());
        }
        if floor.sampled_below {
            limits.push("sampled below the threshold".to_owned());
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
        let full = [self.contexts.full || self.queries.tops_cut, self.full[0], self.full[1]];
        for (full, limit) in full.iter().zip(["contexts", "events", "schema changes"]) {
            if *full {
                limits.push(format!("more {limit} than are kept"));
            }
        }
        if self.queries.overflowed_people {
            limits.push("further rows as one".to_owned());
        }
        if self.queries.overflowed {
            limits.push("further queries as one".to_owned());
        }
        if self.queries.texts_cut {
            limits.push("long queries cut".to_owned());
        }
        if self.queries.names_cut {
            limits.push("columns of lighter queries left out".to_owned());
        }
        limits.extend(spans_limit(QUERY_SPANS, self.queries.span_min()));
        limits.extend(spans_limit(EVENT_SPANS, self.event_minutes.span_min()));
        limits.extend(spans_limit(LOAD_SPANS, load_span_min));
        limits
    }
}
