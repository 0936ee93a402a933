//! Logs of several files and nodes as one: within the budgets of one log, and below these
//! associative and in any order.

pub(crate) mod cells;
pub(crate) mod events;
mod preparing;
mod queries;
mod restarts;

use crate::identity::Shared;
use crate::records::{OTHER_ID, SlowLog, SlowSource};
use crate::spans::{
    CONNECTION_SPANS, EVENT_SPANS, LOAD_SPANS, POOLER_SPANS, QUERY_SPANS, spans_limit,
};
use std::collections::BTreeMap;

/// Sources that are compared with each other.
const COMPARED_MAX: usize = 500;

impl SlowLog {
    /// Adds another log: of another file or node. The engine stays that of this one. Budgets that
    /// both meet together are said among the limits of the sources.
    ///
    /// A source that holds the same events as one that is here already is noted and not added: the
    /// same file twice, a packed copy, what one server wrote in two formats. Of sources that
    /// overlap it is noted how many events they share; these are counted in both.
    pub fn merge(&mut self, mut other: SlowLog) {
        let repeated = other.sources.len() == 1 && self.compare(&mut other.sources);
        if repeated {
            self.sources.extend(other.sources);
            self.sources.sort_by(|a, b| a.label.cmp(&b.label));
            return;
        }
        let SlowLog { sources, queries, minutes, locks, events, offered, .. } = other;
        self.offered.absorb(offered);
        preparing::add(&mut self.preparing, other.preparing);
        self.sources.extend(sources);
        self.sources.sort_by(|a, b| a.label.cmp(&b.label));
        let met = queries::add(&mut self.queries, queries);
        let further =
            if self.by.is_some() { "further rows as one" } else { "further queries as one" };
        self.say(!met.shed.is_empty(), further);
        self.say(met.tops, "further clients as one");
        let shed = |id: &str| met.shed.contains(id);
        let mut minutes = minutes;
        for minute in self.minutes.iter_mut().chain(&mut minutes) {
            if shed(&minute.fingerprint_id) {
                minute.fingerprint_id = OTHER_ID.into();
            }
        }
        let span_min = cells::add(&mut self.minutes, minutes);
        self.say_span(QUERY_SPANS, span_min);
        self.order_minutes();
        let full = events::add(&mut self.events, events);
        self.say(full, "further events as one");
        let span_min = cells::add(&mut self.event_minutes, other.event_minutes);
        self.say_span(EVENT_SPANS, span_min);
        restarts::join(self);
        let span_min = cells::add(&mut self.connections, other.connections);
        self.say_span(CONNECTION_SPANS, span_min);
        self.connections.sort_by_key(|it| it.minute);
        let span_min = cells::add(&mut self.load, other.load);
        self.say_span(LOAD_SPANS, span_min);
        for load in &mut self.load {
            load.concurrency = load.total_us as f64 / (f64::from(load.span_min.max(1)) * 60e6);
        }
        let span_min = cells::add(&mut self.pooler, other.pooler);
        self.say_span(POOLER_SPANS, span_min);
        let full = events::add_locks(&mut self.locks, locks);
        self.say(full, "first lock waits only");
        let full = events::add_ddl(&mut self.ddl, other.ddl);
        self.say(full, "first schema changes only");
    }

    /// Notes what other sources share with these; whether one of them holds the same.
    fn compare(&self, others: &mut [SlowSource]) -> bool {
        let mut repeated = false;
        for other in others.iter_mut().filter(|_| self.sources.len() < COMPARED_MAX) {
            for source in self.sources.iter().filter(|source| source.same_as.is_none()) {
                match source.identity.shared(&other.identity) {
                    Shared::Nothing => {}
                    Shared::All => {
                        repeated = true;
                        other.same_as = Some(source.label.clone());
                        other.overlaps.clear();
                        other.limits.clear();
                        return repeated;
                    }
                    Shared::Some(n) => other.overlaps.push((source.label.clone(), n)),
                }
            }
        }
        repeated
    }

    /// Says a budget that was met by all sources together.
    fn say(&mut self, met: bool, limit: &str) {
        for source in self.sources.iter_mut().filter(|_| met) {
            if !source.limits.iter().any(|said| said == limit) {
                source.limits.push(limit.to_owned());
            }
        }
    }

    /// Says how long spans are of all sources together, in place of what each said by itself.
    fn say_span(&mut self, what: &str, span_min: u32) {
        let Some(limit) = spans_limit(what, span_min) else { return };
        for source in &mut self.sources {
            source.limits.retain(|said| {
                !said.strip_prefix(what).is_some_and(|rest| rest.ends_with(" minutes"))
            });
            source.limits.push(limit.clone());
        }
    }

