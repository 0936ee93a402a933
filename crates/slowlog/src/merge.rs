//! Logs of several files and nodes as one: associative and, within the budgets, in any order.

use crate::queries::QUERIES_MAX;
use crate::records::{
    ConnectionMinute, DatabaseEvent, EventMinute, LoadMinute, OTHER_ID, Query, QueryMinute,
    SlowLog, Top,
};
use crate::spans::coarser;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Frequent values that are kept beside a query of several logs.
const TOP_MAX: usize = 50;
/// Spans of queries that are kept in all.
const MINUTES_MAX: usize = 300_000;
/// Spans of events and of connections that are kept in all, each.
const CELLS_MAX: usize = 60_000;

/// The start of the span of `span_min` minutes in which `at` lies.
fn floor(at: DateTime<Utc>, span_min: u32) -> DateTime<Utc> {
    let span_s = i64::from(span_min.max(1)) * 60;
    DateTime::from_timestamp(at.timestamp().div_euclid(span_s) * span_s, 0).unwrap_or(at)
}

/// Something that counts within a span of time.
trait Cell {
    /// What it counts, besides when.
    type Key: Ord;
    fn key(&self) -> Self::Key;
    fn when(&mut self) -> (&mut DateTime<Utc>, &mut u32);
    fn add(&mut self, other: Self);
}

impl Cell for QueryMinute {
    type Key = String;
    fn key(&self) -> String {
        self.fingerprint_id.clone()
    }
    fn when(&mut self) -> (&mut DateTime<Utc>, &mut u32) {
        (&mut self.minute, &mut self.span_min)
    }
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.max_us = self.max_us.max(other.max_us);
        self.durations.merge(&other.durations);
        if let Some(work) = other.work {
            self.work.get_or_insert_default().add(&work, 1);
        }
    }
}

impl Cell for EventMinute {
    type Key = (crate::EventClass, String);
    fn key(&self) -> Self::Key {
        (self.class, self.cause.clone())
    }
    fn when(&mut self) -> (&mut DateTime<Utc>, &mut u32) {
        (&mut self.minute, &mut self.span_min)
    }
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
    }
}

impl Cell for ConnectionMinute {
    type Key = [text::Raw; 4];
    fn key(&self) -> Self::Key {
        [self.user.clone(), self.database.clone(), self.application.clone(), self.host.clone()]
    }
    fn when(&mut self) -> (&mut DateTime<Utc>, &mut u32) {
        (&mut self.minute, &mut self.span_min)
    }
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
    }
}

impl Cell for LoadMinute {
    type Key = ();
    fn key(&self) {}
    fn when(&mut self) -> (&mut DateTime<Utc>, &mut u32) {
        (&mut self.minute, &mut self.span_min)
    }
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
    }
}

/// Adds up cells of one length, the longest that any has or that the budget asks for.
fn cells<C: Cell>(
    mine: Vec<C>,
    theirs: Vec<C>,
    cells_max: usize,
) -> BTreeMap<(C::Key, DateTime<Utc>), C> {
    let mut all: Vec<C> = mine.into_iter().chain(theirs).collect();
    let mut span_min = all.iter_mut().map(|cell| *cell.when().1).max().unwrap_or(1);
    loop {
        let mut sums: BTreeMap<(C::Key, DateTime<Utc>), C> = BTreeMap::new();
        for mut cell in all {
            let (minute, span) = cell.when();
            *minute = floor(*minute, span_min);
            *span = span_min;
            let minute = *minute;
            match sums.entry((cell.key(), minute)) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(cell);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    entry.get_mut().add(cell)
                }
            }
        }
        match i32::try_from(span_min).ok().and_then(coarser) {
            Some(longer) if sums.len() > cells_max => {
                all = sums.into_values().collect();
                span_min = longer.unsigned_abs();
            }
            _ => return sums,
        }
    }
}

/// Adds up frequent values.
fn tops(mine: Vec<Top>, theirs: Vec<Top>) -> Vec<Top> {
    let mut sums: BTreeMap<text::Raw, (u64, u64)> = BTreeMap::new();
    for top in mine.into_iter().chain(theirs) {
        let sum = sums.entry(top.value).or_default();
        sum.0 += top.calls;
        sum.1 = sum.1.saturating_add(top.total_us);
    }
    let mut out: Vec<Top> =
        sums.into_iter().map(|(value, (calls, total_us))| Top { value, calls, total_us }).collect();
    out.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.value.cmp(&b.value)));
    out.truncate(TOP_MAX);
    out
}

/// The sum of what is known.
fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.map_or(b, |a| Some(a + b.unwrap_or(0)))
}

impl Query {
    /// Adds the executions of the same query elsewhere.
    fn absorb(&mut self, mut other: Self) {
        // The longest decides, then the place: not the order.
        if (other.max_us, &self.max_place) > (self.max_us, &other.max_place) {
            std::mem::swap(&mut self.sample, &mut other.sample);
            std::mem::swap(&mut self.max_place, &mut other.max_place);
        }
        // A text that was cut to a budget yields to a longer one.
        if other.fingerprint.len() > self.fingerprint.len() {
            self.fingerprint = other.fingerprint;
            self.truncated = other.truncated;
        }
        if other.columns.len() > self.columns.len() {
            self.columns = other.columns;
        }
        let first = |query_at: Option<DateTime<Utc>>, place: &model::Place| {
            (query_at.is_none(), query_at, place.clone())
        };
        if first(other.first_at, &other.first_place) < first(self.first_at, &self.first_place) {
            self.first_place = other.first_place;
        }
        self.engine = self.engine.filter(|engine| Some(*engine) == other.engine);
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.squares_us2 = self.squares_us2.saturating_add(other.squares_us2);
        self.min_us = self.min_us.min(other.min_us);
        self.max_us = self.max_us.max(other.max_us);
        self.durations.merge(&other.durations);
        self.rows = sum(self.rows, other.rows);
        self.rows_examined = sum(self.rows_examined, other.rows_examined);
        self.lock_us = sum(self.lock_us, other.lock_us);
        self.full_scans = sum(self.full_scans, other.full_scans);
        self.tmp_disk_tables = sum(self.tmp_disk_tables, other.tmp_disk_tables);
        self.started_at = [self.started_at, other.started_at].into_iter().flatten().min();
        self.first_at = [self.first_at, other.first_at].into_iter().flatten().min();
        self.last_at = self.last_at.max(other.last_at);
        self.users = tops(std::mem::take(&mut self.users), other.users);
        self.databases = tops(std::mem::take(&mut self.databases), other.databases);
        self.applications = tops(std::mem::take(&mut self.applications), other.applications);
        self.clients = tops(std::mem::take(&mut self.clients), other.clients);
    }
}

