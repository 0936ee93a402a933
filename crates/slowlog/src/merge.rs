//! Logs of several files and nodes as one: within the budgets of one log, and below these
//! associative and in any order.

mod cells;
mod events;
mod queries;

use crate::records::{OTHER_ID, SlowLog};
use std::collections::BTreeMap;

impl SlowLog {
    /// Adds another log: of another file or node. The engine stays that of this one. Budgets that
    /// both meet together are said among the limits of the sources.
    pub fn merge(&mut self, other: SlowLog) {
        let SlowLog { sources, queries, minutes, locks, events, .. } = other;
        self.sources.extend(sources);
        self.sources.sort_by(|a, b| a.label.cmp(&b.label));
        let met = queries::add(&mut self.queries, queries);
        self.say(!met.shed.is_empty(), "further queries as one");
        self.say(met.tops, "further clients as one");
        let shed = |id: &str| met.shed.contains(id);
        let mut minutes = minutes;
        for minute in self.minutes.iter_mut().chain(&mut minutes) {
            if shed(&minute.fingerprint_id) {
                minute.fingerprint_id = OTHER_ID.into();
            }
        }
        if let Some(span_min) = cells::add(&mut self.minutes, minutes) {
            self.say(true, &format!("spans of {span_min} minutes"));
        }
        self.order_minutes();
        let full = events::add(&mut self.events, events);
        self.say(full, "further events as one");
        cells::add(&mut self.event_minutes, other.event_minutes);
        cells::add(&mut self.connections, other.connections);
        self.connections.sort_by_key(|it| it.minute);
        cells::add(&mut self.load, other.load);
        for load in &mut self.load {
            load.concurrency = load.total_us as f64 / (f64::from(load.span_min.max(1)) * 60e6);
        }
        let full = events::add_locks(&mut self.locks, locks);
        self.say(full, "first lock waits only");
        let full = events::add_ddl(&mut self.ddl, other.ddl);
        self.say(full, "first schema changes only");
    }

    /// Says a budget that was met by all sources together.
    fn say(&mut self, met: bool, limit: &str) {
        for source in self.sources.iter_mut().filter(|_| met) {
            if !source.limits.iter().any(|said| said == limit) {
                source.limits.push(limit.to_owned());
            }
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