    /// Spans in the order of their queries, then by time.
    fn order_minutes(&mut self) {
        let rank: BTreeMap<&str, usize> = self
            .queries
            .iter()
            .enumerate()
            .map(|(rank, query)| (query.fingerprint_id.as_str(), rank))
            .collect();
        self.minutes.sort_unstable_by_key(|minute| {
            (rank.get(minute.fingerprint_id.as_str()).copied(), minute.minute)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::read;
    use proptest::prelude::*;

    /// A small log of one node.
    fn log(node: u32, statements: &[(u32, u32, u32)]) -> SlowLog {
        let mut text =
            String::from("2026-11-22 06:00:00.000 UTC [1] LOG:  checkpoint starting: time\n");
        for (minute, shape, ms) in statements {
            text.push_str(&format!(
                "2026-11-22 06:{minute:02}:00.{node:03} UTC [{node}] LOG:  duration: {ms}.000 ms  statement: select a{shape} from t where x = {ms}\n2026-11-22 06:{minute:02}:01.{node:03} UTC [{node}] ERROR:  canceling statement due to user request\n2026-11-22 06:{minute:02}:01.{node:03} UTC [{node}] STATEMENT:  select a{shape} from t\n"
            ));
        }
        let mut log = read(text.as_bytes()).records;
        for source in &mut log.sources {
            source.label = format!("node-{node}");
        }
        log
    }

    fn merged(logs: &[&SlowLog]) -> SlowLog {
        let mut sum = logs[0].clone();
        for log in &logs[1..] {
            sum.merge((*log).clone());
        }
        sum
    }

    /// A log of these lines, as a file of that name.
    fn file(name: &str, lines: &[(&str, &str)]) -> SlowLog {
        let text: String = lines
            .iter()
            .map(|(at, text)| format!("2026-11-22 {at} UTC [1] LOG:  {text}\n"))
            .collect();
        let mut log = read(text.as_bytes()).records;
        for source in &mut log.sources {
            name.clone_into(&mut source.label);
        }
        log
    }

    const START: &str = "starting PostgreSQL 15.4 on x86_64-pc-linux-gnu";
    const READY: &str = "database system is ready to accept connections";

    #[test]
    fn a_start_that_ends_in_the_next_file_is_one_start() {
        let files = [
            file("1", &[("06:00:00.000", "checkpoint starting: time"), ("06:59:58.000", START)]),
            file(
                "2",
                &[
                    ("07:00:03.500", READY),
                    ("07:58:00.000", START),
                    ("07:58:02.000", READY),
                    ("07:59:59.000", START),
                ],
            ),
            file("3", &[("08:00:00.000", "listening on IPv4 address"), ("08:00:01.000", READY)]),
        ];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]] {
            let log = merged(&order.map(|idx| &files[idx]));
            let events: Vec<_> =
                log.events.iter().filter(|it| it.class == crate::EventClass::Restart).collect();
            assert_eq!(events.len(), 1, "{order:?}: {events:?}");
            assert_eq!((events[0].cause.as_str(), events[0].calls), ("start", 3), "{order:?}");
            assert_eq!(
                (events[0].amount, events[0].amount_max),
                (9_500_000, 5_500_000),
                "{order:?}"
            );
            let calls: u64 = log.event_minutes.iter().map(|it| it.calls).sum();
            assert_eq!(calls, 3, "{order:?}");
        }
        // A readiness of another day is one of a start that is not in the logs.
        let late = file("4", &[("23:00:01.000", READY)]);
        let log = merged(&[&files[0], &late]);
        let events: Vec<_> = log.events.iter().map(|it| (it.cause.as_str(), it.calls)).collect();
        assert_eq!(events, [("ready", 1), ("start", 1)]);
    }

    #[test]
    fn spans_that_are_put_together_are_said_whatever_is_counted_in_them() {
        let minutes = |log: &mut SlowLog, span_min: u32| {
            let minute = log.sources[0].window.unwrap().start;
            let (class, cause) = (crate::EventClass::Error, "other".to_owned());
            let (database, foreign) = (text::Raw::default(), false);
            log.event_minutes = vec![crate::EventMinute {
                class,
                cause,
                database,
                foreign,
                minute,
                span_min,
                calls: 1,
            }];
            log.load = vec![crate::LoadMinute::of((minute, span_min, 1, 1_000))];
        };
        let mut short = log(1, &[(1, 1, 5)]);
        let mut long = log(2, &[(1, 1, 5)]);
        minutes(&mut short, 1);
        minutes(&mut long, 15);
        for (one, other) in [(&short, &long), (&long, &short)] {
            let both = merged(&[one, other]);
            for source in &both.sources {
                for limit in ["events in spans of 15 minutes", "load in spans of 15 minutes"] {
                    assert!(source.limits.iter().any(|said| said == limit), "{:?}", source.limits);
                }
            }
            assert_eq!((both.load.len(), both.load[0].calls), (1, 2));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn logs_may_be_merged_in_any_order_and_grouping(statements in prop::collection::vec(prop::collection::vec((0u32..50, 0u32..4, 0u32..5000), 1..12), 3)) {
            let logs: Vec<SlowLog> = (0..3).map(|node| log(node, &statements[node as usize])).collect();
            let [a, b, c] = [&logs[0], &logs[1], &logs[2]];
            let forward = merged(&[a, b, c]);
            let mut grouped = a.clone();
            grouped.merge(merged(&[b, c]));
            prop_assert_eq!(&forward, &grouped);
            let other = merged(&[c, a, b]);
            prop_assert_eq!(&forward, &other);
            let calls: u64 = forward.queries.iter().map(|query| query.calls).sum();
            prop_assert_eq!(calls, statements.iter().map(|all| all.len() as u64).sum::<u64>());
        }
    }
}
