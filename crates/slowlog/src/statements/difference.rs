//! What happened between two exports.

use crate::records::{Query, SlowLog, SlowSource, Timed};
use model::{Issues, Parsed};
use std::collections::BTreeMap;

/// The queries between two exports of the same server, `before` and `after`.
///
/// A counter that went down was reset in between (or its row was evicted and came back): then
/// the whole of `after` happened since, and that is noted. Queries without calls in between are
/// left out. Shortest and longest are those since the reset: they have no difference.
pub fn difference(before: &Parsed<SlowLog>, after: &Parsed<SlowLog>) -> Parsed<SlowLog> {
    let earlier: BTreeMap<&str, &Query> = before
        .records
        .queries
        .iter()
        .map(|query| (query.fingerprint_id.as_str(), &**query))
        .collect();
    let mut issues = Issues::default();
    let mut queries = Vec::new();
    for query in &after.records.queries {
        let mut query = query.clone();
        if let Some(earlier) = earlier.get(query.fingerprint_id.as_str()) {
            if query.calls < earlier.calls || query.total_us < earlier.total_us {
                issues.add("counter was reset between the two exports", "", 0);
            } else {
                subtract(&mut query, earlier);
            }
        }
        if query.calls > 0 {
            queries.push(query);
        }
    }
    queries.sort_by(|a, b| {
        b.total_us.cmp(&a.total_us).then_with(|| a.fingerprint_id.cmp(&b.fingerprint_id))
    });
    let mut parsed = after.clone();
    let statement = Timed {
        calls: queries.iter().map(|query| query.calls).sum(),
        total_us: queries.iter().map(|query| query.total_us).sum(),
    };
    parsed.coverage.limits.retain(|limit| limit != super::LIMITS[0]);
    parsed.records.sources = parsed
        .records
        .sources
        .into_iter()
        .map(|mut source: SlowSource| {
            source.limits.clone_from(&parsed.coverage.limits);
            source.phases.statement = statement;
            source
        })
        .collect();
    parsed.records.queries = queries;
    parsed.issues.merge(issues);
    parsed
}

fn subtract(query: &mut Query, earlier: &Query) {
    query.calls -= earlier.calls;
    query.total_us -= earlier.total_us;
    let known = query.has_squares() && earlier.has_squares();
    query.squares_us2 =
        if known { query.squares_us2.saturating_sub(earlier.squares_us2) } else { 0 };
    let sub = |mine: &mut Option<u64>, other: Option<u64>| {
        if let (Some(mine), Some(other)) = (mine.as_mut(), other) {
            *mine = mine.saturating_sub(other);
        }
    };
    sub(&mut query.rows, earlier.rows);
    sub(&mut query.rows_examined, earlier.rows_examined);
    sub(&mut query.lock_us, earlier.lock_us);
    sub(&mut query.full_scans, earlier.full_scans);
    sub(&mut query.tmp_disk_tables, earlier.tmp_disk_tables);
    for (tops, earlier) in
        [(&mut query.users, &earlier.users), (&mut query.databases, &earlier.databases)]
    {
        for top in tops.iter_mut() {
            if let Some(earlier) = earlier.iter().find(|earlier| earlier.value == top.value) {
                top.calls = top.calls.saturating_sub(earlier.calls);
                top.total_us = top.total_us.saturating_sub(earlier.total_us);
            }
        }
        tops.retain(|top| top.calls > 0);
        tops.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.value.cmp(&b.value)));
    }
}
