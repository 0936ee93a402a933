//! Queries of several logs as one, within the budget of one.

use crate::queries::QUERIES_MAX;
use crate::records::{OTHER_ID, Query, QueryId, Spot, Top, TopRoom};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use text::Raw;

/// Frequent values that are kept beside a query of several logs.
const TOP_MAX: usize = 50;

/// Adds up frequent values.
fn tops(mine: &mut Vec<Top>, theirs: Vec<Top>) {
    if theirs.is_empty() {
        return;
    }
    let mut sums: BTreeMap<Arc<Raw>, (u64, u64)> = BTreeMap::new();
    for top in std::mem::take(mine).into_iter().chain(theirs) {
        let sum = sums.entry(top.value).or_default();
        sum.0 += top.calls;
        sum.1 = sum.1.saturating_add(top.total_us);
    }
    *mine = Top::list(sums, TOP_MAX);
}

/// The sum of what is known.
fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.map_or(b, |a| Some(a + b.unwrap_or(0)))
}

/// The budgets that two sets of queries met together.
#[derive(Clone, Debug, Default)]
pub(super) struct Met {
    /// Queries that were moved into the row of others.
    pub(super) shed: BTreeSet<QueryId>,
    /// Whether frequent values were left out.
    pub(super) tops: bool,
}

/// Adds queries. Which are kept is decided by their time in both, then by their id, before any is
/// moved: two full sets never stand beside their sum.
#[expect(clippy::vec_box, reason = "see `SlowLog::queries`")]
pub(super) fn add(mine: &mut Vec<Box<Query>>, mut theirs: Vec<Box<Query>>) -> Met {
    let places: BTreeMap<QueryId, usize> = mine
        .iter()
        .enumerate()
        .map(|(place, query)| (query.fingerprint_id.clone(), place))
        .collect();
    for query in theirs.extract_if(.., |query| places.contains_key(&query.fingerprint_id)) {
        let place = places.get(&query.fingerprint_id);
        if let Some(known) = place.and_then(|place| mine.get_mut(*place)) {
            known.absorb(*query);
        }
    }
    drop(places);
    let mut met = Met::default();
    if let Some(lightest) = lightest_kept(mine, &theirs) {
        let mut other = take_other(mine).or_else(|| take_other(&mut theirs));
        for queries in [&mut *mine, &mut theirs] {
            let shed = queries.extract_if(.., |query| {
                weight(query) > (lightest.0, lightest.1, lightest.2.as_str())
            });
            for query in shed {
                met.shed.insert(query.fingerprint_id.clone());
                let query = nameless(*query);
                match &mut other {
                    Some(other) => other.absorb(query),
                    None => other = Some(Box::new(query)),
                }
            }
        }
        theirs.extend(other);
    }
    mine.reserve_exact(theirs.len());
    mine.append(&mut theirs);
    drop(theirs);
    mine.sort_unstable_by(|a, b| weight(a).cmp(&weight(b)));
    let mut room = TopRoom::default();
    mine.iter_mut().for_each(|query| room.cut(query.tops_mut()));
    met.tops = room.met;
    met
}

/// What decides the place of a query: the heaviest first, the row of others last.
fn weight(query: &Query) -> (bool, Reverse<u64>, &str) {
    let id = query.fingerprint_id.as_str();
    (id == OTHER_ID, Reverse(query.total_us), id)
}

/// The weight of the last query that there is room for, if there is not room for all.
fn lightest_kept(mine: &[Box<Query>], new: &[Box<Query>]) -> Option<(bool, Reverse<u64>, String)> {
    let mut weights: Vec<_> =
        mine.iter().chain(new).map(|query| weight(query)).filter(|it| !it.0).collect();
    if weights.len() <= QUERIES_MAX {
        return None;
    }
    let (_, (other, total, id), _) = weights.select_nth_unstable(QUERIES_MAX - 1);
    Some((*other, *total, (*id).to_owned()))
}

/// The row of others, taken out.
#[expect(clippy::vec_box, reason = "see `SlowLog::queries`")]
fn take_other(queries: &mut Vec<Box<Query>>) -> Option<Box<Query>> {
    let place = queries.iter().position(|query| query.fingerprint_id == OTHER_ID)?;
    Some(queries.swap_remove(place))
}

/// A query as part of the row of others.
fn nameless(query: Query) -> Query {
    Query {
        fingerprint_id: OTHER_ID.into(),
        fingerprint: "other queries".to_owned(),
        kind: crate::StatementKind::Other,
        tables: Vec::new(),
        columns: Box::default(),
        store_method: None,
        sample: None,
        ..query
    }
}

impl Query {
    /// Adds the executions of the same query elsewhere.
    pub(crate) fn absorb(&mut self, mut other: Self) {
        if self.calls == 0 {
            self.min_us = other.min_us;
            self.first_place.clone_from(&other.first_place);
        }
        // The longest decides, then the place: not the order.
        if (other.max_us, &self.max_place) > (self.max_us, &other.max_place) {
            std::mem::swap(&mut self.sample, &mut other.sample);
            std::mem::swap(&mut self.max_place, &mut other.max_place);
        }
        // A text that was cut to a budget yields to a longer one.
        if other.fingerprint.len() > self.fingerprint.len() {
            std::mem::swap(&mut self.fingerprint, &mut other.fingerprint);
            self.truncated = other.truncated;
        }
        if other.columns.len() > self.columns.len() {
            std::mem::swap(&mut self.columns, &mut other.columns);
        }
        let first = |query_at: Option<DateTime<Utc>>, place: &Spot| {
            (query_at.is_none(), query_at, place.clone())
        };
        if first(other.first_at, &other.first_place) < first(self.first_at, &self.first_place) {
            self.first_place = other.first_place.clone();
        }
        self.engine = self.engine.filter(|engine| Some(*engine) == other.engine);
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
        let known = self.has_squares() && other.has_squares();
        self.squares_us2 =
            if known { self.squares_us2.saturating_add(other.squares_us2) } else { 0 };
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
        for (mine, theirs) in self.tops_mut().into_iter().zip(other.tops_mut()) {
            tops(mine, std::mem::take(theirs));
        }
    }
}
