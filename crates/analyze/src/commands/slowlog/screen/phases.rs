//! What was timed besides executions: parsing, binding, function calls, durations without text.

use super::super::{Answer, phrase};
use super::{Line, NAMED, line};
use slowlog::{Phases, Timed};
use text::Text;

/// From which share of all time on it is said what it means.
const MATTERS: f64 = 0.1;
/// Below this it matters to nobody, in microseconds.
const MATTERS_US: u64 = 100_000;

/// `parse 3 times, 1.36 s`.
fn timed(what: &str, timed: Timed) -> Option<String> {
    (timed.calls > 0).then(|| {
        format!(
            "{what} {}, {}",
            phrase::plural(timed.calls, "time"),
            phrase::duration(timed.total_us as f64)
        )
    })
}

impl Answer<'_> {
    /// Time that is in no query's figures, and of which statements most of it is.
    pub(super) fn phases(&self) -> Vec<Line> {
        let log = &self.read.log;
        let mut all = Phases::default();
        for source in &log.sources {
            all.parse = all.parse.with(source.phases.parse);
            all.bind = all.bind.with(source.phases.bind);
            all.fastpath = all.fastpath.with(source.phases.fastpath);
            all.unpaired = all.unpaired.with(source.phases.unpaired);
        }
        let of_queries =
            log.preparing.iter().fold(Timed::default(), |sum, one| sum.with(one.timed));
        let parts: Vec<String> = if self.asked.is_filtered() {
            // Of the statements that were asked for, those of 1 ms and more.
            all = Phases { parse: of_queries, ..Phases::default() };
            timed("parse and bind of 1 ms and more", of_queries).into_iter().collect()
        } else {
            [
                timed("parse", all.parse),
                timed("bind", all.bind),
                timed("fast-path function calls", all.fastpath),
                timed("durations without a statement (log_duration)", all.unpaired),
            ]
            .into_iter()
            .flatten()
            .collect()
        };
        if parts.is_empty() {
            return Vec::new();
        }
        let whole = if self.asked.given.is_some() { ", in the whole log" } else { "" };
        let mut out = vec![line(
            "BESIDES",
            Text::ours(format!("{}: not in the figures of queries{whole}", parts.join("; "))),
        )];
        let executed_us: u64 =
            log.queries.iter().map(|query| query.total_us).fold(0, u64::saturating_add);
        let preparing = all.parse.with(all.bind);
        let whole_us = executed_us.saturating_add(preparing.total_us);
        if preparing.total_us < MATTERS_US
            || (preparing.total_us as f64) < whole_us as f64 * MATTERS
        {
            return out;
        }
        out.push(line(
            "",
            Text::ours(format!(
                "{} of {} were spent in parse and bind: mostly waits for a lock on a table, or planning",
                phrase::duration(preparing.total_us as f64),
                phrase::duration(whole_us as f64)
            )),
        ));
        for one in log.preparing.iter().take(NAMED) {
            let mut text = Text::ours(format!(
                "{}, {}, longest {}: ",
                phrase::plural(one.timed.calls, "time"),
                phrase::duration(one.timed.total_us as f64),
                phrase::duration(one.max_us as f64)
            ));
            text.push_value(self.value(&one.fingerprint_id));
            text.push_ours(" ");
            text.push_value(self.statement(&one.fingerprint));
            out.push(line("", text));
        }
        out
    }
}