impl DatabaseEvent {
    fn absorb(&mut self, other: Self) {
        if (other.first_at, &other.place) < (self.first_at, &self.place) {
            self.place = other.place;
            self.sample = other.sample;
        }
        if self.sqlstate.is_empty() {
            self.sqlstate = other.sqlstate;
        }
        self.calls += other.calls;
        self.amount = self.amount.saturating_add(other.amount);
        self.amount_max = self.amount_max.max(other.amount_max);
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
    }
}

impl SlowLog {
    /// Adds another log: of another file or node. The engine stays that of this one.
    pub fn merge(&mut self, other: SlowLog) {
        self.sources.extend(other.sources);
        self.sources.sort_by(|a, b| a.label.cmp(&b.label));
        self.merge_queries(other.queries, other.minutes);
        let mut events: BTreeMap<_, DatabaseEvent> = BTreeMap::new();
        for event in std::mem::take(&mut self.events).into_iter().chain(other.events) {
            let key = (
                event.class,
                event.cause.clone(),
                event.subject.clone(),
                event.fingerprint_id.clone(),
            );
            match events.entry(key) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(event);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    entry.get_mut().absorb(event)
                }
            }
        }
        self.events = events.into_values().collect();
        self.event_minutes =
            cells(std::mem::take(&mut self.event_minutes), other.event_minutes, CELLS_MAX)
                .into_values()
                .collect();
        self.connections =
            cells(std::mem::take(&mut self.connections), other.connections, CELLS_MAX)
                .into_values()
                .collect();
        self.connections
            .sort_by(|a, b| a.minute.cmp(&b.minute).then_with(|| a.key().cmp(&b.key())));
        self.load =
            cells(std::mem::take(&mut self.load), other.load, CELLS_MAX).into_values().collect();
        for load in &mut self.load {
            load.concurrency = load.total_us as f64 / (f64::from(load.span_min.max(1)) * 60e6);
        }
        self.locks.extend(other.locks);
        self.locks
            .sort_by(|a, b| (a.at, &a.place, a.waiter.pid).cmp(&(b.at, &b.place, b.waiter.pid)));
        self.ddl.extend(other.ddl);
        self.ddl.sort_by(|a, b| (a.at, &a.place).cmp(&(b.at, &b.place)));
    }

    /// Adds queries and their spans.
    fn merge_queries(&mut self, queries: Vec<Query>, minutes: Vec<QueryMinute>) {
        let mut sums: BTreeMap<String, Query> = BTreeMap::new();
        for query in std::mem::take(&mut self.queries).into_iter().chain(queries) {
            match sums.entry(query.fingerprint_id.clone()) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(query);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    entry.get_mut().absorb(query)
                }
            }
        }
        let mut queries: Vec<Query> = sums.into_values().collect();
        let order = |a: &Query, b: &Query| {
            let last = |query: &Query| query.fingerprint_id == OTHER_ID;
            last(a)
                .cmp(&last(b))
                .then_with(|| b.total_us.cmp(&a.total_us))
                .then_with(|| a.fingerprint_id.cmp(&b.fingerprint_id))
        };
        queries.sort_by(order);
        let mut minutes: Vec<QueryMinute> =
            std::mem::take(&mut self.minutes).into_iter().chain(minutes).collect();
        if queries.len() > QUERIES_MAX + 1 {
            let mut other = queries.pop_if(|query| query.fingerprint_id == OTHER_ID);
            let shed = queries.split_off(QUERIES_MAX.min(queries.len()));
            let ids: std::collections::BTreeSet<String> =
                shed.iter().map(|query| query.fingerprint_id.clone()).collect();
            for query in shed {
                let query = Query {
                    fingerprint_id: OTHER_ID.to_owned(),
                    fingerprint: "other queries".to_owned(),
                    kind: crate::StatementKind::Other,
                    tables: Vec::new(),
                    columns: Vec::new(),
                    ..query
                };
                match &mut other {
                    Some(other) => other.absorb(query),
                    None => other = Some(query),
                }
            }
            for minute in &mut minutes {
                if ids.contains(&minute.fingerprint_id) {
                    OTHER_ID.clone_into(&mut minute.fingerprint_id);
                }
            }
            queries.extend(other);
        }
        let rank: BTreeMap<&str, usize> = queries
            .iter()
            .enumerate()
            .map(|(rank, query)| (query.fingerprint_id.as_str(), rank))
            .collect();
        let mut minutes: Vec<QueryMinute> =
            cells(minutes, Vec::new(), MINUTES_MAX).into_values().collect();
        minutes.sort_by_key(|minute| {
            (rank.get(minute.fingerprint_id.as_str()).copied(), minute.minute)
        });
        self.minutes = minutes;
        self.queries = queries;
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
